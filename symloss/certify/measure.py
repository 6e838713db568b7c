"""Measures the kernels of one loss against exact results."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sympy import Expr, Symbol

from symloss.certify.bound import FORMATS, error
from symloss.certify.exact import Exact, places
from symloss.certify.points import Batch, movable
from symloss.derive import element_of
from symloss.runtime import Kernel
from symloss.schedule import functions_of
from symloss.value import Loss

__all__ = ["Measured", "Measurement", "derivatives"]


@dataclass
class Measured:
    """What is known of one output of one kernel."""

    backend: str
    dtype: str
    output: str
    results: int = 0
    beyond: int = 0
    beyond_four_ulp: int = 0
    share: float = 0.0
    ulps: float = 0.0
    where: dict[str, Any] = field(default_factory=dict)
    """The example with the largest share of the bound: its numbers, the result and the exact one."""

    def add(self, share: float, ulps: float) -> bool:
        """Count one result; whether it is the worst so far."""
        self.results += 1
        self.beyond += share > 1
        self.beyond_four_ulp += ulps > 4
        self.ulps = max(self.ulps, ulps)
        worst = share > self.share
        self.share = max(self.share, share)
        return worst


def derivatives(loss: Loss) -> dict[str, dict[str, Expr]]:
    """The expressions of one example by what a kernel calls them, and by the tensor that a derivative is taken by."""
    found = {
        "value": {"": loss.expression},
        "gradient": {wrt: loss.gradient(wrt) for wrt in loss.differentiated},
    }
    if "hessian" in functions_of(loss):
        found["hessian"] = {wrt: loss.hessian(wrt) for wrt in loss.differentiated}
    if "hessian_vector_product" in functions_of(loss):
        found["hessian_vector_product"] = {
            wrt: loss.hessian_vector_product(wrt) for wrt in loss.differentiated
        }
    return found


class Measurement:
    """The kernels of a loss in one format, and what was measured of them."""

    def __init__(self, loss: Loss, kernels: list[Kernel], form: str):
        self.loss, self.kernels, self.form = loss, kernels, form
        self._derivatives = derivatives(loss)
        self._movable = movable(loss)
        self._exact: tuple[dict[str, int], Exact, list[tuple[str, str, tuple[int, ...]]]] | None = None
        self.measured = {
            (k.backend, output): Measured(k.backend, form, output)
            for k in kernels
            for output in self._derivatives
        }

    def __call__(self, batch: Batch) -> np.ndarray:
        """Measure a batch; the largest share of the bound for each example."""
        shares = np.zeros(len(batch))
        computed = [(kernel.backend, self._computed(kernel, batch)) for kernel in self.kernels]
        exact, slots = self._formulas(batch)
        for k in range(len(batch)):
            point = batch.point(k)
            results = exact.results(point, self._moves(batch, k), FORMATS[self.form])
            for (output, wrt, place), result in zip(slots, results, strict=True):
                for backend, arrays in computed:
                    got = float(arrays[output, wrt][(k, *place)])
                    wrong = error(got, result.exact, result.spread, FORMATS[self.form])
                    shares[k] = max(shares[k], wrong.share)
                    if self.measured[backend, output].add(wrong.share, wrong.ulps):
                        self.measured[backend, output].where = {
                            **{name: _plain(array[k]) for name, array in batch.arrays.items()},
                            **{name: _plain(np.asarray(v)) for name, v in batch.parameters.items()},
                            "of": [wrt, *place],
                            "computed": got,
                            "exact": float(result.exact) if result.exact.is_finite() else str(result.exact),
                            "unavoidable": float(result.spread),
                        }
        return shares

    def _formulas(self, batch: Batch) -> tuple[Exact, list[tuple[str, str, tuple[int, ...]]]]:
        """The compiled formulas for the sizes of a batch, and which entry of which output each belongs to."""
        if self._exact is None or self._exact[0] != batch.sizes:
            slots, outputs = [], []
            for output, by_wrt in self._derivatives.items():
                for wrt, expr in by_wrt.items():
                    indices: tuple[Symbol, ...] = ()
                    shape: tuple[int, ...] = ()
                    if wrt:
                        argument = self.loss.argument(wrt)
                        indices = element_of(argument).args[1:] if argument.axes else ()
                        shape = tuple(batch.sizes[a] for a in argument.axes)
                    for place in places(shape):
                        slots.append((output, wrt, place))
                        outputs.append((expr, dict(zip(indices, place, strict=True))))
            self._exact = (batch.sizes, Exact(self.loss.definitions, outputs), slots)
        return self._exact[1], self._exact[2]

    def _moves(self, batch: Batch, k: int) -> dict[tuple[str, tuple[int, ...]], tuple[float, ...]]:
        """Half an ulp up and down of every number that may have been rounded, where that stays in its domain."""
        moves = {}
        for one in self._movable:
            array = (
                batch.arrays[one.name][k]
                if one.name in batch.arrays
                else np.asarray(batch.parameters[one.name])
            )
            array = np.asarray(array, dtype=self.form)
            for place in np.ndindex(array.shape):
                x = float(array[place])
                if not math.isfinite(x):
                    continue
                half = math.ldexp(1.0, FORMATS[self.form].least - 1) if x == 0 else None
                half = float(np.spacing(abs(array[place]))) / 2 if half is None else half
                low, high = one.domain.lower, one.domain.upper
                moves[one.name, place] = tuple(
                    s * half for s in (1, -1) if not (x == low and s < 0) and not (x == high and s > 0)
                )
        return moves

    def _computed(self, kernel: Kernel, batch: Batch) -> dict[tuple[str, str], np.ndarray]:
        """Every output of a kernel, the examples in front."""
        if all(one.per_example for one in self.loss.inputs):
            return dict(self._call(kernel, batch, "none"))
        singles = [dict(self._call(kernel, batch.take(k), "sum")) for k in range(len(batch))]
        return {key: np.stack([s[key] for s in singles]) for key in singles[0]}

    def _call(
        self, kernel: Kernel, batch: Batch, reduction: str
    ) -> Iterator[tuple[tuple[str, str], np.ndarray]]:
        vectors = {n: a for n, a in batch.arrays.items() if n not in {i.name for i in self.loss.inputs}}
        inputs = {n: a for n, a in batch.arrays.items() if n not in vectors}
        options = {**batch.parameters, "reduction": reduction}
        yield ("value", ""), np.asarray(kernel.value(**inputs, **options))
        for output in self._derivatives:
            if output != "value":
                given = {**inputs, **vectors} if output == "hessian_vector_product" else inputs
                result = getattr(kernel, output)(**given, **options)
                if not isinstance(result, dict):
                    result = {self.loss.differentiated[0]: result}
                for wrt, array in result.items():
                    yield (output, wrt), np.asarray(array)


def _plain(array: np.ndarray) -> Any:
    return np.asarray(array).tolist()
