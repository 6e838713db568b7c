"""Chooses how a function is to be read: which argument is which, and what its results are."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from symloss.verification.built_in import FIXED, degenerate
from symloss.verification.conventions import Reading, Slot, readings
from symloss.verification.fit import ROUGH, Fit, fitted
from symloss.verification.probe import Probe
from symloss.verification.target import Answer
from symloss.verification.trial import Interpretation, ShapeError, Trial, interpretations, unknown_keys
from symloss.verification.truth import Truth
from symloss.verification.under_test import Chosen, UnderTest
from symloss.verification.verdicts import counts_of

__all__ = ["READINGS", "Choosing"]

READINGS = 24
"""The most readings that are tried."""


class Choosing:
    """Tries readings from the plainest on, and measures how well the numbers fit each.

    ``failed``, ``shape`` and ``unread`` are what went wrong under the plainest reading that could not be judged;
    ``elsewhere`` is a reading that fits with other hyper-parameters than those that bind.
    """

    def __init__(self, under: UnderTest):
        self.under = under
        self.elsewhere: Chosen | None = None
        self.shape: tuple[Trial, Probe, str] | None = None
        self.failed: tuple[Trial, Probe, Answer] | None = None
        self.unread: tuple[Trial, Probe, str] | None = None
        self._warm = False

    def chosen(self, every: list[Reading]) -> list[Chosen]:
        """The readings under which there are numbers to compare, the plainest first."""
        found: list[Chosen] = []
        for reading in every:
            if self.under.clock.over and found:
                break
            for mode in self._modes(reading):
                some = self._tried(reading, mode)
                found += some
            if self.failed is not None and self.failed[2].kind == "timeout":
                break
            if any(self.under.fits(c) and c.cost <= reading.cost for c in found):
                break
        return sorted(found, key=lambda c: c.cost)

    def _modes(self, reading: Reading) -> list[tuple[int, ...]]:
        if self.under.handed.framework == "numpy":
            return [()]
        places = tuple(k for w in self.under.wrts if (k := reading.position(w)) is not None)
        return [places] if self.under.handed.automatic and places else [(), places] if places else [()]

    def _tried(self, reading: Reading, mode: tuple[int, ...]) -> list[Chosen]:
        """The interpretations of the results under one reading."""
        under = self.under
        ordinary = under.covered(reading)
        if not ordinary:
            return []
        first = ordinary[0]
        layout = str(under.pins.get("layout", ""))
        trial = Trial(under.loss, reading, under.handed.ask, mode, layout=layout)
        before = time.monotonic()
        answer = trial.answer(first)
        if not self._warm:  # what a framework takes to be loaded is no part of the budget
            self._warm = True
            under.clock.extend(min(time.monotonic() - before, 20.0))
        if answer.error and answer.kind != "timeout" and not answer.died:
            trial, answer = self._otherwise(trial, first, answer)
        if answer.error:
            if self.failed is None or self.failed[0].reading.cost > reading.cost:
                self.failed = (trial, first, answer)
            return []
        if under.handed.framework != "numpy" and not mode and self._is_loss(trial, first):
            return []  # it gives the loss itself: the framework has to differentiate it
        found = []
        ways = interpretations(answer.result, under.loss, under.wrts, first.count, under.pins.get("outputs"))
        if isinstance(answer.result, dict) and not ways and self.unread is None:
            self.unread = (trial, first, unknown_keys(answer.result, under.wrts))
        if mode:
            words = f"the value, differentiated by {under.handed.framework}"
            ways = [Interpretation({w: k + 1 for k, w in enumerate(under.wrts)}, value=0, words=words)]
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
                any(e.ordinary for e in reading.encodings) and reading.cost >= 2 and "given" not in under.pins
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
        return all(
            np.allclose(h, Truth(self.under.loss, w, 2).fast(probe)) for w, h in parts.hessians.items()
        )

    def _otherwise(self, trial: Trial, probe: Probe, answer: Answer) -> tuple[Trial, Answer]:
        """Other ways to hand over the same: labels as integers, one example at a time."""

        def is_label(s: Slot) -> bool:
            finite = (
                bool(self.under.loss.argument(s.name).domain.values)
                if s.role in ("input", "labels")
                else False
            )
            return finite or (
                s.role == "input" and s.name not in self.under.loss.differentiated and probe.hard
            )

        whole = tuple(replace(s, whole=True) if is_label(s) else s for s in trial.reading.positional)
        tries = [replace(trial, reading=replace(trial.reading, positional=whole), answers={})]
        flat = any(e.key == "scores" for e in trial.reading.encodings)
        if self.under.loss.inputs[0].per_example and not trial.differentiated and not flat:
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
        values = self.under.values(probe)
        return np.shape(first) == np.shape(values) and np.allclose(first, values, rtol=1e-6, equal_nan=True)

    def _is_value(self, trial: Trial, probe: Probe) -> bool:
        result, value = trial.answer(probe).result, self.under.values(probe)
        totals = (float(np.sum(value)), float(np.mean(value)))
        return not isinstance(result, (tuple, dict)) and np.size(result) == 1 and any(
            np.isclose(float(np.ravel(result)[0]), t) for t in totals
        )  # fmt: skip

    def _measured(self, trial: Trial, ordinary: list[Probe], cost: float) -> Chosen | None:
        """How well the ordinary numbers fit the truth, and with which scale."""
        under = self.under
        gathered: dict[str, list[np.ndarray]] = {}
        values: list[tuple[np.ndarray, np.ndarray, float]] = []
        asked = [*ordinary, *(p for p in under.covered(trial.reading, ("parameters",)))]
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
                exact = under.fast(probe, wrt)
                count = counts_of(under.loss, probe, wrt, trial.reading.singly)
                gathered.setdefault(wrt, []).append(
                    np.stack([array.ravel(), exact.ravel(), np.full(array.size, count)])
                )
            if parts.value is not None:
                weights = np.ones(probe.count) if probe.weight is None else probe.weight
                value = under.values(probe)
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

    def fixed(self, chosen: list[Chosen]) -> Iterator[tuple[UnderTest, Chosen]]:
        """Readings in which a hyper-parameter that the function is not told is fixed inside it at another value.

        Each comes with the loss that has that value, too.
        """
        under = self.under
        for one in chosen[:4]:
            told = one.trial.reading.takes
            free = [
                p for p in under.loss.parameters if not told(p.name) and not p.axes and not p.domain.integer
            ]
            if not free or len(free) > 2:
                continue
            ordinary = under.covered(one.trial.reading)
            choices = [[v for v in (*FIXED, p.default) if bool(p.domain.contains(float(v)))] for p in free]
            for values in product(*choices):
                if under.clock.over:
                    return
                fixed = {p.name: v for p, v in zip(free, values, strict=True) if v != p.default}
                if not fixed:
                    continue
                try:
                    candidate = self._measured_fixed(one, ordinary[:2], fixed, enough=1)
                    if candidate is not None:  # a quick look has not ruled it out
                        candidate = self._measured_fixed(one, ordinary, fixed, enough=3)
                except ShapeError:
                    break
                if candidate is not None and under.fits(candidate):
                    candidate.cost += 0.4 * len(fixed)
                    asked = under.bound or any(name in under.pins.get("parameters", ()) for name in fixed)
                    if asked or degenerate(under.loss, fixed):
                        candidate.fixed = fixed
                        self.elsewhere = self.elsewhere or candidate
                        return
                    found = under.with_parameters(fixed)
                    candidate.fixed = fixed
                    candidate.trial = replace(candidate.trial, loss=found.loss, answers={})
                    yield found, candidate
                    return

    def _measured_fixed(
        self, one: Chosen, ordinary: list[Probe], fixed: dict[str, float], enough: int
    ) -> Chosen | None:
        """The fit with other hyper-parameters, where it is a whole one to ``enough`` different numbers."""
        rows: dict[str, list[np.ndarray]] = {}
        for probe in ordinary:
            parts = one.trial.parts(probe) if not one.trial.reading.singly or probe.count <= 8 else None
            if parts is None:
                continue
            for wrt, array in parts.gradients.items():
                count = counts_of(self.under.loss, probe, wrt, one.trial.reading.singly)
                exact = self.under.fast(probe, wrt, fixed)
                rows.setdefault(wrt, []).append(
                    np.stack([array.ravel(), exact.ravel(), np.full(array.size, count)])
                )
        fits = {}
        for wrt, found in rows.items():
            given, exact, counts = np.concatenate(found, axis=1)
            fit = fitted(given, exact, counts, (0, -1), ROUGH)
            if fit is None or fit.share < 1 or len(np.unique(np.round(exact, 12))) < enough:
                return None
            fits[wrt] = fit
        return Chosen(one.trial, fits, one.cost, one.value, one.value_whole) if fits else None

    def ambiguous(self, right: Chosen) -> list[str]:
        """What is said where other conventions explain the same numbers, and how to pin one."""
        under = self.under
        notes: list[str] = []
        reading = right.trial.reading
        if reading.singly and "reduction" not in under.pins:
            notes.append("it takes one example at a time, so its numbers cannot tell a sum from a mean")
        if any(e.ordinary for e in reading.encodings) and reading.cost >= 2:
            plain = next(e for e in reading.encodings if e.ordinary)
            notes.append(
                f"its names do not say that {plain.words}: handed the logits themselves it would be wrong; "
                f"given='{plain.name}' or given='as declared' settles it"
            )
        if not reading.named and "order" not in under.pins:
            every = readings(under.handed.signature, under.loss, under.pins)
            for other in [r for r in every if not r.encodings][:6]:
                if other.positional == reading.positional or other.named:
                    continue
                known = right.trial
                trial = Trial(under.loss, other, under.handed.ask, known.differentiated, known.interpretation)
                try:
                    measured = self._measured(trial, under.covered(other)[:4], 0.0)
                except ShapeError:
                    continue
                if measured is not None and measured.share == 1:
                    order = ",".join(s.name for s in other.positional)
                    sign = (
                        " with its sign flipped" if any(f.factor < 0 for f in measured.fits.values()) else ""
                    )
                    notes.append(
                        f"ambiguous: with the arguments ({order}) it is the gradient{sign}; order='{order}' settles it"
                    )
                    break
        return notes
