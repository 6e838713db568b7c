"""Gives work on deeply nested formulas the stack that it takes."""

from __future__ import annotations

import contextvars
import sys
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

__all__ = ["with_room"]

P = ParamSpec("P")
R = TypeVar("R")

STACK = 512 * 2**20
"""The bytes of stack that are set aside; only what is used of them takes memory."""

DEPTH = 60_000
"""The calls within calls that fit in there."""

_alone = threading.Lock()


def with_room(function: Callable[P, R]) -> Callable[P, R]:
    """The same function, which begins again with more stack where Python's usual one is too small.

    A sum of hundreds of terms, or a choice in a choice in a choice, goes deeper than Python's 1,000 calls. What the
    function does must be repeatable. RecursionError where this stack is too small as well.
    """

    @wraps(function)
    def roomy(*arguments: P.args, **options: P.kwargs) -> R:
        try:
            return function(*arguments, **options)
        except RecursionError:
            if threading.current_thread().name == _NAME:
                raise
        return _again(lambda: function(*arguments, **options))

    return roomy


_NAME = "symloss with room"


def _again(work: Callable[[], R]) -> R:
    made: list[R] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            made.append(work())
        except BaseException as error:
            failed.append(error)

    context: Any = contextvars.copy_context()
    with _alone:
        depth, stack = sys.getrecursionlimit(), threading.stack_size(STACK)
        try:
            sys.setrecursionlimit(max(depth, DEPTH))
            thread = threading.Thread(target=context.run, args=(run,), name=_NAME, daemon=True)
            thread.start()
            thread.join()
        finally:
            sys.setrecursionlimit(depth)
            threading.stack_size(stack)
    if failed:
        raise failed[0]
    return made[0]
