"""The door: ``sdr`` and its subcommands. Parses words, calls the corridor, turns errors into sentences."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import typer

from sdrlib.cli import data, forecast, machine, reports
from sdrlib.cli.options import inform
from sdrlib.errors import DataUnfitError, KitError, UsageError

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
    "lab": machine.lab,
}
"""In the order of the help; what is heavy is imported inside of each."""

for name, command in COMMANDS.items():
    app.command(name)(command)


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
        inform(_explain(error, _language(words)))
        raise SystemExit(error.exit_code) from None
