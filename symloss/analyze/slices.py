"""An elementwise loss as functions of one number: one for each label, or of the residual alone where it will do."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import sympy
from sympy import Expr, Symbol

from symloss import functions
from symloss.analyze.algebra import TooLarge, elementary, is_zero
from symloss.analyze.facts import Facts, Range, facts_of
from symloss.analyze.pieces import Pieces, pieces_of
from symloss.value import Loss, exact

__all__ = ["Slice", "sliced", "slices_of", "with_ends"]


@dataclass(frozen=True)
class Slice:
    """The loss as a function of ``x``, with the labels put to fixed values.

    ``meaning`` is what x is in terms of the arguments (``prediction - target``), ``at`` the values of the labels,
    ``ends_suffice`` names a soft label of which only the ends are looked at, the loss being affine in it.
    """

    loss: Loss
    wrt: str
    x: Symbol
    meaning: Expr
    expr: Expr
    facts: Facts
    at: tuple[tuple[str, Expr], ...] = ()
    ends_suffice: tuple[str, ...] = ()
    values: tuple[tuple[str, Expr], ...] = ()

    @property
    def domain(self) -> Range:
        """The numbers that x runs over."""
        return self.facts.of(self.x)

    def domain_contains(self, x: float) -> bool:
        """Whether a number lies inside the domain."""
        return bool(self.domain.lower < x) and bool(x < self.domain.upper)

    @property
    def label(self) -> str:
        """The labels in words: ``target = 1``."""
        return ", ".join(f"{name} = {value}" for name, value in self.at)

    @property
    def free(self) -> tuple[Symbol, ...]:
        """The symbols that are left beside x."""
        return tuple(sorted(self.expr.free_symbols - {self.x}, key=str))

    def pieces(self) -> Pieces:
        """Its smooth pieces. Raises Undecided."""
        d = self.domain
        known = Facts(tuple(p for p in self.facts.ranges if p[0] != self.x), self.facts.tensors)
        found = pieces_of(self.expr, self.x, d.lower, d.upper, known)
        return replace(found, closed=(not d.lower_open, not d.upper_open))

    def at_defaults(self) -> Slice:
        """The same with each hyper-parameter at its default."""
        values = {p.symbol: exact(p.default) for p in self.loss.parameters}
        used = tuple((s.name, values[s]) for s in self.free if s in values)
        return replace(self, expr=_filled(self.expr, values), values=used)


def slices_of(loss: Loss, wrt: str) -> tuple[Slice, ...]:
    """The functions of one number that an elementwise loss consists of, as a function of the tensor ``wrt``."""
    return sliced(loss, wrt, loss.expand(loss.expression), facts_of((*loss.inputs, *loss.parameters)))


def sliced(loss: Loss, wrt: str, expr: Expr, facts: Facts) -> tuple[Slice, ...]:
    """The slices of an expression in which each argument is one number."""
    argument = loss.argument(wrt)
    x = argument.symbol
    others = [i for i in loss.inputs if i.name != wrt and i.symbol in expr.free_symbols]
    meaning: Expr = x
    choices: list[list[tuple[str, Expr]]] = []
    soft: list[str] = []
    for other in others:
        known = Range.of(other.domain)
        if other.domain.values:
            choices.append([(other.name, sympy.Integer(v)) for v in other.domain.values])
        elif not known.lower_open and not known.upper_open and _affine_in(expr, other.symbol):
            soft.append(other.name)
            choices.append([(other.name, known.lower), (other.name, known.upper)])
        elif Range.of(argument.domain) == Range():
            for side in (1, -1):
                moved = _filled(expr, {x: x + side * other.symbol})
                if other.symbol not in moved.free_symbols:
                    expr, meaning = moved, meaning - side * other.symbol
                    break
    if meaning != x:
        taken = {a.name for a in (*loss.inputs, *loss.parameters)}
        name = next(n for n in ("r", "residual", "difference", f"{wrt}_shifted") if n not in taken)
        fresh = Symbol(name, real=True)
        expr, facts = expr.xreplace({x: fresh}), facts.knowing(fresh, Range())
        x = fresh
    result = []
    for labels in itertools.product(*choices):
        values = {loss.argument(name).symbol: value for name, value in labels}
        result.append(Slice(loss, wrt, x, meaning, _filled(expr, values), facts, tuple(labels), tuple(soft)))
    return tuple(result)


def with_ends(slices: Sequence[Slice]) -> list[Slice]:
    """The slices, with a label that may be at an end of its range taken apart into that end and the rest."""
    result = []
    for s in slices:
        inputs = {i.symbol: i.name for i in s.loss.inputs}
        symbol = next(
            (
                a
                for a in s.free
                if a in inputs and not (s.facts.of(a).lower_open and s.facts.of(a).upper_open)
            ),
            None,
        )
        if symbol is None:
            result.append(s)
            continue
        known = s.facts.of(symbol)
        result.append(replace(s, facts=s.facts.knowing(symbol, known.interior)))
        for end, open_ in ((known.lower, known.lower_open), (known.upper, known.upper_open)):
            if not open_:
                put = _filled(s.expr, {symbol: end})
                result.append(replace(s, expr=put, at=(*s.at, (inputs[symbol], end))))
    return result


def _filled(expr: Expr, values: dict[Symbol, Expr]) -> Expr:
    """With numbers in place of symbols, and 0·log 0 = 0."""

    put = functions.rebuild(
        expr, lambda node: values.get(node) if isinstance(node, Symbol) else None, top_down=True
    )
    return functions.rebuild(put, _plain_log)


def _plain_log(node: Expr) -> Expr | None:
    if isinstance(node, functions.xlogy) and node.args[0].is_number:
        weight, argument = node.args
        return sympy.S.Zero if weight == 0 else weight * sympy.log(argument)
    return None


def _affine_in(expr: Expr, symbol: Symbol) -> bool:
    plain = elementary(expr)
    if plain.has(functions.Cases, functions.maximum, sympy.Abs):
        return False
    try:
        return is_zero(sympy.diff(plain, symbol, 2))
    except TooLarge:
        return False
