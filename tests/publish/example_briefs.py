"""Briefs made by hand: what a report must be able to say, one situation each. No data is needed to render them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sdrlib.errors import Problem
from sdrlib.records import (
    SCHEMA_VERSION,
    Advice,
    Brief,
    Facts,
    Finding,
    Focus,
    Forecast,
    MeetingWeek,
    OpenQuestion,
    Outlook,
    Person,
    SourceFile,
    Week,
    Window,
)

START, WEEKS = date(2026, 7, 6), 13
REP = "r-07"
HOSTILE = "<script>alert(1)</script> **[x](javascript:alert(2))** =cmd|' /C calc'!A0 $\\frac{1}{2}$ {0} {{x}}"

RATES = {  # trials, successes, expected rate
    "connect_rate": (5120, 412, 0.082),
    "connect_to_meeting": (412, 21, 0.089),
    "call_to_meeting": (5120, 21, 0.0073),
    "bad_contact_rate": (6900, 276, 0.041),
    "reply_rate": (1710, 92, 0.047),
    "email_to_meeting": (1640, 9, 0.0061),
    "activity_to_meeting": (6500, 31, 0.0068),
    "show_rate": (29, 24, 0.78),
    "meeting_to_sao": (22, 11, 0.43),
}
COUNTS = {  # days, events, expected per day
    "calls_per_day": (61, 5204, 82.0),
    "conversations_per_day": (61, 418, 6.9),
    "emails_per_day": (61, 1802, 28.5),
    "meetings_booked_per_day": (61, 33, 0.71),
    "meetings_held_per_day": (61, 24, 0.55),
    "accepted_per_day": (61, 11, 0.24),
}
ORDER = (*list(RATES)[:7], "show_rate", "meeting_to_sao", *COUNTS)


def finding(measure: str, **changes: object) -> Finding:
    """A measure of the rep as it might be; what a test is about goes into the changes."""
    trials, successes, expected = (RATES | COUNTS)[measure]
    ratio = successes / trials / expected
    made = Finding(
        rep_id=REP,
        measure=measure,
        kind="rate" if measure in RATES else "count",
        trials=float(trials),
        successes=float(successes),
        rate=successes / trials,
        expected_rate=expected,
        ratio=ratio,
        low=max(ratio - 0.35, 0.05),
        high=ratio + 0.4,
        effective_events=trials * expected / 1.3,
        posterior_ratio=0.5 + ratio / 2,
        local_error=0.4,
        e_value=1.2,
        verdict="as_expected",
        needed_trials=0.0,
        needed_weeks=0.0,
        strata=6,
        looks=1,
        pooled_ratio=ratio,
        pooled_low=ratio - 0.3,
        pooled_high=ratio + 0.3,
        inflation=1.3,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def findings(**changes: dict[str, object]) -> dict[str, Finding]:
    """Every measure, some of them changed."""
    return {m: finding(m, **changes.get(m, {})) for m in ORDER}


def weeks(measure: str) -> tuple[Week, ...]:
    """Thirteen weeks that sum to roughly the rep's counts, with a third week of August off."""
    trials, successes, _ = (RATES | COUNTS)[measure]
    made = []
    for i in range(WEEKS):
        n = 0 if i == 6 else round(trials / (WEEKS - 1))
        k = min(n, round(successes / (WEEKS - 1) * (0.6 + 0.8 * ((i * 7) % 5) / 4)))
        made.append(Week(START + timedelta(weeks=i), float(n), float(k)))
    return tuple(made)


def facts(**changes: object) -> Facts:
    """A run over thirteen weeks of a team of 24."""
    end = START + timedelta(weeks=WEEKS, days=-1)
    window = Window("last-13-weeks", START, end, datetime(2026, 10, 5, 6, 30, tzinfo=UTC), "Europe/Paris")
    made = Facts(
        window=window,
        settings={"period": "last-13-weeks", "language": "en", "fdr": 0.1, "min_colleagues": 5},
        fingerprint="3f9a1c" * 10 + "0000",
        files=(SourceFile("activities.csv", 128_311, "a" * 64), SourceFile("meetings.csv", 1_204, "b" * 64)),
        versions={"numpy": "2.4.6", "scipy": "1.17.1", "sdr-coaching-kit": "0.1.0"},
        problems=(),
        notes={
            "en": ("“Answered” counts from 15 seconds on.",),
            "fr": ("« Décroché » compte à partir de 15 secondes.",),
        },
        missing={"social_per_day": "no_rows"},
        reps=24,
        tests=384,
        looks=1,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def advice(**changes: object) -> Advice:
    """Nothing established, nothing asked."""
    return replace(Advice(REP, None, (), (), (), (), False, (), None, {"calls_per_day": 80.0}), **changes)  # type: ignore[arg-type]


def brief(**changes: object) -> Brief:
    """An ordinary rep of an ordinary team."""
    band = {m: tuple((round(80 + 9 * i, 1), round(0.78 + 0.021 * i, 3)) for i in range(23)) for m in ORDER}
    made = Brief(
        version=SCHEMA_VERSION,
        person=Person(REP, "Zoé Martin", "Nord", "Camille Petit", date(2025, 3, 3)),
        findings=findings(),
        advice=advice(),
        weeks={m: weeks(m) for m in ORDER},
        band=band,
        typical={m: e for m, (_, _, e) in (RATES | COUNTS).items()},
        mix={
            "channel": {"call": (0.74, 0.61), "email": (0.26, 0.34), "social": (0.0, 0.05)},
            "hour": {"9": (0.30, 0.14), "11": (0.40, 0.44), "16": (0.30, 0.42)},
        },
        coached=((date(2026, 8, 27), "connect_to_meeting", "ask_for_the_meeting"),),
        ahead=7,
        unlogged=3,
        facts=facts(),
        forecast=forecast(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def forecast() -> Forecast:
    """A month just begun, and its quarter."""
    month, quarter = (date(2026, 10, 1), date(2026, 10, 31)), (date(2026, 10, 1), date(2026, 12, 31))
    held, accepted, booked = "meetings_held_per_day", "accepted_per_day", "meetings_booked_per_day"
    return Forecast(
        outlooks=(
            Outlook(REP, held, "month", *month, 1, 2, 20, 8, 13, 20, 1.02),
            Outlook(REP, accepted, "month", *month, 0, 4, 20, 2, 5, 8, 1.02, 4.0, 0.68),
            Outlook(REP, booked, "month", *month, 1, 0, 20, 12, 20, 30, 1.02),
            Outlook(REP, held, "quarter", *quarter, 1, 2, 64, 30, 44, 61, 1.02),
            Outlook(REP, accepted, "quarter", *quarter, 0, 4, 64, 14, 22, 31, 1.02, 12.0, 0.97),
            Outlook(REP, booked, "quarter", *quarter, 1, 0, 64, 43, 62, 86, 1.02),
        ),
        weeks=tuple(
            MeetingWeek(REP, date(2026, 9, 28) + timedelta(weeks=i), *numbers)
            for i, numbers in enumerate(((1, 0), (0, 2), (0, 0), (0, 0), (0, 0)))
        ),
        on=date(2026, 10, 2),
        kept=0.902,
        learned=13,
        top=30,
    )


def focused() -> Brief:
    """A gap that is established, a strength beside it, and one list for the manager."""
    low = {"verdict": "below", "low": 0.37, "high": 0.83, "local_error": 0.027, "e_value": 38.0}
    high = {"verdict": "above", "low": 1.06, "high": 1.52, "ratio": 1.27, "local_error": 0.06, "expected_rate": 0.0424}
    few = {"verdict": "too_little_data", "needed_trials": 174.0, "needed_weeks": 100.0}
    return brief(
        findings=findings(connect_to_meeting=low, reply_rate=high, meeting_to_sao=few, show_rate={"verdict": "watch"}),
        advice=advice(
            focus=Focus("connect_to_meeting", "ask_for_the_meeting", "skill", 1.6, "accepted", False),
            keep=("reply_rate",),
            watch=("show_rate",),
        ),
    )


def unsettled() -> Brief:
    """Nothing established, and what would settle the largest question."""
    return brief(advice=advice(open_question=OpenQuestion("connect_to_meeting", 243.0, 5.2)))


def own_rhythm() -> Brief:
    """Fewer calls than expected and more meetings."""
    slow = {"successes": 3050.0, "rate": 50.0, "ratio": 0.61, "low": 0.55, "high": 0.68, "verdict": "below"}
    good = {"successes": 18.0, "rate": 18 / 61, "ratio": 1.23, "verdict": "as_expected"}
    return brief(
        findings=findings(calls_per_day=slow, accepted_per_day=good),
        advice=advice(own_rhythm=True),
    )


def list_issue() -> Brief:
    """A raw gap that is gone on the same lists, and volume under the expectation."""
    gone = {"ratio": 0.98, "pooled_ratio": 0.71, "pooled_verdict": "below"}
    slow = {"successes": 3050.0, "rate": 50.0, "ratio": 0.61, "low": 0.55, "high": 0.68, "verdict": "below"}
    return brief(
        findings=findings(connect_rate=gone, calls_per_day=slow),
        advice=advice(list_issues=("connect_rate",), below_expectation=("calls_per_day",)),
    )


def over_qualifying() -> Brief:
    """Below on one step, above on the next."""
    low = {"verdict": "below", "low": 0.37, "high": 0.83, "local_error": 0.004}
    focus = Focus("connect_to_meeting", "where_is_the_bar", "skill", 0.9, "meetings", over_qualifying=True)
    return brief(findings=findings(connect_to_meeting=low, show_rate={"verdict": "above"}), advice=advice(focus=focus))


def hostile() -> Brief:
    """Text of the data that would like to be something else."""
    made = focused()
    problem = Problem("E-TEST-<b>", HOSTILE, HOSTILE, 3, (), {"known": HOSTILE})
    return replace(
        made,
        person=Person(REP, HOSTILE, HOSTILE, HOSTILE, None),
        mix={"list": {HOSTILE: (0.9, 0.1)}},
        facts=facts(
            problems=(problem,),
            notes={"en": (HOSTILE,), "fr": (HOSTILE,)},
            files=(SourceFile(HOSTILE, 1, ""),),
            settings={"team": HOSTILE},
            missing={"social_per_day": HOSTILE},
        ),
    )


def alone() -> Brief:
    """A team of one: nobody to compare with."""
    nobody = {
        "verdict": "not_separable",
        "expected_rate": None,
        "ratio": None,
        "low": None,
        "high": None,
        "effective_events": None,
        "local_error": None,
        "needed_trials": None,
        "needed_weeks": None,
        "pooled_ratio": None,
        "strata": 0,
    }
    return brief(
        findings={m: finding(m, **nobody) for m in ORDER},
        forecast=Forecast(on=date(2026, 10, 2), missing={"meetings_held_per_day": "no_meetings"}),
        band={},
        mix={},
        coached=(),
        advice=advice(targets={}),
        facts=facts(reps=1, tests=0),
    )


ALL = {
    "focused": focused,
    "unsettled": unsettled,
    "own_rhythm": own_rhythm,
    "list_issue": list_issue,
    "over_qualifying": over_qualifying,
    "hostile": hostile,
    "alone": alone,
}
