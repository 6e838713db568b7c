"""Measures the elementary functions of the generated C next to the C library's vectorised ones and those of SLEEF.

Prints a Markdown table, nanoseconds for each number and the worst error found; with --update writes it into
docs/speed.md.
"""

from __future__ import annotations

import argparse
import ctypes
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath
import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[2] / "docs"))
sys.path.append(str(Path(__file__).resolve().parents[1]))

from elementary import support
from marked_parts import replaced
from speed import machine

from symloss.runtime import FLAGS, _compiler, _native

ROOT = Path(__file__).resolve().parents[2]
RANGES = {
    "exp": (-20.0, 20.0),
    "expm1": (-20.0, 0.0),
    "log": (1e-3, 1e3),
    "log1p": (0.0, 5.0),
    "tanh": (-3.0, 3.0),
}
"""What the losses mostly take these functions of."""

LANES = {"avx512f": (8, "_mm512"), "avx2": (4, "_mm256"), "sse2": (2, "_mm")}
COUNT = 1024
WAYS = ("own", "own, for floats", "C library, vectorised", "SLEEF", "C library, one by one")


def built(sources: dict[str, tuple[str, list[str]]], libraries: list[str]) -> ctypes.CDLL:
    """A library of C sources with flags of their own."""
    compiler = [*_compiler(), *_native(_compiler())[0], "-std=gnu99", *FLAGS[1:-1]]
    with tempfile.TemporaryDirectory() as folder:
        for name, (text, flags) in sources.items():
            Path(folder, name).write_text(text, encoding="utf-8")
            _run([*compiler, *flags, "-c", name, "-o", f"{name}.o"], folder)
        _run([*compiler, "-shared", *(f"{n}.o" for n in sources), *libraries, "-lm", "-o", "made.so"], folder)
        return ctypes.CDLL(str(Path(folder, "made.so")))


def _run(command: list[str], folder: str) -> None:
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise RuntimeError(run.stderr[-2000:])


def loops(call: Callable[[str], str], name: Callable[[str], str]) -> str:
    """A loop over an array for each function."""
    return "".join(
        f"void {name(f)}(const double *restrict x, double *restrict y) {{\n"
        f"    for (int i = 0; i < {COUNT}; ++i) y[i] = {call(f)}(x[i]);\n}}\n"
        for f in RANGES
    )


def ways() -> dict[str, Any]:
    """Each way to compute, as a library; what this machine does not have is not there."""
    turns = (
        "double seconds(void (*f)(const double *, double *), int calls, const double *x, double *y) {\n"
        "    struct timespec a, b;\n    clock_gettime(CLOCK_MONOTONIC, &a);\n"
        "    for (int k = 0; k < calls; ++k) f(x, y);\n    clock_gettime(CLOCK_MONOTONIC, &b);\n"
        "    return (double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec);\n}\n"
    )
    timer = (f"#include <time.h>\n{turns}", [])
    own = support() + loops(lambda f: f"symloss_{f}", lambda f: f"one_{f}")
    short = support() + loops(lambda f: f"symloss_{f}_f32", lambda f: f"one_{f}")
    library = "#include <math.h>\n" + loops(lambda f: f, lambda f: f"one_{f}")
    candidates = {
        "own": ({"own.c": (own, []), "timer.c": timer}, []),
        "own, for floats": ({"short.c": (short, []), "timer.c": timer}, []),
        # this flag lets gcc call the vectorised functions, which may be less exact
        "C library, vectorised": ({"fast.c": (library, ["-ffast-math"]), "timer.c": timer}, ["-lmvec"]),
        "SLEEF": ({"sleef.c": (_sleef(), []), "timer.c": timer}, ["-lsleef"]),
        "C library, one by one": ({"slow.c": (library, ["-fno-tree-vectorize"]), "timer.c": timer}, []),
    }
    found = {}
    for way, (sources, libraries) in candidates.items():
        try:
            found[way] = built(sources, libraries)
        except RuntimeError as error:
            print(f"{way}: {str(error).strip().splitlines()[-1]}", file=sys.stderr)
    return found


def _sleef() -> str:
    """Its functions within 1 ulp, with the longest vectors that this machine has."""
    described = Path("/proc/cpuinfo")
    flags = described.read_text(encoding="utf-8").split() if described.exists() else []
    name = next((name for name in LANES if name in flags), "sse2")
    lanes, stem = LANES[name]
    return "#include <immintrin.h>\n#include <sleef.h>\n" + "".join(
        f"void one_{f}(const double *x, double *y) {{\n    for (int i = 0; i < {COUNT}; i += {lanes})\n"
        f"        {stem}_storeu_pd(y + i, Sleef_{f}d{lanes}_u10{name}({stem}_loadu_pd(x + i)));\n}}\n"
        for f in RANGES
    )


def measured(found: dict[str, Any], rounds: int) -> dict[tuple[str, str], tuple[float, float]]:
    """Nanoseconds and the worst error in ulp, by function and way; the ways take turns, and the best turn counts."""
    pointer = ctypes.POINTER(ctypes.c_double)
    results: dict[tuple[str, str], tuple[float, float]] = {}
    for function, (low, high) in RANGES.items():
        x = np.random.default_rng(0).uniform(low, high, COUNT)
        outputs = {way: np.empty_like(x) for way in found}
        best = dict.fromkeys(found, float("inf"))
        for _ in range(rounds):
            for way, library in found.items():
                library.seconds.restype = ctypes.c_double
                call = ctypes.cast(getattr(library, f"one_{function}"), ctypes.c_void_p)
                arrays = [a.ctypes.data_as(pointer) for a in (x, outputs[way])]
                best[way] = min(best[way], library.seconds(call, 200, *arrays) / 200 / COUNT)
        with mpmath.workprec(120):
            exact = [getattr(mpmath, function)(mpmath.mpf(p)) for p in x]
            for way, y in outputs.items():
                worst = max(
                    float(abs(mpmath.mpf(found) - e) / np.spacing(abs(float(e))))
                    for found, e in zip(y, exact, strict=True)
                )
                results[function, way] = (1e9 * best[way], worst)
    return results


def table(results: dict[tuple[str, str], tuple[float, float]]) -> str:
    """The figures in Markdown."""
    columns = [way for way in WAYS if any(key[1] == way for key in results)]
    lines = [
        f"| float64, ns (worst error, ulp) | {' | '.join(columns)} |",
        "|---|" + "--:|" * len(columns),
    ]
    for function in RANGES:
        cells = [_cell(*results[function, way]) for way in columns]
        lines.append(f"| {function} | {' | '.join(cells)} |")
    m = machine()
    return f"{chr(10).join(lines)}\n\n{m['processor']}, {m['compiler']}, {m['libc']}.\n"


def _cell(nanoseconds: float, worst: float) -> str:
    return f"{nanoseconds:.2f} ({worst:.2f})" if worst < 1000 else f"{nanoseconds:.2f} ({worst:.0e})"


def main() -> int:
    """Measure, print, and write what is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--update", action="store_true", help="write docs/speed.md")
    chosen = parser.parse_args()
    made = table(measured(ways(), chosen.rounds))
    print(made, end="")
    if chosen.update:
        document = ROOT / "docs" / "speed.md"
        text = replaced(document.read_text(encoding="utf-8"), {"functions": made}, "docs/speed.md")
        document.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
