"""All derivatives with one mistake or two, the likelier first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import sympy
from sympy import Expr

from symloss.value import Definition, Loss
from symloss.verification.mutations.arguments import ARGUMENTS
from symloss.verification.mutations.branches import BRANCHES
from symloss.verification.mutations.functions import FUNCTIONS
from symloss.verification.mutations.origins import HESSIANS, ORIGINS
from symloss.verification.mutations.reductions import REDUCTIONS
from symloss.verification.mutations.subject import Mutation, Subject
from symloss.verification.mutations.terms import TERMS
from symloss.verification.truth import Truth

__all__ = ["SITES", "Candidate", "candidates", "second_candidates"]


@dataclass(frozen=True)
class Candidate:
    """A mutated derivative: what may stand in the user's program, and what was done to the right one."""

    expr: Expr
    kind: str
    message: str
    cost: float
    definitions: Mapping[str, Definition] | None = None
    row: str = ""


SITES: tuple[Mutation, ...] = (*TERMS, *BRANCHES, *ARGUMENTS, *REDUCTIONS, *FUNCTIONS)
"""Rows that change one place of an expression. They may be applied to their own results: two mistakes at once."""


def candidates(s: Subject) -> Iterator[Candidate]:
    """The derivative with one mistake, the likelier first. They are made when asked for, and once for each loss."""
    known, more = _known(s.loss, s.wrt, s.order)
    place = 0
    while True:
        if place == len(known):
            found = next(more, None)
            if found is None:
                return
            known.append(found)
        yield known[place]
        place += 1


@lru_cache(maxsize=64)
def _known(loss: Loss, wrt: str, order: int) -> tuple[list[Candidate], Iterator[Candidate]]:
    return [], _candidates(Subject(loss, wrt, Truth(loss, wrt, order).expr, order))


def _candidates(s: Subject) -> Iterator[Candidate]:
    seen: set[Any] = {s.truth}
    for row in HESSIANS if s.order == 2 else ORIGINS:
        for expr, words in _made(row, s):
            yield from _fresh(
                Candidate(expr, row.kind, row.sentence.format(**words), row.cost, row=row.name), seen
            )
    for number, form in enumerate(_forms(s)):
        yield from _mutants(s, form, seen, 0.1 * number)
    yield from _in_definitions(s, seen)


def second_candidates(s: Subject, first: Candidate) -> Iterator[Candidate]:
    """One more mistake on top of a candidate."""
    seen: set[Any] = {s.truth, first.expr}
    for one in _mutants(s, first.expr, seen, 0.0):
        yield replace(
            one,
            kind=first.kind,
            message=f"{first.message}; and {one.message}",
            cost=first.cost + one.cost,
            definitions=first.definitions,
            row=f"{first.row} + {one.row}",
        )


def _made(row: Mutation, *what: Any) -> Iterator[tuple[Expr, dict[str, Any]]]:
    """What a row makes; it ends where an index would be captured below a binder."""
    try:
        yield from row.make(*what)
    except (AssertionError, NotImplementedError, RecursionError):
        return


def _fresh(one: Candidate, seen: set[Any]) -> Iterator[Candidate]:
    if one.expr is not None and one.expr not in seen and not one.expr.has(sympy.zoo, sympy.nan):
        seen.add(one.expr)
        yield one


def _forms(s: Subject) -> list[Expr]:
    """The ways in which the same derivative may be written down, each with places of its own to go wrong in."""
    forms = [s.truth]
    if s.order == 1:
        for d in s.loss.definitions.values():
            inner = s.inner(d)
            outer = s.by(d) if inner is not None else None
            if inner is not None and outer is not None and not inner.is_number:
                forms.append(outer * inner)
    try:
        forms.append(s.loss.expand(s.truth))
        forms.append(sympy.expand(s.truth))
    except (RecursionError, NotImplementedError, AssertionError):
        pass
    return list(dict.fromkeys(forms))


def _mutants(s: Subject, expr: Expr, seen: set[Any], more: float) -> Iterator[Candidate]:
    for row in SITES:
        for changed, words in _made(row, s, expr):
            if changed is not None:
                kind = words.get("kind", row.kind)
                message = row.sentence.format(**words)
                yield from _fresh(Candidate(changed, kind, message, row.cost + more, row=row.name), seen)


def _in_definitions(s: Subject, seen: set[Any]) -> Iterator[Candidate]:
    """The mistake is in a named intermediate, and every use of it."""
    for name, d in s.loss.definitions.items():
        for row in (row for row in SITES if row.in_definitions):
            for changed, words in _made(row, s, d.expr):
                if changed is None or (name, changed) in seen:
                    continue
                seen.add((name, changed))
                definitions = {**s.loss.definitions, name: d._replace(expr=changed)}
                message = f"in {name}: " + row.sentence.format(**words)
                yield Candidate(
                    s.truth, words.get("kind", row.kind), message, row.cost + 0.15, definitions, row.name
                )
