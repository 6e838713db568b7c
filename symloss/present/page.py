"""The page of a loss, as MyST Markdown: everything on it follows from the declaration."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sympy

from symloss import backends, functions
from symloss.analyze.answer import Answer
from symloss.analyze.characteristics import Row
from symloss.backends import environment, javascript
from symloss.derive import element_of
from symloss.derive.engine import TooLong
from symloss.generate import render
from symloss.losses.references import REFERENCES
from symloss.present.examples import usage, worked
from symloss.present.formulas import batches, call, defined, derivative, display
from symloss.present.measure import width
from symloss.present.notation import notation_of, spelled
from symloss.present.pictures import pictures
from symloss.present.plots import choices, drawings
from symloss.present.printer import Printer, latex
from symloss.present.prose import prose
from symloss.present.rewrites import shown_rewrites
from symloss.present.slices import Slice, slices
from symloss.present.walk import WIDTH, in_short, line_by_line
from symloss.request import Request
from symloss.schedule import expressions
from symloss.value import Input, Loss

__all__ = ["Neighbour", "markdown", "page"]

_EXPLAINED = (
    functions.sigmoid,
    functions.softplus,
    functions.LogSumExp,
    functions.Softmax,
    functions.LogSoftmax,
)
"""The functions that a reader who knows calculus need not know."""
_INDENT = 50.0
"""How much narrower than the page a definition's formula is, in points, with a little for what ``width`` misses."""


@dataclass(frozen=True)
class Neighbour:
    """A loss with a page on the same site: what a link to it says."""

    name: str
    task: str
    summary: str


def page(request: Request, neighbours: Sequence[Neighbour], certificates: Path) -> str:
    """The text of the page of a loss; ``neighbours`` are the losses that have one, too."""
    context = _context(request, neighbours, certificates)
    text = environment().get_template("pages/loss.md.j2").render(context)
    parts = re.split(r"(^```.*?^```$)", text, flags=re.DOTALL | re.MULTILINE)
    return "".join(part if k % 2 else _tidy(part) for k, part in enumerate(parts))  # every other one is code


def _tidy(text: str) -> str:
    text = text.replace(r"\operatorname{log1p}", r"\operatorname{\text{log1p}}")  # MathJax spaces out a digit
    return re.sub(r"\n{3,}", "\n\n", text)


def _context(request: Request, neighbours: Sequence[Neighbour], certificates: Path) -> dict[str, Any]:
    loss = request.loss()
    where = [(defined(loss, d), d.expr, "") for d in loss.definitions.values()]
    return {
        "name": loss.name,
        "summary": markdown(loss.summary, loss),
        "paragraphs": [markdown(p, loss) for p in loss.doc.partition("\n\n")[2].split("\n\n") if p.strip()],
        "usage": usage(request),
        "formula": display(loss, [(call(loss), loss.expression, "")], WIDTH),
        "where": display(loss, where, WIDTH) if where else "",
        "functions": _functions(loss),
        "natural": any(
            e.has(sympy.log) for e in (loss.expression, *(d.expr for d in loss.definitions.values()))
        ),
        "batch": batches(loss),
        "symbols": list(_symbols(loss)),
        "derivatives": [_derived(loss, wrt) for wrt in loss.differentiated],
        "worked": worked(loss),
        "kinks": markdown(loss.kinks, loss),
        "drawings": [replace(d, variable=markdown(d.variable)) for d in drawings(loss)],
        "pictures": list(pictures(loss)),
        "try_it": _try_it(loss),
        "stability": _stability(loss),
        "native_float32": loss.native_float32,
        "characteristics": _characteristics(loss),
        "code": _code(request, certificates),
        "metrics": [markdown(m) for m in loss.metrics],
        "references": [_cited(key) for key in loss.cite],
        "see_also": [
            (n.name, markdown(n.summary)) for n in neighbours if n.task == loss.task and n.name != loss.name
        ],
    }


# --- words ------------------------------------------------------------------------------------------------


def markdown(text: str, loss: Loss | None = None) -> str:
    """Sentences as Markdown; what is written in mathematical letters becomes a formula, and so do a loss's letters."""
    letters = {} if loss is None else _letters(loss)

    def word(text: str) -> str:
        bare = text.strip("().,;:")
        if bare not in letters:
            return _escaped(text)
        before, _, behind = text.partition(bare)
        return f"{_escaped(before)}{letters[bare]}{_escaped(behind)}"

    return re.sub(r"^(\d+)([.)])", r"\1\\\2", prose(text, word))


def _letters(loss: Loss) -> dict[str, str]:
    """The names of a declaration that no English word is mistaken for, as a page writes them."""
    notation = notation_of(loss)
    found = {}
    for name in [a.name for a in (*loss.inputs, *loss.parameters)] + list(loss.definitions):
        tex = notation[name].tex()
        if "_" in name or tex.startswith(f"\\{name}"):
            found[name] = f"`{name}`" if tex.startswith(r"\mathrm") else f"${tex}$"
    return found


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#+|$~\"-])", r"\\\1", text)


def _cited(key: str) -> str:
    """A reference, with a link to where it is found."""
    if key not in REFERENCES:
        return markdown(key)
    reference = REFERENCES[key]
    text, doi = reference.text, reference.doi
    if doi.startswith("arXiv:"):
        link = f"https://arxiv.org/abs/{doi.removeprefix('arXiv:')}"
    elif doi:
        link = f"https://doi.org/{doi}"
    else:
        return markdown(text)
    said = text[: text.rindex(doi.split(":")[-1])].removesuffix("doi:").removesuffix("arXiv:").rstrip()
    shown = doi if doi.startswith("arXiv:") else f"doi:{doi}"
    return f"{markdown(said)} [{_escaped(shown)}](<{link}>)"


# --- symbols ----------------------------------------------------------------------------------------------


def _symbols(loss: Loss) -> Iterator[dict[str, str]]:
    """Where each symbol comes from: who gives it, what its numbers are, how many there are."""
    for i in loss.inputs:
        role = "computed by the model" if i.name in loss.differentiated else "given with the data"
        yield _symbol(loss, i, role)
    for p in loss.parameters:
        yield _symbol(loss, p, f"chosen beforehand; default {p.default}")
    for d in loss.definitions.values():
        shape = " \\times ".join(spelled(str(s)).tex() for s in getattr(d.symbol, "shape", ()))
        yield {
            "symbol": defined(loss, d),
            "name": d.name,
            "role": "an intermediate, defined above",
            "domain": _range_of(d.expr),
            "shape": f"${shape}$" if shape else "single",
        }
    for axis in loss.axes:
        yield {
            "symbol": spelled(axis).tex(),
            "name": axis,
            "role": "the length of an axis",
            "domain": "a whole number",
            "shape": "single",
        }


def _range_of(e: Any) -> str:
    if isinstance(e, functions.sigmoid):
        return "a number in (0, 1)"
    return "a number > 0" if e.is_positive else "a number $\\ge$ 0" if e.is_nonnegative else "a real number"


def _symbol(loss: Loss, one: Input, role: str) -> dict[str, str]:
    domain = markdown(one.domain.words)
    if one.type.classes:
        domain = f"a whole number from 0 to ${spelled(one.type.classes).tex()} - 1$"
        domain += f", or {_escaped(one.type.also)}" if one.type.also else ""
    axes = r" \times ".join(spelled(axis).tex() for axis in one.axes)
    return {
        "symbol": notation_of(loss)[one.name].tex(),
        "name": one.name,
        "role": role,
        "domain": domain,
        "shape": f"${axes}$" if axes else "single",
    }


def _functions(loss: Loss) -> list[str]:
    """What the functions that analysis does not know stand for, in elementary terms."""
    found: dict[str, Any] = {}
    every = [loss.expression, *(d.expr for d in loss.definitions.values())]
    for e in every:
        for part in sorted(e.atoms(*_EXPLAINED), key=str):
            found.setdefault(type(part).__name__, part)
    return [f"{latex(part, loss)} = {latex(part.definition(), loss)}" for part in found.values()]


# --- derivatives ------------------------------------------------------------------------------------------


def _derived(loss: Loss, wrt: str) -> dict[str, Any]:
    derivation = loss.derivation(wrt)
    element = element_of(loss.argument(wrt))
    short, every = in_short(derivation), line_by_line(derivation)
    return {
        "name": wrt,
        "symbol": notation_of(loss)[wrt].tex(),
        "gradient": display(loss, [(derivative(loss, element), loss.gradient(wrt), "")], WIDTH),
        "short": [_line(line) for line in short],
        "every": [_line(line) for line in every],
        "count": len(every) - 1,
        "second": _second(loss, wrt),
    }


def _line(line: Any) -> dict[str, Any]:
    return {
        "formula": line.formula,
        "rules": [(rule, markdown(said)) for rule, said in line.rules],
        "details": line.details,
        "wide": line.wide,
    }


def _second(loss: Loss, wrt: str) -> str:
    """The second derivative, where it can be written down in reasonable length."""
    argument = loss.argument(wrt)
    elements = (element_of(argument), element_of(argument, skip=len(argument.axes)))
    try:
        return display(loss, [(derivative(loss, *elements), loss.hessian(wrt), "")], WIDTH)
    except (TooLong, NotImplementedError):
        return ""


# --- numerical soundness, characteristics -----------------------------------------------------------------


def _stability(loss: Loss) -> list[dict[str, Any]]:
    """The rewrites that made the sound forms of value and gradient: each name once, with its reasons and uses."""
    kept = ("value", "gradient")
    outputs = {f"{w} {x}": e for w, some in expressions(loss).items() if w in kept for x, e in some.items()}
    found: dict[str, dict[str, Any]] = {}
    for a in shown_rewrites(loss, outputs):
        one = found.setdefault(a.name, {"name": a.name, "why": {}, "uses": []})
        why = a.why if a.why.endswith(".") else f"{a.why}."
        one["why"][markdown(_as_sentence(why))] = None
        use = _rewritten(loss, a.before, a.after)
        if use not in one["uses"]:
            one["uses"].append(use)
    return [{**one, "why": list(one["why"])} for one in found.values()]


def _as_sentence(text: str) -> str:
    """Text with a capital, unless it begins with a formula: e^x, σ, softmax − y."""
    word, _, behind = text.partition(" ")
    plain = word.isascii() and word.isalpha() and (len(word) > 1 or word == "a")
    return text if not plain or behind[:1] in "−+=·/≤" else f"{text[0].upper()}{text[1:]}"


def _rewritten(loss: Loss, before: sympy.Expr, after: sympy.Expr) -> str:
    """A rewrite on one line, or with what comes out on lines of its own where it is long."""
    arrow = r"\;\longrightarrow\; "
    together = f"{latex(before, loss)} {arrow}{latex(after, loss)}"
    if width(together) <= WIDTH - _INDENT:
        return together
    printer = Printer(notation_of(loss))
    room = WIDTH - 2 * _INDENT
    out = printer.lines(after, room, room)
    rows = [*printer.lines(before, WIDTH - _INDENT), arrow + out[0], *(rf"\qquad {line}" for line in out[1:])]
    return r"\begin{aligned} & " + r" \\ & ".join(rows) + r" \end{aligned}"


def _characteristics(loss: Loss) -> dict[str, Any]:
    """What a review finds of the loss: what follows from it, each answer by group, and what stays open."""
    found = loss.characteristics()
    groups: dict[str, list[dict[str, str]]] = {}
    rows = [
        row for row in found if row.answer != "does not apply" and row.key not in ("stability", "empty_batch")
    ]
    for row in rows:
        if row.status != "unknown":
            groups.setdefault(row.group, []).append(_told(row, found.answers, loss))
    titles = [(name.replace("_", " ").capitalize(), some) for name, some in groups.items()]
    for wrt, different in found.differing.items():
        known = [_told(row, found.by[wrt], loss) for row in different if row.status != "unknown"]
        titles += [(f"With respect to `{wrt}`", known)] if known else []
    return {
        "respect": markdown(found.respect),
        "advice": [(markdown(a.finding), markdown(a.action)) for a in found.advice],
        "groups": titles,
        "open": [markdown(row.question) for row in rows if row.status == "unknown"],
    }


def _told(row: Row, answers: dict[str, dict[str, Answer]], loss: Loss) -> dict[str, str]:
    answer = answers[row.group][row.key]
    return {
        "question": markdown(row.question),
        "answer": f"${answer.latex_for(loss)}$"
        if isinstance(answer.value, sympy.Expr)
        else markdown(row.answer),
        "status": markdown(row.status + (f", for {row.holds_for}" if row.holds_for else "")),
        "why": markdown(row.argument),
    }


# --- code -------------------------------------------------------------------------------------------------


def _code(request: Request, certificates: Path) -> list[dict[str, Any]]:
    """The tabs of code: the declaration, and the generated files."""
    loss = request.loss()
    declared = [("python", "", loss.source)] if loss.source else []
    tabs: list[dict[str, Any]] = [{"title": "Declaration", "files": declared}] if declared else []
    for target in backends.BACKENDS:
        backend = backends.get(target)
        if title := getattr(backend, "TITLE", ""):
            texts = render(request, [target], certificates)
            files = [(backend.SUFFIXES[Path(p).suffix], Path(p).name, text) for p, text in texts.items()]
            tabs.append({"title": title, "files": files})
    return tabs


def _try_it(loss: Loss) -> dict[str, str] | None:
    """What the script needs to draw the loss: its slices and hyper-parameters, as JSON, and its JavaScript."""
    drawn = slices(loss)
    if not drawn:
        return None
    data = {
        "loss": loss.name,
        "batch": loss.batch != 0,
        "order": [i.name for i in loss.inputs],
        "examples": [i.name for i in loss.inputs if i.per_example],
        "parameters": [_slider(p) for p in loss.parameters if not p.domain.integer],
        "slices": [_shown(s) for s in drawn],
    }
    module = javascript.render(loss, f"symloss generate {loss.name} --target javascript")[".mjs"]
    return {
        "json": _in_script(json.dumps(data, ensure_ascii=True)),
        "module": _in_script(module),
        "label": html.escape(loss.name),
    }


def _in_script(text: str) -> str:
    """JavaScript or JSON as it may stand in a script element: it holds neither ``</script`` nor ``<!--``."""
    return text.replace("</", "<\\/").replace("<!", "<\\u0021")


def _slider(p: Any) -> dict[str, Any]:
    """How far the slider of a hyper-parameter goes, and in which steps."""
    low, high = float(p.domain.lower), float(p.domain.upper)
    default, most = float(p.default), max(choices(p))
    if high < float("inf"):
        step = (high - low) / 100
        first, last = low + step * p.domain.lower_open, high - step * p.domain.upper_open
    else:
        last = 2 * most if most > 0 else 1.0
        step = 10.0 ** (len(str(int(last))) - 3)
        first = low + step * p.domain.lower_open if low > float("-inf") else -last
    return {"name": p.name, "default": default, "low": first, "high": last, "step": step}


def _shown(s: Slice) -> Mapping[str, Any]:
    return {
        "case": s.case,
        "variable": s.words,
        "low": s.low,
        "high": s.high,
        "inputs": s.inputs,
        "curves": [{"words": c.words, "weights": c.weights} for c in s.curves],
    }
