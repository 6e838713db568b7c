"""What speaks for a loss in a situation, and what to be aware of: a table of criteria about its characteristics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

__all__ = ["CRITERIA", "Criterion", "Found", "Situation", "found_at"]

FEW, MANY = 3, 20
"""How many times the mean squared error's cost is little, and much."""

SIZEABLE = 0.25
"""The share of the gradient with which a rare class is heard."""


@dataclass(frozen=True)
class Situation:
    """What a loss is wanted for: a task, and what is known of the data and of the model's output."""

    task: str
    imbalance: float | None = None
    outliers: bool = False
    form: str | None = None

    def __str__(self) -> str:
        said = [self.task.replace("_", " ")]
        said += [f"{self.imbalance:g} to 1 between the classes"] if self.imbalance is not None else []
        said += ["with outliers"] if self.outliers else []
        said += [f"from {self.form}"] if self.form else []
        return ", ".join(said)


@dataclass(frozen=True)
class Criterion:
    """A row: in which situations it counts, what it looks at, what it wants to see there, and what that is worth.

    ``about`` is a path into the characteristics, such as "alignment.convex". ``sentence`` may contain {value}.
    A row worth 0 or less is something to be aware of. What is only sampled counts half.
    """

    when: Callable[[Situation], bool]
    about: str
    wanted: Callable[[Any], bool]
    points: int
    sentence: str


class Found(NamedTuple):
    """What stands in the characteristics at a path: how sure it is, and for which hyper-parameters if not for all."""

    value: Any = None
    status: str = "unknown"
    only_at: str = ""


def found_at(characteristics: dict[str, Any], path: str) -> Found:
    """What stands at a path; of unknown status where there is nothing."""
    found: Any = characteristics
    status, covers = "unknown", ""
    for part in [*path.split("."), ""]:
        if not isinstance(found, dict):
            return Found() if part else Found(found, status if found is not None else "unknown", covers)
        status, covers = found.get("status", status), found.get("holds_for", covers)
        covers = "" if covers.startswith("every") else covers
        if part:
            found = found.get(part)
    if "status" in found:
        found = found.get("verdict", found.get("value"))
    return Found(found, status if found is not None else "unknown", covers)


# --- when -------------------------------------------------------------------------------------------------


def always(_: Situation) -> bool:
    return True


def task(*names: str) -> Callable[[Situation], bool]:
    return lambda s: s.task in names


def outliers(s: Situation) -> bool:
    return s.outliers


def imbalanced(s: Situation) -> bool:
    return s.imbalance is not None


def probable(s: Situation) -> bool:
    return s.form in ("probabilities", "logits")


def unsaid(s: Situation) -> bool:
    return s.form is None


# --- what is wanted ---------------------------------------------------------------------------------------


def yes(value: Any) -> bool:
    return value is True


def no(value: Any) -> bool:
    return value is False


def some(value: Any) -> bool:
    return bool(value) and value is not True


_INFINITE = ("oo", "-oo", "∞", "-∞", float("inf"), -float("inf"))
"""As characteristics as plain data write it; no expression contains an infinite part and is finite."""


def finite(value: Any) -> bool:
    return value is not None and value is not False and value not in _INFINITE


def endless(value: Any) -> bool:
    return value is not None and not finite(value)


def word(*words: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and any(w in value for w in words)


def at_most(most: float) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, (int, float)) and not isinstance(value, bool) and value <= most


def at_least(least: float) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, (int, float)) and not isinstance(value, bool) and value >= least


_ELICITS, _NAMED, _OTHER = (
    "alignment.elicits",
    ("mean", "median", "quantile", "expectile"),
    ("M-estimator", "mode"),
)
_MOVED, _TURNED, _SCALED = (f"alignment.{which}_invariant" for which in ("translation", "rotation", "scale"))
_INFLUENCE, _COST = "robustness.influence", "efficiency.against_mean_squared_error.cost"
_SHARE, _LATER = "imbalance.share_of_rare_class", "imbalance.share_once_frequent_is_learnt"
_BACKGROUND = "imbalance.background_counts"

# --- the table --------------------------------------------------------------------------------------------

CRITERIA: tuple[Criterion, ...] = (
    # what makes training easy
    Criterion(always, "alignment.convex", yes, 3, "convex in the prediction: no poor minimum of its own"),
    Criterion(always, "alignment.convex", no, -2, "not convex: where training starts decides what it finds"),
    Criterion(always, "alignment.strictly_convex", yes, 1, "strictly convex: one prediction is best"),
    Criterion(always, "scale.lipschitz", finite, 1, "the gradient is never larger than {value}"),
    Criterion(always, "scale.smoothness", finite, 1, "the gradient changes at most at the rate {value}"),
    Criterion(always, "differentiability.blow_up", some, -1, "{value}"),
    Criterion(always, "differentiability.kinks", some, 0, "not differentiable at {value}"),
    Criterion(
        always, "differentiability.dead_zones", some, 0, "a part of the predictions teaches nothing: {value}"
    ),
    # what it is for
    Criterion(task("regression"), _ELICITS, word(*_NAMED), 2, "the best constant prediction is the {value}"),
    Criterion(
        task("regression"), _ELICITS, word(*_OTHER), 0, "its best constant prediction has no name: {value}"
    ),
    Criterion(task("classification"), "alignment.calibrated", yes, 3, "classification-calibrated"),
    Criterion(
        task("classification"), "alignment.calibrated", no, -3, "its minimum need not be the best classifier"
    ),
    Criterion(
        task("classification"), "alignment.upper_bound", yes, 1, "it bounds the number of errors from above"
    ),
    Criterion(unsaid, "alignment.proper.strictly", yes, 1, "strictly proper: it tells the probability, too"),
    Criterion(probable, "alignment.proper.strictly", yes, 4, "strictly proper: the true probability is best"),
    Criterion(
        probable, "alignment.proper", no, -2, "not proper: recalibrate what it learns to get probabilities"
    ),
    Criterion(task("metric_learning", "ranking"), _MOVED, yes, 1, "only differences matter"),
    Criterion(task("metric_learning"), _TURNED, yes, 1, "a rotation of all embeddings changes nothing"),
    Criterion(task("metric_learning"), _SCALED, no, 0, "longer embeddings change the loss: scale them first"),
    # outliers, and wrong labels
    Criterion(outliers, _INFLUENCE, word("redescending"), 6, "the influence of an outlier falls back to 0"),
    Criterion(outliers, _INFLUENCE, word("bounded"), 5, "an outlier has bounded influence"),
    Criterion(outliers, _INFLUENCE, word("growing"), -5, "the further off an outlier, the more it pulls"),
    Criterion(outliers, "robustness.label_noise", word("tolerant"), 4, "labels wrong at random do no harm"),
    Criterion(outliers, "robustness.label_noise", word("sensitive"), -1, "wrong labels move the solution"),
    # a rare class: where the user names it, it outweighs what is merely pleasant
    Criterion(imbalanced, "imbalance.even_at", some, 4, "{value} makes both classes pull alike"),
    Criterion(imbalanced, "imbalance.class_weights", some, 4, "{value} weighs the classes"),
    Criterion(
        imbalanced,
        _LATER,
        at_least(SIZEABLE),
        3,
        "once the frequent class is learnt, {value:.0%} is the rare one's",
    ),
    Criterion(
        imbalanced, _SHARE, at_most(SIZEABLE), 0, "at first the rare class has {value:.0%} of the gradient"
    ),
    Criterion(
        imbalanced, _BACKGROUND, no, 8, "background that is predicted well does not count, however large"
    ),
    Criterion(imbalanced, _BACKGROUND, yes, -2, "every background pixel counts"),
    # what it costs
    Criterion(always, _COST, at_most(FEW), 1, "it costs {value:.2g} times the mean squared error"),
    Criterion(always, _COST, at_least(MANY), -1, "it costs {value:.2g} times the mean squared error"),
)
"""A recommendation lists what it found in this order."""
