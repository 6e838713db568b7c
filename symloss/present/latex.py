"""The backend ``latex``: the fragment that holds a loss with its formulas and derivations.

Everything compiles with amsmath alone, and every formula in KaTeX too. What other modules need of the LaTeX of
losses they import from here; imports among the modules run ``notation``, ``measure``, ``prose`` → ``printer`` →
``formulas`` → ``latex``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import jinja2

from symloss.backends import environment
from symloss.derive import element_of
from symloss.losses.references import REFERENCES
from symloss.present.bibtex import key
from symloss.present.formulas import (
    batch_formula,
    batches,
    call,
    defined,
    definitions_latex,
    derivation_latex,
    derivative,
    display,
    gradient_latex,
    loss_formula,
    rules_used,
)
from symloss.present.measure import width
from symloss.present.notation import Notation, notation_of, spelled
from symloss.present.printer import latex
from symloss.present.prose import escape, prose
from symloss.value import Input, Loss

__all__ = [
    "SUFFIXES",
    "Notation",
    "batch_formula",
    "definitions_latex",
    "derivation_latex",
    "escape",
    "fragment",
    "gradient_latex",
    "latex",
    "loss_formula",
    "prose",
    "render",
    "template",
    "together",
    "width",
]

SUFFIXES = {".tex": "latex"}


@cache
def template(name: str) -> jinja2.Template:
    """A template of the folder ``latex``, with <<value>> and <% logic %>, for braces are LaTeX's."""
    own = environment().overlay(
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
    )
    return own.get_template(f"latex/{name}")


def fragment(loss: Loss, command: str = "") -> str:
    """The LaTeX fragment of a loss, to \\input into any document that loads amsmath.

    ``command`` is what regenerates it; by default that of a loss of the catalogue.
    """
    command = command or f"symloss generate {loss.name} --target latex"
    return template("loss.tex.j2").render(_context(loss, " ".join(command.split())))


def render(loss: Loss, command: str = "", certificate: Sequence[str] = ()) -> dict[str, str]:
    """The files of the target ``latex``, by their endings; formulas are not measured, so no certificate is shown."""
    return {".tex": fragment(loss, command)}


def together(losses: Sequence[Loss]) -> dict[str, str]:
    """The files about many losses, by their names: a handbook that inputs the fragments, and its references."""
    from symloss.present.handbook import sources

    return sources(losses)


def _context(loss: Loss, command: str) -> dict[str, Any]:
    """What the template is filled with."""
    body = loss.doc.partition("\n\n")[2]
    told: set[str] = set()
    where = [(defined(loss, d), d.expr, "") for d in loss.definitions.values()]
    return {
        "name": escape(loss.name),
        "raw_name": loss.name,
        "command": command,
        "summary": prose(loss.summary),
        "paragraphs": [prose(p) for p in body.split("\n\n") if p.strip()],
        "formula": display(loss, [(call(loss), loss.expression, "")]),
        "where": display(loss, where) if where else "",
        "batch": batches(loss),
        "inputs": [_described(loss, i) for i in loss.inputs],
        "parameters": [{**_described(loss, p), "default": f"${p.default}$"} for p in loss.parameters],
        "derivatives": [_derived(loss, wrt, told) for wrt in loss.differentiated],
        "kinks": prose(loss.kinks),
        "metrics": [prose(m) for m in loss.metrics],
        "references": [_cited(citation) for citation in loss.cite],
    }


def _described(loss: Loss, argument: Input) -> dict[str, str]:
    """What the template says of an input or a hyper-parameter."""
    symbol = notation_of(loss)[argument.name].tex()
    if argument.type.classes:
        words = rf"a whole number from 0 to ${spelled(argument.type.classes).tex()} - 1$"
    else:
        words = prose(argument.domain.words)
    if argument.type.also:
        words += f", or {escape(argument.type.also)}"
    axes = r" \times ".join(spelled(axis).tex() for axis in argument.axes)
    return {"symbol": symbol, "name": escape(argument.name), "domain": words, "axes": axes}


def _cited(citation: str) -> tuple[str, str]:
    """A reference by its key in BibTeX, if it has one, and as text, whose DOI may be broken after a slash."""
    known = citation in REFERENCES
    text = prose(REFERENCES[citation].text if known else citation)
    return key(citation) if known else "", re.sub(r"(?<=\w)/(?=\w)", r"/\\allowbreak{}", text)


def _derived(loss: Loss, wrt: str, told: set[str]) -> dict[str, Any]:
    """What the template says of the derivative by one tensor; ``told`` are the sentences printed before."""
    derivation = loss.derivation(wrt)
    element = element_of(loss.argument(wrt))
    second = ""
    if loss.kind == "elementwise":
        second = display(loss, [(derivative(loss, element, element), loss.hessian(wrt), "")])
    return {
        "symbol": notation_of(loss)[wrt].tex(),
        "name": escape(wrt),
        "derivation": derivation_latex(derivation),
        "rules": [
            (escape(rule), " ".join(map(prose, said))) for rule, said in rules_used(derivation, told).items()
        ],
        "gradient": display(loss, [(derivative(loss, element), loss.gradient(wrt), "")]),
        "second": second,
    }
