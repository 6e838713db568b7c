"""A loop of generated C in blocks: its buffers, its runs, and what becomes of what a block gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from symloss.backends.c_examples import cheap_run, one_by_one
from symloss.backends.c_writer import Item, Writer, is_output, term_of
from symloss.schedule import Define, Definition, Loop, last_reads, runs
from symloss.value import Input

__all__ = ["adds_with", "blocks", "longest", "outputs_for", "rows_of"]


def blocks(
    writer: Writer,
    s: Loop,
    depth: int,
    first: str,
    last: str,
    length: str = "SYMLOSS_BLOCK",
    apart: Callable[[int], list[Item]] | None = None,
) -> Item:
    """A loop in blocks: what is summed or compared goes through a buffer, so that the runs have no order.

    ``apart`` gives what stands behind the runs of a block.
    """
    examples = str(s.index) == writer.example
    value = examples and writer.function.outputs[0] == "value"
    writer.helpers.add("blocks")
    writer.places = {term_of(s, d): d.name for d in s.accumulators if d.op == "argmax"}
    sums = [d.name for d in s.accumulators if d.op == "sum"]
    maxima = [d.name for d in s.accumulators if d.op == "max" and term_of(s, d) not in writer.places]
    places = list(writer.places.values())
    writer.helpers.update(
        [writer.show.own("largest")] * bool(maxima) + [writer.show.own("place")] * bool(places)
    )
    if examples and writer.scales:
        writer.helpers.add(f"weigh{writer.real.own}")
    if value:
        each = [f"each{writer.real.own}"] * (writer.loss.batch == 0)
        writer.helpers.update([f"values{writer.real.own}", *each])
    writer.block = str(s.index)
    tree = runs(s.body, writer.taken)
    writer.length, writer.buffers, buffers = length, [], writer.buffers
    buffers += [
        f"{writer.number} {name}_terms[{length}];" for name in (*sums, *maxima, *places, *["value"] * value)
    ]
    together = None
    if value and (cheap := cheap_run(writer, tree)):
        items, together = one_by_one(writer, cheap, depth + 2)
    else:
        items = writer.statements(tree, depth + 1) + (apart(depth + 1) if apart else [])
    buffers += writer.buffers + _saved_blocks(writer, tree, length)
    writer.buffers, writer.block = [], None
    return {
        "kind": "blocks",
        "depth": depth,
        "index": str(s.index),
        "first": first,
        "last": last,
        "length": length,
        "examples": examples,
        "buffers": buffers,
        "streamed": writer.streamed if examples else [],
        "fetched": _fetched_by(writer) if examples and length != "SYMLOSS_LANES" else [],
        "ahead": {},
        "sums": sums,
        "adds": adds_with(writer),
        "maxima": maxima,
        "places": places,
        "value": value,
        "together": together,
        "runs": items,
        "lanes": writer.lanes,
        "whole": [],
        "turned": [],
        "asks": False,
        "turned_back": [],
    }


def adds_with(writer: Writer) -> str:
    """What adds the entries of a block to a sum."""
    return "add_entriesf" if writer.number == "float" else f"add_all{writer.real.own}"


def longest(writer: Writer) -> str:
    """How long a block is, as C text: numbers of 1 KiB."""
    if writer.number == "double":
        return "SYMLOSS_BLOCK"
    writer.helpers.add("long")
    return "SYMLOSS_BLOCKF"


def _fetched_by(writer: Writer) -> list[str]:
    """The inputs that are read one after the other."""
    found = [i.name for i in writer.loss.inputs if i.per_example and not i.axes]
    writer.helpers.update(["fetch"] * bool(found))
    return found


def _saved_blocks(writer: Writer, tree: Iterable[Any], length: str) -> list[str]:
    """The buffers for what runs save."""
    found = []
    for item in tree:
        if isinstance(item, Loop):
            found += _saved_blocks(writer, item.body.statements, length)
        else:
            kinds = {s.name: writer.kind(s) for s in item.statements if isinstance(s, Define)}
            found += [f"{kinds[name]} {name}_block[{length}];" for name in item.saves]
    return found


def outputs_for(kept: Mapping[Definition, Loop]) -> dict[str, str]:
    """The outputs that are written behind the last reading of what is kept, each for one definition."""
    places: dict[str, str] = {}
    reads = {loop: last_reads(loop, kept) for loop in set(kept.values())}
    for d, last in kept.items():
        outputs = (t for t in last.body.statements[reads[last][d.name] :] if is_output(t))
        free = (t.target for t in outputs if t.indices == d.indices and t.target not in places.values())
        target = next(free, None)
        if target is not None:
            places[d.name] = target
    return places


def rows_of(writer: Writer, inputs: Iterable[Input]) -> list[str]:
    """Those of which each example has a row of numbers."""
    return [i.name for i in inputs if i.per_example and i.axes == writer.loss.axes and not i.type.classes]
