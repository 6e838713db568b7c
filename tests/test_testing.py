"""The helper for people's own test suites."""

import numpy as np
import pytest

from symloss.testing import assert_gradient


def test_a_right_gradient_passes_and_gives_its_report():
    assert assert_gradient(lambda pred, y: 2 * (pred - y), "mean_squared_error").verdict == "right"


def test_a_wrong_one_fails_with_the_report():
    with pytest.raises(AssertionError, match="its sign is flipped"):
        assert_gradient(lambda pred, y: 2 * (y - pred), "mean_squared_error")


@pytest.mark.slow
def test_stability_is_demanded_when_asked_for():
    def overflows(z, y):
        return np.exp(z) / (1 + np.exp(z)) - y

    assert_gradient(overflows, "binary_cross_entropy_with_logits")
    with pytest.raises(AssertionError, match="unstable"):
        assert_gradient(overflows, "binary_cross_entropy_with_logits", stable=True)
