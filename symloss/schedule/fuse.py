"""Fuses an array program into nested loops, in as few passes as its reductions allow."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr, Symbol

from symloss.schedule.place import place, references
from symloss.schedule.program import Accumulate, Block, Define, Definition, Keep, Loop, Program, Store

__all__ = ["fuse"]


def fuse(program: Program) -> Block:
    """The loops that compute a program."""
    if program.loops is None:
        program.loops = _Fusion(program).block()
    return program.loops


class _Fusion:
    def __init__(self, program: Program):
        self.program = program

    def block(self) -> Block:
        while True:
            self.by_name = {d.name: d for d in self.program.definitions}
            items: list[Definition | Store] = [*self.program.definitions, *self.program.stores]
            try:
                return self._block(items, 0)
            except _NeedsArray as needs:
                needs.definition.stored = True
                place(self.program)

    def _block(self, items: list[Definition | Store], depth: int) -> Block:
        stage = self._stages(items, depth)
        statements: list = []
        for number in sorted(set(stage.values())):
            now = [item for item in items if stage[item] == number]
            for item in now:
                if len(item.nest) == depth:
                    statements.append(self._statement(item))
            loops: dict[Symbol, list[Definition | Store]] = {}
            for item in now:
                if len(item.nest) > depth:
                    loops.setdefault(item.nest[depth], []).append(item)
            for index, inside in loops.items():
                ending = [
                    d for d in inside if isinstance(d, Definition) and d.op and len(d.nest) == depth + 1
                ]
                body = self._block(inside, depth + 1)
                statements.append(Loop(index, self.program.size_of[index], ending, body))
                statements += [Keep(d, _result(d)) for d in ending if d.stored]
        return Block(statements)

    @staticmethod
    def _statement(item: Definition | Store) -> Define | Accumulate | Keep | Store:
        if isinstance(item, Store):
            return item
        if item.op is not None:
            return Accumulate(item, item.expr)
        if item.stored:
            return Keep(item, item.expr)
        return Define(item.name, item.expr)

    def _stages(self, items: list[Definition | Store], depth: int) -> dict[Definition | Store, int]:
        """The pass in which each item is computed: after the loops whose results it needs have ended."""
        inside = {id(i) for i in items}
        stage: dict[Definition | Store, int] = dict.fromkeys(items, 0)
        uses = [
            (item, d, places)
            for item in items
            for d, places in references(item.expr, self.by_name)
            if id(d) in inside and d is not item
        ]
        for _ in range(len(items) * len(items) + 2):
            changed = False
            for item, d, places in uses:
                least, tied = self._ready(item, d, places, stage, depth)
                if stage[item] < least:
                    stage[item], changed = least, True
                if tied and stage[d] < stage[item]:
                    stage[d], changed = stage[item], True
            examples = [i for i in items if depth == 0 and i.nest[:1] == (self.program.example_index,)]
            last = max((stage[i] for i in examples), default=0)
            for item in examples:  # one loop over the examples, which no other loop waits for
                if stage[item] < last:
                    stage[item], changed = last, True
            if not changed:
                break
        for item, d, places in uses:
            _, tied = self._ready(item, d, places, stage, depth)
            if tied and stage[d] != stage[item]:
                raise _NeedsArray(d)
        return stage

    @staticmethod
    def _ready(
        item: Definition | Store, d: Definition, places: tuple[Expr, ...], stage: Mapping, depth: int
    ) -> tuple[int, bool]:
        """The first stage in which ``item`` can use ``d``, and whether both must run in the same loop."""
        if len(d.indices) <= depth:
            return (stage[d] if d.op is None else stage[d] + 1), False
        if not d.stored:
            return stage[d], True
        where = dict(zip(d.indices, places, strict=True))
        together = len(item.nest) > depth and item.nest[depth] == d.nest[depth] == where[d.nest[depth]]
        return (stage[d] if together else stage[d] + 1), False


def _result(d: Definition) -> Symbol:
    return Symbol(d.name, real=True)


class _NeedsArray(Exception):
    def __init__(self, definition: Definition):
        self.definition = definition
