"""What both labels say of one score: their gradients side by side, and the probability that balances them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cmp_to_key

import sympy
from sympy import Expr

from symloss import functions
from symloss.analyze.algebra import elementary, is_zero, readable
from symloss.analyze.chart import Undecided, order
from symloss.analyze.convexity import convex_pieces
from symloss.analyze.differentiability import require_defined
from symloss.analyze.extremes import limit_in
from symloss.analyze.facts import Facts, Range
from symloss.analyze.pieces import Piece, Pieces, slope
from symloss.analyze.signs import positive
from symloss.analyze.slices import Slice

__all__ = ["link_of", "one_side", "proven_convex", "stretches", "two"]


def two(slices: Sequence[Slice]) -> tuple[tuple[Slice, Pieces], tuple[Slice, Pieces]]:
    """The slices of the lower and the upper label. Raises Undecided."""
    if len(slices) != 2 or any(len(s.at) != 1 for s in slices):
        raise Undecided("a probability needs one label with two values")
    pairs = sorted(zip(slices, require_defined(slices), strict=True), key=lambda pair: pair[0].at[0][1])
    return pairs[0], pairs[1]


def link_of(slices: Sequence[Slice]) -> tuple[Expr, Expr]:
    """The expected gradient (1 − q)·ℓ₀′ + q·ℓ₁′ as w·(g − q), with w > 0 and g increasing from 0 to 1.

    Where there are pieces, on one stretch of x on which g runs through all of (0, 1): elsewhere the expected loss
    is then higher, for both losses are convex. Raises Undecided.
    """
    (first, zero), (second, one) = two(slices)
    several = len(zero.pieces) + len(one.pieces) > 2
    if several and not (proven_convex(first, zero) and proven_convex(second, one)):
        raise Undecided("a link of several pieces")
    for low, high, g0, g1 in stretches(zero, one):
        known = zero.facts.knowing(zero.x, Range(low, high))
        weight, link = readable(g0 - g1), readable(g0 / (g0 - g1))
        if not positive(weight, known):
            if several:
                continue
            raise Undecided(f"whether {weight} > 0")
        if not positive(sympy.diff(elementary(link), zero.x), known):
            if several:
                continue
            raise Undecided(f"whether {link} increases")
        part = Pieces(zero.x, (Piece(low, high, link),), zero.facts)
        if several and not (
            is_zero(limit_in(part.pieces[0], part, upper=False))
            and is_zero(limit_in(part.pieces[0], part, upper=True) - 1)
        ):
            continue
        return _as_sigmoid(link, zero.x), weight
    raise Undecided("whether the score tells the probability")


def stretches(zero: Pieces, one: Pieces) -> Iterator[tuple[Expr, Expr, Expr, Expr]]:
    """The intervals between all breakpoints, and the gradients for both labels there."""
    cuts = [zero.lower, *zero.breakpoints]
    for cut in one.breakpoints:
        if not any(is_zero(cut - other) for other in cuts[1:]):
            cuts.append(cut)
    cuts = sorted(cuts, key=cmp_to_key(lambda a, b: order(a, b, zero.facts)))
    for low, high in zip(cuts, [*cuts[1:], zero.upper], strict=True):
        g0, g1 = (
            elementary(slope(next(q for q in p.pieces if _covers(q, low, high, zero.facts)).expr, p.x))
            for p in (zero, one)
        )
        yield low, high, g0, g1


def _covers(piece: Piece, low: Expr, high: Expr, facts: Facts) -> bool:
    return order(piece.lower, low, facts) <= 0 and order(piece.upper, high, facts) >= 0


def _as_sigmoid(link: Expr, x: sympy.Symbol) -> Expr:
    return functions.sigmoid(x) if is_zero(link - 1 / (1 + sympy.exp(-x))) else link


def one_side(gradients: Pieces, upper: bool, cut: Expr = sympy.S.Zero) -> Expr:
    """The one-sided derivative at a place, from below (``upper``: it is the upper end) or from above."""
    for piece in gradients.pieces:
        low, high = order(piece.lower, cut, gradients.facts), order(piece.upper, cut, gradients.facts)
        if (low < 0 <= high) if upper else (low <= 0 < high):
            part = Piece(piece.lower, cut, piece.expr) if upper else Piece(cut, piece.upper, piece.expr)
            return limit_in(part, gradients, upper)
    raise Undecided(f"on which piece {cut} lies")


def proven_convex(s: Slice, pieces: Pieces) -> bool:
    return convex_pieces(s, pieces)
