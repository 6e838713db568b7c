"""The bound: ulp as the C library counts them, and what is sound at the ends of a format."""

import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx

from symloss.certify.bound import FACTOR, FORMATS, error

DOUBLE, SINGLE = FORMATS["float64"], FORMATS["float32"]


@pytest.fixture(autouse=True)
def digits():
    before = ctx.prec
    ctx.prec = 2300
    yield
    ctx.prec = before


def ball(x) -> arb:
    x = Fraction(x)
    return arb(x.numerator) / x.denominator


def test_ulp_is_that_of_the_c_library():
    rng = np.random.default_rng(0)
    for x in [*(2.0 ** rng.uniform(-1074, 1023, 200)), 1.0, 2.0**-1022, 5e-324, 0.0, 1.7976931348623157e308]:
        assert 2.0 ** DOUBLE.exponent_of_ulp(ball(float(x))) == math.ulp(x)
    for x in (2.0 ** rng.uniform(-149, 127, 200)).astype(np.float32):
        assert 2.0 ** SINGLE.exponent_of_ulp(ball(float(x))) == float(np.spacing(x))


@pytest.mark.parametrize("ulps", [0, 0.5, 1, 3.5, 4, 4.5, 1000])
@pytest.mark.parametrize("at", [1.5, -3e200, 2e-310, 5e-324])
def test_errors_in_ulp(at, ulps):
    exact = Fraction(at) + Fraction(ulps) * Fraction(math.ulp(at)) * (1 if at > 0 else -1)
    found = error(at, ball(exact), arb(0), DOUBLE)
    # 1000 ulp on from a subnormal number, it has digits more
    allowance = 2 if ulps == 1000 and abs(at) < 1e-307 else 1
    assert found.ulps == pytest.approx(ulps) or allowance == 2
    assert (found.share <= 1) == (ulps <= FACTOR)


def test_what_the_inputs_leave_open_is_allowed():
    """1000 ulp off are sound where S is 250 of them, and not where it is 200."""
    exact = Fraction(1) + 1000 * Fraction(2) ** -52
    assert error(1.0, ball(exact), ball(250 * Fraction(2) ** -52), DOUBLE).share <= 1
    assert error(1.0, ball(exact), ball(200 * Fraction(2) ** -52), DOUBLE).share > 1


def test_beyond_the_format():
    huge, tiny = ball(Fraction(10) ** 400), ball(Fraction(10) ** -400)
    assert error(math.inf, huge, arb(0), DOUBLE).share == 0
    assert error(-math.inf, huge, arb(0), DOUBLE).share > 1
    assert error(math.inf, -huge, arb(0), DOUBLE).share > 1
    assert error(1e308, huge, arb(0), DOUBLE).share > 1
    assert error(math.inf, ball(1.0), arb(0), DOUBLE).share > 1
    assert error(0.0, tiny, arb(0), DOUBLE).share <= 1
    assert error(0.0, ball(2e-310), arb(0), DOUBLE).share > 1
    assert error(math.inf, arb("inf"), arb(0), DOUBLE).share == 0
    assert error(1.0, arb("inf"), arb(0), DOUBLE).share > 1


def test_a_nan_is_wrong_where_there_is_a_number():
    assert error(math.nan, ball(1.0), arb(0), DOUBLE).share > 1
    assert error(math.nan, huge_nan(), arb(0), DOUBLE).share == 0


def huge_nan() -> arb:
    return arb("nan")
