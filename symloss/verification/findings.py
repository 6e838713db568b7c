"""Writes findings: what is wrong or lost, where, with the smallest counterexample and the right code."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from symloss.verification.correction import correction
from symloss.verification.counterexample import smallest
from symloss.verification.diagnose import Diagnosis, Evidence, explained
from symloss.verification.mutations import Subject
from symloss.verification.probe import Probe
from symloss.verification.regions import region
from symloss.verification.report import Finding
from symloss.verification.ties import ties_broken
from symloss.verification.truth import Truth
from symloss.verification.under_test import EVERY, Chosen, UnderTest, said
from symloss.verification.verdicts import Scale, Verdict, alike, judged

__all__ = ["FAR_FETCHED", "Findings"]

FAR_FETCHED = 50.0
"""How far-fetched an explanation may be before two mistakes at once are looked for."""

NOTHING = 1e-300
"""Below this a derivative is as good as 0, and a 0 says nothing about a formula."""


class Findings:
    """Turns verdicts on numbers into findings, and keeps them with the notes and the count of judged numbers."""

    def __init__(self, under: UnderTest):
        self.under = under
        self.findings: list[Finding] = []
        self.notes: list[str] = []
        self.points = 0

    def _mistake(self, chosen: Chosen, truth: Truth, verdicts: list[Verdict], scale: Scale) -> Finding:
        finding, cost = self._mistaken(chosen, truth, verdicts, scale, False)
        if cost > FAR_FETCHED:
            finding, _ = self._mistaken(chosen, truth, verdicts, scale, True)
        return finding

    def _mistaken(
        self, chosen: Chosen, truth: Truth, verdicts: list[Verdict], scale: Scale, two: bool
    ) -> tuple[Finding, float]:
        """The finding about the wrong numbers of one derivative, and how far-fetched its explanation is."""
        convention, several = self.under.accepts(chosen), len(chosen.fits) > 1

        def accepted(factor: float, power: int) -> bool:  # one convention for all tensors
            return (not several or factor == scale.factor) and convention(factor, power)

        evidence = Evidence(self.under.loss, truth, verdicts, scale, accepted)
        wrong = [v for v, bad in zip(evidence.kept, evidence.wrong, strict=True) if bad]
        example = self._example(chosen, min(wrong, key=_size), truth.order)
        code = self._code(truth.wrt, truth.order, scale)
        where = self._where(evidence, wrong, None)
        if all(v.place.probe.about == "kink" for v in wrong) or where.startswith("at "):
            words = "the value lies outside of the one-sided slopes: it is no subgradient"
            return Finding("kink", words, where, example, code, verdict="wrong"), 0.5
        subject = Subject(self.under.loss, truth.wrt, truth.expr, truth.order)
        limit = max(self.under.clock.deadline, time.monotonic() + 0.3)
        found = explained(evidence, subject, limit, two)
        where = self._where(evidence, wrong, found)
        near = where.startswith("within ") and float(where.split()[1]) < 0.02
        if near and truth.order == 1 and (found is None or found.cost > 1.2):
            words = "close to the kink it is not the derivative: it is smoothed, or cut off, there"
            return Finding("kink", words, where, example, code, verdict="wrong"), 1.0
        of = f" by {truth.wrt}" if len(self.under.wrts) > 1 else ""
        name = f"your gradient{of}" if truth.order == 1 else "your second derivative"
        if found is None:
            extreme = all(v.place.probe.about == "extreme" for v in wrong)
            message = f"{name} is wrong, and no single mistake explains it" if not extreme else (
                f"{name} is right at ordinary numbers and wrong at extreme ones, as if something were clipped"
            )  # fmt: skip
            kind = "hessian" if truth.order == 2 else "other"
            return Finding(kind, message, where, example, code, verdict="wrong"), 99.0 if not extreme else 5.0
        kind = (
            "hessian" if truth.order == 2 and found.kind not in ("sign", "scale", "reduction") else found.kind
        )
        if truth.order == 2:
            kind = "hessian"
        message = f"{name}: {found.message}"
        return Finding(kind, message, where, example, code, found.latex, "wrong"), found.cost

    def _where(self, evidence: Evidence, wrong: list[Verdict], found: Diagnosis | None) -> str:
        """The region in which it is wrong, read off the numbers that tell."""
        kept = [
            (v.place, bool(mute))
            for v, mute in zip(
                evidence.kept,
                found.silent
                if found is not None and found.silent is not None
                else [False] * len(evidence.kept),
                strict=True,
            )
            if v.status == "ok" and not (v.given == 0 and abs(v.exact) < NOTHING)
        ]
        if not kept:
            kept = [(v.place, False) for v in evidence.kept if v.status == "digits"]
        inside = [v.place for v in wrong]
        where = region(self.under.loss, inside, [place for place, _ in kept])
        if where or not found:
            return where
        telling = [place for place, mute in kept if not mute]  # what is right by chance says nothing
        where = region(self.under.loss, inside, telling)
        return "" if where == "everywhere" else where

    def _ties(self, chosen: Chosen, truth: Truth, verdicts: list[Verdict], scale: Scale) -> None:
        broken = list(ties_broken(truth, verdicts, scale, self.under.clock.deadline))
        if not broken:
            return
        one = min(broken, key=lambda tie: _size(tie.verdicts[0]))
        slopes = f"{one.low:.6g}" if one.low == one.high else f"{one.low:.6g} to {one.high:.6g}"
        words = (
            f"each entry lies between its slopes, and together they are no subgradient: when all "
            f"{len(one.verdicts)} entries that share a kink grow at once, the loss grows by {slopes}, "
            f"and your gradient says {one.given:.6g}"
        )
        first = one.verdicts[0]
        example = self.under.call_only(chosen.trial, first.place.probe.example(first.place.example))
        where = "where entries are equal, at the kink that they share"
        self.findings.append(
            Finding("kink", words, where, example, self._code(truth.wrt, 1, scale), verdict="wrong")
        )

    def _unstable(
        self, chosen: Chosen, truth: Truth, verdicts: list[Verdict], scale: Scale, verdict: str
    ) -> None:
        words = {
            "nan": "it gives NaN where the derivative is a finite number",
            "inf": "it gives an infinity where the derivative is a finite number",
            "digits": "the formula is right, but it loses its digits",
        }
        for status, message in words.items():
            inside = [v for v in verdicts if v.status == status]
            if not inside:
                continue
            outside = [v.place for v in verdicts if v.status in ("ok", "kink")]
            where = region(self.under.loss, [v.place for v in inside], outside)
            worst = (
                min(inside, key=lambda v: (_size(v), -v.ulps))
                if status != "digits"
                else max(inside, key=lambda v: (np.isfinite(v.ulps), v.ulps))
            )
            if status == "digits":
                message += f": up to {worst.ulps:.3g} ulp away" + (
                    ", as if it were computed in single precision or with a small number added somewhere"
                    if all(v.place.probe.about != "extreme" for v in inside) else ""
                )  # fmt: skip
            kind = "nan" if status == "nan" else "unstable"
            if status == "nan" and all(v.place.probe.about == "kink" for v in inside):
                message = "it gives NaN where any number between the one-sided slopes would do"
            if any((f.kind, f.message.split(":")[0]) == (kind, message.split(":")[0]) for f in self.findings):
                continue  # said of another tensor already
            example, code = (
                self._example(chosen, worst, truth.order),
                self._code(truth.wrt, truth.order, scale),
            )
            self.findings.append(Finding(kind, message, where, example, code, verdict=verdict))

    def _kinks(self, truth: Truth, verdicts: list[Verdict]) -> None:
        at = [v for v in verdicts if v.status == "kink"]
        if at and truth.order == 1:
            others = [
                v.place for v in verdicts if v.status in ("ok", "digits") and v.place.probe.about != "kink"
            ]
            where = region(self.under.loss, [v.place for v in at], others) or "at the kink"
            numbers = sorted({f"{v.given:.6g}" for v in at})
            self.notes.append(
                f"{where}: it gives {', '.join(numbers[:3])}, which lies between the one-sided slopes and is accepted"
            )

    def failures(self, chosen: Chosen) -> tuple[list[Finding], list[Probe]]:
        """The finding about probes at which a function fails that works at others, and these probes."""
        failed = []
        for probe in self.under.all_probes(chosen):
            answer = chosen.trial.answers.get(probe)
            if answer is not None and answer.error:
                failed.append((probe, answer))
        if not failed:
            return [], []
        probe, answer = min(failed, key=lambda f: f[0].count)
        counts = sorted({p.count for p, _ in failed})
        where = f"batches of {', '.join(map(str, counts))} examples, probes of the kind {probe.about}"
        example = self.under.call_only(chosen.trial, probe)
        return [Finding(answer.kind, said(answer), where, example, verdict="wrong")], [p for p, _ in failed]

    def _example(self, chosen: Chosen, v: Verdict, order: int) -> dict[str, Any]:
        return smallest(chosen.trial, v, self._rescaled(chosen, v, order), self.under.handed.name)

    def _rescaled(
        self, chosen: Chosen, v: Verdict, order: int
    ) -> Callable[[Probe], tuple[float, float, str] | None]:
        """Given and expected for another probe at the same entry, or None where it is no counterexample."""
        wrt = v.place.wrt
        settled = self.under.settled(chosen)
        scale = settled if settled is not None else self.under.scale(chosen, wrt)

        def check(probe: Probe) -> tuple[float, float, str] | None:
            entry = (0, *v.place.own) if wrt in probe.per_example else v.place.entry
            truth = Truth(self.under.loss, wrt, order)
            one = replace(chosen.trial, answers={}, layouts=set())
            for verdict in judged(one, truth, [probe], scale, float("inf")):
                if verdict.place.entry == entry:
                    same = verdict.status == "digits" and v.status == "wrong" and alike([v, verdict])
                    return verdict.given, float(verdict.exact), v.status if same else verdict.status
            return None

        return check

    def _code(self, wrt: str, order: int = 1, scale: Scale | None = None) -> str:
        scale = scale or Scale()
        return correction(self.under.loss, wrt, order, factor=scale.factor, mean=scale.power == -1)


def _size(v: Verdict) -> tuple[float, float]:
    """How complicated a counterexample is: the digits of its numbers, and how many examples it needs."""
    about = EVERY.index(v.place.probe.about)
    numbers = [
        a[v.place.example] if n in v.place.probe.per_example else a for n, a in v.place.probe.arrays.items()
    ]
    digits = sum(len(f"{x:g}") for a in numbers for x in np.ravel(a))
    return about, digits
