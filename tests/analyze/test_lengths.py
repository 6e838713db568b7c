"""Bounds of gradients and Hessians over axes: no number exceeds one, and a bound that is said to be sharp is met."""

import math

import numpy as np
import pytest
import sympy

import symloss
from symloss import (
    Abs,
    Binary,
    ClassIndex,
    Max,
    Mean,
    NonNegative,
    Positive,
    Probability,
    Real,
    Simplex,
    Sum,
    exp,
    index,
    log,
    log_softmax,
    logsumexp,
    loss,
    norm,
    sigmoid,
    softplus,
    sqrt,
    tanh,
)
from symloss.analyze import steepness
from symloss.analyze.answer import PROVEN
from symloss.analyze.chart import Undecided
from symloss.analyze.lengths import bound
from symloss.analyze.scope import scopes
from symloss.sample import sample

pytestmark = pytest.mark.slow

j, k = index("j"), index("k")


def of(body, **axes):
    """A declaration of a loss of x and t, from its formula."""

    @loss(task="regression", wrt="x")
    def declared(x: Real["N"], t: Real["N"]):
        return body(x, t)

    return declared


RULES = {
    "difference of a maximum and an entry": lambda x, t: Max[j](x[j]) - Mean[j](x[j]) + Sum[j](t[j]),
    "log-sum-exp and a mean, of one sign": lambda x, t: logsumexp[j](x[j]) + Mean[j](x[j]) + Sum[j](t[j]),
    "log-sum-exp of a steep argument": lambda x, t: logsumexp[j](3 * x[j] - t[j]),
    "norm of a multiple": lambda x, t: norm[j](2 * x[j] - t[j]),
    "distances, one less the other": lambda x, t: norm[j](x[j] - t[j]) - norm[j](x[j] + t[j]),
    "a function of each entry": lambda x, t: Sum[j](sigmoid(x[j] - t[j])),
    "a mean of functions": lambda x, t: Mean[j](softplus(2 * x[j]) - tanh(t[j])),
    "a sum in a curve": lambda x, t: tanh(Sum[j](x[j]) - Sum[j](t[j])),
    "a product of bounded curves": lambda x, t: tanh(Mean[j](x[j])) * sigmoid(Mean[j](x[j] - t[j])),
    "a square of a curve": lambda x, t: sigmoid(Mean[j](x[j] - t[j])) ** 2,
    "a maximum of curves": lambda x, t: Max(Sum[j](tanh(x[j])), Sum[j](sigmoid(2 * x[j] + t[j]))),
    "absolute values": lambda x, t: Sum[j](Abs(x[j] - t[j])),
    "a root above 1": lambda x, t: sqrt(1 + Sum[j](sigmoid(x[j] - t[j]))),
    "an exponential below 1": lambda x, t: exp(-softplus(Sum[j](x[j] - t[j]))),
    "a logarithm above 1": lambda x, t: log(1 + Sum[j](sigmoid(3 * x[j] + t[j]))),
    "two sums, each over the other's entries": lambda x, t: Mean[j](Mean[k](tanh(x[j] - x[k] + t[j]))),
    "a quadratic form": lambda x, t: Sum[j]((x[j] - t[j]) ** 2) / 3,
    "a square of a mean": lambda x, t: Mean[j](x[j] - t[j]) ** 2,
}


def largest(loss_, wrt, seeds=18):
    """The longest gradient, and the largest second difference of the gradient, at random places."""
    kernel = loss_.load("numpy")
    lengths, bends = [], []
    for seed in range(seeds):
        here = sample(loss_, seed)
        spread = (0.3, 1, 4)[seed % 3]
        values = {i.name: np.array(here.values[i.name], dtype=float) for i in loss_.inputs}
        for i in loss_.inputs:
            if i.type.classes:
                values[i.name] = np.array(here.values[i.name], dtype=np.int64)
        own = loss_.argument(wrt)
        if own.domain == Real:
            values[wrt] = values[wrt] * spread

        def gradient(x, values=values):
            put = [x if i.name == wrt else values[i.name] for i in loss_.inputs]
            if loss_.kind == "axis":
                put = [np.asarray(v)[None] for v in put]
            found = kernel.gradient(*put, reduction="sum") if loss_.kind == "axis" else kernel.gradient(*put)
            return np.ravel(found[wrt] if isinstance(found, dict) else found)

        x = values[wrt]
        lengths.append(np.linalg.norm(gradient(x)))
        draw = np.random.default_rng(seed)
        way = draw.normal(size=x.shape)
        way /= np.linalg.norm(way)
        step = 1e-5
        if own.domain == Real:
            bends.append(np.linalg.norm(gradient(x + step * way) - gradient(x - step * way)) / (2 * step))
    return max(lengths), max(bends, default=0.0)


def constants(loss_, wrt):
    """Both bounds at the sizes of a sample and the defaults; ∞ where there is none."""
    try:
        found = bound(loss_, wrt, scopes(loss_)[-1].facts, scopes(loss_)[-1].fixed)
    except Undecided:
        return math.inf, math.inf
    sizes = {symloss.functions.size_symbol(a): n for a, n in sample(loss_, 0).sizes.items()}
    return float(found.length.subs(sizes)), float(found.bend.subs(sizes))


def check(loss_, wrt):
    """How many of both constants there are; no number is larger than one."""
    (length, bend), (first, second) = largest(loss_, wrt), constants(loss_, wrt)
    assert length <= first * (1 + 1e-9), (length, first)
    assert bend <= second * (1 + 1e-4) + 1e-6, (bend, second)
    return math.isfinite(first) + math.isfinite(second)


@pytest.mark.parametrize("name", RULES)
def test_no_number_exceeds_a_bound(name):
    one = of(RULES[name])
    assert check(one, "x") > 0


@pytest.mark.parametrize("name", [n for n in symloss.names() if symloss.get(n).kind != "elementwise"])
def test_no_gradient_of_the_catalogue_exceeds_its_bound(name):
    one = symloss.get(name)
    for wrt in one.differentiated:
        check(one, wrt)


def test_what_is_known_of_softmax():
    one = symloss.get("softmax_cross_entropy_with_class_index")
    first, second = steepness.lipschitz(one, "logits"), steepness.smoothness(one, "logits")
    assert (first.value, second.value) == (sympy.sqrt(2), sympy.Rational(1, 2))
    assert first.details["sharp"] and second.details["sharp"]


def test_the_margin_of_many_classes():
    found = steepness.lipschitz(symloss.get("multiclass_hinge"), "score")
    assert found.value == sympy.sqrt(2) and found.details["sharp"] and found.holds_for == "every margin > 0"
    assert steepness.smoothness(symloss.get("multiclass_hinge"), "score").value == sympy.oo


def test_gradients_of_one_sign_are_not_at_a_right_angle():
    """Both entries of x[t] + log-sum-exp pull one way: where one probability is near 1 the length is near 2."""

    @loss(task="classification", wrt="x")
    def both_up(x: Real["C"], t: ClassIndex["C"]):
        return x[t] + logsumexp[j](x[j])

    found = steepness.lipschitz(both_up, "x")
    assert found.value == 2 and found.details["sharp"]


def test_a_weight_without_bound_leaves_no_constant():
    @loss(task="classification", wrt="x")
    def weighted(x: Real["C"], t: Simplex["C"], w: Positive["C"]):
        return -Sum[j](w[j] * t[j] * log_softmax(x)[j])

    found = steepness.lipschitz(weighted, "x")
    assert found.status != PROVEN or found.value == sympy.oo


def test_a_quotient_that_may_be_0_over_0_has_no_constant():
    @loss(task="segmentation", over="batch")
    def bare(probability: Probability["N"], target: Binary["N"]):
        return 1 - 2 * Sum[j](probability[j] * target[j]) / Sum[j](probability[j] + target[j])

    assert steepness.lipschitz(bare, "probability").status != PROVEN


def test_a_quotient_that_may_exceed_1_has_no_such_constant():
    @loss(task="segmentation", over="batch")
    def large(probability: Probability["N"], target: Binary["N"], *, smooth: Positive = 1):
        return (smooth + 3 * Sum[j](probability[j] * target[j])) / (
            Sum[j](probability[j] + target[j]) + smooth
        )

    assert steepness.lipschitz(large, "probability").status != PROVEN


def test_growth_is_that_on_a_line_and_no_more():
    linear = symloss.get("softmax_cross_entropy_with_class_index").characteristics()["growth"]
    assert (linear.value, linear.status) == ("linear", PROVEN)

    @loss(task="regression", wrt="x")
    def cubic(x: Real["N"], t: Real["N"]):
        return Sum[j](Abs(x[j] - t[j])) * Sum[j]((x[j] - t[j]) ** 2)

    found = cubic.characteristics()["growth"]
    assert found.value in ("at least cubic", None)


def test_inputs_that_grow_make_the_gradient_grow():
    found = steepness.lipschitz(symloss.get("info_nce"), "query")
    assert found.value == sympy.oo and "other inputs" in found.argument
    kernel = symloss.get("info_nce").load("numpy")
    sizes = []
    for factor in (1.0, 10.0, 100.0):
        key = factor * np.array([[1.0, 0.0], [0.0, 0.0]])
        sizes.append(np.linalg.norm(kernel.gradient(np.zeros((2, 2)), key)["query"]))
    assert sizes[2] > 9 * sizes[1] > 80 * sizes[0] > 0


def test_a_lower_bound_and_a_gradient_everywhere_make_small_gradients():
    """Ekeland's principle needs both: the slope of x is 1 everywhere, that of |x| is 1 beside its kink."""

    @loss(task="regression", wrt="x")
    def falls(x: Real["N"], t: Real["N"]):
        return 2 * Sum[j](x[j] - t[j]) + sqrt(1 + Sum[k]((x[k] - t[k]) ** 2))

    @loss(task="regression", wrt="x")
    def kinked(x: Real["N"], t: Real["N"]):
        return norm[j](x[j] - t[j])

    for one in (falls, kinked):
        found = symloss.analyze.vectors.scale_of(one, "x")["gradient_infimum"]
        assert found.status != PROVEN, one.name
    assert math.isclose(
        float(symloss.get("softmax_cross_entropy").characteristics()["gradient_infimum"].value), 0
    )


def test_hyper_parameters_inside_their_domain():
    @loss(task="segmentation", over="batch")
    def overlap(probability: Probability["N"], target: Binary["N"], *, smooth: NonNegative = 1):
        return 1 - (smooth + 2 * Sum[j](probability[j] * target[j])) / (
            Sum[j](probability[j] + target[j]) + smooth
        )

    assert steepness.lipschitz(overlap, "probability").holds_for == "every smooth > 0"
    at_an_end = overlap.with_(smooth=0)
    assert steepness.lipschitz(at_an_end, "probability").status != PROVEN
