"""The comparison of accuracy sees what is wrong, and its document is current; no peer is needed."""

from __future__ import annotations

import accuracy
import numpy as np
import pytest
from peers import Peer, PeerKernel

THINNED = accuracy.points()[::41]


def test_points():
    points = accuracy.points()
    assert points.shape == (1004,) and points.dtype == np.float64
    assert np.unique(points).size == points.size
    assert points.min() == -800 and points.max() == 800
    assert np.sum(points < 0) == np.sum(points > 0) == 502
    assert abs(points).min() == pytest.approx(1e-300)


@pytest.mark.parametrize("row", accuracy.ROWS, ids=lambda row: f"{row.name}-{row.target}")
def test_no_result_of_ours_is_beyond_the_bound(row):
    found = accuracy.measured(row, row.kernels([]), THINNED)
    assert set(found) == {(backend, output) for backend in accuracy.BACKENDS for output in accuracy.OUTPUTS}
    assert all(m.results >= len(THINNED) for m in found.values())
    assert not any(m.beyond for m in found.values())


def test_wrong_kernel_is_beyond_the_bound():
    row = accuracy.ROWS[0]
    assert (row.name, row.target) == ("binary_cross_entropy_with_logits", "0")

    def textbook(z, y, _):
        return np.log(1 + np.exp(z)) - y * z, np.exp(z) / (1 + np.exp(z)) - y

    found = accuracy.measured(row, [PeerKernel("textbook", textbook)], THINNED)
    # log(1 + exp(z)) is 0 for z < -37, and infinite for z > 709
    assert found["textbook", "value"].beyond > len(THINNED) // 3
    assert found["textbook", "value"].ulps > 2**52
    # exp(z)/(1 + exp(z)) is a NaN for z > 709
    assert found["textbook", "gradient"].ulps == np.inf


def test_table_has_a_line_for_each_kernel_and_names_absent_peers():
    absent = Peer("Elsewhere", "symloss-no-such-distribution", lambda: pytest.fail("it is not installed"))
    rows = [row for row in accuracy.ROWS if row.name == "huber"]
    text = accuracy.table(THINNED[:3], [absent], rows)
    assert "Skipped, because they are not installed: Elsewhere." in " ".join(text.split())
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| huber")]
    assert [line[2] for line in lines] == list(accuracy.BACKENDS.values())
    assert all(line[5] == line[8] == "0" for line in lines)


def test_document_is_current():
    text = (accuracy.ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    assert accuracy.replaced(text, {"bound": accuracy.text_of_bound()}, "docs/accuracy.md") == text, (
        "docs/accuracy.md is stale: run `make accuracy`"
    )
    lines = [line.strip("| ").split(" | ") for line in text.splitlines()]
    for row in accuracy.ROWS:
        mine = [line for line in lines if line[:2] == [row.name, row.target]]
        assert [line[2] for line in mine[:2]] == list(accuracy.BACKENDS.values())
        assert all(line[5] == line[8] == "0" for line in mine[:2])
