"""The fifth question: what do outliers, the edges of the domain, wrong labels and rare classes do?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy
from sympy import Expr, Symbol

from symloss.analyze.algebra import elementary, is_zero, readable
from symloss.analyze.answer import PROVEN, Answer, in_words
from symloss.analyze.chart import Undecided, chart
from symloss.analyze.differentiability import equation, places_between, require_defined
from symloss.analyze.extremes import extremes, limit_in
from symloss.analyze.limits import Unknown, limit
from symloss.analyze.links import stretches
from symloss.analyze.pieces import Pieces, resolved_at, slope
from symloss.analyze.scope import asked, asking
from symloss.analyze.signs import sign
from symloss.analyze.slices import Slice, with_ends

__all__ = ["ANSWERS", "influence"]


def influence(slices: Sequence[Slice]) -> Answer:
    """What the gradient does where the prediction is far off."""
    return asked(slices, _influence)


def _influence(slices: Sequence[Slice]) -> Answer:
    """What the gradient does where the prediction is far off: it grows, stays bounded, or returns to 0."""
    kinds: list[tuple[str, str]] = []
    slices = with_ends(slices)
    for s, pieces in zip(slices, require_defined(slices), strict=True):
        gradient = pieces.derivative()
        for upper in (False, True):
            end = pieces.upper if upper else pieces.lower
            value = limit_in(gradient.pieces[-1 if upper else 0], gradient, upper)
            if not end.is_infinite and not value.is_infinite:
                continue
            loss_there = limit_in(pieces.pieces[-1 if upper else 0], pieces, upper)
            label = f" (where {s.label})" if s.label and len(slices) > 1 else ""
            where = f"as {s.meaning} → {in_words(end)}{label}"
            grows = None if value.is_infinite else _far(value, s)
            if grows is not None:
                text = (
                    f"the gradient goes to {readable(value)} {where}, which grows without bound with {grows}"
                )
                kinds.append(("growing", text))
            else:
                kinds.append(_kind(value, loss_there, pieces, upper, where))
        if not any(kind == "growing" for kind, _ in kinds):
            _bounded_far(gradient, s)
    if not kinds:
        return Answer("bounded", PROVEN, "The prediction is bounded, and so is the gradient.")
    ranked = ("growing", "bounded", "redescending", "none")
    worst = min((k for k, _ in kinds), key=ranked.index)
    shown = "; ".join(dict.fromkeys(text for kind, text in kinds if kind != "none" or worst == "none"))
    return Answer("bounded" if worst == "none" else worst, PROVEN, f"{shown[:1].upper()}{shown[1:]}.")


def _far(bound: Expr, s: Slice) -> Symbol | None:
    """The input with which a bound of the gradient grows without bound, if there is one. Raises Undecided."""
    for symbol in sorted(bound.free_symbols & {i.symbol for i in s.loss.inputs}, key=str):
        known = s.facts.of(symbol)
        for end, side in ((known.lower, 1), (known.upper, -1)):
            if not end.is_infinite:
                continue
            try:
                there = limit(bound, symbol, end, side, s.facts)
            except Unknown as error:
                raise Undecided(f"how {bound} changes with {symbol}: {error}") from error
            if there.is_infinite:
                return symbol
    return None


def _bounded_far(gradient: Pieces, s: Slice) -> None:
    """An outlier's target is free to be far off, too: the bound must not grow with it. Raises Undecided."""
    inputs = {i.symbol for i in s.loss.inputs} - {s.x}
    parts = [
        p
        for p in gradient.pieces
        if (p.expr.free_symbols | p.lower.free_symbols | p.upper.free_symbols) & inputs
    ]
    if not parts:
        return
    found = extremes(gradient)
    for bound in (found.infimum, found.supremum):
        if bound.is_infinite or _far(bound, s) is not None:
            raise Undecided("whether the gradient is bounded wherever the target is")


def _kind(value: Expr, loss: Expr, pieces: Pieces, upper: bool, where: str) -> tuple[str, str]:
    if value.is_infinite:
        return "growing", f"the gradient goes to {in_words(value)} {where}"
    if not is_zero(value):
        return "bounded", f"the gradient goes to {readable(value)} {where}"
    rising = slope(pieces.pieces[-1 if upper else 0].expr, pieces.x)
    piece = pieces.pieces[-1 if upper else 0]
    last = chart(rising, pieces.x, piece.lower, piece.upper, pieces.facts)[-1 if upper else 0].sign
    if last not in ("+", "-", "0"):
        raise Undecided(f"whether {rising} is 0")
    outward = last == ("+" if upper else "-")
    if last == "0":  # flat from some place on: at the bottom, or beyond what pulls at all
        outward = not is_zero(loss - extremes(pieces).infimum)
    if outward:  # the loss is high there: what is far off pulls less and less
        return "redescending", f"the gradient returns to 0 {where}"
    return "none", f"the gradient goes to 0 {where}, where the loss is small"


def _saturation(slices: Sequence[Slice]) -> Answer:
    """Where the gradient vanishes although the loss is at its highest there."""
    found: list[str] = []
    slices = with_ends(slices)
    for s, pieces in zip(slices, require_defined(slices), strict=True):
        label = f" (where {s.label})" if s.label and len(slices) > 1 else ""
        gradient = pieces.derivative()
        for upper in (False, True):
            end = pieces.upper if upper else pieces.lower
            if end.is_infinite and is_zero(limit_in(gradient.pieces[-1 if upper else 0], gradient, upper)):
                there = limit_in(pieces.pieces[-1 if upper else 0], pieces, upper)
                least = extremes(pieces).infimum
                if there.is_infinite or least == -sympy.oo or not is_zero(there - least):
                    found.append(f"the gradient vanishes as {s.meaning} → {in_words(end)}, "
                                 f"where the loss is not small{label}")  # fmt: skip
    return Answer(found, PROVEN, "The limits of gradient and loss far away.")


def _edges(slices: Sequence[Slice]) -> Answer:
    """The value at the ends of a bounded domain."""
    found: list[str] = []
    for s, pieces in zip(slices, require_defined(slices), strict=True):
        label = f" where {s.label}" if s.label and len(slices) > 1 else ""
        for upper, closed in enumerate(pieces.closed):
            if not closed:
                continue
            end = pieces.upper if upper else pieces.lower
            value = limit_in(pieces.pieces[-1 if upper else 0], pieces, bool(upper))
            declared = resolved_at(s.expr, s.x, end, pieces.facts)
            if value.is_infinite:
                found.append(f"the loss goes to {in_words(value)} at {equation(s, end)}{label}")
            elif declared is None or elementary(declared).has(sympy.nan, sympy.zoo, sympy.oo):
                found.append(f"0/0 or 0·∞ at {equation(s, end)}{label}, where the limit is {value}")
    if not found:
        return Answer([], PROVEN, "At every end that belongs to the domain the loss is finite.")
    return Answer(found, PROVEN, "The limits at the ends that belong to the domain.")


def _label_noise(slices: Sequence[Slice]) -> Answer:
    """Whether the losses of both labels add up to a constant, so that symmetric noise moves no minimiser."""
    if len(slices) != 2 or any(len(s.at) != 1 for s in slices):
        return Answer.inapplicable("the label has not two values")
    first, second = require_defined(slices)
    return _noise_by_pieces(first, second)


def _noise_by_pieces(first: Pieces, second: Pieces) -> Answer:
    """The slopes of both labels cancel on every stretch, or at one place they do not."""
    cancel = True
    for low, high, g0, g1 in stretches(first, second):
        if is_zero(g0 + g1):
            continue
        cancel = False
        for place in places_between(low, high):
            if sign((g0 + g1).xreplace({first.x: place}), first.facts) in ("+", "-"):
                return Answer("sensitive", PROVEN, f"The slopes of both labels do not cancel at "
                              f"{first.x} = {place}, so these add up to no constant (the condition of Ghosh, Kumar "
                              "and Sastry 2017), and label noise can move the minimiser of the risk.")  # fmt: skip
    if not cancel:
        raise Undecided("whether the losses of the labels add up to a constant")
    return Answer("tolerant", PROVEN, "The losses of the labels add up to a constant, so symmetric label noise below "
                  "1/2 does not move the minimiser of the risk (Ghosh, Kumar and Sastry 2017).")  # fmt: skip


ANSWERS: dict[str, Callable[[Sequence[Slice]], Answer]] = {
    "influence": influence,
    "saturation": asking(_saturation),
    "edges": asking(_edges),
    "label_noise": asking(_label_noise),
}
"""What rules answer of the fifth question about an elementwise loss."""
