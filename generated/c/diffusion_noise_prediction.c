/*
 * diffusion_noise_prediction: Mean squared error of the predicted noise, weighed by the step of the
 *     diffusion process.
 *
 * loss of one example = squared_error*timestep_weight[timestep]
 *   where squared_error = Sum((-noise[j] + predicted_noise[j])**2, (j, D))/D
 * d/dpredicted_noise = (-2*noise[k] + 2*predicted_noise[k])*timestep_weight[timestep]/D
 *
 * predicted_noise: Real['D'], (..., D)
 * noise: Real['D'], (..., D)
 * timestep: ClassIndex['T'], (...)
 * timestep_weight: NonNegative['T'], (T), default 1
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate diffusion_noise_prediction --target c
 *
 * Measured against exact results:
 *     none: the code has changed since it was measured; run symloss certify
 */

#include "diffusion_noise_prediction.h"

#include <math.h>

/* Sums run in SYMLOSS_LANES lanes over blocks of terms, and examples in up to SYMLOSS_PARTS parts of at least
 * SYMLOSS_PART terms. All this depends on sizes alone, so that any number of threads gives the same bits. */
enum { SYMLOSS_LANES = 8, SYMLOSS_BLOCK = 256, SYMLOSS_PARTS = 64, SYMLOSS_PART = 16384 };

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

/* Add terms to the sums of the lanes. */
static inline void symloss_add_all(const double *terms, size_t count, double *totals, double *rests) {
    size_t at = 0;
    for (; at + SYMLOSS_LANES <= count; at += SYMLOSS_LANES) {
        for (size_t lane = 0; lane < SYMLOSS_LANES; ++lane) {
            symloss_add(terms[at + lane], &totals[lane], &rests[lane]);
        }
    }
    for (size_t lane = 0; at + lane < count; ++lane) {
        symloss_add(terms[at + lane], &totals[lane], &rests[lane]);
    }
}

/* The sum of the lanes, in the first of them. */
static inline void symloss_join(double *totals, double *rests) {
    for (size_t width = SYMLOSS_LANES / 2; width > 0; width /= 2) {
        for (size_t lane = 0; lane < width; ++lane) {
            symloss_add(totals[lane + width], &totals[lane], &rests[lane]);
            rests[lane] += rests[lane + width];
        }
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
    double totals[SYMLOSS_LANES] = {0.0}, rests[SYMLOSS_LANES] = {0.0};
    for (size_t start = 0; start < n; start += SYMLOSS_BLOCK) {
        const size_t count = n - start < SYMLOSS_BLOCK ? n - start : SYMLOSS_BLOCK;
        double terms[SYMLOSS_BLOCK];
        int bad = 0;
        for (size_t at = 0; at < count; ++at) {
            terms[at] = weight[start + at];
            bad |= !(terms[at] >= 0.0) | (terms[at] > 1.7976931348623157e308);
        }
        if (bad) {
            return SYMLOSS_BAD_WEIGHT;
        }
        symloss_add_all(terms, count, totals, rests);
    }
    symloss_join(totals, rests);
    *total = symloss_sum(totals[0], rests[0]);
    return n > 0 && (!(*total > 0.0) || isinf(*total)) ? SYMLOSS_BAD_WEIGHT : SYMLOSS_OK;
}

/* The sum of the weights; they and it must be finite, none < 0, and some > 0 where there are examples. */
static int symloss_total_f32(size_t n, const float *weight, double *total) {
    double totals[SYMLOSS_LANES] = {0.0}, rests[SYMLOSS_LANES] = {0.0};
    for (size_t start = 0; start < n; start += SYMLOSS_BLOCK) {
        const size_t count = n - start < SYMLOSS_BLOCK ? n - start : SYMLOSS_BLOCK;
        double terms[SYMLOSS_BLOCK];
        int bad = 0;
        for (size_t at = 0; at < count; ++at) {
            terms[at] = (double)weight[start + at];
            bad |= !(terms[at] >= 0.0) | (terms[at] > 1.7976931348623157e308);
        }
        if (bad) {
            return SYMLOSS_BAD_WEIGHT;
        }
        symloss_add_all(terms, count, totals, rests);
    }
    symloss_join(totals, rests);
    *total = symloss_sum(totals[0], rests[0]);
    return n > 0 && (!(*total > 0.0) || isinf(*total)) ? SYMLOSS_BAD_WEIGHT : SYMLOSS_OK;
}

int symloss_diffusion_noise_prediction_value_f64(
    size_t n,
    size_t D,
    size_t T,
    const double *SYMLOSS_RESTRICT predicted_noise,
    const double *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    const double *SYMLOSS_RESTRICT timestep_weight,
    double *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && T == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (timestep[at] < 0 || (uint64_t)timestep[at] >= (uint64_t)T) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const size_t parts = symloss_parts(n, D * T);
    double part_totals[SYMLOSS_PARTS], part_rests[SYMLOSS_PARTS];
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n), part_stop = symloss_first(part + 1, parts, n);
        double value_total = 0.0, value_rest = 0.0;
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? weight[i] : 1.0;
            double sum_1_totals[SYMLOSS_LANES] = {0.0}, sum_1_rests[SYMLOSS_LANES] = {0.0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = D - block_start < SYMLOSS_BLOCK ? D : block_start + SYMLOSS_BLOCK;
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    const double term_1 = predicted_noise[i * D + d] - noise[i * D + d];
                    sum_1_terms[d - block_start] = term_1 * term_1;
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, sum_1_totals, sum_1_rests);
            }
            symloss_join(sum_1_totals, sum_1_rests);
            const double sum_1 = symloss_sum(sum_1_totals[0], sum_1_rests[0]);
            const double squared_error = sum_1 / (double)D;
            const double example_value = squared_error * (timestep_weight != NULL
                ? timestep_weight[(size_t)timestep[i]] : 1.0);
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

int symloss_diffusion_noise_prediction_value_f32(
    size_t n,
    size_t D,
    size_t T,
    const float *SYMLOSS_RESTRICT predicted_noise,
    const float *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    const float *SYMLOSS_RESTRICT timestep_weight,
    float *SYMLOSS_RESTRICT value)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && T == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (timestep[at] < 0 || (uint64_t)timestep[at] >= (uint64_t)T) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const size_t parts = symloss_parts(n, D * T);
    double part_totals[SYMLOSS_PARTS], part_rests[SYMLOSS_PARTS];
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n), part_stop = symloss_first(part + 1, parts, n);
        double value_total = 0.0, value_rest = 0.0;
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
            double sum_1_totals[SYMLOSS_LANES] = {0.0}, sum_1_rests[SYMLOSS_LANES] = {0.0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = D - block_start < SYMLOSS_BLOCK ? D : block_start + SYMLOSS_BLOCK;
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    const double term_1 = (double)predicted_noise[i * D + d] - (double)noise[i * D + d];
                    sum_1_terms[d - block_start] = term_1 * term_1;
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, sum_1_totals, sum_1_rests);
            }
            symloss_join(sum_1_totals, sum_1_rests);
            const double sum_1 = symloss_sum(sum_1_totals[0], sum_1_rests[0]);
            const double squared_error = sum_1 / (double)D;
            const double example_value = squared_error * (double)(timestep_weight != NULL
                ? timestep_weight[(size_t)timestep[i]] : 1.0);
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

int symloss_diffusion_noise_prediction_gradient_f64(
    size_t n,
    size_t D,
    size_t T,
    const double *SYMLOSS_RESTRICT predicted_noise,
    const double *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    const double *SYMLOSS_RESTRICT timestep_weight,
    double *SYMLOSS_RESTRICT gradient_predicted_noise)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && T == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (timestep[at] < 0 || (uint64_t)timestep[at] >= (uint64_t)T) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, D * T);
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n), part_stop = symloss_first(part + 1, parts, n);
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_scale = weight != NULL ? scale * weight[i] : scale;
            const double entry_1 = (timestep_weight != NULL ? timestep_weight[(size_t)timestep[i]] : 1.0);
            for (size_t d = 0; d < D; ++d) {
                const double term_1 = 2.0 * (predicted_noise[i * D + d] - noise[i * D + d]);
                gradient_predicted_noise[i * D + d] = example_scale
                    * ((term_1 / (double)D) == (term_1 / (double)D)
                    ? (entry_1 == 0.0 ? 0.0 : entry_1 * term_1 / (double)D) : (term_1 / (double)D));
            }
        }
    }

    return SYMLOSS_OK;
}

int symloss_diffusion_noise_prediction_gradient_f32(
    size_t n,
    size_t D,
    size_t T,
    const float *SYMLOSS_RESTRICT predicted_noise,
    const float *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    const float *SYMLOSS_RESTRICT timestep_weight,
    float *SYMLOSS_RESTRICT gradient_predicted_noise)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && T == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (timestep[at] < 0 || (uint64_t)timestep[at] >= (uint64_t)T) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, D * T);
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n), part_stop = symloss_first(part + 1, parts, n);
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_scale = weight != NULL ? scale * (double)weight[i] : scale;
            const double entry_1 = (double)(timestep_weight != NULL ? timestep_weight[(size_t)timestep[i]]
                : 1.0);
            for (size_t d = 0; d < D; ++d) {
                const double term_1 = 2.0 * ((double)predicted_noise[i * D + d] - (double)noise[i * D + d]);
                gradient_predicted_noise[i * D + d] = (float)(example_scale
                    * ((term_1 / (double)D) == (term_1 / (double)D)
                    ? (entry_1 == 0.0 ? 0.0 : entry_1 * term_1 / (double)D) : (term_1 / (double)D)));
            }
        }
    }

    return SYMLOSS_OK;
}

int symloss_diffusion_noise_prediction_value_and_gradient_f64(
    size_t n,
    size_t D,
    size_t T,
    const double *SYMLOSS_RESTRICT predicted_noise,
    const double *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    const double *SYMLOSS_RESTRICT timestep_weight,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_predicted_noise)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && T == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (timestep[at] < 0 || (uint64_t)timestep[at] >= (uint64_t)T) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, D * T);
    double part_totals[SYMLOSS_PARTS], part_rests[SYMLOSS_PARTS];
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n), part_stop = symloss_first(part + 1, parts, n);
        double value_total = 0.0, value_rest = 0.0;
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? weight[i] : 1.0;
            const double example_scale = scale * example_weight;
            const double entry_1 = (timestep_weight != NULL ? timestep_weight[(size_t)timestep[i]] : 1.0);
            double sum_1_totals[SYMLOSS_LANES] = {0.0}, sum_1_rests[SYMLOSS_LANES] = {0.0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = D - block_start < SYMLOSS_BLOCK ? D : block_start + SYMLOSS_BLOCK;
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    const double term_1 = predicted_noise[i * D + d] - noise[i * D + d];
                    sum_1_terms[d - block_start] = term_1 * term_1;
                    const double term_2 = 2.0 * (predicted_noise[i * D + d] - noise[i * D + d]);
                    gradient_predicted_noise[i * D + d] = example_scale
                        * ((term_2 / (double)D) == (term_2 / (double)D)
                        ? (entry_1 == 0.0 ? 0.0 : entry_1 * term_2 / (double)D) : (term_2 / (double)D));
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, sum_1_totals, sum_1_rests);
            }
            symloss_join(sum_1_totals, sum_1_rests);
            const double sum_1 = symloss_sum(sum_1_totals[0], sum_1_rests[0]);
            const double squared_error = sum_1 / (double)D;
            const double example_value = entry_1 * squared_error;
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

int symloss_diffusion_noise_prediction_value_and_gradient_f32(
    size_t n,
    size_t D,
    size_t T,
    const float *SYMLOSS_RESTRICT predicted_noise,
    const float *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    const float *SYMLOSS_RESTRICT timestep_weight,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_predicted_noise)
{
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && T == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (timestep[at] < 0 || (uint64_t)timestep[at] >= (uint64_t)T) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, D * T);
    double part_totals[SYMLOSS_PARTS], part_rests[SYMLOSS_PARTS];
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n), part_stop = symloss_first(part + 1, parts, n);
        double value_total = 0.0, value_rest = 0.0;
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_weight = weight != NULL ? (double)weight[i] : 1.0;
            const double example_scale = scale * example_weight;
            const double entry_1 = (double)(timestep_weight != NULL ? timestep_weight[(size_t)timestep[i]]
                : 1.0);
            double sum_1_totals[SYMLOSS_LANES] = {0.0}, sum_1_rests[SYMLOSS_LANES] = {0.0};
            for (size_t block_start = 0; block_start < D; block_start += SYMLOSS_BLOCK) {
                const size_t block_stop = D - block_start < SYMLOSS_BLOCK ? D : block_start + SYMLOSS_BLOCK;
                double sum_1_terms[SYMLOSS_BLOCK];
                for (size_t d = block_start; d < block_stop; ++d) {
                    const double term_1 = (double)predicted_noise[i * D + d] - (double)noise[i * D + d];
                    sum_1_terms[d - block_start] = term_1 * term_1;
                    const double term_2 = 2.0 * ((double)predicted_noise[i * D + d]
                        - (double)noise[i * D + d]);
                    gradient_predicted_noise[i * D + d] = (float)(example_scale
                        * ((term_2 / (double)D) == (term_2 / (double)D)
                        ? (entry_1 == 0.0 ? 0.0 : entry_1 * term_2 / (double)D) : (term_2 / (double)D)));
                }
                symloss_add_all(sum_1_terms, block_stop - block_start, sum_1_totals, sum_1_rests);
            }
            symloss_join(sum_1_totals, sum_1_rests);
            const double sum_1 = symloss_sum(sum_1_totals[0], sum_1_rests[0]);
            const double squared_error = sum_1 / (double)D;
            const double example_value = entry_1 * squared_error;
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

int symloss_diffusion_noise_prediction_hessian_vector_product_f64(
    size_t n,
    size_t D,
    size_t T,
    const double *SYMLOSS_RESTRICT predicted_noise,
    const double *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const double *SYMLOSS_RESTRICT vector,
    const double *SYMLOSS_RESTRICT weight,
    int reduction,
    const double *SYMLOSS_RESTRICT timestep_weight,
    double *SYMLOSS_RESTRICT product_predicted_noise)
{
    (void)predicted_noise;
    (void)noise;
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && T == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (timestep[at] < 0 || (uint64_t)timestep[at] >= (uint64_t)T) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f64(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, D * T);
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n), part_stop = symloss_first(part + 1, parts, n);
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_scale = weight != NULL ? scale * weight[i] : scale;
            const double entry_1 = (timestep_weight != NULL ? timestep_weight[(size_t)timestep[i]] : 1.0);
            for (size_t d = 0; d < D; ++d) {
                product_predicted_noise[i * D + d] = example_scale
                    * (2.0 * entry_1 * vector[i * D + d] / (double)D);
            }
        }
    }

    return SYMLOSS_OK;
}

int symloss_diffusion_noise_prediction_hessian_vector_product_f32(
    size_t n,
    size_t D,
    size_t T,
    const float *SYMLOSS_RESTRICT predicted_noise,
    const float *SYMLOSS_RESTRICT noise,
    const int64_t *SYMLOSS_RESTRICT timestep,
    const float *SYMLOSS_RESTRICT vector,
    const float *SYMLOSS_RESTRICT weight,
    int reduction,
    const float *SYMLOSS_RESTRICT timestep_weight,
    float *SYMLOSS_RESTRICT product_predicted_noise)
{
    (void)predicted_noise;
    (void)noise;
    if (reduction != SYMLOSS_NONE && reduction != SYMLOSS_MEAN && reduction != SYMLOSS_SUM) {
        return SYMLOSS_BAD_REDUCTION;
    }
    if (n > 0 && T == 0) {
        return SYMLOSS_BAD_SIZE;
    }
    for (size_t at = 0; at < n; ++at) {
        if (timestep[at] < 0 || (uint64_t)timestep[at] >= (uint64_t)T) {
            return SYMLOSS_BAD_INDEX;
        }
    }
    double divisor = (double)n;
    if (weight != NULL && symloss_total_f32(n, weight, &divisor) != SYMLOSS_OK) {
        return SYMLOSS_BAD_WEIGHT;
    }
    const double inverse_divisor = divisor > 0.0 ? 1.0 / divisor : 0.0;
    const double scale = reduction == SYMLOSS_MEAN ? inverse_divisor : 1.0;
    const size_t parts = symloss_parts(n, D * T);
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (parts > 1)
#endif
    for (size_t part = 0; part < parts; ++part) {
        const size_t part_start = symloss_first(part, parts, n), part_stop = symloss_first(part + 1, parts, n);
        for (size_t i = part_start; i < part_stop; ++i) {
            const double example_scale = weight != NULL ? scale * (double)weight[i] : scale;
            const double entry_1 = (double)(timestep_weight != NULL ? timestep_weight[(size_t)timestep[i]]
                : 1.0);
            for (size_t d = 0; d < D; ++d) {
                product_predicted_noise[i * D + d] = (float)(example_scale
                    * (2.0 * entry_1 * (double)vector[i * D + d] / (double)D));
            }
        }
    }

    return SYMLOSS_OK;
}
