"""Prints expressions in C, in one floating-point format, and knows what generated C brings along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy
from sympy import Add, Eq, Expr, Indexed, Integer, Mul, Ne, Pow, Symbol

from symloss.backends.infix import ATOM, CHOICE, COMPARE, SUM, UNARY, Infix
from symloss.functions import ELEMENTARY, Cases, expm1, log1p, name_of, nan_where
from symloss.schedule import BATCH, Customary, Definition, Program, clip, ends, in_unit, is_call
from symloss.value import Input, Parameter

__all__ = ["FORMATS", "NATIVE_FLOAT", "Argument", "CPrinter", "Function", "Real", "with_needs"]


@dataclass(frozen=True)
class Real:
    """A floating-point format of inputs and outputs: the C type, how functions and NumPy call it.

    ``arithmetic`` is the C type in which formulas are computed, and ``own`` what the names of elementary functions
    for it end in. Sums over entries and examples are doubles, whatever the terms are.
    """

    type: str
    name: str
    numpy: str
    arithmetic: str
    own: str

    @property
    def compensated(self) -> bool:
        """Whether sums keep what rounding leaves out; where they become a float in the end it does not matter."""
        return self.type == "double"

    @property
    def native(self) -> bool:
        """Whether formulas are computed in the format of inputs and outputs."""
        return self.arithmetic == self.type

    @property
    def widen(self) -> str:
        """The cast of what is read to the type of formulas, where one is needed."""
        return "" if self.native else f"({self.arithmetic})"

    @property
    def narrow(self) -> str:
        """The cast of what formulas give to the type of outputs, where one is needed."""
        return "" if self.native else f"({self.type})"

    @property
    def up(self) -> str:
        """The cast of what formulas give to a term of a sum, where one is needed."""
        return "" if self.arithmetic == "double" else "(double)"

    @property
    def down(self) -> str:
        """The cast of a sum to the type of formulas, where one is needed."""
        return "" if self.arithmetic == "double" else f"({self.arithmetic})"

    @property
    def suffix(self) -> str:
        """What literals end in."""
        return "" if self.arithmetic == "double" else "F"

    @property
    def letter(self) -> str:
        """What the names of exact functions end in: only the type tells their forms apart."""
        return self.suffix.lower()

    @property
    def sums(self) -> str:
        """What the names of sums in several places end in."""
        return "" if self.compensated else "_f32"

    @property
    def line(self) -> str:
        """How many terms of such a sum are added side by side in one turn."""
        return f"SYMLOSS_LINE{self.sums.upper()}"

    @property
    def nothing(self) -> str:
        """What such a sum begins as."""
        return "{{0.0}, {0.0}, 0}" if self.compensated else "{{0.0}, 0}"


FORMATS = (
    Real("double", "f64", "float64", "double", ""),
    Real("float", "f32", "float32", "double", "_f32"),
)

NATIVE_FLOAT = Real("float", "f32", "float32", "float", "f")
"""float32 computed in float32, for losses that are declared to stand it."""


@dataclass(frozen=True)
class Argument:
    """A parameter of a generated function: its role tells the caller what to pass (symloss.runtime.roles)."""

    name: str
    type: str
    role: str

    @property
    def text(self) -> str:
        """How it is declared."""
        return f"{self.type}{'' if self.type.endswith('*') else ' '}{self.name}"

    @property
    def wrt(self) -> str:
        """By which tensor a derivative is taken."""
        return self.name.split("_", 1)[1]


@dataclass(frozen=True)
class Function:
    """One generated function in one format."""

    name: str
    what: str
    outputs: tuple[str, ...]
    real: Real
    arguments: tuple[Argument, ...]
    program: Program
    customary: Customary | None = None
    """What is computed instead where hyper-parameters have their defaults."""


OWN = {
    sympy.exp: "exp",
    sympy.log: "log",
    log1p: "log1p",
    expm1: "expm1",
    sympy.tanh: "tanh",
    sympy.sign: "sign",
}
"""The functions that the generated code brings along."""

LOG1P_QUARTER = 0.28
"""Up to where the logarithm for numbers up to 1/4 is good, which is as far as bounds may be off, and more."""

LIBRARY = {
    **{f.function: f.name for f in ELEMENTARY if f.function not in OWN},
    sympy.sqrt: "sqrt",
    sympy.Abs: "fabs",
    Pow: "pow",
}
"""Functions of the C library; those for floats have an f behind their names."""

EITHER = {
    "exp": ("exp_of", "power_of_two"),
    "exp_unit": ("exp_of", "power_of_two"),
    "exp_of": ("reduce",),
    "expm1": ("expm1_of",),
    "expm1_unit": ("expm1_of",),
    "expm1_of": ("reduce", "power_of_two"),
    "reduce": ("whole",),
    "whole": ("fma", "bits"),
    "power_of_two": ("bits",),
    "log": ("log_of", "split"),
    "log1p": ("log_of", "split"),
    "log_of": ("fma",),
    "split": ("bits",),
    "tanh": ("expm1_unit",),
    "place": ("largest",),
}
"""Parts that are there for doubles and, with an f behind each name, for floats."""

NEEDS = {
    **EITHER,
    **{f"{part}f": tuple(f"{other}f" for other in others) for part, others in EITHER.items()},
    "fma": ("fused",),
    "fmaf": ("fused",),
    "log1p_unit": ("log1p_near",),
    "log1p_quarter": ("log1p_near",),
    "log1p_near": ("fma",),
    "log1p_unitf": ("log_off",),
    "log1p_quarterf": ("log_off",),
    "exp_f32": ("beyond_one_f32", "power_of_two"),
    "exp_unit_f32": ("beyond_one_f32", "power_of_two"),
    "expm1_f32": ("expm1_of_f32",),
    "expm1_unit_f32": ("expm1_of_f32",),
    "expm1_of_f32": ("beyond_one_f32", "power_of_two"),
    "beyond_one_f32": ("whole",),
    "log_f32": ("log_of_f32", "split"),
    "log1p_f32": ("log_of_f32", "split"),
    "log1p_unit_f32": ("log1p_near_f32",),
    "log1p_quarter_f32": ("log1p_near_f32",),
    "log1p_near_f32": ("fma",),
    "log_of_f32": ("fma",),
    "tanh_f32": ("expm1_unit_f32",),
    "pow_f32": ("exp_f32", "log_f32", "signed_power"),
    "powf": ("pow_f32",),
    "largest": ("max", "lanes"),
    "largestf": ("maxf", "lanes"),
    "weights_f64": ("sums",),
    "weights_f32": ("sums",),
    "parts": ("blocks",),
    "lanes": ("blocks",),
    "narrow": ("lanes",),
    "narrowf": ("lanes",),
    "turn": ("narrow",),
    "turn_f32": ("narrow", "pairs"),
    "turnf": ("narrowf", "pairs"),
    "turn_back": ("lane_places",),
    "turn_back_f32": ("lane_places",),
    "turn_backf": ("lane_placesf",),
    "lane_places": ("narrow",),
    "lane_placesf": ("narrowf",),
    "full": ("lanes",),
    "sums": ("add", "fill"),
    "add_all_f32": ("sums_f32", "fill"),
    "add_allf": ("sums_f32", "fillf"),
    "add_entriesf": ("sums_f32", "fillf"),
    "fill": ("lanes",),
    "fillf": ("lanes",),
    "values": ("sums",),
    "values_f32": ("add_all_f32",),
    "valuesf": ("add_all_f32", "add_allf"),
}
"""Which part of the support code uses which others."""


def with_needs(helpers: set[str]) -> set[str]:
    """The parts of the support code that are used, and all that they use."""
    found = set(helpers)
    while more := {n for h in found for n in NEEDS.get(h, ())} - found:
        found |= more
    return found


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
        self.known: dict[str, Expr] = {}
        """What local constants stand for."""
        self.kept: dict[str, Callable[[tuple[Expr, ...]], str]] = {}
        """Where values lie that one loop keeps for another one, as C text, by their indices."""
        self.short: dict[str, str] = {}
        """Class indices that are kept as narrow as the indices of loops, too: as C text, by the name of the input."""
        self.defaulted: dict[str, str] = {}
        """The vectors of hyper-parameters that were read, with what stands for NULL."""
        self.functions = {f: name + self.real.letter for f, name in LIBRARY.items()}

    def own(self, name: str) -> str:
        """What a part of the support code that is exact is called."""
        return name + self.real.letter

    def called(self, part: str, *arguments: str) -> str:
        """A call of a part of the support code, which the code then brings along."""
        self.helpers.add(part)
        return f"symloss_{part}({', '.join(arguments)})"

    def shown(self, e: Expr) -> tuple[str, int]:
        if type(e) not in OWN or e.is_number:
            return super().shown(e)
        name = OWN[type(e)]
        if isinstance(e, log1p) and in_unit(e.args[0], self.known):
            name += "_quarter" if ends(e.args[0], self.known)[1] <= LOG1P_QUARTER else "_unit"
        if isinstance(e, (sympy.exp, expm1)) and in_unit(sympy.exp(*e.args), self.known, self._read_in(e)):
            name += "_unit"
        name = self.own(name) if name == "sign" else name + self.real.own
        return self.called(name, self(e.args[0])), ATOM

    def _read_in(self, e: Expr) -> list[Definition]:
        """The definitions that the terms of a function's argument are entries of, or multiples of one."""
        names = {name_of(factor) for t in Add.make_args(e.args[0]) for factor in Mul.make_args(t)}
        return [self.definitions[name] for name in names & self.definitions.keys()]

    def literal(self, digits: str) -> str:
        return (digits if "." in digits or "e" in digits else digits + ".0") + self.real.suffix

    def decimal(self, number: sympy.Float) -> str:
        return str(number)

    def special(self, e: Expr) -> tuple[str, int]:
        if e == sympy.nan:
            return f"({self.real.arithmetic})NAN", UNARY
        return ("" if e == sympy.oo else "-") + f"({self.real.arithmetic})INFINITY", UNARY

    def symbol(self, e: Symbol) -> str:
        if e.name in self.sizes or e in self.program.size_of or self._is_whole(e):
            return f"({self.real.arithmetic}){e.name}"
        return f"{self.real.widen}{e.name}" if e.name in self.parameters else e.name

    def _is_whole(self, e: Expr) -> bool:
        name = e.name if isinstance(e, Symbol) else e.base.label.name
        if name in self.definitions:
            return self.definitions[name].op == "argmax"
        if name in self.parameters:
            return self.parameters[name].domain.integer
        return name in self.inputs and self.inputs[name].type.classes is not None

    def element(self, e: Indexed) -> str:
        text = self.load(e)
        if self._is_whole(e):
            return f"({self.real.arithmetic}){text}"
        own = e.base.label.name in self.definitions or e.base.label.name in self.kept
        return text if own else f"{self.real.widen}{text}"

    def load(self, e: Indexed) -> str:
        name, places = e.base.label.name, e.args[1:]
        if name in self.kept:
            return self.kept[name](places)
        definition = self.definitions.get(name)
        if definition is not None:
            if not definition.stored:
                return name
            pairs = list(zip(definition.indices, places, strict=True))
            return self.at(
                f"{name}_array",
                [(self.program.size_of[i], p) for i, p in pairs if i != self.program.example_index],
            )
        argument = self.inputs.get(name) or self.parameters[name]
        lead = (Symbol(BATCH),) if argument.per_example else ()
        text = self.at(name, list(zip((*lead, *(Symbol(a) for a in argument.axes)), places, strict=True)))
        if isinstance(argument, Parameter):
            return self._defaulted(argument, e)
        return text

    def _defaulted(self, argument: Parameter, e: Indexed) -> str:
        """An entry of a vector that may be NULL, read without a branch: where it is NULL, a step is 0."""
        name = argument.name
        at = self.at("", list(zip((Symbol(a) for a in argument.axes), e.args[1:], strict=True)))[1:-1]
        self.defaulted[name] = self.literal(str(argument.default))
        return f"{name}_entries[{f'({at})' if '+' in at else at} * {name}_step]"

    def at(self, name: str, places: list[tuple[Expr, Expr]]) -> str:
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
            return f"(size_t){self.load(place)}" if self.definitions[name].stored else name
        argument = self.inputs[name]
        text = self.whole(place)
        if argument.type.also:
            return f"(size_t)({text} == {argument.type.also} ? 0 : {text})"
        return f"(size_t){text}"

    def whole(self, e: Expr) -> str:
        if isinstance(e, Integer):
            return str(e)
        if isinstance(e, Indexed):
            text = self.load(e)
            return f"(int64_t){text}" if e.base.label.name in self.definitions else text
        if isinstance(e, Symbol):
            if e.name in self.parameters:
                return e.name
            if e.name in self.inputs:
                return e.name
            return f"(int64_t){e.name}"
        raise NotImplementedError(f"no integer form of {e}")

    def condition(self, e: Expr) -> tuple[str, int]:
        """A condition; where the index of a loop is compared with a class, it is with the narrow one."""
        if isinstance(e, (Eq, Ne)) and (
            index := next((a for a in e.args if a in self.program.size_of), None)
        ):
            other = e.rhs if e.lhs == index else e.lhs
            if isinstance(other, Indexed) and other.base.label.name in self.short:
                return f"{index} {e.rel_op} {self.short[other.base.label.name]}", COMPARE
        return super().condition(e)

    def power(self, e: Pow) -> tuple[str, int]:
        """A power; for what becomes a float it is one of the own functions, which vectorises.

        In double e^(y log x) would be off by y log x times what the logarithm is, even for an exact exponent.
        """
        if not is_call(e) or self.real.compensated:
            return super().power(e)
        return self.called("pow" + self.real.own, self(e.base), self(e.exp)), ATOM

    def maximum(self, a: str, b: str) -> str:
        return self.called(self.own("max"), a, b)

    def clip(self, e: clip) -> str:
        return self.called(self.own("clip"), *map(self, e.args))

    def cases(self, e: Cases) -> tuple[str, int]:
        """A choice; what is left out where it is finite is taken away from itself, which takes no time in vectors."""
        (there, condition), (rest, _) = e.pairs[0], e.pairs[-1]
        if there != nan_where(Integer(0), rest) or not self._is_share(rest) or len(e.pairs) > 2:
            return super().cases(e)
        shown = self(rest, UNARY)
        return f"{shown} - ({self(condition, CHOICE + 1)} ? {shown} : {self(Integer(0))})", SUM

    def _is_share(self, e: Expr) -> bool:
        return in_unit(e, self.known, self.program.definitions)

    def nan_where(self, e: nan_where) -> tuple[str, int]:
        value, witness = e.args
        shown = self(witness, UNARY)
        if value == 0 and self._is_share(witness):
            return f"{shown} - {shown}", SUM  # is finite or NaN
        return f"{shown} == {shown} ? {self(value, CHOICE + 1)} : {shown}", CHOICE

    def truth(self, value: bool) -> str:
        return "1" if value else "0"

    def negated(self, text: str) -> str:
        return f"!{text}"
