"""The decorator ``@loss``: reads a declaration, and refuses a wrong one with what to write instead."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import mpmath
import sympy
from sympy import (
    Abs,
    Eq,
    Expr,
    Indexed,
    KroneckerDelta,
    Ne,
    Symbol,
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
from symloss.evaluate import SUPPORTED_FUNCTIONS, evaluate
from symloss.functions import ArgMax, Index, maximum, names_in, ratio, sigmoid, size_symbol, softplus, xlogy
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
from symloss.room import with_room
from symloss.sample import sample
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


MOST = 20_000
"""The numbers, names and operations that a formula may have: beyond, its derivatives take minutes."""

DEEPEST = 150
"""The operations that may stand within one another: Python reads no code with more than 200 brackets in brackets."""


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


@with_room
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
    formulas = (value, by, *(d.expr for d in definitions.values()))
    deep, long = max(map(functions.depth, formulas)), sum(map(functions.length, formulas))
    if deep > DEEPEST:
        raise DeclarationError(
            f"{name}: {deep} operations stand within one another, more than {DEEPEST}; give what is inside a name, "
            "such as u = named('u', …)"
        )
    if long > MOST:
        raise DeclarationError(
            f"{name}: written out, the formula has {long} numbers, names and operations, more than {MOST}; give what "
            "is used more than once a name, such as u = named('u', …), or write a sum over an axis"
        )
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
    _check(declared)
    _check_outputs(declared)
    if wrt is None:
        first = next((i.name for i in inputs if i.differentiable and declared.depends(value, i.name)), None)
        if first is None:
            raise DeclarationError(f"{name}: the formula contains no tensor that can be differentiated by")
        declared = replace(declared, differentiated=(first,))
    _check_real(declared)
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


_KEPT_AS = ("array", "block", "terms", "of", "last")
_ACCUMULATED_AS = ("sums", "rests", "total", "totals", "rest", "value", "best", "at", "term", "better")
_DEFAULTED_AS = ("entries", "default", "step")
"""What generated C puts behind the name of a value that goes through a buffer, of one that a loop finds, and of a
vector of hyper-parameters."""
_NUMBERED = re.compile(rf"\w+_\d+_({'|'.join((*_KEPT_AS, *_ACCUMULATED_AS))})")
"""Those of values that have no name of their own."""


def _check_outputs(declared: Loss) -> None:
    """Refuse a name that generated code gives to an output or an array of its own."""
    outputs = {
        f"{stem}_{i.name}" for i in declared.inputs for stem in ("gradient", "hessian", "product", "vector")
    }
    kept = {*declared.definitions, *outputs, *(i.name for i in declared.inputs)}
    vectors = [p.name for p in declared.parameters if p.axes]
    own = outputs | {f"{name}_{end}" for name in kept for end in _KEPT_AS}
    own |= {f"{name}_{end}" for name in declared.definitions for end in _ACCUMULATED_AS}
    own |= {f"{name}_{end}" for name in vectors for end in _DEFAULTED_AS}
    for name in (*(a.name for a in (*declared.inputs, *declared.parameters)), *declared.definitions):
        if name in own or _NUMBERED.fullmatch(name):
            raise DeclarationError(
                f"{declared.name}: {name!r} is what the generated code calls an output or an array of its own; "
                "choose another name"
            )


def _check(declared: Loss) -> None:
    """Refuse symbols that were not declared, axes that do not match, and numbers that are not real."""
    name = declared.name
    arguments = (*declared.inputs, *declared.parameters)
    known = {a.name for a in arguments} | set(declared.definitions)
    own = {a.tensor.label if a.axes else a.symbol for a in arguments}
    own |= {d.symbol.label if d.indices else d.symbol for d in declared.definitions.values()}
    sizes = {size_symbol(a) for a in declared.axes}
    parts: list[tuple[str, Expr, dict]] = [
        ("", declared.example, {}),
        ("", declared.normalizer, {}),
        ("", declared.batch, {}),
    ]
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
            if symbol not in own:
                raise DeclarationError(
                    f"{name}{where}: the symbol {symbol} is another than the argument {symbol}; do not make one, "
                    "and use what the function is called with"
                )
        _check_functions(name + where, expr)
        _check_indices(declared, name + where, expr, indices)


_PRIMITIVES = (sigmoid, softplus, xlogy, ratio, maximum, sympy.sign, KroneckerDelta, sympy.Max)


def _check_functions(where: str, expr: Expr) -> None:
    for node in sympy.preorder_traversal(expr):
        if isinstance(node, sympy.Function) and not isinstance(node, _PRIMITIVES):
            if type(node) not in SUPPORTED_FUNCTIONS:
                raise DeclarationError(
                    f"{where}: the function {type(node).__name__} in {node} is not supported"
                )
        elif isinstance(node, (sympy.Sum, sympy.Product, sympy.Integral, sympy.Derivative)):
            raise DeclarationError(
                f"{where}: write symloss's Sum[j](…) in place of SymPy's {type(node).__name__}"
            )


def _check_indices(declared: Loss, where: str, expr: Expr, formal: dict[Symbol, Expr]) -> None:
    """Every index must run over the axis at which it is used."""
    used = [
        (element, place, length)
        for element in sorted(expr.atoms(Indexed), key=str)
        for place, length in zip(element.args[1:], element.base.shape, strict=True)
    ]
    used += [(b, b.at, b.size) for b in functions.binders(expr) if hasattr(b, "at")]
    axis_of = {**{b.index: b.size for b in functions.binders(expr)}, **formal}
    for element, place, length in used:
        if place not in formal and place in axis_of and _binds(expr, place, element, length):
            continue
        actual = axis_of.get(place)
        if isinstance(place, ArgMax):
            actual = place.size
        elif actual is None and isinstance(place, (Symbol, Indexed)):
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


def _binds(expr: Expr, place: Symbol, element: Expr, length: Expr) -> bool:
    """Whether a binder of the right size binds ``place`` around ``element``."""
    return any(b.index == place and b.size == length and b.body.has(element) for b in functions.binders(expr))


def _check_real(declared: Loss) -> None:
    """Evaluate at points of the domain: a formula that leaves the real numbers there is refused."""
    for seed in range(4):
        environment = sample(declared, seed)
        terms = [declared.example, declared.normalizer, declared.batch]
        for term in terms:
            try:
                value = evaluate(term, environment, 20, {})
            except (TypeError, ZeroDivisionError, OverflowError) as error:
                raise DeclarationError(f"{declared.name}: {term} cannot be evaluated: {error}") from error
            at = ", ".join(f"{k} = {_short(v)}" for k, v in environment.values.items())
            if not mpmath.isfinite(value):
                raise DeclarationError(
                    f"{declared.name}: the formula is infinite or undefined inside its domain: at {at}"
                )
            if hasattr(value, "imag") and value.imag != 0:
                raise DeclarationError(
                    f"{declared.name}: the formula is not real on the declared domain: at {at} it is "
                    f"{complex(value):.4g}; narrow a domain (Positive, Probability), or mend the formula"
                )


def _short(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_short(v) for v in value) + "]"
    return f"{float(value):.4g}"
