"""The LaTeX of losses: what it says, and that LaTeX and KaTeX accept it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import sympy
from katex import refused
from sympy import KroneckerDelta, Symbol, log, tanh

from symloss.declare import (
    Abs,
    ClassIndex,
    Max,
    NonNegative,
    Piecewise,
    Positive,
    Real,
    Sum,
    exp,
    index,
    log_softmax,
    logsumexp,
    loss,
    named,
    norm,
    parameter,
    sigmoid,
    softplus,
)
from symloss.functions import free_index
from symloss.losses import get, names
from symloss.present.latex import (
    Notation,
    batch_formula,
    definitions_latex,
    derivation_latex,
    escape,
    fragment,
    gradient_latex,
    latex,
    loss_formula,
    prose,
    render,
    width,
)

j = index("j")
l = index("l")  # noqa: E741

PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage{amsmath}
\setlength{\textwidth}{160mm}\setlength{\oddsidemargin}{0mm}\setlength{\textheight}{230mm}
\begin{document}
"""


# --- losses that are harder to print than the catalogue's ---------------------------------------------------


@loss(task="custom", cite=("100% & more_of_{it} #1 ~ ^ \\ $", "Huber 1964"), metrics=("a_b", "R² ≥ 0"))
def awkward_names(sigma: Real["C"], delta: Real["C"], e: Positive, v: Real, *, pi: Real = 1, eps_2: Real = 2):
    """A 100% hostile summary_with \\backslash, #, {, }, ~, ^, &, $x$ and ≥ ℓ σ.

    Unicode: x² + y₁ ≤ ∞, ∂xᵢ/∂xₖ = δᵢₖ, x²′²′ ᵢⱼ²ᵢ, é ü ß ø Ł ñ ő, 日本語, 🙂, “quotes”, "straight",
    `back`, --dash, <angles> |bars| — dash … and \\input{/etc/passwd} \\end{document} %comment.
    """
    total = named("total", Sum[j](sigma[j] * delta[j]))
    return softplus(total) + exp(e) * v + pi * eps_2


@loss(task="custom")
def two_alike(target: Real, y: Real, temperature: Real, tau: Real, p: Real["C"], probability: Real["C"]):
    """Names whose customary letters are names themselves."""
    p_j = named("p_j", target * y)
    return p_j * temperature * tau + Sum[j](p[j] * probability[j])


@loss(task="custom")
def many_binders(score: Real["C"], other: Real["C", "D"], target: ClassIndex["C"], *, rate: Positive = 1):
    """Binders in binders, norms, maxima and a gather."""
    inner = logsumexp[l](rate * other[target, l])
    return (
        Sum[j](score[j] ** 2 * norm[l](other[j, l]))
        + Max[j](score[j])
        + inner
        + norm[j](2 * score[j])
        + Abs(log_softmax[j](3 * score[j])[target]) ** 3
        + Piecewise((tanh(score[target]) ** 2, score[target] > 0), (sympy.sqrt(1 + score[target] ** 2), True))
    )


mixed = (get("huber") + parameter("lam", NonNegative, 0.1) * get("l2_penalty")).renamed("mixed")
HARD = (awkward_names, two_alike, many_binders, mixed)
EVERY = (*(get(name) for name in names()), *HARD)


# --- what it says, typed by hand ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mean_squared_error", r"\frac{\partial \ell}{\partial \hat{y}} = 2 r"),
        (
            "huber",
            r"\frac{\partial \ell}{\partial \hat{y}} = \begin{cases} r & \text{if } \left|r\right| \le "
            r"\delta \\ \delta \operatorname{sign}\left(r\right) & \text{otherwise} \end{cases}",
        ),
        ("log_cosh", r"\frac{\partial \ell}{\partial \hat{y}} = \tanh r"),
        ("poisson_negative_log_likelihood", r"\frac{\partial \ell}{\partial \eta} = e^{\eta} - y"),
        (
            "softmax_cross_entropy",
            r"\frac{\partial \ell}{\partial z_k} = \operatorname{softmax}(z)_k - y_k",
        ),
        (
            "focal_with_logits",
            r"\frac{\partial \ell}{\partial z} = \alpha_t \left(1 - p_t\right)^{\gamma} \left(1 - 2 y\right) "
            r"\left(1 - p_t - \gamma p_t \log p_t\right)",
        ),
        ("l2_penalty", r"\frac{\partial \mathcal{L}}{\partial \theta_i} = 2 \theta_i"),
    ],
)
def test_gradient_reads_as_in_a_textbook(name, expected):
    assert gradient_latex(get(name)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "binary_cross_entropy",
            r"\ell(p, y) = -y \log p - \left(1 - y\right) \log\left(1 - p\right)",
        ),
        ("softmax_cross_entropy", r"\ell(z, y) = -\sum_j y_j \log\operatorname{softmax}(z)_j"),
        ("hinge", r"\ell(s, y; \mathrm{margin}) = \max\left(0, \mathrm{margin} - y s\right)"),
        ("soft_dice", r"\mathcal{L}(p, y; \varepsilon) = 1 - \frac{2 I + \varepsilon}{S + \varepsilon}"),
        (
            "gaussian_kl_divergence",
            r"\ell(\mu, s) = \frac{1}{2} \sum_j \left(\mu_j^2 + e^{s_j} - s_j - 1\right)",
        ),
    ],
)
def test_formula_reads_as_in_a_textbook(name, expected):
    assert loss_formula(get(name)) == expected


def test_definitions_in_the_order_of_the_declaration():
    assert definitions_latex(get("triplet")) == [
        r"d^+ = \left\lVert a - a^+\right\rVert",
        r"d^- = \left\lVert a - a^-\right\rVert",
    ]
    assert definitions_latex(get("multiclass_hinge")) == [r"\mathrm{rival} = \max_{j \neq y} s_j"]
    assert definitions_latex(get("info_nce")) == [r"s_{i,k} = \frac{1}{\tau} \sum_j u_{i,j} v_{k,j}"]


def test_batch_formulas():
    huber = get("huber")
    assert batch_formula(huber) == r"\mathcal{L} = \frac{1}{n} \sum_{i=1}^n \ell_i"
    assert batch_formula(huber, "sum") == r"\mathcal{L} = \sum_{i=1}^n \ell_i"
    assert batch_formula(huber, weighted=True) == r"\mathcal{L} = \frac{\sum_i w_i \, \ell_i}{\sum_i w_i}"
    assert batch_formula(get("softmax_cross_entropy_with_class_index")) == (
        r"\mathcal{L} = \frac{\sum_i \ell_i}{\sum_i \nu_i}, \qquad \nu_i = \begin{cases} 0 & \text{if } "
        r"y_i = \mathrm{ignore\_index} \\ \omega_{y_i} & \text{otherwise} \end{cases}"
    )
    assert batch_formula(get("l1_penalty")) == r"\mathcal{L} = \sum_j \left|\theta_j\right|"
    assert batch_formula(mixed).endswith(r"\right) + \lambda \sum_j \theta_j^2")
    with pytest.raises(ValueError, match="'median' is none of"):
        batch_formula(huber, "median")


a, b, x = (Symbol(name, real=True) for name in "abx")
place, other = free_index(1), free_index(2)


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (b - a, "b - a"),
        (-a + b - 1, "b - a - 1"),
        (2 * a - 2 * b, r"2 \left(a - b\right)"),
        (a / 2 - b / 2, r"\frac{a - b}{2}"),
        (-(a - b) / 2, r"\frac{b - a}{2}"),
        (-a / b, r"-\frac{a}{b}"),
        (1 / a, r"\frac{1}{a}"),
        (log(a) * (b - 1), r"\left(b - 1\right) \log a"),
        (log(1 - a), r"\log\left(1 - a\right)"),
        (log(a) ** 2, r"\left(\log a\right)^2"),
        (tanh(a) ** 2, r"\tanh^2 a"),
        (sigmoid(a) * b, r"b \sigma\left(a\right)"),
        (sympy.sqrt(a**2 + 1), r"\sqrt{a^2 + 1}"),
        (exp(-a), "e^{-a}"),
        (1 + exp(-a), "1 + e^{-a}"),  # as every textbook has the logistic function
        (2 * exp(a) - 1, "2 e^a - 1"),
        (a + 1, "a + 1"),
        (exp(a / b), r"\exp\left(\frac{a}{b}\right)"),
        (1 / Abs(a - b), r"\frac{1}{\left|a - b\right|}"),
        (sympy.Ne(a, b), r"a \neq b"),
        (sympy.Le(0, a), r"a \ge 0"),
        (KroneckerDelta(place, other), r"\delta_{kq}"),
        (sympy.Rational(-2, 3) * a, r"-\frac{2 a}{3}"),
        (a ** sympy.Rational(2, 3), "a^{2/3}"),
        (sympy.erf(a), r"\operatorname{erf}\left(a\right)"),
    ],
)
def test_expressions(expr, expected):
    assert latex(expr) == expected


def test_bound_indices_are_named_from_the_outside_in():
    tex = loss_formula(many_binders)
    assert r"\sum_j s_j^2 \left\lVert \mathrm{other}_j\right\rVert" in tex
    assert r"\log \sum_j e^{\mathrm{rate} \, \mathrm{other}_{y,j}}" in tex
    line = latex(get("softmax_cross_entropy").derivation().steps[1].after, get("softmax_cross_entropy"))
    assert line.index(r"\sum_j") < line.index(r"\sum_l")


# --- the notation -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("declared", EVERY, ids=lambda d: d.name)
def test_no_two_names_of_a_loss_print_alike(declared):
    notation = Notation(declared)
    arguments = [x.name for x in (*declared.inputs, *declared.parameters)] + list(declared.definitions)
    printed = [notation[name].tex() for name in arguments] + [
        notation["weight"].tex(),
        r"\ell",
        r"\mathcal{L}",
    ]
    printed += [axis for axis in declared.axes if len(axis) == 1]
    assert len(set(printed)) == len(printed)


def test_a_letter_keeps_its_name_and_the_customary_one_yields():
    notation = Notation(two_alike)
    assert [notation[n].tex() for n in ("y", "target", "tau", "temperature")] == [
        "y",
        r"\mathrm{target}",
        r"\tau",
        r"\mathrm{temperature}",
    ]
    assert notation["p_j"].tex() == r"\mathrm{p\_j}"  # p_j is the entry j of p


def test_names_make_way_for_the_functions_of_the_same_letter():
    notation = Notation(awkward_names)
    assert notation["sigma"].tex() == r"\mathrm{sigma}"  # σ is the logistic function
    assert notation["delta"].tex() == r"\mathrm{delta}"  # δ is Kronecker's
    assert notation["pi"].tex() == r"\mathrm{pi}"
    assert r"\exp\left(e\right)" in loss_formula(awkward_names)


# --- text ---------------------------------------------------------------------------------------------------


def test_text_is_escaped():
    assert escape(r"100% a_b #1 {x} \y & $ ~ ^") == (
        r"100\% a\_b \#1 \{x\} \textbackslash{}y \& \$ \textasciitilde{} \textasciicircum{}"
    )
    assert escape("Müller, Łódź, naïve") == r"M\"{u}ller, \L{}\'{o}d\'{z}, na\"{\i}ve"
    assert escape("x² ≥ 日本") == r"x\ensuremath{^{2}} \ensuremath{\ge} "


def test_cases_that_a_line_goes_on_behind_stand_in_brackets():
    """Else what follows reads as one of the cases."""
    text = get("multiclass_hinge").derivation().latex()
    assert r"\right) \\[4pt]" in text
    assert r"\end{cases} \\[4pt]" not in text


def test_a_limit_beside_its_operator_has_a_width():
    """In cases and scripts TeX sets what stands below a maximum beside it."""
    below, without = r"\max_{j \neq y} s_j", r"\max s_j"
    inside = rf"\begin{{cases}} {below} & x \\ 0 & y \end{{cases}}"
    assert width(below) - width(without) < 5
    assert width(inside) - width(inside.replace(below, without)) > 10


def test_formulas_in_sentences_become_formulas():
    assert prose("∂xᵢ/∂xₖ = δᵢₖ.") == r"$\partial x_{i}/\partial x_{k} = \delta _{ik}$."
    assert prose("At r = 0 it is 0.") == "At $r = 0$ it is 0."
    assert prose("the gradient is p - target") == r"the gradient is p \ensuremath{-} target"
    assert prose("clipped to [-delta, delta]; -1 or 1") == (
        r"clipped to [\ensuremath{-}delta, delta]; \ensuremath{-}1 or 1"
    )
    assert prose("C^1, at least C^∞; (1 - p)^gamma") == (
        r"$C^1$, at least $C^\infty$; (1 \ensuremath{-} p)\textasciicircum{}gamma"
    )
    assert prose("softmax − y cancels") == r"$\operatorname{softmax}{} - y$ cancels"
    assert prose("e^x − 1 cancels, e^0 = 1, only e^(−|x|) ≤ 1 is formed") == (
        r"$e^x - 1$ cancels, $e^0 = 1$, only $e^{-|x|} \le  1$ is formed"
    )
    assert (
        prose("top-5, zero-one, symloss --check, a (b)-c") == r"top-5, zero-one, symloss -{}-check, a (b)-c"
    )
    assert (
        prose("Exactly where target·score = margin")
        == r"Exactly where target\ensuremath{\cdot}score = margin"
    )


@pytest.mark.slow
@pytest.mark.parametrize("declared", EVERY, ids=lambda d: d.name)
def test_fragment_is_ascii_and_complete(declared):
    text = fragment(declared)
    assert text.isascii()
    assert text == fragment(declared)
    assert escape(declared.name) in text
    assert "\\usepackage" not in text and "mathbb" not in text
    assert f"symloss generate {declared.name} --target latex" in text
    assert render(declared, "as typed") == {".tex": fragment(declared, "as typed")}
    for argument in (*declared.inputs, *declared.parameters):
        assert escape(argument.name) in text
    assert text.count(r"\symlosspart{Derivative with respect to") == len(declared.differentiated)
    assert (r"\partial^2" in text) == (declared.kind == "elementwise")


def test_unknown_references_and_commands_are_printed_as_they_are():
    text = fragment(awkward_names, "symloss generate my_losses.py --target latex\n\\evil")
    assert r"100\% \& more\_of\_\{it\} \#1" in text
    assert "Robust Estimation of a Location Parameter" in text  # of Huber 1964
    assert "%   symloss generate my_losses.py --target latex \\evil\n" in text


# --- LaTeX and KaTeX ----------------------------------------------------------------------------------------


def test_width_is_a_fair_estimate():
    assert width("a + b") == pytest.approx(23, abs=3)  # 23.06pt by TeX
    assert width(r"\frac{\partial \ell}{\partial \hat{y}}") == pytest.approx(14, abs=4)
    assert width(r"\begin{cases} r & \text{otherwise} \end{cases}") == pytest.approx(67, abs=12)


def compiled(folder: Path, bodies: list[str]) -> str:
    """The log of pdflatex on a document with the fragments; the test is skipped where there is no LaTeX."""
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed")
    inputs = []
    for number, body in enumerate(bodies):
        (folder / f"part{number}.tex").write_text(body)
        inputs.append(rf"\input{{part{number}}}")
    (folder / "all.tex").write_text(PREAMBLE + "\n\\clearpage\n".join(inputs) + "\n\\end{document}\n")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    environment = os.environ | {"max_print_line": "1000"}
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, errors="replace", env=environment
    )
    written = (folder / "all.log").read_text(errors="replace")
    assert done.returncode == 0, (
        "\n".join(re.findall(r"^(?:!|l\.\d).*", written, re.MULTILINE)) or done.stdout[-2000:]
    )
    return written


@pytest.mark.latex
def test_every_fragment_compiles_and_fits_the_page(tmp_path):
    written = compiled(tmp_path, [fragment(get(name)) for name in names()])
    assert not re.findall(r"^LaTeX (?:Font )?Warning: Command .* invalid.*", written, re.MULTILINE)
    wide = [float(w) for w in re.findall(r"Overfull \\hbox \(([\d.]+)pt too wide\)", written)]
    assert max(wide, default=0) < 30
    assert "Missing character" not in written


@pytest.mark.latex
def test_hostile_names_and_texts_compile(tmp_path):
    written = compiled(tmp_path, [fragment(declared) for declared in HARD])
    assert "Missing character" not in written
    assert not re.findall(r"^LaTeX (?:Font )?Warning: Command .* invalid.*", written, re.MULTILINE)


@pytest.mark.latex
def test_every_derivation_compiles(tmp_path):
    bodies = []
    for declared in EVERY:
        for wrt in declared.differentiated:
            bodies += [derivation_latex(declared.derivation(wrt, reduction="sum"))]
            bodies += [derivation_latex(declared.hessian_derivation(wrt))]
            product = latex(declared.hessian_vector_product(wrt), declared)
            bodies += [rf"\[ {product} \]"]
    compiled(tmp_path, bodies)


def formulas(text: str) -> list[tuple[str, bool]]:
    """Every block of mathematics in a fragment, and whether it is displayed."""
    text = re.sub(r"^%.*\n", "", text, flags=re.MULTILINE)
    displays = re.findall(r"\\begin\{(?:align|gather)\*\}.*?\\end\{(?:align|gather)\*\}", text, re.DOTALL)
    rest = re.sub(r"\\begin\{(align|gather)\*\}.*?\\end\{\1\*\}", "", text, flags=re.DOTALL)
    inline = re.findall(r"(?<!\\)\$(.+?)(?<!\\)\$", rest, re.DOTALL)
    return [(d, True) for d in displays] + [(i, False) for i in inline]


@pytest.mark.katex
def test_every_formula_renders_in_katex():
    tasks = [(d.name, tex, display) for d in EVERY for tex, display in formulas(fragment(d))]
    tasks += [(d.name, derivation_latex(d.hessian_derivation()), True) for d in EVERY if d.name in names()]
    tasks += [(d.name, d.derivation().latex(), True) for d in EVERY]
    tasks += [(d.name, loss_formula(d), False) for d in EVERY]
    assert len(tasks) > 10 * len(EVERY)
    assert refused(tasks) == []
