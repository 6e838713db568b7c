/*
 * info_nce: Cross-entropy of finding, for each query, its own key among all keys of the batch.
 *
 * loss of the batch = -Sum(log_softmax(s[j, l], (l, N))[j], (j, N))/N
 *   where s[i, k] = Sum(key[k, j]*query[i, j], (j, D))/temperature
 * d/dquery = (-key[i, k] + Sum(key[j, k]*softmax(s[i, l], (l, N))[j], (j, N)))/(N*temperature)
 * d/dkey = (-query[i, k] + Sum(query[j, k]*softmax(s[j, l], (l, N))[i], (j, N)))/(N*temperature)
 *
 * query: Real['N', 'D'], (N, D)
 * key: Real['N', 'D'], (N, D)
 * temperature: Positive, default 0.1
 * float: value, gradient, value_and_gradient computed in double, and rounded once
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate info_nce --target c
 *
 * Measured against exact results:
 *     float64: 1538 results, 5.07 % beyond the bound, 0 % at ordinary numbers; worst inf of the bound, inf
 *         ulp (value)
 *     float32: 1691 results, 0 % beyond the bound; worst 0.11 of the bound, 0.48 ulp (gradient)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -march=native -mprefer-
 *         vector-width=512 -fno-unswitch-loops -fno-version-loops-for-strides --param=max-completely-
 *         peeled-insns=100 -std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 *         -DSYMLOSS_FUSED=0 and -DSYMLOSS_FUSED=1
 */

#include "info_nce.h"

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
#include <string.h>

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

static inline double symloss_log1p_f32(double x) {
    double k, inverse;
    const double m = symloss_split(1.0 + x, 4503599627370496.0, &k, &inverse);
    const double result = symloss_log_of_f32(k, k == 0.0 ? x : m - 1.0);
    const double inside = ((x < (double)INFINITY) & (x != 0.0)) ? result : x;
    return x > -1.0 ? inside : x == -1.0 ? -(double)INFINITY : (double)NAN;
}

size_t symloss_info_nce_workspace(size_t N, size_t D) {
    (void)D;
    const double about = 4 * (double)N * (double)N;
    return about < (double)(SIZE_MAX / (2 * sizeof(double))) ? 4 * N * N : SIZE_MAX;
}

int symloss_info_nce_value_f64(
    size_t N,
    size_t D,
    const double *SYMLOSS_RESTRICT query,
    const double *SYMLOSS_RESTRICT key,
    double temperature,
    double *SYMLOSS_RESTRICT workspace,
    double *SYMLOSS_RESTRICT value)
{
    double *const sum_1_array = workspace;
    double *const s_array = workspace + N * N;
    for (size_t i = 0; i < N; ++i) {
        for (size_t i2 = 0; i2 < N; ++i2) {
            struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    sum_1_terms[d - block_start] = key[i * D + d] * query[i2 * D + d];
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
            }
            const double sum_1 = symloss_total(&sum_1_sums);
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    double sum_3_total = 0.0, sum_3_rest = 0.0;
    for (size_t i = 0; i < N; ++i) {
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
            double place_1_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                s_array[i * N + i2] = sum_1_array[i2 * N + i] / temperature;
                place_1_terms[i2 - block_start] = s_array[i * N + i2];
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
        struct symloss_sums sum_2_sums = {{0.0}, {0.0}, 0};
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
            double sum_2_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                const double exp_1 = symloss_exp_unit(s_array[i * N + i2] - largest_1);
                sum_2_terms[i2 - block_start] = exp_1;
            }
            if (place_1 - block_start < block_stop - block_start) {
                const size_t i2 = place_1;
                const double exp_1 = symloss_exp_unit(s_array[i * N + i2] - largest_1);
                sum_2_terms[i2 - block_start] = exp_1 - exp_1;
            }
            symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_sums);
        }
        const double sum_2 = symloss_total(&sum_2_sums);
        symloss_add((s_array[i * N + i] - largest_1) - symloss_log1p(sum_2), &sum_3_total, &sum_3_rest);
    }
    const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
    const double whole_value = -sum_3 / (double)N;
    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_info_nce_value_f32(
    size_t N,
    size_t D,
    const float *SYMLOSS_RESTRICT query,
    const float *SYMLOSS_RESTRICT key,
    float temperature,
    double *SYMLOSS_RESTRICT workspace,
    float *SYMLOSS_RESTRICT value)
{
    double *const sum_1_array = workspace;
    double *const s_array = workspace + N * N;
    for (size_t i = 0; i < N; ++i) {
        for (size_t i2 = 0; i2 < N; ++i2) {
            struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    sum_1_terms[d - block_start] = (double)key[i * D + d] * (double)query[i2 * D + d];
                }
                symloss_add_all_f32(sum_1_terms, block_stop - block_start, &sum_1_sums);
            }
            const double sum_1 = symloss_total_f32(&sum_1_sums);
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    double sum_3_total = 0.0;
    for (size_t i = 0; i < N; ++i) {
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
            double place_1_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                s_array[i * N + i2] = sum_1_array[i2 * N + i] / (double)temperature;
                place_1_terms[i2 - block_start] = s_array[i * N + i2];
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
        struct symloss_sums_f32 sum_2_sums = {{0.0}, 0};
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
            double sum_2_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                const double exp_1 = symloss_exp_unit_f32(s_array[i * N + i2] - largest_1);
                sum_2_terms[i2 - block_start] = exp_1;
            }
            if (place_1 - block_start < block_stop - block_start) {
                const size_t i2 = place_1;
                const double exp_1 = symloss_exp_unit_f32(s_array[i * N + i2] - largest_1);
                sum_2_terms[i2 - block_start] = exp_1 - exp_1;
            }
            symloss_add_all_f32(sum_2_terms, block_stop - block_start, &sum_2_sums);
        }
        const double sum_2 = symloss_total_f32(&sum_2_sums);
        sum_3_total += (s_array[i * N + i] - largest_1) - symloss_log1p_f32(sum_2);
    }
    const double sum_3 = sum_3_total;
    const double whole_value = -sum_3 / (double)N;
    value[0] = (float)whole_value;
    return SYMLOSS_OK;
}

int symloss_info_nce_gradient_f64(
    size_t N,
    size_t D,
    const double *SYMLOSS_RESTRICT query,
    const double *SYMLOSS_RESTRICT key,
    double temperature,
    double *SYMLOSS_RESTRICT workspace,
    double *SYMLOSS_RESTRICT gradient_query,
    double *SYMLOSS_RESTRICT gradient_key)
{
    double *const sum_1_array = workspace;
    double *const s_array = workspace + N * N;
    double *const factor_1_array = workspace + N * N + N * N;
    double *const factor_2_array = workspace + N * N + N * N + N * N;
    for (size_t i = 0; i < N; ++i) {
        for (size_t i2 = 0; i2 < N; ++i2) {
            struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    sum_1_terms[d - block_start] = key[i * D + d] * query[i2 * D + d];
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
            }
            const double sum_1 = symloss_total(&sum_1_sums);
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    const double inverse_1 = 1.0 / (double)N;
    for (size_t i = 0; i < N; ++i) {
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
            double place_1_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                s_array[i * N + i2] = sum_1_array[i2 * N + i] / temperature;
                place_1_terms[i2 - block_start] = s_array[i * N + i2];
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
        struct symloss_sums sum_2_sums = {{0.0}, {0.0}, 0};
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
            double sum_2_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                const double exp_1 = symloss_exp_unit(s_array[i * N + i2] - largest_1);
                sum_2_terms[i2 - block_start] = exp_1;
            }
            if (place_1 - block_start < block_stop - block_start) {
                const size_t i2 = place_1;
                const double exp_1 = symloss_exp_unit(s_array[i * N + i2] - largest_1);
                sum_2_terms[i2 - block_start] = exp_1 - exp_1;
            }
            symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_sums);
        }
        const double sum_2 = symloss_total(&sum_2_sums);
        const double product_1 = sum_2 / (sum_2 + 1.0);
        const double inverse_2 = 1.0 / (sum_2 + 1.0);
        for (size_t i2 = 0; i2 < N; ++i2) {
            const double exp_2 = symloss_exp_unit(s_array[i * N + i2] - largest_1);
            const double product_2 = exp_2 * inverse_2;
            factor_1_array[i * N + i2] = product_2;
            factor_2_array[i * N + i2] = product_2;
        }
        {
            const size_t i2 = place_1;
            const double exp_2 = symloss_exp_unit(s_array[i * N + i2] - largest_1);
            const double product_2 = exp_2 * inverse_2;
            factor_2_array[i * N + i2] = (int64_t)i == (int64_t)i2 ? -product_1 : product_2;
        }
        if (i < N) {
            const size_t i2 = i;
            const double exp_2 = symloss_exp_unit(s_array[i * N + i2] - largest_1);
            factor_2_array[i * N + i2] = -((int64_t)i2 == (int64_t)place_1 ? product_1 : 1.0 - exp_2
                * inverse_2);
        }
        for (size_t d = 0; d < D; ++d) {
            const double entry_1 = key[place_1 * D + d];
            struct symloss_sums sum_3_sums = {{0.0}, {0.0}, 0};
            for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
                double sum_3_terms[SYMLOSS_BLOCK];
                for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                    sum_3_terms[i2 - block_start] = (key[i2 * D + d] - entry_1) * factor_1_array[i * N + i2];
                }
                symloss_add_all(sum_3_terms, block_stop - block_start, &sum_3_sums);
            }
            const double sum_3 = symloss_total(&sum_3_sums);
            gradient_query[i * D + d] = inverse_1 * ((entry_1 - key[i * D + d]) + sum_3) / temperature;
        }
    }
    for (size_t i = 0; i < N; ++i) {
        for (size_t d = 0; d < D; ++d) {
            struct symloss_sums sum_4_sums = {{0.0}, {0.0}, 0};
            for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
                double sum_4_terms[SYMLOSS_BLOCK];
                for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                    sum_4_terms[i2 - block_start] = factor_2_array[i2 * N + i] * query[i2 * D + d];
                }
                symloss_add_all(sum_4_terms, block_stop - block_start, &sum_4_sums);
            }
            const double sum_4 = symloss_total(&sum_4_sums);
            gradient_key[i * D + d] = inverse_1 * sum_4 / temperature;
        }
    }
    return SYMLOSS_OK;
}

int symloss_info_nce_gradient_f32(
    size_t N,
    size_t D,
    const float *SYMLOSS_RESTRICT query,
    const float *SYMLOSS_RESTRICT key,
    float temperature,
    double *SYMLOSS_RESTRICT workspace,
    float *SYMLOSS_RESTRICT gradient_query,
    float *SYMLOSS_RESTRICT gradient_key)
{
    double *const sum_1_array = workspace;
    double *const s_array = workspace + N * N;
    double *const factor_1_array = workspace + N * N + N * N;
    double *const factor_2_array = workspace + N * N + N * N + N * N;
    for (size_t i = 0; i < N; ++i) {
        for (size_t i2 = 0; i2 < N; ++i2) {
            struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    sum_1_terms[d - block_start] = (double)key[i * D + d] * (double)query[i2 * D + d];
                }
                symloss_add_all_f32(sum_1_terms, block_stop - block_start, &sum_1_sums);
            }
            const double sum_1 = symloss_total_f32(&sum_1_sums);
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    const double inverse_1 = 1.0 / (double)N;
    for (size_t i = 0; i < N; ++i) {
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
            double place_1_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                s_array[i * N + i2] = sum_1_array[i2 * N + i] / (double)temperature;
                place_1_terms[i2 - block_start] = s_array[i * N + i2];
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
        struct symloss_sums_f32 sum_2_sums = {{0.0}, 0};
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
            double sum_2_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                const double exp_1 = symloss_exp_unit_f32(s_array[i * N + i2] - largest_1);
                sum_2_terms[i2 - block_start] = exp_1;
            }
            if (place_1 - block_start < block_stop - block_start) {
                const size_t i2 = place_1;
                const double exp_1 = symloss_exp_unit_f32(s_array[i * N + i2] - largest_1);
                sum_2_terms[i2 - block_start] = exp_1 - exp_1;
            }
            symloss_add_all_f32(sum_2_terms, block_stop - block_start, &sum_2_sums);
        }
        const double sum_2 = symloss_total_f32(&sum_2_sums);
        const double product_1 = sum_2 / (sum_2 + 1.0);
        const double inverse_2 = 1.0 / (sum_2 + 1.0);
        for (size_t i2 = 0; i2 < N; ++i2) {
            const double exp_2 = symloss_exp_unit_f32(s_array[i * N + i2] - largest_1);
            const double product_2 = exp_2 * inverse_2;
            factor_1_array[i * N + i2] = product_2;
            factor_2_array[i * N + i2] = product_2;
        }
        {
            const size_t i2 = place_1;
            const double exp_2 = symloss_exp_unit_f32(s_array[i * N + i2] - largest_1);
            const double product_2 = exp_2 * inverse_2;
            factor_2_array[i * N + i2] = (int64_t)i == (int64_t)i2 ? -product_1 : product_2;
        }
        if (i < N) {
            const size_t i2 = i;
            const double exp_2 = symloss_exp_unit_f32(s_array[i * N + i2] - largest_1);
            factor_2_array[i * N + i2] = -((int64_t)i2 == (int64_t)place_1 ? product_1 : 1.0 - exp_2
                * inverse_2);
        }
        for (size_t d = 0; d < D; ++d) {
            const double entry_1 = (double)key[place_1 * D + d];
            struct symloss_sums_f32 sum_3_sums = {{0.0}, 0};
            for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
                double sum_3_terms[SYMLOSS_BLOCK];
                for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                    sum_3_terms[i2 - block_start] = ((double)key[i2 * D + d] - entry_1)
                        * factor_1_array[i * N + i2];
                }
                symloss_add_all_f32(sum_3_terms, block_stop - block_start, &sum_3_sums);
            }
            const double sum_3 = symloss_total_f32(&sum_3_sums);
            gradient_query[i * D + d] = (float)(inverse_1 * ((entry_1 - (double)key[i * D + d]) + sum_3)
                / (double)temperature);
        }
    }
    for (size_t i = 0; i < N; ++i) {
        for (size_t d = 0; d < D; ++d) {
            struct symloss_sums_f32 sum_4_sums = {{0.0}, 0};
            for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
                double sum_4_terms[SYMLOSS_BLOCK];
                for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                    sum_4_terms[i2 - block_start] = factor_2_array[i2 * N + i] * (double)query[i2 * D + d];
                }
                symloss_add_all_f32(sum_4_terms, block_stop - block_start, &sum_4_sums);
            }
            const double sum_4 = symloss_total_f32(&sum_4_sums);
            gradient_key[i * D + d] = (float)(inverse_1 * sum_4 / (double)temperature);
        }
    }
    return SYMLOSS_OK;
}

int symloss_info_nce_value_and_gradient_f64(
    size_t N,
    size_t D,
    const double *SYMLOSS_RESTRICT query,
    const double *SYMLOSS_RESTRICT key,
    double temperature,
    double *SYMLOSS_RESTRICT workspace,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_query,
    double *SYMLOSS_RESTRICT gradient_key)
{
    double *const sum_1_array = workspace;
    double *const s_array = workspace + N * N;
    double *const factor_1_array = workspace + N * N + N * N;
    double *const factor_2_array = workspace + N * N + N * N + N * N;
    for (size_t i = 0; i < N; ++i) {
        for (size_t i2 = 0; i2 < N; ++i2) {
            struct symloss_sums sum_1_sums = {{0.0}, {0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    sum_1_terms[d - block_start] = key[i * D + d] * query[i2 * D + d];
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_sums);
            }
            const double sum_1 = symloss_total(&sum_1_sums);
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    const double inverse_1 = 1.0 / (double)N;
    double sum_3_total = 0.0, sum_3_rest = 0.0;
    for (size_t i = 0; i < N; ++i) {
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
            double place_1_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                s_array[i * N + i2] = sum_1_array[i2 * N + i] / temperature;
                place_1_terms[i2 - block_start] = s_array[i * N + i2];
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
        struct symloss_sums sum_2_sums = {{0.0}, {0.0}, 0};
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
            double sum_2_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                const double exp_1 = symloss_exp_unit(s_array[i * N + i2] - largest_1);
                sum_2_terms[i2 - block_start] = exp_1;
            }
            if (place_1 - block_start < block_stop - block_start) {
                const size_t i2 = place_1;
                const double exp_1 = symloss_exp_unit(s_array[i * N + i2] - largest_1);
                sum_2_terms[i2 - block_start] = exp_1 - exp_1;
            }
            symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_sums);
        }
        const double sum_2 = symloss_total(&sum_2_sums);
        symloss_add((s_array[i * N + i] - largest_1) - symloss_log1p(sum_2), &sum_3_total, &sum_3_rest);
        const double product_1 = sum_2 / (sum_2 + 1.0);
        const double inverse_2 = 1.0 / (sum_2 + 1.0);
        for (size_t i2 = 0; i2 < N; ++i2) {
            const double exp_2 = symloss_exp_unit(s_array[i * N + i2] - largest_1);
            const double product_2 = exp_2 * inverse_2;
            factor_1_array[i * N + i2] = product_2;
            factor_2_array[i * N + i2] = product_2;
        }
        {
            const size_t i2 = place_1;
            const double exp_2 = symloss_exp_unit(s_array[i * N + i2] - largest_1);
            const double product_2 = exp_2 * inverse_2;
            factor_2_array[i * N + i2] = (int64_t)i == (int64_t)i2 ? -product_1 : product_2;
        }
        if (i < N) {
            const size_t i2 = i;
            const double exp_2 = symloss_exp_unit(s_array[i * N + i2] - largest_1);
            factor_2_array[i * N + i2] = -((int64_t)i2 == (int64_t)place_1 ? product_1 : 1.0 - exp_2
                * inverse_2);
        }
        for (size_t d = 0; d < D; ++d) {
            const double entry_1 = key[place_1 * D + d];
            struct symloss_sums sum_4_sums = {{0.0}, {0.0}, 0};
            for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
                double sum_4_terms[SYMLOSS_BLOCK];
                for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                    sum_4_terms[i2 - block_start] = (key[i2 * D + d] - entry_1) * factor_1_array[i * N + i2];
                }
                symloss_add_all(sum_4_terms, block_stop - block_start, &sum_4_sums);
            }
            const double sum_4 = symloss_total(&sum_4_sums);
            gradient_query[i * D + d] = inverse_1 * ((entry_1 - key[i * D + d]) + sum_4) / temperature;
        }
    }
    const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
    const double whole_value = -inverse_1 * sum_3;
    for (size_t i = 0; i < N; ++i) {
        for (size_t d = 0; d < D; ++d) {
            struct symloss_sums sum_5_sums = {{0.0}, {0.0}, 0};
            for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
                double sum_5_terms[SYMLOSS_BLOCK];
                for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                    sum_5_terms[i2 - block_start] = factor_2_array[i2 * N + i] * query[i2 * D + d];
                }
                symloss_add_all(sum_5_terms, block_stop - block_start, &sum_5_sums);
            }
            const double sum_5 = symloss_total(&sum_5_sums);
            gradient_key[i * D + d] = inverse_1 * sum_5 / temperature;
        }
    }
    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_info_nce_value_and_gradient_f32(
    size_t N,
    size_t D,
    const float *SYMLOSS_RESTRICT query,
    const float *SYMLOSS_RESTRICT key,
    float temperature,
    double *SYMLOSS_RESTRICT workspace,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_query,
    float *SYMLOSS_RESTRICT gradient_key)
{
    double *const sum_1_array = workspace;
    double *const s_array = workspace + N * N;
    double *const factor_1_array = workspace + N * N + N * N;
    double *const factor_2_array = workspace + N * N + N * N + N * N;
    for (size_t i = 0; i < N; ++i) {
        for (size_t i2 = 0; i2 < N; ++i2) {
            struct symloss_sums_f32 sum_1_sums = {{0.0}, 0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D, SYMLOSS_BLOCK);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    sum_1_terms[d - block_start] = (double)key[i * D + d] * (double)query[i2 * D + d];
                }
                symloss_add_all_f32(sum_1_terms, block_stop - block_start, &sum_1_sums);
            }
            const double sum_1 = symloss_total_f32(&sum_1_sums);
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    const double inverse_1 = 1.0 / (double)N;
    double sum_3_total = 0.0;
    for (size_t i = 0; i < N; ++i) {
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
            double place_1_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                s_array[i * N + i2] = sum_1_array[i2 * N + i] / (double)temperature;
                place_1_terms[i2 - block_start] = s_array[i * N + i2];
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
        struct symloss_sums_f32 sum_2_sums = {{0.0}, 0};
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
            double sum_2_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                const double exp_1 = symloss_exp_unit_f32(s_array[i * N + i2] - largest_1);
                sum_2_terms[i2 - block_start] = exp_1;
            }
            if (place_1 - block_start < block_stop - block_start) {
                const size_t i2 = place_1;
                const double exp_1 = symloss_exp_unit_f32(s_array[i * N + i2] - largest_1);
                sum_2_terms[i2 - block_start] = exp_1 - exp_1;
            }
            symloss_add_all_f32(sum_2_terms, block_stop - block_start, &sum_2_sums);
        }
        const double sum_2 = symloss_total_f32(&sum_2_sums);
        sum_3_total += (s_array[i * N + i] - largest_1) - symloss_log1p_f32(sum_2);
        const double product_1 = sum_2 / (sum_2 + 1.0);
        const double inverse_2 = 1.0 / (sum_2 + 1.0);
        for (size_t i2 = 0; i2 < N; ++i2) {
            const double exp_2 = symloss_exp_unit_f32(s_array[i * N + i2] - largest_1);
            const double product_2 = exp_2 * inverse_2;
            factor_1_array[i * N + i2] = product_2;
            factor_2_array[i * N + i2] = product_2;
        }
        {
            const size_t i2 = place_1;
            const double exp_2 = symloss_exp_unit_f32(s_array[i * N + i2] - largest_1);
            const double product_2 = exp_2 * inverse_2;
            factor_2_array[i * N + i2] = (int64_t)i == (int64_t)i2 ? -product_1 : product_2;
        }
        if (i < N) {
            const size_t i2 = i;
            const double exp_2 = symloss_exp_unit_f32(s_array[i * N + i2] - largest_1);
            factor_2_array[i * N + i2] = -((int64_t)i2 == (int64_t)place_1 ? product_1 : 1.0 - exp_2
                * inverse_2);
        }
        for (size_t d = 0; d < D; ++d) {
            const double entry_1 = (double)key[place_1 * D + d];
            struct symloss_sums_f32 sum_4_sums = {{0.0}, 0};
            for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
                double sum_4_terms[SYMLOSS_BLOCK];
                for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                    sum_4_terms[i2 - block_start] = ((double)key[i2 * D + d] - entry_1)
                        * factor_1_array[i * N + i2];
                }
                symloss_add_all_f32(sum_4_terms, block_stop - block_start, &sum_4_sums);
            }
            const double sum_4 = symloss_total_f32(&sum_4_sums);
            gradient_query[i * D + d] = (float)(inverse_1 * ((entry_1 - (double)key[i * D + d]) + sum_4)
                / (double)temperature);
        }
    }
    const double sum_3 = sum_3_total;
    const double whole_value = -inverse_1 * sum_3;
    for (size_t i = 0; i < N; ++i) {
        for (size_t d = 0; d < D; ++d) {
            struct symloss_sums_f32 sum_5_sums = {{0.0}, 0};
            for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, N, SYMLOSS_BLOCK);
                double sum_5_terms[SYMLOSS_BLOCK];
                for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                    sum_5_terms[i2 - block_start] = factor_2_array[i2 * N + i] * (double)query[i2 * D + d];
                }
                symloss_add_all_f32(sum_5_terms, block_stop - block_start, &sum_5_sums);
            }
            const double sum_5 = symloss_total_f32(&sum_5_sums);
            gradient_key[i * D + d] = (float)(inverse_1 * sum_5 / (double)temperature);
        }
    }
    value[0] = (float)whole_value;
    return SYMLOSS_OK;
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif
