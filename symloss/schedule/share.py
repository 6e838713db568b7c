"""Computes each shared subexpression once: in the loops, and in the array program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import sympy
from sympy import Add, Expr, Indexed, Mul, Pow, Symbol
from sympy.logic.boolalg import Boolean

from symloss.functions import Cases, expm1, group, log1p, maximum, names_in, nan_where, rebuild
from symloss.schedule.bounds import at_least_one, stands_for
from symloss.schedule.program import (
    MOST_FACTORS,
    Accumulate,
    Block,
    Define,
    Definition,
    Loop,
    Program,
    Store,
    expression_with,
)

__all__ = ["fresh", "share", "share_values", "stem"]


BRANCHLESS = (sympy.exp, sympy.log, log1p, expm1, sympy.tanh)
"""Functions that are computed without a branch."""


def share(block: Block, taken: set[str], reciprocals: bool = True) -> Block:
    """The same loops with every invariant hoisted out of them, and every repeated subexpression computed once.

    With ``reciprocals`` quotients by one denominator become products with its reciprocal, where that is at most 1.
    A product rounds once more than a quotient, and is faster.
    """
    known = _SHARED.setdefault(block, {})
    way = frozenset(taken), reciprocals
    if way not in known:  # each format prints the same loops
        known[way] = _Sharing(taken, reciprocals).block(block, {})
    return known[way]


_SHARED: WeakKeyDictionary[Block, dict[tuple[frozenset[str], bool], Block]] = WeakKeyDictionary()


class _Sharing:
    def __init__(self, taken: set[str], reciprocals: bool):
        self.taken = set(taken)
        self.reciprocals = reciprocals
        self._names: dict[Expr, frozenset[str]] = {}
        self.known: dict[str, Expr] = {}
        """What names stand for, as far as bounds go."""

    def names_in(self, e: Expr) -> frozenset[str]:
        """The names of the free symbols, which each subexpression hands up to those around it."""
        found = self._names.get(e)
        if found is None:
            if isinstance(e, Indexed) or not e.args:
                found = frozenset(names_in(e))
            else:
                found = frozenset().union(*map(self.names_in, e.args))
            self._names[e] = found
        return found

    def block(self, block: Block, known: dict[Expr, Symbol]) -> Block:
        """``known`` maps expressions to the constants that hold them."""
        for s in _inside(block):
            if isinstance(s, Accumulate):
                self.known[s.definition.name] = stands_for(s.definition.op, s.expr)
            elif isinstance(s, Define):
                self.known[s.name] = s.expr
        inner_only = self._deeper_names(block)
        statements = [self._with(s, lambda e: _replace_known(e, known)) for s in block.statements]
        counts: Counter[Expr] = Counter()
        first: dict[Expr, int] = {}
        for place, (expr, deep) in _expressions(statements):
            self._count(expr, deep, inner_only, counts, first, place)
        chosen = [e for e in counts if counts[e] > 1]
        chosen.sort(key=lambda e: (first[e], sympy.count_ops(e), sympy.default_sort_key(e)))
        out: list = []
        here = dict(known)
        for place, statement in enumerate(statements):
            for e in chosen:
                if first[e] == place and e not in here:
                    self._define(e, here, out)
            rewritten = self._with(statement, lambda e: _replace_known(e, here))
            if isinstance(rewritten, Loop):
                body = self.block(rewritten.body, here)
                rewritten = Loop(rewritten.index, rewritten.size, rewritten.accumulators, body)
            out.append(rewritten)
        return Block(out)

    def _define(self, e: Expr, here: dict[Expr, Symbol], out: list) -> None:
        name = fresh(stem(e), self.taken)
        symbol = Symbol(name, real=True)
        out.append(Define(name, _replace_known(e, here), isinstance(e, Boolean)))
        self.known[name] = e
        here[e] = symbol

    def _is_worth_it(self, e: Expr) -> bool:
        if self.reciprocals and isinstance(e, Pow) and e.exp == -1 and at_least_one(e.base, self.known):
            return True
        return _worth_sharing(e)

    def _count(self, expr, deep, inner_only, counts, first, place) -> None:
        """Count where a subexpression could be shared; one in a deeper loop counts twice, being computed often.

        So does an elementary function in one of several cases: computed before the choice it leaves no branch.
        """

        def visit(e: Expr, weight: int, chosen: bool = False) -> None:
            if chosen and isinstance(e, BRANCHLESS):
                weight = 2
            chosen = chosen or isinstance(e, Cases)
            if not self._is_worth_it(e):
                for a in _children(e):
                    visit(a, weight, chosen)
                return
            movable = inner_only.isdisjoint(self.names_in(e))
            if movable:
                again = e in counts
                counts[e] += weight
                first.setdefault(e, place)
                if again or weight > 1:
                    return
            for a in _operands(e):
                visit(a, weight, chosen)

        visit(expr, 2 if deep else 1)

    @staticmethod
    def _deeper_names(block: Block) -> set[str]:
        """Names that have a value only inside a loop of this block."""
        names: set[str] = set()
        for statement in block.statements:
            if isinstance(statement, Loop):
                names.add(statement.index.name)
                names |= _defined_in(statement.body)
        return names

    @staticmethod
    def _with(statement, f):
        return statement if isinstance(statement, Loop) else expression_with(statement, f(statement.expr))


def fresh(base: str, taken: set[str]) -> str:
    """The first numbered name of a kind that is not taken, and is from now on."""
    number = 1
    while f"{base}_{number}" in taken:
        number += 1
    taken.add(f"{base}_{number}")
    return f"{base}_{number}"


def _defined_in(block: Block) -> set[str]:
    names: set[str] = set()
    for s in block.statements:
        if isinstance(s, Define):
            names.add(s.name)
        elif isinstance(s, Loop):
            names.add(s.index.name)
            names |= {d.name for d in s.accumulators}
            names |= _defined_in(s.body)
    return names


def _inside(block: Block) -> Iterator[Any]:
    """Every statement of a block and of its loops."""
    for s in block.statements:
        if isinstance(s, Loop):
            yield from _inside(s.body)
        else:
            yield s


def _expressions(statements: list) -> Iterator[tuple[int, tuple[Expr, bool]]]:
    """Every expression below the statements, with the place of its statement and whether it is in a loop."""

    def inside(s, deep):
        if isinstance(s, Loop):
            for t in s.body.statements:
                yield from inside(t, True)
        else:
            yield s.expr, deep

    for place, s in enumerate(statements):
        for found in inside(s, False):
            yield place, found


def _children(e: Expr) -> tuple[Expr, ...]:
    return () if isinstance(e, (Indexed, Symbol)) or e.is_Atom else e.args


def _operands(e: Expr) -> tuple[Expr, ...]:
    """What computing ``e`` reads: the base of a small power as often as the product repeats it."""
    if isinstance(e, Pow) and e.exp.is_Integer and 2 <= abs(e.exp) <= MOST_FACTORS:
        return (e.base, e.base)
    return _children(e)


def _worth_sharing(e: Expr) -> bool:
    if isinstance(e, Indexed):
        return any(isinstance(place, Indexed) for place in e.args[1:])
    if e.is_Atom or isinstance(e, (Boolean, group, sympy.Rel)):
        return False
    if isinstance(e, Mul) and len(e.args) == 2 and e.args[0] == -1:
        return False
    # a quotient rounds once, a product with a reciprocal twice, and a reciprocal may overflow
    is_quotient = isinstance(e, Pow) and e.exp.is_Rational and e.exp < 0
    return not is_quotient and not e.is_number


def _replace_known(e: Expr, known: Mapping[Expr, Symbol]) -> Expr:
    if not known:
        return e
    return rebuild(e, lambda node: known.get(node), top_down=True)


_STEMS = {
    Indexed: "entry",
    Add: "term",
    Mul: "product",
    Pow: "power",
    Cases: "case",
    maximum: "max",
    nan_where: "guarded",
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.Abs: "abs",
}


def stem(e: Expr) -> str:
    """What kind of name the value of an expression gets."""
    if isinstance(e, Pow):
        return "root" if e.exp == sympy.Rational(1, 2) else "inverse" if e.exp == -1 else "power"
    return _STEMS.get(type(e), type(e).__name__.lower())


def _unsigned(e: Expr) -> Expr:
    """A product of several factors without its sign, which costs no rounding and keeps no product apart."""
    return -e if isinstance(e, Mul) and len(e.args) > 2 and e.args[0] == -1 else e


def _replace_signed(e: Expr, known: Mapping[Expr, Expr]) -> Expr:
    def replace(node: Expr) -> Expr | None:
        found = known.get(node)
        if found is None and _unsigned(node) != node:
            found = known.get(_unsigned(node))
            return None if found is None else -found
        return found

    return rebuild(e, replace, top_down=True) if known else e


def share_values(program: Program) -> list[Definition | Store]:
    """The array program with every repeated subexpression given a definition of its own, in order of use."""
    taken = set(program.names)
    items: list[Definition | Store] = [*program.definitions, *program.stores]
    counts: Counter[Expr] = Counter()

    def visit(e: Expr) -> None:
        if _unsigned(e) != e:
            return visit(_unsigned(e))
        if _worth_sharing(e):
            counts[e] += 1
            if counts[e] > 1:
                return
        for a in _operands(e):
            visit(a)
        return None

    for item in items:
        visit(item.expr)
    chosen = {e for e in counts if counts[e] > 1}
    known: dict[Expr, Expr] = {}
    out: list[Definition | Store] = []

    def name_in(e: Expr) -> Expr:
        e = _unsigned(e)
        for a in _children(e):
            name_in(a)
        if e in chosen and e not in known:
            name = fresh(stem(e), taken)
            indices = tuple(i for i in program.size_of if i in e.free_symbols)
            inner = _replace_signed(e, known)
            definition = Definition(name, indices, inner)
            out.append(definition)
            known[e] = definition.ref()
        return e

    for item in items:
        name_in(item.expr)
        out.append(expression_with(item, _replace_signed(item.expr, known)))
    return out
