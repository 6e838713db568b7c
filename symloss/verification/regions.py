"""Says where something holds, in the loss's own terms: where |r| > delta, for target = 1, off the true class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import sympy
from sympy import Abs, Expr, Symbol, sign

from symloss.functions import INDEX_NAMES, Norm, compared, free_index
from symloss.value import Loss
from symloss.verification.probe import Probe

__all__ = ["Place", "region"]


@dataclass(frozen=True, eq=False)
class Place:
    """One number of a gradient: the probe, the tensor and the entry, the example first."""

    probe: Probe
    wrt: str
    entry: tuple[int, ...]

    @property
    def example(self) -> int:
        return self.entry[0] if self.wrt in self.probe.per_example else 0

    @property
    def own(self) -> tuple[int, ...]:
        return self.entry[1:] if self.wrt in self.probe.per_example else self.entry

    @property
    def number(self) -> float:
        """The number that the derivative is taken by."""
        return float(self.probe.arrays[self.wrt][self.entry])


@dataclass(frozen=True)
class Feature:
    """A property of places: its words, how complicated it is, and where it holds."""

    words: str
    price: float
    holds: np.ndarray


def region(loss: Loss, inside: list[Place], outside: list[Place]) -> str:
    """The simplest words that are true of all places inside and of none outside; "" where none are found.

    Where nothing else will do, each label is described by itself.
    """
    found = _one_region(loss, inside, outside)
    if found:
        return found
    for one in loss.inputs:
        label = one.domain.values or (
            one.domain.name == "Probability" and one.name not in loss.differentiated
        )
        if not label or one.axes or not one.per_example:
            continue
        parts = []
        for value in one.domain.values or (0, 1):
            here = [[p for p in places if float(_row(p, one.name)) == value] for places in (inside, outside)]
            if here[0]:
                words = _one_region(loss, *here)
                parts.append(
                    words and (f"{one.name} = {value}" + ("" if words == "everywhere" else f" and {words}"))
                )
        if parts and all(parts):
            return ", or ".join(parts)
    return ""


def _one_region(loss: Loss, inside: list[Place], outside: list[Place]) -> str:
    if not outside:
        return "everywhere"
    places = [*inside, *outside]
    mask = np.array([True] * len(inside) + [False] * len(outside))
    features = [f for f in _features(loss, places, mask) if np.all(f.holds[mask])]
    exact = [f for f in features if not np.any(f.holds[~mask])]
    if exact:
        return min(exact, key=lambda f: (f.price, f.words)).words
    best: tuple[float, str] | None = None
    features.sort(key=lambda f: (f.price, f.words))
    for a, b in combinations(features[:40], 2):
        if not np.any(a.holds[~mask] & b.holds[~mask]):
            found = (a.price + b.price, f"{a.words} and {b.words}")
            if best is None or found < best:
                best = found
    return best[1] if best else _two_kinks(loss, places, mask)


def _two_kinks(loss: Loss, places: list[Place], mask: np.ndarray) -> str:
    """At one join or at another, where each of the two is wholly inside."""
    probes = list({id(p.probe): p.probe for p in places}.values())
    pure = [
        f
        for f in _about_joins(loss, places, probes, mask)
        if f.words.startswith("at ") and np.any(f.holds) and not np.any(f.holds[~mask])
    ]
    for a, b in combinations(pure, 2):
        if np.all(a.holds[mask] | b.holds[mask]):
            return f"{a.words}, or {b.words}"
    return ""


def _features(loss: Loss, places: list[Place], mask: np.ndarray) -> Iterator[Feature]:
    probes = list({id(p.probe): p.probe for p in places}.values())
    yield from _about_labels(loss, places)
    yield from _about_joins(loss, places, probes, mask)
    yield from _about_parameters(loss, places, mask)
    counts = np.array([p.probe.count for p in places])
    yield Feature("batches of more than one example", 1.5, counts > 1)
    yield Feature("batches of one example", 1.5, counts == 1)
    numbers = np.array([p.number for p in places])
    name = places[0].wrt
    if len({p.wrt for p in places}) == 1:
        yield from _thresholds(name, numbers, mask, 1.2)
        yield from _thresholds(f"|{name}|", np.abs(numbers), mask, 1.3)
        for end in {float(e) for e in (loss.argument(name).domain.lower, loss.argument(name).domain.upper)}:
            if np.isfinite(end):
                yield Feature(f"{name} = {end:g}", 1.1, numbers == end)
                yield from _thresholds(
                    f"the distance of {name} from {end:g}", np.abs(numbers - end), mask, 1.6
                )
    else:
        for wrt in dict.fromkeys(p.wrt for p in places):
            yield Feature(f"the gradient by {wrt}", 1.0, np.array([p.wrt == wrt for p in places]))
    first = [i for i in loss.inputs if i.name == name and i.axes]
    if first:
        yield Feature(
            f"the first entry along {first[0].axes[0]}", 1.8, np.array([p.own[:1] == (0,) for p in places])
        )
    for one in loss.inputs:
        if one.axes and one.name in loss.differentiated:
            widest = np.array([float(np.max(np.abs(_row(p, one.name)))) for p in places])
            yield from _thresholds(f"the largest |{one.name}|", widest, mask, 1.5)


def _row(place: Place, name: str) -> np.ndarray:
    array = place.probe.arrays[name]
    return array[place.example] if name in place.probe.per_example else array


def _thresholds(name: str, numbers: np.ndarray, mask: np.ndarray, price: float) -> Iterator[Feature]:
    """``name > c`` and ``name < c`` where a number parts the places inside from those outside."""
    if not np.all(np.isfinite(numbers)):
        return
    inside = numbers[mask]
    least, most = inside.min(), inside.max()
    below = numbers[numbers < least]
    above = numbers[numbers > most]
    if len(below):
        c = _between(float(below.max()), float(least))
        yield Feature(f"{name} > {c:.12g}" if c < least else f"{name} ≥ {c:.12g}", price, numbers >= least)
    if len(above):
        c = _between(float(most), float(above.min()))
        yield Feature(f"{name} < {c:.12g}" if c > most else f"{name} ≤ {c:.12g}", price, numbers <= most)


def _between(low: float, high: float) -> float:
    """The plainest number from ``low`` to ``high``, nearer to the side that is certain."""
    if low < 0 < high:
        return 0.0
    middle = (low + high) / 2
    if low > 0 and high / low > 10:
        middle = (low * high) ** 0.5
    for digits in range(1, 17):
        rounded = float(f"{middle:.{digits}g}")
        if low <= rounded <= high:
            return rounded
    return middle


def _about_labels(loss: Loss, places: list[Place]) -> Iterator[Feature]:
    for one in loss.inputs:
        if one.name in loss.differentiated and not one.domain.values:
            continue
        label = one.domain.values or one.domain.name == "Probability"
        if label and not one.axes:
            values = np.array([float(_row(p, one.name)) for p in places])
            for value in one.domain.values or (0, 1):
                yield Feature(f"{one.name} = {value}", 0.9, values == value)
            if not one.domain.values:
                yield Feature(f"soft labels (0 < {one.name} < 1)", 1.2, (values > 0) & (values < 1))
        elif label:
            values = np.array([float(_row(p, one.name)[p.own]) if np.shape(_row(p, one.name))[: len(p.own)] and
                               len(p.own) == np.ndim(_row(p, one.name)) else np.nan for p in places])  # fmt: skip
            for value in one.domain.values:
                yield Feature(f"{one.name} = {value}", 0.9, values == value)
        if one.type.classes and not one.axes and all(p.own for p in places):
            on = np.array([p.own[0] == int(_row(p, one.name)) for p in places])
            yield Feature("on the true class", 0.9, on)
            yield Feature("off the true class", 0.9, ~on)
            if one.type.also:
                held = np.array([int(_row(p, one.name)) == p.probe.parameters[one.type.also] for p in places])
                yield Feature(f"{one.name} = {one.type.also}", 0.9, held)
        if one.domain.sums_to_one and all(len(p.own) == np.ndim(_row(p, one.name)) for p in places):
            share = np.array([float(_row(p, one.name)[p.own]) for p in places])
            yield Feature("on the true class", 1.0, share == 1)
            yield Feature("off the true class", 1.0, share == 0)
            yield Feature("soft labels", 1.2, (share > 0) & (share < 1))
            soft = np.array([float(np.max(_row(p, one.name))) < 1 for p in places])
            yield Feature("soft labels", 1.1, soft)


def _about_parameters(loss: Loss, places: list[Place], mask: np.ndarray) -> Iterator[Feature]:
    for p in loss.parameters:
        values = np.array([float(np.max(np.asarray(one.probe.parameters[p.name]))) for one in places])
        even = np.array(
            [bool(np.all(np.asarray(one.probe.parameters[p.name]) == p.default)) for one in places]
        )
        yield Feature(f"{p.name} other than {p.default}", 1.0, ~even)
        if not p.axes:
            yield from _thresholds(p.name, values, mask, 1.6)


def _about_joins(loss: Loss, places: list[Place], probes: list[Probe], mask: np.ndarray) -> Iterator[Feature]:
    by_probe: dict[int, list[int]] = {}
    for k, place in enumerate(places):
        by_probe.setdefault(id(place.probe), []).append(k)
    evaluators = {id(p): p.evaluator(loss) for p in probes}
    for left, right in _comparisons(loss):
        join = left - right
        free = [s for s in join.free_symbols if isinstance(s, Symbol) and s.name in INDEX_NAMES]
        own = {free_index(k) for k in range(4)}
        if any(s not in own for s in free):
            continue
        difference = np.zeros(len(places))
        try:
            for p in probes:
                for k in by_probe[id(p)]:
                    bound = dict(zip(sorted(free, key=str), places[k].own, strict=False))
                    value = np.asarray(evaluators[id(p)](join, bound), dtype=float)
                    difference[k] = value[places[k].example] if value.ndim else value
        except (KeyError, TypeError, ValueError, IndexError):
            continue
        a, b = str(left), str(right)
        yield Feature(f"{a} > {b}", 1.0, difference > 0)
        yield Feature(f"{a} < {b}", 1.0, difference < 0)
        at = f"{a} = {b}" if right != 0 or not left.is_Symbol else f"{a} = 0"
        yield Feature(f"at {at}", 0.95, difference == 0)
        yield Feature(f"{a} ≥ {b}", 1.1, difference >= 0)
        yield Feature(f"{a} ≤ {b}", 1.1, difference <= 0)
        near = np.abs(difference)
        inside = near[mask]
        if len(inside) and inside.max() < 0.05:
            outside = near[near > inside.max()]
            c = _between(float(inside.max()), float(outside.min())) if len(outside) else float(inside.max())
            c = max(c, float(inside.max()))
            no_join = right == 0 and str(left) in loss.definitions and not _turns(loss, left)
            yield Feature(f"within {c:.1g} of {at}", 1.6 if no_join else 1.05, near <= inside.max())


def _turns(loss: Loss, symbol: Expr) -> bool:
    """Whether the formula turns where a named intermediate is 0, as at a residual or a distance."""
    expressions = [loss.example, loss.batch, *(loss.gradient(w) for w in loss.differentiated)]
    absolute: bool = any(node.args[0] == symbol for e in expressions for node in e.atoms(Abs, sign))
    return absolute or isinstance(loss.definitions[str(symbol)].expr, Norm)


def _comparisons(loss: Loss) -> list[tuple[Expr, Expr]]:
    """The comparisons on which the loss turns."""
    found: dict[tuple[Expr, Expr], None] = {}
    zero = sympy.Integer(0)
    derivatives = [loss.gradient(w) for w in loss.differentiated]
    for e in [loss.example, loss.batch, *(d.expr for d in loss.definitions.values()), *derivatives]:
        for a, b in compared(e):
            if not (a.has(sympy.oo, -sympy.oo) or b.has(sympy.oo, -sympy.oo)):
                found.setdefault((b, a) if a.is_number else (a, b))
    for d in loss.definitions.values():
        if not d.indices:
            found.setdefault((d.symbol, zero))
    return list(found)
