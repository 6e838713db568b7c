"""What the literature has proven or listed of losses, with where it says so. A test asks the review for the same.

A claim is a characteristic and what was published of it: True or False, or a formula in the hyper-parameters, as text.
Numbers of theorems and examples are given where they are known for sure; otherwise the section or the subject.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from published_sources import SOURCES

import symloss
from symloss.library import losses_in
from symloss.value import Loss

__all__ = ["CHARACTERISTICS", "PUBLISHED", "SOURCES", "Published", "loss_of", "number_of_claims"]

CHARACTERISTICS = {
    "convex": "convex in the prediction",
    "strictly_convex": "strictly convex in the prediction",
    "strongly_convex": "constant of strong convexity, 0 for none",
    "lipschitz": "Lipschitz constant, oo for none",
    "smoothness": "Lipschitz constant of the gradient, oo for none",
    "continuous_derivatives": "how many derivatives are continuous",
    "kinks": "where it is not differentiable",
    "dead_zone": "there is a region in which the gradient is 0",
    "lower": "infimum",
    "upper": "supremum",
    "elicits": "the statistic that the best constant prediction is",
    "proper": "a proper scoring rule",
    "strictly_proper": "a strictly proper scoring rule",
    "calibrated": "classification-calibrated",
    "upper_bound": "an upper bound of the 0-1 loss",
    "minimiser": "what minimises it in expectation, p being the probability of the class 1",
    "monotone": "does not increase with the margin",
    "noise_symmetric": "the losses of both labels add up to a constant",
    "influence": "what an outlier does: its influence grows, is bounded, or redescends to 0",
    "translation": "invariant to a translation of all embeddings, or of all scores",
    "rotation": "invariant to a rotation of all embeddings",
    "scale": "invariant to a common factor of all arguments",
}
"""The characteristics that the table speaks of."""


@dataclass(frozen=True)
class Published:
    """What one source says of one loss; ``at`` fixes hyper-parameters at which it says so."""

    loss: str
    source: str
    where: str
    claims: dict[str, Any]
    at: dict[str, float] = field(default_factory=dict)


@cache
def _declared() -> dict[str, Loss]:
    return losses_in(Path(__file__).with_name("published_losses.py"))


def loss_of(row: Published) -> Loss:
    """The loss that a row speaks of: of the catalogue, or declared beside this file."""
    found = _declared().get(row.loss) or symloss.get(row.loss)
    return found.with_(**row.at) if row.at else found


def number_of_claims() -> int:
    """How many claims the table has."""
    return sum(len(row.claims) for row in PUBLISHED)


def row(loss: str, source: str, where: str, said: str, at: dict[str, float] | None = None) -> Published:
    """A row of the table, the claims in words: "convex; not proper; lipschitz = delta"."""
    claims: dict[str, Any] = {}
    for claim in said.split("; "):
        name, _, value = claim.partition(" = ")
        claims[name.removeprefix("not ")] = value or not claim.startswith("not ")
    assert source in SOURCES and claims.keys() <= CHARACTERISTICS.keys(), (loss, source, claims)
    return Published(loss, source, where, claims, at or {})


_STEINWART = "Steinwart and Christmann 2008"
_HAMPEL = "Hampel et al. 1986"
_BARTLETT = "Bartlett et al. 2006"
_BOYD = "Boyd and Vandenberghe 2004"
_GNEITING = "Gneiting and Raftery 2007"
_SYMMETRIC = "Charoenphakdee et al. 2019"

PUBLISHED: tuple[Published, ...] = (
    # --- regression: squares, absolute values, and what lies between ---
    row("mean_squared_error", "Gneiting 2011", "Theorem 7 (Savage's)", "elicits = mean"),
    row(
        "mean_squared_error",
        _BOYD,
        "Section 9.1.2 (strong convexity)",
        "convex; strictly_convex; strongly_convex = 2; smoothness = 2",
    ),
    row(
        "mean_squared_error",
        "Rosasco et al. 2004",
        "Lipschitz on bounded sets alone",
        "lipschitz = oo",
    ),
    row("mean_squared_error", _HAMPEL, "Chapter 2 (the mean)", "influence = growing"),
    row("mean_absolute_error", "Gneiting 2011", "Theorem 9, level 1/2", "elicits = median"),
    row(
        "mean_absolute_error",
        _STEINWART,
        "Section 2.4 (distance-based losses)",
        "convex; not strictly_convex; lipschitz = 1; kinks = prediction - target",
    ),
    row("mean_absolute_error", _HAMPEL, "Chapter 2 (the median)", "influence = bounded"),
    row(
        "huber",
        "Huber 1964",
        "the minimax estimator: psi(t) = max(-k, min(k, t))",
        "convex; not strictly_convex; lipschitz = delta; smoothness = 1; continuous_derivatives = 1; "
        "influence = bounded",
    ),
    row("huber", _STEINWART, "Section 2.4 (Huber's loss)", "convex; lipschitz = delta"),
    row(
        "log_cosh",
        "Saleh and Saleh 2022",
        "properties of the loss",
        "convex; lipschitz = 1; smoothness = 1; continuous_derivatives = oo; influence = bounded",
    ),
    row("quantile", "Koenker and Bassett 1978", "regression quantiles", "elicits = quantile level"),
    row("quantile", "Gneiting 2011", "Theorem 9", "elicits = quantile level"),
    row(
        "quantile",
        _STEINWART,
        "Section 2.4 (pinball loss)",
        "convex; lipschitz = Max(level, 1 - level); kinks = prediction - target",
    ),
    row("expectile", "Gneiting 2011", "Theorem 10", "elicits = expectile level"),
    row(
        "expectile",
        "Newey and Powell 1987",
        "asymmetric least squares",
        "elicits = expectile level; convex; strictly_convex; continuous_derivatives = 1; "
        "strongly_convex = 2*Min(level, 1 - level); smoothness = 2*Max(level, 1 - level)",
    ),
    row("epsilon_insensitive", "Vapnik 1995", "the epsilon-insensitive loss", "dead_zone; lower = 0"),
    row(
        "epsilon_insensitive",
        _STEINWART,
        "Section 2.4 (epsilon-insensitive loss)",
        "convex; not strictly_convex; lipschitz = 1; kinks = prediction - target - epsilon, prediction - "
        "target + epsilon",
    ),
    row(
        "pseudo_huber",
        "Charbonnier et al. 1997",
        "the function of hyperbolic surfaces",
        "convex; continuous_derivatives = oo",
    ),
    row(
        "pseudo_huber",
        "Barron 2019",
        "Equation 3 (alpha = 1) and the bounds of the derivatives",
        "convex; lipschitz = delta; smoothness = 1; influence = bounded",
    ),
    row(
        "cauchy",
        "Barron 2019",
        "alpha = 0, and the bounds of the derivatives",
        "not convex; lipschitz = 1/(sqrt(2)*width); smoothness = 1/width**2; influence = redescending; "
        "upper = oo; lower = 0",
    ),
    row(
        "geman_mcclure",
        "Barron 2019",
        "alpha = -2, and the bounds of the derivatives",
        "not convex; lipschitz = 3*sqrt(3)/(8*width); smoothness = 1/width**2; influence = redescending; "
        "upper = 2; lower = 0",
    ),
    row(
        "welsch",
        "Barron 2019",
        "alpha = -oo, and the bounds of the derivatives",
        "not convex; lipschitz = exp(-1/2)/width; smoothness = 1/width**2; influence = redescending; "
        "upper = 1; lower = 0",
    ),
    row(
        "tukey_biweight",
        "Beaton and Tukey 1974",
        "the biweight",
        "not convex; upper = c**2/6; dead_zone; lower = 0",
    ),
    row("tukey_biweight", _HAMPEL, "Section 2.6 (redescending M-estimators)", "influence = redescending"),
    row(
        "fair",
        "Holland and Welsch 1977",
        "list of weight functions",
        "convex; lipschitz = c; influence = bounded",
    ),
    row("linex", "Zellner 1986", "the LINEX loss", "convex; lower = 0; lipschitz = oo"),
    row("qlike", "Patton 2011", "Propositions on robust and homogeneous losses", "elicits = mean; scale"),
    row(
        "poisson_negative_log_likelihood",
        "McCullagh and Nelder 1989",
        "Chapter 2 (canonical link: concave likelihood)",
        "convex; strictly_convex; lipschitz = oo",
    ),
    row("value_at_risk", "Rockafellar and Uryasev 2000", "Theorem 1", "convex; elicits = quantile level"),
    # --- margins ---
    row("hinge", _BARTLETT, "Theorem 2 and the examples", "convex; calibrated; upper_bound"),
    row(
        "hinge",
        "Lin 2002",
        "the minimiser of the expected hinge loss",
        "minimiser = sign(2*p - 1); calibrated",
    ),
    row("hinge", "Rosasco et al. 2004", "Lipschitz constants of the losses", "convex; lipschitz = 1"),
    row(
        "hinge",
        _STEINWART,
        "Section 2.3 (margin-based losses)",
        "not strictly_convex; kinks = target*score - margin; monotone; dead_zone",
    ),
    row("hinge", _SYMMETRIC, "the table of margin losses", "convex; not noise_symmetric"),
    row("squared_hinge", _BARTLETT, "the truncated quadratic loss", "convex; calibrated; upper_bound"),
    row("squared_hinge", "Zhang 2004", "the modified least squares", "minimiser = 2*p - 1"),
    row(
        "squared_hinge",
        _STEINWART,
        "Section 2.3 (truncated least squares)",
        "lipschitz = oo; monotone; continuous_derivatives = 1; not strictly_convex",
    ),
    row("squared_hinge", _SYMMETRIC, "the table of margin losses", "convex; not noise_symmetric"),
    row(
        "logistic_margin",
        _STEINWART,
        "Section 2.3 (logistic loss for classification)",
        "convex; strictly_convex; lipschitz = 1; monotone",
    ),
    row("logistic_margin", "Zhang 2004", "logistic regression", "minimiser = log(p/(1 - p)); calibrated"),
    row(
        "logistic_margin", "Rosasco et al. 2004", "Lipschitz constants of the losses", "convex; lipschitz = 1"
    ),
    row("logistic_margin", _SYMMETRIC, "the table of margin losses", "convex; not noise_symmetric"),
    row(
        "logistic_margin_in_bits",
        "Mohri et al. 2018",
        "Section 4.7 (convex surrogates)",
        "convex; upper_bound; monotone",
    ),
    row("exponential_margin", _BARTLETT, "Theorem 2 and the examples", "convex; calibrated; upper_bound"),
    row(
        "exponential_margin",
        "Friedman et al. 2000",
        "Lemma 1",
        "minimiser = log(p/(1 - p))/2; strictly_convex",
    ),
    row("exponential_margin", _SYMMETRIC, "the table of margin losses", "convex; not noise_symmetric"),
    row("squared_margin", _BARTLETT, "the quadratic loss", "convex; calibrated; upper_bound"),
    row("squared_margin", "Zhang 2004", "least squares", "minimiser = 2*p - 1"),
    row(
        "squared_margin",
        _STEINWART,
        "Section 2.3 (least squares)",
        "strictly_convex; lipschitz = oo; not monotone",
    ),
    row("squared_margin", _SYMMETRIC, "the table of margin losses", "convex; not noise_symmetric"),
    row(
        "modified_huber",
        "Zhang 2004",
        "the modified Huber loss",
        "convex; calibrated; minimiser = 2*p - 1; continuous_derivatives = 1; lipschitz = 4",
    ),
    row(
        "perceptron",
        _BARTLETT,
        "Theorem 2 (a convex loss needs a negative derivative at 0)",
        "convex; not calibrated",
    ),
    row(
        "unhinged",
        "van Rooyen et al. 2015",
        "the unhinged loss",
        "convex; noise_symmetric; calibrated; lower = -oo",
    ),
    row("unhinged", _SYMMETRIC, "the table of margin losses", "convex; noise_symmetric"),
    row(
        "ramp",
        "Ghosh et al. 2015",
        "losses that satisfy the symmetric condition",
        "noise_symmetric",
    ),
    row(
        "ramp",
        _SYMMETRIC,
        "the table of margin losses",
        "not convex; noise_symmetric; calibrated; lower = 0; upper = 1",
    ),
    row(
        "sigmoid_margin",
        "Ghosh et al. 2015",
        "losses that satisfy the symmetric condition",
        "noise_symmetric",
    ),
    row("sigmoid_margin", _BARTLETT, "the sigmoid loss among the examples", "not convex; calibrated"),
    row(
        "sigmoid_margin",
        _SYMMETRIC,
        "the table of margin losses",
        "not convex; noise_symmetric; lower = 0; upper = 1",
    ),
    row(
        "savage",
        "Masnadi-Shirazi and Vasconcelos 2008",
        "the Savage loss",
        "not convex; calibrated; minimiser = log(p/(1 - p))/2; upper = 1; lower = 0",
    ),
    row("savage", _SYMMETRIC, "the table of margin losses", "not convex; not noise_symmetric"),
    row(
        "multiclass_hinge",
        "Tewari and Bartlett 2007",
        "the loss of Crammer and Singer is not consistent",
        "convex; not calibrated",
    ),
    # --- probabilities ---
    row("binary_cross_entropy", "Good 1952", "the logarithmic score", "proper"),
    row(
        "binary_cross_entropy",
        _GNEITING,
        "Example 3 (logarithmic score)",
        "strictly_proper; proper; upper = oo; lower = 0",
    ),
    row(
        "binary_cross_entropy",
        "Reid and Williamson 2010",
        "log loss",
        "convex; strictly_proper; minimiser = p",
    ),
    row("categorical_cross_entropy", _GNEITING, "Example 3 (logarithmic score)", "strictly_proper; convex"),
    row("brier", "Brier 1950", "the score of the paper", "lower = 0; upper = 1"),
    row("brier", _GNEITING, "Example 1 (quadratic or Brier score)", "strictly_proper; proper"),
    row("brier", "Reid and Williamson 2010", "square loss", "convex; minimiser = p"),
    row("spherical", _GNEITING, "Example 2 (spherical score)", "strictly_proper; proper"),
    row("boosting", "Buja et al. 2005", "boosting loss", "strictly_proper; proper"),
    row(
        "absolute_score",
        "Buja et al. 2005",
        "the absolute error is not proper",
        "not proper; not strictly_proper",
    ),
    row("absolute_score", "Ghosh et al. 2017", "mean absolute error is symmetric", "noise_symmetric; convex"),
    row("binary_cross_entropy", "Ghosh et al. 2017", "cross-entropy is not symmetric", "not noise_symmetric"),
    row("brier", "Ghosh et al. 2017", "mean squared error is not symmetric", "not noise_symmetric"),
    row(
        "generalized_cross_entropy",
        "Zhang and Sabuncu 2018",
        "the loss L_q and its bounds",
        "lower = 0; upper = 1/power; not noise_symmetric",
    ),
    row(
        "plain_focal",
        "Charoenphakdee et al. 2021",
        "the two main theorems, as the abstract states them",
        "calibrated; not strictly_proper",
    ),
    row(
        "focal",
        "Charoenphakdee et al. 2021",
        "the two main theorems; both classes weigh 1/2",
        "calibrated; not strictly_proper",
        at={"alpha": 0.5},
    ),
    row(
        "focal",
        "Charoenphakdee et al. 2021",
        "gamma = 0 is cross-entropy",
        "strictly_proper",
        at={"alpha": 0.5, "gamma": 0},
    ),
    row(
        "binary_cross_entropy_with_logits",
        _BOYD,
        "Section 7.1.1 (logistic regression)",
        "convex; strictly_convex",
    ),
    row(
        "binary_cross_entropy_with_logits",
        "Reid and Williamson 2010",
        "log loss with its canonical link",
        "proper; minimiser = log(p/(1 - p))",
    ),
    row(
        "binary_cross_entropy_with_logits",
        "Böhning 1992",
        "the bound of the Hessian, two classes",
        "smoothness = 1/4",
        at={"pos_weight": 1},
    ),
    row(
        "softmax_cross_entropy",
        _BOYD,
        "Section 3.1.5 (log-sum-exp)",
        "convex; not strictly_convex; translation",
    ),
    row("softmax_cross_entropy", "Böhning 1992", "the bound of the Hessian", "smoothness = 1/2"),
    # --- penalties ---
    row("l1_penalty", "Tibshirani 1996", "Section 2 (the lasso)", "convex; kinks = parameters"),
    row("l2_penalty", "Hoerl and Kennard 1970", "ridge regression", "strictly_convex; strongly_convex = 2"),
    row(
        "elastic_net",
        "Zou and Hastie 2005",
        "Section 2 (strictly convex as soon as squares take part)",
        "convex; strictly_convex; strongly_convex = 1 - l1_ratio",
    ),
    # --- pairs and triplets, overlap, generators ---
    row("triplet", "Balntas et al. 2016", "distances of embeddings", "translation; rotation; not scale"),
    row(
        "triplet_squared",
        "Schroff et al. 2015",
        "Section 3.1 (triplet loss)",
        "translation; rotation; not scale",
    ),
    row(
        "contrastive",
        "Hadsell et al. 2006",
        "the analogy of springs: no force beyond the margin",
        "dead_zone; translation; rotation; lower = 0",
    ),
    row(
        "margin_ranking",
        "Herbrich et al. 2000",
        "the difference of two scores alone matters",
        "convex; translation",
    ),
    row("soft_dice", "Milletari et al. 2016", "Section 3 (between 0 and 1)", "lower = 0; upper = 1"),
    row(
        "gaussian_kl_divergence",
        "Kullback and Leibler 1951",
        "the divergence is ≥ 0, and 0 for equal distributions",
        "lower = 0",
    ),
    row(
        "gan_generator_saturating",
        "Goodfellow et al. 2014",
        "Section 3 (the gradient saturates)",
        "not convex; lower = -oo",
    ),
)
"""The table, a row for each loss and source."""
