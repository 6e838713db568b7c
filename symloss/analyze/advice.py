"""What to do about a finding: a table of rows, each with the finding that it is for, worst first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy

from symloss.analyze.answer import Answer, in_words
from symloss.value import Loss

__all__ = ["ADVICE", "Advice", "Rule", "advise"]

Answers = dict[str, Answer]


@dataclass(frozen=True)
class Advice:
    """A finding and what to do about it. ``severity``: 3 it will not train as meant, 2 beware, 1 to know."""

    severity: int
    finding: str
    action: str

    def json(self) -> dict[str, object]:
        """As plain data."""
        return {"severity": self.severity, "finding": self.finding, "action": self.action}


@dataclass(frozen=True)
class Rule:
    """When ``applies``, ``finding`` (with ``{}`` for the answer) is reported with what to do."""

    name: str
    severity: int
    key: str
    applies: Callable[[Answer, Loss], bool]
    finding: str
    action: str


def _no(answer: Answer, _: Loss) -> bool:
    return answer.value is False


def _some(answer: Answer, _: Loss) -> bool:
    return bool(answer.value) and isinstance(answer.value, list)


def _infinite(answer: Answer, _: Loss) -> bool:
    return answer.value == sympy.oo


def _is(word: str) -> Callable[[Answer, Loss], bool]:
    return lambda answer, _: answer.value == word


ADVICE = (
    Rule("gap", 3, "continuous", _no, "the loss jumps",
         "make the formulas on both sides agree at the joint: a gradient method cannot see a jump"),
    Rule("not calibrated", 3, "calibrated", _no, "it is not classification-calibrated",
         "the best score can have the sign of the less likely label; shift the threshold or change the loss"),
    Rule("improper", 3, "proper", _no, "it is not a proper scoring rule",
         "do not read its predictions as probabilities without calibrating them afterwards"),
    Rule("dead zone", 2, "dead_zones", _some, "the gradient is 0 where {}",
         "check that examples there are meant to be ignored; else they are never learnt"),
    Rule("blow-up", 2, "blow_up", _some, "{}",
         "clip the gradient, or predict on a scale without that edge (logits instead of probabilities)"),
    Rule("not convex", 2, "convex", _no, "it is not convex in the prediction",
         "start from a good initial value, or train with a convex relative first"),
    Rule("growing influence", 2, "influence", _is("growing"), "an outlier pulls without bound",
         "clean the data, clip the gradient, or take a loss with bounded influence"),
    Rule("redescending", 1, "influence", _is("redescending"), "far outliers hardly pull at all",
         "start near the solution: from far away there is almost no gradient"),
    Rule("kinks", 1, "kinks", _some, "kinks at {}",
         "let the step size decrease, for the gradient does not fade near a kink; second-order methods do not apply"),
    Rule("no scale of its own", 1, "homogeneity", _is("not homogeneous"), "the loss depends on the unit of the data",
         "standardise the targets"),
    Rule("noise", 1, "label_noise", _is("sensitive"), "wrong labels move the solution",
         "clean the labels, or smooth them"),
)  # fmt: skip


def advise(loss: Loss, answers: dict[str, dict[str, Answer]]) -> tuple[Advice, ...]:
    """The advice whose rules apply, worst first."""
    flat = {key: answer for group in answers.values() for key, answer in group.items()}
    found = [
        Advice(r.severity, r.finding.format(in_words(flat[r.key].value)), r.action)
        for r in ADVICE
        if r.key in flat and r.applies(flat[r.key], loss)
    ]
    return tuple(sorted(found, key=lambda a: -a.severity))
