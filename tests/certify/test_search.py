"""The search sees what is wrong with a kernel, wherever it hides, and says the same again."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import symloss
from symloss.backends import c as c_backend
from symloss.certificate import read
from symloss.certify.search import measure
from symloss.cli import main


class Spoiled:
    """A NumPy kernel whose value is changed somewhere."""

    backend = "numpy"

    def __init__(self, name: str, change):
        self.kernel = symloss.get(name).load("numpy", dtype="float64")
        self.change = change

    def __getattr__(self, what):
        return getattr(self.kernel, what)

    def value(self, *tensors, **options):
        return self.change(np.array(self.kernel.value(*tensors, **options)), *tensors, **options)


def misses(name: str, change, depth: float = 0.1) -> int:
    """Results beyond the bound that the search finds in the values of a spoiled kernel."""
    found = {m.output: m for m in measure(symloss.get(name), "float64", 0, depth, [Spoiled(name, change)])}
    return found["value"].beyond


def test_a_sound_kernel_has_no_misses():
    assert misses("huber", lambda value, **_: value) == 0


PLANTED = {
    "ten ulp everywhere": ("huber", lambda v, **_: v * (1 + 10 * 2.0**-52)),
    "a NaN that is lost": ("huber", lambda v, **_: np.nan_to_num(v, nan=0.0, posinf=np.inf)),
    "an infinity for a large number": ("huber", lambda v, **_: np.where(abs(v) > 1e100, np.inf, v)),
    "a subnormal number flushed to 0": (
        "l1_penalty",
        lambda v, **_: np.where(abs(v) < 1e-307, 0, v),
    ),
    "the tail only": (
        "log_cosh",
        lambda v, prediction, target, **_: np.where(prediction > target + 300, v * (1 - 1e-14), v),
    ),
    "beside a kink": (
        "hinge",
        lambda v, score, target, **_: np.where(
            (score * target < 1) & (score * target > 1 - 40 * 2.0**-53), 0.0, v
        ),
    ),
    "one hyper-parameter only": ("huber", lambda v, delta, **_: v * (1 + (delta == 1e30) * 1e-12)),
    "the textbook form": (
        "binary_cross_entropy_with_logits",
        lambda v, logits, target, pos_weight=1.0, **_: textbook(logits, target, pos_weight),
    ),
}


def textbook(logits, target, pos_weight):
    with np.errstate(all="ignore"):
        p = 1 / (1 + np.exp(-logits))
        return -(pos_weight * target * np.log(p) + (1 - target) * np.log(1 - p))


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_fault_is_found(what):
    assert misses(*PLANTED[what]) > 0


def test_the_worst_of_several_kernels_counts():
    """A fault of the fused C alone is seen, and each result is counted once."""
    huber = symloss.get("huber")
    right = Spoiled("huber", lambda value, **_: value)
    wrong = Spoiled("huber", lambda value, **_: value * (1 - 10 * 2.0**-52))
    alone, together = (measure(huber, "float64", 0, 0.05, kernels) for kernels in ([right], [right, wrong]))
    of_values, of_both = (next(m for m in found if m.output == "value") for found in (alone, together))
    assert of_values.beyond == 0 < of_both.beyond
    assert of_both.results <= 1.5 * of_values.results


@pytest.mark.slow
def test_the_c_is_measured_with_fused_operations_and_without(monkeypatch):
    """On a machine that is fast at them as on one that is not: the two have not the same bits."""
    log_cosh, asked = symloss.get("log_cosh"), []
    monkeypatch.setattr("symloss.certify.search._Search.run", lambda search: asked.append(search.measurement))
    measure(log_cosh, "float64")
    kernels = asked[0].kernels
    assert [k.backend for k in kernels] == ["numpy", "c", "c"]
    x = np.linspace(-3, 3, 1_000)
    plain, fused = (k.value(x, 0 * x, reduction="none") for k in kernels[1:])
    assert np.count_nonzero(plain != fused) > 0
    np.testing.assert_allclose(plain, fused, rtol=1e-15)


@pytest.mark.slow
@pytest.mark.parametrize("line", ["return fma(a, b, c);", "return a * b + c;"], ids=["fused", "plain"])
def test_a_fault_in_either_version_of_the_c_is_found(line, monkeypatch, tmp_path):
    """Two ulp too much in each step of the elementary functions, where a machine fuses operations or does not."""
    render = c_backend.render

    def spoiled(*arguments):
        files = render(*arguments)
        assert line in files[".c"]
        worse = line.replace("return ", "return (1.0 + 4.5e-16) * (").replace(";", ");")
        return {**files, ".c": files[".c"].replace(line, worse)}

    monkeypatch.setattr(c_backend, "render", spoiled)
    monkeypatch.setenv("SYMLOSS_CACHE", str(tmp_path))
    found = {(m.backend, m.output): m for m in measure(symloss.get("log_cosh"), "float64", 0, 0.1)}
    assert found["c", "value"].ordinary_beyond > 0 == found["numpy", "value"].ordinary_beyond


@pytest.mark.slow
def test_a_miss_does_not_hide_those_of_another_output():
    """Values are wrong everywhere; second derivatives where a hyper-parameter and a number are both remarkable."""

    class Twice(Spoiled):
        def hessian(self, *tensors, **options):
            right = np.array(self.kernel.hessian(*tensors, **options))
            there = (options["pos_weight"] == 1e3) & (options["logits"] == 36.7)
            return np.where(there, 2 * right, right)

    kernel = Twice("binary_cross_entropy_with_logits", lambda v, **_: 0.5 * v)
    found = measure(symloss.get("binary_cross_entropy_with_logits"), "float64", 0, 0.5, [kernel])
    assert all(m.ordinary_beyond > 0 for m in found if m.output in ("value", "hessian"))


def test_the_climb_finds_what_is_nowhere_special():
    """An error that grows towards a number that nobody draws."""

    def change(value, prediction, target, **_):
        r = abs(prediction - target)
        with np.errstate(all="ignore"):
            near = np.exp(-(np.log2(np.maximum(r, 1e-300) / 0.0123456789) ** 2) / 50)
        return value * (1 + 6 * 2.0**-52 * np.where(np.isfinite(near), near, 0))

    assert misses("mean_squared_error", change, 0.2) > 0


@pytest.mark.slow
def test_the_same_seed_measures_the_same(capsys, tmp_path):
    texts = []
    for folder in ("1", "2"):
        assert main(["certify", "hinge", "--depth", "0.05", "--out", str(tmp_path / folder)]) == 0
        texts.append((tmp_path / folder / "certificates" / "hinge.json").read_text())
    assert texts[0] == texts[1]
    assert main(["certify", "hinge", "--depth", "0.05", "--seed", "1", "--out", str(tmp_path / "3")]) == 0
    assert (tmp_path / "3" / "certificates" / "hinge.json").read_text() != texts[0]


OWN = '''
from symloss import Real, exp, log, loss

@loss(task="regression")
def naive(prediction: Real, target: Real):
    """A difference that no rule sees."""
    return exp(prediction) - exp(prediction - target) + target**2
'''


def test_a_file_of_ones_own_and_a_miss(capsys, tmp_path):
    """A loss that misses its bound is shown as such: on the screen, in the JSON, and in the head of the files."""
    path, out = tmp_path / "own.py", tmp_path / "out"
    path.write_text(OWN)
    assert main(["certify", str(path), "--depth", "0.1", "--out", str(out)]) == 1
    shown = capsys.readouterr().out
    assert "MISSES" in shown and "naive: value (c float64) is beyond the bound" in shown
    content = json.loads((out / "certificates" / "naive.json").read_text())
    worst = next(
        m for m in content["measured"] if (m["backend"], m["dtype"], m["output"]) == ("c", "float64", "value")
    )
    assert worst["beyond"] > 0 and set(worst["where"]["at"]) == {"prediction", "target"}
    for file in ("c/naive.c", "numpy/naive.py"):
        text = (out / file).read_text()
        assert "Measured against exact results" in text and "beyond the bound" in text
    assert "-ffp-contract=off" in " ".join((out / "c" / "naive.c").read_text().split()).replace(
        "ffp- * ", "ffp-"
    )


def test_the_head_forgets_a_certificate_of_other_code(capsys, tmp_path):
    out = tmp_path / "out"
    assert main(["certify", "hinge", "--depth", "0.05", "--out", str(out)]) == 0
    assert "0 % beyond the bound" in (out / "c" / "hinge.c").read_text()
    file = out / "certificates" / "hinge.json"
    content = json.loads(file.read_text())
    content["digests"] = dict.fromkeys(content["digests"], "0" * 64)
    file.write_text(json.dumps(content))
    assert main(["generate", "hinge", "--out", str(out)]) == 0
    assert "the code has changed since it was measured" in (out / "c" / "hinge.c").read_text()
    file.write_text("{}")
    assert main(["generate", "hinge", "--out", str(out)]) == 2
    assert "no certificate" in capsys.readouterr().err


def test_json_and_back(capsys, tmp_path):
    assert main(["certify", "hinge", "--depth", "0.05", "--out", str(tmp_path), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    found = read(tmp_path / "certificates" / "hinge.json")
    assert found is not None and found.sound and json.loads(found.json()) == printed[0]
    assert all(math.isfinite(m.share) and m.results > 0 for m in found.measured)


@pytest.mark.parametrize(
    "words", [["--depth", "0"], ["--depth", "nan"], ["--depth", "inf"], ["--seed", "-1"], ["nothing"]]
)
def test_wrong_requests(capsys, tmp_path, words):
    assert main(["certify", "hinge", *words, "--out", str(tmp_path / "out")]) == 2
    assert "symloss: " in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
