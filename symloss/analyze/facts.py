"""What is known of the numbers in an expression: the range of each symbol, from its declared domain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sympy
from sympy import Expr, Indexed, Symbol

from symloss.domains import Domain
from symloss.value import Input

__all__ = ["REAL", "Facts", "Range", "facts_of"]


@dataclass(frozen=True)
class Range:
    """An interval; its ends may contain other symbols."""

    lower: Expr = -sympy.oo
    upper: Expr = sympy.oo
    lower_open: bool = True
    upper_open: bool = True

    @classmethod
    def of(cls, domain: Domain) -> Range:
        """The smallest interval around a domain."""
        if domain.values:
            return cls(sympy.Integer(min(domain.values)), sympy.Integer(max(domain.values)), False, False)
        return cls(domain.lower, domain.upper, domain.lower_open, domain.upper_open)

    @property
    def interior(self) -> Range:
        """The same without its ends."""
        return Range(self.lower, self.upper)


REAL = Range()


@dataclass(frozen=True)
class Facts:
    """The ranges of symbols by symbol, and of tensors by name. It is a value, and can be a key of a cache."""

    ranges: tuple[tuple[Symbol, Range], ...] = ()
    tensors: tuple[tuple[str, Range], ...] = ()

    def of(self, atom: Expr) -> Range:
        """The range of a symbol, or of an entry of a tensor; all real numbers where nothing is known."""
        if isinstance(atom, Indexed):
            return dict(self.tensors).get(atom.base.label.name, REAL)
        found = dict(self.ranges).get(atom)
        if found is not None:
            return found
        if atom.is_positive:
            return Range(lower=sympy.S.Zero)
        return Range(lower=sympy.S.Zero, lower_open=False) if atom.is_nonnegative else REAL

    def knowing(self, symbol: Symbol, range_: Range) -> Facts:
        """The same, and the range of one symbol more."""
        kept = tuple(pair for pair in self.ranges if pair[0] != symbol)
        return Facts((*kept, (symbol, range_)), self.tensors)


def facts_of(arguments: Iterable[Input]) -> Facts:
    """The ranges that are declared for arguments."""
    listed = tuple(arguments)
    return Facts(
        tuple((a.symbol, Range.of(a.domain)) for a in listed if not a.axes),
        tuple((a.name, Range.of(a.domain)) for a in listed if a.axes),
    )
