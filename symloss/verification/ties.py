"""Whether the entries of a gradient are a subgradient together, where several of them lie at a kink at once.

Entry by entry each may lie between its one-sided slopes, and yet a program that gives all of a maximum's tied entries
the whole derivative is wrong. What tells is a direction in which all of them move.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath

from symloss.functions import ArgMax, AxisMax, Norm
from symloss.verification.probe import joins
from symloss.verification.truth import STEP, Truth, settled
from symloss.verification.verdicts import Scale, Verdict

__all__ = ["Tie", "ties_broken"]

DIGITS = 150


@dataclass(frozen=True)
class Tie:
    """Entries that are no subgradient together: the slope in the direction of all of them, given and allowed."""

    verdicts: Sequence[Verdict]
    given: float
    low: float
    high: float


def ties_broken(truth: Truth, verdicts: Sequence[Verdict], scale: Scale, deadline: float) -> Iterator[Tie]:
    """Examples at a kink whose entries, right by themselves, are no subgradient together."""
    if not truth.indices or not _has_kinks(truth):
        return
    groups: dict[tuple[int, int], list[Verdict]] = {}
    for v in verdicts:
        if v.place.probe.about == "kink":
            groups.setdefault((id(v.place.probe), v.place.example), []).append(v)
    for group in groups.values():
        if time.monotonic() > deadline:
            return
        if any(v.status not in ("ok", "kink") for v in group):
            continue
        at = [v for v in group if _turns(truth, v)]
        if len(at) < 2 or any(_is_concave(truth, [v]) for v in at):
            continue  # where convex and concave kinks meet, a slope in one direction does not tell
        ahead, behind = _slopes(truth, at)
        given = sum(mpmath.mpf(v.given) / scale.of(v.count) / mpmath.mpf(v.weight) for v in at)
        close = 64 * max(v.eps for v in at) * sum(1 + abs(v.given) for v in at)
        if not behind - close <= given <= ahead + close:
            yield Tie(at, float(given), float(behind), float(ahead))


def _has_kinks(truth: Truth) -> bool:
    loss = truth.loss
    whole = (truth.expr, loss.example, loss.batch, *(d.expr for d in loss.definitions.values()))
    return bool(joins(loss)) or any(e.has(AxisMax, ArgMax, Norm) for e in whole)


def _turns(truth: Truth, v: Verdict) -> bool:
    low, high = truth.slopes(v.place.probe, v.place.entry)
    return bool(high - low > mpmath.mpf(2) ** -60)


def _is_concave(truth: Truth, at: Sequence[Verdict]) -> bool:
    ahead, behind = _slopes(truth, at)
    return bool(mpmath.isnan(ahead) or mpmath.isnan(behind) or ahead < behind - mpmath.mpf(2) ** -60)


def _slopes(truth: Truth, at: Sequence[Verdict]) -> tuple[Any, Any]:
    """The slopes of the loss on both sides, when all the entries move at once."""
    place = at[0].place
    here = truth.environment(place.probe, place.entry)
    with mpmath.workdps(DIGITS):
        ahead = behind = here
        for v in at:
            number = mpmath.mpf(here.element(truth.wrt, v.place.own))
            ahead = ahead.replaced(truth.wrt, v.place.own, number + STEP)
            behind = behind.replaced(truth.wrt, v.place.own, number - STEP)
        values = [settled(truth.loss.expression, one, DIGITS, {}) for one in (behind, here, ahead)]
        return (values[2] - values[1]) / STEP, (values[1] - values[0]) / STEP
