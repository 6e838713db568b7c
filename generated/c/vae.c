/*
 * vae: Reconstruction error plus beta times the divergence of the code from the standard normal
 *     distribution.
 *
 * loss of one example = beta*Sum(exp(log_variance[j]) - log_variance[j] + mean[j]**2 - 1, (j, Z))/2 +
 *     Sum((reconstruction[j] - target[j])**2, (j, D))/2
 * d/dreconstruction = reconstruction[k] - target[k]
 * d/dmean = beta*mean[k]
 * d/dlog_variance = beta*(exp(log_variance[k]) - 1)/2
 *
 * reconstruction: Real['D'], (..., D)
 * target: Real['D'], (..., D)
 * mean: Real['Z'], (..., Z)
 * log_variance: Real['Z'], (..., Z)
 * beta: NonNegative, default 1
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate vae --target c
 *
 * Measured against exact results:
 *     float64: 1620 results, 0 % beyond the bound; worst 0.25 of the bound, in ulp 5.0e+02 (gradient)
 *     float32: 1680 results, 0 % beyond the bound; worst 0.10 of the bound, in ulp 0.50 (gradient)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -std=c99 -O3 -ffp-
 *         contract=off -fPIC -shared
 */

#include "vae.h"

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

int symloss_vae_value_f64(
    size_t n,
    size_t D,
    size_t Z,
    const double *SYMLOSS_RESTRICT reconstruction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double beta,
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
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            const double term_1 = reconstruction[i * D + d] - target[i * D + d];
            symloss_add(term_1 * term_1, &sum_1_total, &sum_1_rest);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t z = 0; z < Z; ++z) {
            symloss_add((fabs(log_variance[i * Z + z]) < 1.0
                ? (log_variance[i * Z + z] * log_variance[i * Z + z]
                * ((((((((((((((((log_variance[i * Z + z] / 6402373705728000.0 + 1.0 / 355687428096000.0)
                * log_variance[i * Z + z] + 1.0 / 20922789888000.0) * log_variance[i * Z + z] + 1.0
                / 1307674368000.0) * log_variance[i * Z + z] + 1.0 / 87178291200.0) * log_variance[i * Z + z]
                + 1.0 / 6227020800.0) * log_variance[i * Z + z] + 1.0 / 479001600.0)
                * log_variance[i * Z + z] + 1.0 / 39916800.0) * log_variance[i * Z + z] + 1.0 / 3628800.0)
                * log_variance[i * Z + z] + 1.0 / 362880.0) * log_variance[i * Z + z] + 1.0 / 40320.0)
                * log_variance[i * Z + z] + 1.0 / 5040.0) * log_variance[i * Z + z] + 1.0 / 720.0)
                * log_variance[i * Z + z] + 1.0 / 120.0) * log_variance[i * Z + z] + 1.0 / 24.0)
                * log_variance[i * Z + z] + 1.0 / 6.0) * log_variance[i * Z + z] + 0.5))
                : expm1(log_variance[i * Z + z]) - log_variance[i * Z + z]) + mean[i * Z + z]
                * mean[i * Z + z], &sum_2_total, &sum_2_rest);
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        const double example_value = ((0.5 * sum_2) == (0.5 * sum_2)
            ? (beta == 0.0 ? 0.0 : 0.5 * beta * sum_2) : (0.5 * sum_2)) + 0.5 * sum_1;
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

int symloss_vae_value_f32(
    size_t n,
    size_t D,
    size_t Z,
    const float *SYMLOSS_RESTRICT reconstruction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float beta,
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
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            const double term_1 = (double)reconstruction[i * D + d] - (double)target[i * D + d];
            symloss_add(term_1 * term_1, &sum_1_total, &sum_1_rest);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t z = 0; z < Z; ++z) {
            symloss_add((fabs((double)log_variance[i * Z + z]) < 1.0
                ? ((double)log_variance[i * Z + z] * (double)log_variance[i * Z + z]
                * (((((((((((((((((double)log_variance[i * Z + z] / 6402373705728000.0 + 1.0
                / 355687428096000.0) * (double)log_variance[i * Z + z] + 1.0 / 20922789888000.0)
                * (double)log_variance[i * Z + z] + 1.0 / 1307674368000.0) * (double)log_variance[i * Z + z]
                + 1.0 / 87178291200.0) * (double)log_variance[i * Z + z] + 1.0 / 6227020800.0)
                * (double)log_variance[i * Z + z] + 1.0 / 479001600.0) * (double)log_variance[i * Z + z]
                + 1.0 / 39916800.0) * (double)log_variance[i * Z + z] + 1.0 / 3628800.0)
                * (double)log_variance[i * Z + z] + 1.0 / 362880.0) * (double)log_variance[i * Z + z] + 1.0
                / 40320.0) * (double)log_variance[i * Z + z] + 1.0 / 5040.0)
                * (double)log_variance[i * Z + z] + 1.0 / 720.0) * (double)log_variance[i * Z + z] + 1.0
                / 120.0) * (double)log_variance[i * Z + z] + 1.0 / 24.0) * (double)log_variance[i * Z + z]
                + 1.0 / 6.0) * (double)log_variance[i * Z + z] + 0.5))
                : expm1((double)log_variance[i * Z + z]) - (double)log_variance[i * Z + z])
                + (double)mean[i * Z + z] * (double)mean[i * Z + z], &sum_2_total, &sum_2_rest);
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        const double example_value = ((0.5 * sum_2) == (0.5 * sum_2)
            ? ((double)beta == 0.0 ? 0.0 : 0.5 * (double)beta * sum_2) : (0.5 * sum_2)) + 0.5 * sum_1;
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

int symloss_vae_gradient_f64(
    size_t n,
    size_t D,
    size_t Z,
    const double *SYMLOSS_RESTRICT reconstruction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double beta,
    double *SYMLOSS_RESTRICT gradient_reconstruction,
    double *SYMLOSS_RESTRICT gradient_mean,
    double *SYMLOSS_RESTRICT gradient_log_variance)
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
        for (size_t d = 0; d < D; ++d) {
            gradient_reconstruction[i * D + d] = example_scale
                * (reconstruction[i * D + d] - target[i * D + d]);
        }
        for (size_t z = 0; z < Z; ++z) {
            gradient_mean[i * Z + z] = example_scale * (beta * mean[i * Z + z]);
            const double expm1_1 = expm1(log_variance[i * Z + z]);
            gradient_log_variance[i * Z + z] = example_scale
                * ((0.5 * expm1_1) == (0.5 * expm1_1) ? (beta == 0.0 ? 0.0 : 0.5 * expm1_1 * beta)
                : (0.5 * expm1_1));
        }
    }

    return SYMLOSS_OK;
}

int symloss_vae_gradient_f32(
    size_t n,
    size_t D,
    size_t Z,
    const float *SYMLOSS_RESTRICT reconstruction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float beta,
    float *SYMLOSS_RESTRICT gradient_reconstruction,
    float *SYMLOSS_RESTRICT gradient_mean,
    float *SYMLOSS_RESTRICT gradient_log_variance)
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
        for (size_t d = 0; d < D; ++d) {
            gradient_reconstruction[i * D + d] = (float)(example_scale
                * ((double)reconstruction[i * D + d] - (double)target[i * D + d]));
        }
        for (size_t z = 0; z < Z; ++z) {
            gradient_mean[i * Z + z] = (float)(example_scale * ((double)beta * (double)mean[i * Z + z]));
            const double expm1_1 = expm1((double)log_variance[i * Z + z]);
            gradient_log_variance[i * Z + z] = (float)(example_scale
                * ((0.5 * expm1_1) == (0.5 * expm1_1) ? ((double)beta == 0.0 ? 0.0 : 0.5 * expm1_1
                * (double)beta) : (0.5 * expm1_1)));
        }
    }

    return SYMLOSS_OK;
}

int symloss_vae_value_and_gradient_f64(
    size_t n,
    size_t D,
    size_t Z,
    const double *SYMLOSS_RESTRICT reconstruction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double beta,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_reconstruction,
    double *SYMLOSS_RESTRICT gradient_mean,
    double *SYMLOSS_RESTRICT gradient_log_variance)
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
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            const double term_1 = reconstruction[i * D + d] - target[i * D + d];
            symloss_add(term_1 * term_1, &sum_1_total, &sum_1_rest);
            gradient_reconstruction[i * D + d] = example_scale * term_1;
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t z = 0; z < Z; ++z) {
            const double expm1_1 = expm1(log_variance[i * Z + z]);
            symloss_add((fabs(log_variance[i * Z + z]) < 1.0
                ? (log_variance[i * Z + z] * log_variance[i * Z + z]
                * ((((((((((((((((log_variance[i * Z + z] / 6402373705728000.0 + 1.0 / 355687428096000.0)
                * log_variance[i * Z + z] + 1.0 / 20922789888000.0) * log_variance[i * Z + z] + 1.0
                / 1307674368000.0) * log_variance[i * Z + z] + 1.0 / 87178291200.0) * log_variance[i * Z + z]
                + 1.0 / 6227020800.0) * log_variance[i * Z + z] + 1.0 / 479001600.0)
                * log_variance[i * Z + z] + 1.0 / 39916800.0) * log_variance[i * Z + z] + 1.0 / 3628800.0)
                * log_variance[i * Z + z] + 1.0 / 362880.0) * log_variance[i * Z + z] + 1.0 / 40320.0)
                * log_variance[i * Z + z] + 1.0 / 5040.0) * log_variance[i * Z + z] + 1.0 / 720.0)
                * log_variance[i * Z + z] + 1.0 / 120.0) * log_variance[i * Z + z] + 1.0 / 24.0)
                * log_variance[i * Z + z] + 1.0 / 6.0) * log_variance[i * Z + z] + 0.5)) : expm1_1
                - log_variance[i * Z + z]) + mean[i * Z + z] * mean[i * Z + z], &sum_2_total, &sum_2_rest);
            gradient_mean[i * Z + z] = example_scale * (beta * mean[i * Z + z]);
            gradient_log_variance[i * Z + z] = example_scale
                * ((0.5 * expm1_1) == (0.5 * expm1_1) ? (beta == 0.0 ? 0.0 : 0.5 * expm1_1 * beta)
                : (0.5 * expm1_1));
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        const double example_value = ((0.5 * sum_2) == (0.5 * sum_2)
            ? (beta == 0.0 ? 0.0 : 0.5 * beta * sum_2) : (0.5 * sum_2)) + 0.5 * sum_1;
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

int symloss_vae_value_and_gradient_f32(
    size_t n,
    size_t D,
    size_t Z,
    const float *SYMLOSS_RESTRICT reconstruction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float beta,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_reconstruction,
    float *SYMLOSS_RESTRICT gradient_mean,
    float *SYMLOSS_RESTRICT gradient_log_variance)
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
        double sum_1_total = 0.0, sum_1_rest = 0.0;
        for (size_t d = 0; d < D; ++d) {
            const double term_1 = (double)reconstruction[i * D + d] - (double)target[i * D + d];
            symloss_add(term_1 * term_1, &sum_1_total, &sum_1_rest);
            gradient_reconstruction[i * D + d] = (float)(example_scale * term_1);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t z = 0; z < Z; ++z) {
            const double expm1_1 = expm1((double)log_variance[i * Z + z]);
            symloss_add((fabs((double)log_variance[i * Z + z]) < 1.0
                ? ((double)log_variance[i * Z + z] * (double)log_variance[i * Z + z]
                * (((((((((((((((((double)log_variance[i * Z + z] / 6402373705728000.0 + 1.0
                / 355687428096000.0) * (double)log_variance[i * Z + z] + 1.0 / 20922789888000.0)
                * (double)log_variance[i * Z + z] + 1.0 / 1307674368000.0) * (double)log_variance[i * Z + z]
                + 1.0 / 87178291200.0) * (double)log_variance[i * Z + z] + 1.0 / 6227020800.0)
                * (double)log_variance[i * Z + z] + 1.0 / 479001600.0) * (double)log_variance[i * Z + z]
                + 1.0 / 39916800.0) * (double)log_variance[i * Z + z] + 1.0 / 3628800.0)
                * (double)log_variance[i * Z + z] + 1.0 / 362880.0) * (double)log_variance[i * Z + z] + 1.0
                / 40320.0) * (double)log_variance[i * Z + z] + 1.0 / 5040.0)
                * (double)log_variance[i * Z + z] + 1.0 / 720.0) * (double)log_variance[i * Z + z] + 1.0
                / 120.0) * (double)log_variance[i * Z + z] + 1.0 / 24.0) * (double)log_variance[i * Z + z]
                + 1.0 / 6.0) * (double)log_variance[i * Z + z] + 0.5)) : expm1_1
                - (double)log_variance[i * Z + z]) + (double)mean[i * Z + z] * (double)mean[i * Z + z],
                &sum_2_total, &sum_2_rest);
            gradient_mean[i * Z + z] = (float)(example_scale * ((double)beta * (double)mean[i * Z + z]));
            gradient_log_variance[i * Z + z] = (float)(example_scale
                * ((0.5 * expm1_1) == (0.5 * expm1_1) ? ((double)beta == 0.0 ? 0.0 : 0.5 * expm1_1
                * (double)beta) : (0.5 * expm1_1)));
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        const double example_value = ((0.5 * sum_2) == (0.5 * sum_2)
            ? ((double)beta == 0.0 ? 0.0 : 0.5 * (double)beta * sum_2) : (0.5 * sum_2)) + 0.5 * sum_1;
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

int symloss_vae_hessian_vector_product_f64(
    size_t n,
    size_t D,
    size_t Z,
    const double *SYMLOSS_RESTRICT reconstruction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT vector_reconstruction,
    const double *SYMLOSS_RESTRICT vector_mean,
    const double *SYMLOSS_RESTRICT vector_log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double beta,
    double *SYMLOSS_RESTRICT product_reconstruction,
    double *SYMLOSS_RESTRICT product_mean,
    double *SYMLOSS_RESTRICT product_log_variance)
{
    (void)reconstruction;
    (void)target;
    (void)mean;
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
        for (size_t d = 0; d < D; ++d) {
            product_reconstruction[i * D + d] = example_scale * vector_reconstruction[i * D + d];
        }
        for (size_t z = 0; z < Z; ++z) {
            product_mean[i * Z + z] = example_scale * (beta * vector_mean[i * Z + z]);
            const double exp_1 = exp(log_variance[i * Z + z]);
            product_log_variance[i * Z + z] = example_scale
                * ((0.5 * exp_1 * vector_log_variance[i * Z + z]) == (0.5 * exp_1
                * vector_log_variance[i * Z + z]) ? (beta == 0.0 ? 0.0 : 0.5 * exp_1 * beta
                * vector_log_variance[i * Z + z]) : (0.5 * exp_1 * vector_log_variance[i * Z + z]));
        }
    }

    return SYMLOSS_OK;
}

int symloss_vae_hessian_vector_product_f32(
    size_t n,
    size_t D,
    size_t Z,
    const float *SYMLOSS_RESTRICT reconstruction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT vector_reconstruction,
    const float *SYMLOSS_RESTRICT vector_mean,
    const float *SYMLOSS_RESTRICT vector_log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float beta,
    float *SYMLOSS_RESTRICT product_reconstruction,
    float *SYMLOSS_RESTRICT product_mean,
    float *SYMLOSS_RESTRICT product_log_variance)
{
    (void)reconstruction;
    (void)target;
    (void)mean;
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
        for (size_t d = 0; d < D; ++d) {
            product_reconstruction[i * D + d] = (float)(example_scale
                * (double)vector_reconstruction[i * D + d]);
        }
        for (size_t z = 0; z < Z; ++z) {
            product_mean[i * Z + z] = (float)(example_scale
                * ((double)beta * (double)vector_mean[i * Z + z]));
            const double exp_1 = exp((double)log_variance[i * Z + z]);
            product_log_variance[i * Z + z] = (float)(example_scale
                * ((0.5 * exp_1 * (double)vector_log_variance[i * Z + z]) == (0.5 * exp_1
                * (double)vector_log_variance[i * Z + z])
                ? ((double)beta == 0.0 ? 0.0 : 0.5 * exp_1 * (double)beta
                * (double)vector_log_variance[i * Z + z])
                : (0.5 * exp_1 * (double)vector_log_variance[i * Z + z])));
        }
    }

    return SYMLOSS_OK;
}
