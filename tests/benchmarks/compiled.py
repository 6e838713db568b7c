"""The benchmark's own C: loops by hand, the machine's limits, and calls of generated functions timed inside C."""

from __future__ import annotations

import ctypes
import os
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
import mpmath
import numpy as np
from cases import LOSSES, Case

import symloss
from symloss import runtime
from symloss.backends import c as c_backend
from symloss.backends import environment

__all__ = ["FLAGS", "FORMULAS", "LIMITS", "TimedCalls", "by_hand", "generated", "limit"]

FOLDER = Path(__file__).resolve().parent
FLAGS = ("-std=gnu99", "-O3", "-march=native", "-fPIC", "-fopenmp")
BLOCK = 2048
"""How many numbers exponentials are taken of, over and over, as in limits.c.j2 and library_exp.c."""

NAMES = {"float64": "f64", "float32": "f32"}

FORMULAS = {
    "mean_squared_error": "const real r = x - y, loss = r * r, slope = 2 * r;",
    "mean_absolute_error": "const real r = x - y, loss = fabs(r), slope = (real)((r > 0) - (r < 0));",
    "huber": """
        const real r = x - y, m = fabs(r), loss = m <= 1 ? r * r / 2 : m - (real)0.5;
        const real slope = m <= 1 ? r : r > 0 ? (real)1 : (real)-1;""",
    "quantile": """
        const real r = y - x, loss = (r >= 0 ? (real)0.5 : (real)-0.5) * r;
        const real slope = r >= 0 ? (real)-0.5 : (real)0.5;""",
    "log_cosh": """
        const real r = x - y, m = fabs(r), loss = m + log1p(exp(-2 * m)) - (real)0.6931471805599453;
        const real slope = tanh(r);""",
    "hinge": """
        const real m = 1 - x * y, loss = m > 0 ? m : 0, slope = m >= 0 ? -y : 0;""",
    "squared_hinge": """
        const real m = 1 - x * y, kept = m > 0 ? m : 0, loss = kept * kept, slope = -2 * y * kept;""",
    "poisson_negative_log_likelihood": "const real e = exp(x), loss = e - x * y, slope = e - y;",
    "binary_cross_entropy": """
        const real loss = -(y * log(x) + (1 - y) * log1p(-x)), slope = (x - y) / (x * (1 - x));""",
    "binary_cross_entropy_with_logits": """
        const real e = exp(-fabs(x)), loss = log1p(e) + (x > 0 ? x : 0) - x * y;
        const real slope = (x >= 0 ? 1 : e) / (1 + e) - y;""",
    "focal_with_logits": """
        const real sign = y > (real)0.5 ? 1 : -1, z = sign * x, e = exp(-fabs(z)), inverse = 1 / (1 + e);
        const real p = z >= 0 ? inverse : e * inverse, q = z >= 0 ? e * inverse : inverse;
        const real log_p = (z < 0 ? z : 0) - log1p(e);
        const real share = (y > (real)0.5 ? (real)0.25 : (real)0.75) * q * q, loss = -share * log_p;
        const real slope = sign * share * (2 * p * log_p - q);""",
}
"""The loss of a prediction x with a target y, and its slope by x, with the hyper-parameters of the catalogue."""

LIMITS = ("triad", "streaming_triad", "polynomial_exp", "library_exp")
"""What is measured of the machine: the first two by the elements they move, the others by what they compute."""


class TimedCalls:
    """Calls of one C function with one set of arrays."""

    def __init__(self, library: Any, name: str, function: Any, case: Case, arrays: tuple[np.ndarray, ...]):
        self._timer = library.timed_seconds
        self._timer.restype = ctypes.c_double
        self._arrays = arrays
        self._outputs = np.zeros(1, case.dtype), np.zeros(arrays[0].shape, case.dtype)
        self._call = ctypes.cast(getattr(library, name), ctypes.c_void_p)
        self._fixed = (
            ctypes.c_size_t(case.examples),
            ctypes.c_size_t(case.classes),
            (ctypes.c_void_p * 2)(*(a.ctypes.data for a in self._arrays)),
            (ctypes.c_void_p * 2)(*(a.ctypes.data for a in self._outputs)),
        )
        self._function = function

    def seconds(self, calls: int) -> float:
        """How long so many calls take."""
        return self._timer(self._call, self._function, ctypes.c_size_t(calls), *self._fixed)

    def result(self) -> tuple[float, np.ndarray]:
        """The value and the gradient that the last call has left."""
        return float(self._outputs[0][0]), self._outputs[1]


def generated(case: Case, arrays: tuple[np.ndarray, ...]) -> TimedCalls:
    """The function that a loaded kernel calls, without the kernel."""
    loss = symloss.get(case.loss)
    path = runtime.build(loss.name, c_backend.render(loss, f"symloss generate {loss.name} --target c"))
    library = ctypes.CDLL(str(path))
    name = f"symloss_{loss.name}_value_and_gradient_{NAMES[case.dtype]}"
    function = ctypes.cast(getattr(library, name), ctypes.c_void_p)
    timed = TimedCalls(_timed(case.loss), f"generated_{NAMES[case.dtype]}", function, case, arrays)
    timed.library = library  # type: ignore[attr-defined]  # as long as its function may be called
    return timed


def by_hand(case: Case, arrays: tuple[np.ndarray, ...]) -> TimedCalls:
    """The textbook loop."""
    return TimedCalls(_timed(case.loss), f"by_hand_{NAMES[case.dtype]}", None, case, arrays)


def limit(what: str, case: Case) -> TimedCalls:
    """One of LIMITS, for as many elements as the case has."""
    library = _limits()
    if not hasattr(library, f"{what}_{NAMES[case.dtype]}"):
        raise RuntimeError(f"this machine's compiler has no {what}")
    flat = Case(case.loss, case.elements, 0, case.dtype)
    draw = np.random.default_rng(0)
    count = BLOCK if what.endswith("exp") else case.elements
    numbers = tuple(draw.standard_normal(count).astype(case.dtype) for _ in range(2))
    return TimedCalls(library, f"{what}_{NAMES[case.dtype]}", None, flat, numbers)


@lru_cache
def _timed(name: str) -> ctypes.CDLL:
    return _built({f"timed_{name}.c": source(name)}, {})


def source(name: str) -> str:
    """The C text that times one loss."""
    loss, work = symloss.get(name), LOSSES[name]
    functions = []
    for f in c_backend.formats(loss, "value_and_gradient"):
        passed, inputs, outputs = [], 0, 0
        for a in f.arguments:
            if a.role == "input":
                passed.append(f"in[{inputs}]")
                inputs += 1
            elif a.role in ("value", "derivative"):
                passed.append(f"out[{outputs}]")
                outputs += 1
            elif a.role == "parameter":
                default = next(p.default for p in loss.parameters if p.name == a.name)
                passed.append(repr(default))
            else:
                fixed = {
                    "n": "n",
                    "size": "C",
                    "weight": "NULL",
                    "vector parameter": "NULL",
                    "reduction": "1",
                }
                passed.append(fixed[a.role])
        prototype = ", ".join(a.text for a in f.arguments)
        functions.append({"real": f.real, "prototype": prototype, "passed": ", ".join(passed)})
    formula = FORMULAS.get(name, "").strip()
    return _template("timed.c.j2").render(
        functions=functions, rows=work.rows, kind=work.kind, formula=formula
    )


@lru_cache
def _limits() -> ctypes.CDLL:
    sources = {"limits.c": limits_source(), "timer.c": source("mean_squared_error")}
    try:
        return _built(sources, {"library_exp.c": (FOLDER / "library_exp.c").read_text(encoding="utf-8")})
    except RuntimeError:
        return _built(sources, {})


def limits_source() -> str:
    """The C text of the machine's limits."""
    return _template("limits.c.j2").render(
        formats=[
            ("f64", "double", "int64_t", 52, 1023, "6755399441055744.0", "700.0", *_LOG_2["f64"], _exp(11)),
            ("f32", "float", "int32_t", 23, 127, "12582912.0f", "87.0f", *_LOG_2["f32"], _exp(6)),
        ]
    )


_LOG_2 = {
    "f64": ("6.93147180369123816490e-01", "1.90821492927058770002e-10"),
    "f32": ("0.693359375f", "-2.12194440e-4f"),
}
"""log 2 in two parts, the first with so few digits that a product with a small whole number is exact."""


def _exp(degree: int) -> list[str]:
    """The coefficients of a polynomial close to exp on [-log(2)/2, log(2)/2]."""
    half = mpmath.log(2) / 2
    found = mpmath.chebyfit(mpmath.exp, [-half, half], degree + 1)
    return [repr(float(c)) for c in reversed(found)]


def _template(name: str) -> jinja2.Template:
    return environment().overlay(loader=jinja2.FileSystemLoader(FOLDER)).get_template(name)


def _built(sources: dict[str, str], inexact: dict[str, str]) -> ctypes.CDLL:
    """A library of C sources; ``inexact`` ones are compiled so that the vectorised functions of libmvec are called.

    That flag must not be there when linking: the library would then switch subnormal numbers off for the process.
    """
    compiler = (os.environ.get("CC") or "cc").split()
    with tempfile.TemporaryDirectory() as folder:
        objects = []
        for name, text in {**sources, **inexact}.items():
            Path(folder, name).write_text(text, encoding="utf-8")
            extra = ["-ffast-math"] if name in inexact else []
            _run([*compiler, *FLAGS, *extra, "-c", name, "-o", f"{name}.o"], folder)
            objects.append(f"{name}.o")
        libraries = ["-lmvec", "-lm"] if inexact else ["-lm"]
        _run([*compiler, *FLAGS, "-shared", *objects, *libraries, "-o", "made.so"], folder)
        return ctypes.CDLL(str(Path(folder, "made.so")))


def _run(command: list[str], folder: str) -> None:
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}\n{run.stderr[-2000:]}")
