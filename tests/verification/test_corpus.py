"""The corpus itself is right: each record's claim is checked by differences at 130 digits, without the verifier."""

import numpy as np
import pytest
from helpers import Reference, defaults, draw
from verification.corpus import CASES, RIGHT, WRONG
from verification.corpus.call import called, loss_of, skip_without

AT_A_POINT = {"kink", "nan"}
BEHAVIOUR = {"mutates-input", "nondeterministic", "exception", "timeout", "shape"}
DIGITS = 50


def pytest_generate_tests(metafunc):
    if "case" in metafunc.fixturenames:
        about_numbers = {n: c for n, c in CASES.items() if not set(c.kinds) & BEHAVIOUR}
        metafunc.parametrize("case", about_numbers.values(), ids=about_numbers.keys())


def batch(case, seed=3, n=9):
    """A batch of the loss's domain, small and large numbers where it is unbounded."""
    loss = loss_of(case)
    arrays, _ = draw(loss, seed=seed, n=n)
    for i in loss.inputs:
        if i.per_example and np.isinf(float(i.domain.lower)):
            arrays[i.name][::3] *= 0.2
            arrays[i.name][1::3] *= 2
    if case.convention.get("labels") == "sign":
        arrays["target"] = np.round(arrays["target"])
    parameters = defaults(loss)
    if "class_weight" in case.takes:
        parameters["class_weight"] = np.array([0.5, 2.0, 1.5])
    for p in loss.parameters:
        # a parameter that the function takes is moved off its default
        if p.name in case.takes and not p.axes and p.default:
            parameters[p.name] = p.default * 0.75
        if p.name == "label_smoothing" and p.name in case.takes:
            parameters[p.name] = 0.2
        if p.name == "ignore_index" and p.default == -1:
            arrays["target"][0] = -1
        if p.name == "beta" and loss.name == "vae":
            parameters[p.name] = p.default
    return arrays, parameters


def kink(case, arrays):
    """The batch, moved to where the loss has no derivative."""
    arrays = {k: v.copy() for k, v in arrays.items()}
    if loss_of(case).name == "multiclass_hinge":
        arrays["score"][:] = np.array([0.3, 0.3, 0.3])
    elif "first" in arrays:
        arrays["second"] = arrays["first"].copy()
        arrays["same"] = np.zeros_like(arrays["same"])
    elif "positive" in arrays:
        arrays["positive"] = arrays["anchor"].copy()
    else:
        arrays["prediction"] = arrays["target"].copy()
    return arrays


def truths(case, arrays, parameters):
    """The one-sided derivatives of the sum over the batch: {input: (left, right)}."""
    loss = loss_of(case)
    reference = Reference(loss, arrays, parameters, digits=DIGITS + 80)
    both = {}
    for name in loss.differentiated:
        left, right = np.zeros(arrays[name].shape), np.zeros(arrays[name].shape)
        for row in reference.rows:
            per_example = row is not None and loss.argument(name).per_example
            for place in reference.places(name):
                at = (row, *place) if per_example else place
                left[at], right[at] = (float(s) for s in reference.slopes(row, name, place))
        both[name] = (left, right)
    return both


def explained_by_no_convention(got, truth):
    """Whether no factor 1, 1/2, 1/n or 1/(2n), the same for all inputs, makes one of the other."""
    n = next(iter(got.values())).shape[0] if next(iter(got.values())).ndim else 1
    sizes = {n, next(iter(got.values())).size}
    factors = {f / s for f in (1.0, 0.5) for s in (*sizes, 1)}
    return not any(all(np.allclose(got[k], f * truth[k][1], rtol=1e-7) for k in truth) for f in factors)


@pytest.mark.slow
def test_claims(case, tmp_path):
    skip_without(case)
    kinds = set(case.kinds)
    arrays, parameters = batch(case)
    truth = truths(case, arrays, parameters)
    got = called(case, arrays, parameters, tmp_path)
    rtol = 1e-5 if "float" in (case.subject() if case.returns == "c" else "") else 1e-9
    rtol = 1e-6 if case.name == "hinge_float32" else rtol
    right_here = all(
        np.shape(got.gradient[k]) == np.shape(t[1]) and np.allclose(got.gradient[k], t[1], rtol, 1e-7)
        for k, t in truth.items()
    )
    if case.verdict == RIGHT or kinds & AT_A_POINT:
        assert right_here, (got.gradient, truth)
    if (case.verdict == WRONG or "kink" in kinds) and kinds & AT_A_POINT:
        arrays = kink(case, arrays)
        truth, got = truths(case, arrays, parameters), called(case, arrays, parameters, tmp_path)
        inside = [
            np.all((g >= np.minimum(*truth[k])) & (g <= np.maximum(*truth[k])))
            for k, g in got.gradient.items()
        ]
        # at a tie each entry lies between its slopes, but they do not add up to those of any one subgradient
        sums = [abs(g.sum()) > 1e-9 for g in got.gradient.values()] if "score" in arrays else []
        assert not all(inside) or any(sums)
    elif case.verdict == WRONG and case.returns == "value, gradient":
        own = _differences_of_the_value(case, arrays, parameters, tmp_path)
        assert not np.allclose(own, got.gradient[next(iter(truth))], rtol=1e-5)
    elif case.verdict == WRONG and kinds != {"hessian"} and case.returns != "torch":
        assert explained_by_no_convention(got.gradient, truth)
    elif case.verdict == WRONG and case.returns == "torch":
        assert not right_here
    if got.hessian is not None and loss_of(case).kind == "elementwise":
        reference = Reference(loss_of(case), arrays, parameters, digits=DIGITS + 80)
        (name,) = loss_of(case).differentiated
        exact = np.array([float(reference.second(row, name, ())) for row in reference.rows])
        assert np.allclose(got.hessian, exact, rtol=1e-6) == ("hessian" not in kinds)


def _differences_of_the_value(case, arrays, parameters, folder):
    name, step = loss_of(case).differentiated[0], 1e-6
    own = np.zeros(arrays[name].shape)
    for at in np.ndindex(own.shape):
        ends = []
        for by in (step, -step):
            moved = {**arrays, name: arrays[name].copy()}
            moved[name][at] += by
            ends.append(called(case, moved, parameters, folder).value)
        own[at] = (ends[0] - ends[1]) / (2 * step)
    return own


@pytest.mark.parametrize("count, of", [(60, "all"), (40, "mistakes")])
def test_size(count, of):
    mistakes = [c for c in CASES.values() if c.kinds]
    assert len(CASES if of == "all" else mistakes) >= count
