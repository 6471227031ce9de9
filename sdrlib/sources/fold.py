"""How headers and labels are compared: by what a reader sees, not by their bytes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches


def fold_header(text: str) -> str:
    """Reduce a header to plain words: exports differ in case, accents, quotes and emoji from month to month."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.split(r"[\W_]+", bare.casefold())).strip() or text.strip()


def fold_label(text: str) -> str:
    """Reduce a picklist label: case and spacing do not matter, accents and punctuation do."""
    return re.sub(r"[\s_-]+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()


def closest(word: str, known: Iterable[str]) -> str:
    """The known word that was most likely meant; empty when none is near."""
    by_fold = {fold_header(k): k for k in known}
    found = get_close_matches(fold_header(word), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else ""
