"""How C is built and kept, and what is said when that goes wrong."""

from __future__ import annotations

import concurrent.futures
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import kernel

import symloss
from symloss.runtime import CompilerError, compiler, numpy_kernel

ROOT = Path(symloss.__file__).resolve().parent.parent


@pytest.fixture
def named_compiler(monkeypatch):
    """Sets CC and forgets the compiler that was found."""

    def set_to(value: str | None, path: str | None = None):
        if value is None:
            monkeypatch.delenv("CC", raising=False)
        else:
            monkeypatch.setenv("CC", value)
        if path is not None:
            monkeypatch.setenv("PATH", path)
        compiler._found_compiler.cache_clear()

    yield set_to
    compiler._found_compiler.cache_clear()


@pytest.fixture
def program_as_compiler(named_compiler, tmp_path):
    """Sets CC to a program of that name and content."""

    def set_to(name: str, content: bytes):
        program = tmp_path / name
        program.write_bytes(content)
        program.chmod(0o755)
        named_compiler(str(program))

    return set_to


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


def test_a_library_is_that_of_all_it_is_made_from(monkeypatch):
    """Source, header, functions, flags, compiler and machine: with another one it is another library."""
    monkeypatch.setattr(compiler, "made_once", lambda name, words, make: words)

    def of(source="int f(void);", header="", functions=("f",), **patched):
        with monkeypatch.context() as here:
            for name, new in patched.items():
                here.setattr(compiler, name, new)
            return tuple(compiler.build("f", {".c": source, ".h": header}, functions))

    made = [
        of(),
        of(source="int g(void);"),
        of(header="int f(void);"),
        of(functions=("f", "g")),
        of(FLAGS=("-O1", "-shared")),
        of(THREADS="-pthread"),
        of(compiler=lambda: ("another",), native=lambda command: ((), "here")),
        of(native=lambda command: ((), "here")),
        of(native=lambda command: (("-mnone",), "here")),
        of(native=lambda command: ((), "there")),
    ]
    assert len(set(made)) == len(made) and of() == made[0]


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
    numpy_kernel._numpy_module.cache_clear()
    assert symloss.get("huber").load("numpy").value([3.0], [0.0]) == 2.5
    with pytest.raises(OSError, match=r"no folder for compiled code .*SYMLOSS_CACHE"):
        symloss.get("huber").load("c")


def test_the_working_folder(tmp_path, fresh_cache, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYMLOSS_CACHE", ".")
    assert symloss.get("mean_squared_error").load("c").value([3.0], [1.0]) == 4


@pytest.fixture
def left_by_another(monkeypatch):
    """Makes what lies at a path another user's."""

    def given_away(path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, 65534, -1)
        else:
            monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

    return given_away


def test_a_library_of_another_user_is_not_run(fresh_cache, left_by_another):
    """Whoever may write into the folder knows what the file will be called."""

    def make(folder: Path) -> None:
        (folder / "library.so").write_text("mine")

    fresh_cache.mkdir()
    path = compiler.made_once("f", ["words"], make)
    path.write_text("theirs")
    left_by_another(path)
    if os.geteuid() == 0:
        assert compiler.made_once("f", ["words"], make).read_text() == "mine"
    else:  # then the folder is another's, too
        with pytest.raises(OSError, match="another user"):
            compiler.made_once("f", ["words"], make)


def test_a_folder_of_another_user_is_not_used(fresh_cache, left_by_another):
    fresh_cache.mkdir()
    left_by_another(fresh_cache)
    with pytest.raises(
        OSError, match=r"f: .* kept in .*cache: the folder belongs to another user.*SYMLOSS_CACHE"
    ):
        compiler.made_once("f", ["words"], lambda folder: pytest.fail("it is compiled all the same"))


BUILD = """
import symloss
from symloss.runtime import compiler
compiler.FLAGS = tuple("-O0" if f == "-O3" else f for f in compiler.FLAGS)
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


def test_a_format_is_compiled_when_its_arrays_come(fresh_cache):
    k = symloss.get("huber").load("c")
    assert len(list(fresh_cache.glob("huber-*.so"))) == 1
    assert k.value(np.float32([3]), np.float32([0])).dtype == np.float32
    assert len(list(fresh_cache.glob("huber-*.so"))) == 2


# --- compilers --------------------------------------------------------------------------------------------


def test_no_compiler(fresh_cache, named_compiler, tmp_path):
    named_compiler("/nonexistent/cc")
    with pytest.raises(CompilerError, match=r"no C compiler.*CC=/nonexistent/cc.*NumPy"):
        symloss.get("huber").load("c")
    named_compiler(None, str(tmp_path))
    with pytest.raises(CompilerError, match=r"no C compiler found.*cc, gcc and clang.*install one.*NumPy"):
        symloss.get("huber").load("c")
    assert symloss.get("huber").load("numpy").value([3.0], [0.0]) == 2.5


def test_a_compiler_that_fails(fresh_cache, named_compiler):
    named_compiler("false")
    with pytest.raises(CompilerError, match=r"huber: the C compiler failed: false "):
        symloss.get("huber").load("c")
    assert [p.name for p in fresh_cache.iterdir()] in ([], ["made"])


def test_a_compiler_that_complains(fresh_cache, program_as_compiler):
    program_as_compiler("complains", b"#!/bin/sh\necho 'no licence' >&2\nexit 3\n")
    with pytest.raises(CompilerError, match=r"(?s)huber: the C compiler failed.*no licence"):
        symloss.get("huber").load("c")


def test_a_compiler_that_writes_no_text(fresh_cache, program_as_compiler):
    """An assembler that meets a broken file repeats its bytes."""
    program_as_compiler("complains", b"#!/bin/sh\nprintf 'junk at end of line: \\211PNG' >&2\nexit 1\n")
    with pytest.raises(
        CompilerError, match=r"(?s)huber: the C compiler failed.*junk at end of line: \\x89PNG"
    ):
        symloss.get("huber").load("c")


def test_a_compiler_for_another_machine(fresh_cache, program_as_compiler):
    program_as_compiler("crosses", b"#!/bin/sh\necho other > library.so\n")
    with pytest.raises(CompilerError, match=r"what .*crosses compiled cannot be loaded: "):
        symloss.get("huber").load("c")


def test_a_compiler_with_flags(fresh_cache, named_compiler):
    if not shutil.which("gcc"):
        pytest.skip("there is no gcc on this machine")
    named_compiler("gcc -O0")
    assert symloss.get("huber").load("c").value([3.0], [0.0]) == 2.5


def test_a_compiler_in_a_folder_with_a_space(fresh_cache, named_compiler, tmp_path):
    cc = shutil.which("cc")
    if cc is None:
        pytest.skip("there is no cc on this machine")
    script = tmp_path / "my tools" / "cc"
    script.parent.mkdir()
    script.symlink_to(cc)
    for said in (f"'{script}' -DNAME='a b'", str(script)):
        named_compiler(said)
        assert symloss.get("huber").load("c").value([3.0], [0.0]) == 2.5
    named_compiler("cc 'unfinished")
    with pytest.raises(CompilerError, match=r"CC=cc 'unfinished cannot be read: No closing quotation"):
        symloss.get("huber").load("c")


def test_a_compiler_that_cannot_be_run(fresh_cache, program_as_compiler):
    program_as_compiler("cc", b"\x7fELF of another machine")
    with pytest.raises(CompilerError, match=r"huber: the C compiler .*cc cannot be run"):
        symloss.get("huber").load("c")


@pytest.mark.slow
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
