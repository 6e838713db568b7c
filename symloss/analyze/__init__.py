"""Characteristics of a loss, proven or honestly marked as sampled.

The stages, each in a module: ``slices`` (the loss as functions of one number), ``pieces`` (these as smooth pieces),
``chart`` and ``extremes`` (their signs and bounds), then a module for each of the questions, and
``characteristics``, which puts the answers together. What the proofs rest on: ``signs``, ``limits``, ``algebra``
and ``interval``.
"""

from symloss.analyze.answer import Answer
from symloss.analyze.characteristics import Characteristics, characteristics

__all__ = ["Answer", "Characteristics", "characteristics"]
