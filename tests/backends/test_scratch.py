"""Arrays that are used again: the same bits as statements with a new array each, whatever the statements are."""

from __future__ import annotations

import itertools
import random
import threading

import numpy as np
import pytest
from helpers import NAMES, by_name, draw, quick

import symloss
from symloss.backends import results as results_module
from symloss.backends.scratch import Scratch

FRAMES = {name: frozenset("n") for name in ("x", "y", *(f"v{k}" for k in range(20)))}
LENGTH = 7


def run(body: str, registers: list[str]) -> list[np.ndarray]:
    """What statements hand over to ``results.add``, each as it is when it is handed over."""
    found: list[np.ndarray] = []

    class Results:
        wide = np.dtype(np.float64)

        @staticmethod
        def add(values, block):
            found.append(np.array(values))

    rng = np.random.default_rng(0)
    names = {"np": np, "results": Results, "block": None, "a": 0.5, "n": LENGTH}
    names |= {f: getattr(results_module, f) for f in ("chosen", "product_or_zero", "rounded")}
    names |= {name: rng.standard_normal(LENGTH) for name in "xy"}
    names |= {name: np.full(LENGTH, np.nan) for name in registers}
    before = {name: names[name].copy() for name in "xy"}
    with np.errstate(all="ignore"):
        exec(body, names)
    assert all((names[name] == before[name]).all() for name in "xy"), "an argument was written over"
    return found


def rewritten(body: str) -> tuple[str, list[str]]:
    numbers = itertools.count(1)
    scratch = Scratch(FRAMES, (), frozenset("n"), lambda: f"work_{next(numbers)}")
    return "\n".join(scratch.lines(body)), scratch.registers


def check(body: str) -> tuple[str, list[str]]:
    text, registers = rewritten(body)
    for got, expected in zip(run(text, registers), run(body, []), strict=True):
        assert np.array_equal(got, expected, equal_nan=True), text
    return text, registers


def test_steps_write_over_what_is_not_needed():
    text, registers = check("v0 = np.exp(-np.abs(x)) + y\nresults.add(v0 * v0 - a * v0, block)")
    assert len(registers) == 2
    assert text.count("out=work_1") >= 4 and "np.exp(work_1, out=work_1)" in text


def test_a_formula_of_several_steps_is_told():
    text, _ = check("v0 = np.exp(-np.abs(x))\nv1 = v0 + 1.0\nresults.add(v1, block)")
    assert "# v0 = np.exp(-np.abs(x))" in text and "# v1" not in text


def test_a_name_keeps_what_it_has():
    """v0 is read again at the end, and other names for it count, and what a function may have given back."""
    check("v0 = x + y\nv1 = v0\nv2 = v0 * 2.0\nresults.add(v2 - x, block)\nresults.add(v1 / y, block)")
    check("v0 = x * y\nv1 = product_or_zero(x, v0)\nv2 = x + 1.0\nv3 = v2 * v1\nresults.add(v1 - v3, block)")
    check(
        "v0 = x * y\nv1 = chosen(x > 9.0, y, v0)\nv2 = x + 1.0\nv3 = y + 2.0\nresults.add(v1 - v3 * v2, block)"
    )
    check("v0 = x * y\nv1 = v0 if a > 0.0 else x\nv2 = x + 1.0\nresults.add(v2 * (y - 2.0) + v1, block)")


def test_a_copy_is_left_out_where_nothing_else_reads_the_array():
    text, _ = check("v0 = x + y\nv1 = chosen(x > 0.0, np.positive(v0), y)\nresults.add(v1, block)")
    assert "np.positive" not in text
    text, _ = check("v0 = x + y\nv1 = chosen(x > 0.0, np.positive(v0), y)\nresults.add(v1 - v0, block)")
    assert "np.positive" in text


def test_a_slow_function_does_not_write_over_what_it_reads():
    text, registers = check("v0 = x - y\nresults.add(np.sign(v0), block)")
    assert "np.sign(v0, out=work_2)" in text and len(registers) == 2


def test_what_is_rounded_once_is_written_into_an_array_too():
    text, registers = check("v0 = rounded(np.exp, x - y)\nresults.add(v0 * x, block)")
    assert (
        registers == ["work_1"]
        and 'np.exp(work_1, out=work_1, dtype=results.wide, casting="same_kind")' in text
    )
    check("v0 = rounded(np.exp, x)\nresults.add(rounded(np.exp, v0) - v0 * x, block)")


def test_any_statements():
    """Random programs, in which values die and live on in all ways."""
    draw_ = random.Random(0)
    for _ in range(150):
        body, known = [], ["x", "y"]
        for k in range(draw_.randint(2, 9)):
            body.append(f"v{k} = {expression(draw_, known, 3)}")
            known.append(f"v{k}")
            if draw_.random() < 0.3:
                body.append(f"results.add({expression(draw_, known, 2)}, block)")
        body.append(f"results.add({expression(draw_, known, 2)}, block)")
        check("\n".join(body))


def expression(draw_: random.Random, known: list[str], depth: int) -> str:
    if depth == 0 or draw_.random() < 0.2:
        return draw_.choice(known)
    one, other = (expression(draw_, known, depth - 1) for _ in range(2))
    ways = [f"({one} {sign} {other})" for sign in "+-*/"]
    ways += [f"-{one}", f"np.maximum({one}, {other})", f"np.abs({one})", f"a * {one}", f"(1.0 - {one})"]
    ways += [f"chosen({one} > 0.0, {other}, {one})", f"product_or_zero({one}, {one} * {other})"]
    ways += [f"np.sign({one})", f"({one} if a > 0.1 else {other})", f"np.positive({one})"]
    ways += [f"({one}).clip(-a, a)"]
    return draw_.choice(ways)


# --- kernels ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", quick(NAMES, "huber", "softmax_cross_entropy_with_class_index"))
def test_results_share_no_memory(name):
    """Neither with each other nor with those of the next call."""
    k = symloss.get(name).load("numpy")
    arrays, parameters = draw(k.loss, 0, off_default=True)
    reduction = "none" if all(i.per_example for i in k.loss.inputs) else "mean"
    calls = [k.value_and_gradient(**arrays, **parameters, reduction=reduction) for _ in range(2)]
    results = [a for value, g in calls for a in (np.asarray(value), *by_name(k.loss, g).values())]
    for one, other in itertools.combinations(results, 2):
        assert not np.shares_memory(one, other)
    for array in results:
        assert not any(np.shares_memory(array, given) for given in arrays.values())


@pytest.mark.parametrize(
    "name",
    quick(["focal_with_logits", "softmax_cross_entropy_with_class_index", "triplet"], "focal_with_logits"),
)
def test_two_threads_at_once(name):
    k = symloss.get(name).load("numpy")
    batches = [draw(k.loss, seed, n=3000) for seed in range(2)]
    expected = [k.value_and_gradient(**arrays, **parameters) for arrays, parameters in batches]
    wrong: list[str] = []

    def compute(place: int) -> None:
        arrays, parameters = batches[place]
        for _ in range(10):
            value, gradient = k.value_and_gradient(**arrays, **parameters)
            same = [value == expected[place][0]]
            same += [
                np.array_equal(g, by_name(k.loss, expected[place][1])[wrt])
                for wrt, g in by_name(k.loss, gradient).items()
            ]
            if not all(same):
                wrong.append(f"thread {place}")

    threads = [threading.Thread(target=compute, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_step_that_is_longer_than_a_line():
    """What is multiplied into an array may be a sum of numbers that alone takes several lines."""
    loss = None
    for k in range(4):
        factor = symloss.parameter(f"a_rather_long_name_for_a_share_{k}", symloss.Positive, k + 1)
        term = factor * symloss.get("softmax_cross_entropy")
        loss = term if loss is None else loss + term
    logits, target = np.array([[0.5, -1.0, 2.0]]), np.array([[0.25, 0.25, 0.5]])
    gradient = loss.load("numpy").gradient(logits, target)
    assert gradient == pytest.approx(10 * (np.exp(logits) / np.exp(logits).sum() - target), rel=1e-14)
