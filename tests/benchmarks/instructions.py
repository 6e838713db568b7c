"""Counts what is never noisy in the generated C: instructions and transcendental functions for each element.

Instructions are counted by Callgrind, from code that is compiled for the plain architecture; the C library is told to
use its plain functions, too, so that the processor does not matter. They are comparable with one compiler and one C
library. Transcendental functions are those of symloss.analyze.efficiency: each is one, however it is written in C.
With --update the counts are written into instructions.json, which a test holds the code to.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

import symloss
from symloss import runtime
from symloss.analyze.efficiency import WHAT, efficiency, elements, sizes
from symloss.backends import c as c_backend
from symloss.backends import environment
from symloss.sample import sample_argument
from symloss.schedule import BATCH
from symloss.value import Loss

FOLDER = Path(__file__).resolve().parent
KEPT = FOLDER / "instructions.json"
FLAGS = ("-std=c99", "-O3", "-ffp-contract=off")
ALLOWED = 1.05
"""How many times the kept count is no reason to complain."""

# Functions of the C library are chosen by the processor, unless it is told not to look.
PLAIN = "glibc.cpu.hwcaps=-AVX512F,-AVX2,-FMA,-FMA4,-AVX,-AVX2_Usable,-FMA_Usable,-FMA4_Usable,-AVX_Usable"


class Unavailable(Exception):
    """Instructions cannot be counted here; the message says why."""


def counted() -> list[str]:
    """The losses whose cost is one for each element: those that are elementwise, and those over axes."""
    return [name for name in symloss.names() if symloss.get(name).kind in ("elementwise", "axis")]


# --- instructions -----------------------------------------------------------------------------------------


def instructions(sources: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, float]]:
    """Instructions for each element, by the name of the loss and the format, of generated files by their ending."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise Unavailable("there is no valgrind")
    compiler = (os.environ.get("CC") or "cc").split()
    losses = [symloss.get(name) for name in sources]
    with tempfile.TemporaryDirectory() as folder:
        for name, files in sources.items():
            for suffix, text in files.items():
                Path(folder, f"{name}{suffix}").write_text(text, encoding="utf-8")
        text, data = _driver(losses)
        Path(folder, "main.c").write_text(text, encoding="utf-8")
        Path(folder, "data").write_bytes(data)
        if _status([*compiler, "-E", "main.c", "-o", "main.i"], folder):
            raise Unavailable("there is no valgrind/callgrind.h")
        names = [*(f"{name}.c" for name in sources), "main.c"]
        # the driver needs aligned_alloc, which C99 does not have
        commands = [
            [*compiler, *(FLAGS if name != "main.c" else ["-std=c11"]), "-c", name, "-o", f"{name}.o"]
            for name in names
        ]
        with ThreadPoolExecutor(2) as pool:
            for output in pool.map(lambda command: _status(command, folder), commands):
                if output:
                    raise RuntimeError(output)
        failed = _status([*compiler, *(f"{name}.o" for name in names), "-lm", "-o", "main"], folder)
        if failed:
            raise RuntimeError(failed)
        command = [
            valgrind,
            "--tool=callgrind",
            "--collect-atstart=no",
            "--callgrind-out-file=out",
            "./main",
            "data",
        ]
        failed = _status(command, folder, GLIBC_TUNABLES=PLAIN, LD_BIND_NOW="1", OMP_NUM_THREADS="1")
        if failed:
            raise RuntimeError(failed)
        totals = dict(_total(path) for path in Path(folder).glob("out.*"))
    return {
        loss.name: {
            f.real.numpy: float(f"{totals[f.name] / elements(loss):.4g}")
            for f in c_backend.formats(loss, WHAT)
        }
        for loss in losses
    }


def _total(path: Path) -> tuple[str, int]:
    text = path.read_text(encoding="utf-8")
    name = re.search(r"^desc: Trigger: Client Request: (\w+)$", text, re.MULTILINE)
    total = re.search(r"^totals: (\d+)$", text, re.MULTILINE)
    if name is None or total is None:
        raise RuntimeError(f"Callgrind wrote something else: {text[:500]}")
    return name[1], int(total[1])


def _status(command: Sequence[str], folder: str, **variables: str) -> str:
    """What is wrong with a command, or nothing."""
    run = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, **variables}
    )
    return "" if run.returncode == 0 else f"{' '.join(command)}: {run.returncode}\n{run.stderr[-2000:]}"


def _driver(losses: Sequence[Loss]) -> tuple[str, bytes]:
    """The program that calls every function, and the numbers that it reads."""
    functions, data = [], b""
    for loss in losses:
        for f in c_backend.formats(loss, WHAT):
            described, numbers = _described(loss, f)
            functions.append(described)
            data += numbers
    template = environment().overlay(loader=jinja2.FileSystemLoader(FOLDER)).get_template("instructions.c.j2")
    return template.render(names=[loss.name for loss in losses], functions=functions), data


def _described(loss: Loss, f: c_backend.Function) -> tuple[dict[str, Any], bytes]:
    lengths = sizes(loss)
    draw = random.Random(loss.name)
    inputs = {i.name: i for i in loss.inputs}
    parameters = {p.name: p for p in loss.parameters}
    declarations, passed, data = [], [], b""
    for a in f.arguments:
        if a.role in ("n", "size"):
            passed.append(str(lengths[a.name]))
        elif a.role == "input":
            one = inputs[a.name]
            lead = (lengths[BATCH],) if one.per_example else ()
            listed = sample_argument(draw, one, lengths, lead)
            array = np.array(listed, dtype=np.int64 if one.type.classes else f.real.numpy)
            kind = "int64_t" if one.type.classes else f.real.type
            declarations.append(f"const {kind} *{a.name} = numbers(file, {array.nbytes})")
            data += array.tobytes()
            passed.append(a.name)
        elif a.role in ("value", "derivative"):
            count = lengths[BATCH] if a.role == "value" else elements(loss, a.wrt)
            declarations.append(f"{f.real.type} *{a.name} = room({count} * sizeof({f.real.type}))")
            passed.append(a.name)
        elif a.role == "workspace":
            needed = f"symloss_{loss.name}_workspace({', '.join(str(lengths[x]) for x in loss.axes)})"
            declarations.append(f"double *workspace = room({needed} * sizeof(double))")
            passed.append(a.name)
        elif a.role == "parameter":
            passed.append(repr(parameters[a.name].default))
        else:
            passed.append({"weight": "NULL", "vector parameter": "NULL", "reduction": "SYMLOSS_MEAN"}[a.role])
    described = {"name": f.name, "declarations": declarations, "passed": ", ".join(passed)}
    return described, data


# --- what is kept -----------------------------------------------------------------------------------------


def toolchain() -> dict[str, str]:
    """What the number of instructions depends on, besides the code."""
    return {
        "compiler": runtime.compiler_version(),
        "flags": " ".join(FLAGS),
        "libc": " ".join(platform.libc_ver()),
        "architecture": platform.machine(),
    }


def worse(kept: Mapping[str, Any], now: Mapping[str, Any], compare_instructions: bool) -> list[str]:
    """What has become worse by more than ALLOWED, or is not kept at all."""
    found = []
    for name, figures in now.items():
        if name not in kept:
            found.append(f"{name}: there is no kept count; run {_COMMAND}")
            continue
        before, after = (sum(f["transcendental"].values()) for f in (kept[name], figures))
        if after > before * ALLOWED:
            found.append(f"{name}: {after:g} transcendental functions for each element, {before:g} before")
        if not compare_instructions:
            continue
        for dtype, count in figures["instructions"].items():
            allowed = kept[name]["instructions"][dtype]
            if count > allowed * ALLOWED:
                found.append(f"{name}, {dtype}: {count:g} instructions for each element, {allowed:g} before")
    return found


_COMMAND = "`.venv/bin/python tests/benchmarks/instructions.py --update`"


def rendered(name: str) -> dict[str, str]:
    """The generated C of a loss, as it is now."""
    return c_backend.render(symloss.get(name), f"symloss generate {name} --target c")


def main(arguments: Sequence[str] | None = None) -> int:
    """Count, and print what has changed or keep the counts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "losses", nargs="*", help="names; otherwise all losses that are elementwise or over axes"
    )
    parser.add_argument("--update", action="store_true", help="keep the counts in instructions.json")
    chosen = parser.parse_args(arguments)
    names = chosen.losses or counted()
    measured = instructions({name: rendered(name) for name in names})
    now = {
        n: {"instructions": measured[n], "transcendental": efficiency(symloss.get(n)).transcendental}
        for n in names
    }
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {"toolchain": {}, "losses": {}}
    comparable = kept["toolchain"] == toolchain()
    for name, figures in now.items():
        before = kept["losses"].get(name, {}).get("instructions", {}) if comparable else {}
        said = [
            f"{dtype} {n:g} (kept: {before.get(dtype, '–')})" for dtype, n in figures["instructions"].items()
        ]
        print(f"{name}: {', '.join(said)}; {figures['transcendental'] or 'no transcendental function'}")
    if chosen.update:
        losses = {**kept["losses"], **now} if chosen.losses and comparable else now
        lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(losses[name])}" for name in losses)
        head = json.dumps({"toolchain": toolchain()}, indent=1)[:-2]
        KEPT.write_text(f'{head},\n "losses": {{\n{lines}\n }}\n}}\n', encoding="utf-8")
        return 0
    complaints = worse(kept["losses"], now, comparable)
    print("\n".join(complaints))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
