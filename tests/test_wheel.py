"""The built wheel works in an empty environment, away from the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OWN = '''
from symloss import Real, loss, named

@loss
def own(prediction: Real, target: Real):
    """The fourth power of the residual."""
    return named("r", prediction - target) ** 4
'''


def _run(*command, cwd):
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.slow
def test_wheel_in_an_empty_environment(tmp_path):
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    _run(*pip, "wheel", "--no-deps", "--wheel-dir", str(tmp_path / "dist"), str(ROOT), cwd=tmp_path)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for template in (p for p in (ROOT / "templates").rglob("*") if p.is_file()):
        assert f"symloss/templates/{template.relative_to(ROOT / 'templates').as_posix()}" in names
    assert {"symloss/runtime/call.c", "symloss/py.typed"} <= set(names)
    _run(sys.executable, "-m", "venv", str(tmp_path / "env"), cwd=tmp_path)
    bin_folder = tmp_path / "env" / "bin"
    _run(str(bin_folder / "python"), "-m", "pip", "--quiet", "install", str(wheel), cwd=tmp_path)
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    symloss = str(bin_folder / "symloss")
    assert "huber" in _run(symloss, "list", cwd=tmp_path)
    printed = _run(symloss, "generate", "own.py", "huber", "--out", "build", "--check", cwd=tmp_path)
    assert "0 losses wrong" in printed
    made = {path.relative_to(tmp_path / "build").as_posix() for path in (tmp_path / "build").rglob("*.*")}
    assert {"c/own.c", "c/own.h", "numpy/own.py", "latex/own.tex", "c/huber.c"} <= made
