"""How long does comparing a large team take?

``python -m benchmarks.comparison [--reps N …] [--out FILE]`` builds counts of synthetic teams, 12 measures by 50 strata
(ten lists, five channels) by 13 weeks, and measures the CPU time of the whole question: counts in, evidence out.
Only the ratio of two lines of one run says anything about growth; seconds are this machine's.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from sdrlib.knowledge import read
from sdrlib.questions.conversion import compare
from sdrlib.records import Counts, Window
from sdrlib.settings import Settings

REPORT = Path(__file__).with_name("comparison.md")
MEASURES, LISTS, CHANNELS, WEEKS, WORKED = 12, 10, 5, 13, 2
TEXT = ("rep_id", "measure", "list", "channel", "tenure")
FIRST = date(2026, 7, 6)
SIZES = (125, 200, 250, 500, 1000)
BUDGET = {200: 2.0, 1000: 10.0}
"""Reps -> CPU seconds that comparing them may take."""


class Timing(NamedTuple):
    """CPU seconds of one comparison, and the rows of its counts."""

    reps: int
    rows: int
    seconds: float


def team(reps: int, rng: np.random.Generator) -> Counts:
    """Counts in which every rep works every stratum of every measure, each in two of the thirteen weeks."""
    measures = dict(list(read("measures").items())[:MEASURES])
    shape = (reps, MEASURES, LISTS, CHANNELS, WORKED)
    rep, asked, worked, channel, _ = (i.ravel() for i in np.indices(shape))
    trials = rng.integers(5, 80, len(rep)).astype(float)
    rate = 0.08 * np.geomspace(0.55, 1.7, LISTS)[worked] * rng.gamma(150, 1 / 150, reps)[rep]
    people = np.array([f"r{i:04}" for i in range(reps)], dtype=object)
    names = np.array(list(measures), dtype=object)
    cells = pd.DataFrame(
        {
            "rep_id": people[rep],
            "measure": names[asked],
            "list": np.array([f"list {i}" for i in range(LISTS)], dtype=object)[worked],
            "channel": np.array([f"channel {i}" for i in range(CHANNELS)], dtype=object)[channel],
            "tenure": "180+",
            "week": pd.to_datetime(FIRST) + pd.to_timedelta(7 * rng.integers(0, WEEKS, len(rep)), unit="D"),
            "trials": trials,
            "successes": rng.binomial(trials.astype(int), rate).astype(float),
        }
    ).astype(dict.fromkeys(TEXT, object))  # as counting gives them, and slower than pandas' own text
    return _counts(people, cells, clusters(people, [k for k, m in measures.items() if m["kind"] == "rate"], rng), names)


def clusters(people: np.ndarray, measures: list[str], rng: np.random.Generator) -> pd.DataFrame:
    """Moments of prospects called three times, whole and cut by week."""
    frame = pd.MultiIndex.from_product([people, measures, [False, True]], names=["rep_id", "measure", "by_week"])
    found = frame.to_frame(index=False)
    number = rng.integers(500, 900, len(found)).astype(float)
    met = np.round(0.24 * number)
    return found.assign(
        clusters=number, sum_num=met, sum_den=3 * number, sum_num2=1.3 * met, sum_numden=3 * met, sum_den2=9 * number
    )


def _counts(people: np.ndarray, cells: pd.DataFrame, moments: pd.DataFrame, names: np.ndarray) -> Counts:
    nothing = pd.DataFrame()
    last = FIRST + timedelta(weeks=WEEKS, days=-1)
    return Counts(
        reps=pd.DataFrame({"rep_id": people, "name": people, "team": "north", "tenure_days": 400}),
        cells=cells,
        clusters=moments,
        mix=nothing,
        ahead=nothing,
        unlogged=nothing,
        targets=nothing,
        coached=nothing,
        missing={m: "no_rows" for m in read("measures") if m not in set(names)},
        window=Window("all", FIRST, last, datetime(2026, 10, 5, tzinfo=UTC), "Europe/Paris"),
        fingerprint="synthetic",
        files=(),
        problems=(),
        notes={},
    )


def measure(sizes: Iterable[int], seed: int) -> list[Timing]:
    """CPU seconds of one comparison of each size, after a first one that imports and warms what it needs."""
    settings = Settings.gather(env={})
    compare(team(10, np.random.default_rng(seed)), settings)
    found = []
    for reps in sizes:
        counts = team(reps, np.random.default_rng([seed, reps]))
        start = time.process_time()
        evidence = compare(counts, settings)
        found.append(Timing(reps, len(counts.cells), time.process_time() - start))
        assert len(evidence.findings) == reps * MEASURES  # noqa: S101 - a benchmark must not measure a failure
    return found


def page(found: list[Timing]) -> str:
    """The table in Markdown."""
    rows = [
        "# Comparing a team: CPU time",
        "",
        f"`python -m benchmarks.comparison`: {MEASURES} measures × {LISTS * CHANNELS} strata, every rep in all of",
        f"them, each in {WORKED} of {WEEKS} weeks; counts in, evidence out. Growth is the time over that of half as",
        "many reps: 2 is linear. Seconds are one machine's.",
        "",
        "| reps | rows of counts | CPU seconds | allowed | growth per doubling |",
        "|---:|---:|---:|---:|---:|",
    ]
    seconds = {t.reps: t.seconds for t in found}
    for t in found:
        allowed = f"{BUDGET[t.reps]:.0f}" if t.reps in BUDGET else ""
        half = seconds.get(t.reps // 2) if t.reps % 2 == 0 else None
        growth = f"{t.seconds / half:.2f}" if half else ""
        rows.append(f"| {t.reps:,} | {t.rows:,} | {t.seconds:.2f} | {allowed} | {growth} |")
    return "\n".join(rows) + "\n"


def small() -> str:
    """For ``make bench``."""
    return page(measure((100, 200), 1)).partition("\n\n")[2].strip()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.comparison", description="Large teams, one table.")
    parser.add_argument("--reps", type=int, nargs="+", default=list(SIZES), help="sizes of the teams")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=None, help=f"where the table goes; all sizes: {REPORT.name}")
    options = parser.parse_args(arguments)
    found = measure(options.reps, options.seed)
    text = page(found)
    print(text)
    out = options.out or (REPORT if tuple(options.reps) == SIZES else None)
    if out:
        out.write_text(text, encoding="utf-8")
    slow = [f"{t.reps} reps took {t.seconds:.1f} s" for t in found if t.seconds > BUDGET.get(t.reps, np.inf)]
    print("\n".join(slow) or "every size within its time")
    return int(bool(slow))


if __name__ == "__main__":
    sys.exit(main())
