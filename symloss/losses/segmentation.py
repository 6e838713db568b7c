"""Losses of segmentation: every pixel is classified, and what counts is the overlap of regions."""

from symloss.declare import (
    Binary,
    ClassIndex,
    Mean,
    NonNegative,
    Probability,
    Real,
    Sum,
    index,
    log_softmax,
    loss,
    named,
)

j = index("j")
p = index("p")


@loss(
    task="segmentation",
    cite=("Long et al. 2015", "Ronneberger et al. 2015"),
    metrics=("mean intersection over union", "pixel accuracy", "Dice coefficient"),
    native_float32=True,
)
def pixelwise_cross_entropy(logits: Real["C", "P"], target: ClassIndex["C"]["P"]):
    """Softmax cross-entropy over C classes, averaged over the P pixels of an image.

    Each image counts the same, and within it each pixel. Rare classes therefore weigh little: where the
    object is small, an overlap loss such as soft_dice is often added. Images of two or three dimensions are
    flattened to P pixels.
    """
    return -Mean[p](log_softmax[j](logits[j, p])[target[p]])


@loss(
    task="segmentation",
    cite=("Dice 1945", "Milletari et al. 2016", "Bertels et al. 2019"),
    metrics=("Dice coefficient", "Hausdorff distance"),
    over="batch",
    native_float32=True,
)
def soft_dice(probability: Probability["N"], target: Binary["N"], *, smooth: NonNegative = 1):
    """One minus the Dice coefficient, with probabilities in place of the predicted region.

    It measures the overlap of two regions relative to their sizes, so the background, however large, does not
    dominate. The denominator is the sum of the two sizes; Milletari et al. sum the squares. smooth keeps the
    ratio defined where both regions are empty, and pulls it towards 1. The N numbers are all pixels of the
    batch.
    """
    intersection = named("intersection", Sum[j](probability[j] * target[j]))
    total = named("total", Sum[j](probability[j] + target[j]))
    return 1 - (2 * intersection + smooth) / (total + smooth)


@loss(
    task="segmentation",
    cite=("Jaccard 1912", "Rahman and Wang 2016", "Bertels et al. 2019"),
    metrics=("intersection over union",),
    over="batch",
)
def soft_jaccard(probability: Probability["N"], target: Binary["N"], *, smooth: NonNegative = 1):
    """One minus the intersection over union, with probabilities in place of the predicted region.

    The union is the sum of the two sizes less the intersection. With smooth = 0 the soft Jaccard index J and
    the soft Dice coefficient D of the same regions are tied by J = D / (2 - D), so both losses rank single
    predictions alike. For the mean over several images the ranks can differ.
    """
    intersection = named("intersection", Sum[j](probability[j] * target[j]))
    total = named("total", Sum[j](probability[j] + target[j]))
    return 1 - (intersection + smooth) / (total - intersection + smooth)


@loss(
    task="segmentation",
    cite=("Tversky 1977", "Salehi et al. 2017"),
    metrics=("F2 score", "sensitivity", "specificity", "Dice coefficient"),
    over="batch",
    native_float32=True,
)
def tversky(
    probability: Probability["N"],
    target: Binary["N"],
    *,
    alpha: NonNegative = 0.5,
    beta: NonNegative = 0.5,
    smooth: NonNegative = 1,
):
    """One minus the Tversky index, in which false positives and false negatives are weighed separately.

    As in Salehi et al., alpha weighs the false positives and beta the false negatives; beta > alpha favours
    recall. With alpha = beta = 1 it is soft_jaccard; with alpha = beta = 1/2 it is soft_dice with twice the
    value of smooth. Salehi et al. had their best results with alpha = 0.3 and beta = 0.7.
    """
    true_positive = named("true_positive", Sum[j](probability[j] * target[j]))
    false_positive = named("false_positive", Sum[j](probability[j] * (1 - target[j])))
    false_negative = named("false_negative", Sum[j]((1 - probability[j]) * target[j]))
    union = true_positive + alpha * false_positive + beta * false_negative
    return 1 - (true_positive + smooth) / (union + smooth)
