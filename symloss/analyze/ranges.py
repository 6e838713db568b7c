"""Between which values a loss over axes lies."""

from __future__ import annotations

import itertools
from typing import Any

import sympy
from sympy import Expr

from symloss import functions
from symloss.analyze.algebra import is_zero
from symloss.analyze.answer import PROVEN, Answer
from symloss.analyze.chart import Undecided
from symloss.analyze.defined import defined
from symloss.analyze.facts import Facts
from symloss.analyze.lines import ends_met
from symloss.analyze.quotients import sign_of_quotient
from symloss.analyze.reach import reach
from symloss.analyze.scale import interval
from symloss.analyze.scope import Scope, over_axes
from symloss.analyze.separable import range_of_sum
from symloss.analyze.signs import nonnegative
from symloss.functions import name_of
from symloss.value import Loss

__all__ = ["defined_over_axes", "range_over_axes"]


def defined_over_axes(expr: Expr, facts: Facts) -> str | None:
    """As ``defined``, for what stands below sums; the −∞ of an excluded entry of a maximum is allowed.

    What is divided by may be a difference of sums whose bodies, put together, are not negative.
    """

    def without(node: Expr) -> Expr | None:
        if isinstance(node, functions.Cases) and any(v in (sympy.oo, -sympy.oo) for v, _ in node.pairs):
            return sympy.Add(*(v for v, _ in node.pairs if v not in (sympy.oo, -sympy.oo)))
        if isinstance(node, sympy.Pow) and node.exp.is_negative and node.base.has(functions.Sum):
            below = sympy.fraction(sympy.together(node.base))[0]
            if sign_of_quotient(below, facts) == "+" and defined(node.base, facts) is None:
                return sympy.Dummy("quotient", positive=True)
        return None

    return defined(functions.rebuild(expr, without), facts)


def range_over_axes(loss: Loss) -> Answer:
    """The range of the loss: exact where it is a sum of separate functions, else bounds by the signs of its parts."""

    def find(scope: Scope) -> Answer:
        facts = scope.facts
        exact = _exact_range(loss, facts)
        if exact is not None:
            return exact
        if defined_over_axes(expr, facts) is not None:
            return Answer(argument="The rules leave open whether the formula is defined everywhere.")
        low, high = reach(expr, facts)
        if not nonnegative(low, facts) and sign_of_quotient(expr, facts) in ("+", ">="):
            low = sympy.S.Zero
        if not nonnegative(1 - high, facts) and sign_of_quotient(1 - expr, facts) in ("+", ">="):
            high = sympy.S.One
        if low == -sympy.oo and high == sympy.oo:
            return Answer(argument="The rules give no bound of the value.")
        details: dict[str, Any] = {"bounds": [low, high]}
        where = _where_zero(loss, expr) if low == 0 else ""
        argument = f"It is nowhere negative, and 0 where {where}" if where else "By the signs of its parts"
        met = ends_met(loss, loss.differentiated[0], scope, low, high)
        if where or met.low:
            details["infimum"] = low
        if met.high:
            details["supremum"] = high
        if len(details) == 3:
            argument += "; along straight lines it comes as near as one likes to both ends"
            return Answer(
                interval(low, high, bool(where) or met.taken), PROVEN, f"{argument}.", details=details
            )
        if high == sympy.oo:
            text = f"at least {low}"
        else:
            text = f"at most {high}" if low == -sympy.oo else f"between {low} and {high}"
        text = f"{text}, which is taken" if where or met.taken else text
        return Answer(text, PROVEN, f"{argument}.", details=details)

    expr = loss.expand(loss.expression)
    return over_axes(loss, find)


def _exact_range(loss: Loss, facts: Facts) -> Answer | None:
    try:
        found = range_of_sum(loss, facts)
    except (Undecided, sympy.PolynomialError):
        return None
    if found is None or not (found.exact or found.upper == sympy.oo):
        return None
    low, high = found.infimum, found.upper
    argument = "It adds up functions of separate numbers, and so their ranges"
    if found.taken and found.places:
        argument += f"; it is least where, at every place, {found.places}"
    details: dict[str, Any] = {"infimum": low, "bounds": [low, high]} | (
        {"supremum": high} if found.exact else {}
    )
    text = interval(low, high, found.taken)
    if not found.exact:
        text = f"at least {low}" + (", which is taken" if found.taken else "")
    return Answer(text, PROVEN, f"{argument}.", details=details)


def _where_zero(loss: Loss, expr: Expr) -> str:
    """Numbers at which the loss is 0 by algebra for every hyper-parameter, if all tensors of one value show some."""
    free = [i for i in loss.inputs if not i.type.classes and not i.domain.sums_to_one]
    for entry, label in itertools.product((0, 1), (0, 1)):
        put = {i.name: sympy.Integer(label if i.domain.values else entry) for i in free}
        if all(i.domain.contains(float(put[i.name])) for i in free):
            there = _filled(expr, put)
            if is_zero(functions.rebuild(there, _constant)):
                return f"every entry is {entry}" + (f" and every label {label}" if label != entry else "")
    return ""


def _filled(expr: Expr, numbers: dict[str, Expr]) -> Expr:
    """With one number in place of all entries of an argument."""
    return functions.rebuild(expr, lambda node: numbers.get(name_of(node)), top_down=True)


def _constant(node: Expr) -> Expr | None:
    """A reduction of one number for all entries."""
    if isinstance(node, (functions.Sum, functions.Norm, functions.AxisMax)) and not node.body.has(node.index):
        if isinstance(node, functions.AxisMax):
            return node.body
        if isinstance(node, functions.Norm):
            return sympy.sqrt(node.size) * sympy.Abs(node.body)
        return node.size * node.body
    if isinstance(node, functions.maximum) and all(a.is_number for a in node.args[:2]):
        return sympy.Max(*node.args[:2])
    return None
