"""What need not be made again: briefs of the sample team that stay as they were when something changes.

``python -m benchmarks.again`` compares the briefs of two analyses each: all of a brief, and all but the run's facts
(fingerprint, rows of files, looks, dates), so that one sees what a page that printed no facts would save.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd

from sdrlib.pipeline import analyse
from sdrlib.sample import make_team, write_team
from sdrlib.settings import Settings


def small() -> str:
    """For ``make bench``: a Markdown table."""
    rows = ["| changed | briefs as before | as before but for the run's facts |", "|---|---:|---:|"]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "team"
        write_team(make_team(reps=10, weeks=8, seed=1), data, form="csv")
        before = _briefs(data)
        for name, change in CHANGES.items():
            after = change(data)
            same = sum(before.get(rep) == brief for rep, brief in after.items())
            facts = sum(
                rep in before and replace(brief, facts=before[rep].facts) == before[rep] for rep, brief in after.items()
            )
            rows.append(f"| {name} | {same} of {len(after)} | {facts} of {len(after)} |")
    return "\n".join(rows)


def _briefs(data: Path, **said: object):  # noqa: ANN202
    return analyse(Settings.gather({"data": str(data), "period": "last-4-weeks", **said}, env={})).briefs


def _edited(data: Path, edit: Callable[[pd.DataFrame], pd.DataFrame]):  # noqa: ANN202
    """Briefs of the same data with one table edited, in a copy."""
    import shutil

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(data, Path(folder) / "team"))
        table = pd.read_csv(copy / "activities.csv", dtype=str)
        edit(table).to_csv(copy / "activities.csv", index=False)
        return _briefs(copy)


def _one_call(table: pd.DataFrame) -> pd.DataFrame:
    """One call of one rep that reached nobody, connected."""
    missed = table.index[(table["outcome"] == "no_answer") & (table["rep_id"] == "r01")]
    table.loc[missed[-1], "outcome"] = "connected"
    return table


def _unread(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(colour="blue")


CHANGES: dict[str, Callable] = {
    "nothing, all reps after some": lambda data: _briefs(data, rep=("r01", "r02")),
    "a column that nothing reads": lambda data: _edited(data, _unread),
    "one call of one rep": lambda data: _edited(data, _one_call),
    "a week more": lambda data: _briefs(data, as_of="2026-09-25"),
    "a setting (fdr)": lambda data: _briefs(data, fdr=0.05),
}


def main() -> None:
    argparse.ArgumentParser(prog="python -m benchmarks.again", description=__doc__).parse_args()
    print(small())


if __name__ == "__main__":
    main()
