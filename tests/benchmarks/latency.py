"""Measures what a user waits for: imports, loading a kernel, generating, composing, and calling.

Prints a Markdown table; with --update it also writes the table into docs/latency.md. Each figure is the median of
rounds in which everything is measured in turn. Seconds are user CPU seconds, those of child processes included, for
other work on the machine hardly touches them; where a wait is meant, it is the time on the wall.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import itertools
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[2] / "docs"))

from marked_parts import replaced

import symloss
from symloss.backends.results import BLOCK, chosen
from symloss.runtime import build, extension

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
    worked = sum(derived.values()) + sum(compiling.values())
    had = f"{worked / sum(cold.values()):.2f} of {os.cpu_count()}"
    return [
        (
            "a loaded C kernel, cold, on the wall, median of the catalogue",
            f"{median(cold.values()):.2f} s",
            "0.7 s",
        ),
        (f"the slowest ({slowest})", f"{cold[slowest]:.2f} s", "1.5 s"),
        ("losses beyond 1.5 s", f"{beyond} of {len(cold)}", "0"),
        ("processors that this had on average, of those that it could use", had, ""),
        ("of this in Python (CPU): median, most", _both(derived, "s"), ""),
        ("of this in the C compiler (CPU): median, most", _both(compiling, "s"), ""),
        ("a loaded C kernel, warm, most", f"{1e3 * max(warm.values()):.1f} ms", "30 ms"),
    ]


def _both(seconds: dict[str, float], unit: str) -> str:
    return f"{median(seconds.values()):.2f} {unit}, {max(seconds.values()):.2f} {unit}"


SUMS = {
    "huber, tensors shared": ("huber", "prediction target"),
    "huber, log_cosh, quantile, hinge in turn": ("huber log_cosh quantile hinge", ""),
    "softmax_cross_entropy": ("softmax_cross_entropy", ""),
    "softmax_cross_entropy, target shared": ("softmax_cross_entropy", "target"),
    "softmax_cross_entropy, triplet, multiclass_hinge, gaussian_kl_divergence in turn": (
        "softmax_cross_entropy triplet multiclass_hinge gaussian_kl_divergence",
        "",
    ),
    "soft_dice, soft_jaccard in turn, target shared": ("soft_dice soft_jaccard", "target"),
}
"""Sums of many terms: the losses that take turns, and the arguments that all terms share."""


def composing() -> list[Row]:
    """Deriving and rendering a sum of many terms."""
    from sympy.core.cache import clear_cache

    from symloss.backends import c as c_backend
    from symloss.backends import numpy as numpy_backend

    rows = []
    for words, (names, shared) in SUMS.items():
        figures, whole = [], []
        for terms in TERMS:
            parts = []
            for number in range(terms):
                one = symloss.get(names.split()[number % len(names.split())])
                own = [a.name for a in (*one.inputs, *one.parameters) if a.name not in shared.split()]
                parts.append(one.renamed(**{n: f"{n}_{number + 1}" for n in own}))
            loss = sum(parts)
            clear_cache()  # fewer terms, and other sums of them, must not have done a part of the work
            gc.collect()
            took = [
                spent(lambda loss=loss: [loss.gradient(wrt) for wrt in loss.differentiated]),
                spent(lambda loss=loss: c_backend.render(loss, "")),
                spent(lambda loss=loss: numpy_backend.render(loss, "")),
            ]
            whole.append(sum(took))
            figures.append(" + ".join(f"{seconds:.2f}" for seconds in took))
        rows.append(
            (
                f"{', '.join(map(str, TERMS))} terms of {words}: gradient + C + NumPy source",
                f"{'; '.join(figures)} s (the last 4 times the terms: {whole[-1] / whole[-2]:.1f} times)",
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


def ways(rounds: int) -> list[Row]:
    """The ways to call the same compiled function, and what each takes beyond it."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, ELEMENTS))
    out = (None, np.empty(ELEMENTS))
    loss = symloss.get("mean_squared_error")
    usual = loss.load("c")
    usual.value_and_gradient(x, y)
    alone = repeated(usual, x, y)
    works: dict[str, tuple[Callable[[], object] | str, str]] = {
        "the general call: any arrays, all options, every check": (_kept_from_short_ways(loss, x, y), "slow"),
        "ctypes, a Python function written for the kernel (where Python's headers are missing)": (
            _by_ctypes(loss, x, y),
            "",
        ),
        "cffi, no checks, a new array": (_by_cffi(usual, x, y), ""),
        "the extension by itself, all its checks": (
            lambda call=usual._fast["value_and_gradient"][0]: call(x, y),
            "",
        ),
        "the extension as the method of a kernel (what is used)": (
            lambda: usual.value_and_gradient(x, y),
            "2 µs",
        ),
        "the same with `out=`": (lambda: usual.value_and_gradient(x, y, out=out), "2 µs"),
    }
    found: dict[str, list[float]] = {name: [] for name in works}
    bare: list[float] = []
    for _ in range(rounds):
        start = time.process_time()
        alone(CALLS)
        bare.append((time.process_time() - start) / CALLS * 1e6)
        for name, (work, kind) in works.items():
            if not isinstance(work, str):
                calls = CALLS // 10 if kind == "slow" else CALLS
                start = time.process_time()
                for _ in range(calls):
                    work()
                found[name].append((time.process_time() - start) / calls * 1e6)
    rows = []
    for name, (work, goal) in works.items():
        figure = work if isinstance(work, str) else f"{median(found[name]) - median(bare):.2f} µs"
        rows.append((name, figure, goal.replace("slow", "")))
    return rows


def _kept_from_short_ways(loss, x: np.ndarray, y: np.ndarray) -> Callable[[], object]:
    kernel = loss.load("c")
    kernel._shortened.add(("value_and_gradient", "float64"))
    return lambda: kernel.value_and_gradient(x, y)


def memory(rounds: int) -> list[tuple[str, ...]]:
    """Value and gradient of many numbers, with new memory for each gradient and with memory used again."""
    rows = []
    for dtype, size in itertools.product(("float64", "float32"), (10**6, 10**7)):
        x, y = np.random.default_rng(0).normal(size=(2, size)).astype(dtype)
        usual, out = symloss.get("mean_squared_error").load("c"), (None, np.empty_like(x))
        works: list[Callable[[], object]] = [
            _by_ctypes(usual.loss, x, y),
            lambda usual=usual, x=x, y=y: usual.value_and_gradient(x, y),
            lambda usual=usual, x=x, y=y, out=out: usual.value_and_gradient(x, y, out=out),
        ]
        found: list[list[float]] = [[] for _ in works]
        for number in range(rounds + 1):
            for work, times in zip(works, found, strict=True):
                start = time.process_time()
                for _ in range(2 * 10**7 // size):
                    work()
                if number:  # the first round is a warm-up
                    times.append((time.process_time() - start) / (2 * 10**7 // size) / size * 1e9)
        rows.append((f"{size:,} of {dtype}", *(f"{median(times):.2f} ns" for times in found)))
    return rows


def _by_ctypes(loss, x: np.ndarray, y: np.ndarray) -> Callable[[], object]:
    made = extension.module
    extension.module = lambda: None
    try:
        kernel = loss.load("c")
        kernel.value_and_gradient(x, y)
    finally:
        extension.module = made
    return lambda: kernel.value_and_gradient(x, y)


def _by_cffi(kernel, x: np.ndarray, y: np.ndarray) -> Callable[[], object] | str:
    try:
        import cffi
    except ImportError:
        return "cffi is not installed"
    ffi = cffi.FFI()
    ffi.cdef(
        "int symloss_mean_squared_error_value_and_gradient_f64(size_t, const double *, const double *, "
        "const double *, int, double *, double *);"
    )
    function = ffi.dlopen(str(kernel.library_path)).symloss_mean_squared_error_value_and_gradient_f64
    read, null, value = ffi.from_buffer, ffi.NULL, ffi.new("double *")

    def call() -> tuple[np.float64, np.ndarray]:
        gradient = np.empty(len(x))
        function(len(x), read("double[]", x), read("double[]", y), null, 1, value, read("double[]", gradient))
        return np.float64(value[0]), gradient

    return call


NUMBERS = BLOCK // 8
"""How many numbers of float64 a block of generated NumPy has."""


def steps(rounds: int) -> list[Row]:
    """What decides how generated NumPy is written: choices, blocks, and what a call takes at least."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, NUMBERS))
    at_random, rarely = x < y, x < -2.5
    long, other = rng.normal(size=(2, 100_000))
    buffers = np.empty((2, NUMBERS))

    def blocks(reused: bool) -> None:
        for start in range(0, len(long), NUMBERS):
            a, b = long[start : start + NUMBERS], other[start : start + NUMBERS]
            r, square = (buffer[: len(a)] if reused else None for buffer in buffers)
            r = np.subtract(a, b, out=r)
            np.add.reduce(np.multiply(r, r, out=square))

    one = np.zeros(1)
    kernel = symloss.get("mean_squared_error").load("numpy")
    works: dict[str, tuple[Callable[[], object], int, int]] = {
        "`np.exp`": (lambda: np.exp(x), NUMBERS, 200),
        "`np.where`, which nearly always goes one way": (lambda: np.where(rarely, x, y), NUMBERS, 200),
        "`np.where`, which goes either way at random": (lambda: np.where(at_random, x, y), NUMBERS, 200),
        "`chosen`, as generated modules have it, either way": (lambda: chosen(at_random, x, y), NUMBERS, 200),
        "a sum of squares in blocks, new memory for each step": (lambda: blocks(False), len(long), 20),
        "the same, memory for each step reused by `out=`": (lambda: blocks(True), len(long), 20),
        "mean_squared_error.value_and_gradient of one number": (
            lambda: kernel.value_and_gradient(one, one),
            1,
            2000,
        ),
    }
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, (work, numbers, calls) in works.items():
            start = time.process_time()
            for _ in range(calls):
                work()
            found[name].append((time.process_time() - start) / calls / numbers * 1e9)
    figures = {name: median(seconds) for name, seconds in found.items()}
    return [
        (name, f"{figure:.2f} ns" if works[name][1] > 1 else f"{figure / 1000:.1f} µs in all", "")
        for name, figure in figures.items()
    ]


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


def table(what: str, rows: Sequence[tuple[str, ...]], columns: Sequence[str] = ("takes", "goal")) -> str:
    """A Markdown table."""
    head = [f"| {' | '.join([what, *columns])} |", f"|---|{'--:|' * len(columns)}"]
    lines = [*head, *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measure, print, and write the document where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update", action="store_true", help="write the table into docs/latency.md")
    parser.add_argument(
        "--rounds", type=int, default=9, help="how often each is measured (default: %(default)s)"
    )
    parsed = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SYMLOSS_CACHE"] = str(Path(folder, "cache"))
        losses = [symloss.get(name) for name in symloss.names()]
        rows = commands(parsed.rounds, Path(folder))
        rows += loading(losses)
        rows += composing()
        rows += calling(parsed.rounds)
        tables = {
            "latency": table("what", rows),
            "calls": table("beyond the C function", ways(parsed.rounds)),
            "memory": table(
                "mean squared error, processor time for each number",
                memory(parsed.rounds),
                ("new memory", "used again", "`out=`"),
            ),
            "numpy": table("NumPy, for each number", steps(parsed.rounds)),
        }
    print("\n".join(tables.values()), end="")
    if parsed.update:
        text = DOCUMENT.read_text(encoding="utf-8")
        DOCUMENT.write_text(replaced(text, tables, DOCUMENT.name), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
