"""The words of which a declaration is made: indices, named intermediates, sums, maxima, softmax."""

from __future__ import annotations

import contextvars
import numbers
from collections.abc import Callable
from typing import Any

import sympy
from sympy import Expr, Indexed, IndexedBase, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanAtom, Not, Or

from symloss import functions
from symloss.domains import Domain, TensorType
from symloss.elaborate import elaborated
from symloss.functions import ArgMax, Binder, Cases, Index, size_symbol
from symloss.value import DeclarationError, Definition, Parameter, checked_default, checked_name, exact

__all__ = [
    "Abs",
    "Eq",
    "Max",
    "Mean",
    "Min",
    "NamedTensor",
    "Ne",
    "Normalized",
    "Piecewise",
    "Scope",
    "Sum",
    "argmax",
    "cosh",
    "exp",
    "index",
    "log",
    "log_softmax",
    "logsumexp",
    "named",
    "norm",
    "normalized",
    "parameter",
    "scope_var",
    "sigmoid",
    "sign",
    "sinh",
    "size",
    "size_of",
    "softmax",
    "softplus",
    "sqrt",
    "tanh",
    "xlogy",
]


def index(name: str) -> Index:
    """An index to bind in ``Sum[j]``, ``Max[j]``, …; its axis is that of the tensors it indexes."""
    if not isinstance(name, str) or not name.isidentifier():
        raise DeclarationError(f"index({name!r}): an index is named by an identifier such as 'j'")
    return Index(name)


def size(axis: str) -> Symbol:
    """The number of entries along an axis, to be used in a formula, such as ``1 / size("C")``."""
    if not isinstance(axis, str) or not axis.isidentifier():
        raise DeclarationError(f"size({axis!r}): the name of an axis is wanted, such as size('C')")
    return size_symbol(axis)


scope_var: contextvars.ContextVar[Scope | None] = contextvars.ContextVar("symloss_declaration", default=None)


class Scope:
    """The declaration that is being read."""

    def __init__(self, loss_name: str, reserved: set[str]):
        self.loss_name = loss_name
        self.reserved = reserved
        self.definitions: dict[str, Definition] = {}


class NotANumber:
    """Something in a declaration that is no number until it is given an index; using it as one is refused."""

    def misused(self) -> DeclarationError:
        """The error that says what to write instead."""
        raise NotImplementedError

    def _refuse(self, *_: Any) -> Any:
        raise self.misused()

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _refuse
    __pow__ = __rpow__ = __mod__ = __rmod__ = __floordiv__ = __rfloordiv__ = __matmul__ = __rmatmul__ = (
        _refuse
    )
    __neg__ = __pos__ = __abs__ = __lt__ = __le__ = __gt__ = __ge__ = __iter__ = __len__ = _sympy_ = _refuse


class NamedTensor(NotANumber):
    """A tensor in a declaration: an argument with axes, or a named intermediate with indices."""

    def __init__(self, tensor: IndexedBase, axes: tuple[str, ...]):
        self._tensor, self._axes = tensor, axes

    def __getitem__(self, indices: Any) -> Indexed:
        indices = indices if isinstance(indices, tuple) else (indices,)
        if len(indices) != len(self._axes):
            raise DeclarationError(
                f"{self}: {len(indices)} indices given for the axes {', '.join(self._axes)}; write one for each"
            )
        for one in indices:
            if isinstance(one, bool) or not isinstance(one, (int, Expr)):
                raise DeclarationError(f"{self}[{one}]: an index is wanted, such as index('j')")
        return Indexed(self._tensor, *indices)

    def misused(self) -> DeclarationError:
        letters = ", ".join("jlmhgf"[: len(self._axes)])
        return DeclarationError(
            f"{self} is a tensor with the axes {', '.join(self._axes)}: write {self}[{letters}] inside "
            f"Sum[{letters}](…), Max[…](…) or another reduction"
        )

    def __str__(self) -> str:
        return self._tensor.label.name


def named(name: str, expr: Any, *indices: Index) -> Any:
    """An intermediate that keeps its name in the derivation, on the page and in the generated code.

    With ``indices`` it is a tensor: ``s = named("s", expr, i, j)`` is then used as ``s[i, j]``. Raises
    DeclarationError outside of a declaration, and for a name that is none or is used twice.
    """
    scope = scope_var.get()
    if scope is None:
        raise DeclarationError(f"named({name!r}, …) belongs inside a function decorated with @loss")
    checked_name(scope.loss_name, name, "an intermediate")
    if name in scope.reserved or name in scope.definitions:
        raise DeclarationError(f"{scope.loss_name}: the name {name!r} is used twice; give this one another")
    expr = elaborated(scope.loss_name, expr)
    if expr.is_positive:
        assumptions = {"positive": True}
    elif expr.is_nonnegative:
        assumptions = {"nonnegative": True}
    else:
        assumptions = {"real": True}
    if not indices:
        symbol = Symbol(name, **assumptions)
        scope.definitions[name] = Definition(symbol, (), expr)
        return symbol
    sizes = tuple(size_of(i, expr) for i in indices)
    base = IndexedBase(name, shape=sizes, **assumptions)
    for place, written in enumerate(indices):
        expr = functions.at_index(expr, written, functions.free_index(place))
    formal = tuple(functions.free_index(place) for place in range(len(indices)))
    scope.definitions[name] = Definition(base, formal, expr)
    return NamedTensor(base, tuple(s.name for s in sizes))


def normalized(value: Any, *, by: Any) -> tuple[Any, Any]:
    """A loss whose batch mean is Σ value / Σ by, as a class-weighted cross-entropy has it. Return it."""
    return Normalized((value, by))


class Normalized(tuple):
    pass


def parameter(name: str, domain: Domain, default: Any) -> Parameter:
    """A hyper-parameter for a composition: ``huber + parameter("lam", NonNegative, 0.01) * l2_penalty``.

    Raises DeclarationError for a name that is none, for what is no domain, and for a default outside of it.
    """
    if name == "weight":
        raise DeclarationError(
            "parameter 'weight': weight is what the toolkit weighs examples by; choose another name"
        )
    if not isinstance(domain, Domain):
        raise DeclarationError(f"parameter {name!r}: a domain such as NonNegative is wanted, not {domain!r}")
    return checked_default(
        "", Parameter(checked_name("", name, "a parameter"), TensorType(domain), default=default)
    )


def size_of(index: Symbol, expr: Expr) -> Expr:
    """The length of the axis that ``index`` runs over, read off the tensors that it indexes."""
    found = []
    for element in sorted(expr.atoms(Indexed), key=str):
        for place, length in zip(element.args[1:], element.base.shape, strict=True):
            if place == index and length not in found:
                found.append(length)
    for binder in sorted(expr.atoms(functions.Softmax, functions.LogSoftmax), key=str):
        if binder.at == index and binder.size not in found:
            found.append(binder.size)
    if not found:
        raise DeclarationError(
            f"index {index} indexes nothing in {expr}; write it as the index of a tensor, such as target[{index}]"
        )
    if len(found) > 1:
        axes = " and ".join(str(f) for f in found)
        raise DeclarationError(
            f"index {index} is used for the axes {axes} in {expr}; an index runs over one axis: declare one for each"
        )
    return found[0]


class _Along:
    """A word such as ``Sum``: ``Sum[j](expr)`` or ``Sum[i, j](expr)``."""

    def __init__(self, name: str, make: Callable[[Expr, Symbol, Expr], Expr]):
        self._name, self._make = name, make

    def __getitem__(self, indices: Index | tuple[Index, ...]) -> Callable[[Any], Expr]:
        indices = indices if isinstance(indices, tuple) else (indices,)
        for one in indices:
            if not isinstance(one, Index):
                raise DeclarationError(
                    f"{self._name}[{one}]: an index is wanted; write j = index('j') and {self._name}[j]"
                )

        def reduced(expr: Any) -> Expr:
            expr = sympy.sympify(scalar(self._name, expr))
            for one in reversed(indices):
                expr = self._make(expr, one, size_of(one, expr))
            return expr

        return reduced

    def __call__(self, *_: Any) -> Any:
        raise DeclarationError(f"{self._name} needs an index: write {self._name}[j](…) with j = index('j')")


class _Max(_Along):
    """``Max[j](expr)`` along an axis, and ``Max(a, b)`` of numbers."""

    def __call__(self, *args: Any) -> Expr:
        return sympy.Max(*(scalar("Max", a) for a in args))


class _AtPlace:
    """``softmax(logits)[j]``, or ``softmax[j](expr)[place]`` for an expression."""

    def __init__(self, name: str, binder: type[Binder]):
        self._name, self._binder = name, binder

    def __call__(self, tensor: Any) -> _AtPlaceOf:
        if not isinstance(tensor, NamedTensor) or len(tensor._axes) != 1:
            raise DeclarationError(
                f"{self._name}(…) takes a tensor with one axis; for an expression write {self._name}[j](…)[place]"
            )
        j = Index("j")
        return self[j](tensor[j])

    def __getitem__(self, index: Index) -> Callable[[Any], _AtPlaceOf]:
        if not isinstance(index, Index):
            raise DeclarationError(f"{self._name}[{index}]: an index is wanted; write j = index('j')")
        return lambda expr: _AtPlaceOf(
            self._name, self._binder, sympy.sympify(scalar(self._name, expr)), index
        )


class _AtPlaceOf(NotANumber):
    def __init__(self, name: str, binder: type[Binder], body: Expr, index: Index):
        self._name, self._binder, self._body, self._index = name, binder, body, index

    def __getitem__(self, place: Any) -> Expr:
        if isinstance(place, bool) or not isinstance(place, (int, Expr)):
            raise DeclarationError(f"{self._name}(…)[{place}]: an index is wanted, such as index('j')")
        return self._binder(self._body, self._index, size_of(self._index, self._body), place)

    def misused(self) -> DeclarationError:
        return DeclarationError(f"{self._name}(…) is a vector: write {self._name}(…)[j] for one entry of it")


def scalar(word: str, expr: Any) -> Any:
    if isinstance(expr, NotANumber):
        raise expr.misused()
    if not isinstance(expr, (numbers.Real, Expr)):
        raise DeclarationError(f"{word}(…) takes an expression, not {type(expr).__name__} {expr!r}")
    return expr


def _word(word: str, made: Callable[..., Any]) -> Callable[..., Any]:
    """A function of SymPy or of ours as a word of declarations.

    SymPy's own would run a text as a program, and round what it makes of a decimal number: e^0.1 keeps all its digits.
    """

    def written(*args: Any) -> Any:
        return made(*(exact(scalar(word, a)) for a in args))

    written.__name__ = written.__qualname__ = word
    written.__doc__ = f"{word} of expressions and numbers; DeclarationError for anything else."
    return written


Abs = _word("Abs", sympy.Abs)
Eq = _word("Eq", sympy.Eq)
Ne = _word("Ne", sympy.Ne)
cosh = _word("cosh", sympy.cosh)
exp = _word("exp", sympy.exp)
log = _word("log", sympy.log)
sigmoid = _word("sigmoid", functions.sigmoid)
sign = _word("sign", sympy.sign)
sinh = _word("sinh", sympy.sinh)
softplus = _word("softplus", functions.softplus)
sqrt = _word("sqrt", sympy.sqrt)
tanh = _word("tanh", sympy.tanh)
xlogy = _word("xlogy", functions.xlogy)


Sum = _Along("Sum", functions.Sum)
Mean = _Along("Mean", lambda body, j, n: functions.Sum(body, j, n) / n)
Max = _Max("Max", functions.AxisMax)
argmax = _Along("argmax", ArgMax)
logsumexp = _Along("logsumexp", functions.LogSumExp)
norm = _Along("norm", functions.Norm)
softmax = _AtPlace("softmax", functions.Softmax)
log_softmax = _AtPlace("log_softmax", functions.LogSoftmax)


def Min(*args: Any) -> Expr:
    """The smaller of two numbers."""
    return -sympy.Max(*(-scalar("Min", a) for a in args))


def Piecewise(*pairs: tuple[Any, Any]) -> Expr:
    """A formula by cases: ``Piecewise((r**2 / 2, Abs(r) <= delta), (…, True))``; the first that holds counts."""
    if not all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs):
        raise DeclarationError("Piecewise takes pairs (value, condition)")
    if not pairs or pairs[-1][1] not in (True, sympy.true):
        raise DeclarationError("Piecewise: the last condition must be True, so that every point has a value")
    for _, condition in pairs[:-1]:
        if isinstance(condition, bool):
            raise DeclarationError(
                f"Piecewise: a condition is {condition} before any number is known; write Eq(a, b) for a == b and "
                "Ne(a, b) for a != b"
            )
        if not isinstance(condition, (Relational, And, Or, Not, BooleanAtom)):
            raise DeclarationError(f"Piecewise: {condition} is no condition, such as r > 0 or Eq(target, 1)")
    return Cases(*((scalar("Piecewise", value), condition) for value, condition in pairs))
