"""What a notebook shows of losses and derivations: what it says, and that KaTeX renders every formula of it."""

import re

import pytest
from katex import refused

from symloss.declare import Real, loss
from symloss.losses import get, names


@loss(task="custom")
def hostile(a_b: Real, x: Real):
    """*Stars*, under_scores, <b>tags</b>, $5, [links](x), `code`, 100% & x² ≥ 0, ∂xᵢ/∂xₖ = δᵢₖ."""
    return a_b**2 * x


def formulas(markdown: str) -> list[tuple[str, bool]]:
    """The formulas between dollar signs, and whether each is displayed."""
    shown = re.findall(r"^\$\$\n(.*?)\n\$\$$", markdown, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^\$\$\n.*?\n\$\$$", "", markdown, flags=re.MULTILINE | re.DOTALL)
    return [(tex, True) for tex in shown] + [
        (tex, False) for tex in re.findall(r"(?<!\\)\$(.+?)(?<!\\)\$", rest)
    ]


def test_a_loss_says_its_formula_and_its_letters():
    assert get("log_cosh")._repr_markdown_() == (
        "**`log_cosh`**: A smooth relative of the absolute error: $r^{2}/2$ for small residuals, "
        "\\|r\\| − log 2 for large ones.\n"
        "\n"
        "$$\n"
        "\\begin{aligned}\n"
        "\\ell(\\hat{y}, y) &= \\log\\cosh r \\\\\n"
        "r &= \\hat{y} - y\n"
        "\\end{aligned}\n"
        "$$\n"
        "\n"
        "$\\hat{y}$ is `prediction`, a real number; $y$ is `target`, a real number."
    )


def test_a_derivation_says_the_rules_beside_the_lines_and_explains_them():
    shown = get("log_cosh").derivation()._repr_markdown_()
    lines = shown.splitlines()
    named = [m for line in lines for m in re.findall(r"&& \\text\{(.*?)\}", line)]
    assert named == [step.rule for step in get("log_cosh").derivation()]
    explained = re.findall(r"^- \*\*(.*?)\*\*: \S", shown, re.MULTILINE)
    assert explained == list(dict.fromkeys(named))
    assert get("log_cosh").derivation()._repr_latex_() == "\n".join(lines[: lines.index("$$", 1) + 1])


def test_text_is_no_markup():
    shown = hostile._repr_markdown_()
    assert r"\*Stars\*, under\_scores, \<b\>tags\</b\>, \$5, \[links\](x), \`code\`" in shown
    assert [tex for tex, display in formulas(shown) if not display][-2:] == ["a_b", "x"]


def test_what_has_both_forms_offers_the_same_mathematics():
    for name in ("huber", "triplet"):
        declared = get(name)
        assert declared._repr_latex_() in declared._repr_markdown_()


@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_every_formula_is_closed(name):
    declared = get(name)
    for shown in (
        declared._repr_markdown_(),
        *(declared.derivation(wrt)._repr_markdown_() for wrt in declared.differentiated),
    ):
        assert "align*" not in shown
        assert shown.count(r"\begin{") == shown.count(r"\end{")
        for tex, _ in formulas(shown):
            assert re.sub(r"\\[{}]", "", tex).count("{") == re.sub(r"\\[{}]", "", tex).count("}")


@pytest.mark.katex
def test_every_formula_renders_in_katex():
    every = [get(name) for name in names()] + [hostile]
    shown = [(d.name, d._repr_markdown_()) for d in every]
    shown += [(d.name, d.derivation(wrt)._repr_markdown_()) for d in every for wrt in d.differentiated]
    tasks = [(name, tex, display) for name, text in shown for tex, display in formulas(text)]
    assert len(tasks) > 5 * len(every)
    assert refused(tasks) == []
