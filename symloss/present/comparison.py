"""Several losses, or one with several hyper-parameters, in one pair of plots: the loss, and its derivative."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symloss.present.plots import DASHES, choices, color, figure, mathtext, printed
from symloss.present.slices import slices
from symloss.value import Loss

__all__ = ["Comparison", "Variant", "compared", "html_of", "pages_of", "variants"]

PLACES = 401


@dataclass(frozen=True)
class Variant:
    """A loss with values for some of its hyper-parameters, and what it is called in the legend."""

    loss: Loss
    parameters: dict[str, float]
    label: str


@dataclass(frozen=True)
class Comparison:
    """What is drawn: numbers and words alone, so that Sphinx can keep it between builds."""

    labels: tuple[str, ...]
    places: tuple[float, ...]
    values: tuple[tuple[float, ...], ...]
    derivatives: tuple[tuple[float, ...], ...]
    variable: str
    words: str

    def panels(self) -> list[tuple[list[tuple[np.ndarray, np.ndarray]], str, str]]:
        """The two sets of curves, with the name of each, and in words what it shows."""
        x = np.array(self.places)
        told = f"against {self.words}, of {', '.join(self.labels)}"
        return [
            ([(x, np.array(y)) for y in rows], name, f"{name.capitalize()} {told}")
            for rows, name in ((self.values, "loss"), (self.derivatives, "derivative"))
        ]


def variants(loss: Loss, parameter: str = "") -> list[Variant]:
    """A loss under several values of a hyper-parameter: of the named one, or of its first; once, if it has none."""
    varied = [p for p in loss.parameters if not p.domain.integer and not p.axes]
    chosen = next((p for p in varied if p.name == (parameter or p.name)), None)
    if chosen is None and parameter:
        known = ", ".join(p.name for p in varied) or "none"
        raise ValueError(f"{loss.name}: no hyper-parameter {parameter!r} to plot for; there are {known}")
    if chosen is None:
        return [Variant(loss, {}, loss.name)]
    return [Variant(loss, {chosen.name: x}, f"{chosen.name} = {x:g}") for x in choices(chosen)]


def compared(some: Sequence[Variant], variable: str = "") -> Comparison:
    """The curves of each, along the variable that a person would plot it by, over the range that all share.

    ``variable`` is what that is called where the losses have different names for it.

    Raises
    ------
    ValueError
        A loss cannot be drawn along a line, or two have no range in common.
    """
    lines = []
    for one in some:
        found = slices(one.loss)
        if not found:
            raise ValueError(f"{one.loss.name}: there is no line through its inputs along which to plot it")
        lines.append(found[0])
    low, high = max(s.low for s in lines), min(s.high for s in lines)
    if low >= high:
        raise ValueError(
            f"{', '.join(v.loss.name for v in some)}: they have no range in common to be plotted over"
        )
    x = np.linspace(low, high, PLACES)
    drawn = [line.drawn(x, **one.parameters) for line, one in zip(lines, some, strict=True)]
    return Comparison(
        tuple(one.label for one in some),
        tuple(map(float, x)),
        tuple(tuple(map(float, value)) for value, _ in drawn),
        tuple(tuple(map(float, rows[0])) for _, rows in drawn),
        variable or mathtext(lines[0].tex),
        variable or lines[0].words,
    )


def html_of(c: Comparison) -> str:
    """The two plots side by side and their legend, as HTML to stand inside a page."""
    plots = "".join(
        f'<div style="flex:1 1 17em;max-width:26em">{figure(curves, c.variable, name, told)}</div>'
        for curves, name, told in c.panels()
    )
    legend = "".join(
        f'<li style="white-space:nowrap">{_swatch(k)} {html.escape(label)}</li>'
        for k, label in enumerate(c.labels)
    )
    row = "display:flex;flex-wrap:wrap;gap:0.2em 1.5em;"
    return (
        f'<div class="symloss-comparison"><div class="symloss-plots" style="{row}">{plots}</div>'
        f'<ul class="symloss-legend" style="{row}list-style:none;padding:0">{legend}</ul></div>\n'
    )


def pages_of(c: Comparison) -> list[bytes]:
    """The two plots for paper, as PDF; the legend is in the first."""
    return [
        printed(curves, c.variable, name, c.labels if place == 0 else ())
        for place, (curves, name, _) in enumerate(c.panels())
    ]


def _swatch(k: int) -> str:
    """A piece of the k-th curve."""
    dashes: Any = DASHES[k % len(DASHES)]
    pattern = (
        "" if dashes == "solid" else f' stroke-dasharray="{" ".join(f"{1.8 * d:g}" for d in dashes[1])}"'
    )
    return (
        '<svg width="36" height="10" viewBox="0 0 36 10" aria-hidden="true" style="vertical-align:middle">'
        f'<line x1="0" y1="5" x2="36" y2="5" style="stroke:{color(k)};stroke-width:2.2"{pattern}/></svg>'
    )
