/*
 * margin_ranking: The hinge loss of a difference of scores: the better of two items shall score higher
 *     by the margin.
 *
 * loss of one example = Max(0, margin - target*(first - second))
 * d/dfirst = Piecewise((-target, margin - target*(first - second) >= 0), (0, True))
 * d/dsecond = Piecewise((target, margin - target*(first - second) >= 0), (0, True))
 *
 * first: Real, any shape, the same for all
 * second: Real, any shape, the same for all
 * target: Sign, any shape, the same for all
 * margin: NonNegative, default 0
 * float: value, gradient, value_and_gradient computed in float, sums in double
 * float: hessian computed in double, and rounded once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate margin_ranking --target c
 *
 * Measured against exact results:
 *     float64: 8291 results, 0 % beyond the bound; worst 0.15 of the bound, 0.76 ulp (value at
 *         first=0.9999999999999999, second=-1.6947034601897334e-16, target=-1.0, margin=0.001)
 *     float32: 8297 results, 0 % beyond the bound; worst 0.16 of the bound, 0.96 ulp (value at
 *         first=88.60186767578125, second=-72.79863739013672, target=-1.0, margin=0.0010000000474974513)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#ifndef SYMLOSS_MARGIN_RANKING_H
#define SYMLOSS_MARGIN_RANKING_H

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
 * first: n numbers, each a real number
 * second: n numbers, each a real number
 * target: n numbers, each -1 or 1
 * weight: n numbers >= 0 that weigh the examples, or NULL: all 1
 * reduction: SYMLOSS_MEAN, SYMLOSS_SUM, or SYMLOSS_NONE: each example's value and its own derivatives
 * margin: a number >= 0; customary: 0
 * value: one number, or n with SYMLOSS_NONE
 * gradient_first: the derivative of value, shaped like first
 * gradient_second: the derivative of value, shaped like second
 * hessian_first: the second derivative of value by each entry alone, shaped like first
 * hessian_second: the second derivative of value by each entry alone, shaped like second
 *
 * Arrays have no gaps, and their last axis runs fastest. No output may overlap an input or another output.
 * Only those may be NULL that are said to. Without examples the sum is 0, and the mean NaN.
 * Nothing is allocated, and nothing kept between calls: threads may call at once, each with outputs
 * of its own. They take up to 100 KiB of stack. Rounding must be to nearest, as it is by default.
 */

int symloss_margin_ranking_value_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT first,
    const double *SYMLOSS_RESTRICT second,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value);

int symloss_margin_ranking_value_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT first,
    const float *SYMLOSS_RESTRICT second,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value);

int symloss_margin_ranking_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT first,
    const double *SYMLOSS_RESTRICT second,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT gradient_first,
    double *SYMLOSS_RESTRICT gradient_second);

int symloss_margin_ranking_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT first,
    const float *SYMLOSS_RESTRICT second,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT gradient_first,
    float *SYMLOSS_RESTRICT gradient_second);

int symloss_margin_ranking_value_and_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT first,
    const double *SYMLOSS_RESTRICT second,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_first,
    double *SYMLOSS_RESTRICT gradient_second);

int symloss_margin_ranking_value_and_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT first,
    const float *SYMLOSS_RESTRICT second,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_first,
    float *SYMLOSS_RESTRICT gradient_second);

int symloss_margin_ranking_hessian_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT first,
    const double *SYMLOSS_RESTRICT second,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT hessian_first,
    double *SYMLOSS_RESTRICT hessian_second);

int symloss_margin_ranking_hessian_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT first,
    const float *SYMLOSS_RESTRICT second,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT hessian_first,
    float *SYMLOSS_RESTRICT hessian_second);

#ifdef __cplusplus
}
#endif

#endif
