"""The fast evaluator gives what the reference of arbitrary precision gives, on losses of every kind."""

import numpy as np
import pytest

import symloss
from symloss.verification.probe import probes
from symloss.verification.truth import Truth


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "huber",
        "focal",
        "softmax_cross_entropy_with_class_index",
        "multiclass_hinge",
        "contrastive",
        "soft_dice",
        "info_nce",
    ],
)
def test_agrees_with_the_reference(name):
    loss = symloss.get(name)
    for wrt in loss.differentiated:
        truth = Truth(loss, wrt)
        for probe in probes(loss, 0):
            if probe.about not in ("ordinary", "parameters") or probe.count > 2:
                continue
            evaluator = probe.evaluator(loss)
            exact = truth.array(probe)
            for entry in np.ndindex(exact.shape):
                own = entry[1:] if truth.argument.per_example else entry
                value = np.asarray(evaluator(truth.expr, dict(zip(truth.indices, own, strict=True))))
                got = value[entry[0]] if value.ndim else value
                assert got == pytest.approx(exact[entry], rel=1e-9, abs=1e-11)
