"""``symloss review``: the five questions about a loss, answered with proofs."""

from __future__ import annotations

import argparse
import json

HELP = "is it smooth, of a sensible scale, aligned with its task, cheap, robust?"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "name", metavar="NAME|FILE.py", help="a loss, the losses of a file, or one of them: FILE.py:NAME"
    )
    parser.add_argument("--budget", type=float, metavar="SECONDS", help="what it may take (default: 60)")
    parser.add_argument(
        "--why", action="store_true", help="with each argument, and lines to paste that show a no"
    )
    parser.add_argument("--json", action="store_true", help="as JSON")


def run(chosen: argparse.Namespace) -> int:
    """Run it; the exit status."""
    from symloss import library

    found = [loss.characteristics(budget=chosen.budget) for loss in library.find(chosen.name).values()]
    if chosen.json:
        data = [one.json() for one in found]
        print(json.dumps(data[0] if len(data) == 1 else data, indent=2, ensure_ascii=False))
    else:
        print("\n\n".join(one.page(why=chosen.why) for one in found))
    return 0
