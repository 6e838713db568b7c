"""Runs a Python file that the user names, much as ``python FILE`` does."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

__all__ = ["beside", "run_file"]


class _Source(SourceFileLoader):
    """Reads the source alone: a compiled file may be that of a text of the same second, and none is left behind."""

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)


def run_file(path: Path, name: str) -> ModuleType:
    """The module that a file makes, which is known as ``name`` from then on; what the file raises is raised."""
    spec = importlib.util.spec_from_file_location(name, path, loader=_Source(name, str(path)))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def beside(path: Path) -> Iterator[None]:
    """Within it the modules beside a file can be imported; afterwards they are forgotten: others may have the names."""
    folder, known = path.resolve().parent, set(sys.modules)
    if not sys.flags.safe_path:
        sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(str(folder))
        for name in set(sys.modules) - known:
            top = name.partition(".")[0]
            if top not in known and _lies_in(sys.modules[name], folder, top):
                del sys.modules[name]


def _lies_in(module: ModuleType, folder: Path, top: str) -> bool:
    places = [getattr(module, "__file__", None), *getattr(module, "__path__", [])]
    inside = [
        Path(place).resolve().relative_to(folder)
        for place in places
        if place and Path(place).resolve().is_relative_to(folder)
    ]
    return any(part.parts and part.parts[0].partition(".")[0] == top for part in inside)
