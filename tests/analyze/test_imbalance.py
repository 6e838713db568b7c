"""What a loss makes of a rare class: against gradients of a batch that the kernels compute, and against formulas."""

import json

import numpy as np
import pytest

import symloss
from symloss import Binary, Mean, Probability, index, loss
from symloss.analyze.imbalance import REAL_WELL, UNIT_WELL, imbalance

j = index("j")
TWO_CLASSES = (
    ("binary_cross_entropy", 0, 0.5, UNIT_WELL),
    ("binary_cross_entropy_with_logits", 0, 0.0, REAL_WELL),
    ("hinge", -1, 0.0, REAL_WELL),
    ("squared_hinge", -1, 0.0, REAL_WELL),
    ("focal", 0, 0.5, UNIT_WELL),
    ("focal_with_logits", 0, 0.0, REAL_WELL),
)


def share_in_a_batch(
    name: str, frequent: float, middle: float, place: float, ratio: int, **parameters
) -> float:
    """One example of the class 1 that is predicted as nothing is known, and ``ratio`` of the other class."""
    kernel = symloss.get(name).load("numpy")
    prediction, target = np.full(1 + ratio, place), np.full(1 + ratio, float(frequent))
    prediction[0], target[0] = middle, 1.0
    sizes = np.abs(kernel.gradient(prediction, target, **parameters))
    return sizes[0] / sizes.sum()


@pytest.mark.parametrize(("name", "frequent", "middle", "well"), TWO_CLASSES)
def test_share_of_the_gradient(name, frequent, middle, well):
    found = imbalance(symloss.get(name), 12)
    assert found.share == pytest.approx(share_in_a_batch(name, frequent, middle, middle, 12), abs=1e-4)
    assert found.later == pytest.approx(share_in_a_batch(name, frequent, middle, well, 12), abs=1e-4)


def test_what_evens_it_out():
    """Weights 20 : 1, and alpha : 1 - alpha = 20 : 1; gamma weighs both classes alike, and so does a margin."""
    assert imbalance(symloss.get("binary_cross_entropy_with_logits"), 20).even == {"pos_weight": 20}
    assert imbalance(symloss.get("focal_with_logits"), 20).even == {"alpha": pytest.approx(20 / 21, abs=1e-6)}
    assert imbalance(symloss.get("squared_hinge"), 20).even == {}
    assert share_in_a_batch("focal_with_logits", 0, 0.0, 0.0, 20, alpha=20 / 21) == pytest.approx(0.5)


def test_many_classes():
    found = imbalance(symloss.get("softmax_cross_entropy_with_class_index"), 9)
    assert found.share == 0.1 and found.weights == ("class_weight",)
    assert imbalance(symloss.get("pixelwise_cross_entropy"), 9).weights == ()


@loss(task="segmentation", over="batch")
def mean_of_pixels(probability: Probability["N"], target: Binary["N"]):
    """Every pixel counts the same."""
    return Mean[j]((probability[j] - target[j]) ** 2)


def test_background():
    """A ratio of overlaps does not change where background is added that is predicted rightly; a mean does."""
    assert imbalance(symloss.get("soft_dice")).background is False
    assert imbalance(mean_of_pixels).background is True


def test_losses_without_classes_have_none():
    assert imbalance(symloss.get("huber")) is None and imbalance(symloss.get("l2_penalty")) is None
    assert imbalance(symloss.get("diffusion_noise_prediction")) is None  # its index is a time, no label


def test_a_wrong_ratio_is_refused():
    with pytest.raises(ValueError, match=r"0\.5, expected a number ≥ 1"):
        imbalance(symloss.get("hinge"), 0.5)
    with pytest.raises(ValueError, match="expected a number ≥ 1"):
        imbalance(symloss.get("hinge"), float("nan"))


def test_it_is_described():
    described = imbalance(symloss.get("focal_with_logits"), 20).described()
    assert json.loads(json.dumps(described)) == described
    assert described["sentences"][-1] == "alpha = 0.9524 makes both classes pull alike"
