"""Counts operations: of an expression, of the loops of a program, and of a formula as it was derived."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

import sympy
from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Pow, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from symloss.derive import element_of
from symloss.functions import (
    ELEMENTARY,
    ArgMax,
    AxisMax,
    Binder,
    Cases,
    Sum,
    expm1,
    group,
    log1p,
    maximum,
    nan_where,
    rebuild,
    size_symbol,
)
from symloss.schedule import BATCH, MOST_FACTORS, Accumulate, Block, Loop, Store, clip
from symloss.value import Loss

__all__ = ["COST", "TRANSCENDENTAL", "Count", "Formula", "as_derived", "in_loops", "of_expression"]

TRANSCENDENTAL = {f: f.__name__ for f in (*(row.function for row in ELEMENTARY), log1p, expm1)}
"""The elementary functions, and what a count calls them; a general power is "pow"."""

COST = {
    **dict.fromkeys(("add", "multiply", "compare", "select", "max", "abs"), 1),
    "sum": 3,
    "divide": 4,
    "root": 5,
    **dict.fromkeys(TRANSCENDENTAL.values(), 35),
    "pow": 80,
}
"""About how many additions an operation of a kind takes as long as, in the C that is generated: round numbers, for a
comparison of losses. A "sum" is one term of a reduction: four are added, and one rounding error is kept (Knuth's
TwoSum)."""

_PLAIN = (log1p, expm1, group, nan_where, maximum)
"""Functions with a definition that generated code does not write out."""

Count = dict[str, Expr]
"""How often each kind of operation is done, as an expression in the lengths of the axes."""


def of_expression(e: Expr) -> Counter[str]:
    """The operations of an expression without reductions, each kind by name. A change of sign is none."""
    counted = _Operations()
    counted.visit(sympy.sympify(e))
    return +counted.found


class _Operations:
    """Walks through an expression and counts what is done."""

    def __init__(self) -> None:
        self.found: Counter[str] = Counter()

    def visit(self, e: Expr) -> None:
        if e.is_number or e in (sympy.true, sympy.false) or isinstance(e, (Symbol, Indexed)):
            return
        if isinstance(e, Add):
            self._sum(e)
        elif isinstance(e, Mul):
            self._product(e)
        elif isinstance(e, Pow):
            self._power(e)
        else:
            self._other(e)

    def _sum(self, e: Add) -> None:
        content, rest = e.primitive()
        if content != 1 and isinstance(rest, Add) and all(abs(t.as_coeff_Mul()[0]) == 1 for t in rest.args):
            self.found["multiply"] += 1
            e = rest
        self.found["add"] += len(e.args) - 1
        for term in e.args:
            self.visit(-term if term.could_extract_minus_sign() else term)

    def _product(self, e: Mul) -> None:
        coefficient, rest = e.as_coeff_Mul()
        coefficient = abs(coefficient)
        above, below = 0, 0
        if coefficient != 1:
            # a fraction is one factor where it is exact in binary, and a division where it is not
            exact = coefficient.is_Rational and coefficient.q & (coefficient.q - 1) == 0
            above += int(exact or coefficient.p != 1)
            below += int(not exact)
        for factor in Mul.make_args(rest):
            base, power = factor.as_base_exp()
            if isinstance(factor, Pow) and power.is_Rational and power < 0:
                whole = power.is_Integer and -power <= MOST_FACTORS
                below += -int(power) if whole else 1
                self.visit(base if whole else base**-power)
            else:
                above += 1
                self.visit(factor)
        self.found["multiply"] += max(above - 1, 0)
        self.found["divide"] += below

    def _power(self, e: Pow) -> None:
        base, power = e.base, e.exp
        if power.is_Rational and power < 0:
            self.found["divide"] += 1
            self.visit(base**-power)
        elif power.is_Rational and power.q <= 2 and power <= MOST_FACTORS:
            whole = power.p // power.q
            self.found["multiply"] += max(whole - 1, 0) + (power.q == 2 and whole > 0)
            self.found["root"] += power.q == 2
            self.visit(base)
        else:
            self.found["pow"] += 1
            self.visit(base)
            self.visit(power)

    def _other(self, e: Expr) -> None:
        """A case, a comparison or a function, and what is in it."""
        children: Iterable[Expr] = e.args
        if isinstance(e, Cases):
            self.found["select"] += len(e.pairs) - 1
        elif isinstance(e, (nan_where, KroneckerDelta)):
            self.found.update(("compare", "select"))
        elif isinstance(e, maximum):
            self.found["max"] += 1
            children = e.args[:2]
        elif isinstance(e, clip):  # the larger of two numbers, and the smaller
            self.found["max"] += 2
        elif isinstance(e, sympy.Max):
            self.found["max"] += len(e.args) - 1
        elif isinstance(e, sympy.Abs):
            self.found["abs"] += 1
        elif isinstance(e, sympy.sign):
            self.found["compare"] += 2
        elif isinstance(e, Relational):
            self.found["compare"] += 1
        elif isinstance(e, Boolean):
            self.found["compare"] += max(len(e.args) - 1, 0)
        elif type(e) in TRANSCENDENTAL:
            self.found[TRANSCENDENTAL[type(e)]] += 1
        elif not isinstance(e, group):
            raise NotImplementedError(f"what {type(e).__name__} costs is not known (in {e})")
        for child in children:
            self.visit(child)


def in_loops(block: Block) -> Count:
    """The operations of scheduled loops."""
    total: Count = {}

    def walk(block: Block, times: Expr) -> None:
        for statement in block.statements:
            if isinstance(statement, Loop):
                walk(statement.body, times * statement.size)
                continue
            _add(total, of_expression(statement.expr), times)
            if isinstance(statement, Accumulate):
                _add(total, _OF_REDUCTION[statement.definition.op or "sum"], times)
            elif isinstance(statement, Store) and statement.scaled:
                # the value is added up, a gradient multiplied by its share of the mean
                _add(total, {"sum" if statement.target == "value" else "multiply": 1}, times)

    walk(block, sympy.Integer(1))
    return total


_OF_REDUCTION: dict[str, Mapping[str, int]] = {
    "sum": {"sum": 1},
    "max": {"max": 1},
    "argmax": {"compare": 1, "select": 1},
}


def as_derived(loss: Loss) -> Count:
    """The operations of value and gradient as derived: in elementary terms, nothing rewritten, each by itself.

    Within each, a sum and a named intermediate are computed once for every value of the indices they depend on.
    """
    total: Count = {}
    examples = size_symbol(BATCH) if loss.example != 0 else sympy.Integer(1)
    Formula(loss, total, examples).add(loss.expression, {})
    if loss.example != 0:
        _add(total, {"sum": 1}, examples)
    for wrt in loss.differentiated:
        argument = loss.argument(wrt)
        indices = element_of(argument).args[1:] if argument.axes else ()
        places = {i: size_symbol(axis) for i, axis in zip(indices, argument.axes, strict=True)}
        Formula(loss, total, examples).add(loss.gradient(wrt), places)
        if loss.example != 0:
            _add(total, {"multiply": 1}, examples * math.prod(places.values()))
    return total


class Formula:
    """Adds to a count what one formula costs that nobody has rewritten."""

    def __init__(self, loss: Loss, total: Count, examples: Expr):
        self.loss, self.total, self.examples = loss, total, examples
        self.seen: set[Expr] = set()

    def add(self, e: Expr, places: Mapping[Expr, Expr]) -> None:
        """Count an expression that is computed for every value of some indices; these come with their lengths."""
        parts: list[Expr] = []
        body = self._elementary(e, parts)
        _add(self.total, of_expression(body), self._times(places))
        for part in parts:
            if part not in self.seen:
                self.seen.add(part)
                self._part(part, {i: size for i, size in places.items() if i in part.free_symbols})

    def _part(self, part: Expr, places: Mapping[Expr, Expr]) -> None:
        if isinstance(part, Binder):
            inside = {**places, part.index: part.size}
            op = "sum" if isinstance(part, Sum) else "argmax" if isinstance(part, ArgMax) else "max"
            _add(self.total, _OF_REDUCTION[op], self._times(inside))
            self.add(part.body, inside)
        elif isinstance(part, Indexed):
            self.add(self.loss.definitions[part.base.label.name].at(*part.args[1:]), places)
        else:
            self.add(self.loss.definitions[part.name].expr, places)

    def _times(self, places: Mapping[Expr, Expr]) -> Expr:
        return self.examples * math.prod(places.values())

    def _elementary(self, e: Expr, parts: list[Expr]) -> Expr:
        """``e`` in elementary terms, a symbol for each reduction and named intermediate; these go to ``parts``."""

        def lower(node: Expr) -> Expr | None:
            if isinstance(node, (Sum, AxisMax, ArgMax)) or self._named(node):
                parts.append(node)
                return sympy.Dummy(real=True)
            if hasattr(node, "definition") and not isinstance(node, _PLAIN):
                return self._elementary(node.definition(), parts)
            return None

        return rebuild(e, lower, top_down=True)

    def _named(self, e: Expr) -> bool:
        if isinstance(e, Indexed):
            return e.base.label.name in self.loss.definitions
        return isinstance(e, Symbol) and e.name in self.loss.definitions


def _add(total: Count, kinds: Mapping[str, int], times: Expr) -> None:
    for kind, number in kinds.items():
        total[kind] = total.get(kind, sympy.Integer(0)) + number * times
