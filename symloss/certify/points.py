"""Where a kernel is measured: over the whole format, at the ends of every domain, and beside every kink."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy
from sympy import Expr, Symbol

from symloss.certify.exact import Exact, Point
from symloss.derive import vectors_of
from symloss.functions import INDEX_NAMES, compared
from symloss.value import Input, Loss

__all__ = [
    "Batch",
    "beside_kinks",
    "movable",
    "mutated",
    "not_finite",
    "remarkable",
    "settings",
    "spread_out",
    "stacked",
]

SIZES = (3, 2, 4, 2, 3)
"""The lengths of the axes of a loss, in order of appearance."""

NEAR = (0, 1, 2, 3, 4, 6, 9, 14, 22, 34, 50, 64)
"""How many ulp from a kink, on both sides."""


@dataclass(frozen=True)
class Batch:
    """Examples that share their hyper-parameters. ``arrays`` have the examples in front of their own axes."""

    loss: Loss
    arrays: dict[str, np.ndarray]
    parameters: dict[str, Any]
    sizes: dict[str, int]

    def __len__(self) -> int:
        return len(next(iter(self.arrays.values())))

    def point(self, k: int) -> Point:
        """One example, as the exact formulas read it."""
        values = {name: _by_place(array[k]) for name, array in self.arrays.items()}
        values |= {name: _by_place(np.asarray(number)) for name, number in self.parameters.items()}
        return Point(values, self.sizes)

    def take(self, places: Any) -> Batch:
        """Some of the examples."""
        return replace(self, arrays={name: array[places] for name, array in self.arrays.items()})


def _by_place(array: np.ndarray) -> dict[tuple[int, ...], float]:
    return {place: array[place].item() for place in np.ndindex(array.shape)}


def tensors(loss: Loss) -> tuple[Input, ...]:
    """What an example consists of: the inputs, and the vectors of a Hessian–vector product where there is one."""
    return (*loss.inputs, *(vectors_of(loss) if loss.kind == "axis" else ()))


def movable(loss: Loss) -> tuple[Input, ...]:
    """The arguments that hold real numbers: labels and whole numbers are exact."""
    return tuple(
        a
        for a in (*tensors(loss), *loss.parameters)
        if not (a.domain.values or a.domain.integer or a.type.classes)
    )


# --- hyper-parameters -------------------------------------------------------------------------------------

_EXTREMES = (0.0, 0.5, 1.0, 3.0, 1e-3, 1e3, 1e-12, 1e12, 1e-30, 1e30)


def settings(loss: Loss, form: str, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Hyper-parameters: the defaults, then each in turn at the extremes of its domain, then all drawn at random."""
    sizes = _sizes(loss)
    default = {p.name: _filled(p, p.default, sizes, form) for p in loss.parameters}
    yield default
    for p in loss.parameters:
        if p.domain.integer:
            continue
        ends = [float(e) for e in (p.domain.lower, p.domain.upper) if e not in (sympy.oo, -sympy.oo)]
        inside = [np.nextafter(np.dtype(form).type(e), np.dtype(form).type(0.5)) for e in ends]
        for number in dict.fromkeys([*_EXTREMES, *ends, *map(float, inside)]):
            with np.errstate(over="ignore"):
                rounded = float(np.dtype(form).type(number))
            if rounded != p.default and np.isfinite(rounded) and bool(p.domain.contains(rounded)):
                yield default | {p.name: _filled(p, rounded, sizes, form)}
    real = [p for p in loss.parameters if not p.domain.integer]
    for _ in range(4 if real else 0):
        drawn = {p.name: numbers(rng, p, (1,), form)[0] for p in real if not p.axes}
        drawn |= {p.name: numbers(rng, p, (1, *_shape(p, sizes)), form)[0] for p in real if p.axes}
        yield default | {k: v if np.ndim(v) else v.item() for k, v in drawn.items()}


def _filled(p: Input, number: Any, sizes: Mapping[str, int], form: str) -> Any:
    if p.domain.integer:
        return int(number)
    rounded = np.dtype(form).type(number)
    return np.full(_shape(p, sizes), rounded) if p.axes else float(rounded)


def _sizes(loss: Loss) -> dict[str, int]:
    return {axis: SIZES[k % len(SIZES)] for k, axis in enumerate(loss.axes)}


def _shape(argument: Input, sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(sizes[a] for a in argument.axes)


# --- tensors ----------------------------------------------------------------------------------------------


def spread_out(
    loss: Loss, parameters: dict[str, Any], count: int, form: str, rng: np.random.Generator
) -> Batch:
    """Examples of every size that the format holds, from subnormal numbers to the largest, and of moderate ones."""
    sizes = _sizes(loss)
    arrays: dict[str, np.ndarray] = {}
    plain = rng.random(count) < 0.5
    for one in tensors(loss):
        shape = (count, *_shape(one, sizes))
        drawn = numbers(rng, one, shape, form, sizes, plain)
        before = [a for a in arrays.values() if a.shape == drawn.shape and a.dtype == drawn.dtype]
        if before and _is_real(one):
            drawn = _beside(rng, drawn, before)
        arrays[one.name] = drawn
    return Batch(loss, arrays, parameters, sizes)


def remarkable(loss: Loss, parameters: dict[str, Any], form: str, rng: np.random.Generator) -> Batch | None:
    """Moderate examples, each with one number that is remarkable, in any order: all of them, for each tensor."""
    sizes = _sizes(loss)
    real = {one.name for one in movable(loss) if one.type.along is None}
    chosen = [
        (one, x)
        for one in tensors(loss)
        if one.name in real
        for x in _remarkable(form).astype(form)
        if one.domain.contains(float(x))
    ]
    if not chosen:
        return None
    count = len(chosen)
    plain = np.ones(count, dtype=bool)
    arrays = {
        one.name: numbers(rng, one, (count, *_shape(one, sizes)), form, sizes, plain) for one in tensors(loss)
    }
    for k, place in enumerate(rng.permutation(count)):
        one, x = chosen[place]
        arrays[one.name][(k, *(int(rng.integers(n)) for n in _shape(one, sizes)))] = x
    return Batch(loss, arrays, parameters, sizes)


def _is_real(one: Input) -> bool:
    return one.domain.lower == -sympy.oo and one.domain.upper == sympy.oo


def _beside(rng: np.random.Generator, drawn: np.ndarray, before: list[np.ndarray]) -> np.ndarray:
    """A quarter of the numbers next to those of another tensor, from which they may be subtracted."""
    other = before[rng.integers(len(before))]
    with np.errstate(over="ignore", invalid="ignore"):
        near = other * (
            1 + rng.choice([-1, 1], drawn.shape) * 2.0 ** -rng.uniform(1, 54, drawn.shape)
        ).astype(drawn.dtype)
    chosen = rng.random(drawn.shape) < 0.25
    return np.where(chosen & np.isfinite(near), near, drawn)


def numbers(
    rng: np.random.Generator,
    one: Input,
    shape: tuple[int, ...],
    form: str,
    sizes: Mapping[str, int] | None = None,
    plain: np.ndarray | None = None,
) -> np.ndarray:
    """Numbers of an argument's domain; the ``plain`` examples are moderate in all of them, so that sums occur."""
    plain = np.zeros(shape[0], dtype=bool) if plain is None else plain
    domain = one.domain
    if one.type.classes:
        return rng.integers(0, (sizes or {})[one.type.classes], shape)
    if domain.values:
        return rng.choice(np.array(domain.values, dtype=form), shape)
    if one.type.along is not None:
        return _distributions(rng, shape, 1 + one.axes.index(one.type.along), form)
    low, high = float(domain.lower), float(domain.upper)
    drawn = _over_the_format(rng, shape, form, plain)
    if np.isinf(low) and np.isinf(high):
        return drawn
    if np.isinf(high) or np.isinf(low):
        drawn = low + abs(drawn) if np.isinf(high) else high - abs(drawn)
    else:
        wide = _over_the_format(rng, shape, form, plain)
        inside = (wide > low) & (wide < high) & (high - low > 100)
        drawn = np.where(inside, wide, low + (high - low) * _shares(rng, shape, form, plain))
    with np.errstate(over="ignore"):
        drawn = drawn.astype(form)
    outside = ~np.asarray(domain.contains(drawn), dtype=bool)
    middle = low + 1 if np.isinf(high) else high - 1 if np.isinf(low) else (low + high) / 2
    with np.errstate(over="ignore"):
        return np.where(outside, np.dtype(form).type(middle if np.isfinite(middle) else 1.0), drawn)


def _over_the_format(
    rng: np.random.Generator, shape: tuple[int, ...], form: str, plain: np.ndarray
) -> np.ndarray:
    info = np.finfo(form)
    lead = (shape[0], *(1 for _ in shape[1:]))
    kind = np.where(rng.random(lead) < 0.1, 4, rng.integers(0, 4, shape))
    kind = np.where(plain.reshape(lead), 0, kind)
    signs = rng.choice([-1.0, 1.0], shape)
    moderate = rng.normal(0, rng.choice([1.0, 10.0, 100.0], lead), shape)
    anywhere = signs * 2.0 ** rng.uniform(info.minexp - info.nmant, info.maxexp, shape)
    near_one = signs * 2.0 ** rng.uniform(-60, 12, shape)
    known = _remarkable(form)
    subnormal = signs * 2.0 ** rng.uniform(info.minexp - info.nmant, info.minexp + 2, shape)
    choice = [moderate, anywhere, near_one, known[rng.integers(0, len(known), shape)], subnormal]
    return np.select([kind == k for k in range(5)], choice).astype(form)


def _remarkable(form: str) -> np.ndarray:
    """Small whole numbers, the ends of the format, and what exp takes to its ends."""
    info = np.finfo(form)
    ends = [info.eps, 1 + info.eps, 1 - info.epsneg, info.tiny, info.smallest_subnormal, info.max, -info.max]
    logarithms = [36.7, -36.7, 745.2, -745.2, 709.8, 88.7, -103.9, -87.4, 16.7]
    return np.array([0.0, -0.0, 1, -1, 0.5, 2, *ends, *logarithms])


def _shares(rng: np.random.Generator, shape: tuple[int, ...], form: str, plain: np.ndarray) -> np.ndarray:
    """Numbers in [0, 1], also next to its ends."""
    info = np.finfo(form)
    lead = (shape[0], *(1 for _ in shape[1:]))
    kind = np.where(plain.reshape(lead), 0, rng.integers(0, 5, shape))
    small = 2.0 ** rng.uniform(info.minexp - info.nmant, 0, shape)
    smallish = 2.0 ** rng.uniform(-info.nmant - 1, 0, shape)
    remarkable = np.array([0, 1, 0.5, info.smallest_subnormal, info.tiny, info.eps, 1 - info.epsneg])
    choice = [rng.random(shape), small, smallish, 1 - smallish, remarkable[rng.integers(0, 7, shape)]]
    return np.select([kind == k for k in range(5)], choice).astype(form)


def _distributions(rng: np.random.Generator, shape: tuple[int, ...], axis: int, form: str) -> np.ndarray:
    """Numbers that sum to 1 along an axis, as nearly as the format has it: even, uneven, and all on one entry."""
    lead = tuple(1 if k == axis else n for k, n in enumerate(shape))
    kind = rng.integers(0, 3, lead)
    raw = np.select(
        [kind == 0, kind == 1],
        [rng.random(shape) + 0.01, 2.0 ** rng.uniform(-40, 0, shape)],
        rng.random(shape),
    )
    raw = np.where((kind == 2) & (raw < raw.max(axis=axis, keepdims=True)), 0.0, raw)
    return (raw / raw.sum(axis=axis, keepdims=True)).astype(form)


def not_finite(batch: Batch, rng: np.random.Generator) -> Batch:
    """The examples once more for each tensor, with a NaN in it, and with infinities where its domain goes that far."""
    found = [batch]
    for one in tensors(batch.loss):
        if one.type.classes:
            continue
        for number in (np.nan, np.inf, -np.inf):
            end = one.domain.upper if number > 0 else one.domain.lower
            if not np.isnan(number) and (one.domain.values or not end.is_infinite):
                continue
            array = batch.arrays[one.name].copy()
            for k in range(len(batch)):
                array[(k, *(int(rng.integers(n)) for n in array.shape[1:]))] = number
            found.append(replace(batch, arrays={**batch.arrays, one.name: array}))
    return stacked(found) or batch


# --- beside kinks -----------------------------------------------------------------------------------------


def beside_kinks(
    batch: Batch, formulas: Sequence[tuple[Mapping[str, Any], list[Expr]]], rng: np.random.Generator
) -> Iterator[tuple[Batch | None, int]]:
    """Examples moved to both sides of the joins of the formulas, within 64 ulp, and how many evaluations it took.

    ``formulas`` are definitions and the expressions that use them. On each join one number of an example is moved
    until the join lies between two neighbouring floating-point numbers; None where moving it does not get there.
    """
    names = [a for a in movable(batch.loss) if a.name in batch.arrays]
    joins = [(definitions, side) for definitions, exprs in formulas for side in _joins(exprs, definitions)]
    for place in rng.permutation(len(joins)):
        definitions, side = joins[place]
        indices = {s: int(rng.integers(0, 2)) for s in side.free_symbols if s.is_Symbol and _is_index(s)}
        exact = Exact(definitions, [(side, indices)])
        for k in range(len(batch)):
            before = exact.evaluations
            argument = names[rng.integers(len(names))]
            entry = tuple(int(rng.integers(n)) for n in batch.arrays[argument.name].shape[1:])
            moved = _at_join(exact, batch.take([k]), argument, (0, *entry))
            yield moved, exact.evaluations - before


def _is_index(s: Symbol) -> bool:
    return bool(s.is_integer) and s.name in INDEX_NAMES


def _joins(exprs: list[Expr], definitions: Mapping[str, Any]) -> list[Expr]:
    """Differences that change their sign where a formula goes over into another one."""
    every = [*exprs, *(d.expr for d in definitions.values())]
    joins = {a - b for e in every for a, b in compared(e) if not (a.is_integer and b.is_integer)}
    return [
        j
        for j in sorted(joins, key=sympy.default_sort_key)
        if j.free_symbols and not j.has(sympy.oo, -sympy.oo)
    ]


def _at_join(exact: Exact, one: Batch, argument: Input, place: tuple[int, ...]) -> Batch | None:
    """The example with the number at ``place`` moved to every distance of NEAR from the join, if there is one."""
    array = one.arrays[argument.name]
    kind = array.dtype.type
    point = one.point(0)
    numbers_ = {name: dict(v) for name, v in point.values.items()}

    def side(x: float) -> int:
        numbers_[argument.name][place[1:]] = x
        return exact.sign(Point(numbers_, point.sizes))

    tried = [0.0, *(s * 2.0**e for e in (-60, -20, -8, -3, 0, 2, 4, 7, 10) for s in (-1, 1))]
    tried += [float(v) for numbers in point.values.values() for v in numbers.values()]
    tried = sorted({x for t in tried if np.isfinite(x := float(kind(t))) and argument.domain.contains(x)})
    signs = [side(x) for x in tried]
    bracket = next(
        (
            (a, b, p)
            for a, b, p, q in zip(tried, tried[1:], signs, signs[1:], strict=False)
            if p != q and {p, q} <= {-1, 0, 1}
        ),
        None,
    )
    if bracket is None:
        return None
    low, high, at_low = bracket
    a, b = _order(kind(low)), _order(kind(high))
    while b - a > 1:
        middle = (a + b) // 2
        if side(float(_number(middle, kind))) == at_low:
            a = middle
        else:
            b = middle
    beside = [_number(b + s * d, kind) for d in NEAR for s in (-1, 1)]
    kept = [x for x in dict.fromkeys(beside) if np.isfinite(x) and argument.domain.contains(float(x))]
    copies = {name: np.repeat(v, len(kept), axis=0) for name, v in one.arrays.items()}
    where: Any = (slice(None), *place[1:])
    copies[argument.name][where] = kept
    return replace(one, arrays=copies)


def _order(x: Any) -> int:
    """The place of a floating-point number among all of its format."""
    bits = int(np.abs(x).view(np.int64 if x.dtype == np.float64 else np.int32))
    return -bits if np.signbit(x) else bits


def _number(order: int, kind: Any) -> Any:
    whole = np.int64 if kind is np.float64 else np.int32
    size = whole(abs(order)).view(kind)
    return -size if order < 0 else size


# --- the next generation of a search ----------------------------------------------------------------------


def mutated(batch: Batch, rng: np.random.Generator) -> Batch:
    """Each example with one number moved: by a few ulp, by a power of two, to another one's place, or anew."""
    arrays = {name: array.copy() for name, array in batch.arrays.items()}
    names = [a for a in movable(batch.loss) if a.name in arrays]
    for k in range(len(batch)):
        one = names[rng.integers(len(names))]
        array = arrays[one.name]
        kind = array.dtype.type
        place = (k, *(int(rng.integers(n)) for n in array.shape[1:]))
        x = array[place]
        way = rng.integers(6)
        with np.errstate(all="ignore"):
            if way == 0:
                x = _number(_order(x) + int(rng.integers(-64, 65)), kind)
            elif way == 1:
                x = kind(x * 2.0 ** float(rng.integers(-3, 4)))
            elif way == 2:
                x = kind(x * (1 + rng.normal() * 2.0 ** -float(rng.uniform(0, 50))))
            elif way == 3:
                x = kind(x + rng.normal() * 2.0 ** -float(rng.uniform(0, 20)))
            elif way == 4:
                x = numbers(rng, one, (1,), array.dtype.name, batch.sizes)[0] if one.type.along is None else x
            else:
                x = -x
        if np.isfinite(x) and bool(one.domain.contains(x)):
            array[place] = x
    return replace(batch, arrays=arrays)


def stacked(batches: list[Batch]) -> Batch | None:
    """The examples of several batches of the same hyper-parameters."""
    if not batches:
        return None
    arrays = {name: np.concatenate([b.arrays[name] for b in batches]) for name in batches[0].arrays}
    return replace(batches[0], arrays=arrays)
