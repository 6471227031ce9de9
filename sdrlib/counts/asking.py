"""What an analyst asks, in one line, understood or refused with everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from babel import Locale

from sdrlib.counts.rows import UNKNOWN
from sdrlib.errors import UsageError
from sdrlib.knowledge import LANGUAGES, read
from sdrlib.records import Asked
from sdrlib.records.telling import label

DIMENSIONS = (
    "channel", "list", "script", "hour", "weekday", "period", "team", "rep", "persona", "segment", "campaign",
)  # fmt: skip
CLOCK = {"hour": 24, "weekday": 7}
"""What everybody knows all levels of: at an hour without a call nothing was counted, and that is the answer."""
OF_DAYS = ("list", "period", "team", "rep")
"""What a working day can be divided by; nobody knows how much of it went to an hour or a persona."""


def ask(measure: str, sides: Mapping[str, Any]) -> Asked:
    """A against B: ``list=("Webinar", "Cold list")``, ``hour=(range(9, 11), 16)``, ``rep=("r01", None)``.

    Args:
        measure: A measure of the catalogue.
        sides: One dimension and its two sides: a level, several levels, or None for everybody else.

    Raises:
        UsageError: the measure, the dimension or a side makes no sense; says everything at once.
    """
    problems = [*_of_measure(measure), *_of_dimension(measure, tuple(sides))]
    dimension = next(iter(sides), "")
    levels: list[tuple[str, ...]] = []
    if len(sides) == 1:
        given = sides[dimension]
        if not isinstance(given, tuple | list) or len(given) != 2:
            problems.append(f"{dimension}={given!r}: two sides are needed, such as {dimension}=(A, B).")
        else:
            levels = [_levels(dimension, side) for side in given]
            problems += _of_sides(dimension, levels, given)
    _refuse(problems)
    return Asked(measure, read("measures")[measure]["kind"], dimension, (levels[0], levels[1]))


def ask_all(measure: str, by: str) -> Asked:
    """Every level of a dimension.

    Raises:
        UsageError: the measure or the dimension makes no sense.
    """
    _refuse([*_of_measure(measure), *_of_dimension(measure, (by,))])
    return Asked(measure, read("measures")[measure]["kind"], by, None)


def unknown_levels(dimension: str, asked: Iterable[str], found: Iterable[str]) -> list[str]:
    """What is wrong with levels that there are not, and those there are."""
    if dimension in CLOCK:
        last = CLOCK[dimension] - 1
        there = [str(number) for number in range(last + 1)]
        return [f"There is no {dimension} {level!r}. Allowed: 0 to {last}." for level in asked if level not in there]
    there = list(found)
    known = (
        ", ".join(label(name) for name in there[:40]) + (", …" if len(there) > 40 else "")
        or "none, the data does not say it"
    )
    return [
        f"{dimension} {label(level)!r} is not in the data. Found: {known}." for level in asked if level not in there
    ]


def known_labels(asked: Asked, levels: list[str], named: Callable[[], Iterable[str]] = tuple) -> tuple[str, ...]:
    """``a`` and ``b``, or every level found.

    Args:
        asked: The question.
        levels: Levels of what was counted.
        named: Asks for the levels that the data names elsewhere: who is on the team and has nothing to count is no
            mistake. Called only when a level is not among the others.

    Raises:
        UsageError: a level asked for is not among those found.
    """
    if asked.sides is None:
        return tuple(levels)
    wanted = [] if asked.dimension == "period" else [level for side in asked.sides for level in side]
    if unknown_levels(asked.dimension, wanted, levels):
        every = sorted({*levels, *named()}, key=in_order)
        _refuse(unknown_levels(asked.dimension, wanted, every))
    return ("a", "b")


def named_in(frames: Mapping[str, Any], dimension: str) -> set[str]:
    """Every level that the tables name, counted or not."""
    column = {"rep": "rep_id", "list": "list_name"}.get(dimension, dimension)
    tables = ("reps",) if dimension in {"rep", "team"} else ("activities", "prospects")
    found: set[str] = set()
    for table in (frames[name] for name in tables if name in frames):
        if column in table.columns:
            levels = table[column].cast("string").strip().nullif("").name("level")
            found |= set(table.select(levels).distinct().execute()["level"].dropna())
    return found - {UNKNOWN}


def _refuse(problems: list[str]) -> None:
    if problems:
        raise UsageError("\n".join(problems))


def _of_measure(measure: str) -> list[str]:
    known = read("measures")
    return [] if measure in known else [f"{measure!r} is not a measure. Measures: {', '.join(known)}."]


def _of_dimension(measure: str, dimensions: tuple[str, ...]) -> list[str]:
    allowed = ", ".join(DIMENSIONS)
    if len(dimensions) != 1:
        said = ", ".join(dimensions) or "none"
        return [f"One dimension is compared at a time, {len(dimensions)} given ({said}). Dimensions: {allowed}."]
    dimension = dimensions[0]
    if dimension not in DIMENSIONS:
        return [f"{dimension!r} is not a dimension. Dimensions: {allowed}."]
    if read("measures").get(measure, {}).get("kind") == "count" and dimension not in OF_DAYS:
        return [f"{measure} counts working days, which no {dimension} has its own of. Compare by {', '.join(OF_DAYS)}."]
    return []


def _of_sides(dimension: str, levels: list[tuple[str, ...]], given: Any) -> list[str]:
    problems = [
        f"{dimension}: side {name} names no level. Use None for everybody else."
        for name, side, raw in zip("AB", levels, given, strict=True)
        if not side and raw is not None
    ]
    if all(raw is None for raw in given):
        problems.append(f"{dimension}: both sides are None; name a level on one of them.")
    both = [level for level in levels[0] if level in levels[1]]
    if both:
        problems.append(f"{dimension}: {', '.join(both)} is on both sides.")
    return problems


def _levels(dimension: str, side: Any) -> tuple[str, ...]:
    """Levels as the data writes them, each once: 9 and "09" are the same hour, Monday and lundi the weekday 0."""
    if side is None:
        return ()
    several = [side] if isinstance(side, str) or not isinstance(side, Iterable) else list(side)
    texts = [str(level).strip() for level in several]
    if dimension == "hour":
        texts = [t.lstrip("0") or "0" if t.isdecimal() else t for t in texts]
    if dimension == "weekday":
        texts = [_weekdays().get(t.casefold(), t) for t in texts]
    return tuple(dict.fromkeys(sorted(texts, key=in_order)))


def in_order(level: str) -> tuple[int, str]:
    """Numbers by their value, then names by the alphabet."""
    return (int(level), "") if level.isdecimal() else (10**9, level)


def _weekdays() -> dict[str, str]:
    """Names of weekdays in every language spoken here."""
    return {
        name.casefold(): str(number)
        for language in LANGUAGES
        for width in ("wide", "abbreviated")
        for number, name in Locale(language).days["format"][width].items()
    }
