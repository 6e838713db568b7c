"""Kernels: build generated code, keep compiled C in a cache, and call it from Python."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import inspect
import itertools
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import types
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from symloss import extension
from symloss.backends import c as c_backend
from symloss.backends import numpy as numpy_backend
from symloss.backends.arguments import Arguments, _common_dtype
from symloss.backends.results import Results
from symloss.derive import vectors_of
from symloss.extension import by_pointers, direct, pointers_name
from symloss.identity import identity
from symloss.schedule import OUTPUTS, functions_of
from symloss.shortcut import Passed, holds, shortcut
from symloss.store import cache_folder, kept
from symloss.value import Input, Loss, Parameter

__all__ = ["CompilerError", "Kernel", "build", "cache_folder", "compiler_version", "load"]

FLAGS = tuple("-std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared".split())
"""No flag here changes a result: what is left out is the setting of errno and of the exceptions' flags."""

THREADS = "-fopenmp"
"""Shares large batches among threads, where the compiler can: the bits are the same for any number of them."""


class CompilerError(RuntimeError):
    """There is no C compiler, or it refused the generated code."""


def load(loss: Loss, backend: str = "numpy", *, dtype: Any = None) -> Kernel:
    """A kernel that computes ``loss`` with NumPy or with compiled C.

    Parameters
    ----------
    backend : "numpy" or "c".
    dtype : "float64", "float32", or None: that of the inputs.

    Raises
    ------
    TypeError
        Where ``loss`` is no loss, such as the name of one.
    ValueError
        For another backend or dtype.
    CompilerError
        Where C is asked for and cannot be compiled.
    """
    if not isinstance(loss, Loss):
        hint = f"; symloss.get({loss!r}) is the loss of that name" if isinstance(loss, str) else ""
        raise TypeError(f"load takes a loss, not {type(loss).__name__} {loss!r}{hint}")
    if dtype is not None:
        try:
            known = np.dtype(dtype)
        except TypeError:
            known = None
        if known is None or known not in (np.dtype(np.float64), np.dtype(np.float32)):
            raise ValueError(f"{loss.name}: dtype must be 'float64', 'float32' or None, not {dtype!r}")
        dtype = known
    kinds: dict[str, Callable[[Loss, Any], Kernel]] = {"numpy": NumPyKernel, "c": CKernel}
    if backend not in kinds:
        raise ValueError(f"{loss.name}: backend must be 'numpy' or 'c', not {backend!r}")
    return kinds[backend](loss, dtype)


class Kernel:
    """A loss that computes. Every method takes the tensors in the order of the declaration, or by name.

    Keyword arguments are the hyper-parameters, ``weight`` (one number for each example), ``reduction`` ("mean",
    "sum" or "none"), ``check``: with ``check=True`` a value outside its declared domain raises ValueError, and
    ``out``: arrays that the results are written into and which are returned then, in the form of what is
    returned. That is an array, or a dict of arrays by name where several tensors are differentiated; for
    ``value_and_gradient`` a pair, (None, array) where the value is one number. An array must have the shape and
    the type of the result, be contiguous (C order) and writeable, and share no memory with another argument.
    TypeError or ValueError says which one is not, and nothing is written then.

    A result without ``out`` is a new array. Compiled kernels use the memory of large ones (1 MiB or more) again:
    when nothing refers to such a result any more, nor to a view or a tensor of it, its memory waits for the next
    result. At most 256 MiB wait in a process, for all kernels together; a larger result is given back at once,
    and so is what waits when the kernel is gone.
    """

    backend: str

    def __init__(self, loss: Loss, dtype: Any, functions: Iterable[str]):
        self.loss = loss
        self.dtype = dtype
        self.functions = tuple(functions)
        self._fast: dict[str, list[Callable[..., Any]]] = {}
        """The short ways to call a function. One that does not fit the arguments returns None or raises."""
        self._takes_weight = loss.example != 0 or "weight" in {p.name for p in loss.parameters}
        self._signatures: dict[str, tuple[inspect.Signature, Callable[..., dict[str, Any]]]] = {}

    def __repr__(self) -> str:
        return f"<{self.backend} kernel of {self.loss.name}>"

    def value(self, *tensors: Any, **options: Any) -> Any:
        """The loss: a number, or an array with ``reduction="none"``."""
        return self._call("value", tensors, options)

    def gradient(self, *tensors: Any, **options: Any) -> Any:
        """The gradient of the value: an array, or a dict by name where several tensors are differentiated."""
        return self._call("gradient", tensors, options)

    def value_and_gradient(self, *tensors: Any, **options: Any) -> tuple[Any, Any]:
        """Both, in one pass."""
        return self._call("value_and_gradient", tensors, options)

    def hessian(self, *tensors: Any, **options: Any) -> Any:
        """The second derivative by each number, where the loss is elementwise."""
        return self._call("hessian", tensors, options)

    def hessian_vector_product(self, *tensors: Any, **options: Any) -> Any:
        """The Hessian times ``vector``, the last of the tensors; several where several are differentiated."""
        return self._call("hessian_vector_product", tensors, options)

    def _call(self, what: str, tensors: tuple, options: dict[str, Any]) -> Any:
        for fast in self._fast.get(what, ()):
            try:
                found = fast(*tensors, **options) if options else fast(*tensors)
            except (TypeError, ValueError, AttributeError):
                continue
            if found is not None:
                return found
        if what not in self.functions:
            raise NotImplementedError(
                f"{self.loss.name} is a loss of kind {self.loss.kind} with derivatives by "
                f"{', '.join(self.loss.differentiated)}: there is no {what}; there are {', '.join(self.functions)}"
            )
        if what not in self._signatures:
            self._signatures[what] = _signature(self.loss, what)
        signature, bind = self._signatures[what]
        try:
            arguments = bind(*tensors, **options)
        except TypeError:
            try:
                signature.bind(*tensors, **options)  # whose messages do not depend on Python's version
            except TypeError as error:
                raise TypeError(f"{self.loss.name}: {error}; it is called as {what}{signature}") from None
            raise
        check = arguments.pop("check")
        if arguments.get("weight") is not None and not self._takes_weight:
            raise ValueError(
                f"{self.loss.name}: it spans the whole batch, so it takes no weight for single examples; "
                "declare a loss that uses one"
            )
        reduction = arguments["reduction"]
        if not isinstance(reduction, str) or reduction not in ("mean", "sum", "none"):
            raise ValueError(
                f"{self.loss.name}: reduction must be 'mean', 'sum' or 'none', not {reduction!r}"
            )
        if self.loss.mean_only and reduction != "mean":
            raise ValueError(
                f"{self.loss.name}: its examples share tensors with a term over the whole batch, so they are put "
                f"together by their mean; reduction {reduction!r} cannot be had"
            )
        _check_parameters(self.loss, arguments)
        self._check_rounded(arguments)
        if check:
            _check_domains(self.loss, arguments)
        return self._run(what, arguments)

    def _check_rounded(self, arguments: dict[str, Any]) -> None:
        """A hyper-parameter that float32 rounds out of its domain is refused where float32 is computed."""
        for p in self.loss.parameters:
            number = arguments[p.name]
            if _holds_as_float(p, number):
                continue
            names = [i.name for i in (*self.loss.inputs, *vectors_of(self.loss)) if not i.type.classes]
            arrays = [(name, np.asarray(arguments[name])) for name in names if name in arguments]
            if (self.dtype or _common_dtype(arrays)) == np.float32:
                rounded = ctypes.c_float(number).value
                raise ValueError(
                    f"{self.loss.name}: {p.name} is {number}, which float32 rounds to {rounded}, "
                    f"expected {p.domain.words}"
                )

    def _run(self, what: str, arguments: dict[str, Any]) -> Any:
        raise NotImplementedError


def _signature(loss: Loss, what: str) -> tuple[inspect.Signature, Callable[..., dict[str, Any]]]:
    """How a function is called, and the arguments of a call by name."""
    place = inspect.Parameter.POSITIONAL_OR_KEYWORD
    names = [i.name for i in loss.inputs]
    if what == "hessian_vector_product":
        names += [v.name for v in vectors_of(loss)]
    options = {p.name: None if p.axes else p.default for p in loss.parameters}
    options |= {"weight": options.get("weight"), "reduction": "mean", "out": None, "check": False}
    keyword = inspect.Parameter.KEYWORD_ONLY
    signature = inspect.Signature(
        [inspect.Parameter(name, place) for name in names]
        + [inspect.Parameter(name, keyword, default=default) for name, default in options.items()]
    )
    every = ", ".join(f"{name!r}: {name}" for name in signature.parameters)
    return signature, eval(f"lambda {str(signature)[1:-1]}: {{{every}}}", {"__builtins__": {}})


def _holds_as_float(p: Parameter, number: Any) -> bool:
    """Whether a hyper-parameter stays in its domain where it becomes a float; one that is no such number does."""
    return bool(p.axes) or p.domain.integer or holds(p.domain, "float32", number)


def _check_parameters(loss: Loss, arguments: dict[str, Any]) -> None:
    """A hyper-parameter outside its domain is always refused: it is one number, and a mistake."""
    for p in loss.parameters:
        given = arguments[p.name]
        if p.axes:
            _check_vector(loss, p, given)
            continue
        if given is p.default:
            continue
        if type(given) is not int and (
            isinstance(given, bool)
            or np.ndim(given) != 0
            or not np.isreal(given)
            or np.asarray(given).dtype.kind not in "iuf"
        ):
            raise TypeError(f"{loss.name}: {p.name} is {given!r}, expected {p.domain.words}")
        number = given.item() if hasattr(given, "item") else given
        kind, most = ("int64", 2**63 - 1) if p.domain.integer else ("float64", sys.float_info.max)
        if isinstance(number, int) and abs(number) > most:
            raise ValueError(
                f"{loss.name}: {p.name} is {given}, which no {kind} can hold, expected {p.domain.words}"
            )
        if not p.domain.contains(number):
            raise ValueError(f"{loss.name}: {p.name} is {given}, expected {p.domain.words}")
        arguments[p.name] = int(number) if p.domain.integer else float(number)


def _check_vector(loss: Loss, p: Parameter, given: Any) -> None:
    if given is None:
        return
    array = _array(loss, p.name, given)
    wrong = ~np.asarray(p.domain.contains(array), dtype=bool)
    _name_first(loss, p, array, wrong)


def _name_first(loss: Loss, one: Input, array: np.ndarray, wrong: np.ndarray) -> None:
    """Raise with the first entry of an array that is wrong."""
    if wrong.any():
        place = tuple(int(i) for i in np.unravel_index(int(np.argmax(wrong)), wrong.shape))
        where = f"[{', '.join(map(str, place))}]" if place else ""
        raise ValueError(f"{loss.name}: {one.name}{where} is {array[place]}, expected {one.domain.words}")


def _array(loss: Loss, name: str, given: Any) -> np.ndarray:
    try:
        return np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{loss.name}: {name} must hold real numbers, not {type(given).__name__}: {error}"
        ) from None


def _check_domains(loss: Loss, arguments: dict[str, Any]) -> None:
    for one in (*loss.inputs, *(p for p in loss.parameters if p.axes)):
        if arguments[one.name] is None or one.type.classes:
            continue
        array = _array(loss, one.name, arguments[one.name])
        wrong = ~np.asarray(one.domain.contains(array), dtype=bool)
        _name_first(loss, one, array, wrong)
        if one.type.along is not None:
            axis = one.axes.index(one.type.along) - len(one.axes)
            sums = array.sum(axis=axis)
            off = abs(sums - 1) > 1e-6
            if off.any():
                raise ValueError(
                    f"{loss.name}: {one.name} sums to {sums[off].flat[0]} along {one.type.along}, expected 1"
                )


# --- NumPy ------------------------------------------------------------------------------------------------


class NumPyKernel(Kernel):
    """Runs the generated NumPy module."""

    backend = "numpy"

    def __init__(self, loss: Loss, dtype: Any):
        functions, self.source, self._module = _numpy_module(loss)
        super().__init__(loss, dtype, functions)
        if all(_holds_as_float(p, p.default) for p in loss.parameters):
            self._fast = {what: [self._shortcut(what)] for what in functions}

    def _shortcut(self, what: str) -> Callable[..., Any]:
        """The function itself, for tensors alone: defaults that float32 holds need no check but its own."""
        module, dtype = self._module, self.dtype
        return lambda *tensors: getattr(module, what)(*tensors, dtype=dtype)

    def _run(self, what: str, arguments: dict[str, Any]) -> Any:
        if not self._takes_weight:
            arguments.pop("weight", None)
        return getattr(self._module, what)(**arguments, dtype=self.dtype)


@lru_cache(maxsize=256)
def _numpy_module(loss: Loss) -> tuple[list[str], str, types.ModuleType]:
    def make() -> dict[str, Any]:
        text = numpy_backend.render(loss, f"symloss generate {loss.name} --target numpy")[".py"]
        return {"functions": functions_of(loss), "source": text}

    made = kept(_words(loss, "numpy"), make)
    module = types.ModuleType(f"symloss_generated_{loss.name}")
    exec(compile(made["source"], f"<symloss {loss.name}>", "exec"), module.__dict__)
    return made["functions"], made["source"], module


def _words(loss: Loss, backend: str) -> tuple[str, ...] | None:
    """What the cache knows a kernel's code by."""
    known = identity(loss)
    return None if known is None else ("kernel", backend, known)


# --- C ----------------------------------------------------------------------------------------------------


class _Program(NamedTuple):
    """A compiled function and its arguments."""

    name: str
    arguments: tuple[Passed, ...]


class CKernel(Kernel):
    """Runs the generated C, compiled on this machine."""

    backend = "c"

    def __init__(self, loss: Loss, dtype: Any):
        made = self._made(loss)
        super().__init__(loss, dtype, made["functions"])
        self.source = made["files"][".c"]
        self._files = made["files"]
        self._programs = {
            (what, real): _Program(name, tuple(Passed(*a) for a in arguments))
            for what, real, name, arguments in made["programs"]
        }
        self._libraries: dict[str, tuple[Path, ctypes.CDLL]] = {}
        self._shortened: set[tuple[str, str]] = set()
        self.library_path, _ = self._library("float64" if dtype is None else dtype.name)

    @staticmethod
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

        return kept(_words(loss, "c"), make)

    def _library(self, real: str) -> tuple[Path, ctypes.CDLL]:
        """The functions of one format; the other format is compiled when arrays of it come."""
        if real not in self._libraries:
            programs = {what: p for (what, r), p in self._programs.items() if r == real}
            names = {what: pointers_name(self.loss, what, real) for what in programs}
            more = [by_pointers(names[what], p.name, p.arguments) for what, p in programs.items()]
            files = {**self._files, ".c": self._files[".c"] + "".join(more)}
            functions = [*(p.name for p in programs.values()), *names.values()]
            self._libraries[real] = _opened(lambda: build(self.loss.name, files, functions), _open)
        return self._libraries[real]

    def _run(self, what: str, arguments: dict[str, Any]) -> Any:
        loss = self.loss
        tensors = [(i.name, arguments[i.name], i.axes) for i in loss.inputs if not i.type.classes]
        if what == "hessian_vector_product":
            tensors += [(v.name, arguments[v.name], v.axes) for v in vectors_of(loss)]
        call = Arguments(
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
        function = self._programs[what, call.dtype.name]
        _, library = self._library(call.dtype.name)
        value = "value" in OUTPUTS[what]
        derived = () if what == "value" else loss.differentiated
        _, in_memory = self._extended
        results = in_memory(Results, call, derived, value, arguments["out"])
        kept = {"value": results.flat.get("value", np.empty(1, call.dtype))}
        passed = [self._passed(a, call, arguments, results, kept, library) for a in function.arguments]
        status = getattr(library, function.name)(*passed)
        self._shorten(what, call.dtype.name)
        if status != 0:
            said = _STATUS.get(status, f"status {status}")
            empty = [axis for axis in loss.axes if call.size(axis) == 0] if status == _EMPTY else []
            if empty:
                said = f"{empty[0]} is 0, but an entry is needed"
            raise ValueError(f"{loss.name}: {said}")
        if value and "value" not in results.flat:
            both: tuple = (kept["value"][0],)
        else:
            both = (results.value(),) if value else ()
        both += (results.derivatives(),) if derived else ()
        return both if len(both) > 1 else both[0]

    @cached_property
    def _extended(self) -> tuple[Any, Callable[..., Any]]:
        """The module that calls functions, or None, and what runs a function with the memory of this kernel's results.

        Made at the first call, for it may have to be compiled.
        """
        module = _extension()
        if module is None:
            return None, lambda function, *arguments: function(*arguments)
        return module, module.Memory()

    def _shorten(self, what: str, real: str) -> None:
        """From the second call on, whole arrays of this format go straight to the function."""
        if (what, real) not in self._shortened:
            self._shortened.add((what, real))
            _, library = self._library(real)
            name, arguments = self._programs[what, real]
            module, memory = self._extended
            if module is None:
                short = shortcut(self.loss, what, real, arguments, getattr(library, name))
            else:
                function = getattr(library, pointers_name(self.loss, what, real))
                address = ctypes.cast(function, ctypes.c_void_p).value or 0
                short = direct(module, memory, self.loss, what, real, arguments, address)
            if short is not None and self.dtype in (None, np.dtype(real)):
                self._fast[what] = [*self._fast.get(what, ()), short]

    def _passed(
        self,
        a: Passed,
        call: Arguments,
        given: dict,
        results: Results,
        kept: dict[str, np.ndarray],
        library: ctypes.CDLL,
    ) -> Any:
        real = ctypes.c_double if call.dtype == np.float64 else ctypes.c_float
        if a.role == "n":
            return ctypes.c_size_t(call.count)
        if a.role == "size":
            return ctypes.c_size_t(call.size(a.name))
        if a.role in ("input", "vector parameter"):
            return call.arrays[a.name].ctypes.data_as(ctypes.c_void_p)
        if a.role == "weight":
            return None if call.weight is None else call.weight.ctypes.data_as(ctypes.c_void_p)
        if a.role == "reduction":
            return ctypes.c_int({"none": 0, "mean": 1, "sum": 2}[call.reduction])
        if a.role == "parameter":
            whole = a.type == "int64_t"
            return ctypes.c_int64(given[a.name]) if whole else real(given[a.name])
        if a.role == "workspace":
            needed = getattr(library, f"symloss_{self.loss.name}_workspace")
            needed.restype = ctypes.c_size_t
            count = needed(*(ctypes.c_size_t(call.size(x)) for x in self.loss.axes))
            array = kept["workspace"] = np.empty(count, np.float64)
        elif a.name == "value":
            array = kept["value"]
        else:
            array = results.flat[a.name.split("_", 1)[1]]
        return array.ctypes.data_as(ctypes.c_void_p)


_STATUS = {
    1: "a class index is outside its range",
    2: "a weight is negative or not finite, or the weights sum to 0",
    3: "the reduction is none of none, mean, sum",
    4: "an axis has no entries where one is needed",
}
_EMPTY = 4


def _opened(build_it: Callable[[], Path], open_it: Callable[[str], Any]) -> tuple[Path, Any]:
    """A compiled file and what opens from it; it is built again where a full disk cut it short."""
    path = build_it()
    try:
        return path, open_it(str(path))
    except (OSError, ImportError):
        path.unlink(missing_ok=True)
        path = build_it()
        return path, open_it(str(path))


@lru_cache
def _extension() -> Any:
    """The module that calls compiled functions; None where it cannot be made, for ctypes does the same."""
    flags = extension.include_flags()
    if flags is None:
        return None
    sources = {path.name: path.read_text(encoding="utf-8") for path in extension.SOURCES}
    try:
        compiler = _compiler()
    except CompilerError:
        return None
    words = [*compiler, *flags, sys.version, np.__version__, platform.machine(), *sources.values()]
    key = hashlib.sha256("\0".join(words).encode()).hexdigest()[:24]
    target = cache_folder() / f"{extension.NAME}-{key}.so"

    def build_it() -> Path:
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=target.parent, prefix="build-") as folder:
                for name, source in sources.items():
                    Path(folder, name).write_text(source, encoding="utf-8")
                main = extension.SOURCES[0].name
                command = [*compiler, "-O2", "-fPIC", "-shared", *flags, main, "-o", "library.so"]
                _compile(extension.NAME, [command], folder)
                os.replace(Path(folder, "library.so"), target)
        return target

    try:
        return _opened(build_it, lambda path: extension.loaded(Path(path)))[1]
    except (OSError, ImportError, CompilerError):
        return None


def build(name: str, files: dict[str, str], functions: Sequence[str] = ()) -> Path:
    """The path of the shared library made of a generated source and header; compiled once for each content.

    With ``functions`` it has these alone. Several processes may build at once: each compiles in a folder of its own,
    and the last one to finish puts its (equal) result in place.
    """
    compiler = (*_compiler(), *_native(_compiler())[0])
    words = [*compiler, *FLAGS, THREADS, _native(_compiler())[1], *functions, *files.values()]
    key = hashlib.sha256("\0".join(words).encode()).hexdigest()[:24]
    target = cache_folder() / f"{name}-{key}.so"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="build-") as folder:
        Path(folder, f"{name}.h").write_text(files[".h"], encoding="utf-8")
        units = _units(name, files[".c"], functions)
        try:
            _link(name, units, [*compiler, THREADS], folder)
        except CompilerError:
            _link(name, units, [*compiler], folder)  # a compiler without OpenMP, or without its library
        os.replace(Path(folder, "library.so"), target)
    return target


def _link(name: str, units: list[str], compiler: Sequence[str], folder: str) -> None:
    """Make library.so of sources."""
    sources = [f"{name}.c" if len(units) == 1 else f"{name}_{k}.c" for k in range(len(units))]
    for source, text in zip(sources, units, strict=True):
        Path(folder, source).write_text(text, encoding="utf-8")
    if len(units) > 1:
        flags = [flag for flag in FLAGS if flag != "-shared"]
        _compile(name, [[*compiler, *flags, "-c", source] for source in sources], folder)
        sources = [source.replace(".c", ".o") for source in sources]
    _compile(name, [[*compiler, *FLAGS, *sources, "-o", "library.so", "-lm"]], folder)


def _open(path: str) -> ctypes.CDLL:
    """A shared library, whose threads a forked process does not wait for: it does not have them."""
    library = ctypes.CDLL(path)
    if hasattr(library, "omp_set_num_threads") and hasattr(os, "register_at_fork"):
        _threaded.append(library.omp_set_num_threads)
    return library


def _alone() -> None:
    for set_number in _threaded:
        set_number(1)


_threaded: list[Callable[[int], Any]] = []
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_alone)


def _compile(name: str, commands: list[list[str]], folder: str) -> None:
    """Run commands side by side."""
    pipe = subprocess.PIPE
    with contextlib.ExitStack() as stack:
        started = [
            stack.enter_context(subprocess.Popen(c, cwd=folder, stdout=pipe, stderr=pipe, text=True))
            for c in commands
        ]
        said = [process.communicate()[1] for process in started]
    for command, process, error in zip(commands, started, said, strict=True):
        if process.returncode != 0:
            raise CompilerError(f"{name}: the C compiler failed: {' '.join(command)}\n{error[-4000:]}")


def _units(name: str, source: str, functions: Sequence[str]) -> list[str]:
    """The source in parts of about equal length that can be compiled side by side, with the named functions only."""
    if not functions or (found := apart(name, source, functions)) is None:
        return [source]
    head, chosen = found
    parts: list[list[str]] = [[] for _ in range(min(os.cpu_count() or 1, _MOST_UNITS, len(chosen)))]
    for piece in sorted(chosen, key=len, reverse=True):
        min(parts, key=lambda part: sum(map(len, part))).append(piece)
    return [head + "".join(part) for part in parts]


def apart(name: str, source: str, functions: Sequence[str]) -> tuple[str, list[str]] | None:
    """What the functions of a generated source share, and the named ones, each with what it alone needs.

    None where something stands between functions that more than one of them may need.
    """
    own = r"static (?:inline )?\w+ symloss_\w+_of_(?:example|thread)\("  # stand in front of what calls them
    begin = rf"^(?:(?:/\*[^\n]*\n)?{own}.*?)?^\w+ symloss_{name}_\w+\("
    starts = [m.start() for m in re.finditer(begin, source, re.MULTILINE | re.DOTALL)]
    pieces = [source[a:b] for a, b in itertools.pairwise([*starts, len(source)])]
    between = re.compile(rf"^(?!{own})(static|#define)\b", re.MULTILINE)
    if any(between.search(piece) for piece in pieces):
        return None
    names = [re.findall(r"^(\w+) (symloss_\w+)\(", piece, re.MULTILINE)[0] for piece in pieces]
    return source[: starts[0]], [
        piece
        for piece, (type_, function) in zip(pieces, names, strict=True)
        if type_ != "int" or function in functions  # the length of a workspace is wanted with any of them
    ]


_MOST_UNITS = 4
"""In how many parts a source is compiled: each of them repeats what the functions share."""


@lru_cache
def _found_compiler(named: str | None) -> tuple[str, ...]:
    candidates = [named.split()] if named else [["cc"], ["gcc"], ["clang"]]
    for words in candidates:
        if words and shutil.which(words[0]):
            return tuple(words)
    looked = f"CC={named}" if named else "cc, gcc and clang"
    raise CompilerError(
        f"no C compiler found (looked for {looked}); install one, set CC to one, or use the NumPy backend"
    )


@lru_cache
def _native(compiler: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """The flags for this machine's own instructions, where the compiler has them, and what tells such machines apart.

    A cache may be shared by several machines. Compilers hold back from the longest vectors for the sake of what runs
    besides; these kernels are faster with them. gcc would take four times as long to make copies of loops that are no
    faster.
    """
    named = (sys.platform, platform.machine())
    native = ("-march=native",)
    long = ("-mprefer-vector-width=512",)
    short = (
        "-fno-unswitch-loops",
        "-fno-version-loops-for-strides",
        "--param=max-completely-peeled-insns=100",
    )
    for flags in ((*native, *long, *short), (*native, *long), (*native, *short), native):
        command = [*compiler, *flags, "-dM", "-E", "-x", "c", os.devnull]
        try:
            run = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError:
            break
        if run.returncode == 0 and not run.stderr:
            return flags, hashlib.sha256(" ".join([*named, run.stdout]).encode()).hexdigest()
    return (), " ".join(named)


def _compiler() -> tuple[str, ...]:
    return _found_compiler(os.environ.get("CC") or None)


def compiler_version() -> str:
    """What the C compiler says that it is, in a line."""
    run = subprocess.run([*_compiler(), "--version"], capture_output=True, text=True, check=False)
    return (run.stdout.splitlines() or [" ".join(_compiler())])[0].strip()
