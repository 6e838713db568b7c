/*
 * quantile: The pinball loss, whose best constant prediction is the quantile of the given level.
 *
 * loss of one example = Piecewise((level*r, r >= 0), (r*(level - 1), True))
 *   where r = -prediction + target
 * d/dprediction = Piecewise((-level, r >= 0), (1 - level, True))
 *
 * prediction: Real, any shape, the same for all
 * target: Real, any shape, the same for all
 * level: Interval(0, 1, open=True), default 0.5
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate quantile --target c
 *
 * Measured against exact results:
 *     none: the code has changed since it was measured; run symloss certify
 */

#include "quantile.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif
#include <math.h>
#include <string.h>

/* Loops run over blocks of entries, and examples in some parts of at least so many entries. All this depends
 * on sizes alone, so that any number of threads gives the same bits. */
#define SYMLOSS_BLOCK ((size_t)256)
#define SYMLOSS_PARTS ((size_t)64)
#define SYMLOSS_PART ((size_t)16384)

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

/* Outputs that no cache holds go past the caches, whose lines would be read first, only to be overwritten. */
#if defined(__SSE2__)
#define SYMLOSS_STREAMS(bytes) ((bytes) >= ((size_t)1 << 23))
#else
#define SYMLOSS_STREAMS(bytes) ((bytes) > SIZE_MAX - 1)
#endif

/* What has gone past the caches is there for other threads from here on. */
static inline void symloss_settle(void) {
#if defined(__SSE2__)
    _mm_sfence();
#endif
}

static void symloss_stream(const void *from, size_t bytes, void *to) {
    const char *source = from;
    char *target = to;
    size_t at = symloss_stop(0, bytes, (64 - (uintptr_t)to % 64) % 64);
    memcpy(target, source, at);
#if defined(__SSE2__)
    for (; at + 64 <= bytes; at += 64) { /* whole lines: parts of them would be read after all */
        for (size_t part = at; part < at + 64; part += 16) {
            _mm_stream_si128((__m128i *)(target + part), _mm_loadu_si128((const __m128i *)(source + part)));
        }
    }
#endif
    memcpy(target + at, source + at, bytes - at);
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

/* Add terms, and what rounding has left out of them, to a sum: by pairs of pairs, which compilers vectorise.
 * Both are overwritten. */
static void symloss_add_pairs(double *terms, double *rests, size_t count, double *total, double *rest) {
    while (count > 1) {
        const size_t half = count / 2, kept = count - half;
        for (size_t at = 0; at < half; ++at) {
            symloss_add(terms[kept + at], &terms[at], &rests[at]);
            rests[at] += rests[kept + at];
        }
        count = kept;
    }
    if (count > 0) {
        symloss_add(terms[0], total, rest);
        *rest += rests[0];
    }
}

/* Add a block of terms to as many sums. */
static inline void symloss_add_each(const double *terms, size_t count, double *totals, double *rests) {
    for (size_t at = 0; at < count; ++at) {
        symloss_add(terms[at], &totals[at], &rests[at]);
    }
}

/* Add a block of terms, which are overwritten, to a sum. */
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
    symloss_add_pairs(terms, rests, count, total, rest);
}

static inline void symloss_add_each_f32(const double *terms, size_t count, double *totals) {
    for (size_t at = 0; at < count; ++at) {
        totals[at] += terms[at];
    }
}

/* The same for sums that become a float, where what rounding a double leaves out does not matter. */
static void symloss_add_all_f32(double *terms, size_t count, double *total) {
    while (count > 7) {
        const size_t half = count / 2, kept = count - half;
        for (size_t at = 0; at < half; ++at) {
            terms[at] += terms[kept + at];
        }
        count = kept;
    }
    for (size_t at = 0; at < count; ++at) {
        *total += terms[at];
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

/* The sum of the weights; they and it must be finite, none < 0, and some > 0 where there are examples. */
static int symloss_total_f64(size_t n, const double *weight, double *total) {
    double rest = 0.0;
    *total = 0.0;
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
        symloss_add_all(terms, count, total, &rest);
    }
    *total = symloss_sum(*total, rest);
    return n > 0 && (!(*total > 0.0) || isinf(*total)) ? SYMLOSS_BAD_WEIGHT : SYMLOSS_OK;
}

int symloss_quantile_value_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT prediction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double level,
    double *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double term_1 = level - 1.0;
    const size_t parts = symloss_parts(n, 1);
    double ones[SYMLOSS_BLOCK];
    for (size_t at = 0; at < SYMLOSS_BLOCK; ++at) {
        ones[at] = 1.0;
    }
    double part_totals[SYMLOSS_PARTS], part_rests[SYMLOSS_PARTS];
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        double value_total = 0.0, value_rest = 0.0;
        const size_t lanes = symloss_stop(part_start, part_stop, SYMLOSS_BLOCK) - part_start;
        double value_totals[SYMLOSS_BLOCK], value_rests[SYMLOSS_BLOCK];
        for (size_t at = 0; at < lanes; ++at) {
            value_totals[at] = value_rests[at] = 0.0;
        }
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCK);
            const double *const block_weight = weight != NULL ? weight + block_start : ones;
            double value_terms[SYMLOSS_BLOCK];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(prediction + block_stop, next * sizeof(prediction[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const double example_weight = block_weight[i - block_start];
                const double r = target[i] - prediction[i];
                const double example_value = r >= 0.0 ? level * r : term_1 * r;
                value_terms[i - block_start] = example_weight * example_value;
            }
            if (reduction != SYMLOSS_NONE) {
                symloss_add_each(value_terms, block_stop - block_start, value_totals, value_rests);
            } else {
                for (size_t at = block_start; at < block_stop; ++at) {
                    value[at] = value_terms[at - block_start];
                }
            }
        }
        symloss_add_pairs(value_totals, value_rests, lanes, &value_total, &value_rest);
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

int symloss_quantile_value_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT prediction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float level,
    float *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const float term_1 = level - 1.0F;
    const size_t parts = symloss_parts(n, 1);
    float ones[SYMLOSS_BLOCK];
    for (size_t at = 0; at < SYMLOSS_BLOCK; ++at) {
        ones[at] = 1.0F;
    }
    double part_totals[SYMLOSS_PARTS];
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        double value_total = 0.0;
        const size_t lanes = symloss_stop(part_start, part_stop, SYMLOSS_BLOCK) - part_start;
        double value_totals[SYMLOSS_BLOCK];
        for (size_t at = 0; at < lanes; ++at) {
            value_totals[at] = 0.0;
        }
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCK);
            const float *const block_weight = weight != NULL ? weight + block_start : ones;
            double value_terms[SYMLOSS_BLOCK];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(prediction + block_stop, next * sizeof(prediction[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const float example_weight = block_weight[i - block_start];
                const float r = target[i] - prediction[i];
                const float example_value = r >= 0.0F ? level * r : term_1 * r;
                value_terms[i - block_start] = (double)example_weight * (double)example_value;
            }
            if (reduction != SYMLOSS_NONE) {
                symloss_add_each_f32(value_terms, block_stop - block_start, value_totals);
            } else {
                for (size_t at = block_start; at < block_stop; ++at) {
                    value[at] = (float)value_terms[at - block_start];
                }
            }
        }
        symloss_add_all_f32(value_totals, lanes, &value_total);
        part_totals[part] = value_total;
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

int symloss_quantile_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT prediction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double level,
    double *SYMLOSS_RESTRICT gradient_prediction)
{
    (void)gradient_prediction;
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const double term_1 = 1.0 - level;
    const size_t parts = symloss_parts(n, 1);
    double ones[SYMLOSS_BLOCK];
    for (size_t at = 0; at < SYMLOSS_BLOCK; ++at) {
        ones[at] = 1.0;
    }
    const int streams = SYMLOSS_STREAMS(n * sizeof(double));
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCK);
            const double *const block_weight = weight != NULL ? weight + block_start : ones;
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(prediction + block_stop, next * sizeof(prediction[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            double gradient_prediction_terms[SYMLOSS_BLOCK];
            double *const gradient_prediction_block =
                streams ? gradient_prediction_terms : gradient_prediction + block_start;
            for (size_t i = block_start; i < block_stop; ++i) {
                const double example_weight = block_weight[i - block_start];
                const double example_scale = scale * example_weight;
                const double r = target[i] - prediction[i];
                gradient_prediction_block[i - block_start] = example_scale
                    * (r == r ? (r >= 0.0 ? -level : term_1) : r);
            }
            if (streams) {
                symloss_stream(
                    gradient_prediction_terms, (block_stop - block_start) * sizeof(gradient_prediction_terms[0]),
                    gradient_prediction + block_start);
            }
        }
        symloss_settle();
    }

    return SYMLOSS_OK;
}

int symloss_quantile_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT prediction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float level,
    float *SYMLOSS_RESTRICT gradient_prediction)
{
    (void)gradient_prediction;
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const float term_1 = 1.0F - level;
    const size_t parts = symloss_parts(n, 1);
    float ones[SYMLOSS_BLOCK];
    for (size_t at = 0; at < SYMLOSS_BLOCK; ++at) {
        ones[at] = 1.0F;
    }
    const int streams = SYMLOSS_STREAMS(n * sizeof(float));
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCK);
            const float *const block_weight = weight != NULL ? weight + block_start : ones;
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(prediction + block_stop, next * sizeof(prediction[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            float gradient_prediction_terms[SYMLOSS_BLOCK];
            float *const gradient_prediction_block =
                streams ? gradient_prediction_terms : gradient_prediction + block_start;
            for (size_t i = block_start; i < block_stop; ++i) {
                const float example_weight = block_weight[i - block_start];
                const float example_scale = (float)(scale * (double)example_weight);
                const float r = target[i] - prediction[i];
                gradient_prediction_block[i - block_start] = example_scale
                    * (r == r ? (r >= 0.0F ? -level : term_1) : r);
            }
            if (streams) {
                symloss_stream(
                    gradient_prediction_terms, (block_stop - block_start) * sizeof(gradient_prediction_terms[0]),
                    gradient_prediction + block_start);
            }
        }
        symloss_settle();
    }

    return SYMLOSS_OK;
}

int symloss_quantile_value_and_gradient_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT prediction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double level,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_prediction)
{
    (void)gradient_prediction;
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const double term_1 = 1.0 - level;
    const double term_2 = level - 1.0;
    const size_t parts = symloss_parts(n, 1);
    double ones[SYMLOSS_BLOCK];
    for (size_t at = 0; at < SYMLOSS_BLOCK; ++at) {
        ones[at] = 1.0;
    }
    const int streams = SYMLOSS_STREAMS(n * sizeof(double));
    double part_totals[SYMLOSS_PARTS], part_rests[SYMLOSS_PARTS];
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        double value_total = 0.0, value_rest = 0.0;
        const size_t lanes = symloss_stop(part_start, part_stop, SYMLOSS_BLOCK) - part_start;
        double value_totals[SYMLOSS_BLOCK], value_rests[SYMLOSS_BLOCK];
        for (size_t at = 0; at < lanes; ++at) {
            value_totals[at] = value_rests[at] = 0.0;
        }
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCK);
            const double *const block_weight = weight != NULL ? weight + block_start : ones;
            double value_terms[SYMLOSS_BLOCK];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(prediction + block_stop, next * sizeof(prediction[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            double gradient_prediction_terms[SYMLOSS_BLOCK];
            double *const gradient_prediction_block =
                streams ? gradient_prediction_terms : gradient_prediction + block_start;
            for (size_t i = block_start; i < block_stop; ++i) {
                const double example_weight = block_weight[i - block_start];
                const double example_scale = scale * example_weight;
                const double r = target[i] - prediction[i];
                const double example_value = r >= 0.0 ? level * r : term_2 * r;
                value_terms[i - block_start] = example_weight * example_value;
                gradient_prediction_block[i - block_start] = example_scale
                    * (r == r ? (r >= 0.0 ? -level : term_1) : r);
            }
            if (streams) {
                symloss_stream(
                    gradient_prediction_terms, (block_stop - block_start) * sizeof(gradient_prediction_terms[0]),
                    gradient_prediction + block_start);
            }
            if (reduction != SYMLOSS_NONE) {
                symloss_add_each(value_terms, block_stop - block_start, value_totals, value_rests);
            } else {
                for (size_t at = block_start; at < block_stop; ++at) {
                    value[at] = value_terms[at - block_start];
                }
            }
        }
        symloss_add_pairs(value_totals, value_rests, lanes, &value_total, &value_rest);
        symloss_settle();
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

int symloss_quantile_value_and_gradient_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT prediction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float level,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_prediction)
{
    (void)gradient_prediction;
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const float term_1 = 1.0F - level;
    const float term_2 = level - 1.0F;
    const size_t parts = symloss_parts(n, 1);
    float ones[SYMLOSS_BLOCK];
    for (size_t at = 0; at < SYMLOSS_BLOCK; ++at) {
        ones[at] = 1.0F;
    }
    const int streams = SYMLOSS_STREAMS(n * sizeof(float));
    double part_totals[SYMLOSS_PARTS];
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        double value_total = 0.0;
        const size_t lanes = symloss_stop(part_start, part_stop, SYMLOSS_BLOCK) - part_start;
        double value_totals[SYMLOSS_BLOCK];
        for (size_t at = 0; at < lanes; ++at) {
            value_totals[at] = 0.0;
        }
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCK);
            const float *const block_weight = weight != NULL ? weight + block_start : ones;
            double value_terms[SYMLOSS_BLOCK];
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(prediction + block_stop, next * sizeof(prediction[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            float gradient_prediction_terms[SYMLOSS_BLOCK];
            float *const gradient_prediction_block =
                streams ? gradient_prediction_terms : gradient_prediction + block_start;
            for (size_t i = block_start; i < block_stop; ++i) {
                const float example_weight = block_weight[i - block_start];
                const float example_scale = (float)(scale * (double)example_weight);
                const float r = target[i] - prediction[i];
                const float example_value = r >= 0.0F ? level * r : term_2 * r;
                value_terms[i - block_start] = (double)example_weight * (double)example_value;
                gradient_prediction_block[i - block_start] = example_scale
                    * (r == r ? (r >= 0.0F ? -level : term_1) : r);
            }
            if (streams) {
                symloss_stream(
                    gradient_prediction_terms, (block_stop - block_start) * sizeof(gradient_prediction_terms[0]),
                    gradient_prediction + block_start);
            }
            if (reduction != SYMLOSS_NONE) {
                symloss_add_each_f32(value_terms, block_stop - block_start, value_totals);
            } else {
                for (size_t at = block_start; at < block_stop; ++at) {
                    value[at] = (float)value_terms[at - block_start];
                }
            }
        }
        symloss_add_all_f32(value_totals, lanes, &value_total);
        symloss_settle();
        part_totals[part] = value_total;
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

int symloss_quantile_hessian_f64(
    size_t n,
    const double *SYMLOSS_RESTRICT prediction,
    const double *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double level,
    double *SYMLOSS_RESTRICT hessian_prediction)
{
    (void)prediction;
    (void)target;
    (void)level;
    (void)hessian_prediction;
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, 1);
    double ones[SYMLOSS_BLOCK];
    for (size_t at = 0; at < SYMLOSS_BLOCK; ++at) {
        ones[at] = 1.0;
    }
    const int streams = SYMLOSS_STREAMS(n * sizeof(double));
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCK);
            const double *const block_weight = weight != NULL ? weight + block_start : ones;
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(prediction + block_stop, next * sizeof(prediction[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            double hessian_prediction_terms[SYMLOSS_BLOCK];
            double *const hessian_prediction_block =
                streams ? hessian_prediction_terms : hessian_prediction + block_start;
            for (size_t i = block_start; i < block_stop; ++i) {
                const double example_weight = block_weight[i - block_start];
                const double example_scale = scale * example_weight;
                hessian_prediction_block[i - block_start] = example_scale * 0.0;
            }
            if (streams) {
                symloss_stream(
                    hessian_prediction_terms, (block_stop - block_start) * sizeof(hessian_prediction_terms[0]),
                    hessian_prediction + block_start);
            }
        }
        symloss_settle();
    }

    return SYMLOSS_OK;
}

int symloss_quantile_hessian_f32(
    size_t n,
    const float *SYMLOSS_RESTRICT prediction,
    const float *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float level,
    float *SYMLOSS_RESTRICT hessian_prediction)
{
    (void)prediction;
    (void)target;
    (void)level;
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, 1);
    float ones[SYMLOSS_BLOCK];
    for (size_t at = 0; at < SYMLOSS_BLOCK; ++at) {
        ones[at] = 1.0F;
    }
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        for (size_t block_start = part_start; block_start < part_stop; block_start += SYMLOSS_BLOCK) {
            const size_t block_stop = symloss_stop(block_start, part_stop, SYMLOSS_BLOCK);
            const float *const block_weight = weight != NULL ? weight + block_start : ones;
            const size_t next = symloss_stop(block_stop, part_stop, SYMLOSS_BLOCK) - block_stop;
            symloss_fetch(prediction + block_stop, next * sizeof(prediction[0]));
            symloss_fetch(target + block_stop, next * sizeof(target[0]));
            for (size_t i = block_start; i < block_stop; ++i) {
                const double example_weight = (double)block_weight[i - block_start];
                const double example_scale = scale * example_weight;
                hessian_prediction[i] = (float)(example_scale * 0.0);
            }
        }
    }

    return SYMLOSS_OK;
}
