"""The elementary functions that a declaration may take from SymPy: a table, a row each.

Evaluation, certificates, analysis, printers and backends read it, so that a function is added here and nowhere else.
What a proof knows of a function beside this, such as where it grows, stands with the proof; without it the question
is left open.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy

__all__ = ["ELEMENTARY", "Elementary"]


@dataclass(frozen=True)
class Elementary:
    """A function of one number.

    ``latex`` is how a formula names it. ``everywhere`` says that it is finite, with derivatives of every order, at
    every real number.
    """

    function: type[sympy.Function]
    latex: str
    everywhere: bool = True
    numpy: str = ""
    """What NumPy calls it, where not as all others do."""

    @property
    def name(self) -> str:
        """What SymPy, mpmath, Arb, JavaScript and the C library call it."""
        return self.function.__name__

    @property
    def in_numpy(self) -> str:
        """What NumPy calls it."""
        return self.numpy or self.name


ELEMENTARY = (
    Elementary(sympy.exp, r"\exp"),
    Elementary(sympy.log, r"\log", everywhere=False),
    Elementary(sympy.sin, r"\sin"),
    Elementary(sympy.cos, r"\cos"),
    Elementary(sympy.tan, r"\tan", everywhere=False),
    Elementary(sympy.sinh, r"\sinh"),
    Elementary(sympy.cosh, r"\cosh"),
    Elementary(sympy.tanh, r"\tanh"),
    Elementary(sympy.asinh, r"\operatorname{arsinh}", numpy="arcsinh"),
    Elementary(sympy.acosh, r"\operatorname{arcosh}", everywhere=False, numpy="arccosh"),
    Elementary(sympy.atanh, r"\operatorname{artanh}", everywhere=False, numpy="arctanh"),
    Elementary(sympy.asin, r"\arcsin", everywhere=False, numpy="arcsin"),
    Elementary(sympy.acos, r"\arccos", everywhere=False, numpy="arccos"),
    Elementary(sympy.atan, r"\arctan", numpy="arctan"),
)
