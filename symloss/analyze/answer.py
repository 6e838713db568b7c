"""What a question about a loss is answered with: a value, how far it is proven, and the argument in words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from sympy import Expr
from sympy.printing.str import StrPrinter

from symloss.value import Loss

__all__ = ["PROVEN", "REFUTED", "SAMPLED", "UNKNOWN", "Answer", "at_defaults", "in_words"]

PROVEN, REFUTED, SAMPLED, UNKNOWN = "proven", "refuted", "sampled", "unknown"


@dataclass(frozen=True)
class Answer:
    """An answer.

    value : True or False for a question of yes or no, an expression, a word, a list of words; None where unknown.
    status : ``proven``; ``refuted``, where the answer is no and ``counterexample`` shows it; ``sampled``, where it
        was only tried at ``points`` points; ``unknown``.
    argument : why, in a sentence.
    holds_for : the hyper-parameters that the answer covers, such as ``every delta > 0`` or ``delta = 1``.
    counterexample : numbers by argument, and under ``paste`` a line of Python that shows them.
    details : further facts by name, such as the places of the kinks.
    """

    value: Any = None
    status: str = UNKNOWN
    argument: str = ""
    holds_for: str = ""
    counterexample: dict[str, Any] | None = None
    points: int = 0
    details: dict[str, Any] = field(default_factory=dict, hash=False)

    def __bool__(self) -> bool:
        """Whether the answer is yes, and certain."""
        return self.value is True and self.status == PROVEN

    @classmethod
    def inapplicable(cls, why: str) -> Answer:
        """The answer to a question that makes no sense for a loss."""
        return cls(argument=f"Does not apply: {why}.", details={"applies": False})

    @property
    def applies(self) -> bool:
        """Whether the question makes sense for the loss."""
        return self.details.get("applies", True)

    @property
    def text(self) -> str:
        """The value in words."""
        if not self.applies:
            return "does not apply"
        return f"at most {in_words(self.value)}" if self.is_bound else in_words(self.value)

    @property
    def is_bound(self) -> bool:
        """Whether the value is a bound of what was asked for, which may be smaller."""
        return self.details.get("sharp") is False

    @property
    def latex(self) -> str:
        """The value in LaTeX where it is a formula, else its words as text."""
        return self.latex_for(None)

    def latex_for(self, loss: Loss | None) -> str:
        """The same in the notation of a loss."""
        from symloss.present.printer import latex
        from symloss.present.prose import prose

        if isinstance(self.value, Expr):
            return (r"\le " if self.is_bound else "") + latex(self.value, loss)
        return rf"\text{{{prose(self.text)}}}"

    def saying(self, **changes: Any) -> Answer:
        """The same with some parts changed."""
        return replace(self, **changes)

    def json(self) -> dict[str, Any]:
        """As plain data: ``verdict`` for a yes or no, ``value`` for all else, both null where it is not known."""
        data: dict[str, Any] = {"verdict": None, "value": None}
        if self.value is not None:
            data = {"verdict": self.value} if isinstance(self.value, bool) else {"value": _plain(self.value)}
        data["status"] = self.status
        data["argument"] = self.argument
        if isinstance(self.value, Expr):
            data["latex"] = self.latex
        if self.holds_for:
            data["holds_for"] = self.holds_for
        if self.counterexample is not None:
            data["counterexample"] = _plain(self.counterexample)
        if self.points:
            data["points"] = self.points
        return data | {name: _plain(value) for name, value in self.details.items()}


def at_defaults(loss: Loss) -> str:
    """What an answer holds for that was found at the defaults of the hyper-parameters."""
    return ", ".join(f"{p.name} = {p.default}" for p in loss.parameters)


def in_words(value: Any) -> str:
    """A value as a person reads it."""
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return "; ".join(map(in_words, value)) or "none"
    return _Words().doprint(value) if isinstance(value, Expr) else str(value)


class _Words(StrPrinter):
    """SymPy's text, with ∞ for infinity."""

    def _print_Infinity(self, expr: Expr) -> str:
        return "∞"

    def _print_NegativeInfinity(self, expr: Expr) -> str:
        return "-∞"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)
