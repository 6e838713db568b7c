"""generated/ is what the catalogue gives now, byte for byte, whatever the hash seed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GENERATED = ROOT / "generated"


def _made(folder: Path, seed: str, *names: str) -> dict[str, bytes]:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "symloss", "generate", *names, "--out", str(folder)]
    subprocess.run(command, check=True, env=environment, capture_output=True)
    return _files(folder)


def _files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.slow
def test_the_committed_files_are_fresh(tmp_path):
    made, committed = _made(tmp_path / "out", "1"), _files(GENERATED)
    assert sorted(made) == sorted(committed), "run `make`, and remove what no loss makes"
    stale = [name for name, data in made.items() if committed[name] != data]
    assert not stale, f"run `make`: {stale} differ"


def test_the_same_bytes_for_any_hash_seed(tmp_path):
    names = ("softmax_cross_entropy_with_class_index", "info_nce", "focal", "contrastive")
    first, second = (_made(tmp_path / seed, seed, *names) for seed in ("7", "4242"))
    assert first == second
    assert {name: (GENERATED / name).read_bytes() for name in first} == first, "run `make`"
