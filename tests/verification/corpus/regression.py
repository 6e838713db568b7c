"""Hand-written gradients of regression losses."""

import numpy as np
from verification.corpus.record import right, unstable, wrong

# --- mean squared error -----------------------------------------------------------------------------------


@right("mean_squared_error", "prediction target", convention={"reduction": "mean"})
def mse_mean(prediction, target):
    """The mean over the batch, with its 1/n."""
    return 2 * (prediction - target) / len(prediction)


@right(
    "mean_squared_error",
    "prediction target",
    convention={"reduction": "sum", "factor": 0.5},
    source="davisking/dlib#1169",
)
def mse_with_half(y_hat, y):
    """Half the squared error: no factor 2."""
    return y_hat - y


@right(
    "mean_squared_error",
    "target prediction",
    convention={"factor": 0.5, "sign": -1},
    source="dmlc/xgboost#1060",
)
def negative_gradient(y_true, raw_prediction):
    """The residual, as boosting fits it; its name says that the sign is turned."""
    return y_true - raw_prediction


@right(
    "mean_squared_error",
    "prediction target",
    returns="value, gradient",
    convention={"reduction": "mean"},
    source="tiny-dnn/tiny-dnn#159",
)
def mse_pair(prediction, target):
    """Value and gradient, both with 1/n."""
    residual = prediction - target
    return np.mean(residual**2), 2 * residual / residual.size


@right("mean_squared_error", "prediction target", convention={"reduction": "sum"})
def mse_as_list(prediction, target):
    """A list comes back instead of an array."""
    return [2.0 * (p - t) for p, t in zip(prediction, target, strict=True)]


@wrong(
    "mean_squared_error", "target prediction", "sign", returns="gradient, hessian", source="dmlc/xgboost#3037"
)
def mse_true_minus_pred(true, pred):
    """The residual is target − prediction, and the inner −1 is forgotten."""
    x = true - pred
    return 2 * x, 2 * np.ones_like(x)


@wrong(
    "mean_squared_error",
    "prediction target",
    "scale",
    returns="value, gradient",
    source="tiny-dnn/tiny-dnn#159",
)
def mse_pair_without_two(y, t):
    """The value has no 1/2, so that the gradient lacks the factor 2 by its own value."""
    return np.sum((y - t) ** 2), y - t


@wrong(
    "mean_squared_error",
    "prediction target",
    "reduction",
    "scale",
    returns="value, gradient",
    source="jxgu1016/MNIST_center_loss_pytorch#9",
)
def mse_pair_sum_in_the_gradient(prediction, target):
    """The value is the mean, the gradient that of the sum."""
    residual = prediction - target
    return np.mean(residual**2), 2 * residual


@wrong("mean_squared_error", "prediction target", "reduction", "scale", source="borgwang/tinynn#12")
def mse_averaged_twice(prediction, target):
    """Divided by n in the loss and once more on the way out."""
    n = len(prediction)
    return 2 * (prediction - target) / n / n


@wrong("mean_squared_error", "prediction target", "scale")
def mse_times_four(prediction, target):
    """The factor 2 is there twice."""
    return 2 * 2 * (prediction - target)


# --- mean absolute error ----------------------------------------------------------------------------------


@right("mean_absolute_error", "prediction target", source="pytorch/pytorch#7172")
def mae_one_at_zero(input, target):
    """At the kink the slope from the right, as PyTorch once had it: any value in [−1, 1] will do."""
    return np.where(input >= target, 1.0, -1.0)


@wrong(
    "mean_absolute_error",
    "prediction target",
    "sign",
    "missing-term",
    where=r"<\s*0|negative|<\s*target|prediction < ",
    source="bashardudin/Epita-SCIA-OCVX#1",
)
def mae_without_sign(prediction, target):
    """The sign of the residual is lost: the gradient is always 1."""
    return np.where(prediction == target, 0.0, np.abs(np.sign(prediction - target)))


@wrong("mean_absolute_error", "prediction target", "other", source="neoml-lib/neoml#452")
def mae_difference_from_one(data, label):
    """|r − 1| is taken for the derivative of |r|."""
    difference = data - label
    return np.abs(difference - np.ones_like(difference))


@unstable(
    "mean_absolute_error",
    "prediction target",
    kinds=("nan", "kink"),
    where=r"=\s*0|kink",
    source="tracel-ai/burn#1441",
)
def mae_divides_by_itself(prediction, target):
    """r/|r| for sign(r): 0/0 where prediction and target agree."""
    delta = prediction - target
    with np.errstate(invalid="ignore"):
        return delta / np.abs(delta)


@wrong("mean_absolute_error", "prediction target", "kink", where=r"=\s*0|kink")
def mae_two_at_zero(prediction, target):
    """Both one-sided branches include the kink, and add up to a value that is no subgradient there."""
    r = prediction - target
    return 2.0 * (r >= 0) - 1.0 * (r != 0)


# --- Huber ------------------------------------------------------------------------------------------------


@right("huber", "prediction target", parameters={"delta": 1.5})
def huber_clip(prediction, target):
    """The residual, clipped."""
    return np.clip(prediction - target, -1.5, 1.5)


@right("huber", "prediction target delta", convention={"reduction": "mean"})
def huber_takes_delta(prediction, target, delta=1.0):
    """delta is an argument."""
    r = prediction - target
    return np.where(np.abs(r) <= delta, r, delta * np.sign(r)) / r.size


@right(
    "huber",
    "prediction dtrain",
    parameters={"delta": 10},
    returns="gradient, hessian",
    source="dmlc/xgboost#2602",
)
def huber_objective(preds, dtrain):
    """An objective in XGBoost's order; the labels come out of the data set."""
    delta = 10.0
    r = preds - dtrain.get_label()
    inside = np.abs(r) <= delta
    return np.where(inside, r, delta * np.sign(r)), np.where(inside, 1.0, 0.0)


@wrong(
    "huber",
    "prediction target",
    "ignored-parameter",
    "scale",
    parameters={"delta": 2.5},
    where=r"delta|δ|2\.5",
    source="perpetual-ml/perpetual#59",
)
def huber_tail_without_delta(prediction, target):
    """The tails have slope 1 rather than delta."""
    r = prediction - target
    return np.where(np.abs(r) <= 2.5, r, np.sign(r))


@wrong(
    "huber",
    "prediction target",
    "wrong-branch",
    "missing-term",
    parameters={"delta": 1.0},
    where=r"-\s*delta|-\s*δ|−δ|−delta|< -1|<\s*0",
    source="marlbenchmark/on-policy#47",
)
def huber_only_the_right_tail(prediction, target):
    """The linear branch asks e > d, not |e| > d, so the left tail has gradient 0."""
    e, d = prediction - target, 1.0
    small, large = np.abs(e) <= d, e > d
    return small * e + large * d * np.sign(e)


@wrong("huber", "prediction target delta", "wrong-branch")
def huber_branches_swapped(prediction, target, delta=1.0):
    """The branches are the wrong way round."""
    r = prediction - target
    return np.where(np.abs(r) <= delta, delta * np.sign(r), r)


@wrong(
    "huber", "prediction target", "scale", parameters={"delta": 3.0}, source="rbgirshick/py-faster-rcnn#89"
)
def huber_written_as_smooth_l1(prediction, target):
    """Smooth L1 with beta = delta is Huber's loss divided by delta."""
    r = prediction - target
    return np.where(np.abs(r) < 3.0, r / 3.0, np.sign(r))


@wrong(
    "huber",
    "prediction dtrain",
    "sign",
    "hessian",
    parameters={"delta": 10},
    returns="gradient, hessian",
    source="dmlc/xgboost#2602",
)
def huber_both_negative(preds, dtrain):
    """labels − preds, and a Hessian of −1 to match."""
    delta = 10.0
    error = dtrain.get_label() - preds
    far = np.abs(error) > delta
    return np.where(far, delta * np.sign(error), error), np.where(far, 0.0, -1.0)


@wrong(
    "huber",
    "target prediction",
    "hessian",
    parameters={"delta": 0.9},
    returns="gradient, hessian",
    where=r"delta|δ|0\.9",
    source="lightgbm-org/LightGBM#5567",
)
def huber_hessian_of_ones(y_true, y_pred):
    """The Hessian is 1 in the tails too."""
    r = y_pred - y_true
    return np.clip(r, -0.9, 0.9), np.ones_like(r)


# --- log cosh ---------------------------------------------------------------------------------------------


@right("log_cosh", "prediction target", source="google-deepmind/optax#103")
def log_cosh_tanh(prediction, target):
    """tanh, which does not overflow."""
    return np.tanh(prediction - target)


@unstable("log_cosh", "prediction target", where=r"7\d\d|\d", source="JuliaAI/MLJBase.jl#437")
def log_cosh_by_exponentials(prediction, target):
    """sinh/cosh by exponentials: inf/inf for a large residual."""
    r = prediction - target
    with np.errstate(over="ignore", invalid="ignore"):
        return (np.exp(r) - np.exp(-r)) / (np.exp(r) + np.exp(-r))


@wrong("log_cosh", "target prediction", "hessian", returns="gradient, hessian")
def log_cosh_hessian_without_square(y_true, y_pred):
    """1 − tanh instead of 1 − tanh²."""
    t = np.tanh(y_pred - y_true)
    return t, 1 - t


@unstable("log_cosh", "target prediction", returns="gradient, hessian")
def log_cosh_hessian_cancels(y_true, y_pred):
    """1 − tanh² has lost all digits from residuals of 19 on."""
    t = np.tanh(y_pred - y_true)
    return t, 1 - t**2


# --- quantile ---------------------------------------------------------------------------------------------


@right("quantile", "target prediction", parameters={"level": 0.2}, source="RektPunk/MQBoost#1")
def quantile_rho(y, q_hat):
    """Indicator minus level."""
    return (y - q_hat < 0).astype(float) - 0.2


@wrong(
    "quantile",
    "prediction target",
    "swapped-arguments",
    "extra-term",
    parameters={"level": 0.2},
)
def quantile_prediction_minus_target(prediction, target):
    """The derivative of the loss with prediction and target exchanged."""
    error = prediction - target
    return np.where(error >= 0, 0.2, 0.2 - 1)


@wrong(
    "quantile",
    "prediction dtrain",
    "other",
    "extra-term",
    parameters={"level": 0.2},
    returns="gradient, hessian",
    source="OpenSTEF/openstef#328",
)
def quantile_times_error(preds, dmatrix):
    """Multiplied by the error, which makes it the gradient of an expectile."""
    errors = preds - dmatrix.get_label()
    left, right_ = errors < 0, errors > 0
    return (0.2 * left + 0.8 * right_) * errors, np.zeros_like(errors)


@wrong(
    "quantile",
    "prediction target",
    "kink",
    parameters={"level": 0.5},
    where=r"=\s*0|kink",
)
def quantile_one_at_zero(prediction, target):
    """A value of 1 where the residual is 0, outside the slopes −1/2 and 1/2."""
    return np.where(prediction == target, 1.0, np.where(target > prediction, -0.5, 0.5))


# --- Poisson ----------------------------------------------------------------------------------------------


@right(
    "poisson_negative_log_likelihood",
    "log_rate target",
    returns="gradient, hessian",
    source="dmlc/xgboost#7264",
)
def poisson_objective(log_rate, target):
    """exp(score) − target, and exp(score)."""
    mu = np.exp(log_rate)
    return mu - target, mu


@wrong(
    "poisson_negative_log_likelihood",
    "log_rate target",
    "missing-chain-factor",
    "wrong-variable",
    source="lightgbm-org/LightGBM#869",
)
def poisson_by_the_rate(log_rate, target):
    """The derivative by the rate, not by its logarithm."""
    return 1 - target * np.exp(-log_rate)


@wrong(
    "poisson_negative_log_likelihood",
    "log_rate target",
    "hessian",
    returns="gradient, hessian",
    source="dmlc/xgboost#2661",
)
def poisson_hessian_with_max_delta_step(log_rate, target):
    """A Hessian inflated by exp(0.7)."""
    return np.exp(log_rate) - target, np.exp(log_rate + 0.7)


@wrong("poisson_negative_log_likelihood", "log_rate target", "missing-term")
def poisson_without_target(log_rate, target):
    """The term of the target is lost."""
    return np.exp(log_rate)
