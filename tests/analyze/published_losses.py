"""Losses of the literature that the catalogue lacks, declared as a user would: their published properties are known."""

from symloss import (
    Abs,
    Binary,
    Interval,
    Max,
    Min,
    NonNegative,
    Piecewise,
    Positive,
    Probability,
    Real,
    Sign,
    exp,
    log,
    loss,
    named,
    sigmoid,
    softplus,
    sqrt,
)

# --- regression -------------------------------------------------------------------------------------------


@loss(task="regression", cite="Newey and Powell 1987")
def expectile(prediction: Real, target: Real, *, level: Interval(0, 1, open=True) = 0.25):
    """Asymmetric squared error."""
    r = named("r", target - prediction)
    return Piecewise((level * r**2, r >= 0), ((1 - level) * r**2, True))


@loss(task="regression", cite="Vapnik 1995")
def epsilon_insensitive(prediction: Real, target: Real, *, epsilon: Positive = 0.5):
    """Errors up to epsilon cost nothing."""
    return Max(0, Abs(prediction - target) - epsilon)


@loss(task="regression", cite="Charbonnier et al. 1997")
def pseudo_huber(prediction: Real, target: Real, *, delta: Positive = 1):
    """A hyperbola: quadratic near zero, linear far away."""
    r = named("r", prediction - target)
    return delta**2 * (sqrt(1 + (r / delta) ** 2) - 1)


@loss(task="regression", cite="Barron 2019")
def cauchy(prediction: Real, target: Real, *, width: Positive = 1):
    """The general loss of Barron with alpha = 0, also called Lorentzian."""
    r = named("r", prediction - target)
    return log(1 + (r / width) ** 2 / 2)


@loss(task="regression", cite="Barron 2019")
def geman_mcclure(prediction: Real, target: Real, *, width: Positive = 1):
    """The general loss of Barron with alpha = -2."""
    r = named("r", prediction - target)
    return 2 * (r / width) ** 2 / ((r / width) ** 2 + 4)


@loss(task="regression", cite="Barron 2019")
def welsch(prediction: Real, target: Real, *, width: Positive = 1):
    """The general loss of Barron with alpha = -oo, also called Leclerc."""
    r = named("r", prediction - target)
    return 1 - exp(-((r / width) ** 2) / 2)


@loss(task="regression", cite="Beaton and Tukey 1974")
def tukey_biweight(prediction: Real, target: Real, *, c: Positive = 2):
    """Beyond c, an outlier has no influence at all."""
    r = named("r", prediction - target)
    return c**2 / 6 * Piecewise((1 - (1 - (r / c) ** 2) ** 3, Abs(r) <= c), (1, True))


@loss(task="regression", cite="Fair 1974")
def fair(prediction: Real, target: Real, *, c: Positive = 1):
    """Between the squared and the absolute error."""
    r = named("r", prediction - target)
    return c**2 * (Abs(r) / c - log(1 + Abs(r) / c))


@loss(task="regression", cite="Zellner 1986")
def linex(prediction: Real, target: Real, *, a: Positive = 1):
    """Exponential on one side, about linear on the other."""
    r = named("r", prediction - target)
    return exp(a * r) - a * r - 1


@loss(task="regression", cite="Patton 2011")
def qlike(prediction: Positive, target: Positive):
    """The loss of variance forecasts that only the ratio matters to."""
    return target / prediction - log(target / prediction) - 1


@loss(task="regression", cite="Rockafellar and Uryasev 2000")
def value_at_risk(threshold: Real, cost: Real, *, level: Interval(0, 1, open=True) = 0.75):
    """Its minimum over the threshold is the conditional value at risk of the cost."""
    return threshold + Max(0, cost - threshold) / (1 - level)


# --- margins ----------------------------------------------------------------------------------------------


@loss(task="classification", cite="Friedman et al. 2000")
def logistic_margin(score: Real, target: Sign):
    """The loss of logistic regression, in nats."""
    return softplus(-target * score)


@loss(task="classification", cite="Mohri et al. 2018")
def logistic_margin_in_bits(score: Real, target: Sign):
    """The same with the logarithm to base 2, which is 1 at the margin 0."""
    return softplus(-target * score) / log(2)


@loss(task="classification", cite="Friedman et al. 2000")
def exponential_margin(score: Real, target: Sign):
    """The loss of AdaBoost."""
    return exp(-target * score)


@loss(task="classification", cite="Bartlett et al. 2006")
def squared_margin(score: Real, target: Sign):
    """Least squares on labels of -1 and 1."""
    return (1 - target * score) ** 2


@loss(task="classification", cite="Zhang 2004")
def modified_huber(score: Real, target: Sign):
    """The squared hinge, linear for large violations."""
    margin = named("margin", target * score)
    return Piecewise((-4 * margin, margin <= -1), (Max(0, 1 - margin) ** 2, True))


@loss(task="classification", cite="Bartlett et al. 2006")
def perceptron(score: Real, target: Sign):
    """Only the wrong side costs, and there is no margin."""
    return Max(0, -target * score)


@loss(task="classification", cite="van Rooyen et al. 2015")
def unhinged(score: Real, target: Sign):
    """The hinge loss without its hinge."""
    return 1 - target * score


@loss(task="classification", cite="Charoenphakdee et al. 2019")
def ramp(score: Real, target: Sign):
    """The hinge loss, halved, and cut off at 1."""
    return Max(0, Min(1, (1 - target * score) / 2))


@loss(task="classification", cite="Ghosh et al. 2015")
def sigmoid_margin(score: Real, target: Sign):
    """A smooth step."""
    return sigmoid(-target * score)


@loss(task="classification", cite="Masnadi-Shirazi and Vasconcelos 2008")
def savage(score: Real, target: Sign):
    """The squared error of a probability that is the logistic function of twice the margin."""
    return sigmoid(-2 * target * score) ** 2


# --- probabilities ----------------------------------------------------------------------------------------


@loss(task="classification", cite="Brier 1950")
def brier(probability: Probability, target: Binary):
    """The squared error of a probability."""
    return (probability - target) ** 2


@loss(task="classification", cite="Gneiting and Raftery 2007")
def spherical(probability: Probability, target: Binary):
    """The probability of what happened, relative to the length of the vector of both."""
    p_t = named("p_t", target * probability + (1 - target) * (1 - probability))
    return -p_t / sqrt(probability**2 + (1 - probability) ** 2)


@loss(task="classification", cite="Buja et al. 2005")
def boosting(probability: Interval(0, 1, open=True), target: Binary):
    """The exponential loss, as a score of probabilities."""
    p_t = named("p_t", target * probability + (1 - target) * (1 - probability))
    return sqrt((1 - p_t) / p_t)


@loss(task="classification", cite="Buja et al. 2005")
def absolute_score(probability: Probability, target: Binary):
    """The absolute error of a probability."""
    return Abs(probability - target)


@loss(task="classification", cite="Zhang and Sabuncu 2018")
def generalized_cross_entropy(
    probability: Probability, target: Binary, *, power: Interval(0, 1, open=True) = 0.5
):
    """Between cross-entropy (power → 0) and the absolute error (power = 1)."""
    p_t = named("p_t", target * probability + (1 - target) * (1 - probability))
    return (1 - p_t**power) / power


@loss(task="classification", cite="Charoenphakdee et al. 2021")
def plain_focal(probability: Probability, target: Binary, *, gamma: NonNegative = 2):
    """The focal loss without weights of the classes."""
    p_t = named("p_t", target * probability + (1 - target) * (1 - probability))
    return -((1 - p_t) ** gamma) * log(p_t)
