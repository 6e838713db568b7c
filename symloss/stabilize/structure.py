"""The stability rewrites that see the structure of an expression: its reductions, and the terms of its sums.

Each row is a function from a node to its sound form or None, with ``examples`` on which the test of the table
compares both sides. What a Wild can match stands in :mod:`symloss.stabilize.rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sympy
from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Pow, Rational, Symbol, exp, log, tanh

from symloss.elaborate import meant
from symloss.functions import (
    ArgMax,
    Cases,
    Index,
    LogSoftmax,
    LogSumExp,
    Norm,
    OtherSoftmax,
    Softmax,
    Sum,
    at_index,
    expm1,
    group,
    log1p,
    open_binder,
    ratio,
    size_symbol,
)
from symloss.stabilize.rules import square_of_sech
from symloss.value import Definition

__all__ = ["EARLY", "STRUCTURE", "Structural"]

Names = Mapping[str, Definition]


@dataclass(frozen=True)
class Structural:
    """One row: ``rewrite`` gives the sound form of a node, looking through names, or None."""

    name: str
    rewrite: Callable[[Expr, Names], Expr | None]
    why: str
    examples: tuple[Expr, ...]
    opens: bool = False
    """Whether the result has sums and products that other rows should see."""


# --- logarithms -------------------------------------------------------------------------------------------


def _log_softmax(node: Expr, names: Names) -> Expr | None:
    if isinstance(node, log):
        inner = meant(node.args[0], names)
        return LogSoftmax(*inner.args) if isinstance(inner, Softmax) else None
    return None


def _log_sum_exp(node: Expr, names: Names) -> Expr | None:
    if isinstance(node, log):
        inner = meant(node.args[0], names)
        if isinstance(inner, Sum) and isinstance(inner.body, exp):
            return LogSumExp(inner.body.args[0], inner.index, inner.size)
    return None


# --- mixtures t·a + (1 − t)·b -----------------------------------------------------------------------------


def _mixture(e: Expr) -> tuple[Expr, Expr, Expr] | None:
    """t, a and b where ``e`` is t·a + (1 − t)·b, and the complements of a and b are no longer than they are."""
    if not (isinstance(e, Add) and len(e.args) == 2 and all(isinstance(a, Mul) for a in e.args)):
        return None
    first, second = e.args
    for one, other in ((first, second), (second, first)):
        for t in one.args:
            if not t.is_number and (1 - t) in other.args:
                a, b = one / t, other / (1 - t)
                if (1 - a).is_Atom or (1 - b).is_Atom:
                    return t, a, b
    return None


def _complement_of(e: Expr, names: Names) -> Expr | None:
    mixture = _mixture(meant(e, names))
    if mixture is None:
        return None
    t, a, b = mixture
    return t * (1 - a) + (1 - t) * (1 - b)


def _complement_of_mixture(node: Expr, names: Names) -> Expr | None:
    if not isinstance(node, Add) or len(node.args) > 3:
        return None
    for sign in (1, -1):
        if sign in node.args:
            complement = _complement_of(-sign * (node - sign), names)
            return None if complement is None else sign * complement
    return None


def _log_of_mixture(node: Expr, names: Names) -> Expr | None:
    if not isinstance(node, log):
        return None
    p = node.args[0]
    complement = _complement_of(p, names)
    if complement is None:
        return None
    return Cases((log(p, evaluate=False), p < Rational(1, 2)), (log1p(-complement), True))


def _power_of_complement(node: Expr, names: Names) -> Expr | None:
    """(1 − c)ʸ as e^(y·log1p(−c)) for small c, of which 1 − c has lost digits that a large y brings back."""
    if not isinstance(node, Pow) or node.exp.is_number or node.base.is_number:
        return None
    c = _complement_of(node.base, names)
    if c is None:
        c = 1 - meant(node.base, names)
        if not (c.is_Symbol or isinstance(c, Indexed)):
            return None
    return Cases((exp(node.exp * log1p(-c)), sympy.Abs(c) < Rational(1, 2)), (node, True))


def _log_ratio(node: Expr, names: Names) -> Expr | None:
    """log(1 − c)/c, as the above has left it, where c may be 0."""
    if not isinstance(node, Mul):
        return None
    for c in (1 / f for f in node.args if isinstance(f, Pow) and f.exp == -1):
        for f in node.args:
            if isinstance(f, Cases) and f.has(log1p(-c)):
                return node / f * c * Cases((-1, sympy.Eq(c, 0)), (f / c, True))
    return None


# --- sums -------------------------------------------------------------------------------------------------


def _scaled_expm1(node: Expr, names: Names) -> Expr | None:
    """c·eˣ − c, where a number c keeps it from the shape of a Wild."""
    if not isinstance(node, Add):
        return None
    constant, _ = node.as_coeff_Add()
    if constant == 0 or abs(constant) == 1:
        return None
    for term in node.args:
        c, rest = term.as_coeff_Mul()
        if isinstance(rest, exp) and c == -constant:
            return node - constant - term + c * expm1(rest.args[0])
    return None


def _scaled_sech(node: Expr, names: Names) -> Expr | None:
    """c·tanh² x − c, where a number c keeps it from the shape of a Wild."""
    if not isinstance(node, Add):
        return None
    constant, _ = node.as_coeff_Add()
    for term in node.args if constant not in (0, 1) else ():
        c, rest = term.as_coeff_Mul()
        if isinstance(rest, Pow) and rest.exp == 2 and isinstance(rest.base, tanh) and c == -constant:
            return node - constant - term - c * square_of_sech(rest.base.args[0])
    return None


def _one_less_quotient(node: Expr, names: Names) -> Expr | None:
    """1 − a/b as (b − a)/b, where a and b have terms in common, which then cancel exactly."""
    if not isinstance(node, Add) or len(node.args) != 2 or 1 not in node.args:
        return None
    quotient = 1 - node
    b = next((1 / f for f in Mul.make_args(quotient) if isinstance(f, Pow) and f.exp == -1), None)
    if b is None or not isinstance(b, Add):
        return None
    a = quotient * b
    difference = b - a.expand()
    if len(Add.make_args(difference)) >= len(Add.make_args(a)) + len(Add.make_args(b)):
        return None
    return difference / b


def _partial_fractions(node: Expr, names: Names) -> Expr | None:
    """Poles at 0 and 1 that the terms of a sum have in common, apart, where some of them cancel."""
    if not isinstance(node, Add):
        return None
    poles = [(f.base, -f.exp) for f in node.atoms(Pow) if f.exp.is_Integer and f.exp < 0]
    at_zero = {b for b, _ in poles if b.is_Symbol or isinstance(b, Indexed)}
    for u in sorted(at_zero, key=sympy.default_sort_key):
        orders = [order for base, order in poles if base in (1 - u, u - 1)]
        if not orders or max(orders) < 2:
            continue
        logarithm = sympy.Dummy()
        rational = node.xreplace({log(u): logarithm})
        if not rational.is_rational_function(u) or not rational.is_polynomial(logarithm):
            continue
        parts = sympy.Poly(rational, logarithm).all_coeffs()[::-1]
        apart = [sympy.apart(sympy.together(part), u) for part in parts]
        found: Expr = sympy.Integer(0)
        for power, part in enumerate(apart):
            factored = [_factored(t, u) for t in Add.make_args(part)]
            found += sum(factored, sympy.Integer(0)) * log(u) ** power
        if found.count_ops() < node.count_ops():
            return found
    return None


def _factored(term: Expr, u: Expr) -> Expr:
    """A partial fraction with its pole as 1 − u."""
    for order in (1, 2, 3):
        for pole, sign in (((u - 1) ** -order, (-1) ** order), ((1 - u) ** -order, 1)):
            if term.has(pole):
                return sympy.factor(sign * term / pole) * (1 - u) ** -order
    return sympy.factor(term)


def _one_sum(node: Expr, names: Names) -> Expr | None:
    """The difference of two sums over one axis as the sum of the differences."""
    if not isinstance(node, Add):
        return None
    found: list[tuple[Expr, Expr, Sum]] = []
    for term in node.args:
        c, rest = term.as_coeff_Mul()
        inner = meant(rest, names)
        if isinstance(inner, Sum):
            found.append((term, c, inner))
    for place, (term, c, first) in enumerate(found):
        for other, d, second in found[place + 1 :]:
            if first.size == second.size and c * d < 0:
                body, fresh = open_binder(first)
                merged = _collected(c * body + d * second.body_at(fresh))
                if merged is None:
                    continue
                return node - term - other + Sum(merged, fresh, first.size)
    return None


def _collected(body: Expr) -> Expr | None:
    """A difference in a form whose terms cannot cancel as those of the two sums did, or None."""
    for c, rest in ((1, body), (-1, -body)):
        squares = _difference_of_squares(rest)
        if squares is not None:
            return c * squares
    terms = [t.as_coeff_Mul() for t in Add.make_args(body.expand())]
    products = [(c, r) for c, r in terms if isinstance(r, Mul) and len(r.args) == 2]
    for c, product in products:
        x, y = product.args
        if (1, x) in terms and (1, y) in terms and len(terms) == 3:
            if c == -2:
                return x * (1 - y) + y * (1 - x)
            if c == -1:
                return x * (1 - y) + y
    return None


def _grouped(e: Expr) -> Expr:
    return group(e) if isinstance(e, Add) else e


def _difference_of_squares(e: Expr) -> Expr | None:
    """a² − b² as (a − b)·(a + b)."""
    if not isinstance(e, Add) or len(e.args) != 2:
        return None
    squares = [t.as_coeff_Mul() for t in e.args]
    plus = [r for c, r in squares if c == 1 and isinstance(r, Pow) and r.exp == 2]
    minus = [r for c, r in squares if c == -1 and isinstance(r, Pow) and r.exp == 2]
    if len(plus) != 1 or len(minus) != 1:
        return None
    a, b = plus[0].base, minus[0].base
    return (a - b) * sympy.Add(_grouped(a), _grouped(b))


def _common_part(node: Expr, names: Names) -> Expr | None:
    """a·(x − y) + (a + b)·y as a·x + b·y."""
    if not isinstance(node, Add) or len(node.args) != 2:
        return None
    for one, other in (node.args, node.args[::-1]):
        for a, whole in ((f, g) for f in _sums(one) for g in _sums(other) if f != g):
            y, factor = other / whole, one / a
            b = whole - a
            if len(Add.make_args(b)) == len(whole.args) - len(a.args) and -y in Add.make_args(factor):
                return a * (factor + y) + b * y
    return None


def _sums(product: Expr) -> list[Expr]:
    return [f for f in Mul.make_args(product) if isinstance(f, Add)]


# --- distances --------------------------------------------------------------------------------------------


def _shorter(x: Expr, y: Expr) -> bool:
    """Whether terms of x and y cancel in their difference."""
    return len(Add.make_args(x - y)) < len(Add.make_args(x)) + len(Add.make_args(y))


def _norm_difference(node: Expr, names: Names) -> Expr | None:
    """‖x‖ − ‖y‖ as Σ (x − y)·(x + y)/(‖x‖ + ‖y‖)."""
    if not isinstance(node, Add):
        return None
    norms = [(t, *t.as_coeff_Mul()) for t in node.args if isinstance(meant(t.as_coeff_Mul()[1], names), Norm)]
    for term, c, first in norms:
        for other, d, second in norms:
            if c != 1 or d != -1:
                continue
            x, fresh = open_binder(meant(first, names))
            y = meant(second, names).body_at(fresh)
            if meant(first, names).size != meant(second, names).size or not _shorter(x, y):
                continue
            both = group(first + second)
            share = group((_grouped(x) + _grouped(y)) / both)
            total = Sum((x - y) * share, fresh, meant(first, names).size)
            return node - term - other + Cases((0, both <= 0), (total, True))
    return None


def _unit_vectors(node: Expr, names: Names) -> Expr | None:
    """x/‖x‖ − y/‖y‖ as (x − y)/‖x‖ + y/‖y‖·(‖y‖ − ‖x‖)/‖x‖, where the two lengths are about the same."""
    if not isinstance(node, Add):
        return None
    units = [
        (t, *t.as_coeff_Mul())
        for t in node.args
        if isinstance(t.as_coeff_Mul()[1], ratio)
        and isinstance(meant(t.as_coeff_Mul()[1].args[1], names), Norm)
    ]
    for term, c, first in units:
        for other, d, second in units:
            (x, x_norm), (y, y_norm) = first.args, second.args
            if c != 1 or d != -1 or not _shorter(x, y):
                continue
            far = sympy.Or(x_norm > 2 * y_norm, y_norm > 2 * x_norm)
            near = (x - y) / x_norm + second * (y_norm - x_norm) / x_norm
            cases = [
                (first - second, x_norm <= 0),
                *_long_entry(first, second, far, names),
                (first - second, far),
            ]
            return node - term - other + Cases(*cases, (near, True))
    return None


def _long_entry(first: Expr, second: Expr, far: Expr, names: Names) -> list[tuple[Expr, Expr]]:
    """The difference of the entries along which x is longest: of their squares, what the others leave to 1."""
    (x, x_norm), (y, y_norm) = first.args, second.args
    norm, other = meant(x_norm, names), meant(y_norm, names)
    for k in sorted((s for s in x.free_symbols if s.is_Symbol and s.is_integer), key=str):
        if norm.body_at(k) == x and other.body_at(k) == y and norm.size == other.size:
            body, fresh = open_binder(norm)
            place = ArgMax(sympy.Abs(body), fresh, norm.size)
            rest = [
                Sum(Cases((0, sympy.Eq(j, place)), (group(b / n) ** 2, True)), j, norm.size)
                for (b, j), n in ((open_binder(norm), x_norm), (open_binder(other), y_norm))
            ]
            same_side = sympy.And(far, sympy.Eq(k, place), first * second > 0)
            return [((rest[1] - rest[0]) / group(first + second), same_side)]
    return []


# --- softmax ----------------------------------------------------------------------------------------------


def _softmax_difference(node: Expr, names: Names) -> Expr | None:
    """softmax − y, where both may be close to 1."""
    if not isinstance(node, Add) or len(node.args) != 2:
        return None
    for sign in (1, -1):
        for s in node.args:
            if isinstance(sign * s, Softmax):
                softmax, y = sign * s, -sign * (node - s)
                others = OtherSoftmax(*softmax.args)
                if y == 1:
                    return -sign * others
                if isinstance(y, KroneckerDelta):
                    return Cases((-sign * others, sympy.Eq(*y.args)), (sign * softmax, True))
                if isinstance(y, (Symbol, Indexed)):
                    return sign * ((1 - y) * softmax - y * others)
    return None


def _softmax_mean(node: Expr, names: Names) -> Expr | None:
    """a − Σ_j y_j softmax_j as (a − y_m) − Σ_j (y_j − y_m) softmax_j, where m is the place of the largest logit."""
    if not isinstance(node, Add):
        return None
    for term in node.args:
        sign, total = (-1, -term) if isinstance(-term, Sum) else (1, term)
        if not isinstance(total, Sum) or len(node.args) < 2:
            continue
        body, fresh = open_binder(total)
        weights = [f for f in Mul.make_args(body) if isinstance(f, Softmax) and f.at == fresh]
        if len(weights) != 1 or weights[0].size != total.size or fresh in weights[0].free_symbols - {fresh}:
            continue
        softmax = weights[0]
        if fresh in softmax.body.free_symbols:
            continue
        y = body / softmax
        place = ArgMax(softmax.body, softmax.index, softmax.size)
        y_m = at_index(y, fresh, place)
        if isinstance(y - y_m, Add) and not (y - y_m).has(KroneckerDelta):
            rest = node - term + sign * y_m
            if y - y_m == y or y_m == 0:
                return None
            return _grouped(rest) + sign * Sum((y - y_m) * softmax, fresh, total.size)
    return None


def _softmax_against_own(node: Expr, names: Names) -> Expr | None:
    """Σ_j y_j softmax(z_j)_i − y_i as Σ_j y_j (softmax(z_j)_i − [i = j])."""
    if not isinstance(node, Add):
        return None
    for term in node.args:
        sign, total = (-1, -term) if isinstance(-term, Sum) else (1, term)
        if not isinstance(total, Sum):
            continue
        body, fresh = open_binder(total)
        weights = [f for f in Mul.make_args(body) if isinstance(f, Softmax) and f.at != fresh]
        if len(weights) != 1 or fresh not in weights[0].body.free_symbols:
            continue
        softmax = weights[0]
        y = body / softmax
        own = at_index(y, fresh, softmax.at)
        if -sign * own in node.args:
            less = Cases((-OtherSoftmax(*softmax.args), sympy.Eq(fresh, softmax.at)), (softmax, True))
            return node - term + sign * own + sign * Sum(y * less, fresh, total.size)
    return None


_C, _N = size_symbol("C"), size_symbol("N")
_a, _b = Index("a"), Index("b")
_z, _v = (sympy.IndexedBase(n, shape=(_C,), real=True) for n in "zv")
_s = sympy.IndexedBase("s", shape=(_N, _N), real=True)
_q = sympy.IndexedBase("q", shape=(_N,), real=True)
_x, _y, _t = sympy.symbols("x y t", real=True)
_softmax = Softmax(_z[_a], _a, _C, sympy.Integer(1))

STRUCTURE: tuple[Structural, ...] = (
    Structural("log-softmax", _log_softmax, "log of an underflowed probability", (log(_softmax),)),
    Structural(
        "log-sum-exp",
        _log_sum_exp,
        "a sum of exponentials overflows",
        (log(Sum(exp(_z[_a]), _a, _C)),),
    ),
    Structural(
        "complement of a mixture",
        _complement_of_mixture,
        "1 − (t·a + (1 − t)·b) cancels where the mixture is close to 1",
        (1 - (_t * _x + (1 - _t) * (1 - _x)), _t * _x + (1 - _t) * (1 - _x) - 1),
    ),
    Structural(
        "log of a mixture",
        _log_of_mixture,
        "close to 1 its complement has the digits that the mixture has lost",
        (log(_t * _x + (1 - _t) * (1 - _x)),),
    ),
    Structural(
        "log ratio",
        _log_ratio,
        "0/0 where a mixture is 1, and the quotient of its logarithm by its complement is −1",
        (_log_of_mixture(log(_t * _x + (1 - _t) * (1 - _x)), {}) / (_t * (1 - _x) + (1 - _t) * _x),),
    ),
    Structural(
        "power of a complement",
        _power_of_complement,
        "a small c is lost in 1 − c, and a large exponent shows it",
        ((1 - _x) ** _y,),
    ),
    Structural(
        "sech²",
        _scaled_sech,
        "1 − tanh² cancels for large x",
        (2 * tanh(_x) ** 2 - 2, tanh(_x) ** 2 - 1),
    ),
    Structural("expm1", _scaled_expm1, "e^x − 1 cancels for small x", (exp(_x) / 2 - Rational(1, 2),)),
    Structural(
        "one less a quotient",
        _one_less_quotient,
        "1 − a/b cancels where a is close to b; the terms that both have cancel exactly",
        (1 - (2 * _x + _y) / (_y + _t),),
        opens=True,
    ),
    Structural(
        "one sum",
        _one_sum,
        "the difference of two sums that are close to each other",
        (
            Sum(_z[_a] + _v[_a], _a, _C) - 2 * Sum(_z[_a] * _v[_a], _a, _C),
            Sum(_z[_a] + _v[_a], _a, _C) - Sum(_z[_a] * _v[_a], _a, _C),
            Sum((_z[_a] - _x) ** 2, _a, _C) - Sum((_v[_a] - _x) ** 2, _a, _C),
        ),
    ),
    Structural(
        "common part",
        _common_part,
        "two products that are close to each other have a common part, which cancels exactly",
        ((_x + _y) * (_t - _z[1]) + (_x + _y + _v[1]) * _z[1],),
    ),
    Structural(
        "difference of lengths",
        _norm_difference,
        "two vectors of nearly the same length: the difference of the squares cancels exactly",
        (Norm(_z[_a] - _v[_a], _a, _C) - Norm(_z[_a] - _x, _a, _C),),
    ),
    Structural(
        "difference of unit vectors",
        _unit_vectors,
        "two vectors of nearly the same direction: what they have in common cancels exactly",
        (
            ratio(_z[_b] - _v[_b], Norm(_z[_a] - _v[_a], _a, _C))
            - ratio(_z[_b] - _x, Norm(_z[_a] - _x, _a, _C)),
        ),
        opens=True,
    ),
    Structural(
        "complement of a softmax",
        _softmax_difference,
        "softmax − y cancels where both are close to 1; the sum of all other terms does not",
        (_softmax - 1, 1 - _softmax, _softmax - _y, _softmax - KroneckerDelta(_b, 1)),
    ),
    Structural(
        "deviation from a softmax mean",
        _softmax_mean,
        "a mean with nearly all weight on one entry is that entry, so that their difference cancels",
        (_v[0] - Sum(_v[_a] * Softmax(_z[_b], _b, _C, _a), _a, _C),),
    ),
    Structural(
        "softmax against its own",
        _softmax_against_own,
        "the term of the own example cancels with what is subtracted",
        (Sum(_q[_a] * Softmax(_s[_a, _b], _b, _N, Index("c")), _a, _N) - _q[Index("c")],),
    ),
)

EARLY: tuple[Structural, ...] = (
    Structural(
        "partial fractions",
        _partial_fractions,
        "terms with poles at 1 that cancel each other",
        (_y * (log(_x) + (1 - _x) / _x) / (1 - _x) ** 2 - _y * (_y * log(_x) + 1 - 1 / _x) / (1 - _x) ** 2,),
    ),
)
"""Rows that see an expression as it was derived, before any other row changes its parts."""
