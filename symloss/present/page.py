"""The page of a loss, as MyST Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from symloss.backends import environment
from symloss.present.formulas import call, display
from symloss.store import written
from symloss.value import Loss

__all__ = ["page", "write_pages"]


def page(loss: Loss) -> str:
    """The text of the page of a loss."""
    return environment().get_template("pages/loss.md.j2").render(_context(loss))


def _context(loss: Loss) -> dict[str, Any]:
    return {
        "name": loss.name,
        "summary": loss.summary,
        "formula": display(loss, [(call(loss), loss.expression, "")]),
    }


def write_pages(requests: Iterable[Any], folder: Path) -> None:
    """Write the page of each loss, and an index of them; what lay in the folder before and is no such page goes."""
    requests = list(requests)
    losses = [request.loss() for request in requests]
    texts = {f"{loss.name}.md": page(loss) for loss in losses}
    tasks: dict[str, list[Loss]] = {}
    for loss in losses:
        tasks.setdefault(loss.task, []).append(loss)
    texts["index.md"] = environment().get_template("pages/index.md.j2").render(tasks=tasks)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.is_file() and old.name not in texts:
            old.unlink()
    for name, text in texts.items():
        path = folder / name
        data = text.encode("utf-8")
        if not path.is_file() or path.read_bytes() != data:
            written(path, data)
