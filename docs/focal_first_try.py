"""The focal loss as an objective of LightGBM, at the first try."""

import numpy as np

GAMMA, ALPHA = 2.0, 0.25


def focal_objective(y_true, y_pred):
    p = np.clip(1 / (1 + np.exp(-y_pred)), 1e-15, 1 - 1e-15)
    p_t = np.where(y_true == 1, p, 1 - p)
    sign = np.where(y_true == 1, 1.0, -1.0)
    alpha_t = np.where(y_true == 1, ALPHA, 1 - ALPHA)

    gradient = sign * alpha_t * (GAMMA * (1 - p_t) ** (GAMMA - 1) * np.log(p_t) - (1 - p_t) ** GAMMA / p_t)
    hessian = alpha_t * (
        -GAMMA * (GAMMA - 1) * (1 - p_t) ** (GAMMA - 2) * np.log(p_t)
        + 2 * GAMMA * (1 - p_t) ** (GAMMA - 1) / p_t
        + (1 - p_t) ** GAMMA / p_t**2
    )
    return gradient, hessian
