"""Ranks the losses of a task: each with what speaks for it, what to be aware of, and what to monitor beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from symloss import losses
from symloss.analyze.criteria import CRITERIA, Situation, found_at
from symloss.analyze.efficiency import efficiency
from symloss.analyze.imbalance import imbalance
from symloss.functions import LogSoftmax, LogSumExp, OtherSoftmax, Softmax, sigmoid, softplus
from symloss.identity import identity
from symloss.store import kept
from symloss.value import Loss

__all__ = ["FORMS", "Recommendation", "characteristics_of", "form_of", "judged", "recommend", "tasks"]

FORMS = ("probabilities", "logits", "margins")
"""What a classifier puts out: probabilities; logits, of which the loss makes probabilities; or scores with a margin."""

_OF_LOGITS = (sigmoid, softplus, Softmax, LogSoftmax, OtherSoftmax, LogSumExp)


@dataclass(frozen=True)
class Reason:
    """A row of the criteria that applies: in words, with its points and how sure the characteristic is."""

    sentence: str
    points: float
    about: str
    status: str


@dataclass(frozen=True)
class Recommendation:
    """A loss with its points. ``settings`` are hyper-parameters that suit the situation."""

    loss: str
    points: float
    summary: str
    reasons: tuple[Reason, ...]
    aware: tuple[Reason, ...]
    metrics: tuple[str, ...]
    settings: dict[str, float]

    def described(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "loss": self.loss,
            "points": self.points,
            "summary": self.summary,
            "reasons": [vars(r) for r in self.reasons],
            "be_aware": [vars(r) for r in self.aware],
            "monitor": list(self.metrics),
            "settings": self.settings,
        }


def tasks() -> tuple[str, ...]:
    """The tasks that the catalogue has losses for, in its order."""
    return tuple(dict.fromkeys(losses.get(name).task for name in losses.names()))


def form_of(loss: Loss) -> str | None:
    """Which of FORMS a loss of classes takes, as its declaration says; None where it knows no classes."""
    prediction = loss.argument(loss.differentiated[0])
    labels = [i for i in loss.inputs if i.name not in loss.differentiated]
    if prediction.domain.upper == 1 and prediction.domain.lower == 0:
        return "probabilities"
    if not any(i.type.classes or i.domain.values or i.domain.upper == 1 for i in labels):
        return None
    formula = loss.expand(loss.expression)
    return "logits" if formula.has(*_OF_LOGITS) else "margins"


def recommend(
    situation: Situation, progress: Callable[[list[Loss], int, str], Iterable[Loss]] | None = None
) -> list[Recommendation]:
    """The losses of the catalogue for a situation, the best first; equal ones in the order of their cost.

    Raises
    ------
    ValueError
        Where there is no such task, no loss takes what the model puts out, the imbalance is below 1, or the task
        has no classes that could be out of balance.
    """
    if situation.task not in tasks():
        raise ValueError(f"there is no task {situation.task!r}; the catalogue has {', '.join(tasks())}")
    if situation.imbalance is not None and not 1 <= situation.imbalance < float("inf"):
        raise ValueError(
            f"the imbalance is {situation.imbalance:g}, expected how many examples of the frequent class come to "
            "one of the rare class, a number ≥ 1"
        )
    of_task = [loss for loss in map(losses.get, losses.names()) if loss.task == situation.task]
    chosen = [loss for loss in of_task if situation.form in (None, form_of(loss))]
    if not chosen:
        there = sorted({form for loss in of_task if (form := form_of(loss))})
        raise ValueError(
            f"no loss for {situation.task} takes {situation.form}; "
            + (
                f"there are losses that take {', '.join(there)}"
                if there
                else "leave out what the model puts out"
            )
        )
    if situation.imbalance is not None and not any(
        found is not None and found.sentences()
        for found in (imbalance(loss, situation.imbalance) for loss in chosen)
    ):
        raise ValueError(
            f"an imbalance between classes means nothing for {situation.task}, whose losses know no classes; "
            "leave it out"
        )
    walk = progress(chosen, len(chosen), "reviewing") if progress else chosen
    found = [(judged(loss, characteristics_of(loss, situation), situation), loss) for loss in walk]
    return [r for r, _ in sorted(found, key=lambda pair: (-pair[0].points, efficiency(pair[1]).cost))]


def characteristics_of(loss: Loss, situation: Situation) -> dict[str, Any]:
    """All that the criteria look at."""
    digest = identity(loss)
    words = ("characteristics", digest) if digest is not None else None
    known = kept(words, lambda: loss.characteristics().json(), unless=lambda found: "cut" in found)
    rare = imbalance(loss, situation.imbalance) if situation.imbalance is not None else None
    return known | ({"imbalance": rare.described()} if rare is not None else {})


def judged(loss: Loss, characteristics: dict[str, Any], situation: Situation) -> Recommendation:
    """Hold the characteristics of a loss against every row of the criteria."""
    reasons: list[Reason] = []
    aware: list[Reason] = []
    settings: dict[str, float] = found_at(characteristics, "imbalance.even_at").value or {}
    for row in CRITERIA:
        value, status, only_at = found_at(characteristics, row.about)
        if status == "unknown" or not row.when(situation) or not row.wanted(value):
            continue
        points = row.points / 2 if status == "sampled" else row.points
        sentence = row.sentence.format(value=_words(value))
        if status == "sampled":
            sentence += " (sampled, not proven)"
        if only_at:
            sentence += f" (at {only_at})"
        if points > 0 and any(f"{name} =" in only_at for name in settings):
            points, sentence = 0, f"with another {' or '.join(settings)} this may no longer hold: {sentence}"
        (reasons if points > 0 else aware).append(Reason(sentence, points, row.about, status))
    return Recommendation(
        loss=loss.name,
        points=sum(r.points for r in (*reasons, *aware)),
        summary=loss.summary,
        reasons=tuple(reasons),
        aware=tuple(aware),
        metrics=loss.metrics,
        settings=settings,
    )


def _words(value: Any) -> Any:
    """A value as a sentence says it; a number stays one, for the sentence may format it."""
    if isinstance(value, dict):
        return " or ".join(f"{name} = {number:.4g}" for name, number in value.items())
    if isinstance(value, (list, tuple)):
        return "; ".join(map(str, value))
    return value
