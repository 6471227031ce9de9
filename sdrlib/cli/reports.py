"""The main job and its parts: reports, the analysis alone, and who is coached first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sdrlib.cli.options import (
    DEFAULT_OUT,
    AsOf,
    Audience,
    Cache,
    Config,
    Crm,
    Data,
    Engine,
    Formats,
    Jobs,
    Lang,
    LogJson,
    NoCache,
    Out,
    Period,
    Rep,
    Scheduler,
    Team,
    inform,
    log_of,
    settings_of,
)
from sdrlib.errors import LockedError

if TYPE_CHECKING:
    from sdrlib.publish.log import Log
    from sdrlib.settings import Settings


UNCHANGED = "Nothing changed since this run was made."


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
    engine: Engine = None,
    scheduler: Scheduler = None,
    out: Out = DEFAULT_OUT,
    log_json: LogJson = False,
    cache: Cache = None,
    no_cache: NoCache = False,
    config: Config = None,
) -> None:
    """Make one coaching report per rep, the team's report, and the index. Prints the path of index.html."""
    from sdrlib.publish.notify import tell
    from sdrlib.running import run_report

    asked = {"data": data, "crm": crm, "period": period, "as_of": as_of, "rep": rep, "team": team, "jobs": jobs}
    asked |= {"audience": audience, "format": formats, "engine": engine, "scheduler": scheduler}
    asked |= {"cache": cache, "no_cache": no_cache}
    settings = settings_of(config, lang=lang, **asked)
    with _told(settings, log := log_of(log_json)):
        run = run_report(settings, out, log=log)
    failed = {r.rep_id for r in run.rendered if r.state == "failed"}
    if run.reused:
        log.say(UNCHANGED)
    else:
        made = {r.rep_id for r in run.rendered} - failed
        tell(settings, log.say, index=run.index, made=len(made), failed=len(failed))
    _prune(settings, out, run.index.parent, log)
    typer.echo(run.index)
    log.ended(run.rendered)
    if failed:
        raise SystemExit(1)


def analyse(
    data: Data = None,
    crm: Crm = None,
    period: Period = None,
    as_of: AsOf = None,
    rep: Rep = None,
    team: Team = None,
    lang: Lang = None,
    out: Out = DEFAULT_OUT,
    log_json: LogJson = False,
    cache: Cache = None,
    no_cache: NoCache = False,
    config: Config = None,
) -> None:
    """Everything but the pages: evidence.json, the same as Parquet, CSV and XLSX, and the briefs."""
    from sdrlib.running import run_analysis

    kept = {"cache": cache, "no_cache": no_cache}
    asked = {"data": data, "crm": crm, "period": period, "as_of": as_of, "rep": rep, "team": team}
    settings = settings_of(config, lang=lang, **asked, **kept)
    log = log_of(log_json)
    evidence = run_analysis(settings, out, log=log)
    _prune(settings, out, evidence.parent, log)
    typer.echo(evidence)


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


@contextmanager
def _told(settings: Settings, log: Log) -> Iterator[None]:
    """Whatever stops a run is told to whom the settings name, and goes on its way."""
    from sdrlib.publish.notify import tell

    try:
        yield
    except Exception as error:
        tell(settings, log.say, error=error)
        raise


def _prune(settings: Settings, out: Path, run: Path, log: Log) -> None:
    """Runs past their time go after each run; this one, just asked for, stays."""
    if settings.retention_days is None:
        return
    from datetime import UTC

    from sdrlib.publish.retention import prune
    from sdrlib.publish.unattended import held

    try:
        with held(out, "prune"):
            gone = prune(out, timedelta(days=settings.retention_days), datetime.now(UTC), keep=run)
    except LockedError:
        return  # the run that is at work there prunes when it ends
    except OSError as error:
        log.say(f"{error.filename}: an old run is past its time and could not be removed ({error.strerror}).")
        return
    for folder in gone:
        log.say(f"{folder}: removed, older than {settings.retention_days} days")
