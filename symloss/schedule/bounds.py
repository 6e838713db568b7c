"""What is known of the size of an expression before its numbers are: at least 0, at least 1, from 0 to 1."""

from __future__ import annotations

from collections.abc import Mapping

import sympy
from sympy import Add, Expr, Indexed, Mul, Symbol

from symloss.functions import Cases, group, log1p, maximum

__all__ = ["at_least_one", "in_unit", "nonnegative"]


def nonnegative(e: Expr, known: Mapping[str, Expr]) -> bool:
    """Whether ``e`` is at least 0, or NaN; ``known`` says what the names in it stand for, a sum for its terms."""
    if isinstance(e, sympy.exp):
        return True
    if isinstance(e, Cases):
        return all(nonnegative(value, known) for value, _ in e.pairs)
    if isinstance(e, (Add, Mul, log1p, group)):
        return all(nonnegative(a, known) for a in e.args)
    if isinstance(e, maximum):
        return any(nonnegative(a, known) for a in e.args[:2])  # the third says what holds at a tie
    name = e.base.label.name if isinstance(e, Indexed) else e.name if isinstance(e, Symbol) else ""
    if name in known:
        return nonnegative(known[name], known)
    return bool(e.is_nonnegative)


def at_least_one(e: Expr, known: Mapping[str, Expr]) -> bool:
    """Whether ``e`` is at least 1, or NaN, so that its reciprocal does not overflow: 1 and more, or a length."""
    if isinstance(e, Add):
        number, rest = e.as_coeff_Add()
        return bool(number >= 1) and nonnegative(rest, known)
    if isinstance(e, Symbol) and e.name in known:
        return at_least_one(known[e.name], known)
    return bool(e.is_integer and e.is_positive)


def in_unit(e: Expr, known: Mapping[str, Expr]) -> bool:
    """Whether ``e`` lies from 0 to 1, or is NaN: the exponential of what is at most 0."""
    if isinstance(e, Symbol) and e.name in known:
        return in_unit(known[e.name], known)
    return isinstance(e, sympy.exp) and nonnegative(-e.args[0], known)
