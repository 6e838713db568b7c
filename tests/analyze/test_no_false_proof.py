"""Small losses drawn at random: numbers must not contradict any claim that is said to be proven."""

import random

import mpmath
import pytest
import sympy

from symloss import Abs, Max, Min, Positive, Real, Sum, exp, index, log, loss, sigmoid, sqrt
from symloss.analyze import invariance, vectors
from symloss.analyze.answer import PROVEN
from symloss.analyze.slices import slices_of
from symloss.evaluate import Environment, evaluate

j, k = index("j"), index("k")
ENTRIES = 2
FAR = 60


def drawn_number(draw, x, depth=2):
    """A function of one number, by a small grammar."""
    if depth == 0:
        return draw.choice((x, x, x - 1, 2 * x))
    inner = drawn_number(draw, x, depth - 1)
    return draw.choice(
        (
            lambda: inner**2,
            lambda: Abs(inner),
            lambda: Abs(inner) ** draw.choice((sympy.Rational(3, 2), 3, sympy.Rational(1, 2))),
            lambda: Max(0, inner),
            lambda: Max(0, inner) ** draw.choice((2, 3)),
            lambda: Min(1, inner),
            lambda: exp(-inner) if depth == 1 else exp(-(inner**2)),
            lambda: log(1 + inner**2),
            lambda: sigmoid(inner),
            lambda: sqrt(inner**2 + draw.choice((0, 1))),
            lambda: inner + drawn_number(draw, x, 1),
            lambda: inner - drawn_number(draw, x, 1),
            lambda: inner * drawn_number(draw, x, 0),
            lambda: inner,
        )
    )()


def of_a_residual(seed):
    draw = random.Random(f"one:{seed}")

    @loss(task="regression")
    def drawn(prediction: Real, target: Real):
        return drawn_number(draw, prediction - target)

    return drawn


def over_axes(seed):
    draw = random.Random(f"axes:{seed}")

    def entry():
        return draw.choice((p_[j], p_[j] - t_[j], w_[j] * (p_[j] - t_[j]), p_[j] * t_[j]))

    def total():
        return draw.choice(
            (
                lambda: Sum[j](drawn_number(draw, entry(), 1)),
                lambda: Sum[j](w_[j] * drawn_number(draw, entry(), 1)),
                lambda: Sum[j](Sum[k]((t_[j] - t_[k]) * drawn_number(draw, p_[j], 1))),
                lambda: Sum[j](drawn_number(draw, p_[j] - t_[j], 0) ** 2 / Min(1, w_[j])),
                lambda: Sum[j](drawn_number(draw, p_[j] - Sum[k](t_[k]), 1)),
                lambda: Sum[j](w_[j] * (p_[j] - t_[j]) ** 2),
                lambda: Sum[j](p_[j] * t_[j]),
            )
        )()

    p_ = t_ = w_ = None

    @loss(task="metric_learning", wrt="p")
    def drawn(p: Real["N"], t: Real["N"], w: Positive["N"], *, alpha: Positive = 1):
        nonlocal p_, t_, w_
        p_, t_, w_ = p, t, w
        whole = draw.choice(
            (
                lambda: total(),
                lambda: total() + total(),
                lambda: drawn_number(draw, total(), 1),
                lambda: sqrt(total() ** 2 + draw.choice((0, 1))),
                lambda: Max(0, total() - total() + alpha),
                lambda: total() + (alpha - 1) ** 2,
                lambda: sqrt(Sum[j](w[j] * p[j] ** 2)),
            )
        )()
        return whole

    return drawn


class Numbers:
    """Places drawn for a loss, and its values there."""

    def __init__(self, loss_, wrt, seed):
        self.loss, self.wrt = loss_, wrt
        self.draw = random.Random(f"numbers:{seed}")

    def place(self):
        sizes = dict.fromkeys(self.loss.axes, ENTRIES)
        values = {p.name: mpmath.mpf(p.default) for p in self.loss.parameters}
        for i in self.loss.inputs:
            values[i.name] = [self.number(i) for _ in range(ENTRIES)] if i.axes else self.number(i)
        return Environment(values, sizes, self.loss.definitions)

    def number(self, argument):
        size = self.draw.choice((0.01, 0.5, 1, 1, 3, 8))
        x = mpmath.mpf(self.draw.choice((0, 1, 2, -1, None, None, None, None)) or self.draw.uniform(-1, 1) * size)
        return abs(x) + mpmath.mpf(1) / 64 if argument.domain.lower == 0 else x

    def value(self, at):
        found = evaluate(self.loss.expression, at, 40)
        return found if not isinstance(found, mpmath.mpc) else mpmath.nan

    def moved(self, at, step):
        """The same place with the tensor moved by a multiple of a direction."""
        x, d = at.values[self.wrt], self.direction
        new = [a + step * b for a, b in zip(x, d, strict=True)] if isinstance(x, list) else x + step * d
        return Environment({**at.values, self.wrt: new}, at.sizes, at.definitions)

    def turn(self, at):
        x = at.values[self.wrt]
        ways = [[1, 0], [0, 1], [1, 1], [1, -2]]
        self.direction = [mpmath.mpf(c) for c in self.draw.choice(ways)] if isinstance(x, list) else mpmath.mpf(1)


def claims(loss_, wrt):
    """The answers about convexity, class, range, Lipschitz constant, minimiser, invariance, that are proven."""
    if loss_.kind == "elementwise":
        from symloss.analyze import alignment, convexity, differentiability, scale

        slices = slices_of(loss_, wrt)
        found = {
            "convex": convexity.convex(slices),
            "strictly_convex": convexity.strictly_convex(slices),
            "minimiser": alignment.minimiser(slices),
        }
        found |= scale.scale(slices) | differentiability.differentiability(slices)
    else:
        found = vectors.differentiability_of(loss_, wrt) | vectors.scale_of(loss_, wrt)
        found |= vectors.alignment_of(loss_, wrt) | invariance.invariances(loss_)
    return {key: a for key, a in found.items() if a.status == PROVEN}


def contradiction(found, numbers):
    """The first claim that numbers contradict, in words; None where there is none."""
    with mpmath.workdps(40):
        for _ in range(12):
            at = numbers.place()
            numbers.turn(at)
            step = mpmath.mpf(numbers.draw.choice((0.001, 0.1, 1, 4)))
            left, here, right = (numbers.value(numbers.moved(at, c * step)) for c in (-1, 0, 1))
            slack = (abs(left) + abs(here) + abs(right) + 1) * mpmath.mpf(10) ** -25
            if not all(map(mpmath.isfinite, (left, here, right))):
                if "continuous" in found:
                    return f"not finite at {at.values}"
                continue
            bent = here - (left + right) / 2
            if found.get("convex") and bent > slack:
                return f"convex, but above its chord at {at.values}"
            if found.get("strictly_convex") and bent >= 0:
                return f"strictly convex, but straight at {at.values}"
            wrong = _range(found.get("range"), here, slack) or _slope(found.get("lipschitz"), left, right, numbers, step)
            wrong = wrong or _least(found.get("minimiser"), here, slack, numbers)
            wrong = wrong or _class(found.get("class"), at, numbers) or _turned(found, at, here, slack, numbers)
            if wrong:
                return f"{wrong} at {at.values}"
    return None


def as_number(value):
    if value.is_infinite:
        return mpmath.inf if value == sympy.oo else -mpmath.inf
    return mpmath.mpf(str(sympy.N(value, 30)))


def _range(answer, here, slack):
    if answer is None:
        return None
    low, high = answer.details.get("bounds") or (answer.details.get("infimum"), answer.details.get("supremum"))
    if low.free_symbols | high.free_symbols:
        return None
    inside = as_number(low) - slack <= here <= as_number(high) + slack
    return None if inside else f"range {answer.value}, but {here}"


def _slope(answer, left, right, numbers, step):
    if answer is None or not answer.value.is_number or answer.value == sympy.oo:
        return None
    length = sum(abs(c) for c in numbers.direction) if isinstance(numbers.direction, list) else 1
    bound = as_number(answer.value) * 2 * step * length
    return None if abs(right - left) <= bound * (1 + mpmath.mpf(10) ** -20) else f"Lipschitz {answer.value}"


def _least(answer, here, slack, numbers):
    """A place ``prediction - target = c`` is as low as any other."""
    if answer is None or not isinstance(answer.value, str):
        return None
    meaning, _, place = answer.value.partition(" = ")
    if meaning != "prediction - target":
        return None
    c = as_number(sympy.sympify(place))
    at = Environment({"prediction": c, "target": mpmath.mpf(0)}, {}, numbers.loss.definitions)
    return None if numbers.value(at) <= here + slack else f"least at {place}"


def _class(answer, at, numbers):
    """C^∞ and C^k, k ≥ 1: one-sided difference quotients agree, at special places, too."""
    if answer is None or "C^0" in answer.value or "C^" not in answer.value:
        return None
    h = mpmath.mpf(10) ** -12
    for place in (at, Environment({**at.values, numbers.wrt: _zero(at.values[numbers.wrt])}, at.sizes, at.definitions)):
        here = numbers.value(place)
        up, down = ((numbers.value(numbers.moved(place, c * h)) - here) / (c * h) for c in (1, -1))
        if mpmath.isfinite(up - down) and abs(up - down) > mpmath.mpf(10) ** -4 * (1 + abs(up) + abs(down)):
            return f"class {answer.value}, but slopes {up} and {down}"
    return None


def _zero(value):
    return [mpmath.mpf(0) for _ in value] if isinstance(value, list) else mpmath.mpf(0)


def _turned(found, at, here, slack, numbers):
    """Rotation by a right angle and translation of both embeddings."""
    if not isinstance(at.values[numbers.wrt], list):
        return None
    for key, change in (
        ("rotation_invariant", lambda v: [-v[1], v[0]]),
        ("translation_invariant", lambda v: [v[0] + 1, v[1] - 2]),
    ):
        if found.get(key):
            both = {n: change(at.values[n]) for n in ("p", "t")}
            after = numbers.value(Environment({**at.values, **both}, at.sizes, at.definitions))
            if abs(after - here) > slack:
                return f"{key}: {here} becomes {after}"
    return None


@pytest.mark.slow
@pytest.mark.parametrize(("make", "count"), [(of_a_residual, 60), (over_axes, 60)], ids=["residual", "axes"])
def test_no_number_contradicts_a_proof(make, count):
    wrong, proven = [], 0
    for seed in range(count):
        drawn = make(seed)
        found = claims(drawn, drawn.differentiated[0])
        proven += len(found)
        told = contradiction(found, Numbers(drawn, drawn.differentiated[0], seed))
        if told:
            wrong.append((seed, drawn.expression, told))
    assert not wrong, wrong
    assert proven > count
