"""A Sphinx extension: the directive ``symloss`` puts a loss, its derivation, plot and code into any documentation.

In ``conf.py``: ``extensions = ["symloss.sphinx"]``. In a document, where ``losses.py`` is a file of the project:

.. code-block:: rst

    .. symloss:: focal_with_logits

    .. symloss:: losses.py:demand
       :formula:
       :derivation: prediction
       :plot: shortage_cost
       :code: declaration, numpy, c

    .. symloss-comparison:: huber(delta=1) huber(delta=2) log_cosh
"""

from __future__ import annotations

import hashlib
import inspect
import re
import sys
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

import symloss
from symloss import backends, library
from symloss.present.comparison import Variant, compared, html_of, pages_of, variants
from symloss.present.formulas import call, defined, derivation_latex, display, rules_used
from symloss.present.notation import notation_of
from symloss.present.prose import pieces
from symloss.request import Request
from symloss.value import Loss

__all__ = ["setup"]

DECLARATION = "declaration"

logger = logging.getLogger(__name__)


SHARED = {"name": directives.unchanged, "class": directives.class_option}


def _tensors(argument: str | None) -> list[str]:
    return [word for word in (argument or "").replace(",", " ").split() if word]


def _languages(argument: str | None) -> list[str]:
    """The languages that ``:code:`` names; alone it means NumPy."""
    known = (DECLARATION, *(name for name in backends.BACKENDS))
    found = _tensors(argument) or ["numpy"]
    for language in found:
        if language not in known:
            raise ValueError(f"{language!r} is no language of generated code; there are {', '.join(known)}")
    return found


class _Directive(SphinxDirective):
    """What shows losses: one that cannot be had is a warning with its name and the line, and nothing else."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """What the directive puts into the document."""
        asked = self.arguments[0].strip()
        try:
            return self._boxed(self._shown(asked))
        except (ValueError, LookupError, OSError, RuntimeError) as error:
            said = error.args[0] if isinstance(error, KeyError) and error.args else error
            logger.warning("symloss %s: %s", asked, said, location=self.get_location(), type="symloss")
            return []

    def _shown(self, asked: str) -> list[nodes.Node]:
        raise NotImplementedError

    def _boxed(self, shown: list[nodes.Node]) -> list[nodes.Node]:
        box = nodes.container("", *shown, classes=["symloss", *self.options.get("class", [])])
        self.set_source_info(box)
        self.add_name(box)
        return [box]

    def _loss(self, asked: str) -> Loss:
        """The loss of that name, in the catalogue or a file of the project."""
        path, colon, name = asked.rpartition(":")
        if not colon and not name.endswith(".py"):
            found = library.find(asked)[asked]
            self.env.note_dependency(_file_of(found))
            return found
        path, name = (path, name) if colon and not name.endswith(".py") else (asked, "")
        relative, absolute = self.env.relfn2path(path)
        self.env.note_dependency(relative)  # also of a file that is wrong, which somebody is about to mend
        return library.loss_in(Path(absolute), name)


class LossDirective(_Directive):
    """``.. symloss:: NAME``, or ``FILE.py:NAME`` of the project; the file's path is relative to the document.

    Without an option it shows the summary, the formula and the derivation.
    """

    option_spec = {  # noqa: RUF012, which docutils reads from the class
        "formula": directives.flag,
        "derivation": _tensors,
        "plot": directives.unchanged,
        "code": _languages,
        **SHARED,
    }

    def _shown(self, asked: str) -> list[nodes.Node]:
        loss = self._loss(asked)
        wanted = [part for part in ("formula", "derivation", "plot", "code") if part in self.options]
        shown: list[nodes.Node] = []
        if not wanted:
            shown.append(nodes.paragraph("", "", *_text(loss.summary)))
            wanted = ["formula", "derivation"]
        for part in wanted:
            shown += getattr(self, f"_{part}")(loss)
        return shown

    def _formula(self, loss: Loss) -> Iterable[nodes.Node]:
        rows = [(call(loss), loss.expression, "")]
        rows += [(defined(loss, d), d.expr, "") for d in loss.definitions.values()]
        yield _mathematics(display(loss, rows))
        letters = nodes.bullet_list()
        notation = notation_of(loss)
        for argument in (*loss.inputs, *loss.parameters):
            tex = notation[argument.name].tex()
            words = f", {argument.type.words}"
            words += f", for each of {' × '.join(argument.axes)}" if argument.axes else ""
            words += f", by default {argument.default}" if argument in loss.parameters else ""
            said = [nodes.math("", tex), nodes.Text(" is "), nodes.literal("", argument.name), *_text(words)]
            letters += nodes.list_item("", nodes.paragraph("", "", *said))
        yield letters

    def _derivation(self, loss: Loss) -> Iterable[nodes.Node]:
        told: set[str] = set()
        for wrt in self.options.get("derivation") or loss.differentiated:
            derivation = loss.derivation(wrt)
            said = [
                nodes.Text("The derivative with respect to "),
                nodes.math("", notation_of(loss)[wrt].tex()),
                nodes.Text(" ("),
                nodes.literal("", wrt),
                nodes.Text("), step by step:"),
            ]
            yield nodes.paragraph("", "", *said)
            yield _mathematics(derivation_latex(derivation))
            rules = nodes.definition_list()
            for rule, sentences in rules_used(derivation, told).items():
                term = nodes.term("", rule)
                body = nodes.definition("", nodes.paragraph("", "", *_text(" ".join(sentences))))
                rules += nodes.definition_list_item("", term, body)
            if rules.children:
                yield rules

    def _plot(self, loss: Loss) -> Iterable[nodes.Node]:
        yield _plotted(variants(loss, self.options["plot"].strip()))

    def _code(self, loss: Loss) -> Iterable[nodes.Node]:
        for language in self.options["code"]:
            if language == DECLARATION:
                if not loss.source:
                    raise ValueError("it is composed of others, so there is no declaration to show")
                files = {".py": loss.source.rstrip() + "\n"}
                languages: Mapping[str, str] = {".py": "python"}
            else:
                origin = self.arguments[0].strip().rpartition(":")[0] or loss.name
                backend = backends.get(language)
                files = backend.render(loss, Request(loss.name, origin).command(language))
                languages = backend.SUFFIXES
            for suffix, text in files.items():
                yield nodes.literal_block(text, text, language=languages[suffix])


class ComparisonDirective(_Directive):
    """``.. symloss-comparison:: NAME NAME(parameter=number) …`` draws losses into one pair of plots.

    They are drawn along the variable that a person would choose, which ``:variable:`` may give a name.
    """

    option_spec = {"variable": directives.unchanged_required, **SHARED}  # noqa: RUF012

    def _shown(self, asked: str) -> list[nodes.Node]:
        some = []
        for name, numbers in _VARIANT.findall(asked):
            loss = self._loss(name)
            parameters = dict(_number(loss, pair) for pair in numbers.split(",") if pair.strip())
            some.append(
                Variant(loss.with_(**parameters), parameters, name + (f"({numbers})" if numbers else ""))
            )
        return [_plotted(some, self.options.get("variable", ""))]


_VARIANT = re.compile(r"([^\s,()]+)(?:\(([^()]*)\))?")


def _number(loss: Loss, pair: str) -> tuple[str, float]:
    name, _, number = pair.partition("=")
    try:
        return name.strip(), float(number)
    except ValueError:
        raise ValueError(
            f"{loss.name}: {pair.strip()!r} is no hyper-parameter with a number, as delta=2"
        ) from None


class plotted(nodes.General, nodes.Element):
    """Curves, drawn when the document is written, as its format wants them."""


def _plotted(some: list[Variant], variable: str = "") -> plotted:
    if find_spec("matplotlib") is None:
        raise RuntimeError("plots need matplotlib: pip install 'symloss[plots]'")
    return plotted(comparison=compared(some, variable))


def _visit_html(translator: Any, node: plotted) -> None:
    translator.body.append(html_of(node["comparison"]))
    raise nodes.SkipNode


def _visit_latex(translator: Any, node: plotted) -> None:
    translator.body.append("\n\n\\noindent")
    for page in pages_of(node["comparison"]):
        name = f"symloss-{hashlib.sha256(page).hexdigest()[:16]}.pdf"
        (Path(translator.builder.outdir) / name).write_bytes(page)
        translator.body.append(rf"\includegraphics[width=0.49\linewidth]{{{name}}}")
    translator.body.append("\n\n")
    raise nodes.SkipNode


def _visit_text(translator: Any, node: plotted) -> None:
    told = " ".join(f"[{words}]" for _, _, words in node["comparison"].panels())
    if hasattr(translator, "add_text"):
        translator.new_state(0)
        translator.add_text(told)
        translator.end_state()
    else:
        translator.body.append(told)
    raise nodes.SkipNode


class Breakable(SphinxPostTransform):
    """In a book, a derivation may go on on the next page."""

    default_priority = 200
    formats = ("latex",)

    def run(self, **_: Any) -> None:
        """Put align* in the place of aligned."""
        for node in list(self.document.findall(nodes.math_block)):
            block = node.get("symloss")
            if block:
                whole = rf"{{\allowdisplaybreaks {block}}}"
                other = nodes.math_block(whole, whole, number=None, label=None)
                other["no-wrap"] = other["nowrap"] = True
                node.replace_self(other)


def _mathematics(block: str) -> nodes.math_block:
    """An align* block as aligned, which every renderer of formulas takes."""
    text = block.replace("{align*}", "{aligned}")
    return nodes.math_block(text, text, symloss=block, number=None, label=None)


def _text(sentences: str) -> list[nodes.Node]:
    """Sentences with their formulas; a space at the front stays."""
    found: list[nodes.Node] = []
    for piece, mathematics in pieces(sentences):
        found.append(nodes.math("", piece) if mathematics else nodes.Text(piece))
    return found


def _file_of(loss: Loss) -> str:
    """The file of the catalogue that declares a loss; without it, that of the catalogue."""
    module = sys.modules.get(f"symloss.losses.{loss.task}", symloss.losses)
    return inspect.getfile(module)


def setup(app: Any) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_directive("symloss", LossDirective)
    app.add_directive("symloss-comparison", ComparisonDirective)
    text = (_visit_text, None)
    app.add_node(
        plotted, html=(_visit_html, None), latex=(_visit_latex, None), text=text, man=text, texinfo=text
    )
    app.add_post_transform(Breakable)
    # documents are read again when another version of symloss makes other formulas
    app.add_config_value("symloss_version", symloss.__version__, "env", str)
    return {"version": symloss.__version__, "parallel_read_safe": True, "parallel_write_safe": True}
