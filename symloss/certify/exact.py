"""Exact results, as balls that are proven to hold them: a loss's own formulas in arbitrary precision.

A ball is a number with a bound on its error (Johansson 2017, Arb: efficient arbitrary-precision midpoint-radius
interval arithmetic). Functions are read by their textbook definitions; where these lose digits, the ball grows,
and the precision is raised until the ball is far smaller than the format can show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from operator import methodcaller
from typing import Any

import sympy
from flint import arb, ctx
from sympy import Expr, Indexed, Symbol

from symloss.certify.bound import Format
from symloss.functions import ELEMENTARY, ArgMax, AxisMax, Binder, Cases, Sum

__all__ = ["Exact", "Point", "Result"]

PRECISIONS = (128, 256, 1024, 4096, 16384)
"""Bits of the attempts. Beyond the last, a comparison that is still open is taken to be one of equal numbers."""

JUMP = 1e-3
"""A change of the result by this share of it, for half an ulp, may be a jump, and is looked into."""

NEARER = 1200
"""A jump is there for a step that is smaller by this power of 2: nearer than any sum of two numbers of a format."""

GUARD = 12
"""A ball is small enough when it is below 2^−GUARD ulp of its middle, or of the smallest subnormal number."""


@dataclass(frozen=True)
class Point:
    """One example: numbers by argument and place, each a binary floating-point number, and the lengths of the axes."""

    values: Mapping[str, Mapping[tuple[int, ...], float]]
    sizes: Mapping[str, int]


@dataclass(frozen=True)
class Result:
    """An exact result and S, the most that it changes when the numbers that go in move by half an ulp."""

    exact: Any
    spread: Any


class Undecided(Exception):
    """A comparison of balls that overlap: it needs more digits."""


class NotANumber(Exception):
    """A comparison with a NaN: whatever it chooses between is NaN, too."""


class Exact:
    """The exact results of a few expressions about one loss; ``evaluations`` counts the work."""

    def __init__(self, definitions: Mapping[str, Any], outputs: Sequence[tuple[Expr, Mapping[Symbol, int]]]):
        self._definitions = definitions
        self._compiled: dict[str, tuple[tuple[Symbol, ...], Callable]] = {}
        self._values: dict[str, dict[tuple[int, ...], Any]] = {}
        self._sizes: dict[str, int] = {}
        self._memory: dict[Any, Any] = {}
        self._final = False
        self.evaluations = 0
        self._outputs = [(self._compile(sympy.sympify(expr)), dict(indices)) for expr, indices in outputs]

    def results(
        self, point: Point, half_ulps: Mapping[tuple[str, tuple[int, ...]], tuple[Any, ...]], form: Format
    ) -> list[Result]:
        """Every output at a point, with its S. ``half_ulps`` gives, for each number that may move, its steps."""
        self._sizes = dict(point.sizes)
        self._values = {
            name: {place: arb(x) for place, x in numbers.items()} for name, numbers in point.values.items()
        }
        here = self._all(form)
        spread = [arb(0)] * len(here)
        open_ = [k for k, ball in enumerate(here) if ball.is_finite()]
        for (name, place), steps in half_ulps.items() if open_ else ():
            most = [arb(0)] * len(here)
            for step in steps:
                changes = self._smooth_changes(form, here, open_, self._values[name], place, step)
                for k in open_:
                    if changes[k] > most[k]:
                        most[k] = changes[k]
            spread = [s + m for s, m in zip(spread, most, strict=True)]
        return [Result(e, s) for e, s in zip(here, spread, strict=True)]

    def _smooth_changes(
        self,
        form: Format,
        here: list[Any],
        chosen: list[int],
        numbers: dict[tuple[int, ...], Any],
        place: tuple[int, ...],
        step: Any,
    ) -> list[Any]:
        """The changes by a step, without jumps: what is there for any step, however small, is at the point itself."""
        changes = self._changes(form, here, chosen, numbers, place, step)
        large = [k for k in chosen if changes[k] > JUMP * abs(here[k]) and not changes[k].is_zero()]
        if large:
            jumps = self._changes(form, here, large, numbers, place, step * arb((1, -NEARER)))
            for k in large:
                if 2 * jumps[k] > changes[k]:
                    changes[k] = abs(changes[k] - jumps[k])
        return changes

    def _changes(
        self,
        form: Format,
        here: list[Any],
        chosen: list[int],
        numbers: dict[tuple[int, ...], Any],
        place: tuple[int, ...],
        step: Any,
    ) -> list[Any]:
        """How far each chosen output moves when one number makes a step."""
        middle = numbers[place]
        numbers[place] = _sum(middle, step)
        there = self._all(form, chosen)
        numbers[place] = middle
        changes = [arb(0)] * len(here)
        for k in chosen:
            if there[k].is_finite():
                changes[k] = arb((there[k] - here[k]).abs_lower())
        return changes

    def sign(self, point: Point) -> int:
        """-1, 0 or 1 as the first output is negative, 0 or positive; 2 where it is no number."""
        self._sizes = dict(point.sizes)
        self._values = {
            name: {place: arb(x) for place, x in numbers.items()} for name, numbers in point.values.items()
        }
        run, indices = self._outputs[0]
        for bits in PRECISIONS:
            ctx.prec = bits
            self._final = bits == PRECISIONS[-1]
            self._memory.clear()
            self.evaluations += 1
            try:
                ball = run(dict(indices))
            except Undecided:
                continue
            except NotANumber:
                return 2
            if ball > 0 or ball < 0 or ball.is_zero():
                return int(ball > 0) - int(ball < 0)
        return 2

    def _all(self, form: Format, chosen: Sequence[int] | None = None) -> list[Any]:
        """Every chosen output, each to the precision that the format asks for."""
        missing = list(range(len(self._outputs))) if chosen is None else list(chosen)
        found: list[Any] = [None] * len(self._outputs)
        for bits in PRECISIONS:
            ctx.prec = bits
            self._final = bits == PRECISIONS[-1]
            self._memory.clear()
            self.evaluations += len(missing)
            still = []
            for k in missing:
                run, indices = self._outputs[k]
                try:
                    ball = run(dict(indices))
                except Undecided:
                    still.append(k)
                    continue
                except NotANumber:
                    ball = arb("nan")
                found[k] = ball
                if not _small(ball, form):
                    still.append(k)
            missing = still
            if not missing:
                break
        return found

    # -- compilation: each expression becomes a function of the places of its indices --

    def _compile(self, e: Expr) -> Callable[[dict], Any]:
        made = self._make(e)
        if isinstance(e, (Binder, sympy.exp, sympy.log, sympy.Pow)) or hasattr(e, "definition"):
            return self._remembered(e, made)
        return made

    def _remembered(self, e: Expr, run: Callable) -> Callable:
        key, free = (
            object(),
            tuple(s for s in sorted(e.free_symbols, key=str) if s.is_Symbol and s.is_integer),
        )
        memory = self._memory

        def recalled(bound):
            at = (key, *[bound.get(s) for s in free])
            known = memory.get(at)
            if known is None:
                known = memory[at] = run(bound)
            return known

        return recalled

    def _make(self, e: Expr) -> Callable[[dict], Any]:
        if isinstance(e, sympy.Rational):
            p, q = int(e.p), int(e.q)
            return lambda bound: arb(p) / q
        if e in (sympy.oo, -sympy.oo):
            infinite = arb("inf") if e == sympy.oo else arb("-inf")
            return lambda bound: infinite
        if e is sympy.nan:
            return lambda bound: arb("nan")
        if isinstance(e, sympy.NumberSymbol):
            constant = {sympy.pi: arb.pi, sympy.E: arb.const_e}[e]
            return lambda bound: constant()
        if isinstance(e, Symbol):
            return self._symbol(e)
        if isinstance(e, Indexed):
            places = [self._place(a) for a in e.args[1:]]
            return self._named(e.base.label.name, lambda bound: tuple(p(bound) for p in places))
        method = getattr(self, "_" + type(e).__name__, None)
        if method is not None:
            return method(e)
        if type(e) in _UNARY:
            function, inner = _UNARY[type(e)], self._compile(e.args[0])
            return lambda bound: function(inner(bound))
        if hasattr(e, "definition"):
            return self._compile(e.definition())
        raise TypeError(f"no exact meaning for {type(e).__name__} in {e}")

    def _symbol(self, e: Symbol) -> Callable:
        named = self._named(e.name, lambda bound: ())

        def run(bound):
            if e in bound:
                return arb(bound[e])
            if e.name in self._sizes and e.name not in self._values:
                return arb(self._sizes[e.name])
            return named(bound)

        return run

    def _place(self, e: Expr) -> Callable[[dict], int]:
        if isinstance(e, Symbol):
            run = self._compile(e)
            return lambda bound: bound[e] if e in bound else _whole(run(bound))
        run = self._compile(e)
        return lambda bound: _whole(run(bound))

    def _named(self, name: str, places: Callable[[dict], tuple[int, ...]]) -> Callable:
        if name not in self._definitions:
            return lambda bound: self._values[name][places(bound)]

        def run(bound):
            if name not in self._compiled:
                d = self._definitions[name]
                self._compiled[name] = (tuple(d.indices), self._compile(d.expr))
            indices, body = self._compiled[name]
            place = places(bound)
            at = (name, place)
            if at not in self._memory:
                self._memory[at] = body(dict(zip(indices, place, strict=True)))
            return self._memory[at]

        return run

    def _Add(self, e):
        parts = [self._compile(a) for a in e.args]

        def run(bound):
            total = parts[0](bound)
            for part in parts[1:]:
                total = total + part(bound)
            return total

        return run

    def _Mul(self, e):
        parts = [self._compile(a) for a in e.args]

        def run(bound):
            total = parts[0](bound)
            for part in parts[1:]:
                total = total * part(bound)
            return total

        return run

    def _Pow(self, e):
        base, exponent = self._compile(e.base), self._compile(e.exp)
        if e.exp.is_Integer and e.exp > 0:
            n = int(e.exp)
            return lambda bound: base(bound) ** n
        if e.exp == sympy.Rational(1, 2):
            return lambda bound: base(bound).sqrt()
        return lambda bound: _power(base(bound), exponent(bound))

    def _sign(self, e):
        inner = self._compile(e.args[0])

        def run(bound):
            x = inner(bound)
            if x.is_nan() or x.is_zero():
                return x
            return arb(1) if self._less(arb(0), x) else arb(-1) if self._less(x, arb(0)) else arb(0)

        return run

    def _KroneckerDelta(self, e):
        a, b = (self._place(x) for x in e.args)
        return lambda bound: arb(int(a(bound) == b(bound)))

    def _Cases(self, e: Cases):
        pairs = [(self._compile(v), self._condition(c)) for v, c in e.pairs]

        def run(bound):
            for value, holds in pairs:
                if holds(bound):
                    return value(bound)
            return arb("nan")

        return run

    # -- conditions --

    def _condition(self, c: Expr) -> Callable[[dict], bool]:
        if c in (sympy.true, sympy.false):
            truth = bool(c)
            return lambda bound: truth
        if isinstance(c, sympy.Not):
            inner = self._condition(c.args[0])
            return lambda bound: not inner(bound)
        if isinstance(c, (sympy.And, sympy.Or)):
            parts = [self._condition(a) for a in c.args]
            whole = all if isinstance(c, sympy.And) else any
            return lambda bound: whole(part(bound) for part in parts)
        left, right = self._compile(c.args[0]), self._compile(c.args[1])
        if c.rel_op in ("<", ">"):
            if c.rel_op == ">":
                left, right = right, left
            return lambda bound: self._less(left(bound), right(bound))
        if c.rel_op in ("<=", ">="):
            if c.rel_op == "<=":
                left, right = right, left
            return lambda bound: self._not_less(left(bound), right(bound))
        same = c.rel_op == "=="
        return lambda bound: self._equal(left(bound), right(bound)) == same

    def _less(self, a: Any, b: Any) -> bool:
        self._numbers(a, b)
        if a < b:
            return True
        if a >= b or self._final:
            return False
        raise Undecided

    def _not_less(self, a: Any, b: Any) -> bool:
        return not self._less(a, b)

    def _equal(self, a: Any, b: Any) -> bool:
        self._numbers(a, b)
        if a == b:
            return True
        if a != b:
            return False
        if self._final:
            return True
        raise Undecided

    def _numbers(self, *balls: Any) -> None:
        if any(b.is_nan() for b in balls):
            raise NotANumber if self._final or any(map(_is_plain_nan, balls)) else Undecided

    # -- reductions --

    def _entries(self, e: Binder) -> Callable[[dict], list]:
        body, size, index = self._compile(e.body), self._place(e.size), e.index

        def run(bound):
            inner = dict(bound)
            found = []
            for k in range(size(bound)):
                inner[index] = k
                found.append(body(inner))
            return found

        return run

    def _Sum(self, e: Sum):
        entries = self._entries(e)
        return lambda bound: sum(entries(bound), arb(0))

    def _AxisMax(self, e: AxisMax):
        entries = self._entries(e)

        def run(bound):
            found = entries(bound)
            if any(x.is_nan() for x in found):
                return arb("nan")
            largest = arb("-inf")
            for x in found:
                largest = x if not largest.is_finite() and largest < 0 else largest.max(x)
            return largest

        return run

    def _ArgMax(self, e: ArgMax):
        entries = self._entries(e)

        def run(bound):
            found = entries(bound)
            best = 0
            for k, x in enumerate(found):
                if self._less(found[best], x):
                    best = k
            return arb(best)

        return run


def _whole(x: Any) -> int:
    return int(x.unique_fmpz()) if hasattr(x, "unique_fmpz") else int(x)


def _sum(middle: Any, step: Any) -> Any:
    """middle + step, exactly: the precision may be less than the two need."""
    before = ctx.prec
    ctx.prec = 2300
    try:
        return middle + step
    finally:
        ctx.prec = before


def _small(ball: Any, form: Format) -> bool:
    if not ball.is_finite():
        return (not ball.is_nan() and ball.mid() == ball) or _is_plain_nan(ball)
    if ball.is_exact():
        return True
    mantissa, exponent = ball.rad().man_exp()
    radius = int(exponent) + int(mantissa).bit_length()
    if radius <= form.exponent_of_ulp(ball) - GUARD:
        return True
    return ball > arb((1, form.overflow + 2)) or ball < -arb((1, form.overflow + 2))


def _is_plain_nan(ball: Any) -> bool:
    """A NaN that is the result, as that of inf − inf; where digits are wanting, arb gives it an infinite radius."""
    return ball.is_nan() and ball.rad().is_zero()


def _power(base: Any, exponent: Any) -> Any:
    if base.is_zero():
        return arb(1) if exponent.is_zero() else arb(0) if exponent > 0 else arb("inf")
    whole = exponent.unique_fmpz() if exponent.is_exact() and exponent.is_integer() else None
    if whole is not None and abs(whole) < 64:
        return base ** int(whole)
    return base**exponent


def _log(x: Any) -> Any:
    return arb("-inf") if x.is_zero() else x.log()


_UNARY: dict[type, Callable] = {
    **{f.function: methodcaller(f.name) for f in ELEMENTARY},
    sympy.log: _log,
    sympy.Abs: abs,
}


def places(shape: Sequence[int]) -> list[tuple[int, ...]]:
    """Every place of an array, in order."""
    return list(product(*map(range, shape)))
