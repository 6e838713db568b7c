"""Pictures of losses over vectors: where descent moves a distribution over three classes, or embeddings in a plane.

Which picture there is follows from the declaration: classes with a label for them make the simplex, embeddings that
are differentiated together make the plane.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from symloss.functions import LogSoftmax, Softmax
from symloss.present.plots import DASHES, STYLE, TEXT, ink, svg
from symloss.present.slices import moves_together
from symloss.value import Input, Loss

__all__ = ["Picture", "pictures"]

CORNERS = np.array([[0.0, 1.0], [-0.866, -0.5], [0.866, -0.5]])
"""Of the triangle that distributions over three classes make."""
POINTS = np.array([[0.0, 0.0], [1.2, 0.55], [-0.75, 0.55], [0.4, -1.0]])
"""Where embeddings of one example are put."""
PAIRS = 3
ARROW = 0.55
"""The length of the longest arrow of a plane."""


@dataclass(frozen=True)
class Picture:
    """An SVG, and the sentence below it."""

    svg: str
    caption: str


def pictures(loss: Loss) -> Iterator[Picture]:
    """The pictures of a loss, if it is one over classes or embeddings."""
    wrt = loss.argument(loss.differentiated[0])
    labels = [
        i
        for i in loss.inputs
        if wrt.axes == ((i.type.classes or i.type.along or ""),) and i.axes in ((), wrt.axes)
    ]
    if loss.batch == 0 and len(loss.differentiated) == 1 and len(labels) == 1 and _distributes(loss, wrt):
        yield _simplex(loss, wrt, labels[0])
    embedded = [loss.argument(name) for name in loss.differentiated]
    if (
        len(embedded) > 1
        and len({i.axes for i in embedded}) == 1
        and all(i.domain.lower < 0 for i in embedded)
    ):
        if loss.batch == 0 and len(embedded[0].axes) == 1 and moves_together(loss):
            yield from _planes(loss, embedded)
        elif loss.kind == "batch" and len(embedded[0].axes) == 2 and len(loss.inputs) == len(embedded):
            yield _pairs(loss, embedded)


def _distributes(loss: Loss, wrt: Input) -> bool:
    """Whether the input is a distribution over classes, or is made one by a softmax."""
    return wrt.domain.upper == 1 or loss.expand(loss.expression).has(Softmax, LogSoftmax)


def _axes(fig: Any) -> Any:
    axes = fig.subplots()
    axes.set_aspect("equal")
    axes.set_axis_off()
    return axes


# --- classes ----------------------------------------------------------------------------------------------


def _simplex(loss: Loss, wrt: Input, label: Input) -> Picture:
    import matplotlib
    from matplotlib.figure import Figure

    fine, coarse = _distributions(60), _distributions(9)
    by_logits = wrt.domain.upper != 1
    value, _ = _at(loss, wrt, label, fine, by_logits)
    _, slope = _at(loss, wrt, label, coarse, by_logits)
    if by_logits:  # what a small step of the logits does to the distribution
        step = -(coarse * slope - coarse * (coarse * slope).sum(axis=1, keepdims=True))
    else:  # along the simplex, for a distribution stays one
        step = -(slope - slope.mean(axis=1, keepdims=True))
    arrows = step @ CORNERS
    sizes = np.linalg.norm(arrows, axis=1, keepdims=True)
    arrows = arrows / np.maximum(sizes, 1e-12) * np.minimum(0.04 + 0.1 * sizes / sizes.max(), 0.14)
    with matplotlib.rc_context(STYLE):
        fig = Figure(figsize=(4.4, 3.2), layout="constrained")
        axes = _axes(fig)
        at = fine @ CORNERS
        levels = np.linspace(0, np.quantile(value, 0.97), 9)
        shades = axes.tricontourf(
            at[:, 0], at[:, 1], value, levels=levels, cmap="viridis", alpha=0.75, extend="max"
        )
        axes.plot(*np.vstack([CORNERS, CORNERS[:1]]).T, color=TEXT, linewidth=1)
        start = coarse @ CORNERS
        axes.quiver(
            *start.T, *arrows.T, color=TEXT, angles="xy", scale_units="xy", scale=1, width=0.006, headwidth=4
        )
        for k, (corner, away) in enumerate(
            zip(CORNERS, ((0, 0.1), (-0.06, -0.14), (0.06, -0.14)), strict=True)
        ):
            axes.text(*(corner + away), f"class {k + 1}" + " (target)" * (k == 0), ha="center", va="center")
        axes.set_xlim(-1.2, 1.2)
        axes.set_ylim(-0.75, 1.2)
        bar = fig.colorbar(shades, ax=axes, shrink=0.75, format="%.1f")
        bar.set_label("loss")
        what = "the softmax of the logits" if by_logits else "the predicted distribution"
        drawn = svg(
            fig, "The loss over all distributions of three classes, with arrows to where descent leads"
        )
    moved = (
        "a small step of the logits against the gradient"
        if by_logits
        else "a small step against the gradient"
    )
    caption = (
        f"Each point of the triangle is a distribution over three classes, here {what}; a corner is certainty. The "
        f"colour is the loss when class 1 is the target, an arrow how {moved} moves the distribution."
    )
    return Picture(drawn, caption)


def _distributions(count: int) -> np.ndarray:
    """Distributions over three classes on a grid, none on the edge."""
    found = [(a, b, count - a - b) for a in range(count + 1) for b in range(count + 1 - a)]
    return (np.array(found) + 0.15) / (count + 0.45)


def _at(
    loss: Loss, wrt: Input, label: Input, p: np.ndarray, by_logits: bool
) -> tuple[np.ndarray, np.ndarray]:
    first = np.eye(3)[np.zeros(len(p), int)]
    arrays = {wrt.name: np.log(p) if by_logits else p}
    arrays[label.name] = first if label.axes else np.zeros(len(p), np.int64)
    value, gradient = loss.load("numpy").value_and_gradient(**arrays, reduction="none")
    return value, gradient


# --- embeddings -------------------------------------------------------------------------------------------


def _planes(loss: Loss, embedded: list[Input]) -> Iterator[Picture]:
    """Points of one example, each with an arrow; a picture for each label that there may be."""
    labels = [i for i in loss.inputs if i not in embedded]
    choices = sorted(labels[0].domain.values, reverse=True) if labels else [0]
    for choice in choices:
        arrays = {one.name: POINTS[k % 4][None] for k, one in enumerate(embedded)}
        told = "."
        if labels:
            if choice == choices[-1]:  # a pair that is to be kept apart starts near each other
                arrays[embedded[1].name] = 0.62 * POINTS[1][None]
            arrays[labels[0].name] = np.array([float(choice)])
            told = f", for {labels[0].name} = {choice:g}."
        gradient = loss.load("numpy").gradient(**arrays)
        points = [(one.name, arrays[one.name][0], -gradient[one.name][0]) for one in embedded]
        caption = f"Where a small step of gradient descent moves each embedding{told}"
        yield Picture(_plane(points, caption), caption)


def _pairs(loss: Loss, embedded: list[Input]) -> Picture:
    """A batch of embeddings: each row of each tensor, with an arrow."""
    angles = 2 * np.pi * np.arange(PAIRS) / PAIRS
    around = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    turned = np.stack([np.cos(angles + 0.7), np.sin(angles + 0.7)], axis=1)
    arrays = {one.name: (around, turned)[k % 2] for k, one in enumerate(embedded)}
    gradient = loss.load("numpy").gradient(
        **arrays, **{p.name: 1.0 for p in loss.parameters if p.domain.lower == 0}
    )
    points = [
        (f"{one.name} {k + 1}", arrays[one.name][k], -gradient[one.name][k])
        for one in embedded
        for k in range(PAIRS)
    ]
    scalars = ", ".join(f"{p.name} = 1" for p in loss.parameters if p.domain.lower == 0)
    caption = f"Where a small step of gradient descent moves each row of a batch of {PAIRS}"
    caption += f" (drawn for {scalars})." if scalars else "."
    return Picture(_plane(points, caption, groups=PAIRS), caption)


def _plane(points: list[tuple[str, np.ndarray, np.ndarray]], told: str, groups: int = 1) -> str:
    import matplotlib
    from matplotlib.figure import Figure

    longest = max(float(np.linalg.norm(push)) for _, _, push in points) or 1.0
    starts = np.array([at for _, at, _ in points])
    moves = np.array([push for _, _, push in points]) / longest * ARROW
    every = np.vstack([starts, starts + moves])
    room = np.array([0.75, 0.35])
    low, high = every.min(axis=0) - room, every.max(axis=0) + room
    with matplotlib.rc_context(STYLE):
        fig = Figure(figsize=(4.4, 4.4 * (high[1] - low[1]) / (high[0] - low[0])), layout="constrained")
        axes = _axes(fig)
        axes.set_xlim(low[0], high[0])
        axes.set_ylim(low[1], high[1])
        if groups == 1:
            for other, dash in zip(starts[1:], DASHES[1:], strict=False):
                axes.plot(
                    *np.array([starts[0], other]).T, color=TEXT, linewidth=0.8, linestyle=dash, alpha=0.6
                )
        for k, (name, _, _) in enumerate(points):
            at, move, color = starts[k], moves[k], ink(k // groups)
            axes.plot(*at, marker="os^D"[k // groups % 4], markersize=8, color=color, linestyle="none")
            if np.linalg.norm(move) > 0.01:
                arrow = {"arrowstyle": "-|>", "color": color, "linewidth": 1.8, "shrinkA": 5, "shrinkB": 0}
                axes.annotate("", xy=at + move, xytext=at, arrowprops=arrow)
            line = (starts[0] if k else starts[1:].mean(axis=0)) if groups == 1 else at + move
            away, sides = _free_side(at, np.vstack([every, at + 0.3 * (line - at)]))
            axes.text(*away, name, **sides)
        return svg(fig, told)


def _free_side(at: np.ndarray, every: np.ndarray) -> tuple[np.ndarray, dict[str, str]]:
    """Where a point's name has most room: on the side that is furthest from points, arrows and lines."""
    sides = {
        (1, 0): {"ha": "left", "va": "center"},
        (-1, 0): {"ha": "right", "va": "center"},
        (0, 1): {"ha": "center", "va": "bottom"},
        (0, -1): {"ha": "center", "va": "top"},
    }
    others = [p for p in every if np.linalg.norm(p - at) > 1e-9]

    def crowd(side: tuple[int, int]) -> float:
        """How nearly something lies in that direction, near things counting more."""
        return sum(max(0.0, float(np.dot(p - at, side)) / float(np.dot(p - at, p - at))) for p in others)

    best = min(sides, key=crowd)
    return at + np.array(best) * 0.13, sides[best]
