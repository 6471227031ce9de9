"""The speed benchmark in small: it measures the whole question, and says when a size takes too long."""

from benchmarks import comparison


def test_the_table_gives_the_time_of_each_size_and_its_growth(tmp_path, capsys):
    out = tmp_path / "comparison.md"
    assert comparison.main(["--reps", "5", "10", "--out", str(out)]) == 0
    assert "every size within its time" in capsys.readouterr().out
    rows = [line for line in out.read_text(encoding="utf-8").splitlines() if line.startswith(("| 5 |", "| 10 |"))]
    assert [row.split("|")[2].strip() for row in rows] == ["6,000", "12,000"], "12 measures, 50 strata, two weeks each"
    assert rows[1].split("|")[5].strip() != "", "growth per doubling"


def test_a_size_over_its_time_fails(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(comparison.BUDGET, 5, 0.0)
    assert comparison.main(["--reps", "5", "--out", str(tmp_path / "x.md")]) == 1
    assert "5 reps took" in capsys.readouterr().out


def test_a_partial_run_leaves_the_projects_table_alone(monkeypatch, tmp_path):
    monkeypatch.setattr(comparison, "REPORT", tmp_path / "comparison.md")
    comparison.main(["--reps", "5"])
    assert list(tmp_path.iterdir()) == []
