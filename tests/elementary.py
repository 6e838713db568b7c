"""The elementary functions of generated C, by themselves, for the tests that look at them."""

from __future__ import annotations

import ctypes
import math
import subprocess
from collections.abc import Iterable
from pathlib import Path

from symloss.backends import environment
from symloss.backends.c_print import FORMATS, with_needs
from symloss.runtime.compiler import FLAGS

NAMES = ("exp", "exp_unit", "expm1", "expm1_unit", "log", "log1p", "log1p_unit", "log1p_quarter", "tanh")
ONLY = {
    "exp_unit": (-110.0, 0.0),
    "expm1_unit": (-110.0, 0.0),
    "log1p_unit": (0.0, 1.0),
    "log1p_quarter": (0.0, 0.25),
}
"""Of which numbers those are that are not for all."""

KINDS = {"": "double", "f": "float", "_f32": "double"}
"""What the names end in: functions of a double, of a float, and of a double for what becomes a float."""

EVERY_FLOAT = Path(__file__).resolve().parent / "benchmarks" / "every_float.c"

MIX = """
#include <inttypes.h>
#include <stdio.h>

static uint64_t state = UINT64_C(88172645463325252), mixed = UINT64_C(14695981039346656037);

static uint64_t draw(void) { /* Marsaglia's xorshift */
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static double uniform(double low, double high) {
    return low + (high - low) * ((double)(draw() >> 11) / 9007199254740992.0);
}

static void mix(double x) { /* a NaN has a sign that is nobody's business */
    uint64_t bits = 0;
    if (x == x) {
        memcpy(&bits, &x, sizeof bits);
    }
    mixed = (mixed ^ bits) * UINT64_C(1099511628211);
}
"""


ALL = frozenset(name + own for name in NAMES for own in KINDS) | {"sign", "signf", "powf"}


def support(names: Iterable[str] = ALL) -> str:
    """The functions, as they stand in generated code."""
    helpers = with_needs(set(names))
    module = environment().get_template("c/support.c.j2").module
    return f"#include <math.h>\n#include <stdint.h>\n#include <string.h>\n{module.support(helpers, FORMATS)}"


def loop(name: str, kind: str, call: str, count: str = "n") -> str:
    """A C function that calls one for each number of an array."""
    return (
        f"void {name}(size_t n, const {kind} *restrict x, {kind} *restrict y) {{\n    (void)n;\n"
        f"    for (size_t i = 0; i < {count}; ++i) y[i] = {call}(x[i]);\n}}\n"
    )


def program_of_bits() -> str:
    """A C program that prints what the bits of all functions come to, in loops that compilers vectorise."""
    lines = []
    loops = ""
    for name in NAMES:
        low, high = ONLY.get(name, (-110.0, 110.0))
        for own, kind in KINDS.items():
            loops += loop(f"all_{name}{own}", kind, f"symloss_{name}{own}")
            anywhere = "symloss_from_bitsf((uint32_t)draw())" if own == "f" else "symloss_from_bits(draw())"
            drawn = [f"({kind})uniform({low}, {high})", *([anywhere] if name not in ONLY else [])]
            for number in drawn:
                lines += [
                    f"    for (int k = 0; k < N; ++k) {kind}_x[k] = {number};",
                    f"    all_{name}{own}(N, {kind}_x, {kind}_y);",
                    f"    for (int k = 0; k < N; ++k) mix((double){kind}_y[k]);",
                ]
            lines.append(f'    printf("{name}{own} %" PRIx64 "\\n", mixed);')
    arrays = "".join(f"    static {kind} {kind}_x[N], {kind}_y[N];\n" for kind in ("double", "float"))
    main = "int main(void) {\n" + arrays + "\n".join(lines) + "\n    return 0;\n}\n"
    return f"#include <stddef.h>\n{support()}{MIX}{loops}enum {{ N = 20000 }};\n{main}"


def floats(compiler: Iterable[str], folder: Path, *flags: str) -> ctypes.CDLL:
    """A library with the own functions of a float, those of a double to compare with, and a search for the worst."""
    own = "".join(loop(f"own_{name}", "float", f"symloss_{name}f", "1024") for name in NAMES)
    other = "".join(loop(f"other_{name}", "double", name.split("_")[0], "1024") for name in NAMES)
    (folder / "own.c").write_text(f"#include <stddef.h>\n{support()}{own}", encoding="utf-8")
    (folder / "other.c").write_text(f"#include <math.h>\n#include <stddef.h>\n{other}", encoding="utf-8")
    sources = ["own.c", "other.c", str(EVERY_FLOAT)]
    subprocess.run([*compiler, *FLAGS, *flags, *sources, "-o", "floats.so", "-lm"], cwd=folder, check=True)
    library = ctypes.CDLL(str(folder / "floats.so"))
    library.worst.restype = ctypes.c_double
    return library


def worst(library: ctypes.CDLL, name: str, step: int) -> tuple[float, int]:
    """The largest error in ulp of a function of a float, and the bits of where it is, at one float in ``step``."""
    negative, one, quarter = 1 << 31, 0x3F800000, 0x3E800000
    ends = {"log1p_unit": (0, one), "log1p_quarter": (0, quarter)}.get(name, (0, (1 << 32) - 1))
    firsts = {"exp_unit": negative, "expm1_unit": negative + 1}  # which is 0 of -0
    first, last = (firsts[name], (1 << 32) - 1) if name in firsts else ends
    place = ctypes.c_uint32()
    bounds = [ctypes.c_uint64(number) for number in (first, last, step)]
    functions = [
        ctypes.cast(getattr(library, f"{kind}_{name}"), ctypes.c_void_p) for kind in ("own", "other")
    ]
    reach = ctypes.c_double(math.inf if "log" in name else 200)
    return library.worst(*functions, *bounds, reach, ctypes.byref(place)), place.value
