"""Which input is which file of a tool: told by its columns first, and only then by its name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sdrlib.errors import Problem
from sdrlib.sources.finding import Found, Input
from sdrlib.sources.fold import fold_header
from sdrlib.sources.mapping_form import File
from sdrlib.sources.mapping_form import Mapping as Crm


@dataclass(frozen=True)
class Tool:
    """A mapping under the name by which the user called it."""

    name: str
    mapping: Crm


@dataclass(frozen=True)
class Claim:
    """One input as one file of one tool.

    Attributes:
        tool: Name of the tool.
        file: The file, as the tool's mapping names it.
        dialect: Whose titles most of its columns have; empty where the mapping knows no dialects.
        found: Words of the mapping whose column is there.
        known: Words of the mapping that this dialect can have.
        by_name: Only the input's name says so: some columns it needs are not there.
    """

    tool: str
    file: str
    dialect: str
    found: tuple[str, ...]
    known: int
    by_name: bool = False

    @property
    def share(self) -> float:
        """How many of the columns that the mapping knows are there, from 0 to 1."""
        return len(self.found) / self.known if self.known else 0.0


Claims = Mapping[tuple[str, str], list[tuple[Input, str]]]
"""Tool and file -> the inputs that are it, each with its dialect."""


def claim(found: Found, titles: Mapping[str, Sequence[str]], tools: Sequence[Tool]) -> tuple[Claims, list[Problem]]:
    """Give every input to one file of one tool, or to none; what two files have an equal right to is a problem."""
    given: dict[tuple[str, str], list[tuple[Input, str]]] = defaultdict(list)
    problems: list[Problem] = []
    for stem, source in found.inputs.items():
        ranked = candidates(source.stem, titles.get(stem, ()), tools)
        best = [c for c in ranked if _rank(c) == _rank(ranked[0])]
        if len(best) > 1:
            values = {"candidates": ", ".join(f"{c.tool}: {c.file}" for c in best), "tool": best[0].tool}
            problems.append(Problem("ambiguous-export", source.name, values=values))
        elif best:
            given[best[0].tool, best[0].file].append((source, best[0].dialect))
    return given, problems


def candidates(stem: str, titles: Sequence[str], tools: Sequence[Tool]) -> list[Claim]:
    """Every file of every tool that an input may be, the best first."""
    there = frozenset(map(fold_header, titles))
    claims = (c for tool in tools for name in _files(tool.mapping) if (c := _look(tool, name, stem, there)))
    return sorted(claims, key=_rank, reverse=True)


def fits_name(file: File, name: str, stem: str) -> bool:
    """Whether a file's name is one that the tool, or the mapping, would give it."""
    patterns = ("*".join(fold_header(part) for part in p.split("*")) for p in file.names)
    own = fold_header(stem)
    return own == fold_header(name) or any(fnmatchcase(own, pattern) for pattern in patterns)


def _rank(claim: Claim) -> tuple[bool, int, float]:
    return not claim.by_name, len(claim.found), claim.share


def _files(crm: Crm) -> Iterator[str]:
    """The files a mapping reads, those it describes and those it only names."""
    named = (n for ss in crm.tables.values() for s in ss for n in (s.origin, *(j.table for j in s.joins)))
    yield from dict.fromkeys((*crm.files, *named))


def _look(tool: Tool, name: str, stem: str, there: frozenset[str]) -> Claim | None:
    file = tool.mapping.files.get(name, File())
    found = tuple(word for word, spelt in file.headers.items() if _any(there, spelt.values()))
    by_columns = bool(file.needs) and set(file.needs) <= {*found} and not {*file.lacks} & {*found}
    if not by_columns and not fits_name(file, name, stem):
        return None
    dialect = _dialect(file, there)
    known = sum(dialect in spelt for spelt in file.headers.values())
    return Claim(tool.name, name, dialect, found, max(known, len(found)), by_name=not by_columns)


def _any(there: frozenset[str], spellings: Iterable[tuple[str, ...]]) -> bool:
    return any(fold_header(header) in there for headers in spellings for header in headers)


def _dialect(file: File, there: frozenset[str]) -> str:
    """The dialect with most of its titles in sight; of equals the first."""
    count: dict[str, int] = defaultdict(int)
    for spelt in file.headers.values():
        for dialect, headers in spelt.items():
            count[dialect] += _any(there, [headers])
    return max(count, key=lambda d: count[d]) if count else ""
