"""How wide a displayed formula is, so that a long one can be broken."""

from __future__ import annotations

import re

__all__ = ["width"]

_TOKEN = re.compile(r"\\begin\{(\w+\*?)\}|\\end\{(\w+\*?)\}|\\[A-Za-z]+\*?|\\.|[{}^_&]|\s+|.", re.DOTALL)
_WIDTHS = {
    **dict.fromkeys("+-=<>", 12.2),
    **{r"\neq": 13.3, r"\le": 13.3, r"\ge": 13.3, r"\cdot": 7.2, r"\,": 1.7, r"\quad": 10.0, r"\qquad": 20.0},
    **{r"\log": 14.5, r"\max": 19.5, r"\cosh": 22.0, r"\sinh": 20.5, r"\tanh": 22.5, r"\exp": 17.0},
    **{r"\sum": 16.0, r"\left": 0.0, r"\right": 1.7, ",": 4.5},
    **{r"\bigl": 1.0, r"\bigr": 1.0, r"\Bigl": 2.0, r"\Bigr": 2.0, r"\biggl": 3.0, r"\biggr": 3.0},
    **{"(": 4.2, ")": 4.2, "|": 2.8, r"\lVert": 5.0, r"\rVert": 5.0, r"\mathcal": 0.0, r"\text": 0.0},
    **{r"\mathrm": 0.0, r"\operatorname": 1.7, r"\operatorname*": 1.7, r"\hat": 0.0, r"\to": 14.0},
}


def width(tex: str) -> float:
    """About how wide a displayed formula is, in points, at a type size of 10 points."""
    tokens = [m.group() for m in _TOKEN.finditer(tex) if not m.group().isspace()]
    return _Measure(tokens).row()


class _Measure:
    """A reader of LaTeX that adds up the widths of what it reads."""

    def __init__(self, tokens: list[str]):
        self._tokens, self._at = tokens, 0
        self._small = 0  # inside how many scripts and cases, where limits stand beside their operator

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
            operator = token in (r"\sum", r"\max", r"\operatorname*") and not self._small
            one = self._unit()
            scripts = [0.0]
            while self._peek() in ("_", "^"):
                self._next()
                self._small += 1
                scripts.append(0.7 * self._unit())
                self._small -= 1
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
            small = token == r"\begin{cases}"
            self._small += small
            wide = self._table()
            self._small -= small
            return wide
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
