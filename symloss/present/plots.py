"""The plots of a loss as SVG: its shape and its derivative along each slice, for several hyper-parameters.

Colours are custom properties of the page's style sheet, so that a plot is readable on a dark page and on a light one;
each curve has a pattern of dashes, too. Same loss, same bytes.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symloss.present.slices import Slice, slices
from symloss.value import Loss, Parameter

__all__ = [
    "DASHES",
    "INK",
    "STYLE",
    "TEXT",
    "Drawing",
    "Line",
    "choices",
    "color",
    "drawings",
    "figure",
    "ink",
    "mathtext",
    "printed",
    "svg",
]

INK = ("#000001", "#000002", "#000003", "#000004", "#000005")
"""Stand-ins for the colours of curves, which become properties of the style sheet."""
DASHES: tuple[Any, ...] = (
    "solid",
    (0, (5, 2)),
    (0, (1.5, 1.5)),
    (0, (6, 2, 1.5, 2)),
    (0, (3, 1, 1, 1, 1, 1)),
)
TEXT, _FAINT = "#00000a", "#00000b"
_FALLBACK = ("#0072b2", "#d55e00", "#007a5a", "#a64d82", "#6b5b00")
_REPLACED = {
    **{c: f"var(--symloss-curve-{k}, {_FALLBACK[k - 1]})" for k, c in enumerate(INK, start=1)},
    TEXT: "currentColor",
    _FAINT: "var(--symloss-faint, #88888866)",
}
STYLE: Any = {
    "svg.hashsalt": "symloss",
    "svg.fonttype": "path",
    "font.size": 10,
    "font.family": "DejaVu Sans",
    "axes.labelsize": 11.5,
    "mathtext.fontset": "dejavusans",
    "text.color": TEXT,
    "axes.edgecolor": TEXT,
    "axes.labelcolor": TEXT,
    "xtick.color": TEXT,
    "ytick.color": TEXT,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "grid.color": _FAINT,
    "grid.linewidth": 0.6,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.8,
    "path.simplify": True,
    "path.simplify_threshold": 0.2,
}


@dataclass(frozen=True)
class Line:
    """A curve of a plot: the slice, its hyper-parameters, and what it is called."""

    slice: Slice
    parameters: dict[str, float]
    label: str


@dataclass(frozen=True)
class Drawing:
    """The plots of one tab: the shape, the derivatives, and the lines' names in their order."""

    title: str
    panels: tuple[str, ...]
    labels: tuple[str, ...]
    variable: str


def ink(k: int) -> str:
    """The colour of the k-th curve, counted from 0."""
    return INK[k % len(INK)]


def color(k: int) -> str:
    """The colour of the k-th curve as the style sheet has it."""
    return _REPLACED[ink(k)]


def choices(p: Parameter) -> list[float]:
    """Values of a hyper-parameter that show what it does: its default, and some on both sides of it."""
    default = float(p.default)
    low, high = float(p.domain.lower), float(p.domain.upper)
    if high < np.inf and low > -np.inf:
        width = high - low
        found = {low + width / 10, low + width / 2, low + 9 * width / 10, default}
    elif default == low:
        found = {low, low + 0.5, low + 1.0}
    elif p.domain.lower_open:
        found = {low + (default - low) / 2, default, low + 2 * (default - low)}
    else:
        found = (
            {low, low + (default - low) / 2, default, low + 2.5 * (default - low)} if low > -np.inf else set()
        )
    return sorted(found or {default - 1, default, default + 1})


def drawings(loss: Loss) -> Iterator[Drawing]:
    """The tabs of plots: the cases side by side, then one hyper-parameter after the other."""
    groups: dict[str, list[Slice]] = {}
    for one in slices(loss):
        groups.setdefault(one.words, []).append(one)
    varied = [p for p in loss.parameters if not p.domain.integer]
    for words, some in groups.items():
        if len(some) > 1 or not varied or len(groups) > 1:
            title = "cases" if len(some) > 1 else some[0].case or words
            yield _drawing(loss, title, [Line(s, {}, s.case or s.words) for s in some])
    if len(groups) > 1:
        return
    for p in varied:
        first = next(iter(groups.values()), [])
        for one in first[:1]:
            lines = [Line(one, {p.name: x}, f"{p.name} = {x:g}") for x in choices(p)]
            yield _drawing(loss, p.name, lines)


def _drawing(loss: Loss, title: str, lines: list[Line]) -> Drawing:
    first = lines[0].slice
    x = first.places()
    value = r"$\ell$" if loss.batch == 0 else r"$\mathcal{L}$"
    drawn = [line.slice.drawn(x, **line.parameters) for line in lines]
    told = ", ".join(line.label for line in lines)
    panels = [
        figure(
            [(x, value_) for value_, _ in drawn],
            mathtext(first.tex),
            value,
            f"The loss against {first.words}, for {told}",
        )
    ]
    for k, curve in enumerate(first.curves):
        panels.append(
            figure(
                [(x, rows[k]) for _, rows in drawn],
                mathtext(first.tex),
                mathtext(curve.tex),
                f"{curve.words.capitalize()} against {first.words}, for {told}",
            )
        )
    return Drawing(title, tuple(panels), tuple(line.label for line in lines), first.words)


def mathtext(tex: str) -> str:
    """LaTeX in the part of it that Matplotlib knows."""
    tex = (
        tex.replace(r"\left", "")
        .replace(r"\right", "")
        .replace(r"\lVert", r"\Vert")
        .replace(r"\rVert", r"\Vert")
    )
    return f"${tex}$"


def figure(curves: Sequence[tuple[np.ndarray, np.ndarray]], xlabel: str, ylabel: str, told: str) -> str:
    """One set of axes with curves, as SVG; ``told`` says in words what is seen."""
    import matplotlib

    with matplotlib.rc_context(STYLE):
        return svg(_drawn(curves, xlabel, ylabel, INK), told)


def printed(
    curves: Sequence[tuple[np.ndarray, np.ndarray]], xlabel: str, ylabel: str, labels: Sequence[str] = ()
) -> bytes:
    """The same for paper, as PDF, with a legend where there are ``labels``."""
    import matplotlib

    black = {key: "#000000" for key, value in STYLE.items() if value == TEXT}
    with matplotlib.rc_context({**STYLE, **black, "grid.color": "#88888866"}):
        fig = _drawn(curves, xlabel, ylabel, _FALLBACK)
        if labels:
            fig.axes[0].legend(fig.axes[0].lines[: len(labels)], labels, fontsize=8, framealpha=0.7)
        buffer = io.BytesIO()
        fig.savefig(buffer, format="pdf", metadata={"CreationDate": None, "Creator": None, "Producer": None})
        return buffer.getvalue()


def _drawn(
    curves: Sequence[tuple[np.ndarray, np.ndarray]], xlabel: str, ylabel: str, palette: Sequence[str]
) -> Any:
    from matplotlib.figure import Figure

    fig = Figure(figsize=(3.9, 2.9), layout="constrained")
    axes = fig.subplots()
    for k, (x, y) in enumerate(curves):
        axes.plot(x, _broken(y), color=palette[k % len(palette)], linestyle=DASHES[k % len(DASHES)])
    low, high = _limits([y for _, y in curves])
    axes.set_ylim(low, high)
    axes.set_xlim(curves[0][0][0], curves[0][0][-1])
    if low < 0 < high:
        axes.axhline(0, color=axes.xaxis.label.get_color(), linewidth=0.6)
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    return fig


def _broken(y: np.ndarray) -> np.ndarray:
    """The values with a gap where they jump, as a derivative does at a kink."""
    finite = y[np.isfinite(y)]
    if not finite.size:
        return y
    steps = np.abs(np.diff(y))
    jump = steps > max(0.2 * (np.ptp(finite)), 1e-12)
    lonely = jump & ~(np.roll(jump, 1) | np.roll(jump, -1))  # a steep curve takes several such steps
    out = np.array(y, float)
    out[1:][lonely] = np.nan
    return out


def _limits(rows: Sequence[np.ndarray]) -> tuple[float, float]:
    """Where the axis ends: at the extremes, but a pole is cut off."""
    every = np.concatenate([row[np.isfinite(row)] for row in rows])
    low, high = np.min(every), np.max(every)
    near_low, near_high = np.quantile(every, (0.03, 0.97))
    room = max(near_high - near_low, 1e-9)
    low, high = max(low, near_low - 0.6 * room), min(high, near_high + 0.6 * room)
    margin = 0.06 * max(high - low, 1e-9)
    return low - margin, high + margin


def svg(fig: Any, told: str) -> str:
    """A figure as an SVG element to stand inside a page: no fixed size, colours of the page, names of its own."""
    buffer = io.StringIO()
    fig.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    for color, name in _REPLACED.items():
        text = text.replace(color, name)
    prefix = _digest(text + told)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}-\1"', text)
    box = re.search(r'viewBox="[^"]+"', text)
    assert box is not None
    label = told.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    head = f'<svg class="symloss-plot" role="img" aria-label="{label}" {box.group()}'
    head += ' xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
    body = re.sub(r"\n\s*", "\n", text[text.index(">") + 1 :])
    return (head + body).strip()


def _digest(text: str) -> str:
    return "s" + hashlib.sha256(text.encode()).hexdigest()[:8]
