"""Measures the kernels of one loss against exact results."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from typing import Any

import numpy as np
from flint import arb
from sympy import Symbol

from symloss.certificate import Measured
from symloss.certify.bound import FORMATS, NO_ERROR, NOT_A_NUMBER, Error, error, half_ulps
from symloss.certify.exact import Exact, Result, places
from symloss.certify.points import Batch, movable
from symloss.derive import element_of, vectors_of
from symloss.runtime import Kernel
from symloss.schedule import expressions
from symloss.value import Loss

__all__ = ["Measurement"]


class Measurement:
    """The kernels of a loss in one format, and what was measured of them.

    A kernel may be anything with the methods of one; of several of one backend the worst counts, result by result.
    ``outputs`` chooses what is measured, such as "value"; None: all.
    """

    def __init__(self, loss: Loss, kernels: list[Kernel], form: str, outputs: Collection[str] | None = None):
        self.loss, self.kernels, self.form = loss, kernels, form
        self._derivatives = {o: e for o, e in expressions(loss).items() if outputs is None or o in outputs}
        left_out = () if "hessian_vector_product" in self._derivatives else vectors_of(loss)
        self._movable = [one for one in movable(loss) if one not in left_out]
        self._exact: tuple[dict[str, int], Exact, list[tuple[str, str, tuple[int, ...]]]] | None = None
        self.measured = {
            (k.backend, output): Measured(k.backend, form, output)
            for k in kernels
            for output in self._derivatives
        }

    def __call__(self, batch: Batch) -> dict[str, np.ndarray]:
        """Measure a batch; for each output the largest share of the bound of each example."""
        shares = {output: np.zeros(len(batch)) for output in self._derivatives}
        computed: dict[str, list[dict[tuple[str, str], np.ndarray]]] = {}
        for kernel in self.kernels:
            computed.setdefault(kernel.backend, []).append(self._computed(kernel, batch))
        exact, slots = self._formulas(batch)
        for k in range(len(batch)):
            point = batch.point(k)
            results = exact.results(point, self._moves(batch, k), FORMATS[self.form])
            numbers = [x for by_place in point.values.values() for x in by_place.values()]
            lenient = self._leniency(numbers)
            for (output, wrt, place), result in zip(slots, results, strict=True):
                for backend, versions in computed.items():
                    found = [float(arrays[output, wrt][(k, *place)]) for arrays in versions]
                    judged = [(self._judged(got, result, lenient), got) for got in dict.fromkeys(found)]
                    wrong, got = max(judged, key=lambda one: one[0].share)
                    shares[output][k] = max(shares[output][k], wrong.share)
                    self._note(self.measured[backend, output], wrong, batch, k, (wrt, *place), got, result)
        return shares

    def _judged(self, got: float, result: Result, lenient: Callable[[float, Any], Error | None]) -> Error:
        return lenient(got, result.exact) or error(got, result.exact, result.spread, FORMATS[self.form])

    def _leniency(self, numbers: list[float]) -> Callable[[float, Any], Error | None]:
        """What is asked of an example beside the bound, or instead of it: an error, or None for the bound."""
        if any(map(math.isnan, numbers)):
            # it comes out wherever the exact formula lets it
            return lambda got, exact: NOT_A_NUMBER if exact.is_nan() and not math.isnan(got) else NO_ERROR
        if any(map(math.isinf, numbers)) and self.loss.kind != "elementwise":
            # among several entries the limit depends on how the others move, and NaN may say so
            return lambda got, exact: NO_ERROR if math.isnan(got) else None
        if any(x == 0 and math.copysign(1, x) < 0 for x in numbers):
            # a pole at 0 has the sign of the side that one comes from
            return lambda got, exact: NO_ERROR if math.isinf(got) and math.isinf(float(exact)) else None
        return lambda got, exact: None

    def _note(
        self, m: Measured, wrong: Error, batch: Batch, k: int, entry: tuple, got: float, result: Result
    ) -> None:
        """Count one result, and keep it where it is the worst so far."""
        if result.exact.is_nan() and not wrong.share:
            m.undefined += 1
            return
        m.results += 1
        m.beyond += wrong.share > 1
        m.beyond_four_ulp += wrong.ulps > 4
        m.ulps = max(m.ulps, wrong.ulps)
        ordinary = self._is_ordinary(m.output, batch, k, result.exact)
        m.ordinary += ordinary
        m.ordinary_beyond += ordinary and wrong.share > 1
        first = wrong.share > 1 and ordinary and m.ordinary_beyond == 1
        if first or (wrong.share > m.share and (ordinary or not m.ordinary_beyond)):
            at = {name: array[k].tolist() for name, array in batch.arrays.items()}
            at |= {name: np.asarray(v).tolist() for name, v in batch.parameters.items()}
            m.where = {
                "at": {name: at[name] for name in self._read_by(m.output, batch)},
                "entry": [e for e in entry if e != ""],
                "computed": got,
                "exact": float(result.exact),
                "unavoidable": float(result.spread),
                "ulps": wrong.ulps,
            }
        m.share = max(m.share, wrong.share)

    def _read_by(self, output: str, batch: Batch) -> list[str]:
        """The arguments that an output depends on: the vectors are those of the Hessian alone."""
        vectors = () if output == "hessian_vector_product" else {v.name for v in vectors_of(self.loss)}
        return [name for name in (*batch.arrays, *batch.parameters) if name not in vectors]

    def _is_ordinary(self, output: str, batch: Batch, k: int, exact: Any) -> bool:
        """Whether every number is 0 or within a quarter of the format's exponents, and the result is normal."""
        form = FORMATS[self.form]
        if not exact.is_finite() or abs(exact) >= arb((1, form.overflow)):
            return False
        if not exact.is_zero() and abs(exact) < arb((1, form.least + form.digits - 1)):
            return False
        end = 2.0 ** (form.overflow / 4)
        names = self._read_by(output, batch)
        numbers = [np.ravel(batch.arrays[n][k] if n in batch.arrays else batch.parameters[n]) for n in names]
        sizes = abs(np.concatenate(numbers).astype(float))
        return bool(np.all((sizes == 0) | ((sizes >= 1 / end) & (sizes <= end))))

    @property
    def evaluations(self) -> int:
        """How many exact formulas have been evaluated."""
        return 0 if self._exact is None else self._exact[1].evaluations

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

    def _moves(self, batch: Batch, k: int) -> dict[tuple[str, tuple[int, ...]], tuple[Any, ...]]:
        """Half an ulp up and down for every number that may have been rounded.

        A number at an end of its domain, as the 1 of a probability, is taken to be meant.
        """
        moves = {}
        for one in self._movable:
            array = (
                batch.arrays[one.name][k]
                if one.name in batch.arrays
                else np.asarray(batch.parameters[one.name])
            )
            for place in np.ndindex(array.shape):
                x = float(array[place])
                if math.isfinite(x) and x not in (one.domain.lower, one.domain.upper):
                    moves[one.name, place] = half_ulps(x, FORMATS[self.form])
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
