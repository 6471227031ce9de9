"""How long a command takes to start: bare Python, ``import sdrlib``, ``sdr --help``, an unchanged ``sdr report``.

``python -m benchmarks.startup`` takes each in turn, round after round; the report is one of the sample team that stands
already, in a folder of its own. Milliseconds are one machine's, with compiled files.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from statistics import median

from benchmarks.fanout import _compiled

KIT = [sys.executable, "-m", "sdrlib"]
BARE = "bare Python"


def small() -> str:
    """For ``make bench``: a Markdown table."""
    return measured(5)


def measured(rounds: int) -> str:
    """Wall milliseconds of every command, and those beyond bare Python."""
    _compiled()
    with tempfile.TemporaryDirectory() as out:
        commands = {
            BARE: [sys.executable, "-c", "pass"],
            "import sdrlib": [sys.executable, "-c", "import sdrlib"],
            "sdr --help": [*KIT, "--help"],
            "sdr report, nothing changed": [*KIT, "report", "--rep", "r01", "--audience", "rep", "--out", out],
        }
        for command in commands.values():
            _milliseconds(command)  # files are in memory then, and the report is there
        told = [{name: _milliseconds(command) for name, command in commands.items()} for _ in range(rounds)]
    rows = ["| command | ms | beyond bare Python |", "|---|---:|---:|"]
    for name in commands:
        whole, more = (median(found[name] - less * found[BARE] for found in told) for less in (0, 1))
        rows.append(f"| {name} | {whole:.0f} | {more:.0f} |")
    return "\n".join(rows)


def _milliseconds(command: list[str]) -> float:
    began = time.perf_counter()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(command, check=True, **quiet)  # noqa: S603 - the kit
    return 1000 * (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.startup", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    print(measured(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
