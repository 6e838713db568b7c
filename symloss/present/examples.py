"""Examples with numbers on the page of a loss: how it is called, and the formulas worked out once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from symloss.evaluate import Environment, evaluate
from symloss.present.formulas import defined
from symloss.present.notation import notation_of
from symloss.present.printer import latex
from symloss.present.slices import slices
from symloss.request import Request
from symloss.value import Loss

__all__ = ["usage", "worked"]

DIGITS = 5
STEP = 1e-4
SHARES = (0.67, 0.58, 0.71, 0.37)
"""Where along a slice the worked example may lie, as a share of it."""
MOST = 6
"""The most numbers of one input that a worked example shows."""


def usage(request: Request) -> str:
    """Lines of Python that load the loss and call it, with what they print."""
    loss = request.loss()
    lines = [">>> import symloss"]
    if request.origin == request.name:
        lines.append(f'>>> kernel = symloss.get("{loss.name}").load("numpy")    # or "c"')
    else:
        lines += [
            ">>> from pathlib import Path",
            ">>> from symloss.library import losses_in",
            f'>>> kernel = losses_in(Path("{Path(request.origin).name}"))["{loss.name}"].load("numpy")',
        ]
    arrays, parameters = _batch(loss)
    if not arrays:
        return "\n".join(lines)
    written = [*map(_literal, arrays.values()), *(f"{name}={x:g}" for name, x in parameters.items())]
    value, gradient = loss.load("numpy").value_and_gradient(*arrays.values(), **parameters)
    lines += [
        ">>> value, gradient = kernel.value_and_gradient(",
        *_arguments(written),
    ]
    lines += ['>>> print(f"{value:.5g}")', f"{value:.5g}"]
    by_name = gradient if isinstance(gradient, dict) else {"": gradient}
    for name, array in by_name.items():
        entry = f'["{name}"]' if name else ""
        lines += [f">>> print(gradient{entry}.round(5).tolist())", str(np.round(array, 5).tolist())]
    return "\n".join(lines)


def _arguments(written: list[str]) -> list[str]:
    """The arguments of a call on one line, or a line each."""
    together = ", ".join(written)
    if len(together) <= 68:
        return [f"...     {together})"]
    return [f"...     {one}{',' if k + 1 < len(written) else ')'}" for k, one in enumerate(written)]


def _batch(loss: Loss) -> tuple[dict[str, Any], dict[str, float]]:
    """Two examples, or a small batch, and the hyper-parameters at their defaults."""
    parameters = {p.name: p.default for p in loss.parameters if not p.axes and not p.domain.integer}
    drawn = slices(loss)
    arrays: dict[str, Any] = {}
    if drawn and loss.batch == 0:
        several = [s for s in drawn if s.words == drawn[0].words]
        rows = [
            one.arrays(np.round([one.low + (one.high - one.low) * share], 1))
            for one, share in ((several[0], 0.7), (several[-1], 0.45))
        ]
        arrays = {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
    elif drawn:
        one = drawn[0]
        x = float(np.round(one.low + 0.7 * (one.high - one.low), 1))
        arrays = {
            name: _shortened(np.asarray(a[0]), loss, name) for name, a in one.arrays(np.array([x])).items()
        }
    return arrays, parameters


def _shortened(array: np.ndarray, loss: Loss, name: str) -> np.ndarray:
    """A long vector of pixels in four numbers: two of either kind."""
    if array.ndim == 1 and len(array) > MOST and loss.kind == "batch":
        return array[[0, 1, -2, -1]]
    return array


def _literal(array: np.ndarray) -> str:
    if array.dtype.kind in "iu":
        return str(array.tolist())
    return str(np.round(array, 6).tolist())


def worked(loss: Loss) -> dict[str, Any] | None:
    """One example worked out: inputs, intermediates, value, derivative, and a difference quotient beside it.

    None where the inputs are too many to write down, or no place without a kink is found. A place at which the
    derivative is 0 shows little, and is taken only where there is no other.
    """
    flat = None
    for one in slices(loss):
        if all(np.array(nested, float).reshape(-1, 2).shape[0] <= MOST for nested in one.inputs.values()):
            for share in SHARES:
                x = float(np.round(one.low + share * (one.high - one.low), 1))
                found = _worked(
                    loss, {name: np.asarray(a[0]) for name, a in one.arrays(np.array([x])).items()}
                )
                if found is not None and not found["flat"]:
                    return found
                flat = flat or found
    return flat


def _worked(loss: Loss, numbers: dict[str, np.ndarray]) -> dict[str, Any] | None:
    notation = notation_of(loss)
    given = [f"{notation[name].tex()} = {_tex(a)}" for name, a in numbers.items()]
    given += [
        f"{notation[p.name].tex()} = {_tex(np.asarray(p.default))}"
        for p in loss.parameters
        if not p.axes and not p.domain.integer
    ]
    environment = _environment(loss, numbers)
    steps = [
        f"{defined(loss, d)} = {latex(d.expr, loss)} = {_number(evaluate(d.expr, environment, 20))}"
        for d in loss.definitions.values()
        if not d.indices
    ]
    wrt = loss.differentiated[0]
    gradient, quotients = _gradient(loss, numbers)[wrt], _quotients(loss, numbers, wrt)
    if not np.allclose(gradient, quotients, rtol=1e-4, atol=1e-6):
        return None
    return {
        "given": given,
        "steps": steps,
        "value": _number(evaluate(loss.expression, environment, 30)),
        "wrt": notation[wrt].tex(),
        "gradient": _tex(gradient),
        "flat": not np.any(gradient),
        "step": "10^{-4}",
        "quotient": _tex(quotients),
        "loss": r"\mathcal{L}" if loss.kind == "batch" else r"\ell",
        "entries": numbers[wrt].size,
    }


def _environment(loss: Loss, numbers: dict[str, np.ndarray]) -> Environment:
    sizes: dict[str, int] = {}
    for i in loss.inputs:
        sizes.update(zip(i.axes, numbers[i.name].shape, strict=True))
    for axis in loss.axes:
        sizes.setdefault(axis, 1)
    values: dict[str, Any] = {name: a.tolist() for name, a in numbers.items()}
    for p in loss.parameters:
        values[p.name] = np.full([sizes[a] for a in p.axes], p.default).tolist() if p.axes else p.default
    return Environment(values, sizes, loss.definitions)


def _gradient(loss: Loss, numbers: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    arrays = {name: a[None] if loss.argument(name).per_example else a for name, a in numbers.items()}
    found = loss.load("numpy").gradient(**arrays)
    by_name = found if isinstance(found, dict) else {loss.differentiated[0]: found}
    return {n: g[0] if loss.argument(n).per_example else g for n, g in by_name.items()}


def _quotients(loss: Loss, numbers: dict[str, np.ndarray], wrt: str) -> np.ndarray:
    """Central differences of the declared expression, entry by entry."""
    found = np.empty(numbers[wrt].shape)
    for place in np.ndindex(found.shape):
        ends = []
        for sign in (1, -1):
            moved = {**numbers, wrt: np.array(numbers[wrt], float)}
            moved[wrt][place] += sign * STEP
            ends.append(evaluate(loss.expression, _environment(loss, moved), 30))
        found[place] = float((ends[0] - ends[1]) / (2 * STEP))
    return found


def _number(x: Any) -> str:
    text = f"{float(x):.{DIGITS}g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
    return "0" if text == "-0" else text


def _tex(array: np.ndarray) -> str:
    """A number, a vector, or rows of a matrix."""
    if array.ndim == 0:
        return _number(array)
    inner = ",\\ ".join(_tex(a) for a in array)
    return rf"\left({inner}\right)"
