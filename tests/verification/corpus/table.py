"""The corpus as a table in Markdown: what each function does wrong, and what the verifier says of it."""

from __future__ import annotations

from collections.abc import Iterable

from verification.corpus.judge import Judgement
from verification.corpus.record import Case

HEAD = (
    "| function | loss | what it does | seen in | expected | verify says | where |\n"
    "|---|---|---|---|---|---|---|\n"
)


def _thread(source: str) -> str:
    if not source:
        return ""
    repository, number = source.split("#")
    return f"[{source}](https://github.com/{repository}/issues/{number})"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _said(verdict: str, stable: bool | None, kinds: Iterable[str]) -> str:
    words = f"{verdict}, unstable" if verdict == "right" and stable is False else verdict
    kinds = " or ".join(kinds)
    return f"{words}: {kinds}" if kinds else words


def expected(case: Case) -> str:
    """What the case claims."""
    return _said(case.verdict, case.stable, case.kinds)


def row(judgement: Judgement) -> str:
    """One line of the table."""
    case, report = judgement.case, judgement.report
    first = report.findings[0] if report.findings else None
    cells = (
        f"`{case.name}`",
        case.loss,
        case.summary,
        _thread(case.source),
        expected(case),
        _said(report.verdict, report.stable, [first.kind] if first else []),
        first.where if first else "",
    )
    return "| " + " | ".join(map(_cell, cells)) + " |\n"


def summary(judgements: list[Judgement]) -> str:
    """How many verdicts and diagnoses are right."""
    mistakes = [j for j in judgements if j.case.kinds]
    verdicts, kinds = sum(j.verdict_right for j in judgements), sum(j.kind_right for j in mistakes)
    return (
        f"{verdicts} of {len(judgements)} verdicts are right, and {kinds} of {len(mistakes)} diagnoses "
        f"({100 * kinds / len(mistakes):.0f} %).\n"
    )


def table(judgements: list[Judgement]) -> str:
    """The whole table."""
    return HEAD + "".join(map(row, judgements))
