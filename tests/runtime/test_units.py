"""A source in parts that are compiled side by side."""

from __future__ import annotations

import os

import pytest

import symloss
from symloss.backends import c as c_backend
from symloss.runtime.units import cut, units
from symloss.schedule import functions_of


@pytest.mark.parametrize("name", ["huber", "info_nce", "softmax_cross_entropy"])
def test_a_source_in_parts_has_each_function_once(name, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    files = c_backend.render(symloss.get(name), "a test")
    functions = [
        f.name for what in functions_of(symloss.get(name)) for f in c_backend.formats(symloss.get(name), what)
    ]
    parts = units(name, files[".c"], functions)
    assert len(parts) == 3
    for function in functions:
        assert sum(f"int {function}(" in part for part in parts) == 1
        assert f"int {function}(" in "".join(units(name, files[".c"], [function]))


OWN = "static int symloss_one_f_of_thread(void)\n{\n    return 0;\n}\n"
F, G = (f"int symloss_one_{name}(void)\n{{\n    return 0;\n}}\n" for name in "fg")


def test_what_one_function_needs_alone_goes_with_it():
    shared = "#include <math.h>\nstatic double square(double x);\n"
    assert cut("one", shared + OWN + F + G, ["symloss_one_f"]) == (shared, [OWN + F])
    assert cut("one", shared + F + G, ["symloss_one_f", "symloss_one_g"]) == (shared, [F, G])


@pytest.mark.parametrize("between", ["static double cube(double x);\n", "#define TWO 2\n"])
def test_a_source_with_something_between_its_functions_stays_whole(between):
    source = F + between + G
    assert cut("one", source, ["symloss_one_f"]) is None
    assert units("one", source, ["symloss_one_f", "symloss_one_g"]) == [source]
