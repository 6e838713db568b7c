/*
 * soft_jaccard: One minus the intersection over union, with probabilities in place of the predicted
 *     region.
 *
 * loss of the batch = -(intersection + smooth)/(-intersection + smooth + total) + 1
 *   where intersection = Sum(probability[j]*target[j], (j, N))
 *   where total = Sum(probability[j] + target[j], (j, N))
 * d/dprobability = -((intersection + smooth)*(target[i] - 1) + (-intersection + smooth +
 *     total)*target[i])/(-intersection + smooth + total)**2
 *
 * probability: Probability['N'], (N)
 * target: Binary['N'], (N)
 * smooth: NonNegative, default 1
 * float: value, gradient, value_and_gradient computed in double, and rounded once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate soft_jaccard --target c
 *
 * Measured against exact results:
 *     float64: 6504 results, 0 % beyond the bound; worst 0.61 of the bound, 2.45 ulp (value)
 *     float32: 6408 results, 0 % beyond the bound; worst 0.12 of the bound, 0.50 ulp (value)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#include "soft_jaccard.h"

#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || defined(_M_FP_FAST) \
    || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "compile this without -ffast-math, with which sums and elementary functions lose all their digits"
#endif

/* Compilers fuse nothing of their own accord. */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
/* Nobody looks at errno and the flags of exceptions: gcc vectorises choices only then, clang anyway. */
#pragma GCC push_options
#pragma GCC optimize ("no-trapping-math", "no-math-errno", "fp-contract=off")
#endif

#include <math.h>

/* Loops run over blocks of entries. All this depends
 * on sizes alone, so that any number of threads gives the same bits. */
#define SYMLOSS_BLOCK ((size_t)128)
/* So many terms are added side by side, and so many examples computed that have few entries. */
#define SYMLOSS_LANES ((size_t)32)

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

/* Put zeros behind the last terms, so that lanes are full; there is room. */
static inline void symloss_fill(double *terms, size_t count) {
    double *const last = terms + count / SYMLOSS_LANES * SYMLOSS_LANES;
    const size_t rest = count % SYMLOSS_LANES;
    for (size_t at = 0; rest > 0 && at < SYMLOSS_LANES; ++at) {
        last[at] = at < rest ? last[at] : 0.0;
    }
}

/* A sum in several places, so that terms can be added side by side, some of a cache's lines at a time. */
#define SYMLOSS_LINE ((size_t)8)
struct symloss_sums {
    double totals[SYMLOSS_LANES], rests[SYMLOSS_LANES];
    int used; /* whether there is anything beyond the first place */
};

/* Add terms. Four make one, with two roundings, as each has some of its own; what else is lost is kept. */
static void symloss_add_all(
    double *SYMLOSS_RESTRICT terms, size_t count, struct symloss_sums *SYMLOSS_RESTRICT sums)
{
    size_t start = 0;
    if (count < SYMLOSS_LANES) { /* few are not worth what putting the places together takes */
        for (size_t at = 0; at < count; ++at) {
            symloss_add(terms[at], &sums->totals[0], &sums->rests[0]);
        }
        return;
    }
    for (; start + 4 * SYMLOSS_LANES <= count; start += 4 * SYMLOSS_LANES) {
        for (size_t place = 0; place < SYMLOSS_LANES; place += SYMLOSS_LINE) {
            const double *const line = terms + start + 4 * place;
            for (size_t at = 0; at < SYMLOSS_LINE; ++at) {
                const double first = line[at] + line[SYMLOSS_LINE + at];
                const double second = line[2 * SYMLOSS_LINE + at] + line[3 * SYMLOSS_LINE + at];
                symloss_add(first + second, &sums->totals[place + at], &sums->rests[place + at]);
            }
        }
    }
    symloss_fill(terms, count);
    for (; start < count; start += SYMLOSS_LANES) {
        for (size_t at = 0; at < SYMLOSS_LANES; ++at) {
            symloss_add(terms[start + at], &sums->totals[at], &sums->rests[at]);
        }
    }
    sums->used = 1;
}

static double symloss_total(struct symloss_sums *sums) {
    if (!sums->used) {
        return symloss_sum(sums->totals[0], sums->rests[0]);
    }
    for (size_t at = 0; at < 16; ++at) {
        symloss_add(sums->totals[16 + at], &sums->totals[at], &sums->rests[at]);
        sums->rests[at] += sums->rests[16 + at];
    }
    for (size_t at = 0; at < 8; ++at) {
        symloss_add(sums->totals[8 + at], &sums->totals[at], &sums->rests[at]);
        sums->rests[at] += sums->rests[8 + at];
    }
    for (size_t at = 0; at < 4; ++at) {
        symloss_add(sums->totals[4 + at], &sums->totals[at], &sums->rests[at]);
        sums->rests[at] += sums->rests[4 + at];
    }
    for (size_t at = 0; at < 2; ++at) {
        symloss_add(sums->totals[2 + at], &sums->totals[at], &sums->rests[at]);
        sums->rests[at] += sums->rests[2 + at];
    }
    for (size_t at = 0; at < 1; ++at) {
        symloss_add(sums->totals[1 + at], &sums->totals[at], &sums->rests[at]);
        sums->rests[at] += sums->rests[1 + at];
    }
    return symloss_sum(sums->totals[0], sums->rests[0]);
}

/* The same for sums that become a float, where what rounding a double leaves out does not matter. */
#define SYMLOSS_LINE_F32 ((size_t)16)
struct symloss_sums_f32 {
    double totals[SYMLOSS_LANES];
    int used;
};

static void symloss_add_all_f32(
    double *SYMLOSS_RESTRICT terms, size_t count, struct symloss_sums_f32 *SYMLOSS_RESTRICT sums)
{
    size_t start = 0;
    if (count < SYMLOSS_LANES) {
        for (size_t at = 0; at < count; ++at) {
            sums->totals[0] += terms[at];
        }
        return;
    }
    for (; start + 4 * SYMLOSS_LANES <= count; start += 4 * SYMLOSS_LANES) {
        for (size_t place = 0; place < SYMLOSS_LANES; place += SYMLOSS_LINE_F32) {
            const double *const line = terms + start + 4 * place;
            for (size_t at = 0; at < SYMLOSS_LINE_F32; ++at) {
                const double first = line[at] + line[SYMLOSS_LINE_F32 + at];
                const double second =
                    line[2 * SYMLOSS_LINE_F32 + at] + line[3 * SYMLOSS_LINE_F32 + at];
                sums->totals[place + at] += first + second;
            }
        }
    }
    symloss_fill(terms, count);
    for (; start < count; start += SYMLOSS_LANES) {
        for (size_t at = 0; at < SYMLOSS_LANES; ++at) {
            sums->totals[at] += terms[start + at];
        }
    }
    sums->used = 1;
}

static double symloss_total_f32(struct symloss_sums_f32 *sums) {
    if (!sums->used) {
        return sums->totals[0];
    }
    for (size_t at = 0; at < 16; ++at) {
        sums->totals[at] += sums->totals[16 + at];
    }
    for (size_t at = 0; at < 8; ++at) {
        sums->totals[at] += sums->totals[8 + at];
    }
    for (size_t at = 0; at < 4; ++at) {
        sums->totals[at] += sums->totals[4 + at];
    }
    for (size_t at = 0; at < 2; ++at) {
        sums->totals[at] += sums->totals[2 + at];
    }
    for (size_t at = 0; at < 1; ++at) {
        sums->totals[at] += sums->totals[1 + at];
    }
    return sums->totals[0];
}

int symloss_soft_jaccard_value_f64(
    size_t N,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    double smooth,
    double *SYMLOSS_RESTRICT value)
{
    struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
    struct symloss_sums sum_2_sums = {{0.0}, {0.0}, 0};
    for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
        double sum_1_terms[SYMLOSS_BLOCK];
        double sum_2_terms[SYMLOSS_BLOCK];
        for (size_t i = block_start; i < block_stop; ++i) {
            const double product_1 = (1.0 - target[i]) * probability[i];
            sum_1_terms[i - block_start] = product_1 + target[i];
            sum_2_terms[i - block_start] = product_1 + (1.0 - probability[i]) * target[i];
        }
        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
        symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_sums);
    }
    const double sum_1 = symloss_total(&sum_1_sums);
    const double sum_2 = symloss_total(&sum_2_sums);
    const double whole_value = sum_2 / (smooth + sum_1);
    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_soft_jaccard_value_f32(
    size_t N,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    float smooth,
    float *SYMLOSS_RESTRICT value)
{
    struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
    struct symloss_sums_f32 sum_2_sums = {{0.0}, 0};
    for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
        double sum_1_terms[SYMLOSS_BLOCK];
        double sum_2_terms[SYMLOSS_BLOCK];
        for (size_t i = block_start; i < block_stop; ++i) {
            const double product_1 = (1.0 - (double)target[i]) * (double)probability[i];
            sum_1_terms[i - block_start] = product_1 + (double)target[i];
            sum_2_terms[i - block_start] = product_1 + (1.0 - (double)probability[i]) * (double)target[i];
        }
        symloss_add_all_f32(sum_1_terms, block_stop - block_start, &sum_1_sums);
        symloss_add_all_f32(sum_2_terms, block_stop - block_start, &sum_2_sums);
    }
    const double sum_1 = symloss_total_f32(&sum_1_sums);
    const double sum_2 = symloss_total_f32(&sum_2_sums);
    const double whole_value = sum_2 / ((double)smooth + sum_1);
    value[0] = (float)whole_value;
    return SYMLOSS_OK;
}

int symloss_soft_jaccard_gradient_f64(
    size_t N,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    double smooth,
    double *SYMLOSS_RESTRICT gradient_probability)
{
    struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
    struct symloss_sums sum_2_sums = {{0.0}, {0.0}, 0};
    for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
        double sum_1_terms[SYMLOSS_BLOCK];
        double sum_2_terms[SYMLOSS_BLOCK];
        for (size_t i = block_start; i < block_stop; ++i) {
            sum_1_terms[i - block_start] = (1.0 - target[i]) * probability[i] + target[i];
            sum_2_terms[i - block_start] = probability[i] * target[i];
        }
        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
        symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_sums);
    }
    const double sum_1 = symloss_total(&sum_1_sums);
    const double sum_2 = symloss_total(&sum_2_sums);
    const double intersection = sum_2;
    const double term_1 = intersection + smooth;
    const double term_2 = smooth + sum_1;
    for (size_t i = 0; i < N; ++i) {
        const double term_3 = target[i] - 1.0;
        gradient_probability[i] = -(term_2 * target[i] + (term_1 == term_1
            ? (term_3 == 0.0 ? 0.0 : term_1 * term_3) : term_1)) / term_2 / term_2;
    }
    return SYMLOSS_OK;
}

int symloss_soft_jaccard_gradient_f32(
    size_t N,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    float smooth,
    float *SYMLOSS_RESTRICT gradient_probability)
{
    struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
    struct symloss_sums_f32 sum_2_sums = {{0.0}, 0};
    for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
        double sum_1_terms[SYMLOSS_BLOCK];
        double sum_2_terms[SYMLOSS_BLOCK];
        for (size_t i = block_start; i < block_stop; ++i) {
            sum_1_terms[i - block_start] = (1.0 - (double)target[i]) * (double)probability[i]
                + (double)target[i];
            sum_2_terms[i - block_start] = (double)probability[i] * (double)target[i];
        }
        symloss_add_all_f32(sum_1_terms, block_stop - block_start, &sum_1_sums);
        symloss_add_all_f32(sum_2_terms, block_stop - block_start, &sum_2_sums);
    }
    const double sum_1 = symloss_total_f32(&sum_1_sums);
    const double sum_2 = symloss_total_f32(&sum_2_sums);
    const double intersection = sum_2;
    const double term_1 = intersection + (double)smooth;
    const double term_2 = (double)smooth + sum_1;
    for (size_t i = 0; i < N; ++i) {
        const double term_3 = (double)target[i] - 1.0;
        gradient_probability[i] = (float)(-(term_2 * (double)target[i]
            + (term_1 == term_1 ? (term_3 == 0.0 ? 0.0 : term_1 * term_3) : term_1)) / term_2 / term_2);
    }
    return SYMLOSS_OK;
}

int symloss_soft_jaccard_value_and_gradient_f64(
    size_t N,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    double smooth,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_probability)
{
    struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
    struct symloss_sums sum_2_sums = {{0.0}, {0.0}, 0};
    struct symloss_sums sum_3_sums = {{0.0}, {0.0}, 0};
    for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
        double sum_1_terms[SYMLOSS_BLOCK];
        double sum_2_terms[SYMLOSS_BLOCK];
        double sum_3_terms[SYMLOSS_BLOCK];
        for (size_t i = block_start; i < block_stop; ++i) {
            const double product_1 = (1.0 - target[i]) * probability[i];
            sum_1_terms[i - block_start] = product_1 + target[i];
            sum_2_terms[i - block_start] = product_1 + (1.0 - probability[i]) * target[i];
            sum_3_terms[i - block_start] = probability[i] * target[i];
        }
        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
        symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_sums);
        symloss_add_all(sum_3_terms, block_stop - block_start, &sum_3_sums);
    }
    const double sum_1 = symloss_total(&sum_1_sums);
    const double sum_2 = symloss_total(&sum_2_sums);
    const double sum_3 = symloss_total(&sum_3_sums);
    const double intersection = sum_3;
    const double term_1 = smooth + sum_1;
    const double whole_value = sum_2 / term_1;
    const double term_2 = intersection + smooth;
    for (size_t i = 0; i < N; ++i) {
        const double term_3 = target[i] - 1.0;
        gradient_probability[i] = -(term_1 * target[i] + (term_2 == term_2
            ? (term_3 == 0.0 ? 0.0 : term_2 * term_3) : term_2)) / term_1 / term_1;
    }
    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_soft_jaccard_value_and_gradient_f32(
    size_t N,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    float smooth,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_probability)
{
    struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
    struct symloss_sums_f32 sum_2_sums = {{0.0}, 0};
    struct symloss_sums_f32 sum_3_sums = {{0.0}, 0};
    for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
        double sum_1_terms[SYMLOSS_BLOCK];
        double sum_2_terms[SYMLOSS_BLOCK];
        double sum_3_terms[SYMLOSS_BLOCK];
        for (size_t i = block_start; i < block_stop; ++i) {
            const double product_1 = (1.0 - (double)target[i]) * (double)probability[i];
            sum_1_terms[i - block_start] = product_1 + (double)target[i];
            sum_2_terms[i - block_start] = product_1 + (1.0 - (double)probability[i]) * (double)target[i];
            sum_3_terms[i - block_start] = (double)probability[i] * (double)target[i];
        }
        symloss_add_all_f32(sum_1_terms, block_stop - block_start, &sum_1_sums);
        symloss_add_all_f32(sum_2_terms, block_stop - block_start, &sum_2_sums);
        symloss_add_all_f32(sum_3_terms, block_stop - block_start, &sum_3_sums);
    }
    const double sum_1 = symloss_total_f32(&sum_1_sums);
    const double sum_2 = symloss_total_f32(&sum_2_sums);
    const double sum_3 = symloss_total_f32(&sum_3_sums);
    const double intersection = sum_3;
    const double term_1 = (double)smooth + sum_1;
    const double whole_value = sum_2 / term_1;
    const double term_2 = intersection + (double)smooth;
    for (size_t i = 0; i < N; ++i) {
        const double term_3 = (double)target[i] - 1.0;
        gradient_probability[i] = (float)(-(term_1 * (double)target[i]
            + (term_2 == term_2 ? (term_3 == 0.0 ? 0.0 : term_2 * term_3) : term_2)) / term_1 / term_1);
    }
    value[0] = (float)whole_value;
    return SYMLOSS_OK;
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif
