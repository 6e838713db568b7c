"""The lowest and the highest value of a function by pieces, from the monotone parts between them."""

from __future__ import annotations

from dataclasses import dataclass

import sympy
from sympy import Expr

from symloss.analyze.chart import Segment, Undecided, chart, order
from symloss.analyze.facts import Facts
from symloss.analyze.limits import Unknown, limit
from symloss.analyze.pieces import Piece, Pieces, slope

__all__ = ["Extremes", "extremes", "highest", "limit_in", "lowest", "monotone_parts"]


@dataclass(frozen=True)
class Extremes:
    """Infimum and supremum, and the places where they are taken or approached."""

    infimum: Expr
    supremum: Expr
    lowest_at: Expr
    highest_at: Expr


def limit_in(piece: Piece, pieces: Pieces, upper: bool) -> Expr:
    """The limit of the piece's formula at one of its ends. Raises Undecided."""
    end = piece.upper if upper else piece.lower
    try:
        return limit(piece.expr, pieces.x, end, -1 if upper else 1, pieces.within(piece))
    except Unknown as error:
        raise Undecided(f"the limit of {piece.expr} at {pieces.x} = {end}: {error}") from error


def monotone_parts(pieces: Pieces) -> list[tuple[Piece, Segment]]:
    """The pieces cut where the derivative changes its sign. Raises Undecided."""
    parts = []
    for piece in pieces.pieces:
        for segment in chart(slope(piece.expr, pieces.x), pieces.x, piece.lower, piece.upper, pieces.facts):
            parts.append((piece, segment))
    return parts


def extremes(pieces: Pieces) -> Extremes:
    """Infimum and supremum over the open domain. Raises Undecided."""
    found: list[tuple[Expr, Expr]] = []
    for piece, segment in monotone_parts(pieces):
        part = Piece(segment.lower, segment.upper, piece.expr)
        found.append((limit_in(part, pieces, upper=False), segment.lower))
        found.append((limit_in(part, pieces, upper=True), segment.upper))
        if segment.sign == "0" and segment.lower.is_infinite and segment.upper.is_infinite:
            found.append((found[-1][0], sympy.S.Zero))
    if any(value.has(sympy.nan, sympy.zoo) for value, _ in found):
        raise Undecided("a limit of what has none")
    low, high = found[0], found[0]
    for value, place in found[1:]:  # of two places with one value rather that where it is taken
        below, above = order(value, low[0], pieces.facts), order(value, high[0], pieces.facts)
        taken = not value.is_infinite and not place.is_infinite
        if below < 0 or (below == 0 and taken and low[1].is_infinite):
            low = value, place
        if above > 0 or (above == 0 and taken and high[1].is_infinite):
            high = value, place
    return Extremes(low[0], high[0], low[1], high[1])


def highest(values: list[Expr], facts: Facts) -> Expr:
    """The largest of some numbers; ``Max(a, b)`` where that depends on the parameters."""
    kept: list[Expr] = []
    for value in values:
        dominated = False
        for other in list(kept):
            try:
                versus = order(value, other, facts)
            except Undecided:
                continue
            if versus > 0:
                kept.remove(other)
            else:
                dominated = True
        if not dominated:
            kept.append(value)
    return kept[0] if len(kept) == 1 else sympy.Max(*kept)


def lowest(values: list[Expr], facts: Facts) -> Expr:
    """The smallest of some numbers; ``Min(a, b)`` where that depends on the parameters."""
    largest = highest([-v for v in values], facts)
    return sympy.Min(*(-a for a in largest.args)) if isinstance(largest, sympy.Max) else -largest
