"""Hand-written gradients of losses over classes: softmax cross-entropy, multi-class hinge, segmentation."""

import numpy as np
from verification.corpus.record import right, unstable, wrong


def softmax(z, axis=-1):
    e = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


# --- softmax cross-entropy with a distribution as target --------------------------------------------------


@right("softmax_cross_entropy", "logits target", stable=None, source="yjxiong/caffe#171")
def softmax_minus_target(logits, target):
    """q − p, example by example."""
    return softmax(logits) - target


@right(
    "softmax_cross_entropy",
    "logits target",
    convention={"reduction": "mean", "layout": "flat"},
    stable=None,
    source="dmlc/xgboost#687",
)
def softmax_flattened(logits, target):
    """The gradient comes back as one long vector."""
    return ((softmax(logits) - target) / len(logits)).reshape(-1)


@right(
    "softmax_cross_entropy",
    "logits target",
    convention={"layout": "transposed"},
    stable=None,
    source="lightgbm-org/LightGBM#4981",
)
def softmax_classes_first(logits, target):
    """The gradient comes back with the classes first."""
    return (softmax(logits) - target).T


@unstable(
    "softmax_cross_entropy",
    "logits target",
    where=r"logits|7\d\d",
    source="FluxML/NNlib.jl#68",
)
def softmax_without_maximum(logits, target):
    """exp overflows, because the maximum is not subtracted."""
    with np.errstate(over="ignore", invalid="ignore"):
        e = np.exp(logits)
        return e / e.sum(axis=-1, keepdims=True) - target


@wrong("softmax_cross_entropy", "logits target", "reduction", source="deeplearning4j/deeplearning4j#345")
def softmax_over_the_batch(logits, target):
    """The softmax runs over the examples, not over the classes."""
    return softmax(logits, axis=0) - target


@wrong("softmax_cross_entropy", "logits target", "missing-term", source="mlpack/mlpack#2360")
def softmax_term_missing(logits, target):
    """Only the derivative of the chosen logit; that of the log-sum-exp is missing."""
    return -target + 0 * logits


@wrong(
    "softmax_cross_entropy",
    "logits target",
    "missing-chain-factor",
    "wrong-variable",
    source="pjreddie/darknet#96",
)
def softmax_by_the_probability(logits, target):
    """−t/q is the derivative by the output of the softmax."""
    return -target / softmax(logits)


@wrong(
    "softmax_cross_entropy",
    "logits target",
    "missing-term",
    "missing-chain-factor",
    source="Apiquet/DeepLearningFrameworkFromScratchCpp#1",
)
def softmax_diagonal_only(logits, target):
    """Only the diagonal of the softmax's Jacobian is used."""
    q = softmax(logits)
    return -target / q * (q * (1 - q))


@wrong("softmax_cross_entropy", "logits target", "sign", source="deeplearning4j/deeplearning4j#345")
def softmax_labels_minus_output(logits, labels):
    """labels − output."""
    return labels - softmax(logits)


# --- softmax cross-entropy with a class index -------------------------------------------------------------


@right(
    "softmax_cross_entropy_with_class_index",
    "logits target",
    convention={"reduction": "mean"},
    stable=None,
    source="microsoft/onnxruntime#3237",
)
def class_index_in_place(logits, target):
    """1 is subtracted at the target, in a fresh array."""
    n = len(logits)
    g = softmax(logits)
    g[np.arange(n), target] -= 1
    return g / n


@right(
    "softmax_cross_entropy_with_class_index",
    "logits target",
    convention={"target": "one-hot"},
    stable=None,
    source="lightgbm-org/LightGBM#1308",
)
def class_index_one_hot(scores, one_hot):
    """The target is handed over one-hot."""
    return softmax(scores) - one_hot


@right(
    "softmax_cross_entropy_with_class_index",
    "logits target label_smoothing",
    stable=None,
    source="linkedin/Liger-Kernel#198",
)
def class_index_smoothed(logits, target, label_smoothing=0.0):
    """Label smoothing as PyTorch has it."""
    n, c = logits.shape
    smooth = np.full((n, c), label_smoothing / c)
    smooth[np.arange(n), target] += 1 - label_smoothing
    return softmax(logits) - smooth


@wrong(
    "softmax_cross_entropy_with_class_index",
    "logits target",
    "ignored-parameter",
    parameters={"label_smoothing": 0.1},
)
def class_index_without_smoothing(logits, target):
    """label_smoothing is not used."""
    return softmax(logits) - np.eye(logits.shape[1])[target]


@wrong(
    "softmax_cross_entropy_with_class_index",
    "logits target",
    "other",
    "scale",
    parameters={"label_smoothing": 0.1},
    source="pytorch/pytorch#148884",
)
def class_index_smoothed_over_the_others(logits, target):
    """ε is shared among the C − 1 other classes, not among all C."""
    c = logits.shape[1]
    one_hot = np.eye(c)[target]
    return softmax(logits) - (0.9 * one_hot + 0.1 / (c - 1) * (1 - one_hot))


@wrong(
    "softmax_cross_entropy_with_class_index",
    "logits target class_weight",
    "ignored-parameter",
)
def class_index_without_weights(logits, target, class_weight):
    """class_weight is taken and forgotten."""
    g = softmax(logits)
    g[np.arange(len(g)), target] -= 1
    return g


@wrong(
    "softmax_cross_entropy_with_class_index",
    "logits target",
    "ignored-parameter",
    "wrong-branch",
    parameters={"ignore_index": -1},
    where=r"ignore_index|-1",
    source="flagos-ai/FlagGems#73",
)
def class_index_minus_one_is_the_last(logits, target):
    """An ignored target of −1 is taken for the last class."""
    g = softmax(logits)
    g[np.arange(len(g)), target] -= 1
    return g


@wrong(
    "softmax_cross_entropy_with_class_index",
    "logits target",
    "hessian",
    returns="gradient, hessian",
    source="dmlc/xgboost#10105",
)
def class_index_double_diagonal(predt, labels):
    """2p(1 − p), an upper bound, for the diagonal p(1 − p)."""
    p = softmax(predt)
    g = p.copy()
    g[np.arange(len(p)), labels] -= 1
    return g, 2 * p * (1 - p)


# --- categorical cross-entropy ----------------------------------------------------------------------------


@right("categorical_cross_entropy", "probability target", convention={"reduction": "mean"})
def categorical_fraction(predictions, targets):
    """−t/q, and 0 where the target is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(targets > 0, -targets / predictions, 0.0) / len(predictions)


@wrong(
    "categorical_cross_entropy",
    "probability target",
    "wrong-variable",
    "extra-term",
    source="apache/mxnet#7944",
)
def categorical_minus_target(output, label):
    """q − t is the derivative by the logits behind the probabilities."""
    return output - label


# --- multi-class hinge ------------------------------------------------------------------------------------


@right("multiclass_hinge", "score target", source="google-deepmind/optax#469")
def crammer_singer(score, target):
    """The highest wrong class and the target, two entries an example."""
    n = len(score)
    rows = np.arange(n)
    wrong_classes = np.array(score, dtype=float)
    wrong_classes[rows, target] = -np.inf
    rival = wrong_classes.argmax(axis=1)
    active = 1 + wrong_classes[rows, rival] - score[rows, target] > 0
    g = np.zeros(np.shape(score))
    g[rows, rival] += active
    g[rows, target] -= active
    return g


@wrong(
    "multiclass_hinge",
    "score target",
    "other",
    "reduction",
    source="chainer/chainer#5376",
)
def weston_watkins(scores, y):
    """All violated classes are added up, not only the worst one."""
    rows = np.arange(len(scores))
    margins = np.maximum(0, scores - scores[rows, y][:, None] + 1)
    margins[rows, y] = 0
    g = (margins > 0).astype(float)
    g[rows, y] = -g.sum(axis=1)
    return g


@wrong(
    "multiclass_hinge",
    "score target",
    "kink",
    where=r"tie|equal|same|kink|=",
    source="Theano/Theano#4568",
)
def crammer_singer_all_ties(score, target):
    """Every class that shares the highest wrong score gets the whole derivative."""
    rows = np.arange(len(score))
    others = np.array(score, dtype=float)
    others[rows, target] = -np.inf
    best = others.max(axis=1, keepdims=True)
    active = (1 + best - score[rows, target][:, None]) > 0
    g = ((others == best) & active).astype(float)
    g[rows, target] = -active[:, 0].astype(float)
    return g


@wrong(
    "multiclass_hinge",
    "score target",
    "missing-term",
    where=r"target|true class|off|class",
)
def crammer_singer_without_the_target(score, target):
    """Only the rival is pushed down; the target is not pulled up."""
    g = crammer_singer(score, target)
    g[np.arange(len(g)), target] = 0
    return g


# --- segmentation -----------------------------------------------------------------------------------------


@right("pixelwise_cross_entropy", "logits target", stable=None)
def pixels(logits, target):
    """Softmax over the classes, mean over the pixels of each image."""
    one_hot = np.moveaxis(np.eye(logits.shape[1])[target], -1, 1)
    return (softmax(logits, axis=1) - one_hot) / logits.shape[2]


@wrong("pixelwise_cross_entropy", "logits target", "reduction", source="ikostrikov/pytorch-meta-optimizer#10")
def pixels_softmax_over_pixels(logits, target):
    """The softmax runs over the pixels."""
    one_hot = np.moveaxis(np.eye(logits.shape[1])[target], -1, 1)
    return (softmax(logits, axis=2) - one_hot) / logits.shape[2]


@right("soft_dice", "probability target", parameters={"smooth": 1})
def dice(prediction, target):
    """The quotient rule, with the smoothing term."""
    i, s = np.sum(prediction * target), np.sum(prediction) + np.sum(target)
    return -(2 * target * (s + 1) - (2 * i + 1)) / (s + 1) ** 2


@wrong("soft_dice", "probability target", "sign", "other", source="milesial/Pytorch-UNet#35")
def dice_plus_in_the_quotient_rule(prediction, target):
    """u′v + uv′ where u′v − uv′ belongs."""
    i, s = np.sum(prediction * target), np.sum(prediction) + np.sum(target)
    return -(2 * target * (s + 1) + (2 * i + 1)) / (s + 1) ** 2


@wrong(
    "soft_dice",
    "probability target",
    "other",
    "missing-chain-factor",
    source="milesial/Pytorch-UNet#35",
)
def dice_divides_and_multiplies(prediction, target):
    """/ u * u cancels: brackets are missing."""
    i, u = np.sum(prediction * target), np.sum(prediction) + np.sum(target) + 1
    return -(2 * target * u - (2 * i + 1)) / u * u


@wrong(
    "soft_dice",
    "probability target",
    "ignored-parameter",
    parameters={"smooth": 1},
    source="mlpack/mlpack#1674",
)
def dice_gradient_without_smooth(prediction, target):
    """The smoothing term is in the loss and not in its gradient."""
    i, s = np.sum(prediction * target), np.sum(prediction) + np.sum(target)
    return -(2 * target * s - 2 * i) / s**2


@wrong("soft_dice", "probability target", "sign", source="faustomilletari/VNet#32")
def dice_of_the_coefficient(prediction, target):
    """The derivative of the coefficient, which the loss subtracts from 1."""
    i, s = np.sum(prediction * target), np.sum(prediction) + np.sum(target)
    return (2 * target * (s + 1) - (2 * i + 1)) / (s + 1) ** 2


@wrong("soft_dice", "probability target", "missing-term")
def dice_denominator_held_constant(prediction, target):
    """The denominator is not differentiated."""
    s = np.sum(prediction) + np.sum(target)
    return -2 * target / (s + 1)


@wrong(
    "soft_jaccard",
    "probability target",
    "missing-term",
    where=r"target|y|label",
)
def jaccard_union_without_overlap(prediction, target):
    """The union's derivative is 1 − t, not 1."""
    i = np.sum(prediction * target)
    u = np.sum(prediction + target) - i
    return -(target * (u + 1) - (i + 1)) / (u + 1) ** 2


@right("tversky", "target probability alpha beta smooth")
def tversky_loss(y_true, y_pred, alpha=0.5, beta=0.5, smooth=1.0):
    """All three parameters are arguments."""
    tp = np.sum(y_true * y_pred) + smooth
    whole = tp + alpha * np.sum((1 - y_true) * y_pred) + beta * np.sum(y_true * (1 - y_pred))
    inner = y_true + alpha * (1 - y_true) - beta * y_true
    return -(y_true * whole - tp * inner) / whole**2


@wrong(
    "tversky",
    "probability target",
    "swapped-arguments",
    parameters={"alpha": 0.3, "beta": 0.7, "smooth": 1},
    source="FluxML/Flux.jl#1993",
)
def tversky_alpha_and_beta_swapped(prediction, target):
    """alpha weighs the false negatives, beta the false positives."""
    return tversky_loss(target, prediction, alpha=0.7, beta=0.3)
