"""Writes into docs/is_my_gradient_right.md what it shows: the files, and what the commands print about them.

The training is left out where LightGBM or scikit-learn is not installed, and stays as it was.
"""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

from marked_parts import replaced

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "is_my_gradient_right.md"
TRAINING_NEEDS = ("lightgbm", "sklearn")


def file_part(name: str) -> str:
    return f"```python\n{(ROOT / 'docs' / name).read_text(encoding='utf-8')}```\n"


def function_part(name: str, function: str) -> str:
    """One function of a file, as it stands there."""
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    found = re.search(rf"^def {function}\(.*?(?=^\S|\Z)", text, re.DOTALL | re.MULTILINE)
    if found is None:
        raise SystemExit(f"docs/{name} has no function {function}")
    return f"```python\n{found.group().rstrip()}\n```\n"


def command_part(*arguments: str, status: int) -> str:
    """A command, and what it prints on a pipe."""
    command = (
        [sys.executable, *arguments] if arguments[0].endswith(".py") else [sys.executable, "-m", *arguments]
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    environment.pop("NO_COLOR", None)
    # with time to spare: a busy machine shall not end the search for the mistake before an idle one does
    command += ["--budget", "60"] if "verify" in arguments else []
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)
    if done.returncode != status:
        raise SystemExit(
            f"{arguments} ended with {done.returncode}, expected {status}\n{done.stdout}{done.stderr}"
        )
    shown = "python " * arguments[0].endswith(".py") + " ".join(arguments)
    return f"```console\n$ {shown}\n{done.stdout.rstrip()}\n```\n"


def parts() -> dict[str, str]:
    """Every generated part of the page, by name."""
    found = {
        "first try": file_part("focal_first_try.py"),
        "its report": command_part(
            "symloss",
            "verify",
            "docs/focal_first_try.py:focal_objective",
            "--loss",
            "focal_with_logits",
            status=1,
        ),
        "right": function_part("focal_objective.py", "focal_objective"),
        "report of the right one": command_part(
            "symloss",
            "verify",
            "docs/focal_objective.py:focal_objective",
            "--loss",
            "focal_with_logits",
            status=0,
        ),
    }
    if all(importlib.util.find_spec(m) for m in TRAINING_NEEDS):
        found["training"] = command_part("docs/focal_objective.py", status=0)
    return found


def written(text: str) -> str:
    """The page's text with its parts as they are now."""
    return replaced(text, parts(), PAGE.name)


if __name__ == "__main__":
    before = PAGE.read_text(encoding="utf-8")
    after = written(before)
    if "--check" in sys.argv:
        sys.exit(after != before)
    PAGE.write_text(after, encoding="utf-8")
