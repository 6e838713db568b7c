"""Matches the stability table against an expression, looking through named intermediates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy
from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Symbol, Wild
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Not, Or

from symloss.elaborate import meant
from symloss.functions import Binder, Cases, nan_where, rebuild, subexpressions
from symloss.stabilize.overflow import kept_finite
from symloss.stabilize.rules import BINDERS, LOWERING, STABILITY, Rewrite
from symloss.stabilize.structure import EARLY, STRUCTURE, Structural
from symloss.value import Definition, Loss

__all__ = ["Applied", "Stable", "stabilize"]


@dataclass(frozen=True)
class Applied:
    """A rewrite that was used: its name, the expression before and after, and what it saves."""

    name: str
    before: Expr
    after: Expr
    why: str


@dataclass(frozen=True)
class Stable:
    """Sound forms by output name, the sound forms of the named intermediates they use, and what was rewritten."""

    outputs: dict[str, Expr]
    definitions: dict[str, Definition]
    applied: tuple[Applied, ...]


def _by_kind(table: Iterable[Rewrite]) -> dict[type, list[Rewrite]]:
    """The rows of a table by the kind of expression that their left side is."""
    found: dict[type, list[Rewrite]] = {}
    for row in table:
        found.setdefault(type(row.left), []).append(row)
    return found


_STABILITY, _LOWERING = _by_kind(STABILITY), _by_kind(LOWERING)


def stabilize(loss: Loss, outputs: Mapping[str, Expr]) -> Stable:
    """The sound forms of expressions about ``loss``, lowered to elementary functions and plain reductions."""
    made = {name: _output(loss, e) for name, e in outputs.items()}
    definitions, of_definitions = _definitions(loss)
    applied = (a for _, some in made.values() for a in some)
    sound = {name: e for name, (e, _) in made.items()}
    return Stable(sound, definitions, tuple(dict.fromkeys((*applied, *of_definitions))))


@lru_cache(maxsize=256)
def _output(loss: Loss, expr: Expr) -> tuple[Expr, list[Applied]]:
    """The sound form of one expression: value and gradient are part of several functions."""
    applied: list[Applied] = []
    return _lower(_sound(expr, loss.definitions, applied), loss, applied), applied


@lru_cache(maxsize=256)
def _definitions(loss: Loss) -> tuple[dict[str, Definition], list[Applied]]:
    """The sound forms of the named intermediates: the same for every output of a loss."""
    applied: list[Applied] = []
    definitions = {
        name: d._replace(expr=_lower(_sound(d.expr, loss.definitions, applied), loss, applied))
        for name, d in loss.definitions.items()
    }
    return definitions, applied


def _sound(expr: Expr, definitions: Mapping[str, Definition], applied: list[Applied]) -> Expr:
    def note(name: str, before: Expr, after: Expr, why: str) -> Expr:
        if before != after:
            applied.append(Applied(name, before, after, why))
        return after

    inside: list[str] = []  # the rules whose results are being looked through

    def early(node: Expr) -> Expr | None:
        changed = False
        for row in EARLY:
            after = row.rewrite(node, definitions)
            if after is not None:
                node, changed = note(row.name, node, after, row.why), True
        return node if changed else None

    def rewrite(node: Expr) -> Expr | None:
        opened: list[str] = []
        changed = False
        while True:
            found = _once(node, definitions, note, inside)
            if found is None:
                break
            row, node = found
            changed = True
            if isinstance(row, Structural) and row.opens:
                opened.append(row.name)
        if opened:
            inside.extend(opened)
            node = rebuild(node, rewrite)
            del inside[-len(opened) :]
        return node if changed else None

    return rebuild(rebuild(expr, early), rewrite)


def _once(
    node: Expr, definitions: Mapping[str, Definition], note: Any, without: list[str]
) -> tuple[Structural | Rewrite, Expr] | None:
    """The first row that changes a node, and what it makes of it."""
    for structural in STRUCTURE:
        if structural.name not in without:
            after = structural.rewrite(node, definitions)
            if after is not None and after != node:
                return structural, note(structural.name, node, after, structural.why)
    for row in _STABILITY.get(type(node), ()):
        after = _replaced(row, node, definitions)
        if after is not None and after != node:
            return row, note(row.name, node, after, row.why)
    return None


def _lower(expr: Expr, loss: Loss, applied: list[Applied]) -> Expr:
    parameters = {p.name for p in loss.parameters}

    def lower(node: Expr) -> Expr | None:
        if isinstance(node, Binder):
            for reduction in BINDERS:
                if isinstance(node, reduction.kind):
                    after = reduction.rewrite(node)
                    applied.append(Applied(reduction.name, node, after, reduction.why))
                    return _lower(after, loss, applied)
        for row in _LOWERING.get(type(node), ()):
            after = _replaced(row, node, {}) or _of_numbers(row, node)
            if after is not None:
                applied.append(Applied(row.name, node, after, row.why))
                return after
        if isinstance(node, Cases):
            return _with_nan(node, parameters)
        if isinstance(node, Mul):
            return kept_finite(node, loss)
        if isinstance(node, KroneckerDelta):
            return Cases((1, sympy.Eq(*node.args)), (0, True))
        return None

    return rebuild(expr, lower)


def _with_nan(cases: Cases, parameters: set[str]) -> Expr:
    """A NaN that only the conditions see must still come out."""
    guarded: Expr = cases
    for _, condition in cases.pairs:
        relations = list(_relations(condition))
        for relation in sorted(relations, key=str) if len(relations) > 1 else relations:
            for side in relation.args:
                needed = _numbers(side)
                if side.is_integer or all(isinstance(s, Symbol) and s.name in parameters for s in needed):
                    continue
                if all(needed <= _numbers(value) for value, _ in cases.pairs):
                    continue
                guarded = nan_where(guarded, side)
    return guarded


def _relations(condition: Expr) -> Iterator[Relational]:
    """The comparisons that a condition is made of, without those inside a reduction in it."""
    if isinstance(condition, Relational):
        yield condition
    elif isinstance(condition, (And, Or, Not)):
        for part in condition.args:
            yield from _relations(part)


def _numbers(expr: Expr) -> set[Expr]:
    """The real numbers that are read from the inputs, which a NaN can come in by."""
    labels = {e.base.label for e in subexpressions(expr) if isinstance(e, Indexed)}
    return {
        s
        for s in expr.free_symbols
        if isinstance(s, (Symbol, Indexed)) and not s.is_integer and s not in labels
    }


# --- matching ---------------------------------------------------------------------------------------------


def _replaced(row: Rewrite, node: Expr, definitions: Mapping[str, Definition]) -> Expr | None:
    """``node`` with a row's left side in it replaced: the node itself, or some terms of a sum, factors of a product."""
    for letters, rest in _match(row.left, node, {}, definitions, partial=True):
        if row.when(letters):
            new = row.right.xreplace(letters)
            return new if rest is None else node.func(new, *rest)
    return None


def _of_numbers(row: Rewrite, node: Expr) -> Expr | None:
    """A row's right side where the left one is a function of letters, and numbers stand for them."""
    if not all(isinstance(x, Wild) for x in row.left.args):
        return None
    letters = dict(zip(row.left.args, node.args, strict=True))
    return row.right.xreplace(letters) if row.when(letters) else None


Bindings = dict[Wild, Expr]


def _match(
    pattern: Expr,
    expr: Expr,
    bindings: Bindings,
    definitions: Mapping[str, Definition],
    partial: bool = False,
) -> Iterator[tuple[Bindings, list[Expr] | None]]:
    """The ways in which ``pattern`` fits ``expr``; with ``partial``, also a part of a sum or product, and the rest."""
    if isinstance(pattern, Wild):
        if pattern in bindings:
            if bindings[pattern] == expr:
                yield bindings, None
        elif not expr.is_number or expr.is_Rational is False:
            yield {**bindings, pattern: expr}, None
        return
    if isinstance(pattern, Mul) and pattern.args[0] == -1 and isinstance(pattern.args[-1], Wild):
        # −x fits anything: x is its negative
        yield from _match(pattern.args[-1], -expr, bindings, definitions)
        return
    if not pattern.has(Wild):
        if pattern == expr:
            yield bindings, None
        return
    if type(pattern) is not type(expr):
        named = meant(expr, definitions)
        if named is expr or type(pattern) is not type(named):
            return
        expr = named
    if isinstance(pattern, (Add, Mul)):
        yield from _match_parts(list(pattern.args), list(expr.args), bindings, definitions, partial)
        return
    if len(pattern.args) != len(expr.args):
        return
    yield from ((b, None) for b in _match_all(list(pattern.args), list(expr.args), bindings, definitions))


def _match_all(
    patterns: list[Expr], exprs: list[Expr], bindings: Bindings, definitions: Mapping[str, Definition]
) -> Iterator[Bindings]:
    if not patterns:
        yield bindings
        return
    for found, _ in _match(patterns[0], exprs[0], bindings, definitions):
        yield from _match_all(patterns[1:], exprs[1:], found, definitions)


def _match_parts(
    patterns: list[Expr],
    parts: list[Expr],
    bindings: Bindings,
    definitions: Mapping[str, Definition],
    partial: bool,
) -> Iterator[tuple[Bindings, list[Expr] | None]]:
    """Each pattern to a part of its own, in any order; numbers and patterns with a head first, letters last."""
    patterns = sorted(
        patterns,
        key=lambda p: (
            isinstance(p, Wild) or (isinstance(p, Mul) and p.args[1:] and isinstance(p.args[-1], Wild)),
            p.has(Wild),
        ),
    )

    def go(left: list[Expr], available: list[Expr], found: Bindings) -> Iterator[tuple[Bindings, list[Expr]]]:
        if not left:
            yield found, available
            return
        for place, part in enumerate(available):
            for more, _ in _match(left[0], part, found, definitions):
                yield from go(left[1:], available[:place] + available[place + 1 :], more)

    for found, rest in go(patterns, parts, bindings):
        if not rest:
            yield found, None
        elif partial:
            yield found, rest
