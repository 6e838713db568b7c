"""Cuts a generated C source into translation units that can be compiled side by side."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Sequence

__all__ = ["cut", "units"]

_MOST = 4
"""In how many units a source is compiled: each of them repeats what the functions share."""


def units(name: str, source: str, functions: Sequence[str]) -> list[str]:
    """The source in units of about equal length, with the named functions only; whole without ``functions``."""
    if not functions or (found := cut(name, source, functions)) is None:
        return [source]
    shared, chosen = found
    parts: list[list[str]] = [[] for _ in range(min(os.cpu_count() or 1, _MOST, len(chosen)))]
    for piece in sorted(chosen, key=len, reverse=True):
        min(parts, key=lambda part: sum(map(len, part))).append(piece)
    return [shared + "".join(part) for part in parts]


def cut(name: str, source: str, functions: Sequence[str]) -> tuple[str, list[str]] | None:
    """What the functions of a generated source share, and the named ones, each with what it alone needs.

    None where something stands between functions that more than one of them may need.
    """
    own = r"static (?:inline )?\w+ symloss_\w+_of_(?:example|thread)\("  # stand in front of what calls them
    begin = rf"^(?:(?:/\*[^\n]*\n)?{own}.*?)?^\w+ symloss_{name}_\w+\("
    starts = [m.start() for m in re.finditer(begin, source, re.MULTILINE | re.DOTALL)]
    pieces = [source[a:b] for a, b in itertools.pairwise([*starts, len(source)])]
    between = re.compile(rf"^(?!{own})(static|#define)\b", re.MULTILINE)
    if any(between.search(piece) for piece in pieces):
        return None
    names = [re.findall(r"^(\w+) (symloss_\w+)\(", piece, re.MULTILINE)[0] for piece in pieces]
    return source[: starts[0]], [
        piece
        for piece, (type_, function) in zip(pieces, names, strict=True)
        if type_ != "int" or function in functions  # the length of a workspace is wanted with any of them
    ]
