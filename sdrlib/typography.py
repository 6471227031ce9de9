"""What a printer sets: spaces and apostrophes of each language, and the order of names."""

from __future__ import annotations

import re
import unicodedata

TURNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Embeddings, overrides and isolates of writing direction: nobody types them into a name, and they outlive it."""

NARROW = "\u202f"
"""Narrow no-break space: French puts it before ``; : ! ? %`` and inside guillemets."""


def typeset(text: str, language: str) -> str:
    """The text with the apostrophes, and in French the no-break spaces, that a printer would set."""
    text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    if language != "fr":
        return text
    text = re.sub(r"[ \u00a0](?=[;:!?%»])", NARROW, text)
    return re.sub(r"(?<=«)[ \u00a0]?", NARROW, text)


def upright(text: str) -> str:
    """The text without the invisible characters that turn the direction of what follows it.

    >>> upright("Zo\u202eé")
    'Zoé'
    """
    return text.translate(TURNING)


def alphabetical(name: str) -> str:
    """What names are sorted by: accents and capitals do not change where one stands."""
    plain = unicodedata.normalize("NFKD", name)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()
