"""Measures the elementary functions of the generated C next to the C library's vectorised ones and those of SLEEF.

Prints Markdown tables, nanoseconds for each number and the worst error found; with --update writes them into
docs/speed.md. With --every-float it instead takes every float there is, and prints the worst error of each function
of a float: for some minutes.
"""

from __future__ import annotations

import argparse
import ctypes
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mpmath
import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[2] / "docs"))
sys.path.append(str(Path(__file__).resolve().parents[1]))

from elementary import NAMES, floats, loop, support, worst
from marked_parts import replaced
from speed import machine

from symloss.runtime.compiler import FLAGS, compiler, native

ROOT = Path(__file__).resolve().parents[2]
RANGES = {
    "exp": (-20.0, 20.0),
    "exp_unit": (-20.0, 0.0),
    "expm1": (-20.0, 20.0),
    "expm1_unit": (-20.0, 0.0),
    "log": (1e-3, 1e3),
    "log1p": (0.0, 5.0),
    "log1p_unit": (0.0, 1.0),
    "log1p_quarter": (0.0, 0.25),
    "tanh": (-3.0, 3.0),
}
"""What the losses mostly take these functions of."""

SHOWN = {
    "exp_unit": "exp, x ≤ 0",
    "expm1_unit": "expm1, x ≤ 0",
    "log1p_unit": "log1p, 0 ≤ x ≤ 1",
    "log1p_quarter": "log1p, 0 ≤ x ≤ 1/4",
}
"""The functions that are own ones; others have but one for all numbers."""

COUNT = 1024


@dataclass(frozen=True)
class Real:
    """A format: its C type, what names in C end in, and what vectors of it are called."""

    name: str
    type: str
    end: str
    own: dict[str, str]
    lanes: dict[str, tuple[int, str]]
    stored: str
    sleef: str


REALS = (
    Real(
        "float64",
        "double",
        "",
        {"own": "", "own, for floats": "_f32"},
        {"avx512f": (8, "_mm512"), "avx2": (4, "_mm256"), "sse2": (2, "_mm")},
        "pd",
        "d",
    ),
    Real(
        "float32",
        "float",
        "f",
        {"own": "f"},
        {"avx512f": (16, "_mm512"), "avx2": (8, "_mm256"), "sse2": (4, "_mm")},
        "ps",
        "f",
    ),
)
WAYS = ("own", "own, not fused", "own, for floats", "C library, vectorised", "SLEEF", "C library, one by one")


def built(sources: dict[str, tuple[str, list[str]]], libraries: list[str]) -> ctypes.CDLL:
    """A library of C sources with flags of their own."""
    command = [*compiler(), *native(compiler())[0], "-std=gnu99", *FLAGS[1:-1]]
    with tempfile.TemporaryDirectory() as folder:
        for name, (text, flags) in sources.items():
            Path(folder, name).write_text(text, encoding="utf-8")
            _run([*command, *flags, "-c", name, "-o", f"{name}.o"], folder)
        _run([*command, "-shared", *(f"{n}.o" for n in sources), *libraries, "-lm", "-o", "made.so"], folder)
        return ctypes.CDLL(str(Path(folder, "made.so")))


def _run(command: list[str], folder: str) -> None:
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise RuntimeError(run.stderr[-2000:])


def loops(real: Real, call: Callable[[str], str]) -> str:
    """A loop over an array for each function."""
    return "#include <stddef.h>\n" + "".join(loop(f"one_{f}", real.type, call(f), str(COUNT)) for f in RANGES)


def library_name(function: str) -> str:
    """What other libraries call a function."""
    return function.split("_")[0]


def ways(real: Real) -> dict[str, Any]:
    """Each way to compute, as a library; what this machine does not have is not there."""
    turns = (
        "double seconds(void (*f)(size_t, const void *, void *), int calls, const void *x, void *y) {\n"
        "    struct timespec a, b;\n    clock_gettime(CLOCK_MONOTONIC, &a);\n"
        f"    for (int k = 0; k < calls; ++k) f({COUNT}, x, y);\n    clock_gettime(CLOCK_MONOTONIC, &b);\n"
        "    return (double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec);\n}\n"
    )
    timer = (f"#include <stddef.h>\n#include <time.h>\n{turns}", [])
    library = "#include <math.h>\n" + loops(real, lambda f: library_name(f) + real.end)
    candidates = {
        way: (
            {"own.c": (support() + loops(real, lambda f, e=end: f"symloss_{f}{e}"), []), "timer.c": timer},
            [],
        )
        for way, end in real.own.items()
    }
    plain = (candidates["own"][0]["own.c"][0], ["-DSYMLOSS_FUSED=0"])
    candidates |= {
        "own, not fused": ({"plain.c": plain, "timer.c": timer}, []),
        # this flag lets gcc call the vectorised functions, which may be less exact
        "C library, vectorised": ({"fast.c": (library, ["-ffast-math"]), "timer.c": timer}, ["-lmvec"]),
        "SLEEF": ({"sleef.c": (_sleef(real), []), "timer.c": timer}, ["-lsleef"]),
        "C library, one by one": ({"slow.c": (library, ["-fno-tree-vectorize"]), "timer.c": timer}, []),
    }
    found = {}
    for way, (sources, libraries) in candidates.items():
        try:
            found[way] = built(sources, libraries)
        except RuntimeError as error:
            print(f"{way}: {str(error).strip().splitlines()[-1]}", file=sys.stderr)
    return found


def _sleef(real: Real) -> str:
    """Its functions within 1 ulp, with the longest vectors that this machine has."""
    described = Path("/proc/cpuinfo")
    flags = described.read_text(encoding="utf-8").split() if described.exists() else []
    name = next((name for name in real.lanes if name in flags), "sse2")
    lanes, stem = real.lanes[name]
    load, store = f"{stem}_loadu_{real.stored}", f"{stem}_storeu_{real.stored}"
    return "#include <immintrin.h>\n#include <sleef.h>\n#include <stddef.h>\n" + "".join(
        f"void one_{f}(size_t n, const {real.type} *x, {real.type} *y) {{\n"
        f"    for (int i = 0; i < {COUNT}; i += {lanes})\n"
        f"        {store}(y + i, Sleef_{library_name(f)}{real.sleef}{lanes}_u10{name}({load}(x + i)));\n}}\n"
        for f in RANGES
    )


def measured(real: Real, found: dict[str, Any], rounds: int) -> dict[tuple[str, str], tuple[float, float]]:
    """Nanoseconds and the worst error in ulp, by function and way; the ways take turns, and the best turn counts."""
    results: dict[tuple[str, str], tuple[float, float]] = {}
    for function, (low, high) in RANGES.items():
        x = np.random.default_rng(0).uniform(low, high, COUNT).astype(real.name)
        outputs = {way: np.empty_like(x) for way in found}
        best = dict.fromkeys(found, float("inf"))
        for _ in range(rounds):
            for way, library in found.items():
                library.seconds.restype = ctypes.c_double
                call = ctypes.cast(getattr(library, f"one_{function}"), ctypes.c_void_p)
                arrays = [a.ctypes.data_as(ctypes.c_void_p) for a in (x, outputs[way])]
                best[way] = min(best[way], library.seconds(call, 200, *arrays) / 200 / COUNT)
        with mpmath.workprec(120):
            exact = [getattr(mpmath, library_name(function))(mpmath.mpf(float(p))) for p in x]
            for way, y in outputs.items():
                error = max(
                    float(abs(mpmath.mpf(float(found)) - e) / float(np.spacing(x.dtype.type(abs(float(e))))))
                    for found, e in zip(y, exact, strict=True)
                )
                results[function, way] = (1e9 * best[way], error)
    return results


def table(real: Real, results: dict[tuple[str, str], tuple[float, float]]) -> str:
    """The figures in Markdown."""
    columns = [way for way in WAYS if any(key[1] == way for key in results)]
    lines = [
        f"| {real.name}, ns (worst error, ulp) | {' | '.join(columns)} |",
        "|---|" + "--:|" * len(columns),
    ]
    for function in RANGES:
        cells = [_cell(*results[function, way]) for way in columns]
        lines.append(f"| {SHOWN.get(function, function)} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(nanoseconds: float, error: float) -> str:
    return f"{nanoseconds:.2f} ({error:.2f})" if error < 1000 else f"{nanoseconds:.2f} ({error:.0e})"


def every_float(step: int) -> None:
    """Print the worst error of each function of a float, fused and not."""
    print(
        "| function of a float | worst error, fused, ulp | at | not fused, ulp | at |\n|---|--:|--:|--:|--:|"
    )
    command = [*compiler(), *native(compiler())[0]]
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        libraries = [
            floats(command, Path(folder), f"-DSYMLOSS_FUSED={fused}")
            for folder, fused in ((one, 1), (other, 0))
        ]
        for name in NAMES:
            found = [worst(library, name, step) for library in libraries]
            cells = [f"{error:.4f} | {np.uint32(bits).view(np.float32):.9g}" for error, bits in found]
            print(f"| {name} | {' | '.join(cells)} |", flush=True)


def main() -> int:
    """Measure, print, and write what is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--update", action="store_true", help="write docs/speed.md")
    parser.add_argument("--every-float", action="store_true", help="take every float, for some minutes")
    parser.add_argument("--step", type=int, default=1, help="with --every-float, take one in so many")
    chosen = parser.parse_args()
    if chosen.every_float:
        every_float(chosen.step)
        return 0
    tables = [table(real, measured(real, ways(real), chosen.rounds)) for real in REALS]
    m = machine()
    made = "\n".join([*tables, f"{m['processor']}, {m['compiler']}, {m['libc']}.\n"])
    print(made, end="")
    if chosen.update:
        document = ROOT / "docs" / "speed.md"
        text = replaced(document.read_text(encoding="utf-8"), {"functions": made}, "docs/speed.md")
        document.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
