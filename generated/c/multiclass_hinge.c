/*
 * multiclass_hinge: The hinge loss of C classes: the right score must exceed the highest wrong one by
 *     the margin.
 *
 * loss of one example = Max(0, margin + rival - score[target])
 *   where rival = Max(Piecewise((score[j], Ne(j, target)), (-oo, True)), (j, C))
 * d/dscore = Piecewise((-KroneckerDelta(k, target) + Piecewise((KroneckerDelta(k,
 *     ArgMax(Piecewise((score[j], Ne(j, target)), (-oo, True)), (j, C))),
 *     Ne(ArgMax(Piecewise((score[j], Ne(j, target)), (-oo, True)), (j, C)), target)), (0, True)),
 *     margin + rival - score[target] >= 0), (0, True))
 *
 * score: Real['C'], (..., C)
 * target: ClassIndex['C'], (...)
 * margin: Positive, default 1
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate multiclass_hinge --target c
 *
 * Measured against exact results:
 *     none: the code has changed since it was measured; run symloss certify
 */

#include "multiclass_hinge.h"

#include <math.h>

/* Loops run over blocks of entries, and examples in some parts of at least so many entries. All this depends
 * on sizes alone, so that any number of threads gives the same bits. */
#define SYMLOSS_BLOCK ((size_t)256)
#define SYMLOSS_PARTS ((size_t)64)
#define SYMLOSS_PART ((size_t)16384)

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

/* The larger of two numbers; NaN if one of them is. */
static inline float symloss_maxf(float a, float b) {
    return ((a >= b) | (a != a)) ? a : b;
}

/* The largest of up to SYMLOSS_BLOCK terms and of what was the largest before; NaN if one of them is. */
static float symloss_largestf(const float *terms, size_t count, float before) {
    float larger[SYMLOSS_BLOCK];
    size_t kept = count - count / 2;
    larger[0] = before;
    for (size_t at = 0; at < kept; ++at) {
        larger[at] = symloss_maxf(terms[at], terms[count / 2 + at]);
    }
    for (count = kept; count > 1; count = kept) {
        kept = count - count / 2;
        for (size_t at = 0; at < count / 2; ++at) {
            larger[at] = symloss_maxf(larger[at], larger[kept + at]);
        }
    }
    return symloss_maxf(before, larger[0]);
}

/* The place of the first largest term, or of the first NaN, among these terms and those before. */
static void symloss_placef(
    const float *terms, size_t count, size_t first, size_t *place, float *best)
{
    const float largest = symloss_largestf(terms, count, *best);
    if (largest > *best || (largest != largest && *best == *best)) {
        size_t at = 0;
        while (terms[at] != largest && terms[at] == terms[at]) {
            ++at;
        }
        *place = first + at;
        *best = largest;
    }
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

int symloss_multiclass_hinge_value_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (target[at] < 0 || (uint64_t)target[at] >= (uint64_t)C) {
            return SYMLOSS_BAD_INDEX;
        }
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
            double largest_1 = -(double)INFINITY;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
                double largest_1_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    largest_1_terms[c - block_start] = (int64_t)c != target[i] ? score[i * C + c]
                        : -(double)INFINITY;
                }
                largest_1 = symloss_largest(largest_1_terms, block_stop - block_start, largest_1);
            }
            const double rival = largest_1;
            const double example_value = symloss_max(0.0, margin + rival - score[i * C + (size_t)target[i]]);
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

int symloss_multiclass_hinge_value_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (target[at] < 0 || (uint64_t)target[at] >= (uint64_t)C) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const size_t parts = symloss_parts(n, C);
    double part_totals[SYMLOSS_PARTS];
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        double value_total = 0.0;
        for (size_t i = part_start; i < part_stop; ++i) {
            const float example_weight = weight != NULL ? weight[i] : 1.0F;
            float largest_1 = -(float)INFINITY;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
                float largest_1_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    largest_1_terms[c - block_start] = (int64_t)c != target[i] ? score[i * C + c]
                        : -(float)INFINITY;
                }
                largest_1 = symloss_largestf(largest_1_terms, block_stop - block_start, largest_1);
            }
            const float rival = largest_1;
            const float example_value = symloss_maxf(0.0F, margin + rival - score[i * C + (size_t)target[i]]);
            if (reduction == SYMLOSS_NONE) {
                value[i] = example_weight * example_value;
            } else {
                value_total += (double)example_weight * (double)example_value;
            }
        }
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

int symloss_multiclass_hinge_gradient_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT gradient_score)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (target[at] < 0 || (uint64_t)target[at] >= (uint64_t)C) {
            return SYMLOSS_BAD_INDEX;
        }
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
                const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
                double place_1_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    const double case_1 = (int64_t)c != target[i] ? score[i * C + c] : -(double)INFINITY;
                    place_1_terms[c - block_start] = case_1;
                }
                symloss_place(
                    place_1_terms, block_stop - block_start, block_start,
                    &place_1, &place_1_value);
            }
            const double largest_1 = place_1_value;
            const double rival = largest_1;
            const double term_1 = margin + rival - score[i * C + (size_t)target[i]];
            for (size_t c = 0; c < C; ++c) {
                gradient_score[i * C + c] = example_scale
                    * (term_1 == term_1 ? (term_1 >= 0.0
                    ? ((int64_t)place_1 != target[i] ? ((int64_t)c == (int64_t)place_1 ? 1.0 : 0.0) : 0.0)
                    - ((int64_t)c == target[i] ? 1.0 : 0.0) : 0.0) : term_1);
            }
        }
    }

    return SYMLOSS_OK;
}

int symloss_multiclass_hinge_gradient_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT gradient_score)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (target[at] < 0 || (uint64_t)target[at] >= (uint64_t)C) {
            return SYMLOSS_BAD_INDEX;
        }
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
            const float example_weight = weight != NULL ? weight[i] : 1.0F;
            const float example_scale = (float)(scale * (double)example_weight);
            size_t place_1 = 0;
            float place_1_value = -(float)INFINITY;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
                float place_1_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    const float case_1 = (int64_t)c != target[i] ? score[i * C + c] : -(float)INFINITY;
                    place_1_terms[c - block_start] = case_1;
                }
                symloss_placef(
                    place_1_terms, block_stop - block_start, block_start,
                    &place_1, &place_1_value);
            }
            const float largest_1 = place_1_value;
            const float rival = largest_1;
            const float term_1 = margin + rival - score[i * C + (size_t)target[i]];
            for (size_t c = 0; c < C; ++c) {
                gradient_score[i * C + c] = example_scale
                    * (term_1 == term_1 ? (term_1 >= 0.0F
                    ? ((int64_t)place_1 != target[i] ? ((int64_t)c == (int64_t)place_1 ? 1.0F : 0.0F) : 0.0F)
                    - ((int64_t)c == target[i] ? 1.0F : 0.0F) : 0.0F) : term_1);
            }
        }
    }

    return SYMLOSS_OK;
}

int symloss_multiclass_hinge_value_and_gradient_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_score)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (target[at] < 0 || (uint64_t)target[at] >= (uint64_t)C) {
            return SYMLOSS_BAD_INDEX;
        }
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
                const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
                double place_1_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    const double case_1 = (int64_t)c != target[i] ? score[i * C + c] : -(double)INFINITY;
                    place_1_terms[c - block_start] = case_1;
                }
                symloss_place(
                    place_1_terms, block_stop - block_start, block_start,
                    &place_1, &place_1_value);
            }
            const double largest_1 = place_1_value;
            const double rival = largest_1;
            const double term_1 = margin + rival - score[i * C + (size_t)target[i]];
            const double example_value = symloss_max(0.0, term_1);
            if (reduction == SYMLOSS_NONE) {
                value[i] = example_weight * example_value;
            } else {
                symloss_add(example_weight * example_value, &value_total, &value_rest);
            }
            for (size_t c = 0; c < C; ++c) {
                gradient_score[i * C + c] = example_scale
                    * (term_1 == term_1 ? (term_1 >= 0.0
                    ? ((int64_t)place_1 != target[i] ? ((int64_t)c == (int64_t)place_1 ? 1.0 : 0.0) : 0.0)
                    - ((int64_t)c == target[i] ? 1.0 : 0.0) : 0.0) : term_1);
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

int symloss_multiclass_hinge_value_and_gradient_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_score)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (target[at] < 0 || (uint64_t)target[at] >= (uint64_t)C) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, C);
    double part_totals[SYMLOSS_PARTS];
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n);
        const size_t part_stop = symloss_first(part + 1, parts, n);
        double value_total = 0.0;
        for (size_t i = part_start; i < part_stop; ++i) {
            const float example_weight = weight != NULL ? weight[i] : 1.0F;
            const float example_scale = (float)(scale * (double)example_weight);
            size_t place_1 = 0;
            float place_1_value = -(float)INFINITY;
            for (size_t block_start = 0; block_start < C; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = symloss_stop(block_start, C, SYMLOSS_BLOCK);
                float place_1_terms[SYMLOSS_BLOCK];
                for (size_t c = block_start; c < block_stop; ++c) {
                    const float case_1 = (int64_t)c != target[i] ? score[i * C + c] : -(float)INFINITY;
                    place_1_terms[c - block_start] = case_1;
                }
                symloss_placef(
                    place_1_terms, block_stop - block_start, block_start,
                    &place_1, &place_1_value);
            }
            const float largest_1 = place_1_value;
            const float rival = largest_1;
            const float term_1 = margin + rival - score[i * C + (size_t)target[i]];
            const float example_value = symloss_maxf(0.0F, term_1);
            if (reduction == SYMLOSS_NONE) {
                value[i] = example_weight * example_value;
            } else {
                value_total += (double)example_weight * (double)example_value;
            }
            for (size_t c = 0; c < C; ++c) {
                gradient_score[i * C + c] = example_scale
                    * (term_1 == term_1 ? (term_1 >= 0.0F
                    ? ((int64_t)place_1 != target[i] ? ((int64_t)c == (int64_t)place_1 ? 1.0F : 0.0F) : 0.0F)
                    - ((int64_t)c == target[i] ? 1.0F : 0.0F) : 0.0F) : term_1);
            }
        }
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

int symloss_multiclass_hinge_hessian_vector_product_f64(
    size_t n,
    size_t C,
    const double *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const double *SYMLOSS_RESTRICT vector,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    double margin,
    double *SYMLOSS_RESTRICT product_score)
{
    (void)score;
    (void)vector;
    (void)margin;
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (target[at] < 0 || (uint64_t)target[at] >= (uint64_t)C) {
            return SYMLOSS_BAD_INDEX;
        }
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
            for (size_t c = 0; c < C; ++c) {
                product_score[i * C + c] = example_scale * 0.0;
            }
        }
    }

    return SYMLOSS_OK;
}

int symloss_multiclass_hinge_hessian_vector_product_f32(
    size_t n,
    size_t C,
    const float *SYMLOSS_RESTRICT score,
    const int64_t *SYMLOSS_RESTRICT target,
    const float *SYMLOSS_RESTRICT vector,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    float margin,
    float *SYMLOSS_RESTRICT product_score)
{
    (void)score;
    (void)vector;
    (void)margin;
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && C == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (target[at] < 0 || (uint64_t)target[at] >= (uint64_t)C) {
            return SYMLOSS_BAD_INDEX;
        }
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
            for (size_t c = 0; c < C; ++c) {
                product_score[i * C + c] = (float)(example_scale * 0.0);
            }
        }
    }

    return SYMLOSS_OK;
}
