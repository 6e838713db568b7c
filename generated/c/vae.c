/*
 * vae: Reconstruction error plus beta times the divergence of the code from the standard normal
 *     distribution.
 *
 * loss of one example = beta*Sum(exp(log_variance[j]) - log_variance[j] + mean[j]**2 - 1, (j, Z))/2 +
 *     Sum((reconstruction[j] - target[j])**2, (j, D))/2
 * d/dreconstruction = reconstruction[k] - target[k]
 * d/dmean = beta*mean[k]
 * d/dlog_variance = beta*(exp(log_variance[k]) - 1)/2
 *
 * reconstruction: Real['D'], (..., D)
 * target: Real['D'], (..., D)
 * mean: Real['Z'], (..., Z)
 * log_variance: Real['Z'], (..., Z)
 * beta: NonNegative, default 1
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate vae --target c
 *
 * Measured against exact results:
 *     float64: 1708 results, 0.41 % beyond the bound, 0 % at ordinary numbers; worst 3.4e+97 of the bound,
 *         7.0e+100 ulp (hessian_vector_product)
 *     float32: 1708 results, 0 % beyond the bound; worst 0.12 of the bound, 0.49 ulp
 *         (hessian_vector_product)
 *     symloss certify, seed 0, depth 1; cc (Debian 12.2.0-14+deb12u1) 12.2.0, -std=c99 -O3 -ffp-
 *         contract=off -fno-math-errno -fno-trapping-math -fPIC -shared
 */

#include "vae.h"

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

/* e^x - 1, within 1 ulp, as 2 (2^(k-1) - 1/2 + 2^(k-1) (e^r - 1)). */
static inline double symloss_expm1(double x) {
    const double upper = x > 710.0 ? 710.0 : x;
    double left;
    uint64_t k;
    const double r = symloss_reduce(upper < -40.0 ? -40.0 : upper, &left, &k);
    const double power = symloss_from_bits((k + 1022) << 52);
    const double most = power - 0.5;
    const double first = power * r;
    const double sum = most + first;
    const double rest = ((power - most) - 0.5) + ((most - sum) + first);
    const double result = 2.0 * (sum + (rest + power * (left + symloss_beyond_tangent(r))));
    return fabs(x) < 1e-17 ? x : result;
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

int symloss_vae_value_f64(
    size_t n,
    size_t D,
    size_t Z,
    const double *SYMLOSS_RESTRICT reconstruction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double beta,
    double *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const size_t parts = symloss_parts(n, D * Z);
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
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    const double term_1 = reconstruction[i * D + d] - target[i * D + d];
                    sum_1_terms[d - block_start] = term_1 * term_1;
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            double sum_2_total = 0.0, sum_2_rest = 0.0;
            for (size_t block_start = 0; block_start < Z; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, Z);
                double sum_2_terms[SYMLOSS_BLOCK];
                for (size_t z = block_start; z < block_stop; ++z) {
                    const double expm1_1 = symloss_expm1(log_variance[i * Z + z]);
                    sum_2_terms[z - block_start] = (fabs(log_variance[i * Z + z]) < 1.0
                        ? (log_variance[i * Z + z] * log_variance[i * Z + z]
                        * ((((((((((((((((log_variance[i * Z + z] / 6402373705728000.0 + 1.0
                        / 355687428096000.0) * log_variance[i * Z + z] + 1.0 / 20922789888000.0)
                        * log_variance[i * Z + z] + 1.0 / 1307674368000.0) * log_variance[i * Z + z] + 1.0
                        / 87178291200.0) * log_variance[i * Z + z] + 1.0 / 6227020800.0)
                        * log_variance[i * Z + z] + 1.0 / 479001600.0) * log_variance[i * Z + z] + 1.0
                        / 39916800.0) * log_variance[i * Z + z] + 1.0 / 3628800.0) * log_variance[i * Z + z]
                        + 1.0 / 362880.0) * log_variance[i * Z + z] + 1.0 / 40320.0)
                        * log_variance[i * Z + z] + 1.0 / 5040.0) * log_variance[i * Z + z] + 1.0 / 720.0)
                        * log_variance[i * Z + z] + 1.0 / 120.0) * log_variance[i * Z + z] + 1.0 / 24.0)
                        * log_variance[i * Z + z] + 1.0 / 6.0) * log_variance[i * Z + z] + 0.5)) : expm1_1
                        - log_variance[i * Z + z]) + mean[i * Z + z] * mean[i * Z + z];
                }
                symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
            }
            const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
            const double example_value = ((0.5 * sum_2) == (0.5 * sum_2)
                ? (beta == 0.0 ? 0.0 : 0.5 * beta * sum_2) : (0.5 * sum_2)) + 0.5 * sum_1;
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

int symloss_vae_value_f32(
    size_t n,
    size_t D,
    size_t Z,
    const float *SYMLOSS_RESTRICT reconstruction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float beta,
    float *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const size_t parts = symloss_parts(n, D * Z);
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
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    const double term_1 = (double)reconstruction[i * D + d] - (double)target[i * D + d];
                    sum_1_terms[d - block_start] = term_1 * term_1;
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            double sum_2_total = 0.0, sum_2_rest = 0.0;
            for (size_t block_start = 0; block_start < Z; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, Z);
                double sum_2_terms[SYMLOSS_BLOCK];
                for (size_t z = block_start; z < block_stop; ++z) {
                    const double expm1_1 = symloss_expm1((double)log_variance[i * Z + z]);
                    sum_2_terms[z - block_start] = (fabs((double)log_variance[i * Z + z]) < 1.0
                        ? ((double)log_variance[i * Z + z] * (double)log_variance[i * Z + z]
                        * (((((((((((((((((double)log_variance[i * Z + z] / 6402373705728000.0 + 1.0
                        / 355687428096000.0) * (double)log_variance[i * Z + z] + 1.0 / 20922789888000.0)
                        * (double)log_variance[i * Z + z] + 1.0 / 1307674368000.0)
                        * (double)log_variance[i * Z + z] + 1.0 / 87178291200.0)
                        * (double)log_variance[i * Z + z] + 1.0 / 6227020800.0)
                        * (double)log_variance[i * Z + z] + 1.0 / 479001600.0)
                        * (double)log_variance[i * Z + z] + 1.0 / 39916800.0)
                        * (double)log_variance[i * Z + z] + 1.0 / 3628800.0)
                        * (double)log_variance[i * Z + z] + 1.0 / 362880.0) * (double)log_variance[i * Z + z]
                        + 1.0 / 40320.0) * (double)log_variance[i * Z + z] + 1.0 / 5040.0)
                        * (double)log_variance[i * Z + z] + 1.0 / 720.0) * (double)log_variance[i * Z + z]
                        + 1.0 / 120.0) * (double)log_variance[i * Z + z] + 1.0 / 24.0)
                        * (double)log_variance[i * Z + z] + 1.0 / 6.0) * (double)log_variance[i * Z + z]
                        + 0.5)) : expm1_1 - (double)log_variance[i * Z + z]) + (double)mean[i * Z + z]
                        * (double)mean[i * Z + z];
                }
                symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
            }
            const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
            const double example_value = ((0.5 * sum_2) == (0.5 * sum_2)
                ? ((double)beta == 0.0 ? 0.0 : 0.5 * (double)beta * sum_2) : (0.5 * sum_2)) + 0.5 * sum_1;
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

int symloss_vae_gradient_f64(
    size_t n,
    size_t D,
    size_t Z,
    const double *SYMLOSS_RESTRICT reconstruction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double beta,
    double *SYMLOSS_RESTRICT gradient_reconstruction,
    double *SYMLOSS_RESTRICT gradient_mean,
    double *SYMLOSS_RESTRICT gradient_log_variance)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, D * Z);
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? weight[i] : 1.0;
            const double example_scale = scale * example_weight;
            for (size_t d = 0; d < D; ++d) {
                gradient_reconstruction[i * D + d] = example_scale
                    * (reconstruction[i * D + d] - target[i * D + d]);
            }
            for (size_t z = 0; z < Z; ++z) {
                gradient_mean[i * Z + z] = example_scale * (beta * mean[i * Z + z]);
                const double expm1_1 = symloss_expm1(log_variance[i * Z + z]);
                gradient_log_variance[i * Z + z] = example_scale
                    * ((0.5 * expm1_1) == (0.5 * expm1_1) ? (beta == 0.0 ? 0.0 : 0.5 * expm1_1 * beta)
                    : (0.5 * expm1_1));
            }
        }
    }

    return SYMLOSS_OK;
}

int symloss_vae_gradient_f32(
    size_t n,
    size_t D,
    size_t Z,
    const float *SYMLOSS_RESTRICT reconstruction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float beta,
    float *SYMLOSS_RESTRICT gradient_reconstruction,
    float *SYMLOSS_RESTRICT gradient_mean,
    float *SYMLOSS_RESTRICT gradient_log_variance)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, D * Z);
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
            const double example_scale = scale * example_weight;
            for (size_t d = 0; d < D; ++d) {
                gradient_reconstruction[i * D + d] = (float)(example_scale
                    * ((double)reconstruction[i * D + d] - (double)target[i * D + d]));
            }
            for (size_t z = 0; z < Z; ++z) {
                gradient_mean[i * Z + z] = (float)(example_scale * ((double)beta * (double)mean[i * Z + z]));
                const double expm1_1 = symloss_expm1((double)log_variance[i * Z + z]);
                gradient_log_variance[i * Z + z] = (float)(example_scale
                    * ((0.5 * expm1_1) == (0.5 * expm1_1)
                    ? ((double)beta == 0.0 ? 0.0 : 0.5 * expm1_1 * (double)beta) : (0.5 * expm1_1)));
            }
        }
    }

    return SYMLOSS_OK;
}

int symloss_vae_value_and_gradient_f64(
    size_t n,
    size_t D,
    size_t Z,
    const double *SYMLOSS_RESTRICT reconstruction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double beta,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_reconstruction,
    double *SYMLOSS_RESTRICT gradient_mean,
    double *SYMLOSS_RESTRICT gradient_log_variance)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, D * Z);
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
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    const double term_1 = reconstruction[i * D + d] - target[i * D + d];
                    sum_1_terms[d - block_start] = term_1 * term_1;
                    gradient_reconstruction[i * D + d] = example_scale * term_1;
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            double sum_2_total = 0.0, sum_2_rest = 0.0;
            for (size_t block_start = 0; block_start < Z; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, Z);
                double sum_2_terms[SYMLOSS_BLOCK];
                for (size_t z = block_start; z < block_stop; ++z) {
                    const double expm1_1 = symloss_expm1(log_variance[i * Z + z]);
                    sum_2_terms[z - block_start] = (fabs(log_variance[i * Z + z]) < 1.0
                        ? (log_variance[i * Z + z] * log_variance[i * Z + z]
                        * ((((((((((((((((log_variance[i * Z + z] / 6402373705728000.0 + 1.0
                        / 355687428096000.0) * log_variance[i * Z + z] + 1.0 / 20922789888000.0)
                        * log_variance[i * Z + z] + 1.0 / 1307674368000.0) * log_variance[i * Z + z] + 1.0
                        / 87178291200.0) * log_variance[i * Z + z] + 1.0 / 6227020800.0)
                        * log_variance[i * Z + z] + 1.0 / 479001600.0) * log_variance[i * Z + z] + 1.0
                        / 39916800.0) * log_variance[i * Z + z] + 1.0 / 3628800.0) * log_variance[i * Z + z]
                        + 1.0 / 362880.0) * log_variance[i * Z + z] + 1.0 / 40320.0)
                        * log_variance[i * Z + z] + 1.0 / 5040.0) * log_variance[i * Z + z] + 1.0 / 720.0)
                        * log_variance[i * Z + z] + 1.0 / 120.0) * log_variance[i * Z + z] + 1.0 / 24.0)
                        * log_variance[i * Z + z] + 1.0 / 6.0) * log_variance[i * Z + z] + 0.5)) : expm1_1
                        - log_variance[i * Z + z]) + mean[i * Z + z] * mean[i * Z + z];
                    gradient_mean[i * Z + z] = example_scale * (beta * mean[i * Z + z]);
                    gradient_log_variance[i * Z + z] = example_scale
                        * ((0.5 * expm1_1) == (0.5 * expm1_1) ? (beta == 0.0 ? 0.0 : 0.5 * expm1_1 * beta)
                        : (0.5 * expm1_1));
                }
                symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
            }
            const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
            const double example_value = ((0.5 * sum_2) == (0.5 * sum_2)
                ? (beta == 0.0 ? 0.0 : 0.5 * beta * sum_2) : (0.5 * sum_2)) + 0.5 * sum_1;
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

int symloss_vae_value_and_gradient_f32(
    size_t n,
    size_t D,
    size_t Z,
    const float *SYMLOSS_RESTRICT reconstruction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float beta,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_reconstruction,
    float *SYMLOSS_RESTRICT gradient_mean,
    float *SYMLOSS_RESTRICT gradient_log_variance)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, D * Z);
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
            double sum_1_total = 0.0, sum_1_rest = 0.0;
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, D);
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    const double term_1 = (double)reconstruction[i * D + d] - (double)target[i * D + d];
                    sum_1_terms[d - block_start] = term_1 * term_1;
                    gradient_reconstruction[i * D + d] = (float)(example_scale * term_1);
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, &sum_1_total, &sum_1_rest);
            }
            const double sum_1 = symloss_sum(sum_1_total, sum_1_rest);
            double sum_2_total = 0.0, sum_2_rest = 0.0;
            for (size_t block_start = 0; block_start < Z; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, Z);
                double sum_2_terms[SYMLOSS_BLOCK];
                for (size_t z = block_start; z < block_stop; ++z) {
                    const double expm1_1 = symloss_expm1((double)log_variance[i * Z + z]);
                    sum_2_terms[z - block_start] = (fabs((double)log_variance[i * Z + z]) < 1.0
                        ? ((double)log_variance[i * Z + z] * (double)log_variance[i * Z + z]
                        * (((((((((((((((((double)log_variance[i * Z + z] / 6402373705728000.0 + 1.0
                        / 355687428096000.0) * (double)log_variance[i * Z + z] + 1.0 / 20922789888000.0)
                        * (double)log_variance[i * Z + z] + 1.0 / 1307674368000.0)
                        * (double)log_variance[i * Z + z] + 1.0 / 87178291200.0)
                        * (double)log_variance[i * Z + z] + 1.0 / 6227020800.0)
                        * (double)log_variance[i * Z + z] + 1.0 / 479001600.0)
                        * (double)log_variance[i * Z + z] + 1.0 / 39916800.0)
                        * (double)log_variance[i * Z + z] + 1.0 / 3628800.0)
                        * (double)log_variance[i * Z + z] + 1.0 / 362880.0) * (double)log_variance[i * Z + z]
                        + 1.0 / 40320.0) * (double)log_variance[i * Z + z] + 1.0 / 5040.0)
                        * (double)log_variance[i * Z + z] + 1.0 / 720.0) * (double)log_variance[i * Z + z]
                        + 1.0 / 120.0) * (double)log_variance[i * Z + z] + 1.0 / 24.0)
                        * (double)log_variance[i * Z + z] + 1.0 / 6.0) * (double)log_variance[i * Z + z]
                        + 0.5)) : expm1_1 - (double)log_variance[i * Z + z]) + (double)mean[i * Z + z]
                        * (double)mean[i * Z + z];
                    gradient_mean[i * Z + z] = (float)(example_scale
                        * ((double)beta * (double)mean[i * Z + z]));
                    gradient_log_variance[i * Z + z] = (float)(example_scale
                        * ((0.5 * expm1_1) == (0.5 * expm1_1)
                        ? ((double)beta == 0.0 ? 0.0 : 0.5 * expm1_1 * (double)beta) : (0.5 * expm1_1)));
                }
                symloss_add_all(sum_2_terms, block_stop - block_start, &sum_2_total, &sum_2_rest);
            }
            const double sum_2 = symloss_sum(sum_2_total, sum_2_rest);
            const double example_value = ((0.5 * sum_2) == (0.5 * sum_2)
                ? ((double)beta == 0.0 ? 0.0 : 0.5 * (double)beta * sum_2) : (0.5 * sum_2)) + 0.5 * sum_1;
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

int symloss_vae_hessian_vector_product_f64(
    size_t n,
    size_t D,
    size_t Z,
    const double *SYMLOSS_RESTRICT reconstruction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT mean,
    const double *SYMLOSS_RESTRICT log_variance,
    const double *SYMLOSS_RESTRICT vector_reconstruction,
    const double *SYMLOSS_RESTRICT vector_mean,
    const double *SYMLOSS_RESTRICT vector_log_variance,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double beta,
    double *SYMLOSS_RESTRICT product_reconstruction,
    double *SYMLOSS_RESTRICT product_mean,
    double *SYMLOSS_RESTRICT product_log_variance)
{
    (void)reconstruction;
    (void)target;
    (void)mean;
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, D * Z);
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? weight[i] : 1.0;
            const double example_scale = scale * example_weight;
            for (size_t d = 0; d < D; ++d) {
                product_reconstruction[i * D + d] = example_scale * vector_reconstruction[i * D + d];
            }
            for (size_t z = 0; z < Z; ++z) {
                product_mean[i * Z + z] = example_scale * (beta * vector_mean[i * Z + z]);
                const double exp_1 = symloss_exp(log_variance[i * Z + z]);
                product_log_variance[i * Z + z] = example_scale
                    * ((0.5 * exp_1 * vector_log_variance[i * Z + z]) == (0.5 * exp_1
                    * vector_log_variance[i * Z + z]) ? (beta == 0.0 ? 0.0 : 0.5 * exp_1 * beta
                    * vector_log_variance[i * Z + z]) : (0.5 * exp_1 * vector_log_variance[i * Z + z]));
            }
        }
    }

    return SYMLOSS_OK;
}

int symloss_vae_hessian_vector_product_f32(
    size_t n,
    size_t D,
    size_t Z,
    const float *SYMLOSS_RESTRICT reconstruction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT mean,
    const float *SYMLOSS_RESTRICT log_variance,
    const float *SYMLOSS_RESTRICT vector_reconstruction,
    const float *SYMLOSS_RESTRICT vector_mean,
    const float *SYMLOSS_RESTRICT vector_log_variance,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float beta,
    float *SYMLOSS_RESTRICT product_reconstruction,
    float *SYMLOSS_RESTRICT product_mean,
    float *SYMLOSS_RESTRICT product_log_variance)
{
    (void)reconstruction;
    (void)target;
    (void)mean;
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, D * Z);
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
            const double example_scale = scale * example_weight;
            for (size_t d = 0; d < D; ++d) {
                product_reconstruction[i * D + d] = (float)(example_scale
                    * (double)vector_reconstruction[i * D + d]);
            }
            for (size_t z = 0; z < Z; ++z) {
                product_mean[i * Z + z] = (float)(example_scale
                    * ((double)beta * (double)vector_mean[i * Z + z]));
                const double exp_1 = symloss_exp((double)log_variance[i * Z + z]);
                product_log_variance[i * Z + z] = (float)(example_scale
                    * ((0.5 * exp_1 * (double)vector_log_variance[i * Z + z]) == (0.5 * exp_1
                    * (double)vector_log_variance[i * Z + z])
                    ? ((double)beta == 0.0 ? 0.0 : 0.5 * exp_1 * (double)beta
                    * (double)vector_log_variance[i * Z + z])
                    : (0.5 * exp_1 * (double)vector_log_variance[i * Z + z])));
            }
        }
    }

    return SYMLOSS_OK;
}
