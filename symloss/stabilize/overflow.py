"""Products of a factor that may be 0 and one that may leave the format: 0 times a large number is 0, and 0·inf NaN."""

from __future__ import annotations

import sympy
from sympy import Abs, Add, Eq, Expr, Indexed, Mul, Pow, Symbol, cosh, exp, log, sinh

from symloss.functions import AxisMax, Binder, Cases, Sum, expm1, group, log1p, maximum, nan_where
from symloss.value import Loss

__all__ = ["kept_finite"]


def kept_finite(product: Expr, loss: Loss) -> Expr | None:
    """The product with 0 for 0·inf, where its factors can come to that; None where they cannot.

    A reduction over one that vanishes with it, as the overlap of two masks over the sum of both, is no overflow: 0/0
    stays undefined.
    """
    if not isinstance(product, Mul):
        return None
    zeros = [f for f in product.args if _may_be_zero(f)]
    others = [f for f in product.args if f not in zeros]
    zeros = [z for z in zeros if not any(f.has(*z.atoms(Symbol, Indexed)) for f in others if not f.is_number)]
    divisors = [d for f in product.args for d in _divisors(f)]
    zeros = [z for z in zeros if not any(_both_reduce(z, d, loss) for d in divisors)]
    others = [f for f in product.args if f not in zeros]
    if not zeros or not any(map(_may_overflow, others)):
        return None
    x, y = Mul(*zeros), Mul(*others)
    return nan_where(Cases((0, Eq(x, 0)), (product, True)), y)


def _divisors(e: Expr) -> list[Expr]:
    """What a product is divided by."""
    if isinstance(e, Pow) and e.exp.is_negative:
        return [e.base]
    return [d for f in e.args for d in _divisors(f)] if isinstance(e, Mul) else []


def _both_reduce(a: Expr, b: Expr, loss: Loss) -> bool:
    """Whether both are reductions, or made of them, of a tensor that they share."""
    a, b = loss.expand(a), loss.expand(b)
    shared = [i.name for i in loss.inputs if loss.depends(a, i.name) and loss.depends(b, i.name)]
    return bool(shared and a.has(Binder) and b.has(Binder))


def _may_be_zero(factor: Expr) -> bool:
    """Whether it is a number that someone hands over, or one less such a number, and 0 is among its values."""
    _, factor = factor.primitive()
    one_less = isinstance(factor, Add) and len(factor.args) == 2 and 1 in map(abs, factor.args)
    number = next((t for t in factor.args if not t.is_number), factor) if one_less else factor
    if isinstance(number, Mul) and number.args[0] == -1 and len(number.args) == 2:
        number = number.args[1]
    return isinstance(number, (Symbol, Indexed)) and not number.is_integer and not factor.is_nonzero


def _may_overflow(e: Expr) -> bool:
    """Whether finite numbers can bring an expression beyond the format; it may say yes where they cannot."""
    if not e.free_symbols:
        return False
    if isinstance(e, (Sum, cosh, sinh, log)):
        return True
    if isinstance(e, log1p):
        return not e.args[0].is_nonnegative or _may_overflow(e.args[0])
    if isinstance(e, (exp, expm1)):
        return not e.args[0].is_nonpositive
    if isinstance(e, Pow):
        root = e.exp.is_Rational and 0 < e.exp <= 1
        return _may_overflow(e.base) if root else not _is_bounded(e)
    if isinstance(e, Add):
        return any(map(_may_overflow, e.args)) or sum(not _is_bounded(t) for t in e.args) > 1
    if isinstance(e, Mul):
        return any(map(_may_overflow, e.args)) or sum(not _is_bounded(f) for f in e.args) > 1
    if isinstance(e, Cases):
        return any(_may_overflow(value) for value, _ in e.pairs)
    if isinstance(e, (Abs, maximum, AxisMax, group, nan_where)):
        return any(map(_may_overflow, e.args))
    return False


def _is_bounded(e: Expr) -> bool:
    """Whether it stays within a few powers of two of 1, or below, by what is known of its numbers."""
    if isinstance(e, (Add, Mul)):
        return all(map(_is_bounded, e.args))
    if isinstance(e, Cases):
        return all(_is_bounded(value) for value, _ in e.pairs)
    if isinstance(e, exp):
        return bool(e.args[0].is_nonpositive)
    if isinstance(e, log1p):
        return bool(e.args[0].is_nonnegative) and _is_bounded(e.args[0])
    if isinstance(e, Pow):
        return bool(_is_bounded(e.base) if e.exp.is_positive else (e.base - 1).is_nonnegative)
    return bool(e.is_number) or (isinstance(e, sympy.sign))
