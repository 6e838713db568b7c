"""Takes the few places at which a loop's formulas have cases of their own out of it, to be computed behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy
from sympy import Add, Eq, Expr, Indexed, Mul, Symbol

from symloss.functions import Cases, group, names_in, rebuild
from symloss.schedule.program import Block, Define, Loop, expression_with

__all__ = ["SpecialPlaces"]


class SpecialPlaces:
    """A loop, and the places known before it that its index is compared with.

    There are none where the loop has loops or comparisons. What is asked of a place takes time by the statements that
    are others there, for a sum of many losses has as many places.
    """

    def __init__(self, loop: Loop):
        self.loop = loop
        self.body = list[Any](loop.body.statements)
        self._there: dict[Expr, list[int]] = {}
        """Which statements compare the index with a place."""
        self._readers: dict[str, list[int]] = {}
        self._defined = {s.name: k for k, s in enumerate(self.body) if isinstance(s, Define)}
        if any(isinstance(s, Loop) for s in self.body) or any(d.op != "sum" for d in loop.accumulators):
            return
        inside = {loop.index.name, *self._defined}
        for k, s in enumerate(self.body):
            for place in _places(s.expr, loop.index):
                if not inside & names_in(place):
                    self._there.setdefault(place, []).append(k)
        for k, s in enumerate(self.body) if self._there else ():
            for name in names_in(s.expr) & self._defined.keys():
                self._readers.setdefault(name, []).append(k)

    @property
    def places(self) -> list[Expr]:
        """The places, in the order of the statements."""
        return list(self._there)

    def elsewhere(self) -> Loop:
        """The loop as it is at all other places."""
        if not self._there:
            return self.loop
        loop, nowhere = self.loop, dict.fromkeys(self._there, sympy.false)
        there = [expression_with(s, _decided(s.expr, loop.index, nowhere)) for s in self.body]
        return Loop(loop.index, loop.size, loop.accumulators, Block(there))

    def at(self, place: Expr, kinds: type | tuple[type, ...]) -> list[Any]:
        """The statements of some kinds that are others at a place, as they are there, and the definitions they need."""
        others = self._others(place)
        made: dict[int, Any] = {}
        wanted = [k for k in others if isinstance(self.body[k], kinds)]
        while wanted:
            k = wanted.pop()
            if k not in made:
                s = self.body[k]
                made[k] = expression_with(s, _decided(s.expr, self.loop.index, {place: sympy.true}))
                wanted += [self._defined[n] for n in names_in(made[k].expr) & self._defined.keys()]
        return [made[k] for k in sorted(made)]

    def is_other(self, name: str, place: Expr) -> bool:
        """Whether a definition is another one at a place."""
        return self._defined[name] in self._others(place)

    def _others(self, place: Expr) -> set[int]:
        """Which statements are others there, themselves or by a definition that is."""
        found: set[int] = set()
        left = list(self._there.get(place, ()))
        while left:
            k = left.pop()
            if k not in found:
                found.add(k)
                if isinstance(self.body[k], Define):
                    left += self._readers.get(self.body[k].name, ())
        return found


def _places(e: Expr, index: Symbol) -> list[Expr]:
    found = (_compared(node, index) for node in sympy.preorder_traversal(e))
    return list(dict.fromkeys(place for place in found if place is not None))


def _compared(node: Expr, index: Symbol) -> Expr | None:
    """What a condition compares the index with: the place of an entry, or a class."""
    if not isinstance(node, Eq) or index not in node.args:
        return None
    place = node.rhs if node.lhs == index else node.lhs
    return place if isinstance(place, (Symbol, Indexed)) else None


def _decided(e: Expr, index: Symbol, truth: Mapping[Expr, Expr]) -> Expr:
    """An expression in which it is known whether the index is at some places; sums keep the order that they had."""

    def decide(node: Expr) -> Expr | None:
        if (place := _compared(node, index)) in truth:
            return truth[place]
        if not isinstance(node, Cases):
            return None
        parts = [rebuild(part, decide, top_down=True) for part in node.args]
        chosen = Cases(*parts)
        return group(chosen) if isinstance(chosen, (Add, Mul)) else chosen

    return rebuild(e, decide, top_down=True)
