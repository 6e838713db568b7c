"""The guides say what is true: what they show runs, what they cite is in the catalogue's references."""

import re

import pages
import pytest

from symloss.losses.references import REFERENCES

GUIDES = sorted((pages.DOCS / "guides").rglob("*.md"))
NAMES = [path.relative_to(pages.DOCS / "guides").as_posix() for path in GUIDES]
WITHOUT_CODE = {"index.md", "choosing/index.md", "api.md", "cli.md"}


@pytest.mark.slow
@pytest.mark.parametrize("path", GUIDES, ids=NAMES)
def test_what_is_shown_runs(path, tmp_path, monkeypatch):
    count = pages.run(path, tmp_path, monkeypatch, checkout=path.name == "extending.md")
    assert (count > 0) == (path.relative_to(pages.DOCS / "guides").as_posix() not in WITHOUT_CODE)


@pytest.mark.parametrize("path", GUIDES, ids=NAMES)
def test_citations_are_those_of_the_references(path):
    text = path.read_text(encoding="utf-8")
    for label, link in re.findall(r"\[([^\]]+)\]\(https://([^)]+)\)", text):
        assert label in REFERENCES, f"{path.name} cites {label}, which is not in symloss/losses/references.py"
        doi = REFERENCES[label].doi
        wanted = (
            f"arxiv.org/abs/{doi.removeprefix('arXiv:')}" if doi.startswith("arXiv:") else f"doi.org/{doi}"
        )
        assert link == wanted, label
