"""No kernel costs more than what is kept, and the check sees one that does; there are counts, and no clocks."""

from __future__ import annotations

import json

import instructions
import pytest
import sympy
from helpers import NAMES

import symloss
from symloss import Real, loss, named
from symloss.analyze.efficiency import efficiency

KEPT = json.loads(instructions.KEPT.read_text(encoding="utf-8"))
UPDATE = "if that is meant, run `.venv/bin/python tests/benchmarks/instructions.py --update`"


def instructions_of(sources):
    try:
        return instructions.instructions(sources)
    except instructions.Unavailable as reason:
        pytest.skip(str(reason))


def test_every_elementwise_loss_and_every_loss_over_axes_is_kept():
    chosen = [name for name in NAMES if symloss.get(name).kind in ("elementwise", "axis")]
    assert list(KEPT["losses"]) == chosen == instructions.counted()


def test_worse_is_more_than_five_percent_worse():
    def kept(count, functions):
        return {"some": {"instructions": {"float64": count}, "transcendental": {"exp": functions}}}

    assert instructions.worse(kept(100, 2), kept(105, 2), True) == []
    assert instructions.worse(kept(100, 2), kept(50, 1), True) == []
    assert instructions.worse(kept(100, 2), kept(106, 2), False) == []
    (said,) = instructions.worse(kept(100, 2), kept(106, 2), True)
    assert said == "some, float64: 106 instructions for each element, 100 before"
    (said,) = instructions.worse(kept(100, 2), kept(100, 3), False)
    assert said == "some: 3 transcendental functions for each element, 2 before"
    (said,) = instructions.worse({}, kept(100, 3), False)
    assert "--update" in said


def test_planted_function_is_seen():
    """The same loss, with an exponential more than it needs."""

    def declared(extra):
        @loss(task="regression", cite="Nelder and Wedderburn 1972")
        def rate(prediction: Real, target: Real):
            """A loss of a test."""
            e = named("e", sympy.exp(prediction))
            return e - target * prediction + (sympy.exp(target) if extra else 0)

        return {"rate": {"transcendental": efficiency(rate).transcendental}}

    assert instructions.worse(declared(False), declared(False), False) == []
    (said,) = instructions.worse(declared(False), declared(True), False)
    assert said.startswith("rate: 2 transcendental functions")


@pytest.mark.slow
def test_no_kernel_takes_more_transcendental_functions():
    now = {n: {"transcendental": efficiency(symloss.get(n)).transcendental} for n in instructions.counted()}
    assert instructions.worse(KEPT["losses"], now, False) == [], UPDATE


@pytest.mark.slow
def test_no_kernel_takes_more_instructions():
    if instructions.toolchain() != KEPT["toolchain"]:
        pytest.skip(f"the counts were kept with {KEPT['toolchain']}, here is {instructions.toolchain()}")
    found = instructions_of({name: instructions.rendered(name) for name in instructions.counted()})
    now = {n: {**KEPT["losses"][n], "instructions": found[n]} for n in found}
    assert instructions.worse(KEPT["losses"], now, True) == [], UPDATE


@pytest.mark.slow
def test_planted_slowdown_is_seen():
    """Two square roots more for each element, in one of the two formats."""
    name = "huber"
    files = instructions.rendered(name)
    head = f" symloss_{instructions.WHAT}_f64_of_example("
    before, after = files[".c"].split(head, 1)
    slow = "{\n    volatile double planted = prediction[i]; planted = sqrt(sqrt(fabs(planted)));\n"
    planted = {**files, ".c": before + head + after.replace("{\n", slow, 1)}
    kept = {name: {"instructions": instructions_of({name: files})[name], "transcendental": {}}}
    again = {name: {"instructions": instructions_of({name: files})[name], "transcendental": {}}}
    now = {name: {"instructions": instructions_of({name: planted})[name], "transcendental": {}}}
    assert kept == again
    (said,) = instructions.worse(kept, now, True)
    assert said.startswith("huber, float64:")
