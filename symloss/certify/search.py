"""Looks for the worst errors of a loss's kernels: where they are likely, everywhere, and uphill from there.

The work is counted in evaluations of exact formulas, not in seconds, so that a run with the same seed and depth
measures the same points again; on a machine with another C library the climb may take another way.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from symloss.backends import get
from symloss.certificate import Certificate, Measured, digest
from symloss.certify.bound import FORMATS
from symloss.certify.measure import Measurement
from symloss.certify.points import Batch, beside_kinks, mutated, not_finite, settings, spread_out, stacked
from symloss.runtime import KERNELS, Kernel, compiler_version, load
from symloss.runtime.compiler import FLAGS
from symloss.schedule import named_expressions
from symloss.stabilize import stabilize
from symloss.value import Loss

__all__ = ["BACKENDS", "certificate", "measure"]

BACKENDS = tuple(KERNELS)

EVALUATIONS = 60_000
"""Exact evaluations for a loss in one format, at depth 1."""

KINKS, SPREAD = 0.25, 0.6
"""The shares of the work that are used up when the kinks and when the points everywhere are done; the rest climbs."""

GENERATION = 4
"""How many examples are measured at a time."""


def certificate(loss: Loss, measured: list[Measured], seed: int, depth: float) -> Certificate:
    """The certificate of measurements made with ``measure``."""
    digests = {backend: digest(get(backend).render(loss, "")) for backend in BACKENDS}
    return Certificate(loss.name, seed, depth, compiler_version(), " ".join(FLAGS), digests, tuple(measured))


def measure(
    loss: Loss, dtype: str, seed: int = 0, depth: float = 1.0, kernels: list[Kernel] | None = None
) -> list[Measured]:
    """The errors of kernels of a loss in one format; by default of all that symloss makes."""
    rng = np.random.default_rng([seed, zlib.crc32(loss.name.encode()), FORMATS[dtype].digits])
    kernels = kernels or [load(loss, backend, dtype=dtype) for backend in BACKENDS]
    search = _Search(loss, Measurement(loss, kernels, dtype), dtype, rng, round(EVALUATIONS * depth))
    search.run()
    return list(search.measurement.measured.values())


class _Search:
    """One run. ``found`` keeps the examples with the largest shares of the bound, by hyper-parameters."""

    def __init__(self, loss: Loss, measurement: Measurement, dtype: str, rng: Any, budget: int):
        self.loss, self.measurement, self.dtype, self.rng = loss, measurement, dtype, rng
        self.budget, self.spent = budget, 0
        self.settings = list(settings(loss, dtype, rng))
        self.found: list[tuple[Batch, np.ndarray] | None] = [None] * len(self.settings)

    def run(self) -> None:
        self._not_finite()
        self._kinks(KINKS * self.budget)
        self._everywhere(SPREAD * self.budget)
        self._climb(self.budget)

    def _measured(self, place: int, batch: Batch) -> None:
        """Measure a batch and keep the best of it."""
        before = self.measurement.evaluations
        shares = self.measurement(batch)
        self.spent += self.measurement.evaluations - before
        known = self.found[place]
        together, all_shares = batch, shares
        if known is not None:
            together = stacked([known[0], batch]) or batch
            all_shares = np.concatenate([known[1], shares])
        # what is infinitely wrong cannot get worse: the climb looks for other faults
        order = [k for k in np.argsort(-all_shares, kind="stable") if np.isfinite(all_shares[k])][:GENERATION]
        if order:
            self.found[place] = together.take(order), all_shares[order]

    def _not_finite(self) -> None:
        self._measured(
            0, not_finite(spread_out(self.loss, self.settings[0], 2, self.dtype, self.rng), self.rng)
        )

    def _kinks(self, until: float) -> None:
        """Both sides of the kinks of the loss, and of the thresholds between regimes of its sound form."""
        outputs = named_expressions(self.loss)
        sound = stabilize(self.loss, outputs)
        formulas = [
            (self.loss.definitions, list(outputs.values())),
            (sound.definitions, list(sound.outputs.values())),
        ]
        order = [0, *self.rng.permutation(len(self.settings))]
        for place in order:
            if self.spent >= until:
                return
            batch = spread_out(self.loss, self.settings[place], GENERATION, self.dtype, self.rng)
            for moved, evaluations in beside_kinks(batch, formulas, self.rng):
                self.spent += evaluations
                if moved is not None:
                    self._measured(place, moved)
                if self.spent >= until:
                    return

    def _everywhere(self, until: float) -> None:
        while True:
            for place, parameters in enumerate(self.settings):
                if self.spent >= until:
                    return
                self._measured(place, spread_out(self.loss, parameters, GENERATION, self.dtype, self.rng))

    def _climb(self, until: float) -> None:
        """Move the worst examples on, in the half of the settings where the errors are largest."""
        while self.spent < until:
            known = [(float(f[1][0]), p) for p, f in enumerate(self.found) if f is not None]
            if not known:
                return
            known.sort(key=lambda k: (-k[0], k[1]))
            for _, place in known[: (len(known) + 1) // 2]:
                best = self.found[place]
                if best is not None and self.spent < until:
                    self._measured(place, mutated(best[0], self.rng))
