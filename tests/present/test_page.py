"""The page of a loss: what must be on it, and that nothing a user writes breaks out of it."""

from __future__ import annotations

import doctest
import re
from functools import cache
from pathlib import Path

import jinja2.meta
import pytest
from built_site import built_site
from helpers import NAMES

import symloss
from symloss import Real, loss, named
from symloss.backends import environment
from symloss.derive.engine import taken
from symloss.evaluate import evaluate
from symloss.present.page import Neighbour, markdown, page
from symloss.present.walk import in_short, line_by_line
from symloss.request import Request
from symloss.sample import sample
from symloss.store import template_folder

pytest.importorskip("matplotlib", reason="matplotlib is not installed: pip install 'symloss[docs]'")

NOWHERE = Path("no-such-folder")
NEIGHBOURS = tuple(Neighbour(n, symloss.get(n).task, symloss.get(n).summary) for n in NAMES)


@cache
def text_of(name: str) -> str:
    return page(Request(name, name), NEIGHBOURS, NOWHERE)


# --- derivations ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[] if n == "huber" else pytest.mark.slow) for n in NAMES]
)
def test_short_and_full_begin_and_end_alike(name):
    for wrt in symloss.get(name).differentiated:
        derivation = symloss.get(name).derivation(wrt)
        short, full = in_short(derivation), line_by_line(derivation)
        assert short[0].formula == full[0].formula
        assert short[-1].formula == full[-1].formula
        assert len(short) <= len(full)
        assert all(line.rules and all(said for _, said in line.rules) for line in full[1:])
        every = {rule for line in short for rule, _ in line.rules}
        assert every >= {step.rule for step in derivation.steps} - {"constant"} or len(short) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in NAMES if symloss.get(n).kind == "elementwise"])
def test_what_a_line_carries_out_is_true(name):
    """Each derivative that a line works out equals what it is said to be, to 30 digits."""
    for wrt in symloss.get(name).differentiated:
        for step in symloss.get(name).derivation(wrt).steps:
            for before, after in taken(step):
                for seed in range(3):
                    at = sample(step.loss, seed)
                    assert abs(evaluate(before, at, 50) - evaluate(after, at, 50)) < 1e-30


# --- pages ------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_what_is_on_every_page(name, tmp_path_factory):
    text = (built_site(tmp_path_factory).parent / "docs" / "losses" / f"{name}.md").read_text(
        encoding="utf-8"
    )
    one = symloss.get(name)
    for heading in (
        "Formula",
        "Shape",
        "Try it",
        "With numbers",
        "Numerical soundness",
        "Code",
        "References",
    ):
        if heading == "With numbers" and name in ("soft_dice", "soft_jaccard", "tversky"):
            continue  # too many pixels to write down
        assert f"\n## {heading}\n" in text
    assert text.count("symloss-boxed") == len(one.differentiated)
    assert ("\n## At the kinks\n" in text) == bool(one.kinks)
    assert text.count('<svg class="symloss-plot"') >= 2
    for i in (*one.inputs, *one.parameters):
        assert f"| `{i.name}` |" in text
    others = [n for n in NAMES if symloss.get(n).task == one.task and n != name]
    assert all(f"({n}.md)" in text for n in others)

    assert r"\text{$" not in text  # mathematics inside text inside mathematics breaks MathJax

    _the_example_prints_what_it_says(name, text)
    _the_worked_example_agrees_with_itself(text)


def _the_example_prints_what_it_says(name, text):
    block = re.search(r"```python\n(>>>.*?)```", text, re.DOTALL).group(1)
    test = doctest.DocTestParser().get_doctest(block, {}, name, None, 0)
    assert test.examples
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


def _the_worked_example_agrees_with_itself(text):
    """The gradient by the formula and by difference quotients, written out side by side, to the digits shown."""
    found = re.findall(r"(?:derivative with respect to|to either side)[^:]*: \$(.*)\$", text)
    assert len(found) in (0, 2)
    if found:
        formula, quotient = ([float(x) for x in _numbers(tex)] for tex in found)
        assert formula == pytest.approx(quotient, rel=2e-4, abs=1e-6)
        assert any(formula), "a derivative of 0 shows nothing"


def _numbers(tex: str) -> list[str]:
    tex = re.sub(r" \\cdot 10\^\{(-?\d+)\}", r"e\1", tex)
    return re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", tex)


@pytest.mark.slow
def test_same_loss_same_bytes():
    assert text_of("huber") == text_of.__wrapped__("huber")


@pytest.mark.slow
def test_text_of_a_user_stays_text(tmp_path):
    """Markup, mathematics and closing tags in a docstring neither run nor break the page."""
    file = tmp_path / "own.py"
    file.write_text(
        'from symloss import Real, loss\n\n\n@loss(task="regression", metrics=("<b>m</b>",))\n'
        "def nasty(prediction: Real, target: Real):\n"
        '    """<script>alert(1)</script> <!-- <script> `tick` '
        "$x$ {evil}`y` [link](javascript:1) {{ 7 * 7 }} ``` :::\n\n"
        '    # no heading\n    """\n'
        "    return (prediction - target) ** 2  # </script> ```\n",
        encoding="utf-8",
    )
    text = page(Request("nasty", str(file)), (), NOWHERE)
    body = text.split("## Formula")[0]
    assert r"\<script\>alert(1)\</script\>" in body
    assert "{{ 7" not in body and r"\$x\$" in body and r"\[link\]" in body and "\n# no" not in body
    script = text.split('type="application/json">')[1]
    assert script.index("</script>") < script.index("<noscript>")
    assert text.count("</script>") == 2 + text.split("## Code")[1].count("</script>")
    # a comment that opens in a script would draw the rest of the page into it
    assert not [s for s in re.findall("<script type.*?</script>", text, re.DOTALL) if "<!--" in s]


def test_markdown_escapes_and_keeps_formulas():
    assert markdown("a * b_c <x> #1 [y]") == r"a \* b\_c \<x\> \#1 \[y\]"
    assert markdown("∂xᵢ/∂xₖ = δᵢₖ") == r"$\partial x_{i}/\partial x_{k} = \delta _{ik}$"
    assert markdown("With gamma = 2, delta.", symloss.get("focal")).startswith(r"With $\gamma$")
    assert markdown("1. no list") == r"1\. no list"


@pytest.mark.slow
def test_every_name_of_the_template_is_given(monkeypatch):
    given: dict[str, set[str]] = {}
    original = jinja2.Template.render

    def spy(self, *args, **kwargs):
        given[self.name] = set(dict(*args, **kwargs))
        return original(self, *args, **kwargs)

    monkeypatch.setattr(jinja2.Template, "render", spy)
    text_of.__wrapped__("mean_squared_error")
    source = (template_folder() / "pages" / "loss.md.j2").read_text(encoding="utf-8")
    asked = jinja2.meta.find_undeclared_variables(environment().parse(source))
    assert asked == given["pages/loss.md.j2"]


@pytest.mark.slow
def test_a_loss_that_cannot_be_drawn_has_a_page(monkeypatch):
    """No plots, and no error: everything else is there."""
    monkeypatch.setattr("symloss.present.slices._usable", lambda one: False)
    text = text_of.__wrapped__("huber")
    assert "## Formula" in text and "## Shape" not in text and "## Try it" not in text


def test_own_names_stay_apart_from_the_letters_of_the_page():
    @loss(task="regression")
    def own(prediction: Real, target: Real):
        """r is the residual."""
        return named("r", prediction - target) ** 4

    assert "$" not in markdown(own.summary, own)
