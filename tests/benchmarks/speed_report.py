"""Puts measured speed into words: a Markdown table with ratios and shares of the machine's limits, and a plot."""

from __future__ import annotations

import statistics
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cases import LOSSES, Case
from compiled import LIMITS

__all__ = ["GOAL_PEERS", "Figures", "plot", "table"]

GOAL_PEERS = ("torch.compile", "JAX jit", "scikit-learn")
"""Those whose fastest is what symloss is held against."""

COLUMNS = {
    "symloss C": "symloss C",
    "symloss C, timed in C": "the same, timed in C",
    "symloss NumPy": "symloss NumPy",
    "NumPy by hand": "NumPy by hand",
    "scalar C": "scalar C",
    "PyTorch eager": "PyTorch eager",
    "torch.compile": "torch.compile",
    "JAX jit": "JAX jit",
    "scikit-learn": "scikit-learn",
    "numexpr": "numexpr",
}
IN_C = "symloss C, timed in C"
BYTES = {"float64": 8, "float32": 4}


@dataclass(frozen=True)
class Figures:
    """What was measured of one case with one number of threads: nanoseconds for each element, by contender."""

    case: Case
    threads: int
    times: dict[str, float]

    @property
    def ratio(self) -> float | None:
        """How many times as long the fastest peer takes."""
        peers = [self.times[name] for name in GOAL_PEERS if name in self.times]
        return min(peers) / self.times["symloss C"] if peers and "symloss C" in self.times else None

    @property
    def most(self) -> float | None:
        """That ratio, had symloss taken no more than the machine must."""
        if self.ratio is None or self.limit is None:
            return None
        own = self.times["symloss C"]
        return self.ratio * own / min(own, self.limit)

    @property
    def limit(self) -> float | None:
        """The least nanoseconds for each element: what is moved at the triad's rate, or the exponentials at theirs."""
        work = self.case.work
        moved = self.times.get("triad")
        rates = [self.times[what] for what in ("polynomial_exp", "library_exp") if what in self.times]
        if moved is None or not (rates or not work.transcendental):
            return None
        return max(moved * work.moved / 3, work.transcendental * min(rates, default=0.0))

    @property
    def bound(self) -> str:
        """Which of the two limits it is that holds."""
        return "memory" if self.limit == self.times["triad"] * self.case.work.moved / 3 else "exponentials"

    @property
    def share(self) -> float | None:
        """The share of the limit that the generated C reaches."""
        own = self.times.get(IN_C)
        return self.limit / own if self.limit is not None and own else None


def figures(data: dict[str, Any]) -> list[Figures]:
    """The medians of what was measured, in its order; of the limits the best, also of fewer threads.

    A limit is what the machine can do, and not what other programs left of it meanwhile.
    """
    found: dict[tuple[Case, int], dict[str, float]] = {}
    for r in data["results"]:
        case = Case(r["loss"], r["examples"], r["classes"], r["dtype"])
        times = found.setdefault((case, r["threads"]), {})
        if r["samples"] and "skipped" not in r:
            middle = min if r["contender"] in LIMITS else statistics.median
            times[r["contender"]] = middle(r["samples"]) / case.elements * 1e9
    for (case, threads), times in found.items():
        fewer = [other for (at, count), other in found.items() if at == case and count < threads]
        for what in LIMITS:
            if what in times:
                times[what] = min([times[what], *(other[what] for other in fewer if what in other)])
    return [Figures(case, threads, times) for (case, threads), times in found.items()]


def table(data: dict[str, Any]) -> str:
    """Everything in Markdown: what was compared, the limits, a table for each format and number of threads."""
    found = figures(data)
    parts = [_versions(data), *_skipped(data), _summary(found), _limits(found)]
    for dtype, threads in dict.fromkeys((f.case.dtype, f.threads) for f in found):
        chosen = [f for f in found if (f.case.dtype, f.threads) == (dtype, threads)]
        parts.append(f"{dtype}, {_threads(threads)}, nanoseconds for each element:\n\n{_times(chosen)}")
    return "\n\n".join(part for part in parts if part) + "\n"


def _times(chosen: list[Figures]) -> str:
    columns = [name for name in COLUMNS if any(name in f.times for f in chosen)]
    lines = [
        "| loss | size | "
        + " | ".join(COLUMNS[c] for c in columns)
        + " | fastest peer ÷ symloss C | of the limit |",
        "|---|---|" + "--:|" * (len(columns) + 2),
    ]
    for f in sorted(chosen, key=lambda f: (list(LOSSES).index(f.case.loss), f.case.elements, f.case.classes)):
        shown = {name: _number(f.times.get(name)) for name in columns}
        rivals = [name for name in columns if name in GOAL_PEERS and name in f.times]
        if rivals:
            fastest = min(rivals, key=lambda name: f.times[name])
            shown[fastest] = f"**{shown[fastest]}**"
        share = "–" if f.share is None else f"{100 * f.share:.0f} % ({f.bound})"
        ratio = "–" if f.ratio is None else f"{f.ratio:.2f}"
        lines.append(f"| {' | '.join([f.case.loss, f.case.size, *shown.values(), ratio, share])} |")
    return "\n".join(lines)


def _summary(found: Sequence[Figures]) -> str:
    """Ratios, shares of the limits and what more threads give, over the cases that are not tiny."""
    lines = [
        "| format | threads | cases | fastest peer ÷ symloss C, geometric mean | lowest | at | 3 or more in "
        "| of the memory's limit, median | of the exponentials', median | faster than 1 thread, geometric mean |",
        "|---|--:|--:|--:|--:|---|--:|--:|--:|--:|",
    ]
    alone = {f.case: f.times.get(IN_C) for f in found if f.threads == 1}
    for dtype, threads in dict.fromkeys((f.case.dtype, f.threads) for f in found):
        chosen = [
            f for f in found if (f.case.dtype, f.threads) == (dtype, threads) and f.case.elements > 1000
        ]
        ratios = {f"{f.case.loss}, {f.case.size}": f.ratio for f in chosen if f.ratio}
        if not ratios:
            continue
        lowest = min(ratios, key=lambda name: ratios[name])
        reached = sum(r >= 3 for r in ratios.values())
        gains = [a / f.times[IN_C] for f in chosen if IN_C in f.times and (a := alone.get(f.case))]
        cells = [
            *(dtype, str(threads), str(len(ratios))),
            *(_number(statistics.geometric_mean(ratios.values())), _number(ratios[lowest]), lowest),
            f"{reached} of {len(ratios)}",
            *(
                _percent([f.share for f in chosen if f.share and f.bound == b])
                for b in ("memory", "exponentials")
            ),
            _number(statistics.geometric_mean(gains)) if gains and threads > 1 else "–",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "Of the sizes above 1,000 elements:\n\n" + "\n".join(lines) if len(lines) > 2 else ""


def _percent(shares: Sequence[float]) -> str:
    return f"{100 * statistics.median(shares):.0f} %" if shares else "–"


def _limits(found: Iterable[Figures]) -> str:
    """Medians over the cases of one size."""
    lines = [
        "| format | threads | elements | triad, GB/s | with streaming stores | exponentials, each ns | with libmvec |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    groups: dict[tuple[str, int, int], list[Figures]] = {}
    for f in found:
        groups.setdefault((f.case.dtype, f.threads, f.case.elements), []).append(f)
    for (dtype, threads, elements), group in groups.items():
        cells = []
        for what in ("triad", "streaming_triad", "polynomial_exp", "library_exp"):
            times = [f.times[what] for f in group if what in f.times]
            if not times:
                cells.append("–")
            else:
                time = statistics.median(times)
                cells.append(_number(3 * BYTES[dtype] / time if what.endswith("triad") else 1 / time))
        lines.append(f"| {dtype} | {threads} | {elements:,} | {' | '.join(cells)} |")
    return "The machine's limits:\n\n" + "\n".join(lines) if groups else ""


def _versions(data: dict[str, Any]) -> str:
    m = data["machine"]
    names = ", ".join(f"{name} {version}" for name, version in data["versions"].items() if version)
    absent = [name for name, version in data["versions"].items() if not version]
    samples = f"{data['rounds']} samples, each of {1000 * data['seconds']:g} ms or of one call"
    words = (
        f"Measured on {m['processor']} ({m['processors']} processors, {m['architecture']}), {m['libc']}, Python "
        f"{m['python']}, {m['compiler']}, kernels with {m['flags of the kernels']}, scalar C and the limits with "
        f"{m['flags of the benchmark']}: {names}. Medians of {samples}."
    )
    busy = [r["processors"] for r in data["results"] if r["contender"] == IN_C and r["threads"] == 1]
    busy = [share for share in busy if share is not None]
    if busy:
        words += (
            f" Other programs ran meanwhile: what needs one processor had {100 * statistics.median(busy):.0f} % of "
            f"it, at the worst {100 * min(busy):.0f} %."
        )
    if absent:
        words += f" Skipped, because they are not installed: {', '.join(absent)}."
    return "\n".join(textwrap.wrap(words, 118, break_long_words=False, break_on_hyphens=False))


def _skipped(data: dict[str, Any]) -> list[str]:
    """Why there is no figure, where the reason is not just that a library lacks a loss."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for r in data["results"]:
        if "skipped" in r and r["skipped"] != "it does not have this loss":
            at = reasons.setdefault((r["contender"], r["skipped"]), [])
            size = Case(r["loss"], r["examples"], r["classes"], r["dtype"]).size
            at.append(f"{r['loss']}, {size}, {r['dtype']}")
    lines = [
        f"- {contender}: {reason} ({'; '.join(dict.fromkeys(losses))})"
        for (contender, reason), losses in reasons.items()
    ]
    return ["Skipped:\n\n" + "\n".join(lines)] if lines else []


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


def _number(number: float | None) -> str:
    if number is None:
        return "–"
    return f"{number:.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"


# --- the plot ---------------------------------------------------------------------------------------------

# The colours of Okabe and Ito, which the colour-blind tell apart, and a shape of its own for each contender.
LOOKS = {
    "symloss C, timed in C": ("#000000", "D"),
    "symloss C": ("#D55E00", "o"),
    "symloss NumPy": ("#E69F00", "s"),
    "NumPy by hand": ("#B8A100", "*"),
    "scalar C": ("#777777", "x"),
    "PyTorch eager": ("#CC79A7", "v"),
    "torch.compile": ("#882255", "^"),
    "JAX jit": ("#0072B2", "P"),
    "scikit-learn": ("#009E73", "<"),
    "numexpr": ("#56B4E9", ">"),
}


def plot(data: dict[str, Any], path: Path, dtype: str = "float64", threads: int = 1) -> None:
    """Nanoseconds for each element, a panel for each size, with the limit as a line."""
    import matplotlib

    matplotlib.use("svg")
    # the same data makes the same file
    matplotlib.rcParams |= {"svg.hashsalt": "symloss", "svg.fonttype": "none", "font.size": 9}
    from matplotlib import pyplot

    found = [f for f in figures(data) if (f.case.dtype, f.threads) == (dtype, threads)]
    sizes = sorted({(bool(f.case.classes), f.case.classes or f.case.examples) for f in found})
    panels = {
        size: [f for f in found if (bool(f.case.classes), f.case.classes or f.case.examples) == size]
        for size in sizes
    }
    grid = [[s for s in sizes if not s[0]], [s for s in sizes if s[0]]]
    grid = [row for row in grid if row]
    heights = [max(len(panels[s]) for s in row) + 0.8 for row in grid]
    columns = max(len(row) for row in grid)
    figure, axes = pyplot.subplots(
        len(grid),
        columns,
        figsize=(4 + 3.2 * columns, 1.6 + 0.42 * sum(heights)),
        gridspec_kw={"height_ratios": heights},
        squeeze=False,
        layout="constrained",
    )
    for row, places in zip(grid, axes, strict=True):
        for axis in places[len(row) :]:
            axis.set_visible(False)
        for size, axis in zip(row, places, strict=False):
            _panel(axis, panels[size], named=axis is places[0])
    handles: dict[str, Any] = {}
    for axis in axes.flat:
        handles |= dict(zip(*reversed(axis.get_legend_handles_labels()), strict=True))
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=5, frameon=False)
    figure.suptitle(
        f"Value and gradient together, {dtype}, {_threads(threads)}: nanoseconds for each element"
    )
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    pyplot.close(figure)


def _panel(axis: Any, chosen: list[Figures], named: bool) -> None:
    chosen = sorted(chosen, key=lambda f: -list(LOSSES).index(f.case.loss))
    for name, (colour, marker) in LOOKS.items():
        points = [(f.times[name], at) for at, f in enumerate(chosen) if name in f.times]
        if points:
            axis.scatter(
                *zip(*points, strict=True), color=colour, marker=marker, s=28, label=name, zorder=3, alpha=0.9
            )
    limits = [(f.limit, at) for at, f in enumerate(chosen) if f.limit is not None]
    for k, (limit, at) in enumerate(limits):
        label = "the machine's limit" if k == 0 else None
        axis.plot([limit, limit], [at - 0.38, at + 0.38], color="#000000", linewidth=2, label=label)
    axis.set_xscale("log")
    axis.set_ylim(-0.6, len(chosen) - 0.4)
    words = [f.case.loss.replace("_", " ") for f in chosen]
    axis.set_yticks(range(len(chosen)), ["\n".join(textwrap.wrap(w, 22)) for w in words] if named else [])
    axis.grid(axis="x", which="both", color="#dddddd", linewidth=0.5, zorder=0)
    axis.set_title(chosen[0].case.size)
