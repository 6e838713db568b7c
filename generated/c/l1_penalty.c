/*
 * l1_penalty: The sum of the absolute values of the parameters, which drives many of them to exactly 0
 *     (the lasso).
 *
 * loss of the batch = Sum(Abs(parameters[j]), (j, P))
 * d/dparameters = sign(parameters[i])
 *
 * parameters: Real['P'], (P)
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate l1_penalty --target c
 */

#include "l1_penalty.h"

#include <math.h>

/* -1, 0 or 1; NaN of NaN. */
static inline double symloss_sign_f64(double x) {
    return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x;
}

/* -1, 0 or 1; NaN of NaN. */
static inline float symloss_sign_f32(float x) {
    return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x;
}

int symloss_l1_penalty_value_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double *SYMLOSS_RESTRICT value)
{
    double sum_1 = 0.0;
    for (size_t p = 0; p < P; ++p) {
        sum_1 += fabs(parameters[p]);
    }
    const double whole_value = sum_1;
    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_l1_penalty_value_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float *SYMLOSS_RESTRICT value)
{
    double sum_1_total = 0.0;
    for (size_t p = 0; p < P; ++p) {
        sum_1_total += (double)fabsf(parameters[p]);
    }
    const float sum_1 = (float)sum_1_total;
    const float whole_value = sum_1;
    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_l1_penalty_gradient_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double *SYMLOSS_RESTRICT gradient_parameters)
{
    for (size_t p = 0; p < P; ++p) {
        gradient_parameters[p] = symloss_sign_f64(parameters[p]);
    }
    return SYMLOSS_OK;
}

int symloss_l1_penalty_gradient_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float *SYMLOSS_RESTRICT gradient_parameters)
{
    for (size_t p = 0; p < P; ++p) {
        gradient_parameters[p] = symloss_sign_f32(parameters[p]);
    }
    return SYMLOSS_OK;
}

int symloss_l1_penalty_value_and_gradient_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_parameters)
{
    double sum_1 = 0.0;
    for (size_t p = 0; p < P; ++p) {
        sum_1 += fabs(parameters[p]);
        gradient_parameters[p] = symloss_sign_f64(parameters[p]);
    }
    const double whole_value = sum_1;
    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_l1_penalty_value_and_gradient_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_parameters)
{
    double sum_1_total = 0.0;
    for (size_t p = 0; p < P; ++p) {
        sum_1_total += (double)fabsf(parameters[p]);
        gradient_parameters[p] = symloss_sign_f32(parameters[p]);
    }
    const float sum_1 = (float)sum_1_total;
    const float whole_value = sum_1;
    value[0] = whole_value;
    return SYMLOSS_OK;
}
