"""Limits by leading terms: what an expression is like as a number goes to infinity, or to an end of an interval.

The leading term is c·e^(a·v)·vᵖ·(log v)^q with v → ∞, and the term that is left out is of lower order. A sum
whose leading terms cancel is rewritten as one fraction; where that does not help the limit is Unknown, and no
guess is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sympy
from sympy import Dummy, Expr, Symbol, exp, log

from symloss import functions
from symloss.analyze.algebra import TooLarge, elementary, is_zero, letters
from symloss.analyze.defined import defined
from symloss.analyze.facts import Facts, Range
from symloss.analyze.signs import sign

__all__ = ["Growth", "Unknown", "growth", "limit", "settled_order"]


class Unknown(ArithmeticError):
    """The rules do not find the limit."""


@dataclass(frozen=True)
class Growth:
    """c·e^(a·v)·vᵖ·(log v)^q. ``rate`` may be ±∞, for what grows or falls faster than every e^(a·v)."""

    coefficient: Expr
    rate: Expr = sympy.S.Zero
    power: Expr = sympy.S.Zero
    logs: Expr = sympy.S.Zero

    @property
    def order(self) -> tuple[Expr, Expr, Expr]:
        return self.rate, self.power, self.logs

    @property
    def words(self) -> str:
        """The order of growth in words."""
        if self.coefficient == 0:
            return "0"
        if self.rate != 0:
            return "exponential"
        if self.power != 0:
            return {1: "linear", 2: "quadratic", 3: "cubic"}.get(self.power, f"of order {self.power}")
        return "logarithmic" if self.logs != 0 else "bounded"


ZERO = Growth(sympy.S.Zero)


_JUMPING = (functions.Cases, sympy.sign, sympy.core.relational.Relational)


def limit(expr: Expr, x: Symbol, end: Expr, side: int, facts: Facts) -> Expr:
    """The limit as x → ``end`` (±∞ allowed) from the right (side = 1) or the left (−1). Raises Unknown."""
    if not end.is_infinite and not expr.atoms(*_JUMPING):
        there = _powers_of_0(expr.xreplace({x: end}), facts)
        if defined(there, facts) is None:
            return there
    try:
        lead = growth(expr, x, end, side, facts)
    except Unknown:
        if not isinstance(expr, sympy.Add):
            raise
        limits = [limit(term, x, end, side, facts) for term in expr.args]
        if any(one.is_infinite for one in limits):
            raise
        return sympy.Add(*limits)
    if lead.coefficient == 0:
        return sympy.S.Zero
    direction = _direction(lead.order, facts)
    if direction == "0":
        return lead.coefficient
    if direction == "-":
        return sympy.S.Zero
    s = sign(lead.coefficient, facts)
    if s not in ("+", "-"):
        raise Unknown(f"the sign of {lead.coefficient}")
    return sympy.oo if s == "+" else -sympy.oo


def _powers_of_0(expr: Expr, facts: Facts) -> Expr:
    """With 0 for each power of 0 whose exponent is positive; SymPy leaves it as it is where that is a symbol."""

    def rewrite(node):
        zero = isinstance(node, sympy.Pow) and node.base == 0 and sign(node.exp, facts) == "+"
        return sympy.S.Zero if zero else None

    return functions.rebuild(expr, rewrite) if expr.has(sympy.Pow) else expr


@lru_cache(maxsize=4096)
def growth(expr: Expr, x: Symbol, end: Expr, side: int, facts: Facts) -> Growth:
    """The leading term, in v = |x| at ±∞ and v = 1/|x − end| at a finite end. Raises Unknown."""
    v = Dummy("v", positive=True)
    if end == sympy.oo:
        place = v
    elif end == -sympy.oo:
        place = -v
    else:
        place = end + side / v
    near = facts.knowing(v, Range(lower=sympy.S.Zero))
    moved = elementary(expr).xreplace({x: place})
    if moved.has(sympy.nan, sympy.zoo):
        raise Unknown(f"{expr} at {end}")
    return _leading(moved, v, near)


def _direction(order: tuple[Expr, Expr, Expr], facts: Facts) -> str:
    """Whether e^(a·v)·vᵖ·(log v)^q goes to ∞ ("+"), to 0 ("-"), or is constant ("0")."""
    for part in order:
        s = sign(part, facts)
        if s in ("+", "-"):
            return s
        if s != "0":
            raise Unknown(f"the sign of {part}")
    return "0"


def settled_order(lead: Growth, facts: Facts) -> str:
    """Whether the term, apart from its coefficient, grows ("+"), falls to 0 ("-") or stays ("0"). Raises Unknown."""
    return _direction(lead.order, facts)


def _compare(a: Growth, b: Growth, facts: Facts) -> str:
    if a.rate.is_infinite or b.rate.is_infinite:
        if a.rate == b.rate:
            raise Unknown("two terms that grow faster than every exponential")
        return "+" if a.rate == sympy.oo or b.rate == -sympy.oo else "-"
    return _direction(tuple(p - q for p, q in zip(a.order, b.order, strict=True)), facts)


def _leading(e: Expr, v: Symbol, facts: Facts) -> Growth:
    if not e.has(v):
        return Growth(e)
    if e == v:
        return Growth(sympy.S.One, power=sympy.S.One)
    if isinstance(e, sympy.Add):
        return _sum(e, v, facts)
    if isinstance(e, sympy.Mul):
        parts = [_leading(a, v, facts) for a in e.args]
        if any(p.coefficient == 0 for p in parts):
            return ZERO
        rate = sum((p.rate for p in parts), sympy.S.Zero)
        if rate is sympy.nan:
            raise Unknown(str(e))
        return Growth(
            sympy.Mul(*(p.coefficient for p in parts)),
            rate,
            sum((p.power for p in parts), sympy.S.Zero),
            sum((p.logs for p in parts), sympy.S.Zero),
        )
    if isinstance(e, sympy.Pow):
        return _power(e, v, facts)
    if isinstance(e, exp):
        return _exponential(e.args[0], v, facts)
    if isinstance(e, log):
        return _logarithm(e.args[0], v, facts)
    if isinstance(e, (sympy.atan, sympy.asinh)):
        return _inverse(e, v, facts)
    if isinstance(e, sympy.Abs):
        inner = _leading(e.args[0], v, facts)
        s = sign(inner.coefficient, facts)
        if s in ("+", ">="):
            return inner
        if s in ("-", "<="):
            return Growth(-inner.coefficient, *inner.order)
    raise Unknown(f"{type(e).__name__} of {e.args}")


def _inverse(e: Expr, v: Symbol, facts: Facts) -> Growth:
    inner = _leading(e.args[0], v, facts)
    direction = _direction(inner.order, facts)
    if direction == "0":
        return Growth(e.func(inner.coefficient))
    if direction == "-":
        return inner
    if isinstance(e, sympy.atan):
        return Growth(sympy.pi / 2 * _sign_of(inner, facts))
    large = _logarithm(2 * abs(_sign_of(inner, facts)) * e.args[0] * _sign_of(inner, facts), v, facts)
    return Growth(_sign_of(inner, facts) * large.coefficient, *large.order)


def _sign_of(g: Growth, facts: Facts) -> int:
    s = sign(g.coefficient, facts)
    if s not in ("+", "-"):
        raise Unknown(f"the sign of {g.coefficient}")
    return 1 if s == "+" else -1


def _dominant(terms: list[Expr], v: Symbol, facts: Facts) -> Growth:
    """The sum of the terms of the highest order; Unknown where these may cancel, and the others would count."""
    best: list[Growth] = []
    for term in terms:
        one = _leading(term, v, facts)
        if one.coefficient == 0:
            continue
        versus = _compare(one, best[0], facts) if best else "+"
        if versus == "+":
            best = [one]
        elif versus == "0":
            best.append(one)
    if not best:
        return ZERO
    coefficient = sum((g.coefficient for g in best), sympy.S.Zero)
    if sign(coefficient, facts) not in ("+", "-"):
        raise Unknown(f"the sign of {coefficient}")
    return Growth(coefficient, *best[0].order)


def _sum(e: Expr, v: Symbol, facts: Facts) -> Growth:
    try:
        return _dominant(list(e.args), v, facts)
    except Unknown:
        pass
    opened = sympy.expand(functions.rebuild(e, lambda node: _opened(node, v, facts)))
    if opened != e and sympy.count_ops(opened) < 300:
        return _leading(opened, v, facts)
    return _fraction(e, v, facts)


def _opened(node: Expr, v: Symbol, facts: Facts) -> Expr | None:
    """log of what behaves as c·e^(a·v)·vᵖ as a·v + p·log v + log c + log(1 + what vanishes)."""
    if not isinstance(node, log) or not node.has(v) or node.args[0] == v:
        return None
    try:
        g = _leading(node.args[0], v, facts)
    except Unknown:
        return None
    if g.rate.is_infinite or g.logs != 0 or (g.order == (0, 0, 0) and g.coefficient == 1):
        return None
    main = exp(g.rate * v) * v**g.power * g.coefficient
    rest = sympy.powsimp(sympy.expand(node.args[0] / main))
    return g.rate * v + g.power * log(v) + log(g.coefficient) + (log(rest) if rest != 1 else 0)


def _fraction(e: Expr, v: Symbol, facts: Facts) -> Growth:
    """One fraction, in whose numerator equal terms have cancelled."""
    try:
        form = letters(e)
    except (TooLarge, sympy.PolynomialError) as error:
        raise Unknown(str(e)) from error
    result = Growth(form.constant)
    if form.constant == 0:
        return ZERO
    for factor, power in form.factors:
        terms = [form.back(t) for t in sympy.Add.make_args(sympy.expand(factor))]
        one = _dominant(terms, v, facts)
        result = Growth(
            result.coefficient * one.coefficient**power,
            *(p + power * q for p, q in zip(result.order, one.order, strict=True)),
        )
    return result


def _power(e: Expr, v: Symbol, facts: Facts) -> Growth:
    base, power = e.args
    if power.has(v):
        return _exponential(power * log(base), v, facts)
    inner = _leading(base, v, facts)
    if inner.coefficient == 0:
        raise Unknown(str(e))
    if not power.is_Integer and sign(inner.coefficient, facts) != "+":
        raise Unknown(f"a root of {inner.coefficient}")
    return Growth(inner.coefficient**power, *(power * p for p in inner.order))


def _exponential(g: Expr, v: Symbol, facts: Facts) -> Growth:
    """e^g: exact for the parts of g that are a·v and p·log v; the rest must have a limit."""
    rate, power = sympy.S.Zero, sympy.S.Zero
    rest: list[Expr] = []
    for term in sympy.Add.make_args(sympy.expand(g)):
        coefficient, var = term.as_independent(v, as_Add=False)
        if var == v:
            rate += coefficient
        elif var == log(v):
            power += coefficient
        else:
            rest.append(term)
    if not rest:
        return Growth(sympy.S.One, rate, power)
    remainder = sympy.Add(*rest)
    one = _leading(remainder, v, facts)
    direction = "-" if one.coefficient == 0 else _direction(one.order, facts)
    if direction == "-":
        return Growth(sympy.S.One, rate, power)
    if direction == "0":
        return Growth(exp(one.coefficient), rate, power)
    if rate == 0 and power == 0 and (one.rate != 0 or sign(one.power - 1, facts) == "+"):
        return Growth(sympy.S.One, sympy.oo * _sign_of(one, facts))
    raise Unknown(f"the exponential of {g}")


def _logarithm(g: Expr, v: Symbol, facts: Facts) -> Growth:
    inner = _leading(g, v, facts)
    if inner.coefficient == 0 or inner.rate.is_infinite:
        raise Unknown(f"the logarithm of {g}")
    if sign(inner.coefficient, facts) != "+":
        raise Unknown(f"the logarithm of {inner.coefficient}")
    if sign(inner.rate, facts) in ("+", "-"):
        return Growth(inner.rate, power=sympy.S.One)
    if inner.rate == 0 and sign(inner.power, facts) in ("+", "-"):
        return Growth(inner.power, logs=sympy.S.One)
    if inner.order == (0, 0, 0):
        if not is_zero(inner.coefficient - 1):
            return Growth(log(inner.coefficient))
        small = sympy.expand(g - 1)  # log(1 + h) behaves as h
        return _leading(small, v, facts)
    raise Unknown(f"the logarithm of {g}")
