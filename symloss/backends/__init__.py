"""The targets of code generation: one module each, found by its name.

A backend module offers ``SUFFIXES`` (the endings of the files it makes, each with its language, as highlighters name
it) and ``render(loss, command, certificate)``, which gives the text of each file by its ending. It may also offer
``TITLE`` (what its tab is called on the page of a loss; without it there is none) and ``together(losses)``, which gives
the text of files about all losses of the catalogue, by their names. Nothing else in the package knows which backends
there are; those whose code can be called from Python stand in symloss.runtime.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, cast

from symloss.store import template_folder

if TYPE_CHECKING:
    import jinja2

__all__ = ["BACKENDS", "TARGETS", "Backend", "environment", "get", "template_folder"]

BACKENDS = {
    "numpy": "symloss.backends.numpy",
    "c": "symloss.backends.c",
    "latex": "symloss.present.latex",
    "javascript": "symloss.backends.javascript",
}
"""The backends that come with symloss; ``get`` also takes the dotted name of a module elsewhere."""

TARGETS = ("numpy", "c", "latex")
"""What is generated where nothing else is asked for, and kept below ``generated/``."""


class Backend(Protocol):
    """What a backend module has."""

    SUFFIXES: Mapping[str, str]

    def render(self, loss, command: str, certificate: Sequence[str] = ()) -> dict[str, str]:
        """The text of each file by its ending.

        ``command`` makes the files again; ``certificate`` are the lines on what was measured of them. Nothing else
        in the text depends on these two.
        """
        ...


def get(name: str) -> Backend:
    """The backend of that name."""
    if name in BACKENDS:
        return cast(Backend, importlib.import_module(BACKENDS[name]))
    if "." in name and all(part.isidentifier() for part in name.split(".")):
        try:
            module = importlib.import_module(name)
        except ImportError as error:
            raise ValueError(f"the target {name} cannot be imported: {error}") from error
        missing = [word for word in ("SUFFIXES", "render") if not hasattr(module, word)]
        if missing:
            raise ValueError(f"the module {name} is no backend: it lacks {', '.join(missing)}")
        return cast(Backend, module)
    raise ValueError(f"unknown target {name!r}; there are {', '.join(BACKENDS)}")


@lru_cache
def environment() -> jinja2.Environment:
    """How every template is read: undefined names are errors, and a line of logic leaves no line behind."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(template_folder()),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
