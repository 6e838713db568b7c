"""Cheaper forms for arrays: the same numbers as the forms before, special ones included."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import sympy
from floating import holds, number
from sympy import Abs, Eq, Expr, Indexed, IndexedBase, Symbol, exp, sign

from symloss.backends.array_forms import FORMS, row_factor
from symloss.functions import Cases, Index, group, log1p, maximum, nan_where
from symloss.schedule import clip

x, y, z = (Symbol(name, real=True) for name in "xyz")
d = Symbol("d", positive=True)
i, c = Index("i"), Index("c")
a = IndexedBase("a", real=True)[i]
b = IndexedBase("b", real=True)[i]
q = IndexedBase("q", real=True)[i]
SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.3, -2.5, 1e-200, 1e200, -1e200, math.inf, -math.inf, math.nan)

EXAMPLES = {
    "a condition is asked once": [
        Cases((x, y > 0), (z + Cases((x, y > 0), (y, True)), True)),
        Cases((x + Cases((z, y > 0), (y, True)), y > 0), (z, True)),
    ],
    "no guard where none is needed": [
        nan_where(exp(-Abs(x)) + y, x),
        nan_where(Cases((0, x >= 1), (log1p(x), True)), x),
        nan_where(maximum(y, x + z, 0), x),
        nan_where(nan_where(y, x), x),
        nan_where(clip(x * y, -1, 1), y),
    ],
    "a clipped number": [Cases((x, Abs(x) <= d), (d * sign(x), True))],
    "quadratic, then linear": [
        Cases((x**2 / 2, Abs(x) <= d), (d * (Abs(x) - d / 2), True)),
        Cases((3 * x**2, Abs(x) <= d), (3 * d * (2 * Abs(x) - d), True)),
    ],
    "a common factor in front": [Cases((d * a, b >= 0), ((d - 1) * a, True))],
    "a common sign in front": [Cases((-d, x >= 0), (1 - d, True)), nan_where(-x, y)],
    "a witness that is a factor": [nan_where(Cases((0, Eq(a, 0)), (a * b * q, True)), b * q)],
    "a sign that is not made": [maximum(0, -x, 0), Cases((y, -x >= 0), (z, True)).pairs[0][1]],
    "a difference of probabilities": [
        (1 - y) * z - y * Cases((x, Eq(d, 1)), (1 - z, True)),
    ],
    "a power of 2 in front": [1 / (2 * x + 2)],
    "a power of a quotient": [x**2 * group(1 / (1 + exp(x))) ** 2 * y],
}

REORDERED = ("a witness that is a factor", "a power of a quotient")

NOT = {
    "no guard where none is needed": [
        nan_where(Cases((y, x >= 1), (z, True)), x),  # a comparison hides it
        nan_where(Cases((y, sympy.Ne(x, 1)), (x, True)), x),  # this one holds for NaN
        nan_where(Cases((y, z >= 1), (x, True)), x),
        nan_where(a, i),
    ],
    "a clipped number": [
        Cases((x, Abs(x) < d), (d * sign(x), True)),
        Cases((x, Abs(x) <= y), (y * sign(x), True)),  # y may be negative
        Cases((x, Abs(x) <= d), (d * sign(y), True)),
    ],
    "quadratic, then linear": [Cases((x**2, Abs(x) <= d), (d * (Abs(x) - d / 2), True))],
    "a common factor in front": [Cases((d * a, b >= 0), (b, True))],
    "a sign that is not made": [maximum(0, x, 0), maximum(1, -x, 0)],
    "a difference of probabilities": [(1 - y) * z - y * Cases((x, Eq(d, 1)), (2 - z, True))],
    "a power of 2 in front": [1 / (3 * x + 3)],
    "a power of a quotient": [x**3 * group(1 / (1 + exp(x))) ** 2, x**2 * (1 + exp(x)) ** -2],
}


def test_every_form_has_an_example():
    assert list(EXAMPLES) == [form.name for form in FORMS]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_a_form_is_the_same_number(form):
    for before in EXAMPLES[form.name]:
        after = form.apply(before)
        assert after is not None and after != before
        letters = sorted({str(s) for s in before.free_symbols if str(s) in "xyzd" or "[" in str(s)})
        compared, draw = 0, random.Random(form.name)
        for _ in range(500):
            at = {letter: draw.choice(SPECIAL) for letter in letters}
            if not 0 < at.get("d", 1) < math.inf:
                continue  # not in its domain
            if form.name in REORDERED and {abs(v) for v in at.values()} & {1e-200, 1e200}:
                continue  # a product in another order leaves the format elsewhere
            with np.errstate(all="ignore"):
                if isinstance(before, Expr):
                    expected, got = number(before, at), number(after, at)
                else:
                    expected, got = holds(before, at), holds(after, at)
            if form.name == "a difference of probabilities" and not (
                0 <= at["y"] <= 1 and 0 <= at["z"] <= 0.5
            ):
                continue  # it is for probabilities, of which only the largest is more than a half
            assert np.isclose(got, expected, rtol=1e-14, atol=0, equal_nan=True), (before, after, at)
            compared += 1
        assert compared > 5


@pytest.mark.parametrize("name", NOT)
def test_where_a_form_does_not_apply(name):
    form = next(form for form in FORMS if form.name == name)
    for e in NOT[name]:
        assert form.apply(e) is None, e


# --- rows -------------------------------------------------------------------------------------------------

PLACE = IndexedBase("place", integer=True)[i]
ENTRY, TOTAL, WEIGHT, IGNORED = (
    IndexedBase(name, real=True)[i] for name in ("entry", "total", "weight", "t")
)
SHARE = IndexedBase("power", real=True)[i, c] / TOTAL
KNOWN = {"total": 1 + exp(a), "power": exp(b)}


def test_a_factor_of_a_row_and_the_rest_are_the_product():
    """The gradient of a softmax of rows: one entry is another, ignored rows are 0, and a weight is in front."""
    product = Cases((0, Eq(IGNORED, -1)), (WEIGHT * Cases((ENTRY, Eq(c, PLACE)), (SHARE, True)), True))
    factor, rest = row_factor(product, c, KNOWN)
    assert c not in factor.free_symbols and rest != product
    draw = random.Random(0)
    for _ in range(100):
        at = {str(e): draw.uniform(1, 3) for e in (ENTRY, TOTAL, WEIGHT, SHARE.args[0], SHARE.args[1])}
        at |= {str(s): draw.uniform(1, 3) for s in SHARE.atoms(Indexed)}
        at |= {str(IGNORED): draw.choice([-1.0, 2.0]), str(PLACE): draw.choice([0.0, 1.0]), "c": 1.0}
        expected = number(product, at)
        assert np.isclose(number(factor, at) * number(rest, at), expected, rtol=1e-14, atol=0)
        assert (at[str(IGNORED)] == -1) == (expected == 0)


def test_a_row_is_not_divided_by_what_may_be_small():
    product = WEIGHT * Cases((ENTRY, Eq(c, PLACE)), (SHARE, True))
    assert row_factor(product, c, {"total": exp(a)}) == (1, product)
    assert row_factor(WEIGHT * SHARE, c, KNOWN) == (1, WEIGHT * SHARE)
