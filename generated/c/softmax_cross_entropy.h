/*
 * softmax_cross_entropy: Negative log-likelihood of a label distribution under softmax(logits).
 *
 * loss of one example = -Sum(target[j]*log_softmax(logits)[j], (j, C))
 * d/dlogits = -target[k] + softmax(logits)[k]
 *
 * logits: Real['C'], (..., C)
 * target: Simplex['C'], (..., C)
 * float: value, gradient, value_and_gradient computed in float, sums in double
 * float: hessian_vector_product computed in double, and rounded once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate softmax_cross_entropy --target c
 *
 * Measured against exact results:
 *     float64: 2705 results, 0.48 % beyond the bound, 0 % at ordinary numbers; worst 4.4e+12 of the bound,
 *         8.4e+15 ulp (hessian_vector_product)
 *     float32: 3070 results, 0.03 % beyond the bound, 0 % at ordinary numbers; worst 3.0e+04 of the bound,
 *         2.4e+05 ulp (value)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#ifndef SYMLOSS_SOFTMAX_CROSS_ENTROPY_H
#define SYMLOSS_SOFTMAX_CROSS_ENTROPY_H

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
 * C: the length of the axis C
 * logits: n x C numbers, each a real number
 * target: n x C numbers, each a distribution: numbers >= 0 that sum to 1 along the first axis
 * vector: what the Hessian is applied to, shaped like logits
 * weight: n numbers >= 0 that weigh the examples, or NULL: all 1
 * reduction: SYMLOSS_MEAN, SYMLOSS_SUM, or SYMLOSS_NONE: each example's value and its own derivatives
 * value: one number, or n with SYMLOSS_NONE
 * gradient_logits: the derivative of value, shaped like logits
 * product_logits: the Hessian of value times the vectors, shaped like logits
 *
 * Arrays have no gaps, and their last axis runs fastest. No output may overlap an input or another output.
 * Only those may be NULL that are said to. Without examples the sum is 0, and the mean NaN.
 * Nothing is allocated, and nothing kept between calls: threads may call at once, each with outputs
 * of its own. They take up to 100 KiB of stack. Rounding must be to nearest, as it is by default.
 */

int symloss_softmax_cross_entropy_value_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT logits,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT value);

int symloss_softmax_cross_entropy_value_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT logits,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT value);

int symloss_softmax_cross_entropy_gradient_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT logits,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT gradient_logits);

int symloss_softmax_cross_entropy_gradient_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT logits,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT gradient_logits);

int symloss_softmax_cross_entropy_value_and_gradient_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT logits,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_logits);

int symloss_softmax_cross_entropy_value_and_gradient_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT logits,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_logits);

int symloss_softmax_cross_entropy_hessian_vector_product_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT logits,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT vector,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT product_logits);

int symloss_softmax_cross_entropy_hessian_vector_product_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT logits,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT vector,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT product_logits);

#ifdef __cplusplus
}
#endif

#endif
