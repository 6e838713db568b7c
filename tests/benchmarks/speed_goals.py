"""Holds what was measured against what is aimed at, and says in words which cases fall short, and by how much."""

from __future__ import annotations

import statistics
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from speed_report import IN_C, Figures, figures

__all__ = ["shortfalls"]

TIMES_PEER = 3.0
MEAN_TIMES_PEER = 5.0
NEAR_LIMIT = 0.9
OF_EXPONENTIALS = 0.7
TWO_THREADS = 1.8
LEAST = 1000
"""Calls with no more elements are calls of Python above all."""


def shortfalls(data: dict[str, Any]) -> str:
    """One paragraph for each goal: how many cases reach it, and the others with their figures."""
    found = [f for f in figures(data) if f.case.elements > LEAST]
    alone = {f.case: f.times[IN_C] for f in found if f.threads == 1 and IN_C in f.times}
    parts = [
        _goal(
            f"At least {TIMES_PEER:g} times as fast as the fastest peer, or within {1 - NEAR_LIMIT:.0%} of the "
            "machine's limit",
            [f for f in found if f.ratio is not None],
            lambda f: f.ratio >= TIMES_PEER or (f.share or 0) >= NEAR_LIMIT,
            lambda f: f"{f.ratio:.1f}",
        ),
        _mean(found),
        _goal(
            f"At least {NEAR_LIMIT:.0%} of the triad's rate where memory is the limit",
            [
                f
                for f in found
                if f.share is not None and f.bound == "memory" and not f.case.work.transcendental
            ],
            lambda f: f.share >= NEAR_LIMIT,
            lambda f: f"{f.share:.0%}",
        ),
        _goal(
            f"At least {OF_EXPONENTIALS:.0%} of the rate of exponentials where they are the limit",
            [f for f in found if f.share is not None and f.case.work.transcendental],
            lambda f: f.share >= OF_EXPONENTIALS,
            lambda f: f"{f.share:.0%}",
        ),
        _goal(
            f"With two threads at least {TWO_THREADS:g} times as fast where exponentials are the limit",
            [
                f
                for f in found
                if f.threads == 2 and f.case in alone and IN_C in f.times and f.case.work.transcendental
            ],
            lambda f: alone[f.case] / f.times[IN_C] >= TWO_THREADS,
            lambda f: f"{alone[f.case] / f.times[IN_C]:.2f}",
        ),
    ]
    return "\n".join(part for part in parts if part)


def _goal(
    words: str, cases: Sequence[Figures], reached: Callable[[Figures], bool], figure: Callable[[Figures], str]
) -> str:
    if not cases:
        return ""
    missed: dict[tuple[str, int], dict[str, list[str]]] = {}
    for f in cases:
        if not reached(f):
            losses = missed.setdefault((f.case.dtype, f.threads), {})
            losses.setdefault(f.case.loss, []).append(f"{figure(f)} at {f.case.size}")
    count = sum(map(reached, cases))
    lines = [
        _wrapped(f"- *{words}*: {count} of {len(cases)} cases." + (" The others:" if missed else ""), "  ")
    ]
    for (dtype, threads), losses in missed.items():
        listed = "; ".join(f"{loss} {', '.join(figures)}" for loss, figures in losses.items())
        lines.append(_wrapped(f"  - {dtype}, {threads} thread{'s' * (threads > 1)}: {listed}.", "    "))
    return "\n".join(lines) + "\n"


def _mean(found: Sequence[Figures]) -> str:
    """The geometric mean of the ratios, and what it would be if nothing took longer than the machine must."""
    means, most = [], []
    for dtype, threads in dict.fromkeys((f.case.dtype, f.threads) for f in found):
        those = [f for f in found if (f.case.dtype, f.threads) == (dtype, threads) and f.ratio and f.most]
        if those:
            which = f" for {dtype}, {threads} thread{'s' * (threads > 1)}"
            means.append(f"{statistics.geometric_mean(f.ratio for f in those):.2f}{which}")
            most.append(f"{statistics.geometric_mean(f.most for f in those):.2f}")
    if not means:
        return ""
    words = (
        f"- *The geometric mean of those ratios at least {MEAN_TIMES_PEER:g}*: it is {', '.join(means)}. "
        f"Code that took as long as the machine's limits say, and no longer, would have {', '.join(most)}."
    )
    return _wrapped(words, "  ") + "\n"


def _wrapped(text: str, indent: str) -> str:
    return textwrap.fill(
        text,
        118,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
