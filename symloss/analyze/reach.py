"""Between which numbers an expression over axes lies: shares lie in (0, 1), entries of a unit vector in [-1, 1]."""

from __future__ import annotations

import sympy
from sympy import Expr, Indexed, Symbol

from symloss import functions
from symloss.analyze.facts import Facts, Range
from symloss.analyze.signs import product, sign

__all__ = ["reach"]

Bounds = tuple[Expr, Expr]


def reach(e: Expr, facts: Facts) -> Bounds:
    """A lower and an upper bound, which may be infinite; they need not be taken."""
    if not e.free_symbols and not e.atoms(functions.Binder):
        return e, e
    if isinstance(e, (Symbol, Indexed)):
        known = facts.of(e)
        return known.lower, known.upper
    if isinstance(e, (functions.Softmax, functions.OtherSoftmax, functions.sigmoid, sympy.KroneckerDelta)):
        return sympy.S.Zero, sympy.S.One
    if isinstance(e, (sympy.tanh, sympy.sign)):
        return -sympy.S.One, sympy.S.One
    if isinstance(e, functions.ratio) and _entry_of_norm(e):
        return -sympy.S.One, sympy.S.One
    if isinstance(e, sympy.Add):
        pairs = [reach(a, facts) for a in e.args]
        return _known(sum(p[0] for p in pairs)), _known(sum(p[1] for p in pairs), upper=True)
    if isinstance(e, sympy.Mul):
        return _product(e, facts)
    if isinstance(e, functions.Cases):
        pairs = [reach(value, facts) for value, _ in e.pairs]
        return sympy.Min(*(p[0] for p in pairs)), sympy.Max(*(p[1] for p in pairs))
    if isinstance(e, functions.Sum):
        return _weighted(e, facts)
    return _by_sign(e, facts)


def _known(bound: Expr, upper: bool = False) -> Expr:
    return (sympy.oo if upper else -sympy.oo) if bound is sympy.nan else bound


def _product(e: Expr, facts: Facts) -> Bounds:
    """Factors that are parameters or sizes stay as they are; the others are put to their bounds."""
    low, high, factor = sympy.S.One, sympy.S.One, sympy.S.One
    for a in e.args:
        if not a.atoms(Indexed, sympy.KroneckerDelta, functions.Binder, functions.ratio) and _parameters(
            a, facts
        ):
            factor *= a
            continue
        below, above = reach(a, facts)
        pairs = [(x, y) for x in (low, high) for y in (below, above)]
        low, high = (
            sympy.Min(*(_times(x, y, facts, False) for x, y in pairs)),
            sympy.Max(*(_times(x, y, facts, True) for x, y in pairs)),
        )
    return _times(factor, low, facts, False), _times(factor, high, facts, True)


def _parameters(a: Expr, facts: Facts) -> bool:
    """Whether a factor is of numbers that are unbounded, so that nothing is lost by keeping it; and not negative."""
    return sign(a, facts) in ("+", ">=") and not a.has(sympy.oo) and (a.is_number or _unbounded(a, facts))


def _unbounded(a: Expr, facts: Facts) -> bool:
    """Whether it consists of symbols alone that have no upper bound."""
    return a.is_rational_function() and all(facts.of(s).upper == sympy.oo for s in a.free_symbols)


def _times(x: Expr, y: Expr, facts: Facts, upper: bool) -> Expr:
    """The product of two bounds; where one is infinite, by their signs, or the worst."""
    if x == 0 or y == 0:
        return sympy.S.Zero
    if x.is_infinite or y.is_infinite:
        s = product(sign(x, facts), sign(y, facts))
        worst = sympy.oo if upper else -sympy.oo
        return {"+": sympy.oo, "-": -sympy.oo}.get(s or "", worst)
    return x * y


def _entry_of_norm(e: functions.ratio) -> bool:
    """x_k/‖x‖."""
    x, norm = e.args
    if not isinstance(norm, functions.Norm):
        return False
    places = [a.args[1] for a in x.atoms(Indexed) if len(a.args) == 2]
    return any(norm.body_at(place) in (x, -x) for place in places)


def _weighted(e: Expr, facts: Facts) -> Bounds:
    """Σ wⱼ·yⱼ with the wⱼ a distribution lies where the yⱼ lie."""
    body, fresh = functions.open_binder(e)
    shares = [a for a in sympy.Mul.make_args(body) if isinstance(a, functions.Softmax) and a.at == fresh]
    if shares:
        return reach(body / shares[0], facts.knowing(fresh, Range(sympy.S.Zero, sympy.oo, False)))
    return _by_sign(e, facts)


def _by_sign(e: Expr, facts: Facts) -> Bounds:
    s = sign(e, facts)
    if s in ("+", ">="):
        return sympy.S.Zero, sympy.oo
    return (-sympy.oo, sympy.S.Zero) if s in ("-", "<=") else (-sympy.oo, sympy.oo)
