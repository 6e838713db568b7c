"""The smallest example that shows a mistake, as a call to paste."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from symloss.verification.probe import Probe
from symloss.verification.target import Labels
from symloss.verification.trial import Trial
from symloss.verification.verdicts import Verdict

__all__ = ["counterexample", "smallest"]

CALLS = 24
"""How often the function is asked again to make its counterexample plainer."""


def counterexample(trial: Trial, probe: Probe, name: str) -> str:
    """The call of the function for a probe, as Python."""
    args, keywords = trial.reading.arguments(trial.loss, probe)
    if trial.reading.singly:
        args = [a[0] if isinstance(a, np.ndarray) and a.ndim and len(a) == 1 else a for a in args]
    parts = [_shown(a) for a in args] + [f"{k}={_shown(v)}" for k, v in keywords.items()]
    return f"{name}({', '.join(parts)})"


def _shown(value: Any) -> str:
    if isinstance(value, Labels):
        return f"labels({_shown(value.get_label())})"
    if isinstance(value, np.ndarray) and value.ndim:
        return f"np.array({_list(value)})"
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.item()
    return repr(value)


def _list(value: np.ndarray) -> str:
    if value.ndim > 1:
        return "[" + ", ".join(_list(v) for v in value) + "]"
    return "[" + ", ".join(repr(v.item()) for v in value) + "]"


def smallest(
    trial: Trial, v: Verdict, check: Callable[[Probe], tuple[float, float, str] | None], name: str
) -> dict[str, Any]:
    """The example of a verdict alone in its batch, with numbers as plain as still show it."""
    probe, given, expected = v.place.probe, v.given, float(v.exact)
    entry = v.place.entry
    calls = 0

    def fails(one: Probe) -> tuple[float, float] | None:
        nonlocal calls
        calls += 1
        try:
            found = check(one)
        except Exception:  # whatever it does with other numbers, this is no plainer counterexample
            return None
        if found is None or found[2] != v.status:
            return None
        return found[0], found[1]

    i = v.place.example
    for fewer in ([i], [i, (i + 1) % max(probe.count, 1)]):
        alone = probe.examples(fewer)
        if alone is probe or probe.count < len(fewer):
            break
        shown = fails(alone)
        if shown is None:
            continue
        probe, (given, expected) = alone, shown
        entry = (0, *v.place.own) if v.place.wrt in probe.per_example else entry
        for plainer in _plainer(trial, probe):
            if calls >= CALLS or v.place.probe.about in ("kink", "beside", "extreme"):
                break
            shown = fails(plainer)
            if shown is not None:
                probe, (given, expected) = plainer, shown
        break
    where = (
        ""
        if len(entry) <= 1 and probe.count == 1
        else f"entry {list(entry)} of the gradient by {v.place.wrt}"
    )
    arrays = {n: np.asarray(a).tolist() for n, a in probe.arrays.items()}
    return {
        "call": counterexample(trial, probe, name),
        "inputs": arrays,
        "parameters": {n: np.asarray(p).tolist() for n, p in probe.parameters.items()},
        "entry": where,
        "given": given,
        "expected": expected,
        "ulps": v.ulps,
    }


def _plainer(trial: Trial, probe: Probe) -> Iterator[Probe]:
    """The probe with real numbers rounded, to whole ones first."""
    for digits in (0, 1):
        arrays = {}
        for one in trial.loss.inputs:
            array = probe.arrays[one.name]
            real = not (one.domain.values or one.domain.integer or one.type.classes or one.type.along)
            rounded = np.round(array, digits) if real else array
            if real:
                inside = np.asarray(one.domain.contains(rounded)) & (rounded != float(one.domain.lower)) & (
                    rounded != float(one.domain.upper)
                )  # fmt: skip
                rounded = np.where(inside, rounded, array)
            arrays[one.name] = rounded
        yield replace(probe, arrays=arrays)
    names = [i.name for i in trial.loss.inputs if i.domain.name == "Real"]
    for name in names:
        for number in (0.0, 1.0):
            yield replace(probe, arrays={**probe.arrays, name: np.full_like(probe.arrays[name], number)})
