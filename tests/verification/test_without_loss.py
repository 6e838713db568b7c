"""Without a loss: the order of the Taylor remainder of one's own value."""

import numpy as np
import pytest

import symloss
from symloss.verification.without_loss import remainder_order


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


def test_a_function_that_gives_its_own_value_needs_no_other():
    assert symloss.verify(lambda z, y: (value(z, y), gradient(z, y)))
    report = symloss.verify(lambda z, y: (value(z, y), 2 * gradient(z, y)))
    assert report.verdict == "wrong" and report.findings[0].kind == "scale"
    with pytest.raises(ValueError, match="no value"):
        symloss.verify(gradient)


def test_tables_and_class_indices():
    def probabilities(scores):
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def cross_entropy(scores, label):
        return -np.sum(np.log(probabilities(scores)[np.arange(len(scores)), label]))

    def by_scores(scores, label):
        return probabilities(scores) - np.eye(scores.shape[1])[label]

    assert symloss.verify(by_scores, value=cross_entropy)
    assert symloss.verify(lambda s, k: -by_scores(s, k), value=cross_entropy).findings[0].kind == "sign"
    assert symloss.verify(lambda a, b: 2 * (a - b), value=lambda a, b: np.sum(np.square(a - b)[:, :]))
