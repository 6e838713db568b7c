"""Cuts an answer that takes too long: it is then unknown, and says so."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from symloss.alarm import alarm, can_ring
from symloss.analyze.answer import Answer
from symloss.analyze.questions import QUESTIONS

__all__ = ["SECONDS", "Budget"]

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
        """The answer, or that there was no time for it."""
        found = self._within(question)
        return self._cut() if found is None else found

    def group(self, name: str, questions: Callable[[], dict[str, Answer]]) -> dict[str, Answer]:
        """The answers of a group that come together, or that there was no time for them."""
        found = self._within(questions)
        return {q.key: self._cut() for q in QUESTIONS if q.group == name} if found is None else found

    def _cut(self) -> Answer:
        words = f"Cut: it took more than its share of a budget of {self.seconds:g} seconds."
        return Answer(argument=words, details={"cut": True})

    def _within(self, question: Callable[[], _T]) -> _T | None:
        left = min(self.seconds / 6, self.end - time.monotonic())
        if left <= 0 and can_ring():
            return None
        try:
            with alarm(left, OutOfTime):
                return question()
        except OutOfTime:
            return None
