/*
 * soft_dice: One minus the Dice coefficient, with probabilities in place of the predicted region.
 *
 * loss of the batch = -(2*intersection + smooth)/(smooth + total) + 1
 *   where intersection = Sum(probability[j]*target[j], (j, N))
 *   where total = Sum(probability[j] + target[j], (j, N))
 * d/dprobability = (2*intersection + smooth - 2*(smooth + total)*target[i])/(smooth + total)**2
 *
 * probability: Probability['N'], (N)
 * target: Binary['N'], (N)
 * smooth: NonNegative, default 1
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate soft_dice --target c
 */

#include "soft_dice.h"

#include <math.h>

int symloss_soft_dice_value_f64(
    size_t N,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    double smooth,
    double *SYMLOSS_RESTRICT value)
{
    double sum_1 = 0.0;
    double sum_2 = 0.0;
    for (size_t i = 0; i < N; ++i) {
        sum_1 += probability[i] + target[i];
        sum_2 += probability[i] * target[i];
    }
    const double total = sum_1;
    const double intersection = sum_2;
    const double whole_value = (total - 2.0 * intersection) / (smooth + total);
    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_soft_dice_value_f32(
    size_t N,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    float smooth,
    float *SYMLOSS_RESTRICT value)
{
    double sum_1_total = 0.0;
    double sum_2_total = 0.0;
    for (size_t i = 0; i < N; ++i) {
        sum_1_total += (double)(probability[i] + target[i]);
        sum_2_total += (double)(probability[i] * target[i]);
    }
    const float sum_1 = (float)sum_1_total;
    const float sum_2 = (float)sum_2_total;
    const float total = sum_1;
    const float intersection = sum_2;
    const float whole_value = (total - 2.0f * intersection) / (smooth + total);
    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_soft_dice_gradient_f64(
    size_t N,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    double smooth,
    double *SYMLOSS_RESTRICT gradient_probability)
{
    double sum_1 = 0.0;
    double sum_2 = 0.0;
    for (size_t i = 0; i < N; ++i) {
        sum_1 += probability[i] + target[i];
        sum_2 += probability[i] * target[i];
    }
    const double total = sum_1;
    const double intersection = sum_2;
    const double product_1 = 2.0 * intersection;
    const double term_1 = smooth + total;
    const double term_2 = 2.0 * (-smooth - total);
    for (size_t i = 0; i < N; ++i) {
        gradient_probability[i] = (product_1 + smooth + (term_2 == term_2
            ? (target[i] == 0.0 ? 0.0 : -2.0 * term_1 * target[i]) : term_2)) / (term_1 * term_1);
    }
    return SYMLOSS_OK;
}

int symloss_soft_dice_gradient_f32(
    size_t N,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    float smooth,
    float *SYMLOSS_RESTRICT gradient_probability)
{
    double sum_1_total = 0.0;
    double sum_2_total = 0.0;
    for (size_t i = 0; i < N; ++i) {
        sum_1_total += (double)(probability[i] + target[i]);
        sum_2_total += (double)(probability[i] * target[i]);
    }
    const float sum_1 = (float)sum_1_total;
    const float sum_2 = (float)sum_2_total;
    const float total = sum_1;
    const float intersection = sum_2;
    const float product_1 = 2.0f * intersection;
    const float term_1 = smooth + total;
    const float term_2 = 2.0f * (-smooth - total);
    for (size_t i = 0; i < N; ++i) {
        gradient_probability[i] = (product_1 + smooth + (term_2 == term_2
            ? (target[i] == 0.0f ? 0.0f : -2.0f * term_1 * target[i]) : term_2)) / (term_1 * term_1);
    }
    return SYMLOSS_OK;
}

int symloss_soft_dice_value_and_gradient_f64(
    size_t N,
    const double *SYMLOSS_RESTRICT probability,
    const double *SYMLOSS_RESTRICT target,
    double smooth,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_probability)
{
    double sum_1 = 0.0;
    double sum_2 = 0.0;
    for (size_t i = 0; i < N; ++i) {
        sum_1 += probability[i] + target[i];
        sum_2 += probability[i] * target[i];
    }
    const double total = sum_1;
    const double intersection = sum_2;
    const double term_1 = smooth + total;
    const double whole_value = (total - 2.0 * intersection) / term_1;
    const double product_1 = 2.0 * intersection;
    const double term_2 = 2.0 * (-smooth - total);
    for (size_t i = 0; i < N; ++i) {
        gradient_probability[i] = (product_1 + smooth + (term_2 == term_2
            ? (target[i] == 0.0 ? 0.0 : -2.0 * term_1 * target[i]) : term_2)) / (term_1 * term_1);
    }
    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_soft_dice_value_and_gradient_f32(
    size_t N,
    const float *SYMLOSS_RESTRICT probability,
    const float *SYMLOSS_RESTRICT target,
    float smooth,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_probability)
{
    double sum_1_total = 0.0;
    double sum_2_total = 0.0;
    for (size_t i = 0; i < N; ++i) {
        sum_1_total += (double)(probability[i] + target[i]);
        sum_2_total += (double)(probability[i] * target[i]);
    }
    const float sum_1 = (float)sum_1_total;
    const float sum_2 = (float)sum_2_total;
    const float total = sum_1;
    const float intersection = sum_2;
    const float term_1 = smooth + total;
    const float whole_value = (total - 2.0f * intersection) / term_1;
    const float product_1 = 2.0f * intersection;
    const float term_2 = 2.0f * (-smooth - total);
    for (size_t i = 0; i < N; ++i) {
        gradient_probability[i] = (product_1 + smooth + (term_2 == term_2
            ? (target[i] == 0.0f ? 0.0f : -2.0f * term_1 * target[i]) : term_2)) / (term_1 * term_1);
    }
    value[0] = whole_value;
    return SYMLOSS_OK;
}
