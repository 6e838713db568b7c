"""A derivation as a page shows it: first in a few lines, then every line with its rule, its reason and its detail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from symloss.derive import Derivation, Step
from symloss.derive.engine import taken
from symloss.functions import Partial
from symloss.present.formulas import display, shown_rows
from symloss.present.printer import latex

__all__ = ["Line", "in_short", "line_by_line"]

WIDTH = 300.0
"""Of a formula that a reason stands beside, in points."""


@dataclass(frozen=True)
class Line:
    """A line of a derivation: its formula, the rules that led to it, why they hold, and the pieces it was made of."""

    formula: str
    rules: tuple[str, ...]
    sentences: tuple[str, ...] = ()
    details: tuple[str, ...] = ()


def in_short(derivation: Derivation) -> list[Line]:
    """The derivation with the lines between two uses of the chain rule left out, and the tidying in one."""
    groups: list[list[Step]] = []
    tidying = False
    for step in derivation.steps:
        tidy = not step.before.has(Partial)
        if not groups or step.rule == "chain rule" or (tidy and not tidying):
            groups.append([])
        groups[-1].append(step)
        tidying = tidy
    for step in derivation.batch_steps:
        groups.append([step])
    lines = []
    for group in groups:
        rules = tuple(dict.fromkeys(step.rule for step in group))
        lines.append((group[-1], rules))
    return _lines(derivation, lines)


def line_by_line(derivation: Derivation) -> list[Line]:
    """Every line, with what is said of its rule, and the derivatives that it carries out."""
    return _lines(derivation, [(step, (step.rule,)) for step in derivation], detailed=True)


def _lines(
    derivation: Derivation, chosen: Iterable[tuple[Step, tuple[str, ...]]], detailed: bool = False
) -> list[Line]:
    loss = derivation.loss
    left, start, rows = shown_rows(derivation)
    by_step = {id(step): row for step, row in zip(derivation, rows, strict=True)}
    lines = [Line(display(loss, [(left, start, "")], WIDTH), ())]
    for step, rules in chosen:
        left, after = by_step[id(step)]
        details = _details(derivation, step) if detailed else ()
        said = (step.sentence, step.assumption) if detailed and step.rule != "batch" else (step.sentence,)
        formula = display(loss, [(left, after, "")], WIDTH)
        if formula != lines[-1].formula:
            lines.append(Line(formula, rules, tuple(filter(None, said)), details))
    return lines


def _details(derivation: Derivation, step: Step) -> tuple[str, ...]:
    """What becomes of each derivative in the line before; of one that stands below a sum the rule says enough."""
    if derivation.loss.kind != "elementwise" or step.rule == "batch":
        return ()
    loss = derivation.loss
    return tuple(f"{latex(before, loss)} = {latex(after, loss)}" for before, after in taken(step))
