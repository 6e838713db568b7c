"""Shared by the tests: inputs of every declared domain, and references that share nothing with generated code.

The references read a loss's declared expression in arbitrary precision (:mod:`symloss.evaluate`), one example at a
time, and take differences of it; what a reduction or a weight does is written out by hand below.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from functools import cache
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import strategies as st

import symloss
from symloss.derive import element_of
from symloss.evaluate import Environment, evaluate, magnitude

NAMES = symloss.names()
BACKENDS = ("numpy", "c")
DTYPES = ("float64", "float32")


def quick(values: Iterable[Any], *few: Any) -> list:
    """All values as parameters of a test, of which the quick tests take these few."""
    return [
        pytest.param(*(v if isinstance(v, tuple) else (v,)), marks=() if v in few else pytest.mark.slow)
        for v in values
    ]


FLOAT32_LATER = quick(DTYPES, "float64")
C_LATER = quick(BACKENDS, "numpy")
SIZES = (3, 2, 4, 2)
STEP = 40
"""References take differences with the step 10**-STEP."""


def losses(*kinds: str) -> list[str]:
    """The names of the catalogue's losses, or of those of some kinds."""
    return [n for n in NAMES if not kinds or symloss.get(n).kind in kinds]


@cache
def kernel(name: str, backend: str, dtype: str | None = None):
    """A kernel of the catalogue, loaded once."""
    return symloss.get(name).load(backend, dtype=dtype)


def by_name(loss, gradient: Any) -> dict[str, np.ndarray]:
    """A gradient as a dict, also where a single input is differentiated."""
    return gradient if isinstance(gradient, dict) else {loss.differentiated[0]: gradient}


def defaults(loss) -> dict[str, Any]:
    return {p.name: p.default for p in loss.parameters}


# --- drawing inputs ---------------------------------------------------------------------------------------


def axis_sizes(loss) -> dict[str, int]:
    return {axis: SIZES[k % len(SIZES)] for k, axis in enumerate(loss.axes)}


def draw_one(rng, argument, sizes, lead=(), dtype="float64", edge: float = 0.05) -> np.ndarray:
    """An array of the argument's domain, away from the ends of it by ``edge``."""
    shape = (*lead, *(sizes[a] for a in argument.axes))
    domain = argument.domain
    if argument.type.classes:
        return rng.integers(0, sizes[argument.type.classes], shape)
    if domain.values:
        return rng.choice(np.array(domain.values), shape).astype(dtype)
    if domain.integer:
        return rng.integers(-200, -100, shape)
    low, high = float(domain.lower), float(domain.upper)
    if np.isinf(low) and np.isinf(high):
        array = rng.uniform(-2.5, 2.5, shape)
    elif np.isinf(high):
        array = low + rng.uniform(edge, 2.5, shape)
    else:
        array = low + (high - low) * rng.uniform(edge, 1 - edge, shape)
    if argument.type.along is not None:
        axis = argument.axes.index(argument.type.along) + len(lead)
        array = array / array.sum(axis=axis, keepdims=True)
    return array.astype(dtype)


def draw(loss, seed: int = 0, n: int = 3, dtype: str = "float64", sizes=None, off_default: bool = False):
    """Arrays and hyper-parameters of the declared domains: ``(arrays, parameters)``."""
    rng = np.random.default_rng([seed, *loss.name.encode()])
    sizes = sizes or axis_sizes(loss)
    arrays = {i.name: draw_one(rng, i, sizes, (n,) if i.per_example else (), dtype) for i in loss.inputs}
    parameters = {}
    for p in loss.parameters:
        drawn = draw_one(rng, p, sizes, dtype=dtype)
        if not off_default:
            parameters[p.name] = np.full(drawn.shape, p.default, dtype) if p.axes else p.default
        else:
            parameters[p.name] = drawn if p.axes else drawn.item()
    return arrays, parameters


def domain_strategy(argument, sizes, dtype="float64", interior: bool = False):
    """A strategy for one number of an argument's domain; ``interior`` keeps off the ends of a finite domain."""
    domain, width = argument.domain, 32 if dtype == "float32" else 64
    if argument.type.classes:
        return st.integers(0, sizes[argument.type.classes] - 1)
    if domain.values:
        return st.sampled_from([float(v) for v in domain.values])
    if domain.integer:
        return st.integers(-300, -100)
    low, high = float(domain.lower), float(domain.upper)
    if low < 0 and np.isinf(high):
        low, high = -32.0, 32.0
    elif np.isinf(high):
        low, high = low + (2.0**-10 if domain.lower_open or interior else 0.0), low + 32
    elif interior or domain.lower_open:
        margin = (high - low) * 2.0**-12
        low, high = low + margin, high - margin
    # Below 2**-30 the differences that the references take would no longer see the number.
    return st.floats(low, high, width=width).map(lambda x: x if abs(x) >= 2.0**-30 else 0.0)


@st.composite
def batches(draw, loss, n=2, dtype="float64"):
    """A strategy for ``(arrays, parameters)``, every number drawn from its declared domain."""
    sizes = axis_sizes(loss)
    arrays = {}
    for i in loss.inputs:
        shape = ((n,) if i.per_example else ()) + tuple(sizes[a] for a in i.axes)
        number = domain_strategy(i, sizes, dtype, interior=i.name in loss.differentiated)
        count = int(np.prod(shape))
        drawn = draw(st.lists(number, min_size=count, max_size=count))
        array = np.array(drawn).astype(np.int64 if i.type.classes else dtype).reshape(shape)
        if i.type.along is not None:
            axis = i.axes.index(i.type.along) + (1 if i.per_example else 0)
            total = array.sum(axis=axis, keepdims=True)
            even = np.full_like(array, 1 / array.shape[axis])
            array = np.where(total > 0, array / np.where(total > 0, total, 1), even).astype(dtype)
        arrays[i.name] = array
    parameters = {}
    for p in loss.parameters:
        number = domain_strategy(p, sizes, dtype, interior=True)
        if p.axes:
            count = int(np.prod([sizes[a] for a in p.axes]))
            drawn = draw(st.lists(number, min_size=count, max_size=count))
            parameters[p.name] = np.array(drawn, dtype).reshape([sizes[a] for a in p.axes])
        else:
            parameters[p.name] = draw(number)
    return arrays, parameters


# --- references -------------------------------------------------------------------------------------------


class Reference:
    """The declared expression of a loss at a batch, read in arbitrary precision, one example at a time."""

    def __init__(self, loss, arrays: dict, parameters: dict | None = None, digits: int = 130):
        self.loss, self.digits = loss, digits
        self.arrays = {k: np.asarray(v) for k, v in arrays.items()}
        self.parameters = {**defaults(loss), **(parameters or {})}
        self.sizes: dict[str, int] = {}
        for i in loss.inputs:
            shape = self.arrays[i.name].shape
            self.sizes.update(zip(reversed(i.axes), reversed(shape), strict=False))
        for p in loss.parameters:
            if p.axes and np.ndim(self.parameters[p.name]):
                self.sizes.update(zip(p.axes, np.shape(self.parameters[p.name]), strict=True))
        for i in loss.inputs:
            if i.type.classes:
                self.sizes.setdefault(i.type.classes, int(self.arrays[i.name].max(initial=0)) + 1)
        for p in loss.parameters:
            if p.axes and np.ndim(self.parameters[p.name]) == 0:
                shape = [self.sizes[a] for a in p.axes]
                self.parameters[p.name] = np.full(shape, self.parameters[p.name])

    @property
    def rows(self) -> list[int | None]:
        """The examples; [None] for a loss over the whole batch."""
        if self.loss.example == 0:
            return [None]
        first = next(i for i in self.loss.inputs if i.per_example)
        return list(range(len(self.arrays[first.name])))

    def environment(self, row: int | None) -> Environment:
        values: dict[str, Any] = {k: np.asarray(v).tolist() for k, v in self.parameters.items()}
        for i in self.loss.inputs:
            array = self.arrays[i.name]
            values[i.name] = (array[row] if i.per_example and row is not None else array).tolist()
        return Environment(values, self.sizes, self.loss.definitions)

    def _at(self, environment: Environment, expr=None) -> Any:
        return evaluate(self.loss.expression if expr is None else expr, environment, self.digits)

    def value(self, row: int | None) -> Any:
        return self._at(self.environment(row))

    def normalizer(self, row: int | None) -> Any:
        return self._at(self.environment(row), self.loss.normalizer)

    def _moved(self, row, *moves: tuple[str, tuple[int, ...], Any]) -> Any:
        """The value with some entries moved by something."""
        with mpmath.workdps(self.digits):
            environment = self.environment(row)
            for name, place, by in moves:
                here = mpmath.mpmathify(environment.element(name, place))
                environment = environment.replaced(name, place, here + by)
            return self._at(environment)

    def slopes(self, row, wrt: str, place: tuple[int, ...]) -> tuple[Any, Any]:
        """The one-sided derivatives of an example's loss by one entry, from the left and from the right."""
        with mpmath.workdps(self.digits):
            h, here = mpmath.mpf(10) ** -STEP, self.value(row)
            left = (here - self._moved(row, (wrt, place, -h))) / h
            return left, (self._moved(row, (wrt, place, h)) - here) / h

    def second(self, row, wrt: str, place: tuple[int, ...]) -> Any:
        """The second derivative by one entry."""
        with mpmath.workdps(self.digits):
            h = mpmath.mpf(10) ** -STEP
            ends = self._moved(row, (wrt, place, h)) + self._moved(row, (wrt, place, -h))
            return (ends - 2 * self.value(row)) / h**2

    def hessian_times(self, row, wrt: str, place: tuple[int, ...], vectors: dict) -> Any:
        """One entry of the Hessian times a vector (one array for each input), by differences along both."""
        with mpmath.workdps(self.digits):
            h = mpmath.mpf(10) ** -STEP
            along = [
                (name, at, h * float(v[at])) for name, v in vectors.items() for at in np.ndindex(v.shape)
            ]
            step = (wrt, place, h)
            both, one = self._moved(row, *along, step), self._moved(row, step)
            return (both - one - self._moved(row, *along) + self.value(row)) / h**2

    def terms(self, row, wrt: str | None, place: tuple[int, ...]) -> Any:
        """The absolute values of the terms of an example's loss or gradient, added up: what cancels between them."""
        environment = self.environment(row)
        if wrt is None:
            return magnitude(self.loss.expression, environment, self.digits)
        argument = self.loss.argument(wrt)
        own = element_of(argument).args[1:] if argument.axes else ()
        indices = dict(zip(own, place, strict=True))
        return magnitude(self.loss.gradient(wrt), environment, self.digits, indices)

    def places(self, wrt: str) -> list[tuple[int, ...]]:
        """The entries of one example's tensor."""
        shape = self.arrays[wrt].shape
        per_example = self.loss.argument(wrt).per_example
        return list(np.ndindex(shape[1:] if per_example else shape))

    def total(self, weight=None) -> Any:
        """What the mean divides by."""
        with mpmath.workdps(self.digits):
            weights = [1] * len(self.rows) if weight is None else [mpmath.mpf(float(w)) for w in weight]
            return mpmath.fsum(w * self.normalizer(r) for w, r in zip(weights, self.rows, strict=True))

    def reduced(self, reduction: str, weight=None) -> Any:
        """The value of the batch; Σ w ℓ, or Σ w ℓ / Σ w, or (for "none") the list of w ℓ."""
        if self.loss.example == 0:
            return self.value(None)
        with mpmath.workdps(self.digits):
            weights = [1] * len(self.rows) if weight is None else [mpmath.mpf(float(w)) for w in weight]
            terms = [w * self.value(r) for w, r in zip(weights, self.rows, strict=True)]
            if reduction == "none":
                return terms
            total = mpmath.fsum(terms)
            return total / self.total(weight) if reduction == "mean" else total

    def shares(self, reduction: str, weight=None) -> list:
        """What the gradient of each example's own loss is multiplied by."""
        if self.loss.example == 0:
            return [mpmath.mpf(1)]
        with mpmath.workdps(self.digits):
            weights = [mpmath.mpf(1)] * len(self.rows)
            if weight is not None:
                weights = [mpmath.mpf(float(w)) for w in weight]
            divisor = self.total(weight) if reduction == "mean" else 1
            return [w / divisor for w in weights]

    def scale(self, row) -> float:
        """The size of the numbers that go into an example: rounding errors of differences scale with it."""
        largest = 1.0
        for i in self.loss.inputs:
            array = self.arrays[i.name]
            part = array[row] if i.per_example and row is not None else array
            if part.dtype.kind == "f" and part.size:
                largest = max(largest, float(np.max(np.abs(part))))
        return largest


def wiggle(reference: Reference, row, wrt: str | None, place: tuple[int, ...], dtype: str) -> Any:
    """How much a result moves, in all, when one input entry after the other moves by one unit in the last place.

    This is what no algorithm can avoid: its arguments are rounded. ``wrt`` None asks for the value.
    """
    total = mpmath.mpf(0)
    loss, here = reference.loss, _result(reference, row, wrt, place, [])
    for i in loss.inputs:
        array = reference.arrays[i.name]
        if array.dtype.kind != "f" or i.domain.values:
            continue
        part = array[row] if i.per_example and row is not None else array
        by = np.abs(np.spacing(np.asarray(part, dtype)))
        for at in np.ndindex(part.shape):
            move = (i.name, at, mpmath.mpf(float(by[at])))
            total += abs(_result(reference, row, wrt, place, [move]) - here)
    return total


def _result(reference: Reference, row, wrt, place, moves) -> Any:
    with mpmath.workdps(reference.digits):
        if wrt is None:
            return reference._moved(row, *moves)
        h = mpmath.mpf(10) ** -STEP
        return (reference._moved(row, *moves, (wrt, place, h)) - reference._moved(row, *moves)) / h


def close(got: Any, low: Any, high: Any, allowed: Any, dtype: str) -> bool:
    """Whether a number lies in [low, high], widened by ``allowed``; overflow to infinity counts as infinity."""
    low, high = min(low, high), max(low, high)
    got = float(got)
    if mpmath.isnan(low) or mpmath.isnan(high):
        return np.isnan(got)
    largest = float(np.finfo(dtype).max)
    if np.isnan(got):
        return False
    if np.isinf(got):
        return bool(high + allowed > largest) if got > 0 else bool(low - allowed < -largest)
    return bool(low - allowed <= got <= high + allowed)


def check_examples(kernel, arrays, parameters=None, *, dtype="float64", rounds=16, digits=130, absolute=None):
    """Compare every example's value and gradient with the references; the failures, as sentences.

    The allowed error is ``rounds`` units in the last place of the result, and ``absolute`` more: by default that
    many units in the last place of the largest input, for losses that subtract inputs from each other.
    """
    loss, given = kernel.loss, parameters or {}
    options = dict(given, reduction="none" if loss.example != 0 else "mean")
    arrays = {k: _typed(v, dtype) for k, v in arrays.items()}
    reference = Reference(loss, arrays, parameters, digits)
    value, gradient = kernel.value_and_gradient(**arrays, **options)
    gradient = by_name(loss, gradient)
    eps, tiny = float(np.finfo(dtype).eps), float(np.finfo(dtype).tiny)
    failures = []
    for row in reference.rows:
        extra = rounds * eps * reference.scale(row) if absolute is None else absolute
        truth = reference.value(row)
        got = value if row is None else value[row]
        if not close(got, truth, truth, rounds * eps * abs(truth) + extra + tiny, dtype):
            failures.append(f"value[{row}] is {got!r}, expected {mpmath.nstr(truth, 17)}")
        for wrt, place in itertools.chain.from_iterable(
            [(w, p) for p in reference.places(w)] for w in loss.differentiated
        ):
            low, high = reference.slopes(row, wrt, place)
            per_example = row is not None and loss.argument(wrt).per_example
            got = gradient[wrt][(row, *place) if per_example else place]
            size = max((abs(s) for s in (low, high) if mpmath.isfinite(s)), default=0)
            if not close(got, low, high, rounds * eps * size + extra + tiny, dtype):
                between = f"{mpmath.nstr(low, 17)} … {mpmath.nstr(high, 17)}"
                failures.append(f"d/d{wrt}[{row}]{list(place)} is {got!r}, expected {between}")
    return failures


def _typed(array: Any, dtype: str) -> np.ndarray:
    array = np.asarray(array)
    return array if array.dtype.kind in "iu" else array.astype(dtype)
