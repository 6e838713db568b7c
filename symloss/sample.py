"""Points of the declared domains: seeded, moderate in size, with the corners of a finite domain among them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import mpmath

from symloss.evaluate import Environment

if TYPE_CHECKING:
    from symloss.value import Input, Loss

__all__ = ["SIZES", "sample", "sample_number"]

SIZES = (3, 2, 4, 2, 3)
"""The lengths given to the axes of a loss, in order of appearance."""


WIDE = 100
"""An interval that reaches beyond this on both sides is drawn from as all real numbers are."""


def sample(loss: Loss, seed: int, sizes: Mapping[str, int] | None = None) -> Environment:
    """An environment for one example of ``loss``, or for the batch where it spans it."""
    draw = random.Random(f"{loss.name}:{seed}")
    sizes = dict(sizes or {axis: SIZES[k % len(SIZES)] for k, axis in enumerate(loss.axes)})
    values: dict[str, Any] = {p.name: sample_argument(draw, p, sizes) for p in loss.parameters}
    values.update({i.name: sample_argument(draw, i, sizes) for i in loss.inputs})
    return Environment(values, sizes, loss.definitions)


def sample_argument(
    draw: random.Random, argument: Input, sizes: Mapping[str, int], lead: tuple[int, ...] = ()
) -> Any:
    """A nested list of numbers of the argument's domain, with ``lead`` axes in front of its own."""
    if lead:
        return [sample_argument(draw, argument, sizes, lead[1:]) for _ in range(lead[0])]
    shape = tuple(sizes[a] for a in argument.axes)
    drawn = _fill(shape, lambda: sample_number(draw, argument, sizes))
    if argument.type.along is None:
        return drawn
    return _normalised(drawn, argument.axes.index(argument.type.along))


def sample_number(draw: random.Random, argument: Input, sizes: Mapping[str, int]) -> Any:
    """One number of the argument's domain, exactly representable in double precision."""
    domain = argument.domain
    if argument.type.classes:
        return draw.randrange(sizes[argument.type.classes])
    if domain.values:
        return draw.choice(domain.values)
    if domain.integer:
        return draw.randint(-5, 5) * 20 - 100
    low, high = float(domain.lower), float(domain.upper)
    if low < -WIDE and high > WIDE:
        low, high = -float("inf"), float("inf")
    if high < float("inf"):
        if low > -float("inf"):
            return low + (high - low) * draw.uniform(0.03, 0.97)
        return high - draw.uniform(0.05, 3.0)
    if low > -float("inf"):
        return low + draw.uniform(0.05, 3.0)
    return draw.uniform(-3.0, 3.0)


def _fill(shape: tuple[int, ...], one: Any) -> Any:
    return [_fill(shape[1:], one) for _ in range(shape[0])] if shape else one()


def _normalised(values: list, axis: int) -> list:
    """Numbers that sum to one along an axis, to far more digits than any check asks for."""
    if axis > 0:
        return [_normalised(v, axis - 1) for v in values]
    if isinstance(values[0], list):
        columns = [_normalised([row[k] for row in values], 0) for k in range(len(values[0]))]
        return [[column[r] for column in columns] for r in range(len(values))]
    with mpmath.workdps(200):
        total = mpmath.fsum(values)
        return [mpmath.mpf(v) / total for v in values]
