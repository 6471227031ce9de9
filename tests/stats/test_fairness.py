"""A small form of the fairness benchmark: no required line is missed, and the page says what was measured."""

import numpy as np
import pytest

from benchmarks import fairness


def test_no_line_is_missed_and_the_page_is_written(tmp_path, capsys):
    out = tmp_path / "fairness.md"
    assert fairness.main(["--teams", "20", "--seed", "4", "--out", str(out)]) == 0
    text = out.read_text(encoding="utf-8")
    assert "every line kept" in capsys.readouterr().out
    assert text.count("| yes |") >= 28
    assert "any false accusation" in text


def test_the_error_is_that_of_teams_that_differ():
    line = fairness.share("", (0.0, 0.05), [(1, 10), (0, 10)])
    assert line.value == 0.05
    assert line.error == pytest.approx(np.sqrt(0.5) / 20)
    assert line.kept


def test_a_line_beyond_its_bound_is_missed():
    assert not fairness.Line("", (0.75, 1.0), 0.5, 0.01).kept
    assert fairness.Line("", None, 0.5, 0.01).kept
