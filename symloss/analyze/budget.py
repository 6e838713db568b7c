"""Cuts an answer that takes too long: it is then unknown, and says so."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from symloss.alarm import alarm, can_ring
from symloss.analyze.answer import Answer
from symloss.analyze.questions import QUESTIONS

__all__ = ["SECONDS", "Budget", "failed"]

_T = TypeVar("_T")

SECONDS = 60.0
"""For all answers about one tensor together; one of them may take a sixth of it."""


class OutOfTime(BaseException):
    """No Exception, so that no one who tries something else when a step fails takes it for a failure."""


class Budget:
    """The time that a review may take.

    Answers are cut by an alarm; where none can ring they take the time that they need.
    """

    def __init__(self, seconds: float = SECONDS):
        self.seconds = seconds
        self.end = time.monotonic() + seconds

    def answer(self, question: Callable[[], Answer]) -> Answer:
        """The answer, or why there is none: there was no time for it, or the analysis failed."""
        return self._within(question, lambda answer: answer)

    def group(
        self, name: str, questions: Callable[[], dict[str, Answer]], keys: Sequence[str] = ()
    ) -> dict[str, Answer]:
        """The answers of a group (or to ``keys`` of it) that come together, or why there are none."""
        keys = keys or [q.key for q in QUESTIONS if q.group == name]
        return self._within(questions, lambda answer: dict.fromkeys(keys, answer))

    def _cut(self) -> Answer:
        words = f"Cut: it took more than its share of a budget of {self.seconds:g} seconds."
        return Answer(argument=words, details={"cut": True})

    def _within(self, question: Callable[[], _T], without: Callable[[Answer], _T]) -> _T:
        """What is found, or what ``without`` makes of the answer that says why nothing is."""
        left = min(self.seconds / 6, self.end - time.monotonic())
        if left <= 0 and can_ring():
            return without(self._cut())
        try:
            with alarm(left, OutOfTime):
                return question()
        except OutOfTime:
            return without(self._cut())
        except Exception as error:
            return without(failed(error))


def failed(error: Exception) -> Answer:
    """The answer to a question whose analysis broke: a defect of the analysis, which leaves the other answers whole."""
    kind, words = type(error).__name__, str(error).strip()
    told = f"{kind}: {words.splitlines()[0]}" if words else kind
    return Answer(
        argument=f"The analysis failed ({told}). This is a defect of symloss, and says nothing about the loss.",
        details={"failed": kind},
    )
