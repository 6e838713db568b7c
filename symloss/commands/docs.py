"""``symloss docs``: a site with a page a loss, which needs no network to be read."""

from __future__ import annotations

import argparse
from pathlib import Path

from symloss.commands.shared import counted, place
from symloss.request import requested

HELP = "a site with a page a loss: formula, derivation, plots, code"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("what", nargs="*", metavar="NAME|FILE.py", help="losses; none: the whole catalogue")
    parser.add_argument("--out", type=place, default=Path("site"), help="the folder (default: %(default)s)")
    parser.add_argument("--title", default="Losses", help="the title of the site (default: %(default)s)")
    parser.add_argument(
        "--certificates",
        type=Path,
        default=Path("generated/certificates"),
        help="where `symloss certify` put what it measured (default: %(default)s)",
    )


def run(chosen: argparse.Namespace) -> int:
    """Run it; the exit status."""
    from symloss.present.site import build

    requests = requested(chosen.what)
    for request in requests:
        request.loss()  # a file that declares nothing is told before anything is written
    index = build(chosen.what, chosen.out, chosen.title, chosen.certificates)
    print(f"{counted(len(requests), 'loss', 'losses')}: open {index}")
    return 0
