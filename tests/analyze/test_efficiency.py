"""What a kernel costs is counted rightly: against counts by hand, the generated C, and counted instructions."""

import json
import math
import re
from pathlib import Path

import pytest
import sympy
from helpers import NAMES

import symloss
from symloss import Real, Sum, exp, index, log, loss, named
from symloss.analyze.efficiency import efficiency, elements, sizes
from symloss.analyze.operations import COST, as_derived, of_expression
from symloss.backends import c as c_backend
from symloss.functions import Cases, maximum
from symloss.schedule import clip

INSTRUCTIONS = Path(__file__).resolve().parent.parent / "benchmarks" / "instructions.json"
x, y, z = sympy.symbols("x y z", real=True)
j = index("j")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (x - y, {"add": 1}),
        (-x, {}),
        (2 * (x - y), {"add": 1, "multiply": 1}),
        (y * clip(x, -2, 2), {"max": 2, "multiply": 1}),
        (x**2 / 2, {"multiply": 2}),  # a half is a factor, as it is exact
        (x / 3, {"divide": 1}),
        (2 * x / 3, {"multiply": 1, "divide": 1}),
        (x**3 * y, {"multiply": 3}),
        (x / y**2, {"divide": 2}),
        (1 / (x + y), {"add": 1, "divide": 1}),
        (sympy.sqrt(x**2 + 1), {"multiply": 1, "add": 1, "root": 1}),
        (sympy.sqrt(x**2 + 1) ** 3, {"multiply": 2, "add": 1, "root": 1}),
        (x**y + x**9 + x ** (-8), {"pow": 2, "add": 2, "divide": 1, "multiply": 7}),
        (exp(x) + log(y) - 1, {"exp": 1, "log": 1, "add": 2}),
        (log(1 + exp(x)) ** 2 / y**3, {"exp": 1, "log": 1, "add": 1, "multiply": 1, "divide": 3}),
        (log(sympy.Integer(2)) + x, {"add": 1}),
        (Cases((x, x > y), (sympy.Abs(z), True)), {"compare": 1, "select": 1, "abs": 1}),
        (maximum(x, 0, 0), {"max": 1}),
    ],
)
def test_operations_of_an_expression(expression, expected):
    assert of_expression(expression) == expected


def test_the_mean_squared_error_by_hand():
    """r = prediction - target; r * r into the sum; the gradient is r, doubled, times its share of the mean."""
    e = efficiency(symloss.get("mean_squared_error"))
    assert e.operations == {"add": 1, "multiply": 3, "sum": 1} and e.cost == 1 + 3 + COST["sum"]
    assert (e.bytes_read, e.bytes_written, e.workspace, e.passes) == (
        16,
        8,
        "0",
        {"prediction": 1, "target": 1},
    )
    assert e.derived == e.cost + 1  # by itself, each of value and gradient takes the difference
    assert e.against(e) == {"operations": 1, "cost": 1, "bytes": 1}


def test_huber_by_hand():
    """r; r clipped to k; k (r - k / 2) into the sum; the gradient is k times its share of the mean."""
    e = efficiency(symloss.get("huber"))
    assert e.operations == {"add": 2, "max": 2, "multiply": 3, "sum": 1}


def test_passes_and_bytes_by_hand():
    """The maximum, the sum of exponentials, and the gradient each read the logits; the last reads the target, too."""
    e = efficiency(symloss.get("softmax_cross_entropy"))
    assert e.passes == {"logits": 3, "target": 1} and (e.bytes_read, e.bytes_written) == (32, 8)
    e = efficiency(symloss.get("gan_discriminator"))
    assert (e.bytes_read, e.bytes_written) == (16, 16)  # two tensors, and a gradient of each


@pytest.mark.slow
def test_pairs_of_examples_read_what_they_pair():
    """Every query is read with every key."""
    e = efficiency(symloss.get("info_nce"))
    n = sizes(symloss.get("info_nce"))["N"]
    assert all(passes >= n for passes in e.passes.values()) and "N**2" in e.total


@pytest.mark.slow
def test_workspace_is_what_the_generated_c_asks_for():
    """The source has a function that says how many numbers suffice; it serves all functions of the loss."""
    for name in NAMES:
        e = efficiency(symloss.get(name))
        source = c_backend.render(symloss.get(name), "")[".c"] if e.workspace != "0" else ""
        if e.workspace == "0":
            made = c_backend.formats(symloss.get(name), "value_and_gradient")[0]
            assert not any(a.role == "workspace" for a in made.arguments) and e.workspace_bytes == 0
            continue
        (said,) = re.findall(r"_workspace\(size_t[^)]*\) {[^}]*return [^;?]*\? ([^;:]+) : SIZE_MAX;", source)
        products = [
            math.prod(int(factor) if factor.isdigit() else e.sizes[factor] for factor in part.split(" * "))
            for part in said.split(" + ")
        ]
        assert 0 < e.workspace_bytes <= 8 * sum(products), name


@loss
def written_twice(prediction: Real, target: Real):
    """The same exponential in value and gradient, three times in all."""
    r = named("r", prediction - target)
    return exp(r) + exp(2 * r) - exp(r) * target


@loss
def all_pairs(score: Real["C"]):
    """A sum that does not vary with the entry to differentiate by."""
    return log(Sum[j](exp(score[j])))


def test_what_sharing_saves():
    e = efficiency(written_twice)
    assert e.operations["exp"] == 2 and e.cost < e.derived < e.sound
    assert sum(s.startswith("an equal form") for s in e.sentences()) == 1


def test_a_sum_is_derived_once_for_all_entries():
    """exp(s) / Σ exp(s): with C entries there are C exponentials above and C below, and C more in the value."""
    classes = sympy.Symbol("C", integer=True, positive=True)
    examples = sympy.Symbol("n", integer=True, positive=True)
    count = as_derived(all_pairs)
    assert sympy.expand(count["exp"] - 3 * classes * examples) == 0
    assert sympy.expand(count["log"] - examples) == 0


@pytest.mark.slow
def test_every_loss_of_the_catalogue_is_described():
    for name in NAMES:
        described = efficiency(symloss.get(name)).described()
        assert json.loads(json.dumps(described)) == described
        assert described["operations"]["value"] > 0 and described["passes"]["value"] >= 1
        cost = sum(COST[kind] * number for kind, number in described["operations"]["by_kind"].items())
        assert described["cost"] == pytest.approx(cost, abs=0.01), name


@pytest.mark.slow
def test_cost_is_plausible_beside_counted_instructions():
    """Relative to the mean squared error in the middle off by little; beside the middle never by more than a factor.

    The factor is larger where losses take longer than estimated: the estimate knows nothing of what a row of few
    entries takes beside them, which is three times as much in the losses of diffusion and of pixels.
    """
    kept = json.loads(INSTRUCTIONS.read_text(encoding="utf-8"))["losses"]
    one = kept["mean_squared_error"]["instructions"]["float64"]
    off = {}
    for name, counts in kept.items():
        ratio = efficiency(symloss.get(name)).described()["against_mean_squared_error"]["cost"]
        off[name] = ratio / (counts["instructions"]["float64"] / one)
    middle = sorted(off.values())[len(off) // 2]
    assert 0.85 < middle < 1.15, off
    assert all(0.3 < factor / middle < 2.5 for factor in off.values()), off


@pytest.mark.slow
def test_transcendental_functions_are_those_that_are_kept():
    for name, counts in json.loads(INSTRUCTIONS.read_text(encoding="utf-8"))["losses"].items():
        assert efficiency(symloss.get(name)).transcendental == counts["transcendental"], name


def test_elements_count_the_tensor_that_is_differentiated():
    cross_entropy = symloss.get("pixelwise_cross_entropy")
    assert elements(cross_entropy) == 64 * 8 * 8 and elements(cross_entropy, "target") == 64 * 8
    assert elements(symloss.get("soft_dice")) == 512
