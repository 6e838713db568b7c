/*
 * gan_discriminator: The discriminator's loss: binary cross-entropy of telling real examples from
 *     generated ones.
 *
 * loss of one example = -log(p_real) - log(1 - p_fake)
 *   where p_real = sigmoid(real_logits)
 *   where p_fake = sigmoid(fake_logits)
 * d/dreal_logits = p_real - 1
 * d/dfake_logits = p_fake
 *
 * real_logits: Real, any shape, the same for all
 * fake_logits: Real, any shape, the same for all
 * float: value, gradient, value_and_gradient computed in float, sums in double
 * float: hessian computed in double, and rounded once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate gan_discriminator --target c
 *
 * Measured against exact results:
 *     float64: 10071 results, 0 % beyond the bound; worst 0.66 of the bound, 2.69 ulp (hessian at
 *         real_logits=41.87716452645402, fake_logits=0.17141747354912718)
 *     float32: 11123 results, 0 % beyond the bound; worst 0.34 of the bound, 1.38 ulp (gradient at
 *         real_logits=-45.168643951416016, fake_logits=8.586437225341797)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#include "gan_discriminator.h"

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

/* The larger of two numbers; NaN if one of them is. */
static inline double symloss_max(double a, double b) {
    return ((a > b) | (a != a)) ? a : b;
}

/* The larger of two numbers; NaN if one of them is. */
static inline float symloss_maxf(float a, float b) {
    return ((a > b) | (a != a)) ? a : b;
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

#if SYMLOSS_FUSED
/* (log(1 + f) - f)/f^2 for f from -0.19 to 0.28. Fused operations are so fast that a longer series takes less
 * time than a division. */
static inline double symloss_log1p_near(double f) {
    const double z = f * f;
    double even = 0.06067289398433945, odd = -0.03352979082084701;
    even = symloss_fma(z, even, 0.06701066158907286);
    even = symloss_fma(z, even, 0.07689464479736598);
    even = symloss_fma(z, even, 0.09090997314225659);
    even = symloss_fma(z, even, 0.1111110979807405);
    even = symloss_fma(z, even, 0.14285714294832372);
    even = symloss_fma(z, even, 0.1999999999997635);
    even = symloss_fma(z, even, 0.3333333333333334);
    odd = symloss_fma(z, odd, -0.06570098254896546);
    odd = symloss_fma(z, odd, -0.07126874725126454);
    odd = symloss_fma(z, odd, -0.08333707638043825);
    odd = symloss_fma(z, odd, -0.09999995772562596);
    odd = symloss_fma(z, odd, -0.12500000020244137);
    odd = symloss_fma(z, odd, -0.1666666666664183);
    odd = symloss_fma(z, odd, -0.24999999999999986);
    return symloss_fma(f, symloss_fma(f, odd, even), -0.5);
}
#else
static inline double symloss_log_of_unit(double k, double f, double rest) {
    const double s = f / (2.0 + f);
    const double half = 0.5 * f;
    const double square = half * f;
    const double y = s * s;
    const double z = y * y;
    double even = 0.1321036048513262, odd = 0.13604015707124079;
    even = symloss_fma(z, even, 0.18181738454723026);
    even = symloss_fma(z, even, 0.2857142856733919);
    even = symloss_fma(z, even, 0.6666666666666666);
    odd = symloss_fma(z, odd, 0.15388834677801916);
    odd = symloss_fma(z, odd, 0.22222223037807243);
    odd = symloss_fma(z, odd, 0.400000000000078);
    const double beyond = symloss_fma(y, symloss_fma(y, odd, even), square);
    const double low = symloss_fma(s, beyond, symloss_fma(k, 1.90821492927058770002e-10, rest));
    return symloss_fma(k, 6.93147180369123816490e-01, f - symloss_fma(half, f, -low));
}
#endif

/* log(1 + x) for x from 0 to 1, within 1 ulp, by log(1 + f) for f = x, or f = 0.63 (1 + x) - 1, for log(0.63)
 * is almost a double; or, where operations are not fused, f = (1 + x)/2 - 1. */
static inline double symloss_log1p_unit(double x) {
#if SYMLOSS_FUSED
    const double k = x > 0.2845 ? 1.0 : 0.0;
    const double f = x > 0.2845 ? symloss_fma(0.63, x, 0.63 - 1.0) : x;
    const double sum = symloss_fma(k, 0.4620354595965587, f);
    const double left = symloss_fma(k, 0.4620354595965587, -sum) + f;
    return sum + symloss_fma(f * f, symloss_log1p_near(f), left);
#else
    return symloss_log_of_unit(x > 0.5 ? 1.0 : 0.0, x > 0.5 ? 0.5 * (x - 1.0) : x, 0.0);
#endif
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

/* log(1 + x) for x from 0 to 1, within 1 ulp. */
static inline float symloss_log1p_unitf(float x) {
    return symloss_log_off(x > 0.5F ? 1.0F : 0.0F, x > 0.5F ? 0.5F * (x - 1.0F) : x, 0.0F);
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
static void symloss_gan_discriminator_value_f64_of_thread(
    size_t n,
    const double *SYMLOSS_RESTRICT real_logits,
    const double *SYMLOSS_RESTRICT fake_logits,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT value,
    double divisor,
    double *part_totals)
{
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
            double exp_1_block[SYMLOSS_BLOCK];
            double log1p_1_block[SYMLOSS_BLOCK];
            double exp_2_block[SYMLOSS_BLOCK];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(real_logits + block_stop, next * sizeof(real_logits[0]));
            symloss_fetch(fake_logits + block_stop, next * sizeof(fake_logits[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const double exp_1 = symloss_exp_unit(-fabs(fake_logits[i]));
                exp_1_block[i - block_start] = exp_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double exp_1 = exp_1_block[i - block_start];
                const double log1p_1 = symloss_log1p_unit(exp_1);
                log1p_1_block[i - block_start] = log1p_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double exp_2 = symloss_exp_unit(-fabs(real_logits[i]));
                exp_2_block[i - block_start] = exp_2;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double exp_2 = exp_2_block[i - block_start];
                const double log1p_1 = log1p_1_block[i - block_start];
                const double log1p_2 = symloss_log1p_unit(exp_2);
                const double example_value = (log1p_1 + symloss_max(0.0, fake_logits[i]))
                    + (log1p_2 + symloss_max(0.0, -real_logits[i]));
                value_terms[i - block_start] = example_value;
            }
            if (reduction != SYMLOSS_NONE) {
                symloss_add_values(value_terms, block_weight, block_stop - block_start, &value_sums);
            } else {
                symloss_values(
                    value_terms, block_weight, block_stop - block_start, value + block_start);
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

int symloss_gan_discriminator_value_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT real_logits,
    const double *SYMLOSS_RESTRICT fake_logits,
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
    if (symloss_parts(n, 1) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, 1) > 1)
        symloss_gan_discriminator_value_f64_of_thread(
            n, real_logits, fake_logits, weight, reduction, value, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_gan_discriminator_value_f64_of_thread(
        n, real_logits, fake_logits, weight, reduction, value, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_gan_discriminator_value_f32_of_thread(
    size_t n,
    const float *SYMLOSS_RESTRICT real_logits,
    const float *SYMLOSS_RESTRICT fake_logits,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT value,
    double divisor,
    double *part_totals)
{
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
            float exp_1_block[SYMLOSS_BLOCKF];
            float log1p_1_block[SYMLOSS_BLOCKF];
            float exp_2_block[SYMLOSS_BLOCKF];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCKF) - block_stop;
            symloss_fetch(real_logits + block_stop, next * sizeof(real_logits[0]));
            symloss_fetch(fake_logits + block_stop, next * sizeof(fake_logits[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const float exp_1 = symloss_exp_unitf(-fabsf(fake_logits[i]));
                exp_1_block[i - block_start] = exp_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const float exp_1 = exp_1_block[i - block_start];
                const float log1p_1 = symloss_log1p_unitf(exp_1);
                log1p_1_block[i - block_start] = log1p_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const float exp_2 = symloss_exp_unitf(-fabsf(real_logits[i]));
                exp_2_block[i - block_start] = exp_2;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const float exp_2 = exp_2_block[i - block_start];
                const float log1p_1 = log1p_1_block[i - block_start];
                const float log1p_2 = symloss_log1p_unitf(exp_2);
                const float example_value = (log1p_1 + symloss_maxf(0.0F, fake_logits[i]))
                    + (log1p_2 + symloss_maxf(0.0F, -real_logits[i]));
                value_terms[i - block_start] = example_value;
            }
            if (reduction != SYMLOSS_NONE) {
                symloss_add_valuesf(value_terms, block_weight, block_stop - block_start, &value_sums);
            } else {
                symloss_valuesf(
                    value_terms, block_weight, block_stop - block_start, value + block_start);
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

int symloss_gan_discriminator_value_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT real_logits,
    const float *SYMLOSS_RESTRICT fake_logits,
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
    if (symloss_parts(n, 1) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, 1) > 1)
        symloss_gan_discriminator_value_f32_of_thread(
            n, real_logits, fake_logits, weight, reduction, value, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_gan_discriminator_value_f32_of_thread(
        n, real_logits, fake_logits, weight, reduction, value, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_gan_discriminator_gradient_f64_of_thread(
    size_t n,
    const double *SYMLOSS_RESTRICT real_logits,
    const double *SYMLOSS_RESTRICT fake_logits,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT gradient_real_logits,
    double *SYMLOSS_RESTRICT gradient_fake_logits,
    double divisor)
{
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
            const double *const block_weight = weight != NULL ? weight + block_start : NULL;
            double weighed_scales[SYMLOSS_BLOCK];
            const double *const block_scale = weight == NULL ? scales
                : symloss_weigh(block_weight, block_stop - block_start, scale, weighed_scales);
            double p_fake_block[SYMLOSS_BLOCK];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(real_logits + block_stop, next * sizeof(real_logits[0]));
            symloss_fetch(fake_logits + block_stop, next * sizeof(fake_logits[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const double exp_1 = symloss_exp_unit(-fabs(fake_logits[i]));
                const double p_fake = (fake_logits[i] >= 0.0 ? 1.0 : exp_1) / (exp_1 + 1.0);
                p_fake_block[i - block_start] = p_fake;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double example_scale = block_scale[i - block_start];
                const double p_fake = p_fake_block[i - block_start];
                const double exp_2 = symloss_exp_unit(-fabs(real_logits[i]));
                gradient_real_logits[i] = example_scale * (-(-real_logits[i] >= 0.0 ? 1.0 : exp_2)
                    / (exp_2 + 1.0));
                gradient_fake_logits[i] = example_scale * p_fake;
            }
        }
    }
}

int symloss_gan_discriminator_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT real_logits,
    const double *SYMLOSS_RESTRICT fake_logits,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT gradient_real_logits,
    double *SYMLOSS_RESTRICT gradient_fake_logits)
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
        symloss_gan_discriminator_gradient_f64_of_thread(
            n, real_logits, fake_logits, weight, reduction, gradient_real_logits, gradient_fake_logits,
            divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_gan_discriminator_gradient_f64_of_thread(
        n, real_logits, fake_logits, weight, reduction, gradient_real_logits, gradient_fake_logits, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_gan_discriminator_gradient_f32_of_thread(
    size_t n,
    const float *SYMLOSS_RESTRICT real_logits,
    const float *SYMLOSS_RESTRICT fake_logits,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT gradient_real_logits,
    float *SYMLOSS_RESTRICT gradient_fake_logits,
    double divisor)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, 1);
    float scales[SYMLOSS_BLOCKF];
    for (size_t at = 0; at < SYMLOSS_BLOCKF; ++at) {
        scales[at] = (float)scale;
    }
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCKF) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCKF);
            const float *const block_weight = weight != NULL ? weight + block_start : NULL;
            float weighed_scales[SYMLOSS_BLOCKF];
            const float *const block_scale = weight == NULL ? scales
                : symloss_weighf(block_weight, block_stop - block_start, scale, weighed_scales);
            float p_fake_block[SYMLOSS_BLOCKF];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCKF) - block_stop;
            symloss_fetch(real_logits + block_stop, next * sizeof(real_logits[0]));
            symloss_fetch(fake_logits + block_stop, next * sizeof(fake_logits[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const float exp_1 = symloss_exp_unitf(-fabsf(fake_logits[i]));
                const float p_fake = (fake_logits[i] >= 0.0F ? 1.0F : exp_1) / (exp_1 + 1.0F);
                p_fake_block[i - block_start] = p_fake;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const float example_scale = block_scale[i - block_start];
                const float p_fake = p_fake_block[i - block_start];
                const float exp_2 = symloss_exp_unitf(-fabsf(real_logits[i]));
                gradient_real_logits[i] = example_scale * (-(-real_logits[i] >= 0.0F ? 1.0F : exp_2)
                    / (exp_2 + 1.0F));
                gradient_fake_logits[i] = example_scale * p_fake;
            }
        }
    }
}

int symloss_gan_discriminator_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT real_logits,
    const float *SYMLOSS_RESTRICT fake_logits,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT gradient_real_logits,
    float *SYMLOSS_RESTRICT gradient_fake_logits)
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
        symloss_gan_discriminator_gradient_f32_of_thread(
            n, real_logits, fake_logits, weight, reduction, gradient_real_logits, gradient_fake_logits,
            divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_gan_discriminator_gradient_f32_of_thread(
        n, real_logits, fake_logits, weight, reduction, gradient_real_logits, gradient_fake_logits, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_gan_discriminator_value_and_gradient_f64_of_thread(
    size_t n,
    const double *SYMLOSS_RESTRICT real_logits,
    const double *SYMLOSS_RESTRICT fake_logits,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_real_logits,
    double *SYMLOSS_RESTRICT gradient_fake_logits,
    double divisor,
    double *part_totals)
{
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
        struct symloss_sums value_sums = {{0.0}, {0.0}, 0};
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCK);
            const double *const block_weight = weight != NULL ? weight + block_start : NULL;
            double weighed_scales[SYMLOSS_BLOCK];
            const double *const block_scale = weight == NULL ? scales
                : symloss_weigh(block_weight, block_stop - block_start, scale, weighed_scales);
            double value_terms[SYMLOSS_BLOCK];
            double exp_1_block[SYMLOSS_BLOCK];
            double p_fake_block[SYMLOSS_BLOCK];
            double exp_2_block[SYMLOSS_BLOCK];
            double log1p_1_block[SYMLOSS_BLOCK];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(real_logits + block_stop, next * sizeof(real_logits[0]));
            symloss_fetch(fake_logits + block_stop, next * sizeof(fake_logits[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const double exp_1 = symloss_exp_unit(-fabs(fake_logits[i]));
                const double p_fake = (fake_logits[i] >= 0.0 ? 1.0 : exp_1) / (exp_1 + 1.0);
                exp_1_block[i - block_start] = exp_1;
                p_fake_block[i - block_start] = p_fake;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double exp_2 = symloss_exp_unit(-fabs(real_logits[i]));
                exp_2_block[i - block_start] = exp_2;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double exp_1 = exp_1_block[i - block_start];
                const double log1p_1 = symloss_log1p_unit(exp_1);
                log1p_1_block[i - block_start] = log1p_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double example_scale = block_scale[i - block_start];
                const double exp_2 = exp_2_block[i - block_start];
                const double log1p_1 = log1p_1_block[i - block_start];
                const double p_fake = p_fake_block[i - block_start];
                const double log1p_2 = symloss_log1p_unit(exp_2);
                const double example_value = (log1p_1 + symloss_max(0.0, fake_logits[i]))
                    + (log1p_2 + symloss_max(0.0, -real_logits[i]));
                value_terms[i - block_start] = example_value;
                gradient_real_logits[i] = example_scale * (-(-real_logits[i] >= 0.0 ? 1.0 : exp_2)
                    / (exp_2 + 1.0));
                gradient_fake_logits[i] = example_scale * p_fake;
            }
            if (reduction != SYMLOSS_NONE) {
                symloss_add_values(value_terms, block_weight, block_stop - block_start, &value_sums);
            } else {
                symloss_values(
                    value_terms, block_weight, block_stop - block_start, value + block_start);
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

int symloss_gan_discriminator_value_and_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT real_logits,
    const double *SYMLOSS_RESTRICT fake_logits,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_real_logits,
    double *SYMLOSS_RESTRICT gradient_fake_logits)
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
        symloss_gan_discriminator_value_and_gradient_f64_of_thread(
            n, real_logits, fake_logits, weight, reduction, value, gradient_real_logits, gradient_fake_logits,
            divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_gan_discriminator_value_and_gradient_f64_of_thread(
        n, real_logits, fake_logits, weight, reduction, value, gradient_real_logits, gradient_fake_logits,
        divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_gan_discriminator_value_and_gradient_f32_of_thread(
    size_t n,
    const float *SYMLOSS_RESTRICT real_logits,
    const float *SYMLOSS_RESTRICT fake_logits,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_real_logits,
    float *SYMLOSS_RESTRICT gradient_fake_logits,
    double divisor,
    double *part_totals)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, 1);
    float scales[SYMLOSS_BLOCKF];
    for (size_t at = 0; at < SYMLOSS_BLOCKF; ++at) {
        scales[at] = (float)scale;
    }
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
            float weighed_scales[SYMLOSS_BLOCKF];
            const float *const block_scale = weight == NULL ? scales
                : symloss_weighf(block_weight, block_stop - block_start, scale, weighed_scales);
            float value_terms[SYMLOSS_BLOCKF];
            float exp_1_block[SYMLOSS_BLOCKF];
            float p_fake_block[SYMLOSS_BLOCKF];
            float exp_2_block[SYMLOSS_BLOCKF];
            float log1p_1_block[SYMLOSS_BLOCKF];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCKF) - block_stop;
            symloss_fetch(real_logits + block_stop, next * sizeof(real_logits[0]));
            symloss_fetch(fake_logits + block_stop, next * sizeof(fake_logits[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const float exp_1 = symloss_exp_unitf(-fabsf(fake_logits[i]));
                const float p_fake = (fake_logits[i] >= 0.0F ? 1.0F : exp_1) / (exp_1 + 1.0F);
                exp_1_block[i - block_start] = exp_1;
                p_fake_block[i - block_start] = p_fake;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const float exp_2 = symloss_exp_unitf(-fabsf(real_logits[i]));
                exp_2_block[i - block_start] = exp_2;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const float exp_1 = exp_1_block[i - block_start];
                const float log1p_1 = symloss_log1p_unitf(exp_1);
                log1p_1_block[i - block_start] = log1p_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const float example_scale = block_scale[i - block_start];
                const float exp_2 = exp_2_block[i - block_start];
                const float log1p_1 = log1p_1_block[i - block_start];
                const float p_fake = p_fake_block[i - block_start];
                const float log1p_2 = symloss_log1p_unitf(exp_2);
                const float example_value = (log1p_1 + symloss_maxf(0.0F, fake_logits[i]))
                    + (log1p_2 + symloss_maxf(0.0F, -real_logits[i]));
                value_terms[i - block_start] = example_value;
                gradient_real_logits[i] = example_scale * (-(-real_logits[i] >= 0.0F ? 1.0F : exp_2)
                    / (exp_2 + 1.0F));
                gradient_fake_logits[i] = example_scale * p_fake;
            }
            if (reduction != SYMLOSS_NONE) {
                symloss_add_valuesf(value_terms, block_weight, block_stop - block_start, &value_sums);
            } else {
                symloss_valuesf(
                    value_terms, block_weight, block_stop - block_start, value + block_start);
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

int symloss_gan_discriminator_value_and_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT real_logits,
    const float *SYMLOSS_RESTRICT fake_logits,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_real_logits,
    float *SYMLOSS_RESTRICT gradient_fake_logits)
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
        symloss_gan_discriminator_value_and_gradient_f32_of_thread(
            n, real_logits, fake_logits, weight, reduction, value, gradient_real_logits, gradient_fake_logits,
            divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_gan_discriminator_value_and_gradient_f32_of_thread(
        n, real_logits, fake_logits, weight, reduction, value, gradient_real_logits, gradient_fake_logits,
        divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_gan_discriminator_hessian_f64_of_thread(
    size_t n,
    const double *SYMLOSS_RESTRICT real_logits,
    const double *SYMLOSS_RESTRICT fake_logits,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT hessian_real_logits,
    double *SYMLOSS_RESTRICT hessian_fake_logits,
    double divisor)
{
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
            const double *const block_weight = weight != NULL ? weight + block_start : NULL;
            double weighed_scales[SYMLOSS_BLOCK];
            const double *const block_scale = weight == NULL ? scales
                : symloss_weigh(block_weight, block_stop - block_start, scale, weighed_scales);
            double exp_1_block[SYMLOSS_BLOCK];
            double p_real_block[SYMLOSS_BLOCK];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(real_logits + block_stop, next * sizeof(real_logits[0]));
            symloss_fetch(fake_logits + block_stop, next * sizeof(fake_logits[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const double exp_1 = symloss_exp_unit(-fabs(real_logits[i]));
                const double term_1 = exp_1 + 1.0;
                const double p_real = (real_logits[i] >= 0.0 ? 1.0 : exp_1) / term_1;
                exp_1_block[i - block_start] = exp_1;
                p_real_block[i - block_start] = p_real;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double example_scale = block_scale[i - block_start];
                const double exp_1 = exp_1_block[i - block_start];
                const double p_real = p_real_block[i - block_start];
                const double exp_2 = symloss_exp_unit(-fabs(fake_logits[i]));
                const double term_2 = exp_2 + 1.0;
                const double p_fake = (fake_logits[i] >= 0.0 ? 1.0 : exp_2) / term_2;
                const double term_1 = exp_1 + 1.0;
                hessian_real_logits[i] = example_scale * ((-real_logits[i] >= 0.0 ? 1.0 : exp_1) * p_real
                    / term_1);
                hessian_fake_logits[i] = example_scale * ((-fake_logits[i] >= 0.0 ? 1.0 : exp_2) * p_fake
                    / term_2);
            }
        }
    }
}

int symloss_gan_discriminator_hessian_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT real_logits,
    const double *SYMLOSS_RESTRICT fake_logits,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT hessian_real_logits,
    double *SYMLOSS_RESTRICT hessian_fake_logits)
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
        symloss_gan_discriminator_hessian_f64_of_thread(
            n, real_logits, fake_logits, weight, reduction, hessian_real_logits, hessian_fake_logits,
            divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_gan_discriminator_hessian_f64_of_thread(
        n, real_logits, fake_logits, weight, reduction, hessian_real_logits, hessian_fake_logits, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_gan_discriminator_hessian_f32_of_thread(
    size_t n,
    const float *SYMLOSS_RESTRICT real_logits,
    const float *SYMLOSS_RESTRICT fake_logits,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT hessian_real_logits,
    float *SYMLOSS_RESTRICT hessian_fake_logits,
    double divisor)
{
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
            double exp_1_block[SYMLOSS_BLOCK];
            double p_real_block[SYMLOSS_BLOCK];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(real_logits + block_stop, next * sizeof(real_logits[0]));
            symloss_fetch(fake_logits + block_stop, next * sizeof(fake_logits[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const double exp_1 = symloss_exp_unit_f32(-fabs((double)real_logits[i]));
                const double term_1 = exp_1 + 1.0;
                const double p_real = ((double)real_logits[i] >= 0.0 ? 1.0 : exp_1) / term_1;
                exp_1_block[i - block_start] = exp_1;
                p_real_block[i - block_start] = p_real;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double example_scale = block_scale[i - block_start];
                const double exp_1 = exp_1_block[i - block_start];
                const double p_real = p_real_block[i - block_start];
                const double exp_2 = symloss_exp_unit_f32(-fabs((double)fake_logits[i]));
                const double term_2 = exp_2 + 1.0;
                const double p_fake = ((double)fake_logits[i] >= 0.0 ? 1.0 : exp_2) / term_2;
                const double term_1 = exp_1 + 1.0;
                hessian_real_logits[i] = (float)(example_scale
                    * ((-(double)real_logits[i] >= 0.0 ? 1.0 : exp_1) * p_real / term_1));
                hessian_fake_logits[i] = (float)(example_scale
                    * ((-(double)fake_logits[i] >= 0.0 ? 1.0 : exp_2) * p_fake / term_2));
            }
        }
    }
}

int symloss_gan_discriminator_hessian_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT real_logits,
    const float *SYMLOSS_RESTRICT fake_logits,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT hessian_real_logits,
    float *SYMLOSS_RESTRICT hessian_fake_logits)
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
        symloss_gan_discriminator_hessian_f32_of_thread(
            n, real_logits, fake_logits, weight, reduction, hessian_real_logits, hessian_fake_logits,
            divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_gan_discriminator_hessian_f32_of_thread(
        n, real_logits, fake_logits, weight, reduction, hessian_real_logits, hessian_fake_logits, divisor);
    return SYMLOSS_OK;
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif
