"""``symloss generate``: write source code and LaTeX, and check it."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from symloss.commands.shared import counted, place, progress
from symloss.request import requested

HELP = "write source code and LaTeX"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("what", nargs="*", metavar="NAME|FILE.py", help="losses; none: the whole catalogue")
    parser.add_argument(
        "--target", default="numpy,c,latex", help="a comma-separated list (default: %(default)s)"
    )
    parser.add_argument(
        "--out", type=place, default=Path("generated"), help="the folder (default: %(default)s)"
    )
    parser.add_argument("--check", action="store_true", help="build the C and check every gradient, too")


def run(chosen: argparse.Namespace) -> int:
    """Run it; the exit status."""
    from symloss import backends
    from symloss.generate import check, generate

    targets = list(dict.fromkeys(t for t in chosen.target.split(",") if t))
    if not targets:
        raise ValueError(f"--target {chosen.target!r} names none of {', '.join(backends.BACKENDS)}")
    for target in targets:
        if target not in backends.BACKENDS:
            backends.get(target)
    requests = requested(chosen.what)
    written = generate(requests, targets, chosen.out, progress, whole=not chosen.what)
    if not chosen.check:
        folders = sorted({str(path.parent) for path in written})
        print(f"{_losses(requests)}, {counted(len(written), 'file', 'files')} in {', '.join(folders)}")
        return 0
    return _print_checked(requests, check(requests, progress), chosen.out, targets)


def _losses(requests: list) -> str:
    return counted(len(requests), "loss", "losses")


def _print_checked(requests: list, outcomes: list, out: Path, targets: list[str]) -> int:
    width = max(len(r.name) for r in requests)
    kernels = [f"{o.backend} {o.dtype[-2:]}" for o in outcomes[0]]
    print("gradient errors as a share of what rounding explains (1 and below is right):")
    print(f"{'':{width}}  {'differences':>11}  " + "  ".join(f"{k:>8}" for k in kernels) + "  verdict")
    wrong = 0
    for request, row in zip(requests, outcomes, strict=True):
        right = all(row)
        wrong += not right
        shares = "  ".join(f"{max(o.exact, o.value):8.2f}" for o in row)
        differences = max(o.numeric for o in row)
        print(f"{request.name:{width}}  {differences:11.2f}  {shares}  {'right' if right else 'WRONG'}")
    kernels_count = sum(map(len, outcomes))
    print(
        "differences: against numeric differentiation of the kernel, by the bound of Richardson's extrapolation;\n"
        f"the others: against the declaration at 50 digits. {_losses(requests)}, {kernels_count} kernels, "
        f"{sum(o.points for row in outcomes for o in row)} gradient entries, {counted(wrong, 'loss', 'losses')} wrong."
    )
    for target in targets:
        print(f"{target:6} {out / target.rsplit('.', 1)[-1]}{os.sep}")
    return 1 if wrong else 0
