"""Tries a claim at numbers: a counterexample is checked with 50 digits, and comes with a line to paste."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import mpmath

from symloss.analyze.slices import Slice
from symloss.analyze.straight import affine_along
from symloss.evaluate import Environment, evaluate
from symloss.sample import sample
from symloss.value import Input, Loss

__all__ = [
    "POINTS",
    "defaults",
    "environment",
    "flat_along",
    "not_convex",
    "not_convex_along",
    "not_convex_near",
    "number",
    "pasted",
    "value_of",
]

DIGITS = 50
POINTS = 400
"""How many segments or places are tried."""


def value_of(loss: Loss, at: Environment, digits: int = DIGITS) -> Any:
    """The loss by the textbook definitions."""
    return evaluate(loss.expression, at, digits)


def environment(slice_: Slice, x: Any, **others: Any) -> Environment:
    """The numbers of all arguments where the slice's x has a value, every axis having one entry.

    Free labels are 0, or where that is outside their domain, 1.
    """
    loss = slice_.loss
    values: dict[str, Any] = {p.name: mpmath.mpmathify(p.default) for p in loss.parameters}
    for argument in loss.inputs:
        values[argument.name] = mpmath.mpf(0 if argument.domain.contains(0.0) else 1)
    values.update({name: mpmath.mpf(v.p) / v.q for name, v in slice_.at})
    values.update(others)
    moved = mpmath.mpf(0)  # the meaning of x is the tensor, and perhaps less or plus another input
    for other in loss.inputs:
        if other.name != slice_.wrt:
            moved += int(slice_.meaning.coeff(other.symbol)) * values[other.name]
    values[slice_.wrt] = (mpmath.mpf(x) - moved) * int(slice_.meaning.coeff(loss.argument(slice_.wrt).symbol))
    for argument in (*loss.inputs, *loss.parameters):
        for _ in argument.axes:
            values[argument.name] = [values[argument.name]]
    return Environment(values, dict.fromkeys(loss.axes, 1), loss.definitions)


def grid(low: float, high: float) -> list[Any]:
    """Places of many sizes between two ends, exact in double precision, in order."""
    fine = [k / 16 for k in range(-128, 129)]
    far = [s * 2.0**k for k in range(4, 12) for s in (-1, -0.75, 0.75, 1)]
    near = [s * 2.0**-k for k in range(3, 20) for s in (-1, 1)]
    places = {*fine, *far, *near}
    if low > -float("inf") and high < float("inf"):
        width = high - low
        places = {low + width * k / 256 for k in range(257)}
        places |= {low + width * 2.0**-k for k in range(9, 30)} | {
            high - width * 2.0**-k for k in range(9, 30)
        }
    return sorted(p for p in places if low < p < high)


def not_convex(slice_: Slice, flat: bool = False) -> dict[str, Any] | None:
    """Three numbers between which the loss lies above its chord (or, ``flat``, on it), if some are found."""
    d = slice_.domain
    if not all(e.is_Rational or e.is_infinite for e in (d.lower, d.upper)):
        return None
    places = grid(float(d.lower), float(d.upper))
    places = [float(d.lower)] * (not d.lower_open) + places + [float(d.upper)] * (not d.upper_open)
    loss = slice_.loss
    value: dict[float, Any] = {}

    def f(x: float) -> Any:
        if x not in value:
            value[x] = value_of(loss, environment(slice_, x), 40)
        return value[x]

    best: tuple[Any, float, float] | None = None
    with mpmath.workdps(40):
        for a, b in zip(places, places[2:], strict=False):
            above = _excess(f(a), f((a + b) / 2), f(b))
            if (
                above is not None
                and ((above == 0) if flat else above > 0)
                and (best is None or above > best[0])
            ):
                best = above, a, b
    if best is None:
        return None
    _, a, b = best
    a, b = _widened(f, a, b, float(d.lower), float(d.upper), flat)
    return _three(loss, slice_.wrt, [environment(slice_, x) for x in (a, (a + b) / 2, b)], flat)


def not_convex_near(slice_: Slice, low: Any, high: Any) -> dict[str, Any] | None:
    """As :func:`not_convex`, between two numbers; either may be infinite."""
    if low.free_symbols or high.free_symbols:
        return None
    a, b = (None if end.is_infinite else float(end) for end in (low, high))
    if a is None:
        a = b - 64 if b is not None else -64.0
    if b is None:
        b = a + 128
    for centre in ((a + b) / 2, a + (b - a) / 4, b - (b - a) / 4):
        for k in range(-6, 44, 2):
            ends = [centre - 2.0**-k, centre, centre + 2.0**-k]
            if all(slice_.domain_contains(x) for x in ends) and ends[0] < centre < ends[2]:
                shown = _three(slice_.loss, slice_.wrt, [environment(slice_, x) for x in ends], False)
                if shown is not None:
                    return shown
    return None


def _widened(f: Any, a: float, b: float, low: float, high: float, flat: bool) -> tuple[float, float]:
    """A wider chord on which it still shows, so that the counterexample is plain to see in double precision."""
    for _ in range(6):
        wide = b - a
        c, d = a - wide / 2, b + wide / 2
        if not (low < c and d < high) or (a + b) / 2 != (c + d) / 2:
            break
        with mpmath.workdps(40):
            now, wider = _excess(f(a), f((a + b) / 2), f(b)), _excess(f(c), f((c + d) / 2), f(d))
        if wider is None or (wider != 0 if flat else wider <= now):
            break
        a, b = c, d
    return a, b


def _excess(left: Any, middle: Any, right: Any) -> Any:
    """How far the middle lies above the chord, past rounding; None where a value is no finite real number."""
    if any(isinstance(v, mpmath.mpc) or not mpmath.isfinite(v) for v in (left, right)):
        return None
    if middle == mpmath.inf:
        return middle
    if isinstance(middle, mpmath.mpc) or not mpmath.isfinite(middle):
        return None
    above = middle - (left + right) / 2
    size = abs(left) + abs(middle) + abs(right)
    return above if abs(above) > size * mpmath.mpf(10) ** -25 else mpmath.mpf(0)


def _three(loss: Loss, wrt: str, at: list[Environment], flat: bool) -> dict[str, Any] | None:
    """The counterexample, from the definitions with 50 digits."""
    with mpmath.workdps(DIGITS):
        values = [value_of(loss, e) for e in at]
        above = _excess(*values)
        if above is None or (above != 0 if flat else above <= 0):
            return None
        return {
            "points": [number(e.values[wrt]) for e in at],
            "values": [mpmath.nstr(v, 12) for v in values],
            "above_the_chord": mpmath.nstr(above, 6),
            "others": {i.name: number(at[0].values[i.name]) for i in loss.inputs if i.name != wrt},
            "paste": pasted(loss, at),
        }


def number(value: Any) -> Any:
    """As plain Python numbers, whole ones without a point."""
    if isinstance(value, (list, tuple)):
        return [number(v) for v in value]
    x = float(value)
    return int(x) if x.is_integer() and abs(x) < 2**53 else x


def pasted(loss: Loss, at: list[Environment]) -> str:
    """A line of Python that computes the values; ``loss`` is the loss."""
    if loss.kind == "elementwise" or loss.kind == "axis":
        arguments = [[number(e.values[i.name]) for e in at] for i in loss.inputs]
        call = f"loss.load().value({', '.join(map(str, arguments))}, {_keywords(loss)}reduction='none')"
    else:
        calls = (
            f"kernel.value({', '.join(str(number(e.values[i.name])) for i in loss.inputs)}"
            f"{', ' + _keywords(loss)[:-2] if loss.parameters else ''})"
            for e in at
        )
        return f"kernel = loss.load(); [{', '.join(calls)}]"
    return call


def _keywords(loss: Loss) -> str:
    return "".join(f"{p.name}={p.default}, " for p in loss.parameters)


def not_convex_along(loss: Loss, wrt: tuple[str, ...]) -> dict[str, Any] | None:
    """Two points of several numbers between which the loss lies above its chord, if some are found."""
    for seed in range(POINTS):
        draw = random.Random(f"{loss.name}:{','.join(wrt)}:{seed}")
        here = sample(loss, seed)
        ends: list[dict[str, Any]] = [{}, {}]
        for name in wrt:
            argument = loss.argument(name)
            for end in ends:
                end[name] = _spread(draw, argument, here.sizes)
        values = []
        at = []
        for share in (0, mpmath.mpf(1) / 2, 1):
            mixed = {name: _mix(ends[0][name], ends[1][name], share) for name in wrt}
            at.append(
                Environment({**here.values, **defaults(loss, here), **mixed}, here.sizes, loss.definitions)
            )
            values.append(value_of(loss, at[-1], 30))
        with mpmath.workdps(30):
            above = _excess(*values)
        if above is not None and above > 0:
            return {
                "points": [{name: number(e.values[name]) for name in wrt} for e in at],
                "values": [mpmath.nstr(v, 12) for v in values],
                "above_the_chord": mpmath.nstr(above, 6),
                "others": {i.name: number(here.values[i.name]) for i in loss.inputs if i.name not in wrt},
                "paste": pasted(loss, at),
            }
    return None


def flat_along(loss: Loss, wrt: str) -> dict[str, Any] | None:
    """Two points between which the loss is its chord, by numbers and by algebra: moved in all entries, or in one."""
    for seed in range(6):
        here = sample(loss, seed)
        start = here.values[wrt]
        first = _plus(start, 1, only_first=True)
        for moved in (_plus(start, 1), first):
            at = [
                Environment(
                    {**here.values, **defaults(loss, here), wrt: _mix(start, moved, share)},
                    here.sizes,
                    loss.definitions,
                )
                for share in (0, mpmath.mpf(1) / 2, 1)
            ]
            if at[0].values[wrt] == at[2].values[wrt]:
                continue
            with mpmath.workdps(DIGITS):
                values = [value_of(loss, e) for e in at]
                above = _excess(*values)
            if above == 0 and affine_along(loss, wrt, at[0], moved is first):
                return {
                    "points": [number(e.values[wrt]) for e in at],
                    "values": [mpmath.nstr(v, 12) for v in values],
                    "others": {i.name: number(here.values[i.name]) for i in loss.inputs if i.name != wrt},
                    "paste": pasted(loss, at),
                }
    return None


def _plus(value: Any, number: int, only_first: bool = False) -> Any:
    if not isinstance(value, list):
        return mpmath.mpf(value) + number
    return [_plus(v, number if k == 0 or not only_first else 0, only_first) for k, v in enumerate(value)]


def defaults(loss: Loss, at: Environment) -> dict[str, Any]:
    """The hyper-parameters at their defaults, in the sizes of an environment."""

    def filled(shape: tuple[int, ...], value: Any) -> Any:
        return [filled(shape[1:], value) for _ in range(shape[0])] if shape else value

    return {
        p.name: filled(tuple(at.sizes[a] for a in p.axes), mpmath.mpmathify(p.default))
        for p in loss.parameters
    }


def _spread(draw: random.Random, argument: Input, sizes: Mapping[str, int]) -> Any:
    """A point of the domain, on one of several scales, exact in double precision."""
    scale = draw.choice((0.25, 1, 4))
    low, high = float(argument.domain.lower), float(argument.domain.upper)

    def one() -> Any:
        x = round(draw.uniform(-3, 3) * scale * 64) / 64
        if low > -float("inf") and high < float("inf"):
            x = low + (high - low) * draw.randrange(1, 128) / 128
        elif low > -float("inf"):
            x = low + abs(x) + 1 / 64
        return mpmath.mpf(x)

    def fill(shape: tuple[int, ...]) -> Any:
        return [fill(shape[1:]) for _ in range(shape[0])] if shape else one()

    return fill(tuple(sizes[a] for a in argument.axes))


def _mix(a: Any, b: Any, share: Any) -> Any:
    if isinstance(a, list):
        return [_mix(x, y, share) for x, y in zip(a, b, strict=True)]
    return a * (1 - share) + b * share
