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
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate soft_dice --target c
 *
 * Measured against exact results:
 *     none: the code has changed since it was measured; run symloss certify
 */

#include "soft_dice.h"

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

int symloss_soft_dice_value_f64(
    size_t N,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    double smooth,
    double *SYMLOSS_RESTRICT value)
{
    (void)N;
    double sum_1_total = 0.0, sum_1_rest = 0.0;
    double sum_2_total = 0.0, sum_2_rest = 0.0;
    for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
        double sum_1_terms[SYMLOSS_BLOCK];
        double sum_2_terms[SYMLOSS_BLOCK];
        for (size_t i = block_start; i < block_stop; ++i) {
            sum_1_terms[i - block_start] = probability[i] + target[i];
            sum_2_terms[i - block_start] = (1.0 - probability[i]) * target[i] + (1.0 - target[i])
                * probability[i];
        }
        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
        symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
    }
    const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
    const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
    const double total = sum_1;
    const double whole_value = sum_2 / (smooth + total);

    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_soft_dice_value_f32(
    size_t N,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    float smooth,
    float *SYMLOSS_RESTRICT value)
{
    (void)N;
    double sum_1_total = 0.0;
    double sum_2_total = 0.0;
    for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
        float sum_1_terms[SYMLOSS_BLOCK];
        float sum_2_terms[SYMLOSS_BLOCK];
        for (size_t i = block_start; i < block_stop; ++i) {
            sum_1_terms[i - block_start] = probability[i] + target[i];
            sum_2_terms[i - block_start] = (1.0F - probability[i]) * target[i] + (1.0F - target[i])
                * probability[i];
        }
        symloss_add_allf(sum_1_terms, block_stop - block_start, &sum_1_total);
        symloss_add_allf(sum_2_terms, block_stop - block_start, &sum_2_total);
    }
    const float sum_1 = (float)sum_1_total;
    const float sum_2 = (float)sum_2_total;
    const float total = sum_1;
    const double whole_value = (double)(sum_2 / (smooth + total));

    value[0] = (float)whole_value;
    return SYMLOSS_OK;
}

int symloss_soft_dice_gradient_f64(
    size_t N,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    double smooth,
    double *SYMLOSS_RESTRICT gradient_probability)
{
    double sum_1_total = 0.0, sum_1_rest = 0.0;
    double sum_2_total = 0.0, sum_2_rest = 0.0;
    for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
        double sum_1_terms[SYMLOSS_BLOCK];
        double sum_2_terms[SYMLOSS_BLOCK];
        for (size_t i = block_start; i < block_stop; ++i) {
            sum_1_terms[i - block_start] = probability[i] + target[i];
            sum_2_terms[i - block_start] = probability[i] * target[i];
        }
        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
        symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
    }
    const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
    const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
    const double total = sum_1;
    const double intersection = sum_2;
    const double product_1 = 2.0 * intersection;
    const double term_1 = smooth + total;
    const double term_2 = 2.0 * (-smooth - total);
    for (size_t i = 0; i < N; ++i) {
        gradient_probability[i] = (product_1 + smooth + (term_2 == term_2
            ? (target[i] == 0.0 ? 0.0 : -2.0 * term_1 * target[i]) : term_2)) / term_1 / term_1;
    }

    return SYMLOSS_OK;
}

int symloss_soft_dice_gradient_f32(
    size_t N,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    float smooth,
    float *SYMLOSS_RESTRICT gradient_probability)
{
    double sum_1_total = 0.0;
    double sum_2_total = 0.0;
    for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
        float sum_1_terms[SYMLOSS_BLOCK];
        float sum_2_terms[SYMLOSS_BLOCK];
        for (size_t i = block_start; i < block_stop; ++i) {
            sum_1_terms[i - block_start] = probability[i] + target[i];
            sum_2_terms[i - block_start] = probability[i] * target[i];
        }
        symloss_add_allf(sum_1_terms, block_stop - block_start, &sum_1_total);
        symloss_add_allf(sum_2_terms, block_stop - block_start, &sum_2_total);
    }
    const float sum_1 = (float)sum_1_total;
    const float sum_2 = (float)sum_2_total;
    const float total = sum_1;
    const float intersection = sum_2;
    const float product_1 = 2.0F * intersection;
    const float term_1 = smooth + total;
    const float term_2 = 2.0F * (-smooth - total);
    for (size_t i = 0; i < N; ++i) {
        gradient_probability[i] = (product_1 + smooth + (term_2 == term_2
            ? (target[i] == 0.0F ? 0.0F : -2.0F * term_1 * target[i]) : term_2)) / term_1 / term_1;
    }

    return SYMLOSS_OK;
}

int symloss_soft_dice_value_and_gradient_f64(
    size_t N,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    double smooth,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_probability)
{
    double sum_1_total = 0.0, sum_1_rest = 0.0;
    double sum_2_total = 0.0, sum_2_rest = 0.0;
    double sum_3_total = 0.0, sum_3_rest = 0.0;
    for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
        double sum_1_terms[SYMLOSS_BLOCK];
        double sum_2_terms[SYMLOSS_BLOCK];
        double sum_3_terms[SYMLOSS_BLOCK];
        for (size_t i = block_start; i < block_stop; ++i) {
            sum_1_terms[i - block_start] = probability[i] + target[i];
            sum_2_terms[i - block_start] = (1.0 - probability[i]) * target[i] + (1.0 - target[i])
                * probability[i];
            sum_3_terms[i - block_start] = probability[i] * target[i];
        }
        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
        symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
        symloss_add_all(sum_3_terms, block_stop - block_start, &sum_3_total, &sum_3_rest);
    }
    const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
    const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
    const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
    const double total = sum_1;
    const double intersection = sum_3;
    const double term_1 = smooth + total;
    const double whole_value = sum_2 / term_1;
    const double product_1 = 2.0 * intersection;
    const double term_2 = 2.0 * (-smooth - total);
    for (size_t i = 0; i < N; ++i) {
        gradient_probability[i] = (product_1 + smooth + (term_2 == term_2
            ? (target[i] == 0.0 ? 0.0 : -2.0 * term_1 * target[i]) : term_2)) / term_1 / term_1;
    }

    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_soft_dice_value_and_gradient_f32(
    size_t N,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    float smooth,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_probability)
{
    double sum_1_total = 0.0;
    double sum_2_total = 0.0;
    double sum_3_total = 0.0;
    for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
        float sum_1_terms[SYMLOSS_BLOCK];
        float sum_2_terms[SYMLOSS_BLOCK];
        float sum_3_terms[SYMLOSS_BLOCK];
        for (size_t i = block_start; i < block_stop; ++i) {
            sum_1_terms[i - block_start] = probability[i] + target[i];
            sum_2_terms[i - block_start] = (1.0F - probability[i]) * target[i] + (1.0F - target[i])
                * probability[i];
            sum_3_terms[i - block_start] = probability[i] * target[i];
        }
        symloss_add_allf(sum_1_terms, block_stop - block_start, &sum_1_total);
        symloss_add_allf(sum_2_terms, block_stop - block_start, &sum_2_total);
        symloss_add_allf(sum_3_terms, block_stop - block_start, &sum_3_total);
    }
    const float sum_1 = (float)sum_1_total;
    const float sum_2 = (float)sum_2_total;
    const float sum_3 = (float)sum_3_total;
    const float total = sum_1;
    const float intersection = sum_3;
    const float term_1 = smooth + total;
    const double whole_value = (double)(sum_2 / term_1);
    const float product_1 = 2.0F * intersection;
    const float term_2 = 2.0F * (-smooth - total);
    for (size_t i = 0; i < N; ++i) {
        gradient_probability[i] = (product_1 + smooth + (term_2 == term_2
            ? (target[i] == 0.0F ? 0.0F : -2.0F * term_1 * target[i]) : term_2)) / term_1 / term_1;
    }

    value[0] = (float)whole_value;
    return SYMLOSS_OK;
}
