/*
 * contrastive: Pairs of the same kind attract each other; pairs of different kinds repel each other up
 *     to the margin.
 *
 * loss of one example = distance**2*same/2 + (1 - same)*Max(0, -distance + margin)**2/2
 *   where distance = Norm(first[j] - second[j], (j, D))
 * d/dfirst = same*(first[k] - second[k]) + (same - 1)*Max(0, -distance + margin)*ratio(first[k] -
 *     second[k], distance)
 * d/dsecond = same*(-first[k] + second[k]) + (1 - same)*Max(0, -distance + margin)*ratio(first[k] -
 *     second[k], distance)
 *
 * first: Real['D'], (..., D)
 * second: Real['D'], (..., D)
 * same: Binary, (...)
 * margin: Positive, default 1
 * float: value, gradient, value_and_gradient computed in float, sums in double
 * float: hessian_vector_product computed in double, and rounded once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate contrastive --target c
 *
 * Measured against exact results:
 *     float64: 2185 results, 0.73 % beyond the bound, 0.33 % at ordinary numbers; worst inf of the bound,
 *         3.4e+02 ulp (hessian_vector_product)
 *     float32: 2199 results, 0 % beyond the bound; worst 0.34 of the bound, 2.82 ulp (value)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#include "contrastive.h"

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
#if defined(_OPENMP)
#include <omp.h>
#endif

/* Loops run over blocks of entries, and examples in some parts of at least so many entries. All this depends
 * on sizes alone, so that any number of threads gives the same bits. */
#define SYMLOSS_BLOCK ((size_t)128)
#define SYMLOSS_BLOCKF ((size_t)256)
#define SYMLOSS_PARTS ((size_t)64)
#define SYMLOSS_PART ((size_t)16384)
/* So many terms are added side by side, and so many examples computed that have few entries. */
#define SYMLOSS_LANES ((size_t)32)

/* Where a block ends. */
static inline size_t symloss_stop(size_t start, size_t end, size_t length) {
    return end - start < length ? end : start + length;
}

/* Ask for numbers that are read next while others are computed. */
static inline void symloss_fetch(const void *from, size_t bytes) {
#if defined(__GNUC__)
    for (size_t at = 0; at < bytes; at += 64) {
        __builtin_prefetch((const char *)from + at);
    }
#else
    (void)from;
    (void)bytes;
#endif
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

static inline void symloss_add_one(double term, struct symloss_sums *sums) {
    symloss_add(term, &sums->totals[0], &sums->rests[0]);
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

static inline void symloss_add_one_f32(double term, struct symloss_sums_f32 *sums) {
    sums->totals[0] += term;
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

/* How many parts n examples of so many terms each make, and where a part begins. There are 1, 2, 4 and so on,
 * of equal length, so that two threads, or four, have the same to do. */
static inline size_t symloss_parts(size_t n, size_t terms) {
    const size_t whole = terms >= SYMLOSS_PART ? n : n / (SYMLOSS_PART / (terms > 0 ? terms : 1));
    size_t parts = 1;
    while (2 * parts <= whole && parts < SYMLOSS_PARTS) {
        parts *= 2;
    }
    return n == 0 ? 0 : parts;
}

static inline size_t symloss_first(size_t part, size_t parts, size_t n) {
    return part * (n / parts) + part * (n % parts) / parts;
}

/* The larger of two numbers; NaN if one of them is. */
static inline double symloss_max(double a, double b) {
    return ((a > b) | (a != a)) ? a : b;
}

/* The largest of some terms; NaN if one of them is. */
static double symloss_largest(const double *terms, size_t count) {
    double larger[2 * SYMLOSS_LANES];
    size_t start = 0;
    if (count < SYMLOSS_LANES) {
        larger[0] = -(double)INFINITY;
        for (size_t at = 0; at < count; ++at) {
            larger[0] = symloss_max(larger[0], terms[at]);
        }
        return larger[0];
    }
    for (size_t at = 0; at < 2 * SYMLOSS_LANES; ++at) {
        larger[at] = -(double)INFINITY;
    }
    for (; start + 2 * SYMLOSS_LANES <= count; start += 2 * SYMLOSS_LANES) {
        for (size_t at = 0; at < 2 * SYMLOSS_LANES; ++at) {
            larger[at] = symloss_max(larger[at], terms[start + at]);
        }
    }
    if (start > 0 && start < count) { /* the last ones, with some that were there already */
        start = count - 2 * SYMLOSS_LANES;
        for (size_t at = 0; at < 2 * SYMLOSS_LANES; ++at) {
            larger[at] = symloss_max(larger[at], terms[start + at]);
        }
        start = count;
    }
    for (size_t at = 0; start + at < count; ++at) {
        larger[at] = symloss_max(larger[at], terms[start + at]);
    }
    for (size_t at = 0; at < 32; ++at) {
        larger[at] = symloss_max(larger[at], larger[32 + at]);
    }
    for (size_t at = 0; at < 16; ++at) {
        larger[at] = symloss_max(larger[at], larger[16 + at]);
    }
    for (size_t at = 0; at < 8; ++at) {
        larger[at] = symloss_max(larger[at], larger[8 + at]);
    }
    for (size_t at = 0; at < 4; ++at) {
        larger[at] = symloss_max(larger[at], larger[4 + at]);
    }
    for (size_t at = 0; at < 2; ++at) {
        larger[at] = symloss_max(larger[at], larger[2 + at]);
    }
    for (size_t at = 0; at < 1; ++at) {
        larger[at] = symloss_max(larger[at], larger[1 + at]);
    }
    return larger[0];
}

/* The larger of two numbers; NaN if one of them is. */
static inline float symloss_maxf(float a, float b) {
    return ((a > b) | (a != a)) ? a : b;
}

/* The largest of some terms; NaN if one of them is. */
static float symloss_largestf(const float *terms, size_t count) {
    float larger[2 * SYMLOSS_LANES];
    size_t start = 0;
    if (count < SYMLOSS_LANES) {
        larger[0] = -(float)INFINITY;
        for (size_t at = 0; at < count; ++at) {
            larger[0] = symloss_maxf(larger[0], terms[at]);
        }
        return larger[0];
    }
    for (size_t at = 0; at < 2 * SYMLOSS_LANES; ++at) {
        larger[at] = -(float)INFINITY;
    }
    for (; start + 2 * SYMLOSS_LANES <= count; start += 2 * SYMLOSS_LANES) {
        for (size_t at = 0; at < 2 * SYMLOSS_LANES; ++at) {
            larger[at] = symloss_maxf(larger[at], terms[start + at]);
        }
    }
    if (start > 0 && start < count) { /* the last ones, with some that were there already */
        start = count - 2 * SYMLOSS_LANES;
        for (size_t at = 0; at < 2 * SYMLOSS_LANES; ++at) {
            larger[at] = symloss_maxf(larger[at], terms[start + at]);
        }
        start = count;
    }
    for (size_t at = 0; start + at < count; ++at) {
        larger[at] = symloss_maxf(larger[at], terms[start + at]);
    }
    for (size_t at = 0; at < 32; ++at) {
        larger[at] = symloss_maxf(larger[at], larger[32 + at]);
    }
    for (size_t at = 0; at < 16; ++at) {
        larger[at] = symloss_maxf(larger[at], larger[16 + at]);
    }
    for (size_t at = 0; at < 8; ++at) {
        larger[at] = symloss_maxf(larger[at], larger[8 + at]);
    }
    for (size_t at = 0; at < 4; ++at) {
        larger[at] = symloss_maxf(larger[at], larger[4 + at]);
    }
    for (size_t at = 0; at < 2; ++at) {
        larger[at] = symloss_maxf(larger[at], larger[2 + at]);
    }
    for (size_t at = 0; at < 1; ++at) {
        larger[at] = symloss_maxf(larger[at], larger[1 + at]);
    }
    return larger[0];
}

/* The sum of the weights; they and it must be finite, none < 0, and some > 0 where there are examples. */
static int symloss_weights_f64(size_t n, const double *weight, double *total) {
    struct symloss_sums sums = {{0.0}, {0.0}, 0};
    for (size_t start = 0; start < n; start += SYMLOSS_BLOCK) {
        const size_t count = symloss_stop(start, n, SYMLOSS_BLOCK) - start;
        double terms[SYMLOSS_BLOCK];
        int bad = 0;
        for (size_t at = 0; at < count; ++at) {
            terms[at] = weight[start + at];
            bad |= !(terms[at] >= 0.0) | !(terms[at] <= 1.7976931348623157e308);
        }
        if (bad) {
            return SYMLOSS_BAD_WEIGHT;
        }
        symloss_add_all(terms, count, &sums);
    }
    *total = symloss_total(&sums);
    return n > 0 && (!(*total > 0.0) || isinf(*total)) ? SYMLOSS_BAD_WEIGHT : SYMLOSS_OK;
}

/* The sum of the weights; they and it must be finite, none < 0, and some > 0 where there are examples. */
static int symloss_weights_f32(size_t n, const float *weight, double *total) {
    struct symloss_sums sums = {{0.0}, {0.0}, 0};
    for (size_t start = 0; start < n; start += SYMLOSS_BLOCK) {
        const size_t count = symloss_stop(start, n, SYMLOSS_BLOCK) - start;
        double terms[SYMLOSS_BLOCK];
        int bad = 0;
        for (size_t at = 0; at < count; ++at) {
            terms[at] = (double)weight[start + at];
            bad |= !(terms[at] >= 0.0) | !(terms[at] <= 1.7976931348623157e308);
        }
        if (bad) {
            return SYMLOSS_BAD_WEIGHT;
        }
        symloss_add_all(terms, count, &sums);
    }
    *total = symloss_total(&sums);
    return n > 0 && (!(*total > 0.0) || isinf(*total)) ? SYMLOSS_BAD_WEIGHT : SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_contrastive_value_f64_of_thread(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT first,
    const double *SYMLOSS_RESTRICT second,
    const double *SYMLOSS_RESTRICT same,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value,
    double divisor,
    double *part_totals)
{
    const size_t parts = symloss_parts(n, D);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        struct symloss_sums value_sums = {{0.0}, {0.0}, 0};
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? weight[i] : 1.0;
            double largest_1 = -(double)INFINITY;
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double largest_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    largest_1_terms[d - block_start] = fabs(first[i * D + d] - second[i * D + d]);
                }
                largest_1 = symloss_max(
                    largest_1, symloss_largest(largest_1_terms, block_stop - block_start));
            }
            struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double sum_1_terms[SYMLOSS_BLOCK];
                symloss_fetch(
                    &first[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(first[0]));
                symloss_fetch(
                    &second[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(second[0]));
                for (size_t d = block_start; d < block_stop; ++d) {
                    const double product_1 = (first[i * D + d] - second[i * D + d]) / largest_1;
                    sum_1_terms[d - block_start] = product_1 * product_1;
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
            }
            const double sum_1 = symloss_total(&sum_1_sums);
            const double distance = largest_1 == largest_1
                ? (largest_1 <= 0.0 ? 0.0 : sqrt(sum_1) * largest_1) : largest_1;
            const double term_1 = 1.0 - same[i];
            const double power_1 = distance * distance;
            const double max_1 = symloss_max(0.0, margin - distance);
            const double power_2 = max_1 * max_1;
            const double example_value = ((0.5 * power_2) == (0.5 * power_2)
                ? (term_1 == 0.0 ? 0.0 : 0.5 * power_2 * term_1) : (0.5 * power_2))
                + ((0.5 * power_1) == (0.5 * power_1) ? (same[i] == 0.0 ? 0.0 : 0.5 * power_1 * same[i])
                : (0.5 * power_1));
            if (reduction == SYMLOSS_NONE) {
                value[i] = example_weight * example_value;
            } else {
                symloss_add_one(example_weight * example_value, &value_sums);
            }
        }
        part_totals[part] = symloss_total(&value_sums);
    }
    double value_total = 0.0, value_rest = 0.0;
    for (size_t part = 0; part < parts; ++part) {
        symloss_add(part_totals[part], &value_total, &value_rest);
    }
    const double examples_value = symloss_sum(value_total, value_rest);
#ifdef _OPENMP
#pragma omp master
#endif
    if (reduction != SYMLOSS_NONE) {
        value[0] =
            (reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
}

int symloss_contrastive_value_f64(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT first,
    const double *SYMLOSS_RESTRICT second,
    const double *SYMLOSS_RESTRICT same,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    double part_totals[SYMLOSS_PARTS];
#ifdef _OPENMP
    if (symloss_parts(n, D) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, D) > 1)
        symloss_contrastive_value_f64_of_thread(
            n, D, first, second, same, weight, reduction, margin, value, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_contrastive_value_f64_of_thread(
        n, D, first, second, same, weight, reduction, margin, value, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_contrastive_value_f32_of_thread(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT first,
    const float *SYMLOSS_RESTRICT second,
    const float *SYMLOSS_RESTRICT same,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value,
    double divisor,
    double *part_totals)
{
    const size_t parts = symloss_parts(n, D);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        struct symloss_sums_f32 value_sums = {{0.0}, 0};
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
            float largest_1 = -(float)INFINITY;
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCKF) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCKF);
                float largest_1_terms[SYMLOSS_BLOCKF];
                for (size_t d = block_start; d < block_stop; ++d) {
                    largest_1_terms[d - block_start] = fabsf(first[i * D + d] - second[i * D + d]);
                }
                largest_1 = symloss_maxf(
                    largest_1, symloss_largestf(largest_1_terms, block_stop - block_start));
            }
            struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCKF) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCKF);
                float sum_1_terms[SYMLOSS_BLOCKF];
                symloss_fetch(
                    &first[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(first[0]));
                symloss_fetch(
                    &second[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(second[0]));
                for (size_t d = block_start; d < block_stop; ++d) {
                    const float product_1 = (first[i * D + d] - second[i * D + d]) / largest_1;
                    sum_1_terms[d - block_start] = product_1 * product_1;
                }
                symloss_add_entriesf(sum_1_terms, block_stop - block_start, &sum_1_sums);
            }
            const float sum_1 = (float)symloss_total_f32(&sum_1_sums);
            const float distance = largest_1 == largest_1
                ? (largest_1 <= 0.0F ? 0.0F : sqrtf(sum_1) * largest_1) : largest_1;
            const float term_1 = 1.0F - same[i];
            const float power_1 = distance * distance;
            const float max_1 = symloss_maxf(0.0F, margin - distance);
            const float power_2 = max_1 * max_1;
            const float example_value = ((0.5F * power_2) == (0.5F * power_2)
                ? (term_1 == 0.0F ? 0.0F : 0.5F * power_2 * term_1) : (0.5F * power_2))
                + ((0.5F * power_1) == (0.5F * power_1) ? (same[i] == 0.0F ? 0.0F : 0.5F * power_1 * same[i])
                : (0.5F * power_1));
            if (reduction == SYMLOSS_NONE) {
                value[i] = (float)(example_weight * (double)example_value);
            } else {
                symloss_add_one_f32(example_weight * (double)example_value, &value_sums);
            }
        }
        part_totals[part] = symloss_total_f32(&value_sums);
    }
    double value_total = 0.0;
    for (size_t part = 0; part < parts; ++part) {
        value_total += part_totals[part];
    }
    const double examples_value = value_total;
#ifdef _OPENMP
#pragma omp master
#endif
    if (reduction != SYMLOSS_NONE) {
        value[0] =
            (float)(reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
}

int symloss_contrastive_value_f32(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT first,
    const float *SYMLOSS_RESTRICT second,
    const float *SYMLOSS_RESTRICT same,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    double part_totals[SYMLOSS_PARTS];
#ifdef _OPENMP
    if (symloss_parts(n, D) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, D) > 1)
        symloss_contrastive_value_f32_of_thread(
            n, D, first, second, same, weight, reduction, margin, value, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_contrastive_value_f32_of_thread(
        n, D, first, second, same, weight, reduction, margin, value, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_contrastive_gradient_f64_of_thread(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT first,
    const double *SYMLOSS_RESTRICT second,
    const double *SYMLOSS_RESTRICT same,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT gradient_first,
    double *SYMLOSS_RESTRICT gradient_second,
    double divisor)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, D);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? weight[i] : 1.0;
            const double example_scale = scale * example_weight;
            double largest_1 = -(double)INFINITY;
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double largest_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    largest_1_terms[d - block_start] = fabs(first[i * D + d] - second[i * D + d]);
                }
                largest_1 = symloss_max(
                    largest_1, symloss_largest(largest_1_terms, block_stop - block_start));
            }
            struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double sum_1_terms[SYMLOSS_BLOCK];
                symloss_fetch(
                    &first[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(first[0]));
                symloss_fetch(
                    &second[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(second[0]));
                for (size_t d = block_start; d < block_stop; ++d) {
                    const double product_1 = (first[i * D + d] - second[i * D + d]) / largest_1;
                    sum_1_terms[d - block_start] = product_1 * product_1;
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
            }
            const double sum_1 = symloss_total(&sum_1_sums);
            const double distance = largest_1 == largest_1
                ? (largest_1 <= 0.0 ? 0.0 : sqrt(sum_1) * largest_1) : largest_1;
            const double term_1 = 1.0 - same[i];
            const double term_2 = same[i] - 1.0;
            const double max_1 = symloss_max(0.0, margin - distance);
            for (size_t d = 0; d < D; ++d) {
                const double term_3 = first[i * D + d] - second[i * D + d];
                const double case_1 = term_3 == 0.0 ? 0.0 : term_3 / distance;
                const double product_2 = case_1 * max_1;
                gradient_first[i * D + d] = example_scale
                    * ((product_2 == product_2 ? (term_2 == 0.0 ? 0.0 : case_1 * max_1 * term_2) : product_2)
                    + (term_3 == term_3 ? (same[i] == 0.0 ? 0.0 : term_3 * same[i]) : term_3));
                const double term_4 = second[i * D + d] - first[i * D + d];
                gradient_second[i * D + d] = example_scale
                    * ((product_2 == product_2 ? (term_1 == 0.0 ? 0.0 : case_1 * max_1 * term_1) : product_2)
                    + (term_4 == term_4 ? (same[i] == 0.0 ? 0.0 : term_4 * same[i]) : term_4));
            }
        }
    }
}

int symloss_contrastive_gradient_f64(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT first,
    const double *SYMLOSS_RESTRICT second,
    const double *SYMLOSS_RESTRICT same,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT gradient_first,
    double *SYMLOSS_RESTRICT gradient_second)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
#ifdef _OPENMP
    if (symloss_parts(n, D) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, D) > 1)
        symloss_contrastive_gradient_f64_of_thread(
            n, D, first, second, same, weight, reduction, margin, gradient_first, gradient_second, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_contrastive_gradient_f64_of_thread(
        n, D, first, second, same, weight, reduction, margin, gradient_first, gradient_second, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_contrastive_gradient_f32_of_thread(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT first,
    const float *SYMLOSS_RESTRICT second,
    const float *SYMLOSS_RESTRICT same,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT gradient_first,
    float *SYMLOSS_RESTRICT gradient_second,
    double divisor)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, D);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
            const float example_scale = (float)(scale * example_weight);
            float largest_1 = -(float)INFINITY;
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCKF) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCKF);
                float largest_1_terms[SYMLOSS_BLOCKF];
                for (size_t d = block_start; d < block_stop; ++d) {
                    largest_1_terms[d - block_start] = fabsf(first[i * D + d] - second[i * D + d]);
                }
                largest_1 = symloss_maxf(
                    largest_1, symloss_largestf(largest_1_terms, block_stop - block_start));
            }
            struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCKF) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCKF);
                float sum_1_terms[SYMLOSS_BLOCKF];
                symloss_fetch(
                    &first[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(first[0]));
                symloss_fetch(
                    &second[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(second[0]));
                for (size_t d = block_start; d < block_stop; ++d) {
                    const float product_1 = (first[i * D + d] - second[i * D + d]) / largest_1;
                    sum_1_terms[d - block_start] = product_1 * product_1;
                }
                symloss_add_entriesf(sum_1_terms, block_stop - block_start, &sum_1_sums);
            }
            const float sum_1 = (float)symloss_total_f32(&sum_1_sums);
            const float distance = largest_1 == largest_1
                ? (largest_1 <= 0.0F ? 0.0F : sqrtf(sum_1) * largest_1) : largest_1;
            const float term_1 = 1.0F - same[i];
            const float term_2 = same[i] - 1.0F;
            const float max_1 = symloss_maxf(0.0F, margin - distance);
            for (size_t d = 0; d < D; ++d) {
                const float term_3 = first[i * D + d] - second[i * D + d];
                const float case_1 = term_3 == 0.0F ? 0.0F : term_3 / distance;
                const float product_2 = case_1 * max_1;
                gradient_first[i * D + d] = example_scale
                    * ((product_2 == product_2 ? (term_2 == 0.0F ? 0.0F : case_1 * max_1 * term_2)
                    : product_2) + (term_3 == term_3 ? (same[i] == 0.0F ? 0.0F : term_3 * same[i]) : term_3));
                const float term_4 = second[i * D + d] - first[i * D + d];
                gradient_second[i * D + d] = example_scale
                    * ((product_2 == product_2 ? (term_1 == 0.0F ? 0.0F : case_1 * max_1 * term_1)
                    : product_2) + (term_4 == term_4 ? (same[i] == 0.0F ? 0.0F : term_4 * same[i]) : term_4));
            }
        }
    }
}

int symloss_contrastive_gradient_f32(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT first,
    const float *SYMLOSS_RESTRICT second,
    const float *SYMLOSS_RESTRICT same,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT gradient_first,
    float *SYMLOSS_RESTRICT gradient_second)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
#ifdef _OPENMP
    if (symloss_parts(n, D) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, D) > 1)
        symloss_contrastive_gradient_f32_of_thread(
            n, D, first, second, same, weight, reduction, margin, gradient_first, gradient_second, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_contrastive_gradient_f32_of_thread(
        n, D, first, second, same, weight, reduction, margin, gradient_first, gradient_second, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_contrastive_value_and_gradient_f64_of_thread(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT first,
    const double *SYMLOSS_RESTRICT second,
    const double *SYMLOSS_RESTRICT same,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_first,
    double *SYMLOSS_RESTRICT gradient_second,
    double divisor,
    double *part_totals)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, D);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        struct symloss_sums value_sums = {{0.0}, {0.0}, 0};
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? weight[i] : 1.0;
            const double example_scale = scale * example_weight;
            double largest_1 = -(double)INFINITY;
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double largest_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    largest_1_terms[d - block_start] = fabs(first[i * D + d] - second[i * D + d]);
                }
                largest_1 = symloss_max(
                    largest_1, symloss_largest(largest_1_terms, block_stop - block_start));
            }
            struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double sum_1_terms[SYMLOSS_BLOCK];
                symloss_fetch(
                    &first[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(first[0]));
                symloss_fetch(
                    &second[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(second[0]));
                for (size_t d = block_start; d < block_stop; ++d) {
                    const double product_1 = (first[i * D + d] - second[i * D + d]) / largest_1;
                    sum_1_terms[d - block_start] = product_1 * product_1;
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
            }
            const double sum_1 = symloss_total(&sum_1_sums);
            const double distance = largest_1 == largest_1
                ? (largest_1 <= 0.0 ? 0.0 : sqrt(sum_1) * largest_1) : largest_1;
            const double term_1 = 1.0 - same[i];
            const double power_1 = distance * distance;
            const double max_1 = symloss_max(0.0, margin - distance);
            const double power_2 = max_1 * max_1;
            const double example_value = ((0.5 * power_2) == (0.5 * power_2)
                ? (term_1 == 0.0 ? 0.0 : 0.5 * power_2 * term_1) : (0.5 * power_2))
                + ((0.5 * power_1) == (0.5 * power_1) ? (same[i] == 0.0 ? 0.0 : 0.5 * power_1 * same[i])
                : (0.5 * power_1));
            if (reduction == SYMLOSS_NONE) {
                value[i] = example_weight * example_value;
            } else {
                symloss_add_one(example_weight * example_value, &value_sums);
            }
            const double term_2 = same[i] - 1.0;
            for (size_t d = 0; d < D; ++d) {
                const double term_3 = first[i * D + d] - second[i * D + d];
                const double case_1 = term_3 == 0.0 ? 0.0 : term_3 / distance;
                const double product_2 = case_1 * max_1;
                gradient_first[i * D + d] = example_scale
                    * ((product_2 == product_2 ? (term_2 == 0.0 ? 0.0 : case_1 * max_1 * term_2) : product_2)
                    + (term_3 == term_3 ? (same[i] == 0.0 ? 0.0 : term_3 * same[i]) : term_3));
                const double term_4 = second[i * D + d] - first[i * D + d];
                gradient_second[i * D + d] = example_scale
                    * ((product_2 == product_2 ? (term_1 == 0.0 ? 0.0 : case_1 * max_1 * term_1) : product_2)
                    + (term_4 == term_4 ? (same[i] == 0.0 ? 0.0 : term_4 * same[i]) : term_4));
            }
        }
        part_totals[part] = symloss_total(&value_sums);
    }
    double value_total = 0.0, value_rest = 0.0;
    for (size_t part = 0; part < parts; ++part) {
        symloss_add(part_totals[part], &value_total, &value_rest);
    }
    const double examples_value = symloss_sum(value_total, value_rest);
#ifdef _OPENMP
#pragma omp master
#endif
    if (reduction != SYMLOSS_NONE) {
        value[0] =
            (reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
}

int symloss_contrastive_value_and_gradient_f64(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT first,
    const double *SYMLOSS_RESTRICT second,
    const double *SYMLOSS_RESTRICT same,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_first,
    double *SYMLOSS_RESTRICT gradient_second)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    double part_totals[SYMLOSS_PARTS];
#ifdef _OPENMP
    if (symloss_parts(n, D) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, D) > 1)
        symloss_contrastive_value_and_gradient_f64_of_thread(
            n, D, first, second, same, weight, reduction, margin, value, gradient_first, gradient_second,
            divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_contrastive_value_and_gradient_f64_of_thread(
        n, D, first, second, same, weight, reduction, margin, value, gradient_first, gradient_second, divisor,
        part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_contrastive_value_and_gradient_f32_of_thread(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT first,
    const float *SYMLOSS_RESTRICT second,
    const float *SYMLOSS_RESTRICT same,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_first,
    float *SYMLOSS_RESTRICT gradient_second,
    double divisor,
    double *part_totals)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, D);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        struct symloss_sums_f32 value_sums = {{0.0}, 0};
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
            const float example_scale = (float)(scale * example_weight);
            float largest_1 = -(float)INFINITY;
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCKF) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCKF);
                float largest_1_terms[SYMLOSS_BLOCKF];
                for (size_t d = block_start; d < block_stop; ++d) {
                    largest_1_terms[d - block_start] = fabsf(first[i * D + d] - second[i * D + d]);
                }
                largest_1 = symloss_maxf(
                    largest_1, symloss_largestf(largest_1_terms, block_stop - block_start));
            }
            struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCKF) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCKF);
                float sum_1_terms[SYMLOSS_BLOCKF];
                symloss_fetch(
                    &first[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(first[0]));
                symloss_fetch(
                    &second[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(second[0]));
                for (size_t d = block_start; d < block_stop; ++d) {
                    const float product_1 = (first[i * D + d] - second[i * D + d]) / largest_1;
                    sum_1_terms[d - block_start] = product_1 * product_1;
                }
                symloss_add_entriesf(sum_1_terms, block_stop - block_start, &sum_1_sums);
            }
            const float sum_1 = (float)symloss_total_f32(&sum_1_sums);
            const float distance = largest_1 == largest_1
                ? (largest_1 <= 0.0F ? 0.0F : sqrtf(sum_1) * largest_1) : largest_1;
            const float term_1 = 1.0F - same[i];
            const float power_1 = distance * distance;
            const float max_1 = symloss_maxf(0.0F, margin - distance);
            const float power_2 = max_1 * max_1;
            const float example_value = ((0.5F * power_2) == (0.5F * power_2)
                ? (term_1 == 0.0F ? 0.0F : 0.5F * power_2 * term_1) : (0.5F * power_2))
                + ((0.5F * power_1) == (0.5F * power_1) ? (same[i] == 0.0F ? 0.0F : 0.5F * power_1 * same[i])
                : (0.5F * power_1));
            if (reduction == SYMLOSS_NONE) {
                value[i] = (float)(example_weight * (double)example_value);
            } else {
                symloss_add_one_f32(example_weight * (double)example_value, &value_sums);
            }
            const float term_2 = same[i] - 1.0F;
            for (size_t d = 0; d < D; ++d) {
                const float term_3 = first[i * D + d] - second[i * D + d];
                const float case_1 = term_3 == 0.0F ? 0.0F : term_3 / distance;
                const float product_2 = case_1 * max_1;
                gradient_first[i * D + d] = example_scale
                    * ((product_2 == product_2 ? (term_2 == 0.0F ? 0.0F : case_1 * max_1 * term_2)
                    : product_2) + (term_3 == term_3 ? (same[i] == 0.0F ? 0.0F : term_3 * same[i]) : term_3));
                const float term_4 = second[i * D + d] - first[i * D + d];
                gradient_second[i * D + d] = example_scale
                    * ((product_2 == product_2 ? (term_1 == 0.0F ? 0.0F : case_1 * max_1 * term_1)
                    : product_2) + (term_4 == term_4 ? (same[i] == 0.0F ? 0.0F : term_4 * same[i]) : term_4));
            }
        }
        part_totals[part] = symloss_total_f32(&value_sums);
    }
    double value_total = 0.0;
    for (size_t part = 0; part < parts; ++part) {
        value_total += part_totals[part];
    }
    const double examples_value = value_total;
#ifdef _OPENMP
#pragma omp master
#endif
    if (reduction != SYMLOSS_NONE) {
        value[0] =
            (float)(reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
}

int symloss_contrastive_value_and_gradient_f32(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT first,
    const float *SYMLOSS_RESTRICT second,
    const float *SYMLOSS_RESTRICT same,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_first,
    float *SYMLOSS_RESTRICT gradient_second)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    double part_totals[SYMLOSS_PARTS];
#ifdef _OPENMP
    if (symloss_parts(n, D) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, D) > 1)
        symloss_contrastive_value_and_gradient_f32_of_thread(
            n, D, first, second, same, weight, reduction, margin, value, gradient_first, gradient_second,
            divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_contrastive_value_and_gradient_f32_of_thread(
        n, D, first, second, same, weight, reduction, margin, value, gradient_first, gradient_second, divisor,
        part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_contrastive_hessian_vector_product_f64_of_thread(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT first,
    const double *SYMLOSS_RESTRICT second,
    const double *SYMLOSS_RESTRICT same,
    const double *SYMLOSS_RESTRICT vector_first,
    const double *SYMLOSS_RESTRICT vector_second,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT product_first,
    double *SYMLOSS_RESTRICT product_second,
    double divisor)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, D);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? weight[i] : 1.0;
            const double example_scale = scale * example_weight;
            double largest_1 = -(double)INFINITY;
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double largest_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    largest_1_terms[d - block_start] = fabs(first[i * D + d] - second[i * D + d]);
                }
                largest_1 = symloss_max(
                    largest_1, symloss_largest(largest_1_terms, block_stop - block_start));
            }
            struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    const double product_1 = (first[i * D + d] - second[i * D + d]) / largest_1;
                    sum_1_terms[d - block_start] = product_1 * product_1;
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
            }
            const double sum_1 = symloss_total(&sum_1_sums);
            const double distance = largest_1 == largest_1
                ? (largest_1 <= 0.0 ? 0.0 : sqrt(sum_1) * largest_1) : largest_1;
            const double term_1 = margin - distance;
            struct symloss_sums sum_2_sums = {{0.0}, {0.0}, 0};
            struct symloss_sums sum_3_sums = {{0.0}, {0.0}, 0};
            struct symloss_sums sum_4_sums = {{0.0}, {0.0}, 0};
            struct symloss_sums sum_5_sums = {{0.0}, {0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double sum_2_terms[SYMLOSS_BLOCK];
                double sum_3_terms[SYMLOSS_BLOCK];
                double sum_4_terms[SYMLOSS_BLOCK];
                double sum_5_terms[SYMLOSS_BLOCK];
                symloss_fetch(
                    &first[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(first[0]));
                symloss_fetch(
                    &second[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(second[0]));
                for (size_t d = block_start; d < block_stop; ++d) {
                    const double term_2 = first[i * D + d] - second[i * D + d];
                    const double case_1 = term_2 == 0.0 ? 0.0 : term_2 / distance;
                    sum_2_terms[d - block_start] = case_1 * vector_second[i * D + d];
                    sum_3_terms[d - block_start] = vector_second[i * D + d]
                        * (term_1 == term_1 ? (term_1 >= 0.0 ? case_1 : 0.0) : term_1);
                    sum_4_terms[d - block_start] = case_1 * vector_first[i * D + d];
                    sum_5_terms[d - block_start] = vector_first[i * D + d]
                        * (term_1 == term_1 ? (term_1 >= 0.0 ? -case_1 : 0.0) : term_1);
                }
                symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_sums);
                symloss_add_all(sum_3_terms, block_stop - block_start, &sum_3_sums);
                symloss_add_all(sum_4_terms, block_stop - block_start, &sum_4_sums);
                symloss_add_all(sum_5_terms, block_stop - block_start, &sum_5_sums);
            }
            const double sum_2 = symloss_total(&sum_2_sums);
            const double sum_3 = symloss_total(&sum_3_sums);
            const double sum_4 = symloss_total(&sum_4_sums);
            const double sum_5 = symloss_total(&sum_5_sums);
            const double term_3 = 1.0 - same[i];
            const double term_4 = same[i] - 1.0;
            const double max_1 = symloss_max(0.0, term_1);
            const double guarded_1 = distance == distance ? (distance == 0.0 ? 0.0 : 1.0 / distance)
                : distance;
            for (size_t d = 0; d < D; ++d) {
                const double term_5 = first[i * D + d] - second[i * D + d];
                const double case_2 = term_5 == 0.0 ? 0.0 : term_5 / distance;
                const double case_3 = term_5 == 0.0 ? 0.0 : term_5 / distance / distance;
                const double term_6 = case_2 * sum_5 + max_1
                    * ((guarded_1 == guarded_1 ? (vector_first[i * D + d] == 0.0 ? 0.0 : guarded_1
                    * vector_first[i * D + d]) : guarded_1) - case_3 * sum_4);
                const double term_7 = case_2 * sum_3 + max_1
                    * (case_3 * sum_2 + ((-guarded_1) == (-guarded_1)
                    ? (vector_second[i * D + d] == 0.0 ? 0.0 : -guarded_1 * vector_second[i * D + d])
                    : (-guarded_1)));
                product_first[i * D + d] = example_scale
                    * ((term_6 == term_6 ? (term_4 == 0.0 ? 0.0 : term_4 * term_6) : term_6)
                    + (term_7 == term_7 ? (term_4 == 0.0 ? 0.0 : term_4 * term_7) : term_7)
                    + vector_first[i * D + d] * same[i] - vector_second[i * D + d] * same[i]);
                product_second[i * D + d] = example_scale
                    * ((term_6 == term_6 ? (term_3 == 0.0 ? 0.0 : term_3 * term_6) : term_6)
                    + (term_7 == term_7 ? (term_3 == 0.0 ? 0.0 : term_3 * term_7) : term_7)
                    + vector_second[i * D + d] * same[i] - vector_first[i * D + d] * same[i]);
            }
        }
    }
}

int symloss_contrastive_hessian_vector_product_f64(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT first,
    const double *SYMLOSS_RESTRICT second,
    const double *SYMLOSS_RESTRICT same,
    const double *SYMLOSS_RESTRICT vector_first,
    const double *SYMLOSS_RESTRICT vector_second,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT product_first,
    double *SYMLOSS_RESTRICT product_second)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
#ifdef _OPENMP
    if (symloss_parts(n, D) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, D) > 1)
        symloss_contrastive_hessian_vector_product_f64_of_thread(
            n, D, first, second, same, vector_first, vector_second, weight, reduction, margin, product_first,
            product_second, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_contrastive_hessian_vector_product_f64_of_thread(
        n, D, first, second, same, vector_first, vector_second, weight, reduction, margin, product_first,
        product_second, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_contrastive_hessian_vector_product_f32_of_thread(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT first,
    const float *SYMLOSS_RESTRICT second,
    const float *SYMLOSS_RESTRICT same,
    const float *SYMLOSS_RESTRICT vector_first,
    const float *SYMLOSS_RESTRICT vector_second,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT product_first,
    float *SYMLOSS_RESTRICT product_second,
    double divisor)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, D);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
            const double example_scale = scale * example_weight;
            double largest_1 = -(double)INFINITY;
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double largest_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    largest_1_terms[d - block_start] = fabs((double)first[i * D + d]
                        - (double)second[i * D + d]);
                }
                largest_1 = symloss_max(
                    largest_1, symloss_largest(largest_1_terms, block_stop - block_start));
            }
            struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    const double product_1 = ((double)first[i * D + d] - (double)second[i * D + d])
                        / largest_1;
                    sum_1_terms[d - block_start] = product_1 * product_1;
                }
                symloss_add_all_f32(sum_1_terms, block_stop - block_start, &sum_1_sums);
            }
            const double sum_1 = symloss_total_f32(&sum_1_sums);
            const double distance = largest_1 == largest_1
                ? (largest_1 <= 0.0 ? 0.0 : sqrt(sum_1) * largest_1) : largest_1;
            const double term_1 = (double)margin - distance;
            struct symloss_sums_f32 sum_2_sums = {{0.0}, 0};
            struct symloss_sums_f32 sum_3_sums = {{0.0}, 0};
            struct symloss_sums_f32 sum_4_sums = {{0.0}, 0};
            struct symloss_sums_f32 sum_5_sums = {{0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double sum_2_terms[SYMLOSS_BLOCK];
                double sum_3_terms[SYMLOSS_BLOCK];
                double sum_4_terms[SYMLOSS_BLOCK];
                double sum_5_terms[SYMLOSS_BLOCK];
                symloss_fetch(
                    &first[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(first[0]));
                symloss_fetch(
                    &second[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(second[0]));
                for (size_t d = block_start; d < block_stop; ++d) {
                    const double term_2 = (double)first[i * D + d] - (double)second[i * D + d];
                    const double case_1 = term_2 == 0.0 ? 0.0 : term_2 / distance;
                    sum_2_terms[d - block_start] = case_1 * (double)vector_second[i * D + d];
                    sum_3_terms[d - block_start] = (double)vector_second[i * D + d]
                        * (term_1 == term_1 ? (term_1 >= 0.0 ? case_1 : 0.0) : term_1);
                    sum_4_terms[d - block_start] = case_1 * (double)vector_first[i * D + d];
                    sum_5_terms[d - block_start] = (double)vector_first[i * D + d]
                        * (term_1 == term_1 ? (term_1 >= 0.0 ? -case_1 : 0.0) : term_1);
                }
                symloss_add_all_f32(sum_2_terms, block_stop - block_start, &sum_2_sums);
                symloss_add_all_f32(sum_3_terms, block_stop - block_start, &sum_3_sums);
                symloss_add_all_f32(sum_4_terms, block_stop - block_start, &sum_4_sums);
                symloss_add_all_f32(sum_5_terms, block_stop - block_start, &sum_5_sums);
            }
            const double sum_2 = symloss_total_f32(&sum_2_sums);
            const double sum_3 = symloss_total_f32(&sum_3_sums);
            const double sum_4 = symloss_total_f32(&sum_4_sums);
            const double sum_5 = symloss_total_f32(&sum_5_sums);
            const double term_3 = 1.0 - (double)same[i];
            const double term_4 = (double)same[i] - 1.0;
            const double max_1 = symloss_max(0.0, term_1);
            const double guarded_1 = distance == distance ? (distance == 0.0 ? 0.0 : 1.0 / distance)
                : distance;
            for (size_t d = 0; d < D; ++d) {
                const double term_5 = (double)first[i * D + d] - (double)second[i * D + d];
                const double case_2 = term_5 == 0.0 ? 0.0 : term_5 / distance;
                const double case_3 = term_5 == 0.0 ? 0.0 : term_5 / distance / distance;
                const double term_6 = case_2 * sum_5 + max_1
                    * ((guarded_1 == guarded_1 ? ((double)vector_first[i * D + d] == 0.0 ? 0.0 : guarded_1
                    * (double)vector_first[i * D + d]) : guarded_1) - case_3 * sum_4);
                const double term_7 = case_2 * sum_3 + max_1
                    * (case_3 * sum_2 + ((-guarded_1) == (-guarded_1)
                    ? ((double)vector_second[i * D + d] == 0.0 ? 0.0 : -guarded_1
                    * (double)vector_second[i * D + d]) : (-guarded_1)));
                product_first[i * D + d] = (float)(example_scale
                    * ((term_6 == term_6 ? (term_4 == 0.0 ? 0.0 : term_4 * term_6) : term_6)
                    + (term_7 == term_7 ? (term_4 == 0.0 ? 0.0 : term_4 * term_7) : term_7)
                    + (double)vector_first[i * D + d] * (double)same[i] - (double)vector_second[i * D + d]
                    * (double)same[i]));
                product_second[i * D + d] = (float)(example_scale
                    * ((term_6 == term_6 ? (term_3 == 0.0 ? 0.0 : term_3 * term_6) : term_6)
                    + (term_7 == term_7 ? (term_3 == 0.0 ? 0.0 : term_3 * term_7) : term_7)
                    + (double)vector_second[i * D + d] * (double)same[i] - (double)vector_first[i * D + d]
                    * (double)same[i]));
            }
        }
    }
}

int symloss_contrastive_hessian_vector_product_f32(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT first,
    const float *SYMLOSS_RESTRICT second,
    const float *SYMLOSS_RESTRICT same,
    const float *SYMLOSS_RESTRICT vector_first,
    const float *SYMLOSS_RESTRICT vector_second,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT product_first,
    float *SYMLOSS_RESTRICT product_second)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
#ifdef _OPENMP
    if (symloss_parts(n, D) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, D) > 1)
        symloss_contrastive_hessian_vector_product_f32_of_thread(
            n, D, first, second, same, vector_first, vector_second, weight, reduction, margin, product_first,
            product_second, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_contrastive_hessian_vector_product_f32_of_thread(
        n, D, first, second, same, vector_first, vector_second, weight, reduction, margin, product_first,
        product_second, divisor);
    return SYMLOSS_OK;
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif
