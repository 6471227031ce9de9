"""Doctor and config: what is missing is found and told with the next step, and every value says where it comes from."""

import json
import os

import pytest

from sdrlib import doctor
from sdrlib.cli import main
from sdrlib.doctor import CHECKS, Answer, Asked, examine, lines, machine, software, wishes
from sdrlib.errors import UsageError
from sdrlib.knowledge import LANGUAGES, read
from sdrlib.settings import Settings
from sdrlib.words import Words
from tests.folders import write

SECRET = "hunter2"  # noqa: S105 - of nobody
SLOW = {"kernel"}


def asked(tmp_path, env=None, **changes):
    return Asked(Settings.gather(changes, env={}), tmp_path / "reports", env or {})


def answer(check, tmp_path, **changes):
    """What a check says; fails where a sentence is not there in both languages, or lacks a value."""
    found = check(asked(tmp_path, **changes))
    for language in LANGUAGES:
        assert "{" not in doctor._told(check.__name__, found, Words(language)).found
    return found


def ran(words, capsys):
    try:
        main(words)
        code = 0
    except SystemExit as end:
        code = end.code or 0
    out, err = capsys.readouterr()
    return code, out, err


# ---- the sentences ------------------------------------------------------------------------------------


def test_every_answer_is_told_in_both_languages_and_whatever_is_not_well_says_what_to_do():
    known = {name: said for name, said in read("doctor").items() if name != doctor.BROKEN}
    assert known.keys() == CHECKS.keys()
    for said in known.values():
        assert set(said["name"]) == set(LANGUAGES)
        for code in said.keys() - {"name"}:
            assert said[code]["state"] in {"ok", "warn", "fail"}
            assert ("next" in said[code]) == (said[code]["state"] != "ok")
            for part in said[code].keys() - {"state"}:
                assert set(said[code][part]) == set(LANGUAGES)


def test_a_check_that_breaks_is_a_failure_and_the_others_go_on(tmp_path):
    def breaks(_):
        raise RuntimeError("no such thing")

    found = examine(asked(tmp_path), Words("fr"), {"python": breaks, "zones": machine.zones})
    assert [(d.check, d.state) for d in found] == [("python", "fail"), ("zones", "ok")]
    assert "RuntimeError: no such thing" in found[0].found
    assert [line.strip()[0] for line in lines(found)] == ["f", "→", "o"]


# ---- one check after another --------------------------------------------------------------------------


def test_a_machine_like_this_one_is_fit(tmp_path):
    """All but the kernel, which a test of its own starts."""
    checks = {name: check for name, check in CHECKS.items() if name not in SLOW}
    found = (
        examine(asked(tmp_path, out=None), Words("en"), checks)
        if False
        else examine(asked(tmp_path), Words("en"), checks)
    )
    assert [d for d in found if d.state == "fail"] == []


def test_the_kernel_is_started_and_one_that_does_not_start_is_told(tmp_path, monkeypatch):
    assert answer(software.kernel, tmp_path).code == "runs"
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    spec = tmp_path / "kernels" / "python3"
    spec.mkdir(parents=True)
    gone = {
        "argv": ["/python/that/is/gone", "-m", "ipykernel", "-f", "{connection_file}"],
        "display_name": "x",
        "language": "python",
    }
    (spec / "kernel.json").write_text(json.dumps(gone), encoding="utf-8")
    found = answer(software.kernel, tmp_path)
    assert found.code == "broken"
    assert "/python/that/is/gone" in found.values["error"]


def test_packages_are_held_against_what_the_kit_asks_for(tmp_path, monkeypatch):
    import importlib.metadata

    assert answer(software.packages, tmp_path).code == "fit"
    lines = ["pandas>=99", "no-such-package>=1", "numpy>=1", 'also-missing; extra == "pdf"']
    monkeypatch.setattr(importlib.metadata, "requires", lambda _: lines)
    found = answer(software.packages, tmp_path)
    assert found.code == "unfit"
    assert "pandas" in found.values["packages"]
    assert "no-such-package>=1" in found.values["packages"]
    assert "numpy" not in found.values["packages"]
    assert "also-missing" not in found.values["packages"]


def test_pdf_is_a_failure_only_where_it_is_asked_for(tmp_path, monkeypatch):
    said = "apt install libpango-1.0-0"

    def missing():
        raise UsageError(said)

    monkeypatch.setattr("sdrlib.publish.pdf.require", missing)
    assert answer(software.pdf, tmp_path).code == "absent"
    assert answer(software.pdf, tmp_path, format="html,pdf") == Answer(
        "needed", {"error": "apt install libpango-1.0-0"}
    )


def test_a_system_without_fonts_is_told(tmp_path, monkeypatch):
    silent = tmp_path / "fc-list"
    silent.write_text("#!/bin/sh\n", encoding="utf-8")
    silent.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert answer(software.fonts, tmp_path).code == "none"


def test_a_folder_that_cannot_be_written_and_a_disk_that_is_full_are_told(tmp_path, monkeypatch):
    assert answer(machine.out, tmp_path).code == "writable"
    for free, code in ((500, "narrow"), (50, "full")):
        usage = (0, 0, free * machine.MB)
        monkeypatch.setattr(machine.shutil, "disk_usage", lambda _, u=usage: type("Usage", (), {"free": u[2]}))
        assert answer(machine.out, tmp_path).code == code
    (tmp_path / "reports").write_text("a file in its place", encoding="utf-8")
    assert answer(machine.out, tmp_path).code == "closed"


def test_a_clock_that_is_behind_the_kit_is_told(tmp_path, monkeypatch):
    assert answer(machine.clock, tmp_path).code == "sane"
    monkeypatch.setattr(machine.time, "time", lambda: 946_684_800.0)
    assert answer(machine.clock, tmp_path) == Answer("behind", {"now": "2000-01-01 00:00"})


def test_memory_is_what_linux_says_and_no_more_than_a_container_is_given(tmp_path):
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 9000000 kB\nMemAvailable: 4000000 kB\n", encoding="utf-8")
    assert machine._free_mb(meminfo, tmp_path) == 4096
    (tmp_path / "memory.max").write_text("1000000000\n", encoding="utf-8")
    (tmp_path / "memory.current").write_text("400000000\n", encoding="utf-8")
    assert machine._free_mb(meminfo, tmp_path) == 600
    (tmp_path / "memory.max").write_text("max\n", encoding="utf-8")
    assert machine._free_mb(meminfo, tmp_path) == 4096
    assert machine._free_mb(tmp_path / "none", tmp_path) is None


def test_many_reports_at_once_need_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "_free_mb", lambda *_: 1000)
    assert answer(machine.memory, tmp_path, jobs=2).code == "enough"
    assert answer(machine.memory, tmp_path, jobs=3).code == "scarce"


def test_data_is_reached_or_the_reason_told(tmp_path):
    folder = write(tmp_path / "data")
    assert answer(wishes.data, tmp_path).code == "sample"
    assert answer(wishes.data, tmp_path, data=str(folder)) == Answer("folder", {"path": str(folder), "number": "3"})
    (tmp_path / "empty").mkdir()
    assert answer(wishes.data, tmp_path, data=str(tmp_path / "empty")).code == "empty"
    gone = answer(wishes.data, tmp_path, data=str(tmp_path / "gone"))
    assert (gone.code, "gone" in gone.values["error"]) == ("unreadable", True)
    dead = answer(wishes.data, tmp_path, data="postgres://me@127.0.0.1:9/crm?connect_timeout=2")
    assert dead.code == "unreachable"
    assert "127.0.0.1:9" in dead.values["error"]


def test_real_people_ask_for_a_purpose(tmp_path):
    assert answer(wishes.privacy, tmp_path).code == "sample"
    found = answer(wishes.privacy, tmp_path, data="exports", purpose="Coaching")
    assert found == Answer("untold", {"names": "controller, contact, retention_days"})
    said = {"purpose": "Coaching", "controller": "Example", "contact": "dpo@example.com", "retention_days": 180}
    assert answer(wishes.privacy, tmp_path, data="exports", **said).code == "told"


def test_addresses_of_messages_are_read_and_nothing_is_sent(tmp_path):
    assert answer(wishes.messages, tmp_path).code == "none"
    good, bad = f"json://me:{SECRET}@127.0.0.1:9", f"nonsense://{SECRET}"
    assert answer(wishes.messages, tmp_path, notify_data=good) == Answer("usable", {"names": "notify_data"})
    found = answer(wishes.messages, tmp_path, notify_data=good, notify_failure=f"{good}, {bad}")
    assert found == Answer("unusable", {"names": "notify_failure"})


def test_a_misspelt_variable_is_told(tmp_path):
    found = wishes.settings(asked(tmp_path, env={"SDR_PERIDO": "all", "SDR_PERIOD": "all", "SDR_PSEUDONYM_KEY": "x"}))
    assert found == Answer("misspelt", {"names": "SDR_PERIDO"})


# ---- the commands -------------------------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch, tmp_path):
    """The commands in an empty folder; no kernel is started."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(doctor, "CHECKS", {name: check for name, check in CHECKS.items() if name not in SLOW})
    for name in [name for name in os.environ if name.startswith("SDR_")]:
        monkeypatch.delenv(name)
    return tmp_path


def test_the_doctor_ends_with_1_when_something_must_be_mended_and_says_what(quick, capsys):
    code, out, _ = ran(["doctor"], capsys)
    assert code == 0, out
    code, out, _ = ran(["doctor", "--data", "nowhere", "--lang", "fr"], capsys)
    assert code == 1
    assert "fail  Données" in out
    assert "→ Nommez un autre dossier avec --data" in out
    code, out, _ = ran(["doctor", "--data", "nowhere", "--json"], capsys)
    told = {d["check"]: d for d in json.loads(out)}
    assert (code, told["data"]["state"], told["zones"]["state"]) == (1, "fail", "ok")
    assert [p.name for p in quick.iterdir()] == [], "an examination leaves nothing behind"


def test_settings_that_cannot_be_used_do_not_keep_the_doctor_from_the_rest(quick, capsys):
    (quick / "sdr.toml").write_text("perriod = 'all'\n", encoding="utf-8")
    code, out, _ = ran(["doctor", "--json"], capsys)
    told = {d["check"]: d for d in json.loads(out)}
    assert code == 1
    assert "perriod" in told["settings"]["found"]
    assert told["locales"]["state"] == "ok"


def test_config_shows_every_value_with_its_very_origin(quick, monkeypatch, capsys):
    (quick / "sdr.toml").write_text('language = "fr"\nfdr = 0.05\n', encoding="utf-8")
    monkeypatch.setenv("SDR_MIN_DAYS", "20")
    monkeypatch.setenv("SDR_NOTIFY_FAILURE", f"json://me:{SECRET}@127.0.0.1")
    code, out, _ = ran(["config", "--period", "all", "--format", "html,pdf"], capsys)
    rows = {line.split()[0]: line for line in out.splitlines()}
    assert code == 0
    assert rows.keys() == {"setting", *Settings.model_fields}
    for key, value, origin in (
        ("language", "fr", "sdr.toml"), ("fdr", "0.05", "sdr.toml"), ("min_days", "20", "SDR_MIN_DAYS"),
        ("period", "all", "--period"), ("format", "html, pdf", "--format"), ("jobs", "0", "default"),
        ("notify_failure", "**********", "SDR_NOTIFY_FAILURE"), ("team", "–", "default"),
    ):  # fmt: skip
        assert rows[key].split(None, 1)[1].split(value, 1)[1].strip() == origin
    assert SECRET not in out
    code, out, _ = ran(["config", "--json", "--lang", "en"], capsys)
    told = json.loads(out)
    assert told["language"] == {"value": "en", "origin": "flag", "from": "--lang"}
    assert told["min_days"] == {"value": 20, "origin": "environment", "from": "SDR_MIN_DAYS"}
    assert SECRET not in out


def test_config_does_not_print_a_password_that_stands_in_the_url_of_a_database(quick, capsys):
    code, out, err = ran(["config", "--data", f"postgres://me:{SECRET}@host/db"], capsys)
    assert code == 2
    assert SECRET not in out + err
