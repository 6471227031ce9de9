"""The door: ``sdr`` and its subcommands. Parses words, calls the corridor, turns errors into sentences."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import typer

from sdrlib.cli import data, forecast, machine, people, reports
from sdrlib.cli.options import inform
from sdrlib.errors import KitError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with local values would print personal data
    help="Fair comparison and coaching reports for sales-development teams.",
    rich_markup_mode=None,
)

COMMANDS: dict[str, Callable[..., None]] = {
    "report": reports.report,
    "analyse": reports.analyse,
    "check": data.check,
    "import": data.import_exports,
    "pull": data.pull,
    "sample": data.sample,
    "lot": reports.lot,
    "forecast": forecast.forecast,
    "prune": people.prune,
    "forget": people.forget,
    "export": people.export,
    "config": machine.config,
    "doctor": machine.doctor,
    "lab": machine.lab,
}
"""In the order of the help; what is heavy is imported inside of each."""

OTHERS_OPTIONS = {"allow_extra_args": True, "ignore_unknown_options": True}

for name, command in COMMANDS.items():
    app.command(name, context_settings=OTHERS_OPTIONS if name == "lab" else None)(command)


def _language(arguments: Sequence[str]) -> str:
    return "fr" if "--lang=fr" in arguments or ("--lang" in arguments and "fr" in arguments) else "en"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command.

    Exit codes: 0 well, 1 some reports failed, 2 wrong use, 65 data not fit, 70 not finished, 75 another run is at work,
    128 + signal when stopped.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    _open_streams()
    try:
        app(args=words, prog_name="sdr")
    except KitError as error:
        from sdrlib.publish.log import JsonLog, explain

        if "--log-json" in words:
            JsonLog(inform).stopped(error)
        else:
            inform(explain(error, _language(words)))
        raise SystemExit(error.exit_code) from None


def _open_streams() -> None:
    """Started with a stream closed, as some schedulers do: else the next file opened would be taken for it."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - open as long as the process
            os.set_inheritable(stream.fileno(), True)
            setattr(sys, name, stream)
