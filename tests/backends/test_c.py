"""The generated C: it compiles clean everywhere, links into a program, and touches only what it is given."""

from __future__ import annotations

import hashlib
import math
import os
import platform
import re
import shutil
import subprocess
import sys
from functools import cache

import numpy as np
import pytest
from helpers import NAMES, axis_sizes, draw, losses, quick

import symloss
from symloss.backends import c as c_backend
from symloss.schedule import functions_of

CLEAN = "-Wall -Wextra -Wpedantic -Wconversion -Werror".split()
SANITIZE = "-std=c99 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all".split()
QUICK = ("huber", "softmax_cross_entropy_with_class_index", "info_nce")
"""Elementwise; rows with class indices, weights and an ignored one; a batch with a workspace."""

COMPILERS = [
    ("gcc", ["-std=c99"]),
    ("clang", ["-std=c99"]),
    ("g++", ["-x", "c++"]),
    ("clang++", ["-x", "c++"]),
]


@cache
def rendered(name: str) -> dict[str, str]:
    return c_backend.render(symloss.get(name), "a test")


def written(folder, *names: str):
    for name in names:
        for suffix, text in rendered(name).items():
            (folder / f"{name}{suffix}").write_text(text, encoding="utf-8")
    return folder


def run(*command, cwd) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout[-3000:]}{done.stderr[-6000:]}"
    return done.stdout


def wants(compiler: str) -> str:
    if shutil.which(compiler) is None:
        pytest.skip(f"there is no {compiler} on this machine")
    return compiler


@pytest.mark.parametrize(
    ("compiler", "flags"),
    quick(COMPILERS, COMPILERS[0]),
    ids=[c for c, _ in COMPILERS],
)
@pytest.mark.parametrize("name", quick(NAMES, *QUICK))
def test_compiles_clean(name, compiler, flags, tmp_path):
    written(tmp_path, name)
    if "c++" in flags:  # what C++ asks for beyond C, its front end asks for
        ways: tuple[tuple[str, ...], ...] = (("-fsyntax-only",),)
    else:
        ways = tuple(
            (level, "-c", "-o", "out.o") for level in (("-O0", "-O2") if name in QUICK else ("-O2",))
        )
    for way in ways:
        run(wants(compiler), *flags, *CLEAN, *way, f"{name}.c", cwd=tmp_path)


FAST = [("gcc", "-ffast-math"), ("gcc", "-Ofast"), ("clang", "-ffast-math"), ("clang", "-ffinite-math-only")]


@pytest.mark.parametrize(("compiler", "flag"), FAST, ids=[" ".join(way) for way in FAST])
def test_fast_math_is_refused(compiler, flag, tmp_path):
    """It would let through weights that are NaN, and give log cosh of 0.2 as 0."""
    written(tmp_path, "huber")
    with pytest.raises(AssertionError, match="compile this without -ffast-math"):
        run(wants(compiler), "-O2", flag, "-fsyntax-only", "huber.c", cwd=tmp_path)


@pytest.mark.skipif(
    platform.machine() != "x86_64", reason="the instructions are looked for as x86-64 writes them"
)
def test_compilers_fuse_nothing_by_themselves(tmp_path):
    """gcc would without -std=c99: the code tells it, for its own functions, and the bits are those of any machine."""
    written(tmp_path, "log_cosh")
    for compiler in ("gcc", "clang"):
        flags = "-O3 -march=haswell -DSYMLOSS_FUSED=0 -S log_cosh.c -o log_cosh.s".split()
        run(wants(compiler), *flags, cwd=tmp_path)
        assert not re.findall(r"vfn?m(?:add|sub)\w+", (tmp_path / "log_cosh.s").read_text()), compiler


def test_a_dirty_source_does_not_compile_clean(tmp_path):
    """The flags above do find something."""
    (tmp_path / "dirty.c").write_text("float f(double x);\nfloat f(double x) { return x; }\n")
    with pytest.raises(AssertionError, match=r"conversion"):
        run(wants("gcc"), "-std=c99", *CLEAN, "-c", "dirty.c", cwd=tmp_path)


PROGRAM = """
#include "huber.h"
#include "softmax_cross_entropy.h"
#include "huber.h"
#include <stdio.h>

int main(void) {
    const double prediction[3] = {0.5, 4.0, -1.0}, target[3] = {0.0, 1.0, -1.0};
    double value[1], gradient[3];
    if (symloss_huber_value_and_gradient_f64(3, prediction, target, NULL, SYMLOSS_SUM, 1.0, value, gradient)) {
        return 1;
    }
    printf("%.17g %.17g %.17g %.17g\\n", value[0], gradient[0], gradient[1], gradient[2]);
    const float logits[4] = {0.0f, 0.0f, 1000.0f, 0.0f}, labels[4] = {1.0f, 0.0f, 0.0f, 1.0f};
    float each[2], row[4];
    if (symloss_softmax_cross_entropy_value_and_gradient_f32(
            2, 2, logits, labels, NULL, SYMLOSS_NONE, each, row) != SYMLOSS_OK) {
        return 2;
    }
    printf("%.9g %.9g %.9g %.9g\\n", (double)each[0], (double)each[1], (double)row[0], (double)row[2]);
    return 0;
}
"""


@pytest.mark.parametrize(("compiler", "flags"), COMPILERS, ids=[c for c, _ in COMPILERS])
def test_a_program_of_two_losses(compiler, flags, tmp_path):
    names = ("huber", "softmax_cross_entropy")
    written(tmp_path, *names)
    (tmp_path / "main.c").write_text(PROGRAM)
    sources = ["main.c", *(f"{n}.c" for n in names)]
    run(wants(compiler), *flags, *CLEAN, *sources, "-o", "main", "-lm", cwd=tmp_path)
    first, second = (line.split() for line in run("./main", cwd=tmp_path).splitlines())
    assert [float(x) for x in first] == [0.5**2 / 2 + (3 - 0.5), 0.5, 1.0, 0.0]
    assert [float(x) for x in second] == pytest.approx([math.log(2), 1000, -0.5, 1.0], rel=1e-6)


def test_c_and_cpp_objects_link(tmp_path):
    """The losses compiled as C, the program as C++."""
    written(tmp_path, "huber", "softmax_cross_entropy")
    (tmp_path / "main.cpp").write_text(PROGRAM)
    for name in ("huber", "softmax_cross_entropy"):
        run(wants("gcc"), "-std=c99", "-c", f"{name}.c", "-o", f"{name}.o", cwd=tmp_path)
    run(wants("g++"), "main.cpp", "huber.o", "softmax_cross_entropy.o", "-o", "main", "-lm", cwd=tmp_path)
    assert run("./main", cwd=tmp_path).startswith("2.625 0.5 1 0")


@pytest.mark.parametrize("name", quick(NAMES, *QUICK))
def test_symbols(name, tmp_path):
    """Exported: symloss_<loss>_… alone; wanted: mathematics, and what any C compiler may call by itself."""
    written(tmp_path, name)
    run(wants("gcc"), "-std=c99", "-O0", "-c", f"{name}.c", "-o", "out.o", cwd=tmp_path)
    rows = [line.split()[-2:] for line in run("nm", "out.o", cwd=tmp_path).splitlines()]
    exported = {symbol for kind, symbol in rows if kind.isupper() and kind != "U"}
    wanted = {symbol for kind, symbol in rows if kind == "U"}
    loss = symloss.get(name)
    functions = {f.name for what in functions_of(loss) for f in c_backend.formats(loss, what)}
    assert functions <= exported
    assert all(re.fullmatch(rf"symloss_{name}_(.*_f(32|64)|workspace)", symbol) for symbol in exported), (
        exported
    )
    mathematics = "exp log sqrt pow tanh cosh sinh log1p expm1 hypot fabs copysign".split()
    assert wanted <= {m + ending for m in mathematics for ending in ("", "f")} | {
        "memcpy",
        "memset",
        "__stack_chk_fail",
    }, wanted


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_header_documents_itself(name):
    header = rendered(name)[".h"]
    for place, status in enumerate(["OK", "BAD_INDEX", "BAD_WEIGHT", "BAD_REDUCTION", "BAD_SIZE"]):
        assert f"SYMLOSS_{status} = {place}" in header
    loss = symloss.get(name)
    functions = [f for what in functions_of(loss) for f in c_backend.formats(loss, what)]
    arguments = {a.name for f in functions for a in f.arguments}
    said = re.findall(r"^ \* (\w+): ", header[header.index("extern") :], re.MULTILINE)
    assert sorted(arguments) == sorted(said)
    assert re.search(r"Regenerate with:[\s*]+a test", header) and 'extern "C"' in header


@pytest.mark.parametrize("name", quick(NAMES, *QUICK))
def test_lines_are_short(name):
    long = [line for text in rendered(name).values() for line in text.splitlines() if len(line) > 110]
    assert not long, long[0]


# --- with sanitizers: a program for each loss ---------------------------------------------------------------

SUPPORT = """
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *put(const void *from, size_t count, size_t size) {
    unsigned char *made = (unsigned char *)malloc(count * size);
    if (count > 0) {
        memcpy(made, from, count * size);
    }
    return made;
}

static unsigned char *blank(size_t count, size_t size) {
    unsigned char *made = (unsigned char *)malloc(count * size);
    memset(made, 0xA5, count * size);
    return made;
}

static int touched(const void *buffer, size_t count, size_t size) {
    const unsigned char *bytes = (const unsigned char *)buffer;
    for (size_t k = 0; k < count * size; ++k) {
        if (bytes[k] != 0xA5) {
            return 1;
        }
    }
    return 0;
}

static void fail(const char *what, int status) {
    fprintf(stderr, "%s: status %d\\n", what, status);
    exit(1);
}
"""


def number(x, type_: str) -> str:
    if type_ == "int64_t":
        return f"({int(x)}LL)" if int(x) != -(2**63) else "INT64_MIN"
    if math.isnan(x):
        return "NAN"
    if math.isinf(x):
        return "INFINITY" if x > 0 else "-INFINITY"
    return f"{float(x).hex()}{'f' if type_ == 'float' else ''}"


def listed(array, type_: str) -> str:
    flat = np.asarray(array).ravel().tolist()
    return f"(const {type_}[]){{{', '.join(number(x, type_) for x in flat) or '0'}}}"


def call(loss, f, case: dict) -> str:
    """One call in a block of its own, every buffer on the heap and exactly as large as it must be."""
    real = f.real.type
    sizes = case["sizes"]
    made, passed, outputs = [], [], []
    for a in f.arguments:
        name = a.name
        if a.role == "n":
            passed.append(str(case["n"]))
        elif a.role == "size":
            passed.append(str(sizes[name]))
        elif a.role == "reduction":
            passed.append(str(case["reduction"]))
        elif a.role == "parameter":
            passed.append(number(case["parameters"][name], a.type))
        elif a.role == "workspace":
            wanted = ", ".join(str(sizes[x]) for x in loss.axes)
            made.append(f"void *{name} = blank(symloss_{loss.name}_workspace({wanted}), sizeof(double));")
            passed.append(f"(double *){name}")
        elif a.role in ("value", "derivative"):
            if a.role == "value":
                count = case["n"] if case["reduction"] == 0 and loss.example != 0 else 1
            else:
                count = case["arrays"][a.wrt].size
            made.append(f"void *{name} = blank({count}, sizeof({real}));")
            outputs.append((name, count))
            passed.append(f"({real} *){name}")
        else:  # an input, a vector, a weight, a hyper-parameter with axes
            kind = "int64_t" if "int64_t" in a.type else real
            if name == "weight":
                array = case["weight"]
            elif name in case["arrays"]:
                array = case["arrays"][name]
            elif a.role == "vector parameter":
                array = case["parameters"][name]
            else:
                wrt = loss.differentiated[0] if name == "vector" else name.split("_", 1)[1]
                array = np.ones_like(case["arrays"][wrt])
            if array is None:
                passed.append("NULL")
                continue
            data = f"put({listed(array, kind)}, {np.size(array)}, sizeof({kind}))"
            made.append(f"void *{name} = {data};")
            passed.append(f"(const {kind} *){name}")
    lines = ["{", *made, f"int status = {f.name}({', '.join(passed)});"]
    lines.append(f'if (status != {case["status"]}) fail("{f.name}, {case["what"]}", status);')
    if case["status"] != 0:
        for name, count in outputs:
            lines.append(
                f'if (touched({name}, {count}, sizeof({real}))) fail("{f.name} wrote, {case["what"]}", 0);'
            )
    lines += [f"free({line.split(' *')[1].split(' =')[0]});" for line in made]
    return "\n    ".join([*lines, "}"])


def cases(loss):
    """Calls of a loss: usual, extreme, empty, and wrong ones with the status that they must return."""
    arrays, parameters = draw(loss, 1, n=3, off_default=True)
    usual = {
        "what": "usual", "n": 3, "sizes": axis_sizes(loss), "arrays": arrays, "parameters": parameters,
        "weight": None, "reduction": 1, "status": 0,
    }  # fmt: skip
    yield usual
    for extreme in (1e3, -1e3, 0.0, 1e300, math.nan, math.inf, -math.inf):
        changed = {k: a if a.dtype.kind in "iu" else np.full_like(a, extreme) for k, a in arrays.items()}
        if abs(extreme) == 1e300:  # beyond float
            changed = {k: a if a.dtype.kind in "iu" else np.full_like(a, 3e38) for k, a in arrays.items()}
        yield {**usual, "what": f"all {extreme}", "arrays": changed}
    if any(p.axes for p in loss.parameters):
        none = {p.name: None if p.axes else parameters[p.name] for p in loss.parameters}
        yield {**usual, "what": "vectors by default", "parameters": none}
    if loss.example == 0:
        empty, _ = draw(loss, 1, sizes=dict.fromkeys(loss.axes, 0))
        yield {**usual, "what": "empty", "sizes": dict.fromkeys(loss.axes, 0), "arrays": empty}
        return
    weight = np.array([0.5, 0.0, 2.0])
    for reduction in (0, 1, 2):
        yield {**usual, "what": f"weighted {reduction}", "reduction": reduction, "weight": weight}
    empty, _ = draw(loss, 1, n=0)
    for reduction in (0, 1, 2):
        for w in (None, np.zeros(0)):
            yield {**usual, "what": "empty", "n": 0, "arrays": empty, "reduction": reduction, "weight": w}
    for reduction in (-1, 3, 99):
        yield {**usual, "what": f"reduction {reduction}", "reduction": reduction, "status": 3}
    for bad in ([1, -1e-3, 1], [math.nan, 1, 1], [0, 0, 0], [1, math.inf, 1], [1, 1, -math.inf]):
        yield {**usual, "what": f"weight {bad}", "weight": np.array(bad, float), "status": 2}
    for one in loss.inputs:
        if one.type.classes:
            for bad in (-1, usual["sizes"][one.type.classes], 2**63 - 1, -(2**63)):
                index = arrays[one.name].copy()
                index.flat[-1] = bad
                yield {**usual, "what": f"index {bad}", "arrays": {**arrays, one.name: index}, "status": 1}
            sizes = {**usual["sizes"], one.type.classes: 0}
            none, vectors = draw(loss, 1, n=3, sizes={**sizes, one.type.classes: 1})
            none = {
                i.name: none[i.name].reshape(-1)[:0] if one.type.classes in i.axes else none[i.name]
                for i in loss.inputs
            }
            vectors = {p.name: np.zeros(0) if p.axes else vectors[p.name] for p in loss.parameters}
            yield {
                **usual,
                "what": "no classes",
                "sizes": sizes,
                "arrays": none,
                "parameters": vectors,
                "status": 4,
            }


def driver(name: str) -> str:
    loss = symloss.get(name)
    functions = [f for what in functions_of(loss) for f in c_backend.formats(loss, what)]
    blocks = [
        f"static void case_{k}(void) {call(loss, f, case)}"
        for k, (f, case) in enumerate((f, case) for f in functions for case in cases(loss))
    ]
    calls = "\n".join(f"    case_{k}();" for k in range(len(blocks)))
    body = "\n\n".join(blocks)
    return f'#include "{name}.h"\n{SUPPORT}\n{body}\n\nint main(void) {{\n{calls}\n    return 0;\n}}\n'


@pytest.mark.parametrize("name", quick(NAMES, "info_nce"))
def test_sanitized(name, tmp_path):
    written(tmp_path, name)
    (tmp_path / "main.c").write_text(driver(name))
    sanitized(name, tmp_path)
    run("./main", cwd=tmp_path)


def sanitized(name: str, folder) -> None:
    """The loss with sanitizers; the program, whose buffers they watch, without, which compiles faster."""
    run(wants("gcc"), "-std=c99", "-w", "-O0", "-c", "main.c", cwd=folder)
    run(wants("gcc"), *SANITIZE, "main.o", f"{name}.c", "-o", "main", "-lm", cwd=folder)


@pytest.mark.slow
def test_the_sanitizers_see_a_read_out_of_bounds(tmp_path):
    written(tmp_path, "huber")
    source = tmp_path / "huber.c"
    source.write_text(source.read_text().replace("i < block_stop; ++i", "i <= block_stop; ++i"))
    (tmp_path / "main.c").write_text(driver("huber"))
    sanitized("huber", tmp_path)
    with pytest.raises(AssertionError, match=r"heap-buffer-overflow"):
        run("./main", cwd=tmp_path)


@pytest.mark.slow
def test_the_driver_sees_a_wrong_status(tmp_path):
    written(tmp_path, "huber")
    source = tmp_path / "huber.c"
    source.write_text(
        source.read_text().replace("return SYMLOSS_BAD_REDUCTION", "value_never: return SYMLOSS_OK")
    )
    (tmp_path / "main.c").write_text(driver("huber"))
    sanitized("huber", tmp_path)
    with pytest.raises(AssertionError, match=r"reduction -1: status 0"):
        run("./main", cwd=tmp_path)


@pytest.mark.slow
def test_only_batch_losses_with_pairs_need_a_workspace():
    """No allocation, and where an array is needed the caller gives it."""
    needing = {name for name in NAMES if "_workspace(" in rendered(name)[".h"]}
    assert needing == {"info_nce"}
    assert all(
        "malloc" not in text and not re.search(r"static double \w+\s*[\[=;]", text)
        for n in losses()
        for text in [rendered(n)[".c"]]
    )


WORKSPACES = """
#include "info_nce.h"
#include <stdio.h>

int main(void) {
    const size_t most = SIZE_MAX / sizeof(double), root = (size_t)1 << (4 * sizeof(size_t));
    const size_t rows[] = {0, 1, 3, 1000, root / 8, root / 2, root, root + 1, most, SIZE_MAX};
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; ++k) {
        const size_t numbers = symloss_info_nce_workspace(rows[k], 1);
        printf("%.17g %.17g %.17g\\n", (double)rows[k], (double)numbers, (double)SIZE_MAX);
    }
    return 0;
}
"""


@pytest.mark.parametrize("bits", ["-m64", "-m32"])
def test_a_workspace_that_no_memory_has_is_not_a_small_one(bits, tmp_path):
    """A product of sizes may wrap round: 32,768 rows make 2^32 numbers, which a size of 32 bits holds as 0."""
    written(tmp_path, "info_nce")
    (tmp_path / "main.c").write_text(WORKSPACES)
    command = [wants("gcc"), bits, "-std=c99", "main.c", "info_nce.c", "-o", "main", "-lm"]
    built = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    if built.returncode != 0:
        pytest.skip(f"gcc has no C library for {bits} on this machine")
    for line in run("./main", cwd=tmp_path).splitlines():
        rows, numbers, most = map(float, line.split())
        assert numbers == (4 * rows**2 if 4 * rows**2 < most / 16 else most), line


@pytest.mark.slow
@pytest.mark.parametrize("name", ["focal_with_logits", "softmax_cross_entropy"])
def test_any_number_of_threads_gives_the_same_bits(name, monkeypatch, tmp_path):
    """With OpenMP and one, two or three threads, and without: parts depend on sizes alone."""
    loss = symloss.get(name)
    shape = (100_000, *(7 for _ in loss.axes))
    monkeypatch.setenv("SYMLOSS_CACHE", str(tmp_path))
    found = set()
    for compiler, threads in (("gcc", 1), ("gcc -fopenmp", 1), ("gcc -fopenmp", 2), ("gcc -fopenmp", 3)):
        program = (
            "import sys, numpy as np, symloss\n"
            f"rng = np.random.default_rng(0); shape = {shape}\n"
            "logits, target = rng.normal(0, 3, shape), rng.random(shape)\n"
            f"v, g = symloss.get({name!r}).load('c').value_and_gradient(logits, target)\n"
            "sys.stdout.buffer.write(np.float64(v).tobytes() + g.tobytes())\n"
        )
        environment = {**os.environ, "CC": compiler, "OMP_NUM_THREADS": str(threads)}
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        found.add(hashlib.sha256(done.stdout).hexdigest())
    assert len(found) == 1


TEAM = """
#include "huber.h"
#include <stdio.h>
#include <stdlib.h>

int main(int count, char **words) {
    enum { callers = 3 };
    const size_t n = count > 1 ? strtoul(words[1], NULL, 10) : 0;
    double *const numbers = malloc(2 * callers * n * sizeof(double));
    double value[callers], alone;
    int bad = numbers == NULL;
    for (size_t i = 0; i < callers * n; ++i) {
        numbers[i] = (double)(i % 977) / 100.0;
    }
#pragma omp parallel for num_threads(3)
    for (int k = 0; k < callers; ++k) {
        double *const prediction = numbers + (size_t)k * n;
        double *const gradient = numbers + (size_t)(callers + k) * n;
        const int status = symloss_huber_value_and_gradient_f64(
            n - (size_t)k, prediction, numbers, NULL, SYMLOSS_SUM, 1.0, &value[k], gradient);
#pragma omp atomic
        bad |= status;
    }
    for (int k = 0; k < callers; ++k) {
        double *const gradient = malloc(n * sizeof(double));
        bad |= symloss_huber_value_and_gradient_f64(
            n - (size_t)k, numbers + (size_t)k * n, numbers, NULL, SYMLOSS_SUM, 1.0, &alone, gradient);
        bad |= alone != value[k];
        for (size_t i = 0; i < n - (size_t)k; ++i) {
            bad |= gradient[i] != numbers[(size_t)(callers + k) * n + i];
        }
        free(gradient);
    }
    free(numbers);
    printf("%d\\n", bad);
    return 0;
}
"""


@pytest.mark.parametrize("n", [1000, 100_000])
def test_threads_of_a_caller_may_call_at_the_same_time(n, tmp_path):
    """A team around the call is the caller's: its threads must not share the examples of one call."""
    written(tmp_path, "huber")
    (tmp_path / "main.c").write_text(TEAM)
    flags = "-std=c99 -O1 -fopenmp".split()
    run(wants("gcc"), *flags, "huber.c", "main.c", "-o", "main", "-lm", cwd=tmp_path)
    assert run("./main", str(n), cwd=tmp_path).strip() == "0"


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", quick(["binary_cross_entropy_with_logits", "softmax_cross_entropy", "vae"], "vae")
)
def test_clang_fuses_nothing_by_itself(name, tmp_path):
    """Without a flag that forbids it clang would, where there are instructions for it; the code says so itself."""
    compiler = wants("clang")
    for suffix, text in c_backend.render(symloss.get(name), "a test").items():
        (tmp_path / f"{name}{suffix}").write_text(text, encoding="utf-8")
    machine = ["-mfma"] if platform.machine() == "x86_64" else []
    command = [compiler, "-std=c99", "-O2", *machine, "-DSYMLOSS_FUSED=0", "-S", f"{name}.c", "-o", "made.s"]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert not re.search(r"\bv?fn?m(add|sub|la|ls)", (tmp_path / "made.s").read_text())
