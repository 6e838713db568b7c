"""Whether the best scores of several classes name the likeliest one: by exact fractions, at a few distributions.

A convex loss that is affine in pieces is least where 0 is a mean of the gradients of the pieces that meet there. Where
such a place has another class on top, or level with the likeliest, scores that name the wrong class come as near to
the least expected loss as one likes, so the loss is not calibrated (Tewari and Bartlett 2007).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr, Indexed, Symbol

from symloss import functions
from symloss.analyze.algebra import elementary
from symloss.analyze.answer import PROVEN, REFUTED, Answer, at_defaults
from symloss.analyze.facts import Facts
from symloss.analyze.signs import sign
from symloss.analyze.straight import filled
from symloss.value import Input, Loss, exact

__all__ = ["calibrated", "label_noise", "means_to_zero"]

DISTRIBUTIONS = ((8, 6, 6), (8, 7, 5), (9, 6, 5), (10, 6, 4))
"""Shares of 20 of three classes, the first the likeliest."""

STEPS = (0, 1, 2, -1)
"""The scores of which the best are looked for, in units of 1 and of the hyper-parameters."""

Vector = tuple[Fraction, ...]


class NotAffine(ArithmeticError):
    """The formula is not affine in pieces, or the direction lies between two of them."""


@dataclass(frozen=True)
class Germ:
    """A formula just beside a place: its value there, and its gradient on the piece that a direction leads into."""

    value: Fraction
    gradient: Vector
    direction: Vector

    @property
    def order(self) -> tuple[Fraction, Fraction]:
        """By which germs are compared: the value, then how it changes in the direction."""
        return self.value, sum(
            (g * d for g, d in zip(self.gradient, self.direction, strict=True)), Fraction(0)
        )

    def __add__(self, other: Germ) -> Germ:
        added = tuple(a + b for a, b in zip(self.gradient, other.gradient, strict=True))
        return Germ(self.value + other.value, added, self.direction)

    def times(self, factor: Fraction) -> Germ:
        """A multiple."""
        return Germ(factor * self.value, tuple(factor * g for g in self.gradient), self.direction)


def calibrated(loss: Loss, wrt: str, convex: Answer) -> Answer | None:
    """That the loss is not calibrated, with a distribution that shows it; None where none was found."""
    target = _target(loss, wrt)
    if target is None or convex.value is not True or convex.status != PROVEN:
        return None
    try:
        letters, of_class = _by_class(loss, wrt, target)
        for shares in DISTRIBUTIONS:
            p = tuple(Fraction(s, 20) for s in shares)
            found = _wrong_best(letters, of_class, p, _units(loss))
            if found is not None:
                return _refuted(loss, wrt, target, p, *found)
    except NotAffine:
        return None
    return None


def label_noise(loss: Loss, wrt: str) -> Answer | None:
    """Whether the losses of all classes add up to a constant, for three classes; None where there are none."""
    target = _target(loss, wrt)
    if target is None:
        return None
    letters, of_class = _by_class(loss, wrt, target)
    source = "the condition of Ghosh, Kumar and Sastry 2017"
    values = []
    for scores in ((0, 0, 0), (3, 0, 0), (0, -2, 1)):
        at = dict(zip(letters, map(sympy.Integer, scores), strict=True))
        total = sum((functions.rebuild(e, at.get) for e in of_class), sympy.S.Zero)
        if total.atoms(Indexed, functions.Binder, functions.Cases):
            return None
        values.append((scores, elementary(functions.rebuild(total, _largest))))
    for scores, value in values[1:]:
        if sign(value - values[0][1], Facts()) in ("+", "-"):
            return Answer("sensitive", PROVEN, f"The losses of three classes add up to {values[0][1]} at the scores "
                          f"(0, 0, 0) and to {value} at {scores}, so to no constant ({source}), and label noise can "
                          "move the minimiser of the risk.", holds_for=at_defaults(loss))  # fmt: skip
    return Answer(
        argument="That the losses of all classes add up to a constant is neither shown nor excluded."
    )


def _largest(node: Expr) -> Expr | None:
    return sympy.Max(*node.args[:2]) if isinstance(node, functions.maximum) else None


def _target(loss: Loss, wrt: str) -> Input | None:
    """The class index that the scores are for, where there is nothing else beside it."""
    given = loss.argument(wrt)
    others = [i for i in loss.inputs if i.name != wrt]
    if len(others) != 1 or given.domain.lower != -sympy.oo or len(given.axes) != 1 or loss.kind != "axis":
        return None
    (target,) = others
    return target if target.type.classes == given.axes[0] and not target.axes else None


def _by_class(loss: Loss, wrt: str, target: Input) -> tuple[list[Symbol], list[Expr]]:
    """The loss of three scores for each class, hyper-parameters at their defaults."""
    tensor = loss.argument(wrt).tensor
    letters = [sympy.Dummy(f"s{k}", real=True) for k in range(3)]
    entries: dict[Expr, Expr] = {Indexed(tensor, k): s for k, s in enumerate(letters)}
    sizes = dict.fromkeys(loss.axes, 3)
    for p in loss.parameters:
        for place in itertools.product(range(3), repeat=len(p.axes)):
            entries[Indexed(p.tensor, *place) if p.axes else p.symbol] = exact(p.default)
    expr = loss.expand(loss.expression)
    return letters, [filled(expr, entries | {target.symbol: sympy.Integer(k)}, sizes) for k in range(3)]


def _units(loss: Loss) -> list[Fraction]:
    sizes = {Fraction(1)}
    for p in loss.parameters:
        value = exact(p.default)
        if not p.axes and value.is_Rational and value > 0:
            sizes.add(Fraction(int(value.p), int(value.q)))
    return sorted(sizes)


def _wrong_best(
    letters: Sequence[Symbol], of_class: Sequence[Expr], p: Vector, units: Sequence[Fraction]
) -> tuple[Vector, Fraction, list[tuple[Fraction, Vector]]] | None:
    """Scores that are best without naming the first class alone, their expected loss, and the proof."""

    def expected(at: Vector, direction: Vector) -> Germ:
        start = dict(zip(letters, _unit_germs(at, direction), strict=True))
        zero = Germ(Fraction(0), (Fraction(0),) * 3, direction)
        return sum((_germ(e, start, direction).times(w) for e, w in zip(of_class, p, strict=True)), zero)

    first = next(_directions())
    places = [tuple(u * s for s in scores) for u in units for scores in itertools.product(STEPS, repeat=3)]
    risks = {at: expected(at, first).value for at in dict.fromkeys(places)}
    least = min(risks.values())
    for at, risk in risks.items():
        if risk == least and max(at[1:]) >= at[0]:
            gradients = []
            for direction in _directions():
                try:
                    gradients.append(expected(at, direction).gradient)
                except NotAffine:  # the direction leads along a joint
                    continue
            weights = means_to_zero(list(dict.fromkeys(gradients)))
            if weights is not None:
                return at, risk, weights
    return None


def _directions() -> Iterator[Vector]:
    """Some directions, with entries of all signs; none of them 0, and no two level."""
    for order in itertools.permutations((0, 1, 2)):
        for middle, moved in itertools.product((2, 5), (-10, -6, -3, 1)):
            ends = (Fraction(0), Fraction(middle, 7), Fraction(1))
            yield tuple(ends[k] + Fraction(moved, 8) + Fraction(k, 97) for k in order)


def _unit_germs(at: Vector, direction: Vector) -> list[Germ]:
    return [
        Germ(value, tuple(Fraction(int(j == k)) for j in range(len(at))), direction)
        for k, value in enumerate(at)
    ]


def _germ(e: Expr, start: dict[Symbol, Germ], direction: Vector) -> Germ:
    """The germ of a formula that is affine in pieces. Raises NotAffine."""
    if e in start:
        return start[e]
    if e.is_Rational:
        return Germ(Fraction(int(e.p), int(e.q)), (Fraction(0),) * len(direction), direction)
    if isinstance(e, sympy.Add):
        first, *others = (_germ(a, start, direction) for a in e.args)
        return sum(others, first)
    if isinstance(e, sympy.Mul):
        factor, rest = e.as_coeff_Mul(rational=True)
        if not isinstance(rest, sympy.Mul):
            return _germ(rest, start, direction).times(Fraction(int(factor.p), int(factor.q)))
    if isinstance(e, (functions.maximum, sympy.Max, sympy.Min, sympy.Abs)):
        parts = e.args[:2] if isinstance(e, functions.maximum) else e.args
        germs = [_germ(a, start, direction) for a in parts]
        if isinstance(e, sympy.Abs):
            germs.append(germs[0].times(Fraction(-1)))
        pick = min if isinstance(e, sympy.Min) else max
        best = pick(germs, key=lambda g: g.order)
        if any(g.order == best.order and g.gradient != best.gradient for g in germs):
            raise NotAffine("a direction between two pieces")
        return best
    raise NotAffine(f"{type(e).__name__} is not affine")


def means_to_zero(vectors: Sequence[Vector]) -> list[tuple[Fraction, Vector]] | None:
    """Weights ≥ 0 that sum to 1 and bring the vectors to the mean 0, found among few of them at a time."""
    size = len(vectors[0]) if vectors else 0
    for count in range(1, size + 2):
        for chosen in itertools.combinations(vectors, count):
            rows = sympy.Matrix([[*(v[k] for v in chosen)] for k in range(size)] + [[1] * count])
            wanted = sympy.Matrix([0] * size + [1])
            try:
                weights, free = rows.gauss_jordan_solve(wanted)
            except ValueError:
                continue
            if not len(free) and all(w >= 0 for w in weights):
                return [(Fraction(int(w.p), int(w.q)), v) for w, v in zip(weights, chosen, strict=True)]
    return None


def _refuted(
    loss: Loss,
    wrt: str,
    target: Input,
    p: Vector,
    at: Vector,
    risk: Fraction,
    weights: list[tuple[Fraction, Vector]],
) -> Answer:
    shares = tuple(float(x) for x in p)
    best = [float(x) for x in at]
    wrong = list(best)
    wrong[max((1, 2), key=lambda k: at[k])] += 1e-9
    right = [best[0] + 1.0, *best[1:]]
    order = ", ".join("[s] * 3" if i.name == wrt else "[0, 1, 2]" for i in loss.inputs)
    keywords = "".join(f", {q.name}={q.default}" for q in loss.parameters if not q.axes)
    paste = (
        f"f = loss.load().value; [sum(p * v for p, v in zip({shares}, f({order}{keywords}, reduction='none'))) "
        f"for s in ({best}, {wrong}, {right})]"
    )
    proof = " + ".join(f"{w}·({', '.join(map(str, v))})" for w, v in weights)
    shown: dict[str, Any] = {
        "probabilities": list(shares), "best_scores": best, "expected_loss": str(risk), "nearly_as_good": wrong,
        "mean_of_gradients": f"{proof} = 0", "paste": paste,
    }  # fmt: skip
    return Answer(
        False, REFUTED, f"Where the classes have the probabilities {', '.join(map(str, p))}, the scores "
        f"({', '.join(map(str, at))}) are best, with the expected loss {risk}: it is convex and affine in pieces, and "
        f"of the gradients of the pieces that meet there 0 is a mean, {proof} = 0. They do not name the first class, "
        "the likeliest, and scores that name another come as near to the least expected loss as one likes (Tewari and "
        "Bartlett 2007).", holds_for=at_defaults(loss), counterexample=shown,
    )  # fmt: skip
