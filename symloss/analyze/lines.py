"""A loss over axes along straight lines: functions of one number, whose joints and slopes are known exactly.

What a line shows holds of the loss: a kink on it is a kink, and no bound of the gradient is below a slope that is met.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import sympy
from sympy import Expr, Indexed, Symbol, sqrt

from symloss import functions
from symloss.analyze.chart import Undecided
from symloss.analyze.differentiability import joints, require_defined
from symloss.analyze.extremes import extremes
from symloss.analyze.facts import Facts, Range, facts_of
from symloss.analyze.slices import Slice
from symloss.analyze.straight import written_out
from symloss.value import Input, Loss, exact

__all__ = ["Line", "first_joint", "lines", "steepest"]

SIZE = 2
"""How many entries each axis has."""

MOST = 36
"""How many lines are looked at."""

LARGEST = 120
"""How many operations the formula may have on a line."""


@dataclass(frozen=True)
class Line:
    """The loss at ``start`` + s·``direction`` in one tensor, as a slice in s; the direction has length 1."""

    slice: Slice
    start: dict[str, Any]
    direction: Any

    @property
    def words(self) -> str:
        """Where it lies, in words."""
        wrt = self.slice.wrt
        others = "".join(f", {name} = {_shown(v)}" for name, v in self.start.items() if name != wrt)
        return f"{wrt} = {_shown(self.start[wrt])} + s·{_shown(self.direction)}{others}"


def _shown(value: Any) -> str:
    return f"({', '.join(map(_shown, value))})" if isinstance(value, (list, tuple)) else str(value)


@lru_cache(maxsize=64)
def lines(loss: Loss, wrt: str) -> tuple[Line, ...]:
    """Some lines, hyper-parameters as symbols where they are single numbers; none where a tensor is a distribution."""
    if any(i.domain.sums_to_one for i in loss.inputs) or loss.kind == "elementwise":
        return ()
    return tuple(itertools.islice(_lines(loss, wrt), MOST))


def _lines(loss: Loss, wrt: str) -> Iterator[Line]:
    own = loss.argument(wrt)
    others = [i for i in loss.inputs if i.name != wrt]
    for direction in _directions(own):
        for chosen in itertools.product(*(_starts(i) for i in others)):
            for start in _starts(own):
                values = {wrt: start} | {i.name: v for i, v in zip(others, chosen, strict=True)}
                line = _line(loss, own, values, direction)
                if line is not None:
                    yield line


def _filled(argument: Input, entries: Any) -> Any:
    """A nested list of an argument's shape, from its entries in a row, the last ones repeated."""
    shape = (SIZE,) * len(argument.axes)
    flat = [entries[min(k, len(entries) - 1)] for k in range(SIZE ** len(shape))]

    def nest(shape: tuple[int, ...], row: list) -> Any:
        if not shape:
            return row[0]
        part = len(row) // shape[0]
        return [nest(shape[1:], row[k * part : (k + 1) * part]) for k in range(shape[0])]

    return nest(shape, flat)


def _starts(argument: Input) -> list[Any]:
    """Some values of an argument: its labels, or a few numbers inside its domain."""
    d = argument.domain
    if d.values or argument.type.classes:
        values = d.values or range(SIZE)
        return [_filled(argument, [sympy.Integer(v)]) for v in values]
    zero, one, half = sympy.S.Zero, sympy.S.One, sympy.S.Half
    if d.integer:
        return [_filled(argument, [zero])]
    if not d.lower.is_infinite and not d.upper.is_infinite:
        return [_filled(argument, [(d.lower + d.upper) / 2])]
    if not d.lower.is_infinite:
        return [_filled(argument, [d.lower + one])]
    if not argument.axes:
        return [zero, one]
    return [_filled(argument, row) for row in ([zero], [one, zero], [-half, zero])]


def _directions(argument: Input) -> list[Any]:
    one, zero = sympy.S.One, sympy.S.Zero
    if not argument.axes:
        return [one]
    root = 1 / sqrt(2)
    along = [[one, zero], [root, -root, zero]]
    return [_filled(argument, row) for row in along]


def _line(loss: Loss, own: Input, start: dict[str, Any], direction: Any) -> Line | None:
    s = Symbol("s", real=True)
    entries: dict[Expr, Expr] = {}
    reach = Range()
    for argument in (*loss.inputs, *loss.parameters):
        for place in itertools.product(range(SIZE), repeat=len(argument.axes)):
            if argument in loss.parameters:
                if argument.axes:
                    entries[Indexed(argument.tensor, *place)] = exact(argument.default)
                continue
            value = _at(start[argument.name], place)
            if argument.name == own.name:
                step = _at(direction, place)
                reach = _within(reach, argument, value, step)
                value += s * step
            entries[Indexed(argument.tensor, *place) if argument.axes else argument.symbol] = value
    sizes = dict.fromkeys(loss.axes, SIZE)
    expr = loss.expand(loss.expression)
    for _ in range(2):  # an index must be a number before the entry that it picks is seen
        expr = written_out(functions.rebuild(expr, entries.get, top_down=True), sizes)
    if expr.atoms(Indexed, functions.Binder) or sympy.count_ops(expr) > LARGEST or s not in expr.free_symbols:
        return None
    known = facts_of([p for p in loss.parameters if not p.axes]).knowing(s, reach)
    return Line(Slice(loss, own.name, s, s, sympy.expand(expr) if expr.is_polynomial(s) else expr, known), start, direction)


def _at(value: Any, place: tuple[int, ...]) -> Any:
    for k in place:
        value = value[k]
    return value


def _within(reach: Range, argument: Input, value: Expr, step: Expr) -> Range:
    """The open interval of s that keeps one more entry inside its domain."""
    low, high = reach.lower, reach.upper
    for end in (argument.domain.lower, argument.domain.upper):
        if end.is_infinite or step == 0:
            continue
        s = (end - value) / step
        if s > 0:
            high = sympy.Min(high, s)
        else:
            low = sympy.Max(low, s)
    return Range(low, high)


def _fixed(line: Line, at_defaults: bool) -> Slice:
    return line.slice.at_defaults() if at_defaults else line.slice


def first_joint(loss: Loss, wrt: str, at_defaults: bool) -> tuple[int, Expr, Line] | None:
    """The lowest order of a derivative that jumps on one of the lines, where, and the line."""
    best: tuple[int, Expr, Line] | None = None
    for line in lines(loss, wrt):
        try:
            one = _fixed(line, at_defaults)
            (pieces,) = require_defined([one])
            for joint in joints(one, pieces):
                if best is None or joint.order < best[0]:
                    best = joint.order, joint.place, line
        except (Undecided, sympy.PolynomialError):
            continue
        if best is not None and best[0] <= 1:
            break
    return best


def steepest(loss: Loss, wrt: str, order: int, at_defaults: bool, enough: Expr) -> tuple[Expr, Line] | None:
    """The supremum of the size of a derivative on the line where it is largest; the search ends at ``enough`` or ∞."""
    best: tuple[Expr, Line] | None = None
    for line in lines(loss, wrt):
        try:
            one = _fixed(line, at_defaults)
            (pieces,) = require_defined([one])
            if any(joint.order <= order - 1 for joint in joints(one, pieces)):
                size: Expr = sympy.oo
            else:
                found = extremes(pieces.derivative(order))
                size = sympy.Max(found.supremum, -found.infimum)
            size = replace(one, expr=size).at_defaults().expr if at_defaults else size
        except (Undecided, sympy.PolynomialError):
            continue
        if best is None or (size - best[0]).is_positive:
            best = size, line
        if size in (sympy.oo, enough):
            return size, line
    return best
