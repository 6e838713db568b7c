"""Compiles generated C on this machine, and keeps each library in the cache."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from symloss.runtime.units import units
from symloss.store import cache_folder, ours

__all__ = [
    "FLAGS", "THREADS", "CompilerError", "build", "compiler", "compiler_version", "made_once", "native", "opened",
    "run", "shared_library",
]  # fmt: skip

FLAGS = tuple("-std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC -shared".split())
"""No flag here changes a result: what is left out is the setting of errno and of the exceptions' flags."""

THREADS = "-fopenmp"
"""Shares large batches among threads, where the compiler can: the bits are the same for any number of them."""

_TEXT: dict[str, Any] = {"encoding": "utf-8", "errors": "backslashreplace"}
"""How what a compiler says is read: a path, or the user's language, may be in any encoding."""


class CompilerError(RuntimeError):
    """There is no C compiler, or it refused the generated code."""


# --- libraries --------------------------------------------------------------------------------------------


def build(name: str, files: dict[str, str], functions: Sequence[str] = ()) -> Path:
    """The path of the shared library made of a generated source and header; compiled once for each content.

    With ``functions`` it has these alone. Raises CompilerError.
    """
    flags, machine = native(compiler())
    command = [*compiler(), *flags]

    def make(folder: Path) -> None:
        (folder / f"{name}.h").write_text(files[".h"], encoding="utf-8")
        sources = units(name, files[".c"], functions)
        try:
            _link(name, sources, [*command, THREADS], folder)
        except CompilerError:
            _link(name, sources, command, folder)  # a compiler without OpenMP, or without its library

    return made_once(name, [*command, *FLAGS, THREADS, machine, *functions, *files.values()], make)


def made_once(name: str, words: Sequence[str], make: Callable[[Path], None]) -> Path:
    """The path of a library in the cache; where it is not there, ``make`` makes library.so in a folder.

    ``words`` say all that it depends on. Several processes may make it at once: each does so in a folder of its own,
    and the last one to finish puts its (equal) result in place. What another user left there is not taken.
    """
    key = hashlib.sha256("\0".join(words).encode()).hexdigest()[:24]
    target = cache_folder() / f"{name}-{key}.so"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not ours(target.parent.stat()):
            raise PermissionError(
                errno.EPERM, "the folder belongs to another user, who could change the code"
            )
        if target.exists() and ours(target.stat()):
            return target
        with tempfile.TemporaryDirectory(dir=target.parent, prefix="build-") as folder:
            make(Path(folder))
            os.replace(Path(folder, "library.so"), target)
    except OSError as error:
        raise OSError(
            f"{name}: compiled code cannot be kept in {target.parent}: {error.strerror}; "
            "name a folder of your own in SYMLOSS_CACHE"
        ) from error
    return target


def opened(build_it: Callable[[], Path], open_it: Callable[[Path], Any]) -> tuple[Path, Any]:
    """A compiled file and what opens from it; it is built again where a full disk cut it short.

    CompilerError where it does not open even then, such as one that was compiled for another processor.
    """
    path = build_it()
    try:
        return path, open_it(path)
    except (OSError, ImportError):
        path.unlink(missing_ok=True)
        path = build_it()
    try:
        return path, open_it(path)
    except (OSError, ImportError) as error:
        raise CompilerError(f"what {' '.join(compiler())} compiled cannot be loaded: {error}") from error


def shared_library(path: Path) -> ctypes.CDLL:
    """A library that is open, whose threads a forked process does not wait for: it does not have them."""
    library = ctypes.CDLL(str(path))
    if hasattr(library, "omp_set_num_threads") and hasattr(os, "register_at_fork"):
        _threaded.append(library.omp_set_num_threads)
    return library


def _alone() -> None:
    for set_number in _threaded:
        set_number(1)


_threaded: list[Callable[[int], Any]] = []
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_alone)


# --- the compiler -----------------------------------------------------------------------------------------


def compiler() -> tuple[str, ...]:
    """The command of the C compiler: $CC, or the first of cc, gcc and clang. Raises CompilerError without one."""
    return _found_compiler(os.environ.get("CC") or None)


@lru_cache
def _found_compiler(named: str | None) -> tuple[str, ...]:
    candidates = [["cc"], ["gcc"], ["clang"]]
    if named:
        try:
            candidates = [[named], shlex.split(named)]  # as a shell reads it, or a path with a space in it
        except ValueError as error:
            raise CompilerError(f"CC={named} cannot be read: {error}") from None
    for words in candidates:
        if words and shutil.which(words[0]):
            return tuple(words)
    looked = f"CC={named}" if named else "cc, gcc and clang"
    raise CompilerError(
        f"no C compiler found (looked for {looked}); install one, set CC to one, or use the NumPy backend"
    )


def compiler_version() -> str:
    """What the C compiler says that it is, in a line."""
    ran = subprocess.run([*compiler(), "--version"], capture_output=True, check=False, **_TEXT)
    return (ran.stdout.splitlines() or [" ".join(compiler())])[0].strip()


@lru_cache
def native(command: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """The flags for this machine's own instructions, where the compiler has them, and what tells such machines apart.

    A cache may be shared by several machines. Compilers hold back from the longest vectors for the sake of what runs
    besides; these kernels are faster with them. gcc would take four times as long to make copies of loops that are no
    faster.
    """
    named = (sys.platform, platform.machine())
    native = ("-march=native",)
    long = ("-mprefer-vector-width=512",)
    short = (
        "-fno-unswitch-loops",
        "-fno-version-loops-for-strides",
        "--param=max-completely-peeled-insns=100",
    )
    for flags in ((*native, *long, *short), (*native, *long), (*native, *short), native):
        asked = [*command, *flags, "-dM", "-E", "-x", "c", "-"]
        try:
            ran = subprocess.run(asked, input="", capture_output=True, check=False, **_TEXT)
        except OSError:
            break
        if ran.returncode == 0 and not ran.stderr:
            return flags, hashlib.sha256(" ".join([*named, ran.stdout]).encode()).hexdigest()
    return (), " ".join(named)


def run(name: str, commands: list[list[str]], folder: Path) -> None:
    """Run commands of the compiler side by side; CompilerError with what it says where one fails."""
    pipe = subprocess.PIPE
    with contextlib.ExitStack() as stack:
        try:
            started = [
                stack.enter_context(subprocess.Popen(c, cwd=folder, stdout=pipe, stderr=pipe, **_TEXT))
                for c in commands
            ]
        except OSError as error:
            raise CompilerError(f"{name}: the C compiler {commands[0][0]} cannot be run: {error}") from error
        said = [process.communicate()[1] for process in started]
    for command, process, complaint in zip(commands, started, said, strict=True):
        if process.returncode != 0:
            raise CompilerError(f"{name}: the C compiler failed: {' '.join(command)}\n{complaint[-4000:]}")


def _link(name: str, texts: list[str], command: Sequence[str], folder: Path) -> None:
    """Make library.so of sources."""
    sources = [f"{name}.c" if len(texts) == 1 else f"{name}_{k}.c" for k in range(len(texts))]
    for source, text in zip(sources, texts, strict=True):
        (folder / source).write_text(text, encoding="utf-8")
    if len(texts) > 1:
        flags = [flag for flag in FLAGS if flag != "-shared"]
        run(name, [[*command, *flags, "-c", source] for source in sources], folder)
        sources = [source.replace(".c", ".o") for source in sources]
    run(name, [[*command, *FLAGS, *sources, "-o", "library.so", "-lm"]], folder)
