"""Mistakes in the factors and the terms of a derivative: one is missing, one is too much, a sign is flipped."""

from __future__ import annotations

from collections.abc import Iterator

import sympy
from sympy import Add, Expr, Indexed, Mul, Pow, exp, tanh

from symloss.functions import LogSoftmax, Norm, Softmax, ratio, sigmoid, softplus
from symloss.verification.mutations.subject import Mutation, Subject, nodes, replaced

__all__ = ["TERMS"]


def _without_factor(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for product in nodes(expr, Mul):
        for factor in product.args:
            if factor.is_number:
                continue
            changed = replaced(expr, product, product / factor)
            weights = {d.symbol for d in s.loss.definitions.values() if not s.loss.depends(d.expr, s.wrt)}
            if factor in {p.symbol for p in s.loss.parameters}:
                yield changed, {"kind": "ignored-parameter", "factor": f"{factor}, a hyper-parameter"}
            elif factor in weights:
                yield changed, {"kind": "ignored-parameter", "factor": f"{factor}, a weight"}
            else:
                yield changed, {"factor": str(factor)}
    for power in nodes(expr, Pow):
        if power is expr or isinstance(power.exp, sympy.Integer):
            yield replaced(expr, power, sympy.Integer(1)), {"factor": str(power)}
    for node in nodes(expr, ratio):
        yield replaced(expr, node, node.args[0]), {"factor": f"1/({node.args[1]})"}
    for node in nodes(expr, Norm, Softmax):
        if expr != node:
            yield replaced(expr, node, sympy.Integer(1)), {"factor": str(node)}


def _with_factor(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    """A chain factor that is there already, or does not belong there."""
    for d in s.loss.definitions.values():
        inner = s.inner(d)
        if inner is not None and not inner.is_number:
            yield expr * inner, {"term": f"d{d.name}/d{s.wrt} = {inner}"}
    if s.loss.expression.has(sigmoid, softplus) and not s.argument.axes:
        p = sigmoid(s.element)
        yield expr * p * (1 - p), {"term": f"sigmoid({s.wrt})*(1 - sigmoid({s.wrt}))"}
    if (
        s.loss.expression.has(LogSoftmax, Softmax)
        and isinstance(s.element, Indexed)
        and len(s.argument.axes) == 1
    ):
        j = sympy.Dummy("j", integer=True, nonnegative=True)
        size = s.argument.tensor.shape[0]
        p = Softmax(Indexed(s.argument.tensor, j), j, size, s.element.args[1])
        yield expr * p, {"term": f"softmax({s.wrt})"}
        yield expr * p * (1 - p), {"term": f"softmax({s.wrt})*(1 - softmax({s.wrt}))"}
    for one in s.loss.parameters:
        if not one.axes and not one.domain.integer:
            yield expr * one.symbol, {"term": one.name}


def _without_term(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for total in nodes(expr, Add):
        for term in total.args:
            yield replaced(expr, total, total - term), {"term": str(term)}


def _doubled(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for total in nodes(expr, Add):
        for term in total.args:
            if not term.is_number:
                yield replaced(expr, total, total + term), {"term": str(term)}


def _flipped(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for total in nodes(expr, Add):
        for term in total.args:
            yield replaced(expr, total, total - 2 * term), {"term": str(term)}
    for kind in (sigmoid, softplus, exp, tanh):
        for node in nodes(expr, kind):
            yield replaced(expr, node, kind(-node.args[0])), {"term": str(node.args[0])}
    for node in nodes(expr, Softmax):
        new = Softmax(-node.body, node.index, node.size, node.at)
        yield replaced(expr, node, new), {"term": str(node.body)}


TERMS: tuple[Mutation, ...] = (
    Mutation("a factor missing", "missing-chain-factor", "it misses the factor {factor}", _without_factor),
    Mutation("a factor too much", "extra-term", "it has the factor {term} too much", _with_factor, 1.05, False),
    Mutation("a term missing", "missing-term", "it misses the term {term}", _without_term),
    Mutation("a term twice", "extra-term", "it has the term {term} twice", _doubled, 1.05),
    Mutation("the sign of a part", "sign", "the sign of {term} is flipped", _flipped),
)  # fmt: skip
"""Rows that change a factor, a term or a sign."""
