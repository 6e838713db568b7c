"""Losses of regression: one real number is predicted, and compared with the one that was observed."""

from symloss.declare import (
    Abs,
    Interval,
    NonNegative,
    Piecewise,
    Positive,
    Real,
    cosh,
    exp,
    log,
    loss,
    named,
)


@loss(
    task="regression",
    cite=("Legendre 1805", "Gneiting 2011"),
    metrics=("root mean squared error", "coefficient of determination R²"),
    native_float32=True,
)
def mean_squared_error(prediction: Real, target: Real):
    """The squared residual, whose best constant prediction is the mean.

    Up to a factor and a constant it is the negative log-likelihood of a normal distribution with fixed
    variance. The gradient grows in proportion to the residual, so a few outliers can dominate it. There is no
    factor 1/2: the gradient is 2 r.
    """
    r = named("r", prediction - target)
    return r**2


@loss(
    task="regression",
    cite=("Bloomfield and Steiger 1983", "Willmott and Matsuura 2005"),
    metrics=("mean absolute error", "median absolute error"),
    kinks="At r = 0 the derivative is taken to be 0, as sign(0) = 0, and so is the second derivative.",
    native_float32=True,
)
def mean_absolute_error(prediction: Real, target: Real):
    """The absolute residual, whose best constant prediction is the median.

    Up to a factor and a constant it is the negative log-likelihood of a Laplace distribution with fixed
    scale. The gradient has size 1 however large the residual is, so outliers pull with bounded force; near
    the optimum it does not shrink either, so a gradient method needs a decreasing step.
    """
    r = named("r", prediction - target)
    return Abs(r)


@loss(
    task="regression",
    cite="Huber 1964",
    metrics=("mean absolute error", "root mean squared error"),
    kinks="The gradient is continuous; the second derivative at |r| = delta is taken to be 1, as inside.",
    native_float32=True,
)
def huber(prediction: Real, target: Real, *, delta: Positive = 1):
    """Quadratic near zero and linear in the tails, so that outliers pull with bounded force.

    The gradient is the residual, clipped to [-delta, delta]. As delta grows the loss becomes half the squared
    error; as it shrinks, the loss divided by delta becomes the absolute error. delta has the unit of the
    target. PyTorch's smooth L1 loss with beta = delta is this loss divided by delta.
    """
    r = named("r", prediction - target)
    return Piecewise((r**2 / 2, Abs(r) <= delta), (delta * (Abs(r) - delta / 2), True))


@loss(
    task="regression",
    cite="Saleh and Saleh 2022",
    metrics=("mean absolute error", "root mean squared error"),
    native_float32=True,
)
def log_cosh(prediction: Real, target: Real):
    """A smooth relative of the absolute error: r²/2 for small residuals, |r| - log 2 for large ones.

    The gradient is tanh(r), so it is bounded by 1, and the loss has derivatives of every order. It has no
    parameter that says where the quadratic part ends: the scale is that of the target, so the target should
    be scaled first. Up to a constant it is the negative log-likelihood of the density sech(r)/π.
    """
    r = named("r", prediction - target)
    return log(cosh(r))


@loss(
    task="regression",
    cite="Koenker and Bassett 1978",
    metrics=("pinball loss", "coverage of the predicted quantile"),
    kinks="At r = 0 the derivative with respect to r is taken to be level, from the side r > 0, and the second "
    "derivative to be 0.",
    native_float32=True,
)
def quantile(prediction: Real, target: Real, *, level: Interval(0, 1, open=True) = 0.5):
    """The pinball loss, whose best constant prediction is the quantile of the given level.

    A prediction that is too low costs level per unit, one that is too high 1 - level per unit. With level =
    1/2 it is half the absolute error, and the best prediction is the median. Two levels, such as 0.05 and
    0.95, give an interval of prediction; models that are fitted separately may cross.
    """
    r = named("r", target - prediction)
    return Piecewise((level * r, r >= 0), ((level - 1) * r, True))


@loss(
    task="regression",
    cite=("Nelder and Wedderburn 1972", "McCullagh and Nelder 1989"),
    metrics=("mean Poisson deviance", "mean absolute error"),
    native_float32=True,
)
def poisson_negative_log_likelihood(log_rate: Real, target: NonNegative):
    """Negative log-likelihood of a count under a Poisson distribution, from the logarithm of its rate.

    The term log(target!), which does not depend on the prediction, is left out, so the value can be negative;
    the gradient exp(log_rate) - target is not affected. The target may be any number ≥ 0: for numbers that
    are not whole this is a quasi-likelihood, and the best constant prediction is still the logarithm of the
    mean.
    """
    return exp(log_rate) - target * log_rate
