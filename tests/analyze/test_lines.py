"""Lines through losses over axes: what they show is so, and what cancels is not shown; ranges of sums."""

import mpmath
import numpy as np
import pytest
import sympy

import symloss
from symloss import (
    Binary,
    Max,
    Min,
    NonNegative,
    Positive,
    Probability,
    Real,
    Simplex,
    Sum,
    exp,
    index,
    loss,
    norm,
    sqrt,
    tanh,
)
from symloss.analyze import ranges, steepness, vectors
from symloss.analyze.answer import PROVEN, UNKNOWN
from symloss.analyze.joints import Joints
from symloss.analyze.lines import SIZE, joints_met, lines
from symloss.analyze.scope import scopes
from symloss.evaluate import Environment, evaluate

j = index("j")


def of_two(body, **named):
    @loss(task="regression", wrt="x", **named)
    def declared(x: Real["N"], t: Real["N"], *, margin: Positive = 1):
        return body(x, t, margin)

    return declared


def on(line, s):
    """The arguments at a place of a line, as arrays."""
    at = {n: np.array(v, dtype=float) for n, v in line.start.items()}
    at[line.slice.wrt] = at[line.slice.wrt] + s * np.array(line.direction, dtype=float)
    return at


@pytest.mark.slow
@pytest.mark.parametrize("name", ["triplet", "contrastive", "soft_dice", "info_nce", "vae"])
def test_a_line_has_the_values_of_the_loss(name):
    one = symloss.get(name)
    kernel, wrt = one.load("numpy"), one.differentiated[-1]
    defaults = {p.name: mpmath.mpf(p.default) for p in one.parameters}
    seen = lines(one, wrt)
    assert seen
    for line in seen[:12]:
        for s in (-0.25, 0.375):
            at = on(line, s)
            put = [at[i.name] if one.kind == "batch" else at[i.name][None] for i in one.inputs]
            value = evaluate(line.slice.expr, Environment(defaults | {line.slice.x.name: mpmath.mpf(s)}))
            assert float(value) == pytest.approx(float(kernel.value(*put)), rel=1e-12), line.words


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "class_"),
    [
        (lambda x, t, m: norm[j](x[j] - t[j]), "C^0"),
        (lambda x, t, m: Max(0, Sum[j](x[j] * t[j]) - m), "C^0"),
        (lambda x, t, m: Max(0, Sum[j](x[j] * t[j]) - m) ** 2, "C^1"),
        (lambda x, t, m: Max(0, norm[j](x[j] - t[j]) - m) ** 3, None),
        (lambda x, t, m: Max(0, Sum[j](x[j] * t[j])) + Min(0, Sum[j](x[j] * t[j])), "at least C^0"),
        (lambda x, t, m: norm[j](x[j] - t[j]) - norm[j](t[j] - x[j]) + Sum[j](x[j] ** 2), None),
        (lambda x, t, m: Max[j](x[j] - t[j]) + 2, "C^0"),
        (lambda x, t, m: sqrt(m + Sum[j]((x[j] - t[j]) ** 2)), "C^∞"),
    ],
    ids=["norm", "hinge", "squared", "cubed", "cancels", "cancels by symmetry", "maximum", "smooth"],
)
def test_a_class_is_exact_where_a_line_shows_the_jump(body, class_):
    one = of_two(body)
    found = vectors.differentiability_of(one, "x")
    if class_ is not None:
        assert (found["class"].value, found["class"].status) == (class_, PROVEN)
    for scope in scopes(one):
        for met in list(joints_met(one, "x", scope, 1))[:6]:
            check_jump(one, met)


def check_jump(one, met):
    """Slopes on both sides of the place differ, by numbers."""
    defaults = {p.symbol: p.default for p in one.parameters}
    kernel, place = one.load("numpy"), float(met.place.subs(defaults))

    def value(s):
        at = on(met.line, s)
        return float(kernel.value(*(at[i.name][None] for i in one.inputs)))

    h = 1e-6
    left = (value(place) - value(place - h)) / h
    right = (value(place + h) - value(place)) / h
    assert abs(left - right) > 1e-3, (met, left, right)


@pytest.mark.slow
def test_derivatives_that_were_not_compared_show_no_jump():
    one = of_two(lambda x, t, m: Max(0, Sum[j](x[j] * t[j]) - m) ** 9)
    assert vectors.differentiability_of(one, "x")["class"].value == "at least C^8"


@pytest.mark.slow
def test_kinks_are_proven_where_each_is_met():
    found = vectors.differentiability_of(symloss.get("multiclass_hinge"), "score")["kinks"]
    assert found.status == PROVEN and len(found.value) == 2
    alone = vectors.differentiability_of(symloss.get("contrastive"), "first")["kinks"]
    assert (alone.value, alone.status) == (["distance = 0"], PROVEN)


@pytest.mark.slow
def test_a_kink_that_is_not_met_stays_open():
    """tanh does not come to 2, so the maximum is 0 everywhere."""
    one = of_two(lambda x, t, m: norm[j](x[j]) + Max(0, tanh(Sum[j](x[j] * t[j])) - 2))
    found = vectors.differentiability_of(one, "x")["kinks"]
    assert found.status == UNKNOWN and len(found.value) == 2
    assert vectors.differentiability_of(one, "x")["class"].value == "C^0"


def test_a_region_that_is_empty_is_no_region_without_gradient():
    one = of_two(lambda x, t, m: Max(0, m + 1 + tanh(Sum[j](x[j] * t[j]))))
    found = vectors.differentiability_of(one, "x")
    assert "dead_zones" not in found


@pytest.mark.slow
def test_no_slope_that_is_bounded_is_said_to_be_endless():
    one = of_two(lambda x, t, m: m * sqrt(1 + Sum[j]((x[j] - t[j]) ** 2)))
    for answer in (steepness.lipschitz(one, "x"), steepness.smoothness(one, "x")):
        assert answer.status != PROVEN or answer.value != sympy.oo


def test_arguments_may_be_called_as_a_line_calls_its_numbers():
    """Were it one symbol, x + s·(1, 0) with a hyper-parameter s would be bent."""

    @loss(task="regression", wrt="x")
    def named(x: Real["N"], factor: Real["N"], *, s: Positive = 2):
        return sqrt(1 + (Sum[j](x[j]) - s) ** 2) + Sum[j](factor[j])

    (line, *_) = lines(named, "x")
    assert line.words.startswith("x = (0, 0) + step·(1, 0)")
    symbol = next(p.symbol for p in named.parameters)
    assert symbol in line.slice.expr.free_symbols and symbol != line.slice.x
    assert steepness.lipschitz(named, "x").value != sympy.oo

    @loss(task="regression", wrt="x")
    def scalar(x: Real["N"], s: Real):
        return (Sum[j](x[j]) - s) ** 2

    for line in lines(scalar, "x"):
        assert sympy.diff(line.slice.expr, line.slice.x, 3) == 0


@pytest.mark.slow
def test_an_entry_of_a_distribution_is_not_moved_alone():
    @loss(task="classification", wrt="x")
    def of_distribution(x: Simplex["C"], t: Simplex["C"]):
        return Sum[j]((x[j] - t[j]) ** 2)

    assert lines(of_distribution, "x") == ()


def test_lines_stay_inside_the_domain():
    one = symloss.get("soft_dice")
    for line in lines(one, "probability"):
        d = line.slice.domain
        for s in (d.lower, d.upper):
            at = on(line, float(s))["probability"]
            assert at.min() >= 0 and at.max() <= 1 and len(at) == SIZE


# --- ranges of sums ---------------------------------------------------------------------------------------


def divergence(body):
    @loss(task="generative", wrt=("mu", "v"))
    def declared(mu: Real["Z"], v: Real["Z"], *, beta: NonNegative = 1):
        return beta * Sum[j](body(mu[j], v[j])) / 2

    return declared


RANGES = {
    "the divergence": (lambda m, v: exp(v) + m**2 - 1 - v, "at least 0, which is taken"),
    "without its constant": (lambda m, v: exp(v) + m**2 - v, "at least Z*beta/2, which is taken"),
    "a wrong sign": (lambda m, v: exp(v) - m**2 - 1 - v, "(-∞, ∞)"),
    "a wrong factor": (lambda m, v: exp(v) + m**2 - 1 - 2 * v, "below 0"),
    "a linear term": (lambda m, v: exp(v) + m**2 - 1 - v + m, "below 0"),
    "mixed": (lambda m, v: exp(v) + m * v - 1 - v, None),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", RANGES)
def test_the_range_of_a_sum_is_the_sum_of_ranges(name):
    body, text = RANGES[name]
    one = divergence(body)
    found = ranges.range_over_axes(one)
    if text is None:
        assert found.status != PROVEN or found.details["bounds"][0] == -sympy.oo
        return
    assert found.status == PROVEN
    low = found.details["infimum"]
    if text == "below 0":
        assert found.details["infimum"].subs({"Z": 3, "beta": 1}).is_negative is not False
    elif text != "(-∞, ∞)":
        assert found.value == text
    draw = np.random.default_rng(3)
    kernel = one.load("numpy")
    values = [
        float(kernel.value(*draw.normal(scale=s, size=(2, 1, 3)))) for s in (0.1, 1, 3) for _ in range(50)
    ]
    if low != -sympy.oo:
        least = float(
            low.subs({symloss.functions.size_symbol("Z"): 3}).subs({p.symbol: 1 for p in one.parameters})
        )
        assert min(values) >= least - 1e-12 and min(values) < least + 0.5


@pytest.mark.slow
def test_an_end_that_a_factor_may_take_away_is_a_bound():
    one = divergence(lambda m, v: exp(v) + m**2 - 1 - v)
    found = ranges.range_over_axes(one)
    assert found.holds_for in ("every beta > 0", "every beta ≥ 0")
    assert found.holds_for == "every beta > 0" or "supremum" not in found.details


@pytest.mark.slow
def test_labels_and_bounded_entries_have_their_ranges():
    @loss(task="classification")
    def brier(p: Probability["N"], t: Binary["N"]):
        return Sum[j]((p[j] - t[j]) ** 2) - 3

    found = ranges.range_over_axes(brier)
    n = symloss.functions.size_symbol("N")
    assert (found.details["infimum"], found.details["supremum"]) == (-3, n - 3)


def test_a_number_that_all_entries_share_is_in_no_range():
    @loss(task="regression", wrt="x")
    def moved(x: Real["N"], w: Real):
        return Sum[j]((x[j] - w) ** 2 - w)

    found = ranges.range_over_axes(moved)
    assert found.status != PROVEN or found.details["bounds"][0] == -sympy.oo

    @loss(task="regression", wrt="x")
    def scaled(x: Probability["N"], w: Positive):
        return w * Sum[j](x[j])

    found = ranges.range_over_axes(scaled)
    assert found.status != PROVEN or found.details["bounds"][1] == sympy.oo


def test_places_of_joints_know_what_is_0_there():
    one = symloss.get("triplet")
    found = Joints(one, "anchor", scopes(one)[0].facts)
    found.order(one.expand(one.expression))
    assert set(found.zeros) == set(found.places) and not found.steep
