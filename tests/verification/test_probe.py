"""Probes: seeded, within the domains, on the kinks and beside them."""

import numpy as np
import pytest

import symloss
from symloss.verification.probe import joins, probes
from symloss.verification.truth import Truth


def test_the_same_seed_gives_the_same_points():
    loss = symloss.get("focal")
    one, other, third = probes(loss, 3), probes(loss, 3), probes(loss, 4)
    assert all(
        np.array_equal(a.arrays[n], b.arrays[n]) for a, b in zip(one, other, strict=True) for n in a.arrays
    )
    assert not np.array_equal(one[0].arrays["probability"], third[0].arrays["probability"])


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["huber", "binary_cross_entropy", "hinge", "softmax_cross_entropy", "soft_dice"]
)
def test_points_lie_in_the_declared_domains(name):
    loss = symloss.get(name)
    for probe in probes(loss, 0):
        for one in loss.inputs:
            if not one.type.classes:
                assert np.all(one.domain.contains(probe.arrays[one.name])), (probe.about, one.name)
            if one.type.along:
                assert np.sum(probe.arrays[one.name], axis=-1) == pytest.approx(1)


def residual(arrays):
    return arrays["prediction"] - arrays["target"]


@pytest.mark.parametrize(
    ("name", "distance"),
    [
        ("huber", lambda a, p: np.minimum(abs(abs(residual(a)) - p["delta"]), abs(residual(a)))),
        ("mean_absolute_error", lambda a, p: abs(residual(a))),
        ("hinge", lambda a, p: abs(p["margin"] - a["score"] * a["target"])),
    ],
)  # fmt: skip
def test_kinks_are_met_exactly_and_closely(name, distance):
    found = {about: [] for about in ("kink", "beside")}
    for probe in probes(symloss.get(name), 0):
        if probe.about in found:
            found[probe.about] += distance(probe.arrays, probe.parameters).tolist()
    assert found["kink"] and max(found["kink"]) == 0
    nearest = min(d for d in found["beside"] if d > 1e-12)
    assert nearest == pytest.approx(1e-9, rel=1e-3)


def test_joins_of_a_loss_are_found():
    assert {str(j) for j in joins(symloss.get("huber"))} == {"r", "-delta + Abs(r)"}


def test_one_sided_slopes_at_a_kink_and_elsewhere():
    loss = symloss.get("mean_absolute_error")
    truth = Truth(loss, "prediction")
    at = next(p for p in probes(loss, 0) if p.about == "kink")
    assert truth.slopes(at, (0,)) == (-1, 1)
    ordinary = probes(loss, 0)[0]
    low, high = truth.slopes(ordinary, (0,))
    assert low == high
