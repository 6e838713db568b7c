"""What is known of sizes: held against numbers, in floats as they are computed."""

import math
import random

import numpy as np
import pytest
import sympy
from sympy import Abs, Rational, Symbol, exp, log, symbols, tanh

from symloss.functions import Cases, expm1, group, log1p, maximum, size_symbol
from symloss.schedule.bounds import at_least_one, ends, in_unit, stands_for

x, y = symbols("x y", real=True)
a, e = symbols("a e", real=True)
OF_RESIDUAL = {"a": Abs(x), "e": expm1(-a)}
"""Names as a program has them: a size, and what an exponential of it is beyond 1."""


def test_exponentials_of_what_is_at_most_0_lie_in_the_unit():
    small = exp(-Abs(x))
    assert in_unit(small, {}) and in_unit(Symbol("small", real=True), {"small": small})
    assert in_unit(exp(-maximum(x, 0, 0)), {})
    assert not in_unit(exp(x), {}) and not in_unit(exp(-maximum(x, y, Rational(1, 2))), {})


def test_a_sum_of_terms_in_the_unit_need_not_lie_there():
    total, any_ = symbols("total any", real=True)
    term = Cases((0, x > y), (exp(-Abs(x)), True))
    known = {"total": stands_for("sum", term), "any": x, "largest": stands_for("max", term)}
    assert in_unit(term, {}) and in_unit(Symbol("largest", real=True), known) and not in_unit(total, known)
    assert (
        at_least_one(1 + total, known) and at_least_one(2 + exp(x), {}) and at_least_one(size_symbol("C"), {})
    )
    assert not at_least_one(1 + any_, known) and not at_least_one(total, known)
    assert not at_least_one(Rational(1, 2) + total, known)
    of_no_terms = {"ones": stands_for("sum", 1 + exp(x))}  # which is 0
    assert not at_least_one(Symbol("ones", real=True), of_no_terms)


def test_a_condition_says_what_it_compares_where_it_holds_and_after_it():
    """Of log cosh: what its logarithm takes beyond 1 lies in the unit only by grace of its choice."""
    near, far = e**2 / (2 * (e + 1)), (e + 1) ** 2
    assert in_unit(Cases((near, a < 1), (far, True)), OF_RESIDUAL)
    assert in_unit(Cases((far, a >= 1), (near, True)), OF_RESIDUAL)
    assert in_unit(Cases((near, Symbol("small")), (far, True)), {**OF_RESIDUAL, "small": a < 1})
    assert not in_unit(near, OF_RESIDUAL)
    assert not in_unit(Cases((near, a < 3), (far, True)), OF_RESIDUAL)
    assert not in_unit(Cases((near, a > 1), (far, True)), OF_RESIDUAL)
    assert not in_unit(Cases((near, y < 1), (far, True)), OF_RESIDUAL)


def test_conditions_are_forgotten_outside_their_choice():
    chosen = Cases((a, a < 1), (0, True))
    assert in_unit(chosen, OF_RESIDUAL) and not in_unit(chosen + a, OF_RESIDUAL)


def test_reciprocals_of_what_may_be_0_are_not_bounded():
    assert ends(1 / Abs(x), {}) == (0, math.inf)
    assert ends(1 / x, {}) == (-math.inf, math.inf)
    assert ends(1 / (1 + x**2), {}) == (0, 1)
    assert ends(-1 / (2 + x**4), {}) == (-0.5, 0)


def test_minus_zero_has_another_reciprocal():
    inside = Cases((x, (x >= 0) & (x < 1)), (1, True))
    assert ends(1 / inside, {}) == (-math.inf, math.inf)
    assert ends(1 / (1 + maximum(x, -1, 0)), {})[0] == 0


MADE = [
    lambda u, v: u + v,
    lambda u, v: u * v,
    lambda u, v: u - 1,
    lambda u, v: 1 - u,
    lambda u, v: 1 / u,
    lambda u, v: u**2,
    lambda u, v: u**3,
    lambda u, v: u ** Rational(-3, 2),
    lambda u, v: Abs(u),
    lambda u, v: exp(u),
    lambda u, v: exp(-Abs(u)),
    lambda u, v: expm1(u),
    lambda u, v: log1p(u),
    lambda u, v: log(u),
    lambda u, v: tanh(u),
    lambda u, v: group(u),
    lambda u, v: maximum(u, v, 0),
    lambda u, v: Cases((u, u < Rational(1, 2)), (v, v >= 0), (u * v, True)),
    lambda u, v: Cases((1 / u, (u > 1) & (v < 2)), (v, True)),
]


def value(expr, at):
    """What an expression is in floats, one operation after the other."""
    if expr in at:
        return at[expr]
    if expr.is_Number:
        return np.float64(float(expr))
    if isinstance(expr, Cases):
        return next(value(v, at) for v, c in expr.pairs if condition(c, at))
    parts = [value(p, at) for p in expr.args]
    if isinstance(expr, sympy.Add):
        return sum(parts[1:], parts[0])
    if isinstance(expr, sympy.Mul):
        return np.prod(parts)
    if isinstance(expr, maximum):
        return np.maximum(*parts[:2])
    own = {sympy.Pow: np.power, Abs: np.abs, exp: np.exp, log: np.log, tanh: np.tanh}
    own |= {expm1: np.expm1, log1p: np.log1p, group: lambda u: u}
    return own[type(expr)](*parts)


def condition(expr, at):
    if isinstance(expr, sympy.And):
        return all(condition(c, at) for c in expr.args)
    if expr in (sympy.true, sympy.false):
        return bool(expr)
    return {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}[expr.rel_op](
        value(expr.lhs, at), value(expr.rhs, at)
    )


@pytest.mark.parametrize("seed", range(60))
def test_no_number_lies_beyond_the_ends(seed):
    draw = random.Random(seed)
    made = [x, y, sympy.Integer(2)]
    for _ in range(6):
        made.append(draw.choice(MADE)(draw.choice(made), draw.choice(made)))
    bounded = [(m, ends(m, {})) for m in made[3:] if not m.has(sympy.zoo, sympy.nan, sympy.I)]
    numbers = [0.0, -0.0, 1.0, -1.0, 0.5, 1e-3, -30.0, 30.0, 800.0, *(draw.gauss(0, 2) for _ in range(12))]
    with np.errstate(all="ignore"):
        for u in numbers:
            at = {x: np.float64(u), y: np.float64(draw.choice(numbers))}
            for expr, (low, high) in bounded:
                v = value(expr, at)
                assert np.isnan(v) or low <= v <= high, (expr, at, v, (low, high))
