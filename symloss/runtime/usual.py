"""The usual call of a compiled function: whole arrays of one format, and numbers as options.

What the short ways have in common: which functions can be called so, and what is passed for each argument then.
symloss.runtime.extension makes a C object of it, and symloss.runtime.shortcut a Python function.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from symloss.backends.c import Argument
from symloss.derive import vectors_of
from symloss.runtime.checks import holds
from symloss.runtime.roles import REDUCTIONS, ROLES, Kind
from symloss.value import Input, Loss, Parameter

__all__ = ["Slot", "Usual", "usual"]


class Slot(NamedTuple):
    """What is passed for an argument: the length of an axis, a tensor, an option or a derivative, by its name."""

    kind: Kind
    name: str


@dataclass(frozen=True)
class Usual:
    """What the usual call of a function takes and passes."""

    tensors: tuple[Input, ...]
    axes: dict[str, tuple[str, ...]]
    """Those of each tensor, with that of the batch."""
    slots: tuple[Slot, ...]
    options: tuple[Parameter, ...]
    reductions: dict[str, int]
    """Those that give one number; none where there is nothing to choose."""

    def named(self, kind: Kind) -> list[str]:
        """The names of all that is passed of one kind."""
        return [slot.name for slot in self.slots if slot.kind is kind]


def usual(loss: Loss, what: str, real: str, arguments: Sequence[Argument]) -> Usual | None:
    """The usual call of a function; None where the function needs more than its arguments say."""
    tensors = (*loss.inputs, *(vectors_of(loss) if what == "hessian_vector_product" else ()))
    axes = {t.name: (*(("n",) if t.per_example else ()), *t.axes) for t in tensors}
    known = {axis for own in axes.values() for axis in own}
    by_name = {p.name: p for p in loss.parameters}
    slots, options = [], []
    for a in arguments:
        kind = ROLES[a.role].usual
        if kind is None or (kind is Kind.SIZE and a.name not in known):
            return None
        if kind is Kind.OPTION:
            p = by_name[a.name]
            if not holds(p.domain, real, p.default):
                return None
            options.append(p)
        slots.append(Slot(kind, a.wrt if kind is Kind.DERIVATIVE else a.name))
    reduces = any(slot.kind is Kind.REDUCTION for slot in slots)
    words = (["mean"] if loss.mean_only else ["mean", "sum"]) if reduces else []
    reductions = {word: REDUCTIONS[word] for word in words}
    return Usual(tensors, axes, tuple(slots), tuple(options), reductions)
