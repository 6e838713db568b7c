/*
 * softmax_cross_entropy: Negative log-likelihood of a label distribution under softmax(logits).
 *
 * loss of one example = -Sum(target[j]*log_softmax(logits)[j], (j, C))
 * d/dlogits = -target[k] + softmax(logits)[k]
 *
 * logits: Real['C'], (..., C)
 * target: Simplex['C'], (..., C)
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate softmax_cross_entropy --target c
 *
 * Measured against exact results:
 *     float64: 2576 results, 13.86 % beyond the bound, 0 % at ordinary numbers; worst 1.4e+04 of the
 *         bound, in ulp 5.6e+04 (hessian_vector_product)
 *     float32: 3136 results, 0 % beyond the bound; worst 0.12 of the bound, in ulp 0.50 (gradient)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -std=c99 -O3 -ffp-
 *         contract=off -fPIC -shared
 */

#include "softmax_cross_entropy.h"

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

int symloss_softmax_cross_entropy_value_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT logits,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    double value_total = 0.0, value_rest = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_weight = weight != NULL ? weight[i] : 1.0;
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        double largest_1 = -(double)INFINITY;
        for (size_t c = 0; c < C; ++c) {
            const double place_1_term = logits[i * C + c];
            if (place_1_term > place_1_value || (place_1_term != place_1_term
                && place_1_value == place_1_value)) {
                place_1 = c;
                place_1_value = place_1_term;
            }
            largest_1 = symloss_max(largest_1, logits[i * C + c]);
        }
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        for (size_t c = 0; c < C; ++c) {
            symloss_add((int64_t)c == (int64_t)place_1 ? 0.0 : exp(logits[i * C + c] - largest_1),
                &sum_1_total, &sum_1_rest);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double log1p_1 = log1p(sum_1);
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t c = 0; c < C; ++c) {
            symloss_add(((logits[i * C + c] - largest_1) - log1p_1) * target[i * C + c], &sum_2_total,
                &sum_2_rest);
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        const double example_value = -sum_2;
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

int symloss_softmax_cross_entropy_value_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT logits,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    double value_total = 0.0, value_rest = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        double largest_1 = -(double)INFINITY;
        for (size_t c = 0; c < C; ++c) {
            const double place_1_term = (double)logits[i * C + c];
            if (place_1_term > place_1_value || (place_1_term != place_1_term
                && place_1_value == place_1_value)) {
                place_1 = c;
                place_1_value = place_1_term;
            }
            largest_1 = symloss_max(largest_1, (double)logits[i * C + c]);
        }
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        for (size_t c = 0; c < C; ++c) {
            symloss_add((int64_t)c == (int64_t)place_1 ? 0.0 : exp((double)logits[i * C + c] - largest_1),
                &sum_1_total, &sum_1_rest);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double log1p_1 = log1p(sum_1);
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t c = 0; c < C; ++c) {
            symloss_add((((double)logits[i * C + c] - largest_1) - log1p_1) * (double)target[i * C + c],
                &sum_2_total, &sum_2_rest);
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        const double example_value = -sum_2;
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

int symloss_softmax_cross_entropy_gradient_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT logits,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT gradient_logits)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
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
            const double place_1_term = logits[i * C + c];
            if (place_1_term > place_1_value || (place_1_term != place_1_term
                && place_1_value == place_1_value)) {
                place_1 = c;
                place_1_value = place_1_term;
            }
            largest_1 = symloss_max(largest_1, logits[i * C + c]);
        }
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        for (size_t c = 0; c < C; ++c) {
            symloss_add((int64_t)c == (int64_t)place_1 ? 0.0 : exp(logits[i * C + c] - largest_1),
                &sum_1_total, &sum_1_rest);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double term_1 = sum_1 + 1.0;
        const double product_1 = sum_1 / term_1;
        for (size_t c = 0; c < C; ++c) {
            const double exp_1 = exp(logits[i * C + c] - largest_1);
            gradient_logits[i * C + c] = example_scale * (exp_1 * (1.0 - target[i * C + c]) / term_1
                - ((int64_t)c == (int64_t)place_1 ? product_1 : 1.0 - exp_1 / term_1) * target[i * C + c]);
        }
    }

    return SYMLOSS_OK;
}

int symloss_softmax_cross_entropy_gradient_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT logits,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT gradient_logits)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
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
            const double place_1_term = (double)logits[i * C + c];
            if (place_1_term > place_1_value || (place_1_term != place_1_term
                && place_1_value == place_1_value)) {
                place_1 = c;
                place_1_value = place_1_term;
            }
            largest_1 = symloss_max(largest_1, (double)logits[i * C + c]);
        }
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        for (size_t c = 0; c < C; ++c) {
            symloss_add((int64_t)c == (int64_t)place_1 ? 0.0 : exp((double)logits[i * C + c] - largest_1),
                &sum_1_total, &sum_1_rest);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double term_1 = sum_1 + 1.0;
        const double product_1 = sum_1 / term_1;
        for (size_t c = 0; c < C; ++c) {
            const double exp_1 = exp((double)logits[i * C + c] - largest_1);
            gradient_logits[i * C + c] = (float)(example_scale
                * (exp_1 * (1.0 - (double)target[i * C + c]) / term_1
                - ((int64_t)c == (int64_t)place_1 ? product_1 : 1.0 - exp_1 / term_1)
                * (double)target[i * C + c]));
        }
    }

    return SYMLOSS_OK;
}

int symloss_softmax_cross_entropy_value_and_gradient_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT logits,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_logits)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
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
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        double largest_1 = -(double)INFINITY;
        for (size_t c = 0; c < C; ++c) {
            const double place_1_term = logits[i * C + c];
            if (place_1_term > place_1_value || (place_1_term != place_1_term
                && place_1_value == place_1_value)) {
                place_1 = c;
                place_1_value = place_1_term;
            }
            largest_1 = symloss_max(largest_1, logits[i * C + c]);
        }
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        for (size_t c = 0; c < C; ++c) {
            symloss_add((int64_t)c == (int64_t)place_1 ? 0.0 : exp(logits[i * C + c] - largest_1),
                &sum_1_total, &sum_1_rest);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double term_1 = sum_1 + 1.0;
        const double log1p_1 = log1p(sum_1);
        const double product_1 = sum_1 / term_1;
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t c = 0; c < C; ++c) {
            const double term_2 = logits[i * C + c] - largest_1;
            symloss_add((term_2 - log1p_1) * target[i * C + c], &sum_2_total, &sum_2_rest);
            const double exp_1 = exp(term_2);
            gradient_logits[i * C + c] = example_scale * (exp_1 * (1.0 - target[i * C + c]) / term_1
                - ((int64_t)c == (int64_t)place_1 ? product_1 : 1.0 - exp_1 / term_1) * target[i * C + c]);
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        const double example_value = -sum_2;
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

int symloss_softmax_cross_entropy_value_and_gradient_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT logits,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_logits)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
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
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        double largest_1 = -(double)INFINITY;
        for (size_t c = 0; c < C; ++c) {
            const double place_1_term = (double)logits[i * C + c];
            if (place_1_term > place_1_value || (place_1_term != place_1_term
                && place_1_value == place_1_value)) {
                place_1 = c;
                place_1_value = place_1_term;
            }
            largest_1 = symloss_max(largest_1, (double)logits[i * C + c]);
        }
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        for (size_t c = 0; c < C; ++c) {
            symloss_add((int64_t)c == (int64_t)place_1 ? 0.0 : exp((double)logits[i * C + c] - largest_1),
                &sum_1_total, &sum_1_rest);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double term_1 = sum_1 + 1.0;
        const double log1p_1 = log1p(sum_1);
        const double product_1 = sum_1 / term_1;
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t c = 0; c < C; ++c) {
            const double term_2 = (double)logits[i * C + c] - largest_1;
            symloss_add((term_2 - log1p_1) * (double)target[i * C + c], &sum_2_total, &sum_2_rest);
            const double exp_1 = exp(term_2);
            gradient_logits[i * C + c] = (float)(example_scale
                * (exp_1 * (1.0 - (double)target[i * C + c]) / term_1
                - ((int64_t)c == (int64_t)place_1 ? product_1 : 1.0 - exp_1 / term_1)
                * (double)target[i * C + c]));
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        const double example_value = -sum_2;
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

int symloss_softmax_cross_entropy_hessian_vector_product_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT logits,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT vector,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT product_logits)
{
    (void)target;
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
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
            const double place_1_term = logits[i * C + c];
            if (place_1_term > place_1_value || (place_1_term != place_1_term
                && place_1_value == place_1_value)) {
                place_1 = c;
                place_1_value = place_1_term;
            }
            largest_1 = symloss_max(largest_1, logits[i * C + c]);
        }
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        for (size_t c = 0; c < C; ++c) {
            symloss_add((int64_t)c == (int64_t)place_1 ? 0.0 : exp(logits[i * C + c] - largest_1),
                &sum_1_total, &sum_1_rest);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double entry_1 = vector[i * C + place_1];
        const double term_1 = sum_1 + 1.0;
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t c = 0; c < C; ++c) {
            symloss_add((vector[i * C + c] - entry_1) * exp(logits[i * C + c] - largest_1) / term_1,
                &sum_2_total, &sum_2_rest);
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        for (size_t c = 0; c < C; ++c) {
            product_logits[i * C + c] = example_scale * (((vector[i * C + c] - entry_1) - sum_2)
                * exp(logits[i * C + c] - largest_1) / term_1);
        }
    }

    return SYMLOSS_OK;
}

int symloss_softmax_cross_entropy_hessian_vector_product_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT logits,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT vector,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT product_logits)
{
    (void)target;
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
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
            const double place_1_term = (double)logits[i * C + c];
            if (place_1_term > place_1_value || (place_1_term != place_1_term
                && place_1_value == place_1_value)) {
                place_1 = c;
                place_1_value = place_1_term;
            }
            largest_1 = symloss_max(largest_1, (double)logits[i * C + c]);
        }
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        for (size_t c = 0; c < C; ++c) {
            symloss_add((int64_t)c == (int64_t)place_1 ? 0.0 : exp((double)logits[i * C + c] - largest_1),
                &sum_1_total, &sum_1_rest);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double entry_1 = (double)vector[i * C + place_1];
        const double term_1 = sum_1 + 1.0;
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t c = 0; c < C; ++c) {
            symloss_add(((double)vector[i * C + c] - entry_1) * exp((double)logits[i * C + c] - largest_1)
                / term_1, &sum_2_total, &sum_2_rest);
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        for (size_t c = 0; c < C; ++c) {
            product_logits[i * C + c] = (float)(example_scale
                * ((((double)vector[i * C + c] - entry_1) - sum_2)
                * exp((double)logits[i * C + c] - largest_1) / term_1));
        }
    }

    return SYMLOSS_OK;
}
