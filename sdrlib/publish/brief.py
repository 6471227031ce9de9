"""The frozen brief: cut from the evidence, written as JSON, read by a notebook that tests nothing itself."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sdrlib.errors import UsageError
from sdrlib.publish.anonymous import Hide, Names, People, anonymous
from sdrlib.publish.person import day_of, person, text_of
from sdrlib.publish.staging import write_text
from sdrlib.records import (
    SCHEMA_VERSION,
    TEAM_VERSION,
    Advice,
    Brief,
    DataQuality,
    Effects,
    Evidence,
    Finding,
    Forecast,
    ListOrSkill,
    Person,
    TeamBrief,
    Week,
)

if TYPE_CHECKING:
    import pandas as pd
    from pydantic import TypeAdapter

    from sdrlib.settings import Settings

VERSIONS: Mapping[type, int] = {Brief: SCHEMA_VERSION, TeamBrief: TEAM_VERSION}
Frozen = TypeVar("Frozen", bound=Brief | TeamBrief)

Dots = dict[str, list[tuple[float, float, str]]]
Spread = dict[str, dict[Any, int]]


# ---- writing and reading ----------------------------------------------------------------------------


@cache
def _made(kind: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def adapter(kind: Any) -> TypeAdapter[Any]:
    """Of a kind that mypy need not think hashable."""
    return _made(kind)


def write_brief(brief: Brief | TeamBrief, path: Path) -> None:
    """Write a brief as JSON, moved into place whole.

    Raises:
        ValueError: a number is NaN or infinite; unknown is None.
    """
    text = brief_text(brief)
    adapter(type(brief)).validate_json(text, strict=True)
    write_text(text, path)


def brief_text(brief: Brief | TeamBrief) -> str:
    """A brief as it stands in its file: a line for each part, which is written ten times as fast as one for each value.

    Raises:
        ValueError: a number is NaN or infinite; unknown is None.
    """
    tree = adapter(type(brief)).dump_python(brief, mode="json")
    write = partial(json.dumps, ensure_ascii=False, allow_nan=False)
    return "{\n" + ",\n".join(f"{write(part)}: {write(value)}" for part, value in tree.items()) + "\n}\n"


def read_brief(path: Path | str) -> Brief:
    """Read a rep's brief; see ``read_frozen``."""
    return read_frozen(path, Brief)


def read_frozen(path: Path | str, kind: type[Frozen]) -> Frozen:
    """Read what ``write_brief`` wrote: a rep's brief, or the team's.

    Raises:
        UsageError: there is no such file, it is not such a brief, or another version of the kit wrote it.
    """
    from pydantic import ValidationError

    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
        _check_version(path, json.loads(text, parse_constant=_refuse), VERSIONS[kind])
        found: Frozen = adapter(kind).validate_json(text, strict=True)
    except OSError as error:
        raise UsageError(f"{path.name}: cannot be read ({error.strerror}).") from None
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise UsageError(f"{path.name}: not a brief, {where}: {error.errors()[0]['msg']}.") from None
    except ValueError as error:
        raise UsageError(f"{path.name}: not a brief, {error}.") from None
    return found


def whose(path: Path) -> Person:
    """Whom a brief is about, whichever kind it is."""
    found: Person = adapter(Person).validate_python(json.loads(path.read_text(encoding="utf-8"))["person"])
    return found


def _check_version(path: Path, found: Any, wanted: int) -> None:
    version = found.get("version") if isinstance(found, dict) else None
    if version != wanted:
        raise UsageError(
            f"{path.name}: brief of version {version}, this kit reads version {wanted}; make the reports again."
        )


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")


# ---- cutting from the evidence ----------------------------------------------------------------------


def freeze(
    evidence: Evidence,
    advice: Sequence[Advice],
    settings: Settings,
    readings: ListOrSkill | None = None,
    effects: Effects | None = None,
    quality: DataQuality | None = None,
    forecast: Forecast | None = None,
) -> dict[str, Brief]:
    """One brief per piece of advice: all that its report needs, and nothing of anybody else.

    Args:
        evidence: The whole team; the anonymous band of colleagues is cut from it, so it must not be cut before.
        advice: Whom to write for.
        settings: ``min_colleagues``.
        readings: What ``list_or_skill`` read of the gaps; only the rep's own are kept.
        effects: What changed after coaching; only the rep's own are kept, and what is said of all together.
        quality: How good the data is; only what touches the rep's own record is kept.
        forecast: What is to come; only the rep's own is kept.
    """
    cut = _Cut(evidence, settings.min_colleagues)
    found = {a.rep_id: cut.of(a) for a in advice}
    return {
        rep: replace(
            brief,
            readings=tuple(r for r in (readings.gaps if readings else ()) if r.rep_id == rep),
            effects=effects.of(rep) if effects else Effects(),
            record=quality.records.get(rep) if quality else None,
            forecast=forecast.of(rep) if forecast else Forecast(),
        )
        for rep, brief in found.items()
    }


class _Cut:
    """What every brief is cut from, looked through once for all of them."""

    def __init__(self, evidence: Evidence, least: int) -> None:
        counts, self.evidence, self.least = evidence.counts, evidence, least
        self.people: People = {str(row["rep_id"]): row for row in counts.reps.to_dict("records")}
        self.names = Names(self.people)
        self.dots, self.weeks = _dots(evidence.findings), _weeks(counts.cells)
        self.mix, self.everybody = _spread(counts.mix)

    def of(self, advice: Advice) -> Brief:
        """One brief."""
        rep, evidence, counts = advice.rep_id, self.evidence, self.evidence.counts
        hide = self.names.but_of(rep)
        return Brief(
            version=SCHEMA_VERSION,
            person=person(self.people[rep]),
            findings={m: finite(f) for m, f in evidence.of(rep).items()},
            advice=advice,
            weeks=self.weeks.get(rep, {}),
            band=_band(self.dots, rep, self.least),
            typical={m: float(r) for m, r in evidence.team_rates.items() if math.isfinite(r)},
            mix=_shares(self.mix.get(rep, {}), self.everybody, hide) if len(self.people) > self.least else {},
            coached=_coached(counts.coached, rep, hide),
            ahead=meetings(counts.ahead, rep) if len(counts.ahead) else None,
            unlogged=meetings(counts.unlogged, rep),
            facts=anonymous(evidence.facts, hide),
        )


def finite(finding: Finding) -> Finding:
    """Unknown is None: what is not a number does not survive in JSON."""
    values = ((f.name, getattr(finding, f.name)) for f in fields(finding))
    lost: dict[str, Any] = {n: None for n, v in values if isinstance(v, float) and not math.isfinite(v)}
    return replace(finding, **lost) if lost else finding


def _weeks(cells: pd.DataFrame) -> dict[str, dict[str, tuple[Week, ...]]]:
    """rep_id -> measure -> weeks: summed once for all the briefs cut from it."""
    sums = cells.groupby(["rep_id", "measure", "week"], sort=True)[["trials", "successes"]].sum().reset_index()
    weeks: dict[str, dict[str, list[Week]]] = {}
    for row in sums.itertuples(index=False):
        start = day_of(row.week)
        if start is not None:
            own = weeks.setdefault(str(row.rep_id), {}).setdefault(str(row.measure), [])
            own.append(Week(start, float(str(row.trials)), float(str(row.successes))))
    return {rep: {measure: tuple(found) for measure, found in own.items()} for rep, own in weeks.items()}


def _dots(findings: Sequence[Finding]) -> Dots:
    """Everybody's expected events and ratio, rounded, by value: read once for all the bands cut from it."""
    dots: Dots = {}
    for f in map(finite, findings):
        if f.ratio is not None and f.effective_events:
            dots.setdefault(f.measure, []).append((_rounded(f.effective_events), _rounded(f.ratio), f.rep_id))
    return {measure: sorted(found) for measure, found in dots.items()}


def _band(dots: Dots, rep: str, least: int) -> dict[str, tuple[tuple[float, float], ...]]:
    """Colleagues in the order of their values, so that no order of persons is left."""
    band = {m: tuple((events, ratio) for events, ratio, who in found if who != rep) for m, found in dots.items()}
    return {measure: found for measure, found in band.items() if len(found) >= least}


def _rounded(value: float | None) -> float:
    return float(f"{value:.3g}")


def _spread(mix: pd.DataFrame) -> tuple[dict[str, Spread], Spread]:
    """rep_id -> dimension -> level -> activities, and the same of everybody together."""
    reps: dict[str, Spread] = {}
    everybody: Spread = {}
    sums = mix.groupby(["rep_id", "dimension", "level"], as_index=False)["activities"].sum()
    for rep, dimension, level, n in sums.itertuples(index=False, name=None):
        for spread in (reps.setdefault(rep, {}), everybody):
            levels = spread.setdefault(dimension, {})
            levels[level] = levels.get(level, 0) + n
    return reps, everybody


def _shares(own: Spread, everybody: Spread, hide: Hide) -> dict[str, dict[str, tuple[float, float]]]:
    shares: dict[str, dict[str, tuple[float, float]]] = {}
    for dimension, levels in sorted(everybody.items()):
        mine, rest = Counter[str](), Counter[str]()
        for level, n in levels.items():
            mine[hide(level)] += own.get(dimension, {}).get(level, 0)
            rest[hide(level)] += n - own.get(dimension, {}).get(level, 0)
        if mine.total() > 0 and rest.total() > 0:
            shares[dimension] = {v: (mine[v] / mine.total(), rest[v] / rest.total()) for v in sorted(mine)}
    return shares


def _coached(log: pd.DataFrame, rep: str, hide: Hide) -> tuple[tuple[date, str, str], ...]:
    own = log[log["rep_id"] == rep]
    days = ((day_of(r.on), text_of(r.measure), hide(text_of(r.drill))) for r in own.itertuples(index=False))
    return tuple(sorted((on, measure, drill) for on, measure, drill in days if on is not None))


def meetings(frame: pd.DataFrame, rep: str | None = None) -> int:
    """Meetings of a rep, or of everybody."""
    return int((frame if rep is None else frame[frame["rep_id"] == rep])["meetings"].sum())
