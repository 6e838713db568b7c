"""For which hyper-parameters an answer holds; and constants in numbers, where there is no closed form."""

import json
from itertools import pairwise

import mpmath
import numpy as np
import pytest
import sympy

import symloss
from symloss import Interval, Max, NonNegative, Positive, Probability, Real, loss, sigmoid, sqrt
from symloss.analyze import alignment, scale
from symloss.analyze.answer import PROVEN, UNKNOWN
from symloss.analyze.chart import order
from symloss.analyze.enclosed import largest_multiples, largest_size
from symloss.analyze.facts import Facts, Range
from symloss.analyze.interval import enclosure
from symloss.analyze.pieces import Piece, Pieces, split_roots
from symloss.analyze.slices import slices_of
from symloss.cli import main


def of_residual(body, domain, default=1.0):
    @loss(task="regression")
    def declared(prediction: Real, target: Real, *, a: domain = default):
        return body(prediction - target, a)

    return declared


def asked(question, loss_):
    return question(slices_of(loss_, loss_.differentiated[0]))


# --- inside a domain --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("domain", "words"), [(NonNegative, "a > 0"), (Probability, "a in (0, 1)")])
def test_what_fails_at_an_end_holds_inside(domain, words):
    found = asked(scale.ANSWERS["lipschitz"], of_residual(lambda r, a: a * r**2, domain, 0.5))
    assert (found.value, found.status, found.holds_for) == (sympy.oo, PROVEN, f"every {words}")


def test_what_holds_at_the_ends_too_says_so():
    found = asked(scale.ANSWERS["smoothness"], of_residual(lambda r, a: a * r**2, NonNegative))
    assert found.holds_for == "every a ≥ 0"


def test_a_default_at_an_end_is_answered_for_itself_and_the_inside_apart():
    """What holds for every a > 0 would be wrong of the loss as it is called."""
    found = asked(scale.ANSWERS["lipschitz"], of_residual(lambda r, a: a * r**2, NonNegative, 0))
    assert (found.value, found.holds_for) == (0, "a = 0")
    assert found.details["apart"] == {"holds_for": "every a > 0", "value": "∞", "status": PROVEN}
    assert "For every a > 0: ∞." in found.argument
    ranking = symloss.get("margin_ranking")
    assert asked(alignment.calibrated, ranking).value is False
    assert asked(alignment.calibrated, ranking).details["apart"]["value"] == "yes"
    assert asked(alignment.calibrated, ranking.with_(margin=1)).value is True


# --- bounds in numbers ------------------------------------------------------------------------------------

IN_NUMBERS = {
    "focal, from logits": symloss.get("focal_with_logits"),
    "a wave": of_residual(lambda r, a: 1 - sympy.cos(r), Positive),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", IN_NUMBERS)
def test_a_constant_in_numbers_is_right_to_one_percent(name):
    one = IN_NUMBERS[name]
    kernel, grid = one.load("numpy"), np.linspace(-30, 30, 60001)
    labels = (0.0, 1.0) if len(one.differentiated) and one.inputs[1].domain.values else (0.0,)
    for key, function in (("lipschitz", kernel.gradient), ("smoothness", kernel.hessian)):
        found = asked(scale.ANSWERS[key], one)
        if found.status == UNKNOWN:
            continue
        most = max(
            float(np.max(np.abs(function(grid, np.full_like(grid, t), reduction="sum")))) for t in labels
        )
        assert most <= float(found.value) <= most * 1.02, (key, found.value, most)


def test_some_are_found():
    wave = IN_NUMBERS["a wave"]
    first, second = (asked(scale.ANSWERS[key], wave) for key in ("lipschitz", "smoothness"))
    assert first.status == second.status == PROVEN and "branch and bound" in first.argument
    low, high = map(float, first.details["between"])
    assert low <= 1 <= high and float(first.value) >= 1


def test_bounds_in_numbers_are_around_what_is_so():
    """On a bounded interval, where the largest size is at an end, or at a place inside."""
    x = sympy.Symbol("x", real=True)
    for formula, order_, largest in ((sympy.exp(x), 1, mpmath.e), (sympy.cos(4 * x), 1, 4), (-(x**3), 2, 6)):
        pieces = Pieces(x, (Piece(sympy.S.Zero, sympy.S.One, formula),), Facts())
        found = largest_size(pieces, order_)
        assert found.low <= largest <= found.high <= largest * 1.02


@pytest.mark.slow
def test_what_has_no_bound_gets_none():
    steep = of_residual(lambda r, a: sympy.cos(r**2), Positive)
    for key in ("lipschitz", "smoothness"):
        found = asked(scale.ANSWERS[key], steep)
        assert found.status == UNKNOWN or found.value == sympy.oo


def test_a_jump_in_the_slope_is_no_bounded_second_derivative():
    kinked = of_residual(lambda r, a: Max(0, r) + sympy.sin(r) ** 2, Positive)
    found = asked(scale.ANSWERS["smoothness"], kinked)
    assert found.status == UNKNOWN or found.value == sympy.oo


# --- limits and order -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_power_of_0_with_a_positive_exponent_is_0():
    @loss(task="regression")
    def tweedie(prediction: Positive, target: NonNegative, *, power: Interval(1, 2, open=True) = 1.5):
        x = prediction
        return x ** (2 - power) / (2 - power) - target * x ** (1 - power) / (1 - power)

    found = tweedie.characteristics()
    assert "nan" not in json.dumps(found.json()["scale"])
    assert (found["range"].value, found["elicits"].value) == ("(0, ∞)", "mean")


def test_roots_of_polynomials_have_an_order():
    x = sympy.Symbol("x")
    roots = sympy.real_roots(sympy.Poly(x**5 - 4 * x + 1, x))
    assert [order(a, b, Facts()) for a, b in pairwise(roots)] == [-1, -1]
    low, high = enclosure(roots[0], {})
    with mpmath.workdps(40):
        assert low <= mpmath.findroot(lambda v: v**5 - 4 * v + 1, -1.47) <= high


def test_a_smaller_multiple_adds_nothing():
    x = sympy.Symbol("x", real=True)

    def whole(formula):
        return Pieces(x, (Piece(-sympy.oo, sympy.oo, formula),), Facts())

    one, half, mirrored = whole(sympy.sin(x)), whole(sympy.sin(x) / 2), whole(3 * sympy.exp(-x))
    assert largest_multiples([half, one]) == largest_multiples([one, half]) == [one]
    assert largest_multiples([whole(sympy.exp(x)), mirrored]) == [mirrored]
    assert len(largest_multiples([one, whole(sympy.cos(x)), whole(sympy.sin(x) + 1)])) == 3


def test_a_root_comes_apart_only_at_what_is_positive():
    x = sympy.Symbol("x", real=True)
    both = sympy.sqrt((x - 1) * (x - 2))
    assert split_roots(both, Facts()) == both
    below = Facts(((x, Range(-sympy.oo, sympy.S.One)),))
    quotient = split_roots(sympy.sqrt((1 - x) / (2 - x)), below)
    assert quotient == sympy.sqrt(1 - x) / sympy.sqrt(2 - x)
    for formula in (sympy.sqrt(x**2 * (x - 1)), ((x - 1) / (x - 2)) ** sympy.Rational(1, 3)):
        for place in (-3, sympy.Rational(1, 2), 5):
            there = split_roots(formula, Facts()).subs(x, place)
            assert abs(sympy.N(there - formula.subs(x, place))) < 1e-12


@pytest.mark.slow
def test_roots_of_a_square_come_apart_with_their_sign():
    """√(r⁴ + r²) is |r|·√(r² + 1): a kink at 0, and none beside it."""
    one = of_residual(lambda r, a: sqrt(a * r**4 + r**2), Positive)
    found = one.characteristics()
    assert (found["class"].value, found["kinks"].value) == ("C^0", ["prediction - target = 0"])
    beside = of_residual(lambda r, a: sqrt(a * r**4 + r**2 + 1), Positive)
    assert beside.characteristics()["class"].value == "C^∞"


# --- the page ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_why_prints_arguments_and_what_to_paste(capsys):
    assert main(["review", "mean_absolute_error"]) == 0
    short = capsys.readouterr().out
    assert main(["review", "mean_absolute_error", "--why"]) == 0
    long = capsys.readouterr().out
    assert "The formulas on both sides of each joint" in long and "formulas on both sides" not in short
    assert ">>> loss.load()" in long and len(short.splitlines()) < len(long.splitlines())
    assert "[sampled at 2 points" in " ".join(short.split())


def test_a_slope_of_1_everywhere_is_no_small_gradient():
    found = asked(
        scale.ANSWERS["gradient_infimum"], of_residual(lambda r, a: r + 0 * a + sigmoid(r), Positive)
    )
    assert found.status == UNKNOWN or found.value == 1
