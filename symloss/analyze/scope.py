"""Asks a question for every value of the hyper-parameters first, then inside their domains, then at their defaults."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

import sympy
from sympy import Expr

from symloss.analyze.answer import UNKNOWN, Answer, at_defaults
from symloss.analyze.chart import Undecided
from symloss.analyze.facts import Facts, Range, facts_of
from symloss.analyze.slices import Slice
from symloss.value import Loss, Parameter, exact

__all__ = ["Scope", "asked", "asking", "covering", "every", "over_axes", "scopes", "settled"]

T = TypeVar("T")

_SHORT = {"Positive": "{} > 0", "NonNegative": "{} ≥ 0", "Probability": "{} in [0, 1]", "Real": "{}"}
_SETS = {"Integer": "ℤ"}
_INSIDE = {"NonNegative": "{} > 0", "Probability": "{} in (0, 1)"}


def _in_words(parameters: Iterable[Parameter], inside: bool) -> str:
    texts = []
    for p in parameters:
        short = _INSIDE.get(p.domain.name) if inside else None
        texts.append((short or _SHORT.get(p.domain.name) or "{} in " + _SETS.get(p.domain.name, p.domain.name))
                     .replace("{}", p.name))  # fmt: skip
    return "every " + " and ".join(texts) if texts else ""


def _has_ends(p: Parameter) -> bool:
    """Whether a hyper-parameter may be at an end of its domain, where a formula may be another."""
    return p.domain.name in _INSIDE


def _is_at_end(p: Parameter) -> bool:
    """Whether it is so at its default: what holds inside then says nothing of the loss as it is called."""
    return exact(p.default) in (p.domain.lower, p.domain.upper)


def every(slices: Sequence[Slice]) -> str:
    """The hyper-parameters that formulas contain, in words: ``every delta > 0``; ``delta = 1`` at the defaults."""
    fixed = {name: value for s in slices for name, value in s.values}
    if fixed:
        return ", ".join(f"{name} = {value}" for name, value in fixed.items())
    names = {symbol.name for s in slices for symbol in s.free}
    parameters = [p for s in slices[:1] for p in s.loss.parameters if p.name in names]
    inside = any(_has_ends(p) and slices[0].facts.of(p.symbol).lower_open for p in parameters)
    return _in_words(parameters, inside)


# --- losses over axes -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scope:
    """Values of the hyper-parameters, in words; what is known of all arguments then; ``fixed``: values by name."""

    facts: Facts
    words: str
    fixed: dict[str, Expr] = field(default_factory=dict, hash=False)


def scopes(loss: Loss) -> list[Scope]:
    """All values, those inside the domains, the defaults: each only where it is another."""
    known = facts_of((*loss.inputs, *loss.parameters))
    used = loss.varying(loss.expression)
    parameters = [p for p in loss.parameters if p.name in used]
    found = [Scope(known, _in_words(parameters, inside=False))]
    ends = [p for p in parameters if _has_ends(p)]
    if ends and not any(map(_is_at_end, ends)):
        found.append(Scope(_interior(known, ends), _in_words(parameters, inside=True)))
    if parameters:
        fixed = {p.name: exact(p.default) for p in loss.parameters}
        ranges = known
        for p in loss.parameters:
            value = fixed[p.name]
            if not p.axes:
                ranges = ranges.knowing(p.symbol, Range(value, value, False, False))
        tensors = tuple(
            (n, Range(fixed[n], fixed[n], False, False) if n in fixed else r) for n, r in ranges.tensors
        )
        found.append(Scope(Facts(ranges.ranges, tensors), at_defaults(loss), fixed))
    return found


def over_axes(loss: Loss, find: Callable[[Scope], Answer]) -> Answer:
    """The first answer of a rule in the widest scope in which there is one."""
    first: Answer | None = None
    for scope in scopes(loss):
        found = find(scope)
        if found.status != UNKNOWN:
            return found if found.holds_for else found.saying(holds_for=scope.words)
        first = first or found
    assert first is not None
    return first


# --- slices -----------------------------------------------------------------------------------------------


def settled(
    slices: Sequence[Slice], find: Callable[[Sequence[Slice]], T], inside: bool = True
) -> tuple[T, Sequence[Slice]]:
    """What ``find`` finds, and of which slices: as they are, inside, or at the defaults. Raises Undecided.

    What is open at the defaults is not asked inside: there it is harder.
    """
    try:
        return find(slices), slices
    except (Undecided, sympy.PolynomialError) as error:
        first = error
    fixed = [s.at_defaults() for s in slices]
    if all(s.expr == f.expr for s, f in zip(slices, fixed, strict=True)):
        raise Undecided(str(first)) from first
    try:
        found = find(fixed), fixed
    except (Undecided, sympy.PolynomialError) as error:
        raise Undecided(str(first)) from error
    ends = _with_ends(slices)
    if inside and ends and not any(map(_is_at_end, ends)):
        within = _inside(slices, ends)
        with contextlib.suppress(Undecided, sympy.PolynomialError):
            return find(within), within
    return found


def _with_ends(slices: Sequence[Slice]) -> list[Parameter]:
    names = {symbol.name for s in slices for symbol in s.free}
    return [p for p in slices[0].loss.parameters if p.name in names and _has_ends(p)]


def _inside(slices: Sequence[Slice], ends: Iterable[Parameter]) -> Sequence[Slice]:
    return [replace(s, facts=_interior(s.facts, ends)) for s in slices]


def _interior(facts: Facts, parameters: Iterable[Parameter]) -> Facts:
    tensors = dict(facts.tensors)
    for p in parameters:
        inside = Range.of(p.domain).interior
        facts = facts.knowing(p.symbol, inside)
        if p.name in tensors:
            tensors[p.name] = inside
    return Facts(facts.ranges, tuple(tensors.items()))


def asked(
    slices: Sequence[Slice], answer: Callable[[Sequence[Slice]], Answer], inside: bool = True
) -> Answer:
    """The answer of a rule, with the hyper-parameters that it holds for; unknown, and why, where it is open.

    Without ``inside`` the ends of their domains are not left out before the defaults are tried.
    """
    try:
        found, used = settled(slices, answer, inside)
    except Undecided as error:
        return Answer(status=UNKNOWN, argument=f"The rules leave open {error}.")
    answer_ = covering(found, used)
    ends = _with_ends(slices)
    if any(map(_is_at_end, ends)) and any(s.values for s in used):
        return _and_inside(answer_, _inside(slices, ends), answer)
    return answer_


def _and_inside(
    found: Answer, inside: Sequence[Slice], answer: Callable[[Sequence[Slice]], Answer]
) -> Answer:
    """An answer at defaults that are at an end of a domain, with what holds inside told apart."""
    try:
        other = covering(answer(inside), inside)
    except (Undecided, sympy.PolynomialError):
        return found
    told = {"holds_for": other.holds_for, "value": other.text, "status": other.status}
    return found.saying(
        argument=f"{found.argument} For {other.holds_for}: {other.text}.",
        details={**found.details, "apart": told},
    )


def asking(answer: Callable[[Sequence[Slice]], Answer]) -> Callable[[Sequence[Slice]], Answer]:
    """The rule as a question."""
    return partial(asked, answer=answer)


def covering(answer: Answer, slices: Sequence[Slice]) -> Answer:
    """The answer, said to hold for the hyper-parameters of the slices."""
    return answer if answer.holds_for else replace(answer, holds_for=every(slices))
