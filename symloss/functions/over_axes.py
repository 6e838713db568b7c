"""Reductions over an axis and derivatives still to be taken, and the walk through expressions that contain them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

import sympy
from sympy import Dummy, Expr, Indexed, Integer, Symbol, exp, log, sqrt

from symloss.functions.indices import LEVELS, BoundName, bound_index

__all__ = [
    "ArgMax",
    "AxisMax",
    "Binder",
    "LogSoftmax",
    "LogSumExp",
    "Norm",
    "OtherSoftmax",
    "Partial",
    "Softmax",
    "Sum",
    "at_index",
    "binders",
    "depth",
    "length",
    "name_of",
    "names_in",
    "open_binder",
    "rebuild",
    "subexpressions",
]


class Binder(Expr):
    """An expression over an axis: ``body`` with ``index`` running over ``size`` values."""

    is_commutative = True
    is_extended_real = True
    function_name: str

    def __new__(cls, body: Expr, index: Symbol, size: Expr, *rest: Expr) -> Expr:
        body, size = sympy.sympify(body), sympy.sympify(size)
        level = 1 + max((LEVELS[inner.index] for inner in binders(body)), default=-1)
        canonical = bound_index(level)
        if index != canonical:
            if index in LEVELS and canonical in body.free_symbols:
                raise AssertionError(f"index {canonical} captured; rewrite below a binder with rebuild()")
            body = body.xreplace({index: canonical})
        return cls._create(body, canonical, size, *(sympy.sympify(r) for r in rest))

    @classmethod
    def _create(cls, body: Expr, index: Symbol, size: Expr, *rest: Expr) -> Expr:
        return Expr.__new__(cls, body, index, size, *rest)

    @property
    def body(self) -> Expr:
        return self.args[0]

    @property
    def index(self) -> Symbol:
        return self.args[1]

    @property
    def size(self) -> Expr:
        return self.args[2]

    @property
    def free_symbols(self) -> set[Symbol]:
        free = self.body.free_symbols - {self.index}
        for other in self.args[2:]:
            free |= other.free_symbols
        return free

    @property
    def bound_symbols(self) -> set[Symbol]:
        return {self.index}

    def body_at(self, place: Expr) -> Expr:
        """The body with the bound index put to ``place``."""
        return at_index(self.body, self.index, place)

    def _eval_derivative(self, symbol: Symbol) -> Expr:
        raise NotImplementedError(
            f"SymPy cannot differentiate {self} below its bound index; use Loss.gradient() or symloss.derive"
        )

    def _sympystr(self, printer) -> str:
        body, index = self._named_for(printer)
        return f"{self.function_name}({body}, ({index}, {printer.doprint(self.size)}))"

    def _named_for(self, printer) -> tuple[str, str]:
        """The body as ``printer`` writes it, with indices named from the outside in, and the name of the index."""
        depth = getattr(printer, "binder_depth", 0)
        index = BoundName(bound_index(depth).name)
        printer.binder_depth = depth + 1
        try:
            return printer.doprint(self.body.xreplace({self.index: index})), index.name
        finally:
            printer.binder_depth = depth


class Sum(Binder):
    """Σ over an axis; ``Sum[j](expr)`` in a declaration."""

    function_name = "Sum"

    @classmethod
    def _create(cls, body, index, size, *rest):
        if body == 0:
            return Integer(0)
        return super()._create(body, index, size, *rest)

    def _eval_is_nonnegative(self):
        return True if self.body.is_nonnegative else None


class AxisMax(Binder):
    """The largest value along an axis; ``Max[j](expr)`` in a declaration."""

    function_name = "Max"

    def _eval_is_nonnegative(self):
        return True if self.body.is_nonnegative else None


class ArgMax(Binder):
    """The first index at which the body is largest."""

    function_name = "ArgMax"
    is_integer = True
    is_nonnegative = True


class LogSumExp(Binder):
    """log Σ exp(body) over an axis."""

    function_name = "LogSumExp"

    def definition(self) -> Expr:
        return log(Sum(exp(self.body), self.index, self.size))


class Norm(Binder):
    """The Euclidean norm √(Σ body²) over an axis."""

    function_name = "Norm"
    is_nonnegative = True

    def definition(self) -> Expr:
        return sqrt(Sum(self.body**2, self.index, self.size))


class _Softmax(Binder):
    @property
    def at(self) -> Expr:
        return self.args[3]

    @property
    def logit(self) -> Expr:
        """The body at the place that is asked for."""
        return self.body_at(self.at)

    def _sympystr(self, printer) -> str:
        at = printer.doprint(self.at)
        if isinstance(self.body, Indexed) and self.body.args[1:] == (self.index,):
            return f"{self.function_name}({printer.doprint(self.body.base.label)})[{at}]"
        body, index = self._named_for(printer)
        return f"{self.function_name}({body}, ({index}, {printer.doprint(self.size)}))[{at}]"


class Softmax(_Softmax):
    """exp(body at a place) / Σ exp(body)."""

    function_name = "softmax"
    is_positive = True
    is_finite = True

    def definition(self) -> Expr:
        return exp(self.logit) / Sum(exp(self.body), self.index, self.size)


class OtherSoftmax(_Softmax):
    """1 − softmax at a place: the share of all other places."""

    function_name = "1 - softmax"
    is_nonnegative = True
    is_finite = True

    def definition(self) -> Expr:
        return 1 - Softmax(*self.args)

    def _sympystr(self, printer) -> str:
        return f"({super()._sympystr(printer)})"


class LogSoftmax(_Softmax):
    """The logarithm of the softmax at a place."""

    function_name = "log_softmax"

    def definition(self) -> Expr:
        return self.logit - log(Sum(exp(self.body), self.index, self.size))


# --- the derivative that is still to be taken -------------------------------------------------------------


class Partial(Expr):
    """∂ expr / ∂ wrt, not yet carried out; ``wrt`` is a symbol or an element of a tensor."""

    is_commutative = True
    is_extended_real = True

    def __new__(cls, expr: Expr, wrt: Expr) -> Expr:
        return Expr.__new__(cls, sympy.sympify(expr), wrt)

    @property
    def expr(self) -> Expr:
        return self.args[0]

    @property
    def wrt(self) -> Expr:
        return self.args[1]

    def _eval_derivative(self, symbol: Symbol) -> Expr:
        raise NotImplementedError("a Partial is rewritten by symloss.derive")

    def _sympystr(self, printer) -> str:
        return f"Partial({printer.doprint(self.expr)}, {printer.doprint(self.wrt)})"


# --- walking through expressions with bound indices -------------------------------------------------------


def open_binder(binder: Binder) -> tuple[Expr, Symbol]:
    """The body of a binder over a fresh index, and that index."""
    fresh = Dummy(binder.index.name, integer=True, nonnegative=True)
    return binder.body.xreplace({binder.index: fresh}), fresh


def at_index(expr: Expr, index: Symbol, place: Expr) -> Expr:
    """``expr`` with the free index put to ``place``, which may itself contain binders."""
    return rebuild(expr, lambda e: place if e == index else None, top_down=True)


def name_of(node: Expr) -> str:
    """What a symbol, or the tensor that an entry belongs to, is called; empty for any other node."""
    return (
        node.base.label.name if isinstance(node, Indexed) else node.name if isinstance(node, Symbol) else ""
    )


def names_in(expr: Expr) -> set[str]:
    """What the symbols are called that are free in an expression, those of tensors among them."""
    return {s.name for s in expr.free_symbols if isinstance(s, Symbol)}


def rebuild(
    expr: Expr,
    rewrite: Callable[[Expr], Expr | None],
    *,
    top_down: bool = False,
    below: Callable | None = None,
) -> Expr:
    """Rewrite every subexpression, opening each binder on the way.

    Bottom up by default: ``rewrite`` sees each node after its children. With ``top_down`` it sees the node
    first, and a node that it replaces is not descended into. ``rewrite`` returns None to leave a node as it is.
    ``below(node)`` false keeps the walk out of a node's children. Equal subexpressions are rewritten once.
    """
    known: dict[Expr, Expr] = {}

    def walk(node):
        found = known.get(node)
        if found is None:
            found = known[node] = visit(node)
        return found

    def visit(node):
        if top_down:
            new = rewrite(node)
            if new is not None:
                return new
        if node.args and (below is None or below(node)):
            node = _with_children(node, walk)
        if not top_down:
            new = rewrite(node)
            if new is not None:
                return new
        return node

    return walk(sympy.sympify(expr))


class _Opened(threading.local):
    """Binders that a walk has opened before. An index that is in use by a walk is not given to another one in it."""

    def __init__(self) -> None:
        self.bodies: dict[Binder, tuple[Expr, Symbol]] = {}
        self.in_use: set[Symbol] = set()

    @contextlib.contextmanager
    def body(self, binder: Binder) -> Iterator[tuple[Expr, Symbol]]:
        """The body with a free index that nothing else around it has."""
        found = self.bodies.get(binder)
        if found is None or found[1] in self.in_use:
            if len(self.bodies) >= _MOST_OPENED:
                self.bodies.clear()
            found = self.bodies[binder] = open_binder(binder)
        self.in_use.add(found[1])
        try:
            yield found
        finally:
            self.in_use.discard(found[1])


_OPENED = _Opened()
_MOST_OPENED = 4096


def _with_children(node, walk):
    if isinstance(node, Binder):
        with _OPENED.body(node) as (body, fresh):
            new_body = walk(body)
        new_rest = [walk(a) for a in node.args[2:]]
        if new_body == body and all(a == b for a, b in zip(new_rest, node.args[2:], strict=True)):
            return node
        return node.func(new_body, fresh, *new_rest)
    if isinstance(node, Indexed):
        indices = [walk(a) for a in node.args[1:]]
        return node if tuple(indices) == node.args[1:] else Indexed(node.base, *indices)
    if isinstance(node, Partial):
        new, wrt = walk(node.expr), node.wrt
        if isinstance(wrt, Indexed):
            wrt = _with_children(wrt, walk)
        return node if (new, wrt) == node.args else Partial(new, wrt)
    children = [walk(a) for a in node.args]
    if all(a is b for a, b in zip(children, node.args, strict=True)):
        return node
    return node.func(*children)


def subexpressions(expr: Expr, below: Callable | None = None) -> Iterator[Expr]:
    """Every subexpression, a node before what is in it, and each once however often it occurs.

    ``below(node)`` false keeps the walk out of a node's children.
    """
    seen, waiting = set(), [expr]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            yield node
            if below is None or below(node):
                waiting += reversed(node.args)


def length(expr: Expr) -> int:
    """How many numbers, names and operations an expression has where it is written out."""
    return _from_below(expr, lambda parts: 1 + sum(parts))


def depth(expr: Expr) -> int:
    """How many operations stand within one another where an expression has most of them."""
    return _from_below(expr, lambda parts: 1 + max(parts, default=0))


def _from_below(expr: Expr, count: Callable[[list[int]], int]) -> int:
    """What ``count`` makes of an expression's parts, each of them once, and without calls within calls."""
    known: dict[Expr, int] = {}
    waiting = [expr]
    while waiting:
        node = waiting[-1]
        missing = [a for a in node.args if a not in known]
        if missing and node not in known:
            waiting += missing
        else:
            known[node] = count([known[a] for a in node.args])
            waiting.pop()
    return known[expr]


def binders(expr: Expr) -> Iterator[Binder]:
    """Every binder inside ``expr``, outermost first."""
    return (node for node in subexpressions(expr) if isinstance(node, Binder))
