/*
 * info_nce: Cross-entropy of finding, for each query, its own key among all keys of the batch.
 *
 * loss of the batch = -Sum(log_softmax(s[j, l], (l, N))[j], (j, N))/N
 *   where s[i, k] = Sum(key[k, j]*query[i, j], (j, D))/temperature
 * d/dquery = (-key[i, k] + Sum(key[j, k]*softmax(s[i, l], (l, N))[j], (j, N)))/(N*temperature)
 * d/dkey = (-query[i, k] + Sum(query[j, k]*softmax(s[j, l], (l, N))[i], (j, N)))/(N*temperature)
 *
 * query: Real['N', 'D'], (N, D)
 * key: Real['N', 'D'], (N, D)
 * temperature: Positive, default 0.1
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate info_nce --target c
 *
 * Measured against exact results:
 *     float64: 1313 results, 7.31 % beyond the bound, 0 % at ordinary numbers; worst inf of the bound, in
 *         ulp inf (value)
 *     float32: 1794 results, 0 % beyond the bound; worst 0.12 of the bound, in ulp 0.50 (gradient)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -std=c99 -O3 -ffp-
 *         contract=off -fPIC -shared
 */

#include "info_nce.h"

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

size_t symloss_info_nce_workspace(size_t N, size_t D) {
    (void)N;
    (void)D;
    return N * N + N * N + N * N + N * N;
}

int symloss_info_nce_value_f64(
    size_t N,
    size_t D,
    const double *SYMLOSS_RESTRICT query,
    const double *SYMLOSS_RESTRICT key,
    double temperature,
    double *SYMLOSS_RESTRICT workspace,
    double *SYMLOSS_RESTRICT value)
{
    double *const sum_1_array = workspace;
    double *const s_array = workspace + N * N;
    for (size_t i = 0; i < N; ++i) {
        for (size_t i2 = 0; i2 < N; ++i2) {
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t d = 0; d < D; ++d) {
                symloss_add(key[i * D + d] * query[i2 * D + d], &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    double sum_3_total = 0.0, sum_3_rest = 0.0;
    for (size_t i = 0; i < N; ++i) {
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        double largest_1 = -(double)INFINITY;
        for (size_t i2 = 0; i2 < N; ++i2) {
            s_array[i * N + i2] = sum_1_array[i2 * N + i] / temperature;
            const double place_1_term = s_array[i * N + i2];
            if (place_1_term > place_1_value || (place_1_term != place_1_term
                && place_1_value == place_1_value)) {
                place_1 = i2;
                place_1_value = place_1_term;
            }
            largest_1 = symloss_max(largest_1, s_array[i * N + i2]);
        }
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t i2 = 0; i2 < N; ++i2) {
            symloss_add((int64_t)i2 == (int64_t)place_1 ? 0.0 : exp(s_array[i * N + i2] - largest_1),
                &sum_2_total, &sum_2_rest);
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        symloss_add((s_array[i * N + i] - largest_1) - log1p(sum_2), &sum_3_total, &sum_3_rest);
    }
    const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
    const double whole_value = -sum_3 / (double)N;

    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_info_nce_value_f32(
    size_t N,
    size_t D,
    const float *SYMLOSS_RESTRICT query,
    const float *SYMLOSS_RESTRICT key,
    float temperature,
    double *SYMLOSS_RESTRICT workspace,
    float *SYMLOSS_RESTRICT value)
{
    double *const sum_1_array = workspace;
    double *const s_array = workspace + N * N;
    for (size_t i = 0; i < N; ++i) {
        for (size_t i2 = 0; i2 < N; ++i2) {
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t d = 0; d < D; ++d) {
                symloss_add((double)key[i * D + d] * (double)query[i2 * D + d], &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    double sum_3_total = 0.0, sum_3_rest = 0.0;
    for (size_t i = 0; i < N; ++i) {
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        double largest_1 = -(double)INFINITY;
        for (size_t i2 = 0; i2 < N; ++i2) {
            s_array[i * N + i2] = sum_1_array[i2 * N + i] / (double)temperature;
            const double place_1_term = s_array[i * N + i2];
            if (place_1_term > place_1_value || (place_1_term != place_1_term
                && place_1_value == place_1_value)) {
                place_1 = i2;
                place_1_value = place_1_term;
            }
            largest_1 = symloss_max(largest_1, s_array[i * N + i2]);
        }
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t i2 = 0; i2 < N; ++i2) {
            symloss_add((int64_t)i2 == (int64_t)place_1 ? 0.0 : exp(s_array[i * N + i2] - largest_1),
                &sum_2_total, &sum_2_rest);
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        symloss_add((s_array[i * N + i] - largest_1) - log1p(sum_2), &sum_3_total, &sum_3_rest);
    }
    const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
    const double whole_value = -sum_3 / (double)N;

    value[0] = (float)whole_value;
    return SYMLOSS_OK;
}

int symloss_info_nce_gradient_f64(
    size_t N,
    size_t D,
    const double *SYMLOSS_RESTRICT query,
    const double *SYMLOSS_RESTRICT key,
    double temperature,
    double *SYMLOSS_RESTRICT workspace,
    double *SYMLOSS_RESTRICT gradient_query,
    double *SYMLOSS_RESTRICT gradient_key)
{
    double *const sum_1_array = workspace;
    double *const s_array = workspace + N * N;
    double *const factor_1_array = workspace + N * N + N * N;
    double *const factor_2_array = workspace + N * N + N * N + N * N;
    for (size_t i = 0; i < N; ++i) {
        for (size_t i2 = 0; i2 < N; ++i2) {
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t d = 0; d < D; ++d) {
                symloss_add(key[i * D + d] * query[i2 * D + d], &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    for (size_t i = 0; i < N; ++i) {
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        double largest_1 = -(double)INFINITY;
        for (size_t i2 = 0; i2 < N; ++i2) {
            s_array[i * N + i2] = sum_1_array[i2 * N + i] / temperature;
            const double place_1_term = s_array[i * N + i2];
            if (place_1_term > place_1_value || (place_1_term != place_1_term
                && place_1_value == place_1_value)) {
                place_1 = i2;
                place_1_value = place_1_term;
            }
            largest_1 = symloss_max(largest_1, s_array[i * N + i2]);
        }
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t i2 = 0; i2 < N; ++i2) {
            symloss_add((int64_t)i2 == (int64_t)place_1 ? 0.0 : exp(s_array[i * N + i2] - largest_1),
                &sum_2_total, &sum_2_rest);
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        const double term_1 = sum_2 + 1.0;
        const double product_1 = sum_2 / term_1;
        for (size_t i2 = 0; i2 < N; ++i2) {
            const double exp_1 = exp(s_array[i * N + i2] - largest_1);
            const double product_2 = exp_1 / term_1;
            factor_1_array[i * N + i2] = product_2;
            factor_2_array[i * N + i2] = (int64_t)i == (int64_t)i2
                ? -((int64_t)i2 == (int64_t)place_1 ? product_1 : 1.0 - exp_1 / term_1) : product_2;
        }
        for (size_t d = 0; d < D; ++d) {
            const double entry_1 = key[place_1 * D + d];
            double sum_3_total = 0.0, sum_3_rest = 0.0;
            for (size_t i2 = 0; i2 < N; ++i2) {
                symloss_add((key[i2 * D + d] - entry_1) * factor_1_array[i * N + i2], &sum_3_total,
                    &sum_3_rest);
            }
            const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
            gradient_query[i * D + d] = ((entry_1 - key[i * D + d]) + sum_3) / temperature / (double)N;
        }
    }
    for (size_t i = 0; i < N; ++i) {
        for (size_t d = 0; d < D; ++d) {
            double sum_4_total = 0.0, sum_4_rest = 0.0;
            for (size_t i2 = 0; i2 < N; ++i2) {
                symloss_add(factor_2_array[i2 * N + i] * query[i2 * D + d], &sum_4_total, &sum_4_rest);
            }
            const double sum_4 = symloss_sum(sum_4_total, sum_4_rest);
            gradient_key[i * D + d] = sum_4 / temperature / (double)N;
        }
    }

    return SYMLOSS_OK;
}

int symloss_info_nce_gradient_f32(
    size_t N,
    size_t D,
    const float *SYMLOSS_RESTRICT query,
    const float *SYMLOSS_RESTRICT key,
    float temperature,
    double *SYMLOSS_RESTRICT workspace,
    float *SYMLOSS_RESTRICT gradient_query,
    float *SYMLOSS_RESTRICT gradient_key)
{
    double *const sum_1_array = workspace;
    double *const s_array = workspace + N * N;
    double *const factor_1_array = workspace + N * N + N * N;
    double *const factor_2_array = workspace + N * N + N * N + N * N;
    for (size_t i = 0; i < N; ++i) {
        for (size_t i2 = 0; i2 < N; ++i2) {
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t d = 0; d < D; ++d) {
                symloss_add((double)key[i * D + d] * (double)query[i2 * D + d], &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    for (size_t i = 0; i < N; ++i) {
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        double largest_1 = -(double)INFINITY;
        for (size_t i2 = 0; i2 < N; ++i2) {
            s_array[i * N + i2] = sum_1_array[i2 * N + i] / (double)temperature;
            const double place_1_term = s_array[i * N + i2];
            if (place_1_term > place_1_value || (place_1_term != place_1_term
                && place_1_value == place_1_value)) {
                place_1 = i2;
                place_1_value = place_1_term;
            }
            largest_1 = symloss_max(largest_1, s_array[i * N + i2]);
        }
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t i2 = 0; i2 < N; ++i2) {
            symloss_add((int64_t)i2 == (int64_t)place_1 ? 0.0 : exp(s_array[i * N + i2] - largest_1),
                &sum_2_total, &sum_2_rest);
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        const double term_1 = sum_2 + 1.0;
        const double product_1 = sum_2 / term_1;
        for (size_t i2 = 0; i2 < N; ++i2) {
            const double exp_1 = exp(s_array[i * N + i2] - largest_1);
            const double product_2 = exp_1 / term_1;
            factor_1_array[i * N + i2] = product_2;
            factor_2_array[i * N + i2] = (int64_t)i == (int64_t)i2
                ? -((int64_t)i2 == (int64_t)place_1 ? product_1 : 1.0 - exp_1 / term_1) : product_2;
        }
        for (size_t d = 0; d < D; ++d) {
            const double entry_1 = (double)key[place_1 * D + d];
            double sum_3_total = 0.0, sum_3_rest = 0.0;
            for (size_t i2 = 0; i2 < N; ++i2) {
                symloss_add(((double)key[i2 * D + d] - entry_1) * factor_1_array[i * N + i2], &sum_3_total,
                    &sum_3_rest);
            }
            const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
            gradient_query[i * D + d] = (float)(((entry_1 - (double)key[i * D + d]) + sum_3)
                / (double)temperature / (double)N);
        }
    }
    for (size_t i = 0; i < N; ++i) {
        for (size_t d = 0; d < D; ++d) {
            double sum_4_total = 0.0, sum_4_rest = 0.0;
            for (size_t i2 = 0; i2 < N; ++i2) {
                symloss_add(factor_2_array[i2 * N + i] * (double)query[i2 * D + d], &sum_4_total,
                    &sum_4_rest);
            }
            const double sum_4 = symloss_sum(sum_4_total, sum_4_rest);
            gradient_key[i * D + d] = (float)(sum_4 / (double)temperature / (double)N);
        }
    }

    return SYMLOSS_OK;
}

int symloss_info_nce_value_and_gradient_f64(
    size_t N,
    size_t D,
    const double *SYMLOSS_RESTRICT query,
    const double *SYMLOSS_RESTRICT key,
    double temperature,
    double *SYMLOSS_RESTRICT workspace,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_query,
    double *SYMLOSS_RESTRICT gradient_key)
{
    double *const sum_1_array = workspace;
    double *const s_array = workspace + N * N;
    double *const factor_1_array = workspace + N * N + N * N;
    double *const factor_2_array = workspace + N * N + N * N + N * N;
    for (size_t i = 0; i < N; ++i) {
        for (size_t i2 = 0; i2 < N; ++i2) {
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t d = 0; d < D; ++d) {
                symloss_add(key[i * D + d] * query[i2 * D + d], &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    double sum_3_total = 0.0, sum_3_rest = 0.0;
    for (size_t i = 0; i < N; ++i) {
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        double largest_1 = -(double)INFINITY;
        for (size_t i2 = 0; i2 < N; ++i2) {
            s_array[i * N + i2] = sum_1_array[i2 * N + i] / temperature;
            const double place_1_term = s_array[i * N + i2];
            if (place_1_term > place_1_value || (place_1_term != place_1_term
                && place_1_value == place_1_value)) {
                place_1 = i2;
                place_1_value = place_1_term;
            }
            largest_1 = symloss_max(largest_1, s_array[i * N + i2]);
        }
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t i2 = 0; i2 < N; ++i2) {
            symloss_add((int64_t)i2 == (int64_t)place_1 ? 0.0 : exp(s_array[i * N + i2] - largest_1),
                &sum_2_total, &sum_2_rest);
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        symloss_add((s_array[i * N + i] - largest_1) - log1p(sum_2), &sum_3_total, &sum_3_rest);
        const double term_1 = sum_2 + 1.0;
        const double product_1 = sum_2 / term_1;
        for (size_t i2 = 0; i2 < N; ++i2) {
            const double exp_1 = exp(s_array[i * N + i2] - largest_1);
            const double product_2 = exp_1 / term_1;
            factor_1_array[i * N + i2] = product_2;
            factor_2_array[i * N + i2] = (int64_t)i == (int64_t)i2
                ? -((int64_t)i2 == (int64_t)place_1 ? product_1 : 1.0 - exp_1 / term_1) : product_2;
        }
        for (size_t d = 0; d < D; ++d) {
            const double entry_1 = key[place_1 * D + d];
            double sum_4_total = 0.0, sum_4_rest = 0.0;
            for (size_t i2 = 0; i2 < N; ++i2) {
                symloss_add((key[i2 * D + d] - entry_1) * factor_1_array[i * N + i2], &sum_4_total,
                    &sum_4_rest);
            }
            const double sum_4 = symloss_sum(sum_4_total, sum_4_rest);
            gradient_query[i * D + d] = ((entry_1 - key[i * D + d]) + sum_4) / temperature / (double)N;
        }
    }
    const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
    const double whole_value = -sum_3 / (double)N;
    for (size_t i = 0; i < N; ++i) {
        for (size_t d = 0; d < D; ++d) {
            double sum_5_total = 0.0, sum_5_rest = 0.0;
            for (size_t i2 = 0; i2 < N; ++i2) {
                symloss_add(factor_2_array[i2 * N + i] * query[i2 * D + d], &sum_5_total, &sum_5_rest);
            }
            const double sum_5 = symloss_sum(sum_5_total, sum_5_rest);
            gradient_key[i * D + d] = sum_5 / temperature / (double)N;
        }
    }

    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_info_nce_value_and_gradient_f32(
    size_t N,
    size_t D,
    const float *SYMLOSS_RESTRICT query,
    const float *SYMLOSS_RESTRICT key,
    float temperature,
    double *SYMLOSS_RESTRICT workspace,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_query,
    float *SYMLOSS_RESTRICT gradient_key)
{
    double *const sum_1_array = workspace;
    double *const s_array = workspace + N * N;
    double *const factor_1_array = workspace + N * N + N * N;
    double *const factor_2_array = workspace + N * N + N * N + N * N;
    for (size_t i = 0; i < N; ++i) {
        for (size_t i2 = 0; i2 < N; ++i2) {
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t d = 0; d < D; ++d) {
                symloss_add((double)key[i * D + d] * (double)query[i2 * D + d], &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    double sum_3_total = 0.0, sum_3_rest = 0.0;
    for (size_t i = 0; i < N; ++i) {
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        double largest_1 = -(double)INFINITY;
        for (size_t i2 = 0; i2 < N; ++i2) {
            s_array[i * N + i2] = sum_1_array[i2 * N + i] / (double)temperature;
            const double place_1_term = s_array[i * N + i2];
            if (place_1_term > place_1_value || (place_1_term != place_1_term
                && place_1_value == place_1_value)) {
                place_1 = i2;
                place_1_value = place_1_term;
            }
            largest_1 = symloss_max(largest_1, s_array[i * N + i2]);
        }
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t i2 = 0; i2 < N; ++i2) {
            symloss_add((int64_t)i2 == (int64_t)place_1 ? 0.0 : exp(s_array[i * N + i2] - largest_1),
                &sum_2_total, &sum_2_rest);
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        symloss_add((s_array[i * N + i] - largest_1) - log1p(sum_2), &sum_3_total, &sum_3_rest);
        const double term_1 = sum_2 + 1.0;
        const double product_1 = sum_2 / term_1;
        for (size_t i2 = 0; i2 < N; ++i2) {
            const double exp_1 = exp(s_array[i * N + i2] - largest_1);
            const double product_2 = exp_1 / term_1;
            factor_1_array[i * N + i2] = product_2;
            factor_2_array[i * N + i2] = (int64_t)i == (int64_t)i2
                ? -((int64_t)i2 == (int64_t)place_1 ? product_1 : 1.0 - exp_1 / term_1) : product_2;
        }
        for (size_t d = 0; d < D; ++d) {
            const double entry_1 = (double)key[place_1 * D + d];
            double sum_4_total = 0.0, sum_4_rest = 0.0;
            for (size_t i2 = 0; i2 < N; ++i2) {
                symloss_add(((double)key[i2 * D + d] - entry_1) * factor_1_array[i * N + i2], &sum_4_total,
                    &sum_4_rest);
            }
            const double sum_4 = symloss_sum(sum_4_total, sum_4_rest);
            gradient_query[i * D + d] = (float)(((entry_1 - (double)key[i * D + d]) + sum_4)
                / (double)temperature / (double)N);
        }
    }
    const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
    const double whole_value = -sum_3 / (double)N;
    for (size_t i = 0; i < N; ++i) {
        for (size_t d = 0; d < D; ++d) {
            double sum_5_total = 0.0, sum_5_rest = 0.0;
            for (size_t i2 = 0; i2 < N; ++i2) {
                symloss_add(factor_2_array[i2 * N + i] * (double)query[i2 * D + d], &sum_5_total,
                    &sum_5_rest);
            }
            const double sum_5 = symloss_sum(sum_5_total, sum_5_rest);
            gradient_key[i * D + d] = (float)(sum_5 / (double)temperature / (double)N);
        }
    }

    value[0] = (float)whole_value;
    return SYMLOSS_OK;
}
