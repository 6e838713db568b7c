"""What is examined: the function, the loss, the request, where it is asked, and which scales are conventions."""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import sympy
from sympy import Pow

from symloss import losses
from symloss.value import Loss, check_differentiable
from symloss.verification.conventions import Reading
from symloss.verification.counterexample import counterexample
from symloss.verification.fit import Fit
from symloss.verification.probe import Probe, probes
from symloss.verification.target import Answer
from symloss.verification.trial import Trial
from symloss.verification.truth import Truth
from symloss.verification.verdicts import Scale

__all__ = ["EVERY", "Chosen", "Clock", "Handed", "UnderTest", "said"]

EVERY = ("ordinary", "parameters", "ignored", "kink", "beside", "extreme")
"""What probes are about."""


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
    fixed: dict[str, float] = field(default_factory=dict)

    @property
    def share(self) -> float:
        return min((f.share for f in self.fits.values()), default=0.0)


class Clock:
    """How long an examination may still take."""

    def __init__(self, budget: float):
        self.deadline = time.monotonic() + budget

    def extend(self, seconds: float) -> None:
        """Give it more time, for what is no part of the budget."""
        self.deadline += seconds

    @property
    def over(self) -> bool:
        """Whether the budget is used up."""
        return time.monotonic() > self.deadline


@dataclass(frozen=True, eq=False)
class UnderTest:
    """A function and a loss, and what was requested: where the function is asked, and which scales are conventions.

    Nothing in it changes, but the clock goes on: whoever looks into it keeps what is found to himself.
    """

    loss: Loss
    handed: Handed
    wrts: tuple[str, ...]
    pins: Mapping[str, Any]
    seed: int
    bound: bool
    """Whether the hyper-parameters of the loss bind, so that others in their place are a mistake."""
    clock: Clock

    @classmethod
    def requested(
        cls,
        loss: Loss,
        handed: Handed,
        wrt: Sequence[str] | None,
        pins: Mapping[str, Any],
        budget: float,
        seed: int,
        bound: bool,
    ) -> UnderTest:
        """What a request asks for; DeclarationError for a tensor or a hyper-parameter that the loss does not have."""
        wrts = tuple(wrt or loss.differentiated)
        for name in wrts:
            check_differentiable(loss, name)
        given = pins.get("parameters") or {}
        return cls(loss.wrt(*wrts).with_(**given), handed, wrts, dict(pins), seed, bound, Clock(budget))

    def with_parameters(self, numbers: Mapping[str, float]) -> UnderTest:
        """The same with other hyper-parameters."""
        return replace(self, loss=self.loss.with_(**numbers))

    @cached_property
    def probes(self) -> tuple[Probe, ...]:
        """Where the function is asked."""
        return tuple(probes(self.loss, self.seed))

    @cached_property
    def _with_weights(self) -> dict[Probe, Probe]:
        """The probes that can have a weight for each example, with one."""
        found = {}
        for probe in self.probes:
            if probe.per_example and probe.about in ("ordinary", "parameters", "ignored"):
                draw = np.random.default_rng([self.seed, probe.count])
                found[probe] = replace(probe, weight=np.round(draw.uniform(0.25, 3, probe.count), 2))
        return found

    def covered(self, reading: Reading, about: Sequence[str] = ("ordinary",)) -> list[Probe]:
        told = [p for p in self.loss.parameters if not reading.takes(p.name)]
        kept = []
        for probe in self.probes:
            if probe.about == "ignored" and not all(
                reading.takes(i.type.also) or self._asks(i.type.also) for i in self.loss.inputs if i.type.also
            ):
                continue
            fixed = all(np.all(np.asarray(probe.parameters[p.name]) == p.default) for p in told)
            if probe.about in about and fixed and reading.covers(probe):
                weighs = any(s.role == "weight" for s in reading.slots)
                kept.append(self._with_weights.get(probe, probe) if weighs else probe)
        return kept

    def _asks(self, name: str) -> bool:
        """Whether a hyper-parameter was set on purpose: by a pin, or to another value than the catalogue's."""
        if name in self.pins.get("parameters", ()):
            return True
        if self.loss.name not in losses.names():
            return False
        usual = {p.name: p.default for p in losses.get(self.loss.name).parameters}
        return name in usual and usual[name] != self.loss.argument(name).default  # type: ignore[attr-defined]

    def all_probes(self, chosen: Chosen, about: Sequence[str] = EVERY) -> list[Probe]:
        found = self.covered(chosen.trial.reading, about)
        return [p for p in found if not chosen.trial.reading.singly or p.count <= 60]

    def values(self, probe: Probe) -> np.ndarray:
        """The value of each example, or of the batch."""
        if not probe.per_example:
            return np.asarray(probe.evaluator(self.loss)(self.loss.expression), dtype=float)
        return np.array(
            np.broadcast_to(probe.evaluator(self.loss)(self.loss.example), (probe.count,)), dtype=float
        )

    def fast(self, probe: Probe, wrt: str, fixed: Mapping[str, float] | None = None) -> np.ndarray:
        """The truth in floating point, which is enough to choose a reading."""
        if fixed:
            probe = replace(probe, parameters={**probe.parameters, **fixed})
        found = Truth(self.loss, wrt).fast(probe)
        if probe.weight is None or wrt not in probe.per_example:
            return found
        return found * probe.weight.reshape(-1, *(1 for _ in found.shape[1:]))

    def call_only(self, trial: Trial, probe: Probe) -> dict[str, Any]:
        example = counterexample(trial, probe.example(0), self.handed.name)
        return {"call": example, "given": None, "expected": None}

    def accepts(self, chosen: Chosen | None) -> Callable[[float, int], bool]:
        """Whether a constant and a power of n are a convention."""
        settled = self.settled(chosen)
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

    def settled(self, chosen: Chosen | None) -> Scale | None:
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

    def fits(self, chosen: Chosen) -> bool:
        accepted = self.accepts(chosen)
        scales = {(f.factor, f.power) for f in chosen.fits.values()}
        factors = {factor for factor, _ in scales}
        return chosen.share == 1 and all(accepted(*s) for s in scales) and len(factors) == 1

    def scale(self, chosen: Chosen, wrt: str) -> Scale:
        """The scale that the gradient should have."""
        settled = self.settled(chosen)
        if settled is not None:
            return settled
        fit = chosen.fits[wrt]
        accepted = self.accepts(chosen)
        factors = [f.factor for f in chosen.fits.values() if accepted(f.factor, f.power)]
        common = 1.0 if 1.0 in factors else factors[0] if factors else fit.factor
        if accepted(fit.factor, fit.power) and fit.factor == common:
            return Scale(fit.factor, fit.power)
        factor = float(self.pins.get("factor", 1.0)) * (-1.0 if self._ascends() == "pinned" else 1.0)
        power = {"mean": -1, "sum": 0, "none": 0}.get(self.pins.get("reduction", ""), fit.power)
        if accepted(factor, power):
            return Scale(factor, power)
        return Scale(factor, 0 if accepted(factor, 0) else -1)


def said(answer: Answer) -> str:
    """What is said of a call that failed."""
    if answer.kind == "timeout":
        return f"it does not come back: {answer.error}"
    return f"it fails: {answer.error}"
