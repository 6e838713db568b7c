"""BibTeX of the references: an entry for each, whose kind is read from the venue."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from symloss.losses.references import Reference
from symloss.present.prose import escape

__all__ = ["bibtex", "entry", "key"]

_PAGES = r"(?P<pages>\d+-\d+)"
_VOLUME = r"(?P<volume>\d+)"

VENUES = (
    ("misc", r"(?P<howpublished>arXiv preprint)"),
    (
        "inproceedings",
        r"(?P<booktitle>.*(?:Conference|Symposium|Workshop|Advances in Neural Information Processing Systems"
        r"|Medical Image Computing|Machine Learning in Medical Imaging|Proceedings).*?)"
        rf"(?:, (?P<series>Lecture Notes in Computer Science|PMLR)(?: {_VOLUME})?)?(?:, {_PAGES})?",
    ),
    ("article", rf"(?P<journal>.+) {_VOLUME}(?:\((?P<number>[\d-]+)\))?(?:, (?P<pages>\d+(?:-\d+)?))?"),
    ("incollection", rf"(?P<booktitle>.+), (?P<publisher>[^,]+), {_PAGES}"),
    ("book", r"(?P<publisher>[^,]+), (?P<edition>\w+) edition"),
    ("book", r"(?P<publisher>[^,]+)(?:, (?P<address>[^,]+))?"),
)
"""The kind of entry that a venue stands for, and the fields that its text holds: the first row that fits counts."""

_NAME = re.compile(r"(?P<first>.+) (?P<last>\S+) (?P<suffix>Jr\.|Sr\.|I{2,3})")
_ACCENT = re.compile(r"""\\([`'^~="uHvrc.])\{(\\?\w)\}|\\(ss|ae|AE|oe|OE|o|O|l|L|i)\{\}""")


def key(citation: str) -> str:
    """The key of a citation: ``Lin et al. 2017`` has ``LinEtAl2017``."""
    plain = unicodedata.normalize("NFKD", citation.replace("ß", "ss").replace("ø", "o").replace("ł", "l"))
    words = re.findall(r"\w+", plain.encode("ascii", "ignore").decode().replace(" and ", " "))
    return "".join(w if w[0].isupper() or w in ("van", "von", "de") else w.capitalize() for w in words)


def entry(citation: str, reference: Reference) -> str:
    """The entry of one reference.

    Raises
    ------
    ValueError
        Its venue fits no row of ``VENUES``.
    """
    kind, found = _venue(citation, reference.venue)
    fields = {
        "author": " and ".join(_author(name) for name in reference.authors.split(" and ")),
        "title": f"{{{_tex(reference.title)}}}",  # braces within the braces keep the capitals
        **{name: value if name == "pages" else _tex(value) for name, value in found.items()},
        "year": str(reference.year),
        **_identified(reference.doi),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@{kind}{{{key(citation)},\n{lines}}}\n"


def bibtex(references: Iterable[tuple[str, Reference]]) -> str:
    """The entries of many references, in alphabetical order of their citations."""
    ordered = sorted(dict(references).items(), key=lambda pair: (key(pair[0]).casefold(), pair[0]))
    return "\n".join(entry(citation, reference) for citation, reference in ordered)


def _venue(citation: str, venue: str) -> tuple[str, dict[str, str]]:
    for kind, pattern in VENUES:
        match = re.fullmatch(pattern, venue)
        if match:
            found = {name: value for name, value in match.groupdict().items() if value}
            if "pages" in found:
                found["pages"] = found["pages"].replace("-", "--")
            return kind, found
    raise ValueError(f"{citation}: the venue {venue!r} fits no row of symloss.present.bibtex.VENUES")


def _author(name: str) -> str:
    """A name as BibTeX takes it apart: a suffix such as Jr. stands between the last and the first names."""
    match = _NAME.fullmatch(name)
    return _tex("{last}, {suffix}, {first}".format(**match.groupdict()) if match else name)


def _identified(doi: str) -> dict[str, str]:
    if doi.startswith("arXiv:"):
        number = doi.removeprefix("arXiv:")
        return {"eprint": number, "archivePrefix": "arXiv", "url": f"https://arxiv.org/abs/{number}"}
    return {"doi": doi} if doi else {}


def _tex(text: str) -> str:
    """Text as BibTeX has it: an accented letter in braces of its own, which hold it together when names are sorted."""
    return _ACCENT.sub(lambda match: f"{{{match.group()}}}", escape(text))
