"""Functions of one number or of a few, and expressions by cases, with their definitions and derivatives."""

from __future__ import annotations

from collections.abc import Callable

import sympy
from sympy import Expr, Function, Indexed, Integer, Symbol, exp, log
from sympy.core.function import ArgumentIndexError
from sympy.logic.boolalg import Boolean
from sympy.printing.precedence import PRECEDENCE

__all__ = [
    "Cases",
    "expm1",
    "group",
    "log1p",
    "maximum",
    "nan_where",
    "ratio",
    "sigmoid",
    "softplus",
    "two_values",
    "xlogy",
]


class _Defined(Function):
    """A function whose definition SymPy can evaluate, so that it can compare one of numbers with a number."""

    def _eval_evalf(self, prec: int) -> Expr | None:
        return self.numbers()._eval_evalf(prec)

    def numbers(self) -> Expr:
        """The definition where all arguments are numbers."""
        return self.definition()

    def definition(self) -> Expr:
        """The function in elementary terms."""
        raise NotImplementedError


class sigmoid(_Defined):
    """σ(x) = 1/(1 + e⁻ˣ), the logistic function."""

    nargs = 1
    is_extended_real = True
    is_positive = True
    is_finite = True

    def fdiff(self, argindex: int = 1) -> Expr:
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return self * (1 - self)

    def definition(self) -> Expr:
        return 1 / (1 + exp(-self.args[0]))


class softplus(_Defined):
    """log(1 + eˣ), whose derivative is the logistic function."""

    nargs = 1
    is_extended_real = True
    is_positive = True

    def fdiff(self, argindex: int = 1) -> Expr:
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return sigmoid(self.args[0])

    def definition(self) -> Expr:
        return log(1 + exp(self.args[0]))


class xlogy(_Defined):
    """x·log y with the convention of information theory 0·log 0 = 0."""

    nargs = 2
    is_extended_real = True

    @classmethod
    def eval(cls, x: Expr, y: Expr) -> Expr | None:
        return sympy.S.Zero if x.is_zero else None

    def fdiff(self, argindex: int = 1) -> Expr:
        x, y = self.args
        if argindex == 1:
            return log(y)
        if argindex == 2:
            return ratio(x, y)
        raise ArgumentIndexError(self, argindex)

    def definition(self) -> Expr:
        x, y = self.args
        return Cases((0, sympy.Eq(x, 0)), (x * log(y), True))

    def numbers(self) -> Expr:
        x, y = self.args
        return x * log(y)


class ratio(_Defined):
    """x/y, and 0 wherever x = 0: the derivative of ``xlogy``, and of a norm at the origin."""

    nargs = 2
    is_extended_real = True

    @classmethod
    def eval(cls, x: Expr, y: Expr) -> Expr | None:
        if x == 0:  # not is_zero, which asks about every term of a sum each time that a binder is opened
            return Integer(0)
        if not y.has(Indexed, Symbol) and y.is_nonzero:
            return x / y
        return None

    def fdiff(self, argindex: int = 1) -> Expr:
        x, y = self.args
        if argindex == 1:
            return Cases((0, sympy.Eq(y, 0)), (1 / y, True))
        if argindex == 2:
            return -ratio(x, y**2)
        raise ArgumentIndexError(self, argindex)

    def definition(self) -> Expr:
        x, y = self.args
        return Cases((0, sympy.Eq(x, 0)), (x / y, True))

    def numbers(self) -> Expr:
        x, y = self.args
        return x / y


class log1p(_Defined):
    """log(1 + x), exact for small x."""

    nargs = 1
    is_extended_real = True

    def fdiff(self, argindex: int = 1) -> Expr:
        return 1 / (1 + self.args[0])

    def definition(self) -> Expr:
        return log(1 + self.args[0])


class expm1(_Defined):
    """eˣ − 1, exact for small x."""

    nargs = 1
    is_extended_real = True

    def fdiff(self, argindex: int = 1) -> Expr:
        return exp(self.args[0])

    def definition(self) -> Expr:
        return exp(self.args[0]) - 1


class group(Function):
    """x, computed by itself: it keeps a sum from being added up in another order."""

    nargs = 1
    is_extended_real = True

    def definition(self) -> Expr:
        return self.args[0]

    def _sympystr(self, printer) -> str:
        return f"({printer.doprint(self.args[0])})"


class nan_where(Function):
    """``value``, but NaN where ``witness`` is NaN: a comparison with NaN is false and would hide it."""

    nargs = 2
    is_extended_real = True

    def definition(self) -> Expr:
        return self.args[0]

    def _sympystr(self, printer) -> str:
        return printer.parenthesize(self.args[0], PRECEDENCE["Func"])


class maximum(Function):
    """max(a, b) with a subgradient at the tie a = b: (1 − tie)·a′ + tie·b′."""

    nargs = 3
    is_extended_real = True

    @property
    def tie(self) -> Expr:
        return self.args[2]

    def _eval_is_nonnegative(self):
        return True if self.args[0].is_nonnegative or self.args[1].is_nonnegative else None

    def definition(self) -> Expr:
        a, b, _ = self.args
        return Cases((b, b > a), (a, True))

    def _sympystr(self, printer) -> str:
        return f"Max({printer.doprint(self.args[0])}, {printer.doprint(self.args[1])})"


class Cases(Expr):
    """The value that belongs to the first condition that holds; the last condition is True.

    In place of SymPy's Piecewise, which folds a condition out through the bound index of a sum.
    """

    is_commutative = True
    is_extended_real = True

    def __new__(cls, *pairs: tuple[Expr, Boolean]) -> Expr:
        if pairs and not isinstance(pairs[0], tuple):  # SymPy rebuilds from args: value, condition, value, …
            pairs = tuple(zip(pairs[::2], pairs[1::2], strict=True))
        kept: list[tuple[Expr, Boolean]] = []
        for value, condition in pairs:
            value, condition = sympy.sympify(value), sympy.sympify(condition)
            if condition == sympy.false:
                continue
            kept.append((value, condition))
            if condition == sympy.true:
                break
        if not kept or kept[-1][1] != sympy.true:
            kept.append((sympy.nan, sympy.true))
        while len(kept) > 1 and kept[-2][0] == kept[-1][0]:
            del kept[-2]
        if len(kept) == 1:
            return kept[0][0]
        return Expr.__new__(cls, *(part for pair in kept for part in pair))

    @property
    def pairs(self) -> tuple[tuple[Expr, Boolean], ...]:
        return tuple(zip(self.args[::2], self.args[1::2], strict=True))

    def map(self, f: Callable[[Expr], Expr]) -> Expr:
        """The same conditions with ``f`` of each value."""
        return Cases(*((f(value), condition) for value, condition in self.pairs))

    def _eval_is_nonnegative(self):
        return True if all(value.is_nonnegative for value, _ in self.pairs) else None

    def _eval_derivative(self, symbol: Symbol) -> Expr:
        return self.map(lambda value: sympy.diff(value, symbol))

    def _eval_rewrite_as_Piecewise(self, *args, **_) -> Expr:
        return sympy.Piecewise(*self.pairs)

    def _sympystr(self, printer) -> str:
        parts = (f"({printer.doprint(v)}, {printer.doprint(c)})" for v, c in self.pairs)
        return f"Piecewise({', '.join(parts)})"


def two_values(e: Expr) -> tuple[Expr, Boolean, Expr] | None:
    """The value, the condition and the other value of a choice between two; None of anything else."""
    if not isinstance(e, Cases) or len(e.pairs) != 2:
        return None
    (first, condition), (second, _) = e.pairs
    return first, condition, second
