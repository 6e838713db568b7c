"""What speed is measured on: losses, sizes and formats, the numbers that go in, and the least work there is in each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

__all__ = ["CLASSES", "LENGTHS", "LOSSES", "Case", "Work", "cases"]

LENGTHS = (1_000, 100_000, 10_000_000)
"""How many elements an elementwise loss is given: in the first cache, in a later one, in memory."""

CLASSES = {10: 100_000, 1_000: 2_000, 32_000: 100}
"""How many classes a row has, and how many rows there are of it."""


@dataclass(frozen=True)
class Work:
    """The least that value and gradient of a loss can cost for each element of the gradient.

    ``moved`` is how many numbers are read or written, ``transcendental`` how many exponentials or logarithms are
    taken. ``core`` losses are measured unless others are asked for.
    """

    kind: str
    moved: int
    transcendental: int
    core: bool = False

    @property
    def rows(self) -> bool:
        """Whether the elements come in rows, each with a softmax."""
        return self.kind in ("distribution", "class index")


LOSSES = {
    "mean_squared_error": Work("regression", 3, 0, core=True),
    "mean_absolute_error": Work("regression", 3, 0),
    "huber": Work("regression", 3, 0, core=True),
    "quantile": Work("regression", 3, 0),
    "log_cosh": Work("regression", 3, 2, core=True),
    "hinge": Work("sign", 3, 0, core=True),
    "squared_hinge": Work("sign", 3, 0),
    "poisson_negative_log_likelihood": Work("count", 3, 1, core=True),
    "binary_cross_entropy": Work("probability", 3, 2),
    "binary_cross_entropy_with_logits": Work("label", 3, 2, core=True),
    "focal_with_logits": Work("label", 3, 2, core=True),
    "softmax_cross_entropy": Work("distribution", 3, 1, core=True),
    "softmax_cross_entropy_with_class_index": Work("class index", 2, 1, core=True),
}


@dataclass(frozen=True)
class Case:
    """One loss at one size in one format. ``classes`` is 0 where the loss is elementwise."""

    loss: str
    examples: int
    classes: int
    dtype: str

    @property
    def work(self) -> Work:
        """The least work that it is."""
        return LOSSES[self.loss]

    @property
    def elements(self) -> int:
        """How many numbers the gradient has."""
        return self.examples * max(self.classes, 1)

    @property
    def size(self) -> str:
        """What tells the sizes of a loss apart."""
        return f"C = {self.classes:,}" if self.classes else f"n = {self.examples:,}"

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Prediction and target: the same numbers in every process that asks."""
        draw = np.random.default_rng([self.elements, *self.loss.encode()])
        shape = (self.examples, self.classes) if self.classes else (self.examples,)
        prediction = draw.standard_normal(shape)
        prediction *= 2
        kind = self.work.kind
        if kind == "class index":
            return prediction.astype(self.dtype), draw.integers(0, self.classes, self.examples)
        if kind == "distribution":
            target = draw.random(shape)
            target /= target.sum(axis=-1, keepdims=True)
        elif kind == "count":
            target = draw.integers(0, 6, shape)
        elif kind == "label":
            target = draw.integers(0, 2, shape)
        elif kind == "sign":
            target = 2 * draw.integers(0, 2, shape) - 1
        elif kind == "probability":
            prediction = draw.uniform(0.02, 0.98, shape)
            target = draw.integers(0, 2, shape)
        else:
            target = draw.standard_normal(shape)
        return prediction.astype(self.dtype), target.astype(self.dtype)


def cases(losses: Iterable[str], sizes: Iterable[int], dtypes: Iterable[str]) -> list[Case]:
    """Every loss at every size that it has: a number of elements, or of classes."""
    return [
        Case(loss, CLASSES[size] if LOSSES[loss].rows else size, size if LOSSES[loss].rows else 0, dtype)
        for dtype in dtypes
        for loss in losses
        for size in dict.fromkeys(sizes)
        if size in (CLASSES if LOSSES[loss].rows else LENGTHS)
    ]
