"""Measures the speed of value and gradient together, of symloss and of its peers, and writes docs/speed.md.

Contenders and the machine's own limits take turns, round after round, each library in a process of its own for each
number of threads. Prints a Markdown table; with --update also writes the document, its data and its plot.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[2] / "docs"))

from cases import CLASSES, LENGTHS, LOSSES, Case, cases
from compiled import FLAGS
from contenders import CONTENDERS, Contender
from marked_parts import replaced
from speed_goals import shortfalls
from speed_report import plot, table

import symloss
from symloss.runtime import compiler

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = "symloss C"
TOLERANCE = {"float64": 1e-6, "float32": 2e-3}
"""How far a contender may be off: it must compute the same thing, however well."""


class Process:
    """One library with one number of threads."""

    def __init__(self, threads: int, scratch: str):
        environment = {
            **os.environ,
            **dict.fromkeys(
                (
                    "OMP_NUM_THREADS",
                    "MKL_NUM_THREADS",
                    "OPENBLAS_NUM_THREADS",
                    "NUMEXPR_MAX_THREADS",
                    "NPROC",
                ),
                str(threads),
            ),
            "XLA_FLAGS": f"--xla_cpu_multi_thread_eigen={str(threads > 1).lower()}",
            "JAX_PLATFORMS": "cpu",
            "TORCHINDUCTOR_CACHE_DIR": scratch,
        }
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("speed_worker.py")), str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
            cwd=scratch,
        )

    def send(self, **request: Any) -> None:
        """Ask for something."""
        assert self._process.stdin is not None
        # what is wrong is said when the answer is missing
        with contextlib.suppress(BrokenPipeError):
            print(json.dumps(request), file=self._process.stdin, flush=True)

    def answer(self) -> dict[str, Any]:
        """What came of what was asked for."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        return json.loads(line) if line else {"skipped": "its process ended"}

    def end(self) -> None:
        """Let it finish."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def measure(
    chosen: Sequence[Case],
    threads: Sequence[int],
    rounds: int,
    seconds: float,
    contenders: Iterable[Contender] = CONTENDERS,
) -> list[dict[str, Any]]:
    """Every contender at every case: seconds of each call, in every round, or why there are none."""
    present = [c for c in contenders if c.version is not None]
    results = []
    with tempfile.TemporaryDirectory() as scratch:
        processes = {
            where: Process(where[1], scratch)
            for where in dict.fromkeys(
                (c.process, count) for c in present for count in (threads if c.threaded else (1,))
            )
        }
        try:
            for number, case in enumerate(chosen, 1):
                print(
                    f"{number}/{len(chosen)} {case.loss} {case.size} {case.dtype}",
                    file=sys.stderr,
                    flush=True,
                )
                results += _at(case, present, threads, processes, rounds, seconds)
        finally:
            for process in processes.values():
                process.end()
    return results


def _at(
    case: Case,
    present: Sequence[Contender],
    threads: Sequence[int],
    processes: dict[tuple[str, int], Process],
    rounds: int,
    seconds: float,
) -> list[dict[str, Any]]:
    turns = [
        (c, count)
        for name, count in processes
        for c in present
        if c.process == name and (count in threads if c.threaded else count == 1)
    ]
    entries: dict[tuple[str, int], dict[str, Any]] = {}
    for one, count in turns:
        process = processes[one.process, count]
        process.send(do="prepare", contender=one.name, case=asdict(case), seconds=seconds)
        entries[one.name, count] = {
            **asdict(case),
            "contender": one.name,
            "threads": count,
            **process.answer(),
            "samples": [],
            "processors": [],
        }
    _compare(case, entries)
    for _ in range(rounds):
        for one, count in turns:
            entry = entries[one.name, count]
            if "skipped" in entry:
                continue
            process = processes[one.process, count]
            process.send(do="time", contender=one.name)
            answer = process.answer()
            if "skipped" in answer:
                entry |= answer
                continue
            entry["samples"].append(float(f"{answer['seconds']:.4g}"))
            entry["processors"].append(round(answer["processors"], 2))
    for process in processes.values():
        process.send(do="release")
        process.answer()
    for entry in entries.values():
        entry.pop("value", None), entry.pop("probes", None), entry.pop("calls", None)
        shares = entry["processors"]
        entry["processors"] = round(statistics.median(shares), 2) if shares else None
    return list(entries.values())


def _compare(case: Case, entries: dict[tuple[str, int], dict[str, Any]]) -> None:
    """A contender that computes something else is not timed."""
    expected = next((e for (name, _), e in entries.items() if name == REFERENCE and "value" in e), None)
    if expected is None:
        return
    tolerance = TOLERANCE[case.dtype]
    for entry in entries.values():
        if "value" not in entry:
            continue
        same_value = math.isclose(entry["value"], expected["value"], rel_tol=tolerance, abs_tol=tolerance)
        if not same_value:
            entry["skipped"] = "its value is another"
        elif not np.allclose(entry["probes"], expected["probes"], rtol=tolerance, atol=tolerance):
            entry["skipped"] = "its gradient is another"


def machine() -> dict[str, Any]:
    """What the figures belong to, without the names of hosts and folders."""
    return {
        "processor": _processor(),
        "processors": os.cpu_count(),
        "architecture": platform.machine(),
        "libc": " ".join(platform.libc_ver()),
        "compiler": compiler.compiler_version(),
        "flags of the kernels": " ".join(
            [*compiler.native(compiler.compiler())[0], *compiler.FLAGS, compiler.THREADS]
        ),
        "flags of the benchmark": " ".join(FLAGS),
        "python": platform.python_version(),
    }


def _processor() -> str:
    try:
        found = re.search(
            r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE
        )
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def versions() -> dict[str, str | None]:
    """Of everything that takes part; None where it is not installed."""
    found: dict[str, str | None] = {"symloss": symloss.__version__, "numpy": np.__version__}
    return found | {c.distribution: c.version for c in CONTENDERS if c.distribution}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, and write what is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--losses", help="names, with commas between them, or all; otherwise the core ones")
    parser.add_argument("--sizes", help="numbers of elements and of classes, with commas between them")
    parser.add_argument("--dtypes", default="float64,float32")
    parser.add_argument("--threads", default="1,2", help="numbers of threads")
    parser.add_argument("--rounds", type=int, default=5, help="how many samples each contender has")
    parser.add_argument("--seconds", type=float, default=0.01, help="how long one sample lasts, at least")
    parser.add_argument("--quick", action="store_true", help="a subset that takes about a minute")
    parser.add_argument("--json", type=Path, help="where to write the measured data")
    parser.add_argument("--plot", type=Path, help="where to write the plot, as SVG")
    parser.add_argument("--read", type=Path, help="measured data to report again, instead of measuring")
    parser.add_argument("--update", action="store_true", help="write docs/speed.md, .json and .svg")
    chosen = parser.parse_args(arguments)
    read = chosen.read
    data = json.loads(read.read_text(encoding="utf-8")) if read else _measured(chosen, parser)
    report = table(data)
    goals = shortfalls(data)
    print(f"{goals}\n{report}", end="")
    folder = ROOT / "docs"
    for path in {chosen.json, folder / "speed.json" if chosen.update else None} - {None}:
        path.write_text(_lines(data), encoding="utf-8")
    for path in {chosen.plot, folder / "speed.svg" if chosen.update else None} - {None}:
        plot(data, path)
    if chosen.update:
        document = folder / "speed.md"
        text = replaced(
            document.read_text(encoding="utf-8"), {"speed": report, "goals": goals}, "docs/speed.md"
        )
        document.write_text(text, encoding="utf-8")
    return 0


def _measured(chosen: argparse.Namespace, parser: argparse.ArgumentParser) -> dict[str, Any]:
    core = [name for name, work in LOSSES.items() if work.core]
    names = {None: core, "all": list(LOSSES)}.get(chosen.losses) or chosen.losses.split(",")
    sizes = [int(float(s)) for s in chosen.sizes.split(",")] if chosen.sizes else [*LENGTHS, *CLASSES]
    dtypes, threads = chosen.dtypes.split(","), [int(t) for t in chosen.threads.split(",")]
    if chosen.quick:
        names = (
            names if chosen.losses else ["mean_squared_error", "binary_cross_entropy_with_logits", core[-1]]
        )
        sizes = sizes if chosen.sizes else [100_000, 1_000]
        dtypes, threads, chosen.rounds, chosen.seconds = dtypes[:1], threads[:1], 3, 0.005
    unknown = [name for name in names if name not in LOSSES]
    if unknown:
        parser.error(f"unknown losses: {', '.join(unknown)}; there are {', '.join(LOSSES)}")
    wanted = cases(names, sizes, dtypes)
    if not wanted:
        parser.error(
            f"none of the losses has such a size; there are {[*LENGTHS]} elements, {[*CLASSES]} classes"
        )
    results = measure(wanted, threads, chosen.rounds, chosen.seconds)
    return {
        "machine": machine(),
        "versions": versions(),
        "rounds": chosen.rounds,
        "seconds": chosen.seconds,
        "results": results,
    }


def _lines(data: dict[str, Any]) -> str:
    """JSON with a line for each result, so that a change of one is a change of a line."""
    head = json.dumps({k: v for k, v in data.items() if k != "results"}, indent=1)[:-2]
    results = ",\n".join("  " + json.dumps(result) for result in data["results"])
    return f'{head},\n "results": [\n{results}\n ]\n}}\n'


if __name__ == "__main__":
    sys.exit(main())
