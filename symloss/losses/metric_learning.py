"""Losses of metric learning: embeddings of what belongs together shall be near, all others far."""

from symloss.declare import (
    Binary,
    Max,
    Mean,
    Positive,
    Real,
    Sum,
    index,
    log_softmax,
    loss,
    named,
    norm,
)

d = index("d")
i = index("i")
j = index("j")


@loss(
    task="metric_learning",
    cite=("Balntas et al. 2016", "Weinberger and Saul 2009"),
    metrics=("recall at k", "mean average precision"),
    wrt=("anchor", "positive", "negative"),
    kink="one",
    kinks="Where the margin is met exactly the loss is differentiated as if it were positive; where two "
    "embeddings coincide, the gradient of their distance is taken to be 0.",
)
def triplet(anchor: Real["D"], positive: Real["D"], negative: Real["D"], *, margin: Positive = 1):
    """The positive shall be nearer to the anchor than the negative, by a margin of Euclidean distance.

    Each distance pulls or pushes with a force of size 1, whatever its length. Triplets that keep the margin
    have the gradient 0, so that training depends on choosing hard ones. PyTorch's TripletMarginLoss adds 1e-6
    to each coordinate of the differences; this is the loss without that addition.
    """
    to_positive = named("to_positive", norm[d](anchor[d] - positive[d]))
    to_negative = named("to_negative", norm[d](anchor[d] - negative[d]))
    return Max(0, to_positive - to_negative + margin)


@loss(
    task="metric_learning",
    cite="Schroff et al. 2015",
    metrics=("recall at k", "verification accuracy"),
    wrt=("anchor", "positive", "negative"),
    kink="one",
    kinks="Where the margin is met exactly the loss is differentiated as if it were positive.",
)
def triplet_squared(anchor: Real["D"], positive: Real["D"], negative: Real["D"], *, margin: Positive = 0.2):
    """The triplet loss of FaceNet, which compares squared Euclidean distances.

    FaceNet scales the embeddings to length 1 before the loss; that step is not part of it, and without it the
    margin has no fixed scale. The gradient with respect to the anchor is 2 (negative - positive) while the
    margin is violated, so no distance has to be divided by, and embeddings that coincide make no kink.
    """
    to_positive = named("to_positive", Sum[d]((anchor[d] - positive[d]) ** 2))
    to_negative = named("to_negative", Sum[d]((anchor[d] - negative[d]) ** 2))
    return Max(0, to_positive - to_negative + margin)


@loss(
    task="metric_learning",
    cite="Hadsell et al. 2006",
    metrics=("recall at k", "verification accuracy"),
    wrt=("first", "second"),
    kink="one",
    kinks="Where a different pair coincides, the gradient of the distance is taken to be 0; at distance = "
    "margin the gradient is continuous.",
    native_float32=True,
)
def contrastive(first: Real["D"], second: Real["D"], same: Binary, *, margin: Positive = 1):
    """Pairs of the same kind attract each other; pairs of different kinds repel each other up to the margin.

    same is 1 for a pair of the same kind (Hadsell et al. call the opposite Y, with Y = 0 for a similar pair).
    Both parts have the factor 1/2 of the paper. A different pair beyond the margin has the gradient 0.
    """
    distance = named("distance", norm[d](first[d] - second[d]))
    return same * distance**2 / 2 + (1 - same) * Max(0, margin - distance) ** 2 / 2


@loss(
    task="metric_learning",
    cite=("van den Oord et al. 2018", "Gutmann and Hyvärinen 2010", "Chen et al. 2020"),
    metrics=("top-1 accuracy of a linear probe", "recall at k"),
    over="batch",
    wrt=("query", "key"),
)
def info_nce(query: Real["N", "D"], key: Real["N", "D"], *, temperature: Positive = 0.1):
    """Cross-entropy of finding, for each query, its own key among all keys of the batch.

    Query i belongs to key i, and the other N - 1 keys are its negatives. The similarity is the inner product
    divided by the temperature; for the cosine, scale the embeddings to length 1 first. Only queries look for
    keys: for the symmetric loss, add the same with query and key exchanged and halve the sum.
    """
    s = named("s", Sum[d](query[i, d] * key[j, d]) / temperature, i, j)
    return -Mean[i](log_softmax[j](s[i, j])[i])
