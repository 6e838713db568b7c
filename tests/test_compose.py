"""Sums and multiples of losses, and the other losses that a loss gives."""

import mpmath
import numpy as np
import pytest
import sympy

from symloss.declare import (
    Binary,
    DeclarationError,
    Interval,
    NonNegative,
    Piecewise,
    Positive,
    Probability,
    Real,
    Sum,
    index,
    loss,
    named,
    normalized,
    parameter,
)
from symloss.evaluate import Environment, evaluate
from symloss.losses import get
from symloss.sample import sample

j = index("j")


@loss(task="regression")
def squared(prediction: Real, target: Real, *, cost: Positive = 1):
    """The square."""
    r = named("r", prediction - target)
    return cost * r**2


@loss(task="regression")
def cubed(prediction: Real, target: Real):
    """The cube of the opposite, under the same name as in squared."""
    r = named("r", target - prediction)
    return r**3


@loss(over="batch")
def weights_squared(weights: Real["P"]):
    """The sum of squares."""
    return Sum[j](weights[j] ** 2)


def at(declared, values, **sizes):
    return evaluate(declared.expression, Environment(values, sizes, declared.definitions), 40)


POINT = {"prediction": 5, "target": 2, "cost": 7}


def test_sum_of_two_losses():
    both = squared + cubed
    assert at(both, POINT) == 7 * 9 - 27
    assert [i.name for i in both.inputs] == ["prediction", "target"]
    assert [p.name for p in both.parameters] == ["cost"]
    assert both.kind == "elementwise"


def test_intermediates_that_clash_are_kept_apart():
    both = squared + cubed
    assert len(both.definitions) == 2
    environment = Environment(POINT, {}, both.definitions)
    kept = sorted(int(evaluate(d.expr, environment)) for d in both.definitions.values())
    assert kept == [-3, 3]


def test_intermediates_that_agree_are_shared():
    assert set((squared + 2 * get("mean_squared_error")).definitions) == {"r"}


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda a, b: a - b, 63 + 27),
        (lambda a, b: -a, -63),
        (lambda a, b: -a + b, -63 - 27),
        (lambda a, b: 3 * a, 189),
        (lambda a, b: a * 3, 189),
        (lambda a, b: a * 0.5 + 0.25 * b, mpmath.mpf(63) / 2 - mpmath.mpf(27) / 4),
        (lambda a, b: sympy.Rational(1, 4) * a, mpmath.mpf(63) / 4),
        (lambda a, b: 2 * (a + 3 * (b - a)), 2 * (63 + 3 * (-27 - 63))),
        (lambda a, b: a + b + a, 63 - 27 + 63),
    ],
)
def test_multiples_and_differences(make, expected):
    assert at(make(squared, cubed), POINT) == expected


def test_factor_is_exact():
    assert sympy.Rational(1, 10) in (0.1 * cubed).expression.atoms(sympy.Rational)


@pytest.mark.parametrize(
    "make",
    [
        lambda a: a * "2",
        lambda a: True * a,
        lambda a: a + 1,
        lambda a: 1 - a,
        lambda a: a * a,
        lambda a: a / a,
        lambda a: a * (1j),
    ],
)
def test_what_is_no_composition(make):
    with pytest.raises(TypeError):
        make(squared)


@pytest.mark.parametrize("factor", [float("inf"), float("nan")])
def test_factor_is_finite(factor):
    with pytest.raises(DeclarationError, match=r"squared.*finite"):
        factor * squared


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("mean_squared_error", "huber"),
        ("log_cosh", "mean_absolute_error"),
        ("softmax_cross_entropy", "l2_penalty"),
        ("focal_with_logits", "binary_cross_entropy_with_logits"),
        ("soft_dice", "soft_jaccard"),
        ("triplet", "triplet_squared"),
        ("vae", "elastic_net"),
    ],
)
def test_value_and_gradient_of_a_composition_are_those_of_the_parts(first, second):
    a, b = get(first), get(second)
    if first == "triplet":
        b = b.renamed(margin="squared_margin")
    both = a + parameter("lam", NonNegative, 0.3) * b
    for seed in range(3):
        environment = sample(both, seed)
        lam = mpmath.mpf(environment.values["lam"])

        def part(one, expr, environment=environment):
            return evaluate(expr, Environment(environment.values, environment.sizes, one.definitions), 40, {})

        whole = evaluate(both.expression, environment, 40)
        expected = part(a, a.expression) + lam * part(b, b.expression)
        assert abs(whole - expected) < mpmath.mpf(10) ** -14  # lam is a double, and its product rounds here
        for wrt in both.differentiated:
            argument = both.argument(wrt)
            total = mpmath.mpf(0)
            for one, factor in ((a, 1), (b, lam)):
                if wrt in {i.name for i in one.inputs}:
                    total += factor * _gradient(one, wrt, environment)
            got = _gradient(both, wrt, environment)
            assert abs(got - total) < mpmath.mpf(10) ** -14, (wrt, argument)


def _gradient(declared, wrt, environment):
    here = Environment(environment.values, environment.sizes, declared.definitions)
    gradient = declared.gradient(wrt)
    free = {s: 0 for s in gradient.free_symbols if s.name in ("i", "k", "q")}
    return evaluate(gradient, here, 40, free)


def test_loss_of_an_example_and_penalty_of_the_batch():
    both = get("mean_squared_error") + parameter("lam", NonNegative, 0.01) * weights_squared
    assert both.kind == "mixed"
    assert both.differentiated == ("prediction", "weights")
    values = {"prediction": 5, "target": 2, "weights": [1, 2, 3], "lam": 10}
    assert at(both, values, P=3) == 9 + 140
    assert both.argument("lam").default == 0.01
    assert str(both.expand(both.gradient())) in ("2*prediction - 2*target", "2*(prediction - target)")
    environment = Environment(values, {"P": 3}, both.definitions)
    gradient = both.gradient("weights")
    (place,) = {s for s in gradient.free_symbols if s.name in ("i", "k")}
    assert [evaluate(gradient, environment, 40, {place: k}) for k in range(3)] == [20, 40, 60]


def test_parameter_multiplies_from_both_sides():
    lam = parameter("lam", NonNegative, 2)
    assert (lam * squared).expression == (squared * lam).expression
    assert at(lam * squared, {**POINT, "lam": 3}) == 189


def test_composition_keeps_what_is_known_of_its_parts():
    both = get("huber") + get("mean_absolute_error")
    assert "Huber 1964" in both.cite
    assert len(set(both.cite)) == len(both.cite)
    assert get("huber").kinks in both.kinks
    assert both.task == "regression"


@pytest.mark.parametrize("backend", ["numpy", pytest.param("c", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", ["huber", pytest.param("softmax_cross_entropy", marks=pytest.mark.slow)])
def test_a_sum_by_the_tensor_of_its_batch_part_alone(name, backend):
    kernel = (get(name) + get("l2_penalty")).wrt("parameters").load(backend)
    example = np.array([[0.25, 0.75]])
    value, gradient = kernel.value_and_gradient(example, example, [0.5, -2.0])
    assert value == pytest.approx(get(name).load("numpy").value(example, example) + 4.25)
    assert gradient.tolist() == kernel.gradient(example, example, [0.5, -2.0]).tolist() == [1, -4]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("elements", "rows"),
    [
        ("mean_squared_error", "gaussian_kl_divergence"),
        ("binary_cross_entropy_with_logits", "softmax_cross_entropy"),
        ("poisson_negative_log_likelihood", "triplet"),
    ],
)
def test_numbers_and_rows_of_each_example(elements, rows):
    """Each part has the gradient that it has alone: a sum of losses has the sum of their gradients."""
    one, other = get(elements), get(rows)
    one = one.renamed(**{i.name: f"one_{i.name}" for i in one.inputs})
    rng = np.random.default_rng(0)
    both = (one + other).load("c")
    for n in (1, 3, 70):
        flat = [rng.uniform(0.1, 0.9, n) for _ in one.inputs]
        wide = [rng.integers(0, 3, n) if i.type.classes else rng.normal(size=(n, 3)) for i in other.inputs]
        value, gradient = both.value_and_gradient(*flat, *wide)
        expected = [loss.load("numpy").value_and_gradient(*a) for loss, a in ((one, flat), (other, wide))]
        assert value == pytest.approx(sum(v for v, _ in expected), rel=1e-13)
        alone = {
            name: g
            for loss, (_, found) in zip((one, other), expected, strict=True)
            for name, g in (found if isinstance(found, dict) else {loss.differentiated[0]: found}).items()
        }
        assert gradient.keys() == alone.keys()
        for name, g in alone.items():
            np.testing.assert_allclose(gradient[name], g, rtol=1e-12, atol=1e-15)


def test_nothing_is_left():
    huber, penalty = get("huber"), get("l2_penalty")
    for left in (lambda: huber - huber, lambda: huber + penalty - huber, lambda: huber + penalty - penalty):
        with pytest.raises(DeclarationError, match=r"^huber_plus_\w+: the two parts cancel"):
            left()


def test_names_of_sums_and_of_losses_are_no_longer_than_those_of_files():
    total = sum(get(name) for name in 30 * ["huber", "mean_squared_error"])
    assert len(total.name) <= 100 and (total + get("huber")).name != total.name
    assert total.load("numpy").value([3.0], [1.0]) == pytest.approx(30 * (1.5 + 4))
    with pytest.raises(DeclarationError, match=r"it has 300 letters, at most 200"):
        get("huber").renamed("a" * 300)


@pytest.mark.parametrize("number", [np.float32(0.5), np.float64(0.5), np.array(0.5), sympy.Rational(1, 2)])
def test_a_default_is_any_kind_of_number(number):
    assert squared.with_(cost=number) == squared.with_(cost=0.5)
    assert type(squared.with_(cost=np.int8(3)).parameters[0].default) is int


def test_with_other_defaults():
    half = squared.with_(cost=0.5)
    assert half.argument("cost").default == 0.5
    assert squared.argument("cost").default == 1
    assert half.expression == squared.expression
    with pytest.raises(DeclarationError, match=r"squared.*'cost'.*-1 is not a number > 0"):
        squared.with_(cost=-1)
    with pytest.raises(DeclarationError, match=r"squared.*no hyper-parameter 'delta'.*cost"):
        squared.with_(delta=1)


def test_other_tensors_to_differentiate_by():
    other = squared.wrt("target", "prediction")
    assert other.differentiated == ("target", "prediction")
    assert other.expand(other.gradient() + other.gradient("prediction")).expand() == 0
    with pytest.raises(DeclarationError, match=r"squared.*'nope'.*prediction, target"):
        squared.wrt("nope")
    with pytest.raises(DeclarationError, match=r"focal.*'target'.*0 or 1"):
        get("focal").wrt("target")
    with pytest.raises(DeclarationError, match="squared"):
        squared.wrt()


def test_other_names():
    new = squared.renamed("forecast_error", prediction="forecast", cost="price")
    assert new.name == "forecast_error"
    assert str(new) == "forecast_error(forecast: Real, target: Real, *, price: Positive = 1)"
    assert new.differentiated == ("forecast",)
    assert at(new, {"forecast": 5, "target": 2, "price": 7}) == 63
    swapped = cubed.renamed(prediction="target", target="prediction")
    assert at(swapped, POINT) == 27


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ({"prediction": "for"}, "'for'.*keyword"),
        ({"prediction": "target"}, "'target'.*taken"),
        ({"prediction": "r"}, "'r'.*taken"),
        ({"prediction": "same", "target": "same"}, "same"),
        ({"prediction": "weight"}, "weight"),
        ({"nope": "other"}, "nope"),
        ({"prediction": "j"}, "'j'.*index"),
    ],
)
def test_wrong_names(names, says):
    with pytest.raises(DeclarationError, match=says):
        squared.renamed(**names)


def test_renaming_reaches_ignore_index():
    declared = get("softmax_cross_entropy_with_class_index").renamed(ignore_index="skipped")
    assert declared.argument("target").type.also == "skipped"


# --- parts that do not fit ----------------------------------------------------------------------------------


@loss
def inside(probability: Interval(0, 1)):
    return probability**2


@loss
def beyond(probability: Interval(2, 3)):
    return probability**2


@loss
def over_classes(prediction: Real["C"]):
    return Sum[j](prediction[j])


@loss
def other_cost(prediction: Real, *, cost: Positive = 3):
    return cost * prediction


@loss
def cost_as_tensor(prediction: Real, cost: Positive):
    return cost * prediction**2


@loss
def r_as_tensor(r: Real):
    return r**2


@loss
def relative(prediction: Real, w: Positive):
    return normalized(w**2 * prediction**2, by=w**2)


@pytest.mark.parametrize(
    ("a", "b", "says"),
    [
        (inside, beyond, "'probability'.*rename"),
        (squared, over_classes, "'prediction'.*Real.*rename"),
        (squared, other_cost, "'cost' is Positive = [13] in one part.*Positive = [13]"),
        (squared, cost_as_tensor, "'cost'"),
        (squared, r_as_tensor, "'r'"),
        (squared, relative, "different totals"),
    ],
)
def test_parts_that_do_not_fit(a, b, says):
    for first, second in ((a, b), (b, a)):
        with pytest.raises(DeclarationError, match=says):
            first + second


@pytest.mark.parametrize("penalty_first", [False, True])
def test_a_mean_relative_to_something_stays_one_beside_a_penalty(penalty_first):
    penalty = get("l2_penalty")
    both = penalty + relative if penalty_first else relative + penalty
    prediction, w, parameters = np.array([1.0, 2.0]), np.array([1.0, 3.0]), np.array([2.0])
    tensors = {"prediction": prediction, "w": w, "parameters": parameters}
    wanted = (1 * 1 + 9 * 4) / (1 + 9) + penalty.load("numpy").value(parameters)
    assert both.load("numpy").value(**tensors) == pytest.approx(wanted, rel=1e-15)


def test_narrower_domain_holds():
    @loss
    def wide(p_1: Real, t_1: Real):
        return (p_1 - t_1) ** 2

    @loss
    def narrow(p_1: Probability, t_1: Binary):
        return (p_1 * t_1) ** 2

    for both in (wide + narrow, narrow + wide):
        assert str(both.argument("p_1").domain) == "Probability"
        assert str(both.argument("t_1").domain) == "Binary"
        assert at(both, {"p_1": 3, "t_1": 1}) == 4 + 9
        both.derivation().check()


def test_loss_of_an_example_with_one_over_the_batch_of_the_same_tensor():
    """Binary cross-entropy plus Dice: the first becomes a mean over the batch of the second."""
    both = get("binary_cross_entropy") + get("soft_dice")
    assert both.kind == "batch"
    p, y = [0.2, 0.7, 0.9], [0, 1, 1]
    with mpmath.workdps(40):
        p = [mpmath.mpf(v) for v in p]
        bce = -(mpmath.log(1 - p[0]) + mpmath.log(p[1]) + mpmath.log(p[2])) / 3
        dice = 1 - (2 * (p[1] + p[2]) + 1) / (sum(p) + 2 + 1)
        got = at(both, {"probability": p, "target": y, "smooth": 1}, N=3)
        assert abs(got - bce - dice) < mpmath.mpf(10) ** -35
    both.derivation().check()


def test_composition_of_cases():
    @loss
    def capped(prediction: Real, target: Real):
        return Piecewise((prediction, prediction < 1), (1, True)) + target

    both = capped + 2 * squared
    assert at(both, {"prediction": 5, "target": 2, "cost": 1}) == 1 + 2 + 18
    both.derivation().check()


def test_losses_are_values():
    assert squared + cubed == squared + cubed
    assert squared.with_(cost=2) == squared.with_(cost=2)
    assert squared.with_(cost=2) != squared
    assert hash(2 * squared) == hash(2 * squared)
