"""Checks of kernels by independent roads, and the diagnosis of gradients that somebody wrote by hand."""

from symloss.verification.api import verify
from symloss.verification.kernels import Outcome, check_kernel, exact_gradient, exact_value
from symloss.verification.report import Finding, Report
from symloss.verification.richardson import richardson

__all__ = [
    "Finding",
    "Outcome",
    "Report",
    "check_kernel",
    "exact_gradient",
    "exact_value",
    "richardson",
    "verify",
]
