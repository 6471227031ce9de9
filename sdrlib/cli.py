"""The door: ``sdr`` and its subcommands. Parses words, calls the pipeline, turns errors into sentences."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sdrlib.errors import DataUnfitError, KitError, UsageError

if TYPE_CHECKING:
    from sdrlib.records import Rendered, SourceFile
    from sdrlib.settings import Settings
    from sdrlib.words import Words

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with local values would print personal data
    help="Fair comparison and coaching reports for sales-development teams.",
    rich_markup_mode=None,
)

DEFAULT_OUT = Path("reports")


class Language(StrEnum):
    """Languages of the pages."""

    EN = "en"
    FR = "fr"


class Form(StrEnum):
    """File formats of a sample."""

    CSV = "csv"
    PARQUET = "parquet"


Data = Annotated[
    str | None,
    typer.Option(
        help="Folder of exports, or a database: postgres://USER@HOST/DB?schema=NAME. Without it: the sample team."
    ),
]
Crm = Annotated[str | None, typer.Option(help="Name of a mapping, or the path of your own TOML file.")]
TimeZone = Annotated[str | None, typer.Option(help="Zone of times that name none, as Europe/Paris.")]
Period = Annotated[
    str | None, typer.Option(help="2026-10, 2026-Q4, 2026-W40, last-month, last-quarter, last-13-weeks or all.")
]
AsOf = Annotated[datetime | None, typer.Option(help="The day or instant the analysis looks from.")]
Rep = Annotated[list[str] | None, typer.Option(help="Report on this rep only (repeat for several).")]
Team = Annotated[str | None, typer.Option(help="Compare and report within this team only.")]
Lang = Annotated[Language | None, typer.Option("--lang", help="Language of the pages.")]
Audience = Annotated[str | None, typer.Option(help="Whose copies: rep, manager or both.")]
Formats = Annotated[str | None, typer.Option("--format", help="html, pdf, or html,pdf.")]
Jobs = Annotated[int | None, typer.Option(help="Reports made at once; 0: one per processor.")]
Engine = Annotated[str | None, typer.Option(help="How notebooks run: warm, or stock (a kernel started for each).")]
Out = Annotated[Path, typer.Option(help="Folder that receives the run.")]
Config = Annotated[Path | None, typer.Option(help="Settings file; without it: sdr.toml of this folder, if any.")]


@app.command()
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
    out: Out = DEFAULT_OUT,
    config: Config = None,
) -> None:
    """Make one coaching report per rep, the team's report, and the index. Prints the path of index.html."""
    from sdrlib.running import run_report

    asked = {"data": data, "crm": crm, "period": period, "as_of": as_of, "rep": rep, "team": team, "jobs": jobs}
    settings = _settings(config, lang=lang, audience=audience, format=formats, engine=engine, **asked)
    run = run_report(settings, out, say=_say)
    if run.reused:
        _say("Nothing changed since this run was made.")
    typer.echo(run.index)
    _end(run.rendered)


@app.command()
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

    settings = _settings(config, data=data, crm=crm, period=period, as_of=as_of, rep=rep, team=team, lang=lang)
    typer.echo(run_analysis(settings, out, say=_say))


@app.command()
def check(
    data: Data = None,
    crm: Crm = None,
    lang: Lang = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same for a machine, on standard output.")] = False,
    config: Config = None,
) -> None:
    """Is the data fit to count, and what do its gaps do to the measures? Exit code 65 when it is not fit."""
    from sdrlib.pipeline import examine, inspect
    from sdrlib.publish import quality
    from sdrlib.words import Words

    settings = _settings(config, data=data, crm=crm, lang=lang)
    checked = inspect(settings)
    found = examine(checked, settings) if checked.fit else None
    if as_json:
        typer.echo(quality.as_json(checked, found))
    if found is None:
        raise DataUnfitError([*checked.fatal, *checked.warnings])
    if as_json:
        return
    words = Words(settings.language)
    for problem in quality.untold(checked.warnings, found):
        _say(words.problem_text(problem))
    for line in (*quality.lines(found, words), *checked.tables.notes.get(settings.language, ())):
        typer.echo(line)
    for file in checked.tables.files:
        typer.echo(_account(words, file))
    typer.echo(words.say("The data is fit to count."))


@app.command("import")
def import_exports(
    files: Annotated[list[str] | None, typer.Argument(help="Exports: files or folders.")] = None,
    crm: Annotated[str, typer.Option(help="Mappings, with commas between; auto finds out by the columns.")] = "auto",
    out: Annotated[Path | None, typer.Option(help="Folder for the tables; absent, empty or an earlier import.")] = None,
    time_zone: TimeZone = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say what the mapping reads; write nothing.")] = False,
    pseudonymise: Annotated[bool, typer.Option("--pseudonymise", help="Keyed codes in place of people.")] = False,
    lang: Lang = None,
    config: Config = None,
) -> None:
    """Turn exports of a CRM or dialler into tables that every other command reads without a mapping."""
    from sdrlib.importing import explain_import, import_or_start

    settings = _settings(config, crm=crm, time_zone=time_zone, lang=lang)
    if explain:
        for line in explain_import(files or [], settings):
            typer.echo(line)
        return
    if not files or out is None:
        raise UsageError("sdr import needs files and --out DIR; sdr import --explain --crm NAME shows a mapping.")
    typer.echo(import_or_start(files, out, settings, coded=pseudonymise, say=_say))


@app.command()
def sample(
    out: Annotated[Path, typer.Option(help="Folder to write; must be new or an earlier sample.")],
    reps: Annotated[int, typer.Option(help="Size of the team.")] = 12,
    weeks: Annotated[int, typer.Option(help="Length of its history.")] = 13,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal teams.")] = 7,
    form: Annotated[Form, typer.Option("--format", help="File format.")] = Form.CSV,
) -> None:
    """Write a synthetic team with known differences; the truth goes beside the data, in truth.json."""
    from sdrlib.sample import make_team, write_team

    write_team(make_team(reps=reps, weeks=weeks, seed=seed), out, form=form.value)
    typer.echo(out)


@app.command()
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

    settings = _settings(config, data=data, crm=crm, period=period, rep=rep, team=team)
    drawn = run_lot(settings, measure, out, starts_on=starts_on.date(), weeks_later=weeks_later, seed=seed)
    for wave in ("first", "later"):
        starts = [d.starts_on for d in drawn if d.wave == wave]
        _say(f"{wave}: {len(starts)} from {starts[0]}")
    _say("Put the file beside the coaching log; the report answers once the later wave begins.")
    typer.echo(out)


@app.command()
def pull(
    tool: Annotated[str, typer.Argument(help="hubspot or salesforce.")],
    out: Annotated[Path, typer.Option(help="Folder that receives the records; again the same one: only changes.")],
    field: Annotated[list[str] | None, typer.Option(help="KIND=FIELD, a field of your own.")] = None,
    since: Annotated[datetime | None, typer.Option(help="First pull: nothing that changed before that day.")] = None,
) -> None:
    """Bring records straight from HubSpot or Salesforce into files that their mapping reads."""
    from datetime import UTC

    from sdrlib.sources.pull import pull as bring

    first = since.date().isoformat() if since else ""
    typer.echo(bring(tool, out, fields=field or (), since=first, now=datetime.now(UTC), say=_say))


@app.command()
def lab() -> None:
    """Open JupyterLab on the notebooks."""
    import subprocess

    from sdrlib.pipeline import NOTEBOOKS

    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={NOTEBOOKS}", "--ip=127.0.0.1"]
    raise SystemExit(subprocess.call(command))  # noqa: S603 - our own interpreter and folder


def _settings(config: Path | None, *, lang: Language | None = None, **flags: Any) -> Settings:
    from sdrlib.settings import Settings

    return Settings.gather({**flags, "language": lang.value if lang else None}, file=config)


def _account(words: Words, file: SourceFile) -> str:
    """Rows read are rows kept and rows listed."""
    if file.kept is None:
        return f"{file.name}: {words.count(file.rows)}"
    listed = "".join(f" + {words.count(rows)} ({code})" for code, rows in file.dropped)
    read = words.say("{file}: {rows} rows read = {kept} kept", file=file.name, rows=words.count(file.rows),
                     kept=words.count(file.kept))  # fmt: skip
    return read + listed


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _end(rendered: Sequence[Rendered]) -> None:
    failed = {r.rep_id: r for r in rendered if r.state == "failed"}
    for r in failed.values():
        _say(f"{r.name}: {r.error}")
    if failed:
        _say(f"{len(failed)} of {len({r.rep_id for r in rendered})} reports failed; the others are published.")
        raise SystemExit(1)


def _explain(error: KitError, language: str) -> str:
    if not isinstance(error, DataUnfitError):
        return str(error)
    from sdrlib.knowledge import read
    from sdrlib.words import Words

    words, rules = Words(language), read("problems")
    stopping = [p for p in error.problems if rules.get(p.code, {}).get("stops", True)]
    others = [p for p in error.problems if p not in stopping]
    lines = [words.problem_text(p) for p in stopping]
    lines += [words.say("Not fit to count: nothing was written. The problems above stop the run.")]
    lines += [words.say("Also found:"), *(words.problem_text(p) for p in others)] if others else []
    return "\n".join(lines)


def _language(arguments: Sequence[str]) -> str:
    return "fr" if "--lang=fr" in arguments or ("--lang" in arguments and "fr" in arguments) else "en"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command. Exit codes: 0 well, 1 some reports failed, 2 wrong use, 65 data not fit."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(args=words, prog_name="sdr")
    except (KitError, UsageError) as error:
        _say(_explain(error, _language(words)))
        raise SystemExit(error.exit_code) from None


if __name__ == "__main__":
    main()
