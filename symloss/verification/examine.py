"""Examines a function: finds the reading under which it is right, or else the mistake, and writes the report."""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, product
from typing import Any

import numpy as np
import sympy
from sympy import Pow

from symloss.value import Loss, check_differentiable
from symloss.verification.conventions import Reading, Slot, Unclear, readings
from symloss.verification.correction import correction
from symloss.verification.counterexample import counterexample, smallest
from symloss.verification.diagnose import Diagnosis, Evidence, explained
from symloss.verification.fit import ROUGH, Fit, fitted
from symloss.verification.fixing import FIXED, degenerate
from symloss.verification.judge import OutOfTime, Scale, Verdict, counts_of, judged
from symloss.verification.mutations import Subject
from symloss.verification.probe import Probe, probes
from symloss.verification.regions import Place, region
from symloss.verification.report import Finding, Report
from symloss.verification.target import Answer
from symloss.verification.ties import ties_broken
from symloss.verification.trial import Interpretation, ShapeError, Trial, interpretations
from symloss.verification.truth import Truth, settled

__all__ = ["Examination", "Handed"]

EVERY = ("ordinary", "parameters", "ignored", "kink", "beside", "extreme")
"""What probes are about."""

HALVINGS = 9
"""Steps of the search for the border between right and lost: it is known to some percent then."""

NOTHING = 1e-300
"""Below this a derivative is as good as 0, and a 0 says nothing about a formula."""

ELSEWHERE = 0.9
"""How far-fetched a mistake must be before another value of a hyper-parameter is the better explanation."""

READINGS = 24
"""The most readings that are tried."""


@dataclass(frozen=True)
class Handed:
    """The function under test as the examination sees it: how to call it, and what is known of it."""

    ask: Callable[..., Answer]
    name: str
    signature: inspect.Signature | None
    framework: str = "numpy"
    automatic: bool = False
    """Whether a framework must differentiate it, because it is a value with a backward pass of its own."""


@dataclass(eq=False)
class Chosen:
    """A reading with what it explains: for each tensor the scale, and the share of ordinary numbers that fit."""

    trial: Trial
    fits: dict[str, Fit]
    cost: float
    value: Fit | None = None
    value_whole: bool = True
    value_wrong: bool = False
    loss: Loss | None = None
    fixed: dict[str, float] = field(default_factory=dict)

    @property
    def share(self) -> float:
        return min((f.share for f in self.fits.values()), default=0.0)


class Examination:
    """One function, one loss. ``report()`` does the work."""

    def __init__(
        self,
        loss: Loss,
        handed: Handed,
        wrt: Sequence[str] | None,
        pins: Mapping[str, Any],
        budget: float,
        seed: int,
        bound: bool = False,
    ):
        self.loss = loss
        self.bound = bound
        self.handed = handed
        self.pins = dict(pins)
        self.seed = seed
        self.wrts = tuple(wrt or loss.differentiated)
        for name in self.wrts:
            check_differentiable(loss, name)
        self.loss = loss.wrt(*self.wrts)
        given = self.pins.get("parameters")
        if given:
            self.loss = self.loss.with_(**given)
        self.started = time.monotonic()
        self.deadline = self.started + budget
        self.probes = probes(self.loss, seed)
        self.findings: list[Finding] = []
        self.notes: list[str] = []
        self.points = 0
        self.warm = False
        self.weighed: dict[Probe, Probe] = {}
        self.elsewhere: Chosen | None = None
        self.shape: tuple[Trial, Probe, str] | None = None
        self.failed: tuple[Trial, Probe, Answer] | None = None

    # -- the report --

    def report(self) -> Report:
        """The verdict, and all that was found."""
        try:
            every = readings(self.handed.signature, self.loss, self.pins)[:READINGS]
        except Unclear as error:
            return self._report("undecided", {}, [Finding("other", str(error), verdict="undecided")])
        chosen = self._chosen(every)
        right = self._right(chosen)
        best = right or (self._likeliest(chosen) if chosen else None)
        if best is None:
            return self._nothing()
        if right is not None:
            self._ambiguous(chosen, right)
        self._behaviour(best)
        if any(f.kind == "nondeterministic" for f in self.findings):
            behaviour = [f for f in self.findings if f.kind in ("nondeterministic", "mutates-input")]
            return self._report("wrong", self._conventions(best), behaviour)
        if right is None:
            best = self._diagnosed(chosen, best)
        wrong = any(f.verdict == "wrong" for f in self.findings)
        undecided = any(f.verdict == "undecided" for f in self.findings)
        if not self.points and not wrong:
            undecided = True
        verdict = "wrong" if wrong else "undecided" if undecided else "right"
        order = {"wrong": 0, "undecided": 1, "unstable": 2}
        self.findings.sort(key=lambda f: order.get(f.verdict, 3))
        return self._report(verdict, self._conventions(best), self.findings)

    def _report(self, verdict: str, convention: dict[str, Any], findings: Sequence[Finding]) -> Report:
        stable = verdict != "undecided" and not any(f.verdict == "unstable" for f in findings)
        return Report(
            self.handed.name, self.loss.name, verdict, stable, convention, tuple(findings), self.points, self.seed,
            notes=tuple(self.notes),
        )  # fmt: skip

    def _nothing(self) -> Report:
        """There was no result that could be read."""
        if self.failed is not None and (
            self.shape is None or self.failed[0].reading.cost < self.shape[0].reading.cost
        ):
            trial, probe, answer = self.failed
            found = Finding(
                answer.kind or "exception",
                self._said(answer),
                "everywhere",
                self._call_only(trial, probe),
                verdict="undecided",
            )
            return self._report("undecided", {}, [found])
        if self.shape is not None:
            trial, probe, message = self.shape
            found = Finding(
                "shape",
                message,
                "everywhere",
                self._call_only(trial, probe),
                self._code(self.wrts[0]),
                verdict="wrong",
            )
            return self._report("wrong", trial.reading.words(self.loss), [found])
        return self._report(
            "undecided", {}, [Finding("other", "no way to call it was found", verdict="undecided")]
        )

    def _said(self, answer: Answer) -> str:
        if answer.kind == "timeout":
            return f"it does not come back: {answer.error}"
        return f"it fails: {answer.error}"

    def _call_only(self, trial: Trial, probe: Probe) -> dict[str, Any]:
        example = counterexample(trial, probe.example(0), self.handed.name)
        return {"call": example, "given": None, "expected": None}

    # -- which reading --

    def _covered(self, reading: Reading, about: Sequence[str] = ("ordinary",)) -> list[Probe]:
        told = [p for p in self.loss.parameters if not reading.takes(p.name)]
        kept = []
        for probe in self.probes:
            if probe.about == "ignored" and not all(
                reading.takes(i.type.also) or self._asks(i.type.also)
                for i in self.loss.inputs
                if i.type.also
            ):
                continue
            fixed = all(np.all(np.asarray(probe.parameters[p.name]) == p.default) for p in told)
            if probe.about in about and fixed and reading.covers(probe):
                kept.append(self._weighed(probe) if any(s.role == "weight" for s in reading.slots) else probe)
        return kept

    def _asks(self, name: str) -> bool:
        """Whether a hyper-parameter was set on purpose: by a pin, or to another value than the catalogue's."""
        from symloss import losses

        if name in self.pins.get("parameters", ()):
            return True
        if self.loss.name not in losses.names():
            return False
        usual = {p.name: p.default for p in losses.get(self.loss.name).parameters}
        return name in usual and usual[name] != self.loss.argument(name).default  # type: ignore[attr-defined]

    def _weighed(self, probe: Probe) -> Probe:
        """The probe with a weight for each example, for a function that takes one."""
        if not probe.per_example or probe.about not in ("ordinary", "parameters", "ignored"):
            return probe
        if probe not in self.weighed:
            draw = np.random.default_rng([self.seed, probe.count])
            self.weighed[probe] = replace(probe, weight=np.round(draw.uniform(0.25, 3, probe.count), 2))
        return self.weighed[probe]

    def _modes(self, reading: Reading) -> list[tuple[int, ...]]:
        if self.handed.framework == "numpy":
            return [()]
        places = tuple(k for w in self.wrts if (k := reading.position(w)) is not None)
        return [places] if self.handed.automatic and places else [(), places] if places else [()]

    def _chosen(self, every: list[Reading]) -> list[Chosen]:
        found: list[Chosen] = []
        for reading in every:
            if time.monotonic() > self.deadline and found:
                break
            for mode in self._modes(reading):
                some = self._tried(reading, mode)
                found += some
            if self.failed is not None and self.failed[2].kind == "timeout":
                break
            if any(self._fits(c) and c.cost <= reading.cost for c in found):
                break
        return sorted(found, key=lambda c: c.cost)

    def _tried(self, reading: Reading, mode: tuple[int, ...]) -> list[Chosen]:
        """The interpretations of the results under one reading."""
        ordinary = self._covered(reading)
        if not ordinary:
            return []
        first = ordinary[0]
        trial = Trial(
            self.loss, reading, self.handed.ask, mode, layout=str(self.pins.get("layout", ""))
        )
        before = time.monotonic()
        answer = trial.answer(first)
        if not self.warm:  # what a framework takes to be loaded is no part of the budget
            self.warm = True
            self.deadline += min(time.monotonic() - before, 20.0)
        if answer.error and answer.kind != "timeout" and not answer.died:
            trial, answer = self._otherwise(trial, first, answer)
        if answer.error:
            if self.failed is None or self.failed[0].reading.cost > reading.cost:
                self.failed = (trial, first, answer)
            return []
        if self.handed.framework != "numpy" and not mode and self._is_loss(trial, first):
            return []  # it gives the loss itself: the framework has to differentiate it
        found = []
        ways = interpretations(answer.result, self.loss, self.wrts, first.count, self.pins.get("outputs"))
        if mode:
            words = f"the value, differentiated by {self.handed.framework}"
            ways = [Interpretation({w: k + 1 for k, w in enumerate(self.wrts)}, value=0, words=words)]
        for how in ways:
            if reading.boosting and how.value is not None and how.cost:
                continue  # a custom objective gives the gradient and the second derivative
            one = replace(trial, interpretation=how, layouts=set())
            try:
                candidate = self._measured(one, ordinary, reading.cost + how.cost)
                if candidate is not None and candidate.share < 1 and "flattened" in one.layouts:
                    one = replace(one, by_class=True, layouts=set())
                    other = self._measured(one, ordinary, reading.cost + how.cost + 0.1)
                    candidate = other if other is not None and other.share > candidate.share else candidate
            except ShapeError as error:
                if self.shape is None:
                    hint = (
                        ": it is the value of the loss, not its gradient"
                        if self._is_value(one, first)
                        else ""
                    )
                    self.shape = (one, first, str(error) + hint)
                continue
            unnamed = (
                any(e.ordinary for e in reading.encodings) and reading.cost >= 2 and "given" not in self.pins
            )
            if (
                how.hessians
                and unnamed
                and candidate is not None
                and not self._hessian_fits(candidate, ordinary)
            ):
                continue  # a custom objective is handed raw scores, unless its second derivative says otherwise
            if candidate is not None:
                found.append(candidate)
        return found

    def _hessian_fits(self, chosen: Chosen, ordinary: list[Probe]) -> bool:
        probe = ordinary[0]
        parts = chosen.trial.parts(probe)
        if parts is None:
            return False
        return all(np.allclose(h, Truth(self.loss, w, 2).fast(probe)) for w, h in parts.hessians.items())

    def _otherwise(self, trial: Trial, probe: Probe, answer: Answer) -> tuple[Trial, Answer]:
        """Other ways to hand over the same: labels as integers, one example at a time."""

        def is_label(s: Slot) -> bool:
            finite = (
                bool(self.loss.argument(s.name).domain.values) if s.role in ("input", "labels") else False
            )
            return finite or (s.role == "input" and s.name not in self.loss.differentiated and probe.hard)

        whole = tuple(replace(s, whole=True) if is_label(s) else s for s in trial.reading.positional)
        tries = [replace(trial, reading=replace(trial.reading, positional=whole), answers={})]
        flat = any(e.key == "scores" for e in trial.reading.encodings)
        if self.loss.inputs[0].per_example and not trial.differentiated and not flat:
            tries += [trial.singly(), tries[0].singly()]
        if trial.reading.keywords:  # an option that it does not take as a number is left at its default
            tries.append(replace(trial, reading=replace(trial.reading, keywords=()), answers={}))
        for one in tries:
            other = one.answer(probe)
            if not other.error:
                return one, other
            if other.kind == "timeout" or other.died:
                break
        return trial, answer

    def _is_loss(self, trial: Trial, probe: Probe) -> bool:
        result = trial.answer(probe).result
        first = result[0] if isinstance(result, tuple) else result
        if isinstance(first, dict) or (np.size(first) == 1 and probe.count > 1):
            return True
        values = self._values(probe)
        return np.shape(first) == np.shape(values) and np.allclose(first, values, rtol=1e-6, equal_nan=True)

    def _is_value(self, trial: Trial, probe: Probe) -> bool:
        result, value = trial.answer(probe).result, self._values(probe)
        totals = (float(np.sum(value)), float(np.mean(value)))
        return not isinstance(result, (tuple, dict)) and np.size(result) == 1 and any(
            np.isclose(float(np.ravel(result)[0]), t) for t in totals
        )  # fmt: skip

    def _values(self, probe: Probe) -> np.ndarray:
        """The value of each example, or of the batch."""
        if not probe.per_example:
            return np.asarray(probe.evaluator(self.loss)(self.loss.expression), dtype=float)
        return np.array(
            np.broadcast_to(probe.evaluator(self.loss)(self.loss.example), (probe.count,)), dtype=float
        )

    def _measured(
        self, trial: Trial, ordinary: list[Probe], cost: float, fixed: Mapping[str, float] | None = None
    ) -> Chosen | None:
        """How well the ordinary numbers fit the truth, and with which scale."""
        gathered: dict[str, list[np.ndarray]] = {}
        values: list[tuple[np.ndarray, np.ndarray, float]] = []
        asked = [*ordinary, *(p for p in self._covered(trial.reading, ("parameters",)))]
        how = trial.interpretation
        assert how is not None
        for probe in asked:
            if trial.reading.singly and probe.count > 8:
                continue
            parts = trial.parts(probe)
            if parts is None:
                if self.failed is None:
                    self.failed = (trial, probe, trial.answer(probe))
                continue
            for wrt, array in parts.gradients.items():
                exact = self._fast(probe, wrt, fixed)
                count = counts_of(self.loss, probe, wrt, trial.reading.singly)
                gathered.setdefault(wrt, []).append(
                    np.stack([array.ravel(), exact.ravel(), np.full(array.size, count)])
                )
            if parts.value is not None:
                weights = np.ones(probe.count) if probe.weight is None else probe.weight
                value = self._values(probe)
                values.append((parts.value, value * weights if value.ndim else value, float(np.sum(weights))))
        fits = {}
        for wrt, rows in gathered.items():
            given, exact, counts = np.concatenate(rows, axis=1)
            fit = fitted(given, exact, counts, close=ROUGH)
            fits[wrt] = fit if fit is not None else Fit(1.0, 0, 0.0)
        if not fits:
            return None
        chosen = Chosen(trial, fits, cost)
        if values:
            self._fit_value(chosen, values)
        return chosen

    def _fast(self, probe: Probe, wrt: str, fixed: Mapping[str, float] | None = None) -> np.ndarray:
        """The truth in floating point, which is enough to choose a reading."""
        if fixed:
            probe = replace(probe, parameters={**probe.parameters, **fixed})
        found = Truth(self.loss, wrt).fast(probe)
        if probe.weight is None or wrt not in probe.per_example:
            return found
        return found * probe.weight.reshape(-1, *(1 for _ in found.shape[1:]))

    def _fit_value(self, chosen: Chosen, values: list[tuple[np.ndarray, np.ndarray, float]]) -> None:
        whole = all(np.size(v) == 1 for v, _, _ in values)
        if whole:
            given = np.array([float(np.ravel(v)[0]) for v, _, _ in values])
            exact = np.array([float(np.sum(e)) for _, e, _ in values])
            counts = np.array([n for _, _, n in values])
        else:
            same = [(np.ravel(v), np.ravel(e)) for v, e, _ in values if np.size(v) == np.size(e)]
            if not same:
                chosen.value_wrong = True
                return
            given, exact = (np.concatenate(x) for x in zip(*same, strict=True))
            counts = np.ones_like(given)
        fit = fitted(given, exact, counts, close=ROUGH)
        chosen.value_whole = whole
        if fit is not None and fit.share == 1:
            chosen.value = fit
        else:
            chosen.value_wrong = True
            chosen.cost += 0.6

    # -- what is accepted --

    def _accepts(self, chosen: Chosen | None) -> Callable[[float, int], bool]:
        """Whether a constant and a power of n are a convention."""
        settled = self._settled(chosen)
        factors = {self.pins["factor"]} if "factor" in self.pins else self._factors()
        powers = {"mean": {-1}, "sum": {0}, "none": {0}}.get(self.pins.get("reduction", ""), {0, -1})
        if not any(i.per_example for i in self.loss.inputs) or self.loss.example == 0:
            powers = {0}
        if chosen is not None and chosen.trial.reading.singly:
            powers = {0, -1}
        signs = {-1.0} if self._ascends() == "pinned" else {-1.0, 1.0} if self._ascends() else {1.0}

        def accepted(factor: float, power: int) -> bool:
            if settled is not None:
                return power == settled.power and factor == settled.factor
            return power in powers and any(factor == s * f for s in signs for f in factors)

        return accepted

    def _settled(self, chosen: Chosen | None) -> Scale | None:
        """The scale that the function's own value has, where it gives one."""
        if chosen is None or chosen.value is None or "reduction" in self.pins or "factor" in self.pins:
            return None
        sign = -1.0 if self._ascends() and chosen.value.factor > 0 else 1.0
        power = chosen.value.power if chosen.value_whole and not chosen.trial.reading.singly else 0
        return Scale(sign * chosen.value.factor, power)

    def _ascends(self) -> str:
        """Whether the negative gradient is meant: pinned, or said by the function's name."""
        if self.pins.get("ascent"):
            return "pinned"
        plain = self.handed.name.lower()
        return (
            "named"
            if re.search(r"neg(ative)?_?grad|pseudo_?residual|residual|ascent|descent_direction", plain)
            else ""
        )

    def _factors(self) -> set[float]:
        """1, and the ½ that comes with a square in the loss."""
        factors = {1.0}
        everything = [self.loss.expand(self.loss.example), self.loss.expand(self.loss.batch)]
        squares = [
            n for e in everything for n in sympy.preorder_traversal(e) if isinstance(n, Pow) and n.exp == 2
        ]
        squared = any(any(self.loss.depends(n, w) for w in self.wrts) for n in squares)
        if not squared:
            return factors
        for e in everything:
            halved = any(
                isinstance(n, sympy.Mul) and n.as_coeff_Mul()[0] == sympy.Rational(1, 2)
                for n in sympy.preorder_traversal(e)
            )
            if e != 0:
                factors.add(2.0 if halved else 0.5)
        return factors

    def _fits(self, chosen: Chosen) -> bool:
        accepted = self._accepts(chosen)
        scales = {(f.factor, f.power) for f in chosen.fits.values()}
        factors = {factor for factor, _ in scales}
        return chosen.share == 1 and all(accepted(*s) for s in scales) and len(factors) == 1

    def _right(self, chosen: list[Chosen]) -> Chosen | None:
        """The plainest reading under which everything is right, judged with every probe."""
        fitting = [c for c in chosen if self._fits(c)]
        declared = self.loss, self.probes
        if not fitting:
            fitting = [c for c in self._fixed(chosen) if self._fits(c)]
        for one in fitting[:3]:
            before, points = list(self.findings), self.points
            if self._judged(one):
                return one
            self.findings, self.points = before, points
        self.loss, self.probes = declared
        return None

    def _fixed(self, chosen: list[Chosen]) -> Iterator[Chosen]:
        """Readings in which a hyper-parameter that the function is not told is fixed inside it at another value."""
        for one in chosen[:4]:
            told = one.trial.reading.takes
            free = [
                p for p in self.loss.parameters if not told(p.name) and not p.axes and not p.domain.integer
            ]
            if not free or len(free) > 2:
                continue
            ordinary = self._covered(one.trial.reading)[:2]
            choices = [[v for v in (*FIXED, p.default) if bool(p.domain.contains(float(v)))] for p in free]
            for values in product(*choices):
                if time.monotonic() > self.deadline:
                    return
                fixed = {p.name: v for p, v in zip(free, values, strict=True) if v != p.default}
                if not fixed:
                    continue
                try:
                    candidate = self._measured_fixed(one, ordinary, fixed)
                except ShapeError:
                    break
                if candidate is not None and self._fits(candidate):
                    candidate.cost += 0.4 * len(fixed)
                    asked = self.bound or any(name in self.pins.get("parameters", ()) for name in fixed)
                    if asked or degenerate(self.loss, fixed):
                        candidate.fixed = fixed
                        self.elsewhere = self.elsewhere or candidate
                        return
                    self._adopt(fixed)
                    candidate.fixed = fixed
                    candidate.trial = replace(candidate.trial, loss=self.loss, answers={})
                    yield candidate
                    return

    def _measured_fixed(self, one: Chosen, ordinary: list[Probe], fixed: dict[str, float]) -> Chosen | None:
        rows: dict[str, list[np.ndarray]] = {}
        for probe in ordinary:
            parts = one.trial.parts(probe)
            if parts is None:
                return None
            for wrt, array in parts.gradients.items():
                count = counts_of(self.loss, probe, wrt, one.trial.reading.singly)
                exact = self._fast(probe, wrt, fixed)
                rows.setdefault(wrt, []).append(
                    np.stack([array.ravel(), exact.ravel(), np.full(array.size, count)])
                )
        fits = {}
        for wrt, found in rows.items():
            given, exact, counts = np.concatenate(found, axis=1)
            fit = fitted(given, exact, counts, (0, -1), ROUGH)
            if fit is None or fit.share < 1 or len(np.unique(np.round(exact, 12))) < 3:
                return None
            fits[wrt] = fit
        return Chosen(one.trial, fits, one.cost, one.value, one.value_whole)

    def _adopt(self, fixed: dict[str, float]) -> None:
        """From here on the loss is the one with these hyper-parameters."""
        self.loss = self.loss.with_(**fixed)
        self.probes = probes(self.loss, self.seed)

    def _ambiguous(self, chosen: list[Chosen], right: Chosen) -> None:
        """Say so where other conventions explain the same numbers, and how to pin one."""
        reading = right.trial.reading
        if reading.singly and "reduction" not in self.pins:
            self.notes.append("it takes one example at a time, so its numbers cannot tell a sum from a mean")
        if any(e.ordinary for e in reading.encodings) and reading.cost >= 2:
            plain = next(e for e in reading.encodings if e.ordinary)
            self.notes.append(
                f"its names do not say that {plain.words}: handed the logits themselves it would be wrong; "
                f"given='{plain.name}' or given='as declared' settles it"
            )
        if not reading.named and "order" not in self.pins:
            orders = [r for r in readings(self.handed.signature, self.loss, self.pins) if not r.encodings][:6]
            for other in orders:
                if other.positional == reading.positional or other.named:
                    continue
                trial = Trial(
                    self.loss, other, self.handed.ask, right.trial.differentiated, right.trial.interpretation
                )
                try:
                    measured = self._measured(trial, self._covered(other)[:4], 0.0)
                except ShapeError:
                    continue
                if measured is not None and measured.share == 1:
                    order = ",".join(s.name for s in other.positional)
                    sign = (
                        " with its sign flipped" if any(f.factor < 0 for f in measured.fits.values()) else ""
                    )
                    self.notes.append(
                        f"ambiguous: with the arguments ({order}) it is the gradient{sign}; order='{order}' settles it"
                    )
                    break

    # -- the judgement --

    def _all_probes(self, chosen: Chosen, about: Sequence[str] = EVERY) -> list[Probe]:
        found = self._covered(chosen.trial.reading, about)
        return [p for p in found if not chosen.trial.reading.singly or p.count <= 60]

    def _scale(self, chosen: Chosen, wrt: str) -> Scale:
        """The scale that the gradient should have."""
        settled = self._settled(chosen)
        if settled is not None:
            return settled
        fit = chosen.fits[wrt]
        accepted = self._accepts(chosen)
        factors = [f.factor for f in chosen.fits.values() if accepted(f.factor, f.power)]
        common = 1.0 if 1.0 in factors else factors[0] if factors else fit.factor
        if accepted(fit.factor, fit.power) and fit.factor == common:
            return Scale(fit.factor, fit.power)
        factor = float(self.pins.get("factor", 1.0)) * (-1.0 if self._ascends() == "pinned" else 1.0)
        power = {"mean": -1, "sum": 0, "none": 0}.get(self.pins.get("reduction", ""), fit.power)
        if accepted(factor, power):
            return Scale(factor, power)
        return Scale(factor, 0 if accepted(factor, 0) else -1)

    def _verdicts(
        self, chosen: Chosen, truth: Truth, scale: Scale, found: list[Verdict], about: Sequence[str] = EVERY
    ) -> None:
        """The verdict on every number of one derivative, as far as the budget goes."""
        try:
            for verdict in judged(chosen.trial, truth, self._all_probes(chosen, about), scale, self.deadline):
                found.append(verdict)
        except OutOfTime:
            words = "the budget was used up before all probes were judged; more budget gives a fuller answer"
            if words not in self.notes:
                self.notes.append(words)

    def _judged(self, chosen: Chosen) -> bool:
        """Judge all derivatives; whether none of them is wrong. Findings about stability are kept."""
        for wrt in chosen.trial.interpretation.gradients:  # type: ignore[union-attr]
            for order in (1, 2):
                if order == 2 and wrt not in chosen.trial.interpretation.hessians:  # type: ignore[union-attr]
                    continue
                try:
                    if not self._judged_one(chosen, wrt, order):
                        return False
                except ShapeError as error:
                    probe = self._all_probes(chosen)[0]
                    self.findings.append(
                        Finding(
                            "shape",
                            str(error),
                            "",
                            self._call_only(chosen.trial, probe),
                            self._code(wrt),
                            verdict="wrong",
                        )
                    )
                    return order == 2
        self._values_lost(chosen)
        self._about_errors(chosen)
        return True

    def _values_lost(self, chosen: Chosen) -> None:
        """Extreme examples at which the function's own value is no number, and the loss is one."""
        if chosen.value is None or not self.loss.inputs[0].per_example:
            return
        wrt = next(iter(chosen.trial.interpretation.gradients))  # type: ignore[union-attr]
        lost: list[Place] = []
        kept: list[Place] = []
        for probe in self._all_probes(chosen, ("extreme",)):
            parts = chosen.trial.parts(probe)
            if parts is None or parts.value is None or np.all(np.isfinite(parts.value)):
                continue
            alone = replace(chosen.trial, answers={}, layouts=set())
            for i in range(probe.count):
                one = alone.parts(probe.example(i))
                exact = settled(self.loss.expression, probe.environment(self.loss, i), 20, {})
                if one is None or one.value is None or not abs(exact) < 1e300:
                    continue
                place = Place(probe, wrt, (i, *(0 for _ in probe.arrays[wrt].shape[1:])))
                (kept if np.all(np.isfinite(one.value)) else lost).append(place)
        if lost:
            example = min(lost, key=lambda p: abs(p.number))
            found = Finding(
                "unstable",
                "its value is infinite or NaN where the loss is a finite number",
                region(self.loss, lost, kept),
                self._call_only(chosen.trial, example.probe.example(example.example)),
                verdict="unstable",
            )
            self.findings.append(found)

    def _judged_one(self, chosen: Chosen, wrt: str, order: int) -> bool:
        truth = Truth(self.loss, wrt, order)
        scale = self._scale(chosen, wrt)
        verdicts: list[Verdict] = []
        self._verdicts(chosen, truth, scale, verdicts)
        self._refine(chosen, truth, scale, verdicts)
        self.points += sum(v.status != "skipped" for v in verdicts)
        at_ordinary = [
            v for v in verdicts if v.place.probe.about in ("ordinary", "parameters", "ignored", "beside")
        ]
        wrong = [v for v in verdicts if v.status == "wrong"]
        ordinary_nan = [v for v in at_ordinary if v.status in ("nan", "inf")]
        if wrong:
            if order == 1 and any(v.place.probe.about == "ordinary" for v in wrong):
                return False
            self.findings.append(self._mistake(chosen, truth, verdicts, scale))
        elif order == 1:
            self._ties(chosen, truth, verdicts, scale)
        if wrong:  # what is lost beside a wrong number has the same cause
            verdicts = [v for v in verdicts if v.status != "digits"]
        self._unstable(chosen, truth, verdicts, scale, "wrong" if ordinary_nan else "unstable")
        self._kinks(truth, verdicts)
        return True

    def _ties(self, chosen: Chosen, truth: Truth, verdicts: list[Verdict], scale: Scale) -> None:
        broken = list(ties_broken(truth, verdicts, scale))
        if not broken:
            return
        one = min(broken, key=lambda tie: _size(tie.verdicts[0]))
        slopes = f"{one.low:.6g}" if one.low == one.high else f"{one.low:.6g} to {one.high:.6g}"
        words = (
            f"each entry lies between its slopes, and together they are no subgradient: when all "
            f"{len(one.verdicts)} entries that share a kink grow at once, the loss grows by {slopes}, "
            f"and your gradient says {one.given:.6g}"
        )
        first = one.verdicts[0]
        example = self._call_only(chosen.trial, first.place.probe.example(first.place.example))
        where = "where entries are equal, at the kink that they share"
        self.findings.append(
            Finding("kink", words, where, example, self._code(truth.wrt, 1, scale), verdict="wrong")
        )

    def _refine(self, chosen: Chosen, truth: Truth, scale: Scale, verdicts: list[Verdict]) -> None:
        """Halve the way between a number that is right and the next one that is not, so that the border is known."""
        if self.loss.kind != "elementwise":
            return
        rows: dict[tuple[float, ...], list[Verdict]] = {}
        for v in verdicts:
            if v.place.probe.about == "extreme" and v.status != "skipped":
                others = tuple(
                    float(a[v.place.example]) for n, a in v.place.probe.arrays.items() if n != truth.wrt
                )
                rows.setdefault(others, []).append(v)
        for row in rows.values():
            row.sort(key=lambda v: v.place.number)
            for a, b in pairwise(row):
                sound = {"ok", "kink"}
                if (a.status in sound) != (b.status in sound):
                    verdicts += self._between(chosen, truth, scale, a, b)

    def _between(self, chosen: Chosen, truth: Truth, scale: Scale, a: Verdict, b: Verdict) -> list[Verdict]:
        found: list[Verdict] = []
        for _ in range(HALVINGS):
            low, high = a.place.number, b.place.number
            middle = float(f"{_middle(low, high):.12g}")
            if not low < middle < high or time.monotonic() > self.deadline:
                break
            one = a.place.probe.example(a.place.example)
            array = one.arrays[truth.wrt].copy()
            array[0] = middle
            trial = replace(chosen.trial, answers={}, layouts=set())
            probe = replace(one, arrays={**one.arrays, truth.wrt: array})
            try:
                new = list(judged(trial, truth, [probe], scale, self.deadline))
            except (OutOfTime, ShapeError):
                break
            if not new or new[0].status == "skipped":
                break
            found += new
            sound = {"ok", "kink"}
            if (new[0].status in sound) == (a.status in sound):
                a = new[0]
            else:
                b = new[0]
        return found

    def _kinks(self, truth: Truth, verdicts: list[Verdict]) -> None:
        at = [v for v in verdicts if v.status == "kink"]
        if at and truth.order == 1:
            others = [
                v.place for v in verdicts if v.status in ("ok", "digits") and v.place.probe.about != "kink"
            ]
            where = region(self.loss, [v.place for v in at], others) or "at the kink"
            numbers = sorted({f"{v.given:.6g}" for v in at})
            self.notes.append(
                f"{where}: it gives {', '.join(numbers[:3])}, which lies between the one-sided slopes and is accepted"
            )

    def _unstable(
        self, chosen: Chosen, truth: Truth, verdicts: list[Verdict], scale: Scale, verdict: str
    ) -> None:
        words = {
            "nan": "it gives NaN where the derivative is a finite number",
            "inf": "it gives an infinity where the derivative is a finite number",
            "digits": "the formula is right, but it loses its digits",
        }
        for status, message in words.items():
            inside = [v for v in verdicts if v.status == status]
            if not inside:
                continue
            outside = [v.place for v in verdicts if v.status in ("ok", "kink")]
            where = region(self.loss, [v.place for v in inside], outside)
            worst = (
                min(inside, key=lambda v: (_size(v), -v.ulps))
                if status != "digits"
                else max(inside, key=lambda v: (np.isfinite(v.ulps), v.ulps))
            )
            if status == "digits":
                message += f": up to {worst.ulps:.3g} ulp away" + (
                    ", as if it were computed in single precision or with a small number added somewhere"
                    if all(v.place.probe.about != "extreme" for v in inside) else ""
                )  # fmt: skip
            kind = "nan" if status == "nan" else "unstable"
            if any((f.kind, f.message.split(":")[0]) == (kind, message.split(":")[0]) for f in self.findings):
                continue  # said of another tensor already
            example, code = (
                self._example(chosen, worst, truth.order),
                self._code(truth.wrt, truth.order, scale),
            )
            self.findings.append(Finding(kind, message, where, example, code, verdict=verdict))

    def _about_errors(self, chosen: Chosen) -> None:
        """Probes at which the function fails, where it works at others."""
        failures = []
        for probe in self._all_probes(chosen):
            answer = chosen.trial.answers.get(probe)
            if answer is not None and answer.error:
                failures.append((probe, answer))
        if failures:
            probe, answer = min(failures, key=lambda f: f[0].count)
            counts = {p.count for p, _ in failures}
            where = (
                f"batches of {', '.join(map(str, sorted(counts)))} examples, probes of the kind {probe.about}"
            )
            example = self._call_only(chosen.trial, probe)
            self.findings.append(Finding(answer.kind, self._said(answer), where, example, verdict="wrong"))

    def _example(self, chosen: Chosen, v: Verdict, order: int) -> dict[str, Any]:
        return smallest(chosen.trial, v, self._rescaled(chosen, v, order), self.handed.name)

    def _rescaled(
        self, chosen: Chosen, v: Verdict, order: int
    ) -> Callable[[Probe], tuple[float, float, str] | None]:
        """Given and expected for another probe at the same entry, or None where it is no counterexample."""
        wrt = v.place.wrt
        settled = self._settled(chosen)
        scale = settled if settled is not None else self._scale(chosen, wrt)

        def check(probe: Probe) -> tuple[float, float, str] | None:
            entry = (0, *v.place.own) if wrt in probe.per_example else v.place.entry
            truth = Truth(self.loss, wrt, order)
            one = replace(chosen.trial, answers={}, layouts=set())
            for verdict in judged(one, truth, [probe], scale, float("inf")):
                if verdict.place.entry == entry:
                    return verdict.given, float(verdict.exact), verdict.status
            return None

        return check

    def _code(self, wrt: str, order: int = 1, scale: Scale | None = None) -> str:
        scale = scale or Scale()
        return correction(self.loss, wrt, order, factor=scale.factor, mean=scale.power == -1)

    # -- the diagnosis --

    def _likeliest(self, chosen: list[Chosen]) -> Chosen:
        """The reading in which a mistake is looked for first."""
        return min(chosen, key=lambda c: c.cost - 0.5 * c.share)

    def _diagnosed(self, chosen: list[Chosen], best: Chosen) -> Chosen:
        """Find the mistake under the likeliest readings; the reading under which it was found."""
        tried = sorted(chosen, key=lambda c: (c is not best, c.cost))[:4]
        results: list[tuple[float, Chosen, list[Finding], int]] = []
        for two in (False, True):
            for one in tried if not two else tried[:1]:
                if results and time.monotonic() > self.deadline:
                    break
                found, cost, points = self._explained(one, two)
                results.append((cost + one.cost, one, found, points))
                if cost + one.cost <= 1.3:
                    break
            if any(cost < 50 for cost, *_ in results):
                break
        cost, one, found, points = min(results, key=lambda r: r[0])
        other = self.elsewhere
        if other is not None and cost > other.cost + ELSEWHERE:
            one = next((c for c in chosen if c.trial is other.trial), one)
            found = [replace(f, kind="ignored-parameter", message=self._built_in(other.fixed)) for f in found]
        self.findings += found
        self.points = points
        return one

    def _built_in(self, fixed: Mapping[str, float]) -> str:
        """The sentence for hyper-parameters that have other values in the function than in the loss."""
        there = " and ".join(f"{name} = {value:g}" for name, value in fixed.items())
        here = " and ".join(f"{name} = {self.loss.argument(name).default:g}" for name in fixed)
        return f"it has {there} built in, where the loss has {here}; if that is meant, pin it as a parameter"

    def _explained(self, chosen: Chosen, two: bool) -> tuple[list[Finding], float, int]:
        findings: list[Finding] = []
        total, points = 0.0, 0
        for wrt in chosen.trial.interpretation.gradients:  # type: ignore[union-attr]
            truth = Truth(self.loss, wrt)
            scale = self._scale(chosen, wrt)
            verdicts: list[Verdict] = []
            try:
                self._verdicts(
                    chosen, truth, scale, verdicts, ("ordinary", "parameters", "ignored", "beside")
                )
                if not any(v.status == "wrong" for v in verdicts):
                    self._verdicts(chosen, truth, scale, verdicts, ("kink", "extreme"))
            except ShapeError as error:
                probe = self._all_probes(chosen)[0]
                findings.append(
                    Finding(
                        "shape",
                        str(error),
                        "",
                        self._call_only(chosen.trial, probe),
                        self._code(wrt),
                        verdict="wrong",
                    )
                )
                continue
            points += sum(v.status != "skipped" for v in verdicts)
            if not any(v.status == "wrong" for v in verdicts):
                bad = [v for v in verdicts if v.status in ("nan", "inf")]
                if bad:
                    before = list(self.findings)
                    self._unstable(chosen, truth, verdicts, scale, "wrong")
                    findings += self.findings[len(before) :]
                    self.findings = before
                continue
            finding, cost = self._mistaken(chosen, truth, verdicts, scale, two)
            findings.append(finding)
            total = max(total, cost)
        if not findings:
            total = 90.0
        return findings, total, points

    def _mistake(self, chosen: Chosen, truth: Truth, verdicts: list[Verdict], scale: Scale) -> Finding:
        finding, cost = self._mistaken(chosen, truth, verdicts, scale, False)
        if cost > 50:
            finding, _ = self._mistaken(chosen, truth, verdicts, scale, True)
        return finding

    def _mistaken(
        self, chosen: Chosen, truth: Truth, verdicts: list[Verdict], scale: Scale, two: bool
    ) -> tuple[Finding, float]:
        """The finding about the wrong numbers of one derivative, and how far-fetched its explanation is."""
        accepted = self._accepts(chosen)
        if len(chosen.fits) > 1:  # one convention for all tensors
            accepted = lambda factor, power: factor == scale.factor and self._accepts(chosen)(factor, power)  # noqa: E731
        evidence = Evidence(self.loss, truth, verdicts, scale, accepted)
        wrong = [v for v, bad in zip(evidence.kept, evidence.wrong, strict=True) if bad]
        example = self._example(chosen, min(wrong, key=_size), truth.order)
        code = self._code(truth.wrt, truth.order, scale)
        where = self._where(evidence, wrong, None)
        if all(v.place.probe.about == "kink" for v in wrong) or where.startswith("at "):
            words = "the value lies outside of the one-sided slopes: it is no subgradient"
            return Finding("kink", words, where, example, code, verdict="wrong"), 0.5
        subject = Subject(self.loss, truth.wrt, truth.expr, truth.order)
        limit = max(self.deadline, time.monotonic() + 0.3)
        found = explained(evidence, subject, limit, two)
        where = self._where(evidence, wrong, found)
        near = where.startswith("within ") and float(where.split()[1]) < 0.02
        if near and truth.order == 1 and (found is None or found.cost > 1.2):
            words = "close to the kink it is not the derivative: it is smoothed, or cut off, there"
            return Finding("kink", words, where, example, code, verdict="wrong"), 1.0
        of = f" by {truth.wrt}" if len(self.wrts) > 1 else ""
        name = f"your gradient{of}" if truth.order == 1 else "your second derivative"
        if found is None:
            extreme = all(v.place.probe.about == "extreme" for v in wrong)
            message = f"{name} is wrong, and no single mistake explains it" if not extreme else (
                f"{name} is right at ordinary numbers and wrong at extreme ones, as if something were clipped"
            )  # fmt: skip
            kind = "hessian" if truth.order == 2 else "other"
            return Finding(kind, message, where, example, code, verdict="wrong"), 99.0 if not extreme else 5.0
        kind = (
            "hessian" if truth.order == 2 and found.kind not in ("sign", "scale", "reduction") else found.kind
        )
        if truth.order == 2:
            kind = "hessian"
        message = f"{name}: {found.message}"
        return Finding(kind, message, where, example, code, found.latex, "wrong"), found.cost

    def _where(self, evidence: Evidence, wrong: list[Verdict], found: Diagnosis | None) -> str:
        """The region in which it is wrong, read off the numbers that tell."""
        kept = [
            (v.place, bool(mute))
            for v, mute in zip(
                evidence.kept,
                found.silent
                if found is not None and found.silent is not None
                else [False] * len(evidence.kept),
                strict=True,
            )
            if v.status == "ok" and not (v.given == 0 and abs(v.exact) < NOTHING)
        ]
        if not kept:
            kept = [(v.place, False) for v in evidence.kept if v.status == "digits"]
        inside = [v.place for v in wrong]
        where = region(self.loss, inside, [place for place, _ in kept])
        if where or not found:
            return where
        where = region(
            self.loss, inside, [place for place, mute in kept if not mute]
        )  # right by chance says nothing
        return "" if where == "everywhere" else where

    # -- how it behaves --

    def _behaviour(self, chosen: Chosen) -> None:
        """Mutated inputs, prints, state."""
        probe = self._covered(chosen.trial.reading)[0]
        first = chosen.trial.answer(probe)
        again = chosen.trial.answer(probe, again=True)
        call = self._call_only(chosen.trial, probe)
        if not again.error and not _same(first.result, again.result):
            words = "two calls with the same arguments give different results: it is random, or keeps state"
            self.findings.append(Finding("nondeterministic", words, "", call, verdict="wrong"))
        if first.deaf:
            words = (
                "its backward pass ignores the gradient from above (grad_output), and so misses that factor: "
                "it is right only where nothing is done to the loss"
            )
            self.findings.append(Finding("missing-chain-factor", words, "everywhere", call, verdict="wrong"))
        if first.mutated:
            names = [self._argument_name(chosen, k) for k in first.mutated]
            words = f"it changes what it was given: {', '.join(names)}"
            self.findings.append(Finding("mutates-input", words, "", call))
        if first.printed:
            self.notes.append(f"it prints: {first.printed.strip()[:60]!r}")

    def _argument_name(self, chosen: Chosen, key: str) -> str:
        if not key.isdigit():
            return key
        return chosen.trial.reading.positional[int(key)].name or f"argument {key}"

    # -- conventions --

    def _conventions(self, chosen: Chosen) -> dict[str, Any]:
        told: dict[str, Any] = dict(chosen.trial.reading.words(self.loss))
        how = chosen.trial.interpretation
        if how is not None and how.words != "the gradient":
            told["output"] = f"it returns {how.words}"
        if chosen.trial.layouts - {""}:
            told["layout"] = "the result is " + ", ".join(sorted(chosen.trial.layouts - {""}))
        if chosen.trial.reading.singly:
            told["examples"] = "it takes one example at a time"
        for wrt, fit in chosen.fits.items():
            accepted = self._accepts(chosen)
            if not accepted(fit.factor, fit.power) or fit.share < 1:
                continue
            if self.loss.example != 0 and wrt in {i.name for i in self.loss.inputs if i.per_example}:
                told["reduction"] = "mean" if fit.power == -1 else "sum, or each example by itself"
            if abs(fit.factor) != 1:
                half = {0.5: "1/2", 2.0: "2"}.get(abs(fit.factor), f"{abs(fit.factor):g}")
                told["factor"] = f"a factor {half} beside the declared loss"
            if fit.factor < 0:
                told["sign"] = "the negative gradient, for ascent or as a residual"
        for name in (p.name for p in self.loss.parameters if not chosen.trial.reading.takes(p.name)):
            value = chosen.fixed.get(name, self.loss.argument(name).default)  # type: ignore[attr-defined]
            if self.loss.depends(self.loss.expression, name):
                told.setdefault("parameters", {})[name] = value
        if not chosen.trial.reading.named and "arguments" in told:
            told["arguments"] += " (found by trying; its names do not say)"
        return told


def _middle(low: float, high: float) -> float:
    """Half of the way, in the exponent where the numbers are of different sizes."""
    if 0.5 < low < high < 1:
        return 1 - _middle(1 - high, 1 - low)
    if low > 0 and high / low > 4:
        return float(np.sqrt(low) * np.sqrt(high))
    if high < 0 and low / high > 4:
        return -float(np.sqrt(-low) * np.sqrt(-high))
    return low / 2 + high / 2


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[k], b[k]) for k in a)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, (dict, tuple)) or isinstance(b, (dict, tuple)):
        return False
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and bool(np.array_equal(a, b, equal_nan=True))


def _size(v: Verdict) -> tuple[float, float]:
    """How complicated a counterexample is: the digits of its numbers, and how many examples it needs."""
    about = EVERY.index(v.place.probe.about)
    numbers = [
        a[v.place.example] if n in v.place.probe.per_example else a for n, a in v.place.probe.arrays.items()
    ]
    digits = sum(len(f"{x:g}") for a in numbers for x in np.ravel(a))
    return about, digits
