"""The playbook: complete in both languages, a drill for every coached measure, and wording a person can be handed."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from sdrlib import knowledge

PLAYBOOK = knowledge.read("playbook")
MEASURES = knowledge.read("measures")
COACHED = [key for key, measure in MEASURES.items() if measure["coached"]]

KINDS = {"script", "role_play", "listening", "personalisation", "list_change", "hand_over"}
TALKS = {"own_rhythm", "nothing_established", "too_little_data", "strength"}
SKILLS = {"communication", "attention_to_detail", "discipline", "problem_solving"}
PROSE = ("name", "when", "how", "opening", "next")
FIELDS = {"kind", "measures", "cause", "for", "minutes", "skills", *PROSE}
LONGEST = {"name": 45, "when": 150, "step": 120, "opening": 150, "next": 160, "note": 110, "talk": 170}
CARD = 122
"""Words on a card: name, when, steps, opening and next of one drill in one language."""

FORBIDDEN = {
    "ranking": r"\brank|\bleague|leader ?board|\b(?:best|worst|top|weakest|bottom|lowest)\b|low performer|"
    r"classement|palmarès|meilleure?s?\b|\bpire|dernier de|premier de|podium|sous-perform",
    "idle time": r"\bidle|inactiv|wasted time|\blazy|temps mort|\boisi|temps perdu|paress|désœuvr",
    "cause": r"\bbecause\b|\bcauses?d?\b|due to|thanks to|parce qu|à cause|grâce à|en raison|\bdû à|\bcar\b",
    "volume": r"more (?:calls|e-mails|dials|activit|volume)|"
    r"(?:plus|davantage) d[e’] ?(?:appels|e-mails|volume|activit)",
    "blame": r"why (?:do|did|have)n’t|your fault|mistake|failure|pourquoi n|ta faute|\berreurs?\b|échec",
    "placeholder": r"todo|tbd|fixme|xxx|lorem|[{}<>\[\]]|\.\.\.|…",
}


def _languages(where: str, found: Any, kind: type) -> Iterator[str]:
    if not isinstance(found, Mapping) or set(found) != set(knowledge.LANGUAGES):
        yield f"{where}: wants exactly {knowledge.LANGUAGES}"
        return
    for language, text in found.items():
        lines = text if isinstance(text, list) else [text]
        filled = bool(lines) and all(isinstance(line, str) and line.strip() == line != "" for line in lines)
        if not isinstance(text, kind) or not filled:
            yield f"{where}.{language}: empty or of the wrong type"


def _keys(where: str, found: Mapping[str, Any], wanted: set[str]) -> Iterator[str]:
    yield from (f"{where}: unknown key {key!r}" for key in sorted(set(found) - wanted))
    yield from (f"{where}: {key!r} is missing" for key in sorted(wanted - set(found)))


def _drill(where: str, drill: Mapping[str, Any]) -> Iterator[str]:
    yield from _keys(where, drill, FIELDS)
    choices = {"kind": KINDS, "cause": {"skill", "list"}, "for": {"rep", "manager"}}
    yield from (f"{where}.{key}: {drill.get(key)!r}" for key, known in choices.items() if drill.get(key) not in known)
    for key, known in {"measures": set(COACHED), "skills": SKILLS}.items():
        values = drill.get(key, [])
        if not values or len(set(values)) < len(values) or set(values) - known:
            yield f"{where}.{key}: {values}"
    if type(drill.get("minutes")) is not int or not 10 <= drill["minutes"] <= 60:
        yield f"{where}.minutes: {drill.get('minutes')!r}"
    for key in PROSE:
        yield from _languages(f"{where}.{key}", drill.get(key), list if key == "how" else str)


def faults(playbook: Mapping[str, Any]) -> list[str]:
    """Everything in which a playbook departs from the schema."""
    found = list(_keys("playbook", playbook, {"drills", "skills", "talks", "said_to_rep"}))
    for key, drill in playbook.get("drills", {}).items():
        found += _drill(f"drills.{key}", drill)
    found += _keys("skills", playbook.get("skills", {}), SKILLS)
    for key, skill in playbook.get("skills", {}).items():
        found += _keys(f"skills.{key}", skill, {"name", "note"})
        found += [f for part in ("name", "note") for f in _languages(f"skills.{key}.{part}", skill.get(part), str)]
    for table in ("talks", "said_to_rep"):
        found += _keys(table, playbook.get(table, {}), TALKS)
        for key, talk in playbook.get(table, {}).items():
            found += _languages(f"{table}.{key}", talk, str)
    return found


def texts(language: str) -> Iterator[tuple[str, str, str]]:
    """Where a text stands, what sort of text it is (a key of LONGEST), and the text."""
    for key, drill in PLAYBOOK["drills"].items():
        for part in PROSE:
            if part == "how":
                yield from ((f"{key}.how", "step", step) for step in drill["how"][language])
            else:
                yield f"{key}.{part}", part, drill[part][language]
    for key, skill in PLAYBOOK["skills"].items():
        yield f"skills.{key}.name", "name", skill["name"][language]
        yield f"skills.{key}.note", "note", skill["note"][language]
    for table in ("talks", "said_to_rep"):
        yield from ((f"{table}.{key}", "talk", talk[language]) for key, talk in PLAYBOOK[table].items())


def fitting(measure: str) -> list[Mapping[str, Any]]:
    """The drills for a measure, best fit first; the file's order settles ties."""
    drills = [drill for drill in PLAYBOOK["drills"].values() if measure in drill["measures"]]
    return sorted(drills, key=lambda drill: drill["measures"].index(measure))


def test_the_schema_is_complete() -> None:
    assert faults(PLAYBOOK) == []


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda p: p.update(extra={}), "playbook: unknown key 'extra'"),
        (lambda p: p.pop("talks"), "playbook: 'talks' is missing"),
        (lambda p: p["drills"]["call_opening"].update(score=1), "drills.call_opening: unknown key 'score'"),
        (lambda p: p["drills"]["call_opening"].pop("next"), "drills.call_opening: 'next' is missing"),
        (lambda p: p["drills"]["call_opening"].update(kind="dance"), "drills.call_opening.kind: 'dance'"),
        (lambda p: p["drills"]["call_opening"].update(minutes=True), "drills.call_opening.minutes: True"),
        (lambda p: p["drills"]["call_opening"].update(measures=["calls_per_day"]), "drills.call_opening.measures: "),
        (lambda p: p["drills"]["call_opening"]["how"].pop("fr"), "drills.call_opening.how: wants exactly"),
        (lambda p: p["drills"]["call_opening"]["how"].update(en="one"), "drills.call_opening.how.en: empty or"),
        (lambda p: p["drills"]["call_opening"]["name"].update(de="x"), "drills.call_opening.name: wants exactly"),
        (lambda p: p["skills"]["discipline"].update(level=3), "skills.discipline: unknown key 'level'"),
        (lambda p: p["skills"].update(charm={}), "skills: unknown key 'charm'"),
        (lambda p: p["talks"].update(warning={}), "talks: unknown key 'warning'"),
        (lambda p: p["talks"]["strength"].update(fr=" "), "talks.strength.fr: empty or of the wrong type"),
    ],
)
def test_what_departs_from_the_schema_is_refused(spoil: Callable[[dict[str, Any]], Any], told: str) -> None:
    playbook = copy.deepcopy(dict(PLAYBOOK))
    spoil(playbook)
    assert any(fault.startswith(told) for fault in faults(playbook))


def test_there_are_a_dozen_drills_or_a_few_more_and_every_kind_and_skill_is_used() -> None:
    drills = PLAYBOOK["drills"].values()
    assert 12 <= len(drills) <= 16
    assert {drill["kind"] for drill in drills} == KINDS
    assert {skill for drill in drills for skill in drill["skills"]} == SKILLS


@pytest.mark.parametrize("measure", COACHED)
def test_every_coached_measure_has_a_skill_drill_as_its_first_choice(measure: str) -> None:
    first, *others = fitting(measure)
    in_file_order = next(drill for drill in PLAYBOOK["drills"].values() if measure in drill["measures"])
    assert first["measures"][0] == measure
    assert (first["cause"], first["for"]) == ("skill", "rep")
    assert first["kind"] != "listening"
    assert first is in_file_order
    assert any(drill["kind"] == "listening" for drill in others)
    assert any(drill["cause"] == "list" for drill in others)


@pytest.mark.parametrize("measure", COACHED)
@pytest.mark.parametrize("language", knowledge.LANGUAGES)
def test_what_to_look_at_next_names_the_measure(measure: str, language: str) -> None:
    name = MEASURES[measure]["name"][language].casefold()
    assert name in fitting(measure)[0]["next"][language].casefold()


def test_lists_are_the_managers_and_a_list_change_is_about_lists() -> None:
    for key, drill in PLAYBOOK["drills"].items():
        about_lists = (drill["kind"] == "list_change", drill["cause"] == "list", drill["for"] == "manager")
        assert len(set(about_lists)) == 1, key


def test_over_qualifying_can_be_asked_wherever_there_is_a_next_step() -> None:
    with_next = {measure for measure in COACHED if "next" in MEASURES[measure]}
    assert set(PLAYBOOK["drills"]["where_is_the_bar"]["measures"]) == with_next


@pytest.mark.parametrize("language", knowledge.LANGUAGES)
def test_texts_are_tight(language: str) -> None:
    assert [(where, len(text)) for where, sort, text in texts(language) if len(text) > LONGEST[sort]] == []
    for key, drill in PLAYBOOK["drills"].items():
        steps = drill["how"][language]
        card = " ".join([*steps, *(drill[part][language] for part in PROSE if part != "how")])
        assert 3 <= len(steps) <= 5, key
        assert len(steps) == len(drill["how"]["en"]), key
        assert len(re.findall(r"[\w’-]+", card)) <= CARD, key


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("ranking", "Listen to our best rep."),
        ("ranking", "Regarde le classement."),
        ("ranking", "Demande au meilleur vendeur."),
        ("idle time", "Il reste du temps mort entre deux appels."),
        ("cause", "Prospects leave because the pitch is long."),
        ("volume", "Passez plus d’appels."),
        ("blame", "Why don’t you follow the script?"),
        ("placeholder", "TODO"),
    ],
)
def test_the_search_for_unwanted_wording_finds_it(what: str, text: str) -> None:
    assert re.search(FORBIDDEN[what], text, re.IGNORECASE)


@pytest.mark.parametrize("language", knowledge.LANGUAGES)
@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_wording_that_ranks_accuses_presses_or_is_unfinished(language: str, what: str) -> None:
    found = [(where, text) for where, _, text in texts(language) if re.search(FORBIDDEN[what], text, re.IGNORECASE)]
    assert found == []


def test_names_differ_and_the_french_is_not_the_english() -> None:
    drills = PLAYBOOK["drills"]
    for language in knowledge.LANGUAGES:
        assert len({drill["name"][language] for drill in drills.values()}) == len(drills)
    for key, drill in drills.items():
        assert all(drill[part]["en"] != drill[part]["fr"] for part in PROSE), key


@pytest.mark.parametrize("language", knowledge.LANGUAGES)
def test_an_opening_asks_and_every_sentence_ends(language: str) -> None:
    for where, sort, text in texts(language):
        assert sort != "opening" or "?" in text, where
        assert sort == "name" or text[-1] in ".?", where


@pytest.mark.parametrize(
    "wrong",
    [
        r"['\"“”]",
        r"(?<!\u202f)[;!?»]",
        r"(?<![\u202f\u00a0]):",
        r"«(?!\u202f)",
        r"  ",
        r"[\u202f\u00a0](?![;:!?»])(?<!«.)",
    ],
)
def test_french_typography(wrong: str) -> None:
    assert [(where, text) for where, _, text in texts("fr") if re.search(wrong, text)] == []


def test_english_typography() -> None:
    wrong = r"['\"«»\u00a0\u202f]| [;:!?]|  "
    assert [(where, text) for where, _, text in texts("en") if re.search(wrong, text)] == []


def test_the_manager_says_tu_and_instructions_say_vous() -> None:
    vous, tu = r"\b(?:vous|votre|vos)\b", r"\b(?:tu|te|toi|tes|ta)\b|\bt’"
    for where, sort, text in texts("fr"):
        said = re.sub(r"«.*?»", "", text).casefold()
        assert not re.search(vous if sort == "opening" else tu, said), where
