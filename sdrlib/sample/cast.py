"""Who is on the invented team: names, days of service, the part each plays, and true skill per step."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sdrlib.knowledge import read

if TYPE_CHECKING:
    import pandas as pd

STEPS = (
    "volume",
    "connect_rate",
    "connect_to_meeting",
    "reply_rate",
    "reply_to_meeting",
    "show_rate",
    "held_to_accepted",
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Cast:
    """The team before anything happens. Arrays have one entry or row per rep, in the order of ``ids``.

    Attributes:
        ids, names, countries, teams, managers: Text.
        parts: ``ordinary``, ``below``, ``above``, ``own_rhythm``, ``list_victim``, ``list_lucky``,
            ``ramping``, ``recent``, ``left`` or ``inbound``.
        effects: The true effects given on purpose, by step; empty for most.
        skill: reps x STEPS, what the rep multiplies the ordinary rates by once ramped.
        mix: reps x lists, shares of the prospects.
        started, ended: First and last day; ``ended`` is NaT for who is still there.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    countries: tuple[str, ...]
    teams: tuple[str, ...]
    managers: tuple[str, ...]
    parts: tuple[str, ...]
    effects: tuple[Mapping[str, float], ...]
    skill: Floats
    mix: Floats
    started: Days
    ended: Days

    def step(self, name: str) -> Floats:
        """True multiplier of one step, per rep."""
        return self.skill[:, STEPS.index(name)]

    def ramp(self, name: str, rep: Ints, day: Days) -> Floats:
        """Share of the full rate that a rep of that tenure reaches on that day."""
        ramp = read("sample")["ramp"]
        weeks = ramp["volume_weeks"] if name == "volume" else ramp["weeks"]
        tenure = (day - self.started[rep]) / np.timedelta64(7 * weeks, "D")
        return np.asarray(ramp[name] + (1 - ramp[name]) * np.clip(tenure, 0, 1), dtype=np.float64)

    def table(self) -> pd.DataFrame:
        """The canonical table ``reps``."""
        import pandas as pd

        mail = read("sample")["names"]["mail"]
        zones = {"FR": "Europe/Paris", "GB": "Europe/London"}
        frame = pd.DataFrame({"rep_id": self.ids, "name": self.names})
        frame["email"] = [f"{_plain(n)}@{mail[c]}" for n, c in zip(self.names, self.countries, strict=True)]
        frame["team"], frame["manager"] = self.teams, self.managers
        frame["role"] = ["inbound" if part == "inbound" else "sdr" for part in self.parts]
        frame["started_on"] = pd.Series(self.started.astype(object), dtype=object)
        if not np.isnat(self.ended).all():
            frame["ended_on"] = pd.Series(self.ended.astype(object), dtype=object)
        frame["time_zone"] = [zones[c] for c in self.countries]
        frame["country"] = self.countries
        return frame


def cast_team(rng: np.random.Generator, reps: int, first: date, end: date, *, effects: bool) -> Cast:
    """Draw the team. Without effects the same people differ by ordinary spread, lists and tenure only."""
    parts = [str(p) for p in rng.permutation(_parts(reps, effects=effects))]
    given = _effects(parts)
    countries = _countries(rng, reps)
    names, teams, managers = _people(rng, countries)
    started, ended = _service(rng, parts, first, end)
    return Cast(
        ids=tuple(f"r{i + 1:0{max(2, len(str(reps)))}d}" for i in range(reps)),
        names=tuple(names),
        countries=tuple(countries),
        teams=tuple(teams),
        managers=tuple(managers),
        parts=tuple(parts),
        effects=tuple(given),
        skill=_skill(rng, parts, given),
        mix=_mix(rng, parts),
        started=started,
        ended=ended,
    )


def _parts(reps: int, *, effects: bool) -> list[str]:
    """The parts to hand out, filled up with ordinary reps."""
    out: list[str] = []
    for line in read("sample")["cast"]:
        if reps < line["from"] or (line["part"] in read("sample")["effects"] and not effects):
            continue
        out += [line["part"]] * max(line["least"], int(reps * line["share"] + 0.5))
    return (out + ["ordinary"] * reps)[:reps]


def _effects(parts: list[str]) -> list[Mapping[str, float]]:
    """Each part's effects in turn, so that a team has its weaknesses at different steps."""
    turns = {part: cycle(effects) for part, effects in read("sample")["effects"].items()}
    return [next(turns[part]) if part in turns else {} for part in parts]


def _skill(rng: np.random.Generator, parts: list[str], effects: list[Mapping[str, float]]) -> Floats:
    """Ordinary spread everywhere, replaced by the effect where one is given."""
    spread = read("sample")["spread"]
    limit = spread["ordinary_limit"]
    draw = np.clip(rng.normal(0, spread["ordinary"], (len(effects), len(STEPS))), -limit, limit)
    skill = np.exp(draw)
    skill[np.isin(parts, read("sample")["mix"]["exactly_ordinary"]), 1:] = 1
    for rep, given in enumerate(effects):
        for step, value in given.items():
            skill[rep, STEPS.index(step)] = value
    return skill


def _mix(rng: np.random.Generator, parts: list[str]) -> Floats:
    """Which share of a rep's prospects comes from which list."""
    mix, lists = read("sample")["mix"], read("sample")["lists"]
    share = np.array([line["share"] for line in lists])
    quality = np.array([line["connect"] for line in lists])
    even = np.isin(parts, list(read("sample")["effects"]))
    weight = np.where(even, mix["established"], mix["concentration"])[:, None] * share
    draw = rng.gamma(weight)
    draw /= draw.sum(axis=1, keepdims=True)
    for part, column in (("list_victim", quality.argmin()), ("list_lucky", quality.argmax())):
        only = share * (np.arange(len(share)) != column)
        steered = only / only.sum() * (1 - mix[part.removeprefix("list_")])
        steered[column] = mix[part.removeprefix("list_")]
        draw[np.array(parts) == part] = steered
    out: Floats = draw * (1 - mix["floor"] * len(share)) + mix["floor"]
    return out


def _countries(rng: np.random.Generator, reps: int) -> list[str]:
    french = max(1, round(reps * read("sample")["team"]["share_in_france"]))
    return [str(c) for c in rng.permutation(["FR"] * french + ["GB"] * (reps - french))]


def _people(rng: np.random.Generator, countries: list[str]) -> tuple[list[str], list[str], list[str]]:
    """A unique name per rep, and team and manager by country; large countries have several teams."""
    knowledge = read("sample")
    size = knowledge["team"]["team_size"]
    names, teams, managers = ([""] * len(countries) for _ in range(3))
    for country, city in knowledge["names"]["teams"].items():
        members = [i for i, c in enumerate(countries) if c == country]
        count = -(-len(members) // size)
        people = _names(rng, knowledge["names"][country], len(members) + count)
        for order, rep in enumerate(members):
            team = order * count // len(members)
            names[rep] = people[order]
            teams[rep] = city if count == 1 else f"{city} {team + 1}"
            managers[rep] = people[len(members) + team]
    return names, teams, managers


def _names(rng: np.random.Generator, lists: Mapping[str, Any], count: int) -> list[str]:
    """Different given names for as long as they last: people are told apart by them."""
    given, family = rng.permutation(lists["given"]), rng.permutation(lists["family"])
    rounds, order = np.divmod(np.arange(count), len(given))
    return [f"{given[g]} {family[(g + r) % len(family)]}" for r, g in zip(rounds, order, strict=True)]


def _service(rng: np.random.Generator, parts: list[str], first: date, end: date) -> tuple[Days, Days]:
    """First and last days of service; hires start on a Monday near the window's start."""
    begin, last = np.datetime64(first, "D"), np.datetime64(end, "D")
    length = int((last - begin) / np.timedelta64(1, "D")) + 1
    kind, count = np.array(parts), len(parts)
    workday = np.busday_offset(begin, 0, roll="backward")
    veteran = np.busday_offset(workday, -rng.integers(150, 1100, count))
    weeks = rng.integers(-3, max(1, length // 28), count)
    hired = begin + 7 * weeks.astype("timedelta64[D]")
    recent = np.busday_offset(last, 1 - read("sample")["days"]["recent_workdays"], roll="backward")
    started = np.where(kind == "ramping", hired, np.where(kind == "recent", recent, veteran))
    gone = np.busday_offset(begin + int(length * 0.6), 0, roll="backward")
    ended = np.where(kind == "left", gone, np.datetime64("NaT", "D"))
    return started.astype("datetime64[D]"), ended.astype("datetime64[D]")


def _plain(name: str) -> str:
    """An address from a name: ``Zoé Da Costa`` gives ``zoe.dacosta``."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    given, _, family = bare.partition(" ")
    return f"{given}.{''.join(c for c in family if c.isalpha())}"
