"""Numeric differentiation with an estimate of its own error, so that a tolerance is derived and not chosen."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["richardson"]


LEVELS = 7
"""How often the step is halved, from the first on."""


def richardson(f: Callable[[float], float], x: float, step: float, noise: float) -> tuple[float, float]:
    """The derivative of ``f`` at ``x``, and a bound on its error.

    Central differences with steps ``step``, ``step``/2, … are extrapolated to step 0 (Ridders, C.J.F. (1982),
    Accurate computation of F'(x) and F'(x)F''(x), Advances in Engineering Software 4(2)). ``noise`` is the largest
    absolute error of a value of ``f``; its share in the result, noise/step, is part of the bound. Returned is the
    entry of the extrapolation table with the least bound.
    """
    best, bound = float("nan"), float("inf")
    row: list[float] = []
    for level in range(LEVELS):
        h = step / 2**level
        new = [(f(x + h) - f(x - h)) / (2 * h)]
        for order, before in enumerate(row, start=1):
            factor = 4.0**order
            new.append((factor * new[-1] - before) / (factor - 1))
            rounding = 2 * noise / h
            error = max(abs(new[-1] - new[-2]), abs(new[-1] - before)) + rounding
            if error < bound:
                best, bound = new[-1], error
        row = new
    return best, bound
