"""The mistakes that people make in gradients, as tables: how the true derivative is mutated, and the sentence for it.

A row makes candidates. ``ORIGINS``, and for second derivatives ``HESSIANS``, put other derivatives in place of the
right one; ``SITES`` change one place of an expression. Signs, constant factors and powers of n are no rows here:
whoever compares a candidate with an output finds them as the ratio of the two.
"""

from symloss.verification.mutations.candidates import SITES, Candidate, candidates, second_candidates
from symloss.verification.mutations.origins import HESSIANS, ORIGINS
from symloss.verification.mutations.subject import Mutation, Subject

__all__ = [
    "HESSIANS",
    "ORIGINS",
    "SITES",
    "Candidate",
    "Mutation",
    "Subject",
    "candidates",
    "second_candidates",
]
