"""Kernels: generated code is built, compiled C is kept in a cache, and both are called from Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from symloss.runtime.c_kernel import CKernel
from symloss.runtime.compiler import CompilerError, build, compiler_version
from symloss.runtime.kernel import Kernel
from symloss.runtime.numpy_kernel import NumPyKernel
from symloss.store import cache_folder
from symloss.value import Loss

__all__ = ["KERNELS", "CompilerError", "Kernel", "build", "cache_folder", "compiler_version", "load"]

KERNELS: dict[str, Callable[[Loss, Any], Kernel]] = {"numpy": NumPyKernel, "c": CKernel}
"""The backends whose code can be called from Python: all of them are checked, measured and certified."""


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
        except (TypeError, ValueError):  # as numbers of things before a type, which NumPy would read
            known = None
        if known is None or known not in (np.dtype(np.float64), np.dtype(np.float32)):
            raise ValueError(f"{loss.name}: dtype must be 'float64', 'float32' or None, not {dtype!r}")
        dtype = known
    if backend not in KERNELS:
        known = " or ".join(map(repr, KERNELS))
        raise ValueError(f"{loss.name}: backend must be {known}, not {backend!r}")
    return KERNELS[backend](loss, dtype)
