"""Hyper-parameters that a function has built in: the values that people fix them at, and those that drop a part."""

from __future__ import annotations

from collections.abc import Mapping

import sympy
from sympy import Expr, Mul

from symloss.value import Loss, Parameter

__all__ = ["FIXED", "degenerate"]

FIXED = (2.0, 1.0, 0.5, 0.25, 0.75, 0.1, 0.2, 0.3, 0.7, 0.8, 0.9, 1.5, 2.5, 3.0, 4.0, 5.0, 10.0, 0.0, 0.05, 0.01,
         1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 20.0, 100.0)  # fmt: skip
"""What people fix a hyper-parameter at."""


def degenerate(loss: Loss, fixed: Mapping[str, float]) -> bool:
    """Whether the loss loses a part at these values: a function that has them ignores the parameter altogether.

    So it is at 0, at a factor of 1, where a share is as large as the rest of it, and where two parameters that
    differ become the same.
    """
    known = {p.name: p for p in loss.parameters}
    whole = [loss.example, loss.batch, *(d.expr for d in loss.definitions.values())]
    for name, value in fixed.items():
        one = known[name]
        share = one.domain.name == "Probability" and value == 0.5
        if value == 0 or share or (value == 1 and any(_is_factor(one, e) for e in whole)):
            return True
        for other in loss.parameters:
            same = not other.axes and fixed.get(other.name, other.default) == value
            if other is not one and same and other.default != one.default:
                return True
    return False


def _is_factor(one: Parameter, expr: Expr) -> bool:
    return any(isinstance(n, Mul) and one.symbol in n.args for n in sympy.preorder_traversal(expr))
