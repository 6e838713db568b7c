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
 * float: value, gradient, value_and_gradient computed in float, sums in double
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate tversky --target c
 *
 * Measured against exact results:
 *     float64: 4280 results, 0 % beyond the bound; worst 0.53 of the bound, 4.21 ulp (gradient)
 *     float32: 4392 results, 0 % beyond the bound; worst 0.50 of the bound, 3.75 ulp (gradient)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#include "tversky.h"

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
#define SYMLOSS_BLOCKF ((size_t)256)
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

/* Put zeros behind the last terms, so that lanes are full; there is room. */
static inline void symloss_fillf(float *terms, size_t count) {
    float *const last = terms + count / SYMLOSS_LANES * SYMLOSS_LANES;
    const size_t rest = count % SYMLOSS_LANES;
    for (size_t at = 0; rest > 0 && at < SYMLOSS_LANES; ++at) {
        last[at] = at < rest ? last[at] : 0.0F;
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

/* Entries of a row of floats: four are added as floats, as each has roundings of its own. */
static void symloss_add_entriesf(
    float *SYMLOSS_RESTRICT terms, size_t count, struct symloss_sums_f32 *SYMLOSS_RESTRICT sums)
{
    size_t start = 0;
    if (count < SYMLOSS_LANES) {
        for (size_t at = 0; at < count; ++at) {
            sums->totals[0] += (double)terms[at];
        }
        return;
    }
    for (; start + 4 * SYMLOSS_LANES <= count; start += 4 * SYMLOSS_LANES) {
        for (size_t place = 0; place < SYMLOSS_LANES; place += SYMLOSS_LINE_F32) {
            const float *const line = terms + start + 4 * place;
            for (size_t at = 0; at < SYMLOSS_LINE_F32; ++at) {
                const float first = line[at] + line[SYMLOSS_LINE_F32 + at];
                const float second =
                    line[2 * SYMLOSS_LINE_F32 + at] + line[3 * SYMLOSS_LINE_F32 + at];
                sums->totals[place + at] += (double)(first + second);
            }
        }
    }
    symloss_fillf(terms, count);
    for (; start < count; start += SYMLOSS_LANES) {
        for (size_t at = 0; at < SYMLOSS_LANES; ++at) {
            sums->totals[at] += (double)terms[start + at];
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

int symloss_tversky_value_f64(
    size_t N,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    double alpha,
    double beta,
    double smooth,
    double *SYMLOSS_RESTRICT value)
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
            sum_1_terms[i - block_start] = probability[i] * target[i];
            sum_2_terms[i - block_start] = (1.0 - probability[i]) * target[i];
            sum_3_terms[i - block_start] = (1.0 - target[i]) * probability[i];
        }
        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
        symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_sums);
        symloss_add_all(sum_3_terms, block_stop - block_start, &sum_3_sums);
    }
    const double sum_1 = symloss_total(&sum_1_sums);
    const double sum_2 = symloss_total(&sum_2_sums);
    const double sum_3 = symloss_total(&sum_3_sums);
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
    struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
    struct symloss_sums_f32 sum_2_sums = {{0.0}, 0};
    struct symloss_sums_f32 sum_3_sums = {{0.0}, 0};
    for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCKF) {
        const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCKF);
        float sum_1_terms[SYMLOSS_BLOCKF];
        float sum_2_terms[SYMLOSS_BLOCKF];
        float sum_3_terms[SYMLOSS_BLOCKF];
        for (size_t i = block_start; i < block_stop; ++i) {
            sum_1_terms[i - block_start] = probability[i] * target[i];
            sum_2_terms[i - block_start] = (1.0F - probability[i]) * target[i];
            sum_3_terms[i - block_start] = (1.0F - target[i]) * probability[i];
        }
        symloss_add_entriesf(sum_1_terms, block_stop - block_start, &sum_1_sums);
        symloss_add_entriesf(sum_2_terms, block_stop - block_start, &sum_2_sums);
        symloss_add_entriesf(sum_3_terms, block_stop - block_start, &sum_3_sums);
    }
    const float sum_1 = (float)symloss_total_f32(&sum_1_sums);
    const float sum_2 = (float)symloss_total_f32(&sum_2_sums);
    const float sum_3 = (float)symloss_total_f32(&sum_3_sums);
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
    struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
    struct symloss_sums sum_2_sums = {{0.0}, {0.0}, 0};
    struct symloss_sums sum_3_sums = {{0.0}, {0.0}, 0};
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
        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
        symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_sums);
        symloss_add_all(sum_3_terms, block_stop - block_start, &sum_3_sums);
    }
    const double sum_1 = symloss_total(&sum_1_sums);
    const double sum_2 = symloss_total(&sum_2_sums);
    const double sum_3 = symloss_total(&sum_3_sums);
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
    struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
    struct symloss_sums_f32 sum_2_sums = {{0.0}, 0};
    struct symloss_sums_f32 sum_3_sums = {{0.0}, 0};
    for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCKF) {
        const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCKF);
        float sum_1_terms[SYMLOSS_BLOCKF];
        float sum_2_terms[SYMLOSS_BLOCKF];
        float sum_3_terms[SYMLOSS_BLOCKF];
        for (size_t i = block_start; i < block_stop; ++i) {
            sum_1_terms[i - block_start] = probability[i] * target[i];
            sum_2_terms[i - block_start] = (1.0F - probability[i]) * target[i];
            sum_3_terms[i - block_start] = (1.0F - target[i]) * probability[i];
        }
        symloss_add_entriesf(sum_1_terms, block_stop - block_start, &sum_1_sums);
        symloss_add_entriesf(sum_2_terms, block_stop - block_start, &sum_2_sums);
        symloss_add_entriesf(sum_3_terms, block_stop - block_start, &sum_3_sums);
    }
    const float sum_1 = (float)symloss_total_f32(&sum_1_sums);
    const float sum_2 = (float)symloss_total_f32(&sum_2_sums);
    const float sum_3 = (float)symloss_total_f32(&sum_3_sums);
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
    struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
    struct symloss_sums sum_2_sums = {{0.0}, {0.0}, 0};
    struct symloss_sums sum_3_sums = {{0.0}, {0.0}, 0};
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
        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
        symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_sums);
        symloss_add_all(sum_3_terms, block_stop - block_start, &sum_3_sums);
    }
    const double sum_1 = symloss_total(&sum_1_sums);
    const double sum_2 = symloss_total(&sum_2_sums);
    const double sum_3 = symloss_total(&sum_3_sums);
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
    struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
    struct symloss_sums_f32 sum_2_sums = {{0.0}, 0};
    struct symloss_sums_f32 sum_3_sums = {{0.0}, 0};
    for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCKF) {
        const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCKF);
        float sum_1_terms[SYMLOSS_BLOCKF];
        float sum_2_terms[SYMLOSS_BLOCKF];
        float sum_3_terms[SYMLOSS_BLOCKF];
        for (size_t i = block_start; i < block_stop; ++i) {
            sum_1_terms[i - block_start] = probability[i] * target[i];
            sum_2_terms[i - block_start] = (1.0F - probability[i]) * target[i];
            sum_3_terms[i - block_start] = (1.0F - target[i]) * probability[i];
        }
        symloss_add_entriesf(sum_1_terms, block_stop - block_start, &sum_1_sums);
        symloss_add_entriesf(sum_2_terms, block_stop - block_start, &sum_2_sums);
        symloss_add_entriesf(sum_3_terms, block_stop - block_start, &sum_3_sums);
    }
    const float sum_1 = (float)symloss_total_f32(&sum_1_sums);
    const float sum_2 = (float)symloss_total_f32(&sum_2_sums);
    const float sum_3 = (float)symloss_total_f32(&sum_3_sums);
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

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif
