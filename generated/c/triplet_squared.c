/*
 * triplet_squared: The triplet loss of FaceNet, which compares squared Euclidean distances.
 *
 * loss of one example = Max(0, margin - to_negative + to_positive)
 *   where to_positive = Sum((anchor[j] - positive[j])**2, (j, D))
 *   where to_negative = Sum((anchor[j] - negative[j])**2, (j, D))
 * d/danchor = Piecewise((2*negative[k] - 2*positive[k], margin - to_negative + to_positive >= 0), (0,
 *     True))
 * d/dpositive = Piecewise((-2*anchor[k] + 2*positive[k], margin - to_negative + to_positive >= 0), (0,
 *     True))
 * d/dnegative = Piecewise((2*anchor[k] - 2*negative[k], margin - to_negative + to_positive >= 0), (0,
 *     True))
 *
 * anchor: Real['D'], (..., D)
 * positive: Real['D'], (..., D)
 * negative: Real['D'], (..., D)
 * margin: Positive, default 0.2
 * float: value, gradient, value_and_gradient, hessian_vector_product computed in double, and rounded
 *     once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate triplet_squared --target c
 *
 * Measured against exact results:
 *     float64: 1520 results, 1.25 % beyond the bound, 0 % at ordinary numbers; worst inf of the bound, inf
 *         ulp (value)
 *     float32: 1520 results, 0 % beyond the bound; worst 0.10 of the bound, 0.50 ulp
 *         (hessian_vector_product)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#include "triplet_squared.h"

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
static void symloss_triplet_squared_value_f64_of_thread(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT anchor,
    const double *SYMLOSS_RESTRICT positive,
    const double *SYMLOSS_RESTRICT negative,
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
            struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double sum_1_terms[SYMLOSS_BLOCK];
                symloss_fetch(
                    &anchor[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(anchor[0]));
                symloss_fetch(
                    &positive[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(positive[0]));
                symloss_fetch(
                    &negative[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(negative[0]));
                for (size_t d = block_start; d < block_stop; ++d) {
                    sum_1_terms[d - block_start] = (negative[i * D + d] - positive[i * D + d])
                        * ((anchor[i * D + d] - negative[i * D + d])
                        + (anchor[i * D + d] - positive[i * D + d]));
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
            }
            const double sum_1 = symloss_total(&sum_1_sums);
            const double example_value = symloss_max(0.0, margin + sum_1);
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

int symloss_triplet_squared_value_f64(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT anchor,
    const double *SYMLOSS_RESTRICT positive,
    const double *SYMLOSS_RESTRICT negative,
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
        symloss_triplet_squared_value_f64_of_thread(
            n, D, anchor, positive, negative, weight, reduction, margin, value, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_triplet_squared_value_f64_of_thread(
        n, D, anchor, positive, negative, weight, reduction, margin, value, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_triplet_squared_value_f32_of_thread(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT anchor,
    const float *SYMLOSS_RESTRICT positive,
    const float *SYMLOSS_RESTRICT negative,
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
            struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double sum_1_terms[SYMLOSS_BLOCK];
                symloss_fetch(
                    &anchor[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(anchor[0]));
                symloss_fetch(
                    &positive[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(positive[0]));
                symloss_fetch(
                    &negative[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(negative[0]));
                for (size_t d = block_start; d < block_stop; ++d) {
                    sum_1_terms[d - block_start] = ((double)negative[i * D + d]
                        - (double)positive[i * D + d]) * (((double)anchor[i * D + d]
                        - (double)negative[i * D + d]) + ((double)anchor[i * D + d]
                        - (double)positive[i * D + d]));
                }
                symloss_add_all_f32(sum_1_terms, block_stop - block_start, &sum_1_sums);
            }
            const double sum_1 = symloss_total_f32(&sum_1_sums);
            const double example_value = symloss_max(0.0, (double)margin + sum_1);
            if (reduction == SYMLOSS_NONE) {
                value[i] = (float)(example_weight * example_value);
            } else {
                symloss_add_one_f32(example_weight * example_value, &value_sums);
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

int symloss_triplet_squared_value_f32(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT anchor,
    const float *SYMLOSS_RESTRICT positive,
    const float *SYMLOSS_RESTRICT negative,
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
        symloss_triplet_squared_value_f32_of_thread(
            n, D, anchor, positive, negative, weight, reduction, margin, value, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_triplet_squared_value_f32_of_thread(
        n, D, anchor, positive, negative, weight, reduction, margin, value, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_triplet_squared_gradient_f64_of_thread(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT anchor,
    const double *SYMLOSS_RESTRICT positive,
    const double *SYMLOSS_RESTRICT negative,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT gradient_anchor,
    double *SYMLOSS_RESTRICT gradient_positive,
    double *SYMLOSS_RESTRICT gradient_negative,
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
            struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double sum_1_terms[SYMLOSS_BLOCK];
                symloss_fetch(
                    &anchor[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(anchor[0]));
                symloss_fetch(
                    &positive[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(positive[0]));
                symloss_fetch(
                    &negative[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(negative[0]));
                for (size_t d = block_start; d < block_stop; ++d) {
                    sum_1_terms[d - block_start] = (negative[i * D + d] - positive[i * D + d])
                        * ((anchor[i * D + d] - negative[i * D + d])
                        + (anchor[i * D + d] - positive[i * D + d]));
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
            }
            const double sum_1 = symloss_total(&sum_1_sums);
            const double term_1 = margin + sum_1;
            for (size_t d = 0; d < D; ++d) {
                gradient_anchor[i * D + d] = example_scale
                    * (term_1 == term_1 ? (term_1 >= 0.0 ? 2.0 * (negative[i * D + d] - positive[i * D + d])
                    : 0.0) : term_1);
                gradient_positive[i * D + d] = example_scale
                    * (term_1 == term_1 ? (term_1 >= 0.0 ? 2.0 * (positive[i * D + d] - anchor[i * D + d])
                    : 0.0) : term_1);
                gradient_negative[i * D + d] = example_scale
                    * (term_1 == term_1 ? (term_1 >= 0.0 ? 2.0 * (anchor[i * D + d] - negative[i * D + d])
                    : 0.0) : term_1);
            }
        }
    }
}

int symloss_triplet_squared_gradient_f64(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT anchor,
    const double *SYMLOSS_RESTRICT positive,
    const double *SYMLOSS_RESTRICT negative,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT gradient_anchor,
    double *SYMLOSS_RESTRICT gradient_positive,
    double *SYMLOSS_RESTRICT gradient_negative)
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
        symloss_triplet_squared_gradient_f64_of_thread(
            n, D, anchor, positive, negative, weight, reduction, margin, gradient_anchor, gradient_positive,
            gradient_negative, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_triplet_squared_gradient_f64_of_thread(
        n, D, anchor, positive, negative, weight, reduction, margin, gradient_anchor, gradient_positive,
        gradient_negative, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_triplet_squared_gradient_f32_of_thread(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT anchor,
    const float *SYMLOSS_RESTRICT positive,
    const float *SYMLOSS_RESTRICT negative,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT gradient_anchor,
    float *SYMLOSS_RESTRICT gradient_positive,
    float *SYMLOSS_RESTRICT gradient_negative,
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
            struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double sum_1_terms[SYMLOSS_BLOCK];
                symloss_fetch(
                    &anchor[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(anchor[0]));
                symloss_fetch(
                    &positive[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(positive[0]));
                symloss_fetch(
                    &negative[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(negative[0]));
                for (size_t d = block_start; d < block_stop; ++d) {
                    sum_1_terms[d - block_start] = ((double)negative[i * D + d]
                        - (double)positive[i * D + d]) * (((double)anchor[i * D + d]
                        - (double)negative[i * D + d]) + ((double)anchor[i * D + d]
                        - (double)positive[i * D + d]));
                }
                symloss_add_all_f32(sum_1_terms, block_stop - block_start, &sum_1_sums);
            }
            const double sum_1 = symloss_total_f32(&sum_1_sums);
            const double term_1 = (double)margin + sum_1;
            for (size_t d = 0; d < D; ++d) {
                gradient_anchor[i * D + d] = (float)(example_scale
                    * (term_1 == term_1 ? (term_1 >= 0.0 ? 2.0
                    * ((double)negative[i * D + d] - (double)positive[i * D + d]) : 0.0) : term_1));
                gradient_positive[i * D + d] = (float)(example_scale
                    * (term_1 == term_1 ? (term_1 >= 0.0 ? 2.0
                    * ((double)positive[i * D + d] - (double)anchor[i * D + d]) : 0.0) : term_1));
                gradient_negative[i * D + d] = (float)(example_scale
                    * (term_1 == term_1 ? (term_1 >= 0.0 ? 2.0
                    * ((double)anchor[i * D + d] - (double)negative[i * D + d]) : 0.0) : term_1));
            }
        }
    }
}

int symloss_triplet_squared_gradient_f32(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT anchor,
    const float *SYMLOSS_RESTRICT positive,
    const float *SYMLOSS_RESTRICT negative,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT gradient_anchor,
    float *SYMLOSS_RESTRICT gradient_positive,
    float *SYMLOSS_RESTRICT gradient_negative)
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
        symloss_triplet_squared_gradient_f32_of_thread(
            n, D, anchor, positive, negative, weight, reduction, margin, gradient_anchor, gradient_positive,
            gradient_negative, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_triplet_squared_gradient_f32_of_thread(
        n, D, anchor, positive, negative, weight, reduction, margin, gradient_anchor, gradient_positive,
        gradient_negative, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_triplet_squared_value_and_gradient_f64_of_thread(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT anchor,
    const double *SYMLOSS_RESTRICT positive,
    const double *SYMLOSS_RESTRICT negative,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_anchor,
    double *SYMLOSS_RESTRICT gradient_positive,
    double *SYMLOSS_RESTRICT gradient_negative,
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
            struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double sum_1_terms[SYMLOSS_BLOCK];
                symloss_fetch(
                    &anchor[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(anchor[0]));
                symloss_fetch(
                    &positive[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(positive[0]));
                symloss_fetch(
                    &negative[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(negative[0]));
                for (size_t d = block_start; d < block_stop; ++d) {
                    sum_1_terms[d - block_start] = (negative[i * D + d] - positive[i * D + d])
                        * ((anchor[i * D + d] - negative[i * D + d])
                        + (anchor[i * D + d] - positive[i * D + d]));
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
            }
            const double sum_1 = symloss_total(&sum_1_sums);
            const double term_1 = margin + sum_1;
            const double max_1 = symloss_max(0.0, term_1);
            const double example_value = max_1;
            if (reduction == SYMLOSS_NONE) {
                value[i] = example_weight * example_value;
            } else {
                symloss_add_one(example_weight * example_value, &value_sums);
            }
            for (size_t d = 0; d < D; ++d) {
                gradient_anchor[i * D + d] = example_scale
                    * (term_1 >= 0.0 ? 2.0 * (negative[i * D + d] - positive[i * D + d]) : max_1);
                gradient_positive[i * D + d] = example_scale
                    * (term_1 >= 0.0 ? 2.0 * (positive[i * D + d] - anchor[i * D + d]) : max_1);
                gradient_negative[i * D + d] = example_scale
                    * (term_1 >= 0.0 ? 2.0 * (anchor[i * D + d] - negative[i * D + d]) : max_1);
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

int symloss_triplet_squared_value_and_gradient_f64(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT anchor,
    const double *SYMLOSS_RESTRICT positive,
    const double *SYMLOSS_RESTRICT negative,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_anchor,
    double *SYMLOSS_RESTRICT gradient_positive,
    double *SYMLOSS_RESTRICT gradient_negative)
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
        symloss_triplet_squared_value_and_gradient_f64_of_thread(
            n, D, anchor, positive, negative, weight, reduction, margin, value, gradient_anchor,
            gradient_positive, gradient_negative, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_triplet_squared_value_and_gradient_f64_of_thread(
        n, D, anchor, positive, negative, weight, reduction, margin, value, gradient_anchor,
        gradient_positive, gradient_negative, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_triplet_squared_value_and_gradient_f32_of_thread(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT anchor,
    const float *SYMLOSS_RESTRICT positive,
    const float *SYMLOSS_RESTRICT negative,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_anchor,
    float *SYMLOSS_RESTRICT gradient_positive,
    float *SYMLOSS_RESTRICT gradient_negative,
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
            const double example_scale = scale * example_weight;
            struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double sum_1_terms[SYMLOSS_BLOCK];
                symloss_fetch(
                    &anchor[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(anchor[0]));
                symloss_fetch(
                    &positive[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(positive[0]));
                symloss_fetch(
                    &negative[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(negative[0]));
                for (size_t d = block_start; d < block_stop; ++d) {
                    sum_1_terms[d - block_start] = ((double)negative[i * D + d]
                        - (double)positive[i * D + d]) * (((double)anchor[i * D + d]
                        - (double)negative[i * D + d]) + ((double)anchor[i * D + d]
                        - (double)positive[i * D + d]));
                }
                symloss_add_all_f32(sum_1_terms, block_stop - block_start, &sum_1_sums);
            }
            const double sum_1 = symloss_total_f32(&sum_1_sums);
            const double term_1 = (double)margin + sum_1;
            const double max_1 = symloss_max(0.0, term_1);
            const double example_value = max_1;
            if (reduction == SYMLOSS_NONE) {
                value[i] = (float)(example_weight * example_value);
            } else {
                symloss_add_one_f32(example_weight * example_value, &value_sums);
            }
            for (size_t d = 0; d < D; ++d) {
                gradient_anchor[i * D + d] = (float)(example_scale
                    * (term_1 >= 0.0 ? 2.0 * ((double)negative[i * D + d] - (double)positive[i * D + d])
                    : max_1));
                gradient_positive[i * D + d] = (float)(example_scale
                    * (term_1 >= 0.0 ? 2.0 * ((double)positive[i * D + d] - (double)anchor[i * D + d])
                    : max_1));
                gradient_negative[i * D + d] = (float)(example_scale
                    * (term_1 >= 0.0 ? 2.0 * ((double)anchor[i * D + d] - (double)negative[i * D + d])
                    : max_1));
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

int symloss_triplet_squared_value_and_gradient_f32(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT anchor,
    const float *SYMLOSS_RESTRICT positive,
    const float *SYMLOSS_RESTRICT negative,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_anchor,
    float *SYMLOSS_RESTRICT gradient_positive,
    float *SYMLOSS_RESTRICT gradient_negative)
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
        symloss_triplet_squared_value_and_gradient_f32_of_thread(
            n, D, anchor, positive, negative, weight, reduction, margin, value, gradient_anchor,
            gradient_positive, gradient_negative, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_triplet_squared_value_and_gradient_f32_of_thread(
        n, D, anchor, positive, negative, weight, reduction, margin, value, gradient_anchor,
        gradient_positive, gradient_negative, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_triplet_squared_hessian_vector_product_f64_of_thread(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT anchor,
    const double *SYMLOSS_RESTRICT positive,
    const double *SYMLOSS_RESTRICT negative,
    const double *SYMLOSS_RESTRICT vector_anchor,
    const double *SYMLOSS_RESTRICT vector_positive,
    const double *SYMLOSS_RESTRICT vector_negative,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT product_anchor,
    double *SYMLOSS_RESTRICT product_positive,
    double *SYMLOSS_RESTRICT product_negative,
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
            struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double sum_1_terms[SYMLOSS_BLOCK];
                symloss_fetch(
                    &anchor[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(anchor[0]));
                symloss_fetch(
                    &positive[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(positive[0]));
                symloss_fetch(
                    &negative[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(negative[0]));
                for (size_t d = block_start; d < block_stop; ++d) {
                    sum_1_terms[d - block_start] = (negative[i * D + d] - positive[i * D + d])
                        * ((anchor[i * D + d] - negative[i * D + d])
                        + (anchor[i * D + d] - positive[i * D + d]));
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
            }
            const double sum_1 = symloss_total(&sum_1_sums);
            const double term_1 = margin + sum_1;
            for (size_t d = 0; d < D; ++d) {
                product_anchor[i * D + d] = example_scale
                    * ((term_1 == term_1 ? (term_1 >= 0.0 ? 2.0 * vector_negative[i * D + d] : 0.0) : term_1)
                    + (term_1 == term_1 ? (term_1 >= 0.0 ? -2.0 * vector_positive[i * D + d] : 0.0)
                    : term_1));
                product_positive[i * D + d] = example_scale
                    * ((term_1 == term_1 ? (term_1 >= 0.0 ? -2.0 * vector_anchor[i * D + d] : 0.0) : term_1)
                    + (term_1 == term_1 ? (term_1 >= 0.0 ? 2.0 * vector_positive[i * D + d] : 0.0) : term_1));
                product_negative[i * D + d] = example_scale
                    * ((term_1 == term_1 ? (term_1 >= 0.0 ? 2.0 * vector_anchor[i * D + d] : 0.0) : term_1)
                    + (term_1 == term_1 ? (term_1 >= 0.0 ? -2.0 * vector_negative[i * D + d] : 0.0)
                    : term_1));
            }
        }
    }
}

int symloss_triplet_squared_hessian_vector_product_f64(
    size_t n,
    size_t D,
    const double *SYMLOSS_RESTRICT anchor,
    const double *SYMLOSS_RESTRICT positive,
    const double *SYMLOSS_RESTRICT negative,
    const double *SYMLOSS_RESTRICT vector_anchor,
    const double *SYMLOSS_RESTRICT vector_positive,
    const double *SYMLOSS_RESTRICT vector_negative,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT product_anchor,
    double *SYMLOSS_RESTRICT product_positive,
    double *SYMLOSS_RESTRICT product_negative)
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
        symloss_triplet_squared_hessian_vector_product_f64_of_thread(
            n, D, anchor, positive, negative, vector_anchor, vector_positive, vector_negative, weight,
            reduction, margin, product_anchor, product_positive, product_negative, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_triplet_squared_hessian_vector_product_f64_of_thread(
        n, D, anchor, positive, negative, vector_anchor, vector_positive, vector_negative, weight, reduction,
        margin, product_anchor, product_positive, product_negative, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_triplet_squared_hessian_vector_product_f32_of_thread(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT anchor,
    const float *SYMLOSS_RESTRICT positive,
    const float *SYMLOSS_RESTRICT negative,
    const float *SYMLOSS_RESTRICT vector_anchor,
    const float *SYMLOSS_RESTRICT vector_positive,
    const float *SYMLOSS_RESTRICT vector_negative,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT product_anchor,
    float *SYMLOSS_RESTRICT product_positive,
    float *SYMLOSS_RESTRICT product_negative,
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
            struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double sum_1_terms[SYMLOSS_BLOCK];
                symloss_fetch(
                    &anchor[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(anchor[0]));
                symloss_fetch(
                    &positive[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(positive[0]));
                symloss_fetch(
                    &negative[(i + (i + 1 < part_stop)) * D + block_start],
                    (block_stop - block_start) * sizeof(negative[0]));
                for (size_t d = block_start; d < block_stop; ++d) {
                    sum_1_terms[d - block_start] = ((double)negative[i * D + d]
                        - (double)positive[i * D + d]) * (((double)anchor[i * D + d]
                        - (double)negative[i * D + d]) + ((double)anchor[i * D + d]
                        - (double)positive[i * D + d]));
                }
                symloss_add_all_f32(sum_1_terms, block_stop - block_start, &sum_1_sums);
            }
            const double sum_1 = symloss_total_f32(&sum_1_sums);
            const double term_1 = (double)margin + sum_1;
            for (size_t d = 0; d < D; ++d) {
                product_anchor[i * D + d] = (float)(example_scale
                    * ((term_1 == term_1 ? (term_1 >= 0.0 ? 2.0 * (double)vector_negative[i * D + d] : 0.0)
                    : term_1) + (term_1 == term_1 ? (term_1 >= 0.0 ? -2.0
                    * (double)vector_positive[i * D + d] : 0.0) : term_1)));
                product_positive[i * D + d] = (float)(example_scale
                    * ((term_1 == term_1 ? (term_1 >= 0.0 ? -2.0 * (double)vector_anchor[i * D + d] : 0.0)
                    : term_1) + (term_1 == term_1 ? (term_1 >= 0.0 ? 2.0 * (double)vector_positive[i * D + d]
                    : 0.0) : term_1)));
                product_negative[i * D + d] = (float)(example_scale
                    * ((term_1 == term_1 ? (term_1 >= 0.0 ? 2.0 * (double)vector_anchor[i * D + d] : 0.0)
                    : term_1) + (term_1 == term_1 ? (term_1 >= 0.0 ? -2.0
                    * (double)vector_negative[i * D + d] : 0.0) : term_1)));
            }
        }
    }
}

int symloss_triplet_squared_hessian_vector_product_f32(
    size_t n,
    size_t D,
    const float *SYMLOSS_RESTRICT anchor,
    const float *SYMLOSS_RESTRICT positive,
    const float *SYMLOSS_RESTRICT negative,
    const float *SYMLOSS_RESTRICT vector_anchor,
    const float *SYMLOSS_RESTRICT vector_positive,
    const float *SYMLOSS_RESTRICT vector_negative,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT product_anchor,
    float *SYMLOSS_RESTRICT product_positive,
    float *SYMLOSS_RESTRICT product_negative)
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
        symloss_triplet_squared_hessian_vector_product_f32_of_thread(
            n, D, anchor, positive, negative, vector_anchor, vector_positive, vector_negative, weight,
            reduction, margin, product_anchor, product_positive, product_negative, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_triplet_squared_hessian_vector_product_f32_of_thread(
        n, D, anchor, positive, negative, vector_anchor, vector_positive, vector_negative, weight, reduction,
        margin, product_anchor, product_positive, product_negative, divisor);
    return SYMLOSS_OK;
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif
