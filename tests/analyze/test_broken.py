"""Mistakes that a person could make in a loss are found out, each by the answer that speaks of it."""

from pathlib import Path

import pytest

import symloss
from symloss.cli import main
from symloss.library import losses_in

BROKEN = losses_in(Path(__file__).with_name("broken_losses.py"))

MISTAKES = {
    "huber_with_logarithmic_tails": ("convex", False, "huber"),
    "huber_that_jumps": ("continuous", False, "huber"),
    "swapped_pinball": ("elicits", "1 - level-quantile", "quantile"),
    "weighted_log_score": ("proper", False, "binary_cross_entropy"),
    "linear_score": ("proper", False, "binary_cross_entropy"),
    "hinge_with_a_gap": ("continuous", False, "hinge"),
    "hinge_of_the_wrong_sign": ("monotone", False, "hinge"),
    "margin_wanted_exactly": ("monotone", False, "hinge"),
    "squared_score": ("calibrated", False, "squared_hinge"),
}
"""The loss, the question, the answer that gives the mistake away, and a loss of the catalogue without it."""


@pytest.mark.slow
@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_found_out(name):
    key, expected, healthy = MISTAKES[name]
    found = BROKEN[name].characteristics()[key]
    assert found.value == expected and found.status in ("proven", "refuted"), found
    assert symloss.get(healthy).characteristics()[key].value != expected


@pytest.mark.slow
def test_no_gradient_over_a_region():
    found = BROKEN["clipped_squared_error"].characteristics()["dead_zones"]
    assert found.status == "proven"
    assert list(found.value) == [
        "prediction - target < -sqrt(most)",
        "prediction - target > sqrt(most)",
    ]
    assert not symloss.get("mean_squared_error").characteristics()["dead_zones"].value


@pytest.mark.slow
def test_a_gradient_without_bound():
    found = BROKEN["root_error"].characteristics()
    assert found["blow_up"].status == "proven" and len(found["blow_up"].value) == 2
    assert str(found["lipschitz"].value) == "oo"
    assert not symloss.get("mean_absolute_error").characteristics()["blow_up"].value


@pytest.mark.slow
def test_a_minimum_beside_the_target():
    found = BROKEN["biased_squared_error"].characteristics()["minimiser"]
    assert found.value == "prediction - target = -1/2" and found.status == "proven"
    right = symloss.get("mean_squared_error").characteristics()["minimiser"]
    assert right.value == "prediction - target = 0"


@pytest.mark.slow
def test_nothing_over_nothing():
    """Where both masks are empty, the formula is 0/0."""
    found = BROKEN["dice_without_smoothing"].characteristics()["empty_masks"]
    assert found.details["right"] == "nan"
    assert symloss.get("soft_dice").characteristics()["empty_masks"].details["right"] == 0


NEWS = {
    "huber_with_logarithmic_tails": "not convex",
    "huber_that_jumps": "jumps",
    "clipped_squared_error": "the gradient is 0 where",
    "root_error": "the gradient goes to",
    "biased_squared_error": "the best prediction is not the target",
    "weighted_log_score": "not a proper scoring rule",
    "linear_score": "not a proper scoring rule",
    "hinge_with_a_gap": "jumps",
    "hinge_of_the_wrong_sign": "rewards the wrong sign",
    "margin_wanted_exactly": "does not fall with the margin",
    "squared_score": "not classification-calibrated",
    "dice_without_smoothing": "0/0",
}
"""What the page says first, or soon. Of swapped weights nothing is wrong but what was meant: it says the quantile."""


@pytest.mark.slow
def test_the_page_says_it(capsys):
    """Among the findings that come first, each with what to do about it."""
    for name, words in NEWS.items():
        findings = [a for a in BROKEN[name].characteristics().advice if a.severity >= 2]
        assert any(words in a.finding and a.action for a in findings), (name, findings)
    assert main(["review", str(Path(__file__).with_name("broken_losses.py"))]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert all(words in out for words in NEWS.values()) and "1 - level-quantile" in out


@pytest.mark.slow
def test_a_counterexample_can_be_pasted():
    """The line that a refutation gives computes what it says, with the loss under the name ``loss``."""
    for name in ("huber_with_logarithmic_tails", "weighted_log_score"):
        loss = BROKEN[name]
        key = MISTAKES[name][0]
        shown = loss.characteristics()[key].counterexample
        scope = {"loss": loss}
        *before, last = shown["paste"].split("; ")
        for line in before:
            exec(line, scope)
        values = eval(last, scope)
        if key == "convex":
            first, middle, end = values
            assert middle > (first + end) / 2
        else:
            told, cheaper = values
            assert cheaper < told
