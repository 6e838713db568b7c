"""The command: what it prints, what it writes, and how it says no."""

from __future__ import annotations

import ast
import json
import os
import pty
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers import quick

import symloss
from symloss import docstring
from symloss.cli import main
from symloss.losses import regression
from symloss.present import handbook

ROOT = Path(symloss.__file__).resolve().parent.parent
NAMES = symloss.names()

OWN = '''
"""Losses of our own."""
from symloss import Abs, Max, NonNegative, Positive, Real, Sum, index, loss, named, parameter
from symloss.losses.regression import huber
from symloss.losses.regularization import l2_penalty

j = index("j")


@loss(task="regression")
def pinched(prediction: Real, target: Real, *, under: Positive = 3):
    """Asks more for too little."""
    r = named("r", target - prediction)
    return under * Max(0, r) + Max(0, -r)


_hidden = 2 * huber
robust = huber.with_(delta=2) + parameter("lam", NonNegative, 0.01) * l2_penalty
'''


def called(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess:
    """The command in a process of its own, its output in a pipe."""
    return subprocess.run(
        [sys.executable, "-m", "symloss", *arguments],
        cwd=cwd or ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.py"
    path.write_text(OWN, encoding="utf-8")
    return path


def refused(capsys, *arguments: str) -> str:
    """The one line that a wrong request gets."""
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("symloss: ") and err.count("\n") == 1, err
    return err


# --- list -------------------------------------------------------------------------------------------------


def test_list(capsys):
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ")] == list(NAMES)
    assert "regression:" in lines


def test_list_json(capsys):
    assert main(["list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in listed] == list(NAMES)
    for one in listed:
        assert {"name", "task", "inputs", "parameters", "kind"} <= one.keys()
        assert one["kind"] in ("elementwise", "axis", "batch", "mixed") and isinstance(one["task"], str)
        for argument in one["inputs"]:
            assert {"name", "domain", "axes"} <= argument.keys() and isinstance(argument["axes"], list)
        for argument in one["parameters"]:
            assert {"name", "domain", "default"} <= argument.keys()
            assert isinstance(argument["default"], (int, float))
    cross_entropy = next(o for o in listed if o["name"] == "softmax_cross_entropy")
    assert [(i["name"], i["domain"], i["axes"]) for i in cross_entropy["inputs"]] == [
        ("logits", "Real", ["C"]),
        ("target", "Simplex", ["C"]),
    ]


def test_list_a_file(capsys, own):
    assert main(["list", str(own), "--json"]) == 0
    assert [o["name"] for o in json.loads(capsys.readouterr().out)] == ["pinched", "robust"]


# --- show -------------------------------------------------------------------------------------------------


def test_show(capsys):
    assert main(["show", "huber"]) == 0
    out = capsys.readouterr().out
    assert (
        "huber(prediction: Real, target: Real, *, delta: Positive = 1)" in out
        and "r = prediction - target" in out
    )


def test_show_derivation(capsys):
    assert main(["show", "mean_squared_error", "--derivation"]) == 0
    assert "the derivative with respect to prediction" in capsys.readouterr().out
    assert main(["show", "softmax_cross_entropy", "--derivation"]) == 0
    assert "softmax(logits)[k]" in capsys.readouterr().out


def test_show_stability(capsys):
    """Each rule that changed something, with what it changed in LaTeX, and why; in value and derivatives."""
    assert main(["show", "binary_cross_entropy_with_logits", "--stability"]) == 0
    out = capsys.readouterr().out
    assert "softplus: only e^(−|x|) ≤ 1 is formed" in out
    assert r"\longrightarrow" in out and "operatorname{group}" not in out
    assert main(["show", "log_cosh", "--stability", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)["stability"]
    assert {"log cosh", "sech²"} <= {s["rule"] for s in shown}
    assert all(s.keys() == {"rule", "why", "before", "after", "before_latex", "after_latex"} for s in shown)


@pytest.mark.parametrize("name", quick(NAMES, "huber", "vae"))
def test_show_json(capsys, name):
    assert main(["show", name, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert {"name", "task", "inputs", "parameters", "kind", "expression", "gradient", "steps"} <= shown.keys()
    assert list(shown["gradient"]) == list(symloss.get(name).differentiated)
    strings = [shown["expression"], *(g["expression"] for g in shown["gradient"].values())]
    strings += [s[key] for s in shown["steps"] for key in ("before", "after")]
    assert all(not any(w in s for w in ("Symbol(", "Integer(", "Indexed(")) for s in strings)
    for step in shown["steps"]:
        assert step["rule"] and step["sentence"] and step["before_latex"] and step["after_latex"]


def test_show_a_file(capsys, own):
    assert main(["show", str(own), "--json"]) == 0
    assert [o["name"] for o in json.loads(capsys.readouterr().out)] == ["pinched", "robust"]


# --- generate ---------------------------------------------------------------------------------------------


def written(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_generate(tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["generate", "huber", "triplet", "--target", "numpy,c", "--out", str(out)]) == 0
    endings = (("c", "c"), ("c", "h"), ("numpy", "py"))
    assert written(out) == {f"{f}/{n}.{s}" for n in ("huber", "triplet") for f, s in endings}
    assert "2 losses, 6 files" in capsys.readouterr().out
    made: dict = {}
    exec((out / "numpy/huber.py").read_text(), made)
    assert made["value"]([3.0], [0.0]) == 2.5


def test_generate_again_leaves_the_files_alone(tmp_path):
    for _ in range(2):
        assert main(["generate", "huber", "--out", str(tmp_path)]) == 0
        stamps = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.is_file()}
        if _ == 0:
            first = stamps
    assert stamps == first and len(first) == 4


def test_generate_a_file(own, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["generate", str(own), "--target", "numpy,c,latex", "--out", str(out), "--check"]) == 0
    said = capsys.readouterr().out
    assert {line.split()[0] for line in said.splitlines() if line.endswith("right")} == {"pinched", "robust"}
    assert len(written(out)) == 8
    made: dict = {}
    exec((out / "numpy/pinched.py").read_text(), made)
    value, gradient = made["value_and_gradient"]([1.0, 3.0], [2.0, 1.0], reduction="none")
    assert value.tolist() == [3.0, 2.0] and gradient.tolist() == [-3.0, 1.0]
    assert "symloss generate own.py" in " ".join((out / "c/pinched.h").read_text().split())


def test_generate_a_backend_from_elsewhere(tmp_path, monkeypatch, capsys):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "plain.py").write_text(
        "SUFFIXES = ('.txt',)\ndef render(loss, command, certificate=()):\n    return {'.txt': loss.name}\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert main(["generate", "huber", "--target", "elsewhere.plain", "--out", str(tmp_path / "out")]) == 0
    assert written(tmp_path / "out") == {"plain/huber.txt"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "hubber"), "did you mean huber"),
        (("generate", "hubber"), "did you mean huber"),
        (("generate", "huber", "--target", "fortran"), "unknown target 'fortran'"),
        (("generate", "huber", "--target", ","), "names none of"),
        (("generate", "huber", "huber"), "huber"),
        (("generate", "huber", "no_such_file.py"), "no_such_file.py: there is no such file"),
        (("generate", "huber", "--target", "no.such.backend"), "no.such.backend"),
        (("list", "no_such_file.py"), "there is no such file"),
        (("show", "some/file.py:huber"), "some/file.py: there is no such file"),
        (("list", "/"), "/ is a folder"),
        (("generate", "huber", "--out", os.devnull), f"cannot write to the folder {os.devnull}"),
        (("show", ""), ""),
        (("show", "hu"), "or the command symloss list, has them all"),
    ],
)
def test_wrong_requests(arguments, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert said in refused(capsys, *arguments)
    assert written(tmp_path) == set()


def test_one_loss_of_a_file(own, tmp_path, capsys):
    """Its files say the same as where all losses of the file are made."""
    for what, out in ((str(own), "all"), (f"{own}:robust", "one")):
        assert main(["generate", what, "--target", "numpy", "--out", str(tmp_path / out)]) == 0
    assert written(tmp_path / "one") == {"numpy/robust.py"}
    one, other = (tmp_path / out / "numpy" / "robust.py" for out in ("one", "all"))
    assert one.read_bytes() == other.read_bytes()
    capsys.readouterr()
    assert main(["show", f"{own}:pinched"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("pinched(") and "robust" not in said
    assert "it has no loss 'pinchd'; it has pinched, robust" in refused(capsys, "show", f"{own}:pinchd")
    assert "pinched is asked for twice" in refused(capsys, "generate", str(own), f"{own}:pinched")


def test_a_file_that_prints_and_imports_what_lies_beside_it(tmp_path, capsys):
    for folder, factor in (("one", 2), ("other", 3)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "constants_of_mine.py").write_text(f"FACTOR = {factor}\n")
        (tmp_path / folder / "own.py").write_text(
            "import constants_of_mine\nfrom symloss import Real, loss\nprint('noise')\n\n\n@loss\n"
            "def scaled(x: Real):\n    return constants_of_mine.FACTOR * x\n"
        )
        path = sys.path.copy()
        assert main(["show", str(tmp_path / folder / "own.py"), "--json"]) == 0
        captured = capsys.readouterr()
        assert json.loads(captured.out)["expression"] == f"{factor}*x" and captured.err == "noise\n"
        assert sys.path == path and "constants_of_mine" not in sys.modules


def test_a_file_is_read_as_it_is_now(tmp_path, capsys, monkeypatch):
    """Python takes a compiled file for the source's where both are of one second and of one size."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = tmp_path / "own.py"
    for factor in (2, 3):
        path.write_text(
            f"from symloss import Real, loss\n\n\n@loss\ndef f(x: Real):\n    return {factor} * x\n"
        )
        os.utime(path, (1e9, 1e9))
        assert main(["show", str(path)]) == 0
        assert f"loss = {factor}*x" in capsys.readouterr().out
    assert written(tmp_path) == {"own.py"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def broken(:\n", "line 1: SyntaxError"),
        ("\n\nraise RuntimeError('boom')\n", "line 3: RuntimeError: boom"),
        ("import no_such_module_at_all\n", "line 1: ModuleNotFoundError"),
        ("x = 1\n", "it declares no loss"),
        ("from symloss.losses.regression import huber\n", "it declares no loss"),
        ("", "it declares no loss"),
        ("raise SystemExit(7)\n", "SystemExit"),
        ("1 / 0\n", "ZeroDivisionError"),
        ("\x00", ""),
        (
            "from symloss import Real, loss\n@loss\ndef f(x: Real):\n    return y\n",
            "line 4: NameError: name 'y' is not defined",
        ),
    ],
)
def test_files_that_are_wrong(text, said, capsys, tmp_path):
    path = tmp_path / "wrong.py"
    path.write_text(text)
    error = refused(capsys, "generate", "huber", str(path), "--out", str(tmp_path / "out"))
    assert said in error and "wrong.py" in error
    assert not (tmp_path / "out").exists()


def test_options_are_written_out(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        main(["generate", "huber", "--tar", "c"])
    assert end.value.code == 2 and "--tar" in capsys.readouterr().err and written(tmp_path) == set()


def test_two_losses_of_nearly_one_name(own, tmp_path, capsys):
    text = own.read_text().replace("def pinched", "def Pinched")
    assert text != own.read_text()
    (tmp_path / "copy.py").write_text(text)
    error = refused(capsys, "generate", str(own), str(tmp_path / "copy.py"), "--out", str(tmp_path / "out"))
    assert "pinched and Pinched differ by a capital letter alone" in error and not (tmp_path / "out").exists()


def test_two_losses_of_one_name(own, tmp_path, capsys):
    shutil.copy(own, tmp_path / "copy.py")
    error = refused(capsys, "generate", str(own), str(tmp_path / "copy.py"), "--out", str(tmp_path / "out"))
    assert "pinched is asked for twice" in error and not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["generate", "certify", "docs", "handbook"])
def test_an_output_folder_without_a_name(command, tmp_path, capsys, monkeypatch):
    """As a script gives it whose variable is not set."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        main([command, "huber", "--out", ""])
    assert end.value.code == 2 and "argument --out: it is empty; name a place" in capsys.readouterr().err
    assert written(tmp_path) == set()


def test_a_file_without_its_ending(own, capsys, monkeypatch):
    monkeypatch.chdir(own.parent)
    assert "no loss is called 'own'; did you mean the file own.py?" in refused(capsys, "show", "own")


def test_one_and_several(tmp_path, capsys):
    assert main(["generate", "huber", "--target", "numpy", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"1 loss, 1 file in {tmp_path / 'numpy'}\n"


def test_the_version(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0 and capsys.readouterr().out == f"symloss {symloss.__version__}\n"


def test_an_output_folder_that_is_a_file(tmp_path, capsys):
    (tmp_path / "out").write_text("in the way")
    assert str(tmp_path / "out") in refused(capsys, "generate", "huber", "--out", str(tmp_path / "out"))
    assert (tmp_path / "out").read_text() == "in the way"


def test_a_certificate_that_is_none(tmp_path, capsys):
    path = tmp_path / "certificates" / "huber.json"
    path.parent.mkdir()
    path.write_bytes(b"\xff\xfe")
    assert f"{path}: no certificate: " in refused(capsys, "generate", "huber", "--out", str(tmp_path))


@pytest.mark.parametrize("in_the_way", ["numpy/huber.py", "c/huber.h"])
def test_a_file_that_cannot_be_written(in_the_way, tmp_path, capsys):
    path = tmp_path / "out" / in_the_way
    path.mkdir(parents=True)
    assert f"cannot write {path}: " in refused(capsys, "generate", "huber", "--out", str(tmp_path / "out"))
    assert not list((tmp_path / "out").rglob(".*"))


# --- as a process -----------------------------------------------------------------------------------------


def test_as_a_module():
    run = called("list")
    assert run.returncode == 0 and run.stderr == "" and "huber" in run.stdout
    assert called("--help").stdout.startswith("usage: symloss")
    assert called().returncode == 2


def test_quiet_in_a_pipe(tmp_path):
    run = called("generate", "huber", "hinge", "--out", str(tmp_path / "out"))
    assert run.returncode == 0 and run.stderr == "" and "\r" not in run.stdout


def test_progress_on_a_terminal(tmp_path):
    master, slave = pty.openpty()
    run = subprocess.Popen(
        [sys.executable, "-m", "symloss", "generate", "huber", "hinge", "--out", str(tmp_path / "out")],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=slave,
    )  # fmt: skip
    os.close(slave)
    out, _ = run.communicate(timeout=120)
    shown = os.read(master, 65536).decode()
    os.close(master)
    assert run.returncode == 0 and b"2 losses" in out
    assert "1/2" in shown and "2/2" in shown and shown.endswith("\r")


@pytest.mark.slow
def test_optimized_python_makes_the_same(own, tmp_path):
    """It forgets docstrings, which generated files repeat; nor does what it makes come to others by the cache."""
    for level in ("2", "0"):
        environment = {"PYTHONOPTIMIZE": level, "SYMLOSS_CACHE": str(tmp_path / "cache")}
        out = str(tmp_path / level)
        run = called("generate", str(own), "huber", "--target", "numpy,c,latex", "--out", out, **environment)
        assert run.returncode == 0, run.stderr
        assert "Asks more for too little." in called("list", str(own), **environment).stdout
    assert written(tmp_path / "2") == written(tmp_path / "0")
    for path in written(tmp_path / "2"):
        assert (tmp_path / "2" / path).read_bytes() == (tmp_path / "0" / path).read_bytes()


def test_the_introduction_of_a_chapter_without_docstrings(monkeypatch):
    chapter = handbook._chapter("regression", [symloss.get("huber")])
    assert chapter["intro"]
    monkeypatch.setattr(regression, "__doc__", None)
    monkeypatch.setattr(docstring, "sys", SimpleNamespace(flags=SimpleNamespace(optimize=2)))
    assert handbook._chapter("regression", [symloss.get("huber")]) == chapter


@pytest.mark.skipif(
    not os.path.exists("/dev/full"), reason="there is no /dev/full, a disk that is always full"
)
@pytest.mark.parametrize("arguments", [pytest.param("list", marks=pytest.mark.slow), "--help"])
def test_a_disk_that_is_full(arguments):
    command = f"{sys.executable} -m symloss {arguments} >/dev/full"
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    run = subprocess.run(
        command, shell=True, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, check=False
    )
    assert run.returncode == 2
    assert run.stderr == "symloss: the output cannot be written: No space left on device\n"


@pytest.mark.parametrize("arguments", ["list", "list --json", "show softmax_cross_entropy --derivation"])
def test_a_reader_that_leaves(arguments):
    run = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"'{sys.executable}' -m symloss {arguments} | head -1"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.stderr == "" and run.returncode == 0 and run.stdout.count("\n") == 1


@pytest.mark.slow
def test_any_encoding(own, tmp_path):
    """In a terminal that knows ASCII alone."""
    for arguments in (
        ("list",),
        ("show", "huber"),
        ("show", "softmax_cross_entropy", "--derivation", "--json"),
    ):
        run = called(*arguments, PYTHONIOENCODING="ascii", LC_ALL="C", PYTHONUTF8="0")
        assert run.returncode == 0, run.stderr
    out = str(tmp_path / "out")
    assert called("generate", str(own), "--out", out, LC_ALL="C", PYTHONUTF8="0").returncode == 0


# --- hostile names and texts ------------------------------------------------------------------------------

FILE_NAMES = [
    "with space.py",
    "quote'.py",
    'double".py',
    'three""".py',
    "new\nline.py",
    "star*slash.py",
    "back\\slash.py",
    "back\\",
    "größe-δ-🙂.py",
    "{{ 7*7 }}.py",
    "{% raw %}.py",
    "percent%s{}.py",
    "$(touch gone).py",
    "-leading.py",
    "tex$_^&#~.py",
]
TEXTS = [
    "It says */ and goes on.",
    '""" + __import__("os").system("touch gone") + """',
    'Ends in a quote "',
    "Ends in a backslash \\",
    r"\\N{no such name} \x \u12",
    "A trigraph ??/ and another ??/\n\nand more ??/",
    "{{ 7 * 7 }} {% for x in y %} {# gone #}",
    "größe δ → ∞ 🙂 \u202e backwards \u2028 separator",
    "/* nested */ // line \\\nint x;",
    "#include <no_such_header.h>\n#error stop",
    "tex \\input{/etc/passwd} $x^{ % & # _ ~",
    "NUL \x00 bell \x07 tab \t return \r form \f vertical \v",
]


def with_text(text: str) -> str:
    return (
        (
            "from symloss import Real, loss\n\n\n@loss(cite=(TEXT,), metrics=(TEXT,), kinks=TEXT)\n"
            "def hostile(prediction: Real, target: Real):\n    return (prediction - target) ** 2\n"
        )
        .replace("TEXT", repr(text))
        .replace("    return", f"    {text!r}\n    return")
    )


def sound(out: Path, name: str = "hostile") -> None:
    """What was generated compiles in C, C++ and Python, and is what it would be without the text."""
    python = (out / "numpy" / f"{name}.py").read_text(encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tree = ast.parse(python)
    statements = [type(n).__name__ for n in tree.body]
    assert statements[:3] == ["Expr", "Import", "Assign"]
    constants = [n for n in tree.body[3:] if isinstance(n, ast.Assign)]
    assert {n.targets[0].id for n in constants} == set(
        "SINGLE DOUBLE ALL NOTHING BLOCK LINE FEW MANY ROW SHORT BITS".split()
    )
    assert {"FunctionDef", "ClassDef", "Assign"} >= set(statements[3:])
    made: dict = {}
    exec(compile(tree, name, "exec"), made)
    assert made["value"]([3.0], [1.0]) == 4
    for compiler, flags in (("gcc", ["-std=c99"]), ("g++", ["-x", "c++"])):
        if shutil.which(compiler):
            run = subprocess.run(
                [compiler, *flags, *"-Wall -Wextra -Wpedantic -Werror -c".split(), f"{name}.c", "-o", f"{name}.o"],
                cwd=out / "c", capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert run.returncode == 0, run.stderr
            (out / "c" / f"{name}.o").unlink()
    for path in out.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert "49" not in text and "\x00" not in text


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS)
def test_hostile_texts(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(with_text(text), encoding="utf-8")
    assert main(["generate", "own.py", "--target", "numpy,c,latex", "--out", "out"]) == 0
    sound(tmp_path / "out")
    assert main(["show", "own.py", "--json"]) == 0 and main(["list", "own.py"]) == 0
    assert not (tmp_path / "gone").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", FILE_NAMES)
def test_hostile_file_names(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(with_text("A loss."), encoding="utf-8")
    assert main(["generate", "--out", "out", "--", f"./{name}"]) == (0 if name.endswith(".py") else 2)
    if name.endswith(".py"):
        sound(tmp_path / "out")
    assert not (tmp_path / "gone").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such a name")
def test_a_file_name_that_is_no_text(own, tmp_path, capsys):
    """A name is bytes, and need not be UTF-8."""
    path = os.fsdecode(bytes(tmp_path) + b"/m\xff.py")
    shutil.copy(own, path)
    assert main(["generate", f"{path}:pinched", "--target", "numpy", "--out", str(tmp_path / "out")]) == 0
    assert "symloss generate 'm?.py'" in (tmp_path / "out" / "numpy" / "pinched.py").read_text()


def test_a_file_name_that_ends_a_comment(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a*").mkdir()
    (tmp_path / "a*" / "own.py").write_text(with_text("A loss."), encoding="utf-8")
    assert main(["generate", "a*/own.py", "--out", "out"]) == 0
    sound(tmp_path / "out")


@pytest.mark.parametrize(
    "name", ["while", "int", "lambda", "a b", "x;y", "__import__", "größe", "2x", "main"]
)
def test_hostile_identifiers(name, tmp_path, capsys):
    """Names come from Python, where almost anything can be smuggled in: they are looked at before they are used."""
    path = tmp_path / "own.py"
    path.write_text(
        "from symloss import Real, loss\n\ndef f(prediction: Real):\n    return prediction ** 2\n"
        f"f.__name__ = {name!r}\nhostile = loss(task='custom')(f)\n"
    )
    refused(capsys, "generate", str(path), "--out", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()
