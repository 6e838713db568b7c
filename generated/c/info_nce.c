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
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate info_nce --target c
 *
 * Measured against exact results:
 *     float64: 1408 results, 5.54 % beyond the bound, 0.37 % at ordinary numbers; worst inf of the bound,
 *         inf ulp (value)
 *     float32: 1743 results, 0 % beyond the bound; worst 0.12 of the bound, 0.48 ulp (gradient)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -std=c99 -O3 -ffp-
 *         contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 */

#include "info_nce.h"

#include <math.h>
#include <string.h>

/* Loops run over blocks of entries, and examples in some parts of at least so many entries. All this depends
 * on sizes alone, so that any number of threads gives the same bits. */
#define SYMLOSS_BLOCK ((size_t)256)
#define SYMLOSS_PARTS ((size_t)64)
#define SYMLOSS_PART ((size_t)16384)

/* Where a block ends. */
static inline size_t symloss_stop(size_t start, size_t end) {
    return end - start < SYMLOSS_BLOCK ? end : start + SYMLOSS_BLOCK;
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

/* Add a block of terms, which are overwritten, to a sum: by pairs of pairs, which compilers vectorise. */
static void symloss_add_all(double *terms, size_t count, double *total, double *rest) {
    double rests[SYMLOSS_BLOCK];
    if (count < 32) {
        for (size_t at = 0; at < count; ++at) {
            symloss_add(terms[at], total, rest);
        }
        return;
    }
    for (size_t at = 0; at < count; ++at) {
        rests[at] = 0.0;
    }
    while (count > 1) {
        const size_t half = count / 2, kept = count - half;
        for (size_t at = 0; at < half; ++at) {
            symloss_add(terms[kept + at], &terms[at], &rests[at]);
            rests[at] += rests[kept + at];
        }
        count = kept;
    }
    symloss_add(terms[0], total, rest);
    *rest += rests[0];
}

/* The larger of two numbers; NaN if one of them is. */
static inline double symloss_max(double a, double b) {
    return ((a >= b) | (a != a)) ? a : b;
}

/* The largest of up to SYMLOSS_BLOCK terms and of what was the largest before; NaN if one of them is. */
static double symloss_largest(const double *terms, size_t count, double before) {
    double larger[SYMLOSS_BLOCK];
    size_t kept = count - count / 2;
    larger[0] = before;
    for (size_t at = 0; at < kept; ++at) {
        larger[at] = symloss_max(terms[at], terms[count / 2 + at]);
    }
    for (count = kept; count > 1; count = kept) {
        kept = count - count / 2;
        for (size_t at = 0; at < count / 2; ++at) {
            larger[at] = symloss_max(larger[at], larger[kept + at]);
        }
    }
    return symloss_max(before, larger[0]);
}

/* The place of the first largest term, or of the first NaN, among these terms and those before. */
static void symloss_place(
    const double *terms, size_t count, size_t first, size_t *place, double *best)
{
    const double largest = symloss_largest(terms, count, *best);
    if (largest > *best || (largest != largest && *best == *best)) {
        size_t at = 0;
        while (terms[at] != largest && terms[at] == terms[at]) {
            ++at;
        }
        *place = first + at;
        *best = largest;
    }
}

/* The elementary functions are written without branches and tables, so that compilers vectorise the loops
 * that use them; all their operations are correctly rounded, so that every machine gives the same bits. */
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

/* x = k log 2 + r + left with |r| <= log(2)/2 (Cody and Waite 1980): adding 1.5 * 2^52 rounds to a whole
 * number. */
static inline double symloss_reduce(double x, double *left, uint64_t *k) {
    const double shifted = x * 1.4426950408889634 + 6755399441055744.0;
    const double whole = shifted - 6755399441055744.0;
    const double high = x - whole * 6.93147180369123816490e-01;
    const double low = whole * 1.90821492927058770002e-10;
    const double r = high - low;
    *left = (high - r) - low;
    *k = symloss_bits(shifted) - UINT64_C(0x4338000000000000);
    return r;
}

/* e^r - 1 - r by its Taylor series; the first term left out is below 2^-57. */
static inline double symloss_beyond_tangent(double r) {
    double sum = 1.0 / 6227020800.0;
    sum = 1.0 / 479001600.0 + r * sum;
    sum = 1.0 / 39916800.0 + r * sum;
    sum = 1.0 / 3628800.0 + r * sum;
    sum = 1.0 / 362880.0 + r * sum;
    sum = 1.0 / 40320.0 + r * sum;
    sum = 1.0 / 5040.0 + r * sum;
    sum = 1.0 / 720.0 + r * sum;
    sum = 1.0 / 120.0 + r * sum;
    sum = 1.0 / 24.0 + r * sum;
    sum = 1.0 / 6.0 + r * sum;
    sum = 1.0 / 2.0 + r * sum;
    return r * r * sum;
}

/* e^x, within 0.75 ulp; with 2^k in two factors, for it may lie beyond the format where e^x does not. */
static inline double symloss_exp(double x) {
    const double upper = x > 710.0 ? 710.0 : x;
    double left;
    uint64_t k;
    const double r = symloss_reduce(upper < -750.0 ? -750.0 : upper, &left, &k);
    const double sum = 1.0 + r;
    const double result = sum + (((1.0 - sum) + r) + (left + symloss_beyond_tangent(r)));
    const uint64_t half = (k + 2048) >> 1;
    return result * symloss_from_bits((half - 1) << 52) * symloss_from_bits((k + 2048 - half - 1) << 52);
}

/* The exponent k, plus 2048, of x = 2^k m with sqrt(1/2) <= m < sqrt(2). */
static inline uint64_t symloss_exponent(double x) {
    return (symloss_bits(x) - UINT64_C(0x3fe6a09e00000000) + (UINT64_C(2048) << 52)) >> 52;
}

/* A small whole number as a double. */
static inline double symloss_whole(uint64_t number) {
    return symloss_from_bits(number | UINT64_C(0x4330000000000000)) - 4503599627370496.0;
}

/* k log 2 + log(1 + f) + rest; log(1 + f) = 2 artanh(f/(2 + f)) by its series, as in fdlibm (Sun 1993). */
static inline double symloss_log_of(double k, double f, double rest) {
    const double s = f / (2.0 + f);
    const double square = 0.5 * f * f;
    const double z = s * s;
    double sum = 2.0 / 21.0;
    sum = 2.0 / 19.0 + z * sum;
    sum = 2.0 / 17.0 + z * sum;
    sum = 2.0 / 15.0 + z * sum;
    sum = 2.0 / 13.0 + z * sum;
    sum = 2.0 / 11.0 + z * sum;
    sum = 2.0 / 9.0 + z * sum;
    sum = 2.0 / 7.0 + z * sum;
    sum = 2.0 / 5.0 + z * sum;
    sum = 2.0 / 3.0 + z * sum;
    return k * 6.93147180369123816490e-01
        - ((square - (s * (square + z * sum) + (k * 1.90821492927058770002e-10 + rest))) - f);
}

/* log(1 + x), within 0.8 ulp: what 1 + x has lost of x comes back as a quotient. */
static inline double symloss_log1p(double x) {
    const double sum = 1.0 + x;
    const double lost = x > 1.0 ? 1.0 - (sum - x) : x - (sum - 1.0);
    const uint64_t exponent = symloss_exponent(sum);
    const double k = symloss_whole(exponent) - 2048.0;
    const double m = symloss_from_bits(symloss_bits(sum) - ((exponent - 2048) << 52));
    const double result = symloss_log_of(k, k == 0.0 ? x : m - 1.0, k == 0.0 ? 0.0 : lost / sum);
    return x > -1.0 ? (x < (double)INFINITY ? result : x) : x == -1.0 ? -(double)INFINITY : (double)NAN;
}

size_t symloss_info_nce_workspace(size_t N, size_t D) {
    (void)N;
    (void)D;
    return N * N + N * N + N * N + N * N;
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
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    sum_1_terms[d - block_start] = key[i * D + d] * query[i2 * D + d];
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    double sum_3_total = 0.0, sum_3_rest = 0.0;
    for (size_t i = 0; i < N; ++i) {
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N);
            double place_1_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                s_array[i * N + i2] = sum_1_array[i2 * N + i] / temperature;
                place_1_terms[i2 - block_start] = s_array[i * N + i2];
            }
            symloss_place(
                place_1_terms, block_stop - block_start, block_start, &place_1, &place_1_value);
        }
        const double largest_1 = place_1_value;
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N);
            double sum_2_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                const double exp_1 = symloss_exp(s_array[i * N + i2] - largest_1);
                sum_2_terms[i2 - block_start] = (int64_t)i2 == (int64_t)place_1 ? 0.0 : exp_1;
            }
            symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
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
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    sum_1_terms[d - block_start] = (double)key[i * D + d] * (double)query[i2 * D + d];
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    double sum_3_total = 0.0, sum_3_rest = 0.0;
    for (size_t i = 0; i < N; ++i) {
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N);
            double place_1_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                s_array[i * N + i2] = sum_1_array[i2 * N + i] / (double)temperature;
                place_1_terms[i2 - block_start] = s_array[i * N + i2];
            }
            symloss_place(
                place_1_terms, block_stop - block_start, block_start, &place_1, &place_1_value);
        }
        const double largest_1 = place_1_value;
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N);
            double sum_2_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                const double exp_1 = symloss_exp(s_array[i * N + i2] - largest_1);
                sum_2_terms[i2 - block_start] = (int64_t)i2 == (int64_t)place_1 ? 0.0 : exp_1;
            }
            symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        symloss_add((s_array[i * N + i] - largest_1) - symloss_log1p(sum_2), &sum_3_total, &sum_3_rest);
    }
    const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
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
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    sum_1_terms[d - block_start] = key[i * D + d] * query[i2 * D + d];
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    for (size_t i = 0; i < N; ++i) {
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N);
            double place_1_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                s_array[i * N + i2] = sum_1_array[i2 * N + i] / temperature;
                place_1_terms[i2 - block_start] = s_array[i * N + i2];
            }
            symloss_place(
                place_1_terms, block_stop - block_start, block_start, &place_1, &place_1_value);
        }
        const double largest_1 = place_1_value;
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N);
            double sum_2_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                const double exp_1 = symloss_exp(s_array[i * N + i2] - largest_1);
                sum_2_terms[i2 - block_start] = (int64_t)i2 == (int64_t)place_1 ? 0.0 : exp_1;
            }
            symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        const double term_1 = sum_2 + 1.0;
        const double product_1 = sum_2 / term_1;
        for (size_t i2 = 0; i2 < N; ++i2) {
            const double exp_2 = symloss_exp(s_array[i * N + i2] - largest_1);
            const double product_2 = exp_2 / term_1;
            factor_1_array[i * N + i2] = product_2;
            factor_2_array[i * N + i2] = (int64_t)i == (int64_t)i2
                ? -((int64_t)i2 == (int64_t)place_1 ? product_1 : 1.0 - exp_2 / term_1) : product_2;
        }
        for (size_t d = 0; d < D; ++d) {
            const double entry_1 = key[place_1 * D + d];
            double sum_3_total = 0.0, sum_3_rest = 0.0;
            for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, N);
                double sum_3_terms[SYMLOSS_BLOCK];
                for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                    sum_3_terms[i2 - block_start] = (key[i2 * D + d] - entry_1) * factor_1_array[i * N + i2];
                }
                symloss_add_all(sum_3_terms, block_stop - block_start, &sum_3_total, &sum_3_rest);
            }
            const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
            gradient_query[i * D + d] = ((entry_1 - key[i * D + d]) + sum_3) / temperature / (double)N;
        }
    }
    for (size_t i = 0; i < N; ++i) {
        for (size_t d = 0; d < D; ++d) {
            double sum_4_total = 0.0, sum_4_rest = 0.0;
            for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, N);
                double sum_4_terms[SYMLOSS_BLOCK];
                for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                    sum_4_terms[i2 - block_start] = factor_2_array[i2 * N + i] * query[i2 * D + d];
                }
                symloss_add_all(sum_4_terms, block_stop - block_start, &sum_4_total, &sum_4_rest);
            }
            const double sum_4 = symloss_sum(sum_4_total, sum_4_rest);
            gradient_key[i * D + d] = sum_4 / temperature / (double)N;
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
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    sum_1_terms[d - block_start] = (double)key[i * D + d] * (double)query[i2 * D + d];
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    for (size_t i = 0; i < N; ++i) {
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N);
            double place_1_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                s_array[i * N + i2] = sum_1_array[i2 * N + i] / (double)temperature;
                place_1_terms[i2 - block_start] = s_array[i * N + i2];
            }
            symloss_place(
                place_1_terms, block_stop - block_start, block_start, &place_1, &place_1_value);
        }
        const double largest_1 = place_1_value;
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N);
            double sum_2_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                const double exp_1 = symloss_exp(s_array[i * N + i2] - largest_1);
                sum_2_terms[i2 - block_start] = (int64_t)i2 == (int64_t)place_1 ? 0.0 : exp_1;
            }
            symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        const double term_1 = sum_2 + 1.0;
        const double product_1 = sum_2 / term_1;
        for (size_t i2 = 0; i2 < N; ++i2) {
            const double exp_2 = symloss_exp(s_array[i * N + i2] - largest_1);
            const double product_2 = exp_2 / term_1;
            factor_1_array[i * N + i2] = product_2;
            factor_2_array[i * N + i2] = (int64_t)i == (int64_t)i2
                ? -((int64_t)i2 == (int64_t)place_1 ? product_1 : 1.0 - exp_2 / term_1) : product_2;
        }
        for (size_t d = 0; d < D; ++d) {
            const double entry_1 = (double)key[place_1 * D + d];
            double sum_3_total = 0.0, sum_3_rest = 0.0;
            for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, N);
                double sum_3_terms[SYMLOSS_BLOCK];
                for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                    sum_3_terms[i2 - block_start] = ((double)key[i2 * D + d] - entry_1)
                        * factor_1_array[i * N + i2];
                }
                symloss_add_all(sum_3_terms, block_stop - block_start, &sum_3_total, &sum_3_rest);
            }
            const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
            gradient_query[i * D + d] = (float)(((entry_1 - (double)key[i * D + d]) + sum_3)
                / (double)temperature / (double)N);
        }
    }
    for (size_t i = 0; i < N; ++i) {
        for (size_t d = 0; d < D; ++d) {
            double sum_4_total = 0.0, sum_4_rest = 0.0;
            for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, N);
                double sum_4_terms[SYMLOSS_BLOCK];
                for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                    sum_4_terms[i2 - block_start] = factor_2_array[i2 * N + i] * (double)query[i2 * D + d];
                }
                symloss_add_all(sum_4_terms, block_stop - block_start, &sum_4_total, &sum_4_rest);
            }
            const double sum_4 = symloss_sum(sum_4_total, sum_4_rest);
            gradient_key[i * D + d] = (float)(sum_4 / (double)temperature / (double)N);
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
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    sum_1_terms[d - block_start] = key[i * D + d] * query[i2 * D + d];
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    double sum_3_total = 0.0, sum_3_rest = 0.0;
    for (size_t i = 0; i < N; ++i) {
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N);
            double place_1_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                s_array[i * N + i2] = sum_1_array[i2 * N + i] / temperature;
                place_1_terms[i2 - block_start] = s_array[i * N + i2];
            }
            symloss_place(
                place_1_terms, block_stop - block_start, block_start, &place_1, &place_1_value);
        }
        const double largest_1 = place_1_value;
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N);
            double sum_2_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                const double exp_1 = symloss_exp(s_array[i * N + i2] - largest_1);
                sum_2_terms[i2 - block_start] = (int64_t)i2 == (int64_t)place_1 ? 0.0 : exp_1;
            }
            symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        symloss_add((s_array[i * N + i] - largest_1) - symloss_log1p(sum_2), &sum_3_total, &sum_3_rest);
        const double term_1 = sum_2 + 1.0;
        const double product_1 = sum_2 / term_1;
        for (size_t i2 = 0; i2 < N; ++i2) {
            const double exp_2 = symloss_exp(s_array[i * N + i2] - largest_1);
            const double product_2 = exp_2 / term_1;
            factor_1_array[i * N + i2] = product_2;
            factor_2_array[i * N + i2] = (int64_t)i == (int64_t)i2
                ? -((int64_t)i2 == (int64_t)place_1 ? product_1 : 1.0 - exp_2 / term_1) : product_2;
        }
        for (size_t d = 0; d < D; ++d) {
            const double entry_1 = key[place_1 * D + d];
            double sum_4_total = 0.0, sum_4_rest = 0.0;
            for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, N);
                double sum_4_terms[SYMLOSS_BLOCK];
                for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                    sum_4_terms[i2 - block_start] = (key[i2 * D + d] - entry_1) * factor_1_array[i * N + i2];
                }
                symloss_add_all(sum_4_terms, block_stop - block_start, &sum_4_total, &sum_4_rest);
            }
            const double sum_4 = symloss_sum(sum_4_total, sum_4_rest);
            gradient_query[i * D + d] = ((entry_1 - key[i * D + d]) + sum_4) / temperature / (double)N;
        }
    }
    const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
    const double whole_value = -sum_3 / (double)N;
    for (size_t i = 0; i < N; ++i) {
        for (size_t d = 0; d < D; ++d) {
            double sum_5_total = 0.0, sum_5_rest = 0.0;
            for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, N);
                double sum_5_terms[SYMLOSS_BLOCK];
                for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                    sum_5_terms[i2 - block_start] = factor_2_array[i2 * N + i] * query[i2 * D + d];
                }
                symloss_add_all(sum_5_terms, block_stop - block_start, &sum_5_total, &sum_5_rest);
            }
            const double sum_5 = symloss_sum(sum_5_total, sum_5_rest);
            gradient_key[i * D + d] = sum_5 / temperature / (double)N;
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
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    sum_1_terms[d - block_start] = (double)key[i * D + d] * (double)query[i2 * D + d];
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            sum_1_array[i * N + i2] = sum_1;
        }
    }
    double sum_3_total = 0.0, sum_3_rest = 0.0;
    for (size_t i = 0; i < N; ++i) {
        size_t place_1 = 0;
        double place_1_value = -(double)INFINITY;
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N);
            double place_1_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                s_array[i * N + i2] = sum_1_array[i2 * N + i] / (double)temperature;
                place_1_terms[i2 - block_start] = s_array[i * N + i2];
            }
            symloss_place(
                place_1_terms, block_stop - block_start, block_start, &place_1, &place_1_value);
        }
        const double largest_1 = place_1_value;
        double sum_2_total = 0.0, sum_2_rest = 0.0;
        for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, N);
            double sum_2_terms[SYMLOSS_BLOCK];
            for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                const double exp_1 = symloss_exp(s_array[i * N + i2] - largest_1);
                sum_2_terms[i2 - block_start] = (int64_t)i2 == (int64_t)place_1 ? 0.0 : exp_1;
            }
            symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
        }
        const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
        symloss_add((s_array[i * N + i] - largest_1) - symloss_log1p(sum_2), &sum_3_total, &sum_3_rest);
        const double term_1 = sum_2 + 1.0;
        const double product_1 = sum_2 / term_1;
        for (size_t i2 = 0; i2 < N; ++i2) {
            const double exp_2 = symloss_exp(s_array[i * N + i2] - largest_1);
            const double product_2 = exp_2 / term_1;
            factor_1_array[i * N + i2] = product_2;
            factor_2_array[i * N + i2] = (int64_t)i == (int64_t)i2
                ? -((int64_t)i2 == (int64_t)place_1 ? product_1 : 1.0 - exp_2 / term_1) : product_2;
        }
        for (size_t d = 0; d < D; ++d) {
            const double entry_1 = (double)key[place_1 * D + d];
            double sum_4_total = 0.0, sum_4_rest = 0.0;
            for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, N);
                double sum_4_terms[SYMLOSS_BLOCK];
                for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                    sum_4_terms[i2 - block_start] = ((double)key[i2 * D + d] - entry_1)
                        * factor_1_array[i * N + i2];
                }
                symloss_add_all(sum_4_terms, block_stop - block_start, &sum_4_total, &sum_4_rest);
            }
            const double sum_4 = symloss_sum(sum_4_total, sum_4_rest);
            gradient_query[i * D + d] = (float)(((entry_1 - (double)key[i * D + d]) + sum_4)
                / (double)temperature / (double)N);
        }
    }
    const double sum_3 = symloss_sum(sum_3_total, sum_3_rest);
    const double whole_value = -sum_3 / (double)N;
    for (size_t i = 0; i < N; ++i) {
        for (size_t d = 0; d < D; ++d) {
            double sum_5_total = 0.0, sum_5_rest = 0.0;
            for (size_t block_start = 0; block_start < N; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, N);
                double sum_5_terms[SYMLOSS_BLOCK];
                for (size_t i2 = block_start; i2 < block_stop; ++i2) {
                    sum_5_terms[i2 - block_start] = factor_2_array[i2 * N + i] * (double)query[i2 * D + d];
                }
                symloss_add_all(sum_5_terms, block_stop - block_start, &sum_5_total, &sum_5_rest);
            }
            const double sum_5 = symloss_sum(sum_5_total, sum_5_rest);
            gradient_key[i * D + d] = (float)(sum_5 / (double)temperature / (double)N);
        }
    }

    value[0] = (float)whole_value;
    return SYMLOSS_OK;
}
