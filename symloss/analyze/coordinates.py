"""A loss that adds up one function of each coordinate: that function, as slices, and so all that is known of these."""

from __future__ import annotations

from dataclasses import dataclass

import sympy
from sympy import Expr, Indexed, Symbol

from symloss import functions
from symloss.analyze.facts import Facts, Range, facts_of
from symloss.analyze.slices import Slice, sliced
from symloss.functions import Binder, Sum
from symloss.value import Loss

__all__ = ["Coordinates", "coordinates"]


@dataclass(frozen=True)
class Coordinates:
    """ℓ = Σⱼ φ(xⱼ) + rest. ``slices`` are those of φ, ``rest`` does not contain the tensor."""

    slices: tuple[Slice, ...]
    rest: Expr


def coordinates(loss: Loss, wrt: str) -> Coordinates | None:
    """The function of one coordinate that the loss adds up over all; None where it is not of this form."""
    expr = functions.rebuild(sympy.expand_mul(loss.expand(loss.expression)), _spread)
    body, rest, axes = sympy.S.Zero, sympy.S.Zero, None
    for term in sympy.Add.make_args(sympy.expand_mul(expr)):
        if not loss.depends(term, wrt):
            rest += term
            continue
        opened = _opened(term, loss, wrt)
        if opened is None or (axes is not None and opened[1] != axes):
            return None
        one, axes = opened
        body += one
    if axes is None:
        return None
    return Coordinates(sliced(loss, wrt, body, _facts(loss, body)), rest)


def _spread(node: Expr) -> Expr | None:
    """Σ (a + b) as Σ a + Σ b."""
    if isinstance(node, Sum):
        body, index = functions.open_binder(node)
        parts = sympy.Add.make_args(sympy.expand_mul(body))
        if len(parts) > 1:
            return sympy.Add(*(Sum(part, index, node.size) for part in parts))
    return None


def _opened(term: Expr, loss: Loss, wrt: str) -> tuple[Expr, tuple[Expr, ...]] | None:
    """The body under the sums of one term, with symbols in place of the entries of tensors; and the axes' sizes."""
    sizes: list[Expr] = []
    indices: list[Symbol] = []
    while True:
        sums = [a for a in sympy.Mul.make_args(term) if isinstance(a, Sum) and loss.depends(a, wrt)]
        if len(sums) != 1 or loss.depends(term / sums[0], wrt):
            break
        body, index = functions.open_binder(sums[0])
        term = term / sums[0] * body
        sizes.append(sums[0].size)
        indices.append(index)
    entries = {e for e in term.atoms(Indexed) if e.base.label.name == wrt}
    if len(entries) != 1 or {tuple(e.args[1:]) for e in entries} != {tuple(indices)}:
        if len(entries) != 1 or sorted(map(str, next(iter(entries)).args[1:])) != sorted(map(str, indices)):
            return None
    if any(loss.depends(b, wrt) for b in term.atoms(Binder)):
        return None
    return functions.rebuild(term, lambda node: _symbol(node, loss), top_down=True), tuple(
        sorted(sizes, key=str)
    )


def _symbol(node: Expr, loss: Loss) -> Expr | None:
    """A number of its own for the entry of a tensor, and for a binder over other tensors."""
    if isinstance(node, Indexed):
        return loss.argument(node.base.label.name).symbol
    return None


def _facts(loss: Loss, body: Expr) -> Facts:
    known = Facts()
    for argument in (*loss.inputs, *loss.parameters):
        known = known.knowing(argument.symbol, Range.of(argument.domain))
    for symbol in body.free_symbols:
        if symbol.name in loss.axes:
            known = known.knowing(symbol, Range(sympy.S.One, sympy.oo, False))
    return Facts(known.ranges, facts_of((*loss.inputs, *loss.parameters)).tensors)
