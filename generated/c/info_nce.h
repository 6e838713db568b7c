/*
 * info_nce: Cross-entropy of finding, for each query, its own key among all keys of the batch.
 *
 * loss of the batch = -Sum(log_softmax(s[j, l], (l, N))[j], (j, N))/N
 *   where s[i, k] = Sum(key[k, j]*query[i, j], (j, D))/temperature
 * d/dquery = (-key[i, k] + Sum(key[j, k]*softmax(s[i, l], (l, N))[j], (j, N)))/(N*temperature)
 * d/dkey = (-query[i, k] + Sum(query[j, k]*softmax(s[j, l], (l, N))[i], (j, N)))/(N*temperature)
 *
 * query: Real['N', 'D'], (N, D)
 * key: Real['N', 'D'], (N, D)
 * temperature: Positive, default 0.1
 * float: value, gradient, value_and_gradient computed in double, and rounded once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate info_nce --target c
 *
 * Measured against exact results:
 *     float64: 1538 results, 5.07 % beyond the bound, 0 % at ordinary numbers; worst inf of the bound, inf
 *         ulp (value)
 *     float32: 1691 results, 0 % beyond the bound; worst 0.11 of the bound, 0.48 ulp (gradient)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#ifndef SYMLOSS_INFO_NCE_H
#define SYMLOSS_INFO_NCE_H

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
 * D: the length of the axis D
 * query: N x D numbers, each a real number
 * key: N x D numbers, each a real number
 * temperature: a number > 0; customary: 0.1
 * workspace: symloss_info_nce_workspace(...) numbers; the content does not matter
 * value: one number
 * gradient_query: the derivative of value, shaped like query
 * gradient_key: the derivative of value, shaped like key
 *
 * Arrays have no gaps, and their last axis runs fastest. No output may overlap an input or another output.
 * Only those may be NULL that are said to.
 * Nothing is allocated, and nothing kept between calls: threads may call at once, each with outputs and a
 * workspace of its own. They take up to 100 KiB of stack. Rounding must be to nearest, as it is by default.
 */

/* How many numbers of type double the workspace must hold; SIZE_MAX: more than any memory has. */
size_t symloss_info_nce_workspace(size_t N, size_t D);

int symloss_info_nce_value_f64(
    size_t N,
    size_t D,
    const double *SYMLOSS_RESTRICT query,
    const double *SYMLOSS_RESTRICT key,
    double temperature,
    double *SYMLOSS_RESTRICT workspace,
    double *SYMLOSS_RESTRICT value);

int symloss_info_nce_value_f32(
    size_t N,
    size_t D,
    const float *SYMLOSS_RESTRICT query,
    const float *SYMLOSS_RESTRICT key,
    float temperature,
    double *SYMLOSS_RESTRICT workspace,
    float *SYMLOSS_RESTRICT value);

int symloss_info_nce_gradient_f64(
    size_t N,
    size_t D,
    const double *SYMLOSS_RESTRICT query,
    const double *SYMLOSS_RESTRICT key,
    double temperature,
    double *SYMLOSS_RESTRICT workspace,
    double *SYMLOSS_RESTRICT gradient_query,
    double *SYMLOSS_RESTRICT gradient_key);

int symloss_info_nce_gradient_f32(
    size_t N,
    size_t D,
    const float *SYMLOSS_RESTRICT query,
    const float *SYMLOSS_RESTRICT key,
    float temperature,
    double *SYMLOSS_RESTRICT workspace,
    float *SYMLOSS_RESTRICT gradient_query,
    float *SYMLOSS_RESTRICT gradient_key);

int symloss_info_nce_value_and_gradient_f64(
    size_t N,
    size_t D,
    const double *SYMLOSS_RESTRICT query,
    const double *SYMLOSS_RESTRICT key,
    double temperature,
    double *SYMLOSS_RESTRICT workspace,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_query,
    double *SYMLOSS_RESTRICT gradient_key);

int symloss_info_nce_value_and_gradient_f32(
    size_t N,
    size_t D,
    const float *SYMLOSS_RESTRICT query,
    const float *SYMLOSS_RESTRICT key,
    float temperature,
    double *SYMLOSS_RESTRICT workspace,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_query,
    float *SYMLOSS_RESTRICT gradient_key);

#ifdef __cplusplus
}
#endif

#endif
