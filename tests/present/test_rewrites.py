"""The stability rewrites as they are shown: equal on both sides, and no index bound that was open."""

import re

import mpmath
import pytest
from sympy import Dummy

import symloss
from symloss.evaluate import evaluate
from symloss.functions import INDEX_NAMES
from symloss.present.latex import latex
from symloss.present.page import _as_sentence
from symloss.present.rewrites import shown_rewrites
from symloss.sample import sample
from symloss.schedule import expressions


def shown(name):
    loss = symloss.get(name)
    outputs = {f"{w} {x}": e for w, some in expressions(loss).items() for x, e in some.items()}
    return loss, list(shown_rewrites(loss, {k: e for k, e in outputs.items() if k.split()[0] != "hessian"}))


@pytest.mark.parametrize("name", ["info_nce", "softmax_cross_entropy", "triplet"])
def test_both_sides_are_one_number_whatever_the_open_indices_are(name):
    loss, found = shown(name)
    numbers = sample(loss, 1)
    assert found
    for a in found:
        free = a.before.free_symbols | a.after.free_symbols
        assert not any(isinstance(s, Dummy) for s in free), a
        if "vector" in str(a.before):  # the Hessian's product has a tensor that the loss has not
            continue
        places = {s: 1 for s in free if s.name in INDEX_NAMES}
        before, after = (evaluate(e, numbers, 40, places) for e in (a.before, a.after))
        assert mpmath.almosteq(before, after, 1e-15, 1e-15), a


def test_an_open_index_is_told_from_a_bound_one():
    loss, found = shown("info_nce")
    first = next(a for a in found if a.name == "log-softmax")
    assert latex(first.before, loss) == r"\log\operatorname{softmax}(s_k)_k"
    assert latex(first.after, loss).startswith(r"\left(s_{k,k} - \max_j s_{k,j}\right)")
    assert r"\max_l s_{k,l}" in latex(first.after, loss)


def test_a_reader_sees_mathematics_alone():
    for name in ("softmax_cross_entropy", "info_nce", "triplet", "gaussian_kl_divergence"):
        loss, found = shown(name)
        for a in found:
            for side in (a.before, a.after):
                assert not re.search("nan_where|OtherSoftmax|group", latex(side, loss))
                assert "nan_where" not in str(side)
                assert "group(" not in str(side)
    loss, found = shown("softmax_cross_entropy")
    complement = next(a for a in found if "target" in str(a.before))
    assert str(complement.after) == "(1 - target[k])*softmax(logits)[k] - target[k]*(1 - softmax(logits)[k])"
    assert latex(complement.after, loss) == (
        r"\operatorname{softmax}(z)_k \left(1 - y_k\right)"
        r" - y_k \left(1 - \operatorname{softmax}(z)_k\right)"
    )


def test_brackets_are_not_doubled():
    loss, found = shown("triplet")
    for a in found:
        assert r"\left(\left(\frac" not in latex(a.after, loss)


def test_a_long_polynomial_is_shown_by_its_first_terms_and_its_last():
    loss, found = shown("gaussian_kl_divergence")
    tangent = next(a for a in found if a.name == "exp less its tangent")
    assert (
        r"\frac{s_k^2}{2} + \frac{s_k^3}{6} + \frac{s_k^4}{24} + \dots + \frac{s_k^{18}}{6402373705728000}"
        in (latex(tangent.after, loss))
    )
    assert mpmath.factorial(18) == 6402373705728000


@pytest.mark.parametrize(
    ("why", "sentence"),
    [
        ("e^x overflows.", "e^x overflows."),
        ("a small x is lost.", "A small x is lost."),
        ("softmax − y cancels.", "softmax − y cancels."),
        ("the largest term becomes 1.", "The largest term becomes 1."),
        ("σ − 1 cancels.", "σ − 1 cancels."),
    ],
)
def test_a_formula_gets_no_capital(why, sentence):
    assert _as_sentence(why) == sentence
