/*
 * elastic_net: A mixture of the absolute values and half the squares of the parameters.
 *
 * loss of the batch = l1_ratio*Sum(Abs(parameters[j]), (j, P)) + (1/2 -
 *     l1_ratio/2)*Sum(parameters[j]**2, (j, P))
 * d/dparameters = l1_ratio*sign(parameters[i]) + (1 - l1_ratio)*parameters[i]
 *
 * parameters: Real['P'], (P)
 * l1_ratio: Probability, default 0.5
 * float: value, gradient, value_and_gradient computed in double, and rounded once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate elastic_net --target c
 *
 * Measured against exact results:
 *     float64: 6346 results, 0 % beyond the bound; worst 0.21 of the bound, 1.60 ulp (value)
 *     float32: 6454 results, 0 % beyond the bound; worst 0.12 of the bound, 0.49 ulp (value)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#ifndef SYMLOSS_ELASTIC_NET_H
#define SYMLOSS_ELASTIC_NET_H

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
 * l1_ratio: a probability, in [0, 1]; customary: 0.5
 * value: one number
 * gradient_parameters: the derivative of value, shaped like parameters
 *
 * Arrays have no gaps, and their last axis runs fastest. No output may overlap an input or another output.
 * Only those may be NULL that are said to.
 * Nothing is allocated, and nothing kept between calls: threads may call at once, each with outputs
 * of its own. They take up to 100 KiB of stack. Rounding must be to nearest, as it is by default.
 */

int symloss_elastic_net_value_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double l1_ratio,
    double *SYMLOSS_RESTRICT value);

int symloss_elastic_net_value_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float l1_ratio,
    float *SYMLOSS_RESTRICT value);

int symloss_elastic_net_gradient_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double l1_ratio,
    double *SYMLOSS_RESTRICT gradient_parameters);

int symloss_elastic_net_gradient_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float l1_ratio,
    float *SYMLOSS_RESTRICT gradient_parameters);

int symloss_elastic_net_value_and_gradient_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double l1_ratio,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_parameters);

int symloss_elastic_net_value_and_gradient_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float l1_ratio,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_parameters);

#ifdef __cplusplus
}
#endif

#endif
