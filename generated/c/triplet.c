/*
 * triplet: The positive shall be nearer to the anchor than the negative, by a margin of Euclidean
 *     distance.
 *
 * loss of one example = Max(0, margin - to_negative + to_positive)
 *   where to_positive = Norm(anchor[j] - positive[j], (j, D))
 *   where to_negative = Norm(anchor[j] - negative[j], (j, D))
 * d/danchor = Piecewise((-ratio(anchor[k] - negative[k], to_negative) + ratio(anchor[k] - positive[k],
 *     to_positive), margin - to_negative + to_positive >= 0), (0, True))
 * d/dpositive = Piecewise((-ratio(anchor[k] - positive[k], to_positive), margin - to_negative +
 *     to_positive >= 0), (0, True))
 * d/dnegative = Piecewise((ratio(anchor[k] - negative[k], to_negative), margin - to_negative +
 *     to_positive >= 0), (0, True))
 *
 * anchor: Real['D'], (..., D)
 * positive: Real['D'], (..., D)
 * negative: Real['D'], (..., D)
 * margin: Positive, default 1
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate triplet --target c
 *
 * Measured against exact results:
 *     float64: 1482 results, 2.16 % beyond the bound, 0.54 % at ordinary numbers; worst 5.4e+14 of the
 *         bound, in ulp 7.7e+15 (gradient)
 *     float32: 1786 results, 1.12 % beyond the bound, 0 % at ordinary numbers; worst 2.5e+02 of the bound,
 *         in ulp 1.6e+07 (hessian_vector_product)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -std=c99 -O3 -ffp-
 *         contract=off -fPIC -shared
 */

#include "triplet.h"

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

int symloss_triplet_value_f64(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT anchor,
    const double *SYMLOSS_RESTRICT positive,
    const double *SYMLOSS_RESTRICT negative,
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
        double largest_1 = -(double)INFINITY;
        double largest_2 = -(double)INFINITY;
        for (size_t d = 0; d < D; ++d) {
            largest_1 = symloss_max(largest_1, fabs(anchor[i * D + d] - negative[i * D + d]));
            largest_2 = symloss_max(largest_2, fabs(anchor[i * D + d] - positive[i * D + d]));
        }
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            const double product_1 = (anchor[i * D + d] - negative[i * D + d]) / largest_1;
            symloss_add(product_1 * product_1, &sum_1_total, &sum_1_rest);
            const double product_2 = (anchor[i * D + d] - positive[i * D + d]) / largest_2;
            symloss_add(product_2 * product_2, &sum_2_total, &sum_2_rest);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        const double to_negative = largest_1 == largest_1
            ? (largest_1 <= 0.0 ? 0.0 : sqrt(sum_1) * largest_1) : largest_1;
        const double to_positive = largest_2 == largest_2
            ? (largest_2 <= 0.0 ? 0.0 : sqrt(sum_2) * largest_2) : largest_2;
        const double term_1 = to_negative + to_positive;
        double sum_3_total = 0.0, sum_3_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            symloss_add((negative[i * D + d] - positive[i * D + d])
                * (((anchor[i * D + d] - negative[i * D + d]) + (anchor[i * D + d] - positive[i * D + d]))
                / term_1), &sum_3_total, &sum_3_rest);
        }
        const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
        const double example_value = symloss_max(0.0, margin
            + (term_1 == term_1 ? (term_1 <= 0.0 ? 0.0 : sum_3) : term_1));
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

int symloss_triplet_value_f32(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT anchor,
    const float *SYMLOSS_RESTRICT positive,
    const float *SYMLOSS_RESTRICT negative,
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
        double largest_1 = -(double)INFINITY;
        double largest_2 = -(double)INFINITY;
        for (size_t d = 0; d < D; ++d) {
            largest_1 = symloss_max(largest_1, fabs((double)anchor[i * D + d] - (double)negative[i * D + d]));
            largest_2 = symloss_max(largest_2, fabs((double)anchor[i * D + d] - (double)positive[i * D + d]));
        }
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            const double product_1 = ((double)anchor[i * D + d] - (double)negative[i * D + d]) / largest_1;
            symloss_add(product_1 * product_1, &sum_1_total, &sum_1_rest);
            const double product_2 = ((double)anchor[i * D + d] - (double)positive[i * D + d]) / largest_2;
            symloss_add(product_2 * product_2, &sum_2_total, &sum_2_rest);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        const double to_negative = largest_1 == largest_1
            ? (largest_1 <= 0.0 ? 0.0 : sqrt(sum_1) * largest_1) : largest_1;
        const double to_positive = largest_2 == largest_2
            ? (largest_2 <= 0.0 ? 0.0 : sqrt(sum_2) * largest_2) : largest_2;
        const double term_1 = to_negative + to_positive;
        double sum_3_total = 0.0, sum_3_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            symloss_add(((double)negative[i * D + d] - (double)positive[i * D + d])
                * ((((double)anchor[i * D + d] - (double)negative[i * D + d])
                + ((double)anchor[i * D + d] - (double)positive[i * D + d])) / term_1), &sum_3_total,
                &sum_3_rest);
        }
        const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
        const double example_value = symloss_max(0.0, (double)margin
            + (term_1 == term_1 ? (term_1 <= 0.0 ? 0.0 : sum_3) : term_1));
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

int symloss_triplet_gradient_f64(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT anchor,
    const double *SYMLOSS_RESTRICT positive,
    const double *SYMLOSS_RESTRICT negative,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT gradient_anchor,
    double *SYMLOSS_RESTRICT gradient_positive,
    double *SYMLOSS_RESTRICT gradient_negative)
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
        double largest_1 = -(double)INFINITY;
        double largest_2 = -(double)INFINITY;
        for (size_t d = 0; d < D; ++d) {
            largest_1 = symloss_max(largest_1, fabs(anchor[i * D + d] - negative[i * D + d]));
            largest_2 = symloss_max(largest_2, fabs(anchor[i * D + d] - positive[i * D + d]));
        }
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            const double product_1 = (anchor[i * D + d] - negative[i * D + d]) / largest_1;
            symloss_add(product_1 * product_1, &sum_1_total, &sum_1_rest);
            const double product_2 = (anchor[i * D + d] - positive[i * D + d]) / largest_2;
            symloss_add(product_2 * product_2, &sum_2_total, &sum_2_rest);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        const double to_negative = largest_1 == largest_1
            ? (largest_1 <= 0.0 ? 0.0 : sqrt(sum_1) * largest_1) : largest_1;
        const double to_positive = largest_2 == largest_2
            ? (largest_2 <= 0.0 ? 0.0 : sqrt(sum_2) * largest_2) : largest_2;
        const double term_1 = to_negative + to_positive;
        double sum_3_total = 0.0, sum_3_rest = 0.0;
        double sum_4_total = 0.0, sum_4_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            const double product_3 = ((anchor[i * D + d] - negative[i * D + d])
                + (anchor[i * D + d] - positive[i * D + d])) / term_1;
            symloss_add((positive[i * D + d] - negative[i * D + d]) * product_3, &sum_3_total, &sum_3_rest);
            symloss_add((negative[i * D + d] - positive[i * D + d]) * product_3, &sum_4_total, &sum_4_rest);
        }
        const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
        const double sum_4 = symloss_sum(sum_4_total, sum_4_rest);
        const double product_4 = 2.0 * to_negative;
        const double product_5 = 2.0 * to_positive;
        const double guarded_1 = term_1 == term_1 ? (term_1 <= 0.0 ? 0.0 : sum_3) : term_1;
        const double term_2 = margin + (term_1 == term_1 ? (term_1 <= 0.0 ? 0.0 : sum_4) : term_1);
        for (size_t d = 0; d < D; ++d) {
            const double term_3 = anchor[i * D + d] - negative[i * D + d];
            const double term_4 = anchor[i * D + d] - positive[i * D + d];
            const double case_1 = term_3 == 0.0 ? 0.0 : term_3 / to_negative;
            const double case_2 = term_4 == 0.0 ? 0.0 : term_4 / to_positive;
            gradient_anchor[i * D + d] = example_scale * (term_2 == term_2
                ? (term_2 >= 0.0 ? ((to_positive <= 0.0) || (to_negative > product_5)
                || (to_positive > product_4) ? case_2 - case_1 : case_1 * guarded_1 / to_positive
                + (negative[i * D + d] - positive[i * D + d]) / to_positive) : 0.0) : term_2);
            gradient_positive[i * D + d] = example_scale
                * (term_2 == term_2 ? (term_2 >= 0.0 ? -case_2 : 0.0) : term_2);
            gradient_negative[i * D + d] = example_scale
                * (term_2 == term_2 ? (term_2 >= 0.0 ? case_1 : 0.0) : term_2);
        }
    }

    return SYMLOSS_OK;
}

int symloss_triplet_gradient_f32(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT anchor,
    const float *SYMLOSS_RESTRICT positive,
    const float *SYMLOSS_RESTRICT negative,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT gradient_anchor,
    float *SYMLOSS_RESTRICT gradient_positive,
    float *SYMLOSS_RESTRICT gradient_negative)
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
        double largest_1 = -(double)INFINITY;
        double largest_2 = -(double)INFINITY;
        for (size_t d = 0; d < D; ++d) {
            largest_1 = symloss_max(largest_1, fabs((double)anchor[i * D + d] - (double)negative[i * D + d]));
            largest_2 = symloss_max(largest_2, fabs((double)anchor[i * D + d] - (double)positive[i * D + d]));
        }
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            const double product_1 = ((double)anchor[i * D + d] - (double)negative[i * D + d]) / largest_1;
            symloss_add(product_1 * product_1, &sum_1_total, &sum_1_rest);
            const double product_2 = ((double)anchor[i * D + d] - (double)positive[i * D + d]) / largest_2;
            symloss_add(product_2 * product_2, &sum_2_total, &sum_2_rest);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        const double to_negative = largest_1 == largest_1
            ? (largest_1 <= 0.0 ? 0.0 : sqrt(sum_1) * largest_1) : largest_1;
        const double to_positive = largest_2 == largest_2
            ? (largest_2 <= 0.0 ? 0.0 : sqrt(sum_2) * largest_2) : largest_2;
        const double term_1 = to_negative + to_positive;
        double sum_3_total = 0.0, sum_3_rest = 0.0;
        double sum_4_total = 0.0, sum_4_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            const double product_3 = (((double)anchor[i * D + d] - (double)negative[i * D + d])
                + ((double)anchor[i * D + d] - (double)positive[i * D + d])) / term_1;
            symloss_add(((double)positive[i * D + d] - (double)negative[i * D + d]) * product_3, &sum_3_total,
                &sum_3_rest);
            symloss_add(((double)negative[i * D + d] - (double)positive[i * D + d]) * product_3, &sum_4_total,
                &sum_4_rest);
        }
        const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
        const double sum_4 = symloss_sum(sum_4_total, sum_4_rest);
        const double product_4 = 2.0 * to_negative;
        const double product_5 = 2.0 * to_positive;
        const double guarded_1 = term_1 == term_1 ? (term_1 <= 0.0 ? 0.0 : sum_3) : term_1;
        const double term_2 = (double)margin + (term_1 == term_1 ? (term_1 <= 0.0 ? 0.0 : sum_4) : term_1);
        for (size_t d = 0; d < D; ++d) {
            const double term_3 = (double)anchor[i * D + d] - (double)negative[i * D + d];
            const double term_4 = (double)anchor[i * D + d] - (double)positive[i * D + d];
            const double case_1 = term_3 == 0.0 ? 0.0 : term_3 / to_negative;
            const double case_2 = term_4 == 0.0 ? 0.0 : term_4 / to_positive;
            gradient_anchor[i * D + d] = (float)(example_scale
                * (term_2 == term_2 ? (term_2 >= 0.0 ? ((to_positive <= 0.0) || (to_negative > product_5)
                || (to_positive > product_4) ? case_2 - case_1 : case_1 * guarded_1 / to_positive
                + ((double)negative[i * D + d] - (double)positive[i * D + d]) / to_positive) : 0.0)
                : term_2));
            gradient_positive[i * D + d] = (float)(example_scale
                * (term_2 == term_2 ? (term_2 >= 0.0 ? -case_2 : 0.0) : term_2));
            gradient_negative[i * D + d] = (float)(example_scale
                * (term_2 == term_2 ? (term_2 >= 0.0 ? case_1 : 0.0) : term_2));
        }
    }

    return SYMLOSS_OK;
}

int symloss_triplet_value_and_gradient_f64(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT anchor,
    const double *SYMLOSS_RESTRICT positive,
    const double *SYMLOSS_RESTRICT negative,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_anchor,
    double *SYMLOSS_RESTRICT gradient_positive,
    double *SYMLOSS_RESTRICT gradient_negative)
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
        double largest_1 = -(double)INFINITY;
        double largest_2 = -(double)INFINITY;
        for (size_t d = 0; d < D; ++d) {
            largest_1 = symloss_max(largest_1, fabs(anchor[i * D + d] - negative[i * D + d]));
            largest_2 = symloss_max(largest_2, fabs(anchor[i * D + d] - positive[i * D + d]));
        }
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            const double product_1 = (anchor[i * D + d] - negative[i * D + d]) / largest_1;
            symloss_add(product_1 * product_1, &sum_1_total, &sum_1_rest);
            const double product_2 = (anchor[i * D + d] - positive[i * D + d]) / largest_2;
            symloss_add(product_2 * product_2, &sum_2_total, &sum_2_rest);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        const double to_negative = largest_1 == largest_1
            ? (largest_1 <= 0.0 ? 0.0 : sqrt(sum_1) * largest_1) : largest_1;
        const double to_positive = largest_2 == largest_2
            ? (largest_2 <= 0.0 ? 0.0 : sqrt(sum_2) * largest_2) : largest_2;
        const double term_1 = to_negative + to_positive;
        double sum_3_total = 0.0, sum_3_rest = 0.0;
        double sum_4_total = 0.0, sum_4_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            const double product_3 = ((anchor[i * D + d] - negative[i * D + d])
                + (anchor[i * D + d] - positive[i * D + d])) / term_1;
            symloss_add((negative[i * D + d] - positive[i * D + d]) * product_3, &sum_3_total, &sum_3_rest);
            symloss_add((positive[i * D + d] - negative[i * D + d]) * product_3, &sum_4_total, &sum_4_rest);
        }
        const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
        const double sum_4 = symloss_sum(sum_4_total, sum_4_rest);
        const double term_2 = margin + (term_1 == term_1 ? (term_1 <= 0.0 ? 0.0 : sum_3) : term_1);
        const double example_value = symloss_max(0.0, term_2);
        if (reduction == SYMLOSS_NONE) {
            value[i] = example_weight * example_value;
        } else {
            symloss_add(example_weight * example_value, &value_total, &value_rest);
        }
        const double product_4 = 2.0 * to_negative;
        const double product_5 = 2.0 * to_positive;
        const double guarded_1 = term_1 == term_1 ? (term_1 <= 0.0 ? 0.0 : sum_4) : term_1;
        for (size_t d = 0; d < D; ++d) {
            const double term_3 = anchor[i * D + d] - negative[i * D + d];
            const double term_4 = anchor[i * D + d] - positive[i * D + d];
            const double case_1 = term_3 == 0.0 ? 0.0 : term_3 / to_negative;
            const double case_2 = term_4 == 0.0 ? 0.0 : term_4 / to_positive;
            gradient_anchor[i * D + d] = example_scale * (term_2 == term_2
                ? (term_2 >= 0.0 ? ((to_positive <= 0.0) || (to_negative > product_5)
                || (to_positive > product_4) ? case_2 - case_1 : case_1 * guarded_1 / to_positive
                + (negative[i * D + d] - positive[i * D + d]) / to_positive) : 0.0) : term_2);
            gradient_positive[i * D + d] = example_scale
                * (term_2 == term_2 ? (term_2 >= 0.0 ? -case_2 : 0.0) : term_2);
            gradient_negative[i * D + d] = example_scale
                * (term_2 == term_2 ? (term_2 >= 0.0 ? case_1 : 0.0) : term_2);
        }
    }

    const double examples_value = symloss_sum(value_total, value_rest);
    if (reduction != SYMLOSS_NONE) {
        value[0] = (reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
    return SYMLOSS_OK;
}

int symloss_triplet_value_and_gradient_f32(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT anchor,
    const float *SYMLOSS_RESTRICT positive,
    const float *SYMLOSS_RESTRICT negative,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_anchor,
    float *SYMLOSS_RESTRICT gradient_positive,
    float *SYMLOSS_RESTRICT gradient_negative)
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
        double largest_1 = -(double)INFINITY;
        double largest_2 = -(double)INFINITY;
        for (size_t d = 0; d < D; ++d) {
            largest_1 = symloss_max(largest_1, fabs((double)anchor[i * D + d] - (double)negative[i * D + d]));
            largest_2 = symloss_max(largest_2, fabs((double)anchor[i * D + d] - (double)positive[i * D + d]));
        }
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            const double product_1 = ((double)anchor[i * D + d] - (double)negative[i * D + d]) / largest_1;
            symloss_add(product_1 * product_1, &sum_1_total, &sum_1_rest);
            const double product_2 = ((double)anchor[i * D + d] - (double)positive[i * D + d]) / largest_2;
            symloss_add(product_2 * product_2, &sum_2_total, &sum_2_rest);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        const double to_negative = largest_1 == largest_1
            ? (largest_1 <= 0.0 ? 0.0 : sqrt(sum_1) * largest_1) : largest_1;
        const double to_positive = largest_2 == largest_2
            ? (largest_2 <= 0.0 ? 0.0 : sqrt(sum_2) * largest_2) : largest_2;
        const double term_1 = to_negative + to_positive;
        double sum_3_total = 0.0, sum_3_rest = 0.0;
        double sum_4_total = 0.0, sum_4_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            const double product_3 = (((double)anchor[i * D + d] - (double)negative[i * D + d])
                + ((double)anchor[i * D + d] - (double)positive[i * D + d])) / term_1;
            symloss_add(((double)negative[i * D + d] - (double)positive[i * D + d]) * product_3, &sum_3_total,
                &sum_3_rest);
            symloss_add(((double)positive[i * D + d] - (double)negative[i * D + d]) * product_3, &sum_4_total,
                &sum_4_rest);
        }
        const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
        const double sum_4 = symloss_sum(sum_4_total, sum_4_rest);
        const double term_2 = (double)margin + (term_1 == term_1 ? (term_1 <= 0.0 ? 0.0 : sum_3) : term_1);
        const double example_value = symloss_max(0.0, term_2);
        if (reduction == SYMLOSS_NONE) {
            value[i] = (float)(example_weight * example_value);
        } else {
            symloss_add(example_weight * example_value, &value_total, &value_rest);
        }
        const double product_4 = 2.0 * to_negative;
        const double product_5 = 2.0 * to_positive;
        const double guarded_1 = term_1 == term_1 ? (term_1 <= 0.0 ? 0.0 : sum_4) : term_1;
        for (size_t d = 0; d < D; ++d) {
            const double term_3 = (double)anchor[i * D + d] - (double)negative[i * D + d];
            const double term_4 = (double)anchor[i * D + d] - (double)positive[i * D + d];
            const double case_1 = term_3 == 0.0 ? 0.0 : term_3 / to_negative;
            const double case_2 = term_4 == 0.0 ? 0.0 : term_4 / to_positive;
            gradient_anchor[i * D + d] = (float)(example_scale
                * (term_2 == term_2 ? (term_2 >= 0.0 ? ((to_positive <= 0.0) || (to_negative > product_5)
                || (to_positive > product_4) ? case_2 - case_1 : case_1 * guarded_1 / to_positive
                + ((double)negative[i * D + d] - (double)positive[i * D + d]) / to_positive) : 0.0)
                : term_2));
            gradient_positive[i * D + d] = (float)(example_scale
                * (term_2 == term_2 ? (term_2 >= 0.0 ? -case_2 : 0.0) : term_2));
            gradient_negative[i * D + d] = (float)(example_scale
                * (term_2 == term_2 ? (term_2 >= 0.0 ? case_1 : 0.0) : term_2));
        }
    }

    const double examples_value = symloss_sum(value_total, value_rest);
    if (reduction != SYMLOSS_NONE) {
        value[0] = (float)(reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
    return SYMLOSS_OK;
}

int symloss_triplet_hessian_vector_product_f64(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT anchor,
    const double *SYMLOSS_RESTRICT positive,
    const double *SYMLOSS_RESTRICT negative,
    const double *SYMLOSS_RESTRICT vector_anchor,
    const double *SYMLOSS_RESTRICT vector_positive,
    const double *SYMLOSS_RESTRICT vector_negative,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT product_anchor,
    double *SYMLOSS_RESTRICT product_positive,
    double *SYMLOSS_RESTRICT product_negative)
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
        double largest_1 = -(double)INFINITY;
        double largest_2 = -(double)INFINITY;
        for (size_t d = 0; d < D; ++d) {
            largest_1 = symloss_max(largest_1, fabs(anchor[i * D + d] - positive[i * D + d]));
            largest_2 = symloss_max(largest_2, fabs(anchor[i * D + d] - negative[i * D + d]));
        }
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        double sum_3_total = 0.0, sum_3_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            const double product_1 = (anchor[i * D + d] - positive[i * D + d]) / largest_1;
            symloss_add(product_1 * product_1, &sum_1_total, &sum_1_rest);
            const double product_2 = (anchor[i * D + d] - negative[i * D + d]) / largest_2;
            symloss_add(product_2 * product_2, &sum_3_total, &sum_3_rest);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
        const double to_positive = largest_1 == largest_1
            ? (largest_1 <= 0.0 ? 0.0 : sqrt(sum_1) * largest_1) : largest_1;
        const double to_negative = largest_2 == largest_2
            ? (largest_2 <= 0.0 ? 0.0 : sqrt(sum_3) * largest_2) : largest_2;
        const double term_1 = to_negative + to_positive;
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        double sum_4_total = 0.0, sum_4_rest = 0.0;
        double sum_5_total = 0.0, sum_5_rest = 0.0;
        double sum_6_total = 0.0, sum_6_rest = 0.0;
        double sum_7_total = 0.0, sum_7_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            const double term_2 = anchor[i * D + d] - positive[i * D + d];
            const double case_1 = term_2 == 0.0 ? 0.0 : term_2 / to_positive;
            symloss_add(case_1 * vector_positive[i * D + d], &sum_2_total, &sum_2_rest);
            const double term_3 = anchor[i * D + d] - negative[i * D + d];
            symloss_add((negative[i * D + d] - positive[i * D + d]) * ((term_2 + term_3) / term_1),
                &sum_4_total, &sum_4_rest);
            const double case_2 = term_3 == 0.0 ? 0.0 : term_3 / to_negative;
            symloss_add(case_2 * vector_negative[i * D + d], &sum_5_total, &sum_5_rest);
            symloss_add(case_2 * vector_anchor[i * D + d], &sum_6_total, &sum_6_rest);
            symloss_add(case_1 * vector_anchor[i * D + d], &sum_7_total, &sum_7_rest);
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        const double sum_4 = symloss_sum(sum_4_total, sum_4_rest);
        const double sum_5 = symloss_sum(sum_5_total, sum_5_rest);
        const double sum_6 = symloss_sum(sum_6_total, sum_6_rest);
        const double sum_7 = symloss_sum(sum_7_total, sum_7_rest);
        const double guarded_1 = to_negative == to_negative ? (to_negative == 0.0 ? 0.0 : 1.0 / to_negative)
            : to_negative;
        const double guarded_2 = to_positive == to_positive ? (to_positive == 0.0 ? 0.0 : 1.0 / to_positive)
            : to_positive;
        const double term_4 = margin + (term_1 == term_1 ? (term_1 <= 0.0 ? 0.0 : sum_4) : term_1);
        for (size_t d = 0; d < D; ++d) {
            const double term_5 = anchor[i * D + d] - negative[i * D + d];
            const double term_6 = anchor[i * D + d] - positive[i * D + d];
            const double case_3 = term_5 == 0.0 ? 0.0 : term_5 / to_negative / to_negative;
            const double case_4 = term_6 == 0.0 ? 0.0 : term_6 / to_positive / to_positive;
            product_anchor[i * D + d] = example_scale * ((term_4 == term_4
                ? (term_4 >= 0.0 ? (guarded_1 == guarded_1
                ? (vector_negative[i * D + d] == 0.0 ? 0.0 : guarded_1 * vector_negative[i * D + d])
                : guarded_1) - case_3 * sum_5 : 0.0) : term_4)
                + (term_4 == term_4 ? (term_4 >= 0.0 ? case_4 * sum_2
                + ((-guarded_2) == (-guarded_2) ? (vector_positive[i * D + d] == 0.0 ? 0.0 : -guarded_2
                * vector_positive[i * D + d]) : (-guarded_2)) : 0.0) : term_4)
                + (term_4 == term_4 ? (term_4 >= 0.0 ? case_3 * sum_6
                + ((-guarded_1) == (-guarded_1) ? (vector_anchor[i * D + d] == 0.0 ? 0.0 : -guarded_1
                * vector_anchor[i * D + d]) : (-guarded_1))
                + (guarded_2 == guarded_2 ? (vector_anchor[i * D + d] == 0.0 ? 0.0 : guarded_2
                * vector_anchor[i * D + d]) : guarded_2) - case_4 * sum_7 : 0.0) : term_4));
            product_positive[i * D + d] = example_scale * ((term_4 == term_4
                ? (term_4 >= 0.0 ? (guarded_2 == guarded_2
                ? (vector_positive[i * D + d] == 0.0 ? 0.0 : guarded_2 * vector_positive[i * D + d])
                : guarded_2) - case_4 * sum_2 : 0.0) : term_4)
                + (term_4 == term_4 ? (term_4 >= 0.0 ? case_4 * sum_7
                + ((-guarded_2) == (-guarded_2) ? (vector_anchor[i * D + d] == 0.0 ? 0.0 : -guarded_2
                * vector_anchor[i * D + d]) : (-guarded_2)) : 0.0) : term_4));
            product_negative[i * D + d] = example_scale * ((term_4 == term_4
                ? (term_4 >= 0.0 ? case_3 * sum_5 + ((-guarded_1) == (-guarded_1)
                ? (vector_negative[i * D + d] == 0.0 ? 0.0 : -guarded_1 * vector_negative[i * D + d])
                : (-guarded_1)) : 0.0) : term_4) + (term_4 == term_4
                ? (term_4 >= 0.0 ? (guarded_1 == guarded_1
                ? (vector_anchor[i * D + d] == 0.0 ? 0.0 : guarded_1 * vector_anchor[i * D + d]) : guarded_1)
                - case_3 * sum_6 : 0.0) : term_4));
        }
    }

    return SYMLOSS_OK;
}

int symloss_triplet_hessian_vector_product_f32(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT anchor,
    const float *SYMLOSS_RESTRICT positive,
    const float *SYMLOSS_RESTRICT negative,
    const float *SYMLOSS_RESTRICT vector_anchor,
    const float *SYMLOSS_RESTRICT vector_positive,
    const float *SYMLOSS_RESTRICT vector_negative,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT product_anchor,
    float *SYMLOSS_RESTRICT product_positive,
    float *SYMLOSS_RESTRICT product_negative)
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
        double largest_1 = -(double)INFINITY;
        double largest_2 = -(double)INFINITY;
        for (size_t d = 0; d < D; ++d) {
            largest_1 = symloss_max(largest_1, fabs((double)anchor[i * D + d] - (double)positive[i * D + d]));
            largest_2 = symloss_max(largest_2, fabs((double)anchor[i * D + d] - (double)negative[i * D + d]));
        }
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        double sum_3_total = 0.0, sum_3_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            const double product_1 = ((double)anchor[i * D + d] - (double)positive[i * D + d]) / largest_1;
            symloss_add(product_1 * product_1, &sum_1_total, &sum_1_rest);
            const double product_2 = ((double)anchor[i * D + d] - (double)negative[i * D + d]) / largest_2;
            symloss_add(product_2 * product_2, &sum_3_total, &sum_3_rest);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
        const double to_positive = largest_1 == largest_1
            ? (largest_1 <= 0.0 ? 0.0 : sqrt(sum_1) * largest_1) : largest_1;
        const double to_negative = largest_2 == largest_2
            ? (largest_2 <= 0.0 ? 0.0 : sqrt(sum_3) * largest_2) : largest_2;
        const double term_1 = to_negative + to_positive;
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        double sum_4_total = 0.0, sum_4_rest = 0.0;
        double sum_5_total = 0.0, sum_5_rest = 0.0;
        double sum_6_total = 0.0, sum_6_rest = 0.0;
        double sum_7_total = 0.0, sum_7_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            const double term_2 = (double)anchor[i * D + d] - (double)positive[i * D + d];
            const double case_1 = term_2 == 0.0 ? 0.0 : term_2 / to_positive;
            symloss_add(case_1 * (double)vector_positive[i * D + d], &sum_2_total, &sum_2_rest);
            const double term_3 = (double)anchor[i * D + d] - (double)negative[i * D + d];
            symloss_add(((double)negative[i * D + d] - (double)positive[i * D + d])
                * ((term_2 + term_3) / term_1), &sum_4_total, &sum_4_rest);
            const double case_2 = term_3 == 0.0 ? 0.0 : term_3 / to_negative;
            symloss_add(case_2 * (double)vector_negative[i * D + d], &sum_5_total, &sum_5_rest);
            symloss_add(case_2 * (double)vector_anchor[i * D + d], &sum_6_total, &sum_6_rest);
            symloss_add(case_1 * (double)vector_anchor[i * D + d], &sum_7_total, &sum_7_rest);
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        const double sum_4 = symloss_sum(sum_4_total, sum_4_rest);
        const double sum_5 = symloss_sum(sum_5_total, sum_5_rest);
        const double sum_6 = symloss_sum(sum_6_total, sum_6_rest);
        const double sum_7 = symloss_sum(sum_7_total, sum_7_rest);
        const double guarded_1 = to_negative == to_negative ? (to_negative == 0.0 ? 0.0 : 1.0 / to_negative)
            : to_negative;
        const double guarded_2 = to_positive == to_positive ? (to_positive == 0.0 ? 0.0 : 1.0 / to_positive)
            : to_positive;
        const double term_4 = (double)margin + (term_1 == term_1 ? (term_1 <= 0.0 ? 0.0 : sum_4) : term_1);
        for (size_t d = 0; d < D; ++d) {
            const double term_5 = (double)anchor[i * D + d] - (double)negative[i * D + d];
            const double term_6 = (double)anchor[i * D + d] - (double)positive[i * D + d];
            const double case_3 = term_5 == 0.0 ? 0.0 : term_5 / to_negative / to_negative;
            const double case_4 = term_6 == 0.0 ? 0.0 : term_6 / to_positive / to_positive;
            product_anchor[i * D + d] = (float)(example_scale
                * ((term_4 == term_4 ? (term_4 >= 0.0 ? (guarded_1 == guarded_1
                ? ((double)vector_negative[i * D + d] == 0.0 ? 0.0 : guarded_1
                * (double)vector_negative[i * D + d]) : guarded_1) - case_3 * sum_5 : 0.0) : term_4)
                + (term_4 == term_4 ? (term_4 >= 0.0 ? case_4 * sum_2
                + ((-guarded_2) == (-guarded_2) ? ((double)vector_positive[i * D + d] == 0.0 ? 0.0
                : -guarded_2 * (double)vector_positive[i * D + d]) : (-guarded_2)) : 0.0) : term_4)
                + (term_4 == term_4 ? (term_4 >= 0.0 ? case_3 * sum_6
                + ((-guarded_1) == (-guarded_1) ? ((double)vector_anchor[i * D + d] == 0.0 ? 0.0 : -guarded_1
                * (double)vector_anchor[i * D + d]) : (-guarded_1))
                + (guarded_2 == guarded_2 ? ((double)vector_anchor[i * D + d] == 0.0 ? 0.0 : guarded_2
                * (double)vector_anchor[i * D + d]) : guarded_2) - case_4 * sum_7 : 0.0) : term_4)));
            product_positive[i * D + d] = (float)(example_scale
                * ((term_4 == term_4 ? (term_4 >= 0.0 ? (guarded_2 == guarded_2
                ? ((double)vector_positive[i * D + d] == 0.0 ? 0.0 : guarded_2
                * (double)vector_positive[i * D + d]) : guarded_2) - case_4 * sum_2 : 0.0) : term_4)
                + (term_4 == term_4 ? (term_4 >= 0.0 ? case_4 * sum_7
                + ((-guarded_2) == (-guarded_2) ? ((double)vector_anchor[i * D + d] == 0.0 ? 0.0 : -guarded_2
                * (double)vector_anchor[i * D + d]) : (-guarded_2)) : 0.0) : term_4)));
            product_negative[i * D + d] = (float)(example_scale
                * ((term_4 == term_4 ? (term_4 >= 0.0 ? case_3 * sum_5
                + ((-guarded_1) == (-guarded_1) ? ((double)vector_negative[i * D + d] == 0.0 ? 0.0
                : -guarded_1 * (double)vector_negative[i * D + d]) : (-guarded_1)) : 0.0) : term_4)
                + (term_4 == term_4 ? (term_4 >= 0.0 ? (guarded_1 == guarded_1
                ? ((double)vector_anchor[i * D + d] == 0.0 ? 0.0 : guarded_1
                * (double)vector_anchor[i * D + d]) : guarded_1) - case_3 * sum_6 : 0.0) : term_4)));
        }
    }

    return SYMLOSS_OK;
}
