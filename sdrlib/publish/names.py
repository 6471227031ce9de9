"""File names for people: readable, safe on every system, and never another person's."""

from __future__ import annotations

import unicodedata
from hashlib import sha256

from sdrlib.records import Audience, Person

RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "clock", *(f"{port}{i}" for port in ("com", "lpt") for i in range(10))}
)
"""Names that Windows keeps for devices, whatever the suffix."""

LONGEST = 64


def file_stem(person: Person) -> str:
    """The stem of every file about a person.

    Example:
        >>> file_stem(Person("r7", "Zoé Martin", "", "", None))
        'zoe-martin-dbb7b2'
    """
    plain = unicodedata.normalize("NFKD", person.name).encode("ascii", "ignore").decode().lower()
    slug = "-".join("".join(c if c.isalnum() else " " for c in plain).split())[:LONGEST].strip("-")
    if not slug or slug in RESERVED:
        slug = f"rep-{slug}".rstrip("-")
    return f"{slug}-{sha256(person.rep_id.encode('utf-8', 'surrogatepass')).hexdigest()[:6]}"


def copy_stem(person: Person, audience: Audience) -> str:
    """The stem of one copy: the rep's bears the plain name, the manager's says that it is."""
    return file_stem(person) if audience == "rep" else f"{file_stem(person)}.{audience}"
