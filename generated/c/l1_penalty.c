/*
 * l1_penalty: The sum of the absolute values of the parameters, which drives many of them to exactly 0
 *     (the lasso).
 *
 * loss of the batch = Sum(Abs(parameters[j]), (j, P))
 * d/dparameters = sign(parameters[i])
 *
 * parameters: Real['P'], (P)
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate l1_penalty --target c
 *
 * Measured against exact results:
 *     none: the code has changed since it was measured; run symloss certify
 */

#include "l1_penalty.h"

#include <math.h>

/* Loops run over blocks of entries, and examples in some parts of at least so many entries. All this depends
 * on sizes alone, so that any number of threads gives the same bits. */
#define SYMLOSS_BLOCK ((size_t)256)
#define SYMLOSS_PARTS ((size_t)64)
#define SYMLOSS_PART ((size_t)16384)

/* Where a block ends. */
static inline size_t symloss_stop(size_t start, size_t end, size_t length) {
    return end - start < length ? end : start + length;
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

/* Add terms, and what rounding has left out of them, to a sum: by pairs of pairs, which compilers vectorise.
 * Both are overwritten. */
static void symloss_add_pairs(double *terms, double *rests, size_t count, double *total, double *rest) {
    while (count > 1) {
        const size_t half = count / 2, kept = count - half;
        for (size_t at = 0; at < half; ++at) {
            symloss_add(terms[kept + at], &terms[at], &rests[at]);
            rests[at] += rests[kept + at];
        }
        count = kept;
    }
    if (count > 0) {
        symloss_add(terms[0], total, rest);
        *rest += rests[0];
    }
}

/* Add a block of terms, which are overwritten, to a sum. */
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
    symloss_add_pairs(terms, rests, count, total, rest);
}

/* The same for sums that become a float, where what rounding a double leaves out does not matter. */
static void symloss_add_all_f32(double *terms, size_t count, double *total) {
    while (count > 7) {
        const size_t half = count / 2, kept = count - half;
        for (size_t at = 0; at < half; ++at) {
            terms[at] += terms[kept + at];
        }
        count = kept;
    }
    for (size_t at = 0; at < count; ++at) {
        *total += terms[at];
    }
}

/* The same for terms that are floats. */
static void symloss_add_allf(const float *terms, size_t count, double *total) {
    double pairs[SYMLOSS_BLOCK / 2];
    const size_t half = count / 2;
    for (size_t at = 0; at < half; ++at) {
        pairs[at] = (double)terms[at] + (double)terms[half + at];
    }
    if (count % 2 > 0) {
        *total += (double)terms[count - 1];
    }
    symloss_add_all_f32(pairs, half, total);
}

/* -1, 0 or 1; NaN of NaN. */
static inline double symloss_sign(double x) {
    return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x;
}

static inline float symloss_signf(float x) {
    return x > 0.0F ? 1.0F : x < 0.0F ? -1.0F : x;
}

int symloss_l1_penalty_value_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double *SYMLOSS_RESTRICT value)
{
    (void)P;
    double sum_1_total = 0.0, sum_1_rest = 0.0;
    for (size_t block_start = 0; block_start < P; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, P, SYMLOSS_BLOCK);
        double sum_1_terms[SYMLOSS_BLOCK];
        for (size_t p = block_start; p < block_stop; ++p) {
            sum_1_terms[p - block_start] = fabs(parameters[p]);
        }
        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
    }
    const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
    const double whole_value = sum_1;

    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_l1_penalty_value_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float *SYMLOSS_RESTRICT value)
{
    (void)P;
    double sum_1_total = 0.0;
    for (size_t block_start = 0; block_start < P; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, P, SYMLOSS_BLOCK);
        float sum_1_terms[SYMLOSS_BLOCK];
        for (size_t p = block_start; p < block_stop; ++p) {
            sum_1_terms[p - block_start] = fabsf(parameters[p]);
        }
        symloss_add_allf(sum_1_terms, block_stop - block_start, &sum_1_total);
    }
    const float sum_1 = (float)sum_1_total;
    const double whole_value = (double)(sum_1);

    value[0] = (float)whole_value;
    return SYMLOSS_OK;
}

int symloss_l1_penalty_gradient_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double *SYMLOSS_RESTRICT gradient_parameters)
{
    for (size_t p = 0; p < P; ++p) {
        gradient_parameters[p] = symloss_sign(parameters[p]);
    }

    return SYMLOSS_OK;
}

int symloss_l1_penalty_gradient_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float *SYMLOSS_RESTRICT gradient_parameters)
{
    for (size_t p = 0; p < P; ++p) {
        gradient_parameters[p] = symloss_signf(parameters[p]);
    }

    return SYMLOSS_OK;
}

int symloss_l1_penalty_value_and_gradient_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_parameters)
{
    (void)P;
    double sum_1_total = 0.0, sum_1_rest = 0.0;
    for (size_t block_start = 0; block_start < P; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, P, SYMLOSS_BLOCK);
        double sum_1_terms[SYMLOSS_BLOCK];
        for (size_t p = block_start; p < block_stop; ++p) {
            sum_1_terms[p - block_start] = fabs(parameters[p]);
            gradient_parameters[p] = symloss_sign(parameters[p]);
        }
        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
    }
    const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
    const double whole_value = sum_1;

    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_l1_penalty_value_and_gradient_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_parameters)
{
    (void)P;
    double sum_1_total = 0.0;
    for (size_t block_start = 0; block_start < P; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, P, SYMLOSS_BLOCK);
        float sum_1_terms[SYMLOSS_BLOCK];
        for (size_t p = block_start; p < block_stop; ++p) {
            sum_1_terms[p - block_start] = fabsf(parameters[p]);
            gradient_parameters[p] = symloss_signf(parameters[p]);
        }
        symloss_add_allf(sum_1_terms, block_stop - block_start, &sum_1_total);
    }
    const float sum_1 = (float)sum_1_total;
    const double whole_value = (double)(sum_1);

    value[0] = (float)whole_value;
    return SYMLOSS_OK;
}
