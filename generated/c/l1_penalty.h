/*
 * l1_penalty: The sum of the absolute values of the parameters, which drives many of them to exactly 0
 *     (the lasso).
 *
 * loss of the batch = Sum(Abs(parameters[j]), (j, P))
 * d/dparameters = sign(parameters[i])
 *
 * parameters: Real['P'], (P)
 * float: value, gradient, value_and_gradient computed in float, sums in double
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate l1_penalty --target c
 *
 * Measured against exact results:
 *     float64: 8450 results, 0 % beyond the bound; worst 0.10 of the bound, 0.50 ulp (value)
 *     float32: 8402 results, 0 % beyond the bound; worst 0.10 of the bound, 0.50 ulp (value)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#ifndef SYMLOSS_L1_PENALTY_H
#define SYMLOSS_L1_PENALTY_H

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
 * P: the length of the axis P
 * parameters: P numbers, each a real number
 * value: one number
 * gradient_parameters: the derivative of value, shaped like parameters
 *
 * Arrays have no gaps, and their last axis runs fastest. No output may overlap an input or another output.
 * Only those may be NULL that are said to.
 * Nothing is allocated, and nothing kept between calls: threads may call at once, each with outputs
 * of its own. They take up to 100 KiB of stack. Rounding must be to nearest, as it is by default.
 */

int symloss_l1_penalty_value_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double *SYMLOSS_RESTRICT value);

int symloss_l1_penalty_value_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float *SYMLOSS_RESTRICT value);

int symloss_l1_penalty_gradient_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double *SYMLOSS_RESTRICT gradient_parameters);

int symloss_l1_penalty_gradient_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float *SYMLOSS_RESTRICT gradient_parameters);

int symloss_l1_penalty_value_and_gradient_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_parameters);

int symloss_l1_penalty_value_and_gradient_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_parameters);

#ifdef __cplusplus
}
#endif

#endif
