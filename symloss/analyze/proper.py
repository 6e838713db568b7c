"""Whether a loss of a distribution is proper: least at the true one, or where its softmax is that, and only there."""

from __future__ import annotations

import sympy
from sympy import Expr, Indexed

from symloss import functions
from symloss.analyze.algebra import elementary, is_zero
from symloss.analyze.answer import PROVEN, Answer
from symloss.analyze.coordinates import Coordinates
from symloss.analyze.defined import analytic
from symloss.analyze.facts import facts_of
from symloss.analyze.signs import sign
from symloss.functions import name_of
from symloss.value import Loss

__all__ = ["of_distribution"]


def of_distribution(
    loss: Loss, wrt: str, target: str, convex: Answer, found: Coordinates | None
) -> dict[str, Answer]:
    """What follows from the gradient at the true distribution, where the loss is convex; nothing where it does not."""
    gradient = loss.expand(loss.gradient(wrt))
    if convex.value is not True or convex.status != PROVEN or not _is_affine(gradient, target):
        return {}
    put = _at_the_truth(loss, wrt, target, gradient)
    if loss.argument(wrt).domain.upper == 1:
        return _of_probabilities(loss, wrt, target, put, found)
    return _of_scores(loss, wrt, target, gradient) if is_zero(put) else {}


def _is_affine(gradient: Expr, target: str) -> bool:
    """Whether a gradient is affine in each entry of the target: its expectation is then that at the mean target."""
    entries = {a for a in gradient.atoms(Indexed) if name_of(a) == target}
    fresh = {a: sympy.Dummy(f"t{n}", real=True) for n, a in enumerate(sorted(entries, key=str))}
    opened = functions.rebuild(gradient, lambda n: fresh.get(n), top_down=True)
    return bool(fresh) and all(is_zero(sympy.diff(opened, t, 2)) for t in fresh.values())


def _at_the_truth(loss: Loss, wrt: str, target: str, gradient: Expr) -> Expr:
    """The expected gradient where the prediction is the true distribution, or its softmax is."""
    given = loss.argument(wrt)

    def honest(node: Expr) -> Expr | None:
        if isinstance(node, Indexed) and name_of(node) == target:
            place = node.args[1]
            if given.domain.upper == 1:
                return Indexed(given.tensor, place)
            j = sympy.Dummy("j", integer=True, nonnegative=True)
            return functions.Softmax(Indexed(given.tensor, j), j, given.tensor.shape[0], place)
        return None

    return functions.rebuild(gradient, honest, top_down=True)


def _of_probabilities(
    loss: Loss, wrt: str, target: str, put: Expr, found: Coordinates | None
) -> dict[str, Answer]:
    rest = sympy.cancel(elementary(put))
    if rest.free_symbols or rest.atoms(Indexed):
        return {}
    why = (
        f"The loss is convex in {wrt}, its gradient is affine in the target, and where {wrt} is the true "
        f"distribution every entry of the expected gradient is {rest}: the condition for a minimum among the "
        "distributions, as Gibbs's inequality says."
    )
    if found is None or not _strict_for_positive(loss, wrt, target, found):
        return {"proper": Answer(True, PROVEN, f"{why} Whether it is the only one stays open.")}
    why += (
        " It adds up one strictly convex function for each entry of the target that is positive: another minimum "
        "has the same entries there, so all that are left are 0."
    )
    return {
        "elicits": Answer("distribution", PROVEN, why),
        "proper": Answer(True, PROVEN, why, details={"strictly": True}),
    }


def _of_scores(loss: Loss, wrt: str, target: str, gradient: Expr) -> dict[str, Answer]:
    why = (
        f"The loss is convex in {wrt}, its gradient is affine in the target, and its expectation is 0 where "
        f"softmax({wrt}) is the true distribution."
    )
    if not _is_difference(loss, wrt, target, gradient):
        open_ = f"{why} Whether it is 0 only there stays open."
        return {"proper": Answer(True, PROVEN, open_, details={"link": "softmax"})}
    why += " The gradient is a positive multiple of their difference, so only there."
    return {
        "minimiser": Answer(f"softmax({wrt}) = {target}", PROVEN, why),
        "elicits": Answer(f"distribution, as softmax({wrt})", PROVEN, why),
        "proper": Answer(True, PROVEN, why, details={"strictly": True, "link": "softmax"}),
        "calibrated": Answer(
            True, PROVEN, f"{why} The largest of the best {wrt} then belongs to the likeliest class."
        ),
    }


def _strict_for_positive(loss: Loss, wrt: str, target: str, found: Coordinates) -> bool:
    """Whether the function of one coordinate is proven to be strictly convex where the target's entry is positive."""
    x, t = loss.argument(wrt).symbol, loss.argument(target).symbol
    facts = found.facts.knowing(x, found.facts.of(x).interior).knowing(t, found.facts.of(t).interior)
    body = elementary(found.body)
    if body.has(
        functions.Binder, functions.Cases, functions.maximum, sympy.Abs, sympy.Max, sympy.Min, sympy.sign
    ):
        return False
    return analytic(body, facts) is None and sign(sympy.diff(body, x, 2), facts) == "+"


def _is_difference(loss: Loss, wrt: str, target: str, gradient: Expr) -> bool:
    """Whether every entry of the gradient is c·(softmax(x) − target), c > 0."""
    given = loss.argument(wrt)
    for entry in {a for a in gradient.atoms(Indexed) if name_of(a) == target}:
        j = sympy.Dummy("j", integer=True, nonnegative=True)
        share = functions.Softmax(Indexed(given.tensor, j), j, given.tensor.shape[0], entry.args[1])
        factor = sympy.expand_mul(gradient).coeff(share)
        positive = (
            not factor.atoms(Indexed) and sign(factor, facts_of((*loss.inputs, *loss.parameters))) == "+"
        )
        if positive and is_zero(gradient - factor * (share - entry)):
            return True
    return False
