"""docs/is_my_gradient_right.md says what is true: its examples run, and its reports are what the commands print."""

import doctest
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "is_my_gradient_right.md"


def blocks() -> list[str]:
    """The page's examples, each as it stands between its fences."""
    found = re.findall(
        r"^```python\n(>>> .*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert len(found) >= 5
    return found


@pytest.mark.slow
def test_examples_run():
    """In one session, as a reader would; the examples that need what is not here are left out."""
    scope: dict = {"__name__": "page"}
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    left_out = []
    for number, block in enumerate(blocks()):
        if "torch" in block and importlib.util.find_spec("torch") is None:
            left_out.append("torch")
        elif '"cc"' in block and shutil.which("cc") is None:
            left_out.append("cc")
        else:
            example = doctest.DocTestParser().get_doctest(block, scope, f"block {number}", str(PAGE), 0)
            runner.run(example, clear_globs=False)
            scope = example.globs
    assert runner.failures == 0
    assert runner.tries > 15
    if left_out:
        pytest.skip(f"all but the examples that need {', '.join(left_out)} ran")


@pytest.mark.slow
def test_what_is_shown_is_printed():
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(ROOT / "docs" / "update_is_my_gradient_right.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, "docs/is_my_gradient_right.md is stale: run `make cases`" + done.stderr


def test_every_kind_has_its_example():
    from verification.corpus import CASES, KINDS

    lines = [line.split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines() if " | `" in line]
    shown = {cells[0].removeprefix("| "): cells[2].split("`")[1] for cells in lines if len(cells) == 4}
    assert set(shown) == set(KINDS)
    for kind, name in shown.items():
        assert kind in CASES[name].kinds
