"""Who is who: one person under several ids, mails and spellings, in one tool or in several, becomes one rep."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from sdrlib import knowledge
from sdrlib.errors import Problem
from sdrlib.sources.fold import fold_header

REFERENCES = ("rep_id", "owner_id", "host_id")
"""Columns of the canonical tables that name a person."""


@dataclass
class Human:
    """A person as all sources together know them.

    Attributes:
        facts: Columns of ``reps``; what nobody says is absent.
        names: Tool -> what the person is called there: its ids, or what ``people.csv`` says.
        is_settled: A person wrote the role down: no mapping overrules it.
    """

    facts: dict[str, Any]
    names: dict[str, set[str]] = field(default_factory=dict)
    is_settled: bool = False

    @property
    def mail(self) -> str:
        """Mail, so that two spellings of it are equal."""
        return str(self.facts.get("email") or "").strip().casefold()

    @property
    def name(self) -> str:
        """Name without case and accents."""
        return fold_header(str(self.facts.get("name") or ""))


class Register:
    """Everybody known so far. Those of ``people.csv`` come first, then each tool's in the order they were named."""

    def __init__(self, tools: Sequence[str], listed: Iterable[Mapping[str, str]] = ()) -> None:
        """Start with the rows of ``people.csv``: columns of ``reps``, and one per tool."""
        columns = knowledge.read("contract")["tables"]["reps"]["columns"]
        self.tools, self.humans, self.doubtful = tuple(tools), list[Human](), list[tuple[str, str]]()
        for row in listed:
            facts = {c: v for c, v in row.items() if c in columns and v}
            facts.setdefault("rep_id", facts.get("email") or facts.get("name") or "")
            names = {tool: {row[tool]} for tool in tools if row.get(tool)}
            self.doubtful += [(tool, row[tool]) for tool in names if self._is_claimed(tool, row[tool])]
            self.humans.append(Human(facts, names, is_settled="role" in facts))
        self.has_list = bool(self.humans)

    def meet(self, tool: str, facts: Mapping[str, Any]) -> None:
        """A person of a tool's list: somebody known already, or somebody new."""
        own = str(facts["rep_id"])
        human = self._known(tool, own, Human(dict(facts)))
        if human is None:
            taken = any(h.facts["rep_id"] == own for h in self.humans)  # two tools number their people from 1
            human = Human({**facts, "rep_id": f"{tool}:{own}" if taken else own})
            self.humans.append(human)
        for column, value in facts.items():
            if column == "role" and not human.is_settled:
                human.facts[column] = _first_role(human.facts.get(column), value)
            elif human.facts.get(column) in (None, ""):
                human.facts[column] = value
        human.names.setdefault(tool, set()).add(own)

    def rep_id(self, tool: str, own: str) -> str:
        """The id under which somebody is known to all, from what a tool calls them; unchanged when nobody is."""
        stranger = Human({"rep_id": own, "email": own if "@" in own else "", "name": own})
        human = self._known(tool, own, stranger)
        return str(human.facts["rep_id"]) if human else own

    def problems(self) -> Iterator[Problem]:
        """Who could be two people, and who is missing in one of several tools, each with the line to add."""
        if self.doubtful:
            shown = tuple(f"{tool}: {own}" for tool, own in dict.fromkeys(self.doubtful))
            yield Problem("doubtful-person", "reps", "name", len(shown), shown[:5], {"line": self._header(self.tools)})
        naming = [tool for tool in self.tools if any(tool in h.names for h in self.humans)]  # a mailer names nobody
        absent = [h for h in self.humans if len(naming) > 1 and not {*naming} <= h.names.keys()]
        if absent:
            lines = [self._header(naming), *(self._line(human, naming) for human in absent[:20])]
            shown = tuple(f"{h.facts.get('name')} ({', '.join(h.names) or 'people.csv'})" for h in absent[:5])
            yield Problem("unmatched-person", "reps", "", len(absent), shown, {"line": "\n".join(lines)})

    def _known(self, tool: str, own: str, given: Human) -> Human | None:
        """By the tool's own id, then what ``people.csv`` calls them there, then mail, then exactly one such name."""
        for human in self.humans:
            if own in human.names.get(tool, ()):
                return human
        called = {own.strip().casefold(), given.mail, given.name} - {""}
        for human in self.humans:
            if called & {form for n in human.names.get(tool, ()) for form in (n.strip().casefold(), fold_header(n))}:
                return human
        if given.mail and (same := [h for h in self.humans if h.mail == given.mail]):
            return same[0]
        same = [h for h in self.humans if given.name and h.name == given.name and not self._is_other(h, tool, own)]
        if len(same) > 1:
            self.doubtful.append((tool, own))
        return same[0] if len(same) == 1 else None

    def _is_claimed(self, tool: str, own: str) -> bool:
        """Two lines of ``people.csv`` that call themselves the same in one tool: the first would get all the work."""
        return any(fold_header(own) in map(fold_header, h.names.get(tool, ())) for h in self.humans)

    def _is_other(self, human: Human, tool: str, own: str) -> bool:
        """Two ids within one tool are two people, even of one name; a name that serves as an id is no id."""
        ids = {n for n in human.names.get(tool, ()) if fold_header(n) != human.name and "@" not in n}
        return bool(ids) and own not in ids and fold_header(own) != human.name and "@" not in own

    def _header(self, tools: Sequence[str]) -> str:
        return _csv(["rep_id", "name", "email", "role", *tools])

    def _line(self, human: Human, tools: Sequence[str]) -> str:
        known = [str(human.facts.get(c) or "") for c in ("rep_id", "name", "email", "role")]
        return _csv([*known, *(next(iter(sorted(human.names.get(tool, ()))), "???") for tool in tools)])


def _first_role(one: Any, other: Any) -> Any:
    """An owner of deals who also makes calls is a rep: the first in the contract's order counts."""
    order = knowledge.read("contract")["vocabularies"]["role"]
    known = [role for role in (one, other) if role in order]
    return min(known, key=order.index) if known else one or other


def _csv(cells: Sequence[str]) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="").writerow([" ".join(cell.split()) for cell in cells])
    return out.getvalue()
