"""LaTeX of a loss: its formula, its gradients, its derivations, and the fragment that holds them all.

Everything compiles with amsmath alone, and every formula in KaTeX too. The sections: ``Notation`` (how a name
is written), ``Printer`` (an expression on one line or several), how wide a formula is, the
formulas of a loss, plain text as LaTeX, and the fragment (with which this module is the backend ``latex``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import jinja2
import sympy
from sympy import Abs, Add, Expr, Indexed, KroneckerDelta, Mul, Pow, Rational, Symbol
from sympy.core.relational import Relational
from sympy.printing.latex import LatexPrinter

from symloss.backends import environment
from symloss.compose import lifted
from symloss.derive import Derivation, Step, element_of
from symloss.functions import (
    INDEX_NAMES,
    AxisMax,
    Binder,
    Cases,
    Index,
    LogSoftmax,
    LogSumExp,
    Norm,
    Partial,
    Softmax,
    Sum,
    bound_index,
    free_index,
    maximum,
    ratio,
    sigmoid,
    softplus,
    xlogy,
)
from symloss.losses.references import REFERENCES
from symloss.value import Definition, Input, Loss

__all__ = [
    "SUFFIXES",
    "SYMBOLS",
    "Glyph",
    "Notation",
    "Printer",
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
    "width",
]

SUFFIXES = (".tex",)


# --- notation: how a name of the declaration is written -----------------------------------------------------


@dataclass(frozen=True)
class Glyph:
    """A name as LaTeX: a base that may carry a subscript and a superscript of its own."""

    base: str
    sub: str = ""
    sup: str = ""

    def tex(self, *indices: str) -> str:
        """The name, or its entry at the given indices."""
        below = ",".join(part for part in (self.sub, *indices) if part)
        return self.base + _script("^", self.sup) + _script("_", below)


def _script(mark: str, text: str) -> str:
    if not text:
        return ""
    return mark + (text if len(text) == 1 else f"{{{text}}}")


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
    re.findall(
        "[A-Za-z]+",
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon "
        "phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega",
    )
)


def _letter(word: str) -> str | None:
    if word in _GREEK:
        return {"epsilon": r"\varepsilon", "phi": r"\varphi"}.get(word, "\\" + word)
    return word if len(word) == 1 else None


def _word(name: str) -> str:
    escaped = name.replace("_", r"\_")
    return rf"\mathrm{{{escaped}}}"


def _spelled(name: str) -> Glyph:
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
        self._taken |= {_spelled(axis) for axis in (*loss.axes, "n")} | {Glyph(r"\pi"), Glyph(r"\ell")}
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
        for glyph in (SYMBOLS.get(name), _spelled(name), Glyph(_word(name))):
            if glyph is not None and glyph not in self._taken and not self._reads_as_entry(glyph):
                return glyph
        return Glyph(_word(name + "_"))

    def _reads_as_entry(self, glyph: Glyph) -> bool:
        """Whether a letter with an index, such as p_t, would read as the entry t of a tensor p."""
        bare = Glyph(glyph.base)
        return glyph.sub in {*INDEX_NAMES, *self._names} and (bare in self._taken or bare.base in self._names)

    def __getitem__(self, name: str) -> Glyph:
        return self._glyphs.get(name) or _spelled(name)

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
def _notation(loss: Loss | None) -> Notation:
    return Notation(loss)


# --- the printer --------------------------------------------------------------------------------------------

_OPERATORS = {  # functions that TeX or amsmath names, written without brackets before a simple argument
    "log": r"\log",
    "sin": r"\sin",
    "cos": r"\cos",
    "tan": r"\tan",
    "sinh": r"\sinh",
    "cosh": r"\cosh",
    "tanh": r"\tanh",
    "asinh": r"\operatorname{arsinh}",
    "acosh": r"\operatorname{arcosh}",
    "atanh": r"\operatorname{artanh}",
    "asin": r"\arcsin",
    "acos": r"\arccos",
    "atan": r"\arctan",
}
_FUNCTIONS = {  # functions whose argument always stands in brackets
    "sigmoid": r"\sigma",
    "softplus": r"\operatorname{softplus}",
    "sign": r"\operatorname{sign}",
    "gamma": r"\Gamma",
    "loggamma": r"\log\Gamma",
    "digamma": r"\psi",
}
_DIVISOR = " divisor of the mean"  # a name that no declaration can have
_RELATIONS = {"==": "=", "!=": r"\neq", "<": "<", "<=": r"\le", ">": ">", ">=": r"\ge"}
_TALL = re.compile(r"\\(frac|sum|begin|max_|operatorname\*|sqrt\{\\sum)")


@dataclass(frozen=True)
class _Product:
    """A product as it is printed: sign, a fraction or leading factors, and the factors behind it."""

    negative: bool
    head: str
    factors: tuple[Expr, ...]


class Printer(LatexPrinter):
    """LaTeX of an expression of symloss, in the notation of a loss.

    A sum starts with its positive terms, data before hyper-parameters before numbers; a product has its
    numbers first and its logarithms and sums last; bound indices are named from the outside in.
    """

    def __init__(self, notation: Notation | None = None):
        super().__init__()
        self.notation = notation if notation is not None else Notation()
        self.binder_depth = 0

    # -- names --

    def _print_Symbol(self, e: Symbol, style: str = "plain") -> str:
        if e.name == _DIVISOR:
            return r"\sum_j \nu_j"
        if isinstance(e, Index):
            return self._index_name(e.name)
        return self.notation[e.name].tex()

    _print_Dummy = _print_Symbol

    @staticmethod
    def _index_name(name: str) -> str:
        letter, _, number = name.partition("_")
        return letter + _script("_", number)

    def _print_IndexedBase(self, e: Any) -> str:
        return self.notation[e.label.name].tex()

    def _print_Indexed(self, e: Indexed) -> str:
        return self.notation[e.base.label.name].tex(*(self._print(place) for place in e.args[1:]))

    def _print_KroneckerDelta(self, e: KroneckerDelta) -> str:
        places = [self._print(a) for a in sorted(e.args, key=lambda a: (not isinstance(a, Symbol), str(a)))]
        single = all(len(p) == 1 for p in places)
        below = ("" if single else ",").join(places)
        return rf"\delta_{{{below}}}"

    # -- numbers --

    def _print_Rational(self, e: Rational) -> str:
        sign = "-" if e.p < 0 else ""
        return f"{sign}\\frac{{{abs(e.p)}}}{{{e.q}}}" if e.q != 1 else str(e.p)

    # -- sums and products --

    def _print_Add(self, e: Add, order: Any = None) -> str:
        content, rest = _content(e)
        if content != 1:
            return self._product((content, rest))
        return _joined(self._terms(rest))

    def _terms(self, e: Add) -> list[str]:
        """The terms as they are printed, each but the first with its sign."""
        found = []
        ordered = self._ordered(e)
        for place, term in enumerate(ordered):
            tex = self._print(term)
            if place < len(ordered) - 1 and tex.endswith(r"\end{cases}"):
                tex = self._product((term,), closed=True)
            found.append(tex if not place or tex.startswith("-") else "+ " + tex)
        return [found[0], *(re.sub("^-", "- ", t) for t in found[1:])]

    def _ordered(self, e: Add) -> list[Expr]:
        """Positive terms first; then data, hyper-parameters, numbers; then by degree; then the shorter."""

        def key(place_and_term: tuple[int, Expr]) -> tuple:
            place, term = place_and_term
            coefficient, rest = term.as_coeff_Mul()
            names = {s.name for s in rest.free_symbols if isinstance(s, Symbol)}
            rank = 2 if not names else 1 if names <= self.notation.parameters else 0
            degree = _degree(rest, self.notation.parameters)
            return (
                bool(coefficient < 0),
                rank,
                degree is None,
                -(degree or 0),
                sum(1 for _ in sympy.preorder_traversal(rest)),
                place,
            )

        return [term for _, term in sorted(enumerate(e.as_ordered_terms()), key=key)]

    def _print_Mul(self, e: Mul) -> str:
        return self._product(e.args)

    def _product(self, factors: Iterable[Expr], closed: bool = False) -> str:
        parts = self._product_parts(factors)
        texts = [parts.head] if parts.head else []
        for place, f in enumerate(parts.factors):
            alone = len(parts.factors) == 1 and not parts.head and not parts.negative
            last = place == len(parts.factors) - 1 and not closed
            texts.append(self._print(f) if alone and not closed else self._factor(f, last))
        return ("-" if parts.negative else "") + _side_by_side(texts)

    def _product_parts(self, factors: Iterable[Expr], widest_behind: bool = False) -> _Product:
        """Numbers and denominators gathered into a fraction; tall factors stand behind it."""
        coefficient, above, below = self._gathered(factors)
        behind = max(above, key=self._width, default=None) if widest_behind else None
        above.sort(key=self._factor_rank)
        number = abs(coefficient)
        head = ""
        if below or number.q != 1:
            inside = [f for f in above if f is not behind and not self._is_tall(f)]
            under = ([] if number.q == 1 else [sympy.Integer(number.q)]) + below
            head = rf"\frac{{{self._row(number.p, inside)}}}{{{self._row(1, under)}}}"
            above = [f for f in above if f not in inside]
        elif number != 1 or not above:
            head = str(number.p)
        return _Product(bool(coefficient < 0), head, tuple(above))

    def _gathered(self, factors: Iterable[Expr]) -> tuple[Rational, list[Expr], list[Expr]]:
        coefficient = sympy.Integer(1)
        above: list[Expr] = []
        below: list[Expr] = []
        pending = list(factors)
        while pending:
            f = pending.pop(0)
            if isinstance(f, Rational):
                coefficient *= f
            elif isinstance(f, Mul):
                pending = [*f.args, *pending]
            elif isinstance(f, xlogy):
                pending = [f.args[0], sympy.log(f.args[1]), *pending]
            elif isinstance(f, Pow) and f.exp.is_Rational and f.exp < 0:
                below.append(f.base**-f.exp)
            elif isinstance(f, Add):
                content, rest = _content(f)
                coefficient *= content
                above.append(rest)
            else:
                above.append(f)
        below.sort(key=self._factor_rank)
        return coefficient, above, below

    def _row(self, number: int, factors: Sequence[Expr]) -> str:
        """A product as the numerator or denominator of a fraction, which brackets its one factor already."""
        if len(factors) == 1 and number == 1:
            return self._print(factors[0])
        texts = [str(number)] if number != 1 or not factors else []
        return _side_by_side(texts + self._factors(factors))

    def _factor(self, f: Expr, last: bool) -> str:
        """A factor of a product, in brackets where it needs them; ``last`` where nothing follows it."""
        tex = self._print(f)
        if isinstance(f, (Add, Relational)):
            return _bracketed(tex)
        if last:
            return tex
        if isinstance(f, sympy.log):
            return r"\log" + _bracketed(self._print(f.args[0]))
        if isinstance(f, (Sum, AxisMax, LogSumExp, LogSoftmax, Cases)) or self._is_operator(f):
            return _bracketed(tex)
        name = _operator_name(f)
        if name and "(" not in tex:
            return name + _bracketed(self._print(f.args[0]))
        return tex

    def _factor_rank(self, f: Expr) -> tuple[int, int, int]:
        """Numbers, hyper-parameters, data, functions, brackets, logarithms, sums, cases, derivatives."""
        base = f.base if isinstance(f, Pow) else f
        bare = base is f
        place = 0
        if base.is_number:
            rank = 0
        elif isinstance(base, (Symbol, Indexed)):
            name = base.name if isinstance(base, Symbol) else base.base.label.name
            place = self.notation.place(name)
            rank = 1 if place < 0 else 3
        elif isinstance(base, Add):
            rank = 2 if self._only_parameters(base) else 7 if bare else 6
        elif isinstance(base, (sympy.log, LogSumExp, LogSoftmax)) and bare:
            rank = 10
        elif isinstance(base, Partial):
            rank = 13 if self._is_operator(base) else 9
        elif isinstance(base, (Sum, AxisMax)) and bare:
            rank = 11
        elif isinstance(base, Cases) and bare:
            rank = 12
        else:
            rank = {KroneckerDelta: 4, maximum: 8}.get(type(base), 5)
        return rank, place, 0 if bare else 1

    def _only_parameters(self, e: Expr) -> bool:
        return all(s.name in self.notation.parameters for s in e.free_symbols if isinstance(s, Symbol))

    def _is_tall(self, f: Expr) -> bool:
        """Whether a factor stands behind a fraction rather than in its numerator."""
        return bool(_TALL.search(self._print(f)))

    def _print_Pow(self, e: Pow) -> str:
        base, exponent = e.args
        if exponent.is_Rational and exponent < 0:
            return self._product((e,))
        if exponent == Rational(1, 2):
            return rf"\sqrt{{{self._print(base)}}}"
        raised = _script("^", self._exponent(exponent))
        name = _operator_name(base)
        if name and not isinstance(base, sympy.log):
            return name + raised + self._argument(base.args[0])
        return self._base(base) + raised

    def _exponent(self, e: Expr) -> str:
        return f"{e.p}/{e.q}" if isinstance(e, Rational) and e.q != 1 else self._print(e)

    def _base(self, base: Expr) -> str:
        tex = self._print(base)
        if isinstance(base, (Symbol, Indexed)):
            name = base.name if isinstance(base, Symbol) else base.base.label.name
            return _bracketed(tex) if self.notation[name].sup else tex
        if isinstance(base, (Abs, Norm, sigmoid, softplus, KroneckerDelta, maximum, sympy.sign)):
            return tex
        if isinstance(base, Softmax):
            return tex if len(tex) < 40 else _bracketed(tex)
        if base.is_Integer and base >= 0:
            return tex
        return _bracketed(tex)

    # -- functions --

    def _print_Function(self, e: sympy.Function, exp: Any = None) -> str:
        name = _operator_name(e)
        if name:
            return name + self._argument(e.args[0])
        name = _FUNCTIONS.get(type(e).__name__, rf"\operatorname{{{type(e).__name__}}}")
        return name + _bracketed(", ".join(self._print(a) for a in e.args))

    _print_log = _print_sinh = _print_cosh = _print_tanh = _print_Function
    _print_asin = _print_acos = _print_atan = _print_Function
    _print_gamma = _print_loggamma = _print_digamma = _print_sigmoid = _print_softplus = _print_Function

    def _argument(self, e: Expr) -> str:
        """The argument of an operator such as log: a simple one stands behind it without brackets."""
        tex = self._print(e)
        simple = isinstance(e, (Symbol, Indexed, Abs, sigmoid, Softmax, Norm)) or (e.is_Integer and e >= 0)
        if not simple and not (_operator_name(e) and "(" not in tex):
            return _bracketed(tex)
        return tex if tex.startswith("\\") else " " + tex

    def _print_exp(self, e: Expr, exp: Any = None) -> str:
        tex = self._print(e.args[0])
        if _TALL.search(tex) or len(tex) > 40 or self.notation.has_e:
            return r"\exp" + _bracketed(tex)
        return "e" + (_script("^", tex) if len(tex) == 1 else f"^{{{tex}}}")

    def _print_Exp1(self, e: Expr, exp: Any = None) -> str:
        return r"\exp\left(1\right)" if self.notation.has_e else "e"

    def _print_Abs(self, e: Abs, exp: Any = None) -> str:
        return rf"\left|{self._print(e.args[0])}\right|"

    def _print_floor(self, e: Expr, exp: Any = None) -> str:
        return rf"\left\lfloor {self._print(e.args[0])}\right\rfloor"

    def _print_ceiling(self, e: Expr, exp: Any = None) -> str:
        return rf"\left\lceil {self._print(e.args[0])}\right\rceil"

    def _print_xlogy(self, e: xlogy) -> str:
        return self._product((e,))

    def _print_ratio(self, e: ratio) -> str:
        return rf"\frac{{{self._print(e.args[0])}}}{{{self._print(e.args[1])}}}"

    def _print_maximum(self, e: maximum) -> str:
        return r"\max" + _bracketed(", ".join(self._print(a) for a in e.args[:2]))

    def _print_Max(self, e: sympy.Max, exp: Any = None) -> str:
        ordered = sorted(e.args, key=lambda a: (not a.is_number, str(a)))
        return r"\max" + _bracketed(", ".join(map(self._print, ordered)))

    # -- cases and conditions --

    def _print_Cases(self, e: Cases) -> str:
        return _cases((self._print(value), self._condition(c)) for value, c in e.pairs)

    def _print_Piecewise(self, e: sympy.Piecewise) -> str:
        return _cases((self._print(value), self._condition(c)) for value, c in e.args)

    def _condition(self, c: Any) -> str:
        return r"\text{otherwise}" if c == sympy.true else rf"\text{{if }} {self._print(c)}"

    def _print_Relational(self, e: Relational) -> str:
        left, right, sign = e.lhs, e.rhs, e.rel_op
        index_last = sign in ("==", "!=") and _is_index(right) and not _is_index(left)
        if (left.is_number and not right.is_number) or index_last:
            left, right = right, left
            sign = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(sign, sign)
        return f"{self._print(left)} {_RELATIONS[sign]} {self._print(right)}"

    def _print_And(self, e: Any) -> str:
        return r" \text{ and } ".join(self._print(a) for a in sorted(e.args, key=str))

    def _print_Or(self, e: Any) -> str:
        return r" \text{ or } ".join(self._print(a) for a in sorted(e.args, key=str))

    def _print_Not(self, e: Any) -> str:
        return r"\text{not } " + self._print(e.args[0])

    # -- binders --

    @contextmanager
    def _inside(self, binder: Binder) -> Iterator[tuple[Expr, Index]]:
        """The body of a binder with its index under the name that belongs to its depth."""
        index = Index(bound_index(self.binder_depth).name)
        self.binder_depth += 1
        try:
            yield binder.body.xreplace({binder.index: index}), index
        finally:
            self.binder_depth -= 1

    def _print_Sum(self, e: Sum) -> str:
        with self._inside(e) as (body, index):
            return rf"\sum_{_group(self._print(index))} {self._scope(body)}"

    def _scope(self, body: Expr) -> str:
        """What a sum sign or a derivative applies to: a sum stands in brackets."""
        tex = self._print(body)
        content = _content(body)[0] if isinstance(body, Add) else 1
        return _bracketed(tex) if (isinstance(body, Add) and content == 1) or tex.startswith("-") else tex

    def _print_AxisMax(self, e: AxisMax) -> str:
        return r"\max" + self._over(e)

    def _print_ArgMax(self, e: Binder) -> str:
        return r"\operatorname*{arg\,max}" + self._over(e)

    def _over(self, e: Binder) -> str:
        """Index and body of a maximum; where the body is −∞ the index is said not to go there."""
        with self._inside(e) as (body, index):
            below = self._print(index)
            if isinstance(body, Cases) and len(body.pairs) == 2 and body.pairs[1][0] == -sympy.oo:
                (body, condition), _ = body.pairs
                said = self._print(condition)
                below = said if said.startswith(below + " ") else rf"{below} : {said}"
            return f"_{_group(below)} {self._scope(body)}"

    def _print_LogSumExp(self, e: LogSumExp) -> str:
        with self._inside(e) as (body, index):
            return rf"\log \sum_{_group(self._print(index))} {self._print(sympy.exp(body, evaluate=False))}"

    def _print_Norm(self, e: Norm) -> str:
        vector = self._vector(e.body, e.index)
        if vector is not None:
            return rf"\left\lVert {vector}\right\rVert"
        with self._inside(e) as (body, index):
            squared = self._print(Pow(body, 2, evaluate=False))
            return rf"\sqrt{{\sum_{_group(self._print(index))} {squared}}}"

    def _vector(self, body: Expr, index: Symbol) -> str | None:
        """A linear body without its index: a − b for a_j − b_j."""
        entries = {e for e in body.atoms(Indexed) if index in e.free_symbols}
        if not entries or body.atoms(Binder):
            return None
        if any(e.args[-1] != index or index in e.args[1:-1] for e in entries):
            return None
        names = {e: Symbol("row " + "_".join(map(str, (e.base.label, *e.args[1:-1])))) for e in entries}
        whole = body.xreplace(names)
        if index in whole.free_symbols or not all(
            len(t.free_symbols & set(names.values())) == 1 and t.as_independent(*names.values())[1].is_Symbol
            for t in Add.make_args(whole)
        ):
            return None
        return _Written(self.notation, {s.name: self._row_of(e) for e, s in names.items()})._print(whole)

    def _row_of(self, e: Indexed) -> str:
        return self.notation[e.base.label.name].tex(*(self._print(p) for p in e.args[1:-1]))

    def _print_Softmax(self, e: Softmax) -> str:
        return r"\operatorname{softmax}" + self._along(e)

    def _print_LogSoftmax(self, e: LogSoftmax) -> str:
        return r"\log\operatorname{softmax}" + self._along(e)

    def _along(self, e: Any) -> str:
        """(z)_k, (z_i)_k for a row, (z_{·,i})_k for a column, and with an index for any other body."""
        at = _script("_", self._print(e.at))
        body, index = e.body, e.index
        if isinstance(body, Indexed) and sum(index in p.free_symbols for p in body.args[1:]) == 1:
            if body.args[-1] == index:
                return f"({self._row_of(body)}){at}"
            if index in body.args[1:]:
                places = (r"\cdot" if p == index else self._print(p) for p in body.args[1:])
                return f"({self.notation[body.base.label.name].tex(*places)}){at}"
        with self._inside(e) as (named, bound):
            return rf"_{_group(self._print(bound))}{_bracketed(self._print(named))}{at}"

    # -- the derivative still to be taken --

    def _print_Partial(self, e: Partial) -> str:
        below = rf"\partial {self._print(e.wrt)}"
        if self._is_operator(e):
            return rf"\frac{{\partial}}{{{below}}} {self._operand(e.expr)}"
        return rf"\frac{{\partial {self._print(e.expr)}}}{{{below}}}"

    def _operand(self, e: Expr) -> str:
        tex = self._print(e)
        return _bracketed(tex) if isinstance(e, (Add, Mul, xlogy)) else tex

    def _is_operator(self, f: Expr) -> bool:
        """Whether a derivative is written as an operator in front of its operand."""
        if not isinstance(f, Partial):
            return False
        if isinstance(f.expr, (Add, Mul, Cases, xlogy, Binder, maximum)):
            return True
        return bool(_TALL.search(self._print(f.expr)))

    # -- several lines --

    def lines(self, e: Expr, limit: float, first: float | None = None) -> list[str]:
        """The expression on lines of at most ``limit`` points (``first``: the first), as far as can be."""
        first = limit if first is None else first
        tex = self._print(e)
        if width(tex) <= first:
            return [tex]
        if isinstance(e, Add) and _content(e)[0] == 1:
            return self._sum_lines(e, limit, first)
        if isinstance(e, Cases):
            return [self._cases_within(e, first)]
        if isinstance(e, Sum):
            with self._inside(e) as (body, index):
                before = rf"\sum_{_group(self._print(index))} "
                return self._behind(before, body, "", limit, first)
        if isinstance(e, Partial) and self._is_operator(e):
            before = rf"\frac{{\partial}}{{\partial {self._print(e.wrt)}}} "
            return self._behind(before, e.expr, "", limit, first)
        if isinstance(e, (Mul, Add, Pow, xlogy)):
            return self._product_lines(e, limit, first)
        return [tex]

    def _sum_lines(self, e: Add, limit: float, first: float) -> list[str]:
        found: list[str] = []
        room = first
        for place, (term, tex) in enumerate(zip(self._ordered(e), self._terms(e), strict=True)):
            if found and width(f"{found[-1]} {tex}") <= room:
                found[-1] += " " + tex
                continue
            room = limit if found else first
            if width(tex) <= room:
                found.append(tex)
                continue
            more = self.lines(term, limit, room)
            if place and not more[0].startswith("-"):
                more[0] = "+ " + more[0]
            found += more
            room = limit
        return found

    def _product_lines(self, e: Expr, limit: float, first: float) -> list[str]:
        parts = self._product_parts(e.args if isinstance(e, Mul) else (e,), widest_behind=True)
        widest = max(parts.factors, key=self._width, default=None)
        if widest is None or not isinstance(widest, (Add, Sum, Cases, Partial)):
            return [self._print(e)]
        place = parts.factors.index(widest)
        ahead, behind = list(parts.factors[:place]), list(parts.factors[place + 1 :])
        if not isinstance(widest, Add):
            ahead, behind = ahead + behind, []
        head = [parts.head] * bool(parts.head)
        before = "-" * parts.negative + _side_by_side(head + self._factors(ahead, closed=True))
        if isinstance(widest, Cases) and width(before) > 60 and self._width(widest) <= limit - 20:
            return [before, r"\times " + self._print(widest)]
        after = _side_by_side(self._factors(behind))
        return self._behind(before + " " * bool(before), widest, after, limit, first)

    def _factors(self, factors: Sequence[Expr], closed: bool = False) -> list[str]:
        return [self._factor(f, not closed and place == len(factors) - 1) for place, f in enumerate(factors)]

    def _width(self, e: Expr) -> float:
        return width(self._print(e))

    def _behind(self, before: str, e: Expr, after: str, limit: float, first: float) -> list[str]:
        """``e`` broken, behind something; a sum stands in brackets that may be closed on a later line."""
        room = first - width(before)
        if not isinstance(e, Add):
            wrapped = isinstance(e, (Mul, xlogy)) and before.endswith("} ") and r"\partial" in before
            found = self.lines(e, limit - 20, room)
            if wrapped:
                found[0], found[-1] = r"\Bigl(" + found[0], found[-1] + r"\Bigr)"
        else:
            tex = self._print(e)
            size = "bigg" if r"\sum" in tex else "Big" if _TALL.search(tex) else "big"
            found = self.lines(e, limit - 30, room - 8)
            if len(found) == 1:
                found = [_bracketed(found[0])]
            else:
                found[0], found[-1] = rf"\{size}l(" + found[0], found[-1] + rf"\{size}r)"
        found[0] = before + found[0]
        found[-1] += " " * bool(after) + after
        return found

    def _cases_within(self, e: Cases, limit: float) -> str:
        conditions = [self._condition(c) for _, c in e.pairs]
        room = limit - max(map(width, conditions)) - 25
        rows = []
        for (value, _), condition in zip(e.pairs, conditions, strict=True):
            broken = self.lines(value, room)
            rows.append((broken[0] if len(broken) == 1 else _aligned(broken), condition))
        return _cases(rows)


class _Written(Printer):
    """A printer that is told how some symbols are written."""

    def __init__(self, notation: Notation, written: dict[str, str]):
        super().__init__(notation)
        self._written = written

    def _print_Symbol(self, e: Symbol, style: str = "plain") -> str:
        return self._written.get(e.name) or super()._print_Symbol(e)


def _content(e: Expr) -> tuple[Rational, Expr]:
    """A numeric factor that all terms share, where what is left has whole numbers: 2(a − b), (1 − a)/2."""
    content, rest = e.primitive()
    if content == 1 or not isinstance(rest, Add):
        return sympy.Integer(1), e
    if content.q != 1 and any(abs(t.as_coeff_Mul()[0]) != 1 for t in rest.args):
        return sympy.Integer(1), e
    return content, rest


def _degree(e: Expr, parameters: frozenset[str]) -> int | None:
    """The degree of a monomial in what is no hyper-parameter; None of anything else."""
    total = 0
    for f in Mul.make_args(e):
        base, exponent = f.as_base_exp()
        if not isinstance(base, (Symbol, Indexed)) or not (exponent.is_Integer and exponent > 0):
            return None
        total += 0 if isinstance(base, Symbol) and base.name in parameters else int(exponent)
    return total


def _operator_name(e: Expr) -> str | None:
    return _OPERATORS.get(type(e).__name__) if isinstance(e, sympy.Function) else None


_INDICES = frozenset(INDEX_NAMES)


def _is_index(e: Expr) -> bool:
    return isinstance(e, Symbol) and e.name.partition("_")[0] in _INDICES


def _bracketed(tex: str) -> str:
    return rf"\left({tex}\right)"


def _group(tex: str) -> str:
    return tex if len(tex) == 1 else f"{{{tex}}}"


def _joined(terms: Sequence[str]) -> str:
    return " ".join(terms)


def _side_by_side(texts: Sequence[str]) -> str:
    """Factors in a row: words are kept apart, and a number is not run into the one before."""
    row = ""
    before = ""
    for tex in texts:
        if before and tex[0].isdigit():
            row += r" \cdot "
        elif before and (tex.startswith(r"\mathrm") or re.match(r"\\mathrm\{[^{}]*\}(_\S+)?$", before)):
            row += r" \, "
        elif before:
            row += " "
        row, before = row + tex, tex
    return row


def _cases(rows: Iterable[tuple[str, str]]) -> str:
    body = r" \\ ".join(f"{value} & {condition}" for value, condition in rows)
    return rf"\begin{{cases}} {body} \end{{cases}}"


def _aligned(lines: Sequence[str]) -> str:
    body = r" \\[4pt] ".join("& " + (r"\quad {} " * bool(place)) + line for place, line in enumerate(lines))
    return rf"\begin{{aligned}} {body} \end{{aligned}}"


# --- how wide a formula is ----------------------------------------------------------------------------------

_TOKEN = re.compile(r"\\begin\{(\w+\*?)\}|\\end\{(\w+\*?)\}|\\[A-Za-z]+\*?|\\.|[{}^_&]|\s+|.", re.DOTALL)
_WIDTHS = {
    **dict.fromkeys("+-=<>", 12.2),
    **{r"\neq": 13.3, r"\le": 13.3, r"\ge": 13.3, r"\cdot": 7.2, r"\,": 1.7, r"\quad": 10.0, r"\qquad": 20.0},
    **{r"\log": 14.5, r"\max": 19.5, r"\cosh": 22.0, r"\sinh": 20.5, r"\tanh": 22.5, r"\exp": 17.0},
    r"\sum": 16.0,
    **{
        r"\left": 0.0,
        r"\right": 1.7,
        r"\Bigl": 2.0,
        r"\Bigr": 2.0,
        r"\bigl": 1.0,
        r"\biggl": 3.0,
        r"\biggr": 3.0,
        r"\bigr": 1.0,
        ",": 4.5,
    },
    **{"(": 4.2, ")": 4.2, "|": 2.8, r"\lVert": 5.0, r"\rVert": 5.0, r"\mathcal": 0.0, r"\text": 0.0},
    **{r"\mathrm": 0.0, r"\operatorname": 1.7, r"\operatorname*": 1.7, r"\hat": 0.0, r"\to": 14.0},
}


def width(tex: str) -> float:
    """About how wide a displayed formula is, in points, at a type size of 10 points."""
    tokens = [m.group() for m in _TOKEN.finditer(tex) if not m.group().isspace()]
    return _Measure(tokens).row()


class _Measure:
    def __init__(self, tokens: list[str]):
        self._tokens, self._at = tokens, 0

    def _next(self) -> str:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def row(self) -> float:
        """The width up to a closing brace, a cell's end or the end."""
        total = 0.0
        while (token := self._peek()) not in ("", "}", "&", r"\\") and not token.startswith(r"\end{"):
            operator = token in (r"\sum", r"\max", r"\operatorname*")
            one = self._unit()
            scripts = [0.0]
            while self._peek() in ("_", "^"):
                self._next()
                scripts.append(0.7 * self._unit())
            total += max(one, *scripts) if operator else one + max(scripts)
        return total

    def _unit(self) -> float:
        token = self._next()
        if token == "{":
            inner = self.row()
            if self._peek():
                self._next()
            return inner
        if token == r"\frac":
            return max(self._unit(), self._unit()) + 2.4
        if token == r"\sqrt":
            return self._unit() + 9.0
        if token in (r"\mathrm", r"\text", r"\operatorname", r"\operatorname*", r"\hat", r"\mathcal"):
            return _WIDTHS[token] + self._unit()
        if token.startswith(r"\begin{"):
            return self._table()
        return _WIDTHS.get(token, 5.4)

    def _table(self) -> float:
        columns: list[float] = []
        column = 0
        while True:
            cell = self.row()
            columns += [0.0] * (column + 1 - len(columns))
            columns[column] = max(columns[column], cell)
            token = self._next() if self._peek() else ""
            column = column + 1 if token == "&" else 0
            if not token or token.startswith(r"\end{"):
                return sum(columns) + 10.0 * len(columns)


# --- the formulas of a loss ---------------------------------------------------------------------------------

_PAGE = 448.0
"""The width of a page's text in points: 160 mm, less a little for what ``width`` underestimates."""


def latex(expr: Expr, loss: Loss | None = None) -> str:
    """An expression as LaTeX, in the notation of ``loss``."""
    return Printer(_notation(loss)).doprint(sympy.sympify(expr))


def _value_symbol(loss: Loss) -> str:
    return r"\mathcal{L}" if loss.kind == "batch" else r"\ell"


def _call(loss: Loss) -> str:
    notation = _notation(loss)
    inputs = ", ".join(notation[i.name].tex() for i in loss.inputs)
    parameters = ", ".join(notation[p.name].tex() for p in loss.parameters)
    return f"{_value_symbol(loss)}({inputs}{';' * bool(parameters)} {parameters}".rstrip() + ")"


def loss_formula(loss: Loss) -> str:
    """ℓ(…) = the loss of one example, or 𝓛(…) = that of a batch, in terms of the named intermediates."""
    return f"{_call(loss)} = {latex(loss.expression, loss)}"


def definitions_latex(loss: Loss) -> list[str]:
    """The named intermediates, each as ``name = definition``, in the order of the declaration."""
    return [f"{_defined(loss, d)} = {latex(d.expr, loss)}" for d in loss.definitions.values()]


def _defined(loss: Loss, d: Definition) -> str:
    return latex(d.symbol[d.indices] if d.indices else d.symbol, loss)


def batch_formula(loss: Loss, reduction: str = "mean", *, weighted: bool = False) -> str:
    """𝓛 = the mean or sum of the examples' losses, or each; ``weighted``: each counts as its weight says."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{loss.name}: reduction {reduction!r} is none of none, mean, sum")
    total = r"\mathcal{L} = "
    if loss.kind == "batch":
        return total + latex(loss.batch, loss)
    extra = f" + {latex(loss.batch, loss)}" if loss.batch != 0 else ""
    weight = _notation(loss)["weight"].tex("i")
    one = r"\ell_i"
    if loss.batch != 0:  # ℓ holds the term of the whole batch, too
        row = lifted(loss, "n").row(loss.example, free_index(0))
        one = Printer(_notation(loss))._factor(row, last=False)
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


def _derivative(loss: Loss, *elements: Expr) -> str:
    """∂ℓ/∂x, or ∂²ℓ/∂x∂y."""
    value = _value_symbol(loss)
    names = [latex(e, loss) for e in elements]
    if len(names) == 1:
        return rf"\frac{{\partial {value}}}{{\partial {names[0]}}}"
    if names[0] == names[1]:
        return rf"\frac{{\partial^2 {value}}}{{\partial {Printer(_notation(loss))._base(elements[0])}^2}}"
    return rf"\frac{{\partial^2 {value}}}{{\partial {names[0]} \, \partial {names[1]}}}"


def _second_elements(loss: Loss, wrt: str) -> tuple[Expr, Expr]:
    argument = loss.argument(wrt)
    return element_of(argument), element_of(argument, skip=len(argument.axes))


def gradient_latex(loss: Loss, wrt: str | None = None) -> str:
    """∂ℓ/∂x = the gradient of one example's loss, or of the whole where it spans the batch."""
    wrt = loss.differentiated[0] if wrt is None else wrt
    left = _derivative(loss, element_of(loss.argument(wrt)))
    return f"{left} = {latex(loss.gradient(wrt), loss)}"


def _display(loss: Loss, rows: Iterable[tuple[str, Expr | str, str]]) -> str:
    """Rows ``left = right    [label]`` as an align* block, with long ones on several lines."""
    rows = list(rows)
    left_width = max(width(left) for left, _, _ in rows) + 14
    label_width = max((0.85 * width(rf"\text{{{label}}}") + 14 for _, _, label in rows if label), default=0.0)
    room = _PAGE - left_width - label_width
    printer = Printer(_notation(loss))
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
    rows: list[tuple[str, Expr | str, str]] = [(_start(derivation), derivation.start, "")]
    printed = latex(derivation.start, loss)
    for step in derivation.steps:
        tex = latex(step.after, loss)
        if tex != printed:
            rows.append(("", step.after, escape(step.rule)))
            printed = tex
    for step in derivation.batch_steps:
        rows.append((_batch_start(loss, step), _shared(loss, step.after), escape(step.rule)))
    return _display(loss, rows)


def _shared(loss: Loss, expr: Expr) -> Expr:
    """The gradient of a weighted mean with its divisor written as in ``batch_formula``."""
    if loss.normalizer == 1:
        return expr
    return expr.xreplace({lifted(loss, "n").total(loss.normalizer): Symbol(_DIVISOR, positive=True)})


def _start(derivation: Derivation) -> str:
    loss, wrt = derivation.loss, derivation.wrt
    if derivation.what == "gradient":
        return _derivative(loss, element_of(loss.argument(wrt)))
    first, second = _second_elements(loss, wrt)
    if derivation.what == "hessian":
        return _derivative(loss, first, second)
    places = first.args[1:] if isinstance(first, Indexed) else ()
    return rf"\left(H {_notation(loss)['vector'].tex()}\right)" + _script(
        "_", ",".join(latex(p) for p in places)
    )


def _batch_start(loss: Loss, step: Step) -> str:
    wrt = latex(step.before.wrt, loss) if isinstance(step.before, Partial) else "x"
    return rf"\frac{{\partial \mathcal{{L}}}}{{\partial {wrt}}}"


# --- plain text as LaTeX ------------------------------------------------------------------------------------

_TEXT = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",  # OT1 has no straight quotation mark
    "`": "`{}",
    "\u00a0": "~",
    "–": "--",
    "—": "---",
    "‘": "`",
    "’": "'",
    "“": "``",
    "”": "''",
    "…": r"\dots{}",
    "ß": r"\ss{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "ı": r"\i{}",
    "§": r"\S{}",
    "©": r"\copyright{}",
}
_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0327": "c",
}
_COMMANDS = """
    α alpha  β beta  γ gamma  δ delta  ε varepsilon  ζ zeta  η eta  θ theta  ι iota  κ kappa  λ lambda
    μ mu  ν nu  ξ xi  π pi  ρ rho  ς varsigma  σ sigma  τ tau  υ upsilon  φ varphi  χ chi  ψ psi
    ω omega  Γ Gamma  Δ Delta  Θ Theta  Λ Lambda  Ξ Xi  Π Pi  Σ sum  Φ Phi  Ψ Psi  Ω Omega  µ mu
    ∑ sum  ∏ prod  ∂ partial  ∇ nabla  ∞ infty  √ surd  ℓ ell  × times  ÷ div  ± pm  ≤ le  ≥ ge  ≠ neq
    ≈ approx  ≡ equiv  ∝ propto  ∈ in  ∉ notin  ⊂ subset  ∪ cup  ∩ cap  → to  ← leftarrow  ↦ mapsto
    ⇒ Rightarrow  ∀ forall  ∃ exists  ‖ Vert  ∘ circ  ⋅ cdot  ⟨ langle  ⟩ rangle
"""
_MATHS = {c: "\\" + command for c, command in re.findall(r"(\S) (\w+)", _COMMANDS)}
_MATHS |= {"·": r"\,", "−": "-", "′": "'", "½": r"\frac{1}{2}", "ℝ": r"\mathbf{R}"}
_RAISED = dict(
    zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿᵃᵇᶜᵈᵉᵍʰⁱʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀ", "0123456789+-()nabcdeghijklmoprstuvwxyzT", strict=True)
)
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-()aehijklmnoprstuvx", strict=True))
_MATH_CHARACTERS = frozenset([*_MATHS, *_RAISED, *_LOWERED])
_FUNCTION_WORDS = {"log": r"\log", "exp": r"\exp", "sinh": r"\sinh", "cosh": r"\cosh", "tanh": r"\tanh"}
_FUNCTION_WORDS |= {word: rf"\operatorname{{{word}}}" for word in ("softmax", "sign", "sigmoid", "softplus")}
_PIECES = re.compile(f"[A-Za-z]+|[{''.join(_RAISED)}]+|[{''.join(_LOWERED)}]+|′+|.")
_PLAIN_MATH = re.compile(r"[A-Za-z0-9()|+\-/=<>*.,:; ]*")


def escape(text: str) -> str:
    """Plain text as LaTeX text. What has no LaTeX is transliterated, or left out."""
    out = []
    place = 0
    while place < len(text):
        c = text[place]
        for table, mark in ((_RAISED, "^"), (_LOWERED, "_")):
            end = place
            while end < len(text) and text[end] in table:
                end += 1
            if end > place:
                out.append(rf"\ensuremath{{{mark}{{{''.join(table[x] for x in text[place:end])}}}}}")
                break
        else:
            out.append(_escaped(c) + "{}" * (text[place : place + 2] == "--"))
            end = place + 1
        place = end
    return "".join(out)


def _escaped(c: str) -> str:
    if c in _TEXT:
        return _TEXT[c]
    if c in _MATHS:
        return rf"\ensuremath{{{_MATHS[c].strip()}}}"
    if c.isascii():
        return c if c.isprintable() or c in "\n\t" else ""
    base, *marks = list(unicodedata.normalize("NFD", c))
    if marks and base.isascii() and base.isalpha() and marks[0] in _ACCENTS:
        return rf"\{_ACCENTS[marks[0]]}{{{base if base not in 'ij' else chr(92) + base}}}"
    plain = unicodedata.normalize("NFKD", c).encode("ascii", "ignore").decode()
    return "".join(_TEXT.get(x, x) for x in plain if x.isprintable())


def prose(text: str) -> str:
    """Sentences as LaTeX; what is written in mathematical letters, as ∂xᵢ/∂xₖ = δᵢₖ, becomes a formula."""
    words = text.split()
    marks = [_is_math(word) for word in words]
    for place, word in enumerate(words):  # x = y, with y what may be a formula
        if word in ("=", "<", ">") and 0 < place < len(words) - 1:
            sides = (place - 1, place + 1)
            if all(marks[side] or _joins(words[side]) for side in sides):
                for near in (*sides, place):
                    marks[near] = True
    start = None  # of a run of words that may belong to the formula behind them
    for place, word in enumerate(words):
        if marks[place]:
            if start is not None:
                marks[start:place] = [True] * (place - start)
            start = None if word[-1] in ".,;:" else place + 1
        elif not _joins(word) or word[-1] in ".,;:":
            start = None
        elif start is None and (word.strip("(") in _FUNCTION_WORDS or word.count("(") > word.count(")")):
            start = place
    for place in range(len(words) - 2):  # what follows on an operator, as in J = D / (2 - D)
        operator, operand = words[place + 1], words[place + 2]
        if marks[place] and words[place][-1] not in ".,;:" and operator in "-+=<>/" and _joins(operand):
            marks[place + 1 : place + 3] = [True, True]
    out: list[str] = []
    run: list[str] = []
    for place, word in enumerate(words):
        if not marks[place]:
            out.append(escape(word))
            continue
        run.append(word)
        if place + 1 == len(words) or not marks[place + 1] or word[-1] in ".,;:":
            out.append(_inline(" ".join(run)))
            run = []
    return " ".join(out)


def _is_math(word: str) -> bool:
    """Whether a word holds a mathematical letter and reads as a formula."""
    rest = "".join(" " if c in _MATH_CHARACTERS else c for c in word)
    if rest == word or not _PLAIN_MATH.fullmatch(rest):
        return False
    return all(len(letters) < 4 or letters in _FUNCTION_WORDS for letters in re.findall("[A-Za-z]+", rest))


def _joins(word: str) -> bool:
    """Whether a word may belong to a formula: a letter, a number, f(k), an operator, a function's name."""
    bare = word.rstrip(".,;:")
    if bare in ("a", "A", "I") or not _PLAIN_MATH.fullmatch(bare):
        return False
    return all(len(letters) == 1 or letters in _FUNCTION_WORDS for letters in re.findall("[A-Za-z]+", bare))


def _inline(text: str) -> str:
    """A formula in mathematical letters, such as ∂xᵢ/∂xₖ = δᵢₖ, as inline mathematics."""
    formula = text.rstrip(".,;:")
    text, punctuation = formula, text[len(formula) :]
    out: list[str] = []
    scripts: set[str] = set()  # what the last letter has already, for TeX allows one of each
    for piece in _PIECES.findall(text):
        if piece.isspace():
            out.append(" ")
            continue
        mark = "^" if piece[0] in _RAISED or piece[0] == "′" else "_" if piece[0] in _LOWERED else ""
        if mark in scripts:
            out.append("{}")
            scripts = set()
        scripts = scripts | {mark} if mark else set()
        if mark:
            inner = "".join(_RAISED.get(c) or _LOWERED.get(c) or r"\prime " for c in piece)
            out.append(f"{mark}{{{inner.strip()}}}")
            continue
        tex = _FUNCTION_WORDS.get(piece) or _MATHS.get(piece, piece)
        out.append(tex + " " * (tex.startswith("\\") and tex[-1].isalpha()))
    return f"${''.join(out).strip()}${punctuation}"


# --- the fragment -------------------------------------------------------------------------------------------


@cache
def _template() -> jinja2.Template:
    """The template, with <<value>> and <% logic %>, for braces are LaTeX's."""
    own = environment().overlay(
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
    )
    return own.get_template("latex/loss.tex.j2")


def fragment(loss: Loss, command: str = "") -> str:
    """The LaTeX fragment of a loss, to \\input into any document that loads amsmath.

    ``command`` is what regenerates it; by default that of a loss of the catalogue.
    """
    command = command or f"symloss generate {loss.name} --target latex"
    return _template().render(_context(loss, " ".join(command.split())))


def render(loss: Loss, command: str = "") -> dict[str, str]:
    """The files of the target ``latex``, by their endings."""
    return {".tex": fragment(loss, command)}


def _context(loss: Loss, command: str) -> dict[str, Any]:
    _, _, body = loss.doc.partition("\n\n")
    formula = _display(loss, [(_call(loss), loss.expression, "")])
    told: set[str] = set()
    where = [(_defined(loss, d), d.expr, "") for d in loss.definitions.values()]
    return {
        "name": escape(loss.name),
        "raw_name": loss.name,
        "command": command,
        "summary": prose(loss.summary),
        "paragraphs": [prose(p) for p in body.split("\n\n") if p.strip()],
        "task": escape(loss.task.replace("_", " ")),
        "formula": formula,
        "where": _display(loss, where) if where else "",
        "kind": loss.kind,
        "batch": _batches(loss),
        "inputs": [_described(loss, i) for i in loss.inputs],
        "parameters": [{**_described(loss, p), "default": f"${p.default}$"} for p in loss.parameters],
        "derivatives": [_derived(loss, wrt, told) for wrt in loss.differentiated],
        "kinks": prose(loss.kinks),
        "metrics": [prose(m) for m in loss.metrics],
        "references": [_cited(key) for key in loss.cite],
    }


def _batches(loss: Loss) -> list[str]:
    """The mean without and with weights, on one line where both fit."""
    if loss.kind == "batch":
        return []
    plain, weighted = batch_formula(loss), batch_formula(loss, weighted=True)
    shared = plain.partition(r", \qquad ")[1:]
    if any(shared):
        plain = plain.removesuffix("".join(shared))
        weighted = weighted.removesuffix("".join(shared))
    both = rf"{plain} \qquad\text{{or, with weights,}}\qquad {weighted}"
    rows = [both] if width(both) < _PAGE - 20 else [plain, weighted]
    return rows + [shared[1]] * bool(shared[1])


def _described(loss: Loss, argument: Input) -> dict[str, str]:
    symbol = _notation(loss)[argument.name].tex()
    words = argument.domain.words
    if argument.type.classes:
        words = rf"a whole number from 0 to ${_spelled(argument.type.classes).tex()} - 1$"
    else:
        words = prose(words)
    if argument.type.also:
        words += f", or {escape(argument.type.also)}"
    axes = r" \times ".join(_spelled(axis).tex() for axis in argument.axes)
    return {"symbol": symbol, "name": escape(argument.name), "domain": words, "axes": axes}


def _cited(key: str) -> str:
    """A reference, whose DOI may be broken after a slash."""
    text = prose(REFERENCES[key].text if key in REFERENCES else key)
    return re.sub(r"(?<=\w)/(?=\w)", r"/\\allowbreak{}", text)


def _derived(loss: Loss, wrt: str, told: set[str]) -> dict[str, Any]:
    """What the template says of the derivative by one tensor; ``told`` are the sentences printed before."""
    derivation = loss.derivation(wrt)
    rules: dict[str, list[str]] = {}
    for step in derivation:
        for sentence in (step.sentence, _sentence(step.assumption) if step.rule != "batch" else ""):
            if sentence and sentence not in told:
                told.add(sentence)
                rules.setdefault(step.rule, []).append(prose(sentence))
    element = element_of(loss.argument(wrt))
    second = ""
    if loss.kind == "elementwise":
        second = _display(loss, [(_derivative(loss, element, element), loss.hessian(wrt), "")])
    return {
        "symbol": _notation(loss)[wrt].tex(),
        "name": escape(wrt),
        "derivation": derivation_latex(derivation),
        "rules": [(escape(rule), " ".join(said)) for rule, said in rules.items()],
        "gradient": _display(loss, [(_derivative(loss, element), loss.gradient(wrt), "")]),
        "second": second,
    }


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}." if text else ""
