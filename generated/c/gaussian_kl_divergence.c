/*
 * gaussian_kl_divergence: Divergence of a normal distribution with independent coordinates from the
 *     standard normal one.
 *
 * loss of one example = Sum(exp(log_variance[j]) - log_variance[j] + mean[j]**2 - 1, (j, Z))/2
 * d/dmean = mean[k]
 * d/dlog_variance = exp(log_variance[k])/2 - 1/2
 *
 * mean: Real['Z'], (..., Z)
 * log_variance: Real['Z'], (..., Z)
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate gaussian_kl_divergence --target c
 *
 * Measured against exact results:
 *     float64: 2145 results, 0 % beyond the bound; worst 0.18 of the bound, in ulp 1.27
 *         (hessian_vector_product)
 *     float32: 2418 results, 0 % beyond the bound; worst 0.12 of the bound, in ulp 0.50 (gradient)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -std=c99 -O3 -ffp-
 *         contract=off -fPIC -shared
 */

#include "gaussian_kl_divergence.h"

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

int symloss_gaussian_kl_divergence_value_f64(
    size_t n,
    size_t Z,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
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
                * mean[i * Z + z], &sum_1_total, &sum_1_rest);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double example_value = 0.5 * sum_1;
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

int symloss_gaussian_kl_divergence_value_f32(
    size_t n,
    size_t Z,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
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
                + (double)mean[i * Z + z] * (double)mean[i * Z + z], &sum_1_total, &sum_1_rest);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double example_value = 0.5 * sum_1;
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

int symloss_gaussian_kl_divergence_gradient_f64(
    size_t n,
    size_t Z,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
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
        for (size_t z = 0; z < Z; ++z) {
            gradient_mean[i * Z + z] = example_scale * mean[i * Z + z];
            gradient_log_variance[i * Z + z] = example_scale * (0.5 * expm1(log_variance[i * Z + z]));
        }
    }

    return SYMLOSS_OK;
}

int symloss_gaussian_kl_divergence_gradient_f32(
    size_t n,
    size_t Z,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
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
        for (size_t z = 0; z < Z; ++z) {
            gradient_mean[i * Z + z] = (float)(example_scale * (double)mean[i * Z + z]);
            gradient_log_variance[i * Z + z] = (float)(example_scale
                * (0.5 * expm1((double)log_variance[i * Z + z])));
        }
    }

    return SYMLOSS_OK;
}

int symloss_gaussian_kl_divergence_value_and_gradient_f64(
    size_t n,
    size_t Z,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT value,
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
                - log_variance[i * Z + z]) + mean[i * Z + z] * mean[i * Z + z], &sum_1_total, &sum_1_rest);
            gradient_mean[i * Z + z] = example_scale * mean[i * Z + z];
            gradient_log_variance[i * Z + z] = example_scale * (0.5 * expm1_1);
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double example_value = 0.5 * sum_1;
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

int symloss_gaussian_kl_divergence_value_and_gradient_f32(
    size_t n,
    size_t Z,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT value,
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
                &sum_1_total, &sum_1_rest);
            gradient_mean[i * Z + z] = (float)(example_scale * (double)mean[i * Z + z]);
            gradient_log_variance[i * Z + z] = (float)(example_scale * (0.5 * expm1_1));
        }
        const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
        const double example_value = 0.5 * sum_1;
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

int symloss_gaussian_kl_divergence_hessian_vector_product_f64(
    size_t n,
    size_t Z,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT vector_mean,
    const double *SYMLOSS_RESTRICT vector_log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT product_mean,
    double *SYMLOSS_RESTRICT product_log_variance)
{
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
        for (size_t z = 0; z < Z; ++z) {
            product_mean[i * Z + z] = example_scale * vector_mean[i * Z + z];
            product_log_variance[i * Z + z] = example_scale
                * (0.5 * vector_log_variance[i * Z + z] * exp(log_variance[i * Z + z]));
        }
    }

    return SYMLOSS_OK;
}

int symloss_gaussian_kl_divergence_hessian_vector_product_f32(
    size_t n,
    size_t Z,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT vector_mean,
    const float *SYMLOSS_RESTRICT vector_log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT product_mean,
    float *SYMLOSS_RESTRICT product_log_variance)
{
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
        for (size_t z = 0; z < Z; ++z) {
            product_mean[i * Z + z] = (float)(example_scale * (double)vector_mean[i * Z + z]);
            product_log_variance[i * Z + z] = (float)(example_scale
                * (0.5 * (double)vector_log_variance[i * Z + z] * exp((double)log_variance[i * Z + z])));
        }
    }

    return SYMLOSS_OK;
}
