"""The main job on data whose truth is known: it finds what can be found, and accuses nobody of chance or of a list."""

import json
import os
from html import escape
from pathlib import Path

import pytest

from sdrlib.pipeline import analyse, brief_team
from sdrlib.publish import sentences
from sdrlib.publish.team import TeamReport
from sdrlib.publish.team_brief import freeze_team
from sdrlib.questions.team import describe_team
from sdrlib.records import Facts
from sdrlib.settings import SAMPLES, Settings
from sdrlib.typography import alphabetical
from sdrlib.words import Words

REAL = os.environ.get("SDR_REAL_DATA", "")


def rates(analysis, rep):
    return {m: f for m, f in analysis.evidence.of(rep).items() if f.kind == "rate"}


@pytest.fixture(scope="module")
def sample(sample_analysis):
    return sample_analysis


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
    assert alone.briefs["r04"] == sample.briefs["r04"]


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
def team(sample):
    return brief_team(sample)


def test_the_teams_page_says_of_everybody_what_their_own_page_says(sample, team):
    for row in team.members:
        own = sample.briefs[row.person.rep_id]
        assert (row.person, row.advice) == (own.person, own.advice)
        assert row.findings == {m: own.findings[m] for m in row.findings}
    assert {row.person.rep_id for row in team.members} == set(sample.briefs)


def test_the_teams_numbers_are_those_of_the_pages_and_of_the_evidence(sample, team):
    """What every rep's brief calls the team's rate, and the sums of ``evidence.json`` over everybody."""
    for measure in team.measures:
        assert {brief.typical[measure.measure] for brief in sample.briefs.values()} == {measure.rate}
        records = [f for f in sample.evidence.findings if f.measure == measure.measure]
        assert measure.trials == pytest.approx(sum(f.trials + f.trials_alone for f in records))
        assert measure.trials == pytest.approx(sum(w.trials for w in measure.weeks))


def test_the_team_stands_in_alphabetical_order_whatever_the_figures(sample, team):
    names = [row.person.name for row in team.members]
    assert names == sorted(names, key=alphabetical)
    assert names.index("Élise Arnaud") < names.index("Florian Sauvage")
    found = describe_team(sample.evidence, sample.advice)
    turned = freeze_team(sample.evidence, list(reversed(sample.advice)), found, sample.effects, sample.quality)
    assert turned.members == team.members


def test_the_same_sentences_stand_on_both_pages(sample, team):
    text = TeamReport(team).needs().html
    focused = [brief for brief in sample.briefs.values() if brief.advice.focus]
    for brief in focused:
        assert escape(sentences.compared(brief.findings[brief.advice.focus.measure], Words("en"))) in text
    assert len(focused) == 2


def test_nobodys_deals_and_no_few_peoples_habits_are_in_the_teams_brief(sample, team):
    assert {deals.rep_id for deals in team.revenue.deals} == {gap.rep_id for gap in team.revenue.gaps} == {""}
    assert "too few people are above to compare them" in " ".join(team.differently["en"])
    assert team.effects.reps == ()


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
