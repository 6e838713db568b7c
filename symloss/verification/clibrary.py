"""A function of a shared library, described by its C prototype, as a Python callable with NumPy arrays."""

from __future__ import annotations

import ctypes
import inspect
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from symloss.verification.conventions import RequestError

__all__ = ["CFunction", "c_function"]

_TYPES: dict[str, tuple[Any, Any]] = {
    "double": (ctypes.c_double, np.float64),
    "float": (ctypes.c_float, np.float32),
    "size_t": (ctypes.c_size_t, np.uintp),
    "int": (ctypes.c_int, np.intc),
    "unsigned int": (ctypes.c_uint, np.uintc),
    "unsigned": (ctypes.c_uint, np.uintc),
    "long": (ctypes.c_long, np.int_),
    "int64_t": (ctypes.c_int64, np.int64),
    "int32_t": (ctypes.c_int32, np.int32),
    "uint64_t": (ctypes.c_uint64, np.uint64),
    "uint32_t": (ctypes.c_uint32, np.uint32),
}
_ARGUMENT = re.compile(
    r"^(const\s+)?([A-Za-z_][\w ]*?)\s*(\*?)\s*(?:restrict\s+)?([A-Za-z_]\w*)\s*(\[\s*\w*\s*\])?$"
)
_SIZES = frozenset("n size count length num len batch_size rows".split())
_VALUES = frozenset("value loss cost objective".split())
_HESSIANS = ("hess", "second")


@dataclass(frozen=True)
class _Argument:
    name: str
    kind: str
    pointer: bool
    const: bool


class CFunction:
    """A C function as a callable: it takes the inputs by name or place, and returns what stands behind its pointers.

    ``const`` pointers are inputs, the others outputs, each as long as the first input (a pointer called value or loss
    is one number). A size called n, size or count is filled in; one called after an axis of the first input,
    such as ``size_t C``, is the length of the last axis.
    """

    def __init__(self, library: Path, signature: str):
        self._library = Path(library)
        match = re.fullmatch(
            r"\s*([A-Za-z_][\w ]*?)\s+\*?\s*([A-Za-z_]\w*)\s*\((.*)\)\s*;?\s*", signature, re.DOTALL
        )
        if match is None:
            raise RequestError(
                f"C signature {signature!r}: a prototype is wanted, such as "
                "'void gradient(size_t n, const double *prediction, const double *target, double *gradient)'"
            )
        self._returns, self.__name__, inside = match.group(1).strip(), match.group(2), match.group(3)
        self.__qualname__ = self.__name__
        self._arguments = [_argument(part, signature) for part in inside.split(",")]
        if self._returns not in (*_TYPES, "void"):
            raise RequestError(
                f"C signature {signature!r}: the return type {self._returns!r} is none of void, {', '.join(_TYPES)}"
            )
        self._outputs = [a for a in self._arguments if a.pointer and not a.const]
        inputs = [a for a in self._arguments if a.pointer and a.const]
        if not inputs:
            raise RequestError(f"C signature {signature!r}: no input; a pointer to const is one")
        if not self._outputs and self._returns not in ("double", "float"):
            raise RequestError(f"C signature {signature!r}: no output; a pointer without const is one")
        self._first = inputs[0].name
        handed = [a for a in self._arguments if not (a.pointer and not a.const) and not self._is_size(a)]
        self.__signature__ = inspect.Signature(
            [inspect.Parameter(a.name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for a in handed]
        )
        if not self._library.is_file():
            raise RequestError(
                f"{self._library}: there is no such file; a shared library is wanted, without the function's name"
            )
        try:
            self._function = getattr(ctypes.CDLL(str(self._library.resolve())), self.__name__)
        except OSError as error:
            source = self._library.suffix == ".c"
            made = f"cc -shared -fPIC -o {self._library.stem}.so {self._library.name}"
            why = f"it is source: compile it first ({made})" if source else error
            raise RequestError(f"{self._library}: cannot be loaded as a shared library: {why}") from None
        except AttributeError:
            raise RequestError(f"{self._library}: it has no function {self.__name__!r}") from None
        self._function.argtypes = [
            ctypes.c_void_p if a.pointer else _TYPES[a.kind][0] for a in self._arguments
        ]
        self._function.restype = None if self._returns == "void" else _TYPES[self._returns][0]

    @staticmethod
    def _is_size(a: _Argument) -> bool:
        whole = a.kind not in ("double", "float") and not a.pointer
        return whole and (a.name in _SIZES or a.kind == "size_t")

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        given = self.__signature__.bind(*args, **keywords).arguments
        first = np.asarray(given[self._first])
        held: dict[str, np.ndarray] = {}
        passed: list[Any] = []
        for a in self._arguments:
            kind = _TYPES[a.kind][1]
            if a.pointer and a.const:
                held[a.name] = np.ascontiguousarray(given[a.name], dtype=kind)
            elif a.pointer:
                shape = (1,) if a.name in _VALUES else first.shape
                held[a.name] = np.full(shape, np.nan if np.dtype(kind).kind == "f" else 0, dtype=kind)
            elif self._is_size(a):
                passed.append(len(first) if a.name in _SIZES else first.shape[-1])
                continue
            else:
                passed.append(given[a.name])
                continue
            passed.append(held[a.name].ctypes.data_as(ctypes.c_void_p))
        returned = self._function(*passed)
        if self._returns == "int" and returned != 0:
            raise RuntimeError(f"{self.__name__} returned the status {returned}")
        results: list[Any] = [returned] if self._returns in ("double", "float") else []
        ordered = sorted(self._outputs, key=lambda a: (a.name not in _VALUES, a.name.startswith(_HESSIANS)))
        results += [held[a.name][0] if a.name in _VALUES else held[a.name] for a in ordered]
        return results[0] if len(results) == 1 else tuple(results)


def _argument(text: str, signature: str) -> _Argument:
    text = " ".join(text.split())
    if text.removeprefix("const ").rstrip("* ") in _TYPES:
        raise RequestError(
            f"C signature {signature!r}: the argument {text!r} has no name; the names say what the arguments are"
        )
    match = _ARGUMENT.match(text)
    if match is None:
        raise RequestError(f"C signature {signature!r}: the argument {text.strip()!r} cannot be read")
    const, kind, star, name, brackets = match.groups()
    kind = kind.strip()
    if kind.endswith(" const"):
        const, kind = "const", kind.removesuffix(" const")
    if kind not in _TYPES:
        raise RequestError(f"C signature {signature!r}: the type {kind!r} is none of {', '.join(_TYPES)}")
    return _Argument(name, kind, bool(star or brackets), bool(const))


def c_function(library: str | Path, signature: str) -> CFunction:
    """The function of a shared library that a C prototype describes, to be given to :func:`symloss.verify`.

    >>> c_function("liblosses.so", "void huber_gradient(size_t n, const double *prediction,"
    ...            " const double *target, double delta, double *gradient)")  # doctest: +SKIP

    Pointers to const are inputs, the others outputs; numbers are hyper-parameters, and a size is filled in. Raises
    RequestError, a ValueError, for a prototype that cannot be read, has no input, no output or a type that is not
    known, and where the library cannot be loaded or does not have the function.
    """
    return CFunction(Path(library), signature)
