"""Writes an array program as NumPy statements, in a loop over blocks of examples where no two examples meet."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from sympy import Expr, Indexed, Mul, Symbol
from sympy.logic.boolalg import Boolean

from symloss.backends.array_forms import arranged, differing, row_factor
from symloss.backends.infix import UNARY, identifiers, wrapped
from symloss.backends.numpy_print import NumPyPrinter, Words
from symloss.backends.scratch import Scratch
from symloss.schedule import BATCH, Definition, Program, Store, fresh, needed_entries, share_values
from symloss.value import Input

__all__ = ["Writer"]


class Writer:
    """Writes an array program as NumPy statements, in a loop over blocks of examples where no two examples meet."""

    words = Words()

    def __init__(self, program: Program, native: bool = False):
        """``native`` says that float32 is computed in float32."""
        self.program = program
        self.loss = program.loss
        self.parameters = {p.name: p for p in program.loss.parameters}
        self.order = {index: place for place, index in enumerate(program.size_of)}
        self.sizes: set[str] = set()
        self.ranges: dict[Symbol, str] = {}
        self.block_ranges: dict[Symbol, str] = {}
        better = arranged(program)
        self.precise = differing(better.expressions) if native else set()
        """The exponentials that NumPy's own for float32, which may be 3 ulp off, is not good enough for."""
        self.values: list[Definition | Store] = self._ordered(share_values(better))
        self.known = {v.name: v.expr for v in self.values if isinstance(v, Definition) and v.op is None}
        self.terms = {v.name: v.expr for v in self.values if isinstance(v, Definition)}
        """What names stand for, a sum or a maximum for its terms."""
        self.taken = program.names | {v.name for v in self.values if isinstance(v, Definition)}
        self.blocked = _apart(program)
        self.alike = self.blocked and _alike(program)
        """Whether the tensors are numbers of examples, and nothing comes behind one derivative by one of them."""
        self.inside = False
        """Whether what is written now is in the loop over blocks."""
        self.tested: list[str] = []
        self.repeated: set[str] = set()
        self.tests: dict[str, str] = {}
        self.made: list[str] = []
        self.indices: set[str] = set()
        """The names of arrays of indices."""

    def frame(self, indices: Iterable[Symbol]) -> tuple[Symbol, ...]:
        """Indices in the order that arrays have them."""
        return tuple(sorted(indices, key=self.order.__getitem__))

    def lines(self) -> list[str]:
        """The statements of the function."""
        once = [v for v in self.values if not (self.blocked and self._of_examples(v))]
        lines = [*self._statements(once), *self._normalizer()]
        body: list[str] = []
        if self.blocked:
            self.inside = True
            body = self._statements([v for v in self.values if self._of_examples(v)])
            body, blocks = self._in_scratch(body)
            ranges = self._ranges(self.block_ranges)
            body = [*self._arrays(body, lambda one: one.per_example), *ranges, *body]
            self.inside = False
        arrays = self._arrays(lines, lambda one: True) if lines else []
        arrays += [a for a in self._arrays(body, lambda one: not one.per_example) if a not in arrays]
        lines = [*self._needed(), *arrays, *self._ranges(self.ranges), *lines]
        if body:
            lines.append(f"for block, n, work in results.blocks({blocks}):")
        return lines + [textwrap.indent(line, "    ") for line in body]

    def _in_scratch(self, body: list[str]) -> tuple[list[str], str]:
        """The statements of a block with arrays that are used again, and how many of what size these are."""
        sizes = [size.name for size in self.program.size_of.values()]
        most = self._most()
        plain = ", ".join(["0", self._numbers()]) if most else ""
        if (
            not self.words.scratch
            or len(set(sizes)) < len(sizes)
            or len(most) > 1
            or "np.transpose" in str(body)
        ):
            return body, plain
        own = most[0] if most else ()
        made = [v for v in self.values if isinstance(v, Definition)]
        frames = {d.name: self._axes(d.indices) for d in made if d.op != "argmax"}
        every = (*self.loss.inputs, *self.program.vectors, *self.loss.parameters)
        lead = {i.name: {BATCH} if i.per_example else set() for i in every}
        frames |= {i.name: frozenset({*lead[i.name], *i.axes}) for i in every}
        whole = {i.name for i in every if i.type.classes or i.domain.integer}
        whole |= {d.name for d in made if d.op == "argmax"}
        whole |= {*self.ranges.values(), *self.block_ranges.values(), *self.indices}
        taken = set(self.taken)
        names = Scratch(
            frames, whole, self._axes((self.program.example_index, *own)), lambda: fresh("work", taken)
        )
        body = [part for line in names.lines("\n".join(body)) for part in self._wrapped(line)]
        if not names.registers:
            return body, plain
        views = ", ".join(names.registers) if len(names.registers) > 1 else f"({names.registers[0]},)"
        return [f"{views} = work", *body], ", ".join(
            [str(len(names.registers)), *(self.size(i) for i in own)]
        )

    def _axes(self, indices: Iterable[Symbol]) -> frozenset[str]:
        return frozenset(self.program.size_of[i].name for i in indices)

    @staticmethod
    def _wrapped(line: str) -> list[str]:
        """A statement that may have become long, or a comment."""
        if "\n" in line or len(line) <= 92:
            return [line]
        if line.startswith("#"):
            return textwrap.wrap(line, 92, subsequent_indent="#     ")
        if assigned := re.match(r"(\w+ [-+*/]?= )(.*)", line):
            return [_opened(*assigned.groups())]
        name, inner = line[:-1].split("(", 1)
        return [f"{name}(\n" + wrapped(f"    {inner}", 4, 92) + "\n)"]

    def _of_examples(self, v: Definition | Store) -> bool:
        return self.program.example_index in v.indices

    def _normalizer(self) -> list[str]:
        if self.program.normalizer == 1:
            return []
        lead = (self.program.example_index,)
        lines = [self._assigned("normalizer", NumPyPrinter(self, lead)(self.program.normalizer))]
        return [*lines, "results.normalize(normalizer)"]

    def _statements(self, values: Sequence[Definition | Store]) -> list[str]:
        """Statements in order."""
        self.repeated, self.tests = set(), {}
        self._printed(values)
        self.repeated = {text for text, count in Counter(self.tested).items() if count > 1}
        return self._printed(values)

    def _ranges(self, ranges: dict[Symbol, str]) -> list[str]:
        return [f"{name} = np.arange({self.size(index)})" for index, name in ranges.items()]

    def _printed(self, values: Sequence[Definition | Store]) -> list[str]:
        """A line for each value, and before it those of the tests that are made here and again further down."""
        self.tested = []
        return self._lines_of(values)

    def _lines_of(self, values: Sequence[Definition | Store]) -> list[str]:
        lines: list[str] = []
        for v in values:
            line = self._line(v) if isinstance(v, Definition) else self._result(v)
            lines += [*self.made, line]
            self.made = []
        return lines

    def test(self, condition: Boolean, text: str) -> str:
        """What a condition is written as: its text, or a name where it is tested more than once."""
        return self._once(text, "is") if self.indices_in(condition) else text

    def place(self, text: str) -> str:
        """What indices are written as: their text, or a name where they are looked up more than once."""
        name = self._once(text, "class")
        self.indices |= {name} - {text}
        return name

    def _once(self, text: str, stem: str) -> str:
        self.tested.append(text)
        if text not in self.repeated:
            return text
        if text not in self.tests:
            self.tests[text] = fresh(stem, self.taken)
            self.made.append(self._assigned(self.tests[text], text))
        return self.tests[text]

    def _arrays(self, lines: list[str], which: Callable[[Input], bool]) -> list[str]:
        """Statements that take the arguments which the lines read."""
        said = identifiers(" ".join(lines))
        if self.inside and self.alike:
            names = [one.name if one.name in said and which(one) else "_" for one in self.loss.inputs]
            return (
                [f"{', '.join(names)}{',' * (len(names) == 1)} = results.cut(block)"]
                if set(names) != {"_"}
                else []
            )
        block = ", block" if self.inside else ""
        vectors = (p for p in self.loss.parameters if p.axes)
        return [
            f'{one.name} = call.{"indices" if one.type.classes else "real"}("{one.name}"{block})'
            for one in (*self.loss.inputs, *self.program.vectors, *vectors)
            if one.name in said and which(one)
        ]

    def _numbers(self) -> str:
        """How many numbers an example has where it has most."""
        products = sorted({" * ".join(self.size(i) for i in frame) for frame in self._most()})
        return f"max({', '.join(products)})" if len(products) > 1 else "".join(products)

    def _most(self) -> list[tuple[Symbol, ...]]:
        """The own indices of an example where it has most of them."""
        frames = {frozenset(v.indices) | {getattr(v, "over", None)} for v in self.values}
        own = {frame - {None, self.program.example_index} for frame in frames}
        return [self.frame(f) for f in own if f and not any(f < other for other in own)]

    def _needed(self) -> list[str]:
        """Entries of axes that the statements look up."""
        lines = []
        for axis, around in needed_entries(self.program):
            self.sizes.update({axis, *around} - {BATCH})
            sizes = [f"{self.words.count if s == BATCH else s} > 0" for s in around]
            lines.append(f"if {' and '.join([f'{axis} == 0', *sizes])}:")
            lines.append(f'    raise ValueError("{self.loss.name}: {axis} is 0, but an entry is needed")')
        return lines

    def size(self, index: Symbol) -> str:
        name = self.program.size_of[index].name
        if name == BATCH:
            return "n" if self.inside else self.words.count
        self.sizes.add(name)
        return name

    def _line(self, d: Definition) -> str:
        if d.op is None:
            return self._assigned(d.name, NumPyPrinter(self, self.frame(d.indices))(d.expr))
        frame = self.frame((*d.indices, d.over))
        axis = frame.index(d.over) - len(frame)
        if d.op == "sum":
            return self._assigned(d.name, self._sum(d, frame, axis))
        printer = NumPyPrinter(self, frame)
        whole = self.full(printer, d.expr, frame)
        if d.op == "argmax":
            return self._assigned(d.name, self.words.place.format(whole, axis))
        place = self._place_of(d) if axis == -1 else None
        if place is not None and self.words.entry_of and self.indices_in(d.expr) == set(frame):
            return self._assigned(d.name, self.words.entry_of.format(whole, place.name))
        return self._assigned(d.name, f"np.max({whole}, axis={axis}, initial=-np.inf)")

    def _place_of(self, d: Definition) -> Definition | None:
        """The definition that says where the largest entry is that ``d`` has."""
        return self.places.get((d.expr, d.over, d.indices))

    def _ordered(self, values: list[Definition | Store]) -> list[Definition | Store]:
        """The place of a largest entry before the entry, which is then looked up there."""
        found = [v for v in values if isinstance(v, Definition) and v.op == "argmax"]
        self.places = {(v.expr, v.over, v.indices): v for v in reversed(found)}
        places = {id(v): self._place_of(v) for v in values if isinstance(v, Definition) and v.op == "max"}
        moved = {id(place) for place in places.values() if place is not None}
        ordered: list[Definition | Store] = []
        for v in values:
            place = places.get(id(v))
            if place is not None and place not in ordered:
                ordered.append(place)
            if id(v) not in moved or v not in ordered:
                ordered.append(v)
        return ordered

    def _sum(self, d: Definition, frame: tuple[Symbol, ...], axis: int) -> str:
        factors = [f for f in Mul.make_args(d.expr) if self.indices_in(f)]
        rest = Mul(*(f for f in Mul.make_args(d.expr) if not self.indices_in(f)))
        sets = [self.frame(self.indices_in(f)) for f in factors]
        if len(factors) > 1 and not any(s == frame for s in sets):
            letters = {index: "abcdefgh"[place] for place, index in enumerate(frame)}
            inputs = ",".join("".join(letters[i] for i in s) for s in sets)
            output = "".join(letters[i] for i in self.frame(d.indices))
            operands = ", ".join(NumPyPrinter(self, s)(f) for s, f in zip(sets, factors, strict=True))
            text = f'np.einsum("{inputs}->{output}", {operands}, optimize=True)'
            return text if rest == 1 else f"{NumPyPrinter(self, ())(rest, UNARY)} * {text}"
        printer = NumPyPrinter(self, frame)
        two = printer.without_entry(d.expr) if axis == -1 and self.words.sum_of_others else None
        if two is not None:
            return self.words.sum_of_others.format(*two)
        return self.words.sum.format(self.full(printer, d.expr, frame), axis)

    def full(self, printer: NumPyPrinter, expr: Expr, frame: tuple[Symbol, ...]) -> str:
        """The text of an array that really has all axes of the frame."""
        text = printer(expr)
        if self.frame(self.indices_in(expr)) == frame:
            return text
        shape = ", ".join(self.size(i) for i in frame)
        return f"np.broadcast_to({text}, ({shape},))"

    def indices_in(self, expr: Expr) -> set[Symbol]:
        """The loop indices that an expression varies with."""
        return {s for s in expr.free_symbols if s in self.order}

    @staticmethod
    def _assigned(name: str, text: str) -> str:
        line = f"{name} = {text}"
        return line if len(line) <= 92 else _opened(f"{name} = ", text)

    def _result(self, store: Store) -> str:
        """The statement that hands a result over."""
        block = ", block" if self.inside else ""
        times, expr = "", store.expr
        if store.scaled and store.target != "value":
            times, expr = self._coefficient(store)
        text = NumPyPrinter(self, self.frame(store.indices))(expr)
        if store.target in ("value", "batch_value"):
            return self._called("add" if store.scaled else "add_whole", f"{text}{block}")
        wrt = store.target.split("_", 1)[1]
        text = self._transposed(text, store)
        times = f", times={times}" if times else ""
        return self._called("put" if store.scaled else "put_whole", f'"{wrt}", {text}{block}{times}')

    def _coefficient(self, store: Store) -> tuple[str, Expr]:
        """What costs less where results are multiplied by their share of the mean, and the rest."""
        number, rest = store.expr.as_coeff_Mul()
        if number != 1 and number.is_Rational and number.q == 1 and abs(number) <= 1024:
            return f"{number}.0", rest
        if self.words.scratch and len(store.indices) == 2:
            factor, rest = row_factor(store.expr, store.indices[1], self.terms)
            if factor != 1:
                return NumPyPrinter(self, store.indices[:1])(factor), rest
        return "", store.expr

    @staticmethod
    def _called(name: str, arguments: str) -> str:
        line = f"results.{name}({arguments})"
        return line if len(line) <= 92 else _opened(f"results.{name}", arguments)

    def _transposed(self, text: str, store: Store) -> str:
        frame = self.frame(store.indices)
        if frame == store.indices:
            return text
        return f"np.transpose({text}, {tuple(frame.index(i) for i in store.indices)})"


def _opened(before: str, inside: str) -> str:
    """Text in brackets with lines of its own, behind what comes before it."""
    return f"{before}(\n" + wrapped(f"    {inside}", 4, 92) + "\n)"


def _alike(program: Program) -> bool:
    """Whether all tensors are numbers of examples, and results are those of each, one derivative at the end."""
    loss = program.loss
    given = (*loss.inputs, *program.vectors, *loss.parameters)
    return (
        loss.kind == "elementwise"
        and program.normalizer == 1
        and not any(i.axes or i.type.classes for i in given)
        and all(store.scaled for store in program.stores)
        and [store.target != "value" for store in program.stores] in ([False], [True], [False, True])
    )


def _apart(program: Program) -> bool:
    """Whether each example is computed without the others, so that blocks of them can be."""
    loss, own = program.loss, program.example_index
    if own is None or any(i != own and size.name == BATCH for i, size in program.size_of.items()):
        return False
    if any(d.over == own for d in program.definitions):
        return False
    of_examples = {d.name for d in program.definitions if own in d.indices}
    if of_examples & {getattr(s, "name", "") for s in program.normalizer.free_symbols}:
        return False
    of_examples |= {i.name for i in (*loss.inputs, *program.vectors) if i.per_example}
    return all(
        e.args[1] == own
        for expr in program.expressions
        for e in expr.atoms(Indexed)
        if e.base.label.name in of_examples
    )
