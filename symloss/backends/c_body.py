"""The statements of a generated C function, in the form in which the template prints them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sympy import Expr, Indexed, Symbol

from symloss.backends.c_print import CPrinter, Function
from symloss.backends.infix import ATOM, CHOICE, UNARY, identifiers, wrapped
from symloss.functions import names_in, nan_where
from symloss.schedule import (
    BATCH,
    Accumulate,
    Block,
    Define,
    Definition,
    Keep,
    Loop,
    Program,
    Run,
    SpecialPlaces,
    Store,
    calls,
    compiled,
    fresh,
    keep,
    last_reads,
    needed_entries,
    runs,
)
from symloss.value import Input

__all__ = ["Body", "extent"]

Item = dict[str, Any]
"""A line, a loop, or what else the template knows: ``kind`` says which, ``depth`` how far it is indented."""


def extent(d: Definition, program: Program) -> str:
    """How many numbers an array in the workspace has, as C text."""
    sizes = [program.size_of[i].name for i in d.indices if i != program.example_index]
    return " * ".join(sizes) or "1"


class Body:
    """The statements of one function. ``helpers`` collects the parts of the support code that they use."""

    def __init__(self, function: Function, helpers: set[str]):
        self.function = function
        self.program = function.program
        self.loss = function.program.loss
        self.real = function.real
        self.number = function.real.arithmetic
        self.helpers = helpers
        self.show = CPrinter(function, helpers)
        self.example = str(self.program.example_index)
        self.block: str | None = None
        """The index of the loop in blocks around, if there is one."""
        self.length = ""
        """How long its blocks are, as C text."""
        self.lanes = False
        """Whether its blocks are lanes, each with an example or, at the end, with nothing that counts."""
        self.buffers: list[str] = []
        """The declarations of what a block needs."""
        self.of_example: Item | None = None
        """The function of one example, where there is one."""
        self.customary = ""
        """What its name has besides in the program for defaults."""
        self.streamed: list[str] = []
        """The outputs that may go past the caches, a block at a time."""
        self.turned: list[str] = []
        """The outputs whose entries lie in lanes until a block is done."""
        self.kinds: dict[str, str] = {}
        """The types of local constants that are no numbers."""
        self.places: dict[Expr, str] = {}
        """The places that are looked for, by what they compare: the largest is found with them."""
        if self.loss.example != 0:
            helpers.add(f"weights_{self.real.name}")

    def render(self) -> dict[str, Any]:
        """What the template is told."""
        often = self._customary()
        per_example = self.loss.example != 0
        scaled = self._scales
        checks = self._checks()
        lines = self._loops(1)
        shared = self._shared(lines)
        unused = self._unused(lines, checks, bool(shared))
        inside, self.show.defaulted = self.show.defaulted, {}
        normalizer = None if self.program.normalizer == 1 else self._divided_by()
        outside = self.show.defaulted
        return {
            "checks": checks,
            "needs_entries": self._needs_entries(),
            "batch_value": any(s.target == "batch_value" for s in self.program.stores),
            "unused": unused,
            "per_example": per_example,
            "normalizer": normalizer,
            "example_index": self.example,
            "has_value": "value" in self.function.outputs,
            "scaled": scaled,
            "divisor_defaulted": outside,
            "defaulted": {name: d for name, d in inside.items() if shared or name not in outside},
            "weighs": self._weighs,
            "terms": self._terms,
            "workspace": self._arrays(),
            "customary": often,
            "statements": lines,
            "of_examples": [one for one in (often and often["of_example"], self.of_example) if one],
            "shared": shared,
        }

    def _shared(self, lines: list[Item]) -> dict[str, Any] | None:
        """What the function passes on where threads share its examples: to all of them together, and alone."""
        if not any(item["kind"] == "parts" and item["shared"] for item in lines):
            return None
        if any(_is_output(t) and self.program.example_index not in t.indices for t in self.program.stores):
            return None  # what belongs to the batch is for one thread to write
        self.helpers.add("shared")
        more = {}
        if self._weighs:
            more["divisor"] = "double divisor"
        if "value" in self.function.outputs:
            more["part_totals"] = "double *part_totals"
        passed = ", ".join([*(a.name for a in self.function.arguments), *more])
        return {
            "parameters": [*(a.text for a in self.function.arguments), *more.values()],
            "together": wrapped(f"            {passed});", 12),
            "alone": wrapped(f"        {passed});", 8),
        }

    def _loops(self, depth: int) -> list[Item]:
        """All that is computed."""
        block = compiled(self.program)
        self.taken = {*self.program.names, *_defined(block)}
        return self._statements(block.statements, depth)

    def _customary(self) -> dict[str, Any] | None:
        """What stands before all else, with its condition, for hyper-parameters that have their defaults."""
        often = self.function.customary
        if often is None:
            return None
        body = Body(replace(self.function, program=often.program, customary=None), self.helpers)
        condition = " && ".join(
            f"{self.show(Symbol(name))} == {self.show(number)}" for name, number in often.numbers.items()
        )
        body.customary = "customary_"
        lines = body._loops(2)
        self.show.defaulted |= body.show.defaulted
        return {"condition": condition, "statements": lines, "of_example": body.of_example}

    def _kind(self, s: Define) -> str:
        """The C type of a local constant."""
        return "int" if s.boolean else self.number

    @property
    def _least(self) -> str:
        """What a largest number starts from."""
        return f"-({self.number})INFINITY"

    def _doubled(self, text: str) -> str:
        """What formulas give, as a term of a sum."""
        return f"{self.real.up}({text})" if self.real.up else text

    @property
    def _scales(self) -> bool:
        """Whether outputs are multiplied by what an example counts."""
        return any(s.scaled and s.target != "value" for s in self.program.stores)

    @property
    def _weighs(self) -> bool:
        """Whether it matters what an example counts."""
        return self.loss.example != 0 and (self._scales or "value" in self.function.outputs)

    @property
    def _terms(self) -> str:
        """How many terms an example has, as C text: entries that no larger input has besides."""
        shapes = dict.fromkeys(i.axes for i in self.loss.inputs)
        largest = [axes for axes in shapes if not any(set(axes) < set(other) for other in shapes)]
        return " + ".join(" * ".join(axes) for axes in largest if axes) or "1"

    def _divided_by(self) -> str:
        """The statement that gives an example's part of what the mean divides by."""
        weight = (
            f"(weight != NULL ? {self.real.up}{self.real.widen}weight[{self.program.example_index}] : 1.0)"
        )
        part = f"{weight} * {self.real.up}{self.show(self.program.normalizer, ATOM)}"
        return str(_line(f"divisor_terms[{self.program.example_index} - block_start] = {part};", 4)["text"])

    def _needs_entries(self) -> list[dict[str, str]]:
        """The axes that must not be empty, each with the condition under which it is looked into."""
        return [
            {"size": axis, "guard": "".join(f"{s} > 0 && " for s in around)}
            for axis, around in needed_entries(self.program)
        ]

    def _unused(self, lines: list[dict[str, Any]], checks: list[dict[str, str]], shared: bool) -> list[str]:
        """The parameters that the function has for the sake of a common signature, and does not read.

        Where threads share the examples this is about what each thread does: what is checked is read before.
        """
        said: set[str] = set()

        def read(statements: list[dict[str, Any]]) -> None:
            for s in statements:
                besides = [text for kind in ("buffers", "streamed", "fetched") for text in s.get(kind) or []]
                said.update(identifiers(" ".join([s.get("text", ""), *besides])))
                said.add(s.get("size", ""))
                for inside in ("body", "runs", "rows"):
                    read(s.get(inside) or [])
                read([s[inside] for inside in ("elements", "narrow") if s.get(inside)])

        read(lines)
        before = (
            [] if shared else [v for c in checks for v in c.values()] + [self.show(self.program.normalizer)]
        )
        workspace = self.program.workspace[:-1] or self.program.workspace
        extents = [f"{extent(d, self.program)} workspace" for d in workspace]
        said |= identifiers(" ".join([*before, self._terms, *extents]))
        said.update(c["size"] for c in ([] if shared else self._needs_entries()))
        always = {BATCH, "value"} | ({"weight", "reduction"} if self._weighs or not shared else set())
        return [a.name for a in self.function.arguments if a.name not in said | always]

    def _checks(self) -> list[dict[str, str]]:
        """The class indices to look at before anything is computed."""
        found = []
        for one in self.loss.inputs:
            if one.type.classes:
                self.helpers.add("blocks")
                sizes = [*([BATCH] if one.per_example else []), *one.axes]
                found.append(
                    {
                        "name": one.name,
                        "count": " * ".join(sizes) or "1",
                        "size": one.type.classes,
                        "also": one.type.also or "",
                    }
                )
        return found

    def _arrays(self) -> list[dict[str, str]]:
        offset: list[str] = []
        arrays = []
        for d in self.program.workspace:
            arrays.append({"name": f"{d.name}_array", "at": " + ".join(offset)})
            offset.append(extent(d, self.program))
        return arrays

    # -- statements --

    def _statements(self, statements: Iterable[Any], depth: int) -> list[Item]:
        return [item for s in statements for item in self._statement(s, depth)]

    def _statement(self, s: Any, depth: int) -> list[Item]:
        if isinstance(s, Run):
            return [self._run(s, depth)]
        if isinstance(s, Define):
            self.show.known[s.name] = s.expr
            self.kinds[s.name] = self._kind(s)
            return [_line(f"const {self._kind(s)} {s.name} = {self.show(s.expr)};", depth)]
        if isinstance(s, Keep):
            value = self.show(s.expr)
            return [_line(f"{self.show._load(s.definition.ref())} = {value};", depth)]
        if isinstance(s, Store):
            return self._store(s, depth)
        if isinstance(s, Accumulate):
            return self._accumulate(s, depth)
        assert isinstance(s, Loop)
        return self._loop(s, depth)

    def _loop(self, s: Loop, depth: int) -> list[Item]:
        """A loop: over the examples in parts, in blocks where it sums or compares, or as it is."""
        if self.block is not None:
            return self._loop_of_lanes(s, depth)
        if str(s.index) == self.example:
            return [self._parts(s, depth)]
        blocked = not _has_loops(s.body) and bool(s.accumulators)
        lines: list[Item] = []
        if blocked:
            lines, rest = self._at_once(s, depth)
            if rest is None:
                return lines
            s = rest
        special = SpecialPlaces(s)
        s = special.elsewhere()
        saved, behind = self._stored_there(special, depth)
        lines += saved + self._start(s, blocked, depth)
        if blocked:
            terms = partial(self._added_there, special)
            lines.append(self._blocks(s, depth, "0", s.size.name, self._longest(), terms))
        else:
            if any(d.op == "max" for d in s.accumulators):
                self.helpers.add(self.show.own("max"))
            body = self._statements(s.body.statements, depth + 1)
            lines.append(
                {
                    "kind": "loop",
                    "index": str(s.index),
                    "type": "size_t",
                    "size": s.size.name,
                    "depth": depth,
                    "body": body,
                }
            )
        return lines + behind + self._end(s, blocked, depth)

    def _longest(self) -> str:
        """How long a block is, as C text: numbers of 1 KiB."""
        if self.number == "double":
            return "SYMLOSS_BLOCK"
        self.helpers.add("long")
        return "SYMLOSS_BLOCKF"

    # -- places with formulas of their own --

    def _stored_there(self, special: SpecialPlaces, depth: int) -> tuple[list[Item], list[Item]]:
        """What is stored at such places: what is read there before the loop writes over it, and what stands behind."""
        saved: list[Item] = []
        behind: list[Item] = []
        s = special.loop
        for place in special.places:
            statements = special.at(place, (Store, Keep))
            for k, t in enumerate(statements):
                if isinstance(t, Define) and isinstance(t.expr, Indexed) and self._is_kept(t.expr):
                    there = fresh("there", self.taken)
                    before = self.show(t.expr.subs(s.index, place))
                    saved.append(_line(f"const {self._kind(t)} {there} = {before};", depth))
                    statements[k] = replace(t, expr=Symbol(there, real=True))
            if statements:
                guard = "" if self._is_somewhere(place) else f"if ({self._position(place)} < {s.size.name}) "
                behind += self._scope(s, place, f"{guard}{{", self._statements(statements, depth + 1), depth)
        return saved, behind

    def _added_there(self, special: SpecialPlaces, depth: int) -> list[Item]:
        """What is added at such places, where the block has them."""
        lines: list[Item] = []
        s = special.loop
        kept = {str(t.expr): t.definition.ref() for t in _all(s.body) if isinstance(t, Keep)}
        for place in special.places:
            statements = [
                replace(t, expr=kept[t.name])
                if isinstance(t, Define) and t.name in kept and not special.is_other(t.name, place)
                else t
                for t in special.at(place, Accumulate)
            ]
            if statements:
                within = f"if ({self._position(place)} - block_start < block_stop - block_start) {{"
                lines += self._scope(s, place, within, self._statements(statements, depth + 1), depth)
        return lines

    def _scope(self, s: Loop, place: Expr, head: str, lines: list[Item], depth: int) -> list[Item]:
        at = _line(f"const size_t {s.index} = {self._position(place)};", depth + 1)
        return [_line(head, depth), at, *lines, _line("}", depth)]

    def _position(self, place: Expr) -> str:
        """A place as a size_t; that of an ignored class may be beyond all places."""
        if isinstance(place, Symbol):
            return f"(size_t){place.name}" if place.name in self.show.parameters else place.name
        definition = self.show.definitions.get(place.base.label.name)
        found = definition is not None and not definition.stored
        return f"{'' if found else '(size_t)'}{self.show._load(place)}"

    def _is_kept(self, e: Indexed) -> bool:
        """Whether the loop may write over it."""
        return e.base.label.name in self.show.kept

    def _is_somewhere(self, place: Expr) -> bool:
        """Whether it is among the entries for certain."""
        name = (place.base.label if isinstance(place, Indexed) else place).name
        argument = self.show.inputs.get(name)
        return name in self.show.definitions or (argument is not None and argument.type.also is None)

    def _start(self, s: Loop, blocked: bool, depth: int) -> list[Item]:
        """The accumulators of a loop, before it."""
        lines: list[Item] = []
        self.places = {_term(s, d): d.name for d in s.accumulators if d.op == "argmax"} if blocked else {}
        for d in s.accumulators:
            if d.op == "argmax":
                lines.append(_line(f"size_t {d.name} = 0;", depth))
                lines.append(_line(f"{self.number} {d.name}_value = {self._least};", depth))
            elif d.op == "sum":
                lines += self._sums(d.name, depth) if blocked else self._sum(d.name, depth)
            elif _term(s, d) not in self.places:
                lines.append(_line(f"{self.number} {d.name} = {self._least};", depth))
        return lines

    def _end(self, s: Loop, blocked: bool, depth: int) -> list[Item]:
        """What they have come to, behind it."""
        lines: list[Item] = []
        places = {_term(s, d): d.name for d in s.accumulators if d.op == "argmax"} if blocked else {}
        for d in s.accumulators:
            if d.op == "sum":
                total = f"{d.name}_total"
                if blocked:
                    total = f"symloss_total{self.real.sums}(&{d.name}_sums)"
                elif self.real.compensated:
                    total = f"symloss_sum({d.name}_total, {d.name}_rest)"
                lines.append(_line(f"const {self.number} {d.name} = {self.real.down}{total};", depth))
            elif d.op == "max" and _term(s, d) in places:
                lines.append(_line(f"const {self.number} {d.name} = {places[_term(s, d)]}_value;", depth))
        return lines

    def _sum(self, name: str, depth: int) -> list[Item]:
        rest = f", {name}_rest = 0.0" * self.real.compensated
        self.helpers.update(["add"] * self.real.compensated)
        return [_line(f"double {name}_total = 0.0{rest};", depth)]

    @property
    def _adds(self) -> str:
        """What adds the entries of a block to a sum."""
        return "add_entriesf" if self.number == "float" else f"add_all{self.real.own}"

    def _sums(self, name: str, depth: int) -> list[Item]:
        self.helpers.update([f"sums{self.real.sums}", self._adds])
        return [_line(f"struct symloss_sums{self.real.sums} {name}_sums = {self.real.nothing};", depth)]

    def _at_once(self, s: Loop, depth: int) -> tuple[list[Item], Loop | None]:
        """What the support code finds in numbers that lie one after the other, and what is left of a loop."""
        found = {d.name: text for d in s.accumulators if (text := self._row(s, d))}
        places = {_term(s, d): d.name for d in s.accumulators if d.op == "argmax" and d.name in found}
        lines: list[Item] = []
        for d in sorted((d for d in s.accumulators if d.name in found), key=lambda d: d.op != "argmax"):
            row = f"{found[d.name]}, {s.size.name}"
            if d.op == "argmax":
                lines.append(_line(f"{self.number} {d.name}_value;", depth))
                text = self.show.called(self.show.own("place"), row, f"&{d.name}_value")
                lines.append(_line(f"const size_t {d.name} = {text};", depth))
            elif _term(s, d) in places:
                lines.append(_line(f"const {self.number} {d.name} = {places[_term(s, d)]}_value;", depth))
            else:
                text = self.show.called(self.show.own("largest"), row)
                lines.append(_line(f"const {self.number} {d.name} = {text};", depth))
        left = [t for t in _all(s.body) if not (isinstance(t, Accumulate) and t.definition.name in found)]
        if all(isinstance(t, Define) for t in left):
            return lines, None
        return lines, Loop(s.index, s.size, [d for d in s.accumulators if d.name not in found], Block(left))

    def _row(self, s: Loop, d: Definition) -> str | None:
        """Where the terms lie that are compared; None where they must be computed, or lie apart."""
        term = _term(s, d)
        if d.op == "sum" or not self.real.native or not isinstance(term, Indexed):
            return None
        argument = next(
            (i for i in self.loss.inputs if i.name == term.base.label.name and not i.type.classes), None
        )
        if argument is None or term.args[-1] != s.index or s.index in term.args[1:-1]:
            return None
        name, _, place = self.show._load(term).removesuffix("]").partition("[")
        start = place.removesuffix(str(s.index)).removesuffix(" + ")
        return f"&{name}[{start}]" if start else name

    def _add(self, term: str, total: str, rest: str) -> str:
        """The statement that adds a term to a sum."""
        if not self.real.compensated:
            return f"{total} += {self._doubled(term)};"
        self.helpers.add("add")
        return f"symloss_add({term}, &{total}, &{rest});"

    # -- blocks --

    def _parts(self, s: Loop, depth: int) -> Item:
        """All examples, in parts that threads may share; not where all write to one workspace."""
        self.helpers.update(["parts", f"sums{self.real.sums}"])
        item: Item = {
            "kind": "parts",
            "depth": depth,
            "index": str(s.index),
            "shared": not self.program.workspace,
            "elements": None,
            "narrow": None,
            "rows": None,
        }
        if self.program.workspace:
            item["rows"] = self._statements(s.body.statements, depth + 2)
            return item
        if not _has_loops(s.body):
            # measured to win where nothing but memory is the limit
            memory = self.real.native and not any(calls(t.expr) for t in _all(s.body))
            outputs = [t.target for t in _all(s.body) if _is_output(t) and t.indices == (s.index,)]
            self.streamed = outputs if memory else []
            self.helpers.update(["stream"] * bool(self.streamed))
            item["streamed"] = self.streamed
            item["elements"] = self._blocks(s, depth + 1, "part_start", "part_stop", self._longest())
            return item
        # a lane has room for a row, and not for a matrix; one number for each example has no place in it
        narrow = len(self.loss.axes) == 1 and all(len(i.axes) < 2 for i in self.loss.inputs)
        flat = any(_is_output(t) and t.indices == (s.index,) for t in self.program.stores)
        if narrow and not flat and self._takes_functions(s.body):
            item["narrow"] = self._lanes(s, depth + 2)
        body = self._kept_in_outputs(s) if self.real.native else s.body
        item["rows"] = self._statements(body.statements, depth + (3 if item["narrow"] else 2))
        self._fetch_ahead(item["rows"], str(s.index))
        return item

    def _fetch_ahead(self, rows: list[Item], example: str) -> None:
        """What later loops of a row read is asked for in the first one, and the next row in the last one."""
        loops = [item for item in rows if item["kind"] == "blocks"]
        inputs = self._rows_of(self.loss.inputs)
        texts = [_text(item) for item in loops]
        reads = [[name for name in inputs if f"{name}[" in text] for text in texts]
        if len(self.loss.axes) != 1 or not any(reads):
            return
        self.helpers.add("fetch")
        size = self.loss.axes[0]
        following = f"({example} + ({example} + 1 < part_stop))"
        later = [
            name for name in inputs if any(name in found for found in reads[1:]) and name not in reads[0]
        ]
        loops[0]["ahead"] = {name: f"&{name}[{example} * {size} + block_start]" for name in later}
        loops[-1]["ahead"] |= {name: f"&{name}[{following} * {size} + block_start]" for name in reads[0]}

    def _rows_of(self, inputs: Iterable[Input]) -> list[str]:
        """Those of which each example has a row of numbers."""
        return [i.name for i in inputs if i.per_example and i.axes == self.loss.axes and not i.type.classes]

    @staticmethod
    def _takes_functions(block: Block) -> bool:
        """Whether its loops take costly functions, and have no loops themselves."""
        inside = [s.body for s in block.statements if isinstance(s, Loop)]
        return not any(_has_loops(b) for b in inside) and any(calls(t.expr) for b in inside for t in _all(b))

    def _kept_in_outputs(self, s: Loop) -> Block:
        """Of loops that take the same function the first puts it where the last will put an output."""
        taken = set(self.taken)
        block, kept = keep(s.body, (s.index,), taken)
        places = self._outputs_for(kept)
        if len(places) < len(kept):
            return s.body
        self.taken |= taken
        for name, target in places.items():
            self.show.kept[name] = partial(self._output, target, self._argument_of(target))
        return block

    @staticmethod
    def _outputs_for(kept: Mapping[Definition, Loop]) -> dict[str, str]:
        """The outputs that are written behind the last reading of what is kept, each for one definition."""
        places: dict[str, str] = {}
        reads = {loop: last_reads(loop, kept) for loop in set(kept.values())}
        for d, last in kept.items():
            outputs = (t for t in _all(last.body)[reads[last][d.name] :] if _is_output(t))
            free = (t.target for t in outputs if t.indices == d.indices and t.target not in places.values())
            target = next(free, None)
            if target is not None:
                places[d.name] = target
        return places

    def _lanes(self, s: Loop, depth: int) -> Item:
        """The examples in blocks, each in a lane of its own, also in the loops over an axis."""
        limit = "SYMLOSS_NARROW" + self.real.suffix
        self.helpers.add("narrow" + self.real.suffix.lower())
        block, kept = keep(s.body, (s.index,), self.taken)
        read = {e.base.label.name for expr in self.program.expressions for e in expr.atoms(Indexed)}
        rows = self._rows_of((*self.loss.inputs, *self.program.vectors))
        inputs = [name for name in rows if name in read]
        self.turned = [
            t.target
            for t in self.program.stores
            if _is_output(t) and t.indices[1:] and t.indices[0] == s.index
        ]
        places = self._outputs_for(kept)
        self.buffers = [
            f"{self.number} {name}_block[{limit} * SYMLOSS_LANES];"
            for name in (*inputs, *(d.name for d in kept if d.name not in places), *self.turned)
        ]
        for name in (*inputs, *(d.name for d in kept)):
            self.show.kept[name] = partial(self._in_lane, places.get(name, name))
        others = [i for i in self.loss.inputs if i.per_example and i.name in read and i.name not in inputs]
        for one in others:
            self.show.kept[one.name] = partial(self._in_whole, one)
        self.lanes = True
        item = self._blocks(
            Loop(s.index, s.size, [], block), depth, "part_start", "part_stop", "SYMLOSS_LANES"
        )
        self.lanes = False
        for name in (*inputs, *(one.name for one in others)):
            del self.show.kept[name]
        self.helpers.update([f"turn{self.real.own}"] * bool(inputs) + ["full"] * bool(others))
        self.helpers.update([f"turn_back{self.real.own}"] * bool(self.turned))
        item |= {
            "turned": inputs,
            "turned_back": self.turned,
            "limit": limit,
            "place": "int32_t" if self.number == "float" else "uint16_t",
            "size": self.loss.axes[0],
            "whole": [
                {
                    "name": one.name,
                    "type": "int64_t" if one.type.classes else self.real.type,
                    "length": " * ".join(["SYMLOSS_LANES", *(limit for _ in one.axes)]),
                    "row": "".join(f" * {axis}" for axis in one.axes),
                }
                for one in others
            ],
        }
        self.turned = []
        return item

    def _in_lane(self, name: str, indices: tuple[Expr, ...]) -> str:
        """Where each example keeps an entry of an axis, as C text."""
        return f"{name}_block[{self.show.index(indices[1])} * SYMLOSS_LANES + lane]"

    def _in_whole(self, argument: Input, indices: tuple[Expr, ...]) -> str:
        """Where each lane reads what is not turned, as C text."""
        place = "lane"
        for axis, entry in zip(argument.axes, indices[1:], strict=True):
            place = f"{f'({place})' if '+' in place else place} * {axis} + {self.show.index(entry)}"
        widen = "" if argument.type.classes else self.real.widen
        return f"{widen}{argument.name}_of[{place}]"

    @property
    def _at(self) -> str:
        """The place of an example or entry in its block, as C text."""
        return "lane" if self.lanes else f"{self.block} - block_start"

    @property
    def _place_kind(self) -> str:
        """The type of places: in lanes it is as wide as the numbers beside it, so that as many fit into a vector."""
        return f"uint{32 if self.number == 'float' else 64}_t" if self.lanes else "size_t"

    def _blocks(
        self,
        s: Loop,
        depth: int,
        first: str,
        last: str,
        length: str = "SYMLOSS_BLOCK",
        apart: Callable[[int], list[Item]] | None = None,
    ) -> Item:
        """A loop in blocks: what is summed or compared goes through a buffer, so that the runs have no order.

        ``apart`` gives what stands behind the runs of a block.
        """
        examples = str(s.index) == self.example
        value = examples and self.function.outputs[0] == "value"
        self.helpers.add("blocks")
        self.places = {_term(s, d): d.name for d in s.accumulators if d.op == "argmax"}
        sums = [d.name for d in s.accumulators if d.op == "sum"]
        maxima = [d.name for d in s.accumulators if d.op == "max" and _term(s, d) not in self.places]
        places = list(self.places.values())
        self.helpers.update(
            [self.show.own("largest")] * bool(maxima) + [self.show.own("place")] * bool(places)
        )
        if examples and self._scales:
            self.helpers.add(f"weigh{self.real.own}")
        if value:
            each = [f"each{self.real.own}"] * (self.loss.batch == 0)
            self.helpers.update([f"values{self.real.own}", *each])
        self.block = str(s.index)
        tree = runs(s.body, self.taken)
        self.length, self.buffers, buffers = length, [], self.buffers
        buffers += [
            f"{self.number} {name}_terms[{length}];" for name in (*sums, *maxima, *places, *["value"] * value)
        ]
        together = None
        if value and (cheap := self._cheap(tree)):
            items, together = self._one_by_one(cheap, depth + 2)
        else:
            items = self._statements(tree, depth + 1) + (apart(depth + 1) if apart else [])
        buffers += self.buffers + self._saved(tree, length)
        self.buffers, self.block = [], None
        return {
            "kind": "blocks",
            "depth": depth,
            "index": str(s.index),
            "first": first,
            "last": last,
            "length": length,
            "examples": examples,
            "buffers": buffers,
            "streamed": self.streamed if examples else [],
            "fetched": self._fetched() if examples and length != "SYMLOSS_LANES" else [],
            "ahead": {},
            "sums": sums,
            "adds": self._adds,
            "maxima": maxima,
            "places": places,
            "value": value,
            "together": together,
            "runs": items,
            "lanes": self.lanes,
            "whole": [],
            "turned": [],
            "turned_back": [],
        }

    def _cheap(self, tree: list[Any]) -> Run | None:
        """The only run of a loop, where it takes no costly function, and buffers would take longer than it does."""
        run = tree[0]
        if self.lanes or len(tree) != 1 or not isinstance(run, Run):
            return None
        vectors = {p.name for p in self.loss.parameters if p.axes}
        expressions = [t.expr for t in run.statements]
        if any(calls(e) or not vectors.isdisjoint(names_in(e)) for e in expressions):
            return None
        # measured to lose where NaN is guarded: four lines have too many comparisons at once
        return None if any(e.has(nan_where) for e in expressions) else run

    def _one_by_one(self, run: Run, depth: int) -> tuple[list[Item], list[str]]:
        """The loop that calls a function for each example, and four such calls, whose values are added up.

        The function is written on the way: what it computes stands in one place, and loops of both kinds call it.
        """
        outputs = [t.target for t in run.statements if _is_output(t)]
        outside = self._constants()
        streamed, self.streamed = self.streamed, []
        lines = [item for item in self._statements(run.statements, 1) if item["kind"] == "line"]
        self.streamed = streamed
        said = identifiers(_text({"body": lines}))
        types = {i.name: "int64_t" if i.type.classes else self.real.type for i in self.loss.inputs}
        inputs = {name: f"const {kind} *" for name, kind in types.items() if name in said}
        constants = {name: f"{kind} " for name, kind in outside.items() if name in said}
        results = dict.fromkeys(outputs, f"{self.real.type} *")
        parameters = "".join(f", {kind}{name}" for name, kind in (inputs | constants | results).items())
        name = f"symloss_{self.customary}{self.function.what}_{self.real.name}_of_example"
        self.of_example = {
            "name": name,
            "type": self.number,
            "parameters": wrapped(f"    size_t {self.block}{parameters})", 4),
            "lines": [*lines, _line("return example_value;", 1)],
        }
        shaped = {i.name: i for i in self.loss.inputs} | {r: self._argument_of(r) for r in results}
        arrays = {a: f"{a}_block" if shaped[a].per_example else a for a in inputs | results}
        passed = ", ".join([*(arrays[i] for i in inputs), *constants, *(arrays[r] for r in results)])
        self.buffers += [
            wrapped(f"{kind}const {arrays[a]} = {a} + {' * '.join(['block_start', *shaped[a].axes])};", 4)
            for a, kind in (inputs | results).items()
            if a not in streamed and shaped[a].per_example
        ]
        line = f"value_terms[{self._at}] = {name}({self._at}, {passed});"
        places = ("at", *(f"at + {times}{self.real.line}" for times in ("", "2 * ", "3 * ")))
        four = [
            _line(f"line_values[{k}] = {self.real.up}{name}({place}, {passed});", depth + 2)["text"]
            for k, place in enumerate(places)
        ]
        return [self._run_of([_line(line, depth + 1)], depth)], four

    def _constants(self) -> dict[str, str]:
        """What is the same for all examples, each with its C type."""
        return {
            **dict.fromkeys((BATCH, *self.loss.axes), "size_t"),
            **{p.name: "int64_t" if p.domain.integer else self.real.type for p in self.loss.parameters},
            **self.kinds,
            "example_scale": self.number,
        }

    def _fetched(self) -> list[str]:
        """The inputs that are read one after the other."""
        found = [i.name for i in self.loss.inputs if i.per_example and not i.axes]
        self.helpers.update(["fetch"] * bool(found))
        return found

    def _saved(self, tree: Iterable[Any], length: str) -> list[str]:
        """The buffers for what runs save."""
        found = []
        for item in tree:
            if isinstance(item, Loop):
                found += self._saved(item.body.statements, length)
            else:
                kinds = {s.name: self._kind(s) for s in item.statements if isinstance(s, Define)}
                found += [f"{kinds[name]} {name}_block[{length}];" for name in item.saves]
        return found

    def _run(self, run: Run, depth: int) -> Item:
        at = f"[{self._at}]"
        whole = {d.name for d in self.program.definitions if d.op == "argmax"}
        kinds = {
            name: self._place_kind if name in whole else self.kinds.get(name, self.number)
            for name in run.loads
        }
        lines = [_line(f"const {kinds[name]} {name} = {name}_block{at};", depth + 1) for name in run.loads]
        lines += self._statements(run.statements, depth + 1)
        lines += [_line(f"{name}_block{at} = {name};", depth + 1) for name in run.saves]
        return self._run_of(lines, depth)

    def _run_of(self, lines: list[Item], depth: int) -> Item:
        text = " ".join(item.get("text", "") for item in lines)
        return {
            "kind": "run",
            "depth": depth,
            "index": self.block,
            "lanes": self.lanes,
            "at": self._at,
            "scales": self.block == self.example and "example_scale" in text,
            "body": lines,
        }

    def _loop_of_lanes(self, s: Loop, depth: int) -> list[Item]:
        """A loop over an axis, in which each example of a block accumulates by itself."""
        at = f"[{self._at}]"
        before, after = [], []
        self.places = {_term(s, d): d.name for d in s.accumulators if d.op == "argmax"}
        kinds = {"sum": self.number, "max": self.number, "argmax": self._place_kind}
        self.buffers += [f"{kinds[d.op or '']} {d.name}_block[{self.length}];" for d in s.accumulators]
        for d in s.accumulators:
            if d.op == "sum":
                total = self._lane_total(d)
                before.append(_line(f"{total}{at} = 0.0;", depth + 1))
                if self.real.down:
                    self.buffers.append(f"double {total}[{self.length}];")
                    after.append(_line(f"{d.name}_block{at} = {self.real.down}{total}{at};", depth + 1))
                if self.real.compensated:
                    self.buffers.append(f"double {d.name}_rests[{self.length}];")
                    before.append(_line(f"{d.name}_rests{at} = 0.0;", depth + 1))
                    whole = f"symloss_sum({d.name}_block{at}, {d.name}_rests{at})"
                    after.append(_line(f"{d.name}_block{at} = {whole};", depth + 1))
            elif d.op == "max" and _term(s, d) in self.places:
                after.append(_line(f"{d.name}_block{at} = {self.places[_term(s, d)]}_best{at};", depth + 1))
            elif d.op == "max":
                before.append(_line(f"{d.name}_block{at} = {self._least};", depth + 1))
            else:
                self.buffers.append(f"{self.number} {d.name}_best[{self.length}];")
                before.append(_line(f"{d.name}_block{at} = 0;", depth + 1))
                before.append(_line(f"{d.name}_best{at} = {self._least};", depth + 1))
        loop: Item = {
            "kind": "loop",
            "index": str(s.index),
            "type": self._place_kind,
            "size": s.size.name,
            "depth": depth,
            "body": self._statements(s.body.statements, depth + 1),
        }
        runs_of = [[self._run_of(lines, depth)] if lines else [] for lines in (before, after)]
        return [*runs_of[0], loop, *runs_of[1]]

    def _lane_total(self, d: Definition) -> str:
        """Where the lanes add up: doubles, which become what formulas compute with once, when all is added."""
        return f"{d.name}_totals" if self.real.down else f"{d.name}_block"

    def _accumulate_in_lane(self, s: Accumulate, depth: int) -> list[Item]:
        d, at = s.definition, f"[{self._at}]"
        mine, best = f"{d.name}_block{at}", f"{d.name}_best{at}"
        if d.op == "sum":
            total = f"{self._lane_total(d)}{at}"
            return [_line(self._add(self.show(s.expr), total, f"{d.name}_rests{at}"), depth)]
        if d.op == "max" and s.expr in self.places:
            return []  # the search for the place finds it
        if d.op == "max":
            return [_line(f"{mine} = {self.show.maximum(mine, self.show(s.expr))};", depth)]
        term, better = f"{d.name}_term", f"{d.name}_better"
        says = f"!({term} <= {best}) & ({best} == {best})"  # larger, or the first NaN
        return [
            _line(f"const {self.number} {term} = {self.show(s.expr)};", depth),
            _line(f"const int {better} = {says};", depth),
            _line(f"{mine} = {better} ? {d.over} : {mine};", depth),
            _line(f"{best} = {better} ? {term} : {best};", depth),
        ]

    def _accumulate(self, s: Accumulate, depth: int) -> list[Item]:
        d = s.definition
        if self.block is not None and str(s.definition.over) != self.block:
            return self._accumulate_in_lane(s, depth)
        if self.block is not None:
            if d.op == "max" and s.expr in self.places:
                return []  # the search for the place finds it
            return [_line(f"{d.name}_terms[{self._at}] = {self.show(s.expr)};", depth)]
        if d.op == "sum":
            return [_line(self._add(self.show(s.expr), f"{d.name}_total", f"{d.name}_rest"), depth)]
        if d.op == "max":
            return [_line(f"{d.name} = {self.show.maximum(d.name, self.show(s.expr))};", depth)]
        term, best = f"{d.name}_term", f"{d.name}_value"
        return [
            _line(f"const {self.number} {term} = {self.show(s.expr)};", depth),
            _line(f"if ({term} > {best} || ({term} != {term} && {best} == {best})) {{", depth),
            _line(f"{d.name} = {d.over};", depth + 1),
            _line(f"{best} = {term};", depth + 1),
            _line("}", depth),
        ]

    def _store(self, s: Store, depth: int) -> list[Item]:
        if s.target == "value" and s.scaled:
            self.helpers.update([f"add_one{self.real.sums}"] * (self.block is None))
            return [
                _line(f"const {self.number} example_value = {self.show(s.expr)};", depth),
                {
                    "kind": "example value",
                    "depth": depth,
                    "index": self.example,
                    "at": self._at if self.block is not None else None,
                },
            ]
        if s.target in ("value", "batch_value"):
            name = "whole_value" if s.target == "value" else s.target
            return [
                _line(
                    f"const double {name} = {self._doubled(self.show(s.expr))};",
                    depth,
                )
            ]
        if s.target in self.turned:
            where = self._in_lane(s.target, s.indices)
        elif s.target in self.streamed:
            where = f"{s.target}_block[{self._at}]"
        else:
            where = self._output(s.target, self._argument_of(s.target), s.indices)
        narrow = "" if s.target in self.turned else self.real.narrow
        value = self.show(s.expr, UNARY if s.scaled or narrow else CHOICE)
        if s.scaled:
            value = f"example_scale * {value}"
            value = f"({value})" if narrow else value
        return [_line(f"{where} = {narrow}{value};", depth)]

    def _argument_of(self, target: str) -> Input:
        """The tensor that an output is shaped like."""
        return next(i for i in self.loss.inputs if i.name == target.split("_", 1)[1])

    def _output(self, target: str, argument: Input, indices: tuple[Expr, ...]) -> str:
        """An entry of an output, as C text."""
        lead = (Symbol(BATCH),) if argument.per_example else ()
        return self.show._at(
            target, list(zip((*lead, *(Symbol(a) for a in argument.axes)), indices, strict=True))
        )


def _text(item: Item) -> str:
    """All lines of an item."""
    return " ".join([item.get("text", ""), *map(_text, [*item.get("body", []), *item.get("runs", [])])])


def _is_output(s: Any) -> bool:
    return isinstance(s, Store) and s.target not in ("value", "batch_value")


def _line(text: str, depth: int) -> Item:
    return {"kind": "line", "depth": depth, "text": wrapped("    " * depth + text, 4 * depth + 4)}


def _term(s: Loop, d: Definition) -> Expr:
    """What an accumulator of a loop takes in."""
    inside = [u for t in s.body.statements for u in (t.statements if isinstance(t, Run) else [t])]
    return next(t.expr for t in inside if isinstance(t, Accumulate) and t.definition is d)


def _all(block: Block) -> list[Any]:
    """The statements, of whatever kind."""
    return block.statements


def _has_loops(block: Block) -> bool:
    return any(isinstance(s, Loop) for s in block.statements)


def _defined(block: Block) -> Iterable[str]:
    for s in block.statements:
        if isinstance(s, Define):
            yield s.name
        elif isinstance(s, Loop):
            yield from _defined(s.body)
