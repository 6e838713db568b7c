"""Writes array statements so that what they compute lies in a few arrays, used again when their content is not needed.

As a compiler gives registers to values: a statement is taken apart into steps, and each step writes into an array that
is free, which may be one that it reads. New arrays for each step cost time, and the operating system is
asked for them again and again where they are large.
"""

from __future__ import annotations

import ast
import textwrap
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from symloss.functions import ELEMENTARY

__all__ = ["Scratch"]

OPERATIONS: dict[type, tuple[str, str]] = {
    ast.Add: ("np.add", "+"),
    ast.Sub: ("np.subtract", "-"),
    ast.Mult: ("np.multiply", "*"),
    ast.Div: ("np.divide", "/"),
}

UFUNCS = frozenset(
    [
        *(f.in_numpy for f in ELEMENTARY),
        *"abs sign sqrt log1p expm1 power maximum minimum positive".split(),
    ]
)
"""The functions of NumPy that can write into an array."""

APART = frozenset(["np.sign"])
"""Those that are slow where they write over what they read."""

WIDE = ', dtype=results.wide, casting="same_kind"'
"""What a step is told whose result is rounded once."""

NEW = frozenset(
    "rounded sum_along sum_of_others place_of_largest entry_of np.max np.sum np.isnan np.where np.einsum".split()
)
"""The functions whose results share no memory with what they are given; any other one might return that."""


class Scratch:
    """Writes the statements of a block.

    ``frames`` gives the axes of the arrays of floating-point numbers that statements may name, ``others`` are names of
    other arrays; ``full`` are the axes of the arrays that are used again, and ``fresh`` makes names for those.
    """

    def __init__(
        self,
        frames: Mapping[str, frozenset[str]],
        others: Collection[str],
        full: frozenset[str],
        fresh: Callable[[], str],
    ):
        self.frames, self.others, self.full, self.fresh = frames, others, full, fresh
        self.registers: list[str] = []
        self.holders: Counter[str] = Counter()
        """How many values lie in each array."""
        self.held: dict[str, list[str]] = {}
        """The arrays that a named value may lie in."""
        self.left: Counter[str] = Counter()
        """How often each name is still read."""
        self.steps: list[_Step] = []
        self.known: dict[ast.AST, frozenset[str] | None] = {}
        """The axes of each expression that was looked at: of a long sum, all that it is added up of."""
        self.spared = False
        """Whether a copy was left out of a statement."""

    def lines(self, body: str) -> list[str]:
        """The statements, one text each."""
        statements = ast.parse(body).body
        self.left = Counter(name for s in statements for name in _read(s))
        source = body.encode().splitlines()
        return [line for s in statements for line in self._statement(s, source)]

    def _statement(self, s: ast.stmt, source: list[bytes]) -> list[str]:
        self.steps, self.spared = [], False
        as_it_is = textwrap.dedent(" " * s.col_offset + _segment(source, s))
        if isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Name):
            return self._assignment(s.targets[0].id, s.value, as_it_is)
        assert isinstance(s, ast.Expr) and isinstance(s.value, ast.Call)
        return self._handed_over(s.value, as_it_is)

    def _assignment(self, name: str, e: ast.expr, as_it_is: str) -> list[str]:
        value = self._value(e)
        if value.new:
            self._release(value)
            value.held = []
        for read in value.names if not value.new else ():
            self._used(read)
        self.held[name] = value.held
        if not self.steps and not self.spared:
            return [as_it_is]
        text = self.steps.pop().call if value.step else value.text
        formula = self._explained(f"{name} = {ast.unparse(e)}", len(self.steps) + 1)
        return [*formula, *(step.text for step in self.steps), f"{name} = {text}"]

    def _handed_over(self, call: ast.Call, as_it_is: str) -> list[str]:
        """A result: the array among the arguments is the first that is no name of a tensor."""
        place = 1 if isinstance(call.args[0], ast.Constant) else 0
        value = self._value(call.args[place])
        self._release(value)
        if not self.steps and not self.spared:
            return [as_it_is]
        formula = ast.unparse(call.args[place])
        call.args[place] = ast.parse(value.text, mode="eval").body
        steps = [step.text for step in self.steps]
        return [*self._explained(formula, len(steps)), *steps, ast.unparse(call).replace("'", '"')]

    @staticmethod
    def _explained(text: str, steps: int) -> list[str]:
        """What several steps compute together, as a comment."""
        return [f"# {text}"] if steps > 1 else []

    # -- values --

    def _value(self, e: ast.expr) -> _Value:
        """The value of an expression, whose steps are written down."""
        if isinstance(e, ast.Call):
            name = ast.unparse(e.func)
            if name.endswith(".clip") and isinstance(e.func, ast.Attribute) and self._is_array(e):
                return self._step(".clip", "", [e.func.value, *e.args])
            if name == "rounded" and self._is_array(e):
                return self._step(ast.unparse(e.args[0]), "", e.args[1:], WIDE)
            if not (name.startswith("np.") and name.removeprefix("np.") in UFUNCS):
                return self._call(name, e)
            if name == "np.positive" and self._is_last(e.args[0]):
                self.spared = True
                return self._leaf(e.args[0])
            if self._is_array(e):
                return self._step(name, "", e.args)
        elif isinstance(e, ast.BinOp) and type(e.op) in OPERATIONS and self._is_array(e):
            return self._step(*OPERATIONS[type(e.op)], [e.left, e.right])
        elif isinstance(e, ast.UnaryOp) and isinstance(e.op, ast.USub) and self._is_array(e):
            return self._step("np.negative", "", [e.operand])
        return self._leaf(e)

    def _is_array(self, e: ast.expr) -> bool:
        """Whether an expression is an array of all axes, of arrays of floating-point numbers alone."""
        return self._axes(e) == self.full

    def _axes(self, e: ast.AST) -> frozenset[str] | None:
        """The axes of an expression; None where something else than arrays of floating-point numbers is in it."""
        if e not in self.known:
            if isinstance(e, ast.Name):
                self.known[e] = None if e.id in self.others else self.frames.get(e.id, frozenset())
            else:
                parts = [self._axes(child) for child in ast.iter_child_nodes(e)]
                plain = None not in parts and not isinstance(e, ast.IfExp)
                self.known[e] = frozenset().union(*(p for p in parts if p)) if plain else None
        return self.known[e]

    def _is_last(self, e: ast.expr) -> bool:
        """Whether an array is read here and not again, so that nobody misses it when it is changed."""
        if not isinstance(e, ast.Name) or self.left[e.id] != 1 or not self.held.get(e.id):
            return False
        return all(self.holders[r] == 1 for r in self.held[e.id])

    def _leaf(self, e: ast.expr) -> _Value:
        names = list(_read(e))
        held = [r for n in names for r in self.held.get(n, [])]
        self.holders.update(held)
        new = not isinstance(e, (ast.Name, ast.Subscript, ast.IfExp))
        return _Value(ast.unparse(e), names, held, new)

    def _step(self, function: str, sign: str, operands: list[ast.expr], more: str = "") -> _Value:
        values = [self._value(o) for o in operands]
        for v in values:
            self._release(v)
        read = [r for v in values for r in v.held]
        free = [r for r in self.registers if r not in read] if function in APART else read + self.registers
        out = next((r for r in free if not self.holders[r]), None)
        if out is None:
            out = self.fresh()
            self.registers.append(out)
        self.holders[out] += 1
        self.steps.append(_Step(function, sign, [v.text for v in values], out, more))
        return _Value(out, [], [out], step=True)

    def _call(self, name: str, call: ast.Call) -> _Value:
        """A function that is called where its result is read."""
        values = [self._value(a) for a in call.args]
        text = f"{name}({', '.join([*(v.text for v in values), *map(ast.unparse, call.keywords)])})"
        names = [n for v in values for n in v.names]
        return _Value(text, names, [r for v in values for r in v.held], new=name in NEW)

    def _release(self, value: _Value) -> None:
        """A value has been read."""
        self.holders.subtract(value.held)
        for name in value.names:
            self._used(name)

    def _used(self, name: str) -> None:
        self.left[name] -= 1
        if not self.left[name]:
            self.holders.subtract(self.held.get(name, []))


@dataclass(frozen=True)
class _Step:
    """One function that writes into an array."""

    function: str
    sign: str
    operands: list[str]
    out: str
    more: str = ""

    @property
    def call(self) -> str:
        """Written as the call of a function or a method, which gives back the array."""
        if self.function.startswith("."):
            return f"{self.operands[0]}{self.function}({', '.join(self.operands[1:])}, out={self.out})"
        return f"{self.function}({', '.join(self.operands)}, out={self.out}{self.more})"

    @property
    def text(self) -> str:
        """Written as a statement."""
        if self.sign and self.operands[0] == self.out:
            return f"{self.out} {self.sign}= {self.operands[1]}"
        return self.call


@dataclass
class _Value:
    """A text, the names that are read with it, and the arrays that it may lie in.

    ``new`` says that what the text gives shares no memory with them, ``step`` that it is where a step has written.
    """

    text: str
    names: list[str]
    held: list[str]
    new: bool = False
    step: bool = False


def _read(s: ast.AST) -> Iterator[str]:
    """The names that a statement or an expression reads, as often as it does."""
    for node in ast.walk(s):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id


def _segment(source: list[bytes], node: ast.stmt | ast.expr) -> str:
    """The text of a node; ``ast.get_source_segment`` would cut the whole source into lines for each one."""
    lines = source[node.lineno - 1 : node.end_lineno]
    lines[-1] = lines[-1][: node.end_col_offset]
    lines[0] = lines[0][node.col_offset :]
    return b"\n".join(lines).decode()
