"""What kernels and declarations refuse, in words that say what came and what was expected."""

from __future__ import annotations

import contextlib
import dataclasses
import json

import numpy as np
import pytest
import sympy

import symloss
from symloss import declare, index, runtime
from symloss.backends import c as c_backend
from symloss.cli import main
from symloss.functions import INDEX_NAMES
from symloss.runtime import extension
from symloss.value import DeclarationError

BACKENDS = ["numpy", "c"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_bad_weight_is_named(backend):
    kernel, zeros = symloss.get("huber").load(backend), np.zeros((2, 3))
    weight = np.ones((2, 3))
    weight[1, 2] = -2.5
    with pytest.raises(ValueError, match=r"huber: weight\[1, 2\] is -2\.5, but a weight must be finite"):
        kernel.value(zeros, zeros, weight=weight)
    one = np.zeros(())
    with pytest.raises(ValueError, match=r"huber: weight is nan, but"):
        kernel.value(one, one, weight=np.nan)


@pytest.mark.parametrize("warm", [False, True])
@pytest.mark.parametrize("backend", BACKENDS)
def test_an_infinite_class_weight(backend, warm):
    """It says nothing of the other classes: the mean would be infinity over infinity, which is NaN."""
    kernel = symloss.get("softmax_cross_entropy_with_class_index").load(backend)
    logits, target = np.zeros((2, 3)), np.array([0, 1])
    for _ in range(3 * warm):
        kernel.value(logits, target, class_weight=np.ones(3))
    with pytest.raises(ValueError, match=r"class_weight\[1\] is inf, expected finite, a number ≥ 0"):
        kernel.value(logits, target, class_weight=[1.0, np.inf, 1.0])


@pytest.mark.parametrize("warm", [False, True])
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_number_that_float32_rounds_out_of_its_domain(backend, warm):
    single, double = np.ones(3, np.float32), np.ones(3)
    kernel = symloss.get("huber").load(backend)
    for _ in range(3 * warm):  # the short ways are taken from the second call on
        kernel.value(single, single, delta=2.0)
    with pytest.raises(ValueError, match=r"huber: delta is 1e-60, which float32 rounds to 0\.0, expected"):
        kernel.value(single, single, delta=1e-60)
    assert kernel.value(double, double, delta=1e-60) == 0
    with pytest.raises(ValueError, match=r"delta is 1e-60, which float32 rounds"):
        symloss.get("huber").load(backend, dtype="float32").value(double, double, delta=1e-60)
    least = 2e-45  # which becomes the smallest float
    assert kernel.value(single, 0 * single, delta=least) == np.float32(1e-45)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_default_that_float32_rounds_out_of_its_domain(backend):
    single = np.ones(3, np.float32)
    kernel = symloss.get("huber").with_(delta=1e-60).load(backend)
    for delta in (2.0, 2.0, 2.0):
        kernel.value(single, single, delta=delta)
    with pytest.raises(ValueError, match=r"delta is 1e-60, which float32 rounds to 0\.0"):
        kernel.value(single, single)


def test_without_the_extension(monkeypatch):
    monkeypatch.setattr(extension, "module", lambda: None)
    kernel, single = symloss.get("huber").load("c"), np.ones(3, np.float32)
    for _ in range(3):
        kernel.value(single, single, delta=2.0)
    with pytest.raises(ValueError, match=r"which float32 rounds to 0\.0"):
        kernel.value(single, single, delta=1e-60)
    with pytest.raises(TypeError, match=r"prediction has masked entries"):
        kernel.value(np.ma.array(single, mask=[0, 1, 0]), single)


@pytest.mark.parametrize("backend", BACKENDS)
def test_masked_entries(backend):
    kernel, plain = symloss.get("huber").load(backend), np.array([1.0, 2.0, 5.0])
    for _ in range(3):
        kernel.value(plain, plain)
        with pytest.raises(TypeError, match=r"huber: prediction has masked entries"):
            kernel.value(np.ma.array(plain, mask=[0, 0, 1]), plain)
    with pytest.raises(TypeError, match=r"weight has masked entries"):
        kernel.value(plain, plain, weight=np.ma.array(plain, mask=[0, 0, 1]))
    assert kernel.value(np.ma.array(plain, mask=False), plain - 0.5) == 0.125


@pytest.mark.parametrize("backend", BACKENDS)
def test_whole_numbers_that_no_format_holds(backend):
    kernel, logits = symloss.get("softmax_cross_entropy_with_class_index").load(backend), np.zeros((1, 3))
    with pytest.raises(ValueError, match=r"ignore_index is 1180591620717411303424, which no int64 can hold"):
        kernel.value(logits, np.array([0]), ignore_index=2**70)
    with pytest.raises(ValueError, match=r"ignore_index is -9223372036854775809, which no int64 can hold"):
        kernel.value(logits, np.array([0]), ignore_index=-(2**63) - 1)
    least = np.array([-(2**63)])
    assert kernel.gradient(logits, least, ignore_index=-(2**63)).tolist() == [[0, 0, 0]]
    huber = symloss.get("huber").load(backend)
    assert huber.value([1.0], [0.0], delta=2**70) == 0.5
    with pytest.raises(ValueError, match=r"which no float64 can hold"):
        huber.value([1.0], [0.0], delta=10**400)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_shape_that_was_expected_is_named(backend):
    pixels = symloss.get("pixelwise_cross_entropy").load(backend)
    with pytest.raises(
        ValueError, match=r"target of shape \(2, 4, 5\) does not fit .*expected \(2, 3, P = 5\)$"
    ):
        pixels.value(np.zeros((2, 3, 4, 5)), np.zeros((2, 4, 5), int))
    huber = symloss.get("huber").load(backend)
    with pytest.raises(ValueError, match=r"target of shape \(6,\) does not fit .*expected \(2, 3\)$"):
        huber.value(np.zeros((2, 3)), np.zeros(6))


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_classes(backend):
    kernel = symloss.get("softmax_cross_entropy_with_class_index").load(backend)
    with pytest.raises(ValueError, match=r"class index 0, expected -100, for the axis C is empty$"):
        kernel.value(np.zeros((1, 0)), np.array([0]))
    kernel = symloss.get("softmax_cross_entropy").load(backend)
    with pytest.raises(ValueError, match=r"softmax_cross_entropy: C is 0, but an entry is needed"):
        kernel.value(np.zeros((1, 0)), np.zeros((1, 0)))


def test_a_name_is_no_loss():
    with pytest.raises(TypeError, match=r"load takes a loss, not str 'huber'; symloss\.get\('huber'\)"):
        runtime.load("huber")
    with pytest.raises(AttributeError, match=r"no attribute 'load'; a loss has one, such as symloss\.get"):
        symloss.load  # noqa: B018


def test_reserved_names_are_listed():
    with pytest.raises(DeclarationError) as caught:
        symloss.get("huber").renamed(delta="m")
    said = str(caught.value).rsplit("as do ", 1)[1]
    assert set(said.split(", ")) == set(INDEX_NAMES)


def test_it_is_said_in_which_format_floats_are_computed(capsys):
    loss = symloss.get("huber")
    assert loss.native_float32
    source = c_backend.render(loss, "a test")[".c"]
    assert "float: value, gradient, value_and_gradient computed in float, sums in double" in source
    assert "float: hessian computed in double, and rounded once" in source
    source = c_backend.render(dataclasses.replace(loss, native_float32=False), "a test")[".c"]
    assert "float: value, gradient, value_and_gradient, hessian computed in double" in source
    main(["show", "huber", "--json"])
    assert json.loads(capsys.readouterr().out)["native_float32"] is True
    main(["show", "huber"])
    assert "float32: value and gradient are computed in float32" in capsys.readouterr().out


@pytest.mark.parametrize("dtype", ["9**9**9", "float16", "0,1", 3, object])
def test_a_type_of_numbers_that_there_is_not(dtype):
    with pytest.raises(ValueError, match="huber: dtype must be 'float64', 'float32' or None"):
        symloss.get("huber").load("numpy", dtype=dtype)


WORDS = sorted(set(declare.__all__) - {"DeclarationError", "Loss", "oo"})


@pytest.mark.parametrize("word", WORDS)
def test_a_text_is_never_run(word, tmp_path):
    """SymPy reads a text by running it, so no word of declarations may hand it one."""
    program = f"__import__('pathlib').Path({str(tmp_path / 'gone')!r}).touch()"
    said, written = getattr(symloss, word), []
    ways = [said, lambda text: said(text, 1), lambda text: said(1, text), lambda text: said((text, True))]
    if hasattr(said, "__getitem__"):
        ways += [said.__getitem__, lambda text: said[index("j")](text)]
    for way in ways:
        with contextlib.suppress(TypeError, ValueError, AttributeError):
            written.append(way(program))
    assert not (tmp_path / "gone").exists()
    assert not any(isinstance(expr, sympy.Basic) for expr in written)


@pytest.mark.parametrize("word", ["Abs", "Eq", "exp", "log", "sigmoid", "sqrt", "xlogy"])
def test_a_text_in_a_formula_is_refused(word):
    with pytest.raises(DeclarationError, match=rf"{word}\(…\) takes an expression, not str '9\*\*9\*\*9'"):
        getattr(symloss, word)(*["9**9**9"] * (1 if word not in ("Eq", "xlogy") else 2))


def test_a_number_of_numpy_is_a_number():
    assert symloss.sqrt(np.int64(4)) == 2 and symloss.Max(np.int64(4), 3) == 4
