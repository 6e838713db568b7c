"""A process that prepares and times contenders as it is told, one JSON line at a time.

Requests are ``prepare``, ``time`` and ``release``; what libraries print goes to standard error.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
import warnings
from dataclasses import asdict
from typing import Any

import numpy as np
from cases import Case
from contenders import CONTENDERS, Ready, Unavailable, in_a_line

PROBES = 16
"""How many entries of the gradient are sent home, evenly spread, to be compared."""


class Worker:
    """The contenders of one process, with the case that they are at."""

    def __init__(self, threads: int):
        self.threads = threads
        self.ready: dict[str, tuple[Ready, int]] = {}
        self.arrays: tuple[dict, tuple[np.ndarray, np.ndarray]] | None = None

    def prepare(self, contender: str, case: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Make ready and warm up; find how many calls last so long; say what comes out, or why nothing does."""
        one = next(c for c in CONTENDERS if c.name == contender)
        at = Case(**case)
        if self.arrays is None or self.arrays[0] != asdict(at):
            self.arrays = (asdict(at), at.arrays())
        try:
            ready = one.prepare(at, self.arrays[1], self.threads)
            ready.seconds(1)
            took, calls = ready.seconds(1), 1
            while took < seconds / 4:
                calls *= 4
                took = ready.seconds(calls)
            self.ready[contender] = (ready, max(1, round(calls * seconds / max(took, 1e-9))))
            result = ready.result()
        except Unavailable as reason:
            return {"skipped": without_folders(str(reason))}
        except Exception as error:  # one contender's trouble is not the others'
            return {"skipped": without_folders(in_a_line(error))}
        if result is None:
            return {"calls": self.ready[contender][1]}
        flat = result[1].reshape(-1)
        probes = flat[:: max(1, flat.size // PROBES)][:PROBES].astype(float) * at.examples
        return {"calls": self.ready[contender][1], "value": result[0], "probes": probes.tolist()}

    def time(self, contender: str) -> dict[str, float]:
        """One sample: seconds for each call, and how many processors were busy meanwhile."""
        ready, calls = self.ready[contender]
        busy, start = time.process_time(), time.perf_counter()
        seconds = ready.seconds(calls)
        passed = time.perf_counter() - start
        return {"seconds": seconds / calls, "processors": (time.process_time() - busy) / max(passed, 1e-9)}

    def release(self) -> dict[str, Any]:
        """Forget the case."""
        self.ready.clear()
        self.arrays = None
        return {}


def without_folders(text: str) -> str:
    """Reasons go into a document, which is to say nothing of where things lie on this machine."""
    return re.sub(r"(?<![\w.])/(?:[^\s/'\"]+/)+", "", text)


def main() -> None:
    """Answer requests until there are no more."""
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    worker = Worker(int(sys.argv[1]))
    for line in sys.stdin:
        request = json.loads(line)
        answer = getattr(worker, request.pop("do"))(**request)
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
