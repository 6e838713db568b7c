"""Losses of ranking: what is learnt is which of two comes first."""

from symloss.declare import Max, NonNegative, Real, Sign, loss


@loss(
    task="ranking",
    cite=("Herbrich et al. 2000", "Joachims 2002"),
    metrics=("Kendall's tau", "area under the ROC curve", "normalized discounted cumulative gain"),
    wrt=("first", "second"),
    kink="one",
    kinks="Where the margin is met exactly the loss is differentiated as if it were positive; the second derivative "
    "is taken to be 0.",
    native_float32=True,
)
def margin_ranking(first: Real, second: Real, target: Sign, *, margin: NonNegative = 0):
    """The hinge loss of a difference of scores: the better of two items shall score higher by the margin.

    The target is 1 where the first item shall rank higher and -1 where the second shall. With margin = 0, two
    equal scores cost nothing, so a model that scores everything alike has loss 0; a positive margin rules
    this out. Only the difference of the scores matters.
    """
    return Max(0, margin - target * (first - second))
