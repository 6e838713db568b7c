"""Results that are written into the caller's arrays: the same numbers, and a clear word where that cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import BACKENDS, FLOAT32_LATER, NAMES, draw, kernel, quick

import symloss
from symloss.backends import results as results_module
from symloss.schedule import functions_of

FEW = ("huber", "triplet", "soft_dice", "softmax_cross_entropy_with_class_index")
SOME = quick(NAMES, *FEW)


def called(k, what: str, out, **options):
    arrays, parameters = draw(k.loss, 0, dtype=options.pop("dtype", "float64"), off_default=True)
    if what == "hessian_vector_product":
        arrays |= {
            ("vector" if len(k.loss.differentiated) == 1 else f"vector_{wrt}"): arrays[wrt] / 3
            for wrt in k.loss.differentiated
        }
    return getattr(k, what)(**arrays, **parameters, **options, **({} if out is None else {"out": out}))


def empty(result):
    """Arrays in the form of a result, full of NaN; None for a number."""
    if isinstance(result, tuple):
        return tuple(map(empty, result))
    if isinstance(result, dict):
        return {name: empty(array) for name, array in result.items()}
    return np.full_like(result, np.nan) if isinstance(result, np.ndarray) else None


def parts(result) -> list:
    if isinstance(result, (tuple, dict)):
        return [p for one in (result.values() if isinstance(result, dict) else result) for p in parts(one)]
    return [result]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("dtype", FLOAT32_LATER)
@pytest.mark.parametrize("name", SOME)
def test_the_same_numbers_in_the_given_arrays(name, dtype, backend):
    k = kernel(name, backend)
    for what in functions_of(k.loss):
        for reduction in ("mean", "sum", "none") if k.loss.example != 0 else ("mean",):
            plain = called(k, what, None, dtype=dtype, reduction=reduction)
            for _ in range(2):  # the second call of compiled code may go the short way
                out = empty(plain)
                got = called(k, what, out, dtype=dtype, reduction=reduction)
                for expected, array, given in zip(parts(plain), parts(got), parts(out), strict=True):
                    assert given is None or array is given
                    assert np.array_equal(array, expected, equal_nan=True), what


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_single_number_and_no_numbers(backend):
    k = kernel("huber", backend)
    value, gradient = np.empty(()), np.empty(())
    got = k.value_and_gradient(3.0, 1.0, reduction="none", out=(value, gradient))
    assert got[0] is value and got[1] is gradient and value == 1.5 and gradient == 1
    nothing = np.empty((0, 2))
    assert k.gradient(np.zeros((0, 2)), np.zeros((0, 2)), out=nothing) is nothing


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_cannot_be_written_into(backend):
    k = kernel("huber", backend)
    x, y = np.linspace(-3, 3, 4), np.zeros(4)
    k.gradient(x, y), k.gradient(x, y)
    locked = np.full(4, 7.0)
    locked.flags.writeable = False
    both = np.full(8, 7.0)
    refused = [
        (np.full(3, 7.0), ValueError, r"huber: out for prediction has shape \(3,\), expected \(4,\)"),
        (np.full((4, 1), 7.0), ValueError, r"has shape \(4, 1\), expected \(4,\)"),
        (np.full(4, 7.0, np.float32), TypeError, r"has the type float32, expected float64"),
        (np.full(4, 7.0).astype(">f8"), TypeError, r"has the type >f8, expected float64"),
        (np.full(8, 7.0)[::2], ValueError, r"must be contiguous \(C order\), aligned and writeable"),
        (locked, ValueError, r"must be contiguous \(C order\), aligned and writeable"),
        ([7.0] * 4, TypeError, r"out for prediction must be a NumPy array, not list"),
    ]
    for out, error, message in refused:
        with pytest.raises(error, match=message):
            k.gradient(x, y, out=out)
        assert np.all(np.asarray(out) == 7)
    before = x.copy()
    for array in (x, y):
        with pytest.raises(ValueError, match=r"out for prediction shares memory with (prediction|target)"):
            k.gradient(x, y, out=array)
    weight = np.ones(4)
    with pytest.raises(ValueError, match=r"shares memory with weight"):
        k.gradient(x, y, weight=weight, out=weight)
    with pytest.raises(ValueError, match=r"shares memory with out for"):
        k.value_and_gradient(x, y, reduction="none", out=(both[:4], both[2:6]))
    assert (x == before).all() and (y == 0).all() and (weight == 1).all() and (both == 7).all()
    with pytest.raises(TypeError, match=r"out must be a pair"):
        k.value_and_gradient(x, y, out=np.empty(4))
    with pytest.raises(ValueError, match=r"the value is one number here, so that it needs no out"):
        k.value_and_gradient(x, y, out=(np.empty(()), np.empty(4)))
    with pytest.raises(ValueError, match=r"the value is one number here"):
        k.value(x, y, reduction="sum", out=np.empty(()))
    with pytest.raises(TypeError, match=r"out must be a dict with arrays for anchor, positive, negative"):
        points = np.eye(3)
        kernel("triplet", backend).gradient(points, 2 * points, 3 * points, out=np.empty((3, 3)))


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_wrong_argument_leaves_the_arrays_alone(backend):
    k, out = kernel("multiclass_hinge", backend), np.full((2, 3), 7.0)
    with pytest.raises(IndexError, match="class index 5"):
        k.gradient(np.zeros((2, 3)), [0, 5], out=out)
    with pytest.raises(ValueError, match="weight"):
        k.gradient(np.zeros((2, 3)), [0, 1], weight=[1, -1], out=out)
    assert (out == 7).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_some_of_several_arrays(backend):
    k, points = kernel("contrastive", backend), np.eye(3)
    out = {"first": np.empty((3, 3))}
    plain = k.gradient(points, 2 * points, np.ones(3))
    got = k.gradient(points, 2 * points, np.ones(3), out=out)
    assert got["first"] is out["first"] and set(got) == {"first", "second"}
    assert all((got[name] == plain[name]).all() for name in got)


# --- blocks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SOME)
def test_the_length_of_the_blocks_does_not_matter(name):
    """Each example's results are the same bits, and sums the same but for the order of their terms."""
    k = symloss.get(name).load("numpy")
    arrays, parameters = draw(k.loss, 1, n=23, off_default=True)
    weight = {"weight": np.linspace(0.5, 2, 23)} if k.loss.example != 0 else {}
    found = []
    for block in (8, 7 * 8, 10**9):
        k._module.BLOCK = block
        for what in functions_of(k.loss)[:3]:
            found.append(getattr(k, what)(**arrays, **parameters, **weight))
            if weight:
                found.append(getattr(k, what)(**arrays, **parameters, reduction="none"))
    k._module.BLOCK = results_module.BLOCK
    third = len(found) // 3
    for one, other in zip(found[: 2 * third], found[third:], strict=True):
        for a, b in zip(parts(one), parts(other), strict=True):
            if isinstance(a, np.ndarray):
                assert np.array_equal(a, b, equal_nan=True)
            else:
                assert a == pytest.approx(b, rel=1e-14, nan_ok=True)


def test_what_is_chosen():
    """As np.where does, for masks of every kind, to the bit."""
    draw_ = np.random.default_rng(0)
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, 1.0])
    for shape in [(9,), (4000,), (1500, 3), (0,)]:
        a, b = (draw_.choice(special, shape) for _ in range(2))
        for share in (0, 0.01, 0.5, 0.97, 1):
            condition = draw_.random(shape) < share
            ways = [(a, b), (1.0, b), (a, np.nan), (a[::-1], b), (np.float64(2), 3.0)]
            ways += [(0.0, b), (a, 0.0), (0.0, -0.0), (-0.0, b), (0.0, np.float64(3))]
            for first, second in ways:
                got, expected = (
                    results_module.chosen(condition, first, second),
                    np.where(condition, first, second),
                )
                assert got.shape == expected.shape and got.dtype == expected.dtype
                assert (got.view(np.int64) == expected.view(np.int64)).all()
    rows, column = draw_.choice(special, (2000, 3)), draw_.random((2000, 1)) < 0.5
    for first, second in ((rows, 0.0), (rows[:, :1], rows), (1.0, rows[:, :1])):
        assert np.array_equal(
            results_module.chosen(column, first, second), np.where(column, first, second), equal_nan=True
        )
    assert results_module.chosen(True, 1.0, 2.0) == 1
