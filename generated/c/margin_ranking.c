/*
 * margin_ranking: The hinge loss of a difference of scores: the better of two items shall score higher
 *     by the margin.
 *
 * loss of one example = Max(0, margin - target*(first - second))
 * d/dfirst = Piecewise((-target, margin - target*(first - second) >= 0), (0, True))
 * d/dsecond = Piecewise((target, margin - target*(first - second) >= 0), (0, True))
 *
 * first: Real, any shape, the same for all
 * second: Real, any shape, the same for all
 * target: Sign, any shape, the same for all
 * margin: NonNegative, default 0
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate margin_ranking --target c
 *
 * Measured against exact results:
 *     float64: 8415 results, 0 % beyond the bound; worst 0.14 of the bound, in ulp 4.00 (value at
 *         first=-368.00858303547227, second=-1.6737751810123636, target=1.0, margin=0.001)
 *     float32: 8490 results, 0 % beyond the bound; worst 0.10 of the bound, in ulp 0.50 (value at
 *         first=-126.70067596435547, second=-6.849744290574866e-31, target=1.0, margin=3.0)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -std=c99 -O3 -ffp-
 *         contract=off -fPIC -shared
 */

#include "margin_ranking.h"

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

int symloss_margin_ranking_value_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT first,
    const double *SYMLOSS_RESTRICT second,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    double value_total = 0.0, value_rest = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_weight = weight != NULL ? weight[i] : 1.0;
        const double example_value = symloss_max(0.0, margin - (first[i] - second[i]) * target[i]);
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

int symloss_margin_ranking_value_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT first,
    const float *SYMLOSS_RESTRICT second,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    double value_total = 0.0, value_rest = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
        const double example_value = symloss_max(0.0, (double)margin - ((double)first[i] - (double)second[i])
            * (double)target[i]);
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

int symloss_margin_ranking_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT first,
    const double *SYMLOSS_RESTRICT second,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT gradient_first,
    double *SYMLOSS_RESTRICT gradient_second)
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
        const double term_1 = margin - (first[i] - second[i]) * target[i];
        gradient_first[i] = example_scale * (term_1 == term_1 ? (term_1 >= 0.0 ? -target[i] : 0.0) : term_1);
        gradient_second[i] = example_scale * (term_1 == term_1 ? (term_1 >= 0.0 ? target[i] : 0.0) : term_1);
    }

    return SYMLOSS_OK;
}

int symloss_margin_ranking_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT first,
    const float *SYMLOSS_RESTRICT second,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT gradient_first,
    float *SYMLOSS_RESTRICT gradient_second)
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
    for (size_t i = 0; i < n; ++i) {
        const double example_scale = weight != NULL ? scale * (double)weight[i] : scale;
        const double term_1 = (double)margin - ((double)first[i] - (double)second[i]) * (double)target[i];
        gradient_first[i] = (float)(example_scale * (term_1 == term_1
            ? (term_1 >= 0.0 ? -(double)target[i] : 0.0) : term_1));
        gradient_second[i] = (float)(example_scale * (term_1 == term_1
            ? (term_1 >= 0.0 ? (double)target[i] : 0.0) : term_1));
    }

    return SYMLOSS_OK;
}

int symloss_margin_ranking_value_and_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT first,
    const double *SYMLOSS_RESTRICT second,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_first,
    double *SYMLOSS_RESTRICT gradient_second)
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
    double value_total = 0.0, value_rest = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_weight = weight != NULL ? weight[i] : 1.0;
        const double example_scale = scale * example_weight;
        const double term_1 = margin - (first[i] - second[i]) * target[i];
        const double example_value = symloss_max(0.0, term_1);
        if (reduction == SYMLOSS_NONE) {
            value[i] = example_weight * example_value;
        } else {
            symloss_add(example_weight * example_value, &value_total, &value_rest);
        }
        gradient_first[i] = example_scale * (term_1 == term_1 ? (term_1 >= 0.0 ? -target[i] : 0.0) : term_1);
        gradient_second[i] = example_scale * (term_1 == term_1 ? (term_1 >= 0.0 ? target[i] : 0.0) : term_1);
    }

    const double examples_value = symloss_sum(value_total, value_rest);
    if (reduction != SYMLOSS_NONE) {
        value[0] = (reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
    return SYMLOSS_OK;
}

int symloss_margin_ranking_value_and_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT first,
    const float *SYMLOSS_RESTRICT second,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_first,
    float *SYMLOSS_RESTRICT gradient_second)
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
    double value_total = 0.0, value_rest = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
        const double example_scale = scale * example_weight;
        const double term_1 = (double)margin - ((double)first[i] - (double)second[i]) * (double)target[i];
        const double example_value = symloss_max(0.0, term_1);
        if (reduction == SYMLOSS_NONE) {
            value[i] = (float)(example_weight * example_value);
        } else {
            symloss_add(example_weight * example_value, &value_total, &value_rest);
        }
        gradient_first[i] = (float)(example_scale * (term_1 == term_1
            ? (term_1 >= 0.0 ? -(double)target[i] : 0.0) : term_1));
        gradient_second[i] = (float)(example_scale * (term_1 == term_1
            ? (term_1 >= 0.0 ? (double)target[i] : 0.0) : term_1));
    }

    const double examples_value = symloss_sum(value_total, value_rest);
    if (reduction != SYMLOSS_NONE) {
        value[0] = (float)(reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
    return SYMLOSS_OK;
}

int symloss_margin_ranking_hessian_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT first,
    const double *SYMLOSS_RESTRICT second,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT hessian_first,
    double *SYMLOSS_RESTRICT hessian_second)
{
    (void)first;
    (void)second;
    (void)target;
    (void)margin;
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
        hessian_first[i] = example_scale * 0.0;
        hessian_second[i] = example_scale * 0.0;
    }

    return SYMLOSS_OK;
}

int symloss_margin_ranking_hessian_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT first,
    const float *SYMLOSS_RESTRICT second,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT hessian_first,
    float *SYMLOSS_RESTRICT hessian_second)
{
    (void)first;
    (void)second;
    (void)target;
    (void)margin;
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_scale = weight != NULL ? scale * (double)weight[i] : scale;
        hessian_first[i] = (float)(example_scale * 0.0);
        hessian_second[i] = (float)(example_scale * 0.0);
    }

    return SYMLOSS_OK;
}
