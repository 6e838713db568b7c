"""C99: one header and one source a loss, with no dependency but the C library."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy
from sympy import Expr, Indexed, Integer, Pow, Symbol

from symloss.backends import environment
from symloss.backends.head import head, plain
from symloss.backends.infix import ATOM, CHOICE, UNARY, Infix, wrapped
from symloss.derive import vectors_of
from symloss.functions import Cases, expm1, log1p, nan_where
from symloss.schedule import (
    BATCH,
    OUTPUTS,
    Accumulate,
    Block,
    Define,
    Definition,
    Keep,
    Loop,
    Program,
    Store,
    functions_of,
    fuse,
    needed_entries,
    schedule,
    share,
)
from symloss.value import Input, Loss, Parameter

__all__ = ["SUFFIXES", "Argument", "Function", "render", "signature"]

SUFFIXES = (".h", ".c")


@dataclass(frozen=True)
class Real:
    """A floating-point format of inputs and outputs: the C type, how functions and NumPy call it, and casts.

    Everything is computed in double precision; ``widen`` and ``narrow`` stand before what is read and written.
    """

    type: str
    name: str
    numpy: str
    widen: str
    narrow: str


FORMATS = (Real("double", "f64", "float64", "", ""), Real("float", "f32", "float32", "(double)", "(float)"))


@dataclass(frozen=True)
class Argument:
    """A parameter of a generated function: its role tells the caller what to pass."""

    name: str
    type: str
    role: str
    text: str


@dataclass(frozen=True)
class Function:
    """One generated function in one format."""

    name: str
    what: str
    outputs: tuple[str, ...]
    real: Real
    arguments: tuple[Argument, ...]
    program: Program


def render(loss: Loss, command: str, certificate: Sequence[str] = ()) -> dict[str, str]:
    """The text of the header and of the source."""
    functions = [f for what in functions_of(loss) for f in formats(loss, what)]
    helpers: set[str] = set()
    bodies = {f.name: _Body(f, helpers).render() for f in functions}
    data = {
        "loss": loss,
        "head": head(loss, command, certificate),
        "functions": functions,
        "bodies": bodies,
        "helpers": _with_needs(helpers),
        "formats": FORMATS,
        "workspace": _workspace(functions),
        "documented": _documented(loss, functions),
    }
    source = environment().get_template("c/loss.c.j2").render(data)
    header = environment().get_template("c/loss.h.j2").render(data)
    return {".h": header, ".c": source}


@lru_cache(maxsize=256)
def formats(loss: Loss, what: str) -> tuple[Function, ...]:
    """One function in each floating-point format; what renders the source and what calls it share them."""
    program = schedule(loss, OUTPUTS[what])
    made = []
    for real in FORMATS:
        name = f"symloss_{loss.name}_{what}_{real.name}"
        made.append(Function(name, what, OUTPUTS[what], real, signature(loss, what, real, program), program))
    return tuple(made)


def signature(loss: Loss, what: str, real: Real, program: Program) -> tuple[Argument, ...]:
    """The parameters: sizes, tensors, weights, hyper-parameters, workspace, and the outputs by pointer."""
    per_example = loss.example != 0
    pointer = f"const {real.type} *SYMLOSS_RESTRICT"
    made: list[Argument] = []

    def add(name: str, type_: str, role: str) -> None:
        space = "" if type_.endswith("*") else " "
        made.append(Argument(name, type_, role, f"{type_}{space}{name}"))

    if per_example:
        add(BATCH, "size_t", "n")
    for axis in loss.axes:
        add(axis, "size_t", "size")
    for one in loss.inputs:
        add(one.name, "const int64_t *SYMLOSS_RESTRICT" if one.type.classes else pointer, "input")
    if what == "hessian_vector_product":
        for vector in program.vectors:
            add(vector.name, pointer, "input")
    if per_example:
        add("weight", pointer, "weight")
        add("reduction", "int", "reduction")
    for one in loss.parameters:
        scalar = "int64_t" if one.domain.integer else real.type
        add(one.name, pointer if one.axes else scalar, "vector parameter" if one.axes else "parameter")
    if program.workspace:
        add("workspace", "double *SYMLOSS_RESTRICT", "workspace")
    for target in dict.fromkeys(s.target for s in program.stores if s.target != "batch_value"):
        add(target, f"{real.type} *SYMLOSS_RESTRICT", "output")
    return tuple(made)


def _workspace(functions: list[Function]) -> str | None:
    """How many numbers of workspace suffice for every function, as C text."""
    most: Counter[str] = Counter()
    for f in functions:
        most |= Counter(_extent(d, f.program) for d in f.program.workspace)
    return " + ".join(sorted(most.elements())) or None


def _extent(d: Definition, program: Program) -> str:
    sizes = [program.size_of[i].name for i in d.indices if i != program.example_index]
    return " * ".join(sizes) or "1"


def _documented(loss: Loss, functions: list[Function]) -> list[tuple[str, str]]:
    """What the header says of each parameter: name and sentence."""
    lead = [BATCH] if loss.example != 0 else []
    said: list[tuple[str, str]] = []
    if loss.example != 0:
        said.append((BATCH, "the number of examples (for an elementwise loss, of elements)"))
    for axis in loss.axes:
        said.append((axis, f"the length of the axis {axis}"))
    for one in loss.inputs:
        shape = " x ".join([*(lead if one.per_example else []), *one.axes]) or "1"
        said.append((one.name, f"{shape} numbers, each {plain(one.type.words)}"))
    if any(f.what == "hessian_vector_product" for f in functions):
        for vector, wrt in zip(vectors_of(loss), loss.differentiated, strict=True):
            said.append((vector.name, f"what the Hessian is applied to, shaped like {wrt}"))
    if loss.example != 0:
        said.append(("weight", f"{BATCH} numbers >= 0 that weigh the examples, or NULL: all 1"))
        said.append(("reduction", _reductions(loss)))
    for p in loss.parameters:
        extra = f"{' x '.join(p.axes)} numbers, each " if p.axes else ""
        null = f", or NULL: all {p.default}" if p.axes else f"; customary: {p.default}"
        said.append((p.name, f"{extra}{plain(p.domain.words)}{null}"))
    if any(f.program.workspace for f in functions):
        said.append(("workspace", f"symloss_{loss.name}_workspace(...) numbers; the content does not matter"))
    return said


def _reductions(loss: Loss) -> str:
    if loss.batch != 0:
        return "SYMLOSS_MEAN or SYMLOSS_SUM (there is no SYMLOSS_NONE: some terms belong to the whole batch)"
    return "SYMLOSS_MEAN, SYMLOSS_SUM, or SYMLOSS_NONE (value then has n entries)"


OWN = {
    sympy.exp: "exp",
    sympy.log: "log",
    log1p: "log1p",
    expm1: "expm1",
    sympy.tanh: "tanh",
    sympy.sign: "sign",
}
"""The functions that the generated code brings along; the others are those of the C library."""

NEEDS = {
    "exp": ("exp_parts",),
    "expm1": ("exp_parts",),
    "exp_parts": ("bits",),
    "log": ("log_parts",),
    "log1p": ("log_parts",),
    "log_parts": ("bits",),
    "tanh": ("expm1",),
    "place": ("largest",),
    "largest": ("max", "blocks"),
    "total_f64": ("blocks",),
    "total_f32": ("blocks",),
    "parts": ("blocks",),
    "blocks": ("add",),
}
"""Which part of the support code uses which others."""


def _with_needs(helpers: set[str]) -> set[str]:
    found = set(helpers)
    while more := {n for h in found for n in NEEDS.get(h, ())} - found:
        found |= more
    return found


# --- expressions ------------------------------------------------------------------------------------------


class CPrinter(Infix):
    """Expressions in C, in one floating-point format."""

    def __init__(self, function: Function, helpers: set[str]):
        self.real = function.real
        self.program = function.program
        self.helpers = helpers
        self.loss = function.program.loss
        self.inputs: dict[str, Input] = {i.name: i for i in self.loss.inputs}
        self.inputs |= {v.name: v for v in self.program.vectors}
        self.parameters: dict[str, Parameter] = {p.name: p for p in self.loss.parameters}
        self.sizes = {*self.loss.axes, BATCH}
        self.definitions = {d.name: d for d in self.program.definitions}
        self.defaulted: dict[str, str] = {}
        """The vectors of hyper-parameters that were read, with what stands for NULL."""
        names = "exp log sqrt sin cos tan sinh cosh tanh asinh acosh atanh asin acos atan".split()
        self.functions = {getattr(sympy, n): n for n in names}
        self.functions |= {
            sympy.Abs: "fabs",
            Pow: "pow",
        }
        self.functions[sympy.sqrt] = "sqrt"
        self.functions |= {kind: self.helper(name) for kind, name in OWN.items()}

    @staticmethod
    def helper(name: str) -> str:
        return f"symloss_{name}"

    def shown(self, e: Expr) -> tuple[str, int]:
        if type(e) in OWN:
            self.helpers.add(OWN[type(e)])
        return super().shown(e)

    def literal(self, digits: str) -> str:
        return digits if "." in digits or "e" in digits else digits + ".0"

    def special(self, e: Expr) -> tuple[str, int]:
        if e == sympy.nan:
            return "(double)NAN", UNARY
        return ("" if e == sympy.oo else "-") + "(double)INFINITY", UNARY

    def symbol(self, e: Symbol) -> str:
        if e.name in self.sizes or e in self.program.size_of or self._is_whole(e):
            return f"(double){e.name}"
        return f"{self.real.widen}{e.name}" if e.name in self.parameters else e.name

    def _is_whole(self, e: Expr) -> bool:
        name = e.name if isinstance(e, Symbol) else e.base.label.name
        if name in self.definitions:
            return self.definitions[name].op == "argmax"
        if name in self.parameters:
            return self.parameters[name].domain.integer
        return name in self.inputs and self.inputs[name].type.classes is not None

    def element(self, e: Indexed) -> str:
        text = self._load(e)
        if self._is_whole(e):
            return f"(double){text}"
        return text if e.base.label.name in self.definitions else f"{self.real.widen}{text}"

    def _load(self, e: Indexed) -> str:
        name, places = e.base.label.name, e.args[1:]
        definition = self.definitions.get(name)
        if definition is not None:
            if not definition.stored:
                return name
            pairs = list(zip(definition.indices, places, strict=True))
            return self._at(
                f"{name}_array",
                [(self.program.size_of[i], p) for i, p in pairs if i != self.program.example_index],
            )
        argument = self.inputs.get(name) or self.parameters[name]
        lead = (Symbol(BATCH),) if argument.per_example else ()
        text = self._at(name, list(zip((*lead, *(Symbol(a) for a in argument.axes)), places, strict=True)))
        if isinstance(argument, Parameter):
            return self._defaulted(argument, e)
        return text

    def _defaulted(self, argument: Parameter, e: Indexed) -> str:
        """An entry of a vector that may be NULL, read without a branch: where it is NULL, a step is 0."""
        name = argument.name
        at = self._at("", list(zip((Symbol(a) for a in argument.axes), e.args[1:], strict=True)))[1:-1]
        self.defaulted[name] = self.literal(str(argument.default))
        return f"{name}_entries[{f'({at})' if '+' in at else at} * {name}_step]"

    def _at(self, name: str, places: list[tuple[Expr, Expr]]) -> str:
        text = ""
        for size, place in places:
            shown = self.index(place)
            text = f"{f'({text})' if '+' in text else text} * {size.name} + {shown}" if text else shown
        return f"{name}[{text or '0'}]"

    def index(self, place: Expr) -> str:
        """An index as a size_t; a class index that may be the ignored one is read as 0 there."""
        if place in self.program.size_of or isinstance(place, Integer):
            return str(place)
        name = place.name if isinstance(place, Symbol) else place.base.label.name
        if name in self.definitions:
            return f"(size_t){self._load(place)}" if self.definitions[name].stored else name
        argument = self.inputs[name]
        text = self.whole(place)
        if argument.type.also:
            return f"(size_t)({text} == {argument.type.also} ? 0 : {text})"
        return f"(size_t){text}"

    def whole(self, e: Expr) -> str:
        if isinstance(e, Integer):
            return str(e)
        if isinstance(e, Indexed):
            text = self._load(e)
            return f"(int64_t){text}" if e.base.label.name in self.definitions else text
        if isinstance(e, Symbol):
            if e.name in self.parameters:
                return e.name
            if e.name in self.inputs:
                return e.name
            return f"(int64_t){e.name}"
        raise NotImplementedError(f"no integer form of {e}")

    def maximum(self, a: str, b: str) -> str:
        self.helpers.add("max")
        return f"{self.helper('max')}({a}, {b})"

    def nan_where(self, e: nan_where) -> tuple[str, int]:
        value, witness = e.args
        shown = self(witness, UNARY)
        return f"{shown} == {shown} ? {self(value, CHOICE + 1)} : {shown}", CHOICE

    def cases(self, e: Cases) -> tuple[str, int]:
        text = ""
        for value, condition in e.pairs[:-1]:
            text += f"{self(condition, CHOICE + 1)} ? {self(value, CHOICE + 1)} : "
        return text + self(e.pairs[-1][0], CHOICE + 1), CHOICE

    def truth(self, value: bool) -> str:
        return "1" if value else "0"

    def negated(self, text: str) -> str:
        return f"!{text}"


# --- statements -------------------------------------------------------------------------------------------


class _Body:
    """The statements of one function, as the template prints them."""

    def __init__(self, function: Function, helpers: set[str]):
        self.function = function
        self.program = function.program
        self.loss = function.program.loss
        self.helpers = helpers
        self.show = CPrinter(function, helpers)
        self.blocked: list[tuple[str, dict[Expr, str]] | None] = []
        """For each loop around, from the outside in: its index, and the places that it looks for by what they compare;
        None where it has no blocks."""
        if self.loss.example != 0:
            helpers.add(f"total_{function.real.name}")

    def render(self) -> dict[str, Any]:
        per_example = self.loss.example != 0
        block = share(fuse(self.program), self.program.names)
        scaled = per_example and any(s.scaled and s.target != "value" for s in self.program.stores)
        checks = self._checks()
        lines = self._statements(block, 1)
        return {
            "checks": checks,
            "needs_entries": self._needs_entries(),
            "batch_value": any(s.target == "batch_value" for s in self.program.stores),
            "unused": self._unused(lines, checks),
            "per_example": per_example,
            "normalizer": None if self.program.normalizer == 1 else self._divided_by(),
            "example_index": str(self.program.example_index),
            "has_value": "value" in self.function.outputs,
            "scaled": scaled,
            "defaulted": self.show.defaulted,
            "weighs": per_example and (scaled or "value" in self.function.outputs),
            "terms": " * ".join(self.loss.axes) or "1",
            "workspace": self._arrays(),
            "statements": lines,
        }

    def _divided_by(self) -> str:
        """The statement that adds an example's part to what the mean divides by."""
        weight = f"(weight != NULL ? {self.function.real.widen}weight[{self.program.example_index}] : 1.0)"
        part = f"{weight} * {self.show(self.program.normalizer, ATOM)}"
        return str(_line(f"symloss_add({part}, &divisor, &divisor_rest);", 3)["text"])

    def _needs_entries(self) -> list[dict[str, str]]:
        """The axes that must not be empty, each with the condition under which it is looked into."""
        return [
            {"size": axis, "guard": "".join(f"{s} > 0 && " for s in around)}
            for axis, around in needed_entries(self.program)
        ]

    def _unused(self, lines: list[dict[str, Any]], checks: list[dict[str, str]]) -> list[str]:
        """The parameters that the function has for the sake of a common signature, and does not read."""
        said: set[str] = set()

        def read(statements: list[dict[str, Any]]) -> None:
            for s in statements:
                said.update(re.findall(r"[A-Za-z_]\w*", s.get("text", "")))
                said.add(s.get("size", ""))
                read(s.get("body", []))

        read(lines)
        for c in checks:
            said.update(re.findall(r"[A-Za-z_]\w*", " ".join(c.values())))
        said.update(re.findall(r"[A-Za-z_]\w*", self.show(self.program.normalizer)))
        said.update(
            re.findall(
                r"[A-Za-z_]\w*",
                " ".join(
                    f"{_extent(d, self.program)} workspace"
                    for d in self.program.workspace[:-1] or self.program.workspace
                ),
            )
        )
        said.update(c["size"] for c in self._needs_entries())
        always = {BATCH, "weight", "reduction", "value"}
        return [a.name for a in self.function.arguments if a.name not in said | always]

    def _checks(self) -> list[dict[str, str]]:
        """The class indices to look at before anything is computed."""
        found = []
        for one in self.loss.inputs:
            if one.type.classes:
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
            offset.append(_extent(d, self.program))
        return arrays

    def _statements(self, block: Block, depth: int) -> list[dict[str, Any]]:
        return [line for s in block.statements for line in self._statement(s, depth)]

    def _statement(self, s: Any, depth: int) -> list[dict[str, Any]]:
        if isinstance(s, Define):
            kind = "int" if s.boolean else "double"
            return [_line(f"const {kind} {s.name} = {self.show(s.expr)};", depth)]
        if isinstance(s, Keep):
            value = self.show(s.expr)
            return [_line(f"{self.show._load(s.definition.ref())} = {value};", depth)]
        if isinstance(s, Store):
            return self._store(s, depth)
        if isinstance(s, Accumulate):
            return self._accumulate(s, depth)
        assert isinstance(s, Loop)
        return self._loop(s, depth)

    def _loop(self, s: Loop, depth: int) -> list[dict[str, Any]]:
        """A loop; one with no loop inside runs in blocks where it sums or compares, so that it can be vectorised."""
        examples = s.index == self.program.example_index
        value = examples and self.function.outputs[0] == "value"
        blocked = not any(isinstance(t, Loop) for t in s.body.statements)
        parted = examples and not s.accumulators and not self.program.workspace
        largest = {self._term(s, d): d.name for d in s.accumulators if d.op == "argmax"} if blocked else {}
        sums = [d.name for d in s.accumulators if d.op == "sum"]
        maxima = [d for d in s.accumulators if d.op == "max" and self._term(s, d) not in largest]
        places = [d.name for d in s.accumulators if d.op == "argmax"]
        lines: list[dict[str, Any]] = []
        for d in s.accumulators:
            if d.op == "argmax":
                lines.append(_line(f"size_t {d.name} = 0;", depth))
                lines.append(_line(f"double {d.name}_value = -(double)INFINITY;", depth))
            elif d.op == "max" and (d in maxima or not blocked):
                lines.append(_line(f"double {d.name} = -(double)INFINITY;", depth))
            elif d.op == "sum":
                lines.append(_line(f"double {d.name}_total = 0.0, {d.name}_rest = 0.0;", depth))
        if value and not parted:
            lines.append(_line("double value_total = 0.0, value_rest = 0.0;", depth))
        sums += ["value"] if value and blocked else []
        blocked = blocked and bool(sums or maxima or places or examples)
        if blocked:
            self.helpers.add("blocks")
            self.helpers.update(["largest"] * bool(maxima) + ["place"] * bool(places))
        else:
            self.helpers.update(["add"] * bool(sums or value) + ["max"] * bool(maxima))
        if parted:
            self.helpers.add("parts")
        self.blocked.append((str(s.index), largest) if blocked else None)
        inner = depth + (2 if blocked else 1) + (1 if parted else 0)
        body = self._statements(s.body, inner)
        self.blocked.pop()
        lines.append(
            {
                "kind": "loop",
                "index": str(s.index),
                "size": s.size.name,
                "depth": depth,
                "examples": examples,
                "blocked": blocked,
                "parted": parted,
                "sums": sums if blocked else [],
                "maxima": [d.name for d in maxima] if blocked else [],
                "places": places if blocked else [],
                "buffers": [*sums, *(d.name for d in maxima), *places] if blocked else [],
                "body": body,
            }
        )
        for d in s.accumulators:
            if d.op == "sum":
                text = f"const double {d.name} = symloss_sum({d.name}_total, {d.name}_rest);"
                lines.append(_line(text, depth))
            elif d.op == "max" and d not in maxima:
                place = largest[self._term(s, d)]
                lines.append(_line(f"const double {d.name} = {place}_value;", depth))
        return lines

    @staticmethod
    def _term(s: Loop, d: Definition) -> Expr:
        """What an accumulator of a loop takes in."""
        return next(t.expr for t in s.body.statements if isinstance(t, Accumulate) and t.definition is d)

    def _accumulate(self, s: Accumulate, depth: int) -> list[dict[str, Any]]:
        d = s.definition
        if self.blocked[-1] is not None:
            index, largest = self.blocked[-1]
            if d.op == "max" and s.expr in largest:
                return []  # the search for the place finds it
            return [_line(f"{d.name}_terms[{index} - block_start] = {self.show(s.expr)};", depth)]
        if d.op == "sum":
            return [_line(f"symloss_add({self.show(s.expr)}, &{d.name}_total, &{d.name}_rest);", depth)]
        if d.op == "max":
            return [_line(f"{d.name} = {self.show.maximum(d.name, self.show(s.expr))};", depth)]
        term, best = f"{d.name}_term", f"{d.name}_value"
        return [
            _line(f"const double {term} = {self.show(s.expr)};", depth),
            _line(f"if ({term} > {best} || ({term} != {term} && {best} == {best})) {{", depth),
            _line(f"{d.name} = {d.over};", depth + 1),
            _line(f"{best} = {term};", depth + 1),
            _line("}", depth),
        ]

    def _store(self, s: Store, depth: int) -> list[dict[str, Any]]:
        if s.target == "value" and s.scaled:
            return [
                _line(f"const double example_value = {self.show(s.expr)};", depth),
                {
                    "kind": "example value",
                    "depth": depth,
                    "index": str(self.program.example_index),
                    "blocked": self.blocked[-1] is not None,
                },
            ]
        if s.target in ("value", "batch_value"):
            name = "whole_value" if s.target == "value" else s.target
            return [
                _line(
                    f"const double {name} = {self.show(s.expr)};",
                    depth,
                )
            ]
        argument = next(
            i
            for i in self.loss.inputs
            if s.target.endswith(f"_{i.name}") and s.target.split("_", 1)[1] == i.name
        )
        lead = (Symbol(BATCH),) if argument.per_example else ()
        where = self.show._at(
            s.target, list(zip((*lead, *(Symbol(a) for a in argument.axes)), s.indices, strict=True))
        )
        narrow = self.function.real.narrow
        value = self.show(s.expr, UNARY if s.scaled or narrow else CHOICE)
        if s.scaled:
            value = f"example_scale * {value}"
            value = f"({value})" if narrow else value
        return [_line(f"{where} = {narrow}{value};", depth)]


def _line(text: str, depth: int) -> dict[str, Any]:
    return {"kind": "line", "depth": depth, "text": wrapped("    " * depth + text, 4 * depth + 4)}
