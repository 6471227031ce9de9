"""Settings: four origins in one order, and every mistake named at once."""

import pytest

from sdrlib.errors import UsageError
from sdrlib.settings import Settings


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
