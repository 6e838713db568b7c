"""Counts false alarms: the right gradients of the corpus, each under its share of the seeds.

A function whose floating point fails counts as an alarm when it is called wrong. ``--seeds 1000`` is what the docs
speak of; with two processes it takes some minutes.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def right_cases() -> list[str]:
    """The names of the right gradients that can be run here."""
    from verification.corpus import CASES, RIGHT

    def has(need: str) -> bool:
        return shutil.which(need) is not None if need == "cc" else importlib.util.find_spec(need) is not None

    return [n for n, c in CASES.items() if c.verdict == RIGHT and all(map(has, c.needs))]


def pairs(seeds: int) -> Iterator[tuple[str, int]]:
    """Case and seed, so that every seed from 0 on is used once and the cases take turns."""
    names = right_cases()
    yield from ((names[seed % len(names)], seed) for seed in range(seeds))


def alarm(pair: tuple[str, int]) -> str | None:
    """What is wrong with a report that calls a right gradient anything but right, or a stable one unstable."""
    from verification.corpus import CASES
    from verification.corpus.judge import judged

    name, seed = pair
    with tempfile.TemporaryDirectory() as folder:
        outcome = judged(CASES[name], Path(folder), seed)
    return None if outcome.verdict_right else f"seed {seed}: {outcome}"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=1000, help="how many seeds (default: 1000)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    alarms = []
    with ProcessPoolExecutor(arguments.workers) as pool:
        for found in pool.map(alarm, pairs(arguments.seeds), chunksize=4):
            if found:
                alarms.append(found)
                print(found, flush=True)
    print(f"{len(alarms)} false alarms in {arguments.seeds} seeds, {len(right_cases())} right gradients")
    return bool(alarms)


if __name__ == "__main__":
    sys.exit(main())
