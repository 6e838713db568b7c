"""The short way from NumPy arrays to a compiled function: for whole arrays of one format, and numbers as options.

What a general call does to its arguments takes longer than the function itself has to do for a thousand numbers. So
the usual call has a Python function of its own, written for one compiled function. It gives None, or raises
TypeError, ValueError or AttributeError, for all that is not the usual; nothing is computed then, and the general call
does it or says what is wrong. Each result is a new array with new memory: to use memory again, as the extension
does (symloss/memory.h), takes C that NumPy calls.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from symloss.derive import vectors_of
from symloss.domains import Domain
from symloss.value import Input, Loss

__all__ = ["REDUCTIONS", "Passed", "axes_of", "holds", "shortcut", "tensors_of"]


class Passed(NamedTuple):
    """An argument of a compiled function: its role says what is passed."""

    name: str
    type: str
    role: str


def holds(domain: Domain, real: str, given: float) -> bool:
    """Whether a number is in a domain, and a format does not round it to an end that the domain is without."""
    if not domain.contains(given):
        return False
    ends = [end for end, out in ((domain.lower, domain.lower_open), (domain.upper, domain.upper_open)) if out]
    rounded = ctypes.c_float(given).value
    return real != "float32" or all(
        rounded != ctypes.c_float(float(end)).value for end in ends if end.is_finite
    )


REDUCTIONS = {"mean": 1, "sum": 2}
"""Those that give one number, as C calls them."""


def shortcut(
    loss: Loss, what: str, real: str, arguments: Sequence[Passed], function: Any
) -> Callable[..., Any] | None:
    """The Python function that calls a compiled one; None where it needs more than its arguments say."""
    if any(a.role == "workspace" for a in arguments):
        return None
    number = ctypes.c_double if real == "float64" else ctypes.c_float
    allowed = {"mean": REDUCTIONS["mean"]} if loss.mean_only else REDUCTIONS
    # No name of a declaration ends in an underscore, so that these do not meet one.
    scope: dict[str, Any] = {
        "__builtins__": {},
        "array_": np.ndarray,
        "at_": (ctypes.c_char * 0).from_buffer,
        "byref_": ctypes.byref,
        "call_": function,
        "empty_": np.empty,
        "float_": float,
        "index_": np.dtype(np.int64),
        "number_": number,
        "reductions_": {word: ctypes.c_int(code) for word, code in allowed.items()},
        "result_": np.dtype(real).type,
        "size_": ctypes.c_size_t,
        "type_": type,
        "wanted_": np.dtype(real),
    }
    tensors, shapes = tensors_of(loss, what), axes_of(loss, what)
    lines = _checks(loss, tensors, shapes)
    known = {axis for axes in shapes.values() for axis in axes}
    defaults = {p.name: p.default for p in loss.parameters}
    passed: list[str] = []
    outputs: list[str] = []
    options: list[str] = []
    derived: dict[str, str] = {}
    for a in arguments:
        if a.role in ("n", "size"):
            if a.name not in known:
                return None
            passed.append(f"size_({a.name}_count_)")
        elif a.role == "input":
            passed.append(f"at_({a.name})")
        elif a.role in ("weight", "vector parameter"):
            passed.append("None")
        elif a.role == "reduction":
            options.append('reduction="mean"')
            lines.append("if reduction not in reductions_: return None")
            passed.append("reductions_[reduction]")
        elif a.role == "parameter":
            if not holds(loss.argument(a.name).domain, real, defaults[a.name]):
                return None
            options.append(f"{a.name}={a.name}_default_")
            lines += _option(a.name, whole=a.type == "int64_t")
            default = defaults[a.name]
            scope[f"{a.name}_default_"] = default
            scope[f"{a.name}_number_"] = (ctypes.c_int64 if a.type == "int64_t" else number)(default)
            scope[f"{a.name}_contains_"] = partial(holds, loss.argument(a.name).domain, real)
            passed.append(f"{a.name}_passed_")
        elif a.name == "value":
            lines.append("value_ = number_()")
            outputs.append("result_(value_.value)")
            passed.append("byref_(value_)")
        else:
            wrt = a.name.split("_", 1)[1]
            derived[wrt] = f"{a.name}_"
            lines.append(f"{a.name}_ = empty_({_shape(wrt, loss, shapes)}, wanted_)")
            passed.append(f"at_({a.name}_)")
    if len(derived) == 1:
        outputs += derived.values()
    elif derived:
        outputs.append(f"{{{', '.join(f'{wrt!r}: {array}' for wrt, array in derived.items())}}}")
    lines += [f"if call_({', '.join(passed)}) == 0:", f"    return {', '.join(outputs)}"]
    head = ", ".join([*(t.name for t in tensors), *(["*", *options] if options else [])])
    text = f"def short_({head}):\n    " + "\n    ".join(lines)
    exec(compile(text, f"<symloss {loss.name} {what}>", "exec"), scope)
    return scope["short_"]


def _option(name: str, whole: bool) -> list[str]:
    """Lines that take a hyper-parameter: its default, or another float of its domain."""
    lines = [f"if {name} is {name}_default_:", f"    {name}_passed_ = {name}_number_"]
    if not whole:
        lines += [
            f"elif type_({name}) is float_ and {name}_contains_({name}):",
            f"    {name}_passed_ = number_({name})",
        ]
    return [*lines, "else:", "    return None"]


def tensors_of(loss: Loss, what: str) -> list[Input]:
    """The tensors that a function takes."""
    return [*loss.inputs, *(vectors_of(loss) if what == "hessian_vector_product" else ())]


def axes_of(loss: Loss, what: str) -> dict[str, tuple[str, ...]]:
    """The axes of each tensor, with that of the batch."""
    return {t.name: (*(("n",) if t.per_example else ()), *t.axes) for t in tensors_of(loss, what)}


def _checks(loss: Loss, tensors: Sequence[Input], shapes: dict[str, tuple[str, ...]]) -> list[str]:
    """Lines that hold formats and shapes against each other."""
    lines = []
    counted: set[str] = set()
    for t in tensors:
        kind = "index_" if t.type.classes else "wanted_"
        lines.append(f"if type_({t.name}) is not array_ or {t.name}.dtype is not {kind}: return None")
    if loss.kind == "elementwise":
        first, *others = tensors
        lines.append(f"shape_ = {first.name}.shape")
        lines += [f"if {t.name}.shape != shape_: return None" for t in others]
        lines.append(f"n_count_ = {first.name}.size")
        counted.add("n")
    else:
        for t in tensors:
            axes = shapes[t.name]
            new = [axis for axis in axes if axis not in counted]
            if not axes or len(set(new)) < len(new):
                lines.append(f"if {t.name}.shape != (): return None" if not axes else "return None")
                continue
            names = [f"{axis}_count_" if axis in new else f"{axis}_again_" for axis in axes]
            lines.append(f"{', '.join(names)}, = {t.name}.shape")
            lines += [f"if {axis}_again_ != {axis}_count_: return None" for axis in axes if axis not in new]
            counted.update(new)
    lines += [f"if {axis}_count_ == 0: return None" for axis in sorted(counted)]
    return lines


def _shape(wrt: str, loss: Loss, shapes: dict[str, tuple[str, ...]]) -> str:
    if loss.kind == "elementwise":
        return "shape_"
    return f"({''.join(f'{axis}_count_, ' for axis in shapes[wrt])})"
