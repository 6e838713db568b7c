"""The site of loss pages: a Sphinx extension that writes the pages, the settings of such a site, and its build.

The pages are MyST Markdown, made from ``templates/pages``. A site needs no network: MathJax is copied from a package,
and everything else lies beside the templates.
"""

from __future__ import annotations

import html
import importlib.util
import io
import os
import shutil
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from symloss.store import kept, recalled, template_folder, written
from symloss.workers import each

__all__ = ["EXTENSIONS", "build", "settings", "setup", "write_pages"]

EXTENSIONS = (
    "myst_parser",
    "sphinx.ext.mathjax",
    "sphinx_design",
    "sphinx_copybutton",
    "symloss.present.site",
)
NEEDED = (
    "sphinx",
    "furo",
    "myst_parser",
    "sphinx_design",
    "sphinx_copybutton",
    "matplotlib",
    "sphinx-mathjax-offline",
)
MARK = ".symloss-docs"
"""A file that tells a folder with a site made before."""
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
        "html_js_files": ["try_it.js", "sortable.js"],
        "html_copy_source": False,
        "html_show_copyright": False,
        "html_show_sphinx": False,
        "mathjax_path": MATHJAX,
        "mathjax3_config": {"options": {"enableMenu": False}, "svg": {"fontCache": "global", "scale": 0.95}},
        "copybutton_prompt_text": r">>> |\.\.\. |\$ ",
        "copybutton_prompt_is_regexp": True,
        "pygments_style": "friendly",
        "suppress_warnings": ["config.cache"],
    }


def build(what: Sequence[str], out: Path, title: str, certificates: Path) -> Path:
    """Build a site of the losses that words on the command line stand for; its first page.

    Nothing is left in ``out`` when it fails, and what lay there before is replaced.

    Raises
    ------
    RuntimeError
        Where what the site is built with is not installed, or Sphinx finds fault with a page.
    FileExistsError
        Where ``out`` is something else than an empty folder or a site made before.
    """
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise RuntimeError(f"docs needs {', '.join(missing)}: pip install 'symloss[docs]'")
    if out.exists() and not (out.is_dir() and ((out / MARK).is_file() or not any(out.iterdir()))):
        raise FileExistsError(
            f"{out} is there already and was not made by symloss docs; choose another folder"
        )
    from sphinx.application import Sphinx
    from sphinx.errors import SphinxError

    from symloss.backends import environment
    from symloss.present.page import markdown

    title = " ".join(title.split())
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = tempfile.TemporaryDirectory(prefix=".symloss-docs-", dir=out.parent)
    except OSError as error:
        raise OSError(f"cannot write to the folder {out.parent}: {error.strerror}") from error
    with beside as scratch:
        source, made = Path(scratch) / "source", Path(scratch) / "made"
        source.mkdir()
        text = environment().get_template("pages/site.md.j2").render(title=markdown(title) or "Losses")
        (source / "index.md").write_text(text, encoding="utf-8")
        overrides = settings(title) | {
            "html_title": html.escape(title),
            "symloss_losses": [str(Path(w).resolve()) if w.endswith(".py") else w for w in what],
            "symloss_certificates": str(certificates.resolve()),
        }
        said = io.StringIO()
        try:
            app = Sphinx(
                srcdir=source,
                confdir=None,
                outdir=made,
                doctreedir=Path(scratch) / "doctrees",
                buildername="html",
                confoverrides=overrides,
                status=None,
                warning=said,
                parallel=os.cpu_count() or 1,
            )
            app.build()
        except SphinxError as error:
            raise RuntimeError(
                f"the site could not be built: {getattr(error, 'orig_exc', None) or error}"
            ) from error
        if app.statuscode or said.getvalue():
            raise RuntimeError(f"the site could not be built:\n{said.getvalue()}")
        (made / MARK).touch()
        if out.exists():
            shutil.rmtree(out)
        made.rename(out)
    return out / "index.html"


def setup(app: Any) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_config_value("symloss_losses", [], "env", list, "names and files of losses; none: the catalogue")
    app.add_config_value("symloss_certificates", "certificates", "env", str, "where certificates lie")
    app.connect("builder-inited", _write_pages)
    app.connect("build-finished", _copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _write_pages(app: Any) -> None:
    from symloss.request import requested

    source = Path(app.srcdir)
    certificates = source / app.config.symloss_certificates
    write_pages(requested(app.config.symloss_losses), source / "losses", certificates)


def write_pages(requests: Sequence[Any], folder: Path, certificates: Path) -> None:
    """Write a page for each loss, and an index of them; pages of other losses that lie in the folder go.

    A page that did not change is not touched, so that Sphinx reads only what did.
    """
    from symloss.backends import environment
    from symloss.present.page import Neighbour, markdown

    losses = [request.loss() for request in requests]
    neighbours = tuple(Neighbour(loss.name, loss.task, loss.summary) for loss in losses)
    work = [(request, neighbours, certificates) for request in requests]
    found = [recalled(_words(*one)) for one in work]
    made = iter(each(_page, [one for one, text in zip(work, found, strict=True) if text is None]))
    texts = {
        f"{loss.name}.md": next(made) if text is None else text
        for loss, text in zip(losses, found, strict=True)
    }
    tasks: dict[str, list[tuple[str, str]]] = {}
    for loss in losses:
        tasks.setdefault(loss.task.replace("_", " "), []).append((loss.name, markdown(loss.summary)))
    texts["index.md"] = environment().get_template("pages/index.md.j2").render(tasks=tasks)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.md"):
        if old.name not in texts:
            old.unlink()
    for name, text in texts.items():
        path, data = folder / name, text.encode("utf-8")
        if not path.is_file() or path.read_bytes() != data:
            written(path, data)


def _words(request: Any, neighbours: Sequence[Any], certificates: Path) -> tuple[str, ...] | None:
    """What the cache knows a page by."""
    known = request.words(certificates)
    if known is None:
        return None
    return "page", *known, request.command(""), repr(neighbours), version("matplotlib")


def _page(work: tuple[Any, Sequence[Any], Path]) -> str:
    from symloss.present.page import page

    return kept(_words(*work), lambda: page(*work))


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
