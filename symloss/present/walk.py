"""A derivation as a page shows it: first in a few lines, then every line with its rule, its reason and its detail."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Add, Mul

from symloss.derive import Derivation, Step
from symloss.derive.engine import taken
from symloss.functions import Cases, Partial
from symloss.present.formulas import display, shown_rows
from symloss.present.printer import latex

__all__ = ["Line", "in_short", "line_by_line"]

WIDTH = 300.0
"""Of a formula that a reason stands beside, in points."""


@dataclass(frozen=True)
class Line:
    """A line of a derivation: its formula, the rules that led to it with why they hold, and pieces worked out."""

    formula: str
    rules: tuple[tuple[str, str], ...] = ()
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
    return _lines(derivation, [*groups, *([step] for step in derivation.batch_steps)])


def line_by_line(derivation: Derivation) -> list[Line]:
    """Every line, with what is said of its rule, and the derivatives that it carries out."""
    return _lines(derivation, [[step] for step in derivation])


def _lines(derivation: Derivation, groups: list[list[Step]]) -> list[Line]:
    loss = derivation.loss
    left, start, rows = shown_rows(derivation)
    by_step = {id(step): row for step, row in zip(derivation, rows, strict=True)}
    lines = [Line(display(loss, [(left, start, "")], WIDTH))]
    shown = lines[0].formula
    for group in groups:
        left, after = by_step[id(group[-1])]
        formula = display(loss, [(left, after, "")], WIDTH)
        if formula != shown:
            rules = tuple(dict.fromkeys((step.rule, _reason(step)) for step in group))
            worked_out = len(group) == 1 or group[0].rule == "chain rule"
            details = [d for step in group for d in _details(derivation, step)] if worked_out else []
            lines.append(Line(formula, rules, tuple(dict.fromkeys(details))))
            shown = formula
    return lines


def _reason(step: Step) -> str:
    if step.assumption and step.rule != "batch":
        return f"{step.sentence} {step.assumption[0].upper()}{step.assumption[1:]}."
    return step.sentence


def _details(derivation: Derivation, step: Step) -> list[str]:
    """What becomes of each derivative in the line before; of one that stands below a sum the rule says enough."""
    loss = derivation.loss
    if loss.kind != "elementwise" or step.rule == "batch":
        return []
    if step.rule == "collect":
        rest = max(Mul.make_args(step.after), key=lambda f: len(Add.make_args(f)))
        outside = step.after / rest
        return (
            [] if outside == 1 or step.after.has(Cases) else [rf"\text{{taken out: }} {latex(outside, loss)}"]
        )
    return [f"{latex(before, loss)} = {latex(after, loss)}" for before, after in taken(step)]
