"""Writes into docs/characteristics.md what the review finds of every loss, and how it compares with the literature."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

from marked_parts import replaced

import symloss
from symloss.analyze.criteria import Situation, found_at
from symloss.analyze.recommend import characteristics_of

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "characteristics.md"
sys.path += [str(ROOT / "tests"), str(ROOT / "tests" / "analyze")]

COLUMNS = {
    "class": "differentiability.class",
    "kinks": "differentiability.kinks",
    "range": "scale.range",
    "Lipschitz": "scale.lipschitz",
    "smoothness": "scale.smoothness",
    "convex": "alignment.convex",
    "strictly": "alignment.strictly_convex",
    "elicits": "alignment.elicits",
    "proper": "alignment.proper",
    "calibrated": "alignment.calibrated",
    "influence": "robustness.influence",
    "cost": "efficiency.against_mean_squared_error.cost",
    "passes": "efficiency.passes.value",
    "workspace": "efficiency.workspace.numbers",
}
"""The columns of the table of the catalogue, and where each stands in the characteristics."""

LONGEST_LINK = 30

MARKS = {"reproduced": "✓", "sampled": "✓ (sampled)", "open": "○", "contradicted": "✗"}


def catalogue() -> str:
    """A row for each loss, and one more for each further tensor with respect to which its answers are others."""
    lines = [f"| loss | {' | '.join(COLUMNS)} |", "|---" * (len(COLUMNS) + 1) + "|"]
    for name in symloss.names():
        loss = symloss.get(name)
        known = characteristics_of(loss, Situation(loss.task))
        first = [cell(known, path) for path in COLUMNS.values()]
        by = f" w.r.t. {known['with_respect_to']}" if known.get("by") else ""
        lines.append(f"| {name}{by} | {' | '.join(first)} |")
        for wrt, answers in list(known.get("by", {}).items())[1:]:
            cells = [cell({**known, **answers}, path) for path in COLUMNS.values()]
            if cells != first:
                lines.append(f"| {name} w.r.t. {wrt} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def cell(known: dict[str, Any], path: str) -> str:
    """What stands at a path, in a few words."""
    group, _, key = path.partition(".")
    entry = known.get(group, {}).get(key.split(".")[0])
    value, status, only_at = found_at(known, path)
    if entry is None or (isinstance(entry, dict) and entry.get("applies") is False):
        return "–"
    if status == "unknown":
        return "?"
    bound = "≤ " if isinstance(entry, dict) and entry.get("sharp") is False else ""
    words = bound + in_words(value) + (" (sampled)" if status == "sampled" else "")
    return f"{words} †" if only_at else words


def in_words(value: Any) -> str:
    """A value as a cell has it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(value) or "none"
    text = f"{value:.3g}" if isinstance(value, float) else str(value)
    kind, _, link = text.partition(", as ")
    if len(link) > LONGEST_LINK:
        text = f"{kind}, by a link"
    return re.sub(r"\boo\b", "∞", text).replace("|", "\\|")


SITUATIONS = (
    "--task regression",
    "--task regression --outliers",
    "--task classification --logits",
    "--task classification --logits --imbalance 20",
    "--task classification --probabilities",
    "--task classification --margins",
    "--task classification --margins --outliers",
    "--task segmentation",
    "--task segmentation --imbalance 50",
    "--task metric_learning",
)
"""What `symloss recommend` is asked for the page."""


def recommended() -> str:
    """The first three losses of some situations, with their points."""
    lines = ["| symloss recommend | first | second | third |", "|---|---|---|---|"]
    for asked in SITUATIONS:
        command = [sys.executable, "-m", "symloss", "recommend", *asked.split(), "--json"]
        run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
        best = [f"{r['loss']} ({r['points']:g})" for r in json.loads(run.stdout)["recommended"][:3]]
        lines.append(f"| `{asked}` | {' | '.join([*best, *['–'] * (3 - len(best))])} |")
    return "\n".join(lines) + "\n"


def literature() -> str:
    """A row for each loss and source, the counts, and the sources."""
    from literature import PUBLISHED, SOURCES
    from reproduce import outcomes

    found = list(outcomes())
    count = Counter(o.verdict for o in found)
    lines = [
        f"{len(found)} claims from {len({r.source for r in PUBLISHED})} sources about "
        f"{len({r.loss for r in PUBLISHED})} losses: "
        f"{count['reproduced']} are reproduced, {count['sampled']} sampled, {count['open']} open, "
        f"{count['contradicted']} contradicted.",
        "",
        "| loss | claims | source |",
        "|---|---|---|",
    ]
    for row, some in groupby(found, lambda o: o.row):
        at = f" with {', '.join(f'{k} = {v:g}' for k, v in row.at.items())}" if row.at else ""
        lines.append(
            f"| {row.loss}{at} | {said(some)} | {row.source}: {row.where} |".replace(" = oo", " = ∞")
        )
    used = sorted({r.source for r in PUBLISHED}, key=str.casefold)
    return "\n".join([*lines, "", "Sources:", "", *(f"- {key}: {SOURCES[key].text}" for key in used)]) + "\n"


def said(claims: Iterable[Any]) -> str:
    """Claims with what became of them."""
    return "; ".join(f"{worded(o.claim, o.published)} {MARKS[o.verdict]}" for o in claims)


def worded(claim: str, published: Any) -> str:
    """A claim as a person reads it."""
    words = claim.replace("_", " ").replace("noise symmetric", "symmetric for label noise")
    if isinstance(published, bool):
        return words if published else f"not {words}"
    return f"{words}: {in_words(published)}"


if __name__ == "__main__":
    text = DOCUMENT.read_text(encoding="utf-8")
    made = replaced(
        text,
        {"catalogue": catalogue(), "recommended": recommended(), "literature": literature()},
        DOCUMENT.name,
    )
    if "--check" in sys.argv:
        sys.exit(made != text)
    DOCUMENT.write_text(made, encoding="utf-8")
