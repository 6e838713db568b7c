"""Losses with a mistake that a person could make. The review has to find out each."""

from symloss import (
    Abs,
    Binary,
    Interval,
    Max,
    Min,
    Piecewise,
    Positive,
    Probability,
    Real,
    Sign,
    Sum,
    index,
    log,
    loss,
    named,
    sqrt,
)

j = index("j")


@loss(task="regression")
def huber_with_logarithmic_tails(prediction: Real, target: Real, *, delta: Positive = 1):
    """The tails bend down: continuously differentiable, and not convex."""
    r = named("r", prediction - target)
    return Piecewise((r**2 / 2, Abs(r) <= delta), (delta**2 * (log(Abs(r) / delta) + 0.5), True))


@loss(task="regression")
def huber_that_jumps(prediction: Real, target: Real, *, delta: Positive = 1):
    """The half delta² that joins both parts is forgotten: discontinuous at the join."""
    r = named("r", prediction - target)
    return Piecewise((r**2 / 2, Abs(r) <= delta), (delta * Abs(r), True))


@loss(task="regression")
def clipped_squared_error(prediction: Real, target: Real, *, most: Positive = 4):
    """Cut off at a height: from there on there is no gradient."""
    return Min((prediction - target) ** 2, most)


@loss(task="regression")
def swapped_pinball(prediction: Real, target: Real, *, level: Interval(0, 1, open=True) = 0.75):
    """The weights are on the wrong sides: it elicits the quantile of 1 - level."""
    r = named("r", target - prediction)
    return Piecewise(((1 - level) * r, r >= 0), (-level * r, True))


@loss(task="regression")
def root_error(prediction: Real, target: Real):
    """The gradient has no bound where the prediction becomes right."""
    return sqrt(Abs(prediction - target))


@loss(task="regression")
def biased_squared_error(prediction: Real, target: Real):
    """A term too many: the minimum does not lie at the target."""
    r = named("r", prediction - target)
    return r**2 + r


@loss(task="classification")
def weighted_log_score(probability: Probability, target: Binary):
    """One class counts twice: the best probability is not the true one."""
    return -(2 * target * log(probability) + (1 - target) * log(1 - probability))


@loss(task="classification")
def linear_score(probability: Probability, target: Binary):
    """One minus the probability of what happened: it asks for 0 or 1."""
    return 1 - target * probability - (1 - target) * (1 - probability)


@loss(task="classification")
def hinge_with_a_gap(score: Real, target: Sign):
    """At the margin it falls from 1/2 to 0 at once."""
    margin = named("margin", target * score)
    return Piecewise((0, margin >= 1), (1.5 - margin, True))


@loss(task="classification")
def hinge_of_the_wrong_sign(score: Real, target: Sign):
    """It grows with the margin: it trains the classifier to be wrong."""
    return Max(0, 1 + target * score)


@loss(task="classification")
def margin_wanted_exactly(score: Real, target: Sign):
    """A score of twice the margin costs as much as one of 0: it does not fall with the margin."""
    return Abs(1 - target * score)


@loss(task="classification")
def squared_score(score: Real, target: Sign):
    """The label drops out: whatever it is, the score 0 is best, so it is not calibrated."""
    return (target * score) ** 2


@loss(task="segmentation", over="batch")
def dice_without_smoothing(probability: Probability["N"], target: Binary["N"]):
    """0/0 where both masks are empty."""
    intersection = named("intersection", Sum[j](probability[j] * target[j]))
    return 1 - 2 * intersection / Sum[j](probability[j] + target[j])
