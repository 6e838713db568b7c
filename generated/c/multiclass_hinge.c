/*
 * multiclass_hinge: The hinge loss of C classes: the right score must exceed the highest wrong one by
 *     the margin.
 *
 * loss of one example = Max(0, margin + rival - score[target])
 *   where rival = Max(Piecewise((score[j], Ne(j, target)), (-oo, True)), (j, C))
 * d/dscore = Piecewise((-KroneckerDelta(k, target) + Piecewise((KroneckerDelta(k,
 *     ArgMax(Piecewise((score[j], Ne(j, target)), (-oo, True)), (j, C))),
 *     Ne(ArgMax(Piecewise((score[j], Ne(j, target)), (-oo, True)), (j, C)), target)), (0, True)),
 *     margin + rival - score[target] >= 0), (0, True))
 *
 * score: Real['C'], (..., C)
 * target: ClassIndex['C'], (...)
 * margin: Positive, default 1
 * float: value, gradient, value_and_gradient computed in float, sums in double
 * float: hessian_vector_product computed in double, and rounded once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate multiclass_hinge --target c
 *
 * Measured against exact results:
 *     float64: 3950 results, 0 % beyond the bound; worst 0.16 of the bound, 0.98 ulp (value)
 *     float32: 3955 results, 0 % beyond the bound; worst 0.25 of the bound, 7.1e+44 ulp (gradient)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#include "multiclass_hinge.h"

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

/* The place of the first largest term, or of the first NaN; 0 where there are no terms. */
static size_t symloss_place(const double *terms, size_t count, double *largest) {
    const double most = symloss_largest(terms, count);
    size_t place = 0;
    *largest = most;
    if (most != most) {
        while (terms[place] == terms[place]) {
            ++place;
        }
        return place;
    }
    for (int found = 0; place + SYMLOSS_BLOCK <= count; place += SYMLOSS_BLOCK) {
        for (size_t at = 0; at < SYMLOSS_BLOCK; ++at) {
            found |= !(terms[place + at] < most);
        }
        if (found) {
            break;
        }
    }
    for (int found = 0; place + SYMLOSS_LANES <= count; place += SYMLOSS_LANES) {
        for (size_t at = 0; at < SYMLOSS_LANES; ++at) {
            found |= !(terms[place + at] < most);
        }
        if (found) {
            break;
        }
    }
    while (place < count && terms[place] < most) {
        ++place;
    }
    return place < count ? place : 0;
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

/* The place of the first largest term, or of the first NaN; 0 where there are no terms. */
static size_t symloss_placef(const float *terms, size_t count, float *largest) {
    const float most = symloss_largestf(terms, count);
    size_t place = 0;
    *largest = most;
    if (most != most) {
        while (terms[place] == terms[place]) {
            ++place;
        }
        return place;
    }
    for (int found = 0; place + SYMLOSS_BLOCK <= count; place += SYMLOSS_BLOCK) {
        for (size_t at = 0; at < SYMLOSS_BLOCK; ++at) {
            found |= !(terms[place + at] < most);
        }
        if (found) {
            break;
        }
    }
    for (int found = 0; place + SYMLOSS_LANES <= count; place += SYMLOSS_LANES) {
        for (size_t at = 0; at < SYMLOSS_LANES; ++at) {
            found |= !(terms[place + at] < most);
        }
        if (found) {
            break;
        }
    }
    while (place < count && terms[place] < most) {
        ++place;
    }
    return place < count ? place : 0;
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
static void symloss_multiclass_hinge_value_f64_of_thread(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value,
    double divisor,
    double *part_totals)
{
    const size_t parts = symloss_parts(n, C);
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
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
                double largest_1_terms[SYMLOSS_BLOCK];
                symloss_fetch(
                    &score[(i + (i + 1 < part_stop)) * C + block_start],
                    (block_stop - block_start) * sizeof(score[0]));
                for (size_t c = block_start; c < block_stop; ++c) {
                    largest_1_terms[c - block_start] = (int64_t)c != target[i] ? score[i * C + c]
                        : -(double)INFINITY;
                }
                largest_1 = symloss_max(
                    largest_1, symloss_largest(largest_1_terms, block_stop - block_start));
            }
            const double rival = largest_1;
            const double example_value = symloss_max(0.0, margin + rival - score[i * C + (size_t)target[i]]);
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

int symloss_multiclass_hinge_value_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t block_start = 0; block_start < n; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, n, SYMLOSS_BLOCK);
        uint64_t block_bad = 0; /* a negative index is large without its sign */
        for (size_t at = block_start; at < block_stop; ++at) {
            block_bad |= ((uint64_t)target[at] >= (uint64_t)C);
        }
        if (block_bad) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    double part_totals[SYMLOSS_PARTS];
#ifdef _OPENMP
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_multiclass_hinge_value_f64_of_thread(
            n, C, score, target, weight, reduction, margin, value, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_multiclass_hinge_value_f64_of_thread(
        n, C, score, target, weight, reduction, margin, value, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_multiclass_hinge_value_f32_of_thread(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value,
    double divisor,
    double *part_totals)
{
    const size_t parts = symloss_parts(n, C);
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
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCKF) {
                const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCKF);
                float largest_1_terms[SYMLOSS_BLOCKF];
                symloss_fetch(
                    &score[(i + (i + 1 < part_stop)) * C + block_start],
                    (block_stop - block_start) * sizeof(score[0]));
                for (size_t c = block_start; c < block_stop; ++c) {
                    largest_1_terms[c - block_start] = (int64_t)c != target[i] ? score[i * C + c]
                        : -(float)INFINITY;
                }
                largest_1 = symloss_maxf(
                    largest_1, symloss_largestf(largest_1_terms, block_stop - block_start));
            }
            const float rival = largest_1;
            const float example_value = symloss_maxf(0.0F, margin + rival - score[i * C + (size_t)target[i]]);
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

int symloss_multiclass_hinge_value_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t block_start = 0; block_start < n; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, n, SYMLOSS_BLOCK);
        uint64_t block_bad = 0; /* a negative index is large without its sign */
        for (size_t at = block_start; at < block_stop; ++at) {
            block_bad |= ((uint64_t)target[at] >= (uint64_t)C);
        }
        if (block_bad) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    double part_totals[SYMLOSS_PARTS];
#ifdef _OPENMP
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_multiclass_hinge_value_f32_of_thread(
            n, C, score, target, weight, reduction, margin, value, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_multiclass_hinge_value_f32_of_thread(
        n, C, score, target, weight, reduction, margin, value, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_multiclass_hinge_gradient_f64_of_thread(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT gradient_score,
    double divisor)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, C);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? weight[i] : 1.0;
            const double example_scale = scale * example_weight;
            size_t place_1 = 0;
            double place_1_value = -(double)INFINITY;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
                double place_1_terms[SYMLOSS_BLOCK];
                symloss_fetch(
                    &score[(i + (i + 1 < part_stop)) * C + block_start],
                    (block_stop - block_start) * sizeof(score[0]));
                for (size_t c = block_start; c < block_stop; ++c) {
                    const double case_1 = (int64_t)c != target[i] ? score[i * C + c] : -(double)INFINITY;
                    place_1_terms[c - block_start] = case_1;
                }
                double place_1_best;
                const size_t place_1_at =
                    symloss_place(place_1_terms, block_stop - block_start, &place_1_best);
                if (place_1_best > place_1_value
                    || (place_1_best != place_1_best && place_1_value == place_1_value)) {
                    place_1 = block_start + place_1_at;
                    place_1_value = place_1_best;
                }
            }
            const double largest_1 = place_1_value;
            const double rival = largest_1;
            const double term_1 = margin + rival - score[i * C + (size_t)target[i]];
            for (size_t c = 0; c < C; ++c) {
                gradient_score[i * C + c] = example_scale * (term_1 == term_1 ? 0.0 : term_1);
            }
            {
                const size_t c = (size_t)target[i];
                gradient_score[i * C + c] = example_scale
                    * (term_1 == term_1 ? (term_1 >= 0.0
                    ? ((int64_t)place_1 != target[i] ? ((int64_t)c == (int64_t)place_1 ? 1.0 : 0.0) : 0.0)
                    - 1.0 : 0.0) : term_1);
            }
            {
                const size_t c = place_1;
                gradient_score[i * C + c] = example_scale
                    * (term_1 == term_1 ? (term_1 >= 0.0 ? ((int64_t)place_1 != target[i] ? 1.0 : 0.0)
                    - ((int64_t)c == target[i] ? 1.0 : 0.0) : 0.0) : term_1);
            }
        }
    }
}

int symloss_multiclass_hinge_gradient_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT gradient_score)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t block_start = 0; block_start < n; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, n, SYMLOSS_BLOCK);
        uint64_t block_bad = 0; /* a negative index is large without its sign */
        for (size_t at = block_start; at < block_stop; ++at) {
            block_bad |= ((uint64_t)target[at] >= (uint64_t)C);
        }
        if (block_bad) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
#ifdef _OPENMP
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_multiclass_hinge_gradient_f64_of_thread(
            n, C, score, target, weight, reduction, margin, gradient_score, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_multiclass_hinge_gradient_f64_of_thread(
        n, C, score, target, weight, reduction, margin, gradient_score, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_multiclass_hinge_gradient_f32_of_thread(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT gradient_score,
    double divisor)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, C);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
            const float example_scale = (float)(scale * example_weight);
            size_t place_1 = 0;
            float place_1_value = -(float)INFINITY;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCKF) {
                const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCKF);
                float place_1_terms[SYMLOSS_BLOCKF];
                symloss_fetch(
                    &score[(i + (i + 1 < part_stop)) * C + block_start],
                    (block_stop - block_start) * sizeof(score[0]));
                for (size_t c = block_start; c < block_stop; ++c) {
                    const float case_1 = (int64_t)c != target[i] ? score[i * C + c] : -(float)INFINITY;
                    place_1_terms[c - block_start] = case_1;
                }
                float place_1_best;
                const size_t place_1_at =
                    symloss_placef(place_1_terms, block_stop - block_start, &place_1_best);
                if (place_1_best > place_1_value
                    || (place_1_best != place_1_best && place_1_value == place_1_value)) {
                    place_1 = block_start + place_1_at;
                    place_1_value = place_1_best;
                }
            }
            const float largest_1 = place_1_value;
            const float rival = largest_1;
            const float term_1 = margin + rival - score[i * C + (size_t)target[i]];
            for (size_t c = 0; c < C; ++c) {
                gradient_score[i * C + c] = example_scale * (term_1 == term_1 ? 0.0F : term_1);
            }
            {
                const size_t c = (size_t)target[i];
                gradient_score[i * C + c] = example_scale
                    * (term_1 == term_1 ? (term_1 >= 0.0F
                    ? ((int64_t)place_1 != target[i] ? ((int64_t)c == (int64_t)place_1 ? 1.0F : 0.0F) : 0.0F)
                    - 1.0F : 0.0F) : term_1);
            }
            {
                const size_t c = place_1;
                gradient_score[i * C + c] = example_scale
                    * (term_1 == term_1 ? (term_1 >= 0.0F ? ((int64_t)place_1 != target[i] ? 1.0F : 0.0F)
                    - ((int64_t)c == target[i] ? 1.0F : 0.0F) : 0.0F) : term_1);
            }
        }
    }
}

int symloss_multiclass_hinge_gradient_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT gradient_score)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t block_start = 0; block_start < n; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, n, SYMLOSS_BLOCK);
        uint64_t block_bad = 0; /* a negative index is large without its sign */
        for (size_t at = block_start; at < block_stop; ++at) {
            block_bad |= ((uint64_t)target[at] >= (uint64_t)C);
        }
        if (block_bad) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
#ifdef _OPENMP
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_multiclass_hinge_gradient_f32_of_thread(
            n, C, score, target, weight, reduction, margin, gradient_score, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_multiclass_hinge_gradient_f32_of_thread(
        n, C, score, target, weight, reduction, margin, gradient_score, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_multiclass_hinge_value_and_gradient_f64_of_thread(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_score,
    double divisor,
    double *part_totals)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, C);
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
            size_t place_1 = 0;
            double place_1_value = -(double)INFINITY;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
                double place_1_terms[SYMLOSS_BLOCK];
                symloss_fetch(
                    &score[(i + (i + 1 < part_stop)) * C + block_start],
                    (block_stop - block_start) * sizeof(score[0]));
                for (size_t c = block_start; c < block_stop; ++c) {
                    const double case_1 = (int64_t)c != target[i] ? score[i * C + c] : -(double)INFINITY;
                    place_1_terms[c - block_start] = case_1;
                }
                double place_1_best;
                const size_t place_1_at =
                    symloss_place(place_1_terms, block_stop - block_start, &place_1_best);
                if (place_1_best > place_1_value
                    || (place_1_best != place_1_best && place_1_value == place_1_value)) {
                    place_1 = block_start + place_1_at;
                    place_1_value = place_1_best;
                }
            }
            const double largest_1 = place_1_value;
            const double rival = largest_1;
            const double term_1 = margin + rival - score[i * C + (size_t)target[i]];
            const double max_1 = symloss_max(0.0, term_1);
            const double example_value = max_1;
            if (reduction == SYMLOSS_NONE) {
                value[i] = example_weight * example_value;
            } else {
                symloss_add_one(example_weight * example_value, &value_sums);
            }
            for (size_t c = 0; c < C; ++c) {
                gradient_score[i * C + c] = example_scale * (term_1 >= 0.0 ? 0.0 : max_1);
            }
            {
                const size_t c = (size_t)target[i];
                gradient_score[i * C + c] = example_scale
                    * (term_1 >= 0.0 ? ((int64_t)place_1 != target[i]
                    ? ((int64_t)c == (int64_t)place_1 ? 1.0 : 0.0) : 0.0) - 1.0 : max_1);
            }
            {
                const size_t c = place_1;
                gradient_score[i * C + c] = example_scale
                    * (term_1 >= 0.0 ? ((int64_t)place_1 != target[i] ? 1.0 : 0.0)
                    - ((int64_t)c == target[i] ? 1.0 : 0.0) : max_1);
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

int symloss_multiclass_hinge_value_and_gradient_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_score)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t block_start = 0; block_start < n; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, n, SYMLOSS_BLOCK);
        uint64_t block_bad = 0; /* a negative index is large without its sign */
        for (size_t at = block_start; at < block_stop; ++at) {
            block_bad |= ((uint64_t)target[at] >= (uint64_t)C);
        }
        if (block_bad) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    double part_totals[SYMLOSS_PARTS];
#ifdef _OPENMP
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_multiclass_hinge_value_and_gradient_f64_of_thread(
            n, C, score, target, weight, reduction, margin, value, gradient_score, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_multiclass_hinge_value_and_gradient_f64_of_thread(
        n, C, score, target, weight, reduction, margin, value, gradient_score, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_multiclass_hinge_value_and_gradient_f32_of_thread(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_score,
    double divisor,
    double *part_totals)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, C);
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
            size_t place_1 = 0;
            float place_1_value = -(float)INFINITY;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCKF) {
                const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCKF);
                float place_1_terms[SYMLOSS_BLOCKF];
                symloss_fetch(
                    &score[(i + (i + 1 < part_stop)) * C + block_start],
                    (block_stop - block_start) * sizeof(score[0]));
                for (size_t c = block_start; c < block_stop; ++c) {
                    const float case_1 = (int64_t)c != target[i] ? score[i * C + c] : -(float)INFINITY;
                    place_1_terms[c - block_start] = case_1;
                }
                float place_1_best;
                const size_t place_1_at =
                    symloss_placef(place_1_terms, block_stop - block_start, &place_1_best);
                if (place_1_best > place_1_value
                    || (place_1_best != place_1_best && place_1_value == place_1_value)) {
                    place_1 = block_start + place_1_at;
                    place_1_value = place_1_best;
                }
            }
            const float largest_1 = place_1_value;
            const float rival = largest_1;
            const float term_1 = margin + rival - score[i * C + (size_t)target[i]];
            const float max_1 = symloss_maxf(0.0F, term_1);
            const float example_value = max_1;
            if (reduction == SYMLOSS_NONE) {
                value[i] = (float)(example_weight * (double)example_value);
            } else {
                symloss_add_one_f32(example_weight * (double)example_value, &value_sums);
            }
            for (size_t c = 0; c < C; ++c) {
                gradient_score[i * C + c] = example_scale * (term_1 >= 0.0F ? 0.0F : max_1);
            }
            {
                const size_t c = (size_t)target[i];
                gradient_score[i * C + c] = example_scale
                    * (term_1 >= 0.0F ? ((int64_t)place_1 != target[i]
                    ? ((int64_t)c == (int64_t)place_1 ? 1.0F : 0.0F) : 0.0F) - 1.0F : max_1);
            }
            {
                const size_t c = place_1;
                gradient_score[i * C + c] = example_scale
                    * (term_1 >= 0.0F ? ((int64_t)place_1 != target[i] ? 1.0F : 0.0F)
                    - ((int64_t)c == target[i] ? 1.0F : 0.0F) : max_1);
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

int symloss_multiclass_hinge_value_and_gradient_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_score)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t block_start = 0; block_start < n; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, n, SYMLOSS_BLOCK);
        uint64_t block_bad = 0; /* a negative index is large without its sign */
        for (size_t at = block_start; at < block_stop; ++at) {
            block_bad |= ((uint64_t)target[at] >= (uint64_t)C);
        }
        if (block_bad) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    double part_totals[SYMLOSS_PARTS];
#ifdef _OPENMP
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_multiclass_hinge_value_and_gradient_f32_of_thread(
            n, C, score, target, weight, reduction, margin, value, gradient_score, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_multiclass_hinge_value_and_gradient_f32_of_thread(
        n, C, score, target, weight, reduction, margin, value, gradient_score, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_multiclass_hinge_hessian_vector_product_f64_of_thread(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT vector,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT product_score,
    double divisor)
{
    (void)score;
    (void)target;
    (void)vector;
    (void)margin;
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, C);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? weight[i] : 1.0;
            const double example_scale = scale * example_weight;
            for (size_t c = 0; c < C; ++c) {
                product_score[i * C + c] = example_scale * 0.0;
            }
        }
    }
}

int symloss_multiclass_hinge_hessian_vector_product_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT vector,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT product_score)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t block_start = 0; block_start < n; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, n, SYMLOSS_BLOCK);
        uint64_t block_bad = 0; /* a negative index is large without its sign */
        for (size_t at = block_start; at < block_stop; ++at) {
            block_bad |= ((uint64_t)target[at] >= (uint64_t)C);
        }
        if (block_bad) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
#ifdef _OPENMP
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_multiclass_hinge_hessian_vector_product_f64_of_thread(
            n, C, score, target, vector, weight, reduction, margin, product_score, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_multiclass_hinge_hessian_vector_product_f64_of_thread(
        n, C, score, target, vector, weight, reduction, margin, product_score, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_multiclass_hinge_hessian_vector_product_f32_of_thread(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT vector,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT product_score,
    double divisor)
{
    (void)score;
    (void)target;
    (void)vector;
    (void)margin;
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, C);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
            const double example_scale = scale * example_weight;
            for (size_t c = 0; c < C; ++c) {
                product_score[i * C + c] = (float)(example_scale * 0.0);
            }
        }
    }
}

int symloss_multiclass_hinge_hessian_vector_product_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT vector,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT product_score)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t block_start = 0; block_start < n; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, n, SYMLOSS_BLOCK);
        uint64_t block_bad = 0; /* a negative index is large without its sign */
        for (size_t at = block_start; at < block_stop; ++at) {
            block_bad |= ((uint64_t)target[at] >= (uint64_t)C);
        }
        if (block_bad) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
#ifdef _OPENMP
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_multiclass_hinge_hessian_vector_product_f32_of_thread(
            n, C, score, target, vector, weight, reduction, margin, product_score, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_multiclass_hinge_hessian_vector_product_f32_of_thread(
        n, C, score, target, vector, weight, reduction, margin, product_score, divisor);
    return SYMLOSS_OK;
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif
