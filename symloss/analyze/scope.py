"""Asks a question for every value of the hyper-parameters first, and at their defaults where that stays open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

import sympy

from symloss.analyze.answer import UNKNOWN, Answer
from symloss.analyze.chart import Undecided
from symloss.analyze.slices import Slice

__all__ = ["asked", "asking", "covering", "every", "settled"]

T = TypeVar("T")

_SHORT = {"Positive": "{} > 0", "NonNegative": "{} ≥ 0", "Probability": "{} in [0, 1]", "Real": "{}"}


def every(slices: Sequence[Slice]) -> str:
    """The hyper-parameters that formulas contain, in words: ``every delta > 0``; ``delta = 1`` at the defaults."""
    fixed = {name: value for s in slices for name, value in s.values}
    if fixed:
        return ", ".join(f"{name} = {value}" for name, value in fixed.items())
    names = {symbol.name for s in slices for symbol in s.free}
    parameters = [p for s in slices[:1] for p in s.loss.parameters if p.name in names]
    words = (_SHORT.get(p.domain.name, f"{{}} in {p.domain.latex}").format(p.name) for p in parameters)
    return "every " + " and ".join(words) if parameters else ""


def settled(slices: Sequence[Slice], find: Callable[[Sequence[Slice]], T]) -> tuple[T, Sequence[Slice]]:
    """What ``find`` finds, and of which slices: as they are, or at the defaults. Raises Undecided."""
    try:
        return find(slices), slices
    except (Undecided, sympy.PolynomialError) as error:
        fixed = [s.at_defaults() for s in slices]
        if all(s.expr == f.expr for s, f in zip(slices, fixed, strict=True)):
            raise Undecided(str(error)) from error
        try:
            return find(fixed), fixed
        except sympy.PolynomialError as second:
            raise Undecided(str(second)) from second


def asked(slices: Sequence[Slice], answer: Callable[[Sequence[Slice]], Answer]) -> Answer:
    """The answer of a rule, with the hyper-parameters that it holds for; unknown, and why, where it is open."""
    try:
        found, used = settled(slices, answer)
    except Undecided as error:
        return Answer(status=UNKNOWN, argument=f"The rules leave open {error}.")
    return covering(found, used)


def asking(answer: Callable[[Sequence[Slice]], Answer]) -> Callable[[Sequence[Slice]], Answer]:
    """The rule as a question."""
    return partial(asked, answer=answer)


def covering(answer: Answer, slices: Sequence[Slice]) -> Answer:
    """The answer, said to hold for the hyper-parameters of the slices."""
    return answer if answer.holds_for else replace(answer, holds_for=every(slices))
