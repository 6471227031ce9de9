"""The main job and its parts: reports, the analysis alone, and who is coached first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sdrlib.cli.options import (
    DEFAULT_OUT,
    AsOf,
    Audience,
    Config,
    Crm,
    Data,
    Formats,
    Jobs,
    Lang,
    Out,
    Period,
    Rep,
    Team,
    inform,
    settings_of,
)

if TYPE_CHECKING:
    from sdrlib.records import Rendered


def report(
    data: Data = None,
    crm: Crm = None,
    period: Period = None,
    as_of: AsOf = None,
    rep: Rep = None,
    team: Team = None,
    lang: Lang = None,
    audience: Audience = None,
    formats: Formats = None,
    jobs: Jobs = None,
    out: Out = DEFAULT_OUT,
    config: Config = None,
) -> None:
    """Make one coaching report per rep, the team's report, and the index. Prints the path of index.html."""
    from sdrlib.running import run_report

    asked = {"data": data, "crm": crm, "period": period, "as_of": as_of, "rep": rep, "team": team, "jobs": jobs}
    settings = settings_of(config, lang=lang, audience=audience, format=formats, **asked)
    run = run_report(settings, out, say=inform)
    if run.reused:
        inform("Nothing changed since this run was made.")
    typer.echo(run.index)
    _end(run.rendered)


def analyse(
    data: Data = None,
    crm: Crm = None,
    period: Period = None,
    as_of: AsOf = None,
    rep: Rep = None,
    team: Team = None,
    lang: Lang = None,
    out: Out = DEFAULT_OUT,
    config: Config = None,
) -> None:
    """Everything but the pages: evidence.json, evidence.parquet and the briefs."""
    from sdrlib.running import run_analysis

    settings = settings_of(config, data=data, crm=crm, period=period, as_of=as_of, rep=rep, team=team, lang=lang)
    typer.echo(run_analysis(settings, out, say=inform))


def lot(
    measure: Annotated[str, typer.Option(help="What the coaching will be about, as connect_rate.")],
    starts_on: Annotated[datetime, typer.Option(help="Day on which the first wave begins.", formats=["%Y-%m-%d"])],
    seed: Annotated[int, typer.Option(help="Any number; recorded, so that the draw can be repeated.")],
    weeks_later: Annotated[int, typer.Option(help="How many weeks later the other wave begins.")] = 3,
    data: Data = None,
    crm: Crm = None,
    period: Period = None,
    rep: Rep = None,
    team: Team = None,
    out: Annotated[Path, typer.Option(help="File of lots, begun or extended.")] = Path("coaching_lots.csv"),
    config: Config = None,
) -> None:
    """Draw by lot who is coached first and who later, so that an effect can be told from a change."""
    from sdrlib.pipeline import run_lot

    settings = settings_of(config, data=data, crm=crm, period=period, rep=rep, team=team)
    drawn = run_lot(settings, measure, out, starts_on=starts_on.date(), weeks_later=weeks_later, seed=seed)
    for wave in ("first", "later"):
        starts = [d.starts_on for d in drawn if d.wave == wave]
        inform(f"{wave}: {len(starts)} from {starts[0]}")
    inform("Put the file beside the coaching log; the report answers once the later wave begins.")
    typer.echo(out)


def _end(rendered: Sequence[Rendered]) -> None:
    failed = {r.rep_id: r for r in rendered if r.state == "failed"}
    for r in failed.values():
        inform(f"{r.name}: {r.error}")
    if failed:
        inform(f"{len(failed)} of {len({r.rep_id for r in rendered})} reports failed; the others are published.")
        raise SystemExit(1)
