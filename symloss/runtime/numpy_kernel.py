"""The kernel that runs the generated NumPy module."""

from __future__ import annotations

import types
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from symloss.backends import numpy as numpy_backend
from symloss.room import with_room
from symloss.runtime.checks import holds_as_float
from symloss.runtime.kernel import Kernel, kept_code
from symloss.schedule import functions_of
from symloss.value import Loss

__all__ = ["NumPyKernel"]


class NumPyKernel(Kernel):
    """Runs the generated NumPy module."""

    backend = "numpy"

    def __init__(self, loss: Loss, dtype: Any):
        functions, self.source, self._module = _numpy_module(loss)
        super().__init__(loss, dtype, functions)
        if all(holds_as_float(p, p.default) for p in loss.parameters):
            self._fast = {what: [self._shortcut(what)] for what in functions}

    def _shortcut(self, what: str) -> Callable[..., Any]:
        """The function itself, for tensors alone: defaults that float32 holds need no check but its own."""
        module, dtype = self._module, self.dtype
        return lambda *tensors: getattr(module, what)(*tensors, dtype=dtype)

    def _run(self, what: str, arguments: dict[str, Any]) -> Any:
        if not self._takes_weight:
            arguments.pop("weight", None)
        return getattr(self._module, what)(**arguments, dtype=self.dtype)


@lru_cache(maxsize=256)
@with_room
def _numpy_module(loss: Loss) -> tuple[list[str], str, types.ModuleType]:
    def make() -> dict[str, Any]:
        text = numpy_backend.render(loss, f"symloss generate {loss.name} --target numpy")[".py"]
        return {"functions": functions_of(loss), "source": text}

    made = kept_code(loss, "numpy", make)
    module = types.ModuleType(f"symloss_generated_{loss.name}")
    exec(compile(made["source"], f"<symloss {loss.name}>", "exec"), module.__dict__)
    return made["functions"], made["source"], module
