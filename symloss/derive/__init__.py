"""Differentiation as named rules: the trace of the rewriting is both the gradient and the derivation shown.

The stages, each in a module: ``rules`` (tables of rewriting rules), ``engine`` (which rule is applied when, and
the line it makes), ``steps`` (the derivation as a value that can be checked), and here what is derived of a loss.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import sympy
from sympy import Expr

from symloss.compose import lifted
from symloss.derive.engine import derive, readable, trace_of
from symloss.derive.steps import Derivation, Step
from symloss.domains import Real, TensorType
from symloss.functions import Partial, Sum, free_index, size_symbol
from symloss.value import Input, Loss

__all__ = [
    "Derivation",
    "Step",
    "derive_gradient",
    "derive_hessian",
    "derive_hessian_vector_product",
    "element_of",
    "vectors_of",
]


def element_of(argument: Input, skip: int = 0) -> Expr:
    """The number that a derivative is taken by: the argument at free indices, ``skip`` of them already in use."""
    first = (1 if argument.per_example else 0) + skip
    return argument.element(*(free_index(first + place) for place in range(len(argument.axes))))


@lru_cache(maxsize=1024)
def vectors_of(loss: Loss) -> tuple[Input, ...]:
    """The vector of a Hessian–vector product: a tensor for each one that the loss is differentiated by."""
    several = len(loss.differentiated) > 1
    return tuple(
        replace(
            loss.argument(name),
            name=f"vector_{name}" if several else "vector",
            type=TensorType(Real, loss.argument(name).axes),
        )
        for name in loss.differentiated
    )


@lru_cache(maxsize=1024)
def _example_gradient(loss: Loss, wrt: str) -> Derivation:
    argument = loss.argument(wrt)
    return derive(loss, Partial(loss.expression, element_of(argument)), "gradient", wrt)


@lru_cache(maxsize=1024)
def derive_gradient(loss: Loss, wrt: str, reduction: str = "none") -> Derivation:
    """The gradient of one example's loss, or (``mean``, ``sum``) of the batch's."""
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{loss.name}: reduction {reduction!r} is none of none, mean, sum")
    one = _example_gradient(loss, wrt)
    if reduction == "none" or loss.example == 0 or not loss.depends(loss.example, wrt):
        return one
    return _over_batch(loss, one, reduction)


def _over_batch(loss: Loss, one: Derivation, reduction: str) -> Derivation:
    """One line more: from an example to the batch, in which only the example itself contains its inputs."""
    batch = lifted(loss, "n")
    i = free_index(0)
    total = batch.rows(loss.example)
    count = size_symbol("n") if loss.normalizer == 1 else batch.total(loss.normalizer)
    whole = total / count if reduction == "mean" else total
    wrt = batch.argument(one.wrt)
    before = Partial(whole, wrt.element(i, *element_of(loss.argument(one.wrt)).args[1:]))
    after = batch.row(one.result, i)
    if reduction == "mean":
        after = after / count
    sentence = (
        "The batch's loss is the {} of its examples' losses, and only example i contains its own inputs, so of the "
        "n derivatives all others are zero."
    ).format("mean" if reduction == "mean" else "sum")
    step = Step("batch", sentence, before, after, "the examples are independent", batch.loss)
    return one.then(step, count if reduction == "mean" else sympy.S.One)


@lru_cache(maxsize=1024)
def derive_hessian(loss: Loss, wrt: str) -> Derivation:
    """The second derivative: by the same number again where the loss is elementwise, else by any two entries."""
    argument = loss.argument(wrt)
    gradient = _example_gradient(loss, wrt).result
    return derive(loss, Partial(gradient, element_of(argument, skip=len(argument.axes))), "hessian", wrt)


@lru_cache(maxsize=1024)
def derive_hessian_vector_product(loss: Loss, wrt: str) -> Derivation:
    """Σ_x Σ_l ∂g_k/∂x_l · v_l over all tensors x that the loss is differentiated by, from the gradient g."""
    argument = loss.argument(wrt)
    gradient = _example_gradient(loss, wrt).result
    product: Expr = sympy.S.Zero
    reached = loss.varying(gradient)
    for name, vector in zip(loss.differentiated, vectors_of(loss), strict=True):
        if name not in reached:
            continue
        other = element_of(loss.argument(name), skip=len(argument.axes))
        term = derive(loss, Partial(gradient, other), "hessian", wrt).result * vector.element(*other.args[1:])
        for place, axis in zip(reversed(other.args[1:]), reversed(vector.axes), strict=True):
            term = Sum(term, place, size_symbol(axis))
        product += term
    return Derivation(loss, "hessian_vector_product", wrt, product, readable(trace_of(loss), product))
