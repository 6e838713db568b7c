"""The handbook: the fragments of many losses as one document, a chapter a task, with a bibliography from BibTeX."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from sympy import IndexedBase, Symbol

import symloss
from symloss import losses as catalogue
from symloss.derive.rules import DIFFERENTIATION, READABLE
from symloss.docstring import docstring
from symloss.functions import Index, Softmax, free_index, sigmoid, size_symbol, softplus
from symloss.losses.references import REFERENCES
from symloss.present.bibtex import bibtex
from symloss.present.latex import template
from symloss.present.printer import latex
from symloss.present.prose import escape, prose
from symloss.value import Loss

__all__ = ["build", "sources"]

LETTERS = (
    (r"\ell", "the loss of one example: what the formula of most entries gives"),
    (
        r"\mathcal{L}",
        r"the loss of a batch of $n$ examples: the mean of $\ell_i$, or the formula where it spans the batch",
    ),
    ("i", "counts the examples of a batch"),
    ("j, l, m", "run through sums and maxima"),
    (r"z, \; z_k", "an input with axes as a whole, and one of its entries"),
    (
        "k, q",
        r"the entry with respect to which one differentiates; $\partial \ell / \partial z_k$ is one of its entries",
    ),
    ("w_i", "the weight of example $i$"),
    (r"\delta_{jk}", "Kronecker's delta: 1 where $j = k$, else 0"),
    (r"\log", r"the natural logarithm; a product $a \log b$ is 0 where $a = 0$"),
    (r"\operatorname{sign}(x)", "$-1$, 0 or 1"),
)
"""What the letters of all entries mean; functions that have a definition are added from it."""

_RUNS = ("pdflatex", "bibtex", "pdflatex", "pdflatex")
_MORE_RUNS = 3
"""How often LaTeX may ask to be run again: page numbers move when the contents grow."""


def sources(losses: Sequence[Loss]) -> dict[str, str]:
    """The handbook without the fragments that it inputs, and its references, by the names of the files."""
    cited = sorted({citation for loss in losses for citation in loss.cite if citation in REFERENCES})
    text = template("handbook.tex.j2").render(
        version=escape(symloss.__version__),
        count=len(losses),
        chapters=[_chapter(task, losses) for task in dict.fromkeys(loss.task for loss in losses)],
        letters=[*LETTERS, *_functions()],
        rules=_rules(DIFFERENTIATION),
        rewrites=_rules(READABLE),
        cited=bool(cited),
    )
    return {"handbook.tex": text, "references.bib": bibtex((c, REFERENCES[c]) for c in cited)}


def build(files: dict[str, str]) -> bytes:
    """The PDF of a handbook from its files: the fragments and what ``sources`` gives.

    Raises
    ------
    RuntimeError
        pdflatex or bibtex is missing, or refuses the document; the message has what it said.
    """
    for tool in dict.fromkeys(_RUNS):
        if shutil.which(tool) is None:
            raise RuntimeError(
                f"{tool} is not installed, and the handbook is set by it (Debian: texlive-latex-base); "
                "its sources alone: symloss generate --target latex"
            )
    with tempfile.TemporaryDirectory(prefix="symloss-") as scratch:
        folder = Path(scratch)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        for tool in _RUNS:
            if tool == "bibtex" and not files["references.bib"]:
                continue
            said = _run(tool, folder)
        for _ in range(_MORE_RUNS):
            if "Rerun to get" in said:
                said = _run("pdflatex", folder)
        return (folder / "handbook.pdf").read_bytes()


def _run(tool: str, folder: Path) -> str:
    """What the tool printed."""
    options = ["-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"] if tool == "pdflatex" else []
    # the same input gives the same bytes: no time of day in the PDF; no access to files outside of the folder
    environment = os.environ | {
        "SOURCE_DATE_EPOCH": "0",
        "FORCE_SOURCE_DATE": "1",
        "max_print_line": "1000",
        "openin_any": "p",
        "openout_any": "p",
    }
    done = subprocess.run(
        [tool, *options, "handbook"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        said = re.search(r"^! .*\n(?:.*\n){0,4}?l\.\d.*", done.stdout, re.MULTILINE)
        lines = said.group() if said else "\n".join(done.stdout.splitlines()[-20:])
        raise RuntimeError(f"{tool} refuses the handbook:\n{lines}")
    return done.stdout


def _functions() -> list[tuple[str, str]]:
    """The functions that a reader who knows calculus need not know, with their definitions."""
    x, j, size = Symbol("x", real=True), Index("j"), size_symbol("C")
    entry = IndexedBase("z", shape=(size,), real=True)[j]
    known = (sigmoid(x), softplus(x), Softmax(entry, j, size, free_index(1)))
    told = [(latex(f), latex(f.definition())) for f in known]
    return [(name, f"${_tall(tex)}$") for name, tex in told]


def _tall(tex: str) -> str:
    """A formula with room for a fraction in a row of a table."""
    return r"\rule[-1.1em]{0pt}{2.7em}\displaystyle " + tex if r"\frac" in tex else tex


def _chapter(task: str, losses: Sequence[Loss]) -> dict[str, Any]:
    intro = ""
    if task in catalogue.MODULES:
        intro = docstring(import_module(f"{catalogue.__name__}.{task}"))
    return {
        "title": escape(task.replace("_", " ").capitalize()),
        "intro": "".join(
            rf"\texttt{{{escape(part)}}}" if place % 2 else _spaced(part)
            for place, part in enumerate(intro.split("``"))
        ),
        "losses": [
            {"name": escape(loss.name), "raw_name": loss.name, "summary": prose(loss.summary)}
            for loss in losses
            if loss.task == task
        ],
    }


def _spaced(text: str) -> str:
    """Prose that keeps the space at its ends."""
    return " " * text.startswith(" ") + prose(text) + " " * text.endswith(" ")


def _rules(table: Sequence[Any]) -> list[tuple[str, str]]:
    """The names of rules and what they say; rules of one name together."""
    said: dict[str, list[str]] = {}
    for rule in table:
        said.setdefault(rule.name, []).append(prose(rule.sentence))
    return [(escape(name), " ".join(sentences)) for name, sentences in said.items()]
