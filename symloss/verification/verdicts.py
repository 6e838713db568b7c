"""Holds every number that a function gave against the truth: right, accepted at a kink, lost in rounding, or wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import mpmath
import numpy as np
from sympy import Expr, Rational

from symloss.value import Loss
from symloss.verification.probe import Probe
from symloss.verification.regions import Place
from symloss.verification.trial import Trial
from symloss.verification.truth import ROUNDINGS, Truth

__all__ = ["OutOfTime", "Scale", "Verdict", "alike", "counts_of", "judged", "scaled_alike"]

SINGLE = 2.0**-23
"""A result that is as good as one computed in single precision comes from the right formula, and lost digits."""


PLAINLY = 1e-6
"""A difference that no rounding between ordinary numbers explains, even where the derivative itself is tiny."""

ENOUGH = 20
"""How many results with lost digits are looked at closely."""


class OutOfTime(Exception):
    """The budget is used up."""


@dataclass(frozen=True)
class Scale:
    """given = factor · n^power · the derivative of one example's loss."""

    factor: float = 1.0
    power: int = 0

    def of(self, count: float) -> Any:
        """The scale for a batch, exactly."""
        exact = Rational(self.factor).limit_denominator(10**6)
        factor = (
            mpmath.mpf(int(exact.p)) / int(exact.q)
            if abs(float(exact) - self.factor) < 1e-12
            else mpmath.mpf(self.factor)
        )
        return factor * mpmath.mpf(count) ** self.power


@dataclass(frozen=True, eq=False)
class Verdict:
    """What became of one number. ``status``: ok, kink, nan, inf, digits, wrong or skipped."""

    place: Place
    given: float
    exact: Any
    status: str
    count: float
    eps: float
    weight: float = 1.0
    """That of the example, where the function weighs examples."""

    @property
    def ulps(self) -> float:
        """The error in units in the last place of the exact result."""
        if not np.isfinite(self.given) or not mpmath.isfinite(self.exact):
            return float("inf")
        ulp = max(abs(float(self.exact)) * self.eps, 5e-324)
        return float(abs(mpmath.mpf(self.given) - self.exact) / ulp)


def counts_of(loss: Loss, probe: Probe, wrt: str, singly: bool) -> float:
    """What a mean over the batch divides by."""
    if singly or wrt not in probe.per_example:
        return 1.0
    if loss.normalizer == 1 and probe.weight is None:
        return float(probe.count)
    weights = 1.0 if probe.weight is None else probe.weight
    total = probe.evaluator(loss)(loss.normalizer)
    return float(np.sum(np.broadcast_to(weights * total, (probe.count,))))


def judged(
    trial: Trial, truth: Truth, probes: list[Probe], scale: Scale, deadline: float
) -> Iterator[Verdict]:
    """Every number of one derivative. Raises OutOfTime."""
    lost = 0
    for probe in probes:
        if probe.about != "ordinary" and time.monotonic() > deadline:
            raise OutOfTime
        parts = trial.parts(probe)
        if parts is None:
            continue
        arrays = parts.gradients if truth.order == 1 else parts.hessians
        given = arrays[truth.wrt]
        eps = float(np.finfo(parts.dtype).eps) if parts.dtype.kind == "f" else 2.0**-52
        if eps > 1e-10 and probe.about == "beside":
            continue  # nearer to the kink than single precision can say
        count = counts_of(trial.loss, probe, truth.wrt, trial.reading.singly)
        for entry in np.ndindex(given.shape):
            if probe.about != "ordinary" and time.monotonic() > deadline:
                raise OutOfTime
            place = Place(probe, truth.wrt, entry)
            verdict = _verdict(truth, place, float(given[entry]), scale, count, eps, lost > ENOUGH)
            lost += verdict.status == "digits"
            yield verdict


ALIKE = 1e-3
"""How much a relative error may vary between points, as a share of itself, to be one constant: rounding varies more."""


def scaled_alike(verdicts: list[Verdict]) -> list[Verdict]:
    """The verdicts, where the digits that ordinary numbers lost are one and the same factor: that is wrong.

    A constant that was stored in single precision is off by half of ``SINGLE``, and stays a loss of digits.
    """
    ordinary = [
        v for v in verdicts
        if v.place.probe.about in ("ordinary", "parameters") and v.status in ("ok", "digits", "wrong") and v.exact != 0
    ]  # fmt: skip
    lost = [v for v in ordinary if v.status == "digits"]
    if len(lost) < len(ordinary) or len({v.place.number for v in lost}) < 5:
        return verdicts
    if not alike(lost):
        return verdicts
    chosen = {id(v) for v in lost}
    return [replace(v, status="wrong") if id(v) in chosen else v for v in verdicts]


def alike(verdicts: list[Verdict]) -> bool:
    """Whether numbers are off by one and the same factor, which is too large for a constant in single precision."""
    if any(v.exact == 0 for v in verdicts):
        return False
    with mpmath.workdps(40):
        off = [float(mpmath.mpf(v.given) / v.exact - 1) for v in verdicts]
    eps = max(v.eps for v in verdicts)
    middle = abs(float(np.median(off)))
    return middle > max(2 * SINGLE, ROUNDINGS * eps) and bool(np.ptp(off) <= ALIKE * middle + ROUNDINGS * eps)


def _verdict(
    truth: Truth, place: Place, given: float, scale: Scale, count: float, eps: float, roughly: bool
) -> Verdict:
    probe, entry = place.probe, place.entry
    with mpmath.workdps(40):
        if scale.power and count == 0:
            return Verdict(place, given, mpmath.nan, "skipped", count, eps)
        weight = (
            1.0
            if probe.weight is None or place.wrt not in probe.per_example
            else float(probe.weight[place.example])
        )
        s = scale.of(count) * mpmath.mpf(weight)
        if probe.about in ("ordinary", "parameters", "ignored") and np.isfinite(given):
            fast = truth.fast(probe)
            plainly = float(fast[entry]) * float(s)
            if abs(given - plainly) > (1e-2 * float(np.max(np.abs(fast))) + PLAINLY) * abs(float(s)):
                return Verdict(place, given, mpmath.mpf(plainly), "wrong", count, eps, weight)
        exact = truth.at(probe, entry) * s
        status = _status(truth, place, given, exact, s, eps, roughly)
        return Verdict(place, given, exact, status, count, eps, weight)


def _status(truth: Truth, place: Place, given: float, exact: Any, s: Any, eps: float, roughly: bool) -> str:
    probe, entry = place.probe, place.entry
    largest = float(np.finfo(np.float32 if eps > 1e-10 else np.float64).max)
    if mpmath.isnan(exact) or abs(exact) > largest / ROUNDINGS:  # so near to the end, a factor may overflow
        return "skipped"
    if np.isnan(given):
        return "nan"
    if np.isinf(given):
        return "inf"
    error = abs(mpmath.mpf(given) - exact)
    if error <= 4 * eps * abs(exact):
        return "ok"
    terms = truth.terms(probe, entry) * abs(s)
    joined = probe.about in ("kink", "extreme")
    plain = float(truth.fast(probe)[entry]) * float(s)
    # the formula itself rounds to this
    as_written = abs(given - plain) <= 64 * eps * max(abs(given), abs(plain))
    near = probe.about == "beside"  # of one join, and then perhaps on another
    if not joined and not near and not as_written and error > 1e-3 * max(terms, abs(exact)):
        return "wrong"
    if error <= ROUNDINGS * eps * terms and not _half_lost(truth, place, error, exact, s, eps):
        return "ok"
    if roughly and error <= SINGLE * terms:
        return "digits"  # after many of them the exact share of the rounding is not worth its time
    allowed = truth.allowed(probe, entry, eps) * abs(s)
    if error <= allowed:
        return "digits" if _half_lost(truth, place, error, exact, s, eps) else "ok"
    if joined:
        low, high = sorted(x * s for x in truth.slopes(probe, entry))
        if low < high and low - allowed <= given <= high + allowed:
            return "kink"
    elif as_written or near:
        largest_input = max(
            float(np.max(np.abs(a), initial=0.0)) for a in probe.arrays.values() if a.dtype.kind == "f"
        )
        low, high = sorted(x * s for x in truth.slopes(probe, entry, mpmath.mpf(4 * eps * largest_input)))
        if low < high and low - allowed <= given <= high + allowed:
            return "kink"  # so near to a kink that the rounding of the inputs decides on which side it lies
    if eps < SINGLE and error <= truth.allowed(probe, entry, SINGLE) * abs(s):
        return "digits"
    ordinary = max(
        1.0, float(np.max(np.abs(truth.fast(probe)), initial=0.0, where=np.isfinite(truth.fast(probe))))
    )
    if probe.about == "extreme" and error <= ROUNDINGS * eps * min(ordinary, 1e3) * abs(s):
        return "digits"  # a difference of ordinary numbers, of which nothing is left
    if probe.about == "extreme" and error <= 16 * _naive_error(truth, place, s):
        return "digits"
    return "wrong"


def _half_lost(truth: Truth, place: Place, error: Any, exact: Any, s: Any, eps: float) -> bool:
    """Whether more than half of the digits of a result at an extreme are lost, and not by the inputs' own rounding."""
    if place.probe.about != "extreme" or error <= mpmath.sqrt(eps) * abs(exact) or abs(exact) < 1e-300:
        return False
    return bool(error > truth.allowed(place.probe, place.entry, eps, inputs_alone=True) * abs(s))


def _naive_error(truth: Truth, place: Place, s: Any) -> Any:
    """How far the textbook formula is off at this point when it is computed as it stands."""
    loss, probe = truth.loss, place.probe
    bound = dict(zip(truth.indices, place.own, strict=True))
    worst = mpmath.mpf(0)
    for expr in _written(truth):
        value = np.asarray(probe.evaluator(loss)(expr, bound), dtype=float)
        got = float(value[place.example] if value.ndim else value)
        if not np.isfinite(got):
            return mpmath.inf
        worst = max(worst, abs(mpmath.mpf(got) - truth.at(probe, place.entry)))
    return worst * abs(s)


def _written(truth: Truth) -> list[Expr]:
    return [truth.expr, truth.loss.expand(truth.expr)]
