"""The table of differentiation: every row against mpmath's numeric derivative of a formula typed by hand."""

import dataclasses

import mpmath
import pytest
import sympy
from sympy import Abs, Add, IndexedBase, KroneckerDelta, Mul, Pow, Symbol, cosh, exp, log, sign, sinh, tanh

from symloss.declare import Max, Real, loss
from symloss.derive.rules import DIFFERENTIATION, READABLE, Rule
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
    free_index,
    maximum,
    open_binder,
    ratio,
    sigmoid,
    size_symbol,
    softplus,
    xlogy,
)

x = Symbol("x", real=True)
C = size_symbol("C")
z, y = IndexedBase("z", shape=(C,), real=True), IndexedBase("y", shape=(C,), real=True)
a, b = Index("a"), Index("b")
k = free_index(1)
u, v, p, q = x**2 + 1, 3 - x, 2 + sympy.sin(x), 1 / (2 + x**2)

X = [mpmath.mpf(n) for n in ("-1.75", "-0.5", "0.3125", "1.25")]
Z = [[mpmath.mpf(n) for n in row] for row in (("0.5", "-1", "2.25"), ("3", "1", "-0.5"), ("-2", "-3", "-1"))]
Y = [mpmath.mpf(n) for n in ("0.75", "-0.25", "2")]
HALF = sympy.Rational(1, 2)


def sigma(t):
    return 1 / (1 + mpmath.exp(-t))


def in_pieces(t):
    return t**2 if t < 0 else t**3 if t < 1 else mpmath.exp(t)


def shares(numbers):
    total = sum(mpmath.exp(n) for n in numbers)
    return [mpmath.exp(n) / total for n in numbers]


# Each row by name and kind: expressions to which it applies, and the same typed for mpmath.
NUMBERS = {
    ("linearity", Add): [(x**2 + exp(x) + 5, lambda t: t**2 + mpmath.exp(t) + 5)],
    ("linearity", Mul): [(7 * exp(x), lambda t: 7 * mpmath.exp(t))],
    ("quotient rule", Mul): [
        (exp(x) / u, lambda t: mpmath.exp(t) / (t**2 + 1)),
        (sympy.sin(x) / p**2, lambda t: mpmath.sin(t) / (2 + mpmath.sin(t)) ** 2),
    ],
    ("product rule", Mul): [
        (exp(x) * sympy.sin(x) * u, lambda t: mpmath.exp(t) * mpmath.sin(t) * (t**2 + 1)),
        (u * v, lambda t: (t**2 + 1) * (3 - t)),
    ],
    ("power rule", Pow): [
        (v**3, lambda t: (3 - t) ** 3),
        (u ** (-2), lambda t: (t**2 + 1) ** -2),
        (sympy.sqrt(u), lambda t: mpmath.sqrt(t**2 + 1)),
        (x**2, lambda t: t**2),
    ],
    ("general power rule", Pow): [(p**v, lambda t: (2 + mpmath.sin(t)) ** (3 - t))],
    ("exponential", exp): [(exp(-(x**2)), lambda t: mpmath.exp(-(t**2)))],
    ("logarithm", log): [(log(u), lambda t: mpmath.log(t**2 + 1))],
    ("absolute value", Abs): [(Abs(x**3 - HALF), lambda t: abs(t**3 - 0.5))],
    ("sign", sign): [(sign(x), lambda t: mpmath.sign(t))],
    ("hyperbolic cosine", cosh): [(cosh(2 * x), lambda t: mpmath.cosh(2 * t))],
    ("hyperbolic sine", sinh): [(sinh(2 * x), lambda t: mpmath.sinh(2 * t))],
    ("hyperbolic tangent", tanh): [(tanh(2 * x), lambda t: mpmath.tanh(2 * t))],
    ("logistic function", sigmoid): [(sigmoid(2 * x), lambda t: sigma(2 * t))],
    ("softplus", softplus): [(softplus(-2 * x), lambda t: mpmath.log(1 + mpmath.exp(-2 * t)))],
    ("logarithm", xlogy): [(xlogy(v, u), lambda t: (3 - t) * mpmath.log(t**2 + 1))],
    ("quotient rule", ratio): [(ratio(v, u), lambda t: (3 - t) / (t**2 + 1))],
    ("pieces", Cases): [
        (
            Cases((x**2, x < 0), (x**3, x < 1), (exp(x), True)),
            lambda t: t**2 if t < 0 else t**3 if t < 1 else mpmath.exp(t),
        )
    ],
    ("maximum", maximum): [(maximum(u, v, tie), lambda t: max(t**2 + 1, 3 - t)) for tie in (0, 1, HALF)],
    ("index", KroneckerDelta): [(KroneckerDelta(Symbol("m_1", integer=True), 1), lambda t: 1)],
    ("chain rule", sympy.Function): [
        (sympy.sin(x**2), lambda t: mpmath.sin(t**2)),
        (sympy.atan(3 * x), lambda t: mpmath.atan(3 * t)),
        (sympy.erf(x), mpmath.erf),
    ],
}

VECTORS = {
    ("linearity", Sum): [(Sum(z[a] ** 2, a, C), lambda n: sum(e**2 for e in n))],
    ("largest entry", AxisMax): [(AxisMax(z[a] ** 3, a, C), lambda n: max(e**3 for e in n))],
    ("index", ArgMax): [(ArgMax(z[a], a, C), lambda n: n.index(max(n)))],
    ("log-sum-exp", LogSumExp): [
        (LogSumExp(z[a] ** 2, a, C), lambda n: mpmath.log(sum(mpmath.exp(e**2) for e in n)))
    ],
    ("log-softmax", LogSoftmax): [
        (
            LogSoftmax(z[a] ** 2, a, C, place),
            lambda n, place=place: mpmath.log(shares([e**2 for e in n])[place]),
        )
        for place in range(3)
    ],
    ("softmax", Softmax): [
        (Softmax(z[a] ** 2, a, C, place), lambda n, place=place: shares([e**2 for e in n])[place])
        for place in range(3)
    ],
    ("Euclidean norm", Norm): [
        (Norm(z[a] - y[a], a, C), lambda n: mpmath.sqrt(sum((e - f) ** 2 for e, f in zip(n, Y, strict=True))))
    ],
}


def kinds(rule):
    return rule.kind if isinstance(rule.kind, tuple) else (rule.kind,)


ROWS = [
    pytest.param(rule, kind, id=f"{rule.name}-{kind.__name__}")
    for rule in DIFFERENTIATION
    for kind in kinds(rule)
]


def derivative_of(wrt):
    name = wrt.name if isinstance(wrt, Symbol) else wrt.base.label.name

    def d(e):
        e = sympy.sympify(e)
        return (
            Partial(e, wrt)
            if name in {s.name for s in e.free_symbols if isinstance(s, Symbol)}
            else sympy.Integer(0)
        )

    return d


def check(rule: Rule, kind: type) -> None:
    """What the row makes of its examples has the value of the derivative, to 30 digits."""
    examples = NUMBERS.get((rule.name, kind), []) + VECTORS.get((rule.name, kind), [])
    assert examples, f"no example for the row {rule.name!r} and {kind.__name__}: add one"
    for e, formula in NUMBERS.get((rule.name, kind), []):
        assert isinstance(e, rule.kind)
        after = rule.rewrite(e, derivative_of(x))
        assert after is not None, e
        for number in X:
            got = evaluate(after, Environment({"x": number, "m_1": 1}), 50)
            _compare(got, formula, number, after)
    for e, formula in VECTORS.get((rule.name, kind), []):
        assert isinstance(e, rule.kind)
        after = rule.rewrite(e, derivative_of(z[k]))
        assert after is not None, e
        for numbers in Z:
            for place in range(3):
                got = evaluate(after, Environment({"z": numbers, "y": Y}, {"C": 3}), 50, {k: place})

                def along(t, numbers=numbers, place=place, formula=formula):
                    return formula([t if n == place else e for n, e in enumerate(numbers)])

                _compare(got, along, numbers[place], after)


def _compare(got, formula, number, after):
    with mpmath.workdps(60):
        expected = mpmath.diff(formula, number)
        assert abs(got - expected) <= mpmath.mpf(10) ** -30 * max(1, abs(expected)), (
            after,
            number,
            got,
            expected,
        )


@pytest.mark.parametrize(("rule", "kind"), ROWS)
def test_row(rule, kind):
    check(rule, kind)


@pytest.mark.parametrize(("rule", "kind"), ROWS)
def test_row_is_told_in_a_sentence(rule, kind):
    assert rule.name
    assert rule.sentence.endswith(".")


def test_no_example_without_a_row():
    rows = {(rule.name, kind) for rule in DIFFERENTIATION for kind in kinds(rule)}
    assert set(NUMBERS) | set(VECTORS) <= rows


def twice(e, d):
    body, fresh = open_binder(e)
    return 2 * Sum(d(body), fresh, e.size)


@pytest.mark.parametrize(
    ("name", "kind", "wrong"),
    [
        ("power rule", Pow, lambda e, d: e.base ** (e.exp - 1) * d(e.base)),
        ("power rule", Pow, lambda e, d: e.exp * e.base ** (e.exp - 1)),
        ("softplus", softplus, lambda e, d: sigmoid(-e.args[0]) * d(e.args[0])),
        ("logistic function", sigmoid, lambda e, d: e * (1 + e) * d(e.args[0])),
        ("absolute value", Abs, lambda e, d: -sign(e.args[0]) * d(e.args[0])),
        ("product rule", Mul, lambda e, d: Mul(*(d(f) for f in e.args))),
        ("linearity", Sum, twice),
        ("Euclidean norm", Norm, lambda e, d: Sum(ratio(e.body, e**2) * d(e.body), e.index, e.size)),
        ("log-softmax", LogSoftmax, lambda e, d: d(e.body_at(e.at))),
        ("softmax", Softmax, lambda e, d: e * (1 - e) * d(e.body_at(e.at))),
        ("log-sum-exp", LogSumExp, lambda e, d: Sum(d(e.body), e.index, e.size)),
        ("maximum", maximum, lambda e, d: d(e.args[0]) + d(e.args[1])),
    ],
)
def test_a_wrong_row_is_caught(name, kind, wrong):
    row = next(r for r in DIFFERENTIATION if r.name == name and kind in kinds(r))
    with pytest.raises(AssertionError):
        check(dataclasses.replace(row, rewrite=wrong), kind)


# --- at the kinks -------------------------------------------------------------------------------------------


def row(name, kind):
    return next(r for r in DIFFERENTIATION if r.name == name and kind in kinds(r))


def at_zero(e, rule):
    return evaluate(rule.rewrite(e, derivative_of(x)), Environment({"x": 0}), 30)


def test_absolute_value_at_zero():
    assert at_zero(Abs(x), row("absolute value", Abs)) == 0


@pytest.mark.parametrize(("tie", "expected"), [(0, -1), (1, 2), (HALF, mpmath.mpf("0.5"))])
def test_maximum_at_a_tie(tie, expected):
    """max(−x, 2x) at 0: (1 − tie)·(−1) + tie·2."""
    assert at_zero(maximum(-x, 2 * x, tie), row("maximum", maximum)) == expected


def test_norm_at_the_origin():
    after = row("Euclidean norm", Norm).rewrite(Norm(z[a], a, C), derivative_of(z[k]))
    assert evaluate(after, Environment({"z": [0, 0, 0]}, {"C": 3}), 30, {k: 1}) == 0


def test_largest_entry_at_a_tie_is_the_first():
    @loss
    def top(scores: Real["C"]):
        return 2 * Max[a](scores[a])

    environment = Environment({"scores": [1, 5, 5]}, {"C": 3})
    assert [evaluate(top.gradient(), environment, 30, {k: place}) for place in range(3)] == [0, 2, 0]


def test_rules_leave_what_is_not_theirs():
    d = derivative_of(x)
    assert row("linearity", Mul).rewrite(exp(x) * sympy.sin(x), d) is None
    assert row("quotient rule", Mul).rewrite(exp(x) * sympy.sin(x), d) is None
    assert row("power rule", Pow).rewrite(p**v, d) is None


# --- reading ------------------------------------------------------------------------------------------------


def test_readings_are_told_in_sentences():
    assert len({reading.name for reading in READABLE}) == len(READABLE)
    assert all(reading.sentence.endswith(".") for reading in READABLE)


class NoFacts:
    def is_norm(self, e):
        return isinstance(e, Norm)

    def known_sum_inside(self, *_):
        return False

    def apply(self, e):
        return None


W = IndexedBase("w", shape=(C, C), real=True)
LINES = [
    Sum(KroneckerDelta(a, k) * z[a], a, C),
    Sum(KroneckerDelta(k, a) * z[a] * Sum(z[b] * W[a, b], b, C), a, C),
    Sum(Sum(KroneckerDelta(a, k) * W[a, b] * z[b], b, C), a, C),
    Sum(x * z[a] + KroneckerDelta(a, k), a, C),
    Sum((z[a] + KroneckerDelta(a, k)) * y[a], a, C),
    Sum(x, a, C),
    Sum(Cases((KroneckerDelta(a, k), x > 0), (0, True)) * z[a], a, C),
    sinh(x) / cosh(x) * (3 + x),
    Norm(z[a], a, C) * ratio(z[k], Norm(z[a], a, C)),
    (1 + x**2) ** Symbol("g_1", positive=True) * (1 + x**2) ** (2 - Symbol("g_1", positive=True)),
    (x + 1) * y[k] - x * y[k] * z[k],
    x * (z[k] / x + y[k] / x),
    x**2 * (x - 1) * (z[k] - y[k]),
    -x * exp(x) - x**2,
    maximum(0, x, 0) * Cases((z[k], x > 0), (0, True)),
    -2 * x * Cases((x * z[k], x > 0), (0, True)),
    -(x - y[k]) * z[k],
]


@pytest.mark.parametrize("reading", READABLE, ids=lambda r: r.name)
def test_a_reading_does_not_change_the_value(reading):
    used = 0
    for line in LINES:
        for e in sympy.preorder_traversal(line):
            if not isinstance(e, sympy.Expr) or e.free_symbols & {
                s for s in line.atoms(Symbol) if s.name in "jlm"
            }:
                continue
            after = reading.rewrite(e, NoFacts())
            if after is None or after == e:
                continue
            used += 1
            for number in (mpmath.mpf("-0.75"), mpmath.mpf("1.5")):
                values = {"x": number, "z": Z[0], "y": Y, "g_1": mpmath.mpf("0.7"), "w": [Z[0], Z[1], Z[2]]}
                for place in range(3):
                    before = evaluate(e, Environment(values, {"C": 3}), 50, {k: place})
                    now = evaluate(after, Environment(values, {"C": 3}), 50, {k: place})
                    assert abs(before - now) <= mpmath.mpf(10) ** -45 * max(1, abs(before)), (e, after)
    assert used, f"no line shows the reading {reading.name!r}: add one"
