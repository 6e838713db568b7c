/*
 * l2_penalty: The sum of the squares of the parameters, which shrinks all of them towards 0 (ridge
 *     regression).
 *
 * loss of the batch = Sum(parameters[j]**2, (j, P))
 * d/dparameters = 2*parameters[i]
 *
 * parameters: Real['P'], (P)
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate l2_penalty --target c
 *
 * Measured against exact results:
 *     float64: 8554 results, 0 % beyond the bound; worst 0.14 of the bound, 0.98 ulp (value)
 *     float32: 8538 results, 0 % beyond the bound; worst 0.08 of the bound, 0.50 ulp (value)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -std=c99 -O3 -ffp-
 *         contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 */

#include "l2_penalty.h"

#include <math.h>

/* Loops run over blocks of entries, and examples in some parts of at least so many entries. All this depends
 * on sizes alone, so that any number of threads gives the same bits. */
#define SYMLOSS_BLOCK ((size_t)256)
#define SYMLOSS_PARTS ((size_t)64)
#define SYMLOSS_PART ((size_t)16384)

/* Where a block ends. */
static inline size_t symloss_stop(size_t start, size_t end) {
    return end - start < SYMLOSS_BLOCK ? end : start + SYMLOSS_BLOCK;
}

/* Add a term to a sum: total is the rounded sum so far, rest what rounding has left out (Knuth's TwoSum). */
static inline void symloss_add(double term, double *total, double *rest) {
    const double sum = *total + term;
    const double kept = sum - *total;
    *rest += (*total - (sum - kept)) + (term - kept);
    *total = sum;
}

/* The sum itself; where it is infinite, the rest is no number. */
static inline double symloss_sum(double total, double rest) {
    return rest == rest ? total + rest : total;
}

/* Add a block of terms, which are overwritten, to a sum: by pairs of pairs, which compilers vectorise. */
static void symloss_add_all(double *terms, size_t count, double *total, double *rest) {
    double rests[SYMLOSS_BLOCK];
    if (count < 32) {
        for (size_t at = 0; at < count; ++at) {
            symloss_add(terms[at], total, rest);
        }
        return;
    }
    for (size_t at = 0; at < count; ++at) {
        rests[at] = 0.0;
    }
    while (count > 1) {
        const size_t half = count / 2, kept = count - half;
        for (size_t at = 0; at < half; ++at) {
            symloss_add(terms[kept + at], &terms[at], &rests[at]);
            rests[at] += rests[kept + at];
        }
        count = kept;
    }
    symloss_add(terms[0], total, rest);
    *rest += rests[0];
}

int symloss_l2_penalty_value_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double *SYMLOSS_RESTRICT value)
{
    double sum_1_total = 0.0, sum_1_rest = 0.0;
    for (size_t block_start = 0; block_start < P; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, P);
        double sum_1_terms[SYMLOSS_BLOCK];
        for (size_t p = block_start; p < block_stop; ++p) {
            sum_1_terms[p - block_start] = parameters[p] * parameters[p];
        }
        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
    }
    const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
    const double whole_value = sum_1;

    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_l2_penalty_value_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float *SYMLOSS_RESTRICT value)
{
    double sum_1_total = 0.0, sum_1_rest = 0.0;
    for (size_t block_start = 0; block_start < P; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, P);
        double sum_1_terms[SYMLOSS_BLOCK];
        for (size_t p = block_start; p < block_stop; ++p) {
            sum_1_terms[p - block_start] = (double)parameters[p] * (double)parameters[p];
        }
        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
    }
    const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
    const double whole_value = sum_1;

    value[0] = (float)whole_value;
    return SYMLOSS_OK;
}

int symloss_l2_penalty_gradient_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double *SYMLOSS_RESTRICT gradient_parameters)
{
    for (size_t p = 0; p < P; ++p) {
        gradient_parameters[p] = 2.0 * parameters[p];
    }

    return SYMLOSS_OK;
}

int symloss_l2_penalty_gradient_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float *SYMLOSS_RESTRICT gradient_parameters)
{
    for (size_t p = 0; p < P; ++p) {
        gradient_parameters[p] = (float)(2.0 * (double)parameters[p]);
    }

    return SYMLOSS_OK;
}

int symloss_l2_penalty_value_and_gradient_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_parameters)
{
    double sum_1_total = 0.0, sum_1_rest = 0.0;
    for (size_t block_start = 0; block_start < P; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, P);
        double sum_1_terms[SYMLOSS_BLOCK];
        for (size_t p = block_start; p < block_stop; ++p) {
            sum_1_terms[p - block_start] = parameters[p] * parameters[p];
            gradient_parameters[p] = 2.0 * parameters[p];
        }
        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
    }
    const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
    const double whole_value = sum_1;

    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_l2_penalty_value_and_gradient_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_parameters)
{
    double sum_1_total = 0.0, sum_1_rest = 0.0;
    for (size_t block_start = 0; block_start < P; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, P);
        double sum_1_terms[SYMLOSS_BLOCK];
        for (size_t p = block_start; p < block_stop; ++p) {
            sum_1_terms[p - block_start] = (double)parameters[p] * (double)parameters[p];
            gradient_parameters[p] = (float)(2.0 * (double)parameters[p]);
        }
        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
    }
    const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
    const double whole_value = sum_1;

    value[0] = (float)whole_value;
    return SYMLOSS_OK;
}
