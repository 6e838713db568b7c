"""Finds losses: in the catalogue by name, or in a Python file that the user names."""

from __future__ import annotations

import contextlib
import sys
import traceback
from dataclasses import replace
from pathlib import Path

from symloss import losses
from symloss.program import beside, run_file
from symloss.value import Loss

__all__ = ["LossFileError", "find", "loss_in", "losses_in", "parted"]


class LossFileError(ValueError):
    """A file of losses that cannot be read, or declares none."""


def find(what: str) -> dict[str, Loss]:
    """The losses that a word on the command line stands for, by name: NAME, FILE.py or FILE.py:NAME.

    What a file prints goes to the standard error, for the standard output is the command's.
    """
    path, name = parted(what)
    if path is None:
        if name not in losses.names() and Path(f"{name}.py").is_file():
            raise LossFileError(f"no loss is called {name!r}; did you mean the file {name}.py?")
        loss = losses.get(name)
        return {loss.name: loss}
    with contextlib.redirect_stdout(sys.stderr):
        return {name: loss_in(path, name)} if name else losses_in(path)


def parted(what: str) -> tuple[Path | None, str]:
    """The file of such a word, if it has one, and the name of the loss, which is empty where it has none."""
    file, _, name = what.rpartition(":")
    if file.endswith(".py") and not what.endswith(".py"):
        return Path(file), name
    if what.endswith(".py") or "/" in what:
        return Path(what), ""
    return None, what


def loss_in(path: Path, name: str = "") -> Loss:
    """The loss of that name in a Python file; without a name the only one that there is."""
    found = losses_in(path)
    if not name and len(found) == 1:
        return next(iter(found.values()))
    if not name:
        raise LossFileError(f"{path}: it declares {', '.join(found)}; say which, as {path.name}:NAME")
    if name not in found:
        raise LossFileError(f"{path}: it has no loss {name!r}; it has {', '.join(found)}")
    return found[name]


def losses_in(path: Path) -> dict[str, Loss]:
    """The losses that a Python file declares, in its order, under the names of its variables.

    The file is run, as any Python program is, and can import what lies beside it. Losses of the catalogue that it
    imports are not its own, nor are variables that begin with an underscore; where the file has ``__all__``, that says
    which losses it offers.
    Raises LossFileError where there is no such file, where it fails (with the line), and where it declares no loss.
    """
    if path.is_dir():
        raise LossFileError(f"{path} is a folder; name a file of it that declares losses")
    if not path.is_file():
        raise LossFileError(f"{path}: there is no such file")
    if path.suffix != ".py":
        raise LossFileError(f"{path}: not a Python file")
    name = f"_symloss_file_{abs(hash(str(path.resolve())))}"
    try:
        with beside(path):
            module = run_file(path, name)
    except (Exception, SystemExit) as error:
        raise LossFileError(f"{path}: {_where(error, path)}{type(error).__name__}: {error}") from error
    finally:
        sys.modules.pop(name, None)
    chosen = getattr(module, "__all__", None)
    found: dict[str, Loss] = {}
    catalogue = {losses.get(known) for known in losses.names()}
    for variable, value in vars(module).items():
        if not isinstance(value, Loss) or value in catalogue or value in found.values():
            continue
        if (variable in chosen) if chosen is not None else not variable.startswith("_"):
            found[variable] = value if value.name == variable else value.renamed(variable)
    if not found:
        raise LossFileError(f"{path}: it declares no loss; decorate a function with @loss")
    return found


def _where(error: BaseException, path: Path) -> str:
    """The line of the file at which it failed."""
    if isinstance(error, SyntaxError) and error.lineno is not None:
        return f"line {error.lineno}: "
    lines = [
        f.lineno
        for f in traceback.extract_tb(error.__traceback__)
        if Path(f.filename).resolve() == path.resolve()
    ]
    return f"line {lines[-1]}: " if lines else ""


def described(loss: Loss) -> dict:
    """What ``symloss list --json`` says of a loss."""
    return {
        "name": loss.name,
        "task": loss.task,
        "kind": loss.kind,
        "summary": loss.summary,
        "inputs": [
            {"name": i.name, "domain": str(replace(i.type, axes=())), "axes": list(i.axes)}
            for i in loss.inputs
        ],
        "parameters": [
            {"name": p.name, "domain": str(p.domain), "axes": list(p.axes), "default": p.default}
            for p in loss.parameters
        ],
        "differentiated": list(loss.differentiated),
        "native_float32": loss.native_float32,
        "cite": list(loss.cite),
        "metrics": list(loss.metrics),
    }
