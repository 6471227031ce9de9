"""What is to come, on the terminal and as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sdrlib.cli.options import AsOf, Config, Crm, Data, Lang, Rep, Team, settings_of


def forecast(
    data: Data = None,
    crm: Crm = None,
    as_of: AsOf = None,
    rep: Rep = None,
    team: Team = None,
    lang: Lang = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder that receives forecast.csv, orders.csv and forecast.json.")
    ] = None,
    config: Config = None,
) -> None:
    """Meetings, acceptances and orders by the end of the month and the quarter, and the chance of each quota."""
    from sdrlib.running import run_forecast

    settings = settings_of(config, data=data, crm=crm, as_of=as_of, rep=rep, team=team, lang=lang)
    for line in run_forecast(settings, out):
        typer.echo(line)
