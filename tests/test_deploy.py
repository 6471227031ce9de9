"""What is shipped for schedules works as shipped: lines that cron and systemd take, and commands that sdr knows."""

import ast
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer
import yaml
from typer.exceptions import TyperException

from sdrlib.cli import app
from sdrlib.settings import Settings

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
TEXTS = sorted((ROOT / "docs" / "privacy").glob("*/*.md"))
UNITS = sorted((DEPLOY / "systemd").iterdir())
SDR = re.compile(r"(?<![\w/-])(?:\S*/bin/sdr|\"\$SDR\"|sdr)(?= (?:[a-z]+)\b)")
SHELL_ENDS = re.compile(r"\s(?:>|\|\||&&|;|2>)")


def commands(text):
    """Every call of the command in a text, as its words."""
    text = re.sub(r'echo "[^"]*"', "", text)
    for call in SDR.finditer(text):
        said = SHELL_ENDS.split(text[call.end() :].split("\n")[0])[0]
        yield shlex.split(re.sub(r"\{\{[^}]*\}\}", "2026-10-05", said).rstrip('"').replace('"$CONFIG"', "sdr.toml"))


def parsed(words):
    """The command and its parameters as its own parser reads them; nothing is run.

    Raises:
        TyperException: an unknown option, or a value that the option does not take.
        KeyError: an unknown command.
    """
    group = typer.main.get_command(app)
    group.make_context("sdr", list(words))
    return words[0], group.commands[words[0]].make_context(words[0], list(words[1:])).params


def lines(path):
    return [x for x in path.read_text(encoding="utf-8").splitlines() if x.strip() and not x.lstrip().startswith("#")]


def shipped():
    """File -> what of it calls the command."""
    weekly = yaml.safe_load((DEPLOY / "github" / "weekly.yml").read_text(encoding="utf-8"))
    steps = "\n".join(step.get("run", "") for job in weekly["jobs"].values() for step in job["steps"])
    dag = ast.parse((DEPLOY / "airflow" / "sdr_weekly.py").read_text(encoding="utf-8"))
    bash = "\n".join(
        ast.literal_eval(k.value) for k in ast.walk(dag) if isinstance(k, ast.keyword) and k.arg == "bash_command"
    )
    units = "\n".join(x for path in UNITS for x in lines(path) if x.startswith("ExecStart=/opt"))
    return {"cron": "\n".join(lines(DEPLOY / "crontab.example")), "systemd": units, "github": steps, "airflow": bash}


EXPECTED = {
    "cron": ["report", "prune", "doctor"],
    "systemd": ["report"],
    "github": ["pull", "report"],
    "airflow": ["report"],
}


@pytest.mark.parametrize("kind", EXPECTED)
def test_every_command_is_one_that_sdr_knows_with_options_that_it_takes(kind):
    said = [words for words in commands(shipped()[kind].replace("ExecStart=", " ")) if words]
    found = [parsed(words) for words in said]
    assert [name for name, _ in found] == EXPECTED[kind]
    for name, values in found:
        if name in {"report", "prune"}:
            assert values["out"] is not None


@pytest.mark.parametrize("wrong", ["report --perriod all", "reports", "report --jobs many", "prune --out"])
def test_a_wrong_option_would_be_noticed(wrong):
    with pytest.raises((TyperException, KeyError)):
        parsed(wrong.split())


GUIDES = ("schedules.md", "privacy.md")


@pytest.mark.parametrize("guide", GUIDES)
def test_the_guides_show_real_commands_and_settings(guide, tmp_path):
    text = (ROOT / "docs" / guide).read_text(encoding="utf-8")
    shown = [c for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL) for c in commands(block)]
    assert len(shown) >= 3
    for words in shown:
        parsed(words)
    (block,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "sdr.toml").write_text(block, encoding="utf-8")
    assert Settings.gather(file=tmp_path / "sdr.toml", env={}).retention_days == 180


@pytest.mark.parametrize("page", [*(f"docs/{g}" for g in GUIDES), *(str(p.relative_to(ROOT)) for p in TEXTS)])
def test_every_link_of_the_guides_leads_somewhere(page):
    path = ROOT / page
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_the_texts_for_people_are_there_in_both_languages_and_are_no_legal_advice():
    assert {p.parent.name: len(list(p.parent.glob("*.md"))) for p in TEXTS} == {"en": 3, "fr": 3}
    for path in TEXTS:
        text = path.read_text(encoding="utf-8")
        assert "not legal advice" in text or "ne vaut pas conseil juridique" in text


FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


def test_each_line_of_the_crontab_is_one_that_cron_takes():
    jobs = [x for x in lines(DEPLOY / "crontab.example") if not re.match(r"[A-Z]+=", x)]
    assert len(jobs) == 3
    for job in jobs:
        *when, command = job.split(None, 5)
        for field, (low, high) in zip(when, FIELDS, strict=True):
            assert field == "*" or low <= int(field) <= high
        assert "%" not in command, "cron takes a per cent sign for the end of the line"
        subprocess.run(["/bin/sh", "-n", "-c", command], check=True)


def test_cron_is_mailed_an_exit_code_and_no_name(tmp_path):
    """The command's own output goes to its log; what is printed is what cron would mail."""
    job = next(x for x in lines(DEPLOY / "crontab.example") if " report " in x).split(None, 5)[5]
    fake = tmp_path / "sdr"
    fake.write_text("#!/bin/sh\necho 1/4 Zoe Martin: failed >&2\nexit 65\n", encoding="utf-8")
    fake.chmod(0o755)
    job = job.replace("/var/lib/sdr", str(tmp_path))
    env = {"SDR": str(fake), "CONFIG": "sdr.toml", "PATH": "/usr/bin:/bin"}
    told = subprocess.run(["/bin/sh", "-c", job], env=env, capture_output=True, text=True, check=True)
    assert told.stdout == f"sdr report ended with exit code 65; see {tmp_path}/report.log\n"
    assert told.stderr == ""
    assert "Zoe Martin" in (tmp_path / "report.log").read_text(encoding="utf-8")


def test_a_sleeping_machine_catches_up_and_a_failure_is_told():
    timer, service = ((DEPLOY / "systemd" / f"sdr.{kind}").read_text(encoding="utf-8") for kind in ("timer", "service"))
    assert "\nPersistent=true\n" in timer
    assert "\nOnFailure=sdr-failed.service\n" in service
    assert "\nUMask=0077\n" in service
    assert "\nSuccessExitStatus=75\n" in service


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
def test_systemd_finds_no_fault_with_the_units(tmp_path):
    for unit in UNITS:
        text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(encoding="utf-8"), flags=re.MULTILINE)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    words = ["systemd-analyze", "verify", *(str(tmp_path / unit.name) for unit in UNITS)]
    told = subprocess.run(words, capture_output=True, text=True, check=False)
    about = [x for x in told.stderr.splitlines() if str(tmp_path) in x or x.startswith("sdr")]
    assert (told.returncode, about) == (0, [])


def test_the_workflow_asks_for_no_more_than_it_needs_and_keeps_reports_for_a_month():
    weekly = yaml.safe_load((DEPLOY / "github" / "weekly.yml").read_text(encoding="utf-8"))
    assert weekly["permissions"] == {"contents": "read"}
    assert weekly[True]["schedule"] == [{"cron": "30 5 * * 1"}]  # YAML 1.1 reads the word "on" as true
    upload = next(s for s in weekly["jobs"]["report"]["steps"] if "upload-artifact" in s.get("uses", ""))
    assert upload["with"]["retention-days"] == 30
    assert not re.search(r"https?://\S+:\S+@", str(weekly))


def test_secrets_reach_the_workflow_from_its_vault_alone():
    text = (DEPLOY / "github" / "weekly.yml").read_text(encoding="utf-8")
    for name, value in re.findall(r"(SDR_(?:NOTIFY|HUBSPOT)\w+): (.*)", text):
        assert value == "${{ secrets." + name + " }}"
