"""Applies the tables of rules to a loss, one line of a derivation at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import sympy
from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Symbol
from sympy.logic.boolalg import Boolean

from symloss.derive.rules import DIFFERENTIATION, READABLE, Facts, Reading, Rule
from symloss.derive.steps import Derivation, Step
from symloss.functions import Norm, Partial, length, rebuild, subexpressions
from symloss.room import with_room
from symloss.value import Definition, Loss

__all__ = ["TooLong", "Trace", "derive", "readable", "taken", "trace_of"]

_MOST_STEPS = 100
_MOST_PARTIALS = 400
_LONGEST = 20_000
"""Beyond these a line is of no use to a reader, and may not end; of a large formula, four times its own parts, and
twenty times its length."""


class TooLong(RuntimeError):
    """A derivation that grows out of hand."""


class Trace:
    """What the rules may look up while a derivation of ``loss`` is written down."""

    def __init__(self, loss: Loss):
        self.loss = loss
        norms = (d.name for d in loss.definitions.values() if isinstance(d.expr, Norm))
        self.facts = Facts(loss.inputs, norms)
        named = [d for d in loss.definitions.values() if not isinstance(d.expr, (Add, Mul, Symbol, Indexed))]
        self.numbers = {d.expr: d.symbol for d in reversed(named) if not d.indices}
        """The named intermediates that are one number each, by what defines them."""
        self.vectors = [d for d in named if d.indices]
        formulas = (loss.example, loss.normalizer, loss.batch, *(d.expr for d in loss.definitions.values()))
        parts = len(set().union(*map(subexpressions, formulas)))
        self.most_steps = max(_MOST_STEPS, 4 * parts)
        self.most_partials = max(_MOST_PARTIALS, 4 * parts)
        self.longest = max(_LONGEST, 20 * sum(map(length, formulas)))
        self.kinds = {type(d.expr) for d in named}

    def d(self, wrt: Expr) -> Callable[[Expr], Expr]:
        """The derivative still to be taken, or 0 of what does not contain the variable."""
        name = wrt.name if isinstance(wrt, Symbol) else wrt.base.label.name

        def derivative(expr: Expr) -> Expr:
            return Partial(expr, wrt) if self.loss.depends(expr, name) else sympy.Integer(0)

        return derivative

    def named(self, expr: Expr) -> Expr:
        """``expr`` with the defining expression of a named intermediate put back under its name."""

        def fold(node: Expr) -> Expr | None:
            if type(node) not in self.kinds:
                return None
            if node in self.numbers:
                return self.numbers[node]
            return next((found for d in self.vectors if (found := _instance(node, d)) is not None), None)

        return rebuild(expr, fold, below=_no_partial) if self.kinds else expr


@lru_cache(maxsize=64)
def trace_of(loss: Loss) -> Trace:
    """The same for every derivative of a loss."""
    return Trace(loss)


def _instance(node: Expr, definition: Definition) -> Expr | None:
    """An entry of a named intermediate that has an index, where ``node`` is what defines it."""
    if type(node) is not type(definition.expr):
        return None
    place = getattr(node, "at", None)
    if len(definition.indices) == 1 and place is not None and definition.at(place) == node:
        return definition.symbol[place]
    return None


@with_room
def derive(loss: Loss, start: Expr, what: str, wrt: str) -> Derivation:
    """Carry out the derivatives in ``start``, then make the result readable."""
    trace = trace_of(loss)
    steps: list[Step] = []
    line = start if _differentiable(trace, start) else sympy.Integer(0)
    if line != start:
        steps.append(Step("constant", "Nothing in it depends on the variable.", start, line, "", loss))
    while _partials(line):
        line, step = _differentiate(trace, line)
        steps.append(step)
        long = length(line)
        if (
            len(steps) > trace.most_steps
            or long > trace.longest
            or len(_partials(line)) > trace.most_partials
        ):
            raise TooLong(
                f"{loss.name}: the {what} with respect to {wrt} was given up after {len(steps)} steps, at {long} "
                "operations"
            )
        line, more = _collapse_first(trace, line)
        steps += more
    tidy = readable(trace, line)
    return Derivation(loss, what, wrt, start, (*steps, *tidy))


def taken(step: Step) -> list[tuple[Partial, Expr]]:
    """The derivatives that a line carries out, each with what its rule makes of it: the line in detail."""
    trace = trace_of(step.loss)

    def ours(node: Expr) -> bool:
        return isinstance(node, Partial) and _rule_for(trace, node)[0] == step.rule

    found = []
    for partial in dict.fromkeys(filter(ours, sympy.preorder_traversal(step.before))):
        result = _apply(trace, partial)
        while step.rule == "linearity" and any(map(ours, result.atoms(Partial))):
            result = rebuild(result, lambda n: _apply(trace, n) if ours(n) else None, top_down=True)
        found.append((partial, trace.named(result)))
    return found


def _differentiable(trace: Trace, start: Partial) -> bool:
    return trace.d(start.wrt)(start.expr) != 0


def _differentiate(trace: Trace, line: Expr) -> tuple[Expr, Step]:
    """One line: the rule that fits the first derivative in it, wherever in the line it fits, as often as it fits."""
    name, sentence = _rule_for(trace, _first(trace, line))
    before = line

    def rewrite(node: Expr) -> Expr | None:
        if not isinstance(node, Partial):
            return None
        rule_name, _ = _rule_for(trace, node)
        return _apply(trace, node) if rule_name == name else None

    while True:
        after = rebuild(line, rewrite, top_down=True)
        if after == line:
            break
        line = after
        if name not in ("linearity", "variable") or not _partials(line):
            break
        if _rule_for(trace, _first(trace, line))[0] != name:
            break
    line = trace.named(line)
    return line, Step(name, sentence, before, line, "", trace.loss)


def _partials(line: Expr) -> list[Partial]:
    """The derivatives still to be taken; none has another one in it."""
    return [node for node in subexpressions(line, _no_partial) if isinstance(node, Partial)]


def _no_partial(node: Expr) -> bool:
    return not isinstance(node, Partial)


def _first(trace: Trace, line: Expr) -> Partial:
    """The derivative to take next: named intermediates wait until they can be done all at once."""
    waiting = _partials(line)
    return next((p for p in waiting if _definition(trace, p.expr) is None), waiting[0])


_VARIABLE = "A variable changes one for one with itself and not with another: ∂xᵢ/∂xₖ = δᵢₖ."


def _rule_for(trace: Trace, partial: Partial) -> tuple[str, str]:
    expr, wrt = partial.args
    if _is_variable(expr, wrt):
        return "variable", _VARIABLE if isinstance(wrt, Indexed) else "∂x/∂x = 1."
    definition = _definition(trace, expr)
    if definition is not None:
        return "chain rule", "A named intermediate changes with the variable as its definition says."
    rule, _ = _matching(trace, partial)
    return rule.name, rule.sentence


def _is_variable(expr: Expr, wrt: Expr) -> bool:
    if isinstance(wrt, Indexed):
        return isinstance(expr, Indexed) and expr.base.label.name == wrt.base.label.name
    return expr == wrt


def _definition(trace: Trace, expr: Expr) -> Definition | None:
    if isinstance(expr, Symbol):
        return trace.loss.definitions.get(expr.name)
    if isinstance(expr, Indexed):
        return trace.loss.definitions.get(expr.base.label.name)
    return None


def _apply(trace: Trace, partial: Partial) -> Expr:
    expr, wrt = partial.args
    if _is_variable(expr, wrt):
        if not isinstance(wrt, Indexed):
            return sympy.Integer(1)
        return Mul(*(KroneckerDelta(a, b) for a, b in zip(expr.args[1:], wrt.args[1:], strict=True)))
    definition = _definition(trace, expr)
    if definition is not None:
        inner = definition.at(*expr.args[1:]) if isinstance(expr, Indexed) else definition.expr
        return _affine(trace, Partial(inner, wrt))
    return _matching(trace, partial)[1]


def _affine(trace: Trace, partial: Partial) -> Expr:
    """The derivative of an affine definition, which needs no lines of its own; another one as it stands."""
    line: Expr = partial
    while waiting := _partials(line):
        if any(_rule_for(trace, p)[0] not in ("linearity", "variable") for p in waiting):
            return partial
        line = rebuild(line, lambda n: _apply(trace, n) if isinstance(n, Partial) else None, top_down=True)
    return partial if line.has(KroneckerDelta) else line


def _matching(trace: Trace, partial: Partial) -> tuple[Rule, Expr]:
    d = trace.d(partial.wrt)
    for rule in DIFFERENTIATION:
        if isinstance(partial.expr, rule.kind):
            result = rule.rewrite(partial.expr, d)
            if result is not None:
                return rule, result
    raise NotImplementedError(f"{trace.loss.name}: no rule differentiates {partial.expr}")


def _collapse_first(trace: Trace, line: Expr) -> tuple[Expr, list[Step]]:
    """Once the deltas stand, their sums collapse before anything else is differentiated."""
    if not any(isinstance(node, KroneckerDelta) for node in subexpressions(line)):
        return line, []
    steps = readable(trace, line, only=("collapse", "expand"))
    return (steps[-1].after if steps else line), list(steps)


def readable(trace: Trace, line: Expr, only: tuple[str, ...] = ()) -> tuple[Step, ...]:
    """The lines that lead from a gradient to the form that an expert would write."""
    steps: list[Step] = []
    seen = {line}
    while True:
        step = _read(trace, line, only)
        if len(steps) > trace.most_steps:
            raise TooLong(f"{trace.loss.name}: no readable form after {len(steps)} steps")
        if step is None or step.after in seen:  # two rules may undo each other: then either form will do
            return tuple(steps)
        steps.append(step)
        line = step.after
        seen.add(line)


def _read(trace: Trace, line: Expr, only: tuple[str, ...]) -> Step | None:
    for reading in READABLE:
        if only and reading.name not in only:
            continue
        after, met = line, {line}
        while True:
            new = rebuild(after, _rewriter(reading, trace.facts), below=_not_a_condition)
            if new in met:  # as it was, or a rule that undoes itself: then either form will do
                break
            after = new
            met.add(new)
        if after != line:
            return Step(reading.name, reading.sentence, line, trace.named(after), "", trace.loss)
        if reading.name == "expand":
            step = _fact(trace, line)
            if step is not None:
                return step
    return None


def _rewriter(reading: Reading, facts: Facts) -> Callable[[Expr], Expr | None]:
    return lambda node: reading.rewrite(node, facts)


def _not_a_condition(node: Expr) -> bool:
    return not isinstance(node, Boolean)


def _fact(trace: Trace, line: Expr) -> Step | None:
    used: list[str] = []

    def rewrite(node: Expr) -> Expr | None:
        found = trace.facts.apply(node)
        if found is None:
            return None
        if found[1] not in used:
            used.append(found[1])
        return found[0]

    after = rebuild(line, rewrite)
    if after == line:
        return None
    return Step(
        "declared fact",
        "What the declaration says of the inputs is used.",
        line,
        after,
        "; ".join(used),
        trace.loss,
    )
