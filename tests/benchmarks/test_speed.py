"""The benchmark of speed computes the right things and reports what it measured; nothing here depends on a clock."""

from __future__ import annotations

import ctypes
import json
import re
import sys

import compiled
import contenders
import numpy as np
import pytest
import speed
import speed_goals
import speed_report
import speed_worker
from cases import LOSSES, Case, cases
from contenders import CONTENDERS, Contender

import symloss

SMALL = {name: Case(name, 60, 7 if work.rows else 0, "float64") for name, work in LOSSES.items()}


def described(times, threads=1, case=SMALL["huber"], **more):
    """Results as ``measure`` gives them, from nanoseconds for each element."""
    at = {"loss": case.loss, "examples": case.examples, "classes": case.classes, "dtype": case.dtype}
    return [
        {
            **at,
            "contender": name,
            "threads": threads,
            "samples": [t * case.elements * 1e-9],
            "processors": 1.0,
            **more,
        }
        for name, t in times.items()
    ]


def data(results, versions=None):
    return {
        "machine": speed.machine(),
        "versions": versions or {},
        "rounds": 1,
        "seconds": 0.01,
        "results": results,
    }


def test_cases():
    found = cases(["huber", "softmax_cross_entropy"], [1000, 1000, 32_000], ["float64", "float32"])
    assert [(c.loss, c.examples, c.classes, c.dtype) for c in found if c.dtype == "float64"] == [
        ("huber", 1000, 0, "float64"),
        ("softmax_cross_entropy", 2000, 1000, "float64"),
        ("softmax_cross_entropy", 100, 32_000, "float64"),
    ]
    assert len(found) == 6


@pytest.mark.parametrize("name", ("huber", *(pytest.param(n, marks=pytest.mark.slow) for n in LOSSES)))
def test_numbers_are_of_the_declared_domains_and_the_same_again(name):
    arrays, again = SMALL[name].arrays(), SMALL[name].arrays()
    assert all(np.array_equal(a, b) for a, b in zip(arrays, again, strict=True))
    assert np.isfinite(symloss.get(name).load("numpy").value(*arrays, check=True))


def test_figures():
    times = {"symloss C": 4.0, "symloss C, timed in C": 2.0, "JAX jit": 12.0, "torch.compile": 8.0}
    times |= {"PyTorch eager": 1.0, "triad": 1.5, "polynomial_exp": 0.5, "library_exp": 0.75}
    (figures,) = speed_report.figures(data(described(times)))
    assert figures.ratio == pytest.approx(2.0)
    assert (figures.limit, figures.bound, figures.share) == (
        pytest.approx(1.5),
        "memory",
        pytest.approx(0.75),
    )
    (figures,) = speed_report.figures(data(described(times | {"triad": 0.3}, case=SMALL["log_cosh"])))
    assert (figures.limit, figures.bound) == (pytest.approx(1.0), "exponentials")


def test_limit_is_the_best_that_was_seen():
    slow, fast = described({"symloss C": 4.0, "triad": 9.0}, threads=2), described({"triad": 1.5})
    slow[1]["samples"] += [x / 2 for x in slow[1]["samples"]]
    assert [f.limit for f in speed_report.figures(data(slow))] == [pytest.approx(4.5)]
    assert [f.limit for f in speed_report.figures(data(fast + slow))] == [pytest.approx(1.5)] * 2


def test_table_says_what_is_absent_and_what_is_skipped():
    times = {"symloss C": 4.0, "symloss C, timed in C": 2.0, "scikit-learn": 12.0, "triad": 1.5}
    results = described(times) + described({"symloss C": 2.0}, threads=2)
    results += described({"JAX jit": 0.0}, skipped="it broke")
    text = speed_report.table(data(results, {"symloss": "1", "numexpr": None}))
    assert "Skipped, because they are not installed: numexpr." in " ".join(text.split())
    assert "- JAX jit: it broke (huber, n = 60, float64)" in text
    assert "| huber | n = 60 | 4.00 | 2.00 | **12.0** | 3.00 | 75 % (memory) |" in text
    assert "float64, 2 threads" in text and "| huber | n = 60 | 2.00 | – | – |" in text


def test_goals_name_the_cases_that_miss_them():
    """Each figure by hand: 12/4 = 3 times the peer, 1.5/2 = 75 % of the limit; 1 exponential of 1 ns in 1.6 ns."""
    big = Case("huber", 100_000, 0, "float64")
    poisson = Case("poisson_negative_log_likelihood", 100_000, 0, "float64")
    limits = {"triad": 1.5, "polynomial_exp": 1.0}
    one = {"symloss C": 4.0, "symloss C, timed in C": 2.0, "scikit-learn": 12.0, **limits}
    other = {"symloss C": 4.0, "symloss C, timed in C": 2.5, "scikit-learn": 8.0, "triad": 0.1} | {
        "polynomial_exp": 1.0
    }
    results = described(one, case=big) + described(other, case=poisson)
    results += described({**other, "symloss C, timed in C": 1.25}, threads=2, case=poisson)
    said = speed_goals.shortfalls(data(results))
    lines = [" ".join(part.split()) for part in re.split(r"\n(?=- )", said)]
    assert lines[0].endswith(
        "1 of 3 cases. The others: - float64, 1 thread: poisson_negative_log_likelihood 2.0 at n = 100,000. "
        "- float64, 2 threads: poisson_negative_log_likelihood 2.0 at n = 100,000."
    )
    assert lines[1].endswith(
        "it is 2.45 for float64, 1 thread, 2.00 for float64, 2 threads. Code that took as long as the machine's limits "
        "say, and no longer, would have 8.00, 8.00."  # 12/1.5 and 8/1
    )
    assert lines[2].endswith("0 of 1 cases. The others: - float64, 1 thread: huber 75% at n = 100,000.")
    assert lines[3].endswith(
        "1 of 2 cases. The others: - float64, 1 thread: poisson_negative_log_likelihood 40% at n = 100,000."
    )
    assert lines[4].endswith("1 of 1 cases.")


def test_contender_that_computes_something_else_is_not_timed():
    entries = {
        (name, 1): {"contender": name, "value": value, "probes": probes}
        for name, value, probes in [
            ("symloss C", 1.0, [1.0, 2.0]),
            ("right", 1.0 + 1e-9, [1.0, 2.0]),
            ("wrong value", 1.1, [1.0, 2.0]),
            ("wrong gradient", 1.0, [1.0, 2.1]),
        ]
    }
    speed._compare(SMALL["huber"], entries)
    assert [name for (name, _), e in entries.items() if "skipped" in e] == ["wrong value", "wrong gradient"]


def test_nothing_is_started_for_an_absent_contender():
    absent = Contender("Elsewhere", "elsewhere", pytest.fail, distribution="symloss-no-such-distribution")
    assert absent.version is None
    assert speed.measure([SMALL["huber"]], [1], 1, 0.0, [absent]) == []


def test_data_is_a_line_for_each_result():
    made = data(described({"symloss C": 4.0, "triad": 1.0}))
    text = speed._lines(made)
    assert json.loads(text) == made
    assert sum('"contender"' in line for line in text.splitlines()) == 2


def test_no_host_and_no_path_is_told():
    told = json.dumps(speed.machine()) + json.dumps(speed.versions())
    assert "/" not in told
    assert speed.platform.node() not in re.findall(r"[\w.-]+", told)


def test_reasons_name_no_folders():
    told = speed_worker.without_folders("no compiler '/opt/bin/g++', /usr/bin/cc, 1/2, a/b")
    assert told == "no compiler 'g++', cc, 1/2, a/b"


def test_document_is_current():
    text = (speed.ROOT / "docs" / "speed.md").read_text(encoding="utf-8")
    kept = json.loads((speed.ROOT / "docs" / "speed.json").read_text(encoding="utf-8"))
    parts = {"speed": speed_report.table(kept), "goals": speed_goals.shortfalls(kept)}
    assert speed.replaced(text, parts, "docs/speed.md") == text, "docs/speed.md is stale: run `make bench`"


# --- with compilers and processes -------------------------------------------------------------------------


def agrees(ready, case):
    value, gradient = symloss.get(case.loss).load("numpy").value_and_gradient(*case.arrays())
    got = ready.result()
    assert got[0] == pytest.approx(value, rel=1e-6)
    np.testing.assert_allclose(got[1], gradient, rtol=1e-6, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("name", LOSSES)
def test_c_computes_what_it_says(name):
    for make in (compiled.by_hand, compiled.generated):
        made = make(SMALL[name], SMALL[name].arrays())
        assert made.seconds(2) >= 0
        agrees(made, SMALL[name])


@pytest.mark.slow
@pytest.mark.parametrize(
    "one", [c for c in CONTENDERS if c.distribution and c.name != "torch.compile"], ids=lambda c: c.name
)
def test_peers_compute_the_same(one):
    if one.version is None:
        pytest.skip(f"{one.distribution} is not installed")
    had = 0
    for case in SMALL.values():
        try:
            ready = one.prepare(case, case.arrays(), 1)
        except contenders.Unavailable:
            continue
        agrees(ready, case)
        had += 1
    assert had >= 7


@pytest.mark.slow
def test_exponential_of_the_limit_is_one():
    """A limit that cut corners would be none."""
    formats = [("f64", np.float64, ctypes.c_double, 600), ("f32", np.float32, ctypes.c_float, 80)]
    text = compiled.limits_source() + "".join(
        f"{t} one_{n}({t} x) {{ return exp_{n}(x); }}\n" for n, t in (("f64", "double"), ("f32", "float"))
    )
    library = compiled._built({"limits.c": text}, {})
    for name, real, c_type, reach in formats:
        function = getattr(library, f"one_{name}")
        function.argtypes, function.restype = [c_type], c_type
        at = np.linspace(-reach, reach, 2001).astype(real)
        found = np.array([function(x) for x in at], real)
        exact = np.exp(at.astype(np.longdouble))
        assert np.max(np.abs(found - exact) / np.spacing(exact.astype(real))) < 4


@pytest.mark.slow
def test_processes_take_turns():
    own = [c for c in CONTENDERS if c.process == "symloss"]
    results = speed.measure([SMALL["huber"]], [1, 2], 2, 1e-5, own)
    assert {(r["contender"], r["threads"]) for r in results} == {
        (c.name, count) for c in own for count in ((1, 2) if c.threaded else (1,))
    }
    assert all(len(r["samples"]) == 2 and min(r["samples"]) > 0 for r in results if "skipped" not in r)
    assert not any("skipped" in r for r in results if r["contender"] not in compiled.LIMITS)


@pytest.mark.slow
def test_plot_is_the_same_for_the_same_data(tmp_path):
    pytest.importorskip("matplotlib")
    made = data(described({"symloss C": 4.0, "triad": 1.0}))
    for name in ("one.svg", "two.svg"):
        speed_report.plot(made, tmp_path / name)
    one, two = (tmp_path / name for name in ("one.svg", "two.svg"))
    assert one.read_bytes() == two.read_bytes()
    assert "symloss C" in one.read_text(encoding="utf-8") and sys.prefix not in one.read_text(
        encoding="utf-8"
    )
