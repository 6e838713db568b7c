"""Measures what a user waits for: imports, loading a kernel, generating, composing, and calling.

Prints a Markdown table; with --update it also writes the table into docs/latency.md. Each figure is the median of
rounds in which everything is measured in turn. Seconds are user CPU seconds, those of child processes included, for
other work on the machine hardly touches them; where a wait is meant, it is the time on the wall.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[2] / "docs"))

from marked_parts import replaced

import symloss
from symloss.runtime import build

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "latency.md"
ELEMENTS = 1000
CALLS = 20_000
TERMS = (1, 4, 16, 64)

Row = tuple[str, str, str]


def spent(work: Callable[[], object]) -> float:
    """The user CPU seconds of some work, in this process and in its children."""

    def now() -> float:
        return sum(
            resource.getrusage(who).ru_utime for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )

    start = now()
    work()
    return now() - start


def waited(work: Callable[[], object]) -> float:
    """The seconds on the wall that some work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def command(*words: str) -> Callable[[], object]:
    """A run of the command line, in a process of its own."""
    started = (
        [sys.executable, "-c", *words] if words[0].startswith("import") else [sys.executable, "-m", *words]
    )
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    return lambda: subprocess.run(started, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True)


def commands(rounds: int, folder: Path) -> list[Row]:
    """Imports and runs of the command, with a cache that was filled by the first."""
    out = str(folder / "generated")
    works = {
        "`import symloss`": (command("import symloss"), "0.15 s"),
        "`symloss --help`": (command("symloss", "--help"), "0.25 s"),
        "`symloss list`, unchanged": (command("symloss", "list"), ""),
        "`symloss generate`, unchanged": (command("symloss", "generate", "--out", out), ""),
    }
    cold = spent(command("symloss", "generate", "--out", out))
    command("symloss", "list")()
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, (work, _) in works.items():
            found[name].append(spent(work))
    rows = [(name, f"{median(found[name]):.2f} s", goal) for name, (_, goal) in works.items()]
    return [*rows, ("`symloss generate`, cold, all processes together", f"{cold:.1f} s", "")]


def loading(losses: list) -> list[Row]:
    """From a declared loss to a loaded C kernel: without and with what the cache keeps."""
    cold, compiling, derived, warm = {}, {}, {}, {}
    for loss in losses:
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        own = time.process_time()
        cold[loss.name] = waited(lambda loss=loss: loss.load("c"))
        derived[loss.name] = time.process_time() - own
        compiling[loss.name] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        warm[loss.name] = median(waited(lambda loss=loss: loss.load("c")) for _ in range(5))
    slowest = max(cold, key=lambda name: cold[name])
    beyond = sum(seconds > 1.5 for seconds in cold.values())
    return [
        (
            "a loaded C kernel, cold, on the wall, median of the catalogue",
            f"{median(cold.values()):.2f} s",
            "0.7 s",
        ),
        (f"the slowest ({slowest})", f"{cold[slowest]:.2f} s", "1.5 s"),
        ("losses beyond 1.5 s", f"{beyond} of {len(cold)}", "0"),
        ("of this in Python: median, most", _both(derived, "s"), ""),
        ("of this in the C compiler (CPU): median, most", _both(compiling, "s"), ""),
        ("a loaded C kernel, warm, most", f"{1e3 * max(warm.values()):.1f} ms", "30 ms"),
    ]


def _both(seconds: dict[str, float], unit: str) -> str:
    return f"{median(seconds.values()):.2f} {unit}, {max(seconds.values()):.2f} {unit}"


def composing() -> list[Row]:
    """Deriving and rendering a sum of many terms."""
    from symloss.backends import c as c_backend

    rows = []
    for name in ("huber", "softmax_cross_entropy"):
        figures = []
        for terms in TERMS:
            one, parts = symloss.get(name), []
            for number in range(terms):
                names = [p.name for p in one.parameters] or ["logits", "target"]
                parts.append(one.renamed(**{n: f"{n}_{number + 1}" for n in names}))
            loss = sum(parts)
            gradient = spent(lambda loss=loss: [loss.gradient(wrt) for wrt in loss.differentiated])
            if name == "softmax_cross_entropy" and terms > 16:
                figures.append(f"{gradient:.2f} s, not generated")
                continue
            figures.append(f"{gradient:.2f} s + {spent(lambda loss=loss: c_backend.render(loss, '')):.2f} s")
        rows.append(
            (
                f"{', '.join(map(str, TERMS))} terms of {name}: gradient + C source",
                "; ".join(figures),
                "linear",
            )
        )
    return rows


def calling(rounds: int) -> list[Row]:
    """A call from Python, and the compiled function by itself, on a thousand elements."""
    rng = np.random.default_rng(0)
    rows = []
    for name in ("mean_squared_error", "huber"):
        kernel = symloss.get(name).load("c")
        x, y = rng.normal(size=(2, ELEMENTS))
        kernel.value_and_gradient(x, y)
        alone = repeated(kernel, x, y)
        both: dict[str, list[float]] = {"called": [], "alone": []}
        for _ in range(rounds):
            start = time.process_time()
            for _ in range(CALLS):
                kernel.value_and_gradient(x, y)
            both["called"].append((time.process_time() - start) / CALLS * 1e6)
            start = time.process_time()
            alone(CALLS)
            both["alone"].append((time.process_time() - start) / CALLS * 1e6)
        called, bare = median(both["called"]), median(both["alone"])
        rows.append((f"{name}.value_and_gradient of {ELEMENTS:,} numbers", f"{called:.2f} µs", ""))
        rows.append((f"of this beyond the C function ({bare:.2f} µs)", f"{called - bare:.2f} µs", "2 µs"))
    return rows


LOOP = """
#include <stddef.h>
void repeat(int (*call)(size_t, const double *, const double *, const double *, int, {number}double *, double *),
            size_t count, size_t n, const double *x, const double *y, double *gradient) {{
    double value;
    for (size_t k = 0; k < count; ++k) {{
        call(n, x, y, NULL, 1, {one}&value, gradient);
    }}
}}
"""


def repeated(kernel, x: np.ndarray, y: np.ndarray) -> Callable[[int], object]:
    """The compiled function, called over and over from C."""
    has = bool(kernel.loss.parameters)
    text = LOOP.format(number="double, " if has else "", one="1.0, " if has else "")
    library = ctypes.CDLL(str(build("repeat", {".h": "", ".c": text})))
    function = getattr(
        ctypes.CDLL(str(kernel.library_path)), f"symloss_{kernel.loss.name}_value_and_gradient_f64"
    )
    gradient = np.empty_like(x)

    def work(count: int) -> None:
        pointers = (ctypes.c_void_p(array.ctypes.data) for array in (x, y, gradient))
        library.repeat(function, ctypes.c_size_t(count), ctypes.c_size_t(len(x)), *pointers)

    return work


def main() -> int:
    """Measure, print, and write the document where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update", action="store_true", help="write the table into docs/latency.md")
    parser.add_argument(
        "--rounds", type=int, default=9, help="how often each is measured (default: %(default)s)"
    )
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SYMLOSS_CACHE"] = str(Path(folder, "cache"))
        losses = [symloss.get(name) for name in symloss.names()]
        rows = commands(chosen.rounds, Path(folder))
        rows += loading(losses)
        rows += composing()
        rows += calling(chosen.rounds)
    lines = ["| what | takes | goal |", "|---|--:|--:|", *(f"| {' | '.join(row)} |" for row in rows)]
    table = "\n".join(lines) + "\n"
    print(table, end="")
    if chosen.update:
        text = DOCUMENT.read_text(encoding="utf-8")
        DOCUMENT.write_text(replaced(text, {"latency": table}, DOCUMENT.name), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
