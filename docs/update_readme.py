"""Writes into README.md what it shows of the project: the example file, and the table of the catalogue."""

import subprocess
import sys
from pathlib import Path

from marked_parts import replaced

ROOT = Path(__file__).resolve().parent.parent


def written(text: str) -> str:
    """README's text with both parts as they are now."""
    command = [sys.executable, "-m", "symloss", "list", "--markdown"]
    table = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    example = (ROOT / "docs" / "my_losses.py").read_text(encoding="utf-8")
    return replaced(text, {"file": f"```python\n{example}```\n", "table": table}, "README.md")


if __name__ == "__main__":
    readme = ROOT / "README.md"
    if "--check" in sys.argv:
        sys.exit(written(readme.read_text(encoding="utf-8")) != readme.read_text(encoding="utf-8"))
    readme.write_text(written(readme.read_text(encoding="utf-8")), encoding="utf-8")
