"""The record of one hand-written gradient: what it claims to be, what it is, and how to call it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

RIGHT, WRONG, UNDECIDED = "right", "wrong", "undecided"

KINDS = tuple(
    "scale sign missing-chain-factor wrong-variable missing-term extra-term wrong-branch swapped-arguments "
    "ignored-parameter kink reduction shape unstable nan hessian mutates-input nondeterministic exception "
    "timeout other".split()
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A gradient as somebody might write it, and the verdict that mathematics has on it.

    ``takes`` are the function's arguments in its own order, by the names of the declaration; ``returns`` says
    what comes back. ``convention`` is how a right gradient differs from the declared one (a wrong one: apart
    from its mistake): ``reduction``, ``factor``, ``labels``, ``target``, ``input``, ``layout``. ``kinds`` are the
    names that fit the mistake, two of them only where they say the same of it; ``where`` is a regular
    expression for the region, and "" where the mistake is everywhere. ``stable`` None leaves open what floating
    point does with the function. ``source`` names the thread that it was seen in, where there is one. ``needs``
    are modules that the function imports; a ``factory`` returns the function when called, after such an import.
    """

    function: Callable
    loss: str
    verdict: str
    takes: tuple[str, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    returns: str = "gradient"
    convention: Mapping[str, Any] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    where: str = ""
    stable: bool | None = None
    source: str = ""
    needs: tuple[str, ...] = ()
    factory: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = [k for k in self.kinds if k not in KINDS]
        if unknown or len(self.kinds) > 2:
            raise ValueError(f"{self.name}: {self.kinds} are not one or two of the kinds")
        faultless = self.verdict == RIGHT and self.stable is not False and "mutates-input" not in self.kinds
        if faultless == bool(self.kinds):
            raise ValueError(f"{self.name}: a mistake has a kind, and a right gradient has none")

    @property
    def name(self) -> str:
        return self.function.__name__

    def subject(self) -> Callable:
        """What is verified."""
        return self.function() if self.factory else self.function

    @property
    def summary(self) -> str:
        """What the function gets right or wrong, in its author's docstring."""
        return (self.function.__doc__ or "").strip().splitlines()[0]


CASES: dict[str, Case] = {}


def _case(verdict: str, loss: str, takes: str, **rest: Any) -> Callable[[Callable], Callable]:
    def keep(function: Callable) -> Callable:
        case = Case(function=function, loss=loss, verdict=verdict, takes=tuple(takes.split()), **rest)
        if case.name in CASES:
            raise ValueError(f"two cases are called {case.name}")
        CASES[case.name] = case
        return function

    return keep


def right(loss: str, takes: str, **rest: Any) -> Callable[[Callable], Callable]:
    """A right gradient of a loss; see :class:`Case`."""
    return _case(RIGHT, loss, takes, **{"stable": True, **rest})


def unstable(loss: str, takes: str, **rest: Any) -> Callable[[Callable], Callable]:
    """A gradient whose formula is right and whose floating point fails."""
    return _case(RIGHT, loss, takes, **{"stable": False, "kinds": ("unstable", "nan"), **rest})


def wrong(loss: str, takes: str, *kinds: str, **rest: Any) -> Callable[[Callable], Callable]:
    """A wrong gradient, and the kinds of mistake that it may be called."""
    return _case(WRONG, loss, takes, kinds=kinds, **rest)


def undecided(loss: str, takes: str, *kinds: str, **rest: Any) -> Callable[[Callable], Callable]:
    """A function that no verdict can be given on."""
    return _case(UNDECIDED, loss, takes, kinds=kinds, **rest)
