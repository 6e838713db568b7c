"""The third question: does the loss reward what is wanted? Minimisers, statistics, scores, margins."""

from __future__ import annotations

from collections.abc import Sequence

import mpmath
import sympy
from sympy import Expr

from symloss.analyze.algebra import is_zero, readable
from symloss.analyze.answer import PROVEN, REFUTED, Answer, in_words
from symloss.analyze.chart import Segment, Undecided, chart
from symloss.analyze.differentiability import between, equation, joints, require_defined
from symloss.analyze.extremes import extremes, limit_in
from symloss.analyze.facts import Range
from symloss.analyze.links import link_of, one_side, proven_convex, stretches, two
from symloss.analyze.pieces import Piece, Pieces, resolved_at, slope
from symloss.analyze.sampling import environment, value_of
from symloss.analyze.scope import asked, covering
from symloss.analyze.signs import positive, sign
from symloss.analyze.slices import Slice
from symloss.domains import Sign

__all__ = ["calibrated", "margins", "minimiser", "monotone", "proper", "upper_bound"]


# --- minimisers -------------------------------------------------------------------------------------------


def minimiser(slices: Sequence[Slice]) -> Answer:
    """Where the loss is least, for each label."""
    return asked(slices, _minimiser)


def _minimiser(slices: Sequence[Slice]) -> Answer:
    texts: list[str] = []
    for s, pieces in zip(slices, require_defined(slices), strict=True):
        if any(j.order == 0 for j in joints(s, pieces)):
            raise Undecided("where a loss that jumps is least")
        texts.append(_least(s, pieces) + (f" where {s.label}" if s.label and len(slices) > 1 else ""))
    return Answer(texts if len(texts) > 1 else texts[0], PROVEN,
                  "The gradient is negative before and positive behind, by its chart of signs.")  # fmt: skip


def _slopes(pieces: Pieces) -> list[Segment]:
    found: list[Segment] = []
    for piece in pieces.pieces:
        found += chart(slope(piece.expr, pieces.x), pieces.x, piece.lower, piece.upper, pieces.facts)
    return found


def _least(s: Slice, pieces: Pieces) -> str:
    parts = _slopes(pieces)
    signs = [p.sign for p in parts]
    if any(x in (">=", "<=") for x in signs):
        for upper in (False, True):
            if limit_in(pieces.pieces[-1 if upper else 0], pieces, upper) == -sympy.oo:
                return f"none: it falls as {s.meaning} → {in_words(pieces.upper if upper else pieces.lower)}"
        raise Undecided("whether the gradient is 0 on a part")
    falling = [p for p in parts if p.sign == "-"]
    flat = [p for p in parts if p.sign == "0"]
    rising = [p for p in parts if p.sign == "+"]
    if signs != ["-"] * len(falling) + ["0"] * len(flat) + ["+"] * len(rising):
        if not rising and signs[-1] == "0":  # it never rises, and is flat at the end
            return between(s.meaning, [p for p in parts if p.sign == "-"][-1].upper, pieces.upper).replace(
                ">", "≥"
            )
        if not falling and signs[0] == "0":
            return between(s.meaning, pieces.lower, rising[0].lower).replace("<", "≤")
        return _several(s, pieces)
    if flat:
        return between(s.meaning, flat[0].lower, flat[-1].upper).replace("<", "≤").replace(">", "≥")
    if not rising:
        return _at_end(s, pieces, upper=True)
    return equation(s, readable(rising[0].lower)) if falling else _at_end(s, pieces, upper=False)


def _at_end(s: Slice, pieces: Pieces, upper: bool) -> str:
    end = pieces.upper if upper else pieces.lower
    if pieces.closed[1 if upper else 0]:
        return equation(s, end)
    return f"none: it falls as {s.meaning} → {in_words(end)}"


def _several(s: Slice, pieces: Pieces) -> str:
    found = extremes(pieces)
    where = (
        equation(s, found.lowest_at)
        if not found.lowest_at.is_infinite
        else between(s.meaning, *_outer(pieces, found.lowest_at))
    )
    return f"not one valley; the infimum {found.infimum} belongs to {where}"


def _outer(pieces: Pieces, end: Expr) -> tuple[Expr, Expr]:
    """The outermost monotone part on the side of an infinite end."""
    part = _slopes(pieces)[0 if end == -sympy.oo else -1]
    return part.lower, part.upper


# --- probabilities ----------------------------------------------------------------------------------------


def proper(slices: Sequence[Slice]) -> Answer:
    """Whether the loss is a strictly proper scoring rule, of the probability or of its link."""
    found = asked(slices, _proper, inside=False)
    if found.value is not None:
        return found
    shown = asked(slices, _improper, inside=False)
    return shown if shown.value is False else found


def _proper(slices: Sequence[Slice]) -> Answer:
    link, weight = link_of(slices)
    s = slices[0]
    unit = s.domain.lower == 0 and s.domain.upper == 1
    if not unit and s.loss.argument(s.at[0][0]).domain == Sign:
        return Answer(True, PROVEN, f"It is a proper composite loss: the expected gradient is w·(g - q) with w = "
                      f"{weight} > 0 and g = {link} increasing, so the best score tells the probability q as g(score).",
                      details={"strictly": True, "link": link})  # fmt: skip
    if not unit:
        if not is_zero(link - _inverse_logit(s.x)):
            raise Undecided(f"whether {link} is meant as the probability")
        return Answer(True, PROVEN, f"The expected gradient is w·({link} - q) with w = {weight} > 0: it is 0 where "
                      f"{link} is the true probability q, and there only.",
                      details={"strictly": True, "link": "logit"})  # fmt: skip
    if is_zero(link - s.x):
        return Answer(True, PROVEN, f"The expected gradient is w·({s.x} - q) with w = {weight} > 0, so the expected "
                      "loss is least at the true probability q, and there only (Gneiting and Raftery 2007).",
                      details={"strictly": True})  # fmt: skip
    raise Undecided(f"whether {link} is the probability")


def _inverse_logit(x: sympy.Symbol) -> Expr:
    return 1 / (1 + sympy.exp(-x))


def _improper(slices: Sequence[Slice]) -> Answer:
    """A true probability q at which another prediction has the lower expected loss, checked with 50 digits."""
    (zero, _), (one, _) = two(slices)
    loss = zero.loss
    if loss.argument(zero.at[0][0]).domain == Sign:
        return _no_link(slices)
    unit = zero.domain.lower == 0 and zero.domain.upper == 1
    places = [k / 32 for k in range(1, 32)]

    def at(p: float) -> tuple:
        with mpmath.workdps(50):
            x = mpmath.mpf(p) if unit else mpmath.log(mpmath.mpf(p) / (1 - mpmath.mpf(p)))
            return tuple(value_of(loss, environment(s, x)) for s in (zero, one))

    values = {p: at(p) for p in places}
    best = None
    for q in places:
        honest = (1 - mpmath.mpf(q)) * values[q][0] + q * values[q][1]
        beside = (
            [q + side * 2.0**-k for k in range(6, 20, 2) for side in (-1, 1)] if q in (0.25, 0.75) else []
        )
        values.update({p: at(p) for p in beside})
        for p in (*places, *beside):
            gain = honest - ((1 - mpmath.mpf(q)) * values[p][0] + q * values[p][1])
            if gain > mpmath.mpf(10) ** -20 and (best is None or gain > best[0]):
                best = gain, q, p
    if best is None:
        raise Undecided("whether the rule is proper")
    gain, q, p = best
    fixed = [s.at_defaults() for s in slices]
    return covering(
        Answer(False, REFUTED, f"Where the true probability is {q}, predicting {p} costs less than predicting {q}.",
               counterexample={"true_probability": q, "prediction": p, "cheaper_by": mpmath.nstr(gain, 8),
                               "paste": _expected(zero, one, q, p, unit)}),
        fixed,
    )  # fmt: skip


def _no_link(slices: Sequence[Slice]) -> Answer:
    """Two true probabilities with one best score: then the score cannot tell them apart."""
    (first, zero), (second, one) = two(slices)
    if not (proven_convex(first, zero) and proven_convex(second, one)):
        raise Undecided("whether the score tells the probability")
    probabilities = (sympy.Rational(3, 5), sympy.Rational(4, 5))
    for cut in (*one.breakpoints, *zero.breakpoints):
        sides = [
            [(1 - q) * one_side(zero.derivative(), upper, cut) + q * one_side(one.derivative(), upper, cut)
             for upper in (True, False)]
            for q in probabilities
        ]  # fmt: skip
        if all(sign(a, one.facts) == "-" and sign(b, one.facts) == "+" for a, b in sides):
            return Answer(
                False, REFUTED, f"Both for the true probability 3/5 and for 4/5 the best score is {cut}: it tells "
                "which label is likelier, and not how likely.",
                counterexample={"true_probabilities": list(probabilities), "best_score": cut},
            )  # fmt: skip
    raise Undecided("whether the score tells the probability")


def _expected(zero: Slice, one: Slice, q: float, p: float, unit: bool) -> str:
    loss = zero.loss
    x = "x" if unit else "math.log(x / (1 - x))"
    labels = [int(s.at[0][1]) for s in (zero, one)]
    order = ", ".join(f"[{x}] * 2" if i.name == zero.wrt else str(labels) for i in loss.inputs)
    keywords = "".join(f", {name.name}={name.default}" for name in loss.parameters)
    start = "" if unit else "import math; "
    return (
        f"{start}f = loss.load().value; "
        f"[{1 - q} * a + {q} * b for x in ({q}, {p}) for a, b in [f({order}{keywords}, reduction='none')]]"
    )


# --- margins ----------------------------------------------------------------------------------------------


def margins(slices: Sequence[Slice]) -> tuple[Slice, Pieces, bool]:
    """The loss of the margin φ(m), and whether both labels have the same φ. Raises Undecided."""
    (_, low), (high_slice, high) = two(slices)
    if high_slice.domain != Range():
        raise Undecided("a margin that is bounded")
    same = len(low.pieces) == len(high.pieces) and all(
        is_zero(a.expr - b.expr.xreplace({high.x: -high.x}))
        for a, b in zip(low.pieces, reversed(high.pieces), strict=True)
    ) and all(is_zero(a + b) for a, b in zip(low.breakpoints, reversed(high.breakpoints), strict=True))  # fmt: skip
    return high_slice, high, same


def monotone(slices: Sequence[Slice]) -> Answer:
    """Whether the loss does not increase with the margin."""
    return asked(slices, _monotone)


def _monotone(slices: Sequence[Slice]) -> Answer:
    (low_slice, low), (high_slice, high) = two(slices)
    for s, pieces, wanted in ((high_slice, high, ("-", "<=", "0")), (low_slice, low, ("+", ">=", "0"))):
        if any(j.order == 0 for j in joints(s, pieces)):
            raise Undecided("whether a loss that jumps is monotone")
        for part in _slopes(pieces):
            if part.sign not in wanted:
                where = between(s.meaning, part.lower, part.upper)
                return Answer(False, PROVEN, f"Where {s.label} it increases with the margin on {where}.")
    return Answer(True, PROVEN, "The gradient never points against the label.")


def calibrated(slices: Sequence[Slice]) -> Answer:
    """Whether the loss is classification-calibrated."""
    return asked(slices, _calibrated, inside=False)


def _calibrated(slices: Sequence[Slice]) -> Answer:
    if slices[0].domain.upper == 1:
        return _calibrated_by_link(slices, sympy.S.Half)
    s, pieces, same = margins(slices)
    if not same:
        return _calibrated_by_link(slices)
    gradients = pieces.derivative()
    at_zero = [one_side(gradients, upper=True), one_side(gradients, upper=False)]
    is_convex = proven_convex(s, pieces)
    if is_convex:
        if not is_zero(at_zero[0] - at_zero[1]):
            return Answer(False, PROVEN, f"A convex loss of the margin is calibrated only if it is differentiable at "
                          f"0; the slopes there are {at_zero[0]} and {at_zero[1]} (Bartlett, Jordan and McAuliffe "
                          "2006, theorem 2).")  # fmt: skip
        down = sign(at_zero[0], pieces.facts)
        reason = (
            f"The loss is a convex function of the margin, with the derivative {readable(at_zero[0])} at 0"
        )
        if down == "-":
            return Answer(
                True, PROVEN, f"{reason}, which is negative (Bartlett, Jordan and McAuliffe 2006, theorem 2)."
            )
        if down in ("0", "+", ">="):
            return Answer(False, PROVEN, f"{reason}, which is not negative (Bartlett, Jordan and McAuliffe 2006, "
                          "theorem 2).")  # fmt: skip
        raise Undecided(f"the sign of the derivative {at_zero[0]} at the margin 0")
    return _calibrated_by_symmetry(slices, s, pieces)


def _calibrated_by_symmetry(slices: Sequence[Slice], s: Slice, pieces: Pieces) -> Answer:
    """φ(m) + φ(−m) constant and φ not rising: then the best score has the sign of the likelier label.

    The conditional risk is (1 − q)·K + (2q − 1)·φ(m), so all that is asked is inf φ over m > 0 < inf φ over m ≤ 0.
    """
    (_, low), (_, high) = two(slices)
    if any(j.order == 0 for j in joints(s, pieces)):
        raise Undecided("whether a loss that jumps is calibrated")
    constant = all(is_zero(g0 + g1) for _, _, g0, g1 in stretches(low, high))
    if constant and all(part.sign in ("-", "0", "<=") for part in _slopes(pieces)):
        end = limit_in(pieces.pieces[-1], pieces, upper=True)
        at_zero = resolved_at(s.expr, s.x, sympy.S.Zero, pieces.facts)
        if at_zero is not None and (end == -sympy.oo or positive(at_zero - end, pieces.facts)):
            return Answer(True, PROVEN, "The losses of m and -m add up to a constant and the loss does not rise, so "
                          "the best score has the sign of the likelier label "
                          "(Charoenphakdee et al. 2019).")  # fmt: skip
    return _calibrated_by_link(slices)


def _calibrated_by_link(slices: Sequence[Slice], threshold: Expr = sympy.S.Zero) -> Answer:
    """The best score is above the threshold where the label 1 is likelier, if the link maps the threshold to 1/2."""
    link, _ = link_of(slices)
    at_zero = link.xreplace({slices[0].x: threshold})
    if is_zero(at_zero - sympy.S.Half):
        return Answer(
            True, PROVEN, f"The best score is above {threshold} exactly where the label 1 is likelier."
        )
    s = sign(at_zero - sympy.S.Half, slices[0].facts)
    if s in ("+", "-"):
        return Answer(False, PROVEN, f"The best score passes {threshold} where the probability is {at_zero}, not 1/2: "
                      "the loss weighs one class more.", details={"threshold": at_zero})  # fmt: skip
    raise Undecided(f"whether {at_zero} is 1/2")


def upper_bound(slices: Sequence[Slice]) -> Answer:
    """Whether the loss is at least 1 wherever the sign is wrong, and nowhere negative."""
    return asked(slices, _upper_bound)


def _upper_bound(slices: Sequence[Slice]) -> Answer:
    least_wrong: list[Expr] = []
    for (s, pieces), wrong_above in zip(two(slices), (True, False), strict=True):
        if s.domain != Range():
            raise Undecided("a margin that is bounded")
        facts = pieces.facts
        if any(j.order == 0 for j in joints(s, pieces)):
            raise Undecided("the least value of a loss that jumps")
        if sign(extremes(pieces).infimum, facts) not in ("+", "0", ">="):
            return Answer(False, PROVEN, "The loss can be negative.")
        least_wrong.append(_least_beyond_zero(pieces, wrong_above))
    at_zero = resolved_at(slices[0].expr, slices[0].x, sympy.S.Zero, slices[0].facts)
    facts = slices[0].facts
    signs = [sign(value - 1, facts) for value in least_wrong]
    values = " and ".join(dict.fromkeys(str(readable(v)) for v in least_wrong))
    if all(x in ("+", "0", ">=") for x in signs):
        return Answer(True, PROVEN, f"It is nowhere negative, and at least {values} where the sign is wrong.")
    if any(x == "-" for x in signs):
        factor = (
            f"; divided by {readable(at_zero)} it would be"
            if at_zero is not None and positive(at_zero, facts)
            else ""
        )
        return Answer(
            False, PROVEN, f"Where the sign is wrong the loss comes down to {values}, less than 1{factor}."
        )
    raise Undecided(f"whether {values} is at least 1")


def _least_beyond_zero(pieces: Pieces, above: bool) -> Expr:
    """The infimum for x > 0 (``above``) or x < 0."""
    kept = []
    for p in pieces.pieces:
        low, high = p.lower, p.upper
        zero = sympy.S.Zero
        if above and (high == sympy.oo or sign(high, pieces.facts) == "+"):
            kept.append(
                Piece(
                    low if low != -sympy.oo and sign(low, pieces.facts) in ("+", "0") else zero, high, p.expr
                )
            )
        if not above and (low == -sympy.oo or sign(low, pieces.facts) == "-"):
            kept.append(
                Piece(
                    low, high if high != sympy.oo and sign(high, pieces.facts) in ("-", "0") else zero, p.expr
                )
            )
    return extremes(Pieces(pieces.x, tuple(kept), pieces.facts)).infimum
