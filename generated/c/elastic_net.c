/*
 * elastic_net: A mixture of the absolute values and half the squares of the parameters.
 *
 * loss of the batch = l1_ratio*Sum(Abs(parameters[j]), (j, P)) + (1/2 -
 *     l1_ratio/2)*Sum(parameters[j]**2, (j, P))
 * d/dparameters = l1_ratio*sign(parameters[i]) + (1 - l1_ratio)*parameters[i]
 *
 * parameters: Real['P'], (P)
 * l1_ratio: Probability, default 0.5
 *
 * Generated; do not edit. Regenerate with:
 *     symloss generate elastic_net --target c
 */

#include "elastic_net.h"

#include <math.h>

/* -1, 0 or 1; NaN of NaN. */
static inline double symloss_sign_f64(double x) {
    return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x;
}

/* -1, 0 or 1; NaN of NaN. */
static inline float symloss_sign_f32(float x) {
    return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x;
}

int symloss_elastic_net_value_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double l1_ratio,
    double *SYMLOSS_RESTRICT value)
{
    double sum_1 = 0.0;
    double sum_2 = 0.0;
    for (size_t p = 0; p < P; ++p) {
        sum_1 += parameters[p] * parameters[p];
        sum_2 += fabs(parameters[p]);
    }
    const double whole_value = sum_1 * (0.5 * (1.0 - l1_ratio))
        + (sum_2 == sum_2 ? (l1_ratio == 0.0 ? 0.0 : sum_2 * l1_ratio) : sum_2);
    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_elastic_net_value_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float l1_ratio,
    float *SYMLOSS_RESTRICT value)
{
    double sum_1_total = 0.0;
    double sum_2_total = 0.0;
    for (size_t p = 0; p < P; ++p) {
        sum_1_total += (double)(parameters[p] * parameters[p]);
        sum_2_total += (double)fabsf(parameters[p]);
    }
    const float sum_1 = (float)sum_1_total;
    const float sum_2 = (float)sum_2_total;
    const float whole_value = sum_1 * (0.5f * (1.0f - l1_ratio))
        + (sum_2 == sum_2 ? (l1_ratio == 0.0f ? 0.0f : sum_2 * l1_ratio) : sum_2);
    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_elastic_net_gradient_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double l1_ratio,
    double *SYMLOSS_RESTRICT gradient_parameters)
{
    const double term_1 = 1.0 - l1_ratio;
    for (size_t p = 0; p < P; ++p) {
        gradient_parameters[p] = l1_ratio * symloss_sign_f64(parameters[p]) + term_1 * parameters[p];
    }
    return SYMLOSS_OK;
}

int symloss_elastic_net_gradient_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float l1_ratio,
    float *SYMLOSS_RESTRICT gradient_parameters)
{
    const float term_1 = 1.0f - l1_ratio;
    for (size_t p = 0; p < P; ++p) {
        gradient_parameters[p] = l1_ratio * symloss_sign_f32(parameters[p]) + term_1 * parameters[p];
    }
    return SYMLOSS_OK;
}

int symloss_elastic_net_value_and_gradient_f64(
    size_t P,
    const double *SYMLOSS_RESTRICT parameters,
    double l1_ratio,
    double *SYMLOSS_RESTRICT value,
    double *SYMLOSS_RESTRICT gradient_parameters)
{
    const double term_1 = 1.0 - l1_ratio;
    double sum_1 = 0.0;
    double sum_2 = 0.0;
    for (size_t p = 0; p < P; ++p) {
        sum_1 += parameters[p] * parameters[p];
        sum_2 += fabs(parameters[p]);
        gradient_parameters[p] = l1_ratio * symloss_sign_f64(parameters[p]) + term_1 * parameters[p];
    }
    const double whole_value = sum_1 * (0.5 * (1.0 - l1_ratio))
        + (sum_2 == sum_2 ? (l1_ratio == 0.0 ? 0.0 : sum_2 * l1_ratio) : sum_2);
    value[0] = whole_value;
    return SYMLOSS_OK;
}

int symloss_elastic_net_value_and_gradient_f32(
    size_t P,
    const float *SYMLOSS_RESTRICT parameters,
    float l1_ratio,
    float *SYMLOSS_RESTRICT value,
    float *SYMLOSS_RESTRICT gradient_parameters)
{
    const float term_1 = 1.0f - l1_ratio;
    double sum_1_total = 0.0;
    double sum_2_total = 0.0;
    for (size_t p = 0; p < P; ++p) {
        sum_1_total += (double)(parameters[p] * parameters[p]);
        sum_2_total += (double)fabsf(parameters[p]);
        gradient_parameters[p] = l1_ratio * symloss_sign_f32(parameters[p]) + term_1 * parameters[p];
    }
    const float sum_1 = (float)sum_1_total;
    const float sum_2 = (float)sum_2_total;
    const float whole_value = sum_1 * (0.5f * (1.0f - l1_ratio))
        + (sum_2 == sum_2 ? (l1_ratio == 0.0f ? 0.0f : sum_2 * l1_ratio) : sum_2);
    value[0] = whole_value;
    return SYMLOSS_OK;
}
