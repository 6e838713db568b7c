"""How a call is cut into blocks, and what statements of a block call: the numbers of NumPy's own functions."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from helpers import draw, losses, quick

import symloss
from symloss.backends import results as results_module
from symloss.backends.arguments import ALL, SINGLE, Arguments
from symloss.backends.results import Results

ALONE = [name for name in losses("elementwise") if len(symloss.get(name).differentiated) == 1]
"""The losses that have a short way."""


def results(*shape: int, dtype: str = "float64") -> Results:
    array = np.zeros(shape, dtype)
    axes = ("C", "D")[: len(shape) - 1]
    return Results(Arguments("a loss", True, [("x", array, axes)]), ("x",), True)


# --- blocks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shape", [(1,), (1000,), (49_152,), (100_000,), (300_001,), (900, 300), (5, 3, 70_000)]
)
def test_blocks_are_of_one_length(shape):
    """They cover every example once, none is half as long again as it should be, and none is a rest of a few."""
    of_call = results(*shape)
    covered = np.zeros(shape[0], int)
    lengths = []
    for block, n, work in of_call.blocks(2, *shape[1:]):
        assert len(covered[block]) == n and all(w.shape == (n, *shape[1:]) for w in work)
        assert not np.shares_memory(work[0], work[1])
        covered[block] += 1
        lengths.append(n)
    assert (covered == 1).all()
    size = 8 * np.prod(shape[1:], dtype=int)
    most = max(1, 1.5 * (2 if len(shape) > 1 else 1) * results_module.BLOCK // size)
    assert max(lengths) <= most and max(lengths) - min(lengths) <= len(lengths)
    assert (len(lengths) == 1) == (block is ALL)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (0, 300), (0, 0)])
def test_no_example_is_no_block(shape):
    assert not list(results(*shape).blocks(2, *shape[1:]))


@pytest.mark.parametrize("length", [16, results_module.ROW, 999, 5000])
def test_rows_are_not_copied_into_a_buffer(length):
    """Within the loop NumPy's buffer is no longer than a row, behind it as long as before, whatever happens."""
    before = np.getbufsize()

    def seen(of_call: Results) -> set[int]:
        return {np.getbufsize() for _ in of_call.blocks(1, length)}

    long = results(40, length)
    expected = min(before, length // 16 * 16) if length >= results_module.ROW else before
    assert seen(long) == {expected} and np.getbufsize() == before
    with pytest.raises(RuntimeError):
        for _ in long.blocks(1, length):
            raise RuntimeError
    assert np.getbufsize() == before
    with np.errstate():
        np.setbufsize(64)
        assert seen(long) == {64} and np.getbufsize() == 64
        np.setbufsize(before)


@pytest.mark.parametrize(
    "name",
    quick(
        ["softmax_cross_entropy", "softmax_cross_entropy_with_class_index", "multiclass_hinge"],
        "softmax_cross_entropy",
    ),
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_buffer_does_not_matter(name, dtype):
    kernel = symloss.get(name).load("numpy")
    arrays, parameters = draw(kernel.loss, 3, n=7, dtype=dtype, sizes={"C": 300}, off_default=True)
    found = []
    for row in (1, 10**9):
        kernel._module.ROW = row
        found.append(kernel.value_and_gradient(**arrays, **parameters))
    kernel._module.ROW = results_module.ROW
    assert found[0][0] == found[1][0] and np.array_equal(found[0][1], found[1][1])


# --- functions --------------------------------------------------------------------------------------------


def test_nan_of_another_array():
    """The array itself where no number is unknown, and of all axes that the two have."""
    values = np.array([1.0, np.inf, -0.0, np.nan])
    known = np.array([np.inf, 0.0, -np.inf, 1.0])
    assert results_module.or_nan(values, known) is values
    unknown = np.array([0.0, np.nan, 1.0, np.nan])
    got = results_module.or_nan(values, unknown)
    assert np.array_equal(got, [1.0, np.nan, -0.0, np.nan], equal_nan=True) and np.signbit(got[2])
    assert not np.isnan(values[1])
    for witness in (known, unknown):
        expected = np.where(np.isnan(witness), np.nan, 2.5)
        assert np.array_equal(results_module.or_nan(np.float64(2.5), witness), expected, equal_nan=True)
    column = unknown[:, None]
    expected = np.where(np.isnan(column), np.nan, values)
    assert np.array_equal(results_module.or_nan(values, column), expected, equal_nan=True)
    single = results_module.or_nan(values.astype(np.float32), unknown.astype(np.float32))
    assert single.dtype == np.float32


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_scratch_begins_with_a_line_of_the_cache(dtype):
    for arrays, shape in ((3, (results_module.MANY + 5,)), (2, (100_000,)), (2, (50, 333))):
        size = int(np.prod(shape))
        made = results_module.scratch(arrays, size, shape, np.dtype(dtype))
        assert [a.shape for a in made] == [shape] * arrays and {a.dtype for a in made} == {np.dtype(dtype)}
        assert not [a.ctypes.data % results_module.LINE for a in made if a.ctypes.data % results_module.LINE]
        assert not any(np.shares_memory(made[0], other) for other in made[1:])


# --- the usual call ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", quick(ALONE, "huber", "focal_with_logits"))
def test_the_usual_call_has_the_bits_of_any_other(name, dtype):
    """A list as ``out`` makes a call go the general way."""
    kernel = symloss.get(name).load("numpy")
    for shape in ((1,), (700,), (7, 5, 3), (), (results_module.BLOCK // 3,)):
        arrays, _ = draw(kernel.loss, 5, n=int(np.prod(shape)), dtype=dtype)
        arrays = [array.reshape(shape) for array in arrays.values()]
        before = [array.copy() for array in arrays]
        for reduction in ("mean", "sum"):
            out, other = np.full(shape, np.nan, dtype), np.full(shape, np.nan, dtype)
            general = kernel.value_and_gradient(*arrays, reduction=reduction, out=[None, out])
            value, gradient = kernel.value_and_gradient(*arrays, reduction=reduction)
            given = kernel.value_and_gradient(*arrays, reduction=reduction, out=(None, other))
            assert general[1] is out and given[1] is other
            assert general[0] == value == given[0] == kernel.value(*arrays, reduction=reduction)
            assert type(general[0]) is type(value) and gradient.shape == shape and gradient.dtype == dtype
            assert np.array_equal(out, gradient) and np.array_equal(other, gradient)
            assert np.array_equal(kernel.gradient(*arrays, reduction=reduction), gradient)
            assert kernel.gradient(*arrays, reduction=reduction, out=other) is other
            assert np.array_equal(other, gradient)
            assert not any(np.shares_memory(gradient, array) for array in arrays)
        assert all(np.array_equal(*pair) for pair in zip(arrays, before, strict=True))


def test_what_the_usual_call_is():
    """Whole arrays alike, in a format that is computed in; all else is arranged, or refused, elsewhere."""
    one, out = np.ones(4), np.empty(4)
    single = one.astype(np.float32)
    whole = ("gradient", (one, one), None, "mean", None, None, SINGLE)

    def is_usual(**changed):
        names = ("what", "tensors", "weight", "reduction", "dtype", "out", "least")
        return results_module.usual(**{**dict(zip(names, whole, strict=True)), **changed}) is not None

    assert is_usual() and is_usual(reduction="sum", dtype="float64") and is_usual(tensors=(single, single))
    for tensors in (
        (one, [1.0] * 4), (1.0, one), (one, one[:3]), (one, np.ones(8)[::2]), (one, single),
        (one, one.astype(">f8")), (one[:0], one[:0]), (one, np.ma.array(one)),
    ):  # fmt: skip
        assert not is_usual(tensors=tensors)
    assert not is_usual(tensors=(single, single), least=results_module.DOUBLE)
    assert not is_usual(weight=one) and not is_usual(reduction="none") and not is_usual(dtype=np.float32)
    both = {"what": "value_and_gradient"}
    assert is_usual(out=out) and is_usual(**both, out=(None, out))
    locked = np.empty(4)
    locked.flags.writeable = False
    for wrong in (one, single, out[:3], out.reshape(2, 2), np.empty(8)[::2], locked, [0.0] * 4, (None, out)):
        assert not is_usual(out=wrong)
    for wrong in (out, (None, one), (one, out), [None, out], (None, None), (None, out, None)):
        assert not is_usual(**both, out=wrong)
    assert not is_usual(what="value", out=out)


@pytest.mark.parametrize("name", quick(losses("elementwise"), "log_cosh"))
def test_nothing_is_warned_of(name):
    """Neither in the usual call nor in another one, and NumPy's settings are as before."""
    kernel, before = symloss.get(name).load("numpy"), np.geterr()
    ends = np.array([np.inf, -np.inf, np.nan, 1e308, -1e308, 0.0, 5e-324])
    grid = np.meshgrid(*(ends for _ in kernel.loss.inputs))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for what in kernel.functions:
            getattr(kernel, what)(*grid)
            getattr(kernel, what)(*(array.tolist() for array in grid))
    assert np.geterr() == before
