"""The catalogue: the losses that symloss brings along, by name. Its modules are read when first asked for."""

from __future__ import annotations

import difflib
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symloss.declare import Loss

__all__ = ["MODULES", "UnknownLossError", "get", "names"]

MODULES = (
    "regression",
    "classification",
    "segmentation",
    "metric_learning",
    "ranking",
    "generative",
    "regularization",
)
"""The modules of the catalogue, in order. What is declared in one of them belongs to it, in the order of the module."""


class UnknownLossError(KeyError):
    """No loss of the catalogue has this name; the message names the nearest."""

    def __str__(self) -> str:
        return str(self.args[0])


@cache
def _catalogue() -> dict[str, Loss]:
    from symloss.value import Loss

    found: dict[str, Loss] = {}
    for name in MODULES:
        module = import_module(f"{__name__}.{name}")
        for variable, declared in vars(module).items():
            if not isinstance(declared, Loss):
                continue
            if declared.name != variable or variable in found:
                raise RuntimeError(
                    f"{module.__name__}: {variable!r} is called otherwise, or is there already"
                )
            found[variable] = declared
    return found


def names() -> tuple[str, ...]:
    """The names of all losses in the catalogue: by task, then in the order of declaration."""
    return tuple(_catalogue())


def get(name: str) -> Loss:
    """The loss of that name.

    Raises
    ------
    UnknownLossError
        A ``KeyError`` whose message names the nearest names.
    """
    catalogue = _catalogue()
    if name in catalogue:
        return catalogue[name]
    near = difflib.get_close_matches(str(name), catalogue, n=3)
    hint = (
        f"did you mean {' or '.join(near)}?"
        if near
        else "symloss.names(), or the command symloss list, has them all"
    )
    raise UnknownLossError(f"no loss is called {name!r}; {hint}")
