"""The shortest way from NumPy arrays to a compiled function: a CPython extension that is compiled on this machine.

call.c, beside this module, is compiled once for each Python and NumPy, with the compiler that makes the kernels. It
needs Python's headers; where they are missing, symloss.runtime.shortcut does the same with ctypes, more slowly. C
cannot call a function whose arguments it learns at run time, so each function of a kernel has another one beside it,
which takes all arguments as an array of pointers. memory.h is compiled with it: the memory of large results, used
again.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import platform
import sys
import sysconfig
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from symloss.backends.c import Argument
from symloss.runtime.compiler import CompilerError, compiler, made_once, opened, run
from symloss.runtime.roles import Kind
from symloss.runtime.usual import Usual
from symloss.value import Loss, Parameter

__all__ = ["SOURCES", "by_pointers", "direct", "include_flags", "module", "pointers_name"]

NAME = "symloss_call"
SOURCES = tuple(Path(__file__).with_name(name) for name in ("call.c", "memory.h"))
"""What is compiled, and what it includes."""


@lru_cache
def module() -> Any:
    """The module that calls compiled functions; None where it cannot be made, for ctypes does the same."""
    flags = include_flags()
    if flags is None:
        return None
    sources = {path.name: path.read_text(encoding="utf-8") for path in SOURCES}

    def make(folder: Path) -> None:
        for name, source in sources.items():
            (folder / name).write_text(source, encoding="utf-8")
        run(
            NAME,
            [[*compiler(), "-O2", "-fPIC", "-shared", *flags, SOURCES[0].name, "-o", "library.so"]],
            folder,
        )

    try:
        words = [*compiler(), *flags, sys.version, np.__version__, platform.machine(), *sources.values()]
        return opened(lambda: made_once(NAME, words, make), _loaded)[1]
    except (OSError, ImportError, CompilerError):
        return None


def include_flags() -> list[str] | None:
    """Where the headers of Python and NumPy are; None where Python's are missing, or it has no global lock."""
    folder = sysconfig.get_path("include")
    if not Path(folder, "Python.h").is_file() or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return None
    return [f"-I{folder}", f"-I{np.get_include()}"]


def _loaded(path: Path) -> Any:
    """The module in a compiled file; ImportError where it is none for this Python."""
    loader = importlib.machinery.ExtensionFileLoader(NAME, str(path))
    spec = importlib.util.spec_from_loader(NAME, loader)
    assert spec is not None
    made = importlib.util.module_from_spec(spec)
    loader.exec_module(made)
    return made


def pointers_name(loss: Loss, what: str, real: str) -> str:
    """The name of the function that takes its arguments as an array of pointers."""
    return f"symloss_{loss.name}_by_pointers_{what}_f{real.removeprefix('float')}"


def by_pointers(name: str, function: str, arguments: Sequence[Argument]) -> str:
    """The C text of that function, which calls another."""
    passed = [f"a[{k}]" if "*" in a.type else f"*(const {a.type} *)a[{k}]" for k, a in enumerate(arguments)]
    return f"\nint {name}(void *const *a)\n{{\n    return {function}({', '.join(passed)});\n}}\n"


def direct(
    module: Any, memory: Any, loss: Loss, real: str, usual: Usual, address: int
) -> Callable[..., Any] | None:
    """What calls the compiled function at an address; None where call.c has no room for its arguments."""
    tensors = [t.name for t in usual.tensors]
    places = {
        Kind.SIZE: list(dict.fromkeys(["n", *(axis for axes in usual.axes.values() for axis in axes)])),
        Kind.TENSOR: tensors,
        Kind.OPTION: usual.named(Kind.OPTION),
        Kind.DERIVATIVE: usual.named(Kind.DERIVATIVE),
    }

    def place(kind: Kind, name: str) -> int:
        return places[kind].index(name) if kind in places else 0

    described = tuple(
        (bool(t.type.classes), tuple(place(Kind.SIZE, axis) for axis in usual.axes[t.name]))
        for t in usual.tensors
    )
    try:
        return module.Call(
            memory,
            address,
            real == "float32",
            loss.kind == "elementwise",
            len(usual.reductions),
            described,
            tuple(_option(p, real) for p in usual.options),
            tuple((int(slot.kind), place(*slot)) for slot in usual.slots),
            tuple((wrt, tensors.index(wrt)) for wrt in places[Kind.DERIVATIVE]),
        )
    except ValueError:
        return None


def _option(p: Parameter, real: str) -> tuple:
    """A hyper-parameter's name, default, kind, whether floats of its domain are taken, and the domain's ends.

    An open end is that of the numbers that a format can hold: what rounds to the end is left to the general call.
    """
    domain = p.domain
    takes = not domain.values and not domain.integer
    lower, upper = float(domain.lower), float(domain.upper)
    if real == "float32" and domain.lower_open and lower > -np.inf:
        lower = float(np.nextafter(np.float32(lower), np.float32(np.inf)))
    if real == "float32" and domain.upper_open and upper < np.inf:
        upper = float(np.nextafter(np.float32(upper), np.float32(-np.inf)))
    return (p.name, p.default, domain.integer, takes, lower, upper, domain.lower_open, domain.upper_open)
