"""Tables of the site are sorted by a click: the script runs in Node, on a page that is made of plain objects."""

import json
import shutil
import subprocess

import pytest

from symloss.store import template_folder

PAGE = """
const cell = (text) => ({ textContent: text });
const texts = ["10", "∞", "2", "–", "delta", "-1", "1,000"];
const rows = texts.map((text) => ({ cells: [cell(text)] }));
const listeners = {}, marks = {};
const head = {
  style: {},
  addEventListener: (what, f) => (listeners[what] = f),
  getAttribute: (name) => marks[name],
  setAttribute: (name, value) => (marks[name] = value),
  removeAttribute: (name) => delete marks[name],
};
const body = { rows, append: (...sorted) => { rows.splice(0, rows.length, ...sorted); } };
const table = { tHead: { rows: [{ cells: [head] }] }, tBodies: [body] };
global.document = {
  addEventListener: (what, f) => (listeners[what] = f),
  querySelectorAll: () => [table],
};
require(process.argv[1]);
listeners.DOMContentLoaded();
const shown = () => { listeners.click(); return [rows.map((r) => r.cells[0].textContent), marks["aria-sort"]]; };
console.log(JSON.stringify([shown(), shown()]));
"""


@pytest.mark.slow
def test_sorted_by_a_click_and_back_by_another():
    """Numbers by size, words behind them, and what is not known always last."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node")
    script = str(template_folder() / "pages" / "static" / "sortable.js")
    run = subprocess.run([node, "-e", PAGE, script], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    (up, first), (down, second) = json.loads(run.stdout)
    assert (first, second) == ("ascending", "descending")
    assert up == ["-1", "2", "10", "1,000", "∞", "delta", "–"]
    assert down == ["delta", "∞", "1,000", "10", "2", "-1", "–"]
