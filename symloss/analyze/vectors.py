"""Losses over axes and over the batch: what composition rules and single coordinates say, and what numbers show."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import mpmath
import sympy
from sympy import Expr, Indexed

from symloss import functions
from symloss.analyze import (
    alignment,
    convexity,
    differentiability,
    multiclass,
    robustness,
    scale,
    statistic,
    steepness,
)
from symloss.analyze.answer import PROVEN, REFUTED, SAMPLED, UNKNOWN, Answer, at_defaults
from symloss.analyze.chart import Undecided
from symloss.analyze.coordinates import Coordinates, coordinates
from symloss.analyze.curvature import AFFINE, CONSTANT, CONVEX, Curvature
from symloss.analyze.defined import analytic
from symloss.analyze.facts import Facts, Range, facts_of
from symloss.analyze.joints import Joints, in_definitions
from symloss.analyze.lines import Met, joints_met
from symloss.analyze.pieces import pieces_of
from symloss.analyze.proper import of_distribution
from symloss.analyze.ranges import defined_over_axes, range_over_axes
from symloss.analyze.sampling import POINTS, defaults, flat_along, not_convex_along, number
from symloss.analyze.scope import Scope, over_axes, scopes
from symloss.analyze.slices import Slice
from symloss.analyze.softmaxed import tells_distribution
from symloss.evaluate import Environment, evaluate
from symloss.functions import name_of
from symloss.sample import sample
from symloss.value import Loss

__all__ = ["alignment_of", "differentiability_of", "jointly_convex", "robustness_of", "scale_of"]

MOST_JOINTS = 60
"""How many joints on lines are looked at."""

_coordinates = lru_cache(maxsize=256)(coordinates)


def _facts(loss: Loss) -> Facts:
    return facts_of((*loss.inputs, *loss.parameters))


def _expanded(loss: Loss) -> Expr:
    return loss.expand(loss.expression)


# --- convexity --------------------------------------------------------------------------------------------


def _by_composition(loss: Loss, names: Sequence[str]) -> Answer | None:
    found = Curvature(frozenset(names), _facts(loss), _convex_alone(loss))
    kind = found.of(_expanded(loss))
    if kind in (CONSTANT, AFFINE, CONVEX):
        return Answer(True, PROVEN, f"By composition: {'; '.join(found.reasons) or 'it is affine'}.",
                      holds_for=_every(loss))  # fmt: skip
    return None


def _every(loss: Loss) -> str:
    return scopes(loss)[0].words


def _convex_alone(loss: Loss) -> Any:
    def convex(part: Expr, entry: Expr) -> bool:
        name = name_of(entry)
        if any(loss.argument(name_of(a)).domain.values for a in part.atoms(Indexed) if name_of(a) != name):
            raise Undecided("a part with labels")
        x = loss.argument(name).symbol
        facts = Facts(tuple((a.symbol, Range.of(a.domain)) for a in (*loss.inputs, *loss.parameters)))
        letters: dict[Expr, Expr] = {entry: x}
        for other in sorted(part.atoms(Indexed) - {entry}, key=str):
            letters[other] = sympy.Dummy(str(other), real=True)
            facts = facts.knowing(letters[other], Range.of(loss.argument(name_of(other)).domain))
        put = functions.rebuild(part, letters.get, top_down=True)
        known = facts.of(x)
        rest = Facts(tuple(pair for pair in facts.ranges if pair[0] != x))
        found = pieces_of(put, x, known.lower, known.upper, rest)
        for piece in found.pieces:
            if analytic(piece.expr, found.within(piece)) is not None:
                return False
        return convexity.convex_pieces(Slice(loss, name, x, x, put, facts), found)

    return convex


def _convex(loss: Loss, names: tuple[str, ...]) -> Answer:
    found = _by_composition(loss, names)
    if found is not None:
        return found
    shown = not_convex_along(loss, names)
    if shown is not None:
        return Answer(False, REFUTED, f"Between two values of {' and '.join(names)} the loss lies above the chord.",
                      counterexample=shown, holds_for=at_defaults(loss))  # fmt: skip
    return Answer(True, SAMPLED, "No composition rule decides, and no segment that was tried contradicts convexity.",
                  points=POINTS, holds_for=at_defaults(loss))  # fmt: skip


def jointly_convex(loss: Loss) -> Answer:
    """Convexity in all tensors that the loss is differentiated by, together."""
    return _convex(loss, loss.differentiated)


def _stricter(loss: Loss, wrt: str, convex: Answer) -> tuple[Answer, Answer]:
    if convex.value is False:
        no = Answer(False, REFUTED, "It is not convex.", convex.holds_for, convex.counterexample)
        return no, no
    found = _coordinates(loss, wrt)
    if found is not None:
        strictly = _of_all(convexity.strictly_convex(found.slices))
        if strictly.value is True or not any(i.domain.sums_to_one for i in loss.inputs):
            return strictly, _of_all(convexity.strongly_convex(found.slices))
    shown = flat_along(loss, wrt)
    if shown is not None:
        no = Answer(False, REFUTED, "There is a direction along which the loss is affine.", counterexample=shown,
                    holds_for=at_defaults(loss))  # fmt: skip
        return no, no
    open_ = Answer(argument="No rule decides, and no direction was found along which the loss is affine.")
    return open_, open_


def _of_all(answer: Answer) -> Answer:
    """What holds for the function of one coordinate, said of the sum over all."""
    return answer.saying(argument=f"The loss adds up one function of each coordinate. {answer.argument}")


# --- the questions ----------------------------------------------------------------------------------------


def differentiability_of(loss: Loss, wrt: str) -> dict[str, Answer]:
    """The first question: from the function of one coordinate, or from what the loss is composed of."""
    return dict(_differentiability(loss, wrt))


@lru_cache(maxsize=256)
def _differentiability(loss: Loss, wrt: str) -> dict[str, Answer]:
    found = _coordinates(loss, wrt)
    if found is not None:
        return {k: _of_all(a) for k, a in differentiability.differentiability(found.slices).items()}
    expr = _expanded(loss)
    sound = over_axes(loss, lambda scope: _is_defined(expr, scope.facts))
    if sound.status != PROVEN:
        return dict.fromkeys(("continuous", "class", "kinks"), sound)
    scope = next(s for s in scopes(loss) if s.words == sound.holds_for)
    found_joints = Joints(loss, wrt, scope.facts)
    try:
        order = found_joints.order(expr)
    except Undecided as error:
        open_ = Answer(argument=f"The rules leave open {error}.")
        return dict.fromkeys(("continuous", "class", "kinks"), open_)
    answers = {"continuous": Answer(True, PROVEN, "It is composed of continuous functions.")}
    smooth = "It is composed of functions that have derivatives of every order"
    if order == sympy.oo:
        answers["class"] = Answer("C^∞", PROVEN, f"{smooth}.")
        answers["kinks"] = Answer([], PROVEN, f"{smooth}.")
    else:
        answers |= _with_joints(loss, wrt, found_joints, order, scope)
    if not found_joints.steep:
        answers["blow_up"] = Answer([], PROVEN, "It is composed of functions whose slopes are bounded near every place "
                                    "of the domain.")  # fmt: skip
    zones = _dead_zones(loss, expr, wrt)
    if zones:
        at = f"with {at_defaults(loss)} " if loss.parameters else ""
        such = f"{at}such a place is {zones[0][1]}."
        answers["dead_zones"] = Answer([zone for zone, _ in zones], PROVEN, f"The loss is 0 there, and so is its "
                                       f"gradient; {such}", details={"such_as": such})  # fmt: skip
    return {key: a.saying(holds_for=a.holds_for or sound.holds_for) for key, a in answers.items()}


def _with_joints(loss: Loss, wrt: str, found: Joints, order: Expr, scope: Scope) -> dict[str, Answer]:
    """The class and the kinks: where joints can be, by composition; that they are there, by lines that meet them."""
    where = "; ".join(found.places)
    apart = (
        "It is composed of functions that have derivatives of every order, apart from where "
        f"{where}; there a maximum, a norm, a root or an absolute value can have its joint"
    )
    details = {"convention": loss.kinks} if loss.kinks else {}
    class_ = Answer(
        f"at least C^{order}", PROVEN, f"{apart}. Whether the joints cancel, the rules leave open."
    )
    sharp = [place for place, least in found.places.items() if least == 0]
    where_ = f"Kinks can be where {'; '.join(sharp)}, and nowhere else"
    none = f"The first derivative has no jump; a later one can jump where {where}."
    kinks = Answer([], PROVEN, none, details=details)
    if order == 0:
        open_ = f"{where_}; whether they cancel, the rules leave open."
        kinks = Answer(sharp, UNKNOWN, open_, details=details)
    for used in _from(scope, loss):
        met = _enough(joints_met(loss, wrt, used, int(order) + 1), sharp if order == 0 else [], found)
        if met and class_.value != f"C^{order}":
            at = f"{met[0].line.name} = {met[0].place}"
            shown = f"Along {met[0].line.words} derivative {int(order) + 1} jumps at {at}"
            class_ = Answer(f"C^{order}", PROVEN, f"{apart}. {shown}.", holds_for=used.words)
        if order > 0:
            break
        seen = {place: one for place in sharp for one in met if _is_at(one, place, found)}
        if met and (len(seen) == len(sharp) or len(sharp) == 1):
            lines = "; ".join(dict.fromkeys(one.line.words for one in seen.values() or met[:1]))
            argument = f"{where_}; lines through them show jumps of the slope: {lines}."
            shown_at = [one.described() for one in seen.values() or met[:1]]
            kinks = Answer(
                sharp, PROVEN, argument, holds_for=used.words, details={**details, "joints": shown_at}
            )
            break
    return {"class": class_, "kinks": kinks}


def _enough(met: Iterable[Met], places: Sequence[str], found: Joints) -> list[Met]:
    """What lines meet, until there is something at each of the places."""
    taken: list[Met] = []
    missing = set(places)
    for one in itertools.islice(met, MOST_JOINTS):
        here = {place for place in missing if _is_at(one, place, found)}
        if here or not taken:
            taken.append(one)
        missing -= here
        if not missing:
            break
    return taken


def _from(scope: Scope, loss: Loss) -> list[Scope]:
    """A scope and those that are narrower."""
    all_ = scopes(loss)
    return all_[next(k for k, s in enumerate(all_) if s.words == scope.words) :]


def _is_at(met: Met, place: str, found: Joints) -> bool:
    """Whether what was met is at one of the places where a joint can be, and at no other."""
    here = {p: met.is_zero(e) for p, e in found.zeros.items()}
    if place not in here:  # two entries that share a maximum: no one expression is 0 there
        return all(zero is False for zero in here.values()) and len(found.places) == len(here) + 1
    return here[place] is True and all(zero is False for p, zero in here.items() if p != place)


def _dead_zones(loss: Loss, expr: Expr, wrt: str) -> list[tuple[str, dict[str, Any]]]:
    """Where a power of Max(0, X) is 0, for each value of a label; and a place there for each."""
    found = []
    label = next((i for i in loss.inputs if i.domain.values and not i.axes), None)
    for value in label.domain.values if label is not None else (None,):
        put = expr if label is None else expr.xreplace({label.symbol: sympy.Integer(value)})
        factor, rest = put.as_independent(functions.maximum, as_Add=False)
        inner = rest.base if isinstance(rest, sympy.Pow) else rest
        if isinstance(inner, functions.maximum) and 0 in inner.args[:2] and not loss.depends(factor, wrt):
            other = next((a for a in inner.args[:2] if a != 0), sympy.S.Zero)
            place = _place_below_0(loss, other, {} if label is None else {label.name: mpmath.mpf(value)})
            where = f" where {label.name} = {value}" if label is not None else ""
            if place is not None:
                found.append((f"{in_definitions(loss, other)} < 0{where}", place))
    return found


def _place_below_0(loss: Loss, inner: Expr, labels: dict[str, Any]) -> dict[str, Any] | None:
    """Numbers at which an expression is negative for certain, hyper-parameters at their defaults."""
    for seed in range(POINTS // 20):
        here = sample(loss, seed)
        values = {**here.values, **defaults(loss, here), **labels}
        below = evaluate(inner, Environment(values, here.sizes, loss.definitions))
        if not isinstance(below, mpmath.mpc) and below < -(mpmath.mpf(10) ** -10):
            return {i.name: number(values[i.name]) for i in loss.inputs}
    return None


def _is_defined(expr: Expr, facts: Facts) -> Answer:
    trouble = defined_over_axes(expr, facts)
    if trouble is None:
        return Answer(True, PROVEN)
    return Answer(argument=f"The rules leave open whether the formula is defined everywhere ({trouble}).")


def scale_of(loss: Loss, wrt: str) -> dict[str, Answer]:
    """The second question."""
    found = _coordinates(loss, wrt)
    answers: dict[str, Answer] = {}
    if found is not None:
        one = scale.scale(found.slices)
        answers = {
            k: _of_all(one[k])
            for k in ("lipschitz", "gradient_infimum", "smoothness", "growth", "homogeneity")
        }
        answers["range"] = _range_of_sum(loss, found, one["range"])
    else:
        answers["range"] = range_over_axes(loss)
        answers["lipschitz"] = steepness.lipschitz(loss, wrt)
        answers["smoothness"] = steepness.smoothness(loss, wrt)
        answers["growth"] = steepness.growth(loss, wrt)
        smooth = differentiability_of(loss, wrt)
        answers["gradient_infimum"] = steepness.least_gradient(
            loss, wrt, smooth["class"], smooth.get("dead_zones"), answers["range"]
        )
    return answers


def _range_of_sum(loss: Loss, found: Coordinates, one: Answer) -> Answer:
    least, most = one.details.get("infimum"), one.details.get("supremum")
    if found.rest == 0 and least == 0 and most == sympy.oo:
        return _of_all(one)
    return range_over_axes(loss)


def alignment_of(loss: Loss, wrt: str) -> dict[str, Answer]:
    """The third question, but for invariances."""
    convex = _convex(loss, (wrt,))
    strictly, strongly = _stricter(loss, wrt, convex)
    answers = {"convex": convex, "strictly_convex": strictly, "strongly_convex": strongly}
    found = _coordinates(loss, wrt)
    if found is not None and all(not s.at for s in found.slices):
        answers["minimiser"] = _of_all(alignment.minimiser(found.slices))
        if any(s.meaning != s.x for s in found.slices):
            answers["elicits"] = _of_all(statistic.elicits(found.slices))
    targets = [i for i in loss.inputs if i.name != wrt and (i.domain.sums_to_one or i.type.classes)]
    if len(targets) == 1 and targets[0].domain.sums_to_one and len(loss.inputs) == 2:
        answers |= of_distribution(loss, wrt, targets[0].name, convex, found)
    answers |= tells_distribution(loss, wrt)
    if "calibrated" not in answers and (shown := multiclass.calibrated(loss, wrt, convex)) is not None:
        answers["calibrated"] = shown
    if "minimiser" not in answers and (least := _where_flat(loss)) is not None:
        answers["minimiser"] = least
    return answers


def _where_flat(loss: Loss) -> Answer | None:
    """The minimiser of Max(0, X), where a place is found at which X < 0 for certain."""
    expr = _expanded(loss)
    if not isinstance(expr, functions.maximum) or 0 not in expr.args[:2]:
        return None
    inner = next((a for a in expr.args[:2] if a != 0), sympy.S.Zero)
    shown = _place_below_0(loss, inner, {})
    if shown is None:
        return None
    return Answer(f"wherever {in_definitions(loss, inner)} ≤ 0", PROVEN, "It is 0 there, and nowhere negative; such a "
                  f"place is {shown}.", holds_for=at_defaults(loss))  # fmt: skip


def robustness_of(loss: Loss, wrt: str) -> dict[str, Answer]:
    """The fifth question, but for experiments."""
    found = _coordinates(loss, wrt)
    if found is not None:
        one = {key: robustness.ANSWERS[key](found.slices) for key in ("influence", "saturation", "edges")}
        answers = {key: _of_all(answer) for key, answer in one.items()}
    else:
        answers = {"influence": steepness.influence_of(steepness.lipschitz(loss, wrt))}
        sound = differentiability_of(loss, wrt)["continuous"]
        if sound.status == PROVEN:
            finite = "The formula is finite and continuous on the whole domain, its ends included."
            answers["edges"] = Answer([], PROVEN, finite, holds_for=sound.holds_for)
    noise = multiclass.label_noise(loss, wrt)
    return answers | ({"label_noise": noise} if noise is not None else {})
