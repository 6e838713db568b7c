"""Holds the value that a function gives beside its gradient against the loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import mpmath
import numpy as np

from symloss.evaluate import magnitude
from symloss.value import Loss
from symloss.verification.probe import Probe
from symloss.verification.trial import ShapeError, Trial
from symloss.verification.truth import ROUNDINGS, settled
from symloss.verification.verdicts import ALIKE, SINGLE, Scale

__all__ = ["Gap", "gaps", "nearly_scaled", "only_a_constant"]

Gap = tuple[Probe, float, float, float]
"""A probe, the value that was given, the one that was expected, and how far rounding may part them."""

DIGITS = 25


def gaps(trial: Trial, probes: list[Probe], scale: Scale) -> Iterator[Gap]:
    """Each value beside the loss under a scale. Values of another shape than the loss's are nowhere near it."""
    loss = trial.loss
    for probe in probes:
        try:
            parts = trial.parts(probe)
        except ShapeError:
            continue
        if parts is None or parts.value is None:
            continue
        given = np.ravel(parts.value)
        exact, allowed = _values(loss, probe)
        if probe.weight is not None:
            exact, allowed = exact * probe.weight, allowed * probe.weight
        if len(given) == len(exact) and len(exact) > 1:
            factor = abs(float(scale.of(1)))
            rows = zip(given, exact * float(scale.of(1)), allowed * factor, strict=True)
            for k, (value, expected, bound) in enumerate(rows):
                yield probe.example(k), float(value), float(expected), float(bound)
            continue
        if len(given) != 1:
            yield probe, float("nan"), float(np.sum(exact)), 0.0
            continue
        count = float(np.sum(probe.weight)) if probe.weight is not None else float(probe.count)
        by = float(scale.of(count))
        yield probe, float(given[0]), float(np.sum(exact)) * by, float(np.sum(allowed)) * abs(by)


def nearly_scaled(every: list[Gap]) -> bool:
    """Whether all values are off by one and the same factor near 1, which no constant in single precision explains."""
    told = [(given, expected) for _, given, expected, _ in every if expected]
    if len({expected for _, expected in told}) < 4:
        return False
    off = np.array([given / expected - 1 for given, expected in told])
    middle = abs(float(np.median(off)))
    return middle > 2 * SINGLE and bool(np.ptp(off) <= ALIKE * middle + ROUNDINGS * 2.0**-52)


def only_a_constant(trial: Trial, probes: list[Probe], scale: Scale, wrts: Callable[[str], bool]) -> bool:
    """Whether the values miss the loss by what no differentiated tensor moves: such a value has this gradient."""
    told = False
    for probe in probes:
        if not probe.per_example or probe.count < 2:
            continue
        moved = {n: np.roll(a, 1, axis=0) if wrts(n) else a for n, a in probe.arrays.items()}
        before = list(gaps(trial, [probe], scale))
        after = list(gaps(trial, [replace(probe, arrays=moved)], scale))
        if len(before) != len(after):
            return False
        for (_, given, expected, bound), (_, other, there, more) in zip(before, after, strict=True):
            if not abs((given - expected) - (other - there)) <= bound + more + SINGLE * abs(given - expected):
                return False
            told = told or abs(expected - there) > bound + more
    return told


def _values(loss: Loss, probe: Probe) -> tuple[np.ndarray, np.ndarray]:
    """The loss of each example, or of the batch, and how far the roundings of single precision may move it."""
    expr = loss.example if probe.per_example else loss.expression
    values, allowed = [], []
    for i in range(probe.count if probe.per_example else 1):
        environment = probe.environment(loss, i)
        with mpmath.workdps(40):
            exact = settled(expr, environment, DIGITS, {})
            terms = magnitude(expr, environment, 30, {})
            values.append(float(exact))
            allowed.append(float(ROUNDINGS * SINGLE * max(abs(exact), terms)))
    return np.array(values), np.array(allowed)
