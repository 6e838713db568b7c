"""On AArch64: the generated C gives the same bits as here, fused or not, and compilers vectorise it there."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from elementary import KINDS, MIX, NAMES, program_of_bits

import symloss
from symloss.backends import c as c_backend
from symloss.runtime.units import cut

pytestmark = [pytest.mark.aarch64, pytest.mark.slow]

GCC, QEMU = "aarch64-linux-gnu-gcc", "qemu-aarch64"
HEADERS = "/usr/aarch64-linux-gnu/include"
FLAGS = "-std=c99 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math".split()
LOSSES = ("binary_cross_entropy_with_logits", "softmax_cross_entropy")


def wants(*tools: str) -> None:
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"there is no {' and no '.join(missing)} on this machine")


def said(folder, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


FUSED = pytest.mark.parametrize("fused", [0, 1], ids=["plain", "fused"])


def same_on_both(folder, fused: int, *sources: str) -> str:
    """What a program prints, which must be the same on both architectures; AArch64 is fused unless told otherwise."""
    wants("gcc", GCC, QEMU)
    chosen = f"-DSYMLOSS_FUSED={fused}"
    said(folder, "gcc", *FLAGS, "-march=native", chosen, *sources, "-o", "here", "-lm")
    said(folder, GCC, *FLAGS, "-static", *([] if fused else [chosen]), *sources, "-o", "there", "-lm")
    here, there = said(folder, "./here"), said(folder, QEMU, "./there")
    assert here == there
    return here


@FUSED
def test_elementary_functions_have_the_same_bits(fused, tmp_path):
    (tmp_path / "main.c").write_text(program_of_bits())
    assert len(set(same_on_both(tmp_path, fused, "main.c").split())) == 2 * len(NAMES) * len(KINDS)


@FUSED
@pytest.mark.parametrize("name", LOSSES)
def test_losses_have_the_same_bits(name, fused, tmp_path):
    written(name, tmp_path)
    rows = "C, " if "softmax" in name else ""
    parameters = "1, " if "binary" in name else ""
    main = f"""
#include <string.h>
#include "{name}.h"
{MIX}
enum {{ N = 3000, C = 10 }};

int main(void) {{
    static double logits[N * C], target[N * C], gradient[N * C], value[1];
    static float logits_f[N * C], target_f[N * C], gradient_f[N * C], value_f[1];
    for (size_t k = 0; k < N * C; ++k) {{
        logits_f[k] = (float)(logits[k] = uniform(-30.0, 30.0));
        target_f[k] = (float)(target[k] = uniform(0.0, 1.0));
    }}
    symloss_{name}_value_and_gradient_f64(N, {rows}logits, target, NULL, SYMLOSS_MEAN, {parameters}value, gradient);
    symloss_{name}_value_and_gradient_f32(N, {rows}logits_f, target_f, NULL, SYMLOSS_MEAN, {parameters}value_f,
                                          gradient_f);
    mix(value[0]);
    mix((double)value_f[0]);
    for (size_t k = 0; k < N * C; ++k) {{
        mix(gradient[k]);
        mix((double)gradient_f[k]);
    }}
    printf("%.17g %" PRIx64 "\\n", value[0], mixed);
    return 0;
}}
"""
    (tmp_path / "main.c").write_text(main)
    value = float(same_on_both(tmp_path, fused, "main.c", f"{name}.c").split()[0])
    assert 1 < value < 300


@FUSED
@pytest.mark.parametrize("compiler", [GCC, "clang"])
@pytest.mark.parametrize("name", LOSSES)
def test_compilers_vectorise(name, compiler, fused, tmp_path):
    """The divisions, of which each loop with a costly function has one, are those of two numbers at a time."""
    wants(compiler)
    target = ["--target=aarch64-linux-gnu", "-isystem", HEADERS] if compiler == "clang" else []
    written(name, tmp_path)
    chosen = [] if fused else ["-DSYMLOSS_FUSED=0"]
    said(tmp_path, compiler, *target, *FLAGS, *chosen, "-S", f"{name}.c", "-o", "out.s")
    text = (tmp_path / "out.s").read_text()
    bodies = re.findall(
        rf"^symloss_{name}_value_and_gradient_f64(?:_of_thread)?:(.*?)^\s*\.size",
        text,
        re.MULTILINE | re.DOTALL,
    )
    body = max(bodies, key=len)  # what each thread does may stand in the function itself
    assert re.search(r"\bfdiv\s+v\d+\.2d", body)
    assert len(re.findall(r"\bfmul\s+v\d+\.2d", body)) > len(re.findall(r"\bfmul\s+d\d+", body)) / 2
    if fused:
        alone = re.findall(r"\bfn?m(?:add|sub)\s+d\d+", body)
        assert len(re.findall(r"\bfml[as]\s+v\d+\.2d", body)) > len(alone) / 3 > 0
    else:
        assert not re.search(r"\bf(n?m(add|sub)|ml[as])\b", text), "multiplications and additions are fused"


def written(name: str, folder) -> None:
    """The loss with the functions that are called here, and no others, which take long to compile."""
    files = c_backend.render(symloss.get(name), "a test")
    called = [f"symloss_{name}_value_and_gradient_{real}" for real in ("f64", "f32")]
    head, kept = cut(name, files[".c"], called)
    (folder / f"{name}.h").write_text(files[".h"], encoding="utf-8")
    (folder / f"{name}.c").write_text("".join([head, *kept]), encoding="utf-8")
