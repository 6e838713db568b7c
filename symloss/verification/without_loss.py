"""Without a declared loss: the user's own value function is the truth, by the order of the Taylor remainder.

With g the gradient and d a direction, R(h) = |f(x + h·d) − f(x) − h·gᵀd| shrinks like h² where g is right, and like h
where it is wrong. The order is read off the steps between the rounding errors of f and its curvature, and Richardson's
extrapolation, with its own bound on the error, gives the derivative that was expected.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from symloss.verification.conventions import RequestError
from symloss.verification.report import Finding, Report
from symloss.verification.richardson import richardson
from symloss.verification.target import Answer, Target, framework_of, signature_of

__all__ = ["examined_numerically", "remainder_order"]

STEPS = tuple(2.0**-k for k in range(3, 27))
COUNTS = (4, 1, 3)
LABELS = ("binary", "real")


def remainder_order(f: Callable[[float], float], slope: float, noise: float) -> float:
    """The order of the remainder |f(h) − f(0) − h·slope|: 2 where ``slope`` is f′(0), 1 where it is not.

    ``noise`` is the rounding error of a value. Infinite where the remainder is nothing but rounding (f is linear).
    """
    start = f(0.0)
    kept: list[tuple[float, float]] = []
    for h in STEPS:
        remainder = abs(f(h) - start - h * slope)
        rounding = 8 * (noise + h * abs(slope) * 2.0**-52)
        if not np.isfinite(remainder):
            continue
        if remainder > rounding:
            kept.append((float(np.log2(h)), float(np.log2(remainder))))
    if len(kept) < 3:
        return float("inf")
    steps, sizes = zip(*kept[-6:], strict=True)
    return float(np.polyfit(steps, sizes, 1)[0])


@dataclass
class _Asked:
    """Both functions, and how they are called."""

    gradient: Callable[..., Answer]
    value: Callable[..., Answer]
    arity: int

    def value_at(self, arrays: list[np.ndarray]) -> float:
        """The value, added up where it is one for each example."""
        answer = self.value(arrays, {})
        if answer.error:
            raise RequestError(f"the value function fails: {answer.error}")
        result = answer.result[0] if isinstance(answer.result, tuple) else answer.result
        return float(np.sum(np.asarray(result, dtype=float)))


@dataclass(frozen=True)
class _Wrong:
    """A number that is wrong: where, and the order of the remainder that tells."""

    arrays: list[np.ndarray]
    place: tuple[int, ...]
    given: float
    expected: float
    order: float

    @property
    def count(self) -> int:
        """The number of examples."""
        return len(self.arrays[0])

    @property
    def ratio(self) -> float:
        """By which factor it is off."""
        return self.given / self.expected if self.expected else np.inf


class _Undecidable(Exception):
    """The gradient cannot be judged; its arguments are the verdict and the finding."""


def examined_numerically(
    handed: Any, value: Any, *, budget: float, seed: int, pins: dict[str, Any]
) -> Report:
    """The report on a gradient, held against differences of the user's own value function.

    Both functions take the same arguments; the gradient is by the first one. Without ``value`` the truth is the
    value that the function gives beside its gradient. Raises RequestError where it gives none.
    """
    asked = _asked(handed, value)
    deadline = time.monotonic() + budget
    draw = np.random.default_rng(seed)
    findings: list[Finding] = []
    wrong: list[_Wrong] = []
    points = 0
    form = _form(asked, seed)
    for count, labels in product(COUNTS, LABELS):
        if time.monotonic() > deadline:
            break
        arrays = _arrays(draw, count, asked.arity, labels, form)
        try:
            given, mutated = _gradient(asked, handed.name, arrays)
        except _Undecidable as error:
            verdict, finding = error.args
            return _report(handed, verdict, [finding], points, seed)
        for place in np.ndindex(given.shape):
            points += 1
            found = _judged(asked, arrays, place, float(given[place]))
            if found is not None:
                wrong.append(_Wrong(arrays, place, float(given[place]), *found))
        if mutated and not findings:
            words = "it changes what it was given"
            findings.append(Finding("mutates-input", words, "", _call(handed.name, arrays)))
    if not wrong:
        return _report(handed, "right" if points else "undecided", findings, points, seed)
    findings.insert(0, _mistake(handed.name, wrong, everywhere=len(wrong) == points))
    return _report(handed, "wrong", findings, points, seed)


def _asked(handed: Any, value: Any) -> _Asked:
    """The gradient and the value function, ready to be called."""
    if value is not None and not callable(value):
        raise RequestError(f"value: a function is wanted, not {type(value).__name__}")
    signature = handed.signature if handed.signature is not None else signature_of(value)
    if value is None:
        value = _own_value(handed)
    elif not hasattr(value, "start"):  # it is no sandbox
        value = Target(value, framework_of(value))
    return _Asked(handed.ask, value, _arity(signature))


def _gradient(asked: _Asked, name: str, arrays: list[np.ndarray]) -> tuple[np.ndarray, tuple[str, ...]]:
    """What the function gives, shaped like its first argument, and which arguments it changed."""
    answer = asked.gradient(arrays, {})
    if answer.error:
        kind, words = answer.kind or "exception", f"it fails: {answer.error}"
        raise _Undecidable("undecided", Finding(kind, words, "", _call(name, arrays), verdict="undecided"))
    given = answer.result[-1] if isinstance(answer.result, tuple) else answer.result
    given = np.asarray(given, dtype=float)
    if given.size != arrays[0].size:
        words = f"the gradient has shape {given.shape}, expected {arrays[0].shape}"
        raise _Undecidable("wrong", Finding("shape", words, "everywhere", _call(name, arrays)))
    return given.reshape(arrays[0].shape), answer.mutated


def _mistake(name: str, wrong: list[_Wrong], everywhere: bool) -> Finding:
    """What is wrong, with the smallest example."""
    kind, words = _words(wrong)
    one = min(wrong, key=lambda w: w.arrays[0].size)
    message = f"{words}; the Taylor remainder has order {one.order:.2f}, where a right gradient has 2"
    example = {
        **_call(name, one.arrays),
        "given": one.given,
        "expected": one.expected,
        "entry": f"entry {list(one.place)}",
    }
    return Finding(kind, message, "everywhere" if everywhere else "", example, verdict="wrong")


def _judged(
    asked: _Asked, arrays: list[np.ndarray], place: tuple[int, ...], given: float
) -> tuple[float, float] | None:
    """None where the derivative is right, else the expected one and the order of the remainder."""

    def along(h: float) -> float:
        moved = arrays[0].copy()
        moved[place] += h
        return asked.value_at([moved, *arrays[1:]])

    here = along(0.0)
    noise = 2.0**-50 * (abs(here) + 1)
    expected, bound = richardson(along, 0.0, 2.0**-4, noise)
    if np.isfinite(given) and abs(given - expected) <= 4 * bound:
        return None
    left, right = (richardson_one_sided(along, s) for s in (-1.0, 1.0))
    low, high = sorted((left, right))
    if high - low > 1e-3 * max(1, abs(high)) and low - 1e-6 <= given <= high + 1e-6:
        return None  # a kink, and a subgradient
    order = remainder_order(along, given, noise)
    return None if order > 1.5 and np.isfinite(given) else (expected, order)


def richardson_one_sided(f: Callable[[float], float], side: float) -> float:
    """The slope on one side of 0, extrapolated from halved steps."""
    start = f(0.0)
    slopes = [(f(side * 2.0**-k) - start) / (side * 2.0**-k) for k in (10, 11, 12)]
    first, second = 2 * slopes[1] - slopes[0], 2 * slopes[2] - slopes[1]
    return (4 * second - first) / 3


def _words(wrong: list[_Wrong]) -> tuple[str, str]:
    """The kind of mistake, and the sentence for it."""
    ratios = {round(w.ratio, 6) for w in wrong}
    if ratios == {-1.0}:
        return "sign", "the gradient's sign is flipped"
    if len(ratios) == 1 and np.isfinite(next(iter(ratios))):
        return "scale", f"the gradient has a factor {next(iter(ratios)):.6g} too much"
    known = [w for w in wrong if w.expected]
    if known and all(round(w.ratio / w.count, 5) == 1 for w in known):
        return "reduction", "the gradient misses the division by n that the value has"
    if known and all(round(w.ratio * w.count, 5) == 1 for w in known):
        return "reduction", "the gradient is divided by n, which the value is not"
    return "other", "the gradient is not the derivative of the value"


def _arity(signature: Any) -> int:
    if signature is None:
        return 2
    needed = [
        p
        for p in signature.parameters.values()
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    return max(1, len(needed))


WIDTH = 3
"""The length of the second axis, where the function takes tables."""

FORMS = ("rows", "classes", "tables", "mixed")
"""What the arguments may be: a number for each example; scores and class indices; tables; a table and a number each."""


def _form(asked: _Asked, seed: int) -> str:
    """The first form that both functions take."""
    for form in FORMS:
        arrays = _arrays(np.random.default_rng(seed), COUNTS[0], asked.arity, "binary", form)
        answer = asked.gradient(arrays, {})
        if answer.error or asked.value(arrays, {}).error:
            continue
        given = answer.result[-1] if isinstance(answer.result, tuple) else answer.result
        if np.size(given) == arrays[0].size:
            return form
    return FORMS[0]


def _arrays(
    draw: np.random.Generator, count: int, arity: int, labels: str, form: str = FORMS[0]
) -> list[np.ndarray]:
    shape = (count,) if form == "rows" else (count, WIDTH)
    first = np.round(draw.uniform(-2, 2, shape), 2)
    rest: list[np.ndarray] = []
    for _ in range(arity - 1):
        own = shape if form == "tables" else (count,)
        if form == "classes":
            rest.append(draw.integers(0, WIDTH, own))
        elif labels == "binary":
            rest.append(draw.integers(0, 2, own).astype(float))
        else:
            rest.append(np.round(draw.uniform(0.1, 2, own), 2))
    return [first, *rest]


def _own_value(handed: Any) -> Callable[..., Answer]:
    """The value that a function gives beside its gradient."""

    def value(args: Any, keywords: Any) -> Answer:
        answer = handed.ask(args, keywords)
        if answer.error:
            return answer
        if not isinstance(answer.result, tuple) or np.size(answer.result[0]) != 1:
            raise RequestError(
                "verify: give the loss, or your own value function; the function itself returns no value"
            )
        return replace(answer, result=answer.result[0])

    return value


def _call(name: str, arrays: list[np.ndarray]) -> dict[str, Any]:
    shown = ", ".join(f"np.array({a.tolist()})" for a in arrays)
    return {
        "call": f"{name}({shown})",
        "inputs": [a.tolist() for a in arrays],
        "given": None,
        "expected": None,
    }


def _report(handed: Any, verdict: str, findings: list[Finding], points: int, seed: int) -> Report:
    note = "no loss was declared: the truth is numeric, from your own value function"
    return Report(
        handed.name,
        "",
        verdict,
        verdict != "undecided",
        {},
        tuple(findings),
        points,
        seed,
        "numeric",
        (note,),
    )
