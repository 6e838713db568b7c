"""The tables of stability: both sides of every row are one number, to 50 digits, all over its domain."""

import dataclasses
import random

import mpmath
import pytest
import sympy
from sympy import Abs, IndexedBase, Symbol, Wild, exp, log

from symloss.evaluate import Environment, evaluate
from symloss.functions import (
    AxisMax,
    Index,
    LogSoftmax,
    LogSumExp,
    Norm,
    OtherSoftmax,
    Softmax,
    Sum,
    open_binder,
    size_symbol,
    softplus,
    xlogy,
)
from symloss.stabilize.rules import BINDERS, LOWERING, STABILITY, BinderRewrite, Rewrite
from symloss.stabilize.structure import EARLY, STRUCTURE, Structural

POINTS = 60
SPECIAL = ("0", "1", "-1", "0.5", "1e-20", "-1e-20", "20", "-20")
x_ = Wild("x_")


def numbers(row: Rewrite, letters: int) -> list[tuple]:
    """Points of the domain of a row: its ends, what is special, and many between."""
    low, high = (mpmath.mpf(end) for end in row.domain)
    draw = random.Random(row.name)
    special = [n for n in map(mpmath.mpf, SPECIAL) if low <= n <= high] + [low, high]
    points = [tuple(draw.uniform(*row.domain) for _ in range(letters)) for _ in range(POINTS)]
    points += [(s, *(draw.uniform(*row.domain) for _ in range(letters - 1))) for s in special]
    return points + [tuple(s for _ in range(letters)) for s in special]


def check(row: Rewrite) -> None:
    """Both sides agree wherever the left side has a value."""
    letters = sorted(row.left.atoms(Wild) | row.right.atoms(Wild), key=str)
    assert letters
    assert row.right.atoms(Wild) <= row.left.atoms(Wild)
    symbols = {letter: Symbol(f"x{place}", real=True) for place, letter in enumerate(letters)}
    left, right = row.left.xreplace(symbols), row.right.xreplace(symbols)
    compared = 0
    for point in numbers(row, len(letters)):
        environment = Environment(
            {s.name: mpmath.mpf(n) for s, n in zip(symbols.values(), point, strict=True)}
        )
        before, after = evaluate(left, environment, 150), evaluate(right, environment, 150)
        if getattr(before, "imag", 0) != 0 or mpmath.isnan(before):
            continue  # a row holds where the left side is a real number
        compared += 1
        if before == after:
            continue
        with mpmath.workdps(150):
            difference = abs(before - after)
            assert difference <= mpmath.mpf(10) ** -row.decimals * max(abs(before), abs(after)), (
                row.name,
                point,
                before,
                after,
            )
    assert compared >= POINTS // 2, f"{row.name}: {compared} points of its domain have a value"


@pytest.mark.parametrize("row", STABILITY, ids=lambda row: f"{row.name}: {row.left}")
def test_stability(row):
    check(row)


@pytest.mark.parametrize("row", LOWERING, ids=lambda row: f"{row.name}: {row.left}")
def test_lowering(row):
    check(row)


@pytest.mark.parametrize("row", [*STABILITY, *LOWERING, *BINDERS], ids=lambda row: row.name)
def test_row_says_what_it_saves(row):
    assert row.name
    assert row.why


UNSOUND = [
    Rewrite("softplus", log(1 + exp(x_)), softplus(-x_), "sign"),
    Rewrite("softplus", log(1 + exp(x_)), x_ * (1 + sympy.Integer(0)), "asymptote"),
    Rewrite("log1p", log(1 + x_), x_ - x_**2 / 2 + x_**3 / 3, "series", (-0.9, 0.9)),
    Rewrite("root", sympy.sqrt(x_**2), x_, "sign of x"),
    Rewrite("log of a square", log(x_**2), 2 * log(x_), "sign of x"),
    Rewrite("almost", exp(x_), exp(x_) * (1 + sympy.Rational(1, 10**45)), "45 digits"),
    Rewrite("zero", Abs(x_) / x_, sympy.sign(x_) + 0 * x_ + sympy.Rational(1, 10**30), "constant"),
]


@pytest.mark.parametrize("row", UNSOUND, ids=lambda row: row.name)
def test_an_unsound_row_is_caught(row):
    with pytest.raises((AssertionError, TypeError)):
        check(row)


def test_the_two_term_log_sum_exp_of_sympy_is_caught():
    """sympy.codegen.rewriting.logsumexp_2terms_opt says 2.313 for 1.693 at x = y = 1."""
    y_ = Wild("y_")
    left = log(exp(x_) + exp(y_))
    right = sympy.Max(x_, y_) + log(1 + exp(sympy.Min(x_, y_)))
    with pytest.raises(AssertionError):
        check(Rewrite("logsumexp_2terms_opt", left, right, ""))
    check(Rewrite("sound", left, sympy.Max(x_, y_) + log(1 + exp(-Abs(x_ - y_))), ""))


@pytest.mark.parametrize("row", [*STABILITY, *LOWERING], ids=lambda row: f"{row.name}: {row.left}")
def test_a_row_that_is_off_by_a_little_is_caught(row):
    """Every row's points are enough to see an error a little before the last digit that it promises."""
    with pytest.raises(AssertionError):
        off = sympy.Rational(1, 10 ** (row.decimals - 4))
        check(dataclasses.replace(row, right=row.right * (1 + off)))


# --- reductions ---------------------------------------------------------------------------------------------

C = size_symbol("C")
z = IndexedBase("z", shape=(C,), real=True)
a = Index("a")
PLACE = Symbol("place", integer=True, nonnegative=True)
KINDS = {
    LogSumExp: LogSumExp(z[a], a, C),
    LogSoftmax: LogSoftmax(z[a], a, C, PLACE),
    Softmax: Softmax(z[a], a, C, PLACE),
    OtherSoftmax: OtherSoftmax(z[a], a, C, PLACE),
    Norm: Norm(z[a], a, C),
}
TENSORS = [
    *[[1000 if n == largest else n for n in range(4)] for largest in range(4)],
    *[[-1000 if n == least else -n for n in range(4)] for least in range(4)],
    [5, 5, 5, 5],
    [-1000, -1000, -1000, -999],
    [0.25, -0.5, 3.75, 1.5],
    [1e-30, -1e-30, 0, 1e-31],
    [-1, -2, -3, -4],
    [7],
    [0],
]


def check_binder(row: BinderRewrite, kind: type, e=None) -> None:
    e = KINDS[kind] if e is None else e
    after = row.rewrite(e)
    assert after is not None
    for numbers in TENSORS:
        for place in range(len(numbers)):
            environment = Environment(
                {"z": [mpmath.mpf(n) for n in numbers], "place": place}, {"C": len(numbers)}
            )
            before, now = evaluate(e, environment, 2000), evaluate(after, environment, 2000)
            if before != now:
                with mpmath.workdps(2000):
                    assert (
                        abs(before - now) <= mpmath.mpf(10) ** -50 * abs(before) + mpmath.mpf(10) ** -1900
                    ), (
                        row.name,
                        numbers,
                        place,
                    )


def kinds(row):
    return row.kind if isinstance(row.kind, tuple) else (row.kind,)


BINDER_ROWS = [
    pytest.param(row, kind, id=f"{row.name}-{kind.__name__}") for row in BINDERS for kind in kinds(row)
]


@pytest.mark.parametrize(("row", "kind"), BINDER_ROWS)
def test_binder(row, kind):
    check_binder(row, kind)


@pytest.mark.slow
@pytest.mark.parametrize(("row", "kind"), BINDER_ROWS)
def test_binder_over_an_expression(row, kind):
    """Σ, max and norm of 2z − 1, with another sum over the same axis inside."""
    inner = Sum(z[a], a, C)
    extra = KINDS[kind].args[3:]
    check_binder(row, kind, kind(2 * z[a] - 1 + inner / 1000, a, C, *extra))


def test_every_binder_that_needs_a_sound_form_has_one():
    assert {kind for row in BINDERS for kind in kinds(row)} >= {LogSumExp, LogSoftmax, Softmax, Norm}


def largest(e):
    return AxisMax(e.body, e.index, e.size)


def shifted(e, by):
    body, fresh = open_binder(e)
    return Sum(exp(body - by), fresh, e.size)


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (LogSumExp, lambda e: log(shifted(e, largest(e)))),
        (LogSumExp, lambda e: e.body_at(0) + log(shifted(e, largest(e)))),
        (LogSumExp, largest),
        (Softmax, lambda e: exp(e.logit) / shifted(e, largest(e))),
        (LogSoftmax, lambda e: e.logit - largest(e)),
        (Norm, lambda e: sympy.sqrt(Sum(e.body, e.index, e.size) ** 2)),
        (Norm, largest),
    ],
)
def test_an_unsound_binder_row_is_caught(kind, wrong):
    with pytest.raises(AssertionError):
        check_binder(BinderRewrite("wrong", kind, wrong, ""), kind)


def test_corner_of_lowered_xlogy():
    lowered = {row.name: row for row in LOWERING if row.left.has(xlogy)}
    for row in lowered.values():
        letters = sorted(row.left.atoms(Wild), key=str)
        first, second = row.left.args
        symbols = {letter: Symbol(letter.name.strip("_"), real=True) for letter in letters}
        for value in (0, 1, mpmath.mpf("0.5")):
            values = {symbols[first].name: 0, symbols[second].name: value}
            assert evaluate(row.right.xreplace(symbols), Environment(values)) == 0


# --- the rows that see structure --------------------------------------------------------------------------

STRUCTURAL = [(row, example) for row in (*EARLY, *STRUCTURE) for example in row.examples]
INDICES = {Index(name): place for name, place in (("a", 0), ("b", 1), ("c", 2))}


def environment(draw: random.Random) -> Environment:
    """Numbers for the letters, vectors and the matrix of the examples; logits far apart and close together."""
    spread = draw.choice([0.01, 1, 30])

    def number() -> mpmath.mpf:
        return mpmath.mpf(draw.uniform(-spread, spread))

    vectors = {name: [number() for _ in range(3)] for name in "zvq"}
    letters = {name: mpmath.mpf(draw.uniform(0.01, 0.99)) for name in "xyt"}
    return Environment(
        {**vectors, **letters, "s": [[number() for _ in range(3)] for _ in range(3)]}, {"C": 3, "N": 3}
    )


def check_structural(row: Structural, example) -> None:
    """The row sees its example, and both sides are one number."""
    after = row.rewrite(example, {})
    assert after is not None and after != example, f"{row.name} does not see its example {example}"
    draw = random.Random(row.name)
    for _ in range(12):
        numbers = environment(draw)
        before, now = (evaluate(e, numbers, 90, INDICES) for e in (example, after))
        with mpmath.workdps(90):
            assert abs(before - now) <= mpmath.mpf(10) ** -50 * max(
                abs(before), abs(now), mpmath.mpf(10) ** -30
            )


@pytest.mark.parametrize(("row", "example"), STRUCTURAL, ids=lambda x: getattr(x, "name", ""))
def test_structure(row, example):
    check_structural(row, example)
    assert row.why


@pytest.mark.parametrize(("row", "example"), STRUCTURAL, ids=lambda x: getattr(x, "name", ""))
def test_a_structural_row_that_is_off_by_a_little_is_caught(row, example):
    off = dataclasses.replace(
        row, rewrite=lambda node, names: row.rewrite(node, names) * (1 + sympy.Rational(1, 10**40))
    )
    with pytest.raises(AssertionError):
        check_structural(off, example)
