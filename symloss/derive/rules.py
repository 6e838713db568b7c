"""The rules of differentiation and the rules that make a gradient readable, as tables.

A row is a name, the sentence that a derivation prints, the kind of expression it is for, and what it makes of
one. In a differentiation rule ``d(u)`` is the derivative of ``u``, still to be taken. Adding a rule adds a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Abs, Add, Expr, Indexed, KroneckerDelta, Mul, Pow, Symbol, cosh, exp, log, sign, sinh, tanh

from symloss.functions import (
    ArgMax,
    AxisMax,
    Binder,
    Cases,
    LogSoftmax,
    LogSumExp,
    Norm,
    Softmax,
    Sum,
    at_index,
    maximum,
    open_binder,
    ratio,
    rebuild,
    sigmoid,
    softplus,
    subexpressions,
    xlogy,
)

__all__ = ["DIFFERENTIATION", "READABLE", "Rule"]

Derivative = Callable[[Expr], Expr]


@dataclass(frozen=True)
class Rule:
    """One row: ``rewrite(expr, d)`` gives the derivative of an ``expr`` of the kind, or None if it is not for it."""

    name: str
    sentence: str
    kind: type | tuple[type, ...]
    rewrite: Callable[[Any, Derivative], Expr | None]


# --- differentiation --------------------------------------------------------------------------------------


def _linear(e: Expr, d: Derivative) -> Expr | None:
    """A sum term by term, a constant factor in front, a sum over an axis entry by entry."""
    if isinstance(e, Add):
        return Add(*(d(a) for a in e.args))
    if isinstance(e, Sum):
        body, fresh = open_binder(e)
        return Sum(d(body), fresh, e.size)
    constant = [a for a in e.args if d(a) == 0]
    varying = [a for a in e.args if d(a) != 0]
    if constant:
        return Mul(*constant) * d(Mul(*varying))
    return None


def _product(e: Mul, d: Derivative) -> Expr:
    return Add(*(Mul(*e.args[:k], d(a), *e.args[k + 1 :]) for k, a in enumerate(e.args)))


def _quotient(e: Mul, d: Derivative) -> Expr | None:
    divided = [f for f in e.args if isinstance(f, Pow) and f.exp.is_Rational and f.exp < 0]
    above, below = Mul(*(f for f in e.args if f not in divided)), Mul(*(1 / f for f in divided))
    if d(below) == 0 or d(above) == 0:
        return None
    return (d(above) * below - above * d(below)) / below**2


def _power(e: Pow, d: Derivative) -> Expr | None:
    if d(e.exp) != 0:
        return None
    return e.exp * e.base ** (e.exp - 1) * d(e.base)


def _general_power(e: Pow, d: Derivative) -> Expr:
    return e * (d(e.exp) * log(e.base) + e.exp * d(e.base) / e.base)


def _pieces(e: Cases, d: Derivative) -> Expr:
    return e.map(d)


def _maximum(e: maximum, d: Derivative) -> Expr:
    a, b, tie = e.args
    if tie == 1:
        return Cases((d(b), b >= a), (d(a), True))
    if tie == 0:
        return Cases((d(b), b > a), (d(a), True))
    return Cases((d(b), b > a), (tie * d(b) + (1 - tie) * d(a), sympy.Eq(a, b)), (d(a), True))


def _expected(e: Binder, d: Derivative) -> Expr:
    """Σ softmax · ∂body."""
    body, fresh = open_binder(e)
    return Sum(Softmax(e.body, e.index, e.size, fresh) * d(body), fresh, e.size)


def _norm(e: Norm, d: Derivative) -> Expr:
    body, fresh = open_binder(e)
    return Sum(ratio(body, e) * d(body), fresh, e.size)


def _at_largest(e: AxisMax, d: Derivative) -> Expr:
    return d_at(e, d, ArgMax(e.body, e.index, e.size))


def d_at(e: Binder, d: Derivative, place: Expr) -> Expr:
    """The derivative of the body at one index."""
    return d(e.body_at(place))


def _chain(e: Expr, d: Derivative) -> Expr:
    return Add(*(e.fdiff(k + 1) * d(a) for k, a in enumerate(e.args) if d(a) != 0))


DIFFERENTIATION: tuple[Rule, ...] = (
    Rule(
        "linearity",
        "The derivative of a sum is the sum of the derivatives; constant factors stay in front and terms without "
        "the variable vanish.",
        (Add, Sum, Mul),
        _linear,
    ),
    Rule("quotient rule", "(u/v)′ = (u′v − uv′)/v².", Mul, _quotient),
    Rule("product rule", "(uv)′ = u′v + uv′.", Mul, _product),
    Rule("power rule", "(uᵃ)′ = a·uᵃ⁻¹·u′.", Pow, _power),
    Rule("general power rule", "(uᵛ)′ = uᵛ·(v′·log u + v·u′/u), for u > 0.", Pow, _general_power),
    Rule("exponential", "(eᵘ)′ = eᵘ·u′.", exp, lambda e, d: e * d(e.args[0])),
    Rule("logarithm", "(log u)′ = u′/u.", log, lambda e, d: d(e.args[0]) / e.args[0]),
    Rule(
        "absolute value",
        "|u|′ = sign(u)·u′; at u = 0 the subgradient 0 is taken.",
        Abs,
        lambda e, d: sign(e.args[0]) * d(e.args[0]),
    ),
    Rule("sign", "sign(u) is constant on both sides of 0.", sign, lambda e, d: sympy.Integer(0)),
    Rule("hyperbolic cosine", "(cosh u)′ = sinh(u)·u′.", cosh, lambda e, d: sinh(e.args[0]) * d(e.args[0])),
    Rule("hyperbolic sine", "(sinh u)′ = cosh(u)·u′.", sinh, lambda e, d: cosh(e.args[0]) * d(e.args[0])),
    Rule("hyperbolic tangent", "(tanh u)′ = (1 − tanh² u)·u′.", tanh, lambda e, d: (1 - e**2) * d(e.args[0])),
    Rule("logistic function", "σ(u)′ = σ(u)·(1 − σ(u))·u′.", sigmoid, _chain),
    Rule("softplus", "(log(1 + eᵘ))′ = σ(u)·u′.", softplus, _chain),
    Rule(
        "logarithm",
        "(c·log u)′ = c·u′/u, read as 0 where c = 0, for there 0·log u = 0 for every u.",
        xlogy,
        _chain,
    ),
    Rule("quotient rule", "(u/v)′ = (u′ − (u/v)·v′)/v.", ratio, _chain),
    Rule(
        "pieces",
        "Each piece is differentiated by itself; the conditions stay, so that at a joint the piece that holds there "
        "counts.",
        Cases,
        _pieces,
    ),
    Rule(
        "maximum",
        "A maximum has the derivative of whichever argument is larger, and where both are equal the one that the "
        "loss declares.",
        maximum,
        _maximum,
    ),
    Rule(
        "largest entry",
        "The largest entry of a vector changes as the entry at which it is attained; of several equal ones the "
        "first is taken.",
        AxisMax,
        _at_largest,
    ),
    Rule(
        "index",
        "The place of the largest entry is constant almost everywhere.",
        (ArgMax, KroneckerDelta),
        lambda e, d: sympy.Integer(0),
    ),
    Rule("log-sum-exp", "∂ log Σⱼ exp(uⱼ) = Σⱼ softmax(u)ⱼ ∂uⱼ.", LogSumExp, _expected),
    Rule(
        "log-softmax",
        "log softmax(u)ⱼ = uⱼ − log Σₗ exp(uₗ), and ∂ log Σₗ exp(uₗ) = Σₗ softmax(u)ₗ ∂uₗ.",
        LogSoftmax,
        lambda e, d: d_at(e, d, e.at) - _expected(e, d),
    ),
    Rule(
        "softmax",
        "∂ softmax(u)ⱼ = softmax(u)ⱼ·(∂uⱼ − Σₗ softmax(u)ₗ ∂uₗ).",
        Softmax,
        lambda e, d: e * (d_at(e, d, e.at) - _expected(e, d)),
    ),
    Rule(
        "Euclidean norm",
        "∂‖u‖ = Σⱼ (uⱼ/‖u‖) ∂uⱼ; where ‖u‖ = 0 the subgradient 0 is taken.",
        Norm,
        _norm,
    ),
    Rule(
        "chain rule",
        "f(u)′ = f′(u)·u′.",
        sympy.Function,
        _chain,
    ),
)


# --- reading: sums over deltas, declared facts, common factors ----------------------------------------------


def has_delta(expr: Expr, index: Symbol) -> bool:
    """Whether a Kronecker delta in ``expr`` contains the index."""
    return any(index in delta.args for delta in subexpressions(expr) if isinstance(delta, KroneckerDelta))


def split_sum(e: Expr, facts: Facts) -> Expr | None:
    """Σ(a + b) = Σa + Σb and Σ c·a = c·Σa, so that a delta or a known sum stands alone."""
    if not isinstance(e, Sum):
        return None
    body, j = open_binder(e)
    if isinstance(body, Mul):
        outside = [f for f in body.args if not _contains(f, j)]
        if outside:
            return Mul(*outside) * Sum(Mul(*(f for f in body.args if f not in outside)), j, e.size)
        if has_delta(body, j) or facts.known_sum_inside(body, j, e.size):
            expanded = sympy.expand_mul(body, deep=False)
            if expanded == body:
                expanded = _multiplied_out(body)
            if isinstance(expanded, Add):
                return Add(*(Sum(t, j, e.size) for t in expanded.args))
    if isinstance(body, Add):
        loose = any(
            has_delta(t, j) or not _contains(t, j) or facts.known_sum_inside(t, j, e.size) for t in body.args
        )
        if loose:
            return Add(*(Sum(t, j, e.size) for t in body.args))
    if not _contains(body, j):
        return e.size * body
    return None


def _multiplied_out(product: Mul) -> Expr:
    sums = [f for f in product.args if isinstance(f, Add)]
    if not sums:
        return product
    rest = Mul(*(f for f in product.args if f is not sums[0]))
    return Add(*(rest * t for t in sums[0].args))


def _contains(expr: Expr, symbol: Symbol) -> bool:
    return symbol in expr.free_symbols


def collapse(e: Expr, facts: Facts) -> Expr | None:
    """Σⱼ δⱼₖ·f(j) = f(k)."""
    if not isinstance(e, Sum):
        return None
    body, j = open_binder(e)
    for factor in Mul.make_args(body):
        if isinstance(factor, KroneckerDelta) and j in factor.args:
            other = next((a for a in factor.args if a != j), None)
            if other is not None and not _contains(other, j):
                return at_index(Mul(*(f for f in Mul.make_args(body) if f is not factor)), j, other)
        if isinstance(factor, Cases) and has_delta(factor, j):
            rest = Mul(*(f for f in Mul.make_args(body) if f is not factor))
            if not any(_contains(c, j) for _, c in factor.pairs):
                return Cases(*((Sum(rest * value, j, e.size), c) for value, c in factor.pairs))
            for delta in sorted(factor.atoms(KroneckerDelta), key=sympy.default_sort_key):
                others = [a for a in delta.args if a != j]
                left = _left_of(factor, delta) if len(others) == 1 and not _contains(others[0], j) else None
                if left is not None:
                    return at_index(rest * left, j, others[0])
    return None


def _left_of(e: Expr, delta: KroneckerDelta) -> Expr | None:
    """What is left of an expression where a delta is 1, if it is 0 wherever the delta is; else None."""
    if e == 0:
        return e
    if isinstance(e, Cases):
        values = [_left_of(value, delta) for value, _ in e.pairs]
        return None if None in values else Cases(*zip(values, (c for _, c in e.pairs), strict=True))
    if isinstance(e, Add):
        terms = [_left_of(t, delta) for t in e.args]
        return None if None in terms else Add(*terms)
    for factor in Mul.make_args(e):
        left = sympy.Integer(1) if factor == delta else None
        if isinstance(factor, (Add, Cases)):
            left = _left_of(factor, delta)
        if left is not None:
            return left * Mul(*(f for f in Mul.make_args(e) if f is not factor))
    return None


class Facts:
    """What the declared domains say: Σⱼ yⱼ = 1 for a distribution, y² = 1 for a sign, y² = y for 0 or 1."""

    def __init__(self, arguments: Any, norms: Iterable[str] = ()):
        self.norms = set(norms)
        self.simplex = {a.name: 1 + a.axes.index(a.type.along) for a in arguments if a.type.along}
        self.signs = {a.name for a in arguments if a.domain.values == (-1, 1)}
        self.binary = {a.name for a in arguments if a.domain.values == (0, 1)}

    def is_norm(self, expr: Expr) -> bool:
        """Whether an expression is a Euclidean norm, or the name of one."""
        return isinstance(expr, Norm) or (isinstance(expr, Symbol) and expr.name in self.norms)

    def known_sum_inside(self, body: Expr, j: Symbol, size: Expr) -> bool:
        """Whether a factor of the body sums to one over j, and the others do not contain j."""
        factors = Mul.make_args(body)
        known = [f for f in factors if self._sums_to_one(f, j)]
        return len(known) == 1 and all(f is known[0] or not _contains(f, j) for f in factors)

    def _sums_to_one(self, f: Expr, j: Symbol) -> bool:
        if isinstance(f, Softmax):
            return f.at == j and not _contains(f.body, j)
        if not isinstance(f, Indexed) or f.base.label.name not in self.simplex:
            return False
        place = self.simplex[f.base.label.name]
        others = f.args[1:place] + f.args[place + 1 :]
        return f.args[place] == j and not any(_contains(other, j) for other in others)

    def apply(self, e: Expr) -> tuple[Expr, str] | None:
        """The fact used on ``e``, and how it is stated."""
        if isinstance(e, Sum) and self._sums_to_one(e.body, e.index):
            if isinstance(e.body, Softmax):
                return sympy.Integer(1), "the entries of a softmax sum to 1"
            name = e.body.base.label.name
            return sympy.Integer(1), f"{name} is a distribution: its entries sum to 1"
        if isinstance(e, Pow) and e.exp.is_Integer and e.exp >= 2 and isinstance(e.base, (Symbol, Indexed)):
            name = e.base.name if isinstance(e.base, Symbol) else e.base.base.label.name
            if name in self.signs:
                return e.base ** (e.exp % 2), f"{name} is -1 or 1: its square is 1"
            if name in self.binary:
                return e.base, f"{name} is 0 or 1: it equals its square"
        return self._square_of_sign(e)

    def _square_of_sign(self, e: Expr) -> tuple[Expr, str] | None:
        """(2y − 1)² = 1 for a y that is 0 or 1."""
        if not (isinstance(e, Pow) and e.exp == 2 and isinstance(e.base, Add)):
            return None
        names = {s.name: s for s in e.base.free_symbols if isinstance(s, Symbol)}
        if len(names) != 1 or not names.keys() <= self.binary:
            return None
        name, symbol = names.popitem()
        if e.base.has(Indexed) or any(e.base.xreplace({symbol: sympy.Integer(v)}) ** 2 != 1 for v in (0, 1)):
            return None
        return sympy.Integer(1), f"{name} is 0 or 1: the square is 1"


def fold_hyperbolic(e: Expr, facts: Facts) -> Expr | None:
    """sinh(u)/cosh(u) = tanh(u)."""
    if not isinstance(e, Mul):
        return None
    for factor in e.args:
        if isinstance(factor, sinh) and Pow(cosh(factor.args[0]), -1) in e.args:
            rest = [f for f in e.args if f is not factor and f != Pow(cosh(factor.args[0]), -1)]
            return Mul(tanh(factor.args[0]), *rest)
    return None


def cancel_norm(e: Expr, facts: Facts) -> Expr | None:
    """d·(u/d) = u, for u = 0 wherever the norm d is 0."""
    if not isinstance(e, Mul):
        return None
    for factor in e.args:
        if isinstance(factor, ratio) and factor.args[1] in e.args and facts.is_norm(factor.args[1]):
            rest = list(e.args)
            rest.remove(factor)
            rest.remove(factor.args[1])
            return Mul(factor.args[0], *rest)
    return None


def positive_part(e: Expr, facts: Facts) -> Expr | None:
    """max(0, x)·(u where x > 0, else 0) = max(0, x)·u, for max(0, x) is 0 elsewhere."""
    if not isinstance(e, Mul):
        return None
    for part in e.args:
        base = part.base if isinstance(part, Pow) and part.exp.is_positive else part
        if not isinstance(base, maximum) or base.args[0] != 0:
            continue
        for cases in e.args:
            if isinstance(cases, Cases) and len(cases.pairs) == 2 and cases.pairs[1][0] == 0:
                value, condition = cases.pairs[0]
                if _finite(value) and condition in (base.args[1] > 0, base.args[1] >= 0):
                    return Mul(value, *(f for f in e.args if f is not cases))
    return None


def _finite(expr: Expr) -> bool:
    """Whether an expression is finite for all finite numbers in it, so that 0 times it is 0."""
    if isinstance(expr, Pow):
        return bool(expr.exp.is_Integer and expr.exp > 0) and _finite(expr.base)
    if isinstance(expr, (Add, Mul)):
        return all(_finite(a) for a in expr.args)
    return isinstance(expr, (Symbol, Indexed, sympy.Rational, ratio, maximum, Abs, sign, sigmoid, tanh))


def _two_signs_turned(e: Expr) -> Expr | None:
    if not isinstance(e, Mul):
        return None
    first = next((f for f in e.args if isinstance(f, Add) and f.as_coeff_Add()[0] < 0), None)
    if first is None:
        return None
    second = next(
        (f for f in e.args if isinstance(f, Add) and f is not first and _minuses(-f) <= _minuses(f)), None
    )
    if second is None:
        return None
    return Mul(-first, -second, *(f for f in e.args if f is not first and f is not second))


def _minuses(total: Add) -> int:
    return sum(bool(t.as_coeff_Mul()[0] < 0) for t in Add.make_args(total))


def merge_powers(e: Expr, facts: Facts) -> Expr | None:
    """uᵃ·uᵇ = uᵃ⁺ᵇ, for exponents with symbols too."""
    if not isinstance(e, Mul) or not any(isinstance(f, Pow) and not f.exp.is_number for f in e.args):
        return None
    merged = merged_product(e)
    return merged if merged != e else None


def merged_product(e: Expr) -> Expr:
    """A product with the powers of one base put together."""
    return Mul(*(base**exponent for base, exponent in _powers(e).items()))


def into_pieces(e: Expr, facts: Facts) -> Expr | None:
    """x·(x·v where c, else 0) = (x²·v where c, else 0), for inputs and numbers x, one of which is there already."""
    if not isinstance(e, Mul):
        return None
    cases = next((f for f in e.args if isinstance(f, Cases)), None)
    if cases is None:
        return None
    values = [value for value, _ in cases.pairs if value != 0]
    if len(values) != 1:
        return None
    others = [f for f in e.args if f is not cases]
    if not all(isinstance(f, (Symbol, Indexed, sympy.Rational)) for f in others):
        return None
    if not set(others) & {f for f in Mul.make_args(values[0]) if not f.is_number}:
        return None
    return cases.map(lambda value: Mul(value, *others))


def collect(e: Expr, facts: Facts) -> Expr | None:
    """Multiply a factor into a sum, and take common factors out, where that makes the line shorter."""
    shorter = _collected(e)
    return None if shorter is None or _differ_in_signs(e, shorter) else shorter


def turn_signs(e: Expr, facts: Facts) -> Expr | None:
    """−(a − b)·c = (b − a)·c where that is shorter, and (a − 1)·(b − c) = (1 − a)·(c − b)."""
    shorter = _collected(e)
    return shorter if shorter is not None and _differ_in_signs(e, shorter) else _two_signs_turned(e)


def _differ_in_signs(one: Expr, other: Expr) -> bool:
    """Whether two forms of one number differ in their minus signs, and in nothing else."""
    return _unsigned(one) == _unsigned(other) and _gathered(one) != _gathered(other)


def _gathered(e: Expr) -> Expr:
    """A number that all terms in a bracket share, as in 2·(1/2 − x/2), put in front of it."""
    factors = (x for f in Mul.make_args(e) for x in (f.primitive() if isinstance(f, Add) else (f,)))
    return Mul(*factors)


def _unsigned(e: Expr) -> Expr:
    def unsigned(node: Expr) -> Expr | None:
        if not isinstance(node, (Add, Mul)):
            return None
        return Add(*(-t if t.as_coeff_Mul()[0] < 0 else t for t in Add.make_args(_gathered(node))))

    return rebuild(e, unsigned)


def _collected(e: Expr) -> Expr | None:
    if isinstance(e, Mul):
        number, rest = e.as_coeff_Mul()
        if number != 1 and isinstance(rest, Cases):
            inside = rest.map(lambda value: number * value)
            return inside if sympy.count_ops(inside) < sympy.count_ops(e) else None
        best = e
        for inner in (f for f in e.args if isinstance(f, Add)):
            rest = Mul(*(f for f in e.args if f is not inner))
            candidate = common_factor(Add(*(merged_product(rest * t) for t in inner.args)))
            if sympy.count_ops(candidate) < sympy.count_ops(best):
                best = candidate
        return best if best is not e else None
    if isinstance(e, Add):
        candidate = common_factor(e)
        if sympy.count_ops(candidate) < sympy.count_ops(e):
            return candidate
    return None


def common_factor(total: Expr) -> Expr:
    """A sum with the powers that all its terms share taken out in front."""
    if not isinstance(total, Add):
        return total
    known: set[Expr] = set()
    powers = [_powers(t, known) for t in total.args]
    shared: dict[Expr, Expr] = {}
    for base in powers[0]:
        if base.is_Number or not all(base in p for p in powers):
            continue
        exponents = [p[base] for p in powers]
        if all(sympy.expand(e - exponents[0]).is_Integer for e in exponents):
            least = exponents[0] + min(sympy.expand(e - exponents[0]) for e in exponents)
            # log(p)/(1 − p) is finite at p = 1, and so is (1 − p)^γ·log(p)/(1 − p) for every γ.
            plain = min(exponents, key=sympy.count_ops)
            shared[base] = plain if isinstance(base, Add) and total.has(sympy.log(1 - base)) else least
    if not shared:
        return total
    rest = (Mul(*(b ** (e - shared.get(b, 0)) for b, e in p.items())) for p in powers)
    return Mul(*(b**e for b, e in shared.items())) * Add(*rest)


def _powers(term: Expr, known: set[Expr] | None = None) -> dict[Expr, Expr]:
    """The exponents of a product by base; u is read as −(−u) where ``known`` has −u, and joins it otherwise."""
    found: dict[Expr, Expr] = {}
    for f in Mul.make_args(term):
        base, exponent = f.as_base_exp() if isinstance(f, Pow) else (f, sympy.Integer(1))
        if known is not None and isinstance(base, Add) and exponent.is_Integer:
            if -base in known:
                base = -base
                found[sympy.Integer(-1)] = found.get(sympy.Integer(-1), sympy.Integer(0)) + exponent
            else:
                known.add(base)
        found[base] = found.get(base, sympy.Integer(0)) + exponent
    return found


@dataclass(frozen=True)
class Reading:
    """A row of the readable form: ``rewrite(expr, facts)`` gives the same number, or None."""

    name: str
    sentence: str
    rewrite: Callable[[Expr, Facts], Expr | None]


READABLE: tuple[Reading, ...] = (
    Reading("collapse", "Σⱼ δⱼₖ·f(j) = f(k): of the sum only the term j = k is left.", collapse),
    Reading(
        "expand",
        "The sum is taken term by term; what does not depend on its index stands in front.",
        split_sum,
    ),
    Reading("hyperbolic tangent", "sinh(u)/cosh(u) = tanh(u).", fold_hyperbolic),
    Reading("cancel", "d·(u/d) = u, for u = 0 wherever the norm d is 0.", cancel_norm),
    Reading(
        "positive part",
        "max(0, x)·u needs no case of its own where x < 0: max(0, x) is 0 there.",
        positive_part,
    ),
    Reading(
        "into the pieces",
        "A factor is multiplied into the pieces; where 0 stands, 0 is left.",
        into_pieces,
    ),
    Reading("powers", "uᵃ·uᵇ = uᵃ⁺ᵇ.", merge_powers),
    Reading("collect", "Common factors are taken out.", collect),
    Reading("signs", "A minus sign goes from one factor to another: −(a − b)·c = (b − a)·c.", turn_signs),
)
