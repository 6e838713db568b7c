"""The right derivative as NumPy code to paste: short, in the sound form, without the checks of a generated module."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable

from sympy import Expr, Rational

from symloss.backends.infix import wrapped
from symloss.backends.numpy_body import Writer
from symloss.backends.numpy_print import NumPyPrinter, Words
from symloss.schedule import OUTPUTS, Program, Store, schedule
from symloss.value import Input, Loss

__all__ = ["correction"]


class _Plain(Writer):
    """Writes one derivative in NumPy's own words alone, of whole arrays."""

    def __init__(self, program: Program, first: str, factor: float, mean: bool):
        super().__init__(program)
        self.blocked = False
        self.words = Words(
            choose="np.where({}, {}, {})",
            or_nan="np.where(np.isnan({1}), np.nan, {0})",
            count=f"len({first})",
            number="{}",
            sum="np.sum({}, axis={})",
            place="np.argmax({}, axis={})",
            with_entry="",
            entry_of="",
            scratch=False,
            kept="",
            sum_of_others="",
            multiple="{2} if {3} != 0.0 else np.where(np.isnan({1}), np.nan, 0.0)",
        )
        self.factor, self.mean = factor, mean

    def _arrays(self, lines: list[str], which: Callable[[Input], bool]) -> list[str]:
        return []

    def _needed(self) -> list[str]:
        return []

    def _normalizer(self) -> list[str]:
        return []

    def _result(self, store: Store) -> str:
        before, expr = _folded(store.expr, self.factor)
        text = self._transposed(NumPyPrinter(self, self.frame(store.indices))(expr), store)
        if before != 1:
            text = f"{_number(before)} * ({text})"
        if self.mean and store.scaled:
            text = f"({text}) / {self._total()}"
        line = f"return {text}"
        return line if len(line) <= 92 else "return (\n" + wrapped(f"    {text}", 4, 92) + "\n)"

    def _total(self) -> str:
        if self.program.normalizer == 1:
            return self.words.count
        return f"np.sum({NumPyPrinter(self, (self.program.example_index,))(self.program.normalizer)})"


def correction(loss: Loss, wrt: str, order: int = 1, *, factor: float = 1, mean: bool = False) -> str:
    """A function that computes the gradient by ``wrt`` (or, with ``order`` 2, the second derivative).

    ``factor`` and ``mean`` are the user's convention: a constant, and the division by the number of examples.
    """
    loss = loss.wrt(wrt)
    what = "gradient" if order == 1 else "hessian"
    if what == "hessian" and loss.kind != "elementwise":
        return ""
    first = next((i for i in loss.inputs if i.per_example), loss.inputs[0])
    try:
        lines = _Plain(schedule(loss, OUTPUTS[what]), first.name, factor, mean).lines()
    except (NotImplementedError, RuntimeError, KeyError):
        return ""
    shapes = [
        f"{axis} = {one.name}.shape[{k - len(one.axes)}]"
        for axis in loss.axes
        if re.search(rf"\b{axis}\b", " ".join(lines))
        for one, k in [_holder(loss, axis)]
        if one is not None
    ]
    arguments = [i.name for i in loss.inputs] + (["*"] if loss.parameters else [])
    arguments += [f"{p.name}={p.default}" if not p.axes else p.name for p in loss.parameters]
    body = textwrap.indent("\n".join([*shapes, *lines]), "    ")
    return f"def {what}({', '.join(arguments)}):\n{body}"


def _folded(expr: Expr, factor: float) -> tuple[float, Expr]:
    """A constant that stays in front, and the expression: with the constant in it where it does not tear a sum."""
    exact = Rational(factor).limit_denominator(1000)
    if abs(float(exact) - factor) > 1e-12:
        return factor, expr
    own, rest = expr.as_coeff_Mul()
    if not own.is_Rational:
        return factor, expr
    if rest.is_Add and own * exact != 1:
        return (1, expr) if exact == 1 else (float(own * exact), rest)
    return 1, own * exact * rest


def _holder(loss: Loss, axis: str):
    for one in (*loss.inputs, *loss.parameters):
        if axis in one.axes:
            return one, one.axes.index(axis)
    return None, 0


def _number(factor: float) -> str:
    exact = Rational(factor).limit_denominator(1000)
    return str(exact) if abs(float(exact) - factor) < 1e-12 else repr(factor)
