"""The questions of a review, in order: the group and the key under which each is answered, and its words."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["GROUPS", "QUESTIONS", "Question"]

GROUPS = {
    "differentiability": "Is it smooth enough to optimise?",
    "scale": "Are its gradients of a sensible size?",
    "alignment": "Does it reward what is wanted?",
    "efficiency": "What does it cost?",
    "robustness": "How does it take outliers and edge cases?",
}


class Question(NamedTuple):
    group: str
    key: str
    words: str


QUESTIONS = (
    Question("differentiability", "continuous", "continuous"),
    Question("differentiability", "class", "differentiability class"),
    Question("differentiability", "kinks", "kinks"),
    Question("differentiability", "blow_up", "gradients that blow up"),
    Question("differentiability", "dead_zones", "regions without gradient"),
    Question("scale", "range", "range"),
    Question("scale", "lipschitz", "Lipschitz constant (supremum of |gradient|)"),
    Question("scale", "gradient_infimum", "infimum of |gradient|"),
    Question("scale", "smoothness", "smoothness constant (supremum of |second derivative|)"),
    Question("scale", "growth", "growth"),
    Question("scale", "homogeneity", "degree of homogeneity"),
    Question("scale", "terms", "size of each term's gradient at typical inputs"),
    Question("alignment", "minimiser", "minimiser"),
    Question("alignment", "convex", "convex in the prediction"),
    Question("alignment", "strictly_convex", "strictly convex"),
    Question("alignment", "strongly_convex", "strongly convex"),
    Question("alignment", "jointly_convex", "jointly convex"),
    Question("alignment", "elicits", "statistic that it elicits"),
    Question("alignment", "proper", "proper scoring rule"),
    Question("alignment", "calibrated", "classification-calibrated"),
    Question("alignment", "upper_bound", "upper bound of the 0-1 loss"),
    Question("alignment", "monotone", "does not increase with the margin"),
    Question("alignment", "symmetric", "symmetric in its arguments"),
    Question("alignment", "translation_invariant", "invariant under translation"),
    Question("alignment", "rotation_invariant", "invariant under rotation"),
    Question("alignment", "scale_invariant", "invariant under scaling"),
    Question("alignment", "empty_masks", "behaviour on empty masks"),
    Question("robustness", "influence", "influence of an outlier"),
    Question("robustness", "breakdown", "one outlier moved far away"),
    Question("robustness", "saturation", "gradient that vanishes where the loss is high"),
    Question("robustness", "edges", "edges of the domain"),
    Question("robustness", "empty_batch", "an empty batch"),
    Question("robustness", "label_noise", "wrong labels"),
    Question("robustness", "imbalance", "rare classes"),
    Question("robustness", "stability", "rewrites for numerical soundness"),
)
"""In the order in which they are shown. Efficiency answers in figures of its own."""
