"""Runs what a page of the documentation shows: every fenced block is a session, a file, or commands with their output.

- ``python`` with ``>>>``: a session; all sessions of a page share their names, and outputs must be as shown.
- Any language with ``:caption: NAME``: the file NAME of the page's folder, which later blocks use. The caption
  ``NAME, below: LINE`` puts the text into that file below its line LINE, and ``NAME, at the end`` behind all.
- ``console``: commands behind ``$``, with the output that they print; ``...`` stands for any text.
- ``sh``: commands, which must end well.

A block in another language cannot be run, so a page includes it from a file that a test covers.
"""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
DIRECTIVES = {"toctree", "literalinclude", "symloss", "symloss-comparison", "eval-rst", "argparse"}
"""What is no code, or is included from a file."""
TOOLS = ("cc", "make", "cmake")
"""What a page may use beside symloss; without one of them the page's commands are skipped."""

_BLOCK = re.compile(
    r"^(?P<fence>`{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=fence) *$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its caption, its text, and the line of the page at which the text begins."""

    language: str
    caption: str
    text: str
    line: int


def blocks(page: str) -> Iterator[Block]:
    """The blocks of code of a page; what a directive generates is none."""
    for match in _BLOCK.finditer(page):
        info, body = match["info"].strip(), match["body"]
        line = page.count("\n", 0, match.start("body")) + 1
        caption = ""
        directive = re.fullmatch(r"\{([\w-]+)\}\s*(.*)", info)
        if directive:
            if directive[1] != "code-block":
                assert directive[1] in DIRECTIVES, f"line {line}: no test knows the directive {directive[1]}"
                continue
            info = directive[2]
            options = re.match(r"(?::[\w-]+:.*\n)*\n?", body)
            assert options is not None
            found = re.search(r"^:caption: *(.*)$", options.group(), re.MULTILINE)
            caption = found[1] if found else ""
            body = body[options.end() :]
            line += options.group().count("\n")
        yield Block(info, caption, body, line)


def run(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, *, checkout: bool = False) -> int:
    """Run the blocks of a page in a folder of its own; how many examples there were.

    With ``checkout`` the folder holds a copy of symloss, which the page may change.
    """
    shutil.copytree(DOCS / "examples", folder, dirs_exist_ok=True)
    shutil.copy(DOCS / "my_losses.py", folder)
    for name in ("symloss", "templates") * checkout:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    for name in (*os.environ,):
        if name.startswith(("MAKE", "MFLAGS")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(folder if checkout else ROOT))
    names: dict[str, object] = {}
    count = 0
    for block in blocks(path.read_text(encoding="utf-8")):
        where = f"{path.name}, line {block.line}"
        if block.language == "python" and ">>> " in block.text:
            count += _session(block, names, path)
        elif block.caption:
            _put(block, folder, where)
            count += 1
        elif block.language in ("console", "sh"):
            for command, wanted in _commands(block):
                _check(command, wanted, where)
                count += 1
        else:
            raise AssertionError(
                f"{where}: a block of {block.language!r} is run by no test; include it from a file"
            )
    return count


def _put(block: Block, folder: Path, where: str) -> None:
    name, _, place = block.caption.partition(", ")
    path = folder / name
    if not place:
        path.write_text(block.text, encoding="utf-8")
        return
    text = path.read_text(encoding="utf-8")
    line = place.removeprefix("below: ") + "\n"
    if place != "at the end":
        assert text.count(line) == 1, f"{where}: {name} has {text.count(line)} lines {line!r}"
    before, found, after = text.partition(line) if place != "at the end" else (text, "", "")
    path.write_text(before + found + block.text + after, encoding="utf-8")


def sessions(path: Path) -> int:
    """Run the sessions of a page where it is, and nothing else; how many examples there were."""
    names: dict[str, object] = {}
    found = blocks(path.read_text(encoding="utf-8"))
    return sum(_session(b, names, path) for b in found if b.language == "python" and ">>> " in b.text)


def _session(block: Block, names: dict[str, object], path: Path) -> int:
    test = doctest.DocTestParser().get_doctest(block.text, names, path.name, str(path), block.line - 1)
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    failed = runner.run(test, out=said.append, clear_globs=False).failed
    names.update(test.globs)
    assert not failed, "".join(said)
    return len(test.examples)


def _commands(block: Block) -> Iterator[tuple[str, str | None]]:
    """Commands with the output that is shown; None where none is."""
    if block.language == "sh":
        for line in block.text.replace("\\\n", "").splitlines():
            if line.strip():
                yield line, None
        return
    parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    assert not parts[0].strip(), f"line {block.line}: output without a command"
    for part in parts[1:]:
        command, _, output = part.partition("\n")
        while command.endswith("\\"):
            more, _, output = output.partition("\n")
            command = command[:-1] + more.removeprefix("> ")
        yield command, output


def _check(command: str, wanted: str | None, where: str) -> None:
    for tool in TOOLS:
        if re.search(rf"\b{tool}\b", command) and shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    if "-m sphinx" in command and find_spec("myst_parser") is None:
        pytest.skip("Sphinx is not installed: pip install 'symloss[docs]'")
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=120, check=False)
    said = done.stdout + done.stderr
    if wanted is None:
        assert done.returncode == 0, f"{where}: {command}\n{said}"
    elif not doctest.OutputChecker().check_output(wanted.strip() + "\n", said.strip() + "\n", OPTIONS):
        raise AssertionError(f"{where}: $ {command}\nshown:\n{wanted}\nprinted:\n{said}")
