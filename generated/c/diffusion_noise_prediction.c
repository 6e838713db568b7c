/*
 * diffusion_noise_prediction: Mean squared error of the predicted noise, weighed by the step of the
 *     diffusion process.
 *
 * loss of one example = squared_error*timestep_weight[timestep]
 *   where squared_error = Sum((-noise[j] + predicted_noise[j])**2, (j, D))/D
 * d/dpredicted_noise = (-2*noise[k] + 2*predicted_noise[k])*timestep_weight[timestep]/D
 *
 * predicted_noise: Real['D'], (..., D)
 * noise: Real['D'], (..., D)
 * timestep: ClassIndex['T'], (...)
 * timestep_weight: NonNegative['T'], (T), default 1
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate diffusion_noise_prediction --target c
 *
 * Measured against exact results:
 *     float64: 2576 results, 2.52 % beyond the bound, 0 % at ordinary numbers; worst inf of the bound, in
 *         ulp inf (value)
 *     float32: 2576 results, 0 % beyond the bound; worst 0.09 of the bound, in ulp 0.50
 *         (hessian_vector_product)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -std=c99 -O3 -ffp-
 *         contract=off -fPIC -shared
 */

#include "diffusion_noise_prediction.h"

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

int symloss_diffusion_noise_prediction_value_f64(
    size_t n,
    size_t D,
    size_t T,
    const double *SYMLOSS_RESTRICT predicted_noise,
    const double *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    const double *SYMLOSS_RESTRICT timestep_weight,
    double *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && T == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (timestep[at] < 0 || (uint64_t)timestep[at] >= (uint64_t)T) {
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
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            const double term_1 = predicted_noise[i * D + d] - noise[i * D + d];
            symloss_add(term_1 * term_1, &sum_1_total, &sum_1_rest);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double squared_error = sum_1 / (double)D;
        const double example_value = squared_error * (timestep_weight != NULL
            ? timestep_weight[(size_t)timestep[i]] : 1.0);
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

int symloss_diffusion_noise_prediction_value_f32(
    size_t n,
    size_t D,
    size_t T,
    const float *SYMLOSS_RESTRICT predicted_noise,
    const float *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    const float *SYMLOSS_RESTRICT timestep_weight,
    float *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && T == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (timestep[at] < 0 || (uint64_t)timestep[at] >= (uint64_t)T) {
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
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            const double term_1 = (double)predicted_noise[i * D + d] - (double)noise[i * D + d];
            symloss_add(term_1 * term_1, &sum_1_total, &sum_1_rest);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double squared_error = sum_1 / (double)D;
        const double example_value = squared_error * (double)(timestep_weight != NULL
            ? timestep_weight[(size_t)timestep[i]] : 1.0);
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

int symloss_diffusion_noise_prediction_gradient_f64(
    size_t n,
    size_t D,
    size_t T,
    const double *SYMLOSS_RESTRICT predicted_noise,
    const double *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    const double *SYMLOSS_RESTRICT timestep_weight,
    double *SYMLOSS_RESTRICT gradient_predicted_noise)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && T == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (timestep[at] < 0 || (uint64_t)timestep[at] >= (uint64_t)T) {
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
        const double entry_1 = (timestep_weight != NULL ? timestep_weight[(size_t)timestep[i]] : 1.0);
        for (size_t d = 0; d < D; ++d) {
            const double term_1 = 2.0 * (predicted_noise[i * D + d] - noise[i * D + d]);
            gradient_predicted_noise[i * D + d] = example_scale
                * ((term_1 / (double)D) == (term_1 / (double)D)
                ? (entry_1 == 0.0 ? 0.0 : entry_1 * term_1 / (double)D) : (term_1 / (double)D));
        }
    }

    return SYMLOSS_OK;
}

int symloss_diffusion_noise_prediction_gradient_f32(
    size_t n,
    size_t D,
    size_t T,
    const float *SYMLOSS_RESTRICT predicted_noise,
    const float *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    const float *SYMLOSS_RESTRICT timestep_weight,
    float *SYMLOSS_RESTRICT gradient_predicted_noise)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && T == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (timestep[at] < 0 || (uint64_t)timestep[at] >= (uint64_t)T) {
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
        const double entry_1 = (double)(timestep_weight != NULL ? timestep_weight[(size_t)timestep[i]] : 1.0);
        for (size_t d = 0; d < D; ++d) {
            const double term_1 = 2.0 * ((double)predicted_noise[i * D + d] - (double)noise[i * D + d]);
            gradient_predicted_noise[i * D + d] = (float)(example_scale
                * ((term_1 / (double)D) == (term_1 / (double)D)
                ? (entry_1 == 0.0 ? 0.0 : entry_1 * term_1 / (double)D) : (term_1 / (double)D)));
        }
    }

    return SYMLOSS_OK;
}

int symloss_diffusion_noise_prediction_value_and_gradient_f64(
    size_t n,
    size_t D,
    size_t T,
    const double *SYMLOSS_RESTRICT predicted_noise,
    const double *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    const double *SYMLOSS_RESTRICT timestep_weight,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_predicted_noise)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && T == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (timestep[at] < 0 || (uint64_t)timestep[at] >= (uint64_t)T) {
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
        const double entry_1 = (timestep_weight != NULL ? timestep_weight[(size_t)timestep[i]] : 1.0);
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            const double term_1 = predicted_noise[i * D + d] - noise[i * D + d];
            symloss_add(term_1 * term_1, &sum_1_total, &sum_1_rest);
            const double term_2 = 2.0 * (predicted_noise[i * D + d] - noise[i * D + d]);
            gradient_predicted_noise[i * D + d] = example_scale
                * ((term_2 / (double)D) == (term_2 / (double)D)
                ? (entry_1 == 0.0 ? 0.0 : entry_1 * term_2 / (double)D) : (term_2 / (double)D));
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double squared_error = sum_1 / (double)D;
        const double example_value = entry_1 * squared_error;
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

int symloss_diffusion_noise_prediction_value_and_gradient_f32(
    size_t n,
    size_t D,
    size_t T,
    const float *SYMLOSS_RESTRICT predicted_noise,
    const float *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    const float *SYMLOSS_RESTRICT timestep_weight,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_predicted_noise)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && T == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (timestep[at] < 0 || (uint64_t)timestep[at] >= (uint64_t)T) {
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
        const double entry_1 = (double)(timestep_weight != NULL ? timestep_weight[(size_t)timestep[i]] : 1.0);
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            const double term_1 = (double)predicted_noise[i * D + d] - (double)noise[i * D + d];
            symloss_add(term_1 * term_1, &sum_1_total, &sum_1_rest);
            const double term_2 = 2.0 * ((double)predicted_noise[i * D + d] - (double)noise[i * D + d]);
            gradient_predicted_noise[i * D + d] = (float)(example_scale
                * ((term_2 / (double)D) == (term_2 / (double)D)
                ? (entry_1 == 0.0 ? 0.0 : entry_1 * term_2 / (double)D) : (term_2 / (double)D)));
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double squared_error = sum_1 / (double)D;
        const double example_value = entry_1 * squared_error;
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

int symloss_diffusion_noise_prediction_hessian_vector_product_f64(
    size_t n,
    size_t D,
    size_t T,
    const double *SYMLOSS_RESTRICT predicted_noise,
    const double *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const double *SYMLOSS_RESTRICT vector,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    const double *SYMLOSS_RESTRICT timestep_weight,
    double *SYMLOSS_RESTRICT product_predicted_noise)
{
    (void)predicted_noise;
    (void)noise;
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && T == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (timestep[at] < 0 || (uint64_t)timestep[at] >= (uint64_t)T) {
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
        const double entry_1 = (timestep_weight != NULL ? timestep_weight[(size_t)timestep[i]] : 1.0);
        for (size_t d = 0; d < D; ++d) {
            product_predicted_noise[i * D + d] = example_scale
                * (2.0 * entry_1 * vector[i * D + d] / (double)D);
        }
    }

    return SYMLOSS_OK;
}

int symloss_diffusion_noise_prediction_hessian_vector_product_f32(
    size_t n,
    size_t D,
    size_t T,
    const float *SYMLOSS_RESTRICT predicted_noise,
    const float *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const float *SYMLOSS_RESTRICT vector,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    const float *SYMLOSS_RESTRICT timestep_weight,
    float *SYMLOSS_RESTRICT product_predicted_noise)
{
    (void)predicted_noise;
    (void)noise;
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && T == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (timestep[at] < 0 || (uint64_t)timestep[at] >= (uint64_t)T) {
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
        const double entry_1 = (double)(timestep_weight != NULL ? timestep_weight[(size_t)timestep[i]] : 1.0);
        for (size_t d = 0; d < D; ++d) {
            product_predicted_noise[i * D + d] = (float)(example_scale
                * (2.0 * entry_1 * (double)vector[i * D + d] / (double)D));
        }
    }

    return SYMLOSS_OK;
}
