"""The kernel that runs the generated C, compiled on this machine."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from symloss.backends import c as c_backend
from symloss.backends.arguments import Arguments
from symloss.backends.results import Results
from symloss.derive import vectors_of
from symloss.room import with_room
from symloss.runtime import extension
from symloss.runtime.compiler import build, opened, shared_library
from symloss.runtime.kernel import Kernel, kept_code
from symloss.runtime.roles import ROLES, Call
from symloss.runtime.shortcut import shortcut
from symloss.runtime.usual import usual
from symloss.schedule import OUTPUTS, functions_of
from symloss.value import Loss

__all__ = ["CKernel"]


class _Program(NamedTuple):
    """A compiled function and its arguments."""

    name: str
    arguments: tuple[c_backend.Argument, ...]


class CKernel(Kernel):
    """Runs the generated C, compiled on this machine; ``macros`` are defined before it."""

    backend = "c"

    def __init__(self, loss: Loss, dtype: Any, macros: Sequence[str] = ()):
        made = self._made(loss)
        super().__init__(loss, dtype, made["functions"])
        self.source = "".join(f"#define {macro}\n" for macro in macros) + made["files"][".c"]
        self._files = {**made["files"], ".c": self.source}
        self._programs = {
            (what, real): _Program(name, tuple(c_backend.Argument(*a) for a in arguments))
            for what, real, name, arguments in made["programs"]
        }
        self._libraries: dict[str, tuple[Path, ctypes.CDLL]] = {}
        self._shortened: set[tuple[str, str]] = set()
        self.library_path, _ = self._library("float64" if dtype is None else dtype.name)

    @staticmethod
    @with_room
    def _made(loss: Loss) -> dict[str, Any]:
        """The generated code, and how its functions are called."""

        def make() -> dict[str, Any]:
            functions = functions_of(loss)
            programs = [
                (f.what, f.real.numpy, f.name, [(a.name, a.type, a.role) for a in f.arguments])
                for what in functions
                for f in c_backend.formats(loss, what)
            ]
            files = c_backend.render(loss, f"symloss generate {loss.name} --target c")
            return {"functions": functions, "programs": programs, "files": files}

        return kept_code(loss, "c", make)

    def _library(self, real: str) -> tuple[Path, ctypes.CDLL]:
        """The functions of one format; the other format is compiled when arrays of it come."""
        if real not in self._libraries:
            programs = {what: p for (what, r), p in self._programs.items() if r == real}
            names = {what: extension.pointers_name(self.loss, what, real) for what in programs}
            more = [extension.by_pointers(names[what], p.name, p.arguments) for what, p in programs.items()]
            files = {**self._files, ".c": self._files[".c"] + "".join(more)}
            functions = [*(p.name for p in programs.values()), *names.values()]
            self._libraries[real] = opened(lambda: build(self.loss.name, files, functions), shared_library)
        return self._libraries[real]

    def _run(self, what: str, arguments: dict[str, Any]) -> Any:
        given = self._arranged(what, arguments)
        real = given.dtype.name
        value = "value" in OUTPUTS[what]
        derived = () if what == "value" else self.loss.differentiated
        _, in_memory = self._extended
        results = in_memory(Results, given, derived, value, arguments["out"])
        number = np.empty(1, given.dtype)
        call = Call(
            arguments=given,
            parameters=arguments,
            value=results.flat.get("value", number),
            derivatives=results.flat,
            workspace=lambda: self._workspace(given),
        )
        name, takes = self._programs[what, real]
        _, library = self._library(real)
        status = getattr(library, name)(*(ROLES[a.role].general(a, call) for a in takes))
        self._shorten(what, real)
        if status != 0:
            raise ValueError(f"{self.loss.name}: {self._said(status, given)}")
        returned = []
        if value:
            returned.append(results.value() if "value" in results.flat else number[0])
        if derived:
            returned.append(results.derivatives())
        return tuple(returned) if len(returned) > 1 else returned[0]

    def _arranged(self, what: str, arguments: dict[str, Any]) -> Arguments:
        """The arguments of a call as arrays of one format, whose shapes fit."""
        loss = self.loss
        tensors = [(i.name, arguments[i.name], i.axes) for i in loss.inputs if not i.type.classes]
        if what == "hessian_vector_product":
            tensors += [(v.name, arguments[v.name], v.axes) for v in vectors_of(loss)]
        return Arguments(
            loss.name,
            loss.example != 0,
            tensors,
            indices=[
                (i.name, arguments[i.name], i.axes, i.type.classes, arguments.get(i.type.also or ""))
                for i in loss.inputs
                if i.type.classes
            ],
            vectors=[(p.name, arguments[p.name], p.axes, p.default) for p in loss.parameters if p.axes],
            whole=tuple(i.name for i in loss.inputs if not i.per_example),
            weight=arguments["weight"] if loss.example != 0 else None,
            reduction=arguments["reduction"],
            dtype=self.dtype,
        )

    def _workspace(self, given: Arguments) -> np.ndarray:
        _, library = self._library(given.dtype.name)
        needed = getattr(library, f"symloss_{self.loss.name}_workspace")
        needed.restype = ctypes.c_size_t
        return np.empty(needed(*(ctypes.c_size_t(given.size(axis)) for axis in self.loss.axes)), np.float64)

    def _said(self, status: int, given: Arguments) -> str:
        """What a status other than 0 says."""
        empty = [axis for axis in self.loss.axes if given.size(axis) == 0] if status == _EMPTY else []
        return (
            f"{empty[0]} is 0, but an entry is needed" if empty else _STATUS.get(status, f"status {status}")
        )

    @cached_property
    def _extended(self) -> tuple[Any, Callable[..., Any]]:
        """The module that calls functions, or None, and what runs a function with the memory of this kernel's results.

        Made at the first call, for it may have to be compiled.
        """
        module = extension.module()
        if module is None:
            return None, lambda function, *arguments: function(*arguments)
        return module, module.Memory()

    def _shorten(self, what: str, real: str) -> None:
        """From the second call on, whole arrays of this format go straight to the function."""
        if (what, real) in self._shortened:
            return
        self._shortened.add((what, real))
        name, arguments = self._programs[what, real]
        described = usual(self.loss, what, real, arguments)
        if described is None or self.dtype not in (None, np.dtype(real)):
            return
        _, library = self._library(real)
        module, memory = self._extended
        short: Callable[..., Any] | None
        if module is None:
            short = shortcut(self.loss, what, real, described, getattr(library, name))
        else:
            function = getattr(library, extension.pointers_name(self.loss, what, real))
            address = ctypes.cast(function, ctypes.c_void_p).value or 0
            short = extension.direct(module, memory, self.loss, real, described, address)
        if short is not None:
            self._fast[what] = [*self._fast.get(what, ()), short]


_STATUS = {
    1: "a class index is outside its range",
    2: "a weight is negative or not finite, or the weights sum to 0",
    3: "the reduction is none of none, mean, sum",
    4: "an axis has no entries where one is needed",
}
_EMPTY = 4
