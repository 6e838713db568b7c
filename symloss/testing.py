"""For people's own test suites: ``assert_gradient(function, loss)``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["assert_gradient"]


def assert_gradient(function: Callable, loss: Any = None, *, stable: bool = False, **options: Any) -> Any:
    """Fail with the report where a gradient is not right.

    Parameters
    ----------
    function, loss : as for :func:`symloss.verify`.
    stable : also fail where the formula is right and floating point is not.
    **options : those of :func:`symloss.verify`, such as ``seed=``, ``reduction=`` or ``value=``.

    Returns
    -------
    Report
        Of a gradient that is right.

    Raises
    ------
    AssertionError
        With the whole report as its message.
    """
    from symloss.verification import verify

    __tracebackhide__ = True  # pytest shows the line of the test, not this one
    report = verify(function, loss, **options)
    if not report or (stable and not report.stable):
        raise AssertionError(str(report))
    return report
