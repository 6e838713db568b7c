"""Programs are fused into the fewest loops, and nothing is computed twice."""

import re

import mpmath
import pytest
import sympy
from sympy import tanh

from symloss.declare import (
    Max,
    Mean,
    Ne,
    Piecewise,
    Real,
    Sum,
    index,
    log_softmax,
    logsumexp,
    loss,
    named,
    oo,
)
from symloss.functions import Cases, expm1
from symloss.losses import get, names
from symloss.schedule import (
    Accumulate,
    Block,
    Define,
    Keep,
    Loop,
    Store,
    by_relatives,
    fuse,
    runs,
    schedule,
    share,
)
from symloss.verification import check_kernel

BOTH = ("value", "gradient")


def _loops(block, depth=0):
    for statement in block.statements:
        if isinstance(statement, Loop):
            yield depth, statement.size.name
            yield from _loops(statement.body, depth + 1)


def _statements(block):
    for statement in block.statements:
        if isinstance(statement, Loop):
            yield from _statements(statement.body)
        else:
            yield statement


def _program(what, outputs=BOTH):
    program = schedule(get(what) if isinstance(what, str) else what, outputs)
    return program, share(fuse(program), program.names)


def test_elementwise_losses_are_one_pass():
    for name in names():
        if get(name).kind == "elementwise":
            assert list(_loops(_program(name)[1])) == [(0, "n")], name


def test_a_softmax_row_is_three_passes():
    """The maximum, the sum of exponentials, and value with gradient together."""
    assert list(_loops(_program("softmax_cross_entropy")[1])) == [(0, "n"), (1, "C"), (1, "C"), (1, "C")]


def test_reductions_of_one_stage_share_a_loop():
    assert list(_loops(_program("soft_dice")[1])) == [(0, "N"), (0, "N")]


def test_reductions_stay_inside_the_axis_that_they_do_not_reduce():
    """Pixels outside, classes inside: neither needs an array."""
    program, block = _program("pixelwise_cross_entropy")
    assert program.workspace == []
    assert list(_loops(block)) == [(0, "n"), (1, "P"), (2, "C"), (2, "C"), (2, "C")]


def test_only_pairs_of_examples_need_a_workspace():
    needing = [name for name in names() if schedule(get(name), BOTH).workspace]
    assert needing == ["info_nce"]


def test_invariants_stand_outside_the_loop():
    _, block = _program("huber")
    assert any(
        isinstance(s, Define) and s.expr.has(sympy.Symbol("delta", positive=True)) for s in block.statements
    )


def test_one_exponential_for_value_and_gradient():
    """Focal has two more, for the power of the probability, and no pow."""
    for name, most in (
        ("binary_cross_entropy_with_logits", 1),
        ("focal_with_logits", 3),
        ("gan_generator", 1),
    ):
        _, block = _program(name)
        count = sum(s.expr.count(sympy.exp) for s in _statements(block) if hasattr(s, "expr"))
        assert count == most, name


def test_no_expression_is_computed_twice():
    for name in names():
        _, block = _program(name)
        _check_new(block, set(), name)


def _check_new(block, known, name):
    """Two loops, one after the other, may each need what depends on their index."""
    known = set(known)
    for s in block.statements:
        if isinstance(s, Loop):
            _check_new(s.body, known, name)
        elif isinstance(s, Define):
            assert s.expr not in known or s.expr.is_Symbol, (name, s.expr)
            known.add(s.expr)


def test_integer_powers_are_products():
    from symloss.backends import get as backend

    source = backend("c").render(get("mean_squared_error"), "")[".c"]
    assert "r * r" in source and "pow" not in source


def test_everything_is_defined_before_it_is_used():
    for name in names():
        program, block = _program(name)
        known = {i.name for i in program.loss.inputs} | {p.name for p in program.loss.parameters}
        known |= {*program.loss.axes, "n"} | {v.name for v in program.vectors}
        _check_defined(block, known, name)


def _check_defined(block, known, name):
    for s in block.statements:
        if isinstance(s, Loop):
            _check_defined(s.body, known | {s.index.name}, name)
            known |= {d.name for d in s.accumulators}
            known |= {k.definition.name for k in _statements(s.body) if isinstance(k, Keep)}
            continue
        used = {sym.name for sym in s.expr.free_symbols if isinstance(sym, sympy.Symbol)}
        assert used <= known, (name, s, used - known)
        if isinstance(s, Define):
            known = known | {s.name}
        elif isinstance(s, Keep):
            known = known | {s.definition.name}
        assert isinstance(s, (Define, Keep, Store, Accumulate))


i, j, k = index("i"), index("j"), index("k")


@loss(over="batch")
def pairs_both_ways(x: Real["N", "D"]):
    """Log-sum-exp over rows and over columns of one similarity matrix."""
    s = named("s", Sum[k](x[i, k] * x[j, k]), i, j)
    return Mean[i](logsumexp[j](s[i, j])) + Mean[j](logsumexp[i](s[i, j])) - Mean[i](s[i, i])


@loss
def of_a_later_stage(logits: Real["C"], target: Real["C"]):
    """A sum that needs a reduction of a reduction."""
    m = named("centre", Mean[j](logits[j]))
    spread = named("spread", Sum[j]((logits[j] - m) ** 2))
    return Sum[j]((logits[j] - m) * target[j]) / (1 + spread) + logsumexp[j](logits[j] / (1 + spread))


@loss
def hardest(score: Real["C", "K"], target: Real["K"]):
    """A maximum within a sum within a maximum."""
    best = Max[i](score[i, k])
    rest = Max[i](Piecewise((score[i, k], Ne(i, k)), (-oo, True)))
    return Max[k](best * target[k]) + Sum[k](rest * target[k]) if False else Sum[k](best * target[k])


@loss(over="batch")
def transposed(a: Real["N", "N"]):
    """An entry and its mirror image, in one term."""
    return Sum[i, j](a[i, j] * a[j, i]) + Mean[i](log_softmax[j](a[j, i])[i])


@pytest.mark.slow
@pytest.mark.parametrize(
    "declared", [pairs_both_ways, of_a_later_stage, hardest, transposed], ids=lambda d: d.name
)
@pytest.mark.parametrize("backend", ["numpy", "c"])
def test_odd_shapes_of_programs_compute_the_right_thing(declared, backend):
    outcome = check_kernel(declared.load(backend))
    assert outcome, outcome


@pytest.mark.slow
def test_generated_c_has_no_dead_constants():
    from symloss.backends import get as backend

    for name in names():
        source = backend("c").render(get(name), "")[".c"]
        for body in re.split(r"\n}\n", source):
            for constant in re.findall(r"const (?:double|float) (\w+) =", body):
                assert len(re.findall(rf"\b{constant}\b", body)) > 1, (name, constant)


x, y = sympy.symbols("x y", real=True)


def test_reciprocals_are_shared_where_they_cannot_overflow():
    """Two quotients by 1 + e^x become products; those by x stay, for 1/x may overflow where y/x does not."""
    block = Block([Define("a", y / (1 + sympy.exp(x))), Define("b", x / (1 + sympy.exp(x)))])
    shared = [s.expr for s in share(block, {"a", "b", "x", "y"}).statements]
    assert sum(e.has(sympy.Pow) for e in shared) == 1
    again = [s.expr for s in share(block, {"a", "b"}, reciprocals=False).statements]
    assert sum(e.has(sympy.Pow) for e in again) == 2
    risky = Block([Define("a", y / x), Define("b", (y + 1) / x)])
    assert sum(s.expr.has(sympy.Pow) for s in share(risky, {"a", "b", "x", "y"}).statements) == 2


def test_runs_hand_on_what_is_costly_and_repeat_what_is_cheap():
    e, t, g = sympy.symbols("e t g", real=True)
    block = Block(
        [Define("t", x + y), Define("e", sympy.exp(t)), Define("g", sympy.log(e) + t), Define("h", g / t)]
    )
    first, second = runs(block, {"t", "e", "g", "h", "x", "y"})
    assert [s.name for s in first.statements] == ["t", "e"] and first.saves == ["e"]
    assert second.loads == ["e"] and second.statements[0].name != "e"
    assert {s.name for s in second.statements} >= {"t", "g", "h"}
    assert runs(Block([Define("e", sympy.exp(x))]), set())[0].saves == []


def test_a_division_goes_to_the_one_run_that_reads_it():
    e, d = sympy.symbols("e d", real=True)

    def cut(*results):
        block = [Define("e", sympy.exp(x)), Define("d", 1 / (1 + e))]
        return runs(Block([*block, *(Store("value", (), r, False, ()) for r in results)]), {"d", "e", "x"})

    first, second = cut(sympy.log(e) * d)
    assert first.saves == ["e"] and "d" in {s.name for s in second.statements if isinstance(s, Define)}
    first, *_ = cut(sympy.log(e) * d, sympy.log(x) * d)
    assert first.saves == ["e", "d"], "two would divide"
    first, *_ = cut(sympy.log(e) * d**2, sympy.sqrt(sympy.log(x)))
    assert first.saves == ["e"]


def test_tanh_comes_from_a_relative():
    block = by_relatives(
        Block([Define("a", expm1(-sympy.Abs(x))), Define("b", tanh(x)), Define("c", tanh(y))])
    )
    b, c = (s.expr for s in block.statements[1:])
    assert not b.has(tanh) and c == tanh(y)
    for at in (-30, -1, -0.001, 0, 0.5, 3):
        value = b.subs(x, at).replace(expm1, lambda u: sympy.exp(u) - 1)
        if isinstance(value, Cases):
            value = value.rewrite(sympy.Piecewise)
        assert abs(sympy.N(value.rewrite(sympy.Piecewise), 30) - mpmath.tanh(mpmath.mpf(at))) < 1e-15


def test_loops_that_are_shared_in_one_way_are_not_taken_for_the_other():
    program = schedule(get("focal_with_logits"), ("hessian",))
    block = fuse(program)
    quotients = share(block, program.names, reciprocals=False)
    products = share(block, program.names)
    assert share(block, program.names, reciprocals=False) is quotients is not products
    loop = next(s for s in products.statements if isinstance(s, Loop))
    assert "inverse_1" in {d.name for d in loop.body.statements if isinstance(d, Define)}
