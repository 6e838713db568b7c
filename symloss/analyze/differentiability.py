"""The first question: is the loss smooth enough? Kinks, classes, gradients that blow up, dead zones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr

from symloss import functions
from symloss.analyze.algebra import is_zero, readable
from symloss.analyze.answer import PROVEN, REFUTED, Answer
from symloss.analyze.chart import Segment, Undecided, chart
from symloss.analyze.defined import analytic
from symloss.analyze.extremes import limit_in
from symloss.analyze.facts import Facts
from symloss.analyze.pieces import Piece, Pieces, resolved_at, slope
from symloss.analyze.scope import asking
from symloss.analyze.signs import positive, sign
from symloss.analyze.slices import Slice

__all__ = [
    "ANSWERS",
    "Joint",
    "between",
    "differentiability",
    "equation",
    "joints",
    "places_between",
    "require_defined",
]

HIGHEST = 6
"""The order of derivative up to which the two sides of a joint are compared."""


@dataclass(frozen=True)
class Joint:
    """Where two pieces meet.

    ``order`` is that of the first derivative that jumps, or has no finite limit (0: the value itself).
    """

    place: Expr
    order: int
    left: Expr
    right: Expr
    value: Expr | None


def joints(slice_: Slice, pieces: Pieces) -> list[Joint]:
    """The joints of the pieces. Raises Undecided."""
    found = []
    for before, after in zip(pieces.pieces, pieces.pieces[1:], strict=False):
        value = resolved_at(slice_.expr, pieces.x, before.upper, pieces.facts)
        found.append(_joint(before, after, value, pieces))
    for mark in pieces.marks:  # a place where both sides are one formula, and the value another
        if all(not is_zero(mark - b) for b in pieces.breakpoints):
            value = resolved_at(slice_.expr, pieces.x, mark, pieces.facts)
            piece = next(p for p in pieces.pieces if _within(p, mark, pieces.facts))
            either = limit_in(Piece(piece.lower, mark, piece.expr), pieces, upper=True)
            if value is None:
                raise Undecided(f"the value at {pieces.x} = {mark}")
            if not _same(value, either, pieces.facts):
                found.append(Joint(mark, 0, either, either, value))
    return found


def _within(piece: Piece, place: Expr, facts: Facts) -> bool:
    low = piece.lower == -sympy.oo or positive(place - piece.lower, facts)
    return low and (piece.upper == sympy.oo or positive(piece.upper - place, facts))


def _same(a: Expr, b: Expr, facts: Facts) -> bool:
    if a == b or (not a.is_infinite and not b.is_infinite and is_zero(a - b)):
        return True
    if a.is_infinite or b.is_infinite or sign(a - b, facts) in ("+", "-"):
        return False
    raise Undecided(f"whether {a} equals {b}")


def _joint(before: Piece, after: Piece, value: Expr | None, pieces: Pieces) -> Joint:
    left, right = before, after
    for order in range(HIGHEST):
        a, b = limit_in(left, pieces, upper=True), limit_in(right, pieces, upper=False)
        if order == 0 and value is None:
            raise Undecided(f"the value at {pieces.x} = {before.upper}")
        endless = order > 0 and (a.is_infinite or b.is_infinite)
        if endless or not _same(a, b, pieces.facts) or (order == 0 and not _same(a, value, pieces.facts)):
            return Joint(before.upper, order, a, b, value)
        left = Piece(left.lower, left.upper, slope(left.expr, pieces.x))
        right = Piece(right.lower, right.upper, slope(right.expr, pieces.x))
    return Joint(before.upper, HIGHEST, sympy.nan, sympy.nan, value)


def require_defined(slices: Sequence[Slice]) -> list[Pieces]:
    """The pieces of each slice, proven to be real, finite and smooth inside. Raises Undecided."""
    found = []
    for s in slices:
        pieces = s.pieces()
        for piece in pieces.pieces:
            trouble = analytic(piece.expr, pieces.within(piece))
            if trouble is not None:
                raise Undecided(f"whether the formula is defined and smooth everywhere ({trouble})")
        if s.expr.has(functions.Cases, sympy.sign):
            _ends(s, pieces)
        found.append(pieces)
    return found


def _ends(slice_: Slice, pieces: Pieces) -> None:
    """At an end that belongs to the domain a case may give a value of its own."""
    for closed, end, upper in zip(pieces.closed, (pieces.lower, pieces.upper), (False, True), strict=True):
        if not closed:
            continue
        value = resolved_at(slice_.expr, pieces.x, end, pieces.facts)
        limit = limit_in(pieces.pieces[-1 if upper else 0], pieces, upper)
        if value is None or (
            not value.has(sympy.zoo, sympy.oo, sympy.nan) and not _same(value, limit, pieces.facts)
        ):
            raise Undecided(f"the value at {pieces.x} = {end}, which differs from the limit")


def equation(slice_: Slice, place: Expr) -> str:
    """The place as an equation of the arguments."""
    return f"{slice_.meaning} = {place}"


def places(slices: Sequence[Slice], found: Sequence[Sequence[Expr]]) -> list[str]:
    """Places as equations, two that mirror each other as one: ``|prediction - target| = delta``."""
    signs = _by_sign(slices, found)
    if signs is not None:
        return signs
    words: list[str] = []
    for s, of_slice in zip(slices, found, strict=True):
        rest = list(of_slice)
        where = f" where {s.label}" if s.label and len(slices) > 1 else ""
        while rest:
            place = rest.pop()
            mirrored = next((o for o in rest if place != 0 and is_zero(place + o)), None)
            if mirrored is not None:
                rest.remove(mirrored)
                text = f"|{s.meaning}| = {place}"
            else:
                text = equation(s, place)
            words.append(text + where)
    return list(dict.fromkeys(words))


def _by_sign(slices: Sequence[Slice], found: Sequence[Sequence[Expr]]) -> list[str] | None:
    """One equation of the margin where the slices of the labels 1 and -1 mirror each other."""
    labels = [s.at for s in slices]
    if len(slices) != 2 or any(len(at) != 1 for at in labels):
        return None
    values = {int(at[0][1]): places for at, places in zip(labels, found, strict=True) if at[0][1].is_Integer}
    if set(values) != {-1, 1} or len(values[1]) != len(values[-1]):
        return None
    if not all(any(is_zero(p + o) for o in values[-1]) for p in values[1]):
        return None
    meaning = slices[0].meaning
    text = f"({meaning})" if isinstance(meaning, sympy.Add) else str(meaning)
    return [f"{labels[0][0][0]}·{text} = {p}" for p in values[1]]


# --- the answers ------------------------------------------------------------------------------------------


def differentiability(slices: Sequence[Slice]) -> dict[str, Answer]:
    """All answers of the first question about an elementwise loss."""
    return {key: question(slices) for key, question in ANSWERS.items()}


def _found(slices: Sequence[Slice]) -> list[list[Joint]]:
    return [joints(s, p) for s, p in zip(slices, require_defined(slices), strict=True)]


def _continuous(slices: Sequence[Slice]) -> Answer:
    found = _found(slices)
    for s, of_slice in zip(slices, found, strict=True):
        for joint in of_slice:
            if joint.order == 0:
                return Answer(
                    False,
                    REFUTED,
                    f"At {equation(s, joint.place)} the value goes from {joint.left} to {joint.right}"
                    + (f", and is {joint.value} there." if joint.value is not None else "."),
                    counterexample={"at": equation(s, joint.place), "from": joint.left, "to": joint.right},
                )
    count = sum(map(len, found))
    if count:
        return Answer(True, PROVEN, "The formulas on both sides of each joint have the same limit there.")
    return Answer(True, PROVEN, "One formula of continuous functions, defined on the whole domain.")


def _class(slices: Sequence[Slice]) -> Answer:
    found = [(s, j) for s, of_slice in zip(slices, _found(slices), strict=True) for j in of_slice]
    if not found:
        return Answer(
            "C^∞", PROVEN, "One formula of functions that have derivatives of every order inside the domain."
        )
    order = min(j.order for _, j in found)
    where = places(slices, [[j.place for s, j in found if s is one and j.order == order] for one in slices])
    inside = "Inside each region the formula has derivatives of every order"
    if order == HIGHEST:
        return Answer(
            f"at least C^{order - 1}",
            PROVEN,
            f"{inside}; at the joints, derivatives up to {order - 1} agree.",
        )
    if order == 0:
        return Answer("not continuous", PROVEN, f"The value jumps at {'; '.join(where)}. {inside}.")
    name = {1: "first", 2: "second", 3: "third"}.get(order, f"{order}th")
    jumps = "jumps" if all(_jumps(j) for _, j in found if j.order == order) else "jumps or has no bound"
    return Answer(
        f"C^{order - 1}",
        PROVEN,
        f"{inside}; the {name} derivative {jumps} at {'; '.join(where)}.",
        details={"regions": "C^∞ inside each region"},
    )


def _jumps(joint: Joint) -> bool:
    """Whether the two limits differ: the same infinity on both sides is no jump."""
    return joint.left != joint.right


def _kinks(slices: Sequence[Slice]) -> Answer:
    found = [[j for j in of_slice if j.order in (0, 1, 2)] for of_slice in _found(slices)]
    sharp = [[j.place for j in of_slice if j.order <= 1] for of_slice in found]
    words = places(slices, sharp)
    listed: list[dict[str, Any]] = [
        {
            "where": equation(s, j.place),
            **({"label": s.label} if s.label else {}),
            "derivative_that_jumps": j.order,
            "left": readable(j.left),
            "right": readable(j.right),
            "value": None if j.value is None else readable(j.value),
        }
        for s, of_slice in zip(slices, found, strict=True)
        for j in of_slice
    ]
    details: dict[str, Any] = {"joints": listed} if listed else {}
    convention = slices[0].loss.kinks
    if convention:
        details["convention"] = convention
    if not words:
        bends = places(slices, [[j.place for j in of_slice] for of_slice in found])
        text = f"; the second derivative jumps at {'; '.join(bends)}" if bends else ""
        return Answer([], PROVEN, f"The first derivative has no jump{text}.", details=details)
    text = ", ".join(
        f"{k['left']} | {k['right']} at {k['where']}" for k in listed if k["derivative_that_jumps"] == 1
    )
    return Answer(words, PROVEN, f"The one-sided derivatives differ: {text}." if text else "The value jumps.",
                  details=details)  # fmt: skip


def _blow_up(slices: Sequence[Slice]) -> Answer:
    found: list[str] = []
    for s, pieces in zip(slices, require_defined(slices), strict=True):
        where = f" (where {s.label})" if s.label and len(slices) > 1 else ""
        gradient = pieces.derivative()
        for piece in gradient.pieces:
            for upper, end in ((False, piece.lower), (True, piece.upper)):
                if end.is_infinite:
                    continue
                value = limit_in(piece, gradient, upper)
                if value.is_infinite:
                    side = "from below" if upper else "from above"
                    goes = "∞" if value == sympy.oo else "-∞"
                    found.append(f"the gradient goes to {goes} as {s.meaning} → {end} {side}{where}")
    text = "The limits of the gradient at the finite ends of every region"
    if not found:
        return Answer([], PROVEN, f"{text} are finite.")
    return Answer(found, PROVEN, f"{text} were taken.")


def _dead_zones(slices: Sequence[Slice]) -> Answer:
    found: list[str] = []
    for s, pieces in zip(slices, require_defined(slices), strict=True):
        where = f" where {s.label}" if s.label and len(slices) > 1 else ""
        for piece in pieces.pieces:
            for part in chart(slope(piece.expr, pieces.x), pieces.x, piece.lower, piece.upper, pieces.facts):
                if part.sign in (">=", "<=") and not _strict_somewhere(part, piece, pieces):
                    raise Undecided("whether the gradient is 0 on a part")
                if part.sign == "0":
                    found.append(between(s.meaning, part.lower, part.upper) + where)
    argument = (
        "The gradient is the number 0 there." if found else "On no region is the gradient identically 0."
    )
    return Answer(found, PROVEN, argument)


def _strict_somewhere(part: Segment, piece: Piece, pieces: Pieces) -> bool:
    """Whether the gradient differs from 0 at one place, and so, being analytic, but for single places."""
    gradient = slope(piece.expr, pieces.x)
    places = places_between(part.lower, part.upper)
    return any(sign(gradient.xreplace({pieces.x: p}), pieces.facts) in ("+", "-") for p in places)


def places_between(low: Expr, high: Expr) -> list[Expr]:
    """Some places inside an interval."""
    if low == -sympy.oo and high == sympy.oo:
        return [sympy.S.One, -sympy.S.One, sympy.S.Zero]
    if low == -sympy.oo:
        return [high - 1, high - 2]
    return [low + 1, low + 2] if high == sympy.oo else [(low + high) / 2, (2 * low + high) / 3]


def between(what: Expr, lower: Expr, upper: Expr) -> str:
    """An interval in words: ``score > 1``."""
    if lower == -sympy.oo and upper == sympy.oo:
        return f"every {what}"
    if upper == sympy.oo:
        return f"{what} > {lower}"
    return f"{what} < {upper}" if lower == -sympy.oo else f"{lower} < {what} < {upper}"


ANSWERS: dict[str, Callable[[Sequence[Slice]], Answer]] = {
    "continuous": asking(_continuous),
    "class": asking(_class),
    "kinks": asking(_kinks),
    "blow_up": asking(_blow_up),
    "dead_zones": asking(_dead_zones),
}
"""What answers each part of the first question."""
