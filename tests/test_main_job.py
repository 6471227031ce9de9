"""The main job on data whose truth is known: it finds what can be found, and accuses nobody of chance or of a list."""

import json
import os
from pathlib import Path

import pytest

from sdrlib.pipeline import analyse
from sdrlib.records import Facts
from sdrlib.settings import SAMPLES, Settings

REAL = os.environ.get("SDR_REAL_DATA", "")


def rates(analysis, rep):
    return {m: f for m, f in analysis.evidence.of(rep).items() if f.kind == "rate"}


@pytest.fixture(scope="module")
def sample():
    return analyse(Settings.gather(env={}))


@pytest.fixture(scope="module")
def truth():
    """Who is what, by part: read by this test, never by the analysis."""
    story = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))["reps"]
    return {rep["rep_id"]: rep for rep in story}


def advice(sample):
    return {a.rep_id: a for a in sample.advice}


def test_true_gaps_are_the_focus_with_skill_as_their_cause(sample, truth):
    expected = {r: t["role"].split(":")[1] for r, t in truth.items() if t["role"].startswith("below:")}
    assert {r: a.focus.measure for r, a in advice(sample).items() if a.focus} == expected
    assert {a.focus.cause for a in sample.advice if a.focus} == {"skill"}
    assert all(a.focus.lost_per_week > 0.3 for a in sample.advice if a.focus)


def test_nobody_else_is_accused_on_any_rate(sample, truth):
    for rep, told in truth.items():
        if not told["role"].startswith("below:"):
            assert [m for m, f in rates(sample, rep).items() if f.verdict == "below"] == []


def test_a_true_strength_is_kept(sample, truth):
    for rep, told in truth.items():
        if told["role"].startswith("above:"):
            assert told["role"].split(":")[1] in advice(sample)[rep].keep


def test_the_own_rhythm_is_left_in_peace(sample, truth):
    assert {r for r, a in advice(sample).items() if a.own_rhythm} == {
        r for r, t in truth.items() if t["role"] == "own_rhythm"
    }


def test_the_list_is_the_managers_and_no_star_or_victim_is_made_of_it(sample, truth):
    victims = {r for r, t in truth.items() if t["role"] == "list_victim"}
    assert {r for r, a in advice(sample).items() if a.list_issues} == victims
    for rep, told in truth.items():
        if told["role"] in {"list_victim", "list_lucky"}:
            assert advice(sample)[rep].focus is None
            assert advice(sample)[rep].keep == ()


def test_eight_days_are_too_little_data_for_what_matters(sample, truth):
    for rep, told in truth.items():
        if told["role"] == "recent":
            found = rates(sample, rep)
            assert found["meeting_to_sao"].verdict == found["show_rate"].verdict == "too_little_data"
            assert found["connect_to_meeting"].needed_trials > 0


def test_a_part_of_the_team_keeps_the_whole_teams_numbers(sample):
    alone = analyse(Settings.gather({"rep": ("r04",)}, env={}))
    assert alone.evidence.of("r04") == sample.evidence.of("r04")
    assert list(alone.briefs) == ["r04"]
    assert alone.briefs["r04"].band == sample.briefs["r04"].band


def test_no_brief_knows_a_colleague(sample):
    from pydantic import TypeAdapter

    from sdrlib.records import Brief

    people = sample.counts.reps
    for rep, brief in sample.briefs.items():
        text = TypeAdapter(Brief).dump_json(brief).decode()
        others = people[people["rep_id"] != rep]
        assert [name for name in others["name"] if name in text] == []
        assert [i for i in others["rep_id"] if f'"{i}"' in text] == []


def test_every_page_can_say_how_it_was_made(sample):
    facts: Facts = sample.evidence.facts
    assert (facts.reps, facts.tests, facts.looks) == (12, len(sample.evidence.findings), 1)
    assert len(facts.fingerprint) == 64
    assert "scipy" in facts.versions


@pytest.fixture(scope="module")
def leadforge():
    folder = Path(REAL) / "leadforge"
    if not REAL or not folder.is_dir():
        pytest.skip("SDR_REAL_DATA names no folder with leadforge/: the public CRM this test reads is not in the kit")
    return analyse(Settings.gather({"data": str(folder), "crm": "leadforge"}, env={}))


def test_ten_reps_without_differences_are_told_of_none(leadforge):
    """The CRM was drawn at random, its reps alike: any verdict about any of them would be wrong."""
    assert len(leadforge.briefs) == 10
    assert {f.verdict for f in leadforge.evidence.findings} <= {"as_expected", "too_little_data"}
    assert all(a.focus is None and not a.keep and not a.list_issues and not a.own_rhythm for a in leadforge.advice)


def test_what_that_crm_does_not_record_is_missing_and_says_why(leadforge):
    assert leadforge.counts.missing["meeting_to_sao"] == "no_acceptance"
    assert leadforge.counts.missing["social_per_day"] == "no_rows"
    assert leadforge.evidence.facts.notes["fr"]
