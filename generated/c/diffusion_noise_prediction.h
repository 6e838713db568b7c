/*
 * diffusion_noise_prediction: Mean squared error of the predicted noise, weighed by the step of the
 *     diffusion process.
 *
 * loss of one example = squared_error*timestep_weight[timestep]
 *   where squared_error = Sum((-noise[j] + predicted_noise[j])**2, (j, D))/D
 * d/dpredicted_noise = (-2*noise[k] + 2*predicted_noise[k])*timestep_weight[timestep]/D
 *
 * predicted_noise: Real['D'], (..., D)
 * noise: Real['D'], (..., D)
 * timestep: ClassIndex['T'], (...)
 * timestep_weight: NonNegative['T'], (T), default 1
 * float: value, gradient, value_and_gradient, hessian_vector_product computed in double, and rounded
 *     once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate diffusion_noise_prediction --target c
 *
 * Measured against exact results:
 *     float64: 2534 results, 0.55 % beyond the bound, 0 % at ordinary numbers; worst inf of the bound, inf
 *         ulp (value)
 *     float32: 2506 results, 0 % beyond the bound; worst 0.11 of the bound, 0.45 ulp
 *         (hessian_vector_product)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#ifndef SYMLOSS_DIFFUSION_NOISE_PREDICTION_H
#define SYMLOSS_DIFFUSION_NOISE_PREDICTION_H

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
 * T: the length of the axis T
 * predicted_noise: n x D numbers, each a real number
 * noise: n x D numbers, each a real number
 * timestep: n numbers, each a class index, 0 ... T - 1
 * vector: what the Hessian is applied to, shaped like predicted_noise
 * weight: n numbers >= 0 that weigh the examples, or NULL: all 1
 * reduction: SYMLOSS_MEAN, SYMLOSS_SUM, or SYMLOSS_NONE: each example's value and its own derivatives
 * timestep_weight: T numbers, each a number >= 0, or NULL: all 1
 * value: one number, or n with SYMLOSS_NONE
 * gradient_predicted_noise: the derivative of value, shaped like predicted_noise
 * product_predicted_noise: the Hessian of value times the vectors, shaped like predicted_noise
 *
 * Arrays have no gaps, and their last axis runs fastest. No output may overlap an input or another output.
 * Only those may be NULL that are said to. Without examples the sum is 0, and the mean NaN.
 * Nothing is allocated, and nothing kept between calls: threads may call at once, each with outputs
 * of its own. They take up to 100 KiB of stack. Rounding must be to nearest, as it is by default.
 */

int symloss_diffusion_noise_prediction_value_f64(
    size_t n,
    size_t D,
    size_t T,
    const double *SYMLOSS_RESTRICT predicted_noise,
    const double *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    const double *SYMLOSS_RESTRICT timestep_weight,
    double *SYMLOSS_RESTRICT value);

int symloss_diffusion_noise_prediction_value_f32(
    size_t n,
    size_t D,
    size_t T,
    const float *SYMLOSS_RESTRICT predicted_noise,
    const float *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    const float *SYMLOSS_RESTRICT timestep_weight,
    float *SYMLOSS_RESTRICT value);

int symloss_diffusion_noise_prediction_gradient_f64(
    size_t n,
    size_t D,
    size_t T,
    const double *SYMLOSS_RESTRICT predicted_noise,
    const double *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    const double *SYMLOSS_RESTRICT timestep_weight,
    double *SYMLOSS_RESTRICT gradient_predicted_noise);

int symloss_diffusion_noise_prediction_gradient_f32(
    size_t n,
    size_t D,
    size_t T,
    const float *SYMLOSS_RESTRICT predicted_noise,
    const float *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    const float *SYMLOSS_RESTRICT timestep_weight,
    float *SYMLOSS_RESTRICT gradient_predicted_noise);

int symloss_diffusion_noise_prediction_value_and_gradient_f64(
    size_t n,
    size_t D,
    size_t T,
    const double *SYMLOSS_RESTRICT predicted_noise,
    const double *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    const double *SYMLOSS_RESTRICT timestep_weight,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_predicted_noise);

int symloss_diffusion_noise_prediction_value_and_gradient_f32(
    size_t n,
    size_t D,
    size_t T,
    const float *SYMLOSS_RESTRICT predicted_noise,
    const float *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    const float *SYMLOSS_RESTRICT timestep_weight,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_predicted_noise);

int symloss_diffusion_noise_prediction_hessian_vector_product_f64(
    size_t n,
    size_t D,
    size_t T,
    const double *SYMLOSS_RESTRICT predicted_noise,
    const double *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const double *SYMLOSS_RESTRICT vector,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    const double *SYMLOSS_RESTRICT timestep_weight,
    double *SYMLOSS_RESTRICT product_predicted_noise);

int symloss_diffusion_noise_prediction_hessian_vector_product_f32(
    size_t n,
    size_t D,
    size_t T,
    const float *SYMLOSS_RESTRICT predicted_noise,
    const float *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const float *SYMLOSS_RESTRICT vector,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    const float *SYMLOSS_RESTRICT timestep_weight,
    float *SYMLOSS_RESTRICT product_predicted_noise);

#ifdef __cplusplus
}
#endif

#endif
