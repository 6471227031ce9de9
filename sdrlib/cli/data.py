"""Data before it is counted: brought, turned into tables, judged, or made up."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sdrlib.cli.options import Config, Crm, Data, Lang, TimeZone, inform, settings_of
from sdrlib.errors import DataUnfitError, UsageError

if TYPE_CHECKING:
    from sdrlib.records import SourceFile
    from sdrlib.words import Words


class Form(StrEnum):
    """File formats of a sample."""

    CSV = "csv"
    PARQUET = "parquet"


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

    settings = settings_of(config, data=data, crm=crm, lang=lang)
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
        inform(words.problem_text(problem))
    for line in (*quality.lines(found, words), *checked.tables.notes.get(settings.language, ())):
        typer.echo(line)
    for file in checked.tables.files:
        typer.echo(_account(words, file))
    typer.echo(words.say("The data is fit to count."))


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

    settings = settings_of(config, crm=crm, time_zone=time_zone, lang=lang)
    if explain:
        for line in explain_import(files or [], settings):
            typer.echo(line)
        return
    if not files or out is None:
        raise UsageError("sdr import needs files and --out DIR; sdr import --explain --crm NAME shows a mapping.")
    typer.echo(import_or_start(files, out, settings, coded=pseudonymise, say=inform))


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
    typer.echo(bring(tool, out, fields=field or (), since=first, now=datetime.now(UTC), say=inform))


def _account(words: Words, file: SourceFile) -> str:
    """Rows read are rows kept and rows listed."""
    if file.kept is None:
        return f"{file.name}: {words.count(file.rows)}"
    listed = "".join(f" + {words.count(rows)} ({code})" for code, rows in file.dropped)
    read = words.say("{file}: {rows} rows read = {kept} kept", file=file.name, rows=words.count(file.rows),
                     kept=words.count(file.kept))  # fmt: skip
    return read + listed
