"""Checks of kernels by independent roads: numeric differentiation and arbitrary precision."""

from symloss.verification.kernels import Outcome, check_kernel, exact_gradient, exact_value
from symloss.verification.numeric import richardson

__all__ = ["Outcome", "check_kernel", "exact_gradient", "exact_value", "richardson"]
