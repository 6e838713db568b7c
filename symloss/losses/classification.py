"""Losses of classification: from probabilities, from logits, and from scores with a margin."""

from symloss.declare import (
    Binary,
    ClassIndex,
    Eq,
    Integer,
    Max,
    Ne,
    NonNegative,
    Piecewise,
    Positive,
    Probability,
    Real,
    Sign,
    Simplex,
    Sum,
    index,
    log,
    log_softmax,
    loss,
    named,
    normalized,
    oo,
    sigmoid,
    size,
)

j = index("j")


@loss(
    task="classification",
    cite=("Good 1952", "Gneiting and Raftery 2007"),
    metrics=("log loss", "Brier score", "area under the ROC curve", "accuracy"),
    native_float32=True,
)
def binary_cross_entropy(probability: Probability, target: Probability):
    """Negative log-likelihood of a label under a predicted probability of the class 1.

    The target is 0 or 1, or a probability in between (a soft label). The loss is infinite where the model
    gives probability 0 to what happened, and nothing is clipped to hide that (PyTorch clamps the logarithms
    at -100). Where the probability comes from a logistic function, use binary_cross_entropy_with_logits,
    which keeps its accuracy for confident predictions.
    """
    return -(target * log(probability) + (1 - target) * log(1 - probability))


@loss(
    task="classification",
    cite=("Cox 1958", "King and Zeng 2001"),
    metrics=("log loss", "Brier score", "area under the ROC curve", "accuracy"),
    native_float32=True,
)
def binary_cross_entropy_with_logits(logits: Real, target: Probability, *, pos_weight: Positive = 1):
    """Binary cross-entropy of the probability p = sigmoid(logits): the loss of logistic regression.

    It takes the logit, so that neither a confident right nor a confident wrong prediction loses accuracy;
    with pos_weight = 1 the gradient is p - target. pos_weight multiplies the part of the class 1: a value
    above 1 raises recall at the cost of precision, and p is then no longer a calibrated probability.
    """
    p = named("p", sigmoid(logits))
    return -(pos_weight * target * log(p) + (1 - target) * log(1 - p))


@loss(
    task="classification",
    cite=("Good 1952", "Gneiting and Raftery 2007"),
    metrics=("log loss", "accuracy", "top-5 accuracy"),
    native_float32=True,
)
def categorical_cross_entropy(probability: Probability["C"], target: Simplex["C"]):
    """Cross-entropy of a predicted distribution over C classes relative to the target distribution.

    The probabilities are taken as they are given: they are not normalised, and each counts as a free variable
    in the gradient, -target/probability. A class with target 0 contributes 0, whatever its probability. Where
    the probabilities come from a softmax, use softmax_cross_entropy on the logits instead.
    """
    return -Sum[j](target[j] * log(probability[j]))


@loss(
    task="classification",
    cite="Bridle 1990",
    metrics=("log loss", "accuracy", "top-5 accuracy"),
    native_float32=True,
)
def softmax_cross_entropy(logits: Real["C"], target: Simplex["C"]):
    """Negative log-likelihood of a label distribution under softmax(logits).

    The target may be one-hot, smoothed, or the soft output of another model. Because it sums to one, the
    gradient is softmax(logits) - target. Adding one constant to all logits of an example changes nothing.
    """
    return -Sum[j](target[j] * log_softmax(logits)[j])


@loss(
    task="classification",
    cite=("Bridle 1990", "Szegedy et al. 2016", "Müller et al. 2019"),
    metrics=("log loss", "accuracy", "top-5 accuracy"),
    native_float32=True,
)
def softmax_cross_entropy_with_class_index(
    logits: Real["C"],
    target: ClassIndex["C"].or_value_of("ignore_index"),
    *,
    class_weight: NonNegative["C"] = 1,
    label_smoothing: Probability = 0,
    ignore_index: Integer = -100,
):
    """Negative log-likelihood of the class with the given index under softmax(logits).

    The meaning is that of PyTorch's CrossEntropyLoss. Label smoothing mixes the one-hot target with the
    uniform distribution over the C classes, each class counted with its weight. An example whose target
    equals ignore_index contributes neither to the sum nor to the mean, and the mean is taken relative to the
    sum of the weights of the target classes.
    """
    hard = -class_weight[target] * log_softmax(logits)[target]
    uniform = -Sum[j](class_weight[j] * log_softmax(logits)[j]) / size("C")
    value = (1 - label_smoothing) * hard + label_smoothing * uniform
    ignored = Eq(target, ignore_index)
    return normalized(
        Piecewise((0, ignored), (value, True)),
        by=Piecewise((0, ignored), (class_weight[target], True)),
    )


@loss(
    task="classification",
    cite=("Cortes and Vapnik 1995", "Bartlett et al. 2006"),
    metrics=("accuracy", "area under the ROC curve", "F1 score"),
    kink="one",
    kinks="Exactly on the margin, target·score = margin, the derivative is taken to be -target, as inside, and the "
    "second derivative to be 0.",
    native_float32=True,
)
def hinge(score: Real, target: Sign, *, margin: Positive = 1):
    """The loss of the support-vector machine: 0 beyond the margin on the right side, linear from there on.

    The target is -1 or 1, and the sign of the score is the predicted class. Examples beyond the margin have
    the gradient 0, so that the solution depends on the others alone, the support vectors. The score does not
    estimate a probability.
    """
    return Max(0, margin - target * score)


@loss(
    task="classification",
    cite=("Lee and Mangasarian 2001", "Chang et al. 2008"),
    metrics=("accuracy", "area under the ROC curve", "F1 score"),
    kink="one",
    kinks="The gradient is continuous; on the margin the second derivative is taken to be 2, as inside it.",
    native_float32=True,
)
def squared_hinge(score: Real, target: Sign, *, margin: Positive = 1):
    """The square of the hinge loss: differentiable everywhere, and harder on large violations.

    The target is -1 or 1. The gradient goes to 0 as an example reaches the margin, which suits methods that
    need a continuous gradient; outliers on the wrong side weigh more than under the hinge loss. With margin =
    1 its minimiser over all functions is 2 P(target = 1) - 1, so that here, unlike with the hinge loss, the
    score does tell the probability.
    """
    return Max(0, margin - target * score) ** 2


@loss(
    task="classification",
    cite="Crammer and Singer 2001",
    metrics=("accuracy", "macro-averaged F1 score", "top-5 accuracy"),
    kink="one",
    kinks="Where the margin is met exactly the loss is differentiated as if it were positive; where several "
    "wrong classes share the highest score, the first of them takes the whole derivative.",
    native_float32=True,
)
def multiclass_hinge(score: Real["C"], target: ClassIndex["C"], *, margin: Positive = 1):
    """The hinge loss of C classes: the right score must exceed the highest wrong one by the margin.

    Only two scores have a gradient, that of the target and that of the highest wrong class. This is the form
    of Crammer and Singer, which takes the maximum over the wrong classes; the form of Weston and Watkins,
    which PyTorch's MultiMarginLoss has (divided by C), adds all wrong classes up. With C = 1 there is no
    wrong class: the maximum is -∞, and loss and gradient are 0.
    """
    rival = named("rival", Max[j](Piecewise((score[j], Ne(j, target)), (-oo, True))))
    return Max(0, margin + rival - score[target])


@loss(
    task="classification",
    cite=("Lin et al. 2017", "Mukhoti et al. 2020", "Charoenphakdee et al. 2021"),
    metrics=("average precision", "F1 score", "area under the precision-recall curve"),
)
def focal(probability: Probability, target: Binary, *, gamma: NonNegative = 2, alpha: Probability = 0.25):
    """Binary cross-entropy with a factor that silences the examples that are already predicted well.

    p_t is the probability of what happened, and (1 - p_t)^gamma takes weight from the examples with p_t near
    1: with gamma = 2, an example with p_t = 0.9 weighs a hundredth. alpha weighs the class 1, and 1 - alpha
    the class 0. With gamma = 0 and alpha = 1/2 it is half the binary cross-entropy. Otherwise the expected
    loss is not least at the true probability, so the predictions are no probabilities as they are; that gamma
    draws them towards 1/2 can still help a network that is too sure of itself.
    """
    p_t = named("p_t", target * probability + (1 - target) * (1 - probability))
    alpha_t = named("alpha_t", target * alpha + (1 - target) * (1 - alpha))
    return -alpha_t * (1 - p_t) ** gamma * log(p_t)


@loss(
    task="classification",
    cite=("Lin et al. 2017", "Mukhoti et al. 2020", "Charoenphakdee et al. 2021"),
    metrics=("average precision", "F1 score", "area under the precision-recall curve"),
    native_float32=True,
)
def focal_with_logits(logits: Real, target: Binary, *, gamma: NonNegative = 2, alpha: Probability = 0.25):
    """The focal loss of the probability sigmoid(logits), which keeps its accuracy for confident predictions.

    z_t is the logit of what happened: the logit itself for the target 1, its negative for the target 0; p_t
    is its probability. As in focal, gamma sets how much the well-predicted examples are silenced, and alpha
    weighs the class 1 against the class 0.
    """
    z_t = named("z_t", (2 * target - 1) * logits)
    p_t = named("p_t", sigmoid(z_t))
    alpha_t = named("alpha_t", target * alpha + (1 - target) * (1 - alpha))
    return -alpha_t * (1 - p_t) ** gamma * log(p_t)
