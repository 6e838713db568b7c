"""Leading terms whose factor may be 0, values of their own at one place, and losses without a minimum."""

import pytest
import sympy

from symloss import Abs, Max, Ne, NonNegative, Piecewise, Positive, Real, Sign, exp, log, loss
from symloss.analyze.advice import advise
from symloss.analyze.alignment import minimiser
from symloss.analyze.answer import PROVEN, REFUTED, SAMPLED, UNKNOWN
from symloss.analyze.criteria import Situation
from symloss.analyze.experiment import breakdown
from symloss.analyze.invariance import symmetric
from symloss.analyze.recommend import recommend
from symloss.analyze.robustness import influence
from symloss.analyze.scale import scale
from symloss.analyze.slices import slices_of
from symloss.analyze.statistic import elicits


def of_residual(formula, **parameters):
    """A loss of prediction - target, and of hyper-parameters with the default 1."""
    (name, domain), *_ = [*parameters.items(), (None, None)]
    if name is None:

        @loss(task="regression")
        def declared(prediction: Real, target: Real):
            return formula(prediction - target)

    else:

        @loss(task="regression")
        def declared(prediction: Real, target: Real, *, a: domain = 1):
            return formula(prediction - target, a)

    return declared


@loss(task="classification")
def exponential(logits: Real, target: Sign, *, a: Real = 1):
    return exp(-a * logits * target)


def slices(one):
    return slices_of(one, one.differentiated[0])


# --- a factor that may be 0 -------------------------------------------------------------------------------

GROWTH = {
    "square": (of_residual(lambda r, a: a * r**2, a=Real), "quadratic", "goes to 0"),
    "nonnegative": (of_residual(lambda r, a: a * r**2, a=NonNegative), "quadratic", "goes to 0"),
    "absolute": (of_residual(lambda r, a: a * Abs(r), a=NonNegative), "linear", "goes to 0"),
    "half": (
        of_residual(lambda r, a: Piecewise((a * r**2, r > 0), (r**2, True)), a=Real),
        "quadratic",
        "quadratic at -∞; goes to 0 at ∞",
    ),
    "pinball": (
        of_residual(lambda r, a: Max(a * r / 2, (a / 2 - 1) * r), a=Real),
        "linear",
        "linear at -∞; goes to 0 at ∞",
    ),
}


@pytest.mark.parametrize("name", GROWTH)
def test_growth_is_told_for_a_factor_that_is_not_0(name):
    one, at_1, at_0 = GROWTH[name]
    found = scale(slices(one))["growth"]
    inside = "every a > 0" if one.parameters[0].domain == NonNegative else "a = 1"
    assert (found.text, found.status, found.holds_for) == (at_1, PROVEN, inside)
    found = scale(slices(one.with_(a=0)))["growth"]
    assert (found.text, found.holds_for) == (at_0, "a = 0")


def test_growth_for_every_positive_factor():
    found = scale(slices(of_residual(lambda r, a: a * r**2, a=Positive)))["growth"]
    assert (found.text, found.holds_for) == ("quadratic", "every a > 0")


def test_an_exponential_whose_rate_may_be_0():
    found = scale(slices(exponential))["growth"]
    assert "exponential" in found.text and found.holds_for == "a = 1"
    assert scale(slices(exponential.with_(a=0)))["growth"].text == "bounded"


def test_a_target_that_may_be_0_is_no_leading_coefficient():
    @loss(task="regression")
    def weighted(prediction: Real, target: Real):
        return target * (prediction - 1) ** 2

    assert scale(slices(weighted))["growth"].status == UNKNOWN


ELICITS = {
    "mode-like": of_residual(lambda r, a: a * r**2 / (1 + r**2), a=NonNegative),
    "M-estimator of location": of_residual(lambda r, a: log(1 + exp(a * r)) + log(1 + exp(-a * r)), a=Real),
}


@pytest.mark.parametrize("name", ELICITS)
def test_a_loss_that_may_be_constant_elicits_nothing_then(name):
    found = elicits(slices(ELICITS[name]))
    inside = "every a > 0" if ELICITS[name].parameters[0].domain == NonNegative else "a = 1"
    assert (found.text, found.holds_for) == (name, inside)
    assert elicits(slices(ELICITS[name].with_(a=0))).status == UNKNOWN


def test_a_hill_is_not_mode_like():
    assert elicits(slices(of_residual(lambda r: -(r**2) / (1 + r**2)))).status == UNKNOWN


def test_the_pull_of_a_weighted_outlier_grows_with_its_target():
    @loss(task="regression")
    def weighted(prediction: Real, target: NonNegative):
        return target * Abs(prediction - target)

    @loss(task="regression")
    def plain(prediction: Real, target: NonNegative):
        return Abs(prediction - target)

    found = influence(slices(weighted))
    assert (found.value, found.status) == ("growing", PROVEN)
    found = influence(slices(plain))
    assert (found.value, found.status) == ("bounded", PROVEN)


def test_the_pull_of_a_cut_square_grows_with_its_target():
    """The gradient is 2·min(|p|, t) in size: bounded for one target, and not for all."""

    @loss(task="regression")
    def cut(prediction: Real, target: Positive):
        return Piecewise(
            (prediction**2, Abs(prediction) < target), (2 * target * Abs(prediction) - target**2, True)
        )

    assert influence(slices(cut)).value != "bounded"


# --- one place --------------------------------------------------------------------------------------------


def test_a_value_of_its_own_must_scale_too():
    special = of_residual(lambda r: Piecewise((r**2, Ne(r, 2)), (7, True)))
    assert scale(slices(special))["homogeneity"].status == REFUTED
    at_0 = of_residual(lambda r: Piecewise((r**2, (r < 0) | (r > 0)), (1, True)))
    assert scale(slices(at_0))["homogeneity"].status == UNKNOWN
    harmless = of_residual(lambda r: Piecewise((r**2, (r < 0) | (r > 0)), (0, True)))
    assert scale(slices(harmless))["homogeneity"].text == "2"


def test_a_place_and_its_value_that_scale_with_a_parameter():
    def formula(power):
        return lambda r, a: Piecewise((r**2, Ne(r, a)), (7 * a**power, True))

    assert scale(slices(of_residual(formula(1), a=Positive)))["homogeneity"].status != PROVEN
    found = scale(slices(of_residual(formula(2), a=Positive)))["homogeneity"]
    assert (found.text, found.holds_for) == ("2", "every a > 0, where a is scaled with the data")


def test_homogeneity_says_what_is_scaled_with_the_data():
    found = scale(slices(of_residual(lambda r, a: (r - a) ** 2, a=Real)))["homogeneity"]
    assert (found.text, found.holds_for) == ("2", "every a, where a is scaled with the data")


ONE_SIDED = {
    "dent": lambda r: Piecewise((r**2 - 1, (r > 3) & (r < sympy.Rational(30001, 10000))), (r**2, True)),
    "point": lambda r: Piecewise((r**2, Ne(r, sympy.Rational(7, 3))), (0, True)),
    "bump": lambda r: r**2 + exp(-((10**6 * (r - sympy.Rational(7, 3))) ** 2)),
}


@pytest.mark.parametrize("name", ONE_SIDED)
def test_what_is_on_one_side_only_is_not_symmetric(name):
    found = symmetric(of_residual(ONE_SIDED[name]))
    assert (found.value, found.status) == (False, REFUTED)


def test_what_is_on_both_sides_is_symmetric():
    both = of_residual(
        lambda r: Piecewise((r**2 - 1, (Abs(r) > 3) & (Abs(r) < sympy.Rational(30001, 10000))), (r**2, True))
    )
    assert symmetric(both).status == PROVEN


def test_symmetry_at_the_default_is_said_to_be_of_the_default():
    found = symmetric(of_residual(lambda r, a: Piecewise((a * r**2, r > 0), (r**2, True)), a=Real))
    assert (found.value, found.status, found.holds_for) == (True, SAMPLED, "a = 1")


# --- no minimum -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("power", [1, 3])
def test_a_loss_without_a_minimum_is_the_worst_finding(power):
    one = of_residual(lambda r: r**power)
    least, size = minimiser(slices(one)), scale(slices(one))
    assert least.text == "none: it falls as prediction - target → -∞"
    assert [(a.severity, a.finding) for a in advise(one, {"scale": size})][:1] == [
        (3, "there is no best prediction, for the loss falls to -∞")
    ]
    outlier = breakdown(slices(one)[0])
    assert outlier.text.startswith("none") and "follows" not in outlier.details


def test_an_imbalance_means_nothing_without_classes():
    with pytest.raises(ValueError, match="regression, whose losses know no classes"):
        recommend(Situation("regression", imbalance=5))
