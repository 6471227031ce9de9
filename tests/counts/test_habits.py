"""How often and how soon a rep comes back, and what else the finer questions are counted from: by hand."""

import pytest

from sdrlib.counts import count
from tests.teams import NOW, call, email, settings, team

BOB = call(99, "bob", "2026-03-20T10:00:00Z", prospect="zed")


def habit(rows, name, rep="ana", **tables):
    counts = count(team(activities=[*rows, BOB], **tables), settings(), now=NOW)
    found = counts.habits.set_index(["habit", "rep_id"])
    return tuple(found.loc[(name, rep)]) if (name, rep) in found.index else None


def test_attempts_are_touches_per_prospect_with_their_squares():
    rows = [call(i, "ana", f"2026-03-0{i}T10:00:00Z", prospect="acme") for i in (1, 2, 3)]
    rows += [email(8, "ana", "2026-03-02T11:00:00Z", prospect="blue")]
    assert habit(rows, "attempts") == (2, 4, 10)


def test_inbound_calls_and_calls_to_nobody_are_no_attempts():
    rows = [
        call(1, "ana", "2026-03-02T10:00:00Z", prospect="acme"),
        call(2, "ana", "2026-03-03T10:00:00Z", "connected", "acme", direction="inbound"),
        {**call(3, "ana", "2026-03-04T10:00:00Z"), "prospect_id": None},
    ]
    assert habit(rows, "attempts") == (1, 1, 1)
    assert habit(rows, "follow_up") is None


def test_a_follow_up_is_what_comes_after_no_answer():
    """Two days, then a half; what follows the conversation is an appointment and does not count."""
    rows = [
        call(1, "ana", "2026-03-02T10:00:00Z", prospect="acme"),
        email(2, "ana", "2026-03-04T10:00:00Z", prospect="acme"),
        call(3, "ana", "2026-03-04T22:00:00Z", "connected", "acme"),
        call(4, "ana", "2026-03-19T10:00:00Z", prospect="acme"),
    ]
    n, total, squares = habit(rows, "follow_up")
    assert (n, total, squares) == (2, pytest.approx(2.5), pytest.approx(4.25))


def test_a_colleagues_touch_is_nobody_elses_follow_up():
    rows = [call(1, "ana", "2026-03-02T10:00:00Z", prospect="zed")]
    assert habit(rows, "follow_up") is None


def test_persona_and_segment_are_a_mix_only_where_prospects_tell_them():
    rows = [call(1, "ana", "2026-03-02T10:00:00Z", prospect="acme"), BOB]
    known = [{"prospect_id": "acme", "persona": "<b>cfo</b>", "segment": "smb"}, {"prospect_id": "zed"}]
    mix = count(team(activities=rows, prospects=known), settings(), now=NOW).mix
    told = mix[mix["dimension"].isin(["persona", "segment"])].set_index(["dimension", "rep_id"])["level"].to_dict()
    assert told == {
        ("persona", "ana"): "<b>cfo</b>",
        ("persona", "bob"): "unknown",
        ("segment", "ana"): "smb",
        ("segment", "bob"): "unknown",
    }
    assert not set(count(team(activities=rows), settings(), now=NOW).mix["dimension"]) & {"persona", "segment"}


def test_finer_strata_hold_the_same_trials_and_successes_as_the_cells():
    rows = [
        call(i, rep, f"2026-03-0{2 + i % 5}T{9 + i % 7:02}:00:00Z", ("connected", "no_answer")[i % 2], f"p{i % 6}")
        for i in range(40)
        for rep in ("ana",)
    ]
    known = [{"prospect_id": f"p{i}", "segment": ("smb", None)[i % 2], "list_name": "warm"} for i in range(6)]
    counts = count(team(activities=[*rows, BOB], prospects=known), settings(), now=NOW)
    rates = counts.cells[counts.cells["measure"].isin(counts.strata["measure"])]
    totals = [f.groupby(["rep_id", "measure"])[["trials", "successes"]].sum() for f in (rates, counts.strata)]
    assert totals[0].to_dict() == totals[1].to_dict()
    assert set(counts.strata["prospect_segment"]) == {"smb", "unknown"}
