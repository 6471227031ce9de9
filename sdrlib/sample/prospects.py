"""The people an invented team prospects: which rep, which list, how reachable, and who they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sdrlib.knowledge import read
from sdrlib.sample.cast import Cast, Flags, Floats, Ints
from sdrlib.sample.draws import NEVER, pick, short_ids, to_friday
from sdrlib.sample.workdays import Workdays

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Prospects:
    """One entry per prospect in every array, a rep's prospects side by side.

    Attributes:
        rep: Index of the rep.
        listed: Index of the list.
        start: Present day of the first touch, counted from the window's first; negative before it.
        touches: How many touches are planned.
        reach: Multiplies every chance to reach this prospect: why calls to one prospect are not independent.
        convert: Multiplies conversation to meeting, and acceptance.
        dead_phone, dead_mail: Nobody will ever be reached that way.
        account, persona, seniority, size, industry, region, channel: Indices into the lists of ``sample.toml``.
    """

    rep: Ints
    listed: Ints
    start: Ints
    touches: Ints
    reach: Floats
    convert: Floats
    dead_phone: Flags
    dead_mail: Flags
    account: Ints
    persona: Ints
    seniority: Ints
    size: Ints
    industry: Ints
    region: Ints
    channel: Ints

    def take(self, rows: Ints) -> Prospects:
        """Those prospects, in that order."""
        return Prospects(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def draw_prospects(rng: np.random.Generator, cast: Cast, workdays: Workdays, reps: Ints) -> Prospects:
    """Everybody whom these reps start to prospect before or in the window."""
    volume, spread, lists = (read("sample")[key] for key in ("volume", "spread", "lists"))
    rep, start = _starts(rng, cast, workdays, reps)
    count = len(rep)
    edges = np.cumsum(cast.mix, axis=1)
    edges[:, -1] = 1
    listed = (rng.random(count)[:, None] >= edges[rep]).sum(axis=1)
    touches = 1 + rng.poisson(volume["touches_per_prospect"] - 1, count)
    dead = np.array([line["dead"] for line in lists])[listed]
    traits = _traits(rng, cast, rep, listed)
    return Prospects(
        rep=rep,
        listed=listed,
        start=start,
        touches=np.minimum(touches, volume["most_touches"]),
        reach=np.exp(rng.normal(-(spread["reach"] ** 2) / 2, spread["reach"], count)),
        convert=_effect("personas")[traits["persona"]] * _effect("seniorities")[traits["seniority"]],
        dead_phone=rng.random(count) < dead,
        dead_mail=rng.random(count) < dead,
        **traits,
    )


def _starts(rng: np.random.Generator, cast: Cast, workdays: Workdays, reps: Ints) -> tuple[Ints, Ints]:
    """Rep and present day of each prospect's first touch."""
    volume, spread = read("sample")["volume"], read("sample")["spread"]
    order = np.arange(-int(workdays.warm_up.max()), len(workdays.days))
    rep, turn = np.repeat(reps, len(order)), np.tile(order, len(reps))
    here = (turn >= -workdays.warm_up[rep]) & (turn < workdays.present.sum(axis=1)[rep])
    day = workdays.days[np.maximum(workdays.locate(rep, turn), 0)]
    a_day = volume["touches_per_day"] / volume["touches_per_prospect"] / volume["kept_share"]
    rate = a_day * cast.step("volume")[rep] * cast.ramp("volume", rep, day)
    since = np.maximum(turn + workdays.warm_up[rep], 0)
    rate = rate * (1 + volume["burst"] * np.exp(-since / volume["burst_days"]))
    rate = rate * np.exp(rng.normal(0, spread["day_volume"], len(rep)))
    new = rng.poisson(rate) * here
    return np.repeat(rep, new), np.repeat(turn, new)


def _traits(rng: np.random.Generator, cast: Cast, rep: Ints, listed: Ints) -> dict[str, Ints]:
    """Who they are; two prospects in a row share the account, and with it size, industry and region."""
    knowledge = read("sample")["prospects"]
    count = len(rep)
    account = np.arange(count) // 2
    out = {"account": account}
    for name, key in (("size", "sizes"), ("industry", "industries")):
        out[name] = pick(rng, knowledge[key].values(), (count + 1) // 2)[account]
    region = np.zeros(count, dtype=np.int64)
    countries = np.array(cast.countries)[rep]
    for country, shares in knowledge["regions"].items():
        drawn = pick(rng, shares.values(), (count + 1) // 2)[account]
        region = np.where(countries == country, drawn + regions().index(next(iter(shares))), region)
    out["region"] = region
    for name, key in (("persona", "personas"), ("seniority", "seniorities")):
        out[name] = pick(rng, [share for share, _ in knowledge[key].values()], count)
    channel = np.zeros(count, dtype=np.int64)
    for index, line in enumerate(read("sample")["lists"]):
        codes = np.array([channels().index(name) for name in line["channels"]])
        channel = np.where(listed == index, codes[pick(rng, line["channels"].values(), count)], channel)
    out["channel"] = channel
    return out


def regions() -> list[str]:
    """Every region, country after country."""
    return [name for shares in read("sample")["prospects"]["regions"].values() for name in shares]


def channels() -> list[str]:
    """The channels a prospect can come from."""
    return list(read("contract")["vocabularies"]["source_channel"])


def _effect(key: str) -> Floats:
    """What a trait multiplies conversion by; its mean over all prospects is 1."""
    lines = np.array(list(read("sample")["prospects"][key].values()), dtype=np.float64)
    effect: Floats = lines[:, 1] / np.average(lines[:, 1], weights=lines[:, 0])
    return effect


def describe(who: Prospects, first_at: Ints, created: Ints) -> pd.DataFrame:
    """The columns of ``prospects`` that say who they are; times in local seconds."""
    import pandas as pd

    knowledge = read("sample")["prospects"]
    sizes, personas = list(knowledge["sizes"]), list(knowledge["personas"])
    titles = [title for name in personas for title in knowledge["titles"][name]]
    ranks = list(knowledge["seniorities"])
    from_marketing = np.array([name in knowledge["marketing_channels"] for name in channels()])[who.channel]
    named: Mapping[str, tuple[Ints, list[str]]] = {
        "channel": (who.channel, channels()),
        "list_name": (who.listed, [line["name"] for line in read("sample")["lists"]]),
        "persona": (who.persona, personas),
        "segment": (who.size, [knowledge["segments"][size] for size in sizes]),
        "industry": (who.industry, list(knowledge["industries"])),
        "region": (who.region, regions()),
        "company_size": (who.size, sizes),
        "job_title": (who.persona * len(ranks) + who.seniority, titles),
        "seniority": (who.seniority, ranks),
    }
    frame = pd.DataFrame({"account_id": _account_ids(who), "created_at": created})
    for column, (codes, names) in named.items():
        frame[column] = pd.Categorical(np.array(names)[codes], categories=list(dict.fromkeys(names)))
    qualified = np.maximum(created, to_friday(created + (first_at - created) // 2))
    frame["mql_at"] = np.where(from_marketing, qualified, NEVER)
    return frame


def _account_ids(who: Prospects) -> npt.NDArray[np.str_]:
    known, inverse = np.unique(who.account, return_inverse=True)
    return short_ids("c", len(known))[inverse]
