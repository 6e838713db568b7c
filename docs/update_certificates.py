"""Writes into docs/accuracy.md what the certificates in generated/ say of each loss."""

import sys
from pathlib import Path

from marked_parts import replaced

from symloss import names
from symloss.certificate import FOLDER, Certificate, percent, read, total

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "accuracy.md"


def table() -> str:
    """A row for each loss: the largest share of the bound in each format, and the results beyond it."""
    lines = [
        "| loss | results | ordinary | float64 | float32 | beyond the bound | ordinary | in |",
        "|---|--:|--:|--:|--:|--:|--:|---|",
    ]
    for name in names():
        found = read(ROOT / "generated" / FOLDER / f"{name}.json")
        if found is not None:
            lines.append(row(found))
    return "\n".join(lines) + "\n"


def row(c: Certificate) -> str:
    """What a certificate says, in a line."""
    shares = [max(m.share for m in c.measured if m.dtype == dtype) for dtype in ("float64", "float32")]
    where = dict.fromkeys(f"{m.output} ({m.dtype})" for m in c.measured if m.beyond)
    cells = [
        c.loss,
        f"{total(c.measured, 'results'):,}",
        f"{total(c.measured, 'ordinary'):,}",
        *("beyond" if share > 1 else f"{share:.2f}" for share in shares),
        percent(c.measured, "beyond", "results"),
        percent(c.measured, "ordinary_beyond", "ordinary"),
        ", ".join(where).replace("_", " "),
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    text = DOCUMENT.read_text(encoding="utf-8")
    made = replaced(text, {"certificates": table()}, DOCUMENT.name)
    if "--check" in sys.argv:
        sys.exit(made != text)
    DOCUMENT.write_text(made, encoding="utf-8")
