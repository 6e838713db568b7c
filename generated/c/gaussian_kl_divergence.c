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
 */

#include "gaussian_kl_divergence.h"

#include <math.h>

/* The sum of the weights; they and it must be finite, none < 0, and some > 0 where there are examples. */
static int symloss_total_f64(size_t n, const double *weight, double *total) {
    *total = 0.0;
    for (size_t at = 0; at < n; ++at) {
        if (!(weight[at] >= 0.0) || isinf(weight[at])) {
            return SYMLOSS_BAD_WEIGHT;
        }
        *total += weight[at];
    }
    return n > 0 && (!(*total > 0.0) || isinf(*total)) ? SYMLOSS_BAD_WEIGHT : SYMLOSS_OK;
}

/* The sum of the weights; they and it must be finite, none < 0, and some > 0 where there are examples. */
static int symloss_total_f32(size_t n, const float *weight, double *total) {
    *total = 0.0;
    for (size_t at = 0; at < n; ++at) {
        if (!(weight[at] >= 0.0f) || isinf(weight[at])) {
            return SYMLOSS_BAD_WEIGHT;
        }
        *total += (double)weight[at];
    }
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
    double value_total = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_weight = weight != NULL ? weight[i] : 1.0;
        double sum_1 = 0.0;
        for (size_t z = 0; z < Z; ++z) {
            sum_1 += (fabs(log_variance[i * Z + z]) < 1.0
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
                * mean[i * Z + z];
        }
        const double example_value = 0.5 * sum_1;
        if (reduction == SYMLOSS_NONE) {
            value[i] = example_weight * example_value;
        } else {
            value_total += example_weight * example_value;
        }
    }
    if (reduction != SYMLOSS_NONE) {
        value[0] = reduction == SYMLOSS_MEAN ? value_total / divisor : value_total;
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
    double value_total = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const float example_weight = weight != NULL ? weight[i] : 1.0f;
        double sum_1_total = 0.0;
        for (size_t z = 0; z < Z; ++z) {
            sum_1_total += (double)((fabsf(log_variance[i * Z + z]) < 1.0f
                ? (log_variance[i * Z + z] * log_variance[i * Z + z]
                * ((((((((((((((((log_variance[i * Z + z] / 6402373705728000.0f + 1.0f / 355687428096000.0f)
                * log_variance[i * Z + z] + 1.0f / 20922789888000.0f) * log_variance[i * Z + z] + 1.0f
                / 1307674368000.0f) * log_variance[i * Z + z] + 1.0f / 87178291200.0f)
                * log_variance[i * Z + z] + 1.0f / 6227020800.0f) * log_variance[i * Z + z] + 1.0f
                / 479001600.0f) * log_variance[i * Z + z] + 1.0f / 39916800.0f) * log_variance[i * Z + z]
                + 1.0f / 3628800.0f) * log_variance[i * Z + z] + 1.0f / 362880.0f) * log_variance[i * Z + z]
                + 1.0f / 40320.0f) * log_variance[i * Z + z] + 1.0f / 5040.0f) * log_variance[i * Z + z]
                + 1.0f / 720.0f) * log_variance[i * Z + z] + 1.0f / 120.0f) * log_variance[i * Z + z] + 1.0f
                / 24.0f) * log_variance[i * Z + z] + 1.0f / 6.0f) * log_variance[i * Z + z] + 0.5f))
                : expm1f(log_variance[i * Z + z]) - log_variance[i * Z + z]) + mean[i * Z + z]
                * mean[i * Z + z]);
        }
        const float sum_1 = (float)sum_1_total;
        const float example_value = 0.5f * sum_1;
        if (reduction == SYMLOSS_NONE) {
            value[i] = example_weight * example_value;
        } else {
            value_total += (double)example_weight * (double)example_value;
        }
    }
    if (reduction != SYMLOSS_NONE) {
        value[0] = (float)(reduction == SYMLOSS_MEAN ? value_total / divisor : value_total);
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
    const float scale = reduction == SYMLOSS_MEAN ? (float)inverse_divisor : 1.0f;
    for (size_t i = 0; i < n; ++i) {
        const float example_scale = weight != NULL ? scale * weight[i] : scale;
        for (size_t z = 0; z < Z; ++z) {
            gradient_mean[i * Z + z] = example_scale * mean[i * Z + z];
            gradient_log_variance[i * Z + z] = example_scale * (0.5f * expm1f(log_variance[i * Z + z]));
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
    double value_total = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const double example_weight = weight != NULL ? weight[i] : 1.0;
        const double example_scale = scale * example_weight;
        double sum_1 = 0.0;
        for (size_t z = 0; z < Z; ++z) {
            const double expm1_1 = expm1(log_variance[i * Z + z]);
            sum_1 += (fabs(log_variance[i * Z + z]) < 1.0
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
                - log_variance[i * Z + z]) + mean[i * Z + z] * mean[i * Z + z];
            gradient_mean[i * Z + z] = example_scale * mean[i * Z + z];
            gradient_log_variance[i * Z + z] = example_scale * (0.5 * expm1_1);
        }
        const double example_value = 0.5 * sum_1;
        if (reduction == SYMLOSS_NONE) {
            value[i] = example_weight * example_value;
        } else {
            value_total += example_weight * example_value;
        }
    }
    if (reduction != SYMLOSS_NONE) {
        value[0] = reduction == SYMLOSS_MEAN ? value_total / divisor : value_total;
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
    const float scale = reduction == SYMLOSS_MEAN ? (float)inverse_divisor : 1.0f;
    double value_total = 0.0;
    for (size_t i = 0; i < n; ++i) {
        const float example_weight = weight != NULL ? weight[i] : 1.0f;
        const float example_scale = scale * example_weight;
        double sum_1_total = 0.0;
        for (size_t z = 0; z < Z; ++z) {
            const float expm1_1 = expm1f(log_variance[i * Z + z]);
            sum_1_total += (double)((fabsf(log_variance[i * Z + z]) < 1.0f
                ? (log_variance[i * Z + z] * log_variance[i * Z + z]
                * ((((((((((((((((log_variance[i * Z + z] / 6402373705728000.0f + 1.0f / 355687428096000.0f)
                * log_variance[i * Z + z] + 1.0f / 20922789888000.0f) * log_variance[i * Z + z] + 1.0f
                / 1307674368000.0f) * log_variance[i * Z + z] + 1.0f / 87178291200.0f)
                * log_variance[i * Z + z] + 1.0f / 6227020800.0f) * log_variance[i * Z + z] + 1.0f
                / 479001600.0f) * log_variance[i * Z + z] + 1.0f / 39916800.0f) * log_variance[i * Z + z]
                + 1.0f / 3628800.0f) * log_variance[i * Z + z] + 1.0f / 362880.0f) * log_variance[i * Z + z]
                + 1.0f / 40320.0f) * log_variance[i * Z + z] + 1.0f / 5040.0f) * log_variance[i * Z + z]
                + 1.0f / 720.0f) * log_variance[i * Z + z] + 1.0f / 120.0f) * log_variance[i * Z + z] + 1.0f
                / 24.0f) * log_variance[i * Z + z] + 1.0f / 6.0f) * log_variance[i * Z + z] + 0.5f))
                : expm1_1 - log_variance[i * Z + z]) + mean[i * Z + z] * mean[i * Z + z]);
            gradient_mean[i * Z + z] = example_scale * mean[i * Z + z];
            gradient_log_variance[i * Z + z] = example_scale * (0.5f * expm1_1);
        }
        const float sum_1 = (float)sum_1_total;
        const float example_value = 0.5f * sum_1;
        if (reduction == SYMLOSS_NONE) {
            value[i] = example_weight * example_value;
        } else {
            value_total += (double)example_weight * (double)example_value;
        }
    }
    if (reduction != SYMLOSS_NONE) {
        value[0] = (float)(reduction == SYMLOSS_MEAN ? value_total / divisor : value_total);
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
    const float scale = reduction == SYMLOSS_MEAN ? (float)inverse_divisor : 1.0f;
    for (size_t i = 0; i < n; ++i) {
        const float example_scale = weight != NULL ? scale * weight[i] : scale;
        for (size_t z = 0; z < Z; ++z) {
            product_mean[i * Z + z] = example_scale * vector_mean[i * Z + z];
            product_log_variance[i * Z + z] = example_scale
                * (0.5f * vector_log_variance[i * Z + z] * expf(log_variance[i * Z + z]));
        }
    }
    return SYMLOSS_OK;
}
