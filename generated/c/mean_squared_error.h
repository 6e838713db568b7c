/*
 * mean_squared_error: The squared residual, whose best constant prediction is the mean.
 *
 * loss of one example = r**2
 *   where r = prediction - target
 * d/dprediction = 2*r
 *
 * prediction: Real, any shape, the same for all
 * target: Real, any shape, the same for all
 * float: value, gradient, value_and_gradient computed in float, sums in double
 * float: hessian computed in double, and rounded once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate mean_squared_error --target c
 *
 * Measured against exact results:
 *     float64: 11524 results, 0 % beyond the bound; worst 0.24 of the bound, 1.54 ulp (value at
 *         prediction=-119.96945195531062, target=13.108233198260166)
 *     float32: 10776 results, 0 % beyond the bound; worst 0.25 of the bound, 1.60 ulp (value at
 *         prediction=14.129356384277344, target=-127.2974853515625)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#ifndef SYMLOSS_MEAN_SQUARED_ERROR_H
#define SYMLOSS_MEAN_SQUARED_ERROR_H

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
 * prediction: n numbers, each a real number
 * target: n numbers, each a real number
 * weight: n numbers >= 0 that weigh the examples, or NULL: all 1
 * reduction: SYMLOSS_MEAN, SYMLOSS_SUM, or SYMLOSS_NONE: each example's value and its own derivatives
 * value: one number, or n with SYMLOSS_NONE
 * gradient_prediction: the derivative of value, shaped like prediction
 * hessian_prediction: the second derivative of value by each entry alone, shaped like prediction
 *
 * Arrays have no gaps, and their last axis runs fastest. No output may overlap an input or another output.
 * Only those may be NULL that are said to. Without examples the sum is 0, and the mean NaN.
 * Nothing is allocated, and nothing kept between calls: threads may call at once, each with outputs
 * of its own. They take up to 100 KiB of stack. Rounding must be to nearest, as it is by default.
 */

int symloss_mean_squared_error_value_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT prediction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT value);

int symloss_mean_squared_error_value_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT prediction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT value);

int symloss_mean_squared_error_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT prediction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT gradient_prediction);

int symloss_mean_squared_error_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT prediction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT gradient_prediction);

int symloss_mean_squared_error_value_and_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT prediction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_prediction);

int symloss_mean_squared_error_value_and_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT prediction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_prediction);

int symloss_mean_squared_error_hessian_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT prediction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT hessian_prediction);

int symloss_mean_squared_error_hessian_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT prediction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT hessian_prediction);

#ifdef __cplusplus
}
#endif

#endif
