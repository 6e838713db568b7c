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

#include "elastic_net.h"

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
    struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
    struct symloss_sums sum_2_sums = {{0.0}, {0.0}, 0};
    for (size_t block_start = 0; block_start < P; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, P, SYMLOSS_BLOCK);
        double sum_1_terms[SYMLOSS_BLOCK];
        double sum_2_terms[SYMLOSS_BLOCK];
        for (size_t p = block_start; p < block_stop; ++p) {
            sum_1_terms[p - block_start] = fabs(parameters[p]);
            sum_2_terms[p - block_start] = parameters[p] * parameters[p];
        }
        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
        symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_sums);
    }
    const double sum_1 = symloss_total(&sum_1_sums);
    const double sum_2 = symloss_total(&sum_2_sums);
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
    struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
    struct symloss_sums_f32 sum_2_sums = {{0.0}, 0};
    for (size_t block_start = 0; block_start < P; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, P, SYMLOSS_BLOCK);
        double sum_1_terms[SYMLOSS_BLOCK];
        double sum_2_terms[SYMLOSS_BLOCK];
        for (size_t p = block_start; p < block_stop; ++p) {
            sum_1_terms[p - block_start] = fabs((double)parameters[p]);
            sum_2_terms[p - block_start] = (double)parameters[p] * (double)parameters[p];
        }
        symloss_add_all_f32(sum_1_terms, block_stop - block_start, &sum_1_sums);
        symloss_add_all_f32(sum_2_terms, block_stop - block_start, &sum_2_sums);
    }
    const double sum_1 = symloss_total_f32(&sum_1_sums);
    const double sum_2 = symloss_total_f32(&sum_2_sums);
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
    const double term_1 = 1.0 - l1_ratio;
    struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
    struct symloss_sums sum_2_sums = {{0.0}, {0.0}, 0};
    for (size_t block_start = 0; block_start < P; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, P, SYMLOSS_BLOCK);
        double sum_1_terms[SYMLOSS_BLOCK];
        double sum_2_terms[SYMLOSS_BLOCK];
        for (size_t p = block_start; p < block_stop; ++p) {
            sum_1_terms[p - block_start] = fabs(parameters[p]);
            sum_2_terms[p - block_start] = parameters[p] * parameters[p];
            gradient_parameters[p] = l1_ratio * symloss_sign(parameters[p]) + term_1 * parameters[p];
        }
        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
        symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_sums);
    }
    const double sum_1 = symloss_total(&sum_1_sums);
    const double sum_2 = symloss_total(&sum_2_sums);
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
    const double term_1 = 1.0 - (double)l1_ratio;
    struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
    struct symloss_sums_f32 sum_2_sums = {{0.0}, 0};
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
        symloss_add_all_f32(sum_1_terms, block_stop - block_start, &sum_1_sums);
        symloss_add_all_f32(sum_2_terms, block_stop - block_start, &sum_2_sums);
    }
    const double sum_1 = symloss_total_f32(&sum_1_sums);
    const double sum_2 = symloss_total_f32(&sum_2_sums);
    const double term_2 = 0.5 * (1.0 - (double)l1_ratio);
    const double whole_value = (sum_1 == sum_1 ? ((double)l1_ratio == 0.0 ? 0.0 : sum_1 * (double)l1_ratio)
        : sum_1) + (sum_2 == sum_2 ? (term_2 == 0.0 ? 0.0 : sum_2 * term_2) : sum_2);
    value[0] = (float)whole_value;
    return SYMLOSS_OK;
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif
