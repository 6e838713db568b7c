/*
 * elastic_net: A mixture of the absolute values and half the squares of the parameters.
 *
 * loss of the batch = l1_ratio*Sum(Abs(parameters[j]), (j, P)) + (1/2 -
 *     l1_ratio/2)*Sum(parameters[j]**2, (j, P))
 * d/dparameters = l1_ratio*sign(parameters[i]) + (1 - l1_ratio)*parameters[i]
 *
 * parameters: Real['P'], (P)
 * l1_ratio: Probability, default 0.5
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate elastic_net --target c
 *
 * Measured against exact results:
 *     float64: 6286 results, 0 % beyond the bound; worst 0.22 of the bound, 1.44 ulp (value)
 *     float32: 6378 results, 0 % beyond the bound; worst 0.12 of the bound, 0.48 ulp (value)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -std=c99 -O3 -ffp-
 *         contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 */

#include "elastic_net.h"

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

/* -1, 0 or 1; NaN of NaN. */
static inline double symloss_sign(double x) {
    return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x;
}

int symloss_elastic_net_value_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double l1_ratio,
    double *SYMLOSS_RESTRICT value)
{
    (void)P;
    double sum_1_total = 0.0, sum_1_rest = 0.0;
    double sum_2_total = 0.0, sum_2_rest = 0.0;
    for (size_t block_start = 0; block_start < P; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, P, SYMLOSS_BLOCK);
        double sum_1_terms[SYMLOSS_BLOCK];
        double sum_2_terms[SYMLOSS_BLOCK];
        for (size_t p = block_start; p < block_stop; ++p) {
            sum_1_terms[p - block_start] = fabs(parameters[p]);
            sum_2_terms[p - block_start] = parameters[p] * parameters[p];
        }
        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
        symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
    }
    const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
    const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
    const double term_1 = 0.5 * (1.0 - l1_ratio);
    const double whole_value = (sum_1 == sum_1 ? (l1_ratio == 0.0 ? 0.0 : sum_1 * l1_ratio) : sum_1)
        + (sum_2 == sum_2 ? (term_1 == 0.0 ? 0.0 : sum_2 * term_1) : sum_2);

    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_elastic_net_value_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float l1_ratio,
    float *SYMLOSS_RESTRICT value)
{
    (void)P;
    double sum_1_total = 0.0;
    double sum_2_total = 0.0;
    for (size_t block_start = 0; block_start < P; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, P, SYMLOSS_BLOCK);
        double sum_1_terms[SYMLOSS_BLOCK];
        double sum_2_terms[SYMLOSS_BLOCK];
        for (size_t p = block_start; p < block_stop; ++p) {
            sum_1_terms[p - block_start] = fabs((double)parameters[p]);
            sum_2_terms[p - block_start] = (double)parameters[p] * (double)parameters[p];
        }
        symloss_add_all_f32(sum_1_terms, block_stop - block_start, &sum_1_total);
        symloss_add_all_f32(sum_2_terms, block_stop - block_start, &sum_2_total);
    }
    const double sum_1 = sum_1_total;
    const double sum_2 = sum_2_total;
    const double term_1 = 0.5 * (1.0 - (double)l1_ratio);
    const double whole_value = (sum_1 == sum_1 ? ((double)l1_ratio == 0.0 ? 0.0 : sum_1 * (double)l1_ratio)
        : sum_1) + (sum_2 == sum_2 ? (term_1 == 0.0 ? 0.0 : sum_2 * term_1) : sum_2);

    value[0] = (float)whole_value;
    return SYMLOSS_OK;
}

int symloss_elastic_net_gradient_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double l1_ratio,
    double *SYMLOSS_RESTRICT gradient_parameters)
{
    const double term_1 = 1.0 - l1_ratio;
    for (size_t p = 0; p < P; ++p) {
        gradient_parameters[p] = l1_ratio * symloss_sign(parameters[p]) + term_1 * parameters[p];
    }

    return SYMLOSS_OK;
}

int symloss_elastic_net_gradient_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float l1_ratio,
    float *SYMLOSS_RESTRICT gradient_parameters)
{
    const double term_1 = 1.0 - (double)l1_ratio;
    for (size_t p = 0; p < P; ++p) {
        gradient_parameters[p] = (float)((double)l1_ratio * symloss_sign((double)parameters[p]) + term_1
            * (double)parameters[p]);
    }

    return SYMLOSS_OK;
}

int symloss_elastic_net_value_and_gradient_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double l1_ratio,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_parameters)
{
    (void)P;
    const double term_1 = 1.0 - l1_ratio;
    double sum_1_total = 0.0, sum_1_rest = 0.0;
    double sum_2_total = 0.0, sum_2_rest = 0.0;
    for (size_t block_start = 0; block_start < P; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, P, SYMLOSS_BLOCK);
        double sum_1_terms[SYMLOSS_BLOCK];
        double sum_2_terms[SYMLOSS_BLOCK];
        for (size_t p = block_start; p < block_stop; ++p) {
            sum_1_terms[p - block_start] = fabs(parameters[p]);
            sum_2_terms[p - block_start] = parameters[p] * parameters[p];
            gradient_parameters[p] = l1_ratio * symloss_sign(parameters[p]) + term_1 * parameters[p];
        }
        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
        symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
    }
    const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
    const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
    const double term_2 = 0.5 * (1.0 - l1_ratio);
    const double whole_value = (sum_1 == sum_1 ? (l1_ratio == 0.0 ? 0.0 : sum_1 * l1_ratio) : sum_1)
        + (sum_2 == sum_2 ? (term_2 == 0.0 ? 0.0 : sum_2 * term_2) : sum_2);

    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_elastic_net_value_and_gradient_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float l1_ratio,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_parameters)
{
    (void)P;
    const double term_1 = 1.0 - (double)l1_ratio;
    double sum_1_total = 0.0;
    double sum_2_total = 0.0;
    for (size_t block_start = 0; block_start < P; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, P, SYMLOSS_BLOCK);
        double sum_1_terms[SYMLOSS_BLOCK];
        double sum_2_terms[SYMLOSS_BLOCK];
        for (size_t p = block_start; p < block_stop; ++p) {
            sum_1_terms[p - block_start] = fabs((double)parameters[p]);
            sum_2_terms[p - block_start] = (double)parameters[p] * (double)parameters[p];
            gradient_parameters[p] = (float)((double)l1_ratio * symloss_sign((double)parameters[p]) + term_1
                * (double)parameters[p]);
        }
        symloss_add_all_f32(sum_1_terms, block_stop - block_start, &sum_1_total);
        symloss_add_all_f32(sum_2_terms, block_stop - block_start, &sum_2_total);
    }
    const double sum_1 = sum_1_total;
    const double sum_2 = sum_2_total;
    const double term_2 = 0.5 * (1.0 - (double)l1_ratio);
    const double whole_value = (sum_1 == sum_1 ? ((double)l1_ratio == 0.0 ? 0.0 : sum_1 * (double)l1_ratio)
        : sum_1) + (sum_2 == sum_2 ? (term_2 == 0.0 ? 0.0 : sum_2 * term_2) : sum_2);

    value[0] = (float)whole_value;
    return SYMLOSS_OK;
}
