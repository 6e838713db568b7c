/*
 * l2_penalty: The sum of the squares of the parameters, which shrinks all of them towards 0 (ridge
 *     regression).
 *
 * loss of the batch = Sum(parameters[j]**2, (j, P))
 * d/dparameters = 2*parameters[i]
 *
 * parameters: Real['P'], (P)
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate l2_penalty --target c
 */

#include "l2_penalty.h"

#include <math.h>

int symloss_l2_penalty_value_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double *SYMLOSS_RESTRICT value)
{
    double sum_1 = 0.0;
    for (size_t p = 0; p < P; ++p) {
        sum_1 += parameters[p] * parameters[p];
    }
    const double whole_value = sum_1;
    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_l2_penalty_value_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float *SYMLOSS_RESTRICT value)
{
    double sum_1_total = 0.0;
    for (size_t p = 0; p < P; ++p) {
        sum_1_total += (double)(parameters[p] * parameters[p]);
    }
    const float sum_1 = (float)sum_1_total;
    const float whole_value = sum_1;
    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_l2_penalty_gradient_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double *SYMLOSS_RESTRICT gradient_parameters)
{
    for (size_t p = 0; p < P; ++p) {
        gradient_parameters[p] = 2.0 * parameters[p];
    }
    return SYMLOSS_OK;
}

int symloss_l2_penalty_gradient_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float *SYMLOSS_RESTRICT gradient_parameters)
{
    for (size_t p = 0; p < P; ++p) {
        gradient_parameters[p] = 2.0f * parameters[p];
    }
    return SYMLOSS_OK;
}

int symloss_l2_penalty_value_and_gradient_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_parameters)
{
    double sum_1 = 0.0;
    for (size_t p = 0; p < P; ++p) {
        sum_1 += parameters[p] * parameters[p];
        gradient_parameters[p] = 2.0 * parameters[p];
    }
    const double whole_value = sum_1;
    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_l2_penalty_value_and_gradient_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_parameters)
{
    double sum_1_total = 0.0;
    for (size_t p = 0; p < P; ++p) {
        sum_1_total += (double)(parameters[p] * parameters[p]);
        gradient_parameters[p] = 2.0f * parameters[p];
    }
    const float sum_1 = (float)sum_1_total;
    const float whole_value = sum_1;
    value[0] = whole_value;
    return SYMLOSS_OK;
}
