"""The section of a report: only where there is a gap to read, a sentence and a row each, nothing of anybody else."""

from dataclasses import replace

import pytest

from sdrlib.knowledge import LANGUAGES
from sdrlib.publish.brief import read_brief, write_brief
from sdrlib.publish.list_or_skill import section, shown
from sdrlib.publish.report import Report
from sdrlib.records import Held, Reading
from sdrlib.words import Words
from tests.publish import example_briefs


def reading(measure="connect_rate", meaning="skill", every=0.7, **said):
    held = (
        Held("pooled", 0.62, 0.5, 0.75),
        Held("list", 0.66, 0.54, 0.8, 1.0),
        Held("hour", None, None, None, None, "one_level"),
        Held("all", every, every and 0.5, every and 1.1, 0.9, "" if every else "too_sparse"),
    )
    return Reading(example_briefs.REP, measure, meaning, held, **said)


def brief(*readings):
    return replace(example_briefs.brief(), readings=readings)


def test_without_a_gap_there_is_no_section():
    assert str(section(brief(), Words("en")).html) == ""
    assert str(section(brief(reading(meaning="no_gap")), Words("en")).html) == ""


def test_a_gap_has_its_sentence_and_its_row():
    html = str(section(brief(reading()), Words("en")).html)
    assert "−38% against all colleagues, −34% on the same lists" in html
    assert "−38%<br><small>−50% to −25%</small>" in html
    assert "Same hours" not in html, "a column without a figure is left out"
    assert "All of it the same" in html


def test_a_product_of_a_rate_that_is_read_is_not_read_again():
    readings = (reading(), reading("call_to_meeting"), reading("reply_rate"))
    assert [r.measure for r in shown(brief(*readings))] == ["connect_rate", "reply_rate"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("meaning", ["list", "mix", "skill", "list_quality", "unclear", "no_gap"])
def test_every_reading_has_its_sentence(language, meaning):
    gone = reading(meaning=meaning, contacts=(0.06, 1.5))
    gone = replace(gone, held=(*gone.held[:-1], replace(gone.held[-1], gone=True)))
    told = gone.sentence(Words(language))
    assert "{" not in told
    assert "nan" not in told.lower().split()
    assert Words(language).measure("connect_rate") in told


def test_too_little_to_hold_everything_alike_is_said_beside_a_skill():
    assert "too little is left" in reading(every=None).sentence(Words("en"))
    assert "too little is left" not in reading().sentence(Words("en"))


def test_a_brief_carries_its_readings_through_a_file(tmp_path):
    made = brief(reading(contacts=(0.06, 1.5)), reading("reply_rate", every=None))
    write_brief(made, tmp_path / "brief.json")
    assert read_brief(tmp_path / "brief.json").readings == made.readings


def test_the_report_shows_it():
    assert "List or skill?" in Report(brief(reading())).list_or_skill().text
