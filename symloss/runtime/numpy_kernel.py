"""The kernel that runs the generated NumPy module."""

from __future__ import annotations

import types
from collections.abc import Callable
from functools import lru_cache, partial, wraps
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
            for what in functions:
                setattr(self, what, self._direct(what))

    def _direct(self, what: str) -> Callable[..., Any]:
        """The function itself, where no hyper-parameter is given: defaults that float32 holds need no check."""
        function, general = getattr(self._module, what), getattr(self, what)
        alone = {"out", "weight"} if self.loss.mean_only else {"out", "weight", "reduction"}
        if self.dtype is not None:
            function = partial(function, dtype=self.dtype)

        @wraps(general)
        def direct(*tensors: Any, **options: Any) -> Any:
            if not options or options.keys() <= alone:
                try:
                    return function(*tensors, **options)
                except (TypeError, ValueError, AttributeError):
                    pass  # the general way says what is wrong
            return general(*tensors, **options)

        return direct

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
