"""A text that says all of a declared loss, and is the same in every process."""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

import sympy
from sympy import Basic, Dummy, Symbol

from symloss.value import Loss

__all__ = ["identity"]


@lru_cache(maxsize=1024)
def identity(loss: Loss) -> str | None:
    """The text; None where the loss has parts whose meaning is not declared but programmed elsewhere."""
    if type(loss) is not Loss:
        return None
    try:
        return _Teller().told(loss)
    except _Unknown:
        return None


class _Unknown(Exception):
    """Something that a text cannot stand for."""


class _Teller:
    def __init__(self) -> None:
        self.known: dict[Basic, str] = {}

    def told(self, x: Any) -> str:
        if x is None or isinstance(x, (bool, int, float, str)):
            return repr(x)
        if isinstance(x, Basic):
            found = self.known.get(x)
            if found is None:
                found = self.known[x] = self._expression(x)
            return found
        if isinstance(x, dict):
            return f"{{{', '.join(f'{self.told(k)}: {self.told(v)}' for k, v in x.items())}}}"
        name = self._kind(type(x))
        if isinstance(x, (tuple, list)):
            return f"{name}({', '.join(map(self.told, x))})"
        if is_dataclass(x):
            return f"{name}({', '.join(self.told(getattr(x, f.name)) for f in fields(x))})"
        raise _Unknown

    def _expression(self, e: Basic) -> str:
        """A digest, for a text would repeat what an expression shares."""
        name = self._kind(type(e))
        if isinstance(e, Dummy):
            raise _Unknown
        if isinstance(e, Symbol):
            text = f"{name}({e.name!r}, {sorted(e.assumptions0.items())})"
        elif e.args:
            text = f"{name}({', '.join(map(self.told, e.args))})"
        else:
            text = f"{name} {sympy.srepr(e)}"
        return hashlib.sha256(text.encode()).hexdigest()

    @staticmethod
    def _kind(kind: type) -> str:
        if (kind.__module__ or "").split(".")[0] not in ("symloss", "sympy", "builtins"):
            raise _Unknown
        return f"{kind.__module__}.{kind.__qualname__}"
