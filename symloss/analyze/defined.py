"""Whether a formula is proven to be real, finite and continuous over the ranges of its symbols."""

from __future__ import annotations

import sympy
from sympy import Expr

from symloss import functions
from symloss.analyze.facts import Facts
from symloss.analyze.signs import nonnegative, positive, sign

__all__ = ["analytic", "defined"]

_SOMEWHERE = tuple(f.function for f in functions.ELEMENTARY if not f.everywhere)
"""Functions that are not numbers at every real number."""


def defined(expr: Expr, facts: Facts) -> str | None:
    """None where the formula is proven to be real and finite; else the part of which that is not proven."""
    for node in sympy.postorder_traversal(expr):
        if isinstance(node, (sympy.log, functions.xlogy)):
            fine = positive(node.args[-1], facts)
        elif isinstance(node, functions.log1p):
            fine = positive(1 + node.args[0], facts)
        elif isinstance(node, sympy.Pow) and node.exp.is_Integer:
            fine = node.exp > 0 or sign(node.base, facts) in ("+", "-")
        elif isinstance(node, sympy.Pow):
            negative = node.exp.is_Rational and node.exp < 0
            base = positive(node.base, facts)
            fine = base or (not negative and nonnegative(node.base, facts) and nonnegative(node.exp, facts))
        elif isinstance(node, functions.ratio):
            fine = sign(node.args[1], facts) in ("+", "-")
        elif isinstance(node, _SOMEWHERE):
            fine = False
        else:
            fine = node not in (sympy.nan, sympy.zoo, sympy.oo, -sympy.oo)
        if not fine:
            return str(node)
    return None


def analytic(expr: Expr, facts: Facts) -> str | None:
    """None where a formula without joints has, moreover, derivatives of every order; else what leaves that open.

    A root is defined where its argument is 0, and has no derivative there.
    """
    trouble = defined(expr, facts)
    if trouble is not None:
        return trouble
    for node in sympy.postorder_traversal(expr):
        if isinstance(node, sympy.Pow) and not node.exp.is_Integer and not positive(node.base, facts):
            return str(node)
    return None
