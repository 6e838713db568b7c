"""Evaluates expressions for all examples of a probe at once, in floating point: fast enough for many candidates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy
from sympy import Expr, Indexed, Symbol
from sympy.logic.boolalg import BooleanFunction

from symloss.functions import ELEMENTARY, ArgMax, AxisMax, Binder, Sum
from symloss.value import Definition

__all__ = ["ArrayEvaluator"]

_UNARY = {f.function: getattr(np, f.in_numpy) for f in ELEMENTARY} | {sympy.Abs: np.abs, sympy.sign: np.sign}

_COMPARE = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


class ArrayEvaluator:
    """Reads every function by its textbook definition, as symloss.evaluate does, with one array for all examples.

    ``arrays`` are the inputs; those in ``per_example`` have the examples in front of their own axes. Equal
    subexpressions are computed once in the evaluator's life, so that candidates which differ in one place are cheap.
    """

    def __init__(
        self,
        arrays: Mapping[str, np.ndarray],
        per_example: frozenset[str],
        parameters: Mapping[str, Any],
        sizes: Mapping[str, int],
        definitions: Mapping[str, Definition],
    ):
        self._values = {
            name: np.asarray(a, dtype=np.float64 if np.asarray(a).dtype.kind == "f" else None)
            for name, a in {**arrays, **parameters}.items()
        }
        self._per_example = per_example
        self._sizes = dict(sizes)
        self._definitions = definitions
        self._known: dict[Any, Any] = {}
        self._examples = np.arange(next((len(arrays[n]) for n in arrays if n in per_example), 1))

    def __call__(self, expr: Expr, indices: Mapping[Symbol, int] | None = None) -> Any:
        """The value of ``expr``: an array over the examples, or one number where it varies with none."""
        with np.errstate(all="ignore"):
            return self._run(sympy.sympify(expr), tuple((indices or {}).items()))

    def _run(self, e: Expr, bound: tuple[tuple[Symbol, int], ...]) -> Any:
        key = (e, bound)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._computed(e, bound)
        return found

    def _computed(self, e: Expr, bound: tuple) -> Any:
        if isinstance(e, sympy.Number):
            return np.float64(e) if not e.is_Rational else np.float64(e.p) / np.float64(e.q)
        if isinstance(e, sympy.NumberSymbol):
            return np.float64(float(e))
        if isinstance(e, Symbol):
            return self._symbol(e, bound)
        if isinstance(e, Indexed):
            return self._element(e.base.label.name, [self._run(a, bound) for a in e.args[1:]], bound)
        method = getattr(self, "_" + type(e).__name__, None)
        if method is not None:
            return method(e, bound)
        if type(e) in _UNARY:
            return _UNARY[type(e)](self._run(e.args[0], bound))
        if isinstance(e, sympy.core.relational.Relational):
            return _COMPARE[e.rel_op](*(self._run(a, bound) for a in e.args))
        if isinstance(e, BooleanFunction):
            parts = [self._run(a, bound) for a in e.args]
            if type(e).__name__ == "Not":
                return np.logical_not(parts[0])
            return (np.logical_and if type(e).__name__ == "And" else np.logical_or).reduce(
                np.broadcast_arrays(*parts)
            )
        if e in (sympy.true, sympy.false):
            return bool(e)
        return self._run(e.definition(), bound)

    def _symbol(self, e: Symbol, bound: tuple) -> Any:
        for index, place in bound:
            if index == e:
                return place
        if e.name in self._sizes and e.name not in self._values:
            return np.float64(self._sizes[e.name])
        return self._element(e.name, [], bound)

    def _element(self, name: str, places: list[Any], bound: tuple) -> Any:
        definition = self._definitions.get(name)
        if definition is not None:
            if any(np.ndim(p) for p in places):
                return self._gathered(definition, places)
            inner = tuple(zip(definition.indices, map(int, places), strict=True))
            return self._run(definition.expr, inner)
        array = self._values[name]
        if any(np.ndim(p) for p in places):
            places = [np.asarray(p).astype(np.int64) for p in places]
            limits = array.shape[1 if name in self._per_example else 0 :]
            places = [np.where((p >= 0) & (p < n), p, 0) for p, n in zip(places, limits, strict=True)]
            lead: tuple[Any, ...] = (self._examples,) if name in self._per_example else ()
            return array[(*lead, *places)]
        where: tuple[Any, ...] = tuple(int(p) for p in places)
        return array[(slice(None), *where)] if name in self._per_example else array[where]

    def _gathered(self, definition: Definition, places: list[Any]) -> Any:
        """A named intermediate at a place that differs between the examples."""
        every = [np.broadcast_to(np.asarray(p, dtype=np.int64), self._examples.shape) for p in places]
        result: np.ndarray = np.full(self._examples.shape, np.nan, dtype=np.float64)
        for combination in sorted(set(zip(*(p.tolist() for p in every), strict=True))):
            here = np.logical_and.reduce([p == c for p, c in zip(every, combination, strict=True)])
            inner = tuple(zip(definition.indices, combination, strict=True))
            value = np.broadcast_to(self._run(definition.expr, inner), result.shape)
            result[here] = value[here]
        return result

    def _Add(self, e, bound):
        total = self._run(e.args[0], bound)
        for a in e.args[1:]:
            total = total + self._run(a, bound)
        return total

    def _Mul(self, e, bound):
        product = self._run(e.args[0], bound)
        for a in e.args[1:]:
            product = product * self._run(a, bound)
        return product

    def _Pow(self, e, bound):
        base, exponent = (self._run(a, bound) for a in e.args)
        return np.power(np.asarray(base, dtype=np.float64), exponent)

    def _Max(self, e, bound):
        return np.maximum.reduce(np.broadcast_arrays(*(self._run(a, bound) for a in e.args)))

    def _Min(self, e, bound):
        return np.minimum.reduce(np.broadcast_arrays(*(self._run(a, bound) for a in e.args)))

    def _KroneckerDelta(self, e, bound):
        a, b = (self._run(x, bound) for x in e.args)
        return np.equal(a, b) * np.float64(1)

    def _Cases(self, e, bound):
        result = None
        for value, condition in reversed(e.pairs):
            chosen = self._run(value, bound)
            result = chosen if result is None else np.where(self._run(condition, bound), chosen, result)
        return result

    def _entries(self, e: Binder, bound: tuple) -> list:
        size = int(self._run(e.size, bound))
        return [self._run(e.body, (*bound, (e.index, k))) for k in range(size)]

    def _Sum(self, e: Sum, bound):
        total = np.float64(0)
        for entry in self._entries(e, bound):
            total = total + entry
        return total

    def _over_examples(self, e, bound):
        return np.sum(np.broadcast_to(self._run(e.args[0], bound), self._examples.shape))

    def _AxisMax(self, e: AxisMax, bound):
        return np.maximum.reduce(np.broadcast_arrays(*self._entries(e, bound)))

    def _ArgMax(self, e: ArgMax, bound):
        return np.argmax(np.stack(np.broadcast_arrays(*self._entries(e, bound))), axis=0)
