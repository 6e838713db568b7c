"""Expressions as fractions of polynomials: exponentials, logarithms and roots become letters of their own.

``letters`` writes an expression with one positive letter for each exponential, so that 1 − tanh²x is seen to be
4E²/(E² + 1)²; what is equal becomes the same fraction, and what is a product shows its factors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sympy
from sympy import Dummy, Expr, Pow, Rational, Symbol, exp, log

from symloss import functions

__all__ = ["Letters", "TooLarge", "elementary", "is_zero", "letters", "readable"]

LARGEST = 400
"""The operations beyond which an expression is not brought into this form."""


HIGHEST_POWER = 24
"""The power beyond which a polynomial is not worked out."""


class TooLarge(ArithmeticError):
    """An expression that would take too long; the question is then left open."""


_DEFINITIONS = (functions.sigmoid, functions.softplus, functions.log1p, functions.expm1, functions.group)
_HYPERBOLIC = (sympy.tanh, sympy.sinh, sympy.cosh)


@lru_cache(maxsize=4096)
def elementary(expr: Expr) -> Expr:
    """``expr`` in exponentials, logarithms and powers, as it reads where every logarithm has a positive argument."""

    def rewrite(node):
        if isinstance(node, _DEFINITIONS):
            return node.definition()
        if isinstance(node, functions.xlogy):
            weight, argument = node.args
            return weight * log(argument)
        if isinstance(node, functions.ratio):
            return node.args[0] / node.args[1]
        if isinstance(node, sympy.tanh):
            e = exp(2 * node.args[0])
            return (e - 1) / (e + 1)
        if isinstance(node, _HYPERBOLIC):
            return node.rewrite(exp)
        return None

    return functions.rebuild(expr, rewrite)


@dataclass(frozen=True)
class Letters:
    """An expression as ``constant · Π factorᵢ^powerᵢ`` in letters, and what each letter stands for."""

    constant: Expr
    factors: tuple[tuple[Expr, int], ...]
    meaning: tuple[tuple[Symbol, Expr], ...]

    def back(self, expr: Expr) -> Expr:
        """An expression in letters, written out."""
        for letter, meant in reversed(self.meaning):
            expr = expr.xreplace({letter: meant})
        return expr


class _Alphabet:
    def __init__(self) -> None:
        self.meaning: dict[Symbol, Expr] = {}
        self.letter: dict[Expr, Symbol] = {}
        self.powers: dict[Symbol, tuple[Expr, int]] = {}
        self.units: dict[Expr, Rational] = {}

    def new(self, meant: Expr, **assumptions: bool) -> Symbol:
        if meant not in self.letter:
            letter = Dummy(f"e{len(self.letter)}", real=True, **assumptions)
            self.letter[meant] = letter
            self.meaning[letter] = meant
        return self.letter[meant]

    def exponential(self, exponent: Expr) -> Expr:
        product: Expr = sympy.S.One
        for term in sympy.Add.make_args(sympy.expand(exponent)):
            number, rest = term.as_coeff_Mul(rational=True)
            if rest == 1 or number == 0:
                product *= self.new(exp(term), positive=True) if term != 0 else 1
                continue
            if rest.could_extract_minus_sign():
                number, rest = -number, -rest
            unit = self.units.get(rest, number)
            power = number / unit
            if abs(power) > HIGHEST_POWER:
                raise TooLarge(f"the power {power} of an exponential")
            product *= self.new(exp(unit * rest), positive=True) ** int(power)
        return product

    def write(self, node: Expr) -> Expr | None:
        if isinstance(node, exp):
            return self.exponential(node.args[0])
        if isinstance(node, Pow) and not node.exp.is_Integer:
            base, power = node.args
            if isinstance(power, Rational):
                root = self.new(Pow(base, Rational(1, power.q)), nonnegative=True)
                self.powers[root] = (base, power.q)
                return root**power.p
            return self.new(node)
        if isinstance(node, sympy.Function) or isinstance(node, (functions.Binder, functions.Cases)):
            return self.new(node)
        if isinstance(node, sympy.Indexed):
            return self.new(node)
        if isinstance(node, sympy.NumberSymbol):
            return self.new(node, positive=True)
        return None


def _split_powers(expr: Expr) -> Expr:
    """(…)^(γ + 2) as (…)^γ·(…)², so that equal powers are seen."""

    def rewrite(node):
        if isinstance(node, Pow) and isinstance(node.exp, sympy.Add):
            whole, rest = node.exp.as_coeff_Add(rational=True)
            if whole.is_Integer and whole != 0:
                return Pow(node.base, rest) * Pow(node.base, whole)
        if isinstance(node, log):
            return _split_log(node.args[0])
        return None

    return functions.rebuild(expr, rewrite)


def _split_log(argument: Expr) -> Expr | None:
    """log(eᵗ·y) as t + log(y), which holds for every positive y."""
    top, bottom = sympy.fraction(sympy.together(argument))
    total: Expr = sympy.S.Zero
    rest: Expr = sympy.S.One
    for part, side in ((top, 1), (bottom, -1)):
        for factor in sympy.Mul.make_args(sympy.powsimp(part)):
            if isinstance(factor, exp):
                total += side * factor.args[0]
            else:
                rest *= factor**side
    return None if total == 0 else total + log(rest)


@lru_cache(maxsize=4096)
def letters(expr: Expr, largest: int = LARGEST) -> Letters:
    """The expression in lowest terms and factored; TooLarge where that would take too long."""
    plain = _split_powers(elementary(expr))
    if sympy.count_ops(plain) > largest:
        raise TooLarge(f"{sympy.count_ops(plain)} operations")
    alphabet = _Alphabet()
    for power in plain.atoms(Pow):
        if power.exp.is_Integer and abs(power.exp) > HIGHEST_POWER:
            raise TooLarge(f"the power {power.exp}")
    for e in plain.atoms(exp):
        for term in sympy.Add.make_args(sympy.expand(e.args[0])):
            number, rest = term.as_coeff_Mul(rational=True)
            if rest.could_extract_minus_sign():
                rest = -rest
            known = alphabet.units.get(rest, abs(number))
            alphabet.units[rest] = Rational(
                sympy.igcd(known.p * number.q, number.p * known.q), known.q * number.q
            )
    written = functions.rebuild(plain, alphabet.write, below=lambda e: not isinstance(e, _WHOLE))
    top, bottom = sympy.fraction(sympy.together(written))
    top, bottom = _reduced(top, alphabet), _reduced(bottom, alphabet)
    top, bottom = sympy.fraction(sympy.cancel(top / bottom))
    constant: Expr = sympy.S.One
    factors: list[tuple[Expr, int]] = []
    for part, side in ((top, 1), (bottom, -1)):
        number, found = sympy.factor_list(part)
        constant *= number**side
        factors += [(factor, side * power) for factor, power in found]
    return Letters(constant, tuple(factors), tuple(alphabet.meaning.items()))


_WHOLE = (functions.Binder, sympy.Indexed)
"""What is a letter as it stands, without a look inside."""


def _reduced(expr: Expr, alphabet: _Alphabet) -> Expr:
    """With each root's own power put in place of its powers: s² = 1 + x² where s = √(1 + x²)."""
    for root, (base, degree) in alphabet.powers.items():
        if not expr.has(root):
            continue
        poly = sympy.Poly(sympy.expand(expr), root)
        expr = sum(
            (c * root ** (k % degree) * base ** (k // degree) for (k,), c in poly.terms()), sympy.S.Zero
        )
    return expr


def is_zero(expr: Expr) -> bool:
    """Whether the expression is 0 identically, by algebra; False says only that this was not seen."""
    if expr == 0:
        return True
    try:
        return letters(expr).constant == 0
    except (TooLarge, sympy.PolynomialError):
        return False


def readable(expr: Expr) -> Expr:
    """The shorter of an expression and its factored form."""
    try:
        form = letters(expr)
    except (TooLarge, sympy.PolynomialError):
        return expr
    product = form.back(form.constant * sympy.Mul(*(factor**power for factor, power in form.factors)))
    return min((expr, product, sympy.expand(expr)), key=lambda e: (sympy.count_ops(e), len(str(e))))
