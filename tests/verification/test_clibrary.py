"""C functions by their prototype."""

import shutil
import subprocess

import numpy as np
import pytest

import symloss
from symloss.verification.clibrary import c_function

SOURCE = """
#include <math.h>
#include <stddef.h>
void huber_gradient(size_t n, const double *prediction, const double *target, double delta, double *gradient) {
    for (size_t i = 0; i < n; i++) {
        double r = prediction[i] - target[i];
        gradient[i] = fabs(r) <= delta ? r : copysign(delta, r);
    }
}
int wrong(int n, const double pred[], const double y[], double d, double *value, double *grad) {
    *value = 0;
    for (int i = 0; i < n; i++) {
        double r = pred[i] - y[i];
        *value += fabs(r) <= d ? r * r / 2 : d * (fabs(r) - d / 2);
        grad[i] = fabs(r) <= d ? r : (r > 0 ? 1 : -1);
    }
    return 0;
}
void single(size_t n, const float *prediction, const float *target, float *gradient) {
    for (size_t i = 0; i < n; i++) gradient[i] = 2 * (prediction[i] - target[i]);
}
"""
HUBER = "void huber_gradient(size_t n, const double *prediction, const double *target, double delta, double *gradient)"
WRONG = "int wrong(int n, const double pred[], const double y[], double d, double *value, double *grad)"


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("needs a C compiler")
    folder = tmp_path_factory.mktemp("c")
    source, built = folder / "losses.c", folder / "liblosses.so"
    source.write_text(SOURCE)
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", str(source), "-o", str(built), "-lm"], check=True)
    return built


def test_it_is_called_with_arrays(library):
    gradient = c_function(library, HUBER)
    assert gradient(np.array([3.0, 0.5]), np.zeros(2), 1.0).tolist() == [1, 0.5]


@pytest.mark.slow
def test_a_right_one_is_right(library):
    assert symloss.verify(c_function(library, HUBER), "huber")


@pytest.mark.slow
def test_a_wrong_one_is_told_what_is_wrong(library):
    report = symloss.verify(c_function(library, WRONG), "huber")
    assert report.findings[0].kind == "ignored-parameter", str(report)


@pytest.mark.slow
def test_single_precision_is_judged_as_such(library):
    prototype = "void single(size_t n, const float *prediction, const float *target, float *gradient)"
    report = symloss.verify(c_function(library, prototype), "mean_squared_error")
    assert report and report.stable


@pytest.mark.parametrize(
    ("prototype", "words"),
    [
        ("nonsense", "a prototype is wanted"),
        ("void huber_gradient(wide n, const double *x, double *g)", "the type 'wide'"),
        ("void huber_gradient(size_t n, double *g)", "no input"),
        ("void huber_gradient(size_t n, const double *x)", "no output"),
        ("void missing(size_t n, const double *x, double *g)", "no function 'missing'"),
        ("void huber_gradient(size_t, const double *x, double *g)", "the argument 'size_t' has no name"),
        (
            "void huber_gradient(size_t n, const double *, double *g)",
            r"the argument 'const double \*' has no name",
        ),
    ],
)
def test_a_prototype_that_cannot_be_used_is_refused(library, prototype, words):
    with pytest.raises(ValueError, match=words):
        c_function(library, prototype)


def test_a_library_that_is_none_is_refused(tmp_path):
    (tmp_path / "no.so").write_text("no")
    with pytest.raises(ValueError, match="shared library"):
        c_function(tmp_path / "no.so", HUBER)
    (tmp_path / "source.c").write_text("int x;")
    with pytest.raises(
        ValueError, match=r"it is source: compile it first \(cc -shared -fPIC -o source.so source.c\)"
    ):
        c_function(tmp_path / "source.c", HUBER)
    with pytest.raises(ValueError, match=r"nowhere.so: there is no such file"):
        c_function(tmp_path / "nowhere.so", HUBER)
