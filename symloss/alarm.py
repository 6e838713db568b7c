"""An alarm that ends what takes too long, where the system and the thread can have one."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["LONGEST", "alarm", "can_ring"]

LONGEST = 1e6
"""Seconds that a clock of the system can be set to anywhere; whoever gives more, or infinity, does not want an end."""


def can_ring() -> bool:
    """Whether there are alarms: only the main thread of a process has them, and not on every system."""
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


@contextlib.contextmanager
def alarm(seconds: float, error: Callable[[], BaseException]) -> Iterator[None]:
    """Raise ``error()`` in the block once it has taken so many seconds; where no alarm can ring, it takes its time."""
    if not can_ring():
        yield
        return
    running = True

    def ring(*_: Any) -> None:
        if running:
            raise error()

    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, min(seconds, LONGEST))
        yield
    finally:
        running = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
