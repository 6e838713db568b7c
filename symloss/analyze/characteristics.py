"""All questions asked of one loss: the answers as rows, as JSON, as a page for a terminal or a notebook."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
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
    statistic,
    vectors,
)
from symloss.analyze.advice import Advice, advise
from symloss.analyze.answer import PROVEN, REFUTED, SAMPLED, Answer
from symloss.analyze.budget import SECONDS, Budget, failed
from symloss.analyze.efficiency import Efficiency, efficiency
from symloss.analyze.facts import REAL, Range
from symloss.analyze.imbalance import imbalance
from symloss.analyze.questions import GROUPS, QUESTIONS
from symloss.analyze.slices import slices_of
from symloss.domains import Probability
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
    points: int = 0
    paste: str = ""


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
        return _rows(self.answers)

    @property
    def respect(self) -> str:
        """With respect to which tensor the answers are, where the loss is differentiated by several; else empty."""
        if not self.by:
            return ""
        first, *others = self.by
        return (
            f"The answers are with respect to {first}, all else held fixed; what is different with respect to "
            f"{' or '.join(others)} stands at the end."
        )

    @property
    def differing(self) -> dict[str, list[Row]]:
        """The answers about each further tensor that are not those about the first."""
        first = {row.key: (row.answer, row.status) for row in self}
        return {
            wrt: [row for row in _rows(answers) if first.get(row.key) != (row.answer, row.status)]
            for wrt, answers in list(self.by.items())[1:]
        }

    def __getitem__(self, key: str) -> Answer:
        """The answer to one question, by its key: ``characteristics["convex"]``."""
        for group in self.answers.values():
            if key in group:
                return group[key]
        known = ", ".join(k for group in self.answers.values() for k in group)
        raise KeyError(f"{self.loss.name}: no answer {key!r}; there are {known}")

    @property
    def cut(self) -> bool:
        """Whether an answer was cut, so that another run might say more."""
        groups = [self.answers, *self.by.values()]
        return any(a.details.get("cut") for g in groups for rows in g.values() for a in rows.values())

    @property
    def efficiency(self) -> Efficiency:
        """What the generated code costs."""
        return efficiency(self.loss)

    def json(self) -> dict[str, Any]:
        """As plain data, in the form that ``symloss review --json`` prints."""
        data: dict[str, Any] = {"name": self.loss.name, "with_respect_to": self.loss.differentiated[0]}
        for group in GROUPS:
            data[group] = {key: a.json() for key, a in self.answers.get(group, {}).items()}
        try:
            data["efficiency"] = self.efficiency.described()
        except Exception as error:
            data["efficiency"] = failed(error).json()
        if self.by:
            data["by"] = {
                wrt: {group: {key: a.json() for key, a in rows.items()} for group, rows in groups.items()}
                for wrt, groups in self.by.items()
            }
        return data | {"advice": [a.json() for a in self.advice]} | ({"cut": True} if self.cut else {})

    def __str__(self) -> str:
        return self.page()

    def page(self, *, why: bool = False) -> str:
        """The review as text; with ``why`` also each argument, and the lines to paste that show a counterexample."""
        from symloss.analyze.page import page

        return page(self, why)

    def __repr__(self) -> str:
        return f"<Characteristics of {self.loss.name}>"

    def _repr_html_(self) -> str:
        advice = "".join(f"<li>{html.escape(a.finding)}: {html.escape(a.action)}</li>" for a in self.advice)
        respect = f"<p>{html.escape(self.respect)}</p>" if self.respect else ""
        others = "".join(
            f"<p>With respect to {html.escape(wrt)}:</p>{_table(rows)}"
            for wrt, rows in self.differing.items()
            if rows
        )
        return f"<ul>{advice}</ul>{respect}{_table(self)}{others}"


def _table(rows: Iterable[Row]) -> str:
    """Answers as a table in HTML."""
    body = "".join(
        f"<tr><td>{html.escape(r.question)}</td><td>{html.escape(r.answer)}</td>"
        f"<td>{html.escape(r.status)}</td><td>{html.escape(r.holds_for)}</td>"
        f"<td>{html.escape(r.argument)}</td></tr>"
        for r in rows
    )
    head = "<tr><th>question</th><th>answer</th><th>status</th><th>holds for</th><th>argument</th></tr>"
    return f"<table>{head}{body}</table>"


def _rows(answers: dict[str, dict[str, Answer]]) -> Iterator[Row]:
    for question in QUESTIONS:
        answer = answers.get(question.group, {}).get(question.key)
        if answer is not None:
            paste = str((answer.counterexample or {}).get("paste", ""))
            yield Row(question.group, question.key, question.words, answer.text, answer.status, answer.argument,
                      answer.latex, answer.holds_for, answer.points, paste)  # fmt: skip


@lru_cache(maxsize=256)
def characteristics(loss: Loss, seconds: float = SECONDS) -> Characteristics:
    """The characteristics of a loss, by the first tensor that it is differentiated by, and by each.

    ``seconds`` is what the answers about one tensor may take; one that is cut is unknown, and says so.
    """
    by = {wrt: _answers(loss, wrt, Budget(seconds)) for wrt in loss.differentiated}
    first = by[loss.differentiated[0]]
    return Characteristics(loss, first, advise(loss, first), by=by if len(by) > 1 else {})


def _answers(loss: Loss, wrt: str, budget: Budget) -> dict[str, dict[str, Answer]]:
    ask = budget.answer
    groups = _elementwise(loss, wrt, budget) if loss.kind == "elementwise" else _over_axes(loss, wrt, budget)
    groups["scale"]["terms"] = ask(lambda: experiment.terms(loss))
    alignment_ = groups["alignment"]
    for key, why in _INAPPLICABLE.items():
        alignment_.setdefault(key, Answer.inapplicable(why))
    if len(loss.differentiated) > 1:
        alignment_["jointly_convex"] = ask(lambda: vectors.jointly_convex(loss))
    alignment_["symmetric"] = ask(lambda: invariance.symmetric(loss))
    alignment_["empty_masks"] = ask(lambda: experiment.empty_masks(loss, wrt))
    alignment_ |= budget.group("alignment", lambda: invariance.invariances(loss), invariance.INVARIANCES)
    groups["robustness"] |= {
        "empty_batch": ask(lambda: experiment.empty_batch(loss)),
        "imbalance": ask(lambda: _imbalance(loss)),
        "stability": ask(lambda: experiment.stability(loss)),
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


def _over_axes(loss: Loss, wrt: str, budget: Budget) -> dict[str, dict[str, Answer]]:
    of = {
        "differentiability": vectors.differentiability_of,
        "scale": vectors.scale_of,
        "alignment": vectors.alignment_of,
        "robustness": vectors.robustness_of,
    }
    groups = {name: budget.group(name, partial(ask, loss, wrt)) for name, ask in of.items()}
    groups["alignment"].setdefault("minimiser", Answer(argument="No rule finds where the loss is least."))
    return groups


def _ordered(answers: dict[str, Answer]) -> dict[str, Answer]:
    return {q.key: answers[q.key] for q in QUESTIONS if q.key in answers}


def _elementwise(loss: Loss, wrt: str, budget: Budget) -> dict[str, dict[str, Answer]]:
    of = lru_cache(maxsize=1)(lambda: slices_of(loss, wrt))

    def ask(question: Callable[[Any], Answer]) -> Answer:
        return budget.answer(lambda: question(of()))

    convex = ask(convexity.convex)
    answers = {"minimiser": ask(alignment.minimiser), "convex": convex}
    answers |= budget.group(
        "alignment", lambda: _stricter(of(), convex), ("strictly_convex", "strongly_convex")
    )
    labels = [i for i in loss.inputs if i.name != wrt and (i.domain.values or i.domain == Probability)]
    prediction = Range.of(loss.argument(wrt).domain).interior
    if len(labels) == 1 and prediction in (REAL, Range.of(Probability).interior):
        answers["elicits"] = ask(statistic.elicits)
        answers["proper"] = ask(alignment.proper)
        answers["monotone"] = ask(alignment.monotone)
        answers["calibrated"] = ask(alignment.calibrated)
        if prediction == REAL:
            answers["upper_bound"] = ask(alignment.upper_bound)
    elif not labels and len(loss.inputs) > 1:
        answers["elicits"] = ask(statistic.elicits)
    return {
        "differentiability": {key: ask(q) for key, q in differentiability.ANSWERS.items()},
        "scale": {key: ask(q) for key, q in scale.ANSWERS.items()},
        "alignment": answers,
        "robustness": {key: ask(q) for key, q in robustness.ANSWERS.items()}
        | {"breakdown": ask(lambda s: experiment.breakdown(s[0]))},
    }


_INAPPLICABLE = {
    "elicits": "there is no target whose distribution has a statistic",
    "proper": "no probability of a label is predicted",
    "calibrated": "there is no score whose sign is the predicted class",
    "upper_bound": "there is no score whose sign is the predicted class",
}


def _stricter(slices: Any, convex: Answer) -> dict[str, Answer]:
    if convex.value is False:
        no = Answer(False, REFUTED, "It is not convex.", convex.holds_for, convex.counterexample)
        return {"strictly_convex": no, "strongly_convex": no.saying(details={"constant": sympy.S.Zero})}
    if not convex:
        return dict.fromkeys(
            ("strictly_convex", "strongly_convex"), Answer(argument="It is not proven to be convex.")
        )
    strictly = convexity.strictly_convex(slices)
    strongly = convexity.strongly_convex(slices)
    if strongly.value is True and strongly.status == PROVEN and strictly.value is None:
        strictly = strongly.saying(details={})
    return {"strictly_convex": strictly, "strongly_convex": strongly}
