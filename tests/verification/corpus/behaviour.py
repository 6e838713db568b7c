"""Functions that do something besides computing a gradient."""

import time

import numpy as np
from verification.corpus.record import right, undecided, wrong


@right("mean_squared_error", "prediction target")
def mse_that_prints(prediction, target):
    """Prints on every call."""
    print("shape", np.shape(prediction))
    return 2 * (prediction - target)


@right("softmax_cross_entropy", "logits target", kinds=("mutates-input",), stable=None)
def softmax_in_place(logits, target):
    """Overwrites the logits on its way to the right answer."""
    logits -= logits.max(axis=-1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=-1, keepdims=True)
    return logits - target


@wrong("mean_squared_error", "prediction target", "nondeterministic")
def mse_with_noise(prediction, target):
    """Adds noise of its own to the gradient."""
    return 2 * (prediction - target) + np.random.default_rng().normal(0, 0.1, np.shape(prediction))


_TOTAL = {}


@wrong(
    "mean_squared_error",
    "prediction target",
    "nondeterministic",
)
def mse_that_accumulates(prediction, target):
    """Adds to what earlier calls have left."""
    key = np.shape(prediction)
    _TOTAL[key] = _TOTAL.get(key, 0) + 2 * (prediction - target)
    return _TOTAL[key]


@wrong("softmax_cross_entropy", "logits target", "shape", source="mlpack/mlpack#1365")
def softmax_summed_over_classes(logits, target):
    """One number an example, where the loss has one a class."""
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return (e / e.sum(axis=-1, keepdims=True) - target).sum(axis=-1)


@wrong("mean_squared_error", "prediction target", "shape")
def mse_outer_difference(prediction, target):
    """A column minus a row: an n by n array comes back."""
    return 2 * (np.reshape(prediction, (-1, 1)) - np.reshape(target, (1, -1)))


@undecided("huber", "prediction target", "exception")
def huber_with_a_typo(prediction, target):
    """Fails on every call."""
    return np.clip(prediction - targets, -1, 1)


@wrong(
    "softmax_cross_entropy_with_class_index",
    "logits target",
    "exception",
    "shape",
)
def class_index_counts_the_classes_it_sees(logits, target):
    """Takes the highest label of the batch for the number of classes, and fails where the last one is absent."""
    one_hot = np.eye(target.max() + 1)[target]
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True) - one_hot


@undecided("mean_absolute_error", "prediction target", "timeout", options={"budget": 2, "subprocess": True})
def mae_that_hangs(prediction, target):
    """Waits for something that never comes."""
    while True:
        time.sleep(0.05)
