"""The right derivative as NumPy code to paste: short, in the sound form, without the checks of a generated module."""

from __future__ import annotations

import re

from sympy import Expr, Rational

from symloss.backends.numpy import NumPyPrinter, _Writer
from symloss.schedule import OUTPUTS, Store, schedule
from symloss.value import Loss

__all__ = ["correction"]


def correction(loss: Loss, wrt: str, order: int = 1, *, factor: float = 1, mean: bool = False) -> str:
    """A function that computes the gradient by ``wrt`` (or, with ``order`` 2, the second derivative).

    ``factor`` and ``mean`` are the user's convention: a constant, and the division by the number of examples.
    """
    loss = loss.wrt(wrt)
    what = "gradient" if order == 1 else "hessian"
    if what == "hessian" and loss.kind != "elementwise":
        return ""
    try:
        program = schedule(loss, OUTPUTS[what])
        writer = _Writer(program)
        body = writer.lines()
        store = next(s for s in writer.values if isinstance(s, Store) and s.target == f"{what}_{wrt}")
        before, expr = _folded(store.expr, factor)
        text = writer._transposed(NumPyPrinter(writer, writer.frame(store.indices))(expr), store)
        lines = [*writer.first_lines(), *body]
    except (NotImplementedError, RuntimeError, StopIteration, KeyError):
        return ""
    if before != 1:
        text = f"{_number(before)} * ({text})"
    first = next((i for i in loss.inputs if i.per_example), loss.inputs[0])
    if mean and store.scaled:
        text = f"({text}) / {_total(writer, loss, first.name)}"
    used = " ".join([*lines, text])
    shapes = [
        f"{axis} = {one.name}.shape[{k - len(one.axes)}]"
        for axis in loss.axes
        if re.search(rf"\b{axis}\b", used)
        for one, k in [_holder(loss, axis)]
        if one is not None
    ]
    arguments = [i.name for i in loss.inputs] + (["*"] if loss.parameters else [])
    arguments += [f"{p.name}={p.default}" if not p.axes else p.name for p in loss.parameters]
    code = [f"def {what}({', '.join(arguments)}):", *(f"    {s}" for s in shapes)]
    for line in lines:
        code += [f"    {part}" for part in line.splitlines()]
    code.append(f"    return {text}")
    return _plain("\n".join(code), first.name)


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


def _total(writer: _Writer, loss: Loss, first: str) -> str:
    if writer.program.normalizer == 1:
        return f"len({first})"
    return f"np.sum({NumPyPrinter(writer, (writer.program.example_index,))(writer.program.normalizer)})"


def _holder(loss: Loss, axis: str):
    for one in (*loss.inputs, *loss.parameters):
        if axis in one.axes:
            return one, one.axes.index(axis)
    return None, 0


def _number(factor: float) -> str:
    exact = Rational(factor).limit_denominator(1000)
    return str(exact) if abs(float(exact) - factor) < 1e-12 else repr(factor)


def _plain(code: str, first: str) -> str:
    """The code in NumPy's own words alone."""
    code = code.replace("call.count", f"len({first})")
    code = re.sub(r"call\.wide\.type\(([^()]*)\)", r"\1", code)
    code = re.sub(r"call\.wide\.type\(", "np.float64(", code)
    code = _axis(code, "sum_along", "np.sum")
    return _axis(code, "place_of_largest", "np.argmax")


def _axis(code: str, name: str, numpy: str) -> str:
    """``name(x, -1)`` as ``numpy(x, axis=-1)``: the last argument becomes the axis."""
    while (start := code.find(f"{name}(")) >= 0:
        depth, end = 0, start + len(name)
        comma = -1
        for k in range(end, len(code)):
            depth += (code[k] in "([") - (code[k] in ")]")
            if code[k] == "," and depth == 1:
                comma = k
            if depth == 0:
                end = k
                break
        inner, axis = code[start + len(name) + 1 : comma], code[comma + 1 : end].strip()
        code = f"{code[:start]}{numpy}({inner}, axis={axis}){code[end + 1 :]}"
    return code
