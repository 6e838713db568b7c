"""How steep a loss over axes is, and how fast that changes: a bound by composition, and lines that meet it."""

from __future__ import annotations

from functools import lru_cache

import sympy
from sympy import Expr

from symloss.analyze.algebra import is_zero, readable
from symloss.analyze.answer import PROVEN, UNKNOWN, Answer, in_words
from symloss.analyze.chart import Undecided
from symloss.analyze.lengths import bound
from symloss.analyze.lines import SIZE, Line, endless, grows_with_others, steepest
from symloss.analyze.scope import Scope, over_axes
from symloss.functions import size_symbol
from symloss.value import Loss

__all__ = ["influence_of", "lipschitz", "smoothness"]

_NAMES = {1: "gradient", 2: "second derivative"}


@lru_cache(maxsize=256)
def lipschitz(loss: Loss, wrt: str) -> Answer:
    """The supremum of the Euclidean length of the gradient, or a bound of it."""
    return over_axes(loss, lambda scope: _constant(loss, wrt, 1, scope))


def smoothness(loss: Loss, wrt: str) -> Answer:
    """The supremum of the largest eigenvalue, in size, of the Hessian, or a bound of it."""
    return over_axes(loss, lambda scope: _constant(loss, wrt, 2, scope))


def _constant(loss: Loss, wrt: str, order: int, scope: Scope) -> Answer:
    try:
        found = bound(loss, wrt, scope.facts, scope.fixed)[order - 1]
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
        argument += f"; along {shown[1].words}{with_sizes} that is its supremum, so no smaller constant will do."
    else:
        argument += "; whether a smaller constant would do stays open."
    return Answer(found, PROVEN, argument, details={"norm": "Euclidean", "sharp": sharp})


def _endless(order: int, line: Line) -> Answer:
    what = "derivative has no bound" if order == 1 else "derivative jumps, or its slope has no bound"
    return Answer(sympy.oo, PROVEN, f"Along {line.words} the {what}, so no constant will do.",
                  details={"norm": "Euclidean"})  # fmt: skip


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
