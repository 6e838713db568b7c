"""Convexity of a function by pieces: the second derivative inside, the jumps of the first at the joints."""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy import Expr

from symloss.analyze.answer import PROVEN, REFUTED, SAMPLED, Answer
from symloss.analyze.chart import Segment, Undecided, chart
from symloss.analyze.differentiability import between, equation, joints, require_defined
from symloss.analyze.extremes import extremes, lowest
from symloss.analyze.pieces import Piece, Pieces, slope
from symloss.analyze.sampling import POINTS, not_convex, not_convex_near
from symloss.analyze.scale import over_labels
from symloss.analyze.scope import asked, covering
from symloss.analyze.signs import positive, sign
from symloss.analyze.slices import Slice
from symloss.value import exact

__all__ = ["convex", "convex_pieces", "strictly_convex", "strongly_convex"]


def convex(slices: Sequence[Slice]) -> Answer:
    """Whether the loss is convex in its prediction, whatever the labels."""
    fixed = [s.at_defaults() for s in slices]
    try:
        found = covering(_convex(slices), slices)
    except (Undecided, sympy.PolynomialError):
        shown = next(filter(None, map(not_convex, slices)), None)
        if shown is not None:  # before the rules are asked at the defaults, which takes longer
            above = f"Between two values of {slices[0].wrt} the loss lies above the chord."
            return covering(Answer(False, REFUTED, above, counterexample=shown), fixed)
        # A limit of convex functions is convex: the ends of the domains take nothing away.
        found = asked(slices, _convex, inside=False)
    if found.value is True:
        return found
    for s in slices:
        shown = not_convex(s)
        if shown is None and s == found.details.get("slice"):
            shown = not_convex_near(s, *near(found.details, s))
        if shown is not None:
            return covering(
                Answer(
                    False,
                    REFUTED,
                    f"Between two values of {s.wrt} the loss lies above the chord. {found.argument}"
                    if found.value is False
                    else f"Between two values of {s.wrt} the loss lies above the chord.",
                    counterexample=shown,
                ),
                fixed,
            )
    if found.value is False:  # by the rules, though no three numbers show it at the defaults
        return Answer(argument=found.argument + " No counterexample was found at the defaults.")
    return covering(
        Answer(
            True, SAMPLED, f"{found.argument} No three of the numbers that were tried contradict convexity.",
            points=POINTS * len(slices),
        ),
        fixed,
    )  # fmt: skip


def near(details: dict, s: Slice) -> tuple[Expr, Expr]:
    """An interval, at the defaults, in which the loss is not convex."""
    values = {p.symbol: exact(p.default) for p in s.loss.parameters if not p.axes}
    ends = (details["place"],) * 2 if "place" in details else details["part"]
    low, high = (end.xreplace(values) for end in ends)
    return low, high


def _curvatures(pieces: Pieces) -> list[tuple[Piece, str]]:
    """The sign of the second derivative, part by part."""
    found = []
    for piece in pieces.pieces:
        second = slope(slope(piece.expr, pieces.x), pieces.x)
        try:
            parts = chart(second, pieces.x, piece.lower, piece.upper, pieces.facts)
        except Undecided:
            parts = (_by_extremes(second, piece, pieces),)
        found += [(Piece(part.lower, part.upper, second), part.sign) for part in parts]
    return found


def _by_extremes(second: Expr, piece: Piece, pieces: Pieces) -> Segment:
    """The sign of the second derivative from its infimum, where its own zeros are not found. Raises Undecided."""
    bounds = extremes(Pieces(pieces.x, (Piece(piece.lower, piece.upper, second),), pieces.facts))
    least = sign(bounds.infimum, pieces.facts)
    if least in ("+", "0", ">="):
        return Segment(piece.lower, piece.upper, ">=")
    if least == "-" and not bounds.lowest_at.is_infinite:
        return Segment(bounds.lowest_at, bounds.lowest_at, "-")
    raise Undecided(f"the sign of {second}")


def convex_pieces(s: Slice, pieces: Pieces) -> bool:
    """Whether one function by pieces is proven to be convex. Raises Undecided."""
    return _verdict([(s, pieces)]).value is True


def _convex(slices: Sequence[Slice]) -> Answer:
    return _verdict(list(zip(slices, require_defined(slices), strict=True)))


def _verdict(functions: Sequence[tuple[Slice, Pieces]]) -> Answer:
    reasons: list[str] = []
    for s, pieces in functions:
        for part, s2 in _curvatures(pieces):
            if s2 in ("-", "<="):
                return Answer(
                    False,
                    PROVEN,
                    f"The second derivative {part.expr} is negative "
                    + (
                        f"at {equation(s, part.lower)}."
                        if part.lower == part.upper
                        else f"where {between(s.meaning, part.lower, part.upper)}."
                    ),
                    details={"slice": s, "part": (part.lower, part.upper)},
                )
            reasons.append(f"{part.expr} {'> 0' if s2 == '+' else '≥ 0' if s2 == '>=' else '= 0'}")
        for joint in joints(s, pieces):
            if joint.order == 0:
                return Answer(False, PROVEN, f"The value jumps at {equation(s, joint.place)}.",
                              details={"slice": s, "place": joint.place})  # fmt: skip
            if joint.order == 1:
                jump = sign(joint.right - joint.left, pieces.facts)
                if jump == "-":
                    return Answer(False, PROVEN, f"The slope falls at {equation(s, joint.place)}.",
                                  details={"slice": s, "place": joint.place})  # fmt: skip
                if jump != "+":
                    raise Undecided(f"the jump of the slope at {equation(s, joint.place)}")
                reasons.append(
                    f"the slope jumps up by {joint.right - joint.left} at {equation(s, joint.place)}"
                )
    return Answer(
        True, PROVEN, f"The second derivative is nowhere negative: {'; '.join(dict.fromkeys(reasons))}."
    )


def strictly_convex(slices: Sequence[Slice]) -> Answer:
    """Whether it is strictly convex; open where it is not proven to be convex."""
    return asked(slices, _strict)


def _require_convex(slices: Sequence[Slice]) -> None:
    """The slope may fall at a joint, whatever the second derivative. Raises Undecided."""
    if _convex(slices).value is not True:
        raise Undecided("whether it is convex")


def _strict(slices: Sequence[Slice]) -> Answer:
    _require_convex(slices)
    for s, pieces in zip(slices, require_defined(slices), strict=True):
        for part, s2 in _curvatures(pieces):
            if s2 == "0":
                shown = not_convex(s, flat=True)
                if shown is None:
                    raise Undecided("an affine part that no three numbers show")
                return Answer(
                    False, REFUTED, "On a part of the domain the loss is affine.", counterexample=shown
                )
            if s2 != "+" and not _somewhere_positive(part, pieces):
                raise Undecided(f"whether {part.expr} is 0 on a part")
    return Answer(
        True,
        PROVEN,
        "The second derivative is positive but for single places, so the slope strictly increases.",
    )


def _somewhere_positive(part: Piece, pieces: Pieces) -> bool:
    """Whether an analytic expression ≥ 0 is positive at one place, so that its zeros are isolated."""
    if part.lower == -sympy.oo:
        place = sympy.S.Zero if part.upper == sympy.oo else part.upper - 1
    else:
        place = part.lower + 1 if part.upper == sympy.oo else (part.lower + part.upper) / 2
    places = [place, place + 1, place - 1] if part.lower == -sympy.oo and part.upper == sympy.oo else [place]
    return any(positive(part.expr.xreplace({pieces.x: p}), pieces.facts) for p in places)


def strongly_convex(slices: Sequence[Slice]) -> Answer:
    """The modulus of strong convexity: the infimum of the second derivative where the slope has no jumps."""
    return asked(slices, _strong)


def _strong(slices: Sequence[Slice]) -> Answer:
    _require_convex(slices)
    moduli: list[Expr] = []
    facts = slices[0].facts
    for s, pieces in zip(slices, require_defined(slices), strict=True):
        moduli.append(over_labels(extremes(pieces.derivative(2)).infimum, s, upper=False))
    least = lowest(moduli, facts)
    how = sign(least, facts)
    if how == "+":
        return Answer(
            True, PROVEN, f"The second derivative is at least {least}.", details={"constant": least}
        )
    if how in ("0", "<=", "-"):
        return Answer(
            False, PROVEN, f"The infimum of the second derivative is {least}.", details={"constant": 0}
        )
    raise Undecided(f"the sign of {least}")
