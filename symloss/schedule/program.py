"""What a generated function computes: an array program, and the loops that it is fused into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from sympy import Expr, Indexed, IndexedBase, Symbol, preorder_traversal

from symloss.derive import derive_hessian, derive_hessian_vector_product
from symloss.derive.engine import TooLong
from symloss.functions import rebuild
from symloss.value import Input, Loss

__all__ = [
    "BATCH",
    "MOST_FACTORS",
    "OUTPUTS",
    "Accumulate",
    "Block",
    "Define",
    "Definition",
    "Keep",
    "Loop",
    "Program",
    "Store",
    "expression_with",
    "expressions",
    "functions_in",
    "functions_of",
    "named_expressions",
    "needed_entries",
    "rewritten",
]

MOST_FACTORS = 8
"""The largest integer power that is written as a product."""

BATCH = "n"
"""The axis of the examples."""

OUTPUTS = {
    "value": ("value",),
    "gradient": ("gradient",),
    "value_and_gradient": ("value", "gradient"),
    "hessian": ("hessian",),
    "hessian_vector_product": ("hessian_vector_product",),
}
"""The functions that are generated, and what each computes."""


@lru_cache(maxsize=1024)
def functions_of(loss: Loss) -> tuple[str, ...]:
    """What is generated for a loss."""
    first = ("value", "gradient", "value_and_gradient")
    if loss.kind == "elementwise" and _is_short(derive_hessian, loss):
        return (*first, "hessian")
    if loss.kind == "axis" and _is_short(derive_hessian_vector_product, loss):
        return (*first, "hessian_vector_product")
    return first


def expressions(loss: Loss) -> dict[str, dict[str, Expr]]:
    """What is generated, as expressions of one example: by output, and by the tensor that a derivative is taken by."""
    found = {
        "value": {"": loss.expression},
        "gradient": {wrt: loss.gradient(wrt) for wrt in loss.differentiated},
    }
    if "hessian" in functions_of(loss):
        found["hessian"] = {wrt: loss.hessian(wrt) for wrt in loss.differentiated}
    if "hessian_vector_product" in functions_of(loss):
        found["hessian_vector_product"] = {
            wrt: loss.hessian_vector_product(wrt) for wrt in loss.differentiated
        }
    return found


def named_expressions(loss: Loss) -> dict[str, Expr]:
    """The same under one name each, as stabilize takes them."""
    return {f"{what} {wrt}": e for what, by_wrt in expressions(loss).items() for wrt, e in by_wrt.items()}


def _is_short(derived: Callable[[Loss, str], Any], loss: Loss) -> bool:
    """Whether a second derivative can be written down in reasonable length."""
    try:
        for name in loss.differentiated:
            derived(loss, name)
    except (TooLong, NotImplementedError):
        return False
    return True


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

    ``size_of`` gives the length that each loop index runs to; ``names`` are those that are taken.
    """

    loss: Loss
    outputs: tuple[str, ...]
    definitions: list[Definition]
    stores: list[Store]
    size_of: dict[Symbol, Expr]
    normalizer: Expr
    example_index: Symbol | None
    vectors: tuple[Input, ...] = ()
    names: set[str] = field(default_factory=set)
    loops: Block | None = None
    """Its loops, once it is scheduled."""

    @property
    def workspace(self) -> list[Definition]:
        """The definitions that need an array of their own."""
        return [d for d in self.definitions if d.stored]

    @property
    def expressions(self) -> list[Expr]:
        """Every expression that it computes."""
        return [*(d.expr for d in self.definitions), *(s.expr for s in self.stores)]


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


def expression_with(s: Any, expr: Expr) -> Any:
    """The same statement of another expression."""
    return replace(s, expr=expr)


def rewritten(block: Block, new: Callable[[Expr], Expr | None], top_down: bool = True) -> Block:
    """The same statements, with ``new`` of each part of an expression where that is not None."""
    statements: list = []
    for s in block.statements:
        if isinstance(s, Loop):
            statements.append(Loop(s.index, s.size, s.accumulators, rewritten(s.body, new, top_down)))
        else:
            statements.append(expression_with(s, rebuild(s.expr, new, top_down=top_down)))
    return Block(statements)


def functions_in(block: Block, kind: type) -> list[Expr]:
    """The functions of a kind in the expressions of all statements."""
    found: list[Expr] = []
    for s in block.statements:
        if isinstance(s, Loop):
            found += functions_in(s.body, kind)
        else:
            found += [e for e in preorder_traversal(s.expr) if isinstance(e, kind)]
    return found


def needed_entries(program: Program) -> list[tuple[str, tuple[str, ...]]]:
    """The axes that must not be empty, for one entry is looked up, and the axes whose entries each look one up."""
    loss = program.loss
    examples = {BATCH} if loss.example != 0 else set[str]()
    needed = [(i.type.classes, examples | set(i.axes)) for i in loss.inputs if i.type.classes]
    for d in program.definitions:
        if d.op == "argmax":
            around = {program.size_of[i].name for i in d.indices}
            needed.append((program.size_of[d.over].name, examples | around))
    return list(dict.fromkeys((axis, tuple(sorted(around))) for axis, around in needed if axis not in around))
