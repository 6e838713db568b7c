"""The reference: every function by its textbook definition, to any number of digits."""

import math
from types import SimpleNamespace

import mpmath
import pytest
import sympy
from sympy import Abs, Eq, Indexed, IndexedBase, KroneckerDelta, Ne, Symbol, exp, log, sign

from symloss.evaluate import Environment, evaluate, evaluate_stable
from symloss.functions import (
    ELEMENTARY,
    ArgMax,
    AxisMax,
    Cases,
    Index,
    LogSumExp,
    Partial,
    Softmax,
    Sum,
    free_index,
    ratio,
    sigmoid,
    size_symbol,
    softplus,
    xlogy,
)

x, y = Symbol("x", real=True), Symbol("y", real=True)
C, D = size_symbol("C"), size_symbol("D")
z = IndexedBase("z", shape=(C,), real=True)
w = IndexedBase("w", shape=(C, D), real=True)
j, l = Index("j"), Index("l")  # noqa: E741
k = free_index(1)


def at(expr, digits=50, indices=None, **values):
    return evaluate(expr, Environment(values, {"C": 3, "D": 2}), digits, indices)


def close(a, b, digits):
    return abs(a - b) <= mpmath.mpf(10) ** -digits * max(1, abs(a), abs(b))


@pytest.mark.parametrize("digits", [20, 50, 200])
def test_digits_are_kept(digits):
    third = at(sympy.Rational(1, 3), digits)
    with mpmath.workdps(digits + 10):
        assert close(third, mpmath.mpf(1) / 3, digits - 1)
        assert close(at(sympy.pi, digits), mpmath.pi(), digits - 1)
        assert close(at(exp(x), digits, x=2), mpmath.exp(2), digits - 2)


@pytest.mark.parametrize("row", ELEMENTARY, ids=lambda row: row.name)
def test_functions_against_the_standard_library(row):
    for number in (1.25, 1.5) if row.name == "acosh" else (0.25, 0.5, 0.875):
        assert float(at(row.function(x), x=number)) == pytest.approx(
            getattr(math, row.name)(number), rel=1e-14
        )


@pytest.mark.parametrize(
    ("e", "expected"),
    [
        (Abs(x), 2.5),
        (sign(x), -1),
        (sympy.Max(x, y, 0), 4),
        (sympy.Min(x, y, 0), -2.5),
        (x**3, -15.625),
        (y**-2, 0.0625),
        (y ** sympy.Rational(1, 2), 2),
        (sympy.sqrt(sympy.Integer(4)) * x, -5),
        (KroneckerDelta(x * 2 + 5, 0), 1),
        (KroneckerDelta(1, 2), 0),
        (sympy.oo, math.inf),
        (-sympy.oo, -math.inf),
        (sympy.E, math.e),
        (sympy.Integer(7), 7),
    ],
)
def test_numbers(e, expected):
    assert float(at(e, x=-2.5, y=4)) == pytest.approx(expected, rel=1e-15)


def test_sign_of_zero_and_of_nan():
    assert at(sign(x), x=0) == 0
    assert mpmath.isnan(at(sign(x), x=mpmath.nan))


def test_nan_in_nan_out():
    for e in (x + 1, 2 * x, exp(x), Abs(x), x**2):
        assert mpmath.isnan(at(e, x=mpmath.nan)), e


def test_powers_of_zero():
    assert at(x**y, x=0, y=0) == 1
    assert at(x**y, x=0, y=2) == 0
    assert at(x**y, x=0, y=-1) == mpmath.inf
    assert at(1 / x, x=0) == mpmath.inf


def test_not_real_is_complex():
    value = at(log(x), x=-1)
    assert value.imag == pytest.approx(math.pi)


# --- corners ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p", "q", "expected"),
    [(0, 0, 0), (0, 5, 0), (2, 1, 0), (1, 0, -math.inf), (-1, 0, math.inf), (0, math.inf, 0)],
)
def test_xlogy(p, q, expected):
    assert at(xlogy(x, y), x=p, y=q) == expected


@pytest.mark.parametrize(
    ("p", "q", "expected"), [(0, 0, 0), (0, 5, 0), (6, 2, 3), (1, 0, math.inf), (-6, 2, -3), (0, math.inf, 0)]
)
def test_ratio(p, q, expected):
    assert at(ratio(x, y), x=p, y=q) == expected


def test_cases_do_not_look_at_what_is_not_taken():
    e = Cases((0, Eq(x, 0)), (1 / x, True))
    assert at(e, x=0) == 0
    assert at(e, x=4) == mpmath.mpf("0.25")
    assert at(Cases((1, x > y), (log(y), True)), x=0, y=-1) == 1


@pytest.mark.parametrize(
    ("condition", "truth"),
    [
        (x < y, (True, False, False)),
        (x <= y, (True, True, False)),
        (x > y, (False, False, True)),
        (x >= y, (False, True, True)),
        (Eq(x, y), (False, True, False)),
        (Ne(x, y), (True, False, True)),
        ((x < y) & (x > 0), (False, False, False)),
        ((x < y) | (x > y), (True, False, True)),
        (sympy.Not(Eq(x, y)), (True, False, True)),
        (sympy.true, (True, True, True)),
    ],
)
def test_conditions(condition, truth):
    e = Cases((1, condition), (0, True))
    assert [at(e, x=v, y=0) == 1 for v in (-1, 0, 1)] == list(truth)


def test_conditions_are_false_of_nan():
    for condition in (x < y, x >= y, Eq(x, y)):
        assert at(Cases((1, condition), (0, True)), x=mpmath.nan, y=0) == 0


# --- tensors and reductions ---------------------------------------------------------------------------------


def test_tensors():
    values = {"z": [1, 2, 4], "w": [[1, 2], [3, 4], [5, 6]]}
    assert at(z[0] + w[2, 1], **values) == 7
    assert at(z[k], indices={k: 2}, **values) == 4
    assert at(Sum(Sum(z[j] * w[j, l], l, D), j, C), **values) == 3 + 14 + 44
    assert at(w[ArgMax(z[j], j, C), 0], **values) == 5
    assert at(C * z[0], **values) == 3
    assert at(Sum(j * z[j], j, C), **values) == 10


def test_a_value_comes_before_a_size_of_the_same_name():
    assert evaluate(Symbol("C", real=True), Environment({"C": 9}, {"C": 3})) == 9


def test_empty_axis():
    empty = Environment({"z": []}, {"C": 0})
    assert evaluate(Sum(z[j], j, C), empty) == 0
    assert evaluate(AxisMax(z[j], j, C), empty) == -mpmath.inf


def test_arg_max_takes_the_first():
    assert at(ArgMax(z[j], j, C), z=[1, 7, 7]) == 1


def test_definitions():
    s = IndexedBase("s", shape=(C,), real=True)
    definitions = {
        "r": SimpleNamespace(indices=(), expr=x - y),
        "s": SimpleNamespace(indices=(free_index(0),), expr=Symbol("r") * z[free_index(0)]),
    }
    environment = Environment({"x": 5, "y": 2, "z": [1, 2, 3]}, {"C": 3}, definitions)
    assert evaluate(Symbol("r") ** 2, environment) == 9
    assert evaluate(Sum(s[j], j, C), environment) == 18
    assert evaluate(s[2], environment) == 9


def test_one_number_changed():
    before = Environment({"w": [[1, 2], [3, 4], [5, 6]]}, {"C": 3, "D": 2})
    after = before.replaced("w", (1, 0), 30)
    assert evaluate(w[1, 0], after) == 30
    assert evaluate(w[1, 1] + w[0, 0], after) == 5
    assert evaluate(w[1, 0], before) == 3


def test_what_has_no_meaning():
    with pytest.raises(TypeError, match="no numerical meaning for"):
        at(sympy.Integral(x, (x, 0, 1)))


# --- derivatives --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("e", "derivative"),
    [
        (x**3, lambda t: 3 * t**2),
        (exp(-x), lambda t: -mpmath.exp(-t)),
        (sigmoid(x), lambda t: mpmath.exp(-t) / (1 + mpmath.exp(-t)) ** 2),
        (softplus(x), lambda t: 1 / (1 + mpmath.exp(-t))),
        (sympy.log(sympy.cosh(x)), mpmath.tanh),
        (Abs(x) * x, lambda t: 2 * abs(t)),
    ],
)
def test_partial(e, derivative):
    with mpmath.workdps(60):
        for number in ("-1.5", "0.25", "3"):
            number = mpmath.mpf(number)
            assert close(at(Partial(e, x), 50, x=number), derivative(number), 35)


def test_partial_by_an_element():
    numbers = [mpmath.mpf(v) for v in (1, 2, 4)]
    e = Partial(Sum(z[j] ** 3, j, C), z[k])
    for place in range(3):
        assert close(at(e, z=numbers, indices={k: place}), 3 * numbers[place] ** 2, 35)


def test_partial_below_a_sum():
    """Σ_j ∂(z_j² z_k)/∂z_k, which is 2 z_k² + Σ_j z_j²."""
    e = Sum(Partial(z[j] ** 2 * z[k], z[k]), j, C)
    numbers = [mpmath.mpf(v) for v in (1, 2, 4)]
    for place in range(3):
        expected = 2 * numbers[place] ** 2 + 21
        assert close(at(e, z=numbers, indices={k: place}), expected, 35)


def test_partial_goes_through_a_definition():
    definitions = {"r": SimpleNamespace(indices=(), expr=x**2)}
    environment = Environment({"x": 3}, {}, definitions)
    assert close(evaluate(Partial(Symbol("r") ** 2, x), environment), 4 * 27, 35)


def test_partial_of_a_softmax():
    numbers = [mpmath.mpf(v) for v in (1, 2, 4)]
    with mpmath.workdps(60):
        e = [mpmath.exp(n) for n in numbers]
        p = [n / sum(e) for n in e]
        for place in range(3):
            for by in range(3):
                got = at(Partial(Softmax(z[j], j, C, place), z[k]), z=numbers, indices={k: by})
                assert close(got, p[place] * ((place == by) - p[by]), 35)


# --- precision that is raised -------------------------------------------------------------------------------


def test_precision_is_raised_until_the_digits_are_there():
    e = log(1 - exp(x))
    for number in (-144, -300, -700):
        environment = Environment({"x": number})
        got = evaluate_stable(e, environment, 30)
        with mpmath.workdps(700):
            expected = mpmath.log1p(-mpmath.exp(number))
            assert abs(got - expected) <= abs(expected) * mpmath.mpf(10) ** -30


def test_cancellation_is_seen_through():
    e = LogSumExp(z[j], j, C) - AxisMax(z[j], j, C)
    got = evaluate_stable(e, Environment({"z": [0, -400, -500]}, {"C": 3}), 30)
    with mpmath.workdps(600):
        expected = mpmath.log1p(mpmath.exp(-400) + mpmath.exp(-500))
        assert abs(got - expected) <= expected * mpmath.mpf(10) ** -29


def test_zero_infinity_and_nan_are_settled():
    environment = Environment({"x": 0})
    assert evaluate_stable(x, environment, 30) == 0
    assert evaluate_stable(1 / x, environment, 30) == mpmath.inf
    assert (
        mpmath.isnan(evaluate_stable(x / x, environment, 30)) or evaluate_stable(x / x, environment, 30) == 1
    )


def test_indexed_places_may_be_class_indices():
    t = Symbol("t", integer=True)
    e = Indexed(z, t)
    assert at(e, z=[1, 2, 4], t=1) == 2
