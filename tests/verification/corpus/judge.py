"""What symloss.verify says of a case, and whether it is what mathematics says."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verification.corpus.call import library, loss_of, prototype
from verification.corpus.record import Case

import symloss
from symloss.verification.clibrary import c_function


@dataclass(frozen=True)
class Judgement:
    """A report on a case, beside the case's claim."""

    case: Case
    report: Any
    seconds: float

    @property
    def kinds(self) -> list[str]:
        return [f.kind for f in self.report.findings]

    @property
    def verdict_right(self) -> bool:
        stable = self.case.stable is None or self.report.stable == self.case.stable
        return self.report.verdict == self.case.verdict and (stable or self.case.verdict != "right")

    @property
    def kind_right(self) -> bool:
        """Whether the first finding, which is the diagnosis, has one of the kinds that fit."""
        return not self.case.kinds or (bool(self.kinds) and self.kinds[0] in self.case.kinds)

    @property
    def where_right(self) -> bool:
        if not self.case.where or not self.report.findings:
            return True
        first = self.report.findings[0]
        return re.search(self.case.where, f"{first.where} {first.message}") is not None

    def __str__(self) -> str:
        findings = "; ".join(f"{f.kind} [{f.where}] {f.message}" for f in self.report.findings)
        expected = (
            f"{self.case.verdict}, stable {self.case.stable}, {' or '.join(self.case.kinds) or 'no finding'}"
        )
        got = f"{self.report.verdict}, stable {self.report.stable}, {findings or 'no finding'}"
        return f"{self.case.name} ({self.case.loss}): expected {expected}; got {got}"


BUDGET = 60
"""Seconds for a case, so that a busy machine does not end the search for the mistake early."""


def judged(case: Case, folder: Path, seed: int = 0) -> Judgement:
    """The report on a case. ``folder`` takes what has to be compiled."""
    options: dict[str, Any] = {"seed": seed, "budget": BUDGET, **case.options}
    if case.returns == "c":
        subject: Any = c_function(library(case, folder), prototype(case))
    else:
        subject = case.subject()
    start = time.perf_counter()
    report = symloss.verify(subject, loss_of(case), **options)
    return Judgement(case, report, time.perf_counter() - start)
