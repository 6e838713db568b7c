"""From sound expressions to loops: reductions in dependency order, fused, with shared subexpressions computed once.

The stages, each in a module: ``build`` makes the array program (each definition is a scalar, or an array over its
indices), ``place`` decides what stays in a loop and what needs an array, ``fuse`` makes nested loops of it, and
``share`` computes each subexpression once. A vectorised backend prints the array program, a scalar one the loops, which
``relatives``, ``clipped``, ``runs`` and ``keep`` make cheaper. ``customary`` is a program for hyper-parameters at
defaults.
"""

from __future__ import annotations

from functools import lru_cache

from symloss.schedule.bounds import ends, in_unit
from symloss.schedule.build import build
from symloss.schedule.clipped import by_clipping, clip, clipped, quadratic_then_linear
from symloss.schedule.customary import Customary, customary
from symloss.schedule.fuse import fuse
from symloss.schedule.keep import keep, last_reads
from symloss.schedule.program import (
    BATCH,
    MOST_FACTORS,
    OUTPUTS,
    Accumulate,
    Block,
    Define,
    Definition,
    Keep,
    Loop,
    Program,
    Store,
    expressions,
    functions_of,
    named_expressions,
    needed_entries,
)
from symloss.schedule.relatives import by_relatives, difference_of_probabilities
from symloss.schedule.runs import Run, calls, is_call, runs
from symloss.schedule.share import fresh, share, share_values
from symloss.schedule.special_places import SpecialPlaces
from symloss.value import Loss

__all__ = [
    "BATCH",
    "MOST_FACTORS",
    "OUTPUTS",
    "Accumulate",
    "Block",
    "Customary",
    "Define",
    "Definition",
    "Keep",
    "Loop",
    "Program",
    "Run",
    "SpecialPlaces",
    "Store",
    "by_clipping",
    "by_relatives",
    "calls",
    "clip",
    "clipped",
    "compiled",
    "customary",
    "difference_of_probabilities",
    "ends",
    "expressions",
    "fresh",
    "functions_of",
    "fuse",
    "in_unit",
    "is_call",
    "keep",
    "last_reads",
    "named_expressions",
    "needed_entries",
    "quadratic_then_linear",
    "runs",
    "schedule",
    "share",
    "share_values",
]


@lru_cache(maxsize=256)
def schedule(loss: Loss, outputs: tuple[str, ...]) -> Program:
    """The program that computes ``outputs``: "value", "gradient", "hessian" or "hessian_vector_product"."""
    program = build(loss, outputs)
    # fusing may find that one more definition needs an array, and callers ask for the workspace
    fuse(program)
    return program


def compiled(program: Program) -> Block:
    """The loops of a program as compiled languages have them, with each subexpression computed once.

    Value and gradient may round once more than they need to, where that is faster; second derivatives have more
    roundings than there is room for already.
    """
    first = set(program.outputs) <= {"value", "gradient"}
    block = fuse(program)
    return share(by_clipping(by_relatives(block)) if first else block, program.names, reciprocals=first)
