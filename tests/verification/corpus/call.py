"""Calls a function of the corpus in the declaration's terms, as its record says; shares nothing with the verifier."""

from __future__ import annotations

import contextlib
import ctypes
import io
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from verification.corpus.record import Case

import symloss


class Labels:
    """What a booster hands to an objective in place of the labels."""

    def __init__(self, label: np.ndarray):
        self.label = label

    def get_label(self) -> np.ndarray:
        return self.label

    def get_weight(self) -> None:
        return None


@dataclass
class Answer:
    """What a function says of one batch: the gradient of the sum by each input, in the declared layout."""

    gradient: dict[str, np.ndarray]
    hessian: np.ndarray | None = None
    value: float | None = None


def skip_without(case: Case) -> None:
    for need in case.needs:
        if need == "cc":
            if shutil.which("cc") is None:
                pytest.skip("the case is in C, and there is no compiler `cc`")
        else:
            pytest.importorskip(need, reason=f"the case is written with {need}")


def loss_of(case: Case):
    return symloss.get(case.loss).with_(**case.parameters)


def library(case: Case, folder: Path) -> Path:
    """The C source of a case, compiled."""
    source, built = folder / f"{case.name}.c", folder / f"{case.name}.so"
    source.write_text(case.subject())
    command = ["cc", "-std=c99", "-O1", "-shared", "-fPIC", "-o", str(built), str(source), "-lm"]
    subprocess.run(command, check=True, capture_output=True)
    return built


def prototype(case: Case) -> str:
    """The declaration of a C function, out of its source."""
    found = re.search(rf"^\w+ {case.name}\([^)]*\)", case.subject(), re.MULTILINE)
    if found is None:
        raise ValueError(f"{case.name}: the source does not define it")
    return found.group()


def called(
    case: Case, arrays: Mapping[str, np.ndarray], parameters: Mapping[str, Any], folder: Path
) -> Answer:
    """The case's function at a batch."""
    given = {**arrays, **parameters}
    n = max((np.shape(a)[0] for a in arrays.values() if np.ndim(a)), default=1)
    labels = "target" if "target" in arrays else ""
    if case.convention.get("input") == "probability":
        given["logits"] = 1 / (1 + np.exp(-given["logits"]))
    if case.convention.get("labels") == "sign":
        given[labels] = 2 * given[labels] - 1
    if case.convention.get("target") == "one-hot":
        given[labels] = np.eye(given["logits"].shape[-1])[given[labels]]
    given["dtrain"] = Labels(given.get(labels))
    values = [np.copy(given[t]) if isinstance(given[t], np.ndarray) else given[t] for t in case.takes]
    back: Any
    with contextlib.redirect_stdout(io.StringIO()):
        if case.returns == "torch":
            back = _torch(case, values, arrays)
        elif case.returns == "jax":
            back = _jax(case, values, arrays)
        elif case.returns == "c":
            back = _compiled(case, values, folder)
        elif case.name == "hinge_scalar":
            back = [case.function(*map(float, row)) for row in zip(*values, strict=True)]
        else:
            back = case.subject()(*values)
    answer = Answer({})
    if case.returns == "gradient, hessian":
        back, answer.hessian = back
    elif case.returns == "value, gradient":
        answer.value, back = back
    loss = loss_of(case)
    if not isinstance(back, dict):
        parts = back if isinstance(back, tuple) else (back,)
        back = dict(zip(loss.differentiated, parts, strict=True))
    factor = case.convention.get("factor", 1) * case.convention.get("sign", 1)
    # only a batch of independent examples is summed
    scale = (n if case.convention.get("reduction") == "mean" and loss.example != 0 else 1) / factor
    if loss.kind == "elementwise":
        n = next(iter(arrays.values())).size
    for name, part in back.items():
        array = np.asarray(part, dtype=float)
        shape = np.shape(arrays[name])
        if case.convention.get("layout") == "flat":
            array = array.reshape(shape)
        if case.convention.get("layout") == "transposed":
            array = array.T
        answer.gradient[name] = array * scale
    return answer


def _torch(case: Case, values: list, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    import torch

    loss, subject = loss_of(case), case.subject()
    tensors = [torch.tensor(v) for v in values]
    inputs = {t: x for t, x in zip(case.takes, tensors, strict=True) if t in loss.differentiated}
    for x in inputs.values():
        x.requires_grad_()
    total = subject.apply(*tensors) if isinstance(subject, type) else subject(*tensors)
    # the scale shows whether backward multiplies by what comes in
    (3 * total).backward()
    return {name: x.grad.numpy() / 3 for name, x in inputs.items()}


def _jax(case: Case, values: list, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    import jax

    loss, subject = loss_of(case), case.subject()
    with jax.enable_x64(True):
        where = tuple(k for k, t in enumerate(case.takes) if t in loss.differentiated)
        parts = jax.grad(subject, argnums=where)(*map(jax.numpy.asarray, values))
        return {case.takes[k]: np.asarray(p) for k, p in zip(where, parts, strict=True)}


def _compiled(case: Case, values: list, folder: Path) -> np.ndarray:
    function = getattr(ctypes.CDLL(str(library(case, folder))), case.name)
    real = ctypes.c_float if "float *" in case.subject() else ctypes.c_double
    pointer = ctypes.POINTER(real)
    tensors = [np.ascontiguousarray(v, dtype=real) for v in values if isinstance(v, np.ndarray)]
    numbers = [real(v) for v in values if not isinstance(v, np.ndarray)]
    gradient = np.empty_like(tensors[0])
    function.restype = real if re.search(rf"^\w+ {case.name}", case.subject(), re.M) else None
    pointers = [t.ctypes.data_as(pointer) for t in [*tensors, gradient]]
    function(ctypes.c_size_t(tensors[0].size), *pointers[:-1], *numbers, pointers[-1])
    return gradient
