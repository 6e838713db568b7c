"""Interval arithmetic with outward rounding: bounds of an expression over a box, infinite ends included."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import mpmath
import sympy
from mpmath import inf, mp, mpf
from sympy import Expr, Symbol

from symloss import functions

__all__ = ["Interval", "Undefined", "enclosure", "proven_sign", "roughly"]

Interval = tuple[Any, Any]
"""Two mpmath numbers, the lower and the upper bound; either may be infinite."""

BOXES = 200
"""How many boxes branch and bound looks at before it gives up."""

FAR = mpf(10) ** 6
"""The exponent beyond which eˣ is not computed, but bounded by that of this number."""


class Undefined(ArithmeticError):
    """No bound is known: a division by an interval that contains 0, or a logarithm below 0."""


def enclosure(expr: Expr, box: Mapping[Symbol, Interval]) -> Interval:
    """Bounds of ``expr`` wherever its symbols lie in the box; Undefined where the rules give none.

    The precision is mpmath's at the time of the call.
    """
    if isinstance(expr, sympy.Rational):
        return mp.fdiv(expr.p, expr.q, rounding="f"), mp.fdiv(expr.p, expr.q, rounding="c")
    if expr in box:
        return box[expr]
    if expr in (sympy.oo, -sympy.oo):
        return (inf, inf) if expr == sympy.oo else (-inf, -inf)
    if isinstance(expr, sympy.NumberSymbol):
        return _wider(*2 * (expr._to_mpmath(mp.prec + 10),))
    if isinstance(expr, sympy.CRootOf) and expr.is_real:
        near, off = expr.eval_rational(sympy.Rational(1, 2**mp.prec)), sympy.Rational(1, 2**mp.prec)
        return enclosure(near - off, box)[0], enclosure(near + off, box)[1]
    if isinstance(expr, sympy.Add):
        low, high = mpf(0), mpf(0)
        for a in expr.args:
            below, above = enclosure(a, box)
            low, high = mp.fadd(low, below, rounding="f"), mp.fadd(high, above, rounding="c")
        return _checked(low, high)
    if isinstance(expr, sympy.Mul):
        result = (mpf(1), mpf(1))
        for a in expr.args:
            result = _times(result, enclosure(a, box))
        return result
    if isinstance(expr, sympy.Pow):
        return _power(expr, box)
    rule = _MONOTONE.get(type(expr))
    if rule is not None:
        low, high = enclosure(expr.args[0], box)
        return rule(low)[0], rule(high)[1]
    if isinstance(expr, sympy.Abs):
        return _absolute(enclosure(expr.args[0], box))
    if isinstance(expr, sympy.cosh):
        low, high = _absolute(enclosure(expr.args[0], box))
        return _cosh(low)[0], _cosh(high)[1]
    if isinstance(expr, (sympy.sin, sympy.cos)):
        low, high = enclosure(expr.args[0], box)
        if low == high:
            value = mp.sin(low) if isinstance(expr, sympy.sin) else mp.cos(low)
            return _wider(value, value)
        return mpf(-1), mpf(1)
    if isinstance(expr, functions.maximum):
        (a, b), (c, d) = (enclosure(x, box) for x in expr.args[:2])
        return max(a, c), max(b, d)
    raise Undefined(f"no bounds for {type(expr).__name__}")


def roughly(expr: Expr, at: Mapping[Symbol, float]) -> float:
    """The value in double precision, without any promise; NaN where it has none. It says where to look closely."""
    try:
        return _rough(expr, at)
    except (ArithmeticError, ValueError):
        return math.nan


def _rough(e: Expr, at: Mapping[Symbol, float]) -> float:
    if e in at:
        return at[e]
    if isinstance(e, sympy.Add):
        return math.fsum(_rough(a, at) for a in e.args)
    if isinstance(e, sympy.Mul):
        return math.prod(_rough(a, at) for a in e.args)
    if isinstance(e, sympy.Pow):
        power = _rough(e.base, at) ** (int(e.exp) if e.exp.is_Integer else _rough(e.exp, at))
        return power if isinstance(power, (float, int)) else math.nan
    if type(e) in _ROUGH:
        return _ROUGH[type(e)](_rough(e.args[0], at))
    if e.is_number:
        return float(e)
    if isinstance(e, functions.maximum):
        return max(_rough(a, at) for a in e.args[:2])
    return math.nan


_ROUGH: dict[type, Callable[[float], float]] = {
    sympy.exp: math.exp,
    sympy.log: math.log,
    sympy.tanh: math.tanh,
    sympy.sinh: math.sinh,
    sympy.cosh: math.cosh,
    sympy.atan: math.atan,
    sympy.asinh: math.asinh,
    sympy.Abs: abs,
    functions.sigmoid: lambda a: 1 / (1 + math.exp(-a)),
    functions.softplus: lambda a: max(a, 0) + math.log1p(math.exp(-abs(a))),
    functions.expm1: math.expm1,
    functions.log1p: math.log1p,
}


def _checked(low: Any, high: Any) -> Interval:
    if mpmath.isnan(low) or mpmath.isnan(high):
        raise Undefined("infinity minus infinity")
    return low, high


def _wider(low: Any, high: Any) -> Interval:
    """Bounds around two results that are right to a few units of the last place."""
    unit = mpf(2) ** (4 - mp.prec)
    if not mpmath.isinf(low):
        low = mp.fsub(low, mp.fmul(abs(low), unit, rounding="c"), rounding="f")
    if not mpmath.isinf(high):
        high = mp.fadd(high, mp.fmul(abs(high), unit, rounding="c"), rounding="c")
    return low, high


def _times(x: Interval, y: Interval) -> Interval:
    def one(a: Any, b: Any, rounding: str) -> Any:
        return mpf(0) if a == 0 or b == 0 else mp.fmul(a, b, rounding=rounding)

    pairs = [(a, b) for a in x for b in y]
    return min(one(a, b, "f") for a, b in pairs), max(one(a, b, "c") for a, b in pairs)


def _absolute(x: Interval) -> Interval:
    low, high = x
    if low >= 0:
        return low, high
    return (-high, -low) if high <= 0 else (mpf(0), max(-low, high))


def _reciprocal(x: Interval) -> Interval:
    low, high = x
    if low < 0 < high or low == high == 0:
        raise Undefined("division by an interval that contains 0")
    below = -inf if high == 0 else mpf(0) if mpmath.isinf(high) else mp.fdiv(1, high, rounding="f")
    above = inf if low == 0 else mpf(0) if mpmath.isinf(low) else mp.fdiv(1, low, rounding="c")
    return below, above


def _power(expr: Expr, box: Mapping[Symbol, Interval]) -> Interval:
    base, exponent = expr.args
    x = enclosure(base, box)
    if exponent.is_Integer:
        n = abs(int(exponent))
        if n % 2 == 0:
            x = _absolute(x)
        result = _whole_power(x[0], n)[0], _whole_power(x[1], n)[1]
        return result if exponent > 0 else _reciprocal(result)
    if x[0] < 0:
        raise Undefined("a root of a negative number")
    logarithm = _logarithm(x[0])[0], _logarithm(x[1])[1]
    product = _times(enclosure(exponent, box), logarithm)
    return _exponential(product[0])[0], _exponential(product[1])[1]


def _whole_power(a: Any, n: int) -> Interval:
    if mpmath.isinf(a):
        value = a if n % 2 else inf
        return value, value
    return _wider(a**n, a**n)


def _exponential(a: Any) -> Interval:
    if a > FAR:
        return _wider(mp.exp(FAR), inf)
    if a < -FAR:
        return mpf(0), (mpf(0) if mpmath.isinf(a) else _wider(mpf(0), mp.exp(-FAR))[1])
    return _wider(mp.exp(a), mp.exp(a))


def _logarithm(a: Any) -> Interval:
    if a < 0:
        raise Undefined("a logarithm of a negative number")
    if a == 0:
        return -inf, -inf
    return (inf, inf) if mpmath.isinf(a) else _wider(mp.log(a), mp.log(a))


def _sigmoid(a: Any) -> Interval:
    low, high = _exponential(-a)
    below, above = mp.fadd(1, low, rounding="f"), mp.fadd(1, high, rounding="c")
    return _reciprocal((below, above))


def _softplus(a: Any) -> Interval:
    if mpmath.isinf(a) and a > 0:
        return inf, inf
    low, high = _exponential(a)
    upper = a if mpmath.isinf(high) else mpf(0)
    top = (
        mp.fadd(upper, 1, rounding="c")
        if mpmath.isinf(high)
        else _logarithm(mp.fadd(1, high, rounding="c"))[1]
    )
    return _logarithm(mp.fadd(1, low, rounding="f"))[0], top


def _by_mpmath(function: Callable) -> Callable[[Any], Interval]:
    def bounds(a: Any) -> Interval:
        value = function(a)
        return _wider(value, value)

    return bounds


def _tanh(a: Any) -> Interval:
    if abs(a) > FAR:
        return (
            (_wider(mp.tanh(FAR), mpf(1))[0], mpf(1))
            if a > 0
            else (mpf(-1), _wider(mpf(-1), -mp.tanh(FAR))[1])
        )
    low, high = _wider(mp.tanh(a), mp.tanh(a))
    return max(low, mpf(-1)), min(high, mpf(1))


def _sinh(a: Any) -> Interval:
    if a < 0:
        low, high = _sinh(-a)
        return -high, -low
    if a > FAR:
        return mp.sinh(FAR) / 2, inf
    return _wider(mp.sinh(a), mp.sinh(a))


def _cosh(a: Any) -> Interval:
    """Bounds at a number ≥ 0."""
    return (mp.cosh(FAR) / 2, inf) if a > FAR else _wider(mp.cosh(a), mp.cosh(a))


def _expm1(a: Any) -> Interval:
    low, high = _exponential(a)
    return mp.fsub(low, 1, rounding="f"), mp.fsub(high, 1, rounding="c")


def _log1p(a: Any) -> Interval:
    return _logarithm(mp.fadd(1, a, rounding="f"))[0], _logarithm(mp.fadd(1, a, rounding="c"))[1]


_MONOTONE: dict[type, Callable[[Any], Interval]] = {
    sympy.exp: _exponential,
    sympy.log: _logarithm,
    sympy.tanh: _tanh,
    sympy.sinh: _sinh,
    sympy.atan: _by_mpmath(mp.atan),
    sympy.asinh: _by_mpmath(mp.asinh),
    functions.sigmoid: _sigmoid,
    functions.softplus: _softplus,
    functions.expm1: _expm1,
    functions.log1p: _log1p,
}
"""Functions that increase: bounds of the value at one number."""


def proven_sign(expr: Expr, x: Symbol, low: Any, high: Any) -> str | None:
    """``"+"`` or ``"-"`` where branch and bound proves that sign on all of [low, high]; else None.

    The ends may be infinite. Boxes are halved (unbounded ones at twice their finite end) until each has a sign.
    """
    with mpmath.workprec(80):
        pending: list[Interval] = [tuple(_end(e) for e in (low, high))]
        found = None
        for _ in range(BOXES):
            if not pending:
                return found
            box = pending.pop()
            try:
                below, above = enclosure(expr, {x: box})
            except Undefined:
                below, above = -inf, inf
            here = "+" if below > 0 else "-" if above < 0 else None
            if here is not None:
                if found not in (None, here):
                    return None
                found = here
                continue
            middle = _middle(*box)
            if middle is None:
                return None
            pending += [(box[0], middle), (middle, box[1])]
        return None


def _end(end: Any) -> Any:
    infinite = {sympy.oo: inf, -sympy.oo: -inf}
    return infinite[end] if end in infinite else mpmath.mpmathify(end)


def _middle(low: Any, high: Any) -> Any:
    if mpmath.isinf(low) and mpmath.isinf(high):
        return mpf(0)
    if mpmath.isinf(high):
        return max(2 * low, mpf(1)) if low < mpf(10) ** 30 else None
    if mpmath.isinf(low):
        return min(2 * high, mpf(-1)) if high > -(mpf(10) ** 30) else None
    middle = (low + high) / 2
    return None if middle in (low, high) or high - low < mpf(2) ** -40 else middle
