"""Reads a formula as it was meant: exact numbers, the declared convention at ties, 0·log 0 = 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from sympy import Expr, Indexed, Symbol, log

from symloss import functions
from symloss.functions import Cases, maximum, sigmoid, xlogy
from symloss.value import DeclarationError, Definition, exact

__all__ = ["elaborated", "ties_of"]


def ties_of(kink: str, inputs: set[str], definitions: dict[str, Definition]) -> Callable[[Expr], Expr]:
    """How Max(a, b) of this declaration becomes ``maximum(a, b, tie)``."""

    def varies(expr: Expr) -> bool:
        names = {s.name for s in expr.free_symbols if isinstance(s, Symbol)}
        return bool(names & inputs) or any(varies(definitions[n].expr) for n in names & definitions.keys())

    def convert(node: Expr) -> Expr | None:
        if not isinstance(node, sympy.Max):
            return None
        first, *others = sorted(node.args, key=lambda a: (varies(a), sympy.default_sort_key(a)))
        for other in others:
            one_sided = sympy.Integer(1 if kink == "one" else 0)
            first = maximum(first, other, sympy.Rational(1, 2) if varies(first) else one_sided)
        return first

    return convert


def elaborated(
    name: str, expr: Any, ties: Callable | None = None, definitions: dict[str, Definition] | None = None
) -> Expr:
    """The expression with exact numbers, conventions attached, and c·log u read as ``xlogy`` where c can be 0."""
    if hasattr(expr, "misused"):
        raise DeclarationError(f"{name}: {expr.misused()}")
    if isinstance(expr, (bool, sympy.logic.boolalg.Boolean)) or not isinstance(expr, (int, float, Expr)):
        raise DeclarationError(f"{name}: the formula must be one number, not {type(expr).__name__} {expr!r}")

    def rewrite(node):
        if isinstance(node, sympy.Float):
            return exact(float(node))
        if isinstance(node, sympy.Piecewise):
            return Cases(*((v, c) for v, c in node.args))
        if isinstance(node, sympy.Min):
            node = -sympy.Max(*(-a for a in node.args))
        if ties is not None:
            if isinstance(node, sympy.Mul) and any(isinstance(a, sympy.Max) for a in node.args):
                return None
            tied = ties(node)
            if tied is not None:
                return tied
            if isinstance(node, sympy.Mul):
                return _as_xlogy(node, definitions or {})
        return None

    if isinstance(expr, float):
        return exact(expr)
    return functions.rebuild(expr, rewrite)


def _as_xlogy(product: Expr, definitions: dict[str, Definition]) -> Expr | None:
    """c·log u as xlogy(c, u), where c does not share a symbol with u and both can be 0."""
    logs = [a for a in product.args if isinstance(a, log) and not _never_zero(a.args[0], definitions)]
    if len(logs) != 1:
        return None
    argument = logs[0].args[0]
    number, rest = (product / logs[0]).as_coeff_Mul()
    if not _labels(rest) or _labels(rest) & _labels(argument) or rest.is_nonzero:
        return None
    weights = [f for f in sympy.Mul.make_args(rest) if not f.is_nonzero]
    outside = sympy.Mul(number, *(f for f in sympy.Mul.make_args(rest) if f not in weights))
    weight = sympy.Mul(*weights)
    if weight.as_coeff_Add()[0] < 0:
        weight, outside = -weight, -outside
    return outside * xlogy(weight, argument)


def _labels(expr: Expr) -> set[str]:
    """The names of the tensors, intermediates and hyper-parameters in an expression."""
    return {s.name for s in expr.free_symbols if isinstance(s, Symbol) and not s.is_integer}


def _never_zero(u: Expr, definitions: dict[str, Definition]) -> bool:
    """Whether u > 0 can be read off: a positive symbol, or 1 − σ(x), 1 − softmax(x)."""
    if u.is_positive:
        return True
    rest = 1 - u
    label = (
        rest.name if isinstance(rest, Symbol) else rest.base.label.name if isinstance(rest, Indexed) else None
    )
    if label in definitions:
        rest = definitions[label].expr
    return isinstance(rest, (sigmoid, functions.Softmax))
