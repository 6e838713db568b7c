"""Finds costly functions that two loops over the same index both take, and keeps what the first one has found."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from sympy import Expr, Symbol

from symloss.functions import rebuild
from symloss.schedule.program import Block, Define, Definition, Keep, Loop, expression_with
from symloss.schedule.runs import calls
from symloss.schedule.share import fresh, stem

__all__ = ["keep"]


def keep(block: Block, around: tuple[Symbol, ...], taken: set[str]) -> tuple[Block, dict[Definition, Loop]]:
    """The same statements, each such function taken once, and the definitions that hold them, each with its last loop.

    A definition has the indices ``around`` and that of the loops. It is the caller who says where it is stored. A loop
    after the last one must not read it, for that one may put an output in its place. Names go into ``taken``.
    """
    statements: list[Any] = list(block.statements)
    kept: dict[Definition, Loop] = {}
    places = [k for k, s in enumerate(statements) if isinstance(s, Loop) and not _has_loops(s)]
    for first, second in combinations(places, 2):
        index = statements[first].index
        if statements[second].index != index:
            continue
        inside = _defined(statements[first]) | _defined(statements[second])
        for e in _calls(statements[first]):
            names = {s.name for s in e.free_symbols if isinstance(s, Symbol)}
            if e not in _calls(statements[second]) or inside & names:
                continue
            definition = Definition(fresh("kept", taken), (*around, index), e, stored=True)
            statements[first] = _named(statements[first], e, e, definition, taken)
            statements[second] = _named(statements[second], e, definition.ref(), None, taken)
            kept[definition] = statements[second]
    return Block(statements), kept


def _named(loop: Loop, e: Expr, value: Expr, keep_as: Definition | None, taken: set[str]) -> Loop:
    """The loop with a name for ``e``, which stands for ``value``, and is kept where that is asked for."""
    body: list[Any] = list(loop.body.statements)
    place = next((k for k, s in enumerate(body) if isinstance(s, Define) and s.expr == e), None)
    name = fresh(stem(e), taken) if place is None else body.pop(place).name
    local = Symbol(name, real=True)

    def known(node: Expr) -> Expr | None:
        return local if node == e else None

    body = [expression_with(s, rebuild(s.expr, known, top_down=True)) for s in body]
    front: list[Any] = [Define(name, value)]
    if keep_as is not None:
        front.append(Keep(keep_as, local))
    return Loop(
        loop.index, loop.size, loop.accumulators, Block([*body[: place or 0], *front, *body[place or 0 :]])
    )


def _has_loops(loop: Loop) -> bool:
    return any(isinstance(s, Loop) for s in loop.body.statements)


def _calls(loop: Loop) -> list[Expr]:
    statements: list[Any] = loop.body.statements
    return list(dict.fromkeys(e for s in statements for e in calls(s.expr)))


def _defined(loop: Loop) -> set[str]:
    return {s.name for s in loop.body.statements if isinstance(s, Define)}
