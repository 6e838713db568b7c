"""What an expression compares: on which side of it one formula goes over into another."""

from __future__ import annotations

from collections.abc import Iterator

import sympy
from sympy import Abs, Expr, sign
from sympy.core.relational import Relational

from symloss.functions.over_axes import subexpressions
from symloss.functions.pointwise import Cases, maximum

__all__ = ["compared"]


def compared(expr: Expr) -> Iterator[tuple[Expr, Expr]]:
    """The pairs that are compared anywhere in an expression: by an absolute value, a sign, a maximum or a case.

    Below a binder a pair has the index that is bound there.
    """
    for node in subexpressions(expr):
        if isinstance(node, (Abs, sign)):
            yield node.args[0], sympy.S.Zero
        elif isinstance(node, maximum):
            yield node.args[:2]
        elif isinstance(node, Cases):
            for _, condition in node.pairs:
                for relation in sorted(condition.atoms(Relational), key=sympy.default_sort_key):
                    yield relation.args
