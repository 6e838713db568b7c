"""The second question: how large are value and gradients? Ranges, constants, growth, homogeneity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import mpmath
import sympy
from sympy import Expr, Symbol

from symloss.analyze.algebra import elementary, is_zero, readable
from symloss.analyze.answer import PROVEN, REFUTED, UNKNOWN, Answer, in_words
from symloss.analyze.chart import Undecided
from symloss.analyze.differentiability import equation, joints, require_defined
from symloss.analyze.enclosed import largest_multiples, largest_size
from symloss.analyze.extremes import Extremes, extremes, highest, lowest
from symloss.analyze.facts import Facts, Range
from symloss.analyze.limits import Unknown, growth, settled_order
from symloss.analyze.pieces import Piece, Pieces, resolved_at
from symloss.analyze.sampling import environment, pasted, value_of
from symloss.analyze.scope import asked, asking, covering, every
from symloss.analyze.signs import sign
from symloss.analyze.slices import Slice, with_ends
from symloss.domains import Domain

__all__ = ["ANSWERS", "bounds", "homogeneity", "in_units", "interval", "over_labels", "scale"]


def scale(slices: Sequence[Slice]) -> dict[str, Answer]:
    """All answers of the second question about an elementwise loss."""
    return {key: question(slices) for key, question in ANSWERS.items()}


def homogeneity(slices: Sequence[Slice]) -> Answer:
    """What a change of the unit of the data does to the loss."""
    return asked(slices, _homogeneity)


def bounds(slices: Sequence[Slice], order: int) -> tuple[Expr, Expr, list[tuple[Slice, Extremes]]]:
    """Infimum and supremum of a derivative over all numbers and labels. Raises Undecided."""
    found = []
    slices = with_ends(slices)
    for pieces in require_defined(slices):
        found.append(extremes(pieces.derivative(order)))
    facts = slices[0].facts
    least = lowest([over_labels(e.infimum, slices[0], upper=False) for e in found], facts)
    most = highest([over_labels(e.supremum, slices[0], upper=True) for e in found], facts)
    least, most = _tidy(least), _tidy(most)
    if any(end.has(sympy.nan, sympy.zoo) for end in (least, most)):
        raise Undecided("the bounds over all labels")
    return least, most, list(zip(slices, found, strict=True))


def _tidy(bound: Expr) -> Expr:
    """A bound in a short form, a number without roots below its fraction."""
    return sympy.radsimp(bound) if bound.is_number and bound.is_algebraic else readable(bound)


def over_labels(value: Expr, slice_: Slice, upper: bool) -> Expr:
    """The bound for every value of the inputs that are left in it."""
    inputs = {i.symbol for i in slice_.loss.inputs}
    for symbol in sorted(value.free_symbols & inputs, key=str):
        known = slice_.facts.of(symbol)
        facts = Facts(tuple(p for p in slice_.facts.ranges if p[0] != symbol))
        piece = Piece(known.lower, known.upper, value)
        found = extremes(Pieces(symbol, (piece,), facts))
        value = found.supremum if upper else found.infimum
    return value


def _range(slices: Sequence[Slice]) -> Answer:
    least, most, found = bounds(slices, 0)
    for s, p in zip(slices, require_defined(slices), strict=True):
        if any(j.order == 0 for j in joints(s, p)):
            raise Undecided("the range of a loss that jumps")
    at = [
        (s, e)
        for s, e in found
        if e.infimum == least or (not least.is_infinite and is_zero(e.infimum - least))
    ]
    where = equation(at[0][0], at[0][1].lowest_at) if at else ""
    argument = "On each part where the loss is monotone, the limits at its ends"
    if where:
        argument += f"; the infimum belongs to {where}"
    taken = (_taken(found, least, upper=False), _taken(found, most, upper=True))
    return Answer(
        interval(least, most, *taken), PROVEN, argument + ".", details={"infimum": least, "supremum": most}
    )


def interval(least: Expr, most: Expr, least_taken: bool = False, most_taken: bool = False) -> str:
    """A range in words, with a round bracket at an end that is not proven to be taken."""
    left, right = "[" if least_taken else "(", "]" if most_taken else ")"
    return f"{left}{in_words(least)}, {in_words(most)}{right}"


def _taken(found: Sequence[tuple[Slice, Extremes]], end: Expr, upper: bool) -> bool:
    """Whether the loss, which is continuous, is proven to have the value somewhere in its domain."""
    for s, e in found:
        value, place = (e.supremum, e.highest_at) if upper else (e.infimum, e.lowest_at)
        if value.is_infinite or end.is_infinite or not is_zero(value - end):
            continue
        d = s.domain
        edge = [open_ for at, open_ in ((d.lower, d.lower_open), (d.upper, d.upper_open)) if at == place]
        if not (any(edge) if edge else place.is_infinite):
            return True
    return False


def _in_numbers(order: int, closed: Callable[[Sequence[Slice]], Answer], slices: Sequence[Slice]) -> Answer:
    """A constant in closed form, or at the defaults a bound in numbers."""
    found = asked(slices, closed)
    if found.status != UNKNOWN:
        return found
    fixed = [s.at_defaults() for s in slices]
    try:
        sizes = [largest_size(p, order) for p in largest_multiples(require_defined(with_ends(fixed)))]
    except (Undecided, sympy.PolynomialError):
        return found
    low, high = max(s.low for s in sizes), max(s.high for s in sizes)
    if any(j.order < order for s, p in zip(fixed, require_defined(fixed), strict=True) for j in joints(s, p)):
        return found
    digits = 3
    with mpmath.workdps(30):
        unit = mpmath.mpf(10) ** (mpmath.floor(mpmath.log10(high)) - digits + 1)
        below, above = mpmath.floor(low / unit) * unit, mpmath.ceil(high / unit) * unit
        value = sympy.Float(mpmath.nstr(above, digits), digits)
        between = [mpmath.nstr(below, digits), mpmath.nstr(above, digits)]
    tails = ", ".join(str(t) for t in sorted({t for s in sizes for t in s.tails}))
    what = {1: "gradient", 2: "second derivative"}[order]
    far = f"; beyond ±{tails} it is monotone, or bounded at once" if tails else ""
    argument = (
        f"The supremum of the size of the {what} lies between {between[0]} and {between[1]}, by branch and bound with "
        f"outward rounding{far}. No closed form was found: {found.argument}"
    )
    return covering(Answer(value, PROVEN, argument, details={"between": between, "sharp": False}), fixed)


def _lipschitz(slices: Sequence[Slice]) -> Answer:
    least, most, found = bounds(slices, 1)
    for s, p in zip(slices, require_defined(slices), strict=True):
        for joint in joints(s, p):
            if joint.order == 0:
                return Answer(sympy.oo, PROVEN, f"The value jumps at {equation(s, joint.place)}.")
    constant = readable(highest([most, -least], slices[0].facts))
    if constant == sympy.oo:
        return Answer(sympy.oo, PROVEN, f"The gradient is not bounded: {_where(found)}.")
    return Answer(
        constant,
        PROVEN,
        f"The gradient runs from {least} to {most}: its limits at the ends of the parts where it is monotone.",
        details={"gradient_from": least, "gradient_to": most},
    )


def _where(found: Sequence[tuple[Slice, Extremes]]) -> str:
    texts = []
    for s, e in found:
        for value, place in ((e.supremum, e.highest_at), (e.infimum, e.lowest_at)):
            if value.is_infinite:
                label = f" (where {s.label})" if s.label and len(found) > 1 else ""
                texts.append(
                    f"{'∞' if value == sympy.oo else '-∞'} as {s.meaning} → {in_words(place)}{label}"
                )
    return ", ".join(texts) or "with the label"


def _least_gradient(slices: Sequence[Slice]) -> Answer:
    """The infimum of |gradient| where it is not 0 by passing through a minimum."""
    values = []
    if any(s.ends_suffice for s in slices):
        return _least_over_soft_labels(slices)
    if any(_has_small_slopes(s, p) for s, p in zip(slices, require_defined(slices), strict=True)):
        return Answer(sympy.S.Zero, PROVEN, "A loss with a gradient everywhere and a bound from one side has places at "
                      "which the gradient is as small as one likes (Ekeland 1974).")  # fmt: skip
    slices = with_ends(slices)
    for pieces in require_defined(slices):
        e = extremes(pieces.derivative())
        if sign(e.infimum, pieces.facts) in ("+", "0"):
            values.append(e.infimum)
        elif sign(e.supremum, pieces.facts) in ("-", "0"):
            values.append(-e.supremum)
        else:
            values.append(_smallest_size(pieces))
    least = readable(lowest(values, slices[0].facts))
    return Answer(least, PROVEN, "The smallest size of the gradient, apart from kinks.")


def _has_small_slopes(slice_: Slice, pieces: Pieces) -> bool:
    """Whether it is a function of all real numbers, without kinks, that is bounded from below or from above."""
    if slice_.domain != Range() or any(j.order <= 1 for j in joints(slice_, pieces)):
        return False
    try:
        e = extremes(pieces)
    except Undecided:
        return False
    return not (e.infimum.is_infinite and e.supremum.is_infinite)


def _least_over_soft_labels(slices: Sequence[Slice]) -> Answer:
    """A gradient that is affine in the label is 0 for some label where it has opposite signs at the ends."""
    signs = []
    for pieces in require_defined(slices):
        e = extremes(pieces.derivative())
        signs += [sign(e.infimum, pieces.facts), sign(e.supremum, pieces.facts)]
    up = any(s in ("+", "0", ">=") for s in signs[0::2])
    down = any(s in ("-", "0", "<=") for s in signs[1::2])
    if up and down:
        return Answer(sympy.S.Zero, PROVEN, "For one label the gradient is positive, for the other negative, and it is "
                      "affine in the label: for a label between it is 0.")  # fmt: skip
    raise Undecided("the smallest gradient over all labels")


def _smallest_size(pieces: Pieces) -> Expr:
    values = []
    for piece in pieces.derivative().pieces:
        one = extremes(Pieces(pieces.x, (piece,), pieces.facts))
        low, high = sign(one.infimum, pieces.facts), sign(one.supremum, pieces.facts)
        if low in ("+", "0"):
            values.append(one.infimum)
        elif high in ("-", "0"):
            values.append(-one.supremum)
        elif low == "-" and high == "+":
            values.append(sympy.S.Zero)
        else:
            raise Undecided(f"the sign of the gradient on {piece.lower} < {pieces.x} < {piece.upper}")
    return lowest(values, pieces.facts)


def _smoothness(slices: Sequence[Slice]) -> Answer:
    for s, pieces in zip(slices, require_defined(slices), strict=True):
        for joint in joints(s, pieces):
            if joint.order <= 1:
                return Answer(
                    sympy.oo,
                    PROVEN,
                    f"The gradient jumps at {equation(s, joint.place)}, so no constant will do.",
                )
    least, most, found = bounds(slices, 2)
    constant = readable(highest([most, -least], slices[0].facts))
    if constant == sympy.oo:
        return Answer(sympy.oo, PROVEN, f"The second derivative is not bounded: {_where(found)}.")
    return Answer(
        constant,
        PROVEN,
        f"The second derivative runs from {least} to {most}.",
        details={"second_derivative_from": least, "second_derivative_to": most},
    )


def _growth(slices: Sequence[Slice]) -> Answer:
    texts: list[str] = []
    slices = with_ends(slices)
    for s, pieces in zip(slices, require_defined(slices), strict=True):
        label = f" (where {s.label})" if s.label and len(slices) > 1 else ""
        for piece, end, side in ((pieces.pieces[0], pieces.lower, 1), (pieces.pieces[-1], pieces.upper, -1)):
            if not end.is_infinite:
                continue
            texts.append(f"{_order(piece, pieces, end, side)} at {in_words(end)}{label}")
    if not texts:
        return Answer("bounded domain", PROVEN, "The prediction is bounded.")
    orders = {t.split(" at ")[0] for t in texts}
    if len(orders) == 1:
        return Answer(orders.pop(), PROVEN, f"By the leading terms of the formula: {'; '.join(texts)}.")
    return Answer("; ".join(texts), PROVEN, "By the leading terms of the formula.")


def _order(piece: Piece, pieces: Pieces, end: Expr, side: int) -> str:
    try:
        lead = growth(piece.expr, pieces.x, end, side, pieces.within(piece))
        if lead.coefficient != 0 and sign(lead.coefficient, pieces.facts) not in ("+", "-"):
            raise Unknown(f"{lead.coefficient} may be 0")
        direction = "-" if lead.coefficient == 0 else settled_order(lead, pieces.facts)
    except Unknown as error:
        raise Undecided(f"the growth of {piece.expr}: {error}") from error
    return "goes to 0" if direction == "-" else lead.words


def _homogeneity(slices: Sequence[Slice]) -> Answer:
    """The k with ℓ(s·x, s·t) = sᵏ·ℓ(x, t) for s > 0, if there is one; else with what hyper-parameter scaled too."""
    slice_ = slices[0]
    units = in_units(slice_)
    if units is None:
        return Answer.inapplicable("the labels have no unit that could be changed")
    pieces = require_defined(slices)[0]
    if all(is_zero(p.expr) for p in pieces.pieces):
        raise Undecided("which power of the unit factors out of 0")
    scaled: list[Symbol] = []
    candidates = [p.symbol for p in slice_.loss.parameters if p.symbol in slice_.free]
    for extra in ([], *([c] for c in candidates), candidates):
        scaled = list(extra)
        degree = _degree(slice_, pieces, [*units, *scaled])
        if degree is not None:
            verb = "are" if len(scaled) > 1 else "is"
            also = f", where {' and '.join(map(str, scaled))} {verb} scaled with the data" if scaled else ""
            return Answer(
                degree,
                PROVEN,
                f"Euler's equation holds on every piece, and the joints scale: data in other units (times s) "
                f"multiply the loss by s^{degree}{also}.",
                every(slices) + also,
                details={"with": [s.name for s in scaled]} if scaled else {},
            )
    shown = _not_homogeneous(slice_, units)
    if shown is None:
        raise Undecided("whether a power of the unit factors out")
    return covering(
        Answer(
            "not homogeneous",
            REFUTED,
            "Doubling all data does not multiply the loss by one factor: the loss has a scale of its own, to which "
            "the targets should be brought before training.",
            counterexample=shown,
        ),
        [slice_.at_defaults()],
    )


def in_units(slice_: Slice) -> list[Symbol] | None:
    """The inputs, beside the slice's own number, that share its unit; None where a unit cannot be changed.

    A residual carries the unit of both of its parts. Otherwise what shares a unit has one domain: a real number
    beside a positive one is hardly of its unit, but perhaps its logarithm.
    """
    loss, own = slice_.loss, slice_.loss.argument(slice_.wrt).domain
    if slice_.at or not _unit_free(own):
        return None
    alike = [
        i
        for i in loss.inputs
        if i.name not in (slice_.wrt, *loss.differentiated)
        and _unit_free(i.domain)
        and Range.of(i.domain).interior == Range.of(own).interior
    ]
    units = [i.symbol for i in alike if i.symbol in slice_.free]
    return units if units or slice_.meaning != slice_.x else None


def _unit_free(domain: Domain) -> bool:
    """Whether a domain holds every positive multiple of its members."""
    ends = Range.of(domain)
    whole = domain.values or domain.integer or domain.sums_to_one
    return not whole and all(end == 0 or end.is_infinite for end in (ends.lower, ends.upper))


def _not_homogeneous(slice_: Slice, units: Sequence[Symbol]) -> dict[str, Any] | None:
    """Three places, each twice the one before, whose losses are no geometric sequence."""
    loss = slice_.loss
    names = [i.name for i in loss.inputs if i.symbol in units]
    for first, other in ((1, 1), (-1, 1), (1, 3), (3, 1)):
        if not slice_.domain_contains(first):
            continue
        at = [
            environment(slice_, first * 2**k, **{n: mpmath.mpf(other * 2**k) for n in names})
            for k in range(3)
        ]
        a, b, c = (value_of(loss, e) for e in at)
        if abs(a * c - b * b) > (abs(a * c) + b * b) * mpmath.mpf(10) ** -30:
            places = {"residuals" if not names else slice_.wrt: [first, 2 * first, 4 * first]}
            places |= {n: [other, 2 * other, 4 * other] for n in names}
            return {**places, "values": [mpmath.nstr(v, 12) for v in (a, b, c)], "paste": pasted(loss, at)}
    return None


def _degree(slice_: Slice, pieces: Pieces, scaled: list[Symbol]) -> Expr | None:
    found: Expr | None = None
    variables = [pieces.x, *scaled]
    if not all(_of_degree(end, sympy.S.One, scaled) for end in pieces.breakpoints):
        return None
    for piece in pieces.pieces:
        plain = elementary(piece.expr)
        if is_zero(plain):
            continue
        euler = sum((v * sympy.diff(plain, v) for v in variables), sympy.S.Zero)
        degree = readable(euler / plain)
        if degree.free_symbols & set(variables) or (found is not None and not is_zero(found - degree)):
            return None
        found = degree
    if found is None or not all(_scales(slice_, pieces, mark, found, scaled) for mark in pieces.marks):
        return None
    return found


def _of_degree(e: Expr, degree: Expr, scaled: list[Symbol]) -> bool:
    """Euler's equation for an expression in the scaled hyper-parameters."""
    return is_zero(sum((v * sympy.diff(e, v) for v in scaled), sympy.S.Zero) - degree * e)


def _scales(slice_: Slice, pieces: Pieces, mark: Expr, degree: Expr, scaled: list[Symbol]) -> bool:
    """Whether the value at a place that a case may single out is that of a piece beside it, or scales on its own."""
    value = resolved_at(slice_.expr, pieces.x, mark, pieces.facts)
    if value is None or not value.is_finite:
        return False
    for piece in pieces.pieces:
        touches = mark in (piece.lower, piece.upper) or sign(mark - piece.lower, pieces.facts) == "+" == sign(
            piece.upper - mark, pieces.facts
        )
        if touches and is_zero(elementary(piece.expr).xreplace({pieces.x: mark}) - elementary(value)):
            return True
    return _of_degree(mark, sympy.S.One, scaled) and _of_degree(elementary(value), degree, scaled)


ANSWERS: dict[str, Callable[[Sequence[Slice]], Answer]] = {
    "range": asking(_range),
    "lipschitz": partial(_in_numbers, 1, _lipschitz),
    "gradient_infimum": asking(_least_gradient),
    "smoothness": partial(_in_numbers, 2, _smoothness),
    "growth": asking(_growth),
    "homogeneity": homogeneity,
}
"""What answers each part of the second question."""
