"""Experiments with numbers: one outlier moved away, an empty batch, empty masks, sizes of terms."""

from __future__ import annotations

from typing import Any

import mpmath
import sympy

from symloss.analyze.answer import PROVEN, SAMPLED, Answer, at_defaults
from symloss.analyze.sampling import defaults, number, value_of
from symloss.analyze.slices import Slice
from symloss.evaluate import Environment, evaluate
from symloss.sample import sample
from symloss.schedule import named_expressions
from symloss.stabilize import stabilize
from symloss.value import Loss

__all__ = ["breakdown", "empty_batch", "empty_masks", "stability", "terms"]


# --- one outlier ------------------------------------------------------------------------------------------

TARGETS = (-1.0, -0.5, -0.25, 0.0, 0.125, 0.5, 0.75, 1.0, 1.5)
"""Nine targets; a tenth is moved away."""
AWAY = (10.0, 1000.0)


def breakdown(slice_: Slice) -> Answer:
    """Where the best constant prediction goes when one target of ten is moved away."""
    loss = slice_.loss
    others = [i for i in loss.inputs if i.name != slice_.wrt]
    if len(others) != 1 or loss.kind != "elementwise" or others[0].domain.values:
        return Answer.inapplicable("there is no one target that could be an outlier")
    target = others[0]
    low = float(target.domain.lower)
    shift = 2.0 if low == 0 else 0.0
    if low not in (0.0, -float("inf")) or target.domain.upper != sympy.oo:
        return Answer.inapplicable("the target is bounded")
    best: list[float] = []
    for away in AWAY:
        targets = [t + shift for t in (*TARGETS, away)]
        found = _best_constant(loss, slice_.wrt, target.name, targets)
        best += [] if found is None else [found]
    if len(best) < len(AWAY):
        return Answer(argument="No best constant prediction was found in the experiment.")
    if any(abs(b) == sympy.oo for b in best):
        return Answer(
            "none: no constant prediction is best in the range that was searched", SAMPLED,
            "The risk of ten targets is least at an end of the range, which reaches 1 beyond the targets.",
            points=2, holds_for=at_defaults(loss), details={"best_constant": None},
        )  # fmt: skip
    moved = abs(best[1] - best[0])
    value = f"moves from {best[0]:.4g} to {best[1]:.4g}"
    held = moved < 0.05 * (1 + abs(best[0]))
    return Answer(
        ("stays: " if held else "follows: ") + value, SAMPLED,
        f"The best constant prediction for nine targets between {min(TARGETS) + shift} and {max(TARGETS) + shift} and "
        f"a tenth at {AWAY[0] + shift}, then at {AWAY[1] + shift}.", points=2, holds_for=at_defaults(loss),
        details={"best_constant": [float(f"{b:.6g}") for b in best], "follows": not held},
    )  # fmt: skip


def _best_constant(loss: Loss, wrt: str, target: str, targets: list[float]) -> float | None:
    """By a grid, made finer around its best place, the lowest of all valleys that the grid shows; ±∞ at an end."""
    values = {p.name: mpmath.mpf(p.default) for p in loss.parameters}

    def risk(x: float) -> float:
        total = 0.0
        for t in targets:
            at = Environment({**values, wrt: mpmath.mpf(x), target: mpmath.mpf(t)}, {}, loss.definitions)
            one = evaluate(loss.expression, at, 17)
            if isinstance(one, mpmath.mpc) or not mpmath.isfinite(one):
                return float("inf")
            total += float(one)
        return total

    low, high = min(targets) - 1, max(targets) + 1
    places = sorted(
        {*(low + (high - low) * k / 40 for k in range(41)), *targets, *(t + 0.05 for t in targets)}
    )
    for turn in range(10):
        risks = [risk(x) for x in places]
        k = min(range(len(places)), key=risks.__getitem__)
        if risks[k] == float("inf"):
            return None
        if turn == 0 and k in (0, len(places) - 1):
            return float("inf") if k else -float("inf")
        low, high = places[max(k - 1, 0)], places[min(k + 1, len(places) - 1)]
        places = [low + (high - low) * j / 10 for j in range(11)]
    return (low + high) / 2


# --- nothing at all ---------------------------------------------------------------------------------------


def empty_batch(loss: Loss) -> Answer:
    """What a batch without examples gives."""
    if loss.kind in ("elementwise", "axis"):
        return Answer("sum 0, mean NaN, gradient empty", PROVEN, "The convention of all kernels: 0 examples add up to "
                      "0, and their mean is 0/0.")  # fmt: skip
    sizes = dict.fromkeys(loss.axes, 0)
    here = sample(loss, 0, sizes)
    value = value_of(loss, here) if loss.kind == "batch" else mpmath.nan
    return Answer(f"value {mpmath.nstr(value, 6)}", SAMPLED, "The formula with every axis of length 0.", points=1,
                  holds_for=at_defaults(loss))  # fmt: skip


def empty_masks(loss: Loss, wrt: str) -> Answer:
    """The loss of an empty mask, predicted rightly and wrongly."""
    pair = [i for i in loss.inputs if i.name != wrt and i.domain.values == (0, 1) and i.axes]
    given = loss.argument(wrt)
    if loss.task != "segmentation" or len(pair) != 1 or given.domain.upper != 1:
        return Answer.inapplicable("there is no mask")
    axis = given.axes[0]
    values = {p.name: mpmath.mpf(p.default) for p in loss.parameters}

    def at(probability: float, label: int, **changed: Any) -> Any:
        put = {wrt: [mpmath.mpf(probability)] * 4, pair[0].name: [mpmath.mpf(label)] * 4}
        return value_of(loss, Environment({**values, **changed, **put}, {axis: 4}, loss.definitions))

    right, wrong = at(0, 0), at(0.5, 0)
    text = f"{mpmath.nstr(right, 6)} where nothing is predicted, {mpmath.nstr(wrong, 6)} where half is"
    details: dict[str, Any] = {"right": number(right) if mpmath.isfinite(right) else "nan"}
    for p in loss.parameters:
        if p.domain.contains(0.0):
            try:
                bare = at(0, 0, **{p.name: mpmath.mpf(0)})
            except ZeroDivisionError:
                bare = mpmath.nan
            if not mpmath.isfinite(bare):
                text += f"; 0/0 with {p.name} = 0"
                details["undefined_with"] = f"{p.name} = 0"
    return Answer(text, SAMPLED, "The formula at 4 pixels without the object.", points=2, details=details,
                  holds_for=at_defaults(loss))  # fmt: skip


# --- what it is made of -----------------------------------------------------------------------------------


def terms(loss: Loss) -> Answer:
    """The size of each term's gradient at typical inputs, relative to the largest."""
    parts = [p for whole in (loss.example, loss.batch) for p in sympy.Add.make_args(whole) if p != 0]
    if len(parts) < 2 or loss.source:
        return Answer.inapplicable("the loss is not composed of several")
    sizes: list[float] = []
    for part in parts:
        total = mpmath.mpf(0)
        for seed in range(5):
            here = sample(loss, seed)
            at = Environment({**here.values, **defaults(loss, here)}, here.sizes, loss.definitions)
            for wrt in loss.differentiated:
                for place in _places(at.values[wrt]):
                    total += _partial(part, at, wrt, place) ** 2
        sizes.append(float(mpmath.sqrt(total / 5)))
    largest = max(sizes)
    texts = [f"{p!s}: {s:.3g}" for p, s in zip(parts, sizes, strict=True)]
    return Answer(
        texts, SAMPLED, "The root mean square of the gradient's length at inputs of size 1, at the defaults: the "
        "hyper-parameter in front of a term multiplies its size.", points=5, holds_for=at_defaults(loss),
        details={"relative": [float(f"{s / largest:.3g}") if largest else 0.0 for s in sizes]},
    )  # fmt: skip


def _partial(expr: sympy.Expr, at: Environment, wrt: str, place: tuple[int, ...]) -> Any:
    with mpmath.workdps(30):
        return mpmath.diff(lambda x: evaluate(expr, at.replaced(wrt, place, x), 120), at.element(wrt, place))


def _places(value: Any) -> list[tuple[int, ...]]:
    if not isinstance(value, list):
        return [()]
    return [(k, *rest) for k, v in enumerate(value) for rest in _places(v)]


def stability(loss: Loss) -> Answer:
    """Which rewrites make value and derivatives numerically sound."""
    applied = stabilize(loss, named_expressions(loss)).applied
    names = list(dict.fromkeys(a.name for a in applied))
    why = "; ".join(dict.fromkeys(a.why for a in applied))
    if not names:
        return Answer(
            argument="No rule of the table of rewrites applies; that the formulas are sound is not shown."
        )
    return Answer(names, PROVEN, why)
