"""What a notebook shows of a loss and of a derivation: Markdown with formulas for MathJax or KaTeX."""

from __future__ import annotations

import re

from symloss.derive import Derivation
from symloss.present.formulas import call, defined, derivation_latex, display, rules_used
from symloss.present.notation import notation_of
from symloss.present.prose import prose
from symloss.value import Loss

__all__ = ["derivation_markdown", "derivation_mathematics", "loss_markdown", "loss_mathematics"]

_MARKS = re.compile(r"([\\`*_$<>\[\]|~#&])")


def loss_markdown(loss: Loss) -> str:
    """The name, the summary, the formula with its named intermediates, and what its letters stand for."""
    summary = f": {_markdown(loss.summary)}" if loss.summary else ""
    notation = notation_of(loss)
    arguments = [
        f"${notation[i.name].tex()}$ is `{i.name}`, {'for each of ' * bool(i.axes)}{' × '.join(i.axes)}"
        f"{' ' * bool(i.axes)}{_markdown(i.type.words)}"
        for i in loss.inputs
    ] + [f"${notation[p.name].tex()}$ is `{p.name}` = {p.default}" for p in loss.parameters]
    return f"**`{loss.name}`**{summary}\n\n{loss_mathematics(loss)}\n\n" + "; ".join(arguments) + "."


def loss_mathematics(loss: Loss) -> str:
    """The formula of a loss with its named intermediates, between dollar signs."""
    rows = [(call(loss), loss.expression, "")]
    rows += [(defined(loss, d), d.expr, "") for d in loss.definitions.values()]
    return _shown(display(loss, rows))


def derivation_markdown(derivation: Derivation) -> str:
    """The lines of a derivation with the names of the rules, and below them what each rule says."""
    rules = [
        f"- **{_markdown(rule)}**: {' '.join(map(_markdown, said))}"
        for rule, said in rules_used(derivation).items()
    ]
    return "\n".join([derivation_mathematics(derivation), "", *rules])


def derivation_mathematics(derivation: Derivation) -> str:
    """The lines of a derivation, between dollar signs."""
    return _shown(derivation_latex(derivation))


def _shown(block: str) -> str:
    """An align* block for a notebook: in ``aligned``, since KaTeX takes no align* between dollar signs."""
    return "$$\n" + block.replace("{align*}", "{aligned}") + "\n$$"


def _markdown(text: str) -> str:
    """Plain text as Markdown, with its formulas."""
    return prose(text, lambda word: _MARKS.sub(r"\\\1", word))
