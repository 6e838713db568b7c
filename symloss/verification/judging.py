"""Judges every number of a reading, and looks for the mistake where one is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from symloss.value import Loss
from symloss.verification.counterexample import counterexample
from symloss.verification.findings import FAR_FETCHED, Findings
from symloss.verification.regions import Place, region
from symloss.verification.report import Finding
from symloss.verification.trial import ShapeError
from symloss.verification.truth import Truth, settled
from symloss.verification.under_test import EVERY, Chosen, UnderTest
from symloss.verification.values import gaps, nearly_scaled, only_a_constant
from symloss.verification.verdicts import OutOfTime, Scale, Verdict, judged, scaled_alike

__all__ = ["Judging", "diagnosed", "likeliest"]

HALVINGS = 9
"""Steps of the search for the border between right and lost: it is known to some percent then."""

PLAIN, UNEXPLAINED = 1.3, 90.0
"""How far-fetched a mistake is where no other need be looked for, and where none was found at all."""

ELSEWHERE = 0.9
"""How far-fetched a mistake must be before another value of a hyper-parameter is the better explanation."""


class Judging(Findings):
    """Judges one reading, or finds the mistake in it. For another reading, make another one."""

    def _misshapen(self, chosen: Chosen, wrt: str, error: ShapeError) -> Finding:
        """What is said of a derivative whose shape is wrong."""
        called = self.under.call_only(chosen.trial, self.under.all_probes(chosen)[0])
        return Finding("shape", str(error), "", called, self._code(wrt), verdict="wrong")

    def judged(self, chosen: Chosen) -> bool:
        """Judge all derivatives; whether none of them is wrong. Findings about stability are kept."""
        for wrt in chosen.trial.interpretation.gradients:  # type: ignore[union-attr]
            for order in (1, 2):
                if order == 2 and wrt not in chosen.trial.interpretation.hessians:  # type: ignore[union-attr]
                    continue
                try:
                    if not self._judged_one(chosen, wrt, order):
                        return False
                except ShapeError as error:
                    self.findings.append(self._misshapen(chosen, wrt, error))
                    return order == 2
        self.value_held(chosen)
        self._values_lost(chosen)
        self.findings += self.failures(chosen)[0]
        return True

    def _judged_one(self, chosen: Chosen, wrt: str, order: int) -> bool:
        truth = Truth(self.under.loss, wrt, order)
        scale = self.under.scale(chosen, wrt)
        verdicts: list[Verdict] = []
        self._verdicts(chosen, truth, scale, verdicts)
        self._refine(chosen, truth, scale, verdicts)
        self.points += sum(v.status != "skipped" for v in verdicts)
        at_ordinary = [
            v for v in verdicts if v.place.probe.about in ("ordinary", "parameters", "ignored", "beside")
        ]
        wrong = [v for v in verdicts if v.status == "wrong"]
        ordinary_nan = [v for v in at_ordinary if v.status in ("nan", "inf")]
        if wrong:
            if order == 1 and any(v.place.probe.about == "ordinary" for v in wrong):
                return False
            self.findings.append(self._mistake(chosen, truth, verdicts, scale))
        elif order == 1:
            self._ties(chosen, truth, verdicts, scale)
        if wrong:  # what is lost beside a wrong number has the same cause
            verdicts = [v for v in verdicts if v.status != "digits"]
        self._unstable(chosen, truth, verdicts, scale, "wrong" if ordinary_nan else "unstable")
        self._kinks(truth, verdicts)
        return True

    def _verdicts(
        self, chosen: Chosen, truth: Truth, scale: Scale, found: list[Verdict], about: Sequence[str] = EVERY
    ) -> None:
        """The verdict on every number of one derivative, as far as the budget goes."""
        try:
            for verdict in judged(
                chosen.trial, truth, self.under.all_probes(chosen, about), scale, self.under.clock.deadline
            ):
                found.append(verdict)
            found[:] = scaled_alike(found)
        except OutOfTime:
            words = "the budget was used up before all probes were judged; more budget gives a fuller answer"
            if words not in self.notes:
                self.notes.append(words)

    def value_held(self, chosen: Chosen) -> None:
        """Say so where the value beside the gradient is not the loss, under the convention of the gradient."""
        if chosen.value is None and not chosen.value_wrong:
            return
        wrt = next(iter(chosen.trial.interpretation.gradients))  # type: ignore[union-attr]
        scale = self.under.scale(chosen, wrt)
        if chosen.value is not None:
            whole = chosen.value_whole and not chosen.trial.reading.singly
            scale = Scale(chosen.value.factor, chosen.value.power if whole else 0)
        elif scale.factor < 0:  # a function for ascent has the value of the loss all the same
            scale = replace(scale, factor=-scale.factor)
        asked = [p for p in self.under.all_probes(chosen, ("ordinary", "parameters")) if p.count <= 8]
        every = list(gaps(chosen.trial, asked, scale))
        missed = [g for g in every if not abs(g[1] - g[2]) <= g[3]]
        # a value that fits does so to single precision; what is left is one small factor
        if chosen.value is not None:
            missed = every if nearly_scaled(every) else []
        if not missed:
            return
        differentiated = lambda name: name in self.under.loss.differentiated  # noqa: E731
        if chosen.value is None and only_a_constant(chosen.trial, asked, scale, differentiated):
            self.notes.append("its value misses the loss by a term that the gradient does not see: accepted")
            return
        probe, given, expected, _ = min(missed, key=lambda g: g[0].count)
        told = f"given {given:.10g}, expected {expected:.10g}"
        if np.isnan(given):
            told = f"its shape fits neither the batch nor its examples, expected {expected:.6g}"
        call = counterexample(chosen.trial, probe, self.under.handed.name)
        shown = {"call": call, "entry": "the value", "given": given, "expected": expected}
        words = f"the value beside the gradient is not the loss: {told}"
        self.findings.append(Finding("other", words, "", shown, verdict="wrong"))

    def _values_lost(self, chosen: Chosen) -> None:
        """Extreme examples at which the function's own value is no number, and the loss is one."""
        if chosen.value is None or not self.under.loss.inputs[0].per_example:
            return
        wrt = next(iter(chosen.trial.interpretation.gradients))  # type: ignore[union-attr]
        lost: list[Place] = []
        kept: list[Place] = []
        for probe in self.under.all_probes(chosen, ("extreme",)):
            if self.under.clock.over:
                break
            parts = chosen.trial.parts(probe)
            if parts is None or parts.value is None or np.all(np.isfinite(parts.value)):
                continue
            alone = replace(chosen.trial, answers={}, layouts=set())
            for i in range(probe.count):
                one = alone.parts(probe.example(i))
                exact = settled(self.under.loss.expression, probe.environment(self.under.loss, i), 20, {})
                if one is None or one.value is None or not abs(exact) < 1e300:
                    continue
                place = Place(probe, wrt, (i, *(0 for _ in probe.arrays[wrt].shape[1:])))
                (kept if np.all(np.isfinite(one.value)) else lost).append(place)
        if lost:
            example = min(lost, key=lambda p: abs(p.number))
            found = Finding(
                "unstable",
                "its value is infinite or NaN where the loss is a finite number",
                region(self.under.loss, lost, kept),
                self.under.call_only(chosen.trial, example.probe.example(example.example)),
                verdict="unstable",
            )
            self.findings.append(found)

    def _refine(self, chosen: Chosen, truth: Truth, scale: Scale, verdicts: list[Verdict]) -> None:
        """Halve the way between a number that is right and the next one that is not, so that the border is known."""
        if self.under.loss.kind != "elementwise":
            return
        rows: dict[tuple[float, ...], list[Verdict]] = {}
        for v in verdicts:
            if v.place.probe.about == "extreme" and v.status != "skipped":
                others = tuple(
                    float(a[v.place.example]) for n, a in v.place.probe.arrays.items() if n != truth.wrt
                )
                rows.setdefault(others, []).append(v)
        for row in rows.values():
            row.sort(key=lambda v: v.place.number)
            for a, b in pairwise(row):
                sound = {"ok", "kink"}
                if (a.status in sound) != (b.status in sound):
                    verdicts += self._between(chosen, truth, scale, a, b)

    def _between(self, chosen: Chosen, truth: Truth, scale: Scale, a: Verdict, b: Verdict) -> list[Verdict]:
        found: list[Verdict] = []
        for _ in range(HALVINGS):
            low, high = a.place.number, b.place.number
            middle = float(f"{_middle(low, high):.12g}")
            if not low < middle < high or self.under.clock.over:
                break
            one = a.place.probe.example(a.place.example)
            array = one.arrays[truth.wrt].copy()
            array[0] = middle
            trial = replace(chosen.trial, answers={}, layouts=set())
            probe = replace(one, arrays={**one.arrays, truth.wrt: array})
            try:
                new = list(judged(trial, truth, [probe], scale, self.under.clock.deadline))
            except (OutOfTime, ShapeError):
                break
            if not new or new[0].status == "skipped":
                break
            found += new
            sound = {"ok", "kink"}
            if (new[0].status in sound) == (a.status in sound):
                a = new[0]
            else:
                b = new[0]
        return found

    def explained(self, chosen: Chosen, two: bool) -> float:
        """Find the mistake in each derivative, or ``two`` of them; how far-fetched the explanation is."""
        total = 0.0
        for wrt in chosen.trial.interpretation.gradients:  # type: ignore[union-attr]
            truth = Truth(self.under.loss, wrt)
            scale = self.under.scale(chosen, wrt)
            verdicts: list[Verdict] = []
            try:
                self._verdicts(
                    chosen, truth, scale, verdicts, ("ordinary", "parameters", "ignored", "beside")
                )
                if not any(v.status == "wrong" for v in verdicts):
                    self._verdicts(chosen, truth, scale, verdicts, ("kink", "extreme"))
            except ShapeError as error:
                self.findings.append(self._misshapen(chosen, wrt, error))
                continue
            self.points += sum(v.status != "skipped" for v in verdicts)
            if not any(v.status == "wrong" for v in verdicts):
                if any(v.status in ("nan", "inf") for v in verdicts):
                    self._unstable(chosen, truth, verdicts, scale, "wrong")
                continue
            finding, cost = self._mistaken(chosen, truth, verdicts, scale, two)
            self.findings.append(finding)
            total = max(total, cost)
        return total if self.findings else UNEXPLAINED


def likeliest(chosen: list[Chosen]) -> Chosen:
    """The reading in which a mistake is looked for first."""
    return min(chosen, key=lambda c: c.cost - 0.5 * c.share)


def diagnosed(
    under: UnderTest, chosen: list[Chosen], best: Chosen, elsewhere: Chosen | None
) -> tuple[Chosen, Judging]:
    """The mistake under the likeliest readings: the reading under which it was found, and what was found."""
    tried = sorted(chosen, key=lambda c: (c is not best, c.cost))[:4]
    results: list[tuple[float, Chosen, Judging]] = []
    for two in (False, True):
        for one in tried if not two else tried[:1]:
            if results and under.clock.over:
                break
            judging = Judging(under)
            cost = judging.explained(one, two)
            results.append((cost + one.cost, one, judging))
            if cost + one.cost <= PLAIN:
                break
        if any(cost < FAR_FETCHED for cost, *_ in results):
            break
    cost, one, judging = min(results, key=lambda r: r[0])
    if elsewhere is not None and cost > elsewhere.cost + ELSEWHERE:
        one = next((c for c in chosen if c.trial is elsewhere.trial), one)
        words = _built_in(under.loss, elsewhere.fixed)
        judging.findings = [replace(f, kind="ignored-parameter", message=words) for f in judging.findings]
    judging.value_held(one)
    return one, judging


def _built_in(loss: Loss, fixed: Mapping[str, float]) -> str:
    """The sentence for hyper-parameters that have other values in the function than in the loss."""
    there = " and ".join(f"{name} = {value:g}" for name, value in fixed.items())
    here = " and ".join(f"{p.name} = {p.default:g}" for p in loss.parameters if p.name in fixed)
    return f"it has {there} built in, where the loss has {here}; if that is meant, pin it as a parameter"


def _middle(low: float, high: float) -> float:
    """Half of the way, in the exponent where the numbers are of different sizes."""
    if 0.5 < low < high < 1:
        return 1 - _middle(1 - high, 1 - low)
    if low > 0 and high / low > 4:
        return float(np.sqrt(low) * np.sqrt(high))
    if high < 0 and low / high > 4:
        return -float(np.sqrt(-low) * np.sqrt(-high))
    return low / 2 + high / 2
