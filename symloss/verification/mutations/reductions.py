"""Mistakes in the reductions of a derivative: a mean for a sum, or a sum over another axis or over the batch."""

from __future__ import annotations

from collections.abc import Iterator

import sympy
from sympy import Expr, Indexed, exp

from symloss.functions import AxisMax, Norm, Softmax, Sum, size_symbol
from symloss.verification.mutations.subject import Mutation, Subject, nodes, replaced

__all__ = ["REDUCTIONS"]


class over_examples(sympy.Function):
    """The sum over all examples of the batch: what a reduction over the wrong axis, or over all axes, gives."""

    nargs = 1
    is_extended_real = True


def _reduced(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for total in nodes(expr, Sum):
        size = total.size
        yield (
            replaced(expr, total, total / size),
            {"what": f"it averages over {size}, where the loss adds up"},
        )
        yield replaced(expr, total, total * size), {"what": f"it has a factor {size} too much"}
    axes = [a for one in s.loss.inputs for a in one.axes]
    for axis in dict.fromkeys(axes):
        size = size_symbol(axis)
        yield expr / size, {"what": f"it divides by the number {axis} of entries, which the loss does not"}
        yield expr * size, {"what": f"it misses the division by the number {axis} of entries"}
    for largest in nodes(expr, AxisMax):
        yield (
            replaced(expr, largest, Sum(largest.body, largest.index, largest.size)),
            {"what": "it adds where the loss takes the largest"},
        )


def _across(node: Softmax) -> Iterator[tuple[Expr, dict]]:
    """The softmax along another axis of what it is taken of."""
    for entry in nodes(node.logit, Indexed):
        for place, size in zip(entry.args[1:], entry.base.shape, strict=True):
            if not place.is_Symbol or place == node.at:
                continue
            j = sympy.Dummy("j", integer=True, nonnegative=True)
            words = f"the softmax is taken along the wrong axis: over the {size} of {place}, not of {node.at}"
            yield Softmax(node.logit.xreplace({place: j}), j, size, place), {"what": words}


def _wrong_axis(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for node in nodes(expr, Softmax):
        for new, said in _across(node):
            yield replaced(expr, node, new), said
    if not s.argument.per_example:
        return
    for node in nodes(expr, Softmax):
        every = over_examples(Sum(exp(node.body), node.index, node.size))
        words = "the softmax is taken over the examples, not over the classes"
        yield replaced(expr, node, exp(node.logit) / over_examples(exp(node.logit))), {"what": words}
        words = "the softmax is divided by the sum over all examples and classes, not over the classes of each example"
        yield replaced(expr, node, exp(node.logit) / every), {"what": words}
    named = {
        d.symbol: d.expr
        for d in s.loss.definitions.values()
        if not d.indices and d.symbol in expr.free_symbols
    }
    for old, node in (*((n, n) for n in nodes(expr, Norm, Sum)), *named.items()):
        if isinstance(node, Norm):
            new = sympy.sqrt(over_examples(Sum(node.body**2, node.index, node.size)))
        elif isinstance(node, Sum):
            new = over_examples(node)
        else:
            continue
        yield (
            replaced(expr, old, new),
            {"what": f"{old} is taken over all examples together, not for each by itself"},
        )


REDUCTIONS: tuple[Mutation, ...] = (
    Mutation("a sum or a mean over an axis", "reduction", "{what}", _reduced, 1.05, False),
    Mutation("a reduction over the wrong axis", "reduction", "{what}", _wrong_axis),
)  # fmt: skip
"""Rows that change what is summed, and over what."""
