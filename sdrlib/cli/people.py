"""What people may ask for, and how long their data stays: prune, forget, export."""

from __future__ import annotations

import re
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from sdrlib.cli.options import DEFAULT_OUT, Config, Lang, inform, settings_of
from sdrlib.errors import UsageError

Runs = Annotated[Path, typer.Option(help="Folder of the runs.")]
RepId = Annotated[str, typer.Argument(help="The rep's id, as the reps table has it.", metavar="ID")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without it only say what would be done.")]
Lots = Annotated[Path | None, typer.Option(help="A file of coaching lots to look through as well.")]

UNITS = {"d": 1, "w": 7}


def prune(
    older_than: Annotated[
        str | None, typer.Option(help="As 180d or 26w; without it: retention_days of the settings.")
    ] = None,
    out: Runs = DEFAULT_OUT,
    yes: Yes = False,
    config: Config = None,
) -> None:
    """Remove runs that were published longer ago than that. Says what would go; removes it with --yes."""
    from sdrlib import cache
    from sdrlib.publish.retention import expired, prune
    from sdrlib.publish.unattended import held

    settings = settings_of(config)
    days = settings.retention_days
    if older_than is None and days is None:
        raise UsageError("Older than what? Say --older-than 180d, or set retention_days in sdr.toml.")
    age, now = _age(older_than) if older_than else timedelta(days=days or 0), datetime.now(UTC)
    with held(out, "prune") if yes and out.is_dir() else nullcontext():
        gone = prune(out, age, now) if yes else expired(out, age, now)
    cached = cache.entries(cache.folder_of(settings.cache), older_than=age)
    for folder in cached:
        cache.drop(folder) if yes else None
    for folder in (*gone, *cached):
        typer.echo(folder)
    inform(f"{_many(len(gone), 'run')} {'removed' if yes else 'to remove; add --yes to do it'}.")


def _age(text: str) -> timedelta:
    found = re.fullmatch(r"([1-9]\d{0,4})([dw])", text.strip())
    if not found:
        raise UsageError(f"--older-than {text}: not an age. Allowed: days or weeks, as 180d or 26w.")
    return timedelta(days=int(found[1]) * UNITS[found[2]])


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def forget(
    rep_id: RepId,
    name: Annotated[list[str] | None, typer.Option(help="Look for this name too (repeat for several).")] = None,
    out: Runs = DEFAULT_OUT,
    lots: Lots = None,
    yes: Yes = False,
    config: Config = None,
) -> None:
    """Take every trace of a rep out of all runs. Lists each file; touches none without --yes."""
    from sdrlib import cache
    from sdrlib.publish import erasure
    from sdrlib.publish.unattended import held

    cached = cache.entries(cache.folder_of(settings_of(config).cache))

    with held(out, "forget") if yes and out.is_dir() else nullcontext():
        done = (erasure.forget if yes else erasure.plan)(out, rep_id, names=name or (), lots=lots)
    for step in done.steps:
        for file in step.files:
            typer.echo(f"{step.what if yes else f'to be {step.what}'}: {file}")
    for folder in cached:
        cache.drop(folder) if yes else None
        typer.echo(f"{'removed' if yes else 'to be removed'}: {folder}")
    for file in done.left:
        typer.echo(f"left: {file}")
    number = sum(len(step.files) for step in done.steps) + len(cached)
    inform(f"{_many(number, 'file')} {'touched' if yes else 'to touch; add --yes to do it'}.")
    if done.left:
        left = _many(len(done.left), "file")
        inform(f"{left} left that name this person: about somebody else, or of an unknown kind. Look at each.")
        raise SystemExit(1)
    if yes:
        inform(
            "The exports that the runs were made from are not touched: while these name the person, the next run does."
        )


def export(
    rep_id: RepId,
    out: Runs = DEFAULT_OUT,
    to: Annotated[Path | None, typer.Option(help="The archive; without it: ID.zip in this folder.")] = None,
    lots: Lots = None,
    lang: Lang = None,
    config: Config = None,
) -> None:
    """Gather everything about a rep into one zip, and nothing about anybody else."""
    from sdrlib.publish.dossier import export
    from sdrlib.publish.names import file_stem
    from sdrlib.records import Person

    path = to or Path(f"{file_stem(Person(rep_id, rep_id, '', '', None))}.zip")
    made = export(out, rep_id, path, settings_of(config, lang=lang), lots=lots)
    inform(_many(len(made.entries), "file"))
    typer.echo(made.path)
