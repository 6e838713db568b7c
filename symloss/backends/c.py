"""C99: one header and one source a loss, with no dependency but the C library."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from symloss.backends import environment
from symloss.backends.c_body import body, extent
from symloss.backends.c_print import FORMATS, NATIVE_FLOAT, Argument, Function, Real, with_needs
from symloss.backends.head import head, plain
from symloss.backends.infix import identifiers
from symloss.backends.native import native
from symloss.derive import vectors_of
from symloss.schedule import BATCH, OUTPUTS, Program, customary, functions_of, schedule
from symloss.value import Loss

__all__ = ["FORMATS", "SUFFIXES", "TITLE", "Argument", "Function", "formats", "render", "signature"]

SUFFIXES = {".h": "c", ".c": "c"}
TITLE = "C"


def render(loss: Loss, command: str, certificate: Sequence[str] = ()) -> dict[str, str]:
    """The text of the header and of the source."""
    functions = [f for what in functions_of(loss) for f in formats(loss, what)]
    helpers: set[str] = set()
    bodies = {f.name: body(f, helpers) for f in functions}
    data = {
        "loss": loss,
        "head": head(loss, command, certificate, _of_floats(functions)),
        "functions": functions,
        "bodies": bodies,
        "helpers": with_needs(helpers),
        "formats": FORMATS,
        "workspace": _workspace(loss, functions),
        "documented": _documented(loss, functions),
    }
    source = environment().get_template("c/loss.c.j2").render(data)
    header = environment().get_template("c/loss.h.j2").render(data)
    return {".h": header, ".c": source}


def _of_floats(functions: Sequence[Function]) -> list[str]:
    """What the head says of the functions for floats."""
    floats = [f for f in functions if f.real.type == "float"]
    inside = [f.what for f in floats if f.real.native]
    rest = [f.what for f in floats if not f.real.native]
    lines = [f"float: {', '.join(inside)} computed in float, sums in double"] if inside else []
    return lines + ([f"float: {', '.join(rest)} computed in double, and rounded once"] if rest else [])


@lru_cache(maxsize=256)
def formats(loss: Loss, what: str) -> tuple[Function, ...]:
    """One function in each floating-point format; what renders the source and what calls it share them."""
    program = schedule(loss, OUTPUTS[what])
    often = customary(program) if what == "value_and_gradient" else None
    made = []
    for real in FORMATS:
        if real.type == "float" and native(loss, what, program):
            real = NATIVE_FLOAT
        name = f"symloss_{loss.name}_{what}_{real.name}"
        arguments = signature(loss, what, real, program)
        made.append(Function(name, what, OUTPUTS[what], real, arguments, program, often))
    return tuple(made)


def signature(loss: Loss, what: str, real: Real, program: Program) -> tuple[Argument, ...]:
    """The parameters: sizes, tensors, weights, hyper-parameters, workspace, and the outputs by pointer."""
    per_example = loss.example != 0
    pointer = f"const {real.type} *SYMLOSS_RESTRICT"
    made: list[Argument] = []

    def add(name: str, type_: str, role: str) -> None:
        made.append(Argument(name, type_, role))

    if per_example:
        add(BATCH, "size_t", "n")
    for axis in loss.axes:
        add(axis, "size_t", "size")
    for one in loss.inputs:
        add(one.name, "const int64_t *SYMLOSS_RESTRICT" if one.type.classes else pointer, "input")
    if what == "hessian_vector_product":
        for vector in program.vectors:
            add(vector.name, pointer, "input")
    if per_example:
        add("weight", pointer, "weight")
        add("reduction", "int", "reduction")
    for one in loss.parameters:
        scalar = "int64_t" if one.domain.integer else real.type
        add(one.name, pointer if one.axes else scalar, "vector parameter" if one.axes else "parameter")
    if program.workspace:
        add("workspace", "double *SYMLOSS_RESTRICT", "workspace")
    for target in dict.fromkeys(s.target for s in program.stores if s.target != "batch_value"):
        add(target, f"{real.type} *SYMLOSS_RESTRICT", "value" if target == "value" else "derivative")
    return tuple(made)


def _workspace(loss: Loss, functions: list[Function]) -> dict[str, Any] | None:
    """How many numbers of workspace suffice for every function, as C text; the same in doubles, which do not wrap."""
    most: Counter[str] = Counter()
    for f in functions:
        most |= Counter(extent(d, f.program) for d in f.program.workspace)
    numbers = " + ".join(f"{count} * {one}" if count > 1 else one for one, count in sorted(most.items()))
    about = re.sub(r"[A-Za-z_]\w*", r"(double)\g<0>", numbers)
    unused = [axis for axis in loss.axes if axis not in identifiers(numbers)]
    return {"numbers": numbers, "about": about, "unused": unused} if most else None


def _documented(loss: Loss, functions: list[Function]) -> list[tuple[str, str]]:
    """What the header says of each parameter: name and sentence."""
    lead = [BATCH] if loss.example != 0 else []
    said: list[tuple[str, str]] = []
    if loss.example != 0:
        said.append((BATCH, "the number of examples (for an elementwise loss, of elements)"))
    for axis in loss.axes:
        said.append((axis, f"the length of the axis {axis}"))
    for one in loss.inputs:
        shape = " x ".join([*(lead if one.per_example else []), *one.axes]) or "1"
        said.append((one.name, f"{shape} numbers, each {plain(one.type.words)}"))
    if any(f.what == "hessian_vector_product" for f in functions):
        for vector, wrt in zip(vectors_of(loss), loss.differentiated, strict=True):
            said.append((vector.name, f"what the Hessian is applied to, shaped like {wrt}"))
    if loss.example != 0:
        said.append(("weight", f"{BATCH} numbers >= 0 that weigh the examples, or NULL: all 1"))
        said.append(("reduction", _reductions(loss)))
    for p in loss.parameters:
        extra = f"{' x '.join(p.axes)} numbers, each " if p.axes else ""
        null = f", or NULL: all {p.default}" if p.axes else f"; customary: {p.default}"
        said.append((p.name, f"{extra}{plain(p.domain.words)}{null}"))
    if any(f.program.workspace for f in functions):
        said.append(("workspace", f"symloss_{loss.name}_workspace(...) numbers; the content does not matter"))
    written = ("value", "derivative")
    outputs = {a.name: a for f in functions for a in f.arguments if a.role in written}
    return [*said, *((name, _output(loss, a)) for name, a in outputs.items())]


def _output(loss: Loss, a: Argument) -> str:
    """What the header says of an output."""
    if a.role == "value":
        return "one number" + (", or n with SYMLOSS_NONE" if loss.example != 0 and loss.batch == 0 else "")
    what = {
        "gradient": "the derivative of value",
        "hessian": "the second derivative of value by each entry alone",
        "product": "the Hessian of value times the vectors",
    }[a.name.split("_", 1)[0]]
    return f"{what}, shaped like {a.wrt}"


def _reductions(loss: Loss) -> str:
    if loss.batch != 0:
        return "SYMLOSS_MEAN or SYMLOSS_SUM (there is no SYMLOSS_NONE: some terms belong to the whole batch)"
    return "SYMLOSS_MEAN, SYMLOSS_SUM, or SYMLOSS_NONE: each example's value and its own derivatives"
