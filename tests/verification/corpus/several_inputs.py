"""Hand-written gradients of losses with several inputs, and of penalties on parameters."""

import numpy as np
from verification.corpus.record import right, unstable, wrong

# --- triplet ----------------------------------------------------------------------------------------------


def _unit(difference):
    length = np.linalg.norm(difference, axis=-1, keepdims=True)
    return np.divide(difference, length, out=np.zeros_like(difference), where=length > 0)


@right("triplet", "anchor positive negative", source="huggingface/sentence-transformers#4033")
def triplet(anchor, positive, negative):
    """Unit vectors, and 0 where two embeddings coincide."""
    near, far = anchor - positive, anchor - negative
    gap = np.linalg.norm(near, axis=-1) - np.linalg.norm(far, axis=-1) + 1
    on = (gap > 0)[..., None]
    return on * (_unit(near) - _unit(far)), on * -_unit(near), on * _unit(far)


@unstable(
    "triplet",
    "anchor positive negative",
    kinds=("nan", "kink"),
    where=r"distance|=\s*0|to_positive|to_negative|coincide|anchor",
    source="tensorflow/tensorflow#30199",
)
def triplet_divides_by_the_distance(anchor, positive, negative):
    """0/0 where the positive is the anchor."""
    near, far = anchor - positive, anchor - negative
    d_near = np.sqrt(np.sum(near**2, axis=-1, keepdims=True))
    d_far = np.sqrt(np.sum(far**2, axis=-1, keepdims=True))
    on = d_near - d_far + 1 > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        return on * (near / d_near - far / d_far), on * -near / d_near, on * far / d_far


@wrong(
    "triplet",
    "anchor positive negative",
    "wrong-branch",
    "missing-chain-factor",
    where=r"margin|to_negative|to_positive|distance|> ",
)
def triplet_without_the_hinge(anchor, positive, negative):
    """Triplets that keep the margin are pulled as well."""
    near, far = _unit(anchor - positive), _unit(anchor - negative)
    return near - far, -near, far


@wrong(
    "triplet",
    "anchor positive negative",
    "missing-term",
    where=r"anchor",
)
def triplet_anchor_ignores_the_negative(anchor, positive, negative):
    """The anchor is drawn to the positive and not pushed from the negative."""
    near, far = anchor - positive, anchor - negative
    gap = np.linalg.norm(near, axis=-1) - np.linalg.norm(far, axis=-1) + 1
    on = (gap > 0)[..., None]
    return on * _unit(near), on * -_unit(near), on * _unit(far)


@right(
    "triplet_squared",
    "anchor positive negative",
    convention={"reduction": "mean"},
    source="Atcold/torch-TripletEmbedding#6",
)
def facenet(a, p, n):
    """2(n − p), 2(p − a), 2(a − n), over the size of the batch."""
    gap = np.sum((a - p) ** 2, axis=-1) - np.sum((a - n) ** 2, axis=-1) + 0.2
    on = (gap > 0)[..., None] * 2 / len(a)
    return {"anchor": on * (n - p), "positive": on * (p - a), "negative": on * (a - n)}


@wrong(
    "triplet_squared",
    "anchor positive negative",
    "missing-term",
    source="Atcold/torch-TripletEmbedding#6",
)
def facenet_as_if_normalised(a, p, n):
    """The squared lengths are taken for constants."""
    gap = np.sum((a - p) ** 2, axis=-1) - np.sum((a - n) ** 2, axis=-1) + 0.2
    on = (gap > 0)[..., None] * 2
    return on * (n - p), on * -a, on * a


# --- contrastive ------------------------------------------------------------------------------------------


@right("contrastive", "first second same", source="BVLC/caffe#2321")
def hadsell(a, b, same):
    """Attraction of equal pairs, repulsion within the margin of the others."""
    difference = a - b
    d = np.linalg.norm(difference, axis=-1, keepdims=True)
    y = np.asarray(same)[..., None]
    g = y * difference - (1 - y) * np.maximum(0, 1 - d) * _unit(difference)
    return g, -g


@wrong("contrastive", "first second same", "other", where=r"same|0", source="BVLC/caffe#2308")
def caffe_legacy(a, b, same):
    """The derivative of max(0, m − d²) in place of max(0, m − d)²."""
    difference = a - b
    squared = np.sum(difference**2, axis=-1, keepdims=True)
    y = np.asarray(same)[..., None]
    g = y * difference - (1 - y) * (squared < 1) * difference
    return g, -g


@wrong(
    "contrastive",
    "first second same",
    "wrong-branch",
    "swapped-arguments",
    source="Kadenze/siamese_net#7",
)
def contrastive_same_means_different(a, b, label):
    """The pairs of the same kind repel each other."""
    return hadsell(a, b, 1 - np.asarray(label))


@wrong(
    "contrastive",
    "first second same",
    "missing-chain-factor",
    where=r"same|0|distance",
)
def contrastive_without_division(a, b, same):
    """The derivative of the distance is taken for the difference itself."""
    difference = a - b
    d = np.linalg.norm(difference, axis=-1, keepdims=True)
    y = np.asarray(same)[..., None]
    g = y * difference - (1 - y) * np.maximum(0, 1 - d) * difference
    return g, -g


@unstable(
    "contrastive",
    "first second same",
    kinds=("nan", "kink"),
    where=r"distance|=\s*0|coincide",
    source="adambielski/siamese-triplet#18",
)
def contrastive_nan_at_zero(a, b, same):
    """0/0 where a pair coincides."""
    difference = a - b
    d = np.sqrt(np.sum(difference**2, axis=-1, keepdims=True))
    y = np.asarray(same)[..., None]
    with np.errstate(invalid="ignore"):
        g = y * difference - (1 - y) * np.maximum(0, 1 - d) * difference / d
    return g, -g


# --- InfoNCE ----------------------------------------------------------------------------------------------


def _softmax(s, axis):
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@right("info_nce", "query key temperature", stable=None, source="RElbers/info-nce-pytorch#17")
def info_nce(query, key, temperature=0.1):
    """Both gradients, with the temperature."""
    n = len(query)
    g = (_softmax(query @ key.T / temperature, 1) - np.eye(n)) / (n * temperature)
    return g @ key, g.T @ query


@wrong(
    "info_nce",
    "query key",
    "missing-chain-factor",
    "scale",
    parameters={"temperature": 0.2},
    source="huiserwang/ContrastMask#4",
)
def info_nce_temperature_in_the_softmax_only(query, key):
    """The 1/τ of the inner derivative is missing."""
    n = len(query)
    g = (_softmax(query @ key.T / 0.2, 1) - np.eye(n)) / n
    return g @ key, g.T @ query


@wrong(
    "info_nce",
    "query key",
    "reduction",
    parameters={"temperature": 1.0},
)
def info_nce_over_the_queries(query, key):
    """The softmax runs over the queries."""
    n = len(query)
    g = (_softmax(query @ key.T, 0) - np.eye(n)) / n
    return g @ key, g.T @ query


# --- ranking ----------------------------------------------------------------------------------------------


@right("margin_ranking", "first second target", parameters={"margin": 0.5}, source="flagos-ai/FlagGems#2760")
def ranking(x1, x2, y):
    """−y and y in the active region."""
    active = 0.5 - y * (x1 - x2) > 0
    return np.where(active, -y, 0.0), np.where(active, y, 0.0)


@wrong(
    "margin_ranking",
    "first second target",
    "sign",
    "wrong-variable",
    where=r"second",
    parameters={"margin": 0.5},
)
def ranking_same_sign_twice(x1, x2, y):
    """The second score gets the gradient of the first."""
    g = np.where(0.5 - y * (x1 - x2) > 0, -y, 0.0)
    return g, g


@wrong(
    "margin_ranking",
    "first second target",
    "wrong-variable",
    parameters={"margin": 0.5},
    source="mlpack/mlpack#3167",
)
def ranking_by_the_label(x1, x2, y):
    """The derivative by the label, not by the scores."""
    g = np.where(0.5 - y * (x1 - x2) > 0, -(x1 - x2), 0.0)
    return g, -g


# --- generative -------------------------------------------------------------------------------------------


def _sigmoid(z):
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, small) / (1 + small)


@right("gan_discriminator", "real_logits fake_logits", convention={"reduction": "mean"})
def discriminator(real, fake):
    """−σ(−real) and σ(fake)."""
    return -_sigmoid(-real) / len(real), _sigmoid(fake) / len(fake)


@wrong(
    "gan_discriminator",
    "real_logits fake_logits",
    "sign",
    where=r"fake",
    source="rosinality/style-based-gan-pytorch#60",
)
def discriminator_sign_of_the_fakes(real, fake):
    """The generated examples are pushed up."""
    return -_sigmoid(-real), -_sigmoid(fake)


@wrong("gan_generator", "fake_logits", "sign", source="jalola/improved-wgan-pytorch#15")
def generator_ascends(fake):
    """The gradient of log p."""
    return _sigmoid(-fake)


@right("gan_generator_saturating", "fake_logits", source="eriklindernoren/PyTorch-GAN#17")
def generator_of_the_minimax_game(fake_logits):
    """−σ(z)."""
    return -_sigmoid(fake_logits)


@right("gaussian_kl_divergence", "mean log_variance", stable=None)
def gaussian_kl(mu, logvar):
    """μ, and (σ² − 1)/2."""
    return mu, np.expm1(logvar) / 2


@wrong(
    "gaussian_kl_divergence",
    "mean log_variance",
    "extra-term",
    "scale",
    where=r"log_variance",
    source="y0ast/VAE-Torch#5",
)
def gaussian_kl_quarter(mu, logvar):
    """−1/4 for −1/2 in the derivative by log σ²."""
    return mu, np.exp(logvar) / 2 - 0.25


@wrong(
    "gaussian_kl_divergence",
    "mean log_variance",
    "missing-term",
    where=r"log_variance",
)
def gaussian_kl_without_one(mu, logvar):
    """The −1/2 is lost."""
    return mu, np.exp(logvar) / 2


@wrong(
    "gaussian_kl_divergence",
    "mean log_variance",
    "wrong-variable",
    "other",
    where=r"log_variance",
    source="DaehanKim/vgae_pytorch#2",
)
def gaussian_kl_by_log_sigma(mu, log_sigma):
    """The derivative by log σ of a divergence that is handed log σ²."""
    return mu, np.exp(2 * log_sigma) - 1


@wrong("gaussian_kl_divergence", "mean log_variance", "sign", source="Kaixhin/Autoencoders#9")
def gaussian_kl_reversed(mu, logvar):
    """Both derivatives with the wrong sign."""
    return -mu, -np.expm1(logvar) / 2


@wrong(
    "vae",
    "reconstruction target mean log_variance",
    "ignored-parameter",
    "scale",
    parameters={"beta": 4.0},
    where=r"mean|log_variance|beta",
)
def vae_without_beta(x_hat, x, mu, logvar):
    """The weight of the divergence is forgotten."""
    return x_hat - x, mu, np.expm1(logvar) / 2


@right("diffusion_noise_prediction", "predicted_noise noise timestep")
def noise_prediction(eps_hat, eps, t):
    """The mean over the coordinates, all steps alike."""
    return 2 * (eps_hat - eps) / eps.shape[-1]


# --- penalties --------------------------------------------------------------------------------------------


@right("l2_penalty", "parameters", convention={"factor": 0.5}, source="titu1994/DenseNet#57")
def weight_decay(w):
    """The parameters themselves: half the penalty."""
    return w


@wrong(
    "l2_penalty",
    "parameters",
    "scale",
    returns="value, gradient",
    source="jingtinghuang/CS231n-Spring-2017#3",
)
def ridge_without_two(w):
    """The value has no 1/2, the gradient no 2."""
    return np.sum(w * w), w


@wrong("l2_penalty", "parameters", "sign", source="andersbll/nnet#4")
def weight_growth(w):
    """The decay is subtracted from the gradient."""
    return -2 * w


@right("l1_penalty", "parameters")
def lasso(w):
    """The sign."""
    return np.sign(w)


@wrong(
    "elastic_net",
    "parameters",
    "swapped-arguments",
    "other",
    parameters={"l1_ratio": 0.8},
    source="OverLordGoldDragon/keras-adamw#38",
)
def elastic_net_swapped(w):
    """l1 is decayed as l2, and l2 as l1."""
    return 0.8 * w + 0.2 * np.sign(w)


@wrong(
    "elastic_net",
    "parameters",
    "extra-term",
    "scale",
    parameters={"l1_ratio": 0.8},
)
def elastic_net_square_without_half(w):
    """The square's term is doubled: its 1/2 is forgotten."""
    return 0.8 * np.sign(w) + 2 * 0.2 * w


@unstable(
    "log_cosh",
    "target prediction",
    returns="value, gradient",
    where=r"\d",
    source="keras-team/keras#8524",
)
def log_cosh_value_overflows(y_true, y_pred):
    """The value overflows to inf, the gradient does not."""
    r = y_pred - y_true
    with np.errstate(over="ignore"):
        return np.sum(np.log(np.cosh(r))), np.tanh(r)
