"""Who is coached first and who a few weeks later, by lot: the only way to tell an effect from a change."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sdrlib.errors import UsageError
from sdrlib.knowledge import read
from sdrlib.records import Draw

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = [f.name for f in fields(Draw)]
SHORTEST, LONGEST = 2, 8
"""Weeks between the waves: one whole week must lie between them, and nobody is made to wait for a season."""


def draw_lot(
    reps: pd.DataFrame,
    measure: str,
    *,
    starts_on: date,
    weeks_later: int = 3,
    seed: int,
    drawn_on: date,
    tenure_bands_days: Sequence[int] = (),
) -> tuple[Draw, ...]:
    """Split reps by lot into those coached first and those coached some weeks later.

    Within each team and tenure band the waves differ by one rep at most, and so they do over all.

    Args:
        reps: rep_id, and where known team and tenure_days: ``Counts.reps``, cut to whom the lot is about.
        measure: What the coaching will be about; a measure that can be coached on.
        starts_on: When the first wave begins.
        weeks_later: How much later the other one does.
        seed: Equal seeds and reps give equal lots.
        drawn_on: Today.
        tenure_bands_days: Where one tenure band ends and the next begins.

    Returns:
        One line per rep, by rep id.

    Raises:
        UsageError: the measure is not coached on, the start has passed, the waves are too close, or there are fewer
            than two reps.
    """
    people = reps.drop_duplicates("rep_id").sort_values("rep_id")
    _check(people, measure, starts_on, weeks_later, drawn_on)
    chance = random.Random(seed)  # noqa: S311 - a lot that anybody can draw again, not a secret
    strata: dict[tuple[str, int], list[str]] = {}
    for row in people.to_dict("records"):
        team, days = row.get("team"), row.get("tenure_days")
        band = sum(days >= edge for edge in tenure_bands_days) if days == days and days is not None else -1
        strata.setdefault((team if isinstance(team, str) else "", band), []).append(str(row["rep_id"]))
    order = [rep for _, members in sorted(strata.items()) for rep in chance.sample(members, len(members))]
    coin = chance.randrange(2)
    later = starts_on + timedelta(weeks=weeks_later)
    drawn = (
        Draw(rep, measure, "later", later, drawn_on, seed)
        if (i + coin) % 2
        else Draw(rep, measure, "first", starts_on, drawn_on, seed)
        for i, rep in enumerate(order)
    )
    return tuple(sorted(drawn, key=lambda d: d.rep_id))


def _check(people: pd.DataFrame, measure: str, starts_on: date, weeks_later: int, drawn_on: date) -> None:
    coached = [name for name, rules in read("measures").items() if rules["coached"]]
    wrong = []
    if measure not in coached:
        wrong.append(f"--measure {measure}: nobody is coached on it. Allowed: {', '.join(coached)}.")
    if starts_on < drawn_on:
        wrong.append(f"--starts-on {starts_on}: has passed. A lot is drawn before the coaching; name a day to come.")
    if not SHORTEST <= weeks_later <= LONGEST:
        wrong.append(f"--weeks-later {weeks_later}: from {SHORTEST} to {LONGEST}, so that whole weeks lie between.")
    if len(people) < 2:
        wrong.append(f"{len(people)} rep chosen: a lot needs two at least, and eight to be able to tell anything.")
    if wrong:
        raise UsageError("\n".join(wrong))


def record_lot(drawn: Sequence[Draw], path: Path) -> None:
    """Add a lot to a file of lots, or begin one; written whole or not at all.

    Raises:
        UsageError: somebody among them has a lot on this measure already, another lot of today has the same seed and
            measure (a file tells them apart by nothing else), or the file is not one of lots.
    """
    earlier = _earlier(path)
    said = {(row["rep_id"], row["measure"]): row for row in earlier}
    twice = [said[d.rep_id, d.measure] for d in drawn if (d.rep_id, d.measure) in said]
    if twice:
        whom = ", ".join(repr(row["rep_id"]) for row in twice[:5]) + (", …" if len(twice) > 5 else "")
        raise UsageError(
            f"{path.name}: {len(twice)} of these reps were drawn for {drawn[0].measure} on {twice[0]['drawn_on']} "
            f"({whom}). A lot drawn again until it pleases is no lot, so it is kept. Draw for others with --rep, or "
            "for another measure; for a new round once this one is over, name another file with --out."
        )
    _refuse_twins(drawn, earlier, path)
    partial = path.with_name(f".{path.name}.part")
    try:
        with partial.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, COLUMNS)
            writer.writeheader()
            writer.writerows([*earlier, *(asdict(d) for d in drawn)])
        partial.replace(path)
    except OSError as error:
        raise UsageError(f"--out {path}: cannot be written ({error.strerror}). Name another file.") from None


def _refuse_twins(drawn: Sequence[Draw], earlier: Sequence[dict[str, str]], path: Path) -> None:
    starts: dict[str, str] = {d.wave: str(d.starts_on) for d in drawn}
    same = (drawn[0].measure, str(drawn[0].drawn_on), str(drawn[0].seed))
    twins = [row for row in earlier if (row["measure"], row["drawn_on"], row["seed"]) == same]
    if any(starts.get(row["wave"], row["starts_on"]) != row["starts_on"] for row in twins):
        raise UsageError(
            f"{path.name}: a lot on {same[0]} with --seed {same[2]} was drawn today for other days; the two could not "
            "be told apart. Name another --seed."
        )


def _earlier(path: Path) -> list[dict[str, str]]:
    """The lots recorded so far."""
    if not path.exists():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            columns, rows = reader.fieldnames, list(reader)
    except (OSError, ValueError, csv.Error) as error:
        raise UsageError(f"--out {path}: cannot be read ({error}). Name another file.") from None
    if columns != COLUMNS or any(None in row or None in row.values() for row in rows):
        raise UsageError(
            f"--out {path}: not a file of lots. Its columns must be {', '.join(COLUMNS)}; name another file."
        )
    return rows
