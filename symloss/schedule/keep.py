"""Finds costly functions that two loops over the same index both take, and keeps what the first one has found."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Any

from sympy import Expr, Symbol

from symloss.functions import names_in, rebuild
from symloss.schedule.program import Block, Define, Definition, Keep, Loop, expression_with
from symloss.schedule.runs import calls
from symloss.schedule.share import fresh, stem

__all__ = ["keep", "last_reads"]


def keep(block: Block, around: tuple[Symbol, ...], taken: set[str]) -> tuple[Block, dict[Definition, Loop]]:
    """The same statements, each such function taken once, and the definitions that hold them, each with its last loop.

    A definition has the indices ``around`` and that of the loops. It is the caller who says where it is stored. A loop
    after the last one must not read it, for that one may put an output in its place. Names go into ``taken``.
    """
    statements: list[Any] = list(block.statements)
    kept: dict[Definition, int] = {}
    found: dict[tuple[int, Expr], Definition] = {}
    places = [k for k, s in enumerate(statements) if isinstance(s, Loop) and not _has_loops(s)]
    for first, second in combinations(places, 2):
        index = statements[first].index
        if statements[second].index != index:
            continue
        inside = _defined(statements[first]) | _defined(statements[second])
        one, other = _Body(statements[first], taken), _Body(statements[second], taken)
        for e in list(one.where):
            if not other.where.get(e) or inside & names_in(e):
                continue
            definition = found.get((first, e))
            if definition is None:
                definition = Definition(fresh("kept", taken), (*around, index), e, stored=True)
                found[first, e] = definition
                one.name(e, e, definition)
            other.name(e, definition.ref(), None)
            kept[definition] = second
        statements[first], statements[second] = one.loop(), other.loop()
    return Block(statements), {definition: statements[last] for definition, last in kept.items()}


def last_reads(loop: Loop, kept: Iterable[Definition]) -> dict[str, int]:
    """The place of the last statement that needs what a definition keeps, itself or by a name, by the definition."""
    needs = {d.name: {d.name} for d in kept}
    last: dict[str, int] = {}
    body: list[Any] = loop.body.statements
    for place, s in enumerate(body):
        needed = set[str]().union(*(needs.get(name, ()) for name in names_in(s.expr)))
        if isinstance(s, Define):
            needs[s.name] = needed
        last.update(dict.fromkeys(needed, place))
    return last


class _Body:
    """The statements of a loop, and which of them take a function: a name for it touches these alone."""

    def __init__(self, loop: Loop, taken: set[str]):
        self.original, self.taken = loop, taken
        self.statements: list[Any] = list(loop.body.statements)
        self.where: dict[Expr, list[Any]] = {}
        for s in self.statements:
            self._see(s)

    def loop(self) -> Loop:
        """The loop as it is now."""
        of = self.original
        return Loop(of.index, of.size, of.accumulators, Block(self.statements))

    def name(self, e: Expr, value: Expr, keep_as: Definition | None) -> None:
        """Give a name to ``e``, which stands for ``value``, and keep it where that is asked for."""
        whole = next((s for s in self.where[e] if isinstance(s, Define) and s.expr == e), None)
        place = 0 if whole is None else self.statements.index(whole)
        if whole is None:
            name = fresh(stem(e), self.taken)
        else:
            name = whole.name
            self._forget(self.statements.pop(place))
        local = Symbol(name, real=True)

        def known(node: Expr) -> Expr | None:
            return local if node == e else None

        for s in list(self.where[e]):
            new = expression_with(s, rebuild(s.expr, known, top_down=True))
            self.statements[self.statements.index(s)] = new
            self._forget(s)
            self._see(new)
        front: list[Any] = [Define(name, value)]
        if keep_as is not None:
            front.append(Keep(keep_as, local))
        self.statements[place:place] = front
        self._see(front[0])

    def _see(self, s: Any) -> None:
        for e in dict.fromkeys(calls(s.expr)):
            self.where.setdefault(e, []).append(s)

    def _forget(self, s: Any) -> None:
        for e in set(calls(s.expr)):
            self.where[e].remove(s)


def _has_loops(loop: Loop) -> bool:
    return any(isinstance(s, Loop) for s in loop.body.statements)


def _defined(loop: Loop) -> set[str]:
    return {s.name for s in loop.body.statements if isinstance(s, Define)}
