"""Templates have no undefined names, no mathematics, and find their folder."""

import re

import jinja2
import jinja2.meta
import pytest

from symloss import backends
from symloss.backends import environment, template_folder
from symloss.losses import get

TEMPLATES = sorted(p.relative_to(template_folder()).as_posix() for p in template_folder().rglob("*.j2"))


def _environment(name):
    if name.startswith("latex/"):  # there braces belong to LaTeX
        return environment().overlay(
            block_start_string="<%", block_end_string="%>", variable_start_string="<<", variable_end_string=">>",
            comment_start_string="<#", comment_end_string="#>",
        )  # fmt: skip
    return environment()


def test_there_are_templates_for_each_target():
    assert {name.split("/")[0] for name in TEMPLATES} == {*backends.BACKENDS, "pages"}


def test_an_undefined_name_is_an_error():
    with pytest.raises(jinja2.UndefinedError):
        environment().from_string("{{ nothing_of_this_name }}").render()


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_name_of_a_template_is_given(name, monkeypatch):
    """What a template reads, and what it is given, is the same set."""
    if name in ("c/comment.j2", "c/elementary.c.j2", "c/support.c.j2", "javascript/support.mjs.j2"):
        pytest.skip("a macro: its names are its arguments")
    if name.startswith("pages/"):
        pytest.skip("tests/present/test_page.py: pages are no backend")
    given: dict[str, set[str]] = {}
    original = jinja2.Template.render

    def spy(self, *args, **kwargs):
        given[self.name] = set(dict(*args, **kwargs))
        return original(self, *args, **kwargs)

    monkeypatch.setattr(jinja2.Template, "render", spy)
    target = name.split("/")[0]
    backend, loss = backends.get(target), get("softmax_cross_entropy_with_class_index")
    backend.render(loss, "command")
    if hasattr(backend, "together"):
        backend.together([loss])
    source = (template_folder() / name).read_text(encoding="utf-8")
    asked = jinja2.meta.find_undeclared_variables(_environment(name).parse(source))
    assert asked <= given[name], "a name is never given"
    if target != "c":  # the header and the source share their data
        assert given[name] <= asked, "something is given that is never read"


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_mathematics_in_templates(name):
    if name == "c/elementary.c.j2":
        pytest.skip("the elementary functions themselves, which no loss has a part in")
    source = (template_folder() / name).read_text(encoding="utf-8")
    assert not re.search(r"\b(exp|log|sqrt|log1p|tanh)\(", source)
