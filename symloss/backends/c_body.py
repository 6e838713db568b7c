"""What the template is told of a generated C function: its statements, and what stands before and behind them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sympy import Symbol

from symloss.backends.c_loops import loop
from symloss.backends.c_print import Function
from symloss.backends.c_writer import Item, Writer, is_output, line
from symloss.backends.infix import ATOM, identifiers, wrapped
from symloss.schedule import BATCH, Block, Define, Definition, Loop, Program, compiled, needed_entries

__all__ = ["body", "extent"]


def body(function: Function, helpers: set[str]) -> dict[str, Any]:
    """What the template is told. ``helpers`` collects the parts of the support code that the function uses."""
    writer = Writer(function, helpers, loop)
    if writer.loss.example != 0:
        helpers.add(f"weights_{writer.real.name}")
    often = _program_of_defaults(writer)
    per_example = writer.loss.example != 0
    scaled = writer.scales
    checks = _class_checks(writer)
    lines = _computed(writer, 1)
    shared = _shared_by_threads(writer, lines)
    unused = _unused_parameters(writer, lines, checks, bool(shared))
    inside, writer.show.defaulted = writer.show.defaulted, {}
    normalizer = None if writer.program.normalizer == 1 else _divided_by(writer)
    outside = writer.show.defaulted
    return {
        "checks": checks,
        "needs_entries": _needs_entries(writer),
        "batch_value": any(s.target == "batch_value" for s in writer.program.stores),
        "unused": unused,
        "per_example": per_example,
        "normalizer": normalizer,
        "example_index": writer.example,
        "has_value": "value" in writer.function.outputs,
        "scaled": scaled,
        "divisor_defaulted": outside,
        "defaulted": {name: d for name, d in inside.items() if shared or name not in outside},
        "weighs": _weighs(writer),
        "terms": _terms_of(writer),
        "workspace": _workspace_arrays(writer),
        "customary": often,
        "statements": lines,
        "of_examples": [one for one in (often and often["of_example"], writer.of_example) if one],
        "shared": shared,
    }


def _program_of_defaults(writer: Writer) -> dict[str, Any] | None:
    """What stands before all else, with its condition, for hyper-parameters that have their defaults."""
    often = writer.function.customary
    if often is None:
        return None
    function = replace(writer.function, program=often.program, customary=None)
    inner = Writer(function, writer.helpers, loop, "customary_")
    condition = " && ".join(
        f"{writer.show(Symbol(name))} == {writer.show(number)}" for name, number in often.numbers.items()
    )
    lines = _computed(inner, 2)
    writer.show.defaulted |= inner.show.defaulted
    return {"condition": condition, "statements": lines, "of_example": inner.of_example}


def _computed(writer: Writer, depth: int) -> list[Item]:
    """All that is computed."""
    block = compiled(writer.program)
    writer.taken = {*writer.program.names, *_defined(block)}
    return writer.statements(block.statements, depth)


def _shared_by_threads(writer: Writer, lines: list[Item]) -> dict[str, Any] | None:
    """What the function passes on where threads share its examples: to all of them together, and alone."""
    if not any(item["kind"] == "parts" and item["shared"] for item in lines):
        return None
    if any(is_output(t) and writer.program.example_index not in t.indices for t in writer.program.stores):
        return None  # what belongs to the batch is for one thread to write
    writer.helpers.add("shared")
    more = {}
    if _weighs(writer):
        more["divisor"] = "double divisor"
    if "value" in writer.function.outputs:
        more["part_totals"] = "double *part_totals"
    passed = ", ".join([*(a.name for a in writer.function.arguments), *more])
    return {
        "parameters": [*(a.text for a in writer.function.arguments), *more.values()],
        "together": wrapped(f"            {passed});", 12),
        "alone": wrapped(f"        {passed});", 8),
    }


def _unused_parameters(
    writer: Writer, lines: list[dict[str, Any]], checks: list[dict[str, str]], shared: bool
) -> list[str]:
    """The parameters that the function has for the sake of a common signature, and does not read.

    Where threads share the examples this is about what each thread does: what is checked is read before.
    """
    said: set[str] = set()

    def read(statements: list[dict[str, Any]]) -> None:
        for s in statements:
            besides = [text for kind in ("buffers", "streamed", "fetched") for text in s.get(kind) or []]
            said.update(identifiers(" ".join([s.get("text", ""), *besides])))
            said.add(s.get("size", ""))
            for inside in ("body", "runs", "rows"):
                read(s.get(inside) or [])
            read([s[inside] for inside in ("elements", "narrow") if s.get(inside)])

    read(lines)
    before = (
        [] if shared else [v for c in checks for v in c.values()] + [writer.show(writer.program.normalizer)]
    )
    workspace = writer.program.workspace[:-1] or writer.program.workspace
    extents = [f"{extent(d, writer.program)} workspace" for d in workspace]
    said |= identifiers(" ".join([*before, _terms_of(writer), *extents]))
    said.update(c["size"] for c in ([] if shared else _needs_entries(writer)))
    always = {BATCH, "value"} | ({"weight", "reduction"} if _weighs(writer) or not shared else set())
    return [a.name for a in writer.function.arguments if a.name not in said | always]


def _needs_entries(writer: Writer) -> list[dict[str, str]]:
    """The axes that must not be empty, each with the condition under which it is looked into."""
    return [
        {"size": axis, "guard": "".join(f"{s} > 0 && " for s in around)}
        for axis, around in needed_entries(writer.program)
    ]


def _class_checks(writer: Writer) -> list[dict[str, str]]:
    """The class indices to look at before anything is computed."""
    found = []
    for one in writer.loss.inputs:
        if one.type.classes:
            writer.helpers.add("blocks")
            sizes = [*([BATCH] if one.per_example else []), *one.axes]
            found.append(
                {
                    "name": one.name,
                    "count": " * ".join(sizes) or "1",
                    "size": one.type.classes,
                    "also": one.type.also or "",
                }
            )
    return found


def _weighs(writer: Writer) -> bool:
    """Whether it matters what an example counts."""
    return writer.loss.example != 0 and (writer.scales or "value" in writer.function.outputs)


def _terms_of(writer: Writer) -> str:
    """How many terms an example has, as C text: entries that no larger input has besides."""
    shapes = dict.fromkeys(i.axes for i in writer.loss.inputs)
    largest = [axes for axes in shapes if not any(set(axes) < set(other) for other in shapes)]
    return " + ".join(" * ".join(axes) for axes in largest if axes) or "1"


def _divided_by(writer: Writer) -> str:
    """The statement that gives an example's part of what the mean divides by."""
    weight = (
        f"(weight != NULL ? {writer.real.up}{writer.real.widen}weight[{writer.program.example_index}] : 1.0)"
    )
    part = f"{weight} * {writer.real.up}{writer.show(writer.program.normalizer, ATOM)}"
    return str(line(f"divisor_terms[{writer.program.example_index} - block_start] = {part};", 4)["text"])


def _workspace_arrays(writer: Writer) -> list[dict[str, str]]:
    offset: list[str] = []
    arrays = []
    for d in writer.program.workspace:
        arrays.append({"name": f"{d.name}_array", "at": " + ".join(offset)})
        offset.append(extent(d, writer.program))
    return arrays


def extent(d: Definition, program: Program) -> str:
    """How many numbers an array in the workspace has, as C text."""
    sizes = [program.size_of[i].name for i in d.indices if i != program.example_index]
    return " * ".join(sizes) or "1"


def _defined(block: Block) -> Iterable[str]:
    for s in block.statements:
        if isinstance(s, Define):
            yield s.name
        elif isinstance(s, Loop):
            yield from _defined(s.body)
