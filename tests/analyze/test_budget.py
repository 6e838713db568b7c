"""An answer that takes too long is cut, says so, and is not kept."""

import contextlib
import importlib
import itertools
import json
import time

import pytest
import sympy

from symloss import Real, get, loss, sigmoid
from symloss.analyze import alignment, scale, steepness
from symloss.analyze.answer import PROVEN, Answer
from symloss.analyze.budget import Budget
from symloss.cli import main


def without_end() -> Answer:
    for _ in itertools.count():
        with contextlib.suppress(Exception):
            time.sleep(0.001)
    return Answer(True, PROVEN)


def test_an_endless_question_is_cut_and_the_next_one_is_answered():
    budget = Budget(0.6)
    cut = budget.answer(without_end)
    assert cut.value is None and cut.status == "unknown" and cut.argument.startswith("Cut: ")
    assert budget.answer(lambda: Answer(True, PROVEN))
    group = budget.group("scale", lambda: {"range": without_end()})
    assert "lipschitz" in group and all(a.details["cut"] for a in group.values())
    assert budget.seconds == 0.6 and time.monotonic() < budget.end + 0.5


def test_what_was_there_before_is_there_again():
    import signal

    before = signal.getsignal(signal.SIGALRM)
    Budget(5).answer(lambda: Answer())
    assert signal.getsignal(signal.SIGALRM) == before and signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_nothing_is_cut_where_there_is_time():
    found = get("huber").characteristics()
    assert not found.cut and "cut" not in found.json()
    with pytest.raises(ValueError, match="huber: budget is 0"):
        get("huber").characteristics(budget=0)


def breaking() -> Answer:
    raise IndexError("there is no third\nsecond line")


def test_a_question_that_breaks_is_unknown_and_says_so():
    budget = Budget(5)
    found = budget.answer(breaking)
    assert (found.value, found.status) == (None, "unknown")
    assert (
        "failed (IndexError: there is no third)" in found.argument and found.details["failed"] == "IndexError"
    )
    assert budget.answer(lambda: Answer(True, PROVEN))
    group = budget.group("scale", lambda: {"range": breaking()}, ("range", "growth"))
    assert set(group) == {"range", "growth"} and all("failed" in a.details for a in group.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["hinge", "soft_dice"])
def test_a_review_survives_what_breaks(name, monkeypatch, capsys):
    """One question, a whole group, the cost: each is told where it belongs, and the rest is as it was."""
    characteristics = importlib.import_module("symloss.analyze.characteristics")

    def broken(*_):
        raise KeyError("nothing")

    before = get(name).characteristics()
    characteristics_of = characteristics.characteristics
    characteristics_of.cache_clear()
    monkeypatch.setitem(scale.ANSWERS, "lipschitz", broken)
    monkeypatch.setattr(steepness, "lipschitz", broken)
    monkeypatch.setattr(alignment, "minimiser", broken)
    monkeypatch.setattr(characteristics, "efficiency", broken)
    assert main(["review", name]) == 0 and "KeyError: 'nothing'" in capsys.readouterr().out
    assert main(["review", name, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["scale"]["lipschitz"]["failed"] == "KeyError" and data["efficiency"]["failed"] == "KeyError"
    assert data["alignment"]["convex"]["status"] == before["convex"].status
    characteristics_of.cache_clear()


@pytest.mark.slow
def test_a_review_keeps_to_its_budget():
    @loss(task="regression")
    def crossed(prediction: Real, target: Real):
        r = prediction - target
        return sympy.sqrt((r + sigmoid(r - 1) - 1) ** 2 + 1)

    start = time.monotonic()
    found = crossed.characteristics(budget=3)
    assert found.cut and found.json()["cut"]
    assert time.monotonic() - start < 30
    assert any("Cut: " in row.argument for row in found)
