"""The handbook: what its sources hold, and that LaTeX and BibTeX make a book of them."""

import re
import shutil
import subprocess

import pytest

from symloss import losses
from symloss.cli import main
from symloss.generate import generate
from symloss.library import losses_in
from symloss.losses.references import REFERENCES
from symloss.present.bibtex import key
from symloss.present.handbook import build, sources
from symloss.present.latex import fragment
from symloss.request import Request

OWN = '''
"""Losses of our own."""
from symloss import Real, loss

@loss(task="custom", cite="our own, 100% & more_of_it", metrics=("a_b",))
def squared_100(prediction: Real, target: Real):
    """The squared residual of 100% of what is_known, \\\\input{/etc/passwd}."""
    return (prediction - target) ** 2
'''


@pytest.fixture(scope="module")
def every():
    return [losses.get(name) for name in losses.names()]


def test_the_sources_hold_every_loss_once_and_every_reference(every):
    made = sources(every)
    book, bib = made["handbook.tex"], made["references.bib"]
    assert book.isascii()
    assert re.findall(r"\\input\{(\w+)\}", book) == [loss.name for loss in every]
    chapters = re.findall(r"\\chapter\{(.*?)\}", book)
    assert chapters == ["How to read this book", *(m.replace("_", " ").capitalize() for m in losses.MODULES)]
    cited = {citation for loss in every for citation in loss.cite} & set(REFERENCES)
    assert set(re.findall(r"^@\w+\{(.*?),$", bib, re.MULTILINE)) == {key(citation) for citation in cited}


def test_what_a_fragment_cites_is_in_the_bibliography(every):
    bib = sources(every)["references.bib"]
    found = re.findall(r"\\symlossreference\{(\w+)\}", fragment(losses.get("focal")))
    assert found and all(f"{{{name}," in bib for name in found)


def test_it_comes_with_the_whole_catalogue_and_not_with_single_losses(tmp_path):
    request = [Request("huber", "huber")]
    generate(request, ["latex"], tmp_path / "one", lambda items, count, what: items)
    assert {p.name for p in (tmp_path / "one" / "latex").iterdir()} == {"huber.tex"}
    generate(request, ["latex"], tmp_path / "all", lambda items, count, what: items, whole=True)
    assert {p.name for p in (tmp_path / "all" / "latex").iterdir()} == {
        "huber.tex",
        "handbook.tex",
        "references.bib",
    }


def test_without_latex_the_error_names_it(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    out = tmp_path / "book.pdf"
    assert main(["handbook", "huber", "--out", str(out)]) == 2
    assert "pdflatex is not installed" in capsys.readouterr().err
    assert not out.exists()


def tools():
    for tool in ("pdflatex", "bibtex"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")


@pytest.mark.latex
def test_latex_sets_the_catalogue_without_a_warning(tmp_path, every):
    tools()
    for name, text in {**sources(every), **{f"{x.name}.tex": fragment(x) for x in every}}.items():
        (tmp_path / name).write_text(text)
    for tool in ("pdflatex", "bibtex", "pdflatex", "pdflatex", "pdflatex"):
        options = ["-interaction=nonstopmode", "-halt-on-error"] if tool == "pdflatex" else []
        done = subprocess.run([tool, *options, "handbook"], cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
    log = (tmp_path / "handbook.log").read_text(errors="replace")
    assert not re.findall(r"(?:LaTeX|Package)[^\n]*Warning[^\n]*", log)
    assert "Missing character" not in log
    wide = [float(points) for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt too wide\)", log)]
    assert max(wide, default=0) < 6  # 2 mm of a margin of 25 mm
    contents = (tmp_path / "handbook.toc").read_text()
    assert contents.count("{section}") == len(every) + 5
    assert (tmp_path / "handbook.bbl").read_text().count(r"\bibitem") == len(
        {citation for loss in every for citation in loss.cite} & set(REFERENCES)
    )


@pytest.mark.latex
def test_the_command_makes_the_same_pdf_twice_also_of_own_losses(tmp_path, capsys):
    tools()
    own = tmp_path / "own.py"
    own.write_text(OWN)
    first, second = tmp_path / "a" / "first.pdf", tmp_path / "second.pdf"
    for path in (first, second):
        assert main(["handbook", str(own), "huber", "--out", str(path)]) == 0
    assert "2 losses in" in capsys.readouterr().out
    assert first.read_bytes().startswith(b"%PDF-")
    assert first.read_bytes() == second.read_bytes()
    assert [p.name for p in first.parent.iterdir()] == ["first.pdf"]


@pytest.mark.latex
def test_what_latex_refuses_is_said(tmp_path):
    tools()
    own = tmp_path / "own.py"
    own.write_text(OWN)
    found = list(losses_in(own).values())
    files = {**sources(found), "squared_100.tex": "\\nonsense"}
    with pytest.raises(RuntimeError, match=r"pdflatex refuses the handbook:\n! Undefined control sequence"):
        build(files)
