"""A derivation as a value: its lines, and the check that every line equals the one before."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import mpmath
import sympy
from sympy import Expr, Symbol

from symloss.evaluate import Environment, evaluate, evaluate_stable
from symloss.functions import Binder, Partial, free_index
from symloss.sample import sample

if TYPE_CHECKING:
    from symloss.value import Loss

__all__ = ["Check", "Derivation", "Step"]


@dataclass(frozen=True)
class Step:
    """One line: the rule, the sentence that explains it, what stood before, what stands after, what was assumed."""

    rule: str
    sentence: str
    before: Expr
    after: Expr
    assumption: str
    loss: Loss

    def check(self, digits: int = 30, points: int = 3) -> Check:
        """Whether both sides are equal, to ``digits`` digits at random points of the domain and by SymPy."""
        worst = mpmath.mpf(0)
        for seed in range(points):
            for places in self._places():
                worst = max(worst, self._difference_at(sample(self.loss, seed), digits, places))
        return Check(self, bool(worst <= mpmath.mpf(10) ** -digits), worst, points, self._proved())

    def _difference_at(self, place: Environment, digits: int, indices: dict) -> mpmath.mpf:
        before, after = (evaluate(e, place, digits + GUARD, indices) for e in (self.before, self.after))
        found = _difference(before, after, digits)
        if found <= mpmath.mpf(10) ** -digits:
            return found
        try:  # all these digits may have cancelled
            before, after = (
                evaluate_stable(e, place, digits + 5, indices, SETTLED) for e in (self.before, self.after)
            )
            return _difference(before, after, digits)
        except ArithmeticError:
            return found

    def _places(self) -> Iterator[dict[Symbol, int]]:
        """Values for the free indices: every way in which they can be alike or differ."""
        symbols = self.before.free_symbols | self.after.free_symbols
        free = sorted((s for s in symbols if s in _FREE), key=lambda s: s.name)
        for values in itertools.product((0, 1), repeat=len(free)):
            yield dict(zip(free, values, strict=True))

    def _proved(self) -> bool:
        """Whether SymPy sees the equality: only tried where it knows all the functions, and without search."""
        if any(e.has(Binder) for e in (self.before, self.after)):
            return False
        try:
            before, after = (self.loss.expand(_carried_out(self.loss, e)) for e in (self.before, self.after))
            return bool(sympy.expand(before - after) == 0)
        except (NotImplementedError, TypeError, ValueError):
            return False


SETTLED = 1000
"""The digits that it takes at most where two sides seem to differ."""


GUARD = 40
"""The digits that a check carries beyond those it asserts; a result below 10**-GUARD/2 may be a rounded 0."""


def _difference(before: mpmath.mpf, after: mpmath.mpf, digits: int) -> mpmath.mpf:
    """The relative difference; infinite where one of them is not a finite number."""
    if not (mpmath.isfinite(before) and mpmath.isfinite(after)):
        return mpmath.inf
    with mpmath.workdps(digits + GUARD):
        scale = max(abs(before), abs(after), mpmath.mpf(10) ** (-GUARD // 2))
        return abs(before - after) / scale


_FREE = {free_index(place) for place in range(8)}


def _carried_out(loss: Loss, expr: Expr) -> Expr:
    """``expr`` with its derivatives carried out by SymPy."""
    return expr.replace(lambda e: isinstance(e, Partial), lambda e: sympy.diff(loss.expand(e.expr), e.wrt))


@dataclass(frozen=True)
class Check:
    """The outcome of checking one line: ``ok``, the largest relative difference, and whether SymPy proved it."""

    step: Step
    ok: bool
    worst: mpmath.mpf
    points: int
    proved: bool

    def __bool__(self) -> bool:
        return self.ok


@dataclass(frozen=True)
class Derivation:
    """The steps from a derivative to its readable form. Iterate over it for the steps."""

    loss: Loss
    what: str
    wrt: str
    start: Expr
    steps: tuple[Step, ...]
    batch_steps: tuple[Step, ...] = ()
    divisor: Expr = sympy.S.One
    """What the batch divides one example's gradient by."""

    @property
    def result(self) -> Expr:
        """The last line."""
        every = self.all_steps
        return every[-1].after if every else self.start

    @property
    def result_for_example(self) -> Expr:
        """The last line, said of one example without its index."""
        before = self.steps[-1].after if self.steps else self.start
        return before / self.divisor

    @property
    def all_steps(self) -> tuple[Step, ...]:
        return (*self.steps, *self.batch_steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.all_steps)

    def __len__(self) -> int:
        return len(self.all_steps)

    def then(self, step: Step, divisor: Expr) -> Derivation:
        """The derivation with a step about the whole batch behind it."""
        return replace(self, batch_steps=(*self.batch_steps, step), divisor=divisor)

    def check(self, digits: int = 30, points: int = 3) -> list[Check]:
        """Check every line against the one before; raises AssertionError at the first that differs."""
        checks = []
        for number, step in enumerate(self, start=1):
            check = step.check(digits, points)
            if not check:
                raise AssertionError(
                    f"{self.loss.name}: line {number} ({step.rule}) of the {self.what} differs from the line before "
                    f"by {mpmath.nstr(check.worst, 3)}:\n  {step.before}\n  {step.after}"
                )
            checks.append(check)
        return checks

    def latex(self) -> str:
        """The derivation as LaTeX, for an amsmath document."""
        from symloss.present.latex import derivation_latex

        return derivation_latex(self)

    def _repr_markdown_(self) -> str:
        from symloss.present.notebook import derivation_markdown

        return derivation_markdown(self)

    def _repr_latex_(self) -> str:
        from symloss.present.notebook import derivation_mathematics

        return derivation_mathematics(self)

    def __str__(self) -> str:
        lines = [f"  {self.start}"]
        for step in self:
            if step.before != (lines and step.before):
                lines.append(f"  {step.before}")
            why = f"{step.rule}: {step.assumption}" if step.assumption else step.rule
            lines.append(f"= {step.after}    [{why}]")
        return "\n".join(lines)
