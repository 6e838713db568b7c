"""Numerically sound forms: named rewrites of an expression, then its lowering to what C and NumPy compute.

Each of value, gradient and Hessian is stabilised by itself, after it was derived; nothing simplifies afterwards.
"""

from symloss.stabilize.apply import Applied, Stable, stabilize
from symloss.stabilize.rules import LOWERING, STABILITY, Rewrite

__all__ = ["LOWERING", "STABILITY", "Applied", "Rewrite", "Stable", "stabilize"]
