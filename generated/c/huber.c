/*
 * huber: Quadratic near zero and linear in the tails, so that outliers pull with bounded force.
 *
 * loss of one example = Piecewise((r**2/2, Abs(r) <= delta), (delta*(-delta/2 + Abs(r)), True))
 *   where r = prediction - target
 * d/dprediction = Piecewise((r, Abs(r) <= delta), (delta*sign(r), True))
 *
 * prediction: Real, any shape, the same for all
 * target: Real, any shape, the same for all
 * delta: Positive, default 1
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate huber --target c
 */

#include "huber.h"

#include <math.h>

/* -1, 0 or 1; NaN of NaN. */
static inline double symloss_sign_f64(double x) {
    return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x;
}

/* The sum of the weights; they and it must be finite, none < 0, and some > 0 where there are examples. */
static int symloss_total_f64(size_t n, const double *weight, double *total) {
    *total = 0.0;
    for (size_t at = 0; at < n; ++at) {
        if (!(weight[at] >= 0.0) || isinf(weight[at])) {
            return SYMLOSS_BAD_WEIGHT;
        }
        *total += weight[at];
    }
    return n > 0 && (!(*total > 0.0) || isinf(*total)) ? SYMLOSS_BAD_WEIGHT : SYMLOSS_OK;
}

/* -1, 0 or 1; NaN of NaN. */
static inline float symloss_sign_f32(float x) {
    return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x;
}

/* The sum of the weights; they and it must be finite, none < 0, and some > 0 where there are examples. */
static int symloss_total_f32(size_t n, const float *weight, double *total) {
    *total = 0.0;
    for (size_t at = 0; at < n; ++at) {
        if (!(weight[at] >= 0.0f) || isinf(weight[at])) {
            return SYMLOSS_BAD_WEIGHT;
        }
        *total += (double)weight[at];
    }
    return n > 0 && (!(*total > 0.0) || isinf(*total)) ? SYMLOSS_BAD_WEIGHT : SYMLOSS_OK;
}

int symloss_huber_value_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT prediction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double delta,
    double *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double product_1 = -0.5 * delta;
    double value_total = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_weight = weight != NULL ? weight[i] : 1.0;
        const double r = prediction[i] - target[i];
        const double abs_1 = fabs(r);
        const double example_value = abs_1 <= delta ? 0.5 * (r * r) : delta * (abs_1 + product_1);
        if (reduction == SYMLOSS_NONE) {
            value[i] = example_weight * example_value;
        } else {
            value_total += example_weight * example_value;
        }
    }
    if (reduction != SYMLOSS_NONE) {
        value[0] = reduction == SYMLOSS_MEAN ? value_total / divisor : value_total;
    }
    return SYMLOSS_OK;
}

int symloss_huber_value_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT prediction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float delta,
    float *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const float product_1 = -0.5f * delta;
    double value_total = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const float example_weight = weight != NULL ? weight[i] : 1.0f;
        const float r = prediction[i] - target[i];
        const float abs_1 = fabsf(r);
        const float example_value = abs_1 <= delta ? 0.5f * (r * r) : delta * (abs_1 + product_1);
        if (reduction == SYMLOSS_NONE) {
            value[i] = example_weight * example_value;
        } else {
            value_total += (double)example_weight * (double)example_value;
        }
    }
    if (reduction != SYMLOSS_NONE) {
        value[0] = (float)(reduction == SYMLOSS_MEAN ? value_total / divisor : value_total);
    }
    return SYMLOSS_OK;
}

int symloss_huber_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT prediction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double delta,
    double *SYMLOSS_RESTRICT gradient_prediction)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_scale = weight != NULL ? scale * weight[i] : scale;
        const double r = prediction[i] - target[i];
        gradient_prediction[i] = example_scale * (fabs(r) <= delta ? r : delta * symloss_sign_f64(r));
    }
    return SYMLOSS_OK;
}

int symloss_huber_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT prediction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float delta,
    float *SYMLOSS_RESTRICT gradient_prediction)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const float scale = reduction == SYMLOSS_MEAN ? (float)inverse_divisor : 1.0f;
    for (size_t i = 0; i < n; ++i) {
        const float example_scale = weight != NULL ? scale * weight[i] : scale;
        const float r = prediction[i] - target[i];
        gradient_prediction[i] = example_scale * (fabsf(r) <= delta ? r : delta * symloss_sign_f32(r));
    }
    return SYMLOSS_OK;
}

int symloss_huber_value_and_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT prediction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double delta,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_prediction)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const double product_1 = -0.5 * delta;
    double value_total = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_weight = weight != NULL ? weight[i] : 1.0;
        const double example_scale = scale * example_weight;
        const double r = prediction[i] - target[i];
        const double abs_1 = fabs(r);
        const double example_value = abs_1 <= delta ? 0.5 * (r * r) : delta * (abs_1 + product_1);
        if (reduction == SYMLOSS_NONE) {
            value[i] = example_weight * example_value;
        } else {
            value_total += example_weight * example_value;
        }
        gradient_prediction[i] = example_scale * (abs_1 <= delta ? r : delta * symloss_sign_f64(r));
    }
    if (reduction != SYMLOSS_NONE) {
        value[0] = reduction == SYMLOSS_MEAN ? value_total / divisor : value_total;
    }
    return SYMLOSS_OK;
}

int symloss_huber_value_and_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT prediction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float delta,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_prediction)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const float scale = reduction == SYMLOSS_MEAN ? (float)inverse_divisor : 1.0f;
    const float product_1 = -0.5f * delta;
    double value_total = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const float example_weight = weight != NULL ? weight[i] : 1.0f;
        const float example_scale = scale * example_weight;
        const float r = prediction[i] - target[i];
        const float abs_1 = fabsf(r);
        const float example_value = abs_1 <= delta ? 0.5f * (r * r) : delta * (abs_1 + product_1);
        if (reduction == SYMLOSS_NONE) {
            value[i] = example_weight * example_value;
        } else {
            value_total += (double)example_weight * (double)example_value;
        }
        gradient_prediction[i] = example_scale * (abs_1 <= delta ? r : delta * symloss_sign_f32(r));
    }
    if (reduction != SYMLOSS_NONE) {
        value[0] = (float)(reduction == SYMLOSS_MEAN ? value_total / divisor : value_total);
    }
    return SYMLOSS_OK;
}

int symloss_huber_hessian_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT prediction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double delta,
    double *SYMLOSS_RESTRICT hessian_prediction)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_scale = weight != NULL ? scale * weight[i] : scale;
        const double r = prediction[i] - target[i];
        const double abs_1 = fabs(r);
        hessian_prediction[i] = example_scale * (abs_1 == abs_1 ? (abs_1 <= delta ? 1.0 : 0.0) : abs_1);
    }
    return SYMLOSS_OK;
}

int symloss_huber_hessian_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT prediction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float delta,
    float *SYMLOSS_RESTRICT hessian_prediction)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const float scale = reduction == SYMLOSS_MEAN ? (float)inverse_divisor : 1.0f;
    for (size_t i = 0; i < n; ++i) {
        const float example_scale = weight != NULL ? scale * weight[i] : scale;
        const float r = prediction[i] - target[i];
        const float abs_1 = fabsf(r);
        hessian_prediction[i] = example_scale * (abs_1 == abs_1 ? (abs_1 <= delta ? 1.0f : 0.0f) : abs_1);
    }
    return SYMLOSS_OK;
}
