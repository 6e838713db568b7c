"""A loss that adds up one function of each coordinate: that function, as slices, and so all that is known of these."""

from __future__ import annotations

from dataclasses import dataclass

import sympy
from sympy import Expr, Indexed, Symbol

from symloss import functions
from symloss.analyze.facts import Facts, Range, facts_of
from symloss.analyze.signs import sign
from symloss.analyze.slices import Slice, sliced
from symloss.functions import Binder, Sum, free_index
from symloss.value import Loss

__all__ = ["Coordinates", "coordinates", "spread"]


@dataclass(frozen=True)
class Coordinates:
    """ℓ = Σⱼ φ(xⱼ) + rest. ``slices`` are those of φ, ``rest`` does not contain the tensor.

    ``body`` is φ with a symbol in place of each tensor's entry; ``facts`` says what is known of the symbols.
    """

    slices: tuple[Slice, ...]
    rest: Expr
    body: Expr
    facts: Facts


def coordinates(loss: Loss, wrt: str) -> Coordinates | None:
    """The function of one coordinate that the loss adds up over all; None where it is not of this form."""
    expr = functions.rebuild(sympy.expand_mul(loss.expand(loss.expression)), spread)
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
    found = _numbers(body, loss)
    return None if found is None else Coordinates(sliced(loss, wrt, *found), rest, *found)


def spread(node: Expr) -> Expr | None:
    """Σ (a + b) as Σ a + Σ b."""
    if isinstance(node, Sum):
        body, index = functions.open_binder(node)
        parts = sympy.Add.make_args(sympy.expand_mul(body))
        if len(parts) > 1:
            return sympy.Add(*(Sum(part, index, node.size) for part in parts))
    return None


def _opened(term: Expr, loss: Loss, wrt: str) -> tuple[Expr, tuple[Expr, ...]] | None:
    """The body under the sums of one term, with the same free indices in every term; and the axes' sizes."""
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
    if len(entries) != 1 or set(next(iter(entries)).args[1:]) != set(indices):
        return None
    if any(loss.depends(b, wrt) for b in term.atoms(Binder)):
        return None
    (own,) = entries
    places = {index: free_index(n) for n, index in enumerate(own.args[1:])}
    return term.xreplace(places), tuple(sorted(sizes, key=str))


def _numbers(body: Expr, loss: Loss) -> tuple[Expr, Facts] | None:
    """A symbol for the entry of each tensor, and for each binder over other tensors; and what is known of them.

    None where two entries of one tensor are there: they are two numbers, and a tensor has one symbol.
    """
    binders: dict[Expr, Expr] = {}
    plain = functions.rebuild(
        body,
        lambda n: binders.setdefault(n, Symbol(str(n), real=True)) if isinstance(n, Binder) else None,
        top_down=True,
    )
    entries = plain.atoms(Indexed)
    if len({e.base.label for e in entries}) < len(entries):
        return None
    put = functions.rebuild(
        plain,
        lambda n: loss.argument(n.base.label.name).symbol if isinstance(n, Indexed) else None,
        top_down=True,
    )
    facts = _facts(loss, put)
    for binder, symbol in binders.items():
        facts = facts.knowing(symbol, _OF_SIGN.get(sign(binder, facts) or "", Range()))
    return put, facts


_OF_SIGN = {
    "+": Range(lower=sympy.S.Zero),
    ">=": Range(lower=sympy.S.Zero, lower_open=False),
    "-": Range(upper=sympy.S.Zero),
    "<=": Range(upper=sympy.S.Zero, upper_open=False),
}


def _facts(loss: Loss, body: Expr) -> Facts:
    known = Facts()
    for argument in (*loss.inputs, *loss.parameters):
        known = known.knowing(argument.symbol, Range.of(argument.domain))
    for symbol in body.free_symbols:
        if symbol.name in loss.axes:
            known = known.knowing(symbol, Range(sympy.S.One, sympy.oo, False))
    return Facts(known.ranges, facts_of((*loss.inputs, *loss.parameters)).tensors)
