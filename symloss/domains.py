"""Domains: what a declaration says of a number, and what SymPy, the checks, the C code and the page make of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sympy

__all__ = [
    "Binary",
    "ClassIndex",
    "Domain",
    "Integer",
    "Interval",
    "NonNegative",
    "Positive",
    "Probability",
    "Real",
    "Sign",
    "Simplex",
    "TensorType",
]


@dataclass(frozen=True)
class Domain:
    """A set of numbers. ``Domain["C"]`` is a tensor of them with the axis C.

    ``latex`` and ``words`` are how a page writes the set; ``assumptions`` is what SymPy may use of it.
    """

    name: str
    latex: str
    words: str
    assumptions: tuple[str, ...] = ("real",)
    lower: sympy.Expr = -sympy.oo
    upper: sympy.Expr = sympy.oo
    lower_open: bool = True
    upper_open: bool = True
    values: tuple[int, ...] = ()
    integer: bool = False
    sums_to_one: bool = False

    def __getitem__(self, axes: str | tuple[str, ...]) -> TensorType:
        return TensorType(self)[axes]._along_first()

    def __str__(self) -> str:
        return self.name

    @property
    def sympy_assumptions(self) -> dict[str, bool]:
        return dict.fromkeys(self.assumptions, True)

    @property
    def differentiable(self) -> bool:
        """Whether a derivative with respect to a member makes sense."""
        return not self.values and not self.integer

    def within(self, other: Domain) -> bool:
        """Whether every member is a member of ``other``."""
        if self == other:
            return True
        if other.values or other.sums_to_one or (other.integer and not self.integer and not self.values):
            return bool(self.values) and set(self.values) <= set(other.values)
        if self.values:
            return all(bool(other.contains(v)) for v in self.values)
        low = self.lower > other.lower or (
            self.lower == other.lower and (self.lower_open or not other.lower_open)
        )
        high = self.upper < other.upper or (
            self.upper == other.upper and (self.upper_open or not other.upper_open)
        )
        return bool(low and high)

    def contains(self, value: Any) -> Any:
        """Whether a number, or each number of an array, lies in the set (NaN does not)."""
        if self.values:
            inside = value == self.values[0]
            for other in self.values[1:]:
                inside = inside | (value == other)
            return inside
        inside = value == value
        if self.lower != -sympy.oo:
            low = float(self.lower)
            inside = inside & ((value > low) if self.lower_open else (value >= low))
        if self.upper != sympy.oo:
            high = float(self.upper)
            inside = inside & ((value < high) if self.upper_open else (value <= high))
        if self.integer:
            inside = inside & (value == value // 1)
        return inside


@dataclass(frozen=True)
class TensorType:
    """A domain with axes: the annotation of an argument, such as ``Real["C"]``."""

    domain: Domain
    axes: tuple[str, ...] = ()
    classes: str | None = None
    """For class indices: the axis that they index."""
    also: str | None = None
    """For class indices: the hyper-parameter whose value is allowed beside the classes."""
    along: str | None = None
    """For distributions: the axis along which they sum to one."""

    def _along_first(self) -> TensorType:
        return replace(self, along=self.axes[0]) if self.domain.sums_to_one else self

    def __getitem__(self, axes: str | tuple[str, ...]) -> TensorType:
        axes = axes if isinstance(axes, tuple) else (axes,)
        for axis in axes:
            if not isinstance(axis, str) or not axis.isidentifier():
                raise TypeError(f"an axis is named by an identifier such as 'C', not by {axis!r}")
        return replace(self, axes=self.axes + axes)

    @property
    def words(self) -> str:
        """What one number is, in words."""
        if self.classes is None:
            return self.domain.words
        also = f", or {self.also}" if self.also else ""
        return f"a class index, 0 … {self.classes} - 1{also}"

    def or_value_of(self, parameter: str) -> TensorType:
        """Class indices that may also be equal to a hyper-parameter, as ``ignore_index`` is used."""
        return replace(self, also=parameter)

    def __str__(self) -> str:
        inner = f'["{self.classes}"]' if self.classes else ""
        if self.also:
            inner += f'.or_value_of("{self.also}")'
        axes = "[" + ", ".join(f'"{a}"' for a in self.axes) + "]" if self.axes else ""
        return f"{self.domain}{inner}{axes}"


class _ClassIndexFamily:
    """``ClassIndex["C"]``: whole numbers 0 … C − 1."""

    def __getitem__(self, axis: str) -> TensorType:
        return TensorType(_class_index, classes=axis)


def Interval(lower: Any, upper: Any, *, open: bool = False) -> Domain:
    """The numbers between two ends, the ends included unless ``open``."""
    for end in (lower, upper):
        if isinstance(end, bool) or not isinstance(end, (int, float, sympy.Rational)):
            raise ValueError(f"Interval({lower!r}, {upper!r}): both ends must be numbers")
    low, high = sympy.nsimplify(lower, rational=True), sympy.nsimplify(upper, rational=True)
    if not (low.is_extended_real and high.is_extended_real and low < high):
        raise ValueError(f"Interval({lower}, {upper}): the lower end must be below the upper end")
    left, right = ("(", ")") if open else ("[", "]")
    assumptions = ["real"]
    if low >= 0:
        assumptions.append("positive" if open or low > 0 else "nonnegative")
    text = f"{left}{low}, {high}{right}"
    return Domain(
        f"Interval({low}, {high}{', open=True' if open else ''})",
        text,
        f"a number in {text}",
        tuple(assumptions),
        low,
        high,
        open,
        open,
    )


_zero, _one = sympy.Integer(0), sympy.Integer(1)
Real = Domain("Real", r"\mathbb{R}", "a real number")
Positive = Domain("Positive", r"(0, \infty)", "a number > 0", ("real", "positive"), lower=_zero)
NonNegative = Domain(
    "NonNegative", r"[0, \infty)", "a number ≥ 0", ("real", "nonnegative"), lower=_zero, lower_open=False
)
Probability = Domain(
    "Probability",
    "[0, 1]",
    "a probability, in [0, 1]",
    ("real", "nonnegative"),
    _zero,
    _one,
    lower_open=False,
    upper_open=False,
)
Simplex = Domain(
    "Simplex",
    r"\Delta",
    "a distribution: numbers ≥ 0 that sum to 1 along the first axis",
    ("real", "nonnegative"),
    _zero,
    _one,
    lower_open=False,
    upper_open=False,
    sums_to_one=True,
)
Binary = Domain("Binary", r"\{0, 1\}", "0 or 1", ("real", "nonnegative"), _zero, _one, values=(0, 1))
Sign = Domain("Sign", r"\{-1, 1\}", "-1 or 1", ("real", "nonzero"), -_one, _one, values=(-1, 1))
Integer = Domain("Integer", r"\mathbb{Z}", "a whole number", ("integer",), integer=True)
_class_index = Domain(
    "ClassIndex",
    r"\{0, \dots, C-1\}",
    "a class index",
    ("integer",),
    integer=True,
    lower=_zero,
    lower_open=False,
)
ClassIndex = _ClassIndexFamily()
