"""Numeric differentiation: right on known derivatives, and its bound really bounds its error."""

from __future__ import annotations

import math

import pytest

from symloss.verification import richardson

FUNCTIONS = [
    ("x", lambda x: x, lambda x: 1.0),
    ("x**2", lambda x: x * x, lambda x: 2 * x),
    ("x**5", lambda x: x**5, lambda x: 5 * x**4),
    ("constant", lambda x: 3.5, lambda x: 0.0),
    ("exp", math.exp, math.exp),
    ("exp(-x²)", lambda x: math.exp(-x * x), lambda x: -2 * x * math.exp(-x * x)),
    ("sin", math.sin, math.cos),
    ("sin(9x)", lambda x: math.sin(9 * x), lambda x: 9 * math.cos(9 * x)),
    ("tanh", math.tanh, lambda x: 1 / math.cosh(x) ** 2),
    ("log(2 + x²)", lambda x: math.log(2 + x * x), lambda x: 2 * x / (2 + x * x)),
    ("1/(1 + x²)", lambda x: 1 / (1 + x * x), lambda x: -2 * x / (1 + x * x) ** 2),
    ("atan", math.atan, lambda x: 1 / (1 + x * x)),
    ("sqrt(1 + x²)", lambda x: math.sqrt(1 + x * x), lambda x: x / math.sqrt(1 + x * x)),
    ("softplus", lambda x: math.log1p(math.exp(x)), lambda x: 1 / (1 + math.exp(-x))),
    ("1000 + x", lambda x: 1000 + math.sin(x), math.cos),
]
PLACES = [-2.5, -1.0, -0.3, 0.0, 1e-3, 0.7, 1.9, 3.0]


def differences(f, x, step=2.0**-6):
    noise = (abs(f(x)) + 1) * 2.0**-50
    return richardson(f, x, step, noise)


@pytest.mark.parametrize("x", PLACES)
@pytest.mark.parametrize(("name", "f", "derivative"), FUNCTIONS, ids=[f[0] for f in FUNCTIONS])
def test_the_bound_bounds_the_error(name, f, derivative, x):
    slope, bound = differences(f, x)
    assert abs(slope - derivative(x)) <= bound


@pytest.mark.parametrize("x", PLACES)
@pytest.mark.parametrize(("name", "f", "derivative"), FUNCTIONS, ids=[f[0] for f in FUNCTIONS])
def test_the_bound_is_of_use(name, f, derivative, x):
    """Tight enough to find an error in the eighth digit."""
    _, bound = differences(f, x)
    assert bound <= 1e-8 * max(1, abs(f(x)), abs(derivative(x)))


@pytest.mark.parametrize(("name", "f", "derivative"), FUNCTIONS, ids=[f[0] for f in FUNCTIONS])
def test_wrong_derivatives_are_found(name, f, derivative):
    slope, bound = differences(f, 0.7)
    right = derivative(0.7)
    for wrong in (-right, right * (1 + 1e-6), right + 1e-6, 0.0):
        if wrong != right:
            assert abs(slope - wrong) > bound


def test_the_noise_is_part_of_the_bound():
    """A function with errors of 1e-6: the derivative is no better than that, and the bound says so."""
    state = [1.0]

    def noisy(x):
        state[0] = -state[0]
        return x * x + 1e-6 * state[0]

    slope, bound = richardson(noisy, 1.0, 2.0**-6, 1e-6)
    assert abs(slope - 2) <= bound
    assert bound >= 1e-6


def test_a_kink_is_not_smoothed_away():
    """At the kink of |x - 1/3| the differences do not settle, next to it the slope is right."""
    slope, bound = differences(lambda x: abs(x - 1 / 3), 0.5)
    assert abs(slope - 1) <= bound < 1e-6
