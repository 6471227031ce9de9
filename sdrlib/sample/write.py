"""An invented team as files: one per table, named after it, with the truth beside them."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from sdrlib.errors import UsageError
from sdrlib.knowledge import read
from sdrlib.sample.team import Team

if TYPE_CHECKING:
    import pandas as pd

Form = Literal["csv", "parquet"]

TRUTH = "truth.json"
# One row per touch or person. The others stay CSV, to be read and changed by hand.
LARGE = ("activities", "prospects")


def write_team(team: Team, folder: str | Path, *, form: Form = "csv") -> Path:
    """Write a team whole or not at all: into a hidden folder beside ``folder``, then renamed.

    Args:
        team: What ``make_team`` gave.
        folder: Where to; empty, absent, or an earlier sample, which is replaced.
        form: ``csv`` (UTF-8), or ``parquet``: the two large tables as Parquet (zstd), a fifth of the size.

    Returns:
        The folder.

    Raises:
        UsageError: unknown form, or the folder holds something that is not a sample.
    """
    if form not in get_args(Form):
        raise UsageError(f"The sample's format is {form!r}; allowed are {', '.join(get_args(Form))}.")
    target = Path(folder).resolve()
    _refuse_foreign(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh, old = (target.with_name(f".{target.name}.{os.getpid()}.{end}") for end in ("new", "old"))
    fresh.mkdir()
    try:
        for name, frame in team.tables.items():
            _write_table(name, frame, fresh, form)
        text = json.dumps(team.truth, ensure_ascii=False, indent=1)
        (fresh / TRUTH).write_text(text + "\n", encoding="utf-8", newline="\n")
        if target.exists():
            target.rename(old)
        fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    return target


def _refuse_foreign(target: Path) -> None:
    """Only an empty folder or an earlier sample may be replaced."""
    if not target.exists():
        return
    if not target.is_dir():
        raise UsageError(f"{target} is a file; allowed is a folder that is empty, absent or an earlier sample.")
    tables = read("contract")["tables"]
    ours = {f"{name}.{end}" for name in tables for end in ("csv", "parquet")} | {TRUTH}
    found = {path.name for path in target.iterdir()}
    foreign = sorted(found - ours) or ([] if not found or _is_sample(target) else sorted(found))
    if foreign:
        shown = ", ".join(foreign[:3]) + ("…" if len(foreign) > 3 else "")
        raise UsageError(f"{target} holds {shown}; allowed is a folder that is empty, absent or an earlier sample.")


def _is_sample(target: Path) -> bool:
    """Whether the truth in that folder is one that this kit wrote."""
    try:
        truth = json.loads((target / TRUTH).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(truth, dict) and truth.get("made_by") == "sdr sample"


def _write_table(name: str, frame: pd.DataFrame, folder: Path, form: Form) -> None:
    if form == "parquet" and name in LARGE:
        frame.to_parquet(folder / f"{name}.parquet", engine="pyarrow", compression="zstd", index=False)
        return
    columns = read("contract")["tables"][name]["columns"]
    times = {str(c): _iso(frame[c]) for c in frame if columns[c]["type"] == "time"}
    text = frame.assign(**times)
    text.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8", lineterminator="\n")


def _iso(times: pd.Series[pd.Timestamp]) -> pd.Series[str]:
    """ISO 8601 with the offset, missing where there is no time; pandas' own text has a blank for the T."""
    import pandas as pd

    local = times.dt.tz_localize(None)
    offset = (local - times.dt.tz_convert("UTC").dt.tz_localize(None)) / np.timedelta64(1, "h")
    signed = offset.fillna(0).astype(int).map("{:+03d}:00".format).astype("str")
    text = pd.Series(np.datetime_as_string(local.to_numpy().astype("datetime64[s]")), index=times.index)
    return (text + signed).where(times.notna())
