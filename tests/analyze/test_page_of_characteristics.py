"""docs/characteristics.md speaks of every loss of the catalogue, and of every row of the literature."""

import re
from pathlib import Path

from helpers import NAMES
from literature import PUBLISHED, SOURCES, number_of_claims

from symloss.losses import get

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "characteristics.md").read_text(encoding="utf-8")
UPDATE = "run `make characteristics`"


def part(name: str) -> str:
    return PAGE.partition(f"<!-- {name} -->")[2].partition(f"<!-- end of {name} -->")[0]


def rows(text: str) -> list[list[str]]:
    lines = [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line] for line in lines]


def test_the_whole_catalogue_is_in_it():
    head, *body = rows(part("catalogue"))
    named = [row[0].partition(" w.r.t. ") for row in body]
    assert list(dict.fromkeys(name for name, _, _ in named)) == list(NAMES), UPDATE
    by = {name: [wrt for other, _, wrt in named if other == name] for name, _, _ in named}
    for name, found in by.items():
        tensors = get(name).differentiated
        assert found[0] == (tensors[0] if len(tensors) > 1 else "") and set(found) <= {*tensors, ""}, UPDATE
    assert by["gaussian_kl_divergence"] == ["mean", "log_variance"], (
        UPDATE
    )  # only the first has a bounded curvature
    assert all(len(row) == len(head) and all(row) for row in body)


def test_the_literature_is_in_it():
    text = part("literature")
    _, *body = rows(text)
    assert [row[0].split(" with ")[0] for row in body] == [p.loss for p in PUBLISHED], UPDATE
    claims, sources, losses, *verdicts = map(int, re.findall(r"\d+", text.split("\n\n")[0]))
    assert claims == number_of_claims() == sum(verdicts), UPDATE
    assert (sources, losses) == (len({p.source for p in PUBLISHED}), len({p.loss for p in PUBLISHED}))
    for key in {p.source for p in PUBLISHED}:
        assert f"- {key}: {SOURCES[key].text}" in text, UPDATE


def test_nothing_is_contradicted_in_it():
    assert "✗" not in part("literature") and re.search(r"\b0 contradicted", part("literature"))
