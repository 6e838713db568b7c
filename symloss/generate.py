"""Writes what the backends make of losses into a folder: everything is rendered first, then put in place."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from symloss import backends
from symloss.value import Loss
from symloss.verify import Outcome, check_kernel

__all__ = ["Request", "check", "generate", "render"]

KERNELS = (("numpy", "float64"), ("numpy", "float32"), ("c", "float64"), ("c", "float32"))
"""What a check runs: each backend in each floating-point format."""


@dataclass(frozen=True)
class Request:
    """A loss to generate, and the word on the command line that it came from."""

    name: str
    origin: str

    def loss(self) -> Loss:
        """The loss itself."""
        from symloss.library import find

        return find(self.origin)[self.name]

    def command(self, target: str) -> str:
        """The command that makes the files again."""
        return f"symloss generate {shlex.quote(Path(self.origin).name)} --target {target}"


def render(request: Request, targets: Iterable[str]) -> dict[str, str]:
    """The text of every file of a loss, by its path below the output folder."""
    loss = request.loss()
    return {
        f"{target.rsplit('.', 1)[-1]}/{loss.name}{suffix}": text
        for target in targets
        for suffix, text in backends.get(target).render(loss, request.command(target)).items()
    }


def generate(
    requests: list[Request], targets: list[str], out: Path, progress: Callable[[Iterable, int, str], Iterable]
) -> list[Path]:
    """Write the files of all losses; nothing is written when one of them cannot be made."""
    texts: dict[str, str] = {}
    for made in progress(
        _each(_render, [(r, tuple(targets)) for r in requests]), len(requests), "generating"
    ):
        texts.update(made)
    for folder in sorted({(out / path).parent for path in texts}):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OSError(f"cannot write to the folder {folder}: {error.strerror}") from error
    return [_written(out / path, text) for path, text in texts.items()]


def check(requests: list[Request], progress: Callable[[Iterable, int, str], Iterable]) -> list[list[Outcome]]:
    """Check value and gradient of each loss in each backend and format; the outcomes, a list for each loss."""
    return list(progress(_each(_check, requests), len(requests), "checking"))


def _render(work: tuple[Request, tuple[str, ...]]) -> dict[str, str]:
    return render(*work)


def _check(request: Request) -> list[Outcome]:
    loss = request.loss()
    for wrt in loss.differentiated:
        loss.derivation(wrt).check()
    return [check_kernel(loss.load(backend), dtype) for backend, dtype in KERNELS]


def _each(work: Callable, items: list) -> Iterable:
    """The results in order; several processes share longer lists."""
    workers = min(os.cpu_count() or 1, len(items))
    if workers < 2:
        yield from map(work, items)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(work, items)


def _written(path: Path, text: str) -> Path:
    """Put a file in place whole, and leave one alone that already says the same."""
    data = text.encode("utf-8")
    if path.is_file() and path.read_bytes() == data:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path
