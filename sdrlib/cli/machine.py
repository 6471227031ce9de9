"""The machine that it all runs on: what a run would be asked to do here, whether it could, and JupyterLab."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    TimeZone,
    settings_of,
)
from sdrlib.errors import UsageError

if TYPE_CHECKING:
    from sdrlib.settings import Settings

MISSING = "–"
Json = Annotated[bool, typer.Option("--json", help="The same for a machine.")]


def config(
    data: Data = None,
    crm: Crm = None,
    time_zone: TimeZone = None,
    period: Period = None,
    as_of: AsOf = None,
    rep: Rep = None,
    team: Team = None,
    lang: Lang = None,
    audience: Audience = None,
    formats: Formats = None,
    jobs: Jobs = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Show every setting, its value and where it comes from: default, settings file, SDR_* variable or flag."""
    asked = {"data": data, "crm": crm, "time_zone": time_zone, "period": period, "as_of": as_of, "rep": rep}
    settings = settings_of(config, lang=lang, team=team, audience=audience, format=formats, jobs=jobs, **asked)
    found = list(_effective(settings, config or Path("sdr.toml")))
    if as_json:
        typer.echo(json.dumps({key: {"value": v, "origin": o, "from": f} for key, v, o, f in found}, indent=1))
        return
    rows = [("setting", "value", "from"), *((key, _shown(value), name) for key, value, _, name in found)]
    first, second = (max(len(row[at]) for row in rows) for at in (0, 1))
    for key, value, name in rows:
        typer.echo(f"{key:<{first}}  {value:<{second}}  {name}")


def _shown(value: Any) -> str:
    told = ", ".join(map(str, value)) if isinstance(value, list) else str("" if value is None else value)
    return told or MISSING


def _effective(settings: Settings, file: Path) -> Iterator[tuple[str, Any, str, str]]:
    """Key, value, kind of origin, and its very name; of a secret only whether it is set."""
    if "://" in settings.data:
        from sdrlib.sources.access import parse

        parse(settings.data)  # refuses a URL that holds a password
    for key, value in settings.model_dump(mode="json").items():
        origin = settings.origins[key]
        flag = {"language": "--lang"}.get(key, f"--{key.replace('_', '-')}")
        names = {"default": "default", "file": str(file), "environment": f"SDR_{key.upper()}", "flag": flag}
        yield key, value, origin, names[origin]


def doctor(
    data: Data = None,
    formats: Formats = None,
    jobs: Jobs = None,
    out: Out = DEFAULT_OUT,
    lang: Lang = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Find what is missing on this machine and say how to get it. Exit code 1 when something must be mended."""
    from sdrlib.doctor import Asked, examine, lines
    from sdrlib.settings import Settings
    from sdrlib.words import Words

    try:
        asked = Asked(settings_of(config, lang=lang, data=data, format=formats, jobs=jobs), out)
    except UsageError as error:
        asked = Asked(Settings.defaults(), out, error=str(error))
    found = examine(asked, Words(lang.value if lang else asked.settings.language))
    if as_json:
        typer.echo(json.dumps([asdict(d) for d in found], indent=1, ensure_ascii=False))
    for line in () if as_json else lines(found):
        typer.echo(line)
    if any(d.state == "fail" for d in found):
        raise SystemExit(1)


def lab(context: typer.Context) -> None:
    """Open JupyterLab on the notebooks; options are Jupyter's, as --port=9000."""
    from sdrlib.lab import open_lab

    raise SystemExit(open_lab(context.args))
