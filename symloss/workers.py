"""Shares a list of independent pieces of work among processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

__all__ = ["each"]


def each(work: Callable[[Any], Any], items: Sequence[Any]) -> Iterable[Any]:
    """The results in the order of the items; several processes share longer lists."""
    workers = min(os.cpu_count() or 1, len(items))
    if workers < 2:
        yield from map(work, items)
        return
    with ProcessPoolExecutor(workers, initializer=signal.signal, initargs=(signal.SIGINT, _leave)) as pool:
        yield from pool.map(partial(_done, work), items)


_leaving = False


def _leave(*_: Any) -> None:
    """End what a worker does when the user interrupts all of them: no word of its own, and nothing new is begun."""
    global _leaving
    _leaving = True
    raise SystemExit(130)


def _done(work: Callable[[Any], Any], item: Any) -> Any:
    if _leaving:
        raise SystemExit(130)
    return work(item)
