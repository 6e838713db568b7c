"""Prints a scalar expression in infix form; the C and the NumPy printers fill in how their language says it."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from functools import lru_cache

import sympy
from sympy import Add, Expr, Indexed, Integer, Mul, Pow, Rational, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Boolean, Not, Or

from symloss.evaluate import Environment, evaluate_stable
from symloss.functions import Cases, group, maximum, nan_where
from symloss.schedule import MOST_FACTORS, clip

__all__ = ["Infix", "identifiers", "wrapped"]

CHOICE, OR, AND, COMPARE, SUM, PRODUCT, UNARY, ATOM = range(8)


class Infix:
    """Base of the printers. ``functions`` maps SymPy's functions to names in the target language."""

    functions: Mapping[type, str]
    word_and = "&&"
    word_or = "||"

    def __call__(self, e: Expr, level: int = CHOICE) -> str:
        text, strength = self.shown(e)
        return f"({text})" if strength < level else text

    def shown(self, e: Expr) -> tuple[str, int]:
        """The text of an expression, and how tightly it binds."""
        if isinstance(e, Rational):
            return self.number(e)
        if e in (sympy.oo, -sympy.oo, sympy.nan):
            return self.special(e)
        if e.is_number:
            return self.constant(e)
        if isinstance(e, Symbol):
            return self.symbol(e), ATOM
        if isinstance(e, Indexed):
            return self.element(e), ATOM
        if isinstance(e, Add):
            return self.sum(e)
        if isinstance(e, Mul):
            return self.product(e)
        if isinstance(e, Pow):
            return self.power(e)
        if isinstance(e, Cases):
            return self.cases(e)
        if isinstance(e, maximum):
            return self.maximum(self(e.args[0]), self(e.args[1])), ATOM
        if isinstance(e, clip):
            return self.clip(e), ATOM
        if isinstance(e, nan_where):
            return self.nan_where(e)
        if isinstance(e, group):
            text, strength = self.shown(e.args[0])
            return text, ATOM if strength == ATOM else CHOICE
        if isinstance(e, (Relational, Boolean)):
            return self.condition(e)
        name = self.functions.get(type(e))
        if name is None:
            raise NotImplementedError(f"{type(self).__name__} cannot print {type(e).__name__} in {e}")
        return f"{name}({', '.join(self(a) for a in e.args)})", ATOM

    def constant(self, e: Expr) -> tuple[str, int]:
        """An expression without variables, as the number that it is."""
        number = _nearest(e)
        if number < 0:
            return "-" + self(-number, UNARY), SUM
        if number > sys.float_info.max:
            return self.special(sympy.oo)
        return self.literal(self.decimal(number)), ATOM

    def decimal(self, number: sympy.Float) -> str:
        """The digits of a number > 0 that is no fraction, or one of very many digits."""
        return repr(float(number))

    # -- what a language must say --

    def literal(self, digits: str) -> str:
        raise NotImplementedError

    def special(self, e: Expr) -> tuple[str, int]:
        raise NotImplementedError

    def symbol(self, e: Symbol) -> str:
        raise NotImplementedError

    def element(self, e: Indexed) -> str:
        raise NotImplementedError

    def maximum(self, a: str, b: str) -> str:
        raise NotImplementedError

    def clip(self, e: clip) -> str:
        raise NotImplementedError

    def nan_where(self, e: nan_where) -> tuple[str, int]:
        raise NotImplementedError

    def cases(self, e: Cases) -> tuple[str, int]:
        """A choice as C and its relatives write it."""
        text = ""
        for value, condition in e.pairs[:-1]:
            text += f"{self(condition, CHOICE + 1)} ? {self(value, CHOICE + 1)} : "
        return text + self(e.pairs[-1][0], CHOICE + 1), CHOICE

    def whole(self, e: Expr) -> str:
        """An integer expression as an integer, where ``__call__`` would give a real number."""
        raise NotImplementedError

    # -- arithmetic --

    def number(self, e: Rational) -> tuple[str, int]:
        if e < 0:
            return "-" + self(-e, UNARY), SUM
        if e.q == 1 <= e.p <= _EXACT or e == 0:
            return self.literal(str(e.p)), ATOM
        if e.q & (e.q - 1) == 0 and e.q <= 1024 and e.p < 2**24:
            return self.literal(repr(e.p / e.q)), ATOM
        if max(e.p, e.q) > _EXACT:
            return self.constant(e)
        return f"{self.literal(str(e.p))} / {self.literal(str(e.q))}", PRODUCT

    def sum(self, e: Add) -> tuple[str, int]:
        numbers = [t for t in e.args if t.is_number]
        content, rest = e.primitive() if len(numbers) < 2 else (Integer(1), e)
        if content != 1 and isinstance(rest, Add) and (content.q == 1 or _all_signs(rest)):
            return f"{self(content, PRODUCT)} * {self(rest, UNARY)}", PRODUCT
        terms = e.as_ordered_terms()
        if len(numbers) > 1:
            terms = [*(t for t in terms if t not in numbers), _nearest(Add(*numbers))]
        terms.sort(key=lambda t: t.could_extract_minus_sign() if not isinstance(t, Add) else False)
        text = self(terms[0], SUM)
        for term in terms[1:]:
            if term.could_extract_minus_sign() and not isinstance(term, group):
                text += f" - {self(-term, PRODUCT)}"
            else:
                text += f" + {self(term, PRODUCT)}"
        return text, SUM

    def product(self, e: Mul) -> tuple[str, int]:
        coefficient, rest = e.as_coeff_Mul()
        if coefficient < 0:
            return "-" + self(-coefficient * rest if coefficient != -1 else rest, PRODUCT), SUM
        above: list[str] = []
        below: list[str] = []
        numbers = [f for f in Mul.make_args(rest) if f.is_number]
        if numbers or max(coefficient.p, coefficient.q) > _EXACT:
            above.append(self(_nearest(Mul(coefficient, *numbers)), PRODUCT))
            coefficient, rest = Integer(1), Mul(*(f for f in Mul.make_args(rest) if f not in numbers))
        if coefficient.p != 1 or (coefficient.q != 1 and self._short(coefficient)):
            above.append(self(coefficient if self._short(coefficient) else Integer(coefficient.p), PRODUCT))
        if coefficient.q != 1 and not self._short(coefficient):
            below.append(self(Integer(coefficient.q), UNARY))
        for factor in Mul.make_args(rest) if rest != 1 else ():
            base, exponent = factor.as_base_exp() if isinstance(factor, Pow) else (factor, Integer(1))
            if exponent.is_Integer and -MOST_FACTORS <= exponent < 0:
                below += [self(base, UNARY)] * -int(exponent)  # a power could leave the format
            elif exponent.is_Rational and exponent < 0:
                below.append(self(base**-exponent, UNARY))
            else:
                above.append(self(factor, PRODUCT if not above else UNARY))
        text = " * ".join(above) if above else self(Integer(1))
        for divisor in below:
            text += f" / {divisor}"
        return text, PRODUCT

    @staticmethod
    def _short(e: Rational) -> bool:
        return e.q & (e.q - 1) == 0 and e.q <= 1024

    def power(self, e: Pow) -> tuple[str, int]:
        base, exponent = e.base, e.exp
        if exponent.is_Rational and exponent < 0:
            return f"{self(Integer(1))} / {self(base**-exponent, UNARY)}", PRODUCT
        if exponent == Rational(1, 2):
            return f"{self.functions[sympy.sqrt]}({self(base)})", ATOM
        if exponent.is_Integer and exponent <= MOST_FACTORS:
            factor = self(base, UNARY)
            return " * ".join([factor] * int(exponent)), PRODUCT
        if exponent.is_Rational and exponent.q == 2 and exponent < MOST_FACTORS:
            whole = base ** (exponent - Rational(1, 2))
            return f"{self(whole, PRODUCT)} * {self.functions[sympy.sqrt]}({self(base)})", PRODUCT
        return self.general_power(self(base), self(exponent)), ATOM

    def general_power(self, base: str, exponent: str) -> str:
        return f"{self.functions[Pow]}({base}, {exponent})"

    # -- conditions --

    def condition(self, e: Expr) -> tuple[str, int]:
        if e in (sympy.true, sympy.false):
            return self.truth(bool(e)), ATOM
        if isinstance(e, Relational):
            show = self.whole if e.lhs.is_integer and e.rhs.is_integer else (lambda side: self(side, SUM))
            return f"{show(e.lhs)} {e.rel_op} {show(e.rhs)}", COMPARE
        if isinstance(e, Not):
            return self.negated(self(e.args[0], ATOM)), UNARY
        if isinstance(e, (And, Or)):
            word, strength = (self.word_and, AND) if isinstance(e, And) else (self.word_or, OR)
            parts = sorted(e.args, key=sympy.default_sort_key)
            return f" {word} ".join(self(p, ATOM) for p in parts), strength
        raise NotImplementedError(f"{type(self).__name__} cannot print the condition {e}")

    def truth(self, value: bool) -> str:
        raise NotImplementedError

    def negated(self, text: str) -> str:
        raise NotImplementedError


_EXACT = 2**53
"""Up to here every whole number is one of double precision."""


@lru_cache(maxsize=1024)
def _nearest(e: Expr) -> sympy.Float:
    """An expression without variables as a number, to more digits than any format has."""
    return e if isinstance(e, sympy.Float) else sympy.Float(evaluate_stable(e, Environment({}), 25), 25)


def _all_signs(total: Add) -> bool:
    """Whether every term stands for itself, plus or minus."""
    return all(abs(t.as_coeff_Mul()[0]) == 1 or t in (1, -1) for t in total.args)


_MARKS = (" if ", " else ", " + ", " - ", " * ", " / ", " ? ", " : ", " && ", " || ", " & ", " | ", ", ")


def identifiers(text: str) -> set[str]:
    """The names in a text of code."""
    return set(re.findall(r"[A-Za-z_]\w*", text))


def wrapped(text: str, indent: int, width: int = 110) -> str:
    """A long line broken before an operator or behind a comma, where few brackets are open; the rest indented."""
    lines: list[str] = []
    rest = text
    while len(rest) > width:
        place = _break(rest, indent + 12, width)
        if place is None:
            break
        lines.append(rest[:place].rstrip())
        rest = " " * indent + rest[place:].lstrip()
    return "\n".join([*lines, rest])


def _break(text: str, start: int, width: int) -> int | None:
    depth, found = 0, []
    for place, letter in enumerate(text[:width]):
        depth += (letter in "([{") - (letter in ")]}")
        if letter in " ," and place >= start and text.startswith(_MARKS, place):
            found.append((depth, -place, place + (letter == ",")))
    later = [f for f in found if -f[1] > width // 2] or found
    return min(later)[2] if later else None
