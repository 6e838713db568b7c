"""Writes the statements of generated C, each as it is where it stands: alone, in a block, or in a lane."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeGuard

from sympy import Expr, Symbol

from symloss.backends.c_print import CPrinter, Function
from symloss.backends.infix import CHOICE, UNARY, wrapped
from symloss.schedule import BATCH, Accumulate, Block, Define, Definition, Keep, Loop, Run, Store
from symloss.value import Input

__all__ = ["Item", "Writer", "has_loops", "is_output", "line", "term_of", "text_of"]

Item = dict[str, Any]
"""A line, a loop, or what else the template knows: ``kind`` says which, ``depth`` how far it is indented."""

WriteLoop = Callable[["Writer", Loop, int], list[Item]]


class Writer:
    """Writes statements one after the other; ``loop`` writes those that are loops, in their own ways."""

    def __init__(self, function: Function, helpers: set[str], loop: WriteLoop, customary: str = ""):
        """``helpers`` collects the parts of the support code that the statements use."""
        self.function = function
        self.program = function.program
        self.loss = function.program.loss
        self.real = function.real
        self.number = function.real.arithmetic
        self.helpers = helpers
        self.loop = loop
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
        self.customary = customary
        """What its name has besides in the program for defaults."""
        self.streamed: list[str] = []
        """The outputs that may go past the caches, a block at a time."""
        self.turned: list[str] = []
        """The outputs whose entries lie in lanes until a block is done."""
        self.kinds: dict[str, str] = {}
        """The types of local constants that are no numbers."""
        self.places: dict[Expr, str] = {}
        """The places that are looked for, by what they compare: the largest is found with them."""
        self.bests: dict[str, str] = {}
        """Where lanes keep what is largest so far, by the name of its place."""
        self.ahead: list[str] = []
        """The rows that lanes have not asked for yet while they compute those before."""
        self.taken: set[str] = set()
        """The names that new ones must not have."""

    def kind(self, s: Define) -> str:
        """The C type of a local constant."""
        return "int" if s.boolean else self.number

    @property
    def least(self) -> str:
        """What a largest number starts from."""
        return f"-({self.number})INFINITY"

    def doubled(self, text: str) -> str:
        """What formulas give, as a term of a sum."""
        return f"{self.real.up}({text})" if self.real.up else text

    @property
    def scales(self) -> bool:
        """Whether outputs are multiplied by what an example counts."""
        return any(s.scaled and s.target != "value" for s in self.program.stores)

    def statements(self, statements: Iterable[Any], depth: int) -> list[Item]:
        """What a list of them becomes."""
        return [item for s in statements for item in self.statement(s, depth)]

    def statement(self, s: Any, depth: int) -> list[Item]:
        """What one of them becomes."""
        if isinstance(s, Run):
            return [self.run(s, depth)]
        if isinstance(s, Define):
            self.show.known[s.name] = s.expr
            self.kinds[s.name] = self.kind(s)
            return [line(f"const {self.kind(s)} {s.name} = {self.show(s.expr)};", depth)]
        if isinstance(s, Keep):
            value = self.show(s.expr)
            return [line(f"{self.show.load(s.definition.ref())} = {value};", depth)]
        if isinstance(s, Store):
            return self.store(s, depth)
        if isinstance(s, Accumulate):
            return self.accumulate(s, depth)
        assert isinstance(s, Loop)
        return self.loop(self, s, depth)

    def run(self, run: Run, depth: int) -> Item:
        """A short loop over a block, which reads what others saved and saves what others read."""
        at = f"[{self.at}]"
        whole = {d.name for d in self.program.definitions if d.op == "argmax"}
        kinds = {
            name: self.place_kind if name in whole else self.kinds.get(name, self.number)
            for name in run.loads
        }
        lines = [line(f"const {kinds[name]} {name} = {name}_block{at};", depth + 1) for name in run.loads]
        lines += self.statements(run.statements, depth + 1)
        lines += [line(f"{name}_block{at} = {name};", depth + 1) for name in run.saves]
        return self.run_of(lines, depth)

    def run_of(self, lines: list[Item], depth: int) -> Item:
        """A short loop over a block, of lines."""
        text = " ".join(item.get("text", "") for item in lines)
        return {
            "kind": "run",
            "depth": depth,
            "index": self.block,
            "lanes": self.lanes,
            "at": self.at,
            "scales": self.block == self.example and "example_scale" in text,
            "body": lines,
        }

    def accumulate(self, s: Accumulate, depth: int) -> list[Item]:
        """A term of a sum or a comparison: kept for the end of a block, or taken in at once."""
        d = s.definition
        if self.block is not None and str(s.definition.over) != self.block:
            return self.accumulate_in_lane(s, depth)
        if self.block is not None:
            if d.op == "max" and s.expr in self.places:
                return []  # the search for the place finds it
            return [line(f"{d.name}_terms[{self.at}] = {self.show(s.expr)};", depth)]
        if d.op == "sum":
            return [line(self.add(self.show(s.expr), f"{d.name}_total", f"{d.name}_rest"), depth)]
        if d.op == "max":
            return [line(f"{d.name} = {self.show.maximum(d.name, self.show(s.expr))};", depth)]
        term, best = f"{d.name}_term", f"{d.name}_value"
        return [
            line(f"const {self.number} {term} = {self.show(s.expr)};", depth),
            line(f"if ({term} > {best} || ({term} != {term} && {best} == {best})) {{", depth),
            line(f"{d.name} = {d.over};", depth + 1),
            line(f"{best} = {term};", depth + 1),
            line("}", depth),
        ]

    def accumulate_in_lane(self, s: Accumulate, depth: int) -> list[Item]:
        """The same for what an example of a block, in its lane, has by itself."""
        d, at = s.definition, f"[{self.at}]"
        mine = f"{d.name}_block{at}"
        if d.op == "sum":
            total = f"{self.lane_total(d)}{at}"
            return [line(self.add(self.show(s.expr), total, f"{d.name}_rests{at}"), depth)]
        if d.op == "max" and s.expr in self.places:
            return []  # the search for the place finds it
        if d.op == "max":
            return [line(f"{mine} = {self.show.maximum(mine, self.show(s.expr))};", depth)]
        term, better, best = f"{d.name}_term", f"{d.name}_better", f"{self.bests[d.name]}{at}"
        says = f"!({term} <= {best}) & ({best} == {best})"  # larger, or the first NaN
        return [
            line(f"const {self.number} {term} = {self.show(s.expr)};", depth),
            line(f"const int {better} = {says};", depth),
            line(f"{mine} = {better} ? {d.over} : {mine};", depth),
            line(f"{best} = {better} ? {term} : {best};", depth),
        ]

    def lane_total(self, d: Definition) -> str:
        """Where the lanes add up: doubles, which become what formulas compute with once, when all is added."""
        return f"{d.name}_totals" if self.real.down else f"{d.name}_block"

    def add(self, term: str, total: str, rest: str) -> str:
        """The statement that adds a term to a sum."""
        if not self.real.compensated:
            return f"{total} += {self.doubled(term)};"
        self.helpers.add("add")
        return f"symloss_add({term}, &{total}, &{rest});"

    def store(self, s: Store, depth: int) -> list[Item]:
        """A value, or an entry of an output."""
        if s.target == "value" and s.scaled:
            self.helpers.update([f"add_one{self.real.sums}"] * (self.block is None))
            return [
                line(f"const {self.number} example_value = {self.show(s.expr)};", depth),
                {
                    "kind": "example value",
                    "depth": depth,
                    "index": self.example,
                    "at": self.at if self.block is not None else None,
                },
            ]
        if s.target in ("value", "batch_value"):
            name = "whole_value" if s.target == "value" else s.target
            return [
                line(
                    f"const double {name} = {self.doubled(self.show(s.expr))};",
                    depth,
                )
            ]
        if s.target in self.turned:
            where = self.in_lane(s.target, s.indices)
        elif s.target in self.streamed:
            where = f"{s.target}_block[{self.at}]"
        else:
            where = self.output(s.target, self.argument_of(s.target), s.indices)
        narrow = "" if s.target in self.turned else self.real.narrow
        value = self.show(s.expr, UNARY if s.scaled or narrow else CHOICE)
        if s.scaled:
            value = f"example_scale * {value}"
            value = f"({value})" if narrow else value
        return [line(f"{where} = {narrow}{value};", depth)]

    def in_lane(self, name: str, indices: tuple[Expr, ...]) -> str:
        """Where each example keeps an entry of an axis, as C text."""
        return f"{name}_block[{self.show.index(indices[1])} * SYMLOSS_LANES + lane]"

    def argument_of(self, target: str) -> Input:
        """The tensor that an output is shaped like."""
        return next(i for i in self.loss.inputs if i.name == target.split("_", 1)[1])

    def output(self, target: str, argument: Input, indices: tuple[Expr, ...]) -> str:
        """An entry of an output, as C text."""
        lead = (Symbol(BATCH),) if argument.per_example else ()
        return self.show.at(
            target, list(zip((*lead, *(Symbol(a) for a in argument.axes)), indices, strict=True))
        )

    @property
    def at(self) -> str:
        """The place of an example or entry in its block, as C text."""
        return "lane" if self.lanes else f"{self.block} - block_start"

    @property
    def place_kind(self) -> str:
        """The type of places: in lanes it is as wide as the numbers beside it, so that as many fit into a vector."""
        return f"uint{32 if self.number == 'float' else 64}_t" if self.lanes else "size_t"


def text_of(item: Item) -> str:
    """All lines of an item."""
    return " ".join([item.get("text", ""), *map(text_of, [*item.get("body", []), *item.get("runs", [])])])


def is_output(s: Any) -> TypeGuard[Store]:
    """Whether it writes an entry of an output, and not a value."""
    return isinstance(s, Store) and s.target not in ("value", "batch_value")


def line(text: str, depth: int) -> Item:
    """A line of code, wrapped where it is too long."""
    return {"kind": "line", "depth": depth, "text": wrapped("    " * depth + text, 4 * depth + 4)}


def term_of(s: Loop, d: Definition) -> Expr:
    """What an accumulator of a loop takes in."""
    inside = [u for t in s.body.statements for u in (t.statements if isinstance(t, Run) else [t])]
    return next(t.expr for t in inside if isinstance(t, Accumulate) and t.definition is d)


def has_loops(block: Block) -> bool:
    """Whether loops stand in it."""
    return any(isinstance(s, Loop) for s in block.statements)
