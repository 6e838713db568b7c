"""Extreme inputs: where the true value is finite the kernels say so; NaN stays where it came from."""

from __future__ import annotations

import warnings
from itertools import permutations

import numpy as np
import pytest
from helpers import (
    BACKENDS,
    DTYPES,
    FLOAT32_LATER,
    NAMES,
    Reference,
    by_name,
    check_examples,
    draw,
    kernel,
    losses,
    quick,
)

import symloss

QUICK = ("huber", "softmax_cross_entropy_with_class_index", "poisson_negative_log_likelihood")

HUGE = [1000.0, -1000.0, 745.0, -745.0, 88.8, -88.8, 104.0, -104.0, 0.0, 1e-8, -1e-8, 37.0, -37.0]
DIGITS = 600
"""Enough for exp(-1000)."""
MORE_DIGITS = 4700
"""Enough for exp(-10000)."""


def test_the_digits_of_the_reference_are_enough():
    """The oracle trap: 1 - sigmoid(1000) is 0 at 130 digits."""
    got = Reference(
        symloss.get("binary_cross_entropy_with_logits"), {"logits": [1e4], "target": [0.0]}, {}, MORE_DIGITS
    )
    assert abs(got.value(0) - 10000) < 1e-30


def pairs(first, second):
    """Every combination of two lists, as two arrays."""
    a, b = np.meshgrid(np.array(first, float), np.array(second, float))
    return a.ravel(), b.ravel()


def binary(logits="logits", target="target", targets=(0.0, 1.0)):
    z, t = pairs(HUGE, targets)
    return {logits: z, target: t}


ELEMENTWISE = [
    ("binary_cross_entropy_with_logits", binary(targets=(0.0, 0.25, 1.0)), {}),
    ("binary_cross_entropy_with_logits", binary(), {"pos_weight": 1e-3}),
    *[("focal_with_logits", binary(), {"gamma": g}) for g in (0, 0.5, 1, 2, 2.5)],
    *[("focal_with_logits", binary(), {"gamma": 2, "alpha": a}) for a in (0, 1)],
    ("gan_discriminator", dict(zip(("real_logits", "fake_logits"), pairs(HUGE, HUGE), strict=True)), {}),
    ("gan_generator", {"fake_logits": np.array(HUGE)}, {}),
    ("gan_generator_saturating", {"fake_logits": np.array(HUGE)}, {}),
    ("log_cosh", {"prediction": np.array(HUGE), "target": np.zeros(len(HUGE))}, {}),
    ("huber", {"prediction": np.array(HUGE), "target": np.zeros(len(HUGE))}, {"delta": 1e-6}),
    ("mean_absolute_error", {"prediction": np.array(HUGE), "target": np.zeros(len(HUGE))}, {}),
    ("mean_squared_error", {"prediction": np.array(HUGE), "target": np.zeros(len(HUGE))}, {}),
    ("quantile", {"prediction": np.array(HUGE), "target": np.zeros(len(HUGE))}, {"level": 0.999}),
    ("hinge", binary("score", "target", (-1, 1)), {"margin": 2.0**-40}),
    ("squared_hinge", binary("score", "target", (-1, 1)), {"margin": 2.0**-40}),
    ("poisson_negative_log_likelihood", binary("log_rate", "target", (0, 3)), {}),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("name", "arrays", "parameters"),
    ELEMENTWISE,
    ids=[f"{n}-{'-'.join(map(str, p.values()))}" for n, _, p in ELEMENTWISE],
)
@pytest.mark.slow
def test_elementwise(name, arrays, parameters, backend, dtype):
    parameters = {k: float(np.dtype(dtype).type(v)) for k, v in parameters.items()}
    assert not check_examples(
        kernel(name, backend), arrays, parameters, dtype=dtype, digits=DIGITS, absolute=0, rounds=64
    )


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("name", "arrays"),
    [
        ("softmax_cross_entropy", {"logits": [[-1e4, 1e4, 0.0]], "target": [[0.25, 0.25, 0.5]]}),
        ("binary_cross_entropy_with_logits", {"logits": [1e4, -1e4], "target": [0.0, 0.0]}),
        ("focal_with_logits", {"logits": [1e4, -1e4], "target": [0.0, 0.0]}),
        ("log_cosh", {"prediction": [1e4], "target": [0.0]}),
    ],
)
@pytest.mark.slow
def test_ten_thousand(name, arrays, backend):
    assert not check_examples(kernel(name, backend), arrays, digits=MORE_DIGITS)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", ["focal_with_logits", "binary_cross_entropy_with_logits"])
def test_logits_of_a_thousand(name, backend):
    """The quick part of the above: nothing but finite numbers, which rise with the logit's size."""
    z = np.array([-1e4, -1000, -745, 0, 745, 1000, 1e4])
    for target in (0.0, 1.0):
        value, gradient = kernel(name, backend).value_and_gradient(z, np.full(7, target), reduction="none")
        assert np.isfinite(value).all() and np.isfinite(gradient).all()
        wrong = value[::-1] if target else value
        assert (np.diff(wrong) >= 0).all() and wrong[0] == 0 and wrong[-1] >= 1000


ROWS = [
    *sorted(permutations([0.0, 1000.0, 1.0])),
    *sorted(permutations([-1000.0, 0.0, 1000.0])),
    [745.0, 745.0, 745.0],
    [-1e4, -1e4, -1e4],
    [-1000.0, -1000.0, -1001.0],
    [1000.0, 999.0, 0.0],
]
DISTRIBUTIONS = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.25, 0.25, 0.5]]


def grid():
    return np.repeat(np.array(ROWS), len(DISTRIBUTIONS), axis=0), np.tile(DISTRIBUTIONS, (len(ROWS), 1))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.slow
def test_softmax_with_the_maximum_anywhere(backend, dtype):
    logits, target = grid()
    arrays = {"logits": logits, "target": target}
    assert not check_examples(kernel("softmax_cross_entropy", backend), arrays, dtype=dtype, digits=DIGITS)


@pytest.mark.parametrize("smoothing", [0.0, 0.25, 1.0])
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.slow
def test_class_index_with_the_maximum_anywhere(backend, smoothing):
    logits = np.repeat(np.array(ROWS), 3, axis=0)
    arrays = {"logits": logits, "target": np.tile([0, 1, 2], len(ROWS))}
    parameters = {"label_smoothing": smoothing, "class_weight": np.array([0.0, 1.0, 2.5])}
    loss = kernel("softmax_cross_entropy_with_class_index", backend)
    assert not check_examples(loss, arrays, parameters, digits=DIGITS)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.slow
def test_pixelwise_with_the_maximum_anywhere(backend):
    logits = np.stack([np.array(ROWS[:4]).T, np.array(ROWS[4:8]).T])
    arrays = {"logits": logits, "target": np.array([[0, 1, 2, 0], [2, 2, 1, 0]])}
    assert not check_examples(kernel("pixelwise_cross_entropy", backend), arrays, digits=DIGITS)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_log_sum_exp_at_the_maximum_anywhere(row, backend):
    """The quick part of the above, against the maximum-shifted form written out."""
    got = kernel("softmax_cross_entropy", backend).value([row], [[0.25, 0.25, 0.5]])
    m = max(row)
    log_sum = m + np.log(np.sum(np.exp(np.array(row) - m)))
    assert got == pytest.approx(log_sum - np.dot(row, [0.25, 0.25, 0.5]), rel=1e-12, abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("backend", BACKENDS)
def test_info_nce_with_huge_similarities(backend, dtype):
    arrays = {
        "query": [[30.0, 0.0], [0.0, -30.0], [5.0, 5.0]],
        "key": [[30.0, 1.0], [0.0, 30.0], [-5.0, 5.0]],
    }
    temperature = {"temperature": 0.125}
    scale = 7200 * 30 / 0.125
    allowed = scale * 8 * float(np.finfo(dtype).eps)
    got = check_examples(
        kernel("info_nce", backend), arrays, temperature, dtype=dtype, digits=DIGITS, absolute=allowed
    )
    assert not got


# --- probabilities 0 and 1 --------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("backend", BACKENDS)
def test_binary_cross_entropy_at_certainty(backend, dtype):
    """0 where certainty is right, with the one-sided slope; infinite where it is wrong."""
    k = kernel("binary_cross_entropy", backend)
    p, t = np.array([0, 1, 0, 1], dtype), np.array([0, 1, 1, 0], dtype)
    value, gradient = k.value_and_gradient(p, t, reduction="none")
    assert value.tolist() == [0, 0, np.inf, np.inf]
    assert gradient.tolist() == [1, -1, -np.inf, np.inf]


@pytest.mark.parametrize("backend", BACKENDS)
def test_categorical_cross_entropy_at_certainty(backend):
    k = kernel("categorical_cross_entropy", backend)
    value, gradient = k.value_and_gradient(
        [[0.0, 1.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]], reduction="none"
    )
    assert value.tolist() == [0, np.inf]
    assert gradient.tolist() == [[0, -1], [0, -np.inf]]


FOCAL = {0: (-1, 1), 0.5: (0, 0), 1: (0, 0), 2: (0, 0), 3.5: (0, 0)}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("gamma", FOCAL)
def test_focal_at_certainty(backend, gamma, dtype):
    """At p_t = 1 the loss is 0, and its slope -(1 - p)^gamma/p + gamma·(…) tends to 0 for gamma > 0, to -1 for 0."""
    k = kernel("focal", backend)
    p, t = np.array([1, 0, 0, 1], dtype), np.array([1, 0, 1, 0], dtype)
    value, gradient = k.value_and_gradient(p, t, gamma=gamma, alpha=0.5, reduction="none")
    assert value.tolist() == [0, 0, np.inf, np.inf]
    assert gradient.tolist() == [0.5 * FOCAL[gamma][0], 0.5 * FOCAL[gamma][1], -np.inf, np.inf]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("gamma", FOCAL)
def test_focal_next_to_certainty(backend, gamma):
    p = np.array([1 - 2.0**-52, 2.0**-52, 2.0**-30, 2.0**-60, 1 - 2.0**-30])
    arrays = {"probability": p, "target": np.array([1.0, 0.0, 1.0, 1.0, 1.0])}
    assert not check_examples(kernel("focal", backend), arrays, {"gamma": gamma}, digits=300, absolute=0)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", ["soft_dice", "soft_jaccard", "tversky"])
@pytest.mark.parametrize("target", [[0.0, 0.0, 1.0], [1.0, 1.0, 1.0]])
@pytest.mark.parametrize("probability", [[0.0, 0.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 0.0]])
def test_overlap_without_smoothing(name, target, probability, backend):
    arrays = {"probability": np.array(probability), "target": np.array(target)}
    assert not check_examples(kernel(name, backend), arrays, {"smooth": 0.0})


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", ["soft_dice", "soft_jaccard", "tversky"])
def test_overlap_of_nothing(name, backend):
    """With smooth > 0, two empty regions agree; with smooth = 0 the ratio 0/0 is NaN, and nothing raises."""
    empty = np.zeros(3)
    assert kernel(name, backend).value(empty, empty) == 0
    assert np.isnan(kernel(name, backend).value(empty, empty, smooth=0))
    assert np.isnan(kernel(name, backend).gradient(empty, empty, smooth=0)).all()


# --- distances of 0 ---------------------------------------------------------------------------------------

POINT, OTHER, FAR = [0.5, -1.0], [1.5, 1.0], [40.0, 3.0]


@pytest.mark.slow
@pytest.mark.parametrize("dtype", FLOAT32_LATER)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", ["triplet", "triplet_squared"])
@pytest.mark.parametrize("margin", [2.0**-60, 1.0, 1000.0])
def test_triplets_that_coincide(name, margin, backend, dtype):
    rows = [(POINT, POINT, POINT), (POINT, POINT, OTHER), (POINT, OTHER, POINT), (POINT, OTHER, OTHER)]
    rows += [(POINT, FAR, POINT), (POINT, POINT, FAR)]
    arrays = dict(zip(("anchor", "positive", "negative"), np.array(rows).swapaxes(0, 1), strict=True))
    assert not check_examples(kernel(name, backend), arrays, {"margin": margin}, dtype=dtype)


@pytest.mark.parametrize("backend", BACKENDS)
def test_triplet_of_one_point_has_gradient_0(backend):
    """The convention that the catalogue declares: the gradient of a distance of 0 is 0."""
    gradient = kernel("triplet", backend).gradient([POINT], [POINT], [POINT])
    assert all((g == 0).all() for g in gradient.values())


@pytest.mark.slow
@pytest.mark.parametrize("dtype", FLOAT32_LATER)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("same", [0.0, 1.0])
@pytest.mark.parametrize("margin", [2.0**-60, 1.0, 1000.0])
def test_pairs_that_coincide(same, margin, backend, dtype):
    arrays = {"first": [POINT, POINT, FAR], "second": [POINT, OTHER, POINT], "same": [same] * 3}
    assert not check_examples(kernel("contrastive", backend), arrays, {"margin": margin}, dtype=dtype)
    gradient = kernel("contrastive", backend).gradient(**arrays, margin=margin, reduction="none")
    assert all((g[0] == 0).all() for g in gradient.values())


@pytest.mark.parametrize("backend", BACKENDS)
def test_distances_that_underflow(backend):
    """Points that differ by 1e-200: their squared distance is 0 in double precision, their distance is not."""
    for gap in (1e-200, 2.0**-538, 5e-324):
        value, gradient = kernel("triplet", backend).value_and_gradient([[0.0]], [[gap]], [[1.0]])
        assert np.isfinite(value) and all(np.isfinite(g).all() for g in gradient.values())
        assert all((abs(g) <= 2).all() for g in gradient.values())


# --- no examples, one example -----------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", FLOAT32_LATER)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "name",
    quick(losses("elementwise", "axis"), *QUICK),
)
def test_no_examples(name, backend, dtype):
    loss = symloss.get(name)
    arrays, parameters = draw(loss, 0, n=0, dtype=dtype)
    k = kernel(name, backend)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for weight in (None, np.zeros(0, dtype)):
            mean, gradient = k.value_and_gradient(**arrays, **parameters, weight=weight)
            total = k.value(**arrays, **parameters, weight=weight, reduction="sum")
            each = k.value(**arrays, **parameters, weight=weight, reduction="none")
            assert np.isnan(mean) and total == 0 and each.shape == (0,)
            assert mean.dtype == total.dtype == each.dtype == dtype
            for wrt, g in by_name(loss, gradient).items():
                assert g.shape == arrays[wrt].shape and g.dtype == dtype


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", losses("batch"))
def test_an_empty_batch(name, backend):
    loss = symloss.get(name)
    arrays, _ = draw(loss, 0, sizes=dict.fromkeys(loss.axes, 0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, gradient = kernel(name, backend).value_and_gradient(**arrays)
    # sums over nothing are 0, so a penalty is 0 and an overlap is perfect; a mean over nothing is NaN
    assert np.isnan(value) if name == "info_nce" else value == 0
    assert all(g.size == 0 for g in by_name(loss, gradient).values())


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", NAMES)
def test_one_example(name, backend):
    loss = symloss.get(name)
    arrays, parameters = draw(loss, 5, n=1, sizes=dict.fromkeys(loss.axes, 1), off_default=True)
    if name == "multiclass_hinge":  # a single class has no rival: the loss is 0
        assert kernel(name, backend).value(**arrays) == 0
        assert (kernel(name, backend).gradient(**arrays) == 0).all()
        return
    assert not check_examples(kernel(name, backend), arrays, parameters)


# --- NaN and infinity -------------------------------------------------------------------------------------


def float_inputs(loss):
    return [i for i in loss.inputs if not i.type.classes]


@pytest.mark.parametrize("dtype", FLOAT32_LATER)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", losses("elementwise", "axis"))
def test_nan_stays_with_its_example(name, backend, dtype):
    """NaN in example 1 makes the value of example 1 NaN, and each gradient that depends on it, and no other."""
    loss, k = symloss.get(name), kernel(name, backend)
    clean, parameters = draw(loss, 3, n=4, dtype=dtype, off_default=True)
    before, before_gradient = k.value_and_gradient(**clean, **parameters, reduction="none")
    others = [0, 2, 3]
    for one in float_inputs(loss):
        for place in np.ndindex(clean[one.name].shape[1:]):
            arrays = {key: array.copy() for key, array in clean.items()}
            arrays[one.name][(1, *place)] = np.nan
            value, gradient = k.value_and_gradient(**arrays, **parameters, reduction="none")
            assert np.isnan(value[1]), f"NaN in {one.name}{list(place)} is hidden from the value"
            assert (value[others] == before[others]).all()
            alone = np.isnan(k.value(**arrays, **parameters, reduction="none"))
            assert alone[1] and not alone[others].any()
            separate = by_name(loss, k.gradient(**arrays, **parameters, reduction="none"))
            for wrt, g in by_name(loss, gradient).items():
                old = by_name(loss, before_gradient)[wrt]
                assert (g[others] == old[others]).all()
                assert (np.isnan(g) == np.isnan(separate[wrt])).all()
                if depends(loss, wrt, one.name):
                    assert np.isnan(g[1]).any(), f"NaN in {one.name}{list(place)} is hidden from d/d{wrt}"


def depends(loss, wrt: str, name: str) -> bool:
    """Whether the declared gradient contains an input: a linear loss's does not."""
    return loss.depends(loss.gradient(wrt), name)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", losses("batch"))
def test_nan_spoils_the_batch(name, backend):
    loss, k = symloss.get(name), kernel(name, backend)
    clean, parameters = draw(loss, 3, off_default=True)
    for one in float_inputs(loss):
        for place in np.ndindex(clean[one.name].shape):
            arrays = {key: array.copy() for key, array in clean.items()}
            arrays[one.name][place] = np.nan
            value, gradient = k.value_and_gradient(**arrays, **parameters)
            assert np.isnan(value)
            for wrt, g in by_name(loss, gradient).items():
                assert np.isnan(g).any() or not depends(loss, wrt, one.name)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("infinity", [np.inf, -np.inf])
@pytest.mark.parametrize("name", NAMES)
def test_infinity_does_not_crash(name, infinity, backend):
    loss, k = symloss.get(name), kernel(name, backend)
    clean, parameters = draw(loss, 3, off_default=True)
    extra = {"reduction": "none"} if loss.example != 0 else {}
    before = k.value_and_gradient(**clean, **parameters, **extra)[0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for one in float_inputs(loss):
            arrays = {key: array.copy() for key, array in clean.items()}
            arrays[one.name][0] = infinity
            value = k.value_and_gradient(**arrays, **parameters, **extra)[0]
            if loss.example != 0:
                assert (value[1:] == before[1:]).all()


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("smoothing", [0.0, 0.25])
def test_ignored_rows_of_nan_spoil_nothing(smoothing, backend, dtype):
    k = kernel("softmax_cross_entropy_with_class_index", backend)
    rng = np.random.default_rng(1)
    logits, target = rng.normal(size=(5, 3)).astype(dtype), np.array([0, -100, 2, -100, 1])
    kept = target >= 0
    for filler in (np.nan, np.inf, -np.inf):
        spoiled = logits.copy()
        spoiled[~kept] = filler
        for reduction in ("mean", "sum"):
            options = {"label_smoothing": smoothing, "reduction": reduction}
            value, gradient = k.value_and_gradient(spoiled, target, **options)
            expected, expected_gradient = k.value_and_gradient(logits[kept], target[kept], **options)
            assert value == expected
            assert (gradient[kept] == expected_gradient).all() and (gradient[~kept] == 0).all()
        vector = rng.normal(size=(5, 3)).astype(dtype)
        product = k.hessian_vector_product(spoiled, target, vector, label_smoothing=smoothing)
        assert (product[~kept] == 0).all() and np.isfinite(product).all()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", losses("elementwise", "axis"))
def test_an_example_of_weight_0_still_shows_its_nan(name, backend):
    """0·NaN is NaN: a weight of 0 hides no mistake, in either backend alike."""
    loss, k = symloss.get(name), kernel(name, backend)
    arrays, parameters = draw(loss, 3, n=3, off_default=True)
    arrays[float_inputs(loss)[0].name][1] = np.nan
    weight = np.array([1.0, 0.0, 1.0])
    value = k.value(**arrays, **parameters, weight=weight, reduction="none")
    assert np.isnan(value[1]) and np.isfinite(value[[0, 2]]).all()


# --- second derivatives -----------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("name", "arrays", "parameters"),
    ELEMENTWISE,
    ids=[f"{n}-{'-'.join(map(str, p.values()))}" for n, _, p in ELEMENTWISE],
)
def test_second_derivatives_are_finite(name, arrays, parameters, backend):
    hessian = kernel(name, backend).hessian(**arrays, **parameters, reduction="none")
    for wrt, h in by_name(kernel(name, backend).loss, hessian).items():
        bad = ~np.isfinite(h) & (name != "poisson_negative_log_likelihood")
        assert not bad.any(), f"d²/d{wrt}² at { ({k: v[bad] for k, v in arrays.items()}) }"
