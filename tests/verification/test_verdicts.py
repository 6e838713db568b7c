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

NOT_YET: frozenset[str] = frozenset()
"""Gradients whose verdict is not right yet. The list is strict: what has become right must leave it."""

MISDIAGNOSED: frozenset[str] = frozenset()
"""Gradients whose verdict is right, and whose mistake is called by a kind that does not fit. As strict."""


def sample() -> list[str]:
    axes = [n for n, c in CASES.items() if loss_of(c).kind != "elementwise"]
    return [n for n in CASES if n not in axes or axes.index(n) % SHARE == 0]


def rows() -> dict[str, str]:
    lines = PAGE.read_text(encoding="utf-8").splitlines(keepends=True)
    return {line.split("`")[1]: line for line in lines if line.startswith("| `")}


def cell(line: str, column: int) -> str:
    return line.removeprefix("| ").split(" | ")[column].strip()


@pytest.mark.slow
@pytest.mark.parametrize("name", sample())
def test_verdict(name, tmp_path):
    case = CASES[name]
    skip_without(case)
    outcome = judged(case, tmp_path)
    assert outcome.verdict_right == (name not in NOT_YET), str(outcome)
    assert outcome.kind_right or name in NOT_YET | MISDIAGNOSED, str(outcome)
    assert rows()[name] == row(outcome), "docs/gradient_cases.md is stale: run `make cases`"


def test_page_has_every_case():
    shown = rows()
    assert shown.keys() == CASES.keys()
    for name, case in CASES.items():
        assert cell(shown[name], 4) == expected(case), name


def test_verdicts_and_diagnoses_on_the_page():
    shown = rows()
    wrong_verdicts, misdiagnosed = set(), set()
    for name, case in CASES.items():
        verdict, _, kind = cell(shown[name], 5).partition(": ")
        claims = {case.verdict, f"{case.verdict}, unstable"}
        if case.verdict == RIGHT and case.stable is not None:
            claims = {RIGHT if case.stable else f"{RIGHT}, unstable"}
        if verdict not in claims:
            wrong_verdicts.add(name)
        elif case.kinds and kind not in case.kinds:
            misdiagnosed.add(name)
    assert wrong_verdicts == NOT_YET
    assert misdiagnosed == MISDIAGNOSED


def test_every_verdict_is_right_and_nine_diagnoses_in_ten():
    assert not NOT_YET
    mistakes = {name for name, case in CASES.items() if case.kinds}
    assert len(MISDIAGNOSED & mistakes) <= len(mistakes) / 10


@pytest.mark.slow
@pytest.mark.parametrize(
    "pair", [p for p in pairs(1000) if p[1] in range(500, 520)], ids=lambda p: f"{p[0]}-{p[1]}"
)
def test_no_false_alarm(pair):
    assert alarm(pair) is None
