"""What the literature says is reproduced and never contradicted; and its table is right, as numbers on a grid show."""

import math
from dataclasses import replace

import pytest
import sympy
from literature import PUBLISHED, SOURCES, loss_of, number_of_claims
from numbers_on_a_grid import CHECKS, on_a_grid
from reproduce import held, outcomes

FORMULA = {
    "oo": sympy.oo,
    "exp": sympy.exp,
    "log": sympy.log,
    "sqrt": sympy.sqrt,
    "Max": sympy.Max,
    "Min": sympy.Min,
}


def number(text: str, row) -> float:
    """A published formula at the defaults of the loss's hyper-parameters."""
    loss = loss_of(row)
    names = {p.name: sympy.Float(p.default) for p in loss.parameters}
    return float(sympy.sympify(text, locals=FORMULA | names))


def test_the_table_is_large_enough_and_every_source_is_a_full_reference():
    assert len({row.loss for row in PUBLISHED}) >= 25 and number_of_claims() >= 200
    for row in PUBLISHED:
        source = SOURCES[row.source]
        assert source.authors and source.title and source.venue and row.where and row.claims, row
    assert len({(row.loss, row.source, row.where, tuple(row.claims)) for row in PUBLISHED}) == len(PUBLISHED)


def test_no_two_sources_say_different_things():
    said = {}
    for row in PUBLISHED:
        for claim, value in row.claims.items():
            assert said.setdefault((row.loss, claim, tuple(row.at.items())), value) == value, (row, claim)


def agree(shown: object, said: object) -> bool:
    """Whether a grid shows what is said; what has no bound is at least large there, and in the right direction."""
    if isinstance(said, bool):
        return bool(shown) == said
    if math.isinf(said):
        return abs(shown) > 5 and (shown > 0) == (said > 0)
    return shown == pytest.approx(said, rel=0.01, abs=0.01)


PARTS = 4
"""Into which the losses are dealt out, for workers to share."""


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_numbers_agree_with_the_claims_and_with_the_answers(part):
    names = list(dict.fromkeys(row.loss for row in PUBLISHED))[part::PARTS]
    checked = [name for name in names if check_on_a_grid([r for r in PUBLISHED if r.loss == name])]
    assert len(checked) > len(names) / 2


def check_on_a_grid(rows) -> bool:
    """Hold what is said of one loss against numbers; False where its prediction is no single number."""
    name, loss = rows[0].loss, loss_of(rows[0])
    if loss.kind != "elementwise" or len(loss.differentiated) != 1 or len(loss.inputs) != 2:
        return False
    for row in rows:
        grid = on_a_grid(loss_of(row))
        for claim in row.claims.keys() & CHECKS.keys():
            said = row.claims[claim]
            said = said if isinstance(said, bool) else number(said, row)
            assert agree(CHECKS[claim](grid), said), (row, claim)
    grid, found = on_a_grid(loss), loss.characteristics()
    defaults = {p.symbol: p.default for p in loss.parameters}
    for key in ANSWERED & CHECKS.keys():
        said = found[key] if key in {r.key for r in found} else None
        if said is None or said.status == "unknown":
            continue
        value = (
            said.value if isinstance(said.value, bool) else float(sympy.sympify(said.value).subs(defaults))
        )
        assert agree(CHECKS[key](grid), value), (name, key, said)
    return True


ANSWERED = {"convex", "strictly_convex", "lipschitz", "smoothness", "calibrated", "upper_bound", "monotone"}
"""Answers that a grid can be asked about as they stand, whatever was published."""


@pytest.mark.slow
def test_all_that_was_published_is_reproduced():
    """With a proof or a counterexample each. One test, for it reviews all; no question may break on the way."""
    found = list(outcomes())
    assert [o for o in found if o.verdict != "reproduced"] == []
    assert all(o.status in ("proven", "refuted") for o in found)
    assert len(found) == number_of_claims() and len({o.row.loss for o in found}) >= 45
    broken = [
        (row.loss, r) for row in PUBLISHED for r in loss_of(row).characteristics() if "failed (" in r.argument
    ]
    assert broken == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("loss", "claim", "wrong"),
    [
        ("huber", "convex", False),
        ("huber", "lipschitz", "2*delta"),
        ("quantile", "lipschitz", "level"),
        ("quantile", "elicits", "quantile 1 - level"),
        ("expectile", "elicits", "quantile level"),
        ("epsilon_insensitive", "kinks", "prediction - target"),
        ("exponential_margin", "minimiser", "log(p/(1 - p))"),
        ("welsch", "upper", "2"),
        ("cauchy", "influence", "bounded"),
        ("log_cosh", "continuous_derivatives", "1"),
        ("spherical", "strictly_proper", False),
        ("sigmoid_margin", "noise_symmetric", False),
    ],
)
def test_a_wrong_claim_is_contradicted(loss, claim, wrong):
    """What is compared is really compared."""
    row = replace(next(r for r in PUBLISHED if r.loss == loss and claim in r.claims), claims={claim: wrong})
    (outcome,) = held(row, loss_of(row), loss_of(row).characteristics())
    assert outcome.verdict == "contradicted", outcome
