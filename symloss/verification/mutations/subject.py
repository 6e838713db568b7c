"""The derivative that is mutated, and what a mutation of it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy
from sympy import Expr, Indexed, Symbol

from symloss.derive import element_of
from symloss.derive.engine import TooLong, derive
from symloss.functions import Binder, Partial, maximum
from symloss.value import Definition, Input, Loss

__all__ = ["Mutation", "Subject", "elements", "nodes", "replaced"]


@dataclass(frozen=True)
class Mutation:
    """A row of a table.

    ``make`` takes the subject and, where one place is changed, the expression to change. It yields expressions with
    the words that fill the sentence, and None for what cannot be changed so.
    """

    name: str
    kind: str
    sentence: str
    make: Callable[..., Iterator[tuple[Expr, dict[str, Any]]]]
    cost: float = 1.0
    in_definitions: bool = True
    """Whether it is also made in a named intermediate."""


@dataclass(frozen=True, eq=False)
class Subject:
    """The derivative that is mutated. ``order`` 1: the gradient, 2: the second derivative."""

    loss: Loss
    wrt: str
    truth: Expr
    order: int = 1

    @property
    def argument(self) -> Input:
        return self.loss.argument(self.wrt)

    @cached_property
    def element(self) -> Expr:
        return element_of(self.argument)

    def derivative(self, loss: Loss, expr: Expr, wrt: Expr) -> Expr | None:
        """∂ expr/∂ wrt, or None where no rule gets there."""
        name = wrt.name if isinstance(wrt, Symbol) else wrt.base.label.name
        try:
            return derive(loss, Partial(expr, wrt), "gradient", name).result
        except (TooLong, NotImplementedError, RecursionError, AttributeError, ValueError, TypeError):
            return None

    def inner(self, d: Definition) -> Expr | None:
        """∂u/∂x of a named intermediate u."""
        if d.indices or self.argument.axes or not self.loss.depends(d.expr, self.wrt):
            return None
        if d.expr.atoms(Binder, maximum):
            return self.derivative(self.loss, d.expr, self.element)
        found = sympy.diff(self.loss.expand(d.expr), self.element)
        for known in reversed(self.loss.definitions.values()):  # in the words of the declaration again
            if not known.indices and not known.expr.is_Add:
                found = found.xreplace({self.loss.expand(known.expr): known.symbol})
        return found

    def by(self, d: Definition) -> Expr | None:
        """∂ℓ/∂u of a named intermediate u, over the same free indices as the gradient."""
        if not d.indices:
            return self.derivative(self.loss, self.loss.expression, d.symbol)
        places = element_of(self.argument).args[1:] if self.argument.axes else ()
        if len(places) != len(d.indices):
            return None
        return self.derivative(self.loss, self.loss.expression, d.symbol[places])


def replaced(expr: Expr, old: Expr, new: Expr) -> Expr | None:
    try:
        changed = expr.xreplace({old: new})
    except (AssertionError, TypeError, ValueError, AttributeError):
        return None
    return None if changed == expr or changed.has(sympy.zoo, sympy.nan) else changed


def nodes(expr: Expr, *kinds: type) -> list[Expr]:
    found = {n: None for n in sympy.preorder_traversal(expr) if isinstance(n, kinds)}
    return list(found)


def elements(expr: Expr, one: Input) -> list[Expr]:
    if one.axes:
        return [n for n in nodes(expr, Indexed) if n.base.label.name == one.name]
    return [x for x in expr.free_symbols if x == one.symbol]
