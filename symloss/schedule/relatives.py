"""Writes a costly function in terms of one that is taken of the same number anyway."""

from __future__ import annotations

import sympy
from sympy import Abs, Expr, tanh

from symloss.functions import Cases, expm1, rebuild
from symloss.schedule.program import Block, Loop, expression_with

__all__ = ["by_relatives"]


def by_relatives(block: Block) -> Block:
    """The same statements, with tanh x from e^(-|x|) - 1 wherever that is taken, too."""
    taken = set(_functions(block, expm1))
    known = {e: _tanh(e.args[0]) for e in _functions(block, tanh) if expm1(-Abs(e.args[0])) in taken}
    return _rewritten(block, known) if known else block


def _tanh(x: Expr) -> Expr:
    """By m = e^(-|x|) - 1 and d = e^(-2|x|) - 1 = m (m + 2), none of which cancels: tanh |x| = -d/(2 + d)."""
    m = expm1(-Abs(x))
    d = m * (m + 2)
    return Cases((-1, x >= 0), (1, True)) * d / (2 + d)


def _rewritten(block: Block, known: dict[Expr, Expr]) -> Block:
    statements: list = []
    for s in block.statements:
        if isinstance(s, Loop):
            statements.append(Loop(s.index, s.size, s.accumulators, _rewritten(s.body, known)))
        else:
            statements.append(expression_with(s, rebuild(s.expr, known.get, top_down=True)))
    return Block(statements)


def _functions(block: Block, kind: type) -> list[Expr]:
    found: list[Expr] = []
    for s in block.statements:
        if isinstance(s, Loop):
            found += _functions(s.body, kind)
        else:
            found += [e for e in sympy.preorder_traversal(s.expr) if isinstance(e, kind)]
    return found
