/*
 * soft_dice: One minus the Dice coefficient, with probabilities in place of the predicted region.
 *
 * loss of the batch = -(2*intersection + smooth)/(smooth + total) + 1
 *   where intersection = Sum(probability[j]*target[j], (j, N))
 *   where total = Sum(probability[j] + target[j], (j, N))
 * d/dprobability = (2*intersection + smooth - 2*(smooth + total)*target[i])/(smooth + total)**2
 *
 * probability: Probability['N'], (N)
 * target: Binary['N'], (N)
 * smooth: NonNegative, default 1
 * float: value, gradient, value_and_gradient computed in float, sums in double
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate soft_dice --target c
 *
 * Measured against exact results:
 *     float64: 6504 results, 0 % beyond the bound; worst 0.78 of the bound, 3.26 ulp (gradient)
 *     float32: 6504 results, 0 % beyond the bound; worst 0.62 of the bound, 2.50 ulp (gradient)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#ifndef SYMLOSS_SOFT_DICE_H
#define SYMLOSS_SOFT_DICE_H

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
 * N: the length of the axis N
 * probability: N numbers, each a probability, in [0, 1]
 * target: N numbers, each 0 or 1
 * smooth: a number >= 0; customary: 1
 * value: one number
 * gradient_probability: the derivative of value, shaped like probability
 *
 * Arrays have no gaps, and their last axis runs fastest. No output may overlap an input or another output.
 * Only those may be NULL that are said to.
 * Nothing is allocated, and nothing kept between calls: threads may call at once, each with outputs
 * of its own. They take up to 100 KiB of stack. Rounding must be to nearest, as it is by default.
 */

int symloss_soft_dice_value_f64(
    size_t N,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    double smooth,
    double *SYMLOSS_RESTRICT value);

int symloss_soft_dice_value_f32(
    size_t N,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    float smooth,
    float *SYMLOSS_RESTRICT value);

int symloss_soft_dice_gradient_f64(
    size_t N,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    double smooth,
    double *SYMLOSS_RESTRICT gradient_probability);

int symloss_soft_dice_gradient_f32(
    size_t N,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    float smooth,
    float *SYMLOSS_RESTRICT gradient_probability);

int symloss_soft_dice_value_and_gradient_f64(
    size_t N,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    double smooth,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_probability);

int symloss_soft_dice_value_and_gradient_f32(
    size_t N,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    float smooth,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_probability);

#ifdef __cplusplus
}
#endif

#endif
