"""What is passed for each argument of a compiled function, by its role: a table.

The backend gives each argument a role. The general call finds here what it passes for it, and the short ways (see
symloss.runtime.usual) what kind of argument it is to them.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np

from symloss.backends.arguments import Arguments
from symloss.backends.c import Argument

__all__ = ["REDUCTIONS", "ROLES", "Call", "Kind", "Role"]

REDUCTIONS = {"none": 0, "mean": 1, "sum": 2}
"""The words for a reduction, as C numbers them."""


class Kind(IntEnum):
    """What the short ways pass, as call.c numbers it."""

    SIZE = 0
    TENSOR = 1
    NOTHING = 2
    REDUCTION = 3
    OPTION = 4
    VALUE = 5
    DERIVATIVE = 6


@dataclass(frozen=True)
class Call:
    """A general call of a compiled function: where its arguments are found."""

    arguments: Arguments
    parameters: Mapping[str, Any]
    value: np.ndarray
    derivatives: Mapping[str, np.ndarray]
    workspace: Callable[[], np.ndarray]
    """Makes the memory that a function computes in."""


@dataclass(frozen=True)
class Role:
    """What the general call passes, and what the short ways do: None where they cannot call the function."""

    general: Callable[[Argument, Call], Any]
    usual: Kind | None


def _size(a: Argument, call: Call) -> Any:
    return ctypes.c_size_t(call.arguments.size(a.name))


def _array(a: Argument, call: Call) -> Any:
    return _pointer(call.arguments.arrays[a.name])


def _weight(_: Argument, call: Call) -> Any:
    return None if call.arguments.weight is None else _pointer(call.arguments.weight)


def _number(a: Argument, call: Call) -> Any:
    real = ctypes.c_double if call.arguments.dtype == np.float64 else ctypes.c_float
    return (ctypes.c_int64 if a.type == "int64_t" else real)(call.parameters[a.name])


def _pointer(array: np.ndarray) -> Any:
    return array.ctypes.data_as(ctypes.c_void_p)  # which keeps the array alive


ROLES = {
    "n": Role(lambda _, call: ctypes.c_size_t(call.arguments.count), Kind.SIZE),
    "size": Role(_size, Kind.SIZE),
    "input": Role(_array, Kind.TENSOR),
    "weight": Role(_weight, Kind.NOTHING),
    "reduction": Role(lambda _, call: ctypes.c_int(REDUCTIONS[call.arguments.reduction]), Kind.REDUCTION),
    "parameter": Role(_number, Kind.OPTION),
    "vector parameter": Role(_array, Kind.NOTHING),
    "workspace": Role(lambda _, call: _pointer(call.workspace()), None),
    "value": Role(lambda _, call: _pointer(call.value), Kind.VALUE),
    "derivative": Role(lambda a, call: _pointer(call.derivatives[a.wrt]), Kind.DERIVATIVE),
}
"""The roles that symloss.backends.c.signature gives."""
