"""A corpus of hand-written gradients, right and wrong, after the ways in which people get them wrong.

The facts come from the threads that each case names; the code is written here.
"""

from verification.corpus import (
    behaviour,
    binary,
    compiled,
    frameworks,
    multiclass,
    regression,
    several_inputs,
)
from verification.corpus.record import CASES, KINDS, RIGHT, UNDECIDED, WRONG, Case

__all__ = [
    "CASES",
    "KINDS",
    "RIGHT",
    "UNDECIDED",
    "WRONG",
    "Case",
    "behaviour",
    "binary",
    "compiled",
    "frameworks",
    "multiclass",
    "regression",
    "several_inputs",
]
