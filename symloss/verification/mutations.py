"""The mistakes that people make in gradients, as a table: how the true derivative is mutated, and the sentence for it.

A row makes candidates from an expression. ``ORIGINS`` are other derivatives in place of the right one (by the wrong
variable, by an intermediate, with a factor taken for a constant); ``SITES`` change one place of an expression, and may
be applied to their own results: two mistakes at once. Signs, constant factors and powers of n are no rows here: whoever
compares a candidate with an output finds them as the ratio of the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import sympy
from sympy import Abs, Add, Expr, Indexed, Mul, Pow, Symbol, exp, log, sign, tanh
from sympy.core.relational import Relational

from symloss.derive import element_of
from symloss.derive.engine import TooLong, derive
from symloss.domains import Real, TensorType
from symloss.functions import (
    AxisMax,
    Binder,
    Cases,
    LogSoftmax,
    Norm,
    Partial,
    Softmax,
    Sum,
    maximum,
    ratio,
    sigmoid,
    softplus,
    xlogy,
)
from symloss.value import Definition, Input, Loss, Parameter

__all__ = [
    "ORIGINS",
    "SITES",
    "Candidate",
    "Mutation",
    "Subject",
    "candidates",
    "over_examples",
    "second_candidates",
]


class over_examples(sympy.Function):
    """The sum over all examples of the batch: what a reduction over the wrong axis, or over all axes, gives."""

    nargs = 1
    is_extended_real = True


@dataclass(frozen=True)
class Candidate:
    """A mutated derivative: what may stand in the user's program, and what was done to the right one."""

    expr: Expr
    kind: str
    message: str
    cost: float
    definitions: Mapping[str, Definition] | None = None
    row: str = ""
    change: tuple[Any, ...] = ()
    """What was there and what stands instead, where the mutation replaces one thing by another."""


@dataclass(frozen=True)
class Mutation:
    """A row of a table. ``make`` yields expressions with the words that fill the sentence."""

    name: str
    kind: str
    sentence: str
    make: Callable[..., Iterator[tuple[Expr, dict[str, Any]]]]
    cost: float = 1.0


@dataclass(frozen=True, eq=False)
class Subject:
    """The derivative that is mutated. ``order`` 1: the gradient, 2: the second derivative."""

    loss: Loss
    wrt: str
    truth: Expr
    order: int = 1

    @property
    def argument(self) -> Input:
        return self.loss.argument(self.wrt)

    @cached_property
    def element(self) -> Expr:
        return element_of(self.argument)

    def derivative(self, loss: Loss, expr: Expr, wrt: Expr) -> Expr | None:
        """∂ expr/∂ wrt, or None where no rule gets there."""
        name = wrt.name if isinstance(wrt, Symbol) else wrt.base.label.name
        try:
            return derive(loss, Partial(expr, wrt), "gradient", name).result
        except (TooLong, NotImplementedError, RecursionError, AttributeError, ValueError, TypeError):
            return None

    def inner(self, d: Definition) -> Expr | None:
        """∂u/∂x of a named intermediate u."""
        if d.indices or self.argument.axes or not self.loss.depends(d.expr, self.wrt):
            return None
        if d.expr.atoms(Binder, maximum):
            return self.derivative(self.loss, d.expr, self.element)
        found = sympy.diff(self.loss.expand(d.expr), self.element)
        for known in reversed(self.loss.definitions.values()):  # in the words of the declaration again
            if not known.indices and not known.expr.is_Add:
                found = found.xreplace({self.loss.expand(known.expr): known.symbol})
        return found

    def by(self, d: Definition) -> Expr | None:
        """∂ℓ/∂u of a named intermediate u, over the same free indices as the gradient."""
        if not d.indices:
            return self.derivative(self.loss, self.loss.expression, d.symbol)
        places = element_of(self.argument).args[1:] if self.argument.axes else ()
        if len(places) != len(d.indices):
            return None
        return self.derivative(self.loss, self.loss.expression, d.symbol[places])


# --- other derivatives in its place --------------------------------------------------------------------------


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


# --- one place changed ----------------------------------------------------------------------------------------


def _replaced(expr: Expr, old: Expr, new: Expr) -> Expr | None:
    try:
        changed = expr.xreplace({old: new})
    except (AssertionError, TypeError, ValueError, AttributeError):
        return None
    return None if changed == expr or changed.has(sympy.zoo, sympy.nan) else changed


def _nodes(expr: Expr, *kinds: type) -> list[Expr]:
    found = {n: None for n in sympy.preorder_traversal(expr) if isinstance(n, kinds)}
    return list(found)


def _without_factor(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for product in _nodes(expr, Mul):
        for factor in product.args:
            if factor.is_number:
                continue
            changed = _replaced(expr, product, product / factor)
            weights = {d.symbol for d in s.loss.definitions.values() if not s.loss.depends(d.expr, s.wrt)}
            if factor in {p.symbol for p in s.loss.parameters}:
                yield changed, {"kind": "ignored-parameter", "factor": f"{factor}, a hyper-parameter"}
            elif factor in weights:
                yield changed, {"kind": "ignored-parameter", "factor": f"{factor}, a weight"}
            else:
                yield changed, {"factor": str(factor)}
    for power in _nodes(expr, Pow):
        if power is expr or isinstance(power.exp, sympy.Integer):
            yield _replaced(expr, power, sympy.Integer(1)), {"factor": str(power)}
    for node in _nodes(expr, ratio):
        yield _replaced(expr, node, node.args[0]), {"factor": f"1/({node.args[1]})"}
    for node in _nodes(expr, Norm, Softmax):
        if expr != node:
            yield _replaced(expr, node, sympy.Integer(1)), {"factor": str(node)}


def _with_factor(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    """A chain factor that is there already, or does not belong there."""
    for d in s.loss.definitions.values():
        inner = s.inner(d)
        if inner is not None and not inner.is_number:
            yield expr * inner, {"term": f"d{d.name}/d{s.wrt} = {inner}"}
    if s.loss.expression.has(sigmoid, softplus) and not s.argument.axes:
        p = sigmoid(s.element)
        yield expr * p * (1 - p), {"term": f"sigmoid({s.wrt})*(1 - sigmoid({s.wrt}))"}
    if (
        s.loss.expression.has(LogSoftmax, Softmax)
        and isinstance(s.element, Indexed)
        and len(s.argument.axes) == 1
    ):
        j = sympy.Dummy("j", integer=True, nonnegative=True)
        size = s.argument.tensor.shape[0]
        p = Softmax(Indexed(s.argument.tensor, j), j, size, s.element.args[1])
        yield expr * p, {"term": f"softmax({s.wrt})"}
        yield expr * p * (1 - p), {"term": f"softmax({s.wrt})*(1 - softmax({s.wrt}))"}
    for one in s.loss.parameters:
        if not one.axes and not one.domain.integer:
            yield expr * one.symbol, {"term": one.name}


def _without_term(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for total in _nodes(expr, Add):
        for term in total.args:
            yield _replaced(expr, total, total - term), {"term": str(term)}


def _doubled(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for total in _nodes(expr, Add):
        for term in total.args:
            if not term.is_number:
                yield _replaced(expr, total, total + term), {"term": str(term)}


def _flipped(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for total in _nodes(expr, Add):
        for term in total.args:
            yield _replaced(expr, total, total - 2 * term), {"term": str(term)}
    for kind in (sigmoid, softplus, exp, tanh):
        for node in _nodes(expr, kind):
            yield _replaced(expr, node, kind(-node.args[0])), {"term": str(node.args[0])}
    for node in _nodes(expr, Softmax):
        new = Softmax(-node.body, node.index, node.size, node.at)
        yield _replaced(expr, node, new), {"term": str(node.body)}


def _one_branch(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for cases in _nodes(expr, Cases):
        for value, condition in cases.pairs:
            where = str(condition) if condition != sympy.true else "otherwise"
            yield _replaced(expr, cases, value), {"what": f"it uses the branch {value} ({where}) everywhere"}
        if len(cases.pairs) == 2:
            (a, condition), (b, _) = cases.pairs
            yield (
                _replaced(expr, cases, Cases((b, condition), (a, True))),
                {"what": f"its branches are swapped: {a} and {b} at {condition}"},
            )
            yield (
                _replaced(expr, cases, Cases((0, condition), (b, True))),
                {"what": f"the branch {a} for {condition} is 0"},
            )
            yield (
                _replaced(expr, cases, Cases((a, condition), (0, True))),
                {"what": f"the branch {b}, where not {condition}, is 0"},
            )
    for node in _nodes(expr, maximum):
        for k in (0, 1):
            yield (
                _replaced(expr, node, node.args[k]),
                {"what": f"it has {node.args[k]} in place of {node} everywhere"},
            )


def _other_condition(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for relation in _nodes(expr, Relational):
        left, right = relation.args
        others: list[tuple[Expr, Expr]] = []
        if isinstance(left, Abs):
            others.append((left.args[0], right))
        if right.free_symbols:
            others += [(left, sympy.Integer(n)) for n in (0, 1)] + [
                (left, -right),
                (left, 2 * right),
                (left, right**2),
            ]
        elif left.free_symbols:
            parameters = [p.symbol for p in s.loss.parameters if p.symbol in left.free_symbols]
            others += [(left.xreplace({p: sympy.Integer(n)}), right) for p in parameters for n in (0, 1)]
            others += [(left.xreplace({p: -p}), right) for p in parameters]
        for a, b in others:
            if (a, b) != (left, right):
                new = relation.func(a, b)
                if not new.is_Boolean or new not in (sympy.true, sympy.false):
                    yield _replaced(expr, relation, new), {"what": f"it switches at {new}, not at {relation}"}
    for node in _nodes(expr, maximum):
        for p in s.loss.parameters:
            if p.symbol in node.free_symbols:
                for n in (0, 1):
                    new = node.xreplace({p.symbol: sympy.Integer(n)})
                    yield _replaced(expr, node, new), {"what": f"its threshold is {new}, not {node}"}


def _swapped(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    inputs = [i for i in s.loss.inputs if i.type.classes is None]
    scalars = [p for p in s.loss.parameters if not p.axes and not p.domain.integer]
    for group in (inputs, scalars):
        for k, a in enumerate(group):
            for b in group[k + 1 :]:
                if a.axes == b.axes:
                    yield _exchanged(expr, a, b), {"what": f"{a.name} and {b.name} are swapped"}
    for one in (*inputs, *scalars):
        if one.domain.values == (0, 1) or one.domain.name == "Probability":
            for node in _elements(expr, one):
                yield (
                    _replaced(expr, node, 1 - node),
                    {"what": f"1 - {one.name} stands in place of {one.name}"},
                )
    for d in s.loss.definitions.values():
        if not d.indices and d.symbol in expr.free_symbols and str(d.name).startswith(("p", "alpha")):
            yield (
                _replaced(expr, d.symbol, 1 - d.symbol),
                {"what": f"1 - {d.name} stands in place of {d.name}"},
            )


def _elements(expr: Expr, one: Input) -> list[Expr]:
    if one.axes:
        return [n for n in _nodes(expr, Indexed) if n.base.label.name == one.name]
    return [x for x in expr.free_symbols if x == one.symbol]


def _exchanged(expr: Expr, a: Input, b: Input) -> Expr | None:
    table: dict[Expr, Expr] = {}
    for mine, other in ((a, b), (b, a)):
        for node in _elements(expr, mine):
            table[node] = Indexed(other.tensor, *node.args[1:]) if other.axes else other.symbol
    try:
        changed = expr.xreplace(table)
    except (AssertionError, TypeError):
        return None
    return None if changed == expr else changed


def _ignored(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for p in s.loss.parameters:
        nodes = _elements(expr, p)
        numbers = dict.fromkeys(
            [sympy.nsimplify(p.default, rational=True), sympy.Integer(1), sympy.Integer(0)]
        )
        for number in numbers:
            changed: Expr | None = expr
            for node in nodes:
                changed = None if changed is None else _replaced(changed, node, number)
            if nodes:
                words = f"it ignores {p.name}, as if it were always {number}"
                yield changed, {"what": words}
    for d in s.loss.definitions.values():
        if d.indices or d.symbol not in expr.free_symbols or s.loss.depends(d.expr, s.wrt):
            continue
        yield _replaced(expr, d.symbol, sympy.Integer(1)), {"what": f"it ignores {d.name}, as if it were 1"}
        for p in s.loss.parameters:
            if p.symbol in d.expr.free_symbols:
                words = f"it takes {p.name} for {d.name} = {d.expr}, whatever the label"
                yield _replaced(expr, d.symbol, p.symbol), {"what": words}


def _reduced(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for total in _nodes(expr, Sum):
        size = total.size
        yield (
            _replaced(expr, total, total / size),
            {"what": f"it averages over {size}, where the loss adds up"},
        )
        yield _replaced(expr, total, total * size), {"what": f"it has a factor {size} too much"}
    axes = [a for one in s.loss.inputs for a in one.axes]
    for axis in dict.fromkeys(axes):
        from symloss.functions import size_symbol

        size = size_symbol(axis)
        yield expr / size, {"what": f"it divides by the number {axis} of entries, which the loss does not"}
        yield expr * size, {"what": f"it misses the division by the number {axis} of entries"}
    for largest in _nodes(expr, AxisMax):
        yield (
            _replaced(expr, largest, Sum(largest.body, largest.index, largest.size)),
            {"what": "it adds where the loss takes the largest"},
        )


def _across(node: Softmax) -> Iterator[tuple[Expr, dict]]:
    """The softmax along another axis of what it is taken of."""
    for entry in _nodes(node.logit, Indexed):
        for place, size in zip(entry.args[1:], entry.base.shape, strict=True):
            if not place.is_Symbol or place == node.at:
                continue
            j = sympy.Dummy("j", integer=True, nonnegative=True)
            words = f"the softmax is taken along the wrong axis: over the {size} of {place}, not of {node.at}"
            yield Softmax(node.logit.xreplace({place: j}), j, size, place), {"what": words}


def _wrong_axis(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for node in _nodes(expr, Softmax):
        for new, said in _across(node):
            yield _replaced(expr, node, new), said
    if not s.argument.per_example:
        return
    for node in _nodes(expr, Softmax):
        every = over_examples(Sum(exp(node.body), node.index, node.size))
        words = "the softmax is taken over the examples, not over the classes"
        yield _replaced(expr, node, exp(node.logit) / over_examples(exp(node.logit))), {"what": words}
        words = "the softmax is divided by the sum over all examples and classes, not over the classes of each example"
        yield _replaced(expr, node, exp(node.logit) / every), {"what": words}
    named = {
        d.symbol: d.expr
        for d in s.loss.definitions.values()
        if not d.indices and d.symbol in expr.free_symbols
    }
    for old, node in (*((n, n) for n in _nodes(expr, Norm, Sum)), *named.items()):
        if isinstance(node, Norm):
            new = sympy.sqrt(over_examples(Sum(node.body**2, node.index, node.size)))
        elif isinstance(node, Sum):
            new = over_examples(node)
        else:
            continue
        yield (
            _replaced(expr, old, new),
            {"what": f"{old} is taken over all examples together, not for each by itself"},
        )


def _function_missing(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for node in _nodes(expr, Abs, sigmoid, tanh, exp, log, softplus, sign):
        if type(node) is not sign:
            yield (
                _replaced(expr, node, node.args[0]),
                {
                    "what": f"{node.func.__name__.lower()} is missing: {node.args[0]} stands in place of {node}"
                },
            )
    for node in _nodes(expr, sign):
        yield (
            _replaced(expr, node, sympy.Integer(1)),
            {
                "kind": "sign",
                "what": f"the sign of {node.args[0]} is missing",
            },
        )
        yield _replaced(expr, node, node.args[0]), {"what": f"{node.args[0]} stands in place of its sign"}
    for node in _nodes(expr, Pow):
        if node.exp.is_number and node.exp not in (1, -1):
            yield (
                _replaced(expr, node, node.base),
                {"what": f"the power is missing: {node.base} stands in place of {node}"},
            )
    for node in _nodes(expr, Norm):
        squares = Sum(node.body**2, node.index, node.size)
        yield (
            _replaced(expr, node, squares),
            {"what": "the square root is missing: the squared distance stands in place of the distance"},
        )
    for d in s.loss.definitions.values():
        if isinstance(d.expr, Norm) and not d.indices and d.symbol in expr.free_symbols:
            yield (
                _replaced(expr, d.symbol, d.symbol**2),
                {"what": f"the squared {d.name} stands in place of {d.name}"},
            )
            for node in _nodes(expr, ratio):
                yield _replaced(expr, node, node.args[0]), {"what": f"it is not divided by {node.args[1]}"}
    for node in _nodes(expr, Softmax):
        yield (
            _replaced(expr, node, node.logit),
            {"what": f"softmax is missing: {node.logit} stands in place of {node}"},
        )
        yield _replaced(expr, node, exp(node.logit)), {"what": "the softmax is not divided by its sum"}


def _other_power(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for node in _nodes(expr, Pow):
        for step in (-1, 1):
            new = node.base ** (node.exp + step)
            yield (
                _replaced(expr, node, new),
                {"what": f"{new} stands in place of {node}: the exponent is off by one"},
            )


def _other_function(s: Subject, expr: Expr) -> Iterator[tuple[Expr, dict]]:
    for node in _nodes(expr, sigmoid):
        yield (
            _replaced(expr, node, tanh(node.args[0])),
            {"what": f"tanh stands in place of the logistic function of {node.args[0]}"},
        )
    for node in _nodes(expr, tanh):
        yield (
            _replaced(expr, node, sign(node.args[0])),
            {"what": f"sign stands in place of tanh({node.args[0]})"},
        )
        yield (
            _replaced(expr, node, sigmoid(node.args[0])),
            {"what": "the logistic function stands in place of tanh"},
        )
    for node in _nodes(expr, Abs, sign):
        if isinstance(node, sign):
            yield (
                _replaced(expr, node, tanh(node.args[0])),
                {"what": f"tanh stands in place of the sign of {node.args[0]}"},
            )
        else:
            yield _replaced(expr, node, node.args[0] ** 2), {"what": f"a square stands in place of {node}"}


SITES: tuple[Mutation, ...] = (
    Mutation("a factor missing", "missing-chain-factor", "it misses the factor {factor}", _without_factor),
    Mutation("a factor too much", "extra-term", "it has the factor {term} too much", _with_factor, 1.05),
    Mutation("a term missing", "missing-term", "it misses the term {term}", _without_term),
    Mutation("a term twice", "extra-term", "it has the term {term} twice", _doubled, 1.05),
    Mutation("the sign of a part", "sign", "the sign of {term} is flipped", _flipped),
    Mutation("a branch", "wrong-branch", "{what}", _one_branch),
    Mutation("a condition", "wrong-branch", "{what}", _other_condition, 1.05),
    Mutation("two things swapped", "swapped-arguments", "{what}", _swapped),
    Mutation("a hyper-parameter ignored", "ignored-parameter", "{what}", _ignored, 0.95),
    Mutation("a sum or a mean over an axis", "reduction", "{what}", _reduced, 1.05),
    Mutation("a reduction over the wrong axis", "reduction", "{what}", _wrong_axis),
    Mutation("a function missing", "missing-term", "{what}", _function_missing, 1.05),
    Mutation("an exponent", "other", "{what}", _other_power, 1.1),
    Mutation("another function", "other", "{what}", _other_function, 1.3),
)  # fmt: skip
"""Rows that change one place."""


# --- all candidates --------------------------------------------------------------------------------------------


def candidates(s: Subject) -> Iterator[Candidate]:
    """The derivative with one mistake, the likelier first. They are made when asked for, and once for each loss."""
    known, more = _known(s.loss, s.wrt, s.order)
    place = 0
    while True:
        if place == len(known):
            found = next(more, None)
            if found is None:
                return
            known.append(found)
        yield known[place]
        place += 1


@lru_cache(maxsize=64)
def _known(loss: Loss, wrt: str, order: int) -> tuple[list[Candidate], Iterator[Candidate]]:
    from symloss.verification.truth import Truth

    return [], _candidates(Subject(loss, wrt, Truth(loss, wrt, order).expr, order))


def _candidates(s: Subject) -> Iterator[Candidate]:
    seen: set[Any] = {s.truth}
    forms = _forms(s)
    rows = HESSIANS + ORIGINS if s.order == 2 else ORIGINS
    for row in rows:
        if s.order == 2 and row in ORIGINS:
            continue
        for expr, words in _made(row, s):
            yield from _fresh(
                Candidate(expr, row.kind, row.sentence.format(**words), row.cost, row=row.name), seen
            )
    for number, form in enumerate(forms):
        yield from _mutants(s, form, seen, 0.1 * number)
    yield from _in_definitions(s, seen)


def second_candidates(s: Subject, first: Candidate) -> Iterator[Candidate]:
    """One more mistake on top of a candidate."""
    seen: set[Any] = {s.truth, first.expr}
    for one in _mutants(s, first.expr, seen, 0.0):
        yield replace(
            one,
            kind=first.kind,
            message=f"{first.message}; and {one.message}",
            cost=first.cost + one.cost,
            definitions=first.definitions,
            row=f"{first.row} + {one.row}",
        )


def _made(row: Mutation, *what: Any) -> Iterator[tuple[Expr, dict[str, Any]]]:
    """What a row makes; it ends where an index would be captured below a binder."""
    try:
        yield from row.make(*what)
    except (AssertionError, NotImplementedError, RecursionError):
        return


def _fresh(one: Candidate, seen: set[Any]) -> Iterator[Candidate]:
    if one.expr is not None and one.expr not in seen and not one.expr.has(sympy.zoo, sympy.nan):
        seen.add(one.expr)
        yield one


def _forms(s: Subject) -> list[Expr]:
    """The ways in which the same derivative may be written down, each with places of its own to go wrong in."""
    forms = [s.truth]
    if s.order == 1:
        for d in s.loss.definitions.values():
            inner = s.inner(d)
            outer = s.by(d) if inner is not None else None
            if inner is not None and outer is not None and not inner.is_number:
                forms.append(outer * inner)
    try:
        forms.append(s.loss.expand(s.truth))
        forms.append(sympy.expand(s.truth))
    except (RecursionError, NotImplementedError, AssertionError):
        pass
    return list(dict.fromkeys(forms))


def _mutants(s: Subject, expr: Expr, seen: set[Any], more: float) -> Iterator[Candidate]:
    for row in SITES:
        for changed, words in _made(row, s, expr):
            if changed is not None:
                kind = words.get("kind", row.kind)
                message = row.sentence.format(**words)
                yield from _fresh(Candidate(changed, kind, message, row.cost + more, row=row.name), seen)


def _in_definitions(s: Subject, seen: set[Any]) -> Iterator[Candidate]:
    """The mistake is in a named intermediate, and every use of it."""
    for name, d in s.loss.definitions.items():
        for row in SITES:
            if row.make in (_with_factor, _reduced):
                continue
            for changed, words in _made(row, s, d.expr):
                if changed is None or (name, changed) in seen:
                    continue
                seen.add((name, changed))
                definitions = {**s.loss.definitions, name: d._replace(expr=changed)}
                message = f"in {name}: " + row.sentence.format(**words)
                yield Candidate(
                    s.truth, words.get("kind", row.kind), message, row.cost + 0.15, definitions, row.name
                )
