"""What is known of the size of an expression before its numbers are: the ends between which it lies."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

import sympy
from sympy import Abs, Add, And, Expr, Indexed, Mul, Pow, Symbol
from sympy.core.relational import GreaterThan, LessThan, StrictGreaterThan, StrictLessThan
from sympy.logic.boolalg import Boolean

from symloss.functions import Cases, expm1, group, log1p, maximum, name_of, nan_where
from symloss.schedule.clipped import clip
from symloss.schedule.program import Definition

__all__ = ["at_least_one", "ends", "in_unit", "stands_for"]

Ends = tuple[float, float]

_ANY: Ends = (-math.inf, math.inf)

_SLACK = 1e-5
"""How far an elementary function of a float may be off, and more."""

_RISING: dict[type, tuple[Callable[[float], float], Ends, Ends]] = {
    sympy.exp: (math.exp, _ANY, (0, math.inf)),
    expm1: (math.expm1, _ANY, (-1, math.inf)),
    sympy.log: (math.log, (0, math.inf), _ANY),
    log1p: (math.log1p, (-1, math.inf), _ANY),
    sympy.tanh: (math.tanh, _ANY, (-1, 1)),
}
"""Functions that never fall, where they are numbers, and what they lie between at all."""


def stands_for(op: str | None, expr: Expr) -> Expr:
    """What a name stands for, as far as bounds go: a sum for some number of such terms."""
    return sympy.Dummy("count", integer=True, nonnegative=True) * expr if op == "sum" else expr


def at_least_one(e: Expr, known: Mapping[str, Expr]) -> bool:
    """Whether ``e`` is at least 1, or NaN, so that its reciprocal does not overflow."""
    return ends(e, known)[0] >= 1


def in_unit(e: Expr, known: Mapping[str, Expr], definitions: Iterable[Definition] = ()) -> bool:
    """Whether ``e`` lies from 0 to 1, or is NaN; so does the exponential of an entry minus the largest of its row."""
    if isinstance(e, Symbol) and e.name in known:
        return in_unit(known[e.name], known, definitions)
    low, high = ends(e, known)
    if low >= 0 and high <= 1:
        return True
    return isinstance(e, sympy.exp) and any(_beyond(e.args[0], d) for d in definitions if d.op == "max")


def ends(e: Expr, known: Mapping[str, Expr]) -> Ends:
    """The ends between which ``e`` lies, unless it is NaN; ``known`` says what names stand for.

    Sums, products and powers of rounded numbers lie there, too, for rounding never turns an order round.
    """
    return _Ends(known, {}).of(e)


class _Ends:
    """The ends of subexpressions, where those of some are given by the choices around them."""

    def __init__(self, known: Mapping[str, Expr], given: Mapping[Expr, Ends]):
        self.known, self.given = known, given
        self.found: dict[Expr, Ends] = {}

    def of(self, e: Expr) -> Ends:
        if e not in self.found:
            self.found[e] = _meet(self._made(e), self.given.get(e, _ANY))
        return self.found[e]

    def _made(self, e: Expr) -> Ends:
        if (e.is_Number or e.is_NumberSymbol) and e.is_extended_real:
            return float(e), float(e)
        if (name := name_of(e)) in self.known:
            return self.of(self.known[name])
        if isinstance(e, Cases):
            return self._choice(e)
        if isinstance(e, (group, nan_where)):
            return self.of(e.args[0])
        if isinstance(e, Pow) and e.exp.is_number and e.exp.is_extended_real:
            base = self.of(e.base)
            if e.exp.is_negative and 0 in base and not self._is_plus_zero(e.base):
                return _ANY  # 1/-0 is minus infinity
            return _power(base, e.exp)
        if type(e) in _RISING:
            return _rising(type(e), self.of(e.args[0]))
        if isinstance(e, Abs):
            return _size(self.of(e.args[0]))
        if isinstance(e, maximum):  # its third argument says what holds at a tie
            (a, b), (c, d) = map(self.of, e.args[:2])
            return max(a, c), max(b, d)
        if isinstance(e, clip):
            (a, b), (c, d), (most_low, most_high) = map(self.of, e.args)
            return min(max(a, c), most_low), min(max(b, d), most_high)
        if isinstance(e, Add):
            lows, highs = zip(*map(self.of, e.args), strict=True)
            return (
                -math.inf if -math.inf in lows else sum(lows),
                math.inf if math.inf in highs else sum(highs),
            )
        if isinstance(e, Mul):
            product: Ends = (1, 1)
            for a in e.args:
                product = _product(product, self.of(a))
            return product
        # a tensor may leave its domain, unless it is checked
        return _ANY if e.atoms(Indexed) else _assumed(e)

    def _is_plus_zero(self, e: Expr) -> bool:
        """Whether ``e`` cannot be -0: what is added to a number is +0 where it is 0."""
        if (name := name_of(e)) in self.known:
            return self._is_plus_zero(self.known[name])
        if isinstance(e, Mul):
            return all(map(self._is_plus_zero, e.args))
        even = isinstance(e, Pow) and bool(e.exp.is_even)
        return (
            even
            or isinstance(e, (Abs, sympy.exp))
            or (isinstance(e, Add) and e.as_coeff_Add()[0] != 0)
            or (bool(e.is_Number) and e > 0)
            or (isinstance(e, Symbol) and bool(e.is_integer))
        )

    def _choice(self, e: Cases) -> Ends:
        """Each value, where its condition holds and those before do not; what is compared with NaN is NaN."""
        before: dict[Expr, Ends] = {}
        lows, highs = [], []
        for value, condition in e.pairs:
            here = {**self.given, **before}
            for a, its in self._says(condition, True).items():
                here[a] = _meet(here.get(a, _ANY), its)
            low, high = (_Ends(self.known, here) if here != self.given else self).of(value)
            lows.append(low)
            highs.append(high)
            for a, its in self._says(condition, False).items():
                before[a] = _meet(before.get(a, self.given.get(a, _ANY)), its)
        return min(lows), max(highs)

    def _says(self, condition: Boolean, holds: bool) -> dict[Expr, Ends]:
        """What a comparison with a number says of the other side, where it holds or does not."""
        if isinstance(condition, Symbol) and condition.name in self.known:
            return self._says(self.known[condition.name], holds)
        if holds and isinstance(condition, And):
            said: dict[Expr, Ends] = {}
            for c in condition.args:
                for a, its in self._says(c, True).items():
                    said[a] = _meet(said.get(a, _ANY), its)
            return said
        if not isinstance(condition, (StrictLessThan, LessThan, StrictGreaterThan, GreaterThan)):
            return {}
        less, more = condition.lts, condition.gts
        if more.is_number:
            low, high = self.of(more)
            return {less: (-math.inf, high) if holds else (low, math.inf)}
        if less.is_number:
            low, high = self.of(less)
            return {more: (low, math.inf) if holds else (-math.inf, high)}
        return {}


def _meet(a: Ends, b: Ends) -> Ends:
    return max(a[0], b[0]), min(a[1], b[1])


def _size(x: Ends) -> Ends:
    low, high = x
    return (low, high) if low >= 0 else (-high, -low) if high <= 0 else (0, max(-low, high))


def _product(a: Ends, b: Ends) -> Ends:
    corners = [0.0 if 0 in (x, y) else x * y for x in a for y in b]  # 0 times infinity is NaN
    return min(corners), max(corners)


def _power(base: Ends, exponent: Expr) -> Ends:
    n = float(exponent)
    if n < 0:
        low, high = _power(base, -exponent)
        if low >= 0:
            return (1 / high if high > 0 else 0), (1 / low if low > 0 else math.inf)
        return (-math.inf if high >= 0 else 1 / high), (math.inf if high > 0 else 1 / low)
    if exponent.is_even:
        base = _size(base)
    elif not exponent.is_integer:
        base = _meet(base, (0, math.inf))
    return _rounded(lambda x: math.copysign(abs(x) ** n, x), base, (0, 1, *(base if n in (1, 2) else ())))


def _rising(function: type, argument: Ends) -> Ends:
    at, domain, image = _RISING[function]
    return _meet(_rounded(at, _meet(argument, domain), (0,)), image)


def _rounded(function: Callable[[float], float], ends: Ends, exact: Iterable[float]) -> Ends:
    """What a function that rises makes of ends, with room for errors but at arguments where it is exact."""
    low, high = (_at(function, x) for x in ends)
    return (
        low if ends[0] in exact or math.isinf(low) else low - _SLACK * abs(low),
        high if ends[1] in exact or math.isinf(high) else high + _SLACK * abs(high),
    )


def _at(function: Callable[[float], float], x: float) -> float:
    """A function that rises, at a number or an end of the line."""
    try:
        return function(x)
    except OverflowError:
        return math.inf if x > 0 else -math.inf
    except ValueError:  # a logarithm of 0
        return -math.inf


def _assumed(e: Expr) -> Ends:
    """What SymPy knows of an expression."""
    low = 1 if e.is_integer and e.is_positive else 0 if e.is_nonnegative else -math.inf
    return low, 0 if e.is_nonpositive else math.inf


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
