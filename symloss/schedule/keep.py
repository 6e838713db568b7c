"""Finds costly functions that two loops over the same index both take, and keeps what the first one has found."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

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
    statements = list(block.statements)
    kept: dict[Definition, Loop] = {}
    loops = [
        (place, s)
        for place, s in enumerate(statements)
        if isinstance(s, Loop) and not any(isinstance(t, Loop) for t in s.body.statements)
    ]
    for (first, one), (second, other) in combinations(loops, 2):
        if one.index != other.index:
            continue
        one, other = statements[first], statements[second]
        inside = _defined(one) | _defined(other)
        for e in _calls(one):
            if e not in _calls(other) or inside & {s.name for s in e.free_symbols if isinstance(s, Symbol)}:
                continue
            definition = Definition(fresh("kept", taken), (*around, one.index), e, stored=True)
            statements[first] = _replaced(one, e, taken, lambda local, d=definition: Keep(d, local))
            statements[second] = other = _replaced(other, e, taken, None, definition.ref())
            kept[definition] = other
    return Block(statements), kept


def _replaced(
    loop: Loop, e: Expr, taken: set[str], then: Callable[[Symbol], Keep] | None, value: Expr | None = None
) -> Loop:
    """The loop with one name for ``e``, which it has or gets in front, for ``value`` in its place, and something then."""
    body = list(loop.body.statements)
    place = next((k for k, s in enumerate(body) if isinstance(s, Define) and s.expr == e), None)
    name = fresh(stem(e), taken) if place is None else body.pop(place).name
    local = Symbol(name, real=True)

    def known(node: Expr) -> Expr | None:
        return local if node == e else None

    body = [expression_with(s, rebuild(s.expr, known, top_down=True)) for s in body]
    front = [Define(name, e if value is None else value), *([then(local)] if then else [])]
    place = place or 0
    return Loop(loop.index, loop.size, loop.accumulators, Block([*body[:place], *front, *body[place:]]))


def _calls(loop: Loop) -> list[Expr]:
    return list(dict.fromkeys(e for s in loop.body.statements for e in calls(s.expr)))


def _defined(loop: Loop) -> set[str]:
    return {s.name for s in loop.body.statements if isinstance(s, Define)}
