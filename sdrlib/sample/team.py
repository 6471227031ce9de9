"""An invented team with known truth: one generator, one seed, all canonical tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from sdrlib.errors import UsageError
from sdrlib.knowledge import read
from sdrlib.sample.cast import cast_team
from sdrlib.sample.draws import HOUR
from sdrlib.sample.plans import coaching_table, targets_table
from sdrlib.sample.stages import add_path
from sdrlib.sample.tables import build_tables, to_time
from sdrlib.sample.truth import tell_truth
from sdrlib.sample.work import work
from sdrlib.sample.workdays import plan_workdays

if TYPE_CHECKING:
    import pandas as pd

SAMPLE_END = date(2026, 10, 2)


@dataclass(frozen=True)
class Team:
    """An invented team.

    Attributes:
        tables: The canonical tables, by name.
        truth: What is really so: arguments, as-of, and per rep the part and the true multipliers.
    """

    tables: dict[str, pd.DataFrame]
    truth: dict[str, Any]


def make_team(*, reps: int = 12, weeks: int = 13, seed: int = 7, end: date = SAMPLE_END, effects: bool = True) -> Team:
    """Invent a team: same arguments, same tables.

    Args:
        reps: How many reps.
        weeks: Calendar weeks up to the one of ``end``.
        seed: Of the one random generator.
        end: The last day; the data is as a CRM shows it that evening.
        effects: Give some reps true strengths and weaknesses; otherwise they differ by chance, list and tenure.

    Raises:
        UsageError: reps, weeks or seed out of range.
    """
    limits = read("sample")["team"]
    _in_range("reps", reps, 1, limits["most_reps"])
    _in_range("weeks", weeks, 1, limits["most_weeks"])
    _in_range("seed", seed, 0, 2**63 - 1)
    first = end - timedelta(days=end.weekday(), weeks=weeks - 1)
    midnight = int(np.datetime64(end, "s").astype(np.int64))
    as_of = midnight + limits["as_of_hour"] * HOUR
    rng = np.random.default_rng(seed)
    cast = cast_team(rng, reps, first, end, effects=effects)
    workdays = plan_workdays(rng, cast, first, end)
    who, past = work(rng, cast, workdays, as_of)
    tables = {"reps": cast.table(), **build_tables(rng, cast, who, past, as_of)}
    tables |= {"targets": targets_table(cast, first), "coaching_log": coaching_table(cast, first, end)}
    seen_from = to_time(np.array([as_of]))[0]
    tables |= add_path(tables, seed, seen_from)
    arguments = {"reps": reps, "weeks": weeks, "seed": seed, "end": end.isoformat(), "effects": effects}
    return Team(tables, tell_truth(cast, arguments, seen_from.isoformat()))


def _in_range(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise UsageError(f"The sample's {name} is {value}; allowed is a whole number from {least} to {most}.")
