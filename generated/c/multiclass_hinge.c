/*
 * multiclass_hinge: The hinge loss of C classes: the right score must exceed the highest wrong one by
 *     the margin.
 *
 * loss of one example = Max(0, margin + rival - score[target])
 *   where rival = Max(Piecewise((score[j], Ne(j, target)), (-oo, True)), (j, C))
 * d/dscore = Piecewise((-KroneckerDelta(k, target) + Piecewise((KroneckerDelta(k,
 *     ArgMax(Piecewise((score[j], Ne(j, target)), (-oo, True)), (j, C))),
 *     Ne(ArgMax(Piecewise((score[j], Ne(j, target)), (-oo, True)), (j, C)), target)), (0, True)),
 *     margin + rival - score[target] >= 0), (0, True))
 *
 * score: Real['C'], (..., C)
 * target: ClassIndex['C'], (...)
 * margin: Positive, default 1
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate multiclass_hinge --target c
 *
 * Measured against exact results:
 *     float64: 3976 results, 0 % beyond the bound; worst 0.15 of the bound, in ulp 4.6e+15 (value)
 *     float32: 3976 results, 0 % beyond the bound; worst 0.10 of the bound, in ulp 3.5e+02 (value)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -std=c99 -O3 -ffp-
 *         contract=off -fPIC -shared
 */

#include "multiclass_hinge.h"

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

int symloss_multiclass_hinge_value_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (target[at] < 0 || (uint64_t)target[at] >= (uint64_t)C) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    double value_total = 0.0, value_rest = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_weight = weight != NULL ? weight[i] : 1.0;
        double largest_1 = -(double)INFINITY;
        for (size_t c = 0; c < C; ++c) {
            largest_1 = symloss_max(largest_1, (int64_t)c != target[i] ? score[i * C + c]
                : -(double)INFINITY);
        }
        const double rival = largest_1;
        const double example_value = symloss_max(0.0, margin + rival - score[i * C + (size_t)target[i]]);
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

int symloss_multiclass_hinge_value_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (target[at] < 0 || (uint64_t)target[at] >= (uint64_t)C) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    double value_total = 0.0, value_rest = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
        double largest_1 = -(double)INFINITY;
        for (size_t c = 0; c < C; ++c) {
            largest_1 = symloss_max(largest_1, (int64_t)c != target[i] ? (double)score[i * C + c]
                : -(double)INFINITY);
        }
        const double rival = largest_1;
        const double example_value = symloss_max(0.0, (double)margin + rival
            - (double)score[i * C + (size_t)target[i]]);
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

int symloss_multiclass_hinge_gradient_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT gradient_score)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (target[at] < 0 || (uint64_t)target[at] >= (uint64_t)C) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_scale = weight != NULL ? scale * weight[i] : scale;
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        double largest_1 = -(double)INFINITY;
        for (size_t c = 0; c < C; ++c) {
            const double case_1 = (int64_t)c != target[i] ? score[i * C + c] : -(double)INFINITY;
            const double place_1_term = case_1;
            if (place_1_term > place_1_value || (place_1_term != place_1_term
                && place_1_value == place_1_value)) {
                place_1 = c;
                place_1_value = place_1_term;
            }
            largest_1 = symloss_max(largest_1, case_1);
        }
        const double rival = largest_1;
        const double term_1 = margin + rival - score[i * C + (size_t)target[i]];
        for (size_t c = 0; c < C; ++c) {
            gradient_score[i * C + c] = example_scale * (term_1 == term_1
                ? (term_1 >= 0.0 ? ((int64_t)place_1 != target[i]
                ? ((int64_t)c == (int64_t)place_1 ? 1.0 : 0.0) : 0.0) - ((int64_t)c == target[i] ? 1.0 : 0.0)
                : 0.0) : term_1);
        }
    }

    return SYMLOSS_OK;
}

int symloss_multiclass_hinge_gradient_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT gradient_score)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (target[at] < 0 || (uint64_t)target[at] >= (uint64_t)C) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_scale = weight != NULL ? scale * (double)weight[i] : scale;
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        double largest_1 = -(double)INFINITY;
        for (size_t c = 0; c < C; ++c) {
            const double case_1 = (int64_t)c != target[i] ? (double)score[i * C + c] : -(double)INFINITY;
            const double place_1_term = case_1;
            if (place_1_term > place_1_value || (place_1_term != place_1_term
                && place_1_value == place_1_value)) {
                place_1 = c;
                place_1_value = place_1_term;
            }
            largest_1 = symloss_max(largest_1, case_1);
        }
        const double rival = largest_1;
        const double term_1 = (double)margin + rival - (double)score[i * C + (size_t)target[i]];
        for (size_t c = 0; c < C; ++c) {
            gradient_score[i * C + c] = (float)(example_scale
                * (term_1 == term_1 ? (term_1 >= 0.0 ? ((int64_t)place_1 != target[i]
                ? ((int64_t)c == (int64_t)place_1 ? 1.0 : 0.0) : 0.0) - ((int64_t)c == target[i] ? 1.0 : 0.0)
                : 0.0) : term_1));
        }
    }

    return SYMLOSS_OK;
}

int symloss_multiclass_hinge_value_and_gradient_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_score)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (target[at] < 0 || (uint64_t)target[at] >= (uint64_t)C) {
            return SYMLOSS_BAD_INDEX;
        }
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
        double largest_1 = -(double)INFINITY;
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        for (size_t c = 0; c < C; ++c) {
            const double case_1 = (int64_t)c != target[i] ? score[i * C + c] : -(double)INFINITY;
            largest_1 = symloss_max(largest_1, case_1);
            const double place_1_term = case_1;
            if (place_1_term > place_1_value || (place_1_term != place_1_term
                && place_1_value == place_1_value)) {
                place_1 = c;
                place_1_value = place_1_term;
            }
        }
        const double rival = largest_1;
        const double term_1 = margin + rival - score[i * C + (size_t)target[i]];
        const double example_value = symloss_max(0.0, term_1);
        if (reduction == SYMLOSS_NONE) {
            value[i] = example_weight * example_value;
        } else {
            symloss_add(example_weight * example_value, &value_total, &value_rest);
        }
        for (size_t c = 0; c < C; ++c) {
            gradient_score[i * C + c] = example_scale * (term_1 == term_1
                ? (term_1 >= 0.0 ? ((int64_t)place_1 != target[i]
                ? ((int64_t)c == (int64_t)place_1 ? 1.0 : 0.0) : 0.0) - ((int64_t)c == target[i] ? 1.0 : 0.0)
                : 0.0) : term_1);
        }
    }

    const double examples_value = symloss_sum(value_total, value_rest);
    if (reduction != SYMLOSS_NONE) {
        value[0] = (reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
    return SYMLOSS_OK;
}

int symloss_multiclass_hinge_value_and_gradient_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_score)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (target[at] < 0 || (uint64_t)target[at] >= (uint64_t)C) {
            return SYMLOSS_BAD_INDEX;
        }
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
        double largest_1 = -(double)INFINITY;
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        for (size_t c = 0; c < C; ++c) {
            const double case_1 = (int64_t)c != target[i] ? (double)score[i * C + c] : -(double)INFINITY;
            largest_1 = symloss_max(largest_1, case_1);
            const double place_1_term = case_1;
            if (place_1_term > place_1_value || (place_1_term != place_1_term
                && place_1_value == place_1_value)) {
                place_1 = c;
                place_1_value = place_1_term;
            }
        }
        const double rival = largest_1;
        const double term_1 = (double)margin + rival - (double)score[i * C + (size_t)target[i]];
        const double example_value = symloss_max(0.0, term_1);
        if (reduction == SYMLOSS_NONE) {
            value[i] = (float)(example_weight * example_value);
        } else {
            symloss_add(example_weight * example_value, &value_total, &value_rest);
        }
        for (size_t c = 0; c < C; ++c) {
            gradient_score[i * C + c] = (float)(example_scale
                * (term_1 == term_1 ? (term_1 >= 0.0 ? ((int64_t)place_1 != target[i]
                ? ((int64_t)c == (int64_t)place_1 ? 1.0 : 0.0) : 0.0) - ((int64_t)c == target[i] ? 1.0 : 0.0)
                : 0.0) : term_1));
        }
    }

    const double examples_value = symloss_sum(value_total, value_rest);
    if (reduction != SYMLOSS_NONE) {
        value[0] = (float)(reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
    return SYMLOSS_OK;
}

int symloss_multiclass_hinge_hessian_vector_product_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT vector,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT product_score)
{
    (void)score;
    (void)vector;
    (void)margin;
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (target[at] < 0 || (uint64_t)target[at] >= (uint64_t)C) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_scale = weight != NULL ? scale * weight[i] : scale;
        for (size_t c = 0; c < C; ++c) {
            product_score[i * C + c] = example_scale * 0.0;
        }
    }

    return SYMLOSS_OK;
}

int symloss_multiclass_hinge_hessian_vector_product_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT vector,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT product_score)
{
    (void)score;
    (void)vector;
    (void)margin;
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (target[at] < 0 || (uint64_t)target[at] >= (uint64_t)C) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_scale = weight != NULL ? scale * (double)weight[i] : scale;
        for (size_t c = 0; c < C; ++c) {
            product_score[i * C + c] = (float)(example_scale * 0.0);
        }
    }

    return SYMLOSS_OK;
}
