"""The program, in the order it runs: load, check, count, compare, coach, freeze. ``running`` renders and publishes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sdrlib.errors import DataUnfitError, UsageError
from sdrlib.records import (
    TEAM,
    Advice,
    Asked,
    Brief,
    Checked,
    Contrast,
    Contrasts,
    Counts,
    DataQuality,
    Draw,
    Effects,
    Evidence,
    Expectation,
    Forecast,
    Sales,
    Sides,
    TeamBrief,
)

if TYPE_CHECKING:
    from sdrlib.publish.history import History
    from sdrlib.settings import Settings

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
VERSIONED = ("sdr-coaching-kit", "numpy", "scipy", "pandas", "ibis-framework", "duckdb", "papermill")


@dataclass(frozen=True, repr=False)
class Analysis:
    """Everything but the pages."""

    checked: Checked
    counts: Counts
    evidence: Evidence
    advice: tuple[Advice, ...]
    briefs: dict[str, Brief]
    settings: Settings
    effects: Effects = field(default_factory=Effects)
    quality: DataQuality | None = None
    forecast: Forecast = field(default_factory=Forecast)

    def __repr__(self) -> str:
        return f"Analysis({self.evidence!r}, {len(self.advice)} pieces of advice)"


def inspect(settings: Settings, *, now: datetime | None = None) -> Checked:
    """Load the data and check it at the door."""
    from sdrlib.cache import folder_of
    from sdrlib.contract import check
    from sdrlib.sources import load

    tables = load(
        settings.data,
        crm=settings.crm,
        time_zone=settings.time_zone,
        resources=settings.resources,
        cache=folder_of(settings.cache),
    )
    return check(tables, settings, now=now or datetime.now(UTC))


def examine(checked: Checked, settings: Settings, *, now: datetime | None = None) -> DataQuality:
    """How good the data is: all of it up to now, whatever the period, and what each gap does to which measure.

    Raises:
        UsageError: the team asked for is not in the data.
        DataUnfitError: every activity lies in the future.
    """
    from sdrlib.counts import examine as measured
    from sdrlib.questions.quality import assess

    return assess(measured(checked, settings, now=now or datetime.now(UTC)), checked.warnings)


def analyse(settings: Settings, *, now: datetime | None = None, past: History | None = None) -> Analysis:
    """Compare a team once; every page is cut from the result.

    Args:
        settings: What to read, which period, which thresholds.
        now: The present instant; None asks the clock. Rows of the future are never read.
        past: Earlier runs, from which looks are counted; without them this is the first. Nothing is added to it.

    Raises:
        DataUnfitError: the data cannot be counted; carries every problem found.
        UsageError: the period, team or rep asked for is not in the data.
    """
    from sdrlib.coaching import coach
    from sdrlib.counts import count
    from sdrlib.publish.brief import freeze
    from sdrlib.questions.coaching_effect import measure_effects
    from sdrlib.questions.conversion import compare, only
    from sdrlib.questions.forecast import forecast
    from sdrlib.questions.list_or_skill import list_or_skill
    from sdrlib.questions.quality import assess

    now = now or datetime.now(UTC)
    checked = inspect(settings, now=now)
    if not checked.fit:
        raise DataUnfitError([*checked.fatal, *checked.warnings])
    counts = count(checked, settings, now=now)
    _known_reps(settings, counts)
    looks = past.looks(counts, settings) if past else None
    team = compare(counts, settings, versions=versions(), looks=looks)
    asked = only(team, settings.rep)
    advice = coach(asked, settings)
    effects = measure_effects(counts, settings)
    quality = assess(counts.quality, checked.warnings) if counts.quality else None
    coming = forecast(team, advice, settings)  # of everybody: no page's axis depends on who else was asked for
    coming = coming.of(TEAM, *settings.rep) if settings.rep else coming
    briefs = freeze(team, advice, settings, list_or_skill(asked), effects, quality, coming)
    own = effects.of(*settings.rep) if settings.rep else effects
    return Analysis(checked, counts, asked, tuple(advice), briefs, settings, own, quality, coming)


def run_lot(
    settings: Settings, measure: str, out: Path, *, starts_on: date, weeks_later: int, seed: int
) -> tuple[Draw, ...]:
    """Draw by lot who of the period's reps is coached first and who later, and record it in ``out``.

    Raises:
        DataUnfitError: the data cannot be counted.
        UsageError: the lot makes no sense, or somebody in it was drawn before; nothing is written.
    """
    from sdrlib.coaching.lot import draw_lot, record_lot
    from sdrlib.counts import count

    now = datetime.now(UTC)
    checked = inspect(settings, now=now)
    if not checked.fit:
        raise DataUnfitError([*checked.fatal, *checked.warnings])
    counts = count(checked, settings, now=now)
    _known_reps(settings, counts)
    chosen = counts.reps[counts.reps["rep_id"].isin(settings.rep)] if settings.rep else counts.reps
    drawn = draw_lot(
        chosen,
        measure,
        starts_on=starts_on,
        weeks_later=weeks_later,
        seed=seed,
        drawn_on=now.date(),
        tenure_bands_days=settings.tenure_bands_days,
    )
    record_lot(drawn, out)
    return drawn


def contrast(source: Settings | Analysis, measure: str, *, now: datetime | None = None, **sides: Any) -> Contrast:
    """A against B on one measure: ``contrast(settings, "connect_rate", list=("Webinar", "Cold list"))``.

    Args:
        source: Settings, or an analysis so that nothing is read twice.
        measure: A measure of the catalogue.
        now: The present instant; None asks the clock.
        **sides: One dimension (channel, list, script, hour, weekday, period, team, rep, persona, segment, campaign) and
            its two sides: each a level, several levels, or None for everybody else.

    Raises:
        UsageError: the question makes no sense or a level is not in the data; says everything at once.
        DataUnfitError: the data cannot be counted.
    """
    from sdrlib.counts.asking import ask
    from sdrlib.questions import contrast as question

    found, settings = _sides(source, ask(measure, sides), now)
    return question.contrast(found, settings)


def contrasts(
    source: Settings | Analysis,
    measure: str,
    *,
    by: str,
    pairs: bool = False,
    method: Literal["bh", "by"] = "bh",
    now: datetime | None = None,
) -> Contrasts:
    """Every level of a dimension against all the others, or every pair, p adjusted for all of them.

    Args:
        source: Settings, or an analysis so that nothing is read twice.
        measure: A measure of the catalogue.
        by: The dimension; periods are months.
        pairs: Every pair of levels instead, in the order of their names.
        method: How p is adjusted: Benjamini–Hochberg, or ``by`` (Benjamini–Yekutieli) whatever the dependence.
        now: The present instant; None asks the clock.

    Raises:
        UsageError: the question makes no sense.
        DataUnfitError: the data cannot be counted.
    """
    from sdrlib.counts.asking import ask_all
    from sdrlib.questions import contrast as question

    found, settings = _sides(source, ask_all(measure, by), now)
    return question.contrasts(found, settings, pairs=pairs, method=method)


def _sides(source: Settings | Analysis, asked: Asked, now: datetime | None) -> tuple[Sides, Settings]:
    from sdrlib.counts.sides import split

    if isinstance(source, Analysis):
        as_of = source.counts.window.as_of
        return split(source.checked, source.settings, asked, now=as_of, counts=source.counts), source.settings
    now = now or datetime.now(UTC)
    checked = inspect(source, now=now)
    if not checked.fit:
        raise DataUnfitError([*checked.fatal, *checked.warnings])
    return split(checked, source, asked, now=now), source


def sales(analysis: Analysis) -> Sales:
    """The sales path, the dashboard of the month, attainment, and what the meetings of each SDR became.

    Counted when it is asked for: a rep's report needs none of it.
    """
    from sdrlib.counts.sales import count_sales
    from sdrlib.questions.sales import describe_sales

    counts = analysis.evidence.counts
    return describe_sales(count_sales(analysis.checked, analysis.settings, counts.window), counts, analysis.settings)


def expectation(analysis: Analysis, found: Sales | None = None) -> Expectation:
    """What the quota asks of a day's calls, at the team's rates, and everybody's activity beside what came of it.

    Args:
        analysis: Of a whole team.
        found: What ``sales`` gave, so that nothing is counted twice; its proposed quota stands in for a target.

    Raises:
        UsageError: the analysis is one of some reps only.
    """
    from sdrlib.questions.expectation import expectation as work_back

    if analysis.settings.rep:
        raise UsageError("--rep: what a quota asks is worked out of a whole team. Leave --rep out.")
    selling = (found or sales(analysis)).selling
    return work_back(analysis.evidence, analysis.advice, selling, analysis.forecast, analysis.settings)


def brief_team(analysis: Analysis) -> TeamBrief:
    """The team's brief, for the manager.

    Raises:
        UsageError: the analysis is one of some reps only.
    """
    from sdrlib.publish.team_brief import freeze_team
    from sdrlib.questions.team import describe_team

    found, sold = describe_team(analysis.evidence, analysis.advice), sales(analysis)
    return freeze_team(
        analysis.evidence,
        analysis.advice,
        found,
        analysis.effects,
        sold,
        analysis.quality,
        analysis.forecast,
        expectation(analysis, sold),
    )


def example_brief() -> Brief:
    """A brief of the sample team, of a rep with something to work on: what a template shows when run by itself."""
    from sdrlib.settings import Settings

    briefs = analyse(Settings.gather(env={})).briefs
    return next((b for b in briefs.values() if b.advice.focus), next(iter(briefs.values())))


def example_team_brief() -> TeamBrief:
    """The sample team's brief: what the team's template shows when run by itself."""
    from sdrlib.settings import Settings

    return brief_team(analyse(Settings.gather(env={})))


def versions() -> dict[str, str]:
    """Versions of what the figures were computed with."""
    from importlib.metadata import version

    return {name: version(name) for name in VERSIONED}


def _known_reps(settings: Settings, counts: Counts) -> None:
    known = set(counts.reps["rep_id"])
    unknown = [rep for rep in settings.rep if rep not in known]
    if unknown:
        raise UsageError(f"--rep {', '.join(unknown)}: not in the data. Reps found: {', '.join(sorted(known))}.")
