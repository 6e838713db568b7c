"""The sign of an expression over the ranges of its symbols, proven by a few rules, or not at all.

A sign is one of ``"+"``, ``"-"``, ``"0"``, ``">="``, ``"<="``; None says that no rule decides. Rules, in order:

1. *structure*: sums of one sign, products, even powers, exponentials, monotone functions with a known zero;
2. *coefficients*: with each symbol written by numbers > 0 (x = a + s for x > a), a polynomial whose terms all
   have one sign has that sign (Pólya 1928);
3. *roots*: a polynomial in one variable with rational coefficients, by counting its real roots (Sturm 1829);
4. *slope*: what increases from 0 is positive; the slope's sign is found by the same rules.

Each rule is sound where the expression is defined; that it is defined inside its pieces is the caller's matter.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

import mpmath
import sympy
from sympy import Abs, Dummy, Expr, Indexed, Symbol, exp, log

from symloss import functions
from symloss.analyze.algebra import LARGEST, Letters, TooLarge, is_zero, letters
from symloss.analyze.facts import Facts, Range
from symloss.analyze.interval import Undefined, enclosure, roughly

__all__ = ["DEPTH", "flipped", "nonnegative", "positive", "product", "sign", "total"]

DEPTH = 3
"""How many times the rule of the slope is used in one another."""

_PARTS = {"+": (True, False, False), "-": (False, False, True), "0": (False, True, False)}
_PARTS |= {">=": (True, True, False), "<=": (False, True, True)}
_NAMES = {parts: name for name, parts in _PARTS.items()}


def flipped(s: str | None) -> str | None:
    """The sign of the negative."""
    return None if s is None else _NAMES[_PARTS[s][::-1]]


def product(*signs: str | None) -> str | None:
    """The sign of a product."""
    result: str | None = "+"
    for s in signs:
        if s is None or result is None:
            result = None
        elif "0" in (s, result):
            result = "0"
        else:
            up = (s in ("+", ">=")) == (result in ("+", ">="))
            strict = s in "+-" and result in "+-"
            result = {(True, True): "+", (True, False): ">=", (False, True): "-", (False, False): "<="}[
                up, strict
            ]
    return result


def total(*signs: str | None) -> str | None:
    """The sign of a sum."""
    found = {s for s in signs if s != "0"}
    if not found:
        return "0"
    if found <= {"+", ">="}:
        return "+" if "+" in found else ">="
    if found <= {"-", "<="}:
        return "-" if "-" in found else "<="
    return None


def positive(expr: Expr, facts: Facts) -> bool:
    """Whether the expression is proven to be > 0."""
    return sign(expr, facts) == "+"


def nonnegative(expr: Expr, facts: Facts) -> bool:
    """Whether the expression is proven to be ≥ 0."""
    return sign(expr, facts) in ("+", ">=", "0")


@lru_cache(maxsize=20000)
def sign(expr: Expr, facts: Facts, depth: int = DEPTH) -> str | None:
    """The sign that the rules prove."""
    if not expr.free_symbols:
        return _of_number(expr)
    found = _structure(expr, facts)
    if found is not None:
        return found
    if changes_sign(expr, facts):
        return None
    try:
        form = letters(expr, LARGEST if depth == DEPTH else LARGEST // 4)
    except (TooLarge, sympy.PolynomialError):
        return None
    if form.constant == 0:
        return "0"
    facts = _with_letters(form, facts)
    signs = [_of_number(form.constant)]
    for factor, power in form.factors:
        one = _of_factor(factor, form, facts, depth)
        if one is None and power % 2:
            return None
        signs.append(one if power % 2 else "+" if one in ("+", "-") else ">=")
    return product(*signs)


def changes_sign(expr: Expr, facts: Facts) -> bool:
    """Whether the expression is proven to be positive at one of a few places and negative at another.

    No rule need then be tried, which saves most of the time; False says nothing.
    """
    if expr.has(functions.Binder, functions.Cases, Indexed):
        return False
    seen: dict[bool, dict[Symbol, float]] = {}
    for turn in range(PLACES):
        numbers = place(expr, facts, turn)
        if numbers is None:
            return False
        value = roughly(expr, numbers)
        if value != 0 and math.isfinite(value):
            seen.setdefault(value > 0, numbers)
        if len(seen) == 2:
            break
    else:
        return False
    with mpmath.workprec(80):
        return all(_certain(expr, numbers) == up for up, numbers in seen.items())


def _certain(expr: Expr, numbers: dict[Symbol, float]) -> bool | None:
    """Whether the expression is > 0 (True) or < 0 (False) at a place, by outward rounding."""
    try:
        low, high = enclosure(expr, {x: (mpmath.mpf(v), mpmath.mpf(v)) for x, v in numbers.items()})
    except (Undefined, TypeError):
        return None
    return True if low > 0 else False if high < 0 else None


PLACES = 12
_SHARES = (0.31, 0.72, 0.08, 0.91, 0.5, 0.97, 0.02, 0.6, 0.18, 0.83, 0.4, 0.995)
_STEPS = (0.7, 2.3, 0.12, 6.0, 1.0, 17.0, 0.01, 3.1, 0.4, 41.0, 1.6, 0.002)


def place(expr: Expr, facts: Facts, turn: int) -> dict[Symbol, float] | None:
    """A number for each symbol, inside its range; None where the ranges give none."""
    numbers: dict[Symbol, float] = {}

    def put(symbol: Symbol, below: frozenset[Symbol]) -> None:
        if symbol in numbers:
            return
        known = facts.of(symbol)
        if symbol in below:
            raise ArithmeticError("ranges in a circle")
        for other in sorted(known.lower.free_symbols | known.upper.free_symbols, key=str):
            put(other, below | {symbol})
        low, high = roughly(known.lower, numbers), roughly(known.upper, numbers)
        turned = (turn + 5 * len(numbers)) % PLACES
        if math.isinf(low) and math.isinf(high):
            x = _STEPS[turned] * (-1) ** turn
        elif math.isinf(high):
            x = low + _STEPS[turned]
        elif math.isinf(low):
            x = high - _STEPS[turned]
        else:
            x = low + (high - low) * _SHARES[turned]
        if not low <= x <= high:
            raise ArithmeticError("an empty range")
        numbers[symbol] = x

    try:
        for symbol in sorted(expr.free_symbols, key=str):
            put(symbol, frozenset())
    except ArithmeticError:
        return None
    return numbers


def _of_number(expr: Expr) -> str | None:
    if expr.is_Rational:
        return "+" if expr > 0 else "-" if expr < 0 else "0"
    if expr == sympy.oo:
        return "+"
    if expr == -sympy.oo:
        return "-"
    if expr.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo):
        return None
    if isinstance(expr, exp):
        return "+"
    if isinstance(expr, sympy.Mul):
        return product(*map(_of_number, expr.args))
    try:
        with mpmath.workdps(50):
            low, high = enclosure(expr, {})
    except (Undefined, TypeError):
        return None
    if low > 0:
        return "+"
    if high < 0:
        return "-"
    return "0" if is_zero(expr) else None


def _of_range(range_: Range, facts: Facts) -> str | None:
    for end, strict, outcome in (
        (range_.lower, range_.lower_open, ("+", ">=")),
        (-range_.upper, range_.upper_open, ("-", "<=")),
    ):
        if end == -sympy.oo:
            continue
        s = sign(end, facts)
        if s == "+" or (s in ("0", ">=") and strict):
            return outcome[0]
        if s in ("0", ">="):
            return outcome[1]
    return None


_ODD = (sympy.tanh, sympy.sinh, sympy.asinh, sympy.atan, sympy.sign, functions.expm1, functions.log1p)
_POSITIVE = (exp, sympy.cosh, functions.sigmoid, functions.softplus, functions.Softmax)


def _structure(e: Expr, facts: Facts) -> str | None:
    if not e.free_symbols:
        return _of_number(e)
    if isinstance(e, (Symbol, Indexed)):
        return _of_range(facts.of(e), facts)
    if isinstance(e, sympy.Add):
        return total(*(_structure(a, facts) for a in e.args)) or _linear(e, facts)
    if isinstance(e, sympy.Mul):
        return product(*(_structure(a, facts) for a in e.args))
    if isinstance(e, sympy.Pow):
        return _power(e, facts)
    if isinstance(e, _POSITIVE):
        return "+"
    if isinstance(e, _ODD):
        return _structure(e.args[0], facts)
    if isinstance(e, log):
        return _structure(e.args[0] - 1, facts)
    if isinstance(e, functions.xlogy):
        return product(_structure(e.args[0], facts), _structure(e.args[1] - 1, facts), ">=")
    if isinstance(e, functions.ratio):
        return product(*(_structure(a, facts) for a in e.args), ">=")
    if isinstance(e, (Abs, functions.Norm)):
        inner = _structure(e.args[0], facts)
        return "+" if inner in ("+", "-") and isinstance(e, Abs) else ">="
    if isinstance(e, functions.LogSoftmax):
        return "<="
    if isinstance(e, functions.OtherSoftmax):
        return ">="
    if isinstance(e, sympy.KroneckerDelta):
        return ">="
    if isinstance(e, (functions.Sum, functions.AxisMax)):
        body, fresh = functions.open_binder(e)
        return _structure(body, facts.knowing(fresh, Range(sympy.S.Zero, sympy.oo, False)))
    if isinstance(e, sympy.Min):
        return flipped(_structure(sympy.Max(*(-a for a in e.args)), facts))
    if isinstance(e, (functions.maximum, sympy.Max)):
        signs = [_structure(a, facts) for a in (e.args[:2] if isinstance(e, functions.maximum) else e.args)]
        if "+" in signs:
            return "+"
        if ">=" in signs or "0" in signs:
            return ">="
        if all(s in ("-", "<=") for s in signs):
            return "-" if all(s == "-" for s in signs) else "<="
        return None
    if isinstance(e, functions.Cases):
        cases = {_structure(v, facts) for v, _ in e.pairs}
        return cases.pop() if len(cases) == 1 else ">=" if cases <= {"+", ">=", "0"} else None
    return None


def _linear(e: sympy.Add, facts: Facts) -> str | None:
    """A sum of multiples of symbols whose ranges end at numbers."""
    low, high, low_open, high_open = sympy.S.Zero, sympy.S.Zero, False, False
    for term in e.args:
        factor, atom = term.as_coeff_Mul(rational=True)
        if atom == 1 or (atom.is_number and not isinstance(term, sympy.Rational)):
            if not term.is_Rational:
                return None
            low, high = low + term, high + term
            continue
        if not isinstance(atom, (Symbol, Indexed)):
            return None
        known = facts.of(atom)
        ends = [(known.lower, known.lower_open), (known.upper, known.upper_open)]
        if factor < 0:
            ends.reverse()
        if not all(end.is_Rational or end.is_infinite for end, _ in ends):
            return None
        low, high = low + factor * ends[0][0], high + factor * ends[1][0]
        low_open, high_open = low_open or ends[0][1], high_open or ends[1][1]
    if low is sympy.nan or high is sympy.nan:
        return None
    return _of_range(Range(low, high, low_open, high_open), Facts())


def _power(e: Expr, facts: Facts) -> str | None:
    base, power = e.args
    inner = _structure(base, facts)
    if inner == "+":
        return "+"
    if power.is_Integer and power % 2 == 0:
        return "+" if inner in ("+", "-") or power < 0 else ">="
    if power.is_Integer:
        return inner if power > 0 else {">=": "+", "<=": "-"}.get(inner or "", inner)
    if inner in (">=", "0"):
        return ">="
    return ">=" if power.is_Rational and power.q % 2 == 0 else None


def _with_letters(form: Letters, facts: Facts) -> Facts:
    """The facts, and what follows from them of the letters."""
    for letter, meant in form.meaning:
        facts = facts.knowing(letter, _range(form.back(meant), facts))
    return facts


def _range(meant: Expr, facts: Facts) -> Range:
    zero, one = sympy.S.Zero, sympy.S.One
    if isinstance(meant, Indexed):
        return facts.of(meant)
    if isinstance(meant, exp):
        s = _structure(meant.args[0], facts)
        if s in ("+", ">="):
            return Range(lower=one, lower_open=s == "+")
        if s in ("-", "<="):
            return Range(zero, one, True, s == "-")
        return Range(lower=zero)
    s = _structure(meant, facts)
    if s is None and isinstance(meant, log):
        s = sign(meant.args[0] - 1, facts, 0)
    return {
        "+": Range(lower=zero),
        ">=": Range(lower=zero, lower_open=False),
        "-": Range(upper=zero),
        "<=": Range(upper=zero, upper_open=False),
    }.get(s or "", Range())


def _of_factor(factor: Expr, form: Letters, facts: Facts, depth: int) -> str | None:
    found = _structure(factor, facts)
    if found is None:
        found = _coefficients(factor, facts)
    if found is None:
        found = _roots(factor, facts)
    if found is None and depth > 0:
        found = _slope(form.back(factor), facts, depth)
    return found


def _coefficients(factor: Expr, facts: Facts) -> str | None:
    """All terms of one sign, once every symbol is written by numbers that are > 0, or ≥ 0."""
    weak = False
    signs: dict[Symbol, str | None] = {}
    dependent_first = sorted(
        factor.free_symbols,
        key=lambda x: (not facts.of(x).lower.free_symbols | facts.of(x).upper.free_symbols, str(x)),
    )
    for symbol in dependent_first:
        known = facts.of(symbol)
        low, high = known.lower, known.upper
        if (low, high) == (-sympy.oo, sympy.oo):
            signs[symbol] = None
            continue
        fresh = Dummy("s", nonnegative=True)
        if high == sympy.oo:
            closed, new = not known.lower_open, low + fresh
        elif low == -sympy.oo:
            closed, new = not known.upper_open, high - fresh
        else:  # s from 0 to oo, where x = upper is reached in the limit only
            closed, new = not known.lower_open, (low + high * fresh) / (1 + fresh)
            weak |= not known.upper_open
        signs[fresh] = ">=" if closed else "+"
        factor = factor.xreplace({symbol: new})
    found = []
    for part in sympy.fraction(sympy.together(factor)):
        if sympy.count_ops(part) > LARGEST:
            return None
        gens = sorted(part.free_symbols, key=lambda g: (str(g), g.sort_key()))
        if any(g not in signs for g in gens):
            return None
        terms = sympy.Poly(part, *gens).terms() if gens else [((), part)]
        found.append(total(*(_monomial(powers, c, [signs[g] for g in gens]) for powers, c in terms)))
    outcome = product(*found)
    return {"+": ">=", "-": "<="}.get(outcome or "", outcome) if weak else outcome


def _monomial(powers: tuple[int, ...], coefficient: Expr, signs: list[str | None]) -> str | None:
    parts = [_of_number(coefficient)]
    for s, power in zip(signs, powers, strict=True):
        if power:
            parts.append(s if power % 2 else "+" if s in ("+", "-") else ">=")
    return product(*parts)


def _roots(factor: Expr, facts: Facts) -> str | None:
    """A polynomial in one variable without a root between the ends has the sign that it has at one place."""
    if len(factor.free_symbols) != 1:
        return None
    (x,) = factor.free_symbols
    known = facts.of(x)
    poly = sympy.Poly(factor, x)
    ends = [known.lower, known.upper]
    if not all(c.is_Rational for c in poly.coeffs()) or not all(e.is_Rational or e.is_infinite for e in ends):
        return None
    low, high = (None if e.is_infinite else e for e in ends)
    at_ends = sum(1 for e in (low, high) if e is not None and poly.eval(e) == 0)
    if poly.count_roots(low, high) > at_ends:
        return None
    if low is not None and high is not None:
        inside = (low + high) / 2
    else:
        inside = low + 1 if low is not None else high - 1 if high is not None else sympy.S.Zero
    strict = at_ends == 0 or (known.lower_open and known.upper_open)
    return _of_number(poly.eval(inside)) if strict else (">=" if poly.eval(inside) > 0 else "<=")


_NO_SLOPE = (functions.Binder, functions.Cases, functions.maximum, sympy.Max, sympy.Min, sympy.sign)


def _slope(expr: Expr, facts: Facts, depth: int) -> str | None:
    """What increases from a number ≥ 0, or to one ≤ 0, has its sign; likewise what decreases.

    It must not jump on the way, as at a pole: it has to be proven to be defined, and so continuous, between the ends.
    """
    from symloss.analyze.defined import defined
    from symloss.analyze.limits import Unknown, limit

    if sympy.count_ops(expr) > 40 * depth or expr.has(*_NO_SLOPE):
        return None
    for variant, turned in _variants(expr, facts, depth):
        for x in sorted(variant.free_symbols, key=lambda s: -variant.count(s)):
            if not isinstance(x, Symbol) or x not in dict(facts.ranges):
                continue
            if _bounds_another(x, variant, facts):
                continue
            known = facts.of(x)
            derivative = sympy.diff(variant, x)
            if derivative.has(sympy.Derivative, sympy.Subs):
                continue
            slope = sign(derivative, facts, depth - 1)
            if slope is None or slope == "0" or defined(variant, facts) is not None:
                continue
            ends = [(known.lower, 1, known.lower_open), (known.upper, -1, known.upper_open)]
            if slope in ("-", "<="):
                ends.reverse()
            strict = slope in ("+", "-")
            for (end, side, open_), wanted in zip(ends, ("+", "-"), strict=True):
                try:
                    s = sign(limit(variant, x, end, side, facts), facts, depth - 1)
                except Unknown:
                    continue
                weak = ">=" if wanted == "+" else "<="
                if s == wanted or (s in ("0", weak) and strict and open_):
                    return wanted if turned == "+" else flipped(wanted)
                if s in ("0", weak):
                    return weak if turned == "+" else flipped(weak)
    return None


def _bounds_another(x: Symbol, expr: Expr, facts: Facts) -> bool:
    """Whether the range of another symbol depends on x, which then cannot go to its ends while that one stays."""
    others = (facts.of(other) for other in expr.free_symbols if other != x)
    return any(x in (r.lower.free_symbols | r.upper.free_symbols) for r in others)


def _variants(expr: Expr, facts: Facts, depth: int) -> Iterator[tuple[Expr, str]]:
    """The expression, and what it is once divided by the factor of a logarithm or by an exponential."""
    yield expr, "+"
    expanded = sympy.expand(expr)
    for atom in sorted(expanded.atoms(log), key=sympy.default_sort_key):
        factor = expanded.coeff(atom)
        s = _structure(factor, facts)
        if s in ("+", "-") and factor.free_symbols:
            yield sympy.expand(expanded / factor), s
    for atom in sorted(expanded.atoms(exp), key=sympy.default_sort_key) if depth > 1 else ():
        yield sympy.expand(expanded / atom), "+"
