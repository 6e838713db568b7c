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
 *
 * Measured against exact results:
 *     float64: 6222 results, 4.87 % beyond the bound, 0 % at ordinary numbers; worst inf of the bound, in
 *         ulp inf (hessian at probability=5e-324, target=0.0, gamma=2.0, alpha=0.25)
 *     float32: 8043 results, 0 % beyond the bound; worst 0.12 of the bound, in ulp 0.50 (value at
 *         probability=0.9102349877357483, target=0.0, gamma=1096.6053466796875, alpha=0.09942430257797241)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -std=c99 -O3 -ffp-
 *         contract=off -fPIC -shared
 */

#include "focal.h"

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
    double value_total = 0.0, value_rest = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_weight = weight != NULL ? weight[i] : 1.0;
        const double term_2 = 1.0 - target[i];
        const double alpha_t = alpha * target[i] + term_1 * term_2;
        const double term_3 = 1.0 - probability[i];
        const double term_4 = term_2 * term_3 + probability[i] * target[i];
        const double p_t = term_4;
        const double log1p_1 = log1p(-term_2 * term_3 - probability[i] * target[i]);
        const double guarded_1 = p_t == p_t ? (p_t < 0.5 ? log(p_t)
            : log1p(-term_2 * probability[i] - term_3 * target[i])) : p_t;
        const double case_1 = fabs(term_4) < 0.5 ? exp(log1p_1 == log1p_1
            ? (gamma == 0.0 ? 0.0 : log1p_1 * gamma) : log1p_1)
            : pow(term_2 * probability[i] + term_3 * target[i], gamma);
        const double example_value = (-case_1 * guarded_1) == (-case_1 * guarded_1)
            ? (alpha_t == 0.0 ? 0.0 : -case_1 * guarded_1 * alpha_t) : (-case_1 * guarded_1);
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
    const double term_1 = 1.0 - (double)alpha;
    double value_total = 0.0, value_rest = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
        const double term_2 = 1.0 - (double)target[i];
        const double alpha_t = (double)alpha * (double)target[i] + term_1 * term_2;
        const double term_3 = 1.0 - (double)probability[i];
        const double term_4 = term_2 * term_3 + (double)probability[i] * (double)target[i];
        const double p_t = term_4;
        const double log1p_1 = log1p(-term_2 * term_3 - (double)probability[i] * (double)target[i]);
        const double guarded_1 = p_t == p_t ? (p_t < 0.5 ? log(p_t)
            : log1p(-term_2 * (double)probability[i] - term_3 * (double)target[i])) : p_t;
        const double case_1 = fabs(term_4) < 0.5 ? exp(log1p_1 == log1p_1
            ? ((double)gamma == 0.0 ? 0.0 : log1p_1 * (double)gamma) : log1p_1)
            : pow(term_2 * (double)probability[i] + term_3 * (double)target[i], (double)gamma);
        const double example_value = (-case_1 * guarded_1) == (-case_1 * guarded_1)
            ? (alpha_t == 0.0 ? 0.0 : -case_1 * guarded_1 * alpha_t) : (-case_1 * guarded_1);
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
        const double term_4 = term_2 * term_3 + probability[i] * target[i];
        const double p_t = term_4;
        const double term_5 = 1.0 - 2.0 * target[i];
        const double term_6 = term_2 * probability[i] + term_3 * target[i];
        const double log1p_1 = log1p(-term_2 * term_3 - probability[i] * target[i]);
        const double guarded_1 = term_6 == term_6 ? (term_6 == 0.0 ? -1.0
            : (p_t == p_t ? (p_t < 0.5 ? log(p_t) : log1p(-term_2 * probability[i] - term_3 * target[i]))
            : p_t) / term_6) : term_6;
        const double case_1 = fabs(term_4) < 0.5 ? exp(log1p_1 == log1p_1
            ? (gamma == 0.0 ? 0.0 : log1p_1 * gamma) : log1p_1) : pow(term_6, gamma);
        const double term_7 = ((-guarded_1) == (-guarded_1) ? (gamma == 0.0 ? 0.0 : -guarded_1 * gamma)
            : (-guarded_1)) + 1.0 / p_t;
        gradient_probability[i] = example_scale * ((case_1 * term_5 * term_7) == (case_1 * term_5 * term_7)
            ? (alpha_t == 0.0 ? 0.0 : case_1 * term_5 * term_7 * alpha_t) : (case_1 * term_5 * term_7));
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
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const double term_1 = 1.0 - (double)alpha;
    for (size_t i = 0; i < n; ++i) {
        const double example_scale = weight != NULL ? scale * (double)weight[i] : scale;
        const double term_2 = 1.0 - (double)target[i];
        const double alpha_t = (double)alpha * (double)target[i] + term_1 * term_2;
        const double term_3 = 1.0 - (double)probability[i];
        const double term_4 = term_2 * term_3 + (double)probability[i] * (double)target[i];
        const double p_t = term_4;
        const double term_5 = 1.0 - 2.0 * (double)target[i];
        const double term_6 = term_2 * (double)probability[i] + term_3 * (double)target[i];
        const double log1p_1 = log1p(-term_2 * term_3 - (double)probability[i] * (double)target[i]);
        const double guarded_1 = term_6 == term_6 ? (term_6 == 0.0 ? -1.0
            : (p_t == p_t ? (p_t < 0.5 ? log(p_t) : log1p(-term_2 * (double)probability[i] - term_3
            * (double)target[i])) : p_t) / term_6) : term_6;
        const double case_1 = fabs(term_4) < 0.5 ? exp(log1p_1 == log1p_1
            ? ((double)gamma == 0.0 ? 0.0 : log1p_1 * (double)gamma) : log1p_1) : pow(term_6, (double)gamma);
        const double term_7 = ((-guarded_1) == (-guarded_1)
            ? ((double)gamma == 0.0 ? 0.0 : -guarded_1 * (double)gamma) : (-guarded_1)) + 1.0 / p_t;
        gradient_probability[i] = (float)(example_scale * ((case_1 * term_5 * term_7) == (case_1 * term_5
            * term_7) ? (alpha_t == 0.0 ? 0.0 : case_1 * term_5 * term_7 * alpha_t)
            : (case_1 * term_5 * term_7)));
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
    double value_total = 0.0, value_rest = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_weight = weight != NULL ? weight[i] : 1.0;
        const double example_scale = scale * example_weight;
        const double term_2 = 1.0 - target[i];
        const double alpha_t = alpha * target[i] + term_1 * term_2;
        const double term_3 = 1.0 - probability[i];
        const double term_4 = term_2 * term_3 + probability[i] * target[i];
        const double p_t = term_4;
        const double term_5 = term_2 * probability[i] + term_3 * target[i];
        const double log1p_1 = log1p(-term_2 * term_3 - probability[i] * target[i]);
        const double guarded_1 = p_t == p_t ? (p_t < 0.5 ? log(p_t)
            : log1p(-term_2 * probability[i] - term_3 * target[i])) : p_t;
        const double case_1 = fabs(term_4) < 0.5 ? exp(log1p_1 == log1p_1
            ? (gamma == 0.0 ? 0.0 : log1p_1 * gamma) : log1p_1) : pow(term_5, gamma);
        const double example_value = (-case_1 * guarded_1) == (-case_1 * guarded_1)
            ? (alpha_t == 0.0 ? 0.0 : -case_1 * guarded_1 * alpha_t) : (-case_1 * guarded_1);
        if (reduction == SYMLOSS_NONE) {
            value[i] = example_weight * example_value;
        } else {
            symloss_add(example_weight * example_value, &value_total, &value_rest);
        }
        const double term_6 = 1.0 - 2.0 * target[i];
        const double guarded_2 = term_5 == term_5 ? (term_5 == 0.0 ? -1.0 : guarded_1 / term_5) : term_5;
        const double term_7 = ((-guarded_2) == (-guarded_2) ? (gamma == 0.0 ? 0.0 : -guarded_2 * gamma)
            : (-guarded_2)) + 1.0 / p_t;
        gradient_probability[i] = example_scale * ((case_1 * term_6 * term_7) == (case_1 * term_6 * term_7)
            ? (alpha_t == 0.0 ? 0.0 : case_1 * term_6 * term_7 * alpha_t) : (case_1 * term_6 * term_7));
    }

    const double examples_value = symloss_sum(value_total, value_rest);
    if (reduction != SYMLOSS_NONE) {
        value[0] = (reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
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
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const double term_1 = 1.0 - (double)alpha;
    double value_total = 0.0, value_rest = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
        const double example_scale = scale * example_weight;
        const double term_2 = 1.0 - (double)target[i];
        const double alpha_t = (double)alpha * (double)target[i] + term_1 * term_2;
        const double term_3 = 1.0 - (double)probability[i];
        const double term_4 = term_2 * term_3 + (double)probability[i] * (double)target[i];
        const double p_t = term_4;
        const double term_5 = term_2 * (double)probability[i] + term_3 * (double)target[i];
        const double log1p_1 = log1p(-term_2 * term_3 - (double)probability[i] * (double)target[i]);
        const double guarded_1 = p_t == p_t ? (p_t < 0.5 ? log(p_t)
            : log1p(-term_2 * (double)probability[i] - term_3 * (double)target[i])) : p_t;
        const double case_1 = fabs(term_4) < 0.5 ? exp(log1p_1 == log1p_1
            ? ((double)gamma == 0.0 ? 0.0 : log1p_1 * (double)gamma) : log1p_1) : pow(term_5, (double)gamma);
        const double example_value = (-case_1 * guarded_1) == (-case_1 * guarded_1)
            ? (alpha_t == 0.0 ? 0.0 : -case_1 * guarded_1 * alpha_t) : (-case_1 * guarded_1);
        if (reduction == SYMLOSS_NONE) {
            value[i] = (float)(example_weight * example_value);
        } else {
            symloss_add(example_weight * example_value, &value_total, &value_rest);
        }
        const double term_6 = 1.0 - 2.0 * (double)target[i];
        const double guarded_2 = term_5 == term_5 ? (term_5 == 0.0 ? -1.0 : guarded_1 / term_5) : term_5;
        const double term_7 = ((-guarded_2) == (-guarded_2)
            ? ((double)gamma == 0.0 ? 0.0 : -guarded_2 * (double)gamma) : (-guarded_2)) + 1.0 / p_t;
        gradient_probability[i] = (float)(example_scale * ((case_1 * term_6 * term_7) == (case_1 * term_6
            * term_7) ? (alpha_t == 0.0 ? 0.0 : case_1 * term_6 * term_7 * alpha_t)
            : (case_1 * term_6 * term_7)));
    }

    const double examples_value = symloss_sum(value_total, value_rest);
    if (reduction != SYMLOSS_NONE) {
        value[0] = (float)(reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
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
    const double term_2 = gamma - 1.0;
    const double product_1 = term_2 * gamma;
    for (size_t i = 0; i < n; ++i) {
        const double example_scale = weight != NULL ? scale * weight[i] : scale;
        const double term_3 = 1.0 - target[i];
        const double alpha_t = alpha * target[i] + term_1 * term_3;
        const double term_4 = 1.0 - probability[i];
        const double term_5 = term_3 * term_4 + probability[i] * target[i];
        const double p_t = term_5;
        const double term_6 = term_3 * probability[i] + term_4 * target[i];
        const double log1p_1 = log1p(-term_3 * term_4 - probability[i] * target[i]);
        const double guarded_1 = p_t == p_t ? (p_t < 0.5 ? log(p_t)
            : log1p(-term_3 * probability[i] - term_4 * target[i])) : p_t;
        const double case_1 = fabs(term_5) < 0.5 ? exp(log1p_1 == log1p_1
            ? (gamma == 0.0 ? 0.0 : log1p_1 * gamma) : log1p_1) : pow(term_6, gamma);
        const double term_7 = ((2.0 / term_6) == (2.0 / term_6) ? (gamma == 0.0 ? 0.0 : 2.0 * gamma / term_6)
            : (2.0 / term_6)) + ((2.0 / p_t) == (2.0 / p_t) ? (gamma == 0.0 ? 0.0 : 2.0 * gamma / p_t)
            : (2.0 / p_t)) + ((-guarded_1 / term_6 / term_6) == (-guarded_1 / term_6 / term_6)
            ? (product_1 == 0.0 ? 0.0 : -guarded_1 * term_2 * gamma / term_6 / term_6)
            : (-guarded_1 / term_6 / term_6)) + 1.0 / (p_t * p_t);
        hessian_probability[i] = example_scale * ((case_1 * term_7) == (case_1 * term_7)
            ? (alpha_t == 0.0 ? 0.0 : case_1 * term_7 * alpha_t) : (case_1 * term_7));
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
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const double term_1 = 1.0 - (double)alpha;
    const double term_2 = (double)gamma - 1.0;
    const double product_1 = term_2 * (double)gamma;
    for (size_t i = 0; i < n; ++i) {
        const double example_scale = weight != NULL ? scale * (double)weight[i] : scale;
        const double term_3 = 1.0 - (double)target[i];
        const double alpha_t = (double)alpha * (double)target[i] + term_1 * term_3;
        const double term_4 = 1.0 - (double)probability[i];
        const double term_5 = term_3 * term_4 + (double)probability[i] * (double)target[i];
        const double p_t = term_5;
        const double term_6 = term_3 * (double)probability[i] + term_4 * (double)target[i];
        const double log1p_1 = log1p(-term_3 * term_4 - (double)probability[i] * (double)target[i]);
        const double guarded_1 = p_t == p_t ? (p_t < 0.5 ? log(p_t)
            : log1p(-term_3 * (double)probability[i] - term_4 * (double)target[i])) : p_t;
        const double case_1 = fabs(term_5) < 0.5 ? exp(log1p_1 == log1p_1
            ? ((double)gamma == 0.0 ? 0.0 : log1p_1 * (double)gamma) : log1p_1) : pow(term_6, (double)gamma);
        const double term_7 = ((2.0 / term_6) == (2.0 / term_6)
            ? ((double)gamma == 0.0 ? 0.0 : 2.0 * (double)gamma / term_6) : (2.0 / term_6))
            + ((2.0 / p_t) == (2.0 / p_t) ? ((double)gamma == 0.0 ? 0.0 : 2.0 * (double)gamma / p_t)
            : (2.0 / p_t)) + ((-guarded_1 / term_6 / term_6) == (-guarded_1 / term_6 / term_6)
            ? (product_1 == 0.0 ? 0.0 : -guarded_1 * term_2 * (double)gamma / term_6 / term_6)
            : (-guarded_1 / term_6 / term_6)) + 1.0 / (p_t * p_t);
        hessian_probability[i] = (float)(example_scale * ((case_1 * term_7) == (case_1 * term_7)
            ? (alpha_t == 0.0 ? 0.0 : case_1 * term_7 * alpha_t) : (case_1 * term_7)));
    }

    return SYMLOSS_OK;
}
