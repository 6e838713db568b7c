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
 * float: value, gradient, value_and_gradient computed in float, sums in double
 * float: hessian_vector_product computed in double, and rounded once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate gaussian_kl_divergence --target c
 *
 * Measured against exact results:
 *     float64: 2179 results, 0.69 % beyond the bound, 0 % at ordinary numbers; worst inf of the bound, inf
 *         ulp (hessian_vector_product)
 *     float32: 2387 results, 0 % beyond the bound; worst 0.14 of the bound, 0.57 ulp (gradient)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#ifndef SYMLOSS_GAUSSIAN_KL_DIVERGENCE_H
#define SYMLOSS_GAUSSIAN_KL_DIVERGENCE_H

#include <stddef.h>
#include <stdint.h>

#ifndef SYMLOSS_COMMON
#define SYMLOSS_COMMON
#if defined(__GNUC__) || defined(__clang__)
#define SYMLOSS_RESTRICT __restrict__
#elif defined(_MSC_VER)
#define SYMLOSS_RESTRICT __restrict
#else
#define SYMLOSS_RESTRICT
#endif
/* How the examples' losses are put together. */
enum symloss_reduction { SYMLOSS_NONE = 0, SYMLOSS_MEAN = 1, SYMLOSS_SUM = 2 };
/* What a function returns. When it is not SYMLOSS_OK, nothing has been written. */
enum symloss_status {
    SYMLOSS_OK = 0,
    SYMLOSS_BAD_INDEX = 1,     /* a class index outside its range */
    SYMLOSS_BAD_WEIGHT = 2,    /* a weight that is negative or not finite, or weights that sum to 0 */
    SYMLOSS_BAD_REDUCTION = 3, /* a reduction that is none of the three */
    SYMLOSS_BAD_SIZE = 4       /* an axis of length 0 where one entry is needed */
};
#endif

#ifdef __cplusplus
extern "C" {
#endif

/*
 * n: the number of examples (for an elementwise loss, of elements)
 * Z: the length of the axis Z
 * mean: n x Z numbers, each a real number
 * log_variance: n x Z numbers, each a real number
 * vector_mean: what the Hessian is applied to, shaped like mean
 * vector_log_variance: what the Hessian is applied to, shaped like log_variance
 * weight: n numbers >= 0 that weigh the examples, or NULL: all 1
 * reduction: SYMLOSS_MEAN, SYMLOSS_SUM, or SYMLOSS_NONE: each example's value and its own derivatives
 * value: one number, or n with SYMLOSS_NONE
 * gradient_mean: the derivative of value, shaped like mean
 * gradient_log_variance: the derivative of value, shaped like log_variance
 * product_mean: the Hessian of value times the vectors, shaped like mean
 * product_log_variance: the Hessian of value times the vectors, shaped like log_variance
 *
 * Arrays have no gaps, and their last axis runs fastest. No output may overlap an input or another output.
 * Only those may be NULL that are said to. Without examples the sum is 0, and the mean NaN.
 * Nothing is allocated, and nothing kept between calls: threads may call at once, each with outputs
 * of its own. They take up to 100 KiB of stack. Rounding must be to nearest, as it is by default.
 */

int symloss_gaussian_kl_divergence_value_f64(
    size_t n,
    size_t Z,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT value);

int symloss_gaussian_kl_divergence_value_f32(
    size_t n,
    size_t Z,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT value);

int symloss_gaussian_kl_divergence_gradient_f64(
    size_t n,
    size_t Z,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT gradient_mean,
    double *SYMLOSS_RESTRICT gradient_log_variance);

int symloss_gaussian_kl_divergence_gradient_f32(
    size_t n,
    size_t Z,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT gradient_mean,
    float *SYMLOSS_RESTRICT gradient_log_variance);

int symloss_gaussian_kl_divergence_value_and_gradient_f64(
    size_t n,
    size_t Z,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_mean,
    double *SYMLOSS_RESTRICT gradient_log_variance);

int symloss_gaussian_kl_divergence_value_and_gradient_f32(
    size_t n,
    size_t Z,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_mean,
    float *SYMLOSS_RESTRICT gradient_log_variance);

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
    double *SYMLOSS_RESTRICT product_log_variance);

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
    float *SYMLOSS_RESTRICT product_log_variance);

#ifdef __cplusplus
}
#endif

#endif
