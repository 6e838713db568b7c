"""BibTeX of the references: what it says, and that BibTeX itself reads every entry without a complaint."""

import re
import shutil
import subprocess

import pytest

from symloss.losses.references import REFERENCES, Reference
from symloss.present.bibtex import bibtex, entry, key

REQUIRED = {
    "article": {"author", "title", "journal", "year", "volume"},
    "inproceedings": {"author", "title", "booktitle", "year"},
    "incollection": {"author", "title", "booktitle", "publisher", "pages", "year"},
    "book": {"author", "title", "publisher", "year"},
    "misc": {"author", "title", "howpublished", "year"},
}


def test_an_entry_is_what_one_would_type():
    assert entry("Koenker and Bassett 1978", REFERENCES["Koenker and Bassett 1978"]) == (
        "@article{KoenkerBassett1978,\n"
        "  author = {Roger Koenker and Bassett, Jr., Gilbert},\n"
        "  title = {{Regression Quantiles}},\n"
        "  journal = {Econometrica},\n"
        "  volume = {46},\n"
        "  number = {1},\n"
        "  pages = {33--50},\n"
        "  year = {1978},\n"
        "  doi = {10.2307/1913643},\n"
        "}\n"
    )


@pytest.mark.parametrize(
    ("citation", "expected"),
    [
        ("Huber 1964", "article"),
        ("Cox 1958", "article"),  # whose journal's name has a comma
        ("Lin et al. 2017", "inproceedings"),
        ("Rahman and Wang 2016", "inproceedings"),  # volume and pages, and no journal
        ("Herbrich et al. 2000", "incollection"),
        ("Hastie et al. 2009", "book"),
        ("Legendre 1805", "book"),
        ("van den Oord et al. 2018", "misc"),
    ],
)
def test_the_kind_is_that_of_the_venue(citation, expected):
    assert entry(citation, REFERENCES[citation]).startswith(f"@{expected}{{")


def test_every_reference_has_an_entry_with_what_its_kind_requires():
    text = bibtex(REFERENCES.items())
    assert text.isascii()
    entries = re.findall(r"^@(\w+)\{([\w-]+),\n(.*?)^\}$", text, re.MULTILINE | re.DOTALL)
    assert len(entries) == len(REFERENCES) == len({k for _, k, _ in entries})
    for kind, name, body in entries:
        assert set(re.findall(r"^  (\w+) = ", body, re.MULTILINE)) >= REQUIRED[kind], name
        assert body.count("{") == body.count("}"), name
    for reference in REFERENCES.values():
        assert reference.doi.removeprefix("arXiv:") in text


def test_letters_beyond_ascii_are_held_together():
    odd = Reference("Jörg Łoś and Ann Ørsted", "On 100% & more_of #it", "Some Press, Köln", 1999)
    text = entry("Łoś and Ørsted 1999", odd)
    assert r"J{\"{o}}rg {\L{}}o{\'{s}} and Ann {\O{}}rsted" in text
    assert r"{{On 100\% \& more\_of \#it}}" in text
    assert 'address = {K{\\"{o}}ln}' in text


def test_keys():
    assert key("van den Oord et al. 2018") == "vanDenOordEtAl2018"
    assert key("Gutmann and Hyvärinen 2010") == "GutmannHyvarinen2010"


def test_a_venue_that_nobody_knows_is_refused():
    odd = Reference("A. Nobody", "Nothing", "a, b, c", 2000)
    with pytest.raises(ValueError, match=r"Nobody 2000: the venue 'a, b, c' fits no row"):
        entry("Nobody 2000", odd)


@pytest.mark.latex
def test_bibtex_reads_all_without_a_warning(tmp_path):
    if shutil.which("bibtex") is None:
        pytest.skip("bibtex is not installed")
    (tmp_path / "references.bib").write_text(bibtex(REFERENCES.items()))
    (tmp_path / "all.aux").write_text("\\citation{*}\n\\bibstyle{plain}\n\\bibdata{references}\n")
    done = subprocess.run(["bibtex", "all"], cwd=tmp_path, capture_output=True, text=True, check=False)
    # an anthology may go without editors here: the catalogue's citations name none
    complaints = [
        line for line in done.stdout.splitlines() if "arning--" in line and "empty editor" not in line
    ]
    assert (done.returncode, complaints) == (0, [])
    assert (tmp_path / "all.bbl").read_text().count(r"\bibitem") == len(REFERENCES)
