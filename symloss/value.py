"""The value that a declaration makes: a loss, its arguments and its named intermediates."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy
from sympy import Expr, Indexed, IndexedBase, Symbol

from symloss import functions, naming
from symloss.domains import Domain, TensorType
from symloss.functions import size_symbol

if TYPE_CHECKING:
    from symloss.analyze.characteristics import Characteristics
    from symloss.derive import Derivation
    from symloss.runtime import Kernel

__all__ = [
    "DeclarationError",
    "Definition",
    "Input",
    "Loss",
    "Parameter",
    "check_differentiable",
    "checked_default",
    "checked_name",
    "exact",
]


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
    example: Expr = sympy.S.Zero
    normalizer: Expr = sympy.S.One
    batch: Expr = sympy.S.Zero
    definitions: dict[str, Definition] = field(default_factory=dict, hash=False)
    doc: str = ""
    task: str = "custom"
    cite: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    kinks: str = ""
    source: str = ""
    native_float32: bool = False
    """Whether values and gradients of float32 tensors are computed in float32; otherwise in float64."""
    mean_only: bool = False
    """Whether examples were put together by their mean, so that their sum can no longer be had."""

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

    def __hash__(self) -> int:
        """Reckoned once: what is derived of a loss is kept under it, and asked for again for each of its terms."""
        return self._hash

    def __getstate__(self) -> dict[str, Any]:
        """Without the hash, which is another one in another process."""
        return {name: value for name, value in vars(self).items() if name != "_hash"}

    @cached_property
    def _hash(self) -> int:
        return hash(tuple(getattr(self, f.name) for f in fields(self) if f.hash is not False))

    @cached_property
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
        try:
            return self._arguments[name]
        except KeyError:
            known = ", ".join(self._arguments)
            raise KeyError(f"{self.name} has no argument {name!r}; it has {known}") from None

    @cached_property
    def _arguments(self) -> dict[str, Input]:
        return {argument.name: argument for argument in (*self.inputs, *self.parameters)}

    def depends(self, expr: Expr, name: str) -> bool:
        """Whether ``expr`` varies with the tensor ``name``, looking through named intermediates.

        A place, such as that of a largest entry, is a whole number and does not count.
        """
        direct = _names(expr)
        return name in direct or any(
            name in self._behind[known] for known in direct if known in self.definitions
        )

    def varying(self, expr: Expr) -> set[str]:
        """The names that ``expr`` varies with: those of tensors, hyper-parameters and named intermediates."""
        direct = _names(expr)
        return set(direct).union(*(self._behind[name] for name in direct if name in self.definitions))

    @cached_property
    def _behind(self) -> dict[str, set[str]]:
        """What each named intermediate varies with."""
        found: dict[str, set[str]] = {}
        for name in self.definitions:
            seen: set[str] = set()
            pending = set(_names(self.definitions[name].expr))
            while pending:
                symbol = pending.pop()
                if symbol in seen:
                    continue
                seen.add(symbol)
                if symbol in found:
                    seen |= found[symbol]
                elif symbol in self.definitions:
                    pending |= _names(self.definitions[symbol].expr)
            found[name] = seen
        return found

    def expand(self, expr: Expr) -> Expr:
        """``expr`` with every named intermediate written out."""

        def out(node: Expr) -> Expr | None:
            if isinstance(node, Symbol) and node.name in self.definitions:
                return self.expand(self.definitions[node.name].expr)
            if isinstance(node, Indexed) and node.base.label.name in self.definitions:
                places = [self.expand(a) for a in node.args[1:]]
                return self.expand(self.definitions[node.base.label.name].at(*places))
            return None

        return functions.rebuild(expr, out, top_down=True)

    # -- other losses from it --

    def with_(self, **defaults: Any) -> Loss:
        """The same loss with other defaults for its hyper-parameters, which are named.

        Raises DeclarationError for a hyper-parameter that it does not have, and a default outside its domain.
        """
        for name in defaults:
            if name not in {p.name for p in self.parameters}:
                known = ", ".join(p.name for p in self.parameters) or "none"
                raise DeclarationError(f"{self.name}: no hyper-parameter {name!r}; it has {known}")
        changed = tuple(
            checked_default(self.name, replace(p, default=defaults[p.name])) if p.name in defaults else p
            for p in self.parameters
        )
        return replace(self, parameters=changed)

    def wrt(self, *names: str) -> Loss:
        """The same loss, differentiated with respect to the named tensors.

        Raises DeclarationError for none, for one that is named twice or that it does not have, and for labels and
        other inputs that nothing is differentiated by.
        """
        if not names or len(set(names)) < len(names):
            raise DeclarationError(
                f"{self.name}: wrt must name each tensor to differentiate by once, not {names}"
            )
        for name in names:
            check_differentiable(self, name)
        return replace(self, differentiated=names)

    def renamed(self, name: str | None = None, /, **arguments: str) -> Loss:
        """The same loss under another name, or with other names for its arguments: ``loss.renamed(target="y")``.

        Raises DeclarationError for an argument that it does not have, and for a name that is none or is taken.
        """
        new = self if name is None else replace(self, name=checked_name("", name, "a loss"))
        for old in arguments:
            try:
                self.argument(old)
            except KeyError as error:
                raise DeclarationError(error.args[0]) from None
        from symloss.compose import rename

        return rename(new, arguments) if arguments else new

    def __add__(self, other: Loss) -> Loss:
        if not isinstance(other, Loss):
            return NotImplemented
        from symloss.compose import compose

        return compose(self, other)

    def __radd__(self, other: Any) -> Loss:
        return self if isinstance(other, int) and other == 0 else NotImplemented  # what sum() begins with

    def __sub__(self, other: Loss) -> Loss:
        return self + (-1) * other if isinstance(other, Loss) else NotImplemented

    def __neg__(self) -> Loss:
        return -1 * self

    def __mul__(self, factor: Any) -> Loss:
        if isinstance(factor, Parameter):
            return factor * self
        if isinstance(factor, bool) or not isinstance(factor, (int, float, sympy.Rational)):
            return NotImplemented
        number = exact(factor)
        if not number.is_finite or number == 0:
            raise DeclarationError(
                f"{self.name}: a factor must be a finite number other than 0, not {factor}"
            )
        return self._scaled(number)

    def __truediv__(self, divisor: Any) -> Loss:
        if isinstance(divisor, bool) or not isinstance(divisor, (int, float, sympy.Rational)):
            return NotImplemented
        if divisor == 0:
            raise DeclarationError(f"{self.name}: it cannot be divided by 0")
        return (1 / exact(divisor)) * self

    __rmul__ = __mul__

    def _scaled(self, factor: Expr, parameters: tuple[Parameter, ...] = ()) -> Loss:
        from symloss.compose import merged

        scaled = replace(self, example=factor * self.example, batch=factor * self.batch, source="")
        return replace(scaled, parameters=merged(self.name, self.parameters, parameters))

    # -- what is derived from it (the modules below this one, imported when asked for) --

    def derivation(self, wrt: str | None = None, *, reduction: str = "mean") -> Derivation:
        """The derivation of the gradient, step by step.

        ``wrt`` names the tensor (default: the first differentiated one). With ``reduction="mean"`` or ``"sum"``
        the last step goes from one example to the batch; with ``"none"`` it stays with one example. Raises
        DeclarationError for a tensor that it cannot be differentiated by, ValueError for another reduction.
        """
        from symloss.derive import derive_gradient

        return derive_gradient(self, self._chosen(wrt), reduction)

    def gradient(self, wrt: str | None = None, *, reduction: str = "none") -> Expr:
        """The gradient as a SymPy expression, in terms of the named intermediates; ``expand`` writes those out.

        ``wrt`` and the errors are those of :meth:`derivation`. It has the free indices i for the example, where it is
        one of several, and k, q, … for the entry of the tensor. With ``reduction="mean"`` it is one example's share
        of the batch's gradient: divided by n.
        """
        derivation = self.derivation(wrt, reduction="none" if reduction == "sum" else reduction)
        return derivation.result_for_example

    def hessian(self, wrt: str | None = None) -> Expr:
        """Second derivative of one example's loss: per element where the loss is elementwise, else ∂²ℓ/∂x_k∂x_l."""
        return self.hessian_derivation(wrt).result

    def hessian_derivation(self, wrt: str | None = None) -> Derivation:
        """The derivation of :meth:`hessian`, which starts from the gradient."""
        from symloss.derive import derive_hessian

        return derive_hessian(self, self._chosen(wrt))

    def hessian_vector_product(self, wrt: str | None = None) -> Expr:
        """(H v)_k = Σ_l ∂²ℓ/∂x_k∂x_l · v_l, where v is called ``vector`` and is shaped like the input.

        Where several tensors are differentiated, each has a part of the vector, called ``vector_<name>``.
        """
        from symloss.derive import derive_hessian_vector_product

        return derive_hessian_vector_product(self, self._chosen(wrt)).result

    def characteristics(self, *, budget: float | None = None) -> Characteristics:
        """Convexity, kinks, Lipschitz constants and all else that a review asks, each answer with its proof.

        ``budget`` are the seconds that it may take (default 60); an answer that was cut says so.
        """
        from symloss.analyze import characteristics

        if budget is None:
            return characteristics(self)
        if not budget > 0:
            raise ValueError(f"{self.name}: budget is {budget!r}, expected a number of seconds above 0")
        return characteristics(self, budget)

    def load(self, backend: str = "numpy", *, dtype: Any = None) -> Kernel:
        """A kernel that computes the loss: ``"numpy"``, or ``"c"`` compiled on this machine and cached.

        ``dtype`` is ``"float64"``, ``"float32"``, or None: that of the inputs. Raises ValueError for another backend
        or dtype, CompilerError where C cannot be compiled.
        """
        from symloss.runtime import load

        return load(self, backend, dtype=dtype)

    def _chosen(self, wrt: str | None) -> str:
        if wrt is None:
            return self.differentiated[0]
        check_differentiable(self, wrt)
        return wrt

    def __str__(self) -> str:
        arguments = [f"{i.name}: {i.type}" for i in self.inputs]
        if self.parameters:
            arguments += ["*", *(f"{p.name}: {p.type} = {p.default}" for p in self.parameters)]
        return f"{self.name}({', '.join(arguments)})"

    def __repr__(self) -> str:
        return f"<Loss {self}>"

    def _repr_markdown_(self) -> str:
        from symloss.present.notebook import loss_markdown

        return loss_markdown(self)

    def _repr_latex_(self) -> str:
        from symloss.present.notebook import loss_mathematics

        return loss_mathematics(self)


def _varying(expr: Expr) -> Iterator[str]:
    """The names of the numbers in an expression, leaving out those that only say which entry is meant."""
    if isinstance(expr, Symbol):
        yield expr.name
    elif isinstance(expr, Indexed):
        yield expr.base.label.name
    elif not isinstance(expr, (functions.ArgMax, sympy.KroneckerDelta)):
        for argument in expr.args:
            yield from _varying(argument)


@lru_cache(maxsize=4096)
def _names(expr: Expr) -> frozenset[str]:
    """Those names; a long sum asks for those of each term, for each number that it is differentiated by."""
    return frozenset(_varying(expr))


# --- names, defaults, numbers -----------------------------------------------------------------------------


def checked_name(loss_name: str, name: Any, what: str) -> str:
    """The name, where a declaration may give it to ``what``; else DeclarationError."""
    why = naming.refused(name, what)
    if why:
        shown = f"{name[:40]}…" if isinstance(name, str) and len(name) > naming.LONGEST else repr(name)
        where = f"{loss_name}: " if loss_name else ""
        raise DeclarationError(f"{where}{shown} cannot name {what}: {why}")
    return name


def checked_default(loss_name: str, p: Parameter) -> Parameter:
    where = f"{loss_name}: hyper-parameter {p.name!r}" if loss_name else f"hyper-parameter {p.name!r}"
    default = p.default
    if getattr(default, "ndim", None) == 0:  # a number of NumPy
        default = default.item()
    if isinstance(default, bool) or not isinstance(default, (int, float, sympy.Rational)):
        raise DeclarationError(f"{where}: its default must be a number, not {p.default!r}")
    if not abs(default) <= sys.float_info.max:
        raise DeclarationError(f"{where}: its default must be finite, also as a float64, not {default}")
    if not p.domain.contains(float(default)):
        raise DeclarationError(f"{where}: its default {default} is not {p.domain.words}")
    if p.domain.sums_to_one:
        raise DeclarationError(f"{where}: a distribution cannot be a hyper-parameter")
    whole = p.domain.integer or (float(default).is_integer() and abs(default) < 2**53)
    return replace(p, default=int(default) if whole else float(default))


def check_differentiable(declared: Loss, name: str) -> None:
    """Refuse a tensor that there is no derivative by."""
    names = {i.name: i for i in declared.inputs}
    if name not in names:
        raise DeclarationError(
            f"{declared.name}: no tensor {name!r} to differentiate by; it has {', '.join(names)}"
        )
    if not names[name].differentiable:
        raise DeclarationError(
            f"{declared.name}: {name!r} is {names[name].domain.words}; there is no derivative with respect to it"
        )
    if declared.depends(declared.normalizer, name):
        raise DeclarationError(
            f"{declared.name}: the mean is taken relative to {declared.normalizer}, which depends on {name!r}; "
            "it cannot be differentiated by that"
        )


def exact(number: Any) -> Expr:
    """A number as a rational: 0.1 is one tenth. Infinities and NaN stay what they are."""
    if isinstance(number, (float, sympy.Float)):
        number = float(number)
        return sympy.Rational(repr(number)) if math.isfinite(number) else sympy.Float(number)
    return sympy.sympify(number)
