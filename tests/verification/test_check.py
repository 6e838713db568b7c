"""What ``generate --check`` says where rounding errors grow: right where that explains them, and only there."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from symloss import Piecewise, Real, exp, loss, sinh
from symloss.verification import check_kernel
from symloss.verification.kernels import _ratio


@loss
def growing(prediction: Real, target: Real):
    """The error of the exponential, one rounding, is multiplied by 100; that of the input by 1."""
    return sinh(100 * exp(Piecewise((prediction / 100, target > 0), (prediction / 200, True))))


@loss
def growing_and_wrong(prediction: Real, target: Real):
    return sinh(100 * exp(Piecewise((prediction / 100 + 1e-9, target > 0), (prediction / 200, True))))


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("seed", range(3))
def test_an_error_that_grows_on_the_way(seed, dtype):
    kernel = growing.load("numpy")
    assert check_kernel(kernel, dtype, range(seed, seed + 1))


def test_a_result_beyond_the_format_is_infinite():
    """e^100 is no float32; where the value is smaller, infinity is as wrong as ever."""
    assert check_kernel(growing.load("numpy"), "float32", range(1)).value == 0
    assert _ratio(np.inf, mpmath.mpf("3.3e38"), 0, "float32") == np.inf
    assert _ratio(-np.inf, mpmath.mpf("1e43"), 0, "float32") == np.inf


def test_no_more_than_that_is_allowed():
    class Wrong:
        loss, backend = growing, "numpy"

        def __getattr__(self, name):
            return getattr(growing_and_wrong.load("numpy"), name)

    outcome = check_kernel(Wrong(), seeds=range(1))
    assert outcome.exact > 1e3 and outcome.value > 1e3


def test_examples_of_very_different_size():
    """In the line of the batch an example's term is lost beside another one that is 10^1000 times larger."""

    @loss
    def steep(prediction: Real, target: Real):
        return sinh(exp(3 * prediction - target))

    assert all(steep.derivation().check())


def test_a_gradient_that_is_lost_beside_another_in_the_reference():
    """Of the batch's value, which the reference differentiates, e^(−1000) is no part to 50 digits."""

    @loss
    def flat(prediction: Real, target: Real):
        return exp(-((20 * prediction) ** 2) / 2)

    outcomes = [check_kernel(flat.load("numpy"), seeds=range(s, s + 1)) for s in range(3)]
    assert all(outcomes)
