/*
 * softmax_cross_entropy_with_class_index: Negative log-likelihood of the class with the given index
 *     under softmax(logits).
 *
 * loss of one example = Piecewise((0, Eq(target, ignore_index)), (-(1 -
 *     label_smoothing)*class_weight[target]*log_softmax(logits)[target] -
 *     label_smoothing*Sum(class_weight[j]*log_softmax(logits)[j], (j, C))/C, True))
 * the mean divides by the sum of Piecewise((0, Eq(target, ignore_index)), (class_weight[target],
 *     True))
 * d/dlogits = Piecewise((0, Eq(target, ignore_index)), ((1 - label_smoothing)*(-KroneckerDelta(k,
 *     target) + softmax(logits)[k])*class_weight[target] + label_smoothing*(-class_weight[k] +
 *     softmax(logits)[k]*Sum(class_weight[j], (j, C)))/C, True))
 *
 * logits: Real['C'], (..., C)
 * target: ClassIndex['C'].or_value_of('ignore_index'), (...)
 * class_weight: NonNegative['C'], (C), default 1
 * label_smoothing: Probability, default 0
 * ignore_index: Integer, default -100
 * float: value, gradient, value_and_gradient computed in float, sums in double
 * float: hessian_vector_product computed in double, and rounded once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate softmax_cross_entropy_with_class_index --target c
 *
 * Measured against exact results:
 *     float64: 2302 results, 1.39 % beyond the bound, 0.21 % at ordinary numbers; worst 3.2e+14 of the
 *         bound, 3.0e+15 ulp (value)
 *     float32: 2526 results, 0.20 % beyond the bound, 0 % at ordinary numbers; worst 5.1e+06 of the bound,
 *         5.1e+07 ulp (value)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#include "softmax_cross_entropy_with_class_index.h"

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
#include <string.h>

/* Loops run over blocks of entries, and examples in some parts of at least so many entries. All this depends
 * on sizes alone, so that any number of threads gives the same bits. */
#define SYMLOSS_BLOCK ((size_t)128)
#define SYMLOSS_BLOCKF ((size_t)256)
#define SYMLOSS_PARTS ((size_t)64)
#define SYMLOSS_PART ((size_t)16384)
/* So many terms are added side by side, and so many examples computed that have few entries. */
#define SYMLOSS_LANES ((size_t)32)
/* More entries are no few: long rows are as fast then, and a thread may have little stack. */
#define SYMLOSS_NARROW ((size_t)112)
#define SYMLOSS_NARROWF ((size_t)127)

/* Where a block ends. */
static inline size_t symloss_stop(size_t start, size_t end, size_t length) {
    return end - start < length ? end : start + length;
}

/* Where in lanes the entries of rows lie, one row after the other. */
static void symloss_lane_places(size_t size, uint16_t *places) {
    for (size_t lane = 0; size <= SYMLOSS_NARROW && lane < SYMLOSS_LANES; ++lane) {
        for (size_t at = 0; at < size; ++at) {
            places[lane * size + at] = (uint16_t)(at * SYMLOSS_LANES + lane);
        }
    }
}

/* Where in lanes the entries of rows lie, one row after the other. */
static void symloss_lane_placesf(size_t size, int32_t *places) {
    for (size_t lane = 0; size <= SYMLOSS_NARROWF && lane < SYMLOSS_LANES; ++lane) {
        for (size_t at = 0; at < size; ++at) {
            places[lane * size + at] = (int32_t)(at * SYMLOSS_LANES + lane);
        }
    }
}

/* What each lane reads: rows, or where there are fewer of them than lanes a copy with zeros behind it. */
static inline const void *symloss_full(const void *rows, size_t count, size_t bytes, void *last) {
    if (count == SYMLOSS_LANES) {
        return rows;
    }
    memcpy(last, rows, count * bytes);
    memset((char *)last + count * bytes, 0, (SYMLOSS_LANES - count) * bytes);
    return last;
}

/* gcc reads two floats as one number of 64 bits in the time of one; clang is slower then. */
#if defined(__GNUC__) && !defined(__clang__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define SYMLOSS_PAIRS 1
#else
#define SYMLOSS_PAIRS 0
#endif

/* Turn rows into lanes; those that have no row are 0. */
static void symloss_turn(
    const double *SYMLOSS_RESTRICT rows, size_t count, size_t size, double *SYMLOSS_RESTRICT lanes)
{
    if (count < SYMLOSS_LANES) {
        for (size_t at = 0; at < size; ++at) {
            for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                lanes[at * SYMLOSS_LANES + lane] = lane < count ? rows[lane * size + at] : 0.0;
            }
        }
        return;
    }
    size_t at = 0;
    for (; at < size; ++at) {
        for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
            lanes[at * SYMLOSS_LANES + lane] = rows[lane * size + at];
        }
    }
}

/* Turn rows into lanes; those that have no row are 0. */
static void symloss_turn_f32(
    const float *SYMLOSS_RESTRICT rows, size_t count, size_t size, double *SYMLOSS_RESTRICT lanes)
{
    if (count < SYMLOSS_LANES) {
        for (size_t at = 0; at < size; ++at) {
            for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                lanes[at * SYMLOSS_LANES + lane] = lane < count ? (double)rows[lane * size + at] : 0.0;
            }
        }
        return;
    }
    size_t at = 0;
#if SYMLOSS_PAIRS
    for (; at + 2 <= size; at += 2) {
        for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
            uint64_t pair;
            memcpy(&pair, rows + lane * size + at, sizeof pair);
            const uint32_t low = (uint32_t)pair, high = (uint32_t)(pair >> 32);
            float first, second;
            memcpy(&first, &low, sizeof first);
            memcpy(&second, &high, sizeof second);
            lanes[at * SYMLOSS_LANES + lane] = (double)first;
            lanes[(at + 1) * SYMLOSS_LANES + lane] = (double)second;
        }
    }
#endif
    for (; at < size; ++at) {
        for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
            lanes[at * SYMLOSS_LANES + lane] = (double)rows[lane * size + at];
        }
    }
}

/* Turn rows into lanes; those that have no row are 0. */
static void symloss_turnf(
    const float *SYMLOSS_RESTRICT rows, size_t count, size_t size, float *SYMLOSS_RESTRICT lanes)
{
    if (count < SYMLOSS_LANES) {
        for (size_t at = 0; at < size; ++at) {
            for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                lanes[at * SYMLOSS_LANES + lane] = lane < count ? rows[lane * size + at] : 0.0F;
            }
        }
        return;
    }
    size_t at = 0;
#if SYMLOSS_PAIRS
    for (; at + 2 <= size; at += 2) {
        for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
            uint64_t pair;
            memcpy(&pair, rows + lane * size + at, sizeof pair);
            const uint32_t low = (uint32_t)pair, high = (uint32_t)(pair >> 32);
            float first, second;
            memcpy(&first, &low, sizeof first);
            memcpy(&second, &high, sizeof second);
            lanes[at * SYMLOSS_LANES + lane] = first;
            lanes[(at + 1) * SYMLOSS_LANES + lane] = second;
        }
    }
#endif
    for (; at < size; ++at) {
        for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
            lanes[at * SYMLOSS_LANES + lane] = rows[lane * size + at];
        }
    }
}

/* Turn lanes back into rows, which are written one after the other. */
static void symloss_turn_back(
    const double *SYMLOSS_RESTRICT lanes, const uint16_t *SYMLOSS_RESTRICT places, size_t count,
    double *SYMLOSS_RESTRICT rows)
{
    for (size_t at = 0; at < count; ++at) {
        rows[at] = lanes[places[at]];
    }
}

/* Turn lanes back into rows, which are written one after the other. */
static void symloss_turn_back_f32(
    const double *SYMLOSS_RESTRICT lanes, const uint16_t *SYMLOSS_RESTRICT places, size_t count,
    float *SYMLOSS_RESTRICT rows)
{
    for (size_t at = 0; at < count; ++at) {
        rows[at] = (float)lanes[places[at]];
    }
}

/* Turn lanes back into rows, which are written one after the other. */
static void symloss_turn_backf(
    const float *SYMLOSS_RESTRICT lanes, const int32_t *SYMLOSS_RESTRICT places, size_t count,
    float *SYMLOSS_RESTRICT rows)
{
    for (size_t at = 0; at < count; ++at) {
        rows[at] = lanes[places[at]];
    }
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

/* The elementary functions are written without branches and tables, so that compilers vectorise the loops
 * that use them. A product and a sum are rounded once where that costs no more than a product. All
 * operations are correctly rounded: the bits depend on this switch alone, and -DSYMLOSS_FUSED=0 is for those
 * that every machine gives without loss. */
#if !defined(SYMLOSS_FUSED)
#if (defined(FP_FAST_FMA) && defined(FP_FAST_FMAF)) || defined(__FMA__) || defined(__aarch64__)
#define SYMLOSS_FUSED 1
#else
#define SYMLOSS_FUSED 0
#endif
#endif

/* a b + c. */
static inline double symloss_fma(double a, double b, double c) {
#if SYMLOSS_FUSED
    return fma(a, b, c);
#else
    return a * b + c;
#endif
}

static inline double symloss_from_bits(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline uint64_t symloss_bits(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* The whole number k next to x/log(2): adding 1.5 * 2^52 rounds, and the lowest bits of the sum are those
 * of k + lift. */
static inline double symloss_whole(double x, double lift, uint64_t *lifted) {
    const double shifted = symloss_fma(x, 1.4426950408889634, 6755399441055744.0 + lift);
    *lifted = symloss_bits(shifted);
    return shifted - (6755399441055744.0 + lift);
}

/* 2^k of k + 1023, for k from -1022 to 1023, 0 for -1023, infinity for 1024. */
static inline double symloss_power_of_two(uint64_t lifted) {
    return symloss_from_bits(lifted << 52);
}

/* x - k log 2, in two steps (Cody and Waite 1980), of which the first is exact, and what rounding has left
 * out of the second. */
static inline double symloss_reduce(double x, double k, double *left) {
    const double high = symloss_fma(-6.93147180369123816490e-01, k, x);
    const double r = symloss_fma(-1.90821492927058770002e-10, k, high);
    *left = symloss_fma(-1.90821492927058770002e-10, k, high - r);
    return r;
}

/* e^(x - k log 2), and k + lift. */
static inline double symloss_exp_of(double x, double lift, uint64_t *lifted) {
    double left;
    const double r = symloss_reduce(x, symloss_whole(x, lift, lifted), &left);
    const double z = r * r;
    double even = 2.5100375832561234e-08, odd = 2.091122972975856e-09;
    even = symloss_fma(z, even, 2.7557268480310024e-06);
    even = symloss_fma(z, even, 0.00019841269863040545);
    even = symloss_fma(z, even, 0.008333333333330065);
    even = symloss_fma(z, even, 0.16666666666666669);
    odd = symloss_fma(z, odd, 2.755728298405588e-07);
    odd = symloss_fma(z, odd, 2.4801587317135164e-05);
    odd = symloss_fma(z, odd, 0.0013888888888886554);
    odd = symloss_fma(z, odd, 0.041666666666666664);
    const double cubes = symloss_fma(r, odd, even);
    const double beyond = symloss_fma(r, cubes, 0.5);
#if SYMLOSS_FUSED
    return symloss_fma(r, symloss_fma(r, beyond, 1.0), 1.0);
#else
    return 1.0 + (r + (left + z * beyond));
#endif
}

/* e^x for x at most 0, within 1 ulp: there, one of the two factors is the same for all. */
static inline double symloss_exp_unit(double x) {
    uint64_t k;
    const double result = symloss_exp_of(
        x < -750.0 ? -750.0 : x, 1087.0, &k);
    return result * symloss_power_of_two(k) * 5.421010862427522e-20;
}

/* x = 2^k m with sqrt(1/2) <= m < sqrt(2), and 2^(1 - k); shift is 2^52, and more where k is to be less. */
static inline double symloss_split(double x, double shift, double *k, double *inverse) {
    const uint64_t sum = symloss_bits(x) + (UINT64_C(0x3ff0000000000000) - UINT64_C(0x3fe6a09e00000000));
    const uint64_t rest = sum & UINT64_C(0x000fffffffffffff);
    *k = symloss_from_bits((sum >> 52) | UINT64_C(0x4330000000000000)) - (shift + 1023.0);
    *inverse = symloss_from_bits(UINT64_C(0x7ff0000000000000) - (sum - rest));
    return symloss_from_bits(rest + UINT64_C(0x3fe6a09e00000000));
}

/* k log 2 + log(1 + f) + rest; log(1 + f) = 2 artanh(s) with s = f/(2 + f) by its series, put together as in
 * fdlibm (Sun 1993). */
static inline double symloss_log_of(double k, double f, double rest) {
    const double s = f / (2.0 + f);
    const double half = 0.5 * f;
    const double square = half * f;
    const double y = s * s;
    const double z = y * y;
    double even = 0.14616449685043406, odd = 0.15331721600556042;
    even = symloss_fma(z, even, 0.18182889125261723);
    even = symloss_fma(z, even, 0.28571428625975487);
    even = symloss_fma(z, even, 0.666666666666667);
    odd = symloss_fma(z, odd, 0.2222221113479508);
    odd = symloss_fma(z, odd, 0.39999999999899505);
    const double beyond = symloss_fma(y, symloss_fma(y, odd, even), square);
    const double low = symloss_fma(s, beyond, symloss_fma(k, 1.90821492927058770002e-10, rest));
    return symloss_fma(k, 6.93147180369123816490e-01, f - symloss_fma(half, f, -low));
}

/* log(1 + x), within 1 ulp: what 1 + x has lost of x comes back, divided by about 1 + x. */
static inline double symloss_log1p(double x) {
    const double sum = 1.0 + x;
    const double lost = x > 1.0 ? 1.0 - (sum - x) : x - (sum - 1.0);
    double k, inverse;
    const double f = symloss_split(sum, 4503599627370496.0, &k, &inverse) - 1.0;
    const double bent = symloss_fma(-f, symloss_fma(-f, 0.45, 0.5), 0.5);
    const double about = symloss_fma(-f, bent, 0.5);
    const double result = symloss_log_of(k, k == 0.0 ? x : f, k == 0.0 ? 0.0 : lost * inverse * about);
    const double inside = ((x < (double)INFINITY) & (x != 0.0)) ? result : x; /* -0 is itself */
    return x > -1.0 ? inside : x == -1.0 ? -(double)INFINITY : (double)NAN;
}

/* a b + c. */
static inline float symloss_fmaf(float a, float b, float c) {
#if SYMLOSS_FUSED
    return fmaf(a, b, c);
#else
    return a * b + c;
#endif
}

static inline float symloss_from_bitsf(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline uint32_t symloss_bitsf(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* The whole number k next to x/log(2): adding 1.5 * 2^23 rounds, and the lowest bits of the sum are those
 * of k + lift. */
static inline float symloss_wholef(float x, float lift, uint32_t *lifted) {
    const float shifted = symloss_fmaf(x, 1.44269504F, 12582912.0F + lift);
    *lifted = symloss_bitsf(shifted);
    return shifted - (12582912.0F + lift);
}

/* 2^k of k + 127, for k from -126 to 127, 0 for -127, infinity for 128. */
static inline float symloss_power_of_twof(uint32_t lifted) {
    return symloss_from_bitsf(lifted << 23);
}

/* x - k log 2, in two steps (Cody and Waite 1980), of which the first is exact, and what rounding has left
 * out of the second. */
static inline float symloss_reducef(float x, float k, float *left) {
    const float high = symloss_fmaf(-0.693145751953125F, k, x);
    const float r = symloss_fmaf(-1.42860682e-06F, k, high);
    *left = symloss_fmaf(-1.42860682e-06F, k, high - r);
    return r;
}

/* e^(x - k log 2), and k + lift. */
static inline float symloss_exp_off(float x, float lift, uint32_t *lifted) {
    float left;
    const float r = symloss_reducef(x, symloss_wholef(x, lift, lifted), &left);
    const float z = r * r;
    float even = 0.008370627F, odd = 0.0013935487F;
    even = symloss_fmaf(z, even, 0.166665F);
    odd = symloss_fmaf(z, odd, 0.04166646F);
    const float cubes = symloss_fmaf(r, odd, even);
    const float beyond = symloss_fmaf(r, cubes, 0.5F);
#if SYMLOSS_FUSED
    return symloss_fmaf(r, symloss_fmaf(r, beyond, 1.0F), 1.0F);
#else
    return 1.0F + (r + (left + z * beyond));
#endif
}

/* e^x for x at most 0, within 1 ulp: there, one of the two factors is the same for all. */
static inline float symloss_exp_unitf(float x) {
    uint32_t k;
    const float result = symloss_exp_off(
        x < -105.0F ? -105.0F : x, 159.0F, &k);
    return result * symloss_power_of_twof(k) * 2.3283064365386963e-10F;
}

/* x = 2^k m with sqrt(1/2) <= m < sqrt(2), and 2^(1 - k); shift is 2^23, and more where k is to be less. */
static inline float symloss_splitf(float x, float shift, float *k, float *inverse) {
    const uint32_t sum = symloss_bitsf(x) + (UINT32_C(0x3f800000) - UINT32_C(0x3f3504f3));
    const uint32_t rest = sum & UINT32_C(0x007fffff);
    *k = symloss_from_bitsf((sum >> 23) | UINT32_C(0x4b000000)) - (shift + 127.0F);
    *inverse = symloss_from_bitsf(UINT32_C(0x7f800000) - (sum - rest));
    return symloss_from_bitsf(rest + UINT32_C(0x3f3504f3));
}

/* k log 2 + log(1 + f) + rest. */
static inline float symloss_log_off(float k, float f, float rest) {
    const float z = f * f;
    float even = 0.095506854F, odd = -0.044854842F;
    even = symloss_fmaf(z, even, 0.11220371F);
    even = symloss_fmaf(z, even, 0.14275682F);
    even = symloss_fmaf(z, even, 0.2000022F);
    even = symloss_fmaf(z, even, 0.3333333F);
    odd = symloss_fmaf(z, odd, -0.108952805F);
    odd = symloss_fmaf(z, odd, -0.12440549F);
    odd = symloss_fmaf(z, odd, -0.16668122F);
    odd = symloss_fmaf(z, odd, -0.2499999F);
    const float low = symloss_fmaf(k, 1.42860682e-06F, rest);
    const float cubes = symloss_fmaf(f * z, symloss_fmaf(f, odd, even), low);
    return symloss_fmaf(k, 0.693145751953125F, f + symloss_fmaf(-0.5F * f, f, cubes));
}

/* log(1 + x), within 1 ulp: what 1 + x has lost of x comes back, divided by about 1 + x. */
static inline float symloss_log1pf(float x) {
    const float sum = 1.0F + x;
    const float lost = x > 1.0F ? 1.0F - (sum - x) : x - (sum - 1.0F);
    float k, inverse;
    const float f = symloss_splitf(sum, 8388608.0F, &k, &inverse) - 1.0F;
    const float bent = symloss_fmaf(-f, symloss_fmaf(-f, 0.45F, 0.5F), 0.5F);
    const float about = symloss_fmaf(-f, bent, 0.5F);
    const float result = symloss_log_off(k, k == 0.0F ? x : f, k == 0.0F ? 0.0F : lost * inverse * about);
    const float inside = ((x < (float)INFINITY) & (x != 0.0F)) ? result : x; /* -0 is itself */
    return x > -1.0F ? inside : x == -1.0F ? -(float)INFINITY : (float)NAN;
}

/* The same functions for results that become a float: within 2^-36, over the whole range of a double but for
 * the subnormal numbers, which are 0, and those beyond 2^1023.5, which are infinite.
 * This is e^(x - k log 2) - 1. */
static inline double symloss_beyond_one_f32(double x, double k) {
    const double r = symloss_fma(-0.6931471805599453, k, x);
    const double z = r * r;
    double even = 2.4859578222625295e-05, odd = 0.0001989927395864936;
    even = symloss_fma(z, even, 0.001388885404961482);
    even = symloss_fma(z, even, 0.041666666718980845);
    even = symloss_fma(z, even, 0.5);
    odd = symloss_fma(z, odd, 0.008333298483754886);
    odd = symloss_fma(z, odd, 0.16666666718997508);
    return symloss_fma(z, symloss_fma(r, odd, even), r);
}

static inline double symloss_exp_unit_f32(double x) {
    const double lower = x < -709.2 ? -709.2 : x;
    uint64_t k;
    const double whole = symloss_whole(lower, 1023.0, &k);
    return (1.0 + symloss_beyond_one_f32(lower, whole)) * symloss_power_of_two(k);
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
static void symloss_softmax_cross_entropy_with_class_index_value_f64_of_thread(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT logits,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    const double *SYMLOSS_RESTRICT class_weight,
    double label_smoothing,
    int64_t ignore_index,
    double *SYMLOSS_RESTRICT value,
    double divisor,
    double *part_totals)
{
    (void)class_weight;
    const double class_weight_default = 1.0;
    const double *const class_weight_entries =
        class_weight != NULL ? class_weight : &class_weight_default;
    const size_t class_weight_step = class_weight != NULL;
    const double inverse_1 = 1.0 / (double)C;
    const double term_1 = 1.0 - label_smoothing;
    const size_t parts = symloss_parts(n, C);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        struct symloss_sums value_sums = {{0.0}, {0.0}, 0};
        if (C <= SYMLOSS_NARROW) {
            for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_LANES) {
                const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_LANES);
                const size_t block_count = block_stop - block_start;
                const double *const block_weight = weight != NULL ? weight + block_start : NULL;
                double logits_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double value_terms[SYMLOSS_LANES];
                double largest_1_block[SYMLOSS_LANES];
                uint64_t place_1_block[SYMLOSS_LANES];
                double sum_1_block[SYMLOSS_LANES];
                double sum_1_rests[SYMLOSS_LANES];
                double sum_2_block[SYMLOSS_LANES];
                double sum_2_rests[SYMLOSS_LANES];
                double log1p_1_block[SYMLOSS_LANES];
                const size_t next_count = part_stop - block_stop < SYMLOSS_LANES ? 0 : SYMLOSS_LANES;
                const size_t next_start = next_count > 0 ? block_stop : block_start;
                int64_t target_last[SYMLOSS_LANES];
                const int64_t *const target_of = (const int64_t *)symloss_full(
                    target + block_start, block_count, sizeof(target[0]), target_last);
                symloss_turn(
                    logits + block_start * C, block_count, C, logits_block);
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    largest_1_block[lane] = -(double)INFINITY;
                    place_1_block[lane] = 0;
                }
                for (uint64_t c = 0; c < (uint64_t)C; ++c) {
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double place_1_term = logits_block[c * SYMLOSS_LANES + lane];
                        const int place_1_better = !(place_1_term <= largest_1_block[lane])
                            & (largest_1_block[lane] == largest_1_block[lane]);
                        place_1_block[lane] = place_1_better ? c : place_1_block[lane];
                        largest_1_block[lane] = place_1_better ? place_1_term : largest_1_block[lane];
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = 0.0;
                    sum_1_rests[lane] = 0.0;
                }
                for (uint64_t c = 0; c < (uint64_t)C; ++c) {
                    symloss_fetch(&logits[next_start * C + c * next_count], next_count * sizeof(logits[0]));
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double largest_1 = largest_1_block[lane];
                        const uint64_t place_1 = place_1_block[lane];
                        const double exp_1 = symloss_exp_unit(logits_block[c * SYMLOSS_LANES + lane]
                            - largest_1);
                        symloss_add(exp_1 - ((int64_t)c == (int64_t)place_1 ? exp_1 : 0.0),
                            &sum_1_block[lane], &sum_1_rests[lane]);
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = symloss_sum(sum_1_block[lane], sum_1_rests[lane]);
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    const double sum_1 = sum_1_block[lane];
                    const double log1p_1 = symloss_log1p(sum_1);
                    log1p_1_block[lane] = log1p_1;
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_2_block[lane] = 0.0;
                    sum_2_rests[lane] = 0.0;
                }
                for (uint64_t c = 0; c < (uint64_t)C; ++c) {
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double largest_1 = largest_1_block[lane];
                        const double log1p_1 = log1p_1_block[lane];
                        symloss_add(((logits_block[c * SYMLOSS_LANES + lane] - largest_1) - log1p_1)
                            * class_weight_entries[c * class_weight_step], &sum_2_block[lane],
                            &sum_2_rests[lane]);
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_2_block[lane] = symloss_sum(sum_2_block[lane], sum_2_rests[lane]);
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    const double largest_1 = largest_1_block[lane];
                    const double log1p_1 = log1p_1_block[lane];
                    const double sum_2 = sum_2_block[lane];
                    const double entry_1 = class_weight_entries[(size_t)(target_of[lane] == ignore_index ? 0
                        : target_of[lane]) * class_weight_step];
                    const double term_2 = (logits_block[(size_t)(target_of[lane] == ignore_index ? 0
                        : target_of[lane]) * SYMLOSS_LANES + lane] - largest_1) - log1p_1;
                    const double example_value = target_of[lane] == ignore_index ? 0.0
                        : ((-inverse_1 * sum_2) == (-inverse_1 * sum_2)
                        ? (label_smoothing == 0.0 ? 0.0 : -inverse_1 * label_smoothing * sum_2)
                        : (-inverse_1 * sum_2)) + ((-entry_1 * term_2) == (-entry_1 * term_2)
                        ? (term_1 == 0.0 ? 0.0 : -entry_1 * term_1 * term_2) : (-entry_1 * term_2));
                    value_terms[lane] = example_value;
                }
                if (reduction != SYMLOSS_NONE) {
                    symloss_add_values(value_terms, block_weight, block_stop - block_start, &value_sums);
                } else {
                    symloss_values(
                        value_terms, block_weight, block_stop - block_start, value + block_start);
                }
            }
        } else {
            for (size_t i = part_start; i < part_stop; ++i) {
                const double example_weight = weight != NULL ? weight[i] : 1.0;
                double place_1_value;
                const size_t place_1 = symloss_place(&logits[i * C], C, &place_1_value);
                const double largest_1 = place_1_value;
                struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
                for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                    const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
                    double sum_1_terms[SYMLOSS_BLOCK];
                    for (size_t c = block_start; c < block_stop; ++c) {
                        const double exp_1 = symloss_exp_unit(logits[i * C + c] - largest_1);
                        sum_1_terms[c - block_start] = exp_1;
                    }
                    if (place_1 - block_start < block_stop - block_start) {
                        const size_t c = place_1;
                        const double exp_1 = symloss_exp_unit(logits[i * C + c] - largest_1);
                        sum_1_terms[c - block_start] = exp_1 - exp_1;
                    }
                    symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
                }
                const double sum_1 = symloss_total(&sum_1_sums);
                const double log1p_1 = symloss_log1p(sum_1);
                struct symloss_sums sum_2_sums = {{0.0}, {0.0}, 0};
                for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                    const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
                    double sum_2_terms[SYMLOSS_BLOCK];
                    symloss_fetch(
                        &logits[(i + (i + 1 < part_stop)) * C + block_start],
                        (block_stop - block_start) * sizeof(logits[0]));
                    for (size_t c = block_start; c < block_stop; ++c) {
                        sum_2_terms[c - block_start] = ((logits[i * C + c] - largest_1) - log1p_1)
                            * class_weight_entries[c * class_weight_step];
                    }
                    symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_sums);
                }
                const double sum_2 = symloss_total(&sum_2_sums);
                const double entry_1 = class_weight_entries[(size_t)(target[i] == ignore_index ? 0
                    : target[i]) * class_weight_step];
                const double term_2 = (logits[i * C + (size_t)(target[i] == ignore_index ? 0 : target[i])]
                    - largest_1) - log1p_1;
                const double example_value = target[i] == ignore_index ? 0.0
                    : ((-inverse_1 * sum_2) == (-inverse_1 * sum_2)
                    ? (label_smoothing == 0.0 ? 0.0 : -inverse_1 * label_smoothing * sum_2)
                    : (-inverse_1 * sum_2)) + ((-entry_1 * term_2) == (-entry_1 * term_2)
                    ? (term_1 == 0.0 ? 0.0 : -entry_1 * term_1 * term_2) : (-entry_1 * term_2));
                if (reduction == SYMLOSS_NONE) {
                    value[i] = example_weight * example_value;
                } else {
                    symloss_add_one(example_weight * example_value, &value_sums);
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

int symloss_softmax_cross_entropy_with_class_index_value_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT logits,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    const double *SYMLOSS_RESTRICT class_weight,
    double label_smoothing,
    int64_t ignore_index,
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
            block_bad |= (target[at] != ignore_index) & ((uint64_t)target[at] >= (uint64_t)C);
        }
        if (block_bad) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    const double class_weight_default = 1.0;
    const double *const class_weight_entries =
        class_weight != NULL ? class_weight : &class_weight_default;
    const size_t class_weight_step = class_weight != NULL;
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    if (reduction == SYMLOSS_MEAN) {
        struct symloss_sums divisor_sums = {{0.0}, {0.0}, 0};
        for (size_t block_start = 0; block_start < n; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, n, SYMLOSS_BLOCK);
            double divisor_terms[SYMLOSS_BLOCK];
            for (size_t i = block_start; i < block_stop; ++i) {
                divisor_terms[i - block_start] = (weight != NULL ? weight[i] : 1.0)
                    * (target[i] == ignore_index ? 0.0
                    : class_weight_entries[(size_t)(target[i] == ignore_index ? 0 : target[i])
                    * class_weight_step]);
            }
            symloss_add_all(divisor_terms, block_stop - block_start, &divisor_sums);
        }
        divisor = symloss_total(&divisor_sums);
    }
    double part_totals[SYMLOSS_PARTS];
#ifdef _OPENMP
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_softmax_cross_entropy_with_class_index_value_f64_of_thread(
            n, C, logits, target, weight, reduction, class_weight, label_smoothing, ignore_index, value,
            divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_softmax_cross_entropy_with_class_index_value_f64_of_thread(
        n, C, logits, target, weight, reduction, class_weight, label_smoothing, ignore_index, value, divisor,
        part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_softmax_cross_entropy_with_class_index_value_f32_of_thread(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT logits,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    const float *SYMLOSS_RESTRICT class_weight,
    float label_smoothing,
    int64_t ignore_index,
    float *SYMLOSS_RESTRICT value,
    double divisor,
    double *part_totals)
{
    (void)class_weight;
    const float class_weight_default = 1.0F;
    const float *const class_weight_entries =
        class_weight != NULL ? class_weight : &class_weight_default;
    const size_t class_weight_step = class_weight != NULL;
    const float inverse_1 = 1.0F / (float)C;
    const float term_1 = 1.0F - label_smoothing;
    const size_t parts = symloss_parts(n, C);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        struct symloss_sums_f32 value_sums = {{0.0}, 0};
        if (C <= SYMLOSS_NARROWF) {
            for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_LANES) {
                const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_LANES);
                const size_t block_count = block_stop - block_start;
                const float *const block_weight = weight != NULL ? weight + block_start : NULL;
                float logits_block[SYMLOSS_NARROWF * SYMLOSS_LANES];
                float value_terms[SYMLOSS_LANES];
                float largest_1_block[SYMLOSS_LANES];
                uint32_t place_1_block[SYMLOSS_LANES];
                float sum_1_block[SYMLOSS_LANES];
                double sum_1_totals[SYMLOSS_LANES];
                float sum_2_block[SYMLOSS_LANES];
                double sum_2_totals[SYMLOSS_LANES];
                float log1p_1_block[SYMLOSS_LANES];
                const size_t next_count = part_stop - block_stop < SYMLOSS_LANES ? 0 : SYMLOSS_LANES;
                const size_t next_start = next_count > 0 ? block_stop : block_start;
                int64_t target_last[SYMLOSS_LANES];
                const int64_t *const target_of = (const int64_t *)symloss_full(
                    target + block_start, block_count, sizeof(target[0]), target_last);
                symloss_turnf(
                    logits + block_start * C, block_count, C, logits_block);
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    largest_1_block[lane] = -(float)INFINITY;
                    place_1_block[lane] = 0;
                }
                for (uint32_t c = 0; c < (uint32_t)C; ++c) {
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const float place_1_term = logits_block[c * SYMLOSS_LANES + lane];
                        const int place_1_better = !(place_1_term <= largest_1_block[lane])
                            & (largest_1_block[lane] == largest_1_block[lane]);
                        place_1_block[lane] = place_1_better ? c : place_1_block[lane];
                        largest_1_block[lane] = place_1_better ? place_1_term : largest_1_block[lane];
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_totals[lane] = 0.0;
                }
                for (uint32_t c = 0; c < (uint32_t)C; ++c) {
                    symloss_fetch(&logits[next_start * C + c * next_count], next_count * sizeof(logits[0]));
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const float largest_1 = largest_1_block[lane];
                        const uint32_t place_1 = place_1_block[lane];
                        const float exp_1 = symloss_exp_unitf(logits_block[c * SYMLOSS_LANES + lane]
                            - largest_1);
                        sum_1_totals[lane] += (double)(exp_1
                            - ((int64_t)c == (int64_t)place_1 ? exp_1 : 0.0F));
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = (float)sum_1_totals[lane];
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    const float sum_1 = sum_1_block[lane];
                    const float log1p_1 = symloss_log1pf(sum_1);
                    log1p_1_block[lane] = log1p_1;
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_2_totals[lane] = 0.0;
                }
                for (uint32_t c = 0; c < (uint32_t)C; ++c) {
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const float largest_1 = largest_1_block[lane];
                        const float log1p_1 = log1p_1_block[lane];
                        sum_2_totals[lane] += (double)(((logits_block[c * SYMLOSS_LANES + lane] - largest_1)
                            - log1p_1) * class_weight_entries[c * class_weight_step]);
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_2_block[lane] = (float)sum_2_totals[lane];
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    const float largest_1 = largest_1_block[lane];
                    const float log1p_1 = log1p_1_block[lane];
                    const float sum_2 = sum_2_block[lane];
                    const float entry_1 = class_weight_entries[(size_t)(target_of[lane] == ignore_index ? 0
                        : target_of[lane]) * class_weight_step];
                    const float term_2 = (logits_block[(size_t)(target_of[lane] == ignore_index ? 0
                        : target_of[lane]) * SYMLOSS_LANES + lane] - largest_1) - log1p_1;
                    const float example_value = target_of[lane] == ignore_index ? 0.0F
                        : ((-inverse_1 * sum_2) == (-inverse_1 * sum_2)
                        ? (label_smoothing == 0.0F ? 0.0F : -inverse_1 * label_smoothing * sum_2)
                        : (-inverse_1 * sum_2)) + ((-entry_1 * term_2) == (-entry_1 * term_2)
                        ? (term_1 == 0.0F ? 0.0F : -entry_1 * term_1 * term_2) : (-entry_1 * term_2));
                    value_terms[lane] = example_value;
                }
                if (reduction != SYMLOSS_NONE) {
                    symloss_add_valuesf(value_terms, block_weight, block_stop - block_start, &value_sums);
                } else {
                    symloss_valuesf(
                        value_terms, block_weight, block_stop - block_start, value + block_start);
                }
            }
        } else {
            for (size_t i = part_start; i < part_stop; ++i) {
                const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
                float place_1_value;
                const size_t place_1 = symloss_placef(&logits[i * C], C, &place_1_value);
                const float largest_1 = place_1_value;
                struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
                for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCKF) {
                    const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCKF);
                    float sum_1_terms[SYMLOSS_BLOCKF];
                    for (size_t c = block_start; c < block_stop; ++c) {
                        const float exp_1 = symloss_exp_unitf(logits[i * C + c] - largest_1);
                        sum_1_terms[c - block_start] = exp_1;
                    }
                    if (place_1 - block_start < block_stop - block_start) {
                        const size_t c = place_1;
                        const float exp_1 = symloss_exp_unitf(logits[i * C + c] - largest_1);
                        sum_1_terms[c - block_start] = exp_1 - exp_1;
                    }
                    symloss_add_entriesf(sum_1_terms, block_stop - block_start, &sum_1_sums);
                }
                const float sum_1 = (float)symloss_total_f32(&sum_1_sums);
                const float log1p_1 = symloss_log1pf(sum_1);
                struct symloss_sums_f32 sum_2_sums = {{0.0}, 0};
                for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCKF) {
                    const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCKF);
                    float sum_2_terms[SYMLOSS_BLOCKF];
                    symloss_fetch(
                        &logits[(i + (i + 1 < part_stop)) * C + block_start],
                        (block_stop - block_start) * sizeof(logits[0]));
                    for (size_t c = block_start; c < block_stop; ++c) {
                        sum_2_terms[c - block_start] = ((logits[i * C + c] - largest_1) - log1p_1)
                            * class_weight_entries[c * class_weight_step];
                    }
                    symloss_add_entriesf(sum_2_terms, block_stop - block_start, &sum_2_sums);
                }
                const float sum_2 = (float)symloss_total_f32(&sum_2_sums);
                const float entry_1 = class_weight_entries[(size_t)(target[i] == ignore_index ? 0
                    : target[i]) * class_weight_step];
                const float term_2 = (logits[i * C + (size_t)(target[i] == ignore_index ? 0 : target[i])]
                    - largest_1) - log1p_1;
                const float example_value = target[i] == ignore_index ? 0.0F
                    : ((-inverse_1 * sum_2) == (-inverse_1 * sum_2)
                    ? (label_smoothing == 0.0F ? 0.0F : -inverse_1 * label_smoothing * sum_2)
                    : (-inverse_1 * sum_2)) + ((-entry_1 * term_2) == (-entry_1 * term_2)
                    ? (term_1 == 0.0F ? 0.0F : -entry_1 * term_1 * term_2) : (-entry_1 * term_2));
                if (reduction == SYMLOSS_NONE) {
                    value[i] = (float)(example_weight * (double)example_value);
                } else {
                    symloss_add_one_f32(example_weight * (double)example_value, &value_sums);
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

int symloss_softmax_cross_entropy_with_class_index_value_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT logits,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    const float *SYMLOSS_RESTRICT class_weight,
    float label_smoothing,
    int64_t ignore_index,
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
            block_bad |= (target[at] != ignore_index) & ((uint64_t)target[at] >= (uint64_t)C);
        }
        if (block_bad) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    const float class_weight_default = 1.0F;
    const float *const class_weight_entries =
        class_weight != NULL ? class_weight : &class_weight_default;
    const size_t class_weight_step = class_weight != NULL;
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    if (reduction == SYMLOSS_MEAN) {
        struct symloss_sums divisor_sums = {{0.0}, {0.0}, 0};
        for (size_t block_start = 0; block_start < n; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, n, SYMLOSS_BLOCK);
            double divisor_terms[SYMLOSS_BLOCK];
            for (size_t i = block_start; i < block_stop; ++i) {
                divisor_terms[i - block_start] = (weight != NULL ? (double)weight[i] : 1.0)
                    * (double)(target[i] == ignore_index ? 0.0F
                    : class_weight_entries[(size_t)(target[i] == ignore_index ? 0 : target[i])
                    * class_weight_step]);
            }
            symloss_add_all(divisor_terms, block_stop - block_start, &divisor_sums);
        }
        divisor = symloss_total(&divisor_sums);
    }
    double part_totals[SYMLOSS_PARTS];
#ifdef _OPENMP
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_softmax_cross_entropy_with_class_index_value_f32_of_thread(
            n, C, logits, target, weight, reduction, class_weight, label_smoothing, ignore_index, value,
            divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_softmax_cross_entropy_with_class_index_value_f32_of_thread(
        n, C, logits, target, weight, reduction, class_weight, label_smoothing, ignore_index, value, divisor,
        part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_softmax_cross_entropy_with_class_index_gradient_f64_of_thread(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT logits,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    const double *SYMLOSS_RESTRICT class_weight,
    double label_smoothing,
    int64_t ignore_index,
    double *SYMLOSS_RESTRICT gradient_logits,
    double divisor)
{
    (void)class_weight;
    const double class_weight_default = 1.0;
    const double *const class_weight_entries =
        class_weight != NULL ? class_weight : &class_weight_default;
    const size_t class_weight_step = class_weight != NULL;
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    struct symloss_sums sum_2_sums = {{0.0}, {0.0}, 0};
    for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
        double sum_2_terms[SYMLOSS_BLOCK];
        for (size_t c = block_start; c < block_stop; ++c) {
            sum_2_terms[c - block_start] = class_weight_entries[c * class_weight_step];
        }
        symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_sums);
    }
    const double sum_2 = symloss_total(&sum_2_sums);
    const double inverse_1 = 1.0 / (double)C;
    const double term_1 = 1.0 - label_smoothing;
    const size_t parts = symloss_parts(n, C);
    double scales[SYMLOSS_LANES];
    for (size_t at = 0; at < SYMLOSS_LANES; ++at) {
        scales[at] = scale;
    }
    uint16_t lane_places[SYMLOSS_NARROW * SYMLOSS_LANES];
    symloss_lane_places(C, lane_places);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        if (C <= SYMLOSS_NARROW) {
            for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_LANES) {
                const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_LANES);
                const size_t block_count = block_stop - block_start;
                const double *const block_weight = weight != NULL ? weight + block_start : NULL;
                double weighed_scales[SYMLOSS_LANES] = {0.0};
                const double *const block_scale = weight == NULL ? scales
                    : symloss_weigh(block_weight, block_stop - block_start, scale, weighed_scales);
                double logits_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double gradient_logits_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double largest_1_block[SYMLOSS_LANES];
                uint64_t place_1_block[SYMLOSS_LANES];
                double sum_1_block[SYMLOSS_LANES];
                double sum_1_rests[SYMLOSS_LANES];
                double inverse_2_block[SYMLOSS_LANES];
                double product_1_block[SYMLOSS_LANES];
                double entry_1_block[SYMLOSS_LANES];
                const size_t next_count = part_stop - block_stop < SYMLOSS_LANES ? 0 : SYMLOSS_LANES;
                const size_t next_start = next_count > 0 ? block_stop : block_start;
                int64_t target_last[SYMLOSS_LANES];
                const int64_t *const target_of = (const int64_t *)symloss_full(
                    target + block_start, block_count, sizeof(target[0]), target_last);
                symloss_turn(
                    logits + block_start * C, block_count, C, logits_block);
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    largest_1_block[lane] = -(double)INFINITY;
                    place_1_block[lane] = 0;
                }
                for (uint64_t c = 0; c < (uint64_t)C; ++c) {
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double place_1_term = logits_block[c * SYMLOSS_LANES + lane];
                        const int place_1_better = !(place_1_term <= largest_1_block[lane])
                            & (largest_1_block[lane] == largest_1_block[lane]);
                        place_1_block[lane] = place_1_better ? c : place_1_block[lane];
                        largest_1_block[lane] = place_1_better ? place_1_term : largest_1_block[lane];
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = 0.0;
                    sum_1_rests[lane] = 0.0;
                }
                for (uint64_t c = 0; c < (uint64_t)C; ++c) {
                    symloss_fetch(&logits[next_start * C + c * next_count], next_count * sizeof(logits[0]));
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double largest_1 = largest_1_block[lane];
                        const uint64_t place_1 = place_1_block[lane];
                        const double exp_1 = symloss_exp_unit(logits_block[c * SYMLOSS_LANES + lane]
                            - largest_1);
                        gradient_logits_block[c * SYMLOSS_LANES + lane] = exp_1;
                        symloss_add(exp_1 - ((int64_t)c == (int64_t)place_1 ? exp_1 : 0.0),
                            &sum_1_block[lane], &sum_1_rests[lane]);
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = symloss_sum(sum_1_block[lane], sum_1_rests[lane]);
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    const double sum_1 = sum_1_block[lane];
                    const double entry_1 = class_weight_entries[(size_t)(target_of[lane] == ignore_index ? 0
                        : target_of[lane]) * class_weight_step];
                    const double product_1 = sum_1 / (sum_1 + 1.0);
                    const double inverse_2 = 1.0 / (sum_1 + 1.0);
                    inverse_2_block[lane] = inverse_2;
                    product_1_block[lane] = product_1;
                    entry_1_block[lane] = entry_1;
                }
                for (uint64_t c = 0; c < (uint64_t)C; ++c) {
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double example_scale = block_scale[lane];
                        const double inverse_2 = inverse_2_block[lane];
                        const uint64_t place_1 = place_1_block[lane];
                        const double product_1 = product_1_block[lane];
                        const double entry_1 = entry_1_block[lane];
                        const double exp_2 = gradient_logits_block[c * SYMLOSS_LANES + lane];
                        const double case_1 = (int64_t)c == target_of[lane]
                            ? -((int64_t)c == (int64_t)place_1 ? product_1 : 1.0 - exp_2 * inverse_2) : exp_2
                            * inverse_2;
                        const double term_2 = exp_2 * inverse_2 * sum_2
                            - class_weight_entries[c * class_weight_step];
                        gradient_logits_block[c * SYMLOSS_LANES + lane] = example_scale
                            * (target_of[lane] == ignore_index ? 0.0
                            : ((inverse_1 * term_2) == (inverse_1 * term_2)
                            ? (label_smoothing == 0.0 ? 0.0 : inverse_1 * term_2 * label_smoothing)
                            : (inverse_1 * term_2)) + ((case_1 * entry_1) == (case_1 * entry_1)
                            ? (term_1 == 0.0 ? 0.0 : case_1 * entry_1 * term_1) : (case_1 * entry_1)));
                    }
                }
                symloss_turn_back(
                    gradient_logits_block, lane_places, block_count * C,
                    gradient_logits + block_start * C);
            }
        } else {
            for (size_t i = part_start; i < part_stop; ++i) {
                const double example_weight = weight != NULL ? weight[i] : 1.0;
                const double example_scale = scale * example_weight;
                double place_1_value;
                const size_t place_1 = symloss_place(&logits[i * C], C, &place_1_value);
                const double largest_1 = place_1_value;
                struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
                for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                    const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
                    double sum_1_terms[SYMLOSS_BLOCK];
                    symloss_fetch(
                        &logits[(i + (i + 1 < part_stop)) * C + block_start],
                        (block_stop - block_start) * sizeof(logits[0]));
                    for (size_t c = block_start; c < block_stop; ++c) {
                        const double exp_1 = symloss_exp_unit(logits[i * C + c] - largest_1);
                        gradient_logits[i * C + c] = exp_1;
                        sum_1_terms[c - block_start] = exp_1;
                    }
                    if (place_1 - block_start < block_stop - block_start) {
                        const size_t c = place_1;
                        const double exp_1 = gradient_logits[i * C + c];
                        sum_1_terms[c - block_start] = exp_1 == exp_1 ? 0.0 : exp_1;
                    }
                    symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
                }
                const double sum_1 = symloss_total(&sum_1_sums);
                const double entry_1 = class_weight_entries[(size_t)(target[i] == ignore_index ? 0
                    : target[i]) * class_weight_step];
                const double product_1 = sum_1 / (sum_1 + 1.0);
                const double inverse_2 = 1.0 / (sum_1 + 1.0);
                const double there_1 = gradient_logits[i * C + place_1];
                const double there_2 = gradient_logits[i * C
                    + (size_t)(target[i] == ignore_index ? 0 : target[i])];
                for (size_t c = 0; c < C; ++c) {
                    const double exp_2 = gradient_logits[i * C + c];
                    const double term_2 = exp_2 * inverse_2 * sum_2
                        - class_weight_entries[c * class_weight_step];
                    const double case_1 = exp_2 * inverse_2;
                    gradient_logits[i * C + c] = example_scale
                        * (target[i] == ignore_index ? 0.0
                        : ((inverse_1 * term_2) == (inverse_1 * term_2)
                        ? (label_smoothing == 0.0 ? 0.0 : inverse_1 * term_2 * label_smoothing)
                        : (inverse_1 * term_2)) + ((case_1 * entry_1) == (case_1 * entry_1)
                        ? (term_1 == 0.0 ? 0.0 : case_1 * entry_1 * term_1) : (case_1 * entry_1)));
                }
                {
                    const size_t c = place_1;
                    const double exp_2 = there_1;
                    const double term_2 = exp_2 * inverse_2 * sum_2
                        - class_weight_entries[c * class_weight_step];
                    const double case_1 = (int64_t)c == target[i] ? -product_1 : exp_2 * inverse_2;
                    gradient_logits[i * C + c] = example_scale
                        * (target[i] == ignore_index ? 0.0
                        : ((inverse_1 * term_2) == (inverse_1 * term_2)
                        ? (label_smoothing == 0.0 ? 0.0 : inverse_1 * term_2 * label_smoothing)
                        : (inverse_1 * term_2)) + ((case_1 * entry_1) == (case_1 * entry_1)
                        ? (term_1 == 0.0 ? 0.0 : case_1 * entry_1 * term_1) : (case_1 * entry_1)));
                }
                if ((size_t)target[i] < C) {
                    const size_t c = (size_t)target[i];
                    const double exp_2 = there_2;
                    const double term_2 = exp_2 * inverse_2 * sum_2
                        - class_weight_entries[c * class_weight_step];
                    const double case_1 = -((int64_t)c == (int64_t)place_1 ? product_1 : 1.0 - exp_2
                        * inverse_2);
                    gradient_logits[i * C + c] = example_scale
                        * (target[i] == ignore_index ? 0.0
                        : ((inverse_1 * term_2) == (inverse_1 * term_2)
                        ? (label_smoothing == 0.0 ? 0.0 : inverse_1 * term_2 * label_smoothing)
                        : (inverse_1 * term_2)) + ((case_1 * entry_1) == (case_1 * entry_1)
                        ? (term_1 == 0.0 ? 0.0 : case_1 * entry_1 * term_1) : (case_1 * entry_1)));
                }
            }
        }
    }
}

int symloss_softmax_cross_entropy_with_class_index_gradient_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT logits,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    const double *SYMLOSS_RESTRICT class_weight,
    double label_smoothing,
    int64_t ignore_index,
    double *SYMLOSS_RESTRICT gradient_logits)
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
            block_bad |= (target[at] != ignore_index) & ((uint64_t)target[at] >= (uint64_t)C);
        }
        if (block_bad) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    const double class_weight_default = 1.0;
    const double *const class_weight_entries =
        class_weight != NULL ? class_weight : &class_weight_default;
    const size_t class_weight_step = class_weight != NULL;
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    if (reduction == SYMLOSS_MEAN) {
        struct symloss_sums divisor_sums = {{0.0}, {0.0}, 0};
        for (size_t block_start = 0; block_start < n; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, n, SYMLOSS_BLOCK);
            double divisor_terms[SYMLOSS_BLOCK];
            for (size_t i = block_start; i < block_stop; ++i) {
                divisor_terms[i - block_start] = (weight != NULL ? weight[i] : 1.0)
                    * (target[i] == ignore_index ? 0.0
                    : class_weight_entries[(size_t)(target[i] == ignore_index ? 0 : target[i])
                    * class_weight_step]);
            }
            symloss_add_all(divisor_terms, block_stop - block_start, &divisor_sums);
        }
        divisor = symloss_total(&divisor_sums);
    }
#ifdef _OPENMP
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_softmax_cross_entropy_with_class_index_gradient_f64_of_thread(
            n, C, logits, target, weight, reduction, class_weight, label_smoothing, ignore_index,
            gradient_logits, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_softmax_cross_entropy_with_class_index_gradient_f64_of_thread(
        n, C, logits, target, weight, reduction, class_weight, label_smoothing, ignore_index, gradient_logits,
        divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_softmax_cross_entropy_with_class_index_gradient_f32_of_thread(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT logits,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    const float *SYMLOSS_RESTRICT class_weight,
    float label_smoothing,
    int64_t ignore_index,
    float *SYMLOSS_RESTRICT gradient_logits,
    double divisor)
{
    (void)class_weight;
    const float class_weight_default = 1.0F;
    const float *const class_weight_entries =
        class_weight != NULL ? class_weight : &class_weight_default;
    const size_t class_weight_step = class_weight != NULL;
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    struct symloss_sums_f32 sum_2_sums = {{0.0}, 0};
    for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCKF) {
        const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCKF);
        float sum_2_terms[SYMLOSS_BLOCKF];
        for (size_t c = block_start; c < block_stop; ++c) {
            sum_2_terms[c - block_start] = class_weight_entries[c * class_weight_step];
        }
        symloss_add_entriesf(sum_2_terms, block_stop - block_start, &sum_2_sums);
    }
    const float sum_2 = (float)symloss_total_f32(&sum_2_sums);
    const float inverse_1 = 1.0F / (float)C;
    const float term_1 = 1.0F - label_smoothing;
    const size_t parts = symloss_parts(n, C);
    float scales[SYMLOSS_LANES];
    for (size_t at = 0; at < SYMLOSS_LANES; ++at) {
        scales[at] = (float)scale;
    }
    int32_t lane_places[SYMLOSS_NARROWF * SYMLOSS_LANES];
    symloss_lane_placesf(C, lane_places);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        if (C <= SYMLOSS_NARROWF) {
            for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_LANES) {
                const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_LANES);
                const size_t block_count = block_stop - block_start;
                const float *const block_weight = weight != NULL ? weight + block_start : NULL;
                float weighed_scales[SYMLOSS_LANES] = {0.0};
                const float *const block_scale = weight == NULL ? scales
                    : symloss_weighf(block_weight, block_stop - block_start, scale, weighed_scales);
                float logits_block[SYMLOSS_NARROWF * SYMLOSS_LANES];
                float gradient_logits_block[SYMLOSS_NARROWF * SYMLOSS_LANES];
                float largest_1_block[SYMLOSS_LANES];
                uint32_t place_1_block[SYMLOSS_LANES];
                float sum_1_block[SYMLOSS_LANES];
                double sum_1_totals[SYMLOSS_LANES];
                float inverse_2_block[SYMLOSS_LANES];
                float product_1_block[SYMLOSS_LANES];
                float entry_1_block[SYMLOSS_LANES];
                const size_t next_count = part_stop - block_stop < SYMLOSS_LANES ? 0 : SYMLOSS_LANES;
                const size_t next_start = next_count > 0 ? block_stop : block_start;
                int64_t target_last[SYMLOSS_LANES];
                const int64_t *const target_of = (const int64_t *)symloss_full(
                    target + block_start, block_count, sizeof(target[0]), target_last);
                uint32_t target_class_1[SYMLOSS_LANES]; /* as narrow as floats */
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    target_class_1[lane] = (uint64_t)target_of[lane] < (uint64_t)C
                        ? (uint32_t)target_of[lane] : UINT32_MAX;
                }
                symloss_turnf(
                    logits + block_start * C, block_count, C, logits_block);
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    largest_1_block[lane] = -(float)INFINITY;
                    place_1_block[lane] = 0;
                }
                for (uint32_t c = 0; c < (uint32_t)C; ++c) {
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const float place_1_term = logits_block[c * SYMLOSS_LANES + lane];
                        const int place_1_better = !(place_1_term <= largest_1_block[lane])
                            & (largest_1_block[lane] == largest_1_block[lane]);
                        place_1_block[lane] = place_1_better ? c : place_1_block[lane];
                        largest_1_block[lane] = place_1_better ? place_1_term : largest_1_block[lane];
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_totals[lane] = 0.0;
                }
                for (uint32_t c = 0; c < (uint32_t)C; ++c) {
                    symloss_fetch(&logits[next_start * C + c * next_count], next_count * sizeof(logits[0]));
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const float largest_1 = largest_1_block[lane];
                        const uint32_t place_1 = place_1_block[lane];
                        const float exp_1 = symloss_exp_unitf(logits_block[c * SYMLOSS_LANES + lane]
                            - largest_1);
                        gradient_logits_block[c * SYMLOSS_LANES + lane] = exp_1;
                        sum_1_totals[lane] += (double)(exp_1
                            - ((int64_t)c == (int64_t)place_1 ? exp_1 : 0.0F));
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = (float)sum_1_totals[lane];
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    const float sum_1 = sum_1_block[lane];
                    const float entry_1 = class_weight_entries[(size_t)(target_of[lane] == ignore_index ? 0
                        : target_of[lane]) * class_weight_step];
                    const float product_1 = sum_1 / (sum_1 + 1.0F);
                    const float inverse_2 = 1.0F / (sum_1 + 1.0F);
                    inverse_2_block[lane] = inverse_2;
                    product_1_block[lane] = product_1;
                    entry_1_block[lane] = entry_1;
                }
                for (uint32_t c = 0; c < (uint32_t)C; ++c) {
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const float example_scale = block_scale[lane];
                        const float inverse_2 = inverse_2_block[lane];
                        const uint32_t place_1 = place_1_block[lane];
                        const float product_1 = product_1_block[lane];
                        const float entry_1 = entry_1_block[lane];
                        const float exp_2 = gradient_logits_block[c * SYMLOSS_LANES + lane];
                        const float case_1 = c == target_class_1[lane]
                            ? -((int64_t)c == (int64_t)place_1 ? product_1 : 1.0F - exp_2 * inverse_2)
                            : exp_2 * inverse_2;
                        const float term_2 = exp_2 * inverse_2 * sum_2
                            - class_weight_entries[c * class_weight_step];
                        gradient_logits_block[c * SYMLOSS_LANES + lane] = example_scale
                            * (target_of[lane] == ignore_index ? 0.0F
                            : ((inverse_1 * term_2) == (inverse_1 * term_2)
                            ? (label_smoothing == 0.0F ? 0.0F : inverse_1 * term_2 * label_smoothing)
                            : (inverse_1 * term_2)) + ((case_1 * entry_1) == (case_1 * entry_1)
                            ? (term_1 == 0.0F ? 0.0F : case_1 * entry_1 * term_1) : (case_1 * entry_1)));
                    }
                }
                symloss_turn_backf(
                    gradient_logits_block, lane_places, block_count * C,
                    gradient_logits + block_start * C);
            }
        } else {
            for (size_t i = part_start; i < part_stop; ++i) {
                const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
                const float example_scale = (float)(scale * example_weight);
                float place_1_value;
                const size_t place_1 = symloss_placef(&logits[i * C], C, &place_1_value);
                const float largest_1 = place_1_value;
                struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
                for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCKF) {
                    const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCKF);
                    float sum_1_terms[SYMLOSS_BLOCKF];
                    symloss_fetch(
                        &logits[(i + (i + 1 < part_stop)) * C + block_start],
                        (block_stop - block_start) * sizeof(logits[0]));
                    for (size_t c = block_start; c < block_stop; ++c) {
                        const float exp_1 = symloss_exp_unitf(logits[i * C + c] - largest_1);
                        gradient_logits[i * C + c] = exp_1;
                        sum_1_terms[c - block_start] = exp_1;
                    }
                    if (place_1 - block_start < block_stop - block_start) {
                        const size_t c = place_1;
                        const float exp_1 = gradient_logits[i * C + c];
                        sum_1_terms[c - block_start] = exp_1 == exp_1 ? 0.0F : exp_1;
                    }
                    symloss_add_entriesf(sum_1_terms, block_stop - block_start, &sum_1_sums);
                }
                const float sum_1 = (float)symloss_total_f32(&sum_1_sums);
                const float entry_1 = class_weight_entries[(size_t)(target[i] == ignore_index ? 0
                    : target[i]) * class_weight_step];
                const float product_1 = sum_1 / (sum_1 + 1.0F);
                const float inverse_2 = 1.0F / (sum_1 + 1.0F);
                const float there_1 = gradient_logits[i * C + place_1];
                const float there_2 = gradient_logits[i * C
                    + (size_t)(target[i] == ignore_index ? 0 : target[i])];
                for (size_t c = 0; c < C; ++c) {
                    const float exp_2 = gradient_logits[i * C + c];
                    const float term_2 = exp_2 * inverse_2 * sum_2
                        - class_weight_entries[c * class_weight_step];
                    const float case_1 = exp_2 * inverse_2;
                    gradient_logits[i * C + c] = example_scale
                        * (target[i] == ignore_index ? 0.0F
                        : ((inverse_1 * term_2) == (inverse_1 * term_2)
                        ? (label_smoothing == 0.0F ? 0.0F : inverse_1 * term_2 * label_smoothing)
                        : (inverse_1 * term_2)) + ((case_1 * entry_1) == (case_1 * entry_1)
                        ? (term_1 == 0.0F ? 0.0F : case_1 * entry_1 * term_1) : (case_1 * entry_1)));
                }
                {
                    const size_t c = place_1;
                    const float exp_2 = there_1;
                    const float term_2 = exp_2 * inverse_2 * sum_2
                        - class_weight_entries[c * class_weight_step];
                    const float case_1 = (int64_t)c == target[i] ? -product_1 : exp_2 * inverse_2;
                    gradient_logits[i * C + c] = example_scale
                        * (target[i] == ignore_index ? 0.0F
                        : ((inverse_1 * term_2) == (inverse_1 * term_2)
                        ? (label_smoothing == 0.0F ? 0.0F : inverse_1 * term_2 * label_smoothing)
                        : (inverse_1 * term_2)) + ((case_1 * entry_1) == (case_1 * entry_1)
                        ? (term_1 == 0.0F ? 0.0F : case_1 * entry_1 * term_1) : (case_1 * entry_1)));
                }
                if ((size_t)target[i] < C) {
                    const size_t c = (size_t)target[i];
                    const float exp_2 = there_2;
                    const float term_2 = exp_2 * inverse_2 * sum_2
                        - class_weight_entries[c * class_weight_step];
                    const float case_1 = -((int64_t)c == (int64_t)place_1 ? product_1 : 1.0F - exp_2
                        * inverse_2);
                    gradient_logits[i * C + c] = example_scale
                        * (target[i] == ignore_index ? 0.0F
                        : ((inverse_1 * term_2) == (inverse_1 * term_2)
                        ? (label_smoothing == 0.0F ? 0.0F : inverse_1 * term_2 * label_smoothing)
                        : (inverse_1 * term_2)) + ((case_1 * entry_1) == (case_1 * entry_1)
                        ? (term_1 == 0.0F ? 0.0F : case_1 * entry_1 * term_1) : (case_1 * entry_1)));
                }
            }
        }
    }
}

int symloss_softmax_cross_entropy_with_class_index_gradient_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT logits,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    const float *SYMLOSS_RESTRICT class_weight,
    float label_smoothing,
    int64_t ignore_index,
    float *SYMLOSS_RESTRICT gradient_logits)
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
            block_bad |= (target[at] != ignore_index) & ((uint64_t)target[at] >= (uint64_t)C);
        }
        if (block_bad) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    const float class_weight_default = 1.0F;
    const float *const class_weight_entries =
        class_weight != NULL ? class_weight : &class_weight_default;
    const size_t class_weight_step = class_weight != NULL;
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    if (reduction == SYMLOSS_MEAN) {
        struct symloss_sums divisor_sums = {{0.0}, {0.0}, 0};
        for (size_t block_start = 0; block_start < n; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, n, SYMLOSS_BLOCK);
            double divisor_terms[SYMLOSS_BLOCK];
            for (size_t i = block_start; i < block_stop; ++i) {
                divisor_terms[i - block_start] = (weight != NULL ? (double)weight[i] : 1.0)
                    * (double)(target[i] == ignore_index ? 0.0F
                    : class_weight_entries[(size_t)(target[i] == ignore_index ? 0 : target[i])
                    * class_weight_step]);
            }
            symloss_add_all(divisor_terms, block_stop - block_start, &divisor_sums);
        }
        divisor = symloss_total(&divisor_sums);
    }
#ifdef _OPENMP
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_softmax_cross_entropy_with_class_index_gradient_f32_of_thread(
            n, C, logits, target, weight, reduction, class_weight, label_smoothing, ignore_index,
            gradient_logits, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_softmax_cross_entropy_with_class_index_gradient_f32_of_thread(
        n, C, logits, target, weight, reduction, class_weight, label_smoothing, ignore_index, gradient_logits,
        divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_softmax_cross_entropy_with_class_index_value_and_gradient_f64_of_thread(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT logits,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    const double *SYMLOSS_RESTRICT class_weight,
    double label_smoothing,
    int64_t ignore_index,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_logits,
    double divisor,
    double *part_totals)
{
    (void)class_weight;
    const double class_weight_default = 1.0;
    const double *const class_weight_entries =
        class_weight != NULL ? class_weight : &class_weight_default;
    const size_t class_weight_step = class_weight != NULL;
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    if (label_smoothing == 0.0) {
        const size_t parts = symloss_parts(n, C);
        double scales[SYMLOSS_LANES];
        for (size_t at = 0; at < SYMLOSS_LANES; ++at) {
            scales[at] = scale;
        }
        uint16_t lane_places[SYMLOSS_NARROW * SYMLOSS_LANES];
        symloss_lane_places(C, lane_places);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
        for (size_t part = 0; part < parts; ++part) {
            const size_t part_start = symloss_first(part, parts, n);
            const size_t part_stop = symloss_first(part + 1, parts, n);
            struct symloss_sums value_sums = {{0.0}, {0.0}, 0};
            if (C <= SYMLOSS_NARROW) {
                for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_LANES) {
                    const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_LANES);
                    const size_t block_count = block_stop - block_start;
                    const double *const block_weight = weight != NULL ? weight + block_start : NULL;
                    double weighed_scales[SYMLOSS_LANES] = {0.0};
                    const double *const block_scale = weight == NULL ? scales
                        : symloss_weigh(block_weight, block_stop - block_start, scale, weighed_scales);
                    double logits_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                    double gradient_logits_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                    double value_terms[SYMLOSS_LANES];
                    double largest_1_block[SYMLOSS_LANES];
                    uint64_t place_1_block[SYMLOSS_LANES];
                    double sum_1_block[SYMLOSS_LANES];
                    double sum_1_rests[SYMLOSS_LANES];
                    double entry_1_block[SYMLOSS_LANES];
                    double inverse_1_block[SYMLOSS_LANES];
                    double product_1_block[SYMLOSS_LANES];
                    const size_t next_count = part_stop - block_stop < SYMLOSS_LANES ? 0 : SYMLOSS_LANES;
                    const size_t next_start = next_count > 0 ? block_stop : block_start;
                    int64_t target_last[SYMLOSS_LANES];
                    const int64_t *const target_of = (const int64_t *)symloss_full(
                        target + block_start, block_count, sizeof(target[0]), target_last);
                    symloss_turn(
                        logits + block_start * C, block_count, C, logits_block);
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        largest_1_block[lane] = -(double)INFINITY;
                        place_1_block[lane] = 0;
                    }
                    for (uint64_t c = 0; c < (uint64_t)C; ++c) {
                        for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                            const double place_1_term = logits_block[c * SYMLOSS_LANES + lane];
                            const int place_1_better = !(place_1_term <= largest_1_block[lane])
                                & (largest_1_block[lane] == largest_1_block[lane]);
                            place_1_block[lane] = place_1_better ? c : place_1_block[lane];
                            largest_1_block[lane] = place_1_better ? place_1_term : largest_1_block[lane];
                        }
                    }
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        sum_1_block[lane] = 0.0;
                        sum_1_rests[lane] = 0.0;
                    }
                    for (uint64_t c = 0; c < (uint64_t)C; ++c) {
                        symloss_fetch(&logits[next_start * C + c * next_count], next_count
                            * sizeof(logits[0]));
                        for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                            const double largest_1 = largest_1_block[lane];
                            const uint64_t place_1 = place_1_block[lane];
                            const double exp_1 = symloss_exp_unit(logits_block[c * SYMLOSS_LANES + lane]
                                - largest_1);
                            gradient_logits_block[c * SYMLOSS_LANES + lane] = exp_1;
                            symloss_add(exp_1 - ((int64_t)c == (int64_t)place_1 ? exp_1 : 0.0),
                                &sum_1_block[lane], &sum_1_rests[lane]);
                        }
                    }
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        sum_1_block[lane] = symloss_sum(sum_1_block[lane], sum_1_rests[lane]);
                    }
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double sum_1 = sum_1_block[lane];
                        const double largest_1 = largest_1_block[lane];
                        const double entry_1 = class_weight_entries[(size_t)(target_of[lane] == ignore_index
                            ? 0 : target_of[lane]) * class_weight_step];
                        const double log1p_1 = symloss_log1p(sum_1);
                        const double example_value = target_of[lane] == ignore_index ? 0.0 : -entry_1
                            * ((logits_block[(size_t)(target_of[lane] == ignore_index ? 0 : target_of[lane])
                            * SYMLOSS_LANES + lane] - largest_1) - log1p_1);
                        value_terms[lane] = example_value;
                        const double product_1 = sum_1 / (sum_1 + 1.0);
                        const double inverse_1 = 1.0 / (sum_1 + 1.0);
                        entry_1_block[lane] = entry_1;
                        inverse_1_block[lane] = inverse_1;
                        product_1_block[lane] = product_1;
                    }
                    for (uint64_t c = 0; c < (uint64_t)C; ++c) {
                        for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                            const double example_scale = block_scale[lane];
                            const double entry_1 = entry_1_block[lane];
                            const double inverse_1 = inverse_1_block[lane];
                            const uint64_t place_1 = place_1_block[lane];
                            const double product_1 = product_1_block[lane];
                            const double exp_2 = gradient_logits_block[c * SYMLOSS_LANES + lane];
                            gradient_logits_block[c * SYMLOSS_LANES + lane] = example_scale
                                * (target_of[lane] == ignore_index ? 0.0 : entry_1
                                * ((int64_t)c == target_of[lane]
                                ? -((int64_t)c == (int64_t)place_1 ? product_1 : 1.0 - exp_2 * inverse_1)
                                : exp_2 * inverse_1));
                        }
                    }
                    symloss_turn_back(
                        gradient_logits_block, lane_places, block_count * C,
                        gradient_logits + block_start * C);
                    if (reduction != SYMLOSS_NONE) {
                        symloss_add_values(value_terms, block_weight, block_stop - block_start, &value_sums);
                    } else {
                        symloss_values(
                            value_terms, block_weight, block_stop - block_start, value + block_start);
                    }
                }
            } else {
                for (size_t i = part_start; i < part_stop; ++i) {
                    const double example_weight = weight != NULL ? weight[i] : 1.0;
                    const double example_scale = scale * example_weight;
                    double place_1_value;
                    const size_t place_1 = symloss_place(&logits[i * C], C, &place_1_value);
                    const double largest_1 = place_1_value;
                    struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
                    for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                        const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
                        double sum_1_terms[SYMLOSS_BLOCK];
                        symloss_fetch(
                            &logits[(i + (i + 1 < part_stop)) * C + block_start],
                            (block_stop - block_start) * sizeof(logits[0]));
                        for (size_t c = block_start; c < block_stop; ++c) {
                            const double exp_1 = symloss_exp_unit(logits[i * C + c] - largest_1);
                            gradient_logits[i * C + c] = exp_1;
                            sum_1_terms[c - block_start] = exp_1;
                        }
                        if (place_1 - block_start < block_stop - block_start) {
                            const size_t c = place_1;
                            const double exp_1 = gradient_logits[i * C + c];
                            sum_1_terms[c - block_start] = exp_1 == exp_1 ? 0.0 : exp_1;
                        }
                        symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
                    }
                    const double sum_1 = symloss_total(&sum_1_sums);
                    const double entry_1 = class_weight_entries[(size_t)(target[i] == ignore_index ? 0
                        : target[i]) * class_weight_step];
                    const double log1p_1 = symloss_log1p(sum_1);
                    const double example_value = target[i] == ignore_index ? 0.0 : -entry_1
                        * ((logits[i * C + (size_t)(target[i] == ignore_index ? 0 : target[i])] - largest_1)
                        - log1p_1);
                    if (reduction == SYMLOSS_NONE) {
                        value[i] = example_weight * example_value;
                    } else {
                        symloss_add_one(example_weight * example_value, &value_sums);
                    }
                    const double product_1 = sum_1 / (sum_1 + 1.0);
                    const double inverse_1 = 1.0 / (sum_1 + 1.0);
                    const double there_1 = gradient_logits[i * C + place_1];
                    const double there_2 = gradient_logits[i * C
                        + (size_t)(target[i] == ignore_index ? 0 : target[i])];
                    for (size_t c = 0; c < C; ++c) {
                        const double exp_2 = gradient_logits[i * C + c];
                        gradient_logits[i * C + c] = example_scale
                            * (target[i] == ignore_index ? 0.0 : entry_1 * (exp_2 * inverse_1));
                    }
                    {
                        const size_t c = place_1;
                        const double exp_2 = there_1;
                        gradient_logits[i * C + c] = example_scale
                            * (target[i] == ignore_index ? 0.0 : entry_1
                            * ((int64_t)c == target[i] ? -product_1 : exp_2 * inverse_1));
                    }
                    if ((size_t)target[i] < C) {
                        const size_t c = (size_t)target[i];
                        const double exp_2 = there_2;
                        gradient_logits[i * C + c] = example_scale
                            * (target[i] == ignore_index ? 0.0 : entry_1
                            * (-((int64_t)c == (int64_t)place_1 ? product_1 : 1.0 - exp_2 * inverse_1)));
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
        return;
    }
    struct symloss_sums sum_3_sums = {{0.0}, {0.0}, 0};
    for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
        double sum_3_terms[SYMLOSS_BLOCK];
        for (size_t c = block_start; c < block_stop; ++c) {
            sum_3_terms[c - block_start] = class_weight_entries[c * class_weight_step];
        }
        symloss_add_all(sum_3_terms, block_stop - block_start, &sum_3_sums);
    }
    const double sum_3 = symloss_total(&sum_3_sums);
    const double inverse_1 = 1.0 / (double)C;
    const double term_1 = 1.0 - label_smoothing;
    const size_t parts = symloss_parts(n, C);
    double scales[SYMLOSS_LANES];
    for (size_t at = 0; at < SYMLOSS_LANES; ++at) {
        scales[at] = scale;
    }
    uint16_t lane_places[SYMLOSS_NARROW * SYMLOSS_LANES];
    symloss_lane_places(C, lane_places);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        struct symloss_sums value_sums = {{0.0}, {0.0}, 0};
        if (C <= SYMLOSS_NARROW) {
            for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_LANES) {
                const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_LANES);
                const size_t block_count = block_stop - block_start;
                const double *const block_weight = weight != NULL ? weight + block_start : NULL;
                double weighed_scales[SYMLOSS_LANES] = {0.0};
                const double *const block_scale = weight == NULL ? scales
                    : symloss_weigh(block_weight, block_stop - block_start, scale, weighed_scales);
                double logits_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double gradient_logits_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double value_terms[SYMLOSS_LANES];
                double largest_1_block[SYMLOSS_LANES];
                uint64_t place_1_block[SYMLOSS_LANES];
                double sum_1_block[SYMLOSS_LANES];
                double sum_1_rests[SYMLOSS_LANES];
                double sum_2_block[SYMLOSS_LANES];
                double sum_2_rests[SYMLOSS_LANES];
                double log1p_1_block[SYMLOSS_LANES];
                double inverse_2_block[SYMLOSS_LANES];
                double product_1_block[SYMLOSS_LANES];
                double entry_1_block[SYMLOSS_LANES];
                const size_t next_count = part_stop - block_stop < SYMLOSS_LANES ? 0 : SYMLOSS_LANES;
                const size_t next_start = next_count > 0 ? block_stop : block_start;
                int64_t target_last[SYMLOSS_LANES];
                const int64_t *const target_of = (const int64_t *)symloss_full(
                    target + block_start, block_count, sizeof(target[0]), target_last);
                symloss_turn(
                    logits + block_start * C, block_count, C, logits_block);
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    largest_1_block[lane] = -(double)INFINITY;
                    place_1_block[lane] = 0;
                }
                for (uint64_t c = 0; c < (uint64_t)C; ++c) {
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double place_1_term = logits_block[c * SYMLOSS_LANES + lane];
                        const int place_1_better = !(place_1_term <= largest_1_block[lane])
                            & (largest_1_block[lane] == largest_1_block[lane]);
                        place_1_block[lane] = place_1_better ? c : place_1_block[lane];
                        largest_1_block[lane] = place_1_better ? place_1_term : largest_1_block[lane];
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = 0.0;
                    sum_1_rests[lane] = 0.0;
                }
                for (uint64_t c = 0; c < (uint64_t)C; ++c) {
                    symloss_fetch(&logits[next_start * C + c * next_count], next_count * sizeof(logits[0]));
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double largest_1 = largest_1_block[lane];
                        const uint64_t place_1 = place_1_block[lane];
                        const double exp_1 = symloss_exp_unit(logits_block[c * SYMLOSS_LANES + lane]
                            - largest_1);
                        gradient_logits_block[c * SYMLOSS_LANES + lane] = exp_1;
                        symloss_add(exp_1 - ((int64_t)c == (int64_t)place_1 ? exp_1 : 0.0),
                            &sum_1_block[lane], &sum_1_rests[lane]);
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = symloss_sum(sum_1_block[lane], sum_1_rests[lane]);
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    const double sum_1 = sum_1_block[lane];
                    const double entry_1 = class_weight_entries[(size_t)(target_of[lane] == ignore_index ? 0
                        : target_of[lane]) * class_weight_step];
                    const double log1p_1 = symloss_log1p(sum_1);
                    const double product_1 = sum_1 / (sum_1 + 1.0);
                    const double inverse_2 = 1.0 / (sum_1 + 1.0);
                    log1p_1_block[lane] = log1p_1;
                    inverse_2_block[lane] = inverse_2;
                    product_1_block[lane] = product_1;
                    entry_1_block[lane] = entry_1;
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_2_block[lane] = 0.0;
                    sum_2_rests[lane] = 0.0;
                }
                for (uint64_t c = 0; c < (uint64_t)C; ++c) {
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double example_scale = block_scale[lane];
                        const double largest_1 = largest_1_block[lane];
                        const double log1p_1 = log1p_1_block[lane];
                        const double inverse_2 = inverse_2_block[lane];
                        const uint64_t place_1 = place_1_block[lane];
                        const double product_1 = product_1_block[lane];
                        const double entry_1 = entry_1_block[lane];
                        symloss_add(((logits_block[c * SYMLOSS_LANES + lane] - largest_1) - log1p_1)
                            * class_weight_entries[c * class_weight_step], &sum_2_block[lane],
                            &sum_2_rests[lane]);
                        const double exp_2 = gradient_logits_block[c * SYMLOSS_LANES + lane];
                        const double case_1 = (int64_t)c == target_of[lane]
                            ? -((int64_t)c == (int64_t)place_1 ? product_1 : 1.0 - exp_2 * inverse_2) : exp_2
                            * inverse_2;
                        const double term_2 = exp_2 * inverse_2 * sum_3
                            - class_weight_entries[c * class_weight_step];
                        gradient_logits_block[c * SYMLOSS_LANES + lane] = example_scale
                            * (target_of[lane] == ignore_index ? 0.0
                            : ((inverse_1 * term_2) == (inverse_1 * term_2)
                            ? (label_smoothing == 0.0 ? 0.0 : inverse_1 * term_2 * label_smoothing)
                            : (inverse_1 * term_2)) + ((case_1 * entry_1) == (case_1 * entry_1)
                            ? (term_1 == 0.0 ? 0.0 : case_1 * entry_1 * term_1) : (case_1 * entry_1)));
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_2_block[lane] = symloss_sum(sum_2_block[lane], sum_2_rests[lane]);
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    const double largest_1 = largest_1_block[lane];
                    const double log1p_1 = log1p_1_block[lane];
                    const double entry_1 = entry_1_block[lane];
                    const double sum_2 = sum_2_block[lane];
                    const double term_3 = (logits_block[(size_t)(target_of[lane] == ignore_index ? 0
                        : target_of[lane]) * SYMLOSS_LANES + lane] - largest_1) - log1p_1;
                    const double example_value = target_of[lane] == ignore_index ? 0.0
                        : ((-inverse_1 * sum_2) == (-inverse_1 * sum_2)
                        ? (label_smoothing == 0.0 ? 0.0 : -inverse_1 * label_smoothing * sum_2)
                        : (-inverse_1 * sum_2)) + ((-entry_1 * term_3) == (-entry_1 * term_3)
                        ? (term_1 == 0.0 ? 0.0 : -entry_1 * term_1 * term_3) : (-entry_1 * term_3));
                    value_terms[lane] = example_value;
                }
                symloss_turn_back(
                    gradient_logits_block, lane_places, block_count * C,
                    gradient_logits + block_start * C);
                if (reduction != SYMLOSS_NONE) {
                    symloss_add_values(value_terms, block_weight, block_stop - block_start, &value_sums);
                } else {
                    symloss_values(
                        value_terms, block_weight, block_stop - block_start, value + block_start);
                }
            }
        } else {
            for (size_t i = part_start; i < part_stop; ++i) {
                const double example_weight = weight != NULL ? weight[i] : 1.0;
                const double example_scale = scale * example_weight;
                double place_1_value;
                const size_t place_1 = symloss_place(&logits[i * C], C, &place_1_value);
                const double largest_1 = place_1_value;
                struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
                for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                    const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
                    double sum_1_terms[SYMLOSS_BLOCK];
                    for (size_t c = block_start; c < block_stop; ++c) {
                        const double exp_1 = symloss_exp_unit(logits[i * C + c] - largest_1);
                        gradient_logits[i * C + c] = exp_1;
                        sum_1_terms[c - block_start] = exp_1;
                    }
                    if (place_1 - block_start < block_stop - block_start) {
                        const size_t c = place_1;
                        const double exp_1 = gradient_logits[i * C + c];
                        sum_1_terms[c - block_start] = exp_1 == exp_1 ? 0.0 : exp_1;
                    }
                    symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
                }
                const double sum_1 = symloss_total(&sum_1_sums);
                const double entry_1 = class_weight_entries[(size_t)(target[i] == ignore_index ? 0
                    : target[i]) * class_weight_step];
                const double log1p_1 = symloss_log1p(sum_1);
                const double product_1 = sum_1 / (sum_1 + 1.0);
                const double inverse_2 = 1.0 / (sum_1 + 1.0);
                const double there_1 = gradient_logits[i * C + place_1];
                const double there_2 = gradient_logits[i * C
                    + (size_t)(target[i] == ignore_index ? 0 : target[i])];
                struct symloss_sums sum_2_sums = {{0.0}, {0.0}, 0};
                for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                    const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
                    double sum_2_terms[SYMLOSS_BLOCK];
                    symloss_fetch(
                        &logits[(i + (i + 1 < part_stop)) * C + block_start],
                        (block_stop - block_start) * sizeof(logits[0]));
                    for (size_t c = block_start; c < block_stop; ++c) {
                        sum_2_terms[c - block_start] = ((logits[i * C + c] - largest_1) - log1p_1)
                            * class_weight_entries[c * class_weight_step];
                        const double exp_2 = gradient_logits[i * C + c];
                        const double case_1 = exp_2 * inverse_2;
                        const double term_2 = exp_2 * inverse_2 * sum_3
                            - class_weight_entries[c * class_weight_step];
                        gradient_logits[i * C + c] = example_scale
                            * (target[i] == ignore_index ? 0.0
                            : ((inverse_1 * term_2) == (inverse_1 * term_2)
                            ? (label_smoothing == 0.0 ? 0.0 : inverse_1 * term_2 * label_smoothing)
                            : (inverse_1 * term_2)) + ((case_1 * entry_1) == (case_1 * entry_1)
                            ? (term_1 == 0.0 ? 0.0 : case_1 * entry_1 * term_1) : (case_1 * entry_1)));
                    }
                    symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_sums);
                }
                {
                    const size_t c = place_1;
                    const double exp_2 = there_1;
                    const double term_2 = exp_2 * inverse_2 * sum_3
                        - class_weight_entries[c * class_weight_step];
                    const double case_1 = (int64_t)c == target[i] ? -product_1 : exp_2 * inverse_2;
                    gradient_logits[i * C + c] = example_scale
                        * (target[i] == ignore_index ? 0.0
                        : ((inverse_1 * term_2) == (inverse_1 * term_2)
                        ? (label_smoothing == 0.0 ? 0.0 : inverse_1 * term_2 * label_smoothing)
                        : (inverse_1 * term_2)) + ((case_1 * entry_1) == (case_1 * entry_1)
                        ? (term_1 == 0.0 ? 0.0 : case_1 * entry_1 * term_1) : (case_1 * entry_1)));
                }
                if ((size_t)target[i] < C) {
                    const size_t c = (size_t)target[i];
                    const double exp_2 = there_2;
                    const double term_2 = exp_2 * inverse_2 * sum_3
                        - class_weight_entries[c * class_weight_step];
                    const double case_1 = -((int64_t)c == (int64_t)place_1 ? product_1 : 1.0 - exp_2
                        * inverse_2);
                    gradient_logits[i * C + c] = example_scale
                        * (target[i] == ignore_index ? 0.0
                        : ((inverse_1 * term_2) == (inverse_1 * term_2)
                        ? (label_smoothing == 0.0 ? 0.0 : inverse_1 * term_2 * label_smoothing)
                        : (inverse_1 * term_2)) + ((case_1 * entry_1) == (case_1 * entry_1)
                        ? (term_1 == 0.0 ? 0.0 : case_1 * entry_1 * term_1) : (case_1 * entry_1)));
                }
                const double sum_2 = symloss_total(&sum_2_sums);
                const double term_3 = (logits[i * C + (size_t)(target[i] == ignore_index ? 0 : target[i])]
                    - largest_1) - log1p_1;
                const double example_value = target[i] == ignore_index ? 0.0
                    : ((-inverse_1 * sum_2) == (-inverse_1 * sum_2)
                    ? (label_smoothing == 0.0 ? 0.0 : -inverse_1 * label_smoothing * sum_2)
                    : (-inverse_1 * sum_2)) + ((-entry_1 * term_3) == (-entry_1 * term_3)
                    ? (term_1 == 0.0 ? 0.0 : -entry_1 * term_1 * term_3) : (-entry_1 * term_3));
                if (reduction == SYMLOSS_NONE) {
                    value[i] = example_weight * example_value;
                } else {
                    symloss_add_one(example_weight * example_value, &value_sums);
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

int symloss_softmax_cross_entropy_with_class_index_value_and_gradient_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT logits,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    const double *SYMLOSS_RESTRICT class_weight,
    double label_smoothing,
    int64_t ignore_index,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_logits)
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
            block_bad |= (target[at] != ignore_index) & ((uint64_t)target[at] >= (uint64_t)C);
        }
        if (block_bad) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    const double class_weight_default = 1.0;
    const double *const class_weight_entries =
        class_weight != NULL ? class_weight : &class_weight_default;
    const size_t class_weight_step = class_weight != NULL;
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    if (reduction == SYMLOSS_MEAN) {
        struct symloss_sums divisor_sums = {{0.0}, {0.0}, 0};
        for (size_t block_start = 0; block_start < n; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, n, SYMLOSS_BLOCK);
            double divisor_terms[SYMLOSS_BLOCK];
            for (size_t i = block_start; i < block_stop; ++i) {
                divisor_terms[i - block_start] = (weight != NULL ? weight[i] : 1.0)
                    * (target[i] == ignore_index ? 0.0
                    : class_weight_entries[(size_t)(target[i] == ignore_index ? 0 : target[i])
                    * class_weight_step]);
            }
            symloss_add_all(divisor_terms, block_stop - block_start, &divisor_sums);
        }
        divisor = symloss_total(&divisor_sums);
    }
    double part_totals[SYMLOSS_PARTS];
#ifdef _OPENMP
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_softmax_cross_entropy_with_class_index_value_and_gradient_f64_of_thread(
            n, C, logits, target, weight, reduction, class_weight, label_smoothing, ignore_index, value,
            gradient_logits, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_softmax_cross_entropy_with_class_index_value_and_gradient_f64_of_thread(
        n, C, logits, target, weight, reduction, class_weight, label_smoothing, ignore_index, value,
        gradient_logits, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_softmax_cross_entropy_with_class_index_value_and_gradient_f32_of_thread(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT logits,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    const float *SYMLOSS_RESTRICT class_weight,
    float label_smoothing,
    int64_t ignore_index,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_logits,
    double divisor,
    double *part_totals)
{
    (void)class_weight;
    const float class_weight_default = 1.0F;
    const float *const class_weight_entries =
        class_weight != NULL ? class_weight : &class_weight_default;
    const size_t class_weight_step = class_weight != NULL;
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    if (label_smoothing == 0.0F) {
        const size_t parts = symloss_parts(n, C);
        float scales[SYMLOSS_LANES];
        for (size_t at = 0; at < SYMLOSS_LANES; ++at) {
            scales[at] = (float)scale;
        }
        int32_t lane_places[SYMLOSS_NARROWF * SYMLOSS_LANES];
        symloss_lane_placesf(C, lane_places);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
        for (size_t part = 0; part < parts; ++part) {
            const size_t part_start = symloss_first(part, parts, n);
            const size_t part_stop = symloss_first(part + 1, parts, n);
            struct symloss_sums_f32 value_sums = {{0.0}, 0};
            if (C <= SYMLOSS_NARROWF) {
                for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_LANES) {
                    const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_LANES);
                    const size_t block_count = block_stop - block_start;
                    const float *const block_weight = weight != NULL ? weight + block_start : NULL;
                    float weighed_scales[SYMLOSS_LANES] = {0.0};
                    const float *const block_scale = weight == NULL ? scales
                        : symloss_weighf(block_weight, block_stop - block_start, scale, weighed_scales);
                    float logits_block[SYMLOSS_NARROWF * SYMLOSS_LANES];
                    float gradient_logits_block[SYMLOSS_NARROWF * SYMLOSS_LANES];
                    float value_terms[SYMLOSS_LANES];
                    float largest_1_block[SYMLOSS_LANES];
                    uint32_t place_1_block[SYMLOSS_LANES];
                    float sum_1_block[SYMLOSS_LANES];
                    double sum_1_totals[SYMLOSS_LANES];
                    float entry_1_block[SYMLOSS_LANES];
                    float inverse_1_block[SYMLOSS_LANES];
                    float product_1_block[SYMLOSS_LANES];
                    const size_t next_count = part_stop - block_stop < SYMLOSS_LANES ? 0 : SYMLOSS_LANES;
                    const size_t next_start = next_count > 0 ? block_stop : block_start;
                    int64_t target_last[SYMLOSS_LANES];
                    const int64_t *const target_of = (const int64_t *)symloss_full(
                        target + block_start, block_count, sizeof(target[0]), target_last);
                    uint32_t target_class_1[SYMLOSS_LANES]; /* as narrow as floats */
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        target_class_1[lane] = (uint64_t)target_of[lane] < (uint64_t)C
                            ? (uint32_t)target_of[lane] : UINT32_MAX;
                    }
                    symloss_turnf(
                        logits + block_start * C, block_count, C, logits_block);
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        largest_1_block[lane] = -(float)INFINITY;
                        place_1_block[lane] = 0;
                    }
                    for (uint32_t c = 0; c < (uint32_t)C; ++c) {
                        for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                            const float place_1_term = logits_block[c * SYMLOSS_LANES + lane];
                            const int place_1_better = !(place_1_term <= largest_1_block[lane])
                                & (largest_1_block[lane] == largest_1_block[lane]);
                            place_1_block[lane] = place_1_better ? c : place_1_block[lane];
                            largest_1_block[lane] = place_1_better ? place_1_term : largest_1_block[lane];
                        }
                    }
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        sum_1_totals[lane] = 0.0;
                    }
                    for (uint32_t c = 0; c < (uint32_t)C; ++c) {
                        symloss_fetch(&logits[next_start * C + c * next_count], next_count
                            * sizeof(logits[0]));
                        for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                            const float largest_1 = largest_1_block[lane];
                            const uint32_t place_1 = place_1_block[lane];
                            const float exp_1 = symloss_exp_unitf(logits_block[c * SYMLOSS_LANES + lane]
                                - largest_1);
                            gradient_logits_block[c * SYMLOSS_LANES + lane] = exp_1;
                            sum_1_totals[lane] += (double)(exp_1
                                - ((int64_t)c == (int64_t)place_1 ? exp_1 : 0.0F));
                        }
                    }
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        sum_1_block[lane] = (float)sum_1_totals[lane];
                    }
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const float sum_1 = sum_1_block[lane];
                        const float largest_1 = largest_1_block[lane];
                        const float entry_1 = class_weight_entries[(size_t)(target_of[lane] == ignore_index
                            ? 0 : target_of[lane]) * class_weight_step];
                        const float log1p_1 = symloss_log1pf(sum_1);
                        const float example_value = target_of[lane] == ignore_index ? 0.0F : -entry_1
                            * ((logits_block[(size_t)(target_of[lane] == ignore_index ? 0 : target_of[lane])
                            * SYMLOSS_LANES + lane] - largest_1) - log1p_1);
                        value_terms[lane] = example_value;
                        const float product_1 = sum_1 / (sum_1 + 1.0F);
                        const float inverse_1 = 1.0F / (sum_1 + 1.0F);
                        entry_1_block[lane] = entry_1;
                        inverse_1_block[lane] = inverse_1;
                        product_1_block[lane] = product_1;
                    }
                    for (uint32_t c = 0; c < (uint32_t)C; ++c) {
                        for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                            const float example_scale = block_scale[lane];
                            const float entry_1 = entry_1_block[lane];
                            const float inverse_1 = inverse_1_block[lane];
                            const uint32_t place_1 = place_1_block[lane];
                            const float product_1 = product_1_block[lane];
                            const float exp_2 = gradient_logits_block[c * SYMLOSS_LANES + lane];
                            gradient_logits_block[c * SYMLOSS_LANES + lane] = example_scale
                                * (target_of[lane] == ignore_index ? 0.0F : entry_1
                                * (c == target_class_1[lane]
                                ? -((int64_t)c == (int64_t)place_1 ? product_1 : 1.0F - exp_2 * inverse_1)
                                : exp_2 * inverse_1));
                        }
                    }
                    symloss_turn_backf(
                        gradient_logits_block, lane_places, block_count * C,
                        gradient_logits + block_start * C);
                    if (reduction != SYMLOSS_NONE) {
                        symloss_add_valuesf(value_terms, block_weight, block_stop - block_start, &value_sums);
                    } else {
                        symloss_valuesf(
                            value_terms, block_weight, block_stop - block_start, value + block_start);
                    }
                }
            } else {
                for (size_t i = part_start; i < part_stop; ++i) {
                    const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
                    const float example_scale = (float)(scale * example_weight);
                    float place_1_value;
                    const size_t place_1 = symloss_placef(&logits[i * C], C, &place_1_value);
                    const float largest_1 = place_1_value;
                    struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
                    for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCKF) {
                        const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCKF);
                        float sum_1_terms[SYMLOSS_BLOCKF];
                        symloss_fetch(
                            &logits[(i + (i + 1 < part_stop)) * C + block_start],
                            (block_stop - block_start) * sizeof(logits[0]));
                        for (size_t c = block_start; c < block_stop; ++c) {
                            const float exp_1 = symloss_exp_unitf(logits[i * C + c] - largest_1);
                            gradient_logits[i * C + c] = exp_1;
                            sum_1_terms[c - block_start] = exp_1;
                        }
                        if (place_1 - block_start < block_stop - block_start) {
                            const size_t c = place_1;
                            const float exp_1 = gradient_logits[i * C + c];
                            sum_1_terms[c - block_start] = exp_1 == exp_1 ? 0.0F : exp_1;
                        }
                        symloss_add_entriesf(sum_1_terms, block_stop - block_start, &sum_1_sums);
                    }
                    const float sum_1 = (float)symloss_total_f32(&sum_1_sums);
                    const float entry_1 = class_weight_entries[(size_t)(target[i] == ignore_index ? 0
                        : target[i]) * class_weight_step];
                    const float log1p_1 = symloss_log1pf(sum_1);
                    const float example_value = target[i] == ignore_index ? 0.0F : -entry_1
                        * ((logits[i * C + (size_t)(target[i] == ignore_index ? 0 : target[i])] - largest_1)
                        - log1p_1);
                    if (reduction == SYMLOSS_NONE) {
                        value[i] = (float)(example_weight * (double)example_value);
                    } else {
                        symloss_add_one_f32(example_weight * (double)example_value, &value_sums);
                    }
                    const float product_1 = sum_1 / (sum_1 + 1.0F);
                    const float inverse_1 = 1.0F / (sum_1 + 1.0F);
                    const float there_1 = gradient_logits[i * C + place_1];
                    const float there_2 = gradient_logits[i * C
                        + (size_t)(target[i] == ignore_index ? 0 : target[i])];
                    for (size_t c = 0; c < C; ++c) {
                        const float exp_2 = gradient_logits[i * C + c];
                        gradient_logits[i * C + c] = example_scale
                            * (target[i] == ignore_index ? 0.0F : entry_1 * (exp_2 * inverse_1));
                    }
                    {
                        const size_t c = place_1;
                        const float exp_2 = there_1;
                        gradient_logits[i * C + c] = example_scale
                            * (target[i] == ignore_index ? 0.0F : entry_1
                            * ((int64_t)c == target[i] ? -product_1 : exp_2 * inverse_1));
                    }
                    if ((size_t)target[i] < C) {
                        const size_t c = (size_t)target[i];
                        const float exp_2 = there_2;
                        gradient_logits[i * C + c] = example_scale
                            * (target[i] == ignore_index ? 0.0F : entry_1
                            * (-((int64_t)c == (int64_t)place_1 ? product_1 : 1.0F - exp_2 * inverse_1)));
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
        return;
    }
    struct symloss_sums_f32 sum_3_sums = {{0.0}, 0};
    for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCKF) {
        const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCKF);
        float sum_3_terms[SYMLOSS_BLOCKF];
        for (size_t c = block_start; c < block_stop; ++c) {
            sum_3_terms[c - block_start] = class_weight_entries[c * class_weight_step];
        }
        symloss_add_entriesf(sum_3_terms, block_stop - block_start, &sum_3_sums);
    }
    const float sum_3 = (float)symloss_total_f32(&sum_3_sums);
    const float inverse_1 = 1.0F / (float)C;
    const float term_1 = 1.0F - label_smoothing;
    const size_t parts = symloss_parts(n, C);
    float scales[SYMLOSS_LANES];
    for (size_t at = 0; at < SYMLOSS_LANES; ++at) {
        scales[at] = (float)scale;
    }
    int32_t lane_places[SYMLOSS_NARROWF * SYMLOSS_LANES];
    symloss_lane_placesf(C, lane_places);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        struct symloss_sums_f32 value_sums = {{0.0}, 0};
        if (C <= SYMLOSS_NARROWF) {
            for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_LANES) {
                const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_LANES);
                const size_t block_count = block_stop - block_start;
                const float *const block_weight = weight != NULL ? weight + block_start : NULL;
                float weighed_scales[SYMLOSS_LANES] = {0.0};
                const float *const block_scale = weight == NULL ? scales
                    : symloss_weighf(block_weight, block_stop - block_start, scale, weighed_scales);
                float logits_block[SYMLOSS_NARROWF * SYMLOSS_LANES];
                float gradient_logits_block[SYMLOSS_NARROWF * SYMLOSS_LANES];
                float value_terms[SYMLOSS_LANES];
                float largest_1_block[SYMLOSS_LANES];
                uint32_t place_1_block[SYMLOSS_LANES];
                float sum_1_block[SYMLOSS_LANES];
                double sum_1_totals[SYMLOSS_LANES];
                float sum_2_block[SYMLOSS_LANES];
                double sum_2_totals[SYMLOSS_LANES];
                float log1p_1_block[SYMLOSS_LANES];
                float inverse_2_block[SYMLOSS_LANES];
                float product_1_block[SYMLOSS_LANES];
                float entry_1_block[SYMLOSS_LANES];
                const size_t next_count = part_stop - block_stop < SYMLOSS_LANES ? 0 : SYMLOSS_LANES;
                const size_t next_start = next_count > 0 ? block_stop : block_start;
                int64_t target_last[SYMLOSS_LANES];
                const int64_t *const target_of = (const int64_t *)symloss_full(
                    target + block_start, block_count, sizeof(target[0]), target_last);
                uint32_t target_class_1[SYMLOSS_LANES]; /* as narrow as floats */
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    target_class_1[lane] = (uint64_t)target_of[lane] < (uint64_t)C
                        ? (uint32_t)target_of[lane] : UINT32_MAX;
                }
                symloss_turnf(
                    logits + block_start * C, block_count, C, logits_block);
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    largest_1_block[lane] = -(float)INFINITY;
                    place_1_block[lane] = 0;
                }
                for (uint32_t c = 0; c < (uint32_t)C; ++c) {
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const float place_1_term = logits_block[c * SYMLOSS_LANES + lane];
                        const int place_1_better = !(place_1_term <= largest_1_block[lane])
                            & (largest_1_block[lane] == largest_1_block[lane]);
                        place_1_block[lane] = place_1_better ? c : place_1_block[lane];
                        largest_1_block[lane] = place_1_better ? place_1_term : largest_1_block[lane];
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_totals[lane] = 0.0;
                }
                for (uint32_t c = 0; c < (uint32_t)C; ++c) {
                    symloss_fetch(&logits[next_start * C + c * next_count], next_count * sizeof(logits[0]));
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const float largest_1 = largest_1_block[lane];
                        const uint32_t place_1 = place_1_block[lane];
                        const float exp_1 = symloss_exp_unitf(logits_block[c * SYMLOSS_LANES + lane]
                            - largest_1);
                        gradient_logits_block[c * SYMLOSS_LANES + lane] = exp_1;
                        sum_1_totals[lane] += (double)(exp_1
                            - ((int64_t)c == (int64_t)place_1 ? exp_1 : 0.0F));
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = (float)sum_1_totals[lane];
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    const float sum_1 = sum_1_block[lane];
                    const float entry_1 = class_weight_entries[(size_t)(target_of[lane] == ignore_index ? 0
                        : target_of[lane]) * class_weight_step];
                    const float log1p_1 = symloss_log1pf(sum_1);
                    const float product_1 = sum_1 / (sum_1 + 1.0F);
                    const float inverse_2 = 1.0F / (sum_1 + 1.0F);
                    log1p_1_block[lane] = log1p_1;
                    inverse_2_block[lane] = inverse_2;
                    product_1_block[lane] = product_1;
                    entry_1_block[lane] = entry_1;
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_2_totals[lane] = 0.0;
                }
                for (uint32_t c = 0; c < (uint32_t)C; ++c) {
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const float example_scale = block_scale[lane];
                        const float largest_1 = largest_1_block[lane];
                        const float log1p_1 = log1p_1_block[lane];
                        const float inverse_2 = inverse_2_block[lane];
                        const uint32_t place_1 = place_1_block[lane];
                        const float product_1 = product_1_block[lane];
                        const float entry_1 = entry_1_block[lane];
                        sum_2_totals[lane] += (double)(((logits_block[c * SYMLOSS_LANES + lane] - largest_1)
                            - log1p_1) * class_weight_entries[c * class_weight_step]);
                        const float exp_2 = gradient_logits_block[c * SYMLOSS_LANES + lane];
                        const float case_1 = c == target_class_1[lane]
                            ? -((int64_t)c == (int64_t)place_1 ? product_1 : 1.0F - exp_2 * inverse_2)
                            : exp_2 * inverse_2;
                        const float term_2 = exp_2 * inverse_2 * sum_3
                            - class_weight_entries[c * class_weight_step];
                        gradient_logits_block[c * SYMLOSS_LANES + lane] = example_scale
                            * (target_of[lane] == ignore_index ? 0.0F
                            : ((inverse_1 * term_2) == (inverse_1 * term_2)
                            ? (label_smoothing == 0.0F ? 0.0F : inverse_1 * term_2 * label_smoothing)
                            : (inverse_1 * term_2)) + ((case_1 * entry_1) == (case_1 * entry_1)
                            ? (term_1 == 0.0F ? 0.0F : case_1 * entry_1 * term_1) : (case_1 * entry_1)));
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_2_block[lane] = (float)sum_2_totals[lane];
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    const float largest_1 = largest_1_block[lane];
                    const float log1p_1 = log1p_1_block[lane];
                    const float entry_1 = entry_1_block[lane];
                    const float sum_2 = sum_2_block[lane];
                    const float term_3 = (logits_block[(size_t)(target_of[lane] == ignore_index ? 0
                        : target_of[lane]) * SYMLOSS_LANES + lane] - largest_1) - log1p_1;
                    const float example_value = target_of[lane] == ignore_index ? 0.0F
                        : ((-inverse_1 * sum_2) == (-inverse_1 * sum_2)
                        ? (label_smoothing == 0.0F ? 0.0F : -inverse_1 * label_smoothing * sum_2)
                        : (-inverse_1 * sum_2)) + ((-entry_1 * term_3) == (-entry_1 * term_3)
                        ? (term_1 == 0.0F ? 0.0F : -entry_1 * term_1 * term_3) : (-entry_1 * term_3));
                    value_terms[lane] = example_value;
                }
                symloss_turn_backf(
                    gradient_logits_block, lane_places, block_count * C,
                    gradient_logits + block_start * C);
                if (reduction != SYMLOSS_NONE) {
                    symloss_add_valuesf(value_terms, block_weight, block_stop - block_start, &value_sums);
                } else {
                    symloss_valuesf(
                        value_terms, block_weight, block_stop - block_start, value + block_start);
                }
            }
        } else {
            for (size_t i = part_start; i < part_stop; ++i) {
                const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
                const float example_scale = (float)(scale * example_weight);
                float place_1_value;
                const size_t place_1 = symloss_placef(&logits[i * C], C, &place_1_value);
                const float largest_1 = place_1_value;
                struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
                for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCKF) {
                    const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCKF);
                    float sum_1_terms[SYMLOSS_BLOCKF];
                    for (size_t c = block_start; c < block_stop; ++c) {
                        const float exp_1 = symloss_exp_unitf(logits[i * C + c] - largest_1);
                        gradient_logits[i * C + c] = exp_1;
                        sum_1_terms[c - block_start] = exp_1;
                    }
                    if (place_1 - block_start < block_stop - block_start) {
                        const size_t c = place_1;
                        const float exp_1 = gradient_logits[i * C + c];
                        sum_1_terms[c - block_start] = exp_1 == exp_1 ? 0.0F : exp_1;
                    }
                    symloss_add_entriesf(sum_1_terms, block_stop - block_start, &sum_1_sums);
                }
                const float sum_1 = (float)symloss_total_f32(&sum_1_sums);
                const float entry_1 = class_weight_entries[(size_t)(target[i] == ignore_index ? 0
                    : target[i]) * class_weight_step];
                const float log1p_1 = symloss_log1pf(sum_1);
                const float product_1 = sum_1 / (sum_1 + 1.0F);
                const float inverse_2 = 1.0F / (sum_1 + 1.0F);
                const float there_1 = gradient_logits[i * C + place_1];
                const float there_2 = gradient_logits[i * C
                    + (size_t)(target[i] == ignore_index ? 0 : target[i])];
                struct symloss_sums_f32 sum_2_sums = {{0.0}, 0};
                for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCKF) {
                    const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCKF);
                    float sum_2_terms[SYMLOSS_BLOCKF];
                    symloss_fetch(
                        &logits[(i + (i + 1 < part_stop)) * C + block_start],
                        (block_stop - block_start) * sizeof(logits[0]));
                    for (size_t c = block_start; c < block_stop; ++c) {
                        sum_2_terms[c - block_start] = ((logits[i * C + c] - largest_1) - log1p_1)
                            * class_weight_entries[c * class_weight_step];
                        const float exp_2 = gradient_logits[i * C + c];
                        const float case_1 = exp_2 * inverse_2;
                        const float term_2 = exp_2 * inverse_2 * sum_3
                            - class_weight_entries[c * class_weight_step];
                        gradient_logits[i * C + c] = example_scale
                            * (target[i] == ignore_index ? 0.0F
                            : ((inverse_1 * term_2) == (inverse_1 * term_2)
                            ? (label_smoothing == 0.0F ? 0.0F : inverse_1 * term_2 * label_smoothing)
                            : (inverse_1 * term_2)) + ((case_1 * entry_1) == (case_1 * entry_1)
                            ? (term_1 == 0.0F ? 0.0F : case_1 * entry_1 * term_1) : (case_1 * entry_1)));
                    }
                    symloss_add_entriesf(sum_2_terms, block_stop - block_start, &sum_2_sums);
                }
                {
                    const size_t c = place_1;
                    const float exp_2 = there_1;
                    const float term_2 = exp_2 * inverse_2 * sum_3
                        - class_weight_entries[c * class_weight_step];
                    const float case_1 = (int64_t)c == target[i] ? -product_1 : exp_2 * inverse_2;
                    gradient_logits[i * C + c] = example_scale
                        * (target[i] == ignore_index ? 0.0F
                        : ((inverse_1 * term_2) == (inverse_1 * term_2)
                        ? (label_smoothing == 0.0F ? 0.0F : inverse_1 * term_2 * label_smoothing)
                        : (inverse_1 * term_2)) + ((case_1 * entry_1) == (case_1 * entry_1)
                        ? (term_1 == 0.0F ? 0.0F : case_1 * entry_1 * term_1) : (case_1 * entry_1)));
                }
                if ((size_t)target[i] < C) {
                    const size_t c = (size_t)target[i];
                    const float exp_2 = there_2;
                    const float term_2 = exp_2 * inverse_2 * sum_3
                        - class_weight_entries[c * class_weight_step];
                    const float case_1 = -((int64_t)c == (int64_t)place_1 ? product_1 : 1.0F - exp_2
                        * inverse_2);
                    gradient_logits[i * C + c] = example_scale
                        * (target[i] == ignore_index ? 0.0F
                        : ((inverse_1 * term_2) == (inverse_1 * term_2)
                        ? (label_smoothing == 0.0F ? 0.0F : inverse_1 * term_2 * label_smoothing)
                        : (inverse_1 * term_2)) + ((case_1 * entry_1) == (case_1 * entry_1)
                        ? (term_1 == 0.0F ? 0.0F : case_1 * entry_1 * term_1) : (case_1 * entry_1)));
                }
                const float sum_2 = (float)symloss_total_f32(&sum_2_sums);
                const float term_3 = (logits[i * C + (size_t)(target[i] == ignore_index ? 0 : target[i])]
                    - largest_1) - log1p_1;
                const float example_value = target[i] == ignore_index ? 0.0F
                    : ((-inverse_1 * sum_2) == (-inverse_1 * sum_2)
                    ? (label_smoothing == 0.0F ? 0.0F : -inverse_1 * label_smoothing * sum_2)
                    : (-inverse_1 * sum_2)) + ((-entry_1 * term_3) == (-entry_1 * term_3)
                    ? (term_1 == 0.0F ? 0.0F : -entry_1 * term_1 * term_3) : (-entry_1 * term_3));
                if (reduction == SYMLOSS_NONE) {
                    value[i] = (float)(example_weight * (double)example_value);
                } else {
                    symloss_add_one_f32(example_weight * (double)example_value, &value_sums);
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

int symloss_softmax_cross_entropy_with_class_index_value_and_gradient_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT logits,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    const float *SYMLOSS_RESTRICT class_weight,
    float label_smoothing,
    int64_t ignore_index,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_logits)
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
            block_bad |= (target[at] != ignore_index) & ((uint64_t)target[at] >= (uint64_t)C);
        }
        if (block_bad) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    const float class_weight_default = 1.0F;
    const float *const class_weight_entries =
        class_weight != NULL ? class_weight : &class_weight_default;
    const size_t class_weight_step = class_weight != NULL;
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    if (reduction == SYMLOSS_MEAN) {
        struct symloss_sums divisor_sums = {{0.0}, {0.0}, 0};
        for (size_t block_start = 0; block_start < n; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, n, SYMLOSS_BLOCK);
            double divisor_terms[SYMLOSS_BLOCK];
            for (size_t i = block_start; i < block_stop; ++i) {
                divisor_terms[i - block_start] = (weight != NULL ? (double)weight[i] : 1.0)
                    * (double)(target[i] == ignore_index ? 0.0F
                    : class_weight_entries[(size_t)(target[i] == ignore_index ? 0 : target[i])
                    * class_weight_step]);
            }
            symloss_add_all(divisor_terms, block_stop - block_start, &divisor_sums);
        }
        divisor = symloss_total(&divisor_sums);
    }
    double part_totals[SYMLOSS_PARTS];
#ifdef _OPENMP
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_softmax_cross_entropy_with_class_index_value_and_gradient_f32_of_thread(
            n, C, logits, target, weight, reduction, class_weight, label_smoothing, ignore_index, value,
            gradient_logits, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_softmax_cross_entropy_with_class_index_value_and_gradient_f32_of_thread(
        n, C, logits, target, weight, reduction, class_weight, label_smoothing, ignore_index, value,
        gradient_logits, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_softmax_cross_entropy_with_class_index_hessian_vector_product_f64_of_thread(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT logits,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT vector,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    const double *SYMLOSS_RESTRICT class_weight,
    double label_smoothing,
    int64_t ignore_index,
    double *SYMLOSS_RESTRICT product_logits,
    double divisor)
{
    (void)class_weight;
    const double class_weight_default = 1.0;
    const double *const class_weight_entries =
        class_weight != NULL ? class_weight : &class_weight_default;
    const size_t class_weight_step = class_weight != NULL;
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    struct symloss_sums sum_3_sums = {{0.0}, {0.0}, 0};
    for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
        double sum_3_terms[SYMLOSS_BLOCK];
        for (size_t c = block_start; c < block_stop; ++c) {
            sum_3_terms[c - block_start] = class_weight_entries[c * class_weight_step];
        }
        symloss_add_all(sum_3_terms, block_stop - block_start, &sum_3_sums);
    }
    const double sum_3 = symloss_total(&sum_3_sums);
    const double term_1 = 1.0 - label_smoothing;
    const double guarded_1 = (sum_3 / (double)C) == (sum_3 / (double)C)
        ? (label_smoothing == 0.0 ? 0.0 : sum_3 * label_smoothing / (double)C) : (sum_3 / (double)C);
    const size_t parts = symloss_parts(n, C);
    double scales[SYMLOSS_LANES];
    for (size_t at = 0; at < SYMLOSS_LANES; ++at) {
        scales[at] = scale;
    }
    uint16_t lane_places[SYMLOSS_NARROW * SYMLOSS_LANES];
    symloss_lane_places(C, lane_places);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        if (C <= SYMLOSS_NARROW) {
            for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_LANES) {
                const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_LANES);
                const size_t block_count = block_stop - block_start;
                const double *const block_weight = weight != NULL ? weight + block_start : NULL;
                double weighed_scales[SYMLOSS_LANES] = {0.0};
                const double *const block_scale = weight == NULL ? scales
                    : symloss_weigh(block_weight, block_stop - block_start, scale, weighed_scales);
                double logits_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double vector_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double product_logits_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double largest_1_block[SYMLOSS_LANES];
                uint64_t place_1_block[SYMLOSS_LANES];
                double sum_1_block[SYMLOSS_LANES];
                double sum_1_rests[SYMLOSS_LANES];
                double sum_2_block[SYMLOSS_LANES];
                double sum_2_rests[SYMLOSS_LANES];
                double entry_1_block[SYMLOSS_LANES];
                double term_3_block[SYMLOSS_LANES];
                const size_t next_count = part_stop - block_stop < SYMLOSS_LANES ? 0 : SYMLOSS_LANES;
                const size_t next_start = next_count > 0 ? block_stop : block_start;
                int64_t target_last[SYMLOSS_LANES];
                const int64_t *const target_of = (const int64_t *)symloss_full(
                    target + block_start, block_count, sizeof(target[0]), target_last);
                symloss_turn(
                    logits + block_start * C, block_count, C, logits_block);
                symloss_turn(
                    vector + block_start * C, block_count, C, vector_block);
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    largest_1_block[lane] = -(double)INFINITY;
                    place_1_block[lane] = 0;
                }
                for (uint64_t c = 0; c < (uint64_t)C; ++c) {
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double place_1_term = logits_block[c * SYMLOSS_LANES + lane];
                        const int place_1_better = !(place_1_term <= largest_1_block[lane])
                            & (largest_1_block[lane] == largest_1_block[lane]);
                        place_1_block[lane] = place_1_better ? c : place_1_block[lane];
                        largest_1_block[lane] = place_1_better ? place_1_term : largest_1_block[lane];
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = 0.0;
                    sum_1_rests[lane] = 0.0;
                }
                for (uint64_t c = 0; c < (uint64_t)C; ++c) {
                    symloss_fetch(&logits[next_start * C + c * next_count], next_count * sizeof(logits[0]));
                    symloss_fetch(&vector[next_start * C + c * next_count], next_count * sizeof(vector[0]));
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double largest_1 = largest_1_block[lane];
                        const uint64_t place_1 = place_1_block[lane];
                        const double exp_1 = symloss_exp_unit(logits_block[c * SYMLOSS_LANES + lane]
                            - largest_1);
                        product_logits_block[c * SYMLOSS_LANES + lane] = exp_1;
                        symloss_add(exp_1 - ((int64_t)c == (int64_t)place_1 ? exp_1 : 0.0),
                            &sum_1_block[lane], &sum_1_rests[lane]);
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = symloss_sum(sum_1_block[lane], sum_1_rests[lane]);
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    const uint64_t place_1 = place_1_block[lane];
                    const double entry_1 = vector_block[place_1 * SYMLOSS_LANES + lane];
                    entry_1_block[lane] = entry_1;
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_2_block[lane] = 0.0;
                    sum_2_rests[lane] = 0.0;
                }
                for (uint64_t c = 0; c < (uint64_t)C; ++c) {
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double entry_1 = entry_1_block[lane];
                        const double sum_1 = sum_1_block[lane];
                        const double exp_3 = product_logits_block[c * SYMLOSS_LANES + lane];
                        const double term_2 = sum_1 + 1.0;
                        symloss_add(exp_3 * (vector_block[c * SYMLOSS_LANES + lane] - entry_1) / term_2,
                            &sum_2_block[lane], &sum_2_rests[lane]);
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_2_block[lane] = symloss_sum(sum_2_block[lane], sum_2_rests[lane]);
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    const double term_3 = guarded_1 + term_1
                        * class_weight_entries[(size_t)(target_of[lane] == ignore_index ? 0
                        : target_of[lane]) * class_weight_step];
                    term_3_block[lane] = term_3;
                }
                for (uint64_t c = 0; c < (uint64_t)C; ++c) {
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double example_scale = block_scale[lane];
                        const double entry_1 = entry_1_block[lane];
                        const double sum_2 = sum_2_block[lane];
                        const double sum_1 = sum_1_block[lane];
                        const double term_3 = term_3_block[lane];
                        const double exp_2 = product_logits_block[c * SYMLOSS_LANES + lane];
                        const double term_2 = sum_1 + 1.0;
                        product_logits_block[c * SYMLOSS_LANES + lane] = example_scale
                            * (target_of[lane] == ignore_index ? 0.0 : exp_2 * term_3
                            * ((vector_block[c * SYMLOSS_LANES + lane] - entry_1) - sum_2) / term_2);
                    }
                }
                symloss_turn_back(
                    product_logits_block, lane_places, block_count * C,
                    product_logits + block_start * C);
            }
        } else {
            for (size_t i = part_start; i < part_stop; ++i) {
                const double example_weight = weight != NULL ? weight[i] : 1.0;
                const double example_scale = scale * example_weight;
                double place_1_value;
                const size_t place_1 = symloss_place(&logits[i * C], C, &place_1_value);
                const double largest_1 = place_1_value;
                struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
                for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                    const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
                    double sum_1_terms[SYMLOSS_BLOCK];
                    for (size_t c = block_start; c < block_stop; ++c) {
                        const double exp_1 = symloss_exp_unit(logits[i * C + c] - largest_1);
                        product_logits[i * C + c] = exp_1;
                        sum_1_terms[c - block_start] = exp_1;
                    }
                    if (place_1 - block_start < block_stop - block_start) {
                        const size_t c = place_1;
                        const double exp_1 = product_logits[i * C + c];
                        sum_1_terms[c - block_start] = exp_1 == exp_1 ? 0.0 : exp_1;
                    }
                    symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
                }
                const double sum_1 = symloss_total(&sum_1_sums);
                const double entry_1 = vector[i * C + place_1];
                const double term_2 = sum_1 + 1.0;
                struct symloss_sums sum_2_sums = {{0.0}, {0.0}, 0};
                for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                    const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
                    double sum_2_terms[SYMLOSS_BLOCK];
                    symloss_fetch(
                        &logits[(i + (i + 1 < part_stop)) * C + block_start],
                        (block_stop - block_start) * sizeof(logits[0]));
                    for (size_t c = block_start; c < block_stop; ++c) {
                        const double exp_4 = product_logits[i * C + c];
                        sum_2_terms[c - block_start] = exp_4 * (vector[i * C + c] - entry_1) / term_2;
                    }
                    symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_sums);
                }
                const double sum_2 = symloss_total(&sum_2_sums);
                const double term_3 = guarded_1 + term_1
                    * class_weight_entries[(size_t)(target[i] == ignore_index ? 0 : target[i])
                    * class_weight_step];
                for (size_t c = 0; c < C; ++c) {
                    const double exp_2 = product_logits[i * C + c];
                    product_logits[i * C + c] = example_scale
                        * (target[i] == ignore_index ? 0.0 : exp_2 * term_3
                        * ((vector[i * C + c] - entry_1) - sum_2) / term_2);
                }
            }
        }
    }
}

int symloss_softmax_cross_entropy_with_class_index_hessian_vector_product_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT logits,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT vector,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    const double *SYMLOSS_RESTRICT class_weight,
    double label_smoothing,
    int64_t ignore_index,
    double *SYMLOSS_RESTRICT product_logits)
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
            block_bad |= (target[at] != ignore_index) & ((uint64_t)target[at] >= (uint64_t)C);
        }
        if (block_bad) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    const double class_weight_default = 1.0;
    const double *const class_weight_entries =
        class_weight != NULL ? class_weight : &class_weight_default;
    const size_t class_weight_step = class_weight != NULL;
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    if (reduction == SYMLOSS_MEAN) {
        struct symloss_sums divisor_sums = {{0.0}, {0.0}, 0};
        for (size_t block_start = 0; block_start < n; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, n, SYMLOSS_BLOCK);
            double divisor_terms[SYMLOSS_BLOCK];
            for (size_t i = block_start; i < block_stop; ++i) {
                divisor_terms[i - block_start] = (weight != NULL ? weight[i] : 1.0)
                    * (target[i] == ignore_index ? 0.0
                    : class_weight_entries[(size_t)(target[i] == ignore_index ? 0 : target[i])
                    * class_weight_step]);
            }
            symloss_add_all(divisor_terms, block_stop - block_start, &divisor_sums);
        }
        divisor = symloss_total(&divisor_sums);
    }
#ifdef _OPENMP
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_softmax_cross_entropy_with_class_index_hessian_vector_product_f64_of_thread(
            n, C, logits, target, vector, weight, reduction, class_weight, label_smoothing, ignore_index,
            product_logits, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_softmax_cross_entropy_with_class_index_hessian_vector_product_f64_of_thread(
        n, C, logits, target, vector, weight, reduction, class_weight, label_smoothing, ignore_index,
        product_logits, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_softmax_cross_entropy_with_class_index_hessian_vector_product_f32_of_thread(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT logits,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT vector,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    const float *SYMLOSS_RESTRICT class_weight,
    float label_smoothing,
    int64_t ignore_index,
    float *SYMLOSS_RESTRICT product_logits,
    double divisor)
{
    (void)class_weight;
    const float class_weight_default = 1.0F;
    const float *const class_weight_entries =
        class_weight != NULL ? class_weight : &class_weight_default;
    const size_t class_weight_step = class_weight != NULL;
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    struct symloss_sums_f32 sum_3_sums = {{0.0}, 0};
    for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
        const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
        double sum_3_terms[SYMLOSS_BLOCK];
        for (size_t c = block_start; c < block_stop; ++c) {
            sum_3_terms[c - block_start] = (double)class_weight_entries[c * class_weight_step];
        }
        symloss_add_all_f32(sum_3_terms, block_stop - block_start, &sum_3_sums);
    }
    const double sum_3 = symloss_total_f32(&sum_3_sums);
    const double term_1 = 1.0 - (double)label_smoothing;
    const double guarded_1 = (sum_3 / (double)C) == (sum_3 / (double)C)
        ? ((double)label_smoothing == 0.0 ? 0.0 : sum_3 * (double)label_smoothing / (double)C)
        : (sum_3 / (double)C);
    const size_t parts = symloss_parts(n, C);
    double scales[SYMLOSS_LANES];
    for (size_t at = 0; at < SYMLOSS_LANES; ++at) {
        scales[at] = scale;
    }
    uint16_t lane_places[SYMLOSS_NARROW * SYMLOSS_LANES];
    symloss_lane_places(C, lane_places);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        if (C <= SYMLOSS_NARROW) {
            for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_LANES) {
                const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_LANES);
                const size_t block_count = block_stop - block_start;
                const float *const block_weight = weight != NULL ? weight + block_start : NULL;
                double weighed_scales[SYMLOSS_LANES] = {0.0};
                const double *const block_scale = weight == NULL ? scales
                    : symloss_weigh_f32(block_weight, block_stop - block_start, scale, weighed_scales);
                double logits_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double vector_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double product_logits_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double largest_1_block[SYMLOSS_LANES];
                uint64_t place_1_block[SYMLOSS_LANES];
                double sum_1_block[SYMLOSS_LANES];
                double sum_2_block[SYMLOSS_LANES];
                double entry_1_block[SYMLOSS_LANES];
                double term_3_block[SYMLOSS_LANES];
                const size_t next_count = part_stop - block_stop < SYMLOSS_LANES ? 0 : SYMLOSS_LANES;
                const size_t next_start = next_count > 0 ? block_stop : block_start;
                int64_t target_last[SYMLOSS_LANES];
                const int64_t *const target_of = (const int64_t *)symloss_full(
                    target + block_start, block_count, sizeof(target[0]), target_last);
                symloss_turn_f32(
                    logits + block_start * C, block_count, C, logits_block);
                symloss_turn_f32(
                    vector + block_start * C, block_count, C, vector_block);
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    largest_1_block[lane] = -(double)INFINITY;
                    place_1_block[lane] = 0;
                }
                for (uint64_t c = 0; c < (uint64_t)C; ++c) {
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double place_1_term = logits_block[c * SYMLOSS_LANES + lane];
                        const int place_1_better = !(place_1_term <= largest_1_block[lane])
                            & (largest_1_block[lane] == largest_1_block[lane]);
                        place_1_block[lane] = place_1_better ? c : place_1_block[lane];
                        largest_1_block[lane] = place_1_better ? place_1_term : largest_1_block[lane];
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = 0.0;
                }
                for (uint64_t c = 0; c < (uint64_t)C; ++c) {
                    symloss_fetch(&logits[next_start * C + c * next_count], next_count * sizeof(logits[0]));
                    symloss_fetch(&vector[next_start * C + c * next_count], next_count * sizeof(vector[0]));
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double largest_1 = largest_1_block[lane];
                        const uint64_t place_1 = place_1_block[lane];
                        const double exp_1 = symloss_exp_unit_f32(logits_block[c * SYMLOSS_LANES + lane]
                            - largest_1);
                        product_logits_block[c * SYMLOSS_LANES + lane] = exp_1;
                        sum_1_block[lane] += exp_1 - ((int64_t)c == (int64_t)place_1 ? exp_1 : 0.0);
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    const uint64_t place_1 = place_1_block[lane];
                    const double entry_1 = vector_block[place_1 * SYMLOSS_LANES + lane];
                    entry_1_block[lane] = entry_1;
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_2_block[lane] = 0.0;
                }
                for (uint64_t c = 0; c < (uint64_t)C; ++c) {
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double entry_1 = entry_1_block[lane];
                        const double sum_1 = sum_1_block[lane];
                        const double exp_3 = product_logits_block[c * SYMLOSS_LANES + lane];
                        const double term_2 = sum_1 + 1.0;
                        sum_2_block[lane] += exp_3 * (vector_block[c * SYMLOSS_LANES + lane] - entry_1)
                            / term_2;
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    const double term_3 = guarded_1 + term_1
                        * (double)class_weight_entries[(size_t)(target_of[lane] == ignore_index ? 0
                        : target_of[lane]) * class_weight_step];
                    term_3_block[lane] = term_3;
                }
                for (uint64_t c = 0; c < (uint64_t)C; ++c) {
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double example_scale = block_scale[lane];
                        const double entry_1 = entry_1_block[lane];
                        const double sum_2 = sum_2_block[lane];
                        const double sum_1 = sum_1_block[lane];
                        const double term_3 = term_3_block[lane];
                        const double exp_2 = product_logits_block[c * SYMLOSS_LANES + lane];
                        const double term_2 = sum_1 + 1.0;
                        product_logits_block[c * SYMLOSS_LANES + lane] = example_scale
                            * (target_of[lane] == ignore_index ? 0.0 : exp_2 * term_3
                            * ((vector_block[c * SYMLOSS_LANES + lane] - entry_1) - sum_2) / term_2);
                    }
                }
                symloss_turn_back_f32(
                    product_logits_block, lane_places, block_count * C,
                    product_logits + block_start * C);
            }
        } else {
            for (size_t i = part_start; i < part_stop; ++i) {
                const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
                const double example_scale = scale * example_weight;
                size_t place_1 = 0;
                double place_1_value = -(double)INFINITY;
                for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                    const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
                    double place_1_terms[SYMLOSS_BLOCK];
                    for (size_t c = block_start; c < block_stop; ++c) {
                        place_1_terms[c - block_start] = (double)logits[i * C + c];
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
                struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
                for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                    const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
                    double sum_1_terms[SYMLOSS_BLOCK];
                    for (size_t c = block_start; c < block_stop; ++c) {
                        const double exp_1 = symloss_exp_unit_f32((double)logits[i * C + c] - largest_1);
                        sum_1_terms[c - block_start] = exp_1;
                    }
                    if (place_1 - block_start < block_stop - block_start) {
                        const size_t c = place_1;
                        const double exp_1 = symloss_exp_unit_f32((double)logits[i * C + c] - largest_1);
                        sum_1_terms[c - block_start] = exp_1 - exp_1;
                    }
                    symloss_add_all_f32(sum_1_terms, block_stop - block_start, &sum_1_sums);
                }
                const double sum_1 = symloss_total_f32(&sum_1_sums);
                const double entry_1 = (double)vector[i * C + place_1];
                const double term_2 = sum_1 + 1.0;
                struct symloss_sums_f32 sum_2_sums = {{0.0}, 0};
                for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                    const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
                    double sum_2_terms[SYMLOSS_BLOCK];
                    symloss_fetch(
                        &logits[(i + (i + 1 < part_stop)) * C + block_start],
                        (block_stop - block_start) * sizeof(logits[0]));
                    for (size_t c = block_start; c < block_stop; ++c) {
                        sum_2_terms[c - block_start] = ((double)vector[i * C + c] - entry_1)
                            * symloss_exp_unit_f32((double)logits[i * C + c] - largest_1) / term_2;
                    }
                    symloss_add_all_f32(sum_2_terms, block_stop - block_start, &sum_2_sums);
                }
                const double sum_2 = symloss_total_f32(&sum_2_sums);
                const double term_3 = guarded_1 + term_1
                    * (double)class_weight_entries[(size_t)(target[i] == ignore_index ? 0 : target[i])
                    * class_weight_step];
                for (size_t c = 0; c < C; ++c) {
                    const double exp_2 = symloss_exp_unit_f32((double)logits[i * C + c] - largest_1);
                    product_logits[i * C + c] = (float)(example_scale
                        * (target[i] == ignore_index ? 0.0 : exp_2 * term_3
                        * (((double)vector[i * C + c] - entry_1) - sum_2) / term_2));
                }
            }
        }
    }
}

int symloss_softmax_cross_entropy_with_class_index_hessian_vector_product_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT logits,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT vector,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    const float *SYMLOSS_RESTRICT class_weight,
    float label_smoothing,
    int64_t ignore_index,
    float *SYMLOSS_RESTRICT product_logits)
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
            block_bad |= (target[at] != ignore_index) & ((uint64_t)target[at] >= (uint64_t)C);
        }
        if (block_bad) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    const float class_weight_default = 1.0F;
    const float *const class_weight_entries =
        class_weight != NULL ? class_weight : &class_weight_default;
    const size_t class_weight_step = class_weight != NULL;
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    if (reduction == SYMLOSS_MEAN) {
        struct symloss_sums divisor_sums = {{0.0}, {0.0}, 0};
        for (size_t block_start = 0; block_start < n; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, n, SYMLOSS_BLOCK);
            double divisor_terms[SYMLOSS_BLOCK];
            for (size_t i = block_start; i < block_stop; ++i) {
                divisor_terms[i - block_start] = (weight != NULL ? (double)weight[i] : 1.0)
                    * (target[i] == ignore_index ? 0.0
                    : (double)class_weight_entries[(size_t)(target[i] == ignore_index ? 0 : target[i])
                    * class_weight_step]);
            }
            symloss_add_all(divisor_terms, block_stop - block_start, &divisor_sums);
        }
        divisor = symloss_total(&divisor_sums);
    }
#ifdef _OPENMP
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_softmax_cross_entropy_with_class_index_hessian_vector_product_f32_of_thread(
            n, C, logits, target, vector, weight, reduction, class_weight, label_smoothing, ignore_index,
            product_logits, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_softmax_cross_entropy_with_class_index_hessian_vector_product_f32_of_thread(
        n, C, logits, target, vector, weight, reduction, class_weight, label_smoothing, ignore_index,
        product_logits, divisor);
    return SYMLOSS_OK;
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif
