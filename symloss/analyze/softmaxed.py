"""Losses of class indices whose gradient is a multiple of softmax(x) less the index: they tell the distribution."""

from __future__ import annotations

import sympy
from sympy import Expr, Indexed, KroneckerDelta

from symloss import functions
from symloss.analyze.algebra import is_zero
from symloss.analyze.answer import PROVEN, Answer
from symloss.analyze.facts import Facts
from symloss.analyze.scope import Scope, over_axes
from symloss.analyze.signs import sign
from symloss.functions import name_of
from symloss.value import Input, Loss

__all__ = ["tells_distribution"]


def tells_distribution(loss: Loss, wrt: str) -> dict[str, Answer]:
    """What the loss elicits, whether it is proper and calibrated; nothing where the gradient has another form."""
    others = [i for i in loss.inputs if i.name != wrt]
    if len(others) != 1 or others[0].type.classes not in loss.argument(wrt).axes:
        return {}
    (target,) = others
    found = over_axes(loss, lambda scope: _answer(loss, wrt, target, scope))
    if found.status != PROVEN:
        return {}
    return {
        "elicits": found.saying(value=f"distribution, as softmax({wrt})", details={}),
        "proper": found,
        "calibrated": found.saying(
            argument=f"{found.argument} The largest of the best {wrt} then belongs to the likeliest class.", details={}
        ),
        "minimiser": found.saying(value=f"softmax({wrt}) = the distribution of {target.name}", details={}),
    }  # fmt: skip


def _answer(loss: Loss, wrt: str, target: Input, scope: Scope) -> Answer:
    factor = _factor(_of_a_class(loss, wrt, target, scope), loss, wrt, target, scope.facts)
    if factor is None:
        return Answer(
            argument="The gradient is not seen to be a multiple of a softmax less the index of the class."
        )
    given = f", where {target.name} is one of the classes," if target.type.also else ""
    times = "" if factor == 1 else f"{factor} times "
    return Answer(
        True, PROVEN, f"The gradient{given} is {times}softmax({wrt}) less 1 at the class and 0 elsewhere: its "
        f"expectation is 0 where softmax({wrt}) is the true distribution, and there only.",
        details={"strictly": True, "link": "softmax"},
    )  # fmt: skip


def _of_a_class(loss: Loss, wrt: str, target: Input, scope: Scope) -> Expr:
    """The gradient where the target is the index of a class; a number that no class has is not met."""

    def known(node: Expr) -> Expr | None:
        name = name_of(node)
        return scope.fixed.get(name)

    def decided(node: Expr) -> Expr | None:
        if isinstance(node, sympy.Eq) and any(a.is_negative for a in node.args):
            return sympy.false if any(name_of(a) == target.name for a in node.args) else None
        return functions.Cases(*node.pairs) if isinstance(node, functions.Cases) else None

    put = functions.rebuild(loss.expand(loss.gradient(wrt)), known, top_down=True)
    return sympy.expand_mul(functions.rebuild(put, decided))


def _factor(gradient: Expr, loss: Loss, wrt: str, target: Input, facts: Facts) -> Expr | None:
    """The c > 0 with gradient = c·(softmax(x)[k] − δ(k, target)), c the same for every class."""
    shares = list(gradient.atoms(functions.Softmax))
    deltas = [d for d in gradient.atoms(KroneckerDelta) if any(name_of(a) == target.name for a in d.args)]
    if len(shares) != 1 or len(deltas) != 1:
        return None
    (share,), (delta,) = shares, deltas
    own = isinstance(share.body, Indexed) and name_of(share.body) == wrt and share.at in delta.args
    axis = loss.argument(wrt).axes.index(target.type.classes or "")
    if not own or share.body.args[1:][axis] != share.index:
        return None
    factor = gradient.coeff(share)
    if factor.atoms(Indexed, functions.Binder, functions.Cases) or loss.varying(factor) & {
        i.name for i in loss.inputs
    }:
        return None
    if sign(factor, facts) == "+" and is_zero(sympy.expand_mul(gradient - factor * (share - delta))):
        return factor
    return None
