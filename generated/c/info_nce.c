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
 */

#include "info_nce.h"

#include <math.h>

/* The larger of two numbers; NaN if one of them is. */
static inline double symloss_max_f64(double a, double b) {
    return a >= b || a != a ? a : b;
}

/* The larger of two numbers; NaN if one of them is. */
static inline float symloss_max_f32(float a, float b) {
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
            double sum_1 = 0.0;
            for (size_t d = 0; d < D; ++d) {
                sum_1 += key[i * D + d] * query[i2 * D + d];
            }
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    double sum_3 = 0.0;
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
            largest_1 = symloss_max_f64(largest_1, s_array[i * N + i2]);
        }
        double sum_2 = 0.0;
        for (size_t i2 = 0; i2 < N; ++i2) {
            sum_2 += (int64_t)i2 == (int64_t)place_1 ? 0.0 : exp(s_array[i * N + i2] - largest_1);
        }
        sum_3 += (s_array[i * N + i] - largest_1) - log1p(sum_2);
    }
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
    float *SYMLOSS_RESTRICT workspace,
    float *SYMLOSS_RESTRICT value)
{
    float *const sum_1_array = workspace;
    float *const s_array = workspace + N * N;
    for (size_t i = 0; i < N; ++i) {
        for (size_t i2 = 0; i2 < N; ++i2) {
            double sum_1_total = 0.0;
            for (size_t d = 0; d < D; ++d) {
                sum_1_total += (double)(key[i * D + d] * query[i2 * D + d]);
            }
            const float sum_1 = (float)sum_1_total;
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    double sum_3_total = 0.0;
    for (size_t i = 0; i < N; ++i) {
        size_t place_1 = 0;
        float place_1_value = -(float)INFINITY;
        float largest_1 = -(float)INFINITY;
        for (size_t i2 = 0; i2 < N; ++i2) {
            s_array[i * N + i2] = sum_1_array[i2 * N + i] / temperature;
            const float place_1_term = s_array[i * N + i2];
            if (place_1_term > place_1_value || (place_1_term != place_1_term
                && place_1_value == place_1_value)) {
                place_1 = i2;
                place_1_value = place_1_term;
            }
            largest_1 = symloss_max_f32(largest_1, s_array[i * N + i2]);
        }
        double sum_2_total = 0.0;
        for (size_t i2 = 0; i2 < N; ++i2) {
            sum_2_total += (double)((int64_t)i2 == (int64_t)place_1 ? 0.0f
                : expf(s_array[i * N + i2] - largest_1));
        }
        const float sum_2 = (float)sum_2_total;
        sum_3_total += (double)((s_array[i * N + i] - largest_1) - log1pf(sum_2));
    }
    const float sum_3 = (float)sum_3_total;
    const float whole_value = -sum_3 / (float)N;
    value[0] = whole_value;
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
            double sum_1 = 0.0;
            for (size_t d = 0; d < D; ++d) {
                sum_1 += key[i * D + d] * query[i2 * D + d];
            }
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
            largest_1 = symloss_max_f64(largest_1, s_array[i * N + i2]);
        }
        double sum_2 = 0.0;
        for (size_t i2 = 0; i2 < N; ++i2) {
            sum_2 += (int64_t)i2 == (int64_t)place_1 ? 0.0 : exp(s_array[i * N + i2] - largest_1);
        }
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
            double sum_3 = 0.0;
            for (size_t i2 = 0; i2 < N; ++i2) {
                sum_3 += (key[i2 * D + d] - entry_1) * factor_1_array[i * N + i2];
            }
            gradient_query[i * D + d] = ((entry_1 - key[i * D + d]) + sum_3) / temperature / (double)N;
        }
    }
    for (size_t i = 0; i < N; ++i) {
        for (size_t d = 0; d < D; ++d) {
            double sum_4 = 0.0;
            for (size_t i2 = 0; i2 < N; ++i2) {
                sum_4 += factor_2_array[i2 * N + i] * query[i2 * D + d];
            }
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
    float *SYMLOSS_RESTRICT workspace,
    float *SYMLOSS_RESTRICT gradient_query,
    float *SYMLOSS_RESTRICT gradient_key)
{
    float *const sum_1_array = workspace;
    float *const s_array = workspace + N * N;
    float *const factor_1_array = workspace + N * N + N * N;
    float *const factor_2_array = workspace + N * N + N * N + N * N;
    for (size_t i = 0; i < N; ++i) {
        for (size_t i2 = 0; i2 < N; ++i2) {
            double sum_1_total = 0.0;
            for (size_t d = 0; d < D; ++d) {
                sum_1_total += (double)(key[i * D + d] * query[i2 * D + d]);
            }
            const float sum_1 = (float)sum_1_total;
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    for (size_t i = 0; i < N; ++i) {
        size_t place_1 = 0;
        float place_1_value = -(float)INFINITY;
        float largest_1 = -(float)INFINITY;
        for (size_t i2 = 0; i2 < N; ++i2) {
            s_array[i * N + i2] = sum_1_array[i2 * N + i] / temperature;
            const float place_1_term = s_array[i * N + i2];
            if (place_1_term > place_1_value || (place_1_term != place_1_term
                && place_1_value == place_1_value)) {
                place_1 = i2;
                place_1_value = place_1_term;
            }
            largest_1 = symloss_max_f32(largest_1, s_array[i * N + i2]);
        }
        double sum_2_total = 0.0;
        for (size_t i2 = 0; i2 < N; ++i2) {
            sum_2_total += (double)((int64_t)i2 == (int64_t)place_1 ? 0.0f
                : expf(s_array[i * N + i2] - largest_1));
        }
        const float sum_2 = (float)sum_2_total;
        const float term_1 = sum_2 + 1.0f;
        const float product_1 = sum_2 / term_1;
        for (size_t i2 = 0; i2 < N; ++i2) {
            const float exp_1 = expf(s_array[i * N + i2] - largest_1);
            const float product_2 = exp_1 / term_1;
            factor_1_array[i * N + i2] = product_2;
            factor_2_array[i * N + i2] = (int64_t)i == (int64_t)i2
                ? -((int64_t)i2 == (int64_t)place_1 ? product_1 : 1.0f - exp_1 / term_1) : product_2;
        }
        for (size_t d = 0; d < D; ++d) {
            const float entry_1 = key[place_1 * D + d];
            double sum_3_total = 0.0;
            for (size_t i2 = 0; i2 < N; ++i2) {
                sum_3_total += (double)((key[i2 * D + d] - entry_1) * factor_1_array[i * N + i2]);
            }
            const float sum_3 = (float)sum_3_total;
            gradient_query[i * D + d] = ((entry_1 - key[i * D + d]) + sum_3) / temperature / (float)N;
        }
    }
    for (size_t i = 0; i < N; ++i) {
        for (size_t d = 0; d < D; ++d) {
            double sum_4_total = 0.0;
            for (size_t i2 = 0; i2 < N; ++i2) {
                sum_4_total += (double)(factor_2_array[i2 * N + i] * query[i2 * D + d]);
            }
            const float sum_4 = (float)sum_4_total;
            gradient_key[i * D + d] = sum_4 / temperature / (float)N;
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
            double sum_1 = 0.0;
            for (size_t d = 0; d < D; ++d) {
                sum_1 += key[i * D + d] * query[i2 * D + d];
            }
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    double sum_3 = 0.0;
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
            largest_1 = symloss_max_f64(largest_1, s_array[i * N + i2]);
        }
        double sum_2 = 0.0;
        for (size_t i2 = 0; i2 < N; ++i2) {
            sum_2 += (int64_t)i2 == (int64_t)place_1 ? 0.0 : exp(s_array[i * N + i2] - largest_1);
        }
        sum_3 += (s_array[i * N + i] - largest_1) - log1p(sum_2);
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
            double sum_4 = 0.0;
            for (size_t i2 = 0; i2 < N; ++i2) {
                sum_4 += (key[i2 * D + d] - entry_1) * factor_1_array[i * N + i2];
            }
            gradient_query[i * D + d] = ((entry_1 - key[i * D + d]) + sum_4) / temperature / (double)N;
        }
    }
    const double whole_value = -sum_3 / (double)N;
    for (size_t i = 0; i < N; ++i) {
        for (size_t d = 0; d < D; ++d) {
            double sum_5 = 0.0;
            for (size_t i2 = 0; i2 < N; ++i2) {
                sum_5 += factor_2_array[i2 * N + i] * query[i2 * D + d];
            }
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
    float *SYMLOSS_RESTRICT workspace,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_query,
    float *SYMLOSS_RESTRICT gradient_key)
{
    float *const sum_1_array = workspace;
    float *const s_array = workspace + N * N;
    float *const factor_1_array = workspace + N * N + N * N;
    float *const factor_2_array = workspace + N * N + N * N + N * N;
    for (size_t i = 0; i < N; ++i) {
        for (size_t i2 = 0; i2 < N; ++i2) {
            double sum_1_total = 0.0;
            for (size_t d = 0; d < D; ++d) {
                sum_1_total += (double)(key[i * D + d] * query[i2 * D + d]);
            }
            const float sum_1 = (float)sum_1_total;
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    double sum_3_total = 0.0;
    for (size_t i = 0; i < N; ++i) {
        size_t place_1 = 0;
        float place_1_value = -(float)INFINITY;
        float largest_1 = -(float)INFINITY;
        for (size_t i2 = 0; i2 < N; ++i2) {
            s_array[i * N + i2] = sum_1_array[i2 * N + i] / temperature;
            const float place_1_term = s_array[i * N + i2];
            if (place_1_term > place_1_value || (place_1_term != place_1_term
                && place_1_value == place_1_value)) {
                place_1 = i2;
                place_1_value = place_1_term;
            }
            largest_1 = symloss_max_f32(largest_1, s_array[i * N + i2]);
        }
        double sum_2_total = 0.0;
        for (size_t i2 = 0; i2 < N; ++i2) {
            sum_2_total += (double)((int64_t)i2 == (int64_t)place_1 ? 0.0f
                : expf(s_array[i * N + i2] - largest_1));
        }
        const float sum_2 = (float)sum_2_total;
        sum_3_total += (double)((s_array[i * N + i] - largest_1) - log1pf(sum_2));
        const float term_1 = sum_2 + 1.0f;
        const float product_1 = sum_2 / term_1;
        for (size_t i2 = 0; i2 < N; ++i2) {
            const float exp_1 = expf(s_array[i * N + i2] - largest_1);
            const float product_2 = exp_1 / term_1;
            factor_1_array[i * N + i2] = product_2;
            factor_2_array[i * N + i2] = (int64_t)i == (int64_t)i2
                ? -((int64_t)i2 == (int64_t)place_1 ? product_1 : 1.0f - exp_1 / term_1) : product_2;
        }
        for (size_t d = 0; d < D; ++d) {
            const float entry_1 = key[place_1 * D + d];
            double sum_4_total = 0.0;
            for (size_t i2 = 0; i2 < N; ++i2) {
                sum_4_total += (double)((key[i2 * D + d] - entry_1) * factor_1_array[i * N + i2]);
            }
            const float sum_4 = (float)sum_4_total;
            gradient_query[i * D + d] = ((entry_1 - key[i * D + d]) + sum_4) / temperature / (float)N;
        }
    }
    const float sum_3 = (float)sum_3_total;
    const float whole_value = -sum_3 / (float)N;
    for (size_t i = 0; i < N; ++i) {
        for (size_t d = 0; d < D; ++d) {
            double sum_5_total = 0.0;
            for (size_t i2 = 0; i2 < N; ++i2) {
                sum_5_total += (double)(factor_2_array[i2 * N + i] * query[i2 * D + d]);
            }
            const float sum_5 = (float)sum_5_total;
            gradient_key[i * D + d] = sum_5 / temperature / (float)N;
        }
    }
    value[0] = whole_value;
    return SYMLOSS_OK;
}
