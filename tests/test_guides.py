"""The guides say what is true: what they show runs, what they cite is in the catalogue's references."""

import re

import numpy as np
import pages
import pytest

import symloss
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


@pytest.mark.parametrize("path", GUIDES, ids=NAMES)
def test_losses_that_are_linked_are_in_the_catalogue(path):
    text = path.read_text(encoding="utf-8")
    for label, name in re.findall(r"\[([^\]]+)\]\([./]*losses/(\w+)\.md\)", text):
        assert name in symloss.names(), name
        assert label == name, f"{label} leads to {name}"


def test_the_program_in_c_trains_as_numpy_does():
    """The losses that the guide shows, from the formulas of logistic regression and the program's own numbers."""
    program = (pages.DOCS / "examples" / "c" / "main.c").read_text(encoding="utf-8")
    rows = re.search(r"features\[.*?\] = \{(.*?)\};", program, re.DOTALL)
    labels = re.search(r"target\[.*?\] = \{(.*?)\};", program)
    x = np.array([[float(a), float(b)] for a, b in re.findall(r"\{([\d.]+), ([\d.]+)\}", rows[1])])
    y = np.array([float(label) for label in labels[1].split(",")])
    x = np.column_stack([x, np.ones(len(x))])
    theta, losses = np.zeros(3), {}
    for step in range(2001):
        p = 1 / (1 + np.exp(-x @ theta))
        losses[step] = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
        theta -= 0.5 * x.T @ (p - y) / len(y)
    shown = re.findall(
        r"step +(\d+): loss ([\d.]+)", (pages.DOCS / "guides" / "c.md").read_text(encoding="utf-8")
    )
    assert len(shown) >= 5
    for step, loss in shown:
        assert f"{losses[int(step)]:.6f}" == loss


def test_the_reference_names_all_that_is_public():
    text = (pages.DOCS / "guides" / "api.md").read_text(encoding="utf-8")
    assert [name for name in symloss.__getattr__("__all__") if not re.search(rf"\b{name}\b", text)] == []
