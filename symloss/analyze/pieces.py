"""A loss of one number as smooth pieces between breakpoints: its cases, maxima and absolute values resolved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import sympy
from sympy import Abs, Expr, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanFunction

from symloss import functions
from symloss.analyze.algebra import elementary, is_zero, readable
from symloss.analyze.chart import Undecided, chart
from symloss.analyze.facts import Facts, Range
from symloss.analyze.signs import positive, sign

__all__ = ["Piece", "Pieces", "pieces_of", "resolved_at", "slope", "split_roots"]


@dataclass(frozen=True)
class Piece:
    """A smooth formula on an open interval."""

    lower: Expr
    upper: Expr
    expr: Expr


@dataclass(frozen=True)
class Pieces:
    """A function of ``x``, by pieces from left to right that cover its domain."""

    x: Symbol
    pieces: tuple[Piece, ...]
    facts: Facts
    closed: tuple[bool, bool] = (False, False)
    """Whether the domain contains its lower and its upper end."""
    marks: tuple[Expr, ...] = ()
    """Where a case ends, an argument of an absolute value is 0, or the like: every place that may be special."""

    @property
    def breakpoints(self) -> tuple[Expr, ...]:
        """Where two pieces meet."""
        return tuple(p.upper for p in self.pieces[:-1])

    @property
    def lower(self) -> Expr:
        return self.pieces[0].lower

    @property
    def upper(self) -> Expr:
        return self.pieces[-1].upper

    def derivative(self, order: int = 1) -> Pieces:
        """The derivative inside the pieces."""
        found = self
        for _ in range(order):
            found = replace(
                found, pieces=tuple(replace(p, expr=slope(p.expr, found.x)) for p in found.pieces)
            )
        return found

    def within(self, piece: Piece) -> Facts:
        """What is known inside a piece."""
        return self.facts.knowing(self.x, Range(piece.lower, piece.upper))


@lru_cache(maxsize=4096)
def slope(expr: Expr, x: Symbol) -> Expr:
    """The derivative of a smooth formula, in the shorter of two forms."""
    return readable(sympy.diff(elementary(expr), x))


_SWITCHES = (Abs, sympy.sign, sympy.Max, functions.maximum, functions.Cases, Relational)


@lru_cache(maxsize=1024)
def pieces_of(expr: Expr, x: Symbol, lower: Expr, upper: Expr, facts: Facts) -> Pieces:
    """The pieces of ``expr`` for x between two ends. Raises Undecided where a breakpoint is not found."""
    found: list[Piece] = []
    marks: list[Expr] = []
    for piece in _with_split_roots(_split(expr, x, lower, upper, facts), x, facts):
        last = found[-1] if found else None
        if last is not None:
            marks.append(piece.lower)
        if last is not None and is_zero(last.expr - piece.expr):
            found[-1] = replace(last, upper=piece.upper)
        else:
            found.append(piece)
    return Pieces(x, tuple(found), facts, marks=tuple(marks))


def _with_split_roots(pieces: list[Piece], x: Symbol, facts: Facts) -> Iterator[Piece]:
    """The pieces, cut once more where a root of a square comes apart as an absolute value."""
    for piece in pieces:
        split = split_roots(piece.expr, facts.knowing(x, Range(piece.lower, piece.upper)))
        if _innermost(split) is None:
            yield replace(piece, expr=split)
        else:
            yield from _split(split, x, piece.lower, piece.upper, facts)


def split_roots(expr: Expr, facts: Facts) -> Expr:
    """Roots and other powers of quotients as quotients of powers: (a·y)ᵖ = aᵖ·yᵖ wherever a > 0, whatever y is.

    √((1 − x)/x) and √(x/(1 − x)) then consist of the same two roots.
    """

    def rewrite(node):
        if not isinstance(node, sympy.Pow) or node.exp.is_Integer:
            return None
        outside: list[Expr] = []
        inside: list[Expr] = []
        for factor in sympy.Mul.make_args(sympy.factor_terms(sympy.together(node.base))):
            (outside if positive(factor, facts) else inside).append(factor)
        if not outside or (len(outside) == 1 and not inside and not isinstance(outside[0], sympy.Pow)):
            return None
        return sympy.Mul(*(f.base ** (f.exp * node.exp) if isinstance(f, sympy.Pow) and positive(f.base, facts)
                           else f**node.exp for f in outside)) * sympy.Mul(*inside) ** node.exp  # fmt: skip

    return functions.rebuild(expr, rewrite)


def resolved_at(expr: Expr, x: Symbol, place: Expr, facts: Facts) -> Expr | None:
    """The declared formula at one place, its cases decided there; None where the rules do not decide them."""
    there = functions.rebuild(expr, lambda node: place if node == x else None, top_down=True)
    while (switch := _innermost(there)) is not None:
        s = sign(_decides(switch), facts)
        resolved = None if s is None else _resolved(switch, s)
        if resolved is None:
            return None
        there = _put(there, switch, resolved)
    return there


def _split(expr: Expr, x: Symbol, lower: Expr, upper: Expr, facts: Facts) -> list[Piece]:
    switch = _innermost(expr)
    if switch is None:
        return [Piece(lower, upper, expr)]
    result: list[Piece] = []
    for segment in chart(_decides(switch), x, lower, upper, facts):
        resolved = _resolved(switch, segment.sign)
        if resolved is None:
            raise Undecided(f"the sign of {_decides(switch)}")
        result += _split(_put(expr, switch, resolved), x, segment.lower, segment.upper, facts)
    return result


def _innermost(expr: Expr) -> Expr | None:
    for node in sympy.postorder_traversal(expr):
        if isinstance(node, _SWITCHES) and not isinstance(node, functions.Cases):
            return node
    return None


def _decides(switch: Expr) -> Expr:
    """The expression whose sign decides."""
    if isinstance(switch, (Abs, sympy.sign)):
        return switch.args[0]
    if isinstance(switch, functions.maximum):
        return switch.args[0] - switch.args[1]
    if isinstance(switch, sympy.Max):
        return switch.args[0] - sympy.Max(*switch.args[1:])
    return switch.lhs - switch.rhs


def _resolved(switch: Expr, s: str) -> Expr | None:
    up = {"+": True, ">=": True, "-": False, "<=": False}.get(s)
    if isinstance(switch, Abs):
        return {True: switch.args[0], False: -switch.args[0], None: sympy.S.Zero}[up]
    if isinstance(switch, functions.maximum):
        return switch.args[1] if up is False else switch.args[0]
    if isinstance(switch, sympy.Max):
        return sympy.Max(*switch.args[1:]) if up is False else switch.args[0]
    if s in (">=", "<="):
        return None
    if isinstance(switch, sympy.sign):
        return sympy.Integer({"+": 1, "-": -1, "0": 0}[s])
    holds = {"==": s == "0", "!=": s != "0", "<": s == "-", "<=": s != "+", ">": s == "+", ">=": s != "-"}
    return sympy.true if holds[switch.rel_op] else sympy.false


def _put(expr: Expr, switch: Expr, resolved: Expr) -> Expr:
    """The expression with a switch decided."""
    return _simplified(functions.rebuild(expr, lambda node: resolved if node == switch else None))


def _simplified(expr: Expr) -> Expr:
    """Cases whose conditions are decided; ``rebuild`` has made the conditions true or false already."""

    def rewrite(node):
        if isinstance(node, functions.Cases):
            return functions.Cases(*node.pairs)
        return node.func(*node.args) if isinstance(node, BooleanFunction) else None

    return functions.rebuild(expr, rewrite)
