"""Losses of generative models: adversarial networks, variational autoencoders and diffusion."""

from dataclasses import replace
from inspect import cleandoc

from symloss.declare import (
    ClassIndex,
    Mean,
    NonNegative,
    Real,
    Sum,
    exp,
    index,
    log,
    loss,
    named,
    parameter,
    sigmoid,
)

d = index("d")
j = index("j")


@loss(
    task="generative",
    cite="Goodfellow et al. 2014",
    metrics=("Fréchet inception distance", "inception score"),
    wrt=("real_logits", "fake_logits"),
    native_float32=True,
)
def gan_discriminator(real_logits: Real, fake_logits: Real):
    """The discriminator's loss: binary cross-entropy of telling real examples from generated ones.

    Both arguments are logits of the probability that an example is real; each real example is paired with a
    generated one, and the two terms are added (not averaged). Against a perfect generator the best
    discriminator answers 1/2, and the loss is 2 log 2.
    """
    p_real = named("p_real", sigmoid(real_logits))
    p_fake = named("p_fake", sigmoid(fake_logits))
    return -log(p_real) - log(1 - p_fake)


@loss(
    task="generative",
    cite=("Goodfellow et al. 2014", "Arjovsky and Bottou 2017"),
    metrics=("Fréchet inception distance", "inception score"),
    native_float32=True,
)
def gan_generator(fake_logits: Real):
    """The generator's non-saturating loss: generated examples shall pass for real ones.

    The logit is the discriminator's, of the probability that the example is real. Where the discriminator is
    sure that the example is generated the gradient is near -1, so that the generator learns early in
    training, when the original loss, gan_generator_saturating, has almost no gradient.
    """
    p_fake = named("p_fake", sigmoid(fake_logits))
    return -log(p_fake)


@loss(
    task="generative",
    cite=("Goodfellow et al. 2014", "Arjovsky and Bottou 2017"),
    metrics=("Fréchet inception distance", "inception score"),
    native_float32=True,
)
def gan_generator_saturating(fake_logits: Real):
    """The generator's loss of the minimax game: the negative of what the discriminator gets for the example.

    Its gradient is -sigmoid(fake_logits), which vanishes where the discriminator is sure that the example is
    generated: the generator then learns hardly anything. In practice gan_generator is used, which has the
    same fixed point.
    """
    p_fake = named("p_fake", sigmoid(fake_logits))
    return log(1 - p_fake)


@loss(
    task="generative",
    cite=("Kullback and Leibler 1951", "Kingma and Welling 2014"),
    metrics=("evidence lower bound",),
    wrt=("mean", "log_variance"),
    native_float32=True,
)
def gaussian_kl_divergence(mean: Real["Z"], log_variance: Real["Z"]):
    """Divergence of a normal distribution with independent coordinates from the standard normal one.

    It is the Kullback-Leibler divergence KL(N(mean, diag(exp(log_variance))) ‖ N(0, I)), added up over the Z
    coordinates, in nats. It is 0 exactly where mean = 0 and log_variance = 0. The argument is the logarithm of
    the variance, so that any real number is allowed.
    """
    return Sum[j](exp(log_variance[j]) + mean[j] ** 2 - 1 - log_variance[j]) / 2


@loss(task="generative")
def gaussian_reconstruction(reconstruction: Real["D"], target: Real["D"]):
    """Negative log-likelihood of a normal decoder of variance 1, without its constant."""
    return Sum[d]((reconstruction[d] - target[d]) ** 2) / 2


vae = replace(
    (gaussian_reconstruction + parameter("beta", NonNegative, 1) * gaussian_kl_divergence)
    .renamed("vae")
    .wrt("reconstruction", "mean", "log_variance"),
    doc=cleandoc("""
        Reconstruction error plus beta times the divergence of the code from the standard normal distribution.

        With beta = 1 it is the negative evidence lower bound of a variational autoencoder with a normal
        decoder of variance 1, estimated from one sample of the code; the constant (D/2) log(2π) is left out.
        The first term is half the sum of the squared errors over the D outputs: with their mean in its place,
        the divergence would weigh D/2 times as much. beta > 1 (the beta-VAE) trades reconstruction for a code
        nearer to the prior.
    """),
    cite=("Kingma and Welling 2014", "Higgins et al. 2017"),
    metrics=("evidence lower bound", "reconstruction error", "Fréchet inception distance"),
)
del gaussian_reconstruction  # a part of it, and no loss of the catalogue


@loss(
    task="generative",
    cite=("Ho et al. 2020", "Hang et al. 2023"),
    metrics=("Fréchet inception distance", "inception score"),
)
def diffusion_noise_prediction(
    predicted_noise: Real["D"],
    noise: Real["D"],
    timestep: ClassIndex["T"],
    *,
    timestep_weight: NonNegative["T"] = 1,
):
    """Mean squared error of the predicted noise, weighed by the step of the diffusion process.

    With all weights 1 it is the simple loss of Ho et al., averaged over the D coordinates. The steps are
    counted from 0 (Ho et al. count from 1). With s the signal-to-noise ratio of a step, the weight min(s,
    5)/s is that of Hang et al. As a weight of the term, not of the example, it does not enter the divisor of
    the mean.
    """
    squared_error = named("squared_error", Mean[d]((predicted_noise[d] - noise[d]) ** 2))
    return timestep_weight[timestep] * squared_error
