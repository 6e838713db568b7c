/*
 * categorical_cross_entropy: Cross-entropy of a predicted distribution over C classes relative to the
 *     target distribution.
 *
 * loss of one example = -Sum(xlogy(target[j], probability[j]), (j, C))
 * d/dprobability = -ratio(target[k], probability[k])
 *
 * probability: Probability['C'], (..., C)
 * target: Simplex['C'], (..., C)
 * float: value, gradient, value_and_gradient computed in float, sums in double
 * float: hessian_vector_product computed in double, and rounded once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate categorical_cross_entropy --target c
 *
 * Measured against exact results:
 *     float64: 3095 results, 0.10 % beyond the bound, 0 % at ordinary numbers; worst 6.1e+19 of the bound,
 *         1.5e+23 ulp (hessian_vector_product)
 *     float32: 3108 results, 0 % beyond the bound; worst 0.23 of the bound, 1.24 ulp (value)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#include "categorical_cross_entropy.h"

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

/* log(x), within 0.9 ulp. */
static inline double symloss_log(double x) {
    const double normal = x < 2.2250738585072014e-308 ? x * 18014398509481984.0 : x;
    const double shift = x < 2.2250738585072014e-308 ? 4503599627370496.0 + 54.0 : 4503599627370496.0;
    double k, inverse;
    const double m = symloss_split(normal, shift, &k, &inverse);
    const double result = symloss_log_of(k, m - 1.0, 0.0);
    return x > 0.0 ? (x < (double)INFINITY ? result : x) : x == 0.0 ? -(double)INFINITY : (double)NAN;
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

/* log(x), within 0.9 ulp. */
static inline float symloss_logf(float x) {
    const float normal = x < 1.17549435e-38F ? x * 33554432.0F : x;
    const float shift = x < 1.17549435e-38F ? 8388608.0F + 25.0F : 8388608.0F;
    float k, inverse;
    const float m = symloss_splitf(normal, shift, &k, &inverse);
    const float result = symloss_log_off(k, m - 1.0F, 0.0F);
    return x > 0.0F ? (x < (float)INFINITY ? result : x) : x == 0.0F ? -(float)INFINITY : (float)NAN;
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
static void symloss_categorical_cross_entropy_value_f64_of_thread(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
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
        if (C <= SYMLOSS_NARROW) {
            for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_LANES) {
                const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_LANES);
                const size_t block_count = block_stop - block_start;
                const double *const block_weight = weight != NULL ? weight + block_start : NULL;
                double probability_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double target_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double value_terms[SYMLOSS_LANES];
                double sum_1_block[SYMLOSS_LANES];
                double sum_1_rests[SYMLOSS_LANES];
                const size_t next_count = part_stop - block_stop < SYMLOSS_LANES ? 0 : SYMLOSS_LANES;
                const size_t next_start = next_count > 0 ? block_stop : block_start;
                symloss_turn(
                    probability + block_start * C, block_count, C, probability_block);
                symloss_turn(
                    target + block_start * C, block_count, C, target_block);
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = 0.0;
                    sum_1_rests[lane] = 0.0;
                }
                for (uint64_t c = 0; c < (uint64_t)C; ++c) {
                    symloss_fetch(&probability[next_start * C + c * next_count], next_count
                        * sizeof(probability[0]));
                    symloss_fetch(&target[next_start * C + c * next_count], next_count * sizeof(target[0]));
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double log_1 = symloss_log(probability_block[c * SYMLOSS_LANES + lane]);
                        symloss_add(target_block[c * SYMLOSS_LANES + lane] == 0.0 ? 0.0 : log_1
                            * target_block[c * SYMLOSS_LANES + lane], &sum_1_block[lane], &sum_1_rests[lane]);
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = symloss_sum(sum_1_block[lane], sum_1_rests[lane]);
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    const double sum_1 = sum_1_block[lane];
                    const double example_value = -sum_1;
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
                for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                    const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
                    double sum_1_terms[SYMLOSS_BLOCK];
                    symloss_fetch(
                        &probability[(i + (i + 1 < part_stop)) * C + block_start],
                        (block_stop - block_start) * sizeof(probability[0]));
                    symloss_fetch(
                        &target[(i + (i + 1 < part_stop)) * C + block_start],
                        (block_stop - block_start) * sizeof(target[0]));
                    for (size_t c = block_start; c < block_stop; ++c) {
                        const double log_1 = symloss_log(probability[i * C + c]);
                        sum_1_terms[c - block_start] = target[i * C + c] == 0.0 ? 0.0 : log_1
                            * target[i * C + c];
                    }
                    symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
                }
                const double sum_1 = symloss_total(&sum_1_sums);
                const double example_value = -sum_1;
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

int symloss_categorical_cross_entropy_value_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
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
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_categorical_cross_entropy_value_f64_of_thread(
            n, C, probability, target, weight, reduction, value, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_categorical_cross_entropy_value_f64_of_thread(
        n, C, probability, target, weight, reduction, value, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_categorical_cross_entropy_value_f32_of_thread(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
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
        if (C <= SYMLOSS_NARROWF) {
            for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_LANES) {
                const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_LANES);
                const size_t block_count = block_stop - block_start;
                const float *const block_weight = weight != NULL ? weight + block_start : NULL;
                float probability_block[SYMLOSS_NARROWF * SYMLOSS_LANES];
                float target_block[SYMLOSS_NARROWF * SYMLOSS_LANES];
                float value_terms[SYMLOSS_LANES];
                float sum_1_block[SYMLOSS_LANES];
                double sum_1_totals[SYMLOSS_LANES];
                const size_t next_count = part_stop - block_stop < SYMLOSS_LANES ? 0 : SYMLOSS_LANES;
                const size_t next_start = next_count > 0 ? block_stop : block_start;
                symloss_turnf(
                    probability + block_start * C, block_count, C, probability_block);
                symloss_turnf(
                    target + block_start * C, block_count, C, target_block);
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_totals[lane] = 0.0;
                }
                for (uint32_t c = 0; c < (uint32_t)C; ++c) {
                    symloss_fetch(&probability[next_start * C + c * next_count], next_count
                        * sizeof(probability[0]));
                    symloss_fetch(&target[next_start * C + c * next_count], next_count * sizeof(target[0]));
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const float log_1 = symloss_logf(probability_block[c * SYMLOSS_LANES + lane]);
                        sum_1_totals[lane] += (double)(target_block[c * SYMLOSS_LANES + lane] == 0.0F ? 0.0F
                            : log_1 * target_block[c * SYMLOSS_LANES + lane]);
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = (float)sum_1_totals[lane];
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    const float sum_1 = sum_1_block[lane];
                    const float example_value = -sum_1;
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
                for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCKF) {
                    const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCKF);
                    float sum_1_terms[SYMLOSS_BLOCKF];
                    symloss_fetch(
                        &probability[(i + (i + 1 < part_stop)) * C + block_start],
                        (block_stop - block_start) * sizeof(probability[0]));
                    symloss_fetch(
                        &target[(i + (i + 1 < part_stop)) * C + block_start],
                        (block_stop - block_start) * sizeof(target[0]));
                    for (size_t c = block_start; c < block_stop; ++c) {
                        const float log_1 = symloss_logf(probability[i * C + c]);
                        sum_1_terms[c - block_start] = target[i * C + c] == 0.0F ? 0.0F : log_1
                            * target[i * C + c];
                    }
                    symloss_add_entriesf(sum_1_terms, block_stop - block_start, &sum_1_sums);
                }
                const float sum_1 = (float)symloss_total_f32(&sum_1_sums);
                const float example_value = -sum_1;
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

int symloss_categorical_cross_entropy_value_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
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
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_categorical_cross_entropy_value_f32_of_thread(
            n, C, probability, target, weight, reduction, value, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_categorical_cross_entropy_value_f32_of_thread(
        n, C, probability, target, weight, reduction, value, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_categorical_cross_entropy_gradient_f64_of_thread(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT gradient_probability,
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
            for (size_t c = 0; c < C; ++c) {
                gradient_probability[i * C + c] = example_scale
                    * (-(target[i * C + c] == 0.0 ? 0.0 : target[i * C + c] / probability[i * C + c]));
            }
        }
    }
}

int symloss_categorical_cross_entropy_gradient_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT gradient_probability)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
#ifdef _OPENMP
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_categorical_cross_entropy_gradient_f64_of_thread(
            n, C, probability, target, weight, reduction, gradient_probability, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_categorical_cross_entropy_gradient_f64_of_thread(
        n, C, probability, target, weight, reduction, gradient_probability, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_categorical_cross_entropy_gradient_f32_of_thread(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT gradient_probability,
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
            for (size_t c = 0; c < C; ++c) {
                gradient_probability[i * C + c] = example_scale
                    * (-(target[i * C + c] == 0.0F ? 0.0F : target[i * C + c] / probability[i * C + c]));
            }
        }
    }
}

int symloss_categorical_cross_entropy_gradient_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT gradient_probability)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
#ifdef _OPENMP
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_categorical_cross_entropy_gradient_f32_of_thread(
            n, C, probability, target, weight, reduction, gradient_probability, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_categorical_cross_entropy_gradient_f32_of_thread(
        n, C, probability, target, weight, reduction, gradient_probability, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_categorical_cross_entropy_value_and_gradient_f64_of_thread(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_probability,
    double divisor,
    double *part_totals)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
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
                double probability_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double target_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double gradient_probability_block[SYMLOSS_NARROW * SYMLOSS_LANES];
                double value_terms[SYMLOSS_LANES];
                double sum_1_block[SYMLOSS_LANES];
                double sum_1_rests[SYMLOSS_LANES];
                const size_t next_count = part_stop - block_stop < SYMLOSS_LANES ? 0 : SYMLOSS_LANES;
                const size_t next_start = next_count > 0 ? block_stop : block_start;
                symloss_turn(
                    probability + block_start * C, block_count, C, probability_block);
                symloss_turn(
                    target + block_start * C, block_count, C, target_block);
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = 0.0;
                    sum_1_rests[lane] = 0.0;
                }
                for (uint64_t c = 0; c < (uint64_t)C; ++c) {
                    symloss_fetch(&probability[next_start * C + c * next_count], next_count
                        * sizeof(probability[0]));
                    symloss_fetch(&target[next_start * C + c * next_count], next_count * sizeof(target[0]));
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const double example_scale = block_scale[lane];
                        const double log_1 = symloss_log(probability_block[c * SYMLOSS_LANES + lane]);
                        symloss_add(target_block[c * SYMLOSS_LANES + lane] == 0.0 ? 0.0 : log_1
                            * target_block[c * SYMLOSS_LANES + lane], &sum_1_block[lane], &sum_1_rests[lane]);
                        gradient_probability_block[c * SYMLOSS_LANES + lane] = example_scale
                            * (-(target_block[c * SYMLOSS_LANES + lane] == 0.0 ? 0.0
                            : target_block[c * SYMLOSS_LANES + lane]
                            / probability_block[c * SYMLOSS_LANES + lane]));
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = symloss_sum(sum_1_block[lane], sum_1_rests[lane]);
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    const double sum_1 = sum_1_block[lane];
                    const double example_value = -sum_1;
                    value_terms[lane] = example_value;
                }
                symloss_turn_back(
                    gradient_probability_block, lane_places, block_count * C,
                    gradient_probability + block_start * C);
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
                for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                    const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
                    double sum_1_terms[SYMLOSS_BLOCK];
                    symloss_fetch(
                        &probability[(i + (i + 1 < part_stop)) * C + block_start],
                        (block_stop - block_start) * sizeof(probability[0]));
                    symloss_fetch(
                        &target[(i + (i + 1 < part_stop)) * C + block_start],
                        (block_stop - block_start) * sizeof(target[0]));
                    for (size_t c = block_start; c < block_stop; ++c) {
                        const double log_1 = symloss_log(probability[i * C + c]);
                        sum_1_terms[c - block_start] = target[i * C + c] == 0.0 ? 0.0 : log_1
                            * target[i * C + c];
                        gradient_probability[i * C + c] = example_scale
                            * (-(target[i * C + c] == 0.0 ? 0.0 : target[i * C + c]
                            / probability[i * C + c]));
                    }
                    symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
                }
                const double sum_1 = symloss_total(&sum_1_sums);
                const double example_value = -sum_1;
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

int symloss_categorical_cross_entropy_value_and_gradient_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_probability)
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
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_categorical_cross_entropy_value_and_gradient_f64_of_thread(
            n, C, probability, target, weight, reduction, value, gradient_probability, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_categorical_cross_entropy_value_and_gradient_f64_of_thread(
        n, C, probability, target, weight, reduction, value, gradient_probability, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_categorical_cross_entropy_value_and_gradient_f32_of_thread(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_probability,
    double divisor,
    double *part_totals)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
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
                float probability_block[SYMLOSS_NARROWF * SYMLOSS_LANES];
                float target_block[SYMLOSS_NARROWF * SYMLOSS_LANES];
                float gradient_probability_block[SYMLOSS_NARROWF * SYMLOSS_LANES];
                float value_terms[SYMLOSS_LANES];
                float sum_1_block[SYMLOSS_LANES];
                double sum_1_totals[SYMLOSS_LANES];
                const size_t next_count = part_stop - block_stop < SYMLOSS_LANES ? 0 : SYMLOSS_LANES;
                const size_t next_start = next_count > 0 ? block_stop : block_start;
                symloss_turnf(
                    probability + block_start * C, block_count, C, probability_block);
                symloss_turnf(
                    target + block_start * C, block_count, C, target_block);
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_totals[lane] = 0.0;
                }
                for (uint32_t c = 0; c < (uint32_t)C; ++c) {
                    symloss_fetch(&probability[next_start * C + c * next_count], next_count
                        * sizeof(probability[0]));
                    symloss_fetch(&target[next_start * C + c * next_count], next_count * sizeof(target[0]));
                    for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                        const float example_scale = block_scale[lane];
                        const float log_1 = symloss_logf(probability_block[c * SYMLOSS_LANES + lane]);
                        sum_1_totals[lane] += (double)(target_block[c * SYMLOSS_LANES + lane] == 0.0F ? 0.0F
                            : log_1 * target_block[c * SYMLOSS_LANES + lane]);
                        gradient_probability_block[c * SYMLOSS_LANES + lane] = example_scale
                            * (-(target_block[c * SYMLOSS_LANES + lane] == 0.0F ? 0.0F
                            : target_block[c * SYMLOSS_LANES + lane]
                            / probability_block[c * SYMLOSS_LANES + lane]));
                    }
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    sum_1_block[lane] = (float)sum_1_totals[lane];
                }
                for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
                    const float sum_1 = sum_1_block[lane];
                    const float example_value = -sum_1;
                    value_terms[lane] = example_value;
                }
                symloss_turn_backf(
                    gradient_probability_block, lane_places, block_count * C,
                    gradient_probability + block_start * C);
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
                for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCKF) {
                    const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCKF);
                    float sum_1_terms[SYMLOSS_BLOCKF];
                    symloss_fetch(
                        &probability[(i + (i + 1 < part_stop)) * C + block_start],
                        (block_stop - block_start) * sizeof(probability[0]));
                    symloss_fetch(
                        &target[(i + (i + 1 < part_stop)) * C + block_start],
                        (block_stop - block_start) * sizeof(target[0]));
                    for (size_t c = block_start; c < block_stop; ++c) {
                        const float log_1 = symloss_logf(probability[i * C + c]);
                        sum_1_terms[c - block_start] = target[i * C + c] == 0.0F ? 0.0F : log_1
                            * target[i * C + c];
                        gradient_probability[i * C + c] = example_scale
                            * (-(target[i * C + c] == 0.0F ? 0.0F : target[i * C + c]
                            / probability[i * C + c]));
                    }
                    symloss_add_entriesf(sum_1_terms, block_stop - block_start, &sum_1_sums);
                }
                const float sum_1 = (float)symloss_total_f32(&sum_1_sums);
                const float example_value = -sum_1;
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

int symloss_categorical_cross_entropy_value_and_gradient_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_probability)
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
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_categorical_cross_entropy_value_and_gradient_f32_of_thread(
            n, C, probability, target, weight, reduction, value, gradient_probability, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_categorical_cross_entropy_value_and_gradient_f32_of_thread(
        n, C, probability, target, weight, reduction, value, gradient_probability, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_categorical_cross_entropy_hessian_vector_product_f64_of_thread(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT vector,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT product_probability,
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
            for (size_t c = 0; c < C; ++c) {
                product_probability[i * C + c] = example_scale
                    * ((target[i * C + c] == 0.0 ? 0.0 : target[i * C + c] / probability[i * C + c]
                    / probability[i * C + c]) * vector[i * C + c]);
            }
        }
    }
}

int symloss_categorical_cross_entropy_hessian_vector_product_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT vector,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT product_probability)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
#ifdef _OPENMP
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_categorical_cross_entropy_hessian_vector_product_f64_of_thread(
            n, C, probability, target, vector, weight, reduction, product_probability, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_categorical_cross_entropy_hessian_vector_product_f64_of_thread(
        n, C, probability, target, vector, weight, reduction, product_probability, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_categorical_cross_entropy_hessian_vector_product_f32_of_thread(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT vector,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT product_probability,
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
            const double example_scale = scale * example_weight;
            for (size_t c = 0; c < C; ++c) {
                product_probability[i * C + c] = (float)(example_scale
                    * (((double)target[i * C + c] == 0.0 ? 0.0 : (double)target[i * C + c]
                    / (double)probability[i * C + c] / (double)probability[i * C + c])
                    * (double)vector[i * C + c]));
            }
        }
    }
}

int symloss_categorical_cross_entropy_hessian_vector_product_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT vector,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT product_probability)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_weights_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
#ifdef _OPENMP
    if (symloss_parts(n, C) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, C) > 1)
        symloss_categorical_cross_entropy_hessian_vector_product_f32_of_thread(
            n, C, probability, target, vector, weight, reduction, product_probability, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_categorical_cross_entropy_hessian_vector_product_f32_of_thread(
        n, C, probability, target, vector, weight, reduction, product_probability, divisor);
    return SYMLOSS_OK;
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif
