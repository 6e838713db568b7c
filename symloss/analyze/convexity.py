"""Convexity of a function by pieces: the second derivative inside, the jumps of the first at the joints."""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy import Expr

from symloss.analyze.answer import PROVEN, REFUTED, SAMPLED, UNKNOWN, Answer
from symloss.analyze.chart import Undecided, chart
from symloss.analyze.differentiability import equation, joints, require_defined
from symloss.analyze.extremes import extremes, lowest
from symloss.analyze.pieces import Piece, Pieces, slope
from symloss.analyze.sampling import POINTS, not_convex
from symloss.analyze.scope import asked, covering
from symloss.analyze.signs import positive, sign
from symloss.analyze.slices import Slice

__all__ = ["convex", "convex_pieces", "strictly_convex", "strongly_convex"]


def convex(slices: Sequence[Slice]) -> Answer:
    """Whether the loss is convex in its prediction, whatever the labels."""
    found = asked(slices, _convex)
    if found.value is True:
        return found
    for s in slices:
        shown = not_convex(s)
        if shown is not None:
            return covering(
                Answer(
                    False,
                    REFUTED,
                    f"Between two values of {s.wrt} the loss lies above the chord.",
                    counterexample=shown,
                ),
                [x.at_defaults() for x in slices],
            )
    if found.value is False:  # by the rules, though no three numbers of the grid show it
        return found.saying(value=None, status=UNKNOWN, argument=found.argument + " No counterexample was found.")
    return covering(
        found.saying(
            value=True, status=SAMPLED, points=POINTS * len(slices),
            argument=f"{found.argument} No three of the numbers that were tried contradict convexity.",
        ),
        [x.at_defaults() for x in slices],
    )  # fmt: skip


def _curvatures(pieces: Pieces) -> list[tuple[Piece, str]]:
    """The sign of the second derivative, part by part."""
    found = []
    for piece in pieces.pieces:
        second = slope(slope(piece.expr, pieces.x), pieces.x)
        for part in chart(second, pieces.x, piece.lower, piece.upper, pieces.facts):
            found.append((Piece(part.lower, part.upper, second), part.sign))
    return found


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
                return Answer(False, PROVEN, f"The second derivative {part.expr} is negative on a part.")
            reasons.append(f"{part.expr} {'> 0' if s2 == '+' else '≥ 0' if s2 == '>=' else '= 0'}")
        for joint in joints(s, pieces):
            if joint.order == 0:
                return Answer(False, PROVEN, f"The value jumps at {equation(s, joint.place)}.")
            if joint.order == 1:
                jump = sign(joint.right - joint.left, pieces.facts)
                if jump == "-":
                    return Answer(False, PROVEN, f"The slope falls at {equation(s, joint.place)}.")
                if jump != "+":
                    raise Undecided(f"the jump of the slope at {equation(s, joint.place)}")
                reasons.append(f"the slope jumps up by {joint.right - joint.left} at {equation(s, joint.place)}")
    return Answer(
        True, PROVEN, f"The second derivative is nowhere negative: {'; '.join(dict.fromkeys(reasons))}."
    )


def strictly_convex(slices: Sequence[Slice]) -> Answer:
    """Whether it is strictly convex, given that it is convex."""
    return asked(slices, _strict)


def _strict(slices: Sequence[Slice]) -> Answer:
    for s, pieces in zip(slices, require_defined(slices), strict=True):
        for part, s2 in _curvatures(pieces):
            if s2 == "0":
                shown = not_convex(s, flat=True)
                if shown is None:
                    raise Undecided("an affine part that no three numbers show")
                return Answer(False, REFUTED, "On a part of the domain the loss is affine.", counterexample=shown)
            if s2 == "-" or s2 == "<=":
                return Answer(False, REFUTED, "It is not convex.", counterexample=not_convex(s))
            if s2 != "+" and not _somewhere_positive(part, pieces):
                raise Undecided(f"whether {part.expr} is 0 on a part")
    return Answer(
        True, PROVEN, "The second derivative is positive but for single places, so the slope strictly increases."
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
    moduli: list[Expr] = []
    facts = slices[0].facts
    for pieces in require_defined(slices):
        moduli.append(extremes(pieces.derivative(2)).infimum)
    least = lowest(moduli, facts)
    s = sign(least, facts)
    if s == "+":
        return Answer(
            True, PROVEN, f"The second derivative is at least {least}.", details={"constant": least}
        )
    if s in ("0", "<=", "-"):
        return Answer(False, PROVEN, f"The infimum of the second derivative is {least}.", details={"constant": 0})
    raise Undecided(f"the sign of {least}")
