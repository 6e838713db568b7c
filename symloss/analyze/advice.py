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


def _is(word: str) -> Callable[[Answer, Loss], bool]:
    return lambda answer, _: answer.value == word


def _elsewhere(answer: Answer, loss: Loss) -> bool:
    """A regression whose loss of prediction - target is least elsewhere than at 0."""
    text = answer.value if isinstance(answer.value, str) else ""
    if loss.task != "regression" or len(loss.inputs) < 2 or " - " not in text:
        return False
    left, _, right = text.partition(" = ")
    return (
        bool(right) and " ≤ " not in text and right != "0" and left.count(" - ") == 1 and "none" not in text
    )


def _bottomless(answer: Answer, loss: Loss) -> bool:
    """A regression whose loss has no minimum because it is unbounded below."""
    return loss.task == "regression" and answer.details.get("infimum") == -sympy.oo


def _wrong_sign(answer: Answer, loss: Loss) -> bool:
    """For the label 1 the loss is least at some score below 0, or as the score goes to -∞."""
    texts = answer.value if isinstance(answer.value, list) else []
    label = next((i for i in loss.inputs if i.domain.values == (-1, 1)), None)
    if label is None:
        return False
    return any(
        t.endswith(f"where {label.name} = 1") and ("→ -∞" in t or "≤ -" in t or "= -" in t) for t in texts
    )


def _margins(loss: Loss) -> bool:
    return any(i.domain.values == (-1, 1) for i in loss.inputs)


def _of_classes(answer: Answer) -> bool:
    """Whether the best scores of several classes show it."""
    return "best_scores" in (answer.counterexample or {})


def _unequal(answer: Answer, _: Loss) -> bool:
    sizes = answer.details.get("relative", [])
    return bool(sizes) and min(sizes) < 0.1


ADVICE = (
    Rule("gap", 3, "continuous", _no, "the loss jumps",
         "make the formulas on both sides agree at the joint: a gradient method cannot see a jump"),
    Rule("unbounded below", 3, "range", _bottomless, "there is no best prediction, for the loss falls to -∞",
         "training diverges: look for a sign, an absolute value or a square that is missing"),
    Rule("not calibrated", 3, "calibrated", lambda a, _: a.value is False and _of_classes(a),
         "it is not classification-calibrated",
         "where no class is likelier than all others together the best scores need not name the likeliest; there a "
         "softmax cross-entropy does"),
    Rule("not calibrated", 3, "calibrated", lambda a, _: a.value is False and not _of_classes(a),
         "it is not classification-calibrated",
         "the best score can have the sign of the less likely label; shift the threshold or change the loss"),
    Rule("no probability", 1, "proper", lambda a, loss: a.value is False and _margins(loss),
         "the score says which label is likelier, not how likely",
         "calibrate the scores afterwards where probabilities are wanted"),
    Rule("improper", 3, "proper", lambda a, loss: a.value is False and not _margins(loss),
         "it is not a proper scoring rule",
         "do not read its predictions as probabilities without calibrating them afterwards"),
    Rule("wrong minimum", 3, "minimiser", _elsewhere, "the best prediction is not the target: {}",
         "look for a term too many, or shift the prediction afterwards"),
    Rule("wrong sign", 3, "minimiser", _wrong_sign, "it rewards the wrong sign: {}",
         "change the sign of the score in the formula"),
    Rule("not monotone", 2, "monotone", _no, "it does not fall with the margin: some confident right answers cost more",
         "cut the loss off at the margin, as the hinge loss does"),
    Rule("empty masks", 2, "empty_masks", lambda a, _: a.details.get("right") == "nan",
         "0/0 where the mask and the prediction are empty", "add a smoothing constant to both parts of the quotient"),
    Rule("without smoothing", 1, "empty_masks", lambda a, _: "undefined_with" in a.details,
         "on empty masks: {}", "keep the smoothing constant above 0"),
    Rule("edges", 2, "edges", _some, "{}", "keep predictions away from the edge, or predict logits"),
    Rule("follows outliers", 1, "breakdown", lambda a, _: a.details.get("follows") is True,
         "one outlier in ten moves the best prediction ({})", "take a loss with bounded influence"),
    Rule("saturates", 2, "saturation", _some, "{}",
         "take a form whose gradient does not vanish where the loss is high"),
    Rule("unequal terms", 2, "terms", _unequal, "the gradients of the terms differ in size: {}",
         "choose the factor in front of the smaller term by the ratio"),
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
