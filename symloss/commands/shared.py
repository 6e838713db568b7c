"""What commands share: places, numbers of things, and a line of progress."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

__all__ = ["counted", "place", "progress"]


def place(text: str) -> Path:
    """Where something is to be written. No place is meant by an empty text, as a variable that is not set gives it."""
    if not text:
        raise argparse.ArgumentTypeError("it is empty; name a place, or . for the folder that you are in")
    return Path(text)


def counted(number: int, one: str, many: str) -> str:
    """A number of things: 1 loss, 2 losses."""
    return f"{number} {one if number == 1 else many}"


def progress(items: Iterable, count: int, what: str) -> Iterator:
    """The items, with a line on the terminal that counts them; silent in a pipe."""
    terminal = sys.stderr.isatty()
    for done, item in enumerate(items, start=1):
        if terminal:
            print(f"\r{what} {done}/{count}", end="", file=sys.stderr, flush=True)
        yield item
    if terminal:
        print("\r" + " " * (len(what) + 12) + "\r", end="", file=sys.stderr, flush=True)
