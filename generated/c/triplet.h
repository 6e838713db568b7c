/*
 * triplet: The positive shall be nearer to the anchor than the negative, by a margin of Euclidean
 *     distance.
 *
 * loss of one example = Max(0, margin - to_negative + to_positive)
 *   where to_positive = Norm(anchor[j] - positive[j], (j, D))
 *   where to_negative = Norm(anchor[j] - negative[j], (j, D))
 * d/danchor = Piecewise((-ratio(anchor[k] - negative[k], to_negative) + ratio(anchor[k] - positive[k],
 *     to_positive), margin - to_negative + to_positive >= 0), (0, True))
 * d/dpositive = Piecewise((-ratio(anchor[k] - positive[k], to_positive), margin - to_negative +
 *     to_positive >= 0), (0, True))
 * d/dnegative = Piecewise((ratio(anchor[k] - negative[k], to_negative), margin - to_negative +
 *     to_positive >= 0), (0, True))
 *
 * anchor: Real['D'], (..., D)
 * positive: Real['D'], (..., D)
 * negative: Real['D'], (..., D)
 * margin: Positive, default 1
 * float: value, gradient, value_and_gradient, hessian_vector_product computed in double, and rounded
 *     once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate triplet --target c
 *
 * Measured against exact results:
 *     float64: 1539 results, 0.84 % beyond the bound, 0.62 % at ordinary numbers; worst 6.5e+14 of the
 *         bound, 23.07 ulp (hessian_vector_product)
 *     float32: 1522 results, 0.39 % beyond the bound, 0 % at ordinary numbers; worst 1.7e+05 of the bound,
 *         1.9e+06 ulp (hessian_vector_product)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#ifndef SYMLOSS_TRIPLET_H
#define SYMLOSS_TRIPLET_H

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
 * D: the length of the axis D
 * anchor: n x D numbers, each a real number
 * positive: n x D numbers, each a real number
 * negative: n x D numbers, each a real number
 * vector_anchor: what the Hessian is applied to, shaped like anchor
 * vector_positive: what the Hessian is applied to, shaped like positive
 * vector_negative: what the Hessian is applied to, shaped like negative
 * weight: n numbers >= 0 that weigh the examples, or NULL: all 1
 * reduction: SYMLOSS_MEAN, SYMLOSS_SUM, or SYMLOSS_NONE: each example's value and its own derivatives
 * margin: a number > 0; customary: 1
 * value: one number, or n with SYMLOSS_NONE
 * gradient_anchor: the derivative of value, shaped like anchor
 * gradient_positive: the derivative of value, shaped like positive
 * gradient_negative: the derivative of value, shaped like negative
 * product_anchor: the Hessian of value times the vectors, shaped like anchor
 * product_positive: the Hessian of value times the vectors, shaped like positive
 * product_negative: the Hessian of value times the vectors, shaped like negative
 *
 * Arrays have no gaps, and their last axis runs fastest. No output may overlap an input or another output.
 * Only those may be NULL that are said to. Without examples the sum is 0, and the mean NaN.
 * Nothing is allocated, and nothing kept between calls: threads may call at once, each with outputs
 * of its own. They take up to 100 KiB of stack. Rounding must be to nearest, as it is by default.
 */

int symloss_triplet_value_f64(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT anchor,
    const double *SYMLOSS_RESTRICT positive,
    const double *SYMLOSS_RESTRICT negative,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value);

int symloss_triplet_value_f32(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT anchor,
    const float *SYMLOSS_RESTRICT positive,
    const float *SYMLOSS_RESTRICT negative,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value);

int symloss_triplet_gradient_f64(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT anchor,
    const double *SYMLOSS_RESTRICT positive,
    const double *SYMLOSS_RESTRICT negative,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT gradient_anchor,
    double *SYMLOSS_RESTRICT gradient_positive,
    double *SYMLOSS_RESTRICT gradient_negative);

int symloss_triplet_gradient_f32(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT anchor,
    const float *SYMLOSS_RESTRICT positive,
    const float *SYMLOSS_RESTRICT negative,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT gradient_anchor,
    float *SYMLOSS_RESTRICT gradient_positive,
    float *SYMLOSS_RESTRICT gradient_negative);

int symloss_triplet_value_and_gradient_f64(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT anchor,
    const double *SYMLOSS_RESTRICT positive,
    const double *SYMLOSS_RESTRICT negative,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_anchor,
    double *SYMLOSS_RESTRICT gradient_positive,
    double *SYMLOSS_RESTRICT gradient_negative);

int symloss_triplet_value_and_gradient_f32(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT anchor,
    const float *SYMLOSS_RESTRICT positive,
    const float *SYMLOSS_RESTRICT negative,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_anchor,
    float *SYMLOSS_RESTRICT gradient_positive,
    float *SYMLOSS_RESTRICT gradient_negative);

int symloss_triplet_hessian_vector_product_f64(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT anchor,
    const double *SYMLOSS_RESTRICT positive,
    const double *SYMLOSS_RESTRICT negative,
    const double *SYMLOSS_RESTRICT vector_anchor,
    const double *SYMLOSS_RESTRICT vector_positive,
    const double *SYMLOSS_RESTRICT vector_negative,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT product_anchor,
    double *SYMLOSS_RESTRICT product_positive,
    double *SYMLOSS_RESTRICT product_negative);

int symloss_triplet_hessian_vector_product_f32(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT anchor,
    const float *SYMLOSS_RESTRICT positive,
    const float *SYMLOSS_RESTRICT negative,
    const float *SYMLOSS_RESTRICT vector_anchor,
    const float *SYMLOSS_RESTRICT vector_positive,
    const float *SYMLOSS_RESTRICT vector_negative,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT product_anchor,
    float *SYMLOSS_RESTRICT product_positive,
    float *SYMLOSS_RESTRICT product_negative);

#ifdef __cplusplus
}
#endif

#endif
