"""Replaces the parts of a document that are generated: what lies between <!-- name --> and <!-- end of name -->."""

import re
from collections.abc import Mapping


def replaced(text: str, parts: Mapping[str, str], document: str) -> str:
    """The text with its parts, by name, as given; ``document`` is what a message calls it."""
    for name, part in parts.items():
        between = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        text, count = between.subn(lambda m, part=part: m.group(1) + part + m.group(2), text)
        if count != 1:
            raise SystemExit(f"{document} has {count} places for the {name}, expected 1")
    return text
