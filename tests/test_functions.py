"""The primitives: definitions, derivatives, and bound indices that are never captured."""

import mpmath
import pytest
import sympy
from sympy import Dummy, Indexed, IndexedBase, Symbol, exp

from symloss.evaluate import Environment, evaluate
from symloss.functions import (
    ArgMax,
    AxisMax,
    Cases,
    Index,
    LogSoftmax,
    LogSumExp,
    Norm,
    Partial,
    Softmax,
    Sum,
    at_index,
    binders,
    bound_index,
    compared,
    expm1,
    free_index,
    group,
    log1p,
    maximum,
    nan_where,
    open_binder,
    ratio,
    rebuild,
    sigmoid,
    size_symbol,
    softplus,
    xlogy,
)

C, D = size_symbol("C"), size_symbol("D")
z = IndexedBase("z", shape=(C,), real=True)
w = IndexedBase("w", shape=(C, D), real=True)
x, y = Symbol("x", real=True), Symbol("y", real=True)
a, b = Index("a"), Index("b")
NUMBERS = [mpmath.mpf(v) for v in ("-3.25", "-1", "-0.5", "0.25", "1", "2.5", "40", "-40")]


def sigma(t):
    return 1 / (1 + mpmath.exp(-t))


def at(expr, digits=50, indices=None, **values):
    sizes = {"C": 3, "D": 2}
    return evaluate(expr, Environment(values, sizes), digits, indices)


def close(left, right, digits=40):
    return abs(left - right) <= mpmath.mpf(10) ** -digits * max(abs(left), abs(right), mpmath.mpf(10) ** -30)


# --- numbers ------------------------------------------------------------------------------------------------

ONE = {
    sigmoid: sigma,
    softplus: lambda t: mpmath.log(1 + mpmath.exp(t)),
    expm1: mpmath.expm1,
    group: lambda t: t,
}


@pytest.mark.parametrize("function", ONE, ids=lambda f: f.__name__)
def test_function_of_one_number(function):
    with mpmath.workdps(90):
        for number in NUMBERS:
            assert close(at(function(x), 80, x=number), ONE[function](number))
            if function is not group:
                slope = mpmath.diff(ONE[function], number)
                assert close(at(function(x).fdiff(1), 80, x=number), slope, 30)


def test_log1p():
    with mpmath.workdps(90):
        for number in ("-0.99", "-0.5", "1e-30", "3", "1e10"):
            number = mpmath.mpf(number)
            assert close(at(log1p(x), 80, x=number), mpmath.log1p(number), 30)
            assert close(at(log1p(x).fdiff(1), 80, x=number), 1 / (1 + number))


@pytest.mark.parametrize(
    ("function", "formula"),
    [
        (xlogy, lambda p, q: p * mpmath.log(q)),
        (ratio, lambda p, q: p / q),
    ],
)
def test_function_of_two_numbers(function, formula):
    e = function(x, y)
    with mpmath.workdps(60):
        for p in ("-2", "0.5", "3"):
            for q in ("0.25", "1", "7"):
                p_, q_ = mpmath.mpf(p), mpmath.mpf(q)
                assert close(at(e, x=p_, y=q_), formula(p_, q_))
                assert close(at(e.fdiff(1), x=p_, y=q_), mpmath.diff(lambda t, q_=q_: formula(t, q_), p_), 30)
                assert close(at(e.fdiff(2), x=p_, y=q_), mpmath.diff(lambda t, p_=p_: formula(p_, t), q_), 30)


def test_zero_before_all_else():
    assert at(xlogy(x, y), x=0, y=0) == 0
    assert at(ratio(x, y), x=0, y=0) == 0
    assert at(xlogy(x, y), x=2, y=0) == -mpmath.inf
    assert at(ratio(x, y), x=2, y=0) == mpmath.inf
    assert ratio(0, y) == 0
    assert ratio(x, 2) == x / 2


@pytest.mark.parametrize("tie", [0, 1, sympy.Rational(1, 2)])
def test_maximum(tie):
    e = maximum(x, y, tie)
    assert e.tie == tie
    for p, q in ((1, 2), (2, 1), (3, 3), (-1, -2)):
        assert at(e, x=p, y=q) == max(p, q)


def test_nan_shows_through():
    assert at(nan_where(x, y), x=5, y=1) == 5


@pytest.mark.parametrize("function", [sigmoid, softplus, xlogy, ratio])
def test_only_arguments_have_derivatives(function):
    e = function(*(Symbol(n, positive=True) for n in "xy"[: function.nargs.args[0]]))
    with pytest.raises(sympy.core.function.ArgumentIndexError):
        e.fdiff(3)


# --- cases --------------------------------------------------------------------------------------------------


def test_cases_fold_what_is_decided():
    assert Cases((x, True)) == x
    assert Cases((x, False), (y, True)) == y
    assert Cases((x, x > 0), (y, True), (x, True)).args == Cases((x, x > 0), (y, True)).args
    assert Cases((x, y > 0), (x, True)) == x
    assert Cases((x, x > 0)).pairs[-1] == (sympy.nan, sympy.true)


def test_cases_take_the_first_that_holds():
    e = Cases((1, x > 2), (2, x > 1), (3, True))
    assert [at(e, x=v) for v in (3, 2, 1)] == [1, 2, 3]
    assert e.func(*e.args) == e
    assert [at(e.map(lambda v: v * 10), x=v) for v in (3, 2, 1)] == [10, 20, 30]
    pieces = e.rewrite(sympy.Piecewise)
    assert [pieces.subs(x, v) for v in (3, 2, 1)] == [1, 2, 3]


# --- bound indices ------------------------------------------------------------------------------------------

EVERY = [Sum, AxisMax, ArgMax, LogSumExp, Norm]


@pytest.mark.parametrize("binder", EVERY)
def test_the_name_of_a_bound_index_does_not_count(binder):
    one, other = binder(z[a] ** 2, a, C), binder(z[b] ** 2, b, C)
    assert one == other
    assert hash(one) == hash(other)
    assert str(one) == str(other)
    assert len({one, other}) == 1


@pytest.mark.parametrize("binder", [Softmax, LogSoftmax])
def test_nor_in_a_softmax(binder):
    k = free_index(1)
    assert binder(z[a], a, C, k) == binder(z[b], b, C, k)
    assert binder(z[a], a, C, k) != binder(z[a], a, C, free_index(2))


def test_nested_sums_that_differ_in_their_names_only():
    one = Sum(z[a] * Sum(z[b] ** 2, b, C), a, C)
    other = Sum(z[b] * Sum(z[a] ** 2, a, C), b, C)
    same_letter = Sum(z[a] * Sum(z[a] ** 2, a, C), a, C)
    assert one == other == same_letter
    # Σ z_a · Σ z_b² at z = (1, 2, 3) is 6·14
    assert at(one, z=[1, 2, 3]) == 84


def test_nested_sums_that_do_differ():
    """Σ_a Σ_b z_a² z_b and Σ_a Σ_b z_a z_b² are one number, Σ_a Σ_b w_ab z_a and … z_b are not."""
    v = IndexedBase("v", shape=(C, C), real=True)
    by_row = Sum(Sum(v[a, b] * z[a], b, C), a, C)
    by_column = Sum(Sum(v[a, b] * z[b], b, C), a, C)
    assert by_row != by_column
    values = {"v": [[1, 2, 3], [4, 5, 6], [7, 8, 9]], "z": [1, 10, 100]}
    assert at(by_row, **values) == 6 + 150 + 2400
    assert at(by_column, **values) == 12 + 150 + 1800


def test_triple_nesting_over_one_axis():
    c = Index("c")
    e = Sum(z[a] * Sum(z[b] * Sum(z[c] * z[b] * z[a], c, C), b, C), a, C)
    numbers = [1, 2, 3]
    expected = sum(p * q * r * q * p for p in numbers for q in numbers for r in numbers)
    assert at(e, z=numbers) == expected


def test_sum_of_zero_is_zero():
    assert Sum(0, a, C) == 0
    assert Sum(z[a] - z[a], a, C) == 0


def test_free_symbols():
    e = Sum(x * z[a], a, C)
    assert bound_index(0) not in e.free_symbols
    assert {x, C} <= e.free_symbols
    assert e.bound_symbols == {e.index}


def test_sizes_and_places():
    body, fresh = open_binder(Sum(z[a] ** 2, a, C))
    assert isinstance(fresh, Dummy)
    assert body == z[fresh] ** 2
    assert Sum(z[a] ** 2, a, C).body_at(free_index(1)) == z[free_index(1)] ** 2


def test_putting_a_sum_in_place_of_an_index_captures_nothing():
    largest = ArgMax(z[a], a, C)
    e = Sum(w[Symbol("p_1", integer=True), b], b, D)
    put = at_index(e, Symbol("p_1", integer=True), largest)
    values = {"z": [1, 9, 4], "w": [[1, 2], [30, 40], [500, 600]]}
    assert at(put, **values) == 70
    inside = Sum(z[a] * at_index(z[Symbol("p_1", integer=True)], Symbol("p_1", integer=True), largest), a, C)
    assert at(inside, **values) == 14 * 9


def test_rewriting_below_a_binder_captures_nothing():
    """x → Σ_j z_j inside Σ_j x z_j."""
    inner = Sum(z[a], a, C)
    e = Sum(x * z[b], b, C)
    put = rebuild(e, lambda node: inner if node == x else None)
    assert at(put, z=[1, 2, 3]) == 36
    twice = rebuild(put, lambda node: 2 * node if isinstance(node, Indexed) else None)
    assert at(twice, z=[1, 2, 3]) == 144


def test_raw_replacement_that_would_capture_is_an_error():
    """SymPy's own xreplace knows no bound indices: a binder that goes in must not change what is bound."""
    e = Sum(x * z[b], b, C)
    put = None
    try:
        put = e.xreplace({x: Sum(z[a], a, C)})
    except AssertionError:
        return
    assert at(put, z=[1, 2, 3]) == 36


def test_rebuild_from_the_top_leaves_what_it_put():
    put = rebuild(exp(x) + x, lambda n: exp(2 * x) if n == exp(x) else None, top_down=True)
    assert put == exp(2 * x) + x


def test_binders_outermost_first():
    e = Sum(LogSumExp(w[a, b], b, D), a, C)
    assert [type(n) for n in binders(e)] == [Sum, LogSumExp]


def test_many_levels_have_names_of_their_own():
    names = [bound_index(level) for level in range(40)] + [free_index(place) for place in range(40)]
    assert len(set(names)) == 80


@pytest.mark.parametrize("e", [Sum(z[a] * x, a, C), LogSumExp(x * z[a], a, C), Softmax(x * z[a], a, C, 0)])
def test_sympy_does_not_differentiate_below_a_binder(e):
    with pytest.raises(NotImplementedError, match="below its bound index"):
        sympy.diff(e, x)


def test_sympy_does_not_differentiate_a_partial():
    with pytest.raises(NotImplementedError):
        sympy.diff(Partial(x**2, x), x)


# --- definitions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("numbers", [(1, 2, 3), (3, 2, 1), (-1, 5, 5), (0, 0, 0), (-2, -1, -7)])
def test_reductions(numbers):
    numbers = [mpmath.mpf(n) for n in numbers]
    with mpmath.workdps(50):
        e = [mpmath.exp(n) for n in numbers]
        assert at(Sum(z[a], a, C), z=numbers) == sum(numbers)
        assert at(AxisMax(z[a], a, C), z=numbers) == max(numbers)
        assert at(ArgMax(z[a], a, C), z=numbers) == numbers.index(max(numbers))
        assert close(at(LogSumExp(z[a], a, C), z=numbers), mpmath.log(sum(e)))
        assert close(at(Norm(z[a], a, C), z=numbers), mpmath.sqrt(sum(n * n for n in numbers)))
        for place in range(3):
            share = e[place] / sum(e)
            assert close(at(Softmax(z[a], a, C, place), z=numbers), share)
            assert close(at(LogSoftmax(z[a], a, C, place), z=numbers), mpmath.log(share))


@pytest.mark.parametrize(
    ("e", "text"),
    [
        (Sum(z[a] ** 2, a, C), "Sum(z[j]**2, (j, C))"),
        (Softmax(z[a], a, C, free_index(1)), "softmax(z)[k]"),
        (maximum(0, x, 0), "Max(0, x)"),
        (Cases((x, x > 0), (0, True)), "Piecewise((x, x > 0), (0, True))"),
        (Partial(x**2, x), "Partial(x**2, x)"),
    ],
)
def test_text(e, text):
    assert str(e) == text


def test_text_of_nested_sums_names_their_indices_apart():
    e = Sum(w[a, b] * Sum(z[Index("c")], Index("c"), C), b, D)
    text = str(Sum(e, a, C))
    assert at(Sum(e, a, C), z=[1, 1, 1], w=[[1, 2], [3, 4], [5, 6]]) == 63
    assert text.count("(j, ") == text.count("(l, ") == text.count("(m, ") == 1


def test_what_an_expression_compares():
    """A condition may hold several comparisons, and their order does not depend on the hash seed."""
    e = Sum(Cases((abs(z[a]), (x > 0) & (x < y)), (maximum(1, x, 0), True)), a, C)
    (b,) = binders(e)
    assert list(compared(e)) == [(x, 0), (x, y), (z[b.index], 0), (1, x)]
