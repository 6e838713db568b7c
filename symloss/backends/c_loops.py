"""The loops of generated C: which of them are in parts, blocks, lanes or rows, and which as they are."""

from __future__ import annotations

from symloss.backends.c_blocks import blocks, longest
from symloss.backends.c_lanes import lanes, loop_of_lanes
from symloss.backends.c_rows import fetch_ahead, kept_in_outputs, loop_of_row
from symloss.backends.c_writer import Item, Writer, has_loops, is_output
from symloss.schedule import Block, Loop, calls

__all__ = ["loop"]


def loop(writer: Writer, s: Loop, depth: int) -> list[Item]:
    """A loop: over the examples in parts, in blocks where it sums or compares, or as it is."""
    if writer.block is not None:
        return loop_of_lanes(writer, s, depth)
    if str(s.index) == writer.example:
        return [_parts(writer, s, depth)]
    return loop_of_row(writer, s, depth)


def _parts(writer: Writer, s: Loop, depth: int) -> Item:
    """All examples, in parts that threads may share; not where all write to one workspace."""
    writer.helpers.update(["parts", f"sums{writer.real.sums}"])
    item: Item = {
        "kind": "parts",
        "depth": depth,
        "index": str(s.index),
        "shared": not writer.program.workspace,
        "elements": None,
        "narrow": None,
        "rows": None,
    }
    if writer.program.workspace:
        item["rows"] = writer.statements(s.body.statements, depth + 2)
        return item
    if not has_loops(s.body):
        # measured to win where nothing but memory is the limit
        memory = writer.real.native and not _calls_in(s.body)
        outputs = [t.target for t in s.body.statements if is_output(t) and t.indices == (s.index,)]
        writer.streamed = outputs if memory else []
        writer.helpers.update(["stream"] * bool(writer.streamed))
        item["streamed"] = writer.streamed
        item["elements"] = blocks(writer, s, depth + 1, "part_start", "part_stop", longest(writer))
        return item
    # a lane has room for a row, and not for a matrix; one number for each example has no place in it
    narrow = len(writer.loss.axes) == 1 and all(len(i.axes) < 2 for i in writer.loss.inputs)
    flat = any(is_output(t) and t.indices == (s.index,) for t in writer.program.stores)
    if narrow and not flat and _takes_functions(s.body):
        item["narrow"] = lanes(writer, s, depth + 2)
    body = kept_in_outputs(writer, s) if writer.real.native else s.body
    item["rows"] = writer.statements(body.statements, depth + (3 if item["narrow"] else 2))
    fetch_ahead(writer, item["rows"], str(s.index))
    return item


def _takes_functions(block: Block) -> bool:
    """Whether its loops take costly functions, and have no loops themselves."""
    inside = [s.body for s in block.statements if isinstance(s, Loop)]
    return not any(has_loops(b) for b in inside) and any(_calls_in(b) for b in inside)


def _calls_in(block: Block) -> bool:
    """Whether its statements take costly functions, what stands in further loops aside."""
    return any(calls(t.expr) for t in block.statements if not isinstance(t, Loop))
