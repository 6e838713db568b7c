"""A review on one page of a terminal: what to do first, worst news on top, then every answer and why."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from symloss.analyze.budget import failed
from symloss.analyze.questions import GROUPS

if TYPE_CHECKING:
    from symloss.analyze.characteristics import Characteristics, Row

__all__ = ["page"]

WIDTH = 100
INDENT = " " * 6
_MARKS = {3: "!!", 2: " !", 1: "  "}


def page(found: Characteristics, why: bool = False) -> str:
    """The text; with ``why`` also the argument of each answer, and what to paste to see a counterexample."""
    lines = [str(found.loss), ""]
    for a in found.advice:
        lines += textwrap.wrap(
            f"{a.finding}: {a.action}",
            WIDTH,
            initial_indent=f"{_MARKS[a.severity]} ",
            subsequent_indent="   ",
        )
    if found.advice:
        lines.append("")
    if found.respect:
        lines += [*textwrap.wrap(found.respect, WIDTH), ""]
    rows = list(found)
    width = max((len(r.question) for r in rows), default=0)
    for group, words in GROUPS.items():
        own = [r for r in rows if r.group == group and r.answer != "does not apply"]
        costs = _costs(found) if group == "efficiency" else []
        if not own and not costs:
            continue
        lines.append(words)
        for cost in costs:
            lines += textwrap.wrap(cost, WIDTH, initial_indent="  ", subsequent_indent="    ")
        lines += [*_answers(own, width, why), ""]
    for wrt, different in found.differing.items():
        if different:
            lines += [f"With respect to {wrt}:", *_answers(different, width, why), ""]
    return "\n".join(lines).rstrip()


def _answers(rows: list[Row], width: int, why: bool) -> list[str]:
    lines = []
    for r in rows:
        scope = f", for {r.holds_for}" if r.holds_for else ""
        points = f" at {r.points} points" if r.points else ""
        lines += textwrap.wrap(
            f"{r.question:{width}}  {r.answer}  [{r.status}{points}{scope}]",
            WIDTH, initial_indent="  ", subsequent_indent=" " * (width + 4),
        )  # fmt: skip
        if why:
            lines += textwrap.wrap(r.argument, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT)
            lines += [f"{INDENT}>>> {r.paste}"] if r.paste else []
    return lines


def _costs(found: Characteristics) -> list[str]:
    try:
        return found.efficiency.sentences()
    except Exception as error:
        return [failed(error).argument]
