"""Stages of CRMs: the same step however it is written, in both languages; what is unknown stays unknown."""

import pytest

from sdrlib.errors import UsageError
from sdrlib.knowledge import LANGUAGES, read
from sdrlib.knowledge.stages import folded, steps_of
from sdrlib.settings import Settings

PATH = read("path")
STANDARD = {
    # Salesforce
    "Prospecting": "find", "Qualification": "qualify", "Needs Analysis": "discover", "Value Proposition": "discover",
    "Id. Decision Makers": "discover", "Perception Analysis": "discover", "Proposal/Price Quote": "propose",
    "Negotiation/Review": "negotiate", "Closed Won": "won", "Closed Lost": "lost", "Analyse des besoins": "discover",
    "Fermée et gagnée": "won", "Clôturée perdue": "lost",
    # HubSpot
    "appointmentscheduled": "qualify", "qualifiedtobuy": "qualify", "presentationscheduled": "discover",
    "decisionmakerboughtin": "negotiate", "contractsent": "close", "closedwon": "won", "closedlost": "lost",
    "Rendez-vous planifié": "qualify", "Contrat envoyé": "close", "Fermé gagné": "won",
    # Pipedrive
    "Qualified": "qualify", "Contact Made": "find", "Demo Scheduled": "discover", "Proposal Made": "propose",
    "Negotiations Started": "negotiate", "Négociations démarrées": "negotiate", "Démo planifiée": "discover",
}  # fmt: skip


@pytest.mark.parametrize(("stage", "step"), STANDARD.items())
def test_standard_stages_of_the_tools_are_known(stage, step):
    assert steps_of([stage], {}) == {stage: step}


@pytest.mark.parametrize(
    "stage", ["3 - Négociation (75 %)", "NEGOTIATION", " négociation ", "ne\u0301gociation", "5_negotiation"]
)
def test_capitals_accents_numbers_and_signs_do_not_matter(stage):
    assert steps_of([stage], {}) == {stage: "negotiate"}


@pytest.mark.parametrize(
    "stage", ["", "  ", "42", "\u0000", "提案", "not won yet", "lost and found", "<script>", "won" * 5000]
)
def test_what_is_unknown_is_in_no_step(stage):
    assert steps_of([stage], {}) == {}


def test_what_the_organisation_says_wins():
    assert steps_of(["Proposal", "提案"], {"negotiate": ["proposal"], "propose": ["提案"]}) == {
        "Proposal": "negotiate",
        "提案": "propose",
    }


def test_no_name_stands_for_two_steps():
    names = [(folded(name), step) for step, listed in PATH["stages"].items() for name in listed]
    assert len({n for n, _ in names}) == len(dict(names)) == len(set(names))
    assert all(name for name, _ in names)


def test_eight_stations_have_an_owner_and_words_in_both_languages():
    assert list(PATH["steps"]) == ["find", "qualify", "discover", "propose", "negotiate", "close", "onboard", "grow"]
    for step in PATH["steps"].values():
        assert set(step["owner"]) <= set(PATH["owners"])
        assert set(step["name"]) == set(step["begins"]) == set(LANGUAGES)
    for part in ("owners", "units", "oddities", "reasons"):
        assert all(set(text) == set(LANGUAGES) for text in PATH[part].values())
    assert all(set(text) == set(LANGUAGES) for text in PATH["dashboard"]["figures"].values())


@pytest.mark.parametrize(
    "said", [{"path_stages": {"sell": ["x"]}}, {"path_days": {"sell": 3}}, {"path_days": {"propose": 0}}]
)
def test_settings_of_steps_that_there_are_not_are_refused(said):
    with pytest.raises(UsageError, match="path_"):
        Settings.gather(said, env={})
