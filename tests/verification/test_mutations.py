"""Every row of the table of mistakes: its mutants, as NumPy functions, are found wrong and told what they are."""

import inspect
import zlib

import numpy as np
import pytest

import symloss
from symloss.verification.arrays import ArrayEvaluator
from symloss.verification.mutations import HESSIANS, ORIGINS, SITES, Subject, candidates
from symloss.verification.truth import Truth, second_derivative

LOSSES = [
    "huber",
    "quantile",
    "hinge",
    "binary_cross_entropy_with_logits",
    "softmax_cross_entropy",
    "soft_dice",
]
PER_ROW = 1
"""How many mutants of a row and a loss are tried."""


def as_function(loss, wrt, expr, definitions=None):
    """A mutated derivative as a function that takes the loss's arguments by name."""
    indices = Truth(loss, wrt).indices
    per_example = frozenset(i.name for i in loss.inputs if i.per_example)

    def gradient(*args, **keywords):
        given = gradient.__signature__.bind(*args, **keywords).arguments
        sizes = {}
        for one in (*loss.inputs, *loss.parameters):
            shape = np.shape(given[one.name])
            sizes.update(zip(one.axes, shape[len(shape) - len(one.axes) :], strict=True))
        arrays = {i.name: np.asarray(given[i.name]) for i in loss.inputs}
        parameters = {p.name: given[p.name] for p in loss.parameters}
        evaluator = ArrayEvaluator(arrays, per_example, parameters, sizes, definitions or loss.definitions)
        result = np.empty(arrays[wrt].shape)
        for own in np.ndindex(result.shape[1:] if wrt in per_example else result.shape):
            where = (slice(None), *own) if wrt in per_example else own
            result[where] = evaluator(expr, dict(zip(indices, own, strict=True)))
        return result

    kinds = inspect.Parameter.POSITIONAL_OR_KEYWORD
    gradient.__signature__ = inspect.Signature(
        [inspect.Parameter(one.name, kinds) for one in (*loss.inputs, *loss.parameters)]
    )
    return gradient


def mutants(name):
    """A few mutants of each row, chosen by their text."""
    loss = symloss.get(name)
    wrt = loss.differentiated[0]
    loss = loss.wrt(wrt)
    by_row = {}
    for one in candidates(Subject(loss, wrt, loss.gradient(wrt))):
        by_row.setdefault(one.row, []).append(one)
    for found in by_row.values():
        found.sort(key=lambda c: zlib.crc32(f"{c.message} {c.expr}".encode()))
        for one in found[:PER_ROW]:
            yield loss, wrt, one


@pytest.mark.slow
@pytest.mark.parametrize("name", LOSSES)
def test_mutants_are_named(name):
    seen = named = same = 0
    for loss, wrt, one in mutants(name):
        report = symloss.verify(
            as_function(loss, wrt, one.expr, one.definitions), loss, reduction="sum", factor=1, budget=8
        )
        if report.verdict == "right":
            continue  # the same function in other words, such as a branch that no point is in
        assert report.verdict == "wrong", (one.message, str(report))
        kinds = {f.kind for f in report.findings}
        seen += 1
        same += one.kind in kinds
        if kinds == {"other"} != {one.kind}:
            print(f"not told: {one.kind}: {one.message}")
        named += kinds != {"other"} or one.kind == "other"
    assert seen >= 3
    assert named >= 0.9 * seen
    # a mutant is often another row's as well: a sign is a derivative by the target, a factor 2y − 1 is a sign for y = 0
    assert same >= 0.5 * seen


@pytest.mark.slow
def test_every_row_makes_a_mutant_of_some_loss():
    missing = {row.name for row in (*ORIGINS, *SITES)}
    for name in (
        *LOSSES,
        "binary_cross_entropy",
        "multiclass_hinge",
        "log_cosh",
        "elastic_net",
        "focal",
        "focal_with_logits",
        "contrastive",
    ):
        loss = symloss.get(name)
        wrt = loss.differentiated[0]
        missing -= {c.row for c in candidates(Subject(loss, wrt, loss.gradient(wrt)))}
        if not missing:
            break
    assert not missing


@pytest.mark.slow
@pytest.mark.parametrize("row", HESSIANS, ids=lambda r: r.name)
def test_mutants_of_second_derivatives_are_named(row):
    loss = symloss.get("gan_generator" if row.name == "Gauss-Newton" else "log_cosh")
    subject = Subject(loss, loss.differentiated[0], second_derivative(loss, loss.differentiated[0]), 2)
    gradient = as_function(loss, loss.differentiated[0], loss.gradient())
    told = 0
    for expr, words in row.make(subject):
        second = as_function(loss, loss.differentiated[0], expr)

        def both(*args, second=second):
            return gradient(*args), second(*args) * np.ones(len(args[0]))

        both.__signature__ = gradient.__signature__
        report = symloss.verify(both, loss, budget=10)
        if report:
            continue  # such as the absolute value of what is never negative
        told += 1
        assert report.verdict == "wrong"
        assert "hessian" in {f.kind for f in report.findings}, words
    assert told
