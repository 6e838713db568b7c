/*
 * focal: Binary cross-entropy with a factor that silences the examples that are already predicted
 *     well.
 *
 * loss of one example = -alpha_t*(1 - p_t)**gamma*log(p_t)
 *   where p_t = probability*target + (1 - probability)*(1 - target)
 *   where alpha_t = alpha*target + (1 - alpha)*(1 - target)
 * d/dprobability = alpha_t*(1 - p_t)**gamma*(1 - 2*target)*(-gamma*log(p_t)/(1 - p_t) + 1/p_t)
 *
 * probability: Probability, any shape, the same for all
 * target: Binary, any shape, the same for all
 * gamma: NonNegative, default 2
 * alpha: Probability, default 0.25
 * float: value, gradient, value_and_gradient, hessian computed in double, and rounded once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate focal --target c
 *
 * Measured against exact results:
 *     float64: 6680 results, 2.51 % beyond the bound, 0 % at ordinary numbers; worst inf of the bound, inf
 *         ulp (gradient at probability=0.5, target=1.0, gamma=1.7976931348623157e+308,
 *         alpha=0.9999999999998944)
 *     float32: 7331 results, 0 % beyond the bound; worst 0.12 of the bound, 0.49 ulp (gradient at
 *         probability=0.002770179882645607, target=0.0, gamma=0.0, alpha=1.401298464324817e-45)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#include "focal.h"

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

/* Give the values of the examples of a block. */
static inline void symloss_values_f32(
    const double *terms, const float *weight, size_t count, float *value)
{
    if (weight == NULL) {
        for (size_t at = 0; at < count; ++at) {
            value[at] = (float)terms[at];
        }
    } else {
        for (size_t at = 0; at < count; ++at) {
            value[at] = (float)((double)weight[at] * terms[at]);
        }
    }
}

/* Add the values of the examples of a block to a sum. */
static inline void symloss_add_values_f32(
    double *terms, const float *weight, size_t count, struct symloss_sums_f32 *sums)
{
    if (weight == NULL) {
        symloss_add_all_f32(terms, count, sums);
    } else {
        double weighed[SYMLOSS_BLOCK];
        for (size_t at = 0; at < count; ++at) {
            weighed[at] = (double)weight[at] * terms[at];
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

/* |x|^y with the sign that x^y has, or NaN where it is no real number, and 1 for x = 1 or y = 0. */
static inline double symloss_signed_power(double x, double y, double power) {
    const double half = 0.5 * y;
    const double near = fabs(y) < 2251799813685248.0 ? 6755399441055744.0 : 0.0; /* far numbers are whole */
    const double whole = (y + near) - near;
    const double pairs = (half + near) - near;
    const double signed_power = whole == y ? (pairs == half ? power : -power) : (double)NAN;
    const double result = x < 0.0 ? signed_power : power;
    return ((x == 1.0) | (y == 0.0)) ? 1.0 : result;
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

static inline double symloss_log_of_f32(double k, double f) {
    const double s = f / (2.0 + f);
    const double y = s * s;
    const double z = y * y;
    double even = 0.19811250671143393, odd = 0.2216415413599606;
    even = symloss_fma(z, even, 0.28572264842199147);
    even = symloss_fma(z, even, 0.6666666667002632);
    odd = symloss_fma(z, odd, 0.3999999580334823);
    const double twice = symloss_fma(y, symloss_fma(y, odd, even), 2.0);
    return symloss_fma(k, 0.6931471805599453, s * twice);
}

static inline double symloss_log_f32(double x) {
    double k, inverse;
    const double m = symloss_split(x, 4503599627370496.0, &k, &inverse);
    const double result = symloss_log_of_f32(k, m - 1.0);
    return x > 0.0 ? (x < (double)INFINITY ? result : x) : x == 0.0 ? -(double)INFINITY : (double)NAN;
}

static inline double symloss_log1p_f32(double x) {
    double k, inverse;
    const double m = symloss_split(1.0 + x, 4503599627370496.0, &k, &inverse);
    const double result = symloss_log_of_f32(k, k == 0.0 ? x : m - 1.0);
    const double inside = ((x < (double)INFINITY) & (x != 0.0)) ? result : x;
    return x > -1.0 ? inside : x == -1.0 ? -(double)INFINITY : (double)NAN;
}

static inline double symloss_pow_f32(double x, double y) {
    return symloss_signed_power(x, y, symloss_exp_f32(y * symloss_log_f32(fabs(x))));
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
static void symloss_focal_value_f64_of_thread(
    size_t n,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
    double *SYMLOSS_RESTRICT value,
    double divisor,
    double *part_totals)
{
    const double term_1 = 1.0 - alpha;
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
            double log_1_block[SYMLOSS_BLOCK];
            double log1p_1_block[SYMLOSS_BLOCK];
            double log1p_2_block[SYMLOSS_BLOCK];
            double exp_1_block[SYMLOSS_BLOCK];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(probability + block_stop, next * sizeof(probability[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_2 = 1.0 - target[i];
                const double term_3 = 1.0 - probability[i];
                const double term_4 = term_2 * term_3 + probability[i] * target[i];
                const double p_t = term_4;
                const double log_1 = symloss_log(p_t);
                log_1_block[i - block_start] = log_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_2 = 1.0 - target[i];
                const double term_3 = 1.0 - probability[i];
                const double log1p_1 = symloss_log1p(-term_2 * probability[i] - term_3 * target[i]);
                log1p_1_block[i - block_start] = log1p_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_2 = 1.0 - target[i];
                const double term_3 = 1.0 - probability[i];
                const double log1p_2 = symloss_log1p(-term_2 * term_3 - probability[i] * target[i]);
                log1p_2_block[i - block_start] = log1p_2;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double log1p_2 = log1p_2_block[i - block_start];
                const double exp_1 = symloss_exp(log1p_2 == log1p_2 ? (gamma == 0.0 ? 0.0 : log1p_2 * gamma)
                    : log1p_2);
                exp_1_block[i - block_start] = exp_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double exp_1 = exp_1_block[i - block_start];
                const double log1p_1 = log1p_1_block[i - block_start];
                const double log_1 = log_1_block[i - block_start];
                const double term_2 = 1.0 - target[i];
                const double term_3 = 1.0 - probability[i];
                const double power_1 = pow(term_2 * probability[i] + term_3 * target[i], gamma);
                const double alpha_t = alpha * target[i] + term_1 * term_2;
                const double term_4 = term_2 * term_3 + probability[i] * target[i];
                const double case_1 = fabs(term_4) < 0.5 ? exp_1 : power_1;
                const double p_t = term_4;
                const double guarded_1 = p_t == p_t ? (p_t < 0.5 ? log_1 : log1p_1) : p_t;
                const double example_value = (-case_1 * guarded_1) == (-case_1 * guarded_1)
                    ? (alpha_t == 0.0 ? 0.0 : -case_1 * guarded_1 * alpha_t) : (-case_1 * guarded_1);
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

int symloss_focal_value_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
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
        symloss_focal_value_f64_of_thread(
            n, probability, target, weight, reduction, gamma, alpha, value, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_focal_value_f64_of_thread(
        n, probability, target, weight, reduction, gamma, alpha, value, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_focal_value_f32_of_thread(
    size_t n,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
    float *SYMLOSS_RESTRICT value,
    double divisor,
    double *part_totals)
{
    const double term_1 = 1.0 - (double)alpha;
    const size_t parts = symloss_parts(n, 1);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        struct symloss_sums_f32 value_sums = {{0.0}, 0};
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCK);
            const float *const block_weight = weight != NULL ? weight + block_start : NULL;
            double value_terms[SYMLOSS_BLOCK];
            double log_1_block[SYMLOSS_BLOCK];
            double log1p_1_block[SYMLOSS_BLOCK];
            double log1p_2_block[SYMLOSS_BLOCK];
            double exp_1_block[SYMLOSS_BLOCK];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(probability + block_stop, next * sizeof(probability[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_2 = 1.0 - (double)target[i];
                const double term_3 = 1.0 - (double)probability[i];
                const double term_4 = term_2 * term_3 + (double)probability[i] * (double)target[i];
                const double p_t = term_4;
                const double log_1 = symloss_log_f32(p_t);
                log_1_block[i - block_start] = log_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_2 = 1.0 - (double)target[i];
                const double term_3 = 1.0 - (double)probability[i];
                const double log1p_1 = symloss_log1p_f32(-term_2 * (double)probability[i] - term_3
                    * (double)target[i]);
                log1p_1_block[i - block_start] = log1p_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_2 = 1.0 - (double)target[i];
                const double term_3 = 1.0 - (double)probability[i];
                const double log1p_2 = symloss_log1p_f32(-term_2 * term_3 - (double)probability[i]
                    * (double)target[i]);
                log1p_2_block[i - block_start] = log1p_2;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double log1p_2 = log1p_2_block[i - block_start];
                const double exp_1 = symloss_exp_f32(log1p_2 == log1p_2
                    ? ((double)gamma == 0.0 ? 0.0 : log1p_2 * (double)gamma) : log1p_2);
                exp_1_block[i - block_start] = exp_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double exp_1 = exp_1_block[i - block_start];
                const double log1p_1 = log1p_1_block[i - block_start];
                const double log_1 = log_1_block[i - block_start];
                const double term_2 = 1.0 - (double)target[i];
                const double term_3 = 1.0 - (double)probability[i];
                const double power_1 = symloss_pow_f32(term_2 * (double)probability[i] + term_3
                    * (double)target[i], (double)gamma);
                const double alpha_t = (double)alpha * (double)target[i] + term_1 * term_2;
                const double term_4 = term_2 * term_3 + (double)probability[i] * (double)target[i];
                const double case_1 = fabs(term_4) < 0.5 ? exp_1 : power_1;
                const double p_t = term_4;
                const double guarded_1 = p_t == p_t ? (p_t < 0.5 ? log_1 : log1p_1) : p_t;
                const double example_value = (-case_1 * guarded_1) == (-case_1 * guarded_1)
                    ? (alpha_t == 0.0 ? 0.0 : -case_1 * guarded_1 * alpha_t) : (-case_1 * guarded_1);
                value_terms[i - block_start] = example_value;
            }
            if (reduction != SYMLOSS_NONE) {
                symloss_add_values_f32(value_terms, block_weight, block_stop - block_start, &value_sums);
            } else {
                symloss_values_f32(
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

int symloss_focal_value_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
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
        symloss_focal_value_f32_of_thread(
            n, probability, target, weight, reduction, gamma, alpha, value, divisor, part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_focal_value_f32_of_thread(
        n, probability, target, weight, reduction, gamma, alpha, value, divisor, part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_focal_gradient_f64_of_thread(
    size_t n,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
    double *SYMLOSS_RESTRICT gradient_probability,
    double divisor)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const double term_1 = 1.0 - alpha;
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
            double log_1_block[SYMLOSS_BLOCK];
            double log1p_1_block[SYMLOSS_BLOCK];
            double log1p_2_block[SYMLOSS_BLOCK];
            double guarded_1_block[SYMLOSS_BLOCK];
            double exp_1_block[SYMLOSS_BLOCK];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(probability + block_stop, next * sizeof(probability[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_2 = 1.0 - target[i];
                const double term_3 = 1.0 - probability[i];
                const double term_4 = term_2 * term_3 + probability[i] * target[i];
                const double p_t = term_4;
                const double log_1 = symloss_log(p_t);
                log_1_block[i - block_start] = log_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_2 = 1.0 - target[i];
                const double term_3 = 1.0 - probability[i];
                const double log1p_1 = symloss_log1p(-term_2 * probability[i] - term_3 * target[i]);
                log1p_1_block[i - block_start] = log1p_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_2 = 1.0 - target[i];
                const double term_3 = 1.0 - probability[i];
                const double log1p_2 = symloss_log1p(-term_2 * term_3 - probability[i] * target[i]);
                log1p_2_block[i - block_start] = log1p_2;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double log1p_2 = log1p_2_block[i - block_start];
                const double log1p_1 = log1p_1_block[i - block_start];
                const double log_1 = log_1_block[i - block_start];
                const double exp_1 = symloss_exp(log1p_2 == log1p_2 ? (gamma == 0.0 ? 0.0 : log1p_2 * gamma)
                    : log1p_2);
                const double term_2 = 1.0 - target[i];
                const double term_3 = 1.0 - probability[i];
                const double term_4 = term_2 * term_3 + probability[i] * target[i];
                const double p_t = term_4;
                const double term_6 = term_2 * probability[i] + term_3 * target[i];
                const double guarded_1 = term_6 == term_6
                    ? (term_6 == 0.0 ? -1.0 : (p_t == p_t ? (p_t < 0.5 ? log_1 : log1p_1) : p_t) / term_6)
                    : term_6;
                guarded_1_block[i - block_start] = guarded_1;
                exp_1_block[i - block_start] = exp_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double example_scale = block_scale[i - block_start];
                const double guarded_1 = guarded_1_block[i - block_start];
                const double exp_1 = exp_1_block[i - block_start];
                const double term_2 = 1.0 - target[i];
                const double term_3 = 1.0 - probability[i];
                const double term_6 = term_2 * probability[i] + term_3 * target[i];
                const double power_1 = pow(term_6, gamma);
                const double term_4 = term_2 * term_3 + probability[i] * target[i];
                const double p_t = term_4;
                const double term_7 = ((-guarded_1) == (-guarded_1)
                    ? (gamma == 0.0 ? 0.0 : -guarded_1 * gamma) : (-guarded_1)) + 1.0 / p_t;
                const double alpha_t = alpha * target[i] + term_1 * term_2;
                const double case_1 = fabs(term_4) < 0.5 ? exp_1 : power_1;
                const double term_5 = 1.0 - 2.0 * target[i];
                gradient_probability[i] = example_scale * ((case_1 * term_5 * term_7) == (case_1 * term_5
                    * term_7) ? (alpha_t == 0.0 ? 0.0 : case_1 * term_5 * term_7 * alpha_t)
                    : (case_1 * term_5 * term_7));
            }
        }
    }
}

int symloss_focal_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
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
    if (symloss_parts(n, 1) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, 1) > 1)
        symloss_focal_gradient_f64_of_thread(
            n, probability, target, weight, reduction, gamma, alpha, gradient_probability, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_focal_gradient_f64_of_thread(
        n, probability, target, weight, reduction, gamma, alpha, gradient_probability, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_focal_gradient_f32_of_thread(
    size_t n,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
    float *SYMLOSS_RESTRICT gradient_probability,
    double divisor)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const double term_1 = 1.0 - (double)alpha;
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
            double log_1_block[SYMLOSS_BLOCK];
            double log1p_1_block[SYMLOSS_BLOCK];
            double log1p_2_block[SYMLOSS_BLOCK];
            double guarded_1_block[SYMLOSS_BLOCK];
            double exp_1_block[SYMLOSS_BLOCK];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(probability + block_stop, next * sizeof(probability[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_2 = 1.0 - (double)target[i];
                const double term_3 = 1.0 - (double)probability[i];
                const double term_4 = term_2 * term_3 + (double)probability[i] * (double)target[i];
                const double p_t = term_4;
                const double log_1 = symloss_log_f32(p_t);
                log_1_block[i - block_start] = log_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_2 = 1.0 - (double)target[i];
                const double term_3 = 1.0 - (double)probability[i];
                const double log1p_1 = symloss_log1p_f32(-term_2 * (double)probability[i] - term_3
                    * (double)target[i]);
                log1p_1_block[i - block_start] = log1p_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_2 = 1.0 - (double)target[i];
                const double term_3 = 1.0 - (double)probability[i];
                const double log1p_2 = symloss_log1p_f32(-term_2 * term_3 - (double)probability[i]
                    * (double)target[i]);
                log1p_2_block[i - block_start] = log1p_2;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double log1p_2 = log1p_2_block[i - block_start];
                const double log1p_1 = log1p_1_block[i - block_start];
                const double log_1 = log_1_block[i - block_start];
                const double exp_1 = symloss_exp_f32(log1p_2 == log1p_2
                    ? ((double)gamma == 0.0 ? 0.0 : log1p_2 * (double)gamma) : log1p_2);
                const double term_2 = 1.0 - (double)target[i];
                const double term_3 = 1.0 - (double)probability[i];
                const double term_4 = term_2 * term_3 + (double)probability[i] * (double)target[i];
                const double p_t = term_4;
                const double term_6 = term_2 * (double)probability[i] + term_3 * (double)target[i];
                const double guarded_1 = term_6 == term_6
                    ? (term_6 == 0.0 ? -1.0 : (p_t == p_t ? (p_t < 0.5 ? log_1 : log1p_1) : p_t) / term_6)
                    : term_6;
                guarded_1_block[i - block_start] = guarded_1;
                exp_1_block[i - block_start] = exp_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double example_scale = block_scale[i - block_start];
                const double guarded_1 = guarded_1_block[i - block_start];
                const double exp_1 = exp_1_block[i - block_start];
                const double term_2 = 1.0 - (double)target[i];
                const double term_3 = 1.0 - (double)probability[i];
                const double term_6 = term_2 * (double)probability[i] + term_3 * (double)target[i];
                const double power_1 = symloss_pow_f32(term_6, (double)gamma);
                const double term_4 = term_2 * term_3 + (double)probability[i] * (double)target[i];
                const double p_t = term_4;
                const double term_7 = ((-guarded_1) == (-guarded_1)
                    ? ((double)gamma == 0.0 ? 0.0 : -guarded_1 * (double)gamma) : (-guarded_1)) + 1.0 / p_t;
                const double alpha_t = (double)alpha * (double)target[i] + term_1 * term_2;
                const double case_1 = fabs(term_4) < 0.5 ? exp_1 : power_1;
                const double term_5 = 1.0 - 2.0 * (double)target[i];
                gradient_probability[i] = (float)(example_scale
                    * ((case_1 * term_5 * term_7) == (case_1 * term_5 * term_7)
                    ? (alpha_t == 0.0 ? 0.0 : case_1 * term_5 * term_7 * alpha_t)
                    : (case_1 * term_5 * term_7)));
            }
        }
    }
}

int symloss_focal_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
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
    if (symloss_parts(n, 1) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, 1) > 1)
        symloss_focal_gradient_f32_of_thread(
            n, probability, target, weight, reduction, gamma, alpha, gradient_probability, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_focal_gradient_f32_of_thread(
        n, probability, target, weight, reduction, gamma, alpha, gradient_probability, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_focal_value_and_gradient_f64_of_thread(
    size_t n,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_probability,
    double divisor,
    double *part_totals)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    if (gamma == 2.0) {
        const double term_1 = 1.0 - alpha;
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
                double log_1_block[SYMLOSS_BLOCK];
                double log1p_1_block[SYMLOSS_BLOCK];
                double log1p_2_block[SYMLOSS_BLOCK];
                const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
                symloss_fetch(probability + block_stop, next * sizeof(probability[0]));
                symloss_fetch(target + block_stop, next * sizeof(target[0]));
                for (size_t i = block_start; i < block_stop; ++i) {
                    const double term_2 = 1.0 - target[i];
                    const double term_3 = 1.0 - probability[i];
                    const double term_4 = term_2 * term_3 + probability[i] * target[i];
                    const double p_t = term_4;
                    const double log_1 = symloss_log(p_t);
                    log_1_block[i - block_start] = log_1;
                }
                for (size_t i = block_start; i < block_stop; ++i) {
                    const double term_2 = 1.0 - target[i];
                    const double term_3 = 1.0 - probability[i];
                    const double log1p_1 = symloss_log1p(-term_2 * probability[i] - term_3 * target[i]);
                    log1p_1_block[i - block_start] = log1p_1;
                }
                for (size_t i = block_start; i < block_stop; ++i) {
                    const double term_2 = 1.0 - target[i];
                    const double term_3 = 1.0 - probability[i];
                    const double log1p_2 = symloss_log1p(-term_2 * term_3 - probability[i] * target[i]);
                    log1p_2_block[i - block_start] = log1p_2;
                }
                for (size_t i = block_start; i < block_stop; ++i) {
                    const double example_scale = block_scale[i - block_start];
                    const double log1p_2 = log1p_2_block[i - block_start];
                    const double log1p_1 = log1p_1_block[i - block_start];
                    const double log_1 = log_1_block[i - block_start];
                    const double exp_1 = symloss_exp(log1p_2 == log1p_2 ? 2.0 * log1p_2 : log1p_2);
                    const double term_2 = 1.0 - target[i];
                    const double alpha_t = alpha * target[i] + term_1 * term_2;
                    const double term_3 = 1.0 - probability[i];
                    const double term_4 = term_2 * term_3 + probability[i] * target[i];
                    const double term_5 = term_2 * probability[i] + term_3 * target[i];
                    const double case_1 = fabs(term_4) < 0.5 ? exp_1 : term_5 * term_5;
                    const double p_t = term_4;
                    const double guarded_1 = p_t == p_t ? (p_t < 0.5 ? log_1 : log1p_1) : p_t;
                    const double example_value = (-case_1 * guarded_1) == (-case_1 * guarded_1)
                        ? (alpha_t == 0.0 ? 0.0 : -case_1 * guarded_1 * alpha_t) : (-case_1 * guarded_1);
                    value_terms[i - block_start] = example_value;
                    const double guarded_2 = term_5 == term_5 ? (term_5 == 0.0 ? -1.0 : guarded_1 / term_5)
                        : term_5;
                    const double term_7 = ((-guarded_2) == (-guarded_2) ? -2.0 * guarded_2 : (-guarded_2))
                        + 1.0 / p_t;
                    const double term_6 = 1.0 - 2.0 * target[i];
                    gradient_probability[i] = example_scale
                        * ((case_1 * term_6 * term_7) == (case_1 * term_6 * term_7)
                        ? (alpha_t == 0.0 ? 0.0 : case_1 * term_6 * term_7 * alpha_t)
                        : (case_1 * term_6 * term_7));
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
        return;
    }
    const double term_1 = 1.0 - alpha;
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
            double log_1_block[SYMLOSS_BLOCK];
            double log1p_1_block[SYMLOSS_BLOCK];
            double log1p_2_block[SYMLOSS_BLOCK];
            double exp_1_block[SYMLOSS_BLOCK];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(probability + block_stop, next * sizeof(probability[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_2 = 1.0 - target[i];
                const double term_3 = 1.0 - probability[i];
                const double term_4 = term_2 * term_3 + probability[i] * target[i];
                const double p_t = term_4;
                const double log_1 = symloss_log(p_t);
                log_1_block[i - block_start] = log_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_2 = 1.0 - target[i];
                const double term_3 = 1.0 - probability[i];
                const double log1p_1 = symloss_log1p(-term_2 * probability[i] - term_3 * target[i]);
                log1p_1_block[i - block_start] = log1p_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_2 = 1.0 - target[i];
                const double term_3 = 1.0 - probability[i];
                const double log1p_2 = symloss_log1p(-term_2 * term_3 - probability[i] * target[i]);
                log1p_2_block[i - block_start] = log1p_2;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double log1p_2 = log1p_2_block[i - block_start];
                const double exp_1 = symloss_exp(log1p_2 == log1p_2 ? (gamma == 0.0 ? 0.0 : log1p_2 * gamma)
                    : log1p_2);
                exp_1_block[i - block_start] = exp_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double example_scale = block_scale[i - block_start];
                const double exp_1 = exp_1_block[i - block_start];
                const double log1p_1 = log1p_1_block[i - block_start];
                const double log_1 = log_1_block[i - block_start];
                const double term_2 = 1.0 - target[i];
                const double term_3 = 1.0 - probability[i];
                const double term_5 = term_2 * probability[i] + term_3 * target[i];
                const double power_1 = pow(term_5, gamma);
                const double alpha_t = alpha * target[i] + term_1 * term_2;
                const double term_4 = term_2 * term_3 + probability[i] * target[i];
                const double case_1 = fabs(term_4) < 0.5 ? exp_1 : power_1;
                const double p_t = term_4;
                const double guarded_1 = p_t == p_t ? (p_t < 0.5 ? log_1 : log1p_1) : p_t;
                const double example_value = (-case_1 * guarded_1) == (-case_1 * guarded_1)
                    ? (alpha_t == 0.0 ? 0.0 : -case_1 * guarded_1 * alpha_t) : (-case_1 * guarded_1);
                value_terms[i - block_start] = example_value;
                const double guarded_2 = term_5 == term_5 ? (term_5 == 0.0 ? -1.0 : guarded_1 / term_5)
                    : term_5;
                const double term_7 = ((-guarded_2) == (-guarded_2)
                    ? (gamma == 0.0 ? 0.0 : -guarded_2 * gamma) : (-guarded_2)) + 1.0 / p_t;
                const double term_6 = 1.0 - 2.0 * target[i];
                gradient_probability[i] = example_scale * ((case_1 * term_6 * term_7) == (case_1 * term_6
                    * term_7) ? (alpha_t == 0.0 ? 0.0 : case_1 * term_6 * term_7 * alpha_t)
                    : (case_1 * term_6 * term_7));
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

int symloss_focal_value_and_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
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
    if (symloss_parts(n, 1) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, 1) > 1)
        symloss_focal_value_and_gradient_f64_of_thread(
            n, probability, target, weight, reduction, gamma, alpha, value, gradient_probability, divisor,
            part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_focal_value_and_gradient_f64_of_thread(
        n, probability, target, weight, reduction, gamma, alpha, value, gradient_probability, divisor,
        part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_focal_value_and_gradient_f32_of_thread(
    size_t n,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_probability,
    double divisor,
    double *part_totals)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    if ((double)gamma == 2.0) {
        const double term_1 = 1.0 - (double)alpha;
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
            struct symloss_sums_f32 value_sums = {{0.0}, 0};
            for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCK);
                const float *const block_weight = weight != NULL ? weight + block_start : NULL;
                double weighed_scales[SYMLOSS_BLOCK];
                const double *const block_scale = weight == NULL ? scales
                    : symloss_weigh_f32(block_weight, block_stop - block_start, scale, weighed_scales);
                double value_terms[SYMLOSS_BLOCK];
                double log_1_block[SYMLOSS_BLOCK];
                double log1p_1_block[SYMLOSS_BLOCK];
                double log1p_2_block[SYMLOSS_BLOCK];
                const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
                symloss_fetch(probability + block_stop, next * sizeof(probability[0]));
                symloss_fetch(target + block_stop, next * sizeof(target[0]));
                for (size_t i = block_start; i < block_stop; ++i) {
                    const double term_2 = 1.0 - (double)target[i];
                    const double term_3 = 1.0 - (double)probability[i];
                    const double term_4 = term_2 * term_3 + (double)probability[i] * (double)target[i];
                    const double p_t = term_4;
                    const double log_1 = symloss_log_f32(p_t);
                    log_1_block[i - block_start] = log_1;
                }
                for (size_t i = block_start; i < block_stop; ++i) {
                    const double term_2 = 1.0 - (double)target[i];
                    const double term_3 = 1.0 - (double)probability[i];
                    const double log1p_1 = symloss_log1p_f32(-term_2 * (double)probability[i] - term_3
                        * (double)target[i]);
                    log1p_1_block[i - block_start] = log1p_1;
                }
                for (size_t i = block_start; i < block_stop; ++i) {
                    const double term_2 = 1.0 - (double)target[i];
                    const double term_3 = 1.0 - (double)probability[i];
                    const double log1p_2 = symloss_log1p_f32(-term_2 * term_3 - (double)probability[i]
                        * (double)target[i]);
                    log1p_2_block[i - block_start] = log1p_2;
                }
                for (size_t i = block_start; i < block_stop; ++i) {
                    const double example_scale = block_scale[i - block_start];
                    const double log1p_2 = log1p_2_block[i - block_start];
                    const double log1p_1 = log1p_1_block[i - block_start];
                    const double log_1 = log_1_block[i - block_start];
                    const double exp_1 = symloss_exp_f32(log1p_2 == log1p_2 ? 2.0 * log1p_2 : log1p_2);
                    const double term_2 = 1.0 - (double)target[i];
                    const double alpha_t = (double)alpha * (double)target[i] + term_1 * term_2;
                    const double term_3 = 1.0 - (double)probability[i];
                    const double term_4 = term_2 * term_3 + (double)probability[i] * (double)target[i];
                    const double term_5 = term_2 * (double)probability[i] + term_3 * (double)target[i];
                    const double case_1 = fabs(term_4) < 0.5 ? exp_1 : term_5 * term_5;
                    const double p_t = term_4;
                    const double guarded_1 = p_t == p_t ? (p_t < 0.5 ? log_1 : log1p_1) : p_t;
                    const double example_value = (-case_1 * guarded_1) == (-case_1 * guarded_1)
                        ? (alpha_t == 0.0 ? 0.0 : -case_1 * guarded_1 * alpha_t) : (-case_1 * guarded_1);
                    value_terms[i - block_start] = example_value;
                    const double guarded_2 = term_5 == term_5 ? (term_5 == 0.0 ? -1.0 : guarded_1 / term_5)
                        : term_5;
                    const double term_7 = ((-guarded_2) == (-guarded_2) ? -2.0 * guarded_2 : (-guarded_2))
                        + 1.0 / p_t;
                    const double term_6 = 1.0 - 2.0 * (double)target[i];
                    gradient_probability[i] = (float)(example_scale
                        * ((case_1 * term_6 * term_7) == (case_1 * term_6 * term_7)
                        ? (alpha_t == 0.0 ? 0.0 : case_1 * term_6 * term_7 * alpha_t)
                        : (case_1 * term_6 * term_7)));
                }
                if (reduction != SYMLOSS_NONE) {
                    symloss_add_values_f32(value_terms, block_weight, block_stop - block_start, &value_sums);
                } else {
                    symloss_values_f32(
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
        return;
    }
    const double term_1 = 1.0 - (double)alpha;
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
        struct symloss_sums_f32 value_sums = {{0.0}, 0};
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCK);
            const float *const block_weight = weight != NULL ? weight + block_start : NULL;
            double weighed_scales[SYMLOSS_BLOCK];
            const double *const block_scale = weight == NULL ? scales
                : symloss_weigh_f32(block_weight, block_stop - block_start, scale, weighed_scales);
            double value_terms[SYMLOSS_BLOCK];
            double log_1_block[SYMLOSS_BLOCK];
            double log1p_1_block[SYMLOSS_BLOCK];
            double log1p_2_block[SYMLOSS_BLOCK];
            double exp_1_block[SYMLOSS_BLOCK];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(probability + block_stop, next * sizeof(probability[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_2 = 1.0 - (double)target[i];
                const double term_3 = 1.0 - (double)probability[i];
                const double term_4 = term_2 * term_3 + (double)probability[i] * (double)target[i];
                const double p_t = term_4;
                const double log_1 = symloss_log_f32(p_t);
                log_1_block[i - block_start] = log_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_2 = 1.0 - (double)target[i];
                const double term_3 = 1.0 - (double)probability[i];
                const double log1p_1 = symloss_log1p_f32(-term_2 * (double)probability[i] - term_3
                    * (double)target[i]);
                log1p_1_block[i - block_start] = log1p_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_2 = 1.0 - (double)target[i];
                const double term_3 = 1.0 - (double)probability[i];
                const double log1p_2 = symloss_log1p_f32(-term_2 * term_3 - (double)probability[i]
                    * (double)target[i]);
                log1p_2_block[i - block_start] = log1p_2;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double log1p_2 = log1p_2_block[i - block_start];
                const double exp_1 = symloss_exp_f32(log1p_2 == log1p_2
                    ? ((double)gamma == 0.0 ? 0.0 : log1p_2 * (double)gamma) : log1p_2);
                exp_1_block[i - block_start] = exp_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double example_scale = block_scale[i - block_start];
                const double exp_1 = exp_1_block[i - block_start];
                const double log1p_1 = log1p_1_block[i - block_start];
                const double log_1 = log_1_block[i - block_start];
                const double term_2 = 1.0 - (double)target[i];
                const double term_3 = 1.0 - (double)probability[i];
                const double term_5 = term_2 * (double)probability[i] + term_3 * (double)target[i];
                const double power_1 = symloss_pow_f32(term_5, (double)gamma);
                const double alpha_t = (double)alpha * (double)target[i] + term_1 * term_2;
                const double term_4 = term_2 * term_3 + (double)probability[i] * (double)target[i];
                const double case_1 = fabs(term_4) < 0.5 ? exp_1 : power_1;
                const double p_t = term_4;
                const double guarded_1 = p_t == p_t ? (p_t < 0.5 ? log_1 : log1p_1) : p_t;
                const double example_value = (-case_1 * guarded_1) == (-case_1 * guarded_1)
                    ? (alpha_t == 0.0 ? 0.0 : -case_1 * guarded_1 * alpha_t) : (-case_1 * guarded_1);
                value_terms[i - block_start] = example_value;
                const double guarded_2 = term_5 == term_5 ? (term_5 == 0.0 ? -1.0 : guarded_1 / term_5)
                    : term_5;
                const double term_7 = ((-guarded_2) == (-guarded_2)
                    ? ((double)gamma == 0.0 ? 0.0 : -guarded_2 * (double)gamma) : (-guarded_2)) + 1.0 / p_t;
                const double term_6 = 1.0 - 2.0 * (double)target[i];
                gradient_probability[i] = (float)(example_scale
                    * ((case_1 * term_6 * term_7) == (case_1 * term_6 * term_7)
                    ? (alpha_t == 0.0 ? 0.0 : case_1 * term_6 * term_7 * alpha_t)
                    : (case_1 * term_6 * term_7)));
            }
            if (reduction != SYMLOSS_NONE) {
                symloss_add_values_f32(value_terms, block_weight, block_stop - block_start, &value_sums);
            } else {
                symloss_values_f32(
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

int symloss_focal_value_and_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
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
    if (symloss_parts(n, 1) > 1 || omp_get_level() > 0) {
#pragma omp parallel if (symloss_parts(n, 1) > 1)
        symloss_focal_value_and_gradient_f32_of_thread(
            n, probability, target, weight, reduction, gamma, alpha, value, gradient_probability, divisor,
            part_totals);
        return SYMLOSS_OK;
    }
#endif
    symloss_focal_value_and_gradient_f32_of_thread(
        n, probability, target, weight, reduction, gamma, alpha, value, gradient_probability, divisor,
        part_totals);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_focal_hessian_f64_of_thread(
    size_t n,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
    double *SYMLOSS_RESTRICT hessian_probability,
    double divisor)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const double term_1 = 1.0 - alpha;
    const double term_2 = gamma - 1.0;
    const double product_1 = term_2 * gamma;
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
            double log_1_block[SYMLOSS_BLOCK];
            double log1p_1_block[SYMLOSS_BLOCK];
            double log1p_2_block[SYMLOSS_BLOCK];
            double exp_1_block[SYMLOSS_BLOCK];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(probability + block_stop, next * sizeof(probability[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_3 = 1.0 - target[i];
                const double term_4 = 1.0 - probability[i];
                const double term_5 = term_3 * term_4 + probability[i] * target[i];
                const double p_t = term_5;
                const double log_1 = symloss_log(p_t);
                log_1_block[i - block_start] = log_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_3 = 1.0 - target[i];
                const double term_4 = 1.0 - probability[i];
                const double log1p_1 = symloss_log1p(-term_3 * probability[i] - term_4 * target[i]);
                log1p_1_block[i - block_start] = log1p_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_3 = 1.0 - target[i];
                const double term_4 = 1.0 - probability[i];
                const double log1p_2 = symloss_log1p(-term_3 * term_4 - probability[i] * target[i]);
                log1p_2_block[i - block_start] = log1p_2;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double log1p_2 = log1p_2_block[i - block_start];
                const double exp_1 = symloss_exp(log1p_2 == log1p_2 ? (gamma == 0.0 ? 0.0 : log1p_2 * gamma)
                    : log1p_2);
                exp_1_block[i - block_start] = exp_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double example_scale = block_scale[i - block_start];
                const double log1p_1 = log1p_1_block[i - block_start];
                const double log_1 = log_1_block[i - block_start];
                const double exp_1 = exp_1_block[i - block_start];
                const double term_3 = 1.0 - target[i];
                const double term_4 = 1.0 - probability[i];
                const double term_6 = term_3 * probability[i] + term_4 * target[i];
                const double power_1 = pow(term_6, gamma);
                const double term_5 = term_3 * term_4 + probability[i] * target[i];
                const double p_t = term_5;
                const double guarded_1 = p_t == p_t ? (p_t < 0.5 ? log_1 : log1p_1) : p_t;
                const double term_7 = ((2.0 / term_6) == (2.0 / term_6)
                    ? (gamma == 0.0 ? 0.0 : 2.0 * gamma / term_6) : (2.0 / term_6))
                    + ((2.0 / p_t) == (2.0 / p_t) ? (gamma == 0.0 ? 0.0 : 2.0 * gamma / p_t) : (2.0 / p_t))
                    + ((-guarded_1 / term_6 / term_6) == (-guarded_1 / term_6 / term_6)
                    ? (product_1 == 0.0 ? 0.0 : -guarded_1 * term_2 * gamma / term_6 / term_6)
                    : (-guarded_1 / term_6 / term_6)) + 1.0 / (p_t * p_t);
                const double alpha_t = alpha * target[i] + term_1 * term_3;
                const double case_1 = fabs(term_5) < 0.5 ? exp_1 : power_1;
                hessian_probability[i] = example_scale * ((case_1 * term_7) == (case_1 * term_7)
                    ? (alpha_t == 0.0 ? 0.0 : case_1 * term_7 * alpha_t) : (case_1 * term_7));
            }
        }
    }
}

int symloss_focal_hessian_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double gamma,
    double alpha,
    double *SYMLOSS_RESTRICT hessian_probability)
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
        symloss_focal_hessian_f64_of_thread(
            n, probability, target, weight, reduction, gamma, alpha, hessian_probability, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_focal_hessian_f64_of_thread(
        n, probability, target, weight, reduction, gamma, alpha, hessian_probability, divisor);
    return SYMLOSS_OK;
}

/* What each thread does: its share of the parts of the examples, and what all of them need. */
static void symloss_focal_hessian_f32_of_thread(
    size_t n,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
    float *SYMLOSS_RESTRICT hessian_probability,
    double divisor)
{
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const double term_1 = 1.0 - (double)alpha;
    const double term_2 = (double)gamma - 1.0;
    const double product_1 = term_2 * (double)gamma;
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
            double log_1_block[SYMLOSS_BLOCK];
            double log1p_1_block[SYMLOSS_BLOCK];
            double log1p_2_block[SYMLOSS_BLOCK];
            double exp_1_block[SYMLOSS_BLOCK];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(probability + block_stop, next * sizeof(probability[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_3 = 1.0 - (double)target[i];
                const double term_4 = 1.0 - (double)probability[i];
                const double term_5 = term_3 * term_4 + (double)probability[i] * (double)target[i];
                const double p_t = term_5;
                const double log_1 = symloss_log_f32(p_t);
                log_1_block[i - block_start] = log_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_3 = 1.0 - (double)target[i];
                const double term_4 = 1.0 - (double)probability[i];
                const double log1p_1 = symloss_log1p_f32(-term_3 * (double)probability[i] - term_4
                    * (double)target[i]);
                log1p_1_block[i - block_start] = log1p_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double term_3 = 1.0 - (double)target[i];
                const double term_4 = 1.0 - (double)probability[i];
                const double log1p_2 = symloss_log1p_f32(-term_3 * term_4 - (double)probability[i]
                    * (double)target[i]);
                log1p_2_block[i - block_start] = log1p_2;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double log1p_2 = log1p_2_block[i - block_start];
                const double exp_1 = symloss_exp_f32(log1p_2 == log1p_2
                    ? ((double)gamma == 0.0 ? 0.0 : log1p_2 * (double)gamma) : log1p_2);
                exp_1_block[i - block_start] = exp_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double example_scale = block_scale[i - block_start];
                const double log1p_1 = log1p_1_block[i - block_start];
                const double log_1 = log_1_block[i - block_start];
                const double exp_1 = exp_1_block[i - block_start];
                const double term_3 = 1.0 - (double)target[i];
                const double term_4 = 1.0 - (double)probability[i];
                const double term_6 = term_3 * (double)probability[i] + term_4 * (double)target[i];
                const double power_1 = symloss_pow_f32(term_6, (double)gamma);
                const double term_5 = term_3 * term_4 + (double)probability[i] * (double)target[i];
                const double p_t = term_5;
                const double guarded_1 = p_t == p_t ? (p_t < 0.5 ? log_1 : log1p_1) : p_t;
                const double term_7 = ((2.0 / term_6) == (2.0 / term_6)
                    ? ((double)gamma == 0.0 ? 0.0 : 2.0 * (double)gamma / term_6) : (2.0 / term_6))
                    + ((2.0 / p_t) == (2.0 / p_t) ? ((double)gamma == 0.0 ? 0.0 : 2.0 * (double)gamma / p_t)
                    : (2.0 / p_t)) + ((-guarded_1 / term_6 / term_6) == (-guarded_1 / term_6 / term_6)
                    ? (product_1 == 0.0 ? 0.0 : -guarded_1 * term_2 * (double)gamma / term_6 / term_6)
                    : (-guarded_1 / term_6 / term_6)) + 1.0 / (p_t * p_t);
                const double alpha_t = (double)alpha * (double)target[i] + term_1 * term_3;
                const double case_1 = fabs(term_5) < 0.5 ? exp_1 : power_1;
                hessian_probability[i] = (float)(example_scale
                    * ((case_1 * term_7) == (case_1 * term_7)
                    ? (alpha_t == 0.0 ? 0.0 : case_1 * term_7 * alpha_t) : (case_1 * term_7)));
            }
        }
    }
}

int symloss_focal_hessian_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float gamma,
    float alpha,
    float *SYMLOSS_RESTRICT hessian_probability)
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
        symloss_focal_hessian_f32_of_thread(
            n, probability, target, weight, reduction, gamma, alpha, hessian_probability, divisor);
        return SYMLOSS_OK;
    }
#endif
    symloss_focal_hessian_f32_of_thread(
        n, probability, target, weight, reduction, gamma, alpha, hessian_probability, divisor);
    return SYMLOSS_OK;
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif
