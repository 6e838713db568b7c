"""Mistakes in the branches of a derivative: one of them everywhere, others swapped, another condition."""

from __future__ import annotations

from collections.abc import Iterator

import sympy
from sympy import Abs, Expr
from sympy.core.relational import Relational

from symloss.functions import Cases, maximum
from symloss.verification.mutations.subject import Mutation, Subject, nodes, replaced

__all__ = ["BRANCHES"]


def _one_branch(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for cases in nodes(expr, Cases):
        for value, condition in cases.pairs:
            where = str(condition) if condition != sympy.true else "otherwise"
            yield replaced(expr, cases, value), {"what": f"it uses the branch {value} ({where}) everywhere"}
        if len(cases.pairs) == 2:
            (a, condition), (b, _) = cases.pairs
            yield (
                replaced(expr, cases, Cases((b, condition), (a, True))),
                {"what": f"its branches are swapped: {a} and {b} at {condition}"},
            )
            yield (
                replaced(expr, cases, Cases((0, condition), (b, True))),
                {"what": f"the branch {a} for {condition} is 0"},
            )
            yield (
                replaced(expr, cases, Cases((a, condition), (0, True))),
                {"what": f"the branch {b}, where not {condition}, is 0"},
            )
    for node in nodes(expr, maximum):
        for k in (0, 1):
            yield (
                replaced(expr, node, node.args[k]),
                {"what": f"it has {node.args[k]} in place of {node} everywhere"},
            )


def _other_condition(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for relation in nodes(expr, Relational):
        left, right = relation.args
        others: list[tuple[Expr, Expr]] = []
        if isinstance(left, Abs):
            others.append((left.args[0], right))
        if right.free_symbols:
            others += [(left, sympy.Integer(n)) for n in (0, 1)] + [
                (left, -right),
                (left, 2 * right),
                (left, right**2),
            ]
        elif left.free_symbols:
            parameters = [p.symbol for p in s.loss.parameters if p.symbol in left.free_symbols]
            others += [(left.xreplace({p: sympy.Integer(n)}), right) for p in parameters for n in (0, 1)]
            others += [(left.xreplace({p: -p}), right) for p in parameters]
        for a, b in others:
            if (a, b) != (left, right):
                new = relation.func(a, b)
                if not new.is_Boolean or new not in (sympy.true, sympy.false):
                    yield replaced(expr, relation, new), {"what": f"it switches at {new}, not at {relation}"}
    for node in nodes(expr, maximum):
        for p in s.loss.parameters:
            if p.symbol in node.free_symbols:
                for n in (0, 1):
                    new = node.xreplace({p.symbol: sympy.Integer(n)})
                    yield replaced(expr, node, new), {"what": f"its threshold is {new}, not {node}"}


BRANCHES: tuple[Mutation, ...] = (
    Mutation("a branch", "wrong-branch", "{what}", _one_branch),
    Mutation("a condition", "wrong-branch", "{what}", _other_condition, 1.05),
)  # fmt: skip
"""Rows that change a case or its condition."""
