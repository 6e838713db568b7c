"""Formulas of hundreds of terms, and choices within choices: derived, or refused with what to write instead."""

import sys
import threading

import mpmath
import pytest

from symloss import DeclarationError, Max, Piecewise, Real, exp, loss
from symloss.room import with_room
from symloss.schedule import functions_of


def nested(levels, of):
    @loss
    def declared(x: Real, t: Real):
        e = x - t
        for level in range(levels):
            e = of(e, x - t, level)
        return e

    return declared


def test_a_formula_that_doubles_with_each_choice_is_refused():
    """Twelve choices, each with the one before in both values: a formula of 80,000 operations."""
    with pytest.raises(DeclarationError, match=r"declared: written out, the formula has \d+ .* named\("):
        nested(12, lambda e, r, k: Piecewise((e, r > k), (e * r + k, True)))


def test_a_formula_that_nests_too_deep_is_refused():
    with pytest.raises(
        DeclarationError, match=r"declared: \d+ operations stand within one another.* named\("
    ):
        nested(120, lambda e, r, k: exp(-e))


@pytest.mark.slow
def test_many_choices_in_one_another_are_derived():
    """Each has the one before in one of its values: there are as many lines as it takes."""
    declared = nested(12, lambda e, r, k: Piecewise((exp(-e), r > k), (r - k, True)))
    kernel = declared.load("numpy")
    for x in (1.5, 10.5, 11.5):
        value, slope = mpmath.mpf(x), mpmath.mpf(1)
        for level in range(12):
            inside = mpmath.exp(-value)
            value, slope = (inside, -slope * inside) if x > level else (x - level, 1)
        assert float(kernel.value([x], [0.0])) == pytest.approx(float(value), rel=1e-14)
        assert kernel.gradient([x], [0.0])[0] == pytest.approx(float(slope), rel=1e-14)


def test_work_that_nests_deeper_than_python_has_room_for():
    """As the NumPy source of a sum of 400 terms does; a failure is the work's own, and the limits are as before."""

    def down(levels):
        return 0 if levels == 0 else 1 + down(levels - 1)

    def fail(levels):
        return int("x") if levels == 0 else fail(levels - 1)

    limit = sys.getrecursionlimit()
    assert with_room(down)(20 * limit) == 20 * limit
    with pytest.raises(ValueError, match="invalid literal"):
        with_room(fail)(5 * limit)
    with pytest.raises(RecursionError):
        with_room(down)(10**6)
    assert sys.getrecursionlimit() == limit and threading.stack_size() == 0


def test_a_second_derivative_that_is_too_long_is_left_out():
    declared = nested(7, lambda e, r, k: Max(e, r - k) ** 2)
    assert "hessian" not in functions_of(declared)
    with pytest.raises(NotImplementedError, match="there is no hessian"):
        declared.load("numpy").hessian([1.0], [0.0])
