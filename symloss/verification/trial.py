"""A function read in one way: its answers to the probes, taken apart into value, gradients and second derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from symloss.value import Loss
from symloss.verification.conventions import Reading
from symloss.verification.probe import Probe
from symloss.verification.target import Answer

__all__ = ["Interpretation", "Parts", "ShapeError", "Trial", "interpretations", "unknown_keys"]


class ShapeError(ValueError):
    """A result whose shape is no layout of the expected one."""


@dataclass(frozen=True)
class Interpretation:
    """Which part of a result is what. A part is found by its place in a tuple or its key in a dict; () is the whole."""

    gradients: Mapping[str, Any]
    hessians: Mapping[str, Any] = field(default_factory=dict)
    value: Any = None
    words: str = "the gradient"
    cost: float = 0.0


@dataclass
class Parts:
    """What one call gave, in the layout of the loss."""

    gradients: dict[str, np.ndarray]
    hessians: dict[str, np.ndarray]
    value: np.ndarray | None
    dtype: np.dtype


@dataclass
class Trial:
    """One reading of the function and the answers under it. ``ask`` calls the function."""

    loss: Loss
    reading: Reading
    ask: Callable[..., Answer]
    differentiated: tuple[int, ...] = ()
    interpretation: Interpretation | None = None
    answers: dict[Probe, Answer] = field(default_factory=dict)
    layouts: set[str] = field(default_factory=set)
    layout: str = ""
    """The layout that is demanded: as declared, flattened or transposed."""
    by_class: bool = False
    """Whether a flattened result has its last axis in front: all examples of one class after another."""
    calls: int = 0

    def answer(self, probe: Probe, again: bool = False) -> Answer:
        """The answer to a probe; asked once."""
        found = self.answers.get(probe)
        if found is None or again:
            found = self._asked(probe)
            if not again:
                self.answers[probe] = found
        return found

    def _asked(self, probe: Probe) -> Answer:
        self.calls += 1
        if not self.reading.singly:
            args, keywords = self.reading.arguments(self.loss, probe)
            return self.ask(args, keywords, self.differentiated)
        results = []
        whole = Answer()
        for i in range(probe.count):
            one = probe.example(i)
            args, keywords = self.reading.arguments(self.loss, one)
            answer = self.ask([_single(a) for a in args], {k: _single(v) for k, v in keywords.items()}, ())
            if answer.error:
                return answer
            whole.printed += answer.printed
            whole.mutated = tuple(dict.fromkeys((*whole.mutated, *answer.mutated)))
            results.append(answer.result)
        whole.result = _stacked(results)
        return whole

    def parts(self, probe: Probe) -> Parts | None:
        """The parts of the answer to a probe; None where there was an error. Raises ShapeError."""
        answer = self.answer(probe)
        if answer.error or self.interpretation is None:
            return None
        how = self.interpretation
        kinds = [np.asarray(_part(answer.result, k)).dtype for k in how.gradients.values()]
        return Parts(
            {w: self._aligned(_part(answer.result, k), probe, w) for w, k in how.gradients.items()},
            {
                w: self._aligned(_part(answer.result, k), probe, w, diagonal=True)
                for w, k in how.hessians.items()
            },
            None if how.value is None else np.asarray(_part(answer.result, how.value), dtype=float),
            next((k for k in kinds if k.kind == "f"), np.dtype(float)),
        )

    def _aligned(self, array: Any, probe: Probe, wrt: str, diagonal: bool = False) -> np.ndarray:
        """A result in the shape of the tensor, and what layout it had."""
        array = np.asarray(array)
        array = array if array.dtype.kind == "f" else array.astype(float)
        shape = probe.arrays[wrt].shape
        if array.shape == shape:
            square = len(shape) == 2 and shape[0] == shape[1] and shape[0] > 1
            if square and (self.layout == "transposed" or "transposed" in self.layouts):
                return array.T
            if self.layout in ("flattened", "transposed") and len(shape) > 1 and min(shape) > 1:
                raise ShapeError(
                    f"the gradient by {wrt} has the tensor's own shape {shape}, not {self.layout}"
                )
            return array
        if array.size == math.prod(shape):
            if array.ndim == 2 and len(shape) == 2 and array.shape == shape[::-1]:
                self._taken(wrt, "transposed")
                return array.T
            if array.ndim == 1 or array.ndim == 0:
                if len(shape) > 1 and array.ndim and self.by_class:
                    self._taken(wrt, "flattened", ", class by class")
                    return array.reshape(shape, order="F")
                if len(shape) > 1 and array.ndim:
                    self._taken(wrt, "flattened")
                return array.reshape(shape)
            if tuple(n for n in array.shape if n != 1) == tuple(n for n in shape if n != 1):
                if any(n > 1 for n in shape):
                    self.layouts.add("with an axis of length 1 more")
                return array.reshape(shape)
        if diagonal and array.ndim == 2 * len(shape) and array.shape == (*shape, *shape):
            flat = array.reshape(math.prod(shape), math.prod(shape))
            self.layouts.add("a full matrix of second derivatives")
            return np.diagonal(flat).reshape(shape).copy()
        if diagonal and array.ndim == len(shape) + 1 and array.shape == (*shape, shape[-1]):
            self.layouts.add("a matrix of second derivatives for each example")
            return np.diagonal(array, axis1=-2, axis2=-1).copy()
        hint = ""
        if len(shape) == 1 and array.shape == (shape[0], shape[0]) and shape[0] > 1:
            hint = ": a column and a row were broadcast against each other"
        elif array.ndim == 0:
            hint = ": it was added up or averaged"
        raise ShapeError(f"the gradient by {wrt} has shape {array.shape}, expected {shape}{hint}")

    def _taken(self, wrt: str, layout: str, more: str = "") -> None:
        """Note a layout. Raises ShapeError where another one is demanded."""
        if self.layout not in ("", layout):
            raise ShapeError(
                f"the gradient by {wrt} is {layout}, where the layout {self.layout!r} is demanded"
            )
        self.layouts.add(layout + more)

    def singly(self) -> Trial:
        """The same reading, one example at a time."""
        return replace(
            self, reading=replace(self.reading, singly=True), answers={}, differentiated=(), layouts=set()
        )


def _single(value: Any) -> Any:
    """The argument for one example: a number where the batch has an array of them, else the array of one example."""
    if not isinstance(value, np.ndarray):
        return value
    return (
        value[0].item()
        if value.ndim == 1 and len(value) == 1
        else value[0]
        if value.shape[:1] == (1,)
        else value
    )


def _stacked(results: Sequence[Any]) -> Any:
    first = results[0]
    if isinstance(first, tuple):
        if any(not isinstance(r, tuple) or len(r) != len(first) for r in results):
            return np.full(len(results), np.nan)
        return tuple(_stacked([r[k] for r in results]) for k in range(len(first)))
    if isinstance(first, dict):
        return {k: _stacked([r[k] for r in results if k in r]) for k in first}
    try:
        return np.stack([np.asarray(r, dtype=float) for r in results])
    except ValueError:
        return np.asarray([np.nan] * len(results))


def _part(result: Any, key: Any) -> Any:
    if key == ():
        if isinstance(result, (tuple, dict)):
            raise ShapeError(f"a {type(result).__name__} came, where an array came before")
        return result
    if isinstance(key, tuple):
        return np.asarray(result)[key]
    if not isinstance(result, (tuple, dict)):
        raise ShapeError("an array came, where several results came before")
    try:
        return result[key]
    except (KeyError, IndexError):
        raise ShapeError(f"the result has no part {key!r}") from None


_VALUE_KEYS = frozenset("value loss cost objective".split())
_GRADIENT_KEYS = frozenset("grad gradient g jac jacobian derivative".split())
_HESSIAN_KEYS = frozenset("hess hessian h diag".split())


def interpretations(
    result: Any, loss: Loss, wrts: Sequence[str], count: int, pinned: str | None
) -> list[Interpretation]:
    """What the parts of a result may be, the likeliest first."""
    found: list[Interpretation] = []
    several = len(wrts) > 1
    if isinstance(result, dict):
        return _from_dict(result, wrts)
    if not isinstance(result, tuple):
        for wrt in wrts:
            words = f"the gradient by {wrt}" if several else "the gradient"
            found.append(Interpretation({wrt: ()}, words=words, cost=0.0 if wrt == wrts[0] else 0.5))
        if several and np.ndim(result) and len(result) == len(wrts):
            found.insert(
                0, Interpretation({w: (k,) for k, w in enumerate(wrts)}, words="the gradients, stacked")
            )
        return found
    m = len(result)
    if several and m >= len(wrts):
        if m == len(wrts):
            found.append(Interpretation({w: k for k, w in enumerate(wrts)}, words="the gradients"))
        if m == len(wrts) + 1:
            found.append(
                Interpretation(
                    {w: k + 1 for k, w in enumerate(wrts)}, value=0, words="the value and the gradients"
                )
            )
    first = wrts[0]
    value_first = np.size(result[0]) == 1 and np.size(result[1]) != 1
    gradient_and_hessian = Interpretation(
        {first: 0}, {first: 1}, words="the gradient and the second derivative"
    )
    value_and_gradient = Interpretation({first: 1}, value=0, words="the value and the gradient")
    value_last = count > 1 and np.size(result[1]) == 1 and np.size(result[0]) > 1
    if m == 2 and (not several or value_first):
        gradient_and_value = Interpretation({first: 0}, value=1, words="the gradient and then the value")
        pair = (
            [value_and_gradient]
            if value_first
            else [gradient_and_value, gradient_and_hessian]
            if value_last
            else [gradient_and_hessian, replace(value_and_gradient, cost=0.2)]
        )
        found += pair
        if np.size(result[0]) == np.size(result[1]):
            others = [i.name for i in loss.inputs if i.differentiable and i.name != first]
            if others and not several:
                found.append(
                    Interpretation(
                        {first: 0, others[0]: 1}, words=f"the gradients by {first} and {others[0]}", cost=0.4
                    )
                )
    if m >= 3 and not several:
        found.append(
            Interpretation({first: 1}, {first: 2}, 0, "the value, the gradient and the second derivative")
        )
    if pinned:
        names = [p.strip() for p in pinned.split(",")]
        places = {n: k for k, n in enumerate(names)}
        kept = Interpretation(
            {first: places["gradient"]} if "gradient" in places else {},
            {first: places["hessian"]} if "hessian" in places else {},
            places.get("value"),
            " and ".join(f"the {n}" for n in names),
        )
        return [kept] if kept.gradients and len(names) <= m else found
    return found


def unknown_keys(result: Mapping[str, Any], wrts: Sequence[str]) -> str:
    """What to say of a dict in which no gradient was recognised."""
    came = ", ".join(repr(str(k)) for k in result) or "no key at all"
    names = [*wrts, *(f"grad_{w}" for w in wrts), *sorted(_GRADIENT_KEYS)]
    return (
        f"it returns a dict with {came}, and none of that names a gradient; expected one of "
        f"{', '.join(map(repr, names))}, beside it perhaps "
        f"{', '.join(map(repr, (*sorted(_VALUE_KEYS), *sorted(_HESSIAN_KEYS))))}"
    )


def _from_dict(result: Mapping[str, Any], wrts: Sequence[str]) -> list[Interpretation]:
    value = next((k for k in result if k.lower() in _VALUE_KEYS), None)
    gradients: dict[str, Any] = {}
    for wrt in wrts:
        for key in result:
            plain = key.lower()
            if (
                plain == wrt.lower()
                or (plain.endswith(f"_{wrt.lower()}") and plain.startswith(("grad", "d")))
                or plain == f"d{wrt.lower()}"
            ):
                gradients.setdefault(wrt, key)
    if not gradients:
        plainly = next((k for k in result if k.lower() in _GRADIENT_KEYS), None)
        if plainly is not None:
            gradients[wrts[0]] = plainly
    hessian = next((k for k in result if k.lower() in _HESSIAN_KEYS), None)
    if not gradients:
        return []
    return [
        Interpretation(
            gradients, {wrts[0]: hessian} if hessian else {}, value, f"a dict with {', '.join(result)}"
        )
    ]
