"""The team's brief: everybody's focus in a row, the team's own measures, and nobody's figures beside their report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sdrlib.knowledge import LANGUAGES
from sdrlib.publish.brief import finite, meetings
from sdrlib.publish.person import person
from sdrlib.records import (
    TEAM,
    TEAM_VERSION,
    Advice,
    DataQuality,
    Effects,
    Evidence,
    Expectation,
    Finding,
    Forecast,
    Member,
    Person,
    Revenue,
    Sales,
    TeamBrief,
    TeamFound,
)
from sdrlib.typography import alphabetical
from sdrlib.words import Words


def freeze_team(
    team: Evidence,
    advice: Sequence[Advice],
    found: TeamFound,
    effects: Effects,
    sales: Sales,
    quality: DataQuality | None = None,
    forecast: Forecast | None = None,
    expectation: Expectation | None = None,
) -> TeamBrief:
    """All that the team's report needs.

    Args:
        team: The whole team, as compared.
        advice: Of everybody; each row says what that rep's own page says.
        found: The team's measures, path, health and the rest.
        effects: What changed after coaching; only what is said of all together is kept.
        sales: The sales path, the dashboard, attainment and credits.
        quality: How good the data is.
        forecast: What is to come; the team's own is kept, nobody's.
        expectation: What the quota asks of a day, and everybody beside it.
    """
    counts = team.counts
    return TeamBrief(
        version=TEAM_VERSION,
        person=Person(TEAM, f"team {team.facts.settings.get('team', '')}".strip(), "", "", None),
        members=_members(team, advice),
        measures=found.measures,
        path=found.path,
        differently={k: tuple(found.differently.sentences(Words(k))) for k in LANGUAGES},
        effects=Effects((), effects.measures, effects.lots),
        revenue=_of_the_team(found.revenue),
        sales=sales,
        health=found.health,
        hosts=found.hosts,
        shares=quality.shares if quality else (),
        gaps=quality.findings if quality else (),
        ahead=meetings(counts.ahead) if len(counts.ahead) else None,
        unlogged=meetings(counts.unlogged),
        facts=team.facts,
        forecast=forecast.of(TEAM) if forecast else Forecast(),
        expectation=expectation or Expectation(missing="no_quota"),
    )


def _members(team: Evidence, advice: Sequence[Advice]) -> tuple[Member, ...]:
    people = {str(row["rep_id"]): person(row) for row in team.counts.reps.to_dict("records")}
    rows = (Member(people[a.rep_id], a, _named(a, team.of(a.rep_id))) for a in advice)
    return tuple(sorted(rows, key=lambda m: (alphabetical(m.person.name), m.person.rep_id)))


def _named(advice: Advice, findings: Mapping[str, Finding]) -> dict[str, Finding]:
    """The findings that a row names."""
    focus = [advice.focus.measure] if advice.focus else []
    measures = (*focus, *advice.also, *advice.keep, *advice.watch, *advice.list_issues)
    return {m: finite(findings[m]) for m in dict.fromkeys(measures)}


def _of_the_team(revenue: Revenue) -> Revenue:
    return replace(
        revenue,
        deals=tuple(d for d in revenue.deals if d.rep_id == TEAM),
        gaps=tuple(g for g in revenue.gaps if g.rep_id == TEAM),
    )
