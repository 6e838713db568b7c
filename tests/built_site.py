"""The site, built once for all tests of a run: from a copy of docs/, with every warning an error."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 600
"""How many seconds another process may take to build it."""


def built_site(tmp_path_factory) -> Path:
    """The folder of the HTML; its pages' sources lie in ``../docs``."""
    for module in ("sphinx", "furo", "myst_parser", "sphinx_design", "sphinx_copybutton", "matplotlib"):
        pytest.importorskip(module, reason=f"{module} is not installed: pip install 'symloss[docs]'")
    base = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        base = base.parent
    return _built(base)


@cache
def _built(base: Path) -> Path:
    folder = base / "site"
    try:
        folder.mkdir()
    except FileExistsError:
        return _waited_for(folder)
    try:
        shutil.copytree(ROOT / "docs", folder / "docs", ignore=shutil.ignore_patterns("_build", "losses"))
        for name in ("symloss", "tests", "generated"):  # which the pages link to
            (folder / name).symlink_to(ROOT / name)
        command = [
            sys.executable,
            "-m",
            "sphinx",
            "-W",
            "--keep-going",
            "-n",
            "-q",
            "-j",
            "2",
            "docs",
            "html",
        ]
        done = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        (folder / "said").write_text(f"{done.returncode}\n{done.stdout}{done.stderr}", encoding="utf-8")
    finally:
        (folder / "done").touch()
    return _waited_for(folder)


def _waited_for(folder: Path) -> Path:
    until = time.monotonic() + LONGEST
    while not (folder / "done").exists():
        assert time.monotonic() < until, "another process is building the site for too long"
        time.sleep(0.2)
    said = folder / "said"
    status, _, text = (
        said.read_text(encoding="utf-8").partition("\n") if said.exists() else ("1", "", "it failed")
    )
    assert status == "0", text
    return folder / "html"
