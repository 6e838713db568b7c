"""How steep a loss over axes is, and how fast that changes: a bound by composition, and lines that meet it."""

from __future__ import annotations

from functools import lru_cache

import sympy
from sympy import Expr

from symloss.analyze.algebra import is_zero, readable
from symloss.analyze.answer import PROVEN, UNKNOWN, Answer, at_defaults, in_words
from symloss.analyze.chart import Undecided
from symloss.analyze.lengths import bound
from symloss.analyze.lines import SIZE, Line, endless, fastest, grows_with_others, steepest
from symloss.analyze.scope import Scope, over_axes
from symloss.domains import Real
from symloss.functions import size_symbol
from symloss.value import Loss

__all__ = ["growth", "influence_of", "least_gradient", "lipschitz", "smoothness"]

_NAMES = {1: "gradient", 2: "second derivative"}


@lru_cache(maxsize=256)
def lipschitz(loss: Loss, wrt: str) -> Answer:
    """The supremum of the Euclidean length of the gradient, or a bound of it."""
    return over_axes(loss, lambda scope: _constant(loss, wrt, 1, scope))


@lru_cache(maxsize=256)
def smoothness(loss: Loss, wrt: str) -> Answer:
    """The supremum of the largest eigenvalue, in size, of the Hessian, or a bound of it."""
    return over_axes(loss, lambda scope: _constant(loss, wrt, 2, scope))


def _constant(loss: Loss, wrt: str, order: int, scope: Scope) -> Answer:
    try:
        both = bound(loss, wrt, scope.facts, scope.fixed)
        found: Expr = both.length if order == 1 else both.bend
    except (Undecided, sympy.PolynomialError) as error:
        found, open_ = sympy.oo, str(error)
    else:
        open_ = f"a bound of the {_NAMES[order]}"
    if found.is_finite is not False and not found.has(sympy.oo):
        return _met(loss, order, found, steepest(loss, wrt, order, scope, _of_size(loss, found)), scope)
    line = endless(loss, wrt, order, scope)
    if line is not None:
        return _endless(order, line)
    line = grows_with_others(loss, wrt, order, scope)
    if line is not None:
        return Answer(sympy.oo, PROVEN, f"The {_NAMES[order]} has a bound only while the other inputs have one: along "
                      f"{line.words} it goes to ∞ with their size.")  # fmt: skip
    return Answer(status=UNKNOWN, argument=f"The rules leave open {open_}.")


def _of_size(loss: Loss, found: Expr) -> Expr:
    """A bound where every axis has the length that it has on the lines."""
    return found.xreplace({size_symbol(axis): sympy.Integer(SIZE) for axis in loss.axes})


def _met(loss: Loss, order: int, found: Expr, shown: tuple[Expr, Line] | None, scope: Scope) -> Answer:
    found = readable(found)
    what = "length" if order == 1 else "largest eigenvalue, in size,"
    of = "gradient" if order == 1 else "Hessian"
    argument = f"By the chain rule on what the loss is composed of, the {what} of the {of} is at most {found}"
    sharp = shown is not None and is_zero(shown[0] - _of_size(loss, found))
    if sharp and shown is not None:
        with_sizes = f" (axes of length {SIZE})" if loss.axes else ""
        argument += (
            f"; along {shown[1].words}{with_sizes} that is its supremum, so no smaller constant will do."
        )
    else:
        argument += "; whether a smaller constant would do stays open."
    return Answer(found, PROVEN, argument, details={"norm": "Euclidean", "sharp": sharp})


def _endless(order: int, line: Line) -> Answer:
    what = "derivative has no bound" if order == 1 else "derivative jumps, or its slope has no bound"
    return Answer(sympy.oo, PROVEN, f"Along {line.words} the {what}, so no constant will do.",
                  details={"norm": "Euclidean"})  # fmt: skip


def growth(loss: Loss, wrt: str) -> Answer:
    """The order of growth far away: on a line, and no faster than a bound of the gradient or of the Hessian allows."""
    given = loss.argument(wrt).domain
    if not given.lower.is_infinite and not given.upper.is_infinite:
        return Answer("bounded domain", PROVEN, "The prediction is bounded.")
    return over_axes(loss, lambda scope: _growth(loss, wrt, scope))


def _growth(loss: Loss, wrt: str, scope: Scope) -> Answer:
    bounded = next(
        (
            (order, constant, what)
            for order, constant, what in (
                (1, lipschitz(loss, wrt), "gradient"),
                (2, smoothness(loss, wrt), "Hessian"),
            )
            if constant.status == PROVEN and constant.value != sympy.oo
        ),
        None,
    )
    most = (0, bounded[0], 0) if bounded else None
    found = fastest(loss, wrt, scope, most)
    if found is None:
        return Answer(argument="On no line the rules give the order of growth.")
    lead, line = found
    along = f"Along {line.words} it is {lead.words}"
    if bounded and lead.order == most:
        argument = f"{along}, and the {bounded[2]} has a bound, so it grows no faster."
        return Answer(lead.words, PROVEN, argument, holds_for=bounded[1].holds_for)
    if lead.order == (0, 0, 0):
        return Answer(argument=f"{along}; the rules do not say whether it is bounded everywhere.")
    return Answer(f"at least {lead.words}", PROVEN, f"{along}.")


def least_gradient(loss: Loss, wrt: str, smooth: Answer, dead: Answer | None, range_: Answer) -> Answer:
    """The infimum of the length of the gradient: 0 in a region without gradient, and for what has a lower bound."""
    if dead is not None and dead.value:
        return Answer(sympy.S.Zero, PROVEN, f"It is 0 where {in_words(dead.value)}; {dead.details['such_as']}",
                      holds_for=at_defaults(loss))  # fmt: skip
    least = (range_.details.get("bounds") or [range_.details.get("infimum", -sympy.oo)])[0]
    everywhere = loss.argument(wrt).domain == Real
    known = smooth.status == range_.status == PROVEN and str(smooth.value).startswith(("C^", "at least C^"))
    if everywhere and known and not str(smooth.value).endswith("C^0") and least != -sympy.oo:
        covers = range_.holds_for if len(range_.holds_for) > len(smooth.holds_for) else smooth.holds_for
        return Answer(sympy.S.Zero, PROVEN, "A loss with a gradient everywhere and a lower bound has places at which "
                      "the gradient is as small as one likes (Ekeland 1974).", holds_for=covers)  # fmt: skip
    return Answer(argument="The rules do not give the smallest length of the gradient.")


def influence_of(lipschitz: Answer) -> Answer:
    """What the length of the gradient says of one example's influence."""
    if lipschitz.status != PROVEN:
        return Answer(argument=lipschitz.argument)
    if lipschitz.value == sympy.oo:
        return lipschitz.saying(value="growing", details={})
    return lipschitz.saying(
        value="bounded", argument=f"{lipschitz.argument} One example pulls by {in_words(lipschitz.value)} at most.",
        details={},
    )  # fmt: skip
