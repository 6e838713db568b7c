"""Whether values and gradients of float32 are computed in float32, or in double precision."""

from __future__ import annotations

from sympy import Integer, Rational

from symloss.schedule import Program
from symloss.value import Loss

__all__ = ["native"]

LEAST_FLOAT, LARGEST_FLOAT = Rational(1, 2**126), Integer(2**128 - 2**104)
"""The normal numbers of float32."""


def native(loss: Loss, what: str, program: Program) -> bool:
    """Whether float32 is computed in float32: where it was asked for, and every number fits into the format."""
    return (
        loss.native_float32
        and what in ("value", "gradient", "value_and_gradient")
        and not program.workspace
        and all(
            LEAST_FLOAT <= abs(n) <= LARGEST_FLOAT and n.p <= LARGEST_FLOAT and n.q <= LARGEST_FLOAT
            for e in program.expressions
            for n in e.atoms(Rational)
            if n != 0
        )
    )
