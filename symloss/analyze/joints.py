"""Where a loss over axes can have its joints, and how smooth it is there at least: by what it is composed of."""

from __future__ import annotations

import sympy
from sympy import Expr, Indexed, Symbol

from symloss import functions
from symloss.analyze.chart import Undecided
from symloss.analyze.facts import Facts, Range
from symloss.analyze.signs import sign
from symloss.value import Loss

__all__ = ["Joints", "in_definitions"]

_SMOOTH = (
    *(f.function for f in functions.ELEMENTARY if f.everywhere),
    *(sympy.Add, sympy.Mul, sympy.log),
    *(functions.sigmoid, functions.softplus, functions.log1p, functions.expm1),
    *(functions.xlogy, functions.ratio, functions.group),
    *(functions.Sum, functions.LogSumExp, functions.Softmax, functions.OtherSoftmax, functions.LogSoftmax),
)
"""What has derivatives of every order where it is defined. Any other function leaves the class open."""


def in_definitions(loss: Loss, e: Expr) -> str:
    """An expression with the named intermediates of the declaration put back."""
    whole = {loss.expand(d.expr): d.symbol for d in loss.definitions.values() if not d.indices}
    return str(functions.rebuild(e, whole.get, top_down=True))


class Joints:
    """Finds the joints of a loss as a function of one tensor.

    ``places`` are equations in words, each with the order up to which the derivatives are proven to agree there;
    ``zeros`` has what is 0 there, where that is one expression.
    """

    def __init__(self, loss: Loss, wrt: str, facts: Facts):
        self.loss, self.wrt, self.facts = loss, wrt, facts
        self.places: dict[str, Expr] = {}
        self.zeros: dict[str, Expr] = {}
        self.steep = False
        """Whether one of the places may be the zero of a root, where the slope has no bound."""

    def order(self, e: Expr) -> Expr:
        """The k for which the expression is proven to be C^k, which may be ∞. Raises Undecided."""
        if not self.loss.depends(e, self.wrt) or isinstance(e, (Symbol, Indexed)):
            return sympy.oo
        if isinstance(e, functions.Cases):
            if any(self.loss.depends(c, self.wrt) for _, c in e.pairs):
                raise Undecided("the class: it has cases that depend on the prediction")
            return min(self.order(value) for value, _ in e.pairs)
        if isinstance(e, sympy.Pow):
            return self._power(e)
        if isinstance(e, (functions.maximum, functions.AxisMax, functions.Norm, sympy.Abs)):
            return self._joint(e, sympy.S.One)
        if isinstance(e, _SMOOTH):
            return self._of_arguments(e)
        raise Undecided(f"the class of {type(e).__name__}")

    def _of_arguments(self, e: Expr) -> Expr:
        if not isinstance(e, functions.Binder):
            return min(self.order(a) for a in e.args)
        body, fresh = functions.open_binder(e)
        before = self.facts
        self.facts = before.knowing(fresh, Range(sympy.S.Zero, sympy.oo, False))
        try:
            return self.order(body)
        finally:
            self.facts = before

    def _power(self, e: sympy.Pow) -> Expr:
        base, power = e.args
        if not power.is_number or isinstance(base, functions.AxisMax):
            if sign(base, self.facts) != "+":
                raise Undecided(f"the class of {e}")
            return min(self.order(base), self.order(power))
        if isinstance(base, (functions.maximum, functions.Norm, sympy.Abs)) and power > 0:
            return self._joint(base, power)
        if power.is_Integer or sign(base, self.facts) == "+":
            return self.order(base)
        return min(self.order(base), self._agreeing(f"{in_definitions(self.loss, base)} = 0", power, base))

    def _joint(self, e: Expr, power: Expr) -> Expr:
        """A maximum, a norm or an absolute value, to a positive power."""
        if isinstance(e, functions.maximum):
            a, b = e.args[:2]
            place = f"{in_definitions(self.loss, a)} = {in_definitions(self.loss, b)}"
            return min(
                self.order(a),
                self.order(b),
                self._agreeing(place, power if 0 in (a, b) else sympy.S.One, a - b),
            )
        if isinstance(e, functions.AxisMax):
            return min(self._of_arguments(e), self._agreeing("two entries share the maximum", sympy.S.One))
        inner = self._of_arguments(e)
        even = power.is_Integer and power % 2 == 0
        if even or (isinstance(e, sympy.Abs) and sign(e.args[0], self.facts) in ("+", "-")):
            return inner
        zero = e if isinstance(e, functions.Norm) else e.args[0]
        return min(inner, self._agreeing(f"{in_definitions(self.loss, zero)} = 0", power, zero))

    def _agreeing(self, place: str, power: Expr, zero: Expr | None = None) -> Expr:
        """Note a place where something behaves like the power of a maximum with 0, which is C^k for every k < power."""
        order = sympy.ceiling(power) - 1
        self.steep = self.steep or power < 1
        if zero is not None:
            self.zeros[place] = zero
        self.places[place] = min(order, self.places.get(place, sympy.oo))
        return order
