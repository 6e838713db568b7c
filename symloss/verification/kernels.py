"""Checks a kernel against numeric differentiation of itself and against the declaration read at 50 digits."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np
import sympy
from sympy import Expr

from symloss.compose import lifted
from symloss.derive import element_of
from symloss.evaluate import Environment, evaluate, evaluate_stable, magnitude, moved_by_rounding
from symloss.functions import Partial, Sum, free_index, size_symbol
from symloss.runtime import Kernel
from symloss.sample import SIZES, sample_argument
from symloss.schedule import BATCH
from symloss.value import Loss
from symloss.verification.richardson import richardson

__all__ = ["Batch", "Outcome", "check_kernel", "exact_gradient", "exact_value", "sample_batch"]

DIGITS = 50
EXAMPLES = 3
ROUNDINGS = 4
"""How many times the unavoidable rounding error of a result is allowed, against the 50-digit reference."""


@dataclass(frozen=True)
class Batch:
    """A batch of examples: arrays for a kernel, and the same numbers for the reference."""

    loss: Loss
    arrays: dict[str, np.ndarray]
    parameters: dict[str, Any]
    weight: np.ndarray | None
    reduction: str

    def environment(self) -> Environment:
        """The batch as the reference reads it."""
        values: dict[str, Any] = {name: _exact(a) for name, a in self.arrays.items()}
        values |= {name: _exact(a) for name, a in self.parameters.items()}
        sizes = {BATCH: EXAMPLES}
        for one in (*self.loss.inputs, *self.loss.parameters):
            array = np.asarray(self.arrays.get(one.name, self.parameters.get(one.name)))
            sizes.update(zip(reversed(one.axes), reversed(array.shape), strict=False))
            if one.type.classes:
                sizes.setdefault(one.type.classes, int(array.max(initial=0)) + 1)
        if self.weight is not None:
            values["weight"] = _exact(self.weight)
        if BATCH in sizes and self.loss.example != 0:
            first = next(i for i in self.loss.inputs if i.per_example)
            sizes[BATCH] = len(self.arrays[first.name])
        return Environment(values, sizes, lifted(self.loss, BATCH).loss.definitions)

    def options(self) -> dict[str, Any]:
        """The keyword arguments of a kernel's call."""
        given = dict(self.parameters, reduction=self.reduction)
        return given if self.weight is None else {**given, "weight": self.weight}


def _exact(array: Any) -> Any:
    return np.asarray(array).tolist()


def sample_batch(
    loss: Loss,
    seed: int,
    dtype: str = "float64",
    *,
    weighted: bool = False,
    reduction: str = "mean",
    defaults: bool = True,
    spread: float = 1.0,
) -> Batch:
    """A batch drawn from the declared domains, with hyper-parameters at or off their defaults.

    ``spread`` scales the real inputs: small ones lie on the other side of a margin.
    """
    draw = random.Random(f"{loss.name}/{seed}")
    sizes = {axis: SIZES[k % len(SIZES)] for k, axis in enumerate(loss.axes)}
    arrays = {}
    for one in loss.inputs:
        drawn = sample_argument(draw, one, sizes, (EXAMPLES,) if one.per_example else ())
        kind = np.int64 if one.type.classes else np.dtype(dtype)
        scale = spread if one.domain.name == "Real" else 1
        arrays[one.name] = (np.array(drawn, dtype=object) * scale).astype(kind)
    parameters: dict[str, Any] = {}
    for p in loss.parameters:
        drawn = sample_argument(draw, p, sizes)
        if p.axes:
            parameters[p.name] = np.array(drawn).astype(dtype)
            if defaults:
                parameters[p.name] = np.full_like(parameters[p.name], p.default)
        else:
            parameters[p.name] = (
                p.default if defaults else drawn if p.domain.integer else float(np.dtype(dtype).type(drawn))
            )
            if dtype == "float32" and not p.domain.integer:
                parameters[p.name] = float(np.float32(parameters[p.name]))
    weight = None
    if weighted and loss.example != 0:
        weight = np.array([draw.uniform(0.1, 2) for _ in range(EXAMPLES)]).astype(dtype)
    return Batch(loss, arrays, parameters, weight, reduction)


def _whole(batch: Batch) -> Expr:
    """The scalar that a kernel returns, as an expression in the declared formula."""
    return _returned(batch.loss, batch.reduction, batch.weight is not None)


@lru_cache(maxsize=64)
def _returned(loss: Loss, reduction: str, weighted: bool) -> Expr:
    if loss.example == 0:
        return loss.batch
    rows = lifted(loss, BATCH)
    index = sympy.Dummy(integer=True, nonnegative=True)
    total = Sum(_weight(weighted, index) * rows.row(loss.example, index), index, size_symbol(BATCH))
    if reduction == "mean":
        total = total / _total_weight(loss, weighted)
    return total + loss.batch


def _weight(weighted: bool, index: sympy.Symbol) -> Expr:
    return sympy.Indexed(sympy.IndexedBase("weight"), index) if weighted else sympy.Integer(1)


def exact_value(batch: Batch, digits: int = DIGITS) -> Any:
    """The value of the batch with ``digits`` digits, from the declaration."""
    return evaluate(_whole(batch), batch.environment(), digits)


def exact_gradient(batch: Batch, wrt: str, digits: int = DIGITS) -> np.ndarray:
    """The gradient of the batch's value, by numeric differentiation of the declaration in arbitrary precision."""
    environment = batch.environment()
    result = np.empty(batch.arrays[wrt].shape, dtype=object)
    for place in np.ndindex(result.shape):
        result[place] = evaluate(_slope(batch, wrt, place), environment, digits)
    return result


def _slope(batch: Batch, wrt: str, place: tuple[int, ...]) -> Expr:
    """The derivative of the batch's value by one entry, to be taken numerically."""
    argument = lifted(batch.loss, BATCH).argument(wrt)
    return Partial(_whole(batch), argument.element(*(sympy.Integer(k) for k in place)))


@dataclass(frozen=True)
class Outcome:
    """How far a kernel's gradient is from both references, each in units of what is allowed (≤ 1 is right)."""

    loss: str
    backend: str
    dtype: str
    numeric: float
    exact: float
    value: float
    points: int

    def __bool__(self) -> bool:
        return bool(max(self.numeric, self.exact, self.value) <= 1)


_SETTINGS = ((("mean", False, 1.0), ("sum", True, 0.1)), (("mean", True, 1.0), ("mean", False, 0.1)))
"""Reduction, whether weighted, and spread of the batches that each seed stands for."""


def check_kernel(kernel: Kernel, dtype: str = "float64", seeds: range = range(2)) -> Outcome:
    """Check value and gradient of a kernel on a few sampled batches, weighted and not, of all reductions."""
    loss = kernel.loss
    numeric = exact = value = 0.0
    points = 0
    for seed in seeds:
        for reduction, weighted, spread in _SETTINGS[seed % len(_SETTINGS)]:
            batch = sample_batch(
                loss,
                seed,
                dtype,
                weighted=weighted,
                reduction=reduction,
                defaults=seed % 2 == 0,
                spread=spread,
            )
            got, gradients = kernel.value_and_gradient(**batch.arrays, **batch.options())
            gradients = gradients if isinstance(gradients, dict) else {loss.differentiated[0]: gradients}
            truth = exact_value(batch)
            spread = _wiggle(batch, lambda b: np.array([exact_value(b)]))[0]
            spread += _roundings(_whole(batch), batch.environment(), dtype)
            value = max(value, _share(got, truth, spread, dtype, batch, _whole(batch)))
            for wrt, gradient in gradients.items():
                if dtype == "float64":
                    numeric = max(numeric, _against_differences(kernel, batch, wrt, gradient, float(spread)))
                reference = exact_gradient(batch, wrt)
                roundings = _roundings_of_gradient(batch, wrt, dtype)
                wiggle = _wiggle(batch, lambda b, w=wrt: exact_gradient(b, w, 30))
                for place in np.ndindex(reference.shape):
                    allowed = wiggle[place] + roundings[place]
                    slope = _slope(batch, wrt, place)
                    share = _share(gradient[place], reference[place], allowed, dtype, batch, slope)
                    exact = max(exact, share)
                    points += 1
    return Outcome(loss.name, kernel.backend, dtype, numeric, exact, value, points)


def _roundings(expr: Expr, environment: Environment, dtype: str, indices: dict | None = None) -> Any:
    """What the rounding of its terms, and of all else on the way to it, makes of an expression."""
    eps = mpmath.mpf(float(np.finfo(dtype).eps))
    terms = eps * magnitude(expr, environment, DIGITS, indices)
    return terms + moved_by_rounding(expr, environment, eps, DIGITS, indices)


def _roundings_of_gradient(batch: Batch, wrt: str, dtype: str) -> np.ndarray:
    """The same for each entry of the gradient, in the derived formula."""
    loss, environment = batch.loss, batch.environment()
    argument = loss.argument(wrt)
    gradient = loss.gradient(wrt)
    own = element_of(argument).args[1:] if argument.axes else ()
    result = np.empty(batch.arrays[wrt].shape, dtype=object)
    if not argument.per_example:
        for place in np.ndindex(result.shape):
            result[place] = _roundings(gradient, environment, dtype, dict(zip(own, place, strict=True)))
        return result
    rows, i = lifted(loss, BATCH), free_index(0)
    weighted = batch.weight is not None
    share = _weight(weighted, i)
    if batch.reduction == "mean":
        share = share / _total_weight(loss, weighted)
    row = rows.row(gradient, i)
    for place in np.ndindex(result.shape):
        indices = {i: place[0], **dict(zip(own, place[1:], strict=True))}
        scale = abs(evaluate(share, environment, DIGITS, indices))
        result[place] = scale * _roundings(row, environment, dtype, indices)
    return result


def _total_weight(loss: Loss, weighted: bool) -> Expr:
    index = sympy.Dummy(integer=True, nonnegative=True)
    normalizer = lifted(loss, BATCH).row(loss.normalizer, index)
    return Sum(_weight(weighted, index) * normalizer, index, size_symbol(BATCH))


def _share(got: Any, truth: Any, allowed: Any, dtype: str, batch: Batch, of: Expr) -> float:
    """The ratio of the error to the allowed one; a reference that seems to be off is taken again with more digits.

    They may have cancelled.
    """
    found = _ratio(got, truth, allowed, dtype)
    if found <= 1:
        return found
    try:
        return _ratio(got, evaluate_stable(of, batch.environment(), DIGITS, most=20 * DIGITS), allowed, dtype)
    except ArithmeticError:
        return found


def _ratio(got: Any, truth: Any, wiggle: Any, dtype: str) -> float:
    """The error in units of the allowed one: roundings of the result, and of the inputs as they act on it."""
    if mpmath.isnan(truth):
        return 0.0 if np.isnan(got) else float("inf")
    allowed = ROUNDINGS * (np.finfo(dtype).eps * max(abs(truth), np.finfo(dtype).tiny) + wiggle)
    if np.isinf(got) and truth * np.sign(got) + allowed > np.finfo(dtype).max:
        return 0.0
    error = abs(mpmath.mpf(float(got)) - truth)
    return float(error / allowed) if not mpmath.isnan(error) else float("inf")


def _wiggle(batch: Batch, f: Any) -> Any:
    """How much the exact result moves when the inputs do by half a unit in the last place, tensor by tensor."""
    here = f(batch)
    total = np.zeros(here.shape, dtype=object)
    draw = np.random.default_rng(0)
    for name, array in batch.arrays.items():
        if array.dtype.kind != "f" or batch.loss.argument(name).domain.values:
            continue
        signs = draw.choice([-0.5, 0.5], size=array.shape)
        moved = np.array(
            [
                mpmath.mpf(float(v)) + mpmath.mpf(float(s)) * float(np.spacing(v))
                for v, s in zip(array.flat, signs.flat, strict=True)
            ],
            dtype=object,
        )
        arrays = {**batch.arrays, name: moved.reshape(array.shape)}
        total = total + abs(
            f(Batch(batch.loss, arrays, batch.parameters, batch.weight, batch.reduction)) - here
        )
    return total


def _against_differences(
    kernel: Kernel, batch: Batch, wrt: str, gradient: np.ndarray, spread: float
) -> float:
    """The largest error against Richardson's extrapolation, in units of its own bound.

    ``spread`` is what rounding explains of an error of the value.
    """
    worst = 0.0
    array = batch.arrays[wrt]
    noise = float(abs(kernel.value(**batch.arrays, **batch.options()))) * 2.0**-49 + 2.0**-49 + spread
    for place in np.ndindex(array.shape):

        def along(x: float, place: tuple[int, ...] = place) -> float:
            moved = array.copy()
            moved[place] = x
            return float(kernel.value(**{**batch.arrays, wrt: moved}, **batch.options()))

        slope, bound = richardson(along, float(array[place]), 2.0**-6, noise)
        worst = max(worst, abs(float(gradient[place]) - slope) / max(bound, 1e-300))
    return worst
