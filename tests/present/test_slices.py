"""The variable that a loss is drawn by is the one that a person would choose, and its curves are right."""

import numpy as np
import pytest
from helpers import NAMES

import symloss
from symloss import Binary, Max, NonNegative, Piecewise, Positive, Real, Sum, index, loss, named
from symloss.present.slices import slices

CHOSEN = {
    "mean_squared_error": "residual r = prediction - target",
    "mean_absolute_error": "residual r = prediction - target",
    "huber": "residual r = prediction - target",
    "log_cosh": "residual r = prediction - target",
    "quantile": "residual r = target - prediction",
    "poisson_negative_log_likelihood": "log_rate",
    "binary_cross_entropy": "probability",
    "binary_cross_entropy_with_logits": "logits",
    "categorical_cross_entropy": "probability of one of 3 classes (the others share the rest)",
    "softmax_cross_entropy": "score of one of 3 classes (the others are 0)",
    "softmax_cross_entropy_with_class_index": "score of one of 3 classes (the others are 0)",
    "hinge": "margin score·target",
    "squared_hinge": "margin score·target",
    "multiclass_hinge": "score of one of 3 classes (the others are 0)",
    "focal": "p_t = probability·target + (1 - probability)·(1 - target)",
    "focal_with_logits": "z_t = logits·(2·target - 1)",
    "pixelwise_cross_entropy": "score of one of 3 classes (the others are 0)",
    "soft_dice": "overlap of two regions of 10 pixels, as a share",
    "soft_jaccard": "overlap of two regions of 10 pixels, as a share",
    "tversky": "overlap of two regions of 10 pixels, as a share",
    "triplet": "distance between anchor and positive (anchor and negative are 2 apart)",
    "triplet_squared": "distance between anchor and positive (anchor and negative are 2 apart)",
    "contrastive": "distance between first and second",
    "margin_ranking": "margin target·(first - second)",
}
QUICK = ("huber", "hinge", "focal_with_logits")


def _few(names):
    return [pytest.param(n, marks=[] if n in QUICK else pytest.mark.slow) for n in names]


@pytest.mark.parametrize("name", _few(NAMES))
def test_the_natural_variable_and_its_curves(name):
    """The derivative that is drawn is the difference quotient of the values that are drawn."""
    drawn = slices(symloss.get(name))
    assert drawn
    assert drawn[0].words == CHOSEN.get(name, drawn[0].words)
    for one in drawn:
        # away from kinks at round numbers
        x = one.low + (one.high - one.low) * (np.arange(11) + 0.437) / 11.3
        h = 1e-6
        _, curves = one.drawn(x)
        slope = (one.drawn(x + h)[0] - one.drawn(x - h)[0]) / (2 * h)
        total = np.zeros_like(slope)
        for curve, along in zip(one.curves, curves, strict=True):
            ((wrt, weights),) = curve.weights.items()
            pairs = np.array(one.inputs[wrt], float)
            share = pairs[..., 1][np.asarray(weights, float) != 0].flat[0] / np.max(np.abs(weights))
            count = np.sum(pairs[..., 1] == share) if len(one.curves) > 1 else 1
            total += along * (share * count if len(one.curves) > 1 else 1)
        # the others move, too, and the drawn derivative is by this one alone
        if "share the rest" in one.words:
            continue
        np.testing.assert_allclose(total, slope, rtol=1e-5, atol=1e-7)


def test_cases_follow_from_the_domain_of_the_label():
    told = [s.case for s in slices(symloss.get("focal_with_logits"))]
    assert told == ["target = 1", "target = 0"]


@pytest.mark.slow
def test_own_losses_of_every_kind():
    """A declaration that no catalogue has is drawn, too."""
    j = index("j")

    @loss(task="regression")
    def late(prediction: Real, target: NonNegative, *, cost: Positive = 2):
        """More costly on one side."""
        lateness = named("lateness", target - prediction)
        return Piecewise((cost * lateness, lateness > 0), (-lateness, True))

    @loss(task="classification")
    def scaled(score: Real, label: Binary):
        """Neither a margin nor an intermediate."""
        return Max(0, 1 - score * (1 + label)) ** 2

    @loss(task="regularization", over="batch")
    def quartic(parameters: Real["P"]):
        """Fourth powers."""
        return Sum[j](parameters[j] ** 4)

    assert slices(late)[0].words == "residual lateness = target - prediction"
    assert [s.case for s in slices(scaled)] in (["label = 1", "label = 0"], [""])
    assert slices(quartic)[0].words == "parameters"
