"""The short way from NumPy arrays to a compiled function: for whole arrays of one format, and numbers as options.

What a general call does to its arguments takes longer than the function itself has to do for a thousand numbers. So
the usual call has a Python function of its own, written for one compiled function. It gives None, or raises
TypeError, ValueError or AttributeError, for all that is not the usual; nothing is computed then, and the general call
does it or says what is wrong. Each result is a new array with new memory: to use memory again, as the extension
does (memory.h), takes C that NumPy calls.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from symloss.runtime.checks import holds
from symloss.runtime.roles import Kind
from symloss.runtime.usual import Usual
from symloss.value import Loss, Parameter

__all__ = ["shortcut"]

PASSED = {
    Kind.SIZE: "size_({}_count_)",
    Kind.TENSOR: "at_({})",
    Kind.NOTHING: "None",
    Kind.REDUCTION: "reductions_[reduction]",
    Kind.OPTION: "{}_passed_",
    Kind.VALUE: "byref_(value_)",
    Kind.DERIVATIVE: "at_({}_derivative_)",
}
"""What is passed for an argument, as Python text. No name of a declaration ends in an underscore, so that these do not
meet one."""


def shortcut(loss: Loss, what: str, real: str, usual: Usual, function: Any) -> Callable[..., Any]:
    """The Python function that makes the usual call of a compiled one."""
    number = ctypes.c_double if real == "float64" else ctypes.c_float
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
        "reductions_": {word: ctypes.c_int(code) for word, code in usual.reductions.items()},
        "result_": np.dtype(real).type,
        "size_": ctypes.c_size_t,
        "type_": type,
        "wanted_": np.dtype(real),
    }
    keywords: list[str] = []
    lines = _checks(loss, usual)
    if usual.reductions:
        keywords.append('reduction="mean"')
        lines.append("if reduction not in reductions_: return None")
    for p in usual.options:
        keywords.append(f"{p.name}={p.name}_default_")
        lines += _option(p)
        scope[f"{p.name}_default_"] = p.default
        scope[f"{p.name}_number_"] = (ctypes.c_int64 if p.domain.integer else number)(p.default)
        scope[f"{p.name}_contains_"] = partial(holds, p.domain, real)
    results: list[str] = []
    if usual.named(Kind.VALUE):
        lines.append("value_ = number_()")
        results.append("result_(value_.value)")
    derived = {wrt: f"{wrt}_derivative_" for wrt in usual.named(Kind.DERIVATIVE)}
    lines += [f"{array} = empty_({_shape(wrt, loss, usual)}, wanted_)" for wrt, array in derived.items()]
    if len(derived) == 1:
        results += derived.values()
    elif derived:
        results.append(f"{{{', '.join(f'{wrt!r}: {array}' for wrt, array in derived.items())}}}")
    passed = ", ".join(PASSED[slot.kind].format(slot.name) for slot in usual.slots)
    lines += [f"if call_({passed}) == 0:", f"    return {', '.join(results)}"]
    head = ", ".join([*(t.name for t in usual.tensors), *(["*", *keywords] if keywords else [])])
    text = f"def short_({head}):\n    " + "\n    ".join(lines)
    exec(compile(text, f"<symloss {loss.name} {what}>", "exec"), scope)
    return scope["short_"]


def _option(p: Parameter) -> list[str]:
    """Lines that take a hyper-parameter: its default, or another float of its domain."""
    name = p.name
    lines = [f"if {name} is {name}_default_:", f"    {name}_passed_ = {name}_number_"]
    if not p.domain.integer:
        lines += [
            f"elif type_({name}) is float_ and {name}_contains_({name}):",
            f"    {name}_passed_ = number_({name})",
        ]
    return [*lines, "else:", "    return None"]


def _checks(loss: Loss, usual: Usual) -> list[str]:
    """Lines that hold formats and shapes against each other."""
    lines = []
    counted: set[str] = set()
    for t in usual.tensors:
        kind = "index_" if t.type.classes else "wanted_"
        lines.append(f"if type_({t.name}) is not array_ or {t.name}.dtype is not {kind}: return None")
    if loss.kind == "elementwise":
        first, *others = usual.tensors
        lines.append(f"shape_ = {first.name}.shape")
        lines += [f"if {t.name}.shape != shape_: return None" for t in others]
        lines.append(f"n_count_ = {first.name}.size")
        counted.add("n")
    else:
        for t in usual.tensors:
            axes = usual.axes[t.name]
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


def _shape(wrt: str, loss: Loss, usual: Usual) -> str:
    if loss.kind == "elementwise":
        return "shape_"
    return f"({''.join(f'{axis}_count_, ' for axis in usual.axes[wrt])})"
