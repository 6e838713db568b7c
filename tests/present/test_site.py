"""The site as it is built: no warning, no dead link, nothing from the network, all that is shown runs."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlparse

import numpy as np
import pytest
from built_site import built_site
from helpers import NAMES, draw

import symloss
from symloss import declare
from symloss.generate import render
from symloss.present import site as site_module
from symloss.request import Request

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent.parent
KATEX = """
const katex = require(process.argv[1]);
const wrong = [];
for (const [page, tex, displayMode] of JSON.parse(require("fs").readFileSync(0, "utf8"))) {
  try { katex.renderToString(tex, {displayMode, throwOnError: true, strict: "error"}); }
  catch (error) { wrong.push([page, tex, String(error)]); }
}
console.log(JSON.stringify(wrong));
"""


class Page(HTMLParser):
    """The ids of a page, what it links to, and what it loads."""

    def __init__(self, path: Path):
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.images: list[dict] = []
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(given["id"])
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag == "img" or (tag == "svg" and given.get("class") == "symloss-plot"):
            self.images.append(given)
        for name in ("src", "href", "data", "poster", "srcset"):
            if given.get(name) and tag not in ("a", "use") and given.get("rel") not in ("canonical",):
                self.loads.append(given[name])


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    return built_site(tmp_path_factory)


@pytest.fixture(scope="module")
def pages(built) -> dict[Path, Page]:
    return {path: Page(path) for path in built.rglob("*.html")}


def test_there_is_a_page_for_every_loss(built):
    """The build itself, whose warnings are errors, is part of the fixture."""
    assert {p.stem for p in (built / "losses").glob("*.html")} == {*NAMES, "index"}


def test_every_internal_link_leads_somewhere(built, pages):
    dead = []
    for path, page in pages.items():
        for link in (*page.links, *page.loads):
            target, fragment = urldefrag(link)
            target = target.partition("?")[0]
            if urlparse(target).scheme or target.startswith("//"):
                continue
            file = (path.parent / unquote(target)).resolve() if target else path
            there = file.is_relative_to(built.resolve()) and file.is_file()
            if not there or (fragment and file in pages and unquote(fragment) not in pages[file].ids):
                dead.append((path.name, link))
    assert not dead


def test_nothing_comes_from_the_network(built, pages):
    """Scripts, styles, fonts and images lie beside the pages."""
    for path, page in pages.items():
        outside = [load for load in page.loads if re.match(r"(\w+:)?//", load)]
        assert not outside, path.name
        assert not re.findall(r"@import|url\(\s*['\"]?https?:|import\(", page.text)
    for path in [*built.rglob("*.css"), *built.rglob("try_it.js")]:
        text = path.read_text(encoding="utf-8")
        assert not re.findall(r"@import\s|url\(\s*['\"]?(?:https?:)?//", text), path.name


def test_ids_are_unique_and_pictures_have_words(pages):
    for path, page in pages.items():
        repeated = {i for i in page.ids if page.ids.count(i) > 1}
        assert not repeated, path.name
        assert all((i.get("alt") or i.get("aria-label") or "").strip() for i in page.images), path.name


def formulas(page: Page) -> list[tuple[str, bool]]:
    """What MathJax is given: LaTeX between its delimiters."""
    found = re.findall(r'class="math[^"]*">\s*\\([\[(])(.*?)\\[\])]\s*</(?:div|span)>', page.text, re.DOTALL)
    return [(html.unescape(tex).strip(), kind == "[") for kind, tex in found]


@pytest.mark.katex
def test_every_formula_renders(pages):
    """By KaTeX, which is stricter than MathJax; the browser's test looks at what MathJax makes of them."""
    folder = os.environ.get("SYMLOSS_KATEX")
    if not folder or not Path(folder).is_dir():
        pytest.skip("SYMLOSS_KATEX names no katex: npm install katex, and set it to node_modules/katex")
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    tasks = [(path.name, tex, display) for path, page in pages.items() for tex, display in formulas(page)]
    assert len(tasks) > 30 * len(NAMES)
    done = subprocess.run(
        ["node", "-e", KATEX, str(Path(folder).resolve())],
        input=json.dumps(tasks),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == []


# --- the code that is shown -------------------------------------------------------------------------------


def blocks(built: Path, name: str) -> list[tuple[str, str, str]]:
    """The code blocks in the tabs of a page's source: language, caption, text."""
    text = (built.parent / "docs" / "losses" / f"{name}.md").read_text(encoding="utf-8")
    found = re.findall(
        r"```\{code-block\} (\w+)\n(?::caption: (\S+)\n)?\n(.*?)\n```$", text, re.DOTALL | re.MULTILINE
    )
    return [(language, caption, body) for language, caption, body in found]


@pytest.mark.parametrize("name", NAMES)
def test_the_code_that_is_shown_runs(name, built, tmp_path):
    """The declaration declares the loss, the NumPy computes it, the C compiles, and Node reads the JavaScript.

    All is what `symloss generate` writes, byte for byte.
    """
    one = symloss.get(name)
    shown = blocks(built, name)
    certificates = ROOT / "generated" / "certificates"
    made = render(Request(name, name), ("numpy", "c", "javascript"), certificates)
    by_file = {Path(path).name: text.strip() for path, text in made.items()}
    assert {caption: text.strip() for _, caption, text in shown if caption} == by_file
    for language, caption, text in shown:
        if language == "python" and not caption:
            namespace = {k: getattr(declare, k) for k in declare.__all__}
            namespace |= {k: declare.index(k) for k in "dijp"}
            (tmp_path / "declared.py").write_text(text, encoding="utf-8")
            exec(compile(text, str(tmp_path / "declared.py"), "exec"), namespace)
            declared = namespace[name]
            assert declared.expression == one.expression and declared.inputs == one.inputs
        elif language == "python":
            module: dict = {"__name__": name}
            exec(compile(text, caption, "exec"), module)
            arrays, parameters = draw(one)
            expected = one.load("numpy").value(**arrays, **parameters)
            np.testing.assert_array_equal(module["value"](**arrays, **parameters), expected)
        else:
            (tmp_path / caption).write_text(text + "\n", encoding="utf-8")
    if cc := shutil.which("cc"):
        command = [cc, "-std=c99", "-Wall", "-Werror", "-fsyntax-only", str(tmp_path / f"{name}.c")]
        subprocess.run(command, check=True)
    if node := shutil.which("node"):
        subprocess.run([node, "--check", str(tmp_path / f"{name}.mjs")], check=True)


# --- symloss docs -----------------------------------------------------------------------------------------


OWN = '''
from symloss import NonNegative, Positive, Real, loss, named, parameter
import symloss


@loss(task="regression")
def own(prediction: Real, target: Real, *, factor: Positive = 2):
    """The fourth power of the residual."""
    r = named("r", prediction - target)
    return factor * r**4


own_with_penalty = own + parameter("lam", NonNegative, 0.1) * symloss.get("l2_penalty")
'''


def command(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "symloss", "docs", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_a_site_of_own_losses(tmp_path):
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    (tmp_path / "out").mkdir()
    for name in (site_module.MARK, "stale.html"):  # a site made before is replaced
        (tmp_path / "out" / name).touch()
    done = command("own.py", "huber", "--out", "out", "--title", "Mine <b> {{ 1 }}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {p.stem for p in (tmp_path / "out" / "losses").glob("*.html")} == {
        "own", "own_with_penalty", "huber", "index",
    }  # fmt: skip
    page = Page(tmp_path / "out" / "losses" / "own.html")
    assert (
        "fourth power" in page.text and "huber.html" in page.links and (tmp_path / "out/index.html").is_file()
    )
    assert "<b> {{ 1 }}" not in page.text and "Mine &lt;b&gt; {{ 1 }}" in page.text
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "own.py"]
    assert not (tmp_path / "out" / "stale.html").exists()


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["nothing.py"], "there is no such file"),
        (["huger"], "did you mean huber"),
        (["huber", "--out", "full"], "was not made by symloss docs"),
        (["huber", "--certificates", "full"], "huber.json: no certificate: "),
    ],
)
def test_what_is_refused_leaves_nothing(arguments, message, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "huber.json").write_bytes(b"\xff")
    done = command(*arguments, cwd=tmp_path)
    assert done.returncode == 2 and message in done.stderr
    assert [p.name for p in tmp_path.rglob("*")] == ["full", "huber.json"]


def test_without_the_extra_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(site_module, "NEEDED", ("furo", "no_such_module"))
    with pytest.raises(RuntimeError, match=r"docs needs no_such_module: pip install 'symloss\[docs\]'"):
        site_module.build(["huber"], tmp_path / "out", "Losses", tmp_path)
    assert not (tmp_path / "out").exists()
