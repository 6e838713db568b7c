"""A line of progress, which commands share."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

__all__ = ["progress"]


def progress(items: Iterable, count: int, what: str) -> Iterator:
    """The items, with a line on the terminal that counts them; silent in a pipe."""
    terminal = sys.stderr.isatty()
    for done, item in enumerate(items, start=1):
        if terminal:
            print(f"\r{what} {done}/{count}", end="", file=sys.stderr, flush=True)
        yield item
    if terminal:
        print("\r" + " " * (len(what) + 12) + "\r", end="", file=sys.stderr, flush=True)
