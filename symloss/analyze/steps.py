"""The best score where it is a step: one number while one label is likelier, another while the other is."""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy import Expr

from symloss.analyze.algebra import is_zero, readable
from symloss.analyze.answer import PROVEN, Answer
from symloss.analyze.chart import Undecided, order
from symloss.analyze.facts import Facts
from symloss.analyze.signs import sign

__all__ = ["Sides", "Step", "step", "steps"]

Step = tuple[Expr, Expr, Expr]
"""Between which probabilities of the upper label a score is the only best one, and the score."""

Sides = Sequence[tuple[Expr, tuple[Sequence[Expr], Sequence[Expr]]]]
"""Places, each with the slopes of the losses of both labels to its left and to its right; none beyond an end."""

_WHOLE = (sympy.S.Zero, sympy.S.One)


def step(sides: Sides, facts: Facts) -> Answer:
    """The answer in words. Raises Undecided where some probability has no best score of its own."""
    found = steps(sides, facts)
    q = sympy.Symbol("q", real=True)
    argument = (
        "Both losses are convex, and between these probabilities q of the upper label the expected loss falls up to "
        "the score and rises behind it."
    )
    if len(found) == 1:
        return Answer(f"nothing: the best score is {found[0][2]} for every probability", PROVEN, argument,
                      details={"strictly": False, "best_score": [list(s) for s in found]})  # fmt: skip
    if len(found) == 2 and is_zero(found[0][1] - sympy.S.Half) and is_zero(found[0][2] + found[1][2]):
        words = str(found[1][2] * sympy.sign(2 * q - 1))
    else:
        words = "; ".join(f"{place} where {low} < q < {high}" for low, high, place in found)
    return Answer(f"likelier label, as {words}", PROVEN, argument,
                  details={"strictly": False, "best_score": [list(s) for s in found]})  # fmt: skip


def steps(sides: Sides, facts: Facts) -> list[Step]:
    """All steps, in the order of the probability, that leave no gap between 0 and 1. Raises Undecided."""
    found: list[Step] = []
    for place, (left, right) in sides:
        interval: tuple[Expr, Expr] | None = _WHOLE
        for slopes, side in ((left, -1), (right, 1)):
            interval = _common(interval, _where(slopes, side, facts), facts)
        if interval is not None:
            found.append((*interval, place))
    at = sympy.S.Zero
    ordered = []
    while found:
        following = next((s for s in found if is_zero(s[0] - at)), None)
        if following is None:
            break
        found.remove(following)
        ordered.append(following)
        at = following[1]
    if not ordered or not is_zero(at - 1):
        raise Undecided("which score is best for each probability")
    return ordered


def _where(slopes: Sequence[Expr], side: int, facts: Facts) -> tuple[Expr, Expr] | None:
    """The probabilities q for which (1 − q)·a + q·b has the sign of ``side``; None for none of them."""
    if not slopes:
        return _WHOLE
    a, b = (readable(side * s) for s in slopes)
    signs = sign(a, facts), sign(b, facts)
    if any(e.is_infinite for e in (a, b)) or any(s not in ("+", "-", "0") for s in signs):
        raise Undecided(f"the signs of {a} and {b}")
    if signs == ("0", "0") or "+" not in signs:
        return None
    if "-" not in signs:
        return _WHOLE
    turn = readable(a / (a - b))
    return (sympy.S.Zero, turn) if signs[0] == "+" else (turn, sympy.S.One)


def _common(
    first: tuple[Expr, Expr] | None, second: tuple[Expr, Expr] | None, facts: Facts
) -> tuple[Expr, Expr] | None:
    if first is None or second is None:
        return None
    low = first[0] if order(first[0], second[0], facts) >= 0 else second[0]
    high = first[1] if order(first[1], second[1], facts) <= 0 else second[1]
    return (low, high) if order(low, high, facts) < 0 else None
