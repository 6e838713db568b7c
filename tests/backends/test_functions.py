"""Every function that a declaration may take from SymPy is the same function in every backend."""

from functools import partial

import mpmath
import numpy as np
import pytest
from node import NodeKernel, needs_node

from symloss import Interval, loss
from symloss.functions import ELEMENTARY

AT = {row.name: 0.3 for row in ELEMENTARY} | {"acosh": 1.3}
"""Where each of them is a number."""


def half_of_square(function, at: float):
    """A loss whose value and gradient both contain the function."""

    @loss
    def half_of_square(a: Interval(at - 0.1, at + 0.1)):
        return function(a) ** 2 / 2

    return half_of_square


def mpmath_half_of_square(name: str, a):
    return getattr(mpmath, name)(a) ** 2 / 2


def every_function():
    parts = (half_of_square(row.function, AT[row.name]).renamed(a=f"of_{row.name}") for row in ELEMENTARY)
    return sum(parts).renamed("every_function")


@pytest.mark.parametrize("backend", [pytest.param("c", marks=pytest.mark.slow), "numpy", "javascript"])
def test_every_function(backend, tmp_path):
    made = every_function()
    if backend == "javascript":
        needs_node()
        kernel = NodeKernel(made, tmp_path)
    else:
        kernel = made.load(backend)
    gradient = kernel.gradient(**{f"of_{name}": np.array([a]) for name, a in AT.items()})
    for name, a in AT.items():
        expected = float(mpmath.diff(partial(mpmath_half_of_square, name), a))
        assert gradient[f"of_{name}"][0] == pytest.approx(expected, rel=1e-14), name
