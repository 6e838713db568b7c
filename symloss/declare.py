"""The decorator ``@loss``: reads a declaration, and refuses a wrong one with what to write instead."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy
from sympy import oo

from symloss import functions
from symloss.docstring import docstring
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
from symloss.elaborate import elaborated, ties_of
from symloss.functions import names_in
from symloss.language import (
    Abs,
    Eq,
    Max,
    Mean,
    Min,
    NamedTensor,
    Ne,
    Normalized,
    Piecewise,
    Scope,
    Sum,
    argmax,
    cosh,
    exp,
    index,
    log,
    log_softmax,
    logsumexp,
    named,
    norm,
    normalized,
    parameter,
    scope_var,
    sigmoid,
    sign,
    sinh,
    size,
    softmax,
    softplus,
    sqrt,
    tanh,
    xlogy,
)
from symloss.refusals import check_formula, check_length, check_names, check_real
from symloss.room import with_room
from symloss.value import (
    DeclarationError,
    Definition,
    Input,
    Loss,
    Parameter,
    checked_default,
    checked_name,
)

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
    "argmax",
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
    native_float32: bool = False,
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
    native_float32 : whether values and gradients of float32 tensors are computed in float32, which takes a half
        to a third of the time; otherwise they are computed in float64 and rounded once, which holds the accuracy
        wherever a part of the formula leaves the range of float32. ``symloss certify`` tells whether a loss
        stands it. Second derivatives are always computed in float64.

    Raises
    ------
    DeclarationError
        Where the declaration is wrong: which loss, where, and what to write instead.
    """

    if function is not None and not inspect.isfunction(function):
        raise DeclarationError(f"@loss takes keyword arguments, such as task='regression', not {function!r}")
    given = _Options(task, cite, metrics, over, wrt, kink, kinks, native_float32)

    def declare(f: Callable) -> Loss:
        if not inspect.isfunction(f):
            raise DeclarationError(f"@loss decorates a function, not {f!r}")
        return _declare(f, given.checked(f.__name__))

    return declare if function is None else declare(function)


@dataclass(frozen=True)
class _Options:
    """What ``@loss`` is given beside the function."""

    task: str
    cite: Any
    metrics: Any
    over: str | None
    wrt: Any
    kink: str
    kinks: str
    native_float32: bool

    def checked(self, name: str) -> _Options:
        """The same with tuples where one or several may be given; DeclarationError for what means nothing."""
        if not isinstance(self.kinks, str):
            raise DeclarationError(f"{name}: @loss(kinks={self.kinks!r}): a sentence is wanted")
        several: dict[str, Any] = {}
        for option in ("cite", "metrics", "wrt"):
            given = getattr(self, option)
            if option == "wrt" and given is None:
                continue
            if not isinstance(given, (str, list, tuple)) or not all(isinstance(one, str) for one in given):
                raise DeclarationError(
                    f"{name}: @loss({option}={given!r}): a string or a tuple of strings is wanted"
                )
            several[option] = (given,) if isinstance(given, str) else tuple(given)
        if self.task not in TASKS:
            raise DeclarationError(f"{name}: task {self.task!r} is none of {', '.join(TASKS)}")
        if self.over not in (None, "batch"):
            raise DeclarationError(f'{name}: over={self.over!r}; write over="batch", or leave it out')
        if self.kink not in ("zero", "one"):
            raise DeclarationError(f'{name}: kink={self.kink!r}; write "zero" or "one"')
        if not isinstance(self.native_float32, bool):
            raise DeclarationError(f"{name}: native_float32={self.native_float32!r}; write True or False")
        return replace(self, **several)


@with_room
def _declare(function: Callable, options: _Options) -> Loss:
    name = checked_name("", function.__name__, "a loss")
    spans_batch = options.over is not None
    inputs, parameters = _signature(name, function, per_example=not spans_batch)
    result, definitions = _body(name, function, inputs, parameters)
    value, by = result if isinstance(result, Normalized) else (result, 1)
    ties = ties_of(options.kink, {i.name for i in inputs}, definitions)
    value, by = (elaborated(name, e, ties, definitions) for e in (value, by))
    definitions = {
        k: d._replace(expr=elaborated(name, d.expr, ties, definitions)) for k, d in definitions.items()
    }
    check_length(name, (value, by, *(d.expr for d in definitions.values())))
    if by == 0 or by.atoms(functions.Binder) or any(definition in names_in(by) for definition in definitions):
        raise DeclarationError(
            f"{name}: normalized(…, by={by}): no mean is taken relative to that; write it in the arguments alone"
        )
    if spans_batch and by != 1:
        raise DeclarationError(
            f"{name}: normalized(…) is for the mean over examples; here the formula says it itself"
        )
    declared = Loss(
        name=name,
        inputs=inputs,
        parameters=parameters,
        differentiated=options.wrt or (),
        example=sympy.Integer(0) if spans_batch else value,
        normalizer=by,
        batch=value if spans_batch else sympy.Integer(0),
        definitions=definitions,
        doc=docstring(function),
        task=options.task,
        cite=options.cite,
        metrics=options.metrics,
        kinks=options.kinks,
        native_float32=options.native_float32,
        source=_source(function),
    )
    check_formula(declared)
    check_names(declared)
    if options.wrt is None:
        first = next((i.name for i in inputs if i.differentiable and declared.depends(value, i.name)), None)
        if first is None:
            raise DeclarationError(f"{name}: the formula contains no tensor that can be differentiated by")
        declared = replace(declared, differentiated=(first,))
    check_real(declared)
    return declared.wrt(*declared.differentiated)


def _source(function: Callable) -> str:
    try:
        return inspect.cleandoc(inspect.getsource(function))
    except OSError:
        return ""


def _signature(
    name: str, function: Callable, per_example: bool
) -> tuple[tuple[Input, ...], tuple[Parameter, ...]]:
    try:
        annotations = inspect.get_annotations(function, eval_str=True)
    except Exception as error:
        raise DeclarationError(f"{name}: an annotation cannot be read: {error}") from error
    arguments = [
        _argument(name, one, annotations, per_example)
        for one in inspect.signature(function).parameters.values()
    ]
    parameters = tuple(one for one in arguments if isinstance(one, Parameter))
    inputs = tuple(one for one in arguments if not isinstance(one, Parameter))
    if not inputs:
        raise DeclarationError(f"{name}: no tensor; declare one before the *, such as prediction: Real")
    _check_axes(name, (*inputs, *parameters))
    for one in inputs:
        named_by = next((p for p in parameters if p.name == one.type.also), None)
        if one.type.also and (named_by is None or not named_by.domain.integer):
            raise DeclarationError(
                f"{name}: argument {one.name!r} allows the value of {one.type.also!r}, which must be a hyper-parameter "
                f"behind the *: {one.type.also}: Integer = -100"
            )
    return inputs, parameters


def _argument(
    name: str, argument: inspect.Parameter, annotations: Mapping[str, Any], per_example: bool
) -> Input:
    """The tensor, or the hyper-parameter, that an argument of the function declares."""
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
        raise DeclarationError(
            f"{where}: the annotation {declared!r} is no domain, such as Real or Real['C']"
        )
    if kind.domain.sums_to_one and not kind.axes:
        raise DeclarationError(f'{where}: name the axis that sums to one, such as Simplex["C"]')
    checked_name(name, argument.name, "an argument")
    hyper = argument.kind is argument.KEYWORD_ONLY
    if argument.name == "weight" and (per_example or not hyper):
        raise DeclarationError(f"{where}: weight is what the toolkit weighs examples by; choose another name")
    if not hyper:
        if argument.default is not argument.empty:
            raise DeclarationError(f"{where} has a default: put it behind a * to make it a hyper-parameter")
        return Input(argument.name, kind, per_example)
    if argument.default is argument.empty:
        raise DeclarationError(f"{where} is a hyper-parameter (keyword-only): give it a default")
    if kind.classes:
        raise DeclarationError(f"{where}: class indices belong to the tensors, before the *")
    return checked_default(name, Parameter(argument.name, kind, default=argument.default))


def _check_axes(name: str, arguments: tuple[Input, ...]) -> None:
    names = {a.name for a in arguments}
    for one in arguments:
        for axis in (*one.axes, one.type.classes):
            if axis is None:
                continue
            checked_name(name, axis, f"an axis (of {one.name!r})")
            if axis in names:
                raise DeclarationError(
                    f"{name}: {axis!r} names an axis of {one.name!r} and an argument; rename one"
                )


_MISUSES = {
    "truth value": "a comparison has no value before the numbers are known; write Piecewise((a, a > b), (b, True))",
    "not subscriptable": 'only a tensor with an axis has an index; declare one, such as logits: Real["C"]',
    "loop of ufunc": "NumPy's functions take numbers; write those of symloss, such as exp, log, sqrt, Abs, tanh",
    "expression to float": "float() and the functions of math take numbers; write those of symloss, such as exp, log",
    "Cannot round": "round has no derivative; a loss takes exp, log, sqrt, Abs, Max, Piecewise and the like",
}
"""What to write instead, by what Python says of a common mistake."""


def _body(
    name: str, function: Callable, inputs: tuple[Input, ...], parameters: tuple[Parameter, ...]
) -> tuple[Any, dict[str, Definition]]:
    def handle(argument: Input) -> Any:
        return NamedTensor(argument.tensor, argument.axes) if argument.axes else argument.symbol

    axes = {axis for a in (*inputs, *parameters) for axis in (*a.axes, a.type.classes) if axis}
    scope = Scope(name, {a.name for a in (*inputs, *parameters)} | axes)
    token = scope_var.set(scope)
    try:
        result = function(*(handle(i) for i in inputs), **{p.name: handle(p) for p in parameters})
    except DeclarationError as error:
        text = str(error)
        raise DeclarationError(text if text.startswith(f"{name}:") else f"{name}: {text}") from None
    except TypeError as error:
        hint = next((words for sign, words in _MISUSES.items() if sign in str(error)), None)
        if hint is None:
            raise
        raise DeclarationError(f"{name}: {hint} ({error})") from error
    finally:
        scope_var.reset(token)
    if result is None:
        raise DeclarationError(f"{name}: the function returns nothing; return the formula")
    return result, scope.definitions
