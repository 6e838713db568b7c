"""The bound that every generated kernel is held to: written once, here, and quoted by the documentation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from flint import arb

__all__ = ["FACTOR", "FORMATS", "NOT_A_NUMBER", "NO_ERROR", "Error", "Format", "error", "half_ulps"]

FACTOR = 4
"""A result is sound when |computed − exact| ≤ FACTOR · (ulp(exact) + S).

S is the sum, over the numbers that go in (inputs and hyper-parameters), of the largest change of the exact result
when that one moves by half an ulp: the part of an error that no program can avoid, because the number that it
was handed may itself have been rounded. A number at an end of its domain, as the target 1 of a class, is taken to
be meant, and a jump of the result at the very point, as at a kink, belongs to no S. ulp(exact) is the distance
between neighbouring floating-point numbers at the exact result; below the normal numbers it is the smallest
subnormal one. A result that is the correctly rounded 0, subnormal number or infinity of an exact result beyond the
format is sound, too. Where a NaN goes in, a NaN must come out wherever the formula lets it; where an infinity goes
in, the limit, or NaN among the entries of an axis.
"""


@dataclass(frozen=True)
class Format:
    """A binary floating-point format: digits of the significand, exponents of the least ulp and of overflow."""

    name: str
    digits: int
    least: int
    overflow: int

    def exponent_of_ulp(self, exact: Any) -> int:
        """e where ulp(exact) = 2^e."""
        mantissa, exponent = exact.mid().man_exp()
        if mantissa == 0:
            return self.least
        return max(int(exponent) + abs(int(mantissa)).bit_length() - self.digits, self.least)


FORMATS = {"float64": Format("float64", 53, -1074, 1024), "float32": Format("float32", 24, -149, 128)}


def half_ulps(x: float, form: Format) -> tuple[Any, Any]:
    """The steps by half an ulp, up and down; from a power of 2 towards 0 the ulp is half as large."""
    mantissa, exponent = math.frexp(x)
    ulp = max(exponent - form.digits, form.least) if x else form.least
    away, towards = ulp - 1, (ulp - 2 if abs(mantissa) == 0.5 and ulp > form.least else ulp - 1)
    up, down = (away, towards) if x >= 0 else (towards, away)
    return arb((1, up)), -arb((1, down))


@dataclass(frozen=True)
class Error:
    """The error of one result: in ulp of the exact one, and as a share of the bound (at most 1 is sound)."""

    ulps: float
    share: float


NO_ERROR = Error(0.0, 0.0)
NOT_A_NUMBER = Error(math.inf, math.inf)


def error(computed: float, exact: Any, spread: Any, form: Format) -> Error:
    """How far a computed number is from the exact one; ``spread`` is S. Nothing is asked where there is no exact one.

    An infinity counts as the first number beyond the format, so that it is no error next to an exact result that
    is as good as there.
    """
    if exact.is_nan():
        return NO_ERROR
    if not exact.is_finite():
        return NO_ERROR if computed == float(exact) else NOT_A_NUMBER
    if math.isnan(computed):
        return NOT_A_NUMBER
    beyond = arb((1, form.overflow))
    edge = beyond - arb((1, form.overflow - form.digits - 1))
    if math.isinf(computed):
        if (exact if computed > 0 else -exact) > edge:
            return NO_ERROR
        value = beyond if computed > 0 else -beyond
    else:
        value = arb(computed)
    distance = abs(value - exact)
    ulp = arb((1, form.exponent_of_ulp(exact)))
    return Error(_float(distance / ulp), _float(distance / (FACTOR * (ulp + spread))))


def _float(number: Any) -> float:
    """The middle of a ball; a number too large for a float is infinite."""
    return 0.0 if number.is_zero() else abs(float(number.mid()))
