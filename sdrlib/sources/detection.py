"""Which tool wrote an export, in which language, how sure that is and why: told by column titles, never by guessing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sdrlib import knowledge
from sdrlib.errors import Problem
from sdrlib.sources.finding import Found, Input
from sdrlib.sources.fold import fold_header
from sdrlib.sources.headers import headers
from sdrlib.sources.mapping import AUTO, CANONICAL, open_mapping
from sdrlib.sources.mapping_form import File
from sdrlib.sources.reading import Desk
from sdrlib.sources.recognition import Claim, Tool, candidates
from sdrlib.sources.uniting import PEOPLE

CLOSE = 0.9
"""A second tool with this share of the best one's columns is too close to choose."""


@dataclass(frozen=True)
class Guess:
    """What one input is taken for.

    Attributes:
        source: The input.
        titles: Its column titles.
        best: The best claim of any tool; None when no tool knows such a file.
        second: The best claim of another tool.
        deciding: The titles that made the best one the best.
    """

    source: Input
    titles: tuple[str, ...]
    best: Claim | None = None
    second: Claim | None = None
    deciding: tuple[str, ...] = ()

    @property
    def is_unknown(self) -> bool:
        """Neither a tool's nor a table of the contract."""
        return self.best is None and not is_canonical(self.source.stem, self.titles)

    @property
    def is_close(self) -> bool:
        """Whether two tools have nearly the same right to the file."""
        if self.best is None or self.second is None:
            return False
        return len(self.second.found) >= CLOSE * len(self.best.found) and self.second.share >= CLOSE * self.best.share


def guess(desk: Desk, found: Found) -> list[Guess]:
    """Look at every input's titles beside those of all mappings that describe their files."""
    known = known_tools()
    return [_guess(source, titles, known) for source, titles in _seen(desk, found)]


def detect(desk: Desk, found: Found) -> str:
    """The mappings to read with, as ``--crm`` would name them; what cannot be decided becomes problems.

    Returns:
        ``canonical`` for files that follow the contract; names with commas between; ``auto`` when nobody can tell.
    """
    guesses = guess(desk, found)
    chosen = list(dict.fromkeys(g.best.tool for g in guesses if g.best and not g.is_close))
    doubtful = [g for g in guesses if g.is_close and not {_tool(g.best), _tool(g.second)} & {*chosen}]
    desk.problems += (_doubt(g) for g in doubtful)
    if doubtful:
        return AUTO
    if not chosen:
        if any(is_canonical(g.source.stem, g.titles) for g in guesses):
            return CANONICAL[1]
        names = ", ".join(f"{g.source.name} ({', '.join(g.titles[:8])}…)" for g in guesses[:5]) or "–"
        values = {"known": ", ".join(tool.name for tool in known_tools())}
        desk.problems.append(Problem("unknown-export", names, values=values))
        return AUTO
    return ",".join(chosen)


def known_tools() -> list[Tool]:
    """Every mapping of the kit that says by which columns its files are known."""
    tools = (Tool(name, open_mapping(name)[0]) for name in knowledge.mappings())
    return [tool for tool in tools if any(file.needs for file in tool.mapping.files.values())]


def is_canonical(stem: str, titles: Sequence[str]) -> bool:
    """Whether a file has a table's name and every column that the contract requires of it."""
    tables = {fold_header(t): rules for t, rules in knowledge.read("contract")["tables"].items()}
    rules = tables.get(fold_header(stem))
    return rules is not None and set(map(fold_header, rules["required"])) <= set(map(fold_header, titles))


def _seen(desk: Desk, found: Found) -> Iterator[tuple[Input, tuple[str, ...]]]:
    titles: Mapping[str, tuple[str, ...]] = headers(desk, found)
    yield from ((source, titles[stem]) for stem, source in found.inputs.items() if stem != PEOPLE)


def _guess(source: Input, titles: tuple[str, ...], known: Sequence[Tool]) -> Guess:
    if is_canonical(source.stem, titles):
        return Guess(source, titles)
    ranked = [claim for claim in candidates(source.stem, titles, known) if not claim.by_name]
    if not ranked:
        return Guess(source, titles)
    best = ranked[0]
    second = next((claim for claim in ranked if claim.tool != best.tool), None)
    file = next(tool for tool in known if tool.name == best.tool).mapping.files[best.file]
    return Guess(source, titles, best, second, tuple(t for t in titles if _is_of(file, t)))


def _is_of(file: File, title: str) -> bool:
    spelt = (h for s in file.headers.values() for headers in s.values() for h in headers)
    return fold_header(title) in map(fold_header, spelt)


def _tool(claim: Claim | None) -> str:
    return claim.tool if claim else ""


def _doubt(doubtful: Guess) -> Problem:
    claims = [c for c in (doubtful.best, doubtful.second) if c]
    told = ", ".join(f"{c.tool}: {c.file} ({len(c.found)}/{c.known})" for c in claims)
    return Problem("ambiguous-export", doubtful.source.name, values={"candidates": told, "tool": claims[0].tool})
