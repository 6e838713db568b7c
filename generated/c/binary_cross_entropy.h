/*
 * binary_cross_entropy: Negative log-likelihood of a label under a predicted probability of the class
 *     1.
 *
 * loss of one example = -xlogy(target, probability) - xlogy(1 - target, 1 - probability)
 * d/dprobability = -ratio(target, probability) + ratio(1 - target, 1 - probability)
 *
 * probability: Probability, any shape, the same for all
 * target: Probability, any shape, the same for all
 * float: value, gradient, value_and_gradient computed in float, sums in double
 * float: hessian computed in double, and rounded once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate binary_cross_entropy --target c
 *
 * Measured against exact results:
 *     float64: 11685 results, 0 % beyond the bound; worst 0.47 of the bound, 1.87 ulp (gradient at
 *         probability=1.4021864660562744e-15, target=1.5452332300590134e-19)
 *     float32: 11832 results, 0 % beyond the bound; worst 0.55 of the bound, 2.20 ulp (gradient at
 *         probability=9.95743102976121e-05, target=5.036548031966959e-07)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#ifndef SYMLOSS_BINARY_CROSS_ENTROPY_H
#define SYMLOSS_BINARY_CROSS_ENTROPY_H

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
 * probability: n numbers, each a probability, in [0, 1]
 * target: n numbers, each a probability, in [0, 1]
 * weight: n numbers >= 0 that weigh the examples, or NULL: all 1
 * reduction: SYMLOSS_MEAN, SYMLOSS_SUM, or SYMLOSS_NONE: each example's value and its own derivatives
 * value: one number, or n with SYMLOSS_NONE
 * gradient_probability: the derivative of value, shaped like probability
 * hessian_probability: the second derivative of value by each entry alone, shaped like probability
 *
 * Arrays have no gaps, and their last axis runs fastest. No output may overlap an input or another output.
 * Only those may be NULL that are said to. Without examples the sum is 0, and the mean NaN.
 * Nothing is allocated, and nothing kept between calls: threads may call at once, each with outputs
 * of its own. They take up to 100 KiB of stack. Rounding must be to nearest, as it is by default.
 */

int symloss_binary_cross_entropy_value_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT value);

int symloss_binary_cross_entropy_value_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT value);

int symloss_binary_cross_entropy_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT gradient_probability);

int symloss_binary_cross_entropy_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT gradient_probability);

int symloss_binary_cross_entropy_value_and_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_probability);

int symloss_binary_cross_entropy_value_and_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_probability);

int symloss_binary_cross_entropy_hessian_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT hessian_probability);

int symloss_binary_cross_entropy_hessian_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT hessian_probability);

#ifdef __cplusplus
}
#endif

#endif
