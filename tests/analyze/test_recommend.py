"""What is recommended follows from the characteristics, in every situation, and never from a name."""

import json

import pytest
from helpers import NAMES

import symloss
from symloss.analyze.criteria import CRITERIA, Criterion, Situation, always, found_at, yes
from symloss.analyze.recommend import characteristics_of, form_of, judged, recommend, tasks
from symloss.cli import main


def order(*situation, **rest) -> list[str]:
    return [r.loss for r in recommend(Situation(*situation, **rest))]


def sentences(found) -> str:
    return "\n".join(reason.sentence for reason in (*found.reasons, *found.aware))


# --- the criteria -----------------------------------------------------------------------------------------


def test_found_at():
    known = {"a": {"b": {"verdict": False, "status": "refuted"}, "c": {"value": "delta", "status": "proven"}}}
    known["at"] = {"value": 2, "status": "proven", "holds_for": "delta = 1", "more": 3}
    known["all"] = {"verdict": True, "status": "proven", "holds_for": "every delta > 0"}
    known["counted"] = {"status": "counted", "cost": 3.0, "inner": {"x": 1}}
    assert found_at(known, "a.b") == (False, "refuted", "")
    assert found_at(known, "a.c") == ("delta", "proven", "")
    assert found_at(known, "counted.cost") == (3.0, "counted", "")
    assert found_at(known, "counted.inner.x") == (1, "counted", "")
    assert found_at(known, "at") == (2, "proven", "delta = 1")
    assert found_at(known, "at.more") == (3, "proven", "delta = 1")
    assert found_at(known, "all") == (True, "proven", "")
    for nowhere in ("a.d", "z.b", "a.b.c.d", "counted.cost.more"):
        assert found_at(known, nowhere) == (None, "unknown", "")


def test_what_is_sampled_counts_half_and_says_so():
    loss, situation = symloss.get("huber"), Situation("regression")
    proven, sampled = (
        judged(loss, {"alignment": {"convex": {"verdict": True, "status": status}}}, situation)
        for status in ("proven", "sampled")
    )
    assert sampled.points == proven.points / 2 and "sampled, not proven" in sentences(sampled)
    nothing = judged(loss, {"alignment": {"convex": {"verdict": None, "status": "unknown"}}}, situation)
    assert nothing.points == 0 and not nothing.reasons and not nothing.aware


def test_a_row_is_for_its_situation():
    rows = [row for row in CRITERIA if row.about == "robustness.influence"]
    assert rows and not any(row.when(Situation("regression")) for row in rows)
    assert all(row.when(Situation("regression", outliers=True)) for row in rows)
    assert Criterion(always, "alignment.convex", yes, 1, "").when(Situation("ranking"))


@pytest.mark.slow
def test_every_row_applies_to_some_loss():
    """A path that is written wrongly would never be found."""
    found = {row.about: set() for row in CRITERIA}
    for name in NAMES:
        loss = symloss.get(name)
        known = characteristics_of(loss, Situation(loss.task, imbalance=10))
        for row in CRITERIA:
            if found_at(known, row.about).status != "unknown":
                found[row.about].add(name)
    assert all(found.values()), found


# --- what is asked for ------------------------------------------------------------------------------------


def test_forms():
    margins = {"hinge", "squared_hinge", "multiclass_hinge", "margin_ranking"}
    probabilities = {
        "binary_cross_entropy",
        "categorical_cross_entropy",
        "focal",
        "soft_dice",
        "soft_jaccard",
        "tversky",
    }
    logits = {
        "binary_cross_entropy_with_logits",
        "softmax_cross_entropy",
        "softmax_cross_entropy_with_class_index",
        "focal_with_logits",
        "pixelwise_cross_entropy",
    }
    forms = {"margins": margins, "probabilities": probabilities, "logits": logits}
    for name in ("huber", "info_nce", "vae", "l1_penalty"):
        assert form_of(symloss.get(name)) is None, name
    for form, listed in forms.items():
        assert {n for n in (*margins, *probabilities, *logits) if form_of(symloss.get(n)) == form} == listed


def test_wrong_requests_are_refused(capsys):
    assert main(["recommend", "--task", "clustering"]) == 2
    assert capsys.readouterr().err == (
        f"symloss: there is no task 'clustering'; the catalogue has {', '.join(tasks())}\n"
    )
    assert main(["recommend", "--task", "classification", "--imbalance", "0.05"]) == 2
    assert "expected how many examples of the frequent class" in capsys.readouterr().err
    assert main(["recommend", "--task", "regression", "--logits"]) == 2
    assert "no loss for regression takes logits" in capsys.readouterr().err
    assert main(["recommend", "--task", "segmentation", "--margins"]) == 2
    assert "there are losses that take logits, probabilities" in capsys.readouterr().err


# --- what is recommended ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_outliers():
    """One that grows without bound comes last; without outliers it is among the first for being simple."""
    found = recommend(Situation("regression", outliers=True))
    assert {r.loss for r in found} == {n for n in NAMES if symloss.get(n).task == "regression"}
    place = {r.loss: k for k, r in enumerate(found)}
    for robust in ("huber", "log_cosh", "mean_absolute_error", "quantile"):
        assert place[robust] < place["mean_squared_error"], place
        assert "an outlier has bounded influence" in sentences(found[place[robust]])
    assert "the more it pulls" in sentences(found[place["mean_squared_error"]])
    assert order("regression").index("mean_squared_error") < place["mean_squared_error"]


@pytest.mark.slow
def test_probabilities():
    found = recommend(Situation("classification", form="probabilities"))
    assert found[0].loss in ("binary_cross_entropy", "categorical_cross_entropy")
    focal = next(r for r in found if r.loss == "focal")
    assert "not proper" in sentences(focal) and "strictly proper" in sentences(found[0])


@pytest.mark.slow
def test_imbalance():
    found = {r.loss: r for r in recommend(Situation("classification", imbalance=20, form="logits"))}
    weighted = found["binary_cross_entropy_with_logits"]
    assert weighted.settings == {"pos_weight": 20} and "pos_weight = 20" in sentences(weighted)
    assert any("no longer hold: strictly proper" in r.sentence and r.points == 0 for r in weighted.aware)
    assert weighted.points > recommend(Situation("classification", form="logits"))[-1].points
    overlap = order("segmentation", imbalance=50)
    assert overlap[-1] == "pixelwise_cross_entropy"


@pytest.mark.slow
def test_margins():
    assert set(order("classification", form="margins")) == {"hinge", "squared_hinge", "multiclass_hinge"}


@pytest.mark.slow
def test_a_name_makes_no_difference():
    situation = Situation("classification", imbalance=20, outliers=True, form="logits")
    loss = symloss.get("focal_with_logits")
    known = characteristics_of(loss, situation)
    assert vars(judged(loss, known, situation)) == vars(
        judged(loss.renamed("something"), known, situation)
    ) | {"loss": loss.name}


@pytest.mark.slow
@pytest.mark.parametrize("task", tasks())
def test_every_task_is_answered(task, capsys):
    assert main(["recommend", "--task", task, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["situation"]["task"] == task
    points = [r["points"] for r in answer["recommended"]]
    assert points == sorted(points, reverse=True)
    for r in answer["recommended"]:
        assert r["reasons"] or r["be_aware"]
        assert r["monitor"] == list(symloss.get(r["loss"]).metrics)
    assert main(["recommend", "--task", task]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{task.replace('_', ' ')}:\n") and "\n   + " in out
