/*
 * quantile: The pinball loss, whose best constant prediction is the quantile of the given level.
 *
 * loss of one example = Piecewise((level*r, r >= 0), (r*(level - 1), True))
 *   where r = -prediction + target
 * d/dprediction = Piecewise((-level, r >= 0), (1 - level, True))
 *
 * prediction: Real, any shape, the same for all
 * target: Real, any shape, the same for all
 * level: Interval(0, 1, open=True), default 0.5
 * float: value, gradient, value_and_gradient computed in float, sums in double
 * float: hessian computed in double, and rounded once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate quantile --target c
 *
 * Measured against exact results:
 *     float64: 7927 results, 0 % beyond the bound; worst 0.19 of the bound, 1.23 ulp (value at
 *         prediction=1.2472610920343905, target=-15.440101813211495, level=0.1583073908091689)
 *     float32: 7675 results, 0 % beyond the bound; worst 0.17 of the bound, 1.05 ulp (value at
 *         prediction=0.010917789302766323, target=2.3507500657160563e-07, level=0.0010000000474974513)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#include "quantile.h"

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

#if defined(__SSE2__)
#include <emmintrin.h>
#endif
#include <math.h>
#if defined(_OPENMP)
#include <omp.h>
#endif
#include <string.h>

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

/* Outputs that no cache holds go past the caches, whose lines would be read first, only to be overwritten. */
#if defined(__SSE2__)
#define SYMLOSS_STREAMS(bytes) ((bytes) >= ((size_t)1 << 23))
#else
#define SYMLOSS_STREAMS(bytes) ((bytes) > SIZE_MAX - 1)
#endif

/* What has gone past the caches is there for other threads from here on. */
static inline void symloss_settle(void) {
#if defined(__SSE2__)
    _mm_sfence();
#endif
}

static void symloss_stream(const void *from, size_t bytes, void *to) {
    const char *source = (const char *)from;
    char *target = (char *)to;
    size_t at = symloss_stop(0, bytes, (64 - (uintptr_t)to % 64) % 64);
    memcpy(target, source, at);
#if defined(__SSE2__)
    for (; at + 64 <= bytes; at += 64) { /* whole lines: parts of them would be read after all */
        for (size_t part = at; part < at + 64; part += 16) {
            _mm_stream_si128((__m128i *)(target + part), _mm_loadu_si128((const __m128i *)(source + part)));
        }
    }
#endif
    memcpy(target + at, source + at, bytes - at);
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

static void symloss_add_allf(
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
                const double first = (double)line[at] + (double)line[SYMLOSS_LINE_F32 + at];
                const double second =
                    (double)line[2 * SYMLOSS_LINE_F32 + at] + (double)line[3 * SYMLOSS_LINE_F32 + at];
                sums->totals[place + at] += first + second;
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

/* What each example of a block counts. */
static inline const double *symloss_weigh(
    const double *weight, size_t count, double scale, double *scales)
{
    for (size_t at = 0; at < count; ++at) {
        scales[at] = scale * weight[at];
    }
    return scales;
}

/* Give the values of the examples of a block. */
static inline void symloss_values(
    const double *terms, const double *weight, size_t count, double *value)
{
    if (weight == NULL) {
        for (size_t at = 0; at < count; ++at) {
            value[at] = terms[at];
        }
    } else {
        for (size_t at = 0; at < count; ++at) {
            value[at] = weight[at] * terms[at];
        }
    }
}

/* Add the values of the examples of a block to a sum. */
static inline void symloss_add_values(
    double *terms, const double *weight, size_t count, struct symloss_sums *sums)
{
    if (weight == NULL) {
        symloss_add_all(terms, count, sums);
    } else {
        double weighed[SYMLOSS_BLOCK];
        for (size_t at = 0; at < count; ++at) {
            weighed[at] = weight[at] * terms[at];
        }
        symloss_add_all(weighed, count, sums);
    }
}

/* What each example of a block counts. */
static inline const double *symloss_weigh_f32(
    const float *weight, size_t count, double scale, double *scales)
{
    for (size_t at = 0; at < count; ++at) {
        scales[at] = scale * (double)weight[at];
    }
    return scales;
}

/* What each example of a block counts. */
static inline const float *symloss_weighf(
    const float *weight, size_t count, double scale, float *scales)
{
    for (size_t at = 0; at < count; ++at) {
        scales[at] = (float)(scale * (double)weight[at]);
    }
    return scales;
}

/* Give the values of the examples of a block. */
static inline void symloss_valuesf(
    const float *terms, const float *weight, size_t count, float *value)
{
    if (weight == NULL) {
        for (size_t at = 0; at < count; ++at) {
            value[at] = terms[at];
        }
    } else {
        for (size_t at = 0; at < count; ++at) {
            value[at] = (float)((double)weight[at] * (double)terms[at]);
        }
    }
}

/* Add the values of the examples of a block to a sum. */
static inline void symloss_add_valuesf(
    float *terms, const float *weight, size_t count, struct symloss_sums_f32 *sums)
{
    if (weight == NULL) {
        symloss_add_allf(terms, count, sums);
    } else {
        double weighed[SYMLOSS_BLOCKF];
        for (size_t at = 0; at < count; ++at) {
            weighed[at] = (double)weight[at] * (double)terms[at];
        }
        symloss_add_all_f32(weighed, count, sums);
    }
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

/* One example: gives its value. */
static inline double symloss_value_f64_of_example(
    size_t i, const double *prediction, const double *target, double level, double term_1)
{
    const double r = target[i] - prediction[i];
    const double example_value = r >= 0.0 ? level * r : term_1 * r;
    return example_value;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_quantile_value_f64_of_thread(
    size_t n,
    const double *SYMLOSS_RESTRICT prediction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double level,
    double *SYMLOSS_RESTRICT value,
    double divisor,
    double *part_totals)
{
    const double term_1 = level - 1.0;
    const size_t parts = symloss_parts(n, 1);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        struct symloss_sums value_sums = {{0.0}, {0.0}, 0};
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCK);
            const double *const block_weight = weight != NULL ? weight + block_start : NULL;
            double value_terms[SYMLOSS_BLOCK];
            const double *const prediction_block = prediction + block_start;
            const double *const target_block = target + block_start;
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(prediction + block_stop, next * sizeof(prediction[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            if (weight == NULL && reduction != SYMLOSS_NONE && block_stop - block_start == SYMLOSS_BLOCK) {
                /* values are added as symloss_add_all adds them */
                for (size_t from = 0; from < SYMLOSS_BLOCK; from += 4 * SYMLOSS_LINE) {
                    for (size_t lane = 0; lane < SYMLOSS_LINE; ++lane) {
                        const size_t at = from + lane;
                        const size_t lane_place = from / 4 % SYMLOSS_LANES + lane;
                        double line_values[4];
                        line_values[0] = symloss_value_f64_of_example(at, prediction_block, target_block,
                            level, term_1);
                        line_values[1] = symloss_value_f64_of_example(at + SYMLOSS_LINE, prediction_block,
                            target_block, level, term_1);
                        line_values[2] = symloss_value_f64_of_example(at + 2 * SYMLOSS_LINE, prediction_block,
                            target_block, level, term_1);
                        line_values[3] = symloss_value_f64_of_example(at + 3 * SYMLOSS_LINE, prediction_block,
                            target_block, level, term_1);
                        const double example_value =
                            (line_values[0] + line_values[1]) + (line_values[2] + line_values[3]);
                        symloss_add(
                            example_value, &value_sums.totals[lane_place], &value_sums.rests[lane_place]);
                    }
                }
                value_sums.used = 1;
            } else {
                for (size_t i = block_start; i < block_stop; ++i) {
                    value_terms[i - block_start] = symloss_value_f64_of_example(i - block_start,
                        prediction_block, target_block, level, term_1);
                }
                if (reduction != SYMLOSS_NONE) {
                    symloss_add_values(value_terms, block_weight, block_stop - block_start, &value_sums);
                } else {
                    symloss_values(
                        value_terms, block_weight, block_stop - block_start, value + block_start);
                }
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

int symloss_quantile_value_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT prediction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double level,
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
    if (symloss_parts(n, 1) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, 1) > 1)
        symloss_quantile_value_f64_of_thread(
            n, prediction, target, weight, reduction, level, value, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_quantile_value_f64_of_thread(
        n, prediction, target, weight, reduction, level, value, divisor, part_totals);
    return SYMLOSS_OK;
}

/* One example: gives its value. */
static inline float symloss_value_f32_of_example(
    size_t i, const float *prediction, const float *target, float level, float term_1)
{
    const float r = target[i] - prediction[i];
    const float example_value = r >= 0.0F ? level * r : term_1 * r;
    return example_value;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_quantile_value_f32_of_thread(
    size_t n,
    const float *SYMLOSS_RESTRICT prediction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float level,
    float *SYMLOSS_RESTRICT value,
    double divisor,
    double *part_totals)
{
    const float term_1 = level - 1.0F;
    const size_t parts = symloss_parts(n, 1);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        struct symloss_sums_f32 value_sums = {{0.0}, 0};
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCKF) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCKF);
            const float *const block_weight = weight != NULL ? weight + block_start : NULL;
            float value_terms[SYMLOSS_BLOCKF];
            const float *const prediction_block = prediction + block_start;
            const float *const target_block = target + block_start;
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCKF) - block_stop;
            symloss_fetch(prediction + block_stop, next * sizeof(prediction[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            if (weight == NULL && reduction != SYMLOSS_NONE && block_stop - block_start == SYMLOSS_BLOCKF) {
                /* values are added as symloss_add_allf adds them */
                for (size_t from = 0; from < SYMLOSS_BLOCKF; from += 4 * SYMLOSS_LINE_F32) {
                    for (size_t lane = 0; lane < SYMLOSS_LINE_F32; ++lane) {
                        const size_t at = from + lane;
                        const size_t lane_place = from / 4 % SYMLOSS_LANES + lane;
                        double line_values[4];
                        line_values[0] = (double)symloss_value_f32_of_example(at, prediction_block,
                            target_block, level, term_1);
                        line_values[1] = (double)symloss_value_f32_of_example(at + SYMLOSS_LINE_F32,
                            prediction_block, target_block, level, term_1);
                        line_values[2] = (double)symloss_value_f32_of_example(at + 2 * SYMLOSS_LINE_F32,
                            prediction_block, target_block, level, term_1);
                        line_values[3] = (double)symloss_value_f32_of_example(at + 3 * SYMLOSS_LINE_F32,
                            prediction_block, target_block, level, term_1);
                        const double example_value =
                            (line_values[0] + line_values[1]) + (line_values[2] + line_values[3]);
                        value_sums.totals[lane_place] += example_value;
                    }
                }
                value_sums.used = 1;
            } else {
                for (size_t i = block_start; i < block_stop; ++i) {
                    value_terms[i - block_start] = symloss_value_f32_of_example(i - block_start,
                        prediction_block, target_block, level, term_1);
                }
                if (reduction != SYMLOSS_NONE) {
                    symloss_add_valuesf(value_terms, block_weight, block_stop - block_start, &value_sums);
                } else {
                    symloss_valuesf(
                        value_terms, block_weight, block_stop - block_start, value + block_start);
                }
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

int symloss_quantile_value_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT prediction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float level,
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
    if (symloss_parts(n, 1) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, 1) > 1)
        symloss_quantile_value_f32_of_thread(
            n, prediction, target, weight, reduction, level, value, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_quantile_value_f32_of_thread(
        n, prediction, target, weight, reduction, level, value, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_quantile_gradient_f64_of_thread(
    size_t n,
    const double *SYMLOSS_RESTRICT prediction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double level,
    double *SYMLOSS_RESTRICT gradient_prediction,
    double divisor)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const double term_1 = 1.0 - level;
    const size_t parts = symloss_parts(n, 1);
    double scales[SYMLOSS_BLOCK];
    for (size_t at = 0; at < SYMLOSS_BLOCK; ++at) {
        scales[at] = scale;
    }
    const int streams = SYMLOSS_STREAMS(n * sizeof(double));
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        double gradient_prediction_terms[2 * SYMLOSS_BLOCK];
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCK);
            const double *const block_weight = weight != NULL ? weight + block_start : NULL;
            double weighed_scales[SYMLOSS_BLOCK];
            const double *const block_scale = weight == NULL ? scales
                : symloss_weigh(block_weight, block_stop - block_start, scale, weighed_scales);
            const size_t next = /* processors themselves ask for what the caches hold */
                streams ? symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop : 0;
            symloss_fetch(prediction + block_stop, next * sizeof(prediction[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            const size_t waiting = (block_start - part_start) % (2 * SYMLOSS_BLOCK);
            double *const gradient_prediction_block =
                streams ? gradient_prediction_terms + waiting : gradient_prediction + block_start;
            for (size_t i = block_start; i < block_stop; ++i) {
                const double example_scale = block_scale[i - block_start];
                const double r = target[i] - prediction[i];
                gradient_prediction_block[i - block_start] = example_scale
                    * (r == r ? (r >= 0.0 ? -level : term_1) : r);
            }
            if (streams && (waiting > 0 || block_stop == part_stop)) { /* two blocks at a time */
                symloss_stream(
                    gradient_prediction_terms, (waiting + block_stop - block_start) * sizeof(double),
                    gradient_prediction + block_start - waiting);
            }
        }
        symloss_settle();
    }
}

int symloss_quantile_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT prediction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double level,
    double *SYMLOSS_RESTRICT gradient_prediction)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
#ifdef _OPENMP
    if (symloss_parts(n, 1) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, 1) > 1)
        symloss_quantile_gradient_f64_of_thread(
            n, prediction, target, weight, reduction, level, gradient_prediction, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_quantile_gradient_f64_of_thread(
        n, prediction, target, weight, reduction, level, gradient_prediction, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_quantile_gradient_f32_of_thread(
    size_t n,
    const float *SYMLOSS_RESTRICT prediction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float level,
    float *SYMLOSS_RESTRICT gradient_prediction,
    double divisor)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const float term_1 = 1.0F - level;
    const size_t parts = symloss_parts(n, 1);
    float scales[SYMLOSS_BLOCKF];
    for (size_t at = 0; at < SYMLOSS_BLOCKF; ++at) {
        scales[at] = (float)scale;
    }
    const int streams = SYMLOSS_STREAMS(n * sizeof(float));
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        float gradient_prediction_terms[2 * SYMLOSS_BLOCKF];
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCKF) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCKF);
            const float *const block_weight = weight != NULL ? weight + block_start : NULL;
            float weighed_scales[SYMLOSS_BLOCKF];
            const float *const block_scale = weight == NULL ? scales
                : symloss_weighf(block_weight, block_stop - block_start, scale, weighed_scales);
            const size_t next = /* processors themselves ask for what the caches hold */
                streams ? symloss_stop(block_stop, part_stop, SYMLOSS_BLOCKF) - block_stop : 0;
            symloss_fetch(prediction + block_stop, next * sizeof(prediction[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            const size_t waiting = (block_start - part_start) % (2 * SYMLOSS_BLOCKF);
            float *const gradient_prediction_block =
                streams ? gradient_prediction_terms + waiting : gradient_prediction + block_start;
            for (size_t i = block_start; i < block_stop; ++i) {
                const float example_scale = block_scale[i - block_start];
                const float r = target[i] - prediction[i];
                gradient_prediction_block[i - block_start] = example_scale
                    * (r == r ? (r >= 0.0F ? -level : term_1) : r);
            }
            if (streams && (waiting > 0 || block_stop == part_stop)) { /* two blocks at a time */
                symloss_stream(
                    gradient_prediction_terms, (waiting + block_stop - block_start) * sizeof(float),
                    gradient_prediction + block_start - waiting);
            }
        }
        symloss_settle();
    }
}

int symloss_quantile_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT prediction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float level,
    float *SYMLOSS_RESTRICT gradient_prediction)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
#ifdef _OPENMP
    if (symloss_parts(n, 1) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, 1) > 1)
        symloss_quantile_gradient_f32_of_thread(
            n, prediction, target, weight, reduction, level, gradient_prediction, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_quantile_gradient_f32_of_thread(
        n, prediction, target, weight, reduction, level, gradient_prediction, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_quantile_value_and_gradient_f64_of_thread(
    size_t n,
    const double *SYMLOSS_RESTRICT prediction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double level,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_prediction,
    double divisor,
    double *part_totals)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const double term_1 = 1.0 - level;
    const double term_2 = level - 1.0;
    const size_t parts = symloss_parts(n, 1);
    double scales[SYMLOSS_BLOCK];
    for (size_t at = 0; at < SYMLOSS_BLOCK; ++at) {
        scales[at] = scale;
    }
    const int streams = SYMLOSS_STREAMS(n * sizeof(double));
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        struct symloss_sums value_sums = {{0.0}, {0.0}, 0};
        double gradient_prediction_terms[2 * SYMLOSS_BLOCK];
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCK);
            const double *const block_weight = weight != NULL ? weight + block_start : NULL;
            double weighed_scales[SYMLOSS_BLOCK];
            const double *const block_scale = weight == NULL ? scales
                : symloss_weigh(block_weight, block_stop - block_start, scale, weighed_scales);
            double value_terms[SYMLOSS_BLOCK];
            const size_t next = /* processors themselves ask for what the caches hold */
                streams ? symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop : 0;
            symloss_fetch(prediction + block_stop, next * sizeof(prediction[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            const size_t waiting = (block_start - part_start) % (2 * SYMLOSS_BLOCK);
            double *const gradient_prediction_block =
                streams ? gradient_prediction_terms + waiting : gradient_prediction + block_start;
            for (size_t i = block_start; i < block_stop; ++i) {
                const double example_scale = block_scale[i - block_start];
                const double r = target[i] - prediction[i];
                const double example_value = r >= 0.0 ? level * r : term_2 * r;
                value_terms[i - block_start] = example_value;
                gradient_prediction_block[i - block_start] = example_scale
                    * (r == r ? (r >= 0.0 ? -level : term_1) : r);
            }
            if (streams && (waiting > 0 || block_stop == part_stop)) { /* two blocks at a time */
                symloss_stream(
                    gradient_prediction_terms, (waiting + block_stop - block_start) * sizeof(double),
                    gradient_prediction + block_start - waiting);
            }
            if (reduction != SYMLOSS_NONE) {
                symloss_add_values(value_terms, block_weight, block_stop - block_start, &value_sums);
            } else {
                symloss_values(
                    value_terms, block_weight, block_stop - block_start, value + block_start);
            }
        }
        symloss_settle();
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

int symloss_quantile_value_and_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT prediction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double level,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_prediction)
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
    if (symloss_parts(n, 1) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, 1) > 1)
        symloss_quantile_value_and_gradient_f64_of_thread(
            n, prediction, target, weight, reduction, level, value, gradient_prediction, divisor,
            part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_quantile_value_and_gradient_f64_of_thread(
        n, prediction, target, weight, reduction, level, value, gradient_prediction, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_quantile_value_and_gradient_f32_of_thread(
    size_t n,
    const float *SYMLOSS_RESTRICT prediction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float level,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_prediction,
    double divisor,
    double *part_totals)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const float term_1 = 1.0F - level;
    const float term_2 = level - 1.0F;
    const size_t parts = symloss_parts(n, 1);
    float scales[SYMLOSS_BLOCKF];
    for (size_t at = 0; at < SYMLOSS_BLOCKF; ++at) {
        scales[at] = (float)scale;
    }
    const int streams = SYMLOSS_STREAMS(n * sizeof(float));
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        struct symloss_sums_f32 value_sums = {{0.0}, 0};
        float gradient_prediction_terms[2 * SYMLOSS_BLOCKF];
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCKF) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCKF);
            const float *const block_weight = weight != NULL ? weight + block_start : NULL;
            float weighed_scales[SYMLOSS_BLOCKF];
            const float *const block_scale = weight == NULL ? scales
                : symloss_weighf(block_weight, block_stop - block_start, scale, weighed_scales);
            float value_terms[SYMLOSS_BLOCKF];
            const size_t next = /* processors themselves ask for what the caches hold */
                streams ? symloss_stop(block_stop, part_stop, SYMLOSS_BLOCKF) - block_stop : 0;
            symloss_fetch(prediction + block_stop, next * sizeof(prediction[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            const size_t waiting = (block_start - part_start) % (2 * SYMLOSS_BLOCKF);
            float *const gradient_prediction_block =
                streams ? gradient_prediction_terms + waiting : gradient_prediction + block_start;
            for (size_t i = block_start; i < block_stop; ++i) {
                const float example_scale = block_scale[i - block_start];
                const float r = target[i] - prediction[i];
                const float example_value = r >= 0.0F ? level * r : term_2 * r;
                value_terms[i - block_start] = example_value;
                gradient_prediction_block[i - block_start] = example_scale
                    * (r == r ? (r >= 0.0F ? -level : term_1) : r);
            }
            if (streams && (waiting > 0 || block_stop == part_stop)) { /* two blocks at a time */
                symloss_stream(
                    gradient_prediction_terms, (waiting + block_stop - block_start) * sizeof(float),
                    gradient_prediction + block_start - waiting);
            }
            if (reduction != SYMLOSS_NONE) {
                symloss_add_valuesf(value_terms, block_weight, block_stop - block_start, &value_sums);
            } else {
                symloss_valuesf(
                    value_terms, block_weight, block_stop - block_start, value + block_start);
            }
        }
        symloss_settle();
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

int symloss_quantile_value_and_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT prediction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float level,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_prediction)
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
    if (symloss_parts(n, 1) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, 1) > 1)
        symloss_quantile_value_and_gradient_f32_of_thread(
            n, prediction, target, weight, reduction, level, value, gradient_prediction, divisor,
            part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_quantile_value_and_gradient_f32_of_thread(
        n, prediction, target, weight, reduction, level, value, gradient_prediction, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_quantile_hessian_f64_of_thread(
    size_t n,
    const double *SYMLOSS_RESTRICT prediction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double level,
    double *SYMLOSS_RESTRICT hessian_prediction,
    double divisor)
{
    (void)level;
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, 1);
    double scales[SYMLOSS_BLOCK];
    for (size_t at = 0; at < SYMLOSS_BLOCK; ++at) {
        scales[at] = scale;
    }
    const int streams = SYMLOSS_STREAMS(n * sizeof(double));
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        double hessian_prediction_terms[2 * SYMLOSS_BLOCK];
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCK);
            const double *const block_weight = weight != NULL ? weight + block_start : NULL;
            double weighed_scales[SYMLOSS_BLOCK];
            const double *const block_scale = weight == NULL ? scales
                : symloss_weigh(block_weight, block_stop - block_start, scale, weighed_scales);
            const size_t next = /* processors themselves ask for what the caches hold */
                streams ? symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop : 0;
            symloss_fetch(prediction + block_stop, next * sizeof(prediction[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            const size_t waiting = (block_start - part_start) % (2 * SYMLOSS_BLOCK);
            double *const hessian_prediction_block =
                streams ? hessian_prediction_terms + waiting : hessian_prediction + block_start;
            for (size_t i = block_start; i < block_stop; ++i) {
                const double example_scale = block_scale[i - block_start];
                hessian_prediction_block[i - block_start] = example_scale * 0.0;
            }
            if (streams && (waiting > 0 || block_stop == part_stop)) { /* two blocks at a time */
                symloss_stream(
                    hessian_prediction_terms, (waiting + block_stop - block_start) * sizeof(double),
                    hessian_prediction + block_start - waiting);
            }
        }
        symloss_settle();
    }
}

int symloss_quantile_hessian_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT prediction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double level,
    double *SYMLOSS_RESTRICT hessian_prediction)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
#ifdef _OPENMP
    if (symloss_parts(n, 1) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, 1) > 1)
        symloss_quantile_hessian_f64_of_thread(
            n, prediction, target, weight, reduction, level, hessian_prediction, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_quantile_hessian_f64_of_thread(
        n, prediction, target, weight, reduction, level, hessian_prediction, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_quantile_hessian_f32_of_thread(
    size_t n,
    const float *SYMLOSS_RESTRICT prediction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float level,
    float *SYMLOSS_RESTRICT hessian_prediction,
    double divisor)
{
    (void)level;
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, 1);
    double scales[SYMLOSS_BLOCK];
    for (size_t at = 0; at < SYMLOSS_BLOCK; ++at) {
        scales[at] = scale;
    }
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCK);
            const float *const block_weight = weight != NULL ? weight + block_start : NULL;
            double weighed_scales[SYMLOSS_BLOCK];
            const double *const block_scale = weight == NULL ? scales
                : symloss_weigh_f32(block_weight, block_stop - block_start, scale, weighed_scales);
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(prediction + block_stop, next * sizeof(prediction[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const double example_scale = block_scale[i - block_start];
                hessian_prediction[i] = (float)(example_scale * 0.0);
            }
        }
    }
}

int symloss_quantile_hessian_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT prediction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float level,
    float *SYMLOSS_RESTRICT hessian_prediction)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
#ifdef _OPENMP
    if (symloss_parts(n, 1) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, 1) > 1)
        symloss_quantile_hessian_f32_of_thread(
            n, prediction, target, weight, reduction, level, hessian_prediction, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_quantile_hessian_f32_of_thread(
        n, prediction, target, weight, reduction, level, hessian_prediction, divisor);
    return SYMLOSS_OK;
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif
