"""Hand-written gradients of binary classification: cross-entropy, focal and hinge losses."""

import math

import numpy as np
from verification.corpus.record import right, unstable, wrong


def sigmoid(z):
    return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))


# --- binary cross-entropy of a probability ----------------------------------------------------------------


@unstable(
    "binary_cross_entropy",
    "probability target",
    convention={"reduction": "mean"},
    where=r"0|1",
)
def bce_one_fraction(input, target):
    """(p − y)/(p(1 − p)) is 0/0 where a certain prediction is right."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return (input - target) / (input * (1 - input)) / input.size


@right("binary_cross_entropy", "probability target")
def bce_two_fractions(p, y):
    """Each term only where its label has a share."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(y < 1, (1 - y) / (1 - p), 0) - np.where(y > 0, y / p, 0)


@wrong(
    "binary_cross_entropy",
    "probability target",
    "missing-term",
    where=r"target|y|label",
    source="deeplearning4j/nd4j#1328",
)
def bce_without_the_negatives(probability, target):
    """The term of the label 0 is lost, so that its gradient is 0."""
    return -target / probability


@wrong(
    "binary_cross_entropy",
    "probability target",
    "wrong-variable",
    "extra-term",
    source="AlexeyAB/darknet#1695",
)
def bce_by_the_logit(probability, target):
    """p − y is the derivative by the logit, not by the probability."""
    return probability - target


@wrong(
    "binary_cross_entropy",
    "target probability",
    "wrong-variable",
    "swapped-arguments",
)
def bce_by_the_target(y, p):
    """The derivative by the target, given for that by the probability."""
    return np.log1p(-p) - np.log(p)


@wrong(
    "binary_cross_entropy",
    "probability target",
    "sign",
    where=r"target|y|label",
)
def bce_one_sign_wrong(p, t):
    """The second term has the sign of the first."""
    return -t / p - (1 - t) / (1 - p)


# --- binary cross-entropy of a logit ----------------------------------------------------------------------


@unstable(
    "binary_cross_entropy_with_logits",
    "logits target",
    kinds=("unstable",),
    where=r"3\d|logits",
    source="dmlc/xgboost#2995",
)
def bce_logits(logits, target):
    """p − y: above logits of 36 nothing is left of it for y = 1."""
    return sigmoid(logits) - target


@right("binary_cross_entropy_with_logits", "target logits")
def bce_logits_sound(y, z):
    """Both labels without cancellation."""
    z = np.asarray(z, dtype=float)
    small = np.exp(-np.abs(z))
    one, other = 1 / (1 + small), small / (1 + small)
    p, q = np.where(z >= 0, one, other), np.where(z >= 0, other, one)
    return (1 - y) * p - y * q


@right(
    "binary_cross_entropy_with_logits",
    "logits target",
    returns="gradient, hessian",
    convention={"input": "probability"},
    stable=None,
    source="dmlc/xgboost#15",
)
def logregobj_of_probabilities(preds, labels):
    """Right where preds are probabilities: the derivative by the logit, in terms of p."""
    return preds - labels, preds * (1.0 - preds)


@right(
    "binary_cross_entropy_with_logits",
    "logits target",
    convention={"labels": "sign"},
)
def bce_of_signs(score, y):
    """Labels −1 and 1: −y σ(−y z)."""
    m = y * score
    small = np.exp(-np.abs(m))
    return -y * np.where(m >= 0, small, 1.0) / (1 + small)


@unstable(
    "binary_cross_entropy_with_logits",
    "target logits",
    convention={"sign": -1},
    kinds=("unstable",),
    source="dmlc/xgboost#1060",
)
def residual(y, raw):
    """The residual y − p, by its name."""
    return y - sigmoid(raw)


@unstable(
    "binary_cross_entropy_with_logits",
    "logits target",
    where=r"7\d\d|logits",
    source="jeshraghian/snntorch#433",
)
def bce_exp_over_exp(z, y):
    """exp(z)/(1 + exp(z)) is inf/inf from 710 on."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.exp(z) / (1 + np.exp(z)) - y


@wrong("binary_cross_entropy_with_logits", "logits target", "sign", source="dmlc/xgboost#1060")
def bce_labels_minus_preds(logits, labels):
    """labels − preds ascends."""
    return labels - sigmoid(logits)


@wrong(
    "binary_cross_entropy_with_logits",
    "logits target",
    "missing-chain-factor",
    "wrong-variable",
    source="lightgbm-org/LightGBM#1230",
)
def bce_misses_the_sigmoid(logits, target):
    """The derivative by the probability; the factor σ′ is missing."""
    p = sigmoid(logits)
    with np.errstate(divide="ignore"):
        return (1 - target) / (1 - p) - target / p


@wrong(
    "binary_cross_entropy_with_logits",
    "logits target",
    "extra-term",
    "missing-chain-factor",
    source="hunkim/DeepLearningZeroToAll#112",
)
def bce_sigmoid_twice(logits, target):
    """The factor σ′ once more, after it has cancelled."""
    p = sigmoid(logits)
    return (p - target) * p * (1 - p)


@wrong(
    "binary_cross_entropy_with_logits",
    "logits target",
    "wrong-variable",
    "other",
    source="mlpack/mlpack#2873",
)
def bce_logit_as_probability(prediction, target):
    """The fractions hold the logit where the probability belongs."""
    s, eps = sigmoid(prediction), 1e-10
    return ((1 - target) / (1 - prediction + eps) - target / (prediction + eps)) * s * (1 - s)


@wrong(
    "binary_cross_entropy_with_logits",
    "logits target",
    "ignored-parameter",
    parameters={"pos_weight": 3.0},
    where=r"pos_weight|target|y",
)
def bce_without_pos_weight(logits, target):
    """pos_weight is not used."""
    return sigmoid(logits) - target


@wrong(
    "binary_cross_entropy_with_logits",
    "logits dtrain",
    "hessian",
    returns="gradient, hessian",
    source="dmlc/xgboost#2345",
)
def logregobj_double_hessian(preds, dtrain):
    """Twice the second derivative."""
    labels = dtrain.get_label()
    p = sigmoid(preds)
    return p - labels, 2 * p * (1 - p)


@wrong(
    "binary_cross_entropy_with_logits",
    "target logits",
    "hessian",
    returns="gradient, hessian",
)
def logregobj_hessian_without_one_minus_p(y_true, y_pred):
    """p in place of p(1 − p)."""
    p = sigmoid(y_pred)
    return p - y_true, p


@wrong(
    "binary_cross_entropy_with_logits",
    "target logits",
    "missing-term",
)
def bce_without_label(y, z):
    """Only the sigmoid is left."""
    return sigmoid(z) + 0 * y


# --- focal loss -------------------------------------------------------------------------------------------


@right(
    "focal",
    "target probability",
    parameters={"gamma": 2, "alpha": 0.5},
    returns="gradient, hessian",
    stable=None,
    source="lightgbm-org/LightGBM#2052",
)
def focal_of_probabilities(y_true, y_pred):
    """Right for probabilities, gamma = 2, alpha = 1/2, example by example."""
    gradient, hessian = [], []
    for y, p in zip(y_true, y_pred, strict=True):
        if y == 1:
            gradient.append((1 - p) * np.log(p) - 0.5 * (1 - p) ** 2 / p)
            hessian.append(-np.log(p) + 2 * (1 - p) / p + 0.5 * (1 - p) ** 2 / p**2)
        else:
            gradient.append(0.5 * p**2 / (1 - p) - p * np.log(1 - p))
            hessian.append(0.5 * p**2 / (1 - p) ** 2 + 2 * p / (1 - p) - np.log(1 - p))
    return np.array(gradient), np.array(hessian)


@wrong(
    "focal_with_logits",
    "target logits",
    "missing-chain-factor",
    "wrong-variable",
    parameters={"gamma": 2, "alpha": 0.5},
    source="lightgbm-org/LightGBM#2052",
)
def focal_of_scores_by_the_probability(y_true, y_pred):
    """The derivative by p, although the booster's score is the logit."""
    p = np.clip(sigmoid(y_pred), 1e-15, 1 - 1e-15)
    one = (1 - p) * np.log(p) - 0.5 * (1 - p) ** 2 / p
    zero = 0.5 * p**2 / (1 - p) - p * np.log(1 - p)
    return np.where(y_true == 1, one, zero)


@right(
    "focal_with_logits",
    "target logits",
    stable=None,
    source="lightgbm-org/LightGBM#6389",
)
def focal_logits(y_true, y_pred):
    """The derivative by the logit, in terms of p_t."""
    y, gamma = 2 * y_true - 1, 2.0
    at = np.where(y_true == 1, 0.25, 0.75)
    pt = sigmoid(y * y_pred)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_pt = -np.logaddexp(0, -y * y_pred)
    return at * y * (1 - pt) ** gamma * (gamma * pt * log_pt + pt - 1)


@wrong(
    "focal_with_logits",
    "logits target",
    "sign",
    "missing-chain-factor",
    where=r"target\s*=\s*0|y\s*=\s*0|label",
    source="unsky/focal-loss#18",
)
def focal_one_sign_for_both_labels(logits, target):
    """The sign of 2y − 1 is lost, so the label 0 pulls the wrong way."""
    gamma, alpha_t = 2.0, np.where(target == 1, 0.25, 0.75)
    z_t = np.where(target == 1, logits, -logits)
    p_t = sigmoid(z_t)
    return alpha_t * (1 - p_t) ** gamma * (gamma * p_t * -np.logaddexp(0, -z_t) + p_t - 1)


@wrong(
    "focal_with_logits",
    "logits target",
    "missing-term",
    source="kuangliu/pytorch-retinanet#12",
)
def focal_weight_held_constant(logits, target):
    """The factor (1 − p_t)^γ is weighed with, but not differentiated."""
    p = sigmoid(logits)
    p_t = np.where(target == 1, p, 1 - p)
    alpha_t = np.where(target == 1, 0.25, 0.75)
    return alpha_t * (1 - p_t) ** 2 * (p - target)


@wrong(
    "focal_with_logits",
    "logits target",
    "other",
    "ignored-parameter",
    parameters={"gamma": 2, "alpha": 0.25},
    source="fudannlp16/focal-loss#2",
)
def focal_times_gamma(logits, target):
    """(1 − p_t)·γ where (1 − p_t)^γ belongs."""
    sign_t = 2 * target - 1
    p_t = sigmoid(sign_t * logits)
    alpha_t = np.where(target == 1, 0.25, 0.75)
    log_pt = -np.logaddexp(0, -sign_t * logits)
    return alpha_t * 2 * (1 - p_t) * sign_t * (p_t * log_pt - (1 - p_t))


@wrong(
    "focal_with_logits",
    "target logits",
    "ignored-parameter",
    "missing-chain-factor",
    where=r"alpha|target|y|label",
)
def focal_without_alpha(y_true, y_pred):
    """alpha is left out, which weighs the labels alike."""
    y = 2 * y_true - 1
    pt = sigmoid(y * y_pred)
    return y * (1 - pt) ** 2 * (2 * pt * -np.logaddexp(0, -y * y_pred) + pt - 1)


@wrong(
    "focal_with_logits",
    "logits target",
    "swapped-arguments",
    "wrong-branch",
    parameters={"alpha": 0.3},
    source="fudannlp16/focal-loss#2",
)
def focal_alpha_on_the_wrong_label(logits, target):
    """alpha weighs the label 0, 1 − alpha the label 1."""
    sign_t = 2 * target - 1
    p_t = sigmoid(sign_t * logits)
    alpha_t = np.where(target == 1, 0.7, 0.3)
    return alpha_t * sign_t * (1 - p_t) ** 2 * (2 * p_t * -np.logaddexp(0, -sign_t * logits) + p_t - 1)


@wrong(
    "focal_with_logits",
    "target logits",
    "scale",
    source="AlexeyAB/darknet#185",
)
def focal_with_a_loss_weight(y_true, y_pred):
    """A weight of 5 that the loss does not have."""
    return 5 * focal_logits(y_true, y_pred)


@unstable(
    "focal_with_logits",
    "logits target",
    where=r"logits|-|\d\d\d",
    source="facebookresearch/maskrcnn-benchmark#1002",
)
def focal_log_of_sigmoid(logits, target):
    """log σ(z) by way of σ(z): log 0 for a score of −800."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        sign_t = 2 * target - 1
        p_t = sigmoid(sign_t * logits)
        alpha_t = np.where(target == 1, 0.25, 0.75)
        return alpha_t * sign_t * (1 - p_t) ** 2 * (2 * p_t * np.log(p_t) + p_t - 1)


# --- hinge and squared hinge ------------------------------------------------------------------------------


@right("hinge", "score target", source="chainer/chainer#546")
def hinge_strict(score, target):
    """0 exactly on the margin: the other end of the subdifferential."""
    return np.where(target * score < 1, -target, 0.0)


@right("hinge", "score target", convention={"reduction": "mean"})
def hinge_float32(score, target):
    """Single precision comes back."""
    inside = (1 - target * score) > 0
    return (-target * inside / len(score)).astype(np.float32)


@right("hinge", "target score")
def hinge_scalar(y_true, y_pred):
    """One example at a time, with plain Python numbers."""
    if y_pred * y_true < 1:
        return -y_true
    return 0


@wrong("hinge", "target score", "other", "extra-term", source="online-ml/river#28")
def hinge_product(y_true, y_pred):
    """−y·s where −y belongs."""
    return np.where(y_pred * y_true < 1, -y_pred * y_true, 0.0)


@wrong("hinge", "score target", "wrong-branch")
def hinge_beyond_the_margin(score, target):
    """The comparison is turned round."""
    return np.where(target * score > 1, -target, 0.0)


@wrong(
    "hinge",
    "score target",
    "ignored-parameter",
    parameters={"margin": 2.0},
    where=r"margin|1|2",
)
def hinge_margin_of_one(score, target):
    """The margin is 1, whatever it should be."""
    return np.where(target * score <= 1, -target, 0.0)


@wrong("hinge", "score target", "sign", source="airbnb/aerosolve#94")
def hinge_ascends(score, target):
    """+y in the active region."""
    return np.where(target * score < 1, target, 0.0)


@right(
    "squared_hinge",
    "score target",
    convention={"factor": 0.5},
    source="stdlib-js/stdlib#13111",
)
def squared_hinge_without_two(score, target):
    """Half the loss, and so no factor 2."""
    return -target * np.maximum(0, 1 - target * score)


@right("squared_hinge", "score target", source="stdlib-js/stdlib#13192")
def squared_hinge(score, target):
    """−2y max(0, 1 − ys)."""
    z = 1 - target * score
    return np.where(z > 0, -2 * target * z, 0.0)


@wrong(
    "squared_hinge",
    "score target",
    "missing-chain-factor",
    "sign",
    where=r"target\s*=\s*-1|y\s*=\s*-1|−1|-1",
)
def squared_hinge_without_label(score, target):
    """The inner derivative −y is taken for −1."""
    return -2 * np.maximum(0, 1 - target * score)


@wrong(
    "squared_hinge",
    "score target",
    "wrong-branch",
    "missing-chain-factor",
    where=r"margin|1",
)
def squared_hinge_everywhere(score, target):
    """The part beyond the margin is not cut off."""
    return -2 * target * (1 - target * score)


@wrong("squared_hinge", "score target", "missing-chain-factor", "other")
def squared_hinge_as_hinge(score, target):
    """The outer derivative 2 max(0, 1 − ys) is missing."""
    return np.where(target * score < 1, -target, 0.0)


def _log_loss(z):
    return math.log1p(math.exp(-z)) if z > 0 else -z + math.log1p(math.exp(z))


@right(
    "binary_cross_entropy_with_logits",
    "logits target",
    returns="value, gradient",
    convention={"reduction": "sum"},
    stable=None,
)
def logistic_pair_of_lists(logits, target):
    """Plain Python over lists, value and gradient."""
    total, gradient = 0.0, []
    for z, y in zip(list(logits), list(target), strict=True):
        total += y * _log_loss(z) + (1 - y) * _log_loss(-z)
        gradient.append(1 / (1 + math.exp(-z)) - y if z > -700 else -y)
    return total, gradient
