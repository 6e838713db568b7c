"""A derivation as a page shows it: first in a few lines, then every line with its rule, its reason and its detail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import sympy
from sympy import Add, Expr, Mul

from symloss.derive import Derivation, Step
from symloss.derive.engine import taken
from symloss.functions import Cases, Partial
from symloss.present.formulas import display, shown_rows
from symloss.present.measure import width
from symloss.present.printer import latex
from symloss.value import Loss

__all__ = ["WIDTH", "Line", "in_short", "line_by_line"]

WIDTH = 370.0
"""Of a page of the site, in points."""
BESIDE = 235.0
"""Of a formula that a reason stands beside; a wider one stands above its reason."""
REASON = 135.0
"""Of a piece that is worked out beside a line; a wider one takes two lines."""

_WORDS = re.compile(r"\\(mathrm|max|begin\{cases\})")


@dataclass(frozen=True)
class Line:
    """A line of a derivation: its formula, the rules that led to it with why they hold, and pieces worked out."""

    formula: str
    rules: tuple[tuple[str, str], ...] = ()
    details: tuple[str, ...] = ()
    wide: bool = False


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
    first = display(loss, [(left, start, "")], WIDTH)
    lines = [Line(first, wide=True)]
    shown = first
    for group in groups:
        left, after = by_step[id(group[-1])]
        formula, wide = _fitted(loss, left, after)
        if formula != shown:
            rules = tuple(dict.fromkeys((step.rule, _reason(step)) for step in group))
            worked_out = len(group) == 1 or group[0].rule == "chain rule" or not group[0].before.has(Partial)
            details = [d for step in group for d in _details(derivation, step)] if worked_out else []
            lines.append(Line(formula, rules, tuple(dict.fromkeys(details)), wide))
            shown = formula
    return lines


def _fitted(loss: Loss, left: str, right: Expr) -> tuple[str, bool]:
    """The formula broken to fit beside its reason, or, where it does not, to the width of the page."""
    narrow = display(loss, [(left, right, "")], BESIDE)
    body = narrow.removeprefix("\\begin{align*}\n").removesuffix("\n\\end{align*}")
    room = (0.88 if _WORDS.search(body) else 1.0) * BESIDE  # words are wider than they are taken to be
    if all(width(line.replace("&", "", 1)) <= room for line in body.split(" \\\\\n")):
        return narrow, False
    return display(loss, [(left, right, "")], WIDTH), True


def _reason(step: Step) -> str:
    if step.assumption and step.rule != "batch":
        return f"{step.sentence} {step.assumption[0].upper()}{step.assumption[1:]}."
    return step.sentence


def _details(derivation: Derivation, step: Step) -> list[str]:
    """What becomes of each derivative in the line before; of one that stands below a sum the rule says enough."""
    loss = derivation.loss
    if loss.kind != "elementwise" or step.rule == "batch":
        return []
    if step.rule == "powers":
        return list(_powers(step.before, loss))
    if step.rule == "collect":
        rest = max(Mul.make_args(step.after), key=lambda f: len(Add.make_args(f)))
        outside = step.after / rest
        return (
            [] if outside == 1 or step.after.has(Cases) else [rf"\text{{taken out: }} {latex(outside, loss)}"]
        )
    return [_equation(latex(before, loss), latex(after, loss)) for before, after in taken(step)]


def _equation(left: str, right: str) -> str:
    if width(f"{left} = {right}") <= REASON:
        return f"{left} = {right}"
    return rf"\begin{{aligned}} & {left} \\ & \quad {{}} = {right} \end{{aligned}}"


def _powers(line: Expr, loss: Loss) -> Iterator[str]:
    """The powers of one base that stand in a product, put together."""
    for product in sympy.preorder_traversal(line):
        if isinstance(product, Mul):
            factors: dict[Expr, list[Expr]] = {}
            for f in product.args:
                factors.setdefault(f.as_base_exp()[0], []).append(f)
            for base, some in factors.items():
                if len(some) > 1:
                    together = base ** Add(*(f.as_base_exp()[1] for f in some))
                    yield f"{' '.join(_factor(f, loss) for f in some)} = {latex(together, loss)}"


def _factor(e: Expr, loss: Loss) -> str:
    return rf"\left({latex(e, loss)}\right)" if isinstance(e, Add) else latex(e, loss)
