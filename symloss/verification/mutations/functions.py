"""Mistakes with the functions in a derivative: one is missing, another stands in its place, an exponent is off."""

from __future__ import annotations

from collections.abc import Iterator

import sympy
from sympy import Abs, Expr, Pow, exp, log, sign, tanh

from symloss.functions import Norm, Softmax, Sum, ratio, sigmoid, softplus
from symloss.verification.mutations.subject import Mutation, Subject, nodes, replaced

__all__ = ["FUNCTIONS"]


def _function_missing(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for node in nodes(expr, Abs, sigmoid, tanh, exp, log, softplus, sign):
        if type(node) is not sign:
            yield (
                replaced(expr, node, node.args[0]),
                {
                    "what": f"{node.func.__name__.lower()} is missing: {node.args[0]} stands in place of {node}"
                },
            )
    for node in nodes(expr, sign):
        yield (
            replaced(expr, node, sympy.Integer(1)),
            {
                "kind": "sign",
                "what": f"the sign of {node.args[0]} is missing",
            },
        )
        yield replaced(expr, node, node.args[0]), {"what": f"{node.args[0]} stands in place of its sign"}
    for node in nodes(expr, Pow):
        if node.exp.is_number and node.exp not in (1, -1):
            yield (
                replaced(expr, node, node.base),
                {"what": f"the power is missing: {node.base} stands in place of {node}"},
            )
    for node in nodes(expr, Norm):
        squares = Sum(node.body**2, node.index, node.size)
        yield (
            replaced(expr, node, squares),
            {"what": "the square root is missing: the squared distance stands in place of the distance"},
        )
    for d in s.loss.definitions.values():
        if isinstance(d.expr, Norm) and not d.indices and d.symbol in expr.free_symbols:
            yield (
                replaced(expr, d.symbol, d.symbol**2),
                {"what": f"the squared {d.name} stands in place of {d.name}"},
            )
            for node in nodes(expr, ratio):
                yield replaced(expr, node, node.args[0]), {"what": f"it is not divided by {node.args[1]}"}
    for node in nodes(expr, Softmax):
        yield (
            replaced(expr, node, node.logit),
            {"what": f"softmax is missing: {node.logit} stands in place of {node}"},
        )
        yield replaced(expr, node, exp(node.logit)), {"what": "the softmax is not divided by its sum"}


def _other_power(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for node in nodes(expr, Pow):
        for step in (-1, 1):
            new = node.base ** (node.exp + step)
            yield (
                replaced(expr, node, new),
                {"what": f"{new} stands in place of {node}: the exponent is off by one"},
            )


def _other_function(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for node in nodes(expr, sigmoid):
        yield (
            replaced(expr, node, tanh(node.args[0])),
            {"what": f"tanh stands in place of the logistic function of {node.args[0]}"},
        )
    for node in nodes(expr, tanh):
        yield (
            replaced(expr, node, sign(node.args[0])),
            {"what": f"sign stands in place of tanh({node.args[0]})"},
        )
        yield (
            replaced(expr, node, sigmoid(node.args[0])),
            {"what": "the logistic function stands in place of tanh"},
        )
    for node in nodes(expr, Abs, sign):
        if isinstance(node, sign):
            yield (
                replaced(expr, node, tanh(node.args[0])),
                {"what": f"tanh stands in place of the sign of {node.args[0]}"},
            )
        else:
            yield replaced(expr, node, node.args[0] ** 2), {"what": f"a square stands in place of {node}"}


FUNCTIONS: tuple[Mutation, ...] = (
    Mutation("a function missing", "missing-term", "{what}", _function_missing, 1.05),
    Mutation("an exponent", "other", "{what}", _other_power, 1.1),
    Mutation("another function", "other", "{what}", _other_function, 1.3),
)  # fmt: skip
"""Rows that change a function or an exponent."""
