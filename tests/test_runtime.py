"""Kernels: how they are called, how C is built and kept, and what they say when something is wrong."""

from __future__ import annotations

import concurrent.futures
import copy
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import BACKENDS, FLOAT32_LATER, draw, kernel, quick

import symloss
from symloss import runtime
from symloss.backends import c as c_backend
from symloss.runtime import CompilerError, cache_folder
from symloss.schedule import functions_of

FEW = ("huber", "triplet", "softmax_cross_entropy", "pixelwise_cross_entropy", "soft_dice")
ROOT = Path(symloss.__file__).resolve().parent.parent


@pytest.fixture
def fresh_cache(tmp_path, monkeypatch):
    """An empty cache, and a compiler that takes no pains, for what it makes is not what is tested here."""
    monkeypatch.setattr(runtime, "FLAGS", tuple("-O0" if f == "-O3" else f for f in runtime.FLAGS))
    folder = tmp_path / "cache"
    monkeypatch.setenv("SYMLOSS_CACHE", str(folder))
    return folder


@pytest.fixture
def compiler(monkeypatch):
    """Sets CC and forgets the compiler that was found."""

    def set_to(value: str | None, path: str | None = None):
        if value is None:
            monkeypatch.delenv("CC", raising=False)
        else:
            monkeypatch.setenv("CC", value)
        if path is not None:
            monkeypatch.setenv("PATH", path)
        runtime._found_compiler.cache_clear()

    yield set_to
    runtime._found_compiler.cache_clear()


# --- calls ------------------------------------------------------------------------------------------------


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


# --- the short way ------------------------------------------------------------------------------------------


@pytest.fixture(params=["extension", "ctypes"])
def short_way(request, monkeypatch):
    """Both short ways: an extension, and ctypes where there are no headers for one."""
    if request.param == "ctypes":
        monkeypatch.setattr(runtime, "_extension", lambda: None)
    elif runtime._extension() is None:
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
    assert mixed.mean_only
    k = mixed.load("c")
    arrays = [np.full(3, 0.5) for _ in k.loss.inputs]
    assert k.value(*arrays) == k.value(*arrays)
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
        lambda: monkeypatch.setattr(runtime.extension, "include_flags", lambda: None),
        lambda: monkeypatch.setattr(runtime.extension, "include_flags", lambda: ["--no-such-flag"]),
    ):
        spoil()
        runtime._extension.cache_clear()
        assert runtime._extension() is None
        k._fast, k._shortened = {}, set()
        assert k.value(x, np.zeros(6)) == k.value(x, np.zeros(6))
        assert callable(k._fast["value"][0]) and type(k._fast["value"][0]).__name__ == "function"
        monkeypatch.undo()
    runtime._extension.cache_clear()


@pytest.mark.slow
@pytest.mark.parametrize("compiler_name", ["gcc", "clang"])
def test_the_extension_compiles_clean(compiler_name, tmp_path):
    flags = runtime.extension.include_flags()
    if flags is None or not shutil.which(compiler_name):
        pytest.skip(f"{compiler_name} or the headers of Python (Python.h) are missing")
    warnings = "-std=c11 -O2 -Wall -Wextra -Werror -fPIC -shared".split()
    isystem = [flag.replace("-I", "-isystem") for flag in flags]
    command = [
        compiler_name,
        *warnings,
        *isystem,
        str(runtime.extension.SOURCES[0]),
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


# --- the cache --------------------------------------------------------------------------------------------


def test_the_second_load_does_not_compile(fresh_cache, monkeypatch):
    first = symloss.get("huber").load("c").library_path
    stamp = first.stat().st_mtime_ns
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: pytest.fail("it compiled again"))
    assert symloss.get("huber").load("c").library_path == first and first.stat().st_mtime_ns == stamp
    assert [p.name for p in fresh_cache.glob("*.so")] == [first.name]


def test_another_source_is_another_library(fresh_cache):
    paths = {symloss.get(name).load("c").library_path for name in ("mean_squared_error", "hinge")}
    changed = symloss.get("hinge").with_(margin=2).load("c").library_path
    assert len(paths | {changed}) == 3


def test_the_usual_place(monkeypatch, tmp_path):
    monkeypatch.delenv("SYMLOSS_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert cache_folder() == tmp_path / "symloss"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "symloss"


@pytest.mark.parametrize("name", ["with space", "größe · δ", 'quote\'s "two"', "semi;colon $HOME"])
def test_odd_folders(tmp_path, fresh_cache, monkeypatch, name):
    monkeypatch.setenv("SYMLOSS_CACHE", str(tmp_path / name))
    assert symloss.get("mean_squared_error").load("c").value([3.0], [1.0]) == 4
    assert len(list((tmp_path / name).glob("mean_squared_error-*.so"))) == 1


def test_a_place_that_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SYMLOSS_CACHE", str(tmp_path / "file"))
    with pytest.raises(OSError, match=r"mean_squared_error: .* kept in .*file: .*SYMLOSS_CACHE"):
        symloss.get("mean_squared_error").load("c")
    assert symloss.get("mean_squared_error").load("numpy").value([3.0], [1.0]) == 4
    if os.geteuid() != 0:
        folder = tmp_path / "locked"
        folder.mkdir(mode=0o500)
        monkeypatch.setenv("SYMLOSS_CACHE", str(folder))
        with pytest.raises(OSError, match=r"mean_squared_error: .* kept in .*locked: .*SYMLOSS_CACHE"):
            symloss.get("mean_squared_error").load("c")


def test_a_user_without_a_home(tmp_path, monkeypatch):
    for name in ("SYMLOSS_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)

    def nowhere():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    runtime._numpy_module.cache_clear()
    assert symloss.get("huber").load("numpy").value([3.0], [0.0]) == 2.5
    with pytest.raises(OSError, match=r"no folder for compiled code .*SYMLOSS_CACHE"):
        symloss.get("huber").load("c")


def test_the_working_folder(tmp_path, fresh_cache, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYMLOSS_CACHE", ".")
    assert symloss.get("mean_squared_error").load("c").value([3.0], [1.0]) == 4


BUILD = """
import sys, symloss, symloss.runtime
symloss.runtime.FLAGS = tuple("-O0" if f == "-O3" else f for f in symloss.runtime.FLAGS)
kernel = symloss.get("huber").load("c")
print(kernel.value([3.0], [0.0]), kernel.library_path.name)
"""


@pytest.mark.slow
def test_several_processes_build_at_once(fresh_cache):
    environment = dict(os.environ, SYMLOSS_CACHE=str(fresh_cache), PYTHONPATH=str(ROOT))
    started = [
        subprocess.Popen([sys.executable, "-c", BUILD], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    said = {process.communicate(timeout=120)[0] for process in started}
    assert [process.returncode for process in started] == [0] * 6
    assert len(said) == 1 and said.pop().startswith("2.5 huber-")
    assert len(list(fresh_cache.glob("huber-*.so"))) == 1


def test_threads(fresh_cache):
    """Several threads load and call one kernel."""
    x = np.linspace(-3, 3, 2000)
    expected = kernel("huber", "numpy").value_and_gradient(x, np.zeros(2000))

    def work(_):
        k = symloss.get("huber").load("c")
        return [k.value_and_gradient(x, np.zeros(2000)) for _ in range(20)]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for results in pool.map(work, range(8)):
            for value, gradient in results:
                assert value == pytest.approx(expected[0], rel=1e-14)
                np.testing.assert_allclose(gradient, expected[1], rtol=1e-15)


# --- compilers --------------------------------------------------------------------------------------------


def test_no_compiler(fresh_cache, compiler, tmp_path):
    compiler("/nonexistent/cc")
    with pytest.raises(CompilerError, match=r"no C compiler.*CC=/nonexistent/cc.*NumPy"):
        symloss.get("huber").load("c")
    compiler(None, str(tmp_path))
    with pytest.raises(CompilerError, match=r"no C compiler found.*cc, gcc and clang.*install one.*NumPy"):
        symloss.get("huber").load("c")
    assert symloss.get("huber").load("numpy").value([3.0], [0.0]) == 2.5


def test_a_compiler_that_fails(fresh_cache, compiler):
    compiler("false")
    with pytest.raises(CompilerError, match=r"huber: the C compiler failed: false "):
        symloss.get("huber").load("c")
    assert [p.name for p in fresh_cache.iterdir()] in ([], ["made"])


def test_a_compiler_that_complains(fresh_cache, compiler, tmp_path):
    script = tmp_path / "complains"
    script.write_text("#!/bin/sh\necho 'no licence' >&2\nexit 3\n")
    script.chmod(0o755)
    compiler(str(script))
    with pytest.raises(CompilerError, match=r"(?s)huber: the C compiler failed.*no licence"):
        symloss.get("huber").load("c")


def test_a_compiler_with_flags(fresh_cache, compiler):
    if not shutil.which("gcc"):
        pytest.skip("there is no gcc on this machine")
    compiler("gcc -O0")
    assert symloss.get("huber").load("c").value([3.0], [0.0]) == 2.5


def test_a_compiler_in_a_folder_with_a_space(fresh_cache, compiler, tmp_path):
    cc = shutil.which("cc")
    if cc is None:
        pytest.skip("there is no cc on this machine")
    script = tmp_path / "my tools" / "cc"
    script.parent.mkdir()
    script.symlink_to(cc)
    for said in (f"'{script}' -DNAME='a b'", str(script)):
        compiler(said)
        assert symloss.get("huber").load("c").value([3.0], [0.0]) == 2.5
    compiler("cc 'unfinished")
    with pytest.raises(CompilerError, match=r"CC=cc 'unfinished cannot be read: No closing quotation"):
        symloss.get("huber").load("c")


def test_a_compiler_that_cannot_be_run(fresh_cache, compiler, tmp_path):
    program = tmp_path / "cc"
    program.write_bytes(b"\x7fELF of another machine")
    program.chmod(0o755)
    compiler(str(program))
    with pytest.raises(CompilerError, match=r"huber: the C compiler .*cc cannot be run"):
        symloss.get("huber").load("c")


def test_a_library_that_is_broken_in_the_cache(fresh_cache):
    """Another process builds it again; in this one the library is loaded already."""
    path = symloss.get("huber").load("c").library_path
    os.replace(path, fresh_cache / "keep")
    path.write_bytes(b"\x7fELF broken")
    environment = dict(os.environ, SYMLOSS_CACHE=str(fresh_cache), PYTHONPATH=str(ROOT))
    run = subprocess.run(
        [sys.executable, "-c", BUILD], env=environment, capture_output=True, text=True, check=False
    )
    assert run.stdout == f"2.5 {path.name}\n", run.stderr
    assert path.read_bytes() != b"\x7fELF broken"


def test_a_format_is_compiled_when_its_arrays_come(fresh_cache):
    k = symloss.get("huber").load("c")
    assert len(list(fresh_cache.glob("huber-*.so"))) == 1
    assert k.value(np.float32([3]), np.float32([0])).dtype == np.float32
    assert len(list(fresh_cache.glob("huber-*.so"))) == 2


@pytest.mark.parametrize("name", ["huber", "info_nce", "softmax_cross_entropy"])
def test_a_source_in_parts_has_each_function_once(name, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    files = c_backend.render(symloss.get(name), "a test")
    functions = [
        f.name for what in functions_of(symloss.get(name)) for f in c_backend.formats(symloss.get(name), what)
    ]
    parts = runtime._units(name, files[".c"], functions)
    assert len(parts) == 3
    for function in functions:
        assert sum(f"int {function}(" in part for part in parts) == 1
        assert f"int {function}(" in "".join(runtime._units(name, files[".c"], [function]))
