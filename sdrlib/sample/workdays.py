"""When each invented rep is at work: Monday to Friday, without public holidays, leave and single absences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from sdrlib.knowledge import read
from sdrlib.sample.cast import Cast, Days, Flags, Ints


@dataclass(frozen=True, slots=True)
class Workdays:
    """The working calendar.

    Attributes:
        days: Monday to Friday from the first to the last day.
        present: reps x days.
        warm_up: How many earlier present days each rep prospected on before the first day.
    """

    days: Days
    present: Flags
    warm_up: Ints

    def locate(self, rep: Ints, order: Ints) -> Ints:
        """Index into ``days`` of a rep's ``order``-th present day; -1 before the window, -2 after it."""
        per_rep = self.present.sum(axis=1)
        start = np.concatenate([[0], np.cumsum(per_rep)[:-1]])
        flat = np.nonzero(self.present)[1]
        inside = (order >= 0) & (order < per_rep[rep])
        found = flat[np.where(inside, start[rep] + order, 0)] if flat.size else np.zeros_like(order)
        return np.where(inside, found, np.where(order < 0, -1, -2))


def plan_workdays(rng: np.random.Generator, cast: Cast, first: date, end: date) -> Workdays:
    """Draw who is there on which day."""
    rules = read("sample")["days"]
    every = np.arange(np.datetime64(first, "D"), np.datetime64(end, "D") + 1)
    days = every[np.is_busday(every)]
    reps = len(cast.ids)
    present = rng.random((reps, len(days))) >= rules["absence_share"]
    present &= ~_leave(rng, reps, len(days), rules["leave_days"])
    for country in sorted(set(cast.countries)):
        free = np.isin(days, _holidays(country, range(first.year, end.year + 1)))
        present &= ~(free & (np.array(cast.countries) == country)[:, None])
    gone = np.isnat(cast.ended)[:, None] | (days <= cast.ended[:, None])
    present &= (days >= cast.started[:, None]) & gone
    before = np.busday_count(cast.started, np.full(reps, days[0]))
    return Workdays(days=days, present=present, warm_up=np.clip(before, 0, rules["warm_up"]))


def _leave(rng: np.random.Generator, reps: int, days: int, length: int) -> Flags:
    """One block of leave a quarter, never for a whole short window."""
    away = np.zeros((reps, days), dtype=np.bool_)
    quarter = 65
    for begin in range(0, days - quarter + 1, quarter):
        start = begin + rng.integers(0, quarter - length, reps)
        column = np.arange(days)
        away |= (column >= start[:, None]) & (column < start[:, None] + length)
    return away


def _holidays(country: str, years: Iterable[int]) -> Days:
    rules = read("sample")["days"]
    out: list[date] = []
    for year in years:
        easter = _easter(year)
        out += [date.fromisoformat(f"{year}-{day}") for day in rules["public_holidays"][country]]
        out += [easter + timedelta(days=shift) for shift in rules["after_easter"][country]]
        out += [_monday(year, month, which) for month, which in rules["bank_mondays"].get(country, [])]
    return np.array(out, dtype="datetime64[D]")


def _monday(year: int, month: int, which: str) -> date:
    """The first or last Monday of a month."""
    if which == "first":
        day = date(year, month, 1)
        return day + timedelta(days=-day.weekday() % 7)
    day = date(year, month + 1, 1) - timedelta(days=1)
    return day - timedelta(days=day.weekday())


def _easter(year: int) -> date:
    """Easter Sunday, Gregorian calendar. Source: Meeus/Jones/Butcher, Nature 13 (1876), 487."""
    a, (b, c) = year % 19, divmod(year, 100)
    (d, e), f = divmod(b, 4), (b + 8) // 25
    h = (19 * a + b - d - (b - f + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    rest = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * rest) // 451
    month, day = divmod(h + rest - 7 * m + 114, 31)
    return date(year, month, day + 1)
