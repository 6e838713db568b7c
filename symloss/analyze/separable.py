"""The exact range of a loss that adds up, over its axes, functions of separate numbers: the ranges of these add up."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import sympy
from sympy import Expr, Indexed, Symbol

from symloss import functions
from symloss.analyze.chart import Undecided
from symloss.analyze.coordinates import spread
from symloss.analyze.defined import analytic
from symloss.analyze.extremes import extremes, highest, lowest
from symloss.analyze.facts import REAL, Facts, Range
from symloss.analyze.pieces import Pieces, pieces_of
from symloss.analyze.signs import sign
from symloss.functions import name_of
from symloss.value import Input, Loss

__all__ = ["Reach", "range_of_sum"]


class Reach(NamedTuple):
    """``taken``: whether the infimum is, and ``places`` where. ``upper`` is the supremum where it is ``exact``."""

    infimum: Expr
    upper: Expr
    taken: bool
    places: str
    exact: bool = True


def range_of_sum(loss: Loss, facts: Facts) -> Reach | None:
    """The range of the loss; None where it is not such a sum. Raises Undecided."""
    bodies: dict[Expr, Expr] = {}
    rest = sympy.S.Zero
    for term in sympy.Add.make_args(_sums(loss)):
        factor, sums = term.as_independent(functions.Sum, as_Add=False)
        if sums == 1 and not _inputs(term, loss):
            rest += term
            continue
        if not isinstance(sums, functions.Sum) or sums.body.atoms(functions.Binder):
            return None
        body, index = functions.open_binder(sums)
        own = {e for e in body.atoms(Indexed) if loss.argument(name_of(e)) in loss.inputs}
        if any(e.args[1:] != (index,) or loss.argument(name_of(e)).domain.sums_to_one for e in own):
            return None
        if factor.has(index) or (not own and body.has(index)):
            return None
        place = functions.free_index(0)
        bodies[sums.size] = bodies.get(sums.size, sympy.S.Zero) + factor * body.xreplace({index: place})
    if not bodies:
        return None
    found = [(n, _of_body(sympy.expand_mul(body), loss, facts)) for n, body in bodies.items()]
    if any(_inputs(e, loss) for _, f in found for e in (f.infimum, f.upper)):
        return None  # a number that the sums share
    return Reach(
        rest + sum((n * f.infimum for n, f in found), sympy.S.Zero),
        rest + sum((n * f.upper for n, f in found), sympy.S.Zero),
        all(f.taken for _, f in found),
        ", ".join(f.places for _, f in found if f.places),
        _exact([f for _, f in found]),
    )


def _sums(loss: Loss) -> Expr:
    return sympy.expand_mul(functions.rebuild(sympy.expand_mul(loss.expand(loss.expression)), spread))


def _inputs(e: Expr, loss: Loss) -> list[Input]:
    """The inputs that an expression contains."""
    names = {name_of(a) for a in e.atoms(Indexed)} | {s.name for s in e.atoms(Symbol)}
    return [i for i in loss.inputs if i.name in names]


def _of_body(body: Expr, loss: Loss, facts: Facts) -> Reach:
    """The range of one place's function: of its terms, those with common inputs together."""
    low, high, parts = sympy.S.Zero, sympy.S.Zero, []
    for part in _independent_terms(body, loss):
        if not part.atoms(Indexed):
            low, high = low + part, high + part
            continue
        factor, one = _factored(part)
        s = sign(factor, facts)
        if s in ("-", "<="):
            factor, one, s = -factor, -one, {"-": "+", "<=": ">="}[s]
        found = _of_part(one, loss, facts)
        fixed = not _inputs(factor, loss) or (found.infimum == 0 and found.upper in (0, sympy.oo))
        if s not in ("+", ">=") or not fixed:
            raise Undecided(f"the range of {part}")
        if found.infimum.is_infinite and s != "+":
            raise Undecided(f"whether {factor} is 0")
        low += factor * found.infimum if found.infimum.is_finite else found.infimum
        high += factor * found.upper if found.upper.is_finite else found.upper
        certain = found.upper.is_finite or s == "+"
        parts.append(found._replace(exact=found.exact and certain and not _inputs(factor, loss)))
    places = ", ".join(p.places for p in parts if p.places)
    return Reach(low, high, all(p.taken for p in parts), places, _exact(parts))


def _exact(parts: Sequence[Reach]) -> bool:
    """Whether the bounds from above add up to the supremum: one that is ∞ for certain is enough."""
    return any(p.exact and p.upper == sympy.oo for p in parts) or all(p.exact for p in parts)


def _independent_terms(body: Expr, loss: Loss) -> Iterator[Expr]:
    """The terms of a sum, added up where they share an input of which they are functions."""
    groups: list[tuple[set[str], Expr]] = []
    for term in sympy.Add.make_args(body):
        names = {name_of(e) for e in term.atoms(Indexed) if loss.argument(name_of(e)) in loss.inputs}
        joined = [g for g in groups if g[0] & names]
        groups = [g for g in groups if g not in joined]
        groups.append(
            (names.union(*(g[0] for g in joined)), term + sum((g[1] for g in joined), sympy.S.Zero))
        )
    return (expr for _, expr in groups)


def _factored(part: Expr) -> tuple[Expr, Expr]:
    """What a part is a multiple of by numbers that are the same at every place, and the rest."""
    place = functions.free_index(0)
    common = sympy.factor_terms(part)
    factor, rest = sympy.S.One, common
    if isinstance(common, sympy.Mul):
        outer = [a for a in common.args if not a.has(place)]
        factor, rest = sympy.Mul(*outer), sympy.Mul(*(a for a in common.args if a.has(place)))
    return factor, rest


def _of_part(part: Expr, loss: Loss, facts: Facts) -> Reach:
    """The range of a function of one number, or of the difference of two; for each value of a label."""
    entries = sorted(part.atoms(Indexed), key=str)
    used = [loss.argument(name_of(e)) for e in entries]
    if any(a not in loss.inputs for a in used):
        raise Undecided("a hyper-parameter for each entry")
    put = functions.rebuild(
        part,
        lambda n: loss.argument(name_of(n)).symbol if isinstance(n, Indexed) else None,
        top_down=True,
    )
    labels = [a for a in used if a.domain.values]
    numbers = [a for a in used if not a.domain.values]
    found = []
    for values in itertools.product(*(a.domain.values for a in labels)):
        at = {a.symbol: sympy.Integer(v) for a, v in zip(labels, values, strict=True)}
        here = functions.rebuild(put, at.get, top_down=True)
        pieces, words = _of_one_number(here, numbers, facts)
        e = extremes(pieces)
        ends = (pieces.lower, pieces.closed[0]), (pieces.upper, pieces.closed[1])
        taken = not e.lowest_at.is_infinite and all(closed for end, closed in ends if end == e.lowest_at)
        at_label = [f"{a.name} = {v}" for a, v in zip(labels, values, strict=True)]
        where = ", ".join([f"{words} = {e.lowest_at}", *at_label]) if taken else ""
        found.append((e.infimum, e.supremum, taken, where))
    least = lowest([f[0] for f in found], facts)
    best = next((f for f in found if f[0] == least and f[2]), None)
    return Reach(least, highest([f[1] for f in found], facts), best is not None, best[3] if best else "")


def _of_one_number(expr: Expr, numbers: list[Input], facts: Facts) -> tuple[Pieces, str]:
    used = [a for a in numbers if a.symbol in expr.free_symbols]
    if len(used) == 2 and all(Range.of(a.domain) == REAL for a in used):
        first, second = (a.symbol for a in used)
        r = sympy.Dummy("r", real=True)
        moved = functions.rebuild(expr, lambda n: r + second if n == first else None, top_down=True)
        if second not in moved.free_symbols:
            return _continuous(moved, r, REAL, facts), f"{used[0].name} - {used[1].name}"
    if len(used) != 1:
        raise Undecided(f"the range of {expr}")
    (one,) = used
    return _continuous(expr, one.symbol, Range.of(one.domain), facts), one.name


def _continuous(expr: Expr, x: Symbol, domain: Range, facts: Facts) -> Pieces:
    """The pieces of a function without jumps. Raises Undecided."""
    if expr.has(functions.Cases, sympy.sign):
        raise Undecided("the range of what may jump")
    known = Facts(tuple(p for p in facts.ranges if p[0] != x), facts.tensors)
    pieces = pieces_of(expr, x, domain.lower, domain.upper, known)
    for piece in pieces.pieces:
        trouble = analytic(piece.expr, pieces.within(piece))
        if trouble is not None:
            raise Undecided(f"whether the formula is defined everywhere ({trouble})")
    return Pieces(x, pieces.pieces, known, (not domain.lower_open, not domain.upper_open), pieces.marks)
