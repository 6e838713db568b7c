"""The Sphinx extension, as a project meets it that is not symloss: a small one is built, and what it shows is read."""

import html
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from symloss.losses import get
from symloss.present.comparison import Variant, compared
from symloss.present.formulas import derivation_latex

pytest.importorskip("sphinx", reason="Sphinx is not installed: pip install 'symloss[docs]'")
pytest.importorskip("matplotlib", reason="matplotlib is not installed: pip install 'symloss[plots]'")
pytest.importorskip("myst_parser", reason="myst-parser is not installed: pip install 'symloss[docs]'")

from sphinx.cmd.build import main

ROOT = Path(__file__).resolve().parent.parent

CONF = """
project = "Demand"
extensions = ["symloss.sphinx", "myst_parser", "sphinx.ext.mathjax"]
"""
LOSSES = '''
from symloss import Positive, Real, loss

@loss(task="regression")
def demand(prediction: Real, target: Real, *, cost: Positive = 4):
    """A squared error, times what it costs: r² ≥ 0."""
    return cost * (prediction - target) ** 2

two_demands = demand + demand.renamed(prediction="other_prediction")
'''
INDEX = """
Demand
======

.. toctree::

   in_markdown
   deep/code

.. symloss:: focal_with_logits

.. symloss:: losses.py:two_demands
   :derivation: other_prediction
"""
MARKDOWN = """
# In Markdown

```{symloss} triplet
:formula:
:name: the-triplet
:class: wide
```
"""
CODE = """
Code
====

.. symloss-comparison:: mean_absolute_error huber(delta=1) ../losses.py:demand(cost=0.5)
   :variable: residual

.. symloss:: ../losses.py:demand
   :code: declaration, numpy, c
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path):
    texts = {"conf.py": CONF, "losses.py": LOSSES, "index.rst": INDEX}
    texts |= {"in_markdown.md": MARKDOWN, "deep/code.rst": CODE}
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def build(project: Path, builder: str = "html", *options: str) -> int:
    """Sphinx's exit status, with warnings as errors."""
    return main(
        ["-q", "-W", "--keep-going", "-b", builder, *options, str(project), str(project / "_build" / builder)]
    )


def read(project: Path, name: str) -> str:
    """The text of a page, its entities resolved."""
    return html.unescape((project / "_build" / name).read_text(encoding="utf-8"))


def aligned(derivation) -> str:
    return derivation_latex(derivation).replace("align*", "aligned")


def test_a_foreign_project_shows_losses_without_a_warning(project, capsys):
    assert build(project) == 0, capsys.readouterr().err
    page = read(project, "html/index.html")
    focal = get("focal_with_logits")
    assert focal.summary in page
    assert aligned(focal.derivation()) in page
    assert "The derivative of a sum is the sum of the derivatives" in page
    assert r"\hat{y}" in page and "other_prediction" in page
    assert page.count("The derivative with respect to") == 2  # focal's one, and the one that was asked for

    page = read(project, "html/in_markdown.html")
    assert r"d^+ &= \left\lVert a - a^+\right\rVert" in page
    assert "step by step" not in page  # only the formula was asked for
    assert 'class="symloss wide docutils container" id="the-triplet"' in page

    page = re.sub("<.*?>", "", read(project, "html/deep/code.html"))
    assert "def demand(prediction: Real, target: Real, *, cost: Positive = 4):" in page
    assert "symloss generate losses.py --target numpy" in page
    assert "int symloss_demand_value_and_gradient_f64(" in page


def test_plots_are_those_of_the_numbers(project, capsys):
    (project / "index.rst").write_text(INDEX + "\n.. symloss:: huber\n   :plot: delta\n")
    assert build(project) == 0, capsys.readouterr().err
    page = read(project, "html/index.html")
    assert page.count('<svg class="symloss-plot" role="img"') == 2
    assert (
        'aria-label="Derivative against residual r = prediction - target, of delta = 0.5, delta = 1' in page
    )
    page = read(project, "html/deep/code.html")
    assert (
        "Loss against residual, of mean_absolute_error, huber(delta=1), ../losses.py:demand(cost=0.5)" in page
    )
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))  # several figures on a page share no name

    drawn = compared([Variant(get("huber"), {"delta": 1.5}, ""), Variant(get("log_cosh"), {}, "")])
    x = np.array(drawn.places)
    assert np.allclose(drawn.derivatives[0], np.clip(x, -1.5, 1.5))
    assert np.allclose(drawn.values[1], np.log(np.cosh(x)))


def test_books_have_the_plots_as_pdf(project, capsys):
    assert build(project, "latex") == 0, capsys.readouterr().err
    text = (project / "_build" / "latex" / "demand.tex").read_text(encoding="utf-8")
    included = re.findall(r"\\includegraphics\[.*?\]\{(symloss-\w+\.pdf)\}", text)
    assert len(included) == len(set(included)) == 2
    for name in included:
        assert (project / "_build" / "latex" / name).read_bytes().startswith(b"%PDF-")


def test_latex_gets_what_may_break_across_pages(project, capsys):
    assert build(project, "latex") == 0, capsys.readouterr().err
    text = (project / "_build" / "latex" / "demand.tex").read_text(encoding="utf-8")
    assert derivation_latex(get("focal_with_logits").derivation()) in text
    assert r"\allowdisplaybreaks" in text and r"\begin{aligned}" not in text


def test_a_change_of_a_file_of_losses_reads_its_documents_again_and_no_others(project, capsys):
    assert build(project) == 0
    capsys.readouterr()
    losses = project / "losses.py"
    losses.write_text(LOSSES.replace("cost * (", "3 * cost * ("), encoding="utf-8")
    os.utime(losses, (2e9, 2e9))
    assert main(["-b", "html", "--no-color", str(project), str(project / "_build" / "html")]) == 0
    read_again = re.findall(r"reading sources\.\.\. \[ *\d+%\] (\S+)", capsys.readouterr().out)
    assert sorted(read_again) == ["deep/code", "index"]
    assert "return 3 * cost" in re.sub("<.*?>", "", read(project, "html/deep/code.html"))


@pytest.mark.parametrize(
    ("asked", "options", "said"),
    [
        ("focal_with_logit", "", "no loss is called 'focal_with_logit'; did you mean focal_with_logits"),
        ("losses.py:demnd", "", "losses.py: it has no loss 'demnd'; it has demand, two_demands"),
        ("losses.py", "", "it declares demand, two_demands; say which, as losses.py:NAME"),
        ("nowhere.py:demand", "", "nowhere.py: there is no such file"),
        ("broken.py:demand", "", "broken.py: line 2: ZeroDivisionError: division by zero"),
        ("huber", ":derivation: targt", "targt"),
        ("losses.py:two_demands", ":code: declaration", "there is no declaration to show"),
        (
            "huber",
            ":code: cobol",
            "'cobol' is no language of generated code; there are declaration, numpy, c",
        ),
    ],
)
def test_what_cannot_be_had_is_a_warning_with_the_line(project, capsys, asked, options, said):
    (project / "broken.py").write_text("\n1 / 0\n")
    (project / "index.rst").write_text(f"Wrong\n=====\n\nText.\n\n.. symloss:: {asked}\n   {options}\n")
    (project / "in_markdown.md").unlink()
    (project / "deep" / "code.rst").unlink()
    assert build(project) == 1
    warnings = capsys.readouterr().err
    assert "index.rst:6: " in warnings and said in warnings and asked in warnings


def test_a_comparison_that_cannot_be_drawn_is_a_warning(project, capsys):
    wrong = {
        "huber(delta=wide)": "'delta=wide' is no hyper-parameter with a number",
        "huber(gamma=1)": "gamma",
    }
    wrong["huber soft_dice huberr"] = "no loss is called 'huberr'"
    text = "".join(f".. symloss-comparison:: {asked}\n\n" for asked in wrong)
    (project / "index.rst").write_text(f"Wrong\n=====\n\n{text}")
    (project / "in_markdown.md").unlink()
    (project / "deep" / "code.rst").unlink()
    assert build(project) == 1
    warnings = capsys.readouterr().err
    for line, (asked, said) in zip((4, 6, 8), wrong.items(), strict=True):
        assert re.search(
            rf"index\.rst:{line}: WARNING: symloss {re.escape(asked)}: .*{re.escape(said)}", warnings
        )


def test_plots_without_matplotlib_are_a_warning_that_names_it(project, capsys, monkeypatch):
    monkeypatch.setattr("symloss.sphinx.find_spec", lambda name: None)
    assert build(project) == 1
    assert "code.rst:5: WARNING: symloss mean_absolute_error" in (said := capsys.readouterr().err)
    assert "plots need matplotlib: pip install 'symloss[plots]'" in said


def test_errors_in_markdown_name_the_line_too(project, capsys):
    (project / "in_markdown.md").write_text("# Title\n\nText.\n\n```{symloss} hubr\n```\n")
    assert build(project) == 1
    assert "in_markdown.md:5: WARNING: symloss hubr: no loss is called 'hubr'" in capsys.readouterr().err


def test_the_package_does_not_need_sphinx():
    """Nothing but the extension itself imports it."""
    code = "import sys, symloss, symloss.cli; symloss.get('huber'); print('sphinx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
