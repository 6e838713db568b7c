"""The short ways to a compiled function: they give what the general call gives, or leave it to that."""

from __future__ import annotations

import shutil
import subprocess
import sys

import numpy as np
import pytest
from helpers import FLOAT32_LATER, draw, quick

import symloss
from symloss.runtime import extension

FEW = ("huber", "triplet", "softmax_cross_entropy", "pixelwise_cross_entropy", "soft_dice")


@pytest.fixture(params=["extension", "ctypes"])
def short_way(request, monkeypatch):
    """Both short ways: an extension, and ctypes where there are no headers for one."""
    if request.param == "ctypes":
        monkeypatch.setattr(extension, "module", lambda: None)
    elif extension.module() is None:
        pytest.skip("the headers of Python (Python.h), with which an extension is compiled, are missing")
    return request.param


@pytest.mark.parametrize("dtype", FLOAT32_LATER)
@pytest.mark.parametrize("name", quick(symloss.names(), *FEW))
def test_the_short_way_gives_what_the_general_call_does(name, dtype, short_way):
    k = symloss.get(name).load("c", dtype=dtype)
    arrays, parameters = draw(k.loss, dtype=dtype)
    tensors = [arrays[i.name] for i in k.loss.inputs]
    scalars = {p: v for p, v in parameters.items() if np.ndim(v) == 0}
    for what in ("value", "gradient", "value_and_gradient"):
        for options in ({}, scalars, {} if k.loss.batch != 0 else {"reduction": "sum"}):
            first, second = (by_output(getattr(k, what)(*tensors, **options)) for _ in range(2))
            assert what not in k._fast or (type(k._fast[what][0]).__name__ == "Call") == (
                short_way == "extension"
            )
            assert first.keys() == second.keys()
            for output, array in first.items():
                assert np.array_equal(array, second[output], equal_nan=True)
                assert array.dtype == second[output].dtype and np.shape(array) == np.shape(second[output])


def by_output(result) -> dict:
    """A number, an array, a dict of arrays or a pair of these, taken apart."""
    if isinstance(result, tuple):
        return {(k, *sub): v for k, part in enumerate(result) for sub, v in by_output(part).items()}
    return {(k,): v for k, v in result.items()} if isinstance(result, dict) else {(): result}


def test_what_the_short_way_leaves_to_the_general_call(short_way):
    k, usual = symloss.get("huber").load("c"), np.linspace(-2, 2, 6)
    expected = k.value(usual, np.zeros(6))
    whole, frozen = np.zeros(6, np.int64), usual.copy()
    frozen.flags.writeable = False
    every_other = np.repeat(usual, 2)[::2]
    for tensors in (
        (usual, whole),
        (frozen, np.zeros(6)),
        (every_other, np.zeros(6)),
        (list(usual), [0.0] * 6),
    ):
        assert k.value(*tensors) == expected
    assert k.value(usual.astype(">f8"), np.zeros(6)) == expected
    assert k.value(usual, np.zeros(6), reduction="none").shape == (6,)
    assert np.isnan(k.value(np.zeros(0), np.zeros(0)))
    with pytest.raises(ValueError, match=r"target of shape \(5,\) does not fit"):
        k.value(usual, np.zeros(5))
    for bad in (-1.0, 0.0, np.nan):
        with pytest.raises(ValueError, match=rf"delta is {bad}, expected"):
            k.value(usual, np.zeros(6), delta=bad)
    assert (
        k.value(usual, np.zeros(6), delta=np.float64(1)) == k.value(usual, np.zeros(6), delta=1) == expected
    )
    assert k.value(usual, target=np.zeros(6)) == k.value(usual, np.zeros(6), check=True) == expected
    assert k.value(usual, np.zeros(6), weight=np.ones(6)) == pytest.approx(expected, rel=1e-15)
    with pytest.raises(TypeError, match=r"too many positional"):
        k.value(usual, usual, usual)
    with pytest.raises(ValueError, match=r"reduction must be"):
        k.value(usual, np.zeros(6), reduction="max")
    mixed = symloss.get("soft_dice") + symloss.get("binary_cross_entropy")
    # by itself the first has no reduction to choose; with examples beside it there is one
    for one in (mixed, mixed + symloss.get("huber").renamed(target="observed")):
        assert one.mean_only
        k = one.load("c")
        arrays = [np.full(3, 0.5) for _ in k.loss.inputs]
        assert k.value(*arrays) == k.value(*arrays) and "value" in k._fast
        with pytest.raises(ValueError, match=r"reduction 'sum' cannot be had"):
            k.value(*arrays, reduction="sum")
    k = symloss.get("softmax_cross_entropy_with_class_index").load("c")
    logits, target = np.zeros((2, 3)), np.array([0, 2])
    assert k.value(logits, target) == k.value(logits, target) == pytest.approx(np.log(3))
    with pytest.raises(IndexError, match=r"class index 3"):
        k.value(logits, np.array([0, 3]))


def test_without_headers_or_a_compiler_for_the_extension(fresh_cache, monkeypatch):
    """ctypes calls the functions then, and gives the same."""
    k, x = symloss.get("huber").load("c"), np.linspace(-2, 2, 6)
    for spoil in (
        lambda: monkeypatch.setattr(extension, "include_flags", lambda: None),
        lambda: monkeypatch.setattr(extension, "include_flags", lambda: ["--no-such-flag"]),
    ):
        spoil()
        extension.module.cache_clear()
        assert extension.module() is None
        k._fast, k._shortened = {}, set()
        assert k.value(x, np.zeros(6)) == k.value(x, np.zeros(6))
        assert callable(k._fast["value"][0]) and type(k._fast["value"][0]).__name__ == "function"
        monkeypatch.undo()
    extension.module.cache_clear()


@pytest.mark.slow
@pytest.mark.parametrize("compiler_name", ["gcc", "clang"])
def test_the_extension_compiles_clean(compiler_name, tmp_path):
    flags = extension.include_flags()
    if flags is None or not shutil.which(compiler_name):
        pytest.skip(f"{compiler_name} or the headers of Python (Python.h) are missing")
    warnings = "-std=c11 -O2 -Wall -Wextra -Werror -fPIC -shared".split()
    isystem = [flag.replace("-I", "-isystem") for flag in flags]
    command = [
        compiler_name,
        *warnings,
        *isystem,
        str(extension.SOURCES[0]),
        "-o",
        str(tmp_path / "x.so"),
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_the_extension_lets_go_of_what_it_is_given(short_way):
    k, (x, y) = symloss.get("triplet").load("c"), np.random.default_rng(0).normal(size=(2, 9, 5))
    z = x + y
    k.value_and_gradient(x, y, z)
    out = {"anchor": np.empty((9, 5)), "positive": np.empty((9, 5)), "negative": np.empty((9, 5))}
    objects = (x, y, z, *out.values())
    before = [sys.getrefcount(o) for o in objects]
    for _ in range(50):
        k.value_and_gradient(x, y, z)
        k.value_and_gradient(x, y, z, margin=0.5, out=(None, out))
        with pytest.raises(ValueError, match="shares memory"):
            k.gradient(x, y, z, out=out | {"negative": z})
    assert [sys.getrefcount(o) for o in objects] == before
