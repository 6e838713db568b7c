"""Numbers that are made by functions are what they are in every backend, wherever they stand."""

import mpmath
import numpy as np
import pytest

from symloss import Max, Min, Piecewise, Real, exp, log, loss, sigmoid, softplus, sqrt, xlogy
from symloss.evaluate import Environment, evaluate
from symloss.value import exact

THIRD = exact(1) / 3


def Q(p, q):
    """A fraction, to the digits that mpmath works with."""
    return mpmath.mpf(p) / q


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


def value_of(body, backend, x):
    @loss
    def declared(x: Real, t: Real):
        return body(x, t)

    return float(declared.load(backend).value([x], [0.0]))


SUMS_AND_PRODUCTS = {
    "one less an exponential": (
        lambda x, t: x * (1 - exp(-1e-10)),
        lambda x: x * -mpmath.expm1(-Q(1, 10**10)),
    ),
    "factors": (lambda x, t: log(2) * sqrt(3) * x / 7, lambda x: mpmath.log(2) * mpmath.sqrt(3) * x / 7),
    "terms": (lambda x, t: x + log(3) - 1 + exp(0.1), lambda x: x + mpmath.log(3) - 1 + mpmath.exp(Q(1, 10))),
    "a fraction of many digits": (lambda x, t: x * (1e-30 + 1e-20), lambda x: x * Q(10**10 + 1, 10**30)),
    "an exponential that is no float": (lambda x, t: Piecewise((x, x < exp(1000)), (t, True)), lambda x: x),
    "a maximum": (lambda x, t: Max(x, softplus(1)), lambda x: mpmath.log(1 + mpmath.e)),
    "a minimum": (lambda x, t: Min(sigmoid(2), x), lambda x: 1 / (1 + mpmath.exp(-2))),
}


@pytest.mark.parametrize("backend", ["numpy", pytest.param("c", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", SUMS_AND_PRODUCTS)
def test_what_has_no_variables_is_rounded_once(name, backend):
    body, true = SUMS_AND_PRODUCTS[name]
    with mpmath.workdps(60):
        expected = float(true(mpmath.mpf(1)))
    assert value_of(body, backend, 1.0) == pytest.approx(expected, rel=2.3e-16, abs=0)


def test_a_number_is_no_function_in_the_code():
    @loss
    def declared(x: Real, t: Real):
        return x * (log(2) - exp(-1)) / sqrt(5) + log(7) - sigmoid(1)

    from symloss import backends

    for target, ending in (("numpy", ".py"), ("c", ".c"), ("javascript", ".mjs")):
        text = backends.get(target).render(declared, "a test")[ending]
        lines = [line for line in text.splitlines() if "0.14546415523207" in line]
        assert lines, target
        assert not any(word in line for line in lines for word in ("log(", "sqrt(", "exp("))
