"""Settings: four origins in one order, and every mistake named at once."""

import pytest

from sdrlib.errors import UsageError
from sdrlib.publish.history import State
from sdrlib.settings import Settings
from tests.publish.example_briefs import facts


def test_a_variable_that_was_meant_as_a_setting_stops_the_run_and_another_s_does_not():
    with pytest.raises(UsageError) as caught:
        Settings.gather(env={"SDR_PERIDO": "all", "SDR_LANG": "fr", "SDR_LANGAUGE": "fr", "SDR_RADIO_GAIN": "3"})
    told = str(caught.value)
    assert "SDR_PERIDO: no such setting; SDR_PERIOD is one" in told
    assert "SDR_LANGAUGE: no such setting; SDR_LANGUAGE is one" in told
    assert "RADIO" not in told
    for secret in (
        "SDR_DATABASE_PASSWORD",
        "SDR_HUBSPOT_TOKEN",
        "SDR_PSEUDONYM_KEY",
        "SDR_SALESFORCE_KEY",
        "SDR_REAL_DATA",
    ):
        assert Settings.gather(env={secret: "x"}).origins["period"] == "default"


def test_flags_win_over_variables_over_the_file_over_defaults(tmp_path):
    file = tmp_path / "sdr.toml"
    file.write_text('period = "2026-Q1"\nlanguage = "fr"\nfdr = 0.05\n', encoding="utf-8")
    env = {"SDR_PERIOD": "2026-Q2", "SDR_FDR": "0.07", "SDR_REP": "ana,bob", "UNRELATED": "x"}
    found = Settings.gather({"period": "2026-Q3", "crm": None}, file=file, env=env)
    assert (found.period, found.fdr, found.language, found.rep) == ("2026-Q3", 0.07, "fr", ("ana", "bob"))
    assert found.min_e_value == 10.0
    assert found.crm == ""


def test_every_mistake_is_named_at_once(tmp_path):
    file = tmp_path / "sdr.toml"
    file.write_text('langauge = "fr"\nfdr = 2\njobs = "many"\n', encoding="utf-8")
    with pytest.raises(UsageError) as error:
        Settings.gather({"language": "de"}, file=file, env={})
    for part in ("langauge", "fdr", "jobs", "language", "Known settings: as_of"):
        assert part in str(error.value)


@pytest.mark.parametrize("content", [b"fdr = ", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_named(tmp_path, content):
    file = tmp_path / "sdr.toml"
    file.write_bytes(content)
    with pytest.raises(UsageError, match="not valid TOML"):
        Settings.gather(file=file, env={})


def test_a_file_that_was_named_must_exist(tmp_path):
    with pytest.raises(UsageError, match="there is no such settings file"):
        Settings.gather(file=tmp_path / "nowhere.toml", env={})


def test_the_file_of_the_working_folder_is_read_without_being_named(tmp_path, monkeypatch):
    (tmp_path / "sdr.toml").write_text('language = "fr"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert Settings.gather(env={}).language == "fr"


def test_settings_are_frozen():
    with pytest.raises(ValueError, match="frozen"):
        Settings.gather(env={}).period = "all"


@pytest.mark.parametrize(
    "wrong",
    [
        {"tenure_bands_days": (90, 30)},
        {"tenure_bands_days": (30, 30)},
        {"tenure_bands_days": (10**20,)},
        {"min_events": float("inf")},
        {"min_e_value": float("nan")},
        {"data": " "},
    ],
)
def test_values_that_no_analysis_survives_are_refused_at_the_door(wrong):
    with pytest.raises(UsageError, match=next(iter(wrong))):
        Settings.gather(wrong, env={})


@pytest.mark.parametrize("form", ["folder", "circle"])
def test_what_stands_in_the_place_of_the_file_is_told_and_not_passed_over(tmp_path, monkeypatch, form):
    place = tmp_path / "sdr.toml"
    place.mkdir() if form == "folder" else place.symlink_to(place)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"sdr\.toml: (it is a folder|there is no such settings file)"):
        Settings.gather(env={})


def test_every_value_knows_where_it_comes_from(tmp_path):
    file = tmp_path / "sdr.toml"
    file.write_text('period = "2026-Q1"\nlanguage = "fr"\nfdr = 0.05\n', encoding="utf-8")
    origins = Settings.gather({"period": "all", "crm": None}, file=file, env={"SDR_FDR": "0.07"}).origins
    assert origins.keys() == Settings.model_fields.keys()
    told = {key: origin for key, origin in origins.items() if origin != "default"}
    assert told == {"period": "flag", "language": "file", "fdr": "environment"}
    assert set(Settings.defaults().origins.values()) == {"default"}


def test_where_a_value_comes_from_makes_no_other_settings(tmp_path):
    """What pages print, and so what a run is named after, is the same whoever said it."""
    flag, variable = Settings.gather({"fdr": 0.07}, env={}), Settings.gather({}, env={"SDR_FDR": "0.07"})
    assert flag.shown() == variable.shown()
    assert flag.model_dump() == variable.model_dump()


@pytest.mark.parametrize("name", ["notify_success", "notify_failure", "notify_data", "notify_sucess"])
def test_the_address_of_a_message_is_never_shown_not_even_in_an_error(name):
    url = "mailto://me:hunter2@example.com"
    with pytest.raises(UsageError) as error:
        Settings.gather({name: [url], "fdr": 2}, env={})
    assert name in str(error.value)
    assert "hunter2" not in str(error.value)
    found = Settings.gather({"notify_failure": url}, env={})
    for shown in (repr(found), str(found.model_dump()), found.model_dump_json(), str(found.shown())):
        assert "hunter2" not in shown


def test_who_answers_for_a_page_changes_no_look_at_the_data():
    """The history counts different states of data and yardsticks; a new contact is neither."""
    window = facts().window
    plain, told = Settings.gather(env={}), Settings.gather({"contact": "dpo@example.com", "retention_days": 9}, env={})
    assert told.shown()["contact"] == "dpo@example.com"
    assert State.of(window, "f", plain.shown()) == State.of(window, "f", told.shown())
