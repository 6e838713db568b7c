"""The configuration of the site; what every site of losses has in common is in symloss.present.site."""

from symloss.present.site import settings

globals().update(settings("symloss"))
html_title = "symloss"
exclude_patterns = ["_build"]
symloss_losses: list[str] = []  # the whole catalogue
symloss_certificates = "../generated/certificates"

# the guides and the reference: the directive symloss, the public face, the command
extensions += ["symloss.sphinx", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinxarg.ext"]  # noqa: F821
autodoc_typehints = "none"
autodoc_member_order = "bysource"
nitpick_ignore_regex = [("py:class", r"(?!symloss\b).*")]  # docstrings say what a parameter is in words


def setup(app):
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", _said, priority=400)  # before napoleon


def _said(app, what, name, obj, options, lines):
    """Our docstrings say of a parameter what it is, in words, where napoleon expects a type."""
    for place, line in reversed(list(enumerate(lines))):
        parameter, colon, words = line.partition(" : ")
        if colon and parameter.isidentifier():
            lines[place : place + 1] = [parameter, f"    {words}"]
