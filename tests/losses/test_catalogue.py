"""The catalogue: what it holds, and values against textbook formulas typed for mpmath, and numbers."""

import math
import re

import mpmath
import pytest
from mpmath import mpf

import symloss
from symloss.declare import TASKS, Loss
from symloss.evaluate import Environment, evaluate
from symloss.functions import AxisMax, Cases, Norm, maximum
from symloss.losses import MODULES, UnknownLossError, get, names
from symloss.losses.references import REFERENCES

CATALOGUE = """
    mean_squared_error mean_absolute_error huber log_cosh quantile poisson_negative_log_likelihood
    binary_cross_entropy binary_cross_entropy_with_logits categorical_cross_entropy softmax_cross_entropy
    softmax_cross_entropy_with_class_index hinge squared_hinge multiclass_hinge focal focal_with_logits
    pixelwise_cross_entropy soft_dice soft_jaccard tversky
    triplet triplet_squared contrastive margin_ranking info_nce
    gan_discriminator gan_generator gan_generator_saturating gaussian_kl_divergence vae
    diffusion_noise_prediction
    l1_penalty l2_penalty elastic_net
""".split()


def test_names():
    assert set(CATALOGUE) <= set(names())
    assert len(set(names())) == len(names())
    assert symloss.names() == names()
    assert symloss.get("huber") is get("huber")
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names())


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("hubber", "huber"),
        ("softmax_crossentropy", "softmax_cross_entropy"),
        ("mean_square_error", "mean_squared_error"),
        ("Hinge", "hinge"),
        ("focal_loss_with_logits", "focal_with_logits"),
        ("triplett", "triplet"),
    ],
)
def test_unknown_name_is_answered_with_the_nearest(typo, meant):
    with pytest.raises(UnknownLossError) as error:
        get(typo)
    assert isinstance(error.value, KeyError)
    assert typo in str(error.value)
    assert meant in str(error.value)


@pytest.mark.parametrize("name", ["", "zzzzzz", "__import__", 3, None])
def test_unknown_name_far_from_all(name):
    with pytest.raises(UnknownLossError, match="no loss is called"):
        get(name)


@pytest.mark.parametrize("name", names())
def test_page_has_what_it_needs(name):
    declared = get(name)
    assert isinstance(declared, Loss)
    assert declared.name == name
    assert declared.task in TASKS
    assert declared.task != "custom"
    assert declared.summary.endswith(".")
    assert len(declared.doc) > len(declared.summary) + 80, "prose below the summary"
    assert declared.metrics
    assert all(metric.strip() == metric and metric for metric in declared.metrics)
    assert declared.cite
    assert declared.differentiated
    assert declared.kind in ("elementwise", "axis", "batch")
    assert all(len(line) <= 120 for line in declared.doc.splitlines())


@pytest.mark.parametrize("name", names())
def test_citations_are_in_the_references(name):
    for key in get(name).cite:
        reference = REFERENCES[key]
        assert str(reference.year) in key
        family = key.split(" et al.")[0].split(" and ")[0].removesuffix(f" {reference.year}")
        assert family in reference.authors
        assert 1700 < reference.year < 2030
        assert reference.title
        assert reference.venue
        assert reference.text.endswith(".") or reference.doi in reference.text
        if reference.doi:
            assert re.fullmatch(r"10\.\d{4,}/\S+|arXiv:\d{4}\.\d{4,5}|arXiv:[a-z-]+/\d{7}", reference.doi)


def test_every_reference_has_a_key_of_one_form():
    assert all(re.fullmatch(r"[\w .,'-]+ \d{4}[a-z]?", key) for key in REFERENCES)


KINKS = (maximum, AxisMax, Norm)


@pytest.mark.parametrize("name", names())
def test_kinks_have_a_convention_in_words(name):
    declared = get(name)
    expressions = [declared.expression, *(d.expr for d in declared.definitions.values())]
    pieces = any(
        str(argument) not in ("True", "False") and not condition_of_class_indices(condition)
        for e in expressions
        for cases in e.atoms(Cases)
        for _, condition in cases.pairs[:-1]
        for argument in (condition,)
    )
    if pieces or any(e.has(*KINKS) or "Abs(" in str(e) for e in expressions):
        assert declared.kinks.endswith("."), "say what the derivative is taken to be at the kink"


def condition_of_class_indices(condition) -> bool:
    return all(s.is_integer for s in condition.free_symbols)


def test_every_module_says_what_it_holds():
    assert len(MODULES) == 7
    for module in MODULES:
        mentioned = [name for name in names() if get(name).task == module]
        assert mentioned, module


# --- values by the formulas of the textbooks ----------------------------------------------------------------


def ln(x):
    return mpmath.log(x)


def sigma(x):
    return 1 / (1 + mpmath.exp(-x))


def shares(z):
    total = mpmath.fsum(mpmath.exp(v) for v in z)
    return [mpmath.exp(v) / total for v in z]


def dot(a, b):
    return mpmath.fsum(x * y for x, y in zip(a, b, strict=True))


def distance(a, b):
    return mpmath.sqrt(mpmath.fsum((x - y) ** 2 for x, y in zip(a, b, strict=True)))


def numbers(*texts):
    return [mpf(t) for t in texts]


def in_rows(*rows):
    return [numbers(*row.split()) for row in rows]


P, T, V, W = "prediction", "target", "probability", "parameters"
Z3, Y3 = numbers("1.5", "-2", "0.25"), numbers("0.25", "0.5", "0.25")
A3, B3, C3 = numbers("1", "2", "-0.5"), numbers("0.5", "1", "0"), numbers("-1", "0.25", "2")
Q3 = in_rows("1 0.5", "-0.25 2", "0.75 -1")
K3 = in_rows("0.5 1", "1 0.25", "-0.5 -0.75")
PIXELS, LABELS = numbers("0.9", "0.2", "0.6", "0.1"), [1, 0, 1, 1]
IMAGE = in_rows("1 2", "0.5 -1", "-0.25 0")


def half_square(r, delta):
    return r * r / 2 if abs(r) <= delta else delta * (abs(r) - delta / 2)


def cross_entropy(z, y):
    return -mpmath.fsum(b * ln(a) for a, b in zip(shares(z), y, strict=True))


def kl(mean, log_variance):
    return mpmath.fsum(mpmath.exp(v) + m * m - 1 - v for m, v in zip(mean, log_variance, strict=True)) / 2


def overlap():
    return dot(PIXELS, LABELS), mpmath.fsum(PIXELS), mpf(sum(LABELS))


# name: (values, sizes, the formula)
VALUES = {
    "mean_squared_error": [({P: mpf("2.5"), T: mpf(-1)}, {}, lambda: mpf("12.25"))],
    "mean_absolute_error": [({P: mpf("2.5"), T: mpf(4)}, {}, lambda: mpf("1.5"))],
    "huber": [
        ({P: mpf(r), T: 0, "delta": mpf("1.5")}, {}, lambda r=r: half_square(mpf(r), mpf("1.5")))
        for r in ("-4", "-1.5", "0", "0.5", "1.5", "7")
    ],
    "log_cosh": [
        ({P: mpf(r), T: mpf(1)}, {}, lambda r=r: ln(mpmath.cosh(mpf(r) - 1)))
        for r in ("-3", "1", "1.5", "90")
    ],
    "quantile": [
        ({P: 1, T: 3, "level": mpf("0.9")}, {}, lambda: mpf("0.9") * 2),
        ({P: 3, T: 1, "level": mpf("0.9")}, {}, lambda: (1 - mpf("0.9")) * 2),
        ({P: 3, T: 3, "level": mpf("0.9")}, {}, lambda: mpf(0)),
    ],
    "poisson_negative_log_likelihood": [
        ({"log_rate": mpf("0.5"), T: 3}, {}, lambda: mpmath.exp(mpf("0.5")) - mpf("1.5"))
    ],
    "binary_cross_entropy": [
        ({V: mpf("0.8"), T: 1}, {}, lambda: -ln(mpf("0.8"))),
        ({V: mpf("0.8"), T: 0}, {}, lambda: -ln(1 - mpf("0.8"))),
        ({V: mpf("0.5"), T: mpf("0.3")}, {}, lambda: ln(mpf(2))),
        ({V: 1, T: 1}, {}, lambda: mpf(0)),
        ({V: 0, T: 0}, {}, lambda: mpf(0)),
        ({V: 0, T: 1}, {}, lambda: mpmath.inf),
    ],
    "binary_cross_entropy_with_logits": [
        (
            {"logits": mpf(z), T: mpf(y), "pos_weight": mpf(3)},
            {},
            lambda z=z, y=y: -3 * mpf(y) * ln(sigma(mpf(z))) - (1 - mpf(y)) * ln(1 - sigma(mpf(z))),
        )
        for z, y in (("2", "1"), ("-2", "1"), ("0.5", "0"), ("0", "0.25"))
    ],
    "categorical_cross_entropy": [
        ({V: Y3, T: numbers("0.5", "0.5", "0")}, {"C": 3}, lambda: -ln(mpf("0.125")) / 2),
        ({V: numbers("0", "0.5", "0.5"), T: numbers("0", "1", "0")}, {"C": 3}, lambda: ln(mpf(2))),
    ],
    "softmax_cross_entropy": [
        ({"logits": Z3, T: Y3}, {"C": 3}, lambda: cross_entropy(Z3, Y3)),
        ({"logits": [5] * 8, T: [mpf(1) / 8] * 8}, {"C": 8}, lambda: ln(mpf(8))),
    ],
    "softmax_cross_entropy_with_class_index": [
        (
            {
                "logits": Z3,
                T: 1,
                "class_weight": numbers("1", "2", "4"),
                "label_smoothing": mpf(0),
                "ignore_index": -100,
            },
            {"C": 3},
            lambda: -2 * ln(shares(Z3)[1]),
        ),
        (
            {
                "logits": Z3,
                T: 2,
                "class_weight": [1, 2, 4],
                "label_smoothing": mpf("0.25"),
                "ignore_index": -100,
            },
            {"C": 3},
            lambda: (
                -mpf("0.75") * 4 * ln(shares(Z3)[2])
                - mpf("0.25") * mpmath.fsum(w * ln(p) for w, p in zip((1, 2, 4), shares(Z3), strict=True)) / 3
            ),
        ),
        (
            {
                "logits": Z3,
                T: -100,
                "class_weight": [1, 1, 1],
                "label_smoothing": mpf("0.25"),
                "ignore_index": -100,
            },
            {"C": 3},
            lambda: mpf(0),
        ),
    ],
    "hinge": [
        (
            {"score": mpf(s), T: y, "margin": mpf(m)},
            {},
            lambda s=s, y=y, m=m: max(mpf(0), mpf(m) - y * mpf(s)),
        )
        for s, y, m in (("0.5", 1, 1), ("2", 1, 1), ("2", -1, 1), ("1", 1, 1), ("-0.25", -1, "0.5"))
    ],
    "squared_hinge": [({"score": mpf("-0.5"), T: 1, "margin": 1}, {}, lambda: mpf("2.25"))],
    "multiclass_hinge": [
        ({"score": Z3, T: 2, "margin": 1}, {"C": 3}, lambda: 1 + mpf("1.5") - mpf("0.25")),
        ({"score": Z3, T: 0, "margin": 1}, {"C": 3}, lambda: mpf(0)),
        ({"score": Z3, T: 1, "margin": mpf("0.5")}, {"C": 3}, lambda: mpf("0.5") + mpf("1.5") + 2),
    ],
    "focal": [
        (
            {V: mpf("0.9"), T: 1, "gamma": 2, "alpha": mpf("0.25")},
            {},
            lambda: -mpf("0.25") * (1 - mpf("0.9")) ** 2 * ln(mpf("0.9")),
        ),
        (
            {V: mpf("0.9"), T: 0, "gamma": mpf("0.5"), "alpha": mpf("0.25")},
            {},
            lambda: -mpf("0.75") * mpmath.sqrt(mpf("0.9")) * ln(1 - mpf("0.9")),
        ),
    ],
    "focal_with_logits": [
        (
            {"logits": mpf("1.5"), T: y, "gamma": 2, "alpha": mpf("0.25")},
            {},
            lambda y=y: (
                -(mpf("0.25") if y else mpf("0.75"))
                * (1 - sigma(mpf("1.5") * (2 * y - 1))) ** 2
                * ln(sigma(mpf("1.5") * (2 * y - 1)))
            ),
        )
        for y in (0, 1)
    ],
    "pixelwise_cross_entropy": [
        (
            {"logits": IMAGE, T: [2, 0]},
            {"C": 3, "P": 2},
            lambda: -(ln(shares([r[0] for r in IMAGE])[2]) + ln(shares([r[1] for r in IMAGE])[0])) / 2,
        )
    ],
    "soft_dice": [
        (
            {V: PIXELS, T: LABELS, "smooth": 1},
            {"N": 4},
            lambda: 1 - (2 * overlap()[0] + 1) / (overlap()[1] + 3 + 1),
        ),
        ({V: [0, 0], T: [0, 0], "smooth": 1}, {"N": 2}, lambda: mpf(0)),
    ],
    "soft_jaccard": [
        (
            {V: PIXELS, T: LABELS, "smooth": 1},
            {"N": 4},
            lambda: 1 - (overlap()[0] + 1) / (overlap()[1] + 3 - overlap()[0] + 1),
        )
    ],
    "tversky": [
        (
            {V: PIXELS, T: LABELS, "alpha": mpf("0.3"), "beta": mpf("0.7"), "smooth": 0},
            {"N": 4},
            lambda: (
                1
                - overlap()[0]
                / (
                    overlap()[0]
                    + mpf("0.3") * (overlap()[1] - overlap()[0])
                    + mpf("0.7") * (overlap()[2] - overlap()[0])
                )
            ),
        )
    ],
    "triplet": [
        (
            {"anchor": A3, "positive": B3, "negative": C3, "margin": m},
            {"D": 3},
            lambda m=m: max(mpf(0), distance(A3, B3) - distance(A3, C3) + m),
        )
        for m in (1, 4)
    ],
    "triplet_squared": [
        (
            {"anchor": A3, "positive": C3, "negative": B3, "margin": mpf("0.2")},
            {"D": 3},
            lambda: distance(A3, C3) ** 2 - distance(A3, B3) ** 2 + mpf("0.2"),
        )
    ],
    "contrastive": [
        ({"first": A3, "second": B3, "same": 1, "margin": 2}, {"D": 3}, lambda: distance(A3, B3) ** 2 / 2),
        (
            {"first": A3, "second": B3, "same": 0, "margin": 2},
            {"D": 3},
            lambda: max(mpf(0), 2 - distance(A3, B3)) ** 2 / 2,
        ),
        ({"first": A3, "second": C3, "same": 0, "margin": 2}, {"D": 3}, lambda: mpf(0)),
    ],
    "margin_ranking": [
        ({"first": 1, "second": 3, T: 1, "margin": mpf("0.5")}, {}, lambda: mpf("2.5")),
        ({"first": 1, "second": 3, T: -1, "margin": mpf("0.5")}, {}, lambda: mpf(0)),
    ],
    "info_nce": [
        (
            {"query": Q3, "key": K3, "temperature": mpf("0.5")},
            {"N": 3, "D": 2},
            lambda: (
                -mpmath.fsum(ln(shares([2 * dot(q, k) for k in K3])[row]) for row, q in enumerate(Q3)) / 3
            ),
        )
    ],
    "gan_discriminator": [
        ({"real_logits": 0, "fake_logits": 0}, {}, lambda: 2 * ln(mpf(2))),
        ({"real_logits": 2, "fake_logits": 1}, {}, lambda: -ln(sigma(mpf(2))) - ln(1 - sigma(mpf(1)))),
    ],
    "gan_generator": [({"fake_logits": -2}, {}, lambda: -ln(sigma(mpf(-2))))],
    "gan_generator_saturating": [({"fake_logits": -2}, {}, lambda: ln(1 - sigma(mpf(-2))))],
    "gaussian_kl_divergence": [
        ({"mean": A3, "log_variance": B3}, {"Z": 3}, lambda: kl(A3, B3)),
        ({"mean": [0, 0], "log_variance": [0, 0]}, {"Z": 2}, lambda: mpf(0)),
    ],
    "vae": [
        (
            {
                "reconstruction": A3,
                T: C3,
                "mean": numbers("0.5", "1"),
                "log_variance": numbers("-1", "0.5"),
                "beta": 4,
            },
            {"D": 3, "Z": 2},
            lambda: distance(A3, C3) ** 2 / 2 + 4 * kl(numbers("0.5", "1"), numbers("-1", "0.5")),
        )
    ],
    "diffusion_noise_prediction": [
        (
            {"predicted_noise": A3, "noise": C3, "timestep": 1, "timestep_weight": numbers("5", "0.5")},
            {"D": 3, "T": 2},
            lambda: distance(A3, C3) ** 2 / 3 / 2,
        )
    ],
    "l1_penalty": [({W: C3}, {"P": 3}, lambda: mpf("3.25"))],
    "l2_penalty": [({W: C3}, {"P": 3}, lambda: mpf("5.0625"))],
    "elastic_net": [
        ({W: C3, "l1_ratio": mpf("0.25")}, {"P": 3}, lambda: mpf("0.8125") + mpf("0.375") * mpf("5.0625"))
    ],
}


@pytest.mark.parametrize("name", CATALOGUE)
def test_value_is_that_of_the_formula(name):
    declared = get(name)
    for values, sizes, formula in VALUES[name]:
        assert set(values) == {a.name for a in (*declared.inputs, *declared.parameters)}
        got = evaluate(declared.expression, Environment(values, sizes, declared.definitions), 60)
        with mpmath.workdps(60):
            expected = formula()
            assert got == expected or abs(got - expected) <= mpf(10) ** -14 * max(1, abs(expected)), values


@pytest.mark.parametrize("name", CATALOGUE)
def test_value_to_forty_digits(name):
    """The same in numbers of 60 digits, where decimals such as 0.9 are typed as they are."""
    declared = get(name)
    for values, sizes, formula in VALUES[name]:
        got = evaluate(declared.expression, Environment(values, sizes, declared.definitions), 60)
        with mpmath.workdps(60):
            expected = formula()
            if got != expected and _exact(values):
                assert abs(got - expected) <= mpf(10) ** -40 * max(1, abs(expected)), values


def _exact(value) -> bool:
    """Whether each number is a multiple of 1/64, and so the same at every precision."""
    if isinstance(value, dict):
        return all(_exact(v) for v in value.values())
    if isinstance(value, list):
        return all(_exact(v) for v in value)
    return value * 64 == mpmath.floor(value * 64)


# Published or known by heart, in decimals.
KNOWN = [
    ("binary_cross_entropy_with_logits", {"logits": 0, T: 1, "pos_weight": 1}, {}, "0.69314718055994530942"),
    ("binary_cross_entropy_with_logits", {"logits": 1, T: 1, "pos_weight": 1}, {}, "0.31326168751822283405"),
    ("log_cosh", {P: 1, T: 0}, {}, "0.43378083048302718"),
    ("gan_discriminator", {"real_logits": 0, "fake_logits": 0}, {}, "1.3862943611198906188"),
    ("softmax_cross_entropy", {"logits": [1, 2, 3], T: [0, 0, 1]}, {"C": 3}, "0.40760596444438030"),
    ("huber", {P: 3, T: 0, "delta": 1}, {}, "2.5"),
    ("soft_dice", {V: [1, 1, 0, 0], T: [1, 0, 0, 0], "smooth": 0}, {"N": 4}, "0.33333333333333333333"),
    ("soft_jaccard", {V: [1, 1, 0, 0], T: [1, 0, 0, 0], "smooth": 0}, {"N": 4}, "0.5"),
    ("focal", {V: mpf("0.5"), T: 1, "gamma": 2, "alpha": mpf("0.5")}, {}, "0.08664339756999316368"),
    ("poisson_negative_log_likelihood", {"log_rate": 1, T: 1}, {}, "1.7182818284590452354"),
    ("gaussian_kl_divergence", {"mean": [1], "log_variance": [0]}, {"Z": 1}, "0.5"),
    ("gaussian_kl_divergence", {"mean": [0], "log_variance": [1]}, {"Z": 1}, "0.35914091422952261768"),
    (
        "info_nce",
        {"query": [[0]] * 4, "key": [[0]] * 4, "temperature": 1},
        {"N": 4, "D": 1},
        "1.3862943611198906188",
    ),
]


@pytest.mark.parametrize(("name", "values", "sizes", "expected"), KNOWN)
def test_known_numbers(name, values, sizes, expected):
    declared = get(name)
    got = evaluate(declared.expression, Environment(values, sizes, declared.definitions), 30)
    assert abs(got - mpf(expected)) < 1e-15


# --- what the pages say -------------------------------------------------------------------------------------


def value(name, values, **sizes):
    declared = get(name)
    defaults = {p.name: p.default for p in declared.parameters}
    return float(
        evaluate(declared.expression, Environment({**defaults, **values}, sizes, declared.definitions), 30)
    )


def test_defaults():
    expected = {
        "huber": {"delta": 1},
        "quantile": {"level": 0.5},
        "binary_cross_entropy_with_logits": {"pos_weight": 1},
        "softmax_cross_entropy_with_class_index": {
            "class_weight": 1,
            "label_smoothing": 0,
            "ignore_index": -100,
        },
        "focal": {"gamma": 2, "alpha": 0.25},
        "focal_with_logits": {"gamma": 2, "alpha": 0.25},
        "triplet": {"margin": 1},
        "margin_ranking": {"margin": 0},
        "vae": {"beta": 1},
    }
    for name, parameters in expected.items():
        assert {p.name: p.default for p in get(name).parameters} == parameters


def test_half_the_absolute_error_is_the_median_s_pinball_loss():
    for r in (-2.5, 0.0, 3.5):
        assert value("quantile", {P: r, T: 0}) == abs(r) / 2


def test_focal_without_focus_is_half_the_cross_entropy():
    for y in (0, 1):
        plain = value("binary_cross_entropy", {V: 0.3, T: y})
        assert value("focal", {V: 0.3, T: y, "gamma": 0, "alpha": 0.5}) == pytest.approx(plain / 2, rel=1e-14)


def test_tversky_has_jaccard_and_dice_in_it():
    values = {V: [0.9, 0.2, 0.6], T: [1, 0, 1]}
    jaccard = value("soft_jaccard", values, N=3)
    assert value("tversky", {**values, "alpha": 1, "beta": 1}, N=3) == pytest.approx(jaccard, rel=1e-14)
    dice = value("soft_dice", {**values, "smooth": 2}, N=3)
    halves = value("tversky", {**values, "alpha": 0.5, "beta": 0.5, "smooth": 1}, N=3)
    assert halves == pytest.approx(dice, rel=1e-14)


def test_huber_between_the_square_and_the_absolute_value():
    r = 0.75
    assert value("huber", {P: r, T: 0, "delta": 1000}) == r * r / 2
    assert value("huber", {P: r, T: 0, "delta": 1e-9}) / 1e-9 == pytest.approx(r, rel=1e-8)


def test_elastic_net_has_both_penalties_in_it():
    w = {W: [1, -2, 3]}
    assert value("elastic_net", {**w, "l1_ratio": 1}, P=3) == value("l1_penalty", w, P=3) == 6
    assert value("elastic_net", {**w, "l1_ratio": 0}, P=3) == value("l2_penalty", w, P=3) / 2 == 7


def test_cross_entropy_by_index_is_that_of_the_one_hot_target():
    z = [0.5, -1.0, 2.0]
    for t in range(3):
        one_hot = [int(c == t) for c in range(3)]
        assert value(
            "softmax_cross_entropy_with_class_index", {"logits": z, T: t, "class_weight": [1, 1, 1]}, C=3
        ) == (pytest.approx(value("softmax_cross_entropy", {"logits": z, T: one_hot}, C=3), rel=1e-14))


def test_generators_have_one_fixed_point():
    for z in (-1.5, 0.0, 2.0):
        both = value("gan_generator", {"fake_logits": z}) - value(
            "gan_generator_saturating", {"fake_logits": z}
        )
        assert both == pytest.approx(math.log(2 + math.exp(z) + math.exp(-z)), rel=1e-13)


KIND = {
    "elementwise": """mean_squared_error mean_absolute_error huber log_cosh quantile
        poisson_negative_log_likelihood
        binary_cross_entropy binary_cross_entropy_with_logits hinge squared_hinge focal focal_with_logits
        margin_ranking gan_discriminator gan_generator gan_generator_saturating""".split(),
    "batch": "soft_dice soft_jaccard tversky info_nce l1_penalty l2_penalty elastic_net".split(),
}


@pytest.mark.parametrize("name", CATALOGUE)
def test_kind(name):
    expected = next((kind for kind, members in KIND.items() if name in members), "axis")
    assert get(name).kind == expected


def test_several_tensors_are_differentiated():
    assert get("triplet").differentiated == ("anchor", "positive", "negative")
    assert get("gan_discriminator").differentiated == ("real_logits", "fake_logits")
    assert get("vae").differentiated == ("reconstruction", "mean", "log_variance")
