"""From sound expressions to loops: reductions in dependency order, fused, with shared subexpressions computed once.

``Program.definitions`` is an array program (each definition is a scalar, or an array over its indices), which a
vectorised backend prints as it stands. ``Program.loops()`` fuses it into nested loops for a scalar backend.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import permutations, product

import sympy
from sympy import Add, Expr, Indexed, IndexedBase, Mul, Pow, Symbol
from sympy.logic.boolalg import Boolean

from symloss.compose import lifted
from symloss.derive import element_of, vector_of
from symloss.functions import (
    ArgMax,
    AxisMax,
    Binder,
    Cases,
    Sum,
    at_index,
    expm1,
    group,
    log1p,
    maximum,
    nan_where,
    rebuild,
    size_symbol,
)
from symloss.stabilize import stabilize
from symloss.value import Input, Loss

__all__ = [
    "Accumulate",
    "Block",
    "Define",
    "Definition",
    "Keep",
    "Loop",
    "Program",
    "Store",
    "schedule",
    "share",
]

MOST_FACTORS = 8
"""The largest integer power that is written as a product."""

BATCH = "n"
"""The axis of the examples."""


# --- the array program ------------------------------------------------------------------------------------


@dataclass(eq=False)
class Definition:
    """``name[indices]``: an expression (``op`` None), or its sum, max or argmax over an index."""

    name: str
    indices: tuple[Symbol, ...]
    expr: Expr
    op: str | None = None
    over: Symbol | None = None
    stored: bool = False
    """Whether it is kept as an array because it is used out of step with the loop that computes it."""
    nest: tuple[Symbol, ...] = ()

    def ref(self, *places: Expr) -> Expr:
        """The definition's value, as expressions refer to it."""
        if not self.indices:
            return self.base
        return Indexed(self.base, *(places or self.indices))

    @property
    def base(self):
        if not self.indices:
            return Symbol(self.name, integer=True) if self.op == "argmax" else Symbol(self.name, real=True)
        kind = {"integer": True} if self.op == "argmax" else {"real": True}
        return IndexedBase(self.name, **kind)


@dataclass(eq=False)
class Store:
    """An output: ``target[indices] = expr``. ``scaled`` says that the example's share of the mean goes in front."""

    target: str
    indices: tuple[Symbol, ...]
    expr: Expr
    scaled: bool = False
    nest: tuple[Symbol, ...] = ()


@dataclass
class Program:
    """What one generated function computes.

    ``size_of`` gives the length that each loop index runs to; ``inputs`` and ``parameters`` are those it reads.
    """

    loss: Loss
    outputs: tuple[str, ...]
    definitions: list[Definition]
    stores: list[Store]
    size_of: dict[Symbol, Expr]
    normalizer: Expr
    example_index: Symbol | None
    vector: Input | None = None
    names: set[str] = field(default_factory=set)

    def loops(self) -> Block:
        """The array program as fused loops."""
        return _Fusion(self).block()

    @property
    def workspace(self) -> list[Definition]:
        """The definitions that need an array of their own."""
        return [d for d in self.definitions if d.stored]


# --- loops ------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Define:
    """A local constant."""

    name: str
    expr: Expr
    boolean: bool = False


@dataclass(eq=False)
class Accumulate:
    """One term of a reduction."""

    definition: Definition
    expr: Expr


@dataclass(eq=False)
class Keep:
    """A value put into the workspace."""

    definition: Definition
    expr: Expr


@dataclass(eq=False)
class Loop:
    """``accumulators`` are set up before the loop."""

    index: Symbol
    size: Expr
    accumulators: list[Definition]
    body: Block


@dataclass(eq=False)
class Block:
    """Statements in order."""

    statements: list[Define | Accumulate | Keep | Store | Loop]


# --- building the array program ----------------------------------------------------------------------------


def schedule(loss: Loss, outputs: Iterable[str]) -> Program:
    """The program that computes ``outputs``: "value", "gradient", "hessian" or "hessian_vector_product"."""
    outputs = tuple(outputs)
    builder = _Builder(loss)
    for output in outputs:
        builder.add(output)
    return builder.program(outputs)


class _Builder:
    def __init__(self, loss: Loss):
        self.loss = loss
        self.batch = lifted(loss, BATCH)
        self.definitions: list[Definition] = []
        self.stores: list[Store] = []
        self.size_of: dict[Symbol, Expr] = {}
        self.vector: Input | None = None
        self.taken = (
            {a.name for a in (*loss.inputs, *loss.parameters)} | set(loss.definitions) | set(loss.axes)
        )
        self.taken |= {"weight", "vector", BATCH} | {f"gradient_{i.name}" for i in loss.inputs}
        self._loop_names: dict[tuple[str, int], Symbol] = {}
        self._known: dict[tuple, Definition] = {}
        self._named: dict[str, Definition] = {}
        self._counts: Counter[str] = Counter()
        self.sound = stabilize(loss, {}).definitions
        self.example = self.loop_index(size_symbol(BATCH), 0) if loss.example != 0 else None

    # -- names --

    def loop_index(self, size: Expr, turn: int) -> Symbol:
        """The index of the ``turn``-th nested loop along an axis."""
        axis = size.name
        known = self._loop_names.get((axis, turn))
        if known is None:
            stem = "i" if axis in (BATCH, "N") else axis.lower()
            name = stem if turn == 0 else f"{stem}{turn + 1}"
            while name in self.taken:
                name += "_index"
            self.taken.add(name)
            known = self._loop_names[axis, turn] = Symbol(name, integer=True, nonnegative=True)
            self.size_of[known] = size
        return known

    def fresh(self, stem: str) -> str:
        self._counts[stem] += 1
        name = f"{stem}_{self._counts[stem]}"
        return self.fresh(stem) if name in self.taken else self._take(name)

    def _take(self, name: str) -> str:
        self.taken.add(name)
        return name

    # -- outputs --

    def add(self, output: str) -> None:
        loss = self.loss
        if output == "value":
            self._store("value", loss.example, loss.batch, (), None)
            return
        for wrt in loss.differentiated:
            argument = loss.argument(wrt)
            element = element_of(argument)
            if output == "gradient":
                expr = loss.gradient(wrt)
            elif output == "hessian":
                expr = loss.hessian(wrt)
            else:
                expr = loss.hessian_vector_product(wrt)
                self.vector = vector_of(argument)
            indices = element.args[1:] if argument.axes else ()
            stem = {"gradient": "gradient", "hessian": "hessian", "hessian_vector_product": "product"}[output]
            in_example = loss.depends(loss.example, wrt)
            zero = sympy.Integer(0)
            example, batch = (expr, zero) if in_example else (zero, expr)
            self._store(f"{stem}_{wrt}", example, batch, indices, argument)

    def _store(self, target: str, example: Expr, batch: Expr, indices: tuple, argument: Input | None) -> None:
        places: dict[Expr, Symbol] = {}
        if argument is not None:
            seen: Counter[str] = Counter()
            for old, axis in zip(indices, argument.axes, strict=True):
                places[old] = self.loop_index(size_symbol(axis), seen[axis])
                seen[axis] += 1
        per_example = argument.per_example if argument is not None else self.loss.example != 0
        if example != 0 or (per_example and self.loss.example != 0):
            sound = stabilize(self.loss, {"e": example}).outputs["e"]
            expr = self._row(sound, places)
            lead = (self.example,)
            self.stores.append(Store(target, (*lead, *places.values()), self.extract(expr), scaled=True))
        if (
            batch != 0
            or (argument is not None and not per_example)
            or (self.loss.example == 0 and target == "value")
        ):
            sound = stabilize(self.loss, {"e": batch}).outputs["e"]
            expr = self._renamed(sound, places)
            name = "batch_value" if target == "value" and self.loss.example != 0 else target
            self.stores.append(Store(name, tuple(places.values()), self.extract(expr)))

    def _row(self, expr: Expr, places: Mapping[Expr, Symbol]) -> Expr:
        return self._with_vector(self.batch.row(self._renamed(expr, places), self.example))

    def _with_vector(self, expr: Expr) -> Expr:
        """Give the vector of a Hessian–vector product its batch axis."""
        if self.vector is None or not self.vector.per_example:
            return expr
        base = IndexedBase("vector", shape=(size_symbol(BATCH), *self.vector.tensor.shape), real=True)

        def lift(node: Expr) -> Expr | None:
            if isinstance(node, Indexed) and node.base.label.name == "vector":
                return Indexed(base, self.example, *node.args[1:])
            return None

        return rebuild(expr, lift)

    @staticmethod
    def _renamed(expr: Expr, places: Mapping[Expr, Symbol]) -> Expr:
        between = {old: sympy.Dummy(integer=True, nonnegative=True) for old in places}
        for old, dummy in between.items():
            expr = at_index(expr, old, dummy)
        for old, dummy in between.items():
            expr = at_index(expr, dummy, places[old])
        return expr

    # -- reductions and named intermediates --

    def extract(self, expr: Expr) -> Expr:
        """``expr`` with every reduction and named intermediate replaced by a reference to its definition."""

        def replace(node: Expr) -> Expr | None:
            if isinstance(node, Binder):
                return self._reduction(node)
            if isinstance(node, Symbol) and node.name in self.sound:
                return self._use_named(node.name, ())
            if isinstance(node, Indexed) and node.base.label.name in self.sound:
                return self._use_named(node.base.label.name, tuple(self.extract(a) for a in node.args[1:]))
            return None

        return rebuild(expr, replace, top_down=True)

    def _use_named(self, name: str, places: tuple[Expr, ...]) -> Expr:
        definition = self._named.get(name)
        if definition is None:
            formal_definition = self.sound[name]
            seen: Counter[str] = Counter()
            formal: dict[Expr, Symbol] = {}
            for old, size in formal_definition.axis_of().items():
                formal[old] = self.loop_index(size, seen[size.name])
                seen[size.name] += 1
            body = self._renamed(formal_definition.expr, formal)
            lead: tuple[Symbol, ...] = ()
            if self.batch._base(name) is not None:
                body, lead = self._row(body, {}), (self.example,)
            expr = self.extract(body)
            definition = Definition(name, (*lead, *formal.values()), expr)
            self._named[name] = definition
            self.definitions.append(definition)
        return definition.ref(*places)

    def _reduction(self, b: Binder) -> Expr:
        free = self._loop_indices(b)
        over = sympy.Dummy(b.index.name, integer=True, nonnegative=True)
        self.size_of[over] = b.size
        body = self.extract(b.body_at(over))
        op = {Sum: "sum", AxisMax: "max", ArgMax: "argmax"}[type(b)]
        if op == "sum":
            body = self._factors_apart(body, free, over)
        reference = self._defined(body, op, over, tuple(i for i in self.size_of if i in free))
        del self.size_of[over]
        return reference

    def _loop_indices(self, expr: Expr) -> set[Symbol]:
        return {s for s in expr.free_symbols if s in self.size_of}

    def _factors_apart(self, body: Expr, free: set[Symbol], over: Symbol) -> Expr:
        """Costly factors that do not vary with all loops of the reduction get a definition of their own."""
        if not isinstance(body, Mul):
            return body
        costly = [f for f in body.args if _costly(f)]
        if not costly:
            return body
        factor = Mul(*costly)
        indices = self._loop_indices(factor)
        if over not in indices or free <= indices:
            return body
        ordered = tuple(i for i in self.size_of if i in indices)
        return self._defined(factor, None, None, ordered) * Mul(*(f for f in body.args if f not in costly))

    def _defined(self, expr: Expr, op: str | None, over: Symbol | None, indices: tuple[Symbol, ...]) -> Expr:
        """A reference to the definition of ``expr``, shared with an equal one whose indices have other names."""
        ways = [(self._renamed(expr, names), names) for names in self._orders(indices, over)]
        text, candidate, names = min(
            ((sympy.srepr(e), e, names) for e, names in ways), key=lambda way: way[0]
        )
        over = None if over is None else names[over]
        definition = self._known.get((op, over, text))
        if definition is None:
            stem = {"sum": "sum", "max": "largest", "argmax": "place", None: "factor"}[op]
            formal = tuple(sorted((names[i] for i in indices), key=list(self.size_of).index))
            definition = Definition(self.fresh(stem), formal, candidate, op, over)
            self._known[op, over, text] = definition
            self.definitions.append(definition)
        actual = {names[i]: i for i in indices}
        return definition.ref(*(actual[i] for i in definition.indices))

    def _orders(self, indices: tuple[Symbol, ...], over: Symbol | None) -> Iterator[dict[Symbol, Symbol]]:
        """The ways to name a definition's own indices: those of one axis in any order, then the reduced one."""
        groups: dict[Expr, list[Symbol]] = {}
        for i in indices:
            groups.setdefault(self.size_of[i], []).append(i)
        canonical = {
            size: [self.loop_index(size, turn) for turn in range(len(g))] for size, g in groups.items()
        }
        last: dict[Symbol, Symbol] = {}
        if over is not None:
            size = self.size_of[over]
            last[over] = self.loop_index(size, len(groups.get(size, ())))
        for choice in product(*(permutations(canonical[size]) for size in groups)):
            names = dict(last)
            for old, new in zip(groups.values(), choice, strict=True):
                names.update(zip(old, new, strict=True))
            yield names

    def program(self, outputs: tuple[str, ...]) -> Program:
        normalizer: Expr = sympy.Integer(1)
        if self.loss.normalizer != 1:
            normalizer = self.extract(
                self._row(stabilize(self.loss, {"d": self.loss.normalizer}).outputs["d"], {})
            )
        program = Program(
            self.loss,
            outputs,
            self.definitions,
            self.stores,
            self.size_of,
            normalizer,
            self.example,
            self.vector,
            self.taken,
        )
        _place(program)
        return program


_CHEAP = (Add, Mul, Indexed, Symbol, sympy.Number, group)


def _costly(expr: Expr) -> bool:
    """Whether computing ``expr`` again is worth avoiding: it divides, or calls a function."""
    return any(
        isinstance(node, (sympy.exp, sympy.log, log1p, expm1, sympy.tanh, sympy.sinh, sympy.cosh))
        or (isinstance(node, Pow) and not (node.exp.is_Integer and node.exp > 0))
        for node in sympy.preorder_traversal(expr)
    )


# --- which definitions stay in a loop, and which need an array ---------------------------------------------


def references(
    expr: Expr, by_name: Mapping[str, Definition]
) -> Iterator[tuple[Definition, tuple[Expr, ...]]]:
    """The definitions that an expression uses, with the indices at which it uses them."""
    seen = set()
    for node in sympy.preorder_traversal(expr):
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


def _place(program: Program) -> None:
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
        if d.op is None and not _costly(d.expr):
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
            return _Builder._renamed(d.expr, dict(zip(d.indices, node.args[1:], strict=True)))
        return None

    return rebuild(expr, out)


# --- fusing loops -----------------------------------------------------------------------------------------


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
                _place(self.program)

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


# --- sharing subexpressions -------------------------------------------------------------------------------


def share(block: Block, taken: set[str]) -> Block:
    """The same loops with every invariant hoisted out of them, and every repeated subexpression computed once."""
    return _Sharing(taken).block(block, {}, set())


class _Sharing:
    def __init__(self, taken: set[str]):
        self.taken = set(taken)

    def block(self, block: Block, known: dict[Expr, Symbol], outer: set[Symbol]) -> Block:
        """``known`` maps expressions to the constants that hold them; ``outer`` are loop indices around."""
        inner_only = self._deeper_names(block)
        statements = [self._with(s, lambda e: _replace_known(e, known)) for s in block.statements]
        counts: Counter[Expr] = Counter()
        first: dict[Expr, int] = {}
        for place, (expr, deep) in enumerate_expressions(statements):
            self._count(expr, deep, inner_only, counts, first, place)
        chosen = [e for e in counts if counts[e] > 1]
        chosen.sort(key=lambda e: (first[e], sympy.count_ops(e), sympy.default_sort_key(e)))
        out: list = []
        here = dict(known)
        for place, statement in enumerate(statements):
            for e in chosen:
                if first[e] == place and e not in here:
                    self._define(e, here, out)
            rewritten = self._with(statement, lambda e: _replace_known(e, here), top_only=True)
            if isinstance(rewritten, Loop):
                body = self.block(rewritten.body, here, outer | {rewritten.index})
                rewritten = Loop(rewritten.index, rewritten.size, rewritten.accumulators, body)
            out.append(rewritten)
        return Block(out)

    def _define(self, e: Expr, here: dict[Expr, Symbol], out: list) -> None:
        name = self._fresh(_stem(e))
        symbol = Symbol(name, real=True)
        out.append(Define(name, _replace_known(e, here), isinstance(e, Boolean)))
        here[e] = symbol

    def _count(self, expr, deep, inner_only, counts, first, place) -> None:
        """Count where a subexpression could be shared; one in a deeper loop counts twice, being computed often."""

        def visit(e: Expr, weight: int) -> None:
            if not _worth_sharing(e):
                for a in _children(e):
                    visit(a, weight)
                return
            movable = not any(s in inner_only for s in _names_in(e))
            if movable:
                again = e in counts
                counts[e] += weight
                first.setdefault(e, place)
                if again or weight > 1:
                    return
            for a in _operands(e):
                visit(a, weight)

        visit(expr, 2 if deep else 1)

    @staticmethod
    def _deeper_names(block: Block) -> set[str]:
        """Names that have a value only inside a loop of this block, or only after a statement of it."""
        names: set[str] = set()
        for statement in block.statements:
            if isinstance(statement, Loop):
                names.add(statement.index.name)
                names |= _defined_in(statement.body)
        return names

    def _fresh(self, stem: str) -> str:
        number = 1
        while f"{stem}_{number}" in self.taken:
            number += 1
        self.taken.add(f"{stem}_{number}")
        return f"{stem}_{number}"

    def _with(self, statement, f, top_only: bool = False):
        if isinstance(statement, Loop):
            return statement
        if isinstance(statement, Define):
            return Define(statement.name, f(statement.expr), statement.boolean)
        if isinstance(statement, Store):
            return Store(
                statement.target, statement.indices, f(statement.expr), statement.scaled, statement.nest
            )
        return type(statement)(statement.definition, f(statement.expr))


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


def enumerate_expressions(statements: list) -> Iterator[tuple[int, tuple[Expr, bool]]]:
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
    return not e.is_number


def _names_in(e: Expr) -> set[str]:
    return {s.name for s in e.free_symbols if isinstance(s, Symbol)}


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


def _stem(e: Expr) -> str:
    if isinstance(e, Pow):
        return "root" if e.exp == sympy.Rational(1, 2) else "inverse" if e.exp == -1 else "power"
    return _STEMS.get(type(e), type(e).__name__.lower())


def share_values(program: Program) -> list[Definition | Store]:
    """The array program with every repeated subexpression given a definition of its own, in order of use."""
    taken = set(program.names)
    items: list[Definition | Store] = [*program.definitions, *program.stores]
    counts: Counter[Expr] = Counter()

    def visit(e: Expr) -> None:
        if _worth_sharing(e):
            counts[e] += 1
            if counts[e] > 1:
                return
        for a in _operands(e):
            visit(a)

    for item in items:
        visit(item.expr)
    chosen = {e for e in counts if counts[e] > 1}
    known: dict[Expr, Expr] = {}
    out: list[Definition | Store] = []

    def name_in(e: Expr) -> Expr:
        for a in _children(e):
            name_in(a)
        if e in chosen and e not in known:
            number = 1
            while f"{_stem(e)}_{number}" in taken:
                number += 1
            name = f"{_stem(e)}_{number}"
            taken.add(name)
            indices = tuple(i for i in program.size_of if i in e.free_symbols)
            inner = _replace_known(e, known)
            definition = Definition(name, indices, inner)
            out.append(definition)
            known[e] = definition.ref()
        return e

    for item in items:
        name_in(item.expr)
        new = _replace_known(item.expr, known)
        if isinstance(item, Store):
            out.append(Store(item.target, item.indices, new, item.scaled, item.nest))
        else:
            out.append(Definition(item.name, item.indices, new, item.op, item.over, item.stored, item.nest))
    return out
