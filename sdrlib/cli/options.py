"""The words that commands have in common: options, the settings they make, and the line for a person."""

from __future__ import annotations

import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from sdrlib.publish.log import Log
    from sdrlib.settings import Settings

DEFAULT_OUT = Path("reports")


class Language(StrEnum):
    """Languages of the pages."""

    EN = "en"
    FR = "fr"


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
Scheduler = Annotated[
    str | None, typer.Option(help="A Dask scheduler whose workers make the reports, as tcp://10.0.0.5:8786.")
]
Cache = Annotated[
    str | None, typer.Option(help="Where parsed files are kept for the next run: a folder, auto, or off.")
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Keep no parsed files and use none.")]
Out = Annotated[Path, typer.Option(help="Folder that receives the run.")]
LogJson = Annotated[bool, typer.Option("--log-json", help="One JSON object a line on standard error, without names.")]
Config = Annotated[Path | None, typer.Option(help="Settings file; without it: sdr.toml of this folder, if any.")]


def settings_of(config: Path | None, *, lang: Language | None = None, **flags: Any) -> Settings:
    """The settings of a command: what its flags inform, over the other origins."""
    from sdrlib.settings import Settings

    if flags.pop("no_cache", False):
        flags["cache"] = "off"
    return Settings.gather({**flags, "language": lang.value if lang else None}, file=config)


def inform(line: str) -> None:
    """A line for the person who watches; standard output is for what a program reads."""
    typer.echo(line, err=True)


def log_of(as_json: bool) -> Log:
    """How a run tells of itself: to a machine, on a terminal, or line by line."""
    from sdrlib.publish.log import JsonLog, Log, TerminalLog

    return (JsonLog if as_json else TerminalLog if sys.stderr.isatty() else Log)(inform)
