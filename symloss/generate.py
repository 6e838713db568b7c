"""Writes what the backends make of losses into a folder: everything is rendered first, then put in place."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from symloss import backends
from symloss.certificate import FOLDER, Certificate, Measured, read, stamp
from symloss.value import Loss
from symloss.verify import Outcome, check_kernel
from symloss.workers import each

__all__ = ["Request", "certify", "check", "generate", "render"]

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


def render(request: Request, targets: Iterable[str], certificates: Path) -> dict[str, str]:
    """The text of every file of a loss, by its path below the output folder.

    What the folder of certificates has about this very code is said in its head.
    """
    loss = request.loss()
    found = read(certificates / f"{loss.name}.json")
    texts = {}
    for target in targets:
        backend = backends.get(target)
        lines = stamp(found, target, backend.render(loss, "")) if found else []
        for suffix, text in backend.render(loss, request.command(target), lines).items():
            texts[f"{target.rsplit('.', 1)[-1]}/{loss.name}{suffix}"] = text
    return texts


def generate(
    requests: list[Request], targets: list[str], out: Path, progress: Callable[[Iterable, int, str], Iterable]
) -> list[Path]:
    """Write the files of all losses; nothing is written when one of them cannot be made."""
    texts: dict[str, str] = {}
    for made in progress(
        each(_render, [(r, tuple(targets), out / FOLDER) for r in requests]), len(requests), "generating"
    ):
        texts.update(made)
    for folder in sorted({(out / path).parent for path in texts}):
        _made(folder)
    return [_written(out / path, text) for path, text in texts.items()]


def check(requests: list[Request], progress: Callable[[Iterable, int, str], Iterable]) -> list[list[Outcome]]:
    """Check value and gradient of each loss in each backend and format; the outcomes, a list for each loss."""
    return list(progress(each(_check, requests), len(requests), "checking"))


def certify(
    requests: list[Request],
    seed: int,
    depth: float,
    out: Path,
    progress: Callable[[Iterable, int, str], Iterable],
) -> list[Certificate]:
    """Measure the kernels of each loss, write the certificates, and the generated sources with them in their heads."""
    folder = _made(out / FOLDER)
    work = [(r, dtype, seed, depth) for r in requests for dtype in FORMATS]
    waiting = iter(requests)
    rows: list[Measured] = []
    found: list[Certificate] = []
    for place, part in enumerate(progress(each(_measure, work), len(work), "certifying"), start=1):
        rows += part
        if place % len(FORMATS) == 0:
            request = next(waiting)
            found.append(_certificate(request, rows, seed, depth))
            _written(folder / f"{request.name}.json", found[-1].json())
            rows = []
    generate(requests, list(found[0].digests), out, progress)
    return found


FORMATS = ("float64", "float32")


def _measure(work: tuple[Request, str, int, float]) -> list[Measured]:
    from symloss.certify.search import measure

    request, dtype, seed, depth = work
    return measure(request.loss(), dtype, seed, depth)


def _certificate(request: Request, measured: list[Measured], seed: int, depth: float) -> Certificate:
    from symloss.certify.search import certificate

    return certificate(request.loss(), measured, seed, depth)


def _render(work: tuple[Request, tuple[str, ...], Path]) -> dict[str, str]:
    return render(*work)


def _check(request: Request) -> list[Outcome]:
    loss = request.loss()
    for wrt in loss.differentiated:
        try:
            loss.derivation(wrt).check()
        except AssertionError as error:
            raise RuntimeError(f"{loss.name}: the check of its derivation failed: {error}") from error
    return [check_kernel(loss.load(backend), dtype) for backend, dtype in KERNELS]


def _made(folder: Path) -> Path:
    """The folder, which is made where there is none."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(f"cannot write to the folder {folder}: {error.strerror}") from error
    return folder


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
