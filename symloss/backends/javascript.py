"""JavaScript: one module a loss, an ECMAScript module with no dependency, for browsers and Node."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr, Indexed, Integer, Pow, Symbol
from sympy.core.relational import Relational

from symloss.backends import environment
from symloss.backends.head import head
from symloss.backends.infix import ATOM, CHOICE, COMPARE, SUM, UNARY, Infix, identifiers, wrapped
from symloss.functions import ELEMENTARY, expm1, log1p, nan_where
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
    clip,
    compiled,
    functions_of,
    needed_entries,
    schedule,
)
from symloss.value import Input, Loss, Parameter

__all__ = ["SUFFIXES", "TITLE", "render"]

SUFFIXES = {".mjs": "javascript"}
TITLE = "JavaScript"

_RESERVED = frozenset(
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends "
    "false finally for function if implements import in instanceof interface let new null of package private "
    "protected public return static super switch this throw true try typeof undefined var void while with yield "
    "Infinity NaN Math Number Array Error RangeError Float64Array Object Arguments Total power values gradient "
    "value_and_gradient hessian hessian_vector_product".split()
)
"""Names that JavaScript or the module itself needs; a declared one among them gets an underscore."""

_WIDTH = 110


@dataclass(frozen=True)
class Function:
    """One generated function, as the template prints it."""

    name: str
    signature: str
    tensors: list[tuple[str, str, tuple[str, ...]]]
    arrays: list[tuple[str, str]]
    sizes: list[tuple[str, str]]
    first_lines: list[str]
    lines: list[str]
    returns: str


def render(loss: Loss, command: str, certificate: Sequence[str] = ()) -> dict[str, str]:
    """The text of the module."""
    names = _names(loss)
    data = {
        "loss": loss,
        "head": head(loss, command, certificate),
        "functions": [_function(loss, what) for what in functions_of(loss)],
        "per_example": loss.example != 0,
        "indices": [
            (i, names[i.name], names[i.type.also] if i.type.also else "null")
            for i in loss.inputs
            if i.type.classes
        ],
        "parameters": [(p, names[p.name]) for p in loss.parameters],
        "whole": [i.name for i in loss.inputs if not i.per_example],
    }
    return {".mjs": environment().get_template("javascript/loss.mjs.j2").render(data)}


class _Names(dict[str, str]):
    """How the names of a loss are written in JavaScript."""

    def __init__(self, declared: Iterable[str]):
        super().__init__()
        for name in declared:
            self[name] = name
        for name in [n for n in self if n in _RESERVED]:
            new = name + "_"
            while new in self or new in self.values():
                new += "_"
            self[name] = new

    def __missing__(self, name: str) -> str:
        return name + "_" if name in _RESERVED else name


def _names(loss: Loss) -> _Names:
    return _Names([a.name for a in (*loss.inputs, *loss.parameters)] + list(loss.definitions))


def _function(loss: Loss, what: str) -> Function:
    program = schedule(loss, OUTPUTS[what])
    writer = _Writer(program)
    block = compiled(program)
    lines = [*writer.before(), *writer.statements(block, 1), *writer.after(what)]
    said = " ".join(lines)
    names = writer.names
    tensors = [i for i in (*loss.inputs, *program.vectors) if not i.type.classes]
    every = [*loss.inputs, *program.vectors, *(p for p in loss.parameters if p.axes)]
    arguments = [names[i.name] for i in (*loss.inputs, *program.vectors)]
    options = [
        f"{p.name}{': ' + names[p.name] if names[p.name] != p.name else ''} = {'null' if p.axes else p.default}"
        for p in loss.parameters
    ]
    options += ["weight = null"] if loss.example != 0 else []
    options += ['reduction = "mean"']
    arguments.append(f"{{ {', '.join(options)} }} = {{}}")
    return Function(
        name=what,
        signature=wrapped(f"export function {what}({', '.join(arguments)}) {{", 4, _WIDTH),
        tensors=[(i.name, names[i.name], i.axes) for i in tensors],
        arrays=[(names[a.name], a.name) for a in every if f"{names[a.name]}[" in said],
        sizes=[(names[axis], axis) for axis in loss.axes if names[axis] in identifiers(said)],
        first_lines=writer.first_lines(),
        lines=lines,
        returns=writer.returned(what),
    )


class JavaScriptPrinter(Infix):
    """Expressions in JavaScript, whose numbers are all in double precision."""

    functions: Mapping[type, str] = {
        sympy.Abs: "Math.abs",
        Pow: "power",
        log1p: "Math.log1p",
        expm1: "Math.expm1",
        sympy.sqrt: "Math.sqrt",
        sympy.sign: "Math.sign",
        **{f.function: f"Math.{f.name}" for f in ELEMENTARY},
    }

    def __init__(self, program: Program, names: _Names):
        self.program, self.names = program, names
        self.inputs: dict[str, Input] = {i.name: i for i in (*program.loss.inputs, *program.vectors)}
        self.parameters: dict[str, Parameter] = {p.name: p for p in program.loss.parameters}
        self.definitions = {d.name: d for d in program.definitions}

    def literal(self, digits: str) -> str:
        return digits

    def special(self, e: Expr) -> tuple[str, int]:
        if e == sympy.nan:
            return "NaN", ATOM
        return ("Infinity", ATOM) if e == sympy.oo else ("-Infinity", UNARY)

    def symbol(self, e: Symbol) -> str:
        return self.names[e.name]

    def whole(self, e: Expr) -> str:
        return self(e, SUM)

    def element(self, e: Indexed) -> str:
        name, places = e.base.label.name, e.args[1:]
        definition = self.definitions.get(name)
        if definition is not None:
            if not definition.stored:
                return self.names[name]
            pairs = zip(definition.indices, places, strict=True)
            sized = [(self.program.size_of[i].name, p) for i, p in pairs if i != self.program.example_index]
            return self.at(f"{self.names[name]}_array", sized)
        argument = self.inputs.get(name) or self.parameters[name]
        lead = (BATCH,) if argument.per_example else ()
        return self.at(self.names[name], list(zip((*lead, *argument.axes), places, strict=True)))

    def at(self, name: str, places: list[tuple[str, Expr]]) -> str:
        """An entry of an array, which lies row by row."""
        text = ""
        for size, place in places:
            shown = self.place(place)
            text = f"{f'({text})' if '+' in text else text} * {self.names[size]} + {shown}" if text else shown
        return f"{name}[{text or '0'}]"

    def place(self, place: Expr) -> str:
        """An index; a class index that may be the ignored one is read as 0 there."""
        if isinstance(place, Integer):
            return str(place)
        text = self(place)
        name = place.name if isinstance(place, Symbol) else place.base.label.name
        also = self.inputs[name].type.also if name in self.inputs else None
        return f"({text} === {self.names[also]} ? 0 : {text})" if also else text

    def maximum(self, a: str, b: str) -> str:
        return f"Math.max({a}, {b})"

    def clip(self, e: clip) -> str:
        x, low, high = map(self, e.args)
        return f"Math.min(Math.max({x}, {low}), {high})"

    def nan_where(self, e: nan_where) -> tuple[str, int]:
        value, witness = e.args
        return f"Number.isNaN({self(witness)}) ? NaN : {self(value, CHOICE + 1)}", CHOICE

    def condition(self, e: Expr) -> tuple[str, int]:
        if isinstance(e, Relational) and e.rel_op in ("==", "!="):
            return f"{self(e.lhs, SUM)} {e.rel_op}= {self(e.rhs, SUM)}", COMPARE
        return super().condition(e)

    def truth(self, value: bool) -> str:
        return "true" if value else "false"

    def negated(self, text: str) -> str:
        return f"!{text}"


class _Writer:
    """Writes the loops of a program as JavaScript statements."""

    def __init__(self, program: Program):
        self.program, self.loss = program, program.loss
        self.names = _names(self.loss)
        self.show = JavaScriptPrinter(program, self.names)
        self.per_example = self.loss.example != 0
        self.stores = {s.target: s for s in program.stores}
        self.scaled = any(s.scaled and s.target != "value" for s in program.stores)

    def first_lines(self) -> list[str]:
        """The axes that must not be empty, for an entry of them is needed."""
        lines = []
        for axis, around in needed_entries(self.program):
            sizes = ["call.count > 0" if s == BATCH else f'call.size("{s}") > 0' for s in around]
            condition = " && ".join([*sizes, f'call.size("{axis}") === 0'])
            lines.append(_line(f"if ({condition}) {{", 1))
            message = f"{self.loss.name}: {axis} is 0, but an entry is needed"
            lines += [_line(f'throw new RangeError("{message}");', 2), _line("}", 1)]
        return lines

    def before(self) -> list[str]:
        """What stands before the loops: what the mean divides by, and arrays for results."""
        lines = []
        if self.per_example:
            lines.append("const n = call.count;")
            if self.program.normalizer == 1:
                lines.append("const divisor = call.total;")
            else:
                i = self.program.example_index
                part = self.show(self.program.normalizer, UNARY)
                lines += [
                    "const divisor_total = new Total();",
                    f"for (let {i} = 0; {i} < n; ++{i}) {{",
                    f"    divisor_total.add((weight === null ? 1 : weight[{i}]) * {part});",
                    "}",
                    "const divisor = divisor_total.sum();",
                ]
            if self.scaled:
                lines.append('const scale = reduction !== "mean" ? 1 : divisor > 0 ? 1 / divisor : 0;')
            if "value" in self.stores:
                lines += [
                    "const value_total = new Total();",
                    'const values = reduction === "none" ? new Float64Array(n) : null;',
                ]
        for d in self.program.workspace:
            sizes = [self.program.size_of[i].name for i in d.indices if i != self.program.example_index]
            extent = " * ".join(self.names[s] for s in sizes) or "1"
            lines.append(f"const {self.names[d.name]}_array = new Float64Array({extent});")
        for wrt in self._results():
            lines.append(f'const {self._result(wrt)} = call.like("{wrt}");')
        return [_line(line, 1) for line in lines]

    def _results(self) -> dict[str, str]:
        """The targets that are arrays, by the tensor that they are shaped like."""
        return {t.split("_", 1)[1]: t for t in self.stores if t not in ("value", "batch_value")}

    def _result(self, wrt: str) -> str:
        return self._results()[wrt]

    def after(self, what: str) -> list[str]:
        """What stands behind the loops: the value put together."""
        if "value" not in self.stores or not self.per_example:
            return []
        total = 'reduction === "mean" ? value_total.sum() / divisor : value_total.sum()'
        if "batch_value" in self.stores:
            return [_line(f"const value = ({total}) + batch_value;", 1)]
        return [_line(f"const value = values !== null ? call.shaped(values) : {total};", 1)]

    def returned(self, what: str) -> str:
        """What the function gives back."""
        shaped = {wrt: f'call.shaped({target}, "{wrt}")' for wrt, target in self._results().items()}
        gradient = next(iter(shaped.values()), "")
        if len(shaped) > 1:
            gradient = "{ " + ", ".join(f"{wrt}: {text}" for wrt, text in shaped.items()) + " }"
        if what == "value":
            return "value"
        text = f"[value, {gradient}]" if "value" in self.stores else gradient
        return wrapped(text, 8, _WIDTH - 8)

    def statements(self, block: Block, depth: int) -> list[str]:
        return [line for s in block.statements for line in self._statement(s, depth)]

    def _statement(self, s: Any, depth: int) -> list[str]:
        if isinstance(s, Define):
            return [_line(f"const {self.names[s.name]} = {self.show(s.expr)};", depth)]
        if isinstance(s, Keep):
            return [_line(f"{self.show.element(s.definition.ref())} = {self.show(s.expr)};", depth)]
        if isinstance(s, Store):
            return self._store(s, depth)
        if isinstance(s, Accumulate):
            return self._accumulate(s.definition, self.show(s.expr), depth)
        assert isinstance(s, Loop)
        return self._loop(s, depth)

    def _loop(self, s: Loop, depth: int) -> list[str]:
        index, size = self.names[s.index.name], self.names[s.size.name]
        lines = [_line(text, depth) for d in s.accumulators for text in self._set_up(d)]
        lines.append(_line(f"for (let {index} = 0; {index} < {size}; ++{index}) {{", depth))
        if s.index == self.program.example_index and (self.scaled or "value" in self.stores):
            lines.append(_line(f"const example_weight = weight === null ? 1 : weight[{index}];", depth + 1))
            if self.scaled:
                lines.append(_line("const example_scale = scale * example_weight;", depth + 1))
        lines += self.statements(s.body, depth + 1)
        lines.append(_line("}", depth))
        for d in s.accumulators:
            if d.op == "sum":
                lines.append(_line(f"const {self.names[d.name]} = {d.name}_total.sum();", depth))
        return lines

    def _set_up(self, d: Definition) -> list[str]:
        if d.op == "sum":
            return [f"const {d.name}_total = new Total();"]
        if d.op == "max":
            return [f"let {self.names[d.name]} = -Infinity;"]
        return [f"let {self.names[d.name]} = 0;", f"let {d.name}_value = -Infinity;"]

    def _accumulate(self, d: Definition, term: str, depth: int) -> list[str]:
        if d.op == "sum":
            return [_line(f"{d.name}_total.add({term});", depth)]
        if d.op == "max":
            return [_line(f"{self.names[d.name]} = {self.show.maximum(self.names[d.name], term)};", depth)]
        one, best = f"{d.name}_term", f"{d.name}_value"
        return [
            _line(f"const {one} = {term};", depth),
            _line(f"if ({one} > {best} || (Number.isNaN({one}) && !Number.isNaN({best}))) {{", depth),
            _line(f"{self.names[d.name]} = {self.names[d.over.name]};", depth + 1),  # type: ignore[union-attr]
            _line(f"{best} = {one};", depth + 1),
            _line("}", depth),
        ]

    def _store(self, s: Store, depth: int) -> list[str]:
        if s.target == "value" and s.scaled:
            return [
                _line(f"const example_value = example_weight * {self.show(s.expr, UNARY)};", depth),
                _line("if (values !== null) {", depth),
                _line(f"values[{self.program.example_index}] = example_value;", depth + 1),
                _line("} else {", depth),
                _line("value_total.add(example_value);", depth + 1),
                _line("}", depth),
            ]
        if s.target in ("value", "batch_value"):
            return [_line(f"const {s.target} = {self.show(s.expr)};", depth)]
        argument = self.loss.argument(s.target.split("_", 1)[1])
        lead = (BATCH,) if argument.per_example else ()
        where = self.show.at(s.target, list(zip((*lead, *argument.axes), s.indices, strict=True)))
        scale = "example_scale * " if s.scaled else ""
        return [_line(f"{where} = {scale}{self.show(s.expr, UNARY if s.scaled else CHOICE)};", depth)]


def _line(text: str, depth: int) -> str:
    return wrapped("    " * depth + text, 4 * depth + 4, _WIDTH)
