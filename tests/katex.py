"""KaTeX in node, which is what refuses formulas that a browser would not show."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

RENDER = """
const katex = require(process.argv[1]);
const wrong = [];
for (const [name, tex, display] of JSON.parse(require("fs").readFileSync(0, "utf8"))) {
  try { katex.renderToString(tex, {displayMode: display, throwOnError: true, strict: "error"}); }
  catch (error) { wrong.push([name, tex, String(error)]); }
}
console.log(JSON.stringify(wrong));
"""


def refused(tasks: list[tuple[str, str, bool]]) -> list[list[str]]:
    """What KaTeX refuses of (name, formula, displayed?), with its reasons; the test is skipped where it is missing."""
    folder = os.environ.get("SYMLOSS_KATEX")
    if not folder or not Path(folder).is_dir():
        pytest.skip("SYMLOSS_KATEX names no katex: npm install katex, and set it to node_modules/katex")
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    done = subprocess.run(
        ["node", "-e", RENDER, str(Path(folder).resolve())],
        input=json.dumps(tasks),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)
