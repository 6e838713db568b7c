"""How a name of a declaration is written: its letter, its subscript and superscript, its place in a product."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from sympy import Expr

from symloss.functions import INDEX_NAMES, sigmoid, softplus
from symloss.value import Loss

__all__ = ["SYMBOLS", "Glyph", "Notation", "notation_of", "script", "spelled"]


@dataclass(frozen=True)
class Glyph:
    """A name as LaTeX: a base that may carry a subscript and a superscript of its own."""

    base: str
    sub: str = ""
    sup: str = ""

    def tex(self, *indices: str) -> str:
        """The name, or its entry at the given indices."""
        below = ",".join(part for part in (self.sub, *indices) if part)
        return self.base + script("^", self.sup) + script("_", below)


def script(mark: str, text: str) -> str:
    """``text`` as a subscript (mark _) or superscript (mark ^); nothing where it is empty."""
    return mark + (text if len(text) == 1 else f"{{{text}}}") if text else ""


SYMBOLS: dict[str, Glyph] = {
    "anchor": Glyph("a"),
    "class_weight": Glyph(r"\omega"),
    "distance": Glyph("d"),
    "fake_logits": Glyph("z", r"\mathrm{fake}"),
    "false_negative": Glyph(r"\mathrm{FN}"),
    "false_positive": Glyph(r"\mathrm{FP}"),
    "first": Glyph("a"),
    "intersection": Glyph("I"),
    "key": Glyph("v"),
    "l1_ratio": Glyph(r"\rho"),
    "label_smoothing": Glyph(r"\varepsilon"),
    "lam": Glyph(r"\lambda"),
    "level": Glyph(r"\tau"),
    "log_rate": Glyph(r"\eta"),
    "log_variance": Glyph("s"),
    "logits": Glyph("z"),
    "mean": Glyph(r"\mu"),
    "negative": Glyph("a", sup="-"),
    "noise": Glyph(r"\varepsilon"),
    "parameters": Glyph(r"\theta"),
    "positive": Glyph("a", sup="+"),
    "predicted_noise": Glyph(r"\hat{\varepsilon}"),
    "prediction": Glyph(r"\hat{y}"),
    "probability": Glyph("p"),
    "query": Glyph("u"),
    "real_logits": Glyph("z", r"\mathrm{real}"),
    "reconstruction": Glyph(r"\hat{y}"),
    "score": Glyph("s"),
    "second": Glyph("b"),
    "smooth": Glyph(r"\varepsilon"),
    "target": Glyph("y"),
    "temperature": Glyph(r"\tau"),
    "timestep": Glyph("t"),
    "timestep_weight": Glyph(r"\omega"),
    "to_negative": Glyph("d", sup="-"),
    "to_positive": Glyph("d", sup="+"),
    "total": Glyph("S"),
    "true_positive": Glyph(r"\mathrm{TP}"),
    "vector": Glyph("v"),
    "weight": Glyph("w"),
}
"""The customary letter for a name. Where two names of one loss would share it, the name is written out."""

_GREEK = frozenset(
    (
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon "
        "phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
    ).split()
)


def _letter(word: str) -> str | None:
    if word in _GREEK:
        return {"epsilon": r"\varepsilon", "phi": r"\varphi"}.get(word, "\\" + word)
    return word if len(word) == 1 else None


def _word(name: str) -> str:
    escaped = name.replace("_", r"\_")
    return rf"\mathrm{{{escaped}}}"


def spelled(name: str) -> Glyph:
    """A name that is no customary one: a letter, a letter with an index, or a word."""
    head, _, tail = name.partition("_")
    letter = _letter(head)
    if letter is None:
        return Glyph(_word(name))
    return Glyph(letter, tail if tail.isdigit() else _letter(tail) or _word(tail)) if tail else Glyph(letter)


class Notation:
    """How the names of one loss are written; no two of them alike."""

    def __init__(self, loss: Loss | None = None):
        self.parameters: frozenset[str] = frozenset()
        self._glyphs: dict[str, Glyph] = {}
        self._taken: set[Glyph] = {Glyph(name) for name in INDEX_NAMES}
        self._names: set[str] = set()
        self._order: list[str] = []
        self._sizes: frozenset[str] = frozenset()
        if loss is not None:
            self._take(loss)

    def _take(self, loss: Loss) -> None:
        self.parameters = frozenset(p.name for p in loss.parameters)
        self._taken |= {spelled(axis) for axis in (*loss.axes, "n")} | {Glyph(r"\pi"), Glyph(r"\ell")}
        if any(a.axes for a in loss.inputs):
            self._taken.add(Glyph(r"\delta"))  # Kronecker's
        if any(e.has(sigmoid, softplus) for e in _expressions(loss)):
            self._taken.add(Glyph(r"\sigma"))  # the logistic function's
        names = [a.name for a in (*loss.inputs, *loss.parameters)] + list(loss.definitions)
        self._names = set(names)
        self._order = sorted((i.name for i in loss.inputs), key=lambda name: name in loss.differentiated)
        self._order += loss.definitions
        self._sizes = frozenset({*loss.axes, "n"} - self._names)
        names += [own for own in ("vector", "weight") if own not in names]
        for name in sorted(names, key=lambda name: name in SYMBOLS):  # what a letter is called keeps it
            self._glyphs[name] = self._free(name)
            self._taken.add(self._glyphs[name])

    def _free(self, name: str) -> Glyph:
        for glyph in (SYMBOLS.get(name), spelled(name), Glyph(_word(name))):
            if glyph is not None and glyph not in self._taken and not self._reads_as_entry(glyph):
                return glyph
        return Glyph(_word(name + "_"))

    def _reads_as_entry(self, glyph: Glyph) -> bool:
        """Whether a letter with an index, such as p_t, would read as the entry t of a tensor p."""
        bare = Glyph(glyph.base)
        return glyph.sub in {*INDEX_NAMES, *self._names} and (bare in self._taken or bare.base in self._names)

    def __getitem__(self, name: str) -> Glyph:
        return self._glyphs.get(name) or spelled(name)

    def place(self, name: str) -> int:
        """Where in a product a name stands: sizes, hyper-parameters, fixed inputs, others, intermediates."""
        if name in self._sizes:
            return -2
        if name in self.parameters:
            return -1
        return self._order.index(name) if name in self._order else 0

    @property
    def has_e(self) -> bool:
        """Whether e is a name of the loss, and so not Euler's number."""
        return Glyph("e") in self._taken


def _expressions(loss: Loss) -> Iterator[Expr]:
    yield from (loss.example, loss.normalizer, loss.batch)
    yield from (d.expr for d in loss.definitions.values())


@cache
def notation_of(loss: Loss | None) -> Notation:
    """The notation of a loss, made once."""
    return Notation(loss)
