"""What is best in expectation: scores that step, statistics of the target, several classes; and near misses of each."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
import sympy
from sympy import Ne, oo

import symloss
from symloss import (
    Abs,
    Binary,
    ClassIndex,
    Interval,
    Max,
    Min,
    Piecewise,
    Positive,
    Real,
    Sign,
    Sum,
    index,
    log,
    log_softmax,
    logsumexp,
    loss,
    sigmoid,
    sqrt,
)
from symloss.analyze import alignment, multiclass, statistic, vectors
from symloss.analyze.answer import PROVEN, REFUTED
from symloss.analyze.scale import homogeneity
from symloss.analyze.slices import slices_of

pytestmark = pytest.mark.slow

j = index("j")
LEVEL = Interval(0, 1, open=True)


def asked(question, loss_):
    """The answer to a question about an elementwise loss."""
    return question(slices_of(loss_, loss_.differentiated[0]))


# --- scores that step -------------------------------------------------------------------------------------


@loss(task="classification")
def weighted_hinge(score: Real, target: Sign):
    """The label 1 costs twice as much: the step is at 1/3."""
    return Piecewise((2 * Max(0, 1 - score), target > 0), (Max(0, 1 + score), True))


@loss(task="classification")
def hinge_with_a_gap(score: Real, target: Sign):
    """It jumps at the margin."""
    return Piecewise((0, target * score > 1), (2 - target * score, True))


@loss(task="classification")
def capped_hinge(score: Real, target: Sign):
    """Not convex."""
    return Min(3, Max(0, 1 - target * score))


@loss(task="classification")
def unhinged(score: Real, target: Sign):
    """No score is best."""
    return 1 - target * score


def least(loss_, q, places):
    """The place of the least expected loss among some."""
    kernel = loss_.load("numpy")
    low, high = (kernel.value(places, np.full_like(places, t), reduction="none") for t in (-1.0, 1.0))
    return places[np.argmin((1 - q) * low + q * high)]


@pytest.mark.parametrize(
    ("name", "steps"),
    [("hinge", [(0.5, -1, 1)]), ("weighted_hinge", [(1 / 3, -1, 1)])],
)
def test_the_best_score_steps(name, steps):
    one = weighted_hinge if name == "weighted_hinge" else symloss.get(name)
    found = asked(statistic.elicits, one)
    assert found.status == PROVEN and not found.details["strictly"]
    ((turn, below, above),) = steps
    first, second = found.details["best_score"]
    defaults = {p.symbol: p.default for p in one.parameters}
    assert [float(e.subs(defaults)) for e in (first[0], first[1], second[0], second[1])] == pytest.approx(
        [0, turn, turn, 1]
    )
    assert [float(e.subs(defaults)) for e in (first[2], second[2])] == [below, above]
    places = np.linspace(-3, 3, 601)
    for q in (0.1, turn - 0.02, turn + 0.02, 0.9):
        assert least(one, q, places) == pytest.approx(below if q < turn else above)


def test_a_step_that_is_not_at_one_half_is_no_sign():
    assert "sign" in asked(statistic.elicits, symloss.get("hinge")).value
    assert "sign" not in asked(statistic.elicits, weighted_hinge).value


@pytest.mark.parametrize("one", [hinge_with_a_gap, capped_hinge, unhinged], ids=lambda one: one.name)
def test_a_score_that_is_not_convex_or_has_no_best_has_no_steps(one):
    assert asked(statistic.elicits, one).status != PROVEN


# --- statistics of a target -------------------------------------------------------------------------------


def of_threshold(body):
    @loss(task="regression")
    def declared(threshold: Real, cost: Real, *, level: LEVEL = 0.75):
        return body(threshold, cost, level)

    return declared


QUANTILES = {
    "value at risk": lambda x, t, p: x + Max(0, t - x) / (1 - p),
    "with a price of the target": lambda x, t, p: Max(p * (t - x), (p - 1) * (t - x)) + t**2,
}
NO_QUANTILES = {
    "rising on both sides": lambda x, t, p: x + Max(0, t - x) / (1 + p),
    "a square above": lambda x, t, p: x + Max(0, t - x) ** 2 / (1 - p),
    "half of the threshold": lambda x, t, p: x + Max(0, t - x / 2) / (1 - p),
    "a pinball that is moved": lambda x, t, p: Max(p * (t - x), (p - 1) * (t - x) + 1),
    "a pinball with a jump": lambda x, t, p: Piecewise((p * (t - x), t > x), ((1 - p) * (x - t) + 1, True)),
    "a pinball that a product tilts": lambda x, t, p: Max(p * (t - x), (p - 1) * (t - x)) + x * t / 4,
}


@pytest.mark.parametrize("name", QUANTILES)
def test_what_only_the_target_costs_moves_no_quantile(name):
    one = of_threshold(QUANTILES[name])
    found = asked(statistic.elicits, one)
    assert (found.value, found.status) == ("level-quantile", PROVEN)
    draw = np.random.default_rng(7).normal(size=4001)
    kernel = one.load("numpy")
    for level in (0.2, 0.75):
        at = np.quantile(draw, level)
        risk = [kernel.value(np.full_like(draw, at + d), draw, level=level) for d in (-0.1, 0.0, 0.1)]
        assert risk[1] < min(risk[0], risk[2])


@pytest.mark.parametrize("name", NO_QUANTILES)
def test_what_is_nearly_a_quantile_is_none(name):
    found = asked(statistic.elicits, of_threshold(NO_QUANTILES[name]))
    assert found.status != PROVEN, found


def test_a_pinball_that_the_target_weighs_is_no_quantile():
    """Its best prediction is a quantile of another distribution, in which large targets count more."""
    one = of_two(lambda x, t: t * Max(3 * (t - x), x - t))
    assert asked(statistic.elicits, one).status != PROVEN


def test_a_tilted_pinball_has_the_level_that_is_left():
    """A pinball of level 3/4 with x/4 added: from above it rises by 1/2, from below it falls by 1/2."""
    found = asked(
        statistic.elicits, of_threshold(lambda x, t, p: Max(p * (t - x), (p - 1) * (t - x)) + x / 4)
    )
    assert (found.value, found.holds_for) == ("median", "level = 3/4")


# --- scores of probabilities with roots -------------------------------------------------------------------


def of_probability(body):
    @loss(task="classification")
    def declared(probability: LEVEL, target: Binary):
        return body(target * probability + (1 - target) * (1 - probability), target)

    return declared


def test_a_score_of_roots_is_proper():
    found = asked(alignment.proper, of_probability(lambda p, _: sqrt((1 - p) / p)))
    assert found and found.details["strictly"]


@pytest.mark.parametrize(
    "body",
    [
        lambda p, t: (1 + t) * sqrt((1 - p) / p),
        lambda p, t: ((1 - p) / p) ** sympy.Rational(1, 3),
        lambda p, t: sqrt((1 - p) / p) + p / 100,
        lambda p, t: sqrt((2 - p) / p),
        lambda p, t: -sqrt((1 - p) / p),
    ],
    ids=["one label twice", "a cube root", "a little of the probability", "a wrong constant", "a wrong sign"],
)
def test_a_score_that_is_nearly_it_is_not_proper(body):
    found = asked(alignment.proper, of_probability(body))
    assert (found.value, found.status) == (False, REFUTED)


# --- other units ------------------------------------------------------------------------------------------


def of_two(body, domain=Positive):
    @loss(task="regression")
    def declared(prediction: domain, target: domain):
        return body(prediction, target)

    return declared


def test_what_only_the_ratio_matters_to_is_invariant():
    one = of_two(lambda x, t: t / x - log(t) + log(x) - 1)
    assert asked(homogeneity, one).value == 0
    assert one.characteristics()["scale_invariant"]


@pytest.mark.parametrize(
    "body",
    [
        lambda x, t: t / x - log(t / x) - 1 + x / 10**6,
        lambda x, t: t / x - log(t) + log(x + 1) - 1,
        lambda x, t: t / x - 2 * log(t) + log(x) - 1,
        lambda x, t: t**2 / x - t * log(t / x) - t,
    ],
    ids=["a term too many", "a constant inside", "a factor", "of degree 1"],
)
def test_what_is_nearly_that_is_not_invariant(body):
    one = of_two(body)
    found = one.characteristics()
    assert (found["scale_invariant"].value, found["scale_invariant"].status) == (False, REFUTED)
    assert found["homogeneity"].value != 0


def test_a_logarithm_of_a_mean_has_no_unit():
    assert not symloss.get("poisson_negative_log_likelihood").characteristics()["homogeneity"].applies


# --- several classes --------------------------------------------------------------------------------------


def other(score, target, wrong, right=0):
    """The sum of a loss of each wrong score, and one of the right score."""
    return Sum[j](Piecewise((wrong(score[j], score[target]), Ne(j, target)), (right, True)))


def of_classes(body):
    @loss(task="classification")
    def declared(score: Real["C"], target: ClassIndex["C"]):
        return body(score, target)

    return declared


INCONSISTENT = {
    "Weston and Watkins": lambda s, t: other(s, t, lambda a, b: Max(0, 1 + a - b)),
    "one against all": lambda s, t: Sum[j](Piecewise((Max(0, 1 + s[j]), Ne(j, t)), (Max(0, 1 - s[j]), True))),
    "absolute errors": lambda s, t: Sum[j](Piecewise((Abs(s[j]), Ne(j, t)), (Abs(1 - s[j]), True))),
    "Crammer and Singer, doubled": lambda s, t: (
        2 * Max(0, 1 + Max[j](Piecewise((s[j], Ne(j, t)), (-oo, True))) - s[t])
    ),
}
CONSISTENT = {
    "squares": lambda s, t: Sum[j](Piecewise((s[j] ** 2, Ne(j, t)), ((1 - s[j]) ** 2, True))),
    "not convex": lambda s, t: other(s, t, lambda a, b: sigmoid(a - b)),
    "softmax": lambda s, t: logsumexp[j](s[j]) - s[t],
    "affine in pieces, on a simplex": lambda s, t: (
        -s[t] + 10 * Max(0, Sum[j](s[j]) - 1) + 10 * Sum[j](Max(0, -s[j]))
    ),
}


def expected(kernel, scores, p):
    rows = kernel.value(np.array([scores] * 3, dtype=float), np.arange(3), reduction="none")
    return float(np.dot(p, rows))


@pytest.mark.parametrize("name", INCONSISTENT)
def test_a_loss_whose_best_scores_do_not_name_the_class_is_shown(name):
    one = of_classes(INCONSISTENT[name])
    found = vectors.alignment_of(one, "score")["calibrated"]
    assert (found.value, found.status) == (False, REFUTED)
    shown, kernel = found.counterexample, one.load("numpy")
    p, best = shown["probabilities"], shown["best_scores"]
    assert max(best[1:]) >= best[0] and p[0] > max(p[1:])
    risk = expected(kernel, best, p)
    assert risk == pytest.approx(float(Fraction(shown["expected_loss"])))
    assert expected(kernel, shown["nearly_as_good"], p) == pytest.approx(risk, abs=1e-8)
    for other_scores in itertools.product(np.arange(-2, 2.25, 0.5), repeat=3):
        assert expected(kernel, other_scores, p) >= risk - 1e-12


@pytest.mark.parametrize("name", CONSISTENT)
def test_a_loss_of_which_that_is_not_known_is_not_refuted(name):
    found = vectors.alignment_of(of_classes(CONSISTENT[name]), "score").get("calibrated")
    assert found is None or found.status != REFUTED


def test_the_line_to_paste_runs():
    found = vectors.alignment_of(symloss.get("multiclass_hinge"), "score")["calibrated"]
    before, last = found.counterexample["paste"].rsplit("; ", 1)
    names = {"loss": symloss.get("multiclass_hinge")}
    exec(before, names)
    best, nearly, right = eval(last, names)
    assert best == pytest.approx(1) and nearly == pytest.approx(1, abs=1e-8) and right >= best


def test_a_mean_is_0_only_where_it_is():
    f = Fraction
    weights = multiclass.means_to_zero([(f(1), f(0)), (f(-1), f(1)), (f(-1), f(-1))])
    assert sum(w for w, _ in weights) == 1 and all(w > 0 for w, _ in weights)
    assert [sum(w * v[k] for w, v in weights) for k in (0, 1)] == [0, 0]
    assert multiclass.means_to_zero([(f(1), f(0)), (f(1), f(1)), (f(1), f(-1))]) is None
    assert multiclass.means_to_zero([(f(1), f(0)), (f(2), f(0))]) is None
    assert multiclass.means_to_zero([]) is None


def test_a_class_index_and_a_softmax_tell_the_distribution():
    found = symloss.get("softmax_cross_entropy_with_class_index")
    answers = vectors.alignment_of(found, "logits")
    assert answers["proper"] and answers["calibrated"] and answers["proper"].details["strictly"]

    @loss(task="classification")
    def tilted(logits: Real["C"], target: ClassIndex["C"]):
        return -log_softmax(logits)[target] + logits[target] / 10

    weighed = found.with_(label_smoothing=0.1)
    for one in (tilted, weighed):
        other_answers = vectors.alignment_of(one, "logits")
        assert "proper" not in other_answers or not other_answers["proper"]
