"""Where a person stands in what was published: files of their own, records in files about everybody, mentions."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sdrlib.publish.anonymous import HIDDEN
from sdrlib.publish.names import file_stem
from sdrlib.records import TEAM, Person

SHORT = 2
"""An id or a name of so few letters is found in fields only: as a word it would be found everywhere."""


PICTURE = re.compile(r"[A-Za-z0-9+/=\\n]{400,}")
"""A picture within a page or a notebook: among so many letters any short id is found somewhere."""


@dataclass(frozen=True)
class Sought:
    """A person as the files know them.

    Attributes:
        rep_id: The id.
        names: Every name that a brief gives them.
        others: Names that others bear too, and so are no trace of this person by themselves.
    """

    rep_id: str
    names: frozenset[str]
    others: frozenset[str] = frozenset()

    @property
    def pattern(self) -> re.Pattern[str] | None:
        """What gives the person away in a text: id and names as whole words; None where both are too short."""
        words = sorted({w for w in {self.rep_id, *self.names} - self.others if len(w) > SHORT}, key=len, reverse=True)
        told = (rf"(?<![^\W_]){re.escape(word)}(?![^\W_])" for word in words)
        return re.compile("|".join(told), re.IGNORECASE) if words else None

    def in_text(self, text: str) -> bool:
        """Whether a text names the person, or links to a file of theirs."""
        found, text = self.pattern, PICTURE.sub("", text)
        return bool(found and found.search(text)) or f"{mark(self.rep_id)}." in text

    def without(self, node: Any) -> Any:
        """A JSON tree without the person: records and keys of theirs are left out, mentions in sentences hidden."""
        if isinstance(node, dict):
            kept = {key: value for key, value in node.items() if not (self._is_key(key) or self._is_record(value))}
            return {key: self.without(value) for key, value in kept.items()}
        if isinstance(node, list):
            return [self.without(item) for item in node if not (self._is_record(item) or item == self.rep_id)]
        return self._hidden(node) if isinstance(node, str) else node

    def _hidden(self, text: str) -> str:
        found = self.pattern
        return found.sub(HIDDEN, text) if found else text

    def _is_key(self, key: str) -> bool:
        return key == self.rep_id or is_file_of(Path(key).name, self.rep_id)

    def _is_record(self, node: Any) -> bool:
        person = node.get("person") if isinstance(node, dict) else None
        whose = person if isinstance(person, dict) else node
        return isinstance(whose, dict) and whose.get("rep_id") == self.rep_id


def mark(rep_id: str) -> str:
    """The end of the stem of every file about a person."""
    return "-" + file_stem(Person(rep_id, "", "", "", None)).rpartition("-")[2]


def is_file_of(name: str, rep_id: str) -> bool:
    """Whether a file is about that person alone, by its name; the team's is ``TEAM``'s."""
    return f"{mark(rep_id)}." in name


def is_own(path: Path, sought: Sought) -> bool:
    """Whether a file is about the person alone: by its name, unless the brief of that name is another's."""
    stem = path.name.split(".")[0]
    return is_file_of(path.name, sought.rep_id) and whose(path.with_name(f"{stem}.json")) in (sought.rep_id, None)


def files_under(out: Path) -> Iterator[Path]:
    """Every file under a folder, sorted; no link is followed, and none is listed."""
    for folder, inner, names in os.walk(out, followlinks=False):
        inner.sort()
        yield from (path for name in sorted(names) if not (path := Path(folder, name)).is_symlink())


def seek(out: Path, rep_id: str, names: Iterable[str] = ()) -> Sought:
    """The person with all the names that briefs under a folder, or whoever asks, give them."""
    told: dict[bool, set[str]] = {True: {*names}, False: set()}
    for path in files_under(out):
        if path.suffix == ".json":
            for person in _people(read_json(path)):
                told[person.get("rep_id") == rep_id].add(str(person.get("name", "")))
    return Sought(rep_id, frozenset(told[True]), frozenset(told[False]))


def _people(brief: Any) -> Iterator[Mapping[str, Any]]:
    """Whom a brief is about; in the team's, everybody."""
    if not isinstance(brief, dict):
        return
    found = [brief.get("person"), *(m.get("person") for m in brief.get("members", ()) if isinstance(m, dict))]
    yield from (person for person in found if isinstance(person, dict) and person.get("rep_id") != TEAM)


def whose(path: Path) -> str | None:
    """Whom a brief is about, by id; None for any other file."""
    tree = read_json(path) if path.suffix == ".json" else None
    person = tree.get("person") if isinstance(tree, dict) else None
    return str(person.get("rep_id")) if isinstance(person, dict) else None


def read_json(path: Path) -> Any:
    """What a JSON file holds; None where it cannot be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
