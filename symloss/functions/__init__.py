"""The primitives that SymPy lacks: smooth functions and reductions over an axis, with their definitions.

Everything here is a SymPy expression. A *binder* (a reduction or a softmax) carries a bound index. Its name is
canonical: a binder is numbered by the binders nested inside it, so two reductions that differ only in the name
of their index are the same expression, and sharing subexpressions is syntactic equality.

Rewrite below a binder with :func:`rebuild` only; it opens each binder with a fresh index. SymPy's own ``subs``
and ``xreplace`` know nothing of bound indices, and are safe only for replacements that contain no binder.
"""

from symloss.functions.comparisons import compared
from symloss.functions.elementary import ELEMENTARY
from symloss.functions.indices import INDEX_NAMES, Index, bound_index, free_index, size_symbol
from symloss.functions.over_axes import (
    ArgMax,
    AxisMax,
    Binder,
    LogSoftmax,
    LogSumExp,
    Norm,
    OtherSoftmax,
    Partial,
    Softmax,
    Sum,
    at_index,
    binders,
    depth,
    length,
    name_of,
    names_in,
    open_binder,
    rebuild,
    subexpressions,
)
from symloss.functions.pointwise import (
    Cases,
    expm1,
    group,
    log1p,
    maximum,
    nan_where,
    ratio,
    sigmoid,
    softplus,
    two_values,
    xlogy,
)

__all__ = [
    "ELEMENTARY",
    "INDEX_NAMES",
    "ArgMax",
    "AxisMax",
    "Binder",
    "Cases",
    "Index",
    "LogSoftmax",
    "LogSumExp",
    "Norm",
    "OtherSoftmax",
    "Partial",
    "Softmax",
    "Sum",
    "at_index",
    "binders",
    "bound_index",
    "compared",
    "depth",
    "expm1",
    "free_index",
    "group",
    "length",
    "log1p",
    "maximum",
    "name_of",
    "names_in",
    "nan_where",
    "open_binder",
    "ratio",
    "rebuild",
    "sigmoid",
    "size_symbol",
    "softplus",
    "subexpressions",
    "two_values",
    "xlogy",
]
