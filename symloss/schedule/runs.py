"""Cuts a loop's body into short loops, one costly function in each, so that a processor overlaps their turns.

What a later loop needs of an earlier one goes through a buffer, unless it is as cheap to compute again.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sympy
from sympy import Expr, Function, Indexed, Pow, Symbol

from symloss.functions import Cases, group, maximum, names_in, nan_where, rebuild
from symloss.schedule.clipped import clip
from symloss.schedule.program import MOST_FACTORS, Block, Define, Loop, expression_with
from symloss.schedule.share import fresh, stem

__all__ = ["Run", "calls", "is_call", "runs"]

CHEAP = (sympy.Abs, sympy.sign, Cases, clip, maximum, nan_where, group)
"""Functions that are a few instructions."""


@dataclass(eq=False)
class Run:
    """Statements that are done for a whole block before the next run.

    ``loads`` are the names that come out of buffers, ``saves`` those that go in.
    """

    statements: list
    loads: list[str] = field(default_factory=list)
    saves: list[str] = field(default_factory=list)


def runs(block: Block, taken: set[str]) -> list[Run | Loop]:
    """The statements of a block as runs, between the loops that it has; new names are not ``taken``, and go there.

    Each loop has the runs of its body for a body.
    """
    tree = _cut(block, taken)
    defined = {s.name: s for run in _every(tree) for s in run.statements if isinstance(s, Define)}
    results = {d.name for loop in _loops(tree) for d in loop.accumulators}
    cheap = {name: s for name, s in defined.items() if not calls(s.expr) and not _costly(s.expr)}
    home = {s.name: run for run in _every(tree) for s in run.statements if isinstance(s, Define)}
    _leave_out(tree, cheap)
    late = _late(tree, cheap)
    _leave_out(tree, late)
    cheap |= late
    for run in _every(tree):
        _complete(run, cheap, home, results)
    return _kept(tree)


def _leave_out(tree: list[Run | Loop], names: Container[str]) -> None:
    for run in _every(tree):
        run.statements = [s for s in run.statements if not (isinstance(s, Define) and s.name in names)]


def _late(tree: list[Run | Loop], cheap: dict[str, Define]) -> dict[str, Define]:
    """What divides and one later run alone reads: computed there, it needs no buffer, and waits beside other work."""
    readers: dict[str, list[Run]] = {}
    for run in _every(tree):
        for name in _reached((s.expr for s in run.statements), cheap):
            readers.setdefault(name, []).append(run)
    around = {run: loop for loop in _loops(tree) for run in loop.body.statements}
    return {
        s.name: s
        for run in _every(tree)
        for s in run.statements
        if isinstance(s, Define) and _divides(s.expr) and _alone(readers.get(s.name, ()), run, around)
    }


def _alone(readers: Sequence[Run], home: Run, around: Mapping[Any, Loop]) -> bool:
    """Whether another run of the same loop is all that reads; in a loop within it would be computed again."""
    return len(readers) == 1 and readers[0] is not home and around.get(readers[0]) is around.get(home)


def _reached(expressions: Iterable[Expr], cheap: dict[str, Define]) -> set[str]:
    """The names in expressions, and in the cheap definitions of names in them."""
    found: set[str] = set()
    open_names = [name for e in expressions for name in names_in(e)]
    while open_names:
        name = open_names.pop()
        if name not in found:
            found.add(name)
            open_names += names_in(cheap[name].expr) if name in cheap else ()
    return found


def _complete(run: Run, cheap: dict[str, Define], home: dict[str, Run], results: set[str]) -> None:
    """Put the cheap definitions in front of what uses them, and find what comes from other runs."""
    out: list = []
    there: set[str] = set()

    def need(e: Expr) -> None:
        for name in sorted(names_in(e)):
            if name in there:
                continue
            if name in cheap:
                there.add(name)
                need(cheap[name].expr)
                out.append(cheap[name])
            elif name in results or (name in home and home[name] is not run):
                there.add(name)
                run.loads.append(name)
                if name in home and name not in home[name].saves:
                    home[name].saves.append(name)

    for s in run.statements:
        need(s.expr)
        out.append(s)
    run.statements = out


def _cut(block: Block, taken: set[str]) -> list[Run | Loop]:
    tree: list[Run | Loop] = []
    open_run: Run | None = None
    full = False
    for s in _apart(block.statements, taken):
        if isinstance(s, Loop):
            tree.append(Loop(s.index, s.size, s.accumulators, Block(_cut(s.body, taken))))  # type: ignore[arg-type]
            open_run = None
            continue
        calls = isinstance(s, Define) and is_call(s.expr)
        if open_run is None or (calls and full):
            open_run, full = Run([]), False
            tree.append(open_run)
        open_run.statements.append(s)
        full = full or calls
    return tree


def _apart(statements: Sequence, taken: set[str]) -> list:
    """Where there are several calls, each gets a definition of its own."""
    many = sum(len(calls(s.expr)) for s in statements if not isinstance(s, Loop)) > 1
    out: list = []
    for s in statements:
        if isinstance(s, Loop) or not many:
            out.append(s)
            continue
        made: dict[Expr, Symbol] = {}

        def named(node: Expr, made: dict[Expr, Symbol] = made) -> Expr | None:
            if not is_call(node):
                return None
            if node not in made:
                name = fresh(stem(node), taken)
                out.append(Define(name, node))
                made[node] = Symbol(name, real=True)
            return made[node]

        whole = isinstance(s, Define) and is_call(s.expr)
        expr = s.expr.func(*(rebuild(a, named) for a in s.expr.args)) if whole else rebuild(s.expr, named)
        out.append(expression_with(s, expr))
    return out


def _kept(tree: list[Run | Loop]) -> list[Run | Loop]:
    """Without the runs that nothing is left of."""
    out: list[Run | Loop] = []
    for item in tree:
        if isinstance(item, Loop):
            item.body.statements = _kept(item.body.statements)  # type: ignore[arg-type,assignment]
        elif not item.statements:
            continue
        out.append(item)
    return out


def _every(tree: Iterable) -> Iterable[Run]:
    for item in tree:
        if isinstance(item, Loop):
            yield from _every(item.body.statements)
        else:
            yield item


def _loops(tree: Iterable) -> Iterable[Loop]:
    for item in tree:
        if isinstance(item, Loop):
            yield item
            yield from _loops(item.body.statements)


def is_call(e: Expr) -> bool:
    """Whether ``e`` itself is a function that takes tens of instructions, or a power that is no product and no root."""
    if isinstance(e, Pow):
        whole = e.exp.is_Integer and abs(e.exp) <= MOST_FACTORS
        return not whole and not (e.exp.is_Rational and e.exp.q == 2) and not e.is_number
    return isinstance(e, (Function, sympy.exp)) and not isinstance(e, CHEAP) and not e.is_number


@lru_cache(maxsize=4096)
def calls(e: Expr) -> tuple[Expr, ...]:
    """The costly functions in an expression, each as often as it occurs."""
    return tuple(node for node in sympy.preorder_traversal(e) if isinstance(node, Expr) and is_call(node))


def _costly(e: Expr) -> bool:
    """Whether it divides, takes a root, or looks something up by a place that is looked up."""
    return any(
        (isinstance(node, Pow) and not (node.exp.is_Integer and node.exp > 0))
        or (isinstance(node, Indexed) and any(isinstance(place, Indexed) for place in node.args[1:]))
        for node in sympy.preorder_traversal(e)
    )


def _divides(e: Expr) -> bool:
    """Whether it is a quotient, of something that is no function."""
    return isinstance(e, Pow) and e.exp == -1 and not calls(e.base)
