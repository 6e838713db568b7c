"""Calls a function in a process of its own, with a time limit: a hang, a crash or an exit is then an answer too."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import signal
import tempfile
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from symloss.alarm import LONGEST
from symloss.verification.target import Answer, Target

__all__ = ["Sandbox", "SandboxError"]


class SandboxError(RuntimeError):
    """The function could not be had: its module does not exist, or fails where it is imported."""


class Sandbox:
    """A :class:`Target` in a child process. ``make`` gives the target there, so that the user's file runs there alone.

    The child is a fork of this process: nothing has to be pickled on the way in, and no interpreter is started. What
    it prints goes to a file. After a hang or a crash the next call begins with a new child. ``loading`` are the
    seconds until the target has to be there, ``seconds`` those of one call, and ``name`` is what is being loaded.
    """

    def __init__(
        self,
        make: Callable[[], tuple[Target, Any]],
        seconds: float,
        loading: float = 20.0,
        name: str = "the function",
    ):
        if not hasattr(os, "fork"):
            raise SandboxError(
                "a subprocess with a time limit needs a system that can fork, such as Linux or macOS"
            )
        self._make, self._seconds, self._loading, self._name = make, seconds, loading, name
        self._process: Any = None
        self._pipe: Any = None
        self.about: Any = None
        self.deaths = 0

    def start(self) -> Any:
        """Start the child; returns what ``make`` says about the target."""
        context = multiprocessing.get_context("fork")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(self._make, theirs), daemon=True)
        # a framework with threads warns of forks; a deadlock is cut like any other hang
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._process.start()
        theirs.close()
        answer = self._received(self._loading)
        if isinstance(answer, Answer):
            self.close()
            late = answer.kind == "timeout"
            words = f"{self._name}: its import does not end within {self._loading:g} s"
            raise SandboxError(words if late else answer.error)
        self.about = answer
        return answer

    def __call__(
        self, args: Sequence[Any], keywords: dict[str, Any], differentiated: tuple[int, ...] = ()
    ) -> Answer:
        """Call the function in the child."""
        if self._process is None:
            self.start()
        try:
            self._pipe.send((list(args), keywords, differentiated))
        except (OSError, ValueError):
            return self._died()
        return self._received(self._seconds)

    def _received(self, seconds: float) -> Any:
        try:
            if not self._pipe.poll(min(seconds, LONGEST)):
                self.close()
                self.deaths += 1
                return Answer(error=f"no answer within {seconds:g} s", kind="timeout", died=True)
            return self._pipe.recv()
        except (EOFError, OSError):
            return self._died()

    def _died(self) -> Answer:
        self._process.join(1)
        code = self._process.exitcode
        self.close()
        self.deaths += 1
        if code is not None and code < 0:
            try:
                name = signal.Signals(-code).name
            except ValueError:
                name = f"signal {-code}"
            return Answer(error=f"the process crashed ({name})", kind="exception", died=True)
        return Answer(error=f"it ended the process (exit status {code})", kind="exception", died=True)

    def close(self) -> None:
        """End the child."""
        if self._process is not None:
            if self._process.is_alive():
                self._process.kill()
            self._process.join(5)
            self._pipe.close()
        self._process = self._pipe = None


def _serve(make: Callable[[], tuple[Target, Any]], pipe: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.disable()  # a crash is reported by the parent
    # what C code or a child of the function writes, past Python's own streams, goes into the sink
    with tempfile.TemporaryFile() as sink:
        for stream in (1, 2):
            os.dup2(sink.fileno(), stream)
        try:
            target, about = make()
            pipe.send(about)
        except BaseException as error:
            pipe.send(Answer(error=str(error), kind="exception"))
            return
        while True:
            try:
                args, keywords, differentiated = pipe.recv()
            except (EOFError, OSError):
                return
            before = os.lseek(sink.fileno(), 0, os.SEEK_END)
            answer = target(args, keywords, differentiated)
            if not answer.printed and os.lseek(sink.fileno(), 0, os.SEEK_END) > before:
                answer.printed = "(to the process's output)"
            pipe.send(answer)
