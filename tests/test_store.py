"""What is kept of a loss is never that of another declaration, or of other code."""

from __future__ import annotations

import cProfile
import dataclasses
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sympy.core.cache import clear_cache

import symloss
from symloss import functions, store
from symloss.backends import c as c_backend
from symloss.backends import numpy as numpy_backend
from symloss.derive import engine
from symloss.derive.engine import derive
from symloss.functions import over_axes
from symloss.identity import identity
from symloss.runtime import c_kernel, numpy_kernel
from symloss.schedule import place
from symloss.stabilize import apply

ROOT = Path(symloss.__file__).resolve().parent.parent


@pytest.fixture
def settled(tmp_path, monkeypatch):
    """An empty cache, in a process that is younger than every source file."""
    monkeypatch.setenv("SYMLOSS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(symloss, "_STARTED", symloss._STARTED + 3600)
    store._version.cache_clear()
    yield tmp_path / "cache"
    store._version.cache_clear()


def entries(folder: Path) -> list[Path]:
    return [p for p in (folder / "made").rglob("*") if p.is_file()]


@pytest.mark.parametrize("backend", ["numpy", "c"])
def test_a_known_loss_is_not_derived(settled, monkeypatch, backend):
    numpy_kernel._numpy_module.cache_clear()
    symloss.get("log_cosh").load(backend)
    numpy_kernel._numpy_module.cache_clear()
    for module in (c_kernel.c_backend, numpy_kernel.numpy_backend):
        monkeypatch.setattr(module, "render", lambda *a: pytest.fail("it was made again"))
    assert symloss.get("log_cosh").load(backend).value([0.0], [0.0]) == 0


def test_an_entry_of_another_user_is_made_again(settled, monkeypatch):
    """It can be any program, and NumPy kernels are kept as source."""
    assert store.kept(["a"], lambda: "mine") == "mine"
    (entry,) = entries(settled)
    if os.geteuid() == 0:
        os.chown(entry, 65534, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert store.kept(["a"], lambda: "made again") == "made again"


@pytest.mark.parametrize("content", [b"", b"{}", b"0\n{}", b"\xff\x00"])
def test_a_broken_entry_is_made_again(settled, content):
    assert store.kept(["a"], lambda: {"made": 1}) == {"made": 1}
    (entry,) = entries(settled)
    entry.write_bytes(content)
    assert store.kept(["a"], lambda: {"made": 2}) == {"made": 2}
    assert store.kept(["a"], lambda: {"made": 3}) == {"made": 2}


def test_a_cache_that_cannot_be_written(settled):
    settled.write_text("in the way")
    assert store.kept(["a"], lambda: 1) == 1
    assert symloss.get("huber").load("numpy").value([3.0], [0.0]) == 2.5


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_file_is_never_replaced(tmp_path):
    pipe, folder = tmp_path / "pipe", tmp_path / "folder"
    os.mkfifo(pipe)
    folder.mkdir()
    for path in (pipe, folder):
        with pytest.raises(OSError, match="what is there is no file"):
            store.written(path, b"text")
    assert pipe.is_fifo() and folder.is_dir() and len(list(tmp_path.iterdir())) == 2
    link = tmp_path / "link"
    link.symlink_to(pipe)
    with pytest.raises(OSError, match="what is there is no file"):
        store.written(link, b"text")


def test_old_versions_are_thrown_away(settled, monkeypatch):
    for version in "abcdefgh":
        monkeypatch.setattr(store, "_version", lambda version=version: version)
        store.kept(["a"], lambda: 1)
    assert len(list((settled / "made").iterdir())) == store._MOST_VERSIONS
    monkeypatch.undo()


def test_every_declaration_has_an_identity_of_its_own():
    catalogue = [symloss.get(name) for name in symloss.names()]
    huber = symloss.get("huber")
    others = [
        huber.with_(delta=2),
        huber.renamed("other"),
        2 * huber,
        dataclasses.replace(huber, doc="Other."),
    ]
    known = [identity(loss) for loss in (*catalogue, *others)]
    assert None not in known and len(set(known)) == len(known)


def test_what_is_programmed_elsewhere_has_no_identity():
    class Own(functions.sigmoid):
        pass

    huber = symloss.get("huber")
    assert identity(dataclasses.replace(huber, example=Own(huber.example))) is None
    assert (
        identity(
            type("Mutant", (type(huber),), {})(*[getattr(huber, f.name) for f in dataclasses.fields(huber)])
        )
        is None
    )


RUN = "from symloss.cli import main; main(['generate', 'huber', '--target', 'numpy', '--out', {!r}])"


@pytest.mark.slow
def test_an_edit_of_the_source_is_seen(tmp_path):
    """A template is changed, and changed back; and a process that was started before must file nothing."""
    for folder in ("symloss", "templates"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    template, out = tmp_path / "templates" / "numpy" / "loss.py.j2", tmp_path / "out"
    environment = dict(os.environ, PYTHONPATH=str(tmp_path), SYMLOSS_CACHE=str(tmp_path / "cache"))
    text = template.read_text(encoding="utf-8")
    edit = f"from pathlib import Path; import symloss; Path({str(template)!r}).write_text({text + '# edited'!r}); "

    def made(before: str = "") -> str:
        run = subprocess.run(
            [sys.executable, "-c", before + RUN.format(str(out))],
            env=environment, cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
        return (out / "numpy" / "huber.py").read_text(encoding="utf-8")

    wait = "import time; time.sleep(0.2); "
    first = made(wait)
    assert len(entries(tmp_path / "cache")) == 2  # the names of the catalogue, and the file
    (out / "numpy" / "huber.py").write_text("edited by hand")
    assert made(wait) == first
    assert made(edit).endswith("# edited") and len(entries(tmp_path / "cache")) == 2
    assert made(wait).endswith("# edited") and len(entries(tmp_path / "cache")) == 4
    template.write_text(text, encoding="utf-8")
    assert made(wait) == first


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("huber", "delta"),
        ("log_cosh", "prediction target"),
        pytest.param("softmax_cross_entropy", "logits target", marks=pytest.mark.slow),
    ],
)
def test_the_work_grows_with_the_number_of_terms(name, own, monkeypatch):
    """Four times the terms are at most about four times the expressions that are looked at."""
    visited = 0
    rebuilt, walked = over_axes._with_children, functions.subexpressions

    def counted(node, walk):
        nonlocal visited
        visited += 1
        return rebuilt(node, walk)

    def counted_too(expr, *below):
        nonlocal visited
        for node in walked(expr, *below):
            visited += 1
            yield node

    monkeypatch.setattr(over_axes, "_with_children", counted)
    for module in (engine, apply, place):
        monkeypatch.setattr(module, "subexpressions", counted_too)
    work = []
    for terms in (4, 16):
        one = symloss.get(name)
        loss = sum(one.renamed(**{a: f"{a}_{k}" for a in own.split()}) * (k + 1) for k in range(terms))
        loss = loss + symloss.get("l2_penalty")
        visited = 0
        for wrt in loss.differentiated:
            derive(loss, functions.Partial(loss.expression, element(loss, wrt)), "gradient", wrt)
        c_backend.render(loss, "a test")
        work.append(visited)
    assert work[1] <= 4.1 * work[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("names", "shared"),
    [("huber log_cosh quantile", ""), ("softmax_cross_entropy", "target")],
)
def test_nothing_is_searched_for_each_term(names, shared):
    """Four times the terms are about four times the calls of functions, of all that makes C and NumPy of a loss."""
    calls = []
    for terms in (2, 4, 16):  # the first is there for what is made once
        parts = []
        for k in range(terms):
            one = symloss.get(names.split()[k % len(names.split())])
            own = [a.name for a in (*one.inputs, *one.parameters) if a.name != shared]
            parts.append(one.renamed(**{a: f"{a}_{k}" for a in own}))
        loss = sum(parts)
        clear_cache()  # what other tests have left there would be thrown out meanwhile
        profile = cProfile.Profile()
        profile.enable()
        for wrt in loss.differentiated:
            loss.gradient(wrt)
        c_backend.render(loss, "a test")
        numpy_backend.render(loss, "a test")
        profile.disable()
        calls.append(sum(entry.callcount for entry in profile.getstats()))
    assert calls[2] <= 4.4 * calls[1]


def element(loss, wrt):
    from symloss.derive import element_of

    return element_of(loss.argument(wrt))


def test_the_usual_place(monkeypatch, tmp_path):
    monkeypatch.delenv("SYMLOSS_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert store.cache_folder() == tmp_path / "symloss"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert store.cache_folder() == Path.home() / ".cache" / "symloss"
