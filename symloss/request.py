"""What is asked for: the losses that words on a command line stand for, each with the word that it came from."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from symloss.store import kept

if TYPE_CHECKING:
    from symloss.value import Loss

__all__ = ["Request", "requested"]


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
        name = os.fsencode(Path(self.origin).name).decode("utf-8", "replace")  # which any file name is not
        return f"symloss generate {shlex.quote(name)} --target {target}"

    def words(self, certificates: Path) -> tuple[str, str] | None:
        """What the cache knows the loss and its certificate by; None where it cannot know the loss.

        A loss of the catalogue is part of symloss's own source.
        """
        known: str | None = f"catalogue {self.name}"
        if self.origin != self.name:
            from symloss.identity import identity

            known = identity(self.loss())
        if known is None:
            return None
        certificate = self.certificate(certificates)
        return known, certificate.read_text("utf-8", "backslashreplace") if certificate.is_file() else ""

    def certificate(self, folder: Path) -> Path:
        """Where the loss's certificate lies, if it has one."""
        return folder / f"{self.name}.json"


def requested(what: list[str]) -> list:
    """The losses that words on the command line stand for."""
    catalogue = kept(("names",), _catalogue)
    if not what:
        return [Request(name, name) for name in catalogue]
    requests = []
    for origin in what:
        if origin in catalogue:
            requests.append(Request(origin, origin))
        else:
            file, names = _found(origin)
            requests += [Request(name, file) for name in names]
    known: dict[str, str] = {}
    for name in (r.name for r in requests):
        other = known.get(name.casefold())
        if other == name:
            raise ValueError(f"{name} is asked for twice; one of its files would overwrite the other")
        if other is not None:
            raise ValueError(
                f"{other} and {name} differ by a capital letter alone: file systems and the guards of C's headers "
                "take them for the same; rename one"
            )
        known[name.casefold()] = name
    return requests


def _catalogue() -> list[str]:
    from symloss import losses

    return list(losses.names())


def _found(origin: str) -> tuple[str, list[str]]:
    """The file of a word, or the word where it has none, and the names of its losses."""
    from symloss import library

    file, _ = library.parted(origin)
    return str(file or origin), list(library.find(origin))
