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
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate gan_discriminator --target c
 *
 * Measured against exact results:
 *     none: the code has changed since it was measured; run symloss certify
 */

#include "gan_discriminator.h"

#include <math.h>
#include <string.h>

/* Loops run over blocks of entries, and examples in some parts of at least so many entries. All this depends
 * on sizes alone, so that any number of threads gives the same bits. */
#define SYMLOSS_BLOCK ((size_t)256)
#define SYMLOSS_PARTS ((size_t)64)
#define SYMLOSS_PART ((size_t)16384)
/* So many terms are added side by side, and so many examples computed that have few entries. */
#define SYMLOSS_LANES ((size_t)32)

/* Where a block ends. */
static inline size_t symloss_stop(size_t start, size_t end, size_t length) {
    return end - start < length ? end : start + length;
}

/* Ask for the numbers of the next block while this one is computed. */
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

/* A sum in several places, so that terms can be added side by side. */
struct symloss_sums {
    double totals[SYMLOSS_LANES], rests[SYMLOSS_LANES];
    int used; /* whether there is anything beyond the first place */
};

/* Add terms: four by four, so that only one addition of four waits for those before. */
static void symloss_add_all(const double *terms, size_t count, struct symloss_sums *sums) {
    size_t start = 0;
    for (; start + 4 * SYMLOSS_LANES <= count; start += 4 * SYMLOSS_LANES) {
        const double *const quarter = terms + start;
        for (size_t at = 0; at < SYMLOSS_LANES; ++at) {
            double first = quarter[at], second = quarter[2 * SYMLOSS_LANES + at], lost = 0.0;
            symloss_add(quarter[SYMLOSS_LANES + at], &first, &lost);
            symloss_add(quarter[3 * SYMLOSS_LANES + at], &second, &lost);
            symloss_add(second, &first, &lost);
            symloss_add(first, &sums->totals[at], &lost);
            sums->rests[at] += lost;
        }
    }
    for (; start < count; start += SYMLOSS_LANES) {
        const size_t rest = symloss_stop(start, count, SYMLOSS_LANES) - start;
        for (size_t at = 0; at < rest; ++at) {
            symloss_add(terms[start + at], &sums->totals[at], &sums->rests[at]);
        }
    }
    sums->used |= count > 1;
}

static double symloss_total(struct symloss_sums *sums) {
    for (size_t half = sums->used ? SYMLOSS_LANES / 2 : 0; half > 0; half /= 2) {
        for (size_t at = 0; at < half; ++at) {
            symloss_add(sums->totals[half + at], &sums->totals[at], &sums->rests[at]);
            sums->rests[at] += sums->rests[half + at];
        }
    }
    return symloss_sum(sums->totals[0], sums->rests[0]);
}

/* The same for sums that become a float, where what rounding a double leaves out does not matter. */
struct symloss_sums_f32 {
    double totals[SYMLOSS_LANES];
    int used;
};

static void symloss_add_all_f32(const double *terms, size_t count, struct symloss_sums_f32 *sums) {
    size_t start = 0;
    for (; start + 4 * SYMLOSS_LANES <= count; start += 4 * SYMLOSS_LANES) {
        const double *const quarter = terms + start;
        for (size_t at = 0; at < SYMLOSS_LANES; ++at) {
            const double first = quarter[at] + quarter[SYMLOSS_LANES + at];
            const double second =
                quarter[2 * SYMLOSS_LANES + at] + quarter[3 * SYMLOSS_LANES + at];
            sums->totals[at] += first + second;
        }
    }
    for (; start < count; start += SYMLOSS_LANES) {
        const size_t rest = symloss_stop(start, count, SYMLOSS_LANES) - start;
        for (size_t at = 0; at < rest; ++at) {
            sums->totals[at] += terms[start + at];
        }
    }
    sums->used |= count > 1;
}

static void symloss_add_allf(const float *terms, size_t count, struct symloss_sums_f32 *sums) {
    size_t start = 0;
    for (; start + 4 * SYMLOSS_LANES <= count; start += 4 * SYMLOSS_LANES) {
        const float *const quarter = terms + start;
        for (size_t at = 0; at < SYMLOSS_LANES; ++at) {
            const double first = (double)quarter[at] + (double)quarter[SYMLOSS_LANES + at];
            const double second =
                (double)quarter[2 * SYMLOSS_LANES + at] + (double)quarter[3 * SYMLOSS_LANES + at];
            sums->totals[at] += first + second;
        }
    }
    for (; start < count; start += SYMLOSS_LANES) {
        const size_t rest = symloss_stop(start, count, SYMLOSS_LANES) - start;
        for (size_t at = 0; at < rest; ++at) {
            sums->totals[at] += (double)terms[start + at];
        }
    }
    sums->used |= count > 1;
}

static double symloss_total_f32(struct symloss_sums_f32 *sums) {
    for (size_t half = sums->used ? SYMLOSS_LANES / 2 : 0; half > 0; half /= 2) {
        for (size_t at = 0; at < half; ++at) {
            sums->totals[at] += sums->totals[half + at];
        }
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

/* Add them to a sum. */
static inline void symloss_add_values(
    const double *terms, const double *weight, size_t count, struct symloss_sums *sums)
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

/* Add them to a sum. */
static inline void symloss_add_valuesf(
    const float *terms, const float *weight, size_t count, struct symloss_sums_f32 *sums)
{
    if (weight == NULL) {
        symloss_add_allf(terms, count, sums);
    } else {
        double weighed[SYMLOSS_BLOCK];
        for (size_t at = 0; at < count; ++at) {
            weighed[at] = (double)weight[at] * (double)terms[at];
        }
        symloss_add_all_f32(weighed, count, sums);
    }
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

/* The larger of two numbers; NaN if one of them is. */
static inline float symloss_maxf(float a, float b) {
    return ((a >= b) | (a != a)) ? a : b;
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
 * number, whose lowest bits are those of k. */
static inline double symloss_reduce(double x, double *left, uint64_t *k) {
    const double shifted = x * 1.4426950408889634 + 6755399441055744.0;
    const double whole = shifted - 6755399441055744.0;
    const double high = x - whole * 6.93147180369123816490e-01;
    const double low = whole * 1.90821492927058770002e-10;
    const double r = high - low;
    *left = (high - r) - low;
    *k = symloss_bits(shifted);
    return r;
}

/* e^r - 1 - r, within 2^-56. */
static inline double symloss_beyond_tangent(double r) {
    const double z = r * r;
    double even = 2.7620075879983367e-07, odd = 2.5100375832561234e-08;
    even = 2.4801521322368692e-05 + z * even;
    even = 0.0013888888917196719 + z * even;
    even = 0.041666666666624164 + z * even;
    even = 0.5000000000000001 + z * even;
    odd = 2.7557268480310024e-06 + z * odd;
    odd = 0.00019841269863040545 + z * odd;
    odd = 0.008333333333330065 + z * odd;
    odd = 0.16666666666666669 + z * odd;
    return z * (even + r * odd);
}

/* 2^k for k from -1022 to 1023, 0 for -1023, infinity for 1024; what lies above the lowest 12 bits does not
 * matter. */
static inline double symloss_power_of_two(uint64_t k) {
    return symloss_from_bits((k << 52) + UINT64_C(0x3ff0000000000000));
}

/* e^x, within 1 ulp; with 2^k in two factors, for it may lie beyond the format where e^x does not. */
static inline double symloss_exp(double x) {
    const double upper = x > 710.0 ? 710.0 : x;
    double left;
    uint64_t k;
    const double r = symloss_reduce(upper < -750.0 ? -750.0 : upper, &left, &k);
    const double result = 1.0 + (r + (left + symloss_beyond_tangent(r)));
    const uint64_t half = k >> 1;
    return result * symloss_power_of_two(half) * symloss_power_of_two(k - half);
}

/* log(1 + x) for x from 0 to 1, within 0.9 ulp. */
static inline double symloss_log1p_unit(double x) {
    const double k = x > 0.5 ? 1.0 : 0.0;
    const double f = x > 0.5 ? 0.5 * (x - 1.0) : x;
    const double s = f / (2.0 + f);
    const double square = 0.5 * f * f;
    const double y = s * s;
    const double z = y * y;
    double even = 0.1321036048513262, odd = 0.13604015707124079;
    even = 0.18181738454723026 + z * even;
    even = 0.2857142856733919 + z * even;
    even = 0.6666666666666666 + z * even;
    odd = 0.15388834677801916 + z * odd;
    odd = 0.22222223037807243 + z * odd;
    odd = 0.400000000000078 + z * odd;
    const double beyond = s * (square + y * (even + y * odd));
    const double low = k * 1.90821492927058770002e-10;
    return k * 6.93147180369123816490e-01 - ((square - (beyond + low)) - f);
}

/* The same functions for results that become a float: within 2^-36, over the whole range of a double but for
 * the subnormal numbers, which are 0. */
static inline double symloss_reduce_f32(double x, uint64_t *k) {
    const double shifted = x * 1.4426950408889634 + 6755399441055744.0;
    *k = symloss_bits(shifted);
    return x - (shifted - 6755399441055744.0) * 0.6931471805599453;
}

static inline double symloss_beyond_one_f32(double r) {
    const double z = r * r;
    double even = 2.4859578222625295e-05, odd = 0.0001989927395864936;
    even = 0.001388885404961482 + z * even;
    even = 0.041666666718980845 + z * even;
    even = 0.5 + z * even;
    odd = 0.008333298483754886 + z * odd;
    odd = 0.16666666718997508 + z * odd;
    return r + z * (even + r * odd);
}

static inline double symloss_exp_f32(double x) {
    const double upper = x > 710.0 ? 710.0 : x;
    uint64_t k;
    const double r = symloss_reduce_f32(upper < -709.2 ? -709.2 : upper, &k);
    return (1.0 + symloss_beyond_one_f32(r)) * symloss_power_of_two(k);
}

static inline double symloss_log_of_f32(double k, double f) {
    const double s = f / (2.0 + f);
    const double y = s * s;
    const double z = y * y;
    double even = 0.19811250671143393, odd = 0.2216415413599606;
    even = 0.28572264842199147 + z * even;
    even = 0.6666666667002632 + z * even;
    odd = 0.3999999580334823 + z * odd;
    return k * 0.6931471805599453 + s * (2.0 + y * (even + y * odd));
}

static inline double symloss_log1p_unit_f32(double x) {
    return symloss_log_of_f32(x > 0.5 ? 1.0 : 0.0, x > 0.5 ? 0.5 * (x - 1.0) : x);
}

static inline float symloss_expf(float x) {
    return (float)symloss_exp_f32((double)x);
}

static inline float symloss_log1p_unitf(float x) {
    return (float)symloss_log1p_unit_f32((double)x);
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
    const size_t parts = symloss_parts(n, 1);
    double part_totals[SYMLOSS_PARTS];
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
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
                const double exp_1 = symloss_exp(-fabs(fake_logits[i]));
                exp_1_block[i - block_start] = exp_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double exp_1 = exp_1_block[i - block_start];
                const double log1p_1 = symloss_log1p_unit(exp_1);
                log1p_1_block[i - block_start] = log1p_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double exp_2 = symloss_exp(-fabs(real_logits[i]));
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
    if (reduction != SYMLOSS_NONE) {
        value[0] = (reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
    return SYMLOSS_OK;
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
    const size_t parts = symloss_parts(n, 1);
    double part_totals[SYMLOSS_PARTS];
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        struct symloss_sums_f32 value_sums = {{0.0}, 0};
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCK);
            const float *const block_weight = weight != NULL ? weight + block_start : NULL;
            float value_terms[SYMLOSS_BLOCK];
            float exp_1_block[SYMLOSS_BLOCK];
            float log1p_1_block[SYMLOSS_BLOCK];
            float exp_2_block[SYMLOSS_BLOCK];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(real_logits + block_stop, next * sizeof(real_logits[0]));
            symloss_fetch(fake_logits + block_stop, next * sizeof(fake_logits[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const float exp_1 = symloss_expf(-fabsf(fake_logits[i]));
                exp_1_block[i - block_start] = exp_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const float exp_1 = exp_1_block[i - block_start];
                const float log1p_1 = symloss_log1p_unitf(exp_1);
                log1p_1_block[i - block_start] = log1p_1;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const float exp_2 = symloss_expf(-fabsf(real_logits[i]));
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
    if (reduction != SYMLOSS_NONE) {
        value[0] = (float)(reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
    return SYMLOSS_OK;
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
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, 1);
    double scales[SYMLOSS_BLOCK];
    for (size_t at = 0; at < SYMLOSS_BLOCK; ++at) {
        scales[at] = scale;
    }
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
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
                const double exp_1 = symloss_exp(-fabs(fake_logits[i]));
                const double p_fake = (fake_logits[i] >= 0.0 ? 1.0 : exp_1) / (exp_1 + 1.0);
                p_fake_block[i - block_start] = p_fake;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double example_scale = block_scale[i - block_start];
                const double p_fake = p_fake_block[i - block_start];
                const double exp_2 = symloss_exp(-fabs(real_logits[i]));
                gradient_real_logits[i] = example_scale * (-(-real_logits[i] >= 0.0 ? 1.0 : exp_2)
                    / (exp_2 + 1.0));
                gradient_fake_logits[i] = example_scale * p_fake;
            }
        }
    }

    return SYMLOSS_OK;
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
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, 1);
    float scales[SYMLOSS_BLOCK];
    for (size_t at = 0; at < SYMLOSS_BLOCK; ++at) {
        scales[at] = (float)scale;
    }
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCK);
            const float *const block_weight = weight != NULL ? weight + block_start : NULL;
            float weighed_scales[SYMLOSS_BLOCK];
            const float *const block_scale = weight == NULL ? scales
                : symloss_weighf(block_weight, block_stop - block_start, scale, weighed_scales);
            float p_fake_block[SYMLOSS_BLOCK];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(real_logits + block_stop, next * sizeof(real_logits[0]));
            symloss_fetch(fake_logits + block_stop, next * sizeof(fake_logits[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const float exp_1 = symloss_expf(-fabsf(fake_logits[i]));
                const float p_fake = (fake_logits[i] >= 0.0F ? 1.0F : exp_1) / (exp_1 + 1.0F);
                p_fake_block[i - block_start] = p_fake;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const float example_scale = block_scale[i - block_start];
                const float p_fake = p_fake_block[i - block_start];
                const float exp_2 = symloss_expf(-fabsf(real_logits[i]));
                gradient_real_logits[i] = example_scale * (-(-real_logits[i] >= 0.0F ? 1.0F : exp_2)
                    / (exp_2 + 1.0F));
                gradient_fake_logits[i] = example_scale * p_fake;
            }
        }
    }

    return SYMLOSS_OK;
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
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, 1);
    double scales[SYMLOSS_BLOCK];
    for (size_t at = 0; at < SYMLOSS_BLOCK; ++at) {
        scales[at] = scale;
    }
    double part_totals[SYMLOSS_PARTS];
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
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
                const double exp_1 = symloss_exp(-fabs(fake_logits[i]));
                const double p_fake = (fake_logits[i] >= 0.0 ? 1.0 : exp_1) / (exp_1 + 1.0);
                exp_1_block[i - block_start] = exp_1;
                p_fake_block[i - block_start] = p_fake;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double exp_2 = symloss_exp(-fabs(real_logits[i]));
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
    if (reduction != SYMLOSS_NONE) {
        value[0] = (reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
    return SYMLOSS_OK;
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
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, 1);
    float scales[SYMLOSS_BLOCK];
    for (size_t at = 0; at < SYMLOSS_BLOCK; ++at) {
        scales[at] = (float)scale;
    }
    double part_totals[SYMLOSS_PARTS];
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        struct symloss_sums_f32 value_sums = {{0.0}, 0};
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCK);
            const float *const block_weight = weight != NULL ? weight + block_start : NULL;
            float weighed_scales[SYMLOSS_BLOCK];
            const float *const block_scale = weight == NULL ? scales
                : symloss_weighf(block_weight, block_stop - block_start, scale, weighed_scales);
            float value_terms[SYMLOSS_BLOCK];
            float exp_1_block[SYMLOSS_BLOCK];
            float p_fake_block[SYMLOSS_BLOCK];
            float exp_2_block[SYMLOSS_BLOCK];
            float log1p_1_block[SYMLOSS_BLOCK];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(real_logits + block_stop, next * sizeof(real_logits[0]));
            symloss_fetch(fake_logits + block_stop, next * sizeof(fake_logits[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const float exp_1 = symloss_expf(-fabsf(fake_logits[i]));
                const float p_fake = (fake_logits[i] >= 0.0F ? 1.0F : exp_1) / (exp_1 + 1.0F);
                exp_1_block[i - block_start] = exp_1;
                p_fake_block[i - block_start] = p_fake;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const float exp_2 = symloss_expf(-fabsf(real_logits[i]));
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
    if (reduction != SYMLOSS_NONE) {
        value[0] = (float)(reduction == SYMLOSS_MEAN ? examples_value / divisor : examples_value);
    }
    return SYMLOSS_OK;
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
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, 1);
    double scales[SYMLOSS_BLOCK];
    for (size_t at = 0; at < SYMLOSS_BLOCK; ++at) {
        scales[at] = scale;
    }
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
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
                const double exp_1 = symloss_exp(-fabs(real_logits[i]));
                const double term_1 = exp_1 + 1.0;
                const double p_real = (real_logits[i] >= 0.0 ? 1.0 : exp_1) / term_1;
                exp_1_block[i - block_start] = exp_1;
                p_real_block[i - block_start] = p_real;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double example_scale = block_scale[i - block_start];
                const double exp_1 = exp_1_block[i - block_start];
                const double p_real = p_real_block[i - block_start];
                const double exp_2 = symloss_exp(-fabs(fake_logits[i]));
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

    return SYMLOSS_OK;
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
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, 1);
    double scales[SYMLOSS_BLOCK];
    for (size_t at = 0; at < SYMLOSS_BLOCK; ++at) {
        scales[at] = scale;
    }
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
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
                const double exp_1 = symloss_exp_f32(-fabs((double)real_logits[i]));
                const double term_1 = exp_1 + 1.0;
                const double p_real = ((double)real_logits[i] >= 0.0 ? 1.0 : exp_1) / term_1;
                exp_1_block[i - block_start] = exp_1;
                p_real_block[i - block_start] = p_real;
            }
            for (size_t i = block_start; i < block_stop; ++i) {
                const double example_scale = block_scale[i - block_start];
                const double exp_1 = exp_1_block[i - block_start];
                const double p_real = p_real_block[i - block_start];
                const double exp_2 = symloss_exp_f32(-fabs((double)fake_logits[i]));
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

    return SYMLOSS_OK;
}
