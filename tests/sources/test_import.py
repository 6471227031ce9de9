"""``sdr import``: exports in, tables out that need no mapping; nothing of others is touched, nothing half made."""

import json
import stat

import pytest

from sdrlib import cli
from sdrlib.importing import run_import
from sdrlib.settings import Settings
from sdrlib.sources import load
from sdrlib.sources.pseudonyms import PEOPLE, code
from tests.sources.exports import AIRCALL, dialler, mapping, pipedrive, save

KEY = "a key of more than sixteen letters"


def sdr(*words):
    """Run the command; its exit code."""
    try:
        cli.main([*map(str, words)])
    except SystemExit as end:
        return end.code or 0
    return 0


@pytest.fixture
def export(tmp_path):
    return save(tmp_path / "exports" / "export (3).csv", pipedrive("fr"), ";")


def imported(export, out, *more):
    return sdr("import", export, "--time-zone", "Europe/Paris", "--out", out, *more)


def test_an_import_is_read_again_without_a_mapping_and_keeps_its_notes(export, tmp_path, capsys):
    assert imported(export, tmp_path / "out") == 0
    said = capsys.readouterr()
    assert said.out.strip() == str(tmp_path / "out")
    assert "export (3).csv: pipedrive, activities, in fr" in said.err
    first, again = load(str(export), crm="pipedrive", time_zone="Europe/Paris"), load(str(tmp_path / "out"))
    assert set(again.frames) == set(first.frames)
    for table, frame in again.frames.items():
        assert frame.count().execute() == first.frames[table].count().execute()
    assert again.notes == dict(first.notes)
    assert again.time_zone == "Europe/Paris"
    assert sdr("check", "--data", tmp_path / "out") == 0


def test_the_record_says_what_came_from_where(export, tmp_path):
    imported(export, tmp_path / "out")
    record = json.loads((tmp_path / "out" / "import.json").read_text(encoding="utf-8"))
    assert (record["crm"], record["tables"]) == ("pipedrive", {"activities": 6, "meetings": 2, "reps": 2})
    (file,) = record["files"]
    assert (file["name"], file["rows"], len(file["sha256"])) == ("export (3).csv", 8, 64)


def test_an_earlier_import_is_replaced_and_nothing_else_ever_is(export, tmp_path, capsys):
    out = tmp_path / "out"
    assert imported(export, out) == imported(export, out) == 0
    (out / "people.csv").write_text("mine")
    assert imported(export, out) == 2
    assert (out / "people.csv").read_text() == "mine"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "import.json").write_text("{}")
    assert imported(export, tmp_path / "other") == 2
    assert "earlier import" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert imported(export, tmp_path / "empty") == 0


def test_nothing_is_written_when_the_data_is_unfit(tmp_path, capsys):
    rows = pipedrive()
    rows[0]["Activity - Due date"] = "32.13.2026"
    export = save(tmp_path / "x.csv", rows)
    assert imported(export, tmp_path / "out", "--pseudonymise") == 65
    assert [p.name for p in tmp_path.iterdir()] == ["x.csv"]
    assert "bad-time activities.at" in capsys.readouterr().err


def test_hostile_cells_and_names_stay_cells_and_names(tmp_path):
    export = save(tmp_path / "exports" / "..csv" / "=cmd.csv", pipedrive(reps=("../../etc/passwd", "=HYPERLINK(1)")))
    assert imported(export, tmp_path / "out") == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["exports", "out"]
    assert sorted(load(str(tmp_path / "out")).frames["reps"].rep_id.execute()) == ["../../etc/passwd", "=HYPERLINK(1)"]


def test_codes_stand_for_people_and_stay_joinable(export, tmp_path, monkeypatch):
    monkeypatch.setenv("SDR_PSEUDONYM_KEY", KEY)
    assert imported(export, tmp_path / "out", "--pseudonymise") == 0
    frames = {t: f.execute() for t, f in load(str(tmp_path / "out")).frames.items()}
    assert set(frames["reps"].rep_id) == {code(KEY.encode(), name) for name in ("Inès Moreau", "Paul Witczak")}
    assert set(frames["activities"].rep_id) == set(frames["reps"].rep_id) == set(frames["reps"].name)
    assert len(set(frames["activities"].prospect_id)) == 6
    everything = b"".join(p.read_bytes() for p in (tmp_path / "out").iterdir())
    for name in ("Inès".encode(), b"Witczak", b"Moreau"):
        assert name not in everything
    assert sorted(p.name for p in tmp_path.iterdir()) == ["exports", "out"], "a given key is not written down"
    assert set(PEOPLE) >= set(frames)


def test_a_key_of_ones_own_lies_beside_the_tables_for_nobody_else_to_read_and_is_used_again(
    export, tmp_path, monkeypatch
):
    monkeypatch.delenv("SDR_PSEUDONYM_KEY", raising=False)
    ids = []
    for _ in range(2):
        assert imported(export, tmp_path / "out", "--pseudonymise") == 0
        ids.append(set(load(str(tmp_path / "out")).frames["reps"].rep_id.execute()))
    key = tmp_path / "out.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert ids[0] == ids[1]
    key.unlink()
    imported(export, tmp_path / "out", "--pseudonymise")
    assert set(load(str(tmp_path / "out")).frames["reps"].rep_id.execute()).isdisjoint(ids[0]), (
        "another key, other codes"
    )


def test_a_short_key_is_refused_before_anything_is_written(export, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SDR_PSEUDONYM_KEY", "short")
    assert imported(export, tmp_path / "out", "--pseudonymise") == 2
    assert not (tmp_path / "out").exists()
    assert "at least 16" in capsys.readouterr().err


def test_two_tools_make_one_import(tmp_path):
    places = [save(tmp_path / "a.csv", pipedrive()), save(tmp_path / "b.csv", dialler())]
    crm = f"pipedrive,{mapping(tmp_path / 'dialler.toml', AIRCALL)}"
    done = run_import([*map(str, places)], tmp_path / "out", Settings.gather({"crm": crm, "time_zone": "UTC"}, env={}))
    assert done.rows == {"activities": 12, "meetings": 2, "reps": 2}
    assert {p.code for p in done.warnings} == {"short-calls", "silent-calls", "left-out-rows"}


def test_an_unknown_export_starts_a_mapping_once(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    export = save(tmp_path / "calls.csv", [{"Owner": "Ana", "Date": "2026-03-01T09:00:00Z", "Outcome": "Yes"}])
    assert imported(export, tmp_path / "out") == 2
    started = (tmp_path / "my-crm.toml").read_text(encoding="utf-8")
    assert "A mapping was started for you" in capsys.readouterr().err
    assert 'outcome = "Outcome"' in started
    (tmp_path / "my-crm.toml").write_text("mine")
    assert imported(export, tmp_path / "out") == 2
    assert (tmp_path / "my-crm.toml").read_text() == "mine"
    assert "never overwritten" in capsys.readouterr().err


def test_a_mapping_is_explained_with_the_evidence_of_each_title(export, capsys):
    assert sdr("import", "--explain", "--crm", "pipedrive") == 0
    said = capsys.readouterr().out
    assert "Activity - Due date (fixture)" in said
    assert "stage_id (schema)" in said
    assert 'status: won ← "Gagnée", "Gagné"' in said
    assert sdr("import", export, "--explain") == 0
    said = capsys.readouterr().out
    assert "export (3).csv is activities (fr)" in said
    assert "found: Activité - Date d’échéance" in said
    assert "not found" in said


def test_the_command_says_what_it_needs(capsys):
    assert sdr("import") == sdr("import", "--explain") == 2
    assert "--out DIR" in capsys.readouterr().err


def test_codes_hide_names_in_file_names_row_numbers_and_labels_that_nobody_mapped(tmp_path, monkeypatch):
    monkeypatch.setenv("SDR_PSEUDONYM_KEY", KEY)
    export = save(tmp_path / "Karim Benali.csv", [{"Owner": "Ana", "At": "2026-03-01T09:00:00Z", "Result": r}
                                                  for r in ("Yes", "seen with Karim Benali")])  # fmt: skip
    crm = tmp_path / "own.toml"
    crm.write_text(
        '[people."Karim Benali"]\nname = "Owner"\n[[activities]]\nfrom = "Karim Benali"\n[activities.columns]\n'
        'activity_id = { row = true }\nrep_id = "Owner"\nat = "At"\nchannel = { value = "call" }\n'
        'direction = { value = "inbound" }\noutcome = "Result"\n[activities.labels.outcome]\nconnected = ["Yes"]\n',
        encoding="utf-8",
    )
    assert imported(export, tmp_path / "out", "--crm", crm, "--pseudonymise") == 0
    frames = load(str(tmp_path / "out")).frames
    text = (tmp_path / "out" / "import.json").read_text(encoding="utf-8")
    text += "".join(frame.execute().to_csv() for frame in frames.values())
    assert "Yes" in text, "a label of the mapping says nothing of anybody"
    assert not [name for name in ("Karim", "Benali", "Ana") if name in text]
    assert frames["activities"].activity_id.nunique().execute() == 2


def test_an_export_that_cannot_be_read_says_why_and_starts_no_mapping(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    name = "calls.csv"
    (tmp_path / name).write_bytes(b"\x89PNG\x00\x01" * 90)
    assert imported(name, tmp_path / "out") == 65
    assert "not-text" in capsys.readouterr().err
    (tmp_path / "my-crm.toml").write_text("mine")
    assert imported(name, tmp_path / "out") == 65, "a mapping that is there already does not hide it"


def test_a_mapping_that_is_started_takes_no_side_between_day_and_month(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [{"Identifiant": f"a{n}", "Commercial": "Ana", "Date": f"0{n}/02/2026 10:00"} for n in (1, 2)]
    assert imported(save(tmp_path / "appels.csv", rows), tmp_path / "out") == 2
    started = (tmp_path / "my-crm.toml").read_text(encoding="utf-8")
    assert '# TODO day before month, or month before day? dates = ["%d/%m/%Y %H:%M"]' in started
    assert 'activity_id = "Identifiant"' in started
