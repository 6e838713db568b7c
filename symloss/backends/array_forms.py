"""Forms of an expression that cost an array library less, and give the same numbers, NaN and infinity included.

A choice among arrays is computed for every number of each of them, and then takes longer than a product. So what a
choice does not need is left out, and where one is a minimum or a maximum it is written as such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import sympy
from sympy import Abs, Add, Eq, Expr, Function, Indexed, Integer, Mul, Pow, Symbol, sign
from sympy.core.relational import Ne, Relational
from sympy.logic.boolalg import Boolean

from symloss.functions import Cases, expm1, group, log1p, maximum, names_in, nan_where, rebuild, two_values
from symloss.schedule import (
    Definition,
    Program,
    Store,
    clip,
    clipped,
    difference_of_probabilities,
    fresh,
    quadratic_then_linear,
)
from symloss.schedule.bounds import at_least_one, stands_for
from symloss.schedule.program import expression_with

__all__ = [
    "FORMS",
    "Form",
    "arranged",
    "differing",
    "divisor_of",
    "kept_finite",
    "meant",
    "minimum",
    "one_of_row",
    "row_factor",
]


class minimum(Function):
    """min(a, b); NaN where one of them is."""

    nargs = 2
    is_extended_real = True

    def definition(self) -> Expr:
        a, b = self.args
        return Cases((b, b < a), (a, True))


@dataclass(frozen=True)
class Form:
    """A way to write an expression: the expression that it stands for, or None where it does not apply."""

    name: str
    apply: Callable[[Expr], Expr | None]


def arranged(program: Program) -> Program:
    """The same program with every expression in its cheaper form."""
    parts: list[Definition | Store] = [*program.definitions, *program.stores]
    new = [rebuild(part.expr, _best) for part in parts]
    known = {d.name: stands_for(d.op, e) for d, e in zip(program.definitions, new, strict=False)}
    made_of = {d.name: e for d, e in zip(program.definitions, new, strict=False) if d.op is None}
    new = [rebuild(e, lambda node: _one_quotient(node, made_of, known)) for e in new]
    new = [rebuild(e, lambda node: _log_cosh(node, made_of)) for e in _quotients_shared(new, known)]
    made: list[Definition | Store] = []
    taken = set(program.names)
    for part, e in zip(parts, new, strict=True):
        entries, e = _entries_apart(e, program, taken)
        made += [*entries, expression_with(part, e)]
    read = names_in(program.normalizer).union(*(names_in(p.expr) for p in made))
    return replace(
        program,
        definitions=[p for p in made if isinstance(p, Definition) and p.name in read],
        stores=[p for p in made if isinstance(p, Store)],
        names=taken,
    )


def _log_cosh(e: Expr, made_of: Mapping[str, Expr]) -> Expr | None:
    """Which of two forms log cosh x has, without a choice.

    They are log1p(cosh x − 1) and, of large |x|, |x| − log 2 + log1p(e^(−2|x|)). On either side of |x| = log 2 the
    argument of log1p is the smaller one of the two.
    """
    if not isinstance(e, log1p) or (two := two_values(e.args[0])) is None:
        return None
    small, condition, large = two
    size = condition.lhs if isinstance(condition, sympy.Lt) and condition.rhs == sympy.log(2) else None
    if size is None or not isinstance(meant(size, made_of), Abs):
        return None
    t, power = sympy.Dummy(), expm1(-meant(size, made_of))
    small_t, large_t = (
        rebuild(meant(part, made_of), lambda node: t if node == power else None) for part in (small, large)
    )
    if sympy.cancel(small_t - t**2 / (2 * (1 + t))) != 0 or sympy.expand(large_t - (1 + t) ** 2) != 0:
        return None
    return log1p(minimum(small, large))


def _entries_apart(e: Expr, program: Program, taken: set[str]) -> tuple[list[Definition], Expr]:
    """A value that one entry of each row has instead of another is defined for the rows, where it is computed once."""
    entries: list[Definition] = []

    def apart(node: Expr) -> Expr | None:
        if (two := two_values(node)) is None or (found := one_of_row(two[1])) is None:
            return None
        index, place = found
        value = two[0].xreplace({index: place})
        if two[0] == nan_where(Integer(0), two[2]):
            return None  # is taken out of a sum
        if value.is_number or value.free_symbols & {index} or not place.args[1:]:
            return None
        own = tuple(i for i in program.size_of if i in (value * place).free_symbols)
        entry = next((d for d in entries if d.expr == value), None)
        if entry is None:
            entry = Definition(fresh("changed", taken), own, value)
            entries.append(entry)
        return Cases((entry.ref(), two[1]), (two[2], True))

    return entries, rebuild(e, apart)


def one_of_row(condition: Boolean) -> tuple[Symbol, Indexed] | None:
    """The index and the place of a condition that one entry of each row fulfils, as c == place[i]."""
    if not isinstance(condition, Eq) or not isinstance(condition.lhs, Symbol):
        return None
    place = condition.rhs
    if not isinstance(place, Indexed) or not all(isinstance(i, Symbol) for i in place.args[1:]):
        return None
    return condition.lhs, place


def _best(e: Expr) -> Expr | None:
    """The last form that an expression comes to, by one rule after the other, or None where there is none."""
    if not isinstance(e, (Add, Mul, Cases, Pow, nan_where, maximum, Relational)):
        return None
    for form in FORMS:
        new = form.apply(e)
        if new is not None and new != e:
            return rebuild(new, _best)
    return None


def _quotients_shared(expressions: list[Expr], known: Mapping[str, Expr]) -> list[Expr]:
    """x y / d of the quotient y / d where that is needed anyway, and d is at least 1, so that none overflows."""
    nodes = {n for e in expressions for n in sympy.preorder_traversal(e) if isinstance(n, Mul)}
    nodes = {-n if _is_negative(n) else n for n in nodes}
    quotients = [
        n for n in nodes if isinstance(n, Mul) and len(n.args) == 2 and divisor_of(n, known) is not None
    ]
    quotients.sort(key=sympy.default_sort_key)

    def within(node: Expr) -> Expr | None:
        if isinstance(node, Mul):
            for q in quotients:
                if set(q.args) < set(node.args) and node != -q:
                    return Mul(*(f for f in node.args if f not in q.args), group(q))
        return None

    return [rebuild(e, within) for e in expressions] if quotients else expressions


def _one_quotient(e: Expr, made_of: Mapping[str, Expr], known: Mapping[str, Expr]) -> Expr | None:
    """The sum of two quotients by one array, which is at least 1, divided once."""
    if not isinstance(e, Add) or len(e.args) != 2:
        return None
    terms = [_with_quotient(t, made_of, known) for t in e.args]
    divisors = [divisor_of(t, known) for t in terms if isinstance(t, Mul)]
    if len(divisors) < 2 or divisors[0] is None or divisors[0] != divisors[1]:
        return None
    return group(Add(*(t * divisors[0] for t in terms))) / divisors[0]


def _with_quotient(term: Expr, made_of: Mapping[str, Expr], known: Mapping[str, Expr]) -> Expr:
    """A product of which a factor that is the name of a quotient is written out."""
    if not isinstance(term, Mul) or divisor_of(term, known) is not None:
        return term
    for f in term.args:
        quotient = made_of.get(f.base.label.name) if isinstance(f, Indexed) else None
        if isinstance(quotient, Mul) and divisor_of(quotient, known) is not None:
            return Mul(quotient, *(g for g in term.args if g is not f))
    return term


def divisor_of(product: Mul, known: Mapping[str, Expr]) -> Expr | None:
    """The array that a product is divided by, if that is at least 1."""
    found = (f.base for f in product.args if isinstance(f, Pow) and f.exp == -1 and f.atoms(Indexed))
    return next((d for d in found if at_least_one(meant(d, known), known)), None)


def row_factor(e: Expr, own: Symbol, known: Mapping[str, Expr]) -> tuple[Expr, Expr]:
    """A factor that is one number for each row, and the rest, of a product like that by a softmax of the rows.

    Its other numbers are at most 1 and those it is divided by at least 1, so that no order of them leaves the format.
    """
    if (two := two_values(e)) is not None:
        first, condition, second = two
        if first == 0 and own not in condition.free_symbols:
            factor, rest = row_factor(second, own, known)
            nothing = (first, condition)
            return (
                (Cases(nothing, (factor, True)), Cases(nothing, (rest, True))) if factor != 1 else (factor, e)
            )
        if one_of_row(condition) and isinstance(second, Mul):
            divisor = divisor_of(second, known)
            if divisor is not None and own not in divisor.free_symbols:
                return 1 / divisor, Cases((first * divisor, condition), (second * divisor, True))
    elif isinstance(e, Mul):
        varying = [f for f in e.args if own in f.free_symbols]
        if len(varying) == 1:
            factor, rest = row_factor(varying[0], own, known)
            if factor != 1:
                return factor * Mul(*(f for f in e.args if f not in varying)), rest
    return sympy.Integer(1), e


def differing(expressions: Iterable[Expr]) -> set[Expr]:
    """The exponentials from which something else is taken away, so that an error of theirs may be all that is left."""
    found: set[Expr] = set()
    for e in expressions:
        for total in e.atoms(Add):
            terms = total.args
            if any(not t.is_nonnegative for t in terms):
                found |= {t for t in terms if isinstance(t, sympy.exp)}
    return found


def meant(e: Expr, known: Mapping[str, Expr]) -> Expr:
    """An expression with the names of arrays written out."""
    return rebuild(e, lambda node: known.get(node.base.label.name) if isinstance(node, Indexed) else None)


def _guard_left_out(e: Expr) -> Expr | None:
    """A value needs no guard where it is NaN by itself."""
    if isinstance(e, nan_where) and _nan_through(e.args[0], e.args[1]):
        return e.args[0]
    return None


_STRICT = (Add, Mul, sympy.exp, sympy.log, log1p, expm1, sympy.tanh, Abs, sign, group, minimum)


def _nan_through(value: Expr, witness: Expr) -> bool:
    """Whether ``value`` is surely NaN where ``witness`` is."""
    if value == witness:
        return True
    if isinstance(value, nan_where):
        return any(_nan_through(a, witness) for a in value.args)
    if isinstance(value, maximum):
        return any(_nan_through(a, witness) for a in value.args[:2])
    if isinstance(value, clip) or (isinstance(value, Pow) and value.exp.is_number):
        return _nan_through(value.args[0], witness)
    if isinstance(value, Cases):
        return all(_nan_through(v, witness) or _fails(c, witness) for v, c in value.pairs)
    return isinstance(value, _STRICT) and any(_nan_through(a, witness) for a in value.args)


def _fails(condition: Boolean, witness: Expr) -> bool:
    """Whether a condition surely does not hold where ``witness`` is NaN."""
    return (
        isinstance(condition, Relational)
        and not isinstance(condition, Ne)
        and (_nan_through(condition.lhs, witness) or _nan_through(condition.rhs, witness))
    )


def _asked_once(e: Expr) -> Expr | None:
    """Within a value that is taken only where a condition holds, or fails, it is not asked again."""
    if (two := two_values(e)) is None:
        return None
    first, condition, second = two

    def where(holds: bool) -> Callable[[Expr], Expr | None]:
        def inner(node: Expr) -> Expr | None:
            if isinstance(node, Cases) and node.pairs[0][1] == condition:
                return node.pairs[0][0] if holds else Cases(*node.pairs[1:])
            return None

        return inner

    return Cases((rebuild(first, where(True)), condition), (rebuild(second, where(False)), True))


def _factor_in_front(e: Expr) -> Expr | None:
    """Multiples of one number: the factor is chosen, which is a hyper-parameter or a constant."""
    if (two := two_values(e)) is None:
        return None
    first, condition, second = two
    varying = [Mul(*(f for f in Mul.make_args(v) if not _is_scalar(f))) for v in (first, second)]
    if varying[0] == 1 or varying[0] != varying[1]:
        return None
    return varying[0] * _positive_first(Cases((first / varying[0], condition), (second / varying[1], True)))


def _sign_in_front(e: Expr) -> Expr | None:
    """The same choice with the other sign is known already, and a sign in front of all costs nothing."""
    if isinstance(e, nan_where) and _is_negative(e.args[0]):
        return -nan_where(-e.args[0], e.args[1])
    if (two := two_values(e)) is None or not all(_is_scalar(v) and v != 0 for v in (two[0], two[2])):
        return None
    return _positive_first(e)


def _positive_first(e: Expr) -> Expr:
    if (two := two_values(e)) is None or not two[0].could_extract_minus_sign():
        return e
    return -Cases((-two[0], two[1]), (-two[2], True))


def _halved(e: Expr) -> Expr | None:
    """1/(2 x + 2) is 1/(x + 1) by 2, and x + 1 may be known already; a power of 2 costs no rounding."""
    if not isinstance(e, Pow) or e.exp != -1 or not isinstance(e.base, Add):
        return None
    content, rest = e.base.primitive()
    return rest**-1 / content if content in (2, 4, 8) else None


def _power_of_quotient(e: Expr) -> Expr | None:
    """a² (1/d)² is (a/d)², of a quotient that its slope has, too."""
    if not isinstance(e, Mul):
        return None
    powers = [f for f in e.args if isinstance(f, Pow) and f.exp.is_Integer and f.exp > 1]
    for one in powers:
        if not (
            isinstance(one.base, group) and isinstance(one.base.args[0], Pow) and one.base.args[0].exp == -1
        ):
            continue
        for other in powers:
            if other is not one and other.exp == one.exp:
                rest = Mul(*(f for f in e.args if f not in (one, other)))
                return rest * group(other.base * one.base.args[0]) ** one.exp
    return None


def kept_finite(e: Expr) -> tuple[Expr | None, Expr]:
    """The factor and the product of an expression that is 0 where the factor is; None and it where it is none."""
    if (two := two_values(e)) is not None and two[0] == 0 and isinstance(two[1], Eq) and two[1].rhs == 0:
        return two[1].lhs, two[2]
    return None, e


def _witness_multiplied(e: Expr) -> Expr | None:
    """A product of which all but one factor is looked at anyway."""
    if not isinstance(e, nan_where):
        return None
    factor, product = kept_finite(e.args[0])
    if factor is None or _is_scalar(factor) or product != factor * e.args[1]:
        return None
    return nan_where(Cases((0, Eq(factor, 0)), (factor * group(e.args[1]), True)), e.args[1])


def _without_minus(e: Expr) -> Expr | None:
    """A number is compared with 0 as it is, and no negative is made: -x ≥ 0 where x ≤ 0, max(0, -x) = -min(0, x)."""
    if isinstance(e, Relational) and e.rhs == 0 and _is_negative(e.lhs):
        return e.reversedsign
    if isinstance(e, maximum) and e.args[0] == 0 and _is_negative(e.args[1]):
        return -minimum(-e.args[1], e.args[0])
    return None


def _is_negative(e: Expr) -> bool:
    """Whether an expression is minus another one."""
    return isinstance(e, Mul) and e.args[0] == -1


def _is_scalar(e: Expr) -> bool:
    """Whether an expression is one number in a call: of constants and hyper-parameters without axes."""
    return not e.atoms(sympy.Indexed) and all(
        isinstance(s, Symbol) and not s.is_integer for s in e.free_symbols
    )


FORMS = (
    Form("a condition is asked once", _asked_once),
    Form("no guard where none is needed", _guard_left_out),
    Form("a clipped number", clipped),
    Form("quadratic, then linear", quadratic_then_linear),
    Form("a common factor in front", _factor_in_front),
    Form("a common sign in front", _sign_in_front),
    Form("a witness that is a factor", _witness_multiplied),
    Form("a sign that is not made", _without_minus),
    Form("a difference of probabilities", difference_of_probabilities),
    Form("a power of 2 in front", _halved),
    Form("a power of a quotient", _power_of_quotient),
)
"""The cheaper forms, in the order in which they are tried."""
