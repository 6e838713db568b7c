"""Bounds in numbers of a derivative that has none in closed form: monotone tails, branch and bound between them."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import mpmath
import sympy
from mpmath import inf, mp, mpf
from sympy import Expr, Symbol

from symloss.analyze.chart import Undecided, chart
from symloss.analyze.extremes import limit_in
from symloss.analyze.interval import Interval, Undefined, enclosure
from symloss.analyze.pieces import Piece, Pieces, slope

__all__ = ["Enclosed", "largest_multiples", "largest_size"]

TAILS = (8, 24)
"""Where the tails may begin."""

BOXES = 400
"""How many boxes branch and bound looks at."""

NEAR = mpf(1) / 100
"""How near to one another, relative to their size, both bounds shall come."""


class Enclosed(NamedTuple):
    """Two numbers between which a supremum lies, and from where on the tails are monotone, or bounded at once."""

    low: Any
    high: Any
    tails: tuple[int, ...]


def largest_size(pieces: Pieces, order: int) -> Enclosed:
    """The supremum of the size of a derivative over all pieces, in numbers. Raises Undecided."""
    found = [_of_piece(piece, pieces, order) for piece in pieces.pieces]
    return Enclosed(
        max(f.low for f in found), max(f.high for f in found), tuple(t for f in found for t in f.tails)
    )


def largest_multiples(functions: Sequence[Pieces]) -> list[Pieces]:
    """Those functions that are no smaller multiple of another one, as it is or mirrored: the others add nothing."""
    kept: list[Pieces] = []
    for f in functions:
        ratios = [_ratio(f, k) for k in kept]
        if any(r is not None and abs(r) <= 1 for r in ratios):
            continue
        kept = [k for k, r in zip(kept, ratios, strict=True) if r is None]
        kept.append(f)
    return kept


def _ratio(f: Pieces, other: Pieces) -> Expr | None:
    """The number c with f(x) = c·other(x), or f(x) = c·other(−x), both being one formula on all real numbers."""
    whole = all(len(p.pieces) == 1 and p.lower == -sympy.oo and p.upper == sympy.oo for p in (f, other))
    if not whole or other.pieces[0].expr == 0:
        return None
    for place in (f.x, -f.x):
        ratio = f.pieces[0].expr / other.pieces[0].expr.xreplace({other.x: place})
        if ratio.is_Rational:
            return ratio
    return None


class _Function(NamedTuple):
    """A derivative in two forms, and its own derivative."""

    forms: tuple[Expr, ...]
    slope: Expr
    x: Symbol

    def on(self, box: Interval) -> Interval:
        """Bounds of the size on a box."""
        low, high = self._signed(box)
        return (mpf(0) if low < 0 < high else min(abs(low), abs(high))), max(abs(low), abs(high))

    def _signed(self, box: Interval) -> Interval:
        low, high = -inf, inf
        for bounds in self._bounds(box):
            low, high = max(low, bounds[0]), min(high, bounds[1])
        return low, high

    def _bounds(self, box: Interval) -> Iterator[Interval]:
        bounded = not any(map(mpmath.isinf, box))
        for form in self.forms[: 1 if bounded else None]:
            try:
                yield enclosure(form, {self.x: box})
            except Undefined:
                continue
        if bounded and box[0] != box[1]:
            try:
                rise = enclosure(self.slope, {self.x: box})
                if rise[0] >= 0 or rise[1] <= 0:  # it is monotone there
                    ends = [enclosure(self.forms[0], {self.x: (end, end)}) for end in box]
                    yield min(e[0] for e in ends), max(e[1] for e in ends)
                    return
                middle = (box[0] + box[1]) / 2  # the mean value theorem
                at = enclosure(self.forms[0], {self.x: (middle, middle)})
            except Undefined:
                return
            half = mp.fsub(box[1], box[0], rounding="c") / 2
            far = mp.fmul(max(abs(rise[0]), abs(rise[1])), half, rounding="c")
            yield mp.fsub(at[0], far, rounding="f"), mp.fadd(at[1], far, rounding="c")


def _of_piece(piece: Piece, pieces: Pieces, order: int) -> Enclosed:
    x = pieces.x
    if (piece.expr.free_symbols | piece.lower.free_symbols | piece.upper.free_symbols) - {x}:
        raise Undecided("numbers for what is not all numbers")
    high = pieces.derivative(order).pieces[pieces.pieces.index(piece)]
    raw = sympy.diff(piece.expr, x, order)
    f = _Function((high.expr, raw), slope(high.expr, x), x)
    with mpmath.workprec(80):
        ends, tails, sizes = [], [], []
        for upper in (False, True):
            end = piece.upper if upper else piece.lower
            if end.is_infinite:
                begin, bounds = _tail(f, high, pieces, upper)
                sizes.append(bounds)
                tails.append(begin)
                ends.append(mpf(begin if upper else -begin))
            else:
                ends.append(enclosure(end, {})[1 if upper else 0])
        sizes.append(_between(f, ends[0], ends[1]))
        low, top = max(s[0] for s in sizes), max(s[1] for s in sizes)
    if mpmath.isinf(top):
        raise Undecided(f"a bound of {high.expr}")
    return Enclosed(low, top, tuple(tails))


def _tail(f: _Function, piece: Piece, pieces: Pieces, upper: bool) -> tuple[int, Interval]:
    """Where a tail begins, and bounds of the supremum of the size on it."""
    for begin in TAILS:
        whole = f.on((mpf(begin), inf) if upper else (-inf, mpf(-begin)))
        if not mpmath.isinf(whole[1]):
            return begin, (mpf(0), whole[1])
    for begin in TAILS:
        place = sympy.Integer(begin if upper else -begin)
        part = Piece(place, piece.upper, piece.expr) if upper else Piece(piece.lower, place, piece.expr)
        try:
            if len(chart(f.slope, f.x, part.lower, part.upper, pieces.facts)) == 1:
                limit = abs(limit_in(part, pieces, upper))
                at_place, far = f.on((mpf(int(place)),) * 2), enclosure(limit, {})
                if not limit.is_infinite:
                    return begin, (max(at_place[0], far[0]), max(at_place[1], far[1]))
        except (Undecided, Undefined, TypeError):
            continue
    raise Undecided(f"a bound of {piece.expr} far away")


def _between(f: _Function, low: Any, high: Any) -> Interval:
    """Bounds of the supremum of the size on a bounded interval, by branch and bound with outward rounding."""
    bounds = f.on((low, high))
    waiting = [(-bounds[1], low, high)]
    reached = mpf(0)
    for _ in range(BOXES):
        top, a, b = waiting[0]
        if -top <= reached * (1 + NEAR) or a == b:
            break
        heapq.heappop(waiting)
        middle = (a + b) / 2
        reached = max(reached, f.on((middle, middle))[0])
        for box in ((a, middle), (middle, b)):
            heapq.heappush(waiting, (-f.on(box)[1], *box))
    return reached, -waiting[0][0]
