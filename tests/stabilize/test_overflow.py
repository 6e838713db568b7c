"""0·inf is 0 where a number overflowed, and NaN where the formula itself divides 0 by 0."""

import numpy as np
import pytest

from symloss import Binary, Probability, Real, Sum, index, loss, named, norm

i = index("i")


@loss(task="segmentation", over="batch")
def dice_without_smoothing(probability: Probability["N"], target: Binary["N"]):
    """Undefined where both masks are empty."""
    overlap = named("overlap", Sum[i](probability[i] * target[i]))
    return 1 - 2 * overlap / Sum[i](probability[i] + target[i])


@loss(task="metric_learning")
def cosine(first: Real["D"], second: Real["D"]):
    """Undefined where one of the two is the origin."""
    product = named("product", Sum[i](first[i] * second[i]))
    return 1 - product / (norm[i](first[i]) * norm[i](second[i]))


@pytest.mark.parametrize("backend", ["numpy", pytest.param("c", marks=pytest.mark.slow)])
def test_a_quotient_of_sums_that_vanish_together_is_undefined(backend):
    kernel = dice_without_smoothing.load(backend)
    assert np.isnan(kernel.value([0.0, 0.0], [0.0, 0.0]))
    assert kernel.value([0.0, 0.5], [0.0, 1.0]) == pytest.approx(1 / 3)
    kernel = cosine.load(backend)
    assert np.isnan(kernel.value([[0.0, 0.0]], [[0.0, 1.0]]))
    assert kernel.value([[0.0, 2.0]], [[0.0, 1.0]]) == 0.0
