"""The focal loss as an objective of LightGBM; run as a program, it trains with this one and with the first try."""

import numpy as np

GAMMA, ALPHA = 2.0, 0.25


def focal_objective(y_true, y_pred):
    sign = np.where(y_true == 1, 1.0, -1.0)
    alpha_t = np.where(y_true == 1, ALPHA, 1 - ALPHA)
    z_t = sign * y_pred
    small = np.exp(-np.abs(z_t))
    log_p_t = np.minimum(z_t, 0) - np.log1p(small)
    p_t = np.where(z_t >= 0, 1.0, small) / (1 + small)
    q_t = np.where(z_t >= 0, small, 1.0) / (1 + small)

    gradient = sign * alpha_t * q_t**GAMMA * (GAMMA * p_t * log_p_t - q_t)
    hessian = alpha_t * p_t * q_t**GAMMA * ((1 + 2 * GAMMA) * q_t + GAMMA * (q_t - GAMMA * p_t) * log_p_t)
    return gradient, hessian


def main():
    import focal_first_try
    import lightgbm
    from sklearn.datasets import make_classification
    from sklearn.metrics import average_precision_score
    from sklearn.model_selection import train_test_split

    import symloss

    x, y = make_classification(4000, 20, n_informative=6, weights=[0.95], class_sep=0.8, random_state=0)
    x, x_test, y, y_test = train_test_split(x, y, stratify=y, random_state=0)
    loss = symloss.get("focal_with_logits").load("numpy")
    print("objective    focal loss  average precision  (on examples that were not trained on)")
    for name, objective in {"first try": focal_first_try.focal_objective, "right": focal_objective}.items():
        model = lightgbm.LGBMClassifier(
            objective=objective, n_estimators=60, num_leaves=15, n_jobs=1, random_state=0, verbosity=-1
        )
        score = model.fit(x, y).predict(x_test, raw_score=True)
        value = loss.value(score, y_test.astype(float))
        print(f"{name:11}  {value:10.4f}  {average_precision_score(y_test, score):17.3f}")


if __name__ == "__main__":
    main()
