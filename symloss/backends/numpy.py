"""NumPy: one module a loss, vectorised, which imports NumPy alone."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from symloss.backends import arguments, environment, results
from symloss.backends.head import head
from symloss.backends.native import native
from symloss.backends.numpy_body import Writer
from symloss.schedule import OUTPUTS, Program, customary, functions_of, schedule
from symloss.value import Input, Loss

__all__ = ["SUFFIXES", "TITLE", "render"]

SUFFIXES = {".py": "python"}
TITLE = "NumPy"


@dataclass(frozen=True)
class Function:
    """One generated function: its name, what it returns, and its lines."""

    name: str
    signature: str
    lines: list[str]
    derived: tuple[str, ...]
    value: bool
    vectors: tuple[Input, ...]
    sizes: list[str]
    native: bool
    usual: bool
    """Whether the tensors of the usual call need not be arranged."""


def render(loss: Loss, command: str, certificate: Sequence[str] = ()) -> dict[str, str]:
    """The text of the module."""
    functions = [_function(loss, what) for what in functions_of(loss)]
    data = {
        "loss": loss,
        "head": head(loss, command, certificate),
        "functions": functions,
        "per_example": loss.example != 0,
        "tensors": [i for i in loss.inputs if not i.type.classes],
        "indices": [i for i in loss.inputs if i.type.classes],
        "whole": tuple(i.name for i in loss.inputs if not i.per_example),
        "scalars": [p for p in loss.parameters if not p.axes],
        "vectors": [p for p in loss.parameters if p.axes],
        "support": "\n\n".join(_support(module) for module in (arguments, results)),
    }
    return {".py": environment().get_template("numpy/loss.py.j2").render(data)}


def _support(module: ModuleType) -> str:
    """The text of a module below its imports."""
    return (
        re.split(r"^(?:import|from) .*\n", inspect.getsource(module), flags=re.MULTILINE)[-1].strip() + "\n"
    )


def _function(loss: Loss, what: str) -> Function:
    program = schedule(loss, OUTPUTS[what])
    writer = Writer(program, native(loss, what, program))
    lines, sizes = writer.lines(), set(writer.sizes)
    # Second derivatives have no room for another rounding.
    often = customary(program) if set(OUTPUTS[what]) <= {"value", "gradient"} else None
    if often is not None:
        usual = Writer(often.program, native(loss, what, often.program))
        condition = " and ".join(f"{name} == {number}" for name, number in often.numbers.items())
        lines = [
            f"if {condition}:  # as by default, where it takes less",
            *_indented(usual.lines()),
            "else:",
            *_indented(lines),
        ]
        sizes |= usual.sizes
    value = "value" in OUTPUTS[what]
    derived = loss.differentiated if what != "value" else ()
    return Function(
        what,
        _signature(loss, what, program),
        lines,
        derived,
        value,
        program.vectors,
        sorted(sizes),
        native(loss, what, program),
        writer.alike,
    )


def _indented(lines: list[str]) -> list[str]:
    return [textwrap.indent(line, "    ") for line in lines]


def _signature(loss: Loss, what: str, program: Program) -> str:
    """The line ``def …``, broken into one argument a line where it is long."""
    parts = [i.name for i in loss.inputs]
    parts += [v.name for v in program.vectors]
    parts += ["*", *(f"{p.name}={None if p.axes else p.default}" for p in loss.parameters)]
    parts += ["weight=None"] if loss.example != 0 else []
    parts += ['reduction="mean"', "dtype=None", "out=None"]
    line = f"def {what}({', '.join(parts)}):"
    if len(line) <= 98:
        return line
    return f"def {what}(\n    " + ",\n    ".join(parts) + ",\n):"
