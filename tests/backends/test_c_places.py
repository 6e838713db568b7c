"""Places with formulas of their own in generated C: what depends on them, however far, is right at any length."""

import pickle
import re
import subprocess
import sys

import numpy as np
import pytest

import symloss
from symloss.declare import (
    Abs,
    ClassIndex,
    Eq,
    Integer,
    NonNegative,
    Piecewise,
    Real,
    Sum,
    argmax,
    cosh,
    exp,
    index,
    log,
    logsumexp,
    loss,
)

j = index("j")


@loss
def one_hot_huber(x: Real["C"], target: ClassIndex["C"]):
    """Of residuals from one-hot targets."""
    r = x[j] - Piecewise((1, Eq(j, target)), (0, True))
    return Sum[j](Piecewise((r**2 / 2, Abs(r) <= 1), (Abs(r) - 0.5, True)))


@loss
def one_hot_log_cosh(x: Real["C"], target: ClassIndex["C"]):
    """Of residuals from one-hot targets."""
    return Sum[j](log(cosh(x[j] - Piecewise((1, Eq(j, target)), (0, True)))))


@loss
def additive_margin_softmax(x: Real["C"], target: ClassIndex["C"], *, mu: NonNegative = 0.5):
    """Wang et al. 2018."""
    z = x[j] - Piecewise((mu, Eq(j, target)), (0, True))
    return logsumexp[j](z) - (x[target] - mu)


def huber_by_hand(r, _):
    return np.where(abs(r) <= 1, r * r / 2, abs(r) - 0.5).sum(1), np.clip(r, -1, 1)


def log_cosh_by_hand(r, _):
    return np.log(np.cosh(r)).sum(1), np.tanh(r)


def margin_by_hand(r, hot):
    z = r + 0.5 * hot
    e = np.exp(z)
    return np.log(e.sum(1)) - (z * hot).sum(1), e / e.sum(1, keepdims=True) - hot


BY_HAND = [
    (one_hot_huber, huber_by_hand),
    (one_hot_log_cosh, log_cosh_by_hand),
    (additive_margin_softmax, margin_by_hand),
]


@pytest.mark.parametrize(("declared", "by_hand"), BY_HAND, ids=[d.name for d, _ in BY_HAND])
@pytest.mark.parametrize("classes", [1, 7, 129, 300])
def test_what_depends_on_a_place_is_right_there(declared, by_hand, classes):
    """By way of two definitions, or of one whose value elsewhere is kept for a later loop."""
    draw = np.random.default_rng(classes)
    x, target = draw.normal(0, 2, (5, classes)), draw.integers(0, classes, 5)
    hot = np.eye(classes)[target]
    values, slopes = by_hand(x - hot, hot)
    kernel = declared.load("c")
    both = kernel.value_and_gradient(x, target, reduction="none")
    for value in (both[0], kernel.value(x, target, reduction="none")):
        np.testing.assert_allclose(value, values, rtol=1e-12, atol=1e-14)
    for slope in (both[1], kernel.gradient(x, target, reduction="none")):
        np.testing.assert_allclose(slope, slopes, rtol=1e-12, atol=1e-14)


@loss(native_float32=True)
def all_but_the_target(x: Real["C"], target: ClassIndex["C"].or_value_of("none"), *, none: Integer = -1):
    """Where there is no target, all classes count."""
    return Sum[j](Piecewise((0, Eq(j, target)), (exp(x[j]), True)))


@pytest.mark.slow
@pytest.mark.parametrize("none", [-1, 2**32 - 1, 2**32 + 1, -(2**32) + 1])
def test_what_is_no_class_is_none_in_lanes_of_floats(none):
    """They compare 32 bits of it: of the last two these are the ones of class 1."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(70, 3)).astype(np.float32)
    target = np.where(draw.random(70) < 0.5, none, draw.integers(0, 3, 70))
    terms = np.where(np.arange(3) == target[:, None], 0, np.exp(x.astype(float)))
    kernel = all_but_the_target.load("c", dtype="float32")
    for value in (kernel.value, lambda *a, **k: kernel.value_and_gradient(*a, **k)[0]):
        np.testing.assert_allclose(value(x, target, none=none, reduction="none"), terms.sum(1), rtol=1e-6)
    np.testing.assert_allclose(kernel.gradient(x, target, none=none, reduction="none"), terms, rtol=1e-6)


@loss
def of_the_largest(x: Real["C"], y: Real["C"]):
    """What stands beside the largest entry."""
    return y[argmax[j](x[j])] ** 2


@pytest.mark.parametrize(("classes", "place"), [(100, 37), (300, 0), (300, 131), (300, 299)])
def test_the_first_nan_is_the_largest(classes, place):
    x = np.random.default_rng(0).normal(size=(1, classes))
    x[0, place:] = np.where(np.arange(place, classes) % 2 == place % 2, np.nan, x[0, place:])
    y = np.arange(classes, dtype=float)[None]
    for backend in ("c", "numpy"):
        assert of_the_largest.load(backend).value(x, y) == place**2


@loss
def with_matrices(x: Real["C"], a: Real["C", "C"], b: Real["C", "C"], target: ClassIndex["C"]):
    """Each example has matrices of its own, of which no lane has room."""
    return Sum[j](exp(x[j] * a[target, j] + b[target, j]))


def test_matrices_of_examples_take_no_stack():
    draw = np.random.default_rng(0)
    x, a, b = draw.normal(size=(40, 3)), draw.normal(size=(40, 3, 3)), draw.normal(size=(40, 3, 3))
    target = draw.integers(0, 3, 40)
    source = with_matrices.load("c").source
    assert not re.search(r"SYMLOSS_NARROWF? \* SYMLOSS_NARROW", source)
    at = np.arange(40)
    expected = np.exp(x * a[at, target] + b[at, target]).sum(1).mean()
    assert with_matrices.load("c").value(x, a, b, target) == pytest.approx(expected, rel=1e-13)


def test_threads_do_not_all_do_what_stands_beside_the_examples():
    """The penalty's loop is one thread's; the examples are shared nevertheless."""
    both = symloss.get("mean_squared_error") + 0.1 * symloss.get("l2_penalty")
    source = both.load("c").source
    assert f"{both.name}_gradient_f64_of_thread(" not in source
    assert "#pragma omp parallel for schedule(static) if (parts > 1)" in source
    assert "error_gradient_f64_of_thread(" in symloss.get("mean_squared_error").load("c").source


def test_a_loss_has_its_hash_in_another_process(tmp_path):
    known = symloss.get("huber")
    hash(known)
    (tmp_path / "loss").write_bytes(pickle.dumps(known))
    program = (
        "import pickle, sys, symloss; a = pickle.load(open(sys.argv[1], 'rb')); "
        "b = symloss.get('huber'); sys.exit(not (a == b and hash(a) == hash(b)))"
    )
    assert (
        subprocess.run([sys.executable, "-c", program, str(tmp_path / "loss")], check=False).returncode == 0
    )
