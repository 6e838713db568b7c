"""Hand-written gradients in C, as they stand in libraries: the source, and how it is called."""

from verification.corpus.record import right, wrong

C = {"needs": ("cc",), "factory": True, "returns": "c"}


@right(
    "binary_cross_entropy_with_logits",
    "logits target",
    convention={"input": "probability", "sign": -1},
    stable=None,
    source="pjreddie/darknet#1656",
    **C,
)
def negative_gradient_of_the_output():
    """truth − output, the step rather than the gradient, in terms of the output of the logistic function."""
    return """
#include <stddef.h>
void negative_gradient_of_the_output(size_t n, const double *output, const double *truth, double *delta)
{
    for (size_t i = 0; i < n; i++) delta[i] = truth[i] - output[i];
}
"""


@wrong(
    "binary_cross_entropy_with_logits",
    "logits target",
    "extra-term",
    "missing-chain-factor",
    source="AlexeyAB/darknet#185",
    **C,
)
def logistic_gradient_once_more():
    """(p − y) times p(1 − p): the factor of the squared error."""
    return """
#include <math.h>
#include <stddef.h>
void logistic_gradient_once_more(size_t n, const double *logits, const double *target, double *delta)
{
    for (size_t i = 0; i < n; i++) {
        double p = 1 / (1 + exp(-logits[i]));
        delta[i] = (p - target[i]) * p * (1 - p);
    }
}
"""


@right("huber", "prediction target delta", convention={"reduction": "mean"}, **C)
def c_huber():
    """Returns the mean, writes its gradient."""
    return """
#include <math.h>
#include <stddef.h>
double c_huber(size_t n, const double *prediction, const double *target, double delta, double *gradient)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double r = prediction[i] - target[i], a = fabs(r);
        sum += a <= delta ? r * r / 2 : delta * (a - delta / 2);
        gradient[i] = (a <= delta ? r : r > 0 ? delta : -delta) / n;
    }
    return sum / n;
}
"""


@wrong(
    "huber",
    "prediction target",
    "wrong-branch",
    "missing-term",
    where=r"-\s*delta|-1|-\s*δ|−δ|<\s*0",
    source="marlbenchmark/on-policy#47",
    **C,
)
def c_huber_without_absolute_value():
    """The left tail is taken for the inside: no fabs around the residual."""
    return """
#include <stddef.h>
void c_huber_without_absolute_value(size_t n, const float *prediction, const float *target, float *gradient)
{
    for (size_t i = 0; i < n; i++) {
        float r = prediction[i] - target[i];
        gradient[i] = r <= 1 ? r : 1;
    }
}
"""
