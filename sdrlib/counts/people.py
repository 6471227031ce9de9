"""Who is compared, and on which days of the week each of them works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdrlib.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pandas as pd

    from sdrlib.records import Window

SELLING_ROLES = ("sdr", "inbound")
HOME = "FR"  # rest days where a rep's country is unknown: Saturday and Sunday
COLUMNS = ["rep_id", "name", "team", "manager", "role", "started_on", "ended_on"]


def sellers_only(frames: dict[str, Any], team: str) -> dict[str, Any]:
    """The tables cut to SDRs and inbound reps, of one team if asked: nobody else is compared.

    Raises:
        UsageError: nobody belongs to that team.
    """
    reps = frames["reps"].filter(lambda t: t.role.isin(SELLING_ROLES))
    if team:
        teams = sorted(reps.team.execute().dropna().unique())
        if team not in teams:
            raise UsageError(f"--team {team!r} is not in the data. Teams found: {', '.join(teams) or 'none'}.")
        reps = reps.filter(reps.team == team)
    own = {name: frames[name].semi_join(reps, "rep_id") for name in ("activities", "meetings")}
    return {**frames, **own, "reps": reps}


def active(reps: Any, seen: Any, window: Window) -> pd.DataFrame:
    """Whoever logged an activity in the window, by id, with the days since they started."""
    import pandas as pd

    people: pd.DataFrame = reps.select(COLUMNS).order_by("rep_id").execute()
    people = people[people["rep_id"].isin(seen)].reset_index(drop=True)
    tenure = pd.Timestamp(window.end) - pd.to_datetime(people["started_on"])
    return people.assign(tenure_days=tenure.dt.days)


def weekends(reps: Any) -> pd.DataFrame:
    """rep_id, weekday (Monday 0): the rest days of each rep's country, from Unicode's supplemental data."""
    import pandas as pd

    off = [
        (rep_id, weekday)
        for rep_id, country in reps.select("rep_id", "country").execute().itertuples(index=False)
        for weekday in _rest_days(country)
    ]
    return pd.DataFrame(off, columns=["rep_id", "weekday"])


def _rest_days(country: object) -> range:
    from babel import Locale, UnknownLocaleError

    try:
        locale = Locale.parse(f"und_{str(country).strip().upper()}")
    except (UnknownLocaleError, ValueError):
        locale = Locale.parse(f"und_{HOME}")
    return range(locale.weekend_start, locale.weekend_end + 1)


def public_holidays(country: object, first: date, last: date) -> list[date]:
    """Days off in the whole country; none where the country, or its calendar, is not known."""
    from holidays import country_holidays

    try:
        known = country_holidays(str(country).strip().upper(), years=range(first.year, last.year + 1))
    except NotImplementedError:
        return []
    return sorted(day for day in known if first <= day <= last)


def names(frames: Mapping[str, Any]) -> dict[str, str]:
    """rep_id -> name, of everybody, whether or not anything was counted."""
    found = frames["reps"].select("rep_id", "name").execute()
    return dict(zip(found["rep_id"], found["name"], strict=True))
