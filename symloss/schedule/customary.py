"""What a program becomes where hyper-parameters have their defaults, if it is then cheaper to compute."""

from __future__ import annotations

from typing import NamedTuple

import sympy
from sympy import Abs, Expr, Integer, Pow, Symbol

from symloss.compose import fixed
from symloss.functions import Cases, group, log1p, maximum, names_in, rebuild
from symloss.schedule.build import build
from symloss.schedule.fuse import fuse
from symloss.schedule.program import MOST_FACTORS, Program
from symloss.schedule.runs import calls
from symloss.value import Loss

__all__ = ["Customary", "customary"]


class Customary(NamedTuple):
    """A program that holds where each of some hyper-parameters is the whole number beside it."""

    program: Program
    numbers: dict[str, Integer]


def customary(general: Program) -> Customary | None:
    """The cheaper program for the same outputs as a scheduled one; None where there is none.

    Numbers are put in that can save a function or a sum. What a 0 makes vanish needs no derivative. A whole exponent
    is put into the sound form, which holds for any exponent, so that it cannot lose what that form is for.
    """
    loss, outputs = general.loss, general.outputs
    whole = {
        p.name: Integer(p.default)
        for p in loss.parameters
        if not p.axes and not p.domain.integer and p.default == int(p.default)
    }
    absent = {name: number for name, number in whole.items() if number == 0}
    exponents = {name: number for name, number in whole.items() if number != 0 and _is_exponent(name, loss)}
    if not absent and not exponents:
        return None
    program = build(fixed(loss, absent) if absent else loss, outputs)

    def put(e: Expr) -> Expr | None:
        return _with_whole_powers(e, exponents)

    for d in program.definitions:
        d.expr = rebuild(d.expr, put)
    for s in program.stores:
        s.expr = rebuild(s.expr, put)
    fuse(program)  # which may find that a definition needs an array
    if program.workspace or general.workspace or _cost(program) >= _cost(general):
        return None
    return Customary(program, absent | exponents)


def _is_exponent(name: str, loss: Loss) -> bool:
    powers = [
        p for e in (loss.expression, *(d.expr for d in loss.definitions.values())) for p in e.atoms(Pow)
    ]
    return any(name in names_in(p.exp) for p in powers)


def _with_whole_powers(e: Expr, numbers: dict[str, Integer]) -> Expr | None:
    """A number for a hyper-parameter; products for exponentials of multiples, as e^(2 log(1 + x)) = (1 + x)²."""
    if isinstance(e, Symbol):
        return numbers.get(e.name)
    if not isinstance(e, sympy.exp):
        return None
    times, of = e.args[0].as_coeff_Mul()
    if isinstance(of, log1p) and times.is_Integer and abs(times) <= MOST_FACTORS:
        return Pow(group(1 / (1 + of.args[0])), -times) if times < 0 else Pow(1 + of.args[0], times)
    if isinstance(of, maximum) and times.is_Integer and -MOST_FACTORS <= times < 0 and of.args[0] == 0:
        z = of.args[1]
        return Pow(Cases(Integer(1), -z >= 0, sympy.exp(-Abs(z)), sympy.true), -times)
    return None


def _cost(program: Program) -> int:
    """How many functions are taken and sums made."""
    taken = {call for e in program.expressions for call in calls(e)}
    return len(taken) + sum(d.op is not None for d in program.definitions)
