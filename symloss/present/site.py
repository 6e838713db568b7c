"""The site of loss pages: a Sphinx extension that writes the pages, the settings of such a site, and its build.

The pages are MyST Markdown, made from ``templates/pages``. A site needs no network: MathJax is copied from a package,
and everything else lies beside the templates.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from symloss.store import template_folder

__all__ = ["EXTENSIONS", "settings", "setup"]

EXTENSIONS = (
    "myst_parser",
    "sphinx.ext.mathjax",
    "sphinx_design",
    "sphinx_copybutton",
    "symloss.present.site",
)
MATHJAX = "mathjax/tex-svg.js"
"""One file that needs no fonts, which a browser might not load from a folder on disk."""


def settings(project: str) -> dict[str, Any]:
    """What the conf.py of a site of losses sets."""
    return {
        "project": project,
        "extensions": list(EXTENSIONS),
        "myst_enable_extensions": ["amsmath", "attrs_block", "colon_fence", "deflist", "dollarmath"],
        "myst_heading_anchors": 3,
        "html_theme": "furo",
        "html_static_path": [str(template_folder() / "pages" / "static")],
        "html_css_files": ["symloss.css"],
        "html_copy_source": False,
        "html_show_copyright": False,
        "html_show_sphinx": False,
        "mathjax_path": MATHJAX,
        "mathjax3_config": {"options": {"enableMenu": False}, "svg": {"fontCache": "global"}},
        "copybutton_prompt_text": r">>> |\.\.\. |\$ ",
        "copybutton_prompt_is_regexp": True,
        "pygments_style": "friendly",
        "pygments_dark_style": "monokai",
        "suppress_warnings": ["config.cache"],
    }


def setup(app: Any) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_config_value(
        "symloss_losses", [], "env", list, "names and files of losses; none: the whole catalogue"
    )
    app.connect("builder-inited", _write_pages)
    app.connect("build-finished", _copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _write_pages(app: Any) -> None:
    from symloss.commands.requested import requested
    from symloss.present.page import write_pages

    write_pages(requested(app.config.symloss_losses), Path(app.srcdir) / "losses")


def _copy_mathjax(app: Any, failed: Exception | None) -> None:
    if failed is None and app.builder.format == "html":
        from sphinx.util.fileutil import copy_asset

        spec = importlib.util.find_spec("sphinx-mathjax-offline")
        if spec is None or spec.origin is None:
            raise RuntimeError("the site needs sphinx-mathjax-offline: pip install 'symloss[docs]'")
        source = Path(spec.origin).parent / "static" / MATHJAX
        target = Path(app.outdir) / "_static" / MATHJAX
        target.parent.mkdir(parents=True, exist_ok=True)
        copy_asset(str(source), str(target.parent))
