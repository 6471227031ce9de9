"""What a printer sets: spaces and apostrophes of each language, and the order of names."""

from __future__ import annotations

import re
import unicodedata

NARROW = "\u202f"
"""Narrow no-break space: French puts it before ``; : ! ? %`` and inside guillemets."""


def typeset(text: str, language: str) -> str:
    """The text with the apostrophes, and in French the no-break spaces, that a printer would set."""
    text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    if language != "fr":
        return text
    text = re.sub(r"[ \u00a0](?=[;:!?%»])", NARROW, text)
    return re.sub(r"(?<=«)[ \u00a0]?", NARROW, text)


def alphabetical(name: str) -> str:
    """What names are sorted by: accents and capitals do not change where one stands."""
    plain = unicodedata.normalize("NFKD", name)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()
