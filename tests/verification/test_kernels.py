"""The mutation test: what is wrong with a gradient, the checks must find."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest
import sympy
from helpers import NAMES, kernel, quick
from sympy import Expr

import symloss
from symloss.backends import numpy as numpy_backend
from symloss.derive import derive_gradient
from symloss.functions import Cases, size_symbol
from symloss.runtime import numpy_kernel
from symloss.runtime.c_kernel import CKernel
from symloss.value import Loss
from symloss.verification import check_kernel, kernels
from symloss.verification.kernels import exact_gradient, exact_value, sample_batch


@dataclasses.dataclass(frozen=True)
class Mutant(Loss):
    """A loss whose gradient with respect to one input is another expression; all else is the original's."""

    wrong: dict[str, Expr] = dataclasses.field(default_factory=dict, hash=False)
    mutation: str = ""

    def gradient(self, wrt=None, *, reduction="none"):
        name = self._chosen(wrt)
        return self.wrong[name] if name in self.wrong else derive_gradient(original(self), name).result


def original(loss: Mutant) -> Loss:
    own = {f.name: getattr(loss, f.name) for f in dataclasses.fields(Loss)}
    return Loss(**own)


def mutant(loss: Loss, wrt: str, expr: Expr, mutation: str) -> Mutant:
    own = {f.name: getattr(loss, f.name) for f in dataclasses.fields(Loss)}
    return Mutant(**own, wrong={wrt: expr}, mutation=mutation)


def everywhere(expr: Expr, change) -> list[Expr]:
    """Every expression that differs from ``expr`` by ``change`` at one node."""
    found = [new for new in change(expr) if new != expr]
    if not expr.args or isinstance(expr, sympy.Indexed):
        return found
    for place, child in enumerate(expr.args):
        if not isinstance(child, Expr):
            continue
        for new in everywhere(child, change):
            args = list(expr.args)
            args[place] = new
            found.append(expr.func(*args))
    return found


def without_a_term(e: Expr) -> list[Expr]:
    if not isinstance(e, sympy.Add):
        return []
    return [sympy.Add(*(b for b in e.args if b is not a)) for a in e.args]


def swapped(e: Expr) -> list[Expr]:
    if not isinstance(e, Cases):
        return []
    values, conditions = [v for v, _ in e.pairs], [c for _, c in e.pairs]
    return [Cases(*zip([*values[1:], values[0]], conditions, strict=True))]


def mutants(loss: Loss) -> list[Mutant]:
    """Sign, term, 1/n, branches: every one of them, for every input that is differentiated."""
    made: dict[tuple[str, Expr], Mutant] = {}
    for wrt in loss.differentiated:
        gradient = loss.gradient(wrt)
        candidates = [("sign", -gradient)]
        candidates += [("term", e) for e in everywhere(gradient, without_a_term)]
        candidates += [("branches", e) for e in everywhere(gradient, swapped)]
        if loss.example != 0:
            candidates.append(("mean", gradient * size_symbol("n")))
        elif loss.batch.has(size_symbol("N")):
            candidates.append(("mean", gradient * size_symbol("N")))
        for mutation, expr in candidates:
            if sympy.expand(expr - gradient) != 0:
                made.setdefault((wrt, expr), mutant(loss, wrt, expr, mutation))
    return list(made.values())


_known: dict[tuple, object] = {}


@pytest.fixture(autouse=True)
def references_once(monkeypatch):
    """All mutants of a loss share its declaration, so that what the checks compare with is computed once."""

    def once(function):
        def wrapped(batch, *more):
            arrays = [(k, v.tolist()) for k, v in batch.arrays.items()]
            key = (function.__name__, batch.loss.name, batch.reduction, repr(arrays), repr(batch.parameters))
            key += (repr(batch.weight), more)
            if key not in _known:
                _known[key] = function(batch, *more)
            return _known[key]

        return wrapped

    for name in ("exact_value", "exact_gradient"):
        monkeypatch.setattr(kernels, name, once(getattr(kernels, name)))


@pytest.fixture
def only_what_is_checked(monkeypatch):
    """The checks call two functions of a kernel; building second derivatives of each mutant takes longest."""
    for module in (numpy_backend, numpy_kernel):
        monkeypatch.setattr(module, "functions_of", lambda loss: ("value", "value_and_gradient"))


def caught(wrong: Mutant) -> bool:
    """Whether the checks find it; one that cannot be printed never becomes a kernel."""
    try:
        kernel = wrong.load("numpy")
        return not all(check_kernel(kernel, seeds=range(seed, seed + 1)) for seed in range(2))
    except NotImplementedError:
        return True


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.slow
def test_the_original_passes(name, only_what_is_checked):
    """The same pipeline, with the right gradient."""
    loss = symloss.get(name)
    assert not caught(mutant(loss, loss.differentiated[0], loss.gradient(), "none"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.slow
def test_mutants_are_caught(name, only_what_is_checked):
    survivors = [m for m in mutants(symloss.get(name)) if not caught(m)]
    told = [f"{m.mutation}: d/d{wrt} = {expr}" for m in survivors for wrt, expr in m.wrong.items()]
    assert not told, f"the checks believe of {name}:\n" + "\n".join(told)


def test_every_loss_has_mutants():
    kinds = {name: {m.mutation for m in mutants(symloss.get(name))} for name in NAMES}
    assert all({"sign"} <= found for found in kinds.values())
    assert {"sign", "mean", "branches"} <= kinds["huber"]
    assert {"sign", "mean", "term"} <= kinds["softmax_cross_entropy"]
    assert "mean" in kinds["info_nce"]


@pytest.mark.parametrize("name", quick(["huber", "softmax_cross_entropy", "soft_dice"], "huber", "soft_dice"))
def test_a_few_mutants_are_caught(name):
    """The quick part: the sign, and one more."""
    chosen = {m.mutation: m for m in mutants(symloss.get(name))}
    for wrong in chosen.values():
        assert not check_kernel(wrong.load("numpy"), seeds=range(1)), wrong.mutation


# --- wrong C ----------------------------------------------------------------------------------------------


class _Text(CKernel):
    """A kernel of C that was changed after it was generated."""

    def __init__(self, loss: Loss, change):
        self.change = change
        super().__init__(loss, None)

    def _made(self, loss: Loss):
        made = super()._made(loss)
        text = self.change(made["files"][".c"])
        assert text != made["files"][".c"]
        return {**made, "files": {**made["files"], ".c": text}}


def flipped(text: str) -> str:
    """The first sum in a line that stores a gradient turned into a difference, or its sign turned."""
    return re.sub(r"(gradient_\w+\[[^\]]*\]) = ", r"\1 = -1 * ", text)


def off_by_one(text: str) -> str:
    """Another entry is read."""
    return text.replace("prediction[i]", "prediction[0]")


def unscaled(text: str) -> str:
    return re.sub(r"example_scale\s*\* ", "", text)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "change"),
    [
        *[(name, flipped) for name in ("huber", "focal_with_logits", "soft_dice", "info_nce")],
        *[(name, unscaled) for name in ("huber", "softmax_cross_entropy")],
        ("mean_squared_error", off_by_one),
    ],
)
def test_wrong_c_is_caught(name, change):
    loss = symloss.get(name)
    for dtype in ("float64", "float32"):
        assert not check_kernel(_Text(loss, change), dtype, seeds=range(1))
    assert check_kernel(kernel(name, "c"), seeds=range(1))


def test_a_wrong_value_is_caught():
    loss = symloss.get("huber")
    wrong = _Text(loss, lambda text: text.replace("0.5", "0.6"))
    assert not check_kernel(wrong, seeds=range(1))
    assert check_kernel(wrong, seeds=range(1)).value > 1


def test_the_two_references_agree():
    """What the checks compare with: the exact gradient is the derivative of the exact value."""
    for name in ("huber", "softmax_cross_entropy", "soft_jaccard"):
        loss = symloss.get(name)
        batch = sample_batch(loss, 3, reduction="mean", weighted=loss.example != 0)
        wrt = loss.differentiated[0]
        gradient = exact_gradient(batch, wrt)
        place = next(iter(np.ndindex(gradient.shape)))
        moved = []
        for h in (1e-5, -1e-5):
            arrays = {k: v.copy() for k, v in batch.arrays.items()}
            arrays[wrt][place] += h
            moved.append(float(exact_value(dataclasses.replace(batch, arrays=arrays))))
        assert (moved[0] - moved[1]) / 2e-5 == pytest.approx(float(gradient[place]), rel=1e-6, abs=1e-8)
