"""Any numbers of small shapes: no warning, no undocumented exception, and both backends say the same."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from helpers import DTYPES, NAMES, by_name, domain_strategy, kernel, quick
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import symloss
from symloss.derive import vectors_of

BATCHES = ((), (0,), (1,), (2,), (3,), (2, 2), (2, 0))
MODERATE = st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1.0]) | st.integers(-96, 96).map(lambda k: k / 32)


def any_bits(dtype: str):
    """Every number of the format: NaN, infinities, both zeros and subnormals among them."""
    return st.floats(width=32 if dtype == "float32" else 64)


@st.composite
def calls(draw, loss, dtype: str, numbers):
    """Tensors and options of a call: shapes that fit, class indices mostly in range, and any numbers at all."""
    batch = draw(st.sampled_from(BATCHES)) if loss.example != 0 else ()
    sizes = {axis: draw(st.integers(0, 3)) for axis in loss.axes}
    options = {p.name: draw(_parameter(p, sizes, dtype)) for p in loss.parameters}
    arrays = {}
    for i in loss.inputs:
        shape = (*(batch if i.per_example else ()), *(sizes[a] for a in i.axes))
        if i.type.classes:
            entries = st.integers(0, max(sizes[i.type.classes] - 1, 0)) | st.sampled_from([-100, -1, 3])
            arrays[i.name] = draw(hnp.arrays(np.int64, shape, elements=entries))
        else:
            arrays[i.name] = draw(hnp.arrays(dtype, shape, elements=numbers))
    if loss.example != 0:
        options["reduction"] = draw(st.sampled_from(["mean", "sum", "none"]))
        bad = st.sampled_from([0.0, np.nan, -1.0, np.inf])
        weights = st.floats(0, 4, width=16) | bad
        options["weight"] = draw(st.none() | hnp.arrays(dtype, batch, elements=weights))
    return arrays, options


def _parameter(p, sizes, dtype: str):
    number = domain_strategy(p, sizes, dtype, interior=True)
    return st.none() | hnp.arrays(dtype, [sizes[a] for a in p.axes], elements=number) if p.axes else number


def results(name: str, backend: str, arrays, options) -> list[dict[str, np.ndarray]] | ValueError:
    """What each function returns, by tensor (the value has no name), or the exception that the first one raises."""
    loss, k = symloss.get(name), kernel(name, backend)
    vectors = {v.name: arrays[w] for v, w in zip(vectors_of(loss), loss.differentiated, strict=True)}
    made: list[dict[str, np.ndarray]] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for what in k.functions[2:]:
            given_to = {**arrays, **(vectors if what == "hessian_vector_product" else {})}
            try:
                returned = getattr(k, what)(**given_to, **options)
            except ValueError as error:
                assert not made, f"{what} refuses what value_and_gradient takes: {error}"
                return error
            value, derived = returned if isinstance(returned, tuple) else (None, returned)
            made.append({**by_name(loss, derived), **({} if value is None else {"": value})})
    return made


def refusable(loss, arrays, options) -> bool:
    """Whether the documentation says that a call may be refused."""
    weight = options.get("weight")
    if weight is not None and not (np.isfinite(weight).all() and (weight >= 0).all() and weight.sum() > 0):
        return True
    return any(i.type.classes for i in loss.inputs)


def both(name: str, arrays, options):
    """The results of C and of NumPy; None where both refuse, or where an axis is empty that must not be.

    What is then refused is C's affair alone so far, see test_an_empty_axis_of_classes.
    """
    compiled = results(name, "c", arrays, options)
    if isinstance(compiled, ValueError) and "is 0, but an entry is needed" in str(compiled):
        return None
    interpreted = results(name, "numpy", arrays, options)
    if isinstance(compiled, ValueError) or isinstance(interpreted, ValueError):
        assert isinstance(compiled, ValueError) and isinstance(interpreted, ValueError), (
            compiled,
            interpreted,
        )
        assert refusable(symloss.get(name), arrays, options), compiled
        return None
    return compiled, interpreted


def of_drawn(check, strategy, examples: int) -> None:
    quiet = settings(
        max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
    )
    quiet(given(strategy)(check))()


CASES = quick([(name, dtype) for name in NAMES for dtype in DTYPES], ("huber", "float64"))


@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_any_bits(name, dtype):
    """Shapes and dtypes as documented; what one backend refuses both refuse; NaN in, NaN in the value."""
    loss = symloss.get(name)
    tensor = next((i for i in loss.inputs if i.per_example), loss.inputs[0])

    def check(drawn):
        arrays, options = drawn
        made = both(name, arrays, options)
        if made is None:
            return
        shape = arrays[tensor.name].shape
        batch = shape[: len(shape) - len(tensor.axes)] if loss.example != 0 else ()
        ignored = any((arrays[i.name] == options[i.type.also]).any() for i in loss.inputs if i.type.also)
        seen = dict(arrays)
        if name == "categorical_cross_entropy":  # declared so: a class with target 0 contributes 0
            seen["probability"] = np.where(arrays["target"] == 0, 0, arrays["probability"])
        for parts in (parts for backend in made for parts in backend):
            for key, array in parts.items():
                expected = arrays[key].shape if key else batch if options.get("reduction") == "none" else ()
                assert array.shape == expected and array.dtype == dtype
            if "" in parts and not ignored and any(np.isnan(a).any() for a in seen.values()):
                assert np.isnan(parts[""]).any()

    of_drawn(check, calls(loss, dtype, any_bits(dtype)), examples=20 if name == "huber" else 60)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_both_backends_agree(name, dtype):
    """With moderate numbers, NaN and infinities: sums that overflow or cancel depend on the order of adding."""
    tolerance = {"rtol": 1e-6, "atol": 1e-6} if dtype == "float32" else {"rtol": 1e-11, "atol": 1e-11}

    def check(drawn):
        made = both(name, *drawn)
        for compiled, interpreted in zip(*made, strict=True) if made else ():
            for key in compiled:
                np.testing.assert_allclose(interpreted[key], compiled[key], err_msg=key, **tolerance)

    of_drawn(check, calls(symloss.get(name), dtype, MODERATE), examples=80)


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("softmax_cross_entropy", np.zeros((1, 0))),
        ("softmax_cross_entropy_with_class_index", np.array([-100])),
    ],
)
def test_an_empty_axis_of_classes(name, target):
    arrays = dict(zip([i.name for i in symloss.get(name).inputs], [np.zeros((1, 0)), target], strict=True))
    with pytest.raises(ValueError, match=name):
        kernel(name, "c").value(**arrays)
    with pytest.raises(ValueError, match=name):
        kernel(name, "numpy").value(**arrays)
