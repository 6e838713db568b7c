"""Holds the arguments of a call against the domains that the loss declares for them."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

import numpy as np

from symloss.backends.arguments import _common_dtype
from symloss.derive import vectors_of
from symloss.domains import Domain
from symloss.value import Input, Loss, Parameter

__all__ = ["check_domains", "check_parameters", "check_rounded", "holds", "holds_as_float"]

_FINITE = -sys.float_info.max, sys.float_info.max


def holds(domain: Domain, real: str, given: float) -> bool:
    """Whether a number is in a domain, and a format does not round it to an end that the domain is without."""
    if not domain.contains(given):
        return False
    ends = [end for end, out in ((domain.lower, domain.lower_open), (domain.upper, domain.upper_open)) if out]
    rounded = ctypes.c_float(given).value
    return real != "float32" or all(
        rounded != ctypes.c_float(float(end)).value for end in ends if end.is_finite
    )


def holds_as_float(p: Parameter, number: Any) -> bool:
    """Whether a hyper-parameter stays in its domain where it becomes a float; one that is no such number does."""
    return bool(p.axes) or p.domain.integer or holds(p.domain, "float32", number)


def check_parameters(loss: Loss, arguments: dict[str, Any]) -> None:
    """A hyper-parameter outside its domain is always refused: it is one number, and a mistake."""
    for p in loss.parameters:
        given = arguments[p.name]
        if p.axes:
            _check_vector(loss, p, given)
            continue
        if given is p.default:
            continue
        if type(given) is not int and (
            isinstance(given, bool)
            or np.ndim(given) != 0
            or not np.isreal(given)
            or np.asarray(given).dtype.kind not in "iuf"
        ):
            raise TypeError(f"{loss.name}: {p.name} is {given!r}, expected {p.domain.words}")
        number = given.item() if hasattr(given, "item") else given
        kind, least, most = ("int64", -(2**63), 2**63 - 1) if p.domain.integer else ("float64", *_FINITE)
        if isinstance(number, int) and not least <= number <= most:
            raise ValueError(
                f"{loss.name}: {p.name} is {given}, which no {kind} can hold, expected {p.domain.words}"
            )
        if not p.domain.contains(number):
            raise ValueError(f"{loss.name}: {p.name} is {given}, expected {p.domain.words}")
        arguments[p.name] = int(number) if p.domain.integer else float(number)


def _check_vector(loss: Loss, p: Parameter, given: Any) -> None:
    if given is None:
        return
    array = _array(loss, p.name, given)
    wrong = ~np.asarray(p.domain.contains(array), dtype=bool)
    _name_first(loss, p, array, wrong)
    # an infinite weight of a class says nothing of the others: the mean would be infinity over infinity
    _name_first(loss, p, array, np.isinf(array), "finite, ")


def check_rounded(loss: Loss, arguments: dict[str, Any], dtype: Any) -> None:
    """A hyper-parameter that float32 rounds out of its domain is refused where float32 is computed."""
    for p in loss.parameters:
        number = arguments[p.name]
        if holds_as_float(p, number):
            continue
        names = [i.name for i in (*loss.inputs, *vectors_of(loss)) if not i.type.classes]
        arrays = [(name, np.asarray(arguments[name])) for name in names if name in arguments]
        if (dtype or _common_dtype(arrays)) == np.float32:
            rounded = ctypes.c_float(number).value
            raise ValueError(
                f"{loss.name}: {p.name} is {number}, which float32 rounds to {rounded}, expected {p.domain.words}"
            )


def _name_first(loss: Loss, one: Input, array: np.ndarray, wrong: np.ndarray, also: str = "") -> None:
    """Raise with the first entry of an array that is wrong."""
    if wrong.any():
        place = tuple(int(i) for i in np.unravel_index(int(np.argmax(wrong)), wrong.shape))
        where = f"[{', '.join(map(str, place))}]" if place else ""
        raise ValueError(
            f"{loss.name}: {one.name}{where} is {array[place]}, expected {also}{one.domain.words}"
        )


def _array(loss: Loss, name: str, given: Any) -> np.ndarray:
    try:
        return np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{loss.name}: {name} must hold real numbers, not {type(given).__name__}: {error}"
        ) from None


def check_domains(loss: Loss, arguments: dict[str, Any]) -> None:
    for one in (*loss.inputs, *(p for p in loss.parameters if p.axes)):
        if arguments[one.name] is None or one.type.classes:
            continue
        array = _array(loss, one.name, arguments[one.name])
        wrong = ~np.asarray(one.domain.contains(array), dtype=bool)
        _name_first(loss, one, array, wrong)
        if one.type.along is not None:
            axis = one.axes.index(one.type.along) - len(one.axes)
            sums = array.sum(axis=axis)
            off = abs(sums - 1) > 1e-6
            if off.any():
                raise ValueError(
                    f"{loss.name}: {one.name} sums to {sums[off].flat[0]} along {one.type.along}, expected 1"
                )
