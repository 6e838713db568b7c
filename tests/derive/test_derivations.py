"""Derivations of the catalogue: every line holds, textbook sizes, results as an expert writes them."""

import dataclasses
import itertools
import random
import signal

import mpmath
import pytest
import sympy
from sympy import Abs, Add, IndexedBase, KroneckerDelta, Mul, Symbol, cosh, exp, log, sign, tanh

import symloss.derive.engine as engine
from symloss.declare import (
    Max,
    NonNegative,
    Positive,
    Real,
    Sum,
    index,
    log_softmax,
    logsumexp,
    loss,
    named,
    sqrt,
)
from symloss.derive import Derivation, Step
from symloss.derive.rules import DIFFERENTIATION, READABLE
from symloss.domains import Binary, ClassIndex, Interval, Sign
from symloss.evaluate import Environment, evaluate
from symloss.functions import (
    Binder,
    Cases,
    Partial,
    Softmax,
    free_index,
    ratio,
    sigmoid,
    size_symbol,
    softplus,
)
from symloss.functions import Sum as SumOver
from symloss.losses import get, names
from symloss.sample import sample

i, k, o = (free_index(place) for place in range(3))
j, d = index("j"), index("d")
n = size_symbol("n")

EVERY = [(name, wrt) for name in names() for wrt in get(name).differentiated]
SLOW = {"focal", "info_nce", "contrastive", "triplet", "tversky"}


# --- every line of every derivation -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "wrt"),
    [pytest.param(*one, marks=[pytest.mark.slow] * (one[0] in SLOW)) for one in EVERY],
)
def test_every_line_of_a_gradient_holds(name, wrt):
    derivation = get(name).derivation(wrt)
    assert isinstance(derivation, Derivation)
    checks = derivation.check(digits=30)
    assert len(checks) == len(derivation)
    assert all(check.ok and check.worst <= mpmath.mpf(10) ** -30 for check in checks)


@pytest.mark.parametrize(("name", "wrt"), EVERY)
def test_last_line_is_the_gradient(name, wrt):
    declared = get(name)
    one = declared.derivation(wrt, reduction="none").result
    assert one == declared.gradient(wrt) == declared.gradient(wrt, reduction="sum")
    assert not one.atoms(Partial)
    for reduction in ("sum", "mean"):
        last = declared.derivation(wrt, reduction=reduction).result
        assert not last.atoms(Partial)
    if declared.example != 0 and declared.normalizer == 1:
        assert equal(declared.gradient(wrt, reduction="mean"), one / n)


@pytest.mark.parametrize(
    ("name", "wrt"),
    [pytest.param(*one, marks=[pytest.mark.slow] * (one[0] in SLOW)) for one in EVERY],
)
def test_every_line_of_a_hessian_holds(name, wrt):
    derivation = get(name).hessian_derivation(wrt)
    derivation.check(digits=30)
    assert derivation.result == get(name).hessian(wrt)
    assert not derivation.result.atoms(Partial)


@pytest.mark.parametrize(("name", "wrt"), EVERY)
def test_each_line_begins_where_the_one_before_ended(name, wrt):
    line = get(name).derivation(wrt, reduction="none").start
    for step in get(name).derivation(wrt, reduction="none"):
        assert step.before == line
        assert step.after != line
        assert step.rule
        assert step.sentence.strip().endswith(".")
        line = step.after


@pytest.mark.parametrize(("name", "wrt"), EVERY)
def test_size_of_a_textbook(name, wrt):
    assert len(get(name).derivation(wrt)) <= 15


def test_sizes_that_are_known():
    assert len(get("mean_squared_error").derivation()) in (3, 4)
    assert 6 <= len(get("softmax_cross_entropy").derivation()) <= 9


def test_second_derivatives_are_about_as_long():
    assert all(len(get(name).hessian_derivation(wrt)) <= 20 for name, wrt in EVERY)


@pytest.mark.parametrize(("name", "wrt"), EVERY)
def test_gradient_against_numeric_differentiation(name, wrt):
    """The result alone, at the declared expression, by mpmath and not by the lines in between."""
    declared = get(name)
    argument = declared.argument(wrt)
    gradient = declared.gradient(wrt)
    for seed in range(2):
        environment = sample(declared, seed + 10)
        for place in _places(argument, environment.sizes):
            free = dict(zip(_free(argument), place, strict=True))
            here = mpmath.mpf(environment.element(wrt, place))

            def along(x, place=place, environment=environment):
                return evaluate(declared.expression, environment.replaced(wrt, place, x), mpmath.mp.dps)

            with mpmath.workdps(50):
                expected = mpmath.diff(along, here)
                got = evaluate(gradient, environment, 50, free)
                assert abs(got - expected) <= mpmath.mpf(10) ** -30 * max(1, abs(expected)), (name, place)


def _free(argument):
    first = 1 if argument.per_example else 0
    return [free_index(first + place) for place in range(len(argument.axes))]


def _places(argument, sizes):
    places = [()]
    for axis in argument.axes:
        places = [(*p, q) for p in places for q in range(min(2, sizes[axis]))]
    return places


# --- what an expert writes ----------------------------------------------------------------------------------


def symbols(declared):
    """Arguments and intermediates by name, as the loss itself has them."""
    found = {a.name: (a.tensor if a.axes else a.symbol) for a in (*declared.inputs, *declared.parameters)}
    return found | {name: definition.symbol for name, definition in declared.definitions.items()}


def softmax(z, C, place):
    a = index("a")
    return Softmax(z[a], a, C, place)


C, D, Z = (size_symbol(axis) for axis in "CDZ")

EXPERT = {
    ("mean_squared_error", "prediction"): lambda s: 2 * s["r"],
    ("mean_absolute_error", "prediction"): lambda s: sign(s["r"]),
    ("log_cosh", "prediction"): lambda s: tanh(s["r"]),
    ("huber", "prediction"): lambda s: Cases(
        (s["r"], Abs(s["r"]) <= s["delta"]), (s["delta"] * sign(s["r"]), True)
    ),
    ("quantile", "prediction"): lambda s: Cases((-s["level"], s["r"] >= 0), (1 - s["level"], True)),
    ("poisson_negative_log_likelihood", "log_rate"): lambda s: exp(s["log_rate"]) - s["target"],
    ("categorical_cross_entropy", "probability"): lambda s: -ratio(s["target"][k], s["probability"][k]),
    ("softmax_cross_entropy", "logits"): lambda s: softmax(s["logits"], C, k) - s["target"][k],
    ("binary_cross_entropy_with_logits", "logits"): lambda s: (
        s["p"] * (1 - s["target"]) - s["pos_weight"] * s["target"] * (1 - s["p"])
    ),
    ("focal_with_logits", "logits"): lambda s: (
        s["alpha_t"]
        * (2 * s["target"] - 1)
        * (1 - s["p_t"]) ** s["gamma"]
        * (s["gamma"] * s["p_t"] * log(s["p_t"]) + s["p_t"] - 1)
    ),
    ("gan_discriminator", "real_logits"): lambda s: s["p_real"] - 1,
    ("gan_discriminator", "fake_logits"): lambda s: s["p_fake"],
    ("gan_generator", "fake_logits"): lambda s: s["p_fake"] - 1,
    ("gan_generator_saturating", "fake_logits"): lambda s: -s["p_fake"],
    ("gaussian_kl_divergence", "mean"): lambda s: s["mean"][k],
    ("gaussian_kl_divergence", "log_variance"): lambda s: (exp(s["log_variance"][k]) - 1) / 2,
    ("vae", "reconstruction"): lambda s: s["reconstruction"][k] - s["target"][k],
    ("vae", "mean"): lambda s: s["beta"] * s["mean"][k],
    ("vae", "log_variance"): lambda s: s["beta"] * (exp(s["log_variance"][k]) - 1) / 2,
    ("diffusion_noise_prediction", "predicted_noise"): lambda s: (
        2 * s["timestep_weight"][s["timestep"]] * (s["predicted_noise"][k] - s["noise"][k]) / D
    ),
    ("l1_penalty", "parameters"): lambda s: sign(s["parameters"][i]),
    ("l2_penalty", "parameters"): lambda s: 2 * s["parameters"][i],
    ("elastic_net", "parameters"): lambda s: (
        s["l1_ratio"] * sign(s["parameters"][i]) + (1 - s["l1_ratio"]) * s["parameters"][i]
    ),
    ("soft_dice", "probability"): lambda s: (
        (2 * s["intersection"] + s["smooth"] - 2 * s["target"][i] * (s["total"] + s["smooth"]))
        / (s["total"] + s["smooth"]) ** 2
    ),
}


@pytest.mark.parametrize(("name", "wrt"), EXPERT)
def test_result_is_what_an_expert_writes(name, wrt):
    declared = get(name)
    got, expected = declared.gradient(wrt), EXPERT[name, wrt](symbols(declared))
    assert equal(got, expected), f"{got}  is not  {expected}"


def equal(a, b):
    return a == b or sympy.expand(a - b) == 0 or sympy.cancel(a - b) == 0


def test_hinge():
    s = symbols(get("hinge"))
    inside = s["margin"] - s["target"] * s["score"] >= 0
    assert get("hinge").gradient() == Cases((-s["target"], inside), (0, True))
    for score, expected in ((2, 0), (0.5, -1), (1, -1), (-3, -1)):
        values = {"score": score, "target": 1, "margin": 1}
        assert evaluate(get("hinge").gradient(), Environment(values)) == expected
        assert (
            evaluate(get("hinge").gradient(), Environment({**values, "score": -score, "target": -1}))
            == -expected
        )


def test_softmax_cross_entropy_is_softmax_minus_target_over_n():
    """(softmax(z) − y)/n, for example i and class k."""
    z = IndexedBase("logits", shape=(n, C), real=True)
    y = IndexedBase("target", shape=(n, C), real=True, nonnegative=True)
    a = index("a")
    got = get("softmax_cross_entropy").derivation(reduction="mean").result
    assert equal(got, (Softmax(z[i, a], a, C, k) - y[i, k]) / n)
    total = get("softmax_cross_entropy").derivation(reduction="sum").result
    assert equal(total, Softmax(z[i, a], a, C, k) - y[i, k])
    s = symbols(get("softmax_cross_entropy"))
    share = get("softmax_cross_entropy").gradient(reduction="mean")
    assert equal(share, (softmax(s["logits"], C, k) - s["target"][k]) / n)


def test_mean_squared_error_over_n():
    r = IndexedBase("r", shape=(n,), real=True)
    assert equal(get("mean_squared_error").derivation(reduction="mean").result, 2 * r[i] / n)


def test_class_weights_and_ignored_examples_divide_the_mean():
    """Σ w over the examples that count, as PyTorch's CrossEntropyLoss divides."""
    declared = get("softmax_cross_entropy_with_class_index")
    derivation = declared.derivation(reduction="mean")
    values = {
        "logits": [[1, 2, 3], [0, 0, 0], [3, 1, 0]],
        "target": [2, -100, 0],
        "class_weight": [1, 2, 4],
        "label_smoothing": 0,
        "ignore_index": -100,
    }
    with mpmath.workdps(40):
        for row, weight in ((0, 4), (1, 0), (2, 1)):
            e = [mpmath.exp(v) for v in values["logits"][row]]
            for place in range(3):
                p = e[place] / sum(e)
                expected = weight * (p - (place == values["target"][row])) / mpmath.mpf(5)
                got = evaluate(
                    derivation.result, Environment(values, {"C": 3, "n": 3}), 40, {i: row, k: place}
                )
                assert abs(got - expected) < mpmath.mpf(10) ** -35


def test_focal_is_written_in_terms_of_p_t():
    gradient = get("focal_with_logits").gradient()
    assert {s.name for s in gradient.free_symbols} == {"alpha_t", "gamma", "p_t", "target"}
    assert not gradient.atoms(sigmoid, softplus, exp)
    assert sympy.count_ops(gradient) <= 16
    assert {s.name for s in get("focal").gradient().free_symbols} == {"alpha_t", "gamma", "p_t", "target"}


def test_gradients_are_no_page_of_exponentials():
    for name, wrt in EVERY:
        assert len(str(get(name).gradient(wrt))) <= 400, name


HESSIANS = {
    "mean_squared_error": lambda s: sympy.Integer(2),
    "log_cosh": lambda s: 1 - tanh(s["r"]) ** 2,
    "huber": lambda s: Cases((1, Abs(s["r"]) <= s["delta"]), (0, True)),
    "quantile": lambda s: sympy.Integer(0),
    "poisson_negative_log_likelihood": lambda s: exp(s["log_rate"]),
    "gan_generator": lambda s: s["p_fake"] * (1 - s["p_fake"]),
    "gan_generator_saturating": lambda s: -s["p_fake"] * (1 - s["p_fake"]),
    "binary_cross_entropy_with_logits": lambda s: (
        s["p"] * (1 - s["p"]) * (1 - s["target"] + s["pos_weight"] * s["target"])
    ),
    "softmax_cross_entropy": lambda s: (
        softmax(s["logits"], C, k) * (KroneckerDelta(k, o) - softmax(s["logits"], C, o))
    ),
    "gaussian_kl_divergence": lambda s: KroneckerDelta(k, o),
    "l2_penalty": lambda s: 2 * KroneckerDelta(i, k),
}


@pytest.mark.parametrize("name", HESSIANS)
def test_second_derivative_is_what_an_expert_writes(name):
    assert equal(get(name).hessian(), HESSIANS[name](symbols(get(name))))


def test_hessian_vector_product_of_softmax_cross_entropy():
    """(H v)_k = p_k (v_k − Σ_l p_l v_l)."""
    product = get("softmax_cross_entropy").hessian_vector_product()
    z, v = [mpmath.mpf(x) for x in (1, 2, 4)], [mpmath.mpf(x) for x in (3, -1, 2)]
    environment = Environment({"logits": z, "target": [0, 1, 0], "vector": v}, {"C": 3})
    with mpmath.workdps(50):
        e = [mpmath.exp(x) for x in z]
        p = [x / sum(e) for x in e]
        mean = sum(a * b for a, b in zip(p, v, strict=True))
        for place in range(3):
            got = evaluate(product, environment, 45, {k: place})
            assert abs(got - p[place] * (v[place] - mean)) < mpmath.mpf(10) ** -40
    assert not product.atoms(KroneckerDelta)


@pytest.mark.parametrize(
    "name", ["categorical_cross_entropy", "contrastive", "pixelwise_cross_entropy", "info_nce", "vae"]
)
def test_hessian_vector_product_is_the_derivative_along_the_vector(name):
    declared = get(name)
    environment = sample(declared, 3)
    sizes, several = environment.sizes, len(declared.differentiated) > 1
    numbers = iter(mpmath.mpf(v) / 8 for v in range(1, 200))
    vectors = {
        wrt: _filled([sizes[a] for a in declared.argument(wrt).axes], numbers)
        for wrt in declared.differentiated
    }
    given = {(f"vector_{wrt}" if several else "vector"): v for wrt, v in vectors.items()}
    here = Environment({**environment.values, **given}, sizes, declared.definitions)
    for wrt in declared.differentiated:
        argument = declared.argument(wrt)
        product, gradient = declared.hessian_vector_product(wrt), declared.gradient(wrt)
        with mpmath.workdps(40):

            def moved(t, free, gradient=gradient):
                at = {w: _along(environment.values[w], v, t) for w, v in vectors.items()}
                place = Environment({**environment.values, **at}, sizes, declared.definitions)
                return evaluate(gradient, place, mpmath.mp.dps, free)

            for place in _places(argument, sizes):
                free = dict(zip(_free(argument), place, strict=True))
                expected = mpmath.diff(lambda t, free=free, moved=moved: moved(t, free), 0)
                got = evaluate(product, here, 40, free)
                assert abs(got - expected) <= mpmath.mpf(10) ** -25 * max(1, abs(expected)), (wrt, place)


def _filled(shape, numbers):
    return [_filled(shape[1:], numbers) for _ in range(shape[0])] if shape else next(numbers)


def _along(point, vector, t):
    if isinstance(point, list):
        return [_along(p, v, t) for p, v in zip(point, vector, strict=True)]
    return point + t * vector


# --- declared facts -----------------------------------------------------------------------------------------


def test_the_target_sums_to_one_by_declaration():
    facts = [step for step in get("softmax_cross_entropy").derivation() if step.rule == "declared fact"]
    assert len(facts) == 1
    assert "target" in facts[0].assumption
    assert "1" in facts[0].assumption
    assert facts[0].before.atoms(SumOver)
    assert not facts[0].after.atoms(SumOver)


def test_without_the_declaration_the_sum_stays():
    @loss
    def unnormalised(logits: Real["C"], target: NonNegative["C"]):
        return -Sum[j](target[j] * log_softmax(logits)[j])

    derivation = unnormalised.derivation(reduction="none")
    derivation.check()
    assert not [step for step in derivation if step.rule == "declared fact"]
    s = symbols(unnormalised)
    total = SumOver(s["target"][j], j, C)
    assert equal(derivation.result, softmax(s["logits"], C, k) * total - s["target"][k])


def test_the_fact_is_no_special_case_of_one_loss():
    """In a loss of another shape: −Σ y z + log Σ eᶻ has the same gradient, and needs the fact nowhere."""

    @loss
    def other_form(scores: Real["C"], target: NonNegative["C"]):
        return logsumexp[j](scores[j]) - Sum[j](target[j] * scores[j])

    s = symbols(other_form)
    assert equal(other_form.gradient(), softmax(s["scores"], C, k) - s["target"][k])


def test_squares_of_signs_and_of_labels():
    for name in ("hinge", "squared_hinge"):
        get(name).hessian_derivation().check()

    @loss
    def margin_square(score: Real, sign_1: Sign, label: Binary):
        return (1 - sign_1 * score) ** 2 + (label * score) ** 2

    s = symbols(margin_square)
    hessian = margin_square.hessian()
    for sign_1 in (-1, 1):
        for label in (0, 1):
            values = {"score": 3, "sign_1": sign_1, "label": label}
            assert evaluate(hessian, Environment(values)) == 2 + 2 * label
    margin_square.derivation().check()
    assert s


# --- bound indices ------------------------------------------------------------------------------------------


def test_sum_of_squares_by_one_element():
    """Not a sum: ∂ Σ_j z_j²/∂z_k = 2 z_k, where SymPy's own diff gives one."""

    @loss
    def squares(z: Real["C"]):
        return Sum[j](z[j] ** 2)

    assert equal(squares.gradient(), 2 * symbols(squares)["z"][k])
    squares.derivation().check()


def test_nested_sums_over_one_axis():
    """f = Σ_j z_j (Σ_j z_j²) = S₁S₂, whose derivative is S₂ + 2 z_k S₁."""
    l = index("l")  # noqa: E741

    @loss
    def same_letter(z: Real["C"]):
        return Sum[j](z[j] * Sum[j](z[j] ** 2))

    @loss
    def two_letters(z: Real["C"]):
        return Sum[j](z[j] * Sum[l](z[l] ** 2))

    assert same_letter.expression == two_letters.expression
    numbers = [1, 2, 4]
    for declared in (same_letter, two_letters):
        declared.derivation().check()
        for place, number in enumerate(numbers):
            got = evaluate(declared.gradient(), Environment({"z": numbers}, {"C": 3}), 40, {k: place})
            assert got == 21 + 2 * number * 7


def test_similarity_of_all_pairs():
    """f = Σ_ij (z_i − z_j)², whose derivative is 4 (N z_k − Σ z)."""
    l = index("l")  # noqa: E741

    @loss(over="batch")
    def spread(z: Real["N"]):
        return Sum[j, l]((z[j] - z[l]) ** 2)

    spread.derivation().check()
    spread.hessian_derivation().check()
    numbers = [1, 2, 5]
    environment = Environment({"z": numbers}, {"N": 3})
    for place, number in enumerate(numbers):
        assert evaluate(spread.gradient(), environment, 40, {i: place}) == 4 * (3 * number - 8)
        for other in range(3):
            second = evaluate(spread.hessian(), environment, 40, {i: place, k: other})
            assert second == (8 if place == other else -4)


def test_named_tensor_over_two_indices():
    @loss(over="batch")
    def gram(x: Real["N", "D"]):
        a, b = index("a"), index("b")
        s = named("s", Sum[d](x[a, d] * x[b, d]), a, b)
        return Sum[a, b](s[a, b] ** 2)

    gram.derivation().check()
    x = [[1, 2], [3, -1], [0, 2]]
    s = [[sum(p * q for p, q in zip(one, other, strict=True)) for other in x] for one in x]
    environment = Environment({"x": x}, {"N": 3, "D": 2}, gram.definitions)
    for row in range(3):
        for column in range(2):
            expected = 4 * sum(s[row][b] * x[b][column] for b in range(3))
            assert evaluate(gram.gradient(), environment, 40, {i: row, k: column}) == expected


def test_gather_gives_a_delta():
    @loss
    def gathered(x: Real["C"], t: ClassIndex["C"]):
        return x[t] ** 2

    gathered.derivation().check()
    for t in range(3):
        for place in range(3):
            environment = Environment({"x": [2, 3, 5], "t": t}, {"C": 3})
            expected = 2 * [2, 3, 5][t] if place == t else 0
            assert evaluate(gathered.gradient(), environment, 40, {k: place}) == expected


# --- a check that can fail ----------------------------------------------------------------------------------


def broken(monkeypatch, name, kind, rewrite):
    """The table with one row replaced; the caller declares losses that no cache has seen."""
    rows = [
        dataclasses.replace(r, rewrite=rewrite) if (r.name, r.kind) == (name, kind) else r
        for r in DIFFERENTIATION
    ]
    assert rows != list(DIFFERENTIATION), "no such row"
    monkeypatch.setattr(engine, "DIFFERENTIATION", tuple(rows))


NUMBER = itertools.count()


def fresh(name):
    """A loss of which no derivation is remembered."""
    return dataclasses.replace(get(name), name=f"{name}_under_test_{next(NUMBER)}")


def forgets_exponent(e, d):
    return e.base ** (e.exp - 1) * d(e.base)


WRONG = [
    ("power rule", sympy.Pow, forgets_exponent, "mean_squared_error"),
    ("power rule", sympy.Pow, lambda e, d: (e.exp - 1) * e.base ** (e.exp - 1) * d(e.base), "huber"),
    ("exponential", exp, lambda e, d: d(e.args[0]), "poisson_negative_log_likelihood"),
    ("logarithm", log, lambda e, d: d(e.args[0]) * e.args[0], "focal"),
    ("logarithm", log, lambda e, d: -d(e.args[0]) / e.args[0], "log_cosh"),
    ("absolute value", Abs, lambda e, d: d(e.args[0]), "l1_penalty"),
    ("hyperbolic cosine", cosh, lambda e, d: -sympy.sinh(e.args[0]) * d(e.args[0]), "log_cosh"),
    ("logistic function", sigmoid, lambda e, d: e * d(e.args[0]), "gan_generator"),
    ("product rule", sympy.Mul, lambda e, d: Mul(*(d(a) for a in e.args)), "focal_with_logits"),
    ("quotient rule", sympy.Mul, lambda e, d: _wrong_quotient(e, d), "soft_dice"),
    ("linearity", (Add, SumOver, Mul), lambda e, d: _drops_a_term(e, d), "gaussian_kl_divergence"),
]


def _wrong_quotient(e, d):
    above, below = e.as_numer_denom()
    return None if d(above) == 0 or d(below) == 0 else (d(above) * below + above * d(below)) / below**2


def _drops_a_term(e, d):
    row = next(r for r in DIFFERENTIATION if r.name == "linearity")
    right = row.rewrite(e, d)
    return Add(*right.args[1:]) if isinstance(right, Add) and len(right.args) > 1 else right


@pytest.mark.parametrize(("name", "kind", "rewrite", "of"), WRONG)
def test_a_wrong_rule_is_caught(monkeypatch, name, kind, rewrite, of):
    broken(monkeypatch, name, kind, rewrite)
    declared = fresh(of)
    with pytest.raises((AssertionError, RuntimeError, NotImplementedError)) as caught:
        for wrt in declared.differentiated:
            declared.derivation(wrt).check()
    if caught.type is AssertionError:
        assert "line" in str(caught.value)
        assert declared.name in str(caught.value)


def test_a_wrong_log_softmax_is_caught(monkeypatch):
    row = next(r for r in DIFFERENTIATION if r.name == "log-softmax")

    def wrong_sign(e, d):
        first = d(e.body_at(e.at))
        return 2 * first - row.rewrite(e, d)

    broken(monkeypatch, "log-softmax", row.kind, wrong_sign)
    with pytest.raises(AssertionError, match=r"line 2 \(log-softmax\) of the gradient differs"):
        fresh("softmax_cross_entropy").derivation().check()


def test_a_wrong_softplus_is_caught(monkeypatch):
    @loss
    def ramp_under_test(x: Real):
        return softplus(2 * x)

    broken(monkeypatch, "softplus", softplus, lambda e, d: sigmoid(-e.args[0]) * d(e.args[0]))
    with pytest.raises(AssertionError, match="softplus"):
        ramp_under_test.derivation().check()


def test_a_wrong_maximum_is_caught(monkeypatch):
    row = next(r for r in DIFFERENTIATION if r.name == "maximum")

    def smaller(e, d):
        return Cases((d(e.args[0]), e.args[1] > e.args[0]), (d(e.args[1]), True))

    broken(
        monkeypatch,
        "maximum",
        row.kind,
        lambda e, d: Cases((d(e.args[0]), e.args[1] > e.args[0]), (d(e.args[1]), True)),
    )
    with pytest.raises(AssertionError, match="maximum"):
        fresh("hinge").derivation().check()


@pytest.mark.parametrize(
    ("reading", "wrong"),
    [
        (
            "collapse",
            lambda e, facts: sympy.Integer(0) if isinstance(e, SumOver) and e.atoms(KroneckerDelta) else None,
        ),
        (
            "collect",
            lambda e, facts: (
                Add(*e.args[1:]) if isinstance(e, Add) and len(e.args) > 1 and e.has(Symbol) else None
            ),
        ),
    ],
)
def test_a_wrong_reading_is_caught(monkeypatch, reading, wrong):
    rows = tuple(dataclasses.replace(r, rewrite=wrong) if r.name == reading else r for r in READABLE)
    assert rows != READABLE
    monkeypatch.setattr(engine, "READABLE", rows)
    with pytest.raises(AssertionError, match=f"{reading}.*differs"):
        fresh("softmax_cross_entropy").derivation().check()


def mean_squared_error_step(after):
    declared = get("mean_squared_error")
    before = Partial(declared.expression, declared.argument("prediction").symbol)
    return Step("any", "A sentence.", before, sympy.sympify(after), "", declared)


@pytest.mark.parametrize("after", [sympy.nan, sympy.oo, -sympy.oo, 0, Symbol("r", real=True)])
def test_a_line_that_is_wrong_or_no_number_does_not_pass(after):
    assert not mean_squared_error_step(after).check()


def test_a_line_that_is_right_passes():
    check = mean_squared_error_step(2 * get("mean_squared_error").definitions["r"].symbol).check()
    assert check
    assert check.worst <= mpmath.mpf(10) ** -30
    assert check.proved


@pytest.mark.parametrize(
    "name", ["softmax_cross_entropy", "info_nce", "pixelwise_cross_entropy", "contrastive"]
)
def test_each_delta_of_a_second_derivative_is_looked_at_where_it_is_0_and_where_it_is_1(name):
    """A line that forgets a delta, or has it everywhere, must not pass."""
    for wrt in get(name).differentiated:
        step = get(name).hessian_derivation(wrt).steps[-1]
        deltas = step.after.atoms(KroneckerDelta)
        assert deltas
        for delta in deltas:
            for wrong in (0, 1):
                line = step.after.xreplace({delta: sympy.Integer(wrong)})
                assert not dataclasses.replace(step, before=step.after, after=line).check(), (delta, wrong)


def test_a_small_error_in_a_small_number_is_seen():
    """Digits are relative: an error of 1e-20 in a number of size 1e-12 is no agreement to 30 digits."""

    @loss
    def tiny(x: Real):
        return x**2 / 10**12

    x = tiny.argument("x").symbol / 10**12
    step = Step("any", "A sentence.", x, x * (1 + sympy.Rational(1, 10**20)), "", tiny)
    assert not step.check()


def test_digits_are_those_that_are_asked_for():
    declared = get("mean_squared_error")
    x = declared.argument("prediction").symbol
    step = Step("any", "A sentence.", x, x * (1 + sympy.Rational(1, 10**25)), "", declared)
    assert step.check(digits=20)
    assert not step.check(digits=30)


# --- the tables are used ------------------------------------------------------------------------------------


def test_every_reading_is_used_by_the_catalogue():
    used = set()
    for name, wrt in EVERY:
        used |= {s.rule for s in get(name).derivation(wrt)} | {
            s.rule for s in get(name).hessian_derivation(wrt)
        }
    assert {reading.name for reading in READABLE} <= used


def test_text_and_order():
    derivation = get("mean_squared_error").derivation(reduction="none")
    lines = str(derivation).splitlines()
    assert len(lines) == len(derivation) + 1
    assert lines[0].strip().startswith("Partial(")
    assert lines[-1].startswith("= 2*r")
    assert [s.rule for s in derivation] == [s.rule for s in derivation.steps]


def test_constant_in_the_variable():
    @loss
    def partly(a: Real, b: Positive):
        return a**2

    derivation = partly.derivation("b")
    assert derivation.result == 0
    derivation.check()


def test_same_losses_same_lines():
    first = [str(s.after) for s in fresh("info_nce").derivation()]
    assert first == [str(s.after) for s in fresh("info_nce").derivation()]
    assert first[-1] == str(get("info_nce").gradient())


def test_chain_through_several_intermediates():
    @loss
    def deep(x: Real):
        a_1 = named("a_1", 2 * x + 1)
        a_2 = named("a_2", a_1**2)
        a_3 = named("a_3", exp(a_2 / 10))
        return a_3**2 + a_1

    deep.derivation().check()
    deep.hessian_derivation().check()
    with mpmath.workdps(40):
        for x in ("-1.5", "0.25"):
            x = mpmath.mpf(x)
            u = (2 * x + 1) ** 2 / 10
            expected = 2 * mpmath.exp(2 * u) * (4 * (2 * x + 1) / 10) + 2
            got = evaluate(deep.gradient(), Environment({"x": x}, {}, deep.definitions), 40)
            assert abs(got - expected) < mpmath.mpf(10) ** -30


def test_general_powers():
    @loss
    def tower(x: Positive, y: Positive):
        return x**y + y**x + x**x

    for wrt in ("x", "y"):
        tower.derivation(wrt).check()
        tower.hessian_derivation(wrt).check()


@pytest.mark.slow
def test_a_rule_that_turns_back_what_it_did_comes_to_an_end():
    """(1/2 - t)·(p_t - 1) = (t - 1/2)·(1 - p_t): neither has fewer minus signs."""

    @loss
    def odds(probability: Interval(0, 1, open=True), target: Binary):
        p_t = named("p_t", target * probability + (1 - target) * (1 - probability))
        return sqrt((1 - p_t) / p_t)

    odds.derivation().check()
    odds.hessian_derivation().check()


def test_binders_inside_binders():
    @loss
    def nested(w: Real["A", "B"]):
        a, b = index("a"), index("b")
        return logsumexp[a](logsumexp[b](w[a, b]) ** 2)

    nested.derivation().check()
    assert nested.gradient().atoms(Binder)
    assert not nested.gradient().atoms(Partial)


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="needs SIGALRM, which this system does not have")
def test_two_rules_that_undo_each_other_end():
    """The sign in front of a logit once went in and out of the sigmoid for ever."""

    def over(*_):
        raise TimeoutError("the derivation does not end")

    focal = get("focal_with_logits")
    z, t = focal.argument("logits").symbol, focal.argument("target").symbol
    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(20)
    try:
        result = engine.derive(focal, Partial(sigmoid((2 * t - 1) * z), z), "gradient", "logits").result
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    for logit, label in itertools.product((-1.5, 0.25, 2.0), (0, 1)):
        expected = mpmath.diff(lambda x, s=2 * label - 1: 1 / (1 + mpmath.exp(-s * x)), logit)
        environment = Environment({"logits": logit, "target": label}, {}, {})
        assert float(evaluate(result, environment, 30, {})) == pytest.approx(float(expected), rel=1e-12)


def test_a_line_where_signs_alone_move_is_not_said_to_collect_factors():
    """−(a − b) = b − a takes no common factor out."""
    for name, wrt in (("soft_dice", "probability"), ("pixelwise_cross_entropy", "logits")):
        *_, last = get(name).derivation(wrt, reduction="none").steps
        assert last.rule == "signs"
    rules = [s.rule for s in get("binary_cross_entropy_with_logits").derivation().steps]
    assert rules[-1] == "signs"
    assert "collect" not in rules
    rules = [s.rule for s in get("focal").derivation().steps]
    assert rules[-2:] == ["collect", "signs"]  # a factor is taken out there, and its sign then turned


def test_the_second_derivative_of_the_squared_hinge_is_the_number_2_inside_the_margin():
    """Not −2y·(−y): a target is −1 or 1."""
    second = get("squared_hinge").hessian()
    assert isinstance(second, Cases)
    assert [value for value, _ in second.pairs] == [2, 0]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (lambda z, t: Max(0, z), lambda z, t: Cases((1, z > 0), (0, True))),
        (
            lambda z, t: Cases((z**2, z > t), (t, t > 0), (exp(z), True)),
            lambda z, t: Cases((2 * z, z > t), (0, t > 0), (exp(z), True)),
        ),
        (lambda z, t: Cases((z, t > 0), (0, True)) * z, lambda z, t: 2 * z * Cases((1, t > 0), (0, True))),
    ],
)
def test_a_delta_inside_a_choice_collapses(entry, expected):
    """Of Σⱼ (δⱼₖ where zⱼ > 0, else 0) the term j = k is left: no gradient takes a sum over all entries for each."""

    @loss
    def entries(z: Real["C"], t: Real["C"]):
        return Sum[j](entry(z[j], t[j]))

    gradient = entries.gradient()
    z, t = (entries.argument(name).element(i) for name in "zt")
    assert not gradient.has(Binder) and not gradient.has(KroneckerDelta)
    rng = random.Random(0)
    for _ in range(20):
        numbers = {name: [rng.uniform(-2, 2)] for name in "zt"}
        values = [
            evaluate(e, Environment(numbers, {"C": 1}), 20, {i: 0, k: 0}) for e in (gradient, expected(z, t))
        ]
        assert mpmath.almosteq(*values)
    assert all(entries.derivation().check())
