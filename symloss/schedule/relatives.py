"""Writes a costly function in terms of one that is taken of the same number anyway, and a difference in fewer steps."""

from __future__ import annotations

from sympy import Abs, Add, Expr, Mul, tanh

from symloss.functions import Cases, expm1
from symloss.schedule.program import Block, functions_in, rewritten

__all__ = ["by_relatives", "difference_of_probabilities"]


def by_relatives(block: Block) -> Block:
    """The same statements, with tanh x from e^(-|x|) - 1 wherever that is taken, too, and short differences."""
    block = rewritten(block, difference_of_probabilities, top_down=False)
    taken = set(functions_in(block, expm1))
    known = {e: _tanh(e.args[0]) for e in functions_in(block, tanh) if expm1(-Abs(e.args[0])) in taken}
    return rewritten(block, known.get) if known else block


def difference_of_probabilities(e: Expr) -> Expr | None:
    """(1 - t) P - t (1 - P) is P - t, but for the largest P, for which 1 - P has a form that does not cancel."""
    if not isinstance(e, Add) or len(e.args) != 2:
        return None
    for first, second in (e.args, e.args[::-1]):
        choices = [f for f in Mul.make_args(second) if isinstance(f, Cases)]
        if len(choices) != 1 or len(choices[0].pairs) != 2:
            continue
        (largest, condition), (rest, _) = choices[0].pairs
        t, p = -second / choices[0], 1 - rest
        if first == (1 - t) * p:
            return Cases((first - t * largest, condition), (p - t, True))
    return None


def _tanh(x: Expr) -> Expr:
    """By m = e^(-|x|) - 1 and d = e^(-2|x|) - 1 = m (m + 2), none of which cancels: tanh |x| = -d/(2 + d)."""
    m = expm1(-Abs(x))
    d = m * (m + 2)
    return Cases((-1, x >= 0), (1, True)) * d / (2 + d)
