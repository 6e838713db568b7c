"""Writes what the backends make of losses into a folder: everything is rendered first, then put in place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from symloss import backends
from symloss.certificate import FOLDER, Certificate, Measured, read, stamp
from symloss.request import Request
from symloss.room import with_room
from symloss.store import kept, recalled, written
from symloss.workers import each

if TYPE_CHECKING:
    from symloss.verification import Outcome

__all__ = ["certify", "check", "generate", "handbook", "render"]

FORMATS = ("float64", "float32")
"""In which each kernel is checked and measured."""


def render(request: Request, targets: Iterable[str], certificates: Path) -> dict[str, str]:
    """The text of every file of a loss, by its path below the output folder.

    What the folder of certificates has about this very code is said in its head.
    """
    texts: dict[str, str] = {}
    for target in targets:
        texts |= kept(
            _words(request, target, certificates), partial(_rendered, request, target, certificates)
        )
    return texts


@with_room
def _rendered(request: Request, target: str, certificates: Path) -> dict[str, str]:
    loss, backend, found = request.loss(), backends.get(target), read(request.certificate(certificates))
    lines = stamp(found, target, backend.render(loss, "")) if found else []
    folder = target.rsplit(".", 1)[-1]
    made = backend.render(loss, request.command(target), lines)
    return {f"{folder}/{loss.name}{suffix}": text for suffix, text in made.items()}


def _words(request: Request, target: str, certificates: Path) -> tuple[str, ...] | None:
    """What the cache knows the files of a target by."""
    known = request.words(certificates) if target in backends.BACKENDS else None
    return None if known is None else ("files", *known, target, request.command(target))


def generate(
    requests: list[Request],
    targets: list[str],
    out: Path,
    progress: Callable[[Iterable, int, str], Iterable],
    *,
    whole: bool = False,
) -> list[Path]:
    """Write the files of all losses; nothing is written when one of them cannot be made.

    ``whole`` says that these are the whole catalogue; then a backend's files about all of them are written, too.
    """
    texts = _texts(requests, targets, out / FOLDER, progress)
    if whole:
        for target in targets:
            words = "together", target, *(r.name for r in requests)
            texts |= kept(words, partial(_together, requests, target))
    for folder in sorted({(out / path).parent for path in texts}):
        _made(folder)
    return [_written(out / path, text) for path, text in texts.items()]


def handbook(requests: list[Request], path: Path, progress: Callable[[Iterable, int, str], Iterable]) -> None:
    """Write the handbook of these losses, as PDF."""
    from symloss.present.handbook import build

    texts = _texts(requests, ["latex"], path.parent / FOLDER, progress) | _together(requests, "latex")
    document = build({name.rpartition("/")[2]: text for name, text in texts.items()})
    _made(path.parent)
    _put(path, document)


def _texts(
    requests: list[Request],
    targets: list[str],
    certificates: Path,
    progress: Callable[[Iterable, int, str], Iterable],
) -> dict[str, str]:
    """The text of every file of each loss, by its path below the output folder."""
    found = [_recalled(r, targets, certificates) for r in requests]
    missing = [
        (r, tuple(targets), certificates) for r, texts in zip(requests, found, strict=True) if texts is None
    ]
    made = iter(each(_render, missing))
    every = (next(made) if some is None else some for some in found)
    texts: dict[str, str] = {}
    for some in progress(every, len(requests), "generating"):
        texts.update(some)
    return texts


def _together(requests: list[Request], target: str) -> dict[str, str]:
    """The files of a backend about all losses together, where it has any."""
    make = getattr(backends.get(target), "together", None)
    folder = target.rsplit(".", 1)[-1]
    made = make([r.loss() for r in requests]) if make is not None else {}
    return {f"{folder}/{name}": text for name, text in made.items()}


def _recalled(request: Request, targets: list[str], certificates: Path) -> dict[str, str] | None:
    """The files of a loss where the cache has them all."""
    texts: dict[str, str] = {}
    for target in targets:
        some = recalled(_words(request, target, certificates))
        if some is None:
            return None
        texts |= some
    return texts


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
            _written(request.certificate(folder), found[-1].json())
            rows = []
    generate(requests, list(found[0].digests), out, progress)
    return found


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
    from symloss.runtime import KERNELS
    from symloss.verification import check_kernel

    loss = request.loss()
    for wrt in loss.differentiated:
        try:
            loss.derivation(wrt).check()
        except AssertionError as error:
            raise RuntimeError(f"{loss.name}: the check of its derivation failed: {error}") from error
    return [check_kernel(loss.load(backend), dtype) for backend in KERNELS for dtype in FORMATS]


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
    _put(path, data)
    return path


def _put(path: Path, data: bytes) -> None:
    try:
        written(path, data)
    except OSError as error:
        raise OSError(f"cannot write {path}: {error.strerror}") from error
