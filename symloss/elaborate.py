"""Reads a formula as it was meant: exact numbers, the declared convention at ties, 0·log 0 = 0."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy
from sympy import Expr, Indexed, Pow, Symbol, log

from symloss import functions
from symloss.functions import Cases, Norm, Sum, maximum, names_in, sigmoid, xlogy
from symloss.value import DeclarationError, Definition, exact

HALF = sympy.Rational(1, 2)

__all__ = ["elaborated", "meant", "ties_of"]


def ties_of(kink: str, inputs: set[str], definitions: dict[str, Definition]) -> Callable[[Expr], Expr]:
    """How Max(a, b) of this declaration becomes ``maximum(a, b, tie)``."""

    def varies(expr: Expr) -> bool:
        names = names_in(expr)
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
    if isinstance(expr, bool) or not isinstance(expr, (int, float, Expr)):
        raise DeclarationError(f"{name}: the formula must be one number, not {type(expr).__name__} {expr!r}")

    def rewrite(node):
        if isinstance(node, sympy.Float):
            return exact(node)
        if isinstance(node, sympy.Piecewise):
            return Cases(*((v, c) for v, c in node.args))
        if isinstance(node, sympy.Min):
            largest = sympy.Max(*(-a for a in node.args))
            return -(largest if ties is None else ties(largest) or largest)
        if (
            isinstance(node, Pow)
            and node.exp == HALF
            and isinstance(node.base, Sum)
            and isinstance(node.base.body, Pow)
        ):
            body, fresh = functions.open_binder(node.base)
            if body.exp == 2:
                # whose gradient at 0 is 0, where the root's is 0/0
                return Norm(body.base, fresh, node.base.size)
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


def _as_xlogy(product: Expr, definitions: Mapping[str, Definition]) -> Expr | None:
    """c·log u as xlogy(c, u), for the factors c that can be 0 where u is."""
    logs = [a for a in product.args if isinstance(meant(a, definitions), log)]
    logs = [a for a in logs if not _never_zero(meant(a, definitions).args[0], definitions)]
    if not logs:
        return _expanded_logs(product, definitions)
    if len(logs) != 1:
        return None
    argument = meant(logs[0], definitions).args[0]
    factors = sympy.Mul.make_args(product / logs[0])
    weights = [f for f in factors if _zero_with(f, argument, definitions)]
    if not weights:
        return None
    outside = sympy.Mul(*(f for f in factors if f not in weights))
    weight = sympy.Mul(*weights)
    if weight.as_coeff_Add()[0] < 0:
        weight, outside = -weight, -outside
    return outside * xlogy(weight, argument)


def _expanded_logs(product: Expr, definitions: Mapping[str, Definition]) -> Expr | None:
    """c·(log u + b) as xlogy(c, u) + c·b, where c can be 0 with u."""
    for inner in (f for f in product.args if isinstance(f, sympy.Add)):
        rest = product / inner
        terms = [rest * term for term in inner.args]
        read = [_as_xlogy(t, definitions) if isinstance(t, sympy.Mul) else None for t in terms]
        if any(r is not None for r in read):
            return sympy.Add(*(t if r is None else r for t, r in zip(terms, read, strict=True)))
    return None


def _zero_with(factor: Expr, u: Expr, definitions: Mapping[str, Definition]) -> bool:
    """Whether a factor can be 0 where u is 0: it varies by itself, or vanishes at the same end of a shared number."""
    if factor.is_nonzero or not _labels(factor) or _labels(factor) & definitions.keys():
        return False
    shared = _labels(factor) & _labels(u)
    if not shared:
        return True
    numbers = [
        s for s in u.free_symbols if isinstance(s, Indexed) or (isinstance(s, Symbol) and s.name in shared)
    ]
    ends = ({number: end} for number in numbers for end in (sympy.S.Zero, sympy.S.One))
    return any(u.xreplace(end) == 0 and factor.xreplace(end) == 0 for end in ends)


def _labels(expr: Expr) -> set[str]:
    """The names of the tensors, intermediates and hyper-parameters in an expression."""
    return {s.name for s in expr.free_symbols if isinstance(s, Symbol) and not s.is_integer}


def meant(expr: Expr, definitions: Mapping[str, Definition]) -> Expr:
    """What a named intermediate stands for."""
    if isinstance(expr, Symbol) and expr.name in definitions:
        return definitions[expr.name].expr
    if isinstance(expr, Indexed) and expr.base.label.name in definitions:
        return definitions[expr.base.label.name].at(*expr.args[1:])
    return expr


def _never_zero(u: Expr, definitions: Mapping[str, Definition]) -> bool:
    """Whether u > 0 can be read off: a positive symbol, or 1 − σ(x), 1 − softmax(x)."""
    return bool(u.is_positive) or isinstance(meant(1 - u, definitions), (sigmoid, functions.Softmax))
