"""Mistakes with the arguments of a loss: two are swapped, one stands for its complement, one is ignored."""

from __future__ import annotations

from collections.abc import Iterator

import sympy
from sympy import Expr, Indexed

from symloss.value import Input
from symloss.verification.mutations.subject import Mutation, Subject, elements, replaced

__all__ = ["ARGUMENTS"]


def _swapped(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    inputs = [i for i in s.loss.inputs if i.type.classes is None]
    scalars = [p for p in s.loss.parameters if not p.axes and not p.domain.integer]
    for group in (inputs, scalars):
        for k, a in enumerate(group):
            for b in group[k + 1 :]:
                if a.axes == b.axes:
                    yield _exchanged(expr, a, b), {"what": f"{a.name} and {b.name} are swapped"}
    for one in (*inputs, *scalars):
        if one.domain.values == (0, 1) or one.domain.name == "Probability":
            for node in elements(expr, one):
                yield (
                    replaced(expr, node, 1 - node),
                    {"what": f"1 - {one.name} stands in place of {one.name}"},
                )
    for d in s.loss.definitions.values():
        if not d.indices and d.symbol in expr.free_symbols and str(d.name).startswith(("p", "alpha")):
            yield (
                replaced(expr, d.symbol, 1 - d.symbol),
                {"what": f"1 - {d.name} stands in place of {d.name}"},
            )


def _exchanged(expr: Expr, a: Input, b: Input) -> Expr | None:
    table: dict[Expr, Expr] = {}
    for mine, other in ((a, b), (b, a)):
        for node in elements(expr, mine):
            table[node] = Indexed(other.tensor, *node.args[1:]) if other.axes else other.symbol
    try:
        changed = expr.xreplace(table)
    except (AssertionError, TypeError):
        return None
    return None if changed == expr else changed


def _ignored(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for p in s.loss.parameters:
        nodes = elements(expr, p)
        numbers = dict.fromkeys(
            [sympy.nsimplify(p.default, rational=True), sympy.Integer(1), sympy.Integer(0)]
        )
        for number in numbers:
            changed: Expr | None = expr
            for node in nodes:
                changed = None if changed is None else replaced(changed, node, number)
            if nodes:
                words = f"it ignores {p.name}, as if it were always {number}"
                yield changed, {"what": words}
    for d in s.loss.definitions.values():
        if d.indices or d.symbol not in expr.free_symbols or s.loss.depends(d.expr, s.wrt):
            continue
        yield replaced(expr, d.symbol, sympy.Integer(1)), {"what": f"it ignores {d.name}, as if it were 1"}
        for p in s.loss.parameters:
            if p.symbol in d.expr.free_symbols:
                words = f"it takes {p.name} for {d.name} = {d.expr}, whatever the label"
                yield replaced(expr, d.symbol, p.symbol), {"what": words}


ARGUMENTS: tuple[Mutation, ...] = (
    Mutation("two things swapped", "swapped-arguments", "{what}", _swapped),
    Mutation("a hyper-parameter ignored", "ignored-parameter", "{what}", _ignored, 0.95),
)  # fmt: skip
"""Rows that put one argument for another, or a constant for it."""
