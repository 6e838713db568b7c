"""What a loss costs: operations, passes, bytes and workspace of its generated code, beside the mean squared error's.

Everything is counted in the scheduled program of ``value_and_gradient``, which the C loops print, so nothing is
measured and nothing depends on a machine.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy
from sympy import Expr, Indexed

from symloss import losses
from symloss.analyze.operations import (
    COST,
    TRANSCENDENTAL,
    Count,
    Formula,
    as_derived,
    in_loops,
    of_expression,
)
from symloss.functions import size_symbol
from symloss.schedule import (
    BATCH,
    OUTPUTS,
    Block,
    Keep,
    Loop,
    Program,
    Store,
    compiled,
    fuse,
    keep,
    named_expressions,
    schedule,
    share_values,
)
from symloss.stabilize import stabilize
from symloss.value import Loss

__all__ = ["ELEMENTS", "WHAT", "Efficiency", "efficiency", "elements", "sizes"]

WHAT = "value_and_gradient"
"""The function that is counted: a step of training calls it."""

YARDSTICK = "mean_squared_error"

ELEMENTS = 4096
"""How many numbers the tensor has, at most, for which counts are given as numbers."""

WORD = 8
"""The bytes of a double, of a class index, and of a number of the workspace."""


def sizes(loss: Loss) -> dict[str, int]:
    """Typical lengths of the axes, and of the batch, such that there are ELEMENTS or fewer."""
    lengths = dict.fromkeys(loss.axes, 512 if len(loss.axes) == 1 else 8)
    return {BATCH: max(1, ELEMENTS // math.prod(lengths.values())), **lengths}


def elements(loss: Loss, name: str | None = None) -> int:
    """How many numbers a tensor has at these sizes: the one of that name, or the first that is differentiated."""
    argument, lengths = loss.argument(name or loss.differentiated[0]), sizes(loss)
    lead = lengths[BATCH] if argument.per_example and loss.example != 0 else 1
    return lead * math.prod(lengths[axis] for axis in argument.axes)


@dataclass(frozen=True)
class Efficiency:
    """Counts for each element of the first differentiated tensor, in float64 and at the sizes given.

    ``cost`` adds the operations up, each kind weighed by how long it takes (``operations.COST``). ``derived`` is
    the cost of the formulas as they were derived, ``sound`` that of their sound forms, each output by itself, and
    ``cost`` that of the generated loops. ``numpy_passes`` is how often NumPy, which does one operation at a time,
    goes over an array of the size of the tensor.
    """

    loss: str
    sizes: dict[str, int]
    operations: dict[str, float]
    total: str
    passes: dict[str, float]
    bytes_read: float
    bytes_written: float
    workspace: str
    workspace_bytes: int
    numpy_passes: float
    cost: float
    sound: float
    derived: float
    rewrites: tuple[str, ...]

    @property
    def transcendental(self) -> dict[str, float]:
        """The elementary functions among the operations."""
        names = {*TRANSCENDENTAL.values(), "pow"}
        return {kind: number for kind, number in self.operations.items() if kind in names}

    @property
    def saved(self) -> float:
        """The share of the cost of the derived formulas that the generated code does without; < 0 where it adds."""
        return 1 - self.cost / self.derived if self.derived else 0.0

    def against(self, other: Efficiency) -> dict[str, float]:
        """How many times as much as another loss."""
        mine, its = (
            {
                "operations": sum(e.operations.values()),
                "cost": e.cost,
                "bytes": e.bytes_read + e.bytes_written,
            }
            for e in (self, other)
        )
        return {what: round(mine[what] / its[what], 3) for what in mine}

    def described(self) -> dict[str, Any]:
        """The same as JSON can hold it."""
        return {
            "status": "counted",
            "function": WHAT,
            "dtype": "float64",
            "sizes": self.sizes,
            "operations": {
                "value": round(sum(self.operations.values()), 4),
                "by_kind": self.operations,
                "in_all": self.total,
            },
            "transcendental": self.transcendental,
            "passes": {"value": max(self.passes.values(), default=0.0), "by_tensor": self.passes},
            "bytes": {"read": self.bytes_read, "written": self.bytes_written},
            "workspace": {"numbers": self.workspace, "bytes": self.workspace_bytes},
            "numpy_passes": self.numpy_passes,
            "cost": self.cost,
            "against_mean_squared_error": self.against(efficiency(losses.get(YARDSTICK))),
            "forms": {"derived": self.derived, "sound": self.sound, "generated": self.cost},
            "saved": round(self.saved, 4),
            "cheaper_forms": list(self.rewrites),
            "sentences": self.sentences(),
        }

    def sentences(self) -> list[str]:
        """What a person wants to know of it."""
        ratio = self.against(efficiency(losses.get(YARDSTICK)))
        called = ", ".join(
            f"{number:g} {name}" for name, number in self.transcendental.items() if number >= 0.01
        )
        passes = max(self.passes.values(), default=0.0)
        said = [
            f"{sum(self.operations.values()):.3g} operations an element ({called or 'no transcendental function'}), "
            f"about {ratio['cost']:.3g} times the mean squared error's time where it is not bound by memory; "
            f"{ratio['bytes']:.3g} times its bytes",
            f"{passes:.3g} {'pass' if passes == 1 else 'passes'} over the data, "
            + (f"a workspace of {self.workspace} numbers" if self.workspace != "0" else "no workspace"),
        ]
        if self.saved > 0.005:
            said.append(
                f"an equal form was found that costs {100 * self.saved:.0f} % less than the formulas as derived"
                + (f" (cheaper by rewriting: {', '.join(self.rewrites)})" if self.rewrites else "")
            )
        elif self.saved < -0.005:
            said.append(
                f"the sound form costs {-100 * self.saved:.0f} % more than the formulas as derived: "
                "the price of being right at the edges"
            )
        return said


@lru_cache(maxsize=256)
def efficiency(loss: Loss) -> Efficiency:
    """Count what ``value_and_gradient`` of a loss costs."""
    program = schedule(loss, OUTPUTS[WHAT])
    block = compiled(program)
    lengths = sizes(loss)
    numbers = {size_symbol(axis): length for axis, length in lengths.items()}
    of_each = elements(loss)

    def each(total: Expr) -> float:
        return round(float(total.subs(numbers) / of_each), 4)

    generated, traffic = in_loops(_kept(block)), _Traffic(program, block)
    apart = [fuse(schedule(loss, (output,))) for output in OUTPUTS[WHAT]]
    workspace = sum((_extent(d, program) for d in program.workspace), sympy.Integer(0))
    return Efficiency(
        loss=loss.name,
        sizes={axis: length for axis, length in lengths.items() if axis != BATCH or loss.example != 0},
        operations={kind: each(number) for kind, number in sorted(generated.items())},
        total=str(sympy.factor_terms(sympy.expand(sum(generated.values(), sympy.Integer(0))))),
        passes={
            i.name: round(
                float(traffic.reads.get(i.name, sympy.Integer(0)).subs(numbers)) / elements(loss, i.name), 4
            )
            for i in loss.inputs
        },
        bytes_read=each(WORD * sum(traffic.reads.values(), sympy.Integer(0))),
        bytes_written=each(WORD * traffic.writes),
        workspace=str(workspace),
        workspace_bytes=int(WORD * workspace.subs(numbers)),
        numpy_passes=each(_of_arrays(program)),
        cost=each(_cost(generated)),
        sound=each(sum((_cost(in_loops(b)) for b in apart), sympy.Integer(0))),
        derived=each(_cost(as_derived(loss))),
        rewrites=_cheaper(loss, numbers),
    )


def _kept(block: Block) -> Block:
    """The loops with what one keeps for the next one, which stays in the cache and moves no memory."""
    statements: list[Any] = []
    for s in block.statements:
        if isinstance(s, Loop):
            body, _ = keep(_kept(s.body), (s.index,), set())
            s = Loop(s.index, s.size, s.accumulators, body)
        statements.append(s)
    return Block(statements)


def _cost(count: Count) -> Expr:
    return sum((COST[kind] * number for kind, number in count.items()), sympy.Integer(0))


def _extent(d: Any, program: Program) -> Expr:
    """How many numbers of workspace a definition takes: one row's, where there are examples."""
    return sympy.prod(program.size_of[i] for i in d.indices if i != program.example_index)


def _of_arrays(program: Program) -> Expr:
    """The operations of the array program, each times the numbers of its array."""
    total: Expr = sympy.Integer(0)
    for item in share_values(program):
        over = getattr(item, "over", None)
        extent = sympy.prod(
            program.size_of[i] for i in (*item.indices, *([over] if over is not None else []))
        )
        total += extent * (sum(of_expression(item.expr).values()) + (over is not None))
    return total


class _Traffic:
    """The numbers that loops read of each tensor, and that they write; what stays in a register counts once."""

    def __init__(self, program: Program, block: Block):
        self.known = {i.name for i in program.loss.inputs} | {
            p.name for p in program.loss.parameters if p.axes
        }
        self.known |= {d.name for d in program.workspace}
        self.seen: set[tuple] = set()
        self.reads: dict[str, Expr] = {}
        self.writes: Expr = sympy.Integer(0)
        self._walk(block, ())

    def _walk(self, block: Block, around: tuple[Loop, ...]) -> None:
        for s in block.statements:
            if isinstance(s, Loop):
                self._walk(s.body, (*around, s))
                continue
            if isinstance(s, Keep) or (isinstance(s, Store) and s.indices and s.target != "value"):
                self.writes += sympy.prod(loop.size for loop in around)
            for e in s.expr.atoms(Indexed):
                self._read(e, around)

    def _read(self, e: Indexed, around: tuple[Loop, ...]) -> None:
        """Another entry is read in each turn of the loops down to the innermost whose index it has."""
        name = e.base.label.name
        if name not in self.known:
            return
        indices = {s.name for s in e.free_symbols}
        depth = max((place for place, loop in enumerate(around, 1) if loop.index.name in indices), default=0)
        where = (e, *around[:depth])
        if where not in self.seen:
            self.seen.add(where)
            turns = sympy.prod(loop.size for loop in around[:depth])
            self.reads[name] = self.reads.get(name, sympy.Integer(0)) + turns


def _cheaper(loss: Loss, numbers: Mapping[Expr, int]) -> tuple[str, ...]:
    """The rewrites that gave an equal form of lower cost, by name."""

    def cost(e: Expr) -> Expr:
        total: Count = {}
        Formula(loss, total, sympy.Integer(1)).add(e, {})
        return _cost(total).subs(numbers)

    applied = stabilize(loss, named_expressions(loss)).applied
    return tuple(dict.fromkeys(a.name for a in applied if cost(a.after) < cost(a.before)))
