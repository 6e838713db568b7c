"""The memory of large results: used again when a result is gone, and never while anything can still see it."""

from __future__ import annotations

import gc
import itertools
import os
import subprocess
import sys
import threading
import weakref

import numpy as np
import pytest
from helpers import DTYPES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import symloss
from symloss.runtime import extension

MEBIBYTE = 1 << 20
MOST = 256 * MEBIBYTE
"""How much may wait, as the documentation of Kernel says."""

pytestmark = pytest.mark.skipif(
    extension.include_flags() is None,
    reason="the headers of Python (Python.h), with which an extension is compiled, are missing",
)


@pytest.fixture
def huber():
    """A kernel of its own, with nothing that waits."""
    gc.collect()
    kernel = symloss.get("huber").load("c")
    assert waiting(kernel) == 0
    return kernel


def waiting(kernel) -> int:
    _, memory = kernel._extended
    return memory.waiting


def inputs(count: int, dtype: str = "float64") -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(count).normal(scale=2, size=count).astype(dtype)
    return x, np.zeros_like(x)


def expected(x: np.ndarray) -> np.ndarray:
    """The gradient of the summed Huber loss at the target 0."""
    return np.clip(x, -1, 1)


def address(array: np.ndarray) -> int:
    return array.__array_interface__["data"][0]


SIZE = MEBIBYTE // 8


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("general", [False, True], ids=["short way", "general call"])
def test_memory_is_used_again_when_a_result_is_gone(huber, dtype, general):
    x, y = inputs(2 * SIZE, dtype)
    options = {"check": True} if general else {}
    for _ in range(2):
        gradient = huber.gradient(x, y, **options)
        first = address(gradient)
        assert first % 64 == 0 and gradient.flags.carray and gradient.flags.owndata and gradient.base is None
        other = huber.gradient(x, y, **options)
        assert not np.shares_memory(gradient, other)
        del gradient
        again = huber.gradient(x, y, **options)
        assert address(again) == first
        del again, other
    _, gradient = huber.value_and_gradient(x, y, **options)
    assert not np.shares_memory(gradient, huber.hessian(x, y, **options))


def test_small_results_do_not_wait(huber):
    x, y = inputs(SIZE - 1)
    for _ in range(3):
        huber.gradient(x, y)
        assert waiting(huber) == 0
    x, y = inputs(SIZE)
    huber.gradient(x, y)
    assert waiting(huber) >= MEBIBYTE


def test_reduction_none_and_weights(huber):
    x, y = inputs(SIZE)
    value, gradient = huber.value_and_gradient(x, y, reduction="none", weight=np.ones(SIZE))
    assert not np.shares_memory(value, gradient) and np.array_equal(gradient, expected(x))
    places = {address(value), address(gradient)}
    del value, gradient
    value, gradient = huber.value_and_gradient(x, y, reduction="none", weight=np.ones(SIZE))
    assert {address(value), address(gradient)} == places


@pytest.mark.slow
def test_several_gradients_lie_apart():
    kernel = symloss.get("triplet").load("c")
    tensors = np.random.default_rng(0).normal(size=(3, SIZE // 4, 4))
    for _ in range(4):
        _, found = kernel.value_and_gradient(*tensors)
        held = [*found.values()]
        assert not any(np.shares_memory(a, b) for a, b in itertools.combinations(held, 2))


HOLDERS = {
    "a slice": lambda a: a[SIZE // 2 :: 3],
    "another shape": lambda a: a.reshape(2, -1)[1].T,
    "another type": lambda a: a.view(np.int64),
    "a memoryview": lambda a: memoryview(a)[5:].cast("B"),
    "DLPack": lambda a: np.from_dlpack(a),
    "a buffer": lambda a: np.frombuffer(a, dtype=np.float64),
    "ctypes": lambda a: np.ctypeslib.as_ctypes(a),
    "an iterator": lambda a: a.flat,
    "a broadcast": lambda a: np.broadcast_to(a, (2, SIZE)),
    "strides": lambda a: np.lib.stride_tricks.as_strided(a, (4,), (8,)),
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_what_sees_a_result_keeps_it(huber, holder):
    x, y = inputs(SIZE)
    huber.gradient(x, y, reduction="sum")
    gradient = huber.gradient(x, y, reduction="sum")
    place, kept = address(gradient), HOLDERS[holder](gradient)
    before = np.array(kept).tobytes()
    del gradient
    others = [huber.gradient(-x, y, reduction="sum") for _ in range(3)]
    assert place not in map(address, others)
    assert np.array(kept).tobytes() == before
    del kept, others
    gc.collect()
    found = [huber.gradient(x, y) for _ in range(4)]
    assert place in map(address, found)


def test_torch_keeps_a_result(huber):
    torch = pytest.importorskip("torch")
    x, y = inputs(SIZE)
    huber.gradient(x, y)
    tensor = torch.from_numpy(huber.gradient(x, y, reduction="sum"))[10:]
    others = [huber.gradient(-x, y, reduction="sum") for _ in range(3)]
    assert torch.equal(tensor, torch.from_numpy(expected(x)[10:])) and others


@pytest.mark.filterwarnings("ignore:Setting the (shape|dtype|strides):DeprecationWarning")
def test_what_was_done_to_a_result_is_not_seen_in_the_next(huber):
    x, y = inputs(SIZE)
    huber.gradient(x, y)

    def locked(a):
        a.flags.writeable = False

    def reshaped(a):
        a.shape = (2, -1)

    def retyped(a):
        a.dtype = np.dtype([("low", "<i4"), ("high", "<i4")])

    def shrunk(a):
        a.resize(10, refcheck=False)

    def grown(a):
        a.resize(3 * SIZE, refcheck=False)
        assert not a[SIZE:].any() and np.array_equal(a[:SIZE], expected(x))

    for change in (locked, reshaped, retyped, shrunk, grown):
        gradient = huber.gradient(x, y, reduction="sum")
        change(gradient)
        del gradient
        for _ in range(3):
            gradient = huber.gradient(x, y, reduction="sum")
            assert gradient.shape == (SIZE,) and gradient.dtype == np.float64 and gradient.flags.carray
            assert np.array_equal(gradient, expected(x))
    assert waiting(huber) <= MOST


def test_weak_references_die_with_their_result(huber):
    x, y = inputs(SIZE)
    died = []
    gradient = huber.gradient(x, y)
    reference = weakref.ref(gradient, died.append)
    del gradient
    assert reference() is None and died == [reference]
    assert huber.gradient(x, y) is not None and reference() is None


def test_what_fails_leaves_its_memory_for_the_next():
    kernel = symloss.get("softmax_cross_entropy_with_class_index").load("c")
    logits, target = np.zeros((SIZE // 4, 4)), np.zeros(SIZE // 4, np.int64)
    for _ in range(3):
        kernel.gradient(logits, target)
    before = waiting(kernel)
    for _ in range(3):
        with pytest.raises(IndexError, match="class index 4"):
            kernel.gradient(logits, np.full_like(target, 4))
        assert waiting(kernel) == before
    _, memory = kernel._extended
    with pytest.raises(ZeroDivisionError):
        memory(lambda: 1 / 0)
    array = np.ones(SIZE)
    del array
    assert waiting(kernel) == before  # arrays from elsewhere have other memory
    with pytest.raises(MemoryError):
        memory(np.empty, 1 << 58)
    assert waiting(kernel) == 0  # all of it was given up before


def test_arrays_of_zeros_are_zero(huber):
    x, y = inputs(SIZE)
    huber.gradient(x, y)
    _, memory = huber._extended
    place = address(memory(np.empty, SIZE))
    zeros = memory(np.zeros, SIZE)
    assert address(zeros) == place and not zeros.any()


def test_large_memory_is_not_spent_on_small_results(huber):
    _, memory = huber._extended
    place = address(memory(np.empty, 4 * SIZE))
    small = memory(np.empty, 2 * SIZE - 1)
    assert address(small) != place and memory.waiting == 4 * MEBIBYTE
    large = memory(np.empty, 2 * SIZE)
    assert address(large) == place and memory.waiting == 0


def test_all_of_it_waits_after_a_change_of_size(huber):
    _, memory = huber._extended
    array = memory(np.empty, 2 * SIZE)
    array.resize(SIZE)
    del array
    assert memory.waiting == 2 * MEBIBYTE
    array = memory(np.empty, 2 * SIZE)
    array.resize(5 * SIZE)
    assert memory.waiting == 2 * MEBIBYTE
    del array
    assert memory.waiting == 7 * MEBIBYTE


def test_no_more_waits_than_is_said(huber):
    _, memory = huber._extended
    for size, count in ((MEBIBYTE, 300), (100 * MEBIBYTE, 5), (MOST // 2, 3), (MOST, 2)):
        arrays = [memory(np.empty, size, np.uint8) for _ in range(count)]
        del arrays
        assert 0 < memory.waiting <= MOST
    before = memory.waiting
    memory(np.empty, MOST + 1, np.uint8)
    assert memory.waiting == before


def test_a_kernel_takes_along_what_waits(huber):
    other, (x, y) = symloss.get("huber").load("c"), inputs(SIZE)
    huber.gradient(x, y)
    held = [other.gradient(x, y, reduction="sum") for _ in range(4)]
    last = held.pop()
    view = last[3:]
    del held, last
    assert waiting(huber) == 3 * MEBIBYTE  # one of them had waited for the first kernel
    del other
    assert waiting(huber) == 0
    assert np.array_equal(view, expected(x)[3:])
    del view
    assert waiting(huber) == 0


def test_memory_of_the_caller_is_used_where_there_is_some(huber):
    """A program may have set another handler for NumPy's memory: here that of another kernel."""
    other, (x, y) = symloss.get("huber").load("c"), inputs(SIZE)
    other.gradient(x, y)
    _, memory = huber._extended
    gradient = memory(other.gradient, x, y, reduction="sum")
    assert np.array_equal(gradient, expected(x))
    del other, gradient
    assert waiting(huber) == MEBIBYTE


WITHOUT_MEMORY = """
import resource, numpy as np, symloss
kernel = symloss.get("huber").load("c")
kernel.value([1.0], [0.0])
module, memory = kernel._extended
wait = memory(np.empty, 200 << 20, np.uint8)
del wait
assert memory.waiting
with open("/proc/self/statm") as statm:
    used = int(statm.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (100 << 20),) * 2)
array = memory(np.empty, 250 << 20, np.uint8)
assert memory.waiting == 0
try:
    memory(np.empty, 400 << 20, np.uint8)
except MemoryError:
    print("as expected")
"""


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="the limit on memory is that of Linux")
def test_what_waits_is_given_up_where_memory_is_short():
    run = subprocess.run([sys.executable, "-c", WITHOUT_MEMORY], capture_output=True, text=True, check=False)
    assert run.returncode == 0 and run.stdout == "as expected\n", run.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no os.fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_forked_process_has_memory_of_its_own(huber):
    x, y = inputs(SIZE)
    held = huber.gradient(x, y, reduction="sum")
    huber.gradient(-x, y)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            found = [huber.gradient(-x, y, reduction="sum") for _ in range(3)]
            right = all(np.array_equal(one, -expected(x)) for one in found)
            code = 0 if right and np.array_equal(held, expected(x)) else 2
        finally:
            os._exit(code)
    found = [huber.gradient(x, y, reduction="sum") for _ in range(3)]
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert all(np.array_equal(one, expected(x)) for one in (*found, held))


@pytest.mark.slow
def test_threads_that_share_a_kernel(huber):
    """Each thread holds some results for a while, and finds its own numbers in them."""
    wrong: list[object] = []

    def work(number: int) -> None:
        try:
            rng = np.random.default_rng(number)
            held: list[tuple[float, np.ndarray]] = []
            for _ in range(150):
                factor, count = rng.uniform(0.1, 0.9), SIZE + int(rng.integers(0, SIZE // 2))
                x = np.full(count, factor)
                held.append((factor, huber.gradient(x, np.zeros(count), reduction="sum")))
                if len(held) > 3:
                    held.pop(int(rng.integers(0, 4)))
                if not all((array == known).all() for known, array in held):
                    wrong.append(number)
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong and waiting(huber) <= MOST


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["call", "call", "general", "other kernel", "drop", "view", "cycle", "collect"]),
        st.sampled_from([SIZE - 1, SIZE, SIZE + 7, 3 * SIZE // 2, 2 * SIZE, 2 * SIZE + 1, 5 * SIZE]),
        st.sampled_from(DTYPES),
        st.integers(0, 99),
    ),
    min_size=1,
    max_size=25,
)


@pytest.mark.slow
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(steps=STEPS)
def test_live_results_never_share_memory(huber, steps):
    other = symloss.get("hinge").load("c")
    held: list[list[tuple[np.ndarray, float]]] = []
    for number, (step, count, dtype, choice) in enumerate(steps):
        known = (number + 1) / 64  # exact in both formats
        x, y = np.full(count, known, dtype), np.zeros(count, dtype)
        if step in ("call", "general"):
            held.append([(huber.gradient(x, y, reduction="sum", check=step == "general"), known)])
        elif step == "other kernel":
            held.append([(other.gradient(x, np.ones(count, dtype), reduction="sum"), -1.0)])
        elif step == "drop" and held:
            del held[choice % len(held)]
        elif step == "view" and held:
            [(array, known)] = held.pop(choice % len(held))
            held.append([(array[choice:-1], known)])
        elif step == "cycle" and held:
            cycle: list = [held.pop(choice % len(held))]
            cycle.append(cycle)
            del cycle
        elif step == "collect":
            gc.collect()
        arrays = [array for [(array, _)] in held]
        assert not any(np.shares_memory(a, b) for a, b in itertools.combinations(arrays, 2))
        assert all((array == known).all() for [(array, known)] in held)
        assert waiting(huber) <= MOST
