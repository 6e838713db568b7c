"""The generated JavaScript, run by Node: exact to a few ulp, and as particular about its arguments as NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import NAMES, by_name, check_examples, draw, kernel, losses
from node import NodeKernel, needs_node

import symloss
from symloss import Real, loss
from symloss.backends import javascript
from symloss.certify.search import measure
from symloss.schedule import functions_of

FEW = [pytest.param(n, marks=[] if n in ("focal_with_logits", "hinge") else pytest.mark.slow) for n in NAMES]
"""All losses, of which the quick tests take two."""


@pytest.fixture
def made(tmp_path):
    needs_node()
    return lambda name: NodeKernel(symloss.get(name) if isinstance(name, str) else name, tmp_path)


@pytest.mark.parametrize("name", FEW)
def test_each_example_against_the_declaration(name, made):
    """Value and gradient against the declared expression in arbitrary precision, and differences of it."""
    arrays, parameters = draw(symloss.get(name), 1, off_default=True)
    assert not check_examples(made(name), arrays, parameters)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_accuracy_over_the_whole_format(name, made):
    """What `symloss certify` asks of C is asked of JavaScript, at ordinary numbers: it is as good, or nearly so.

    The elementary functions are the engine's, not the ones that the C brings along; at the ends of the format other
    steps of it underflow, so that two results of a hundred may be worse.
    """
    found = {(m.backend, m.output): m for m in measure(
        symloss.get(name), "float64", depth=0.08, kernels=[made(name), kernel(name, "numpy", "float64")]
    )}  # fmt: skip
    for output in functions_of(symloss.get(name)):
        if output == "value_and_gradient":
            continue
        ours, numpys = found["javascript", output], found["numpy", output]
        assert ours.results >= 5
        assert ours.ordinary_beyond <= numpys.ordinary_beyond, ours.where
        assert ours.beyond <= numpys.beyond + 0.02 * ours.results, ours.where


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(n, marks=[] if n == "softmax_cross_entropy_with_class_index" else pytest.mark.slow)
        for n in losses("elementwise", "axis")
    ],
)
def test_reductions_and_weights(name, reduction, made):
    """The same as NumPy, for every reduction, with and without weights."""
    arrays, parameters = draw(symloss.get(name), 7, n=4, off_default=True)
    ours, numpys = made(name), kernel(name, "numpy")
    for weight in (None, np.array([0.5, 0.0, 2.0, 1.25])):
        options = {**parameters, "weight": weight, "reduction": reduction}
        for what in functions_of(symloss.get(name)):
            vectors = {}
            if what == "hessian_vector_product":
                several = len(numpys.loss.differentiated) > 1
                vectors = {
                    f"vector_{w}" if several else "vector": np.cos(np.arange(arrays[w].size)).reshape(
                        arrays[w].shape
                    )
                    for w in numpys.loss.differentiated
                }
            got = getattr(ours, what)(**arrays, **vectors, **options)
            expected = getattr(numpys, what)(**arrays, **vectors, **options)
            if what == "value_and_gradient":
                np.testing.assert_allclose(got[0], expected[0], rtol=1e-13)
                got, expected = got[1], expected[1]
            if what != "value":
                got, expected = by_name(numpys.loss, got), by_name(numpys.loss, expected)
                for wrt in numpys.loss.differentiated:
                    assert got[wrt].shape == expected[wrt].shape
                    np.testing.assert_allclose(got[wrt], expected[wrt], rtol=1e-12, atol=1e-14)
            else:
                np.testing.assert_allclose(got, expected, rtol=1e-13)


def test_numbers_and_no_examples(made):
    huber = made("huber")
    assert huber.value(prediction=3.0, target=1.0, delta=1.0) == 1.5
    assert huber.gradient(prediction=3.0, target=1.0, delta=1.0) == 1.0
    empty = np.array([])
    assert np.isnan(huber.value(prediction=empty, target=empty))
    assert huber.value(prediction=empty, target=empty, reduction="sum") == 0
    assert huber.gradient(prediction=empty, target=empty).shape == (0,)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"prediction": [1.0, 2.0], "target": [1.0]}, "target has (1) examples"),
        ({"prediction": [1.0], "target": [1.0], "reduction": "max"}, 'must be "mean", "sum" or "none"'),
        ({"prediction": [1.0], "target": [1.0], "weight": [-1.0]}, "finite and at least 0"),
        ({"prediction": [1.0], "target": [1.0], "weight": [0.0]}, "sum to 0"),
        ({"prediction": [1.0], "target": [1.0], "weight": [1.0, 1.0]}, "weight has the shape (2)"),
    ],
)
def test_refused(arguments, message, made):
    with pytest.raises(ValueError, match="RangeError: huber: ") as error:
        made("huber").value(**arguments)
    assert message in str(error.value)


def test_a_class_index_out_of_range_is_refused(made):
    kernel = made("softmax_cross_entropy_with_class_index")
    for index in (3, -1, 0.5):
        with pytest.raises(ValueError, match="class index"):
            kernel.value(logits=[[1.0, 2.0, 3.0]], target=[index])
    assert kernel.value(logits=[[1.0, 2.0, 3.0]], target=[-100], reduction="sum") == 0


def test_names_that_javascript_has_for_itself(made):
    @loss(task="regression")
    def awkward(function: Real, Math: Real, *, let: Real = 2, power: Real = 1):
        """Names that a declaration may use and JavaScript may not."""
        return let * (function - Math) ** 2 + power

    result = made(awkward).value_and_gradient(function=[3.0], Math=[1.0], let=3.0)
    assert result[0] == 13.0 and result[1] == [12.0]


def test_rendering_is_repeatable_and_plain():
    """Same loss, same bytes; ASCII, so that no server's encoding matters."""
    text = javascript.render(symloss.get("vae"), "a command")[".mjs"]
    assert text == javascript.render(symloss.get("vae"), "a command")[".mjs"]
    assert text.isascii() and "a command" in text


def test_an_argument_may_have_the_name_of_what_the_module_uses(made):
    @loss(task="regression")
    def named_like_the_module(values: Real, gradient: Real, *, power: Real = 2, Total: Real = 1):
        return power * (values - gradient) ** 2 + Total

    result, gradient = made(named_like_the_module).value_and_gradient(
        values=np.array([1.0, 4.0]), gradient=np.array([0.0, 2.0])
    )
    assert result == 6.0
    assert gradient.tolist() == [2.0, 4.0]
