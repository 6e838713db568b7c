"""Long rows in C: one after the other, each in loops over its entries."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from sympy import Expr, Indexed, Symbol

from symloss.backends.c_blocks import adds_with, blocks, longest, outputs_for, rows_of
from symloss.backends.c_writer import Item, Writer, has_loops, line, term_of, text_of
from symloss.schedule import (
    Accumulate,
    Block,
    Define,
    Definition,
    Keep,
    Loop,
    SpecialPlaces,
    Store,
    fresh,
    keep,
)

__all__ = ["fetch_ahead", "kept_in_outputs", "loop_of_row"]


def loop_of_row(writer: Writer, s: Loop, depth: int) -> list[Item]:
    """A loop over an axis: in blocks where it sums or compares, and there is no loop in it."""
    blocked = not has_loops(s.body) and bool(s.accumulators)
    lines: list[Item] = []
    if blocked:
        lines, rest = _at_once(writer, s, depth)
        if rest is None:
            return lines
        s = rest
    special = SpecialPlaces(s)
    s = special.elsewhere()
    saved, behind = _stored_there(writer, special, depth)
    lines += saved + _start_accumulators(writer, s, blocked, depth)
    if blocked:
        terms = partial(_added_there, writer, special)
        lines.append(blocks(writer, s, depth, "0", s.size.name, longest(writer), terms))
    else:
        if any(d.op == "max" for d in s.accumulators):
            writer.helpers.add(writer.show.own("max"))
        body = writer.statements(s.body.statements, depth + 1)
        lines.append(
            {
                "kind": "loop",
                "index": str(s.index),
                "type": "size_t",
                "size": s.size.name,
                "depth": depth,
                "body": body,
            }
        )
    return lines + behind + _end_accumulators(writer, s, blocked, depth)


def kept_in_outputs(writer: Writer, s: Loop) -> Block:
    """Of loops that take the same function the first puts it where the last will put an output."""
    taken = set(writer.taken)
    block, kept = keep(s.body, (s.index,), taken)
    places = outputs_for(kept)
    if len(places) < len(kept):
        return s.body
    writer.taken |= taken
    for name, target in places.items():
        writer.show.kept[name] = partial(writer.output, target, writer.argument_of(target))
    return block


def fetch_ahead(writer: Writer, rows: list[Item], example: str) -> None:
    """What later loops of a row read is asked for in the first one, and the next row in the last one."""
    loops = [item for item in rows if item["kind"] == "blocks"]
    inputs = rows_of(writer, writer.loss.inputs)
    texts = [text_of(item) for item in loops]
    reads = [[name for name in inputs if f"{name}[" in text] for text in texts]
    if len(writer.loss.axes) != 1 or not any(reads):
        return
    writer.helpers.add("fetch")
    size = writer.loss.axes[0]
    following = f"({example} + ({example} + 1 < part_stop))"
    later = [name for name in inputs if any(name in found for found in reads[1:]) and name not in reads[0]]
    loops[0]["ahead"] = {name: f"&{name}[{example} * {size} + block_start]" for name in later}
    loops[-1]["ahead"] |= {name: f"&{name}[{following} * {size} + block_start]" for name in reads[0]}


def _stored_there(writer: Writer, special: SpecialPlaces, depth: int) -> tuple[list[Item], list[Item]]:
    """What is stored at such places: what is read there before the loop writes over it, and what stands behind."""
    saved: list[Item] = []
    behind: list[Item] = []
    s = special.loop
    for place in special.places:
        statements = special.at(place, (Store, Keep))
        for k, t in enumerate(statements):
            if isinstance(t, Define) and isinstance(t.expr, Indexed) and _is_kept(writer, t.expr):
                there = fresh("there", writer.taken)
                before = writer.show(t.expr.subs(s.index, place))
                saved.append(line(f"const {writer.kind(t)} {there} = {before};", depth))
                statements[k] = replace(t, expr=Symbol(there, real=True))
        if statements:
            guard = (
                "" if _is_somewhere(writer, place) else f"if ({_position(writer, place)} < {s.size.name}) "
            )
            behind += _scope(writer, s, place, f"{guard}{{", writer.statements(statements, depth + 1), depth)
    return saved, behind


def _added_there(writer: Writer, special: SpecialPlaces, depth: int) -> list[Item]:
    """What is added at such places, where the block has them."""
    lines: list[Item] = []
    s = special.loop
    kept = {str(t.expr): t.definition.ref() for t in s.body.statements if isinstance(t, Keep)}
    for place in special.places:
        statements = [
            replace(t, expr=kept[t.name])
            if isinstance(t, Define) and t.name in kept and not special.is_other(t.name, place)
            else t
            for t in special.at(place, Accumulate)
        ]
        if statements:
            within = f"if ({_position(writer, place)} - block_start < block_stop - block_start) {{"
            lines += _scope(writer, s, place, within, writer.statements(statements, depth + 1), depth)
    return lines


def _scope(writer: Writer, s: Loop, place: Expr, head: str, lines: list[Item], depth: int) -> list[Item]:
    at = line(f"const size_t {s.index} = {_position(writer, place)};", depth + 1)
    return [line(head, depth), at, *lines, line("}", depth)]


def _position(writer: Writer, place: Expr) -> str:
    """A place as a size_t; that of an ignored class may be beyond all places."""
    if isinstance(place, Symbol):
        return f"(size_t){place.name}" if place.name in writer.show.parameters else place.name
    definition = writer.show.definitions.get(place.base.label.name)
    found = definition is not None and not definition.stored
    return f"{'' if found else '(size_t)'}{writer.show.load(place)}"


def _is_kept(writer: Writer, e: Indexed) -> bool:
    """Whether the loop may write over it."""
    return e.base.label.name in writer.show.kept


def _is_somewhere(writer: Writer, place: Expr) -> bool:
    """Whether it is among the entries for certain."""
    name = (place.base.label if isinstance(place, Indexed) else place).name
    argument = writer.show.inputs.get(name)
    return name in writer.show.definitions or (argument is not None and argument.type.also is None)


def _start_accumulators(writer: Writer, s: Loop, blocked: bool, depth: int) -> list[Item]:
    """The accumulators of a loop, before it."""
    lines: list[Item] = []
    writer.places = {term_of(s, d): d.name for d in s.accumulators if d.op == "argmax"} if blocked else {}
    for d in s.accumulators:
        if d.op == "argmax":
            lines.append(line(f"size_t {d.name} = 0;", depth))
            lines.append(line(f"{writer.number} {d.name}_value = {writer.least};", depth))
        elif d.op == "sum":
            lines += _start_sums(writer, d.name, depth) if blocked else _start_sum(writer, d.name, depth)
        elif term_of(s, d) not in writer.places:
            lines.append(line(f"{writer.number} {d.name} = {writer.least};", depth))
    return lines


def _end_accumulators(writer: Writer, s: Loop, blocked: bool, depth: int) -> list[Item]:
    """What they have come to, behind it."""
    lines: list[Item] = []
    places = {term_of(s, d): d.name for d in s.accumulators if d.op == "argmax"} if blocked else {}
    for d in s.accumulators:
        if d.op == "sum":
            total = f"{d.name}_total"
            if blocked:
                total = f"symloss_total{writer.real.sums}(&{d.name}_sums)"
            elif writer.real.compensated:
                total = f"symloss_sum({d.name}_total, {d.name}_rest)"
            lines.append(line(f"const {writer.number} {d.name} = {writer.real.down}{total};", depth))
        elif d.op == "max" and term_of(s, d) in places:
            lines.append(line(f"const {writer.number} {d.name} = {places[term_of(s, d)]}_value;", depth))
    return lines


def _start_sum(writer: Writer, name: str, depth: int) -> list[Item]:
    rest = f", {name}_rest = 0.0" * writer.real.compensated
    writer.helpers.update(["add"] * writer.real.compensated)
    return [line(f"double {name}_total = 0.0{rest};", depth)]


def _start_sums(writer: Writer, name: str, depth: int) -> list[Item]:
    writer.helpers.update([f"sums{writer.real.sums}", adds_with(writer)])
    return [line(f"struct symloss_sums{writer.real.sums} {name}_sums = {writer.real.nothing};", depth)]


def _at_once(writer: Writer, s: Loop, depth: int) -> tuple[list[Item], Loop | None]:
    """What the support code finds in numbers that lie one after the other, and what is left of a loop."""
    found = {d.name: text for d in s.accumulators if (text := _row_of(writer, s, d))}
    places = {term_of(s, d): d.name for d in s.accumulators if d.op == "argmax" and d.name in found}
    lines: list[Item] = []
    for d in sorted((d for d in s.accumulators if d.name in found), key=lambda d: d.op != "argmax"):
        row = f"{found[d.name]}, {s.size.name}"
        if d.op == "argmax":
            lines.append(line(f"{writer.number} {d.name}_value;", depth))
            text = writer.show.called(writer.show.own("place"), row, f"&{d.name}_value")
            lines.append(line(f"const size_t {d.name} = {text};", depth))
        elif term_of(s, d) in places:
            lines.append(line(f"const {writer.number} {d.name} = {places[term_of(s, d)]}_value;", depth))
        else:
            text = writer.show.called(writer.show.own("largest"), row)
            lines.append(line(f"const {writer.number} {d.name} = {text};", depth))
    left = [t for t in s.body.statements if not (isinstance(t, Accumulate) and t.definition.name in found)]
    if all(isinstance(t, Define) for t in left):
        return lines, None
    return lines, Loop(s.index, s.size, [d for d in s.accumulators if d.name not in found], Block(left))


def _row_of(writer: Writer, s: Loop, d: Definition) -> str | None:
    """Where the terms lie that are compared; None where they must be computed, or lie apart."""
    term = term_of(s, d)
    if d.op == "sum" or not writer.real.native or not isinstance(term, Indexed):
        return None
    argument = next(
        (i for i in writer.loss.inputs if i.name == term.base.label.name and not i.type.classes), None
    )
    if argument is None or term.args[-1] != s.index or s.index in term.args[1:-1]:
        return None
    name, _, place = writer.show.load(term).removesuffix("]").partition("[")
    start = place.removesuffix(str(s.index)).removesuffix(" + ")
    return f"&{name}[{start}]" if start else name
