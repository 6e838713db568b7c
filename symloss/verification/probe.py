"""Where a hand-written gradient is asked: ordinary points, kinks and both sides of them, ties, corners, extremes."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import sympy
from sympy import Expr, Symbol

from symloss.evaluate import Environment, evaluate
from symloss.functions import INDEX_NAMES, Binder, compared
from symloss.sample import SIZES, sample_argument
from symloss.value import Input, Loss, Parameter
from symloss.verification.arrays import ArrayEvaluator

__all__ = ["Probe", "joins", "probes"]

COUNTS = (5, 1, 2, 3)
"""How many examples the ordinary batches have: a factor 1/n shows between them."""

GRID = tuple(k / 8 for k in range(-40, 41))
"""Where a kink is looked for: numbers with few bits, so that the arithmetic that meets it is exact."""

BESIDE = (1e-2, 1e-4, 1e-6, 1e-9)
LARGE = (20.0, 36.5, 40.0, 89.5, 120.0, 711.0, 750.0, 1000.0, 1e4)
FAR = (3e4, 3e6, 3e9)
"""Beyond what a formula is tried at by hand: asked of losses of single numbers, which are quick."""
SMALL = (1e-3, 1e-5, 1e-8, 1e-12)
ENDS = (1e-3, 1e-5, 1e-8, 1e-12, 1e-17, 1e-40)


@dataclass(frozen=True, eq=False)
class Probe:
    """One call of the function under test: a batch of examples and the hyper-parameters.

    ``about`` says what it is for: ordinary, parameters, ignored, kink, beside or extreme. ``hard`` says that every
    label distribution in it is all on one class.
    """

    arrays: Mapping[str, np.ndarray]
    parameters: Mapping[str, Any]
    sizes: Mapping[str, int]
    about: str
    hard: bool
    count: int
    """The number of examples, or of entries along the batch's axis."""
    per_example: frozenset[str]
    weight: np.ndarray | None = None

    def environment(self, loss: Loss, i: int) -> Environment:
        """Example ``i`` as the reference reads it."""
        values: dict[str, Any] = {
            name: (a[i] if name in self.per_example else a).tolist() for name, a in self.arrays.items()
        }
        values |= {name: np.asarray(v).tolist() for name, v in self.parameters.items()}
        return Environment(values, self.sizes, loss.definitions)

    def evaluator(self, loss: Loss, definitions: Mapping[str, Any] | None = None) -> ArrayEvaluator:
        """The probe as the fast evaluator reads it."""
        chosen = loss.definitions if definitions is None else definitions
        return ArrayEvaluator(self.arrays, self.per_example, self.parameters, self.sizes, chosen)

    def example(self, i: int) -> Probe:
        """Example ``i`` alone; the whole probe where the loss spans the batch."""
        return self.examples([i])

    def examples(self, chosen: list[int]) -> Probe:
        """Some of the examples; the whole probe where the loss spans the batch."""
        if not self.per_example:
            return self
        arrays = {n: a[chosen] if n in self.per_example else a for n, a in self.arrays.items()}
        weight = None if self.weight is None else self.weight[chosen]
        return replace(self, arrays=arrays, count=len(chosen), weight=weight)


def probes(loss: Loss, seed: int) -> list[Probe]:
    """All probes of a loss, ordinary ones first. The same seed gives the same ones."""
    maker = _Maker(loss, seed)
    return [p for p in maker.every() if all(a.size for a in p.arrays.values())]


def joins(loss: Loss) -> list[Expr]:
    """Differences that change their sign where a formula goes over into another one."""
    found: dict[Expr, None] = {}
    derivatives = [loss.gradient(w) for w in loss.differentiated]
    for e in [loss.example, loss.batch, *(d.expr for d in loss.definitions.values()), *derivatives]:
        for a, b in compared(e):
            if not (a.is_integer and b.is_integer):
                found.setdefault(b - a if a.is_number else a - b)
    return [j for j in found if j.free_symbols and not j.has(sympy.oo, -sympy.oo)]


class _Maker:
    def __init__(self, loss: Loss, seed: int):
        self.loss = loss
        self.seed = seed
        self.draw = random.Random(zlib.crc32(f"{loss.name}/{seed}".encode()))
        self.per_example = frozenset(i.name for i in loss.inputs if i.per_example)
        self.joins = joins(loss)
        self.axis = None if self.per_example else next((i.axes[0] for i in loss.inputs if i.axes), None)
        self.sizes = {axis: SIZES[k % len(SIZES)] for k, axis in enumerate(loss.axes)}
        self.defaults = {p.name: self._filled(p, p.default) for p in loss.parameters}

    def every(self) -> Iterator[Probe]:
        yield from self.ordinary()
        yield from self.off_defaults()
        if self.per_example and not any(i.axes or i.type.classes for i in self.loss.inputs):
            yield self.batch(40, "ordinary")
        elif self.per_example:
            yield self.batch(8, "ordinary")
        yield from self.kinks()
        yield from self.ties()
        yield from self.extremes()

    # -- one batch --

    def batch(
        self,
        count: int,
        about: str,
        parameters: Mapping[str, Any] | None = None,
        hard: bool = True,
        again: int = 8,
    ) -> Probe:
        """A batch of ordinary numbers. Where labels may be soft, ``hard`` keeps them at whole classes."""
        sizes = dict(self.sizes)
        if about == "ordinary" and count % 2 == 0:  # axes of other lengths: a factor 1/C shows between them
            sizes = {axis: n + 1 for axis, n in sizes.items()}
        if self.axis is not None:
            sizes[self.axis] = count
        arrays = {}
        for one in self.loss.inputs:
            lead = (count,) if one.per_example else ()
            arrays[one.name] = self._drawn(one, sizes, lead, hard, count)
        given = dict(self.defaults if parameters is None else parameters)
        if sizes != self.sizes:
            given = {
                p.name: self._filled(p, given[p.name], sizes) if p.axes else given[p.name]
                for p in self.loss.parameters
            }
        made = Probe(arrays, given, sizes, about, hard or not self._soft(), count, self.per_example)
        if about in ("ordinary", "parameters") and again and not self._clear_of_kinks(made):
            return self.batch(count, about, parameters, hard, again - 1)
        return made

    def _clear_of_kinks(self, probe: Probe) -> bool:
        """Whether no example lies on a join by chance, where more than one derivative is right."""
        evaluator = probe.evaluator(self.loss)
        for join in self.joins:
            free = [s for s in join.free_symbols if isinstance(s, Symbol) and s.name in INDEX_NAMES]
            for places in product(
                range(max(2, *probe.sizes.values(), 0)) if free else (0,), repeat=len(free)
            ):
                try:
                    value = np.asarray(evaluator(join, dict(zip(free, places, strict=True))), dtype=float)
                except (IndexError, KeyError, TypeError, ValueError):
                    continue
                if np.any(np.abs(value) < 1e-6):
                    return False
        return True

    def _soft(self) -> bool:
        return any(self._label(i) for i in self.loss.inputs)

    def _label(self, one: Input) -> bool:
        """Whether a tensor is a label that may be soft: a probability that the loss is not differentiated by."""
        label = one.domain.sums_to_one or one.domain.name == "Probability"
        return label and one.name not in self.loss.differentiated

    def _drawn(
        self, one: Input, sizes: Mapping[str, int], lead: tuple[int, ...], hard: bool, count: int
    ) -> np.ndarray:
        if one.type.classes:
            shape = (*lead, *(sizes[a] for a in one.axes))
            return np.array([self.draw.randrange(sizes[one.type.classes]) for _ in range(int(np.prod(shape)))],
                            dtype=np.int64).reshape(shape)  # fmt: skip
        drawn = np.array(sample_argument(self.draw, one, sizes, lead)).astype(float)
        if self._label(one) and hard:
            return self._hardened(one, drawn)
        if one.domain.values and one.domain.values:
            drawn = self._every_value(one, drawn)
        if one.type.along is None and not one.domain.values:
            rounded = np.round(drawn, 2)
            inside = np.asarray(one.domain.contains(rounded))
            ends = np.isin(rounded, [float(e) for e in (one.domain.lower, one.domain.upper)])
            drawn = np.where(inside & ~ends, rounded, drawn)
        return drawn

    def _every_value(self, one: Input, drawn: np.ndarray) -> np.ndarray:
        """Labels of a finite set: each of them occurs, as soon as the batch has room for it."""
        flat = drawn.reshape(-1)
        order = list(one.domain.values)
        self.draw.shuffle(order)
        flat[: len(order)] = order[: len(flat)]
        return flat.reshape(drawn.shape)

    def _hardened(self, one: Input, drawn: np.ndarray) -> np.ndarray:
        if one.type.along is None:
            shape = drawn.shape
            return self._every_value(
                replace(one, type=replace(one.type, domain=replace(one.domain, values=(0, 1)))),
                np.array([float(self.draw.random() < 0.5) for _ in range(drawn.size)]).reshape(shape),
            )
        axis = one.axes.index(one.type.along) - len(one.axes)
        largest = drawn.max(axis=axis, keepdims=True)
        return (drawn == largest).astype(float)

    def _filled(self, p: Parameter, number: Any, sizes: Mapping[str, int] | None = None) -> Any:
        if p.axes:
            shape = tuple((sizes or self.sizes)[a] for a in p.axes)
            return np.broadcast_to(np.asarray(number, dtype=float).reshape(-1)[:1], shape).copy()
        return int(number) if p.domain.integer else float(number)

    # -- ordinary points --

    def ordinary(self) -> Iterator[Probe]:
        for count in COUNTS:
            yield self.batch(count, "ordinary")
        if self._soft():
            yield self.batch(5, "ordinary", hard=False)
            yield self.batch(2, "ordinary", hard=False)

    def off_defaults(self) -> Iterator[Probe]:
        """Each hyper-parameter in turn off its default, then all of them."""
        free = [p for p in self.loss.parameters if not p.domain.integer]
        for p in free:
            for _ in range(2):
                yield self.batch(6, "parameters", {**self.defaults, p.name: self._other(p)})
        if len(free) > 1:
            yield self.batch(6, "parameters", {**self.defaults, **{p.name: self._other(p) for p in free}})
        for one in self.loss.inputs:
            if one.type.also and one.type.classes:
                ignored = self.batch(6, "parameters")
                array = ignored.arrays[one.name].copy()
                array[::3] = self.defaults[one.type.also]
                yield replace(ignored, about="ignored", arrays={**ignored.arrays, one.name: array})

    def _other(self, p: Parameter) -> Any:
        for _ in range(20):
            drawn = np.round(np.asarray(sample_argument(self.draw, p, self.sizes), dtype=float), 2)
            away = np.all(np.abs(drawn - p.default) > 0.1)
            if away and np.all(p.domain.contains(drawn)) and np.all(drawn > 0):
                break
        return drawn if p.axes else float(drawn)

    # -- kinks, ties --

    def kinks(self) -> Iterator[Probe]:
        """Examples on each join of the formula, where the arithmetic is exact, and close to it on both sides."""
        settings = [self.defaults]
        few_bits = {
            p.name: p.default if p.domain.integer or float(p.default * 8).is_integer() else 0.25
            for p in self.loss.parameters
        }
        changed = {p.name: self._filled(p, few_bits[p.name]) for p in self.loss.parameters}
        if any(few_bits[p.name] != p.default for p in self.loss.parameters):
            settings.append(changed)
        for parameters in settings:
            at: list[dict[str, np.ndarray]] = []
            beside: list[dict[str, np.ndarray]] = []
            for join in self.joins:
                for arrays, name, place in self._on(join, parameters):
                    at.append(arrays)
                    beside += list(self._beside(arrays, name, place))
            yield from self._stacked(at, parameters, "kink")
            yield from self._stacked(beside, parameters, "beside")

    def _on(self, join: Expr, parameters: Mapping[str, Any]) -> Iterator[tuple[dict, str, tuple[int, ...]]]:
        """Examples on a join: one number is moved along a grid until the difference is exactly 0."""
        indices = {s: 0 for s in join.free_symbols if isinstance(s, Symbol) and s.name in INDEX_NAMES}
        for turn in range(2):
            simple = self._simple(parameters)
            names = [i for i in self.loss.inputs if i.differentiable]
            self.draw.shuffle(names)
            for one in names:
                place = tuple(0 for _ in range(simple[one.name].ndim - (1 if one.per_example else 0)))
                grid = [x for x in GRID if bool(one.domain.contains(x))]
                if one.type.along is not None or not self.loss.depends(join, one.name) or not grid:
                    continue
                zeros = self._zeros(join, indices, simple, one, place, grid, parameters)
                self.draw.shuffle(zeros)
                for x in zeros[:2]:
                    yield self._put(simple, one, place, x), one.name, place
                if zeros and turn:
                    break

    def _simple(self, parameters: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """One example of numbers with few bits; tensors along axes have one number other than 0."""
        arrays = {}
        for name, array in self.batch(1 if self.per_example else 3, "kink").arrays.items():
            one = self.loss.argument(name)
            if one.domain.values or one.type.classes or one.type.along is not None:
                arrays[name] = array
                continue
            drawn = np.round(array * 4) / 4
            if array.ndim > 1:
                drawn[..., 1:] = 0
            arrays[name] = np.where(np.asarray(one.domain.contains(drawn)), drawn, 0.5)
        return arrays

    def _zeros(self, join, indices, simple, one, place, grid, parameters) -> list[float]:
        environment = Probe(
            simple, parameters, self._sizes_of(simple), "", True, 1, self.per_example
        ).environment(self.loss, 0)
        found = []
        if one.per_example:
            many = {
                n: np.repeat(a, len(grid), axis=0) if n in self.per_example else a for n, a in simple.items()
            }
            many[one.name] = many[one.name].astype(float)
            many[one.name][(slice(None), *place)] = grid
            evaluator = Probe(many, parameters, self.sizes, "", True, len(grid), self.per_example).evaluator(
                self.loss
            )
            close = np.abs(np.broadcast_to(evaluator(join, indices), (len(grid),))) < 1e-9
            grid = [x for x, c in zip(grid, close, strict=True) if c]
        else:
            grid = [x for x in grid if abs(x) <= 1]
        for x in grid:
            moved = environment.replaced(one.name, place, x)
            if evaluate(join, moved, 50, indices) == 0:
                found.append(x)
        return found

    def _sizes_of(self, arrays: Mapping[str, np.ndarray]) -> dict[str, int]:
        sizes = dict(self.sizes)
        for one in self.loss.inputs:
            shape = arrays[one.name].shape
            sizes.update(zip(one.axes, shape[len(shape) - len(one.axes) :], strict=True))
        return sizes

    def _put(self, arrays: dict, one: Input, place: tuple[int, ...], x: float) -> dict[str, np.ndarray]:
        array = arrays[one.name].astype(float)
        array[(0, *place) if one.per_example else place] = x
        return {**arrays, one.name: array}

    def _beside(self, arrays: dict, name: str, place: tuple[int, ...]) -> Iterator[dict[str, np.ndarray]]:
        one = self.loss.argument(name)
        where = (0, *place) if one.per_example else place
        x = arrays[name][where]
        for distance in BESIDE:
            for moved in (x - distance, x + distance):
                if bool(one.domain.contains(moved)):
                    yield self._put(arrays, one, place, moved)

    def _stacked(self, rows: list[dict], parameters: Mapping[str, Any], about: str) -> Iterator[Probe]:
        """Examples as one batch, or one batch each where the loss spans it."""
        unique = list({tuple(a.tobytes() for a in row.values()): row for row in rows}.values())
        if not unique:
            return
        soft = self._soft()
        if self.per_example and all(i.per_example for i in self.loss.inputs):
            many = {n: np.concatenate([row[n] for row in unique]) for n in unique[0]}
            yield Probe(
                many,
                parameters,
                self.sizes,
                about,
                not soft or self._is_hard(many),
                len(unique),
                self.per_example,
            )
            return
        for row in unique[:12]:
            count = len(next(iter(row.values())))
            given = {
                p.name: self._filled(p, parameters[p.name], self._sizes_of(row)) for p in self.loss.parameters
            }
            yield Probe(
                row,
                given,
                self._sizes_of(row),
                about,
                not soft or self._is_hard(row),
                count,
                self.per_example,
            )

    def _is_hard(self, arrays: Mapping[str, np.ndarray]) -> bool:
        return all(
            np.all((arrays[i.name] == 0) | (arrays[i.name] == 1)) for i in self.loss.inputs if self._label(i)
        )

    def ties(self) -> Iterator[Probe]:
        """Entries of an axis that are equal, and tensors that coincide."""
        real = [i for i in self.loss.inputs if i.differentiable and i.type.along is None]
        rows = []
        for one in real:
            if one.axes and any(isinstance(b, Binder) for b in self._nodes()):
                row = dict(self.batch(1 if self.per_example else 3, "tie").arrays)
                row[one.name] = np.full_like(row[one.name], 0.5)
                rows.append(row)
        for k, one in enumerate(real):
            for other in real[k + 1 :]:
                row = dict(self.batch(1 if self.per_example else 3, "tie").arrays)
                if row[one.name].shape == row[other.name].shape and one.domain == other.domain:
                    rows.append({**row, other.name: row[one.name].copy()})
        yield from self._stacked(rows, self.defaults, "kink")

    def _nodes(self) -> Iterator[Expr]:
        for e in (self.loss.example, self.loss.batch, *(d.expr for d in self.loss.definitions.values())):
            yield from sympy.preorder_traversal(e)

    # -- extremes --

    def extremes(self) -> Iterator[Probe]:
        """Very large and very small numbers, and the ends of every domain, one number at a time."""
        rows = []
        for one in self.loss.inputs:
            if (
                not one.differentiable
                or one.type.along is not None
                or one.name not in self.loss.differentiated
            ):
                continue
            for x in self._extreme_numbers(one):
                for base in self._bases():
                    place = tuple(0 for _ in range(base[one.name].ndim - (1 if one.per_example else 0)))
                    rows.append(self._put(base, one, place, x))
                    if one.axes and self.per_example and abs(x) > 1 and not one.domain.values:
                        rows.append({**base, one.name: base[one.name] + x})
        yield from self._stacked(rows, self.defaults, "extreme")

    def _extreme_numbers(self, one: Input) -> list[float]:
        low, high = float(one.domain.lower), float(one.domain.upper)
        if np.isinf(low) and np.isinf(high):
            sizes = (*SMALL, *LARGE, *FAR) if not one.axes else (*SMALL[::2], *LARGE[1::2])
            return [0.0, *(s * x for x in sizes for s in (-1, 1))]
        near = [low + e for e in ENDS] if np.isfinite(low) else []
        near += [high - e for e in ENDS] if np.isfinite(high) else []
        reach = (*LARGE, *FAR) if not one.axes else LARGE
        far = [x for x in reach if low < x < high] + [-x for x in reach if low < -x < high]
        ends = [e for e in (low, high) if np.isfinite(e)]
        return [x for x in dict.fromkeys([*ends, *near, *far]) if bool(one.domain.contains(x))]

    def _bases(self) -> Iterator[dict[str, np.ndarray]]:
        """Ordinary examples, one for each value of a label; the second of two real tensors at 0."""
        labels = [i for i in self.loss.inputs if i.domain.values or (self._label(i) and not i.axes)]
        values = labels[0].domain.values or (0, 1) if labels else (None,)
        for value in values:
            base = dict(self.batch(1 if self.per_example else 3, "extreme").arrays)
            if value is not None and self.per_example:
                base[labels[0].name] = np.full_like(base[labels[0].name], value)
            for one in self.loss.inputs:
                plain = not (one.domain.values or one.type.classes or one.axes)
                if plain and one.name not in self.loss.differentiated and one.domain.name == "Real":
                    base[one.name] = np.zeros_like(base[one.name])
            yield base
