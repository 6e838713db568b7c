"""Compares an output with a candidate for it: equal up to a constant and a power of the number of examples?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["ROUGH", "Fit", "fitted", "plain_number", "proportional"]

POWERS = (0, -1, 1, -2)
"""The powers of n that people write, or forget: the sum, the mean, and each of them once too often."""

CLOSE = 1e-7
"""Two numbers this near are taken for the same while candidates are screened; the verdict is never taken from it."""


ROUGH = 1e-5
"""The same while a reading is chosen: single precision shall not hide the right one."""


@dataclass(frozen=True)
class Fit:
    """given ≈ factor · n^power · candidate, for this share of the numbers."""

    factor: float
    power: int
    share: float


def fitted(
    given: np.ndarray,
    candidate: np.ndarray,
    counts: np.ndarray,
    powers: Sequence[int] = POWERS,
    close: float = CLOSE,
) -> Fit | None:
    """The constant and the power of n with which a candidate comes nearest to what was given."""
    usable = np.isfinite(given) & np.isfinite(candidate)
    if not usable.any():
        return None
    given, candidate, counts = given[usable], candidate[usable], counts[usable]
    scale = max(float(np.max(np.abs(candidate))), 1e-30)
    strong = np.abs(candidate) > 1e-6 * scale
    best: Fit | None = None
    for power in powers:
        scaled = candidate * counts.astype(float) ** power
        ratios = given[strong] / scaled[strong]
        guesses = [1.0]
        if len(ratios):
            guesses += [float(np.median(ratios)), *_common(ratios)]
        for guess in dict.fromkeys(plain_number(g, close) for g in guesses if g and np.isfinite(g)):
            error = np.abs(given - guess * scaled)
            same = error <= close * (np.abs(given) + np.abs(guess * scaled)) + 1e-7 * close * scale * abs(
                guess
            )
            share = float(np.mean(same))
            if best is None or share > best.share + 1e-12:
                best = Fit(guess, power, share)
    return best


def proportional(given: np.ndarray, candidate: np.ndarray, counts: np.ndarray) -> bool:
    """Whether one constant and one power of n can lead from a candidate to what was given: a quick look."""
    if not np.all(np.isfinite(candidate)):
        return False
    some = np.abs(candidate) > 1e-12 * max(float(np.max(np.abs(candidate))), 1e-300)
    if not some.any() or np.any(np.abs(given[~some]) > 1e-6 * np.max(np.abs(given))):
        return False
    ratios = given[some] / candidate[some]
    for power in POWERS:
        scaled = ratios / counts[some].astype(float) ** power
        if np.max(scaled) - np.min(scaled) <= 1e-6 * np.max(np.abs(scaled)):
            return True
    return False


def _common(ratios: np.ndarray) -> list[float]:
    """The ratio that most entries have, where it is not the middle one."""
    rounded = np.round(ratios, 9)
    values, times = np.unique(rounded, return_counts=True)
    return [float(values[np.argmax(times)])]


def plain_number(x: float, close: float = CLOSE) -> float:
    """A number that is as good as a simple fraction as that fraction."""
    for q in (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 100):
        p = round(x * q)
        if p and abs(x * q - p) <= close * abs(p) and abs(p) < 10000:
            return p / q
    return x
