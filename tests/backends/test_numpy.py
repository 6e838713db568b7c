"""The generated NumPy: a module that needs NumPy alone, vectorised, and particular about its arguments."""

from __future__ import annotations

import ast
import dataclasses
import math
import re
import subprocess
import sys
from functools import cache

import mpmath
import numpy as np
import pytest
from helpers import BACKENDS, C_LATER, NAMES, by_name, check_examples, draw, kernel, losses, quick

import symloss
from symloss.backends import numpy as numpy_backend
from symloss.backends import results as results_module
from symloss.schedule import functions_of


@cache
def source(name: str) -> str:
    return numpy_backend.render(symloss.get(name), "a test")[".py"]


@cache
def module(name: str) -> dict:
    made: dict = {"__name__": f"generated_{name}"}
    exec(compile(source(name), name, "exec"), made)
    return made


FEW = quick(NAMES, "huber", "info_nce")


# --- what it is made of -----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_imports_numpy_alone(name):
    tree = ast.parse(source(name))
    imports = [n for n in ast.walk(tree) if isinstance(n, (ast.Import, ast.ImportFrom))]
    assert [ast.unparse(n) for n in imports] == ["import numpy as np"]


@pytest.mark.parametrize("name", FEW)
def test_no_loop_over_elements(name):
    """The functions are straight lines of array statements, in a loop over blocks of examples where there is one."""
    offered = functions_of(symloss.get(name))
    functions = {n.name: n for n in ast.parse(source(name)).body if isinstance(n, ast.FunctionDef)}
    assert set(offered) <= functions.keys()
    loops = (ast.For, ast.While, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)
    for what in offered:
        found = [ast.unparse(n).split("(")[0] for n in ast.walk(functions[what]) if isinstance(n, loops)]
        assert found in ([], *(n * ["for block, n, work in results.blocks"] for n in (1, 2)))
        assert found or symloss.get(name).kind == "batch"
        assert "vectorize" not in ast.unparse(functions[what])


@pytest.mark.parametrize("name", FEW)
def test_lines_are_short(name):
    long = [line for line in source(name).splitlines() if len(line) > 110]
    assert not long, long[0]


@pytest.mark.parametrize("name", FEW)
def test_documents_itself(name):
    loss, made = symloss.get(name), module(name)
    offered = functions_of(loss)
    assert tuple(made["__all__"]) == offered
    assert re.search(r"Regenerate with:\s+a test", ast.get_docstring(ast.parse(source(name))))
    for what in offered:
        doc = made[what].__doc__
        for section in ("Parameters\n", "Returns\n", "Raises\n"):
            assert section in doc
        for argument in (*loss.inputs, *loss.parameters):
            assert argument.name in doc


def test_runs_without_symloss(tmp_path):
    """In a process that knows neither symloss nor SymPy."""
    (tmp_path / "huber.py").write_text(source("huber"))
    code = "import huber, sys; print(huber.value([1.0], [0.0])); assert not {'symloss', 'sympy'} & set(sys.modules)"
    run = subprocess.run(
        [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0 and run.stdout == "0.5\n", run.stderr


# --- float32 in float32 -----------------------------------------------------------------------------------


@cache
def native(name: str):
    return dataclasses.replace(symloss.get(name), native_float32=True).load("numpy", dtype="float32")


@pytest.mark.parametrize("name", quick(losses("elementwise", "axis"), "huber", "softmax_cross_entropy"))
def test_float32_computed_in_float32(name):
    """Within a few units in the last place of the exact result, and of the inputs where those are subtracted."""
    for seed in (0, 1):
        arrays, parameters = draw(native(name).loss, seed, dtype="float32", off_default=seed == 1)
        assert not check_examples(native(name), arrays, parameters, dtype="float32", digits=100)


@pytest.mark.parametrize("name", quick(losses("elementwise", "axis"), "binary_cross_entropy_with_logits"))
def test_float32_keeps_its_type(name):
    """No constant, hyper-parameter or size makes it double: the results are others than those of double."""
    loss = native(name).loss
    arrays, parameters = draw(loss, 2, n=500, dtype="float32", off_default=True)
    parameters = {k: np.float64(v) if isinstance(v, float) else v for k, v in parameters.items()}
    double = dataclasses.replace(loss, native_float32=False).load("numpy", dtype="float32")
    results = [k.value(**arrays, **parameters, reduction="none") for k in (native(name), double)]
    assert results[0].dtype == np.float32
    exact = {"margin_ranking", "l1_penalty", "mean_absolute_error", "hinge", "multiclass_hinge"}
    assert name in exact or (results[0] != results[1]).any()
    assert not loss_is_close(*results)


def loss_is_close(one: np.ndarray, other: np.ndarray) -> list[int]:
    """Where two results in float32 differ by more than rounding does."""
    return np.flatnonzero(~np.isclose(one, other, rtol=1e-4, atol=1e-5)).tolist()


def test_float32_is_summed_in_double():
    """To the last digit of the exact sum of the losses, of which a sum in float32 is far off, for they cancel."""
    k = native("poisson_negative_log_likelihood")
    ones = np.ones(40_000, np.float32)
    target = np.random.default_rng(0).permutation(np.repeat(np.float32([2**23, -(2**23)]), 20_000))
    each = k.value(ones, target, reduction="none")
    exact = math.fsum(each)
    assert k.value(ones, target, reduction="sum") == np.float32(exact)
    assert k.value(ones, target) == np.float32(exact / 40_000)
    assert np.add.reduce(each) != np.float32(exact)
    halves = k.value(ones, target, weight=ones / 2, reduction="sum")
    assert halves == np.float32(exact / 2)
    rows = np.stack([each, each[::-1]])
    for axis, array in ((-1, rows), (-2, rows.T)):
        assert (results_module.sum_along(array, axis) == np.float32(exact)).all()


def test_short_rows_are_summed_as_exactly_as_long_ones():
    rng = np.random.default_rng(0)
    for length in (1, 7, results_module.SHORT, results_module.SHORT + 1, 3000):
        rows = rng.lognormal(sigma=3.0, size=(4, length))
        exact = np.array([math.fsum(row) for row in rows])
        for axis, array in ((-1, rows), (-2, rows.T)):
            assert np.abs(results_module.sum_along(array, axis) / exact - 1).max() < 3e-15


@pytest.mark.parametrize(("dtype", "most"), [("float64", 3), ("float32", 4)])
def test_log_cosh_is_exact_where_its_two_forms_meet(dtype, most):
    """It is that of residuals of all sizes, and of those around log 2, where one form takes over from the other."""
    real = np.dtype(dtype).type
    residuals = np.concatenate([np.geomspace(1e-15, 1e5, 200), math.log(2) + np.linspace(-1e-3, 1e-3, 101)])
    residuals = np.concatenate([residuals, -residuals]).astype(dtype)
    got = kernel("log_cosh", "numpy").value(residuals, np.zeros_like(residuals), reduction="none")
    with mpmath.workdps(60):
        exact = [float(mpmath.log(mpmath.cosh(mpmath.mpf(float(r))))) for r in residuals]
    assert (np.abs(got.astype(float) - exact) <= most * np.spacing(np.array(exact, real)).astype(float)).all()


def test_what_an_exponential_is_the_whole_of_a_difference_is_exact():
    """NumPy's exponential of float32 may be 3 ulp off, which here would be more than the result."""
    rates = np.linspace(-1e-6, 1e-6, 1001, dtype=np.float32)
    got = native("poisson_negative_log_likelihood").gradient(rates, np.ones_like(rates), reduction="none")
    assert np.abs(got - np.expm1(rates.astype(float))).max() <= np.spacing(np.float32(1)) / 2


def test_what_has_no_variables_is_no_work_of_a_call():
    text = source("log_cosh")
    assert "np.log(" not in text and repr(math.log(2)) in text


def test_second_derivatives_of_float32_are_computed_in_double():
    text = numpy_backend.render(native("log_cosh").loss, "a test")[".py"]
    functions = {
        f: text.split(f"def {f}(")[1].split("results.blocks")[0]
        for f in functions_of(native("log_cosh").loss)
    }
    assert {f for f, body in functions.items() if "SINGLE" in body} == {
        "value",
        "gradient",
        "value_and_gradient",
    }
    assert (
        "        SINGLE,"
        not in numpy_backend.render(
            dataclasses.replace(native("log_cosh").loss, native_float32=False), "a test"
        )[".py"]
    )


# --- what it takes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", C_LATER)
@pytest.mark.parametrize("name", NAMES)
def test_any_array_like(name, backend):
    """Lists, tuples, non-contiguous, Fortran-ordered, read-only and reversed arrays say the same."""
    loss, k = symloss.get(name), kernel(name, backend)
    arrays, parameters = draw(loss, 0)
    expected, expected_gradient = k.value_and_gradient(**arrays, **parameters)

    def strided(a):
        wide = np.repeat(np.repeat(a, 2, axis=0), 2, axis=-1)
        return wide[::2, ..., ::2] if a.ndim > 1 else np.repeat(a, 2)[::2]

    def locked(a):
        a = a.copy()
        a.flags.writeable = False
        return a

    def tuples(a):
        return tuple(map(tuples, a)) if isinstance(a, list) else a

    forms = {
        "lists": lambda a: a.tolist(),
        "tuples": lambda a: tuples(a.tolist()),
        "strided": strided,
        "fortran": np.asfortranarray,
        "reversed": lambda a: a[::-1].copy()[::-1],
        "read-only": locked,
        "big-endian": lambda a: a.astype(a.dtype.newbyteorder(">")),
    }
    for form, change in forms.items():
        changed = {key: change(a) for key, a in arrays.items()}
        value, gradient = k.value_and_gradient(**changed, **parameters)
        assert value == expected, form
        for wrt, g in by_name(loss, gradient).items():
            assert (g == by_name(loss, expected_gradient)[wrt]).all() and g.dtype == np.float64, form


@pytest.mark.parametrize("backend", C_LATER)
@pytest.mark.parametrize("name", NAMES)
def test_leaves_its_inputs_alone(name, backend):
    loss, k = symloss.get(name), kernel(name, backend)
    arrays, parameters = draw(loss, 0, off_default=True)
    weight = {"weight": np.array([1.0, 2.0, 0.5])} if loss.example != 0 else {}
    every = {**arrays, **{p: v for p, v in parameters.items() if isinstance(v, np.ndarray)}, **weight}
    before = {key: a.copy() for key, a in every.items()}
    for what in ("value", "gradient", "value_and_gradient"):
        results = getattr(k, what)(**arrays, **parameters, **weight)
        del results
    for key, a in every.items():
        assert (a == before[key]).all()
    for g in by_name(loss, k.gradient(**arrays, **parameters)).values():
        assert not any(np.shares_memory(g, a) for a in every.values())
        g[...] = 0


@pytest.mark.parametrize("backend", BACKENDS)
def test_dtypes(backend):
    k = kernel("huber", backend)

    def dtype_of(first, second, **options):
        value, gradient = k.value_and_gradient(np.ones(2, first), np.zeros(2, second), **options)
        assert value.dtype == gradient.dtype
        return gradient.dtype

    assert dtype_of("float32", "float32") == "float32"
    assert dtype_of("float32", "float64") == "float64"
    assert dtype_of("float64", "float32") == "float64"
    assert dtype_of("float16", "float16") == "float32"
    assert dtype_of("float32", "int64") == "float32"
    assert dtype_of("int32", "int64") == "float64"
    assert dtype_of("bool", "uint8") == "float64"
    assert dtype_of("float32", "float32", weight=[1.0, 2.0]) == "float32"
    assert dtype_of("float32", "float32", delta=np.float64(0.3)) == "float32"
    assert dtype_of("float32", "float32", reduction="none") == "float32"


@pytest.mark.parametrize("backend", BACKENDS)
def test_elementwise_takes_any_shape(backend):
    k = kernel("huber", backend)
    rng = np.random.default_rng(0)
    for shape in [(), (1,), (7,), (2, 3), (2, 1, 3, 2), (0,), (2, 0)]:
        a, b = rng.normal(size=shape), rng.normal(size=shape)
        value, gradient = k.value_and_gradient(a, b, reduction="none")
        assert np.shape(value) == np.shape(gradient) == np.shape(k.hessian(a, b)) == shape
        if a.size:
            flat = k.value(a.ravel(), b.ravel(), reduction="none")
            assert (np.ravel(value) == flat).all()
            assert k.value(a, b) == k.value(a.ravel(), b.ravel())
    assert k.value(3.0, 0.0) == 2.5 and k.gradient(3.0, 0.0) == 1.0


@pytest.mark.parametrize("backend", C_LATER)
@pytest.mark.parametrize("name", losses("axis"))
def test_several_batch_axes(name, backend):
    """The batch axes come first; n is their product."""
    loss, k = symloss.get(name), kernel(name, backend)
    arrays, parameters = draw(loss, 2, n=6, off_default=True)
    weight = np.arange(1.0, 7.0)
    flat = k.value_and_gradient(**arrays, **parameters, weight=weight)
    shaped = {key: a.reshape(2, 3, *a.shape[1:]) for key, a in arrays.items()}
    got = k.value_and_gradient(**shaped, **parameters, weight=weight.reshape(2, 3))
    assert got[0] == flat[0]
    for wrt, g in by_name(loss, got[1]).items():
        assert g.shape == shaped[wrt].shape
        assert (g.reshape(arrays[wrt].shape) == by_name(loss, flat[1])[wrt]).all()
    each = k.value(**shaped, **parameters, reduction="none")
    assert each.shape == (2, 3)
    one = k.value_and_gradient(**{key: a[0] for key, a in arrays.items()}, **parameters, reduction="none")
    assert np.shape(one[0]) == () and one[0] == pytest.approx(each[0, 0], rel=1e-14)


# --- what it refuses --------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS)
def test_shapes_that_do_not_fit(backend):
    with pytest.raises(ValueError, match=r"huber: target of shape \(2,\) .* prediction of shape \(3,\)"):
        kernel("huber", backend).value(np.zeros(3), np.zeros(2))
    with pytest.raises(ValueError, match=r"target of shape \(1,\) .* prediction of shape \(3,\)"):
        kernel("huber", backend).value(np.zeros(3), np.zeros(1))  # nothing is broadcast silently
    with pytest.raises(ValueError, match=r"target.*\(\).*prediction.*\(3,\)"):
        kernel("huber", backend).value(np.zeros(3), 0.0)
    with pytest.raises(ValueError, match=r"axis C .*3 .*logits.*\(2, 3\).*4 .*target.*\(2, 4\)"):
        kernel("softmax_cross_entropy", backend).value(np.zeros((2, 3)), np.zeros((2, 4)))
    with pytest.raises(ValueError, match=r"target of shape \(5,\).*logits of shape \(2, 3\)"):
        kernel("softmax_cross_entropy_with_class_index", backend).value(np.zeros((2, 3)), np.zeros(5, int))
    with pytest.raises(ValueError, match=r"logits has shape \(\), expected \(\.\.\., C\)"):
        kernel("softmax_cross_entropy", backend).value(0.0, 1.0)
    with pytest.raises(ValueError, match=r"query has shape \(2, 2, 2\), expected \(N, D\)"):
        kernel("info_nce", backend).value(np.zeros((2, 2, 2)), np.zeros((2, 2)))
    with pytest.raises(ValueError, match=r"class_weight has shape \(2,\), expected \(C = 3\)"):
        kernel("softmax_cross_entropy_with_class_index", backend).value(
            np.zeros((2, 3)), [0, 1], class_weight=[1.0, 1.0]
        )


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("bad", [[1 + 2j], ["a"], [None], [object()], np.array(["2020"], "M8[D]")])
def test_what_is_no_number(bad, backend):
    for arrays in ((bad, [0.0]), ([0.0], bad)):
        with pytest.raises(TypeError, match=r"huber: (prediction|target) must hold real numbers, not"):
            kernel("huber", backend).value(*arrays)


@pytest.mark.parametrize("backend", BACKENDS)
def test_ragged_lists(backend):
    with pytest.raises((ValueError, TypeError)):
        kernel("huber", backend).value([[1.0], [1.0, 2.0]], [[1.0], [1.0, 2.0]])


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "name", ["softmax_cross_entropy_with_class_index", "multiclass_hinge", "pixelwise_cross_entropy"]
)
def test_class_indices(name, backend):
    k = kernel(name, backend)
    arrays, _ = draw(symloss.get(name), 0)
    first = next(iter(arrays))
    with pytest.raises(
        TypeError, match=r"target must hold class indices, whole numbers of type int64, not float64"
    ):
        k.value(arrays[first], arrays["target"].astype(float))
    with pytest.raises(TypeError, match=r"not bool"):
        k.value(arrays[first], arrays["target"].astype(bool))
    for wrong in (3, -1, 2**40, -(2**63)):
        target = arrays["target"].copy()
        target.flat[-1] = wrong
        for error in (IndexError, ValueError):
            with pytest.raises(error, match=f"{name}: target has the class index {wrong}, expected 0 to 2"):
                k.value_and_gradient(arrays[first], target)
    for kind in ("int8", "uint8", "int32", "uint64"):
        assert k.value(arrays[first], arrays["target"].astype(kind)) == k.value(**arrays)


def test_class_index_error_is_in_the_module():
    made = module("multiclass_hinge")
    assert issubclass(made["ClassIndexError"], IndexError) and issubclass(made["ClassIndexError"], ValueError)
    with pytest.raises(made["ClassIndexError"]):
        made["value"](np.full((1, 2), np.nan), [5])


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_huge_unsigned_index_does_not_wrap(backend):
    with pytest.raises((IndexError, ValueError), match=r"class index"):
        kernel("multiclass_hinge", backend).value([[1.0, 2.0]], np.array([2**64 - 1], np.uint64))


@pytest.mark.parametrize("backend", BACKENDS)
def test_weights(backend):
    k, zeros = kernel("huber", backend), np.zeros(2)
    with pytest.raises(ValueError, match=r"weight has shape \(3,\), expected \(2,\)"):
        k.value(zeros, zeros, weight=np.ones(3))
    with pytest.raises(ValueError, match=r"weight has shape \(\), expected \(2,\)"):
        k.value(zeros, zeros, weight=2.0)
    for bad in ([1, -1e-9], [1, np.nan], [1, np.inf]):
        with pytest.raises(ValueError, match=r"a weight must be finite and at least 0"):
            k.value(zeros, zeros, weight=bad)
    for reduction in ("mean", "sum", "none"):
        with pytest.raises(ValueError, match=r"the weights sum to 0"):
            k.value(zeros, zeros, weight=[0.0, 0.0], reduction=reduction)
    with pytest.raises(TypeError, match=r"weight must hold real numbers"):
        k.value(zeros, zeros, weight=["a", "b"])
    with pytest.raises(ValueError, match=r"soft_dice: it spans the whole batch, so it takes no weight"):
        kernel("soft_dice", backend).value([0.5], [1.0], weight=[1.0])


@pytest.mark.parametrize("backend", BACKENDS)
def test_reductions(backend):
    for name, given in (("huber", ([1.0], [2.0])), ("soft_dice", ([0.5], [1.0]))):
        for bad in ("average", None, "", 1):
            with pytest.raises(ValueError, match=f"{name}: reduction must be 'mean', 'sum' or 'none', not"):
                kernel(name, backend).value(*given, reduction=bad)
