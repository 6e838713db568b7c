"""Numbers that are made by functions are what they are in every backend, wherever they stand."""

import numpy as np
import pytest

from symloss import Piecewise, Real, exp, log, loss, sigmoid, softplus, sqrt, xlogy
from symloss.evaluate import Environment, evaluate
from symloss.value import exact

THIRD = exact(1) / 3
NUMBERS = {
    "softplus": softplus(THIRD),
    "softplus of 0": softplus(exact(0)),
    "sigmoid": sigmoid(-THIRD),
    "xlogy": xlogy(THIRD, exact(5)),
    "negative": log(softplus(-THIRD)),
    "within others": exp(softplus(softplus(THIRD))),
    "next to 1": log(1 + exp(softplus(THIRD))),
    "one less a number": 1 - exp(exact(4)),
    "one less a root": sqrt(exact(2)) - 1,
}


@pytest.mark.parametrize("backend", ["numpy", pytest.param("c", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_as_a_factor_and_in_a_condition(name, backend):
    number = NUMBERS[name]

    @loss
    def scaled(x: Real, t: Real):
        return Piecewise((number * (x - t), x > number), (0, True))

    true = float(evaluate(number, Environment({})))
    above, below = np.array([true + 1e-9]), np.array([true - 1e-9])
    kernel = scaled.load(backend)
    assert kernel.value(above, np.zeros(1)) == pytest.approx(true * above[0], rel=1e-15)
    assert kernel.gradient(above, np.zeros(1)) == pytest.approx(true, rel=1e-15)
    assert kernel.value(below, np.zeros(1)) == 0
