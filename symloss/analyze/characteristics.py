"""All questions asked of one loss: the answers as rows, as JSON, as a page for a terminal or a notebook."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import sympy

from symloss.analyze import (
    alignment,
    convexity,
    differentiability,
    experiment,
    invariance,
    robustness,
    scale,
    vectors,
)
from symloss.analyze.advice import Advice, advise
from symloss.analyze.answer import PROVEN, REFUTED, SAMPLED, Answer
from symloss.analyze.efficiency import Efficiency, efficiency
from symloss.analyze.imbalance import imbalance
from symloss.analyze.questions import GROUPS, QUESTIONS
from symloss.analyze.slices import slices_of
from symloss.domains import Probability, Real, Sign
from symloss.value import Loss

__all__ = ["Characteristics", "Row", "characteristics"]


class Row(NamedTuple):
    """One answer, as a table shows it."""

    group: str
    key: str
    question: str
    answer: str
    status: str
    argument: str
    latex: str
    holds_for: str


@dataclass(frozen=True)
class Characteristics:
    """What is known of a loss. ``answers[group][key]`` is an Answer; iterating gives rows in order.

    Where a loss is differentiated by several tensors, the answers are about the first, and ``by`` has those of
    each.
    """

    loss: Loss
    answers: dict[str, dict[str, Answer]] = field(hash=False)
    advice: tuple[Advice, ...] = ()
    by: dict[str, dict[str, dict[str, Answer]]] = field(default_factory=dict, hash=False)

    def __iter__(self) -> Iterator[Row]:
        for question in QUESTIONS:
            answer = self.answers.get(question.group, {}).get(question.key)
            if answer is not None:
                yield Row(question.group, question.key, question.words, answer.text, answer.status,
                          answer.argument, answer.latex, answer.holds_for)  # fmt: skip

    def __getitem__(self, key: str) -> Answer:
        """The answer to one question, by its key: ``characteristics["convex"]``."""
        for group in self.answers.values():
            if key in group:
                return group[key]
        known = ", ".join(k for group in self.answers.values() for k in group)
        raise KeyError(f"{self.loss.name}: no answer {key!r}; there are {known}")

    @property
    def efficiency(self) -> Efficiency:
        """What the generated code costs."""
        return efficiency(self.loss)

    def json(self) -> dict[str, Any]:
        """As plain data, in the form that ``symloss review --json`` prints."""
        data: dict[str, Any] = {"name": self.loss.name, "with_respect_to": self.loss.differentiated[0]}
        for group in GROUPS:
            data[group] = {key: a.json() for key, a in self.answers.get(group, {}).items()}
        data["efficiency"] = self.efficiency.described()
        if self.by:
            data["by"] = {
                wrt: {group: {key: a.json() for key, a in rows.items()} for group, rows in groups.items()}
                for wrt, groups in self.by.items()
            }
        return data | {"advice": [a.json() for a in self.advice]}

    def __str__(self) -> str:
        from symloss.analyze.page import page

        return page(self)

    def __repr__(self) -> str:
        return f"<Characteristics of {self.loss.name}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(r.question)}</td><td>{html.escape(r.answer)}</td>"
            f"<td>{html.escape(r.status)}</td><td>{html.escape(r.holds_for)}</td>"
            f"<td>{html.escape(r.argument)}</td></tr>"
            for r in self
        )
        advice = "".join(f"<li>{html.escape(a.finding)}: {html.escape(a.action)}</li>" for a in self.advice)
        head = "<tr><th>question</th><th>answer</th><th>status</th><th>holds for</th><th>argument</th></tr>"
        return f"<ul>{advice}</ul><table>{head}{rows}</table>"


@lru_cache(maxsize=256)
def characteristics(loss: Loss) -> Characteristics:
    """The characteristics of a loss, by the first tensor that it is differentiated by, and by each."""
    by = {wrt: _answers(loss, wrt) for wrt in loss.differentiated}
    first = by[loss.differentiated[0]]
    return Characteristics(loss, first, advise(loss, first), by=by if len(by) > 1 else {})


def _answers(loss: Loss, wrt: str) -> dict[str, dict[str, Answer]]:
    groups = _elementwise(loss, wrt) if loss.kind == "elementwise" else _over_axes(loss, wrt)
    groups["scale"]["terms"] = experiment.terms(loss)
    alignment_ = groups["alignment"]
    for key, why in _INAPPLICABLE.items():
        alignment_.setdefault(key, Answer.inapplicable(why))
    if len(loss.differentiated) > 1:
        alignment_["jointly_convex"] = vectors.jointly_convex(loss)
    alignment_["symmetric"] = invariance.symmetric(loss)
    alignment_["empty_masks"] = experiment.empty_masks(loss, wrt)
    if loss.task == "metric_learning" or len(invariance.embeddings(loss)) > 1:
        alignment_ |= invariance.invariances(loss)
    groups["robustness"] |= {
        "empty_batch": experiment.empty_batch(loss),
        "imbalance": _imbalance(loss),
        "stability": experiment.stability(loss),
    }
    return {group: _ordered(answers) for group, answers in groups.items()}


def _imbalance(loss: Loss) -> Answer:
    found = imbalance(loss)
    if found is None or not found.sentences():
        return Answer.inapplicable("it knows no classes")
    first, *more = found.sentences()
    return Answer(first, SAMPLED, "; ".join(more), points=2, details=_parts(found.described()))


def _parts(described: dict[str, Any]) -> dict[str, Any]:
    return {
        k: v for k, v in described.items() if k not in ("status", "sentences") and v not in (None, [], {})
    }


def _over_axes(loss: Loss, wrt: str) -> dict[str, dict[str, Answer]]:
    return {
        "differentiability": vectors.differentiability_of(loss, wrt),
        "scale": vectors.scale_of(loss, wrt),
        "alignment": vectors.alignment_of(loss, wrt),
        "robustness": {"influence": vectors.influence(loss, wrt)},
    }


def _ordered(answers: dict[str, Answer]) -> dict[str, Answer]:
    return {q.key: answers[q.key] for q in QUESTIONS if q.key in answers}


def _elementwise(loss: Loss, wrt: str) -> dict[str, dict[str, Answer]]:
    slices = slices_of(loss, wrt)
    convex = convexity.convex(slices)
    strictly, strongly = _stricter(slices, convex)
    answers: dict[str, Answer] = {
        "minimiser": alignment.minimiser(slices),
        "convex": convex,
        "strictly_convex": strictly,
        "strongly_convex": strongly,
    }
    labels = [i for i in loss.inputs if i.name != wrt and (i.domain.values or i.domain == Probability)]
    prediction = loss.argument(wrt).domain
    if len(labels) == 1 and prediction in (Real, Probability):
        answers["elicits"] = alignment.elicits(slices)
        answers["proper"] = alignment.proper(slices)
        answers["monotone"] = alignment.monotone(slices)
        if prediction == Real:
            answers["calibrated"] = alignment.calibrated(slices)
            answers["upper_bound"] = alignment.upper_bound(slices)
    elif not labels and len(loss.inputs) > 1:
        answers["elicits"] = alignment.elicits(slices)
    return {
        "differentiability": differentiability.differentiability(slices),
        "scale": scale.scale(slices),
        "alignment": answers,
        "robustness": robustness.robustness(slices) | {"breakdown": experiment.breakdown(slices[0])},
    }


_INAPPLICABLE = {
    "elicits": "there is no target whose distribution has a statistic",
    "proper": "no probability of a label is predicted",
    "calibrated": "there is no score whose sign is the predicted class",
    "upper_bound": "there is no score whose sign is the predicted class",
}


def _stricter(slices: Any, convex: Answer) -> tuple[Answer, Answer]:
    if convex.value is False:
        no = Answer(False, REFUTED, "It is not convex.", convex.holds_for, convex.counterexample)
        return no, no.saying(details={"constant": sympy.S.Zero})
    if not convex:
        open_ = Answer(argument="It is not proven to be convex.")
        return open_, open_
    strictly = convexity.strictly_convex(slices)
    strongly = convexity.strongly_convex(slices)
    if strongly.value is True and strongly.status == PROVEN and strictly.value is None:
        strictly = strongly.saying(details={})
    return strictly, strongly
