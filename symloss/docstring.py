"""What a function or a module says of itself, also under ``python -OO``, which forgets it."""

from __future__ import annotations

import ast
import contextlib
import inspect
import sys
import textwrap
from collections.abc import Callable
from types import ModuleType

__all__ = ["docstring"]


def docstring(of: Callable | ModuleType) -> str:
    """The docstring without its indentation; empty where there is none."""
    said = of.__doc__
    if said is None and sys.flags.optimize > 1:
        with contextlib.suppress(OSError, TypeError, SyntaxError):  # a function that has no source
            tree = ast.parse(textwrap.dedent(inspect.getsource(of)))
            node = tree if isinstance(of, ModuleType) else tree.body[0]
            if isinstance(node, (ast.Module, ast.FunctionDef)):
                said = ast.get_docstring(node, clean=False)
    return inspect.cleandoc(said or "")
