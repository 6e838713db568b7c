"""Characteristics of an elementwise loss as numbers on a grid show them: rough, but independent of every proof."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from symloss.value import Loss

__all__ = ["CHECKS", "on_a_grid"]

LABELS = {(0, 1): (0.0, 1.0), (-1, 1): (-1.0, 1.0)}


FAR = 500.0


class Grid:
    """Value and gradient of a loss along the prediction, for each label or for some targets."""

    def __init__(self, loss: Loss):
        self.loss = loss
        kernel = loss.load("numpy")
        prediction, target = loss.argument(loss.differentiated[0]), self._target(loss)
        self.x = _places(float(prediction.domain.lower), float(prediction.domain.upper))
        real = (0.5,) if float(target.domain.lower) == 0 else (0.25, -1.75)
        self.binary = bool(target.domain.values) or float(target.domain.upper) == 1
        labels = LABELS.get(target.domain.values) or ((0.0, 1.0) if self.binary else real)
        self.labels = labels
        names = prediction.name, target.name

        def along(function: Callable[..., Any], label: float) -> np.ndarray:
            given = dict(zip(names, (self.x, np.full_like(self.x, label)), strict=True))
            return function(**given, reduction="none")

        self.values = [along(kernel.value, label) for label in labels]
        self.slopes = [along(kernel.gradient, label) for label in labels]
        self.margins = target.domain.values == (-1, 1)

    @staticmethod
    def _target(loss: Loss):
        return next(i for i in loss.inputs if i.name != loss.differentiated[0])

    @property
    def bends(self) -> list[np.ndarray]:
        """How fast the slope changes, from one point to the next."""
        return [np.diff(s) / np.diff(self.x) for s in self.slopes]

    def expected(self, p: float) -> np.ndarray:
        """The loss where the label of the class 1 has the probability p."""
        return (1 - p) * self.values[0] + p * self.values[1]

    def best(self, p: float) -> float:
        """The prediction that has the least expected loss."""
        return float(self.x[np.argmin(self.expected(p))])


def _places(low: float, high: float) -> np.ndarray:
    """Close together near 0, and some far away."""
    near = np.linspace(max(low, -30.0), min(high, 30.0), 4001)
    if low == 0:
        near[0] = 1e-6
    if high == 1:
        near[-1] = 1 - 1e-6
    far = np.geomspace(31, FAR, 40)
    return np.concatenate([-far[::-1] if low < -FAR else [], near, far if high > FAR else []])


def on_a_grid(loss: Loss) -> Grid:
    """The grid of a loss."""
    return Grid(loss)


ROOM = 1e-9
PROBABILITIES = (0.1, 0.3, 0.65, 0.9)


def _convex(g: Grid) -> bool:
    return all((np.diff(s) >= -ROOM).all() for s in g.slopes)


def _strictly(g: Grid) -> bool:
    """No stretch of it is straight; far out, where numbers cannot tell, nothing is asked."""
    near = np.abs(g.x[:-1] - np.clip(g.x[:-1], -4, 4)) == 0
    return all((np.diff(s)[near] > 0).all() for s in g.slopes)


def _proper(g: Grid) -> bool:
    """The best prediction is the probability; of scores, it tells one probability from another."""
    best = [g.best(p) for p in PROBABILITIES]
    if g.x[0] > 0:
        return all(abs(b - p) < 2e-3 for b, p in zip(best, PROBABILITIES, strict=True))
    return best[0] > -FAR and best[-1] < FAR and bool((np.diff(best) > 0).all())


def _calibrated(g: Grid) -> bool:
    middle = 0.0 if g.margins or g.x[0] < 0 else 0.5
    for p in PROBABILITIES:
        risk = g.expected(p)
        wrong = (g.x <= middle) if p > 0.5 else (g.x >= middle)
        if not risk[~wrong].min() < risk[wrong].min() - ROOM:
            return False
    return True


def _noise_symmetric(g: Grid) -> bool:
    return bool(np.ptp(g.values[0] + g.values[1]) < 1e-6)


def _upper_bound(g: Grid) -> bool:
    return all((v >= (g.x * label <= 0) - ROOM).all() for v, label in zip(g.values, g.labels, strict=True))


def _monotone(g: Grid) -> bool:
    return all((s * label <= ROOM).all() for s, label in zip(g.slopes, g.labels, strict=True))


def _dead_zone(g: Grid) -> bool:
    return any((np.abs(s) < 1e-300).sum() > 20 for s in g.slopes)


CHECKS: dict[str, Callable[[Grid], Any]] = {
    "convex": _convex,
    "strictly_convex": _strictly,
    "strongly_convex": lambda g: min(float(b.min()) for b in g.bends),
    "lipschitz": lambda g: max(float(np.abs(s).max()) for s in g.slopes),
    "smoothness": lambda g: max(float(np.abs(b).max()) for b in g.bends),
    "lower": lambda g: min(float(v.min()) for v in g.values),
    "upper": lambda g: max(float(v.max()) for v in g.values),
    "dead_zone": _dead_zone,
    "proper": _proper,
    "strictly_proper": _proper,
    "calibrated": _calibrated,
    "upper_bound": _upper_bound,
    "monotone": _monotone,
    "noise_symmetric": _noise_symmetric,
}
"""What a grid can say of a characteristic: yes or no, or a number."""
