"""Takes the few places at which a loop's formulas have cases of their own out of it, to be computed behind it."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Add, Eq, Expr, Indexed, Mul, Symbol

from symloss.functions import Cases, group, rebuild
from symloss.schedule.program import Block, Define, Loop, expression_with

__all__ = ["at_place", "elsewhere", "special_places"]


def special_places(loop: Loop) -> list[Expr]:
    """The places, known before the loop, that its index is compared with; none where it has loops or comparisons."""
    body: list[Any] = loop.body.statements
    if any(isinstance(s, Loop) for s in body) or any(d.op != "sum" for d in loop.accumulators):
        return []
    inside = {loop.index.name, *(s.name for s in body if isinstance(s, Define))}
    found: dict[Expr, None] = {}
    for s in body:
        for node in sympy.preorder_traversal(s.expr):
            place = _compared(node, loop.index)
            if place is not None and not inside & _names(place):
                found[place] = None
    return list(found)


def elsewhere(loop: Loop, places: list[Expr]) -> Loop:
    """The loop as it is at all other places."""
    if not places:
        return loop
    body: list[Any] = loop.body.statements
    there = [expression_with(s, _decided(s.expr, loop.index, places, sympy.false)) for s in body]
    return Loop(loop.index, loop.size, loop.accumulators, Block(there))


def at_place(loop: Loop, place: Expr, kinds: type | tuple[type, ...]) -> list[Any]:
    """The statements of some kinds that are others at a place, as they are there, and the definitions they need."""
    needed: set[str] = set()
    out: list[Any] = []
    body: list[Any] = loop.body.statements
    special = {s.name for s in body if isinstance(s, Define) and _tells(s, loop.index, place, set())}
    for s in reversed(body):
        if isinstance(s, Define):
            wanted = s.name in needed
        else:
            wanted = isinstance(s, kinds) and _tells(s, loop.index, place, special)
        if wanted:
            there = expression_with(s, _decided(s.expr, loop.index, [place], sympy.true))
            needed |= _names(there.expr)
            out.append(there)
    return out[::-1]


def _tells(s: Any, index: Symbol, place: Expr, special: set[str]) -> bool:
    """Whether a statement depends on the index being at the place, itself or by a definition."""
    nodes = sympy.preorder_traversal(s.expr)
    return bool(special & _names(s.expr)) or any(_compared(node, index) == place for node in nodes)


def _compared(node: Expr, index: Symbol) -> Expr | None:
    """What a condition compares the index with: the place of an entry, or a class."""
    if not isinstance(node, Eq) or index not in node.args:
        return None
    place = node.rhs if node.lhs == index else node.lhs
    return place if isinstance(place, (Symbol, Indexed)) else None


def _decided(e: Expr, index: Symbol, places: list[Expr], truth: Expr) -> Expr:
    """An expression in which it is known whether the index is at some places; sums keep the order that they had."""

    def decide(node: Expr) -> Expr | None:
        if _compared(node, index) in places:
            return truth
        if not isinstance(node, Cases):
            return None
        parts = [rebuild(part, decide, top_down=True) for part in node.args]
        chosen = Cases(*parts)
        return group(chosen) if isinstance(chosen, (Add, Mul)) else chosen

    return rebuild(e, decide, top_down=True)


def _names(e: Expr) -> set[str]:
    return {s.name for s in e.free_symbols if isinstance(s, Symbol)}
