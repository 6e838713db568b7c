"""The symbols that run over an axis: what they are called, bound and free, and the length of an axis."""

from __future__ import annotations

from sympy import Symbol

__all__ = [
    "INDEX_NAMES",
    "LEVELS",
    "BoundName",
    "Index",
    "bound_index",
    "free_index",
    "size_symbol",
]


class Index(Symbol):
    """An index that a declaration writes, such as ``j = index("j")``; binding it gives it its canonical name."""

    def __new__(cls, name: str) -> Index:
        return super().__new__(cls, name, integer=True, nonnegative=True)


class BoundName(Index):
    """An index as it is printed: equal to no index of an expression, whatever its name."""


_BOUND_NAMES = ("j", "l", "m", "h", "g", "f")
_FREE_NAMES = ("i", "k", "q", "o")
INDEX_NAMES = (*_BOUND_NAMES, *_FREE_NAMES)
"""The names that no argument may take."""


def bound_index(level: int) -> Symbol:
    """The canonical index of a binder that has ``level`` binders nested below it."""
    turn, place = divmod(level, len(_BOUND_NAMES))
    name = _BOUND_NAMES[place] + (f"_{turn + 1}" if turn else "")
    return Symbol(name, integer=True, nonnegative=True)


def free_index(place: int) -> Symbol:
    """An index that no binder has: of an example (0), of an element to differentiate by (1 …)."""
    turn, within = divmod(place, len(_FREE_NAMES))
    name = _FREE_NAMES[within] + (f"_{turn + 1}" if turn else "")
    return Symbol(name, integer=True, nonnegative=True)


LEVELS = {bound_index(level): level for level in range(60)}
"""How many binders are nested below the binder that has an index."""


def size_symbol(axis: str) -> Symbol:
    """The number of entries along an axis, as a SymPy symbol."""
    return Symbol(axis, integer=True, positive=True)
