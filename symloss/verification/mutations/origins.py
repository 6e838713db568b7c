"""Other derivatives in place of the right one: by the wrong variable, by an intermediate, a factor held constant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy
from sympy import Abs, Expr, Indexed, Mul, exp, log

from symloss.derive import element_of
from symloss.domains import Real, TensorType
from symloss.functions import Binder, LogSoftmax, Softmax, Sum, maximum, sigmoid, xlogy
from symloss.value import Input, Parameter
from symloss.verification.mutations.subject import Mutation, Subject

__all__ = ["HESSIANS", "ORIGINS"]


def _by_intermediate(s: Subject) -> Iterator[tuple[Expr, dict]]:
    for d in s.loss.definitions.values():
        if not s.loss.depends(d.expr, s.wrt):
            continue
        outer = s.by(d)
        inner = s.inner(d)
        if outer is not None and outer != s.truth and inner not in (1, sympy.S.One):
            shown = f"d{d.name}/d{s.wrt}" + (
                f" = {inner}" if inner is not None and len(str(inner)) < 60 else ""
            )
            yield outer, {"factor": shown, "by": d.name, "wrt": s.wrt}


def _without_link(s: Subject) -> Iterator[tuple[Expr, dict]]:
    """One link in the middle of the chain is left out: dl/du · dv/dx, where u is made from v."""
    named = [d for d in s.loss.definitions.values() if not d.indices]
    for u in named:
        for v in named:
            if v.symbol not in u.expr.free_symbols or u.expr.atoms(Binder, maximum):
                continue
            inner = s.inner(v)
            outer = s.by(u) if inner is not None else None
            link = sympy.diff(u.expr, v.symbol).xreplace({u.expr: u.symbol})
            if outer is not None and inner is not None and link not in (0, 1):
                shown = f"d{u.name}/d{v.name} = {link}"
                yield outer * inner, {"factor": shown, "by": u.name, "wrt": v.name}


def _by_probabilities(s: Subject) -> Iterator[tuple[Expr, dict]]:
    """−t/p in place of p − t: the derivative by the softmax's output."""
    expr = s.loss.expand(s.loss.example)
    nodes = [n for n in expr.atoms(LogSoftmax) if isinstance(n.body, Indexed)]
    if len({n.func(*n.args[:3], 0) for n in nodes}) != 1 or not isinstance(s.element, Indexed):
        return
    size = nodes[0].size
    name = "softmax_output"
    output = Input(name, TensorType(Real, (size.name,)))
    loss = replace(s.loss, inputs=(*s.loss.inputs, output), definitions={})
    expr = expr.replace(lambda n: isinstance(n, LogSoftmax), lambda n: log(Indexed(output.tensor, n.at)))
    outer = s.derivative(loss, expr, element_of(output))
    if outer is not None:
        place = s.element.args[1]
        back = outer.xreplace({
            one: Softmax(*nodes[0].args[:3], one.args[1]) for one in outer.atoms(Indexed) if one.base.label.name == name
        })  # fmt: skip
        yield back, {"factor": f"d softmax/d{s.wrt}", "by": f"softmax({s.wrt})[{place}]", "wrt": s.wrt}


def _by_other(s: Subject) -> Iterator[tuple[Expr, dict]]:
    for one in s.loss.inputs:
        if one.name == s.wrt or len(one.axes) != len(s.argument.axes) or one.type.classes:
            continue
        if not s.loss.depends(s.loss.expression, one.name):
            continue
        other = s.derivative(s.loss, s.loss.expression, element_of(one))
        if other is not None:
            yield other, {"other": one.name, "wrt": s.wrt}
    if not s.argument.axes:
        for p in s.loss.parameters:
            if not p.axes and not p.domain.integer:
                other = s.derivative(s.loss, s.loss.expression, p.symbol)
                if other is not None:
                    yield other, {"other": p.name, "wrt": s.wrt}


def _behind(s: Subject) -> Iterator[tuple[Expr, dict]]:
    """A derivative by what the argument is made from, or by what is made from it."""
    domain, x = s.argument.domain, s.element
    if domain.name == "Probability" and not s.argument.axes:
        words = f"the logit behind {s.wrt}, not by {s.wrt}: a factor p(1 - p) too much"
        yield s.truth * x * (1 - x), {"words": words}
    if (domain.sums_to_one or domain.name == "Probability") and isinstance(x, Indexed) and len(x.args) == 2:
        j = sympy.Dummy("j", integer=True, nonnegative=True)
        mean = Sum((x * s.truth).xreplace({x.args[1]: j}), j, x.base.shape[0])
        yield (
            x * (s.truth - mean),
            {"words": f"the logits behind {s.wrt}, whose softmax it is, not by {s.wrt}"},
        )
    if domain.name == "Real" and s.loss.expression.has(exp(x)):
        words = f"exp({s.wrt}), not by {s.wrt}: the chain factor exp({s.wrt}) is missing"
        yield s.truth * exp(-x), {"words": words}
    if domain.name == "Positive" and s.loss.expression.has(log(x)):
        words = f"log({s.wrt}), not by {s.wrt}: a factor {s.wrt} too much"
        yield s.truth * x, {"words": words}


def _frozen(s: Subject) -> Iterator[tuple[Expr, dict]]:
    """The product rule forgotten: a factor of the loss is taken for a constant."""
    for part in ("example", "batch"):
        whole = getattr(s.loss, part)
        products = [n for n in sympy.preorder_traversal(whole) if isinstance(n, (Mul, xlogy))]
        factors = {f for n in products for f in n.args if s.loss.depends(f, s.wrt) and not f.atoms(Binder)}
        for factor in sorted(factors, key=sympy.default_sort_key):
            constant = Parameter("frozen_factor", TensorType(Real), default=1)
            loss = replace(
                s.loss,
                parameters=(*s.loss.parameters, constant),
                **{part: whole.xreplace({factor: constant.symbol})},
            )
            found = s.derivative(loss, loss.expression, s.element)
            if found is not None:
                yield found.xreplace({constant.symbol: factor}), {"term": str(factor), "wrt": s.wrt}


def _value(s: Subject) -> Iterator[tuple[Expr, dict]]:
    if not s.argument.axes:
        yield s.loss.expression, {}


def _gauss_newton(s: Subject) -> Iterator[tuple[Expr, dict]]:
    for d in s.loss.definitions.values():
        inner, outer = s.inner(d), s.by(d) if not d.indices else None
        if inner is None or outer is None or inner.is_number:
            continue
        second = s.derivative(s.loss, outer, d.symbol)
        if second is not None:
            yield second * inner**2, {"by": d.name}


def _as_hessian(s: Subject) -> Iterator[tuple[Expr, dict]]:
    gradient = s.loss.gradient(s.wrt)
    yield sympy.Integer(1), {"what": "the constant 1"}
    yield gradient**2, {"what": "the square of the gradient (the empirical Fisher information)"}
    yield gradient, {"what": "the gradient once more"}
    yield Abs(s.truth), {"what": "the absolute value of the second derivative"}
    yield sympy.Max(s.truth, 0), {"what": "the second derivative with its negative part cut off at 0"}
    yield Abs(gradient), {"what": "the absolute value of the gradient"}
    if s.loss.expression.has(sigmoid):
        z = s.element
        yield (
            sigmoid(z) * (1 - sigmoid(z)),
            {"what": "p(1 - p), the second derivative of the plain cross-entropy"},
        )
    if s.argument.domain.name == "Probability":
        yield s.element * (1 - s.element), {"what": "p(1 - p)"}


ORIGINS: tuple[Mutation, ...] = (
    Mutation("by an intermediate", "missing-chain-factor",
             "it misses the factor {factor}: it is the derivative by {by}, not by {wrt}", _by_intermediate),
    Mutation("without a link", "missing-chain-factor",
             "it misses the factor {factor}: it is the derivative by {by}, not by {wrt}", _without_link),
    Mutation("by the softmax", "missing-chain-factor",
             "it misses the factor {factor}: it is the derivative by {by}, not by {wrt}", _by_probabilities),
    Mutation("by another variable", "wrong-variable",
             "it is the derivative by {other}, not by {wrt}", _by_other),
    Mutation("by what lies behind", "wrong-variable",
             "it is the derivative by {words}", _behind),
    Mutation("a factor taken for a constant", "missing-term",
             "it takes {term} for a constant: the product rule's term with its derivative is missing", _frozen, 1.2),
    Mutation("the loss itself", "other", "it is the loss itself, not its derivative", _value, 1.5),
)  # fmt: skip
"""Rows that replace the derivative by another one."""

HESSIANS: tuple[Mutation, ...] = (
    Mutation("Gauss-Newton", "hessian",
             "it is the Gauss-Newton part alone: the term with {by}'s second derivative is missing", _gauss_newton),
    Mutation("something else", "hessian", "it is {what}", _as_hessian, 1.1),
)  # fmt: skip
"""Rows for second derivatives alone."""
