/*
 * focal: Binary cross-entropy with a factor that silences the examples that are already predicted
 *     well.
 *
 * loss of one example = -alpha_t*(1 - p_t)**gamma*log(p_t)
 *   where p_t = probability*target + (1 - probability)*(1 - target)
 *   where alpha_t = alpha*target + (1 - alpha)*(1 - target)
 * d/dprobability = alpha_t*(1 - p_t)**gamma*(1 - 2*target)*(-gamma*log(p_t)/(1 - p_t) + 1/p_t)
 *
 * probability: Probability, any shape, the same for all
 * target: Binary, any shape, the same for all
 * gamma: NonNegative, default 2
 * alpha: Probability, default 0.25
 * float: value, gradient, value_and_gradient, hessian computed in double, and rounded once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate focal --target c
 *
 * Measured against exact results:
 *     float64: 6680 results, 2.51 % beyond the bound, 0 % at ordinary numbers; worst inf of the bound, inf
 *         ulp (gradient at probability=0.5, target=1.0, gamma=1.7976931348623157e+308,
 *         alpha=0.9999999999998944)
 *     float32: 7331 results, 0 % beyond the bound; worst 0.12 of the bound, 0.49 ulp (gradient at
 *         probability=0.002770179882645607, target=0.0, gamma=0.0, alpha=1.401298464324817e-45)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#ifndef SYMLOSS_FOCAL_H
#define SYMLOSS_FOCAL_H

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
 * target: n numbers, each 0 or 1
 * weight: n numbers >= 0 that weigh the examples, or NULL: all 1
 * reduction: SYMLOSS_MEAN, SYMLOSS_SUM, or SYMLOSS_NONE: each example's value and its own derivatives
 * gamma: a number >= 0; customary: 2
 * alpha: a probability, in [0, 1]; customary: 0.25
 * value: one number, or n with SYMLOSS_NONE
 * gradient_probability: the derivative of value, shaped like probability
 * hessian_probability: the second derivative of value by each entry alone, shaped like probability
 *
 * Arrays have no gaps, and their last axis runs fastest. No output may overlap an input or another output.
 * Only those may be NULL that are said to. Without examples the sum is 0, and the mean NaN.
 * Nothing is allocated, and nothing kept between calls: threads may call at once, each with outputs
 * of its own. They take up to 100 KiB of stack. Rounding must be to nearest, as it is by default.
 */

int symloss_focal_value_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
    double *SYMLOSS_RESTRICT value);

int symloss_focal_value_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
    float *SYMLOSS_RESTRICT value);

int symloss_focal_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
    double *SYMLOSS_RESTRICT gradient_probability);

int symloss_focal_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
    float *SYMLOSS_RESTRICT gradient_probability);

int symloss_focal_value_and_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_probability);

int symloss_focal_value_and_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_probability);

int symloss_focal_hessian_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
    double *SYMLOSS_RESTRICT hessian_probability);

int symloss_focal_hessian_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
    float *SYMLOSS_RESTRICT hessian_probability);

#ifdef __cplusplus
}
#endif

#endif
