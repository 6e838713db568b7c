"""The sign of a quotient of sums over axes, each of whose bodies is looked at as a function of numbers."""

from __future__ import annotations

import sympy
from sympy import Expr, Indexed

from symloss import functions
from symloss.analyze.curvature import merged
from symloss.analyze.facts import Facts
from symloss.analyze.signs import product, sign, total

__all__ = ["sign_of_quotient"]


def sign_of_quotient(expr: Expr, facts: Facts) -> str | None:
    """The sign of a quotient of sums, each of whose bodies is looked at as a function of numbers."""

    def of_sum(e: Expr) -> str | None:
        parts = []
        for term in sympy.Add.make_args(merged(sympy.expand_mul(e))):
            factor, sums = term.as_independent(functions.Sum, as_Add=False)
            if isinstance(sums, functions.Sum) and not sums.body.atoms(functions.Binder):
                body, _ = functions.open_binder(sums)
                letters: dict[Expr, sympy.Symbol] = {}
                known = facts
                for entry in sorted(body.atoms(Indexed), key=str):
                    letters[entry] = sympy.Dummy(str(entry), real=True)
                    known = known.knowing(letters[entry], facts.of(entry))
                opened = functions.rebuild(body, letters.get, top_down=True)
                parts.append(product(sign(factor, facts), sign(opened, known)))
            else:
                parts.append(sign(term, facts))
        return total(*parts)

    top, bottom = sympy.fraction(sympy.together(expr))
    return product(of_sum(top), of_sum(bottom))
