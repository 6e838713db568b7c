"""The gradients of other libraries as plain functions: scikit-learn, XGBoost, LightGBM and PyTorch.

Neither booster says what its built-in objectives answer, but the trees tell. In XGBoost a tree of one leaf has
the weight -G/H and the sum H of its Hessians; with one example, and the batch as its targets or classes, these are
the example's own. In LightGBM a tree with one leaf an example is refitted to the objective: its leaf is
-G/(H + lambda_l2), and two values of lambda_l2 give both.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

import symloss
from symloss import Abs, Interval, Positive, Real, exp, log, loss, named, sqrt


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One gradient of a library: how to get the function, which loss it should be, and what verify says of it."""

    library: str
    name: str
    loss: str
    function: Callable[[], Callable]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    verdict: str = "right"
    kinds: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def declared(self) -> symloss.Loss:
        """The loss that it should be the gradient of."""
        own = OWN.get(self.loss)
        return (symloss.get(self.loss) if own is None else own).with_(**self.parameters)

    @property
    def module(self) -> str:
        return {"scikit-learn": "sklearn", "LightGBM": "lightgbm", "XGBoost": "xgboost", "PyTorch": "torch"}[
            self.library
        ]


# --- losses that the catalogue does not have --------------------------------------------------------------


@loss(task="regression", cite="Charbonnier et al. 1997")
def pseudo_huber(prediction: Real, target: Real, *, slope: Positive = 1):
    """A smooth relative of Huber's loss."""
    r = named("r", prediction - target)
    return slope**2 * (sqrt(1 + (r / slope) ** 2) - 1)


@loss(task="regression", cite="Fair 1974")
def fair(prediction: Real, target: Real, *, c: Positive = 1):
    """Between the squared and the absolute error; the gradient is bounded by c."""
    r = named("r", prediction - target)
    return c**2 * (Abs(r) / c - log(1 + Abs(r) / c))


@loss(task="regression", cite="McCullagh and Nelder 1989")
def gamma_deviance(log_mean: Real, target: Positive):
    """Half the deviance of a gamma distribution, without what does not depend on the prediction."""
    return log_mean + target * exp(-log_mean)


@loss(task="regression", cite="Jørgensen 1987")
def tweedie(log_mean: Real, target: Positive, *, power: Interval(1, 2, open=True) = 1.5):
    """Half the deviance of a compound Poisson distribution, without what does not depend on the prediction."""
    return exp((2 - power) * log_mean) / (2 - power) - target * exp((1 - power) * log_mean) / (1 - power)


OWN = {one.name: one for one in (pseudo_huber, fair, gamma_deviance, tweedie)}

# --- scikit-learn -----------------------------------------------------------------------------------------


def sklearn_loss(name: str, *, hessian: bool = True, **parameters: Any) -> Callable[[], Callable]:
    """A class of ``sklearn._loss``, as a function (y_true, y_pred) -> (gradient, hessian)."""

    def make() -> Callable:
        loss = getattr(importlib.import_module("sklearn._loss"), name)(**parameters)

        def objective(y_true, y_pred):
            y = np.ascontiguousarray(y_true, dtype=float)
            raw = np.ascontiguousarray(y_pred, dtype=float)
            if hessian:
                return loss.gradient_hessian(y_true=y, raw_prediction=raw)
            return loss.gradient(y_true=y, raw_prediction=raw)

        return objective

    return make


def sklearn_sgd(name: str, *parameters: float) -> Callable[[], Callable]:
    """A loss of scikit-learn's stochastic gradient descent, one example at a time."""

    def make() -> Callable:
        loss = getattr(importlib.import_module("sklearn.linear_model._sgd_fast"), name)(*parameters)

        def gradient(score, target):
            pairs = zip(np.ravel(score), np.ravel(target), strict=True)
            return np.array([loss.py_dloss(float(p), float(y)) for p, y in pairs])

        return gradient

    return make


# --- XGBoost ----------------------------------------------------------------------------------------------

XGBOOST = {
    "eta": 1,
    "lambda": 0,
    "alpha": 0,
    "min_child_weight": 0,
    "max_depth": 1,
    "nthread": 1,
    "verbosity": 0,
}


CAP = 0.5
"""Weights beyond are not trusted: the Poisson objective limits them to 0.7."""
DAMPED = np.float32(1e20)
"""A lambda that makes every weight small."""


def _xgboost_gradient(
    labels: np.ndarray, scores: np.ndarray, anchor: tuple, options: Mapping[str, Any]
) -> tuple:
    """Gradient and Hessian of one example with as many targets, or classes, as it has scores.

    A leaf whose Hessian is 0 gets the weight 0, whatever its gradient; so the example shares its leaf with another one,
    ``anchor``, of which score and label are such that its gradient is 0 and its Hessian is not.
    """
    _, hessian = _xgboost_leaves([labels], [scores], options)
    both = [labels, np.full_like(labels, anchor[1])], [scores, np.broadcast_to(anchor[0], scores.shape)]
    weight, total = _xgboost_leaves(*both, options)
    damped, _ = _xgboost_leaves(*both, {**options, "lambda": float(DAMPED)})
    return np.where(np.abs(weight) < CAP, -weight * total, -damped * (total + DAMPED)), hessian


def _xgboost_leaves(labels: list, scores: list, options: Mapping[str, Any]) -> tuple:
    import xgboost

    rows = np.zeros((len(labels), 1), np.float32)
    data = xgboost.DMatrix(rows, label=np.concatenate(labels), base_margin=np.array(scores, np.float32))
    booster = xgboost.train({**XGBOOST, **options}, data, 1)
    trees = json.loads(bytes(booster.save_raw("json")))["learner"]["gradient_booster"]["model"]["trees"]
    return tuple(np.array([t[k][0] for t in trees], np.float32) for k in ("base_weights", "sum_hessian"))


def xgboost_objective(
    objective: str, anchor: tuple = (0.0, 0.0), **parameters: Any
) -> Callable[[], Callable]:
    """A built-in objective of XGBoost on one number an example, as a function (y_true, y_pred)."""

    def make() -> Callable:
        def built_in(y_true, y_pred):
            y, z = np.asarray(y_true, np.float32).reshape(1, -1), np.asarray(y_pred, np.float32)
            return _xgboost_gradient(y, z, anchor, {"objective": objective, "base_score": 0.5, **parameters})

        return built_in

    return make


def xgboost_softmax() -> Callable:
    """XGBoost's multi:softprob."""

    def built_in(y_true, y_pred):
        y, z = np.asarray(y_true, np.float32), np.asarray(y_pred, np.float32)
        options = {"objective": "multi:softprob", "num_class": z.shape[1]}
        anchor = (np.where(np.arange(z.shape[1]) == 0, 1e4, 0.0), 0.0)
        rows = [_xgboost_gradient(y[i : i + 1], z[i], anchor, options) for i in range(len(y))]
        return np.array([g for g, _ in rows]), np.array([h for _, h in rows])

    return built_in


# --- LightGBM ---------------------------------------------------------------------------------------------

LIGHTGBM = {
    "verbosity": -1,
    "num_threads": 1,
    "min_data_in_leaf": 1,
    "min_data_in_bin": 1,
    "min_sum_hessian_in_leaf": 0,
    "lambda_l2": 0,
    "boost_from_average": False,
    "feature_pre_filter": False,
    "deterministic": True,
    "force_col_wise": True,
}
PENALTIES = (1e10, 1e40)
"""For ordinary gradients and for large ones. A leaf below 1e-35 is taken for 0, so the first is not larger."""
SHRINKAGE = 0.5
"""What the leaves are multiplied by. Below 1, so that every tree has residuals left to split by."""


@cache
def _one_leaf_an_example(n: int, trees: int):
    """A LightGBM model whose trees have a leaf for each of n examples, and the data that it takes them from."""
    import lightgbm

    x = np.arange(n, dtype=float)[:, None]
    options = {**LIGHTGBM, "objective": "regression", "num_leaves": n, "max_bin": 2 * n + 5}
    options |= {"learning_rate": SHRINKAGE}
    model = lightgbm.train(options, lightgbm.Dataset(x, label=np.arange(n) ** 2.0, params=options), trees)
    leaves = model.predict(x, pred_leaf=True).reshape(n, -1)
    if leaves.shape != (n, trees) or any(len(set(column)) < n for column in leaves.T):
        raise AssertionError("two examples share a leaf")
    return model, x


def lightgbm_objective(objective: str, *, hessian: bool = False, **parameters: Any) -> Callable[[], Callable]:
    """The gradient of a built-in objective of LightGBM, as a function of (y_true, y_pred).

    The Hessian comes along if asked for; it is NaN where the gradient is 0, since the leaf is then 0 as well.
    """

    def make() -> Callable:
        def built_in(y_true, y_pred):
            # two examples more, because some objectives refuse labels that are all alike
            y = np.concatenate([np.asarray(y_true, float), [1.0, 1.0 if "gamma" in objective else 0.0]])
            z = np.asarray(y_pred, float)
            z = np.concatenate([z, np.zeros((2, *z.shape[1:]))])
            classes = z.shape[1] if z.ndim > 1 else 1
            model, x = _one_leaf_an_example(len(y), classes)
            leaves = []
            for penalty in (0.0, *PENALTIES):
                model.params = {**LIGHTGBM, "objective": objective, "lambda_l2": penalty, **parameters}
                model.params |= {"max_bin": 2 * len(y) + 5}
                model.params |= {"num_class": classes} if classes > 1 else {}
                fitted = model.refit(x, label=y, decay_rate=0.0, init_score=z)
                leaves.append(fitted.predict(x, raw_score=True).reshape(z.shape)[:-2] / SHRINKAGE)
            with np.errstate(divide="ignore", invalid="ignore"):
                small, large = (
                    np.where(leaf == 0, 0.0, -penalty / (1 / leaf - 1 / leaves[0]))
                    for penalty, leaf in zip(PENALTIES, leaves[1:], strict=True)
                )
                gradient = np.where(np.abs(large) > PENALTIES[0], large, small).astype(np.float32)
                second = -gradient / leaves[0]
            return (gradient, second.astype(np.float32)) if hessian else gradient

        return built_in

    return make


# --- PyTorch ----------------------------------------------------------------------------------------------


def _torch_losses() -> dict[str, Callable]:
    import torch
    from torch.distributions import Normal, kl_divergence
    from torch.nn import functional as f

    def class_index(logits, target, label_smoothing=0.0):
        return f.cross_entropy(logits, target, label_smoothing=label_smoothing)

    def normal_divergence(mean, log_variance):
        return kl_divergence(Normal(mean, torch.exp(log_variance / 2)), Normal(0.0, 1.0)).sum(-1).mean()

    def discriminator(real_logits, fake_logits):
        real = f.binary_cross_entropy_with_logits(real_logits, torch.ones_like(real_logits))
        return real + f.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))

    return {
        "mean_squared_error": lambda prediction, target: f.mse_loss(prediction, target),
        "mean_absolute_error": lambda prediction, target: f.l1_loss(prediction, target),
        "huber": lambda prediction, target, delta=1.0: f.huber_loss(prediction, target, delta=delta),
        "poisson_negative_log_likelihood": lambda log_rate, target: f.poisson_nll_loss(log_rate, target),
        "binary_cross_entropy": lambda probability, target: f.binary_cross_entropy(probability, target),
        "binary_cross_entropy_with_logits": lambda logits, target: f.binary_cross_entropy_with_logits(
            logits, target
        ),
        "softmax_cross_entropy": lambda logits, target: f.cross_entropy(logits, target),
        "softmax_cross_entropy_with_class_index": class_index,
        "categorical_cross_entropy": lambda probability, target: (
            -torch.xlogy(target, probability).sum(-1).mean()
        ),
        "pixelwise_cross_entropy": lambda logits, target: f.cross_entropy(logits, target),
        "triplet": lambda anchor, positive, negative: f.triplet_margin_loss(
            anchor, positive, negative, eps=0.0
        ),
        "margin_ranking": lambda first, second, target: f.margin_ranking_loss(first, second, target),
        "gan_discriminator": discriminator,
        "gan_generator": lambda fake_logits: f.softplus(-fake_logits).mean(),
        "gan_generator_saturating": lambda fake_logits: f.logsigmoid(-fake_logits).mean(),
        "gaussian_kl_divergence": normal_divergence,
        "info_nce": lambda query, key, temperature=0.1: f.cross_entropy(
            query @ key.T / temperature, torch.arange(len(query))
        ),
        "l1_penalty": lambda parameters: parameters.abs().sum(),
        "l2_penalty": lambda parameters: (parameters**2).sum(),
    }


CLAMPED = ("binary_cross_entropy",)
"""PyTorch divides by no less than 1e-12, so within that of 0 and 1 its gradient is another one."""
TORCH = (
    "mean_squared_error mean_absolute_error huber poisson_negative_log_likelihood binary_cross_entropy "
    "binary_cross_entropy_with_logits softmax_cross_entropy softmax_cross_entropy_with_class_index "
    "categorical_cross_entropy pixelwise_cross_entropy triplet margin_ranking gan_discriminator gan_generator "
    "gan_generator_saturating gaussian_kl_divergence info_nce l1_penalty l2_penalty"
).split()


# --- all of them ------------------------------------------------------------------------------------------


def _peers() -> list[Peer]:
    def one(library: str, name: str, loss: str, function: Callable, **rest: Any) -> Peer:
        return Peer(library=library, name=name, loss=loss, function=function, **rest)

    bce, index = "binary_cross_entropy_with_logits", "softmax_cross_entropy_with_class_index"
    poisson = "poisson_negative_log_likelihood"
    wrong = {"verdict": "wrong", "kinds": ("hessian",)}
    sklearn = [
        one("scikit-learn", "HalfSquaredError", "mean_squared_error", sklearn_loss("HalfSquaredError")),
        one(
            "scikit-learn",
            "AbsoluteError",
            "mean_absolute_error",
            sklearn_loss("AbsoluteError", hessian=False),
        ),
        one(
            "scikit-learn",
            "PinballLoss",
            "quantile",
            sklearn_loss("PinballLoss", quantile=0.2, hessian=False),
            parameters={"level": 0.2},
        ),
        one(
            "scikit-learn",
            "HuberLoss",
            "huber",
            sklearn_loss("HuberLoss", delta=1.5, hessian=False),
            parameters={"delta": 1.5},
        ),
        one("scikit-learn", "HalfPoissonLoss", poisson, sklearn_loss("HalfPoissonLoss")),
        one("scikit-learn", "HalfBinomialLoss", bce, sklearn_loss("HalfBinomialLoss")),
        one(
            "scikit-learn",
            "HalfMultinomialLoss",
            index,
            lambda: _multinomial(importlib.import_module("sklearn._loss")),
        ),
        one("scikit-learn", "HalfGammaLoss", "gamma_deviance", sklearn_loss("HalfGammaLoss")),
        one("scikit-learn", "HalfTweedieLoss", "tweedie", sklearn_loss("HalfTweedieLoss", power=1.5)),
        one("scikit-learn", "Hinge", "hinge", sklearn_sgd("Hinge", 1.0)),
        one("scikit-learn", "SquaredHinge", "squared_hinge", sklearn_sgd("SquaredHinge", 1.0)),
    ]
    xgboost = [
        one("XGBoost", "reg:squarederror", "mean_squared_error", xgboost_objective("reg:squarederror")),
        # It holds p(1 - p) above 1e-16. That is less than the rounding of p near 1, by which p(1 - p) is lost already
        # in single precision: no digit of the second derivative changes that was right before, so it is unstable.
        one(
            "XGBoost",
            "binary:logistic",
            bce,
            xgboost_objective("binary:logistic", (0.0, 0.5)),
            kinds=("unstable",),
        ),
        one("XGBoost", "binary:hinge", "hinge", xgboost_objective("binary:hinge", (2.0, 1.0)), **wrong),
        one(
            "XGBoost",
            "count:poisson",
            poisson,
            xgboost_objective("count:poisson", (0.0, 1.0)),
            **wrong,
        ),
        one("XGBoost", "reg:pseudohubererror", "pseudo_huber", xgboost_objective("reg:pseudohubererror")),
        one("XGBoost", "reg:gamma", "gamma_deviance", xgboost_objective("reg:gamma", (0.0, 1.0))),
        one(
            "XGBoost",
            "reg:tweedie",
            "tweedie",
            xgboost_objective("reg:tweedie", (0.0, 1.0), tweedie_variance_power=1.5),
        ),
        one("XGBoost", "multi:softprob", index, xgboost_softmax, **wrong, options={"budget": 5}),
    ]
    lightgbm = [
        one("LightGBM", "regression", "mean_squared_error", lightgbm_objective("regression")),
        one("LightGBM", "regression_l1", "mean_absolute_error", lightgbm_objective("regression_l1")),
        one(
            "LightGBM",
            "quantile",
            "quantile",
            lightgbm_objective("quantile", alpha=0.2),
            parameters={"level": 0.2},
        ),
        one(
            "LightGBM",
            "huber",
            "huber",
            lightgbm_objective("huber", alpha=1.5),
            parameters={"delta": 1.5},
        ),
        one("LightGBM", "poisson", poisson, lightgbm_objective("poisson")),
        one("LightGBM", "fair", "fair", lightgbm_objective("fair", fair_c=1.0)),
        one("LightGBM", "gamma", "gamma_deviance", lightgbm_objective("gamma")),
        one("LightGBM", "tweedie", "tweedie", lightgbm_objective("tweedie", tweedie_variance_power=1.5)),
        one("LightGBM", "binary", bce, lightgbm_objective("binary")),
        one("LightGBM", "cross_entropy", bce, lightgbm_objective("cross_entropy")),
        one("LightGBM", "multiclass", index, lightgbm_objective("multiclass")),
    ]
    torch = [
        one(
            "PyTorch",
            name,
            name,
            lambda name=name: _torch_losses()[name],
            options={"framework": "torch"},
            verdict="wrong" if name in CLAMPED else "right",
        )
        for name in TORCH
    ]
    return [*sklearn, *xgboost, *lightgbm, *torch]


def _multinomial(module) -> Callable:
    def objective(y_true, y_pred):
        y, raw = np.ascontiguousarray(y_true, dtype=float), np.ascontiguousarray(y_pred, dtype=float)
        return module.HalfMultinomialLoss(n_classes=raw.shape[1]).gradient_hessian(
            y_true=y, raw_prediction=raw
        )

    return objective


PEERS = {f"{p.library}: {p.name}": p for p in _peers()}
