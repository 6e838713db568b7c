"""Expressions as LaTeX, on one line or several."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Abs, Add, Expr, Indexed, KroneckerDelta, Mul, Pow, Rational, Symbol
from sympy.core.relational import Relational
from sympy.printing.latex import LatexPrinter

from symloss.functions import (
    ELEMENTARY,
    INDEX_NAMES,
    AxisMax,
    Binder,
    Cases,
    Index,
    LogSoftmax,
    LogSumExp,
    Norm,
    OtherSoftmax,
    Partial,
    Softmax,
    Sum,
    bound_index,
    group,
    maximum,
    names_in,
    nan_where,
    ratio,
    sigmoid,
    softplus,
    xlogy,
)
from symloss.present.measure import width
from symloss.present.notation import Notation, notation_of, script
from symloss.value import Loss

__all__ = ["Printer", "latex"]


def latex(expr: Expr, loss: Loss | None = None) -> str:
    """An expression as LaTeX, in the notation of ``loss``."""
    return Printer(notation_of(loss)).doprint(sympy.sympify(expr))


_OPERATORS = {f.function: f.latex for f in ELEMENTARY if f.function is not sympy.exp}
"""Functions that are written without brackets before a simple argument; the exponential is written as a power."""
_FUNCTIONS = {  # functions whose argument always stands in brackets
    "sigmoid": r"\sigma",
    "softplus": r"\operatorname{softplus}",
    "sign": r"\operatorname{sign}",
    "gamma": r"\Gamma",
    "loggamma": r"\log\Gamma",
    "digamma": r"\psi",
}
_RELATIONS = {"==": "=", "!=": r"\neq", "<": "<", "<=": r"\le", ">": ">", ">=": r"\ge"}
_LONG_POLYNOMIAL = 6
_TALL = re.compile(r"\\(frac|sum|begin|max_|operatorname\*|sqrt\{\\sum)")


@dataclass(frozen=True)
class _Product:
    """A product as it is printed: its sign, a number or fraction if there is one, and the factors behind."""

    sign: str
    head: list[str]
    factors: list[Expr]


class Printer(LatexPrinter):
    """LaTeX of an expression of symloss, in the notation of a loss.

    A sum starts with its positive terms, data before hyper-parameters before numbers; a product has its
    numbers first and its logarithms and sums last; bound indices are named from the outside in.
    """

    def __init__(self, notation: Notation | None = None, written: Mapping[str, str] | None = None):
        """``written`` says how symbols that are no names of the loss are printed."""
        super().__init__()
        self.notation = notation if notation is not None else Notation()
        self.written = written or {}
        self.binder_depth = 0

    # -- names --

    def _print_Symbol(self, e: Symbol) -> str:
        if isinstance(e, Index):
            letter, _, number = e.name.partition("_")
            return letter + script("_", number)
        return self.written.get(e.name) or self.notation[e.name].tex()

    def _print_IndexedBase(self, e: Any) -> str:
        return self.notation[e.label.name].tex()

    def _print_Indexed(self, e: Indexed) -> str:
        return self._entry(e, map(self._print, e.indices))

    def _entry(self, e: Indexed, places: Iterable[str]) -> str:
        return self.notation[_name(e)].tex(*places)

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

    def _print_Add(self, e: Add) -> str:
        content, rest = _content(e)
        return " ".join(self._terms(rest)) if content == 1 else self._product((content, rest))

    def _terms(self, e: Add) -> list[str]:
        """The terms as they are printed, each but the first with its sign."""
        ordered = self._ordered(e)
        found = [self._print(term) for term in ordered]
        for place, term in enumerate(ordered[:-1]):
            if found[place].endswith(r"\end{cases}"):  # or what follows would belong to the last case
                found[place] = self._product((term,), closed=True)
        return found[:1] + [f"- {t[1:]}" if t.startswith("-") else f"+ {t}" for t in found[1:]]

    def _ordered(self, e: Add) -> list[Expr]:
        """Positive terms first; then data, hyper-parameters, numbers; then by degree; then the shorter.

        A number stands in front of exponentials and sums: 1 + e^x.
        """
        terms = e.as_ordered_terms()
        in_front = all(t.is_number or isinstance(t, (sympy.exp, Sum)) for t in map(_positive, terms))

        def key(term: Expr) -> tuple:
            coefficient, rest = term.as_coeff_Mul()
            names = names_in(rest)
            number = -1 if in_front else 2
            rank = number if not names else 1 if names <= self.notation.parameters else 0
            degree = _degree(rest, self.notation.parameters)
            length = sum(1 for _ in sympy.preorder_traversal(rest))
            return bool(coefficient < 0), rank, degree is None, -(degree or 0), length

        return sorted(terms, key=key)

    def _print_Mul(self, e: Mul) -> str:
        return self._product(e.args)

    def _product(self, factors: Iterable[Expr], closed: bool = False) -> str:
        """The product; ``closed`` where something follows it."""
        parts = self._product_parts(factors)
        if len(parts.factors) == 1 and not (parts.sign or parts.head or closed):
            return self._print(parts.factors[0])
        return parts.sign + _side_by_side(parts.head + self._factors(parts.factors, closed))

    def _factors(self, factors: Sequence[Expr], closed: bool = False) -> list[str]:
        return [self.factor(f, not closed and place == len(factors) - 1) for place, f in enumerate(factors)]

    def _product_parts(self, factors: Iterable[Expr], widest_behind: bool = False) -> _Product:
        """Numbers and denominators gathered into a fraction; tall factors stand behind it."""
        coefficient, above, below = self._gathered(factors)
        behind = max(above, key=self._width, default=None) if widest_behind else None
        above.sort(key=self._factor_rank)
        number = abs(coefficient)
        head = []
        if below or number.q != 1:
            inside = [f for f in above if f is not behind and not self._is_tall(f)]
            under = ([] if number.q == 1 else [sympy.Integer(number.q)]) + below
            head = [rf"\frac{{{self._row(number.p, inside)}}}{{{self._row(1, under)}}}"]
            above = [f for f in above if f not in inside]
        elif number != 1 or not above:
            head = [str(number.p)]
        return _Product("-" if coefficient < 0 else "", head, above)

    def _gathered(self, factors: Iterable[Expr]) -> tuple[Rational, list[Expr], list[Expr]]:
        """The number of a product, the factors above the line and those below it."""
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
            return self._bare(factors[0])
        texts = [str(number)] if number != 1 or not factors else []
        return _side_by_side(texts + self._factors(factors))

    def factor(self, f: Expr, last: bool) -> str:
        """A factor of a product, in brackets where it needs them; ``last`` where nothing follows it."""
        tex = self._print(f)
        if isinstance(f, (Add, Relational)):
            return _bracketed(tex)
        if last:
            return tex
        if isinstance(f, (Sum, AxisMax, LogSumExp, LogSoftmax, Cases)) or self._is_operator(f):
            return _bracketed(tex)
        name = _operator_name(f)
        if name and ("(" not in tex or isinstance(f, sympy.log)):
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
            place = self.notation.place(_name(base))
            rank = 1 if place < 0 else 3
        elif isinstance(base, Add):
            rank = 2 if names_in(base) <= self.notation.parameters else 7 if bare else 6
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

    def _is_tall(self, f: Expr) -> bool:
        """Whether a factor is too tall to stand in a numerator."""
        return bool(_TALL.search(self._print(f)))

    def _print_Pow(self, e: Pow) -> str:
        base, exponent = e.args
        if exponent.is_Rational and exponent < 0:
            return self._product((e,))
        if exponent == Rational(1, 2):
            return rf"\sqrt{{{self._print(base)}}}"
        raised = script("^", self._exponent(exponent))
        name = _operator_name(base)
        if name and not isinstance(base, sympy.log):
            return name + raised + self._argument(base.args[0])
        return self._base(base) + raised

    def _exponent(self, e: Expr) -> str:
        return f"{e.p}/{e.q}" if isinstance(e, Rational) and e.q != 1 else self._print(e)

    def _base(self, base: Expr) -> str:
        tex = self._print(base)
        if isinstance(base, (Symbol, Indexed)):
            return _bracketed(tex) if self.notation[_name(base)].sup else tex
        if isinstance(
            base, (Abs, Norm, sigmoid, softplus, KroneckerDelta, maximum, group, OtherSoftmax, sympy.sign)
        ):
            return tex
        if isinstance(base, Softmax):
            return tex if len(tex) < 40 else _bracketed(tex)
        if base.is_Integer and base >= 0:
            return tex
        return _bracketed(tex)

    # -- functions --

    def _print_Function(self, e: sympy.Function) -> str:
        name = _operator_name(e)
        if name:
            return name + self._argument(e.args[0])
        name = _FUNCTIONS.get(type(e).__name__, rf"\operatorname{{{type(e).__name__}}}")
        return name + _bracketed(", ".join(self._print(a) for a in e.args))

    _print_log = _print_gamma = _print_Function  # for SymPy's printer has its own

    def _argument(self, e: Expr) -> str:
        """The argument of an operator such as log: a simple one stands behind it without brackets."""
        tex = self._print(e)
        simple = isinstance(e, (Symbol, Indexed, Abs, sigmoid, Softmax, Norm)) or (e.is_Integer and e >= 0)
        if not simple and not (_operator_name(e) and "(" not in tex):
            return _bracketed(tex)
        return tex if tex.startswith("\\") else " " + tex

    def _print_exp(self, e: Expr) -> str:
        tex = self._print(e.args[0])
        if _TALL.search(tex) or len(tex) > 40 or self.notation.has_e:
            return r"\exp" + _bracketed(tex)
        return "e" + script("^", tex)

    def _print_Exp1(self, e: Expr) -> str:
        return r"\exp\left(1\right)" if self.notation.has_e else "e"

    def _print_Abs(self, e: Abs) -> str:
        return rf"\left|{self._print(e.args[0])}\right|"

    def _print_floor(self, e: Expr) -> str:
        return rf"\left\lfloor {self._print(e.args[0])}\right\rfloor"

    def _print_ceiling(self, e: Expr) -> str:
        return rf"\left\lceil {self._print(e.args[0])}\right\rceil"

    def _print_xlogy(self, e: xlogy) -> str:
        return self._product((e,))

    def _print_ratio(self, e: ratio) -> str:
        return rf"\frac{{{self._bare(e.args[0])}}}{{{self._bare(e.args[1])}}}"

    def _print_group(self, e: group) -> str:
        return _bracketed(self._series(e.args[0]) or self._bare(e))

    def _series(self, e: Expr) -> str:
        """A long polynomial in one letter, as Horner nests it, by its first terms and its last; else nothing."""
        letters = [s for s in e.free_symbols if isinstance(s, (Symbol, Indexed)) and not s.is_integer]
        entries = e.atoms(Indexed)
        letter = entries.pop() if len(entries) == 1 else letters[0] if len(letters) == 1 else None
        if letter is None or not e.is_polynomial(letter):
            return ""
        terms = [c * letter**n for (n,), c in reversed(sympy.Poly(e, letter).terms())]
        if len(terms) < _LONG_POLYNOMIAL:
            return ""
        first = [self._print(t) for t in (*terms[:3], terms[-1])]
        first.insert(3, r"\dots")
        return first[0] + "".join(f" - {t[1:]}" if t.startswith("-") else f" + {t}" for t in first[1:])

    def _bare(self, e: Expr) -> str:
        """An expression where no brackets are needed, those of a group neither."""
        return self._bare(e.args[0]) if isinstance(e, group) else self._print(e)

    def _print_nan_where(self, e: nan_where) -> str:
        return self._print(e.args[0])

    def _print_maximum(self, e: maximum) -> str:
        return r"\max" + _bracketed(", ".join(self._print(a) for a in e.args[:2]))

    def _print_Max(self, e: sympy.Max) -> str:
        ordered = sorted(e.args, key=lambda a: (not a.is_number, str(a)))
        return r"\max" + _bracketed(", ".join(map(self._print, ordered)))

    # -- cases and conditions --

    def _print_Cases(self, e: Cases) -> str:
        return self._cases(e.pairs)

    def _print_Piecewise(self, e: sympy.Piecewise) -> str:
        return self._cases(e.args)

    def _cases(self, pairs: Iterable[tuple[Expr, Any]]) -> str:
        return _cases((self._print(value), self._condition(c)) for value, c in pairs)

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
    def _inside(self, binder: Binder) -> Iterator[tuple[Expr, str]]:
        """The body of a binder with its index under the name that belongs to its depth, and that name."""
        index = Index(bound_index(self.binder_depth).name)
        self.binder_depth += 1
        try:
            yield binder.body.xreplace({binder.index: index}), self._print(index)
        finally:
            self.binder_depth -= 1

    def _print_Sum(self, e: Sum) -> str:
        with self._inside(e) as (body, index):
            return f"{_sum_over(index)} {self._scope(body)}"

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
        with self._inside(e) as (body, below):
            if isinstance(body, Cases) and len(body.pairs) == 2 and body.pairs[1][0] == -sympy.oo:
                (body, condition), _ = body.pairs
                said = self._print(condition)
                below = said if said.startswith(below + " ") else rf"{below} : {said}"
            return f"{script('_', below)} {self._scope(body)}"

    def _print_LogSumExp(self, e: LogSumExp) -> str:
        with self._inside(e) as (body, index):
            return rf"\log {_sum_over(index)} {self._print(sympy.exp(body, evaluate=False))}"

    def _print_Norm(self, e: Norm) -> str:
        vector = self._vector(e.body, e.index)
        if vector is not None:
            return rf"\left\lVert {vector}\right\rVert"
        with self._inside(e) as (body, index):
            squared = self._print(Pow(body, 2, evaluate=False))
            return rf"\sqrt{{{_sum_over(index)} {squared}}}"

    def _vector(self, body: Expr, index: Symbol) -> str | None:
        """A linear body without its index: a − b for a_j − b_j."""
        entries = {e for e in body.atoms(Indexed) if index in e.free_symbols}
        if not entries or body.atoms(Binder):
            return None
        if any(e.indices[-1] != index or index in e.indices[:-1] for e in entries):
            return None
        names = {e: Symbol("row " + "_".join(map(str, (e.base.label, *e.indices[:-1])))) for e in entries}
        whole = body.xreplace(names)
        if index in whole.free_symbols or not all(
            len(t.free_symbols & set(names.values())) == 1 and t.as_independent(*names.values())[1].is_Symbol
            for t in Add.make_args(whole)
        ):
            return None
        return Printer(self.notation, {s.name: self._row_of(e) for e, s in names.items()})._print(whole)

    def _row_of(self, e: Indexed) -> str:
        return self._entry(e, map(self._print, e.indices[:-1]))

    def _print_Softmax(self, e: Softmax | OtherSoftmax) -> str:
        return r"\operatorname{softmax}" + self._along(e)

    def _print_OtherSoftmax(self, e: OtherSoftmax) -> str:
        return _bracketed(f"1 - {self._print_Softmax(e)}")

    def _print_LogSoftmax(self, e: LogSoftmax) -> str:
        return r"\log\operatorname{softmax}" + self._along(e)

    def _along(self, e: Any) -> str:
        """(z)_k, (z_i)_k for a row, (z_{·,i})_k for a column, and with an index for any other body."""
        at = script("_", self._print(e.at))
        body, index = e.body, e.index
        if isinstance(body, Indexed) and sum(index in p.free_symbols for p in body.indices) == 1:
            if body.indices[-1] == index:
                return f"({self._row_of(body)}){at}"
            if index in body.indices:
                places = (r"\cdot" if p == index else self._print(p) for p in body.indices)
                return f"({self._entry(body, places)}){at}"
        with self._inside(e) as (named, bound):
            return script("_", bound) + _bracketed(self._print(named)) + at

    # -- the derivative still to be taken --

    def _print_Partial(self, e: Partial) -> str:
        tex = self._print(e.expr)
        if not self._is_operator(e):
            return rf"\frac{{\partial {tex}}}{{\partial {self._print(e.wrt)}}}"
        return self._operator(e) + (_bracketed(tex) if isinstance(e.expr, (Add, Mul, xlogy)) else tex)

    def _operator(self, e: Partial) -> str:
        return rf"\frac{{\partial}}{{\partial {self._print(e.wrt)}}} "

    def _is_operator(self, f: Expr) -> bool:
        """Whether a derivative is written as an operator in front of its operand."""
        if not isinstance(f, Partial):
            return False
        return isinstance(f.expr, (Add, Mul, Cases, xlogy, Binder, maximum)) or self._is_tall(f.expr)

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
                return self._behind(_sum_over(index) + " ", body, "", limit, first)
        if isinstance(e, Partial) and self._is_operator(e):
            return self._behind(self._operator(e), e.expr, "", limit, first)
        if isinstance(e, (Mul, Add, Pow, xlogy)):
            return self._product_lines(e, limit, first)
        return [tex]

    def _sum_lines(self, e: Add, limit: float, first: float) -> list[str]:
        found: list[str] = []
        room = first
        terms = list(zip(self._ordered(e), self._terms(e), strict=True))
        for place, (term, tex) in enumerate(terms):
            if found and width(f"{found[-1]} {tex}") <= room:
                found[-1] += " " + tex
                continue
            room = limit if found else first
            if width(tex) <= room:
                found.append(tex)
                continue
            more = self.lines(term, limit, room)
            if len(more) == 1 and more[0].startswith(r"\begin{cases}") and place + 1 < len(terms):
                more = [_bracketed(more[0])]
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
        ahead, behind = parts.factors[:place], parts.factors[place + 1 :]
        if not isinstance(widest, Add):
            ahead, behind = ahead + behind, []
        before = parts.sign + _side_by_side(parts.head + self._factors(ahead, closed=True))
        if isinstance(widest, Cases) and width(before) > 60 and self._width(widest) <= limit - 20:
            return [before, r"\times " + self._print(widest)]
        after = _side_by_side(self._factors(behind))
        return self._behind(before + " " * bool(before), widest, after, limit, first)

    def _width(self, e: Expr) -> float:
        return width(self._print(e))

    def _behind(self, before: str, e: Expr, after: str, limit: float, first: float) -> list[str]:
        """``e`` broken, behind something; a sum stands in brackets that may be closed on a later line."""
        room = first - width(before)
        if not isinstance(e, Add):
            found = self.lines(e, limit - 20, room)
            if isinstance(e, (Mul, xlogy)) and before.endswith("} ") and r"\partial" in before:
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


def _content(e: Expr) -> tuple[Rational, Expr]:
    """A numeric factor that all terms share, where what is left has whole numbers: 2(a − b), (1 − a)/2."""
    content, rest = e.primitive()
    if content == 1 or not isinstance(rest, Add):
        return sympy.Integer(1), e
    if content.q != 1 and any(abs(t.as_coeff_Mul()[0]) != 1 for t in rest.args):
        return sympy.Integer(1), e
    return content, rest


def _positive(term: Expr) -> Expr:
    """A term without its number, where that is all it has beside one factor."""
    return term.as_coeff_Mul()[1] if not term.is_number else term


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
    return _OPERATORS.get(type(e))


def _is_index(e: Expr) -> bool:
    return isinstance(e, Symbol) and e.name.partition("_")[0] in INDEX_NAMES


def _name(e: Symbol | Indexed) -> str:
    return e.name if isinstance(e, Symbol) else e.base.label.name


def _bracketed(tex: str) -> str:
    return rf"\left({tex}\right)"


def _sum_over(index: str) -> str:
    return r"\sum" + script("_", index)


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
