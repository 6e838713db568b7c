"""``symloss.verify``: a function and a loss in, a report out."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from symloss.value import Loss
from symloss.verification.conventions import RequestError, pins_checked
from symloss.verification.examine import examine
from symloss.verification.report import Report
from symloss.verification.sandbox import Sandbox
from symloss.verification.target import Target, framework_of, signature_of
from symloss.verification.under_test import Handed, UnderTest

__all__ = ["BUDGET", "BUDGETS", "automatic_of", "examined", "name_of", "verify"]

BUDGETS = {"elementwise": 4.0}
BUDGET = 20.0
"""Seconds, where the loss is not elementwise."""


def verify(
    function: Callable,
    loss: Loss | str | None = None,
    *,
    wrt: str | Sequence[str] | None = None,
    value: Callable | None = None,
    budget: float | None = None,
    seed: int = 0,
    subprocess: bool = False,
    **pins: Any,
) -> Report:
    """Say whether a hand-written gradient is right, where it is wrong, and what the mistake is.

    Parameters
    ----------
    function : what computes the gradient: of NumPy arrays; or returning (value, gradient) or (gradient, hessian) as
        custom objectives of boosting libraries do; a ``torch.autograd.Function``, a torch or a JAX function that is
        differentiated by its framework; a function of :func:`symloss.verification.clibrary.c_function`; any callable.
    loss : a name of the catalogue or a declared loss. Without one, ``value`` is the truth, by numeric differentiation.
        The hyper-parameters of a loss that is handed over bind; for a name others may be found, as a convention.
    wrt : the tensors that it is the gradient by; default: those of the loss.
    value : the value function of the user, when there is no declared loss; default: what the function itself returns
        as its value, beside the gradient.
    budget : seconds, within which it ends; default 4 for elementwise losses, else 20.
    seed : of the points; the same seed gives the same report.
    subprocess : call the function in a process of its own, in which a hang or a crash is a finding.
    **pins : conventions that are demanded, not found: ``reduction`` ("mean", "sum", "none"), ``factor``,
        ``ascent``, ``labels``, ``given``, ``layout``, ``outputs``, ``order``, ``framework``, ``parameters``.

    Returns
    -------
    Report
        True when the gradient is right. It shows itself on a terminal and in Jupyter; ``.json()`` has it as JSON.

    Raises
    ------
    ValueError
        For a pin that does not exist or means nothing, and where neither a loss nor a value function is given.
    KeyError
        For a loss that the catalogue does not have.
    """
    if not callable(function):
        raise RequestError(f"verify: a function is wanted, not {type(function).__name__} {function!r}")
    checked = pins_checked(pins)
    framework = checked.get("framework") or framework_of(function)
    target = Target(function, framework)
    ask: Any = target
    sandbox = None
    if subprocess:
        seconds = budget or BUDGET
        sandbox = Sandbox(lambda: (target, None), min(seconds / 2, 5.0))
        ask = sandbox
    handed = Handed(ask, name_of(function), signature_of(function), framework, automatic_of(function))
    try:
        return examined(handed, loss, wrt=wrt, value=value, budget=budget, seed=seed, pins=checked)
    finally:
        if sandbox is not None:
            sandbox.close()


def examined(
    handed: Handed,
    loss: Loss | str | None,
    *,
    wrt: str | Sequence[str] | None,
    value: Any,
    budget: float | None,
    seed: int,
    pins: dict[str, Any],
) -> Report:
    """The report on a function that has been made ready to be called.

    The hyper-parameters of a loss that was handed over bind; those of a name are the catalogue's, and others in their
    place are a convention.
    """
    if budget is not None and not budget > 0:
        raise RequestError(f"budget={budget!r}: expected a number of seconds above 0")
    bound = not isinstance(loss, str)
    if isinstance(loss, str):
        from symloss import losses

        loss = losses.get(loss)
    if loss is None:
        from symloss.verification.without_loss import examined_numerically

        return examined_numerically(handed, value, budget=budget or BUDGET, seed=seed, pins=pins)
    if not isinstance(loss, Loss):
        raise RequestError(f"verify: a loss or the name of one is wanted, not {type(loss).__name__} {loss!r}")
    tensors = (wrt,) if isinstance(wrt, str) else tuple(wrt) if wrt is not None else None
    # JAX compiles first, whatever the kind of loss
    seconds = budget or (BUDGET if handed.framework == "jax" else BUDGETS.get(loss.kind, BUDGET))
    return examine(UnderTest.requested(loss, handed, tensors, pins, seconds, seed, bound))


def name_of(function: Any) -> str:
    """The name to call a function by."""
    while isinstance(function, functools.partial):
        function = function.func
    name = (
        getattr(function, "__qualname__", None)
        or getattr(function, "__name__", None)
        or type(function).__name__
    )
    return str(name).split(".<locals>.")[-1]


def automatic_of(function: Any) -> bool:
    """Whether it is a value that a framework differentiates: an autograd function, a module, a custom_vjp."""
    kinds = function.__mro__ if isinstance(function, type) else type(function).__mro__
    names = {f"{k.__module__}.{k.__name__}" for k in kinds}
    return bool(
        names & {"torch.autograd.function.Function", "torch.nn.modules.module.Module"}
        or any(n.startswith("jax") and ("custom_vjp" in n or "custom_jvp" in n) for n in names)
    )
