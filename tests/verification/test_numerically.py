"""Without a loss: the order of the Taylor remainder of one's own value."""

import numpy as np
import pytest

import symloss
from symloss.verification.numerically import remainder_order


def value(z, y):
    return np.mean(np.logaddexp(0, z) - y * z)


def gradient(z, y):
    return (1 / (1 + np.exp(-z)) - y) / len(z)


def test_the_order_is_two_where_the_slope_is_right_and_one_where_it_is_not():
    assert remainder_order(lambda h: np.exp(h), 1.0, 2**-52) == pytest.approx(2, abs=0.1)
    assert remainder_order(lambda h: np.exp(h), 1.001, 2**-52) == pytest.approx(1, abs=0.1)


def test_a_right_gradient_is_right_and_the_report_says_that_it_is_numeric():
    report = symloss.verify(gradient, value=value)
    assert report and report.truth == "numeric" and "numeric" in str(report)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("factor", "kind"),
    [
        (lambda n: -1, "sign"),
        (lambda n: 3, "scale"),
        (lambda n: n, "reduction"),
        (lambda n: 1 + 1e-4 * n, "other"),
    ],
    ids=["sign", "scale", "reduction", "other"],
)
def test_wrong_ones(factor, kind):
    report = symloss.verify(lambda z, y: factor(len(z)) * gradient(z, y), value=value)
    assert report.verdict == "wrong" and report.findings[0].kind == kind


def test_a_kink_takes_any_subgradient():
    assert symloss.verify(lambda r: np.sign(r), value=lambda r: np.sum(abs(r)))


def test_functions_that_fail_are_undecided():
    def fails(z, y):
        raise ValueError("no")

    assert symloss.verify(fails, value=value).verdict == "undecided"
