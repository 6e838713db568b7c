/*
 * focal_with_logits: The focal loss of the probability sigmoid(logits), which keeps its accuracy for
 *     confident predictions.
 *
 * loss of one example = -alpha_t*(1 - p_t)**gamma*log(p_t)
 *   where z_t = logits*(2*target - 1)
 *   where p_t = sigmoid(z_t)
 *   where alpha_t = alpha*target + (1 - alpha)*(1 - target)
 * d/dlogits = alpha_t*(1 - p_t)**gamma*(1 - 2*target)*(-gamma*p_t*log(p_t) - p_t + 1)
 *
 * logits: Real, any shape, the same for all
 * target: Binary, any shape, the same for all
 * gamma: NonNegative, default 2
 * alpha: Probability, default 0.25
 * float: value, gradient, value_and_gradient computed in float, sums in double
 * float: hessian computed in double, and rounded once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate focal_with_logits --target c
 *
 * Measured against exact results:
 *     float64: 7076 results, 0.35 % beyond the bound, 0.05 % at ordinary numbers; worst inf of the bound,
 *         4.8e+15 ulp (hessian at logits=-745.2, target=1.0, gamma=1e+30, alpha=0.25)
 *     float32: 7043 results, 0 % beyond the bound; worst 0.86 of the bound, 3.64 ulp (gradient at
 *         logits=0.6709979772567749, target=1.0, gamma=88.69999694824219, alpha=0.2981381416320801)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#ifndef SYMLOSS_FOCAL_WITH_LOGITS_H
#define SYMLOSS_FOCAL_WITH_LOGITS_H

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
 * logits: n numbers, each a real number
 * target: n numbers, each 0 or 1
 * weight: n numbers >= 0 that weigh the examples, or NULL: all 1
 * reduction: SYMLOSS_MEAN, SYMLOSS_SUM, or SYMLOSS_NONE: each example's value and its own derivatives
 * gamma: a number >= 0; customary: 2
 * alpha: a probability, in [0, 1]; customary: 0.25
 * value: one number, or n with SYMLOSS_NONE
 * gradient_logits: the derivative of value, shaped like logits
 * hessian_logits: the second derivative of value by each entry alone, shaped like logits
 *
 * Arrays have no gaps, and their last axis runs fastest. No output may overlap an input or another output.
 * Only those may be NULL that are said to. Without examples the sum is 0, and the mean NaN.
 * Nothing is allocated, and nothing kept between calls: threads may call at once, each with outputs
 * of its own. They take up to 100 KiB of stack. Rounding must be to nearest, as it is by default.
 */

int symloss_focal_with_logits_value_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT logits,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
    double *SYMLOSS_RESTRICT value);

int symloss_focal_with_logits_value_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT logits,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
    float *SYMLOSS_RESTRICT value);

int symloss_focal_with_logits_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT logits,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
    double *SYMLOSS_RESTRICT gradient_logits);

int symloss_focal_with_logits_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT logits,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
    float *SYMLOSS_RESTRICT gradient_logits);

int symloss_focal_with_logits_value_and_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT logits,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_logits);

int symloss_focal_with_logits_value_and_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT logits,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_logits);

int symloss_focal_with_logits_hessian_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT logits,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
    double *SYMLOSS_RESTRICT hessian_logits);

int symloss_focal_with_logits_hessian_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT logits,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
    float *SYMLOSS_RESTRICT hessian_logits);

#ifdef __cplusplus
}
#endif

#endif
