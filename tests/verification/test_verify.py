"""Verdicts and diagnoses of gradients written by hand, from the plainest to the hostile."""

import json

import numpy as np
import pytest

import symloss
from symloss.verification.built_in import degenerate
from symloss.verification.report import KINDS, Finding, Report

LOGITS = "binary_cross_entropy_with_logits"


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def half_mean(pred, y):
    return (pred - y) / len(y)


def residual(pred, y):
    return 2 * (y - pred)


def by_probability(p, y):
    return p - y


def zero_one_labels(score, label):
    sign = 2 * label - 1
    return np.where(sign * score < 1, -sign, 0.0)


def class_indices(logits, target):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    p[np.arange(len(p)), target] -= 1
    return p


def one_hot(logits, onehot):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return ((e / e.sum(axis=1, keepdims=True) - onehot) / len(logits)).ravel()


def one_at_a_time(p, t, delta):
    r = p - t
    if abs(r) <= delta:
        return r
    return delta if r > 0 else -delta


def boosting(preds, dtrain):
    p = sigmoid(preds)
    return p - dtrain.get_label(), p * (1 - p)


def value_and_gradient(z, y):
    return np.mean(np.logaddexp(0, z) - y * z), (sigmoid(z) - y) / len(z)


def gamma_fixed(z, y):
    p_t = np.where(y == 1, sigmoid(z), sigmoid(-z))
    weight = np.where(y == 1, -0.25, 0.75)
    return weight * (1 - p_t) * (1 - p_t - p_t * np.log(p_t))


RIGHT = [
    (half_mean, "mean_squared_error", {"reduction": "mean", "factor": "1/2"}),
    (residual, "mean_squared_error", {"sign": "negative"}),
    (by_probability, LOGITS, {"given": "probability"}),
    (zero_one_labels, "hinge", {"labels": "0 or 1"}),
    (class_indices, "softmax_cross_entropy", {"labels": "class indices"}),
    (one_hot, "softmax_cross_entropy_with_class_index", {"labels": "one-hot", "layout": "flattened"}),
    (one_at_a_time, "huber", {"examples": "one example"}),
    (boosting, LOGITS, {"arguments": "get_label", "output": "second derivative"}),
    (value_and_gradient, LOGITS, {"output": "value", "reduction": "mean"}),
    (gamma_fixed, "focal_with_logits", {"parameters": "'gamma': 1.0"}),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("function", "loss", "conventions"), RIGHT, ids=lambda x: getattr(x, "__name__", None)
)
def test_right_under_a_convention_that_is_named(function, loss, conventions):
    report = symloss.verify(function, loss)
    assert report and report.verdict == "right", str(report)
    for key, words in conventions.items():
        assert words in str(report.convention[key])


def sign_flipped(pred, y):
    return 2 * (y - pred)


def scaled(z, y):
    return 3 * (sigmoid(z) - y)


def chain_factor(z, y):
    p = sigmoid(z)
    return -y / p + (1 - y) / (1 - p)


def forgets_sigmoid(logits, y):
    return logits - y


def delta_ignored(pred, y, delta):
    r = pred - y
    return np.where(abs(r) <= delta, r, np.sign(r))


def wrong_branch(pred, y, delta):
    return np.clip(pred - y, -1, 1) if np.isscalar(delta) and delta == 1 else np.sign(pred - y) * delta


def no_derivative_of_the_weight(z, y, gamma, alpha):
    p = sigmoid(z)
    p_t, alpha_t = np.where(y == 1, p, 1 - p), np.where(y == 1, alpha, 1 - alpha)
    return alpha_t * (1 - p_t) ** gamma * (p - y)


def without_the_link_to_the_logit(z, y, gamma, alpha):
    side = 2 * y - 1
    p_t, alpha_t = sigmoid(side * z), np.where(y == 1, alpha, 1 - alpha)
    by_p_t = gamma * (1 - p_t) ** (gamma - 1) * np.log(p_t) - (1 - p_t) ** gamma / p_t
    return alpha_t * by_p_t * side


def by_the_rate(log_rate, y):
    return 1 - y * np.exp(-log_rate)


def by_the_logits_behind(q, t):
    return q - t


def over_the_pixels(logits, target):
    e = np.exp(logits)
    one_hot = np.moveaxis(np.eye(logits.shape[1])[target], -1, 1)
    return (e / e.sum(axis=2, keepdims=True) - one_hot) / logits.shape[2]


def swapped_alpha(z, y, gamma, alpha):
    p_t = np.where(y == 1, sigmoid(z), sigmoid(-z))
    alpha_t = np.where(y == 1, 1 - alpha, alpha)
    return alpha_t * (1 - p_t) ** gamma * (1 - 2 * y) * (1 - p_t - gamma * p_t * np.log(p_t))


def over_the_examples(logits, onehot):
    e = np.exp(logits)
    return e / e.sum(axis=0, keepdims=True) - onehot


def value_is_a_mean(z, y):
    return np.mean(np.logaddexp(0, z) - y * z), sigmoid(z) - y


def clipped(p, y):
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return (p - y) / (p * (1 - p))


def smoothed(pred, y):
    r = pred - y
    return np.where(abs(r) < 1e-6, r * 5e5, np.sign(r))


def no_subgradient(pred, y):
    return np.where(pred == y, 1.01, np.sign(pred - y))


def hessian_of_something_else(y_true, y_pred):
    p = sigmoid(y_pred)
    return p - y_true, p


def broadcast(pred, y):
    return 2 * (pred[:, None] - y[None, :])


def summed(pred, y):
    return np.sum(2 * (pred - y))


def _quick_first(rows):
    """The first rows of a table in the quick tier, the others in the slow one."""
    return [row if k in (0, 3) else pytest.param(*row, marks=pytest.mark.slow) for k, row in enumerate(rows)]


WRONG = [
    (sign_flipped, "mean_squared_error", "sign", "flipped", "everywhere"),
    (scaled, LOGITS, "scale", "3", "everywhere"),
    (chain_factor, LOGITS, "missing-chain-factor", "p*(1 - p)", "everywhere"),
    (forgets_sigmoid, LOGITS, "missing-term", "sigmoid is missing", "everywhere"),
    (delta_ignored, "huber", "ignored-parameter", "delta", "Abs(r) > delta and delta other than 1"),
    (no_derivative_of_the_weight, "focal_with_logits", "missing-term", "gamma*p_t*log(p_t)", "everywhere"),
    (
        without_the_link_to_the_logit,
        "focal_with_logits",
        "missing-chain-factor",
        "dp_t/dz_t = p_t*(1 - p_t): it is the derivative by p_t, not by z_t",
        "everywhere",
    ),
    (
        by_the_rate,
        "poisson_negative_log_likelihood",
        "wrong-variable",
        "derivative by exp(log_rate)",
        "everywhere",
    ),
    (
        by_the_logits_behind,
        "categorical_cross_entropy",
        "wrong-variable",
        "logits behind probability",
        "everywhere",
    ),
    (over_the_pixels, "pixelwise_cross_entropy", "reduction", "along the wrong axis", "everywhere"),
    (swapped_alpha, "focal_with_logits", "swapped-arguments", "alpha", ""),
    (over_the_examples, "softmax_cross_entropy", "reduction", "over the examples", "everywhere"),
    (value_is_a_mean, LOGITS, "reduction", "division by the number n", "batches of more than one example"),
    (clipped, "binary_cross_entropy", "other", "clips probability to [1e-07, 1 - 1e-07]", ""),
    (smoothed, "mean_absolute_error", "kink", "close to the kink", "within 1e-06 of r = 0"),
    (no_subgradient, "mean_absolute_error", "kink", "one-sided slopes", "at r = 0"),
    (hessian_of_something_else, LOGITS, "hessian", "1 - p", "everywhere"),
    (broadcast, "mean_squared_error", "shape", "(5, 5)", "everywhere"),
    (summed, "mean_squared_error", "shape", "added up", "everywhere"),
]


@pytest.mark.parametrize(
    ("function", "loss", "kind", "words", "where"),
    _quick_first(WRONG),
    ids=lambda x: getattr(x, "__name__", None),
)
def test_wrong_with_the_mistake_and_the_place(function, loss, kind, words, where):
    report = symloss.verify(function, loss)
    assert not report and report.verdict == "wrong"
    first = report.findings[0]
    assert (first.kind, where in first.where) == (kind, True), str(report)
    assert words in first.message


@pytest.mark.slow
@pytest.mark.parametrize("function", [sign_flipped, delta_ignored, chain_factor], ids=lambda f: f.__name__)
def test_the_counterexample_can_be_pasted_and_shows_the_mistake(function):
    loss = {sign_flipped: "mean_squared_error", delta_ignored: "huber", chain_factor: LOGITS}[function]
    example = symloss.verify(function, loss).findings[0].counterexample
    given = eval(example["call"], {"np": np, function.__name__: function})
    assert np.ravel(given)[0] == example["given"] != pytest.approx(example["expected"])


@pytest.mark.slow
@pytest.mark.parametrize("function", [sign_flipped, delta_ignored, chain_factor], ids=lambda f: f.__name__)
def test_the_correction_is_code_that_is_right(function):
    loss = {sign_flipped: "mean_squared_error", delta_ignored: "huber", chain_factor: LOGITS}[function]
    scope = {"np": np}
    exec(symloss.verify(function, loss).findings[0].correction, scope)
    report = symloss.verify(scope["gradient"], loss)
    assert report and report.stable


def overflows(z, y):
    p = np.exp(z) / (1 + np.exp(z))
    return p - y


def divides_zero_by_zero(anchor, positive, negative, margin):
    near = np.linalg.norm(anchor - positive, axis=1, keepdims=True)
    far = np.linalg.norm(anchor - negative, axis=1, keepdims=True)
    return np.where(near - far + margin > 0, (anchor - positive) / near - (anchor - negative) / far, 0)


def in_single_precision(pred, y):
    return (2 * (pred.astype(np.float32) - y.astype(np.float32))).astype(float)


def huber_in_single_precision(pred, y):
    return np.clip(pred.astype(np.float32) - y.astype(np.float32), -1, 1).astype(float)


def a_constant_in_single_precision(pred, y):
    return 10 * float(np.float32(0.1)) * np.clip(pred - y, -1, 1)


@pytest.mark.parametrize(
    ("function", "loss", "kind", "where"),
    [
        (overflows, LOGITS, "nan", "logits > "),
        pytest.param(divides_zero_by_zero, "triplet", "nan", "= 0", marks=pytest.mark.slow),
        (in_single_precision, "mean_squared_error", "unstable", ""),
        (huber_in_single_precision, "huber", "unstable", ""),
        (a_constant_in_single_precision, "huber", "unstable", ""),
    ],
    ids=lambda x: getattr(x, "__name__", None),
)
def test_right_but_unstable(function, loss, kind, where):
    report = symloss.verify(function, loss)
    assert report.verdict == "right" and not report.stable, str(report)
    assert report.findings[0].kind == kind and where in report.findings[0].where
    assert "def gradient" in report.findings[0].correction


def stable_by_hand(z, y):
    return sigmoid(z) - y


@pytest.mark.slow
def test_a_plain_and_sound_formula_is_stable():
    report = symloss.verify(lambda log_rate, y: np.exp(log_rate) - y, "poisson_negative_log_likelihood")
    assert report and report.stable and not report.findings


@pytest.mark.slow
@pytest.mark.parametrize("at_zero", [-1.0, 0.0, 0.3, 1.0])
def test_any_subgradient_is_accepted_and_named(at_zero):
    def gradient(pred, y):
        return np.where(pred == y, at_zero, np.sign(pred - y))

    report = symloss.verify(gradient, "mean_absolute_error")
    assert report
    assert at_zero == 0 or any("one-sided slopes" in note for note in report.notes)


# --- pins ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_pinned_reduction_is_demanded():
    assert symloss.verify(stable_by_hand, LOGITS, reduction="sum")
    report = symloss.verify(stable_by_hand, LOGITS, reduction="mean")
    assert report.findings[0].kind == "reduction"


@pytest.mark.slow
def test_a_pinned_factor_is_demanded():
    assert symloss.verify(half_mean, "mean_squared_error", factor=0.5)
    assert symloss.verify(half_mean, "mean_squared_error", factor=1).findings[0].kind == "scale"


@pytest.mark.slow
def test_ascent_takes_the_negative_gradient_and_refuses_the_other():
    assert symloss.verify(sign_flipped, "mean_squared_error", ascent=True)
    assert (
        symloss.verify(lambda pred, y: 2 * (pred - y), "mean_squared_error", ascent=True).findings[0].kind
        == "sign"
    )


@pytest.mark.slow
def test_other_pins():
    assert symloss.verify(lambda a, b: 2 * (b - a), "mean_squared_error", order="target,prediction")
    assert symloss.verify(by_probability, LOGITS, given="probability")
    assert not symloss.verify(by_probability, LOGITS, given="as declared")
    assert symloss.verify(gamma_fixed, "focal_with_logits", parameters={"gamma": 1})


@pytest.mark.parametrize(
    ("pins", "words"),
    [({"reduction": "median"}, "mean, sum"), ({"factor": 0}, "other than 0"), ({"nonsense": 1}, "no option"),
     ({"order": "a,b"}, "no argument 'a'"), ({"budget": -1}, "above 0"), ({"wrt": "target_"}, "target_")],
)  # fmt: skip
def test_a_pin_that_means_nothing_is_refused(pins, words):
    with pytest.raises(ValueError, match=words):
        symloss.verify(half_mean, "mean_squared_error", **pins)


def huber_at_three(pred, y):
    return np.clip(pred - y, -3, 3)


@pytest.mark.slow
def test_a_hyper_parameter_of_a_name_is_a_convention_and_that_of_a_loss_binds():
    report = symloss.verify(huber_at_three, "huber")
    assert report and report.convention["parameters"] == {"delta": 3.0}
    assert symloss.verify(huber_at_three, symloss.get("huber").with_(delta=3))
    for handed in (symloss.get("huber"), symloss.get("huber").with_(delta=2)):
        report = symloss.verify(huber_at_three, handed)
        assert report.verdict == "wrong" and report.findings[0].kind == "ignored-parameter"
        assert "delta = 3" in report.findings[0].message
    assert symloss.verify(huber_at_three, "huber", parameters={"delta": 2}).verdict == "wrong"


@pytest.mark.parametrize(
    ("loss", "fixed", "drops"),
    [
        ("focal_with_logits", {"gamma": 1.0}, False),
        ("focal_with_logits", {"gamma": 0.0}, True),
        ("focal_with_logits", {"alpha": 0.5}, True),
        ("huber", {"delta": 3.0}, False),
        ("tversky", {"alpha": 0.4}, False),
    ],
)
def test_values_at_which_a_loss_loses_a_part(loss, fixed, drops):
    assert degenerate(symloss.get(loss), fixed) == drops


def test_a_loss_whose_asymmetry_is_ignored_is_not_found_right():
    @symloss.loss
    def demand(
        p: symloss.Real, t: symloss.Real, *, shortage: symloss.Positive = 4, holding: symloss.Positive = 1
    ):
        return shortage * symloss.Max(t - p, 0) ** 2 + holding * symloss.Max(p - t, 0) ** 2

    report = symloss.verify(lambda p, t: 2 * (p - t), demand)
    assert report.verdict == "wrong" and report.findings[0].kind == "ignored-parameter"
    assert degenerate(demand, {"shortage": 1.0}) and not degenerate(demand, {"shortage": 3.0})


def softmax_gradient(logits, y):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    p[np.arange(len(p)), y] -= 1
    return p


LAYOUTS = {"as declared": lambda g: g, "flattened": np.ravel, "transposed": np.transpose}


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_pinned_layout_is_demanded(layout):
    for name, laid in LAYOUTS.items():
        report = symloss.verify(
            lambda logits, y, laid=laid: laid(softmax_gradient(logits, y)),
            "softmax_cross_entropy_with_class_index",
            layout=layout,
        )
        assert report.verdict == ("right" if name == layout else "wrong")
        assert name == layout or report.findings[0].kind == "shape"


@pytest.mark.slow
def test_scores_flattened_class_by_class():
    def lightgbm(preds, y):
        g = softmax_gradient(preds.reshape(-1, len(y)).T, y.astype(int))
        return g.ravel(order="F")

    report = symloss.verify(lightgbm, "softmax_cross_entropy_with_class_index")
    assert report, str(report)
    assert "class by class" in report.convention["scores"] and "class by class" in report.convention["layout"]


@pytest.mark.slow
def test_tied_entries_are_no_subgradient_each_with_the_whole_derivative():
    def gradient(score, target, share):
        rows = np.arange(len(score))
        rivals = score.copy()
        rivals[rows, target] = -np.inf
        best = rivals.max(axis=1, keepdims=True)
        active = 1 + best - score[rows, target][:, None] > 0
        tied = (rivals == best) & active
        g = tied / (np.maximum(tied.sum(axis=1, keepdims=True), 1) if share else 1.0)
        g[rows, target] = -active[:, 0].astype(float)
        return g

    assert symloss.verify(lambda score, target: gradient(score, target, True), "multiclass_hinge")
    report = symloss.verify(lambda score, target: gradient(score, target, False), "multiclass_hinge")
    assert report.verdict == "wrong" and report.findings[0].kind == "kink"
    assert "grows by 1, and your gradient says 2" in report.findings[0].message


@pytest.mark.slow
def test_an_ignored_label_counts_only_where_it_was_asked_for():
    loss = symloss.get("softmax_cross_entropy_with_class_index")
    assert symloss.verify(softmax_gradient, loss)
    report = symloss.verify(softmax_gradient, loss.with_(ignore_index=-1))
    assert report.verdict == "wrong" and report.findings[0].kind == "ignored-parameter"
    assert "target is ignore_index" in report.findings[0].message


@pytest.mark.parametrize("much", [1e-6, -1e-6, 3e-7])
def test_a_factor_that_is_nearly_one_is_a_factor(much):
    report = symloss.verify(lambda pred, y: np.clip(pred - y, -1, 1) * (1 + much), "huber", budget=60)
    assert report.verdict == "wrong" and report.findings[0].kind == "scale", str(report)
    assert f"{1 + much:.12g}" in report.findings[0].message
    assert len(report.findings[0].counterexample["inputs"]["prediction"]) == 1


@pytest.mark.parametrize("limit", [1e4, 1e6, 1e8])
def test_what_is_cut_off_far_out_is_wrong(limit):
    def cut(pred, y):
        r = pred - y
        return np.where(np.abs(r) > limit, 0, np.clip(r, -1, 1))

    report = symloss.verify(cut, "huber")
    assert report.verdict == "wrong", str(report)
    assert report.findings[0].where == f"|prediction| > {limit:.12g}"


def huber_value(pred, y):
    r = np.abs(pred - y)
    return np.sum(np.where(r <= 1, r * r / 2, r - 0.5))


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (lambda pred, y: 17.0, "wrong"),
        (lambda pred, y: np.sum((pred - y) ** 2 / 2), "wrong"),
        (lambda pred, y: (pred - y) ** 2 / 2, "wrong"),
        (lambda pred, y: huber_value(pred, y) * (1 + 1e-6), "wrong"),
        (huber_value, "right"),
        (lambda pred, y: huber_value(pred.astype(np.float32), y.astype(np.float32)), "right"),
        (lambda pred, y: huber_value(pred, y) + np.sum(y**2), "right"),  # which the gradient does not see
    ],
)
def test_the_value_beside_the_gradient_is_held_against_the_loss(value, verdict):
    def both(pred, y):
        return value(pred, y), np.clip(pred - y, -1, 1)

    for outputs in (None, "value,gradient"):
        report = symloss.verify(both, "huber", **({} if outputs is None else {"outputs": outputs}))
        assert report.verdict == verdict and bool(report) == (verdict == "right"), str(report)
        if verdict == "wrong":
            found = report.findings[0]
            assert found.kind == "other" and "the value beside the gradient is not the loss" in found.message
            shown = found.counterexample
            assert shown["entry"] == "the value" and shown["given"] != shown["expected"]
        else:
            assert report.stable


def test_the_value_may_come_last_and_is_held_against_the_loss_there_too():
    report = symloss.verify(lambda pred, y: (np.clip(pred - y, -1, 1), huber_value(pred, y)), "huber")
    assert report and report.convention["output"] == "it returns the gradient and then the value"
    report = symloss.verify(lambda pred, y: (np.clip(pred - y, -1, 1), 17.0), "huber")
    assert report.verdict == "wrong" and "the value beside the gradient" in report.findings[0].message


def test_a_dict_without_a_gradient_is_told_which_keys_are_known():
    report = symloss.verify(lambda pred, y: {"foo": pred - y}, "huber")
    assert report.verdict == "undecided"
    for word in ("'foo'", "'gradient'", "'prediction'", "'value'", "'hessian'"):
        assert word in report.findings[0].message


def test_what_is_added_is_told_with_its_sign():
    for much, words in ((-5e-05, "5e-05 too small"), (5e-05, "5e-05 too large")):
        report = symloss.verify(lambda pred, y, much=much: 2 * (pred - y) + much, "mean_squared_error")
        assert words in report.findings[0].message and "-5e-05" not in report.findings[0].message


def test_a_value_that_overflows_is_unstable():
    def pair(prediction, target):
        r = prediction - target
        return np.sum(np.log(np.cosh(r))), np.tanh(r)

    report = symloss.verify(pair, "log_cosh")
    assert report and not report.stable
    assert [f.message for f in report.findings] == [
        "its value is infinite or NaN where the loss is a finite number"
    ]


def test_nothing_to_hold_it_against_is_refused():
    with pytest.raises(ValueError, match="value function"):
        symloss.verify(half_mean)
    with pytest.raises(KeyError):
        symloss.verify(half_mean, "mean_squared_eror")


# --- hostile functions ----------------------------------------------------------------------------------------


def changes_its_input(pred, y):
    pred -= y
    pred *= 2
    return pred


def random(pred, y):
    return 2 * (pred - y) + np.random.default_rng().normal(size=len(y))


STATE = []


def keeps_state(pred, y):
    STATE.append(1)
    return 2 * (pred - y) * len(STATE)


def raises(pred, y):
    raise KeyError("of mine")


def leaves(pred, y):
    raise SystemExit(3)


def nothing(pred, y):
    return None


def a_word(pred, y):
    return "no"


def complex_numbers(pred, y):
    return 2j * (pred - y)


def whole_numbers(pred, y):
    return (2 * (pred - y)).astype(int)


def needs_two(pred, y):
    if len(y) < 2:
        raise ValueError("two, please")
    return 2 * (pred - y)


def changes_shape(pred, y):
    return 2 * (pred - y) if len(y) != 3 else np.zeros(2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("function", "verdict", "kind"),
    [
        (changes_its_input, "right", "mutates-input"),
        (random, "wrong", "nondeterministic"),
        (keeps_state, "wrong", "nondeterministic"),
        (raises, "undecided", "exception"),
        (leaves, "undecided", "exception"),
        (nothing, "undecided", "exception"),
        (a_word, "undecided", "exception"),
        (complex_numbers, "undecided", "exception"),
        (whole_numbers, "wrong", "other"),
        (needs_two, "wrong", "exception"),
        (changes_shape, "wrong", "shape"),
    ],
    ids=lambda x: getattr(x, "__name__", None),
)
def test_whatever_it_does_is_a_finding(function, verdict, kind):
    report = symloss.verify(function, "mean_squared_error")
    assert report.verdict == verdict, str(report)
    assert kind in [f.kind for f in report.findings]
    assert str(report) and json.loads(report.json())["verdict"] == verdict


def test_lists_and_printing_are_no_trouble(capsys):
    def listed(pred, y):
        print("hello")
        return [2 * float(a - b) for a, b in zip(pred, y, strict=True)]

    report = symloss.verify(listed, "mean_squared_error")
    assert report and "hello" in " ".join(report.notes)
    assert capsys.readouterr().out == ""


@pytest.mark.slow
def test_several_tensors_as_a_tuple_or_a_dict():
    def pair(mean, log_variance):
        return mean, (np.exp(log_variance) - 1) / 2

    def named(mean, log_variance):
        return {"grad_log_variance": (np.exp(log_variance) - 1) / 2, "grad_mean": mean}

    def without_half(mean, log_variance):
        return mean, np.exp(log_variance) - 1

    assert symloss.verify(pair, "gaussian_kl_divergence")
    assert symloss.verify(named, "gaussian_kl_divergence")
    report = symloss.verify(without_half, "gaussian_kl_divergence")
    assert report.findings[0].kind == "scale" and "log_variance" in report.findings[0].message


@pytest.mark.slow
def test_a_loss_over_the_batch():
    def dice(p, t, smooth=1):
        total = p.sum() + t.sum() + smooth
        return (2 * (p * t).sum() + smooth - 2 * t * total) / total**2

    def no_smooth(p, t, smooth=1):
        total = p.sum() + t.sum() + 1
        return (2 * (p * t).sum() + 1 - 2 * t * total) / total**2

    assert symloss.verify(dice, "soft_dice")
    report = symloss.verify(no_smooth, "soft_dice")
    assert report.findings[0].kind == "ignored-parameter" and "smooth" in report.findings[0].message


@pytest.mark.slow
def test_a_loss_of_ones_own():
    from symloss import NonNegative, Positive, Real, loss

    @loss
    def demand(prediction: Real, target: NonNegative, *, cost: Positive = 4):
        return cost * (prediction - target) ** 2

    assert symloss.verify(lambda prediction, target, cost: 2 * cost * (prediction - target), demand)
    report = symloss.verify(lambda prediction, target, cost: 8 * (prediction - target), demand)
    assert report.findings[0].kind == "ignored-parameter"


@pytest.mark.slow
def test_the_same_seed_gives_the_same_report():
    assert (
        symloss.verify(delta_ignored, "huber", seed=5).json()
        == symloss.verify(delta_ignored, "huber", seed=5).json()
    )


# --- the report -----------------------------------------------------------------------------------------------


def test_the_report_has_the_promised_form():
    data = json.loads(symloss.verify(chain_factor, LOGITS, seed=7).json())
    assert list(data) == ["verdict", "stable", "convention", "findings", "points", "seed"]
    assert (data["verdict"], data["seed"]) == ("wrong", 7) and data["points"] > 20
    assert list(data["findings"][0]) == ["kind", "where", "message", "counterexample", "correction"]
    assert data["findings"][0]["kind"] in KINDS


@pytest.mark.slow
def test_what_to_write_is_said_once():
    two = tuple(
        Finding(kind, "m", correction="def gradient():\n    return 0") for kind in ("nan", "unstable")
    )
    report = Report("f", "huber", "right", False, {"reduction": "mean", "layout": "flattened"}, two, 3, 0)
    lines = str(report).splitlines()
    assert lines.count("    def gradient():") == 1 and lines.count("  write: the same") == 1
    assert lines[-4:-1] == ["  conventions:", "    reduction: mean", "    layout: flattened"]
    assert report._repr_markdown_().count("return 0") == 1
    assert [f["correction"] for f in report.data()["findings"]] == [two[0].correction] * 2


def test_the_report_shows_itself_in_a_notebook():
    report = symloss.verify(chain_factor, LOGITS)
    assert (
        "$\\displaystyle" in report._repr_markdown_() and "missing-chain-factor" in report._repr_markdown_()
    )
    assert report._repr_latex_().startswith("$")
    assert str(report).startswith("chain_factor: wrong")


def test_json_says_infinities_and_nans_as_words():
    data = json.loads(symloss.verify(overflows, LOGITS).json(), parse_constant=pytest.fail)
    assert data["findings"][0]["counterexample"]["given"] == "nan"


@pytest.mark.slow
def test_weights_of_examples():
    def weighted(pred, y, sample_weight):
        return 2 * sample_weight * (pred - y)

    def weighted_mean(pred, y, sample_weight):
        return 2 * sample_weight * (pred - y) / np.sum(sample_weight)

    def divided_by_n(pred, y, sample_weight):
        loss = np.sum(sample_weight * (pred - y) ** 2) / np.sum(sample_weight)
        return loss, 2 * sample_weight * (pred - y) / len(y)

    def ignores(pred, y, sample_weight):
        return 2 * (pred - y)

    assert symloss.verify(weighted, "mean_squared_error")
    assert symloss.verify(weighted_mean, "mean_squared_error").convention["reduction"] == "mean"
    assert not symloss.verify(divided_by_n, "mean_squared_error")
    report = symloss.verify(ignores, "mean_squared_error")
    assert report.findings[0].kind == "ignored-parameter" and "weights" in report.findings[0].message
