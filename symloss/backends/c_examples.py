"""Cheap losses in C: a function of one example, which is called for each, and for four lines of the cache at a time."""

from __future__ import annotations

from typing import Any

from symloss.backends.c_writer import Item, Writer, is_output, line, text_of
from symloss.backends.infix import identifiers, wrapped
from symloss.functions import names_in, nan_where
from symloss.schedule import BATCH, Run, calls

__all__ = ["cheap_run", "one_by_one"]


def cheap_run(writer: Writer, tree: list[Any]) -> Run | None:
    """The only run of a loop, where it takes no costly function, and buffers would take longer than it does."""
    run = tree[0]
    if writer.lanes or len(tree) != 1 or not isinstance(run, Run):
        return None
    vectors = {p.name for p in writer.loss.parameters if p.axes}
    expressions = [t.expr for t in run.statements]
    if any(calls(e) or not vectors.isdisjoint(names_in(e)) for e in expressions):
        return None
    # measured to lose where NaN is guarded: four lines have too many comparisons at once
    return None if any(e.has(nan_where) for e in expressions) else run


def one_by_one(writer: Writer, run: Run, depth: int) -> tuple[list[Item], list[str]]:
    """The loop that calls a function for each example, and four such calls, whose values are added up.

    The function is written on the way: what it computes stands in one place, and loops of both kinds call it.
    """
    outputs = [t.target for t in run.statements if is_output(t)]
    outside = _constants_of(writer)
    streamed, writer.streamed = writer.streamed, []
    lines = [item for item in writer.statements(run.statements, 1) if item["kind"] == "line"]
    writer.streamed = streamed
    said = identifiers(text_of({"body": lines}))
    types = {i.name: "int64_t" if i.type.classes else writer.real.type for i in writer.loss.inputs}
    inputs = {name: f"const {kind} *" for name, kind in types.items() if name in said}
    constants = {name: f"{kind} " for name, kind in outside.items() if name in said}
    results = dict.fromkeys(outputs, f"{writer.real.type} *")
    parameters = "".join(f", {kind}{name}" for name, kind in (inputs | constants | results).items())
    name = f"symloss_{writer.customary}{writer.function.what}_{writer.real.name}_of_example"
    writer.of_example = {
        "name": name,
        "type": writer.number,
        "parameters": wrapped(f"    size_t {writer.block}{parameters})", 4),
        "lines": [*lines, line("return example_value;", 1)],
    }
    shaped = {i.name: i for i in writer.loss.inputs} | {r: writer.argument_of(r) for r in results}
    arrays = {a: f"{a}_block" if shaped[a].per_example else a for a in inputs | results}
    passed = ", ".join([*(arrays[i] for i in inputs), *constants, *(arrays[r] for r in results)])
    writer.buffers += [
        wrapped(f"{kind}const {arrays[a]} = {a} + {' * '.join(['block_start', *shaped[a].axes])};", 4)
        for a, kind in (inputs | results).items()
        if a not in streamed and shaped[a].per_example
    ]
    call = f"value_terms[{writer.at}] = {name}({writer.at}, {passed});"
    places = ("at", *(f"at + {times}{writer.real.line}" for times in ("", "2 * ", "3 * ")))
    four = [
        line(f"line_values[{k}] = {writer.real.up}{name}({place}, {passed});", depth + 2)["text"]
        for k, place in enumerate(places)
    ]
    return [writer.run_of([line(call, depth + 1)], depth)], four


def _constants_of(writer: Writer) -> dict[str, str]:
    """What is the same for all examples, each with its C type."""
    return {
        **dict.fromkeys((BATCH, *writer.loss.axes), "size_t"),
        **{p.name: "int64_t" if p.domain.integer else writer.real.type for p in writer.loss.parameters},
        **writer.kinds,
        "example_scale": writer.number,
    }
