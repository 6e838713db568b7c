"""A source in parts that are compiled side by side."""

from __future__ import annotations

import os

import pytest

import symloss
from symloss.backends import c as c_backend
from symloss.runtime.units import units
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
