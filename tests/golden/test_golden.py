"""Every golden case, one test each."""

import json

import pytest

from . import ADAPTERS, differences, load
from .__main__ import main


@pytest.mark.parametrize("case", load(), ids=lambda case: case["id"])
def test_case(case):
    assert differences(case) == []


def test_every_topic_has_cases():
    assert {case["topic"] for case in load()} == set(ADAPTERS)


def test_the_runner_counts_failures_and_goes_on(tmp_path, capsys):
    right = {"id": "a", "topic": "wilson", "input": {"x": 0, "n": 0, "conf": 0.95}, "expected": {"estimate": None}}
    cases = [right, right | {"expected": {"estimate": 1}}, right | {"topic": "new"}, right | {"input": {}}]
    file = tmp_path / "some.json"
    file.write_text(json.dumps({"cases": [case | {"tol": 0, "tol_kind": "absolute"} for case in cases]}))
    assert main(file) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 3 failed"
