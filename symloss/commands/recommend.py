"""``symloss recommend``: the losses of a task, ranked by their characteristics."""

from __future__ import annotations

import argparse
import json
import textwrap

from symloss.commands.shared import progress

HELP = "the losses of a task, ranked, with the reasons"

WIDTH = 100
"""Of a line on the terminal."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--task", required=True, metavar="TASK", help="such as regression or classification")
    parser.add_argument(
        "--imbalance",
        type=float,
        metavar="R",
        help="examples of the frequent class to one of the rare class, such as 20",
    )
    parser.add_argument(
        "--outliers", action="store_true", help="some targets are far off, or some labels wrong"
    )
    form = parser.add_mutually_exclusive_group()
    for name, words in (
        ("probabilities", "the model puts out probabilities"),
        ("logits", "the model puts out logits, and probabilities are wanted"),
        ("margins", "the model puts out scores, and only the class is wanted"),
    ):
        form.add_argument(f"--{name}", dest="form", action="store_const", const=name, help=words)
    parser.add_argument("--json", action="store_true", help="as JSON")


def run(chosen: argparse.Namespace) -> int:
    """Run it; the exit status."""
    from symloss.analyze.criteria import Situation
    from symloss.analyze.recommend import recommend

    situation = Situation(chosen.task, chosen.imbalance, chosen.outliers, chosen.form)
    found = recommend(situation, progress)
    if chosen.json:
        described = {"situation": vars(situation), "recommended": [r.described() for r in found]}
        print(json.dumps(described, indent=2, ensure_ascii=False))
        return 0
    print(f"{situation}:")
    for place, r in enumerate(found, start=1):
        print(f"\n{place}. {r.loss}   ({r.points:g} points)")
        _print("", r.summary)
        for mark, some in (("+", r.reasons), ("!", r.aware)):
            for reason in some:
                _print(mark, reason.sentence)
        if r.metrics:
            _print("", f"monitor: {', '.join(r.metrics)}")
    return 0


def _print(mark: str, text: str) -> None:
    indent, first = ("     ", f"   {mark} ") if mark else ("   ", "   ")
    print(textwrap.fill(text, WIDTH, initial_indent=first, subsequent_indent=indent))
