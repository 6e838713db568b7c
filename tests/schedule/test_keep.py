"""How long what is kept is needed."""

import sympy
from sympy import IndexedBase, Symbol

from symloss.schedule import Define, Store, last_reads
from symloss.schedule.program import Block, Definition, Loop

k, size = Symbol("k", integer=True), Symbol("C", integer=True)
x = IndexedBase("x", real=True)
first, second, a, b = (Symbol(name, real=True) for name in ("kept_1", "kept_2", "a", "b"))


def test_the_last_statement_that_needs_it_itself_or_by_a_name():
    kept = [Definition(s.name, (k,), sympy.exp(x[k]), stored=True) for s in (first, second)]
    there = [IndexedBase(s.name, real=True)[k] for s in (first, second)]
    body = [
        Define("a", 2 * there[0]),
        Store("early", (k,), there[1]),
        Define("b", a + 1),
        Store("late", (k,), b * x[k]),
        Store("after", (k,), x[k]),
    ]
    assert last_reads(Loop(k, size, [], Block(body)), kept) == {"kept_1": 3, "kept_2": 1}
