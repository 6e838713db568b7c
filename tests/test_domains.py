"""Domains: membership, SymPy's assumptions, and how an annotation is read."""

import numpy
import pytest
import sympy

from symloss.domains import (
    Binary,
    ClassIndex,
    Domain,
    Integer,
    Interval,
    NonNegative,
    Positive,
    Probability,
    Real,
    Sign,
    Simplex,
    TensorType,
)

INF = float("inf")
NAN = float("nan")

MEMBERS = {
    Real: ([0.0, -1e300, 5], [NAN]),
    Positive: ([1e-300, 5.0, 1e300], [0.0, -0.0, -1.0, NAN]),
    NonNegative: ([0.0, 5.0], [-1e-300, NAN]),
    Probability: ([0.0, 0.5, 1.0], [-1e-9, 1.0000001, NAN, INF]),
    Simplex: ([0.0, 1.0], [-0.1, 1.1, NAN]),
    Binary: ([0, 1, 0.0, 1.0], [0.5, -1, 2, NAN]),
    Sign: ([-1, 1], [0, 0.5, 2, NAN]),
    Integer: ([0, -7, 3.0], [0.5, NAN]),
    Interval(-1, 2): ([-1, 0, 2], [-1.001, 2.001, NAN]),
    Interval(0, 1, open=True): ([0.5], [0.0, 1.0, NAN]),
}


@pytest.mark.parametrize("domain", MEMBERS, ids=str)
def test_members(domain):
    inside, outside = MEMBERS[domain]
    assert [bool(domain.contains(v)) for v in inside] == [True] * len(inside)
    assert [bool(domain.contains(v)) for v in outside] == [False] * len(outside)


@pytest.mark.parametrize("domain", MEMBERS, ids=str)
def test_members_of_an_array(domain):
    inside, outside = MEMBERS[domain]
    array = numpy.array([*inside, *outside], dtype=float)
    assert domain.contains(array).tolist() == [True] * len(inside) + [False] * len(outside)


@pytest.mark.parametrize("domain", MEMBERS, ids=str)
def test_what_sympy_may_assume_is_true_of_every_member(domain):
    symbol = sympy.Symbol("x", **domain.sympy_assumptions)
    for member in MEMBERS[domain][0]:
        number = sympy.nsimplify(member, rational=True)
        for fact in ("real", "positive", "nonnegative", "nonzero", "integer", "negative"):
            if getattr(symbol, f"is_{fact}"):
                assert getattr(number, f"is_{fact}"), (fact, member)


def test_derivatives_make_sense_on_a_continuum():
    assert all(d.differentiable for d in (Real, Positive, NonNegative, Probability, Simplex, Interval(0, 1)))
    assert not any(d.differentiable for d in (Binary, Sign, Integer, ClassIndex["C"].domain))


def test_tensor_types():
    assert Real["C"] == TensorType(Real, ("C",))
    assert Real["N", "D"].axes == ("N", "D")
    assert Simplex["C", "P"].along == "C"
    assert Real["C"].along is None
    index = ClassIndex["C"]["P"]
    assert (index.classes, index.axes) == ("C", ("P",))
    assert ClassIndex["C"].or_value_of("skip").also == "skip"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Real["C"], 'Real["C"]'),
        (Real["N", "D"], 'Real["N", "D"]'),
        (ClassIndex["C"]["P"], 'ClassIndex["C"]["P"]'),
        (ClassIndex["C"].or_value_of("skip"), 'ClassIndex["C"].or_value_of("skip")'),
        (Interval(0, 0.5)["C"], 'Interval(0, 1/2)["C"]'),
        (Interval(0, 1, open=True)["C"], 'Interval(0, 1, open=True)["C"]'),
    ],
)
def test_text_is_how_it_is_written(kind, text):
    assert str(kind) == text


def test_text_can_be_read_back():
    space = {"Real": Real, "ClassIndex": ClassIndex, "Interval": Interval, "Simplex": Simplex}
    for kind in (Real["C"], ClassIndex["C"]["P"], Interval(0, 1, open=True)["C"], Simplex["C", "P"]):
        assert eval(str(kind), space) == kind


def test_interval():
    inside = Interval(0.1, 0.3)
    assert (inside.lower, inside.upper) == (sympy.Rational(1, 10), sympy.Rational(3, 10))
    assert inside.sympy_assumptions == {"real": True, "positive": True}
    assert Interval(0, 1).sympy_assumptions == {"real": True, "nonnegative": True}
    assert Interval(0, 1, open=True).sympy_assumptions == {"real": True, "positive": True}
    assert Interval(-1, 1).sympy_assumptions == {"real": True}
    assert isinstance(inside, Domain)


@pytest.mark.parametrize(("low", "high"), [(1, 0), (1, 1), (sympy.I, 1), (NAN, 1), ("a", 1)])
def test_wrong_interval(low, high):
    with pytest.raises(ValueError, match="Interval"):
        Interval(low, high)


def test_ends_of_an_interval_are_not_run_as_code(tmp_path):
    proof = tmp_path / "ran"
    with pytest.raises((ValueError, TypeError)):
        Interval(f"__import__('pathlib').Path({str(proof)!r}).write_text('x')", 100)
    assert not proof.exists()


@pytest.mark.parametrize("axis", ["a b", "", "1", 3, None, ("C", 2)])
def test_axes_are_named_by_identifiers(axis):
    with pytest.raises(TypeError, match="an axis is named by an identifier"):
        Real[axis]
