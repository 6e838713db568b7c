"""What may be done to the arguments without a change of the loss: exchange, translation, rotation, scaling."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise
from typing import Any

import mpmath
import sympy
from sympy import Expr, Indexed, Symbol

from symloss import functions
from symloss.analyze.algebra import is_zero
from symloss.analyze.answer import PROVEN, REFUTED, SAMPLED, Answer
from symloss.analyze.chart import Undecided
from symloss.analyze.pieces import Pieces, resolved_at
from symloss.analyze.sampling import DIGITS, defaults, environment, number, pasted, value_of
from symloss.analyze.scale import homogeneity, in_units
from symloss.analyze.slices import Slice, slices_of
from symloss.domains import Real
from symloss.evaluate import Environment
from symloss.sample import sample
from symloss.value import Input, Loss, exact

__all__ = ["INVARIANCES", "embeddings", "invariances", "symmetric"]

SEEDS = 12

_SCORED = ("metric_learning", "ranking", "classification", "segmentation")
"""The tasks in which scores are compared with one another."""

INVARIANCES = ("translation_invariant", "rotation_invariant", "scale_invariant")


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
    what = f"{a.name} and {b.name} exchanged"
    of_difference = _of_difference(loss, a, b)
    if of_difference is None:
        return _compared(loss, expr, _turned_round(changed), _turned_round(expr), swapped, what)
    try:
        pieces = of_difference.pieces()
    except (Undecided, sympy.PolynomialError):
        pieces = None
    if pieces is not None and _even(of_difference, pieces):
        return Answer(True, PROVEN, f"With {what} it is the same formula on every piece.")
    special = _special(of_difference, pieces)
    return _compared(loss, expr, _turned_round(changed), _turned_round(expr), swapped, what, special)


def _of_difference(loss: Loss, a: Input, b: Input) -> Slice | None:
    """The loss as a function of a - b, where it is one."""
    if loss.kind != "elementwise" or len(loss.inputs) != 2 or a.name not in loss.differentiated:
        return None
    slices = slices_of(loss, a.name)
    return slices[0] if len(slices) == 1 and slices[0].meaning == a.symbol - b.symbol else None


def _even(slice_: Slice, pieces: Pieces) -> bool:
    """Whether the pieces and the values where they meet are mirrored at 0."""
    turned = {pieces.x: -pieces.x}
    mirrored = tuple(reversed(pieces.pieces))
    values = [
        (
            resolved_at(slice_.expr, pieces.x, m, pieces.facts),
            resolved_at(slice_.expr, pieces.x, -m, pieces.facts),
        )
        for m in pieces.marks
    ]
    return (
        all(is_zero(p.upper + q.lower) for p, q in zip(pieces.pieces[:-1], mirrored[:-1], strict=True))
        and all(
            is_zero(p.expr - q.expr.xreplace(turned)) for p, q in zip(pieces.pieces, mirrored, strict=True)
        )
        and all(v is not None and w is not None and (v == w or is_zero(v - w)) for v, w in values)
    )


def _special(slice_: Slice, pieces: Pieces | None) -> list[Environment]:
    """Places of the residual where a formula may do something of its own: its ends of cases, and the numbers in it."""
    values = {p.symbol: exact(p.default) for p in slice_.loss.parameters if not p.axes}
    expr = slice_.expr.xreplace(values)
    named = [*(pieces.marks if pieces is not None else ()), *expr.atoms(sympy.Number)]
    for inner in expr.atoms(sympy.Add):
        if inner.is_polynomial(slice_.x) and sympy.degree(inner, slice_.x) == 1:
            named.append(-inner.coeff(slice_.x, 0) / inner.coeff(slice_.x, 1))
    found = {m.xreplace(values) for m in named}
    places = sorted(
        (m for m in found if m.is_number and m.is_finite and m.is_real), key=lambda m: m.evalf(30)
    )
    between = [(m + n) / 2 for m, n in pairwise(places)]
    with mpmath.workdps(DIGITS):
        return [
            environment(slice_, mpmath.mpf(m.p) / m.q if m.is_Rational else mpmath.mpf(str(m.evalf(DIGITS))))
            for m in (*places, *between)
        ]


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
        found = dict.fromkeys(INVARIANCES, none)
        one = _shifted(loss, expr) if loss.task in _SCORED else None
        return found | ({"translation_invariant": one} if one is not None else _of_data(loss, expr))
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


def _shifted(loss: Loss, expr: Expr) -> Answer | None:
    """One number added to all scores; None where there are no two scores to compare."""
    scores = [i for i in loss.inputs if i.domain == Real and (i.axes or len(loss.differentiated) > 1)]
    if not scores or (len(scores) == 1 and not scores[0].axes):
        return None
    names = {i.name for i in scores}
    shift = sympy.Dummy("shift", real=True)

    def moved(node: Expr) -> Expr | None:
        if isinstance(node, Indexed):
            return node + shift if node.base.label.name in names else node
        return node + shift if isinstance(node, Symbol) and node.name in names else None

    def dropped(node: Expr) -> Expr | None:
        """A softmax does not change when one number is added to all of its logits."""
        if isinstance(node, (functions.LogSoftmax, functions.Softmax)):
            body, fresh = functions.open_binder(node)
            rest, varying = sympy.expand(body).as_independent(fresh, as_Add=True)
            if rest.has(shift):
                return node.func(varying + rest.xreplace({shift: sympy.S.Zero}), fresh, node.size, node.at)
        return None

    changed = functions.rebuild(functions.rebuild(expr, moved, top_down=True), dropped)

    def change(values: dict[str, Any]) -> dict[str, Any]:
        return {n: _mapped(v, lambda x, _: x + 1) if n in names else v for n, v in values.items()}

    return _compared(loss, expr, changed, expr, change, "one number added to all scores")


def _of_data(loss: Loss, expr: Expr) -> dict[str, Answer]:
    """Prediction and target in other units, or counted from another zero; nothing where they have no unit."""
    if loss.kind != "elementwise":
        return {}
    slices = slices_of(loss, loss.differentiated[0])
    units = in_units(slices[0]) if len(slices) == 1 else None
    if units is None:
        return {}
    data = {i.name for i in loss.inputs if i.symbol in (loss.argument(slices[0].wrt).symbol, *units)}
    data |= {s.name for s in slices[0].meaning.free_symbols if s != slices[0].x}
    what = " and ".join(i.name for i in loss.inputs if i.name in data)

    def changed(change: Any) -> tuple[Expr, Any]:
        """The formula with every number of the data changed, and what changes the numbers of a place."""
        there = functions.rebuild(
            expr, lambda n: change(n) if isinstance(n, Symbol) and n.name in data else None, top_down=True
        )
        return there, lambda values: {n: change(v) if n in data else v for n, v in values.items()}

    found = {}
    if loss.argument(slices[0].wrt).domain == Real:
        shift = sympy.Dummy("shift", real=True)
        moved, _ = changed(lambda x: x + shift)
        _, move = changed(lambda x: x + 1)
        found["translation_invariant"] = _compared(
            loss, expr, moved, expr, move, f"one number added to {what}"
        )
    degree = homogeneity(slices)
    if degree.status == PROVEN and degree.value == 0 and not degree.details:
        found["scale_invariant"] = degree.saying(value=True)
    else:
        factor = sympy.Dummy("factor", positive=True)
        scaled, _ = changed(lambda x: factor * x)
        _, scale = changed(lambda x: 2 * x)
        found["scale_invariant"] = _compared(loss, expr, scaled, expr, scale, f"{what} doubled")
    return found


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
            terms = sympy.Add.make_args(sympy.expand(e.body))
            if isinstance(e, functions.Norm):
                return all(_of_degree(1, t, e.index) for t in terms)
            return isinstance(e, functions.Sum) and all(_of_degree(2, t, e.index) for t in terms)
        if isinstance(e, Indexed):
            return e.base.label.name not in names
        return all(inside(a) for a in e.args)

    def _of_degree(degree: int, term: Expr, index: Symbol) -> bool:
        """Whether it is a product of so many entries along the axis, and of what is the same for each place on it."""
        found = 0
        for factor in sympy.Mul.make_args(term):
            entry, power = factor.as_base_exp()
            if isinstance(entry, Indexed) and entry.base.label.name in names:
                if (
                    entry.args[-1] != index
                    or any(a.has(index) for a in entry.args[1:-1])
                    or not power.is_Integer
                ):
                    return False
                found += int(power) if power > 0 else degree + 1
            elif factor.has(index) or not inside(factor):
                return False
        return found == degree

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


def _compared(
    loss: Loss,
    expr: Expr,
    changed: Expr | None,
    plain: Expr,
    change: Any,
    what: str,
    special: Sequence[Environment] = (),
) -> Answer:
    """The formula as it is and as it is changed: equal by algebra, or different at numbers."""
    if changed is not None and (
        changed == plain or (not changed.has(functions.Binder) and is_zero(changed - plain))
    ):
        return Answer(True, PROVEN, f"With {what} it is the same formula.")
    drawn = (sample(loss, seed, dict.fromkeys(loss.axes, 3)) for seed in range(SEEDS))
    for here in chain(drawn, special):
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
        True,
        SAMPLED,
        f"With {what} the loss was the same at every point that was tried.",
        points=SEEDS + len(special),
        holds_for=", ".join(f"{p.name} = {p.default}" for p in loss.parameters),
    )
