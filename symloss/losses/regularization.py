"""Penalties on the parameters of a model, to be added to a loss: ``loss + parameter(...) * l2_penalty``."""

from symloss.declare import Abs, Probability, Real, Sum, index, loss

j = index("j")


@loss(
    task="regularization",
    cite="Tibshirani 1996",
    metrics=("validation loss", "number of parameters that are not 0"),
    over="batch",
    kinks="At a parameter of 0 the derivative is taken to be 0, as sign(0) = 0, and so is the second derivative.",
    native_float32=True,
)
def l1_penalty(parameters: Real["P"]):
    """The sum of the absolute values of the parameters, which drives many of them to exactly 0 (the lasso).

    It is the negative logarithm of a Laplace prior, up to a factor and a constant. It pulls every parameter
    with the same force, however small it is. A plain gradient step hops across 0; a proximal step (soft
    thresholding) lands on it.
    """
    return Sum[j](Abs(parameters[j]))


@loss(
    task="regularization",
    cite=("Hoerl and Kennard 1970", "Loshchilov and Hutter 2019"),
    metrics=("validation loss",),
    over="batch",
    native_float32=True,
)
def l2_penalty(parameters: Real["P"]):
    """The sum of the squares of the parameters, which shrinks all of them towards 0 (ridge regression).

    It is the negative logarithm of a normal prior, up to a factor and a constant. There is no factor 1/2: the
    gradient is twice the parameters. For plain gradient descent it is the same as weight decay; for adaptive
    methods such as Adam it is not.
    """
    return Sum[j](parameters[j] ** 2)


@loss(
    task="regularization",
    cite=("Zou and Hastie 2005", "Hastie et al. 2009"),
    metrics=("validation loss", "number of parameters that are not 0"),
    over="batch",
    kinks="At a parameter of 0 the first and the second derivative of its absolute value are taken to be 0, as "
    "sign(0) = 0.",
)
def elastic_net(parameters: Real["P"], *, l1_ratio: Probability = 0.5):
    """A mixture of the absolute values and half the squares of the parameters.

    l1_ratio = 1 is the l1 penalty, l1_ratio = 0 half the l2 penalty. The absolute values make the solution
    sparse; the squares keep correlated parameters together. The parametrisation is that of scikit-learn with
    alpha = 1; Zou and Hastie also propose to scale the solution back up, which is not part of the penalty.
    """
    return l1_ratio * Sum[j](Abs(parameters[j])) + (1 - l1_ratio) / 2 * Sum[j](parameters[j] ** 2)
