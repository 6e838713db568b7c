/*
 * softmax_cross_entropy: Negative log-likelihood of a label distribution under softmax(logits).
 *
 * loss of one example = -Sum(target[j]*log_softmax(logits)[j], (j, C))
 * d/dlogits = -target[k] + softmax(logits)[k]
 *
 * logits: Real['C'], (..., C)
 * target: Simplex['C'], (..., C)
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate softmax_cross_entropy --target c
 *
 * Measured against exact results:
 *     float64: 2817 results, 16.65 % beyond the bound, 0 % at ordinary numbers; worst 4.4e+12 of the
 *         bound, 8.6e+15 ulp (hessian_vector_product)
 *     float32: 3070 results, 0 % beyond the bound; worst 0.12 of the bound, 0.50 ulp (gradient)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -std=c99 -O3 -ffp-
 *         contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 */

#include "softmax_cross_entropy.h"

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

/* How many parts n examples of so many terms each make, and where a part begins. */
static inline size_t symloss_parts(size_t n, size_t terms) {
    const size_t whole = terms >= SYMLOSS_PART ? n : n / (SYMLOSS_PART / (terms > 0 ? terms : 1));
    return n == 0 ? 0 : whole < 1 ? 1 : whole < SYMLOSS_PARTS ? whole : SYMLOSS_PARTS;
}

static inline size_t symloss_first(size_t part, size_t parts, size_t n) {
    return part * (n / parts) + (part < n % parts ? part : n % parts);
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

/* The sum of the weights; they and it must be finite, none < 0, and some > 0 where there are examples. */
static int symloss_total_f64(size_t n, const double *weight, double *total) {
    double rest = 0.0;
    *total = 0.0;
    for (size_t start = 0; start < n; start += SYMLOSS_BLOCK) {
        const size_t count = symloss_stop(start, n) - start;
        double terms[SYMLOSS_BLOCK];
        int bad = 0;
        for (size_t at = 0; at < count; ++at) {
            terms[at] = weight[start + at];
            bad |= !(terms[at] >= 0.0) | !(terms[at] <= 1.7976931348623157e308);
        }
        if (bad) {
            return SYMLOSS_BAD_WEIGHT;
        }
        symloss_add_all(terms, count, total, &rest);
    }
    *total = symloss_sum(*total, rest);
    return n > 0 && (!(*total > 0.0) || isinf(*total)) ? SYMLOSS_BAD_WEIGHT : SYMLOSS_OK;
}

/* The sum of the weights; they and it must be finite, none < 0, and some > 0 where there are examples. */
static int symloss_total_f32(size_t n, const float *weight, double *total) {
    double rest = 0.0;
    *total = 0.0;
    for (size_t start = 0; start < n; start += SYMLOSS_BLOCK) {
        const size_t count = symloss_stop(start, n) - start;
        double terms[SYMLOSS_BLOCK];
        int bad = 0;
        for (size_t at = 0; at < count; ++at) {
            terms[at] = (double)weight[start + at];
            bad |= !(terms[at] >= 0.0) | !(terms[at] <= 1.7976931348623157e308);
        }
        if (bad) {
            return SYMLOSS_BAD_WEIGHT;
        }
        symloss_add_all(terms, count, total, &rest);
    }
    *total = symloss_sum(*total, rest);
    return n > 0 && (!(*total > 0.0) || isinf(*total)) ? SYMLOSS_BAD_WEIGHT : SYMLOSS_OK;
}

int symloss_softmax_cross_entropy_value_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT logits,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const size_t parts = symloss_parts(n, C);
    double part_totals[SYMLOSS_PARTS], part_rests[SYMLOSS_PARTS];
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        double value_total = 0.0, value_rest = 0.0;
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? weight[i] : 1.0;
            size_t place_1 = 0;
            double place_1_value = -(double)INFINITY;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C);
                double place_1_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    place_1_terms[c - block_start] = logits[i * C + c];
                }
                symloss_place(
                    place_1_terms, block_stop - block_start, block_start, &place_1, &place_1_value);
            }
            const double largest_1 = place_1_value;
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    const double exp_1 = symloss_exp(logits[i * C + c] - largest_1);
                    sum_1_terms[c - block_start] = (int64_t)c == (int64_t)place_1 ? 0.0 : exp_1;
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            const double log1p_1 = symloss_log1p(sum_1);
            double sum_2_total = 0.0, sum_2_rest = 0.0;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C);
                double sum_2_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    sum_2_terms[c - block_start] = ((logits[i * C + c] - largest_1) - log1p_1)
                        * target[i * C + c];
                }
                symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
            }
            const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
            const double example_value = -sum_2;
            if (reduction == SYMLOSS_NONE) {
                value[i] = example_weight * example_value;
            } else {
                symloss_add(example_weight * example_value, &value_total, &value_rest);
            }
        }
        part_totals[part] = value_total;
        part_rests[part] = value_rest;
    }
    double value_total = 0.0, value_rest = 0.0;
    for (size_t part = 0; part < parts; ++part) {
        symloss_add(part_totals[part], &value_total, &value_rest);
        value_rest += part_rests[part];
    }

    const double examples_value = symloss_sum(value_total, value_rest);
    if (reduction != SYMLOSS_NONE) {
        value[0] = (reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
    return SYMLOSS_OK;
}

int symloss_softmax_cross_entropy_value_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT logits,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const size_t parts = symloss_parts(n, C);
    double part_totals[SYMLOSS_PARTS], part_rests[SYMLOSS_PARTS];
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        double value_total = 0.0, value_rest = 0.0;
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
            size_t place_1 = 0;
            double place_1_value = -(double)INFINITY;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C);
                double place_1_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    place_1_terms[c - block_start] = (double)logits[i * C + c];
                }
                symloss_place(
                    place_1_terms, block_stop - block_start, block_start, &place_1, &place_1_value);
            }
            const double largest_1 = place_1_value;
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    const double exp_1 = symloss_exp((double)logits[i * C + c] - largest_1);
                    sum_1_terms[c - block_start] = (int64_t)c == (int64_t)place_1 ? 0.0 : exp_1;
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            const double log1p_1 = symloss_log1p(sum_1);
            double sum_2_total = 0.0, sum_2_rest = 0.0;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C);
                double sum_2_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    sum_2_terms[c - block_start] = (((double)logits[i * C + c] - largest_1) - log1p_1)
                        * (double)target[i * C + c];
                }
                symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
            }
            const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
            const double example_value = -sum_2;
            if (reduction == SYMLOSS_NONE) {
                value[i] = (float)(example_weight * example_value);
            } else {
                symloss_add(example_weight * example_value, &value_total, &value_rest);
            }
        }
        part_totals[part] = value_total;
        part_rests[part] = value_rest;
    }
    double value_total = 0.0, value_rest = 0.0;
    for (size_t part = 0; part < parts; ++part) {
        symloss_add(part_totals[part], &value_total, &value_rest);
        value_rest += part_rests[part];
    }

    const double examples_value = symloss_sum(value_total, value_rest);
    if (reduction != SYMLOSS_NONE) {
        value[0] = (float)(reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
    return SYMLOSS_OK;
}

int symloss_softmax_cross_entropy_gradient_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT logits,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT gradient_logits)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, C);
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
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
                const size_t block_stop = symloss_stop(block_start, C);
                double place_1_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    place_1_terms[c - block_start] = logits[i * C + c];
                }
                symloss_place(
                    place_1_terms, block_stop - block_start, block_start, &place_1, &place_1_value);
            }
            const double largest_1 = place_1_value;
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    const double exp_1 = symloss_exp(logits[i * C + c] - largest_1);
                    sum_1_terms[c - block_start] = (int64_t)c == (int64_t)place_1 ? 0.0 : exp_1;
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            const double term_1 = sum_1 + 1.0;
            const double product_1 = sum_1 / term_1;
            for (size_t c = 0; c < C; ++c) {
                const double exp_2 = symloss_exp(logits[i * C + c] - largest_1);
                gradient_logits[i * C + c] = example_scale
                    * (exp_2 * (1.0 - target[i * C + c]) / term_1
                    - ((int64_t)c == (int64_t)place_1 ? product_1 : 1.0 - exp_2 / term_1)
                    * target[i * C + c]);
            }
        }
    }

    return SYMLOSS_OK;
}

int symloss_softmax_cross_entropy_gradient_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT logits,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT gradient_logits)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, C);
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
            const double example_scale = scale * example_weight;
            size_t place_1 = 0;
            double place_1_value = -(double)INFINITY;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C);
                double place_1_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    place_1_terms[c - block_start] = (double)logits[i * C + c];
                }
                symloss_place(
                    place_1_terms, block_stop - block_start, block_start, &place_1, &place_1_value);
            }
            const double largest_1 = place_1_value;
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    const double exp_1 = symloss_exp((double)logits[i * C + c] - largest_1);
                    sum_1_terms[c - block_start] = (int64_t)c == (int64_t)place_1 ? 0.0 : exp_1;
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            const double term_1 = sum_1 + 1.0;
            const double product_1 = sum_1 / term_1;
            for (size_t c = 0; c < C; ++c) {
                const double exp_2 = symloss_exp((double)logits[i * C + c] - largest_1);
                gradient_logits[i * C + c] = (float)(example_scale
                    * (exp_2 * (1.0 - (double)target[i * C + c]) / term_1
                    - ((int64_t)c == (int64_t)place_1 ? product_1 : 1.0 - exp_2 / term_1)
                    * (double)target[i * C + c]));
            }
        }
    }

    return SYMLOSS_OK;
}

int symloss_softmax_cross_entropy_value_and_gradient_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT logits,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_logits)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, C);
    double part_totals[SYMLOSS_PARTS], part_rests[SYMLOSS_PARTS];
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        double value_total = 0.0, value_rest = 0.0;
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? weight[i] : 1.0;
            const double example_scale = scale * example_weight;
            size_t place_1 = 0;
            double place_1_value = -(double)INFINITY;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C);
                double place_1_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    place_1_terms[c - block_start] = logits[i * C + c];
                }
                symloss_place(
                    place_1_terms, block_stop - block_start, block_start, &place_1, &place_1_value);
            }
            const double largest_1 = place_1_value;
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    const double exp_1 = symloss_exp(logits[i * C + c] - largest_1);
                    sum_1_terms[c - block_start] = (int64_t)c == (int64_t)place_1 ? 0.0 : exp_1;
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            const double term_1 = sum_1 + 1.0;
            const double log1p_1 = symloss_log1p(sum_1);
            const double product_1 = sum_1 / term_1;
            double sum_2_total = 0.0, sum_2_rest = 0.0;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C);
                double sum_2_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    sum_2_terms[c - block_start] = ((logits[i * C + c] - largest_1) - log1p_1)
                        * target[i * C + c];
                    const double exp_2 = symloss_exp(logits[i * C + c] - largest_1);
                    gradient_logits[i * C + c] = example_scale
                        * (exp_2 * (1.0 - target[i * C + c]) / term_1
                        - ((int64_t)c == (int64_t)place_1 ? product_1 : 1.0 - exp_2 / term_1)
                        * target[i * C + c]);
                }
                symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
            }
            const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
            const double example_value = -sum_2;
            if (reduction == SYMLOSS_NONE) {
                value[i] = example_weight * example_value;
            } else {
                symloss_add(example_weight * example_value, &value_total, &value_rest);
            }
        }
        part_totals[part] = value_total;
        part_rests[part] = value_rest;
    }
    double value_total = 0.0, value_rest = 0.0;
    for (size_t part = 0; part < parts; ++part) {
        symloss_add(part_totals[part], &value_total, &value_rest);
        value_rest += part_rests[part];
    }

    const double examples_value = symloss_sum(value_total, value_rest);
    if (reduction != SYMLOSS_NONE) {
        value[0] = (reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
    return SYMLOSS_OK;
}

int symloss_softmax_cross_entropy_value_and_gradient_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT logits,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_logits)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, C);
    double part_totals[SYMLOSS_PARTS], part_rests[SYMLOSS_PARTS];
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        double value_total = 0.0, value_rest = 0.0;
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
            const double example_scale = scale * example_weight;
            size_t place_1 = 0;
            double place_1_value = -(double)INFINITY;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C);
                double place_1_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    place_1_terms[c - block_start] = (double)logits[i * C + c];
                }
                symloss_place(
                    place_1_terms, block_stop - block_start, block_start, &place_1, &place_1_value);
            }
            const double largest_1 = place_1_value;
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    const double exp_1 = symloss_exp((double)logits[i * C + c] - largest_1);
                    sum_1_terms[c - block_start] = (int64_t)c == (int64_t)place_1 ? 0.0 : exp_1;
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            const double term_1 = sum_1 + 1.0;
            const double log1p_1 = symloss_log1p(sum_1);
            const double product_1 = sum_1 / term_1;
            double sum_2_total = 0.0, sum_2_rest = 0.0;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C);
                double sum_2_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    sum_2_terms[c - block_start] = (((double)logits[i * C + c] - largest_1) - log1p_1)
                        * (double)target[i * C + c];
                    const double exp_2 = symloss_exp((double)logits[i * C + c] - largest_1);
                    gradient_logits[i * C + c] = (float)(example_scale
                        * (exp_2 * (1.0 - (double)target[i * C + c]) / term_1
                        - ((int64_t)c == (int64_t)place_1 ? product_1 : 1.0 - exp_2 / term_1)
                        * (double)target[i * C + c]));
                }
                symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
            }
            const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
            const double example_value = -sum_2;
            if (reduction == SYMLOSS_NONE) {
                value[i] = (float)(example_weight * example_value);
            } else {
                symloss_add(example_weight * example_value, &value_total, &value_rest);
            }
        }
        part_totals[part] = value_total;
        part_rests[part] = value_rest;
    }
    double value_total = 0.0, value_rest = 0.0;
    for (size_t part = 0; part < parts; ++part) {
        symloss_add(part_totals[part], &value_total, &value_rest);
        value_rest += part_rests[part];
    }

    const double examples_value = symloss_sum(value_total, value_rest);
    if (reduction != SYMLOSS_NONE) {
        value[0] = (float)(reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
    return SYMLOSS_OK;
}

int symloss_softmax_cross_entropy_hessian_vector_product_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT logits,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT vector,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double *SYMLOSS_RESTRICT product_logits)
{
    (void)target;
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, C);
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
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
                const size_t block_stop = symloss_stop(block_start, C);
                double place_1_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    place_1_terms[c - block_start] = logits[i * C + c];
                }
                symloss_place(
                    place_1_terms, block_stop - block_start, block_start, &place_1, &place_1_value);
            }
            const double largest_1 = place_1_value;
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    const double exp_1 = symloss_exp(logits[i * C + c] - largest_1);
                    sum_1_terms[c - block_start] = (int64_t)c == (int64_t)place_1 ? 0.0 : exp_1;
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            const double entry_1 = vector[i * C + place_1];
            const double term_1 = sum_1 + 1.0;
            double sum_2_total = 0.0, sum_2_rest = 0.0;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C);
                double sum_2_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    sum_2_terms[c - block_start] = (vector[i * C + c] - entry_1)
                        * symloss_exp(logits[i * C + c] - largest_1) / term_1;
                }
                symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
            }
            const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
            for (size_t c = 0; c < C; ++c) {
                product_logits[i * C + c] = example_scale
                    * (((vector[i * C + c] - entry_1) - sum_2) * symloss_exp(logits[i * C + c] - largest_1)
                    / term_1);
            }
        }
    }

    return SYMLOSS_OK;
}

int symloss_softmax_cross_entropy_hessian_vector_product_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT logits,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT vector,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float *SYMLOSS_RESTRICT product_logits)
{
    (void)target;
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, C);
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
            const double example_scale = scale * example_weight;
            size_t place_1 = 0;
            double place_1_value = -(double)INFINITY;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C);
                double place_1_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    place_1_terms[c - block_start] = (double)logits[i * C + c];
                }
                symloss_place(
                    place_1_terms, block_stop - block_start, block_start, &place_1, &place_1_value);
            }
            const double largest_1 = place_1_value;
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    const double exp_1 = symloss_exp((double)logits[i * C + c] - largest_1);
                    sum_1_terms[c - block_start] = (int64_t)c == (int64_t)place_1 ? 0.0 : exp_1;
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            const double entry_1 = (double)vector[i * C + place_1];
            const double term_1 = sum_1 + 1.0;
            double sum_2_total = 0.0, sum_2_rest = 0.0;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C);
                double sum_2_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    sum_2_terms[c - block_start] = ((double)vector[i * C + c] - entry_1)
                        * symloss_exp((double)logits[i * C + c] - largest_1) / term_1;
                }
                symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
            }
            const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
            for (size_t c = 0; c < C; ++c) {
                product_logits[i * C + c] = (float)(example_scale
                    * ((((double)vector[i * C + c] - entry_1) - sum_2)
                    * symloss_exp((double)logits[i * C + c] - largest_1) / term_1));
            }
        }
    }

    return SYMLOSS_OK;
}
