"""``symloss certify``: measure the error of the generated code, and say so in its head."""

from __future__ import annotations

import argparse
import importlib.util
import os
from collections.abc import Iterable
from pathlib import Path

from symloss.commands.shared import counted, place
from symloss.request import requested

HELP = "measure the error of the generated code, and say so in its head"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("what", nargs="*", metavar="NAME|FILE.py", help="losses; none: the whole catalogue")
    parser.add_argument(
        "--seed", type=int, default=0, help="of the points that are drawn (default: %(default)s)"
    )
    parser.add_argument(
        "--depth", type=float, default=1.0, help="times the usual number of points (default: %(default)s)"
    )
    parser.add_argument(
        "--out", type=place, default=Path("generated"), help="the folder (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print the certificates as JSON")


def run(chosen: argparse.Namespace) -> int:
    """Run it; the exit status."""
    from symloss.generate import certify

    if importlib.util.find_spec("flint") is None or importlib.util.find_spec("tqdm") is None:
        raise RuntimeError("certify needs python-flint and tqdm: pip install 'symloss[certify]'")
    if chosen.seed < 0:
        raise ValueError(f"--seed is {chosen.seed}, expected a whole number that is at least 0")
    if not 0 < chosen.depth < float("inf"):
        raise ValueError(f"--depth is {chosen.depth}, expected a number above 0")
    found = certify(requested(chosen.what), chosen.seed, chosen.depth, chosen.out, _bar)
    if chosen.json:
        print(f"[{', '.join(c.json().rstrip() for c in found)}]")
    else:
        _print_certified(found, chosen.out)
    return 0 if all(c.sound for c in found) else 1


def _print_certified(found: list, out: Path) -> None:
    from symloss.certificate import FOLDER
    from symloss.generate import FORMATS

    width = max(len(c.loss) for c in found)
    kernels = [(backend, dtype) for backend in found[0].digests for dtype in FORMATS]
    print("the largest error in ulp, and as a share of the bound (1 and below is inside):")
    print(f"{'':{width}}  {'results':>8}  " + "  ".join(f"{b} {d[-2:]:>{16 - len(b)}}" for b, d in kernels))
    for c in found:
        cells = []
        for backend, dtype in kernels:
            rows = [m for m in c.of(backend) if m.dtype == dtype]
            ulps, share = max(m.ulps for m in rows), max(m.share for m in rows)
            cells.append(f"{ulps:8.2g} {share:8.2g}")
        verdict = "inside" if c.sound else "MISSES"
        print(f"{c.loss:{width}}  {sum(m.results for m in c.measured):8}  {'  '.join(cells)}  {verdict}")
    for c in found:
        for m in c.measured:
            if m.beyond and m.where is not None:
                print(
                    f"{c.loss}: {m.output} ({m.backend} {m.dtype}) is beyond the bound in {m.beyond} of {m.results} "
                    f"results, {m.ordinary_beyond} of {m.ordinary} at ordinary numbers: "
                    f"{m.where['computed']} instead of {m.where['exact']} at {m.where['at']}"
                )
    misses = sum(not c.sound for c in found)
    print(
        f"{counted(len(found), 'loss', 'losses')}, {misses} beyond the bound somewhere; {out / FOLDER}{os.sep}"
    )


def _bar(items: Iterable, count: int, what: str) -> Iterable:
    """The items, with a progress bar on a terminal."""
    from tqdm import tqdm

    return tqdm(items, desc=what, total=count, disable=None, leave=False)
