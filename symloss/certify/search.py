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
from symloss.certify.points import (
    Batch,
    beside_kinks,
    mutated,
    not_finite,
    remarkable,
    settings,
    spread_out,
    stacked,
)
from symloss.runtime import Kernel, compiler_version, load
from symloss.runtime.c_kernel import CKernel
from symloss.runtime.compiler import FLAGS, compiler, native
from symloss.schedule import named_expressions
from symloss.stabilize import stabilize
from symloss.value import Loss

__all__ = ["BACKENDS", "c_kernel", "certificate", "measure"]

BACKENDS = ("numpy", "c")

FUSED = "SYMLOSS_FUSED"
"""The switch of the generated C for fused operations."""

EVALUATIONS = 60_000
"""Exact evaluations for a loss in one format, at depth 1."""

KINKS, REMARKABLE, SPREAD = 0.2, 0.4, 0.7
"""The shares of the work that are used up when the kinks, the remarkable numbers and the points everywhere are done.

The rest climbs.
"""

GENERATION = 4
"""How many examples are measured at a time."""


def certificate(loss: Loss, measured: list[Measured], seed: int, depth: float) -> Certificate:
    """The certificate of measurements made with ``measure``."""
    digests = {backend: digest(get(backend).render(loss, "")) for backend in BACKENDS}
    flags = " ".join([*native(compiler())[0], *FLAGS, f"-D{FUSED}=0 and -D{FUSED}=1"])
    return Certificate(loss.name, seed, depth, compiler_version(), flags, digests, tuple(measured))


def measure(
    loss: Loss, dtype: str, seed: int = 0, depth: float = 1.0, kernels: list[Kernel] | None = None
) -> list[Measured]:
    """The errors of kernels of a loss in one format; by default of all that symloss makes.

    The C is measured twice, with fused operations and without: which of them a program has is up to its compiler and
    its machine.
    """
    rng = np.random.default_rng([seed, zlib.crc32(loss.name.encode()), FORMATS[dtype].digits])
    kernels = kernels or [
        load(loss, "numpy", dtype=dtype),
        *(c_kernel(loss, dtype, fused) for fused in (0, 1)),
    ]
    search = _Search(loss, Measurement(loss, kernels, dtype), dtype, rng, round(EVALUATIONS * depth))
    search.run()
    return list(search.measurement.measured.values())


def c_kernel(loss: Loss, dtype: str, fused: int) -> Kernel:
    """The C kernel with products and sums rounded once, or twice, whatever the machine is fast at."""
    return CKernel(loss, np.dtype(dtype), [f"{FUSED} {fused}"])


class _Search:
    """One run. ``found`` keeps, by hyper-parameters and output, the examples with the largest shares of the bound.

    Those beyond the bound are known to be wrong, and are not climbed from. Nor does the climb of one output wait for
    another one, which may be worse.
    """

    def __init__(self, loss: Loss, measurement: Measurement, dtype: str, rng: Any, budget: int):
        self.loss, self.measurement, self.dtype, self.rng = loss, measurement, dtype, rng
        self.budget, self.spent = budget, 0
        self.settings = list(settings(loss, dtype, rng))
        self.found: dict[tuple[str, int], tuple[Batch, np.ndarray]] = {}

    def run(self) -> None:
        self._not_finite()
        self._kinks(KINKS * self.budget)
        self._remarkable(REMARKABLE * self.budget)
        self._everywhere(SPREAD * self.budget)
        self._climb(self.budget)

    def _measured(self, place: int, batch: Batch) -> None:
        """Measure a batch and keep the best of it."""
        before = self.measurement.evaluations
        shares = self.measurement(batch)
        self.spent += self.measurement.evaluations - before
        for output, new in shares.items():
            known = self.found.get((output, place))
            together, all_shares = batch, new
            if known is not None:
                together = stacked([known[0], batch]) or batch
                all_shares = np.concatenate([known[1], new])
            order = [k for k in np.argsort(-all_shares, kind="stable") if all_shares[k] <= 1][:GENERATION]
            if order:
                self.found[output, place] = together.take(order), all_shares[order]

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

    def _remarkable(self, until: float) -> None:
        """Each remarkable number beside each setting, until the work is used up: some at a time of every setting."""
        waiting = [remarkable(self.loss, p, self.dtype, self.rng) for p in self.settings]
        longest = max((len(batch) for batch in waiting if batch is not None), default=0)
        for start in range(0, longest, GENERATION):
            for place, batch in enumerate(waiting):
                if batch is None or start >= len(batch):
                    continue
                if self.spent >= until:
                    return
                self._measured(place, batch.take(slice(start, start + GENERATION)))

    def _everywhere(self, until: float) -> None:
        while True:
            for place, parameters in enumerate(self.settings):
                if self.spent >= until:
                    return
                self._measured(place, spread_out(self.loss, parameters, GENERATION, self.dtype, self.rng))

    def _climb(self, until: float) -> None:
        """Move the worst examples on, for each output in the half of the settings where its errors are largest."""
        while self.spent < until and self.found:
            for output in dict.fromkeys(output for output, _ in self.found):
                known = [(float(f[1][0]), p) for (o, p), f in self.found.items() if o == output]
                known.sort(key=lambda k: (-k[0], k[1]))
                for _, place in known[: (len(known) + 1) // 2]:
                    if self.spent < until:
                        self._measured(place, mutated(self.found[output, place][0], self.rng))
