"""What each planned touch brings: outcomes of calls, replies to messages, and when they come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sdrlib.knowledge import read
from sdrlib.sample.cast import Cast, Floats, Ints
from sdrlib.sample.draws import DAY, HOUR, NEVER, pick_code, to_monday
from sdrlib.sample.prospects import Prospects
from sdrlib.sample.touches import KINDS, Touches


def outcomes() -> list[str]:
    """The contract's outcomes; an outcome is stored as an index into this list."""
    return list(read("contract")["vocabularies"]["outcome"])


def code(name: str) -> int:
    """The index of one outcome."""
    return outcomes().index(name)


@dataclass(frozen=True, slots=True)
class Weeks:
    """Good and bad weeks, of the team together and of each rep; reps x weeks, multiplying a rate."""

    connect: Floats
    meet: Floats


def draw_weeks(rng: np.random.Generator, reps: int, weeks: int) -> Weeks:
    """Draw the shocks of every week."""
    spread = read("sample")["spread"]
    team = rng.normal(0, spread["week_team"], (2, 1, weeks))
    connect, meet = np.exp(team + rng.normal(0, spread["week_rep"], (2, reps, weeks)))
    return Weeks(connect, meet)


def answer(rng: np.random.Generator, cast: Cast, weeks: Weeks, who: Prospects, plan: Touches) -> tuple[Ints, Ints]:
    """The outcome of each touch, and the local second of the reply (``NEVER`` without one)."""
    outcome = np.empty(len(plan.at), dtype=np.int64)
    replied = np.full(len(plan.at), NEVER)
    is_call = np.isin(plan.kind, [KINDS.index("call"), KINDS.index("call_in")])
    outcome[is_call] = _call(rng, cast, weeks, who, plan.where(is_call))
    outcome[~is_call], replied[~is_call] = _write(rng, cast, who, plan.where(~is_call))
    return outcome, replied


def _call(rng: np.random.Generator, cast: Cast, weeks: Weeks, who: Prospects, plan: Touches) -> Ints:
    """Outcomes of calls; a dead number never answers."""
    rules, names, count = read("sample")["calls"], outcomes(), len(plan.at)
    reached = rng.random(count) < _connect(cast, weeks, who, plan)
    booked = rng.random(count) < _meet(cast, weeks, who, plan)
    dead = who.dead_phone[plan.prospect] & (plan.kind == KINDS.index("call"))
    talk = np.where(booked, names.index("meeting_booked"), pick_code(rng, rules["talks"], names, count))
    silence = pick_code(rng, rules["silent"], names, count)
    silence = np.where(dead, pick_code(rng, rules["dead_number"], names, count), silence)
    return np.where(reached & ~dead, talk, silence)


def _connect(cast: Cast, weeks: Weeks, who: Prospects, plan: Touches) -> Floats:
    """The chance that a call reaches the prospect."""
    rules = read("sample")["calls"]
    out = rules["connect_rate"] * _usual("connect_rate", "connect", cast, who, plan)
    out = out * who.reach[plan.prospect] * weeks.connect[plan.rep, plan.week]
    out = out * np.array(read("sample")["hours"]["connect"])[plan.slot]
    inbound = plan.kind == KINDS.index("call_in")
    return np.asarray(np.where(inbound, rules["connect_rate_in"], np.minimum(out, rules["most_connect"])))


def _meet(cast: Cast, weeks: Weeks, who: Prospects, plan: Touches) -> Floats:
    """The chance that a conversation ends with a meeting."""
    rules = read("sample")["calls"]
    out = rules["connect_to_meeting"] * _usual("connect_to_meeting", "convert", cast, who, plan)
    out = out * who.convert[plan.prospect] * weeks.meet[plan.rep, plan.week]
    return np.asarray(np.minimum(out, rules["most_meeting"]))


def _usual(step: str, quality: str, cast: Cast, who: Prospects, plan: Touches) -> Floats:
    """Skill x tenure x list: what moves every rate."""
    lists = np.array([line[quality] for line in read("sample")["lists"]])
    when = np.datetime64(0, "s") + plan.at // DAY * DAY
    tenure = cast.ramp(step, plan.rep, when.astype("datetime64[D]"))
    out: Floats = cast.step(step)[plan.rep] * tenure * lists[who.listed[plan.prospect]]
    return out


def _write(rng: np.random.Generator, cast: Cast, who: Prospects, plan: Touches) -> tuple[Ints, Ints]:
    """Outcomes of messages and when they were answered. Who never answers is ``sent`` for now."""
    rules, names, count = read("sample")["written"], outcomes(), len(plan.at)
    reply = _base("reply", plan) * _usual("reply_rate", "reply", cast, who, plan) * np.sqrt(who.reach[plan.prospect])
    chat = plan.kind == KINDS.index("chat_in")
    reply = np.where(chat, _base("reply", plan), reply)
    convert = np.array([line["convert"] for line in read("sample")["lists"]])[who.listed[plan.prospect]]
    to_meeting = (
        _base("to_meeting", plan) * convert * who.convert[plan.prospect] * cast.step("reply_to_meeting")[plan.rep]
    )
    answered, booked = rng.random(count) < reply, rng.random(count) < to_meeting
    kind = np.where(booked, names.index("meeting_booked"), pick_code(rng, rules["replies"], names, count))
    dead = who.dead_mail[plan.prospect] & (plan.kind == KINDS.index("email"))
    outcome = np.where(dead, code("bounced"), np.where(answered, kind, code("sent")))
    replied = np.where(answered & ~dead, _reply_times(rng, plan.at, chat), NEVER)
    return outcome, replied


def _base(key: str, plan: Touches) -> Floats:
    """A rate by kind of message; 0 for calls, which are not asked."""
    rules = read("sample")["written"]
    rates = {"email": rules["email"], "social": rules["social"], "chat_in": rules["chat"]}
    by_kind: Floats = np.array([rates[kind][key] if kind in rates else 0.0 for kind in KINDS])
    return by_kind[plan.kind]


def _reply_times(rng: np.random.Generator, at: Ints, chat: npt.NDArray[np.bool_]) -> Ints:
    """A day or so later, in office hours; in a chat, minutes."""
    rules = read("sample")["written"]
    days = rules["reply_median_days"] * np.exp(rng.normal(0, rules["reply_spread"], len(at)))
    raw = at + (np.minimum(days, rules["reply_most_days"]) * DAY).astype(np.int64) + 120
    day, second = np.divmod(raw, DAY)
    evening, early = second > 19 * HOUR, second < 8 * HOUR
    morning = (day + evening) * DAY + rng.integers(8 * HOUR, 11 * HOUR, len(at))
    office = to_monday(np.where(evening | early, morning, raw))
    return np.where(chat, at + rng.integers(30, 600, len(at)), office)
