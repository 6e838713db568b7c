/*
 * focal_with_logits: The focal loss of the probability sigmoid(logits), which keeps its accuracy for
 *     confident predictions.
 *
 * loss of one example = -alpha_t*(1 - p_t)**gamma*log(p_t)
 *   where z_t = logits*(2*target - 1)
 *   where p_t = sigmoid(z_t)
 *   where alpha_t = alpha*target + (1 - alpha)*(1 - target)
 * d/dlogits = alpha_t*(1 - p_t)**gamma*(1 - 2*target)*(-gamma*p_t*log(p_t) - p_t + 1)
 *
 * logits: Real, any shape, the same for all
 * target: Binary, any shape, the same for all
 * gamma: NonNegative, default 2
 * alpha: Probability, default 0.25
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate focal_with_logits --target c
 *
 * Measured against exact results:
 *     float64: 7260 results, 2.09 % beyond the bound, 0.66 % at ordinary numbers; worst inf of the bound,
 *         in ulp inf (hessian at logits=745.2, target=0.0, gamma=1e+30, alpha=0.25)
 *     float32: 7662 results, 0 % beyond the bound; worst 0.12 of the bound, in ulp 0.50 (gradient at
 *         logits=-95.30836486816406, target=0.0, gamma=0.0010000000474974513, alpha=0.25)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -std=c99 -O3 -ffp-
 *         contract=off -fPIC -shared
 */

#include "focal_with_logits.h"

#include <math.h>

/* Add a term to a sum: total is the rounded sum so far, rest what rounding has left out (Knuth's TwoSum). */
static inline void symloss_add(double term, double *total, double *rest) {
    const double sum = *total + term;
    const double kept = sum - *total;
    *rest += (*total - (sum - kept)) + (term - kept);
    *total = sum;
}

/* The sum itself; where it is infinite, the rest is no number. */
static inline double symloss_sum(double total, double rest) {
    return rest == rest ? total + rest : total;
}

/* The larger of two numbers; NaN if one of them is. */
static inline double symloss_max(double a, double b) {
    return a >= b || a != a ? a : b;
}

/* The sum of the weights; they and it must be finite, none < 0, and some > 0 where there are examples. */
static int symloss_total_f64(size_t n, const double *weight, double *total) {
    double rest = 0.0;
    *total = 0.0;
    for (size_t at = 0; at < n; ++at) {
        if (!(weight[at] >= 0) || isinf(weight[at])) {
            return SYMLOSS_BAD_WEIGHT;
        }
        symloss_add(weight[at], total, &rest);
    }
    *total = symloss_sum(*total, rest);
    return n > 0 && (!(*total > 0.0) || isinf(*total)) ? SYMLOSS_BAD_WEIGHT : SYMLOSS_OK;
}

/* The sum of the weights; they and it must be finite, none < 0, and some > 0 where there are examples. */
static int symloss_total_f32(size_t n, const float *weight, double *total) {
    double rest = 0.0;
    *total = 0.0;
    for (size_t at = 0; at < n; ++at) {
        if (!(weight[at] >= 0) || isinf(weight[at])) {
            return SYMLOSS_BAD_WEIGHT;
        }
        symloss_add((double)weight[at], total, &rest);
    }
    *total = symloss_sum(*total, rest);
    return n > 0 && (!(*total > 0.0) || isinf(*total)) ? SYMLOSS_BAD_WEIGHT : SYMLOSS_OK;
}

int symloss_focal_with_logits_value_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT logits,
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
    double value_total = 0.0, value_rest = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_weight = weight != NULL ? weight[i] : 1.0;
        const double alpha_t = alpha * target[i] + term_1 * (1.0 - target[i]);
        const double z_t = (2.0 * target[i] - 1.0) * logits[i];
        const double exp_1 = exp(-gamma * symloss_max(0.0, z_t));
        const double log1p_1 = log1p(exp(-fabs(z_t)));
        const double term_2 = log1p_1 + symloss_max(0.0, -z_t);
        const double exp_2 = exp(-log1p_1 * gamma);
        const double example_value = (exp_1 * exp_2 * term_2) == (exp_1 * exp_2 * term_2)
            ? (alpha_t == 0.0 ? 0.0 : exp_1 * exp_2 * alpha_t * term_2) : (exp_1 * exp_2 * term_2);
        if (reduction == SYMLOSS_NONE) {
            value[i] = example_weight * example_value;
        } else {
            symloss_add(example_weight * example_value, &value_total, &value_rest);
        }
    }

    const double examples_value = symloss_sum(value_total, value_rest);
    if (reduction != SYMLOSS_NONE) {
        value[0] = (reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
    return SYMLOSS_OK;
}

int symloss_focal_with_logits_value_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT logits,
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
    const double term_1 = 1.0 - (double)alpha;
    double value_total = 0.0, value_rest = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
        const double alpha_t = (double)alpha * (double)target[i] + term_1 * (1.0 - (double)target[i]);
        const double z_t = (2.0 * (double)target[i] - 1.0) * (double)logits[i];
        const double exp_1 = exp(-(double)gamma * symloss_max(0.0, z_t));
        const double log1p_1 = log1p(exp(-fabs(z_t)));
        const double term_2 = log1p_1 + symloss_max(0.0, -z_t);
        const double exp_2 = exp(-log1p_1 * (double)gamma);
        const double example_value = (exp_1 * exp_2 * term_2) == (exp_1 * exp_2 * term_2)
            ? (alpha_t == 0.0 ? 0.0 : exp_1 * exp_2 * alpha_t * term_2) : (exp_1 * exp_2 * term_2);
        if (reduction == SYMLOSS_NONE) {
            value[i] = (float)(example_weight * example_value);
        } else {
            symloss_add(example_weight * example_value, &value_total, &value_rest);
        }
    }

    const double examples_value = symloss_sum(value_total, value_rest);
    if (reduction != SYMLOSS_NONE) {
        value[0] = (float)(reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
    return SYMLOSS_OK;
}

int symloss_focal_with_logits_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT logits,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
    double *SYMLOSS_RESTRICT gradient_logits)
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
        const double alpha_t = alpha * target[i] + term_1 * (1.0 - target[i]);
        const double z_t = (2.0 * target[i] - 1.0) * logits[i];
        const double exp_1 = exp(-fabs(z_t));
        const double term_2 = exp_1 + 1.0;
        const double p_t = (z_t >= 0.0 ? 1.0 : exp_1) / term_2;
        const double term_3 = 1.0 - 2.0 * target[i];
        const double exp_2 = exp(-gamma * symloss_max(0.0, z_t));
        const double log1p_1 = log1p(exp_1);
        const double exp_3 = exp(-log1p_1 * gamma);
        const double term_4 = gamma * p_t * (log1p_1 + symloss_max(0.0, -z_t)) + (-z_t >= 0.0 ? 1.0 : exp_1)
            / term_2;
        gradient_logits[i] = example_scale * ((exp_2 * exp_3 * term_3 * term_4) == (exp_2 * exp_3 * term_3
            * term_4) ? (alpha_t == 0.0 ? 0.0 : exp_2 * exp_3 * term_3 * term_4 * alpha_t)
            : (exp_2 * exp_3 * term_3 * term_4));
    }

    return SYMLOSS_OK;
}

int symloss_focal_with_logits_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT logits,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
    float *SYMLOSS_RESTRICT gradient_logits)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const double term_1 = 1.0 - (double)alpha;
    for (size_t i = 0; i < n; ++i) {
        const double example_scale = weight != NULL ? scale * (double)weight[i] : scale;
        const double alpha_t = (double)alpha * (double)target[i] + term_1 * (1.0 - (double)target[i]);
        const double z_t = (2.0 * (double)target[i] - 1.0) * (double)logits[i];
        const double exp_1 = exp(-fabs(z_t));
        const double term_2 = exp_1 + 1.0;
        const double p_t = (z_t >= 0.0 ? 1.0 : exp_1) / term_2;
        const double term_3 = 1.0 - 2.0 * (double)target[i];
        const double exp_2 = exp(-(double)gamma * symloss_max(0.0, z_t));
        const double log1p_1 = log1p(exp_1);
        const double exp_3 = exp(-log1p_1 * (double)gamma);
        const double term_4 = (double)gamma * p_t * (log1p_1 + symloss_max(0.0, -z_t))
            + (-z_t >= 0.0 ? 1.0 : exp_1) / term_2;
        gradient_logits[i] = (float)(example_scale * ((exp_2 * exp_3 * term_3 * term_4) == (exp_2 * exp_3
            * term_3 * term_4) ? (alpha_t == 0.0 ? 0.0 : exp_2 * exp_3 * term_3 * term_4 * alpha_t)
            : (exp_2 * exp_3 * term_3 * term_4)));
    }

    return SYMLOSS_OK;
}

int symloss_focal_with_logits_value_and_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT logits,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_logits)
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
    double value_total = 0.0, value_rest = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_weight = weight != NULL ? weight[i] : 1.0;
        const double example_scale = scale * example_weight;
        const double alpha_t = alpha * target[i] + term_1 * (1.0 - target[i]);
        const double z_t = (2.0 * target[i] - 1.0) * logits[i];
        const double exp_1 = exp(-fabs(z_t));
        const double term_2 = exp_1 + 1.0;
        const double p_t = (z_t >= 0.0 ? 1.0 : exp_1) / term_2;
        const double exp_2 = exp(-gamma * symloss_max(0.0, z_t));
        const double log1p_1 = log1p(exp_1);
        const double term_3 = log1p_1 + symloss_max(0.0, -z_t);
        const double exp_3 = exp(-log1p_1 * gamma);
        const double example_value = (exp_2 * exp_3 * term_3) == (exp_2 * exp_3 * term_3)
            ? (alpha_t == 0.0 ? 0.0 : exp_2 * exp_3 * alpha_t * term_3) : (exp_2 * exp_3 * term_3);
        if (reduction == SYMLOSS_NONE) {
            value[i] = example_weight * example_value;
        } else {
            symloss_add(example_weight * example_value, &value_total, &value_rest);
        }
        const double term_4 = 1.0 - 2.0 * target[i];
        const double term_5 = gamma * p_t * term_3 + (-z_t >= 0.0 ? 1.0 : exp_1) / term_2;
        gradient_logits[i] = example_scale * ((exp_2 * exp_3 * term_4 * term_5) == (exp_2 * exp_3 * term_4
            * term_5) ? (alpha_t == 0.0 ? 0.0 : exp_2 * exp_3 * term_4 * term_5 * alpha_t)
            : (exp_2 * exp_3 * term_4 * term_5));
    }

    const double examples_value = symloss_sum(value_total, value_rest);
    if (reduction != SYMLOSS_NONE) {
        value[0] = (reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
    return SYMLOSS_OK;
}

int symloss_focal_with_logits_value_and_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT logits,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_logits)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const double term_1 = 1.0 - (double)alpha;
    double value_total = 0.0, value_rest = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
        const double example_scale = scale * example_weight;
        const double alpha_t = (double)alpha * (double)target[i] + term_1 * (1.0 - (double)target[i]);
        const double z_t = (2.0 * (double)target[i] - 1.0) * (double)logits[i];
        const double exp_1 = exp(-fabs(z_t));
        const double term_2 = exp_1 + 1.0;
        const double p_t = (z_t >= 0.0 ? 1.0 : exp_1) / term_2;
        const double exp_2 = exp(-(double)gamma * symloss_max(0.0, z_t));
        const double log1p_1 = log1p(exp_1);
        const double term_3 = log1p_1 + symloss_max(0.0, -z_t);
        const double exp_3 = exp(-log1p_1 * (double)gamma);
        const double example_value = (exp_2 * exp_3 * term_3) == (exp_2 * exp_3 * term_3)
            ? (alpha_t == 0.0 ? 0.0 : exp_2 * exp_3 * alpha_t * term_3) : (exp_2 * exp_3 * term_3);
        if (reduction == SYMLOSS_NONE) {
            value[i] = (float)(example_weight * example_value);
        } else {
            symloss_add(example_weight * example_value, &value_total, &value_rest);
        }
        const double term_4 = 1.0 - 2.0 * (double)target[i];
        const double term_5 = (double)gamma * p_t * term_3 + (-z_t >= 0.0 ? 1.0 : exp_1) / term_2;
        gradient_logits[i] = (float)(example_scale * ((exp_2 * exp_3 * term_4 * term_5) == (exp_2 * exp_3
            * term_4 * term_5) ? (alpha_t == 0.0 ? 0.0 : exp_2 * exp_3 * term_4 * term_5 * alpha_t)
            : (exp_2 * exp_3 * term_4 * term_5)));
    }

    const double examples_value = symloss_sum(value_total, value_rest);
    if (reduction != SYMLOSS_NONE) {
        value[0] = (float)(reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
    return SYMLOSS_OK;
}

int symloss_focal_with_logits_hessian_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT logits,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
    double *SYMLOSS_RESTRICT hessian_logits)
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
        const double alpha_t = alpha * target[i] + term_1 * (1.0 - target[i]);
        const double z_t = (2.0 * target[i] - 1.0) * logits[i];
        const double exp_1 = exp(-fabs(z_t));
        const double term_2 = exp_1 + 1.0;
        const double p_t = (z_t >= 0.0 ? 1.0 : exp_1) / term_2;
        const double exp_2 = exp(-gamma * symloss_max(0.0, z_t));
        const double log1p_1 = log1p(exp_1);
        const double case_1 = -z_t >= 0.0 ? 1.0 : exp_1;
        const double term_3 = log1p_1 + symloss_max(0.0, -z_t);
        const double exp_3 = exp(-log1p_1 * gamma);
        const double term_4 = case_1 * (gamma * (1.0 - term_3) + 1.0) / term_2 + gamma
            * (case_1 / term_2 + gamma * p_t * term_3);
        hessian_logits[i] = example_scale * ((exp_2 * exp_3 * term_4 * p_t) == (exp_2 * exp_3 * term_4 * p_t)
            ? (alpha_t == 0.0 ? 0.0 : exp_2 * exp_3 * term_4 * alpha_t * p_t)
            : (exp_2 * exp_3 * term_4 * p_t));
    }

    return SYMLOSS_OK;
}

int symloss_focal_with_logits_hessian_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT logits,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
    float *SYMLOSS_RESTRICT hessian_logits)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const double term_1 = 1.0 - (double)alpha;
    for (size_t i = 0; i < n; ++i) {
        const double example_scale = weight != NULL ? scale * (double)weight[i] : scale;
        const double alpha_t = (double)alpha * (double)target[i] + term_1 * (1.0 - (double)target[i]);
        const double z_t = (2.0 * (double)target[i] - 1.0) * (double)logits[i];
        const double exp_1 = exp(-fabs(z_t));
        const double term_2 = exp_1 + 1.0;
        const double p_t = (z_t >= 0.0 ? 1.0 : exp_1) / term_2;
        const double exp_2 = exp(-(double)gamma * symloss_max(0.0, z_t));
        const double log1p_1 = log1p(exp_1);
        const double case_1 = -z_t >= 0.0 ? 1.0 : exp_1;
        const double term_3 = log1p_1 + symloss_max(0.0, -z_t);
        const double exp_3 = exp(-log1p_1 * (double)gamma);
        const double term_4 = case_1 * ((double)gamma * (1.0 - term_3) + 1.0) / term_2 + (double)gamma
            * (case_1 / term_2 + (double)gamma * p_t * term_3);
        hessian_logits[i] = (float)(example_scale * ((exp_2 * exp_3 * term_4 * p_t) == (exp_2 * exp_3
            * term_4 * p_t) ? (alpha_t == 0.0 ? 0.0 : exp_2 * exp_3 * term_4 * alpha_t * p_t)
            : (exp_2 * exp_3 * term_4 * p_t)));
    }

    return SYMLOSS_OK;
}
