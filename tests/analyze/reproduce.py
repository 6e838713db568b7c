"""Holds what the review finds against what was published: each claim is reproduced, still open, or contradicted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sympy
from literature import PUBLISHED, Published, loss_of
from sympy import Expr

from symloss.analyze.answer import PROVEN, REFUTED, UNKNOWN, Answer
from symloss.analyze.characteristics import Characteristics
from symloss.value import Loss, exact

__all__ = ["Outcome", "formula", "held", "outcomes"]


@dataclass(frozen=True)
class Outcome:
    """One claim: what was published, what the review found, and how sure it is of it."""

    row: Published
    claim: str
    published: Any
    found: Any
    status: str
    holds_for: str
    agrees: bool | None

    @property
    def verdict(self) -> str:
        """reproduced (proven, or refuted with a counterexample), sampled, open, or contradicted."""
        if self.agrees is False:
            return "contradicted"
        if self.agrees is None or self.status == UNKNOWN:
            return "open"
        return "reproduced" if self.status in (PROVEN, REFUTED) else "sampled"


def outcomes() -> Iterator[Outcome]:
    """Every claim of the table."""
    for row in PUBLISHED:
        loss = loss_of(row)
        yield from held(row, loss, loss.characteristics())


def held(row: Published, loss: Loss, characteristics: Characteristics) -> Iterator[Outcome]:
    """The claims of a row against the characteristics of its loss."""
    for claim, published in row.claims.items():
        answer, found, agrees = _READERS[claim](row, loss, characteristics, published)
        status = answer.status if answer is not None and found is not None else UNKNOWN
        covers = answer.holds_for if answer is not None else ""
        yield Outcome(row, claim, published, found, status, covers, agrees if status != UNKNOWN else None)


Reader = Callable[[Published, Loss, Characteristics, Any], tuple[Answer | None, Any, bool | None]]


def _answer(c: Characteristics, key: str) -> Answer | None:
    try:
        found = c[key]
    except KeyError:
        return None
    return found if found.status != UNKNOWN else None


def _value(answer: Answer | None, published: Any) -> tuple[Answer | None, Any, bool | None]:
    return (None, None, None) if answer is None else (answer, answer.value, answer.value == published)


# --- yes or no --------------------------------------------------------------------------------------------


def _verdict(key: str) -> Reader:
    def read(row: Published, loss: Loss, c: Characteristics, published: Any):
        return _value(_answer(c, key), published)

    return read


def _strictly_proper(row: Published, loss: Loss, c: Characteristics, published: Any):
    answer = _answer(c, "proper")
    if answer is None:
        return None, None, None
    found = bool(answer.value and answer.details.get("strictly"))
    return answer, found, found == published


def _dead_zone(row: Published, loss: Loss, c: Characteristics, published: Any):
    answer = _answer(c, "dead_zones")
    found = bool(answer.value) if answer is not None else None
    return answer, found, found == published


def _noise_symmetric(row: Published, loss: Loss, c: Characteristics, published: Any):
    answer = _answer(c, "label_noise")
    found = None if answer is None else answer.value == "tolerant"
    return answer, found, found == published


# --- formulas ---------------------------------------------------------------------------------------------

_WORDS = {"oo": sympy.oo, "exp": sympy.exp, "log": sympy.log, "sqrt": sympy.sqrt, "sign": sympy.sign}
_WORDS |= {"sigmoid": lambda s: 1 / (1 + sympy.exp(-s))}
_WORDS |= {"Max": sympy.Max, "Min": sympy.Min, "p": sympy.Symbol("p", positive=True)}


def formula(text: str, loss: Loss) -> Expr:
    """A formula of the table, or one that an answer says in words, in the symbols of the loss."""
    names = {a.name: a.symbol for a in (*loss.inputs, *loss.parameters) if not a.axes}
    return sympy.sympify(text, locals=_WORDS | names)


def _equal(row: Published, loss: Loss, published: str, found: Expr) -> bool:
    """Whether two formulas are equal at several values of the hyper-parameters, but for those that the row fixes."""
    wanted, found = formula(published, loss), sympy.sympify(found)
    if sympy.oo in (abs(wanted), abs(found)):
        return bool(wanted == found)
    free = [p for p in loss.parameters if p.symbol in wanted.free_symbols | found.free_symbols]
    fixed = {p.symbol: exact(p.default) for p in free if p.name in row.at or not found.free_symbols}
    values = [{p.symbol: _inside(p, k) for p in free} | fixed for k in range(1, 6)]
    return all(abs((wanted - found).subs(v).evalf(30)) < 1e-20 for v in values)


def _inside(p: Any, k: int) -> Expr:
    """Some number of a hyper-parameter's domain."""
    if p.domain.upper == 1:
        return sympy.Rational(2 * k - 1, 11)
    return sympy.Rational(2 * k, 3)


def _constant(key: str, detail: str = "") -> Reader:
    def read(row: Published, loss: Loss, c: Characteristics, published: Any):
        answer = _answer(c, key)
        if answer is None:
            return None, None, None
        found = answer.details.get(detail) if detail else answer.value
        if found is None or isinstance(found, str):
            return None, None, None
        return answer, found, _equal(row, loss, published, found)

    return read


def _bound(detail: str, place: int) -> Reader:
    exact_end = _constant("range", detail)

    def read(row: Published, loss: Loss, c: Characteristics, published: Any):
        """The end of the range; where only bounds are proven, the bound, for that is what such a source says."""
        answer = _answer(c, "range")
        bounds = answer.details.get("bounds") if answer is not None else None
        if bounds is None or detail in answer.details:
            return exact_end(row, loss, c, published)
        return answer, bounds[place], _equal(row, loss, published, bounds[place])

    return read


def _derivatives(row: Published, loss: Loss, c: Characteristics, published: Any):
    answer = _answer(c, "class")
    if answer is None:
        return None, None, None
    found = str(answer.value)[2:].replace("∞", "oo")
    return answer, found, found == str(published)


def _influence(row: Published, loss: Loss, c: Characteristics, published: Any):
    return _value(_answer(c, "influence"), published)


# --- statistics and minimisers ----------------------------------------------------------------------------


def _elicits(row: Published, loss: Loss, c: Characteristics, published: Any):
    """Published as "mean", "median", or the kind and its level, "quantile level"; found as "level-quantile"."""
    answer = _answer(c, "elicits")
    if answer is None:
        return None, None, None
    kind, _, level = str(published).partition(" ")
    if not level:
        return answer, answer.value, answer.value == kind
    same = str(answer.value).endswith(kind) and _equal(row, loss, level, answer.details["level"])
    return answer, answer.value, same


def _minimiser(row: Published, loss: Loss, c: Characteristics, published: Any):
    """The best prediction where the class 1 has the probability p: by its link, which gives p back, or by its steps."""
    answer = _answer(c, "elicits")
    if answer is not None and "best_score" in answer.details:
        return answer, answer.value, _same_steps(loss, published, answer.details["best_score"])
    if answer is None or not str(answer.value).startswith("probability"):
        return None, None, None
    x = loss.argument(loss.differentiated[0]).symbol
    link = answer.value.partition(", as ")[2]
    given = formula(link, loss) if link else x
    best = formula(published, loss)
    parameters = {p.symbol: exact(p.default) for p in loss.parameters}
    back = given.subs(parameters).subs(x, best)
    places = (sympy.Rational(k, 11) for k in (1, 3, 7, 10))
    same = all(abs((back.subs(_WORDS["p"], p) - p).evalf(30)) < 1e-20 for p in places)
    return answer, answer.value, same


def _same_steps(loss: Loss, published: str, steps: list[list[Expr]]) -> bool:
    """Whether the published score is, for some probabilities inside each step, the one that was found."""
    parameters = {p.symbol: exact(p.default) for p in loss.parameters}
    best = formula(published, loss).subs(parameters)
    for low, high, place in steps:
        low, high, place = (sympy.sympify(e).subs(parameters) for e in (low, high, place))
        for share in (sympy.Rational(1, 9), sympy.Rational(5, 7)):
            if abs((best.subs(_WORDS["p"], low + (high - low) * share) - place).evalf(30)) > 1e-20:
                return False
    return True


# --- kinks ------------------------------------------------------------------------------------------------


def _kinks(row: Published, loss: Loss, c: Characteristics, published: Any):
    """Published as differences that are 0 at a kink; found as equations, perhaps with |…| or for both labels."""
    answer = _answer(c, "kinks")
    if answer is None:
        return None, None, None
    x = loss.argument(loss.differentiated[0]).symbol
    wanted = {root for text in published.split(", ") for root in sympy.solve(formula(text, loss), x)}
    got = {root for text in answer.value for root in _roots(text, loss, x)}
    same = all(any(_alike(a, b, loss) for b in got) for a in wanted)
    return answer, answer.value, same and all(any(_alike(a, b, loss) for b in wanted) for a in got)


def _roots(text: str, loss: Loss, x: Expr) -> list[Expr]:
    left, _, right = text.replace("·", "*").partition(" = ")
    right = right.partition(" where ")[0]
    if left.startswith("|"):
        inner, size = formula(left.strip("|"), loss), formula(right, loss)
        return [*sympy.solve(inner - size, x), *sympy.solve(inner + size, x)]
    return sympy.solve(formula(left, loss) - formula(right, loss), x)


def _alike(a: Expr, b: Expr, loss: Loss) -> bool:
    values = {i.symbol: 1 if i.domain.values else sympy.Rational(3, 7) for i in loss.inputs}
    values |= {p.symbol: _inside(p, 2) for p in loss.parameters}
    return abs((a - b).subs(values).evalf(20)) < 1e-15


_READERS: dict[str, Reader] = {
    **{
        claim: _verdict(claim)
        for claim in ("convex", "strictly_convex", "proper", "calibrated", "upper_bound")
    },
    "monotone": _verdict("monotone"),
    "translation": _verdict("translation_invariant"),
    "rotation": _verdict("rotation_invariant"),
    "scale": _verdict("scale_invariant"),
    "strictly_proper": _strictly_proper,
    "dead_zone": _dead_zone,
    "noise_symmetric": _noise_symmetric,
    "lipschitz": _constant("lipschitz"),
    "smoothness": _constant("smoothness"),
    "strongly_convex": _constant("strongly_convex", "constant"),
    "lower": _bound("infimum", 0),
    "upper": _bound("supremum", 1),
    "continuous_derivatives": _derivatives,
    "influence": _influence,
    "elicits": _elicits,
    "minimiser": _minimiser,
    "kinks": _kinks,
}
