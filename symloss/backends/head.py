"""What stands at the head of every generated file: formula, gradient, shapes, and the command that made it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from symloss.value import Loss

__all__ = ["Head", "head", "plain"]


@dataclass(frozen=True)
class Head:
    """Plain text, wrapped, in ASCII, so that it can stand in a comment of any language."""

    title: list[str]
    formula: list[str]
    gradients: list[list[str]]
    shapes: list[str]
    command: str
    certificate: list[str]


def head(loss: Loss, command: str, certificate: Sequence[str] = (), formats: Sequence[str] = ()) -> Head:
    """The head of the files of a loss; ``formats`` says how what is not a double is computed."""
    over = "one example" if loss.batch == 0 else "the batch"
    formula = [f"loss of {over} = {loss.expression}"]
    formula += [f"  where {_called(d)} = {d.expr}" for d in loss.definitions.values()]
    if loss.normalizer != 1:
        formula.append(f"the mean divides by the sum of {loss.normalizer}")
    gradients = [_wrapped(f"d/d{name} = {loss.gradient(name)}") for name in loss.differentiated]
    return Head(
        title=_wrapped(f"{loss.name}: {loss.summary}" if loss.summary else loss.name),
        formula=[line for part in formula for line in _wrapped(part)],
        gradients=gradients,
        shapes=[*_shapes(loss), *(line for text in formats for line in _wrapped(text))],
        command=plain(command),
        certificate=[line for text in certificate for line in _wrapped(text)],
    )


def _called(d) -> str:
    return f"{d.name}[{', '.join(str(i) for i in d.indices)}]" if d.indices else d.name


def _shapes(loss: Loss) -> list[str]:
    elementwise = loss.kind == "elementwise"
    lines = []
    for one in loss.inputs:
        axes = ", ".join(([] if elementwise else ["..."] if one.per_example else []) + list(one.axes))
        shape = "any shape, the same for all" if elementwise else f"({axes})"
        lines.append(f"{one.name}: {plain(str(one.type))}, {shape}")
    for p in loss.parameters:
        shape = f", ({', '.join(p.axes)})" if p.axes else ""
        lines.append(f"{p.name}: {plain(str(p.type))}{shape}, default {p.default}")
    return lines


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(plain(text), 100, subsequent_indent="    ", break_long_words=False) or [""]


_PLAIN = {
    "≥": ">=",
    "≤": "<=",
    "ℓ": "l",
    "·": "*",
    "−": "-",
    "–": "-",
    "’": "'",
    "σ": "sigma",
    "∞": "oo",
    "…": "...",
}


def plain(text: str) -> str:
    """Text that ends no comment and no string, in printable ASCII."""
    for special, plain in _PLAIN.items():
        text = text.replace(special, plain)
    text = text.encode("ascii", "replace").decode("ascii").replace("\\", "/").replace('"', "'")
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return text.replace("*/", "* /").replace("/*", "/ *").replace("??", "? ?")
