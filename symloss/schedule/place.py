"""Orders the loops of an array program, and finds the definitions that need an array of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from sympy import Expr, Indexed, Pow, Symbol

from symloss.functions import ELEMENTARY, expm1, log1p, rebuild, subexpressions
from symloss.schedule.program import Definition, Program, Store

__all__ = ["costly", "place", "references", "renamed"]

_FUNCTIONS = (*(f.function for f in ELEMENTARY), log1p, expm1)


def costly(expr: Expr) -> bool:
    """Whether computing ``expr`` again is worth avoiding: it divides, or calls a function."""
    return any(
        isinstance(node, _FUNCTIONS) or (isinstance(node, Pow) and not (node.exp.is_Integer and node.exp > 0))
        for node in subexpressions(expr)
    )


def references(
    expr: Expr, by_name: Mapping[str, Definition]
) -> Iterator[tuple[Definition, tuple[Expr, ...]]]:
    """The definitions that an expression uses, with the indices at which it uses them."""
    seen = set()
    for node in subexpressions(expr):
        if isinstance(node, Indexed):
            name, places = node.base.label.name, node.args[1:]
        elif isinstance(node, Symbol):
            name, places = node.name, ()
        else:
            continue
        definition = by_name.get(name)
        if definition is not None and len(places) == len(definition.indices) and (name, places) not in seen:
            seen.add((name, places))
            yield definition, places


def place(program: Program) -> None:
    """Order the loops of every definition and output, write out cheap misfits, and mark what needs an array."""
    while True:
        by_name = {d.name: d for d in program.definitions}
        items: list[Definition | Store] = [*program.definitions, *program.stores]
        for item in items:
            item.nest = _nest(program, item, by_name)
        misfit = next(
            (
                (item, d)
                for item in items
                for d, places in references(item.expr, by_name)
                if not d.stored and not _in_step(item, d, places)
            ),
            None,
        )
        if misfit is None:
            break
        item, d = misfit
        if d.op is None and not costly(d.expr):
            item.expr = _written_out(item.expr, d)
        else:
            d.stored = True
    used = _used(program)
    program.definitions[:] = [d for d in program.definitions if d.name in used]


def _used(program: Program) -> set[str]:
    by_name = {d.name: d for d in program.definitions}
    pending = [d for s in program.stores for d, _ in references(s.expr, by_name)]
    pending += [d for d, _ in references(program.normalizer, by_name)]
    used: set[str] = set()
    while pending:
        d = pending.pop()
        if d.name not in used:
            used.add(d.name)
            pending += [e for e, _ in references(d.expr, by_name)]
    return used


def _nest(
    program: Program, item: Definition | Store, by_name: Mapping[str, Definition]
) -> tuple[Symbol, ...]:
    """The order of an item's loops: examples outermost, then the indices that most of what it uses depends on."""
    needed: Counter[Symbol] = Counter()
    for d, places in references(item.expr, by_name):
        if not d.stored:
            needed.update(p for p in places if p in program.size_of)
    rank = {index: place for place, index in enumerate(item.indices)}
    ordered = sorted(item.indices, key=lambda i: (i != program.example_index, -needed[i], rank[i]))
    over = getattr(item, "over", None)
    return (*ordered, over) if over is not None else tuple(ordered)


def _in_step(item: Definition | Store, d: Definition, places: tuple[Expr, ...]) -> bool:
    """Whether ``item`` can use ``d`` as a local of the loops that both run in."""
    depth = len(d.indices)
    return places == d.indices and item.nest[:depth] == d.nest[:depth]


def _written_out(expr: Expr, d: Definition) -> Expr:
    def out(node: Expr) -> Expr | None:
        if isinstance(node, Indexed) and node.base.label.name == d.name:
            return renamed(d.expr, dict(zip(d.indices, node.args[1:], strict=True)))
        return None

    return rebuild(expr, out)


def renamed(expr: Expr, places: Mapping[Expr, Expr]) -> Expr:
    """``expr`` with free indices put to other places, all at once."""
    return rebuild(expr, places.get, top_down=True) if places else expr
