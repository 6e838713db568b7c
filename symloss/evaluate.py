"""Arbitrary-precision evaluation of the expression language: the independent reference for everything derived.

It reads every function by its textbook definition, sums by adding up, and differentiates numerically, so it
shares no formula with the derivation rules, the stability rewrites or the printed code.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

import mpmath
import sympy
from sympy import Expr, Indexed, Symbol
from sympy.logic.boolalg import BooleanFunction

from symloss.functions import ELEMENTARY, ArgMax, AxisMax, Binder, Partial, Sum, names_in

__all__ = ["Environment", "evaluate", "evaluate_stable", "magnitude", "moved_by_rounding"]


class Environment:
    """What an expression is evaluated at.

    ``values``: numbers by name, or nested sequences for tensors. ``sizes``: axis name to length.
    ``definitions``: named intermediates by name, each with ``indices`` and ``expr``.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        sizes: Mapping[str, int] | None = None,
        definitions: Mapping[str, Any] | None = None,
    ):
        self.values = dict(values)
        self.sizes = dict(sizes or {})
        self.definitions = definitions or {}

    def element(self, name: str, place: tuple[int, ...]) -> Any:
        value = self.values[name]
        for index in place:
            value = value[index]
        return value

    def replaced(self, name: str, place: tuple[int, ...], number: Any) -> Environment:
        """The same environment with one number changed."""

        def put(value, rest):
            if not rest:
                return number
            return [put(v, rest[1:]) if k == rest[0] else v for k, v in enumerate(value)]

        return Environment({**self.values, name: put(self.values[name], place)}, self.sizes, self.definitions)


def evaluate(expr: Expr, environment: Environment, digits: int = 50, indices: Mapping | None = None) -> Any:
    """The value of ``expr`` as an mpmath number, computed with ``digits`` decimal digits.

    ``indices`` gives the free indices. Returns a complex number where the expression is not real. The precision is
    that of ``digits`` whatever mpmath's own is, so a finer numeric derivative of the result needs more digits.
    """
    with mpmath.workdps(digits):
        return _Evaluator(environment).run(sympy.sympify(expr), dict(indices or {}))


def evaluate_stable(
    expr: Expr, environment: Environment, digits: int, indices: Mapping | None = None, most: int | None = None
) -> Any:
    """As :func:`evaluate`, with the precision doubled until two precisions agree to ``digits`` digits.

    ArithmeticError where they do not up to ``most`` digits (default: CANCELLED).
    """
    most = most or CANCELLED
    precision = digits + 15
    before = evaluate(expr, environment, precision, indices)
    while precision <= most:
        precision *= 2
        after = evaluate(expr, environment, precision, indices)
        with mpmath.workdps(precision):
            if mpmath.isnan(before) and mpmath.isnan(after):
                return after
            believed = precision > most or (after != 0 and not mpmath.isinf(after))
            if before == after and believed:
                return after
            if (
                after != 0
                and not mpmath.isinf(after)
                and abs(before - after) <= abs(after) * mpmath.mpf(10) ** (-digits)
            ):
                return after
        before = after
    raise ArithmeticError(f"no two precisions agree to {digits} digits on {expr}")


CANCELLED = 5000
"""The digits beyond which a 0 or an infinity is believed: at fewer, e^(−1000) may have been lost beside 1."""


def magnitude(expr: Expr, environment: Environment, digits: int = 30, indices: Mapping | None = None) -> Any:
    """The sum of the absolute values of the terms of ``expr``: what the rounding errors of its sums scale with."""
    with mpmath.workdps(digits):
        return abs(_Magnitude(environment).run(sympy.sympify(expr), dict(indices or {})))


def moved_by_rounding(
    expr: Expr, environment: Environment, eps: Any, digits: int = 30, indices: Mapping | None = None
) -> Any:
    """How far ``expr`` moves when every result on the way to it is off by the share ``eps`` of itself.

    An error in the middle grows with what is done to it: in sinh(e^x) that of e^x is multiplied by e^x, however
    exact x is. Which way each result is off is drawn, from the same seed each time; the largest of a few draws counts.
    """
    with mpmath.workdps(digits):
        expr, bound = sympy.sympify(expr), dict(indices or {})
        here = _Evaluator(environment).run(expr, bound)
        draws = (_Rounded(environment, eps, seed).run(expr, bound) for seed in range(_DRAWS))
        found = (abs(moved - here) for moved in draws)
        return max((by for by in found if mpmath.isfinite(by)), default=mpmath.mpf(0))


_DRAWS = 4

_UNARY = {f.function: getattr(mpmath, f.name) for f in ELEMENTARY} | {sympy.Abs: abs}

SUPPORTED_FUNCTIONS = frozenset(_UNARY)
"""SymPy's functions that a declaration may use, beside the primitives of symloss.functions."""


class _Evaluator:
    def __init__(self, environment: Environment):
        self.environment = environment
        self._defined: dict[tuple[str, tuple[int, ...]], Any] = {}

    def run(self, e: Expr, bound: dict[Symbol, int]) -> Any:
        if isinstance(e, sympy.Number):
            if e.is_Rational:
                return mpmath.mpf(e.p) / e.q
            return {sympy.oo: mpmath.inf, -sympy.oo: -mpmath.inf}.get(e, mpmath.nan)
        if isinstance(e, sympy.NumberSymbol):
            return e._to_mpmath(mpmath.mp.prec)
        if isinstance(e, Symbol):
            return self._symbol(e, bound)
        if isinstance(e, Indexed):
            place = tuple(int(self.run(a, bound)) for a in e.args[1:])
            return self._named(e.base.label.name, place)
        method = getattr(self, "_" + type(e).__name__, None)
        if method is not None:
            return method(e, bound)
        if type(e) in _UNARY:
            return _UNARY[type(e)](self.run(e.args[0], bound))
        if isinstance(e, sympy.core.relational.Relational):
            return self._relation(e, bound)
        if isinstance(e, BooleanFunction):
            parts = [self.run(a, bound) for a in e.args]
            return {"And": all, "Or": any, "Not": lambda p: not p[0]}[type(e).__name__](parts)
        if e in (sympy.true, sympy.false):
            return bool(e)
        if isinstance(e, Partial):
            return self._partial(e, bound)
        if hasattr(e, "definition"):
            return self.run(e.definition(), bound)
        raise TypeError(f"no numerical meaning for {type(e).__name__} in {e}")

    def _symbol(self, e: Symbol, bound: dict) -> Any:
        if e in bound:
            return bound[e]
        if e.name in self.environment.sizes and e.name not in self.environment.values:
            return mpmath.mpf(self.environment.sizes[e.name])
        return self._named(e.name, ())

    def _named(self, name: str, place: tuple[int, ...]) -> Any:
        definition = self.environment.definitions.get(name)
        if definition is not None:
            if (name, place) not in self._defined:
                inner = dict(zip(definition.indices, place, strict=True))
                self._defined[name, place] = self.run(definition.expr, inner)
            return self._defined[name, place]
        value = self.environment.element(name, place)
        return value if isinstance(value, mpmath.mpf) else mpmath.mpmathify(value)

    def _Add(self, e, bound):
        total = mpmath.mpf(0)
        for a in e.args:
            total += self.run(a, bound)
        return total

    def _Mul(self, e, bound):
        product = mpmath.mpf(1)
        for a in e.args:
            product *= self.run(a, bound)
        return product

    def _Pow(self, e, bound):
        base, exponent = (self.run(a, bound) for a in e.args)
        if base == 0:
            if exponent == 0:
                return mpmath.mpf(1)
            return mpmath.mpf(0) if exponent > 0 else mpmath.inf if exponent < 0 else mpmath.nan
        return mpmath.power(base, exponent)

    def _sign(self, e, bound):
        x = self.run(e.args[0], bound)
        return x if mpmath.isnan(x) else mpmath.mpf((x > 0) - (x < 0))

    def _Max(self, e, bound):
        return max(self.run(a, bound) for a in e.args)

    def _Min(self, e, bound):
        return min(self.run(a, bound) for a in e.args)

    def _KroneckerDelta(self, e, bound):
        a, b = (self.run(x, bound) for x in e.args)
        return mpmath.mpf(int(a) == int(b))

    def _Cases(self, e, bound):
        for value, condition in e.pairs:
            if self.run(condition, bound):
                return self.run(value, bound)
        return mpmath.nan

    def _relation(self, e, bound):
        left, right = (self.run(a, bound) for a in e.args)
        compare = {
            "==": lambda: left == right,
            "!=": lambda: left != right,
            "<": lambda: left < right,
            "<=": lambda: left <= right,
            ">": lambda: left > right,
            ">=": lambda: left >= right,
        }
        return bool(compare[e.rel_op]())

    def _entries(self, e: Binder, bound: dict) -> list:
        size = int(self.run(e.size, bound))
        return [self.run(e.body, {**bound, e.index: k}) for k in range(size)]

    def _Sum(self, e: Sum, bound):
        total = mpmath.mpf(0)
        for entry in self._entries(e, bound):
            total += entry
        return total

    def _AxisMax(self, e: AxisMax, bound):
        return max(self._entries(e, bound), default=-mpmath.inf)

    def _ArgMax(self, e: ArgMax, bound):
        entries = self._entries(e, bound)
        return entries.index(max(entries))

    def _partial(self, e: Partial, bound):
        if isinstance(e.wrt, Indexed):
            name = e.wrt.base.label.name
            place = tuple(int(self.run(a, bound)) for a in e.wrt.args[1:])
        else:
            name, place = e.wrt.name, ()
        environment = self.environment
        here = mpmath.mpmathify(environment.element(name, place))
        total = mpmath.mpf(0)
        for factor, term, inner in self._summands(e.expr, bound, name):

            def along(x, term=term, inner=inner):
                return _Evaluator(environment.replaced(name, place, x)).run(term, inner)

            total += factor * mpmath.diff(along, here)
        return total

    def _summands(self, e: Expr, bound: dict, name: str) -> Iterator[tuple[Any, Expr, dict]]:
        """The terms of ``e``, each with a factor in which ``name`` does not occur.

        Each is differentiated by itself: a small one would be lost beside one that is larger by more than all digits.
        """
        if isinstance(e, sympy.Add):
            for a in e.args:
                yield from self._summands(a, bound, name)
        elif isinstance(e, Sum):
            for k in range(int(self.run(e.size, bound))):
                yield from self._summands(e.body, {**bound, e.index: k}, name)
        elif isinstance(e, sympy.Mul):
            varying = {name, *self.environment.definitions}
            rest = [f for f in e.args if names_in(f) & varying]
            outside = self.run(sympy.Mul(*(f for f in e.args if f not in rest)), bound)
            parts = self._summands(rest[0], bound, name) if len(rest) == 1 else [(1, sympy.Mul(*rest), bound)]
            yield from ((outside * factor, term, inner) for factor, term, inner in parts)
        else:
            yield mpmath.mpf(1), e, bound


class _Magnitude(_Evaluator):
    """Adds absolute values; what stands inside a function or a condition is evaluated as it is."""

    def run(self, e, bound):
        if isinstance(e, (sympy.Add, sympy.Mul, Sum)):
            return super().run(e, bound)
        if type(e).__name__ == "Cases":
            plain = _Evaluator(self.environment)
            return next((self.run(v, bound) for v, c in e.pairs if plain.run(c, bound)), mpmath.nan)
        return abs(_Evaluator(self.environment).run(e, bound))


class _Rounded(_Evaluator):
    """Moves every result by a share of itself, up or down; conditions and places are evaluated as they are."""

    def __init__(self, environment: Environment, eps: Any, seed: int):
        super().__init__(environment)
        self._exact = _Evaluator(environment)
        self._eps, self._draw = eps, random.Random(seed)

    def run(self, e, bound):
        if isinstance(e, (sympy.core.relational.Relational, BooleanFunction, ArgMax, Partial)):
            return self._exact.run(e, bound)
        if isinstance(e, sympy.Function) and hasattr(e, "definition"):
            letters = [sympy.Dummy() for _ in e.args]
            values = [self.run(a, bound) for a in e.args]
            found = self._exact.run(e.func(*letters).definition(), dict(zip(letters, values, strict=True)))
        else:
            found = super().run(e, bound)
        if isinstance(e, (sympy.Add, sympy.Mul, sympy.Pow, Sum, sympy.Function)):
            found *= 1 + self._draw.choice((-self._eps, self._eps))
        return found
