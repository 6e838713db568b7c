"""The stability rewrites that made the sound form of a loss, as a reader is shown them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sympy import Dummy, Expr

from symloss.functions import free_index, subexpressions
from symloss.stabilize import stabilize
from symloss.stabilize.apply import Applied
from symloss.value import Loss

__all__ = ["shown_rewrites"]

_PLACES = (1, 2, 0, *range(3, 60))
"""Which free indices an open index becomes: k first, and i, which counts examples, late."""


def shown_rewrites(loss: Loss, outputs: Mapping[str, Expr]) -> Iterator[Applied]:
    """The rewrites of ``outputs`` in the order of their use, each once.

    Where one was used below a sum, the sum's index is open in it. It is given a name that nothing else there has,
    so that no sum or maximum inside seems to bind it.
    """
    seen = set()
    for used in stabilize(loss, outputs).applied:
        before, after = _with_names(used.before, used.after)
        shown = Applied(used.name, before, after, used.why)
        if shown not in seen:
            seen.add(shown)
            yield shown


def _with_names(*expressions: Expr) -> tuple[Expr, ...]:
    """Expressions with each open index under a name of its own, the same in all of them."""
    free = set().union(*(e.free_symbols for e in expressions))
    unnamed = dict.fromkeys(
        s for e in expressions for s in subexpressions(e) if isinstance(s, Dummy) and s in free
    )
    names = (n for place in _PLACES if (n := free_index(place)) not in free)
    named = dict(zip(unnamed, names, strict=False))
    return tuple(e.xreplace(named) for e in expressions)
