"""What an expression comes to in floating-point arithmetic, step by step, by what each function says."""

from __future__ import annotations

import numpy as np
import sympy
from sympy import Abs, Expr, Indexed, Symbol, exp, sign

from symloss.backends.array_forms import minimum
from symloss.functions import Cases, expm1, group, log1p, maximum, nan_where
from symloss.schedule import clip


@np.errstate(all="ignore")
def number(e: Expr, at: dict) -> np.float64:
    """The value of an expression in floating-point arithmetic, each function by what it says."""
    if isinstance(e, (Symbol, Indexed)):
        return np.float64(at[str(e)])
    if e.is_number:
        return np.float64(e)
    if isinstance(e, Cases):
        return next(number(value, at) for value, condition in e.pairs if holds(condition, at))
    if isinstance(e, nan_where):
        return np.float64("nan") if np.isnan(number(e.args[1], at)) else number(e.args[0], at)
    values = [number(part, at) for part in (e.args[:2] if isinstance(e, maximum) else e.args)]
    one = {exp: np.exp, log1p: np.log1p, expm1: np.expm1, Abs: np.abs, sign: np.sign, group: np.positive}
    two = {
        sympy.Add: np.add,
        sympy.Mul: np.multiply,
        sympy.Pow: np.power,
        minimum: np.minimum,
        maximum: np.maximum,
    }
    if type(e) in one:
        return one[type(e)](values[0])
    if isinstance(e, clip):
        return np.maximum(np.minimum(values[0], values[2]), values[1])
    total = values[0]
    for value in values[1:]:
        total = two[type(e)](total, value)
    return total


def holds(condition, at: dict) -> bool:
    if condition in (sympy.true, sympy.false):
        return bool(condition)
    left, right = (number(side, at) for side in condition.args)
    signs = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}
    return bool({**signs, "==": left == right, "!=": left != right}[condition.rel_op])
