"""Checks of kernels by independent roads: numeric differentiation and arbitrary precision."""

from symloss.verify.kernels import Outcome, check_kernel, exact_gradient, exact_value
from symloss.verify.numeric import richardson

__all__ = ["Outcome", "check_kernel", "exact_gradient", "exact_value", "richardson"]
