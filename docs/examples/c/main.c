/* Trains a logistic regression on eight points by gradient descent. The loss and its gradient are generated. */
#include <stdio.h>

#include "binary_cross_entropy_with_logits.h"

enum { EXAMPLES = 8, FEATURES = 2 };

static const double features[EXAMPLES][FEATURES] = {
    {0.5, 1.0}, {1.0, 2.5}, {1.5, 0.5}, {2.0, 2.0}, {2.5, 3.5}, {3.0, 1.5}, {3.5, 3.0}, {4.0, 2.5},
};
static const double target[EXAMPLES] = {0, 0, 0, 1, 1, 0, 1, 1};

int main(void) {
    double weights[FEATURES] = {0, 0}, bias = 0;
    for (int step = 0; step <= 2000; step++) {
        double logits[EXAMPLES], by_logit[EXAMPLES], loss;
        for (int i = 0; i < EXAMPLES; i++) {
            logits[i] = bias;
            for (int j = 0; j < FEATURES; j++) logits[i] += weights[j] * features[i][j];
        }

        /* NULL: all examples weigh the same. 1.0 is pos_weight. */
        int status = symloss_binary_cross_entropy_with_logits_value_and_gradient_f64(
            EXAMPLES, logits, target, NULL, SYMLOSS_MEAN, 1.0, &loss, by_logit);
        if (status != SYMLOSS_OK) {
            fprintf(stderr, "the loss was not computed: status %d\n", status);
            return 1;
        }
        if (step % 500 == 0) printf("step %4d: loss %.6f\n", step, loss);

        /* the chain rule from the logits to the parameters; the 1/n of the mean is already in by_logit */
        for (int i = 0; i < EXAMPLES; i++) {
            for (int j = 0; j < FEATURES; j++) weights[j] -= 0.5 * by_logit[i] * features[i][j];
            bias -= 0.5 * by_logit[i];
        }
    }

    int right = 0;
    for (int i = 0; i < EXAMPLES; i++) {
        double logit = bias + weights[0] * features[i][0] + weights[1] * features[i][1];
        right += (logit > 0) == (target[i] > 0.5);
    }
    printf("%d of %d right\n", right, EXAMPLES);
    return 0;
}
