"""nbformat without the two seconds that the grammar of internationalised addresses takes."""

from __future__ import annotations

import sys

GRAMMAR = "rfc3987_syntax"
"""Built by jsonschema, when imported, to check the formats ``iri`` and ``iri-reference``, which no notebook has."""


def import_nbformat() -> None:
    """Import nbformat, with the grammar out of sight unless somebody has it already.

    jsonschema does without where the grammar is not installed; from then on it does in this process.
    """
    hidden = GRAMMAR not in sys.modules and "jsonschema" not in sys.modules
    if hidden:
        sys.modules[GRAMMAR] = None  # type: ignore[assignment]
    try:
        import nbformat  # noqa: F401
    finally:
        if hidden:
            del sys.modules[GRAMMAR]
