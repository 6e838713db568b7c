"""The shortest way from NumPy arrays to a compiled function: a CPython extension that is compiled on this machine.

symloss/call.c is compiled once for each Python and NumPy, with the compiler that makes the kernels. It needs Python's
headers; where they are missing, symloss.shortcut does the same with ctypes, more slowly. C cannot call a function
whose arguments it learns at run time, so each function of a kernel has another one beside it, which takes all
arguments as an array of pointers. symloss/memory.h is compiled with it: the memory of large results, used again.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sysconfig
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from symloss.shortcut import REDUCTIONS, Passed, axes_of, holds, tensors_of
from symloss.value import Loss

__all__ = ["NAME", "SOURCES", "by_pointers", "direct", "include_flags", "loaded", "pointers_name"]

NAME = "symloss_call"
SOURCES = tuple(Path(__file__).with_name(name) for name in ("call.c", "memory.h"))
"""What is compiled, and what it includes."""
SIZE, TENSOR, NOTHING, REDUCTION, OPTION, VALUE, DERIVATIVE = range(7)
"""The kinds of arguments, as call.c numbers them."""


def include_flags() -> list[str] | None:
    """Where the headers of Python and NumPy are; None where Python's are missing, or it has no global lock."""
    folder = sysconfig.get_path("include")
    if not Path(folder, "Python.h").is_file() or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return None
    return [f"-I{folder}", f"-I{np.get_include()}"]


def loaded(path: Path) -> Any:
    """The module in a compiled file; ImportError where it is none for this Python."""
    loader = importlib.machinery.ExtensionFileLoader(NAME, str(path))
    spec = importlib.util.spec_from_loader(NAME, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def pointers_name(loss: Loss, what: str, real: str) -> str:
    """The name of the function that takes its arguments as an array of pointers."""
    return f"symloss_{loss.name}_by_pointers_{what}_f{real.removeprefix('float')}"


def by_pointers(name: str, function: str, arguments: Sequence[Passed]) -> str:
    """The C text of that function, which calls another."""
    passed = [f"a[{k}]" if "*" in a.type else f"*(const {a.type} *)a[{k}]" for k, a in enumerate(arguments)]
    return f"\nint {name}(void *const *a)\n{{\n    return {function}({', '.join(passed)});\n}}\n"


def direct(
    module: Any, memory: Any, loss: Loss, what: str, real: str, arguments: Sequence[Passed], address: int
) -> Callable[..., Any] | None:
    """What calls a compiled function; None where it needs more than its arguments say."""
    if any(a.role == "workspace" for a in arguments):
        return None
    tensors, shapes = tensors_of(loss, what), axes_of(loss, what)
    names = [t.name for t in tensors]
    elementwise = loss.kind == "elementwise"
    numbers: dict[str, int] = {"n": 0}
    for axes in shapes.values():
        for axis in axes:
            numbers.setdefault(axis, len(numbers))
    options: list[tuple] = []
    derivatives: list[tuple[str, int]] = []
    slots: list[tuple[int, int]] = []
    for a in arguments:
        if a.role in ("n", "size"):
            if a.name not in {axis for axes in shapes.values() for axis in axes}:
                return None
            slots.append((SIZE, numbers[a.name]))
        elif a.role == "input":
            slots.append((TENSOR, names.index(a.name)))
        elif a.role in ("weight", "vector parameter"):
            slots.append((NOTHING, 0))
        elif a.role == "reduction":
            slots.append((REDUCTION, 0))
        elif a.role == "parameter":
            if not holds(loss.argument(a.name).domain, real, loss.argument(a.name).default):  # type: ignore[attr-defined]
                return None
            slots.append((OPTION, len(options)))
            options.append(_option(loss, a, real))
        elif a.name == "value":
            slots.append((VALUE, 0))
        else:
            wrt = a.name.split("_", 1)[1]
            slots.append((DERIVATIVE, len(derivatives)))
            derivatives.append((wrt, names.index(wrt)))
    reduces = any(a.role == "reduction" for a in arguments)
    reductions = 0 if not reduces else 1 if loss.mean_only else len(REDUCTIONS)
    described = tuple(
        (bool(t.type.classes), tuple(numbers[axis] for axis in shapes[t.name])) for t in tensors
    )
    try:
        return module.Call(
            memory, address, real == "float32", elementwise, reductions, described, tuple(options), tuple(slots),
            tuple(derivatives),
        )  # fmt: skip
    except ValueError:  # more arguments than it has room for
        return None


def _option(loss: Loss, a: Passed, real: str) -> tuple:
    """A hyper-parameter's name, default, kind, whether floats of its domain are taken, and the domain's ends.

    An open end is that of the numbers that a format can hold: what rounds to the end is left to the general call.
    """
    p = next(p for p in loss.parameters if p.name == a.name)
    domain, whole = p.domain, a.type == "int64_t"
    takes = not whole and not domain.values and not domain.integer
    lower, upper = float(domain.lower), float(domain.upper)
    if real == "float32" and domain.lower_open and lower > -np.inf:
        lower = float(np.nextafter(np.float32(lower), np.float32(np.inf)))
    if real == "float32" and domain.upper_open and upper < np.inf:
        upper = float(np.nextafter(np.float32(upper), np.float32(-np.inf)))
    return (p.name, p.default, whole, takes, lower, upper, domain.lower_open, domain.upper_open)
