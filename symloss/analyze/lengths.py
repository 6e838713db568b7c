"""How long the gradient of a loss over axes is at most, and how fast it changes: by what the loss is composed of.

Lengths are Euclidean, over all entries of one tensor; the second bound is one of the largest eigenvalue of the
Hessian, in size. The rules are the chain rule and the product rule, with the triangle inequality; gradients whose
entries have known signs are added up at a right angle where they have opposite ones: |a − b|² ≤ |a|² + |b|².
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import sympy
from sympy import Expr, Indexed, Symbol, sqrt

from symloss import functions
from symloss.analyze.chart import Undecided
from symloss.analyze.curvature import merged
from symloss.analyze.facts import Facts, Range
from symloss.analyze.quotients import sign_of_quotient
from symloss.analyze.reach import reach
from symloss.analyze.signs import nonnegative, positive, sign
from symloss.functions import name_of
from symloss.value import Loss

__all__ = ["Bound", "bound"]

_ZERO, _ONE, _INFINITE = sympy.S.Zero, sympy.S.One, sympy.oo


class Bound(NamedTuple):
    """``length`` of the gradient, ``bend`` of the Hessian; ``signs``: the sign that all entries of the gradient have.

    Either bound may be ∞, which says only that the rules give none.
    """

    length: Expr
    bend: Expr
    signs: str | None = None


_CONSTANT = Bound(_ZERO, _ZERO, "0")


def bound(loss: Loss, wrt: str, facts: Facts, fixed: Mapping[str, Expr] | None = None) -> Bound:
    """The bounds of the loss as a function of one tensor, whatever the other inputs. Raises Undecided.

    ``fixed`` are hyper-parameters with values.
    """
    expr = loss.expand(loss.expression)
    if fixed:
        expr = functions.rebuild(expr, lambda n: fixed.get(name_of(n)), top_down=True)
    labels = [i for i in loss.inputs if i.domain.values and not i.axes]
    found = []
    for values in itertools.product(*(i.domain.values for i in labels)):
        at = {i.symbol: sympy.Integer(v) for i, v in zip(labels, values, strict=True)}
        put = functions.rebuild(expr, at.get, top_down=True)
        found.append(_Lengths(loss, wrt, facts).of(put))
    return Bound(_most((b.length for b in found), facts), _most((b.bend for b in found), facts))


def _most(bounds: Iterable[Expr], facts: Facts) -> Expr:
    kept: list[Expr] = []
    for b in dict.fromkeys(bounds):
        if any(nonnegative(k - b, facts) for k in kept if k != _INFINITE) or _INFINITE in kept:
            continue
        kept = [] if b == _INFINITE else [k for k in kept if not nonnegative(b - k, facts)]
        kept.append(b)
    return sympy.Max(*kept)


def _times(a: Expr, b: Expr) -> Expr:
    """The product of two bounds, where 0·∞ = 0: what does not vary at all has no slope, however long the other."""
    return _ZERO if a == 0 or b == 0 else _INFINITE if _INFINITE in (a, b) else a * b


class _Lengths:
    def __init__(self, loss: Loss, wrt: str, facts: Facts):
        self.loss, self.wrt, self.facts = loss, wrt, facts

    def of(self, e: Expr) -> Bound:
        """The bounds of an expression. Raises Undecided."""
        if not self.loss.depends(e, self.wrt):
            return _CONSTANT
        if isinstance(e, (Symbol, Indexed)):
            return Bound(_ONE, _ZERO, "+")
        rule = _RULES.get(type(e))
        if rule is None:
            raise Undecided(f"how fast {type(e).__name__} changes")
        return rule(self, e)

    def size(self, e: Expr) -> Expr:
        """A bound of |e|, by its reach; factors that are hyper-parameters or sizes stay as they are."""
        kept, others = _ONE, []
        for factor in sympy.Mul.make_args(e):
            if not self._of_inputs(factor) and not factor.atoms(Indexed) and nonnegative(factor, self.facts):
                kept *= factor
            else:
                others.append(factor)
        low, high = reach(sympy.Mul(*others), self.facts)
        return _times(kept, sympy.Max(abs(low), abs(high)))

    def inside(self, e: Expr) -> tuple[Expr, Symbol]:
        """The body of a binder, its index known not to be negative."""
        body, fresh = functions.open_binder(e)
        self.facts = self.facts.knowing(fresh, Range(_ZERO, _INFINITE, False))
        return body, fresh

    def has_own_entries(self, body: Expr, index: Symbol) -> bool:
        """Whether a body has, at each place, entries of the tensor that it has at no other."""
        entries = [e for e in body.atoms(Indexed) if e.base.label.name == self.wrt]
        return (
            all(index in e.args[1:] for e in entries) and len({e.args[1:].index(index) for e in entries}) == 1
        )

    def least(self, e: Expr) -> Expr:
        """A lower bound in which hyper-parameters and sizes that are added stay as they are."""
        terms = sympy.Add.make_args(merged(sympy.expand_mul(e)))
        fixed = [t for t in terms if not t.atoms(Indexed, functions.Binder) and not self._of_inputs(t)]
        rest = sympy.Add(*(t for t in terms if t not in fixed))
        below = _ZERO if sign_of_quotient(rest, self.facts) in ("+", ">=") else reach(rest, self.facts)[0]
        return below + sum(
            (t if nonnegative(t, self.facts) else reach(t, self.facts)[0] for t in fixed), _ZERO
        )

    def _of_inputs(self, e: Expr) -> bool:
        names = {name_of(a) for a in e.atoms(Indexed, Symbol)}
        return any(i.name in names for i in self.loss.inputs)


# --- the rules --------------------------------------------------------------------------------------------


def _add(c: _Lengths, e: Expr) -> Bound:
    parts = [c.of(a) for a in e.args]
    up = sum((p.length for p in parts if p.signs == "+"), _ZERO)
    down = sum((p.length for p in parts if p.signs == "-"), _ZERO)
    rest = sum((p.length for p in parts if p.signs is None), _ZERO)
    across = up + down if up == 0 or down == 0 else sqrt(up**2 + down**2)
    known = {p.signs for p in parts} - {"0"}
    return Bound(across + rest, sum((p.bend for p in parts), _ZERO), known.pop() if len(known) == 1 else None)


def _scaled(c: _Lengths, factor: Expr, of: Bound) -> Bound:
    size = c.size(factor)
    s = sign(factor, c.facts)
    turned = {"+": "-", "-": "+"}
    signs = of.signs if s in ("+", ">=") else turned.get(of.signs or "") if s in ("-", "<=") else None
    return Bound(_times(size, of.length), _times(size, of.bend), signs)


def _mul(c: _Lengths, e: Expr) -> Bound:
    fixed = [a for a in e.args if not c.loss.depends(a, c.wrt)]
    varying = [a for a in e.args if c.loss.depends(a, c.wrt)]
    factor, rest = sympy.Mul(*fixed), sympy.Mul(*varying)
    if len(varying) == 1:
        return _scaled(c, factor, c.of(rest))
    top, bottom = sympy.fraction(rest)
    if bottom != 1:
        return _scaled(c, factor, _quotient(c, top, bottom))
    first, *more = varying
    a, b = c.of(first), c.of(sympy.Mul(*more))
    sizes = c.size(first), c.size(sympy.Mul(*more))
    length = _times(sizes[0], b.length) + _times(sizes[1], a.length)
    bend = _times(sizes[0], b.bend) + _times(sizes[1], a.bend) + 2 * _times(a.length, b.length)
    return _scaled(c, factor, Bound(length, bend))


def _quotient(c: _Lengths, top: Expr, bottom: Expr) -> Bound:
    """f = a/b with b ≥ m > 0 and |f| ≤ 1: f′ = (a′ − f·b′)/b, f″ = (a″ − f·b″ − f′b′ᵀ − b′f′ᵀ)/b."""
    least = c.least(bottom)
    if not positive(least, c.facts):
        raise Undecided(f"how small {bottom} can be")
    inside = [sign_of_quotient(e, c.facts) in ("+", ">=") for e in (1 - top / bottom, top / bottom)]
    if not all(inside):
        raise Undecided(f"how large {top / bottom} can be")
    a, b = (c.of(merged(sympy.expand_mul(part))) for part in (top, bottom))
    across = (
        sqrt(a.length**2 + b.length**2)
        if a.signs == b.signs and a.signs in ("+", "-")
        else a.length + b.length
    )
    length = across / least
    return Bound(length, (a.bend + b.bend + 2 * _times(length, b.length)) / least)


def _pow(c: _Lengths, e: Expr) -> Bound:
    base, power = e.args
    if not power.is_Rational or c.loss.depends(power, c.wrt):
        raise Undecided(f"how fast {e} changes")
    if isinstance(base, functions.Norm) and power == 2:
        return c.of(functions.Sum(base.body**2, base.index, base.size))
    if isinstance(base, functions.maximum) and _ZERO in base.args[:2] and power == 2:
        inner = c.of(next((a for a in base.args[:2] if a != 0), _ZERO))
        most = reach(base, c.facts)[1]
        return Bound(2 * _times(most, inner.length), 2 * _times(most, inner.bend) + 2 * inner.length**2)
    inner = c.of(base)
    low, high = reach(base, c.facts)
    if power.is_Integer and power >= 2:
        size = sympy.Max(abs(low), abs(high))
        return Bound(
            power * _times(size ** (power - 1), inner.length),
            power * _times(size ** (power - 1), inner.bend)
            + power * (power - 1) * _times(size ** (power - 2) if power > 2 else _ONE, inner.length**2),
        )  # fmt: skip
    if power < 1 and positive(low, c.facts):
        return Bound(
            abs(power) * low ** (power - 1) * inner.length,
            abs(power) * _times(low ** (power - 1), inner.bend)
            + abs(power * (power - 1)) * low ** (power - 2) * inner.length**2,
        )  # fmt: skip
    raise Undecided(f"how fast {e} changes")


def _maximum(c: _Lengths, e: Expr) -> Bound:
    parts = [c.of(a) for a in e.args[:2]]
    known = {p.signs for p in parts} - {"0"}
    return Bound(
        _most((p.length for p in parts), c.facts), _INFINITE, known.pop() if len(known) == 1 else None
    )


def _axis_max(c: _Lengths, e: Expr) -> Bound:
    body = c.of(c.inside(e)[0])
    return Bound(body.length, _INFINITE, body.signs)


def _norm(c: _Lengths, e: Expr) -> Bound:
    """A norm of c·x + const at every place: the vector below it moves by |c| times what x moves by."""
    body, index = c.inside(e)
    entries = [a for a in body.atoms(Indexed) if a.base.label.name == c.wrt]
    if len(entries) != 1 or not c.has_own_entries(body, index) or body.atoms(functions.Binder):
        raise Undecided(f"how fast {e} changes")
    slope = sympy.expand(body).coeff(entries[0])
    rest = sympy.expand(body - slope * entries[0])
    if rest.has(entries[0]) or slope.has(index) or not slope.is_number:
        raise Undecided(f"how fast {e} changes")
    return Bound(abs(slope), _INFINITE)


def _sum(c: _Lengths, e: Expr) -> Bound:
    body, index = c.inside(e)
    shares = [a for a in sympy.Mul.make_args(body) if _is_share(c, a, index)]
    if shares:  # a mean with weights that sum to 1
        return c.of(body / shares[0])
    one = c.of(body)
    if c.has_own_entries(body, index):
        return Bound(sqrt(e.size) * one.length, one.bend, one.signs)
    return Bound(e.size * one.length, e.size * one.bend, one.signs)


def _is_share(c: _Lengths, a: Expr, index: Symbol) -> bool:
    if isinstance(a, Indexed):
        argument = c.loss.argument(a.base.label.name)
        own = argument.name != c.wrt and argument.domain.sums_to_one and argument.type.along is not None
        return own and a.args[1:][argument.axes.index(argument.type.along)] == index
    return isinstance(a, functions.Softmax) and a.at == index and not c.loss.depends(a, c.wrt)


def _logsumexp(c: _Lengths, e: Expr) -> Bound:
    """The gradient is a mean of those below, with shares p; J(diag p − ppᵀ)Jᵀ is at most |J|²/2 (Böhning 1992)."""
    body, index = c.inside(e)
    one = c.of(body)
    spread = one.length**2 / 2 if c.has_own_entries(body, index) else one.length**2
    return Bound(one.length, one.bend + spread, one.signs)


def _log_softmax(c: _Lengths, e: Expr) -> Bound:
    body, index = functions.open_binder(e)
    return _add(
        c, sympy.Add(body.xreplace({index: e.at}), -functions.LogSumExp(body, index, e.size), evaluate=False)
    )


def _cases(c: _Lengths, e: Expr) -> Bound:
    if any(c.loss.depends(condition, c.wrt) for _, condition in e.pairs):
        raise Undecided("how fast cases change that depend on the prediction")
    parts = [c.of(value) for value, _ in e.pairs]
    known = {p.signs for p in parts} - {"0"}
    return Bound(
        _most((p.length for p in parts), c.facts),
        _most((p.bend for p in parts), c.facts),
        known.pop() if len(known) == 1 else None,
    )


def _xlogy(c: _Lengths, e: Expr) -> Bound:
    weight, argument = e.args
    return c.of(sympy.Mul(weight, sympy.log(argument, evaluate=False), evaluate=False))


@dataclass(frozen=True)
class Curve:
    """Bounds of |φ′| and |φ″| between two ends, and whether φ increases."""

    slope: Callable[[Expr, Expr], Expr]
    bend: Callable[[Expr, Expr], Expr]
    increases: bool = True

    def __call__(self, c: _Lengths, e: Expr) -> Bound:
        inner, ends = c.of(e.args[0]), reach(e.args[0], c.facts)
        slope, bend = self.slope(*ends), self.bend(*ends)
        return Bound(
            _times(slope, inner.length),
            _times(slope, inner.bend) + _times(bend, inner.length**2),
            inner.signs if self.increases else None,
        )


def _constant(value: Expr) -> Callable[[Expr, Expr], Expr]:
    return lambda low, high: value


def _below(power: int, moved: int = 0) -> Callable[[Expr, Expr], Expr]:
    """1/(low + moved)^power, ∞ where that may be 0."""
    return lambda low, high: _INFINITE if (low + moved).is_positive is not True else (low + moved) ** -power


_ROOT3 = sqrt(3)
_RULES: dict[type, Callable[[_Lengths, Expr], Bound]] = {
    sympy.Add: _add,
    sympy.Mul: _mul,
    sympy.Pow: _pow,
    functions.maximum: _maximum,
    functions.AxisMax: _axis_max,
    functions.Norm: _norm,
    functions.Sum: _sum,
    functions.LogSumExp: _logsumexp,
    functions.LogSoftmax: _log_softmax,
    functions.Cases: _cases,
    functions.xlogy: _xlogy,
    sympy.Abs: Curve(_constant(_ONE), _constant(_INFINITE), increases=False),
    sympy.exp: Curve(lambda low, high: sympy.exp(high), lambda low, high: sympy.exp(high)),
    sympy.log: Curve(_below(1), _below(2)),
    functions.log1p: Curve(_below(1, 1), _below(2, 1)),
    functions.expm1: Curve(lambda low, high: sympy.exp(high), lambda low, high: sympy.exp(high)),
    functions.sigmoid: Curve(_constant(sympy.Rational(1, 4)), _constant(_ROOT3 / 18)),
    functions.softplus: Curve(_constant(_ONE), _constant(sympy.Rational(1, 4))),
    sympy.tanh: Curve(_constant(_ONE), _constant(4 * _ROOT3 / 9)),
    sympy.atan: Curve(_constant(_ONE), _constant(3 * _ROOT3 / 8)),
    sympy.asinh: Curve(_constant(_ONE), _constant(2 * _ROOT3 / 9)),
    sympy.sin: Curve(_constant(_ONE), _constant(_ONE), increases=False),
    sympy.cos: Curve(_constant(_ONE), _constant(_ONE), increases=False),
}
"""The bounds of a function by its kind. A rule is added here, and held against numbers by one test."""
