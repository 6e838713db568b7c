/*
 * poisson_negative_log_likelihood: Negative log-likelihood of a count under a Poisson distribution,
 *     from the logarithm of its rate.
 *
 * loss of one example = -log_rate*target + exp(log_rate)
 * d/dlog_rate = -target + exp(log_rate)
 *
 * log_rate: Real, any shape, the same for all
 * target: NonNegative, any shape, the same for all
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate poisson_negative_log_likelihood --target c
 *
 * Measured against exact results:
 *     float64: 11652 results, 0.08 % beyond the bound, 0 % at ordinary numbers; worst inf of the bound, in
 *         ulp inf (value at log_rate=1.7976931348623157e+308, target=93.20360714109775)
 *     float32: 12012 results, 0 % beyond the bound; worst 0.12 of the bound, in ulp 6.1e+03 (hessian at
 *         log_rate=-102.87346649169922, target=86.63252258300781)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -std=c99 -O3 -ffp-
 *         contract=off -fPIC -shared
 */

#include "poisson_negative_log_likelihood.h"

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

int symloss_poisson_negative_log_likelihood_value_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT log_rate,
    const double *SYMLOSS_RESTRICT target,
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
        const double example_value = exp(log_rate[i]) - log_rate[i] * target[i];
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

int symloss_poisson_negative_log_likelihood_value_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT log_rate,
    const float *SYMLOSS_RESTRICT target,
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
        const double example_value = exp((double)log_rate[i]) - (double)log_rate[i] * (double)target[i];
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

int symloss_poisson_negative_log_likelihood_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT log_rate,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT gradient_log_rate)
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
        gradient_log_rate[i] = example_scale * (exp(log_rate[i]) - target[i]);
    }

    return SYMLOSS_OK;
}

int symloss_poisson_negative_log_likelihood_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT log_rate,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT gradient_log_rate)
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
        gradient_log_rate[i] = (float)(example_scale * (exp((double)log_rate[i]) - (double)target[i]));
    }

    return SYMLOSS_OK;
}

int symloss_poisson_negative_log_likelihood_value_and_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT log_rate,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_log_rate)
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
        const double exp_1 = exp(log_rate[i]);
        const double example_value = exp_1 - log_rate[i] * target[i];
        if (reduction == SYMLOSS_NONE) {
            value[i] = example_weight * example_value;
        } else {
            symloss_add(example_weight * example_value, &value_total, &value_rest);
        }
        gradient_log_rate[i] = example_scale * (exp_1 - target[i]);
    }

    const double examples_value = symloss_sum(value_total, value_rest);
    if (reduction != SYMLOSS_NONE) {
        value[0] = (reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
    return SYMLOSS_OK;
}

int symloss_poisson_negative_log_likelihood_value_and_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT log_rate,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_log_rate)
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
        const double exp_1 = exp((double)log_rate[i]);
        const double example_value = exp_1 - (double)log_rate[i] * (double)target[i];
        if (reduction == SYMLOSS_NONE) {
            value[i] = (float)(example_weight * example_value);
        } else {
            symloss_add(example_weight * example_value, &value_total, &value_rest);
        }
        gradient_log_rate[i] = (float)(example_scale * (exp_1 - (double)target[i]));
    }

    const double examples_value = symloss_sum(value_total, value_rest);
    if (reduction != SYMLOSS_NONE) {
        value[0] = (float)(reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
    return SYMLOSS_OK;
}

int symloss_poisson_negative_log_likelihood_hessian_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT log_rate,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT hessian_log_rate)
{
    (void)target;
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
        hessian_log_rate[i] = example_scale * exp(log_rate[i]);
    }

    return SYMLOSS_OK;
}

int symloss_poisson_negative_log_likelihood_hessian_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT log_rate,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT hessian_log_rate)
{
    (void)target;
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
        hessian_log_rate[i] = (float)(example_scale * exp((double)log_rate[i]));
    }

    return SYMLOSS_OK;
}
