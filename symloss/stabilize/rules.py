"""The stability rewrites, as a table: left side, right side, where it holds, and what it saves.

Letters that end in an underscore stand for any expression. A row holds wherever both sides are real; ``domain``
is the interval from which the test of the table draws the letters. STABILITY rows bring an expression to sound
primitives; LOWERING rows write the primitives in terms of what a C library and NumPy offer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sympy
from sympy import Abs, Eq, Expr, Symbol, Wild, cosh, exp, log, sqrt, tanh

from symloss.functions import (
    ArgMax,
    AxisMax,
    Binder,
    Cases,
    LogSoftmax,
    LogSumExp,
    Norm,
    OtherSoftmax,
    Softmax,
    Sum,
    expm1,
    group,
    log1p,
    maximum,
    nan_where,
    open_binder,
    ratio,
    sigmoid,
    softplus,
    xlogy,
)

__all__ = ["BINDERS", "LOWERING", "STABILITY", "BinderRewrite", "Rewrite", "square_of_sech"]

x_ = Wild("x_")
y_ = Wild("y_")


@dataclass(frozen=True)
class Rewrite:
    """One row: ``left`` is replaced by ``right``, an equal expression that loses fewer digits."""

    name: str
    left: Expr
    right: Expr
    why: str
    domain: tuple[float, float] = (-30.0, 30.0)
    when: Callable[[Mapping[Wild, Expr]], bool] = lambda letters: True
    decimals: int = 50
    """To how many both sides agree; fewer for a series, which ends where the format does."""


DIGITS = 53
"""The bits of the widest format that is generated; regimes are chosen for it, and hold for the narrower one, too."""

TANGENT = 1
"""Where e^x − 1 − x is the difference of expm1 and x: beyond, at most one bit cancels."""


def _less_tangent(x: Expr) -> Expr:
    """e^x − 1 − x for |x| < TANGENT by its Taylor series, whose tail is below half an ulp."""
    terms = 2
    while 2 * TANGENT**terms * 2**DIGITS > math.factorial(terms + 2):
        terms += 1
    series: Expr = sympy.Integer(0)
    for k in range(terms + 1, 1, -1):
        series = sympy.Rational(1, math.factorial(k)) + x * series
    return group(x**2 * series)


def square_of_sech(x: Expr) -> Expr:
    """1 − tanh² x."""
    return 4 * exp(-2 * Abs(x)) / (1 + exp(-2 * Abs(x))) ** 2


STABILITY: tuple[Rewrite, ...] = (
    Rewrite(
        "softplus", log(1 + exp(x_)), softplus(x_), "e^x overflows for large x and is lost in 1 for small x"
    ),
    Rewrite("logistic", 1 / (1 + exp(x_)), sigmoid(-x_), "e^x overflows for large x"),
    Rewrite("logistic", exp(x_) / (1 + exp(x_)), sigmoid(x_), "inf/inf for large x"),
    Rewrite("log-sigmoid", log(sigmoid(x_)), -softplus(-x_), "log of an underflowed probability"),
    Rewrite("complement", 1 - sigmoid(x_), sigmoid(-x_), "1 − σ cancels where σ is close to 1"),
    Rewrite(
        "power of a probability",
        sigmoid(x_) ** y_,
        exp(-y_ * maximum(0, -x_, 0)) * exp(-y_ * log1p(exp(-Abs(x_)))),
        "a power multiplies the relative error of σ, and an exponential the absolute one of its exponent, "
        "which is small in both",
        (0.1, 6.0),
    ),
    Rewrite("complement", sigmoid(x_) - 1, -sigmoid(-x_), "σ − 1 cancels where σ is close to 1"),
    Rewrite(
        "exp less its tangent",
        exp(x_) - 1 - x_,
        Cases((_less_tangent(x_), Abs(x_) < TANGENT), (expm1(x_) - x_, True)),
        "e^x − 1 − x ≈ x²/2 cancels near 0",
        decimals=16,
    ),
    Rewrite("expm1", exp(x_) - 1, expm1(x_), "e^x − 1 cancels for small x"),
    Rewrite("expm1", 1 - exp(x_), -expm1(x_), "1 − e^x cancels for small x"),
    Rewrite("logistic", exp(x_) * sigmoid(-x_), sigmoid(x_), "inf·0 for large x"),
    Rewrite(
        "log1mexp",
        log(-expm1(x_)),
        Cases((log(-expm1(x_)), x_ > -log(sympy.Integer(2))), (log1p(-exp(x_)), True)),
        "1 − e^x is 1 for very negative x (Mächler 2012)",
        (-30.0, -0.01),
    ),
    Rewrite("log1p", log(1 - x_), log1p(-x_), "a small x is lost in 1", (-0.9, 0.9)),
    Rewrite("log1p", log(1 + x_), log1p(x_), "a small x is lost in 1", (-0.9, 0.9)),
    Rewrite(
        "x log y",
        xlogy(x_, 1 - y_),
        Cases((0, Eq(x_, 0)), (x_ * log1p(-y_), True)),
        "a small y is lost in 1, and 0·log 0 is NaN",
        (0.05, 0.95),
    ),
    Rewrite(
        "log cosh",
        log(cosh(x_)),
        maximum(0, Abs(x_) - log(sympy.Integer(2)), 0)
        + log1p(
            Cases(
                (expm1(-Abs(x_)) ** 2 / (2 * (1 + expm1(-Abs(x_)))), Abs(x_) < log(sympy.Integer(2))),
                ((1 + expm1(-Abs(x_))) ** 2, True),
            )
        ),
        "cosh overflows beyond 710, and log cosh x ≈ x²/2 cancels near 0: it is log1p of cosh x − 1 there, and "
        "beyond, |x| − log 2 and log1p of e^(−2|x|), which is 1/4 where both forms meet",
    ),
    Rewrite(
        "sech²",
        1 - tanh(x_) ** 2,
        square_of_sech(x_),
        "1 − tanh² cancels for large x",
    ),
    Rewrite(
        "x log y",
        y_ * log(x_),
        xlogy(y_, x_),
        "0·log 0 is NaN",
        (0.1, 5.0),
        # The data's factors were seen to when the loss was declared; a hyper-parameter comes down from an exponent.
        when=lambda letters: (
            isinstance(letters[y_], Symbol) and not (letters[y_].is_nonzero or letters[x_].is_positive)
        ),
    ),
    Rewrite(
        "log ratio",
        xlogy(y_, x_) / (1 - x_),
        -Cases((y_, Eq(x_, 1)), (xlogy(y_, x_) / (x_ - 1), True)),
        "0/0 at x = 1, where the quotient is −y",
        (0.1, 5.0),
    ),
    Rewrite(
        "log ratio",
        log(x_) / (1 - x_),
        -Cases((1, Eq(x_, 1)), (log(x_) / (x_ - 1), True)),
        "0/0 at x = 1, where the quotient is −1",
        (0.1, 5.0),
    ),
)

LOWERING: tuple[Rewrite, ...] = (
    Rewrite(
        "softplus",
        softplus(x_),
        group(maximum(0, x_, 0) + log1p(exp(-Abs(x_)))),
        "only e^(−|x|) ≤ 1 is formed",
    ),
    Rewrite(
        "logistic",
        sigmoid(x_),
        Cases((1, x_ >= 0), (exp(-Abs(x_)), True)) / (1 + exp(-Abs(x_))),
        "only e^(−|x|) ≤ 1 is formed, and it is shared with softplus",
    ),
    Rewrite(
        "x log y", xlogy(x_, y_), Cases((0, Eq(x_, 0)), (x_ * log(y_), True)), "0·log 0 is NaN", (0.05, 3.0)
    ),
    Rewrite("0/y", ratio(x_, y_), Cases((0, Eq(x_, 0)), (x_ / y_, True)), "0/0 is NaN", (0.05, 3.0)),
)


@dataclass(frozen=True)
class BinderRewrite:
    """A row for a reduction: ``rewrite`` gives the sound form of a binder, or None."""

    name: str
    kind: type | tuple[type, ...]
    rewrite: Callable[[Binder], Expr | None]
    why: str


def _largest(b: Binder) -> Expr:
    return AxisMax(b.body, b.index, b.size)


def _place(b: Binder) -> Expr:
    return ArgMax(b.body, b.index, b.size)


def _others(b: Binder) -> Expr:
    """Σ e^(body − largest) over all places but that of the largest, which would add e^0 = 1.

    It is NaN where the largest has no such exponential, so that all that is made of it agrees.
    """
    body, fresh = open_binder(b)
    term = exp(body - _largest(b))
    return Sum(Cases((nan_where(sympy.S.Zero, term), Eq(fresh, _place(b))), (term, True)), fresh, b.size)


def _share(b: Binder) -> Expr:
    return exp(b.logit - _largest(b)) / (1 + _others(b))


def _scaled_norm(b: Norm) -> Expr:
    body, fresh = open_binder(b)
    largest = AxisMax(Abs(b.body), b.index, b.size)
    scaled = largest * sqrt(Sum(group(body / largest) ** 2, fresh, b.size))
    return Cases((0, largest <= 0), (scaled, True))


BINDERS: tuple[BinderRewrite, ...] = (
    BinderRewrite(
        "log-sum-exp",
        LogSumExp,
        lambda b: _largest(b) + log1p(_others(b)),
        "the largest term becomes e^0 = 1, and what the others add to it is not lost in it",
    ),
    BinderRewrite(
        "log-softmax",
        LogSoftmax,
        lambda b: group(b.logit - _largest(b)) - log1p(_others(b)),
        "the largest term becomes e^0 = 1, what the others add is not lost in it, and no quotient underflows",
    ),
    BinderRewrite("softmax", Softmax, _share, "the largest term becomes e^0 = 1"),
    BinderRewrite(
        "complement of a softmax",
        OtherSoftmax,
        lambda b: Cases((_others(b) / (1 + _others(b)), Eq(b.at, _place(b))), (1 - _share(b), True)),
        "1 − softmax cancels at the largest term only, where it is the share of the others",
    ),
    BinderRewrite(
        "Euclidean norm",
        Norm,
        _scaled_norm,
        "the squares of large entries overflow, those of small ones underflow",
    ),
)
