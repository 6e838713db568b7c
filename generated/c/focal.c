/*
 * focal: Binary cross-entropy with a factor that silences the examples that are already predicted
 *     well.
 *
 * loss of one example = -alpha_t*(1 - p_t)**gamma*log(p_t)
 *   where p_t = probability*target + (1 - probability)*(1 - target)
 *   where alpha_t = alpha*target + (1 - alpha)*(1 - target)
 * d/dprobability = alpha_t*(1 - p_t)**gamma*(1 - 2*target)*(-gamma*log(p_t)/(1 - p_t) + 1/p_t)
 *
 * probability: Probability, any shape, the same for all
 * target: Binary, any shape, the same for all
 * gamma: NonNegative, default 2
 * alpha: Probability, default 0.25
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate focal --target c
 */

#include "focal.h"

#include <math.h>

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

int symloss_focal_value_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
    double *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double term_1 = 1.0 - alpha;
    double value_total = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_weight = weight != NULL ? weight[i] : 1.0;
        const double term_2 = 1.0 - target[i];
        const double alpha_t = alpha * target[i] + term_1 * term_2;
        const double term_3 = 1.0 - probability[i];
        const double p_t = term_2 * term_3 + probability[i] * target[i];
        const double power_1 = pow(term_2 * probability[i] + term_3 * target[i], gamma);
        const double guarded_1 = p_t == p_t ? (p_t < 0.5 ? log(p_t)
            : log1p(-term_2 * probability[i] - term_3 * target[i])) : p_t;
        const double example_value = (-guarded_1 * power_1) == (-guarded_1 * power_1)
            ? (alpha_t == 0.0 ? 0.0 : -guarded_1 * power_1 * alpha_t) : (-guarded_1 * power_1);
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

int symloss_focal_value_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
    float *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const float term_1 = 1.0f - alpha;
    double value_total = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const float example_weight = weight != NULL ? weight[i] : 1.0f;
        const float term_2 = 1.0f - target[i];
        const float alpha_t = alpha * target[i] + term_1 * term_2;
        const float term_3 = 1.0f - probability[i];
        const float p_t = term_2 * term_3 + probability[i] * target[i];
        const float power_1 = powf(term_2 * probability[i] + term_3 * target[i], gamma);
        const float guarded_1 = p_t == p_t ? (p_t < 0.5f ? logf(p_t)
            : log1pf(-term_2 * probability[i] - term_3 * target[i])) : p_t;
        const float example_value = (-guarded_1 * power_1) == (-guarded_1 * power_1)
            ? (alpha_t == 0.0f ? 0.0f : -guarded_1 * power_1 * alpha_t) : (-guarded_1 * power_1);
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

int symloss_focal_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
    double *SYMLOSS_RESTRICT gradient_probability)
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
    const double term_1 = 1.0 - alpha;
    for (size_t i = 0; i < n; ++i) {
        const double example_scale = weight != NULL ? scale * weight[i] : scale;
        const double term_2 = 1.0 - target[i];
        const double alpha_t = alpha * target[i] + term_1 * term_2;
        const double term_3 = 1.0 - probability[i];
        const double p_t = term_2 * term_3 + probability[i] * target[i];
        const double term_4 = 1.0 - 2.0 * target[i];
        const double term_5 = term_2 * probability[i] + term_3 * target[i];
        const double power_1 = pow(term_5, gamma);
        const double guarded_1 = term_5 == term_5 ? (term_5 == 0.0 ? -1.0
            : (p_t == p_t ? (p_t < 0.5 ? log(p_t) : log1p(-term_2 * probability[i] - term_3 * target[i]))
            : p_t) / term_5) : term_5;
        const double term_6 = ((-guarded_1) == (-guarded_1) ? (gamma == 0.0 ? 0.0 : -guarded_1 * gamma)
            : (-guarded_1)) + 1.0 / p_t;
        gradient_probability[i] = example_scale * ((power_1 * term_4 * term_6) == (power_1 * term_4 * term_6)
            ? (alpha_t == 0.0 ? 0.0 : power_1 * term_4 * term_6 * alpha_t) : (power_1 * term_4 * term_6));
    }
    return SYMLOSS_OK;
}

int symloss_focal_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
    float *SYMLOSS_RESTRICT gradient_probability)
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
    const float term_1 = 1.0f - alpha;
    for (size_t i = 0; i < n; ++i) {
        const float example_scale = weight != NULL ? scale * weight[i] : scale;
        const float term_2 = 1.0f - target[i];
        const float alpha_t = alpha * target[i] + term_1 * term_2;
        const float term_3 = 1.0f - probability[i];
        const float p_t = term_2 * term_3 + probability[i] * target[i];
        const float term_4 = 1.0f - 2.0f * target[i];
        const float term_5 = term_2 * probability[i] + term_3 * target[i];
        const float power_1 = powf(term_5, gamma);
        const float guarded_1 = term_5 == term_5 ? (term_5 == 0.0f ? -1.0f
            : (p_t == p_t ? (p_t < 0.5f ? logf(p_t) : log1pf(-term_2 * probability[i] - term_3 * target[i]))
            : p_t) / term_5) : term_5;
        const float term_6 = ((-guarded_1) == (-guarded_1) ? (gamma == 0.0f ? 0.0f : -guarded_1 * gamma)
            : (-guarded_1)) + 1.0f / p_t;
        gradient_probability[i] = example_scale * ((power_1 * term_4 * term_6) == (power_1 * term_4 * term_6)
            ? (alpha_t == 0.0f ? 0.0f : power_1 * term_4 * term_6 * alpha_t) : (power_1 * term_4 * term_6));
    }
    return SYMLOSS_OK;
}

int symloss_focal_value_and_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_probability)
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
    const double term_1 = 1.0 - alpha;
    double value_total = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_weight = weight != NULL ? weight[i] : 1.0;
        const double example_scale = scale * example_weight;
        const double term_2 = 1.0 - target[i];
        const double alpha_t = alpha * target[i] + term_1 * term_2;
        const double term_3 = 1.0 - probability[i];
        const double p_t = term_2 * term_3 + probability[i] * target[i];
        const double term_4 = term_2 * probability[i] + term_3 * target[i];
        const double power_1 = pow(term_4, gamma);
        const double guarded_1 = p_t == p_t ? (p_t < 0.5 ? log(p_t)
            : log1p(-term_2 * probability[i] - term_3 * target[i])) : p_t;
        const double example_value = (-guarded_1 * power_1) == (-guarded_1 * power_1)
            ? (alpha_t == 0.0 ? 0.0 : -guarded_1 * power_1 * alpha_t) : (-guarded_1 * power_1);
        if (reduction == SYMLOSS_NONE) {
            value[i] = example_weight * example_value;
        } else {
            value_total += example_weight * example_value;
        }
        const double term_5 = 1.0 - 2.0 * target[i];
        const double guarded_2 = term_4 == term_4 ? (term_4 == 0.0 ? -1.0 : guarded_1 / term_4) : term_4;
        const double term_6 = ((-guarded_2) == (-guarded_2) ? (gamma == 0.0 ? 0.0 : -guarded_2 * gamma)
            : (-guarded_2)) + 1.0 / p_t;
        gradient_probability[i] = example_scale * ((power_1 * term_5 * term_6) == (power_1 * term_5 * term_6)
            ? (alpha_t == 0.0 ? 0.0 : power_1 * term_5 * term_6 * alpha_t) : (power_1 * term_5 * term_6));
    }
    if (reduction != SYMLOSS_NONE) {
        value[0] = reduction == SYMLOSS_MEAN ? value_total / divisor : value_total;
    }
    return SYMLOSS_OK;
}

int symloss_focal_value_and_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_probability)
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
    const float term_1 = 1.0f - alpha;
    double value_total = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const float example_weight = weight != NULL ? weight[i] : 1.0f;
        const float example_scale = scale * example_weight;
        const float term_2 = 1.0f - target[i];
        const float alpha_t = alpha * target[i] + term_1 * term_2;
        const float term_3 = 1.0f - probability[i];
        const float p_t = term_2 * term_3 + probability[i] * target[i];
        const float term_4 = term_2 * probability[i] + term_3 * target[i];
        const float power_1 = powf(term_4, gamma);
        const float guarded_1 = p_t == p_t ? (p_t < 0.5f ? logf(p_t)
            : log1pf(-term_2 * probability[i] - term_3 * target[i])) : p_t;
        const float example_value = (-guarded_1 * power_1) == (-guarded_1 * power_1)
            ? (alpha_t == 0.0f ? 0.0f : -guarded_1 * power_1 * alpha_t) : (-guarded_1 * power_1);
        if (reduction == SYMLOSS_NONE) {
            value[i] = example_weight * example_value;
        } else {
            value_total += (double)example_weight * (double)example_value;
        }
        const float term_5 = 1.0f - 2.0f * target[i];
        const float guarded_2 = term_4 == term_4 ? (term_4 == 0.0f ? -1.0f : guarded_1 / term_4) : term_4;
        const float term_6 = ((-guarded_2) == (-guarded_2) ? (gamma == 0.0f ? 0.0f : -guarded_2 * gamma)
            : (-guarded_2)) + 1.0f / p_t;
        gradient_probability[i] = example_scale * ((power_1 * term_5 * term_6) == (power_1 * term_5 * term_6)
            ? (alpha_t == 0.0f ? 0.0f : power_1 * term_5 * term_6 * alpha_t) : (power_1 * term_5 * term_6));
    }
    if (reduction != SYMLOSS_NONE) {
        value[0] = (float)(reduction == SYMLOSS_MEAN ? value_total / divisor : value_total);
    }
    return SYMLOSS_OK;
}

int symloss_focal_hessian_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
    double *SYMLOSS_RESTRICT hessian_probability)
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
    const double term_1 = 1.0 - alpha;
    for (size_t i = 0; i < n; ++i) {
        const double example_scale = weight != NULL ? scale * weight[i] : scale;
        const double term_2 = 1.0 - target[i];
        const double alpha_t = alpha * target[i] + term_1 * term_2;
        const double term_3 = 1.0 - probability[i];
        const double p_t = term_2 * term_3 + probability[i] * target[i];
        const double term_4 = term_2 * probability[i] + term_3 * target[i];
        const double power_1 = pow(term_4, gamma);
        const double guarded_1 = p_t == p_t ? (p_t < 0.5 ? log(p_t)
            : log1p(-term_2 * probability[i] - term_3 * target[i])) : p_t;
        const double term_5 = guarded_1 + term_4 / p_t;
        const double term_6 = gamma * (((-guarded_1) == (-guarded_1)
            ? (gamma == 0.0 ? 0.0 : -guarded_1 * gamma) : (-guarded_1)) + 1.0 / p_t - 1.0)
            / (term_4 * term_4) + ((term_5 / (term_4 * term_4)) == (term_5 / (term_4 * term_4))
            ? (gamma == 0.0 ? 0.0 : term_5 * gamma / (term_4 * term_4)) : (term_5 / (term_4 * term_4))) + 1.0
            / (p_t * p_t);
        hessian_probability[i] = example_scale * ((power_1 * term_6) == (power_1 * term_6)
            ? (alpha_t == 0.0 ? 0.0 : power_1 * term_6 * alpha_t) : (power_1 * term_6));
    }
    return SYMLOSS_OK;
}

int symloss_focal_hessian_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
    float *SYMLOSS_RESTRICT hessian_probability)
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
    const float term_1 = 1.0f - alpha;
    for (size_t i = 0; i < n; ++i) {
        const float example_scale = weight != NULL ? scale * weight[i] : scale;
        const float term_2 = 1.0f - target[i];
        const float alpha_t = alpha * target[i] + term_1 * term_2;
        const float term_3 = 1.0f - probability[i];
        const float p_t = term_2 * term_3 + probability[i] * target[i];
        const float term_4 = term_2 * probability[i] + term_3 * target[i];
        const float power_1 = powf(term_4, gamma);
        const float guarded_1 = p_t == p_t ? (p_t < 0.5f ? logf(p_t)
            : log1pf(-term_2 * probability[i] - term_3 * target[i])) : p_t;
        const float term_5 = guarded_1 + term_4 / p_t;
        const float term_6 = gamma * (((-guarded_1) == (-guarded_1)
            ? (gamma == 0.0f ? 0.0f : -guarded_1 * gamma) : (-guarded_1)) + 1.0f / p_t - 1.0f)
            / (term_4 * term_4) + ((term_5 / (term_4 * term_4)) == (term_5 / (term_4 * term_4))
            ? (gamma == 0.0f ? 0.0f : term_5 * gamma / (term_4 * term_4)) : (term_5 / (term_4 * term_4)))
            + 1.0f / (p_t * p_t);
        hessian_probability[i] = example_scale * ((power_1 * term_6) == (power_1 * term_6)
            ? (alpha_t == 0.0f ? 0.0f : power_1 * term_6 * alpha_t) : (power_1 * term_6));
    }
    return SYMLOSS_OK;
}
