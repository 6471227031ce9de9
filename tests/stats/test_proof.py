"""What the kit says of its errors: table, data file, reports and README give the same figures, and no bound broke."""

import re
from pathlib import Path

import pytest

from benchmarks import fairness
from sdrlib.knowledge import read
from sdrlib.publish import method
from sdrlib.words import Words

ROOT = Path(__file__).parents[2]
PROOF = read("proof")
LINES = PROOF["lines"]


def table():
    """The rows of the published table by key: what must be kept, and what was measured."""
    rows = [line.split("|")[1:5] for line in fairness.REPORT.read_text(encoding="utf-8").splitlines() if "±" in line]
    cells = [[cell.strip() for cell in row] for row in rows if row]
    return {fairness.key(scenario, what): (must, measured) for scenario, what, must, measured in cells}


def bounds(line):
    return (line["low"], line["high"]) if "low" in line else None


def test_the_data_file_and_the_table_are_of_one_full_run():
    assert PROOF["teams"] >= fairness.FULL
    assert PROOF["command"] == fairness.command(PROOF["teams"], PROOF["seed"])
    assert f"`{PROOF['command']}`" in fairness.REPORT.read_text(encoding="utf-8")
    shown = {
        key: (
            fairness.bounds_text(bounds(line)) if bounds(line) else "for comparison",
            f"{line['measured']:.1%} ± {line['error']:.1%}",
        )
        for key, line in LINES.items()
    }
    assert shown == table()


def test_what_is_published_is_what_is_simulated():
    """A scenario that was added, dropped or given another bound needs a new full run."""
    asked = {fairness.key(name, ask[0]): ask[1] for name, _, asks in fairness.scenarios() for ask in asks}
    assert asked == {key: bounds(LINES[key]) for key in asked}


@pytest.mark.parametrize("key", [key for key, line in LINES.items() if "low" in line])
def test_every_required_line_kept_its_bound(key):
    line = LINES[key]
    assert fairness.Line(key, bounds(line), line["measured"], line["error"]).kept


def test_a_full_run_writes_both_files_and_a_small_one_neither(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(fairness, "REPORT", tmp_path / "fairness.md")
    monkeypatch.setattr(fairness, "PROOF", tmp_path / "proof.toml")
    lines = [("some team", fairness.Line("power", (0.75, 1.0), 0.78812, 0.00611))]
    fairness.publish(lines, fairness.FULL - 1, 1)
    assert list(tmp_path.iterdir()) == []
    assert "78.8% ± 0.6%" in capsys.readouterr().out
    fairness.publish(lines, fairness.FULL, 1)
    told = (tmp_path / "proof.toml").read_text(encoding="utf-8")
    assert "some-team-power = { low = 0.75, high = 1.0, measured = 0.788, error = 0.006 }" in told
    assert "78.8% ± 0.6%" in (tmp_path / "fairness.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_report_tells_them_with_the_command(language):
    words = Words(language)
    told = "".join(method._proof(words))
    for key in (
        "ordinary-team-connect-2000-dials-any-false-accusation-in-a-report",
        method.USUAL_RULE,
        "connect-8-500-dials-30-false-among-below",  # the worst of its kind
        "twelve-weekly-looks-30-false-among-below",
    ):
        assert words.percent(LINES[key]["measured"]) in told
    assert f"<code>{PROOF['command']}</code>" in told
    assert "—" not in told, "a figure is missing"


def percents(*keys, digits=1):
    """``2.7 % / 4.7 %`` without its signs of percent, as the README writes figures of one kind together."""
    return " / ".join(f"{100 * LINES[key]['measured']:.{digits}f}" for key in keys)


def test_the_readme_prints_the_same_figures():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    wrong = [line["measured"] for key, line in LINES.items() if key.endswith("false-among-below")]
    weekly = LINES["twelve-weekly-looks-30-false-among-below"]["measured"]
    wrong.remove(weekly)
    ordinary = "ordinary-team-connect-2000-dials-any-false-accusation-in-a-report"
    connect = "connect-8-{}-dials-{}-power"
    coverage = "connect-8-2000-dials-30-coverage-of-95-intervals-{}"
    expected = [
        percents(ordinary, "ordinary-team-five-measures-any-false-accusation-in-a-report").replace(" /", " % /"),
        f"{100 * LINES[method.USUAL_RULE]['measured']:.1f} %",
        f"{100 * min(wrong):.0f}–{100 * max(wrong):.1f} % / {100 * weekly:.1f} %",
        percents(*(connect.format(2000, gap) for gap in (50, 30, 20)), digits=0) + " %",
        percents(*(connect.format(500, gap) for gap in (50, 30)), digits=0) + " %",
        percents(*(coverage.format(who) for who in ("all", "those-under-1"))) + " %",
        percents("six-new-hires-at-60-30-new-hires-falsely-flagged")
        + " / "
        + percents("the-same-tenure-unknown-new-hires-falsely-flagged", digits=0)
        + " %",
    ]
    section = re.search(r"\*\*How often it is wrong\*\*.*?What it cannot do", text, re.DOTALL)
    assert section
    assert [figure for figure in expected if figure not in section[0]] == []
    assert f"{PROOF['teams']:,} teams" in section[0]
    assert PROOF["command"] in section[0] or "`make fairness`" in section[0]
