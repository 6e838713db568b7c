"""Which statistic of the target the best constant prediction is, from the gradient whose expectation is 0 there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import sympy
from sympy import Expr

from symloss import functions
from symloss.analyze.algebra import elementary, is_zero, readable
from symloss.analyze.answer import PROVEN, Answer
from symloss.analyze.chart import Undecided, chart, order
from symloss.analyze.differentiability import joints, require_defined
from symloss.analyze.extremes import limit_in
from symloss.analyze.facts import Range
from symloss.analyze.links import link_of, one_side, proven_convex, stretches, two
from symloss.analyze.pieces import Piece, Pieces, slope
from symloss.analyze.scope import asked
from symloss.analyze.signs import positive, sign
from symloss.analyze.slices import Slice
from symloss.analyze.steps import step
from symloss.value import Input

__all__ = ["elicits"]


def elicits(slices: Sequence[Slice]) -> Answer:
    """Which statistic of the target's distribution is the best constant prediction."""
    return asked(slices, _elicits, inside=len(slices) == 1)


def _elicits(slices: Sequence[Slice]) -> Answer:
    if len(slices) != 1:
        return _from_labels(slices)
    (s,) = slices
    pieces = require_defined(slices)[0]
    if any(j.order == 0 for j in joints(s, pieces)):
        raise Undecided("what a loss that jumps elicits")
    targets = [i for i in s.loss.inputs if i.name != s.wrt and i.symbol in s.free]
    if s.meaning != s.x:
        return _of_residual(s, pieces)
    if len(targets) == 1:
        target = targets[0]
        residual = _less_what_the_target_costs(s, pieces, target)
        if residual is not None:
            return _of_residual(*residual)
        return _of_target(s, pieces, target.symbol)
    raise Undecided("which statistic the loss elicits: it has not one target")


def _less_what_the_target_costs(s: Slice, pieces: Pieces, target: Input) -> tuple[Slice, Pieces] | None:
    """The part f of a loss f(x − t) + a(t), for a(t) moves no minimiser; None where it is not of this form.

    The residual of two numbers > 0 is any real number, so the outer pieces of f reach to ±∞.
    """
    known = Range.of(target.domain)
    if s.domain.upper != sympy.oo or known.interior != s.domain.interior:
        return None
    if s.domain.lower_open and not known.lower_open:  # a target at the end has no prediction that meets it
        return None
    r, t = sympy.Symbol(f"{s.wrt} - {target.name}", real=True), target.symbol
    ends = [-sympy.oo, *(readable(cut - t) for cut in pieces.breakpoints), sympy.oo]
    if any(end.has(t, pieces.x) for end in ends):
        return None
    moved = [elementary(piece.expr).xreplace({pieces.x: r + t}) for piece in pieces.pieces]
    inside = sympy.S.Zero if ends[1].is_infinite else ends[1] - 1
    cost = moved[0].xreplace({r: inside})
    parts = [readable(m - cost) for m in moved]
    if any(part.has(t) for part in parts):
        return None
    facts = s.facts.knowing(r, Range())
    marks = tuple(readable(mark - t) for mark in pieces.marks)
    expr = functions.rebuild(s.expr, lambda n: r + t if n == s.x else None, top_down=True) - cost
    found = tuple(Piece(low, high, part) for part, (low, high) in zip(parts, pairwise(ends), strict=True))
    own = replace(s, x=r, meaning=s.x - t, expr=expr, facts=facts)
    return own, Pieces(r, found, pieces.facts, marks=marks)


def _of_residual(s: Slice, pieces: Pieces) -> Answer:
    """From the derivative V(r) by the residual: E V(x − T) = 0 says which number x is."""
    turned = s.meaning.coeff(s.loss.argument(s.wrt).symbol)
    gradients = [(p, slope(p.expr, pieces.x)) for p in pieces.pieces]
    if turned != 1:
        raise Undecided("which statistic a turned residual elicits")
    r = pieces.x
    second = [slope(g, r) for _, g in gradients]
    if any(not c.has(r) and sign(c, pieces.facts) not in ("+", "-", "0") for c in second):
        raise Undecided(f"the signs of {', '.join(map(str, second))}")
    if (
        len(gradients) == 1
        and not second[0].has(r)
        and positive(second[0], pieces.facts)
        and is_zero(gradients[0][1].xreplace({r: sympy.S.Zero}))
    ):
        return Answer("mean", PROVEN, f"The gradient is {gradients[0][1]}, whose expectation is 0 where the "
                      "prediction is the mean of the target.", details={"strictly": True})  # fmt: skip
    halves = len(gradients) == 2 and is_zero(gradients[0][0].upper)
    if halves:
        (_, left), (_, right) = gradients
        if (
            not left.has(r)
            and not right.has(r)
            and sign(left, pieces.facts) == "-"
            and positive(right, pieces.facts)
        ):
            level = readable(-left / (right - left))
            name = "median" if is_zero(level - sympy.S.Half) else f"{level}-quantile"
            return Answer(name, PROVEN, f"The expectation of the gradient, ({right})·P(target < x) - "
                          f"({-left})·P(target > x), changes its sign where P(target < x) = {level}.",
                          details={"level": level})  # fmt: skip
        if (
            is_zero(left - r * second[0])
            and is_zero(right - r * second[1])
            and not second[0].has(r)
            and not second[1].has(r)
            and positive(second[0], pieces.facts)
            and positive(second[1], pieces.facts)
        ):
            level = readable(second[0] / (second[0] + second[1]))
            return Answer(f"{level}-expectile", PROVEN, "The gradient is linear on both sides of 0, with "
                          f"the slopes {second[0]} and {second[1]} (Newey and Powell 1987).",
                          details={"level": level})  # fmt: skip
    return _location(s, pieces)


def _location(s: Slice, pieces: Pieces) -> Answer:
    """A symmetric loss of the residual, by how far its influence reaches."""
    r = pieces.x
    mirrored = [slope(p.expr, r) for p in pieces.pieces]
    odd = all(
        is_zero(a + b.xreplace({r: -r})) for a, b in zip(mirrored, reversed(mirrored), strict=True)
    ) and all(is_zero(a + b) for a, b in zip(pieces.breakpoints, reversed(pieces.breakpoints), strict=True))
    if not odd:
        raise Undecided("which statistic the loss elicits")
    rising = _right_of_zero(pieces)
    if "+" not in rising:  # a factor that may be 0 leaves nothing that would be least anywhere
        raise Undecided("whether the gradient is 0 everywhere")
    if proven_convex(s, pieces):
        return Answer("M-estimator of location", PROVEN, "The gradient is odd and does not fall: the best constant "
                      "prediction lies where the pulls from both sides balance (Huber 1964); for a symmetric "
                      "distribution it is the centre, which is then mean and median.")  # fmt: skip
    outside = limit_in(Piece(pieces.pieces[-1].lower, sympy.oo, mirrored[-1]), pieces, upper=True)
    if outside == 0 and all(x in ("+", "0", ">=") for x in rising):
        return Answer("mode-like", PROVEN, "The gradient is odd and returns to 0 far away: only targets near the "
                      "prediction pull, as in a kernel estimate of the mode.")  # fmt: skip
    raise Undecided("which statistic the loss elicits")


def _right_of_zero(pieces: Pieces) -> list[str]:
    """The signs of the gradient where the residual is positive. Raises Undecided."""
    found: list[str] = []
    for piece in pieces.pieces:
        if order(piece.upper, sympy.S.Zero, pieces.facts) > 0:
            low = piece.lower if order(piece.lower, sympy.S.Zero, pieces.facts) > 0 else sympy.S.Zero
            gradient = slope(piece.expr, pieces.x)
            found += [c.sign for c in chart(gradient, pieces.x, low, piece.upper, pieces.facts)]
    return found


def _of_target(s: Slice, pieces: Pieces, target: sympy.Symbol) -> Answer:
    """A gradient A(x) − B(x)·t with B > 0: its expectation is 0 where A/B is the mean of t."""
    if len(pieces.pieces) != 1:
        raise Undecided("which statistic the loss elicits")
    gradient = slope(pieces.pieces[0].expr, pieces.x)
    known = pieces.within(pieces.pieces[0])
    b = -sympy.diff(elementary(gradient), target)
    if not is_zero(sympy.diff(b, target)):
        raise Undecided("which statistic the loss elicits: the gradient is not affine in the target")
    a = elementary(gradient).xreplace({target: sympy.S.Zero})
    inner = readable(a / b)
    if not positive(b, known) or not positive(sympy.diff(elementary(inner), pieces.x), known):
        raise Undecided("whether the gradient changes its sign once")
    name = "mean" if is_zero(inner - pieces.x) else _function_of_mean(inner, pieces)
    return Answer(name, PROVEN, f"The gradient is {readable(b)}·({inner} - {target}), whose expectation is 0 where "
                  f"{inner} is the mean of {target}.", details={"strictly": True})  # fmt: skip


def _function_of_mean(inner: Expr, pieces: Pieces) -> str:
    if is_zero(inner - sympy.exp(pieces.x)):
        return "log of the mean"
    return f"the number with {inner} = mean"


def _from_labels(slices: Sequence[Slice]) -> Answer:
    try:
        inverse_link, weight = link_of(slices)
    except Undecided:
        return _step(slices)
    s = slices[0]
    if is_zero(inverse_link - s.x):
        return Answer("probability", PROVEN, f"The expected gradient is w·({s.wrt} - P) with w = {weight} > 0.",
                      details={"strictly": True})  # fmt: skip
    return Answer(f"probability, as {inverse_link}", PROVEN,
                  f"The expected gradient is w·({inverse_link} - P) with w = {weight} > 0, and {inverse_link} "
                  "increases.", details={"strictly": True})  # fmt: skip


def _step(slices: Sequence[Slice]) -> Answer:
    """The best score, where the joints and the ends of the domain are all that can be best."""
    (first, zero), (second, one) = two(slices)
    gradients = (zero.derivative(), one.derivative())
    cuts = [low for low, *_ in stretches(zero, one)][1:]
    if not cuts and not any(zero.closed):
        raise Undecided("which score is best for each probability")
    if not (proven_convex(first, zero) and proven_convex(second, one)):
        raise Undecided("whether the score tells the probability")
    sides: list = [
        (cut, (_slopes_at(gradients, True, cut), _slopes_at(gradients, False, cut))) for cut in cuts
    ]
    if zero.closed[0]:
        sides.append((zero.lower, ([], _slopes_at(gradients, False, zero.lower))))
    if zero.closed[1]:
        sides.append((zero.upper, (_slopes_at(gradients, True, zero.upper), [])))
    return step(sides, zero.facts)


def _slopes_at(gradients: Sequence[Pieces], upper: bool, cut: Expr) -> list[Expr]:
    return [one_side(g, upper, cut) for g in gradients]
