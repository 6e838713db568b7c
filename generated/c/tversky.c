/*
 * tversky: One minus the Tversky index, in which false positives and false negatives are weighed
 *     separately.
 *
 * loss of the batch = -(smooth + true_positive)/(alpha*false_positive + beta*false_negative + smooth +
 *     true_positive) + 1
 *   where true_positive = Sum(probability[j]*target[j], (j, N))
 *   where false_positive = Sum((1 - target[j])*probability[j], (j, N))
 *   where false_negative = Sum((1 - probability[j])*target[j], (j, N))
 * d/dprobability = -((smooth + true_positive)*(alpha*(target[i] - 1) + beta*target[i] - target[i]) +
 *     (alpha*false_positive + beta*false_negative + smooth +
 *     true_positive)*target[i])/(alpha*false_positive + beta*false_negative + smooth +
 *     true_positive)**2
 *
 * probability: Probability['N'], (N)
 * target: Binary['N'], (N)
 * alpha: NonNegative, default 0.5
 * beta: NonNegative, default 0.5
 * smooth: NonNegative, default 1
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate tversky --target c
 *
 * Measured against exact results:
 *     none: the code has changed since it was measured; run symloss certify
 */

#include "tversky.h"

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

int symloss_tversky_value_f64(
    size_t N,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    double alpha,
    double beta,
    double smooth,
    double *SYMLOSS_RESTRICT value)
{
    (void)N;
    double sum_1_total = 0.0, sum_1_rest = 0.0;
    double sum_2_total = 0.0, sum_2_rest = 0.0;
    double sum_3_total = 0.0, sum_3_rest = 0.0;
    for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
        double sum_1_terms[SYMLOSS_BLOCK];
        double sum_2_terms[SYMLOSS_BLOCK];
        double sum_3_terms[SYMLOSS_BLOCK];
        for (size_t i = block_start; i < block_stop; ++i) {
            sum_1_terms[i - block_start] = probability[i] * target[i];
            sum_2_terms[i - block_start] = (1.0 - probability[i]) * target[i];
            sum_3_terms[i - block_start] = (1.0 - target[i]) * probability[i];
        }
        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
        symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
        symloss_add_all(sum_3_terms, block_stop - block_start, &sum_3_total, &sum_3_rest);
    }
    const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
    const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
    const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
    const double true_positive = sum_1;
    const double false_negative = sum_2;
    const double false_positive = sum_3;
    const double product_1 = false_positive * alpha;
    const double product_2 = false_negative * beta;
    const double whole_value = (product_1 + product_2) / (product_1 + product_2 + smooth + true_positive);

    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_tversky_value_f32(
    size_t N,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    float alpha,
    float beta,
    float smooth,
    float *SYMLOSS_RESTRICT value)
{
    (void)N;
    double sum_1_total = 0.0;
    double sum_2_total = 0.0;
    double sum_3_total = 0.0;
    for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
        float sum_1_terms[SYMLOSS_BLOCK];
        float sum_2_terms[SYMLOSS_BLOCK];
        float sum_3_terms[SYMLOSS_BLOCK];
        for (size_t i = block_start; i < block_stop; ++i) {
            sum_1_terms[i - block_start] = probability[i] * target[i];
            sum_2_terms[i - block_start] = (1.0F - probability[i]) * target[i];
            sum_3_terms[i - block_start] = (1.0F - target[i]) * probability[i];
        }
        symloss_add_allf(sum_1_terms, block_stop - block_start, &sum_1_total);
        symloss_add_allf(sum_2_terms, block_stop - block_start, &sum_2_total);
        symloss_add_allf(sum_3_terms, block_stop - block_start, &sum_3_total);
    }
    const float sum_1 = (float)sum_1_total;
    const float sum_2 = (float)sum_2_total;
    const float sum_3 = (float)sum_3_total;
    const float true_positive = sum_1;
    const float false_negative = sum_2;
    const float false_positive = sum_3;
    const float product_1 = false_positive * alpha;
    const float product_2 = false_negative * beta;
    const double whole_value = (double)((product_1 + product_2)
        / (product_1 + product_2 + smooth + true_positive));

    value[0] = (float)whole_value;
    return SYMLOSS_OK;
}

int symloss_tversky_gradient_f64(
    size_t N,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    double alpha,
    double beta,
    double smooth,
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
            sum_1_terms[i - block_start] = probability[i] * target[i];
            sum_2_terms[i - block_start] = (1.0 - probability[i]) * target[i];
            sum_3_terms[i - block_start] = (1.0 - target[i]) * probability[i];
        }
        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
        symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
        symloss_add_all(sum_3_terms, block_stop - block_start, &sum_3_total, &sum_3_rest);
    }
    const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
    const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
    const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
    const double true_positive = sum_1;
    const double false_negative = sum_2;
    const double false_positive = sum_3;
    const double term_1 = smooth + true_positive;
    const double term_2 = false_positive * alpha + false_negative * beta;
    const double term_3 = false_positive * alpha + false_negative * beta + smooth + true_positive;
    for (size_t i = 0; i < N; ++i) {
        gradient_probability[i] = -(term_1 * (alpha * (target[i] - 1.0) + beta * target[i])
            + (term_2 == term_2 ? (target[i] == 0.0 ? 0.0 : term_2 * target[i]) : term_2)) / term_3 / term_3;
    }

    return SYMLOSS_OK;
}

int symloss_tversky_gradient_f32(
    size_t N,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    float alpha,
    float beta,
    float smooth,
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
            sum_1_terms[i - block_start] = probability[i] * target[i];
            sum_2_terms[i - block_start] = (1.0F - probability[i]) * target[i];
            sum_3_terms[i - block_start] = (1.0F - target[i]) * probability[i];
        }
        symloss_add_allf(sum_1_terms, block_stop - block_start, &sum_1_total);
        symloss_add_allf(sum_2_terms, block_stop - block_start, &sum_2_total);
        symloss_add_allf(sum_3_terms, block_stop - block_start, &sum_3_total);
    }
    const float sum_1 = (float)sum_1_total;
    const float sum_2 = (float)sum_2_total;
    const float sum_3 = (float)sum_3_total;
    const float true_positive = sum_1;
    const float false_negative = sum_2;
    const float false_positive = sum_3;
    const float term_1 = smooth + true_positive;
    const float term_2 = false_positive * alpha + false_negative * beta;
    const float term_3 = false_positive * alpha + false_negative * beta + smooth + true_positive;
    for (size_t i = 0; i < N; ++i) {
        gradient_probability[i] = -(term_1 * (alpha * (target[i] - 1.0F) + beta * target[i])
            + (term_2 == term_2 ? (target[i] == 0.0F ? 0.0F : term_2 * target[i]) : term_2)) / term_3
            / term_3;
    }

    return SYMLOSS_OK;
}

int symloss_tversky_value_and_gradient_f64(
    size_t N,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    double alpha,
    double beta,
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
            sum_1_terms[i - block_start] = probability[i] * target[i];
            sum_2_terms[i - block_start] = (1.0 - probability[i]) * target[i];
            sum_3_terms[i - block_start] = (1.0 - target[i]) * probability[i];
        }
        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
        symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
        symloss_add_all(sum_3_terms, block_stop - block_start, &sum_3_total, &sum_3_rest);
    }
    const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
    const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
    const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
    const double true_positive = sum_1;
    const double false_negative = sum_2;
    const double false_positive = sum_3;
    const double product_1 = false_positive * alpha;
    const double product_2 = false_negative * beta;
    const double term_1 = product_1 + product_2;
    const double term_2 = product_1 + product_2 + smooth + true_positive;
    const double whole_value = term_1 / term_2;
    const double term_3 = smooth + true_positive;
    for (size_t i = 0; i < N; ++i) {
        gradient_probability[i] = -(term_3 * (alpha * (target[i] - 1.0) + beta * target[i])
            + (term_1 == term_1 ? (target[i] == 0.0 ? 0.0 : term_1 * target[i]) : term_1)) / term_2 / term_2;
    }

    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_tversky_value_and_gradient_f32(
    size_t N,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    float alpha,
    float beta,
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
            sum_1_terms[i - block_start] = probability[i] * target[i];
            sum_2_terms[i - block_start] = (1.0F - probability[i]) * target[i];
            sum_3_terms[i - block_start] = (1.0F - target[i]) * probability[i];
        }
        symloss_add_allf(sum_1_terms, block_stop - block_start, &sum_1_total);
        symloss_add_allf(sum_2_terms, block_stop - block_start, &sum_2_total);
        symloss_add_allf(sum_3_terms, block_stop - block_start, &sum_3_total);
    }
    const float sum_1 = (float)sum_1_total;
    const float sum_2 = (float)sum_2_total;
    const float sum_3 = (float)sum_3_total;
    const float true_positive = sum_1;
    const float false_negative = sum_2;
    const float false_positive = sum_3;
    const float product_1 = false_positive * alpha;
    const float product_2 = false_negative * beta;
    const float term_1 = product_1 + product_2;
    const float term_2 = product_1 + product_2 + smooth + true_positive;
    const double whole_value = (double)(term_1 / term_2);
    const float term_3 = smooth + true_positive;
    for (size_t i = 0; i < N; ++i) {
        gradient_probability[i] = -(term_3 * (alpha * (target[i] - 1.0F) + beta * target[i])
            + (term_1 == term_1 ? (target[i] == 0.0F ? 0.0F : term_1 * target[i]) : term_1)) / term_2
            / term_2;
    }

    value[0] = (float)whole_value;
    return SYMLOSS_OK;
}
