"""Shares a list of independent pieces of work among processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

__all__ = ["each"]


def each(work: Callable[[Any], Any], items: Sequence[Any]) -> Iterable[Any]:
    """The results in the order of the items; several processes share longer lists."""
    workers = min(os.cpu_count() or 1, len(items))
    if workers < 2:
        yield from map(work, items)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(work, items)
