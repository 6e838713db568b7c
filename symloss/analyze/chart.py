"""Where an expression in one variable is positive and where negative: a chart of signs between proven zeros."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cmp_to_key, lru_cache
from itertools import pairwise

import mpmath
import sympy
from sympy import Expr, Symbol, exp, log

from symloss.analyze.algebra import Letters, TooLarge, is_zero, letters
from symloss.analyze.facts import Facts, Range
from symloss.analyze.interval import Undefined, enclosure, proven_sign
from symloss.analyze.signs import flipped, product, sign

__all__ = ["Segment", "Undecided", "chart", "inside", "order"]


class Undecided(ArithmeticError):
    """The rules do not answer; the message says what stayed open."""


@dataclass(frozen=True)
class Segment:
    """An open interval and the sign on it."""

    lower: Expr
    upper: Expr
    sign: str


@lru_cache(maxsize=4096)
def chart(expr: Expr, x: Symbol, lower: Expr, upper: Expr, facts: Facts) -> tuple[Segment, ...]:
    """The signs of ``expr`` for lower < x < upper, from left to right. Raises Undecided."""
    known = facts.knowing(x, Range(lower, upper))
    whole = sign(expr, known)
    if whole is not None:
        return (Segment(lower, upper, whole),)
    try:
        return _by_factors(expr, x, lower, upper, facts, known)
    except Undecided:
        bounded = _by_boxes(expr, x, lower, upper)
        if bounded is None:
            raise
        return (Segment(lower, upper, bounded),)


def _by_boxes(expr: Expr, x: Symbol, lower: Expr, upper: Expr) -> str | None:
    """The sign by branch and bound with outward rounding, where x is the only symbol."""
    if expr.free_symbols != {x} or lower.free_symbols or upper.free_symbols:
        return None
    with mpmath.workprec(80):
        try:
            low, high = enclosure(lower, {})[0], enclosure(upper, {})[1]
        except (Undefined, TypeError):
            return None
    return proven_sign(expr, x, low, high)


def _by_factors(
    expr: Expr, x: Symbol, lower: Expr, upper: Expr, facts: Facts, known: Facts
) -> tuple[Segment, ...]:
    """From the zeros of the factors."""
    try:
        form = letters(expr)
    except (TooLarge, sympy.PolynomialError) as error:
        raise Undecided(f"the sign of {expr}: {error}") from error
    factors: list[tuple[str | None, tuple[Expr, ...]]] = [(sign(form.constant, known), ())]
    for factor, power in form.factors:
        written = form.back(factor)
        s = sign(written, known)
        if power % 2 == 0:
            factors.append(("+" if s in ("+", "-") else ">=", ()))
        elif s is not None:
            factors.append((s, ()))
        else:
            factors.append(_zeros(factor, written, form, x, known))
    between: list[Expr] = []
    for _, zeros in factors:
        for zero in zeros:
            if inside(zero, lower, upper, facts) and not any(is_zero(zero - other) for other in between):
                between.append(zero)
    between.sort(key=cmp_to_key(lambda a, b: order(a, b, facts)))
    ends = [lower, *between, upper]
    segments = []
    for low, high in pairwise(ends):
        signs = []
        for right, zeros in factors:
            beyond = sum(_is_right(zero, high, facts) for zero in zeros)
            signs.append(flipped(right) if beyond % 2 else right)
        segments.append(Segment(low, high, product(*signs) or _open(expr)))
    return tuple(segments)


def _open(expr: Expr) -> str:
    raise Undecided(f"the sign of {expr}")


def order(a: Expr, b: Expr, facts: Facts) -> int:
    """-1, 0 or 1 as a < b, a = b, a > b. Raises Undecided."""
    if a == b:
        return 0
    if a in (-sympy.oo, sympy.oo) or b in (-sympy.oo, sympy.oo):
        return -1 if a == -sympy.oo or b == sympy.oo else 1
    s = sign(a - b, facts)
    if s not in ("+", "-", "0"):
        raise Undecided(f"which is larger, {a} or {b}")
    return {"+": 1, "-": -1, "0": 0}[s]


def _at_most(a: Expr, b: Expr, facts: Facts) -> bool | None:
    """Whether a ≤ b; None where a > b is neither proven nor excluded."""
    if a == b or a == -sympy.oo or b == sympy.oo:
        return True
    if b == -sympy.oo or a == sympy.oo:
        return False
    s = sign(b - a, facts)
    return True if s in ("+", "0", ">=") else False if s == "-" else None


def inside(zero: Expr, lower: Expr, upper: Expr, facts: Facts) -> bool:
    """Whether lower < zero < upper. Raises Undecided where that depends on the parameters."""
    if _at_most(zero, lower, facts) or _at_most(upper, zero, facts):
        return False
    if _at_most(zero, lower, facts) is None or _at_most(upper, zero, facts) is None:
        raise Undecided(f"whether {zero} lies between {lower} and {upper}")
    return True


def _is_right(zero: Expr, end: Expr, facts: Facts) -> bool:
    found = _at_most(end, zero, facts)
    if found is None:
        raise Undecided(f"which is larger, {zero} or {end}")
    return found


_Zeros = tuple[str, tuple[Expr, ...]]
"""The sign to the right of all zeros, and the zeros, at each of which the sign changes."""


def _zeros(factor: Expr, written: Expr, form: Letters, x: Symbol, facts: Facts) -> _Zeros:
    """All zeros of an irreducible factor that has no fixed sign. Raises Undecided."""
    meaning = dict(form.meaning)
    varying = [s for s in factor.free_symbols if s == x or form.back(meaning.get(s, s)).has(x)]
    if varying == [x]:
        return _of_polynomial(factor, x, written, facts)
    found = None
    if len(varying) == 1:
        found = _through_letter(factor, varying[0], form, x, facts)
    return found or _monotone(written, x, facts)


def _of_polynomial(factor: Expr, x: Symbol, written: Expr, facts: Facts) -> _Zeros:
    poly = sympy.Poly(factor, x)
    lead = sign(poly.LC(), facts)
    if lead in ("+", "-"):
        if poly.degree() == 1:
            return lead, (sympy.together(-poly.nth(0) / poly.LC()),)
        if all(c.is_Rational for c in poly.coeffs()):
            return lead, tuple(sympy.real_roots(poly))
        if poly.degree() == 2:
            a, b, c = poly.all_coeffs()
            discriminant = sympy.factor(b**2 - 4 * a * c)
            s = sign(discriminant, facts)
            if s in ("-", "0"):
                return lead, ()
            if s == "+":
                root = sympy.sqrt(discriminant)
                zeros = ((-b - root) / (2 * a), (-b + root) / (2 * a))
                return lead, zeros if lead == "+" else zeros[::-1]
    return _monotone(written, x, facts)


def _through_letter(factor: Expr, letter: Symbol, form: Letters, x: Symbol, facts: Facts) -> _Zeros | None:
    """A polynomial in one exponential or logarithm of a·x + b: its roots, and the x that belong to them."""
    poly = sympy.Poly(factor, letter)
    meant = form.back(dict(form.meaning)[letter])
    lead = sign(form.back(poly.LC()), facts)
    if lead not in ("+", "-") or not isinstance(meant, (exp, log)):
        return None
    inner = meant.args[0]
    if not inner.is_polynomial(x) or sympy.degree(inner, x) != 1:
        return None
    a, b = sympy.Poly(inner, x).all_coeffs()
    if poly.degree() == 1:
        roots = [form.back(-poly.nth(0) / poly.LC())]
    elif all(c.is_Rational for c in poly.coeffs()):
        roots = sympy.real_roots(poly)
    else:
        return None
    zeros = []
    for root in roots:
        if isinstance(meant, exp):
            s = sign(root, facts)
            if s in ("-", "0", "<="):
                continue
            if s != "+":
                return None
            zeros.append(sympy.expand_log((log(root) - b) / a))
        else:
            zeros.append((exp(root) - b) / a)
    slope = sign(a, facts)
    if slope not in ("+", "-"):
        return None
    right = lead if slope == "+" else _beyond(poly, isinstance(meant, exp), roots, facts)
    return (right, tuple(zeros)) if right in ("+", "-") else None


def _beyond(poly: sympy.Poly, exponential: bool, roots: list[Expr], facts: Facts) -> str | None:
    """The sign where the letter is below all of its roots: that at 0, or at -∞."""
    if exponential:
        if any(root == 0 for root in roots):
            return None
        return sign(poly.nth(0), facts)
    s = sign(poly.LC(), facts)
    return flipped(s) if poly.degree() % 2 else s


def _monotone(expr: Expr, x: Symbol, facts: Facts) -> _Zeros:
    """The one zero of a strictly monotone expression, where it is at a place that can be named."""
    slope = sign(sympy.diff(expr, x), facts)
    if slope not in ("+", "-"):
        raise Undecided(f"where {expr} is 0")
    known = facts.of(x)
    for place in _places(expr, x, facts):
        try:  # beyond the ends nothing is known of the slope: a zero there is not that inside
            if is_zero(expr.xreplace({x: place})) and inside(place, known.lower, known.upper, facts):
                return slope, (place,)
        except (TypeError, ValueError, Undecided):
            continue
    raise Undecided(f"where {expr} is 0")


def _places(expr: Expr, x: Symbol, facts: Facts) -> list[Expr]:
    parameters = sorted(expr.free_symbols - {x}, key=str)
    return [sympy.S.Zero, sympy.S.One, -sympy.S.One, sympy.S.Half, *parameters, *(-p for p in parameters),
            *(log(p) for p in parameters)]  # fmt: skip
