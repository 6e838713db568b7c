"""From the expressions of a loss to an array program: its reductions and intermediates in order of dependency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import permutations, product

import sympy
from sympy import Expr, Indexed, IndexedBase, Mul, Symbol

from symloss.compose import lifted
from symloss.derive import element_of, vectors_of
from symloss.functions import ArgMax, AxisMax, Binder, Index, Sum, rebuild, size_symbol
from symloss.schedule.place import costly, place, renamed
from symloss.schedule.program import BATCH, Definition, Program, Store
from symloss.stabilize import stabilize
from symloss.value import Input, Loss

__all__ = ["build"]


def build(loss: Loss, outputs: Iterable[str]) -> Program:
    """The program that computes ``outputs``: "value", "gradient", "hessian" or "hessian_vector_product"."""
    outputs = tuple(outputs)
    builder = _Builder(loss)
    for output in outputs:
        builder.add(output)
    return builder.program(outputs)


@lru_cache(maxsize=1024)
def _running(name: str, depth: int) -> Symbol:
    """The index of a reduction while it is taken apart: one for each depth, so that what SymPy knows of it is kept."""
    return sympy.Dummy(name, integer=True, nonnegative=True)


class _Builder:
    def __init__(self, loss: Loss):
        self.loss = loss
        self.batch = lifted(loss, BATCH)
        self.definitions: list[Definition] = []
        self.stores: list[Store] = []
        self.size_of: dict[Symbol, Expr] = {}
        self.vectors: tuple[Input, ...] = ()
        self.taken = (
            {a.name for a in (*loss.inputs, *loss.parameters)} | set(loss.definitions) | set(loss.axes)
        )
        self.taken |= {"weight", BATCH} | {v.name for v in vectors_of(loss)}
        self.taken |= {f"{stem}_{i.name}" for i in loss.inputs for stem in ("gradient", "hessian", "product")}
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
            # Not a plain Symbol: an axis L would give a loop l, which no bound index of that name may capture.
            known = self._loop_names[axis, turn] = Index(name)
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
        varying = loss.varying(loss.example)
        for wrt in loss.differentiated:
            argument = loss.argument(wrt)
            element = element_of(argument)
            if output == "gradient":
                expr = loss.gradient(wrt)
            elif output == "hessian":
                expr = loss.hessian(wrt)
            else:
                expr = loss.hessian_vector_product(wrt)
                self.vectors = vectors_of(loss)
            indices = element.args[1:] if argument.axes else ()
            stem = {"gradient": "gradient", "hessian": "hessian", "hessian_vector_product": "product"}[output]
            zero = sympy.Integer(0)
            example, batch = (expr, zero) if wrt in varying else (zero, expr)
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
            expr = renamed(sound, places)
            name = "batch_value" if target == "value" and self.loss.example != 0 else target
            self.stores.append(Store(name, tuple(places.values()), self.extract(expr)))

    def _row(self, expr: Expr, places: Mapping[Expr, Symbol]) -> Expr:
        return self._with_vector(self.batch.row(renamed(expr, places), self.example))

    def _with_vector(self, expr: Expr) -> Expr:
        """Give the vectors of a Hessian–vector product their batch axis."""
        names = {v.name: v for v in self.vectors}
        if not names:
            return expr

        def lift(node: Expr) -> Expr | None:
            if isinstance(node, Indexed) and node.base.label.name in names:
                name = node.base.label.name
                base = IndexedBase(name, shape=(size_symbol(BATCH), *names[name].tensor.shape), real=True)
                return Indexed(base, self.example, *node.args[1:])
            if isinstance(node, Symbol) and node.name in names and not names[node.name].axes:
                return Indexed(IndexedBase(node.name, shape=(size_symbol(BATCH),), real=True), self.example)
            return None

        return rebuild(expr, lift)

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
            body = renamed(formal_definition.expr, formal)
            lead: tuple[Symbol, ...] = ()
            if self.batch.base(name) is not None:
                body, lead = self._row(body, {}), (self.example,)
            expr = self.extract(body)
            definition = Definition(name, (*lead, *formal.values()), expr)
            self._named[name] = definition
            self.definitions.append(definition)
        return definition.ref(*places)

    def _reduction(self, b: Binder) -> Expr:
        free = self._loop_indices(b)
        over = _running(b.index.name, len(self.size_of))
        self.size_of[over] = b.size
        body = self.extract(b.body_at(over))
        op = {Sum: "sum", AxisMax: "max", ArgMax: "argmax"}[type(b)]
        if op == "sum":
            body = self._with_factors_defined(body, free, over)
        reference = self._defined(body, op, over, tuple(i for i in self.size_of if i in free))
        del self.size_of[over]
        return reference

    def _loop_indices(self, expr: Expr) -> set[Symbol]:
        return {s for s in expr.free_symbols if s in self.size_of}

    def _with_factors_defined(self, body: Expr, free: set[Symbol], over: Symbol) -> Expr:
        """Costly factors that do not vary with all loops of the reduction get a definition of their own."""
        if not isinstance(body, Mul):
            return body
        heavy = [f for f in body.args if costly(f)]
        if not heavy:
            return body
        factor = Mul(*heavy)
        indices = self._loop_indices(factor)
        if over not in indices or free <= indices:
            return body
        ordered = tuple(i for i in self.size_of if i in indices)
        return self._defined(factor, None, None, ordered) * Mul(*(f for f in body.args if f not in heavy))

    def _defined(self, expr: Expr, op: str | None, over: Symbol | None, indices: tuple[Symbol, ...]) -> Expr:
        """A reference to the definition of ``expr``, shared with an equal one whose indices have other names."""
        ways = [(renamed(expr, names), names) for names in self._orders(indices, over)]
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
            self.vectors,
            self.taken,
        )
        place(program)
        return program
