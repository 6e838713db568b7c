"""Convexity by composition, in the manner of disciplined convex programming (Grant, Boyd and Ye 2006).

Each rule says what curvature a function gives to arguments of known curvature. The result is a proof, or None.
A part that depends on one coordinate alone is looked at as a function by pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import sympy
from sympy import Expr, Indexed, Symbol

from symloss import functions
from symloss.analyze.chart import Undecided
from symloss.analyze.facts import Facts, Range
from symloss.analyze.signs import sign
from symloss.functions import name_of

__all__ = ["AFFINE", "CONCAVE", "CONSTANT", "CONVEX", "Curvature"]

CONSTANT, AFFINE, CONVEX, CONCAVE = "constant", "affine", "convex", "concave"


@dataclass
class Curvature:
    """Finds curvatures as functions of the tensors in ``names``. ``reasons`` collects the rules that were used."""

    names: frozenset[str]
    facts: Facts
    one_number: Callable[[Expr, Expr], bool] | None = None
    """Whether an expression that depends on one entry alone is convex in it; may raise Undecided."""

    def __post_init__(self) -> None:
        self.reasons: dict[str, None] = {}

    def of(self, e: Expr) -> str | None:
        """The curvature that the rules prove."""
        if not self._varies(e):
            return CONSTANT
        if isinstance(e, (Symbol, Indexed)):
            return AFFINE
        rule = _RULES.get(type(e))
        found = rule(self, e) if rule is not None else None
        return self._alone(e) if found is None else found

    def because(self, reason: str, found: str | None) -> str | None:
        """Note the reason, where something was found."""
        if found is not None:
            self.reasons[reason] = None
        return found

    def sign(self, e: Expr) -> str | None:
        """The sign of an expression."""
        return sign(e, self.facts)

    def _varies(self, e: Expr) -> bool:
        names = {a.base.label.name for a in e.atoms(Indexed)} | {
            s.name for s in e.free_symbols if isinstance(s, Symbol)
        }
        return bool(names & self.names)

    def _alone(self, e: Expr) -> str | None:
        """A part without sums that depends on a single entry."""
        entries = [
            a for a in e.atoms(Symbol, Indexed)
            if name_of(a) in self.names and not _is_label(a, e)
        ]  # fmt: skip
        if len(entries) != 1 or self.one_number is None or e.atoms(functions.Binder):
            return None
        for part, outcome in ((e, CONVEX), (-e, CONCAVE)):
            try:
                if self.one_number(part, entries[0]):
                    return self.because(f"{e} is {outcome} in {entries[0]}", outcome)
            except (Undecided, sympy.PolynomialError):
                continue
        return None


def _is_label(atom: Expr, e: Expr) -> bool:
    return isinstance(atom, Symbol) and any(i.base.label == atom for i in e.atoms(Indexed))


def added(kinds: Iterable[str | None]) -> str | None:
    """The curvature of a sum."""
    found = set(kinds) - {CONSTANT}
    if not found:
        return CONSTANT
    if None in found or {CONVEX, CONCAVE} <= found:
        return None
    return next((k for k in (CONVEX, CONCAVE) if k in found), AFFINE)


def turned(kind: str | None) -> str | None:
    """The curvature of the negative."""
    return {CONVEX: CONCAVE, CONCAVE: CONVEX}.get(kind or "", kind)


def _add(c: Curvature, e: Expr) -> str | None:
    found = added(c.of(a) for a in e.args)
    if found is None:
        joined = merged(e)
        if joined != e:
            return c.of(joined)
    return found


def merged(e: Expr) -> Expr:
    """Sums over the same axis as one sum, in whose body equal terms cancel."""
    bodies: dict[Expr, Expr] = {}
    rest = sympy.S.Zero
    fresh = sympy.Dummy("j", integer=True, nonnegative=True)
    for term in sympy.Add.make_args(e):
        factor, sums = term.as_independent(functions.Sum, as_Add=False)
        if isinstance(sums, functions.Sum):
            body = factor * sums.body.xreplace({sums.index: fresh})
            bodies[sums.size] = bodies.get(sums.size, sympy.S.Zero) + body
        else:
            rest += term
    return rest + sympy.Add(
        *(functions.Sum(sympy.expand(body), fresh, size) for size, body in bodies.items())
    )


def _mul(c: Curvature, e: Expr) -> str | None:
    varying = [a for a in e.args if c.of(a) != CONSTANT]
    if len(varying) != 1:
        return None
    kind = c.of(varying[0])
    if kind == AFFINE:
        return AFFINE
    s = c.sign(sympy.Mul(*(a for a in e.args if a is not varying[0])))
    if s in ("+", ">=", "0"):
        return kind
    return turned(kind) if s in ("-", "<=") else None


def _pow(c: Curvature, e: Expr) -> str | None:
    base, power = e.args
    if c.of(power) != CONSTANT:
        return None
    kind, s = c.of(base), c.sign(base)
    if kind == AFFINE and power.is_Integer and power > 0 and power % 2 == 0:
        return c.because("an even power of an affine expression is convex", CONVEX)
    above = c.sign(power - 1)
    if kind in (AFFINE, CONVEX) and s in ("+", ">=") and above in ("+", ">=", "0"):
        return c.because("a power of at least 1 of what is convex and not negative is convex", CONVEX)
    if kind in (AFFINE, CONCAVE) and s == "+" and c.sign(power) == "-":
        return c.because("a negative power of what is concave and positive is convex", CONVEX)
    if kind in (AFFINE, CONCAVE) and s in ("+", ">=") and c.sign(power) == "+" and above in ("-", "<=", "0"):
        return c.because("a power below 1 of what is concave and not negative is concave", CONCAVE)
    return None


def _increasing_convex(c: Curvature, e: Expr) -> str | None:
    kinds = [c.of(a) for a in e.args[:1]]
    if all(k in (AFFINE, CONVEX, CONSTANT) for k in kinds):
        return c.because(f"{_word(e)} is convex and increasing, and its argument convex", CONVEX)
    return None


def _word(e: Expr) -> str:
    return getattr(type(e), "function_name", type(e).__name__)


def _log(c: Curvature, e: Expr) -> str | None:
    inner = e.args[-1]
    if isinstance(inner, functions.sigmoid) and c.of(inner.args[0]) in (AFFINE, CONCAVE):
        return c.because("log σ(a) = -softplus(-a) is concave and increasing", CONCAVE)
    rest = 1 - inner
    if isinstance(rest, functions.sigmoid) and c.of(rest.args[0]) in (AFFINE, CONVEX):
        return c.because("log(1 - σ(a)) = -softplus(a) is concave and decreasing", CONCAVE)
    if c.of(inner) in (AFFINE, CONCAVE) and c.sign(inner) in ("+", ">="):
        return c.because("the logarithm is concave and increasing", CONCAVE)
    return None


def _xlogy(c: Curvature, e: Expr) -> str | None:
    weight, argument = e.args
    if c.of(weight) != CONSTANT:
        return None
    kind, s = _log(c, sympy.log(argument, evaluate=False)), c.sign(weight)
    if s in ("+", ">=", "0"):
        return kind
    return turned(kind) if s in ("-", "<=") else None


def _abs(c: Curvature, e: Expr) -> str | None:
    (inner,) = e.args
    if c.of(inner) == AFFINE:
        return c.because("the absolute value of an affine expression is convex", CONVEX)
    return c.of(inner) if c.sign(inner) in ("+", ">=") else None


def _maximum(c: Curvature, e: Expr) -> str | None:
    if all(c.of(a) in (CONSTANT, AFFINE, CONVEX) for a in e.args[:2]):
        return c.because("the larger of two convex expressions is convex", CONVEX)
    return None


def _body(c: Curvature, e: Expr) -> tuple[str | None, Expr]:
    body, fresh = functions.open_binder(e)
    c.facts = c.facts.knowing(fresh, Range(sympy.S.Zero, sympy.oo, False))
    return c.of(body), body


def _sum(c: Curvature, e: Expr) -> str | None:
    return c.because("a sum keeps convexity", _body(c, e)[0])


def _axis_max(c: Curvature, e: Expr) -> str | None:
    kind, _ = _body(c, e)
    if kind in (CONSTANT, AFFINE, CONVEX):
        return c.because("the largest of convex expressions is convex", CONVEX)
    return None


def _norm(c: Curvature, e: Expr) -> str | None:
    kind, body = _body(c, e)
    if kind == AFFINE or (kind == CONVEX and c.sign(body) in ("+", ">=")):
        return c.because("a norm of affine expressions is convex", CONVEX)
    return None


def _logsumexp(c: Curvature, e: Expr) -> str | None:
    kind, _ = _body(c, e)
    if kind in (AFFINE, CONVEX):
        return c.because("log-sum-exp is convex and increasing", CONVEX)
    return None


def _log_softmax(c: Curvature, e: Expr) -> str | None:
    kind, _ = _body(c, e)
    if kind == AFFINE:
        return c.because("log softmax is an affine expression less log-sum-exp, which is convex", CONCAVE)
    return None


def _cases(c: Curvature, e: Expr) -> str | None:
    if any(c._varies(condition) for _, condition in e.pairs):
        return None
    kinds = {c.of(value) for value, _ in e.pairs if value not in (sympy.oo, -sympy.oo)}
    return added(kinds) if None not in kinds else None


_RULES: dict[type, Callable[[Curvature, Expr], str | None]] = {
    sympy.Add: _add,
    sympy.Mul: _mul,
    sympy.Pow: _pow,
    sympy.exp: _increasing_convex,
    functions.softplus: _increasing_convex,
    sympy.log: _log,
    functions.xlogy: _xlogy,
    sympy.Abs: _abs,
    functions.maximum: _maximum,
    functions.Sum: _sum,
    functions.AxisMax: _axis_max,
    functions.Norm: _norm,
    functions.LogSumExp: _logsumexp,
    functions.LogSoftmax: _log_softmax,
    functions.Cases: _cases,
}
"""The curvature of a function by its kind. A rule is added here, and tested by the same test as all others."""
