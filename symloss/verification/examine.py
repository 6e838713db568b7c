"""Examines a function: finds the reading under which it is right, or else the mistake, and writes the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from symloss.verification.choosing import READINGS, Choosing
from symloss.verification.conventions import Unclear, readings
from symloss.verification.judging import Judging
from symloss.verification.report import Finding, Report
from symloss.verification.under_test import Chosen, Handed

__all__ = ["Examination", "Handed"]


class Examination(Choosing, Judging):
    """One function, one loss. ``report()`` does the work."""

    def report(self) -> Report:
        """The verdict, and all that was found."""
        try:
            every = readings(self.handed.signature, self.loss, self.pins)[:READINGS]
        except Unclear as error:
            return self._report("undecided", {}, [Finding("other", str(error), verdict="undecided")])
        chosen = self._chosen(every)
        right = self._right(chosen)
        best = right or (self._likeliest(chosen) if chosen else None)
        if best is None:
            return self._nothing()
        if right is not None:
            self._ambiguous(chosen, right)
        self._behaviour(best)
        if any(f.kind == "nondeterministic" for f in self.findings):
            behaviour = [f for f in self.findings if f.kind in ("nondeterministic", "mutates-input")]
            return self._report("wrong", self._conventions(best), behaviour)
        if right is None:
            best = self._diagnosed(chosen, best)
            # an error at ordinary numbers comes first: what it gives elsewhere follows from it
            if any(p.about == "ordinary" for p in self._about_errors(best)):
                self.findings.insert(0, self.findings.pop())
        wrong = any(f.verdict == "wrong" for f in self.findings)
        undecided = any(f.verdict == "undecided" for f in self.findings)
        if not self.points and not wrong:
            undecided = True
        verdict = "wrong" if wrong else "undecided" if undecided else "right"
        order = {"wrong": 0, "undecided": 1, "": 2, "unstable": 3}
        self.findings.sort(key=lambda f: order.get(f.verdict, 4))
        return self._report(verdict, self._conventions(best), self.findings)

    def _report(self, verdict: str, convention: dict[str, Any], findings: Sequence[Finding]) -> Report:
        stable = verdict != "undecided" and not any(f.verdict == "unstable" for f in findings)
        return Report(
            self.handed.name, self.loss.name, verdict, stable, convention, tuple(findings), self.points, self.seed,
            notes=tuple(self.notes),
        )  # fmt: skip

    def _nothing(self) -> Report:
        """There was no result that could be read."""
        if self.failed is not None and (
            self.shape is None or self.failed[0].reading.cost < self.shape[0].reading.cost
        ):
            trial, probe, answer = self.failed
            found = Finding(
                answer.kind or "exception",
                self._said(answer),
                "everywhere",
                self._call_only(trial, probe),
                verdict="undecided",
            )
            return self._report("undecided", {}, [found])
        if self.shape is not None:
            trial, probe, message = self.shape
            found = Finding(
                "shape",
                message,
                "everywhere",
                self._call_only(trial, probe),
                self._code(self.wrts[0]),
                verdict="wrong",
            )
            return self._report("wrong", trial.reading.words(self.loss), [found])
        if self.unread is not None:
            trial, probe, message = self.unread
            found = Finding("other", message, "", self._call_only(trial, probe), verdict="undecided")
            return self._report("undecided", {}, [found])
        return self._report(
            "undecided", {}, [Finding("other", "no way to call it was found", verdict="undecided")]
        )

    def _right(self, chosen: list[Chosen]) -> Chosen | None:
        """The plainest reading under which everything is right, judged with every probe."""
        fitting = [c for c in chosen if self._fits(c)]
        declared = self.loss, self.probes
        if not fitting:
            fitting = [c for c in self._fixed(chosen) if self._fits(c)]
        for one in fitting[:3]:
            before, points = list(self.findings), self.points
            if self._judged(one):
                return one
            self.findings, self.points = before, points
        self.loss, self.probes = declared
        return None

    def _behaviour(self, chosen: Chosen) -> None:
        """Mutated inputs, prints, state."""
        probe = self._covered(chosen.trial.reading)[0]
        first = chosen.trial.answer(probe)
        again = chosen.trial.answer(probe, again=True)
        call = self._call_only(chosen.trial, probe)
        if not again.error and not _same(first.result, again.result):
            words = "two calls with the same arguments give different results: it is random, or keeps state"
            self.findings.append(Finding("nondeterministic", words, "", call, verdict="wrong"))
        if first.deaf:
            words = (
                "its backward pass ignores the gradient from above (grad_output), and so misses that factor: "
                "it is right only where nothing is done to the loss"
            )
            self.findings.append(Finding("missing-chain-factor", words, "everywhere", call, verdict="wrong"))
        if first.mutated:
            names = [self._argument_name(chosen, k) for k in first.mutated]
            words = f"it changes what it was given: {', '.join(names)}"
            self.findings.append(Finding("mutates-input", words, "", call))
        if first.printed:
            self.notes.append(f"it prints: {first.printed.strip()[:60]!r}")

    def _argument_name(self, chosen: Chosen, key: str) -> str:
        if not key.isdigit():
            return key
        return chosen.trial.reading.positional[int(key)].name or f"argument {key}"

    def _conventions(self, chosen: Chosen) -> dict[str, Any]:
        told: dict[str, Any] = dict(chosen.trial.reading.words(self.loss))
        how = chosen.trial.interpretation
        if how is not None and how.words != "the gradient":
            told["output"] = f"it returns {how.words}"
        if chosen.trial.layouts - {""}:
            told["layout"] = "the result is " + ", ".join(sorted(chosen.trial.layouts - {""}))
        if chosen.trial.reading.singly:
            told["examples"] = "it takes one example at a time"
        for wrt, fit in chosen.fits.items():
            accepted = self._accepts(chosen)
            if not accepted(fit.factor, fit.power) or fit.share < 1:
                continue
            if self.loss.example != 0 and wrt in {i.name for i in self.loss.inputs if i.per_example}:
                told["reduction"] = "mean" if fit.power == -1 else "sum, or each example by itself"
            if abs(fit.factor) != 1:
                half = {0.5: "1/2", 2.0: "2"}.get(abs(fit.factor), f"{abs(fit.factor):g}")
                told["factor"] = f"a factor {half} beside the declared loss"
            if fit.factor < 0:
                told["sign"] = "the negative gradient, for ascent or as a residual"
        for name in (p.name for p in self.loss.parameters if not chosen.trial.reading.takes(p.name)):
            value = chosen.fixed.get(name, self.loss.argument(name).default)  # type: ignore[attr-defined]
            if self.loss.depends(self.loss.expression, name):
                told.setdefault("parameters", {})[name] = value
        if not chosen.trial.reading.named and "arguments" in told:
            told["arguments"] += " (found by trying; its names do not say)"
        return told


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[k], b[k]) for k in a)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, (dict, tuple)) or isinstance(b, (dict, tuple)):
        return False
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and bool(np.array_equal(a, b, equal_nan=True))
