"""README says what is true: its examples run, and its table is what the command prints."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_examples_run(monkeypatch):
    monkeypatch.chdir(ROOT)
    result = doctest.testfile(
        str(ROOT / "README.md"), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert result.attempted > 10
    assert result.failed == 0


def test_table_is_generated():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"<!-- table -->\n(.*?)<!-- end of table -->", text, re.DOTALL).group(1)
    command = [sys.executable, "-m", "symloss", "list", "--markdown"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    printed = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=ROOT, env=environment
    ).stdout
    assert shown == printed, "run `make readme`"


def test_declaration_shown_is_the_file():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    file = (ROOT / "docs" / "my_losses.py").read_text(encoding="utf-8")
    shown = next(
        block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "def demand" in block
    )
    for line in shown.splitlines():
        assert line.rstrip(' …"') in file, line
