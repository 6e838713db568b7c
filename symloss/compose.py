"""Composition: sums of losses, other names for their arguments, and the step from an example to the batch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import sympy
from sympy import Expr, Indexed, IndexedBase, Number, Symbol

from symloss import functions
from symloss.domains import TensorType
from symloss.functions import Index, size_symbol
from symloss.value import DeclarationError, Definition, Input, Loss, Parameter, checked_name

__all__ = ["Lifted", "compose", "fixed", "lifted", "merged", "rename"]


def merged(name: str, first: tuple, second: tuple) -> tuple:
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


_LONGEST = 100


def _joined(a: str, b: str) -> str:
    """The name of a sum; one that would be too long for a file ends in what tells it from others."""
    name = f"{a}_plus_{b}"
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST - 10].rstrip('_')}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def compose(a: Loss, b: Loss) -> Loss:
    name = _joined(a.name, b.name)
    a, b = _matched(a, b)
    if a.example != 0 and b.example != 0 and a.normalizer != b.normalizer:
        raise DeclarationError(
            f"{name}: the means of the two parts are taken relative to different totals "
            f"({a.normalizer} and {b.normalizer}), so they have no common sum"
        )
    for one, other in ((a.example, b.example), (a.batch, b.batch)):
        if one != 0 and one + other == 0:
            raise DeclarationError(f"{name}: the two parts cancel, and nothing is left to differentiate")
    named = {*a.definitions, *b.definitions}
    both = sorted(a.definitions.keys() & b.definitions.keys())
    clash = {old: _unused(old, named) for old in both if a.definitions[old] != b.definitions[old]}
    b = rename(b, clash)
    taken = {i.name for i in (*a.inputs, *a.parameters, *b.inputs, *b.parameters)}
    for word in sorted({*a.definitions, *b.definitions} & taken):
        raise DeclarationError(
            f"{name}: {word!r} names an argument of one part and an intermediate of the other"
        )
    inputs = merged(name, a.inputs, b.inputs)
    parameters = merged(name, a.parameters, b.parameters)
    for word in sorted({i.name for i in inputs} & {p.name for p in parameters}):
        raise DeclarationError(
            f"{name}: {word!r} is a tensor in one part and a hyper-parameter in the other; rename one"
        )
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
        native_float32=a.native_float32 and b.native_float32,
        mean_only=a.mean_only or b.mean_only,
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
            return _matched(_mean(a, other.axes[0], b), b)
        if other.per_example and not one.per_example and one.axes[1:] == other.axes:
            return _matched(a, _mean(b, one.axes[0], a))
        if (
            one.per_example == other.per_example
            and one.axes == other.axes
            and one.type.classes == other.type.classes
        ):
            if other.domain.within(one.domain):
                return _matched(_retyped(a, one.name, other.type), b)
            if one.domain.within(other.domain):
                return _matched(a, _retyped(b, one.name, one.type))
    return a, b


def _mean(loss: Loss, axis: str, other: Loss) -> Loss:
    """A loss over examples as the mean over the batch's axis of another loss."""
    if axis in loss.axes:
        raise DeclarationError(
            f"{loss.name} has an axis {axis} of its own, which is the batch's axis in {other.name}; rename one of them"
        )
    return replace(lifted(loss, axis).loss, mean_only=True)


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
        replace(loss, inputs=tuple(replace(i, type=type_) if i.name == name else i for i in loss.inputs)),
        retype,
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


def fixed(loss: Loss, numbers: Mapping[str, Number]) -> Loss:
    """The loss with numbers in place of hyper-parameters, which it then no longer has."""

    def put(node: Expr) -> Expr | None:
        return numbers.get(node.name) if isinstance(node, Symbol) else None

    return _mapped(replace(loss, parameters=tuple(p for p in loss.parameters if p.name not in numbers)), put)


def _unused(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def rename(old: Loss, names: dict[str, str]) -> Loss:
    """The loss with other names for arguments or intermediates."""
    if not names:
        return old
    taken = {a.name for a in (*old.inputs, *old.parameters)} | set(old.definitions)
    if len(set(names.values())) < len(names):
        raise DeclarationError(
            f"{old.name}: two arguments cannot both become {', '.join(sorted(names.values()))}"
        )
    for before, after in names.items():
        if after == "weight":
            raise DeclarationError(
                f"{old.name}: {before!r} cannot become 'weight', which weighs the examples"
            )
        checked_name(old.name, after, "an argument")
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
        return replace(
            one, name=names.get(one.name, one.name), type=replace(one.type, also=names.get(also, also))
        )

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
        self._rows: dict[tuple[Expr, Expr], Expr] = {}
        for d in loss.definitions.values():
            if not self._inputs.keys().isdisjoint(loss.varying(d.expr)):
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
        self.loss = replace(
            self.loss, batch=self.rows(loss.example) / self.total(loss.normalizer) + loss.batch
        )

    def _definition(self, d: Definition) -> Definition:
        if d.name not in self._bases:
            return d
        formal = tuple(functions.free_index(place) for place in range(len(d.indices) + 1))
        return Definition(self._bases[d.name], formal, self.row(d.at(*formal[1:]), formal[0]))

    def argument(self, name: str) -> Input:
        return self._inputs.get(name) or self._old.argument(name)

    def row(self, expr: Expr, i: Expr) -> Expr:
        """An expression about one example, said of example ``i``: the same for several functions of a loss."""
        known = self._rows.get((expr, i))
        if known is None:
            known = self._rows[expr, i] = self._row(expr, i)
        return known

    def _row(self, expr: Expr, i: Expr) -> Expr:
        def lift(node: Expr) -> Expr | None:
            if isinstance(node, Symbol):
                base = self.base(node.name)
                return None if base is None or not isinstance(node, Symbol) else Indexed(base, i)
            if isinstance(node, Indexed):
                base = self.base(node.base.label.name)
                places = [self.row(a, i) for a in node.args[1:]]
                return Indexed(node.base, *places) if base is None else Indexed(base, i, *places)
            return None

        return functions.rebuild(expr, lift, top_down=True)

    def base(self, name: str) -> IndexedBase | None:
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


@lru_cache(maxsize=256)
def lifted(loss: Loss, axis: str) -> Lifted:
    """``loss`` as a loss over the whole batch, the mean of its examples, with the batch's axis called ``axis``."""
    return Lifted(loss, axis)
