"""What the command line names: a function in a module, a file or a library, examined in a process of its own."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from symloss.alarm import alarm
from symloss.program import run_file
from symloss.value import Loss
from symloss.verification.api import BUDGET, BUDGETS, automatic_of, examined, name_of
from symloss.verification.conventions import RequestError, pins_checked
from symloss.verification.report import Report
from symloss.verification.sandbox import Sandbox
from symloss.verification.target import Target, framework_of, signature_of
from symloss.verification.under_test import Handed

__all__ = ["commanded"]

LOADING = 20.0
"""Seconds that a file of losses may take to be run."""

LIBRARIES = (".so", ".dylib", ".dll", ".c", ".h")
PROTOTYPE = "--c-signature 'void gradient(size_t n, const double *prediction, …)'"


def commanded(
    target: str,
    *,
    loss: str | None = None,
    loss_file: str | None = None,
    value: str | None = None,
    wrt: Sequence[str] | None = None,
    prototype: str | None = None,
    budget: float | None = None,
    seed: int = 0,
    pins: dict[str, Any] | None = None,
) -> Report:
    """The report on what a word on the command line names. It runs in a child process, with a time limit.

    Raises
    ------
    ValueError
        For a target, a loss or a pin that does not exist.
    RuntimeError
        Where the target's module fails, or does not end, while it is imported.
    """
    checked = pins_checked(pins or {})
    if budget is not None and not budget > 0:
        raise RequestError(f"--budget is {budget:g}, expected a number of seconds above 0")
    if sum(x is not None for x in (loss, loss_file, value)) > 1:
        raise RequestError(
            "only one of --loss, --loss-file and --value is wanted: what should it be the gradient of?"
        )
    declared = _declared(loss, loss_file)
    seconds = budget or BUDGETS.get(declared.kind if declared is not None else "", BUDGET)

    def made() -> tuple[Target, Any]:
        function = _function(target, prototype)
        framework = checked.get("framework") or framework_of(function)
        about = {
            "name": name_of(function),
            "signature": _portable(signature_of(function)),
            "framework": framework,
            "automatic": automatic_of(function),
        }
        return Target(function, framework), about

    place = target.rpartition(":")[0] or target
    limits = min(seconds / 2, 5.0), budget or LOADING, place
    sandbox = Sandbox(made, *limits)
    values = (
        Sandbox(lambda: (Target(_function(_beside(target, value), None)), {}), *limits) if value else None
    )
    try:
        about = sandbox.start()
        handed = Handed(sandbox, about["name"], about["signature"], about["framework"], about["automatic"])
        return examined(
            handed, loss or declared, wrt=wrt, value=values, budget=budget, seed=seed, pins=checked
        )
    finally:
        sandbox.close()
        if values is not None:
            values.close()


def _portable(signature: inspect.Signature | None) -> inspect.Signature | None:
    """A signature that can be sent to another process, whatever the user's defaults and annotations are."""
    if signature is None:
        return None
    plain = (bool, int, float, str, type(None))
    return inspect.Signature(
        [
            p.replace(
                annotation=p.empty,
                default=p.default if p.default is p.empty or isinstance(p.default, plain) else None,
            )
            for p in signature.parameters.values()
        ]
    )


def _declared(loss: str | None, loss_file: str | None) -> Loss | None:
    if loss is not None:
        from symloss import losses

        return losses.get(loss)
    if loss_file is None:
        return None
    from symloss.library import loss_in

    path, colon, name = loss_file.rpartition(":")
    if not colon or not path:
        path, name = loss_file, ""
    with (
        alarm(LOADING, lambda: RequestError(f"{path}: it does not end while it is run")),
        contextlib.redirect_stdout(sys.stderr),
    ):
        return loss_in(Path(path), name)


def _beside(target: str, value: str) -> str:
    """The value function: named by itself, or one in the same module as the target."""
    return value if ":" in value else f"{target.rpartition(':')[0]}:{value}"


def _function(target: str, prototype: str | None) -> Callable:
    """The function that a target names. Runs the file; called in the child process only."""
    if prototype is not None:
        from symloss.verification.clibrary import c_function

        return c_function(target, prototype)
    place, colon, name = target.rpartition(":")
    if not colon or not place or not name:
        hint = (
            f"; a C function in a shared library needs {PROTOTYPE}"
            if Path(target).suffix in LIBRARIES
            else ""
        )
        raise RequestError(f"{target!r}: expected MODULE_OR_FILE:FUNCTION, such as losses.py:gradient{hint}")
    found: Any = _module(place)
    for part in name.split("."):
        if not hasattr(found, part):
            known = ", ".join(k for k, v in vars(found).items() if callable(v) and not k.startswith("_"))
            raise RequestError(f"{place}: it has no {name!r}" + (f"; it has {known}" if known else ""))
        found = getattr(found, part)
    if not callable(found):
        raise RequestError(f"{target}: a function is wanted, not {type(found).__name__}")
    return found


def _compiled(path: Path) -> ModuleType:
    """A module of Python that was compiled."""
    spec = importlib.util.spec_from_file_location(path.name.partition(".")[0], path)
    try:
        if spec is None or spec.loader is None:
            raise ImportError
        module = importlib.util.module_from_spec(spec)
    except ImportError:
        raise RequestError(
            f"{path}: no module of Python; a C function is verified in a shared library, with {PROTOTYPE}"
        ) from None
    spec.loader.exec_module(module)
    return module


def _module(place: str) -> ModuleType:
    path = Path(place)
    try:
        if place.endswith(".py") or os.sep in place or path.is_file():
            if not path.is_file():
                raise RequestError(f"{place}: there is no such file")
            sys.path.insert(0, str(path.parent.resolve()))
            if path.suffix == ".py":
                return run_file(path, f"_symloss_target_{path.stem}")
            return _compiled(path)
        sys.path.insert(0, os.getcwd())
        return importlib.import_module(place)
    except RequestError:
        raise
    except ModuleNotFoundError as error:
        raise RequestError(f"{place}: {error}") from None
    except BaseException as error:
        raise RequestError(
            f"{place}: it fails while it is imported: {type(error).__name__}: {error}"
        ) from None
