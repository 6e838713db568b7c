"""``symloss handbook``: the losses with their derivations as one PDF."""

from __future__ import annotations

import argparse
from pathlib import Path

from symloss.commands.shared import counted, place, progress
from symloss.request import requested

HELP = "the losses with their derivations as one PDF, set by LaTeX"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("what", nargs="*", metavar="NAME|FILE.py", help="losses; none: the whole catalogue")
    parser.add_argument(
        "--out", type=place, default=Path("handbook.pdf"), help="the PDF (default: %(default)s)"
    )


def run(chosen: argparse.Namespace) -> int:
    """Run it; the exit status."""
    from symloss.generate import handbook

    requests = requested(chosen.what)
    handbook(requests, chosen.out, progress)
    print(f"{counted(len(requests), 'loss', 'losses')} in {chosen.out}")
    return 0
