"""What is given to paste computes the derivative, with NumPy alone."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import by_name, draw, kernel, losses, quick

import symloss
from symloss.verification.correction import correction

QUICK = ("huber", "softmax_cross_entropy", "multiclass_hinge")


def computed(loss, wrt: str, order: int, arrays, parameters, **convention):
    scope = {"np": np}
    exec(correction(loss, wrt, order, **convention), scope)
    return scope["gradient" if order == 1 else "hessian"](*arrays.values(), **parameters)


@pytest.mark.parametrize("name", quick(losses(), *QUICK))
def test_gradients(name):
    loss = symloss.get(name)
    arrays, parameters = draw(loss, off_default=True)
    expected = by_name(loss, kernel(name, "numpy").gradient(*arrays.values(), **parameters, reduction="sum"))
    for wrt in loss.differentiated:
        got = computed(loss, wrt, 1, arrays, parameters)
        np.testing.assert_allclose(got, expected[wrt], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", quick(losses("elementwise")))
def test_second_derivatives(name):
    loss = symloss.get(name)
    arrays, parameters = draw(loss, off_default=True)
    expected = by_name(loss, kernel(name, "numpy").hessian(*arrays.values(), **parameters, reduction="sum"))
    for wrt in loss.differentiated:
        got = computed(loss, wrt, 2, arrays, parameters)
        np.testing.assert_allclose(got, expected[wrt], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("factor", [1, 0.5, -3])
def test_the_convention_of_whoever_asks(factor):
    loss = symloss.get("softmax_cross_entropy")
    arrays, _ = draw(loss)
    expected = factor * kernel(loss.name, "numpy").gradient(*arrays.values(), reduction="mean")
    got = computed(loss, "logits", 1, arrays, {}, factor=factor, mean=True)
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-14)
