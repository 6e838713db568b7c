"""How kernels are called, and what they say when something is wrong."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from helpers import BACKENDS, kernel

import symloss


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("args", "options", "said"),
    [
        ((), {}, "missing a required argument: 'prediction'"),
        (([1.0],), {}, "missing a required argument: 'target'"),
        (([1.0], [1.0], [1.0]), {}, "too many positional arguments"),
        (([1.0], [1.0]), {"prediction": [1.0]}, "multiple values for argument 'prediction'"),
        (([1.0], [1.0]), {"detla": 1.0}, "unexpected keyword argument 'detla'"),
    ],
)
def test_wrong_calls(backend, args, options, said):
    for what in ("value", "gradient", "value_and_gradient", "hessian"):
        with pytest.raises(TypeError) as caught:
            getattr(kernel("huber", backend), what)(*args, **options)
        message = str(caught.value)
        assert message.startswith("huber: ") and said in message
        assert f"it is called as {what}(prediction, target, *, delta=1" in message


@pytest.mark.parametrize("backend", BACKENDS)
def test_positional_and_by_name(backend):
    k = kernel("contrastive", backend)
    first, second, same = [[1.0, 2.0]], [[0.0, 2.5]], [0.0]
    assert k.value(first, second, same) == k.value(same=same, second=second, first=first)


@pytest.mark.parametrize("backend", BACKENDS)
def test_hyper_parameters_outside_their_domain(backend):
    k = kernel("huber", backend)
    for bad in (0, -1, -1e-300, np.nan):
        with pytest.raises(ValueError, match=r"huber: delta is .*, expected a number > 0"):
            k.value([1.0], [0.0], delta=bad)
    for bad in ("1", None, [1.0], np.ones(1), True, 1j):
        with pytest.raises(TypeError, match=r"huber: delta is .*, expected a number > 0"):
            k.value([1.0], [0.0], delta=bad)
    for good in (2, 0.5, np.float32(0.5), np.int64(2), np.array(0.5)):
        assert k.value([0.25], [0.0], delta=good) == 0.03125
    with pytest.raises(ValueError, match=r"quantile: level is 1"):
        kernel("quantile", backend).value([1.0], [0.0], level=1)
    with pytest.raises(ValueError, match=r"label_smoothing is 1.5, expected a probability"):
        kernel("softmax_cross_entropy_with_class_index", backend).value(
            [[1.0, 2.0]], [0], label_smoothing=1.5
        )
    with pytest.raises((TypeError, ValueError), match=r"ignore_index is 1.5, expected a whole number"):
        kernel("softmax_cross_entropy_with_class_index", backend).value([[1.0, 2.0]], [0], ignore_index=1.5)


@pytest.mark.parametrize("backend", BACKENDS)
def test_check_names_the_first_offender(backend):
    k = kernel("binary_cross_entropy", backend)
    p, t = np.full((2, 3), 0.5), np.ones((2, 3))
    p[1, 0], p[1, 2] = 1.2, -1
    assert np.isnan(k.value(p, t))
    with pytest.raises(
        ValueError, match=r"binary_cross_entropy: probability\[1, 0\] is 1.2, expected a probability"
    ):
        k.value(p, t, check=True)
    p[1, 0] = np.nan
    with pytest.raises(ValueError, match=r"probability\[1, 0\] is nan"):
        k.gradient(p, t, check=True)
    with pytest.raises(ValueError, match=r"hinge: target\[1\] is 0.0, expected -1 or 1"):
        kernel("hinge", backend).value([1.0, 2.0], [1, 0], check=True)
    with pytest.raises(ValueError, match=r"hinge: target is 0.0"):
        kernel("hinge", backend).value(1.0, 0, check=True)
    k = kernel("softmax_cross_entropy", backend)
    with pytest.raises(ValueError, match=r"target sums to 1.1.* along C, expected 1"):
        k.value([[1.0, 2.0]] * 2, [[0.5, 0.5], [0.5, 0.6]], check=True)
    assert np.isfinite(k.value([[1.0, 2.0]], [[0.3, 0.7]], check=True))
    k = kernel("softmax_cross_entropy_with_class_index", backend)
    with pytest.raises(ValueError, match=r"class_weight.* -1.0, expected a number ≥ 0"):
        k.value([[1.0, 2.0]], [0], class_weight=[1.0, -1.0], check=True)
    assert np.isfinite(k.value([[1.0, 2.0], [0.0, 1.0]], [0, -100], check=True))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("what", ["float32", "float64", np.float32, np.dtype("float64")])
def test_dtype(backend, what):
    k = symloss.get("huber").load(backend, dtype=what)
    value, gradient = k.value_and_gradient(np.ones(2, "float32"), np.zeros(2))
    assert value.dtype == gradient.dtype == np.dtype(what)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("bad", ["float16", "int64", "complex128", "no such", 7])
def test_other_dtypes(backend, bad):
    with pytest.raises(ValueError, match=r"huber: dtype must be 'float64', 'float32' or None, not"):
        symloss.get("huber").load(backend, dtype=bad)


def test_other_backends():
    with pytest.raises(ValueError, match=r"huber: backend must be 'numpy' or 'c', not 'fortran'"):
        symloss.get("huber").load("fortran")


def test_unknown_loss_names_the_nearest():
    with pytest.raises(KeyError, match=r"hubber.*did you mean huber"):
        symloss.get("hubber")


@pytest.mark.parametrize("backend", BACKENDS)
def test_kernels_can_be_sent_to_other_processes(backend):
    k = symloss.get("huber").with_(delta=2).load(backend, dtype="float32")
    for again in (pickle.loads(pickle.dumps(k)), copy.deepcopy(k)):
        assert (again.backend, again.dtype, again.loss) == (backend, np.float32, k.loss)
        assert again.value([3.0], [0.0]) == k.value([3.0], [0.0]) == 4
