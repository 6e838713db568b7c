"""Choices written by a clipped number: the same numbers as before, NaN and infinities included."""

from __future__ import annotations

import itertools
import math

import pytest
from floating import number
from sympy import Abs, Add, Expr, IndexedBase, Rational, Symbol, sign

from symloss.functions import Cases, Index, maximum, nan_where
from symloss.schedule import Block, Define, by_clipping, clip
from symloss.schedule.bounds import ends
from symloss.schedule.program import functions_in

x, y, z = (Symbol(name, real=True) for name in "xyz")
d = Symbol("d", positive=True)
width = IndexedBase(Symbol("width", positive=True), shape=(Symbol("n"),))[Index("i")]
NUMBERS = (0.0, 1.0, -1.0, 0.3, -2.5, 3.0, 1e200, -1e200, math.inf, -math.inf, math.nan)


def rewritten(*expressions: Expr) -> list[Expr]:
    block = Block([Define(f"name_{k}", e) for k, e in enumerate(expressions)])
    return [s.expr for s in by_clipping(block).statements]


@pytest.mark.parametrize(
    "e",
    [
        Cases((x, Abs(x) <= d), (d * sign(x), True)),
        y * Cases((x, Abs(x) <= d), (d * sign(x), True)),
        Cases((x**2 / 2, Abs(x) <= d), (d * (Abs(x) - d / 2), True)),
        Cases((3 * x**2, Abs(x) <= 2), (12 * Abs(x) - 12, True)),
    ],
    ids=str,
)
def test_a_choice_by_distance_is_a_clipped_number(e):
    (new,) = rewritten(e)
    assert new.has(clip) and not new.has(Cases)
    for at in ({"x": a, "y": -1.5, "d": b} for a in NUMBERS for b in (0.3, 1.0, 1e100)):
        assert number(new, at) == pytest.approx(number(e, at), rel=1e-15, nan_ok=True), at


@pytest.mark.parametrize("names", list(itertools.permutations("xyz", 2)), ids="-".join)
def test_a_difference_is_taken_before_its_clipped_part_is_taken_from_it(names):
    """2⁵³ − 1/2 − (2⁵³ − 2) was 2 where 2 − 1/2 is meant."""
    a, b = (Symbol(name, real=True) for name in names)
    size = Abs(a - b)
    r = size.args[0]
    (new,) = rewritten(Cases((r**2 / 2, size <= d), (d * (size - d / 2), True)))
    assert new.has(clip)
    large, sums = {a.name: 2.0**53, b.name: 2.0**53 - 2, "d": 1.0}, new.atoms(Add)
    assert number(new, large) == 1.5
    assert all(len(s.args) == 2 for s in sums), "a printer may write three terms in any order"


@pytest.mark.parametrize("condition", [x >= 0, x > 0], ids=str)
def test_a_positive_part_guards_its_slope(condition):
    part = maximum(0, x, Rational(1, 2))
    slope = nan_where(Cases((-y, condition), (0, True)), x)
    new_part, new = rewritten(part, slope)
    assert new_part == part and new.has(maximum) and not new.has(nan_where)
    for at in ({"x": a, "y": b} for a in NUMBERS for b in (-1.0, 1.0, 3.0)):
        assert number(new, at) == pytest.approx(number(slope, at), nan_ok=True), at


@pytest.mark.parametrize(
    "expressions",
    [
        [nan_where(Cases((-y, x >= 0), (0, True)), x)],  # the positive part would be taken for this alone
        [maximum(0, y, 0), nan_where(Cases((-y, x >= 0), (0, True)), x)],
        [maximum(1, x, 0), nan_where(Cases((-y, x >= 0), (0, True)), x)],
        [maximum(0, x, 0), nan_where(Cases((-y, x >= 1), (0, True)), x)],
        [maximum(0, x, 0), nan_where(Cases((-y, x >= 0), (1, True)), x)],
        [maximum(0, x, 0), nan_where(Cases((-y, x <= 0), (0, True)), x)],
        [Cases((x, Abs(x) <= y), (y * sign(x), True))],  # a distance may not be negative
        [Cases((x, Abs(x) <= width), (width * sign(x), True))],  # a tensor may hold what its domain does not
        [Cases((x, Abs(x) <= d), (d * sign(y), True))],
        [Cases((x, Abs(x) < d), (0, True))],
        [Cases((x**2, Abs(x) <= d), (d * (Abs(x) - d / 2), True))],  # not its tangent
    ],
    ids=str,
)
def test_where_it_does_not_apply(expressions):
    assert rewritten(*expressions) == expressions


def test_loops_are_looked_into():
    block = Block([Define("a", maximum(0, x, 0))])
    assert functions_in(block, maximum) == [maximum(0, x, 0)]


@pytest.mark.parametrize(
    ("e", "expected"),
    [
        (clip(x, -1, 2), (-1, 2)),
        (clip(x, -d, d), (-math.inf, math.inf)),
        (clip(Abs(x), 0, 3), (0, 3)),
        (clip(Abs(x) + 5, -1, 2), (2, 2)),
        (clip(x, y, 1), (-math.inf, 1)),
    ],
    ids=str,
)
def test_a_clipped_number_lies_between_its_ends(e, expected):
    assert ends(e, {}) == expected
