"""What grows with what: rows, reps, lists and weeks against the time of each part; one run, one plot.

``python -m benchmarks.growth`` prints the tables and draws ``docs/growth.svg`` (the best part of an hour, with 100
million rows; ``--rows 1000000 25000000`` spares them, and 8 GB of disk); ``--small`` takes a minute and draws nothing.
CPU seconds are one machine's: the slopes are what is meant.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks import comparison, counting

PLOT = Path(__file__).resolve().parents[1] / "docs" / "growth.svg"
REPS, SMALL_REPS = (10, 30, 100, 300, 1000), (10, 100)
LISTS, WEEKS = (5, 10, 20, 40), (13, 26, 52)
ROWS, ROWS_REPS, LIMIT = (1_000_000, 5_000_000, 25_000_000, 100_000_000), 1000, "600MB"


class Point(NamedTuple):
    """One size of one thing that grows, with CPU seconds and megabytes of each part."""

    kind: str
    size: int
    parts: dict[str, float]


def by_reps(sizes: tuple[int, ...]) -> list[Point]:
    """Compare, coach, cut the briefs, write one page's brief each, write the evidence."""
    from sdrlib.coaching import coach
    from sdrlib.publish.brief import freeze, write_brief
    from sdrlib.publish.runs import write_evidence
    from sdrlib.questions.conversion import compare
    from sdrlib.records import Effects
    from sdrlib.settings import Settings

    settings, points = Settings.gather(env={}), []
    compare(comparison.team(10, np.random.default_rng(1)), settings)
    for reps in sizes:
        counts = _whole(comparison.team(reps, np.random.default_rng([1, reps])))
        clock = Clock()
        evidence = compare(counts, settings)
        clock.part("compare")
        briefs = freeze(evidence, coach(evidence, settings), settings)
        clock.part("cut briefs")
        with tempfile.TemporaryDirectory() as folder:
            for rep, brief in briefs.items():
                write_brief(brief, Path(folder) / f"{rep}.json")
            clock.part("write briefs")
            clock.parts["one brief, KB"] = _size(next(Path(folder).iterdir())) * 1000
            write_evidence(evidence, Path(folder) / "evidence.json", Effects(), "en")
            clock.part("write evidence")
            clock.parts["evidence.json, MB"] = _size(Path(folder) / "evidence.json")
        points.append(Point("reps", reps, clock.parts))
        print(points[-1], file=sys.stderr, flush=True)
    return points


def by_rows(sizes: tuple[int, ...], folder: Path) -> list[Point]:
    """Load, check and count so many activities of 1,000 reps, with little memory for the database."""
    points = []
    for size in sizes:
        found = counting.process("everything", counting.made(folder, size, ROWS_REPS), LIMIT)
        points.append(Point("rows", size, {"load, check, count": found["cpu"], "peak, GB": found["peak"]}))
        print(points[-1], file=sys.stderr, flush=True)
    return points


def by_data(kind: str, sizes: tuple[int, ...]) -> list[Point]:
    """Read, count and compare the sample team, as long as it is or as many lists as it has."""
    from sdrlib.pipeline import analyse
    from sdrlib.sample import make_team, write_team
    from sdrlib.settings import Settings

    points = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            write_team(make_team(reps=6, weeks=size, seed=1), Path(folder) / "team", form="parquet")
            settings = Settings.gather({"data": str(Path(folder) / "team"), "period": "all"}, env={})
            clock = Clock()
            counts = analyse(settings).counts
            clock.part("read, count, compare")
            clock.parts["rows of counts"] = float(len(counts.cells))
            points.append(Point(kind, size, clock.parts))
    return points


def by_lists(sizes: tuple[int, ...]) -> list[Point]:
    """Compare 30 reps who all work on so many lists."""
    from sdrlib.questions.conversion import compare
    from sdrlib.settings import Settings

    settings, points, usual = Settings.gather(env={}), [], comparison.LISTS
    for lists in sizes:
        comparison.LISTS = lists
        counts = comparison.team(30, np.random.default_rng([2, lists]))
        comparison.LISTS = usual
        clock = Clock()
        compare(counts, settings)
        clock.part("compare")
        points.append(Point("lists", lists, clock.parts))
    return points


class Clock:
    """CPU seconds since the part before."""

    def __init__(self) -> None:
        self.parts: dict[str, float] = {}
        self._since = time.process_time()

    def part(self, name: str) -> None:
        now = time.process_time()
        self.parts[name] = now - self._since
        self._since = time.process_time()


def _whole(counts):  # noqa: ANN001, ANN202 - counts with the columns that briefs ask for
    from dataclasses import replace

    mix = pd.DataFrame(columns=["rep_id", "dimension", "level", "activities"])
    booked = pd.DataFrame({"rep_id": counts.reps["rep_id"], "meetings": 1})
    people = counts.reps.assign(manager="", started_on=pd.NaT)
    coached = pd.DataFrame(columns=["rep_id", "on", "measure", "drill"])
    targets = pd.DataFrame(columns=["scope", "scope_id", "measure", "period", "starts_on", "value"])
    return replace(counts, mix=mix, ahead=booked, unlogged=booked, reps=people, coached=coached, targets=targets)


def _size(path: Path) -> float:
    return path.stat().st_size / 1e6


def slope(points: list[Point], part: str) -> float:
    """By which power of the size it grows, over the upper half of the sizes: 1 is linear."""
    last, before = points[-1], points[len(points) // 2 - (len(points) == 2)]
    return float(np.log(last.parts[part] / before.parts[part]) / np.log(last.size / before.size))


def table(points: list[Point]) -> str:
    """Markdown, one row a size; the last row says by which power of the size each part grows."""
    names = list(points[0].parts)
    rows = [f"| {points[0].kind} | {' | '.join(names)} |", "|---:" * (1 + len(names)) + "|"]
    rows += [f"| {p.size:,} | " + " | ".join(f"{p.parts[n]:.3g}" for n in names) + " |" for p in points]
    return "\n".join([*rows, "| power | " + " | ".join(f"{slope(points, n):.2f}" for n in names) + " |"])


def draw(groups: list[list[Point]], path: Path) -> None:
    """Every part on logarithmic axes, beside a line of slope 1."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "growth", "svg.fonttype": "none", "font.size": 9})
    import matplotlib.pyplot as plt

    figure, places = plt.subplots(1, len(groups), figsize=(4 * len(groups), 3.4), layout="constrained")
    for place, points in zip(np.atleast_1d(places), groups, strict=True):
        sizes = [p.size for p in points]
        for name in (n for n in points[0].parts if "B" not in n and "rows" not in n):
            place.loglog(sizes, [p.parts[name] for p in points], "o-", label=f"{name} ({slope(points, name):.2f})")
        lowest = min(p.parts[n] for p in points[:1] for n in p.parts if "B" not in n and "rows" not in n)
        place.loglog(sizes, [lowest * s / sizes[0] for s in sizes], ":", color="grey", label="linear")
        place.set(xlabel=points[0].kind, ylabel="CPU seconds")
        place.legend(fontsize=7)
    figure.savefig(path, metadata={"Date": None})


def small() -> str:
    """For ``make bench``."""
    return "\n\n".join(["## Reps", table(by_reps(SMALL_REPS)), "## Lists", table(by_lists((5, 10)))])


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--reps", type=int, nargs="+", default=REPS)
    parser.add_argument("--rows", type=int, nargs="+", default=ROWS)
    parser.add_argument("--folder", help="where rows are made; without it: a temporary folder")
    asked = parser.parse_args(arguments)
    if asked.small:
        print(small())
        return
    with tempfile.TemporaryDirectory() as folder:
        rows = by_rows(tuple(asked.rows), Path(asked.folder or folder))
    groups = [rows, by_reps(tuple(asked.reps)), by_lists(LISTS), by_data("weeks", WEEKS)]
    print("\n\n".join(table(points) for points in groups))
    draw(groups, PLOT)


if __name__ == "__main__":
    main()
