"""What may be done to the arguments without a change of the loss: exchange, translation, rotation, scaling."""

from __future__ import annotations

from typing import Any

import mpmath
import sympy
from sympy import Expr, Indexed, Symbol

from symloss import functions
from symloss.analyze.algebra import is_zero
from symloss.analyze.answer import PROVEN, REFUTED, SAMPLED, Answer
from symloss.analyze.sampling import defaults, number, pasted, value_of
from symloss.domains import Real
from symloss.evaluate import Environment
from symloss.sample import sample
from symloss.value import Input, Loss

__all__ = ["embeddings", "invariances", "symmetric"]

SEEDS = 12


def embeddings(loss: Loss) -> list[Input]:
    """The inputs that are vectors of real numbers."""
    return [i for i in loss.inputs if i.axes and i.domain == Real]


def symmetric(loss: Loss) -> Answer:
    """Whether the first two inputs may be exchanged."""
    pair = [i for i in loss.inputs if i.domain == loss.inputs[0].domain and i.axes == loss.inputs[0].axes][:2]
    if len(pair) < 2:
        return Answer.inapplicable("no two arguments are of one kind")
    a, b = pair
    expr = loss.expand(loss.expression)

    def exchange(node: Expr) -> Expr | None:
        if isinstance(node, Indexed) and node.base.label.name in (a.name, b.name):
            other = b if node.base.label.name == a.name else a
            return Indexed(other.tensor, *node.args[1:])
        if isinstance(node, Symbol) and node in (a.symbol, b.symbol) and not a.axes:
            return b.symbol if node == a.symbol else a.symbol
        return None

    def swapped(values: dict[str, Any]) -> dict[str, Any]:
        return {**values, a.name: values[b.name], b.name: values[a.name]}

    changed = functions.rebuild(expr, exchange, top_down=True)
    return _compared(
        loss, expr, _turned_round(changed), _turned_round(expr), swapped, f"{a.name} and {b.name} exchanged"
    )


def _turned_round(expr: Expr) -> Expr:
    """Even functions of a difference with the difference one way round."""

    def rewrite(node):
        inner = node.args[0] if node.args else None
        even = isinstance(node, (sympy.Abs, functions.Norm, sympy.cosh)) or (
            isinstance(node, sympy.Pow) and node.exp.is_Integer and node.exp % 2 == 0
        )
        if not even or not isinstance(inner, sympy.Add) or not inner.could_extract_minus_sign():
            return None
        if isinstance(node, functions.Norm):
            body, fresh = functions.open_binder(node)
            return functions.Norm(-body, fresh, node.size)
        return node.func(-inner, *node.args[1:])

    return functions.rebuild(expr, rewrite)


def invariances(loss: Loss) -> dict[str, Answer]:
    """Translation, rotation and scaling of all embeddings at once."""
    vectors = embeddings(loss)
    expr = loss.expand(loss.expression)
    names = {v.name for v in vectors}
    last = {v.axes[-1] for v in vectors}
    if len(vectors) < 2 or len(last) != 1:
        none = Answer.inapplicable("there are no embeddings to compare")
        return {"translation_invariant": none, "rotation_invariant": none, "scale_invariant": none}
    (axis,) = last
    shift = sympy.IndexedBase("shift", shape=(functions.size_symbol(axis),), real=True)
    factor = sympy.Dummy("factor", positive=True)

    def moved(node: Expr) -> Expr | None:
        if isinstance(node, Indexed) and node.base.label.name in names:
            return node + Indexed(shift, node.args[-1])
        return None

    def scaled(node: Expr) -> Expr | None:
        return factor * node if isinstance(node, Indexed) and node.base.label.name in names else None

    def each(values: dict[str, Any], change: Any) -> dict[str, Any]:
        return {name: _mapped(v, change) if name in names else v for name, v in values.items()}

    return {
        "translation_invariant": _compared(
            loss, expr, functions.rebuild(expr, moved, top_down=True), expr,
            lambda values: each(values, lambda x, place: x + 1 + place), "every embedding moved by one vector",
        ),
        "rotation_invariant": _rotated(loss, expr, names, axis),
        "scale_invariant": _compared(
            loss, expr, functions.rebuild(expr, scaled, top_down=True), expr,
            lambda values: each(values, lambda x, _: 2 * x), "every embedding doubled",
        ),
    }  # fmt: skip


def _mapped(value: Any, change: Any, place: int = 0) -> Any:
    if isinstance(value, list):
        return [_mapped(v, change, k) for k, v in enumerate(value)]
    return change(value, place)


def _rotated(loss: Loss, expr: Expr, names: set[str], axis: str) -> Answer:
    """Embeddings that appear in inner products and norms along their axis alone, which a rotation keeps."""
    size = functions.size_symbol(axis)

    def inside(e: Expr) -> bool:
        """Whether no entry of an embedding is left once norms and inner products are taken out."""
        if isinstance(e, functions.Binder) and e.size == size:
            body = e.body
            if isinstance(e, functions.Norm):
                return _linear(body)
            return isinstance(e, functions.Sum) and all(
                _quadratic(t) for t in sympy.Add.make_args(sympy.expand(body))
            )
        if isinstance(e, Indexed):
            return e.base.label.name not in names
        return all(inside(a) for a in e.args)

    def count(e: Expr) -> int:
        return sum(1 for a in e.args if isinstance(a, Indexed) and a.base.label.name in names) + sum(
            2 for a in e.args
            if isinstance(a, sympy.Pow) and a.exp == 2 and isinstance(a.base, Indexed) and a.base.base.label.name in names
        )  # fmt: skip

    def _quadratic(term: Expr) -> bool:
        product = term if isinstance(term, sympy.Mul) else sympy.Mul(term, 1, evaluate=False)
        rest = [a for a in product.args if a.atoms(Indexed) & _entries(term)]
        return count(product) == 2 and all(isinstance(a, Indexed) or isinstance(a, sympy.Pow) for a in rest)

    def _entries(e: Expr) -> set[Indexed]:
        return {a for a in e.atoms(Indexed) if a.base.label.name in names}

    def _linear(body: Expr) -> bool:
        return all(
            len(_entries(t)) == 1 and not (t / next(iter(_entries(t)))).atoms(Indexed)
            for t in sympy.Add.make_args(sympy.expand(body))
        )

    if inside(expr):
        return Answer(
            True, PROVEN, "The embeddings appear in inner products and norms alone, which a rotation keeps."
        )

    def quarter(values: dict[str, Any]) -> dict[str, Any]:
        return {n: _quarter(v) if n in names else v for n, v in values.items()}

    return _compared(loss, expr, None, expr, quarter, "every embedding turned by a right angle")


def _quarter(value: Any) -> Any:
    if isinstance(value[0], list):
        return [_quarter(v) for v in value]
    return [-value[1], value[0], *value[2:]] if len(value) > 1 else value


def _compared(loss: Loss, expr: Expr, changed: Expr | None, plain: Expr, change: Any, what: str) -> Answer:
    """The formula as it is and as it is changed: equal by algebra, or different at numbers."""
    if changed is not None and (
        changed == plain or (not changed.has(functions.Binder) and is_zero(changed - plain))
    ):
        return Answer(True, PROVEN, f"With {what} it is the same formula.")
    for seed in range(SEEDS):
        here = sample(loss, seed, {axis: 3 for axis in loss.axes})
        values = {**here.values, **defaults(loss, here)}
        at = [Environment(v, here.sizes, loss.definitions) for v in (values, change(values))]
        before, after = (value_of(loss, e) for e in at)
        if abs(before - after) > (abs(before) + abs(after)) * mpmath.mpf(10) ** -30:
            return Answer(
                False, REFUTED, f"With {what} the loss is another.",
                counterexample={
                    "values": [mpmath.nstr(before, 12), mpmath.nstr(after, 12)],
                    "at": [{i.name: number(e.values[i.name]) for i in loss.inputs} for e in at],
                    "paste": pasted(loss, at),
                },
            )  # fmt: skip
    return Answer(
        True, SAMPLED, f"With {what} the loss was the same at every point that was tried.", points=SEEDS
    )
