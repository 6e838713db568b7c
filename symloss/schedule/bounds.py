"""What is known of the size of an expression before its numbers are: at least 0, at least 1, from 0 to 1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sympy
from sympy import Abs, Add, Expr, Indexed, Mul, Pow, Symbol

from symloss.functions import Cases, group, log1p, maximum, name_of, nan_where
from symloss.schedule.program import Definition

__all__ = ["at_least_one", "in_unit", "nonnegative"]


def nonnegative(e: Expr, known: Mapping[str, Expr]) -> bool:
    """Whether ``e`` is at least 0, or NaN; ``known`` says what the names in it stand for, a sum for its terms."""
    if isinstance(e, sympy.exp):
        return True
    if isinstance(e, Cases):
        return all(nonnegative(value, known) for value, _ in e.pairs)
    if isinstance(e, (Add, Mul, log1p, group)):
        return all(nonnegative(a, known) for a in e.args)
    if isinstance(e, nan_where):
        return nonnegative(e.args[0], known)
    if isinstance(e, maximum):
        return any(nonnegative(a, known) for a in e.args[:2])  # the third says what holds at a tie
    if (name := name_of(e)) in known:
        return nonnegative(known[name], known)
    if isinstance(e, Abs):
        return True
    if isinstance(e, Pow) and e.exp.is_number:
        return bool(e.exp.is_even or not e.exp.is_integer) or nonnegative(e.base, known)
    # a tensor may leave its domain, unless it is checked
    return not e.atoms(Indexed) and bool(e.is_nonnegative)


def at_least_one(e: Expr, known: Mapping[str, Expr]) -> bool:
    """Whether ``e`` is at least 1, or NaN, so that its reciprocal does not overflow: 1 and more, or a length."""
    if isinstance(e, Add):
        number, rest = e.as_coeff_Add()
        return bool(number >= 1) and nonnegative(rest, known)
    if isinstance(e, Symbol) and e.name in known:
        return at_least_one(known[e.name], known)
    return bool(e.is_integer and e.is_positive)


def in_unit(e: Expr, known: Mapping[str, Expr], definitions: Iterable[Definition] = ()) -> bool:
    """Whether ``e`` lies from 0 to 1, or is NaN: the exponential of what is at most 0."""
    if isinstance(e, Symbol) and e.name in known:
        return in_unit(known[e.name], known, definitions)
    if not isinstance(e, sympy.exp):
        return False
    return nonnegative(-e.args[0], known) or any(_beyond(e.args[0], d) for d in definitions if d.op == "max")


def _beyond(e: Expr, largest: Definition) -> bool:
    """Whether ``e`` is one of the entries that a definition compares, minus the largest of them."""
    if not isinstance(e, Add) or len(e.args) != 2:
        return False
    for entry, rest in (e.args, e.args[::-1]):
        if (
            name_of(-rest) != largest.name
            or not isinstance(entry, Indexed)
            or not isinstance(largest.expr, Indexed)
        ):
            continue
        places = (-rest).args[1:] if isinstance(-rest, Indexed) else ()
        row = largest.expr.xreplace(dict(zip(largest.indices, places, strict=False)))
        return entry.base == row.base and all(
            b in (a, largest.over) for a, b in zip(entry.args[1:], row.args[1:], strict=True)
        )
    return False
