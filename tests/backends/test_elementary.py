"""The elementary functions that generated C brings along: how exact they are, what they say at the ends, their bits."""

from __future__ import annotations

import ctypes
import math
import os
import shutil
import subprocess

import mpmath
import numpy as np
import pytest
from elementary import KINDS, NAMES, floats, loop, program_of_bits, support, worst

from symloss.backends import environment
from symloss.runtime.compiler import FLAGS

ULP = {"log": 0.9, "log1p_quarter": 0.7, "tanh": 2.5}
ULP |= {name: 1.0 for name in NAMES if name not in ULP}
UNFUSED = {"expm1": 1.1}
"""The errors that the comments in the generated code name."""

WORST = {
    "exp": [(0.34, 0.38), (-0.36, -0.33)],
    "exp_unit": [(-0.36, -0.33), (-1.1, -1.0)],
    "expm1": [(0.3466, 0.375), (-0.36, -0.33)],
    "expm1_unit": [(-0.36, -0.33)],
    "log": [(0.7, 0.75), (1.38, 1.42)],
    "log1p": [(-0.3, -0.27), (0.4, 0.42)],
    "log1p_unit": [(0.26, 0.3), (0.4, 0.54)],
    "log1p_quarter": [(0.2, 0.25)],
    "tanh": [(0.48, 0.58), (5.5, 9)],
}
"""Where they are almost as large as that: where the reduced argument is, and the result is small besides."""

EXACT = {name: getattr(mpmath, name.split("_")[0]) for name in NAMES}


def points(name: str, count: int = 500) -> np.ndarray:
    """Numbers of every size, more of them where the function changes its way."""
    draw = np.random.default_rng([*name.encode()])
    tiny = 2.0 ** draw.uniform(-70, 0, count)
    unit = draw.uniform(0, 1, count)
    worst = np.concatenate([draw.uniform(*reach, 2 * count) for reach in WORST[name]])
    if name == "log1p_unit":
        return np.concatenate([tiny, unit, worst, [0.0, 1.0, 0.5, math.nextafter(0.5, 1)]])
    if name == "log1p_quarter":
        return np.concatenate([tiny[tiny <= 0.25], 0.25 * unit, worst, [0.0, 0.25]])
    if name in ("log", "log1p"):
        wide = 2.0 ** draw.uniform(-1000, 1000, count)
        near = draw.uniform(0.5, 3, count) if name == "log" else draw.uniform(-0.9, 3, count)
        ends = (
            [5e-324, 1e-310, 1e308]
            if name == "log"
            else [-1 + 2.0**-53, 1e308, 1.7e308, 5e-324, *-tiny[:500]]
        )
        return np.concatenate([tiny, wide, near, worst, ends])
    reach = 709.78
    if name in ("exp_unit", "expm1_unit"):
        least = [-5e-324] if name == "expm1_unit" else []  # of which it takes the half
        return np.concatenate([-tiny, -unit, draw.uniform(-745, 0, 2 * count), worst, least])
    wide, near = draw.uniform(-reach, reach, count), draw.uniform(-2, 2, count)
    return np.concatenate([tiny, -tiny, wide, near, worst])


@pytest.fixture(scope="module", params=[0, 1], ids=["plain", "fused"])
def fused(request):
    """Whether a product and a sum are rounded once; where the machine cannot, the C library does it."""
    return request.param


@pytest.fixture(scope="module")
def functions(fused, tmp_path_factory):
    """Each function of an array."""
    compiler = (os.environ.get("CC") or "cc").split()
    if shutil.which(compiler[0]) is None:
        pytest.skip(f"there is no {compiler[0]} on this machine")
    folder = tmp_path_factory.mktemp("elementary")
    loops = "".join(
        loop(f"all_{name}{own}", kind, f"symloss_{name}{own}")
        for name in NAMES
        for own, kind in KINDS.items()
    )
    loops += loop("all_sign", "double", "symloss_sign") + loop("all_signf", "float", "symloss_signf")
    for name, kind in (("pow_f32", "double"), ("powf", "float")):
        loops += (
            f"void all_{name}(size_t n, const {kind} *x, const {kind} *e, {kind} *y) {{\n"
            f"    for (size_t i = 0; i < n; ++i) y[i] = symloss_{name}(x[i], e[i]);\n}}\n"
        )
    (folder / "all.c").write_text(f"#include <stddef.h>\n{support()}\n{loops}")
    subprocess.run(
        [*compiler, *FLAGS, f"-DSYMLOSS_FUSED={fused}", "all.c", "-o", "all.so", "-lm"],
        cwd=folder,
        check=True,
    )
    library = ctypes.CDLL(str(folder / "all.so"))

    def call(name, *x):
        arrays = [np.array(one, np.float32 if name.endswith("f") else np.float64) for one in (*x, x[0])]
        pointers = [a.ctypes.data_as(ctypes.c_void_p) for a in arrays]
        getattr(library, f"all_{name}")(ctypes.c_size_t(arrays[0].size), *pointers)
        return arrays[-1]

    return call


def in_ulp(found: float, exact: mpmath.mpf) -> float:
    return float(abs(mpmath.mpf(found) - exact) / math.ulp(float(exact)))


@pytest.mark.parametrize("name", NAMES)
def test_error_is_what_the_comment_says(functions, fused, name):
    x = points(name)
    with mpmath.workprec(120):
        worst = max(in_ulp(y, EXACT[name](mpmath.mpf(p))) for p, y in zip(x, functions(name, x), strict=True))
    bound = ULP[name] if fused else UNFUSED.get(name, ULP[name])
    assert 0.65 * bound < worst <= bound


@pytest.mark.parametrize("name", NAMES)
def test_error_of_those_for_floats(functions, name):
    """Relative to what a float can tell apart: 2^-36 against 2^-24."""
    x = points(name)[::4]
    x = x[(x == 0) | (abs(x) > 1e-300)]
    if name in ("exp", "exp_unit"):
        x = x[(x > -708) & (x < 709.43)]
    found = functions(f"{name}_f32", x)
    with mpmath.workprec(200):
        exact = [EXACT[name](mpmath.mpf(p)) for p in x]
        worst = max(abs(mpmath.mpf(y) / e - 1) if e else abs(y) for y, e in zip(found, exact, strict=True))
    assert 2.0**-54 < worst <= 2.0**-36


def test_powers(functions):
    """Of floats: off by what the logarithm is, times the exponent."""
    draw = np.random.default_rng(0)
    x = np.concatenate([2.0 ** draw.uniform(-300, 300, 1000), draw.uniform(0, 2, 1000)])
    y = np.concatenate([draw.uniform(-2.3, 2.3, 1000), draw.uniform(0, 200, 1000)])
    found = functions("pow_f32", x, y)
    with mpmath.workprec(200):
        shares = []
        for a, b, p in zip(x, y, found, strict=True):
            exponent = mpmath.mpf(b) * mpmath.log(mpmath.mpf(a))
            error = abs(mpmath.mpf(p) / mpmath.exp(exponent) - 1) if exponent > -700 else 0
            shares.append(error / (1 + abs(exponent)))
    assert 2.0**-54 < max(shares) <= 2.0**-36
    near = (x > 0.01) & (x < 10) & (y < 30)
    x, y = x[near].astype(np.float32), y[near].astype(np.float32)
    exact = np.power(x.astype(np.float64), y)
    np.testing.assert_array_less(
        abs(functions("powf", x, y) - exact), 0.51 * np.spacing(exact.astype(np.float32))
    )
    pairs = [(-2.0, 3.0, -8.0), (-2.0, 2.0, 4.0), (-2.0, 0.5, math.nan), (0.0, 0.0, 1.0), (0.0, 2.0, 0.0)]
    pairs += [(0.0, -1.0, math.inf), (1.0, math.inf, 1.0), (0.5, math.inf, 0.0), (math.nan, 1.0, math.nan)]
    pairs += [(-3.0, -math.inf, 0.0), (math.inf, -1.0, 0.0), (-1.0, 1e30, 1.0), (-0.5, 3.0, -0.125)]
    a, b, wanted = zip(*pairs, strict=True)
    np.testing.assert_allclose(functions("pow_f32", a, b), wanted, rtol=1e-10)
    np.testing.assert_allclose(functions("powf", a, b), wanted, rtol=1e-7)


@pytest.mark.parametrize("own", KINDS)
def test_at_the_ends(functions, own):
    inf, nan = math.inf, math.nan
    expected = {
        "exp_unit": [(-inf, 0), (nan, nan), (0.0, 1), (-0.0, 1), (-1e30, 0)],
        "expm1_unit": [(-inf, -1), (nan, nan), (0.0, 0.0), (-0.0, 0.0), (-1e30, -1)],
        "exp": [(inf, inf), (-inf, 0), (nan, nan), (0.0, 1), (1e30, inf), (-1e30, 0), (709.79, inf)],
        "expm1": [(inf, inf), (-inf, -1), (nan, nan), (0.0, 0.0), (-0.0, -0.0), (709.79, inf), (-1e30, -1)],
        "log": [(inf, inf), (0.0, -inf), (-0.0, -inf), (-1.0, nan), (nan, nan), (1.0, 0.0)],
        "log1p": [(inf, inf), (-1.0, -inf), (-2.0, nan), (nan, nan), (0.0, 0.0), (-0.0, -0.0)],
        "log1p_unit": [(0.0, 0.0), (nan, nan)],
        "log1p_quarter": [(0.0, 0.0), (nan, nan)],
        "tanh": [(inf, 1), (-inf, -1), (nan, nan), (0.0, 0.0), (-0.0, -0.0)],
    }
    if own != "_f32":
        expected["sign"] = [
            (inf, 1),
            (-inf, -1),
            (nan, nan),
            (0.0, 0.0),
            (-0.0, -0.0),
            (1e-40, 1),
            (-3.0, -1),
        ]
    for name, pairs in expected.items():
        at, wanted = zip(*pairs, strict=True)
        found = functions(name + own, at)
        np.testing.assert_array_equal(found, wanted, err_msg=name)
        zeros = np.equal(wanted, 0)
        np.testing.assert_array_equal(np.signbit(found[zeros]), np.signbit(wanted)[zeros], err_msg=name)


def test_polynomials_are_fits():
    """The coefficients in the template are those of a Chebyshev fit, made here once more."""
    module = environment().get_template("c/elementary.c.j2").module

    def beyond_parabola(r):
        return (beyond_tangent(r) - mpmath.mpf(1) / 2) / r if abs(r) > 1e-20 else mpmath.mpf(1) / 6 + r / 24

    def beyond_tangent(r):
        return (mpmath.expm1(r) - r) / r**2 if abs(r) > 1e-20 else mpmath.mpf(1) / 2 + r / 6

    def beyond_itself(f):
        return (mpmath.log1p(f) - f) / f**2 if abs(f) > 1e-25 else f / 3 - mpmath.mpf(1) / 2

    def beyond_square(f):
        return (beyond_itself(f) + mpmath.mpf(1) / 2) / f if abs(f) > 1e-20 else mpmath.mpf(1) / 3 - f / 4

    def beyond_double(y):
        s = mpmath.sqrt(y)
        return (2 * mpmath.atanh(s) / s - 2) / y if y > 1e-30 else mpmath.mpf(2) / 3

    with mpmath.workprec(250):
        half, root = mpmath.log(2) / 2, mpmath.sqrt(2)
        reduced, unit = ((root - 1) / (root + 1)) ** 2, mpmath.mpf(1) / 25

        fits = {
            "EXP": (beyond_parabola, -half, half),
            "EXP_F32": (beyond_tangent, -half, half),
            "LOG": (beyond_double, 0, reduced),
            "LOG_UNIT": (beyond_double, 0, unit),
            "LOG1P_UNIT": (beyond_square, mpmath.mpf("-0.1908"), mpmath.mpf("0.2845")),
            "LOG1P_UNIT_F32": (beyond_itself, mpmath.mpf("-0.1908"), mpmath.mpf("0.2845")),
            "LOGF": (beyond_square, mpmath.sqrt(0.5) - 1, 0.5),
            "LOG_F32": (beyond_double, 0, unit),
        }
        for name, (function, low, high) in fits.items():
            kept = getattr(module, name)
            made = mpmath.chebyfit(function, [low, high], len(kept))
            if name.endswith("F"):
                assert same_floats(kept, made[::-1]), name
            else:
                assert kept == pytest.approx([float(c) for c in reversed(made)], rel=1e-14), name
        for name in ("EXPF", "EXPM1F"):
            kept = getattr(module, name)
            made = between_outer_nodes(beyond_parabola, half, len(kept))
            assert same_floats(kept, made), name


def same_floats(kept, made) -> bool:
    return [np.float32(c) for c in kept] == [np.float32(float(c)) for c in made]


def between_outer_nodes(function, half, count):
    """Coefficients of what is met at Chebyshev's nodes but the three next to 0, where r^3 makes errors small."""
    nodes = [half * mpmath.cos(mpmath.pi * (2 * k + 1) / (2 * (count + 3))) for k in range(count + 3)]
    outer = sorted(nodes, key=abs)[3:]
    powers = mpmath.matrix([[node**power for power in range(count)] for node in outer])
    return mpmath.lu_solve(powers, mpmath.matrix([function(node) for node in outer]))


@pytest.fixture(scope="module")
def float_functions(fused, tmp_path_factory):
    compiler = (os.environ.get("CC") or "cc").split()
    if shutil.which(compiler[0]) is None:
        pytest.skip(f"there is no {compiler[0]} on this machine")
    return floats(compiler, tmp_path_factory.mktemp("floats"), f"-DSYMLOSS_FUSED={fused}")


@pytest.mark.parametrize("name", NAMES)
def test_error_for_floats(float_functions, name):
    """At one float in 100,003; tests/benchmarks/elementary_functions.py --every-float takes them all."""
    error, bits = worst(float_functions, name, 100_003)
    assert 0.6 * ULP[name] < error <= ULP[name], np.uint32(bits).view(np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_error_for_more_floats(float_functions, name):
    """At one float in 1,009."""
    error, bits = worst(float_functions, name, 1009)
    assert error <= ULP[name], np.uint32(bits).view(np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("fused", [0, 1], ids=["plain", "fused"])
def test_bits_depend_on_the_switch_alone(fused, tmp_path):
    """Neither on the compiler nor on the length of vectors nor on how far it optimises."""
    (tmp_path / "main.c").write_text(program_of_bits())
    found = set()
    compilers = [name for name in ("cc", "gcc", "clang") if shutil.which(name)]
    if not compilers:
        pytest.skip("there is no cc, no gcc and no clang on this machine")
    for compiler in compilers:
        for flags in (["-march=native"], [], ["-O1"]):
            command = [
                compiler,
                *FLAGS[:-2],
                f"-DSYMLOSS_FUSED={fused}",
                *flags,
                "main.c",
                "-o",
                "main",
                "-lm",
            ]
            subprocess.run(command, cwd=tmp_path, check=True)
            found.add(subprocess.run(["./main"], cwd=tmp_path, check=True, capture_output=True).stdout)
    assert len(found) == 1
    assert len(found.pop().splitlines()) == len(NAMES) * len(KINDS)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [*(name + own for name in NAMES for own in KINDS), "sign", "signf", "pow_f32", "powf"]
)
def test_brings_what_it_needs_and_no_more(name, tmp_path):
    """A function compiles by itself, without a warning, and without a function that nobody calls."""
    compilers = [compiler for compiler in ("gcc", "clang") if shutil.which(compiler)]
    if not compilers:
        pytest.skip("there is no gcc and no clang on this machine")
    two = "x, x" if "pow" in name else "x"
    kind = "double" if not name.endswith("f") else "float"
    call = f"{kind} call({kind} x);\n{kind} call({kind} x) {{ return symloss_{name}({two}); }}\n"
    (tmp_path / "one.c").write_text(support({name}) + call)
    strict = "-std=c99 -Wall -Wextra -Wpedantic -Wconversion -Wdouble-promotion -Werror -fsyntax-only".split()
    for compiler in compilers:
        for fused in (0, 1):
            command = [compiler, *strict, f"-DSYMLOSS_FUSED={fused}", "one.c"]
            run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
            assert run.returncode == 0, run.stderr[-2000:]
