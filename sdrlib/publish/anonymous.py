"""Nobody else: what gives a colleague away is taken out of what a rep's brief says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any

from sdrlib.errors import Problem
from sdrlib.publish.person import text_of
from sdrlib.records import Facts, SourceFile

HIDDEN = "…"
"""What stands where a colleague's id or name was."""

Hide = Callable[[object], str]
"""What is said, without those it would give away."""

PRIVATE_SETTINGS = frozenset({"rep", "data", "jobs"})
"""Settings that name people or a machine; a page has no use for them."""

People = Mapping[str, Mapping[Any, Any]]
"""rep_id -> that row of ``Counts.reps``."""


class Names:
    """What gives somebody away: ids, names and addresses of three letters and more, as whole words.

    The same texts stand in many briefs: each is searched once for everybody.
    """

    def __init__(self, people: People) -> None:
        """Of a team."""
        self._people = people
        given = {text_of(row.get(c)) for row in people.values() for c in ("rep_id", "name", "email")}
        words = sorted((w for w in given if len(w) > 2), key=lambda word: (-len(word), word))
        self._patterns = {w: re.compile(rf"(?<![^\W_]){re.escape(w)}(?![^\W_])", re.IGNORECASE) for w in words}
        self._in = cache(self._words_in)

    def but_of(self, rep: str) -> Hide:
        """For a brief: everybody but the rep, and those whose page of the team it is, are hidden."""
        own = {text_of(self._people[rep].get(c)) for c in ("rep_id", "name", "team", "manager")}
        return partial(self._hidden, own)

    def _hidden(self, own: set[str], said: object) -> str:
        text = str(said)
        others = [self._patterns[word].pattern for word in self._in(text) if word not in own]
        return re.sub("|".join(others), HIDDEN, text, flags=re.IGNORECASE) if others else text

    def _words_in(self, text: str) -> list[str]:
        return [word for word, pattern in self._patterns.items() if pattern.search(text)]


def anonymous(facts: Facts, clean: Hide) -> Facts:
    """The run's facts without examples, and without a colleague's id or name wherever it may have slipped in."""

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
