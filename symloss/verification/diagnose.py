"""Finds the mistake: the mutation of the true derivative that gives what the function gave, and where it shows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sympy import Expr

from symloss.present.printer import latex
from symloss.value import Loss
from symloss.verification.arrays import ArrayEvaluator
from symloss.verification.fit import Fit, fitted, proportional
from symloss.verification.mutations import Candidate, Subject, candidates, second_candidates
from symloss.verification.truth import Truth
from symloss.verification.verdicts import Scale, Verdict

__all__ = ["Diagnosis", "Evidence", "explained", "scale_words"]

ORDINARY = ("ordinary", "parameters", "ignored", "beside")
MORE = 1.4
"""What each further mistake costs to believe: more than that the arguments are meant in another order."""

FIRSTS = 120
"""How many single mistakes are tried as the first of two."""


@dataclass(frozen=True)
class Diagnosis:
    """The mistake that reproduces the output: its kind, the words, what it costs to believe, and the formula."""

    kind: str
    message: str
    cost: float
    latex: str = ""
    everywhere: bool = True
    silent: np.ndarray | None = None
    """Where the mistake makes no difference, so that a right number says nothing about it."""


@dataclass
class Evidence:
    """The numbers that a diagnosis must explain: those that are wrong, and beside them those that are right."""

    loss: Loss
    truth: Truth
    verdicts: Sequence[Verdict]
    expected: Scale
    accepted: Callable[[float, int], bool]
    _evaluators: dict[Any, ArrayEvaluator] = field(default_factory=dict)

    def __post_init__(self):
        kept = [v for v in self.verdicts if v.status in ("ok", "wrong", "digits") and np.isfinite(v.given)]
        usual = [v for v in kept if v.place.probe.about in ORDINARY]
        self.kept = usual if any(v.status == "wrong" for v in usual) else kept
        self.weights = np.array([v.weight for v in self.kept])
        self.given = np.array([v.given for v in self.kept]) / self.weights
        self.counts = np.array([v.count for v in self.kept])
        scales = self.expected.factor * self.counts.astype(float) ** self.expected.power
        self.exact = np.array([float(v.exact) for v in self.kept]) / scales / self.weights
        self.wrong = np.array([v.status == "wrong" for v in self.kept], dtype=bool)
        places = np.flatnonzero(self.wrong)
        self.first = places[: min(len(places), 12)]

    def of(self, expr: Expr, definitions: Any, chosen: np.ndarray) -> np.ndarray:
        """A candidate's values at some of the places."""
        result = np.empty(len(chosen))
        with np.errstate(all="ignore"):
            for k, where in enumerate(chosen):
                place = self.kept[where].place
                key = (id(place.probe), id(definitions))
                if key not in self._evaluators:
                    self._evaluators[key] = place.probe.evaluator(self.loss, definitions)
                bound = dict(zip(self.truth.indices, place.own, strict=True))
                value = np.asarray(self._evaluators[key](expr, bound), dtype=float)
                result[k] = value[place.example] if value.ndim else value
        return result

    def fit(self, one: Candidate) -> tuple[Fit, bool, np.ndarray] | None:
        """How a candidate explains the wrong numbers, and whether it explains the right ones as well."""
        try:
            few = self.of(one.expr, one.definitions, self.first)
            if not proportional(self.given[self.first], few, self.counts[self.first]):
                return None
            every = np.arange(len(self.kept))
            values = self.of(one.expr, one.definitions, every)
        except (
            KeyError,
            TypeError,
            ValueError,
            IndexError,
            AttributeError,
            ZeroDivisionError,
            OverflowError,
        ):
            return None
        whole = fitted(self.given, values, self.counts)
        if whole is not None and whole.share == 1 and self._told(values, whole):
            return whole, True, self._silent(values, whole)
        part = fitted(self.given[self.wrong], values[self.wrong], self.counts[self.wrong])
        if part is None or part.share < 1 or not self._told(values[self.wrong], part):
            return None
        return part, False, self._silent(values, part)

    def _silent(self, values: np.ndarray, fit: Fit) -> np.ndarray:
        mistaken = fit.factor * self.counts.astype(float) ** fit.power * values
        meant = self.expected.factor * self.counts.astype(float) ** self.expected.power * self.exact
        return np.abs(mistaken - meant) <= 1e-7 * (np.abs(mistaken) + np.abs(meant))

    def _told(self, values: np.ndarray, fit: Fit) -> bool:
        """Whether a fit rests on enough different numbers, unless it has no constant of its own."""
        if (fit.factor, fit.power) == (self.expected.factor, self.expected.power):
            return True
        return len(np.unique(np.round(values[values != 0], 12))) >= 3


def explained(evidence: Evidence, subject: Subject, deadline: float, two: bool) -> Diagnosis | None:
    """The cheapest explanation of the wrong numbers, by one mistake or, with ``two``, by two at once."""
    found = list(_plain(evidence))
    if all(
        v.place.probe.about == "extreme" for v, bad in zip(evidence.kept, evidence.wrong, strict=True) if bad
    ):
        found += _clipped(evidence)
        if found:
            return min(found, key=lambda d: d.cost)
    tried: list[Candidate] = []
    for one in candidates(subject):
        if time.monotonic() > deadline:
            break
        tried.append(one)
        found += _believed(evidence, one)
    if found:
        return min(found, key=lambda d: d.cost)
    if two:
        tried.sort(key=lambda c: c.cost)
        for first in tried[:FIRSTS]:
            for one in second_candidates(subject, first):
                if time.monotonic() > deadline:
                    return None
                found += _believed(evidence, one, two=True)
            if found:
                return min(found, key=lambda d: d.cost)
    return None


def _plain(evidence: Evidence) -> Iterator[Diagnosis]:
    """Mistakes that need no mutation: a sign, a constant factor, a power of n, nothing at all, a constant too much."""
    given, exact, wrong, counts = evidence.given, evidence.exact, evidence.wrong, evidence.counts
    if not np.any(given[wrong]):
        where = np.any(given[~wrong])
        words = "it is 0 there" if where else "it is 0 everywhere"
        yield Diagnosis("missing-term", words, 2.0, everywhere=not where)
        return
    if np.any(evidence.weights != 1):
        fit = fitted(given * evidence.weights, exact, counts, (evidence.expected.power, 0, -1))
        if fit is not None and fit.share == 1:
            yield Diagnosis("ignored-parameter", "it ignores the weights of the examples", 0.3)
            return
    yield from _not_left_out(evidence)
    for mask, everywhere in ((np.ones_like(wrong), True), (wrong, False)):
        fit = fitted(given[mask], exact[mask], counts[mask])
        distinct = len(np.unique(np.round(exact[mask][exact[mask] != 0], 12)))
        if fit is not None and fit.share == 1 and distinct >= 2:
            told = scale_words(fit, evidence)
            if told is not None:
                more = MORE * told[1].count(";")
                yield Diagnosis(told[0], told[1], more + (0.4 if everywhere else 1.2), everywhere=everywhere)
            return
    off = np.abs(given - exact * evidence.expected.factor * counts ** float(evidence.expected.power))
    if np.all(given == np.round(given)) and np.all(off <= 1) and np.any(exact != np.round(exact)):
        yield Diagnosis("other", "it gives whole numbers: it is rounded, or computed in an integer type", 0.5)
        return
    difference = given[wrong] - exact[wrong] * evidence.expected.factor * counts[wrong] ** float(
        evidence.expected.power
    )
    if len(difference) > 3 and np.ptp(difference) <= 1e-9 * max(1, float(np.max(np.abs(difference)))):
        much = float(np.median(difference))
        words = f"it is {abs(much):.6g} too {'large' if much > 0 else 'small'}"
        yield Diagnosis("extra-term", words, 1.8, everywhere=False)


def _not_left_out(evidence: Evidence) -> Iterator[Diagnosis]:
    """It is wrong exactly where a label has the value that says that the example does not count."""
    places = [v.place for v in evidence.kept]
    for one in evidence.loss.inputs:
        if not one.type.also or not one.per_example or one.axes:
            continue
        marks = [p.probe.arrays[one.name][p.example] == p.probe.parameters[one.type.also] for p in places]
        if np.array_equal(np.array(marks), evidence.wrong):
            words = f"it does not leave out the examples whose {one.name} is {one.type.also}"
            yield Diagnosis("ignored-parameter", words, 1.3, everywhere=False)


CLIPS = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 2.0**-52, 1e-16, 1e-20, 1e-30)
"""Distances from the end of a domain at which people clip."""

LIMITS = (
    5.0,
    10.0,
    15.0,
    20.0,
    30.0,
    35.0,
    36.0,
    37.0,
    40.0,
    50.0,
    80.0,
    88.0,
    100.0,
    500.0,
    700.0,
    709.0,
    1000.0,
)
"""Sizes at which people clip numbers that have no end."""


def _clipped(evidence: Evidence) -> Iterator[Diagnosis]:
    """The derivative at a clipped input, or with a small number added where it divides."""
    domain = evidence.truth.argument.domain
    low, high = float(domain.lower), float(domain.upper)
    chosen = np.flatnonzero(evidence.wrong)
    given, counts = evidence.given[chosen], evidence.counts[chosen].astype(float)
    scale = evidence.expected.factor * counts**evidence.expected.power
    wrt = evidence.truth.wrt
    for c in LIMITS if np.isinf(low) and np.isinf(high) else CLIPS:
        least, most = (-c, c) if np.isinf(low) and np.isinf(high) else (low + c, high - c)
        values = np.array([_at_clipped(evidence, evidence.kept[k], least, most) for k in chosen])
        if np.all(np.abs(given - scale * values) <= 1e-4 * np.abs(given)):
            numbers = np.array([evidence.kept[k].place.number for k in chosen])
            ends_said = f"[{least:g}, {most:g}]" if np.isinf(low) else f"[{least:g}, {high:g} - {c:g}]"
            if np.isinf(low) and (np.all(numbers > 0) or np.all(numbers < 0)):
                ends_said = f"at most {most:g}" if np.all(numbers > 0) else f"at least {least:g}"
            words = f"it clips {wrt} to {ends_said}, and beyond that it is the derivative at the end of it"
            yield Diagnosis("other", words, 0.6)
            return
    if np.isfinite(low) or np.isfinite(high):
        numbers = np.array([evidence.kept[k].place.number for k in chosen])
        ends = np.minimum(np.abs(numbers - low), np.abs(high - numbers))
        with np.errstate(all="ignore"):
            added = ends * (scale * evidence.exact[chosen] / given - 1)
        if len(added) and np.all(np.isfinite(added)) and np.ptp(added) <= 0.05 * abs(float(np.median(added))):
            words = f"it adds about {float(np.median(added)):.1g} where it divides, which shows where {wrt} is as small"
            yield Diagnosis("other", words, 0.7)


def _at_clipped(evidence: Evidence, v: Verdict, least: float, most: float) -> float:
    probe = v.place.probe
    arrays = {**probe.arrays, v.place.wrt: np.clip(probe.arrays[v.place.wrt], least, most)}
    bound = dict(zip(evidence.truth.indices, v.place.own, strict=True))
    value = np.asarray(
        replace(probe, arrays=arrays).evaluator(evidence.loss)(evidence.truth.expr, bound), dtype=float
    )
    return float(value[v.place.example] if value.ndim else value)


def scale_words(fit: Fit, evidence: Evidence) -> tuple[str, str] | None:
    """The kind and the words for a constant and a power of n that no convention explains; None where one does."""
    if evidence.accepted(fit.factor, fit.power):
        return None
    expected = evidence.expected
    relative, power = fit.factor / expected.factor, fit.power
    kind = "scale"
    parts = []
    if relative < 0:
        kind, relative = "sign", -relative
        parts.append("its sign is flipped")
    power_fits = evidence.accepted(expected.factor, power)
    if not power_fits:
        kind = kind if kind == "sign" else "reduction"
        parts.append(_power_words(power, evidence))
    if relative != 1 and not evidence.accepted(
        relative * expected.factor, power if power_fits else expected.power
    ):
        told = f"{relative:.6g}" if f"{relative:.6g}" != "1" else f"{relative:.12g}"
        parts.append(f"it has a factor {told} that no convention explains")
    return kind, "; ".join(parts)


def _power_words(power: int, evidence: Evidence) -> str:
    wanted = evidence.expected.power
    if power - wanted == 1:
        return (
            "it misses the division by the number n of examples"
            if wanted == -1
            else "it has a factor n too much"
        )
    if power - wanted == -1:
        return "it is divided by n, the number of examples, once too often" if wanted == -1 else (
            "it is divided by n, the number of examples, which its own value or the request does not have"
        )  # fmt: skip
    return f"it has a factor n^{power - wanted} too much"


def _believed(evidence: Evidence, one: Candidate, two: bool = False) -> Iterator[Diagnosis]:
    found = evidence.fit(one)
    if found is None:
        return
    fit, everywhere, silent = found
    if two and not everywhere:
        return  # some two of all the changes will always meet a part
    cost = one.cost + (0.0 if everywhere else 0.3)
    message, kind = one.message, one.kind
    if not evidence.accepted(fit.factor, fit.power):
        told = scale_words(fit, evidence)
        if told is None or two or not everywhere:
            return
        message = f"{message}; and {told[1]}"
        cost += 0.9
        if told[0] == "sign" and one.row.startswith("something"):
            kind = told[0]
    elif evidence.expected.factor and (fit.factor, fit.power) != (
        evidence.expected.factor,
        evidence.expected.power,
    ):
        cost += 0.05
    yield Diagnosis(kind, message, cost, _formula(evidence, one), everywhere, silent)


def _formula(evidence: Evidence, one: Candidate) -> str:
    try:
        return latex(one.expr, evidence.loss)
    except Exception:  # a formula that is only an ornament must not cost the diagnosis
        return ""
