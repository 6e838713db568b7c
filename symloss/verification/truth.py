"""What the gradient is: the derivative in arbitrary precision, one-sided slopes, and what rounding explains."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import mpmath
import numpy as np
import sympy
from sympy import Expr, Symbol

from symloss.derive import element_of
from symloss.evaluate import Environment, evaluate, magnitude
from symloss.functions import at_index
from symloss.value import Loss
from symloss.verification.probe import Probe

__all__ = ["ROUNDINGS", "Truth", "second_derivative"]

ROUNDINGS = 16
"""How many times the rounding error of one operation a straightforward program may make."""

DIGITS = 25
STEP = mpmath.mpf(2) ** -200
"""How far beside a point its one-sided slopes are read: nearer than any two numbers of a format."""


def second_derivative(loss: Loss, wrt: str) -> Expr:
    """∂²ℓ/∂x² for each number of the tensor by itself: the diagonal of the Hessian."""
    expr = loss.hessian(wrt)
    argument = loss.argument(wrt)
    first = element_of(argument).args[1:] if argument.axes else ()
    other = element_of(argument, len(argument.axes)).args[1:] if argument.axes else ()
    for mine, theirs in zip(first, other, strict=True):
        expr = at_index(expr, theirs, mine)
    return expr


class Truth:
    """The exact value of one derivative of a loss at every entry of a probe. ``order`` 1: gradient, 2: Hessian."""

    def __init__(self, loss: Loss, wrt: str, order: int = 1):
        self.loss, self.wrt, self.order = loss, wrt, order
        self.argument = loss.argument(wrt)
        self.indices: tuple[Symbol, ...] = element_of(self.argument).args[1:] if self.argument.axes else ()
        self._known: dict[tuple[Probe, tuple[int, ...]], Any] = {}
        self._fast: dict[Probe, np.ndarray] = {}

    @cached_property
    def expr(self) -> Expr:
        """The derivative of one example's loss, in terms of the named intermediates."""
        return self.loss.gradient(self.wrt) if self.order == 1 else second_derivative(self.loss, self.wrt)

    def at(self, probe: Probe, entry: tuple[int, ...]) -> Any:
        """The derivative at one entry of the tensor, the example first."""
        key = (probe, entry)
        if key not in self._known:
            self._known[key] = self._value(self.environment(probe, entry), self._places(entry), DIGITS)
        return self._known[key]

    def array(self, probe: Probe) -> np.ndarray:
        """The derivative at every entry, as floating-point numbers."""
        shape = probe.arrays[self.wrt].shape
        result = np.empty(shape)
        for entry in np.ndindex(shape):
            result[entry] = _float(self.at(probe, entry))
        return result

    def fast(self, probe: Probe) -> np.ndarray:
        """The derivative at every entry in floating point, by the formula as it stands: where it is plainly missed."""
        found = self._fast.get(probe)
        if found is None:
            found = np.empty(probe.arrays[self.wrt].shape)
            evaluator = probe.evaluator(self.loss)
            per_example = self.argument.per_example
            for own in np.ndindex(found.shape[1:] if per_example else found.shape):
                where = (slice(None), *own) if per_example else own
                found[where] = evaluator(self.expr, dict(zip(self.indices, own, strict=True)))
            self._fast[probe] = found
        return found

    def slopes(self, probe: Probe, entry: tuple[int, ...], step: Any = STEP) -> tuple[Any, Any]:
        """The least and the largest of the derivative at the point and ``step`` beside it, on both sides."""
        environment = self.environment(probe, entry)
        place = self._own(entry)
        here = mpmath.mpf(environment.element(self.wrt, place))
        found = [self.at(probe, entry)]
        with mpmath.workdps(150):
            for side in (here - step, here + step):
                moved = environment.replaced(self.wrt, place, side)
                found.append(self._value(moved, self._places(entry), 60))
        found = [f for f in found if not mpmath.isnan(f)] or found
        return min(found), max(found)

    def allowed(self, probe: Probe, entry: tuple[int, ...], eps: float, inputs_alone: bool = False) -> Any:
        """The error that roundings explain: of the result, of its terms, of the inputs and of the intermediates.

        A program rounds every number that it writes down; each may move by half an ulp, and the result with it.
        """
        truth = self.at(probe, entry)
        environment, places = self.environment(probe, entry), self._places(entry)
        tiny = float(np.finfo(np.float32 if eps > 1e-10 else np.float64).tiny)
        total = eps * abs(truth) + tiny / ROUNDINGS  # below the normal numbers any number will do
        with mpmath.workdps(40):
            terms = self.terms(probe, entry)
            if mpmath.isfinite(terms) and not inputs_alone:
                total += eps * terms
            for name, place, number in self._movable(environment, probe, entry):
                for sign in (-1, 1):
                    moved = environment.replaced(name, place, number * (1 + sign * mpmath.mpf(eps) / 2))
                    change = abs(self._value(moved, places, DIGITS) - truth)
                    size = max(1, abs(terms), abs(number))  # a difference of inputs moves as far as they do
                    if mpmath.isfinite(change) and change < abs(truth) / 1000 + eps * size:
                        total += change / 2
            for name in self.loss.definitions if not inputs_alone else ():
                moved = self._rounded(environment, name, eps)
                change = abs(self._value(moved, places, DIGITS) - truth)
                if mpmath.isfinite(change):
                    total += change
        return ROUNDINGS * total

    def terms(self, probe: Probe, entry: tuple[int, ...]) -> Any:
        """The absolute values of the derivative's terms, added up: what its rounding errors scale with."""
        found = magnitude(self.expr, self.environment(probe, entry), 30, self._places(entry))
        return found if mpmath.isfinite(found) else mpmath.inf

    def environment(self, probe: Probe, entry: tuple[int, ...]) -> Environment:
        """The example that an entry belongs to, as the reference reads it."""
        i = entry[0] if self.argument.per_example else 0
        return probe.environment(self.loss, i)

    def _own(self, entry: tuple[int, ...]) -> tuple[int, ...]:
        return entry[1:] if self.argument.per_example else entry

    def _places(self, entry: tuple[int, ...]) -> Mapping[Symbol, int]:
        return dict(zip(self.indices, self._own(entry), strict=True))

    def _value(self, environment: Environment, places: Mapping[Symbol, int], digits: int) -> Any:
        return settled(self.expr, environment, digits, places)

    def _movable(self, environment: Environment, probe: Probe, entry: tuple[int, ...]):
        for one in self.loss.inputs:
            if one.domain.values or one.domain.integer or one.type.classes:
                continue
            shape = np.shape(environment.values[one.name])
            for place in np.ndindex(shape):
                number = environment.element(one.name, place)
                ends = float(one.domain.lower), float(one.domain.upper)
                if float(number) not in ends:  # the ends of a domain are meant exactly
                    yield one.name, place, mpmath.mpf(number)

    def _rounded(self, environment: Environment, name: str, eps: float) -> Environment:
        """The environment with one named intermediate rounded wherever it is used."""
        definition = environment.definitions[name]
        factor = 1 + _exactly(eps / 2)
        changed = {**environment.definitions, name: definition._replace(expr=definition.expr * factor)}
        return Environment(environment.values, environment.sizes, changed)


PRECISIONS = (2, 4, 16, 64, 256)
"""Times the digits that are asked for, until two of them agree."""

ZERO = 400
"""The digits at which a 0 or an infinity is believed: what is smaller than 10^−ZERO is 0 in every format."""


def settled(expr: Expr, environment: Environment, digits: int, places: Mapping[Symbol, int]) -> Any:
    """The value to ``digits`` digits, or NaN where there is no real one."""
    before = None
    for times in PRECISIONS:
        precision = times * digits + 10
        try:
            after = evaluate(expr, environment, precision, places)
        except (ArithmeticError, ValueError):
            return mpmath.nan
        if isinstance(after, mpmath.mpc):
            return mpmath.nan
        if before is not None:
            if mpmath.isnan(after):
                return after
            if after == before and (precision >= ZERO or (after != 0 and not mpmath.isinf(after))):
                return after
            with mpmath.workdps(precision):
                if after != 0 and mpmath.isfinite(after) and abs(after - before) <= abs(after) / 10**digits:
                    return after
        before = after
    return before


def _exactly(number: float) -> Any:
    return sympy.Rational(*number.as_integer_ratio())


def _float(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.copysign(math.inf, number)
