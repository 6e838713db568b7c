"""The configuration of the site; what every site of losses has in common is in symloss.present.site."""

from symloss.present.site import settings

globals().update(settings("symloss"))
html_title = "symloss"
exclude_patterns = ["_build"]
symloss_losses: list[str] = []  # the whole catalogue

# the guides and the reference: the directive symloss, the public face, the command
extensions += ["symloss.sphinx", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinxarg.ext"]  # noqa: F821
autodoc_typehints = "none"
autodoc_member_order = "bysource"
