"""The answers of a review: none claims what does not hold, each counterexample shows what it says."""

import json
from functools import cache
from pathlib import Path

import pytest

import symloss
from symloss import Positive, Real, loss, named, parameter, softplus
from symloss.analyze.answer import PROVEN, REFUTED, SAMPLED, UNKNOWN
from symloss.analyze.questions import GROUPS, QUESTIONS
from symloss.cli import main
from symloss.library import losses_in


@cache
def treacherous():
    return losses_in(Path(__file__).with_name("treacherous_losses.py"))


def review(name):
    return (treacherous().get(name) or symloss.get(name)).characteristics()


# --- nothing is proven that does not hold -----------------------------------------------------------------

NOT_CONVEX = ["narrow_dent", "far_dent", "almost_a_kink", "a_value_of_its_own", "at_the_end", "pole"]


@pytest.mark.slow
@pytest.mark.parametrize("name", NOT_CONVEX)
def test_a_hidden_dent_is_never_proven_convex(name):
    found = review(name)["convex"]
    assert (found.value, found.status) == (False, REFUTED)
    assert found.counterexample is not None


def test_a_default_does_not_speak_for_every_parameter():
    convex = review("double_well")["convex"]
    assert convex and convex.holds_for == "depth = 0"
    assert not review("double_well").loss.with_(depth=1).characteristics()["convex"].value


def test_kinks_at_irrational_places_are_exact():
    found = review("irrational_kinks")
    assert found["kinks"].value == ["|prediction - target| = sqrt(2)"]
    assert found["convex"] and found["class"].value == "C^0"


@pytest.mark.slow
def test_a_value_of_its_own_is_a_jump():
    found = review("a_value_of_its_own")
    assert found["continuous"].value is False
    assert found["range"].status == UNKNOWN  # the infimum is -1, which no limit shows


@pytest.mark.slow
def test_kinks_whose_order_depends_on_the_parameters_are_told_at_the_defaults():
    found = review("kinks_that_meet")
    assert found["convex"] and found["convex"].holds_for == "a = 1, b = 2"


@pytest.mark.slow
def test_almost_homogeneous_is_not_homogeneous():
    assert review("nearly_homogeneous")["homogeneity"].status == REFUTED


@pytest.mark.parametrize("name", ["focal_with_logits", "gan_generator_saturating"])
@pytest.mark.slow
def test_counterexamples_can_be_pasted(name):
    convex = review(name)["convex"]
    values = eval(convex.counterexample["paste"], {"loss": symloss.get(name)})
    assert values[1] > (values[0] + values[2]) / 2
    for claimed, computed in zip(convex.counterexample["values"], values, strict=True):
        assert float(claimed) == pytest.approx(computed, rel=1e-9)


@pytest.mark.slow
def test_an_improper_score_is_shown():
    proper = review("focal")["proper"]
    assert proper.value is False
    names = {"loss": symloss.get("focal")}
    before, expression = proper.counterexample["paste"].rsplit("; ", 1)
    exec(before, names)
    honest, other = eval(expression, names)
    assert other < honest


# --- what is proven ---------------------------------------------------------------------------------------


def test_huber_for_every_delta():
    found = review("huber")
    assert found["convex"] and found["convex"].holds_for == "every delta > 0"
    assert str(found["lipschitz"].value) == "delta" and found["smoothness"].value == 1
    assert found["class"].value == "C^1" and found["influence"].value == "bounded"
    assert found["homogeneity"].details["with"] == ["delta"]


def test_the_hinge_loss():
    found = review("hinge")
    assert found["kinks"].value == ["target·score = margin"]
    assert found["calibrated"] and found["proper"].value is False and found["monotone"]
    assert found["upper_bound"].holds_for == "margin = 1"
    assert found["dead_zones"].value == [
        "score < -margin where target = -1",
        "score > margin where target = 1",
    ]


@pytest.mark.slow
def test_cross_entropy_of_probabilities():
    found = review("binary_cross_entropy")
    assert found["proper"] and found["proper"].details["strictly"]
    assert str(found["lipschitz"].value) == "oo" and len(found["blow_up"].value) == 2
    assert found["gradient_infimum"].value == 0  # for a soft label between the ends


@pytest.mark.slow
def test_softmax_cross_entropy_by_composition():
    found = review("softmax_cross_entropy")
    assert found["convex"] and found["proper"]
    assert found["strictly_convex"].status == REFUTED  # a constant added to all logits changes nothing
    assert found["minimiser"].value == "softmax(logits) = target"


@pytest.mark.slow
def test_distances_of_embeddings():
    found = review("triplet")
    assert found["translation_invariant"] and found["rotation_invariant"]
    assert found["scale_invariant"].status == REFUTED
    assert found.by["positive"]["alignment"]["convex"].status == PROVEN
    assert found.by["negative"]["alignment"]["convex"].status == REFUTED


@pytest.mark.slow
def test_one_outlier_is_moved():
    assert review("mean_squared_error")["breakdown"].details["follows"]
    stays = review("mean_absolute_error")["breakdown"]
    assert not stays.details["follows"] and stays.status == SAMPLED


def test_empty_masks():
    found = review("soft_dice")["empty_masks"]
    assert found.details["right"] == 0 and found.details["undefined_with"] == "smooth = 0"


@pytest.mark.slow
def test_terms_of_a_composed_loss_show_what_their_factor_does():
    @loss(task="regression")
    def steep(prediction: Real, target: Real, *, slope: Positive = 1):
        r = named("r", prediction - target)
        return softplus(slope * r)

    composed = steep + parameter("lam", Positive, 1000) * symloss.get("mean_squared_error")
    found = composed.characteristics()
    assert min(found["terms"].details["relative"]) < 0.01
    assert any("terms" in a.finding for a in found.advice)


# --- its forms --------------------------------------------------------------------------------------------

STATUSES = {PROVEN, REFUTED, SAMPLED, UNKNOWN}


@pytest.mark.slow
@pytest.mark.parametrize("name", symloss.names())
def test_every_loss_of_the_catalogue_is_answered_honestly(name):
    found = symloss.get(name).characteristics()
    data = found.json()
    assert data == json.loads(json.dumps(data)) and set(GROUPS) < set(data)
    assert {"range", "lipschitz"} <= set(data["scale"])
    for key in ("convex", "proper", "calibrated", "elicits"):
        assert key in data["alignment"]
    assert "failed" not in json.dumps(data), name
    for group in GROUPS:
        for key, answer in data[group].items() if group != "efficiency" else ():
            assert answer["status"] in STATUSES and ("verdict" in answer or "value" in answer), key
            assert (
                answer["status"] != REFUTED
                or "counterexample" in answer
                or "not convex" in answer["argument"]
            )
            assert answer["status"] != SAMPLED or answer["points"] > 0, key
            assert answer["status"] != PROVEN or answer["argument"], key
    rows = list(found)
    assert len(rows) > 10 and all(r.question and r.status for r in rows)
    assert {r.key for r in rows} <= {q.key for q in QUESTIONS}
    assert "<table>" in found._repr_html_() and found.loss.name in str(found)


def test_the_command_prints_a_page_and_json(capsys):
    assert main(["review", "binary_cross_entropy"]) == 0
    page = capsys.readouterr().out
    assert page.index("the gradient goes to") < page.index("Is it smooth enough")
    assert main(["review", "huber", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["alignment"]["convex"] | {"argument": ""} == {
        "verdict": True, "status": "proven", "argument": "", "holds_for": "every delta > 0",
    }  # fmt: skip
    assert data["scale"]["lipschitz"]["value"] == "delta" and isinstance(data["advice"], list)


def test_a_review_says_with_respect_to_which_tensor_it_answers():
    """(μ² + e^s − s − 1)/2 curves by 1 in μ, and without bound in s = log σ²: neither is the other's answer."""
    found = review("gaussian_kl_divergence")
    assert found["smoothness"].value == 1
    assert {r.key: r.answer for r in found.differing["log_variance"]}["smoothness"] == "∞"
    page = " ".join(str(found).split())
    assert page.index("with respect to mean, all else held fixed") < page.index("Is it smooth enough")
    *_, behind = page.partition("With respect to log_variance:")
    assert "smoothness constant (supremum of |second derivative|) ∞" in behind
    assert "With respect to log_variance" in found._repr_html_()
    assert review("huber").respect == "" and "espect" not in str(review("huber"))


def test_answers_are_valid_latex():
    assert review("huber")["class"].latex == r"\text{$C^1$}"
    assert review("binary_cross_entropy_with_logits")["lipschitz"].latex == (
        r"\max\left(1, \mathrm{pos\_weight}\right)"
    )
    assert r"9\%" in review("binary_cross_entropy_with_logits")["imbalance"].latex


@pytest.mark.slow
def test_a_file_of_losses_is_reviewed(capsys):
    assert main(["review", str(Path(__file__).with_name("treacherous_losses.py")), "--json"]) == 0
    assert [one["name"] for one in json.loads(capsys.readouterr().out)] == list(treacherous())


def test_an_unknown_question_names_those_that_there_are():
    with pytest.raises(KeyError, match="huber: no answer 'convexx'"):
        review("huber")["convexx"]
