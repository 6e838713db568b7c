"""Refuses a declaration that cannot be meant: symbols that nobody declared, axes that do not match, no real number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import mpmath
import sympy
from sympy import Expr, Indexed, KroneckerDelta, Symbol

from symloss import functions
from symloss.evaluate import SUPPORTED_FUNCTIONS, evaluate
from symloss.functions import ArgMax, Index, maximum, ratio, sigmoid, size_symbol, softplus, xlogy
from symloss.naming import taken_by_code
from symloss.sample import sample
from symloss.value import DeclarationError, Loss

__all__ = ["check_formula", "check_length", "check_names", "check_real"]

MOST = 20_000
"""The numbers, names and operations that a formula may have: beyond, its derivatives take minutes."""

DEEPEST = 150
"""The operations that may stand within one another: Python reads no code with more than 200 brackets in brackets."""


def check_length(name: str, formulas: Iterable[Expr]) -> None:
    """Refuse what is too long or too deep to be derived and compiled."""
    formulas = list(formulas)
    deep, long = max(map(functions.depth, formulas)), sum(map(functions.length, formulas))
    if deep > DEEPEST:
        raise DeclarationError(
            f"{name}: {deep} operations stand within one another, more than {DEEPEST}; give what is inside a name, "
            "such as u = named('u', …)"
        )
    if long > MOST:
        raise DeclarationError(
            f"{name}: written out, the formula has {long} numbers, names and operations, more than {MOST}; give what "
            "is used more than once a name, such as u = named('u', …), or write a sum over an axis"
        )


def check_names(declared: Loss) -> None:
    """Refuse a name that generated code gives to an output or an array of its own."""
    for name in taken_by_code(declared):
        raise DeclarationError(
            f"{declared.name}: {name!r} is what the generated code calls an output or an array of its own; "
            "choose another name"
        )


def check_formula(declared: Loss) -> None:
    """Refuse symbols that were not declared, axes that do not match, and numbers that are not real."""
    name = declared.name
    arguments = (*declared.inputs, *declared.parameters)
    known = {a.name for a in arguments} | set(declared.definitions)
    own = {a.tensor.label if a.axes else a.symbol for a in arguments}
    own |= {d.symbol.label if d.indices else d.symbol for d in declared.definitions.values()}
    sizes = {size_symbol(a) for a in declared.axes}
    parts: list[tuple[str, Expr, dict]] = [
        ("", declared.example, {}),
        ("", declared.normalizer, {}),
        ("", declared.batch, {}),
    ]
    parts += [(f" (in {d.name!r})", d.expr, d.axis_of()) for d in declared.definitions.values()]
    for where, expr, indices in parts:
        if expr.has(sympy.I, sympy.zoo, sympy.nan) or expr.is_extended_real is False:
            raise DeclarationError(f"{name}{where}: {expr} is not a real number; a loss must be real")
        for symbol in sorted(expr.free_symbols, key=str):
            if isinstance(symbol, Indexed) or symbol in sizes or symbol in indices:
                continue
            if isinstance(symbol, Index):
                raise DeclarationError(
                    f"{name}{where}: index {symbol} is free in {expr}, so this is no single number; "
                    f"bind it, such as Sum[{symbol}](…)"
                )
            if symbol.name not in known:
                if symbol.is_integer and symbol.is_positive:
                    raise DeclarationError(f"{name}{where}: no argument has the axis {symbol}; declare one")
                raise DeclarationError(
                    f"{name}{where}: the symbol {symbol} is not declared; make it an argument, or a "
                    f"hyper-parameter behind the *: {symbol}: Real = 1"
                )
            if symbol not in own:
                raise DeclarationError(
                    f"{name}{where}: the symbol {symbol} is another than the argument {symbol}; do not make one, "
                    "and use what the function is called with"
                )
        _check_functions(name + where, expr)
        _check_indices(declared, name + where, expr, indices)


_PRIMITIVES = (sigmoid, softplus, xlogy, ratio, maximum, sympy.sign, KroneckerDelta, sympy.Max)


def _check_functions(where: str, expr: Expr) -> None:
    for node in sympy.preorder_traversal(expr):
        if isinstance(node, sympy.Function) and not isinstance(node, _PRIMITIVES):
            if type(node) not in SUPPORTED_FUNCTIONS:
                raise DeclarationError(
                    f"{where}: the function {type(node).__name__} in {node} is not supported"
                )
        elif isinstance(node, (sympy.Sum, sympy.Product, sympy.Integral, sympy.Derivative)):
            raise DeclarationError(
                f"{where}: write symloss's Sum[j](…) in place of SymPy's {type(node).__name__}"
            )


def _check_indices(declared: Loss, where: str, expr: Expr, formal: dict[Symbol, Expr]) -> None:
    """Every index must run over the axis at which it is used."""
    used = [
        (element, place, length)
        for element in sorted(expr.atoms(Indexed), key=str)
        for place, length in zip(element.args[1:], element.base.shape, strict=True)
    ]
    used += [(b, b.at, b.size) for b in functions.binders(expr) if hasattr(b, "at")]
    axis_of = {**{b.index: b.size for b in functions.binders(expr)}, **formal}
    for element, place, length in used:
        if place not in formal and place in axis_of and _binds(expr, place, element, length):
            continue
        actual = axis_of.get(place)
        if isinstance(place, ArgMax):
            actual = place.size
        elif actual is None and isinstance(place, (Symbol, Indexed)):
            label = place.name if isinstance(place, Symbol) else place.base.label.name
            argument = next((i for i in declared.inputs if i.name == label), None)
            if argument is not None and argument.type.classes:
                actual = size_symbol(argument.type.classes)
        if actual is None:
            raise DeclarationError(
                f"{where}: {place} cannot index {element}; use an index of a reduction, a ClassIndex argument, "
                "or argmax[j](…)"
            )
        if actual != length:
            raise DeclarationError(
                f"{where}: {element} is indexed along its axis {length} by {place}, which runs over {actual}; "
                "the axes must match"
            )


def _binds(expr: Expr, place: Symbol, element: Expr, length: Expr) -> bool:
    """Whether a binder of the right size binds ``place`` around ``element``."""
    return any(b.index == place and b.size == length and b.body.has(element) for b in functions.binders(expr))


def check_real(declared: Loss) -> None:
    """Evaluate at points of the domain: a formula that leaves the real numbers there is refused."""
    for seed in range(4):
        environment = sample(declared, seed)
        terms = [declared.example, declared.normalizer, declared.batch]
        for term in terms:
            try:
                value = evaluate(term, environment, 20, {})
            except (TypeError, ZeroDivisionError, OverflowError) as error:
                raise DeclarationError(f"{declared.name}: {term} cannot be evaluated: {error}") from error
            at = ", ".join(f"{k} = {_short(v)}" for k, v in environment.values.items())
            if not mpmath.isfinite(value):
                raise DeclarationError(
                    f"{declared.name}: the formula is infinite or undefined inside its domain: at {at}"
                )
            if hasattr(value, "imag") and value.imag != 0:
                raise DeclarationError(
                    f"{declared.name}: the formula is not real on the declared domain: at {at} it is "
                    f"{complex(value):.4g}; narrow a domain (Positive, Probability), or mend the formula"
                )


def _short(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_short(v) for v in value) + "]"
    return f"{float(value):.4g}"
