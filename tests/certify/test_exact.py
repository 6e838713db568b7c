"""Exact results: against the declaration read in arbitrary precision, and S against what it is by hand."""

import math

import mpmath
import numpy as np
import pytest
from flint import ctx
from helpers import NAMES, quick

import symloss
from symloss.certify.bound import FORMATS
from symloss.certify.exact import Exact, Point
from symloss.certify.measure import Measurement
from symloss.certify.points import settings, spread_out
from symloss.evaluate import Environment, evaluate_stable
from symloss.schedule import expressions

QUICK = ("log_cosh", "focal", "softmax_cross_entropy", "triplet")


@pytest.mark.parametrize("name", quick(NAMES, *QUICK))
def test_values_are_those_of_the_declaration(name):
    """mpmath and the balls share no code but the expression."""
    loss = symloss.get(name)
    rng = np.random.default_rng(3)
    exact = Exact(loss.definitions, [(loss.expression, {})])
    parameters = next(settings(loss, "float64", rng))
    batch = spread_out(loss, parameters, 12, "float64", rng)
    compared = 0
    for k in range(len(batch)):
        point = batch.point(k)
        numbers = [x for by_place in point.values.values() for x in by_place.values()]
        if max(map(abs, numbers)) > 1e5:
            continue  # exp of it is beyond mpmath
        values = {n: np.asarray(a[k], dtype=object) for n, a in batch.arrays.items()} | dict(parameters)
        values = {n: _exact(v) for n, v in values.items()}
        truth = evaluate_stable(loss.expression, Environment(values, batch.sizes, loss.definitions), 40)
        ball = exact.results(point, {}, FORMATS["float64"])[0].exact
        if mpmath.isnan(truth) or mpmath.isinf(truth):
            assert not ball.is_finite()
            continue
        compared += 1
        ctx.prec = 200
        with mpmath.workdps(60):
            mine = mpmath.mpf(ball.mid().str(40, radius=False))
            assert abs(mine - truth) <= mpmath.mpf(10) ** -18 * abs(truth) + mpmath.mpf(2) ** -1085
    assert compared >= 3


def _exact(v):
    if np.ndim(v) == 0:
        return mpmath.mpf(float(v)) if isinstance(v, float) else v if isinstance(v, int) else v[()]
    return [_exact(row) for row in v]


def test_what_the_inputs_leave_open():
    """|p − t| moves by half an ulp of each: by hand, (ulp(3) + ulp(1))/2 for |3 − 1|."""
    loss = symloss.get("mean_absolute_error")
    exact = Exact(loss.definitions, [(loss.expression, {})])
    point = Point({"prediction": {(): 3.0}, "target": {(): 1.0}}, {})
    moves = {("prediction", ()): (2.0**-52, -(2.0**-52)), ("target", ()): (2.0**-53, -(2.0**-54))}
    found = exact.results(point, moves, FORMATS["float64"])[0]
    assert float(found.exact) == 2.0
    assert float(found.spread) == math.ulp(3.0) / 2 + math.ulp(1.0) / 2


def test_a_comparison_with_nan_gives_nan():
    loss = symloss.get("huber")
    exact = Exact(loss.definitions, [(loss.expression, {})])
    point = Point({"prediction": {(): math.nan}, "target": {(): 0.0}, "delta": {(): 1.0}}, {})
    assert exact.results(point, {}, FORMATS["float64"])[0].exact.is_nan()


def test_a_derivative_is_measured_against_the_derived_expression():
    loss = symloss.get("huber")
    kernel = loss.load("numpy", dtype="float64")
    measurement = Measurement(loss, [kernel], "float64")
    assert {output for _, output in measurement.measured} == set(expressions(loss))
