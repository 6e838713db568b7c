"""Mistakes that a person could make in a loss are found out, each by the answer that speaks of it."""

from pathlib import Path

import pytest

import symloss
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
