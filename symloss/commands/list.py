"""``symloss list``: the catalogue, or the losses of a file."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable

from symloss.store import kept

HELP = "the catalogue, or the losses of a file"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("file", nargs="?", metavar="FILE.py", help="a file that declares losses")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as JSON")
    form.add_argument("--markdown", action="store_true", help="as a table of what is generated, in Markdown")


def run(chosen: argparse.Namespace) -> int:
    """Run it; the exit status."""
    form = "json" if chosen.json else "markdown" if chosen.markdown else "text"
    words = None if chosen.file else ("list", form)
    print(kept(words, lambda: _listed(chosen.file, form)))
    return 0


def _listed(file: str | None, form: str) -> str:
    from symloss import library, losses

    found = library.find(file) if file else {name: losses.get(name) for name in losses.names()}
    if form == "json":
        described = [library.described(loss) for loss in found.values()]
        return json.dumps(described, indent=2, ensure_ascii=False)
    if form == "markdown":
        return _table(found.values())
    width = max(map(len, found))
    lines, task = [], None
    for loss in found.values():
        if loss.task != task:
            task = loss.task
            lines.append(f"{task.replace('_', ' ')}:")
        lines.append(f"  {loss.name:{width}}  {loss.summary}")
    return "\n".join(lines)


def _table(found: Iterable) -> str:
    """Losses by what is generated for them."""
    from symloss import backends
    from symloss.schedule import functions_of

    lines = [
        f"| loss | kind | functions | {' | '.join(backends.TARGETS)} |",
        "|---" * (3 + len(backends.TARGETS)) + "|",
    ]
    for loss in found:
        functions = ", ".join(f"`{name}`" for name in functions_of(loss))
        files = (
            ", ".join(
                f"[{suffix}](generated/{target}/{loss.name}{suffix})"
                for suffix in backends.get(target).SUFFIXES
            )
            for target in backends.TARGETS
        )
        lines.append(f"| {loss.name} | {loss.kind} | {functions} | {' | '.join(files)} |")
    return "\n".join(lines)
