"""What symloss.verify says of the corpus. `make cases` asks about all of it and writes docs/gradient_cases.md."""

from pathlib import Path

import pytest
from verification.corpus import CASES, RIGHT
from verification.corpus.call import loss_of, skip_without
from verification.corpus.judge import judged
from verification.corpus.table import expected, row
from verification.false_alarms import alarm, pairs

PAGE = Path(__file__).resolve().parents[2] / "docs" / "gradient_cases.md"

SHARE = 4
"""Of the losses with axes, whose gradients take seconds each, every fourth; of the others all."""

MISDIAGNOSED: set[str] = set()
"""Wrong gradients that are called wrong, and by another kind than the corpus has for the mistake."""


def sample() -> list[str]:
    axes = [n for n, c in CASES.items() if loss_of(c).kind != "elementwise"]
    return [n for n in CASES if n not in axes or axes.index(n) % SHARE == 0]


def rows() -> dict[str, str]:
    lines = PAGE.read_text(encoding="utf-8").splitlines(keepends=True)
    return {line.split("`")[1]: line for line in lines if line.startswith("| `")}


@pytest.mark.slow
@pytest.mark.parametrize("name", sample())
def test_verdict(name, tmp_path):
    case = CASES[name]
    skip_without(case)
    outcome = judged(case, tmp_path)
    assert outcome.verdict_right, str(outcome)
    assert outcome.kind_right == (name not in MISDIAGNOSED), str(outcome)
    assert rows()[name] == row(outcome), "docs/gradient_cases.md is stale: run `make cases`"


def test_page_has_every_case():
    shown = rows()
    assert shown.keys() == CASES.keys()
    for name, case in CASES.items():
        cells = [cell.strip() for cell in shown[name].split(" | ")]
        assert cells[4] == expected(case), name


def test_every_verdict_and_nine_diagnoses_in_ten():
    shown = rows()
    said = {name: line.split(" | ")[5] for name, line in shown.items()}
    for name, case in CASES.items():
        verdict = said[name].split(":")[0]
        unstable = ", unstable" if case.verdict == RIGHT and case.stable is False else ""
        either = case.verdict == RIGHT and case.stable is None
        assert verdict == case.verdict + unstable or (either and verdict.startswith(RIGHT)), name
    mistakes = {n for n, c in CASES.items() if c.kinds}
    missed = {n for n in mistakes if said[n].partition(": ")[2] not in CASES[n].kinds}
    assert missed == MISDIAGNOSED
    assert len(missed) <= len(mistakes) / 10


@pytest.mark.slow
@pytest.mark.parametrize(
    "pair", [p for p in pairs(1000) if p[1] in range(500, 520)], ids=lambda p: f"{p[0]}-{p[1]}"
)
def test_no_false_alarm(pair):
    assert alarm(pair) is None
