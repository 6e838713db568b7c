/*
 * gaussian_kl_divergence: Divergence of a normal distribution with independent coordinates from the
 *     standard normal one.
 *
 * loss of one example = Sum(exp(log_variance[j]) - log_variance[j] + mean[j]**2 - 1, (j, Z))/2
 * d/dmean = mean[k]
 * d/dlog_variance = exp(log_variance[k])/2 - 1/2
 *
 * mean: Real['Z'], (..., Z)
 * log_variance: Real['Z'], (..., Z)
 * float: value, gradient, value_and_gradient computed in float, sums in double
 * float: hessian_vector_product computed in double, and rounded once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate gaussian_kl_divergence --target c
 *
 * Measured against exact results:
 *     float64: 2179 results, 0.69 % beyond the bound, 0 % at ordinary numbers; worst inf of the bound, inf
 *         ulp (hessian_vector_product)
 *     float32: 2387 results, 0 % beyond the bound; worst 0.14 of the bound, 0.57 ulp (gradient)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#include "gaussian_kl_divergence.h"

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

/* e^x, within 1 ulp; with 2^k in two factors, for it may lie beyond the format where e^x does not. */
static inline double symloss_exp(double x) {
    const double upper = x > 710.0 ? 710.0 : x;
    uint64_t k;
    const double result = symloss_exp_of(
        upper < -750.0 ? -750.0 : upper, 2046.0, &k);
    const uint64_t half = k >> 1;
    return result * symloss_power_of_two(half) * symloss_power_of_two(k - half);
}

/* e^x - 1 for x from -40 to 710, as 2 (2^(k-1) - 1/2 + 2^(k-1) (e^r - 1)). */
static inline double symloss_expm1_of(double x) {
    double left;
    uint64_t k;
    const double whole = symloss_whole(x, 1022.0, &k);
    const double r = symloss_reduce(x, whole, &left);
    const double power = symloss_power_of_two(k);
    const double most = power - 0.5;
    const double sum = symloss_fma(power, r, most);
    const double rest = ((power - most) - 0.5) + symloss_fma(power, r, most - sum);
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
    const double cubes = symloss_fma(r * z, symloss_fma(r, odd, even), left);
    const double beyond = symloss_fma(0.5 * r, r, cubes);
    return 2.0 * (sum + symloss_fma(power, beyond, rest));
}

/* e^x - 1, within 1 ulp, or 1.1 where it is not fused. */
static inline double symloss_expm1(double x) {
    const double upper = x > 710.0 ? 710.0 : x;
    const double result = symloss_expm1_of(upper < -40.0 ? -40.0 : upper);
    return fabs(x) < 1e-17 ? x : result;
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

/* e^x - 1 for x from -18 to 89, as 2 (2^(k-1) - 1/2 + 2^(k-1) (e^r - 1)). */
static inline float symloss_expm1_off(float x) {
    float left;
    uint32_t k;
    const float whole = symloss_wholef(x, 126.0F, &k);
    const float r = symloss_reducef(x, whole, &left);
    const float power = symloss_power_of_twof(k);
    const float most = power - 0.5F;
    const float sum = symloss_fmaf(power, r, most);
    const float rest = ((power - most) - 0.5F) + symloss_fmaf(power, r, most - sum);
    const float z = r * r;
    float even = 0.0001942751F, odd = 0.0013938223F;
    even = symloss_fmaf(z, even, 0.008334237F);
    even = symloss_fmaf(z, even, 0.16666663F);
    odd = symloss_fmaf(z, odd, 0.04166643F);
    const float cubes = symloss_fmaf(r * z, symloss_fmaf(r, odd, even), left);
    const float beyond = symloss_fmaf(0.5F * r, r, cubes);
    return 2.0F * (sum + symloss_fmaf(power, beyond, rest));
}

/* e^x - 1, within 1 ulp, or 1.1 where it is not fused. */
static inline float symloss_expm1f(float x) {
    const float upper = x > 89.0F ? 89.0F : x;
    const float result = symloss_expm1_off(upper < -18.0F ? -18.0F : upper);
    return fabsf(x) < 1e-8F ? x : result;
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

static inline double symloss_exp_f32(double x) {
    const double upper = x > 710.0 ? 710.0 : x;
    const double lower = upper < -709.2 ? -709.2 : upper;
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
static void symloss_gaussian_kl_divergence_value_f64_of_thread(
    size_t n,
    size_t Z,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT value,
    double divisor,
    double *part_totals)
{
    const size_t parts = symloss_parts(n, Z);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        struct symloss_sums value_sums = {{0.0}, {0.0}, 0};
        if (Z <= SYMLOSS_NARROW) {
            for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_LANES) {
                const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_LANES);
                const size_t block_count = block_stop - block_start;
                const double *const block_weight = weight != NULL ? weight + block_start : NULL;
                double mean_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double log_variance_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double value_terms[SYMLOSS_LANES];
                double sum_1_block[SYMLOSS_LANES];
                double sum_1_rests[SYMLOSS_LANES];
                const size_t next_count = part_stop - block_stop < SYMLOSS_LANES ? 0 : SYMLOSS_LANES;
                const size_t next_start = next_count > 0 ? block_stop : block_start;
                symloss_turn(
                    mean + block_start * Z, block_count, Z, mean_block);
                symloss_turn(
                    log_variance + block_start * Z, block_count, Z, log_variance_block);
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = 0.0;
                    sum_1_rests[lane] = 0.0;
                }
                for (uint64_t z = 0; z < (uint64_t)Z; ++z) {
                    symloss_fetch(&mean[next_start * Z + z * next_count], next_count * sizeof(mean[0]));
                    symloss_fetch(&log_variance[next_start * Z + z * next_count], next_count
                        * sizeof(log_variance[0]));
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double expm1_1 = symloss_expm1(log_variance_block[z * SYMLOSS_LANES + lane]);
                        symloss_add((fabs(log_variance_block[z * SYMLOSS_LANES + lane]) < 1.0
                            ? (log_variance_block[z * SYMLOSS_LANES + lane]
                            * log_variance_block[z * SYMLOSS_LANES + lane]
                            * ((((((((((((((((log_variance_block[z * SYMLOSS_LANES + lane]
                            / 6402373705728000.0 + 1.0 / 355687428096000.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 20922789888000.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 1307674368000.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 87178291200.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 6227020800.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 479001600.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 39916800.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 3628800.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 362880.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 40320.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 5040.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 720.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 120.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 24.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 6.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 0.5)) : expm1_1
                            - log_variance_block[z * SYMLOSS_LANES + lane])
                            + mean_block[z * SYMLOSS_LANES + lane] * mean_block[z * SYMLOSS_LANES + lane],
                            &sum_1_block[lane], &sum_1_rests[lane]);
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = symloss_sum(sum_1_block[lane], sum_1_rests[lane]);
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    const double sum_1 = sum_1_block[lane];
                    const double example_value = 0.5 * sum_1;
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
                struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
                for (size_t block_start = 0; block_start < Z; block_start += SYMLOSS_BLOCK) {
                    const size_t block_stop = symloss_stop(block_start, Z, SYMLOSS_BLOCK);
                    double sum_1_terms[SYMLOSS_BLOCK];
                    symloss_fetch(
                        &mean[(i + (i + 1 < part_stop)) * Z + block_start],
                        (block_stop - block_start) * sizeof(mean[0]));
                    symloss_fetch(
                        &log_variance[(i + (i + 1 < part_stop)) * Z + block_start],
                        (block_stop - block_start) * sizeof(log_variance[0]));
                    for (size_t z = block_start; z < block_stop; ++z) {
                        const double expm1_1 = symloss_expm1(log_variance[i * Z + z]);
                        sum_1_terms[z - block_start] = (fabs(log_variance[i * Z + z]) < 1.0
                            ? (log_variance[i * Z + z] * log_variance[i * Z + z]
                            * ((((((((((((((((log_variance[i * Z + z] / 6402373705728000.0 + 1.0
                            / 355687428096000.0) * log_variance[i * Z + z] + 1.0 / 20922789888000.0)
                            * log_variance[i * Z + z] + 1.0 / 1307674368000.0) * log_variance[i * Z + z]
                            + 1.0 / 87178291200.0) * log_variance[i * Z + z] + 1.0 / 6227020800.0)
                            * log_variance[i * Z + z] + 1.0 / 479001600.0) * log_variance[i * Z + z] + 1.0
                            / 39916800.0) * log_variance[i * Z + z] + 1.0 / 3628800.0)
                            * log_variance[i * Z + z] + 1.0 / 362880.0) * log_variance[i * Z + z] + 1.0
                            / 40320.0) * log_variance[i * Z + z] + 1.0 / 5040.0) * log_variance[i * Z + z]
                            + 1.0 / 720.0) * log_variance[i * Z + z] + 1.0 / 120.0) * log_variance[i * Z + z]
                            + 1.0 / 24.0) * log_variance[i * Z + z] + 1.0 / 6.0) * log_variance[i * Z + z]
                            + 0.5)) : expm1_1 - log_variance[i * Z + z]) + mean[i * Z + z] * mean[i * Z + z];
                    }
                    symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
                }
                const double sum_1 = symloss_total(&sum_1_sums);
                const double example_value = 0.5 * sum_1;
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

int symloss_gaussian_kl_divergence_value_f64(
    size_t n,
    size_t Z,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
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
    if (symloss_parts(n, Z) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, Z) > 1)
        symloss_gaussian_kl_divergence_value_f64_of_thread(
            n, Z, mean, log_variance, weight, reduction, value, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_gaussian_kl_divergence_value_f64_of_thread(
        n, Z, mean, log_variance, weight, reduction, value, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_gaussian_kl_divergence_value_f32_of_thread(
    size_t n,
    size_t Z,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT value,
    double divisor,
    double *part_totals)
{
    const size_t parts = symloss_parts(n, Z);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        struct symloss_sums_f32 value_sums = {{0.0}, 0};
        if (Z <= SYMLOSS_NARROWF) {
            for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_LANES) {
                const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_LANES);
                const size_t block_count = block_stop - block_start;
                const float *const block_weight = weight != NULL ? weight + block_start : NULL;
                float mean_block[SYMLOSS_NARROWF * SYMLOSS_LANES];
                float log_variance_block[SYMLOSS_NARROWF * SYMLOSS_LANES];
                float value_terms[SYMLOSS_LANES];
                float sum_1_block[SYMLOSS_LANES];
                double sum_1_totals[SYMLOSS_LANES];
                const size_t next_count = part_stop - block_stop < SYMLOSS_LANES ? 0 : SYMLOSS_LANES;
                const size_t next_start = next_count > 0 ? block_stop : block_start;
                symloss_turnf(
                    mean + block_start * Z, block_count, Z, mean_block);
                symloss_turnf(
                    log_variance + block_start * Z, block_count, Z, log_variance_block);
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_totals[lane] = 0.0;
                }
                for (uint32_t z = 0; z < (uint32_t)Z; ++z) {
                    symloss_fetch(&mean[next_start * Z + z * next_count], next_count * sizeof(mean[0]));
                    symloss_fetch(&log_variance[next_start * Z + z * next_count], next_count
                        * sizeof(log_variance[0]));
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const float expm1_1 = symloss_expm1f(log_variance_block[z * SYMLOSS_LANES + lane]);
                        sum_1_totals[lane] += (double)((fabsf(log_variance_block[z * SYMLOSS_LANES
                            + lane]) < 1.0F ? (log_variance_block[z * SYMLOSS_LANES + lane]
                            * log_variance_block[z * SYMLOSS_LANES + lane]
                            * ((((((((((((((((log_variance_block[z * SYMLOSS_LANES + lane]
                            / 6402373705728000.0F + 1.0F / 355687428096000.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 20922789888000.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 1307674368000.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 87178291200.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 6227020800.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 479001600.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 39916800.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 3628800.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 362880.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 40320.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 5040.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 720.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 120.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 24.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 6.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 0.5F)) : expm1_1
                            - log_variance_block[z * SYMLOSS_LANES + lane])
                            + mean_block[z * SYMLOSS_LANES + lane] * mean_block[z * SYMLOSS_LANES + lane]);
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = (float)sum_1_totals[lane];
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    const float sum_1 = sum_1_block[lane];
                    const float example_value = 0.5F * sum_1;
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
                struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
                for (size_t block_start = 0; block_start < Z; block_start += SYMLOSS_BLOCKF) {
                    const size_t block_stop = symloss_stop(block_start, Z, SYMLOSS_BLOCKF);
                    float sum_1_terms[SYMLOSS_BLOCKF];
                    symloss_fetch(
                        &mean[(i + (i + 1 < part_stop)) * Z + block_start],
                        (block_stop - block_start) * sizeof(mean[0]));
                    symloss_fetch(
                        &log_variance[(i + (i + 1 < part_stop)) * Z + block_start],
                        (block_stop - block_start) * sizeof(log_variance[0]));
                    for (size_t z = block_start; z < block_stop; ++z) {
                        const float expm1_1 = symloss_expm1f(log_variance[i * Z + z]);
                        sum_1_terms[z - block_start] = (fabsf(log_variance[i * Z + z]) < 1.0F
                            ? (log_variance[i * Z + z] * log_variance[i * Z + z]
                            * ((((((((((((((((log_variance[i * Z + z] / 6402373705728000.0F + 1.0F
                            / 355687428096000.0F) * log_variance[i * Z + z] + 1.0F / 20922789888000.0F)
                            * log_variance[i * Z + z] + 1.0F / 1307674368000.0F) * log_variance[i * Z + z]
                            + 1.0F / 87178291200.0F) * log_variance[i * Z + z] + 1.0F / 6227020800.0F)
                            * log_variance[i * Z + z] + 1.0F / 479001600.0F) * log_variance[i * Z + z] + 1.0F
                            / 39916800.0F) * log_variance[i * Z + z] + 1.0F / 3628800.0F)
                            * log_variance[i * Z + z] + 1.0F / 362880.0F) * log_variance[i * Z + z] + 1.0F
                            / 40320.0F) * log_variance[i * Z + z] + 1.0F / 5040.0F) * log_variance[i * Z + z]
                            + 1.0F / 720.0F) * log_variance[i * Z + z] + 1.0F / 120.0F)
                            * log_variance[i * Z + z] + 1.0F / 24.0F) * log_variance[i * Z + z] + 1.0F
                            / 6.0F) * log_variance[i * Z + z] + 0.5F)) : expm1_1 - log_variance[i * Z + z])
                            + mean[i * Z + z] * mean[i * Z + z];
                    }
                    symloss_add_entriesf(sum_1_terms, block_stop - block_start, &sum_1_sums);
                }
                const float sum_1 = (float)symloss_total_f32(&sum_1_sums);
                const float example_value = 0.5F * sum_1;
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

int symloss_gaussian_kl_divergence_value_f32(
    size_t n,
    size_t Z,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
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
    if (symloss_parts(n, Z) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, Z) > 1)
        symloss_gaussian_kl_divergence_value_f32_of_thread(
            n, Z, mean, log_variance, weight, reduction, value, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_gaussian_kl_divergence_value_f32_of_thread(
        n, Z, mean, log_variance, weight, reduction, value, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_gaussian_kl_divergence_gradient_f64_of_thread(
    size_t n,
    size_t Z,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT gradient_mean,
    double *SYMLOSS_RESTRICT gradient_log_variance,
    double divisor)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, Z);
    double scales[SYMLOSS_LANES];
    for (size_t at = 0; at < SYMLOSS_LANES; ++at) {
        scales[at] = scale;
    }
    uint16_t lane_places[SYMLOSS_NARROW * SYMLOSS_LANES];
    symloss_lane_places(Z, lane_places);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        if (Z <= SYMLOSS_NARROW) {
            for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_LANES) {
                const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_LANES);
                const size_t block_count = block_stop - block_start;
                const double *const block_weight = weight != NULL ? weight + block_start : NULL;
                double weighed_scales[SYMLOSS_LANES] = {0.0};
                const double *const block_scale = weight == NULL ? scales
                    : symloss_weigh(block_weight, block_stop - block_start, scale, weighed_scales);
                double mean_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double log_variance_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double gradient_mean_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double gradient_log_variance_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                const size_t next_count = part_stop - block_stop < SYMLOSS_LANES ? 0 : SYMLOSS_LANES;
                const size_t next_start = next_count > 0 ? block_stop : block_start;
                symloss_turn(
                    mean + block_start * Z, block_count, Z, mean_block);
                symloss_turn(
                    log_variance + block_start * Z, block_count, Z, log_variance_block);
                for (uint64_t z = 0; z < (uint64_t)Z; ++z) {
                    symloss_fetch(&mean[next_start * Z + z * next_count], next_count * sizeof(mean[0]));
                    symloss_fetch(&log_variance[next_start * Z + z * next_count], next_count
                        * sizeof(log_variance[0]));
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double example_scale = block_scale[lane];
                        gradient_mean_block[z * SYMLOSS_LANES + lane] = example_scale
                            * mean_block[z * SYMLOSS_LANES + lane];
                        gradient_log_variance_block[z * SYMLOSS_LANES + lane] = example_scale
                            * (0.5 * symloss_expm1(log_variance_block[z * SYMLOSS_LANES + lane]));
                    }
                }
                symloss_turn_back(
                    gradient_mean_block, lane_places, block_count * Z,
                    gradient_mean + block_start * Z);
                symloss_turn_back(
                    gradient_log_variance_block, lane_places, block_count * Z,
                    gradient_log_variance + block_start * Z);
            }
        } else {
            for (size_t i = part_start; i < part_stop; ++i) {
                const double example_weight = weight != NULL ? weight[i] : 1.0;
                const double example_scale = scale * example_weight;
                for (size_t z = 0; z < Z; ++z) {
                    gradient_mean[i * Z + z] = example_scale * mean[i * Z + z];
                    gradient_log_variance[i * Z + z] = example_scale
                        * (0.5 * symloss_expm1(log_variance[i * Z + z]));
                }
            }
        }
    }
}

int symloss_gaussian_kl_divergence_gradient_f64(
    size_t n,
    size_t Z,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT gradient_mean,
    double *SYMLOSS_RESTRICT gradient_log_variance)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
#ifdef _OPENMP
    if (symloss_parts(n, Z) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, Z) > 1)
        symloss_gaussian_kl_divergence_gradient_f64_of_thread(
            n, Z, mean, log_variance, weight, reduction, gradient_mean, gradient_log_variance, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_gaussian_kl_divergence_gradient_f64_of_thread(
        n, Z, mean, log_variance, weight, reduction, gradient_mean, gradient_log_variance, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_gaussian_kl_divergence_gradient_f32_of_thread(
    size_t n,
    size_t Z,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT gradient_mean,
    float *SYMLOSS_RESTRICT gradient_log_variance,
    double divisor)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, Z);
    float scales[SYMLOSS_LANES];
    for (size_t at = 0; at < SYMLOSS_LANES; ++at) {
        scales[at] = (float)scale;
    }
    int32_t lane_places[SYMLOSS_NARROWF * SYMLOSS_LANES];
    symloss_lane_placesf(Z, lane_places);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        if (Z <= SYMLOSS_NARROWF) {
            for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_LANES) {
                const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_LANES);
                const size_t block_count = block_stop - block_start;
                const float *const block_weight = weight != NULL ? weight + block_start : NULL;
                float weighed_scales[SYMLOSS_LANES] = {0.0};
                const float *const block_scale = weight == NULL ? scales
                    : symloss_weighf(block_weight, block_stop - block_start, scale, weighed_scales);
                float mean_block[SYMLOSS_NARROWF * SYMLOSS_LANES];
                float log_variance_block[SYMLOSS_NARROWF * SYMLOSS_LANES];
                float gradient_mean_block[SYMLOSS_NARROWF * SYMLOSS_LANES];
                float gradient_log_variance_block[SYMLOSS_NARROWF * SYMLOSS_LANES];
                const size_t next_count = part_stop - block_stop < SYMLOSS_LANES ? 0 : SYMLOSS_LANES;
                const size_t next_start = next_count > 0 ? block_stop : block_start;
                symloss_turnf(
                    mean + block_start * Z, block_count, Z, mean_block);
                symloss_turnf(
                    log_variance + block_start * Z, block_count, Z, log_variance_block);
                for (uint32_t z = 0; z < (uint32_t)Z; ++z) {
                    symloss_fetch(&mean[next_start * Z + z * next_count], next_count * sizeof(mean[0]));
                    symloss_fetch(&log_variance[next_start * Z + z * next_count], next_count
                        * sizeof(log_variance[0]));
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const float example_scale = block_scale[lane];
                        gradient_mean_block[z * SYMLOSS_LANES + lane] = example_scale
                            * mean_block[z * SYMLOSS_LANES + lane];
                        gradient_log_variance_block[z * SYMLOSS_LANES + lane] = example_scale
                            * (0.5F * symloss_expm1f(log_variance_block[z * SYMLOSS_LANES + lane]));
                    }
                }
                symloss_turn_backf(
                    gradient_mean_block, lane_places, block_count * Z,
                    gradient_mean + block_start * Z);
                symloss_turn_backf(
                    gradient_log_variance_block, lane_places, block_count * Z,
                    gradient_log_variance + block_start * Z);
            }
        } else {
            for (size_t i = part_start; i < part_stop; ++i) {
                const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
                const float example_scale = (float)(scale * example_weight);
                for (size_t z = 0; z < Z; ++z) {
                    gradient_mean[i * Z + z] = example_scale * mean[i * Z + z];
                    gradient_log_variance[i * Z + z] = example_scale
                        * (0.5F * symloss_expm1f(log_variance[i * Z + z]));
                }
            }
        }
    }
}

int symloss_gaussian_kl_divergence_gradient_f32(
    size_t n,
    size_t Z,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT gradient_mean,
    float *SYMLOSS_RESTRICT gradient_log_variance)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
#ifdef _OPENMP
    if (symloss_parts(n, Z) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, Z) > 1)
        symloss_gaussian_kl_divergence_gradient_f32_of_thread(
            n, Z, mean, log_variance, weight, reduction, gradient_mean, gradient_log_variance, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_gaussian_kl_divergence_gradient_f32_of_thread(
        n, Z, mean, log_variance, weight, reduction, gradient_mean, gradient_log_variance, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_gaussian_kl_divergence_value_and_gradient_f64_of_thread(
    size_t n,
    size_t Z,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_mean,
    double *SYMLOSS_RESTRICT gradient_log_variance,
    double divisor,
    double *part_totals)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, Z);
    double scales[SYMLOSS_LANES];
    for (size_t at = 0; at < SYMLOSS_LANES; ++at) {
        scales[at] = scale;
    }
    uint16_t lane_places[SYMLOSS_NARROW * SYMLOSS_LANES];
    symloss_lane_places(Z, lane_places);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        struct symloss_sums value_sums = {{0.0}, {0.0}, 0};
        if (Z <= SYMLOSS_NARROW) {
            for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_LANES) {
                const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_LANES);
                const size_t block_count = block_stop - block_start;
                const double *const block_weight = weight != NULL ? weight + block_start : NULL;
                double weighed_scales[SYMLOSS_LANES] = {0.0};
                const double *const block_scale = weight == NULL ? scales
                    : symloss_weigh(block_weight, block_stop - block_start, scale, weighed_scales);
                double mean_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double log_variance_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double gradient_mean_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double gradient_log_variance_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double value_terms[SYMLOSS_LANES];
                double sum_1_block[SYMLOSS_LANES];
                double sum_1_rests[SYMLOSS_LANES];
                const size_t next_count = part_stop - block_stop < SYMLOSS_LANES ? 0 : SYMLOSS_LANES;
                const size_t next_start = next_count > 0 ? block_stop : block_start;
                symloss_turn(
                    mean + block_start * Z, block_count, Z, mean_block);
                symloss_turn(
                    log_variance + block_start * Z, block_count, Z, log_variance_block);
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = 0.0;
                    sum_1_rests[lane] = 0.0;
                }
                for (uint64_t z = 0; z < (uint64_t)Z; ++z) {
                    symloss_fetch(&mean[next_start * Z + z * next_count], next_count * sizeof(mean[0]));
                    symloss_fetch(&log_variance[next_start * Z + z * next_count], next_count
                        * sizeof(log_variance[0]));
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double example_scale = block_scale[lane];
                        const double expm1_1 = symloss_expm1(log_variance_block[z * SYMLOSS_LANES + lane]);
                        symloss_add((fabs(log_variance_block[z * SYMLOSS_LANES + lane]) < 1.0
                            ? (log_variance_block[z * SYMLOSS_LANES + lane]
                            * log_variance_block[z * SYMLOSS_LANES + lane]
                            * ((((((((((((((((log_variance_block[z * SYMLOSS_LANES + lane]
                            / 6402373705728000.0 + 1.0 / 355687428096000.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 20922789888000.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 1307674368000.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 87178291200.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 6227020800.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 479001600.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 39916800.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 3628800.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 362880.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 40320.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 5040.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 720.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 120.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 24.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0 / 6.0)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 0.5)) : expm1_1
                            - log_variance_block[z * SYMLOSS_LANES + lane])
                            + mean_block[z * SYMLOSS_LANES + lane] * mean_block[z * SYMLOSS_LANES + lane],
                            &sum_1_block[lane], &sum_1_rests[lane]);
                        gradient_mean_block[z * SYMLOSS_LANES + lane] = example_scale
                            * mean_block[z * SYMLOSS_LANES + lane];
                        gradient_log_variance_block[z * SYMLOSS_LANES + lane] = example_scale
                            * (0.5 * expm1_1);
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = symloss_sum(sum_1_block[lane], sum_1_rests[lane]);
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    const double sum_1 = sum_1_block[lane];
                    const double example_value = 0.5 * sum_1;
                    value_terms[lane] = example_value;
                }
                symloss_turn_back(
                    gradient_mean_block, lane_places, block_count * Z,
                    gradient_mean + block_start * Z);
                symloss_turn_back(
                    gradient_log_variance_block, lane_places, block_count * Z,
                    gradient_log_variance + block_start * Z);
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
                struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
                for (size_t block_start = 0; block_start < Z; block_start += SYMLOSS_BLOCK) {
                    const size_t block_stop = symloss_stop(block_start, Z, SYMLOSS_BLOCK);
                    double sum_1_terms[SYMLOSS_BLOCK];
                    symloss_fetch(
                        &mean[(i + (i + 1 < part_stop)) * Z + block_start],
                        (block_stop - block_start) * sizeof(mean[0]));
                    symloss_fetch(
                        &log_variance[(i + (i + 1 < part_stop)) * Z + block_start],
                        (block_stop - block_start) * sizeof(log_variance[0]));
                    for (size_t z = block_start; z < block_stop; ++z) {
                        const double expm1_1 = symloss_expm1(log_variance[i * Z + z]);
                        sum_1_terms[z - block_start] = (fabs(log_variance[i * Z + z]) < 1.0
                            ? (log_variance[i * Z + z] * log_variance[i * Z + z]
                            * ((((((((((((((((log_variance[i * Z + z] / 6402373705728000.0 + 1.0
                            / 355687428096000.0) * log_variance[i * Z + z] + 1.0 / 20922789888000.0)
                            * log_variance[i * Z + z] + 1.0 / 1307674368000.0) * log_variance[i * Z + z]
                            + 1.0 / 87178291200.0) * log_variance[i * Z + z] + 1.0 / 6227020800.0)
                            * log_variance[i * Z + z] + 1.0 / 479001600.0) * log_variance[i * Z + z] + 1.0
                            / 39916800.0) * log_variance[i * Z + z] + 1.0 / 3628800.0)
                            * log_variance[i * Z + z] + 1.0 / 362880.0) * log_variance[i * Z + z] + 1.0
                            / 40320.0) * log_variance[i * Z + z] + 1.0 / 5040.0) * log_variance[i * Z + z]
                            + 1.0 / 720.0) * log_variance[i * Z + z] + 1.0 / 120.0) * log_variance[i * Z + z]
                            + 1.0 / 24.0) * log_variance[i * Z + z] + 1.0 / 6.0) * log_variance[i * Z + z]
                            + 0.5)) : expm1_1 - log_variance[i * Z + z]) + mean[i * Z + z] * mean[i * Z + z];
                        gradient_mean[i * Z + z] = example_scale * mean[i * Z + z];
                        gradient_log_variance[i * Z + z] = example_scale * (0.5 * expm1_1);
                    }
                    symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
                }
                const double sum_1 = symloss_total(&sum_1_sums);
                const double example_value = 0.5 * sum_1;
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

int symloss_gaussian_kl_divergence_value_and_gradient_f64(
    size_t n,
    size_t Z,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_mean,
    double *SYMLOSS_RESTRICT gradient_log_variance)
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
    if (symloss_parts(n, Z) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, Z) > 1)
        symloss_gaussian_kl_divergence_value_and_gradient_f64_of_thread(
            n, Z, mean, log_variance, weight, reduction, value, gradient_mean, gradient_log_variance, divisor,
            part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_gaussian_kl_divergence_value_and_gradient_f64_of_thread(
        n, Z, mean, log_variance, weight, reduction, value, gradient_mean, gradient_log_variance, divisor,
        part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_gaussian_kl_divergence_value_and_gradient_f32_of_thread(
    size_t n,
    size_t Z,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_mean,
    float *SYMLOSS_RESTRICT gradient_log_variance,
    double divisor,
    double *part_totals)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, Z);
    float scales[SYMLOSS_LANES];
    for (size_t at = 0; at < SYMLOSS_LANES; ++at) {
        scales[at] = (float)scale;
    }
    int32_t lane_places[SYMLOSS_NARROWF * SYMLOSS_LANES];
    symloss_lane_placesf(Z, lane_places);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        struct symloss_sums_f32 value_sums = {{0.0}, 0};
        if (Z <= SYMLOSS_NARROWF) {
            for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_LANES) {
                const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_LANES);
                const size_t block_count = block_stop - block_start;
                const float *const block_weight = weight != NULL ? weight + block_start : NULL;
                float weighed_scales[SYMLOSS_LANES] = {0.0};
                const float *const block_scale = weight == NULL ? scales
                    : symloss_weighf(block_weight, block_stop - block_start, scale, weighed_scales);
                float mean_block[SYMLOSS_NARROWF * SYMLOSS_LANES];
                float log_variance_block[SYMLOSS_NARROWF * SYMLOSS_LANES];
                float gradient_mean_block[SYMLOSS_NARROWF * SYMLOSS_LANES];
                float gradient_log_variance_block[SYMLOSS_NARROWF * SYMLOSS_LANES];
                float value_terms[SYMLOSS_LANES];
                float sum_1_block[SYMLOSS_LANES];
                double sum_1_totals[SYMLOSS_LANES];
                const size_t next_count = part_stop - block_stop < SYMLOSS_LANES ? 0 : SYMLOSS_LANES;
                const size_t next_start = next_count > 0 ? block_stop : block_start;
                symloss_turnf(
                    mean + block_start * Z, block_count, Z, mean_block);
                symloss_turnf(
                    log_variance + block_start * Z, block_count, Z, log_variance_block);
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_totals[lane] = 0.0;
                }
                for (uint32_t z = 0; z < (uint32_t)Z; ++z) {
                    symloss_fetch(&mean[next_start * Z + z * next_count], next_count * sizeof(mean[0]));
                    symloss_fetch(&log_variance[next_start * Z + z * next_count], next_count
                        * sizeof(log_variance[0]));
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const float example_scale = block_scale[lane];
                        const float expm1_1 = symloss_expm1f(log_variance_block[z * SYMLOSS_LANES + lane]);
                        sum_1_totals[lane] += (double)((fabsf(log_variance_block[z * SYMLOSS_LANES
                            + lane]) < 1.0F ? (log_variance_block[z * SYMLOSS_LANES + lane]
                            * log_variance_block[z * SYMLOSS_LANES + lane]
                            * ((((((((((((((((log_variance_block[z * SYMLOSS_LANES + lane]
                            / 6402373705728000.0F + 1.0F / 355687428096000.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 20922789888000.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 1307674368000.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 87178291200.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 6227020800.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 479001600.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 39916800.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 3628800.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 362880.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 40320.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 5040.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 720.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 120.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 24.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 1.0F / 6.0F)
                            * log_variance_block[z * SYMLOSS_LANES + lane] + 0.5F)) : expm1_1
                            - log_variance_block[z * SYMLOSS_LANES + lane])
                            + mean_block[z * SYMLOSS_LANES + lane] * mean_block[z * SYMLOSS_LANES + lane]);
                        gradient_mean_block[z * SYMLOSS_LANES + lane] = example_scale
                            * mean_block[z * SYMLOSS_LANES + lane];
                        gradient_log_variance_block[z * SYMLOSS_LANES + lane] = example_scale
                            * (0.5F * expm1_1);
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = (float)sum_1_totals[lane];
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    const float sum_1 = sum_1_block[lane];
                    const float example_value = 0.5F * sum_1;
                    value_terms[lane] = example_value;
                }
                symloss_turn_backf(
                    gradient_mean_block, lane_places, block_count * Z,
                    gradient_mean + block_start * Z);
                symloss_turn_backf(
                    gradient_log_variance_block, lane_places, block_count * Z,
                    gradient_log_variance + block_start * Z);
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
                struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
                for (size_t block_start = 0; block_start < Z; block_start += SYMLOSS_BLOCKF) {
                    const size_t block_stop = symloss_stop(block_start, Z, SYMLOSS_BLOCKF);
                    float sum_1_terms[SYMLOSS_BLOCKF];
                    symloss_fetch(
                        &mean[(i + (i + 1 < part_stop)) * Z + block_start],
                        (block_stop - block_start) * sizeof(mean[0]));
                    symloss_fetch(
                        &log_variance[(i + (i + 1 < part_stop)) * Z + block_start],
                        (block_stop - block_start) * sizeof(log_variance[0]));
                    for (size_t z = block_start; z < block_stop; ++z) {
                        const float expm1_1 = symloss_expm1f(log_variance[i * Z + z]);
                        sum_1_terms[z - block_start] = (fabsf(log_variance[i * Z + z]) < 1.0F
                            ? (log_variance[i * Z + z] * log_variance[i * Z + z]
                            * ((((((((((((((((log_variance[i * Z + z] / 6402373705728000.0F + 1.0F
                            / 355687428096000.0F) * log_variance[i * Z + z] + 1.0F / 20922789888000.0F)
                            * log_variance[i * Z + z] + 1.0F / 1307674368000.0F) * log_variance[i * Z + z]
                            + 1.0F / 87178291200.0F) * log_variance[i * Z + z] + 1.0F / 6227020800.0F)
                            * log_variance[i * Z + z] + 1.0F / 479001600.0F) * log_variance[i * Z + z] + 1.0F
                            / 39916800.0F) * log_variance[i * Z + z] + 1.0F / 3628800.0F)
                            * log_variance[i * Z + z] + 1.0F / 362880.0F) * log_variance[i * Z + z] + 1.0F
                            / 40320.0F) * log_variance[i * Z + z] + 1.0F / 5040.0F) * log_variance[i * Z + z]
                            + 1.0F / 720.0F) * log_variance[i * Z + z] + 1.0F / 120.0F)
                            * log_variance[i * Z + z] + 1.0F / 24.0F) * log_variance[i * Z + z] + 1.0F
                            / 6.0F) * log_variance[i * Z + z] + 0.5F)) : expm1_1 - log_variance[i * Z + z])
                            + mean[i * Z + z] * mean[i * Z + z];
                        gradient_mean[i * Z + z] = example_scale * mean[i * Z + z];
                        gradient_log_variance[i * Z + z] = example_scale * (0.5F * expm1_1);
                    }
                    symloss_add_entriesf(sum_1_terms, block_stop - block_start, &sum_1_sums);
                }
                const float sum_1 = (float)symloss_total_f32(&sum_1_sums);
                const float example_value = 0.5F * sum_1;
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

int symloss_gaussian_kl_divergence_value_and_gradient_f32(
    size_t n,
    size_t Z,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_mean,
    float *SYMLOSS_RESTRICT gradient_log_variance)
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
    if (symloss_parts(n, Z) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, Z) > 1)
        symloss_gaussian_kl_divergence_value_and_gradient_f32_of_thread(
            n, Z, mean, log_variance, weight, reduction, value, gradient_mean, gradient_log_variance, divisor,
            part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_gaussian_kl_divergence_value_and_gradient_f32_of_thread(
        n, Z, mean, log_variance, weight, reduction, value, gradient_mean, gradient_log_variance, divisor,
        part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_gaussian_kl_divergence_hessian_vector_product_f64_of_thread(
    size_t n,
    size_t Z,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT vector_mean,
    const double *SYMLOSS_RESTRICT vector_log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT product_mean,
    double *SYMLOSS_RESTRICT product_log_variance,
    double divisor)
{
    (void)mean;
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, Z);
    double scales[SYMLOSS_LANES];
    for (size_t at = 0; at < SYMLOSS_LANES; ++at) {
        scales[at] = scale;
    }
    uint16_t lane_places[SYMLOSS_NARROW * SYMLOSS_LANES];
    symloss_lane_places(Z, lane_places);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        if (Z <= SYMLOSS_NARROW) {
            for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_LANES) {
                const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_LANES);
                const size_t block_count = block_stop - block_start;
                const double *const block_weight = weight != NULL ? weight + block_start : NULL;
                double weighed_scales[SYMLOSS_LANES] = {0.0};
                const double *const block_scale = weight == NULL ? scales
                    : symloss_weigh(block_weight, block_stop - block_start, scale, weighed_scales);
                double log_variance_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double vector_mean_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double vector_log_variance_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double product_mean_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double product_log_variance_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                const size_t next_count = part_stop - block_stop < SYMLOSS_LANES ? 0 : SYMLOSS_LANES;
                const size_t next_start = next_count > 0 ? block_stop : block_start;
                symloss_turn(
                    log_variance + block_start * Z, block_count, Z, log_variance_block);
                symloss_turn(
                    vector_mean + block_start * Z, block_count, Z, vector_mean_block);
                symloss_turn(
                    vector_log_variance + block_start * Z, block_count, Z, vector_log_variance_block);
                for (uint64_t z = 0; z < (uint64_t)Z; ++z) {
                    symloss_fetch(&log_variance[next_start * Z + z * next_count], next_count
                        * sizeof(log_variance[0]));
                    symloss_fetch(&vector_mean[next_start * Z + z * next_count], next_count
                        * sizeof(vector_mean[0]));
                    symloss_fetch(&vector_log_variance[next_start * Z + z * next_count], next_count
                        * sizeof(vector_log_variance[0]));
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double example_scale = block_scale[lane];
                        product_mean_block[z * SYMLOSS_LANES + lane] = example_scale
                            * vector_mean_block[z * SYMLOSS_LANES + lane];
                        product_log_variance_block[z * SYMLOSS_LANES + lane] = example_scale
                            * (0.5 * vector_log_variance_block[z * SYMLOSS_LANES + lane]
                            * symloss_exp(log_variance_block[z * SYMLOSS_LANES + lane]));
                    }
                }
                symloss_turn_back(
                    product_mean_block, lane_places, block_count * Z,
                    product_mean + block_start * Z);
                symloss_turn_back(
                    product_log_variance_block, lane_places, block_count * Z,
                    product_log_variance + block_start * Z);
            }
        } else {
            for (size_t i = part_start; i < part_stop; ++i) {
                const double example_weight = weight != NULL ? weight[i] : 1.0;
                const double example_scale = scale * example_weight;
                for (size_t z = 0; z < Z; ++z) {
                    product_mean[i * Z + z] = example_scale * vector_mean[i * Z + z];
                    product_log_variance[i * Z + z] = example_scale
                        * (0.5 * vector_log_variance[i * Z + z] * symloss_exp(log_variance[i * Z + z]));
                }
            }
        }
    }
}

int symloss_gaussian_kl_divergence_hessian_vector_product_f64(
    size_t n,
    size_t Z,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT vector_mean,
    const double *SYMLOSS_RESTRICT vector_log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT product_mean,
    double *SYMLOSS_RESTRICT product_log_variance)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
#ifdef _OPENMP
    if (symloss_parts(n, Z) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, Z) > 1)
        symloss_gaussian_kl_divergence_hessian_vector_product_f64_of_thread(
            n, Z, mean, log_variance, vector_mean, vector_log_variance, weight, reduction, product_mean,
            product_log_variance, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_gaussian_kl_divergence_hessian_vector_product_f64_of_thread(
        n, Z, mean, log_variance, vector_mean, vector_log_variance, weight, reduction, product_mean,
        product_log_variance, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_gaussian_kl_divergence_hessian_vector_product_f32_of_thread(
    size_t n,
    size_t Z,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT vector_mean,
    const float *SYMLOSS_RESTRICT vector_log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT product_mean,
    float *SYMLOSS_RESTRICT product_log_variance,
    double divisor)
{
    (void)mean;
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, Z);
    double scales[SYMLOSS_LANES];
    for (size_t at = 0; at < SYMLOSS_LANES; ++at) {
        scales[at] = scale;
    }
    uint16_t lane_places[SYMLOSS_NARROW * SYMLOSS_LANES];
    symloss_lane_places(Z, lane_places);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        if (Z <= SYMLOSS_NARROW) {
            for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_LANES) {
                const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_LANES);
                const size_t block_count = block_stop - block_start;
                const float *const block_weight = weight != NULL ? weight + block_start : NULL;
                double weighed_scales[SYMLOSS_LANES] = {0.0};
                const double *const block_scale = weight == NULL ? scales
                    : symloss_weigh_f32(block_weight, block_stop - block_start, scale, weighed_scales);
                double log_variance_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double vector_mean_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double vector_log_variance_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double product_mean_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double product_log_variance_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                const size_t next_count = part_stop - block_stop < SYMLOSS_LANES ? 0 : SYMLOSS_LANES;
                const size_t next_start = next_count > 0 ? block_stop : block_start;
                symloss_turn_f32(
                    log_variance + block_start * Z, block_count, Z, log_variance_block);
                symloss_turn_f32(
                    vector_mean + block_start * Z, block_count, Z, vector_mean_block);
                symloss_turn_f32(
                    vector_log_variance + block_start * Z, block_count, Z, vector_log_variance_block);
                for (uint64_t z = 0; z < (uint64_t)Z; ++z) {
                    symloss_fetch(&log_variance[next_start * Z + z * next_count], next_count
                        * sizeof(log_variance[0]));
                    symloss_fetch(&vector_mean[next_start * Z + z * next_count], next_count
                        * sizeof(vector_mean[0]));
                    symloss_fetch(&vector_log_variance[next_start * Z + z * next_count], next_count
                        * sizeof(vector_log_variance[0]));
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double example_scale = block_scale[lane];
                        product_mean_block[z * SYMLOSS_LANES + lane] = example_scale
                            * vector_mean_block[z * SYMLOSS_LANES + lane];
                        product_log_variance_block[z * SYMLOSS_LANES + lane] = example_scale
                            * (0.5 * vector_log_variance_block[z * SYMLOSS_LANES + lane]
                            * symloss_exp_f32(log_variance_block[z * SYMLOSS_LANES + lane]));
                    }
                }
                symloss_turn_back_f32(
                    product_mean_block, lane_places, block_count * Z,
                    product_mean + block_start * Z);
                symloss_turn_back_f32(
                    product_log_variance_block, lane_places, block_count * Z,
                    product_log_variance + block_start * Z);
            }
        } else {
            for (size_t i = part_start; i < part_stop; ++i) {
                const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
                const double example_scale = scale * example_weight;
                for (size_t z = 0; z < Z; ++z) {
                    product_mean[i * Z + z] = (float)(example_scale * (double)vector_mean[i * Z + z]);
                    product_log_variance[i * Z + z] = (float)(example_scale
                        * (0.5 * (double)vector_log_variance[i * Z + z]
                        * symloss_exp_f32((double)log_variance[i * Z + z])));
                }
            }
        }
    }
}

int symloss_gaussian_kl_divergence_hessian_vector_product_f32(
    size_t n,
    size_t Z,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT vector_mean,
    const float *SYMLOSS_RESTRICT vector_log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT product_mean,
    float *SYMLOSS_RESTRICT product_log_variance)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
#ifdef _OPENMP
    if (symloss_parts(n, Z) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, Z) > 1)
        symloss_gaussian_kl_divergence_hessian_vector_product_f32_of_thread(
            n, Z, mean, log_variance, vector_mean, vector_log_variance, weight, reduction, product_mean,
            product_log_variance, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_gaussian_kl_divergence_hessian_vector_product_f32_of_thread(
        n, Z, mean, log_variance, vector_mean, vector_log_variance, weight, reduction, product_mean,
        product_log_variance, divisor);
    return SYMLOSS_OK;
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif
