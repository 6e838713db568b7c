/*
 * contrastive: Pairs of the same kind attract each other; pairs of different kinds repel each other up
 *     to the margin.
 *
 * loss of one example = distance**2*same/2 + (1 - same)*Max(0, -distance + margin)**2/2
 *   where distance = Norm(first[j] - second[j], (j, D))
 * d/dfirst = same*(first[k] - second[k]) + (same - 1)*Max(0, -distance + margin)*ratio(first[k] -
 *     second[k], distance)
 * d/dsecond = same*(-first[k] + second[k]) + (1 - same)*Max(0, -distance + margin)*ratio(first[k] -
 *     second[k], distance)
 *
 * first: Real['D'], (..., D)
 * second: Real['D'], (..., D)
 * same: Binary, (...)
 * margin: Positive, default 1
 * float: value, gradient, value_and_gradient computed in float, sums in double
 * float: hessian_vector_product computed in double, and rounded once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate contrastive --target c
 *
 * Measured against exact results:
 *     float64: 2185 results, 0.73 % beyond the bound, 0.33 % at ordinary numbers; worst inf of the bound,
 *         3.4e+02 ulp (hessian_vector_product)
 *     float32: 2199 results, 0 % beyond the bound; worst 0.34 of the bound, 2.82 ulp (value)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#ifndef SYMLOSS_CONTRASTIVE_H
#define SYMLOSS_CONTRASTIVE_H

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
 * first: n x D numbers, each a real number
 * second: n x D numbers, each a real number
 * same: n numbers, each 0 or 1
 * vector_first: what the Hessian is applied to, shaped like first
 * vector_second: what the Hessian is applied to, shaped like second
 * weight: n numbers >= 0 that weigh the examples, or NULL: all 1
 * reduction: SYMLOSS_MEAN, SYMLOSS_SUM, or SYMLOSS_NONE: each example's value and its own derivatives
 * margin: a number > 0; customary: 1
 * value: one number, or n with SYMLOSS_NONE
 * gradient_first: the derivative of value, shaped like first
 * gradient_second: the derivative of value, shaped like second
 * product_first: the Hessian of value times the vectors, shaped like first
 * product_second: the Hessian of value times the vectors, shaped like second
 *
 * Arrays have no gaps, and their last axis runs fastest. No output may overlap an input or another output.
 * Only those may be NULL that are said to. Without examples the sum is 0, and the mean NaN.
 * Nothing is allocated, and nothing kept between calls: threads may call at once, each with outputs
 * of its own. They take up to 100 KiB of stack. Rounding must be to nearest, as it is by default.
 */

int symloss_contrastive_value_f64(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT first,
    const double *SYMLOSS_RESTRICT second,
    const double *SYMLOSS_RESTRICT same,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value);

int symloss_contrastive_value_f32(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT first,
    const float *SYMLOSS_RESTRICT second,
    const float *SYMLOSS_RESTRICT same,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value);

int symloss_contrastive_gradient_f64(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT first,
    const double *SYMLOSS_RESTRICT second,
    const double *SYMLOSS_RESTRICT same,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT gradient_first,
    double *SYMLOSS_RESTRICT gradient_second);

int symloss_contrastive_gradient_f32(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT first,
    const float *SYMLOSS_RESTRICT second,
    const float *SYMLOSS_RESTRICT same,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT gradient_first,
    float *SYMLOSS_RESTRICT gradient_second);

int symloss_contrastive_value_and_gradient_f64(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT first,
    const double *SYMLOSS_RESTRICT second,
    const double *SYMLOSS_RESTRICT same,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_first,
    double *SYMLOSS_RESTRICT gradient_second);

int symloss_contrastive_value_and_gradient_f32(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT first,
    const float *SYMLOSS_RESTRICT second,
    const float *SYMLOSS_RESTRICT same,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_first,
    float *SYMLOSS_RESTRICT gradient_second);

int symloss_contrastive_hessian_vector_product_f64(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT first,
    const double *SYMLOSS_RESTRICT second,
    const double *SYMLOSS_RESTRICT same,
    const double *SYMLOSS_RESTRICT vector_first,
    const double *SYMLOSS_RESTRICT vector_second,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT product_first,
    double *SYMLOSS_RESTRICT product_second);

int symloss_contrastive_hessian_vector_product_f32(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT first,
    const float *SYMLOSS_RESTRICT second,
    const float *SYMLOSS_RESTRICT same,
    const float *SYMLOSS_RESTRICT vector_first,
    const float *SYMLOSS_RESTRICT vector_second,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT product_first,
    float *SYMLOSS_RESTRICT product_second);

#ifdef __cplusplus
}
#endif

#endif
