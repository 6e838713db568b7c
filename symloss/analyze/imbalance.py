"""What becomes of a rare class: its share of the gradient, what evens it out, and whether background counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import pairwise, product
from typing import Any

import mpmath

from symloss.derive import element_of
from symloss.evaluate import Environment, evaluate
from symloss.value import Input, Loss

__all__ = ["Imbalance", "imbalance"]

REAL_MIDDLE, REAL_WELL = 0.0, -2.0
UNIT_MIDDLE, UNIT_WELL = 0.5, 0.125
"""Scores and probabilities that say nothing, and that are well on the side of the frequent class."""

DIGITS = 30
BISECTIONS = 40
CLASSES = 3


@dataclass(frozen=True)
class Imbalance:
    """What a loss makes of ``ratio`` examples of the frequent class for each of the rare one.

    ``share`` is what part of the gradient, added up by size, the rare class has where nothing is known yet (score
    0, probability 1/2); ``later`` the same once the frequent class is predicted well; ``even`` gives each
    hyper-parameter that can make the first share 1/2, with the value that does; ``weights`` are hyper-parameters
    with a weight for each class; ``background`` says whether well-predicted background pixels change the loss.
    None stands for what does not apply.
    """

    ratio: float
    share: float | None = None
    later: float | None = None
    even: dict[str, float] = field(default_factory=dict, hash=False)
    weights: tuple[str, ...] = ()
    background: bool | None = None

    def described(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "status": "computed",
            "ratio": self.ratio,
            "share_of_rare_class": self.share,
            "share_once_frequent_is_learnt": self.later,
            "even_at": self.even,
            "class_weights": list(self.weights),
            "background_counts": self.background,
            "sentences": self.sentences(),
        }

    def sentences(self) -> list[str]:
        """What a person wants to know of it."""
        said = []
        if self.share is not None:
            later = (
                f", and {self.later:.0%} once the frequent class is learnt" if self.later is not None else ""
            )
            said.append(f"at {self.ratio:g} to 1 the rare class has {self.share:.0%} of the gradient{later}")
        said += [f"{name} = {value:.4g} makes both classes pull alike" for name, value in self.even.items()]
        said += [f"{name} weighs the classes" for name in self.weights]
        if self.background is not None:
            said.append(
                "every background pixel counts, however well it is predicted"
                if self.background
                else "background that is predicted well does not count, however much there is of it"
            )
        return said


@lru_cache(maxsize=256)
def imbalance(loss: Loss, ratio: float = 10) -> Imbalance | None:
    """What the loss makes of a rare class, or None where it knows no classes.

    Raises
    ------
    ValueError
        Where the ratio is not a number of at least 1.
    """
    if not 1 <= ratio < float("inf"):
        raise ValueError(f"the ratio of the frequent class to the rare one is {ratio}, expected a number ≥ 1")
    target = next((i for i in loss.inputs if _labels(i) and i.name not in loss.differentiated), None)
    if target is None:
        return None
    if loss.kind == "batch":
        return Imbalance(ratio, background=_background_counts(loss, target, ratio))
    if len(loss.differentiated) > 1:
        return None
    classes = target.type.classes or target.type.along
    if loss.kind == "elementwise" and classes is None:
        return _of_two_classes(loss, target, ratio)
    if classes not in loss.argument(loss.differentiated[0]).axes:
        return None
    weights = tuple(p.name for p in loss.parameters if classes in p.axes)
    return Imbalance(ratio, share=_of_many_classes(loss, target, classes, ratio), weights=weights)


def _labels(i: Input) -> bool:
    return (
        bool(i.type.classes)
        or i.domain.values in ((0, 1), (-1, 1))
        or i.domain.name in ("Probability", "Simplex")
    )


def _of_two_classes(loss: Loss, target: Input, ratio: float) -> Imbalance:
    prediction = loss.argument(loss.differentiated[0])
    unit = prediction.domain.upper == 1
    frequent = min(target.domain.values or (0, 1))
    middle, well = (UNIT_MIDDLE, UNIT_WELL) if unit else (REAL_MIDDLE, REAL_WELL)
    gradient = loss.gradient()
    defaults: dict[str, Any] = {p.name: p.default for p in loss.parameters}

    def size(label: int, place: float, parameters: dict[str, Any]) -> Any:
        numbers = {**parameters, target.name: label, prediction.name: mpmath.mpf(place)}
        found = evaluate(gradient, Environment(numbers, definitions=loss.definitions), DIGITS)
        return abs(found) if mpmath.isfinite(found) else None

    def share(place: float, parameters: dict[str, Any]) -> float | None:
        rare, often = size(1, middle, parameters), size(frequent, place, parameters)
        if rare is None or often is None or rare + often == 0:
            return None
        return float(rare / (rare + ratio * often))

    even = {}
    for p in loss.parameters:
        found = _evened(p, partial(_with, share, middle, defaults, p.name))
        if found is not None:
            even[p.name] = found
    shares = (share(place, defaults) for place in (middle, well))
    first, later = (None if s is None else round(s, 4) for s in shares)
    return Imbalance(ratio, first, later, even)


def _with(share: Callable, place: float, parameters: dict[str, Any], name: str, value: Any) -> float | None:
    return share(place, {**parameters, name: value})


def _of_many_classes(loss: Loss, target: Input, classes: str, ratio: float) -> float | None:
    """The share of the class 0, beside ``ratio`` examples of the class 1, where all classes are predicted alike."""
    prediction = loss.argument(loss.differentiated[0])
    sizes = {axis: CLASSES if axis == classes else 1 for axis in loss.axes}
    even = 1 / mpmath.mpf(CLASSES) if prediction.domain.upper == 1 else mpmath.mpf(0)
    indices = element_of(prediction).args[1:]
    gradient = loss.gradient()

    def size(label: int) -> Any:
        one_hot = [int(k == label) for k in range(CLASSES)]
        marked = _filled(target, sizes, lambda place: one_hot[place[0]] if target.type.along else label)
        numbers = {p.name: _filled(p, sizes, _always(p.default)) for p in loss.parameters}
        numbers |= {prediction.name: _filled(prediction, sizes, _always(even)), target.name: marked}
        environment = Environment(numbers, sizes, loss.definitions)
        places = product(*(range(sizes[axis]) for axis in prediction.axes))
        slopes = [evaluate(gradient, environment, DIGITS, dict(zip(indices, p, strict=True))) for p in places]
        return mpmath.norm(slopes)

    rare, often = size(0), size(1)
    whole = rare + ratio * often
    return round(float(rare / whole), 4) if mpmath.isfinite(whole) and whole > 0 else None


def _always(number: Any) -> Callable[[tuple[int, ...]], Any]:
    return lambda _: number


def _filled(argument: Input, sizes: Mapping[str, int], number: Callable[[tuple[int, ...]], Any]) -> Any:
    """A nested list of an argument's shape."""

    def fill(place: tuple[int, ...]) -> Any:
        if len(place) == len(argument.axes):
            return number(place)
        return [fill((*place, k)) for k in range(sizes[argument.axes[len(place)]])]

    return fill(())


def _evened(p: Input, share: Callable[[Any], float | None]) -> float | None:
    """The value of a hyper-parameter at which the share of the rare class is 1/2, where it moves the share at all."""
    if p.domain.integer or p.axes:
        return None
    inside = [v for v in _grid(p) if share(v) is not None]
    for low, high in pairwise(inside):
        left, right = (share(v) - 0.5 for v in (low, high))  # type: ignore[operator]
        if left == right or left * right > 0:
            continue
        for _ in range(BISECTIONS):
            between = (low + high) / 2
            now = share(between)
            if now is None:
                return None
            low, high = (between, high) if (now - 0.5) * left > 0 else (low, between)
        return float(f"{float((low + high) / 2):.6g}")
    return None


def _grid(p: Input) -> list[Any]:
    """Values across a hyper-parameter's domain, closer together near its ends."""
    low, high = p.domain.lower, p.domain.upper
    steps = [mpmath.mpf(10) ** k for k in range(-3, 5)]
    if low.is_finite and high.is_finite:
        width = mpmath.mpf(str(high - low))
        return [mpmath.mpf(str(low)) + width * s / (1 + s) for s in steps]
    return (
        [mpmath.mpf(str(low)) + s for s in steps] if low.is_finite else [*(-s for s in steps[::-1]), *steps]
    )


def _background_counts(loss: Loss, target: Input, ratio: float) -> bool | None:
    """Whether the value changes when background is added to a small image that is predicted rightly as such."""
    prediction = loss.argument(loss.differentiated[0])
    if prediction.axes != target.axes or prediction.domain.upper != 1:
        return None
    values: dict[str, Any] = {p.name: p.default for p in loss.parameters}

    def value(extra: int) -> Any:
        image = {prediction.name: [0.7, 0.4, 0.2] + [0.0] * extra, target.name: [1, 1, 0] + [0] * extra}
        sizes = dict.fromkeys(loss.axes, 3 + extra)
        return evaluate(loss.expression, Environment(values | image, sizes, loss.definitions))

    with mpmath.workdps(50):
        return bool(abs(value(round(3 * ratio)) - value(0)) > mpmath.mpf(10) ** -30)
