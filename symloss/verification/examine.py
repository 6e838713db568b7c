"""Examines a function: finds the reading under which it is right, or else the mistake, and writes the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from symloss.verification.choosing import READINGS, Choosing
from symloss.verification.conventions import Unclear, readings
from symloss.verification.correction import correction
from symloss.verification.judging import Judging, diagnosed, likeliest
from symloss.verification.report import Finding, Report
from symloss.verification.under_test import Chosen, UnderTest, said

__all__ = ["examine"]

ORDER = {"wrong": 0, "undecided": 1, "": 2, "unstable": 3}
"""In which findings are told, by what they mean for the verdict."""


def examine(under: UnderTest) -> Report:
    """The verdict, and all that was found."""
    choosing = Choosing(under)
    try:
        every = readings(under.handed.signature, under.loss, under.pins)[:READINGS]
    except Unclear as error:
        return _report(under, "undecided", {}, [Finding("other", str(error), verdict="undecided")])
    chosen = choosing.chosen(every)
    right = _right(choosing, chosen)
    if right is not None:
        under, best, judging = right
        judging.notes += Choosing(under).ambiguous(best)
    elif chosen:
        best, judging = likeliest(chosen), Judging(under)
    else:
        return _nothing(choosing)
    behaviour, notes = _behaviour(under, best)
    if any(f.kind == "nondeterministic" for f in behaviour):
        found = [f for f in behaviour if f.kind in ("nondeterministic", "mutates-input")]
        return _report(
            under, "wrong", _conventions(under, best), found, [*judging.notes, *notes], judging.points
        )
    if right is not None:
        findings = [*judging.findings, *behaviour]
    else:
        best, judging = diagnosed(under, chosen, best, choosing.elsewhere)
        findings = [*behaviour, *judging.findings]
        failed, probes = judging.failures(best)
        # an error at ordinary numbers comes first: what it gives elsewhere follows from it
        findings = (
            [*failed, *findings] if any(p.about == "ordinary" for p in probes) else [*findings, *failed]
        )
    wrong = any(f.verdict == "wrong" for f in findings)
    undecided = any(f.verdict == "undecided" for f in findings) or not (judging.points or wrong)
    verdict = "wrong" if wrong else "undecided" if undecided else "right"
    findings.sort(key=lambda f: ORDER.get(f.verdict, 4))
    notes = [*judging.notes, *notes]
    return _report(under, verdict, _conventions(under, best), findings, notes, judging.points)


def _report(
    under: UnderTest,
    verdict: str,
    convention: dict[str, Any],
    findings: Sequence[Finding],
    notes: Sequence[str] = (),
    points: int = 0,
) -> Report:
    stable = verdict != "undecided" and not any(f.verdict == "unstable" for f in findings)
    return Report(
        under.handed.name, under.loss.name, verdict, stable, convention, tuple(findings), points, under.seed,
        notes=tuple(notes),
    )  # fmt: skip


def _nothing(choosing: Choosing) -> Report:
    """There was no result that could be read."""
    under, failed, shape = choosing.under, choosing.failed, choosing.shape
    if failed is not None and (shape is None or failed[0].reading.cost < shape[0].reading.cost):
        trial, probe, answer = failed
        call = under.call_only(trial, probe)
        kind = answer.kind or "exception"
        found = Finding(kind, said(answer), "everywhere", call, verdict="undecided")
        return _report(under, "undecided", {}, [found])
    if shape is not None:
        trial, probe, message = shape
        call, code = under.call_only(trial, probe), correction(under.loss, under.wrts[0])
        found = Finding("shape", message, "everywhere", call, code, verdict="wrong")
        return _report(under, "wrong", trial.reading.words(under.loss), [found])
    if choosing.unread is not None:
        trial, probe, message = choosing.unread
        found = Finding("other", message, "", under.call_only(trial, probe), verdict="undecided")
        return _report(under, "undecided", {}, [found])
    found = Finding("other", "no way to call it was found", verdict="undecided")
    return _report(under, "undecided", {}, [found])


def _right(choosing: Choosing, chosen: list[Chosen]) -> tuple[UnderTest, Chosen, Judging] | None:
    """The plainest reading under which everything is right, judged with every probe; with the loss that it is of."""
    fitting = [(choosing.under, c) for c in chosen if choosing.under.fits(c)]
    if not fitting:
        fitting = [(under, c) for under, c in choosing.fixed(chosen) if under.fits(c)]
    for under, one in fitting[:3]:
        judging = Judging(under)
        if judging.judged(one):
            return under, one, judging
    return None


def _behaviour(under: UnderTest, chosen: Chosen) -> tuple[list[Finding], list[str]]:
    """Findings and notes on mutated inputs, prints, state."""
    findings: list[Finding] = []
    notes: list[str] = []
    probe = under.covered(chosen.trial.reading)[0]
    first = chosen.trial.answer(probe)
    again = chosen.trial.answer(probe, again=True)
    call = under.call_only(chosen.trial, probe)
    if not again.error and not _same(first.result, again.result):
        words = "two calls with the same arguments give different results: it is random, or keeps state"
        findings.append(Finding("nondeterministic", words, "", call, verdict="wrong"))
    if first.deaf:
        words = (
            "its backward pass ignores the gradient from above (grad_output), and so misses that factor: "
            "it is right only where nothing is done to the loss"
        )
        findings.append(Finding("missing-chain-factor", words, "everywhere", call, verdict="wrong"))
    if first.mutated:
        names = [_argument_name(chosen, k) for k in first.mutated]
        words = f"it changes what it was given: {', '.join(names)}"
        findings.append(Finding("mutates-input", words, "", call))
    if first.printed:
        notes.append(f"it prints: {first.printed.strip()[:60]!r}")
    return findings, notes


def _argument_name(chosen: Chosen, key: str) -> str:
    if not key.isdigit():
        return key
    return chosen.trial.reading.positional[int(key)].name or f"argument {key}"


def _conventions(under: UnderTest, chosen: Chosen) -> dict[str, Any]:
    told: dict[str, Any] = dict(chosen.trial.reading.words(under.loss))
    how = chosen.trial.interpretation
    if how is not None and how.words != "the gradient":
        told["output"] = f"it returns {how.words}"
    if chosen.trial.layouts - {""}:
        told["layout"] = "the result is " + ", ".join(sorted(chosen.trial.layouts - {""}))
    if chosen.trial.reading.singly:
        told["examples"] = "it takes one example at a time"
    for wrt, fit in chosen.fits.items():
        accepted = under.accepts(chosen)
        if not accepted(fit.factor, fit.power) or fit.share < 1:
            continue
        if under.loss.example != 0 and wrt in {i.name for i in under.loss.inputs if i.per_example}:
            told["reduction"] = "mean" if fit.power == -1 else "sum, or each example by itself"
        if abs(fit.factor) != 1:
            half = {0.5: "1/2", 2.0: "2"}.get(abs(fit.factor), f"{abs(fit.factor):g}")
            told["factor"] = f"a factor {half} beside the declared loss"
        if fit.factor < 0:
            told["sign"] = "the negative gradient, for ascent or as a residual"
    for name in (p.name for p in under.loss.parameters if not chosen.trial.reading.takes(p.name)):
        value = chosen.fixed.get(name, under.loss.argument(name).default)  # type: ignore[attr-defined]
        if under.loss.depends(under.loss.expression, name):
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
