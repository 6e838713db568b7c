"""symloss: a loss is declared once, as a SymPy expression, and everything else is derived from it."""

from __future__ import annotations

import os
import time
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what is no domain: those stand in annotations, and are no types
    from symloss.declare import Loss as Loss
    from symloss.losses import UnknownLossError as UnknownLossError
    from symloss.losses import get as get
    from symloss.losses import names as names
    from symloss.runtime import CompilerError as CompilerError
    from symloss.verification import verify as verify

__version__ = "0.1.0"

_STARTED = time.time()

os.environ.setdefault("SYMPY_CACHE_SIZE", "32768")
"""SymPy reads it when it is imported: a loss of many terms has more subexpressions than the 1,000 that SymPy keeps."""

_HOME = {
    "names": "losses",
    "get": "losses",
    "UnknownLossError": "losses",
    "CompilerError": "runtime",
    "verify": "verification",
}


def __getattr__(name: str) -> Any:
    """The language and the catalogue, imported when first used: SymPy takes half a second to load."""
    if name == "__all__":
        return [*_HOME, *import_module(f"{__name__}.declare").__all__]
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    if find_spec(f"{__name__}.{name}") is not None:
        raise AttributeError(f"{__name__}.{name} is a module; import it")
    language = import_module(f"{__name__}.declare")
    if name in language.__all__:
        return getattr(language, name)
    of_losses = not name.startswith("_") and hasattr(language.Loss, name)
    hint = f"; a loss has one, such as {__name__}.get('huber').{name}" if of_losses else ""
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}{hint}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME, *import_module(f"{__name__}.declare").__all__])
