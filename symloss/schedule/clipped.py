"""Writes a choice that depends on where a number lies by that number, clipped there: fewer comparisons, or none."""

from __future__ import annotations

from collections.abc import Mapping

import sympy
from sympy import Abs, Expr, Function, Indexed, sign

from symloss.functions import Cases, group, maximum, nan_where, two_values
from symloss.schedule.program import Block, functions_in, rewritten

__all__ = ["by_clipping", "clip", "clipped", "quadratic_then_linear"]


class clip(Function):
    """x held between two numbers; NaN where x is."""

    nargs = 3
    is_extended_real = True

    def definition(self) -> Expr:
        x, low, high = self.args
        return Cases((low, x < low), (high, x > high), (x, True))


def by_clipping(block: Block) -> Block:
    """The same statements, with clipped numbers for such choices."""
    positive_parts = {m.args[1]: m for m in functions_in(block, maximum) if m.args[0] == 0}
    return rewritten(block, lambda e: clipped(e) or quadratic_then_linear(e) or _slope(e, positive_parts))


def clipped(e: Expr) -> Expr | None:
    """x up to a distance d from 0, and d with the sign of x beyond."""
    if (found := _within(e)) is None:
        return None
    inside, beyond, x, d = found
    return clip(x, -d, d) if inside == x and beyond == d * sign(x) else None


def quadratic_then_linear(e: Expr) -> Expr | None:
    """c x² up to |x| = d, and its tangent beyond: 2 c k (x − k/2) of k, which is x clipped there, as in its slope."""
    if (found := _within(e)) is None:
        return None
    inside, beyond, x, d = found
    c = inside / x**2
    if not c.is_Rational or sympy.expand(beyond - c * d * (2 * Abs(x) - d)) != 0:
        return None
    k = clip(x, -d, d)
    return 2 * c * k * (group(x) - k / 2)  # a difference of large numbers comes first


def _slope(e: Expr, positive_parts: Mapping[Expr, Expr]) -> Expr | None:
    """a where x ≥ 0 and 0 below, but NaN where x is: below it is max(0, x), which is taken anyway."""
    if not isinstance(e, nan_where) or (part := positive_parts.get(e.args[1])) is None:
        return None
    choice, x = e.args
    if (two := two_values(choice)) is None or two[2] != 0:
        return None
    slope, condition, _ = two
    return Cases((slope, condition), (part, True)) if condition in (x >= 0, x > 0) else None


def _within(e: Expr) -> tuple[Expr, Expr, Expr, Expr] | None:
    """What is chosen where |x| ≤ d, what beyond, x, and d > 0; not d of a tensor, which may be anything."""
    if (two := two_values(e)) is None:
        return None
    inside, condition, beyond = two
    if not isinstance(condition, sympy.Le) or not isinstance(condition.lhs, Abs):
        return None
    x, d = condition.lhs.args[0], condition.rhs
    return (inside, beyond, x, d) if d.is_positive and not d.has(Indexed) else None
