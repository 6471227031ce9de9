"""French and English: every sentence in both, typography, numbers that are never more exact than known."""

import re
from datetime import date
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from sdrlib.errors import Problem, UsageError
from sdrlib.knowledge import LANGUAGES, read
from sdrlib.typography import NARROW, typeset
from sdrlib.words import MISSING, Words

PACKAGE = Path(__file__).parent.parent / "sdrlib"
SAID = {"say": None, "many": (1, 2)}
EN, FR = Words("en"), Words("fr")


def used():
    found = extract_from_dir(str(PACKAGE), method_map=[("**.py", "python")], keywords=SAID)
    return {message for _, _, message, _, _ in found}


def catalogue():
    with (PACKAGE / "knowledge/locales/fr/LC_MESSAGES/sdr.po").open("rb") as source:
        return read_po(source)


def forms(message):
    return message if isinstance(message, tuple) else (message,)


def placeholders(text):
    return set(re.findall(r"\{(\w+)\}", text))


def test_the_catalogue_holds_every_message_and_no_other():
    assert {m.id for m in catalogue() if m.id} == used()


def test_nothing_is_untranslated_fuzzy_or_obsolete():
    found = catalogue()
    assert not found.obsolete
    for message in found:
        assert all(forms(message.string)), message.id
        assert not (message.fuzzy and message.id), message.id


def test_translations_keep_the_placeholders():
    for message in (m for m in catalogue() if m.id):
        for original, translated in zip(forms(message.id), forms(message.string), strict=True):
            assert placeholders(original) == placeholders(translated), message.id


def test_parts_are_kept_apart_by_each_language_s_semicolon():
    assert EN.parted(["a, b", "c"]) == "a, b; c"
    assert FR.parted(["a, b", "c"]) == f"a, b{NARROW}; c"


@pytest.mark.parametrize("measure", read("measures"))
def test_every_measure_has_its_words_in_both_languages(measure):
    told = read("measures")[measure]
    for language in LANGUAGES:
        words = Words(language)
        assert words.measure(measure).strip()
        assert words.formula(measure).strip()
        for number in (0, 1, 1.5, 2, 40):
            assert words.did(measure, number).strip()
            assert words.per(measure, number).strip()
        assert set(told["did"][language]) == {"one", "other"}


def test_an_unknown_language_is_refused_in_one_sentence():
    with pytest.raises(UsageError, match="'de' is not spoken here"):
        Words("de")


@pytest.mark.parametrize(
    ("given", "french"),
    [
        ("Vraiment ?", f"Vraiment{NARROW}?"),
        ("Sur 3 % : rien ; fin !", f"Sur 3{NARROW}%{NARROW}: rien{NARROW}; fin{NARROW}!"),
        ("« d'accord »", f"«{NARROW}d’accord{NARROW}»"),
        ("https://a.fr/?b", "https://a.fr/?b"),
    ],
)
def test_french_typography(given, french):
    assert typeset(given, "fr") == french


def test_english_keeps_its_spaces_and_gets_its_apostrophe():
    assert typeset("the rep's word: 3%", "en") == "the rep’s word: 3%"


def test_no_french_text_breaks_before_its_punctuation():
    for message in (m for m in catalogue() if m.id):
        for text in forms(message.string):
            assert not re.search(r"[ \u00a0][;:!?%»]|«[ \u00a0]|\w'\w", typeset(text, "fr")), text


def test_numbers():
    assert (EN.count(12345), FR.count(12345)) == ("12,345", f"12{NARROW}345")
    assert (EN.percent(0.0312), FR.percent(0.0312)) == ("3.1%", f"3,1{NARROW}%")
    assert EN.number(-0.04) == "0.0"
    assert EN.gap(0.57) == "−43%"
    assert FR.gap(1.124) == f"+12{NARROW}%"
    assert EN.gap(1.001) == "0%"
    assert (EN.per_day(52.34), FR.per_day(0.4)) == ("52.3 a day", "0,40 par jour")
    assert EN.about(1943) == "1,900"
    assert EN.interval(0.411, 0.802) == "0.41 to 0.80"


def test_a_share_too_small_to_print_is_not_zero():
    assert EN.percent(0.0002) == "under 0.1%"
    assert EN.percent(0.0) == "0.0%"


@pytest.mark.parametrize("unknown", [None, float("nan"), float("inf")])
def test_unknown_is_a_dash_never_zero(unknown):
    for show in (EN.number, EN.count, EN.percent, EN.per_day, EN.ratio, EN.gap, EN.about, EN.sure):
        assert show(unknown) == MISSING
    assert EN.interval(unknown, 1.0) == MISSING


def test_sureness_is_cut_not_rounded_and_never_whole():
    assert EN.sure(0.027) == "97%"
    assert EN.sure(0.03) == "97%"
    assert EN.sure(0.0101) == "98%"
    assert EN.sure(0.01) == "99%"
    assert EN.sure(0.0) == "more than 99%"
    assert FR.sure(0.001) == f"plus de 99{NARROW}%"


def test_dates():
    assert EN.day(date(2026, 10, 5)) == "Monday 5 October 2026"
    assert FR.day(date(2026, 10, 5)) == "lundi 5 octobre 2026"
    assert EN.day(None) == MISSING
    assert FR.period(date(2026, 7, 6), date(2026, 10, 4)) == "du 6 juillet au 4 octobre 2026"
    assert EN.period(date(2025, 12, 29), date(2026, 1, 4)) == "29 December 2025 to 4 January 2026"


def test_weeks_are_iso_weeks_in_both_languages():
    assert EN.week(date(2027, 1, 3)) == "week 53, 2026"
    assert FR.week(date(2027, 1, 3)) == "semaine 53 de 2026"


def test_a_note_on_a_page_says_where_and_keeps_the_rows_own_words_to_itself():
    """Every problem of the kit: no hole where an example stood, nobody's cell on a page that others read."""
    for code, texts in read("problems").items():
        values = dict.fromkeys(re.findall(r"{(\w+)}", texts["found"]["en"]), "x")
        problem = Problem(code, "meetings", "outcome", 3, ("#4 Jane Doe",), values)
        for words in (EN, FR):
            told = words.placed_note(problem)
            assert told.startswith("meetings.outcome")
            assert not re.search(rf"{MISSING}|Jane|examples", told), told
    assert EN.placed_note(Problem("missing-value", "meetings", "rep_id", 3, ("#4",))) == (
        "meetings.rep_id: Rows: 3 without a value."
    )
    assert EN.placed_note(Problem("missing-value", rows=3)) == "Rows: 3 without a value."


def test_an_interval_whose_ends_are_shown_alike_is_one_number():
    """ "From 1 to 1" tells a reader nothing but that a machine wrote it."""
    assert (EN.interval(0.9, 1.1, lambda v: EN.count(round(v))), EN.interval(1.0, 3.0, EN.count)) == ("1", "1 to 3")


def test_plurals_follow_each_language():
    assert EN.many("day", "days", 1.6) == "days"
    assert FR.many("accepted opportunity", "accepted opportunities", 1.6) == "opportunité acceptée"
    assert FR.many("accepted opportunity", "accepted opportunities", 2) == "opportunités acceptées"
    assert FR.did("connect_to_meeting", 0) == "a abouti à un rendez-vous"
    assert EN.per("connect_to_meeting", 1) == "conversation"


def test_every_verdict_has_its_own_word_and_sign():
    codes = ("below", "watch", "as_expected", "above", "too_little_data", "not_separable", "own_rhythm")
    for words in (EN, FR):
        signs = [words.verdict(c) for c in codes]
        assert len({s.word for s in signs}) == len({s.sign for s in signs}) == len(codes)


def test_a_value_with_braces_stays_what_it_is():
    assert EN.say("{name}: coaching report, {period}", name="{0} {x!r}", period="") == "{0} {x!r}: coaching report, "


@pytest.mark.parametrize("code", read("problems"))
@pytest.mark.parametrize("words", [EN, FR], ids=LANGUAGES)
def test_every_problem_is_told_whole(words, code):
    told = words.problem_text(Problem(code, "activities", "outcome", 412, ("#17 {x}",)))
    assert code in told
    assert "activities.outcome" in told
    assert "{x}" in told or not re.search(r"\{\w+\}", told)


def test_a_problem_says_what_was_found_what_is_allowed_and_what_to_do():
    told = EN.problem_text(Problem("ambiguous-file", "activities", values={"files": "a.csv, A.CSV"}))
    assert told == (
        "ambiguous-file activities: Several files have the same name: a.csv, A.CSV. Allowed: One file per table. "
        "Keep the one that is meant and move the others out of the folder."
    )
