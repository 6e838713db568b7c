"""Losses that once got a proof of what is false: each three lines, and the claim that must not be proven."""

import pytest
import sympy
from sympy import oo

from symloss import (
    Abs,
    Max,
    Min,
    NonNegative,
    Positive,
    Real,
    Simplex,
    Sum,
    exp,
    index,
    loss,
    named,
    norm,
    sqrt,
)
from symloss.analyze import convexity, differentiability, vectors
from symloss.analyze.answer import PROVEN, REFUTED, UNKNOWN, in_words
from symloss.analyze.chart import Undecided, chart
from symloss.analyze.defined import defined
from symloss.analyze.facts import Facts, Range
from symloss.analyze.signs import sign
from symloss.analyze.slices import slices_of

j, k = index("j"), index("k")
x, a = sympy.Symbol("x", real=True), sympy.Symbol("a", real=True)
FROM_0 = Facts(((x, Range(sympy.S.Zero, oo, False)), (a, Range(sympy.S.Zero, oo, False))))


def over_an_axis(**declared):
    """A declaration of a loss over one axis."""
    return loss(task="regression", **declared)


# --- signs and charts -------------------------------------------------------------------------------------


def test_a_maximum_is_negative_where_each_part_is():
    assert sign(sympy.Max(-1, -x), FROM_0) == "<="  # 0 at x = 0
    assert sign(sympy.Min(1, x), FROM_0) == ">="
    assert sign(sympy.Max(-1, -1 - x), FROM_0) == "-"
    assert defined(1 / sympy.Min(1, a), FROM_0) is not None
    assert defined(sympy.log(sympy.Min(1, a)), FROM_0) is not None


def test_a_quotient_by_what_may_be_0_has_no_range():
    @over_an_axis()
    def by_a_minimum(p: Real["N"], t: NonNegative["N"]):
        return Sum[j](p[j] ** 2 / Min(1, t[j]))

    assert vectors.scale_of(by_a_minimum, "p")["range"].status == UNKNOWN


def test_a_zero_outside_of_the_interval_is_not_the_zero_inside():
    """eˣ - 1 - 3x is 0 at 0, and changes its sign once more, at 1.9."""
    with pytest.raises(Undecided):
        chart(sympy.exp(x) - 1 - 3 * x, x, sympy.Rational(6, 5), oo, Facts())


def test_the_slope_speaks_only_where_the_expression_is_continuous():
    """It rises on both sides of its pole at 5, from above 0 at x = 0, and is negative just behind the pole."""
    assert sign(2 - sympy.exp(1 / (1000 * (x - 5))), FROM_0) is None


# --- convexity, minimisers --------------------------------------------------------------------------------


def test_two_entries_of_a_tensor_are_two_numbers():
    @over_an_axis()
    def differences(p: Real["N"], t: Real["N"]):
        return Sum[j](Sum[k]((t[j] - t[k]) * exp(p[j])))

    found = vectors.alignment_of(differences, "p")
    assert found["convex"].status != PROVEN
    assert "minimiser" not in found or found["minimiser"].status != PROVEN


@pytest.mark.slow
def test_an_entry_beside_the_sum_over_all_is_no_crash():
    @over_an_axis()
    def centred(p: Real["N"], t: Real["N"]):
        return Sum[j]((p[j] - (t[j] - Sum[k](t[k]))) ** 2)

    found = centred.characteristics()
    assert found["convex"].status == PROVEN
    assert found["translation_invariant"].value is not True or found["translation_invariant"].status != PROVEN


def test_squared_mean_is_not_strictly_proper():
    """A weighted mean that is right says nothing about the distribution."""

    @loss(task="classification")
    def of_the_mean(p: Simplex["N"], t: Simplex["N"]):
        return (Sum[j](j * p[j]) - Sum[j](j * t[j])) ** 2

    found = vectors.alignment_of(of_the_mean, "p")
    assert not found["proper"].details.get("strictly") if "proper" in found else True
    assert "elicits" not in found or found["elicits"].status != PROVEN


def test_a_maximum_that_is_never_0_has_no_minimiser_there():
    @over_an_axis()
    def above_a_half(p: Real["N"], t: Real["N"], *, margin: Positive = 0.5):
        return Max(0, Sum[j](Abs(p[j])) + Sum[j](Abs(t[j])) + 1 - margin)

    found = vectors.alignment_of(above_a_half, "p").get("minimiser")
    assert found is None or found.status != PROVEN


def test_a_named_maximum_has_its_minimiser():
    @over_an_axis()
    def wrapped(p: Real["N"], t: Real["N"]):
        return named("largest", Max(0, Sum[j](p[j] * t[j])))

    vectors.alignment_of(wrapped, "p")


def test_a_slope_that_falls_at_a_kink_is_not_strictly_increasing():
    @loss(task="regression")
    def roof(prediction: Real, target: Real):
        return (prediction - target) ** 2 - 2 * Abs(prediction - target)

    slices = slices_of(roof, "prediction")
    assert convexity.strictly_convex(slices).status != PROVEN
    assert convexity.strongly_convex(slices).status != PROVEN


@pytest.mark.slow
def test_a_modulus_of_convexity_holds_for_every_label():
    """1/w² comes as near to 0 as one likes."""

    @loss(task="regression")
    def weighed(prediction: Real, target: Real, w: Positive):
        return (prediction - target) ** 2 / w**2

    found = convexity.strongly_convex(slices_of(weighed, "prediction"))
    assert found.value is not True or found.status != PROVEN


# --- classes ----------------------------------------------------------------------------------------------


def test_a_root_of_what_may_be_0_has_a_kink():
    @over_an_axis()
    def weighted_norm(p: Real["N"], t: Positive["N"]):
        return sqrt(Sum[j](t[j] * p[j] ** 2))

    found = vectors.differentiability_of(weighted_norm, "p")
    assert (found["class"].value, found["class"].status) == ("C^0", PROVEN)
    assert found["kinks"].status == PROVEN and found["kinks"].value == ["Sum(p[j]**2*t[j], (j, N)) = 0"]


def test_a_root_of_what_is_positive_is_smooth():
    @over_an_axis()
    def smoothed(p: Real["N"], t: Positive["N"]):
        return sqrt(1 + Sum[j](t[j] * p[j] ** 2))

    assert vectors.differentiability_of(smoothed, "p")["class"].value == "C^∞"


@pytest.mark.slow
def test_a_power_of_a_maximum_is_no_kink():
    @over_an_axis()
    def cubed(p: Real["N"], t: Real["N"]):
        return Max(0, Sum[j](p[j] * t[j])) ** 3

    @over_an_axis()
    def root(p: Real["N"], t: Real["N"]):
        return Max(0, Sum[j](p[j] * t[j])) ** sympy.Rational(3, 2)

    @over_an_axis()
    def smoothed_away(p: Real["N"], t: Real["N"]):
        return exp(Max(0, Sum[j](p[j] * t[j])) ** 2)

    for one, true in ((cubed, 2), (root, 1), (smoothed_away, 1)):
        found = vectors.differentiability_of(one, "p")
        assert (found["class"].value, found["class"].status) == (f"C^{true}", PROVEN)
        assert (found["kinks"].value, found["kinks"].status) == ([], PROVEN)


def test_kinks_that_cancel_are_not_claimed():
    @over_an_axis()
    def plain(p: Real["N"], t: Real["N"]):
        return Max(0, Sum[j](p[j] * t[j])) + Min(0, Sum[j](p[j] * t[j]))  # p·t

    found = vectors.differentiability_of(plain, "p")
    assert found["class"].value == "at least C^0" and found["kinks"].status == UNKNOWN


@pytest.mark.slow
def test_an_infinite_limit_of_a_derivative_is_a_joint():
    @loss(task="regression")
    def power(prediction: Real, target: Real):
        return Abs(prediction - target) ** sympy.Rational(3, 2)

    found = power.characteristics()
    assert found["class"].status != PROVEN or found["class"].value == "C^1"
    assert found["kinks"].value == []


def test_a_root_inside_a_region_has_a_kink():
    @loss(task="regression")
    def hidden(prediction: Real, target: Real):
        r = prediction - target
        return sqrt(r**4 + r**2)  # |r| near 0

    found = differentiability.differentiability(slices_of(hidden, "prediction"))["class"]
    assert found.status != PROVEN or found.value == "C^0"


@pytest.mark.slow
def test_beyond_the_last_order_compared_the_class_is_a_bound():
    @loss(task="regression")
    def flat(prediction: Real, target: Real):
        return Max(0, prediction - target) ** 9

    found = differentiability.differentiability(slices_of(flat, "prediction"))["class"]
    assert found.value == "at least C^5" and found.status == PROVEN


# --- invariance -------------------------------------------------------------------------------------------


def test_a_weighted_inner_product_is_turned_into_another():
    @loss(task="metric_learning", wrt="a")
    def weighted(a: Real["D"], b: Real["D"], w: Positive["D"]):
        return Sum[j](w[j] * (a[j] - b[j]) ** 2)

    @loss(task="metric_learning", wrt="a")
    def by_place(a: Real["D"], b: Real["D"]):
        return Sum[j]((j + 1) * (a[j] - b[j]) ** 2)

    @loss(task="metric_learning", wrt="a")
    def norm_by_place(a: Real["D"], b: Real["D"]):
        return norm[j]((j + 1) * (a[j] - b[j]))

    for one in (weighted, by_place, norm_by_place):
        from symloss.analyze.invariance import invariances

        found = invariances(one)["rotation_invariant"]
        assert (found.value, found.status) == (False, REFUTED), one.name


# --- ranges -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_that_0_is_taken_at_the_default_does_not_speak_for_every_value():
    @over_an_axis()
    def shifted(p: Real["N"], t: Real["N"], *, alpha: Positive = 1):
        return Sum[j](p[j] ** 2) * Sum[j](t[j] ** 2) + (alpha - 1) ** 2

    found = vectors.scale_of(shifted, "p")["range"]
    assert "taken" not in str(found.value) or found.holds_for == "alpha = 1"


@pytest.mark.slow
def test_an_end_that_is_not_taken_has_a_round_bracket():
    import symloss

    assert symloss.get("binary_cross_entropy_with_logits").characteristics()["range"].value == "(0, ∞)"
    assert symloss.get("mean_squared_error").characteristics()["range"].value == "[0, ∞)"


@pytest.mark.slow
def test_infinity_is_a_value_not_a_text():
    smooth = sympy.Symbol("smooth", positive=True)
    assert in_words(1 + smooth) == "smooth + 1"
    assert in_words(oo) == "∞" and in_words(sympy.Max(smooth, oo, evaluate=False)) == "Max(∞, smooth)"

    @loss(task="regression")
    def named_smooth(prediction: Real, target: Real, *, smooth: Positive = 1):
        return sqrt((prediction - target) ** 2 + smooth**2) * smooth

    found = named_smooth.characteristics()
    assert "∞th" not in str(found) and found["lipschitz"].text == "smooth"
    from symloss.analyze.criteria import finite

    assert finite(found.json()["scale"]["lipschitz"]["value"])


# --- numbers ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_nearly_flat_is_not_flat():
    @over_an_axis()
    def faint(p: Real["N"], t: Real["N"]):
        return (Sum[j](p[j]) ** 2 + Sum[j](p[j] ** 2)) / 10**40 + Sum[j](t[j]) ** 2 + 1

    assert vectors.alignment_of(faint, "p")["strictly_convex"].status != REFUTED


@pytest.mark.slow
def test_no_rewrite_is_no_proof_of_soundness():
    @loss(task="regression")
    def cancelling(prediction: Real, target: Real):
        return ((1 + prediction - target) - 1) ** 2 + sqrt((prediction - target) ** 2 + 10**16)

    found = cancelling.characteristics()["stability"]
    assert found.status == UNKNOWN and "no rule" in found.argument.lower()
