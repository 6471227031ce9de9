"""How long counting takes, and how much memory: the kit against SQL by hand, growth, the cache, a month more.

``python -m benchmarks.counting`` takes a minute or two with a million activities; ``--activities 25000000 --reps 1000``
is the full form and ``--growth 1000000 25000000 100000000`` the plot. Each side is a process of its own, one after
another, round after round, and told by wall and processor seconds and by its peak of memory: only ratios of one run say
anything.

* ``two queries``: counts by rep, week, channel and outcome; moments over prospects by rep. What a dashboard would ask.
* ``by hand``: what the kit counts as cells and clusters (bookings attributed, lists and tenure joined, every rate,
  whole prospects and prospects by week) in SQL written by hand, each of its queries reading the file.
* ``cells and clusters``: the kit's own way to those.
* ``everything``: load, check and count with habits, quality, strata and forecasts' basis.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.counting_data import make

SIDES = ("two queries", "by hand", "cells and clusters", "everything")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--activities", type=int, default=1_000_000)
    parser.add_argument("--reps", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=SIDES)
    parser.add_argument("--growth", nargs="+", type=int, default=[], help="numbers of activities, one table line each")
    parser.add_argument("--memory-limit", default="", help="as 600MB, for both sides")
    parser.add_argument("--folder", help="where the data is made; without it: a temporary folder")
    parser.add_argument("--side", nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.side:
        side, *given = asked.side
        return print(json.dumps(_measured(WORK[side](*given))))
    _say_how()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(asked.folder or folder)
        for number in asked.growth or [asked.activities]:
            compare(made(place, number, asked.reps), number, asked.sides, asked.rounds, asked.memory_limit)
        if not asked.growth:
            data = made(place, asked.activities, asked.reps)
            week_more(place, data, asked.memory_limit)
            again(place, data)
    return None


def made(place: Path, activities: int, reps: int) -> Path:
    """The invented team in a folder of its own, made if it is not there."""
    folder = place / f"{activities}-{reps}"
    return folder if folder.exists() else make(folder, activities, reps)


def compare(data: Path, number: int, sides: tuple[str, ...], rounds: int, limit: str) -> None:
    """Every side, round after round."""
    told: dict[str, list[dict[str, float]]] = {side: [] for side in sides}
    for _ in range(rounds):
        for side in sides:
            told[side].append(process(side, data, limit))
    print(f"\n{number:,} activities, {rounds} rounds, {os.cpu_count()} processors, memory limit {limit or 'none'}")
    print("| side | wall s | CPU s | peak GB | wall: two queries = 1 | CPU | CPU: by hand = 1 |")
    print("|---|---|---|---|---|---|---|")
    for side, found in told.items():
        cells = [f"{median(f[key] for f in found):.2f}" for key in ("wall", "cpu", "peak")]
        for base, key in (("two queries", "wall"), ("two queries", "cpu"), ("by hand", "cpu")):
            ratios = [f[key] / b[key] for f, b in zip(found, told.get(base, []), strict=False)]
            cells.append(f"{median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})" if ratios else "–")
        print(f"| {side} | {' | '.join(cells)} |")


def week_more(place: Path, data: Path, limit: str) -> None:
    """A new week of rows, where those before it have been counted already; teams too small for it count all anew."""
    shorter, cache = place / f"{data.name}-without-a-week", place / "cache"
    shutil.copytree(data, shorter, dirs_exist_ok=True)
    shutil.rmtree(cache, ignore_errors=True)
    last = f"(SELECT max(u.at) - INTERVAL 7 DAY FROM '{data}/activities.parquet' u)"
    for table, at in (("activities", "at"), ("meetings", "booked_at")):
        rows = f"SELECT * FROM '{data}/{table}.parquet' t WHERE t.{at} < {last}"
        _duckdb(limit).execute(f"COPY ({rows}) TO '{shorter}/{table}.parquet'")
    before, new = (process("everything", folder, limit, str(cache)) for folder in (shorter, data))
    whole = process("everything", data, limit)
    print("\n| load, check and count | CPU s | wall s | peak GB | CPU: all weeks = 1 |\n|---|---|---|---|---|")
    for name, found in {"all weeks": whole, "weeks before, kept": before, "a week more": new}.items():
        cells = [f"{found[key]:.2f}" for key in ("cpu", "wall", "peak")]
        print(f"| {name} | {' | '.join(cells)} | {found['cpu'] / whole['cpu']:.3f} |")


def again(place: Path, data: Path) -> None:
    """The same analysis a second time, and text that was parsed before."""

    print("\n| what | first CPU s | second CPU s | second / first |\n|---|---|---|---|")
    out = str(place / "out")
    for name, command in {
        "sdr analyse, big Parquet": ["analyse", "--data", str(data), "--out", out],
        "sdr report, sample team": ["report", "--out", out],
    }.items():
        first, second = (_command(command) for _ in range(2))
        print(f"| {name} | {first:.2f} | {second:.2f} | {second / first:.3f} |")


def _command(words: list[str]) -> float:
    before = _children()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([sys.executable, "-m", "sdrlib", *words], check=True, **quiet)  # noqa: S603 - the kit
    return _children() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def process(side: str, data: Path, limit: str, *more: str) -> dict[str, float]:
    """Wall and processor seconds and peak GB of one side in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.counting", "--side", side, str(data), limit, *more]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - this module
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _measured(work: Callable[[], None]) -> dict[str, float]:
    """Wall and processor seconds of the work, imports apart; peak memory of the process."""
    before, began = os.times(), time.perf_counter()
    work()
    wall, after = time.perf_counter() - began, os.times()
    cpu = after.user + after.system - before.user - before.system
    return {"wall": wall, "cpu": cpu, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}


# ---- sides ------------------------------------------------------------------------------------------------


def _two_queries(data: str, limit: str) -> Callable[[], None]:
    con = _duckdb(limit)

    def work() -> None:
        for query in (_CELLS, _MOMENTS):
            con.execute(query.format(activities=f"'{data}/activities.parquet'")).to_arrow_table()

    return work


def _by_hand(data: str, limit: str) -> Callable[[], None]:
    con = _duckdb(limit)
    tables = {name: f"'{data}/{name}.parquet'" for name in ("reps", "prospects", "activities", "meetings")}

    def work() -> None:
        con.execute(f"CREATE TEMP TABLE led AS {_LED.format(**tables)}")
        flagged = _FLAGGED.format(**tables)
        sums = ", ".join(
            f"count(*) FILTER ({n}) AS n{i}, count(*) FILTER ({x}) AS x{i}" for i, (n, x) in _RATES.items()
        )
        squares = ", ".join(
            f"sum(n{i}), sum(x{i}), sum(n{i}*n{i}), sum(x{i}*n{i}), sum(x{i}*x{i}), count(*) FILTER (n{i} > 0)"
            for i in _RATES
        )
        con.execute(
            f"SELECT rep_id, list, channel, tenure, week, {sums} FROM ({flagged}) GROUP BY ALL"
        ).to_arrow_table()
        for week in ("", ", week"):
            each = f"SELECT rep_id, who{week}, {sums} FROM ({flagged}) GROUP BY ALL"
            con.execute(f"SELECT rep_id, {squares} FROM ({each}) GROUP BY rep_id").to_arrow_table()

    return work


def _kit(data: str, limit: str) -> Callable[[], None]:
    """Cells and clusters alone: the questions of the kit that have those for an answer."""
    import sdrlib as sdr
    from sdrlib import counts
    from sdrlib.counts import people, rows, touched

    class Some(touched._Questions):
        def weekly(self, rows: Any) -> dict[str, Any]:
            return {name: question for name, question in super().weekly(rows).items() if name in ("cells", "by_week")}

        def across(self, rows: Any) -> dict[str, Any]:
            return {"whole": super().across(rows)["whole"]}

    settings = _settings(data, limit)
    tables = sdr.load(settings.data, resources=settings.resources)
    frames = people.sellers_only(dict(tables.frames), "")

    def work() -> None:
        touched._Questions = Some  # type: ignore[misc]
        touched.Touched = dict  # type: ignore[assignment,misc]
        window = counts._window(frames, settings, tables.time_zone, datetime.now(UTC))
        touches = rows.touches(frames, window, settings.tenure_bands_days, rows.attributed(frames, window))
        number = int(frames["activities"].count().execute())
        touched.ask(touches, counts._measures("touches"), window, rows=number)

    return work


def _everything(data: str, limit: str, cache: str = "off") -> Callable[[], None]:
    import sdrlib as sdr

    settings = _settings(data, limit, cache)

    def work() -> None:
        now = datetime.now(UTC)
        checked = sdr.check(sdr.load(settings.data, resources=settings.resources), settings, now=now)
        sdr.count(checked, settings, now=now)

    return work


def _settings(data: str, limit: str, cache: str = "off") -> Any:
    import sdrlib as sdr

    return sdr.Settings.gather({"data": data, "period": "all", "memory_limit": limit, "cache": cache}, env={})


def _duckdb(limit: str) -> Any:
    import duckdb

    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    if limit:
        con.execute(f"SET memory_limit = '{limit}'")
    return con


WORK = dict(zip(SIDES, (_two_queries, _by_hand, _kit, _everything), strict=True))

_WEEK = "date_trunc('week', CAST(at AS DATE))"
_CELLS = f"SELECT rep_id, {_WEEK} AS week, channel, outcome, count(*) FROM {{activities}} t GROUP BY ALL".replace(
    "CAST(at", "CAST(t.at"
)
_MOMENTS = """
SELECT rep_id, count(*), sum(x), sum(n), sum(x * x), sum(x * n), sum(n * n)
FROM (SELECT rep_id, prospect_id, count(*) FILTER (channel = 'call') AS n,
             count(*) FILTER (outcome IN ('connected', 'meeting_booked')) AS x FROM {activities} GROUP BY ALL)
GROUP BY rep_id"""
_LED = """
SELECT activity_id, min(lag) AS lag FROM (
    SELECT a.activity_id, (epoch(m.booked_at) - epoch(a.at)) / 86400 AS lag, row_number() OVER (PARTITION BY meeting_id
        ORDER BY a.outcome = 'meeting_booked' DESC, a.at DESC, a.activity_id DESC) AS place
    FROM {activities} a JOIN {meetings} m ON a.rep_id = m.rep_id AND a.prospect_id = m.prospect_id
        AND a.at <= m.booked_at AND m.booked_via = a.channel WHERE a.direction = 'outbound')
WHERE place = 1 GROUP BY activity_id"""
_FLAGGED = """
SELECT rep_id, coalesce(prospect_id, activity_id) AS who, channel, coalesce(p.list_name, 'unknown') AS list, a.at,
    CASE WHEN local::DATE - started_on < 30 THEN '0-29' WHEN local::DATE - started_on < 90 THEN '30-89'
         WHEN local::DATE - started_on < 180 THEN '90-179' ELSE '180+' END AS tenure,
    date_trunc('week', local::DATE) AS week, channel = 'call' AND outcome <> 'unknown' AS call,
    channel = 'email' AND outcome NOT IN ('unknown', 'bounced') AS mail, outcome, b.lag AS lag,
    epoch(replied_at) - epoch(a.at) AS answered
FROM (SELECT *, timezone('Europe/Paris', t.at) AS local FROM {activities} t) a JOIN {reps} r USING (rep_id)
LEFT JOIN {prospects} p USING (prospect_id) LEFT JOIN led b USING (activity_id)"""
_REACHED, _BOOKED = "outcome IN ('connected', 'meeting_booked')", "lag IS NOT NULL"
_RATES = dict(
    enumerate(
        [
            ("call", f"call AND {_REACHED}"),
            (f"call AND {_REACHED}", f"call AND {_REACHED} AND {_BOOKED}"),
            ("call", f"call AND {_BOOKED}"),
            ("call OR channel = 'email'", "outcome IN ('wrong_number', 'bounced')"),
            ("mail", "mail AND answered <= 604800"),
            ("mail", f"mail AND {_BOOKED} AND lag <= 14"),
            ("true", f"{_BOOKED} AND lag <= 14"),
        ]
    )
)


def _say_how() -> None:
    """Without compiled files every start is dear, and ratios of whole commands come out wrong."""
    import sdrlib

    print(f"PYTHONDONTWRITEBYTECODE was {os.environ.pop('PYTHONDONTWRITEBYTECODE', 'unset')}, is unset now")
    compiled = compileall.compile_dir(Path(sdrlib.__file__).parent, quiet=1)
    print(f"the kit is compiled: {bool(compiled)}; load before: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
