"""The language in which a loss is declared, and the value ``Loss`` that a declaration makes."""

from __future__ import annotations

import contextvars
import inspect
import keyword
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import sympy
from sympy import (
    Abs,
    Eq,
    Expr,
    Indexed,
    IndexedBase,
    KroneckerDelta,
    Ne,
    Symbol,
    cosh,
    exp,
    log,
    oo,
    sign,
    sinh,
    sqrt,
    tanh,
)

from symloss import functions
from symloss.domains import (
    Binary,
    ClassIndex,
    Domain,
    Integer,
    Interval,
    NonNegative,
    Positive,
    Probability,
    Real,
    Sign,
    Simplex,
    TensorType,
)
from symloss.evaluate import SUPPORTED_FUNCTIONS, Environment, evaluate
from symloss.functions import ArgMax, Binder, Cases, Index, maximum, ratio, sigmoid, size_symbol, softplus, xlogy

__all__ = [
    "Abs",
    "Binary",
    "ClassIndex",
    "DeclarationError",
    "Eq",
    "Integer",
    "Interval",
    "Loss",
    "Max",
    "Mean",
    "Min",
    "Ne",
    "NonNegative",
    "Piecewise",
    "Positive",
    "Probability",
    "Real",
    "Sign",
    "Simplex",
    "Sum",
    "cosh",
    "exp",
    "index",
    "log",
    "log_softmax",
    "logsumexp",
    "loss",
    "named",
    "norm",
    "normalized",
    "oo",
    "parameter",
    "sigmoid",
    "sign",
    "sinh",
    "size",
    "softmax",
    "softplus",
    "sqrt",
    "tanh",
    "xlogy",
]

TASKS = (
    "regression",
    "classification",
    "segmentation",
    "metric_learning",
    "ranking",
    "generative",
    "regularization",
    "custom",
)


class DeclarationError(ValueError):
    """A loss that is declared wrongly; the message says which, where, and what to write instead."""


# --- what a loss is made of -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Input:
    """A tensor argument. ``axes`` are its own axes; ``per_example`` says that batch axes stand before them."""

    name: str
    type: TensorType
    per_example: bool = True

    @property
    def domain(self) -> Domain:
        return self.type.domain

    @property
    def axes(self) -> tuple[str, ...]:
        return self.type.axes

    @property
    def differentiable(self) -> bool:
        return self.domain.differentiable

    @property
    def symbol(self) -> Symbol:
        return Symbol(self.name, **self.domain.sympy_assumptions)

    @property
    def tensor(self) -> IndexedBase:
        """The tensor as SymPy's IndexedBase; only where there are axes."""
        shape = tuple(size_symbol(a) for a in self.axes)
        return IndexedBase(self.name, shape=shape, **self.domain.sympy_assumptions)

    def element(self, *indices: Expr) -> Expr:
        """One number of the tensor."""
        return Indexed(self.tensor, *indices) if self.axes else self.symbol


@dataclass(frozen=True)
class Parameter(Input):
    """A hyper-parameter: a keyword argument with a default, a number or (with axes) a vector of them."""

    per_example: bool = False
    default: Any = None

    def __mul__(self, other: Loss) -> Loss:
        if not isinstance(other, Loss):
            return NotImplemented
        return other._scaled(self.symbol, (self,))

    __rmul__ = __mul__


class Definition(NamedTuple):
    """A named intermediate: ``name[indices] = expr``."""

    symbol: Any
    indices: tuple[Symbol, ...]
    expr: Expr

    @property
    def name(self) -> str:
        return self.symbol.name if isinstance(self.symbol, Symbol) else self.symbol.label.name

    def axis_of(self) -> dict[Symbol, Expr]:
        """The length of the axis that each index runs over."""
        return dict(zip(self.indices, getattr(self.symbol, "shape", ()), strict=True))

    def at(self, *places: Expr) -> Expr:
        """The defining expression at the given indices."""
        expr = self.expr
        fresh = [sympy.Dummy(s.name, integer=True, nonnegative=True) for s in self.indices]
        for formal, dummy in zip(self.indices, fresh, strict=True):
            expr = functions.at_index(expr, formal, dummy)
        for dummy, place in zip(fresh, places, strict=True):
            expr = functions.at_index(expr, dummy, place)
        return expr


@dataclass(frozen=True)
class Loss:
    """A declared loss. It is a value: ``a + lam * b``, ``loss.with_(delta=2)`` and ``loss.wrt("x")`` give new ones.

    ``example`` is the loss of one example, ``normalizer`` what the mean over a batch is taken relative to (1, or
    for instance a class weight), and ``batch`` a term that spans the whole batch.
    """

    name: str
    inputs: tuple[Input, ...]
    parameters: tuple[Parameter, ...]
    differentiated: tuple[str, ...]
    example: Expr = sympy.Integer(0)
    normalizer: Expr = sympy.Integer(1)
    batch: Expr = sympy.Integer(0)
    definitions: dict[str, Definition] = field(default_factory=dict, hash=False)
    doc: str = ""
    task: str = "custom"
    cite: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    kinks: str = ""
    source: str = ""

    # -- what it is --

    @property
    def expression(self) -> Expr:
        """The loss of one example, or of the whole batch where the declaration spans it."""
        return self.example + self.batch

    @property
    def kind(self) -> str:
        """``elementwise``, ``axis`` (an example has axes), ``batch`` (spans the batch), or ``mixed``."""
        if self.batch != 0:
            return "mixed" if self.example != 0 else "batch"
        return "axis" if any(i.axes for i in self.inputs) else "elementwise"

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return self.doc.strip().split("\n", 1)[0].strip()

    @property
    def axes(self) -> tuple[str, ...]:
        """The names of all axes, in order of appearance."""
        found: dict[str, None] = {}
        for argument in (*self.inputs, *self.parameters):
            found.update(dict.fromkeys(argument.axes))
            if argument.type.classes:
                found[argument.type.classes] = None
        return tuple(found)

    def argument(self, name: str) -> Input:
        """The tensor or hyper-parameter of that name; KeyError names those that there are."""
        for argument in (*self.inputs, *self.parameters):
            if argument.name == name:
                return argument
        known = ", ".join(a.name for a in (*self.inputs, *self.parameters))
        raise KeyError(f"{self.name} has no argument {name!r}; it has {known}")

    def depends(self, expr: Expr, name: str) -> bool:
        """Whether ``expr`` contains the tensor ``name``, looking through named intermediates."""
        seen: set[str] = set()
        pending = {s.name for s in expr.free_symbols if isinstance(s, Symbol)}
        while pending:
            symbol = pending.pop()
            if symbol == name:
                return True
            if symbol in self.definitions and symbol not in seen:
                seen.add(symbol)
                pending |= {s.name for s in self.definitions[symbol].expr.free_symbols if isinstance(s, Symbol)}
        return False

    def expand(self, expr: Expr) -> Expr:
        """``expr`` with every named intermediate written out."""

        def out(node):
            if isinstance(node, Symbol) and node.name in self.definitions:
                return self.expand(self.definitions[node.name].expr)
            if isinstance(node, Indexed) and node.base.label.name in self.definitions:
                places = [self.expand(a) for a in node.args[1:]]
                return self.expand(self.definitions[node.base.label.name].at(*places))
            return None

        return functions.rebuild(expr, out, top_down=True)

    # -- other losses from it --

    def with_(self, **defaults: Any) -> Loss:
        """The same loss with other defaults for its hyper-parameters."""
        for name in defaults:
            if name not in {p.name for p in self.parameters}:
                known = ", ".join(p.name for p in self.parameters) or "none"
                raise DeclarationError(f"{self.name}: no hyper-parameter {name!r}; it has {known}")
        changed = tuple(
            _checked_default(self.name, replace(p, default=defaults[p.name])) if p.name in defaults else p
            for p in self.parameters
        )
        return replace(self, parameters=changed)

    def wrt(self, *names: str) -> Loss:
        """The same loss, differentiated with respect to the named tensors."""
        for name in names:
            _check_differentiable(self, name)
        return replace(self, differentiated=names)

    def renamed(self, name: str | None = None, /, **arguments: str) -> Loss:
        """The same loss under another name, or with other names for its arguments."""
        new = self if name is None else replace(self, name=_checked_name("", name, "a loss"))
        for old in arguments:
            try:
                self.argument(old)
            except KeyError as error:
                raise DeclarationError(error.args[0]) from None
        return _rename(new, arguments) if arguments else new

    def __add__(self, other: Loss) -> Loss:
        return _compose(self, other) if isinstance(other, Loss) else NotImplemented

    def __sub__(self, other: Loss) -> Loss:
        return _compose(self, -1 * other) if isinstance(other, Loss) else NotImplemented

    def __neg__(self) -> Loss:
        return -1 * self

    def __mul__(self, factor: Any) -> Loss:
        if isinstance(factor, Parameter):
            return factor * self
        if isinstance(factor, bool) or not isinstance(factor, (int, float, sympy.Rational)):
            return NotImplemented
        exact = _exact(factor)
        if not exact.is_finite:
            raise DeclarationError(f"{self.name}: a factor must be a finite number, not {factor}")
        return self._scaled(exact)

    __rmul__ = __mul__

    def _scaled(self, factor: Expr, parameters: tuple[Parameter, ...] = ()) -> Loss:
        scaled = replace(self, example=factor * self.example, batch=factor * self.batch, source="")
        return replace(scaled, parameters=_merged(self.name, self.parameters, parameters))

    # -- what is derived from it (the modules below this one, imported when asked for) --

    def derivation(self, wrt: str | None = None, *, reduction: str = "mean"):
        """The derivation of the gradient, step by step.

        ``wrt`` names the tensor (default: the first differentiated one). With ``reduction="mean"`` or ``"sum"``
        the last step goes from one example to the batch; with ``"none"`` it stays with one example.
        """
        from symloss.derive import derive_gradient

        return derive_gradient(self, self._chosen(wrt), reduction)

    def gradient(self, wrt: str | None = None, *, reduction: str = "none") -> Expr:
        """The gradient as a SymPy expression, in terms of the named intermediates; ``expand`` writes those out."""
        return self.derivation(wrt, reduction=reduction).result

    def hessian(self, wrt: str | None = None) -> Expr:
        """Second derivative of one example's loss: per element where the loss is elementwise, else ∂²ℓ/∂x_k∂x_l."""
        return self.hessian_derivation(wrt).result

    def hessian_derivation(self, wrt: str | None = None):
        """The derivation of :meth:`hessian`, which starts from the gradient."""
        from symloss.derive import derive_hessian

        return derive_hessian(self, self._chosen(wrt))

    def hessian_vector_product(self, wrt: str | None = None) -> Expr:
        """(H v)_k = Σ_l ∂²ℓ/∂x_k∂x_l · v_l, with v a tensor shaped like the input, called ``vector``."""
        from symloss.derive import derive_hessian_vector_product

        return derive_hessian_vector_product(self, self._chosen(wrt)).result

    def load(self, backend: str = "numpy", *, dtype: Any = None):
        """A kernel that computes the loss: ``"numpy"``, or ``"c"`` compiled on this machine and cached."""
        from symloss.runtime import load

        return load(self, backend, dtype=dtype)

    def _chosen(self, wrt: str | None) -> str:
        if wrt is None:
            return self.differentiated[0]
        _check_differentiable(self, wrt)
        return wrt

    def __str__(self) -> str:
        arguments = [f"{i.name}: {i.type}" for i in self.inputs]
        if self.parameters:
            arguments += ["*", *(f"{p.name}: {p.type} = {p.default}" for p in self.parameters)]
        return f"{self.name}({', '.join(arguments)})"

    def __repr__(self) -> str:
        return f"<Loss {self}>"

    def _repr_latex_(self) -> str:
        from symloss.present.latex import loss_formula

        return f"$\\displaystyle {loss_formula(self)}$"


# --- the words of the language ----------------------------------------------------------------------------


def index(name: str) -> Index:
    """An index to bind in ``Sum[j]``, ``Max[j]``, …; its axis is that of the tensors it indexes."""
    if not isinstance(name, str) or not name.isidentifier():
        raise DeclarationError(f"index({name!r}): an index is named by an identifier such as 'j'")
    return Index(name)


def size(axis: str) -> Symbol:
    """The number of entries along an axis, to be used in a formula, such as ``1 / size("C")``."""
    return size_symbol(axis)


_scope: contextvars.ContextVar[_Scope | None] = contextvars.ContextVar("symloss_declaration", default=None)


class _Scope:
    """The declaration that is being read."""

    def __init__(self, loss_name: str, reserved: set[str]):
        self.loss_name = loss_name
        self.reserved = reserved
        self.definitions: dict[str, Definition] = {}


class NamedTensor:
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
            if isinstance(one, NamedTensor) or not isinstance(one, (int, Expr)):
                raise DeclarationError(f"{self}[{one}]: an index is wanted, such as index('j')")
        return Indexed(self._tensor, *indices)

    def __iter__(self):
        raise self._misused()

    def _misused(self, *_: Any) -> DeclarationError:
        letters = ", ".join("jlmhgf"[: len(self._axes)])
        return DeclarationError(
            f"{self} is a tensor with the axes {', '.join(self._axes)}: write {self}[{letters}] inside "
            f"Sum[{letters}](…), Max[…](…) or another reduction"
        )

    def _refuse(self, *_: Any) -> Any:
        raise self._misused()

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _refuse
    __pow__ = __rpow__ = __neg__ = __abs__ = __lt__ = __le__ = __gt__ = __ge__ = _sympy_ = _refuse

    def __str__(self) -> str:
        return self._tensor.label.name


def named(name: str, expr: Any, *indices: Index) -> Any:
    """An intermediate that keeps its name in the derivation, on the page and in the generated code.

    With ``indices`` it is a tensor: ``s = named("s", expr, i, j)`` is then used as ``s[i, j]``.
    """
    scope = _scope.get()
    if scope is None:
        raise DeclarationError(f"named({name!r}, …) belongs inside a function decorated with @loss")
    _checked_name(scope.loss_name, name, "an intermediate")
    if name in scope.reserved or name in scope.definitions:
        raise DeclarationError(f"{scope.loss_name}: the name {name!r} is used twice; give this one another")
    expr = _elaborated(scope.loss_name, expr)
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
    sizes = tuple(_size_of(i, expr) for i in indices)
    base = IndexedBase(name, shape=sizes, **assumptions)
    for place, written in enumerate(indices):
        expr = functions.at_index(expr, written, functions.free_index(place))
    formal = tuple(functions.free_index(place) for place in range(len(indices)))
    scope.definitions[name] = Definition(base, formal, expr)
    return NamedTensor(base, tuple(s.name for s in sizes))


def normalized(value: Any, *, by: Any) -> tuple[Any, Any]:
    """A loss whose batch mean is Σ value / Σ by, as a class-weighted cross-entropy has it. Return it."""
    return _Normalized((value, by))


class _Normalized(tuple):
    pass


def parameter(name: str, domain: Domain, default: Any) -> Parameter:
    """A hyper-parameter for a composition: ``huber + parameter("lam", NonNegative, 0.01) * l2_penalty``."""
    if not isinstance(domain, Domain):
        raise DeclarationError(f"parameter {name!r}: a domain such as NonNegative is wanted, not {domain!r}")
    return _checked_default("", Parameter(_checked_name("", name, "a parameter"), TensorType(domain), default=default))


def _size_of(index: Symbol, expr: Expr) -> Expr:
    """The length of the axis that ``index`` runs over, read off the tensors that it indexes."""
    found = []
    for element in sorted(expr.atoms(Indexed), key=str):
        for place, length in zip(element.args[1:], element.base.shape, strict=True):
            if place == index and length not in found:
                found.append(length)
    for binder in expr.atoms(functions.Softmax, functions.LogSoftmax):
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
            expr = sympy.sympify(_scalar(self._name, expr))
            for one in reversed(indices):
                expr = self._make(expr, one, _size_of(one, expr))
            return expr

        return reduced

    def __call__(self, *_: Any) -> Any:
        raise DeclarationError(f"{self._name} needs an index: write {self._name}[j](…) with j = index('j')")


class _Max(_Along):
    """``Max[j](expr)`` along an axis, and ``Max(a, b)`` of numbers."""

    def __call__(self, *args: Any) -> Expr:
        return sympy.Max(*(_scalar("Max", a) for a in args))


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
        return lambda expr: _AtPlaceOf(self._binder, sympy.sympify(_scalar(self._name, expr)), index)


class _AtPlaceOf:
    def __init__(self, binder: type[Binder], body: Expr, index: Index):
        self._binder, self._body, self._index = binder, body, index

    def __getitem__(self, place: Any) -> Expr:
        return self._binder(self._body, self._index, _size_of(self._index, self._body), place)


def _scalar(word: str, expr: Any) -> Any:
    if isinstance(expr, NamedTensor):
        raise expr._misused()
    if not isinstance(expr, (int, float, Expr)):
        raise DeclarationError(f"{word}(…) takes an expression, not {type(expr).__name__} {expr!r}")
    return expr


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
    return -sympy.Max(*(-_scalar("Min", a) for a in args))


def Piecewise(*pairs: tuple[Any, Any]) -> Expr:
    """A formula by cases: ``Piecewise((r**2 / 2, Abs(r) <= delta), (…, True))``; the first that holds counts."""
    if not all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs):
        raise DeclarationError("Piecewise takes pairs (value, condition)")
    if not pairs or sympy.sympify(pairs[-1][1]) != sympy.true:
        raise DeclarationError("Piecewise: the last condition must be True, so that every point has a value")
    return Cases(*((_scalar("Piecewise", value), condition) for value, condition in pairs))


# --- declaring --------------------------------------------------------------------------------------------


def loss(
    function: Callable | None = None,
    /,
    *,
    task: str = "custom",
    cite: str | Iterable[str] = (),
    metrics: Iterable[str] = (),
    over: str | None = None,
    wrt: str | Iterable[str] | None = None,
    kink: str = "zero",
    kinks: str = "",
) -> Any:
    """Declare a loss: decorate the function that writes its formula.

    Parameters
    ----------
    task : one of regression, classification, segmentation, metric_learning, ranking, generative,
        regularization, custom.
    cite : the paper or textbook, one or several.
    metrics : the metrics with which a model trained on it is usually evaluated.
    over : ``"batch"`` where the expression spans the whole batch rather than one example.
    wrt : the tensors to differentiate by; default: the first one.
    kink : the derivative that ``Max(constant, x)`` takes where both are equal: ``"zero"`` as torch.relu,
        or ``"one"`` as torch.clamp.
    kinks : a sentence on the convention at the kinks, for the page.

    Raises
    ------
    DeclarationError
        Where the declaration is wrong: which loss, where, and what to write instead.
    """

    def declare(f: Callable) -> Loss:
        return _declare(
            f,
            task=task,
            cite=(cite,) if isinstance(cite, str) else tuple(cite),
            metrics=tuple(metrics),
            over=over,
            wrt=(wrt,) if isinstance(wrt, str) else wrt if wrt is None else tuple(wrt),
            kink=kink,
            kinks=kinks,
        )

    return declare if function is None else declare(function)


def _declare(function, *, task, cite, metrics, over, wrt, kink, kinks) -> Loss:
    name = _checked_name("", function.__name__, "a loss")
    if task not in TASKS:
        raise DeclarationError(f"{name}: task {task!r} is none of {', '.join(TASKS)}")
    if over not in (None, "batch"):
        raise DeclarationError(f'{name}: over={over!r}; write over="batch", or leave it out')
    if kink not in ("zero", "one"):
        raise DeclarationError(f'{name}: kink={kink!r}; write "zero" or "one"')
    inputs, parameters = _signature(name, function, per_example=over is None)
    result, definitions = _body(name, function, inputs, parameters)
    value, by = result if isinstance(result, _Normalized) else (result, 1)
    ties = _ties(kink, {i.name for i in inputs}, definitions)
    value, by = (_elaborated(name, e, ties, definitions) for e in (value, by))
    definitions = {k: d._replace(expr=_elaborated(name, d.expr, ties, definitions)) for k, d in definitions.items()}
    if over is not None and by != 1:
        raise DeclarationError(f"{name}: normalized(…) is for the mean over examples; here the formula says it itself")
    declared = Loss(
        name=name,
        inputs=inputs,
        parameters=parameters,
        differentiated=wrt if wrt is not None else (),
        example=value if over is None else sympy.Integer(0),
        normalizer=by,
        batch=value if over is not None else sympy.Integer(0),
        definitions=definitions,
        doc=inspect.cleandoc(function.__doc__ or ""),
        task=task,
        cite=cite,
        metrics=metrics,
        kinks=kinks,
        source=_source(function),
    )
    _check(declared)
    if wrt is None:
        first = next((i.name for i in inputs if i.differentiable and declared.depends(value, i.name)), None)
        if first is None:
            raise DeclarationError(f"{name}: the formula contains no tensor that can be differentiated by")
        declared = replace(declared, differentiated=(first,))
    for one in declared.differentiated:
        _check_differentiable(declared, one)
    _check_real(declared)
    return declared


def _source(function: Callable) -> str:
    try:
        return inspect.cleandoc(inspect.getsource(function))
    except OSError:
        return ""


def _signature(name: str, function: Callable, per_example: bool) -> tuple[tuple, tuple]:
    try:
        annotations = inspect.get_annotations(function, eval_str=True)
    except Exception as error:
        raise DeclarationError(f"{name}: an annotation cannot be read: {error}") from error
    inputs: list[Input] = []
    parameters: list[Parameter] = []
    for argument in inspect.signature(function).parameters.values():
        where = f"{name}: argument {argument.name!r}"
        if argument.kind in (argument.VAR_POSITIONAL, argument.VAR_KEYWORD):
            raise DeclarationError(f"{where}: name each argument; *args and **kwargs cannot be declared")
        if argument.name not in annotations:
            raise DeclarationError(f"{where} has no domain; annotate it, such as {argument.name}: Real")
        declared = annotations[argument.name]
        kind = TensorType(declared) if isinstance(declared, Domain) else declared
        if kind is ClassIndex:
            raise DeclarationError(f'{where}: name the axis that it indexes, such as ClassIndex["C"]')
        if not isinstance(kind, TensorType):
            raise DeclarationError(f"{where}: the annotation {declared!r} is no domain, such as Real or Real['C']")
        if kind.domain.sums_to_one and not kind.axes:
            raise DeclarationError(f'{where}: name the axis that sums to one, such as Simplex["C"]')
        _checked_name(name, argument.name, "an argument")
        if argument.kind is argument.KEYWORD_ONLY:
            if argument.default is argument.empty:
                raise DeclarationError(f"{where} is a hyper-parameter (keyword-only): give it a default")
            if kind.classes:
                raise DeclarationError(f"{where}: class indices belong to the tensors, before the *")
            parameters.append(_checked_default(name, Parameter(argument.name, kind, default=argument.default)))
            continue
        if argument.default is not argument.empty:
            raise DeclarationError(f"{where} has a default: put it behind a * to make it a hyper-parameter")
        if argument.name == "weight":
            raise DeclarationError(f"{where}: weight is what the toolkit weighs examples by; choose another name")
        inputs.append(Input(argument.name, kind, per_example))
    if not inputs:
        raise DeclarationError(f"{name}: no tensor; declare one before the *, such as prediction: Real")
    return tuple(inputs), tuple(parameters)


def _body(name: str, function: Callable, inputs, parameters) -> tuple[Any, dict[str, Definition]]:
    def handle(argument: Input) -> Any:
        return NamedTensor(argument.tensor, argument.axes) if argument.axes else argument.symbol

    scope = _Scope(name, {a.name for a in (*inputs, *parameters)})
    token = _scope.set(scope)
    try:
        result = function(*(handle(i) for i in inputs), **{p.name: handle(p) for p in parameters})
    except DeclarationError as error:
        text = str(error)
        raise DeclarationError(text if text.startswith(f"{name}:") else f"{name}: {text}") from None
    finally:
        _scope.reset(token)
    if result is None:
        raise DeclarationError(f"{name}: the function returns nothing; return the formula")
    return result, scope.definitions


# --- checks and elaboration -------------------------------------------------------------------------------

_C_WORDS = frozenset(
    "auto break case char const continue default do double else enum extern float for goto if inline int long "
    "register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while "
    "alignas alignof and and_eq asm bitand bitor bool catch class compl concept const_cast constexpr decltype "
    "delete dynamic_cast explicit export false friend mutable namespace new noexcept not not_eq nullptr operator "
    "or or_eq private protected public reinterpret_cast requires static_assert static_cast template this throw "
    "true try typeid typename using virtual wchar_t xor xor_eq main NULL NAN INFINITY HUGE_VAL errno".split()
)
_OWN_WORDS = frozenset("n reduction value scale total_weight workspace status vector np numpy symloss inf nan".split())
_C_FUNCTIONS = frozenset("exp expm1 log log1p log2 log10 pow sqrt fabs tanh cosh sinh sin cos tan floor ceil erf "
                         "erfc fmax fmin hypot isnan isfinite isinf lgamma tgamma printf malloc free abs".split())  # fmt: skip
_INDEX_NAMES = frozenset(functions.INDEX_NAMES)


def _checked_name(loss_name: str, name: Any, what: str) -> str:
    where = f"{loss_name}: " if loss_name else ""
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        raise DeclarationError(f"{where}{name!r} cannot name {what}: use ASCII letters, digits and _, a letter first")
    if "__" in name or name.endswith("_"):
        raise DeclarationError(f"{where}{name!r} cannot name {what}: no double or final underscore, please")
    if keyword.iskeyword(name) or keyword.issoftkeyword(name) and name != "type" or name in _C_WORDS:
        raise DeclarationError(f"{where}{name!r} cannot name {what}: it is a keyword of Python or C; choose another name")
    if name in _OWN_WORDS or name in _C_FUNCTIONS:
        raise DeclarationError(f"{where}{name!r} cannot name {what}: generated code uses it; choose another name")
    if what != "a loss" and name in _INDEX_NAMES:
        raise DeclarationError(f"{where}{name!r} cannot name {what}: it names an index; choose another name")
    return name


def _checked_default(loss_name: str, p: Parameter) -> Parameter:
    where = f"{loss_name}: hyper-parameter {p.name!r}" if loss_name else f"hyper-parameter {p.name!r}"
    default = p.default
    if isinstance(default, bool) or not isinstance(default, (int, float, sympy.Rational)):
        raise DeclarationError(f"{where}: its default must be a number, not {default!r}")
    if not p.domain.contains(float(default)):
        raise DeclarationError(f"{where}: its default {default} is not {p.domain.words}")
    if p.domain.sums_to_one:
        raise DeclarationError(f"{where}: a distribution cannot be a hyper-parameter")
    return replace(p, default=int(default) if p.domain.integer else default)


def _check_differentiable(declared: Loss, name: str) -> None:
    names = {i.name: i for i in declared.inputs}
    if name not in names:
        raise DeclarationError(f"{declared.name}: no tensor {name!r} to differentiate by; it has {', '.join(names)}")
    if not names[name].differentiable:
        raise DeclarationError(
            f"{declared.name}: {name!r} is {names[name].domain.words}; there is no derivative with respect to it"
        )


def _exact(number: Any) -> Expr:
    """A number as a rational: 0.1 is one tenth."""
    return sympy.Rational(repr(number)) if isinstance(number, float) and abs(number) != float("inf") else sympy.sympify(number)


def _ties(kink: str, inputs: set[str], definitions: dict[str, Definition]) -> Callable[[Expr], Expr]:
    """How Max(a, b) of this declaration becomes ``maximum(a, b, tie)``."""

    def varies(expr: Expr) -> bool:
        names = {s.name for s in expr.free_symbols if isinstance(s, Symbol)}
        return bool(names & inputs) or any(varies(definitions[n].expr) for n in names & definitions.keys())

    def convert(node: Expr) -> Expr | None:
        if not isinstance(node, sympy.Max):
            return None
        first, *others = sorted(node.args, key=lambda a: (varies(a), sympy.default_sort_key(a)))
        for other in others:
            one_sided = sympy.Integer(1 if kink == "one" else 0)
            first = maximum(first, other, sympy.Rational(1, 2) if varies(first) else one_sided)
        return first

    return convert


def _elaborated(
    name: str, expr: Any, ties: Callable | None = None, definitions: dict[str, Definition] | None = None
) -> Expr:
    """The expression with exact numbers, conventions attached, and c·log u read as ``xlogy`` where c can be 0."""
    if isinstance(expr, NamedTensor):
        raise DeclarationError(f"{name}: {expr._misused()}")
    if isinstance(expr, (bool, sympy.logic.boolalg.Boolean)) or not isinstance(expr, (int, float, Expr)):
        raise DeclarationError(f"{name}: the formula must be one number, not {type(expr).__name__} {expr!r}")

    def rewrite(node):
        if isinstance(node, sympy.Float):
            return _exact(float(node))
        if isinstance(node, sympy.Piecewise):
            return Cases(*((v, c) for v, c in node.args))
        if isinstance(node, sympy.Min):
            node = -sympy.Max(*(-a for a in node.args))
        if ties is not None:
            if isinstance(node, sympy.Mul) and any(isinstance(a, sympy.Max) for a in node.args):
                return None
            tied = ties(node)
            if tied is not None:
                return tied
            if isinstance(node, sympy.Mul):
                return _as_xlogy(node, definitions)
        return None

    if isinstance(expr, float):
        return _exact(expr)
    return functions.rebuild(expr, rewrite)


def _as_xlogy(product: Expr, definitions: dict[str, Definition]) -> Expr | None:
    """c·log u as xlogy(c, u), where c does not share a symbol with u and both can be 0."""
    logs = [a for a in product.args if isinstance(a, log) and not _never_zero(a.args[0], definitions)]
    if len(logs) != 1:
        return None
    argument = logs[0].args[0]
    number, rest = (product / logs[0]).as_coeff_Mul()
    if not _labels(rest) or _labels(rest) & _labels(argument) or rest.is_nonzero:
        return None
    weights = [f for f in sympy.Mul.make_args(rest) if not f.is_nonzero]
    outside = sympy.Mul(number, *(f for f in sympy.Mul.make_args(rest) if f not in weights))
    weight = sympy.Mul(*weights)
    if weight.as_coeff_Add()[0] < 0:
        weight, outside = -weight, -outside
    return outside * xlogy(weight, argument)


def _labels(expr: Expr) -> set[str]:
    """The names of the tensors, intermediates and hyper-parameters in an expression."""
    return {s.name for s in expr.free_symbols if isinstance(s, Symbol) and not s.is_integer}


def _never_zero(u: Expr, definitions: dict[str, Definition]) -> bool:
    """Whether u > 0 can be read off: a positive symbol, or 1 − σ(x), 1 − softmax(x)."""
    if u.is_positive:
        return True
    rest = 1 - u
    label = rest.name if isinstance(rest, Symbol) else rest.base.label.name if isinstance(rest, Indexed) else None
    if label in definitions:
        rest = definitions[label].expr
    return isinstance(rest, (sigmoid, functions.Softmax))


def _check(declared: Loss) -> None:
    """Refuse symbols that were not declared, axes that do not match, and numbers that are not real."""
    name = declared.name
    known = {a.name for a in (*declared.inputs, *declared.parameters)} | set(declared.definitions)
    sizes = {size_symbol(a) for a in declared.axes}
    parts = [("", declared.example, {}), ("", declared.normalizer, {}), ("", declared.batch, {})]
    parts += [(f" (in {d.name!r})", d.expr, d.axis_of()) for d in declared.definitions.values()]
    for where, expr, indices in parts:
        if expr.has(sympy.I, sympy.zoo, sympy.nan) or expr.is_extended_real is False:
            raise DeclarationError(f"{name}{where}: {expr} is not a real number; a loss must be real")
        for symbol in sorted(expr.free_symbols, key=str):
            if isinstance(symbol, Indexed) or symbol in sizes or symbol in indices:
                continue
            if isinstance(symbol, Index):
                raise DeclarationError(
                    f"{name}{where}: index {symbol} is free in {expr}, so this is no single number; "
                    f"bind it, such as Sum[{symbol}](…)"
                )
            if symbol.name not in known:
                if symbol.is_integer and symbol.is_positive:
                    raise DeclarationError(f"{name}{where}: no argument has the axis {symbol}; declare one")
                raise DeclarationError(
                    f"{name}{where}: the symbol {symbol} is not declared; make it an argument, or a "
                    f"hyper-parameter behind the *: {symbol}: Real = 1"
                )
        _check_functions(name + where, expr)
        _check_indices(declared, name + where, expr, indices)


_PRIMITIVES = (sigmoid, softplus, xlogy, ratio, maximum, sympy.sign, KroneckerDelta, sympy.Max)


def _check_functions(where: str, expr: Expr) -> None:
    for node in sympy.preorder_traversal(expr):
        if isinstance(node, sympy.Function) and not isinstance(node, _PRIMITIVES):
            if type(node) not in SUPPORTED_FUNCTIONS:
                raise DeclarationError(f"{where}: the function {type(node).__name__} in {node} is not supported")
        elif isinstance(node, (sympy.Sum, sympy.Product, sympy.Integral, sympy.Derivative)):
            raise DeclarationError(f"{where}: write symloss's Sum[j](…) in place of SymPy's {type(node).__name__}")


def _check_indices(declared: Loss, where: str, expr: Expr, formal: dict[Symbol, Expr]) -> None:
    """Every index must run over the axis at which it is used."""
    axis_of = {**{b.index: b.size for b in functions.binders(expr)}, **formal}
    for element in sorted(expr.atoms(Indexed), key=str):
        for place, length in zip(element.args[1:], element.base.shape, strict=True):
            if isinstance(place, Index):
                continue
            actual = None
            if place in axis_of:
                if place not in formal and _binds(expr, place, element, length):
                    continue
                actual = axis_of[place]
            elif isinstance(place, ArgMax):
                actual = place.size
            elif isinstance(place, (Symbol, Indexed)):
                label = place.name if isinstance(place, Symbol) else place.base.label.name
                argument = next((i for i in declared.inputs if i.name == label), None)
                if argument is not None and argument.type.classes:
                    actual = size_symbol(argument.type.classes)
            if actual is None:
                raise DeclarationError(
                    f"{where}: {place} cannot index {element}; use an index of a reduction, a ClassIndex argument, "
                    "or argmax[j](…)"
                )
            if actual != length:
                raise DeclarationError(
                    f"{where}: {element} is indexed along its axis {length} by {place}, which runs over {actual}; "
                    "the axes must match"
                )


def _binds(expr: Expr, place: Symbol, element: Indexed, length: Expr) -> bool:
    """Whether a binder of the right size binds ``place`` around ``element``."""
    return any(b.index == place and b.size == length and element in b.body.atoms(Indexed) for b in functions.binders(expr))


def _check_real(declared: Loss) -> None:
    """Evaluate at points of the domain: a formula that leaves the real numbers there is refused."""
    from symloss.sample import sample

    for seed in range(4):
        environment = sample(declared, seed)
        terms = [declared.example, declared.normalizer, declared.batch]
        for term in terms:
            try:
                value = evaluate(term, environment, 20, {})
            except (TypeError, ZeroDivisionError, OverflowError) as error:
                raise DeclarationError(f"{declared.name}: {term} cannot be evaluated: {error}") from error
            if hasattr(value, "imag") and value.imag != 0:
                at = ", ".join(f"{k} = {_short(v)}" for k, v in environment.values.items())
                raise DeclarationError(
                    f"{declared.name}: the formula is not real on the declared domain: at {at} it is "
                    f"{complex(value):.4g}; narrow a domain (Positive, Probability), or mend the formula"
                )


def _short(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_short(v) for v in value) + "]"
    return f"{float(value):.4g}"


# --- composition ------------------------------------------------------------------------------------------


def _merged(name: str, first: tuple, second: tuple) -> tuple:
    """The arguments of two losses; one of the same name must mean the same."""
    merged = list(first)
    for argument in second:
        same = next((m for m in merged if m.name == argument.name), None)
        if same is None:
            merged.append(argument)
        elif same != argument:
            raise DeclarationError(
                f"{name}: {argument.name!r} is {_described(same)} in one part and {_described(argument)} in the other; "
                f'rename one, such as loss.renamed({argument.name}="{argument.name}_2")'
            )
    return tuple(merged)


def _described(argument: Input) -> str:
    text = f"{argument.type}"
    return f"{text} = {argument.default}" if isinstance(argument, Parameter) else text


def _compose(a: Loss, b: Loss) -> Loss:
    name = f"{a.name}_plus_{b.name}"
    a, b = _matched(a, b)
    if a.example != 0 and b.example != 0 and a.normalizer != b.normalizer:
        raise DeclarationError(
            f"{name}: the means of the two parts are taken relative to different totals "
            f"({a.normalizer} and {b.normalizer}), so they have no common sum"
        )
    clash = {old: _unused(old, {*a.definitions, *b.definitions}) for old in a.definitions.keys() & b.definitions.keys()
             if a.definitions[old] != b.definitions[old]}  # fmt: skip
    b = _rename(b, clash)
    taken = {i.name for i in (*a.inputs, *a.parameters, *b.inputs, *b.parameters)}
    for one in {*a.definitions, *b.definitions} & taken:
        raise DeclarationError(f"{name}: {one!r} names an argument of one part and an intermediate of the other")
    inputs = _merged(name, a.inputs, b.inputs)
    parameters = _merged(name, a.parameters, b.parameters)
    for both in {i.name for i in inputs} & {p.name for p in parameters}:
        raise DeclarationError(f"{name}: {both!r} is a tensor in one part and a hyper-parameter in the other; rename one")
    return Loss(
        name=name,
        inputs=inputs,
        parameters=parameters,
        differentiated=tuple(dict.fromkeys((*a.differentiated, *b.differentiated))),
        example=a.example + b.example,
        normalizer=a.normalizer if a.example != 0 else b.normalizer,
        batch=a.batch + b.batch,
        definitions={**a.definitions, **b.definitions},
        doc=f"{a.name} plus {b.name}.",
        task=a.task,
        cite=tuple(dict.fromkeys((*a.cite, *b.cite))),
        metrics=tuple(dict.fromkeys((*a.metrics, *b.metrics))),
        kinks=" ".join(dict.fromkeys(k for k in (a.kinks, b.kinks) if k)),
    )


def _matched(a: Loss, b: Loss) -> tuple[Loss, Loss]:
    """Both losses with one meaning of each tensor that they share.

    A tensor with one entry for each example in one loss, and with the batch as its first axis in the other, makes
    the first a loss over the batch. Of two domains, one inside the other, the narrower holds.
    """
    for one in a.inputs:
        other = next((i for i in b.inputs if i.name == one.name), None)
        if other is None or one == other:
            continue
        if one.per_example and not other.per_example and other.axes[1:] == one.axes:
            return _matched(lifted(a, other.axes[0]).loss, b)
        if other.per_example and not one.per_example and one.axes[1:] == other.axes:
            return _matched(a, lifted(b, one.axes[0]).loss)
        if one.per_example == other.per_example and one.axes == other.axes and one.type.classes == other.type.classes:
            if other.domain.within(one.domain):
                return _matched(_retyped(a, one.name, other.type), b)
            if one.domain.within(other.domain):
                return _matched(a, _retyped(b, one.name, one.type))
    return a, b


def _retyped(loss: Loss, name: str, type_: TensorType) -> Loss:
    """The loss with a narrower domain for one of its tensors."""
    assumptions = type_.domain.sympy_assumptions

    def retype(node: Expr) -> Expr | None:
        if isinstance(node, Symbol) and node.name == name and not isinstance(node, (Index, sympy.Dummy)):
            return Symbol(name, **assumptions)
        if isinstance(node, Indexed) and node.base.label.name == name:
            return Indexed(IndexedBase(name, shape=node.base.shape, **assumptions), *node.args[1:])
        return None

    return _mapped(
        replace(loss, inputs=tuple(replace(i, type=type_) if i.name == name else i for i in loss.inputs)), retype
    )


def _mapped(loss: Loss, rewrite: Callable[[Expr], Expr | None]) -> Loss:
    """The loss with a rewrite carried through all of its expressions."""

    def everywhere(expr: Expr) -> Expr:
        return functions.rebuild(expr, rewrite, top_down=True)

    return replace(
        loss,
        example=everywhere(loss.example),
        normalizer=everywhere(loss.normalizer),
        batch=everywhere(loss.batch),
        definitions={k: d._replace(expr=everywhere(d.expr)) for k, d in loss.definitions.items()},
    )


def _unused(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def _rename(old: Loss, names: dict[str, str]) -> Loss:
    """The loss with other names for arguments or intermediates."""
    if not names:
        return old
    taken = {a.name for a in (*old.inputs, *old.parameters)} | set(old.definitions)
    for before, after in names.items():
        _checked_name(old.name, after, "an argument")
        if after in taken - names.keys():
            raise DeclarationError(f"{old.name}: {before!r} cannot become {after!r}: that name is taken")

    def rename(node: Expr) -> Expr | None:
        if isinstance(node, Symbol) and node.name in names and not isinstance(node, (Index, sympy.Dummy)):
            return Symbol(names[node.name], **node.assumptions0)
        if isinstance(node, Indexed) and node.base.label.name in names:
            base = node.base
            new = IndexedBase(names[base.label.name], shape=base.shape, **base.label.assumptions0)
            return Indexed(new, *(functions.rebuild(a, rename, top_down=True) for a in node.args[1:]))
        return None

    def symbol(definition: Definition) -> Any:
        new = names.get(definition.name)
        if new is None:
            return definition.symbol
        if isinstance(definition.symbol, Symbol):
            return Symbol(new, **definition.symbol.assumptions0)
        return IndexedBase(new, shape=definition.symbol.shape, **definition.symbol.label.assumptions0)

    def argument(one: Any) -> Any:
        also = one.type.also
        return replace(one, name=names.get(one.name, one.name), type=replace(one.type, also=names.get(also, also)))

    renamed = _mapped(old, rename)
    return replace(
        renamed,
        inputs=tuple(argument(i) for i in old.inputs),
        parameters=tuple(argument(p) for p in old.parameters),
        differentiated=tuple(names.get(d, d) for d in old.differentiated),
        definitions={names.get(k, k): d._replace(symbol=symbol(d)) for k, d in renamed.definitions.items()},
    )


# --- from one example to the batch ------------------------------------------------------------------------


class Lifted:
    """A loss over examples written out over its batch: every input has the batch's axis in front of its own."""

    def __init__(self, loss: Loss, axis: str):
        self.axis = axis
        self._old = loss
        self._inputs = {
            i.name: replace(i, type=replace(i.type, axes=(axis, *i.axes)), per_example=False)
            for i in loss.inputs
            if i.per_example
        }
        self._bases: dict[str, IndexedBase] = {}
        for d in loss.definitions.values():
            if any(loss.depends(d.expr, name) for name in self._inputs):
                label = d.symbol if isinstance(d.symbol, Symbol) else d.symbol.label
                shape = (size_symbol(axis), *getattr(d.symbol, "shape", ()))
                self._bases[d.name] = IndexedBase(d.name, shape=shape, **_assumed(label))
        self.loss = replace(
            loss,
            inputs=tuple(self._inputs.get(i.name, i) for i in loss.inputs),
            definitions={name: self._definition(d) for name, d in loss.definitions.items()},
            example=sympy.Integer(0),
            normalizer=sympy.Integer(1),
        )
        self.loss = replace(self.loss, batch=self.rows(loss.example) / self.total(loss.normalizer) + loss.batch)

    def _definition(self, d: Definition) -> Definition:
        if d.name not in self._bases:
            return d
        formal = tuple(functions.free_index(place) for place in range(len(d.indices) + 1))
        return Definition(self._bases[d.name], formal, self.row(d.at(*formal[1:]), formal[0]))

    def argument(self, name: str) -> Input:
        return self._inputs.get(name) or self._old.argument(name)

    def row(self, expr: Expr, i: Expr) -> Expr:
        """An expression about one example, said of example ``i``."""

        def lift(node: Expr) -> Expr | None:
            if isinstance(node, Symbol):
                base = self._base(node.name)
                return None if base is None or not isinstance(node, Symbol) else Indexed(base, i)
            if isinstance(node, Indexed):
                base = self._base(node.base.label.name)
                places = [self.row(a, i) for a in node.args[1:]]
                return Indexed(node.base, *places) if base is None else Indexed(base, i, *places)
            return None

        return functions.rebuild(expr, lift, top_down=True)

    def _base(self, name: str) -> IndexedBase | None:
        if name in self._inputs:
            return self._inputs[name].tensor
        return self._bases.get(name)

    def rows(self, expr: Expr) -> Expr:
        """The sum of an expression about one example over the examples."""
        index = Index("row")
        return functions.Sum(self.row(expr, index), index, size_symbol(self.axis))

    def total(self, normalizer: Expr) -> Expr:
        """What the sum over the examples is divided by in a mean."""
        return size_symbol(self.axis) if normalizer == 1 else self.rows(normalizer)


def _assumed(symbol: Symbol) -> dict[str, bool]:
    return {k: True for k in ("real", "positive", "nonnegative", "integer") if symbol.assumptions0.get(k)}


def lifted(loss: Loss, axis: str) -> Lifted:
    """``loss`` as a loss over the whole batch, the mean of its examples, with the batch's axis called ``axis``."""
    return Lifted(loss, axis)
