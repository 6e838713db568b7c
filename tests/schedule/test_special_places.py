"""Places with formulas of their own are taken out of a loop, and the formulas there are what they were."""

import sympy
from sympy import Eq, Indexed, IndexedBase, Integer, Symbol

from symloss.functions import Cases, group
from symloss.schedule import Accumulate, Define, SpecialPlaces, Store
from symloss.schedule.program import Block, Definition, Loop

k, size, place, other = (Symbol(name, integer=True) for name in ("k", "C", "place_1", "i"))
x, target = IndexedBase("x", real=True), IndexedBase("target", integer=True)
a, b = Symbol("a", real=True), Symbol("b", real=True)
TARGET = Indexed(target, other)


def loop(*statements, accumulators=()):
    return Loop(k, size, list(accumulators), Block(list(statements)))


def test_places_that_are_known_before_the_loop():
    inside = Symbol("inside", integer=True)
    one = Store("out", (k,), Cases((x[k], Eq(k, place)), (2 * x[k], Eq(k, TARGET)), (a, True)))
    assert SpecialPlaces(loop(one)).places == [place, TARGET]
    by_entry = loop(Store("out", (k,), Cases((a, Eq(k, x[k])), (b, True))))
    by_name = loop(Define("inside", x[k]), Store("out", (k,), Cases((a, Eq(k, inside)), (b, True))))
    assert SpecialPlaces(by_entry).places == SpecialPlaces(by_name).places == []
    assert SpecialPlaces(loop(one, loop(one))).places == []
    largest = Definition("largest_1", (), x[k], op="max", over=k)
    assert SpecialPlaces(loop(one, Accumulate(largest, x[k]), accumulators=[largest])).places == []


def test_elsewhere_and_there():
    total = Definition("sum_1", (), x[k], op="sum", over=k)
    body = loop(
        Define("exp_1", sympy.exp(x[k])),
        Define("case_1", Cases((a, Eq(k, place)), (a + b, True))),
        Accumulate(total, Cases((0, Eq(k, place)), (Symbol("exp_1", real=True), True))),
        Store("out", (k,), 2 + Symbol("case_1", real=True)),
        Store("as_ever", (k,), x[k]),
        accumulators=[total],
    )
    rest = [s.expr for s in SpecialPlaces(body).elsewhere().body.statements]
    assert rest[1] == group(a + b), "a sum is added up as it was"
    assert rest[2] == Symbol("exp_1", real=True)
    (added,) = SpecialPlaces(body).at(place, Accumulate)
    assert added.expr == Integer(0)
    case, stored = SpecialPlaces(body).at(place, Store)
    assert (case.name, case.expr, stored.target) == ("case_1", a, "out")
    assert SpecialPlaces(body).at(TARGET, Store) == []


def test_a_loop_without_such_places_is_left_alone():
    plain = loop(Store("out", (k,), x[k]))
    assert SpecialPlaces(plain).elsewhere() is plain
