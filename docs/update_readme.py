"""Writes into README.md what it shows of the project: the example file, and the table of the catalogue."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def written(text: str) -> str:
    """README's text with both parts as they are now."""
    command = [sys.executable, "-m", "symloss", "list", "--markdown"]
    table = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    example = (ROOT / "docs" / "my_losses.py").read_text(encoding="utf-8")
    for name, part in (("file", f"```python\n{example}```\n"), ("table", table)):
        between = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        text, count = between.subn(lambda m, part=part: m.group(1) + part + m.group(2), text)
        if count != 1:
            raise SystemExit(f"README.md has {count} places for the {name}, expected 1")
    return text


if __name__ == "__main__":
    readme = ROOT / "README.md"
    if "--check" in sys.argv:
        sys.exit(written(readme.read_text(encoding="utf-8")) != readme.read_text(encoding="utf-8"))
    readme.write_text(written(readme.read_text(encoding="utf-8")), encoding="utf-8")
