"""README says what is true: its examples run, and its table is what the command prints."""

import os
import subprocess
import sys
from pathlib import Path

import pages
import pytest

ROOT = Path(__file__).resolve().parent.parent


def test_examples_run(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert pages.sessions(ROOT / "README.md") > 10


@pytest.mark.slow
def test_what_is_shown_is_generated():
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(ROOT / "docs" / "update_readme.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, "README.md is stale: run `make readme`" + done.stderr
