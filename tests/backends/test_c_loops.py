"""The loops of generated C: lanes, rows in blocks, runs, and outputs past the caches all give the same numbers."""

import itertools
import math
import multiprocessing
import os
import re
import shutil
import subprocess

import numpy as np
import pytest
from helpers import by_name, draw

import symloss
from symloss.backends import c as c_backend
from symloss.declare import ClassIndex, Max, NonNegative, Real, Simplex, Sum, exp, index, log_softmax, loss
from symloss.schedule import OUTPUTS, customary, schedule

j = index("j")

SOFTMAX = ("softmax_cross_entropy", "softmax_cross_entropy_with_class_index")

LANES = ("categorical_cross_entropy", *SOFTMAX, "gaussian_kl_divergence")


def numbers(name, n, classes, dtype):
    draw = np.random.default_rng([n, classes])
    logits = draw.normal(0, 4, (n, classes)).astype(dtype)
    if name == "softmax_cross_entropy":
        target = draw.dirichlet(np.ones(classes), n).astype(dtype)
    else:
        target = draw.integers(0, classes, n)
    return logits, target


@pytest.mark.parametrize(
    "name", [n if n == SOFTMAX[0] else pytest.param(n, marks=pytest.mark.slow) for n in LANES]
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_rows_of_any_length(name, dtype):
    """Up to 112 doubles, or 127 floats, have a lane; longer rows run in blocks. 67 examples fill no block."""
    loss = symloss.get(name)
    c, numpy = loss.load("c"), loss.load("numpy")
    eps = float(np.finfo(dtype).eps)
    assert "SYMLOSS_LANES" in c.source
    near = {"float64": 2e-13, "float32": 2e-6}[dtype]
    weight = np.random.default_rng(0).uniform(0, 2, 67).astype(dtype)
    for length in (1, 7, 112, 113, 127, 128, 600):
        arrays, _ = draw(loss, length, n=67, dtype=dtype, sizes=dict.fromkeys(loss.axes, length))
        for options in ({}, {"weight": weight, "reduction": "sum"}, {"weight": weight, "reduction": "none"}):
            found = c.value_and_gradient(*arrays.values(), **options)
            expected = numpy.value_and_gradient(*arrays.values(), **options)
            for a, b in zip(flat(found), flat(expected), strict=True):
                np.testing.assert_allclose(a, b, rtol=near, atol=2 * eps, err_msg=f"{length} {options}")


def flat(found):
    value, gradient = found
    return [value, *(gradient.values() if isinstance(gradient, dict) else [gradient])]


CHEAP = ("mean_squared_error", "huber", "hinge", "quantile", "margin_ranking", "squared_hinge")


@pytest.mark.parametrize(
    "name", [n if n == "huber" else pytest.param(n, marks=pytest.mark.slow) for n in CHEAP]
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_whole_blocks_are_added_as_they_come(name, dtype):
    """With weights values wait in a buffer, without them whole blocks of cheap losses do not: it is the same sum."""
    loss = symloss.get(name)
    kernel = loss.load("c")
    assert "symloss_value_f64_of_example" in kernel.source
    for n in (1, 127, 128, 129, 256, 1_000, 70_001):
        arrays, _ = draw(loss, n, n=n, dtype=dtype)
        found = [
            flat(kernel.value_and_gradient(*arrays.values(), weight=w, reduction="sum"))
            for w in (None, np.ones(n, dtype))
        ]
        each = kernel.value(*arrays.values(), reduction="none").astype(np.float64)
        whole = math.fsum(each)
        assert abs(found[0][0] - whole) <= 4 * np.finfo(dtype).eps * math.fsum(abs(each)), n
        assert kernel.value(*arrays.values(), reduction="sum") == found[0][0]
        for a, b in zip(*found, strict=True):
            np.testing.assert_array_equal(a, b, err_msg=str(n))


LOST = 0.99 * 2.0**-53
"""So much is lost when it is added to 1, however often."""


def heavy_first(heavy: int, count: int) -> np.ndarray:
    """Terms of which the first make whole numbers where they are added, and the others are lost there one by one."""
    return np.where(np.arange(count) < heavy, 0.25, LOST / 4)


SUMS = {
    "as they come": ("mean_squared_error", lambda t: ((np.sqrt(t), 0 * t), {})),
    "weighed": ("mean_squared_error", lambda t: ((np.sqrt(t), 0 * t), {"weight": np.ones_like(t)})),
    "of the weights": ("mean_squared_error", lambda t: ((1.0 * (t == 0.25), 0 * t), {"weight": t})),
    "by way of a buffer": ("binary_cross_entropy", lambda t: ((np.exp(-t), 0 * t + 1), {})),
    "of rows in lanes": (
        "categorical_cross_entropy",
        lambda t: ((np.exp(-t)[:, None], np.ones((t.size, 1))), {}),
    ),
    "along a row": ("categorical_cross_entropy", lambda t: ((np.full((1, t.size), np.exp(-1)), t[None]), {})),
    "over the batch": ("l2_penalty", lambda t: ((np.sqrt(t),), {})),
}


@pytest.mark.parametrize(
    "what", [w if w == "as they come" else pytest.param(w, marks=pytest.mark.slow) for w in SUMS]
)
@pytest.mark.parametrize(("heavy", "count"), [(128, 32_767), (16_384, 64 * 16_384)], ids=["lanes", "parts"])
def test_what_rounding_leaves_out_of_a_sum_is_kept(what, heavy, count):
    """Without it 255 terms are lost in each place of a part, or the sums of 63 parts: up to 127 times epsilon."""
    name, arguments = SUMS[what]
    terms = heavy_first(heavy, count)
    if heavy > 128:  # what one part makes of its terms is lost in the sum of all
        terms = np.where(terms == 0.25, 2.0**-14, LOST / 16_384)
    arrays, weights = arguments(terms)
    value = symloss.get(name).load("c").value
    if not weights:
        found = value(*arrays, reduction="sum")
        each = terms if what in ("along a row", "over the batch") else value(*arrays, reduction="none")
        exact = math.fsum(each)
    else:
        each = (arrays[0] - arrays[1]) ** 2
        exact = math.fsum(each * weights["weight"]) / math.fsum(weights["weight"])
        found = value(*arrays, **weights)
    assert abs(found - exact) <= 4 * np.finfo(float).eps * exact


def chosen_entry(score: Real["C"], target: ClassIndex["C"]):
    """Each example has a row, of which no loop reads all."""
    return Max(0, 1 - score[target]) ** 2


@pytest.mark.slow
@pytest.mark.parametrize("native", [False, True])
def test_whole_blocks_of_rows_that_no_loop_runs_over(native):
    """The second block once read from where the 129th number stands, not the 129th row."""
    kernel = loss(native_float32=native)(chosen_entry).load("c")
    assert "_of_example" in kernel.source
    rng = np.random.default_rng(0)
    score, target = rng.normal(size=(1_000, 3)).astype(np.float32), rng.integers(0, 3, 1_000)
    each = np.maximum(0, 1 - score[np.arange(1_000), target].astype(float)) ** 2
    for dtype in ("float64", "float32"):
        found = [kernel.value(score.astype(dtype), target, reduction=r) for r in ("none", "sum")]
        np.testing.assert_allclose(found[0], each, rtol=1e-6)
        assert found[1] == pytest.approx(each.sum(), rel=1e-6)


def test_no_function_is_left_over():
    """A value of the whole batch is never given for each example; clang warned of the function that does that."""
    whole = symloss.get("mean_squared_error") + symloss.get("soft_dice").renamed(
        probability="prediction_2", target="target_2"
    )
    text = c_backend.render(whole, "a test")[".c"]
    own = set(re.findall(r"^static (?:inline )?[\w ]+?\*?(symloss_\w+)\(", text, re.MULTILINE))
    assert "symloss_add_values" in own
    assert [name for name in own if len(re.findall(rf"\b{name}\(", text)) == 1] == []


@pytest.mark.parametrize("name", ["huber", "mean_squared_error", "hinge"])
def test_what_is_read_is_not_said_to_be_unused(name):
    text = c_backend.render(symloss.get(name), "a test")[".c"]
    functions = re.split(r"\n(?=(?:static )?(?:int|void) symloss)", text)[1:]
    unused = [(f, one) for f in functions for one in re.findall(r"\(void\)(\w+);", f)]
    assert len(functions) > 4
    assert [one for f, one in unused if len(re.findall(rf"\b{one}\b", f.split("{", 1)[1])) > 1] == []


def two_temperatures(logits: Real["C"], target: Simplex["C"]):
    """Two exponentials for each number of the one output."""
    return -Sum[j](target[j] * (log_softmax(logits)[j] + log_softmax[j](3 * logits[j])[j]))


def softmaxes(*order):
    one = symloss.get(SOFTMAX[0])
    return sum(one.renamed(logits=f"logits_{k}", target=f"target_{4 - k}") for k in order)


@pytest.mark.slow
@pytest.mark.parametrize("loss", [softmaxes(2, 1, 3), symloss.loss(two_temperatures)])
def test_several_softmaxes_in_one_loss(loss):
    """Exponentials wait in the outputs, each in one of its own that is not written before all has read it."""
    c, numpy = loss.load("c"), loss.load("numpy")
    for length in (5, 300):
        arrays, _ = draw(loss, n=7, sizes={"C": length})
        found, expected = (by_name(loss, k.gradient(**arrays)) for k in (c, numpy))
        _, both = c.value_and_gradient(**arrays)
        for wrt, array in expected.items():
            for one in (found[wrt], by_name(loss, both)[wrt]):
                np.testing.assert_allclose(one, array, rtol=2e-13, atol=1e-16, err_msg=f"{length} {wrt}")


@pytest.mark.slow
@pytest.mark.parametrize("name", SOFTMAX)
@pytest.mark.parametrize("classes", [10, 300])
def test_a_row_is_not_changed_by_others(name, classes):
    """NaN and infinities stay in their row, and a row has the same bits wherever it stands."""
    logits, target = numbers(name, 70, classes, "float64")
    kernel = symloss.get(name).load("c")
    values, gradient = kernel.value_and_gradient(logits, target, reduction="none")
    logits[3, 1], logits[40, 0], logits[69, classes - 1] = np.nan, np.inf, np.nan
    changed, slopes = kernel.value_and_gradient(logits, target, reduction="none")
    others = np.setdiff1d(np.arange(70), [3, 40, 69])
    np.testing.assert_array_equal(changed[others], values[others])
    np.testing.assert_array_equal(slopes[others], gradient[others])
    assert np.isnan(changed[[3, 69]]).all() and np.isnan(slopes[[3, 69]]).all()
    one, alone = kernel.value_and_gradient(logits[50:51], target[50:51], reduction="none")
    assert one[0] == values[50] and np.array_equal(alone[0], gradient[50])


@pytest.mark.parametrize("offset", [0, 1, 5])
def test_large_outputs_past_the_caches(offset):
    """More than 8 MiB, from wherever a line of the cache begins; the numbers beside the output stay."""
    n = (1 << 20) + 77
    draw = np.random.default_rng(0)
    prediction, target = draw.normal(size=(2, n))
    kernel = symloss.get("mean_squared_error").load("c")
    assert "SYMLOSS_STREAMS" in kernel.source
    value, gradient = kernel.value_and_gradient(prediction, target)
    kept = gradient.copy()
    np.testing.assert_array_equal(kept, 1 / n * (2 * (prediction - target)))
    assert value == pytest.approx(np.mean((prediction - target) ** 2), rel=1e-14)
    small = kernel.gradient(
        prediction[offset : offset + 1000], target[offset : offset + 1000], reduction="sum"
    )
    whole = kernel.gradient(prediction[offset:], target[offset:], reduction="sum")
    np.testing.assert_array_equal(small, whole[:1000])


def test_costly_functions_have_a_loop_each():
    text = c_backend.render(symloss.get("binary_cross_entropy_with_logits"), "a test")[".c"]
    body = text.split("with_logits_value_and_gradient_f64_of_thread(")[1].split("\nint symloss")[0]
    inner = body.split("for (size_t i = ")[1:]
    assert [("symloss_exp_unit(" in part, "symloss_log1p_unit(" in part) for part in inner] == [
        (True, False),
        (False, True),
    ]
    assert body.count("symloss_exp_unit(") == 1, "value and gradient share it"


@pytest.mark.parametrize("name", SOFTMAX)
def test_value_and_gradient_share_an_exponential(name):
    """In float64 there is one in the loop over lanes and one in that over rows, each with and without smoothing."""
    text = c_backend.render(symloss.get(name), "a test")[".c"]
    body = text.split(f"symloss_{name}_value_and_gradient_f64_of_thread(")[1].split("\nint symloss")[0]
    programs = 2 if "label_smoothing" in body else 1
    assert body.count("symloss_exp_unit(") == 2 * programs
    assert "symloss_exp(" not in body


def test_all_loops_of_a_hessian_product_share_an_exponential():
    text = c_backend.render(symloss.get(SOFTMAX[0]), "a test")[".c"]
    name = f"symloss_{SOFTMAX[0]}_hessian_vector_product"
    body = text.split(f"{name}_f64_of_thread(")[1].split("\nint symloss")[0]
    assert body.count("symloss_exp_unit(") == 2
    in_double = text.split(f"{name}_f32_of_thread(")[1].split("\nint symloss")[0]
    assert in_double.split("} else {")[0].count("symloss_exp_unit_f32(") == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", SOFTMAX)
def test_what_a_thread_needs_of_its_stack(name, tmp_path):
    """Some C libraries give a thread 128 KiB."""
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("gcc is not installed: it alone says how much of the stack a function takes")
    for suffix, text in c_backend.render(symloss.get(name), "a test").items():
        (tmp_path / f"{name}{suffix}").write_text(text)
    command = [compiler, "-std=c99", "-O1", "-fstack-usage", "-c", f"{name}.c"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    sizes = [int(line.split("\t")[1]) for line in (tmp_path / f"{name}.su").read_text().splitlines()]
    assert 30 * 1024 < max(sizes) < 100 * 1024


def test_unrelated_axes_do_not_make_more_terms():
    """Two pictures of 784 points, with codes of 32 numbers, are no work for a team of threads."""
    text = c_backend.render(symloss.get("vae"), "a test")[".c"]
    assert "symloss_parts(n, D + Z)" in text and "D * Z" not in text
    matrix = c_backend.render(symloss.get("pixelwise_cross_entropy"), "a test")[".c"]
    assert "symloss_parts(n, C * P)" in matrix


PARTS = """
#include "huber.c"
#include <stdio.h>

int main(void) {
    for (size_t n = 0; n < 4000000; n = n < 200 ? n + 1 : 3 * n + 1) {
        const size_t parts = symloss_parts(n, 32000);
        printf("%zu", n);
        for (size_t part = 0; part <= parts; ++part) {
            printf(" %zu", symloss_first(part, parts > 0 ? parts : 1, n));
        }
        printf("\\n");
    }
    return 0;
}
"""


def test_half_of_the_parts_have_half_of_the_examples(tmp_path):
    """Two threads that share 100 long rows once had 64 and 36 of them."""
    for suffix, text in c_backend.render(symloss.get("huber"), "a test").items():
        (tmp_path / f"huber{suffix}").write_text(text)
    (tmp_path / "main.c").write_text(PARTS)
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    for command in ([compiler, "main.c", "-o", "main", "-lm"], ["./main"]):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    for n, *firsts in (map(int, line.split()) for line in done.stdout.splitlines()):
        parts = len(firsts) - 1
        assert firsts[0] == 0 and (not n or firsts[-1] == n) and parts <= 64
        lengths = {b - a for a, b in itertools.pairwise(firsts)}
        assert not n or (min(lengths) > 0 and max(lengths) - min(lengths) <= 1)
        assert parts & (parts - 1) == 0 and (parts < 2 or abs(2 * firsts[parts // 2] - n) <= 1)


def _value(kernel, arrays, queue):
    queue.put(kernel.value_and_gradient(*arrays)[0])


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_forked_process_does_not_wait_for_threads_that_it_does_not_have():
    draw = np.random.default_rng(0)
    arrays = draw.normal(size=300_000), draw.random(300_000)
    kernel = symloss.get("binary_cross_entropy_with_logits").load("c")
    value, _ = kernel.value_and_gradient(*arrays)
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_value, args=(kernel, arrays, queue))
    child.start()
    try:
        assert queue.get(timeout=60) == value
    finally:
        child.kill()
        child.join()


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_number_outside_its_domain_has_the_exponential_that_the_formula_says(dtype):
    """Nothing checks tensors: the exponential of numbers at most 0 must not be taken of what is only declared so."""

    def decay(time: NonNegative, target: Real):
        return target * exp(-time)

    time = np.array([-50.0, -0.5, 0.0, 3.0, -1000.0], dtype)
    kernel = loss(task="regression")(decay).load("c")
    value = kernel.value(time, np.ones_like(time), reduction="none")
    with np.errstate(over="ignore"):
        expected = np.exp(-time.astype(np.float64)).astype(dtype)
    np.testing.assert_allclose(value, expected, rtol=1e-6)


@pytest.mark.slow
def test_an_entry_minus_the_largest_of_another_row_may_be_above_0():
    a, c = index("a"), index("c")

    def across(scores: Real["A", "B"]):
        return Sum[a](Sum[c](Sum[j](exp(scores[a, j] - Max[j](scores[c, j])))))

    rows = np.array([[[0.0, 1.0], [700.0, 690.0]]])
    declared = loss(task="regression")(across)
    gradient = declared.load("c").gradient(rows)
    assert gradient[0, 1, 0] == pytest.approx(np.exp(699) - np.exp(1 - 700) - np.exp(0 - 700), rel=1e-9)


DEFAULTS = {
    "focal": {"gamma": 2},
    "focal_with_logits": {"gamma": 2},
    "softmax_cross_entropy_with_class_index": {"label_smoothing": 0},
}


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", DEFAULTS)
def test_the_program_for_defaults_is_the_general_one(name, dtype):
    """Beside the defaults, and where value and gradient are asked for alone, the general program computes."""
    loss = symloss.get(name)
    assert customary(schedule(loss, OUTPUTS["value_and_gradient"])).numbers == DEFAULTS[name]
    kernel = loss.load("c")
    arrays, _ = draw(loss, 3, n=300, dtype=dtype, sizes=dict.fromkeys(loss.axes, 7))
    near = {"float64": 1e-11, "float32": 2e-5}[dtype]
    value, gradient = kernel.value_and_gradient(*arrays.values(), reduction="none")
    ((changed, number),) = DEFAULTS[name].items()
    beside = {changed: number * (1 + np.finfo(dtype).eps) + np.finfo(dtype).tiny}
    for options in ({}, beside):
        general = [
            kernel.value(*arrays.values(), reduction="none", **options),
            kernel.gradient(*arrays.values(), reduction="none", **options),
        ]
        np.testing.assert_allclose(value, general[0], rtol=near)
        np.testing.assert_allclose(gradient, general[1], rtol=near, atol=np.finfo(dtype).eps)
    for a, b in zip(
        kernel.value_and_gradient(*arrays.values(), reduction="none", **beside), general, strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=near, atol=np.finfo(dtype).eps)


@pytest.mark.slow
def test_the_program_for_defaults_needs_no_workspace():
    """Where there is one, the general program alone is generated; examples and a batch have C together."""
    loss = symloss.get("info_nce") + symloss.get("softmax_cross_entropy_with_class_index")
    assert customary(schedule(loss, OUTPUTS["value_and_gradient"])) is None
    rng = np.random.default_rng(0)
    query, key, logits = rng.normal(size=(3, 6, 4))
    arrays = (query, key, logits, rng.integers(0, 4, 6))
    results = [loss.load(backend).value_and_gradient(*arrays) for backend in ("c", "numpy")]
    for a, b in zip(flat(results[0]), flat(results[1]), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("backend", ["c", "numpy"])
def test_weights_of_floats_are_doubles(backend):
    """Neither a small total nor large weights overflow where the mean does not."""
    kernel = symloss.get("mean_squared_error").load(backend)
    x = np.full(3, 1e5, np.float32)
    for weight in (1e-39, 1e30):
        weights = np.full(3, weight, np.float32)
        value, gradient = kernel.value_and_gradient(x, 0 * x, weight=weights)
        assert value == np.float32(1e10)
        np.testing.assert_allclose(gradient, np.full(3, 2e5 / 3, np.float32), rtol=1e-6)


@pytest.mark.parametrize(
    "name", [SOFTMAX[1], pytest.param("pixelwise_cross_entropy", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("backend", ["c", "numpy"])
@pytest.mark.parametrize("dtype", ["float64", pytest.param("float32", marks=pytest.mark.slow)])
def test_value_and_gradient_agree_where_logits_are_no_numbers(name, backend, dtype):
    """Apart or together, of one class or of several: a largest logit that is no number leaves none in its row."""
    nan, inf = np.nan, np.inf
    kernel = symloss.get(name).load(backend, dtype=dtype)
    for row in ([nan], [inf], [-inf], [nan, 0], [0, nan], [inf, 0], [0, inf], [-inf, -inf], [-inf, inf, 0]):
        logits = np.array(row, dtype).reshape((1, -1, 1) if name.startswith("pixel") else (1, -1))
        for target in range(len(row)):
            classes = np.full((1, 1) if name.startswith("pixel") else 1, target)
            with np.errstate(all="ignore"):
                apart = [kernel.value(logits, classes), kernel.gradient(logits, classes)]
                together = kernel.value_and_gradient(logits, classes)
            for one, other in zip(apart, together, strict=True):
                assert np.isnan(one).all(), (row, target)
                np.testing.assert_array_equal(one, other, err_msg=f"{row} {target}")


@pytest.mark.parametrize("classes", [5, 130, 700])
def test_the_target_and_the_largest_logit_in_long_rows(classes):
    """Both have formulas of their own, wherever they are; a class that is ignored may be one of the row's."""
    rng = np.random.default_rng(classes)
    logits = rng.normal(0, 2, (6, classes))
    first, last, middle = 0, classes - 1, classes // 2
    for row, largest in enumerate([first, last, middle, middle, last, first]):
        logits[row, largest] = 12 + row
    target = np.array([first, last, middle, first, middle, last])
    kernel = symloss.get(SOFTMAX[1]).load("c")
    exact = logits.astype(np.longdouble)
    exact -= np.log(np.exp(exact).sum(axis=1, keepdims=True))
    for ignored in (-100, middle, last):
        counts = target != ignored
        value, gradient = kernel.value_and_gradient(logits, target, reduction="sum", ignore_index=ignored)
        expected = np.exp(exact)
        expected[np.arange(6), target] = np.expm1(exact[np.arange(6), target])
        np.testing.assert_allclose(gradient, expected * counts[:, None], rtol=1e-13, atol=0)
        assert value == pytest.approx(float(-exact[np.arange(6), target][counts].sum()), rel=1e-14)


@pytest.mark.parametrize("dtype", ["float64", pytest.param("float32", marks=pytest.mark.slow)])
def test_lanes_without_an_example_change_nothing(dtype):
    """A row has the same bits alone as among 32, 33 or 95 others, of any number of entries."""
    kernel = symloss.get(SOFTMAX[1]).load("c", dtype=dtype)
    weight = np.random.default_rng(1).uniform(0.5, 2, 95).astype(dtype)
    for classes in (1, 2, 31, 32, 33, 112):
        logits, target = numbers(SOFTMAX[1], 95, classes, dtype)
        whole = kernel.value_and_gradient(logits, target, weight=weight, reduction="none")
        for start, stop in ((0, 1), (0, 32), (5, 38), (94, 95)):
            part = slice(start, stop)
            found = kernel.value_and_gradient(
                logits[part], target[part], weight=weight[part], reduction="none"
            )
            for one, other in zip(found, whole, strict=True):
                np.testing.assert_array_equal(one, other[part], err_msg=f"{classes} {start} {stop}")
