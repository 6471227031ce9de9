"""Would the forecast of orders have been right on data of your own?

``python -m benchmarks.orders_data --data FOLDER --crm NAME [--out FILE]`` goes back to four days of every month that
the data holds whole, forecasts with the deals that had begun by then, and compares with what was won in the end.
The data says today's amounts and, without changes of stage, no stages of then; a deal decided later was open.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from benchmarks.forecast import before, coverage, histogram, missed, named, rivals, summary
from benchmarks.orders import LEAST_WON, rate, scores, worth
from sdrlib.counts.sales import count_sales
from sdrlib.pipeline import inspect
from sdrlib.questions.orders import ORDERS, foresee, learn
from sdrlib.records import Checked, SalesCounts, Window
from sdrlib.settings import Settings

DAYS = (5, 12, 19, 26)


def open_data(data: str, crm: str) -> tuple[Checked, Settings]:
    """The data, checked at the door."""
    settings = Settings.gather({"data": data, "crm": crm, "period": "all"}, env={})
    return inspect(settings), settings


def origins(won: pd.DataFrame) -> Iterator[date]:
    """Days to look from: after a first month to learn from, up to the last whole month with wins."""
    first, last = won["day"].min(), won["day"].max()
    for month in pd.period_range(first, last, freq="M")[1:-1]:
        yield from (date(month.year, month.month, day) for day in DAYS)


def seen(checked: Checked, settings: Settings, origin: date) -> SalesCounts:
    """The counts as of the evening of that day."""
    zone = checked.tables.time_zone or "UTC"
    at = datetime.combine(origin, time(18), ZoneInfo(zone)).astimezone(UTC)
    return count_sales(checked, settings, Window("all", origin, origin, at, zone))


def judge(data: str, crm: str) -> Iterator[dict[str, Any]]:
    """Every forecast on every origin whose period the data holds to its end."""
    checked, settings = open_data(data, crm)
    newest = checked.tables.frames["opportunities"].closed_at.max().execute()
    ended = seen(checked, settings, newest.date() + timedelta(days=1)).deal_days
    ended = ended[ended["kind"] == "won"].assign(amount=lambda f: f["amount"] * f["number"])
    for origin in origins(ended):
        found = seen(checked, settings, origin)
        if (found.pursued["end"] == "won").sum() < LEAST_WON:
            continue
        basis = learn(found, origin + timedelta(days=1))
        for outlook, shape in foresee(basis, origin, origin + timedelta(days=1)):
            if outlook.end > ended["day"].max() or outlook.start < ended["day"].min():
                continue
            what = "number" if outlook.measure == ORDERS else "amount"
            truth, last = (
                float(ended.loc[ended["day"].between(*period), what].sum())
                for period in ((outlook.start, outlook.end), before(outlook.horizon, outlook.start))
            )
            rival = outlook.so_far + rate(basis) * float(worth(basis, what).sum())
            said = (outlook.low, outlook.median, outlook.high)
            yield {
                "team": str(origin), "who": "team", "measure": outlook.measure, "horizon": outlook.horizon,
                "covered": float(outlook.low <= truth <= outlook.high),
                **scores(shape, truth, said, (last, rival), float(basis.sizes.mean())),
            }  # fmt: skip


def page(lines: pd.DataFrame, crm: str) -> str:
    """The tables in Markdown."""
    return "\n".join([
        "# The forecast of orders, seen from days of the past of real data", "",
        f"`python -m benchmarks.orders_data --data FOLDER --crm {crm}`: four days of every whole month. One company",
        "has one past: days that follow each other share most of it, and ± takes them for separate. Revenue is in",
        "thousands.", "",
        *coverage(lines), "", *rivals(lines), "", *histogram(lines),
    ]) + "\n"  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.orders_data", description="Your own past, two rivals.")
    parser.add_argument("--data", required=True)
    parser.add_argument("--crm", default="")
    parser.add_argument("--out", type=Path, help="where the page goes instead of the screen")
    asked = parser.parse_args(arguments)
    lines = summary(pd.DataFrame(judge(asked.data, asked.crm)))
    told = page(lines, asked.crm)
    if asked.out:
        asked.out.write_text(told, encoding="utf-8")
    else:
        print(told)
    failed = [named(key) for key in missed(lines).index]
    print("\n".join(failed) or "every line kept")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
