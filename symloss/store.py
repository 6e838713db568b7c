"""Keeps what was made of a loss in the user's cache, under keys that need no derivation.

A key is made of what a declaration says and of symloss's own source files and templates, so that a change of either
makes other keys. Entries are put in place whole, any number of processes may share them, and one that cannot be
read is made again.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import symloss

__all__ = ["cache_folder", "kept", "ours", "recalled", "template_folder", "written"]

_PACKAGE = Path(__file__).resolve().parent
_CLOCK_GRAIN = 0.05
"""How far, in seconds, the time stamp of a file may lag behind the clock."""
_MOST_VERSIONS = 4
"""Of how many states of the source files the entries are kept."""


def cache_folder() -> Path:
    """Where compiled kernels are kept: $SYMLOSS_CACHE, or symloss in the user's cache folder.

    OSError where there is no such variable and the user has no home.
    """
    own = os.environ.get("SYMLOSS_CACHE")
    if own:
        return Path(own).absolute()
    try:
        if sys.platform == "darwin":
            base = Path.home() / "Library" / "Caches"
        else:
            base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError as error:
        raise OSError(f"there is no folder for compiled code ({error}): name one in SYMLOSS_CACHE") from None
    return base.absolute() / "symloss"


def template_folder() -> Path:
    """The folder of the templates: inside the installed package, or beside it in a checkout."""
    for folder in (_PACKAGE / "templates", _PACKAGE.parent / "templates"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"symloss's templates are missing: neither in {_PACKAGE} nor beside it")


def ours(status: os.stat_result) -> bool:
    """Whether a file or folder belongs to this user or to root: what others leave in a cache can be any program."""
    return not hasattr(os, "geteuid") or status.st_uid in (os.geteuid(), 0)


def kept(
    words: Sequence[str] | None, make: Callable[[], Any], unless: Callable[[Any], bool] = lambda _: False
) -> Any:
    """What ``make`` gives, as JSON can hold it: from the cache where it was made before.

    ``words`` say all that it depends on beside symloss itself; None keeps nothing. Nor is kept what ``unless`` is
    true of.
    """
    found = recalled(words)
    if found is None:
        found = make()
        path = _path(words)
        if path is not None and not unless(found) and _unchanged():
            _keep(path, found)
    return found


def recalled(words: Sequence[str] | None) -> Any:
    """What the cache has under these words, or None."""
    path = _path(words)
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            safe = ours(os.fstat(file.fileno()))
            digest, _, content = file.read().partition(b"\n")
        if safe and hashlib.sha256(content).hexdigest().encode() == digest:
            return json.loads(content)
    except (OSError, ValueError):
        pass
    return None


def written(path: Path, data: bytes) -> None:
    """Put a file in place whole. A folder, a device or a pipe that lies there is never replaced: OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_file():
        raise OSError(errno.EEXIST, "what is there is no file", str(path))
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _keep(path: Path, content: Any) -> None:
    data = json.dumps(content).encode()
    try:
        new = not path.parent.is_dir()
        written(path, hashlib.sha256(data).hexdigest().encode() + b"\n" + data)
        if new:
            versions = sorted(path.parent.parent.iterdir(), key=lambda p: p.stat().st_mtime)
            for old in versions[:-_MOST_VERSIONS]:
                shutil.rmtree(old, ignore_errors=True)
    except OSError:
        pass  # a cache that cannot be written costs time, and nothing else


def _path(words: Sequence[str] | None) -> Path | None:
    version = None if words is None else _version()
    if words is None or version is None:
        return None
    name = hashlib.sha256("\0".join(words).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    try:
        return cache_folder() / "made" / version / name
    except OSError:
        return None


@lru_cache
def _version() -> str | None:
    """A digest of all that makes code of a declaration; None where a part of it may be younger than this process."""
    digest = hashlib.sha256(repr((sys.version_info, sys.flags.optimize)).encode())
    for path in _sources():
        content = path.read_bytes()
        digest.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:24] if _unchanged() else None


def _unchanged() -> bool:
    """Whether no source file was written since this process started.

    One that was started before an edit runs the old code, and must not file its results under the new.
    """
    stats = [path.stat() for path in _sources()]
    return max(max(s.st_mtime, s.st_ctime) for s in stats) < symloss._STARTED - _CLOCK_GRAIN


@lru_cache
def _sources() -> list[Path]:
    return sorted([*_PACKAGE.rglob("*.py"), *template_folder().rglob("*.j2"), *_libraries()])


def _libraries() -> list[Path]:
    """The files that say the versions of the libraries that generated text depends on."""
    said = {"sympy": "release.py", "mpmath": "__init__.py", "jinja2": "__init__.py"}
    specs = {name: find_spec(name) for name in said}
    return [Path(s.origin).with_name(said[n]) for n, s in specs.items() if s is not None and s.origin]
