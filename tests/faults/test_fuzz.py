"""The fuzzer finds nothing in the generated C, and does find what is planted there."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from faults.fuzz import DOCUMENT, fuzz, harness, table, updated, write
from helpers import NAMES

import symloss
from symloss.backends import c as c_backend
from symloss.schedule import functions_of

CHOSEN = ("huber", "softmax_cross_entropy_with_class_index", "info_nce")
"""Elementwise; rows with class indices, weights and an ignored one; a batch with a workspace."""


def wants(program: str) -> str:
    if shutil.which(program) is None:
        pytest.skip(f"there is no {program} on this machine")
    return program


def planted(name: str, *changes: tuple[str, str]) -> dict[str, str]:
    """The generated files of a loss with a fault in the source, in the first function that has the place."""
    files = dict(c_backend.render(symloss.get(name), "a test"))
    for old, new in changes:
        assert old in files[".c"], old
        files[".c"] = files[".c"].replace(old, new, 1)
    return files


def test_every_function_is_called():
    loss = symloss.get("huber")
    text = harness(loss)
    for f in (f for what in functions_of(loss) for f in c_backend.formats(loss, what)):
        assert text.count(f"status[call] = {f.name}(") == 1


def test_the_document_lists_the_catalogue():
    text = DOCUMENT.read_text(encoding="utf-8")
    listed = text.split("<!-- fuzz -->")[1].split("<!-- end of fuzz -->")[0].splitlines()[3:]
    assert [line.split(" | ")[0].strip("| *") for line in listed] == [*NAMES, "all"]
    assert all(line.endswith("| 0 |") for line in listed)
    assert updated(updated(text, "new\n"), table([])) == updated(text, table([]))


@pytest.mark.slow
@pytest.mark.parametrize("name", CHOSEN)
def test_nothing_is_found(name):
    """Both ways that a call can end are reached, and a seeded run repeats."""
    wants("clang")
    outcome = fuzz(symloss.get(name), 2000)
    assert outcome.finding is None, outcome.finding
    assert outcome.executions == 2000 and sum(outcome.calls) == 2 * 2000 * outcome.functions
    possible = {"huber": {0, 2, 3}, "info_nce": {0}}.get(name, {0, 1, 2, 3, 4})
    assert {status for status, count in enumerate(outcome.calls) if count} == possible
    assert fuzz(symloss.get(name), 2000) == outcome


FAULTS = [
    ("a read too far", "huber", [("i < block_stop; ++i", "i <= block_stop; ++i")], "heap-buffer-overflow"),
    (
        "a write too far",
        "log_cosh",
        [("gradient_prediction[i] =", "gradient_prediction[i + 1] =")],
        "WRITE of size",
    ),
    (
        "a workspace too small",
        "info_nce",
        [("? 4 * N * N :", "? N + N * N :")],
        "heap-buffer-overflow",
    ),
    (
        "a write before a refusal",
        "huber",
        [("{\n    if (reduction", "{\n    *(char *)(void *)value = 0;\n    if (reduction")],
        "an output was written although the call was refused",
    ),
    (
        "an entry that is not written",
        "log_cosh",
        [("        gradient_prediction[i] =", "        if (i != 3) gradient_prediction[i] =")],
        "two calls with the same input differ in an output",
    ),
    (
        "a result that depends on the workspace",
        "info_nce",
        [("sum_1_array[i * N + i2] = sum_1;", "(void)sum_1;")],
        "two calls with the same input differ in an output",
    ),
    (
        "an undeclared status",
        "huber",
        [("return SYMLOSS_BAD_REDUCTION;", "return 7;")],
        "a status that is not",
    ),
    (
        "a class index that is not looked at",
        "softmax_cross_entropy_with_class_index",
        [("return SYMLOSS_BAD_INDEX;", "break;")],
        "heap-buffer-overflow|SEGV|pointer-overflow|runtime error",
    ),
    (
        "a shift by too much",
        "huber",
        [("return SYMLOSS_BAD_REDUCTION;", "return 1 << reduction;")],
        "runtime error: shift exponent",
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "changes", "said"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_a_planted_fault_is_found(name, changes, said):
    wants("clang")
    files = planted(name, *changes)
    finding = fuzz(symloss.get(name), 3000, files=files).finding
    assert finding is not None
    assert any(words in finding for words in said.split("|")), finding


# --- under Valgrind, which also sees what is read before it is written -----------------------------------------


def valgrind(name: str, folder, files: dict[str, str] | None = None) -> subprocess.CompletedProcess:
    """The same harness with a main of its own, which draws the bytes."""
    sources = write(symloss.get(name), folder, files)
    build = [wants("gcc"), *"-std=c99 -g -O1 -DSTANDALONE".split(), *sources, "-o", "main", "-lm"]
    subprocess.run(build, cwd=folder, check=True)
    command = [wants("valgrind"), "--quiet", "--error-exitcode=9", "--leak-check=full", "./main", "60"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [*CHOSEN, "pixelwise_cross_entropy", "soft_dice", "triplet", "vae", "elastic_net", "multiclass_hinge"],
)
def test_clean_under_valgrind(name, tmp_path):
    done = valgrind(name, tmp_path)
    assert done.returncode == 0, done.stderr[-4000:]
    assert int(done.stderr.split("CALLS ")[1].split()[0]) > 60


@pytest.mark.slow
def test_valgrind_sees_a_workspace_read_before_it_is_written(tmp_path):
    files = planted("info_nce", ("sum_1_array[i * N + i2] = sum_1;", "(void)sum_1;"))
    done = valgrind("info_nce", tmp_path, files)
    assert done.returncode == 9 and "uninitialised value" in done.stderr, done.stderr[-4000:]
