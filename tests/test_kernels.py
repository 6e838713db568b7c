"""What every kernel computes: every loss in both backends and both formats, against the declared expression."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from helpers import (
    BACKENDS,
    DTYPES,
    FLOAT32_LATER,
    NAMES,
    Reference,
    batches,
    by_name,
    check_examples,
    close,
    draw,
    kernel,
    losses,
    quick,
    wiggle,
)
from hypothesis import HealthCheck, given, settings

import symloss
from symloss.functions import LogSoftmax
from symloss.schedule import functions_of
from symloss.verification import check_kernel

REDUCTIONS = ("mean", "sum", "none")
ULPS = 16


def per_example(name: str) -> bool:
    return symloss.get(name).example != 0


def near(got, truth, dtype, ulps=ULPS, scale=1.0) -> bool:
    """Within a few units in the last place, of the number or of what it is the difference of."""
    allowed = ulps * float(np.finfo(dtype).eps) * (abs(truth) + scale)
    return close(got, truth, truth, allowed, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.slow
def test_the_project_s_own_check(name, backend, dtype):
    outcome = check_kernel(kernel(name, backend), dtype)
    assert outcome, outcome
    assert outcome.points > 0


@pytest.mark.parametrize("dtype", FLOAT32_LATER)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", quick([0, 1, 2], 1))
def test_each_example_against_the_declaration(name, backend, dtype, seed):
    """Value and gradient of each example, with hyper-parameters at their defaults and off them."""
    arrays, parameters = draw(symloss.get(name), seed, dtype=dtype, off_default=seed > 0)
    assert not check_examples(kernel(name, backend), arrays, parameters, dtype=dtype)


@pytest.mark.parametrize("weighted", quick([False, True], True), ids=["plain", "weighted"])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("dtype", FLOAT32_LATER)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", losses("elementwise", "axis"))
def test_reductions_and_weights(name, backend, dtype, reduction, weighted):
    """The mean is Σ wℓ / Σ w·normalizer, the sum Σ wℓ; "none" weighs each value, and the gradient of each alone."""
    loss, k = symloss.get(name), kernel(name, backend)
    arrays, parameters = draw(loss, 7, n=4, dtype=dtype, off_default=True)
    weight = np.array([0.5, 0.0, 2.0, 1.25], dtype) if weighted else None
    reference = Reference(loss, arrays, parameters)
    options = {**parameters, "weight": weight, "reduction": reduction}
    value, gradient = k.value_and_gradient(**arrays, **options)
    truth = reference.reduced(reduction, weight)
    if reduction == "none":
        assert value.shape == (4,) and all(near(v, t, dtype) for v, t in zip(value, truth, strict=True))
    else:
        assert near(value, truth, dtype)
    shares = reference.shares(reduction, weight)
    for wrt, g in by_name(loss, gradient).items():
        for row, share in zip(reference.rows, shares, strict=True):
            for place in reference.places(wrt):
                slope = share * reference.slopes(row, wrt, place)[0]
                assert near(g[(row, *place)], slope, dtype, scale=float(share) * reference.scale(row))


@pytest.mark.parametrize("dtype", FLOAT32_LATER)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", NAMES)
def test_one_function_agrees_with_another(name, backend, dtype):
    """value and gradient alone are value_and_gradient's, for every reduction."""
    loss, k = symloss.get(name), kernel(name, backend)
    arrays, parameters = draw(loss, 2, dtype=dtype, off_default=True)
    for reduction in REDUCTIONS if per_example(name) else ("mean",):
        options = dict(parameters, reduction=reduction)
        value, gradient = k.value_and_gradient(**arrays, **options)
        eps = float(np.finfo(dtype).eps)
        np.testing.assert_allclose(k.value(**arrays, **options), value, rtol=8 * eps, atol=8 * eps)
        alone = by_name(loss, k.gradient(**arrays, **options))
        assert alone.keys() == by_name(loss, gradient).keys() == set(loss.differentiated)
        for wrt, g in by_name(loss, gradient).items():
            assert g.dtype == alone[wrt].dtype == dtype and g.shape == alone[wrt].shape == arrays[wrt].shape
            np.testing.assert_allclose(alone[wrt], g, rtol=8 * eps, atol=8 * eps)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", FLOAT32_LATER)
@pytest.mark.parametrize("name", NAMES)
def test_numpy_and_c_agree(name, dtype):
    loss = symloss.get(name)
    arrays, parameters = draw(loss, 11, n=5, dtype=dtype, off_default=True)
    options = dict(parameters, reduction="none") if per_example(name) else parameters
    first = kernel(name, "numpy").value_and_gradient(**arrays, **options)
    second = kernel(name, "c").value_and_gradient(**arrays, **options)
    eps = float(np.finfo(dtype).eps)
    scale = max(1.0, *(float(abs(a).max()) for a in arrays.values() if a.dtype.kind == "f"))
    np.testing.assert_allclose(first[0], second[0], rtol=16 * eps, atol=16 * eps * scale)
    for wrt, g in by_name(loss, first[1]).items():
        np.testing.assert_allclose(g, by_name(loss, second[1])[wrt], rtol=16 * eps, atol=16 * eps * scale)


# --- second derivatives -----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", FLOAT32_LATER)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", losses("elementwise"))
def test_hessian(name, backend, dtype):
    loss, k = symloss.get(name), kernel(name, backend)
    arrays, parameters = draw(loss, 4, n=4, dtype=dtype, off_default=True)
    weight = np.array([1.0, 0.5, 2.0, 0.0], dtype)
    reference = Reference(loss, arrays, parameters)
    for reduction in REDUCTIONS:
        hessian = k.hessian(**arrays, **parameters, weight=weight, reduction=reduction)
        for wrt, h in by_name(loss, hessian).items():
            assert h.dtype == dtype and h.shape == (4,)
            for row, share in enumerate(reference.shares(reduction, weight)):
                truth = share * reference.second(row, wrt, ())
                assert near(h[row], truth, dtype, ulps=64, scale=float(share)), (wrt, row, h[row], truth)


@pytest.mark.parametrize("dtype", FLOAT32_LATER)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "name", [n for n in NAMES if "hessian_vector_product" in functions_of(symloss.get(n))]
)
def test_hessian_vector_product(name, backend, dtype):
    loss, k = symloss.get(name), kernel(name, backend)
    arrays, parameters = draw(loss, 4, n=2, dtype=dtype, off_default=True)
    rng = np.random.default_rng(0)
    weight = np.array([0.5, 2.0], dtype)
    vectors = {w: rng.uniform(-1, 1, arrays[w].shape).astype(dtype) for w in loss.differentiated}
    called = {"vector" if len(vectors) == 1 else f"vector_{w}": v for w, v in vectors.items()}
    reference = Reference(loss, arrays, parameters)
    for reduction in REDUCTIONS:
        options = {**parameters, **called, "weight": weight, "reduction": reduction}
        products = by_name(loss, k.hessian_vector_product(**arrays, **options))
        assert products.keys() == vectors.keys()
        for wrt, product in products.items():
            assert product.dtype == dtype and product.shape == arrays[wrt].shape
            for row, share in enumerate(reference.shares(reduction, weight)):
                rows = {w: v[row] for w, v in vectors.items()}
                for place in reference.places(wrt):
                    truth = share * reference.hessian_times(row, wrt, place, rows)
                    got = product[(row, *place)]
                    assert near(got, truth, dtype, ulps=64, scale=float(share)), (wrt, row, place, got, truth)


j = symloss.index("j")


@symloss.loss(wrt=("logits", "temperature"))
def scaled(logits: symloss.Real["C"], temperature: symloss.Positive):  # noqa: UP037
    """Rows, and one number for each of them."""
    return symloss.logsumexp[j](logits[j] * temperature)


@pytest.mark.parametrize("backend", quick(BACKENDS, "numpy"))
@pytest.mark.parametrize("n", [1, 3, 40])  # 3 is the length of a row, too
def test_hessian_vector_product_by_a_number_for_each_row(n, backend):
    arrays, _ = draw(scaled, n=n)
    vectors, _ = draw(scaled, seed=1, n=n)
    kernel, step = scaled.load(backend), 1e-5
    product = kernel.hessian_vector_product(*arrays.values(), *vectors.values())
    up, down = (
        kernel.gradient(*(arrays[name] + side * step * vectors[name] for name in arrays)) for side in (1, -1)
    )
    for name, found in product.items():
        np.testing.assert_allclose(found, (up[name] - down[name]) / (2 * step), rtol=1e-6, atol=1e-8)


def test_there_is_no_hessian_of_a_batch():
    with pytest.raises(NotImplementedError, match=r"soft_dice.*no hessian"):
        kernel("soft_dice", "numpy").hessian([0.5], [1])


# --- class indices ----------------------------------------------------------------------------------------

LOGITS = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5], [0.0, 1.0, 0.125], [3.0, -2.0, 1.0]])
CLASSES = np.array([2, 0, 1, 1])
CLASS_WEIGHT = np.array([0.5, 2.0, 1.25])


def cross_entropy_by_hand(logits, target, class_weight, smoothing, ignored):
    """As PyTorch documents CrossEntropyLoss: (values, weights), the mean being Σ values / Σ weights."""
    values, weights = [], []
    for z, t in zip(logits, target, strict=True):
        if t == ignored:
            values.append(0.0)
            weights.append(0.0)
            continue
        log_p = z - np.log(np.sum(np.exp(z)))
        uniform = -np.sum(class_weight * log_p) / len(z)
        values.append((1 - smoothing) * -class_weight[t] * log_p[t] + smoothing * uniform)
        weights.append(class_weight[t])
    return np.array(values), np.array(weights)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("ignored", [-100, 1, 7])
@pytest.mark.parametrize("classed", [False, True])
def test_cross_entropy_as_pytorch_has_it(backend, smoothing, ignored, classed):
    k = kernel("softmax_cross_entropy_with_class_index", backend)
    target = np.where(np.arange(4) == 3, ignored, CLASSES)
    class_weight = CLASS_WEIGHT if classed else np.ones(3)
    values, weights = cross_entropy_by_hand(LOGITS, target, class_weight, smoothing, ignored)
    options = {"label_smoothing": smoothing, "ignore_index": ignored}
    if classed:
        options["class_weight"] = CLASS_WEIGHT
    assert k.value(LOGITS, target, **options) == pytest.approx(values.sum() / weights.sum(), rel=1e-14)
    assert k.value(LOGITS, target, reduction="sum", **options) == pytest.approx(values.sum(), rel=1e-14)
    np.testing.assert_allclose(k.value(LOGITS, target, reduction="none", **options), values, rtol=1e-13)
    w = np.array([2.0, 0.5, 1.0, 3.0])
    expected = (w * values).sum() / (w * weights).sum()
    assert k.value(LOGITS, target, weight=w, **options) == pytest.approx(expected, rel=1e-14)
    gradient = k.gradient(LOGITS, target, **options)
    assert (gradient[target == ignored] == 0).all()
    for row, column in np.ndindex(LOGITS.shape):
        moved = []
        for h in (1e-6, -1e-6):
            z = LOGITS.copy()
            z[row, column] += h
            v, u = cross_entropy_by_hand(z, target, class_weight, smoothing, ignored)
            moved.append(v.sum() / u.sum())
        assert gradient[row, column] == pytest.approx((moved[0] - moved[1]) / 2e-6, abs=2e-9)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("backend", BACKENDS)
def test_all_rows_ignored(backend, dtype):
    k = kernel("softmax_cross_entropy_with_class_index", backend)
    target = np.full(4, -100)
    value, gradient = k.value_and_gradient(LOGITS.astype(dtype), target)
    assert np.isnan(value) and (gradient == 0).all() and gradient.dtype == dtype
    value, gradient = k.value_and_gradient(LOGITS.astype(dtype), target, reduction="sum")
    assert value == 0 and (gradient == 0).all()
    assert (k.value(LOGITS, target, reduction="none") == 0).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_classes_of_weight_0_only(backend):
    """The weights of the targets sum to 0: a mean over nothing, and no division shows in the gradient."""
    k = kernel("softmax_cross_entropy_with_class_index", backend)
    value, gradient = k.value_and_gradient(LOGITS, np.zeros(4, int), class_weight=[0.0, 1.0, 1.0])
    assert np.isnan(value) and not np.isinf(gradient).any()


@pytest.mark.parametrize("backend", BACKENDS)
def test_ignored_rows_and_weights_of_0(backend):
    """Only ignored rows have weight: the mean is NaN, the gradient 0."""
    k = kernel("softmax_cross_entropy_with_class_index", backend)
    target = np.array([2, -100, 1, -100])
    value, gradient = k.value_and_gradient(LOGITS, target, weight=[0.0, 1.0, 0.0, 2.0])
    assert np.isnan(value) and (gradient == 0).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_weight_for_each_timestep(backend):
    k = kernel("diffusion_noise_prediction", backend)
    noise, predicted = np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[0.5, 2.5], [1.0, -1.0]])
    got = k.value(predicted, noise, [2, 0], timestep_weight=[3.0, 100.0, 0.5])
    assert got == pytest.approx((0.5 * np.mean([0.25, 0.25]) + 3 * np.mean([1.0, 4.0])) / 2)
    assert k.value(predicted, noise, [2, 0]) == pytest.approx((0.25 + 2.5) / 2)


# --- kinks ------------------------------------------------------------------------------------------------

KINKS = [
    # loss, arrays, parameters, {input: gradient of each example by the declared convention}
    ("huber", {"prediction": [2.5, -0.5], "target": [1.0, 1.0]}, {"delta": 1.5}, {"prediction": [1.5, -1.5]}),
    ("mean_absolute_error", {"prediction": [1.0], "target": [1.0]}, {}, {"prediction": [0.0]}),
    ("quantile", {"prediction": [1.0], "target": [1.0]}, {"level": 0.25}, {"prediction": [-0.25]}),
    ("hinge", {"score": [2.0, -2.0], "target": [1.0, -1.0]}, {"margin": 2.0}, {"score": [-1.0, 1.0]}),
    ("squared_hinge", {"score": [2.0, -2.0], "target": [1.0, -1.0]}, {"margin": 2.0}, {"score": [0.0, 0.0]}),
    (
        "margin_ranking",
        {"first": [1.5, 0.5], "second": [1.0, 1.0], "target": [1.0, -1.0]},
        {"margin": 0.5},
        {"first": [-1.0, 1.0], "second": [1.0, -1.0]},
    ),
    (
        "multiclass_hinge",  # the margin met exactly; and a tie of two rivals, of which the first takes all
        {"score": [[2.0, 1.0, 0.0], [0.5, 2.0, 2.0], [2.0, 2.0, 2.0]], "target": [0, 0, 1]},
        {"margin": 1.0},
        {"score": [[-1.0, 1.0, 0.0], [-1.0, 1.0, 0.0], [1.0, -1.0, 0.0]]},
    ),
    (
        "triplet",  # anchor = positive; anchor = negative; all three; the margin met exactly
        {
            "anchor": [[0.0, 0.0]] * 4,
            "positive": [[0.0, 0.0], [3.0, 4.0], [0.0, 0.0], [3.0, 0.0]],
            "negative": [[0.0, 0.5], [0.0, 0.0], [0.0, 0.0], [0.0, 4.0]],
        },
        {"margin": 1.0},
        {
            "anchor": [[0.0, 1.0], [-0.6, -0.8], [0.0, 0.0], [-1.0, 1.0]],
            "positive": [[0.0, 0.0], [0.6, 0.8], [0.0, 0.0], [1.0, 0.0]],
            "negative": [[0.0, -1.0], [0.0, 0.0], [0.0, 0.0], [0.0, -1.0]],
        },
    ),
    (
        "triplet_squared",
        {"anchor": [[0.0, 0.0]], "positive": [[1.0, 0.0]], "negative": [[0.0, 2.0]]},
        {"margin": 3.0},
        {"anchor": [[-2.0, 4.0]], "positive": [[2.0, 0.0]], "negative": [[0.0, -4.0]]},
    ),
    (
        "contrastive",  # a different pair that coincides; one at the margin; a pair of a kind that coincides
        {"first": [[1.0, 1.0], [3.0, 4.0], [1.0, 1.0]], "second": [[1.0, 1.0], [0.0, 0.0], [1.0, 1.0]],
         "same": [0.0, 0.0, 1.0]},
        {"margin": 5.0},
        {"first": [[0.0, 0.0]] * 3, "second": [[0.0, 0.0]] * 3},
    ),
    ("l1_penalty", {"parameters": [0.0, 2.0, -1.0]}, {}, {"parameters": [0.0, 1.0, -1.0]}),
    ("elastic_net", {"parameters": [0.0, 2.0]}, {"l1_ratio": 0.25}, {"parameters": [0.0, 1.75]}),
]  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("name", "arrays", "parameters", "expected"), KINKS, ids=[k[0] for k in KINKS])
def test_on_a_kink(name, arrays, parameters, expected, backend, dtype):
    """The value is exact; the gradient lies between the one-sided slopes, and is the convention's."""
    k = kernel(name, backend)
    assert not check_examples(k, arrays, parameters, dtype=dtype, rounds=4)
    typed = {key: np.array(v) if key == "target" and name == "multiclass_hinge" else np.array(v, dtype)
             for key, v in arrays.items()}  # fmt: skip
    reduction = {"reduction": "none"} if per_example(name) else {}
    gradient = by_name(k.loss, k.gradient(**typed, **parameters, **reduction))
    for wrt, g in expected.items():
        np.testing.assert_allclose(gradient[wrt], np.array(g, dtype), rtol=4 * float(np.finfo(dtype).eps))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("name", "arrays", "parameters", "expected"), KINKS, ids=[k[0] for k in KINKS])
@pytest.mark.slow
def test_on_both_sides_of_a_kink(name, arrays, parameters, expected, backend):
    """To either side of it in each input: the slope there."""
    k = kernel(name, backend)
    for moved in expected:
        array = np.array(arrays[moved])
        for by in (2.0**-20, -(2.0**-20)):
            assert not check_examples(k, {**arrays, moved: array + by}, parameters, rounds=8)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("name", "arrays", "parameters", "expected"),
    [
        ("huber", ([2.5, -0.5], [1.0, 1.0]), {"delta": 1.5}, [1, 1]),
        ("squared_hinge", ([2.0, -2.0], [1.0, -1.0]), {"margin": 2.0}, [2, 2]),
        ("hinge", ([2.0], [1.0]), {"margin": 2.0}, [0]),
        ("mean_absolute_error", ([1.0], [1.0]), {}, [0]),
        ("quantile", ([1.0], [1.0]), {}, [0]),
    ],
)
def test_second_derivative_on_a_kink(name, arrays, parameters, expected, backend):
    """As the catalogue's conventions say."""
    assert kernel(name, backend).hessian(*arrays, **parameters, reduction="none").tolist() == expected


# --- everything, at inputs that hypothesis draws ----------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.slow
def test_drawn_inputs(name, dtype):
    """Value and gradient of both backends within the derived tolerance: what an ulp of the inputs does to them."""
    loss = symloss.get(name)
    kinds = [kernel(name, backend) for backend in BACKENDS]

    @settings(
        max_examples=4 if name == "info_nce" else 12,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(batches(loss, dtype=dtype))
    def run(drawn):
        arrays, parameters = drawn
        reference = Reference(loss, arrays, parameters, digits=220)
        options = {**parameters, **({"reduction": "none"} if per_example(name) else {})}
        results = [k.value_and_gradient(**arrays, **options) for k in kinds]
        for row in reference.rows:
            within(reference, row, None, (), [v if row is None else v[row] for v, _ in results], dtype)
            for wrt in loss.differentiated:
                whole = row is None or not loss.argument(wrt).per_example
                for place in reference.places(wrt):
                    at = place if whole else (row, *place)
                    got = [by_name(loss, g)[wrt][at] for _, g in results]
                    within(reference, row, wrt, place, got, dtype)

    run()


def within(reference, row, wrt, place, got, dtype) -> None:
    if wrt is None:
        low = high = reference.value(row)
    else:
        low, high = reference.slopes(row, wrt, place)
    eps, tiny = float(np.finfo(dtype).eps), float(np.finfo(dtype).tiny)
    size = max(abs(low), abs(high))
    if all(close(g, low, high, 8 * eps * size + tiny, dtype) for g in got):
        return
    unavoidable = wiggle(reference, row, wrt, place, dtype)
    rounds = 8 + float(reference.parameters.get("gamma", 0))
    terms = reference.terms(row, wrt, place)
    if wrt is None and reference.loss.expression.has(LogSoftmax):
        terms += np.sum(reference.parameters.get("class_weight", 1))  # log(1 + …) of the shifted exponentials
    allowed = rounds * (eps * (size + terms) + unavoidable) + max(tiny, 1e-36)
    for g, backend in zip(got, BACKENDS, strict=True):
        what = "the value" if wrt is None else f"d/d{wrt}{list(place)}"
        assert close(g, low, high, allowed, dtype), (
            f"{backend}: {what} of example {row} is {g!r}, expected {mpmath.nstr(low, 17)} … "
            f"{mpmath.nstr(high, 17)} ± {mpmath.nstr(allowed, 3)}; {reference.arrays}, {reference.parameters}"
        )
