"""Nobody else: what gives a colleague away is taken out of what a rep's brief says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sdrlib.errors import Problem
from sdrlib.publish.person import text_of
from sdrlib.records import Facts, SourceFile

HIDDEN = "…"
"""What stands where a colleague's id or name was."""

Names = re.Pattern[str] | None
PRIVATE_SETTINGS = frozenset({"rep", "data", "jobs"})
"""Settings that name people or a machine; a page has no use for them."""

People = Mapping[str, Mapping[Any, Any]]
"""rep_id -> that row of ``Counts.reps``."""


def names(people: People, rep: str) -> Names:
    """What gives a colleague away: ids, names and addresses of three letters and more, as whole words."""
    own = {text_of(people[rep].get(c)) for c in ("rep_id", "name", "team", "manager")}
    given = {text_of(row.get(c)) for row in people.values() for c in ("rep_id", "name", "email")} - own
    words = sorted((w for w in given if len(w) > 2), key=len, reverse=True)
    return (
        re.compile("|".join(rf"(?<![^\W_]){re.escape(w)}(?![^\W_])" for w in words), re.IGNORECASE) if words else None
    )


def hide(others: Names, said: object) -> str:
    """Without them."""
    return others.sub(HIDDEN, str(said)) if others else str(said)


def anonymous(facts: Facts, others: Names) -> Facts:
    """The run's facts without examples, and without a colleague's id or name wherever it may have slipped in."""

    clean = partial(hide, others)

    def cleaned(mapping: Mapping[str, Any]) -> dict[str, Any]:
        return {k: clean(v) if isinstance(v, str) else v for k, v in mapping.items()}

    return replace(
        facts,
        settings=cleaned({k: v for k, v in facts.settings.items() if k not in PRIVATE_SETTINGS}),
        files=tuple(SourceFile(clean(f.name), f.rows, f.sha256) for f in facts.files),
        versions=dict(facts.versions),
        problems=tuple(
            Problem(p.code, clean(p.table), p.column, p.rows, (), cleaned(p.values)) for p in facts.problems
        ),
        notes={language: tuple(clean(note) for note in notes) for language, notes in facts.notes.items()},
        missing=dict(facts.missing),
    )
