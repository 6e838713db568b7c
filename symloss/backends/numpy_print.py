"""Prints expressions in NumPy, as arrays aligned to the axes of a statement."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy
from sympy import Add, Eq, Expr, Indexed, Integer, Mul, Ne, Pow, Symbol
from sympy.logic.boolalg import Boolean

from symloss.backends.array_forms import divisor_of, kept_finite, meant, minimum, one_of_row
from symloss.backends.infix import ATOM, CHOICE, PRODUCT, SUM, UNARY, Infix
from symloss.functions import ELEMENTARY, Cases, expm1, group, log1p, nan_where
from symloss.schedule import BATCH, clip, in_unit
from symloss.value import Input, Parameter

if TYPE_CHECKING:
    from symloss.backends.numpy_body import Writer

__all__ = ["NumPyPrinter", "Words"]

COMPUTED = (Add, Mul, Pow, sympy.exp)
"""What is always a new array: nothing else reads it before it has a name."""


@dataclass(frozen=True)
class Words:
    """What statements call that which is not NumPy's own."""

    choose: str = "chosen({}, {}, {})"
    or_nan: str = "or_nan({}, {})"
    count: str = "results.count"
    number: str = "results.arithmetic.type({})"
    sum: str = "sum_along({}, {})"
    place: str = "place_of_largest({}, {})"
    with_entry: str = "with_entry({})"
    entry_of: str = "entry_of({}, {})"
    multiple: str = "multiple({0}, {1})"
    scratch: bool = True
    kept: str = "product_or_zero({})"
    sum_of_others: str = "sum_of_others({}, {})"


class NumPyPrinter(Infix):
    """Expressions in NumPy, as arrays aligned to the axes of ``frame``."""

    word_and = "&"
    word_or = "|"
    functions: Mapping[type, str] = {
        **{f.function: f"np.{f.in_numpy}" for f in ELEMENTARY},
        sympy.sign: "np.sign",
        sympy.Abs: "np.abs",
        Pow: "np.power",
        log1p: "np.log1p",
        expm1: "np.expm1",
        sympy.sqrt: "np.sqrt",
        minimum: "np.minimum",
    }

    def __init__(self, writer: Writer, frame: tuple[Symbol, ...]):
        self.writer = writer
        self.frame = frame
        self.loss = writer.loss
        self.inputs: dict[str, Input] = {i.name: i for i in self.loss.inputs}
        self.inputs |= {v.name: v for v in writer.program.vectors}
        self.parameters: dict[str, Parameter] = {p.name: p for p in self.loss.parameters}

    def shown(self, e: Expr) -> tuple[str, int]:
        if isinstance(e, Mul) and (divisor := self._divisor_of_rows(e)) is not None:
            return self.product(e * divisor * group(1 / divisor))
        if e in self.writer.precise:
            return f"rounded({self.functions[type(e)]}, {self(e.args[0])})", ATOM
        return super().shown(e)

    def literal(self, digits: str) -> str:
        return digits if "." in digits or "e" in digits else digits + ".0"

    def special(self, e: Expr) -> tuple[str, int]:
        if e == sympy.nan:
            return "np.nan", ATOM
        return ("np.inf", ATOM) if e == sympy.oo else ("-np.inf", UNARY)

    def symbol(self, e: Symbol) -> str:
        if e in self.writer.order:
            return self._aligned(self._range(e), (e,))
        if e.name in self.loss.axes:
            self.writer.sizes.add(e.name)
            return self.writer.words.number.format(e.name)
        return self.writer.words.count if e.name == BATCH else e.name

    def whole(self, e: Expr) -> str:
        return str(e) if isinstance(e, Integer) else self(e, SUM)

    def _range(self, index: Symbol) -> str:
        of_block = self.writer.inside and index == self.writer.program.example_index
        ranges = self.writer.block_ranges if of_block else self.writer.ranges
        return ranges.setdefault(index, f"{index.name}_range" if index.name in ("i",) else index.name)

    def _aligned(self, name: str, indices: tuple[Symbol, ...]) -> str:
        """An array over ``indices`` (in the frame's order) with axes of length 1 for the others."""
        marks = [":" if i in indices else "None" for i in self.frame]
        while marks and marks[0] == "None":
            del marks[0]
        if "None" not in marks or not indices:
            return name
        return f"{name}[{', '.join(marks)}]"

    def element(self, e: Indexed) -> str:
        name, places = e.base.label.name, e.args[1:]
        plain = all(p in self.writer.order for p in places) and len(set(places)) == len(places)
        if not plain:
            return f"{name}[{', '.join(self.index(p) for p in places)}]"
        framed = self.writer.frame(places)
        if framed != places:
            name = f"np.transpose({name}, {tuple(places.index(i) for i in framed)})"
        return self._aligned(name, framed)

    def index(self, place: Expr) -> str:
        if isinstance(place, Integer):
            return str(place)
        if isinstance(place, Indexed) and place.base.label.name in self.inputs:
            also = self.inputs[place.base.label.name].type.also
            if also:
                text = self(place)
                return self.writer.place(f"np.where({text} == {also}, 0, {text})")
        return self(place)

    def maximum(self, a: str, b: str) -> str:
        """A number comes last, where NumPy takes it faster."""
        a, b = (b, a) if re.fullmatch(r"[\d.]+", a) else (a, b)
        return f"np.maximum({a}, {b})"

    def nan_where(self, e: nan_where) -> tuple[str, int]:
        value, witness = e.args
        factor, product = kept_finite(value)
        if factor is not None and not self.writer.indices_in(factor) and product == factor * witness:
            parts = self(factor), self(witness)
            return self.writer.words.multiple.format(*parts, self(product), self(factor, SUM)), CHOICE
        if factor is not None and product == factor * group(witness):
            text = self._kept(value, witness)
            if text is not None:
                return text, ATOM
        return self.writer.words.or_nan.format(self(value), self(witness)), ATOM

    def _divisor_of_rows(self, e: Mul) -> Expr | None:
        """What divides each number of a row, for which a product with its reciprocal rounds once more and is faster.

        Second derivatives have no room for that.
        """
        writer = self.writer
        if not writer.words.scratch or not set(writer.program.outputs) <= {"value", "gradient"}:
            return None
        divisor = divisor_of(e, writer.terms)
        if divisor is None or not writer.indices_in(divisor) < writer.indices_in(e):
            return None
        return divisor

    def clip(self, e: clip) -> str:
        """The method, which does less than the function before it begins."""
        x, low, high = e.args
        return f"{self(x, ATOM)}.clip({self(low)}, {self(high)})"

    def _in_unit(self, e: Expr) -> bool:
        return in_unit(meant(e, self.writer.known), {})

    def _place(self, condition: Boolean) -> Expr | None:
        """Where the only entry of each row is that a condition holds for, if it is such a one."""
        found = one_of_row(condition)
        if found is None or len(self.frame) < 2 or found[0] != self.frame[-1]:
            return None
        return found[1] if found[1].args[1:] == self.frame[:-1] else None

    def _own(self, e: Expr) -> str:
        """The text of an array of all axes that nothing else uses."""
        if e.is_number:
            shape = ", ".join(self.writer.size(i) for i in self.frame)
            return f"np.full(({shape}), {self(e)}, results.arithmetic)"
        text = self.writer.full(self, e, self.frame)
        new = isinstance(e, COMPUTED) and self.writer.indices_in(e) == set(self.frame)
        return text if new else f"np.positive({text})"

    def without_entry(self, e: Expr) -> tuple[str, str] | None:
        """An array of the writer's own and a place in each row, of an expression that is 0 there, or NaN if it is."""
        if not isinstance(e, Cases) or len(e.pairs) != 2:
            return None
        (there, condition), (rest, _) = e.pairs
        if there != nan_where(Integer(0), rest):
            return None
        place = self._place(condition)
        if place is None or self.writer.indices_in(rest) != set(self.frame):
            return None
        name = rest.base.label.name if isinstance(rest, Indexed) else ""
        made = isinstance(self.writer.known.get(name), COMPUTED)
        in_range = place.base.label.name not in self.inputs
        text = self(rest) if made else self._own(rest)
        return (text, NumPyPrinter(self.writer, self.frame[:-1])(place)) if in_range else None

    def _kept(self, e: Expr, *other: Expr) -> str | None:
        """The text of a product with an array that is 0 where that is, if ``e`` is such a one."""
        factor, product = kept_finite(e)
        if factor is None or not self.writer.words.kept or not self.writer.indices_in(factor):
            return None
        if factor not in Mul.make_args(product):
            return None
        return self.writer.words.kept.format(", ".join(map(self, (factor, product, *other))))

    def cases(self, e: Cases) -> tuple[str, int]:
        words = self.writer.words
        if len(e.pairs) == 2:
            (first, condition), (second, _) = e.pairs
            if isinstance(condition, Ne):
                first, condition, second = second, Eq(*condition.args), first
            if first == nan_where(Integer(0), second) and isinstance(condition, Eq):
                return f"{self(second, UNARY)} * ({self(Ne(*condition.args))})", PRODUCT  # is finite or NaN
            place = self._place(condition)
            if place is not None and words.with_entry:
                of_row = NumPyPrinter(self.writer, self.frame[:-1])
                entry = of_row(first.xreplace({self.frame[-1]: place}))  # the same where it is apart
                also = place.base.label.name in self.inputs and self.inputs[place.base.label.name].type.also
                there = [f"{of_row(place)} != {also}"] if also else []
                arguments = self._own(second), of_row(place), entry, *there
                return words.with_entry.format(", ".join(arguments)), ATOM
            first, condition = e.pairs[0]
            text = self._kept(e)
            if text is not None:
                return text, ATOM
            if first == 1 and not second.is_number and self._in_unit(second) and words.with_entry:
                return f"np.maximum({self(second)}, {self.writer.test(condition, self(condition))})", ATOM
        constant = all(value.is_number for value, _ in e.pairs)
        text = self(e.pairs[-1][0])
        if constant:
            text = self.writer.words.number.format(text)
        for value, condition in reversed(e.pairs[:-1]):
            test = self.writer.test(condition, self(condition))
            text = self.writer.words.choose.format(test, self(value), text)
        return text, ATOM

    def truth(self, value: bool) -> str:
        return str(value)

    def negated(self, text: str) -> str:
        return f"~{text}"
