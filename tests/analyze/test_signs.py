"""The signs, limits and bounds that proofs rest on, held against numbers from elsewhere."""

import math
import random

import mpmath
import pytest
import sympy
from sympy import Abs, Symbol, atan, cosh, exp, log, oo, sinh, sqrt, tanh

from symloss.analyze.algebra import TooLarge, is_zero, letters
from symloss.analyze.chart import Undecided, chart
from symloss.analyze.facts import Facts, Range
from symloss.analyze.interval import enclosure, proven_sign
from symloss.analyze.limits import Unknown, limit
from symloss.analyze.pieces import slope
from symloss.analyze.signs import sign
from symloss.functions import sigmoid, softplus

x = Symbol("x", real=True)
a = Symbol("a", positive=True)
g = Symbol("g", nonnegative=True)
p = Symbol("p", nonnegative=True)
WHOLE = Facts().knowing(x, Range()).knowing(a, Range(sympy.S.Zero))
UNIT = Facts().knowing(p, Range(sympy.S.Zero, sympy.S.One)).knowing(g, Range(sympy.S.Zero, oo, False))
BEYOND = Facts().knowing(a, Range(sympy.S.Zero)).knowing(x, Range(a, oo))

SIGNS = [
    (1 - tanh(x) ** 2, WHOLE, "+"),
    (x**2 - 2 * x + 2, WHOLE, "+"),
    (x**4 - x + 1, WHOLE, "+"),
    (exp(x) - 1 - x, Facts().knowing(x, Range(sympy.S.Zero)), "+"),
    (x - tanh(x), Facts().knowing(x, Range(sympy.S.Zero)), "+"),
    (x - tanh(x), Facts().knowing(x, Range(-oo, sympy.S.Zero)), "-"),
    (sympy.diff(sqrt(1 + (x / a) ** 2), x, 2), WHOLE, "+"),
    (slope(slope(-((1 - p) ** g) * log(p), p), p), UNIT, "+"),
    (x**2 - a**2, BEYOND, "+"),
    (sympy.S(2) / 3 - log(2), WHOLE, "-"),
    (sigmoid(x) * (1 - sigmoid(x)) - sympy.Rational(1, 5), WHOLE, None),
    (sigmoid(x) * (1 - sigmoid(x)) - sympy.Rational(26, 100), WHOLE, "-"),
]
"""Expressions with the sign that they have (None: it is not one), known from analysis."""


@pytest.mark.parametrize(("expr", "facts", "expected"), SIGNS, ids=[str(e)[:40] for e, _, _ in SIGNS])
def test_signs_are_those_of_analysis(expr, facts, expected):
    assert sign(expr, facts) in (
        (expected,) if expected is None else (expected, {"+": ">=", "-": "<="}[expected])
    )


TRAPS = [
    x**2 - sympy.Rational(1, 10**12),
    x**4 - 2 * x**2 + 1 - sympy.Rational(1, 10**9),
    exp(x) - 1 - x - sympy.Rational(1, 10**9),
    1 - tanh(x) ** 2 - exp(-200),
    x**2 + 1 - 2 * exp(-((x - 5) ** 2)) * 100,
    cosh(x) - 1 - x**2 / 2 * (1 + sympy.Rational(1, 10**8)),
    log(1 + x**2) - x**2 / (1 + x**2) - sympy.Rational(1, 10**10),
]
"""All change their sign, on a narrow stretch or far out."""


@pytest.mark.slow
@pytest.mark.parametrize("expr", TRAPS, ids=[str(e)[:40] for e in TRAPS])
def test_no_sign_is_claimed_that_does_not_hold(expr):
    assert sign(expr, WHOLE) is None
    assert proven_sign(expr, x, -oo, oo) is None


def test_a_sign_for_every_parameter_is_not_claimed_from_most_of_them():
    assert sign(a - sympy.Rational(1, 10**6), WHOLE) is None
    assert sign(x**2 - a * x + 1, WHOLE) is None  # from a = 2 on it has zeros
    assert sign(a**2 * x**2 + 2 * a * x + 1, WHOLE) == ">="  # (a·x + 1)²


@pytest.mark.slow
def test_random_expressions_have_the_sign_that_is_claimed():
    """Sums of products of simple parts: a claim must hold at every one of many places."""
    draw = random.Random("signs")
    parts = [
        x,
        x**2,
        exp(x),
        exp(-x),
        tanh(x),
        x - 1,
        x + 2,
        log(1 + x**2),
        1 / (1 + x**2),
        sigmoid(x),
        Abs(x),
        a,
    ]
    claims = 0
    for _ in range(60):
        terms = [
            draw.choice((-2, -1, 1, 1, 2, 3)) * draw.choice(parts) * draw.choice(parts) for _ in range(2)
        ]
        expr = sympy.Add(*terms)
        found = sign(expr, WHOLE)
        if found is None:
            continue
        claims += 1
        f = sympy.lambdify((x, a), expr.replace(sigmoid, lambda t: 1 / (1 + exp(-t))), "mpmath")
        for k in range(60):
            at = mpmath.mpf(draw.uniform(-8, 8)), mpmath.mpf(draw.uniform(0.01, 5))
            value = f(*at) + 0 * k
            assert {"+": value > 0, "-": value < 0, ">=": value >= 0, "<=": value <= 0, "0": value == 0}[
                found
            ], expr
    assert claims > 10


LIMITS = [
    (log(cosh(x)) - x, oo, -log(2)),
    (tanh(x), -oo, -1),
    (x**2 * exp(-x), oo, 0),
    (x**2 * exp(-x), -oo, oo),
    (sqrt(1 + x**2) / x, -oo, -1),
    (softplus(x) - x, oo, 0),
    (atan(x), oo, sympy.pi / 2),
    (log(1 + exp(3 * x)) / x, oo, 3),
    (a * exp(x) - x**2, oo, oo),
    (exp(-(x**2)), -oo, 0),
    (x * sinh(x) / cosh(x), oo, oo),
]


@pytest.mark.parametrize(("expr", "end", "expected"), LIMITS, ids=[f"{e} at {end}" for e, end, _ in LIMITS])
def test_limits_are_those_of_analysis(expr, end, expected):
    found = limit(expr, x, sympy.sympify(end), -1 if end == oo else 1, WHOLE)
    assert found == expected or is_zero(found - expected)


def test_cancelling_leading_terms_are_never_taken_for_zero():
    with pytest.raises(Unknown):
        limit((sqrt(x**2 + x) - x), x, oo, -1, WHOLE)  # it is 1/2


@pytest.mark.slow
def test_bounds_contain_what_is_bounded():
    draw = random.Random("bounds")
    functions = [
        x**3 - x,
        exp(x) * tanh(x),
        log(1 + x**2),
        cosh(x),
        1 / (1 + exp(x)),
        sqrt(1 + x**2),
        sympy.sin(x),
    ]
    for f in functions:
        value = sympy.lambdify(x, f, "mpmath")
        for _ in range(20):
            low = draw.uniform(-6, 6)
            high = low + draw.uniform(0, 3)
            below, above = enclosure(f, {x: (mpmath.mpf(low), mpmath.mpf(high))})
            for k in range(9):
                at = mpmath.mpf(low + (high - low) * k / 8)
                assert below <= value(at) <= above, (f, at)


def test_bounds_are_rounded_outwards():
    third = enclosure(sympy.Rational(1, 3), {})
    with mpmath.workprec(200):
        assert third[0] < mpmath.mpf(1) / 3 < third[1]
    assert enclosure(exp(x), {x: (mpmath.mpf(-10) ** 9, mpmath.inf)}) == (0, mpmath.inf)


@pytest.mark.slow
def test_branch_and_bound_covers_unbounded_domains():
    assert proven_sign(2 - sympy.sin(100 * x) / 10, x, -oo, oo) == "+"
    assert proven_sign(exp(-x) + 1, x, -oo, oo) == "+"
    assert (
        proven_sign(x**2 + 1 - sympy.Rational(11, 10) * exp(-((x - 1000) ** 2)) * 10**7, x, -oo, oo) is None
    )


@pytest.mark.slow
def test_a_chart_has_all_sign_changes():
    parts = chart(x**3 - 3 * x, x, -oo, oo, WHOLE)
    assert [s.sign for s in parts] == ["-", "+", "-", "+"]
    assert [math.isclose(float(s.upper), v) for s, v in zip(parts, (-(3**0.5), 0, 3**0.5), strict=False)] == [
        True
    ] * 3
    with pytest.raises(Undecided):
        chart(x * exp(x) - cosh(x) * 3, x, -oo, oo, WHOLE)


def test_hyperbolic_functions_and_exponentials_are_one_algebra():
    assert is_zero(cosh(x) ** 2 - sinh(x) ** 2 - 1)
    assert is_zero(tanh(x) - 2 * sigmoid(2 * x) + 1)
    assert not is_zero(cosh(x) ** 2 - sinh(x) ** 2 - 1 - sympy.Rational(1, 10**9))
    with pytest.raises(TooLarge):
        letters(exp(10**9 * x) + exp(x))
