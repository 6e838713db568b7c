"""The committed folder ``generated/`` is what the catalogue gives, to the byte."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import symloss

ROOT = Path(symloss.__file__).resolve().parent.parent
COMMITTED = ROOT / "generated"
HINT = "run `make` and commit generated/"


def generated(folder: Path, seed: str, *names: str) -> dict[str, bytes]:
    """What a process of its own writes, with another seed for Python's hashes."""
    if (COMMITTED / "certificates").is_dir():
        shutil.copytree(COMMITTED / "certificates", folder / "certificates")
    environment = dict(os.environ, PYTHONHASHSEED=seed, PYTHONPATH=str(ROOT))
    command = [sys.executable, "-m", "symloss", "generate", *names, "--out", str(folder)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr
    return files(folder)


def files(folder: Path) -> dict[str, bytes]:
    built = (".o", ".so", ".pyc")
    found = sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix not in built)
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in found}


@pytest.mark.parametrize("seed", ["1", "4711"])
@pytest.mark.slow
def test_the_folder_is_current(tmp_path, seed):
    if not COMMITTED.is_dir():
        pytest.fail(f"there is no {COMMITTED}: {HINT}")
    made, committed = generated(tmp_path, seed), files(COMMITTED)
    assert sorted(committed.keys() - made.keys()) == [], f"files that nothing generates: {HINT}"
    assert sorted(made.keys() - committed.keys()) == [], f"files that are missing: {HINT}"
    assert [name for name in made if made[name] != committed[name]] == [], f"files that differ: {HINT}"


def test_the_folder_is_complete():
    if not COMMITTED.is_dir():
        pytest.fail(f"there is no {COMMITTED}: {HINT}")
    expected = {f"c/{n}{s}" for n in symloss.names() for s in (".c", ".h")}
    expected |= {f"certificates/{n}.json" for n in symloss.names()}
    expected |= {f"numpy/{n}.py" for n in symloss.names()} | {f"latex/{n}.tex" for n in symloss.names()}
    expected |= {"latex/handbook.tex", "latex/references.bib"}
    assert files(COMMITTED).keys() == expected, HINT


@pytest.mark.parametrize("name", symloss.names())
def test_the_certificate_is_about_the_code(name):
    """After a change of the code, `symloss certify` must have been run again."""
    for path in (COMMITTED / "c" / f"{name}.c", COMMITTED / "numpy" / f"{name}.py"):
        text = path.read_text(encoding="utf-8")
        assert "Measured against exact results" in text, "run `make certify` and commit generated/"
        assert "the code has changed" not in text, "run `make certify` and commit generated/"


@pytest.mark.slow
def test_the_hash_seed_does_not_matter(tmp_path):
    names = ("huber", "softmax_cross_entropy_with_class_index", "tversky")
    first = generated(tmp_path / "1", "1", *names)
    assert first == generated(tmp_path / "2", "2", *names)
    assert sum(not path.startswith("certificates") for path in first) == 4 * len(names)


@pytest.mark.slow
def test_the_order_and_company_do_not_matter(tmp_path):
    """A loss is generated alike alone and after others, whose names and caches it must not see."""
    alone = generated(tmp_path / "1", "0", "contrastive")
    together = generated(tmp_path / "2", "0", "triplet", "contrastive")
    assert all(together[name] == text for name, text in alone.items())
