"""Short rows in C: many at a time, each in a lane of its own."""

from __future__ import annotations

from functools import partial

from sympy import Expr, Indexed

from symloss.backends.c_blocks import blocks, outputs_for, rows_of
from symloss.backends.c_writer import Item, Writer, is_output, line, term_of, text_of
from symloss.schedule import Loop, Run, calls, fresh, keep
from symloss.value import Input

__all__ = ["lanes", "loop_of_lanes"]


def lanes(writer: Writer, s: Loop, depth: int) -> Item:
    """The examples in blocks, each in a lane of its own, also in the loops over an axis."""
    limit = "SYMLOSS_NARROW" + writer.real.suffix
    writer.helpers.add("narrow" + writer.real.suffix.lower())
    block, kept = keep(s.body, (s.index,), writer.taken)
    read = {e.base.label.name for expr in writer.program.expressions for e in expr.atoms(Indexed)}
    rows = rows_of(writer, (*writer.loss.inputs, *writer.program.vectors))
    inputs = [name for name in rows if name in read]
    writer.turned = [
        t.target for t in writer.program.stores if is_output(t) and t.indices[1:] and t.indices[0] == s.index
    ]
    places = outputs_for(kept)
    writer.buffers = [
        f"{writer.number} {name}_block[{limit} * SYMLOSS_LANES];"
        for name in (*inputs, *(d.name for d in kept if d.name not in places), *writer.turned)
    ]
    for name in (*inputs, *(d.name for d in kept)):
        writer.show.kept[name] = partial(writer.in_lane, places.get(name, name))
    others = [i for i in writer.loss.inputs if i.per_example and i.name in read and i.name not in inputs]
    for one in others:
        writer.show.kept[one.name] = partial(_in_whole, writer, one)
    flat = (one.name for one in others if one.type.classes and not one.axes and writer.number == "float")
    short = {name: fresh(f"{name}_class", writer.taken) for name in flat}  # doubles are as wide as they are
    writer.show.short = {name: f"{array}[lane]" for name, array in short.items()}
    writer.lanes, writer.ahead = True, inputs
    item = blocks(writer, Loop(s.index, s.size, [], block), depth, "part_start", "part_stop", "SYMLOSS_LANES")
    asks = bool(inputs) and not writer.ahead
    writer.lanes, writer.ahead, writer.show.short = False, [], {}
    for name in (*inputs, *(one.name for one in others)):
        del writer.show.kept[name]
    writer.helpers.update([f"turn{writer.real.own}"] * bool(inputs) + ["full"] * bool(others))
    writer.helpers.update([f"turn_back{writer.real.own}"] * bool(writer.turned))
    said = text_of(item)
    item |= {
        "turned": inputs,
        "asks": asks,
        "turned_back": writer.turned,
        "limit": limit,
        "place": "int32_t" if writer.number == "float" else "uint16_t",
        "size": writer.loss.axes[0],
        "whole": [
            {
                "name": one.name,
                "type": "int64_t" if one.type.classes else writer.real.type,
                "length": " * ".join(["SYMLOSS_LANES", *(limit for _ in one.axes)]),
                "row": "".join(f" * {axis}" for axis in one.axes),
                "short": short[one.name] if one.name in short and f"{short[one.name]}[" in said else None,
                "classes": one.type.classes,
            }
            for one in others
        ],
    }
    writer.turned = []
    return item


def _in_whole(writer: Writer, argument: Input, indices: tuple[Expr, ...]) -> str:
    """Where each lane reads what is not turned, as C text."""
    place = "lane"
    for axis, entry in zip(argument.axes, indices[1:], strict=True):
        place = f"{f'({place})' if '+' in place else place} * {axis} + {writer.show.index(entry)}"
    widen = "" if argument.type.classes else writer.real.widen
    return f"{widen}{argument.name}_of[{place}]"


def loop_of_lanes(writer: Writer, s: Loop, depth: int) -> list[Item]:
    """A loop over an axis, in which each example of a block accumulates by itself."""
    at = f"[{writer.at}]"
    before, after = [], []
    writer.places = {term_of(s, d): d.name for d in s.accumulators if d.op == "argmax"}
    largest = {term_of(s, d): f"{d.name}_block" for d in s.accumulators if d.op == "max"}
    writer.bests = {place: largest.get(term, f"{place}_best") for term, place in writer.places.items()}
    kinds = {"sum": writer.number, "max": writer.number, "argmax": writer.place_kind}
    writer.buffers += [f"{kinds[d.op or '']} {d.name}_block[{writer.length}];" for d in s.accumulators]
    for d in s.accumulators:
        if d.op == "sum":
            total = writer.lane_total(d)
            before.append(line(f"{total}{at} = 0.0;", depth + 1))
            if writer.real.down:
                writer.buffers.append(f"double {total}[{writer.length}];")
                after.append(line(f"{d.name}_block{at} = {writer.real.down}{total}{at};", depth + 1))
            if writer.real.compensated:
                writer.buffers.append(f"double {d.name}_rests[{writer.length}];")
                before.append(line(f"{d.name}_rests{at} = 0.0;", depth + 1))
                whole = f"symloss_sum({d.name}_block{at}, {d.name}_rests{at})"
                after.append(line(f"{d.name}_block{at} = {whole};", depth + 1))
        elif d.op == "max":
            before.append(line(f"{d.name}_block{at} = {writer.least};", depth + 1))
        else:
            before.append(line(f"{d.name}_block{at} = 0;", depth + 1))
            if term_of(s, d) not in largest:
                writer.buffers.append(f"{writer.number} {d.name}_best[{writer.length}];")
                before.append(line(f"{d.name}_best{at} = {writer.least};", depth + 1))
    inner: Item = {
        "kind": "loop",
        "index": str(s.index),
        "type": writer.place_kind,
        "size": s.size.name,
        "depth": depth,
        "body": _ahead(writer, s, depth + 1) + writer.statements(s.body.statements, depth + 1),
    }
    runs_of = [[writer.run_of(lines, depth)] if lines else [] for lines in (before, after)]
    return [*runs_of[0], inner, *runs_of[1]]


def _ahead(writer: Writer, s: Loop, depth: int) -> list[Item]:
    """The next rows are asked for a piece at a time, in the first loop that has enough to do meanwhile."""
    inside = [t for run in s.body.statements for t in (run.statements if isinstance(run, Run) else [run])]
    if not any(calls(t.expr) for t in inside if not isinstance(t, Loop)):
        return []
    asked, writer.ahead = writer.ahead, []
    writer.helpers.update(["fetch"] * bool(asked))
    piece = f"next_start * {s.size.name} + {s.index} * next_count"
    return [
        line(f"symloss_fetch(&{name}[{piece}], next_count * sizeof({name}[0]));", depth) for name in asked
    ]
