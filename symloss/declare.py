"""The decorator ``@loss``: reads a declaration, and refuses a wrong one with what to write instead."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import sympy
from sympy import (
    Abs,
    Eq,
    Ne,
    oo,
    sign,
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
from symloss.elaborate import elaborated, ties_of
from symloss.functions import names_in, sigmoid, softplus, xlogy
from symloss.language import (
    Max,
    Mean,
    Min,
    NamedTensor,
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
    sinh,
    size,
    softmax,
    sqrt,
    tanh,
)
from symloss.refusals import check_formula, check_names, check_real
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

    def declare(f: Callable) -> Loss:
        if not inspect.isfunction(f):
            raise DeclarationError(f"@loss decorates a function, not {f!r}")
        if not isinstance(kinks, str):
            raise DeclarationError(f"{f.__name__}: @loss(kinks={kinks!r}): a sentence is wanted")
        for option, given in (("cite", cite), ("metrics", metrics), ("wrt", wrt or ())):
            if not isinstance(given, (str, list, tuple)) or not all(isinstance(one, str) for one in given):
                raise DeclarationError(
                    f"{f.__name__}: @loss({option}={given!r}): a string or a tuple of strings is wanted"
                )
        return _declare(
            f,
            task=task,
            cite=(cite,) if isinstance(cite, str) else tuple(cite),
            metrics=(metrics,) if isinstance(metrics, str) else tuple(metrics),
            over=over,
            wrt=(wrt,) if isinstance(wrt, str) else wrt if wrt is None else tuple(wrt),
            kink=kink,
            kinks=kinks,
            native_float32=native_float32,
        )

    return declare if function is None else declare(function)


def _declare(
    function: Callable,
    *,
    task: str,
    cite: tuple[str, ...],
    metrics: tuple[str, ...],
    over: str | None,
    wrt: tuple[str, ...] | None,
    kink: str,
    kinks: str,
    native_float32: bool,
) -> Loss:
    name = checked_name("", function.__name__, "a loss")
    if task not in TASKS:
        raise DeclarationError(f"{name}: task {task!r} is none of {', '.join(TASKS)}")
    if over not in (None, "batch"):
        raise DeclarationError(f'{name}: over={over!r}; write over="batch", or leave it out')
    if kink not in ("zero", "one"):
        raise DeclarationError(f'{name}: kink={kink!r}; write "zero" or "one"')
    if not isinstance(native_float32, bool):
        raise DeclarationError(f"{name}: native_float32={native_float32!r}; write True or False")
    inputs, parameters = _signature(name, function, per_example=over is None)
    result, definitions = _body(name, function, inputs, parameters)
    value, by = result if isinstance(result, Normalized) else (result, 1)
    ties = ties_of(kink, {i.name for i in inputs}, definitions)
    value, by = (elaborated(name, e, ties, definitions) for e in (value, by))
    definitions = {
        k: d._replace(expr=elaborated(name, d.expr, ties, definitions)) for k, d in definitions.items()
    }
    if by == 0 or by.atoms(functions.Binder) or any(definition in names_in(by) for definition in definitions):
        raise DeclarationError(
            f"{name}: normalized(…, by={by}): no mean is taken relative to that; write it in the arguments alone"
        )
    if over is not None and by != 1:
        raise DeclarationError(
            f"{name}: normalized(…) is for the mean over examples; here the formula says it itself"
        )
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
        native_float32=native_float32,
        source=_source(function),
    )
    check_formula(declared)
    check_names(declared)
    if wrt is None:
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
            raise DeclarationError(
                f"{where}: the annotation {declared!r} is no domain, such as Real or Real['C']"
            )
        if kind.domain.sums_to_one and not kind.axes:
            raise DeclarationError(f'{where}: name the axis that sums to one, such as Simplex["C"]')
        checked_name(name, argument.name, "an argument")
        if argument.name == "weight" and (per_example or argument.kind is not argument.KEYWORD_ONLY):
            raise DeclarationError(
                f"{where}: weight is what the toolkit weighs examples by; choose another name"
            )
        if argument.kind is argument.KEYWORD_ONLY:
            if argument.default is argument.empty:
                raise DeclarationError(f"{where} is a hyper-parameter (keyword-only): give it a default")
            if kind.classes:
                raise DeclarationError(f"{where}: class indices belong to the tensors, before the *")
            parameters.append(checked_default(name, Parameter(argument.name, kind, default=argument.default)))
            continue
        if argument.default is not argument.empty:
            raise DeclarationError(f"{where} has a default: put it behind a * to make it a hyper-parameter")
        if argument.name == "weight":
            raise DeclarationError(
                f"{where}: weight is what the toolkit weighs examples by; choose another name"
            )
        inputs.append(Input(argument.name, kind, per_example))
    if not inputs:
        raise DeclarationError(f"{name}: no tensor; declare one before the *, such as prediction: Real")
    arguments = (*inputs, *parameters)
    _check_axes(name, arguments)
    for one in inputs:
        named_by = next((p for p in parameters if p.name == one.type.also), None)
        if one.type.also and (named_by is None or not named_by.domain.integer):
            raise DeclarationError(
                f"{name}: argument {one.name!r} allows the value of {one.type.also!r}, which must be a hyper-parameter "
                f"behind the *: {one.type.also}: Integer = -100"
            )
    return tuple(inputs), tuple(parameters)


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
