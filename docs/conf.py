"""Sphinx reads this: the site of symloss. What it has in common with every site of losses is in symloss.present.site."""

from symloss.present.site import settings

globals().update(settings("symloss"))
html_title = "symloss"
exclude_patterns = ["_build"]
symloss_losses: list[str] = []  # the whole catalogue
