"""The elementary functions of generated C, by themselves, for the tests that look at them."""

from __future__ import annotations

from symloss.backends import environment
from symloss.backends.c_print import FORMATS, with_needs

NAMES = ("exp", "exp_unit", "expm1", "log", "log1p", "log1p_unit", "tanh")


def support() -> str:
    """The functions, as they stand in generated code."""
    helpers = with_needs({name + own for name in NAMES for own in ("", "f", "_f32")} | {"signf", "powf"})
    module = environment().get_template("c/support.c.j2").module
    return f"#include <math.h>\n#include <stdint.h>\n#include <string.h>\n{module.support(helpers, FORMATS)}"
