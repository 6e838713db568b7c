"""Which names a declaration may give: those that Python, C and the generated code leave free."""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING, Any

from symloss.functions import ELEMENTARY, INDEX_NAMES

if TYPE_CHECKING:
    from symloss.value import Loss

__all__ = ["LONGEST", "OWN_WORDS", "refused", "taken_by_code"]

LONGEST = 200
"""How many letters the name of a loss has at most: its files and functions have it in theirs."""

_C_WORDS = frozenset(
    "auto break case char const continue default do double else enum extern float for goto if inline int long "
    "register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while "
    "alignas alignof and and_eq asm bitand bitor bool catch class compl concept const_cast constexpr decltype "
    "delete dynamic_cast explicit export false friend mutable namespace new noexcept not not_eq nullptr operator "
    "or or_eq private protected public reinterpret_cast requires static_assert static_cast template this throw "
    "true try typeid typename using virtual wchar_t xor xor_eq main NULL NAN INFINITY HUGE_VAL errno typeof "
    "typeof_unqual thread_local char8_t char16_t char32_t co_await co_return co_yield consteval constinit".split()
)
OWN_WORDS = frozenset(
    "n at dtype part parts part_start part_stop part_totals block_start block_stop block_count lane "
    "lane_place next_count next_start lane_places line_values block_weight ones value_total value_terms "
    "divisor inverse_divisor example_weight example_scale example_value examples_value next scales "
    "block_scale weighed_scales streams waiting value_sums value_rest divisor_sums divisor_terms block_bad "
    "vector_block reduction value scale whole_value batch_value normalizer workspace vector symloss size_t "
    "int64_t uint64_t int32_t uint32_t uint16_t inf nan".split()
) | frozenset(  # of NumPy, beside those
    "call out block results tensors usual work np numpy i_range max float ValueError Arguments ClassIndexError "
    "Results chosen sum_along place_of_largest entry_of with_entry sum_of_others product_or_zero or_nan multiple "
    "rounded SINGLE check".split()
)
"""What functions of generated code call their own; a test holds the list against the code that is generated."""
_C_FUNCTIONS = frozenset(f.name for f in ELEMENTARY) | frozenset(
    "expm1 log1p log2 log10 pow sqrt fabs floor ceil erf erfc fmax fmin hypot isnan isfinite isinf lgamma tgamma "
    "printf malloc free abs".split()
)
_C_MACROS = re.compile(
    r"I|complex|imaginary|EOF|BUFSIZ|RAND_MAX|unix|linux|i386|math_errhandling|symloss_\w+|SYMLOSS_\w+|"
    r"(M|FP|FLT|DBL|LDBL|EXIT)_[A-Z0-9_]+|"
    r"(U?INT(\d+|MAX|PTR|_LEAST\d+|_FAST\d+)?|SIZE|PTRDIFF|WCHAR|WINT|SIG_ATOMIC|[SU]?CHAR|U?SHRT|U?LONG|U?LLONG)_"
    r"(MAX|MIN|WIDTH|BIT|C)"
)
"""What a header that stands in front of a generated one, or a compiler, may have given another meaning; and what
begins as symloss's own names do. The name of a loss never stands alone in C."""


def refused(name: Any, what: str) -> str:
    """Why a declaration cannot give a name to ``what``, such as "an argument"; empty where it can."""
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        return "use ASCII letters, digits and _, a letter first"
    of_loss = what == "a loss"
    if of_loss and len(name) > LONGEST:
        return f"it has {len(name)} letters, at most {LONGEST} can be"
    if "__" in name or name.endswith("_"):
        return "no double or final underscore, please"
    if keyword.iskeyword(name) or (keyword.issoftkeyword(name) and name != "type") or name in _C_WORDS:
        return "it is a keyword of Python or C; choose another name"
    if name in OWN_WORDS or name in _C_FUNCTIONS:
        return "generated code uses it; choose another name"
    if not of_loss and _C_MACROS.fullmatch(name):
        return "C or symloss has a macro of such a name; choose another name"
    if not of_loss and name in INDEX_NAMES:
        return f"it names an index, as do {', '.join(sorted(INDEX_NAMES))}"
    return ""


_KEPT_AS = ("array", "block", "terms", "of", "last")
_ACCUMULATED_AS = ("sums", "rests", "total", "totals", "rest", "value", "best", "at", "term", "better")
_DEFAULTED_AS = ("entries", "default", "step")
"""What generated C puts behind the name of a value that goes through a buffer, of one that a loop finds, and of a
vector of hyper-parameters."""
_NUMBERED = re.compile(rf"\w+_\d+_({'|'.join((*_KEPT_AS, *_ACCUMULATED_AS))})")
"""Those of values that have no name of their own."""


def taken_by_code(declared: Loss) -> list[str]:
    """The names of a loss that generated code gives to an output or an array of its own."""
    outputs = {
        f"{stem}_{i.name}" for i in declared.inputs for stem in ("gradient", "hessian", "product", "vector")
    }
    kept = {*declared.definitions, *outputs, *(i.name for i in declared.inputs)}
    vectors = [p.name for p in declared.parameters if p.axes]
    own = outputs | {f"{name}_{end}" for name in kept for end in _KEPT_AS}
    own |= {f"{name}_{end}" for name in declared.definitions for end in _ACCUMULATED_AS}
    own |= {f"{name}_{end}" for name in vectors for end in _DEFAULTED_AS}
    given = (*(a.name for a in (*declared.inputs, *declared.parameters)), *declared.definitions)
    return [name for name in given if name in own or _NUMBERED.fullmatch(name)]
