"""The section "Did the coaching help?": what it says for each answer, in both languages, and what it never says."""

import re
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from sdrlib.publish import effects as page
from sdrlib.publish.brief import freeze, read_brief, write_brief
from sdrlib.publish.report import Report
from sdrlib.records import CoachingEffect, Effects, LotEffect, PooledEffect, Stretch
from sdrlib.settings import Settings
from sdrlib.words import Words
from tests.publish import example_briefs as examples
from tests.publish.test_brief import PEOPLE
from tests.publish.test_brief import team as small_team

BEFORE = Stretch(6, 226.0, 16.0, 0.60, 0.35, 0.95, 0.118)
AFTER = Stretch(6, 180.0, 15.0, 0.72, 0.4, 1.18, 0.116)
NOTHING = Stretch(0, 0.0, 0.0, None, None, None, None)
MADE = CoachingEffect(
    rep_id=examples.REP, measure="connect_to_meeting", sessions=(date(2026, 8, 27),), answer="cannot_tell",
    before=BEFORE, after=AFTER, baseline=0.67, regression=0.07, change=0.07, low=-0.38, high=0.84, least=0.9,
    needed_trials=400.0, needed_weeks=9.6, out_of_reach=False, controls=9, controls_coached=False,
)  # fmt: skip
UNKNOWN = {"change": None, "low": None, "high": None, "least": None, "needed_trials": None, "needed_weeks": None}
POOLED = PooledEffect("connect_to_meeting", 3, 3, "cannot_tell", None, None, None)
LOT = LotEffect("connect_rate", date(2026, 8, 3), date(2026, 8, 31), 3, 6, 5, "better", 0.2, 0.05, 0.37, 0.01)


def brief(*reps, measures=(), lots=(), coached=None):
    made = examples.brief(effects=Effects(tuple(reps), tuple(measures), tuple(lots)))
    return made if coached is None else replace(made, coached=coached)


def told(made, language="en"):
    html = str(Report(made, language).effect().html)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_before_what_luck_brings_and_after_are_each_a_number():
    text = told(brief(MADE))
    assert "Of the rise of +20%, +12% would have come by itself" in text
    assert "Cannot tell: +7% against what was to be expected without coaching; anything from −38% to +84%" in text
    for shown in ("16 of 226", "7.1%", "−40%", "−33%", "15 of 180", "8.3%", "−28%", "7.8%"):
        assert shown in text, shown
    assert "Thursday 27 August 2026" in text
    assert "about 400" in text.casefold()
    assert "9 colleagues who were not coached" in text


ANSWERS = {
    "better": (replace(MADE, answer="better", low=0.02), "risen by more than luck", "monté plus que le hasard"),
    "worse": (
        replace(MADE, answer="worse", change=-0.3, low=-0.5, high=-0.1),
        "fallen by more than luck",
        "baissé plus que le hasard",
    ),
    "cannot tell": (MADE, "Cannot tell", "Impossible de conclure"),
    "out of reach": (
        replace(MADE, needed_trials=None, needed_weeks=None, out_of_reach=True),
        "no further weeks will settle it",
        "aucune semaine de plus",
    ),
    "alone since": (replace(MADE, **UNKNOWN), "nobody else has worked the same lists", "personne d’autre"),
    "too early": (replace(MADE, **UNKNOWN, answer="too_early", after=NOTHING), "Too early", "Trop tôt"),
    "few since": (
        replace(MADE, **UNKNOWN, answer="too_early"),
        "180 conversations since then",
        "180 entretiens depuis",
    ),
    "no week before": (
        replace(MADE, **UNKNOWN, answer="no_baseline", before=NOTHING, baseline=None, regression=None),
        "no week before the coaching",
        "aucune semaine avant le coaching",
    ),
    "alone before": (
        replace(MADE, **UNKNOWN, answer="no_baseline", before=replace(BEFORE, ratio=None), baseline=None),
        "before the coaching nobody else",
        "avant le coaching, personne d’autre",
    ),
    "few before": (
        replace(MADE, **UNKNOWN, answer="no_baseline", baseline=None, regression=None),
        "226 conversations before the coaching are too few",
        "226 entretiens avant le coaching",
    ),
    "coached controls": (
        replace(MADE, controls_coached=True),
        "so coached ones are in",
        "des collègues coachés servent",
    ),
    "a fall": (
        replace(MADE, before=replace(BEFORE, ratio=1.5), baseline=1.2),
        "Of the fall of −52%, −20% would have come by itself",
        "Sur la baisse de −52 %, −20 % seraient venus tout seuls",
    ),
    "two ways": (replace(MADE, after=replace(AFTER, ratio=0.5)), "the raw change is −17%; +12%", "brute est de −17 %"),
    "no luck": (replace(MADE, baseline=0.6), "none of it was to be expected", "aucune évolution n’était à attendre"),
    "no success before": (replace(MADE, before=replace(BEFORE, ratio=0.0)), "Cannot tell", "Impossible de conclure"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_is_a_sentence_in_both_languages(name):
    effect, english, french = ANSWERS[name]
    assert english in told(brief(effect))
    assert french in told(brief(effect), "fr").replace("\u202f", " ")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", ANSWERS)
def test_no_cause_is_claimed_without_a_lot(name, language):
    text = told(brief(ANSWERS[name][0], measures=[POOLED]), language).casefold()
    assert not re.search(r"\beffe[ct]|caused|because of the coaching|thanks to|grâce|coaching (helped|worked)", text)


def test_three_coached_cannot_tell_with_the_real_number():
    assert "3 people coached on this: cannot tell whether it helps" in told(brief(MADE, measures=[POOLED]))
    one = replace(POOLED, coached=1, counted=1)
    assert "1 personne coachée sur ce point" in told(brief(MADE, measures=[one]), "fr")
    some = replace(POOLED, coached=5, counted=2)
    assert "5 people coached on this, 2 with enough data" in told(brief(MADE, measures=[some]))


def test_four_coached_have_a_mean():
    together = PooledEffect("connect_to_meeting", 5, 4, "better", 0.2, 0.05, 0.4)
    assert "The 4 people coached on this rose together by +20% (+5% to +40%)." in told(brief(MADE, measures=[together]))
    for answer, said in (("worse", "fell together"), ("cannot_tell", "changed together")):
        assert said in told(brief(MADE, measures=[replace(together, answer=answer)]))


def test_only_a_lot_says_effect():
    assert "the effect of the coaching is +20% (+5% to +37%)" in told(brief(lots=[LOT]))
    early = replace(LOT, answer="too_early", effect=None, low=None, high=None, p=None)
    assert "when the later wave begins, on Monday 31 August 2026" in told(brief(lots=[early]))
    few = replace(early, answer="cannot_tell", first=1)
    assert "1 coached first and 5 later can be compared: too few, cannot tell" in told(brief(lots=[few]))
    assert "−5% to +37%: cannot tell" in told(brief(lots=[replace(LOT, answer="cannot_tell", low=-0.05)]))


@pytest.mark.parametrize("audience", ["manager", "rep"])
def test_a_session_after_the_period_is_not_denied(audience):
    said = page.section(brief(coached=((date(2027, 1, 1), "connect_rate", ""),)), Words("en"), audience).text
    assert "Coaching on Friday 1 January 2027, after this period: no answer yet." in said
    assert "No coaching" not in said


def test_a_session_on_nothing_in_particular_is_a_date():
    text = told(brief(coached=((date(2026, 8, 5), "", ""), (date(2027, 1, 1), "", ""))))
    assert "Coached on Wednesday 5 August 2026, on no measure that can be compared" in text
    assert "2027" not in text


def test_without_a_log_one_line_says_how_to_keep_one():
    section = Report(brief(coached=()), "en").effect()
    assert "No coaching of this person is logged" in section.text
    assert str(section.html).count("<p>") == 1


def test_a_brief_holds_own_effects_only_and_survives_a_round_trip(tmp_path):
    colleagues = [replace(MADE, rep_id=rep) for rep in PEOPLE]
    found = Effects(tuple(colleagues), (POOLED,), (LOT,))
    advice = [examples.advice()]
    made = freeze(small_team(), advice, Settings.gather({}, env={}), None, found)[examples.REP]
    assert made.effects == Effects((MADE,), (POOLED,), (LOT,))
    write_brief(made, tmp_path / "b.json")
    assert read_brief(tmp_path / "b.json") == made
    text = (tmp_path / "b.json").read_text(encoding="utf-8").casefold()
    assert not any(rep.casefold() in text for rep in PEOPLE if rep != examples.REP)


def test_the_sample_team_is_told_the_truth(sample_analysis):
    """Nothing changed anybody's rate in the sample: no answer may say otherwise."""
    analysis = sample_analysis
    assert len(analysis.effects.reps) == len(analysis.counts.coached)
    assert {e.answer for e in analysis.effects.reps} <= {"cannot_tell", "too_early", "no_baseline"}
    assert all(m.answer == "cannot_tell" and m.coached <= 3 for m in analysis.effects.measures)
    for language in ("en", "fr"):
        words = Words(language)
        for made in analysis.briefs.values():
            assert page.section(made, words).text.startswith(words.say("Did the coaching help?"))
    assert pd.notna([e.change for e in analysis.effects.reps if e.answer == "cannot_tell"]).all()
