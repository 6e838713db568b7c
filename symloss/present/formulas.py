"""The formulas of a loss: its value, its mean over a batch, its gradients and their derivations."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr, Indexed, Symbol

from symloss.compose import lifted
from symloss.derive import Derivation, Step, element_of
from symloss.functions import Partial, free_index
from symloss.present.measure import width
from symloss.present.notation import notation_of, script
from symloss.present.printer import Printer, latex
from symloss.present.prose import escape
from symloss.value import Definition, Loss

__all__ = [
    "PAGE",
    "batch_formula",
    "batches",
    "call",
    "defined",
    "definitions_latex",
    "derivation_latex",
    "derivative",
    "display",
    "gradient_latex",
    "loss_formula",
    "rules_used",
    "shown_rows",
]

PAGE = 448.0
"""The width of a page's text in points: 160 mm, less a little for what ``width`` underestimates."""

_DIVISOR = Symbol(" divisor of the mean", positive=True)  # a name that no declaration can have


def _value_symbol(loss: Loss) -> str:
    return r"\mathcal{L}" if loss.kind == "batch" else r"\ell"


def call(loss: Loss) -> str:
    """ℓ(inputs; parameters)."""
    notation = notation_of(loss)
    inputs = ", ".join(notation[i.name].tex() for i in loss.inputs)
    parameters = ", ".join(notation[p.name].tex() for p in loss.parameters)
    return f"{_value_symbol(loss)}({inputs}{';' * bool(parameters)} {parameters}".rstrip() + ")"


def loss_formula(loss: Loss) -> str:
    """ℓ(…) = the loss of one example, or 𝓛(…) = that of a batch, in terms of the named intermediates."""
    return f"{call(loss)} = {latex(loss.expression, loss)}"


def definitions_latex(loss: Loss) -> list[str]:
    """The named intermediates, each as ``name = definition``, in the order of the declaration."""
    return [f"{defined(loss, d)} = {latex(d.expr, loss)}" for d in loss.definitions.values()]


def defined(loss: Loss, d: Definition) -> str:
    """The left-hand side of a definition: the name with its indices."""
    return latex(d.symbol[d.indices] if d.indices else d.symbol, loss)


def batch_formula(loss: Loss, reduction: str = "mean", *, weighted: bool = False) -> str:
    """𝓛 = the mean or sum of the examples' losses, or each; ``weighted``: each counts as its weight says."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{loss.name}: reduction {reduction!r} is none of none, mean, sum")
    total = r"\mathcal{L} = "
    if loss.kind == "batch":
        return total + latex(loss.batch, loss)
    extra = f" + {latex(loss.batch, loss)}" if loss.batch != 0 else ""
    weight = notation_of(loss)["weight"].tex("i")
    one = r"\ell_i"
    if loss.batch != 0:  # ℓ holds the term of the whole batch, too
        row = lifted(loss, "n").row(loss.example, free_index(0))
        one = Printer(notation_of(loss)).factor(row, last=False)
    one = rf"{weight} \, {one}" if weighted else one
    if reduction == "none":
        return rf"\mathcal{{L}}_i = {one}{extra}"
    if reduction == "sum":
        return rf"{total}\sum_{{i=1}}^n {one}{extra}"
    over = r"\sum_i"
    if loss.normalizer == 1:
        if weighted:
            return rf"{total}\frac{{{over} {one}}}{{{over} {weight}}}{extra}"
        return rf"{total}\frac{{1}}{{n}} \sum_{{i=1}}^n {one}{extra}"
    count = latex(lifted(loss, "n").row(loss.normalizer, free_index(0)), loss)
    share = rf"{weight} \, \nu_i" if weighted else r"\nu_i"
    return rf"{total}\frac{{{over} {one}}}{{{over} {share}}}{extra}, \qquad \nu_i = {count}"


def batches(loss: Loss) -> list[str]:
    """The mean without and with weights, on one line where both fit."""
    if loss.kind == "batch":
        return []
    plain, weighted = batch_formula(loss), batch_formula(loss, weighted=True)
    plain, _, counts = plain.partition(r", \qquad ")  # the same for both
    weighted = weighted.partition(r", \qquad ")[0]
    both = rf"{plain} \qquad\text{{or, with weights,}}\qquad {weighted}"
    rows = [both] if width(both) < PAGE - 20 else [plain, weighted]
    return rows + [counts] * bool(counts)


def derivative(loss: Loss, *elements: Expr) -> str:
    """∂ℓ/∂x, or ∂²ℓ/∂x∂y."""
    value = _value_symbol(loss)
    names = [latex(e, loss) for e in elements]
    if len(names) == 1:
        return rf"\frac{{\partial {value}}}{{\partial {names[0]}}}"
    if names[0] == names[1]:
        return rf"\frac{{\partial^2 {value}}}{{\partial {latex(elements[0] ** 2, loss)}}}"
    return rf"\frac{{\partial^2 {value}}}{{\partial {names[0]} \, \partial {names[1]}}}"


def gradient_latex(loss: Loss, wrt: str | None = None) -> str:
    """∂ℓ/∂x = the gradient of one example's loss, or of the whole where it spans the batch."""
    wrt = loss.differentiated[0] if wrt is None else wrt
    left = derivative(loss, element_of(loss.argument(wrt)))
    return f"{left} = {latex(loss.gradient(wrt), loss)}"


def display(loss: Loss, rows: Iterable[tuple[str, Expr | str, str]], page: float = PAGE) -> str:
    """Rows ``left = right    [label]`` as an align* block, with long ones on several lines to fit a page's width."""
    rows = list(rows)
    left_width = max(width(left) for left, _, _ in rows) + 14
    label_width = max((0.85 * width(rf"\text{{{label}}}") + 14 for _, _, label in rows if label), default=0.0)
    room = page - left_width - label_width
    printer = Printer(notation_of(loss), {_DIVISOR.name: r"\sum_j \nu_j"})
    block = []
    for left, right, label in rows:
        broken = [right] if isinstance(right, str) else printer.lines(right, room - 20, room)
        for place, line in enumerate(broken):
            start = f"{left} &= " if place == 0 else r"&\qquad {} "
            end = rf" && \text{{{label}}}" if label and place == len(broken) - 1 else ""
            block.append(f"{start}{line}{end}".lstrip())
    return "\\begin{align*}\n" + " \\\\\n".join(block) + "\n\\end{align*}"


def derivation_latex(derivation: Derivation) -> str:
    """The derivation as an align* block: the derivative to take, then a line a step with the rule's name."""
    loss = derivation.loss
    left, start, every = shown_rows(derivation)
    rows: list[tuple[str, Expr | str, str]] = [(left, start, "")]
    printed = latex(start, loss)
    for step, (left, after) in zip(derivation, every, strict=True):
        tex = latex(after, loss)
        if tex != printed:
            rows.append((left, after, escape(step.rule)))
            printed = tex
    return display(loss, rows)


def rules_used(derivation: Derivation, told: set[str] | None = None) -> dict[str, list[str]]:
    """The rules of a derivation in the order of their use, with what each says, as plain text.

    Nothing is said twice, nor what is in ``told``, to which is added what is said here.
    """
    told = set() if told is None else told
    rules: dict[str, list[str]] = {}
    for step in derivation:
        for sentence in (step.sentence, _sentence(step.assumption) if step.rule != "batch" else ""):
            if sentence and sentence not in told:
                told.add(sentence)
                rules.setdefault(step.rule, []).append(sentence)
    return rules


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}." if text else ""


def shown_rows(derivation: Derivation) -> tuple[str, Expr, list[tuple[str, Expr]]]:
    """What is derived, the expression that it starts from, and for each step what its line shows on both sides."""
    loss = derivation.loss
    rows = [("", step.after) for step in derivation.steps]
    rows += [(_batch_start(loss, step), _shared(loss, step.after)) for step in derivation.batch_steps]
    return _start(derivation), derivation.start, rows


def _shared(loss: Loss, expr: Expr) -> Expr:
    """The gradient of a weighted mean with its divisor written as in ``batch_formula``."""
    if loss.normalizer == 1:
        return expr
    return expr.xreplace({lifted(loss, "n").total(loss.normalizer): _DIVISOR})


def _start(derivation: Derivation) -> str:
    """What is derived: a gradient, an entry of the Hessian, or one of its product with a vector."""
    loss = derivation.loss
    argument = loss.argument(derivation.wrt)
    element = element_of(argument)
    if derivation.what == "gradient":
        return derivative(loss, element)
    if derivation.what == "hessian":
        return derivative(loss, element, element_of(argument, skip=len(argument.axes)))
    places = element.args[1:] if isinstance(element, Indexed) else ()
    vector = notation_of(loss)["vector"].tex()
    return rf"\left(H {vector}\right)" + script("_", ",".join(map(latex, places)))


def _batch_start(loss: Loss, step: Step) -> str:
    """The derivative by one example's entry of the loss of the whole batch."""
    wrt = latex(step.before.wrt, loss) if isinstance(step.before, Partial) else "x"
    return rf"\frac{{\partial \mathcal{{L}}}}{{\partial {wrt}}}"
