"""A loss over axes along straight lines: functions of one number, whose joints and slopes are known exactly.

What a line shows holds of the loss: a kink on it is a kink, and no bound of the gradient is below a slope that is met.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import sympy
from sympy import Expr, Indexed, Symbol, sqrt

from symloss import functions
from symloss.analyze.algebra import elementary, is_zero, readable
from symloss.analyze.chart import Undecided
from symloss.analyze.differentiability import Joint, joints, require_defined
from symloss.analyze.extremes import extremes, highest, limit_in
from symloss.analyze.facts import Facts, Range, facts_of
from symloss.analyze.limits import Growth, Unknown, growth, limit
from symloss.analyze.pieces import Pieces
from symloss.analyze.scope import Scope
from symloss.analyze.signs import sign
from symloss.analyze.slices import Slice
from symloss.analyze.straight import filled
from symloss.domains import Real
from symloss.value import Input, Loss, exact

__all__ = [
    "SIZE",
    "Line",
    "Met",
    "endless",
    "ends_met",
    "fastest",
    "grows_with_others",
    "joints_met",
    "lines",
    "steepest",
]

SIZE = 2
"""How many entries each axis has, unless it is said otherwise."""

_ALONG = sympy.Dummy("s", real=True)
"""The number that runs along a line. A symbol of its own: an argument may have any name."""

_FACTOR = sympy.Dummy("factor", positive=True)
"""What the other inputs are multiplied by."""

MOST = 36
"""How many lines are looked at."""

LARGEST = 120
"""How many operations the formula may have on a line."""

LARGEST_DERIVATIVE = 60
"""How many operations a derivative may have whose extremes are looked for."""


@dataclass(frozen=True)
class Line:
    """The loss at ``start`` + s·``direction`` in one tensor, as a slice in s."""

    slice: Slice
    start: dict[str, Any]
    direction: Any
    entries: dict[Expr, Expr]
    size: int

    @property
    def length(self) -> Expr:
        """That of the direction: along the line every slope is so many times larger than it is."""
        return sqrt(sum(x**2 for x in _flat(self.direction)))

    def written(self, e: Expr) -> Expr:
        """An expression of the loss as it is on the line."""
        return filled(e, self.entries, dict.fromkeys(self.slice.loss.axes, self.size))

    @property
    def words(self) -> str:
        """Where it lies, in words."""
        wrt = self.slice.wrt
        others = "".join(f", {name} = {_shown(v)}" for name, v in self.start.items() if name != wrt)
        return f"{wrt} = {_shown(self.start[wrt])} + {self.name}·{_shown(self.direction)}{others}"

    @property
    def name(self) -> str:
        """What the number that runs along the line is called."""
        taken = {a.name for a in (*self.slice.loss.inputs, *self.slice.loss.parameters)}
        return "s" if "s" not in taken else "step"


def _flat(value: Any) -> list[Expr]:
    return [x for v in value for x in _flat(v)] if isinstance(value, list) else [value]


def _shown(value: Any) -> str:
    return f"({', '.join(map(_shown, value))})" if isinstance(value, (list, tuple)) else str(value)


@lru_cache(maxsize=64)
def lines(loss: Loss, wrt: str, multiplied: tuple[str, ...] = (), size: int = SIZE) -> tuple[Line, ...]:
    """Some lines, hyper-parameters as symbols where they are single numbers.

    The inputs of ``multiplied`` are multiplied by a positive number.
    """
    if loss.kind == "elementwise" or loss.argument(wrt).domain.sums_to_one:
        return ()
    return tuple(itertools.islice(_lines(loss, wrt, multiplied, size), MOST))


def _lines(loss: Loss, wrt: str, multiplied: Sequence[str], size: int) -> Iterator[Line]:
    own = loss.argument(wrt)
    others = [i for i in loss.inputs if i.name != wrt]
    for direction in _directions(own, size):
        for chosen in itertools.product(*(_starts(i, size) for i in others)):
            for start in _starts(own, size):
                values = {wrt: start} | {i.name: v for i, v in zip(others, chosen, strict=True)}
                line = _line(loss, own, values, direction, multiplied, size)
                if line is not None:
                    yield line


def _filled(argument: Input, entries: Any, size: int) -> Any:
    """A nested list of an argument's shape, from its entries in a row, the last ones repeated."""
    shape = (size,) * len(argument.axes)
    flat = [entries[min(k, len(entries) - 1)] for k in range(size ** len(shape))]

    def nest(shape: tuple[int, ...], row: list) -> Any:
        if not shape:
            return row[0]
        part = len(row) // shape[0]
        return [nest(shape[1:], row[k * part : (k + 1) * part]) for k in range(shape[0])]

    return nest(shape, flat)


def _starts(argument: Input, size: int) -> list[Any]:
    """Some values of an argument: its labels, or a few numbers inside its domain."""
    d = argument.domain
    if d.sums_to_one:
        return [_one_hot(argument, size)]
    if d.values or argument.type.classes:
        values = d.values or range(size)
        return [_filled(argument, [sympy.Integer(v)], size) for v in values]
    zero, one, half = sympy.S.Zero, sympy.S.One, sympy.S.Half
    if d.integer:
        return [_filled(argument, [zero], size)]
    if not d.lower.is_infinite and not d.upper.is_infinite:
        return [_filled(argument, [(d.lower + d.upper) / 2], size)]
    if not d.lower.is_infinite:
        return [_filled(argument, [d.lower + one], size)]
    if not argument.axes:
        return [zero, one]
    return [_filled(argument, row, size) for row in ([zero], [one, zero], [-half, zero])]


def _one_hot(argument: Input, size: int) -> Any:
    """The distribution that is sure of the first place, everywhere."""
    along = argument.axes.index(argument.type.along)

    def fill(place: tuple[int, ...]) -> Any:
        if len(place) < len(argument.axes):
            return [fill((*place, k)) for k in range(size)]
        return sympy.Integer(int(place[along] == 0))

    return fill(())


def _directions(argument: Input, size: int) -> list[Any]:
    """One entry alone; the first place of an axis against the second, for the first axis and for the last."""
    one, zero, dims = sympy.S.One, sympy.S.Zero, len(argument.axes)
    if not dims:
        return [one]
    plane = size ** (dims - 1)
    rows = [[one, zero], [one] * plane + [-one] * plane + [zero]]
    if dims > 1:
        rows.append([one, -one, zero])
    return [_filled(argument, row, size) for row in rows]


def _line(
    loss: Loss, own: Input, start: dict[str, Any], direction: Any, multiplied: Sequence[str], size: int
) -> Line | None:
    s = _ALONG
    entries: dict[Expr, Expr] = {}
    reach = Range()
    for argument in (*loss.inputs, *loss.parameters):
        for place in itertools.product(range(size), repeat=len(argument.axes)):
            if argument in loss.parameters:
                if argument.axes:
                    entries[Indexed(argument.tensor, *place)] = exact(argument.default)
                continue
            value = _at(start[argument.name], place)
            if argument.name in multiplied:
                value *= _FACTOR
            if argument.name == own.name:
                step = _at(direction, place)
                reach = _within(reach, argument, value, step)
                value += s * step
            entries[Indexed(argument.tensor, *place) if argument.axes else argument.symbol] = value
    known = facts_of([p for p in loss.parameters if not p.axes]).knowing(s, reach)
    line = Line(Slice(loss, own.name, s, s, s, known), start, direction, entries, size)
    expr = line.written(loss.expand(loss.expression))
    if expr.atoms(Indexed, functions.Binder) or sympy.count_ops(expr) > LARGEST or s not in expr.free_symbols:
        return None
    if expr.is_polynomial(s):
        expr = sympy.expand(expr)
    return replace(line, slice=replace(line.slice, expr=expr))


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


def _in_scope(line: Line, scope: Scope) -> Slice:
    """The slice of a line with what is known of the hyper-parameters in a scope."""
    one = line.slice.at_defaults() if scope.fixed else line.slice
    reach = one.facts.of(one.x)
    return replace(one, facts=Facts(scope.facts.ranges).knowing(one.x, reach))


@lru_cache(maxsize=4096)
def _resolved(one: Slice) -> tuple[Pieces, tuple[Joint, ...]] | None:
    """The pieces on a line and where they meet; None where that is not decided."""
    try:
        (pieces,) = require_defined([one])
        return pieces, tuple(joints(one, pieces))
    except (Undecided, sympy.PolynomialError):
        return None


def _pieces(
    loss: Loss, wrt: str, scope: Scope, size: int = SIZE
) -> Iterator[tuple[Line, Slice, Pieces, tuple[Joint, ...]]]:
    """The lines on which the pieces are known."""
    for line in lines(loss, wrt, size=size):
        one = _in_scope(line, scope)
        found = _resolved(one)
        if found is not None:
            yield line, one, *found


@dataclass(frozen=True)
class Met:
    """Where a derivative jumps on a line."""

    joint: Joint
    line: Line
    scope: Scope

    @property
    def place(self) -> Expr:
        return self.joint.place

    def described(self) -> dict[str, Any]:
        """As the kinks of an elementwise loss are told: where, the derivatives on both sides, the value."""
        j = self.joint
        told = {
            "where": f"{self.line.name} = {j.place} on {self.line.words}",
            "derivative_that_jumps": j.order,
        }
        return told | {"left": readable(j.left), "right": readable(j.right), "value": j.value}

    def is_zero(self, e: Expr) -> bool | None:
        """Whether an expression of the loss is 0 there; None where that is not decided."""
        there = self.line.written(e)
        if self.scope.fixed:
            there = replace(self.line.slice, expr=there).at_defaults().expr
        there = elementary(functions.rebuild(there, lambda n: self.place if n == self.line.slice.x else None))
        if there.has(functions.maximum, functions.Cases):
            return None
        if is_zero(there):
            return True
        return False if sign(there, self.scope.facts) in ("+", "-") else None


def joints_met(loss: Loss, wrt: str, scope: Scope, order: int) -> Iterator[Met]:
    """The places on lines at which a derivative of at most an order jumps."""
    for size in (SIZE, SIZE + 1):
        for line, _, _, found in _pieces(loss, wrt, scope, size):
            # where it is NaN nothing was compared
            jumps = (j for j in found if j.order <= order and j.left != sympy.nan)
            yield from (Met(j, line, scope) for j in jumps)


class Ends(NamedTuple):
    """Whether lines come as near as one likes to the lower and the upper bound, and whether one takes the lower."""

    low: bool
    high: bool
    taken: bool


def ends_met(loss: Loss, wrt: str, scope: Scope, low: Expr, high: Expr) -> Ends:
    """How near the loss comes, on lines, to two bounds of it."""
    seen, taken = [False, False], False
    for _, _, pieces, _ in _pieces(loss, wrt, scope):
        try:
            found = extremes(pieces)
        except (Undecided, sympy.PolynomialError):
            continue
        met = [
            end == bound or (end.is_finite is not False and is_zero(end - bound))
            for end, bound in ((found.infimum, low), (found.supremum, high))
        ]
        inside = found.lowest_at not in (pieces.lower, pieces.upper)
        taken = taken or (met[0] and inside)
        seen = [a or b for a, b in zip(seen, met, strict=True)]
        if all(seen) and taken:
            break
    return Ends(seen[0], seen[1], taken)


def steepest(loss: Loss, wrt: str, order: int, scope: Scope, enough: Expr) -> tuple[Expr, Line] | None:
    """The supremum of the size of a derivative on the line where it is largest; the search ends at ``enough`` or ∞."""
    best: tuple[Expr, Line] | None = None
    for line, one, pieces, met in _pieces(loss, wrt, scope):
        try:
            if any(joint.order <= order - 1 for joint in met):
                size: Expr = sympy.oo
            else:
                high = pieces.derivative(order)
                if any(sympy.count_ops(p.expr) > LARGEST_DERIVATIVE for p in high.pieces):
                    continue
                found = extremes(high)
                size = highest([found.supremum, -found.infimum], one.facts) / line.length**order
        except (Undecided, sympy.PolynomialError):
            continue
        if size == sympy.oo or is_zero(size - enough):
            return size, line
        if best is None or sign(size - best[0], one.facts) == "+":
            best = size, line
    return best


def fastest(loss: Loss, wrt: str, scope: Scope, enough: tuple | None) -> tuple[Growth, Line] | None:
    """The leading term of the loss on the line on which it grows or falls fastest; the search ends at ``enough``."""
    best: tuple[Growth, Line] | None = None
    for line, _, pieces, _ in _pieces(loss, wrt, scope):
        try:
            for piece, end, side in (
                (pieces.pieces[0], pieces.lower, 1),
                (pieces.pieces[-1], pieces.upper, -1),
            ):
                if not end.is_infinite:
                    continue
                lead = growth(piece.expr, pieces.x, end, side, pieces.within(piece))
                known = lead.coefficient != 0 and sign(lead.coefficient, pieces.facts) in ("+", "-")
                if (
                    known
                    and all(e.is_Rational for e in lead.order)
                    and (best is None or lead.order > best[0].order)
                ):
                    best = lead, line
        except (Undecided, Unknown, sympy.PolynomialError):
            continue
        if best is not None and best[0].order == enough:
            break
    return best


def endless(loss: Loss, wrt: str, order: int, scope: Scope) -> Line | None:
    """A line on which a derivative goes to ∞ at an end of a piece, or a lower one jumps."""
    for line, _, pieces, met in _pieces(loss, wrt, scope):
        try:
            if any(joint.order <= order - 1 for joint in met):
                return line
            high = pieces.derivative(order)
            if any(
                limit_in(piece, high, upper).is_infinite for piece in high.pieces for upper in (False, True)
            ):
                return line
        except (Undecided, sympy.PolynomialError):
            continue
    return None


def grows_with_others(loss: Loss, wrt: str, order: int, scope: Scope) -> Line | None:
    """A line in whose middle a derivative goes to ∞ as the other inputs, which are real numbers, are multiplied."""
    others = {i.name for i in loss.inputs if i.name != wrt and i.domain == Real}
    if not others:
        return None
    factor = _FACTOR
    for line in lines(loss, wrt, tuple(sorted(others))):
        one = _in_scope(line, scope)
        known = one.facts.knowing(factor, Range(sympy.S.Zero))
        try:
            smooth = _far(one.expr, one.x, factor, known)
            there = sympy.diff(elementary(smooth), one.x, order).xreplace({one.x: sympy.S.Zero})
            if factor in there.free_symbols and limit(there, factor, sympy.oo, -1, known).is_infinite:
                return line
        except (Undecided, Unknown):
            continue
    return None


def _far(expr: Expr, s: Symbol, factor: Symbol, facts: Facts) -> Expr:
    """Near s = 0, for every large factor, the formula without its maxima and absolute values. Raises Undecided."""

    def certain(e: Expr) -> bool:
        """Whether an expression goes to a positive limit."""
        end = limit(e.xreplace({s: sympy.S.Zero}), factor, sympy.oo, -1, facts)
        return end == sympy.oo or sign(end, facts) == "+"

    def decide(node: Expr) -> Expr | None:
        if isinstance(node, (functions.Cases, sympy.sign, sympy.Min)):
            raise Undecided(f"which case of {node} holds far away")
        if isinstance(node, sympy.Abs):
            parts = (node.args[0], -node.args[0])
        elif isinstance(node, (functions.maximum, sympy.Max)):
            parts = node.args[:2] if isinstance(node, functions.maximum) else node.args
        else:
            return None
        for one in parts:
            if all(other is one or certain(one - other) for other in parts):
                return one
        raise Undecided(f"which part of {node} is larger far away")

    return functions.rebuild(expr, decide)
