"""What commands share: the losses that words on the command line stand for, places, and a line of progress."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from symloss.store import kept

__all__ = ["counted", "place", "progress", "requested"]


def requested(what: list[str]) -> list:
    """The losses that words on the command line stand for."""
    from symloss.generate import Request

    catalogue = kept(("names",), _catalogue)
    if not what:
        return [Request(name, name) for name in catalogue]
    requests = []
    for origin in what:
        if origin in catalogue:
            requests.append(Request(origin, origin))
        else:
            file, names = _found(origin)
            requests += [Request(name, file) for name in names]
    known: dict[str, str] = {}
    for name in (r.name for r in requests):
        other = known.get(name.casefold())
        if other == name:
            raise ValueError(f"{name} is asked for twice; one of its files would overwrite the other")
        if other is not None:
            raise ValueError(
                f"{other} and {name} differ by a capital letter alone: file systems and the guards of C's headers "
                "take them for the same; rename one"
            )
        known[name.casefold()] = name
    return requests


def _catalogue() -> list[str]:
    from symloss import losses

    return list(losses.names())


def _found(origin: str) -> tuple[str, list[str]]:
    """The file of a word, or the word where it has none, and the names of its losses."""
    from symloss import library

    file, _ = library.parted(origin)
    return str(file or origin), list(library.find(origin))


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
