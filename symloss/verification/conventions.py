"""Conventions that may explain what a function gives: how it is called, and how its result is laid out.

A reading is one way to understand a function: which argument is which, how labels are encoded, whether it is handed
a logit or the probability. Readings are tried from the plainest on; every choice can be pinned by an option.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from symloss.functions import LogSoftmax, LogSumExp, Softmax, sigmoid, softplus
from symloss.value import Input, Loss, Parameter
from symloss.verification.probe import Probe
from symloss.verification.target import Labels

__all__ = ["ENCODINGS", "Encoding", "Reading", "RequestError", "Slot", "Unclear", "pins_checked", "readings"]


class RequestError(ValueError):
    """A request that cannot be carried out: a pin that means nothing, a loss or a tensor that does not exist."""


class Unclear(ValueError):
    """A function whose arguments cannot be matched with those of the loss."""


# --- how an input may be encoded ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Encoding:
    """One way to hand over an input: when it makes sense, how it is made, and how the convention is called."""

    name: str
    key: str
    words: str
    fits: Callable[[Loss, Input], bool]
    encode: Callable[[np.ndarray, Probe, Input], np.ndarray]
    hard: bool = False
    """Whether it can only say that a label is wholly one class."""
    ordinary: bool = False
    """Whether it says less than the input itself, so that extreme points mean nothing."""


def _is_label(loss: Loss, one: Input) -> bool:
    return one.name not in loss.differentiated


def _soft(loss: Loss, one: Input) -> bool:
    return _is_label(loss, one) and one.domain.name == "Probability"


def _has(loss: Loss, *kinds: type) -> bool:
    expressions = [loss.example, loss.batch, *(d.expr for d in loss.definitions.values())]
    return any(e.has(*kinds) for e in expressions)


def _logit(loss: Loss, one: Input) -> bool:
    return (
        one.name in loss.differentiated
        and one.domain.name == "Real"
        and not one.axes
        and _has(loss, sigmoid, softplus)
    )


def _logits(loss: Loss, one: Input) -> bool:
    return (
        one.name in loss.differentiated
        and one.domain.name == "Real"
        and len(one.axes) == 1
        and _has(loss, Softmax, LogSoftmax, LogSumExp)
    )


def _softmax(z: np.ndarray, probe: Probe, one: Input) -> np.ndarray:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _one_hot(t: np.ndarray, probe: Probe, one: Input) -> np.ndarray:
    return (t[..., None] == np.arange(probe.sizes[str(one.type.classes)])).astype(float)


ENCODINGS = (
    Encoding("{0, 1}", "labels", "labels are 0 or 1, where the loss has -1 or 1",
             lambda loss, one: one.domain.values == (-1, 1), lambda t, p, one: (t + 1) / 2),
    Encoding("{-1, 1}", "labels", "labels are -1 or 1, where the loss has 0 or 1",
             lambda loss, one: one.domain.values == (0, 1) or _soft(loss, one), lambda t, p, one: 2 * t - 1, hard=True),
    Encoding("hard", "labels", "labels are whole classes; soft ones are not meant",
             lambda loss, one: _soft(loss, one) or (_is_label(loss, one) and one.domain.sums_to_one),
             lambda t, p, one: t, hard=True),
    Encoding("one-hot", "labels", "labels are one-hot rows, where the loss has class indices",
             lambda loss, one: one.type.classes is not None and not one.axes, _one_hot),
    Encoding("class index", "labels", "labels are class indices, where the loss has distributions",
             lambda loss, one: _is_label(loss, one) and one.domain.sums_to_one,
             lambda t, p, one: np.argmax(t, axis=-1), hard=True),
    Encoding("probability", "given", "it is handed the probability, sigmoid of the logit, in place of the logit",
             _logit, lambda z, p, one: 1 / (1 + np.exp(-z)), ordinary=True),
    Encoding("softmax", "given", "it is handed the probabilities, softmax of the logits, in place of the logits",
             _logits, _softmax, ordinary=True),
    Encoding("class by class", "scores", "its scores come flattened, class by class, as LightGBM hands them over",
             lambda loss, one: _logits(loss, one) and one.per_example, lambda z, p, one: z.ravel(order="F")),
)  # fmt: skip
"""The conventions about inputs. Add a row to teach the checker another one."""


# --- one way to call the function --------------------------------------------------------------------------


@dataclass(frozen=True)
class Slot:
    """What one argument of the function is handed."""

    role: str
    """input, parameter, definition, labels (an object that holds them), weight, or count."""
    name: str = ""
    encoding: Encoding | None = None
    whole: bool = False
    """Whether labels are handed over as integers."""

    def value(self, loss: Loss, probe: Probe) -> Any:
        """The argument for a probe."""
        if self.role == "parameter":
            return probe.parameters[self.name]
        if self.role == "count":
            return probe.count
        if self.role == "weight":
            return np.ones(probe.count) if probe.weight is None else probe.weight
        if self.role == "definition":
            return np.array(
                np.broadcast_to(probe.evaluator(loss)(loss.definitions[self.name].symbol), (probe.count,))
            )
        array = probe.arrays[self.name]
        if self.encoding is not None:
            array = self.encoding.encode(array, probe, loss.argument(self.name))
        if self.whole:
            array = array.astype(np.int64)
        return Labels(array, probe.weight) if self.role == "labels" else array


@dataclass(frozen=True)
class Reading:
    """One way to understand a function. ``cost`` orders readings: 0 is what its names and the loss suggest."""

    positional: tuple[Slot, ...]
    keywords: tuple[tuple[str, Slot], ...] = ()
    cost: float = 0.0
    named: bool = True
    """Whether the names of the arguments say which is which."""
    singly: bool = False
    """Whether it takes one example at a time, as numbers."""

    @property
    def slots(self) -> tuple[Slot, ...]:
        return (*self.positional, *(slot for _, slot in self.keywords))

    @property
    def encodings(self) -> tuple[Encoding, ...]:
        return tuple(s.encoding for s in self.slots if s.encoding is not None)

    @property
    def boosting(self) -> bool:
        """Whether it looks like an objective of a boosting library, which is always handed raw scores."""
        return any(s.role == "labels" for s in self.slots)

    def covers(self, probe: Probe) -> bool:
        """Whether a probe can be said in this reading."""
        if not probe.hard and any(e.hard for e in self.encodings):
            return False
        return probe.about not in ("extreme",) or not any(e.ordinary for e in self.encodings)

    def takes(self, name: str) -> bool:
        """Whether the function is told this argument of the loss."""
        return any(s.name == name and s.role in ("input", "parameter", "labels") for s in self.slots)

    def arguments(self, loss: Loss, probe: Probe) -> tuple[list[Any], dict[str, Any]]:
        """What the function is called with."""
        return (
            [s.value(loss, probe) for s in self.positional],
            {name: s.value(loss, probe) for name, s in self.keywords},
        )

    def position(self, name: str) -> int | None:
        """The place at which the function takes an input."""
        return next((k for k, s in enumerate(self.positional) if s.name == name and s.role == "input"), None)

    def words(self, loss: Loss) -> dict[str, str]:
        """The conventions that it has beside those of the declaration."""
        told = {e.key: e.words for e in self.encodings}
        order = [s.name for s in self.positional if s.role in ("input", "labels", "definition")]
        declared = [i.name for i in loss.inputs]
        if order != [n for n in declared if n in order] or any(
            s.role == "definition" for s in self.positional
        ):
            told["arguments"] = f"its arguments are ({', '.join(order)})"
        if self.boosting:
            told["arguments"] = (
                "it takes the predictions and an object with get_label(), as boosting libraries call it"
            )
        return told


# --- which argument is which --------------------------------------------------------------------------------

_WORDS = {
    "prediction": "pred preds prediction predictions predicted y_pred ypred yhat y_hat predt output outputs out logit "
    "logits z x a score scores f fx raw raw_score raw_scores y_score input inputs prob probs probability probabilities "
    "p p_hat phat q y_prob log_rate rate eta mu estimate y_raw raw_predictions raw_prediction "
    "w weights coef theta params coefficients embedding",
    "target": "target targets y t y_true ytrue true truth gt label labels lbl actual observed onehot one_hot y_onehot "
    "tgt ground_truth expected cls classes",
}
_LABEL_HOLDERS = frozenset("dtrain train_data dmatrix dataset train_set dtrain_data".split())
_WEIGHTS = frozenset("weight weights sample_weight sample_weights w".split())
_COUNTS = frozenset("n size count length num len batch_size".split())
_LOGIT_WORDS = frozenset(
    "logit logits z raw_score raw_scores raw x score scores margin raw_prediction f".split()
)
_PROBABILITY_WORDS = frozenset(
    "p prob probs probability probabilities p_hat phat y_prob q sigmoid softmax sig sm s a activation".split()
)
_PARAMETERS = {
    "delta": "d threshold beta c",
    "gamma": "g focusing",
    "alpha": "a balance",
    "margin": "m",
    "level": "q tau quantile alpha",
    "temperature": "t tau temp",
    "smooth": "smoothing eps epsilon s",
    "label_smoothing": "smoothing eps epsilon ls",
    "class_weight": "weight weights class_weights w",
    "pos_weight": "positive_weight w_pos scale_pos_weight weight w",
    "beta": "b kl_weight",
    "l1_ratio": "ratio rho",
}


def _plain(name: str) -> str:
    return name.lower().strip("_").replace("__", "_")


def _by_name(name: str, loss: Loss) -> Slot | None:
    """What an argument is whose name says so beyond doubt."""
    plain = _plain(name)
    for one in (*loss.inputs, *loss.parameters):
        if plain == _plain(one.name):
            return Slot("parameter" if isinstance(one, Parameter) else "input", one.name)
    definition = loss.definitions.get(name)
    probable = plain in _PROBABILITY_WORDS  # then it may also be the prediction, and the encodings say which
    if (
        definition is not None
        and not probable
        and not definition.indices
        and all(i.per_example for i in loss.inputs)
    ):
        return Slot("definition", name)
    if plain in _LABEL_HOLDERS:
        labels = [i for i in loss.inputs if i.name not in loss.differentiated]
        if labels:
            return Slot("labels", labels[0].name)
    return None


def _by_words(name: str, loss: Loss, taken: set[str]) -> Slot | None:
    """What an argument may be, by the words that people use."""
    plain = _plain(name)
    labels = [i.name for i in loss.inputs if i.name not in loss.differentiated and i.name not in taken]
    predicted = [d for d in loss.differentiated if d not in taken]
    if plain in _WORDS["target"].split() and len(labels) == 1:
        return Slot("input", labels[0])
    if plain in _WORDS["target"].split() and len(loss.differentiated) == 1 and labels:
        return Slot("input", next((n for n in labels if "target" in n), labels[0]))
    for p in loss.parameters:
        if p.name not in taken and (
            plain in _PARAMETERS.get(p.name, "").split() or plain in p.name.split("_")
        ):
            return Slot("parameter", p.name)
    if plain in _WORDS["prediction"].split() and len(loss.differentiated) == 1 and predicted:
        return Slot("input", predicted[0])
    near = [
        i.name
        for i in loss.inputs
        if i.name not in taken and (i.name.startswith(plain) or plain.startswith(i.name))
    ]
    if len(near) == 1 and len(plain) > 0:
        return Slot("input", near[0])
    if plain in _WEIGHTS:
        return Slot("weight")
    return None


def readings(signature: inspect.Signature | None, loss: Loss, pins: Mapping[str, Any]) -> list[Reading]:
    """Every way to call the function, the plainest first. Raises Unclear where there is none."""
    bases = [_ordered(signature, loss, pins["order"])] if pins.get("order") else _bases(signature, loss)
    found: list[Reading] = []
    for base in bases:
        names = list(signature.parameters) if signature is not None else []
        for encodings in _encodings(base, loss, pins):
            cost = base.cost
            changed = list(base.positional)
            keywords = dict(base.keywords)
            for name, encoding in encodings.items():
                where = next((k for k, s in enumerate(changed) if s.name == name), None)
                word = _plain(names[where]) if where is not None and where < len(names) else ""
                if where is None:
                    key = next(k for k, s in keywords.items() if s.name == name)
                    word = _plain(key)
                    keywords[key] = replace(keywords[key], encoding=encoding)
                else:
                    changed[where] = replace(changed[where], encoding=encoding)
                price = _price(encoding, word, name, base, loss, pins)
                if price is None:
                    break
                cost += price
            else:
                found.append(
                    replace(base, positional=tuple(changed), keywords=tuple(keywords.items()), cost=cost)
                )
    if not found:
        raise Unclear(f"no way to call it fits the pins {dict(pins)}")
    return sorted(found, key=lambda r: r.cost)


def _price(
    encoding: Encoding | None, word: str, name: str, base: Reading, loss: Loss, pins: Mapping[str, Any]
) -> float | None:
    """How far-fetched an encoding is; None where a name rules it out."""
    given = "given" in pins or "labels" in pins
    if encoding is None:
        one = loss.argument(name)
        handed_p = (
            (_logit(loss, one) or _logits(loss, one)) and word in _PROBABILITY_WORDS and word != _plain(name)
        )
        return 0.5 if handed_p else 0.0
    if encoding.key != "given":
        return 0.25 if encoding.name == "hard" else 1.0
    if given:
        return 0.0
    if word in _PROBABILITY_WORDS:
        return 0.25
    if word in _LOGIT_WORDS or word == _plain(name) or base.boosting:
        return None
    return 2.0


def _encodings(base: Reading, loss: Loss, pins: Mapping[str, Any]) -> Iterator[dict[str, Encoding | None]]:
    inputs = [s.name for s in base.slots if s.role in ("input", "labels")]
    choices: list[list[Encoding | None]] = []
    for name in inputs:
        one = loss.argument(name)
        fitting: list[Encoding | None] = [None, *(e for e in ENCODINGS if e.fits(loss, one))]
        for key in ("labels", "given"):
            pinned = pins.get(key)
            if pinned and any(e is not None and e.key == key for e in fitting):
                fitting = [e for e in fitting if (e.name if e is not None else "as declared") == pinned]
        choices.append(fitting)
    for combination in itertools.product(*choices):
        if sum(e is not None for e in combination) <= 2:
            yield dict(zip(inputs, combination, strict=True))


def _ordered(signature: inspect.Signature | None, loss: Loss, order: str | tuple[str, ...]) -> Reading:
    names = [n.strip() for n in order.split(",")] if isinstance(order, str) else list(order)
    slots = []
    for name in names:
        try:
            one = loss.argument(name)
        except KeyError as error:
            raise RequestError(f"order: {error.args[0]}") from None
        slots.append(Slot("parameter" if isinstance(one, Parameter) else "input", name))
    return Reading(tuple(slots))


def _bases(signature: inspect.Signature | None, loss: Loss) -> list[Reading]:
    """The ways to call a function that its arguments' names leave, each with what it is handed as it is declared."""
    inputs = [i.name for i in loss.inputs]
    if signature is None:
        return _permuted(Reading(tuple(Slot("input", n) for n in inputs), named=False), loss)
    kinds = inspect.Parameter
    every = signature.parameters.values()
    parameters = [p for p in every if p.kind not in (kinds.VAR_POSITIONAL, kinds.VAR_KEYWORD)]
    slots, taken = _told(parameters, loss)
    left = [n for n in inputs if n not in taken]
    named = _guessed(parameters, loss, slots, left, [p.name for p in loss.parameters if p.name not in taken])
    positional, keywords = _passed(parameters, slots)
    if any(p.kind is kinds.VAR_POSITIONAL for p in every):
        positional += [Slot("input", n) for n in left]
    base = Reading(tuple(positional), tuple(keywords), named=named)
    told = {s.name for s in base.slots}
    if not (told & set(loss.differentiated)) and not any(s.role == "definition" for s in base.slots):
        raise Unclear(
            f"none of its arguments is {' or '.join(loss.differentiated)}, which {loss.name} is differentiated by"
        )
    return _permuted(base, loss)


def _told(parameters: Sequence[inspect.Parameter], loss: Loss) -> tuple[dict[str, Slot | None], set[str]]:
    """What each argument is, as far as the names say, and which names of the loss are taken by that."""
    slots = {p.name: _by_name(p.name, loss) for p in parameters}
    taken = {s.name for s in slots.values() if s is not None}
    for p in parameters:
        if slots[p.name] is not None:
            continue
        slot = _by_words(p.name, loss, taken)
        if slot is None and p.default is p.empty and _plain(p.name) in _COUNTS:
            slot = Slot("count")
        if slot is not None and slot.name not in taken | {""}:
            slots[p.name] = slot
            taken.add(slot.name)
        elif slot is not None and slot.role in ("weight", "count"):
            slots[p.name] = slot
    return slots, taken


def _guessed(
    parameters: Sequence[inspect.Parameter],
    loss: Loss,
    slots: dict[str, Slot | None],
    left: list[str],
    free: list[str],
) -> bool:
    """Give what no name tells of to the arguments that need something, in order; whether names told all inputs.

    ``left`` are inputs and ``free`` hyper-parameters that no name has told of; what is given away is taken out.
    """
    named = True
    whole = [d.name for d in loss.definitions.values() if not d.indices and _of_all_inputs(loss, d.name)]
    for p in parameters:
        if slots[p.name] is not None or p.default is not p.empty:
            continue
        open_ones = sum(q.default is q.empty and slots[q.name] is None for q in parameters)
        if len(loss.inputs) == 2 == len(left) and open_ones == 1 and whole:
            slots[p.name] = Slot("definition", whole[0])
            left.clear()
        elif left:
            slots[p.name] = Slot("input", left.pop(0))
            named = False
        elif free:
            slots[p.name] = Slot("parameter", free.pop(0))
        else:
            known = ", ".join(a.name for a in (*loss.inputs, *loss.parameters))
            raise Unclear(
                f"its argument {p.name!r} is none of {loss.name}'s ({known}); "
                "say which is which with order=…, or give it a default"
            )
    return named


def _passed(
    parameters: Sequence[inspect.Parameter], slots: Mapping[str, Slot | None]
) -> tuple[list[Slot], list[tuple[str, Slot]]]:
    """What is passed by place and what by name: behind an argument that keeps its default there are no places."""
    positional: list[Slot] = []
    keywords: list[tuple[str, Slot]] = []
    in_place = True
    for p in parameters:
        slot = slots[p.name]
        if slot is None:
            in_place = False
        elif p.kind is p.KEYWORD_ONLY or (not in_place and p.kind is not p.POSITIONAL_ONLY):
            keywords.append((p.name, slot))
        elif in_place:
            positional.append(slot)
    return positional, keywords


def _of_all_inputs(loss: Loss, name: str) -> bool:
    return all(loss.depends(loss.definitions[name].expr, i.name) for i in loss.inputs)


def _permuted(base: Reading, loss: Loss) -> list[Reading]:
    """The reading, and where no names say which is which, those with inputs in other orders."""
    if base.named:
        return [base]
    places = [k for k, s in enumerate(base.positional) if s.role == "input"]
    found = []
    for order in itertools.permutations(places):
        slots = list(base.positional)
        for place, source in zip(places, order, strict=True):
            slots[place] = base.positional[source]
        moved = sum(a != b for a, b in zip(places, order, strict=True))
        found.append(replace(base, positional=tuple(slots), cost=0.6 * moved))
    return found


# --- pins ----------------------------------------------------------------------------------------------------

_PINS: dict[str, tuple[Any, str]] = {
    "reduction": (("mean", "sum", "none"), "mean, sum or none"),
    "factor": (None, "a number"),
    "ascent": ((True, False), "true or false"),
    "labels": (("as declared", *(e.name for e in ENCODINGS if e.key == "labels")), ""),
    "given": (("as declared", *(e.name for e in ENCODINGS if e.key == "given")), ""),
    "layout": (("as declared", "flattened", "transposed"), ""),
    "outputs": (None, "such as 'gradient', 'value,gradient' or 'gradient,hessian'"),
    "order": (None, "the loss's arguments in the function's order, such as 'target,prediction'"),
    "framework": (("numpy", "torch", "jax"), ""),
    "parameters": (None, "hyper-parameters at which the function is fixed"),
}


def pins_checked(pins: Mapping[str, Any]) -> dict[str, Any]:
    """The pins that are given; RequestError for one that does not exist, or a value that means nothing."""
    known = {k: v for k, v in pins.items() if v is not None and v is not False}
    for name, value in known.items():
        if name not in _PINS:
            raise RequestError(f"there is no option {name!r}; there are {', '.join(_PINS)}")
        allowed, words = _PINS[name]
        if allowed is not None and value not in allowed:
            raise RequestError(f"{name}={value!r}: expected {words or ', '.join(map(str, allowed))}")
        if name == "factor" and (isinstance(value, (bool, str)) or not np.isfinite(value) or value == 0):
            raise RequestError(f"factor={value!r}: expected a finite number other than 0")
        if name == "outputs" and not _names_outputs(value):
            raise RequestError(
                f"outputs={value!r}: expected gradient, and beside it value, hessian, or _ for what is none of "
                f"them, {words}"
            )
    return known


def _names_outputs(value: Any) -> bool:
    names = [n.strip() for n in value.split(",") if n.strip() != "_"] if isinstance(value, str) else []
    return (
        "gradient" in names
        and set(names) <= {"value", "gradient", "hessian"}
        and len(set(names)) == len(names)
    )
