"""Losses that invite a false proof: what is wrong shows only on a narrow stretch, far out, or at one place."""

import sympy

from symloss import Abs, Eq, Max, NonNegative, Piecewise, Positive, Real, exp, loss, named


@loss(task="regression")
def narrow_dent(prediction: Real, target: Real):
    """Not convex on a stretch of a millionth around a residual of 3."""
    r = named("r", prediction - target)
    return r**2 - exp(-((10**6 * (r - 3)) ** 2)) / 10**6


@loss(task="regression")
def far_dent(prediction: Real, target: Real):
    """Convex up to a residual of 10⁸; from there on the slope falls."""
    r = named("r", prediction - target)
    return Piecewise((r**2, r < 10**8), (10**16 + 10**8 * (r - 10**8), True))


@loss(task="regression")
def irrational_kinks(prediction: Real, target: Real):
    """Kinks at ±√2."""
    r = named("r", prediction - target)
    return Max(r**2 - 2, 0)


@loss(task="regression")
def almost_a_kink(prediction: Real, target: Real):
    """The curvature dips below 0 between the zeros 0.999 and 1.001 of the second derivative."""
    r = named("r", prediction - target)
    return r**4 / 12 - r**3 * sympy.Rational(2000001, 6000000) + r**2 / 2


@loss(task="regression")
def double_well(prediction: Real, target: Real, *, depth: NonNegative = 0):
    """Convex at the default of its hyper-parameter, and for no other value."""
    r = named("r", prediction - target)
    return r**4 - depth * r**2


@loss(task="regression")
def a_value_of_its_own(prediction: Real, target: Real):
    """Continuous everywhere but at one point."""
    r = named("r", prediction - target)
    return Piecewise((-1, Eq(r, 0)), (r**2, True))


@loss(task="regression")
def at_the_end(prediction: NonNegative, target: NonNegative):
    """A lower value at the end of the domain: not convex."""
    return Piecewise((-5, Eq(prediction, 0)), (prediction + 0 * target, True))


@loss(task="regression")
def pole(prediction: Real, target: Real):
    """Convex on both sides of a pole, and not across it."""
    return (prediction - target) ** (-2)


@loss(task="regression")
def nearly_homogeneous(prediction: Real, target: Real):
    """A square with a correction of a billionth."""
    r = named("r", prediction - target)
    return r**2 + Abs(r) / 10**9


@loss(task="regression")
def kinks_that_meet(prediction: Real, target: Real, *, a: Positive = 1, b: Positive = 2):
    """Which kink comes first depends on the hyper-parameters."""
    r = named("r", prediction - target)
    return Max(0, r - a) + Max(0, b - r)
