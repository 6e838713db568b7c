"""Whether a loss over axes is affine along a direction: by algebra, of the formula written out for a few entries."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import mpmath
import sympy
from sympy import Expr, Indexed, Symbol

from symloss import functions
from symloss.analyze.algebra import elementary, is_zero
from symloss.analyze.interval import Undefined, enclosure
from symloss.evaluate import Environment
from symloss.value import Input, Loss, exact

__all__ = ["affine_along", "filled", "written_out"]

LARGEST = 300
"""How many operations a formula may have that is written out."""


def affine_along(loss: Loss, wrt: str, at: Environment, only_first: bool) -> bool:
    """Whether the loss is proven to be affine on the segment from a place in the direction of all, or the first, ones.

    Hyper-parameters are at their defaults. The proof covers all places at which each maximum and each absolute value
    is decided as along this segment; False says nothing.
    """
    s = sympy.Dummy("s", real=True)
    numbers: dict[Symbol, tuple] = {s: (mpmath.mpf(0), mpmath.mpf(1))}
    expr = written_out(loss.expand(loss.expression), at.sizes)
    # labels are indices of others
    labels_first = sorted((*loss.inputs, *loss.parameters), key=lambda a: not _is_label(a))
    for argument in labels_first:
        entries: dict[Expr, Expr] = {}
        for place in itertools.product(*(range(at.sizes[a]) for a in argument.axes)):
            value = mpmath.mpf(at.element(argument.name, place))
            entry = Indexed(argument.tensor, *place) if argument.axes else argument.symbol
            if argument in loss.parameters:
                entries[entry] = exact(argument.default)
            elif _is_label(argument):
                entries[entry] = sympy.Integer(int(value))
            else:
                entries[entry] = letter = sympy.Dummy(f"{argument.name}_{len(numbers)}", real=True)
                numbers[letter] = (value, value)
            if argument.name == wrt and not (only_first and any(place)):
                entries[entry] += s
        expr = functions.rebuild(expr, entries.get, top_down=True)
        expr = written_out(expr, at.sizes)
    if expr.atoms(Indexed, functions.Binder) or sympy.count_ops(expr) > LARGEST:
        return False
    expr = functions.rebuild(expr, lambda n: _decided(n, s, numbers))
    if expr.has(functions.Cases, functions.maximum, sympy.Max, sympy.Min, sympy.Abs, sympy.sign):
        return False
    return is_zero(sympy.diff(elementary(expr), s, 2))


def _is_label(argument: Input) -> bool:
    return bool(argument.domain.values or argument.type.classes)


def written_out(expr: Expr, sizes: Mapping[str, int]) -> Expr:
    """With the entries of each reduction side by side, and sizes as numbers."""
    numbers = {functions.size_symbol(axis): sympy.Integer(n) for axis, n in sizes.items()}

    def write(node: Expr) -> Expr | None:
        if node in numbers:
            return numbers[node]
        if isinstance(node, (functions.Sum, functions.AxisMax)) and node.size.is_Integer:
            entries = [node.body_at(sympy.Integer(k)) for k in range(int(node.size))]
            return sympy.Add(*entries) if isinstance(node, functions.Sum) else sympy.Max(*entries)
        if isinstance(node, functions.Cases):
            return functions.Cases(*node.pairs)
        if isinstance(node, functions.Binder) and not isinstance(node, (functions.Sum, functions.AxisMax)):
            return written_out(node.definition(), sizes) if hasattr(node, "definition") else None
        return None

    return functions.rebuild(expr, write)


def filled(expr: Expr, entries: Mapping[Expr, Expr], sizes: Mapping[str, int]) -> Expr:
    """A formula written out, with what stands for each entry: again, where that is the index that picks another."""
    while True:
        new = written_out(functions.rebuild(expr, entries.get, top_down=True), sizes)
        if new == expr:
            return expr
        expr = new


def _decided(node: Expr, s: Symbol, numbers: dict[Symbol, tuple]) -> Expr | None:
    """The branch that a maximum or an absolute value takes on the whole segment, where that is certain."""
    if isinstance(node, sympy.Abs):
        sign = _certain(node.args[0], numbers)
        return None if sign is None else sign * node.args[0]
    if isinstance(node, (functions.maximum, sympy.Max)):
        parts = list(node.args[:2] if isinstance(node, functions.maximum) else node.args)
        for one in parts:
            if all(other is one or _certain(one - other, numbers) == 1 for other in parts):
                return one
    return None


def _certain(expr: Expr, numbers: dict[Symbol, tuple]) -> int | None:
    """1 or -1 where the expression is proven to have that sign on the segment, by outward rounding."""
    try:
        with mpmath.workprec(80):
            low, high = enclosure(expr, {x: numbers[x] for x in expr.free_symbols})
    except (Undefined, TypeError, KeyError):
        return None
    return 1 if low > 0 else -1 if high < 0 else None
