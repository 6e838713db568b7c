"""Fuzzes the generated C: every function of a loss, with any sizes and any numbers, under sanitizers.

The harness is rendered from the signatures that the C backend itself uses; fuzz.c.j2 says what it decodes and checks.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import jinja2

import symloss
from symloss.backends import c as c_backend
from symloss.backends import environment
from symloss.derive import vectors_of
from symloss.library import find
from symloss.schedule import BATCH, functions_of
from symloss.value import Loss

FOLDER = Path(__file__).resolve().parent
DOCUMENT = FOLDER.parent.parent / "docs" / "robustness.md"
LARGEST = 6
"""The longest axis: enough for every loop to turn, short enough for thousands of runs a second."""
# The depth of the stack counts as coverage by default; it depends on where the stack lies, so no run would repeat.
FLAGS = (
    "-std=c99 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all "
    "-fno-sanitize-coverage=stack-depth"
).split()
# Comparisons are not traced, for the same reason; leaks are not looked for, because nothing allocates.
OPTIONS = "-use_cmp=0 -detect_leaks=0 -len_control=0 -max_len=512 -rss_limit_mb=1024 -verbosity=1".split()


@dataclass(frozen=True)
class Outcome:
    """What a run did: calls by the status that they returned, and what the first finding was."""

    name: str
    functions: int
    executions: int
    calls: tuple[int, ...]
    finding: str | None


def harness(loss: Loss) -> str:
    """The C text that feeds every function of a loss."""
    functions = [f for what in functions_of(loss) for f in c_backend.formats(loss, what)]
    template = environment().overlay(loader=jinja2.FileSystemLoader(FOLDER)).get_template("fuzz.c.j2")
    return template.render(
        name=loss.name,
        largest=LARGEST,
        formats=c_backend.FORMATS,
        functions=[_described(loss, f) for f in functions],
    )


def _described(loss: Loss, f: c_backend.Function) -> dict:
    arguments = [_argument(loss, f, a) for a in f.arguments]
    needed = any(a.role == "workspace" for a in f.arguments)
    return {
        "name": f.name,
        "what": f.what,
        "real": f.real.name,
        "type": f.real.type,
        "workspace": f"symloss_{loss.name}_workspace({', '.join(loss.axes)})" if needed else "",
        "arguments": arguments,
    }


def _argument(loss: Loss, f: c_backend.Function, a: c_backend.Argument) -> dict:
    """How an argument is made of bytes, and how it is passed."""
    real, name, count = f.real, a.name, _count(loss, a)
    classes = {i.name: i.type.classes for i in loss.inputs}.get(name)
    array = {
        "input": f"numbers_{real.name}(&b, {count})",
        "weight": f"numbers_or_null_{real.name}(&b, {BATCH})",
        "vector parameter": f"numbers_or_null_{real.name}(&b, {count})",
    }
    scalar = {
        "n": "const size_t {} = length(&b)",
        "size": "const size_t {} = length(&b)",
        "reduction": "const int {} = one_reduction(&b)",
        "parameter": f"const {real.type} {{}} = one_{real.name}(&b)",
    }
    made, passed = scalar.get(a.role, "").format(name), name
    if a.role == "parameter" and a.type == "int64_t":
        made = f"const int64_t {name} = one_whole(&b)"
    elif classes:
        made = f"int64_t *{name} = indices(&b, {count}, {classes})"
    elif a.role in array:
        made = f"{real.type} *{name} = {array[a.role]}"
    elif a.role in ("value", "derivative"):
        passed = f"({real.type} *){name}[call]"
    owned = a.role in array
    return {"name": name, "role": a.role, "made": made, "passed": passed, "count": count, "owned": owned}


def _count(loss: Loss, a: c_backend.Argument) -> str:
    """How many numbers an array holds, as C text."""
    if a.role == "value":
        each = loss.example != 0 and loss.batch == 0
        return f"reduction == SYMLOSS_NONE ? {BATCH} : 1" if each else "1"
    known = {one.name: one for one in (*loss.inputs, *loss.parameters)}
    known |= {v.name: v for v in vectors_of(loss)}
    if a.role not in ("input", "vector parameter", "derivative"):
        return ""
    one = known[a.wrt if a.role == "derivative" else a.name]
    return " * ".join([*([BATCH] if one.per_example else []), *one.axes]) or "1"


def write(loss: Loss, folder: Path, files: dict[str, str] | None = None) -> list[str]:
    """Put harness, header and source into a folder; the names of what is to be compiled."""
    files = files or c_backend.render(loss, "the fuzzer")
    for suffix, text in {**files, "_fuzz.c": harness(loss)}.items():
        (folder / f"{loss.name}{suffix}").write_text(text, encoding="utf-8")
    return [f"{loss.name}.c", f"{loss.name}_fuzz.c"]


def fuzz(loss: Loss, runs: int, seed: int = 1, files: dict[str, str] | None = None) -> Outcome:
    """Build the harness with a loss's generated files (or others in their place), and run it."""
    with tempfile.TemporaryDirectory(prefix="symloss-fuzz-") as place:
        sources = write(loss, Path(place), files)
        build = ["clang", *FLAGS, *sources, "-o", "fuzz", "-lm"]
        built = subprocess.run(build, cwd=place, capture_output=True, text=True, check=False)
        if built.returncode != 0:
            raise RuntimeError(f"{loss.name}: clang does not build the harness\n{built.stderr[-4000:]}")
        command = ["./fuzz", f"-runs={runs}", f"-seed={seed}", *OPTIONS]
        done = subprocess.run(
            command, cwd=place, capture_output=True, text=True, errors="replace", check=False
        )
    functions = 2 * len(functions_of(loss))
    executed = re.findall(r"^(?:#|Done )(\d+)", done.stderr, re.MULTILINE)
    counted = re.search(r"^CALLS ([\d ]+)$", done.stderr, re.MULTILINE)
    calls = tuple(map(int, counted.group(1).split())) if counted else ()
    finding = None if done.returncode == 0 and calls else _finding(done.stderr)
    return Outcome(loss.name, functions, int(executed[-1]) if executed else 0, calls, finding)


def _finding(said: str) -> str:
    """The line that names the fault, and the report from there on."""
    found = re.search(r"^.*(FINDING |runtime error: |ERROR: ).*$", said, re.MULTILINE)
    return said[found.start() :][:6000] if found else said[-6000:]


# --- the table ----------------------------------------------------------------------------------------------


def table(outcomes: list[Outcome]) -> str:
    """The counts, in Markdown."""
    rows = [
        "| loss | functions | executions | calls | of these refused | findings |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for o in outcomes:
        calls, refused = sum(o.calls), sum(o.calls[1:])
        rows.append(
            f"| {o.name} | {o.functions} | {o.executions:,} | {calls:,} | {refused:,} | {int(bool(o.finding))} |"
        )
    total = [
        sum(o.functions for o in outcomes),
        sum(o.executions for o in outcomes),
        sum(sum(o.calls) for o in outcomes),
        sum(sum(o.calls[1:]) for o in outcomes),
        sum(1 for o in outcomes if o.finding),
    ]
    rows.append("| **all** | " + " | ".join(f"{t:,}" for t in total) + " |")
    return "\n".join(rows) + "\n"


def updated(text: str, part: str) -> str:
    """A document's text with the table in its place."""
    between = re.compile(r"(<!-- fuzz -->\n).*?(<!-- end of fuzz -->)", re.DOTALL)
    text, count = between.subn(lambda m: m.group(1) + part + m.group(2), text)
    if count != 1:
        raise SystemExit(f"{DOCUMENT.name} has {count} places for the table of the fuzzer, expected 1")
    return text


def main() -> int:
    """Fuzz the losses named, or all; 1 where there is a finding."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="a loss of the catalogue, or a file of losses (default: the catalogue)",
    )
    parser.add_argument(
        "--runs", type=int, default=20_000, help="executions of each loss (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the fuzzer, not 0 (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="losses at a time")
    parser.add_argument("--update", action="store_true", help=f"write the table into docs/{DOCUMENT.name}")
    options = parser.parse_args()
    if shutil.which("clang") is None:
        raise SystemExit("there is no clang on this machine")
    chosen = [loss for word in options.names or symloss.names() for loss in find(word).values()]

    def one(loss: Loss) -> Outcome:
        outcome = fuzz(loss, options.runs, options.seed)
        said = f"FOUND\n{outcome.finding}" if outcome.finding else "nothing found"
        print(f"{loss.name}: {outcome.executions:,} executions, {said}", file=sys.stderr, flush=True)
        return outcome

    with ThreadPoolExecutor(options.workers) as pool:
        outcomes = list(pool.map(one, chosen))
    written = table(outcomes)
    print(written, end="")
    if options.update:
        DOCUMENT.write_text(updated(DOCUMENT.read_text(encoding="utf-8"), written), encoding="utf-8")
    return int(any(o.finding for o in outcomes))


if __name__ == "__main__":
    sys.exit(main())
